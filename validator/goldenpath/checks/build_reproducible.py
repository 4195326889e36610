"""The same sources give the same artifact, whenever and wherever they are built.

## What

The release path is followed as for `build-signed`, and for each artifact that is built there the check looks at how:

- Dependencies come from a lock. An image's Dockerfile, or the job that builds files, installs with hashes or from the
  lock (`pip install --require-hashes`, `uv sync`, `npm ci`, `cargo install --locked`, `go install` at a version);
  packages of the distribution at a version. What builds a Python package (its build backend) counts, too. So does a
  program that a Dockerfile fetches and runs (`npx`, `uvx`, `pipx run`), which a lock or a version has to name, or one
  that writes sources in the job (`npx esbuild`).
- The sources are those of the run's commit: before the build no `git pull`, and no branch checked out or merged.
  The lock is the one that is kept: nothing renews it before (`npm update`, `go get -u`), and Corepack is told which
  package manager it takes (`packageManager`).
  A file that the job has built, and that the Dockerfile takes by its name, is built by what is fixed, too.
- Base images are named by digest: every `FROM` that the built stage needs, `COPY --from`, mounts, and the frontend that
  `# syntax=` names. Earlier stages and `scratch` need none. For ko the bases are those that `.ko.yaml` names
  (`defaultBaseImage`, `baseImageOverrides`), or `KO_DEFAULTBASEIMAGE`; its own default is a tag.
- The toolchain is fixed: an image brings it with its base; where files are built, the job names one version.
- Time is that of the sources: `SOURCE_DATE_EPOCH`, and `rewrite-timestamp=true` for an image; a build backend that
  dates by a constant; `go build -trimpath`; a tar with `--sort` and `--mtime`; the property
  `project.build.outputTimestamp` where an image's Dockerfile runs Maven. Nor is anything written into it that no other
  run has: its number (`github.run_number`, `CI_PIPELINE_ID`), or one that is drawn by lot (`$RANDOM`, `uuidgen`).
  Whether a file with such a thing in it, which the job has written among those that a build takes, gets into it is
  `unknown`, as it is of what a RUN packs without dating it, of git's notes of a checkout (`COPY . .` without `.git` in
  .dockerignore), and of what the job has fetched or unpacked there without holding it against its sum, or got out of a
  cache, and of what a RUN only copies out of one (`--mount=type=cache`).
  What others say by then, or the machine (`$(curl …/latest | jq …)`, `$(uname -r)`), is not written into it either;
  what a program tells that is not known to tell only what the sources say is `unknown`.

It is `unknown` where a build is a program of its own (make in a Dockerfile, GoReleaser but for the Dockerfiles of its
images, Maven in a job, a reusable workflow elsewhere), and where an image's name is only known in a build. The check
reads how it is built; building twice and comparing the bytes is the proof, and a job that does so keeps it true.

## Why

Whoever can build it again can check that what is released is what the sources say, without trusting the machine that
built it. And what floats underneath a build (a tag, a newest version) brings changes into a release that nobody made.

## Fix

Pin what floats, install from the lock, and date the build by its commit.

## Before

```dockerfile
# Dockerfile
FROM python:3.13-slim
COPY . .
RUN pip install .
```

## After

```dockerfile
# Dockerfile
FROM python:3.13-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY src/ src/
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import Fix, evidence
from goldenpath.checks._asked import built_alone
from goldenpath.checks._findings import Artifact, Finding, proven, shown
from goldenpath.checks._release import RELEASE, judge_each

if TYPE_CHECKING:
    from goldenpath.checks import Outcome
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.recipes import Flaw, Recipes
    from goldenpath.facts.releases import Releases

APPLIES = frozenset({"service", "library"})
FIX = Fix("Pin base images by digest, install from the lock, and date the build by its commit", "hours")
NOTHING = Fix("Add a release pipeline that builds from locked sources", "hours", RELEASE)

_MOST = 5
"""As many flaws are named; more would hide the first."""


def check(releases: Releases, recipes: Recipes) -> Outcome:
    """Ask of every artifact in every run that releases how it is built."""
    return judge_each(
        releases,
        lambda run, artifact: _of_artifact(run, artifact, recipes),
        built_alone,
        "nothing here releases it, so nobody can build it again",
        NOTHING,
    )


def _of_artifact(run: Run, artifact: Artifact, recipes: Recipes) -> Finding:
    if not artifact.built:
        reason = "nothing that is followed has built it"
        return Finding("unknown", f"how {artifact.name} is built cannot be seen", artifact.anchors, reason)
    judged = [recipes.flaws(run, act) for act in artifact.built]
    flaws = [flaw for found, _ in judged for flaw in found]
    wrong = [flaw for flaw in flaws if not flaw.unsure]
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        fix = Fix(wrong[0].remedy, "minutes") if wrong[0].remedy else FIX
        proof = (evidence("declared", flaw.place, flaw.text) for flaw in wrong[:_MOST])
        return Finding("fail", f"{wrong[0].text}{more}", (*proof, *artifact.anchors), fix=fix)
    if flaws:
        return _unseen(artifact, flaws)
    found = proven(artifact, f"{artifact.name} is built from what is fixed, and dated by its sources")
    fixed = (evidence("declared", each.place, each.text) for _, proof in judged for each in proof)
    return Finding("pass", found.summary, (*dict.fromkeys(fixed), *found.evidence))


def _unseen(artifact: Artifact, flaws: list[Flaw]) -> Finding:
    proof = (evidence("unseen", flaw.place, flaw.text) for flaw in flaws[:_MOST])
    reason = f"{flaws[0].place}: {flaws[0].text}"
    acts = (shown(act) for act in artifact.built)
    return Finding("unknown", f"whether {artifact.name} comes out the same cannot be told", (*proof, *acts), reason)
