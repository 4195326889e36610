"""The command line: arguments in, exit code out. No logic lives here, and nothing is imported before it is needed."""

from __future__ import annotations

import io
import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from goldenpath import __version__
from goldenpath.arguments import UNUSABLE, Parser, complain, day, directory, given, hand_in, wanted
from goldenpath.interrupts import INTERRUPTED, raise_again

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from datetime import date
    from types import ModuleType

    from goldenpath.checks import Check
    from goldenpath.kept import Judging

MET, NOT_MET = 0, 1
NOBODY_READS = 141
"""128 and the number of SIGPIPE, as a shell would say it."""

_CHECK = """\
Examples:
  goldenpath check                              the directory you are in
  goldenpath check --tier silver                exit code 0 only from silver on
  goldenpath check ~/mirrors/shop.git --ref v2  a tag of a bare repository, without a checkout
  goldenpath check --as-of 2027-01-01           what the contract will ask in January
  goldenpath check --format json --output report.json
  goldenpath check --format text --format sarif --output goldenpath.sarif
                                                two reports of one run
  goldenpath check . --changed mkdocs.yml       the checks that this file touches
  goldenpath check --source acme/ci@v2=../ci    follow what is used of acme/ci@v2, too
  goldenpath check --explain-release            what is built, signed and shipped, as it is seen

An --output belongs to the --format before it. Without one a report goes to standard
output, which takes one report; files are all written, or none is.

The contract is the one that --contract names, else the one that the repository's
.goldenpath.yaml names, else GOLDENPATH_CONTRACT, else `standard`.
NO_COLOR turns colours off, FORCE_COLOR on.

Exit code 0: the tier asked for is met. 1: it is not. 2: usage, contract or input error.
With --changed, 0: nothing that is reported stands in the way of that tier.
"""


_COMPLETION = """\
Once, and again after an upgrade; new shells then complete commands, options and checks:
  goldenpath completion bash > ~/.local/share/bash-completion/completions/goldenpath
  goldenpath completion zsh > ~/.zfunc/_goldenpath    where ~/.zfunc is in fpath, before compinit
  goldenpath completion fish > ~/.config/fish/completions/goldenpath.fish
"""

_CHECK_ABOUT = "Judge a repository: its tier, the evidence behind each verdict,\nand the next best action."
_CONTRACT = "the platform contract: standard, starter, an installed one, or a file"

FORMATS = ("text", "json", "sarif", "markdown", "junit", "codequality")
PICTURES = ("mermaid",)
"""What shows a release, and no verdict."""


class _File(str):
    """The name of a file, among the names of formats."""

    __slots__ = ()


def parser() -> Parser:
    """The whole command line; of the rooms, which read their own, no more than what they are for."""
    root = Parser(
        prog="goldenpath",
        description="Prove that a repository walks the golden path,\nand say what to do next where it does not.",
        epilog="goldenpath COMMAND --help says more.",
    )
    root.add_argument("--version", action="version", version=f"goldenpath {__version__}")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True, prog="goldenpath")
    judging = "judge a repository: its tier, the evidence, the next best action"
    _with_check(commands.add_parser("check", help=judging, description=_CHECK_ABOUT, epilog=_CHECK))
    _ask_for_check(
        commands.add_parser(
            "explain",
            help="what a check proves, why it matters, and how to meet it",
            description="What a check proves, why it matters, and how to meet it;\n"
            "with PATH, what to do in that repository.",
        )
    )
    listing = commands.add_parser("list", help="every check of a contract, by tier")
    listing.add_argument("--contract", metavar="NAME|FILE", help=_CONTRACT)
    listing.add_argument("--as-of", metavar="DATE", type=day, help="the rules of that day (default: today)")
    completing = "print a completion script for your shell"
    completion = commands.add_parser(
        "completion", help=completing, description=f"{completing.capitalize()}.", epilog=_COMPLETION
    )
    completion.add_argument("shell", choices=["bash", "zsh", "fish", "tcsh"])
    for name, room in _ROOMS.items():
        commands.add_parser(name, help=room.help)
    return root


def _with_check(check: Parser) -> Parser:
    """The parser with the arguments of `goldenpath check`."""
    check.add_argument(
        "path", nargs="?", default=".", type=directory, metavar="PATH", help="a directory or repository (default: .)"
    )
    check.add_argument("--ref", metavar="REF", help="judge this commit, branch or tag, read from git's objects")
    check.add_argument("--contract", metavar="NAME|FILE", help=_CONTRACT)
    hand_in(check)
    check.add_argument("--tier", metavar="TIER", help="what must be met for exit code 0 (default: the lowest tier)")
    check.add_argument("--as-of", metavar="DATE", type=day, help="judge by the rules of that day (default: today)")
    check.add_argument(
        "--format",
        action="append",
        dest="reports",
        metavar="FORMAT",
        choices=(*FORMATS, *PICTURES),
        help=f"what to write: {', '.join(FORMATS[:-1])} or {FORMATS[-1]} (default: text); may be given again",
    )
    check.add_argument(
        "--output",
        action="append",
        dest="reports",
        metavar="FILE",
        type=_File,
        help="where to write it (default: standard output)",
    )
    check.add_argument(
        "--explain-release",
        action="store_true",
        help="print the release as it is seen, and judge nothing; as text, or with --format mermaid",
    )
    check.add_argument(
        "--changed", nargs="*", metavar="FILE", help="report only the checks that these files touch; claims no tier"
    )
    check.add_argument("--no-cache", action="store_true", help="judge anew, and keep nothing (GOLDENPATH_NO_CACHE)")
    check.add_argument("--record", action="store_true", help="keep the evaluation in the record (GOLDENPATH_RECORD)")
    return check


def _ask_for_check(explain: Parser) -> None:
    """Add the arguments of `goldenpath explain`."""
    explain.add_argument("check", metavar="CHECK", help="the check's id, as the report and `goldenpath list` name it")
    explain.add_argument(
        "path",
        nargs="?",
        type=directory,
        metavar="PATH",
        help="the directory or repository to be mended: its fix is shown, filled in",
    )
    explain.add_argument("--ref", metavar="REF", help="look at this commit, branch or tag of it")
    hand_in(explain)
    explain.add_argument("--contract", metavar="NAME|FILE", help=_CONTRACT)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """What is asked for; a check, which is to be quick, waits for no other command's parser."""
    if arguments[0] != "check":
        return parser().parse_args(arguments)
    from argparse import Namespace

    alone = _with_check(Parser(prog="goldenpath check", description=_CHECK_ABOUT, epilog=_CHECK))
    return alone.parse_args(arguments[1:], Namespace(command="check"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    _make_writable()
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away (`goldenpath list | head`): not our error, and Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        complain(f"it cannot be written ({error.strerror})")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNUSABLE
    return code


def program() -> NoReturn:
    """Be the program: as `main`, then leave at once; tearing the interpreter down would take a tenth of the run."""
    try:
        _import_msgspec()
        code = main()
    except SystemExit as exit_:  # from argparse: help, version, usage errors
        code = exit_.code if isinstance(exit_.code, int) else MET
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _import_msgspec() -> None:
    """Import msgspec without two modules that are asked for then, and take a tenth of a whole check to load.

    The `typing` of this Python has all that typing_extensions, where it happens to be installed, is asked for; and of
    `platform` Python 3.11's uuid wants to know no more than what system this is.
    """
    spared: dict[str, Any] = {"typing_extensions": None}  # an import of it fails, as if it were not there
    if sys.platform == "linux":
        spared["platform"] = SimpleNamespace(system=lambda: "Linux")
    spared = {name: each for name, each in spared.items() if name not in sys.modules}
    sys.modules.update(spared)
    try:
        import msgspec  # noqa: F401
    finally:
        for name in spared:
            del sys.modules[name]


def _make_writable() -> None:
    """An output that is closed swallows what is written, and one that knows few characters escapes the others."""
    for name in "stdout", "stderr":
        if getattr(sys, name) is None:  # `>&-`
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _run(arguments: Sequence[str]) -> int:
    if not arguments:
        parser().print_help(sys.stderr)
        return UNUSABLE
    room = _ROOMS.get(arguments[0])
    options = None if room else _parsed(arguments)  # --version and usage errors wait for nothing else
    from goldenpath.repository import InputError

    try:
        if room:
            return room.main(arguments[1:])
        assert options is not None  # noqa: S101 - parsed above
        return _COMMANDS[options.command](options)
    except InputError as error:
        complain(str(error))
        return UNUSABLE


def _today(options: argparse.Namespace) -> date:
    """The day whose rules count: the one asked for, else the user's own."""
    from datetime import date

    asked_for: date | None = options.as_of
    return asked_for or date.today()


def _reports(asked: Sequence[str]) -> list[tuple[str, str | None]]:
    """The formats to write, each with its file, or None for standard output. Raises InputError where that cannot be."""
    from goldenpath.repository import InputError

    implied, *pairs = _pairs(asked)
    if not pairs or (implied[1] and pairs[0][1]):
        pairs.insert(0, implied)
    elif implied[1]:  # `--output F --format json`
        pairs[0] = (pairs[0][0], implied[1])
    reports = [(form, None if output == "-" else output) for form, output in pairs]
    printed = [form for form, output in reports if output is None]
    if len(printed) > 1:
        raise InputError(f"{' and '.join(printed)} cannot both go to standard output; give an --output after --format")
    taken: set[str] = set()
    for output in (output for _, output in reports if output is not None):
        file = os.path.realpath(output)
        if file in taken:
            raise InputError(f"--output {output}: two reports cannot go to one file; give each a file of its own")
        taken.add(file)
    return reports


def _pairs(asked: Sequence[str]) -> list[tuple[str, str | None]]:
    """Every format with the file after it; first the text report, that takes what stands before any format."""
    from goldenpath.repository import InputError

    pairs: list[tuple[str, str | None]] = [("text", None)]
    for each in asked:
        form, output = pairs[-1]
        if not isinstance(each, _File):
            pairs.append((each, None))
        elif output is None:
            pairs[-1] = (form, each)
        else:
            raise InputError(f"--output {each}: {form} goes to {output} already; name the --format of this one first")
    return pairs


def _check(options: argparse.Namespace) -> int:
    from pathlib import Path
    from threading import Thread

    from goldenpath.repository import InputError, open_repository, paths_in

    if options.explain_release:
        return _explain_release(options)
    reports = _reports(options.reports or ())
    if options.record and options.changed is not None:
        raise InputError("--record keeps whole evaluations; leave --changed away")
    if picture := next((form for form, _ in reports if form in PICTURES), None):
        raise InputError(f"--format {picture} shows a release: add --explain-release")
    strict = bool(os.environ.get("GOLDENPATH_DEBUG"))
    anew = strict or options.no_cache or options.record
    folder = Path(options.path)
    # While git lists the files, which is waiting, an earlier judgement is looked up, or what judges is imported.
    judgings: list[Judging] = []
    ahead = Thread(target=lambda: judgings.append(_judging(options, anew=anew)), daemon=True)
    ahead.start()
    with open_repository(folder, _ref(options)) as repository, given(options) as others:
        changed = None if options.changed is None else paths_in(folder, options.changed)
        ahead.join()
        (judging,) = judgings
        judgement = judging.of(repository, others, changed, strict=strict, alone=False)
    from goldenpath.reports import render, write
    from goldenpath.scorecard import meets

    scorecard, contract = judgement.scorecard, judgement.scorecard.contract
    tier = wanted(options.tier, contract)
    if options.record and judging.contract:
        from goldenpath.record.keep import keep

        print(f"goldenpath: {keep(scorecard, judging.contract)}", file=sys.stderr)
    write(*((render(scorecard, form, to_terminal=output is None), output) for form, output in reports))
    if meets(scorecard, tier):
        return MET
    if changed is None and tier not in judgement.asks_for:
        print(f"goldenpath: {contract.name} asks nothing for {tier} yet, so nobody reaches it", file=sys.stderr)
    return NOT_MET


def _judging(options: argparse.Namespace, *, anew: bool) -> Judging:
    from goldenpath.kept import Judging, Request

    request = Request(
        path=options.path, ref=options.ref, contract=options.contract, sources=tuple(options.source),
        entities=tuple(options.entity), only=tuple(options.component), asked=_asked(options),
        changed=None if options.changed is None else tuple(options.changed),
    )  # fmt: skip
    return Judging(request, _today(options), anew=anew)


def _explain_release(options: argparse.Namespace) -> int:
    from pathlib import Path

    from goldenpath.repository import InputError, open_repository

    reports = _reports(options.reports or ())
    for form, _ in reports:
        if form not in {"text", *PICTURES}:
            raise InputError(f"--format {form}: a release is explained as text or {' or '.join(PICTURES)}")
    if options.tier is not None or options.as_of or options.changed is not None:
        raise InputError("--explain-release judges nothing; leave --tier, --as-of and --changed away")
    with (
        open_repository(Path(options.path), _ref(options)) as repository,
        given(options) as others,
    ):
        from goldenpath.contract import choose
        from goldenpath.reports import write
        from goldenpath.reports.release import render
        from goldenpath.reports.terminal import Surface, standard_output
        from goldenpath.scorecard import released

        found = released(repository, choose(repository, options.contract), others, options.component)
    surfaces = [(form, output, Surface() if output else standard_output()) for form, output in reports]
    write(*((render(found, form, surface), output) for form, output, surface in surfaces))
    return MET


def _ref(options: argparse.Namespace) -> str | None:
    from goldenpath.repository import InputError

    ref: str | None = options.ref
    if ref == "":
        raise InputError("--ref names nothing (an empty variable?); give a commit, branch or tag, or leave it away")
    return ref


def _asked(options: argparse.Namespace) -> str:
    """The repository as the user has named it, for the command that leads on, quoted for a shell where it must be."""
    words = [f"./{options.path}" if options.path.startswith("-") else options.path]
    for option in "ref", "contract":
        if value := getattr(options, option):
            words += [f"--{option}", value]
    for option in "source", "entity":
        for value in getattr(options, option):
            words += [f"--{option}", value]
    if all(word and word.replace("/", "").replace(".", "").replace("-", "").isalnum() for word in words):
        return " ".join(words)
    from shlex import join  # what few need to wait for

    return join(words)


def _explain(options: argparse.Namespace) -> int:
    from goldenpath.contract import check
    from goldenpath.reports import write
    from goldenpath.reports.pages import explanation
    from goldenpath.reports.terminal import standard_output

    explained = check(options.check)
    write((explanation(explained, standard_output(), _guide(explained, options)), None))
    return MET


def _guide(explained: Check, options: argparse.Namespace) -> str:
    """What to do about a check in the repository that was named; nothing where none was."""
    from datetime import date
    from pathlib import Path

    from goldenpath.repository import InputError, open_repository

    ref = _ref(options)
    if options.path is None:
        if ref or options.contract or options.source or options.entity or options.component:
            raise InputError(f"name the repository, too: goldenpath explain {explained.id} PATH")
        return ""
    with open_repository(Path(options.path), ref) as repository, given(options) as others:
        from goldenpath.contract import choose
        from goldenpath.guides import guide

        contract = choose(repository, options.contract)
        return guide(explained, repository, contract, date.today(), others, only=options.component, called=options.path)


def _list(options: argparse.Namespace) -> int:
    from goldenpath.contract import named
    from goldenpath.reports import write
    from goldenpath.reports.pages import listing
    from goldenpath.reports.terminal import standard_output

    write((listing(named(options.contract), _today(options), standard_output()), None))
    return MET


def _completion(options: argparse.Namespace) -> int:
    import shtab

    from goldenpath.reports import write

    root = parser()
    commands = next(action.choices for action in root._actions if isinstance(action.choices, dict))  # noqa: SLF001
    commands.update((name, room.parser()) for name, room in _ROOMS.items())
    _help_to_complete(root)
    write((shtab.complete(root, shell=options.shell), None))
    return MET


def _help_to_complete(command: argparse.ArgumentParser) -> None:
    """Say of all arguments how a shell completes them: paths, files, and the ids of checks."""
    import shtab

    from goldenpath.checks import shipped_ids

    for action in command._actions:  # noqa: SLF001 - argparse has no other way to walk a command line, nor has shtab
        if isinstance(action.choices, dict):
            for each in action.choices.values():
                _help_to_complete(each)
        elif action.metavar == "CHECK":
            action.choices = shipped_ids()
        elif isinstance(action.metavar, str) and action.metavar in {"PATH", "ROOT", "URL|PATH"}:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif isinstance(action.metavar, str) and action.metavar.endswith("FILE"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]


class _Room(NamedTuple):
    """A command with a command line of its own, which nobody else waits for."""

    module: str
    help: str

    def main(self, arguments: Sequence[str]) -> int:
        command = self._loaded().main
        raise_again()  # what it has half written it undoes
        return int(command(arguments))

    def parser(self) -> Parser:
        made: Parser = self._loaded().parser()
        return made

    def _loaded(self) -> ModuleType:
        from importlib import import_module

        return import_module(f"goldenpath.{self.module}")


_ROOMS = {
    "adopt": _Room("adoption", "lay the golden path over a repository that exists, adding only what is missing"),
    "attest": _Room("attestation", "the verdict as a statement to be signed, for admission and audit"),
    "audit": _Room("record.audit", "the record of evaluations: whether it is whole, and for others to read"),
    "history": _Room("record.history", "tier and checks of a repository over time, from the record"),
    "measures": _Room("record.measures", "how the services of the record fare: the questions that adopters are asked"),
    "contract": _Room("governance.contracts", "the contract itself: begin, lint, show, and see what a change would do"),
    "rollout": _Room("governance.rollout", "scan a fleet, and propose its first contract and ninety days"),
    "waiver": _Room("governance.waivers", "exceptions from the contract: ask, approve, list, see which end soon"),
    "lifecycle": _Room("lifecycle", "which release of its template a service follows, and what newer ones bring"),
    "authoring": _Room("authoring", "work on the suite, or on a fork of it: compile it, and try its templates"),
}

_COMMANDS = {"check": _check, "explain": _explain, "list": _list, "completion": _completion}
