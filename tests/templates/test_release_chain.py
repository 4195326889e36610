"""A release, done: the image is built twice and pushed, and the workflow's own lines sign, describe and verify it.

What a machine without GitHub lacks is put in its place and nothing else: a registry on loopback, a pair of keys for the
KMS, and cosign without Sigstore's services. The lines are those of the rendered workflow, run by Bash in their order.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import images
import toolbox
from cosigning import Cosign
from registries import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from languages import Language
    from toolbox import Rendered, Tool

pytestmark = pytest.mark.timeout(900)

COMMIT = "4f6c1a2b7d8e9f00112233445566778899aabbcc"
ONLY_THE_KEY = "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/versions/1"
"""A key whose owner the workflow does not log in to; the jobs get a file in its place."""

WITHOUT_SERVICES = """#!/bin/sh
case "$1" in
  sign | attest) exec {cosign} "$@" --signing-config {folder}/services.json --trusted-root {folder}/trust.json ;;
  *) exec {cosign} "$@" --insecure-ignore-tlog --trusted-root {folder}/trust.json ;;
esac
"""
"""cosign as it is without transparency log and certificate authority."""


@dataclass(frozen=True)
class Chain:
    """The release workflow of a service, and where its lines run."""

    jobs: dict[str, Any]
    folder: Path
    registry: Registry
    environment: dict[str, str]
    image: str
    """Its full name by digest."""

    def of(self, image: str) -> Chain:
        """The same for another image."""
        return replace(self, image=image)

    @property
    def name(self) -> str:
        return self.image.removeprefix(f"{self.registry.address}/").partition("@")[0]

    @property
    def digest(self) -> str:
        return self.image.partition("@")[2]

    def run(self, job: str, *, key: str, but: str = "", **environment: str) -> str:
        """Run a job's lines with a key; returns the step that was refused and what it said, nothing if none was."""
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        address, _, digest = self.image.partition("@")
        own = {"IMAGE": address, "DIGEST": digest, "KMS_KEY": str(self.folder / key)}
        for step in self.jobs[job]["steps"]:
            if "run" not in step or step.get("name") == but:
                continue
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=work, env=self.environment | own | environment, text=True, capture_output=True, check=False,
            )  # fmt: skip
            if done.returncode:
                return f"{step['name']}: {done.stderr}"
        return ""

    def another(self) -> Chain:
        """The same layers under another digest: what somebody pushed who was not asked."""
        manifest = json.loads(self.registry.manifest(self.image))
        manifest["annotations"] = {"org.opencontainers.image.title": "tampered with"}
        return self.of(self.registry.put(self.name, json.dumps(manifest).encode(), "another"))


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


@pytest.fixture(scope="module")
def chain(
    language: Language, digests: list[str], registry: Registry, rendered: Rendered, tool: Tool,
    tmp_path_factory: pytest.TempPathFactory,
) -> Chain:  # fmt: skip
    """The image, signed and described by the workflow's job `sign`."""
    folder = tmp_path_factory.mktemp("release")
    cosign, syft = Cosign(tool("cosign"), folder), tool("syft")
    programs = folder / "bin"
    programs.mkdir()
    (programs / "cosign").write_text(WITHOUT_SERVICES.format(cosign=cosign.program, folder=folder))
    (programs / "cosign").chmod(0o755)
    service = rendered(
        template=language.template, signing="kms", kms_key=ONLY_THE_KEY, image_registry=f"{registry.address}/acme"
    )
    workflow = yaml.safe_load((service / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
    assert workflow["env"]["IMAGE"] == f"{registry.address}/acme/payments-api"
    environment = {
        "PATH": os.pathsep.join([str(programs), str(syft.parent), os.environ["PATH"]]),
        "HOME": str(folder), "COSIGN_PASSWORD": "", "SYFT": str(syft), "GITHUB_PATH": str(folder / "path"),
        "GITHUB_SHA": COMMIT, "GITHUB_REF": "refs/tags/v0.1.0", "GITHUB_REPOSITORY": "acme/payments-api",
        "GITHUB_SERVER_URL": "https://github.com", "GITHUB_EVENT_NAME": "push",
        "GITHUB_REPOSITORY_ID": "1", "GITHUB_REPOSITORY_OWNER_ID": "2", "GITHUB_RUN_ID": "3", "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_WORKFLOW_REF": "acme/payments-api/.github/workflows/release.yml@refs/tags/v0.1.0",
    }  # fmt: skip
    made = Chain(workflow["jobs"], folder, registry, environment, f"{registry.address}/acme/payments-api@{digests[0]}")
    assert made.run("sign", key="ours.key") == ""
    return made


def test_an_image_built_twice_is_one_image(digests: list[str]) -> None:
    first, second = digests

    assert first.startswith("sha256:")
    assert first == second


def test_what_the_workflow_signs_it_verifies(chain: Chain) -> None:
    assert chain.run("verify", key="ours.pub") == ""


def test_the_sbom_names_what_the_image_holds(chain: Chain, language: Language) -> None:
    sbom = json.loads((chain.folder / "work" / "sbom.spdx.json").read_text(encoding="utf-8"))

    names = {package["name"] for package in sbom["packages"]}
    assert names & {"fastapi", "go.opentelemetry.io/otel", "fastify", "spring-boot"}, language.template


def test_another_image_is_refused_even_with_a_signature_that_was_copied_to_it(chain: Chain) -> None:
    other = chain.another()
    assert other.run("verify", key="ours.pub").startswith("Verify the signature: ")

    signatures = chain.registry.manifest(f"{chain.registry.address}/{chain.name}:{chain.digest.replace(':', '-')}")
    chain.registry.put(other.name, signatures, other.digest.replace(":", "-"))
    assert other.run("verify", key="ours.pub").startswith("Verify the signature: ")


def test_another_key_is_refused(chain: Chain) -> None:
    assert chain.run("verify", key="theirs.pub").startswith("Verify the signature: ")


def test_provenance_of_another_commit_is_refused(chain: Chain) -> None:
    refused = chain.run("verify", key="ours.pub", GITHUB_SHA=COMMIT[::-1])

    assert refused.startswith("Verify where the image comes from: ")


@pytest.mark.parametrize(
    ("left_out", "refused"),
    [
        ("Attest what the image contains", "Verify what the image contains: "),
        ("Attest where the image comes from", "Verify where the image comes from: "),
    ],
)
def test_an_image_without_sbom_or_provenance_is_refused(chain: Chain, left_out: str, refused: str) -> None:
    manifest = json.loads(chain.registry.manifest(chain.image)) | {"annotations": {"left-out": left_out}}
    other = chain.of(chain.registry.put(chain.name, json.dumps(manifest).encode(), "incomplete"))
    assert other.run("sign", key="ours.key", but=left_out) == ""

    assert other.run("verify", key="ours.pub").startswith(refused)
