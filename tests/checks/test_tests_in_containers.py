"""Tests that run in a container of an image that the release has built: they are of what stands in it."""

from __future__ import annotations

import pytest

from releasing import SHIP, job, released_by, repository_of, script, workflow
from trees import judge

DOCKERFILE = "FROM python:3.13\nCOPY . .\n"
CHECKOUT = "- uses: actions/checkout@v7"
LOADED = "- uses: docker/build-push-action@v6\n  with: {load: true, tags: 'acme/it'}"
FILES = {"Dockerfile": DOCKERFILE, "package.json": '{"scripts": {"test": "vitest run"}}'}


def verdict(*steps: str, **files: str) -> str:
    return judge("tests-gate-release", released_by(CHECKOUT, *steps, SHIP) | FILES | files).verdict


def in_another_job(tag: str, run: str) -> str:
    """Of a release that waits for a job which runs something in the image of the one before it."""
    push = f"- uses: docker/build-push-action@v6\n  id: push\n  with: {{push: true, context: ., tags: '{tag}'}}"
    build = job(CHECKOUT, push, outputs="{digest: '${{ steps.push.outputs.digest }}'}")
    jobs = {"build": build, "test": job(f"- run: {run}", needs="build"), "release": job(SHIP, needs="test")}
    return judge("tests-gate-release", repository_of(workflow(**jobs)) | FILES).verdict


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("docker run --rm acme/it pytest", "pass"),
        ("docker run -e CI=1 acme/it python -m pytest -q", "pass"),
        ("docker run --entrypoint pytest acme/it -q", "pass"),
        ("docker run --security-opt seccomp=unconfined --sysctl net.ipv4.ip_forward=1 acme/it pytest", "pass"),
        ("docker run --cap-drop ALL --gpus all --memory-swap 2g --ipc host acme/it pytest", "pass"),
        ("docker run --cap-drop ALL --gpus all acme/it python -m shop", "fail"),
        ("docker run acme/it sh -c 'pytest && echo tested'", "pass"),
        ("docker run acme/it npm test", "pass"),
        ("docker run acme/it node --test", "pass"),
        ("docker run acme/it python -m unittest discover", "pass"),
        ("docker run acme/it bash -c 'pytest; echo tested'", "fail"),
        ("docker run acme/it pytest || true", "fail"),
        ("docker run acme/it pytest --collect-only", "fail"),
        ("docker run acme/it python -m shop", "fail"),
        ("docker run -d acme/it pytest", "fail"),
        ("docker run acme/it ./test.sh", "unknown"),
        ("docker run -e PYTEST_ADDOPTS=--co acme/it pytest", "unknown"),
    ],
)
def test_what_a_container_runs_of_an_image_that_was_just_built(run: str, expected: str) -> None:
    assert verdict(LOADED, f"- run: {run}") == expected
    assert verdict(f"- run: docker build -t acme/it . && {run}") == expected


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("run: docker build --target test .", "pass"),
        ("run: docker build --target test --call=build .", "pass"),
        ("run: docker build --target test --check .", "fail"),
        ("run: docker buildx build --target test --call=outline .", "fail"),
        ("run: docker buildx bake test", "pass"),
        ("run: docker buildx bake test --print", "fail"),
        ("run: docker buildx bake test --list type=targets", "fail"),
        ("run: docker buildx bake test --call check", "fail"),
        ("uses: docker/build-push-action@v6\n  with: {context: ., target: test}", "pass"),
        ("uses: docker/build-push-action@v6\n  with: {context: ., target: test, call: check}", "fail"),
        ("uses: docker/bake-action@v7\n  with: {source: ., targets: test}", "pass"),
        ("uses: docker/bake-action@v7\n  with: {source: ., targets: test, call: check}", "fail"),
    ],
)
def test_what_only_looks_at_a_dockerfile_builds_and_tests_nothing(build: str, expected: str) -> None:
    files = {
        "Dockerfile": "FROM python:3.13 AS test\nCOPY . .\nRUN pytest\n",
        "docker-bake.hcl": 'target "test" { target = "test" }\n',
    }
    assert verdict(f"- {build}", **files) == expected


@pytest.mark.parametrize(
    ("dockerfile", "run", "expected"),
    [
        (f'{DOCKERFILE}CMD ["pytest", "-q"]\n', "docker run acme/it", "pass"),
        (f'{DOCKERFILE}ENTRYPOINT ["pytest"]\nCMD ["-q"]\n', "docker run acme/it", "pass"),
        (f'{DOCKERFILE}ENTRYPOINT ["pytest"]\nCMD ["--co"]\n', "docker run acme/it", "fail"),
        (f'{DOCKERFILE}CMD ["shop"]\n', "docker run acme/it", "fail"),
        (f'{DOCKERFILE}ENTRYPOINT ["python"]\n', "docker run acme/it pytest", "unknown"),
        (f"{DOCKERFILE}ENV PYTEST_ADDOPTS=--co\n", "docker run acme/it pytest", "unknown"),
    ],
)
def test_what_its_dockerfile_says_of_it(dockerfile: str, run: str, expected: str) -> None:
    assert verdict(LOADED, f"- run: {run}", Dockerfile=dockerfile) == expected


def test_what_is_called_a_test_and_not_followed() -> None:
    build = "- run: docker build -t shop:test ."
    assert verdict(build, "- run: docker run shop:test") == "unknown"
    assert verdict(build.replace(" .", " $FOLDER"), "- run: docker run shop:test") == "unknown"


def test_an_image_of_another_job_is_known_by_its_digest_or_its_commit() -> None:
    sha = "${{ github.sha }}"
    assert in_another_job(f"acme/shop:{sha}", f"docker run acme/shop:{sha} pytest") == "pass"
    assert in_another_job("acme/shop:1", "docker run acme/shop@${{ needs.build.outputs.digest }} pytest") == "pass"
    assert in_another_job("acme/shop:1", "docker run acme/shop:1 pytest") == "unknown"


def test_an_image_of_another_folder_is_another_service() -> None:
    push = "- uses: docker/build-push-action@v6\n  with: {push: true, context: shop, tags: 'ghcr.io/acme/shop:1'}"
    of_shop, of_stock = (f"- run: docker build -t it {each} && docker run it pytest" for each in ("shop", "stock"))
    files = {"shop/Dockerfile": DOCKERFILE, "stock/Dockerfile": DOCKERFILE}
    assert verdict(of_shop, push, **files) == "pass"
    assert verdict(of_stock, push, **files) == "unknown"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--rm", "pass"),
        ("-it --rm", "pass"),
        ("-d", "fail"),
        ("-dit --rm", "fail"),
        ("--detach --name tests", "fail"),
        ("--detach=true", "fail"),
        ("-d=true", "fail"),
        ("--detach=false", "pass"),
    ],
)
def test_nobody_waits_for_tests_in_a_container_in_the_background(options: str, expected: str) -> None:
    assert verdict(f'- run: docker run {options} -v "$PWD:/src" -w /src node:22 npm test') == expected
    assert verdict(LOADED, f"- run: docker run {options} acme/it pytest") == expected


BESIDE = "docker run -d --name tests acme/it pytest"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((BESIDE, "docker logs -f tests", "exit $(docker wait tests)"), "pass"),
        ((BESIDE, 'exit "$(docker container wait tests)"'), "pass"),
        ((BESIDE, "code=$(docker wait tests)", "docker rm tests", "exit $code"), "pass"),
        ((BESIDE, '[ "$(docker wait tests)" = 0 ]'), "pass"),
        ((BESIDE, 'if [ "$(docker wait tests)" != "0" ]; then', "  docker logs tests", "  exit 1", "fi"), "pass"),
        (("id=$(docker run --detach acme/it pytest)", 'exit "$(docker wait "$id")"'), "pass"),
        (('docker run -dt --name=tests -v "$PWD:/w" -w /w node:22 npm test', "exit $(docker wait tests)"), "pass"),
        (('id=$(docker run -d -v "$PWD:/w" -w /w node:22 npm test)', "exit $(docker wait $id)"), "pass"),
        ((BESIDE, "docker wait tests"), "fail"),
        ((BESIDE, "echo $(docker wait tests)"), "fail"),
        ((BESIDE, "exit $(docker wait tests) || true"), "pass"),
        ((BESIDE, "docker wait tests > code", "exit 0"), "fail"),
        ((BESIDE, "[ $(docker wait tests) = 1 ]"), "fail"),
        ((BESIDE.replace("pytest", "shop"), "exit $(docker wait tests)"), "fail"),
        ((BESIDE, "docker run -d --name shop acme/it shop", "exit $(docker wait shop)"), "fail"),
        (("if false; then", BESIDE, "fi", "exit $(docker wait tests)"), "unknown"),
    ],
)
def test_who_asks_how_a_container_has_ended_waits_for_its_tests(lines: tuple[str, ...], expected: str) -> None:
    assert verdict(LOADED, script(*lines)) == expected


def test_a_container_of_another_step_may_run_tests() -> None:
    asks = script("exit $(docker wait tests)")
    assert verdict(LOADED, script(BESIDE), asks) == "unknown"
    assert verdict(LOADED, script(BESIDE), script("docker wait tests")) == "fail"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("RUN rm -rf tests\n", "unknown"),
        ("RUN rm shop/cart.py\n", "unknown"),
        ("RUN rm -rf shop\nCOPY . .\n", "pass"),
        ("RUN rm -rf /var/lib/apt/lists/* build\n", "pass"),
    ],
)
def test_tests_in_an_image_that_lacks_some_of_the_code_are_not_seen(lines: str, expected: str) -> None:
    files = {"Dockerfile": DOCKERFILE + lines, "tests/test_shop.py": "", "shop/cart.py": ""}
    assert verdict(LOADED, "- run: docker run --rm acme/it pytest", **files) == expected
