"""An SBOM of the released artifact is made on the release path, and attested or published with it.

## What

The release path is followed as for `build-signed`. The check passes when, for each image that is built there (or, where
there is none, for each file that is published), an SBOM is made of exactly that: of `name@digest` with the digest that
the build step has said, of the files themselves, or of an environment in which they are installed. And it must reach
whoever runs the artifact: as an attestation (`cosign attest`, `actions/attest` with `sbom-path`, BuildKit's
`sbom: true`) or as a file of the release.

An SBOM of the sources is none of the artifact: the base image's packages are missing, test dependencies are too many.
One of packages as they were packed (wheels, npm's tarballs, gems, crates) lists nothing, for no program looks into
them: install them into an environment, and describe that. One of a tag describes whatever the tag names by then. One
that only lies among the workflow's own artifacts is gone after ninety days. So is a report of GitLab
(`artifacts:reports:cyclonedx`): it fills GitLab's own lists, and says by nothing but its job what it is of. Nor does
one of an image do that goes to a bucket alone, or to an inventory (Dependency-Track): nothing leads there from the
image, and its name, or its version, may stand for any digest. A file that is built, or written by a name that only a
run knows, after the SBOM of files was made is not in it. Whether one reaches anybody that lies in a draft, while what
it is of is public, is `unknown`.

A program that is told to look for nothing lists nothing (`--exclude '**'`, `--select-catalogers=-all`, or the same in a
`.syft.yaml`); of one that is told to look for a part only a run knows what it misses.

An image that is built for several platforms is an index of several images, each with packages of its own. BuildKit
makes an SBOM of each. syft, Trivy, Docker Scout and their like look at one of them (`--platform`, else the machine's
own), whichever digest they are given: attested to the index, what they list is but a part of it, and whether users of
the other platforms have the same is `unknown`.

Text of the repository that is released as it stands (an installer, a manifest, a licence) needs none beside what is
built: it is made of nothing else.

## Why

When the next log4j comes, the question is which running images hold it. Only an SBOM that is bound to the digest
answers.

## Fix

Describe `name@digest`, with the digest that the build step says, and attest what comes out to the same digest. Where
BuildKit builds, `sbom: true` at the build step does both.

## Before

The sources are described, and nobody gets to see it:

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
      - run: syft . -o cyclonedx-json=sbom.json
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
      - run: |
          syft "ghcr.io/acme/shop@$DIGEST" -o cyclonedx-json=sbom.json
          cosign attest --yes --type cyclonedx --predicate sbom.json "ghcr.io/acme/shop@$DIGEST"
        env:
          DIGEST: ${{ steps.push.outputs.digest }}
      - run: gh release create "$GITHUB_REF_NAME" --generate-notes
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import Fix
from goldenpath.checks._asked import images_first
from goldenpath.checks._findings import Artifact, Candidate, Finding, Question, proven
from goldenpath.checks._matched import in_doubt, left_out, matched
from goldenpath.checks._release import RELEASE, judge
from goldenpath.checks._signatures import is_lost
from goldenpath.facts.pipeline.acts import EARLIER_RELEASE, Files, Image, is_opaque, same_name
from goldenpath.facts.pipeline.runs import BY_HAND
from goldenpath.facts.pipeline.scattered import may_touch
from goldenpath.facts.values import Symbol, display, literal, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Outcome
    from goldenpath.facts.pipeline.acts import Act, Content, Target
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases
    from goldenpath.facts.values import Value

APPLIES = frozenset({"service", "library"})
FIX = Fix("Make an SBOM of the pushed digest and attest it", "hours")
FIX_OF_FILES = Fix(
    "Make an SBOM of the very files (of a package once it is installed), and publish it with the release", "hours"
)
_UNPACKERS = frozenset({"tar", "bsdtar", "unzip"})
NOTHING = Fix("Add a release pipeline that describes what it builds (SBOM) and attests it", "hours", RELEASE)


def check(releases: Releases) -> Outcome:
    """Ask for the SBOM of every artifact in every run that releases."""
    afterwards = list(_laid_beside(releases))
    question = Question(
        candidates=lambda run, artifact: [*_publications(run, artifact), *_afterwards(run, artifact, afterwards)],
        proof=_described,
        released=images_first,
        power="describe",
        verb="gets an SBOM",
        done="described",
        lacks="gets no SBOM",
        missing="without an SBOM",
        gates=False,
        fix=FIX,
        fix_of_files=FIX_OF_FILES,
        nothing=NOTHING,
    )
    return judge(releases, question)


def _publications(run: Run, artifact: Artifact) -> Iterator[Candidate]:
    """The acts by which an SBOM reaches users; last those that make one which does not."""
    wanted, built = artifact.target, artifact.built
    for act, target in run.about("attested").of(wanted, built):
        yield from _attested(run, act, target, artifact)
    for (act, content), of in run.shipped_sboms.of(wanted, built):
        maker = _maker(run, of)
        wrong = _not_of(act, of, artifact, "publishes") or (_may_be_missing(maker) if maker else "")
        unsure = "ships what was made of an SBOM, which is not followed" if content.kind == "derived" else ""
        unsure = unsure or _in_doubt(act, of, artifact) or (_of_maker(maker, act) if maker else "")
        unsure = unsure or _in_the_place_of(act, content) or _in_a_draft(act, artifact)
        unsure = unsure or _elsewhere(act, artifact)
        yield Candidate(act, wrong=wrong, unsure="" if wrong else unsure, since=maker)
    for act, of in run.about("described").of(wanted, built):
        wrong = act.problem or _not_of(act, of, artifact, "makes")
        perhaps = "" if wrong else _may_be_shipped(run, act)
        thrown_away = "" if perhaps else "makes an SBOM that is neither attested nor published"
        yield Candidate(act, wrong=wrong or thrown_away, unsure=perhaps)


def _laid_beside(releases: Releases) -> Iterator[Act]:
    """The acts of runs that a release starts by which an SBOM is laid beside the files that it has by then."""
    for run in releases.runs:
        if run.event.name == "release":
            for act in run.of_kind("shipped"):
                of = [content.of for each in act.targets if isinstance(each, Files) for content, _ in each.pieces]
                files = (each for each in of if isinstance(each, Files))
                if any(content.origin == EARLIER_RELEASE for each in files for content, _ in each.pieces):
                    yield act


def _afterwards(run: Run, artifact: Artifact, acts: list[Act]) -> Iterator[Candidate]:
    """What may lay an SBOM beside files that this run releases, once they are there."""
    if run.event.name != "release" and isinstance(artifact.target, Files) and artifact.shipped:
        for act in acts:
            yield Candidate(act, unsure="lays an SBOM beside what the release has by then, once it is public")


def _in_the_place_of(act: Act, sbom: Content) -> str:
    """Why another file may be published by the name of an SBOM: one that another run, or this one, has laid there."""
    for each in act.targets:
        alone = isinstance(each, Files) and "*" not in shown(each.pattern)
        contents = [content for content, _ in each.pieces] if isinstance(each, Files) and alone else []
        if sbom in contents and any(content.kind == "foreign" for content in contents):
            return "ships what another run may have left in the place of the SBOM"
        if sbom in contents and any(content.kind == "other" for content in contents):
            return "ships what may be another file in the place of the SBOM"
    return ""


def _in_a_draft(act: Act, artifact: Artifact) -> str:
    """Why an SBOM may reach nobody: it waits in a draft for somebody to publish it, while what it is of is public."""
    public = any(each.guard.job != BY_HAND for each in artifact.shipped)
    return "lays the SBOM into a draft, which nothing here publishes" if act.guard.job == BY_HAND and public else ""


def _elsewhere(act: Act, artifact: Artifact) -> str:
    """Why an SBOM may be none of the release: it is laid into one of a repository into which nothing else goes."""
    named = (literal(act.release_of) or "").lower().removeprefix("github.com/")
    wanted = artifact.target
    own = isinstance(wanted, Image) and display(wanted.name).lower().endswith(f"/{named}")
    there = [each for each in artifact.shipped if each.release_of == act.release_of]
    contents = (content for each in there for of in each.targets if isinstance(of, Files) for content, _ in of.pieces)
    beside = any(each.bare for each in there) or any(content.kind not in {"sbom", "derived"} for content in contents)
    if not named or own or beside:
        return ""
    return f"lays the SBOM into a release of {named}, which need not be the one of what it is of"


def _may_be_shipped(run: Run, maker: Act) -> str:
    """Why an SBOM may be published all the same: among files by names that only a run knows."""
    written = [target.pattern for target in maker.targets if isinstance(target, Files) and target.pattern]
    later = (act for act in run.of_kind("shipped") if run.precedes(maker, act))
    files = (target for act in later for target in act.targets if isinstance(target, Files))
    names = [name for each in files for name in (_found(each) if each.pieces else [each.pattern])]
    pairs = ((name, pattern) for name in names for pattern in written if name)
    told = any(may_touch(*pair) for pair in pairs if not all(map(literal, pair)))  # else they would have been found
    return "makes an SBOM that may be among files whose names are only known in a run" if told else ""


def _found(files: Files) -> list[Value]:
    """The names of files of which it is not known what they are."""
    return [name for content, name in files.pieces if content.kind == "found"]


def _attested(run: Run, act: Act, target: Target, artifact: Artifact) -> Iterator[Candidate]:
    """What an attestation says of the artifact; nothing when it is about another one."""
    wanted = artifact.target
    if isinstance(wanted, Files):
        if not (isinstance(target, Files) and target.covers(wanted)):
            return
    elif not isinstance(target, Image):
        return
    elif target.digest and target.digest != wanted.digest:
        if unsure := _in_doubt(act, target, artifact):
            yield Candidate(act, wrong=_not_of(act, act.of, artifact, "attests") if act.of else "", unsure=unsure)
        return
    elif not target.digest:
        if same_name(target.name, wanted.name) is not False:
            yield matched(act, target, wanted, "attests")
        return
    if act.into and is_lost(run, act):
        fix = Fix("Publish the attestation beside the file that it is of", "minutes")
        yield Candidate(act, wrong=f"leaves the attestation in {shown(act.into[0])}, which nothing publishes", fix=fix)
    elif act.of is None:
        unsure = act.unsure or ""
        yield Candidate(
            act, wrong="" if unsure else "attests a file that nothing here has written as an SBOM", unsure=unsure
        )
    else:
        named = Candidate(act) if isinstance(wanted, Files) else matched(act, target, wanted, "attests")
        wrong = _not_of(act, act.of, artifact, "attests") or named.wrong
        maker = _maker(run, act.of)
        unsure = named.unsure or _in_doubt(act, act.of, artifact)
        unsure = unsure or (f"attests an SBOM that {maker.unsure}" if maker and maker.unsure else "")
        yield Candidate(act, wrong=wrong, unsure=unsure, since=maker)


def _maker(run: Run, of: Target) -> Act | None:
    """The act that has described it."""
    return next((each for each in run.of_kind("described") if each.of == of), None)


def _may_be_missing(maker: Act) -> str:
    """Why a release may go without the SBOM, unnoticed: a pattern of files leaves out what is not there."""
    return "" if maker.guard.fatal else "publishes an SBOM whose making may fail without failing the job"


def _of_maker(maker: Act, act: Act) -> str:
    """Why nobody knows whether the SBOM is there, and whole."""
    if maker.unsure:
        return f"publishes an SBOM that {maker.unsure}"
    open_ = maker.guard.all_conditions - act.guard.all_conditions
    return f"publishes an SBOM that is made only if {' and '.join(sorted(open_))}" if open_ else ""


def _in_doubt(act: Act, of: Target, artifact: Artifact) -> str:
    """Why nobody knows whether it is of what is released: by a digest that stands elsewhere, say."""
    wanted = artifact.target
    if isinstance(of, Files) and isinstance(wanted, Files):
        if of.is_environment:
            return "is of an environment into which nobody has seen that being installed which is released"
        if left_out(of, wanted) and _is_unpacked(of):
            return "is of what was unpacked there, which may be of what is released"
        return in_doubt(of, wanted, "is of")
    if not (isinstance(of, Image) and isinstance(wanted, Image) and of.digest):
        return ""
    return matched(act, of, wanted, "is of").unsure if of.digest != wanted.digest else ""


def _is_unpacked(of: Files) -> bool:
    """Whether an SBOM is of a folder of its own, into which an archive was unpacked."""
    unpacked = any(each.partition(": ")[2].partition(" ")[0] in _UNPACKERS for each in of.scattered)
    return unpacked and display(of.pattern) not in {"", "."}


def _not_of(act: Act, of: Target, artifact: Artifact, does: str) -> str:
    """Why an SBOM does not describe the artifact, as what somebody `does` to it; empty when it does."""
    wrong = _wrong(act, of, artifact)
    return f"{does} an SBOM that {wrong}" if wrong else ""


def _wrong(act: Act, of: Target, artifact: Artifact) -> str:
    wanted = artifact.target
    if isinstance(of, Files):
        if isinstance(wanted, Image):
            return "is of files, not of the image that is released"
        missing = [] if _is_unpacked(of) or of.is_environment else left_out(of, wanted)
        if any(map(is_opaque, missing)):
            return "lists nothing of what is packed: install it, and describe that"
        return "is not of the files that are released" if missing else ""
    if isinstance(wanted, Files):
        return "is of an image, not of the files that are released"
    if of.digest == wanted.digest:
        return ""
    if any(isinstance(part, Symbol) and part.kind == "looked-up" for part in of.digest):
        return "is of a digest that is looked up again, which is whatever the tag names by then"
    if not of.digest and same_name(of.name, wanted.name) is not False:
        return "is of a tag, which can be moved"
    return "" if _in_doubt(act, of, artifact) else "is of something else than what is built"


def _is_of(act: Act, of: Target, artifact: Artifact) -> bool:
    return not _wrong(act, of, artifact) and not _in_doubt(act, of, artifact)


def _described(run: Run, artifact: Artifact, publications: list[Act]) -> Finding:
    described = run.about("described").of(artifact.target, artifact.built)
    makers = [act for act, of in described if not act.problem and _is_of(act, of, artifact)]
    how = "attested" if publications[0].kind == "attested" else "published with the release"
    return proven(artifact, f"an SBOM is made and {how}: of {artifact.name}", *makers[:1], *publications)
