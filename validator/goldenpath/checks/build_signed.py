"""The very digest that a release builds is signed, and nothing ships that was not.

## What

The release path is followed from the event that starts it: through jobs and their needs, steps, scripts, outputs,
local composite actions and local reusable workflows. The check passes when each image that is built there is signed
by the digest that its build has said (`cosign sign name@digest`, `actions/attest`, a platform's attestation), each
file that is published is signed as the same file, the signer may fail the job and has what it needs (`id-token: write`
at its own job, or a key), and every release, deployment or moved tag waits for it.

Tags that the build pushes together with its image belong to the build, and may be there before the signature; one
that is moved by a later command may not. Push by digest, and move tags last, if nothing unsigned may ever carry a name.

A tag is no digest: it can be moved between the build and the signature. A digest that is looked up again is whatever
the tag names by then. A signature that may be skipped or may fail unnoticed proves nothing. What is not followed (make
targets, scripts, actions that nobody knows, workflows of other repositories) makes the verdict `unknown` as long as it
could have signed, or could release something by itself: a job that can write nothing and holds no secret cannot. So
narrow permissions make more of a release provable.

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
from goldenpath.checks._release import RELEASE, Artifact, Candidate, Finding, Question, judge, proven
from goldenpath.facts.pipeline.acts import Files, Image, same_name
from goldenpath.facts.values import Symbol, literal
from goldenpath.facts.values import shown as written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Outcome
    from goldenpath.facts.pipeline.acts import Act, Target
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases

APPLIES = frozenset({"service", "library"})
FIX = Fix("Sign the digest that the build step says, before anything is released", "hours")
NOTHING = Fix("Add a release workflow that builds, signs and only then releases", "hours", RELEASE)

WRONG_DIGESTS = {
    "image-id": "signs the id of the image's configuration, which is not the digest in the registry",
    "looked-up": "signs a digest that is looked up again, which is whatever the tag names by then",
    "last-leg": "signs only what the last leg of the matrix has built",
    "digest": "signs the digest of another build",
}


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
            yield (
                _of_image(act, target, artifact.target)
                if isinstance(artifact.target, Image)
                else _of_files(act, target, artifact.target)
            )


def _signed(run: Run, artifact: Artifact, acts: list[Act]) -> Finding:  # noqa: ARG001 - the shape of a question
    by = "by its digest" if isinstance(artifact.target, Image) else "as built"
    before = " before it is released" if artifact.shipped else ""
    return proven(artifact, f"signed {by}{before}: {artifact.name}", *acts)


def _of_files(act: Act, target: Target, wanted: Files) -> Candidate:
    """Files count when they are signed themselves, or when a list of their digests is."""
    if not isinstance(target, Files):
        return Candidate(act, wrong="signs an image, not these files")
    if target.covers(wanted):
        return Candidate(act)
    lists = [content.of for content, _ in target.pieces if content.kind == "index"]
    if any(isinstance(listed, Files) and listed.covers(wanted) for listed in lists):
        return Candidate(act)
    unknown = {content.kind for content, _ in (*target.pieces, *wanted.pieces)} == {"found"}
    if unknown and target.pattern == wanted.pattern:
        return Candidate(act, unsure="signs a file of that name, but what happens to it in between is not followed")
    return Candidate(act, wrong="signs other files")


def _of_image(act: Act, target: Target, wanted: Image) -> Candidate:
    if not isinstance(target, Image):
        return Candidate(act, wrong="signs files, not the image")
    if target.digest != wanted.digest:
        return _other_digest(act, target, wanted)
    named = same_name(target.name, wanted.name) if target.name else True
    if named is None:
        return Candidate(act, unsure=f"signs it under a name of which nobody knows that it is {written(wanted.name)}")
    return Candidate(act) if named else Candidate(act, wrong="signs the digest under the name of another image")


def _other_digest(act: Act, target: Image, wanted: Image) -> Candidate:
    if target.name and same_name(target.name, wanted.name) is False:
        return Candidate(act, wrong="signs an image of another name")
    if target.digest:
        return _wrong_digest(act, target)
    if target.might_have_digest:
        return Candidate(act, unsure="signs what only a run will know")
    fix = Fix(f"Sign {written((*wanted.name, '@', *wanted.digest))}, which cannot be moved", "minutes")
    return Candidate(act, wrong="signs a tag, which can be moved", fix=fix)


def _wrong_digest(act: Act, target: Image) -> Candidate:
    text = literal(target.digest)
    if text is not None:
        return Candidate(act, wrong="signs a digest that is written down, not the one that is built")
    for part in target.digest:
        if isinstance(part, Symbol) and part.kind in WRONG_DIGESTS:
            return Candidate(act, wrong=WRONG_DIGESTS[part.kind])
    return Candidate(act, unsure="signs a digest that only a run will know")
