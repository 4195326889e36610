"""Packages of .NET: what MSBuild may do beside packing them, by what the files of the project say."""

from __future__ import annotations

import pytest

from releasing import job, repository_of, script, workflow
from trees import judge

CHECKOUT = "- uses: actions/checkout@v7"
PACK = script("dotnet pack -o out", "dotnet nuget push 'out/*.nupkg' -k ${{ secrets.KEY }}")
PROJECT = '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup>%s</PropertyGroup></Project>'
STRICT = PROJECT % "<TreatWarningsAsErrors>true</TreatWarningsAsErrors>"
OF_OTHERS = PROJECT.replace("Microsoft.NET", "Acme.NET") % ""
PLAIN = {"Shop.csproj": PROJECT % ""}


def judged(check: str, **files: str) -> str:
    built = repository_of(workflow(release=job(CHECKOUT, PACK)))
    return judge(check, {**built, **PLAIN, **{path.replace("__", "/"): text for path, text in files.items()}}).verdict


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("src/Shop.csproj", OF_OTHERS, "unknown"),
        ("src/Shop.fsproj", '<Project>\n  <Import Project="Sdk.props" Sdk="Acme.NET.Sdk" />\n</Project>', "unknown"),
        ("docs/Shop.md", OF_OTHERS, "fail"),
    ],
)
def test_an_sdk_of_others_may_look_for_vulnerabilities(path: str, text: str, expected: str) -> None:
    assert judged("vulnerabilities-gated", **{path: text}) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("src/Shop.csproj", OF_OTHERS, "unknown"),
        ("src/Shop.targets", '<Project><PackageReference Include="Microsoft.Sbom.Targets" /></Project>', "unknown"),
        ("src/Shop.csproj", PROJECT % "<!-- Microsoft.Sbom.Targets -->", "fail"),
        ("Directory.Build.props", STRICT, "fail"),
    ],
)
def test_what_packs_may_lay_an_sbom_into_the_package(path: str, text: str, expected: str) -> None:
    assert judged("sbom-generated", **{path: text}) == expected


@pytest.mark.parametrize("check", ["build-signed", "provenance-verified", "tests-gate-release"])
def test_nothing_else_is_done_by_what_packs(check: str) -> None:
    assert judged(check, **{"src/Shop.csproj": OF_OTHERS, "Directory.Build.props": STRICT}) == "fail"
