"""`goldenpath attest`: the verdict as a statement to be signed, for whoever admits, publishes or audits."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from goldenpath.arguments import Parser, directory, given, hand_in, wanted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from goldenpath.attestation.statement import Subject

_EPILOG = """\
Examples:
  goldenpath attest --tier silver --output verdict.json
  goldenpath attest --ref v1.4.0 --subject ghcr.io/acme/shop@sha256:9f86d0…
  cosign attest-blob --statement verdict.json --bundle verdict.sigstore.json

It signs nothing: who signs it answers for it. It is about a commit, so files that differ from theirs are
refused. In a pipeline of GitHub's or GitLab's the resource is the repository that it runs for.

Exit code 0: the tier asked for is met. 1: it is not, and the statement says FAILED. 2: usage, contract or
input error, and there is no statement.
"""


def parser() -> argparse.ArgumentParser:
    """The command line of `goldenpath attest`."""
    root = Parser(
        prog="goldenpath attest",
        description="Write the verdict as an in-toto statement: a verification summary of SLSA's.",
        epilog=_EPILOG,
    )
    root.add_argument(
        "path", nargs="?", default=".", type=directory, metavar="PATH", help="the repository (default: .)"
    )
    root.add_argument("--ref", metavar="REF", help="judge this commit, branch or tag, read from git's objects")
    root.add_argument("--contract", metavar="NAME|FILE", help="the contract, as for `goldenpath check`")
    root.add_argument("--tier", metavar="TIER", help="what must be met to have PASSED (default: the lowest tier)")
    hand_in(root)
    root.add_argument(
        "--subject",
        action="append",
        default=[],
        type=_subject,
        metavar="NAME@sha256:DIGEST",
        help="what was built from the commit, to attest in its place; may be given again",
    )
    root.add_argument("--resource", metavar="URI", help="what the verdict is for (default: the repository)")
    root.add_argument("--output", metavar="FILE", help="where to write it (default: standard output)")
    return root


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code. Raises InputError where there is no verdict to attest."""
    options = parser().parse_args(arguments)
    from datetime import UTC, datetime
    from pathlib import Path

    from goldenpath.attestation.statement import statement_of
    from goldenpath.contract import choose
    from goldenpath.reports import json, write
    from goldenpath.repository import open_repository
    from goldenpath.scorecard import evaluate

    at, folder = datetime.now(UTC), Path(options.path)
    # Read from git's objects in any case: then it is the commit that was judged, whatever lies beside it.
    with open_repository(folder, _commit(folder, options.ref)) as repository, given(options) as others:
        contract = choose(repository, options.contract)
        tier = wanted(options.tier, contract)
        scorecard = evaluate(repository, contract, at.date(), handed_in=others, only=options.component, alone=False)
        statement = statement_of(
            scorecard, contract, at, wanted=tier, others=others, subjects=tuple(options.subject),
            resource=options.resource,
        )  # fmt: skip
    write((json.encode(statement), options.output))
    return 0 if statement.predicate.verificationResult == "PASSED" else 1


def _commit(folder: Path, ref: str | None) -> str:
    """The commit that a folder holds and nothing else, or the one that is asked for."""
    from goldenpath.origin import origin_of
    from goldenpath.repository import InputError, open_repository
    from goldenpath.scorecard import Judged

    with open_repository(folder, ref) as found:
        origin = origin_of(Judged(found.location, found.commit, found.folder))
    if origin.commit is None:
        raise InputError(f"{folder}: a verdict is attested of a commit, and git knows none here")
    if not origin.clean:
        raise InputError(
            f"{folder}: its files differ from the commit {origin.commit[:12]}; "
            "commit them, or attest what is committed with --ref HEAD"
        )
    return origin.commit


def _subject(text: str) -> Subject:
    from goldenpath.attestation.statement import Subject

    found = re.fullmatch(r"([^\s@]+)@sha256:([0-9a-f]{64})", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} names no content: write it as NAME@sha256: and 64 hex digits")
    return Subject(found[1], {"sha256": found[2]})
