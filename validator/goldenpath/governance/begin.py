"""A contract to start from: what most organisations can meet at first, and what comes next, announced with its day."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.contract import named
from goldenpath.facts.references import parse_reference
from goldenpath.facts.tables import names_in
from goldenpath.governance.yaml import quoted
from goldenpath.reports import write
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUARTER = timedelta(days=90)
"""From now to what is announced: time for a team to get there."""


class Choices(Struct, frozen=True):
    """What an organisation says of itself; None where nobody has said it."""

    name: str | None = None
    owner: str | None = None
    approver: str | None = None
    oncall: str | None = None
    chat: str | None = None


OWNER = "group:default/platform"
"""Whose a contract is until somebody says otherwise."""

_DEFAULTS = Choices("platform", OWNER)


def ask(given: Choices) -> Choices:
    """Ask whoever sits at the terminal for what is not given; without one, or for an empty answer, the default."""
    answered = given
    for field, question in (
        ("name", "What is the contract called?"),
        ("owner", "Who owns it?"),
        ("approver", "Who may grant waivers?"),
        ("oncall", f"Which on-call product counts ({', '.join(names_in('oncall'))}; empty: any)?"),
        ("chat", f"Which chat counts ({', '.join(names_in('chat'))}; empty: any)?"),
    ):
        default = getattr(_DEFAULTS, field) or (answered.owner if field == "approver" else None)
        if getattr(answered, field) is None:
            answered = replace(answered, **{field: _answer(question, default) or default})
    return answered


def _answer(question: str, default: str | None) -> str:
    if not sys.stdin or not sys.stdin.isatty():
        return ""
    try:
        return input(f"{question}{f' [{default}]' if default else ''} ").strip()
    except EOFError:
        return ""


def begin(file: str, choices: Choices, day: date) -> str:
    """Write a contract, and say what comes next. Raises InputError where it cannot be; then nothing is written."""
    path = Path(file)
    if not file:
        raise InputError("FILE is empty (an unset variable?); name the file to write, such as contract.yaml")
    if path.exists():
        raise InputError(f"{file}: there is a file already; name another")
    if path.suffix not in {".yaml", ".yml"}:
        raise InputError(f"{file}: a contract is a YAML file; call it {path.stem}.yaml")
    _sound(choices)
    write(("\n".join(_lines(choices, day)), file), option="")
    try:
        contract = named(f"./{file}" if path.parent == Path() else file)
    except InputError:
        path.unlink()
        raise
    return (
        f"{file}: the contract {contract.name}, {len(contract.in_force(day))} checks today, more announced.\n"
        f"Next: goldenpath contract lint {file}, then goldenpath check --contract {file} in a service"
    )


def _sound(choices: Choices) -> None:
    """Refuse an answer that would not be understood, in the words of the question."""
    if not (choices.name or "").isprintable():
        raise InputError(f"--name: {choices.name!r} is no name of a contract; write it on one line")
    for option, text in (("--owner", choices.owner), ("--approver", choices.approver)):
        try:
            parse_reference(text or "", "group")
        except ValueError as error:
            raise InputError(f"{option}: {error}") from None
    for option, table, name in (("--oncall", "oncall", choices.oncall), ("--chat", "chat", choices.chat)):
        if name and name not in names_in(table):
            raise InputError(f"{option}: {name!r} is not known; known are {', '.join(names_in(table))}")


def _lines(choices: Choices, day: date) -> Iterator[str]:
    starter, standard = named("starter").checks, named("standard").checks
    later = [name for name in standard if name not in starter]
    width = max(len(name) for name in standard) + 1
    about: Callable[[str], str] = lambda name: f"    {f'{name}:'.ljust(width)} "  # noqa: E731 - a layout, said once
    yield from (
        "# What this platform asks of its services, and since when. `goldenpath contract lint` finds mistakes in it,",
        "# `goldenpath contract show PATH` says what it asks of a repository.",
        "apiVersion: goldenpath.dev/v1",
        "kind: PlatformContract",
        "metadata:",
        f"  name: {quoted(choices.name or '')}",
        f"  version: {day.year}.{day.month}.0 # yours to count; reports name it",
        f"  owner: {quoted(choices.owner or '')} # whom to ask about it",
        "spec:",
        "  # What is not said here is as in this contract, which ships with goldenpath: `goldenpath list` shows it.",
        "  # Checks that a later release brings come in on the day that it announces.",
        "  extends: standard",
        "  checks: # `goldenpath explain CHECK` says what each proves, and how to meet it",
        "    # From today: what a team can meet in weeks. `level: advisory` would report without lowering a tier.",
        *(f"    # {f'{name}:'.ljust(width)} {{tier: {starter[name][0].tier}}}" for name in starter),
        f"    # Announced, in force from {day + QUARTER} on; until then reports say what is coming.",
        *(f"{about(name)}{{from: {day + QUARTER}}} # {standard[name][0].tier}" for name in later),
        "    # To raise a floor, give a check two rules; to do without one, say why:",
        "    # code-owned: [{tier: silver}, {tier: bronze, from: 2028-01-01}]",
        '    # docs-published: {level: off, reason: "TechDocs comes next year"}',
        "  # Whom it judges, by spec.type and spec.lifecycle of the catalog entity; everybody without it.",
        "  # scope: {types: [service, library], lifecycles: [production]}",
        "  # Exceptions: a service asks, an approver grants, at most for so many days.",
        f"  waivers: {{max_days: 90, approvers: [{quoted(choices.approver or '')}]}}",
        "  settings:",
        "    owner_kinds: [group] # who may own a component: group, user",
        _setting("oncall", choices.oncall, "the on-call products that count"),
        _setting("chat", choices.chat, "the chats that count"),
        "    # alert_routes: # what a central Alertmanager does; `*` stands for any text",
        '    #   - {match: {severity: page, team: "*"}, receiver: pagerduty}',
        "    # template: # the suite that services follow, and the oldest release that is still good",
        '    #   {source: "https://git.example.com/acme/golden-path", minimum: v1.0.0}',
    )


def _setting(name: str, chosen: str | None, about: str) -> str:
    known = ", ".join(names_in(name))
    return (
        f"    {name}: [{chosen}] # {about}: {known}" if chosen else f"    # {name}: [{known}] # {about}; all without it"
    )
