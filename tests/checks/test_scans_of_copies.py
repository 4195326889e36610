"""Scans of an image that was saved to a file, and of an SBOM that comes through a pipe, or from a registry."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by, script
from trees import judge

NAME = "ghcr.io/acme/shop"
IMAGE = f"{NAME}@${{{{ steps.push.outputs.digest }}}}"
OTHER = f"{NAME}:1.2"
TRIVY = "trivy image --input x.tar --exit-code 1"
GRYPE = "grype docker-archive:x.tar --fail-on high"
GRYPE_FOLDER = "grype dir:x --fail-on high"
SYFT = f"syft {IMAGE} -o cyclonedx-json"
OF_FILE = "grype sbom:s.json --fail-on high"
PIPED = "grype --fail-on high"
WHOSE = "--certificate-identity x --certificate-oidc-issuer y"
UNPACK = "jq -r .payload | base64 -d | jq .predicate"
VERIFY = f"cosign verify-attestation --type cyclonedx {WHOSE} {IMAGE} | {UNPACK} > t.json"
SCAN_T = "trivy sbom --exit-code 1 t.json"
ATTEST = f"cosign attest --yes --type cyclonedx --predicate s.json {IMAGE}"
ATTACH = f"cosign attach sbom --sbom s.json {IMAGE}"


def verdict(*lines: str) -> str:
    return judge("vulnerabilities-gated", released_by(PUSH, script(*lines), SHIP)).verdict


@pytest.mark.parametrize(
    "lines",
    [
        (f"crane pull {IMAGE} x.tar", TRIVY),
        (f"regctl image export {IMAGE} x.tar", TRIVY),
        (f"crane export {IMAGE} - | tar -x -C x", GRYPE_FOLDER),
        (f"mkdir x && crane export {IMAGE} | tar xf - -C x", GRYPE_FOLDER),
        (f"crane export {IMAGE} x.tar && mkdir x", "tar -xf x.tar -C x", GRYPE_FOLDER),
        (f"crane export {IMAGE} > x.tar", "tar -xf x.tar -C x", GRYPE_FOLDER),
        (f"docker pull {IMAGE}", f"docker save {IMAGE} -o x.tar", GRYPE),
        (f"docker pull {IMAGE}", f"docker save {IMAGE} > x.tar", GRYPE),
        (f"skopeo copy docker://{IMAGE} oci-archive:x.tar:1.2", TRIVY),
        (f"skopeo copy docker://{IMAGE} oci:x", "trivy image --input x --exit-code 1"),
        (f"crane pull {IMAGE} x.tar", "syft docker-archive:x.tar -o json=s.json", OF_FILE),
        (f"crane pull {IMAGE} x.tar", "mv x.tar y.tar", "grype docker-archive:y.tar --fail-on high"),
        (f"{SYFT} | {PIPED}",),
        (f"{SYFT} | tee s.json | {PIPED}",),
        (f"{SYFT} | jq . | {PIPED}",),
        (f"{SYFT} > s.json", f"cat s.json | {PIPED}"),
        (f"{SYFT} > s.json", f"{PIPED} < s.json"),
        (f"{SYFT}=s.json", ATTACH, f"cosign download sbom {IMAGE} > t.json", SCAN_T),
        (f"{SYFT}=s.json", ATTEST, VERIFY, SCAN_T),
        (f"{SYFT}=s.json", ATTEST, f"cosign download attestation {IMAGE} | {UNPACK} | {PIPED}"),
    ],
)
def test_what_is_found_in_a_copy_is_found_in_the_image(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "pass"


@pytest.mark.parametrize(
    "lines",
    [
        (f"crane pull {OTHER} x.tar", TRIVY),
        (f"crane pull {IMAGE} x.tar", f"crane pull {OTHER} x.tar", TRIVY),
        (f"crane pull {IMAGE} x.tar", TRIVY.partition(" --exit")[0]),
        (f"crane export {OTHER} - | tar -x -C x", GRYPE_FOLDER),
        (f"crane export {IMAGE} - > y.tar | tar -x -C x", GRYPE_FOLDER),
        (f"crane export {IMAGE} - | tar -x -C x --exclude usr", GRYPE_FOLDER),
        (f"crane export {IMAGE} - | tar -x -C x usr", GRYPE_FOLDER),
        (f"crane export {IMAGE} - | tar -x -C x", "rm -rf x/usr", GRYPE_FOLDER),
        (f"crane export {IMAGE} - | tar -x -C x", "rm -rf x && mkdir x", GRYPE_FOLDER),
        (f"docker save {IMAGE} | tar -x -C x", GRYPE_FOLDER),
        (f"docker save {OTHER} -o x.tar", GRYPE),
        (f"skopeo copy docker://{OTHER} oci-archive:x.tar", TRIVY),
        (f"{SYFT} | {PIPED} || true",),
        (f"syft {OTHER} -o json | {PIPED}",),
        (f"syft dir:. -o json | {PIPED}",),
        (f"echo {IMAGE} | {PIPED}",),
        ("syft dir:. -o cyclonedx-json=s.json", ATTACH, f"cosign download sbom {IMAGE} > t.json", SCAN_T),
        ("syft dir:. -o cyclonedx-json=s.json", ATTEST, VERIFY, SCAN_T),
    ],
)
def test_a_copy_of_something_else_tells_nothing_of_the_image(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "fail"


@pytest.mark.parametrize(
    "lines",
    [
        (TRIVY,),
        (f"crane pull {IMAGE} x.tar", TRIVY.replace("x.tar", "y.tar")),
        (f"docker save {IMAGE} {OTHER} -o x.tar", GRYPE),
        (f"cosign download sbom {IMAGE} | {PIPED}",),
        (VERIFY, SCAN_T),
        (f"{SYFT} | jq '.components = []' | {PIPED}",),
        (f"{SYFT} | jq . other.json | {PIPED}",),
        (f"{SYFT}=s.json", "jq 'del(.components)' s.json > t.json", SCAN_T),
    ],
)
def test_what_is_in_a_copy_that_nobody_has_seen_being_made_only_a_run_knows(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "unknown"


@pytest.mark.parametrize(("rebuilt", "expected"), [((), "pass"), ((f"docker build -t {OTHER} other",), "fail")])
def test_an_image_is_scanned_before_it_is_pushed(rebuilt: tuple[str, ...], expected: str) -> None:
    build = script(
        f"docker build -t {OTHER} .", f"docker save {OTHER} -o x.tar", *rebuilt, TRIVY, f"docker push {OTHER}"
    )
    assert judge("vulnerabilities-gated", released_by(build, SHIP)).verdict == expected


def test_a_saved_image_that_is_released_is_not_signed_by_the_signature_of_the_image() -> None:
    steps = (PUSH, script(f"cosign sign --yes {IMAGE}", f"docker save {IMAGE} -o x.tar"))
    assert judge("build-signed", released_by(*steps, "- run: gh release create v1 x.tar")).verdict == "fail"
