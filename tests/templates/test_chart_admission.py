"""The chart's admission policy, by Kyverno's own program: what the release has signed runs, and nothing else.

A key stands for whoever signs, since for the identity of a job Kyverno asks Sigstore's servers in any case. Whose
identity the policy trusts is tested in test_chart.py; that a release signs in this name, in test_release_identity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

import chains
from admitting import kyverno, without_log
from chains import FORGES, LIST, TRACE
from cosigning import WITHOUT_SERVICES, Cosign
from registries import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolbox import Rendered, Tool

KEY = "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/versions/1"
ELSEWHERE = {"GITHUB_REPOSITORY": "other/payments-api", "CI_PROJECT_URL": "https://gitlab.com/other/payments-api"}
UNSIGNED, UNTRACED, FOREIGN = (
    "it is not signed by the release of payments-api",
    "its provenance is not signed by the release of payments-api",
    "it was not built from https://{forge}.com/acme/payments-api",
)


@pytest.fixture
def registry(tool: Tool, tmp_path: Path) -> Iterator[Registry]:
    it = Registry(tool("docker-registry"), tmp_path)
    yield it
    it.stop()


@pytest.mark.parametrize("name", FORGES)
def test_kyverno_admits_the_release_and_nothing_else(
    name: str, registry: Registry, rendered: Rendered, tool: Tool, tmp_path: Path
) -> None:
    forge, cosign = FORGES[name], Cosign(tool("cosign"), tmp_path)
    programs = {
        "cosign": WITHOUT_SERVICES.format(cosign=cosign.program, folder=tmp_path),
        "syft": f'#!/bin/sh\nexec {tool("syft")} "$@"\n',
    }
    ours, theirs = str(tmp_path / "ours.key"), str(tmp_path / "theirs.key")
    own = {"signing": "kms", "kms_key": KEY, "deploy": "helm", forge.registry: f"{registry.address}/acme"}
    service = rendered(**forge.answers, **own)
    release = chains.chain(forge, service, tmp_path, registry, registry.push("acme/payments-api"), programs)
    assert release.run("sign", KMS_KEY=ours) == ""
    nobodys, anothers, untraced, foreign = map(release.another, ("nobody's", "another's", "untraced", "foreign"))
    assert anothers.run("sign", but={LIST}, KMS_KEY=theirs) == ""
    assert untraced.run("sign", but={LIST, TRACE}, KMS_KEY=ours) == ""
    assert foreign.run("sign", but={LIST}, KMS_KEY=ours, **ELSEWHERE) == ""
    why = {
        nobodys.image: UNSIGNED, anothers.image: UNSIGNED, untraced.image: UNTRACED,
        foreign.image: FOREIGN.format(forge=name),
    }  # fmt: skip

    policy = yaml.safe_load((service / "deploy" / "admission.yaml").read_text(encoding="utf-8"))
    (attestor,) = policy["spec"]["attestors"]
    attestor["cosign"] = without_log({"key": {"data": (tmp_path / "ours.pub").read_text(encoding="utf-8")}})
    pods = {each: {"containers": [{"name": "app", "image": each}]} for each in (release.image, *why)}
    said = kyverno(tool("kubectl-kyverno"), tmp_path, policy, pods)

    assert said.pop(release.image) == "success"
    assert [image for image in said if why[image] not in said[image]] == [], said
