"""Programs that run whatever is installed beside them: `cargo release` is a program of its own, as `dotnet make` is."""

from __future__ import annotations

import pytest

from releasing import SHIP, released_by
from trees import judge

CHECKS = ("build-signed", "sbom-generated", "provenance-verified", "tests-gate-release", "vulnerabilities-gated")
CHECKOUT = "- uses: actions/checkout@v7"
SECRET = "env: {TOKEN: '${{ secrets.REGISTRY_TOKEN }}'}"


def alone(command: str, check: str) -> str:
    """The verdict on a pipeline in which nothing but this command could release anything."""
    return judge(check, released_by(CHECKOUT, f"- run: {command}\n  {SECRET}")).verdict


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "command",
    [
        "dotnet make publish --key=$TOKEN", "dotnet cake --target=Publish", "dotnet run --project build -- publish",
        "dotnet tool run fake build", "dotnet msbuild -t:Publish", "dotnet script build.csx", "cargo release --execute",
        "cargo workspaces publish", "cargo make publish", "cargo +nightly ship build", "composer run release",
        "composer release", "box publish",
    ],
)  # fmt: skip
def test_what_a_plugin_does_is_unknown(command: str, check: str) -> None:
    assert alone(command, check) == "unknown"


@pytest.mark.parametrize(
    "command",
    [
        "dotnet build -c Release", "dotnet tool restore", "dotnet --info", "dotnet restore --locked-mode",
        "cargo build --release", "cargo +nightly fmt", "cargo clippy -- -D warnings", "composer install",
        "cargo --locked build", "cargo -V", "cargo --version", "box compile", "vendor/bin/box validate",
    ],
)  # fmt: skip
def test_commands_of_their_own_release_nothing(command: str) -> None:
    outcome = judge("build-signed", released_by(CHECKOUT, f"- run: {command}\n  {SECRET}"))
    assert (outcome.verdict, outcome.summary) == ("fail", "nothing here releases it, so nothing is signed")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cargo +nightly test", "pass"),
        ("cargo llvm-cov --lcov", "pass"),
        ("cargo hack test --each-feature", "pass"),
        ("dotnet test", "pass"),
        ("cargo +nightly fmt", "fail"),
        ("cargo hack check", "fail"),
        ("composer test", "unknown"),
        ("composer install", "fail"),
    ],
)
def test_tests_are_found_behind_a_toolchain_and_not_behind_a_plugin(command: str, expected: str) -> None:
    assert judge("tests-gate-release", released_by(CHECKOUT, f"- run: {command}", SHIP)).verdict == expected
