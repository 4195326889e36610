"""Work on this suite itself: what is generated from its sources and kept beside them. The spine knows nothing of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from goldenpath.arguments import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence


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
        from goldenpath.authoring.picture import picture

        drawn, output = picture(Path(options.path), options.columns), Path(options.output)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(drawn, encoding="utf-8")
    except (InputError, OSError) as error:
        print(f"goldenpath authoring {options.command}: {error}", file=sys.stderr)
        return 2
    return 0


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
