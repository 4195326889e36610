"""Work on this suite itself: what is generated from its sources and kept beside them. The spine knows nothing of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> argparse.ArgumentParser:
    """The command line of `goldenpath authoring`."""
    root = argparse.ArgumentParser(
        prog="goldenpath authoring", description="Work on this suite itself.", allow_abbrev=False
    )
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)

    docs = commands.add_parser("docs", help="write the checks' pages and the report's JSON Schema", allow_abbrev=False)
    docs.add_argument("root", nargs="?", default=".", metavar="ROOT", help="this repository (default: .)")
    docs.add_argument(
        "--check", action="store_true", help="write nothing; fail with a diff where a file is not current"
    )

    picture = commands.add_parser("picture", help="write the text report of a repository as SVG", allow_abbrev=False)
    picture.add_argument("path", metavar="PATH", help="the repository to judge")
    picture.add_argument("output", metavar="FILE", help="where to write the SVG")
    picture.add_argument("--columns", type=int, default=100, help="how wide the report is (default: 100)")
    return root


def main(arguments: Sequence[str]) -> int:
    """Run an authoring command and return its exit code: 1 where something is not current, 2 where it cannot run."""
    from goldenpath.repository import InputError

    options = parser().parse_args(arguments)
    try:
        if options.command == "docs":
            from goldenpath.authoring.docs import check, write

            return (check if options.check else write)(Path(options.root))
        from goldenpath.authoring.picture import picture

        drawn, output = picture(Path(options.path), options.columns), Path(options.output)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(drawn, encoding="utf-8")
    except (InputError, OSError) as error:
        print(f"goldenpath authoring {options.command}: {error}", file=sys.stderr)
        return 2
    return 0
