"""Whose build it is was verified, for the digest that was built, before it is released or deployed.

## What

The release path is followed as for `build-signed`. The check passes when everything that ships waits for a
verification of the very digest that was built: `cosign verify` or `verify-attestation` with the certificate's identity
and issuer (or the key), `gh attestation verify` with the owner, the repository or the workflow, `slsa-verifier` with
the source. A pattern that begins with nothing only one owner has (`.*`) takes the signature of anybody, and a verified
SBOM says what the image holds, not where it comes from: neither counts.

A policy by which the cluster verifies what it admits proves the same of an image that is deployed and not released in
another way before: Kyverno's `verifyImages` and ImageValidatingPolicy, ClusterImagePolicy of sigstore's
policy-controller. It must refuse (`Enforce`, `Deny`, no `warn`), be about pods and this image by tag and by digest,
hold in the namespace of the deployment, and name the key or the identity and the issuer. A policy that stands in the
repository counts as applied, as its alert rules do. What other engines demand, and what Helm has yet to fill in, is
`unknown`.

## Why

A signature that nobody verifies protects nobody. Verified before it ships, a broken or foreign one stops the release
instead of the cluster.

## Fix

Verify in a job without rights, and let the release need it.

## Before

```yaml
# .github/workflows/release.yml
on:
  push:
    tags: ["v*"]
jobs:
  release:
    runs-on: ubuntu-24.04
    permissions:
      id-token: write
      packages: write
      contents: write
    env:
      IMAGE: ghcr.io/acme/shop
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0
        id: push
        with:
          push: true
          tags: ghcr.io/acme/shop:1.2
      - run: cosign sign --yes "$IMAGE@$DIGEST"
        env:
          DIGEST: ${{ steps.push.outputs.digest }}
      - run: cosign verify --certificate-identity-regexp ".*" --certificate-oidc-issuer-regexp ".*" "$IMAGE@$DIGEST"
        env:
          DIGEST: ${{ steps.push.outputs.digest }}
      - run: gh release create "$GITHUB_REF_NAME" --generate-notes
```

## After

```yaml
# .github/workflows/release.yml
on:
  push:
    tags: ["v*"]
jobs:
  release:
    runs-on: ubuntu-24.04
    permissions:
      id-token: write
      packages: write
      contents: write
    env:
      IMAGE: ghcr.io/acme/shop
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0
        id: push
        with:
          push: true
          tags: ghcr.io/acme/shop:1.2
      - run: cosign sign --yes "$IMAGE@$DIGEST"
        env:
          DIGEST: ${{ steps.push.outputs.digest }}
      - run: cosign verify --certificate-identity "$IDENTITY" --certificate-oidc-issuer "$ISSUER" "$IMAGE@$DIGEST"
        env:
          DIGEST: ${{ steps.push.outputs.digest }}
          IDENTITY: https://github.com/acme/shop/.github/workflows/release.yml@${{ github.ref }}
          ISSUER: https://token.actions.githubusercontent.com
      - run: gh release create "$GITHUB_REF_NAME" --generate-notes
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import Fix
from goldenpath.checks._admission import verified
from goldenpath.checks._release import (
    RELEASE,
    Artifact,
    Candidate,
    Finding,
    Question,
    judge_each,
    matched,
    proven,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Outcome
    from goldenpath.facts.admission.model import Admission
    from goldenpath.facts.catalog import Component
    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases

APPLIES = frozenset({"service"})
FIX = Fix(
    "Verify the signature of the built digest against identity and issuer, and let the release need that job", "hours"
)
FIX_OF_FILES = Fix(
    "Verify the attestation of the very files (`gh attestation verify`), and let the release need that job", "hours"
)
NOTHING = Fix("Add a release pipeline that builds, signs, verifies and only then releases", "hours", RELEASE)


def check(releases: Releases, admission: Admission, component: Component | None) -> Outcome:
    """Ask for the verification of every artifact in every run that releases."""
    question = Question(
        candidates=_verifications,
        proof=_verified,
        released=lambda artifacts: artifacts,
        power="verify",
        verb="is verified",
        done="verified",
        lacks="is not verified",
        missing="without its provenance being verified",
        gates=True,
        fix=FIX,
        fix_of_files=FIX_OF_FILES,
        nothing=NOTHING,
    )
    named = component.annotations.get("github.com/project-slug") if component else None
    return judge_each(
        releases,
        lambda run, artifact: verified(run, artifact, question, admission, named.text if named else None),
        question.released,
        "nothing here releases it, so nothing is verified",
        NOTHING,
        lambda run: None if admission.policies or admission.unseen else without(run, question),
    )


def _verifications(run: Run, artifact: Artifact) -> Iterator[Candidate]:
    for act in run.of_kind("verified"):
        for target in act.targets:
            if type(target) is type(artifact.target):
                yield matched(act, target, artifact.target, "verifies")


def _verified(run: Run, artifact: Artifact, acts: list[Act]) -> Finding:  # noqa: ARG001 - the shape of a question
    before = " before it is released" if artifact.shipped else ""
    return proven(artifact, f"verified against whose build it is{before}: {artifact.name}", *acts)
