"""What a command is handed of SBOMs, reports and lists of digests: from a file, or by those before it in its pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.acts import Files
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, display, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from goldenpath.facts.pipeline.acts import Content
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.shell import Command
    from goldenpath.facts.values import Value

FOLLOWED = frozenset({"sbom", "derived", "report", "index"})
"""Contents of which something is known when a program has picked something from them."""

_PICKING = frozenset({
    "jq", "gojq", "yq", "base64", "cat", "tee", "head", "tail", "tr", "cut", "sed", "grep", "awk", "sort", "wc", "uniq",
})  # fmt: skip
"""Programs that pick something from what they are handed, or write it in another way."""
_WITHOUT_LOSS = {
    "cat": frozenset({""}),
    "tee": frozenset({"", "-a"}),
    "base64": frozenset({"-d", "-D", "--decode", "-w0"}),
    "jq": frozenset({"-r", "--raw-output", "-c", "-M", "-S", "-e"}),
}
"""Programs that hand on all of it with no options but these, or of an attestation the SBOM that is in it."""
_LINE_BY_LINE = {
    "cat": frozenset({""}),
    "tee": frozenset({"", "-a"}),
    "sort": frozenset({"", "-k", "-k1", "-k2", "-b", "-d", "-f", "-n", "-r", "-s", "-u", "-V"}),
}
"""Programs that hand on each line of a list with no options but these."""
_PART = regex(r"[.\w|@ ]+")
"""What is asked of jq by names alone: a part of an SBOM by its name is none, so that no scanner takes it for one."""

_MAX_STAGES = 16


def prints(effects: CommandEffects, content: Content) -> None:
    """What a command prints is handed to the one behind it in its pipe."""
    if effects.command.pipe_to is not None:
        own = effects.script.script.commands[effects.command.pipe_to].pipe_from
        effects.script.printed |= {own: content} if own is not None else {}


def handed(effects: CommandEffects) -> Content | None:
    """What a command reads, as those before it in its pipe have handed it on."""
    if not (effects.script.printed or effects.state.workspace.written):
        return None
    stages: list[Command] = []
    command, commands = effects.command, effects.script.script.commands
    for _ in range(_MAX_STAGES):
        at = command.pipe_from
        content = effects.script.printed.get(at) if at is not None else next(_in_files(effects, command), None)
        if content is not None:
            for stage in reversed(stages):
                content = picked(content, stage)
            return content
        if at is None or (commands[at].program or "") not in _PICKING:
            break
        command = commands[at]
        stages.append(command)
    return None


def picked(content: Content, by: Command) -> Content:
    """What a program hands on of an SBOM, a report or a list of digests, of which nobody knows what it leaves."""
    if _is_whole(by, _LINE_BY_LINE if content.kind == "index" else _WITHOUT_LOSS):
        return content
    if content.kind == "index":
        return replace(content, of=Files(value(Symbol("line", "what is left of a list"))))
    return replace(content, opaque=True) if content.kind == "report" else replace(content, kind="derived")


def _is_whole(by: Command, lossless: Mapping[str, frozenset[str]]) -> bool:
    """Whether a program hands on all of what it reads."""
    program, words = by.program or "", [display(word) for word in by.arguments]
    options, rest = ([word for word in words if word.startswith("-") is kind] for kind in (True, False))
    if not lossless.get(program, frozenset()).issuperset(options):
        return False
    if program == "jq":
        asked, rest = rest[:1], rest[1:]
        if not (asked and _PART.fullmatch(asked[0])):
            return False
    if program == "sort" and "-k" in options:
        rest = rest[1:]  # the field by which it sorts
    return program == "tee" or len(rest) == (by.pipe_from is None and not _inputs(by))


def _in_files(effects: CommandEffects, command: Command) -> Iterator[Content]:
    """What stands in the files that a command is handed, or that one before it in the pipe reads."""
    for word in (*_inputs(command), *(command.arguments if command is not effects.command else ())):
        for _, (content, _), _ in effects.pieces(effects.path(globbed(word))):
            if content.kind in FOLLOWED:
                yield content


def _inputs(command: Command) -> list[Value]:
    return [each.target for each in command.redirects if each.operator == "<"]
