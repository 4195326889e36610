"""What a contract says of an organisation's own actions and reusable workflows: its word, where nobody can look.

The vocabulary is for whoever writes a contract; what the whole world knows of public actions is in
knowledge/actions.yaml.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import display, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from goldenpath.facts.values import Value
    from goldenpath.facts.workflows import Uses

USES = regex(r"(?P<name>\w[\w.-]*(?:/[\w.-]+)+)(?:@(?P<version>[^@\s]+))?", re.ASCII)
"""What is meant: a repository or a path in it, and a ref or a version, which all versions below it are, too."""


class Made(Struct, frozen=True, forbid_unknown_fields=True):
    """An image that is built and pushed: the input with its name, the output with its digest."""

    image: str = ""
    digest: str = ""


class Subject(Struct, frozen=True, forbid_unknown_fields=True):
    """The inputs that say what something is done to: an image by name and digest, or all of it in one."""

    image: str = ""
    digest: str = ""


Done: TypeAlias = bool | Subject
"""Something is done: to what an input names, or (true) to what is built there."""


class Declaration(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What something does. `writes` are the scopes of the token that it needs: without them it fails."""

    builds: bool | Made = False
    sbom: Done = False
    signs: Done = False
    verifies: Done = False
    scans: Done = False
    tests: bool = False
    ships: Done = False
    harmless: bool = False
    writes: tuple[str, ...] = ()

    @property
    def effects(self) -> dict[str, Done | Made]:
        """What it does, in the order in which such things are done."""
        names = ("builds", "sbom", "signs", "tests", "verifies", "scans", "ships")
        return {name: done for name in names if (done := getattr(self, name)) is not False}


class Command(Declaration, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of `spec.knowledge.commands`, by the first words of a command; what subjects name are its options."""

    command: str

    @property
    def options(self) -> list[str]:
        """The options that have a value of interest."""
        subjects = [done for done in self.effects.values() if isinstance(done, Subject | Made)]
        return [name for each in subjects for name in (each.image, each.digest) if name.startswith("-")]


class Action(Declaration, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of `spec.knowledge.actions`; `when` has values of inputs, any of which will do (empty: not given)."""

    uses: str
    when: dict[str, str | tuple[str, ...]] = {}

    def is_of(self, uses: Uses) -> bool:
        """Whether it is about what is used: by name, and by version where it says one."""
        match = USES.fullmatch(self.uses)
        if match is None or match["name"].lower() != "/".join(filter(None, (uses.repository, uses.path))).lower():
            return False
        wanted = match["version"]
        if wanted is None or wanted == uses.ref:
            return True
        return f"{uses.version}.".startswith(f"{wanted.removeprefix('v')}.")

    def holds(self, given: Mapping[str, Value]) -> bool | str:
        """Whether it is so with these inputs, by their names in lower case; a text says on what it depends."""
        unclear = ""
        for name, values in self.when.items():
            value = given.get(name.lower(), ())
            said = literal(value)
            if said is None:
                unclear = display(value)
            elif said not in ((values,) if isinstance(values, str) else values):
                return False
        return unclear or True


class Preset(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `spec.knowledge.updates`: a preset of Renovate's that turns no updates off."""

    preset: str


class ToldAction(Struct, frozen=True):
    """What is said of an action, and who has said so and where, for people."""

    about: Action
    by: str


class ToldCommand(Struct, frozen=True):
    """The same of a command."""

    about: Command
    by: str


Told: TypeAlias = ToldAction | ToldCommand


class Knowledge(Struct, frozen=True):
    """All that a contract says."""

    actions: tuple[ToldAction, ...] = ()
    commands: tuple[ToldCommand, ...] = ()
    presets: tuple[str, ...] = ()

    def of(self, uses: Uses) -> tuple[ToldAction, ...]:
        """What is said of something that is used, whatever it is given."""
        return tuple(told for told in self.actions if told.about.is_of(uses)) if self.actions else ()

    def of_command(self, words: Sequence[str]) -> tuple[ToldCommand, int] | None:
        """What is said of a command, by the most of its first words, and how many those are."""
        found = [(told, told.about.command.split()) for told in self.commands]
        fitting = [(told, len(names)) for told, names in found if list(words[: len(names)]) == names]
        return max(fitting, key=lambda each: each[1], default=None)
