"""Engines of docker and podman on other machines: what is started there serves users, what is built there is there."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

IMAGE = "ghcr.io/acme/shop:1.2"
DIGEST = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
DATED = "--output type=image,push=true,rewrite-timestamp=true --build-arg SOURCE_DATE_EPOCH=1"


def between(command: str, **more: str) -> str:
    """What is said where a command comes between the build and its signature."""
    return judge("build-signed", released_by(PUSH, f"- run: |\n    {command}", SIGN, SHIP, **more)).verdict


@pytest.mark.parametrize(
    "command",
    [
        "docker -H ssh://prod compose up -d",
        f"docker --host=ssh://prod run -d {IMAGE}",
        "docker --context prod compose -f prod.yml up -d",
        "docker context use prod && docker compose up -d",
        "DOCKER_HOST=ssh://prod docker compose up -d",
        "export DOCKER_HOST=tcp://10.0.0.5:2376; docker-compose up -d",
        "docker-compose -f prod.yml -H ssh://prod up -d",
        f"podman --remote --url ssh://core@prod/podman.sock run -d {IMAGE}",
        "podman --connection prod play kube shop.yaml",
        f"CONTAINER_HOST=ssh://core@prod podman run -d {IMAGE}",
    ],
)
def test_what_is_started_on_another_machine_serves_users(command: str) -> None:
    assert between(command) == "fail"


@pytest.mark.parametrize(
    "command",
    [
        "docker compose up -d",
        "docker -H ssh://prod ps",
        f"docker -H ssh://prod run --rm {IMAGE} ./migrate",
        "docker -H unix:///run/user/1001/docker.sock compose up -d",
        "DOCKER_HOST=tcp://docker:2376 docker compose up -d",
        "docker context use prod; docker context use default; docker compose up -d",
        "podman --remote kube play shop.yaml",
    ],
)
def test_what_is_started_in_the_job_is_its_own(command: str) -> None:
    assert between(command) == "pass"


def test_the_engine_of_a_whole_job() -> None:
    assert between("docker compose up -d", env="{DOCKER_HOST: '${{ secrets.HOST }}'}") == "fail"
    assert between("docker compose up -d", env="{DOCKER_CONTEXT: default}") == "pass"


def test_a_digest_is_deployed_to_another_machine_once_it_is_signed() -> None:
    deploy = f"- run: docker -H ssh://prod run -d {DIGEST}"
    assert judge("build-signed", released_by(PUSH, SIGN, deploy, SHIP)).verdict == "pass"


def test_options_of_an_engine_are_none_of_a_build() -> None:
    files = {"Dockerfile": f"FROM alpine@sha256:{'a' * 64}\n", "Loose": "FROM alpine:3\n"}
    build = f"- run: docker -l debug buildx build -f %s {DATED} -t {IMAGE} ."
    for name, expected in ("Dockerfile", "pass"), ("Loose", "fail"):
        assert judge("build-reproducible", released_by(build % name, SHIP) | files).verdict == expected


def test_another_engine_does_not_push_what_is_built_here() -> None:
    files = {"Dockerfile": f"FROM alpine@sha256:{'a' * 64}\n"}
    build = f"docker build --output type=image,rewrite-timestamp=true --build-arg SOURCE_DATE_EPOCH=1 -t {IMAGE} ."
    for engine, expected in ("", "pass"), ("-H ssh://builder", "fail"):
        step = f"- run: {build} && docker {engine} push {IMAGE}"
        assert judge("build-reproducible", released_by(step, SHIP) | files).verdict == expected
