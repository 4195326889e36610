"""Images that ko builds: the same again where their base is pinned, and the Go that builds them."""

from __future__ import annotations

import pytest

from releasing import SHIP, job, released_by, repository_of, script, workflow
from trees import judge

PINNED = f"cgr.dev/chainguard/static@sha256:{'a' * 64}"
SETUP = "- uses: actions/setup-go@v6\n  with: {go-version: 1.26.7}\n"
MODULE = "module github.com/Acme/shop\n\ngo 1.26.7\n"


def built(config: str | None, command: str = "ko build --bare ./cmd/shop", setup: str = SETUP, **env: str) -> str:
    step = f"- run: {command}\n  env: {{KO_DOCKER_REPO: ghcr.io/acme/shop, {', '.join(map(': '.join, env.items()))}}}\n"
    files: dict[str, str | bytes | None] = {"go.mod": MODULE, "conf/ko.yaml": f"defaultBaseImage: {PINNED}\n"}
    if config is not None:
        files[".ko.yaml"] = config
    return judge("build-reproducible", released_by(setup, step, SHIP) | files).verdict


OVERRIDE = "baseImageOverrides:\n  github.com/Acme/shop/cmd/{}: {}\n"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (f"defaultBaseImage: {PINNED}\n", "pass"),
        (f"defaultbaseimage: {PINNED}\n", "pass"),  # which asks for no capitals
        ("defaultBaseImage: cgr.dev/chainguard/static:latest\n", "fail"),
        (None, "fail"),
        ("defaultPlatforms: [linux/amd64]\n", "fail"),
        (OVERRIDE.format("shop", PINNED), "pass"),
        (OVERRIDE.format("other", PINNED), "fail"),
        (f"defaultBaseImage: {PINNED}\n" + OVERRIDE.format("shop", "alpine:3"), "fail"),
        (f"defaultBaseImage: {PINNED}\n" + OVERRIDE.format("other", "alpine:3"), "pass"),
        (f"defaultBaseImage: {PINNED}\ndefaultLdflags: ['-X main.date={{{{.Date}}}}']\n", "fail"),
        (f"defaultBaseImage: {PINNED}\ndefaultLdflags: ['-X main.date={{{{.Git.CommitDate}}}}']\n", "pass"),
        (
            f"defaultBaseImage: {PINNED}\nbuilds: [{{main: ./cmd/shop, ldflags: ['-X a={{{{.Env.NOW}}}}']}}]\n",
            "unknown",
        ),
        (f"defaultBaseImage: {PINNED}\ndefaultFlags: [-v]\n", "unknown"),
        ("- a list\n", "unknown"),
    ],
)
def test_the_base_of_an_image(config: str | None, expected: str) -> None:
    assert built(config) == expected


def test_variables_go_before_the_file() -> None:
    loose = "defaultBaseImage: alpine:3\n"
    assert built(loose, KO_DEFAULTBASEIMAGE=PINNED) == "pass"
    assert built(f"defaultBaseImage: {PINNED}\n", KO_DEFAULTBASEIMAGE="alpine:3") == "fail"
    assert built(loose, f"KO_DEFAULTBASEIMAGE={PINNED} ko build --bare ./cmd/shop") == "pass"
    assert built(loose, KO_CONFIG_PATH="conf/ko.yaml") == "pass"
    assert built(loose, KO_CONFIG_PATH="${{ vars.CONFIG }}") == "unknown"


def test_which_programs_are_built_may_be_left_open() -> None:
    loose = OVERRIDE.format("shop", PINNED)
    for command in "ko build --bare ./cmd/...", "ko resolve -f k8s/":
        assert built(f"defaultBaseImage: {PINNED}\n", command) == "pass"
        assert built(None, command) == "fail"
        assert built(loose, command) == "unknown"


def test_what_else_an_image_of_ko_is_made_of() -> None:
    config = f"defaultBaseImage: {PINNED}\n"
    assert built(config, setup="- run: 'true'\n") == "fail"
    assert built(config, SOURCE_DATE_EPOCH="'1700000000'") == "pass"
    assert built(config, "export SOURCE_DATE_EPOCH=$(date +%s); ko build --bare ./cmd/shop") == "fail"
    for option in "--image-label created=", "--image-annotation created=", "--ldflags=-X=main.date=":
        assert built(config, f"ko build --bare {option}$(date +%s) ./cmd/shop") == "fail"
    assert built(config, "ko build --bare -t $(date +%s) ./cmd/shop") == "pass"
    assert built(config, "echo defaultBaseImage: alpine >.ko.yaml; ko build --bare ./cmd/shop") == "unknown"


def test_a_target_of_a_makefile_builds_with_the_go_of_its_job() -> None:
    step = "- run: make images\n  env: {KO_DOCKER_REPO: ghcr.io/acme/shop}\n"
    files = {"go.mod": MODULE, ".ko.yaml": f"defaultBaseImage: {PINNED}\n"}
    files["Makefile"] = "images:\n\tko build --bare ./cmd/shop\n"
    for setup, expected in (SETUP, "pass"), ("- run: 'true'\n", "fail"):
        assert judge("build-reproducible", released_by(setup, step, SHIP) | files).verdict == expected


def test_what_is_tried_in_a_cluster_of_the_job_is_no_release() -> None:
    def verdict(registry: str, command: str = "ko apply -f config/") -> str:
        cluster = "- uses: chainguard-dev/actions/setup-kind@v1\n"
        step = f"- run: {command}\n  env: {{KO_DOCKER_REPO: '{registry}'}}\n"
        tried = workflow("[push]", verify=job(cluster, step, permissions="{contents: read}"))
        released = workflow("{push: {branches: [main]}}", release=job("- run: go test ./...", SHIP))
        files = repository_of(released) | {".github/workflows/tries.yml": tried}
        files["Makefile"] = "KO ?= ghcr.io/acme/shop\nexport KO_DOCKER_REPO=$(KO)\nko:\n\tko apply -f config/\n"
        return judge("tests-gate-release", files).verdict

    for registry in "registry.local:5000/shop", "kind.local", "localhost:5000":
        assert verdict(registry) == "pass"
        assert verdict(registry, "ko resolve -f config/ | kubectl apply -f -") == "pass"
        assert verdict("", f"KO={registry} make ko") == "pass"
    assert verdict("ghcr.io/acme/shop") == "fail"
    assert verdict("", "make ko") == "fail"


def test_ko_is_installed_by_the_module_that_it_has_kept() -> None:
    lines = ("%s", "IMAGE=$(ko build --bare ./cmd/shop)", 'cosign sign --yes "$IMAGE"')
    for command, expected in (
        ("go install github.com/google/ko@v0.17.1", "pass"),
        ("go install github.com/ko-build/ko@v0.17.1", "pass"),
        ("go install github.com/acme/ko@v0.17.1", "unknown"),
    ):
        steps = (script(*lines) % command, SHIP)
        assert judge("build-signed", released_by(*steps, env="{KO_DOCKER_REPO: ghcr.io/acme/shop}")).verdict == expected
