"""A request for a waiver, written into the service's own file: what stands there is kept to the letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.contract import SERVICE_FILE, check, choose
from goldenpath.contract.waivers import read_requests
from goldenpath.facts.nodes import Malformed, Mapping, Sequence, parse
from goldenpath.governance.yaml import quoted
from goldenpath.reports import write
from goldenpath.repository import InputError, open_repository

if TYPE_CHECKING:
    from pathlib import Path

    from goldenpath.contract import Contract
    from goldenpath.contract.waivers import Asked


def add(folder: Path, asked: Asked, contract: str | None) -> str:
    """Add a request to the service in a folder, and say what comes next.

    Raises InputError where nobody could approve it; then nothing is written.
    """
    check(asked.check)
    with open_repository(folder) as repository:
        rules = choose(repository, contract)  # what stands there must be sound before anything is added
    file = folder / SERVICE_FILE
    after = _with_request(file.read_bytes().decode() if file.exists() else "", asked)
    _judge(after, asked, rules, file)
    write((after.rstrip("\n"), str(file)), option="")
    return (
        f"{file}: {asked.check} is asked to be waived until {asked.expires}.\n"
        f"Next: commit it, and ask an approver to run `goldenpath waiver approve`"
    )


def _judge(text: str, asked: Asked, rules: Contract, file: Path) -> None:
    """Read the file as it would be, be it tracked by git yet or not. Raises InputError where the request is unsound."""
    waivers, _ = _where(text)
    try:
        requests = read_requests(waivers, rules) if waivers else ()
    except Malformed as error:  # its place is a line that nobody has written yet
        raise InputError(f"nothing is asked for: {error}") from None
    same = [request for request in requests if replace(request.asked, requested=asked.requested) == asked]
    if len(same) > 1:
        raise InputError(f"{file.parent / str(same[0].place)}: this is asked for already; an approver has to grant it")
    if not same:
        raise InputError(f"{SERVICE_FILE}: the request was not understood as it was meant; write it there")


def _with_request(text: str, asked: Asked) -> str:
    """The file's text with one more request, after those that it has."""
    waivers, end = _where(text)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if waivers is None:
        return "".join([*lines, *(["\n"] if lines else []), "waivers:\n", *_written(asked, "  ")])
    first = re.match(r"( *)- ", lines[waivers.items[0].place.line - 1]) if waivers.items else None
    if first is None:
        raise InputError(
            f"{SERVICE_FILE}:{waivers.place.line}: write the waivers one below the other, each with a dash"
        )
    while lines[end - 1].strip() == "" or lines[end - 1].startswith("#"):
        end -= 1
    return "".join([*lines[:end], *_written(asked, first[1]), *lines[end:]])


def _where(text: str) -> tuple[Sequence | None, int]:
    """The requests that there are, and how many lines of the file come before what follows them."""
    try:
        documents = parse(SERVICE_FILE, text)
    except Malformed as error:
        raise InputError(f"{error.place}: {error}") from None
    root = documents[0] if documents else None
    lines = len(text.splitlines())
    if not isinstance(root, Mapping) or "waivers" not in root.values:
        return None, lines
    waivers = root.values["waivers"]
    begin = root.keys["waivers"].place.line
    if not isinstance(waivers, Sequence):
        raise InputError(f"{SERVICE_FILE}:{begin}: waivers is a list; write the first one below it, with a dash")
    later = [key.place.line for key in root.keys.values() if key.place.line > begin]
    return waivers, min(later, default=lines + 1) - 1


def _written(asked: Asked, indent: str) -> list[str]:
    """The request as lines of YAML."""
    lines = [
        f"- check: {asked.check}",
        f"  reason: {quoted(asked.reason)}",
        f"  requested_by: {quoted(asked.requested_by)}",
        f"  requested: {asked.requested}",
        f"  expires: {asked.expires}",
        *([f"  scope: {quoted(list(asked.scope))}"] if asked.scope else []),
    ]
    return [f"{indent}{line}\n" for line in lines]
