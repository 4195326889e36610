"""Images that Compose builds and pushes: as `docker build` and `docker push` would, service by service."""

from __future__ import annotations

import pytest

from releasing import SHIP, released_by, script
from trees import judge

ONE = "services:\n  shop:\n    build: .\n    image: ghcr.io/acme/shop:1\n  db: {image: postgres:16}\n"
TWO = """
services:
  shop:
    build: {context: shop, dockerfile: ci/Dockerfile, target: app, args: {A: "1"}}
    image: "ghcr.io/acme/shop:${TAG:-latest}"
  web:
    profiles: [web]
    build: {context: web}
    image: ghcr.io/acme/web:1
"""
TESTED = "FROM golang AS app\nCOPY . .\nRUN go test ./...\n"
BUILT = "docker compose build && docker compose push"
SIGNED = "cosign sign --yes \"$(docker inspect --format='{{index .RepoDigests 0}}' ghcr.io/acme/shop:1)\""


def verdict(*lines: str, file: str = ONE, check: str = "build-signed", also: dict[str, str] | None = None) -> str:
    """Of a release that runs these lines."""
    files = released_by("- uses: actions/checkout@v4", script(*lines), SHIP)
    said = {
        "compose.yaml": file,
        "Dockerfile": TESTED,
        "shop/ci/Dockerfile": TESTED,
        "web/Dockerfile": "FROM scratch\n",
    }
    return judge(
        check, files | said | {"main.go": "package main\n", "main_test.go": "package main\n"} | (also or {})
    ).verdict


@pytest.mark.parametrize(
    ("built", "tag", "digest"),
    [
        (BUILT, "fail", "pass"),
        ("docker-compose build --pull -q; docker-compose push shop", "fail", "pass"),
        ("docker compose build --push", "fail", "pass"),
        ("docker compose -f compose.yaml build shop && docker push ghcr.io/acme/shop:1", "fail", "pass"),
        ("docker compose build --build-arg A=$A && docker compose --progress plain push", "fail", "pass"),
        ("docker compose --profile web build && docker compose push", "unknown", "unknown"),
        ("docker compose build --ssh default && docker compose push", "unknown", "unknown"),
        ("docker compose build && docker compose push --ignore-push-failures", "unknown", "unknown"),
        ("docker compose build other && docker compose push", "unknown", "unknown"),
        ("docker compose -f $FILE build && docker compose push", "unknown", "unknown"),
        ("export COMPOSE_FILE=other.yaml; docker compose build && docker compose push", "unknown", "unknown"),
    ],
)
def test_what_compose_builds_is_signed_by_its_digest(built: str, tag: str, digest: str) -> None:
    assert verdict(built) == tag
    assert verdict(built, "cosign sign --yes ghcr.io/acme/shop:1") == tag
    assert verdict(built, SIGNED) == digest


def test_each_service_that_is_pushed_is_released() -> None:
    other = "  web: {build: ./web, image: ghcr.io/acme/web:1}\n"
    assert verdict(BUILT, SIGNED, file=ONE + other) == "fail"
    assert verdict("docker compose build && docker compose push shop", SIGNED, file=ONE + other) == "pass"
    assert verdict(BUILT, SIGNED, file=ONE + other.replace("build", "profiles: [w], build")) == "pass"


@pytest.mark.parametrize(
    "file",
    [
        ONE.replace("build: .", "build: {context: ., dockerfile_inline: FROM scratch}"),
        ONE.replace("build: .", "build: {context: ., additional_contexts: {a: ../a}}"),
        ONE.replace("build: .", "build: https://acme.example/shop.git"),
        ONE.replace("build: .", "extends: {file: base.yaml, service: shop}\n    build: ."),
        ONE.replace("    image: ghcr.io/acme/shop:1\n", ""),
        ONE.replace("shop:1", "shop:$$(date)"),
        "include: [base.yaml]\n" + ONE,
        "services: [shop]\n",
    ],
)
def test_what_else_a_file_says_is_not_followed(file: str) -> None:
    assert verdict(BUILT, SIGNED, file=file) == "unknown"


def test_other_files_may_say_more() -> None:
    override = {"compose.override.yaml": "services: {shop: {build: {target: other}}}\n"}
    assert verdict(BUILT, SIGNED, also=override) == "unknown"
    assert verdict(BUILT.replace("compose", "compose -f compose.yaml"), SIGNED, also=override) == "pass"
    assert verdict(BUILT, SIGNED, also={".env": "TAG=1\n"}) == "pass"
    assert verdict(BUILT, SIGNED, file=ONE.replace("shop:1", "shop:$TAG"), also={".env": "TAG=1\n"}) == "unknown"
    assert verdict(f"sed -i s/shop/other/ compose.yaml; {BUILT}", SIGNED) == "unknown"


def test_tests_run_in_the_builds_of_services() -> None:
    assert verdict(BUILT, check="tests-gate-release") == "pass"
    assert verdict(BUILT, file=TWO, check="tests-gate-release") == "pass"
    other = TWO.replace("    profiles: [web]\n", "")
    assert verdict(BUILT, file=other, check="tests-gate-release") == "fail"
    assert verdict("docker compose push", check="tests-gate-release") == "fail"
