"""A release, done: the image is built twice and pushed, and the release's own lines sign, describe and verify it.

What a machine without GitHub and GitLab lacks is put in its place and nothing else: a registry on loopback, a pair of
keys for the KMS, and cosign without Sigstore's services. The lines are those that are rendered, run in their order.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

import chains
import images
import toolbox
from chains import COMMIT, DESCRIBE, DESCRIBED, FORGES, LIST, SIGNED, TRACE, TRACED, Chain, Forge
from cosigning import WITHOUT_SERVICES, Cosign
from registries import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from languages import Language
    from toolbox import Rendered, Tool

pytestmark = pytest.mark.timeout(900)

ONLY_THE_KEY = "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/versions/1"
"""A key whose owner the jobs do not log in to; they get a file in its place."""


@pytest.fixture(scope="module")
def registry(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    it = Registry(tool("docker-registry"), tmp_path_factory.mktemp("registry"))
    yield it
    it.stop()


@pytest.fixture(scope="module")
def digests(
    language: Language, service: Path, registry: Registry, tool: Tool, tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """Of the image, built from two copies of the service in different places and times."""
    repository = f"{registry.address}/acme/payments-api"
    found = []
    for place in "first", "second":
        folder = tmp_path_factory.mktemp(f"{place} build")
        if language.tree is None:
            module = folder / "module"
            shutil.copytree(
                service, module, ignore=shutil.ignore_patterns(".git", ".venv", "dist"), copy_function=shutil.copy
            )
            base = registry.push("scratch")
            found.append(images.by_ko(tool("ko"), module, "./cmd/payments-api", repository, base))
        else:
            if os.geteuid() != 0:
                toolbox.do_without("root", "buildah unpacks layers with their owners")
            (folder / "tree").mkdir()
            language.tree(service, folder / "tree")
            found.append(images.by_buildah(tool("buildah"), folder / "tree", folder / "work", repository))
    return found


@pytest.fixture(scope="module", params=list(FORGES))
def forge(request: pytest.FixtureRequest) -> Forge:
    return FORGES[request.param]


@pytest.fixture(scope="module")
def chain(
    language: Language, forge: Forge, digests: list[str], registry: Registry, rendered: Rendered, tool: Tool,
    tmp_path_factory: pytest.TempPathFactory,
) -> Chain:  # fmt: skip
    """The image, signed and described by the release's job `sign`."""
    folder = tmp_path_factory.mktemp("release")
    cosign, syft = Cosign(tool("cosign"), folder), tool("syft")
    programs = {
        "cosign": WITHOUT_SERVICES.format(cosign=cosign.program, folder=folder),
        "syft": f'#!/bin/sh\nexec {syft} "$@"\n',
    }
    service = rendered(
        template=language.template, signing="kms", kms_key=ONLY_THE_KEY, **forge.answers,
        **{forge.registry: f"{registry.address}/acme"},
    )  # fmt: skip
    image = f"{registry.address}/acme/payments-api@{digests[0]}"
    made = chains.chain(forge, service, folder, registry, image, programs)
    assert made.run("sign", KMS_KEY=ours(made, "key")) == ""
    return made


def ours(chain: Chain, half: str) -> str:
    """One half of our pair of keys, for the one in the KMS: `key` signs, `pub` verifies."""
    return str(chain.work.parent / f"ours.{half}")


def verified(chain: Chain, **environment: str) -> str:
    """What the job `verify` is refused, and why; nothing where all is well."""
    return chain.run("verify", **{"KMS_KEY": ours(chain, "pub"), **environment})


def test_an_image_built_twice_is_one_image(digests: list[str]) -> None:
    first, second = digests

    assert first.startswith("sha256:")
    assert first == second


def test_what_a_release_signs_it_verifies(chain: Chain) -> None:
    assert verified(chain) == ""


def test_the_sbom_names_what_the_image_holds(chain: Chain, language: Language) -> None:
    sbom = json.loads((chain.work / "sbom.spdx.json").read_text(encoding="utf-8"))

    names = {package["name"] for package in sbom["packages"]}
    assert names & {"fastapi", "go.opentelemetry.io/otel", "fastify", "spring-boot"}, language.template


def test_another_image_is_refused_even_with_a_signature_that_was_copied_to_it(chain: Chain) -> None:
    other = chain.another("tampered with")
    assert verified(other).startswith(f"{SIGNED}: ")

    signatures = chain.registry.manifest(f"{chain.registry.address}/{chain.name}:{chain.digest.replace(':', '-')}")
    chain.registry.put(other.name, signatures, other.digest.replace(":", "-"))
    assert verified(other).startswith(f"{SIGNED}: ")


def test_another_key_is_refused(chain: Chain) -> None:
    assert verified(chain, KMS_KEY=str(chain.work.parent / "theirs.pub")).startswith(f"{SIGNED}: ")


def test_provenance_of_another_commit_is_refused(chain: Chain) -> None:
    assert verified(chain, commit=COMMIT[::-1]).startswith(f"{TRACED}: ")


@pytest.mark.parametrize(("left_out", "refused"), [(DESCRIBE, DESCRIBED), (TRACE, TRACED)])
def test_an_image_without_sbom_or_provenance_is_refused(chain: Chain, left_out: str, refused: str) -> None:
    other = chain.another(f"without {left_out}")
    assert other.run("sign", but={LIST, left_out}, KMS_KEY=ours(chain, "key")) == ""  # listed: it has the same layers

    assert verified(other).startswith(f"{refused}: ")
