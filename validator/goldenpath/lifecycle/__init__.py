"""A generated service's life: which release of its template it follows, and how it comes to a newer one.

The one part of goldenpath that talks to other machines: to the suite that a service was made from. The spine knows
nothing of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from goldenpath.arguments import Parser, directory

if TYPE_CHECKING:
    from collections.abc import Sequence

_STATUS = """\
Unlike `goldenpath check`, this talks to the source: it asks the suite that the service was made
from for its tags and its CHANGELOG.md, over https or ssh, and never for a password. Other
addresses, and paths, are asked only when --source names them.

Exit code 0: current, or at least as new as the contract's minimum. 1: older than that minimum.
2: it cannot be known; the message says why.
"""

_UPDATE = """\
This runs `copier update` (install goldenpath[templates]), keeps every answer, and looks at what
is left: Copier ends well with conflicts, and removes a file that the template no longer has even
where the team has edited it. Such a file is kept, as a conflict. Nothing is committed.

Exit code 0: updated, or current already. 1: updated, with conflicts to solve. 2: not updated; the
message says why.
"""


def parser() -> Parser:
    """The command line of `goldenpath lifecycle`."""
    root = Parser(prog="goldenpath lifecycle", description="Keep a service current with its template.")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    about = "which release of its template a service follows, the newest one, and what lies between"
    status = commands.add_parser("status", help=about, description=f"Say {about}.", epilog=_STATUS)
    status.add_argument("path", nargs="?", default=".", type=directory, metavar="PATH", help="the service (default: .)")
    status.add_argument(
        "--source", metavar="URL|PATH", help="ask this copy of the suite: an address, a repository, or a git bundle"
    )
    status.add_argument("--contract", metavar="NAME|FILE", help="the platform contract, as for `goldenpath check`")
    status.add_argument("--format", choices=["text", "json"], default="text", help="what to write (default: text)")

    about = "follow the newest release of the template, and name what must be decided"
    update = commands.add_parser("update", help=about, description=f"F{about[1:]}.", epilog=_UPDATE)
    update.add_argument(
        "path", nargs="?", default=".", type=directory, metavar="PATH", help="the service, committed (default: .)"
    )
    update.add_argument("--to", metavar="VERSION", help="this release instead of the newest")
    return root


def main(arguments: Sequence[str]) -> int:
    """Run a lifecycle command and return its exit code. Raises InputError where it cannot be answered."""
    from goldenpath.lifecycle import report
    from goldenpath.reports import write

    options = parser().parse_args(arguments)
    if options.command == "update":
        from goldenpath.lifecycle.update import update

        done = update(Path(options.path), options.to)
        write((report.of_update(done), None))
        return 1 if done.conflicts else 0
    from goldenpath.lifecycle.status import status

    found = status(Path(options.path), options.source, options.contract)
    write((report.of_status(found, options.format), None))
    return 1 if found.state == "below-minimum" else 0
