"""The scripts of a job, followed as those of any other pipeline; what differs is where they come from and go to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.effects import tidy
from goldenpath.facts.pipeline.scripts import ScriptEffects
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.text import lines_of
from goldenpath.facts.values import Symbol, Value, display, partition, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.state import Moment
    from goldenpath.facts.shell import Command, Opaque

SHELL = "bash -eo pipefail {0}"
"""How the runner runs scripts: it stops at errors, also within pipes wherever the shell of the image can tell."""

_NAMES = regex(r"[A-Za-z_]\w*")
_INPUT = regex(r"(\$\[\[[^\]]*\]\])")


SIGNING = frozenset({"signed", "attested"})


class JobScript(ScriptEffects):
    """The lines of one or two scripts of a job, which run in one shell."""

    def __init__(self, moment: Moment) -> None:
        super().__init__(moment)
        self.files: dict[Value, Value] = {}

    def _text(self, written: str) -> Value:
        """The script as the shell gets it: GitLab replaces nothing in it but inputs, of which some are not known."""
        parts = _INPUT.split(written)
        return value(*(Symbol("unknown", part) if index % 2 else part for index, part in enumerate(parts)))

    def _variables(self, text: str, *, leads: bool) -> tuple[tuple[str, Value], ...]:
        """The variables of the job, as far as the script speaks of them; what it leads to may speak of all."""
        spoken = set(_NAMES.findall(text))
        return tuple((name, each) for name, each in self.moment.environment.items() if leads or name in spoken)

    def _command(self, command: Command, opaque: Opaque | None) -> None:
        """What a command does; one that signs with an identity for another audience does nothing."""
        acts = self.moment.frame.shared.acts
        before = len(acts)
        super()._command(command, opaque)
        wrong = next((part for word in command.words for part in word if _is_for_others(part)), None)
        if isinstance(wrong, Symbol):
            problem = f"cannot work: Sigstore takes no token for others ({wrong.name})"
            acts[before:] = [replace(act, problem=problem) if act.kind in SIGNING else act for act in acts[before:]]

    def _carry_over(self) -> None:
        """Keep what is known of the files that the script has written."""
        self.files = {tidy(path): self.kept(text) for path, text in self.script.files.items()}
        self.moment.state.made |= self.script.made
        self.moment.state.replaced |= self.script.changed

    def said(self, path: Value) -> dict[str, Value]:
        """The variables in a file of `name=value` lines, which later jobs will see."""
        text = self.files.get(tidy(path), ())
        if text and isinstance(text[0], Symbol) and text[0].kind == "file":
            text = text[1:]  # what stood there before the script began: nothing, in a fresh checkout
        complete, rest = lines_of(text)
        found = {}
        for line in (*complete, rest):
            split = partition(line, "=")
            if split and re.fullmatch(r"\s*[A-Za-z_]\w*\s*", display(split[0])):
                found[display(split[0]).strip()] = split[1]
        return found


SIGSTORE = "sigstore"
"""The audience of a token that Sigstore takes."""


def is_for_sigstore(token: Symbol) -> bool:
    """Whether Sigstore takes an identity; one whose audience only a run knows may be for it."""
    audiences = token.name.partition(" for ")[2].split()
    return SIGSTORE in audiences or any("$" in each for each in audiences)


def _is_for_others(part: str | Symbol) -> bool:
    return isinstance(part, Symbol) and part.kind == "id-token" and not is_for_sigstore(part)
