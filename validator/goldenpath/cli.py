"""The command line: arguments in, exit code out. No logic lives here, and nothing is imported before it is needed."""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from goldenpath import __version__
from goldenpath.arguments import UNUSABLE, Parser, complain, day, directory, given, hand_in, wanted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from datetime import date

    from goldenpath.checks import Check
    from goldenpath.kept import Judging

MET, NOT_MET = 0, 1
INTERRUPTED, NOBODY_READS = 130, 141
"""128 and the number of the signal, as a shell would say it: SIGINT, SIGPIPE."""

_CHECK_ABOUT = "Judge a repository: its tier, the evidence behind each verdict,\nand the next best action."
_CONTRACT = "the platform contract: standard, starter, an installed one, or a file"

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


FORMATS = ("text", "json", "sarif", "markdown", "junit", "codequality")
PICTURES = ("mermaid",)
"""What shows a release, and no verdict."""


class _File(str):
    """The name of a file, among the names of formats."""

    __slots__ = ()


def parser(
    *,
    checks: Sequence[str] | None = None,
    folder: object = None,
    file: object = None,
    rooms: Mapping[str, Parser] | None = None,
) -> Parser:
    """The whole command line.

    The ids of all checks, how a shell completes paths, and the command lines of the rooms only completion gives.
    """
    root = Parser(
        prog="goldenpath",
        description="Prove that a repository walks the golden path,\nand say what to do next where it does not.",
        epilog="goldenpath COMMAND --help says more.",
    )
    root.add_argument("--version", action="version", version=f"goldenpath {__version__}")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True, prog="goldenpath")

    check = commands.add_parser(
        "check",
        help="judge a repository: its tier, the evidence, the next best action",
        description=_CHECK_ABOUT,
        epilog=_CHECK,
    )
    _with_check(check, folder, file)

    explain = commands.add_parser(
        "explain",
        help="what a check proves, why it matters, and how to meet it",
        description="What a check proves, why it matters, and how to meet it;\n"
        "with PATH, what to do in that repository.",
    )
    explain.add_argument(
        "check", metavar="CHECK", choices=checks, help="the check's id, as the report and `goldenpath list` name it"
    )
    about = explain.add_argument(
        "path",
        nargs="?",
        type=directory,
        metavar="PATH",
        help="the directory or repository to be mended: its fix is shown, filled in",
    )
    explain.add_argument("--ref", metavar="REF", help="look at this commit, branch or tag of it")
    hand_in(explain)
    by = explain.add_argument("--contract", metavar="NAME|FILE", help=_CONTRACT)

    listing = commands.add_parser("list", help="every check of a contract, by tier")
    listed = listing.add_argument("--contract", metavar="NAME|FILE", help=_CONTRACT)
    listing.add_argument("--as-of", metavar="DATE", type=day, help="the rules of that day (default: today)")

    completion = commands.add_parser("completion", help="print a completion script for your shell")
    completion.add_argument("shell", choices=["bash", "zsh", "fish", "tcsh"])

    about.complete = folder  # type: ignore[attr-defined]
    for action in by, listed:
        action.complete = file  # type: ignore[attr-defined]

    commands.add_parser("adopt", help="lay the golden path over a repository that exists, adding only what is missing")
    commands.add_parser("attest", help="the verdict as a statement to be signed, for admission and audit")
    commands.add_parser("audit", help="the record of evaluations: whether it is whole, and for others to read")
    commands.add_parser("history", help="tier and checks of a repository over time, from the record")
    commands.add_parser("measures", help="how the services of the record fare: the questions that adopters are asked")
    commands.add_parser("contract", help="the contract itself: begin, lint, show, and see what a change would do")
    commands.add_parser("rollout", help="scan a fleet, and propose its first contract and ninety days")
    commands.add_parser("waiver", help="exceptions from the contract: ask, approve, list, see which end soon")
    commands.add_parser("lifecycle", help="which release of its template a service follows, and what newer ones bring")
    commands.add_parser("authoring", help="work on this suite itself: documents and pictures made from the checks")
    commands.choices.update(rooms or {})
    return root


def _with_check(check: Parser, folder: object = None, file: object = None) -> Parser:
    """The parser with the arguments of `goldenpath check`."""
    path = check.add_argument(
        "path", nargs="?", default=".", type=directory, metavar="PATH", help="a directory or repository (default: .)"
    )
    check.add_argument("--ref", metavar="REF", help="judge this commit, branch or tag, read from git's objects")
    contract = check.add_argument("--contract", metavar="NAME|FILE", help=_CONTRACT)
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
    output = check.add_argument(
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
    changed = check.add_argument(
        "--changed", nargs="*", metavar="FILE", help="report only the checks that these files touch; claims no tier"
    )

    check.add_argument("--no-cache", action="store_true", help="judge anew, and keep nothing (GOLDENPATH_NO_CACHE)")
    check.add_argument("--record", action="store_true", help="keep the evaluation in the record (GOLDENPATH_RECORD)")
    path.complete = folder  # type: ignore[attr-defined]
    for action in contract, output, changed:
        action.complete = file  # type: ignore[attr-defined]
    return check


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
    gc.set_threshold(100_000)  # a run is short, and what it makes it keeps
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
    """Import msgspec with the `typing` of this Python, which has all that it asks typing_extensions for.

    Where that package happens to be installed, loading it takes a thirteenth of a whole check.
    """
    if "typing_extensions" in sys.modules:
        return
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # an import of it fails, as if it were not there
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]


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
            from importlib import import_module

            code: int = import_module(room).main(arguments[1:])
            return code
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
    from importlib import import_module

    import shtab

    from goldenpath.checks import shipped_ids
    from goldenpath.reports import write

    rooms = {name: import_module(module).parser() for name, module in _ROOMS.items()}
    root = parser(checks=shipped_ids(), folder=shtab.DIRECTORY, file=shtab.FILE, rooms=rooms)
    write((shtab.complete(root, shell=options.shell), None))
    return MET


_ROOMS = {
    "adopt": "goldenpath.adoption",
    "attest": "goldenpath.attestation",
    "audit": "goldenpath.record.audit",
    "authoring": "goldenpath.authoring",
    "contract": "goldenpath.governance.contracts",
    "history": "goldenpath.record.history",
    "lifecycle": "goldenpath.lifecycle",
    "measures": "goldenpath.record.measures",
    "rollout": "goldenpath.governance.rollout",
    "waiver": "goldenpath.governance.waivers",
}
"""Commands with a command line of their own, which nobody else waits for."""

_COMMANDS = {"check": _check, "explain": _explain, "list": _list, "completion": _completion}
