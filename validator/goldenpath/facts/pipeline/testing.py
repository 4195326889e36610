"""Which commands run tests, and which that are not followed may."""

from __future__ import annotations

import posixpath
import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from goldenpath.facts.comments import without_comments
from goldenpath.facts.pipeline.tables import MOST_NAMES, is_idle, is_lone, known_command, skips_tests, speaks_of_release
from goldenpath.facts.pipeline.words import Words, command_in, is_option_or_nothing
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import unwrapped
from goldenpath.facts.values import Symbol, display, fields, literal, partition, shown, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from goldenpath.facts.pipeline.tables import CommandKnowledge
    from goldenpath.facts.shell import Command
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

_OPTIONS = regex(r"(?<![\w-])--[a-zA-Z][\w-]*")
_LEAVE_OUT = {"-x", "--exclude-task"}
COMPILE_TESTS = frozenset({"testClasses", *(f"compileTest{each}" for each in ("Java", "Kotlin", "Groovy", "Scala"))})
"""Tasks of Gradle without which there are no tests that could run: a test task finds none then, and succeeds."""
_TESTING_TASKS = {":test", ":check", *(f":{each}" for each in COMPILE_TESTS)}
_SPEAKS_OF_TESTS = regex(
    r"(?<![a-z])(tests?|testing|checks?|ci|all|verify|specs?|unit|e2e|validate|tox|nox|pytest|unittest|prove|rspec|phpunit)(?![a-z])",
    re.IGNORECASE,
)

_TASKS = regex(r"[\s;]+")
_EACH_VERSION = regex(r"^\+?(Test/)?")
"""How sbt is told to run a task for each version of Scala, or that it is one of the tests."""
_OF_CI = regex(r"(?<![\w-])\.?ci/")


def tests(about: CommandKnowledge, said: list[str]) -> bool:
    """Whether a program that can run tests is asked to. What follows Gradle's `-x` is left out of what it would run."""
    if about.tests is None:
        return False
    tasks = [(before, f":{word.rpartition(':')[2]}") for before, word in pairwise(["", *said])]
    left_out = {task for before, task in tasks if before in _LEAVE_OUT}
    goals = {*said, *(task for _, task in tasks)} - left_out
    if any(each.startswith(";") for each in about.tests):
        goals |= {f";{_EACH_VERSION.sub('', each)}" for word in said for each in _TASKS.split(word)}
    wanted = not about.tests or (not about.tests.isdisjoint(goals) and left_out.isdisjoint(_TESTING_TASKS))
    return wanted and not any(map(is_idle, said)) and about.skips.isdisjoint(with_values(said))


def leaves_out_tests(given: Value) -> bool:
    """Whether what an action is given for a program that tests has an option with which that runs none."""
    options = _OPTIONS.findall(display(given))
    return any(is_idle(each) or skips_tests(each) for each in options)


def told_elsewhere(about: CommandKnowledge, variable: Callable[[str], Value], tree: Tree, folder: Value) -> list[str]:
    """The words that variables, or files of the repository, tell a program that tests beside its own."""
    return [
        word
        for name in about.told_by
        for text in ((tree.text(_at(folder, name)) or "") if "." in name else display(variable(name)),)
        for word in text.split()
    ]


def say_to_skip(about: CommandKnowledge, said: list[str]) -> bool:
    """Whether these words tell a program that tests to run none."""
    return any(map(is_idle, said)) or not about.skips.isdisjoint(with_values(said))


def may_skip(about: CommandKnowledge, words: tuple[Value, ...], variable: Callable[[str], Value]) -> str | None:
    """Why tests may be left out, or fail nobody: only a run will know what they are told (`-DskipTests=$SKIP`).

    The option that is told so may be known (`-run "$ONLY"`), or not (`pytest $ARGS`), or stand in a variable that the
    program reads for itself.
    """
    if name := _switched(about, words):
        return f"may run none, or ignore that they fail, as a run says ({name})"
    if changed := next((word for word in words if any(map(_is_of_changes, word))), None):
        return f"may run none, for only what has changed is tested ({shown(changed)})"
    told = next(_of_elsewhere(about, words), None)
    told = told or next((name for name in about.told_by if any(map(_may_be_anything, fields(variable(name))))), None)
    return f"may run none, or ignore that they fail, by what stands elsewhere ({told})" if told else None


def _is_of_changes(part: str | Symbol) -> bool:
    """Whether a part of a word lists what is another than in a commit before: none of it may be tests, or all is."""
    return isinstance(part, Symbol) and part.kind in _LISTING and _OF_CHANGES.search(part.name) is not None


_LISTING = frozenset({"command", "outsider", "words", "item", "line"})
_OF_CHANGES = regex(
    r"\bgit (?:-\S+ )*(?:diff|diff-tree|show|log|status)\b|\bgh pr diff\b|[./]\w*(?:changed|modified)_files\b"
)
"""How what lists changes is called: a command of git or gh, or the output of an action that looks for them."""


def _switched(about: CommandKnowledge, words: tuple[Value, ...]) -> str | None:
    """The option of known name that leaves tests out by a value which only a run knows."""
    switches = {skip.removesuffix("=true") for skip in about.skips if skip.endswith("=true")}
    split = [each for word in words if literal(word) is None and (each := partition(word, "="))]
    return next((name for before, _ in split if (name := literal(before)) in switches), None)


def _of_elsewhere(about: CommandKnowledge, words: tuple[Value, ...]) -> Iterator[str]:
    """What the words of a command are told by somebody else: options, or the tests that alone are to run."""
    picking = {skip.partition("=")[0] for skip in about.skips if "=" in skip}
    picking |= _LEAVE_OUT if about.tool == "gradle" else set()
    said = {literal(word) for word in words}
    for each in about.filters:
        if not each.content or not said.isdisjoint(each.content.split()):
            picking.update(each.by.split())
    for before, word in pairwise(words):
        option, told = partition(word, "=") or (before, word)
        picks = literal(option) in picking or (told is word and not takes_a_value(before))
        a_property = word[:1] == ("-D",) and _may_be_anything(word[1:])  # of any name
        if a_property or (picks and _may_be_anything(told)) or say_to_skip(about, _choices(word)):
            yield shown(word)


def _may_be_anything(word: Value) -> bool:
    """Whether a word begins with what the settings of a repository say, or who starts the run: any option, then."""
    symbol = word[0] if word else ""
    if not isinstance(symbol, Symbol) or symbol.kind not in _UNKNOWN or is_option_or_nothing(word):
        return False
    return _SAID_ELSEWHERE.search(symbol.name) is not None and not _ONE_OF_TWO.fullmatch(symbol.name)


def _choices(word: Value) -> list[str]:
    """What a word may be, of which only a run knows whether it is."""
    names = [part.name for part in word if isinstance(part, Symbol) and part.kind in _UNKNOWN]
    return [each for name in names for text in _QUOTED.findall(name) for each in text.split()]


_UNKNOWN = frozenset({"shell", "unknown", "variable"})
"""Kinds of what only a run knows, and that may be a text of any kind."""
_SAID_ELSEWHERE = regex(r"(?<![\w.-])(vars|inputs|github\.event\.(inputs|client_payload))\.")
_ONE_OF_TWO = regex(r"(?:(?!\|\|).)+ && '[^'\n]*'\)? \|\| '[^'\n]*'")
"""An expression that is one of two texts, whichever a condition picks."""
_QUOTED = regex(r"'([^'\n]*)'")


def takes_a_value(option: Value) -> bool:
    """Whether what comes after a word may be its value: after an option, unless it is one that has none."""
    text = literal(option) or ""
    return text.startswith("-") and "=" not in text and not is_lone(text)


def with_values(said: list[str]) -> set[str]:
    """Words, options with the word behind them (`-run=^$`, `-skip=''`), and those of any value (`--changed=`)."""
    pairs = [f"{option}={word}" for option, word in pairwise(said) if option.startswith("-") and "=" not in option]
    empty = [f"{word}''" for word in (*said, *pairs) if word.endswith("=")]
    return {*said, *pairs, *empty, *(f"{word.partition('=')[0]}=" for word in said if "=" in word)}


def settled_not_to(about: CommandKnowledge, tree: Tree, folder: Value, said: list[str]) -> str | None:
    """Why the tests may not run, or fail nobody, by the files of the program, which is told what is `said`."""
    for settings in about.settings:
        if settings.content and {*settings.content.split()}.isdisjoint(said):
            continue
        for name in settings.files.split():
            text = _in_force(name, tree.text(_at(folder, name)) or "", said)
            if found := re.search(settings.pattern, text):
                return f"may run none, or ignore that they fail: {name} says {found[0].strip('<')}"
    return None


def own_settings(about: CommandKnowledge, folder: Value) -> list[str]:
    """The files that say something of tests alone: whoever writes one puts no version in."""
    names = (name for settings in about.settings for name in settings.files.split())
    return [_at(folder, name) for name in names if not _MANIFESTS.fullmatch(name)]


_MANIFESTS = regex(
    r"(?:pyproject|\.cargo/config)\.toml|\.cargo/config|(?:setup\.cfg|tox\.ini|package\.json|pom\.xml)|build\.gradle.*"
)


def none_to_find(about: CommandKnowledge, words: tuple[Value, ...], tree: Tree, folder: str = "") -> str | None:
    """Why a program that is content with no tests finds none: the folder has its kind of files, none with tests.

    Where it has no such files either, these come from elsewhere, and so may tests.
    """
    finds = about.finds
    if finds is None or (finds.content and {*finds.content.split()}.isdisjoint(map(literal, words))):
        return None
    if tree.has(finds.files, folder) or not tree.has(finds.among, folder):
        return None
    if finds.says and tree.says(finds.says, finds.among, folder):
        return None
    return f"finds none: no file of {folder or 'the repository'} {'speaks of tests' if finds.says else _UNCALLED}"


_UNCALLED = "is called as tests are"


def leaves_all_out(about: CommandKnowledge, words: Iterable[Value], tree: Tree) -> bool:
    """Whether each of the repository's files with tests is behind a build tag which a program is not given."""
    finds, words = about.finds, tuple(words)
    if finds is None or not finds.tags or not tree.has(finds.files) or any(literal(word) is None for word in words):
        return False
    from goldenpath.facts.pipeline.build_tags import leaves_out

    given = Words(words, finds.tags.split()).of(finds.tags)
    tags = frozenset(_OF_A_LIST.findall(" ".join(map(display, given))))
    paths = list(islice(tree.fitting(re.compile(finds.files)), _MOST_FILES + 1))
    return len(paths) <= _MOST_FILES and all(leaves_out(tree.text(path) or "", tags) for path in paths)


_OF_A_LIST = regex(r"[^\s,'\"]+")
_MOST_FILES = 300


def _in_force(name: str, text: str, said: list[str]) -> str:
    """What a file of settings says, without its comments and the profiles of Maven that are off."""
    if name.endswith(".xml"):
        return _PROFILE.sub(lambda each: each[0] if _is_on(each[0], said) else "", XML_COMMENT.sub("", text))
    return without_comments(text) if name.endswith(_LIKE_C) else text


_LIKE_C = (".gradle", ".kts", ".js", ".cjs", ".json", ".jsonc")
XML_COMMENT = regex(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_PROFILE = regex(r"<profile>.*?(?:</profile>|\Z)", re.DOTALL)
"""A profile of Maven, which somebody has to ask for."""
_ID = regex(r"<id>\s*([^<\s]*)\s*</id>")
_BY_PROPERTY = regex(r"<property>\s*<name>\s*([^<\s]*)\s*</name>")
_BY_ITSELF = regex(r"<activeByDefault>\s*true\b|<(?:jdk|os|file)>|<name>\s*!")
_ASKS = regex(r"(?:-P|--activate-profiles)=?")


def _is_on(profile: str, said: list[str]) -> bool:
    """Whether a profile of Maven may be on: by its name, a property, or the machine and what stands there."""
    named = {each[1] for each in _ID.finditer(profile)}
    pairs = (f"{one}={other}" if _ASKS.fullmatch(one) else one for one, other in pairwise([*said, ""]))
    asked = {
        name.lstrip("+?") for word in pairs if (found := _ASKS.match(word)) for name in word[found.end() :].split(",")
    }
    properties = {word.partition("=")[0] for word in said}
    by_property = any(f"-D{each[1]}" in properties for each in _BY_PROPERTY.finditer(profile))
    unknown = any("<" in name for name in asked)  # as what only a run knows is displayed
    return bool(unknown or named & asked or by_property or _BY_ITSELF.search(profile))


def _at(folder: Value, name: str) -> str:
    return posixpath.normpath(posixpath.join(literal(folder) or "", name))


def may_test(words: tuple[Value, ...]) -> bool:
    """Whether a command that is not followed may run tests, by what is called so in it."""
    texts = (
        " ".join(part for part in word if isinstance(part, str)) for word in words
    )  # `$CI_…` says nothing of tests
    return any(_SPEAKS_OF_TESTS.search(_told_by(text)) for text in texts if not text.startswith("-"))


def _told_by(word: str) -> str:
    """What a word says a program does: that a release lies in a folder for CI (`ci/release.sh`) says nothing."""
    folder, _, name = word.rpartition("/")
    return _OF_CI.sub("", f"{folder}/") + name if speaks_of_release(name) else word


_NAMED = len(("npm", "run", "test"))
"""Words of a command that say what it does; what it is given after that may be called anything."""


def test_of(
    command: Command, tree: Tree, folder: Value, may_tell: Callable[[CommandKnowledge, str], bool], unfollowed: str
) -> str | None:
    """Whether a command in an image tests what is in it, as a text: empty if it does, else why that is not told.

    It sees none of the job's environment; `may_tell` says whether a variable of the image's may tell it to run none.
    None where it does not test.
    """
    words = unwrapped(command.words)
    if (name := (literal(words[0]) or "").rpartition("/")[2]) in {"mvnw", "gradlew"}:  # scripts, but everybody's
        words = (value(name), *words[1:])
    about, rest = _innermost(words)
    of_script = about is not None and about.tests is None and rest[:1] == (("test",),)  # `npm test`
    by_gradle = about is not None and about.tool == "gradle"
    if about is None or of_script or not (about.is_told or by_gradle):
        return unfollowed if of_script or may_test(words[:_NAMED]) else None
    asked, doubt = tests(about, [literal(word) or shown(word) for word in rest]), ""
    if by_gradle:
        from goldenpath.facts.pipeline.tools.gradle import why_unsure

        said = why_unsure(Words(rest, about.takes.split()), tree, folder, asked=asked)
        asked, doubt = said is not None, said or ""
    if not asked:
        return None
    told = told_elsewhere(about, lambda name: command.environment.get(name, ()), tree, folder)
    if say_to_skip(about, told):
        return None
    if command.condition:
        return f"happens only if {' and '.join(sorted(command.condition))}"
    if command.unsure:
        return "what becomes of its failure is not followed"
    if any(may_tell(about, name) for name in about.told_by if "." not in name):
        return "a variable of the build may tell it to run none"
    settled = settled_not_to(about, tree, folder, [*map(display, words), *told])
    return doubt or settled or none_to_find(about, words, tree) or ""


def _innermost(words: tuple[Value, ...]) -> tuple[CommandKnowledge | None, tuple[Value, ...]]:
    """What the table says of the command that is run, be it by another one (`uv run`, `npx`), and its words."""
    while True:
        about, length = known_command([literal(word) or "" for word in words[:MOST_NAMES]])
        if about is None or about.does != "wrap":
            return about, words[1:]
        words = unwrapped(command_in(about, words[length:]))
        if not words:
            return None, ()
