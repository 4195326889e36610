"""What is said of a service's life: for people, and for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.reports import json
from goldenpath.reports.terminal import printable, standard_output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.lifecycle.status import Status
    from goldenpath.lifecycle.update import Update
    from goldenpath.reports.terminal import Surface

_STYLES = {"current": "green", "behind": "yellow", "below-minimum": "red"}


def of_status(status: Status, form: str) -> str:
    """The status in the format of that name."""
    return json.encode(status) if form == "json" else "\n".join(_text(status, standard_output()))


def _text(status: Status, surface: Surface) -> Iterator[str]:
    name = status.repository.rpartition("/")[2]
    label = f" {status.state.replace('-', ' ').upper()} "
    yield f"{surface.paint(label, 'badge', _STYLES[status.state])}  {printable(name)}  {status.version}"
    margin = " " * (len(label) + 2)
    yield margin + surface.paint(printable(f"from {status.source}"), "dim")
    if status.releases:
        count = len(status.releases)
        yield f"{margin}newest {status.newest}, {count} release{'s' * (count > 1)} ahead"
    if status.minimum:
        yield margin + printable(f"the contract {status.contract} asks for {status.minimum} or newer")
    if status.changes is None:
        yield "\nThe source has no CHANGELOG.md, so what the newer releases bring is not told."
    for release in status.changes or ():
        yield ""
        yield surface.paint(printable(release.version), "bold") + printable(f"  {release.date}" if release.date else "")
        yield from (f"  {printable(line)}".rstrip() for line in release.changes.splitlines())
    if status.releases:
        yield "\nNext: goldenpath lifecycle update"


def of_update(update: Update) -> str:
    """What an update did, and what is left to do."""
    moved = f"from {update.before} to {update.after}" if update.before != update.after else f"{update.after} already"
    if not update.conflicts:
        return f"Updated: {moved}, no conflicts. Next: git diff, goldenpath check, commit"
    lines = [f"Updated: {moved}. Decide, then `git add` or `git rm` each:"]
    for path in update.conflicts:
        why = "the template removed it, the team edited it" if path in update.removed else "both changed the same lines"
        lines.append(f"  {printable(path)}  {why}")
    return "\n".join(lines)
