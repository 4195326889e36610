"""Programs in other languages that stand in a script, and change the sources that they name.

Nobody follows them. Who names a source of the repository may change it, unless nothing in the program writes, moves or
removes anything, or starts another one; who stamps a version into it is in nobody's way.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.cleaning import cover
from goldenpath.facts.pipeline.overlays import CODE, anywhere, lay
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import display, head, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.values import Value

STAMP = regex(
    r"\d\.\d|(?i:(?<!con)(?<!in)(?<!di)(?<!per)version|revision)|(?<![A-Za-z])(?:release|commit|build|date)(?![a-z])"
    r"|(?:Release|Commit|Build|Date)(?![a-z])|RELEASE|COMMIT|BUILD|DATE"
)
"""What speaks of a version, as a word or as a part of a name (`buildDate`); `validate` and `conversion` do not."""
_WRITES = regex(
    r"(?i)writ|append|put_contents|\bfputs|rename|unlink|inplace|rmtree|\brm|\bcp\b|\bmv\b|copy|move|truncate|delete|\bdump\("
    r"|\bos\.replace|\)\.replace\(\s*['\"][\w./-]+['\"]\s*\)|\bopen\b[^\n]{0,200},\s*(?:mode\s*=\s*)?['\"][+rbt]*[wax>+]"
    r"|system|exec|spawn|popen|subprocess|`|\b(?:set|add|clear)-content|out-?file|remove-item|\brename-"
)
"""What a program says that does more than to read."""
_WRITES_AT = regex(
    r"\b(?:write|append|unlink|truncate|rm)\w*\(\s*['\"]([\w./-]+)['\"]|\bopen\(\s*['\"]([\w./-]+)['\"]\s*,\s*(?:mode\s*=\s*)?['\"][wax]"
    r"|\bPath\(\s*['\"]([\w./-]+)['\"]\s*\)\.(?:write|unlink)|\bFile\.write\(\s*['\"]([\w./-]+)['\"]"
)
"""Where it writes into, or removes, a file that it names right there."""
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
    if not text:
        _edit_by_file(effects)
    if in_place and not told:
        edit_named(effects)


def _edit_by_file(effects: CommandEffects) -> None:
    """A program of the repository names more sources than it changes: only those count into which it surely writes."""
    path = literal(effects.place_of(effects.words.positionals[0])) if effects.words.positionals else None
    text = effects.moment.frame.shared.tree.text(path) if path and CODE.fullmatch(path) else None
    if text is None or STAMP.search(text):
        return
    for found in _WRITES_AT.finditer(text):
        lay(effects, effects.place_of(value(next(filter(None, found.groups())))), value(effects.text))


def edit_named(effects: CommandEffects) -> None:
    """A program changes the files that it is handed, by words that nobody follows."""
    for word in effects.words.positionals if not STAMP.search(effects.text) else ():
        if path := anywhere(word):
            cover(effects, effects.path(path))
            lay(effects, effects.place_of(path), value(effects.text))


def write_over(effects: CommandEffects) -> None:
    """Whatever a program does, it writes into the file that stands behind `-o`."""
    if not any(head(word).startswith(("-o", "--out")) for word in effects.all_words):  # as most do not
        return
    if literal(effects.all_words[0]) in _ASKING or STAMP.search(effects.text):
        return
    for word, after in pairwise((*effects.all_words, ())):
        option, said = partition(word, "=") or (word, after)
        if literal(option) in _OUTPUT and (path := literal(said)) and CODE.fullmatch(path):
            lay(effects, effects.place_of(value(path)), value(effects.text))


def edit_by_text(
    effects: Effects, text: Value, place_of: Callable[[Value], Value], named: str = "", *, writes: bool = False
) -> None:
    """A program that is the same in every run, and the files that it is handed."""
    said = literal(text)
    if not said or STAMP.search(said) or not (writes or _WRITES.search(said)):
        return
    for path in dict.fromkeys(_PATHS.findall(f"{said} {named}")):
        if CODE.fullmatch(path) and not STAMP.search(path):
            lay(effects, place_of(value(path)), value(effects.text))
