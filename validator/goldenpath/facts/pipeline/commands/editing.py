"""Programs in other languages that stand in a script, and change the sources that they name.

Nobody follows them. Who names a source of the repository may change it, unless nothing in the program writes, moves or
removes anything, or starts another one; who stamps a version into it is in nobody's way.
"""

from __future__ import annotations

import posixpath
from itertools import pairwise
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.cleaning import cover
from goldenpath.facts.pipeline.commands.own_programs import paths_written
from goldenpath.facts.pipeline.commands.stamps import STAMP, stamps
from goldenpath.facts.pipeline.effects import fits
from goldenpath.facts.pipeline.overlays import CODE, lay
from goldenpath.facts.pipeline.words import TALKS
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
_SCRIPT = regex(r"[^.*]+(?:\.(?:ba|k|z)?sh)?")
"""How scripts of a shell are called, and files of make and its like."""
_PROGRAM = regex(r"-[\w.]*[cepEr]|--eval|--print|--run|eval")
"""Options in front of a program; of several letters it is the last."""
_IN_PLACE = regex(r"-\w*i(?:\..*|[lanpe]*)")
"""How Perl and Ruby are told to print into the files that they read."""
_BY_LINE = frozenset({"perl", "ruby"})
_OUTPUT = frozenset({"-o", "-out", "--out", "--output", "--outfile", "--output-file"})
_ASKING = frozenset({"curl", "egrep", "fgrep", "grep", "ps", "rg", "wget"})
"""Programs that mean something else by `-o`, or of which is said elsewhere what they write."""


_EDITOR = regex(r"\b(?:sed|perl|ruby|awk|truncate|patch|sponge|tee)\b")
_EDITS = regex(
    r"\b(?:sed|perl|ruby)\s(?:[^;&|]{0,1000}\s)?(?:-\w*i\b|--in-place)"
    r"|\bawk\s(?:[^;&|]{0,1000}\s)?(?:-i|--include)[ =]?inplace\b"
    r"|\b(?:truncate|patch|sponge|tee)\s"
)
"""How a text says that files are changed where they stand, not far behind the program."""
_WRITES_BY_SCRIPT = {
    **dict.fromkeys(("sed", "gsed"), regex(r"(?:^|[\s;{}/\w|#,])w\s+([^\s;}]+)")),
    **dict.fromkeys(("awk", "gawk", "mawk"), regex(r">\s*\"([^\"]+)\"")),
}
"""How the scripts of programs name the files into which they write."""


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


def edit_by_another(effects: CommandEffects) -> None:
    """A program is handed a text, or a command that changes files, which it may run anywhere (`parallel`, `su -c`)."""
    for inline in effects.after(_PROGRAM):
        edit_by_text(effects, inline, effects.place_of)
    words = effects.all_words
    if not any(_EDITOR.search(literal(word) or "") for word in words[1:]):
        return
    said = spoken(words[1:])
    text = display(said)
    if (literal(words[0]) in TALKS and "system(" not in text) or not _EDITS.search(text) or stamps(effects, said):
        return
    outside = any(each.startswith("/") for each in text.split())
    for path in _PATHS.findall(text) or ([] if outside else ["."]):
        if path == "." or CODE.fullmatch(path):
            lay(effects, value(path if path == "." else f"**/{posixpath.basename(path)}"), value(effects.text))


def write_by_script(effects: CommandEffects) -> None:
    """The scripts of sed and awk name files into which they write."""
    edit_by_another(effects)
    pattern = _WRITES_BY_SCRIPT.get(literal(effects.all_words[0]) or "")
    said = spoken(effects.all_words[1:]) if pattern is not None else ()
    for path in pattern.findall(display(said)) if pattern is not None else ():
        if CODE.fullmatch(path) and not stamps(effects, said):
            lay(effects, effects.place_of(value(path)), value(effects.text))


def edit_by_file(effects: CommandEffects, word: Value) -> None:
    """A program of the repository names more sources than it changes: only those count into which it surely writes.

    A script that it writes anew is none that anybody has read.
    """
    tree = effects.moment.frame.shared.tree
    path = literal(effects.place_of(word))
    text = tree.text(path) if path and CODE.fullmatch(path) else None
    if path is None or text is None or effects.moment.dead:
        return
    for written in paths_written(text, path):
        at = value(written[1:]) if written.startswith("/") else effects.place_of(value(written))
        name = posixpath.basename(written)
        if not CODE.fullmatch(written):
            meant = tree.named(name) if _SCRIPT.fullmatch(name) else ()
            effects.state.replaced.update(each for each in meant if fits(each, literal(at) or ""))
        elif not STAMP.search(text):
            lay(effects, at, value(effects.text))


def edit(effects: CommandEffects) -> None:
    """A program of the table changes the files that it is handed, or all that stands where it is, if it is told to."""
    about, words = effects.about, effects.words
    asked = all(words.has(options) for options in (about.when, about.only) if options)
    if not asked or words.has(about.keeps):
        return
    files = words.of(about.out) or (words.positionals if about.named is None else words.positionals[about.named :][:1])
    if about.whole:
        files = [word for word in files if _may_stand(effects, word)] or [value(".")]
    edit_named(effects, files)


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
    if not effects.moment.dead:
        settings = (each for each in paths_written(said, "") if not CODE.fullmatch(each))
        effects.state.replaced.update(literal(place_of(value(each))) or "" for each in settings)
    for path in dict.fromkeys(_PATHS.findall(f"{said} {named}")):
        if CODE.fullmatch(path) and not STAMP.search(path):
            lay(effects, place_of(value(path)), value(effects.text))
