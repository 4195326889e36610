"""A repository without an image: what its language ships is released, by a workflow whose lines are run here."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import toolbox
from adopting import added, adopt, repository, tier
from cosigning import Cosign

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from toolbox import Tool

pytestmark = pytest.mark.timeout(300)

GO = {
    "go.mod": "module example.org/shop\n\ngo 1.24\n",
    "cmd/shop/main.go": 'package main\n\nfunc main() { println("up") }\n',
    "README.md": "# Shop\n",
}
NPM = {
    "package.json": '{"name": "shop", "version": "1.0.0", "scripts": {"build": "mkdir -p dist && cp a.js dist/"}}\n',
    "package-lock.json": '{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {}}}\n',
    "a.js": "exports.up = true;\n",
    ".gitignore": "dist/\n",
}
PYTHON = {
    "pyproject.toml": """
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"
        [project]
        name = "shop"
        version = "1.0.0"
        """,
    "shop/__init__.py": "",
}
MAVEN = {"pom.xml": "<project><packaging>war</packaging></project>\n", "src/main/java/A.java": "class A {}\n"}
GRADLE = {"build.gradle": "sourceCompatibility = '17'\n", "src/main/java/A.java": "class A {}\n"}

SHIPPED: dict[str, tuple[dict[str, str], str]] = {
    "Go: its programs": (GO, "-linux-$arch"),
    "npm: the package": (NPM, "npm pack --pack-destination release-files"),
    "Python: wheel and sdist": (PYTHON, "python -m build --outdir release-files"),
    "Maven: a war": (MAVEN, "cp target/*.war release-files/"),
    "Gradle: jars": (GRADLE, "cp build/libs/*.jar release-files/"),
    "a Go library: its sources": ({"go.mod": GO["go.mod"], "shop.go": "package shop\n"}, "git archive"),
    "a script: its sources": ({"app.py": "print('up')\n"}, "git archive"),
}


@pytest.mark.parametrize(("files", "line"), SHIPPED.values(), ids=SHIPPED.keys())
def test_a_repository_without_an_image_releases_what_it_ships_and_meets_bronze(
    tmp_path: Path, suite: Path, tool: Tool, files: Mapping[str, str], line: str
) -> None:
    shop = repository(tmp_path / "shop", files)
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 0, done.stderr
    assert ".github/workflows/release.yml" in added(shop)
    assert line in (shop / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    for command in (tool("actionlint"),), (tool("zizmor"), "--offline", "--quiet", ".github/workflows"):
        linted = subprocess.run(command, cwd=shop, text=True, capture_output=True, check=False)
        assert linted.returncode == 0, linted.stdout + linted.stderr
    assert tier(shop) == "bronze"


# ---- a library is asked for less

NPM_LIBRARY = {
    "package.json": '{"name": "shop", "version": "1.0.0", "main": "a.js", "files": ["a.js"]}\n',
    "a.js": "exports.up = true;\n",
}
LIBRARIES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a Go module without a program": ({"go.mod": GO["go.mod"], "shop.go": "package shop\n"}, ()),
    "a public package of npm": (NPM_LIBRARY, ()),
    "a Python project that says so": (
        PYTHON
        | {
            "pyproject.toml": PYTHON["pyproject.toml"]
            + '        classifiers = ["Topic :: Software Development :: Libraries :: Python Modules"]\n'
        },
        (),
    ),
    "what its team calls one": (MAVEN, ("-d", "adopted_type=library")),
    "what the catalog calls one": (
        {"app.py": "", "catalog-info.yaml": """
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata:
              name: shop
              annotations: {github.com/project-slug: acme/shop}
              links: [{url: https://acme.slack.com/archives/C024BE91L, title: Chat, type: chat}]
            spec: {type: library, owner: payments, lifecycle: production}
            """},
        (),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "more"), LIBRARIES.values(), ids=LIBRARIES.keys())
def test_a_library_gets_only_what_a_library_is_asked_for_and_meets_bronze(
    tmp_path: Path, suite: Path, files: Mapping[str, str], more: tuple[str, ...]
) -> None:
    shop = repository(tmp_path / "shop", files)
    done = adopt(shop, suite, "--yes", *more, team=("-d", "owner=payments", "-d", "chat=payments"))

    assert (done.returncode, done.stderr) == (0, "")
    laid = {
        ".copier-answers.yml", ".github/CODEOWNERS", ".github/dependabot.yml", ".github/workflows/golden-path.yml",
        ".github/workflows/release.yml", "catalog-info.yaml", "docs/golden-path.md", "docs/index.md", "mkdocs.yml",
    }  # fmt: skip
    assert added(shop) == laid - files.keys()
    text = "".join((shop / path).read_text(encoding="utf-8") for path in added(shop) - {".copier-answers.yml"})
    assert not [word for word in ("runbook", "pagerduty", "observability/", "slo.md", "dashboard") if word in text]
    assert "  type: library\n" in (shop / "catalog-info.yaml").read_text() or "catalog-info.yaml" in files
    assert tier(shop) == "bronze"

    toolbox.commit(shop)
    toolbox.copier(shop, "update", "--vcs-ref", ":current:", "-d", "lifecycle=deprecated")
    assert set(toolbox.status(shop)) == {".copier-answers.yml", "docs/golden-path.md"} | (
        laid & {"catalog-info.yaml"} - files.keys()
    )


# ---- the chain, executed

COMMIT = "4f6c1a2b7d8e9f00112233445566778899aabbcc"
WITHOUT_SERVICES = """#!/bin/sh
case "$1" in
  sign-blob | attest-blob)
    exec {cosign} "$@" --signing-config {folder}/services.json --trusted-root {folder}/trust.json ;;
  *) exec {cosign} "$@" --insecure-ignore-tlog --trusted-root {folder}/trust.json ;;
esac
"""
"""cosign as it is without transparency log and certificate authority."""


@dataclass(frozen=True)
class Chain:
    """The jobs of a release, and the folder in which their lines run."""

    jobs: dict[str, Any]
    work: Path
    environment: dict[str, str]

    def run(self, job: str, *steps: str, **environment: str) -> str:
        """Run a job's lines, or only some steps; returns the step that was refused, nothing if none was."""
        for step in self.jobs[job]["steps"]:
            if "run" not in step or (steps and step["name"] not in steps):
                continue
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=self.work, env=self.environment | step.get("env", {}) | environment,
                text=True, capture_output=True, check=False,
            )  # fmt: skip
            if done.returncode:
                return f"{step['name']}: {done.stderr}"
        return ""


@pytest.fixture(scope="module")
def chain(suite: Path, tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """Programs in Go, built, described and signed by the lines of the workflow, with a pair of keys for the KMS."""
    folder = tmp_path_factory.mktemp("release")
    own = folder / "suite"
    toolbox.git(folder, "clone", "--quiet", str(suite), str(own))
    choices = own / "templates" / "questions" / "organization.yml"
    text = choices.read_text(encoding="utf-8").replace("  default: keyless\n", "  default: kms\n")
    choices.write_text(text.replace("awskms:///alias/release-signing", "hashivault://release"), encoding="utf-8")
    toolbox.commit(own, "feat: our key", tag="v9.0.0")
    work = repository(folder / "shop", GO)
    assert adopt(work, own, "--yes").returncode == 0
    cosign, syft, go = Cosign(tool("cosign"), folder), tool("syft"), tool("go")
    programs = folder / "bin"
    programs.mkdir()
    (programs / "cosign").write_text(WITHOUT_SERVICES.format(cosign=cosign.program, folder=folder), encoding="utf-8")
    (programs / "cosign").chmod(0o755)
    workflow = yaml.safe_load((work / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
    environment = {
        "PATH": os.pathsep.join([str(programs), str(syft.parent), str(go.parent), os.environ["PATH"]]),
        "HOME": str(folder), "COSIGN_PASSWORD": "", "KMS_KEY": str(folder / "ours.key"), "GOTOOLCHAIN": "local",
        "GOCACHE": str(folder / "cache"), "GITHUB_OUTPUT": str(folder / "output"), "GITHUB_SHA": COMMIT,
        "GITHUB_REF": "refs/tags/v0.1.0", "GITHUB_REF_NAME": "v0.1.0", "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_SERVER_URL": "https://github.com", "GITHUB_EVENT_NAME": "push", "GITHUB_REPOSITORY_ID": "1",
        "GITHUB_REPOSITORY_OWNER_ID": "2", "GITHUB_RUN_ID": "3", "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_WORKFLOW_REF": "acme/shop/.github/workflows/release.yml@refs/tags/v0.1.0",
    }  # fmt: skip
    made = Chain(workflow["jobs"], work, environment)
    assert made.run("build") == ""
    assert made.run("scan", "List what the files contain") == ""
    assert made.run("sign") == ""
    return made


@pytest.fixture
def copy(chain: Chain, tmp_path: Path) -> Chain:
    """The same release, to be tampered with."""
    shutil.copytree(chain.work, tmp_path / "shop")
    return Chain(chain.jobs, tmp_path / "shop", chain.environment | {"KMS_KEY": f"{chain.work.parent}/ours.pub"})


def test_what_the_workflow_signs_it_verifies(copy: Chain) -> None:
    assert sorted(path.name for path in (copy.work / "release-files").iterdir()) == [
        "shop-linux-amd64", "shop-linux-arm64",
    ]  # fmt: skip
    assert copy.run("verify") == ""


def test_files_that_are_built_twice_are_the_same(copy: Chain) -> None:
    shutil.rmtree(copy.work / "release-files")

    assert copy.run("build") == ""
    assert copy.run("verify") == ""


def test_the_sbom_names_what_the_files_hold(chain: Chain) -> None:
    assert "example.org/shop" in (chain.work / "sbom.spdx.json").read_text(encoding="utf-8")


def test_another_key_another_commit_and_another_file_are_refused(copy: Chain) -> None:
    theirs = str(copy.environment["KMS_KEY"]).replace("ours.pub", "theirs.pub")
    assert copy.run("verify", KMS_KEY=theirs).startswith("Verify the signature of the list: ")
    assert copy.run("verify", GITHUB_SHA=COMMIT[::-1]).startswith("Verify where the files come from: ")

    (copy.work / "release-files" / "shop-linux-amd64").write_text("tampered with", encoding="utf-8")
    assert copy.run("verify").startswith("The files are those of the list: ")


@pytest.mark.parametrize(
    ("proof", "refused"),
    [("sbom", "Verify what the files contain: "), ("provenance", "Verify where the files come from: ")],
)
def test_a_release_without_sbom_or_provenance_is_refused(copy: Chain, proof: str, refused: str) -> None:
    shutil.copy(copy.work / "checksums.txt.sigstore.json", copy.work / f"{proof}.sigstore.json")

    assert copy.run("verify").startswith(refused)
