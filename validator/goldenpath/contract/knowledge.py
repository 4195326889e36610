"""`spec.knowledge`: what an organisation's own actions, commands and presets do, by the word of its contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.contract.conversion import convert, nearest
from goldenpath.facts.declared import (
    USES,
    Action,
    Command,
    Declaration,
    Knowledge,
    Made,
    Preset,
    Subject,
    ToldAction,
    ToldCommand,
)
from goldenpath.facts.nodes import Malformed, Mapping, Sequence, locate
from goldenpath.facts.pipeline.permissions import SCOPES

if TYPE_CHECKING:
    from goldenpath.facts.nodes import Node


class _Knowledge(Struct, frozen=True, forbid_unknown_fields=True):
    actions: tuple[Action, ...] = ()
    commands: tuple[Command, ...] = ()
    updates: tuple[Preset, ...] = ()


_FIELDS = sorted(
    {
        field
        for model in (_Knowledge, Action, Command, Made, Preset, Subject)
        for field in model.__struct_encode_fields__
    }
)


def read_knowledge(root: Node, contract: str) -> Knowledge:
    """What a contract of that name says. Raises Malformed with the line of what is wrong."""
    said = convert(root, _Knowledge, _FIELDS, {})
    actions, commands = _items(root, "actions"), _items(root, "commands")
    for item, action in zip(actions, said.actions, strict=True):
        _named(item, action)
        _sound(item, action, action.uses)
    for item, command in zip(commands, said.commands, strict=True):
        _called(item, command)
        _sound(item, command, command.command)
    return Knowledge(
        tuple(ToldAction(each, _by(contract, item)) for item, each in zip(actions, said.actions, strict=True)),
        tuple(ToldCommand(each, _by(contract, item)) for item, each in zip(commands, said.commands, strict=True)),
        tuple(each.preset for each in said.updates),
    )


def _items(root: Node, name: str) -> list[Node]:
    listed = root.get(name) if isinstance(root, Mapping) else None
    return listed.items if isinstance(listed, Sequence) else []


def _by(contract: str, item: Node) -> str:
    return f"{contract}, line {item.place.line}"


def _named(item: Node, action: Action) -> None:
    if USES.fullmatch(action.uses) is None:
        form = "write owner/name, a path in it where it has one, and @version where only that is meant"
        raise Malformed(locate(item, "$.uses"), f"{action.uses!r} names no action or reusable workflow; {form}")


def _called(item: Node, command: Command) -> None:
    if not command.command.split() or command.command.startswith("-"):
        raise Malformed(locate(item, "$.command"), "name the first words of the command, its program before all")
    if isinstance(command.builds, Made) and command.builds.digest:
        raise Malformed(
            locate(item, "$.builds"), "a command has no outputs; `builds: {image: OPTION}` is what it can say"
        )
    for name, done in command.effects.items():
        for said in (done.image, done.digest) if isinstance(done, Subject | Made) else ():
            if said and said != "argument" and not said.startswith("-"):
                form = f"{said!r} is no option; write it with its dashes, or `argument` for the first word that is none"
                raise Malformed(locate(item, f"$.{name}"), form)


def _sound(item: Node, about: Declaration, called: str) -> None:
    """Refuse what says nothing, or contradicts itself."""
    if about.harmless and about.effects:
        other = next(iter(about.effects))
        problem = f"harmless means that it does none of the others, and {other} is said"
        raise Malformed(locate(item, "$.harmless"), problem)
    if not about.harmless and not about.effects:
        problem = f"nothing is said of what {called} does; write `harmless: true` if it does nothing"
        raise Malformed(item.place, problem)
    for name in ("sbom", "signs", "verifies", "scans"):
        done = about.effects.get(name)
        if done is True and not about.builds:
            form = f"{name}: {{image: …, digest: …}} names the inputs that say it"
            raise Malformed(locate(item, f"$.{name}"), f"what is it done to? Nothing is built there; {form}")
        if isinstance(done, Subject) and not (done.image or done.digest):
            form = "name the input with the digest, or with the image and its digest"
            raise Malformed(locate(item, f"$.{name}"), form)
    for number, scope in enumerate(about.writes):
        if scope not in SCOPES:
            near = nearest(scope, SCOPES)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(SCOPES)}"
            raise Malformed(locate(item, f"$.writes[{number}]"), f"there is no permission {scope!r}; {hint}")
