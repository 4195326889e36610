"""Actions that run a command which they are told, and commands that can do but one thing."""

from __future__ import annotations

import pytest

from releasing import DESCRIBE, PUSH, SHIP, SIGN, job, released_by, repository_of, script, workflow
from trees import judge

WITNESS = "- uses: testifysec/witness-run-action@v0.3.3\n  with: {{step: build, command: {}}}\n"
CARGO = "- uses: actions-rs/cargo@v1.0.3\n  with: {{command: {}, args: {}}}\n"
LOAD = "- run: docker load -i /tmp/images/shop.tar\n"


def verdict(check: str, *steps: str) -> str:
    return judge(check, released_by(*steps)).verdict


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (WITNESS.format("go test ./..."), "pass"),
        (WITNESS.format("'/bin/sh -c \"go test ./...\"'"), "pass"),
        (WITNESS.format("go vet ./..."), "fail"),
        (WITNESS.format("go test ./... || true"), "fail"),
        (CARGO.format("test", "--workspace"), "pass"),
        (CARGO.format("build", "--release"), "fail"),
        (CARGO.format("test", "--no-run"), "fail"),
        (CARGO.format("xtask", "release"), "unknown"),
        (CARGO.format("test", "--workspace").replace("actions-rs/cargo", "clechasseur/rs-cargo"), "pass"),
    ],
)
def test_an_action_may_be_the_command_that_tests(step: str, expected: str) -> None:
    assert verdict("tests-gate-release", step, SHIP) == expected


def test_such_an_action_has_the_words_of_its_inputs_on_every_system() -> None:
    text = workflow(release=job(CARGO.format("test", "--workspace"), SHIP).replace("ubuntu-24.04", "windows-2025"))
    assert judge("tests-gate-release", repository_of(text)).verdict == "pass"


def test_what_it_attests_beside_is_not_followed() -> None:
    assert verdict("build-signed", PUSH, WITNESS.format("go vet ./..."), SHIP) == "unknown"
    assert verdict("sbom-generated", PUSH, WITNESS.format("go vet ./..."), SHIP) == "fail"


@pytest.mark.parametrize("check", ["build-signed", "sbom-generated", "tests-gate-release", "vulnerabilities-gated"])
def test_an_image_that_is_loaded_is_proven_by_nothing(check: str) -> None:
    assert verdict(check, LOAD, "- run: docker push ghcr.io/acme/shop:1.2\n", SHIP) == "fail"


def test_what_is_loaded_may_be_another_image() -> None:
    push = "- run: docker push ghcr.io/acme/shop:1.2\n"
    signed = "- run: cosign sign --yes ghcr.io/acme/shop:1.2\n"
    assert verdict("build-signed", LOAD, push, signed, SHIP) == "fail"
    assert verdict("sbom-generated", LOAD, PUSH, DESCRIBE, SIGN, SHIP) == "fail"  # it is made, and thrown away


def test_a_service_that_is_updated_is_deployed() -> None:
    deploy = "- run: gcloud run services update shop --image=ghcr.io/acme/shop:1.2 --region=europe-west1\n"
    assert verdict("build-signed", PUSH, deploy, SIGN) == "fail"
    assert verdict("build-signed", PUSH, SIGN, deploy) == "pass"


def test_a_tag_that_google_is_told_to_give_moves() -> None:
    built = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
    move = f"- run: gcloud container images add-tag --quiet {built} ghcr.io/acme/shop:latest\n"
    assert verdict("build-signed", PUSH, move, SIGN) == "fail"
    assert verdict("build-signed", PUSH, SIGN, move) == "pass"


def test_an_image_of_the_commit_that_another_run_has_built_may_be_tested() -> None:
    copy = "- run: crane copy ghcr.io/acme/ci/shop:{} ghcr.io/acme/shop:{}\n"
    assert verdict("tests-gate-release", copy.format("${{ github.sha }}", "${{ github.ref_name }}")) == "unknown"
    assert verdict("tests-gate-release", copy.format("nightly", "${{ github.ref_name }}")) == "fail"
    assert verdict("tests-gate-release", PUSH, copy.format("${{ github.sha }}", "latest")) == "fail"


def test_a_tag_that_only_the_run_knows_is_a_tag_where_the_build_has_given_it() -> None:
    version = "- id: version\n  run: ./next.sh >> $GITHUB_OUTPUT\n"
    tag = "${{ steps.version.outputs.tag }}"
    push = PUSH.replace("ghcr.io/acme/shop:1.2", f"ghcr.io/acme/shop:{tag}")
    assert verdict("build-signed", version, push, f"- run: cosign sign --yes ghcr.io/acme/shop:{tag}\n", SHIP) == "fail"
    other = "${{ steps.version.outputs.reference }}"
    sign = f"- run: cosign sign --yes ghcr.io/acme/shop:{other}\n"
    assert verdict("build-signed", version, push, sign, SHIP) == "unknown"


@pytest.mark.parametrize(
    "command",
    [
        "crane edit config ghcr.io/acme/shop:1.2",
        "crane index filter ghcr.io/acme/shop:1.2 --platform linux/amd64 -t ghcr.io/acme/shop:latest",
        "regctl image import ghcr.io/acme/shop:latest shop.tar",
        "regctl index add ghcr.io/acme/shop:1.2 --ref ghcr.io/acme/base:1",
        "oras manifest index create ghcr.io/acme/shop:latest amd64 arm64",
        "buildah commit shop docker://ghcr.io/acme/shop:latest",
        "docker plugin push acme/shop:1.2",
        "docker model push acme/shop:1.2",
        "docker made-up shop",
        "podman image push shop ghcr.io/acme/shop:latest",
        "docker builder build --push -t ghcr.io/acme/web:1.2 .",
    ],
)
def test_a_client_of_registries_may_release_what_nobody_has_signed(command: str) -> None:
    assert verdict("build-signed", PUSH, SIGN, f"- run: {command}\n", SHIP) in {"fail", "unknown"}


@pytest.mark.parametrize(
    "command",
    [
        "docker system prune -af",
        "docker --version",
        "docker plugin install grafana/loki-docker-driver",
        "docker network create shop",
        "docker volume rm shop",
        "docker info",
        "docker compose ps",
        "docker compose logs",
        "docker buildx create --use",
        "docker manifest create ghcr.io/acme/shop:1.2 shop",
        "podman machine start",
        "nerdctl ps -a",
        "buildah unshare",
        "crane ls ghcr.io/acme/shop",
        "crane config --platform=linux/arm64 ghcr.io/acme/shop",
        "crane auth login ghcr.io -u x -p y",
        "crane delete ghcr.io/acme/shop:1.0",
        "regctl registry login ghcr.io",
        "regctl image inspect ghcr.io/acme/shop:1.2",
        "regctl manifest head ghcr.io/acme/shop:1.2",
        "regctl tag ls ghcr.io/acme/shop",
        "regctl image import ocidir://oci/shop:1.2 shop.tar",
        "oras login ghcr.io",
        "oras manifest push --oci-layout out:1.2 manifest.json",
        "oras discover ghcr.io/acme/shop:1.2",
        "oras manifest fetch ghcr.io/acme/shop:1.2",
    ],
)
def test_one_that_is_only_asked_or_tidies_up_releases_nothing(command: str) -> None:
    assert verdict("build-signed", PUSH, SIGN, f"- run: {command}\n", SHIP) == "pass"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("env -S 'pytest -q'", "pass"),
        ("env -S 'A=1 pytest' -q", "pass"),
        ("sudo env -vS 'A=1 python -m pytest'", "pass"),
        ("env -S 'pytest --collect-only'", "fail"),
        ("env -S pytest --collect-only", "fail"),
        ("env -S'PYTEST_ADDOPTS=--co pytest'", "fail"),
        ("env --split-string='pytest --co' tests", "fail"),
        ("env -i -S 'echo pytest'", "fail"),
    ],
)
def test_env_splits_a_text_into_the_command_that_it_runs(before: str, expected: str) -> None:
    assert verdict("tests-gate-release", "- uses: actions/checkout@v7", script(before), SHIP) == expected
    hidden = script(before, "env -S 'gh release create v1'")
    assert verdict("tests-gate-release", "- uses: actions/checkout@v7", hidden) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python -Im pytest", "pass"),
        ("python3 -bbIm pytest -q", "pass"),
        ("python -mpytest", "pass"),
        ("python3.12 -m pytest", "pass"),
        ("pypy3.10 -W error -m pytest", "pass"),
        ("py -3.12 -m pytest", "pass"),
        ("py -m pytest", "pass"),
        ("sudo .venv/bin/python3.13 -Im pytest", "pass"),
        ("python -Im pytest --collect-only", "fail"),
        ("python -Im pip install build", "fail"),
        ("py -3 -m pip install build", "fail"),
        ("python -Ic 'print(1)'", "fail"),
        ("python3.12 -m acme.release", "unknown"),
        ("python -Iim pytest", "unknown"),  # which stays to be asked
        ("python app.py -m pytest", "unknown"),
        ("python -c 'x' -m pytest", "fail"),
        ("pyright -m pytest", "fail"),
        ("py3status -m pytest", "unknown"),
    ],
)
def test_python_by_its_version_and_with_flags_in_one_word(command: str, expected: str) -> None:
    assert verdict("tests-gate-release", f"- run: {command}\n", PUSH, SHIP) == expected


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("bash -eEuxo pipefail {0}", "pass"),
        ("bash -euET {0}", "pass"),
        ("bash -Eux {0}", "fail"),  # which does not end where the tests fail
        ("bash -eEn {0}", "unknown"),
        ("bash -eEi {0}", "unknown"),
    ],
)
def test_a_shell_with_flags_that_change_nothing_is_followed(shell: str, expected: str) -> None:
    step = f"- run: |\n    pytest\n    echo done\n  shell: {shell}\n"
    assert verdict("tests-gate-release", step, PUSH, SHIP) == expected


def test_what_keeps_the_packages_of_python_or_widens_a_page_file_releases_nothing() -> None:
    keeps = "- uses: re-actors/cache-python-deps@v1\n  with: {cache-key-for-dependency-files: a%s}\n"
    widens = "- uses: al-cheb/configure-pagefile-action@v1.5\n  with: {minimum-size: 8GB}\n"
    assert verdict("build-signed", keeps % "", widens, PUSH, SIGN, SHIP) == "pass"
    other = ", cache-directory-lookup-command: acme deliver"
    assert verdict("build-signed", keeps % other, PUSH, SIGN, SHIP) == "unknown"
