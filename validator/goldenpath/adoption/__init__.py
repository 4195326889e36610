"""Adoption: the compliance layer of the templates, laid over a repository that exists.

What the repository says of itself is read as facts, never run; what is missing is rendered by Copier into a folder of
its own and judged there; only then, and only if somebody agrees, the files are put where nothing was. No line that a
team wrote changes, and what is left for the team is a short list.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from goldenpath.arguments import Parser, directory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from goldenpath.adoption.plan import Plan

LAID, NOT_CONFIRMED = 0, 1

_EPILOG = """\
Examples:
  goldenpath adopt                     the repository you are in: a preview, and a question
  goldenpath adopt --dry-run           the preview alone; nothing is written
  goldenpath adopt --yes -d owner=payments -d oncall=PABC123 -d chat=payments
                                       no question at all
  goldenpath adopt --source https://git.acme.example/platform/goldenpath
                                       your organisation's fork of the suite

It needs Copier (install goldenpath[templates]) and a work tree without uncommitted changes. What
the repository does not say is asked for: owner, on-call and chat at most. Existing files are never
changed; nothing of the repository is run. Afterwards `copier update` keeps the files current.

Exit code 0: laid, or nothing to lay, or --dry-run. 1: nobody has confirmed it. 2: it cannot be
done; the message says why.
"""


def parser() -> Parser:
    """The command line of `goldenpath adopt`."""
    root = Parser(
        prog="goldenpath adopt",
        description="Lay the golden path over a repository that exists: add what is missing, change nothing.",
        epilog=_EPILOG,
    )
    root.add_argument(
        "path", nargs="?", default=".", type=directory, metavar="PATH", help="the repository's top folder (default: .)"
    )
    root.add_argument("--dry-run", action="store_true", help="show what would be added, and write nothing")
    root.add_argument("--yes", action="store_true", help="write without asking")
    root.add_argument(
        "-d",
        "--data",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="the answer to a question (owner=payments), instead of what was found; may be given again",
    )
    root.add_argument("--source", metavar="URL|PATH", help="the suite, or your fork of it (default: the contract's)")
    root.add_argument("--to", metavar="VERSION", help="this release of the suite (default: the newest)")
    root.add_argument("--contract", metavar="NAME|FILE", help="the platform contract, as for `goldenpath check`")
    return root


def main(arguments: Sequence[str]) -> int:
    """Adopt a repository and return the exit code. Raises InputError where that cannot be done."""
    from goldenpath.adoption import report
    from goldenpath.adoption.lay import lay
    from goldenpath.adoption.plan import planned
    from goldenpath.reports import write
    from goldenpath.reports.terminal import standard_output

    options = parser().parse_args(arguments)
    path = Path(options.path)
    people = sys.stdin.isatty() and sys.stdout.isatty()
    plan = planned(path, options.data, options.source, options.to, options.contract, ask=people and not options.yes)
    write((report.preview(plan, standard_output()), None))
    if not plan.files or options.dry_run:
        write((report.steps(plan, standard_output(), options.path), None))
        return LAID
    if not options.yes and not (people and _confirmed(plan)):
        write((report.not_written(people=people), None))
        return NOT_CONFIRMED
    lay(path, plan.files, plan.replaced)
    write((report.laid(plan, standard_output()), None), (report.steps(plan, standard_output(), options.path), None))
    return LAID


def _confirmed(plan: Plan) -> bool:
    """Whether whoever sits there agrees."""
    try:
        said = input(f"\nAdd {len(plan.files)} files? [y/N] ")
    except EOFError:
        return False
    return said.strip().lower() in {"y", "yes"}
