"""Programs in other languages that stand in a script, and change the sources that they name.

Nobody follows them. Who names a source of the repository may change it, unless nothing in the program writes, moves or
removes anything, or starts another one; who stamps a version into it is in nobody's way.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.cleaning import cover
from goldenpath.facts.pipeline.commands.own_programs import paths_written
from goldenpath.facts.pipeline.commands.stamps import STAMP, stamps
from goldenpath.facts.pipeline.overlays import CODE, lay
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import display, head, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.values import Value

_WRITES = regex(
    r"(?i)writ|append|put_contents|\bfputs|rename|unlink|inplace|rmtree|\brm|\bcp\b|\bmv\b|copy|move|truncate|delete|\bdump\("
    r"|\bos\.replace|\)\.replace\(\s*['\"][\w./-]+['\"]\s*\)|\bopen\b[^\n]{0,200},\s*(?:mode\s*=\s*)?['\"][+rbt]*[wax>+]"
    r"|system|exec|spawn|popen|subprocess|`|\b(?:set|add|clear)-content|out-?file|remove-item|\brename-"
)
"""What a program says that does more than to read."""
_PATHS = regex(r"(?<![\w@./*-])[\w@./*-]+\.\w+")
_PROGRAM = r"-[\w.]*[cepEr]|--eval|--print|--run"
"""Options in front of a program; of several letters it is the last."""
_IN_PLACE = regex(r"-\w*i(?:\..*|[lanpe]*)")
"""How Perl and Ruby are told to print into the files that they read."""
_BY_LINE = frozenset({"perl", "ruby"})
_OUTPUT = frozenset({"-o", "--out", "--output", "--outfile", "--output-file"})
_ASKING = frozenset({"curl", "egrep", "fgrep", "grep", "ps", "rg", "wget"})
"""Programs that mean something else by `-o`, or of which is said elsewhere what they write."""


def edit_by_words(effects: CommandEffects) -> None:
    """A program that stands in a command's words, or is read from a here-document, and the files that it is handed."""
    told = effects.after(_PROGRAM)
    text = told[0] if told else effects.command.stdin or ()
    named = " ".join(display(word) for word in effects.all_words[1:] if word != text)
    in_place = literal(effects.all_words[0]) in _BY_LINE and any(map(_IN_PLACE.fullmatch, effects.words.options))
    edit_by_text(effects, text, effects.place_of, named, writes=in_place)
    if effects.words.positionals and not text:
        edit_by_file(effects, effects.words.positionals[0])
    if in_place and not told:
        edit_named(effects, effects.words.positionals)


def edit_by_file(effects: CommandEffects, word: Value) -> None:
    """A program of the repository names more sources than it changes: only those count into which it surely writes."""
    path = literal(effects.place_of(word))
    text = effects.moment.frame.shared.tree.text(path) if path and CODE.fullmatch(path) else None
    if path is None or text is None or STAMP.search(text):
        return
    for written in filter(CODE.fullmatch, paths_written(text, path)):
        at = value(written[1:]) if written.startswith("/") else effects.place_of(value(written))
        lay(effects, at, value(effects.text))


def edit(effects: CommandEffects) -> None:
    """A program of the table changes the files that it is handed, or all that stands where it is, if it is told to."""
    about, words = effects.about, effects.words
    asked = all(words.has(options) for options in (about.when, about.only) if options)
    if not asked or words.has(about.keeps):
        return
    files = [word for word in words.positionals if _may_stand(effects, word)] if about.whole else words.positionals
    edit_named(effects, files or [value(".")])


def _may_stand(effects: CommandEffects, word: Value) -> bool:
    """Whether a word may name files that stand here, and is no pattern of the program's own (`./...`, `.go`)."""
    path = literal(effects.place_of(word))
    return path is None or "*" in path or path == "." or effects.moment.frame.shared.tree.exists(path)


def edit_named(effects: CommandEffects, files: Iterable[Value]) -> None:
    """A program changes the files that it is handed, by words that nobody follows."""
    said = spoken([*effects.words.positionals, *effects.words.of(effects.about.when)])
    for word in files if not stamps(effects, said) else ():
        if path := effects.anywhere(word):
            cover(effects, path)
            lay(effects, path, value(effects.text))


def spoken(words: Iterable[Value]) -> Value:
    """Words in one text."""
    return value(*(part for word in words for part in (*word, " ")))


def write_over(effects: CommandEffects) -> None:
    """Whatever a program does, it writes into the file that stands behind `-o`."""
    for path in written_behind(effects):
        if CODE.fullmatch(literal(path) or "") and not stamps(effects, spoken(effects.all_words)):
            lay(effects, effects.place_of(path), value(effects.text))


def written_behind(effects: CommandEffects) -> Iterator[Value]:
    """The files that stand behind `-o` and its like, into which a program writes, whatever it does."""
    if not any(head(word).startswith(("-o", "--out")) for word in effects.all_words):  # as most do not
        return
    for word, after in pairwise((*effects.all_words, ())) if literal(effects.all_words[0]) not in _ASKING else ():
        option, said = partition(word, "=") or (word, after)
        if literal(option) in _OUTPUT and literal(said):
            yield said


def edit_by_text(
    effects: Effects, text: Value, place_of: Callable[[Value], Value], named: str = "", *, writes: bool = False
) -> None:
    """The sources that a program names, and those of the files that it is handed."""
    said = "".join(part if isinstance(part, str) else " " for part in text)
    if not (said and (writes or _WRITES.search(said))):
        return
    for written in paths_written(said, ""):
        if "*" not in written:
            cover(effects, place_of(value(written)))
    if stamps(effects, text):
        return
    for path in dict.fromkeys(_PATHS.findall(f"{said} {named}")):
        if CODE.fullmatch(path) and not STAMP.search(path):
            lay(effects, place_of(value(path)), value(effects.text))
