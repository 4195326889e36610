"""The scripts of a job, followed as those of any other pipeline; what differs is where they come from and go to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.acts import Content
from goldenpath.facts.pipeline.effects import Effects, fits, name_of, tidy
from goldenpath.facts.pipeline.scripts import ScriptEffects
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import program_name
from goldenpath.facts.shell.text import lines_of
from goldenpath.facts.values import Symbol, Value, display, partition, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.state import Moment
    from goldenpath.facts.shell import Command, Opaque

SHELL = "bash -eo pipefail {0}"
"""How the runner runs scripts: it stops at errors, also within pipes wherever the shell of the image can tell."""

_NAMES = regex(r"[A-Za-z_]\w*")
_INPUT = regex(r"(\$\[\[[^\]]*\]\])")


READERS = frozenset({
    "cat", "echo", "printf", "test", "[", "[[", "grep", "cut", "head", "tail", "wc", "ls", "jq", "source", ".",
    "export", "stat", "chmod", "sha256sum", "diff", "touch",
})  # fmt: skip
"""Programs that leave the files as they are that they are told of."""

SIGNING = frozenset({"signed", "attested"})


class JobScript(ScriptEffects):
    """The lines of one or two scripts of a job, which run in one shell."""

    def __init__(self, moment: Moment) -> None:
        super().__init__(moment)
        self.files: dict[Value, Value] = {}
        self._changed: list[str] = []

    def _text(self, written: str) -> Value:
        """The script as the shell gets it: GitLab replaces nothing in it but inputs, of which some are not known."""
        parts = _INPUT.split(written)
        return value(*(Symbol("unknown", part) if index % 2 else part for index, part in enumerate(parts)))

    def _variables(self, text: str, *, leads: bool) -> tuple[tuple[str, Value], ...]:
        """The variables of the job, as far as the script speaks of them; what it leads to may speak of all."""
        spoken = set(_NAMES.findall(text))
        return tuple((name, each) for name, each in self.moment.environment.items() if leads or name in spoken)

    def _command(self, command: Command, opaque: Opaque | None) -> None:
        """What a command does; one that signs with an identity that it cannot have does nothing."""
        acts = self.moment.frame.shared.acts
        before = len(acts)
        super()._command(command, opaque)
        if program_name(command.words[0]) not in READERS:
            self._changed += ("".join(part for part in word if isinstance(part, str)) for word in command.words[1:])
        if problem := _why_not(command):
            acts[before:] = [replace(act, problem=problem) if act.kind in SIGNING else act for act in acts[before:]]

    def _carry_over(self) -> None:
        """Keep what is known of the files that the script has written."""
        self.files = {tidy(path): self.kept(text) for path, text in self.script.files.items()}
        self._keep_digests()
        self.moment.state.made |= self.script.made
        self.moment.state.replaced |= self.script.changed

    def _may_be_changed(self, path: Value) -> bool:
        """Whether a command that does more than read is told of a file that the script has written."""
        name = display(name_of(path))
        named = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
        return any(
            named.search(word) or ("*" in word and fits(name, word.rpartition("/")[2])) for word in self._changed
        )

    def _keep_digests(self) -> None:
        """Files that hold a digest of a build, and nothing else, are as good as those that a builder writes itself."""
        moment = self.moment
        effects = Effects(moment, moment.step.place, "", moment.guard())
        for path, text in self.files.items():
            digest = text[0] if text and text[1:] in {(), ("\n",)} else None
            if isinstance(digest, Symbol) and digest.kind == "digest" and not self._may_be_changed(path):
                effects.put(path, Content("metadata", effects.origin(path), digest=digest))

    def said(self, path: Value) -> dict[str, Value]:
        """The variables in a file of `name=value` lines, which later jobs will see."""
        text = self.files.get(tidy(path), ()) if not self._may_be_changed(path) else ()
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

TOKEN = "SIGSTORE_ID_TOKEN"  # noqa: S105 - the name of a variable
"""The variable in which programs look for it."""


def is_for_sigstore(token: Symbol) -> bool:
    """Whether Sigstore takes an identity; one whose audience only a run knows may be for it."""
    audiences = token.name.partition(" for ")[2].split()
    return SIGSTORE in audiences or any("$" in each for each in audiences)


def _why_not(command: Command) -> str | None:
    """Why a command cannot sign with the token that it is given: it is for others, or taken away before."""
    wrong = next((part for word in command.words for part in word if _is_for_others(part)), None)
    if isinstance(wrong, Symbol):
        return f"cannot work: Sigstore takes no token for others ({wrong.name})"
    options = {display(word).partition("=")[0] for word in command.words}
    emptied = command.environment.get(TOKEN) == () and options.isdisjoint({"--key", "--sk", "--identity-token"})
    return f"cannot work: {TOKEN} is empty by then" if emptied else None


def _is_for_others(part: str | Symbol) -> bool:
    return isinstance(part, Symbol) and part.kind == "id-token" and not is_for_sigstore(part)
