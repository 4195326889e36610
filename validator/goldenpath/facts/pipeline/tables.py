"""The two tables of what well-known actions and commands do: actions.yaml and commands.yaml."""

# Without `from __future__ import annotations`: where they are texts, msgspec compiles each of them to read a table.

import re
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec
from msgspec import Struct, field

from goldenpath.facts.pipeline.scanners import Audit, Lister, Scan
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table

if TYPE_CHECKING:
    from goldenpath.facts.workflows import Uses


Power = Literal["build", "sign", "describe", "ship", "verify", "scan", "test"]


class Builds(Struct, frozen=True, forbid_unknown_fields=True):
    """Names of inputs and of the output of an action that builds an image; `outputs` are all that it has.

    `context` is the input without which it builds from the commit of the run, whatever has been checked out.
    """

    names: str
    digest: str = ""
    outputs: str = ""
    pushes: str = ""
    keeps: str = ""
    exports: str = ""
    sbom: str = ""
    attests: str = ""
    image: str = ""
    registry: str = ""
    context: str = ""


class Makes(Struct, frozen=True, forbid_unknown_fields=True):
    """Where an action builds files: the input `folder`, or the option `out` in the input `arguments`, else `default`.

    `kinds` are patterns of all that it makes. `says` is the output that names the folder; `stored_as`, with what the
    input `suffix` adds, the artifact by which it hands the files over.
    """

    default: str
    folder: str = ""
    arguments: str = ""
    out: str = ""
    kinds: tuple[str, ...] = ()
    says: str = ""
    stored_as: str = ""
    suffix: str = ""


class Subject(Struct, frozen=True, forbid_unknown_fields=True):
    """Names of inputs that say what is signed, described or shipped; `says` is the output with the signature's file.

    What is released has nothing beside the sources if it is `bare`. Charts that have to be `listed` are none where no
    job has done so: this one, or one that it needs, too.
    """

    digest: str = ""
    name: str = ""
    reference: str = ""
    by_digest_alone: bool = False
    image: str = ""
    images: str = ""
    manifests: str = ""
    files: str = ""
    file: str = ""
    checksums: str = ""
    folder: str = ""
    default_folder: str = ""
    writes: str = ""
    beside: str = ""
    publishes: str = ""
    publishes_since: str = ""
    stored_by: str = ""
    runs: str = ""
    config: str = ""
    parts: str = ""
    draft: str = ""
    bare: bool = False
    charts: bool = False
    listed: Literal["", "here", "before"] = ""
    to_cluster: bool = False
    namespace: str = ""
    says: str = ""
    unless: tuple[str, ...] = ()
    unless_off: str = ""
    predicate_type: str = ""
    only_when: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Handover(Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the inputs with which files are handed to other jobs, or come from `elsewhere`: another run."""

    name: str
    path: str
    default_name: str = ""
    elsewhere: bool = False


class Accepts(Struct, frozen=True, forbid_unknown_fields=True):
    """What an action approves or merges: the change of the run, or what an input names by its `number`."""

    number: str = ""
    auto: bool = False
    asks: str = ""


class Runs(Struct, frozen=True, forbid_unknown_fields=True):
    """The command that an action is: the inputs with its arguments, its options, and the folder where it runs."""

    command: str
    arguments: str = ""
    options: dict[str, str] = {}
    folder: str = ""


class Called(Struct, frozen=True, forbid_unknown_fields=True):
    """What a reusable workflow builds and signs by itself, or signs of what it is handed.

    Names of inputs: of an image its `names`, `pushes` and `sbom`, and the output with its `digest`; the `list` of the
    digests of files; `keeps` what turns the signature off, `tolerates` what lets it fail. `hands_over` is the output
    that names the artifact with the files, `by_tag` says that it works by a tag only. `proof` is the input, and the
    output, that names the artifact with the provenance, where the input `uploads` does not put it into the release.
    `by_dockerfile` says that the image is built as docker/build-push-action builds one, with inputs of the same names.
    `scans` is the input that lets a scan of the dependencies fail the job, `asked` the program that scans, and behind
    `=` the input with its words.
    """

    names: str = ""
    pushes: str = ""
    sbom: str = ""
    digest: str = ""
    list: str = ""
    files: bool = False
    ships: str = ""
    draft: str = ""
    hands_over: str = ""
    keeps: str = ""
    tolerates: str = ""
    by_tag: bool = False
    proof: str = ""
    uploads: str = ""
    by_dockerfile: bool = False
    scans: str = ""
    asked: str = ""


class ActionKnowledge(Struct, frozen=True, forbid_unknown_fields=True):
    """One row of actions.yaml; `within` are the inputs that let its `scripts` run in another folder.

    `command` and `verifies` are a program and the inputs with its words, each perhaps behind the option that it is the
    value of (`--key key`), or before its default (`path=.`); it verifies what it signs if `verifies_if` is on.
    """

    builds: Builds | None = None
    makes: Makes | None = None
    runs: Runs | None = None
    names: str = ""
    signs: Subject | None = None
    signs_since: str = ""
    asked_since: str = ""
    branches: tuple[str, ...] = ()
    attests: Subject | None = None
    tokens: tuple[str, ...] = ()
    describes: Subject | None = None
    renders: Subject | None = None
    ships: Subject | None = None
    packs: bool = False
    packs_if: str = ""
    uploads: bool = False
    by_rake: bool = False
    perhaps_signs: str = ""
    stores: Handover | None = None
    restores: Handover | None = None
    caches: str = ""
    scripts: tuple[str, ...] = ()
    by: str = ""
    within: tuple[str, ...] = ()
    by_input: str = ""
    command: tuple[str, ...] = ()
    verifies: tuple[str, ...] = ()
    verifies_if: str = ""
    by_line: bool = False
    tests: tuple[str, ...] | None = None
    tolerates: str = ""
    exports: dict[str, str] = field(default_factory=dict)
    repeats: dict[str, str] = field(default_factory=dict)
    registry: str = ""
    installs: str = ""
    called_by: str = ""
    called: Called | None = None
    logs_in: bool = False
    checks_out: str = ""
    forgets_token: bool = False
    shows: str = ""
    accepts: Accepts | None = None
    starts_cluster: bool = False
    scans: Scan | None = None
    script: str = ""
    untrusted: tuple[str, ...] = ()
    writes: frozenset[str] = frozenset()
    by_git: bool = False
    writes_if: dict[str, str] = field(default_factory=dict)
    writes_unless: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    writes_on: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unseen: str = ""
    unless: dict[str, tuple[str, ...]] = field(default_factory=dict)
    may: tuple[Power, ...] = ()


class TestSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The files by which a program may be told to run no tests, or not to mind that they fail, and what says so.

    Some are heeded with one of the words in `content` only.
    """

    files: str
    pattern: str
    content: str = ""


class TestFilter(Struct, frozen=True, forbid_unknown_fields=True):
    """How a program is told to run some tests alone, where it is content with none (with one of some other words).

    `by` are the options that do, `WORD` for any word that none of the options in `takes` does; `files` says in which
    files of the repository the names of tests stand. `within` tells that what is given are folders with such files:
    `all` for those below, too, `packages` for packages of Go, where `./...` means those below.
    """

    by: str
    files: str
    takes: str = ""
    within: Literal["", "all", "packages"] = ""
    content: str = ""


class TestFiles(Struct, frozen=True, forbid_unknown_fields=True):
    """In which files a program finds tests that is content with none, and `among` which others they stand.

    `content` are the words of which it needs one for that, `tags` the options with the build tags of files of Go. Where
    tests stand in any of the others, `says` is what tells of them there.
    """

    files: str
    among: str
    content: str = ""
    tags: str = ""
    says: str = ""


class CommandKnowledge(Struct, frozen=True, forbid_unknown_fields=True):
    """One row of commands.yaml; several options or words stand side by side in one text."""

    does: Literal[
        "sign", "sign-files", "attest", "attest-files", "attach", "describe", "describe-folder", "describe-and-attest",
        "build", "build-files", "pack", "tag", "push", "push-digest", "read-digest", "read-behind", "look-up", "move",
        "ship", "release", "edit", "edit-release", "pack-and-ship", "verify", "nothing", "unseen", "wrap", "install",
        "list-digests", "copy-files", "move-files", "remove-files", "change-files", "write-files", "transfer",
        "start-cluster", "push-git", "log-in", "index", "pull", "run-image", "run-inside", "check-out", "run-tool",
        "install-programs", "point-elsewhere", "request", "hand-over", "may-ship", "start", "deploy-by-fly",
        "use-context", "save", "export", "download", "take-away", "change-sources", "patch", "wait-for", "wait-for-job",
        "convert", "compress", "decompress", "ask-findings", "ask-for-checks", "exchange", "fetch",
        "take-from-release", "index-charts",
    ]  # fmt: skip
    why: str = ""
    tool: str = ""
    takes: str = ""
    leaves_out: str = ""
    lister: Lister | None = None
    parts: str = ""
    flags: str = ""
    key: str = ""
    keyless: bool = True
    no_signature: str = ""
    predicate: str = ""
    kind: str = ""
    output: str = ""
    beside: str = ""
    file: str = ""
    formats: str = ""
    only: str = ""
    when: str = ""
    tags: str = ""
    push: str = ""
    keeps: str = ""
    named: int | None = None
    refers: str = ""
    metadata: str = ""
    reports: str = ""
    archive: str = ""
    wrong: str = ""
    sbom: str = ""
    attests: str = ""
    out: str = ""
    folder: str = ""
    opaque: bool = False
    kinds: dict[str, str] = {}
    source: int = 1
    whole: bool = False
    alters: str = ""
    complete: str = ""
    behind: bool = False
    versioned: bool = False
    language: str = ""
    to_file_without: bool = False
    files: int | None = None
    image: str = ""
    manifests: str = ""
    into: str = ""
    to_cluster: bool = False
    namespace: str = ""
    harmless: str = ""
    depth: int = 1
    writes: frozenset[str] = frozenset()
    identity: str = ""
    sources: str = ""
    issuer: str = ""
    scans: Scan | None = None
    audits: Audit | None = None
    tests: frozenset[str] | None = None
    skips: frozenset[str] = frozenset()
    told_by: tuple[str, ...] = ()
    settings: tuple[TestSettings, ...] = ()
    filters: tuple[TestFilter, ...] = ()
    finds: TestFiles | None = None
    may: tuple[Power, ...] = ()

    @property
    def releases_nothing(self) -> bool:
        """Whether it does none of these acts, whatever it makes of sources."""
        return self.does in {"nothing", "edit"}

    @property
    def is_told(self) -> bool:
        """Whether its words tell what it does, or files that are read wherever it runs: in builds of images, too."""
        return self.does != "unseen" and self.tool != "gradle"


STARTED_ELSEWHERE = "it starts a pipeline elsewhere, which is not followed"
"""What is said of a command that does; whatever it is called, that may be the release."""

COPIES_SOURCES = "whether anybody takes this copy of the sources for a release is not said"
"""What is said of a schedule that lays nothing else into a bucket, always by the same name."""

WORKS_ELSEWHERE = "what is started by it runs elsewhere"
"""What is said of what may start a release, or another pipeline."""

RUNS_ELSEWHERE = frozenset({STARTED_ELSEWHERE, WORKS_ELSEWHERE})
"""What is said of commands whose work is done by another run, with rights of its own."""

WAITS_FOR_CHECKS = "what the checks do for which it waits is not followed"
"""What is said of actions that only read how the checks of a commit have ended, with whatever rights."""

NOTHING = CommandKnowledge("nothing")


class _Actions(Struct, frozen=True, forbid_unknown_fields=True):
    actions: dict[str, ActionKnowledge]
    writes: dict[str, str]
    shows: dict[str, str]
    accepts: dict[str, Accepts]
    interfaces: dict[str, str]
    addresses: dict[str, str]
    harmless: str
    harmless_names: str


class _Commands(Struct, frozen=True, forbid_unknown_fields=True):
    commands: dict[str, CommandKnowledge]
    options: dict[str, str]
    unseen: dict[str, tuple[str, ...]]
    writes: dict[str, str]
    tests: dict[str, str]
    skips: str
    lone: str
    skips_of: dict[str, str]
    told_by: dict[str, str]
    filters_of: dict[str, tuple[TestFilter, ...]]
    found_in: dict[str, TestFiles]
    settings_of: dict[str, tuple[TestSettings, ...]]
    audits_of: dict[str, Audit]
    outputs: str
    output_folders: str
    no_outputs: str
    harmless: str
    harmless_commands: str
    harmless_verbs: str
    idle: str
    rehearsals: str
    releases: str
    bases: str
    deliveries: str
    homes: dict[str, str]
    distributions: str
    registries: str
    packers: str
    installers: str


def _rows(lines: str) -> list[str]:
    return [line for line in lines.split("\n") if line]


class _Uses(Struct, frozen=True):
    rows: dict[str, ActionKnowledge]
    harmless: re.Pattern[str]
    interfaces: dict[str, frozenset[str]]
    addresses: dict[str, frozenset[str]]


@cache
def _actions() -> _Uses:
    table = read_table("actions", _Actions)
    rows = table.actions | dict.fromkeys(_rows(table.harmless), ActionKnowledge())
    rows = {name.lower(): row for name, row in rows.items()}
    for name, scopes in _scopes({scope: names.lower() for scope, names in table.writes.items()}).items():
        rows[name] = msgspec.structs.replace(rows.get(name, ActionKnowledge()), writes=scopes)
    for name, folder in table.shows.items():
        rows[name.lower()] = msgspec.structs.replace(rows.get(name.lower(), ActionKnowledge()), shows=folder)
    for name, accepts in table.accepts.items():
        rows[name.lower()] = msgspec.structs.replace(rows.get(name.lower(), ActionKnowledge()), accepts=accepts)
    return _Uses(
        rows,
        regex(table.harmless_names, re.IGNORECASE),
        {name: frozenset(scopes.split()) for name, scopes in table.interfaces.items()},
        {name: frozenset(scopes.split()) for name, scopes in table.addresses.items()},
    )


def _scopes(writes: dict[str, str]) -> dict[str, frozenset[str]]:
    """The scopes of each name, from the names of each scope."""
    found: dict[str, set[str]] = {}
    for scope, names in writes.items():
        for name in _rows(names):
            found.setdefault(name, set()).add(scope)
    return {name: frozenset(scopes) for name, scopes in found.items()}


class _Programs(Struct, frozen=True):
    rows: dict[str, CommandKnowledge]
    beginnings: frozenset[str]
    verbs: frozenset[str]
    homes: dict[str, str]
    installers: re.Pattern[str]
    skips: frozenset[str]
    lone: frozenset[str]
    idle: frozenset[str]
    rehearsals: frozenset[str]
    releases: frozenset[str]
    deliveries: frozenset[str]
    bases: frozenset[str]
    distributions: frozenset[str]
    registries: frozenset[str]
    packers: frozenset[str]


Row = TypeVar("Row")


def _each_named(rows: dict[str, Row]) -> dict[str, Row]:
    """Rows of which each stands for several names (`a | b`), one by one."""
    return {name: row for names, row in rows.items() for name in names.split(" | ")}


@cache
def _commands() -> _Programs:
    table = read_table("commands", _Commands)
    both = f"{table.outputs} {table.output_folders}"
    writing = CommandKnowledge("nothing", takes=both, out=table.outputs, folder=table.output_folders)
    rows = dict.fromkeys((*table.harmless.split(), *_rows(table.harmless_commands)), writing)
    rows |= dict.fromkeys(table.no_outputs.split(), NOTHING)
    for why, names in table.unseen.items():
        rows |= dict.fromkeys(names, CommandKnowledge("unseen", why=why))
    rows |= table.commands
    for name, row in table.commands.items():
        takes = row.takes.split()
        if not table.options.keys().isdisjoint(takes):
            rows[name] = msgspec.structs.replace(row, takes=" ".join(table.options.get(each, each) for each in takes))
    aliases = {name: row for names, row in rows.items() for name in names.split(" | ")}
    for name, scopes in _scopes(table.writes).items():
        aliases[name] = msgspec.structs.replace(_nearest(aliases, name), writes=scopes)
    skips, told_by = _each_named(table.skips_of), _each_named(table.told_by)
    settings, filters = _each_named(table.settings_of), _each_named(table.filters_of)
    found_in = _each_named(table.found_in)
    for testers, goals in table.tests.items():
        for name in testers.split(" | "):
            skipping = frozenset(f"{table.skips} {skips.get(name, '')}".split())
            row = _nearest(aliases, name)
            if name not in aliases and row.does in {"unseen", "may-ship"}:
                row = NOTHING  # what else its program could do says nothing of what runs tests
            aliases[name] = msgspec.structs.replace(
                row,
                tests=frozenset(goals.split()),
                skips=skipping,
                told_by=tuple(told_by.get(name, "").split()),
                settings=settings.get(name, ()),
                filters=filters.get(name, ()),
                finds=found_in.get(name),
            )
    for name, audits in _each_named(table.audits_of).items():
        aliases[name] = msgspec.structs.replace(_nearest(aliases, name), audits=audits)
    begun = (name.split(" ") for name in aliases if " " in name)
    return _Programs(
        aliases,
        frozenset(aliases).union(" ".join(words[:length]) for words in begun for length in range(1, len(words))),
        frozenset(table.harmless_verbs.split()),
        table.homes,
        regex(table.installers),
        *(
            frozenset(words.split())
            for words in (
                table.skips,
                table.lone,
                table.idle,
                table.rehearsals,
                table.releases,
                table.deliveries,
                table.bases,
                table.distributions,
                table.registries,
                table.packers,
            )
        ),
    )


def _nearest(rows: dict[str, CommandKnowledge], name: str) -> CommandKnowledge:
    """The row of a command, else that of the program it is a part of."""
    while name and name not in rows:
        name = name.rpartition(" ")[0]
    return rows.get(name, NOTHING)


def _called(uses: "Uses") -> str:
    return "/".join(filter(None, (uses.repository, uses.path))).lower()


def known_action(uses: "Uses") -> ActionKnowledge | None:
    """What the table says of an action; names compare without case, as on GitHub."""
    table, name = _actions(), _called(uses)
    return table.rows.get(name) or (ActionKnowledge() if table.harmless.fullmatch(name) else None)


def is_well_known(uses: "Uses") -> bool:
    """Whether the table itself says what an action does, which needs no further look at it."""
    row = _actions().rows.get(_called(uses))
    return row is not None and not row.unseen


def scopes_of_script(text: str) -> frozenset[str]:
    """The scopes that a script of GitHub's own client (`github.rest.issues.createComment`) could write in."""
    interfaces = _actions().interfaces
    named = re.findall(r"\.(\w+)\.\w+\(", text)
    return frozenset().union(*(interfaces[name] for name in named if name in interfaces))


def scopes_of_address(text: str) -> frozenset[str]:
    """The scopes in which somebody could write who sends something to an address of GitHub's (`repos/…/statuses/…`)."""
    addresses = _actions().addresses
    return frozenset().union(*(addresses[part] for part in text.lower().split("/") if part in addresses))


MOST_NAMES = 5
"""Most words by which a command is found in the table."""


_OF_A_VERSION = regex(r"(python3|pip3)\.\d{1,2}")
"""Programs that stand on a machine once for each version of the language."""


def known_command(names: list[str]) -> tuple[CommandKnowledge | None, int]:
    """What the table says of a command, and how many of its words that took: the longest match counts."""
    rows = _commands().rows
    if names and (versioned := _OF_A_VERSION.fullmatch(names[0])):
        names = [versioned[1], *names[1:]]
    for length in range(min(len(names), MOST_NAMES), 0, -1):
        row = rows.get(" ".join(names[:length]))
        if row is not None:
            return row, length
    return None, 0


def begins_command(names: list[str]) -> bool:
    """Whether a command of the table begins with these words, or is made of them."""
    return " ".join(names) in _commands().beginnings


_RELEASING = frozenset({"edit-release", "move", "pack-and-ship", "push", "push-digest", "release", "ship"})


def words_in(text: str) -> list[str]:
    """The words of a text that may be commands, whatever stands around them."""
    return _WORD.findall(text)


_WORD = regex(r"[A-Za-z][\w-]*")


def has_a_release(words: list[str]) -> bool:
    """Whether a command of the table that releases stands among words, with two of its words at least."""
    for at, word in enumerate(words):
        if begins_command([word]):
            about, length = known_command(words[at : at + MOST_NAMES])
            by_tool = (
                about is not None and about.does == "run-tool" and speaks_of_delivery(" ".join(words[at : at + length]))
            )
            if about is not None and length > 1 and (by_tool or about.does in _RELEASING):
                return True
    return False


def is_harmless_verb(word: str) -> bool:
    """Whether a platform's command line that is told so reads, removes or sets rights, and ships nothing."""
    return word in _commands().verbs


def is_released_at(program: str, address: str) -> bool:
    """Whether a program is released at an address, as the table says of those whose word counts."""
    homes = _commands().homes.get(program)
    if homes is None:
        return True
    sources = [home.replace("github.com/", "raw.githubusercontent.com/") for home in homes.split()]
    return ".." not in address and address.startswith(tuple(f"https://{home}" for home in (*homes.split(), *sources)))


def is_released_by(program: str, owner: str) -> bool:
    """Whether a program is released by an owner on GitHub, as the table says."""
    return any(home.lower().startswith(f"github.com/{owner.lower()}/") for home in _commands().homes[program].split())


def is_image_of(program: str, name: str) -> bool:
    """Whether an image by the name of a program is made by those who release it, or who pack it for everybody.

    An owner is who one thinks only on a registry that everybody uses: on one of somebody's own it is but a folder.
    """
    host, *owners = name.split("/")[:-1] or [""]
    if not {".", ":", "<", "$"} & {*host}:
        host, owners = "docker.io", [host, *owners]
    return not is_released_alone(program) or (
        host in _commands().registries
        and any(each in _commands().packers or is_released_by(program, each) for each in (host, *owners))
    )


def is_known(program: str) -> bool:
    """Whether a program has a home in the table, or is one whose archive holds none of those that have."""
    return program in _commands().homes or program in _commands().distributions


def is_released_alone(program: str) -> bool:
    """Whether a program has releases of its own, so that what package managers have under its name is another one."""
    return program in _commands().homes


def is_idle(option: str) -> bool:
    """Whether a command with this option only says something about itself, or what it would do."""
    return option in _commands().idle


_TOKENS = regex(r"[a-z0-9]+")
_TOOL = regex(r"(?<=[a-z0-9])[-_.]tools?(?![a-z0-9])")


def skips_tests(option: str) -> bool:
    """Whether programs that test run none of them with this option."""
    return option in _commands().skips


def is_lone(option: str) -> bool:
    """Whether an option of programs that test has no value: what comes after it may be anything."""
    return option in _commands().lone


def is_rehearsal(names: list[str]) -> bool:
    """Whether targets, tasks or scripts by these names check or prepare something, and say nothing of releasing it.

    A target may make `tools`; a program that is called a tool says nothing by that.
    """
    table = _commands()
    tokens = [_TOKENS.findall(_TOOL.sub("", name.lower())) for name in names]
    return bool(tokens) and all(
        each and not table.rehearsals.isdisjoint(each) and table.releases.isdisjoint(each) for each in tokens
    )


def is_installer(address: str) -> bool:
    """Whether what stands at an address is a script that installs something, by the names that the field has for it."""
    return _commands().installers.fullmatch(address) is not None


def is_base(name: str) -> bool:
    """Whether an image of this name runs the command that it is given, rather than a program of its own."""
    return name.rpartition("/")[2].partition(":")[0].partition("@")[0] in _commands().bases


def speaks_of_release(text: str) -> bool:
    """Whether a name or a command says that something is released, published or deployed by it."""
    return not _commands().releases.isdisjoint(_TOKENS.findall(text.lower()))


def speaks_of_delivery(text: str) -> bool:
    """Whether a text says that something is handed to users, rather than built or kept."""
    return not _commands().deliveries.isdisjoint(_TOKENS.findall(text.lower()))
