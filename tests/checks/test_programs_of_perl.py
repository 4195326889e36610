"""Programs of Perl: one that a file holds may be the tests, or anything; one in the words of a command is read."""

from __future__ import annotations

import pytest

from releasing import SHIP, job, repository_of, workflow
from trees import judge

PROGRAM = "#!/usr/bin/perl\nuse Test::Harness;\nruntests(glob 't/*.t');\n"
CHANGES = "#!/usr/bin/perl\nprint 1;\n"


def verdict(command: str, check: str = "tests-gate-release", program: str = PROGRAM) -> str:
    step = f"- run: |\n    {command}\n"
    files = repository_of(workflow(release=job("- run: go build -o shop .", step, SHIP.strip() + " shop")))
    return judge(check, {**files, "t/run.pl": program, "tools/notes.pl": program}).verdict


@pytest.mark.parametrize("command", ["perl t/run.pl", "perl -w -Ilib t/run.pl", "perl -I lib tools/notes.pl"])
def test_a_program_of_the_repository_may_be_the_tests(command: str) -> None:
    assert verdict(command) == "unknown"
    assert verdict(command, program=CHANGES) == "fail"


@pytest.mark.parametrize("program", [CHANGES, "exec @ARGV;\n"])
def test_a_program_that_speaks_of_signing_or_runs_others_may_sign(program: str) -> None:
    assert verdict("perl tools/notes.pl", "build-signed", program) == ("fail" if program == CHANGES else "unknown")
    assert verdict("perl elsewhere.pl", "build-signed", program) == "unknown"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("perl -e 'exec @ARGV' cosign sign-blob --yes --bundle shop.sigstore.json shop", "unknown"),
        ("perl -we 'system(\"./sign\")'", "unknown"),
        ("perl -MSigstore -e 'sign(shift)' shop", "unknown"),
        ("perl -pi -e 's/unsigned/signed/' README.md", "fail"),
        ("perl -0777 -ne 'print if /sign/' README.md", "fail"),
        ("perl -0pi -e 's/sign/x/' README.md", "fail"),
        ("perl -lane 'print $F[0]' signatures", "fail"),
        ("perl -e 'print 1'", "fail"),
        ("perl -c sign.pl", "fail"),
        ("perl -V", "fail"),
    ],
)
def test_a_program_in_the_words_does_what_it_says(command: str, expected: str) -> None:
    assert verdict(command, "build-signed") == expected


def test_what_makes_a_makefile_is_no_test() -> None:
    assert verdict("perl Makefile.PL") == "fail"
