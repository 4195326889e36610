"""What a command that is not followed could do, by what it is told and by the program that it is handed."""

from __future__ import annotations

import posixpath
import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.commands.editing import edit_by_words
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.tables import RUNS_ELSEWHERE, known_command, speaks_of_release
from goldenpath.facts.pipeline.words import INLINE, is_handed_a_release
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import display, head, literal

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

_OF_UNITTEST = regex(r"(.*/)?test[^/]*\.py")
_OTHER_TARGET = regex(r"(?i)(?:--?|/)(?:t(?:arget)?(?:[:=].*)?)?|@.*")
"""How `dotnet publish` is told to do something else."""
_SKIPS = regex(r" -skip[ =]([\w-]+)(?= |$)")
"""How `go generate` is told to leave out the directives that have a word in them."""


def unseen(effects: CommandEffects) -> None:
    """What it does is not followed, where it could be an act of a release."""
    when = effects.about.when.split()
    asked = any(literal(word) in when for word in effects.all_words) and speaks_of_release(effects.text)
    if asked or not effects.about.when:
        program(effects)


def program(effects: CommandEffects) -> None:
    """A program is not followed: what it could do is said in it, and by what it is told."""
    edit_by_words(effects)
    export(effects)
    if _is_tester(effects):
        effects.test(is_read=True)
    elif may := frozenset(effects.about.may) or _spoken(effects):
        effects.not_followed(effects.about.why, may)


def export(effects: CommandEffects) -> None:
    """A program may set variables for later steps, which its script tells when it is over."""
    tree = effects.moment.frame.shared.tree
    texts = [tree.text(path) or "" for path in _own_files(effects)]
    effects.script.exporting[effects.said()] = [effects.said(), display(effects.command.stdin or ()), *texts]


def _is_tester(effects: CommandEffects) -> bool:
    """Whether Python is given a program of the repository that runs tests, and nothing to choose some of them."""
    asked = [literal(word) or "?" for word in effects.asked]
    if "Python" not in effects.about.why or len(asked) != 1 + (asked[:1] == ["-m"]) or _writes(effects, ".py"):
        return False
    from goldenpath.facts.python import is_of_unittest

    tree = effects.moment.frame.shared.tree
    texts = [tree.text(path) or "" for path in _own_files(effects)]
    return len(texts) == 1 and "unittest" in texts[0] and is_of_unittest(texts[0]) and any(tree.fitting(_OF_UNITTEST))


def _spoken(effects: CommandEffects) -> frozenset[str]:
    """What it could do by what it is told, and by the program of the repository that it is handed."""
    if [literal(word) for word in effects.all_words[:2]] == ["go", "generate"]:
        return _generated(effects)
    if [literal(word) for word in effects.all_words[:2]] == ["go", "run"]:
        return _run_from_source(effects)
    if effects.about.why in RUNS_ELSEWHERE:
        from goldenpath.facts.pipeline.commands.requests import of_another_run

        return of_another_run(effects)
    if [literal(word) for word in effects.all_words[:2]] == ["dotnet", "publish"]:
        from goldenpath.facts.pipeline.spoken import publishing_by_dotnet

        other = any(_may_name_a_target(before, word) for before, word in pairwise(effects.all_words))
        return ANYTHING if other else publishing_by_dotnet(effects.moment.frame.shared.tree)
    if literal(effects.all_words[0]) == "sbt":
        from goldenpath.facts.pipeline.spoken import powers_of_sbt

        return powers_of_sbt(effects.moment.frame.shared.tree, map(display, effects.all_words[1:]))
    if text := _program_that_is_read(effects):
        return effects.moment.spoken(text, name="script.py")
    inline = any(literal(word) in INLINE for word in effects.all_words)
    if _is_module_that_does_nothing(effects) or (inline and _only_reads(effects)):
        return frozenset()
    path = literal(effects.place_of(effects.words.positionals[0])) if effects.words.positionals else None
    if path and not inline and effects.moment.frame.shared.tree.text(path) is not None:
        return effects.moment.spoken(effects.said(), [path])
    if ("-m",) in effects.all_words and (own := _own_files(effects)):
        return effects.moment.spoken(effects.said(), own)
    return effects.moment.spoken(effects.said(), name="inline") if inline else ANYTHING


def _program_that_is_read(effects: CommandEffects) -> str | None:
    """The program that Python is handed in a word, or by a here-document (`python3 - <<'E'`), if all of it is known."""
    told = [literal(word) or "?" for word in effects.all_words[1:]]
    if "Python" not in effects.about.why:
        return None
    if told[:1] == ["-c"] and len(told) > 1 and told[1] != "?":
        return told[1]
    return literal(effects.command.stdin) if told in ([], ["-"]) and effects.command.stdin else None


def is_said_to_release(effects: CommandEffects) -> bool:
    """Whether a program of the repository says that it releases, or cannot be read: then its name proves nothing.

    Nor does it where it is handed a command that releases.
    """
    from goldenpath.facts.pipeline.spoken import names_a_release

    tree = effects.moment.frame.shared.tree
    texts = [tree.text(path) for path in _own_files(effects)]
    texts += [display(text) for option, text in pairwise(effects.all_words) if literal(option) in INLINE]
    return any(text is None or names_a_release(text) for text in texts) or is_handed_a_release(effects.all_words)


def _own_files(effects: CommandEffects) -> list[str]:
    """The files of the repository in which the program stands that is run, as far as its words say."""
    tree, (program, *told) = effects.moment.frame.shared.tree, effects.all_words
    if text := _program_that_is_read(effects):
        return _modules_of(tree, text)
    by_path, by_go = "/" in (literal(program) or ""), effects.all_words[:2] == (("go",), ("run",))
    for word in [program] if by_path else [word for word in told if not head(word).startswith("-")]:
        path = literal(effects.place_of(word)) or ""
        module = path.replace(".", "/") if ("-m",) in told else ""
        ends = (f"{folder}{module}{end}" for folder in ("", "src/") for end in (".py", "/__main__.py") if module)
        found = [each for each in (path, *ends) if tree.is_file(each)]
        if by_go and path and not found:
            found = list(islice(tree.fitting(re.compile(f"{re.escape(path)}/[^/]+\\.go")), _MOST_FILES))
        if found:  # what comes behind the program is handed to it
            return found
    return []


def _modules_of(tree: Tree, text: str) -> list[str]:
    """The files of the repository that a program in Python imports."""
    from goldenpath.facts.python import modules_of, parsed

    module = parsed(text)
    paths = (name.replace(".", "/") for name in sorted(modules_of(module) if module is not None else ()))
    ends = (f"{folder}{path}{end}" for path in paths for folder in ("", "src/") for end in (".py", "/__init__.py"))
    return [path for path in islice(ends, _MOST_FILES) if tree.is_file(path)]


_MOST_FILES = 40
"""Most files of a program that are looked through."""


def _only_reads(effects: CommandEffects) -> bool:
    """Whether Node.js is given but a line that tells what a file of JSON says."""
    from goldenpath.facts.pipeline.inline import only_reads_json

    program, *options, text = [literal(word) or "" for word in effects.all_words]
    return program == "node" and {*options} <= {*INLINE} and only_reads_json(text)


def _is_module_that_does_nothing(effects: CommandEffects) -> bool:
    """Whether Python runs a module by the name of a program that does none of these acts, and none from here."""
    name = literal(effects.all_words[2]) if len(effects.all_words) > 2 else None
    if (
        not name
        or literal(effects.all_words[1]) != "-m"
        or not (literal(effects.all_words[0]) or "").startswith("python")
    ):
        return False
    tree = effects.moment.frame.shared.tree
    told = [literal(word) or "" for word in effects.all_words[3:6]]
    about = known_command([name, *told])[0] or known_command([name.replace("_", "-"), *told])[0]
    own = tree.named(f"{name}.py") or any(tree.exists(path) for path in (name, f"src/{name}"))
    return about is not None and about.releases_nothing and not own


def _generated(effects: CommandEffects) -> frozenset[str]:
    """What `go generate` could do: what the programs could that the Go files of the repository name."""
    from goldenpath.facts.pipeline.spoken import directives_of_go

    directives = directives_of_go(effects.moment.frame.shared.tree)
    if directives is None or _writes(effects, ".go"):
        return ANYTHING
    skipped = _SKIPS.search(effects.said())
    asked = (each for each in directives if skipped is None or skipped[1] not in " ".join(each[1]))
    others = {(folder, *words) for folder, words in asked if not _does_nothing(effects, words)}
    return frozenset[str]().union(*(_of_directive(effects, folder, words) for folder, *words in sorted(others)))


def _of_directive(effects: CommandEffects, folder: str, words: list[str]) -> frozenset[str]:
    """What a program that `go generate` runs could do: one from here that can but write files makes files."""
    from goldenpath.facts.pipeline.tools import golang

    tree = effects.moment.frame.shared.tree
    package = words[2] if words[:2] == ["go", "run"] and len(words) > 2 else "-"
    inside = None if package.startswith("-") else golang.package_of(tree, package, folder)
    read = golang.source(tree, inside) if inside is not None else None
    return frozenset({"build"}) if read is not None and read.only_writes else ANYTHING


def _run_from_source(effects: CommandEffects) -> frozenset[str]:
    """What `go run` could do, by what the sources of a program here speak of."""
    from goldenpath.facts.pipeline.spoken import powers_of_words
    from goldenpath.facts.pipeline.tools import golang

    package = literal(effects.place_of(effects.words.positionals[0])) if effects.words.positionals else None
    if package is None or _writes(effects, ".go"):
        return ANYTHING
    folder = posixpath.dirname(package) or "." if package.endswith(".go") else package
    read = golang.source(effects.moment.frame.shared.tree, folder)
    if read is None:
        return ANYTHING
    if read.only_writes:
        return frozenset({"build"})
    if read.starts_others:
        return effects.moment.spoken(f"{effects.said()}\n{read.text}")
    return effects.moment.spoken(effects.said()) | powers_of_words([read.text])  # what it names is no program of its


def _writes(effects: CommandEffects, end: str) -> bool:
    """Whether the job may have other sources of a language than the repository."""
    script, state = effects.script.script, effects.state
    files = (literal(path) or "" for path in state.workspace.written if isinstance(path, tuple))
    written = {*state.made, *state.replaced, *script.made, *script.changed, *files}
    return state.has_foreign_files or any(path.endswith(end) for path in written)


def _may_name_a_target(before: Value, word: Value) -> bool:
    """Whether a word of `dotnet publish` may say what else it does; what stands behind an option is its value."""
    start = head(word)
    return _OTHER_TARGET.fullmatch(start) is not None or (not start and not head(before).startswith("-"))


def _does_nothing(effects: CommandEffects, words: list[str]) -> bool:
    """Whether a command is a program of the table that does none of these acts, and no other one of its name."""
    about, _ = known_command(words[:4])
    return about is not None and about.releases_nothing and not effects.is_displaced(((words[0],),))
