"""Attestations that are pushed to the registry under the name of another image than the one that is built."""

from __future__ import annotations

import pytest

from releasing import DESCRIBE, PUSH, SHIP, released_by
from trees import judge

DIGEST = "${{ steps.push.outputs.digest }}"
VERIFY = f"- run: gh attestation verify oci://ghcr.io/acme/shop@{DIGEST} --repo acme/shop"


def attests(action: str, name: str, **more: str) -> str:
    """A step that attests the pushed digest under a name."""
    given = "".join(f"\n    {key.replace('_', '-')}: {text}" for key, text in more.items())
    return f"- uses: {action}\n  with:\n    subject-name: {name}\n    subject-digest: {DIGEST}{given}"


OTHER = "ghcr.io/acme/shop-attestations"
PROVENANCE = ["actions/attest@v4", "actions/attest-build-provenance@v4"]


@pytest.mark.parametrize("action", PROVENANCE)
def test_provenance_under_another_name(action: str) -> None:
    for steps, expected in (
        ([attests(action, OTHER, push_to_registry="true")], "unknown"),
        ([attests(action, OTHER, push_to_registry="true"), VERIFY], "pass"),
        ([attests(action, OTHER, push_to_registry="true"), f"{VERIFY} --bundle-from-oci"], "unknown"),
        ([attests(action, OTHER)], "pass"),
        ([attests(action, OTHER, push_to_registry="false")], "pass"),
        ([attests(action, "ghcr.io/acme/shop", push_to_registry="true")], "pass"),
        ([attests(action, "index.docker.io/acme/shop", push_to_registry="true")], "unknown"),
        ([attests(action, "${{ vars.IMAGE }}", push_to_registry="true")], "pass"),
    ):
        outcome = judge("build-signed", released_by(PUSH, *steps, SHIP))
        assert outcome.verdict == expected, steps


def test_an_sbom_under_another_name() -> None:
    for name, expected in (OTHER, "unknown"), ("ghcr.io/acme/shop", "pass"):
        step = attests("actions/attest-sbom@v3", name, push_to_registry="true", sbom_path="sbom.json")
        assert judge("sbom-generated", released_by(PUSH, DESCRIBE, step, SHIP)).verdict == expected


def test_it_says_where_it_went() -> None:
    outcome = judge("build-signed", released_by(PUSH, attests(PROVENANCE[0], OTHER, push_to_registry="true"), SHIP))
    assert OTHER in (outcome.reason or "")
    assert "about ghcr.io/acme/shop," in (outcome.reason or "")


IN_REGISTRY = (
    f"- run: cosign verify-attestation --type slsaprovenance1 ghcr.io/acme/shop@{DIGEST} --certificate-oidc-issuer"
    " https://token.actions.githubusercontent.com --certificate-identity-regexp '^https://github.com/acme/shop/'"
)


@pytest.mark.parametrize(
    ("more", "verify", "expected"),
    [
        ({}, VERIFY, "pass"),
        ({}, IN_REGISTRY, "fail"),
        ({}, f"{VERIFY} --bundle-from-oci", "fail"),
        ({"push_to_registry": "true"}, IN_REGISTRY, "pass"),
        ({"push_to_registry": "${{ vars.PUSH }}"}, IN_REGISTRY, "pass"),
    ],
)
def test_a_registry_is_asked_in_vain_for_what_is_not_pushed_to_it(
    more: dict[str, str], verify: str, expected: str
) -> None:
    steps = (PUSH, attests(PROVENANCE[0], "ghcr.io/acme/shop", **more), verify, SHIP)
    assert judge("provenance-verified", released_by(*steps)).verdict == expected
