"""Reports that fail nothing by themselves, and the commands that judge what stands in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Content, Image
from goldenpath.facts.pipeline.commands.handing import handed, prints
from goldenpath.facts.pipeline.tables import WAITS_FOR_CHECKS
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.values import Symbol, Value, display, literal, partition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.pipeline.acts import Target
    from goldenpath.facts.pipeline.commands import CommandEffects

_WHY = "judges a report by a rule of its own, which is not followed"

_ASKING = frozenset({"grep", "egrep", "fgrep", "rg", "awk", "gawk", "cmp", "diff"})
"""Programs whose code says what they have found in a file."""
_ASKING_IF_TOLD = {"jq": "-e --exit-status", "gojq": "-e --exit-status", "yq": "-e --exit-status"}
"""Those that say it by their code where an option asks for that."""
_BUILTINS = frozenset({"test", "[", "[[", "exit", "return"})
"""What decides by a word that it is handed."""


def report(effects: CommandEffects, of: Target | None) -> None:
    """What is found out about something goes into files, or to who reads the output."""
    shared, outputs = effects.moment.frame.shared, effects.words.of("-o --output")
    named = [file for each in outputs for _, file in [partition(each, "=") or ((), ())] if file]
    files = [*named, *effects.words.of(effects.about.file), effects.written_to()]
    content = Content("report", effects.origin(effects.words.first(effects.about.file)), of)
    for file in filter(None, files):
        effects.put(effects.path(file), content)
    prints(effects, content)
    shared.has_reports = True


def ask(effects: CommandEffects) -> None:
    """A registry is asked what it has found in an image: one that is named by its digest, or that a run knows."""
    parts = [part for word in effects.all_words for part in word if isinstance(part, Symbol)]
    digest = next((part for part in parts if part.kind == "digest"), Symbol("unknown", effects.text))
    _ask(effects, Image((), digest=(digest,)))


def ask_for_checks(effects: CommandEffects) -> None:
    """GitHub is asked how the checks of a commit, or another run, have ended; some programs fail as those do."""
    if effects.words.has("--exit-status") or effects.all_words[1:3] == (("pr",), ("checks",)):
        effects.act("tested", unsure=WAITS_FOR_CHECKS)
    else:
        _ask(effects, None)


def _ask(effects: CommandEffects, of: Target | None) -> None:
    report(effects, of)
    if effects.command.substitution:
        content = Content("report", effects.origin(()), of)
        said = effects.script.script.substitutions.items()
        effects.script.judged |= {symbol: content for symbol, origin in said if origin == effects.command}
        effects.script.judged[_plain(" ".join(map(display, effects.all_words)))] = content


def judge(effects: CommandEffects) -> None:
    """Whoever reads a report may fail by what stands in it: then that is what refuses, by whatever rule."""
    read, script = next(_read(effects), None), effects.script
    text = _plain(" ".join(map(display, effects.all_words)))
    if read is not None:
        script.judged[text] = read
        for symbol, origin in script.script.substitutions.items() if effects.command.substitution else ():
            if origin == effects.command:
                script.judged[symbol] = read
    if effects.command.substitution:
        return
    judged = read if read is not None and _asks(effects) else _decided(effects)
    if judged is not None and _leaves(effects):
        refusing, kind = effects.instead(effects.all_words), "tested" if judged.of is None else "scanned"
        refusing.fatal = True
        refusing.act(kind, *([judged.of] if judged.of is not None else ()), unsure=_WHY)  # type: ignore[arg-type]


def _leaves(effects: CommandEffects) -> bool:
    """Whether the script fails by the code of a command: it is `exit`, or `! grep` comes last, or that is followed."""
    command = effects.command
    last = command is effects.script.script.commands[-1] and command.pipe_to is None
    return command.fatal or last or literal(effects.all_words[0]) == "exit"


def _read(effects: CommandEffects) -> Iterator[Content]:
    """The reports that a command reads: from a file, or from who hands it one."""
    for word in effects.all_words[1:]:
        for _, (content, _), _ in effects.pieces(effects.path(globbed(word))):
            if content.kind == "report":
                yield content
    given = handed(effects)
    if given is not None and given.kind == "report":
        yield given


def _asks(effects: CommandEffects) -> bool:
    """Whether the code of a command says what it has found."""
    program = literal(effects.all_words[0]) or ""
    options = _ASKING_IF_TOLD.get(program, "").split()
    asks = any(any(word.startswith(option) for option in options) for word in map(display, effects.all_words[1:]))
    return program in _ASKING or asks


def _decided(effects: CommandEffects) -> Content | None:
    """The report by which it is decided here whether the script goes on: a word says what stands in one, or an `if`."""
    program, judged = literal(effects.all_words[0]) or "", effects.script.judged
    if program in _BUILTINS:
        parts = (part for word in effects.all_words[1:] for part in word)
        told = [judged[part] for part in parts if isinstance(part, Symbol) and part in judged]
        if told:
            return told[0]
    if program != "false" and (program not in {"exit", "return"} or _says(effects.all_words[1:]) == "0"):
        return None
    said = _plain(" ".join(effects.command.condition))
    texts = (text for text in judged if isinstance(text, str) and (text in said or "((" in said))
    return next((judged[text] for text in texts), None)


def _plain(text: str) -> str:
    """A text without its quotes, which conditions have where commands do not."""
    return re.sub(r"['\"\\\\]", "", text)


def _says(words: tuple[Value, ...]) -> str:
    return (literal(words[0]) or "?") if words else "?"
