"""The jobs of a rendered release, run as their forge runs them: on GitHub step by step, on GitLab in one shell.

Both forges' lines do the same in the same order, so a line goes by the name of GitHub's step in either.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from dataclasses import dataclass, replace
from string import Template
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from registries import Registry

COMMIT = "4f6c1a2b7d8e9f00112233445566778899aabbcc"
REF = "refs/tags/v0.1.0"

LIST, SIGN = "List what the image contains", "Sign the image"
DESCRIBE, TRACE = "Attest what the image contains", "Attest where the image comes from"
SIGNED, DESCRIBED, TRACED = (
    "Verify the signature",
    "Verify what the image contains",
    "Verify where the image comes from",
)

NAMES = {
    r"syft scan ": LIST,
    r"cosign sign ": SIGN,
    r"cosign attest .*--type spdxjson ": DESCRIBE,
    r"cosign attest .*--type slsaprovenance1 ": TRACE,
    r"cosign verify ": SIGNED,
    r"cosign verify-attestation .*--type spdxjson ": DESCRIBED,
    r"cosign verify-attestation .*--type slsaprovenance1 |jq --slurp ": TRACED,
}
"""What GitLab's lines are for, whose steps have no names."""

DOCKER = """#!/bin/sh
echo "$@" >> docker.log
case "$1" in create) echo container ;; login) cat > /dev/null ;; esac
"""
"""What GitLab's jobs ask of Docker, without an engine: the programs that they copy out of images are there already."""


@dataclass(frozen=True)
class Job:
    """What a job has in its environment, and its lines with their names."""

    variables: dict[str, str]
    lines: list[tuple[str, str]]


@dataclass(frozen=True)
class Forge:
    """Where a release runs."""

    answers: dict[str, object]
    """What a service answers to be released there."""

    registry: str
    """The question that asks for the registry of images."""

    commit: str
    """The variable that names the commit."""

    variables: dict[str, str]
    """What else every job of the tag v0.1.0 finds in its environment."""

    jobs: Callable[[Path], dict[str, Job]]
    """Reads them in a service."""

    run: Callable[[list[tuple[str, str]], Path, Mapping[str, str]], str]
    """Runs lines in a folder; returns the name of the one that was refused and what it said, nothing if none was."""


# ---- GitHub


def github_jobs(service: Path) -> dict[str, Job]:
    workflow = yaml.safe_load((service / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
    return {
        name: Job(
            {**workflow["env"], **job.get("env", {})},
            [(step.get("name", ""), step["run"]) for step in job.get("steps", ()) if "run" in step],
        )
        for name, job in workflow["jobs"].items()
    }


def run_on_github(lines: list[tuple[str, str]], folder: Path, environment: Mapping[str, str]) -> str:
    for name, script in lines:
        done = _run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], folder, environment)
        if done.returncode:
            return f"{name}: {done.stderr}"
    return ""


# ---- GitLab


def gitlab_jobs(service: Path) -> dict[str, Job]:
    pipeline = yaml.safe_load((service / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    before: list[str] = pipeline[".release"]["before_script"]
    return {
        name: Job(
            {**pipeline["variables"], **job.get("variables", {})},
            [(_name(line), line) for line in [*before, *job["script"]]],
        )
        for name, job in pipeline.items()
        if isinstance(job, dict) and job.get("extends") == ".release"
    }


def _name(line: str) -> str:
    return next((name for pattern, name in NAMES.items() if re.match(pattern, line)), "")


def run_on_gitlab(lines: list[tuple[str, str]], folder: Path, environment: Mapping[str, str]) -> str:
    """By the plainest shell that this machine has: a job's image need not bring Bash."""
    script = "\n".join(f"echo {shlex.quote(name)} > {folder}/line\n{line}" for name, line in lines)
    done = _run(["sh", "-e", "-c", script], folder, environment)
    return f"{(folder / 'line').read_text().strip()}: {done.stderr}" if done.returncode else ""


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)


FORGES = {
    "github": Forge(
        answers={"ci": "github"},
        registry="image_registry",
        commit="GITHUB_SHA",
        variables={
            "GITHUB_REF": REF, "GITHUB_REPOSITORY": "acme/payments-api", "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_EVENT_NAME": "push", "GITHUB_REPOSITORY_ID": "1", "GITHUB_REPOSITORY_OWNER_ID": "2",
            "GITHUB_RUN_ID": "3", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_PATH": "/dev/null",
            "SYFT": "syft",
            "GITHUB_WORKFLOW_REF": f"acme/payments-api/.github/workflows/release.yml@{REF}",
        },
        jobs=github_jobs,
        run=run_on_github,
    ),
    "gitlab": Forge(
        answers={"ci": "gitlab"},
        registry="gitlab_registry",
        commit="CI_COMMIT_SHA",
        variables={
            "CI_COMMIT_TAG": "v0.1.0", "CI_PROJECT_URL": "https://gitlab.com/acme/payments-api", "CI_PROJECT_ID": "1",
            "CI_PIPELINE_SOURCE": "push", "CI_PIPELINE_URL": "https://gitlab.com/acme/payments-api/-/pipelines/2",
            "CI_RUNNER_ID": "3", "CI_JOB_STARTED_AT": "2026-01-01T00:00:00Z",
            "CI_JOB_URL": "https://gitlab.com/acme/payments-api/-/jobs/4",
        },
        jobs=gitlab_jobs,
        run=run_on_gitlab,
    ),
}  # fmt: skip


# ---- a release of an image


@dataclass(frozen=True)
class Chain:
    """The release of a service, and where its lines run."""

    forge: Forge
    jobs: dict[str, Job]
    registry: Registry
    work: Path
    """The folder that the lines run in."""

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

    def run(self, job: str, *, but: Collection[str] = (), commit: str = COMMIT, **environment: str) -> str:
        """Run a job's lines; returns the name of the one that was refused and what it said, nothing if none was."""
        address, _, digest = self.image.partition("@")
        given = self.forge.variables | {self.forge.commit: commit} | environment
        own = {
            name: Template(value.replace("${{ github.ref }}", REF)).safe_substitute(given)
            for name, value in self.jobs[job].variables.items()
        }
        assert own["IMAGE"] == address
        lines = [(name, line) for name, line in self.jobs[job].lines if name not in but]
        return self.forge.run(lines, self.work, self.environment | own | given | {"DIGEST": digest})

    def another(self, why: str) -> Chain:
        """The same layers under another digest: what somebody pushed who was not asked."""
        manifest = json.loads(self.registry.manifest(self.image))
        manifest["annotations"] = {"org.opencontainers.image.title": why}
        return self.of(self.registry.put(self.name, json.dumps(manifest).encode(), re.sub(r"\W", "-", why)))


def chain(
    forge: Forge, service: Path, folder: Path, registry: Registry, image: str, programs: dict[str, str],
) -> Chain:  # fmt: skip
    """Prepare a release in a folder; its lines find these programs first, each of which is a script."""
    for name, script in ({"docker": DOCKER, "apk": "#!/bin/sh\n"} | programs).items():
        (folder / "bin").mkdir(exist_ok=True)
        (folder / "bin" / name).write_text(script)
        (folder / "bin" / name).chmod(0o755)
    (folder / "work").mkdir()
    environment = {
        "PATH": os.pathsep.join([str(folder / "bin"), os.environ["PATH"]]), "HOME": str(folder), "COSIGN_PASSWORD": "",
    }  # fmt: skip
    return Chain(forge, forge.jobs(service), registry, folder / "work", environment, image)
