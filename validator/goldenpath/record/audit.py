"""`goldenpath audit`: whether the record is whole, and the record for others to read."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from goldenpath.arguments import Commands, Parser
from goldenpath.record import asked_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from goldenpath.record.store import Receipt

_VERIFY = """\
Finds any change, deletion and reordering of entries. Whoever can write to the database could make the
whole chain anew: keep a head elsewhere (`goldenpath audit head`, or what `check --record` printed), and
give it with --head.

Exit code 0: the record is whole. 1: it is not. 2: it cannot be read.
"""


def parser() -> Parser:
    """The command line of `goldenpath audit`."""
    root = Parser(prog="goldenpath audit", description="The record of every evaluation that was kept.")
    commands = Commands(root)
    verify = commands.add("verify", "find what was changed, taken out or moved", _VERIFY)
    verify.add_argument("--head", metavar="N:DIGEST", type=_receipt, help="a head that was kept elsewhere")
    head = commands.add("head", "the last entry's number and digest, to be kept elsewhere")
    export = commands.add("export", "every entry as JSON lines, or as OSCAL assessment results")
    export.add_argument("--format", choices=["jsonl", "oscal"], default="jsonl", help="what to write (default: jsonl)")
    export.add_argument("--output", metavar="FILE", help="where to write it (default: standard output)")
    for each in verify, head, export:
        asked_of(each)
    return root


def main(arguments: Sequence[str]) -> int:
    """Run an audit command and return its exit code. Raises InputError where the record cannot be read."""
    options = parser().parse_args(arguments)
    from goldenpath.record.store import Store

    with Store(options.store) as store:
        if options.command == "verify":
            return _verify(store.verify(options.head), str(store.head()))
        if options.command == "head":
            print(store.head())
            return 0
        from goldenpath.record.export import jsonl, oscal
        from goldenpath.reports import write

        lines = jsonl(store.rows()) if options.format == "jsonl" else oscal(store.rows())
        if options.output:
            write(("\n".join(lines), options.output))
        else:
            for line in lines:
                print(line)
    return 0


def _verify(problems: list[str], head: str) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{'The record is whole' if not problems else 'The record is NOT whole'}; its head is {head}")
    return 1 if problems else 0


def _receipt(text: str) -> Receipt:
    from goldenpath.record.store import Receipt

    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no head; `goldenpath audit head` shows one")
    return Receipt(int(found[1]), found[2])
