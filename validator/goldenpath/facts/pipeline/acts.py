"""What a release run does to its artifacts, each act with its place and with what guards it.

Artifacts are known by symbols, not by name: two acts are about the same image when they carry the same digest symbol,
about the same files when the files have the same origin.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, is_somewhere, literal, partition, replaced, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.carriers import Carrier
    from goldenpath.facts.workflows import Uses
    from goldenpath.repository import Place

Kind = Literal[
    "built",
    "signed",
    "described",
    "attested",
    "verified",
    "tested",
    "scanned",
    "stored",
    "shipped",
    "installed",
    "unseen",
]

PROOFS = frozenset({"signed", "attested", "verified", "scanned", "tested"})
"""What nothing may be released without."""

EARLIER_RELEASE = "an earlier release"
"""Where files come from that a job takes out of a release which is there."""

ENVIRONMENT = "environment"
"""The kind of symbols for an environment that has what the sources need, and perhaps what is built of them."""

NO_DIGEST = frozenset({"github", "gitlab", "tags", "matrix", "digest", "runner", "template"})
"""Kinds of symbols of which we know that no `@digest` hides in them."""


class Guard(Struct, frozen=True):
    """When an act happens, and what its failure means.

    `called` is where this repository uses what stands in another one, for an act that stands there. `conditions` are
    the undecided ones of its step and its script, `job_conditions` those of its job. `fatal` says that
    its failure fails the job, `forgiven` that it fails its step, which the job forgives, and `job_fatal` that the job's
    failure fails the run. `despite_failure` says that it happens
    although something before it in the job has failed; `relies_on` are the steps that must have succeeded all the same.
    `behind` are the places of the commands of its script that must have succeeded for it to happen (`a && b`), and
    `skipped_by` one of them that may fail without failing the job.
    `commit` is what has been checked out by then, empty for the commit of the run itself (`is_left`: nothing has).
    `in_leg` are those of the conditions that hold, all at once, in some leg of the job's matrix, for which waits
    whoever waits for the job; `fatal_in_leg` says that it fails the run at least in some leg, however the others are
    forgiven. `aside` is the step in the background in which it happens, empty for none.
    """

    job: str
    order: int
    step: str = ""
    conditions: frozenset[str] = frozenset()
    job_conditions: frozenset[str] = frozenset()
    fatal: bool = True
    forgiven: bool = False
    job_fatal: bool = True
    despite_failure: bool = False
    relies_on: frozenset[str] = frozenset()
    behind: frozenset[Place] = frozenset()
    skipped_by: str = ""
    commit: Value = ()
    called: Uses | None = None
    in_leg: frozenset[str] = frozenset()
    fatal_in_leg: bool = False
    aside: str = ""

    @property
    def all_conditions(self) -> frozenset[str]:
        """Everything undecided that must hold for the act to happen."""
        return self.conditions | self.job_conditions


class Image(Struct, frozen=True):
    """An image by reference: `digest` is empty when it is named by tag, or by nothing."""

    name: Value
    tag: Value = ()
    digest: Value = ()

    @property
    def might_have_digest(self) -> bool:
        """Whether a part that only a run knows could hold the digest, which nothing but digits may follow."""
        parts = (*self.name, ":", *self.tag) if self.tag else self.name
        digits = takewhile(lambda part: isinstance(part, Symbol) or _DIGITS.fullmatch(part), reversed(parts))
        return not self.digest and any(isinstance(part, Symbol) and _may_hide_digest(part) for part in digits)


_WITHIN = regex(r"<([\w-]+) ")
_SAYS_NO_DIGEST = regex(r"(git|date|uname|whoami) ")
_SHORT = regex(
    r"github\.event\.(workflow_run|pull_request(\.head|\.base)?|head_commit|release|issue|deployment|check_suite)"
    r"\.(sha|head_sha|merge_commit_sha|id|number|run_number)"
    r"|github\.event\.(repository|organization)\.(name|full_name|login|owner\.(name|login)|default_branch)"
)
"""Commits, numbers and names that GitHub says of an event, which are no digest and hold none."""
_DIGITS = regex(r"[0-9a-f]*")


def is_left(commit: Value) -> bool:
    """Whether a job that was told to fetch nothing takes its folder as it finds it."""
    return any(isinstance(part, Symbol) and part.kind == "left" for part in commit)


def _may_hide_digest(symbol: Symbol) -> bool:
    """Whether a reference with a digest could be in a symbol, or in what the shell has worked it out from."""
    if symbol.kind in NO_DIGEST or (symbol.kind == "command" and _SAYS_NO_DIGEST.match(symbol.name)):
        return False
    if _SHORT.fullmatch(symbol.name):
        return False
    within = _WITHIN.findall(symbol.name) if symbol.kind in {"shell", "lower", "upper"} else []
    return not within or "@" in symbol.name or any(kind not in NO_DIGEST for kind in within)


_ACCOMPANYING = regex(
    r".*\.(sig|pem|crt|asc|bundle|sigstore(\.json)?|att|intoto\.jsonl|sha\d+|md5|md|txt|pub)|.*checksums?[^/]*"
    r"|(.*[/_-])?(report|results|coverage|sbom)s?\.(json|xml|sarif|html|csv)\.(zip|gz)"
)
"""Files that a release carries besides the artifact: signatures, digests, notes, reports that are packed."""


def is_accompanying(path: Value) -> bool:
    """Whether files are called by what a release carries besides the artifact, whatever a run calls that."""
    text = literal(path)
    if text is None and path and isinstance(path[-1], str):
        text = f"_{path[-1]}"
    return text is not None and _ACCOMPANYING.fullmatch(text.lower()) is not None


class Content(Struct, frozen=True):
    """What a file or folder holds, by where it came from.

    `of` is what an SBOM describes, what is listed in an index of digests or named by a reference, or what was
    installed, packed or saved: an image in an archive. `found` stands for files of which nobody has seen how they came
    to be, `foreign` for what another run has stored, `derived` for what a program has made of an SBOM, `report` for
    what a scanner has found in `of`, or tests have said, `plain` for what is published beside what is built, and made
    of nothing but sources: it is signed like all else, and needs no SBOM; `signature` for one of `of`, `proofs` for an
    archive of nothing but SBOMs and signatures; what that `holds`, and one that is `plain`. `opaque` says that it tells
    nobody what it is made of, or of a report that it is but a part of one, `kinds` are patterns of all the files that a
    folder then holds, where that is known. `text` is what stands in a file by which a shell sets variables to digests.
    """

    kind: Literal[
        "built",
        "sbom",
        "derived",
        "installed",
        "metadata",
        "reference",
        "image-id",
        "index",
        "found",
        "foreign",
        "plain",
        "report",
        "key",
        "signature",
        "proofs",
        "other",
    ]
    origin: str
    of: Target | None = None
    digest: Symbol | None = None
    opaque: bool = False
    kinds: tuple[str, ...] = ()
    text: Value = ()
    holds: tuple[Content, ...] = ()


Piece: TypeAlias = tuple[Content, Value]
"""A content and the part of it that is meant: empty for all of it, else a path or pattern below it.

What is of one leg of a matrix begins by a symbol that says so, where the content stands for what each of them has made.
"""

OF_LEG = "leg"
"""The kind of symbol by which such a part begins."""


_SAID_IN_A_RUN = frozenset({"command", "line", "item", "array"})


def _is_said_in_a_run(symbol: Symbol) -> bool:
    """Whether only a run knows what stands there, as it is of a part of each name that a pattern fits."""
    return symbol.kind in _SAID_IN_A_RUN or (symbol.kind == "shell" and symbol.name.startswith("<glob "))


class Files(Struct, frozen=True):
    """Files by path or pattern, with the contents that stand there.

    `scattered` are the writes, each by where it was, that may have put something over them or among them by then.
    `own` says of what is shipped that it is text of the repository, as it stands there.
    """

    pattern: Value
    pieces: tuple[Piece, ...] = ()
    scattered: frozenset[str] = frozenset()
    own: bool = False

    @property
    def accompanies(self) -> bool:
        """Whether they only go with an artifact: an SBOM, signatures, digests, notes."""
        kinds = {content.kind for content, _ in self.pieces}
        others = kinds - {"sbom", "signature"} if "found" in kinds else kinds
        if not kinds or others - {"found", "foreign"}:
            return kinds.isdisjoint({"built", "plain"})
        return is_accompanying(self.pattern)

    @property
    def is_environment(self) -> bool:
        """Whether it is an environment of which only a run knows whether what is built is in it."""
        return any(isinstance(part, Symbol) and part.kind == ENVIRONMENT for part in self.pattern)

    @property
    def named_in_a_run(self) -> bool:
        """Whether a command, a line or an item of what one has printed, or a pattern, says which files, or where."""
        seen = any(content.kind != "found" for content, _ in self.pieces)
        told = (isinstance(part, Symbol) and _is_said_in_a_run(part) for part in self.pattern)
        return not seen and (is_somewhere(self.pattern) or any(told))

    def covers(self, other: Files) -> bool:
        """Whether every file that the other means is meant here too."""
        return bool(other.pieces) and all(map(self._covers, other.pieces))

    def _covers(self, theirs: Piece) -> bool:
        """Whether all of a part of a content is meant, at once or kind by kind."""
        content, part = theirs
        kinds = [] if of_leg(part)[1] else [(content, value(part, "/" if part else "", kind)) for kind in content.kinds]
        return any(_includes(mine, theirs) for mine in self.pieces) or (
            bool(kinds) and all(any(_includes(mine, kind) for mine in self.pieces) for kind in kinds)
        )

    def parts_of(self, other: Files) -> bool:
        """Whether some of the other files are meant by patterns, of which nobody knows that they leave out any."""
        unlisted = {content for content, part in other.pieces if not (of_leg(part)[1] or content.kinds)}
        return any(content in unlisted and "*" in (literal(of_leg(part)[1]) or "") for content, part in self.pieces)


Target: TypeAlias = Image | Files


class Recipe(Struct, frozen=True):
    """How something is built or installed: a command's words, or an action with its inputs, and where.

    `epoch` is what SOURCE_DATE_EPOCH says there, by which builds are dated; `by` is where the program is started that
    builds what a file of its own tells it to.
    """

    words: tuple[Value, ...]
    inputs: tuple[tuple[str, Value], ...] = ()
    folder: Value = ()
    epoch: Value = ()
    by: Place | None = None

    @property
    def tool(self) -> str:
        """The command's first words, as far as they are known, or the action."""
        return " ".join(literal(word) or "?" for word in self.words[:4])

    def input(self, name: str) -> Value:
        """An input of the action."""
        return next((given for key, given in self.inputs if key == name), ())

    def where(self, meanings: dict[Symbol, Value]) -> Recipe:
        """The same where symbols have a meaning."""
        inputs = tuple((name, replaced(given, meanings)) for name, given in self.inputs)
        words = tuple(replaced(word, meanings) for word in self.words)
        return replace(self, words=words, inputs=inputs, folder=replaced(self.folder, meanings))


class Claim(Struct, frozen=True):
    """Where a signature must come from: how the address of the repository, or of a workflow in it, has to begin.

    The workflow that signs (`signer`) may stand in another repository than the sources, if a job uses it there.
    """

    start: str
    signer: bool


class Act(Struct, frozen=True):
    """One thing that happens in a run.

    `targets` are what it is done to; `of` is what the SBOM describes (described, attested); `digest` is the symbol of
    an image built here, `recipe` how (built, installed; of what is scanned, where that is no image of a registry);
    `carried` is what has brought the digest here. `namespace` is where in a cluster something is deployed, empty where
    none is named and None where it goes elsewhere. `caller` is where a step calls the script that it stands in, or the
    target. `problem` says why it cannot work as it stands, or what is unseen, `unsure` why that cannot be told; `may`
    what an unseen act could do, and `said_by` the repository, at its ref, that would tell. `own` says that what is
    shipped stands in the repository as it is, as charts do, `bare` that a release has nothing beside the sources, and
    `for_trial` that nobody takes it for a release. `folder` is where tests are, or a package that is shipped, as far as
    that is told. `astray` says of an attestation that its registry keeps it with another image, `in_store` that no
    registry has it, `asks_store` of a verification that it needs no registry, and `claims` what it asks for. `into` are
    the files that get a signature, `left` what stands for them among the artifacts of the run. `release_of` is the
    repository that is named for a release, where one is. What is stored is kept `for_good` where it says so, `without`
    the files that are left out of it by patterns.
    `platforms` are those at which a scan looks alone, where it is told.
    """

    kind: Kind
    place: Place
    text: str
    guard: Guard
    targets: tuple[Target, ...] = ()
    of: Target | None = None
    digest: Symbol | None = None
    recipe: Recipe | None = None
    namespace: Value | None = None
    carried: tuple[Carrier, ...] = ()
    caller: Place | None = None
    problem: str | None = None
    unsure: str | None = None
    may: frozenset[str] = frozenset()
    said_by: str = ""
    own: bool = False
    bare: bool = False
    for_trial: bool = False
    folder: Value | None = None
    astray: str = ""
    asks_store: bool = False
    in_store: bool = False
    claims: tuple[Claim, ...] = ()
    into: tuple[Value, ...] = ()
    left: Content | None = None
    release_of: Value = ()
    for_good: bool = False
    without: tuple[Value, ...] = ()
    platforms: frozenset[str] = frozenset()

    @property
    def tests_a_leg(self) -> bool:
        """Whether each leg of a matrix tests a folder of its own, so that none stands for another one."""
        return any(isinstance(part, Symbol) and part.kind == "matrix" for part in self.folder or ())


class Use(Struct, frozen=True):
    """What something in a job is there to do with the token that every job has.

    `writes` are the scopes that it writes to. Of what is not followed (`unseen` says why) they are those in its reach,
    `*` for all of them; `said_by` is the repository, at its ref, that would tell.
    """

    job: str
    place: Place
    text: str
    writes: frozenset[str]
    unseen: str = ""
    said_by: str = ""


class Exposure(Struct, frozen=True):
    """A place where what outsiders write meets a job: they choose its files or what it runs, or secrets leave it.

    `what` names it; `unsure` says that only a run will know whether outsiders choose it.
    """

    kind: Literal["files", "artifact", "script", "environment", "secrets", "credentials", "written", "proposal"]
    place: Place
    what: str
    guard: Guard
    unsure: bool = False


_PACKED = regex(r".*\.(whl|gem|crate|nupkg)")
_ARCHIVE = regex(r".*\.(tar|tgz|tar\.\w+|zip|7z)")


def is_opaque(piece: Piece) -> bool:
    """Whether no program that lists what is in files finds anything here: a package as it was packed, say."""
    content, part = piece
    return content.opaque or _PACKED.fullmatch(literal(of_leg(part)[1]) or "") is not None


def is_archive(path: Value) -> bool:
    """Whether a path is that of an archive, by its name."""
    return _ARCHIVE.fullmatch(literal(path) or "") is not None


def image(reference: Value) -> Image:
    """Read an image reference: `name[:tag][@digest]`."""
    reference = _without_scheme(reference)
    digest: Value = ()
    split = partition(reference, "@")
    if split:
        reference, digest = split
    name, tag = reference, value()
    split = partition(reference, ":", last=True)
    if split and not any(isinstance(part, str) and "/" in part for part in split[1]):
        name, tag = split
    return Image(name, tag, digest)


def _without_scheme(reference: Value) -> Value:
    for scheme in ("docker://", "registry://", "registry:", "image://", "local://", "docker:", "oci://"):
        if reference and isinstance(reference[0], str) and reference[0].startswith(scheme):
            return value(reference[0].removeprefix(scheme), *reference[1:])
    return reference


def same_name(one: Value, other: Value) -> bool | None:
    """Whether two image names are the same; None when it cannot be told."""
    mine, theirs = folded(one), folded(other)
    if mine == theirs:
        return True
    if mine[:1] == theirs[:1]:  # behind the same beginning two texts tell them apart
        mine, theirs = mine[1:], theirs[1:]
    known, other_known = literal(mine), literal(theirs)
    if _is_on_gitlab(one) is not _is_on_gitlab(other) and _is_of_another_registry(known or other_known):
        return False
    return None if known is None or other_known is None else False


_OTHER_REGISTRIES = frozenset({"ghcr.io", "quay.io", "gcr.io", "public.ecr.aws", "mcr.microsoft.com"})


def _is_on_gitlab(name: Value) -> bool:
    """Whether an image is in the registry of a GitLab, as its own variables name it."""
    return is_of_registry(name[0] if name else "")


def is_of_registry(part: str | Symbol) -> bool:
    """Whether a part of a name is a variable that names the registry of a GitLab, or an image in it."""
    return isinstance(part, Symbol) and part.kind == "gitlab" and part.name.startswith("CI_REGISTRY")


def _is_of_another_registry(name: str | None) -> bool:
    """Whether a name is one of Docker Hub, for want of a registry, or of another one that is no GitLab's."""
    host, slash, _ = (name or "").partition("/")
    return bool(slash) and (host in _OTHER_REGISTRIES or not {".", ":"} & {*host})


@lru_cache(maxsize=1_000)
def folded(name: Value) -> Value:
    """An image name as registries compare it: in lower case, and without the registry that goes without saying."""
    parts = [part.lower() if isinstance(part, str) else _lower(part) for part in name]
    if parts and isinstance(parts[0], str):
        for implied in ("index.docker.io/", "docker.io/", "library/"):
            parts[0] = parts[0].removeprefix(implied)
    return value(*parts)


def _lower(symbol: Symbol) -> Symbol:
    return symbol if symbol.kind == "lower" else Symbol("lower", f"<{symbol.kind} {symbol.name}>")


def _includes(mine: Piece, theirs: Piece) -> bool:
    """Whether a part of a content includes another."""
    if mine[0] != theirs[0]:
        return False
    (leg, own), (other, wanted) = of_leg(mine[1]), of_leg(theirs[1])
    if leg and leg != other:
        return False
    if not own or own == wanted:
        return True
    pattern, path = literal(own), literal(wanted)
    if not pattern or not path:
        return False
    return path.startswith(f"{pattern}/") or ("*" not in path and fnmatchcase(path, pattern))


def of_leg(part: Value) -> tuple[str, Value]:
    """The leg that a part is of, empty for each of them, and the part of what that has made."""
    first = part[0] if part else ""
    if not isinstance(first, Symbol) or first.kind != OF_LEG:
        return "", part
    return first.name, value(
        *(each.removeprefix("/") if isinstance(each, str) else each for each in part[1:2]), *part[2:]
    )


def reference_of(of: Target | None) -> Value:
    """An image as it is named by its digest, or by its tag where that is all that is known of it."""
    if not isinstance(of, Image):
        return ()
    by = (":", of.tag) if of.tag and not of.digest else ("@", of.digest)
    return value(of.name, *by) if of.name else value(*by)
