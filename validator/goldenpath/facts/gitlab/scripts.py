"""The scripts of a job, followed as those of any other pipeline; what differs is where they come from and go to."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.acts import Content, is_of_registry
from goldenpath.facts.pipeline.commands.clobbering import clobbered, is_within_any
from goldenpath.facts.pipeline.effects import Effects, fits, name_of, part_of, tidy
from goldenpath.facts.pipeline.scripts import ScriptEffects
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.expansion import is_solid
from goldenpath.facts.shell.script import program_name, unwrapped
from goldenpath.facts.shell.text import lines_of
from goldenpath.facts.values import Symbol, Value, display, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from goldenpath.facts.pipeline.state import Moment
    from goldenpath.facts.shell import Command, Opaque, Script

SHELL = "bash -eo pipefail {0}"
"""How the runner runs scripts: it stops at errors, also within pipes wherever the shell of the image can tell."""

_NAMES = regex(r"[A-Za-z_]\w*")
_REST_OF_IMAGE = regex(r"^[\w./:@-]+")
_PLAIN = regex(r"[\w./:@%+,-]*")
_SETS = regex(r"(export )?[A-Za-z_]\w*=" + _PLAIN.pattern)
_INPUT = regex(r"(\$\[\[[^\]]*\]\])")


READERS = frozenset({
    "cat", "echo", "printf", "test", "[", "[[", "grep", "cut", "head", "tail", "wc", "ls", "jq", "source", ".",
    "export", "stat", "chmod", "sha256sum", "diff", "touch", "mkdir", "tee",
})  # fmt: skip
"""Programs that leave the files as they are that they are told of; what `tee` writes is followed."""

REMOVERS = frozenset({"rm", "mv"})
"""Programs after which there is nothing in the folders that they are told of."""

MAX_PATTERNS = 100
"""Most patterns of files in the commands of a script that are compared with the files that it has written."""

SIGNING = frozenset({"signed", "attested"})


class JobScript(ScriptEffects):
    """The lines of one or two scripts of a job, which run in one shell."""

    def __init__(self, moment: Moment) -> None:
        super().__init__(moment)
        self.files: dict[Value, Value] = {}
        self._changed: list[str] = []
        self._moved: set[str] = set()
        self._clobbered: set[str] = set()

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
        for command in script.commands:
            if command.reachable:
                self._note_changes(command)
        printed = {_written(name_of(each)) for command in script.commands for each in _printed_to(command)}
        changed = [path for path in left if path.rpartition("/")[2] in printed or self._may_be_changed(value(path))]
        for path in changed:
            del left[path]
        return super()._followed(text, shell) if changed else script

    def _command(self, command: Command, opaque: Opaque | None) -> None:
        """What a command does; one that signs with an identity that it cannot have does nothing."""
        acts = self.moment.frame.shared.acts
        before = len(acts)
        super()._command(command, opaque)
        problem, doubt = _why_not(command), _doubt(command, self.moment.environment)
        if problem or doubt:
            acts[before:] = [
                replace(act, problem=problem or act.problem, unsure=act.unsure or doubt) if act.kind in SIGNING else act
                for act in acts[before:]
            ]

    def _note_changes(self, command: Command) -> None:
        """Keep in mind what a command may change: what it is told of, unless it only reads, and what it prints to."""
        words = unwrapped(command.words)
        program = program_name(words[0]) if words else None
        told = [_written(word) for word in words[_length_of_verb(words) :]]
        if program not in READERS:
            self._changed += told
        if program in REMOVERS:
            self._moved |= {each.removeprefix("./").strip("/") for each in told}
        self._clobbered.update(clobbered(program, words[1:]))
        if command.folder:
            self._changed += (_written(each.target) for each in command.redirects if each.operator.startswith(">"))

    def _carry_over(self) -> None:
        """Keep what is known of the files that the script has written."""
        self.files = {tidy(path): self.kept(text) for path, text in self.script.files.items()}
        self._keep_digests()
        self.moment.state.made |= self.script.made
        self.moment.state.replaced |= self.script.changed

    def _may_be_changed(self, path: Value) -> bool:
        """Whether a command that does more than read is told of a file that the script has written, or of a folder."""
        name = display(name_of(path))
        if not self._moved.isdisjoint(_folders_of(display(path))):
            return True
        if len(self._clobbered) > MAX_PATTERNS or is_within_any(path, self._clobbered):
            return True
        patterns = {word.rpartition("/")[2] for word in self._changed if "*" in word}
        named = re.search(rf"(?<![\w.-])(?<!type=){re.escape(name)}(?![\w=-])", "\n".join(self._changed))
        return bool(named) or len(patterns) > MAX_PATTERNS or any(fits(name, pattern) for pattern in patterns)

    def _keep_digests(self) -> None:
        """Files that hold a digest of a build, and nothing else, are as good as those that a builder writes itself."""
        moment = self.moment
        effects = Effects(moment, moment.step.place, "")
        for path, text in self.files.items():
            digest = text[0] if text and text[1:] in {(), ("\n",)} else None
            if isinstance(digest, Symbol) and digest.kind == "digest" and not self._may_be_changed(path):
                effects.put(path, Content("metadata", effects.origin(path), digest=digest))

    def left(self, kept: list[Value]) -> dict[str, Value]:
        """The texts of files that are kept, of those by which a shell that reads them sets variables and no more."""
        found: dict[str, Value] = {}
        for path, text in self.files.items() if kept else ():
            name = literal(path)
            if name and any(part_of(path, each) == () for each in kept) and not self._may_be_changed(path):
                own = _of_fresh_file(text)
                complete, rest = lines_of(own)
                if all(map(_sets, filter(None, (*complete, rest)))):
                    found[name] = own
        return found

    def said(self, path: Value) -> dict[str, Value]:
        """The variables in a file of `name=value` lines, which later jobs will see."""
        text = self.files.get(tidy(path), ())
        if not text or self._may_be_changed(path):
            return {}
        complete, rest = lines_of(_of_fresh_file(text))
        found = {}
        for line in (*complete, rest):
            split = partition(line, "=")
            if split and re.fullmatch(r"\s*[A-Za-z_]\w*\s*", display(split[0])):
                found[display(split[0]).strip()] = split[1]
        return found


def _printed_to(command: Command) -> Iterator[Value]:
    """The files that a command prints to."""
    yield from (each.target for each in command.redirects if each.operator.startswith(">"))
    yield from command.words[1:] if literal(command.words[0]) == "tee" else ()


def _written(word: Value) -> str:
    """What a word says by itself; the rest of the name of an image in the registry is no file's."""
    parts = ((part, before) for before, part in pairwise(("", *word)) if isinstance(part, str))
    return "".join(_REST_OF_IMAGE.sub("", part, 1) if is_of_registry(before) else part for part, before in parts)


def _of_fresh_file(text: Value) -> Value:
    """A text without what stood in the file before the script began: nothing, in a fresh checkout."""
    return value(*text[1:]) if text and isinstance(text[0], Symbol) and text[0].kind == "file" else text


def _sets(line: Value) -> bool:
    """Whether a line sets a variable to a word as it stands, which a shell that reads it cannot take for more."""
    head, *rest = line
    if not (isinstance(head, str) and _SETS.fullmatch(head)):
        return False
    return all(_PLAIN.fullmatch(part) if isinstance(part, str) else is_solid(part) for part in rest)


def _length_of_verb(words: tuple[Value, ...]) -> int:
    """How many words of a command say what it does, before those that say of what."""
    return max(known_command([literal(word) or "" for word in words])[1], 1)


def _folders_of(path: str) -> Iterator[str]:
    """The folders in which a file lies, and the patterns that mean all that stands in them."""
    parts = path.split("/")[:-1]
    for length in range(1, len(parts) + 1):
        folder = "/".join(parts[:length])
        yield from (folder, f"{folder}/*", f"{folder}/.")
    if parts:
        yield from ("*", ".")


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
