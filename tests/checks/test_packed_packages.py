"""Packages as they were packed, in which no program that lists what is in files finds anything."""

from __future__ import annotations

import pytest

from releasing import released_by
from trees import judge

PACKED = {
    "a wheel and its sources": "uv build",
    "a wheel by build": "python -m build",
    "a wheel by poetry": "poetry build",
    "a package of npm": "npm pack --pack-destination dist",
    "a package by pnpm": "pnpm pack --pack-destination dist",
    "a gem": "gem build shop.gemspec -o dist/shop.gem",
    "a package of NuGet": "dotnet pack -o dist",
    "a program of Rust": "cargo build --target-dir dist",
}
READ = {
    "a program of Go": "go build -o dist/shop ./cmd/shop",
    "a program of Rust that lists its crates": "cargo auditable build --release --target-dir dist",
}
INSTALLED = "python -m venv e && python -m pip --python e install dist/*.whl"


def released(built: str, described: str) -> dict[str, str | bytes | None]:
    """A release of what is built, with an SBOM."""
    steps = (built, described) if described.startswith("uses:") else (f"{built} && {described}",)
    return released_by(
        *(f"- {step}" if step.startswith("uses:") else f"- run: {step}" for step in steps),
        "- run: gh release create v1 dist/* s.json",
    )


def verdict(built: str, described: str) -> str:
    return judge("sbom-generated", released(built, described)).verdict


@pytest.mark.parametrize("built", PACKED.values(), ids=PACKED.keys())
def test_an_sbom_of_packages_as_they_were_packed_lists_nothing(built: str) -> None:
    for described in (
        "syft scan dir:dist -o spdx-json=s.json",
        "syft dist/ -o spdx-json=s.json",
        "trivy fs --format cyclonedx --output s.json dist",
        "uses: anchore/sbom-action@v0\n  with: {path: dist, output-file: s.json}",
    ):
        outcome = judge("sbom-generated", released(built, described))
        assert outcome.verdict == "fail"
        assert "nothing" in outcome.summary


@pytest.mark.parametrize("built", READ.values(), ids=READ.keys())
def test_an_sbom_of_programs_that_say_what_they_are_made_of(built: str) -> None:
    assert verdict(built, "syft scan dir:dist -o spdx-json=s.json") == "pass"


def test_an_sbom_of_where_they_are_installed() -> None:
    assert verdict(f"uv build && {INSTALLED}", "syft e -o spdx-json=s.json") == "pass"


def test_a_wheel_is_known_by_its_name() -> None:
    steps = "- run: syft dist/shop.whl -o spdx-json=s.json", "- run: gh release create v1 dist/shop.whl s.json"
    assert judge("sbom-generated", released_by("- uses: acme/build@v1", *steps)).verdict != "pass"


@pytest.mark.parametrize("built", PACKED.values(), ids=PACKED.keys())
def test_a_scan_of_packages_as_they_were_packed_refuses_nothing(built: str) -> None:
    scan = "- run: syft dist -o spdx-json=s.json && grype sbom:s.json --fail-on high"
    for step in ("- run: grype dir:dist --fail-on high", "- run: trivy fs --exit-code 1 dist", scan):
        steps = f"- run: {built}", step, "- run: gh release create v1 dist/*"
        assert judge("vulnerabilities-gated", released_by(*steps)).verdict == "fail"
    steps = f"- run: {built}", "- run: grype dir:. --fail-on high", "- run: gh release create v1 dist/*"
    assert judge("vulnerabilities-gated", released_by(*steps)).verdict == "pass"


@pytest.mark.parametrize(
    "archive", ["tar czf dist/app.tgz src", "tar -cJf dist/app.tar.xz src", "zip -r dist/app.zip src"]
)
def test_an_archive_is_looked_into_only_where_it_is_named(archive: str) -> None:
    name = next(word for word in archive.split() if word.startswith("dist/"))
    assert verdict(archive, "syft dir:dist -o spdx-json=s.json") == "fail"
    assert verdict(archive, f"syft file:{name} -o spdx-json=s.json") == "pass"
    assert verdict(archive, f"syft {name} -o spdx-json=s.json") == "pass"


def test_behind_a_scheme_no_shell_expands_a_pattern() -> None:
    archive, loop = (
        "tar czf dist/shop.tar.gz build",
        'for f in dist/*.tar.gz; do syft "file:$f" -o spdx-json=s.json; done',
    )
    assert verdict(archive, "syft file:dist/*.tar.gz -o spdx-json=s.json") == "fail"
    assert verdict(archive, loop) == "pass"


def test_an_archive_is_described_by_what_describes_all_that_it_holds() -> None:
    build = "- run: go build -o app . && go build -o tool ./cmd/tool"
    release = "- run: gh release create v1 app.tgz s.json"
    packed = [build, "- run: tar czf app.tgz app", "- run: syft app -o spdx-json=s.json", release]
    assert judge("sbom-generated", released_by(*packed)).verdict == "pass"
    both = [step.replace("app.tgz app", "app.tgz app tool") for step in packed]
    assert judge("sbom-generated", released_by(*both)).verdict == "fail"
    sources = [step.replace("syft app", "syft dir:.") for step in packed]
    assert judge("sbom-generated", released_by(*sources)).verdict == "fail"
