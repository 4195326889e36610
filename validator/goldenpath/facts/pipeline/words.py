"""The words of a command: options with their values, positionals, and what a single word may stand for."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Image, image
from goldenpath.facts.pipeline.tables import MOST_NAMES, begins_command, has_a_release, is_idle, known_command, words_in
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import SHELLS, unwrapped
from goldenpath.facts.values import Symbol, Value, head, literal, partition, value
from goldenpath.facts.values import words as words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.tables import CommandKnowledge

_MAYBE = r"(?:unset|'(?:-[^'\s]*)?\n?')"
_MAYBE_AN_OPTION = regex(
    rf"{_MAYBE}(?: or {_MAYBE})*|[^\n]*:\+{_MAYBE}|[^\n]* && {_MAYBE}\)? \|\| {_MAYBE}"
    r"|<remark [^:\n]*:(?:-\S*(?: -\S*)*)?:>"
)
"""How a variable, or an expression, is called that is one of several options, or nothing."""

INLINE = ("-c", "-e", "-p", "-pe", "--eval", "--print")
"""Options by which an interpreter is handed its program."""


_PACKAGE = regex(r"((?:@[\w.-]+/)?\w[\w.-]*)(?:\[[\w,.-]*\])?(?:[@=<>~!][^/:]*)?")
"""A package, perhaps with extras or at a version (`twine==6`, `semantic-release@24`), not from a place of its own."""


def without_version(words: tuple[Value, ...]) -> tuple[Value, ...]:
    """A command whose program is named by its package, perhaps at a version, as that program."""
    package = _PACKAGE.fullmatch(literal(words[0]) or "") if words else None
    return (value(package[1]), *words[1:]) if package else words


_IN_BACKGROUND = regex(r"-[itP]*d[itP]*")
"""Single letters of `docker run` by which nobody waits for what runs."""

_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})
"""How Go's programs are told that an option does not hold (strconv.ParseBool)."""


class Words:
    """A command's words after its name: options with their values, and the positionals that are left."""

    def __init__(self, words: tuple[Value, ...], takes: Iterable[str]) -> None:
        self.options: dict[str, list[Value]] = {}
        self.lone: set[str] = set()
        """Options that stood without a value: what comes after one that is not known may be its value."""
        self.positionals: list[Value] = []
        self.rest: tuple[Value, ...] = ()
        """From the first positional on: the command of a program that runs another."""
        self.last = words[-1] if words else ()
        pending: str | None = None
        only_positionals = False
        for index, word in enumerate(words):
            start = head(word)
            if pending is not None:
                self.options.setdefault(pending, []).append(word)
                pending = None
            elif only_positionals or not start.startswith("-") or start == "-":
                self.rest = self.rest or words[index:]
                self.positionals.append(word)
            elif word == ("--",):
                only_positionals = True
            elif "=" in start:
                name, _, first = start.partition("=")
                self.options.setdefault(name, []).append(value(first, *word[1:]))
            elif start in takes and len(word) == 1:
                pending = start
            elif start[:2] in takes and len(start) > len("-x") and not start.startswith("--"):
                self.options.setdefault(start[:2], []).append(value(start[2:], *word[1:]))
            else:
                self.options.setdefault(start, []).append(())
                self.lone.add(start)

    def completed(self, options: dict[str, Value]) -> Words:
        """The same words with more options, told elsewhere."""
        if not options:
            return self
        both = copy(self)
        both.options = {**self.options, **{option: [told] for option, told in options.items()}}
        return both

    def of(self, names: str) -> list[Value]:
        """The values of these options, in the order of their names, which stand side by side."""
        return [each for name in names.split() for each in self.options.get(name, [])]

    def has(self, names: str) -> bool:
        """Whether one of these options is there and not turned off."""
        return any(literal(each) not in _FALSE for each in self.of(names))

    def turns_off(self, option: str) -> bool:
        """Whether the first of this option turns it off."""
        return literal(self.first(option)) in _FALSE

    def first(self, names: str) -> Value:
        """The first value of these options, empty without one."""
        return next(iter(self.of(names)), ())


def is_in_background(own: Words) -> bool:
    """Whether nobody waits for a container with these options."""
    return own.has("-d --detach") or any(map(_IN_BACKGROUND.fullmatch, own.options))


TALKS = frozenset({"echo", "printf", "grep", "egrep", "fgrep", "rg", "git", "which", "type", "command", "awk", "sed"})
"""Programs whose words are texts, and no commands."""
_ARE_FOLLOWED = SHELLS | {"eval", "trap", "xargs", "find"}
"""Programs of which it is followed what they are handed."""
_GIT_RUNS = frozenset({"git", "bisect", "rebase", "submodule", "filter-branch"})
"""git, and what of it runs commands."""
_RUN_A_TEXT = frozenset(
    {"-c", "--command", "-C", "--exec", "-x", "-e", "--eval", "ssh", "run", "exec", "foreach", "--"}
)
"""What stands before a text that somebody runs as a command."""


@lru_cache(maxsize=2_000)
def is_handed_a_release(words: tuple[Value, ...]) -> bool:
    """Whether a program is handed a command that releases, in words of its own or in one, and may run it."""
    said = [literal(word) or "" for word in words]
    if not said or said[0] in _ARE_FOLLOWED:
        return False
    if runs := _RUN_IN_A_TEXT.get(said[0]):
        in_one = (text for text in said[1:] if runs.search(text))
        found = any(has_a_release(words_in(text)) for text in in_one)
        if found or said[0] != "git":
            return found
    if said[0] in TALKS and not _GIT_RUNS.issuperset(said[:2]):
        return False
    texts = (text.split() for before, text in pairwise(said) if before in _RUN_A_TEXT and " " in text)
    return has_a_release(said[1:]) or any(map(has_a_release, texts)) or any(map(_begins_with_a_release, said[1:]))


_RUN_IN_A_TEXT = {
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), regex(r"\bsystem *\(|\||\bgetline\b")),
    "git": regex(r"^(?:alias\.[\w-]+=)?!"),
}
"""Programs that run commands which stand in a text of theirs, and how such a text says so."""


def _begins_with_a_release(text: str) -> bool:
    """Whether a text is a command that releases, as an editor, a pager or a checkpoint of tar is told to run one."""
    return " " in text and has_a_release(_TOLD_TO_RUN.sub("", text, count=1).split()[:MOST_NAMES])


_TOLD_TO_RUN = regex(r"^(?:[^\s'\"]*=)?[!+|]*")


def command_in(about: CommandKnowledge, words: tuple[Value, ...]) -> tuple[Value, ...]:
    """The command in the arguments of one that runs another, or a program of the language that it is made for."""
    rest = Words(words, about.takes.split()).rest
    if about.versioned and rest and _OF_LANGUAGE.fullmatch(literal(rest[0]) or ""):
        rest = rest[1:]
    is_module = ("-m",) in words[: len(words) - len(rest)]
    if rest and about.language and (is_module or head(rest[0]).endswith(".py")):
        return (value(about.language), *([value("-m")] if is_module else []), *rest)
    return rest


_OF_LANGUAGE = regex(r"v?\d[\w.]*|lts/\S+|node|stable|default|current|system")
"""How a version of a language is named where a command may follow (`nvm exec node app.js`)."""


def only_rehearses(words: Words) -> bool:
    """Whether a command with these words only says something about itself, or what it would do."""
    return any(is_idle(option) and _is_for_itself(option, words) for option in words.options)


def only_looks(words: Words) -> bool | None:
    """Whether a build of images makes none, but says what it would do or checks it; None where only a run knows."""
    called = literal(words.of("--call")[-1]) if words.of("--call") else "build"
    if called is None:
        return None
    return called.partition(",")[0] != "build" or words.has("--check --print --list")


def _is_for_itself(option: str, words: Words) -> bool:
    """Whether an option stands alone: what comes behind `--version` is the version that is wanted of something."""
    if option == "--dry-run":
        return literal(words.first(option)) not in {"false", "none"}
    alone = words.first(option) in ((), ("true",))
    return alone and (option != "--version" or words.last in (("--version",), ("--version=true",)))


def subcommand_first(words: tuple[Value, ...]) -> tuple[Value, ...]:
    """The words of a command with options that stand before its subcommand (`kubectl -n shop apply`) behind it.

    The toolchain of `cargo +nightly test` says nothing of what is done. A bare `yarn`, with or without options, is
    `yarn install`.
    """
    if words[:1] == (("yarn",),) and all(head(word).startswith("--") for word in words[1:]):
        return (words[0], ("install",), *words[1:])
    if words[:1] == (("cargo",),) and len(words) > 1 and head(words[1]).startswith("+"):
        words = (words[0], *words[2:])
    if words[:1] == (("gcloud",),) and words[1:2] in _STAGES:
        words = (words[0], *words[2:])
    if options := options_of_engine(words):
        words = (words[0], *words[1 + options :])
    at = _subcommand(words)
    found = tuple(words[each] for each in at)
    return (*found, *(word for index, word in enumerate(words) if index not in at)) if len(at) > 1 else words


_STAGES = (((("alpha",),)), (("beta",),))
"""What stands before the name of a command of gcloud that may still change; it is called alike afterwards."""
ENGINES = {
    "docker": "-H --host -c --context --config -l --log-level --tlscacert --tlscert --tlskey",
    "podman": "--url -c --connection --identity --log-level --root --runroot --storage-driver --storage-opt --tmpdir"
    " --cgroup-manager --conmon --runtime --events-backend --module --network-config-dir --out --ssh --volumepath",
    "nerdctl": "-H --host -a --address -n --namespace --cgroup-manager --data-root --snapshotter --cni-path",
    "docker-compose": "-H --host -c --context --tlscacert --tlscert --tlskey -f --file -p --project-name --profile"
    " --env-file --project-directory",
    "podman-compose": "-f --file -p --project-name --profile --env-file --podman-path",
}
"""Programs that tell an engine what to do, with the options before their subcommand that are followed by a value."""
_FAR = 100
"""How far into a command its subcommand is looked for."""


def options_of_engine(words: tuple[Value, ...]) -> int:
    """How many words before the subcommand say nothing of what an engine does, but where it is, or how it talks."""
    takes, count = ENGINES.get(literal(words[0]) or "" if words else ""), 0
    while takes is not None and head(word := (words[1 + count : 2 + count] or ((),))[0]).startswith("-"):
        count += 2 if literal(word) in takes.split() else 1
    return count if 1 + count < len(words) else 0


def _subcommand(words: tuple[Value, ...]) -> list[int]:
    """Where the words stand that name a subcommand of the table, among options and their values."""
    at, names, index = [0], [literal(words[0]) or ""] if words else [], 1
    while 0 < len(names) < MOST_NAMES and index < min(len(words), _FAR):
        word = literal(words[index]) or head(words[index])
        if word == literal(words[index]) and begins_command([*names, word]):
            at.append(index)
            names.append(word)
        elif not word.startswith("-") or word == "--" or (word == "-c" and names[0] in {"python", "python3"}):
            break  # behind a text for Python stand but words for it
        elif "=" not in word and (_takes(names, word) or not _goes_on(names, words[index + 1 : index + 2])):
            index += 1  # the value of an option
        index += 1
    return at[: known_command(names)[1]]


def _takes(names: list[str], option: str) -> bool:
    """Whether the table says of an option of a program, or of a group of its commands, that a value follows."""
    about, _ = known_command(names)
    return about is not None and option in about.takes.split()


def _goes_on(names: list[str], following: tuple[Value, ...]) -> bool:
    """Whether what follows an option is no value of it: another option, or the next word of a subcommand."""
    return any(head(word).startswith("-") or begins_command([*names, literal(word) or " "]) for word in following)


def asked_of_git(words: tuple[Value, ...]) -> tuple[Value, str, tuple[Value, ...]]:
    """The folder in which git is asked to do something, what it is, and the words behind that."""
    folder: Value = ()
    words = unwrapped(words)[1:]
    while head(words[0] if words else ()).startswith("-"):
        if words[0] == ("-C",) and len(words) > 1:
            folder = words[1] if not folder else value(folder, "/", words[1])
        words = words[2 if literal(words[0]) in _OPTIONS_OF_GIT else 1 :]
    return folder, literal(words[0]) or "" if words else "", words[1:]


_OPTIONS_OF_GIT = frozenset({"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env"})
"""Options before what git is asked to do that are followed by a value."""


def is_option_or_nothing(word: Value) -> bool:
    """Whether a word is but an option, if it is there at all: only a run knows which of those that the script names."""
    symbol = word[0] if len(word) == 1 else None
    return isinstance(symbol, Symbol) and _MAYBE_AN_OPTION.fullmatch(symbol.name) is not None


def is_one(word: Value) -> bool:
    """Whether a word surely names one image: several may stand in a symbol, or fit a pattern."""
    several = {"answer", "command", "unknown", "array", "loop", "glob"}
    return not any("*" in part if isinstance(part, str) else part.kind in several for part in word)


def without_daemon(reference: Value) -> Value:
    """A reference without the name of the daemon that syft, or Docker Scout, is told to ask."""
    start = head(reference)
    return value(_DAEMON.sub("", start), *reference[1:]) if start else reference


_DAEMON = regex(r"^(docker:|podman:|(local|image)://)")


def called_here(names: Iterable[Value], program: str = "") -> list[Value]:
    """All that images on a machine are called that a program gives these names: without a tag, the latest is meant."""
    return [called for name in names for each in (name, *_by_host(name, program)) for called in (each, *_by_tag(each))]


def _by_tag(name: Value) -> list[Value]:
    named = image(name)
    if named.digest or named.tag not in {(), LATEST}:
        return []
    return [named.name if named.tag else value(named.name, ":", *LATEST)]


def _by_host(name: Value, program: str) -> list[Value]:
    """What is built without a registry in its name has one for podman and buildah."""
    start = head(name)
    if program not in {"podman", "buildah"} or not start:
        return []
    if start.startswith(_NO_HOST):
        return [value(start.removeprefix(_NO_HOST), *name[1:])]
    return [] if "/" in start else [value(_NO_HOST, *name)]


_NO_HOST = "localhost/"


LATEST: Value = ("latest",)
"""The tag of an image on a machine that is named without one."""

PICKING = frozenset({"jq", "yq", "head", "tail", "tr", "cut", "awk", "gawk", "sed", "grep", "sort"})
"""Programs that pick something from what is piped into them."""


def without_label(path: Value) -> Value:
    """`gh` takes `file#label`."""
    split = partition(path, "#")
    return split[0] if split else path


def globbed(path: Value, *, below: bool = False) -> Value:
    """A path in which the shell's symbol for a pattern stands as its text again, or the pattern of what is listed.

    What `find` lists lies in the folders `below`, too; who looks for what is released means those of the first one.
    """
    parts: list[str | Symbol] = []
    for part in path:
        before = parts[-1] if parts and isinstance(parts[-1], str) else ""
        parts.append((_pattern_of(part, before, below=below) or part) if isinstance(part, Symbol) else part)
    return value(*parts)


_LISTING = regex(r"(find|ls)( [\w./*?'\"@+ -]+?)?( #\d+)?")
_LISTED_ONE_BY_ONE = regex(r"<command ([^<>]*)>")
_FINDS_ALL = regex(r"( -(maxdepth [1-9]|mindepth 1|type f|print0?))*")
_FINDS_NAMED = regex(r" -name (?:'([^' ]+)'|\"([^\" ]+)\"|([^'\" ]+))")


def _pattern_of(symbol: Symbol, before: str, *, below: bool) -> str:
    """The pattern that a symbol stands for, or whose files a command lists (`$(find dist -type f)`); else empty."""
    listed = _LISTED_ONE_BY_ONE.fullmatch(symbol.name) if symbol.kind == "item" else None
    listing = _LISTING.fullmatch(listed[1] if listed else symbol.name) if listed or symbol.kind == "command" else None
    if listing is None:
        return symbol.name if symbol.kind == "glob" else ""
    said = listing[2] or ""
    if listing[1] == "ls":  # which names what is in a folder as it is seen from there
        path = said.strip()
        return path if "*" in path and " " not in path else "*" if path in {"", before.removesuffix("/")} else ""
    folder, _, _ = said.strip().partition(" ")
    named = list(_FINDS_NAMED.finditer(said))
    rest = _FINDS_NAMED.sub("", said.strip()[len(folder) :])
    if not folder or folder.startswith("-") or len(named) > 1 or not _FINDS_ALL.fullmatch(rest):
        return ""
    name = next((text for text in named[0].groups() if text), "*") if named else "*"
    deep = below and "-maxdepth 1" not in rest
    return f"{folder.rstrip('/')}/{'**/' * deep}{name}"


def filled(word: Value, mark: str, item: Value) -> Value:
    """A word in which a mark is replaced, as `xargs -I` does."""
    parts: list[str | Symbol | Value] = []
    for part in word:
        pieces: list[str | Symbol] = [*part.split(mark)] if isinstance(part, str) else [part]
        for index, piece in enumerate(pieces):
            parts += [item, piece] if index else [piece]
    return value(*parts)


def digests_in(word: Value) -> list[Image]:
    """The images that a word names by the digest of a build, whatever stands around them (`app=name@digest`)."""
    found = []
    for index, part in enumerate(word):
        if isinstance(part, Symbol) and part.kind == "digest":
            before = words_of(value(*word[:index]))
            split = partition(before[-1], "=", last=True) if before else None
            name = _unquoted(split[1] if split else before[-1] if before else ())
            found.append(Image(image(name).name, digest=value(part)))
    return found


def _unquoted(name: Value) -> Value:
    """A name without the JSON that it stands in (`{"image":"name`)."""
    split = partition(name, '"', last=True)
    return split[1] if split else name


def shortened(text: str, most: int = 100) -> str:
    """A text in one line, not longer than a report can show."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
