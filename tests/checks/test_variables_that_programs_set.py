"""Variables for later steps that a program sets, or of which only a run knows the names."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by, script
from trees import judge

KEEP = '- run: echo "DIGEST=${{ steps.push.outputs.digest }}" >> "$GITHUB_ENV"'
SIGN = '- run: cosign sign --yes "ghcr.io/acme/shop@$DIGEST"'
BY_NAME = "import os\nopen(os.environ['GITHUB_ENV'], 'a').write(f'VERSION={version}\\n')\n"
PUT_TOGETHER = "import os\nopen(os.environ['GITHUB_ENV'], 'a').write(f'{key}={version}\\n')\n"
IN_GO = 'package main\n\nfunc main() { os.WriteFile(os.Getenv("GITHUB_ENV"), []byte(key+"=x"), 0o600) }\n'


def verdict(*lines: str, **files: str) -> str:
    """Of a release that keeps the digest in a variable, runs these lines, and signs what the variable says then."""
    return step(script(*lines), **files)


def step(between: str, **files: str) -> str:
    tree = released_by("- uses: actions/checkout@v7", PUSH, KEEP, between, SIGN, SHIP)
    return judge("build-signed", tree | {path.replace("__", "/"): text for path, text in files.items()}).verdict


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("""python3 -c "import os; open(os.environ['GITHUB_ENV'], 'a').write('DIGEST=x')" """, "unknown"),
        ("""python3 -c "import os; open(os.environ['GITHUB_ENV'], 'a').write('DIG' + 'EST=x')" """, "unknown"),
        ("""python3 -c "import os; open(os.environ['GITHUB_ENV'], 'a').write('VERSION=' + v)" """, "pass"),
        ("node -e \"require('fs').appendFileSync(process.env.GITHUB_ENV, key + '=' + text)\"", "unknown"),
        ("tr a-z A-Z < more.txt >> $GITHUB_ENV", "unknown"),
        ("curl https://acme.example/env | tee -a $GITHUB_ENV", "unknown"),
        ("jq -r 'to_entries[] | \"\\(.key)=\\(.value)\"' x.json >> $GITHUB_ENV", "unknown"),
        ("jq -r '\"TAG=v\" + .tag' x.json >> $GITHUB_ENV", "pass"),
        ("awk '{print \"VERSION=\" $2}' more.txt >> $GITHUB_ENV", "pass"),
        ("cp more.txt $GITHUB_ENV", "unknown"),
        ("dd if=more.txt of=$GITHUB_ENV", "unknown"),
        ("./tools/write $GITHUB_ENV", "unknown"),
        ("cat $GITHUB_ENV", "pass"),
        ("{ echo 'NOTES<<END'; cat more.txt; echo END; } >> $GITHUB_ENV", "pass"),
    ],
)
def test_a_digest_in_a_variable_is_lost_where_a_program_may_set_it(line: str, expected: str) -> None:
    assert verdict(line, **{"more.txt": "shop\n", "x.json": "{}", "tools__write": "\x7fELF"}) == expected


@pytest.mark.parametrize(
    ("line", "path", "text", "expected"),
    [
        ("python3 tools/v.py", "tools/v.py", BY_NAME, "pass"),
        ("python3 -m tools.v", "tools/v.py", PUT_TOGETHER, "unknown"),
        ("./tools/v.py", "tools/v.py", f"#!/usr/bin/env python3\n{PUT_TOGETHER}", "unknown"),
        ("go run ./cmd/env", "cmd/env/main.go", IN_GO, "unknown"),
        ("cat ci.env >> $GITHUB_ENV", "ci.env", "go-version=1.26\nTAG=v1\n", "pass"),
        ("cat ci.env >> $GITHUB_ENV", "ci.env", "DIGEST=sha256:0\n", "fail"),
        ("tr a b < x > ci.env; cat ci.env >> $GITHUB_ENV", "ci.env", "TAG=v1\n", "unknown"),
    ],
)
def test_programs_and_files_of_the_repository_are_read_for_the_names_that_they_set(
    line: str, path: str, text: str, expected: str
) -> None:
    assert verdict(line, **{path: text}) == expected


def test_a_program_of_a_step_in_python_sets_variables_too() -> None:
    lines = "".join(f"    {line}\n" for line in PUT_TOGETHER.splitlines())
    assert step(f"- shell: python\n  run: |\n{lines}") == "unknown"
