"""What actions and commands have in common: they write acts down at a place, and change what stands in files."""

from __future__ import annotations

import re
from copy import copy
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeGuard

import msgspec

from goldenpath.facts.pipeline.acts import Act, Content, Files, Image, image, is_accompanying, is_archive, is_opaque
from goldenpath.facts.pipeline.contexts import is_secret
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.scattered import is_one_of_names, is_outside, may_be_ours, may_touch
from goldenpath.facts.pipeline.state import Draft
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import is_within, is_within_any
from goldenpath.facts.values import Symbol, Value, display, head, literal, partition, shown, strip, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from goldenpath.facts.pipeline.acts import Guard, Kind, Piece, Recipe, Target
    from goldenpath.facts.pipeline.moments import Moment
    from goldenpath.facts.pipeline.permissions import Permissions
    from goldenpath.facts.pipeline.words import Words
    from goldenpath.repository import Place

NOT_FOR_USERS = regex(
    r"(localhost|127\.0\.0\.1|0\.0\.0\.0|registry|host\.docker\.internal|kind\.local|ko\.local|ttl\.sh)([:/].*|$)"
    r"|[\w-]+(\.local)?:5000(/.*|$)"
)
"""Registries that live as long as a job, or that nobody takes releases from."""

TRIAL_INDEX = regex(r"test\.pypi\.org|(?<![\w-])test-?pypi(?![\w-])")
"""The index of packages on which releases are tried out."""

_GITHUBS_REGISTRY = regex(r"(https://)?ghcr\.io(/.*)?")


class Effects:
    """What actions and commands have in common: writing acts down at one place.

    What they do they do under the conditions of the step, and under `conditions` of their own; `fatal` says that their
    failure fails the step, `behind` where the commands stand that must have succeeded before, and `skipped_by` which of
    those may fail unnoticed.
    """

    conditions: frozenset[str] = frozenset()
    fatal = True
    behind: frozenset[Place] = frozenset()
    skipped_by = ""
    container: Words | None = None
    """The options of the container in which an image runs it, if one does."""

    def __init__(self, moment: Moment, place: Place, text: str) -> None:
        self.moment = moment
        self.state = moment.state
        self.place = place
        self.text = text
        self.caller: Place | None = None

    @cached_property
    def guard(self) -> Guard:
        """The guard of what happens here, which most commands do not ask for."""
        guard = self.moment.guard(self.conditions, fatal=self.fatal)
        if not self.behind:
            return guard
        return msgspec.structs.replace(guard, behind=self.behind, skipped_by=self.skipped_by)

    def only_if(self, conditions: frozenset[str]) -> Self:
        """The same under more conditions."""
        if not conditions:
            return self
        effects = copy(self)
        vars(effects).pop("guard", None)
        effects.conditions |= conditions
        return effects

    def act(self, kind: Kind, *targets: Target, conditions: frozenset[str] = frozenset(), **about: Any) -> Act:  # noqa: ANN401 - the fields of Act
        """Write one act down."""
        if kind == "shipped":
            targets = tuple(map(self._kept, targets))
        if kind == "scanned":
            about["recipe"] = self._built_by(targets)
        order = len(self.moment.frame.shared.acts)
        guard = msgspec.structs.replace(self.guard, order=order, conditions=self.guard.conditions | conditions)
        act = Act(kind, self.place, self.text, guard, targets, caller=self.caller, **about)
        self.moment.act(act)
        return act

    def _built_by(self, targets: Iterable[Target]) -> Recipe | None:
        """How an image was built that stands on this machine, and need not be one of those that are pushed."""
        digests = (part for each in targets if isinstance(each, Image) for part in each.digest)
        found = (self.state.recipes.get(part) for part in digests if isinstance(part, Symbol))
        return next(filter(None, found), None)

    def unseen(self, reason: str, may: frozenset[str] = ANYTHING) -> None:
        """Something happens that is not followed."""
        self.moment.unseen(self.place, self.text, reason, self.guard, may, caller=self.caller)

    @property
    def may_identify(self) -> str | None:
        """Why the workflow's identity cannot be used here."""
        return lacking(("id-token",), self.state.permissions, self.state.key) or not_handed(self.around)

    @property
    def around(self) -> Words | None:
        """The options of the container around it, whoever has started that."""
        return self.container

    def is_own_commit(self, ref: Value) -> bool:
        """Whether a ref is that of the run, by its hash or by the event's own name, or names none."""
        shas = {(Symbol("github", "sha"),), (Symbol("gitlab", "CI_COMMIT_SHA"),), value("HEAD")}
        return _short(ref) in {(), _short(self.moment.frame.shared.event.ref), *shas}

    def brings(self, ref: Value) -> None:
        """Another commit is checked out, and what was mixed with the one before is gone."""
        if not self.moment.dead:
            shared, first = self.moment.frame.shared, ref == (Symbol("github", "sha"),)
            self.state.commit = () if first else shared.commit if self.is_own_commit(ref) else ref
            self.state.lost.clear()

    def mixes(self, what: Value, *, kept: bool = False, handed: bool = False) -> None:
        """What a patch or another commit holds is mixed with the sources: only a run knows whose they are then.

        It is `kept` where git has it as a commit; else it is gone when the work tree is cleaned. What jobs hand over
        lies beside the sources for who only ships it.
        """
        if not self.moment.dead and not self.is_own_commit(what):
            kind = "mixed" if kept else "handed" if handed else "patched"
            self.state.commit = value(*self.state.commit, Symbol(kind, display(what)))

    def drops_patches(self) -> None:
        """The work tree is that of the commit again."""
        self.restores(())
        if not self.moment.dead:
            self.state.commit = value(*(part for part in self.state.commit if not _is_patch(part)))

    def restores(self, named: Value) -> None:
        """Files that git has in this place are a commit's again, whatever has been written over them."""
        tree, at = self.moment.frame.shared.tree, literal(named)
        if at is None:
            return
        folder = "" if at == "." else at.rstrip("/")
        if not self.moment.dead:
            self.state.lost = {lost: by for lost, by in self.state.lost.items() if not is_within(lost, folder)}
        for path in tuple(self.state.workspace.near(named)):
            written = literal(path)
            if written and is_within(written, folder) and tree.is_file(written):
                self.put(path, None)

    def keeps_patches(self) -> None:
        """What has been patched is a commit by now."""
        if not self.moment.dead:
            parts = (Symbol("mixed", part.name) if _is_patch(part) else part for part in self.state.commit)
            self.state.commit = value(*parts)

    # Files

    @property
    def known(self) -> frozenset[str]:
        """The conditions that hold here."""
        return self.guard.all_conditions

    def pieces(self, pattern: Value) -> list[tuple[Value, Piece, frozenset[str]]]:
        """What stands under a path or pattern: each with its own path, and the conditions under which it does."""
        found = []
        for path in self.state.workspace.near(pattern):
            part = part_of(path, pattern)
            if part is None or (part and self.state.workspace.hides(pattern, path, self.known)):
                continue
            for piece, conditions in self.state.workspace.read(path, self.known):
                if piece is not None and not _only_goes_with(piece, part):
                    found.append((path, (piece[0], below(piece[1], part)), conditions))
        return found or self._listed(pattern)

    def _listed(self, name: Value) -> list[tuple[Value, Piece, frozenset[str]]]:
        """The list of digests that a name means of which a program is known to write one by such a name alone.

        So does GoReleaser, by a template: `dist/*_checksums.txt`.
        """
        if not name or "*" in display(name):
            return []
        workspace = self.state.workspace
        paths = (path for path in workspace.near(name) if _meant(name, literal(path) or ""))
        read = ((path, *each) for path in paths for each in workspace.read(path, self.known))
        found = [(path, piece, conditions) for path, piece, conditions in read if piece is not None]
        return found if len(found) == 1 and found[0][1][0].kind == "index" else []

    def files(self, pattern: Value) -> Files:
        """The files that a path or pattern means now; nobody knows where they come from if nothing has made them."""
        pattern = tidy(pattern)
        pieces = tuple(dict.fromkeys(piece for _, piece, _ in self.pieces(pattern)))
        if _may_hold_more(pattern, pieces):
            pieces = (*pieces, (self.moment.found(), pattern))
        scattered = self.state.scattered.touching(pattern)
        if pieces or NAMELESS.intersection(part.kind for part in pattern if isinstance(part, Symbol)):
            return Files(pattern, pieces, scattered)
        return Files(pattern, ((self.moment.found(), pattern),), scattered)

    def _kept(self, target: Target) -> Target:
        """What is shipped, with the word that it is of the repository where nothing has been made there."""
        path = literal(target.pattern) if isinstance(target, Files) else None
        if path is None or not isinstance(target, Files) or target.scattered or _MADE.search(f"/{path}"):
            return target
        if {content.kind for content, _ in target.pieces} != {"found"} or self.is_rewritten(target.pattern):
            return target
        tree = self.moment.frame.shared.tree
        named = [path] if "*" not in path else tree.find(path)
        own = bool(named) and all(tree.text(each) is not None for each in named)
        return msgspec.structs.replace(target, own=True) if own else target

    def scatter(self, path: Value, origin: str = "") -> None:
        """A file is written that is not followed: it may be one of those that are, or lie among them.

        `origin` is what wrote it, where that was not this.
        """
        if may_be_ours(path) and not self.moment.dead and len(self.state.scattered) < MAX_FILES:
            here = f"{len(self.moment.frame.shared.acts)}: {self.text} ({self.place})"
            self.state.scattered.write(tidy(path), origin or here)

    def is_rewritten(self, path: Value) -> bool:
        """Whether the job may have changed a file of the repository, so that it is not what the repository says."""
        written = self.state.replaced | self.rewriting()
        return is_within_any(literal(tidy(path)) or "", written)

    def in_doubt_about(self, settings: Iterable[str]) -> str | None:
        """Why what a program does cannot be told from these files, which set it: the job has written one of them."""
        written = self.state.replaced | self.rewriting()
        changed = next((path for path in settings if path in written), None)
        return f"is set by {changed}, which the job writes itself" if changed else None

    def rewriting(self) -> frozenset[str]:
        """The files and folders that what happens here changes itself, before it comes to an end."""
        return frozenset()

    def put(
        self, path: Value, content: Content | None, part: Value = (), *, conditions: frozenset[str] = frozenset()
    ) -> None:
        """A file or folder gets new content, or none any more; what stood at that path is gone."""
        files, conditions = self.state.workspace.written, conditions | self.guard.conditions
        if not self.moment.dead and (len(files) < MAX_FILES or tidy(path) in files):
            self.state.workspace.write(tidy(path), (content, part) if content else None, conditions)

    def origin(self, path: Value) -> str:
        """A name for what is written to a path here and now."""
        return f"{self.moment.key}:{len(self.moment.frame.shared.acts)}:{display(path)}"

    def made(self, path: Value, *, of: Files | None = None, opaque: bool = False, kinds: tuple[str, ...] = ()) -> None:
        """Something is built into a file or folder, or packed (`of`)."""
        self.put(path, Content("built", self.origin(path), of, opaque=opaque, kinds=kinds))
        self.act("built", self.files(path), recipe=self.recipe())

    def looked_into(self, files: Files) -> Target:
        """What a program finds that lists what is in files: what was installed there, else the files themselves.

        It finds nothing in packages as they were packed, but a folder of the repository has their lock beside them. It
        looks into an archive that it is given, and into none that stands in a folder.
        """
        installed = next(
            (content.of for content, _ in files.pieces if content.kind == "installed" and content.of), None
        )
        path = literal(files.pattern)
        if installed or is_archive(files.pattern):
            return installed or files
        if path and self.moment.frame.shared.tree.exists(path):
            return Files(files.pattern, (*files.pieces, (self.moment.found(), files.pattern)), files.scattered)
        return Files(files.pattern, tuple(piece for piece in files.pieces if not is_opaque(piece)), files.scattered)

    def variable(self, name: str) -> Value:
        """A variable as what happens here sees it."""
        return self.moment.environment.get(name, ())

    def is_token_of_others(self, tokens: Iterable[Value]) -> bool:
        """Whether the first token that is given is surely none of the job's: a secret of its own, or what a step says.

        Who calls a workflow may hand it the job's token under any name.
        """
        first = next(filter(None, tokens), ())
        others = all(is_secret(part) or getattr(part, "kind", "") == "output" for part in first)
        return len(first) == 1 and others and self.moment.frame.shared.event.name != "workflow_call"

    def logs_in(self, registry: str, password: Value) -> None:
        """The job can push to a registry: with its own token, or with a secret, so that its token need not be able to.

        Of logins that several events skip none is left out: the job's own token in one of them is used.
        """
        self.state.has_login = True
        if _GITHUBS_REGISTRY.fullmatch(registry):
            by_secret = self.is_token_of_others([strip(password)])
            self.state.registry_by_secret = by_secret and self.state.registry_by_secret is not False

    def recipe(self) -> Recipe | None:
        """How it is built, where that is to be told."""
        return None

    def described(self, of: Target, file: Value, unsure: str | None = None) -> None:
        """An SBOM is made, and stands in a file if it has one."""
        self.act("described", *([Files(tidy(file))] if file else []), of=of, unsure=unsure)
        if file:
            replaces = frozenset({f"{self.text} succeeds"} if self._may_leave_another(file, of) else ())
            self.put(file, Content("sbom", self.origin(file), of), conditions=replaces)

    def _may_leave_another(self, file: Value, of: Target) -> bool:
        """Whether something else stays in a file where its SBOM is not made, for that fails nothing."""
        path = tidy(file)
        if self.guard.fatal or self.moment.dead:
            return False
        if before := [content for _, (content, _), _ in self.pieces(path)]:
            return any(content.kind != "sbom" or content.of != of for content in before)
        stands = self.moment.frame.shared.tree.is_file(literal(path) or "") and self.state.has_files
        if stands := stands or self.state.programs.origin(path) is not None:
            self.put(path, Content("other", self.origin(path)))
        return stands

    def attested(
        self,
        targets: Iterable[Target],
        file: Value,
        problem: str | None,
        astray: str = "",
        into: tuple[Value, ...] = (),
        handed: Content | None = None,
    ) -> None:
        """An SBOM that stands in a file, or is handed on, is attested; nobody knows of what if nothing here made it."""
        found = [(piece[0], conditions) for _, piece, conditions in self.pieces(tidy(file))]
        found = [(handed, frozenset())] if handed is not None else found
        for target in targets:
            for content, conditions in found:
                unsure = (
                    f"is of {shown(file)}, and what was made of that SBOM is not followed"
                    if content.kind == "derived"
                    else None
                )
                of = content.of if content.kind in {"sbom", "derived"} else None
                about = {"of": of, "problem": problem, "unsure": unsure, "astray": astray, "into": into}
                self.act("attested", target, conditions=conditions, **about)
            if not found:
                unsure = "is of an SBOM that something unseen may have written" if self.state.epoch else None
                self.act("attested", target, problem=problem, unsure=unsure, into=into)

    def ship(
        self,
        targets: Sequence[Target],
        *,
        draft: bool | None = False,
        bare: bool = False,
        name: Value = (),
        release_of: Value = (),
    ) -> None:
        """Something is handed to users, or laid into a draft of a release, which somebody publishes later.

        A release may be `bare`: it has the sources alone, where nothing is laid beside them. Its `name` is its tag.
        """
        shared = self.moment.frame.shared
        targets = list(map(self._kept, targets))
        files = [target for target in targets if isinstance(target, Files)]
        if not draft:
            self.act("shipped", *targets, bare=bare and not targets, release_of=release_of)
            return
        if not self.moment.dead:
            drafts = shared.drafts_of(name)
            if not drafts:
                shared.drafts += (drafts := [Draft(Act("shipped", self.place, self.text, self.guard), name)])
            for each in drafts:
                each.files += files

    # Images

    def built(
        self,
        names: list[Value],
        digest: Symbol,
        *,
        sbom: bool | None,
        conditions: frozenset[str] = frozenset(),
        elsewhere: bool = False,
    ) -> None:
        """An image is built and pushed; its digest is known by a symbol from now on.

        What was built `elsewhere` is only pushed here, and nobody knows how it was built. Whether it has an `sbom` is
        None where only a run will say so.
        """
        names = [name for name in names if not NOT_FOR_USERS.match(head(name))] if names else [()]
        if not names:
            return
        targets = tuple(image(name) for name in names)
        images = (Image(each.name, each.tag, value(digest)) for each in targets)
        self.act(
            "built",
            *images,
            digest=digest,
            recipe=self.state.recipes.get(digest) or (None if elsewhere else self.recipe()),
            conditions=conditions,
        )
        if sbom is not False:
            of = Image(targets[0].name, digest=value(digest))
            every = dict.fromkeys(Image(each.name, digest=value(digest)) for each in targets)
            unsure = "adds an SBOM only if a run says so" if sbom is None else None
            self.act("described", of=of, conditions=conditions, unsure=unsure)
            self.act("attested", *every, of=of, conditions=conditions, unsure=unsure)


def _may_hold_more(pattern: Value, pieces: Iterable[Piece]) -> bool:
    """Whether nothing is known of what a pattern or a folder means but proofs, beside the files that they are of."""
    if any(content.kind not in {"sbom", "signature"} for content, _ in pieces):
        return False
    signatures = (content for content, _ in pieces if content.kind == "signature")
    if "*" in (literal(pattern) or "") and any(signatures):
        return True
    subjects = (content.of for content, _ in pieces if isinstance(content.of, Files))
    unmade = (of for of in subjects if all(content.kind == "found" for content, _ in of.pieces))
    return any(part_of(of.pattern, pattern) is not None for of in unmade)


def _short(ref: Value) -> Value:
    """A branch or tag by its name alone."""
    start = head(ref)
    return value(re.sub(r"^refs/(heads|tags)/", "", start), *ref[1:]) if start else ref


def _is_patch(part: str | Symbol) -> TypeGuard[Symbol]:
    """Whether a part of a commit is what only the work tree has."""
    return isinstance(part, Symbol) and part.kind in {"patched", "handed"}


_MADE = regex(r"/(\.?build|dist|out|target|lib|libs|bin|vendor|node_modules)/|\.min\.\w+$")
"""Where what stands in a repository has been made of other things, which an SBOM would list."""

MAX_FILES = 300
"""Most files and folders of a job that are followed; of the others nobody knows where they come from."""

NAMELESS = frozenset({"array", "loop", "item", "line"})
"""Kinds of symbols that stand for several texts at once."""


def is_of_one_file(path: Value) -> bool:
    """Whether a path is that of one file, or of a different one in each leg of a matrix."""
    return bool(path) and all("*" not in part if isinstance(part, str) else part.kind == "matrix" for part in path)


@lru_cache(maxsize=1_000)
def tidy(path: Value) -> Value:
    """A path without `./` before it and `/` behind it; folders and everything in them are written alike."""
    parts = list(strip(path))
    if len(parts) == 1 and parts[0] in _WORKSPACE:
        return value(".")
    if parts and isinstance(parts[0], str):
        parts[0] = re.sub(r"^(\./+)+", "", parts[0])
    if parts and isinstance(parts[0], Symbol) and parts[0] in _WORKSPACE and isinstance(parts[-1], str):
        parts = [parts[1].removeprefix("/") if isinstance(parts[1], str) else parts[1], *parts[2:]]
    if parts and isinstance(parts[-1], str):
        parts[-1] = re.sub(r"(/\*{1,2})?(/\*)?/?$", "", parts[-1]) or ("." if len(parts) == 1 else "")
    return value(*parts)


_WORKSPACE = frozenset({
    Symbol("unknown", "github.workspace"), Symbol("variable", "GITHUB_WORKSPACE"), Symbol("gitlab", "CI_PROJECT_DIR"),
})  # fmt: skip


def part_of(path: Value, pattern: Value) -> Value | None:
    """The part of what stands at `path` that a pattern means: empty for all of it; None for nothing."""
    if path == pattern:
        return ()
    if pattern == (".",):
        return None if is_outside(path) else ()
    text, wanted = literal(path), literal(pattern)
    if text is None or wanted is None:
        return _part_of_symbols(path, pattern)
    if text == "." and not wanted.startswith("/"):
        return value(wanted)
    if wanted.startswith(text + "/"):
        return value(wanted[len(text) + 1 :])
    if wanted and text.startswith(wanted + "/"):
        return ()
    return () if "*" in wanted and (fits(text, wanted) or fits(text, _all_in(wanted))) else None


def _all_in(folders: str) -> str:
    """A pattern of folders, by their own names in whatever others, as a pattern of all that is in them."""
    return f"{folders}/**" if "*" not in folders.rpartition("/")[2] else folders


def _part_of_symbols(path: Value, pattern: Value) -> Value | None:
    """The same where a path or a pattern is only known in a run, as `dist/shop-${{ matrix.os }}.tgz` is."""
    if _is_below(path, pattern):
        return ()
    text, wanted = literal(path), literal(pattern)
    if text is not None and pattern[:1] and isinstance(pattern[0], str) and pattern[0].startswith(f"{text}/"):
        return value(pattern[0][len(text) + 1 :], *pattern[1:])
    if path and _fits_in_symbols(path, pattern):
        return ()
    if wanted is not None and path:
        return () if head(path).startswith(f"{wanted}/") else None
    split = partition(pattern, "/", last=True)
    return split[1] if split and split[0] == path else None


def _fits_in_symbols(path: Value, pattern: Value) -> bool:
    """Whether a path fits a pattern, whatever stands for what only a leg, an event or a run knows: the same in both."""
    symbols = dict.fromkeys(part for part in (*path, *pattern) if isinstance(part, Symbol))
    if "*" not in display(pattern) or not all(
        each.kind in {"matrix", "github"} or is_one_of_names(each) for each in symbols
    ):
        return False  # the others may be paths themselves
    marks = {each: chr(_MARKS + at) for at, each in enumerate(symbols)}
    texts = ("".join(part if isinstance(part, str) else marks[part] for part in each) for each in (path, pattern))
    return fits(*texts)


def _meant(name: Value, pattern: str) -> bool:
    """Whether a name fits a pattern, where what only a run knows of it is no path."""
    return fits("".join(part if isinstance(part, str) else chr(_MARKS) for part in name), pattern)


_MARKS = 0xE000
"""Where the characters begin that stand for nothing by themselves."""


def _is_below(path: Value, folder: Value) -> bool:
    """Whether a path lies in a folder that is only known in a run."""
    *before, last = folder or ("",)
    at = len(before) + isinstance(last, Symbol)  # where the path goes on behind the folder
    rest = path[at] if len(path) > at and path[: len(before)] == tuple(before) else ""
    if isinstance(last, Symbol):
        return path[at - 1 : at] == (last,) and isinstance(rest, str) and rest.startswith("/")
    return bool(before) and isinstance(rest, str) and rest.startswith(f"{last}/")


def fits(path: str, pattern: str) -> bool:
    """Whether a path fits a pattern in which `*` and `?` stay in a folder and `**` does not."""
    return _fit(path.split("/"), pattern.split("/"))


def _fit(folders: list[str], patterns: list[str]) -> bool:
    """Compare part by part; `reached` says how much of the path may have been used up by the patterns so far."""
    reached = {0}
    for pattern in patterns:
        if pattern == "**":
            reached = set(range(min(reached), len(folders) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(folders) and fnmatchcase(folders[at], pattern)}
        if not reached:
            return False
    return len(folders) in reached


def _only_goes_with(piece: Piece, part: Value) -> bool:
    """Whether files in a folder are called by what goes with what is built there, and nothing that is, is called so."""
    return not piece[1] and is_accompanying(part) and has_none(piece[0], part)


def has_none(content: Content, part: Value) -> bool:
    """Whether none of the files of a folder in which all are known is called so."""
    return bool(content.kinds and part) and not any(may_touch(value(kind), part) for kind in content.kinds)


def below(folder: Value, path: Value) -> Value:
    """A path below a folder, either of which may be empty."""
    return value(folder, "/", path) if folder and path else folder or path


def under(folder: Value, path: Value) -> Value:
    """A path as seen from where a folder stands."""
    return folder if path == (".",) else path if folder in {(), (".",)} else value(folder, "/", path)


def folder_of(path: Value) -> Value:
    """The folder in which a path lies, empty for that of the repository."""
    split = partition(path, "/", last=True)
    return split[0] if split else ()


def name_of(path: Value) -> Value:
    """The last part of a path."""
    split = partition(path, "/", last=True)
    return split[1] if split else path


def has_name_for_users(path: Value) -> bool:
    """Whether a file is called by something (as `$GITHUB_OUTPUT` is not), and not by what tells about other files."""
    return any(isinstance(part, str) for part in name_of(path)) and not is_accompanying(path)


def lacking(tokens: Iterable[str], permissions: Permissions, job: str) -> str | None:
    """Why something cannot work with these permissions."""
    for token in tokens:
        if not permissions.may_write(token):
            whose = " from the workflow that calls it" if token in permissions.withheld else ""
            return f"cannot work: the job {job.rpartition('/')[2]!r} has no `{permissions.called(token)}`{whose}"
    return None


_OF_IDENTITY = regex(r"(?i)ID(ENTITY)?_TOKEN")


def not_handed(container: Words | None) -> str | None:
    """Why a container cannot say whose it is: a variable tells it where to ask, or is the token, and none is there."""
    if container is None or container.options.keys() & {"--env-file", "--env-host"}:
        return None
    if any(literal(each) is None or _OF_IDENTITY.search(display(each)) for each in container.of("-e --env")):
        return None
    return "cannot work: it runs in a container that is not handed the identity of the job (-e ACTIONS_ID_TOKEN_…)"
