"""Programs of the field that run in their own image, with folders of the machine mounted."""

from __future__ import annotations

import pytest

from releasing import ATTEST, PUSH, SHIP, released_by
from trees import judge

SYFT = "anchore/syft:v1.37.0"
GRYPE = "anchore/grype:v0.104.0"
PUSHED = '"registry:ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"'


def run(command: str) -> str:
    """A step that runs a command."""
    return f"- run: |\n    {command}\n"


@pytest.mark.parametrize(
    "command",
    [
        f'docker run --rm -v "$PWD:/out" {SYFT} {PUSHED} -o cyclonedx-json=/out/sbom.json',
        f'docker run --rm --volume "$GITHUB_WORKSPACE:/out:rw" {SYFT} {PUSHED} -o cyclonedx-json=/out/sbom.json',
        f"docker run --rm --mount type=bind,source=.,target=/out {SYFT} {PUSHED} -o cyclonedx-json=/out/sbom.json",
        f'podman run -v "$(pwd)":/out/ {SYFT} {PUSHED} -o spdx-json=/out/x.json -o cyclonedx-json=/out/sbom.json',
    ],
)
def test_an_sbom_that_a_container_writes_into_a_mounted_folder_is_found(command: str) -> None:
    assert judge("sbom-generated", released_by(PUSH, run(command), ATTEST, SHIP)).verdict == "pass"


@pytest.mark.parametrize(
    "command",
    [
        f'docker run --rm -v "$PWD:/output" {SYFT} {PUSHED} -o cyclonedx-json=/out/sbom.json',
        f"docker run --rm -v sboms:/out {SYFT} {PUSHED} -o cyclonedx-json=/out/sbom.json",
        f'docker run --rm -v "$PWD/elsewhere:/out" {SYFT} {PUSHED} -o cyclonedx-json=/out/sbom.json',
    ],
)
def test_one_that_it_writes_elsewhere_is_none_of_the_job(command: str) -> None:
    assert judge("sbom-generated", released_by(PUSH, run(command), ATTEST, SHIP)).verdict == "fail"


def test_an_sbom_is_scanned_where_it_is_mounted() -> None:
    describe = run(f"syft {PUSHED} -o json=bom/sbom.json")
    scan = run(f'docker run --rm -v "$PWD/bom:/in:ro" {GRYPE} sbom:/in/sbom.json --fail-on high')
    assert judge("vulnerabilities-gated", released_by(PUSH, describe, scan, SHIP)).verdict == "pass"


TRIVY = "aquasec/trivy:0.67.2"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", "fail"),
        ("-e TRIVY_SEVERITY", "fail"),
        ("-e TRIVY_EXIT_CODE", "pass"),
        ("--env TRIVY_EXIT_CODE=1", "pass"),
        ("-e TRIVY_EXIT_CODE=0", "fail"),
        ("-e TRIVY_EXIT_CODE -e TRIVY_EXIT_CODE=0", "fail"),
        ("-e TRIVY_EXIT_CODE=1 -e TRIVY_SEVERITY=LOW", "fail"),
    ],
)
def test_a_container_sees_the_variables_that_it_is_handed(options: str, expected: str) -> None:
    scan = run(f"docker run --rm {options} {TRIVY} image {PUSHED.replace('registry:', '')}")
    step = f"{scan}  env: {{TRIVY_EXIT_CODE: 1}}\n"
    assert judge("vulnerabilities-gated", released_by(PUSH, step, SHIP)).verdict == expected


def test_a_file_that_sets_a_scanner_is_in_no_container_by_itself() -> None:
    checkout, own = "- uses: actions/checkout@v5", {"trivy.yaml": "exit-code: 1\n"}
    for options, expected in ("", "fail"), ("-v $PWD:/src -w /src", "pass"):
        scan = run(f"docker run --rm {options} {TRIVY} image {PUSHED.replace('registry:', '')}")
        assert judge("vulnerabilities-gated", released_by(checkout, PUSH, scan, SHIP) | own).verdict == expected


COMPOSE = """
services:
  app: {build: ., command: pytest -q}
  mounted: {image: "python:3.13", volumes: [".:/src"], command: [pytest, -q]}
  plain: {build: {context: .}}
  other: {build: shop}
  entered: {build: ., entrypoint: ./enter, command: pytest}
  db: {image: "postgres:17"}
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("docker compose run --rm app", "pass"),
        ("docker compose run --rm mounted", "pass"),
        ("docker compose run --rm -e CI=1 plain pytest -q", "pass"),
        ("docker-compose -f compose.yaml run --rm plain pytest", "pass"),
        ("docker compose -f compose.yaml -p ci run plain sh -c 'pytest -q'", "pass"),
        ("docker compose up -d && docker compose exec -T plain pytest", "pass"),
        ("docker compose up --abort-on-container-exit --exit-code-from app", "pass"),
        ("docker compose run --rm plain sh -c 'pytest; true'", "fail"),
        ("docker compose run --rm plain flake8", "fail"),
        ("docker compose run -d app", "fail"),
        ("docker compose run db pytest", "fail"),
        ("docker compose exec -T db pg_isready", "fail"),
        ("docker compose up app", "fail"),
        ("docker compose run --rm entered", "unknown"),
        ("docker compose run --rm other", "unknown"),
        ("docker compose run --rm missing pytest", "unknown"),
        ("docker compose -f elsewhere.yaml run app", "unknown"),
    ],
)
def test_a_service_of_a_compose_file_may_run_the_tests(command: str, expected: str) -> None:
    tree = released_by("- uses: actions/checkout@v7", run(command), SHIP) | {"compose.yaml": COMPOSE}
    tree["Dockerfile"] = "FROM python:3.13\n"
    assert judge("tests-gate-release", tree).verdict == expected


def test_a_service_with_an_entrypoint_of_its_image_is_not_known() -> None:
    tree = released_by("- uses: actions/checkout@v7", run("docker compose run plain pytest"), SHIP)
    entered = {"compose.yaml": COMPOSE, "Dockerfile": 'FROM python:3.13\nENTRYPOINT ["./manage.py"]\n'}
    assert judge("tests-gate-release", tree | entered).verdict == "unknown"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("docker exec app pytest -q", "unknown"),
        ("docker container exec -e CI=1 app bundle exec rspec", "unknown"),
        ("docker exec -w /src app sh -c 'make test'", "unknown"),
        ("podman exec app ./tests.sh", "unknown"),
        ("docker exec -d app pytest", "fail"),
        ("docker exec app sleep 5", "fail"),
        ("docker exec app cat /etc/os-release", "fail"),
    ],
)
def test_what_is_run_in_a_container_that_is_there_may_be_the_tests(command: str, expected: str) -> None:
    assert judge("tests-gate-release", released_by(PUSH, run(command), SHIP)).verdict == expected


@pytest.mark.parametrize("option", ["-d", "--detach", "-it -d", "-dit"])
def test_nobody_waits_for_a_container_in_the_background(option: str) -> None:
    scan = f"docker run {option} {GRYPE} {PUSHED} --fail-on high"
    assert judge("vulnerabilities-gated", released_by(PUSH, run(scan), SHIP)).verdict == "fail"
    assert judge("vulnerabilities-gated", released_by(PUSH, run(scan.replace(option, "--rm")), SHIP)).verdict == "pass"
