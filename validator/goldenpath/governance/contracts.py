"""`goldenpath contract`: begin one, find its mistakes, see what it asks of whom, and what a change would do."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from goldenpath.arguments import Commands, Parser, day, directory

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_LINT = """\
Exit code 0: nothing to mend. 1: something is. 2: the contract, or an approval beside it, cannot be read.
"""
_DIFF = """\
With --over every component is judged by both contracts: today, and on each day on which the new one
changes. Exit code 0: nobody's tier falls. 1: somebody's does. 2: usage, contract or input error.

Example:
  goldenpath contract diff contract.yaml next.yaml --over ../services/*
"""
_INIT = """\
Asks for what is not given; without a terminal, what is not given is left at its default. The file says
at each place what can be chosen.

Example:
  goldenpath contract init contract.yaml --name acme --owner group:default/platform
"""

_RESOLVE = """\
Nothing of it is elsewhere any more: kept before a new release of goldenpath is taken, it says afterwards
what that release does to your services.

Example:
  goldenpath contract resolve contract.yaml > before.yaml
  goldenpath contract diff before.yaml contract.yaml --over ../services/*    with the new release
"""

_EXPORT = """\
tech-insights is a part of a Backstage app-config: the schedule of the fact retriever that judges every
component, and a check of the JSON rules engine for each required check, with the Maturity plugin's
rank and solution. soundcheck is the same for Spotify's Soundcheck, which reads those facts: it is made
to its published configuration schema, and has not been run against a licensed Portal.

Example:
  goldenpath contract export tech-insights --contract acme.yaml > app-config.golden-path.yaml
"""


def parser() -> Parser:
    """The command line of `goldenpath contract`."""
    root = Parser(
        prog="goldenpath contract",
        description="The platform contract: what is required, since when.",
    )
    command = Commands(root).add

    lint = command("lint", "find what a contract says in vain, or against itself", _LINT)
    lint.add_argument("contract", metavar="NAME|FILE", help="the contract")
    show = command("show", "what holds for a repository's components today, and from when what else")
    show.add_argument(
        "path", nargs="?", default=".", type=directory, metavar="PATH", help="the repository (default: .)"
    )
    show.add_argument("--contract", metavar="NAME|FILE", help="the contract, as for `goldenpath check`")
    resolve = command("resolve", "write a contract with all that it extends, as one file", _RESOLVE)
    resolve.add_argument("contract", metavar="NAME|FILE", help="the contract")
    diff = command("diff", "what changes from one contract to another, and who falls out of which tier", _DIFF)
    diff.add_argument("old", metavar="OLD", help="the contract as it is")
    diff.add_argument("new", metavar="NEW", help="the contract as it would be")
    diff.add_argument("--over", nargs="+", default=[], metavar="PATH", help="repositories to judge by both")
    init = command("init", "write a contract to start from, with a comment at each choice", _INIT)
    init.add_argument("file", metavar="FILE", help="where to write it; nothing is overwritten")
    init.add_argument("--name", metavar="NAME", help="what the contract is called")
    init.add_argument("--owner", metavar="REF", help="who owns it: group:default/platform")
    init.add_argument("--approver", metavar="REF", help="who may grant waivers (default: the owner)")
    init.add_argument("--oncall", metavar="NAME", help="the on-call product that counts (default: any that is known)")
    init.add_argument("--chat", metavar="NAME", help="the chat product that counts (default: any that is known)")

    export = command("export", "the required checks as another scorecard's configuration", _EXPORT)
    export.add_argument("target", choices=["tech-insights", "soundcheck"], help="the scorecard")
    export.add_argument("--contract", metavar="NAME|FILE", help="the contract (default: standard)")

    for each in show, diff, export:
        each.add_argument("--as-of", metavar="DATE", type=day, help="the rules of that day (default: today)")
    for each in lint, show, diff:
        each.add_argument("--format", choices=["text", "json"], default="text", help="what to write (default: text)")
    return root


def main(arguments: Sequence[str]) -> int:
    """Run a contract command and return its exit code. Raises InputError where it cannot be done."""
    options = parser().parse_args(arguments)
    return _COMMANDS[options.command](options)


def _lint(options: argparse.Namespace) -> int:
    from goldenpath.governance.lint import lint, render
    from goldenpath.reports import write

    remarks = lint(options.contract)
    write((render(remarks, options.format), None))
    return 1 if remarks else 0


def _show(options: argparse.Namespace) -> int:
    from goldenpath.governance.show import render, rules
    from goldenpath.reports import write

    found = rules(options.path, options.contract, options.as_of or date.today())
    write((render(found, options.format), None))
    return 0


def _resolve(options: argparse.Namespace) -> int:
    from goldenpath.governance.resolve import resolve
    from goldenpath.reports import write

    write((resolve(options.contract), None))
    return 0


def _diff(options: argparse.Namespace) -> int:
    from goldenpath.governance.diff import compare, render
    from goldenpath.reports import write

    found = compare(options.old, options.new, options.over, options.as_of or date.today())
    write((render(found, options.format), None))
    return 1 if found.falls else 0


def _export(options: argparse.Namespace) -> int:
    from goldenpath.contract import named
    from goldenpath.governance.export import soundcheck, tech_insights
    from goldenpath.reports import write

    contract, day = named(options.contract), options.as_of or date.today()
    if options.target == "soundcheck":
        made = soundcheck(contract, day)
    else:
        made = tech_insights(contract, day, options.contract)
    write((made, None))
    return 0


def _init(options: argparse.Namespace) -> int:
    from goldenpath.governance.begin import Choices, ask, begin

    given = Choices(options.name, options.owner, options.approver, options.oncall, options.chat)
    print(begin(options.file, ask(given), date.today()))
    return 0


_COMMANDS = {"lint": _lint, "show": _show, "resolve": _resolve, "diff": _diff, "export": _export, "init": _init}
