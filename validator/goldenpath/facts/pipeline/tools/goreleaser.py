"""GoReleaser, which releases as its configuration says: what it builds, describes, signs and publishes, in its order.

Binaries are built and packed, then described (`sboms`), listed (`checksum`) and signed (`signs`); images are pushed,
then signed (`docker_signs`); the release is published last. A stage that fails ends it all. Evidence names the lines
of the configuration.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, parse
from goldenpath.facts.pipeline.acts import Content, Files, Image, Recipe, image
from goldenpath.facts.pipeline.catalogers import narrowed
from goldenpath.facts.pipeline.effects import Effects, tidy, under
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.signing import in_doubt, own_service, why_not, with_variables
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.tools.ko import OWN_BASE
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import program_name
from goldenpath.facts.tables import read_table
from goldenpath.facts.values import Symbol, Value, display, literal, replaced, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.acts import Piece
    from goldenpath.repository import Place

NO_BUILD_SIGNATURE = "signs with GPG, which says who holds a key and nothing of the build: that is no build signature"
MAX_ENTRIES = 100
"""Most entries of one key that are read; a real configuration stays below 30."""

_GPG = frozenset({"gpg", "gpg2"})
_FILES_TO_SIGN = ("archive", "binary", "package", "source")
_MARK = regex(r"\{\{-?\s*\.Env\.(artifact|digest)\s*-?\}\}|\$\{?(artifact|digest)\b\}?")
_PROPOSED = ("brews", "homebrew_casks", "krews", "nix", "scoops", "winget")
"""What is committed to a repository of packages, or proposed to it."""
_SIGNING = ("binary_signs", "docker_signs", "signs")
_IDENTIFIED = ("mcp", "npms", "publishers")
"""What may show the identity of the job to where it publishes."""
_PUSHING = ("artifactories", "docker_manifests", "dockers", "dockers_v2", "kos", "npms", "publishers", "uploads")
"""What may write to GitHub's own registry: of images, or of packages by its address."""
_TEMPLATE = regex(r"\{\{([^{}]*)\}\}")
_ENVIRONMENT = regex(r"\.Env\.(\w+)")
_FALSE_IN_A_RELEASE = regex(r"\s*\{\{-?\s*\.Is(Snapshot|Nightly)\s*-?\}\}\s*")
_ARTIFACT, _DIGEST = Symbol("template", "artifact"), Symbol("template", "digest")


class _Keys(Struct, frozen=True, forbid_unknown_fields=True):
    followed: str
    inert: str
    packages: dict[str, str]
    stores: str
    package_stores: str
    told: str
    files: tuple[str, ...]
    harmless: str

    def knows(self, key: str) -> bool:
        known = f"{self.followed} {self.inert} {self.stores} {self.package_stores} {self.told}"
        return key in self.packages or key in known.split()


@cache
def _keys() -> _Keys:
    return read_table("goreleaser", _Keys)


_OF_A_PART = ("build-args", "labels")
"""What each image of a manifest may be told for itself, and be built as the others are."""
_BY_DOCKERFILE = (None, "docker", "buildx", "podman")
"""What GoReleaser may `use` to build an image by a Dockerfile."""


class _Made(Struct, frozen=True):
    """Files of one ending that are published: what kind they are of, from which entries, of which builds."""

    kind: str
    files: Files
    ids: frozenset[str]
    builds: frozenset[str]
    place: Place


class _Pushed(Struct, frozen=True):
    """An image that is pushed: its names, and whether it is a manifest or the part of one.

    Those that ko builds are called by their digest (`name@digest`), and copies of them elsewhere by their tag.
    """

    kind: str
    names: tuple[Value, ...]
    digest: Symbol
    id: str
    by_ko: bool = False

    def called(self, name: Value) -> Value:
        """What `${artifact}` stands for."""
        own = self.by_ko and image(name).name == image(self.names[0]).name
        return value(name, "@", self.digest) if own else name


def used(effects: Effects, given: Words, folder: Value, rights: frozenset[str]) -> frozenset[str]:
    """Which rights of a release `goreleaser …` may use: a build none, and what publishes nothing an identity."""
    command = literal(given.positionals[0]) if given.positionals else "release"
    if command in {"build", "b"} or command in _keys().harmless.split():
        return frozenset()
    stays = literal(given.first("--snapshot")) not in {None, "false"} if given.has("--snapshot") else False
    skipped = {name for each in given.of("--skip") for name in (literal(each) or "").split(",")}
    publishes = command not in {"release", "r"} or not (stays or "publish" in skipped)
    if not publishes:
        rights &= frozenset({"id-token"}) if "sign" not in skipped else frozenset()
    configuration = _configuration(effects, given, folder)
    if isinstance(configuration, str):
        return rights
    release = Release(effects, given, folder, configuration)
    return (rights | set(_asked(release)) if publishes else rights) - set(_idle(release))


def _idle(release: Release) -> Iterator[str]:
    """The rights that nothing here uses; hooks, and keys that nobody knows, are asked by themselves."""
    if not any(map(release.may_sign, _SIGNING)) and not any(map(release.entries, _IDENTIFIED)):
        yield "id-token"
    if not any(map(release.entries, _PUSHING)):
        yield "packages"


def _asked(release: Release) -> Iterator[str]:
    """What is written on GitHub beside the release: proposals, where they are given no token of another repository."""
    if any(_proposes(entry) for key in _PROPOSED for entry in release.entries(key)):
        yield "pull-requests"
    if any(entry.text("close") == "true" for entry in release.entries("milestones")):
        yield "issues"
    if release.root.text("release", "discussion_category_name"):
        yield "discussions"


def _proposes(entry: Mapping) -> bool:
    enabled = entry.text("repository", "pull_request", "enabled") == "true"
    return enabled and not entry.text("repository", "token") and entry.text("skip_upload") != "true"


def perform(effects: Effects, given: Words, folder: Value) -> None:
    """Write down what `goreleaser …` does in a folder."""
    command = literal(given.positionals[0]) if given.positionals else "release"
    if command in _keys().harmless.split():
        return
    if command in {"build", "b"}:
        Release(effects, given, folder, Mapping(effects.place, {}, {})).build_only()
        return
    if command not in {"release", "r"}:
        effects.unseen(f"what `goreleaser {command or '…'}` does is not followed")
        return
    configuration = _configuration(effects, given, folder)
    if isinstance(configuration, str):
        effects.unseen(configuration)
    else:
        Release(effects, given, folder, configuration).perform()


def _configuration(effects: Effects, given: Words, folder: Value) -> Mapping | str:
    """The configuration that applies, or why it cannot be read."""
    named = given.first("--config -f")
    if (named and literal(named) is None) or literal(folder) is None or effects.state.has_foreign_files:
        return "which configuration of GoReleaser applies is only known in a run"
    read = effects.moment.frame.shared.tree.text
    for name in (named,) if named else map(value, _keys().files):
        path = under(tidy(folder), tidy(name))
        text = read(literal(path) or "")
        if text is not None and effects.is_rewritten(path):
            return f"the job may have changed the configuration of GoReleaser ({literal(path)})"
        if text is not None and not any(each == path for each, _, _ in effects.pieces(path)):
            return _read(literal(path) or "", text)
    return f"there is no configuration of GoReleaser in this repository ({literal(named) or '.goreleaser.yaml'})"


@lru_cache(maxsize=16)
def _read(path: str, text: str) -> Mapping | str:
    try:
        documents = parse(path, text)
    except Malformed as error:
        return f"the configuration of GoReleaser cannot be read: {error.place}: {error}"
    root = documents[0] if len(documents) == 1 else None
    return root if isinstance(root, Mapping) else "the configuration of GoReleaser is no mapping"


class Release:
    """One `goreleaser release`, stage by stage."""

    def __init__(self, effects: Effects, given: Words, folder: Value, root: Mapping) -> None:
        self.effects = effects
        self.given = given
        self.folder = tidy(folder)
        self.root = root
        skipped = {name for each in given.of("--skip") for name in (literal(each) or "").split(",")}
        skipped |= {
            name for name in ("sign", "sbom", "publish", "docker", "ko", "before") if given.has(f"--skip-{name}")
        }
        self.skips = skipped | ({"publish"} if given.has("--snapshot") else set())
        self.dist = under(self.folder, value(root.text("dist") or "dist"))
        self.environment = self._environment()
        self.made: list[_Made] = []
        self.dated: frozenset[str] = frozenset()
        self.of_go: frozenset[str] = frozenset()
        self.sboms: list[Files] = []
        self.pushed: list[_Pushed] = []

    def _environment(self) -> dict[str, Value]:
        given = dict(self.effects.moment.environment)
        for line in texts(self.root.get("env")):
            name, _, text = line.partition("=")
            given[name] = self.text(text, given)
        return given

    # --- the stages

    def perform(self) -> None:
        """Write down all stages, in GoReleaser's own order."""
        if problem := self._undecided():
            self.effects.unseen(problem)
            return
        self._ask_about_unknown_keys()
        if "before" not in self.skips:
            self._run_hooks(self.root.get("before", "hooks"))
        self._build()
        self._sign_binaries()
        if "sbom" not in self.skips:
            self._describe()
        self._list()
        if "sign" not in self.skips:
            self._sign_files()
        if "publish" not in self.skips:
            self._push_images()
            self._list_images()
            if "sign" not in self.skips:
                self._sign_images()
            self._publish()

    def build_only(self) -> None:
        """`goreleaser build` leaves binaries in `dist`."""
        self._make("binary", "", frozenset(), frozenset(), self.effects.place)

    def _undecided(self) -> str:
        """Why it cannot be told which stages are gone through."""
        deciding = self.given.of("--skip --snapshot --draft --skip-sign --skip-publish --skip-sbom --skip-docker")
        if len(self.given.positionals) > 1 or any(literal(each) is None for each in deciding):
            return "which of its stages GoReleaser skips is only known in a run"
        if any(isinstance(node, Sequence) and len(node.items) > MAX_ENTRIES for node in self.root.values.values()):
            return f"a key of GoReleaser has more than {MAX_ENTRIES} entries"
        if {"--split", "--prepare", "--merge"} & self.given.options.keys():
            return "a release in several steps by GoReleaser Pro is not followed"
        return ""

    def _ask_about_unknown_keys(self) -> None:
        for key, node in self.root.items():
            if not _keys().knows(key.text) and not key.text.startswith((".", "x-")):
                text = f"GoReleaser's key {key.text!r}"
                _At(self, node, text).unseen(f"{text} is not followed: it is none of the free edition", ANYTHING)

    def _run_hooks(self, node: Node | None) -> None:
        """Commands that GoReleaser runs."""
        from goldenpath.facts.pipeline.scripts import ScriptEffects

        for each in node.items[:MAX_ENTRIES] if isinstance(node, Sequence) else ():
            command = each if isinstance(each, Scalar) else each.get("cmd") if isinstance(each, Mapping) else None
            if isinstance(command, Scalar):
                self._spend(1)
                text = _TEMPLATE.sub(_as_word, command.text)
                ScriptEffects(self.effects.moment, msgspec.structs.replace(command, text=text)).perform()

    def _build(self) -> None:
        entries = self.entries("builds")
        for entry in entries:
            for when in ("pre", "post"):
                hooks = entry.get("hooks", when) if isinstance(entry.get("hooks"), Mapping) else None
                self._run_hooks(Sequence(entry.place, [hooks]) if isinstance(hooks, Scalar) else hooks)
        built = [entry for entry in entries if self.is_on(entry, "skip") is not True]
        self.dated = frozenset(entry.text("id") or "" for entry in built if any(map(_IS_NOW.search, _flags_of(entry))))
        self.of_go = frozenset(entry.text("id") or "" for entry in built if _is_of_go(entry))
        if built or not entries:
            self._pack([entry.text("id") or "" for entry in built])
        if self.root.text("source", "enabled") == "true":
            self._pack_sources()

    def _pack(self, builds: list[str]) -> None:
        """Archives, or binaries as they are, and packages."""
        endings: dict[tuple[str, str], list[Mapping]] = {}
        released = self._released()
        for entry in self.entries("archives") or [Mapping(self._place_of("builds"), {}, {})]:
            if released and (entry.text("id") or "default") not in released:
                continue
            for ending in _formats(entry):
                endings.setdefault(("binary" if ending == "binary" else "archive", ending), []).append(entry)
        for key, ending in _keys().packages.items():
            for entry in self.entries(key):
                for each in texts(entry.get("formats")) or (ending,):
                    endings.setdefault(("package", each), []).append(entry)
        for (kind, ending), entries in endings.items():
            of = [each for entry in entries for each in texts(entry.get("ids")) or texts(entry.get("builds")) or builds]
            ids = frozenset(entry.text("id") or "default" for entry in entries)
            for pattern in self._bare(of) if kind == "binary" else (f"/*.{ending}",):
                self._make(kind, ending, ids, frozenset(of), entries[0].place, pattern)

    def _bare(self, builds: list[str]) -> list[str]:
        """How the binaries of these builds are called in `dist`, where each has no folder of its own."""
        entries = [entry for entry in self.entries("builds") if (entry.text("id") or "") in builds]
        apart = self.entries("universal_binaries") or [e for e in entries if e.text("no_unique_dist_dir") != "true"]
        if apart or not entries:
            return ["/*_*"]
        names = [(re.sub(r"\*+", "*", _globbed(entry.text("binary") or "*")), entry) for entry in entries]
        more = [
            f"{name}.exe"
            for name, entry in names
            if not name.endswith("*") and "windows" in (texts(entry.get("goos")) or ("windows",))
        ]
        return [f"/{name}" for name in dict.fromkeys([*(name for name, _ in names), *more])]

    def _spend(self, many: int) -> None:
        """So many more acts. Raises TooLong."""
        self.effects.moment.frame.shared.budget.spend(many)

    def _make(
        self, kind: str, ending: str, ids: frozenset[str], builds: frozenset[str], place: Place, name: str = ""
    ) -> None:
        self._spend(1 + len(self.made))
        pattern = value(self.dist, name)
        at = _At(self, place, f"GoReleaser's {kind if kind == 'binary' else ending}")
        content = Content("built", at.origin(pattern))
        at.put(pattern, content)
        files = Files(pattern, ((content, ()),))
        told = [value("build")] if builds and builds <= self.of_go else []
        told += [value(Symbol("now", at.text))] if builds & self.dated else []
        recipe = Recipe((value("goreleaser"), *told), by=self.effects.caller or self.effects.place) if told else None
        at.act("built", files, recipe=recipe)
        self.made.append(_Made(kind, files, ids, builds, place))

    def _pack_sources(self) -> None:
        at = _At(self, self._place_of("source"), "GoReleaser's source")
        pattern = value(self.dist, "/*source.tar.gz")
        files = Files(pattern, ((Content("plain", at.origin(pattern)), ()),))
        self.made.append(_Made("source", files, frozenset(), frozenset(), at.place))

    def _describe(self) -> None:
        parts: dict[str, set[str]] = {}
        for entry in self.entries("sboms"):
            if self.is_on(entry, "disable") is not True:
                self._describe_as(entry, parts)

    def _describe_as(self, entry: Mapping, parts: dict[str, set[str]]) -> None:
        """Files of a kind are described; of `parts` of them, entries before this one have been."""
        kind = entry.text("artifacts") or "archive"
        at = _At(self, entry, f"GoReleaser's sboms (artifacts: {kind})")
        ids = texts(entry.get("ids"))
        matched = self._matching(kind, parts.get(kind, set()).union(ids) if ids else ())
        if kind == "binary":
            matched = [made for made in self.made if made.kind != "source"]
        program, said = self._program(entry, "syft"), [self.text(each) for each in texts(entry.get("args"))]
        names_it = not said or any(_ARTIFACT in each for each in said)
        about, _ = known_command([literal(each) or "" for each in (program, *said[:3])])
        if kind == "any" or not names_it or about is None or not about.does.startswith("describe"):
            why = "what it describes is said by the arguments of its command"  # before any image is built
            at.act("unseen", of=Files(value(kind)), problem=why, may=frozenset({"describe"}))
            return
        lister = msgspec.structs.replace(about.lister, settings="") if about.lister else None  # it runs in `dist`
        nothing, part = narrowed(at, lister, Words(tuple(said), about.takes.split()).of) if lister else (False, None)
        if ids and not (nothing or part or self.conditions(entry)):
            parts.setdefault(kind, set()).update(ids)
        if not matched:
            others = ids and self._matching(kind, ())
            why = f"describes no {kind} but {', '.join(ids)}" if others else f"describes nothing: no {kind} is made"
            at.act("described", of=Files(value(kind)), problem=why)
            return
        builds = frozenset().union(*(made.builds for made in matched))
        same = [made for made in self.made if kind != "source" and made.kind != "source" and made.builds <= builds]
        of = Files(matched[0].files.pattern, _pieces(made.files for made in (*matched, *same)))
        file = under(self.dist, value(_globbed((texts(entry.get("documents")) or ("*.sbom.json",))[0])))
        if nothing:
            at.act("described", of=of, problem="lists nothing, by the arguments of its command")
            return
        at.described(of, file, part)
        self.sboms.append(Files(file, ((Content("sbom", at.origin(file), of), ()),)))

    def _list(self) -> None:
        """The list of the digests of all that is published."""
        self.listed: Files | None = None
        if self.root.text("checksum", "disable") == "true":
            return
        at = _At(self, self._place_of("checksum"), "GoReleaser's checksum")
        ids = texts(self.root.get("checksum", "ids"))
        listed = [made.files for made in self.made if not ids or made.kind == "source" or made.ids <= set(ids)]
        extra = [at.files(under(self.folder, value(glob))) for glob in self._globs("checksum")]
        name = self.root.text("checksum", "name_template") or "*_checksums.txt"
        path = under(self.dist, value(_globbed(name)))
        of = Files(path, _pieces([*listed, *self.sboms, *extra]))
        content = Content("index", at.origin(path), of)
        at.put(path, content)
        self.listed = Files(path, ((content, ()),))

    def _globs(self, key: str) -> Iterator[str]:
        for entry in self.entries(key, "extra_files"):
            yield entry.text("glob") or ""

    # --- signing

    def _sign_binaries(self) -> None:
        for entry in self.entries("binary_signs") if "sign" not in self.skips else ():
            if (entry.text("artifacts") or "binary") == "binary":
                bare = [made for made in self.made if made.kind == "binary"]
                self._sign(entry, "binary_signs", bare, "signs the binaries, not the archives that are published")

    def _sign_files(self) -> None:
        parts: dict[str, set[str]] = {}
        for entry in self.entries("signs"):
            kind = entry.text("artifacts") or "none"
            if kind == "none":
                _At(self, entry, "GoReleaser's signs").act(
                    "signed", Files(value("none")), problem="signs nothing (artifacts: none)"
                )
            elif kind == "checksum":
                self._sign_list(entry)
            elif kind == "sbom":
                at = _At(self, entry, "GoReleaser's signs (artifacts: sbom)")
                at.act("signed", *self.sboms, problem="signs the SBOMs, not what they describe")
            else:
                ids = texts(entry.get("ids"))
                others = ids and self._matching(kind, ())
                nothing = f"signs no {kind} but {', '.join(ids)}" if others else f"finds no {kind} to sign"
                if ids and self._signs_well(entry):  # with those before, it may sign the last of what is published
                    ids = tuple(parts.setdefault(kind, set()).union(ids))
                    parts[kind].update(ids)
                self._sign(entry, "signs", self._matching(kind, ids), nothing)

    def _sign_list(self, entry: Mapping) -> None:
        at = _At(self, entry, "GoReleaser's signs (artifacts: checksum)")
        if self.listed is None:
            at.act("signed", Files(value("none")), problem="signs a list of digests that is turned off")
            return
        self._signed(at, entry, [self.listed])

    def _sign(self, entry: Mapping, key: str, matched: list[_Made], nothing: str) -> None:
        at = _At(self, entry, f"GoReleaser's {key} (artifacts: {entry.text('artifacts') or 'binary'})")
        files = [made.files for made in matched]
        if files:
            self._signed(at, entry, files)
        else:
            at.act("signed", Files(value("none")), problem=nothing)

    def _signs_well(self, entry: Mapping) -> bool:
        """Whether nothing is to be said against what an entry does to the files that it signs."""
        problem, unsure, unseen = self._how(_At(self, entry, ""), entry)
        return not (problem or unsure or unseen or self.conditions(entry))

    def _signed(self, at: _At, entry: Mapping, files: list[Files]) -> None:
        problem, unsure, unseen = self._how(at, entry)
        if unseen:
            at.unseen(unseen, frozenset({"sign"}))
        else:
            at.act("signed", *files, problem=problem, unsure=unsure)

    def _how(self, at: _At, entry: Mapping) -> tuple[str | None, str | None, str]:
        """By which program files are signed, GPG by default: its problem, a doubt, or why it is not followed."""
        program = self._program(entry, "gpg")
        words = (program, *(self.text(each) for each in texts(entry.get("args"))))
        if literal(program) in _GPG:
            return NO_BUILD_SIGNATURE, None, ""
        about, length = known_command([literal(word) or "" for word in words[:4]])
        if about is None or about.does != "sign-files":
            return None, None, f"what `{_plain(words)}` does is not followed"
        given = with_variables(about, Words(words[length:], about.takes.split()), at.variable)
        problem = own_service(given) or why_not(about, given, at.state)
        if (_ARTIFACT,) not in given.positionals:
            problem = "does not name ${artifact}"
        if about.output and not (about.beside or given.of(about.output)):
            problem = problem or f"leaves the signature in the log alone ({about.output.split()[0]})"
        return problem, in_doubt(about, given), ""

    def _sign_images(self) -> None:
        for entry in self.entries("docker_signs"):
            wanted = {
                "images": {"image"}, "manifests": {"manifest"}, "all": {"image", "manifest"}, "none": set[str]()
            }.get(entry.text("artifacts") or "", set[str]())  # fmt: skip
            v2 = {"v2"} if entry.text("artifacts") != "none" else set()
            ids = texts(entry.get("ids"))
            matched = [each for each in self.pushed if each.kind in wanted | v2 and (not ids or each.id in ids)]
            said = f" (artifacts: {entry.text('artifacts')})" if entry.text("artifacts") else ""
            at = _At(self, entry, f"GoReleaser's docker_signs{said}")
            if matched:
                self._signed_images(at, entry, matched)
            else:
                at.act("signed", Image(()), problem="finds no image to sign")

    def _signed_images(self, at: _At, entry: Mapping, images: list[_Pushed]) -> None:
        said = texts(entry.get("args")) or ("sign", "--key=cosign.key", "${artifact}@${digest}", "--yes")
        words = (self._program(entry, "cosign"), *map(self.text, said))
        about, length = known_command([literal(word) or "" for word in words[:4]])
        if about is None or about.does != "sign":
            at.unseen(f"what `{_plain(words)}` does is not followed", frozenset({"sign", "describe"}))
            return
        given = with_variables(about, Words(words[length:], about.takes.split()), at.variable)
        problem = own_service(given) or why_not(about, given, at.state)
        unsure = in_doubt(about, given)
        for pushed in images:
            self._spend(len(pushed.names))
            for name in pushed.names:
                meaning = {_ARTIFACT: name, _DIGEST: value(pushed.digest)}
                targets = [
                    image(pushed.called(name) if each == (_ARTIFACT,) else replaced(each, meaning))
                    for each in given.positionals
                ]
                at.act("signed", *targets, problem=problem, unsure=unsure)

    def may_sign(self, key: str) -> bool:
        """Whether an entry signs with anything but GPG, which asks for no identity of the job."""
        default = "cosign" if key == "docker_signs" else "gpg"
        return any(literal(self._program(entry, default)) not in _GPG for entry in self.entries(key))

    def _program(self, entry: Mapping, default: str) -> Value:
        said = self.text(entry.text("cmd") or default)
        return value(program_name(said) or "?") if literal(said) else said

    # --- images

    def _push_images(self) -> None:
        if "docker" not in self.skips:
            self._push_dockers()
            for entry in self.entries("dockers_v2"):
                names = [
                    value(self.text(name), ":", self.text(tag))
                    for name in texts(entry.get("images"))
                    for tag in texts(entry.get("tags")) or ("{{ .Tag }}",)
                ]
                if self.is_on(entry, "disable") is not True and names:
                    sbom = entry.text("sbom") in {None, "true"}
                    self._push(entry, "dockers_v2", names, "v2", sbom=sbom, recipe=self._recipe_of_v2(entry))
        if "ko" not in self.skips:
            for entry in self.entries("kos"):
                if self.is_on(entry, "disable") is not True:
                    sbom = entry.text("sbom") in {None, "spdx"}
                    base = self.text(entry.text("base_image") or OWN_BASE)
                    recipe = Recipe((value("goreleaser"), value("kos")), (("base", base),))
                    self._push(entry, "kos", self._ko_names(entry), "manifest", sbom=sbom, recipe=recipe)

    def _push_dockers(self) -> None:
        """Images of one platform each, and the manifests that are put together from them by their digests."""
        manifests = [entry for entry in self.entries("docker_manifests") if self.is_on(entry, "skip_push") is not True]
        parts = {self.text(name): entry for entry in manifests for name in texts(entry.get("image_templates"))}
        recipes: dict[Value, Recipe | None] = {}
        for entry in self.entries("dockers"):
            names = [self.text(name) for name in texts(entry.get("image_templates"))]
            if names and self.is_on(entry, "skip_push") is not True:
                recipe = self._recipe(entry)
                recipes |= dict.fromkeys(names, recipe)
                self._push(entry, "dockers", names, "image", part=any(name in parts for name in names), recipe=recipe)
        own = {name for pushed in self.pushed for name in pushed.names}
        for entry in manifests:
            recipe = _of_parts([recipes.get(self.text(name)) for name in texts(entry.get("image_templates"))])
            names = [self.text(entry.text("name_template") or "")]
            self._push(entry, "docker_manifests", names, "manifest", recipe=recipe)
            if foreign := [name for name in texts(entry.get("image_templates")) if self.text(name) not in own]:
                why = f"{foreign[0]} is not built here"
                _At(self, entry, "GoReleaser's docker_manifests").unseen(why, frozenset({"build", "ship"}))

    def _recipe(self, entry: Mapping) -> Recipe | None:
        """How an image is built, told as an action's inputs tell it: by a Dockerfile that is given what is built."""
        if entry.text("use") not in _BY_DOCKERFILE:
            return None
        return self._recipe_of(entry, texts(entry.get("build_flag_templates")))

    def _recipe_of_v2(self, entry: Mapping) -> Recipe:
        """How an image of all platforms is built: arguments and labels have keys of their own beside the flags."""
        keyed = (("--build-arg", entry.get("build_args")), ("--label", entry.get("labels")))
        given = [
            f"{flag}={key}={node.text}"
            for flag, among in keyed
            for key, node in (among.values.items() if isinstance(among, Mapping) else ())
            if isinstance(node, Scalar)
        ]
        return self._recipe_of(entry, (*texts(entry.get("flags")), *given))

    def _recipe_of(self, entry: Mapping, flags: Iterable[str]) -> Recipe:
        told: dict[str, list[Value]] = {}
        for flag in flags:
            name, _, given = flag.partition("=")
            told.setdefault(name, []).append(self.text(given))
        inputs = {
            "file": self.text(entry.text("dockerfile") or "Dockerfile"),
            "build-args": _lines(told.get("--build-arg", [])),
            "labels": _lines(told.get("--label", [])),
            "outputs": _lines(told.get("--output", [])),
            "target": (told.get("--target") or [()])[-1],
        }
        epoch = self.environment.get("SOURCE_DATE_EPOCH", ())
        return Recipe((value("goreleaser"),), tuple(inputs.items()), epoch=epoch)

    def _push(
        self,
        entry: Mapping,
        key: str,
        names: list[Value],
        kind: str,
        *,
        sbom: bool = False,
        part: bool = False,
        recipe: Recipe | None,
    ) -> None:
        """An image is pushed; the part of a manifest is no artifact by itself, since the manifest names its digest."""
        at = _At(self, entry, f"GoReleaser's {key}")
        self._spend(len(names))
        digest = Symbol("digest", f"{at.moment.key}/{key}:{entry.place.line}")
        default = self.root.text("project_name") or "" if kind == "v2" or key == "kos" else ""
        self.pushed.append(_Pushed(kind, tuple(names), digest, entry.text("id") or default, by_ko=key == "kos"))
        if recipe is not None:
            at.state.recipes[digest] = recipe
        if not part:
            at.built(names, digest, sbom=sbom)

    def _list_images(self) -> None:
        """A file gets the digests of all images that were pushed."""
        settings = self.entries("docker_digest")[:1] or [Mapping(self.effects.place, {}, {})]
        if "docker" in self.skips or self.is_on(settings[0], "disable") is True:
            return
        at = _At(self, self._place_of("docker_digest"), "GoReleaser's docker_digest")
        path = under(self.dist, value(_globbed(settings[0].text("name_template") or "digests.txt")))
        named = [(name, pushed.digest) for pushed in self.pushed for name in pushed.names]
        for number, (name, digest) in enumerate(named):
            line = value(path, f"/{number}")  # one line of the file
            at.put(line, Content("reference", at.origin(line), Image(image(name).name, digest=value(digest))))

    def _ko_names(self, entry: Mapping) -> list[Value]:
        own = [*texts(entry.get("repositories")), *texts(entry.get("repository"))]
        given = self.environment.get("KO_DOCKER_REPO")
        repositories = [given] if given else [self.text(each) for each in own]
        named = entry.text("bare") == "true"
        name = () if named else value("/", Symbol("template", f"ko {entry.text('id') or entry.place.line}"))
        tags = [self.text(tag) for tag in texts(entry.get("tags"))] or [value("latest")]
        return [value(repository, name, ":", tag) for repository in repositories for tag in tags]

    # --- publishing

    def _publish(self) -> None:
        release = self.root.get("release")
        settings = release if isinstance(release, Mapping) else Mapping(self.effects.place, {}, {})
        for key in (*_keys().stores.split(), *_keys().package_stores.split()):
            self._store(key)
        told = next((key for key in _keys().told.split() if self.entries(key)), "")
        if self.is_on(settings, "disable") is not True:
            at = _At(self, self._place_of("release"), "GoReleaser's release")
            uploads = settings.text("skip_upload") != "true"
            draft = settings.text("draft") == "true" or self.given.has("--draft")
            at.ship(self._published(settings, at) if uploads else [], draft=draft)
        elif told:
            at = _At(self, self._place_of(told), f"GoReleaser's {told}")
            at.ship([made.files for made in self.made])

    def _released(self) -> set[str]:
        """The entries that alone are released, where the release names some and nothing else puts files anywhere."""
        elsewhere = any(map(self.entries, (*_keys().stores.split(), *_keys().package_stores.split())))
        return set() if elsewhere else set(texts(self.root.get("release", "ids")))

    def _store(self, key: str) -> None:
        """Files are put where users find them, whether or not there is a release."""
        for entry in self.entries(key):
            if self.is_on(entry, "disable") is not True and self.is_on(entry, "skip") is not True:
                kinds = ("package",) if key in _keys().package_stores.split() else _FILES_TO_SIGN
                _At(self, entry, f"GoReleaser's {key}").ship(self._chosen(entry, kinds))

    def _chosen(self, settings: Mapping, kinds: Iterable[str] = _FILES_TO_SIGN) -> list[Files]:
        """The files of the entries that are named, else all of these kinds."""
        ids = set(texts(settings.get("ids")))
        made = (each for each in self.made if each.kind in kinds)
        return [each.files for each in made if not ids or each.kind == "source" or each.ids & ids]

    def _published(self, settings: Mapping, at: _At) -> list[Files]:
        """What the release holds; those of its files that nothing here has made are told apart."""
        ids = set(texts(settings.get("ids")))
        files = self._chosen(settings)
        described = self.sboms if not ids or "default" in ids else []
        extra = [at.files(under(self.folder, value(glob))) for glob in self._globs("release")]
        return [*files, *described, *([self.listed] if self.listed else []), *extra]

    # --- reading the configuration

    def entries(self, *path: str) -> list[Mapping]:
        """The entries of a list, or the one that stands for itself."""
        node = self.root.get(*path)
        items = node.items if isinstance(node, Sequence) else [node]
        return [_merged(each) for each in items[:MAX_ENTRIES] if isinstance(each, Mapping)]

    def is_on(self, entry: Mapping, key: str) -> bool | None:
        """Whether a setting is on; None where a template decides."""
        text = (entry.text(key) or "false").strip()
        if "{{" in text and not _FALSE_IN_A_RELEASE.fullmatch(text):
            return None
        return text == "true"

    def conditions(self, entry: Node) -> frozenset[str]:
        """What a template, or an expression of GoReleaser Pro, decides of an entry."""
        if not isinstance(entry, Mapping):
            return frozenset()
        asked = [key for key in ("disable", "skip", "skip_push") if self.is_on(entry, key) is None]
        return frozenset(f"{key}: {entry.text(key)}" for key in [*asked, *(["if"] if entry.get("if") else [])])

    def text(self, template: str, environment: dict[str, Value] | None = None) -> Value:
        """A text with what is known of its templates, and with marks for the artifact and its digest."""
        known = self.environment if environment is None else environment
        parts: list[str | Symbol | Value] = []
        marked = _MARK.sub(lambda found: f"{{{{{found[1] or found[2]}}}}}", template)
        for index, part in enumerate(_TEMPLATE.split(marked)):
            said = part.strip("- \t\n") if index % 2 else part
            name = _ENVIRONMENT.fullmatch(said) if index % 2 else None
            if name and name[1] in known:
                parts.append(known[name[1]])
            else:
                parts.append(Symbol("template", said) if index % 2 else part)
        return value(*parts)

    def _matching(self, kind: str, ids: Iterable[str]) -> list[_Made]:
        """The files of a kind, from these entries; those of several entries only if all are meant, sources always."""
        wanted, chosen = set(ids), _FILES_TO_SIGN if kind == "all" else (kind,)
        return [
            made
            for made in self.made
            if made.kind in chosen and (not wanted or made.kind == "source" or made.ids <= wanted)
        ]

    def _place_of(self, key: str) -> Place:
        """Where a key stands; else the step."""
        return self.root.keys[key].place if key in self.root.keys else self.effects.place


class _At(Effects):
    """One entry of the configuration, at whose place acts are written down."""

    def __init__(self, release: Release, entry: Node | Place, text: str) -> None:
        effects = release.effects
        place = entry.place if isinstance(entry, (Mapping, Sequence, Scalar)) else entry
        super().__init__(effects.moment, place, text)
        conditions = release.conditions(entry) if isinstance(entry, Mapping) else frozenset()
        self.guard = msgspec.structs.replace(effects.guard, conditions=effects.guard.conditions | conditions)


def _is_of_go(build: Mapping) -> bool:
    """Whether a build is GoReleaser's own of a Go program, by the `go` of the machine."""
    return build.text("builder") in {None, "go"} and not {"tool", "gobinary", "command"} & build.values.keys()


def _flags_of(build: Mapping) -> Iterator[str]:
    """What a build tells the linker."""
    said = build.get("ldflags")
    yield from [said.text] if isinstance(said, Scalar) else texts(said)


_IS_NOW = regex(r"\{\{-?\s*\.(?:Date|Timestamp|Now\b)")
"""A template that gives the time at which GoReleaser runs; `.CommitDate` is that of the commit."""


def _of_parts(recipes: list[Recipe | None]) -> Recipe | None:
    """How the parts of a manifest are built, with the labels and arguments of all; None where they differ in more."""
    told = [dict(each.inputs) for each in recipes if each is not None]
    if not told or len(told) < len(recipes) or recipes[0] is None:
        return None
    if any(each | dict.fromkeys(_OF_A_PART, ()) != told[0] | dict.fromkeys(_OF_A_PART, ()) for each in told):
        return None
    together = {name: value(*chain.from_iterable(dict.fromkeys(each[name] for each in told))) for name in _OF_A_PART}
    return replace(recipes[0], inputs=tuple((told[0] | together).items()))


def _lines(of: list[Value]) -> Value:
    return value(*(part for each in of for part in (*each, "\n")))


def _merged(entry: Mapping) -> Mapping:
    """An entry with what it takes over from another one (`<<: *other`)."""
    other = entry.get("<<")
    if not isinstance(other, Mapping):
        return entry
    return Mapping(entry.place, {**other.values, **entry.values}, {**other.keys, **entry.keys})


def _formats(entry: Mapping) -> list[str]:
    """The endings that an archive has on one platform or another."""
    own = texts(entry.get("formats")) or texts(entry.get("format")) or ("tar.gz",)
    overrides = entry.get("format_overrides")
    more = [
        each
        for override in (overrides.items if isinstance(overrides, Sequence) else [])
        if isinstance(override, Mapping)
        for each in texts(override.get("formats")) or texts(override.get("format"))
    ]
    return [each for each in dict.fromkeys([*own, *more]) if each != "none"]


def _pieces(files: Iterable[Files]) -> tuple[Piece, ...]:
    return tuple(dict.fromkeys(piece for each in files for piece in each.pieces))


def _as_word(template: re.Match[str]) -> str:
    """A template of a command as one word: it is filled in before the words are told apart."""
    return re.sub(r"\s", "", template[0])


def _globbed(template: str) -> str:
    """A name with `*` for what a template or a variable stands for."""
    return re.sub(r"\$\{?\w+\}?", "*", _TEMPLATE.sub("*", template))


def _plain(words: tuple[Value, ...]) -> str:
    return " ".join(display(word) for word in words[:3])
