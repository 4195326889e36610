"""What `goldenpath adopt` tells a repository that releases already: lines to paste, which the checks then accept."""

from __future__ import annotations

import re
from datetime import date
from textwrap import dedent

import pytest

from goldenpath.adoption.signing import CHECKS, Signing, signing
from goldenpath.contract import named
from goldenpath.facts import Facts
from trees import judge, repository

NAMES = {"name": "shop", "owner": "payments"}
BUILD = """
    on:
      push:
        tags: ["v*"]
    jobs:
      release:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v7
          - uses: docker/build-push-action@v7
            with:
              push: true
              tags: ghcr.io/acme/shop:${{ github.ref_name }}

          # Tell everybody.
          - run: gh release create "$GITHUB_REF_NAME" --generate-notes
    """
PUSH = """
    on:
      push:
        branches: [main]
    permissions:
      contents: read
    jobs:
      image:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v7
          - name: Build and push
            run: |
              docker build -t acme/shop:latest .
              docker push acme/shop:latest
    """
GORELEASER = """
    on:
      push:
        tags: ["v*"]
    jobs:
      release:
        permissions:
          contents: write
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v7
          - uses: goreleaser/goreleaser-action@v7
            with: {version: "~> v2", args: release --clean}
    """


def lacking(files: dict[str, str | bytes | None]) -> Signing:
    tree, contract = repository(files), named("standard")
    found = signing(tree, Facts(tree, None, contract.knowledge), contract, date(2026, 11, 26), NAMES, frozenset(CHECKS))
    assert found
    return found


def pasted(text: str, found: Signing, path: str) -> str:
    """A file as somebody would have it who pastes the lines, one after the other, from the last to the first."""
    lines = dedent(text).lstrip("\n").splitlines()
    for each in reversed([each for each in found.additions if each.place.path == path]):
        lines[each.place.line : each.place.line] = each.lines
    return "\n".join(lines) + "\n"


RELEASES = {
    "a build step without an id, in a job without permissions": (BUILD, {"id", "permissions", "sign"}),
    "a build step with an id": (
        BUILD.replace("        with:", "        id: push\n            with:"),
        {"permissions", "sign"},
    ),
    "permissions at the job": (
        BUILD.replace("runs-on", "permissions:\n          contents: write\n        runs-on"),
        {"id", "permissions", "sign"},
    ),
    "a push by docker": (PUSH, {"permissions", "sign"}),
    "programs that are there already": (
        PUSH.replace("- name: Build", "- uses: sigstore/cosign-installer@v4\n          - name: Build"),
        {"permissions", "sign"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("workflow", "kinds"), RELEASES.values(), ids=RELEASES.keys())
def test_the_lines_make_the_checks_pass(workflow: str, kinds: set[str]) -> None:
    path = ".github/workflows/publish.yml"
    files: dict[str, str | bytes | None] = {path: workflow, "Dockerfile": "FROM scratch\nCOPY . /\n"}
    assert judge("build-signed", files).verdict == "fail"
    found = lacking(files)
    after = files | {path: pasted(workflow, found, path)}

    what = {"id": "name the step", "permissions": "allow the job", "sign": "sign by the digest"}
    assert {kind for kind, text in what.items() for each in found.additions if each.what.startswith(text)} == kinds
    assert {each.verdict for each in found.results} == {"pass"}
    assert [judge(check, after).verdict for check in CHECKS] == ["pass", "pass"]
    assert not re.search(r"uses: \S+@v\d", "\n".join(line for each in found.additions for line in each.lines))


WHEELS = """
    on:
      push:
        tags: ["v*"]
    jobs:
      release:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v7
          - run: uv build
          - run: gh release create "$GITHUB_REF_NAME" dist/*
    """
PROJECT = "[build-system]\nbuild-backend = 'b'\n[project]\nname = 'shop'\n"
PROGRAM = WHEELS.replace("uv build", "go build -o dist/shop .")
FILES = {
    "wheels": (WHEELS, "pyproject.toml", PROJECT, "dir:installed"),
    "programs": (PROGRAM, "go.mod", "module shop\n", "dir:dist"),
    "one of them": (PROGRAM.replace("dist/*", "dist/shop"), "go.mod", "module shop\n", "dir:dist"),
}


@pytest.mark.parametrize(("workflow", "manifest", "content", "described"), FILES.values(), ids=FILES.keys())
def test_files_are_attested_and_described(workflow: str, manifest: str, content: str, described: str) -> None:
    path = ".github/workflows/publish.yml"
    files: dict[str, str | bytes | None] = {path: workflow, manifest: content}
    found = lacking(files)
    after = files | {path: pasted(workflow, found, path)}

    assert any(f"syft scan {described} " in line for each in found.additions for line in each.lines)
    assert [judge(check, after).verdict for check in CHECKS] == ["pass", "pass"]


def test_a_step_that_does_not_always_push_is_not_always_signed() -> None:
    found = lacking(
        {".github/workflows/x.yml": BUILD.replace("push: true", "push: ${{ github.event_name == 'push' }}")}
    )
    lines = [line for each in found.additions for line in each.lines]

    steps = [number for number, line in enumerate(lines) if line.startswith("      - ")]
    assert steps
    assert {lines[number + 1] for number in steps} == {"        if: ${{ github.event_name == 'push' }}"}


def test_nothing_that_the_job_has_is_brought_again() -> None:
    workflow = PUSH.replace("- name: Build", "- uses: sigstore/cosign-installer@v4\n          - name: Build")
    found = lacking({".github/workflows/x.yml": workflow})

    assert not any("cosign-installer" in line for each in found.additions for line in each.lines)


def test_goreleaser_signs_by_its_own_configuration() -> None:
    config = "version: 2\nbuilds:\n  - main: ./cmd/shop\n"
    found = lacking({".github/workflows/x.yml": GORELEASER, ".goreleaser.yaml": config})

    assert [each.place.path for each in found.additions] == [
        ".github/workflows/x.yml", ".github/workflows/x.yml", ".goreleaser.yaml",
    ]  # fmt: skip
    assert {each.verdict for each in found.results} == {"pass"}


def test_what_stays_out_of_sight_is_said() -> None:
    found = lacking(
        {".github/workflows/x.yml": BUILD.replace("          # Tell", "          - run: ./publish\n          # Tell")}
    )

    assert {each.verdict for each in found.results} == {"unknown"}


def test_a_style_that_takes_no_lines_gets_none() -> None:
    steps = "[{uses: docker/build-push-action@v7, with: {push: true, tags: ghcr.io/acme/shop:1}}]"
    workflow = f"on: {{push: {{tags: ['v*']}}}}\njobs: {{release: {{runs-on: x, steps: {steps}}}}}\n"
    tree, contract = repository({".github/workflows/x.yml": workflow}), named("standard")
    facts = Facts(tree, None, contract.knowledge)

    assert signing(tree, facts, contract, date(2026, 11, 26), NAMES, frozenset(CHECKS)) is None


# ---- what is pushed elsewhere than in a step


CALLS = """
    on:
      push:
        tags: ["v*"]
    jobs:
      image:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v7
          - run: make image
    """
BY_BUILDX = PUSH.replace(
    "docker build -t acme/shop:latest .\n              docker push acme/shop:latest",
    "docker buildx build \\\n                --push -t acme/shop:1 -t ghcr.io/acme/shop:1 \\\n                .",
)
TWICE = BUILD.replace("${{ github.ref_name }}", "1,acme/shop:1").replace(
    "          # Tell",
    "          - uses: docker/build-push-action@v7\n"
    "            with: {push: true, tags: acme/shop:debug}\n\n          # Tell",
)
IN_ENVIRONMENT = BUILD.replace(
    "      - uses: docker/build",
    '      - run: echo "IMAGE=ghcr.io/$GITHUB_REPOSITORY" >> "$GITHUB_ENV"\n          - uses: docker/build',
).replace("tags: ghcr.io/acme/shop:", "tags: ${{ env.IMAGE }}:")
GITLAB = """
    build:
      image: docker:28
      services: [docker:28-dind]
      rules:
        - if: $CI_COMMIT_TAG
      script:
        - docker build -t "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG" .
        - docker push "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG"
    """
WORKFLOW, PIPELINE = ".github/workflows/publish.yml", ".gitlab-ci.yml"
ELSEWHERE = {
    "in a target of make": {
        WORKFLOW: CALLS, "Makefile": "image:\n\tdocker build -t acme/shop:1 .\n\tdocker push acme/shop:1\n",
    },
    "in a script": {
        WORKFLOW: CALLS.replace("make image", "./push.sh"),
        "push.sh": '#!/bin/sh\nset -eu\nIMAGE=acme/shop:1\ndocker build -t "$IMAGE" .\ndocker push "$IMAGE"\n',
    },
    "by a step of one line, under a name of the job's": {
        WORKFLOW: CALLS.replace("    steps:", "    env: {IMAGE: acme/shop}\n        steps:").replace(
            "- run: make image", '- run: docker build -t "$IMAGE:1" .\n          - run: docker push "$IMAGE:1"'
        ),
    },
    "under a name that only its step knows": {
        WORKFLOW: PUSH.replace("docker build", 'IMAGE=acme/shop:latest\n              docker build').replace(
            "docker push acme/shop:latest", 'docker push "$IMAGE"'
        ),
    },
    "by a build of several lines": {WORKFLOW: BY_BUILDX},
    "under several names, twice in one job": {
        WORKFLOW: TWICE,
    },
    "under a name that only the job knows": {WORKFLOW: IN_ENVIRONMENT},
    "by a job of GitLab": {PIPELINE: GITLAB},
    "by a block of a job of GitLab": {
        PIPELINE: GITLAB.replace(
            '    - docker push "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG"',
            '    - |\n          docker push "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG"\n          echo done',
        ),
    },
}  # fmt: skip


@pytest.mark.parametrize("files", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_push_is_signed_where_it_stands(files: dict[str, str]) -> None:
    before: dict[str, str | bytes | None] = {**files, "Dockerfile": "FROM scratch\nCOPY . /\n"}
    found = lacking(before)
    after = before | {path: pasted(text, found, path) for path, text in files.items()}

    assert judge("build-signed", before).verdict == "fail"
    assert [judge(check, after).verdict for check in CHECKS] == ["pass", "pass"], found.additions


CONFIGURED = "version: 2\nbuilds:\n  - main: ./cmd/shop\nrelease:\n  name_template: shop\n"
BY_GPG = "signs:\n  - artifacts: checksum\n    args: [--detach-sign, '${artifact}']\n"
OF_GORELEASER = {
    "whose release has a section of its own": (".goreleaser.yaml", CONFIGURED),
    "of programs as they are": (".goreleaser.yaml", CONFIGURED + "archives:\n  - formats: [binary]\n"),
    "in a folder": (".config/goreleaser.yaml", CONFIGURED),
    "that signs with GPG": (".goreleaser.yaml", CONFIGURED + BY_GPG),
}


@pytest.mark.parametrize(("path", "config"), OF_GORELEASER.values(), ids=OF_GORELEASER.keys())
def test_a_configuration_of_goreleaser_is_completed(path: str, config: str) -> None:
    files: dict[str, str | bytes | None] = {WORKFLOW: GORELEASER, path: config}
    found = lacking(files)
    after = files | {WORKFLOW: pasted(GORELEASER, found, WORKFLOW), path: pasted(config, found, path)}

    assert [judge(check, after).verdict for check in CHECKS] == ["pass", "pass"], found.additions


def test_what_no_line_can_do_is_said() -> None:
    config = CONFIGURED + "dockers:\n  - image_templates: [acme/shop:1]\n"
    found = lacking({WORKFLOW: GORELEASER, ".goreleaser.yaml": config})

    assert {each.id: each.verdict for each in found.results} == {"build-signed": "pass", "sbom-generated": "fail"}
    assert "move `dockers` and `docker_manifests` there" in found.advice
