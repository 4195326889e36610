"""Whose build it is was verified, for the digest that was built, before it is released or deployed.

## What

The release path is followed as for `build-signed`. The check passes when everything that ships waits for a
verification of the very digest that was built: `cosign verify` or `verify-attestation` with the certificate's identity
and issuer (or the key), `gh attestation verify` with the owner, the repository or the workflow, `slsa-verifier` with
the source. An identity of another repository is nobody's who builds this one: what the catalog calls it
(`github.com/project-slug`, `gitlab.com/project-slug`) is compared, and a workflow that a job uses may sign for it. A
pattern that begins with nothing only one owner has (`.*`) takes the signature of anybody, and a verified
SBOM says what the image holds, not where it comes from: neither counts. Whether the right one is asked for is
`unknown` where whoever starts the run says which (`inputs`, `github.actor`). Text of the repository that is released
beside what is built, as it stands there, comes from no build, and needs no verification.

A policy by which the cluster verifies what it admits proves the same of an image that is deployed and not released in
another way before: Kyverno's `verifyImages` and ImageValidatingPolicy, ClusterImagePolicy of sigstore's
policy-controller. It must refuse (`Enforce`, `Deny`, no `warn`), be about pods and this image by tag and by digest,
hold in the namespace of the deployment, and name the key, or the identity and the issuer: one that takes the builds of
other repositories alone refuses this one's. A policy that stands in the repository counts as applied, as its alert
rules do. What other engines demand, what Helm has yet to fill in, and what a program makes (Terraform, Jsonnet), is
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
          IDENTITY: https://github.com/${{ github.repository }}/.github/workflows/release.yml@${{ github.ref }}
          ISSUER: https://token.actions.githubusercontent.com
      - run: gh release create "$GITHUB_REF_NAME" --generate-notes
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.checks import Fix
from goldenpath.checks._admission import verified
from goldenpath.checks._asked import kind_by_kind, not_own
from goldenpath.checks._findings import Artifact, Candidate, Finding, Question, proven
from goldenpath.checks._matched import matched_anywhere
from goldenpath.checks._release import RELEASE, judge_each, without
from goldenpath.facts.findings import Finding as Reason
from goldenpath.facts.pipeline.acts import Image
from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Outcome
    from goldenpath.facts.admission.model import Admission, Policy
    from goldenpath.facts.catalog import Component
    from goldenpath.facts.pipeline.acts import Act, Claim, Target
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


_HOSTS = {"github.com": "ghcr.io", "gitlab.com": "registry.gitlab.com"}
"""Where repositories have the names that the catalog gives them, and the registry in which their owners keep images."""

_SLUG = regex(r"[\w.-]+(/[\w.-]+)+")


def check(releases: Releases, admission: Admission, component: Component | None) -> Outcome:
    """Ask for the verification of every artifact in every run that releases."""
    homes = {host: slug for host in _HOSTS if (slug := _slug(component, host))}
    question = Question(
        candidates=lambda run, artifact: _verifications(run, artifact, homes),
        proof=_verified,
        released=lambda artifacts: kind_by_kind(not_own(artifacts)),
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
    return judge_each(
        releases,
        lambda run, artifact: verified(
            run, artifact, question, _of_this_build(run, artifact, admission, homes), homes.get("github.com")
        ),
        question.released,
        "nothing here releases it, so nothing is verified",
        NOTHING,
        lambda run: None if admission.policies or admission.unseen else without(run, question),
    )


def _slug(component: Component | None, host: str) -> str | None:
    """What the catalog calls the repository there."""
    named = component.annotations.get(f"{host}/project-slug") if component else None
    return named.text if named and _SLUG.fullmatch(named.text) else None


def _verifications(run: Run, artifact: Artifact, homes: dict[str, str]) -> Iterator[Candidate]:
    for act, target in run.about("verified").of(artifact.target, artifact.built):
        if type(target) is type(artifact.target):
            found = matched_anywhere(act, target, artifact, "verifies")
            yield (
                found if found.wrong else _in_vain(run, act, target) or _of_another(run, artifact, act, homes) or found
            )


def _in_vain(run: Run, act: Act, target: Target) -> Candidate | None:
    """Why it finds nothing: it asks a registry, and all that attests the digest is kept by GitHub alone."""
    if act.asks_store or not isinstance(target, Image) or any("sign" in each.may for each in run.of_kind("unseen")):
        return None
    proofs = [
        each
        for each in run.of_kind("signed")
        for of in each.targets
        if isinstance(of, Image) and of.digest == target.digest
    ]
    if not proofs or not all(each.in_store for each in proofs):
        return None
    fix = Fix(f"Give {proofs[0].text} `push-to-registry: true`", "minutes")
    return Candidate(act, wrong=f"asks the registry, to which {proofs[0].text} pushes nothing", fix=fix)


def _of_another(run: Run, artifact: Artifact, act: Act, homes: dict[str, str]) -> Candidate | None:
    """Why it refuses what is built here: it asks for the build of another repository."""
    for claim in act.claims:
        if other := _another(run, artifact, claim, homes):
            said, fix = other
            return Candidate(act, wrong=said, fix=fix) if fix else Candidate(act, unsure=said)
    return None


def _another(run: Run, artifact: Artifact, claim: Claim, homes: dict[str, str]) -> tuple[str, Fix | None] | None:
    """Of which other repository a build is asked for, and what mends it.

    Where the catalog does not name this one, the owner of the image is a sign of it, and no proof.
    """
    used = {f"github.com/{job.job.uses.repository}".lower() for job in run.jobs.values() if job.job.uses}
    host, _, rest = claim.start.partition("/")
    home = homes.get(host) or _owner(artifact, host)
    if not home or any(_may_be(claim, each) for each in {f"{host}/{home}".lower(), *(used if claim.signer else ())}):
        return None
    asked = rest.partition("//")[0] if "//" in rest else "/".join(rest.split("/")[:2]).rstrip("/")
    if host in homes:
        fix = Fix(f"Ask for the identity of {home}, or correct {host}/project-slug", "minutes")
        return f"asks for a build of {asked}, and this repository is {home}", fix
    said = f"asks for a build of {asked}, and the image is one of {home}: {host}/project-slug would say whose this is"
    return said, None


def _of_this_build(run: Run, artifact: Artifact, admission: Admission, homes: dict[str, str]) -> Admission:
    """The policies, with what is wrong about those that take the builds of other repositories alone."""

    def of_this_build(policy: Policy) -> Policy:
        others = [_another(run, artifact, claim, homes) for claim in policy.claims]
        if policy.wrong or not others or (other := others[0]) is None or not all(others):
            return policy
        said, fix = Reason(policy.proof[0].place, other[0]), other[1]
        return replace(policy, wrong=said) if fix else replace(policy, unsure=said)

    return replace(admission, policies=tuple(map(of_this_build, admission.policies)))


def _may_be(claim: Claim, home: str) -> bool:
    """Whether what is asked for may be in a repository; in GitLab's identities two slashes end its name."""
    whole = f"{home}//" if "//" in claim.start else f"{home}/"
    return claim.start.startswith(whole) or whole.startswith(claim.start)


def _owner(artifact: Artifact, host: str) -> str:
    """Whose an image is by its name, in the registry that belongs to a host."""
    start = artifact.target.name[0] if isinstance(artifact.target, Image) and artifact.target.name else ""
    registry, _, rest = start.partition("/") if isinstance(start, str) else ("", "", "")
    return rest.partition("/")[0] if registry == _HOSTS.get(host) and "/" in rest else ""


def _verified(run: Run, artifact: Artifact, acts: list[Act]) -> Finding:  # noqa: ARG001 - the shape of a question
    before = " before it is released" if artifact.shipped else ""
    return proven(artifact, f"verified against whose build it is{before}: {artifact.name}", *acts)
