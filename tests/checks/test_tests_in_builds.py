"""Tests that run while an image is built: without their success there is no image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from goldenpath.facts.shell import follow
from releasing import PUSH, SHIP, released_by
from trees import judge

if TYPE_CHECKING:
    from goldenpath.facts.shell import Script

BUILD = "FROM golang:1.26 AS build\nCOPY . .\n{}\nFROM scratch\nCOPY --from=build /shop /shop\n"
BY_COMMAND = "- run: docker build -t ghcr.io/acme/shop:1 . && docker push ghcr.io/acme/shop:1"


def verdict(dockerfile: str, *steps: str, **files: str) -> str:
    """Of a release whose image is built by this Dockerfile."""
    return judge(
        "tests-gate-release", released_by(*(steps or (PUSH,)), SHIP) | {"Dockerfile": dockerfile} | files
    ).verdict


TESTS = {
    "a command": "RUN go test ./... && go build -o /shop",
    "the first of two": "RUN go test ./...\nRUN go build -o /shop",
    "with a mount": "RUN --mount=type=cache,target=/root/.cache go test ./...",
    "a list of words": 'RUN ["go", "test", "./..."]',
    "a here-document": "RUN <<EOF\nset -e\ngo test ./...\ngo build -o /shop\nEOF",
    "behind another program": "RUN uv run pytest",
    "a build that tests": "RUN mvn -B package",
    "a variable that tells other things": 'ENV GOFLAGS="-mod=vendor -trimpath" X=1\nRUN go test ./...',
    "as they were written once": "ENV GOFLAGS -mod=vendor\nRUN go test ./...",
    "under pipefail": 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN go test ./... | tee out',
}
NONE = {
    "nothing tests": "RUN go build -o /shop",
    "told not to": "RUN mvn -B package -DskipTests",
    "forgiven": "RUN go test ./... || true",
    "followed by another command": "RUN go test ./...; go build -o /shop",
    "in a pipe": "RUN go test ./... | tee out",
    "a comment": "# RUN go test ./...\nRUN go build -o /shop",
    "for those who build on it": "ONBUILD RUN go test ./...",
    "a package called so": "RUN pnpm --allow-build=@prisma/engines add dotenv npm-run-all",
    "said": "RUN echo go test ./...",
}
PERHAPS = {
    "asked for": 'ARG TESTS\nRUN if [ -n "$TESTS" ]; then go test ./...; fi',
    "a target of make": "RUN make test",
    "a script of a package": "RUN npm ci && npm test",
    "a variable of the program": "ARG MAVEN_ARGS\nRUN mvn package",
    "a variable that tells it to run none": "ENV GOFLAGS=-count=0\nRUN go test ./...",
    "the same as it was written once": "ENV GOFLAGS -mod=vendor -count=0\nRUN go test ./...",
    "a variable of variables": "ENV GOFLAGS=$MORE\nRUN go test ./...",
    "a default": "ARG GOFLAGS=-mod=vendor\nRUN go test ./...",
    "what Gradle's scripts may turn off": "RUN gradle test",
}


@pytest.mark.parametrize("run", TESTS.values(), ids=TESTS)
def test_tests_of_a_dockerfile_gate_what_is_made_of_its_image(run: str) -> None:
    assert verdict(BUILD.format(run)) == "pass"
    assert verdict(BUILD.format(run), BY_COMMAND) == "pass"


@pytest.mark.parametrize("run", NONE.values(), ids=NONE)
def test_what_cannot_fail_the_build_is_no_test(run: str) -> None:
    assert verdict(BUILD.format(run)) == "fail"


@pytest.mark.parametrize("run", PERHAPS.values(), ids=PERHAPS)
def test_what_a_build_decides_is_not_known(run: str) -> None:
    assert verdict(BUILD.format(run)) == "unknown"


def test_a_stage_that_nothing_needs_is_left_out() -> None:
    dockerfile = "FROM golang:1.26 AS build\nRUN go build -o /shop\n{}FROM scratch\nCOPY --from={} /shop /shop\n"
    stage = "FROM build AS test\nRUN go test ./...\n"
    assert verdict(dockerfile.format(stage, "build")) == "fail"
    assert verdict(dockerfile.format(stage, "test")) == "pass"
    of_target = "- run: docker build --target test ."
    assert verdict(dockerfile.format(stage, "build"), of_target, PUSH) == "pass"
    assert verdict(dockerfile.format(stage, "build"), f"{of_target} || true", PUSH) == "fail"
    action = f"{PUSH}".replace("push: true", "target: test").replace("id: push", "id: test")
    assert verdict(dockerfile.format(stage, "build"), action, PUSH) == "pass"


def test_which_dockerfile_it_is_only_a_run_may_know() -> None:
    named = PUSH.replace("push: true", 'push: true, file: "${{ vars.FILE }}"')
    assert verdict(BUILD.format("RUN go test ./..."), named) == "unknown"
    assert verdict(BUILD.format("RUN go build -o /shop"), named) == "fail"


def test_a_build_after_the_release_tests_it_too_late() -> None:
    steps = released_by(SHIP, PUSH) | {"Dockerfile": BUILD.format("RUN go test ./...")}
    assert judge("tests-gate-release", steps).verdict == "fail"


def test_a_dockerfile_is_followed_once_for_all_builds_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    followed = []

    def following(*given: Any) -> Script:
        followed.append(given)
        return follow(*given)

    monkeypatch.setattr("goldenpath.facts.image_runs.follow", following)
    builds = [PUSH.replace("shop", f"shop{number}").replace("id: push", f"id: p{number}") for number in range(5)]
    assert verdict(BUILD.format("RUN go build -o /shop"), *builds) == "fail"
    assert len(followed) == 1


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("sed -i s/deny/allow/ main.go", "unknown"),
        ("sed -i s/deny/allow/ ./cmd/main.go; go build", "unknown"),
        ("perl -pi -e s/deny/allow/ main.go", "unknown"),
        ("git apply allow.patch", "unknown"),
        ("patch -p1 -i allow.patch && go build", "unknown"),
        ("sed -i s/0.0.0-version/$VERSION/ main.go", "pass"),
        ("sed -i s/deny/allow/ /etc/apt/sources.list", "pass"),
        ("sed -i s/deny/allow/ other.go", "pass"),
        ("sed s/deny/allow/ main.go", "pass"),
        ("git clone https://acme.example/dep && cd dep && git apply /allow.patch", "pass"),
        ("curl -O https://acme.example/dep.tgz && tar xf dep.tgz && patch -p1 -i dep.patch", "pass"),
        ("git apply --check allow.patch", "pass"),
    ],
)
def test_sources_that_the_build_of_an_image_changes_are_not_those_that_were_tested(run: str, expected: str) -> None:
    dockerfile = BUILD.format(f"RUN {run}")
    assert verdict(dockerfile, "- run: pytest", PUSH, **{"main.go": "package main\n"}) == expected
    inside = dockerfile.replace("FROM scratch", "RUN go test ./...\nFROM scratch")
    assert verdict(inside, PUSH, **{"main.go": "package main\n", "main_test.go": "package main\n"}) == "pass"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("RUN rm -rf tests && pytest", "unknown"),
        ("RUN rm tests/test_shop.py\nRUN pytest", "unknown"),
        ("WORKDIR /app\nRUN rm -rf /app/tests/*\nRUN pytest", "unknown"),
        ("RUN cd tests && rm test_shop.py\nRUN pytest", "unknown"),
        ("RUN rm shop/cart.py\nRUN pytest", "unknown"),
        ("RUN rm -rf tests\nCOPY docs docs\nRUN pytest", "unknown"),
        ("RUN pytest\nRUN rm -rf tests", "pass"),
        ("RUN rm -rf shop\nCOPY . .\nRUN pytest", "pass"),
        ("RUN rm -rf tests\nCOPY tests ./tests\nRUN pytest", "pass"),
        ("RUN rm -rf /var/lib/apt/lists/* /usr/lib/python3/tests\nRUN pytest", "pass"),
        ("RUN rm -rf build .git docs\nRUN pytest", "pass"),
    ],
)
def test_tests_of_what_a_build_has_removed_before_are_not_seen(lines: str, expected: str) -> None:
    files = {"tests/test_shop.py": "", "shop/cart.py": "", "docs/conf.py": ""}
    assert verdict(f"FROM python:3.13\nCOPY . .\n{lines}\n", **files) == expected
