"""A second way out beside a good release: what nobody signs, describes, tests, scans or verifies.

Each way is a workflow of its own, as teams add it later: another image, a package, a function, on another event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mutations import FOLDER, Tree, write

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKS = ("build-signed", "sbom-generated", "provenance-verified", "tests-gate-release", "vulnerabilities-gated")
OF_FILES = ("build-signed", "tests-gate-release")
"""The checks that want something of all that is published, not of images alone."""
PATH, IMAGE = f"{FOLDER}worker.yml", "ghcr.io/acme/worker"
EVENTS: dict[str, tuple[dict[str, Any], str]] = {
    "a tag": ({"push": {"tags": ["v*"]}}, "${{ github.ref_name }}"),
    "a published release": ({"release": {"types": ["published"]}}, "${{ github.ref_name }}"),
    "a run by hand": ({"workflow_dispatch": {"inputs": {"version": {"required": True}}}}, "${{ inputs.version }}"),
    "a branch for releases": ({"push": {"branches": ["release/**"]}}, "stable"),
    "a push to main": ({"push": {"branches": ["main"]}}, "${{ github.sha }}"),
    "a merged pull request": ({"pull_request": {"types": ["closed"], "branches": ["main"]}}, "edge"),
    "a schedule": ({"schedule": [{"cron": "0 4 * * 1"}]}, "latest"),
}
"""What starts it, and the version under which it is released then."""


class Way(NamedTuple):
    """Commands that release something, or a step in their place, and the files that they need."""

    run: str
    files: Tree
    step: dict[str, Any] | None = None


_BUILD, _PUSH = f"docker build -t {IMAGE}:$V worker", f"docker push {IMAGE}:$V"
_PACKAGE = '{"name": "@acme/worker", "version": "1.2.3", "scripts": {"ship": "docker push %s:latest"}}'
IMAGES = {
    "docker": Way(f"{_BUILD}\n{_PUSH}", {}),
    "build-push-action": Way(
        "",
        {},
        {"uses": "docker/build-push-action@v6", "with": {"context": "worker", "push": True, "tags": f"{IMAGE}:$V"}},
    ),
    "each platform": Way(
        f"for arch in amd64 arm64; do\n  docker buildx build --platform linux/$arch -t {IMAGE}:$V --push worker\ndone",
        {},
    ),
    "a script": Way("V=$V tools/ship.sh", {"tools/ship.sh": f"#!/bin/bash\nset -eu\n{_BUILD}\n{_PUSH}\n"}),
    "make": Way(
        "make -C worker ship TAG=$V",
        {"worker/Makefile": f"ship:\n\tdocker build -t {IMAGE}:$(TAG) .\n\tdocker push {IMAGE}:$(TAG)\n"},
    ),
    "bake": Way(
        "docker buildx bake -f worker/bake.hcl --push",
        {"worker/bake.hcl": f'target "default" {{\n  context = "worker"\n  tags = ["{IMAGE}:latest"]\n}}\n'},
    ),
    "Compose": Way(
        "docker compose -f worker/compose.yml build\ndocker compose -f worker/compose.yml push",
        {"worker/compose.yml": f"services:\n  worker:\n    build: .\n    image: {IMAGE}:latest\n"},
    ),
    "podman": Way(f"{_BUILD}\n{_PUSH}".replace("docker", "podman"), {}),
    "buildpacks": Way(
        f"pack build {IMAGE}:$V --path worker --builder paketobuildpacks/builder-jammy-base --publish", {}
    ),
    "ko": Way(f"KO_DOCKER_REPO={IMAGE} ko build --bare --sbom=none -t $V ./worker", {}),
    "a package's script": Way(
        f"{_BUILD.replace('$V', 'latest')}\ncd worker && npm run ship", {"worker/package.json": _PACKAGE % IMAGE}
    ),
}
FILES = {
    "npm": Way("cd worker && npm publish", {"worker/package.json": '{"name": "@acme/worker", "version": "1.2.3"}'}),
    "twine": Way("python -m build worker\ntwine upload worker/dist/*", {}),
    "gh": Way("go build -o worker-linux ./worker\ngh release upload $V worker-linux --clobber", {}),
    "a bucket": Way("zip worker.zip worker/main.py\naws s3 cp worker.zip s3://acme-releases/worker.zip", {}),
    "a function": Way(
        "zip worker.zip worker/main.py\n"
        "aws lambda update-function-code --function-name worker --zip-file fileb://worker.zip",
        {},
    ),
    "cargo": Way("cargo publish --manifest-path worker/Cargo.toml", {}),
    "NuGet": Way("dotnet pack worker -o out\ndotnet nuget push 'out/*.nupkg'", {}),
    "a gem": Way("gem build worker.gemspec\ngem push worker-1.0.0.gem", {}),
}


def additions(check: str) -> Iterator[tuple[str, Tree]]:
    """The files of each way out that a check has something to say of, on each event."""
    for name, way in (IMAGES | (FILES if check in OF_FILES else {})).items():
        for event, (on, version) in EVENTS.items():
            yield f"{name}, on {event}", _written(way, on, version)


def _written(way: Way, on: dict[str, Any], version: str) -> Tree:
    step = way.step or {"run": way.run, "env": {"V": version}}
    step = {**step, "with": {**step["with"], "tags": f"{IMAGE}:{version}"}} if way.step else step
    job = {
        "runs-on": "ubuntu-24.04",
        "permissions": {"contents": "write", "packages": "write"},
        "steps": [{"uses": "actions/checkout@v6"}, step],
    }
    return {**way.files, PATH: write({"name": "worker", "on": on, "jobs": {"worker": job}})}
