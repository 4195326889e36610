"""The very digest that a release builds is signed, and nothing ships that was not.

## What

The release path is followed from the event that starts it: through jobs and their needs, steps, scripts, make
targets, outputs, local composite actions and local reusable workflows. The check passes when each image that is built
there is signed by the digest that its build has said (`cosign sign name@digest`, `actions/attest`, a platform's
attestation), each file that is published is signed as the same file, the signer may fail the job and has what it needs
(`id-token: write` at its own job, or a key), and every release, deployment or moved tag waits for it.

Tags that the build pushes together with its image belong to the build, and may be there before the signature; one
that is moved by a later command may not. Push by digest, and move tags last, if nothing unsigned may ever carry a name.

A tag is no digest: it can be moved between the build and the signature. A digest that is looked up again is whatever
the tag names by then. A signature that may be skipped or may fail unnoticed proves nothing. What is not followed
(programs of the repository's own, actions that nobody knows, workflows of other repositories) makes the verdict
`unknown` as long as it could have signed, or could release something by itself: a job that can write nothing and holds
no secret cannot. So narrow permissions make more of a release provable.

## Why

A signature by digest is the only link between what your pipeline built and what runs in production that an attacker
with access to the registry cannot forge, and it is what an admission policy can ask for.

## Fix

Give the build step an `id`, sign `name@digest` with the digest that it says, and grant `id-token: write` to that job.
Whatever releases comes after the signature: in the same job, or in one that `needs:` it.

## Before

A tag is signed, and whatever it names by then:

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
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0
        with:
          push: true
          tags: ghcr.io/acme/shop:1.2
      - run: cosign sign --yes ghcr.io/acme/shop:1.2
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
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0
        id: push
        with:
          push: true
          tags: ghcr.io/acme/shop:1.2
      - run: cosign sign --yes "ghcr.io/acme/shop@$DIGEST"
        env:
          DIGEST: ${{ steps.push.outputs.digest }}
      - run: gh release create "$GITHUB_REF_NAME" --generate-notes
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import Fix
from goldenpath.checks._release import RELEASE, Artifact, Candidate, Finding, Question, judge, matched, proven
from goldenpath.facts.pipeline.acts import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Outcome
    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases

APPLIES = frozenset({"service", "library"})
FIX = Fix("Sign the digest that the build step says, before anything is released", "hours")
NOTHING = Fix("Add a release workflow that builds, signs and only then releases", "hours", RELEASE)


def check(releases: Releases) -> Outcome:
    """Ask for the signature of every artifact in every run that releases."""
    question = Question(
        candidates=_signatures,
        proof=_signed,
        released=lambda artifacts: artifacts,
        power="sign",
        verb="is signed",
        done="signed",
        lacks="is not signed",
        missing="without a signature",
        gates=True,
        fix=FIX,
        nothing=NOTHING,
    )
    return judge(releases, question)


def _signatures(run: Run, artifact: Artifact) -> Iterator[Candidate]:
    beside = {act.guard.job for act in artifact.built}
    for act in run.of_kind("signed"):
        for target in act.targets:
            if type(target) is not type(artifact.target) and act.guard.job not in beside:
                continue
            yield matched(act, target, artifact.target, "signs")


def _signed(run: Run, artifact: Artifact, acts: list[Act]) -> Finding:  # noqa: ARG001 - the shape of a question
    by = "by its digest" if isinstance(artifact.target, Image) else "as built"
    before = " before it is released" if artifact.shipped else ""
    return proven(artifact, f"signed {by}{before}: {artifact.name}", *acts)
