"""Work on this suite itself: what is generated from its sources and kept beside them. The spine knows nothing of it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from goldenpath.arguments import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence


_GATE = """\
Each combination must be made by Copier, with nothing left unrendered; be the same made by Cookiecutter; meet the
tier; and, made of each release that offered it, update to what lies here without a conflict or a lower tier.

Exit code 0: the templates may be published. 1: they may not. 2: it cannot be tried.
"""


def parser() -> Parser:
    """The command line of `goldenpath authoring`."""
    root = Parser(prog="goldenpath authoring", description="Work on this suite itself.")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)

    for name, made in {
        "docs": "the checks' pages and the report's JSON Schema",
        "compile": "Cookiecutter's skeletons, Backstage's Templates, and the validator's tables of knowledge",
    }.items():
        command = commands.add_parser(name, help=f"write {made}")
        command.add_argument("root", nargs="?", default=".", metavar="ROOT", help="this repository (default: .)")
        command.add_argument(
            "--check", action="store_true", help="write nothing; fail with a diff where a file is not current"
        )

    gate = commands.add_parser(
        "gate",
        help="try every combination of options: made, judged, and updated from older versions",
        description="Try every combination of the templates' options, as those who use the suite would.",
        epilog=_GATE,
    )
    gate.add_argument("root", nargs="?", default=".", metavar="ROOT", help="the suite (default: .)")
    gate.add_argument("--contract", metavar="NAME|FILE", help="what services are judged by, as for `goldenpath check`")
    gate.add_argument("--tier", metavar="TIER", help="what each must meet (default: the highest of the contract)")
    gate.add_argument(
        "--template",
        action="append",
        default=[],
        metavar="NAME",
        help="this template only (default: all); may be given again",
    )
    gate.add_argument(
        "--from",
        action="append",
        default=[],
        dest="versions",
        metavar="TAG",
        help="update from this release only (default: every one); may be given again",
    )
    gate.add_argument(
        "--workers",
        type=_workers,
        default=os.cpu_count() or 1,
        metavar="N",
        help="how many at once (default: one a core)",
    )
    gate.add_argument("--format", choices=["text", "json"], default="text", help="what to write (default: text)")
    gate.add_argument("--output", metavar="FILE", help="where to write it (default: standard output)")

    picture = commands.add_parser("picture", help="write the text report of a repository as SVG")
    picture.add_argument("path", metavar="PATH", help="the repository to judge")
    picture.add_argument("output", metavar="FILE", help="where to write the SVG")
    picture.add_argument("--columns", type=int, default=100, help="how wide the report is (default: 100)")
    return root


def main(arguments: Sequence[str]) -> int:
    """Run an authoring command and return its exit code: 1 where something is not current, 2 where it cannot run."""
    from goldenpath.repository import InputError

    options = parser().parse_args(arguments)
    try:
        if options.command in {"docs", "compile"}:
            return _generate(options.command, Path(options.root), check=options.check)
        if options.command == "gate":
            return _gate(options)
        from goldenpath.authoring.picture import picture

        drawn, output = picture(Path(options.path), options.columns), Path(options.output)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(drawn, encoding="utf-8")
    except (InputError, OSError) as error:
        print(f"goldenpath authoring {options.command}: {error}", file=sys.stderr)
        return 2
    return 0


def _gate(options: argparse.Namespace) -> int:
    from goldenpath.authoring.gate import Asked, gate, render
    from goldenpath.reports import write

    asked = Asked(options.contract, options.tier, tuple(options.template), tuple(options.versions), options.workers)
    found = gate(Path(options.root), asked)
    write((render(found, options.format), options.output))
    return 0 if found.passed else 1


def _workers(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 1000:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of workers")


def _generate(command: str, root: Path, *, check: bool) -> int:
    from goldenpath.authoring import generated

    generated.require_suite(root)
    if command == "docs":
        from goldenpath.authoring.docs import OWNED, documents

        wanted, owned = documents(), OWNED
    else:
        from goldenpath.authoring.compile import OWNED, compiled

        wanted, owned = compiled(root), OWNED
    if check:
        return generated.check(root, wanted, owned, command)
    return generated.write(root, wanted, owned)
