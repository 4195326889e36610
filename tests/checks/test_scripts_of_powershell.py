"""Scripts of PowerShell that only run programs: followed as they are, and what the failure of each is worth there."""

from __future__ import annotations

from textwrap import indent

import pytest

from goldenpath.facts.pipeline.powershell import in_bash
from releasing import SHIP, job, repository_of, workflow
from trees import judge


def verdict(script: str, shell: str = "pwsh") -> str:
    step = f"- shell: {shell}\n  run: |\n{indent(script, '    ')}\n"
    return judge("tests-gate-release", repository_of(workflow(release=job(step, SHIP)))).verdict


STOPS = "if ($LASTEXITCODE -ne 0) { exit 1 }"
THROWS = 'if ($LASTEXITCODE -ne 0) {\n  Write-Output "::error::no"\n  throw "failed"\n}'
TESTED = [
    "dotnet test",
    "dotnet restore\ndotnet build --no-restore\ndotnet test --no-build # all of them",
    "dotnet test\nWrite-Host 'done'",
    f"dotnet test\n{STOPS}\ndotnet build",
    f"dotnet test\n{STOPS.replace('exit 1', 'exit $LASTEXITCODE')}\ndotnet build",
    f"dotnet test\n{THROWS}\ndotnet build",
    f"dotnet test\nWrite-Host 'tested'\n{STOPS}\ndotnet build",
    "dotnet test --logger 'trx' `\n  --configuration Release",
    "cd build ; ctest -j 10 -C Release",
    "cd build && ctest -j 10",
    ".\\gradlew test",
    "$env:CI_NAME = \"${{ github.ref_name }}\"\ndotnet test -p:Version=$env:CI_NAME | Out-Null",
    "$ErrorActionPreference = 'Stop'\ndotnet test",
    "go test ./...\n\"tested=true\" >> $env:GITHUB_OUTPUT",
    "echo 'CMAKE_POLICY_VERSION_MINIMUM=3.5' >> $GITHUB_ENV\ngo test ./...",  # no variable has that name here
    'set CMAKE_POLICY_VERSION_MINIMUM="3.5"\ngo test ./...',  # a variable, and not of the environment
    "go install gotest.tools/gotestsum@v1.12.0\ngo test ./...",  # an `@` within a word is a sign like any other
]  # fmt: skip
UNHEEDED = [
    "dotnet test\ndotnet build",  # a failure stops nothing
    f"dotnet test\ndotnet build\n{STOPS}",
    "dotnet test ; dotnet build",
    "dotnet build\nWrite-Host 'dotnet test'",
    "# dotnet test\ndotnet build",
]
UNSEEN = [
    "<#\ndotnet test\n#>\ndotnet build",
    "dotnet build # then `\ndotnet test",
    f"dotnet test\n{STOPS.replace('exit 1', 'exit 0')}",
    f"dotnet test\n{STOPS}\nelse {{ exit 0 }}",
    "dotnet test\nif (!$?) { exit 1 }",
    "exit 0\ndotnet test",
    "dotnet test\nexit 0",
    "function dotnet { }\ndotnet test",
    "Set-Alias dotnet echo\ndotnet test",
    "if ($env:CI) {\n  dotnet test\n}",
    "dotnet test || $true",
    "dotnet test > log.txt",
    "dotnet test | Tee-Object log.txt",
    "dotnet test -c $configuration",
    "dotnet test @arguments",
    'dotnet test "$(Get-Arguments)"',
    "mvn verify -Dmaven.test.skip=false",  # which PowerShell takes apart
    "ctest ; cd ..",
    "export CI=1\ndotnet test",
    "$PSNativeCommandUseErrorActionPreference = $true\ndotnet test\ndotnet build",
    'Write-Host "\ndotnet test\n"',
    '$text = @"\ndotnet test\n"@',
    "./build.ps1",
]


@pytest.mark.parametrize("script", TESTED)
def test_a_failure_counts_at_the_end_or_where_it_is_asked_for(script: str) -> None:
    assert verdict(script) == "pass"


@pytest.mark.parametrize("script", UNHEEDED)
def test_a_failure_stops_nothing_by_itself(script: str) -> None:
    assert verdict(script) == "fail"


@pytest.mark.parametrize("script", UNSEEN)
def test_nothing_else_is_followed(script: str) -> None:
    assert verdict(script) == "unknown"


def test_the_older_one_knows_no_signs_between_commands() -> None:
    assert verdict("dotnet build && dotnet test", "powershell") == "unknown"
    assert verdict("dotnet build && dotnet test") == "pass"
    assert verdict("dotnet test", "powershell") == "pass"


@pytest.mark.parametrize(
    ("cmdlet", "command"),
    [
        ("mv target/release/shop.exe shop.exe", "mv target/release/shop.exe shop.exe"),
        ("Copy-Item -Path dist\\a -Destination out -Recurse -Force", "cp -r dist/a out"),
        ("New-Item -ItemType Directory -Force -Path dist | Out-Null", "mkdir -p dist"),
        ("mkdir $env:RUNNER_TEMP/dist", "mkdir -p ${RUNNER_TEMP}/dist"),
        ("Remove-Item -Recurse -Force '.git'", "rm -rf '.git'"),
        ("Compress-Archive -Path dist/* -DestinationPath shop.zip", "zip -r shop.zip dist/*"),
        ("Expand-Archive shop.zip -DestinationPath dist", "unzip -o shop.zip -d dist"),
        (".\\shop.exe --version", "./shop.exe --version || exit 1"),
    ],
)
def test_what_moves_files_is_read_as_the_other_shell_says_it(cmdlet: str, command: str) -> None:
    assert in_bash(cmdlet, "pwsh") == command


@pytest.mark.parametrize(
    "cmdlet",
    [
        "cp a b c", "mv $from to", "Copy-Item -Destination b -Path a", "New-Item a.txt", "Remove-Item a -Include *.go",
        "Compress-Archive -Path a, b -DestinationPath c.zip", "Copy-Item 'a\\b' c", "rm -rf a", "mkdir", "./shop.ps1",
    ],
)  # fmt: skip
def test_other_cmdlets_are_not_followed(cmdlet: str) -> None:
    assert in_bash(cmdlet, "pwsh") is None


def test_a_cmdlet_says_nothing_of_the_program_before_it() -> None:
    assert verdict("dotnet test\nCopy-Item a b") == "pass"
    assert verdict(f"mv a b\ndotnet test\nMove-Item out there\n{STOPS}\ndotnet build") == "pass"


@pytest.mark.parametrize("alias", ["mv a b", "cp a b", "rm a", "mkdir a", "md a"])
def test_an_alias_is_a_program_on_other_systems_whose_success_hides_the_failure_before_it(alias: str) -> None:
    assert verdict(f"dotnet test\n{alias}") == "unknown"
    assert verdict(f"dotnet test\n{alias}\n{STOPS}\ndotnet build") == "unknown"
    assert verdict(f"dotnet test\n{STOPS}\n{alias}\ndotnet build") == "pass"


def test_it_is_the_shell_of_windows() -> None:
    text = workflow(release=job("- run: dotnet test", SHIP).replace("ubuntu-24.04", "windows-2025"))
    assert judge("tests-gate-release", repository_of(text)).verdict == "pass"


def test_lines_stay_where_they_are() -> None:
    script = f"dotnet build `\n  --configuration Release\n\n{THROWS}\nWrite-Host 'x'\ndotnet test"
    same = in_bash(script, "pwsh")
    assert same is not None
    assert [line.split(" ||")[0] for line in same.split("\n")] == [
        "dotnet build --configuration Release", "", "", "", "", "", "", "", "dotnet test",
    ]  # fmt: skip
