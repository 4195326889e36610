"""What every command line has in common: help that fits, errors in one line, and days."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import date

    from goldenpath.contract import Contract
    from goldenpath.handed_in import HandedIn
    from goldenpath.scorecard import ContractUsed

UNUSABLE = 2
"""The exit code of a usage, contract or input error."""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal. argparse makes one for each argument, so the width is not looked up each time."""

    width = 0

    def __init__(self, prog: str) -> None:
        if not _Help.width:
            from goldenpath.reports.terminal import columns

            _Help.width = columns() - 2
        super().__init__(prog, max_help_position=24, width=_Help.width)


class Parser(argparse.ArgumentParser):
    """Options in full only, errors in one line, and the command that leads on."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - argparse's own
        super().__init__(**options, allow_abbrev=False, formatter_class=_Help)
        self._mixed = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - argparse's own
        """Take options before, between and after what is no option; argparse alone gives up on `CHECK --by X PATH`.

        What nobody knows is this command's mistake: argparse would let the program above it answer, with its help.
        """
        found = super().parse_known_args(args, namespace)
        if not found[1] or self._mixed or self._subparsers:
            return found
        self._mixed = True
        try:
            found = self.parse_known_intermixed_args(args)
        finally:
            self._mixed = False
        if found[1]:
            self.error(f"unrecognized arguments: {' '.join(found[1])}{self._meant(found[1][0])}")
        return found

    def _meant(self, word: str) -> str:
        """The option that was meant, most likely: `-tier` and `--teir` are `--tier`."""
        from difflib import get_close_matches

        options = self._option_string_actions
        near = get_close_matches(f"--{word.lstrip('-')}", options, 1, 0.7) if word.startswith("-") else ()
        return f"; did you mean {near[0]}?" if near else ""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and leave."""
        complain(f"{message}; see {self.prog} --help")
        raise SystemExit(UNUSABLE)


class Commands:
    """The commands below a program: each with what it is about, as help of the program and of itself."""

    def __init__(self, root: Parser) -> None:
        self._below = root.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(self, name: str, about: str, epilog: str = "") -> Parser:
        """Add one."""
        return self._below.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.", epilog=epilog)


def hand_in(command: argparse.ArgumentParser) -> None:
    """Add the options by which what lies elsewhere is handed in, and a component is picked."""
    command.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="OWNER/NAME@REF=PATH",
        help="follow what is used of that repository at that ref: it is at PATH; may be given again",
    )
    command.add_argument(
        "--component",
        action="append",
        default=[],
        metavar="NAME",
        help="this component only, by its name or reference (default: all); may be given again",
    )
    command.add_argument(
        "--entity",
        action="append",
        default=[],
        metavar="FILE",
        help="judge these entities as the catalog has them, YAML or JSON (- for standard input); may be given again",
    )


def given(options: argparse.Namespace) -> AbstractContextManager[HandedIn | None]:
    """What is handed in, opened; without any, what reads it is not even imported."""
    if options.source or options.entity:
        from goldenpath.handed_in import handed_in

        return handed_in(options.source, options.entity)
    from contextlib import nullcontext

    return nullcontext()


def complain(message: str) -> None:
    """Say on standard error what is wrong."""
    from goldenpath.reports.terminal import printable

    print(f"goldenpath: {printable(message)}", file=sys.stderr)


def day(text: str) -> date:
    """A day, as an argument's type."""
    from datetime import date

    try:
        if len(text) == len("YYYY-MM-DD"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it as YYYY-MM-DD")


def wanted(tier: str | None, contract: Contract | ContractUsed) -> str:
    """The tier that --tier asks for, without it the lowest. Raises InputError where there is no such tier."""
    from goldenpath.repository import InputError

    if tier is None:
        return contract.tiers[0]
    if tier not in contract.tiers:
        raise InputError(f"--tier {tier or '(empty)'}: the contract {contract.name!r} has {', '.join(contract.tiers)}")
    return tier


def directory(text: str) -> str:
    """A repository's path, as an argument's type: what an unset variable leaves is not the current folder."""
    if text:
        return text
    raise argparse.ArgumentTypeError("it is empty; name a directory, or leave it out for the current one")
