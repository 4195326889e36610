"""Which releases verify whose build they ship, and which only look at it."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, job, released_by, repository_of, workflow
from trees import judge

DIGEST = "${{ steps.push.outputs.digest }}"
IMAGE = f"ghcr.io/acme/shop@{DIGEST}"
WHOSE = "--certificate-identity https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/v1"
ISSUER = "--certificate-oidc-issuer https://token.actions.githubusercontent.com"
PATTERN = "--certificate-identity-regexp"
VERIFY = f"cosign verify {WHOSE} {ISSUER} {IMAGE}"


def verdict(*steps: str) -> str:
    return judge("provenance-verified", released_by(*steps)).verdict


@pytest.mark.parametrize(
    "command",
    [
        VERIFY,
        f"cosign verify --key cosign.pub {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://github\\.com/acme/shop/' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} https://github.com/$GITHUB_REPOSITORY/ {IMAGE}",
        f"cosign verify {WHOSE} --certificate-oidc-issuer-regexp '^https://gitlab\\.acme\\.example$' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^release@acme\\.com$' {IMAGE}",
        f"cosign verify-attestation --type slsaprovenance1 {WHOSE} {ISSUER} {IMAGE}",
        f"gh attestation verify oci://{IMAGE} --repo acme/shop",
        f"gh attestation verify oci://{IMAGE} --owner acme --predicate-type https://slsa.dev/provenance/v1",
        f"slsa-verifier verify-image {IMAGE} --source-uri github.com/acme/shop",
    ],
)
def test_passes_after(command: str) -> None:
    assert verdict(PUSH, f"- run: |\n    {command}", SHIP) == "pass"


@pytest.mark.parametrize(
    "command",
    [
        f"cosign verify {IMAGE}",
        f"cosign verify {WHOSE} {IMAGE}",
        f"cosign verify {ISSUER} {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} 'https://github.com/.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} 'https://github.com/acme/|.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} 'https://github.com/acme.*/' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '.*@acme.com' {IMAGE}",
        f"cosign verify {WHOSE} --certificate-oidc-issuer-regexp 'https://.*' {IMAGE}",
        f"cosign verify {WHOSE} --certificate-oidc-issuer-regexp '.*' {IMAGE}",
        f"cosign verify {WHOSE} {ISSUER} ghcr.io/acme/shop:1.2",
        f"cosign verify {WHOSE} {ISSUER} ghcr.io/acme/tools@{DIGEST}",
        f"cosign verify {WHOSE} {ISSUER} --check-claims=false {IMAGE}",
        f"cosign verify-attestation --type spdxjson {WHOSE} {ISSUER} {IMAGE}",
        f"gh attestation verify oci://{IMAGE} --repo acme/shop --predicate-type https://spdx.dev/Document/v2.3",
        f"gh attestation verify oci://{IMAGE}",
        f"slsa-verifier verify-image {IMAGE}",
        f"{VERIFY} || true",
        f"{VERIFY} | jq .",
        f"echo {VERIFY}",
        f"# {VERIFY}\n    true",
    ],
)
def test_fails_when_nothing_but_this_comes_before(command: str) -> None:
    assert verdict(PUSH, f"- run: |\n    {command}", SHIP) == "fail"


def test_it_must_come_before_and_be_waited_for() -> None:
    build = job(PUSH, outputs=f"{{digest: '{DIGEST}'}}")
    verify = job(f"- run: {VERIFY.replace('steps.push', 'needs.build')}", needs="build", permissions="{packages: read}")
    for needs, expected in ("verify", "pass"), ("build", "fail"):
        files = repository_of(workflow(build=build, verify=verify, ship=job(SHIP, needs=needs)))
        assert judge("provenance-verified", files).verdict == expected
    assert verdict(PUSH, SHIP, f"- run: {VERIFY}") == "fail"


def test_files_are_verified_as_they_were_built() -> None:
    verify = "- run: gh attestation verify dist/* --repo acme/shop"
    assert verdict("- run: uv build", verify, "- run: gh release create v1 dist/*") == "pass"
    assert verdict("- run: uv build", verify, "- run: uv build", "- run: gh release create v1 dist/*") == "fail"


@pytest.mark.parametrize("step", ["- run: make verify", "- uses: acme/verify@v1", "- run: ./hack/verify-image.sh"])
def test_is_unknown_when_something_unseen_may_do_it(step: str) -> None:
    assert verdict(PUSH, step, SHIP) == "unknown"
