"""The very digest that a release builds is signed, and nothing ships that was not.

## What

The release path is followed from the event that starts it: through jobs and their needs, steps, scripts, make
targets, outputs, local composite actions and local reusable workflows. The check passes when each image that is built
there is signed by the digest that its build has said (`cosign sign name@digest`, `actions/attest`, a platform's
attestation), each file that is published is signed as the same file, or its provenance is (`cosign attest-blob`), the
signer may fail the job and has what it needs (`id-token: write` at its own job, or a key), and every release,
deployment or moved tag waits for it.

These events are a tag and a published release; where no workflow has one of them, a push, a schedule, or somebody's
hand; and whatever else starts a run that ships something, pushes an image that no tag releases, or one as `latest`,
`stable` or a version that is written there (but for tools of pipelines, such as `shop-ci`). Of branches the default one
is looked at, those that a filter names, and those with which a condition or a script compares the run's own
(`github.ref == 'refs/heads/production'`). What other branches push is taken for a trial.

Tags that the build pushes together with its image belong to the build, and may be there before the signature; one
that is moved by a later command may not. Push by digest, and move tags last, if nothing unsigned may ever carry a name.
A chart beside an image is how that image is released: it waits for the signature, and needs none of its own.

A pipeline of GitLab CI is followed in the same way: local includes, `extends` and `!reference`, rules, stages, needs,
dotenv reports and child pipelines. A job that signs without a key is given `id_tokens:` with a SIGSTORE_ID_TOKEN whose
`aud` is `sigstore`. What is included from elsewhere, unless it is known to do no more than report, is not followed.

A workflow that the end of another one starts (`workflow_run`) is followed together with that one: with the artifacts
that it fetches by `run-id: ${{ github.event.workflow_run.id }}`, and with its success only where it is asked for.

Tools that release by themselves are followed by their own configuration: GoReleaser, Maven's plugins, plain builds of
Gradle, bake files, ko, semantic-release, and packages for npm and PyPI with the provenance that they are published
with. A signed list of digests counts for the files in it, a manifest for the parts that it names. PGP and Docker
Content Trust sign, too, but say nothing of the build: they do not count. Nor does a signature of files that stands in
a file which nothing publishes, or in the log alone: who downloads the release cannot find it. What only lies among the
workflow's own artifacts is gone after ninety days.

What the command line of a platform does (`kubectl`, `aws`, `gcloud`, `az`, `fly` …) is told by a table; of a subcommand
that nobody knows it is not known whether it ships anything, which matters where it comes before the proof. What a
platform builds from the sources itself is another artifact, which nobody signs. A file that is written after the
signature by a name that only a run knows may take the place of what was signed.

A tag is no digest: it can be moved between the build and the signature. A digest that is looked up again is whatever
the tag names by then. A signature that may be skipped or may fail unnoticed proves nothing, be it that whoever starts
the release by hand is offered the choice (an input of `workflow_dispatch` that leaves it out), or that it stands behind
a command which may fail (`docker login … && cosign sign …`, with other commands after it). What is not followed
(programs of the repository's own, actions that nobody knows, workflows of other repositories) makes the verdict
`unknown` as long as it could have signed, or could release something by itself: a job that can write nothing and holds
no secret cannot. So narrow permissions make more of a release provable.

## Why

A signature by digest is the only link between what your pipeline built and what runs in production that an attacker
with access to the registry cannot forge, and it is what an admission policy can ask for.

## Fix

Give the build step an `id`, sign `name@digest` with the digest that it says, and grant `id-token: write` to that job.
Whatever releases comes after the signature: in the same job, or in one that `needs:` it. On
GitLab: build with `docker buildx build --metadata-file`, kaniko's `--digest-file` or buildah's `--digestfile`, and sign
that digest in the same job, or in a later one that gets it by a dotenv report.

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

from msgspec.structs import replace

from goldenpath.checks import Fix
from goldenpath.checks._findings import Artifact, Candidate, Finding, Question, placed, proven
from goldenpath.checks._matched import matched
from goldenpath.checks._release import RELEASE, judge
from goldenpath.checks._signatures import is_lost, is_published_by_nobody, may_be_gone
from goldenpath.facts.pipeline.acts import Files, Image, same_name
from goldenpath.facts.values import literal, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Outcome
    from goldenpath.facts.pipeline.acts import Act, Target
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases
    from goldenpath.repository import Place

APPLIES = frozenset({"service", "library"})
FIX = Fix("Sign the digest that the build step says, before anything is released", "hours")
FIX_OF_FILES = Fix(
    "Attest the files that are published first (`actions/attest`, `npm publish --provenance`, trusted publishing)",
    "hours",
)
NOTHING = Fix("Add a release pipeline that builds, signs and only then releases", "hours", RELEASE)


def check(releases: Releases) -> Outcome:
    """Ask for the signature of every artifact in every run that releases."""
    lists = {id(run): list(_named_one_by_one(run)) for run in releases.runs}
    question = Question(
        candidates=lambda run, artifact: _signatures(run, artifact, lists[id(run)]),
        proof=_signed,
        released=lambda artifacts: artifacts,
        power="sign",
        verb="is signed",
        done="signed",
        lacks="is not signed",
        missing="without a signature",
        gates=True,
        fix=FIX,
        fix_of_files=FIX_OF_FILES,
        nothing=NOTHING,
    )
    return judge(releases, question)


def _signatures(run: Run, artifact: Artifact, lists: list[tuple[Act, Files]]) -> Iterator[Candidate]:
    kind = type(artifact.target)
    beside = {act.guard.job for act in artifact.built}
    signed = run.about("signed")
    for act, target in signed.of(artifact.target, artifact.built):
        if type(target) is kind:
            by_tag = _names_a_tag_of(artifact, target)
            yield (
                _of_a_tag(act)
                if by_tag
                else _of_what_is_kept(run, act, target, artifact.target, matched(act, target, artifact.target, "signs"))
            )
    for act, target in signed.apart_from(kind):
        by_tag = _names_a_tag_of(artifact, target)
        if by_tag or act.guard.job in beside:
            yield _of_a_tag(act) if by_tag else matched(act, target, artifact.target, "signs")
            break  # none of these is a proof, so that the first one tells all
    for act, files in lists:
        yield _of_what_is_kept(run, act, files, artifact.target, matched(act, files, artifact.target, "signs"))


def _of_what_is_kept(run: Run, act: Act, signed: Target, wanted: Target, found: Candidate) -> Candidate:
    """A signature of files, unless it stands in a file that nobody gets to see, or is of a list that nobody does."""
    if found.wrong or act.problem or not act.into:
        return found
    if isinstance(signed, Files) and isinstance(wanted, Files) and not signed.covers(wanted):
        lists = [content for content, _ in signed.pieces if content.kind == "index"]
        if lists and all(is_published_by_nobody(run, each) for each in lists):
            fix = Fix("Publish the list of digests as it was signed, beside the files that it is of", "minutes")
            return Candidate(act, wrong=f"signs {shown(signed.pattern)}, which nothing publishes as it was", fix=fix)
    if not is_lost(run, act):
        gone = (
            f"leaves the signature in {shown(act.into[0])} among a job's artifacts, and settings say how long they last"
        )
        return replace(found, unsure=gone) if not found.unsure and may_be_gone(run, act) else found
    fix = Fix("Publish the signature beside the file that it is of", "minutes")
    return Candidate(act, wrong=f"leaves the signature in {shown(act.into[0])}, which nothing publishes", fix=fix)


def _of_a_tag(act: Act) -> Candidate:
    return Candidate(act, wrong=act.problem or "signs a tag, which can be moved")


def _names_a_tag_of(artifact: Artifact, target: Target) -> bool:
    """Whether an image is named by a tag that the build has given, which only the run knows, and which is no digest."""
    if not isinstance(target, Image) or target.digest or not target.tag or literal(target.name) is None:
        return False
    built = (image for act in artifact.built for image in act.targets if isinstance(image, Image))
    given = any(image.tag == target.tag and same_name(image.name, target.name) is not False for image in built)
    return given and literal(target.tag) is None


def _named_one_by_one(run: Run) -> Iterator[tuple[Act, Files]]:
    """The files that one command, or one job, signs one after the other, taken together; with the last of the acts.

    Only those count together that happen, and fail, alike: the last turn of a loop fails the job where no other does.
    """
    alike: dict[tuple[Place | str, object], list[Act]] = {}
    for act in run.of_kind("signed"):
        guard = act.guard
        how = (guard.fatal, guard.forgiven, guard.all_conditions, act.problem)
        for what in (act.place, guard.job):
            alike.setdefault((what, how), []).append(act)
    for acts in alike.values():
        files = [target for act in acts for target in act.targets if isinstance(target, Files)]
        if len(files) > 1:
            scattered = files[0].scattered.intersection(*(each.scattered for each in files))
            unsure = next((act.unsure for act in reversed(acts) if act.unsure), None)
            yield (
                replace(acts[-1], unsure=unsure),
                Files(files[0].pattern, tuple(piece for each in files for piece in each.pieces), scattered),
            )


def _signed(run: Run, artifact: Artifact, acts: list[Act]) -> Finding:  # noqa: ARG001 - the shape of a question
    by = "by its digest" if isinstance(artifact.target, Image) else "as built"
    before = " before it is released" if artifact.shipped else ""
    target = artifact.target
    if isinstance(target, Files) and any(content.kind == "foreign" for content, _ in target.pieces):
        summary = f"{artifact.name} is signed where it is released, not where it is built"
        return Finding(
            "unknown", summary, placed(*acts, *artifact.shipped), "another run has stored what is signed here"
        )
    return proven(artifact, f"signed {by}{before}: {artifact.name}", *acts)
