"""Programs of a repository in JavaScript and Python: what their comments tell is nothing that they do."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, repository_of, workflow
from trees import judge

READS = """import { readFileSync, writeFileSync } from 'fs';
const { version } = JSON.parse(readFileSync('package.json', 'utf-8'));
writeFileSync('src/version.ts', `export const version = ${JSON.stringify(version)};\\n`);
"""
REMARK = "// `npm run prepare` calls this, and `npm test` comes later.\n"


def verdict(program: str, env: str = "{}") -> str:
    step = f"- run: node scripts/stamp.mjs\n  env: {env}"
    files = {
        ".github/workflows/release.yml": workflow(release=job(step, SHIP)),
        "scripts/stamp.mjs": program,
        "package.json": '{"scripts": {"test": "node scripts/stamp.mjs && jest"}}',
    }
    return judge("tests-gate-release", {**repository_of(files[".github/workflows/release.yml"]), **files}).verdict


def test_a_program_that_only_reads_and_writes_tests_nothing() -> None:
    assert verdict(READS) == "fail"
    assert verdict(REMARK + READS) == "fail"
    assert verdict(REMARK.replace("\n", "\r\n") + READS) == "fail"


def test_what_it_is_handed_is_run_by_nothing() -> None:
    assert verdict(READS, "{PUBLISH: npm run stamp}") == "fail"
    assert verdict(READS, "{PUBLISH: npm test}") == "unknown"  # which it may have somebody else run


@pytest.mark.parametrize(
    "program",
    [
        f"{READS}import 'child_process';\n",
        f"{READS}await import('./version.ts');\n",
        f"{READS}import './version';\n",
        f"{READS}import {{ load }} from './load.mjs';\n",
        f"{READS}await import(['src', 'version.ts'].join('/'));\n",
        f"{READS}import {{ Worker }} from 'node:worker_threads';\n",
        "/*\n// */ import './test.mjs';\n",
        "const text = `\n// ${await import('./test.mjs')}\n`;\n",
        "const text = 'a\\\n// '; import('./test.mjs');\n",
        "// a remark\u2028import './test.mjs';\n",
        "// a remark\rimport './test.mjs';\n",
    ],
)
def test_what_only_looks_like_a_comment_counts(program: str) -> None:
    assert verdict(program) == "unknown"


STAMPS = "import os\nwith open(os.environ['GITHUB_ENV'], 'a') as file:\n    file.write('VERSION=1.2')\n"


def signed(program: str, folder: str = "scripts") -> str:
    step = f"- run: python {folder}/stamp.py"
    files = {f"{folder}/stamp.py": program, **repository_of(workflow(release=job(PUSH, SIGN, step, SHIP)))}
    return judge("build-signed", files).verdict


@pytest.mark.parametrize("remark", ["# It parses the tag that somebody may push to git.\n", "  # git push\r\n", ""])
def test_a_program_in_python_without_its_comments(remark: str) -> None:
    assert signed(remark + STAMPS) == "pass"


def test_where_a_program_stands_reaches_nothing() -> None:
    assert signed(STAMPS, ".github/scripts") == "pass"
    assert signed(STAMPS, "github/scripts") == "unknown"


@pytest.mark.parametrize("name", ["githubEnv", "githubOutput"])
def test_a_variable_that_is_named_for_the_runner_reaches_nothing(name: str) -> None:
    assert signed(STAMPS.replace("file", name)) == "pass"
    assert signed(STAMPS.replace("file", "githubClient")) == "unknown"


@pytest.mark.parametrize(
    "program",
    [
        f"{STAMPS}os.system('git push')\n",
        f"{STAMPS}open('run', 'w').write('''\n# git push\n''')\n",
        f"{STAMPS}open('run', 'w').write('a\\\n# git push\\n')\n",
        f"# a remark\ros.system('git push')\n{STAMPS}",
    ],
)
def test_what_only_looks_like_a_comment_of_python_counts(program: str) -> None:
    assert signed(program) == "unknown"


BUILDS = "dotnet clean\nif ($LASTEXITCODE -ne 0) { exit 1 }\n"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (BUILDS, "fail"),
        (f"# Verify that svn is there\n{BUILDS}", "fail"),
        (f"<#\n.SYNOPSIS\n  Please verify it\n#>\n{BUILDS}", "fail"),
        (f"dotnet build # and verify\n{BUILDS}", "unknown"),
        (f"./other/verify.ps1\n{BUILDS}", "unknown"),
        (f"$text = @'\n# verify\n'@\n{BUILDS}", "unknown"),
        (f"<# one #> cosign verify x\n{BUILDS}", "unknown"),
    ],
)
def test_a_script_of_powershell_without_its_comments(script: str, expected: str) -> None:
    files = repository_of(workflow(release=job(PUSH, "- shell: pwsh\n  run: ./Build.ps1", SHIP)))
    assert judge("provenance-verified", {**files, "Build.ps1": script}).verdict == expected


@pytest.mark.parametrize(("module", "expected"), [("duckdb", "fail"), ("sklearn.cluster", "fail"), ("acme", "unknown")])
def test_a_program_that_reads_data_verifies_nothing(module: str, expected: str) -> None:
    files = repository_of(workflow(release=job(PUSH, "- run: python load.py", SHIP)))
    program = f"import {module}\nprint({module.partition('.')[0]}.__name__)\n"
    assert judge("provenance-verified", {**files, "load.py": program}).verdict == expected
