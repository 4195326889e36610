"""`goldenpath waiver`: ask for an exception, grant it, and see which there are and which end soon."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from goldenpath.arguments import Commands, Parser, day, directory

if TYPE_CHECKING:
    from collections.abc import Sequence

_REQUEST = """\
The request is written into the service's .goldenpath.yaml: commit it, and ask an approver of the
contract. A request counts for nothing until it is approved.

Example:
  goldenpath waiver request oncall-declared --reason "The rota starts in February" \\
    --by user:default/jo --expires 2027-02-15 --contract ../platform/contract.yaml
"""
_APPROVE = """\
The approval is written into the folder `approvals` beside the contract. It names the digest of the
request and of the components that it covers: whatever changes afterwards is no longer approved.

Example:
  goldenpath waiver approve ../payments-api --contract contract.yaml \\
    --approver group:default/security --by user:default/al --risk "Reachable from inside only"
"""
_EXPIRING = """\
Exit code 0: none. 1: some end within these days, or have ended. 2: usage, contract or input error.
"""


def parser() -> Parser:
    """The command line of `goldenpath waiver`."""
    root = Parser(
        prog="goldenpath waiver",
        description="Exceptions from a contract: a service asks, an approver grants, until a day.",
    )
    command = Commands(root).add

    contract = "the platform contract, as for `goldenpath check`"
    request = command("request", "ask in a service's .goldenpath.yaml to be excused from a check", _REQUEST)
    request.add_argument("check", metavar="CHECK", help="the check that cannot be met yet")
    request.add_argument(
        "path", nargs="?", default=".", type=directory, metavar="PATH", help="the service (default: .)"
    )
    request.add_argument("--reason", required=True, metavar="TEXT", help="why it cannot be met yet")
    request.add_argument("--expires", required=True, metavar="DATE", type=day, help="the last day that it is for")
    request.add_argument("--by", required=True, metavar="REF", help="who asks: user:default/jo, group:default/shop")
    request.add_argument(
        "--scope",
        action="append",
        default=[],
        metavar="SCOPE",
        help="component:NAME, or a folder's pattern; may be given again (default: every component)",
    )
    request.add_argument("--contract", metavar="NAME|FILE", help=contract)

    approve = command("approve", "grant what a service asks, in the contract's repository", _APPROVE)
    approve.add_argument("path", type=directory, metavar="PATH", help="the service, with its request")
    approve.add_argument("--contract", required=True, metavar="FILE", help="the contract's file")
    approve.add_argument("--check", metavar="CHECK", help="which request, where there are several")
    approve.add_argument("--line", metavar="LINE", type=_number, help="the line of .goldenpath.yaml in which it begins")
    approve.add_argument(
        "--approver", required=True, metavar="REF", help="one of the contract's spec.waivers.approvers"
    )
    approve.add_argument("--by", default="", metavar="REF", help="the person who speaks for the approver")
    approve.add_argument("--risk", required=True, metavar="TEXT", help="what is accepted, and what limits it")
    approve.add_argument("--expires", metavar="DATE", type=day, help="an earlier last day than was asked for")

    listing = command("list", "every request of some services, and how it stands")
    expiring = command("expiring", "the waivers of some services that end soon, or have ended", _EXPIRING)
    for each in listing, expiring:
        each.add_argument(
            "paths", nargs="*", default=["."], type=directory, metavar="PATH", help="the services (default: .)"
        )
        each.add_argument("--contract", metavar="NAME|FILE", help=contract)
        each.add_argument("--as-of", metavar="DATE", type=day, help="as it stands on that day (default: today)")
        each.add_argument("--format", choices=["text", "json"], default="text", help="what to write (default: text)")
    expiring.add_argument("--within", type=_days, default=30, metavar="DAYS", help="how soon (default: 30 days)")
    return root


def main(arguments: Sequence[str]) -> int:
    """Run a waiver command and return its exit code. Raises InputError where it cannot be done."""
    options = parser().parse_args(arguments)
    if options.command == "request":
        return _request(options)
    return _approve(options) if options.command == "approve" else _list(options)


def _request(options: argparse.Namespace) -> int:
    from goldenpath.contract.waivers import Asked
    from goldenpath.governance.requests import add

    asked = Asked(options.check, options.reason, options.by, date.today(), options.expires, tuple(options.scope))
    print(add(Path(options.path), asked, options.contract))
    return 0


def _approve(options: argparse.Namespace) -> int:
    from goldenpath.governance.approvals import Grant, Wish, approve

    grant = Grant(options.approver, options.by, options.risk, date.today(), options.expires)
    print(approve(Path(options.path), options.contract, Wish(options.check, options.line), grant))
    return 0


def _list(options: argparse.Namespace) -> int:
    from goldenpath.governance.register import register, render
    from goldenpath.reports import write

    day: date = options.as_of or date.today()
    entries, nothing = register(options.paths, options.contract, day), "No waivers."
    if options.command == "expiring":
        entries = [each for each in entries if each.ends_within(options.within, day)]
        nothing = f"None ends within {options.within} days."
    write((render(entries, options.format, nothing), None))
    return 1 if options.command == "expiring" and entries else 0


def _days(text: str) -> int:
    if text.isdecimal() and len(text) < len("10000"):
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of days")


def _number(text: str) -> int:
    if text.isdecimal() and len(text) < len("1000000"):
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no line")
