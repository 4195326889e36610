"""Without a key, a release is signed by who its job is: the release's own lines take its own name, and no other.

The authority that certifies jobs is Fulcio, on loopback; without a transparency log, the certificates are verified at
the time of the test. What the image holds is nothing: only who signed it matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import pytest

import chains
import identities
from chains import COMMIT, DESCRIBE, DESCRIBED, FORGES, LIST, REF, SIGN, SIGNED, TRACE, TRACED, Chain, Forge
from cosigning import Cosign
from identities import GITHUB, GITLAB, OTHER
from registries import Registry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from toolbox import Rendered, Tool

WITH_OUR_AUTHORITY = """#!/bin/sh
case "$1" in
  sign | attest) exec {cosign} "$@" --signing-config {folder}/services.json --trusted-root {folder}/trust.json ;;
  *) exec {cosign} "$@" --insecure-ignore-tlog --insecure-ignore-sct --trusted-root {folder}/trust.json ;;
esac
"""
"""cosign as it is where another authority is trusted, and keeps no log."""

ON_GITHUB: dict[str, object] = {
    "sub": f"repo:acme/payments-api:ref:{REF}",
    "job_workflow_sha": COMMIT, "workflow_sha": COMMIT, "sha": COMMIT, "ref": REF, "workflow": "release",
    "repository": "acme/payments-api", "repository_id": "1", "repository_owner": "acme", "repository_owner_id": "2",
    "repository_visibility": "public", "event_name": "push", "run_id": "3", "run_attempt": "1",
    "runner_environment": "github-hosted",
}  # fmt: skip
ON_GITLAB: dict[str, object] = {
    "sub": "project_path:acme/payments-api:ref_type:tag:ref:v0.1.0",
    "ci_config_sha": COMMIT, "sha": COMMIT, "ref": "v0.1.0", "ref_type": "tag", "project_path": "acme/payments-api",
    "project_id": "1", "namespace_path": "acme", "namespace_id": "2", "project_visibility": "public",
    "pipeline_source": "push", "pipeline_id": "3", "job_id": "4", "runner_id": 5, "runner_environment": "gitlab-hosted",
}  # fmt: skip
"""What each forge says of a job in any case."""


class Signer(NamedTuple):
    """A job that signs, and what its certificate says: by whom it is known, and as whom."""

    claims: dict[str, object]
    issuer: str
    identity: str


def on_github(workflow: str, issuer: str = GITHUB, **claims: object) -> Signer:
    who = {"job_workflow_ref": workflow, "workflow_ref": workflow}
    return Signer(ON_GITHUB | who | claims, issuer, f"https://github.com/{workflow}")


def on_gitlab(pipeline: str, **claims: object) -> Signer:
    return Signer(ON_GITLAB | {"ci_config_ref_uri": pipeline} | claims, GITLAB, f"https://{pipeline}")


RELEASES = {
    "github": on_github(f"acme/payments-api/.github/workflows/release.yml@{REF}"),
    "gitlab": on_gitlab(f"gitlab.com/acme/payments-api//.gitlab-ci.yml@{REF}"),
}
"""The jobs `sign` of the tag v0.1.0."""

IMPOSTORS = {
    ("github", "another workflow"): on_github(f"acme/payments-api/.github/workflows/ci.yml@{REF}"),
    ("github", "another repository"): on_github(
        f"acme/orders-api/.github/workflows/release.yml@{REF}", repository="acme/orders-api"
    ),
    ("github", "another owner"): on_github(
        f"other/payments-api/.github/workflows/release.yml@{REF}", repository="other/payments-api"
    ),
    ("github", "a branch"): on_github(
        "acme/payments-api/.github/workflows/release.yml@refs/heads/v0.1.0", ref="refs/heads/v0.1.0"
    ),
    ("github", "a tag that begins like it"): on_github(
        f"acme/payments-api/.github/workflows/release.yml@{REF}-rc.1", ref=f"{REF}-rc.1"
    ),
    ("github", "another issuer"): on_github(f"acme/payments-api/.github/workflows/release.yml@{REF}", OTHER),
    ("gitlab", "another pipeline"): on_gitlab(f"gitlab.com/acme/payments-api//deploy.yml@{REF}"),
    ("gitlab", "another project"): on_gitlab(
        f"gitlab.com/acme/orders-api//.gitlab-ci.yml@{REF}", project_path="acme/orders-api"
    ),
    ("gitlab", "a branch"): on_gitlab(
        "gitlab.com/acme/payments-api//.gitlab-ci.yml@refs/heads/v0.1.0", ref_type="branch"
    ),
    ("gitlab", "a workflow of GitHub's"): RELEASES["github"],
}
"""Jobs that sign the image of a release on this forge, and how they differ from it."""


@pytest.fixture(scope="module")
def registry(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    it = Registry(tool("docker-registry"), tmp_path_factory.mktemp("registry"))
    yield it
    it.stop()


@pytest.fixture(scope="module")
def forges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[identities.Forges]:
    it = identities.Forges(tmp_path_factory.mktemp("forges"))
    yield it
    it.stop()


@pytest.fixture(scope="module")
def fulcio(
    forges: identities.Forges, tool: Tool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[identities.Fulcio]:
    it = identities.Fulcio(tool("fulcio"), tmp_path_factory.mktemp("fulcio"), forges)
    yield it
    it.stop()


@pytest.fixture(scope="module")
def released(
    fulcio: identities.Fulcio, registry: Registry, rendered: Rendered, tool: Tool,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Chain]:  # fmt: skip
    """On each forge, an image that is not signed yet."""
    image = registry.push("acme/payments-api")

    def chain(forge: Forge) -> Chain:
        folder = tmp_path_factory.mktemp("release")
        cosign = Cosign(tool("cosign"), folder)
        fulcio.trusted_by(cosign)
        programs = {
            "cosign": WITH_OUR_AUTHORITY.format(cosign=cosign.program, folder=folder),
            "syft": f'#!/bin/sh\nexec {tool("syft")} "$@"\n',
        }
        service = rendered(**forge.answers, signing="keyless", **{forge.registry: f"{registry.address}/acme"})
        return chains.chain(forge, service, folder, registry, image, programs)

    return {name: chain(forge) for name, forge in FORGES.items()}


class Sign(Protocol):
    """The fixture `sign`."""

    def __call__(self, chain: Chain, signer: Signer, *, but: Collection[str] = ()) -> None:
        """Run the job `sign`, but for these lines, as this signer."""


@pytest.fixture(scope="module")
def sign(forges: identities.Forges) -> Sign:
    def as_signer(chain: Chain, signer: Signer, *, but: Collection[str] = ()) -> None:
        """Tell the job who it is as each forge does: on GitHub it has to ask."""
        token = forges.token(signer.issuer, signer.claims)
        told = {
            "github": {
                "ACTIONS_ID_TOKEN_REQUEST_URL": f"{forges.address}/token?job=1",
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN": token,
            },
            "gitlab": {"SIGSTORE_ID_TOKEN": token},
        }
        (forge,) = (name for name, each in FORGES.items() if each is chain.forge)
        assert chain.run("sign", but=but, **told[forge]) == ""

    return as_signer


@pytest.mark.parametrize("forge", FORGES)
def test_a_release_verifies_what_it_has_signed_itself(released: dict[str, Chain], sign: Sign, forge: str) -> None:
    chain = released[forge]
    sign(chain, RELEASES[forge])

    assert chain.run("verify") == ""
    assert chain.run("verify", commit=COMMIT[::-1]).startswith(f"{TRACED}: ")


@pytest.mark.parametrize(("forge", "who"), IMPOSTORS)
def test_nobody_else_signs_a_release(released: dict[str, Chain], sign: Sign, forge: str, who: str) -> None:
    """Though the signature is good, as whoever asks for that signer finds."""
    chain, impostor = released[forge].another(who), IMPOSTORS[forge, who]
    sign(chain, impostor, but={LIST, DESCRIBE, TRACE})

    refused = chain.run("verify")
    assert refused.startswith(f"{SIGNED}: ")
    assert any(f'got "{found}"' in refused for found in (impostor.identity, impostor.issuer))
    theirs = {"IDENTITY": impostor.identity, "ISSUER": impostor.issuer}
    assert chain.run("verify", but={DESCRIBED, TRACED}, **theirs) == ""


@pytest.mark.parametrize(("made", "verified"), [(DESCRIBE, DESCRIBED), (TRACE, TRACED)])
@pytest.mark.parametrize("forge", FORGES)
def test_nobody_else_attests_a_release(
    released: dict[str, Chain], sign: Sign, forge: str, made: str, verified: str
) -> None:
    """Though it is signed by whom it should be."""
    chain, impostor = released[forge].another(f"{made} by another"), IMPOSTORS["github", "another workflow"]
    sign(chain, RELEASES[forge], but={LIST, made})
    sign(chain, impostor, but={LIST, SIGN, DESCRIBE, TRACE} - {made})

    assert chain.run("verify").startswith(f"{verified}: ")
    theirs = {"IDENTITY": impostor.identity, "ISSUER": impostor.issuer}
    assert chain.run("verify", but={SIGNED, DESCRIBED, TRACED} - {verified}, **theirs) == ""
