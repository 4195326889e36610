"""The scripts of a job, followed as those of any other pipeline; what differs is where they come from and go to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.changes import Changes
from goldenpath.facts.pipeline.effects import part_of, tidy
from goldenpath.facts.pipeline.kept import of_fresh_file
from goldenpath.facts.pipeline.moments import BY_IDENTITY
from goldenpath.facts.pipeline.scripts import ScriptEffects
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.leads import only_sets
from goldenpath.facts.shell.text import lines_of
from goldenpath.facts.values import Symbol, Value, display, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from goldenpath.facts.shell import Command, Opaque, Script

SHELL = "bash -eo pipefail {0}"
"""How the runner runs scripts: it stops at errors, also within pipes wherever the shell of the image can tell."""

_NAMES = regex(r"[A-Za-z_]\w*")
_INPUT = regex(r"(\$\[\[[^\]]*\]\])")


class JobScript(ScriptEffects):
    """The lines of one or two scripts of a job, which run in one shell: bash only where the image has it."""

    has_aliases = True

    def _text(self, written: str) -> Value:
        """The script as the shell gets it: GitLab replaces nothing in it but inputs, of which some are not known."""
        parts = _INPUT.split(written)
        return value(*(Symbol("unknown", part) if index % 2 else part for index, part in enumerate(parts)))

    def _variables(self, text: str, *, leads: bool) -> tuple[tuple[str, Value], ...]:
        """The variables of the job, as far as the script speaks of them; what it leads to may speak of all."""
        spoken = set(_NAMES.findall(text))
        return tuple((name, each) for name, each in self.moment.environment.items() if leads or name in spoken)

    def _followed(self, text: Value, shell: str | None) -> Script:
        """The script; what jobs before it have left is not followed where it may have changed that by then."""
        script, left = super()._followed(text, shell), self.moment.state.left
        changes = Changes(script.commands)
        changed = [path for path in left if changes.print_to(path) or changes.may_touch(value(path))]
        for path in changed:
            del left[path]
        return super()._followed(text, shell) if changed else script

    def _left(self) -> dict[Value, Value]:
        """Nothing but what is `left` by jobs of which each is looked at."""
        return {}

    def _command(self, command: Command, opaque: Opaque | None) -> None:
        """What a command does; one that signs with an identity that it cannot have does nothing."""
        acts = self.moment.frame.shared.acts
        before = len(acts)
        super()._command(command, opaque)
        problem, doubt = _why_not(command), _doubt(command, self.moment.environment)
        if not (problem or doubt):
            return
        for index, act in enumerate(acts[before:], before):
            if act.kind in BY_IDENTITY:
                acts[index] = replace(act, problem=problem or act.problem, unsure=act.unsure or doubt)

    def _carry_over(self) -> None:
        """Keep what is known of the files that the script has written."""
        self._keep_digests()
        self.moment.state.made |= self.script.made
        self.moment.state.replaced |= self.script.changed

    def left(self, kept: list[Value]) -> dict[str, Value]:
        """The texts of files that are kept, of those by which a shell that reads them sets variables and no more."""
        found: dict[str, Value] = {}
        for path, text in self.files.items() if kept else ():
            name = literal(path)
            if name and any(part_of(path, each) == () for each in kept) and not self.changes.may_touch(path):
                own = of_fresh_file(text)
                if only_sets(own):
                    found[name] = own
        return found

    def said(self, path: Value) -> dict[str, Value]:
        """The variables in a file of `name=value` lines, which later jobs will see."""
        text = self.files.get(tidy(path), ())
        if not text or self.changes.may_touch(path):
            return {}
        complete, rest = lines_of(of_fresh_file(text))
        found = {}
        for line in (*complete, rest):
            split = partition(line, "=")
            if split and re.fullmatch(r"\s*[A-Za-z_]\w*\s*", display(split[0])):
                found[display(split[0]).strip()] = split[1]
        return found


SIGSTORE = "sigstore"
"""The audience of a token that Sigstore takes."""

TOKEN = "SIGSTORE_ID_TOKEN"  # noqa: S105 - the name of a variable
"""The variable in which programs look for it."""


def is_for_sigstore(token: Symbol) -> bool:
    """Whether Sigstore takes an identity; one whose audience only a run knows may be for it."""
    audiences = _audiences(token)
    return SIGSTORE in audiences or any("$" in each for each in audiences)


def _audiences(token: Symbol) -> list[str]:
    return token.name.partition(" for ")[2].split()


def _why_not(command: Command) -> str | None:
    """Why a command cannot sign with the token that it is given: it is for others, or taken away before."""
    wrong = next((part for word in command.words for part in word if _is_for_others(part)), None)
    if isinstance(wrong, Symbol):
        return f"cannot work: Sigstore takes no token for others ({wrong.name})"
    emptied = command.environment.get(TOKEN) == () and _has_none(command)
    return f"cannot work: {TOKEN} is empty by then" if emptied else None


def _has_none(command: Command) -> bool:
    """Whether a command is handed neither a key nor a token, and has to find one."""
    options = {display(word).partition("=")[0] for word in command.words}
    return options.isdisjoint({"--key", "--sk", "--identity-token"})


def _doubt(command: Command, environment: Mapping[str, Value]) -> str | None:
    """Why it cannot be told whether a command can sign with the token that it finds."""
    token = next(iter(command.environment.get(TOKEN) or environment.get(TOKEN, ())), None)
    if not isinstance(token, Symbol) or token.kind != "id-token" or not _has_none(command):
        return None
    audiences = _audiences(token)
    return None if SIGSTORE in audiences else f"takes a token that is for {' '.join(audiences)}"


def _is_for_others(part: str | Symbol) -> bool:
    return isinstance(part, Symbol) and part.kind == "id-token" and not is_for_sigstore(part)
