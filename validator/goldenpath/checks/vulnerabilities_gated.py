"""What is released was scanned for known vulnerabilities, and a policy refuses it from a severity on.

## What

The release path is followed as for `build-signed`. The check passes when, before anything ships, the image is scanned
by the digest that its build has said (or the SBOM of it is); where no image is released, the files, their SBOM or the
dependencies that they are made of. The scanner must fail the job: with a cutoff where it has none of its own (`grype
--fail-on`, `trivy --exit-code 1`), not with `fail-build: false`, `|| true` or `continue-on-error`. It must look at
something: `--skip-dirs /`, or `exclude: ["**"]` in a `.grype.yaml`, leaves out everything. It may leave out what nobody
has mended yet (`--only-fixed`), not what is (`--only-notfixed`). A scan of the files that a build has made tells
nothing of another build's, and one of other dependencies alone (`pip-audit -r docs/requirements.txt`) nothing of those
of what is built: that is `unknown`. So is a scan that is told to look at one platform (`--platform linux/arm64`) of an
image that is built for several, unless the same job looks at each of them; and the audit of NuGet, where warnings are
errors, for how much of what it restores it looks at depends on its version.

GitLab's `container_scanning` only reports what it finds, so it refuses nothing.

What is not followed makes the verdict `unknown`. Exceptions that a scanner reads from a file are the team's decision,
but for a policy by which everything is one.

## Why

A report that nobody has to read stops nothing. What is known to be broken should not reach users by accident, but by a
decision that somebody has written down.

## Fix

Scan between build and release, and let the release need it.

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
      - run: grype "registry:$IMAGE@$DIGEST"
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
      - run: grype "registry:$IMAGE@$DIGEST" --only-fixed --fail-on high
        env:
          DIGEST: ${{ steps.push.outputs.digest }}
      - run: gh release create "$GITHUB_REF_NAME" --generate-notes
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.checks import Fix
from goldenpath.checks._asked import images_first
from goldenpath.checks._commits import of_another
from goldenpath.checks._findings import Artifact, Candidate, Finding, Question, proven
from goldenpath.checks._matched import in_doubt, left_out, matched_anywhere
from goldenpath.checks._release import RELEASE, judge
from goldenpath.facts.dependencies.files import ancestors
from goldenpath.facts.image_builds import are_alike, built_from
from goldenpath.facts.pipeline.acts import Files, Image, is_archive, is_opaque
from goldenpath.facts.pipeline.platforms import built_for, is_index
from goldenpath.facts.pipeline.scattered import is_outside, is_workspace
from goldenpath.facts.shell.paths import is_within
from goldenpath.facts.values import literal, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Outcome
    from goldenpath.facts.dependencies import Dependencies
    from goldenpath.facts.pipeline.acts import Act, Target
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases
    from goldenpath.facts.values import Value

APPLIES = frozenset({"service", "library"})
FIX = Fix("Scan the pushed digest with a cutoff (`grype --fail-on high`), and let the release need that job", "hours")
FIX_OF_FILES = Fix(
    "Scan the dependencies with what fails (`pip-audit`, `govulncheck`, `npm audit`), and let the release need it",
    "hours",
)
NOTHING = Fix("Add a release pipeline that scans what it builds and only then releases", "hours", RELEASE)


def check(releases: Releases, dependencies: Dependencies) -> Outcome:
    """Ask for the scan of every artifact in every run that releases."""
    together = {id(run): _platforms_together(run) for run in releases.runs}
    question = Question(
        candidates=lambda run, artifact: _of_parts(_scans(run, artifact, dependencies), artifact, together[id(run)]),
        proof=_scanned,
        released=images_first,
        power="scan",
        verb="is scanned",
        done="scanned",
        lacks="is not scanned",
        missing="without a scan that could refuse it",
        gates=True,
        fix=FIX,
        fix_of_files=FIX_OF_FILES,
        nothing=NOTHING,
    )
    return judge(releases, question)


def _of_parts(
    scans: Iterator[Candidate], artifact: Artifact, together: dict[int, frozenset[str]]
) -> Iterator[Candidate]:
    """Scans of an image for several platforms: who looks at one of them alone does not say what the others hold."""
    several = isinstance(artifact.target, Image) and is_index(artifact.built)
    every = built_for(artifact.built)
    for each in scans:
        seen = together.get(id(each.act), frozenset())
        part = several and seen and (len(every) < _SEVERAL or not every <= seen)
        alone = f"looks at {', '.join(sorted(seen))} alone, where the image is built for several platforms"
        yield replace(each, unsure=each.unsure or alone) if part and not each.wrong else each


_SEVERAL = 2


def _platforms_together(run: Run) -> dict[int, frozenset[str]]:
    """The platforms at which a scan has looked, together with those before it in the same job that refuse alike."""
    seen: dict[object, frozenset[str]] = {}
    found = {}
    for act in run.of_kind("scanned"):
        if act.platforms:
            guard = act.guard
            how = (guard.job, guard.fatal, guard.forgiven, guard.all_conditions, act.problem, act.unsure, act.targets)
            found[id(act)] = seen[how] = seen.get(how, frozenset()) | act.platforms
    return found


def _scans(run: Run, artifact: Artifact, dependencies: Dependencies) -> Iterator[Candidate]:
    scans = run.about("scanned")
    if isinstance(artifact.target, Image):
        for act, target in scans.of(artifact.target, artifact.built):
            # A tag of which the digest is known is that of the machine on which it was built, whatever its name.
            local = isinstance(target, Image) and bool(target.tag) and target.digest == artifact.target.digest
            if local and artifact.target.digest:
                yield Candidate(act)
            else:
                yield matched_anywhere(act, target, artifact, "scans")
        yield from _of_another_build(run, artifact)
        return
    missed = _missed(artifact, dependencies, [folder for act, of in scans.pairs if (folder := _looked_at(act, of))])
    for act, target in scans.pairs:
        if isinstance(target, Files):
            built = any(content.kind == "built" for content, _ in target.pieces)
            other = None if built else of_another(act, artifact.built or artifact.shipped, "scans")
            found = other or _of_files(act, target, artifact.target)
            alone = (
                "" if built or found.wrong or not missed else f"looks at {shown(target.pattern)} alone, not at {missed}"
            )
            yield replace(found, unsure=found.unsure or alone)


def _of_another_build(run: Run, artifact: Artifact) -> Iterator[Candidate]:
    """Scans of an image that the same job has built of the same, be it to look into it and no more."""
    for act in (each for each in run.of_kind("scanned") if each.recipe is not None):
        beside = [each for each in artifact.built if each.guard.job == act.guard.job]
        other = all(each.digest is None or (each.digest,) not in _digests(act) for each in beside)
        if other and any(are_alike(each.recipe, act.recipe) for each in beside):
            yield Candidate(act, unsure="scans an image that was built of the same, of which the layers may be others")


def _digests(act: Act) -> list[Value]:
    return [target.digest for target in act.targets if isinstance(target, Image)]


def _looked_at(act: Act, of: Target) -> str:
    """The folder whose dependencies a scan looks at, and may refuse; empty where it does not."""
    folder = literal(of.pattern) if isinstance(of, Files) and act.problem is None and act.guard.fatal else None
    return "" if folder is None else folder or "."


def _missed(artifact: Artifact, dependencies: Dependencies, folders: list[str]) -> str:
    """The manifest of what is built, whose dependencies no scan of some folders looks at; empty where each is one."""
    if not folders or "." in folders:
        return ""
    built = {literal(built_from(act) or ()) or "" for act in artifact.built} or {""}
    projects = {each.folder: each.manifest for each in dependencies.projects if each.runtime}
    for folder in sorted(built):
        own = next((each for each in ancestors(folder) if each in projects), None)
        if own is not None and not any(is_within(own, each) for each in folders):
            return projects[own]
    return ""


def _of_files(act: Act, of: Files, wanted: Files) -> Candidate:
    """The dependencies of the work tree tell of whatever is made of them; what is built tells of nothing but itself."""
    if not (of.pieces or of.is_environment) and any(map(is_opaque, wanted.pieces)):
        return Candidate(act, wrong="finds nothing in what is packed")
    built = bool(of.pieces) and all(content.kind == "built" for content, _ in (*of.pieces, *wanted.pieces))
    if not built and is_archive(of.pattern) and not of.covers(wanted):
        return Candidate(act, unsure=f"scans {shown(of.pattern)}, which nobody saw being made")
    if not built and not of.covers(wanted):
        elsewhere = is_outside(of.pattern) and not is_workspace(of.pattern)
        return Candidate(act, unsure=f"looks at {shown(of.pattern)}, beyond the work tree" if elsewhere else "")
    if left_out(of, wanted):
        return Candidate(act, wrong="is not of the files that are released")
    return Candidate(act, unsure=in_doubt(of, wanted, "is of"))


def _scanned(run: Run, artifact: Artifact, acts: list[Act]) -> Finding:  # noqa: ARG001 - the shape of a question
    before = " before it is released" if artifact.shipped else ""
    return proven(artifact, f"a scan refuses vulnerabilities{before}: {artifact.name}", *acts)
