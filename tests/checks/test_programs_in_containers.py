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
