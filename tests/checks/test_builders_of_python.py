"""Actions that build packages of Python, and hand them over to the job that publishes them."""

from __future__ import annotations

import pytest

from releasing import job, released_by, repository_of, workflow
from trees import judge

HYNEK = "- uses: hynek/build-and-inspect-python-package@v2\n  with: {%s}"
WHEELS = "- uses: pypa/cibuildwheel@v3.1.4\n  with: {output-dir: dist}"
MATURIN = "- uses: PyO3/maturin-action@v1\n  with: {command: %s, args: %s}"
ATTEST = "- uses: actions/attest-build-provenance@v3\n  with: {subject-path: 'dist/*'}"
RELEASE = "- run: gh release create v1 dist/*"


def fetch(name: str, more: str = "") -> str:
    return f"- uses: actions/download-artifact@v5\n  with: {{name: {name}, path: dist{more}}}"


def verdict(build: list[str], ship: list[str], **keys: str) -> str:
    files = repository_of(workflow(build=job(*build, **keys), ship=job(*ship, needs="build")))
    return judge("build-signed", files).verdict


def test_what_it_inspects_it_attests_when_it_is_told_to() -> None:
    attested = [HYNEK % "attest-build-provenance-github: 'true'"]
    assert verdict(attested, [fetch("Packages"), RELEASE]) == "pass"
    assert verdict(attested, [fetch("Packages"), RELEASE], permissions="{contents: read}") == "fail"
    assert verdict([HYNEK % ""], [fetch("Packages"), RELEASE]) == "fail"
    assert verdict([HYNEK % ""], [fetch("Packages"), ATTEST, RELEASE]) == "pass"


def test_the_artifact_has_the_suffix_of_a_name() -> None:
    attested = [HYNEK % "upload-name-suffix: -lib, attest-build-provenance-github: 'true'"]
    assert verdict(attested, [fetch("Packages-lib"), RELEASE]) == "pass"
    assert verdict(attested, [fetch("Packages"), RELEASE]) != "pass"


def test_the_folder_is_an_output() -> None:
    attest = "- uses: actions/attest@v4\n  with: {subject-path: '${{ steps.b.outputs.dist }}/*'}"
    steps = [HYNEK.replace("- uses", "- id: b\n  uses") % "", attest, "- run: gh release create v1 /tmp/baipp/dist/*"]
    assert judge("build-signed", released_by(*steps)).verdict == "pass"


def test_wheels_of_a_matrix() -> None:
    stored = "- uses: actions/upload-artifact@v5\n  with: {name: 'wheels-${{ matrix.os }}', path: './dist/*.whl'}"
    merged = "- uses: actions/download-artifact@v5\n  with: {pattern: wheels-*, path: dist, merge-multiple: true}"
    strategy = "{matrix: {os: [ubuntu-latest, macos-latest]}}"
    assert verdict([WHEELS, stored], [merged, ATTEST, RELEASE], strategy=strategy) == "pass"
    assert verdict([WHEELS, stored], [merged, RELEASE], strategy=strategy) == "fail"


@pytest.mark.parametrize(
    ("command", "arguments", "expected"),
    [
        ("build", "--release --out dist", "pass"),
        ("sdist", "-o dist", "pass"),
        ("upload", "--skip-existing dist/*", "unknown"),
    ],
)
def test_maturin_builds_where_it_is_told_to(command: str, arguments: str, expected: str) -> None:
    files = released_by(MATURIN % (command, arguments), ATTEST, RELEASE)
    assert judge("build-signed", files).verdict == expected


def test_a_package_of_rust_by_its_own_program() -> None:
    attest = "- uses: actions/attest@v4\n  with: {subject-path: dist/*}"
    assert judge("build-signed", released_by("- run: maturin sdist --out=dist", attest, RELEASE)).verdict == "pass"
    assert judge("build-signed", released_by("- run: maturin sdist --out=dist", RELEASE)).verdict == "fail"


def test_an_artifact_of_this_very_run_may_say_so() -> None:
    build = ["- run: uv build", "- uses: actions/upload-artifact@v5\n  with: {name: d, path: dist}", ATTEST]
    assert verdict(build, [fetch("d", ", run-id: '${{ github.run_id }}'"), RELEASE]) == "pass"
    assert verdict(build, [fetch("d", ", run-id: '${{ github.event.workflow_run.id }}'"), RELEASE]) != "pass"


def test_a_signature_of_what_nobody_sees_being_built_is_not_left_out() -> None:
    steps = ["- run: ./gradlew jibs", "- run: cosign sign --yes $(cat build/digest)", "- run: gh release create v1"]
    outcome = judge("build-signed", {**released_by(*steps), "build.gradle": "plugins { id 'jibs' }"})
    assert outcome.verdict == "unknown", outcome.summary


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("sdist bdist_wheel", "pass"),
        ("--quiet build_ext sdist", "pass"),
        ("bdist_wheel --universal", "pass"),
        ("bdist_wheel -d wheels", "fail"),
        ("sdist upload", "unknown"),
        ("register sdist upload", "unknown"),
        ("sdist $(cat more)", "unknown"),
    ],
)
def test_packages_by_setuptools(told: str, expected: str) -> None:
    release = "- run: gh release create v1 wheels/*" if "wheels" in told else RELEASE
    files = released_by(f"- run: python setup.py {told}", ATTEST, release)
    assert judge("build-signed", {**files, "setup.py": "from setuptools import setup"}).verdict == expected


@pytest.mark.parametrize(
    "build", ["pipx run build==1.2.2", "pipx run build[uv]", "uvx --with hatchling --from build==1.2.2 pyproject-build"]
)
def test_a_frontend_of_a_version(build: str) -> None:
    assert judge("build-signed", released_by(f"- run: {build}", ATTEST, RELEASE)).verdict == "pass"
    assert judge("build-signed", released_by(ATTEST, f"- run: {build}", RELEASE)).verdict == "fail"
