"""Patterns after `!`, by which an action that attests files, or stores them, leaves out some of the others'."""

from __future__ import annotations

import pytest

from releasing import job, released_by, repository_of, script, workflow
from trees import judge

BUILD = script("go build -o dist/shop ./cmd/shop", "go build -o dist/tool ./cmd/tool")
SHIP = script('gh release create "$GITHUB_REF_NAME" {}')


def attest(*patterns: str) -> str:
    lines = "".join(f"      {each}\n" for each in patterns)
    return f"- uses: actions/attest-build-provenance@v3\n  with:\n    subject-path: |\n{lines}"


@pytest.mark.parametrize(
    ("build", "patterns", "shipped", "expected"),
    [
        (BUILD, ["dist/*"], "dist/*", "pass"),
        (BUILD, ["dist/*", "!dist/tool"], "dist/*", "fail"),
        (BUILD, ["dist/*", "!dist/t*"], "dist/*", "fail"),
        (BUILD, ["dist/*", "!dist/tool"], "dist/shop", "pass"),
        (BUILD, ["dist/*", "!dist/*.txt"], "dist/*", "pass"),
        (BUILD, ["dist/*", "!dist/**"], "dist/*", "fail"),
        (script("python -m build"), ["dist/*", "!dist/*.whl"], "dist/*", "unknown"),
    ],
)
def test_what_an_attestation_leaves_out_is_not_attested(
    build: str, patterns: list[str], shipped: str, expected: str
) -> None:
    files = released_by(build, attest(*patterns), SHIP.format(shipped))
    assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize(("left_out", "expected"), [("*.txt", "pass"), ("sbom.json", "fail"), ("*.json", "fail")])
def test_an_sbom_that_is_not_stored_is_not_released(left_out: str, expected: str) -> None:
    describe = script("syft dist/shop -o spdx-json=dist/sbom.json")
    paths = f"      dist\n      !dist/{left_out}\n"
    store = f"- uses: actions/upload-artifact@v4\n  with:\n    name: dist\n    path: |\n{paths}"
    fetch = "- uses: actions/download-artifact@v4\n  with: {name: dist, path: dist}\n"
    build = job(script("go build -o dist/shop ./cmd/shop"), describe, store)
    files = repository_of(workflow(build=build, release=job(fetch, SHIP.format("dist/*"), needs="build")))
    assert judge("sbom-generated", files).verdict == expected


SIGNED = script("go build -o dist/shop ./cmd/shop", "cosign sign-blob --yes --bundle dist/shop.bundle dist/shop")
FETCHES = "- uses: actions/download-artifact@v4\n  with: {path: dist, merge-multiple: true}\n"


def store(name: str, *patterns: str) -> str:
    lines = "".join(f"      {each}\n" for each in patterns)
    return f"- uses: actions/upload-artifact@v4\n  with:\n    name: {name}\n    path: |\n{lines}"


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [("*.bundle", "fail"), ("shop.bundle", "fail"), ("*.txt", "pass"), ("*.sig", "pass")],
)
def test_a_signature_that_is_not_stored_is_not_published(left_out: str, expected: str) -> None:
    build = job(SIGNED, store("dist", "dist/*", f"!dist/{left_out}"))
    for publish in SHIP.format("dist/*"), SHIP.format("dist/shop dist/shop.bundle"):
        files = repository_of(workflow(build=build, release=job(FETCHES, publish, needs="build")))
        assert judge("build-signed", files).verdict == expected
    apart = build + "".join(f"  {line}\n" for line in store("signatures", "dist/*.bundle").splitlines())
    files = repository_of(workflow(build=apart, release=job(FETCHES, SHIP.format("dist/*"), needs="build")))
    assert judge("build-signed", files).verdict == "pass"


def test_an_action_that_knows_no_pattern_that_leaves_out_publishes_the_signature_all_the_same() -> None:
    ship = "- uses: softprops/action-gh-release@v3\n  with:\n    files: |\n      dist/*\n      !dist/*.bundle\n"
    assert judge("build-signed", released_by(SIGNED, ship)).verdict == "pass"


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["!dist/*.bundle", "dist/*"], "pass"),
        (["dist/*", "!dist/*.bundle", "dist/shop.bundle"], "pass"),
        (["dist/*", "dist/shop.bundle", "!dist/*.bundle"], "fail"),
        (["dist/*", "!dist/*.bundle", "dist/shop"], "fail"),
        (["dist/*", "!!dist/*.bundle"], "pass"),
        (["dist/*", "# !dist/*.bundle"], "pass"),
    ],
)
def test_a_pattern_leaves_out_of_those_before_it(patterns: list[str], expected: str) -> None:
    release = job(FETCHES, SHIP.format("dist/*"), needs="build")
    files = repository_of(workflow(build=job(SIGNED, store("dist", *patterns)), release=release))
    assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize(
    ("patterns", "expected"), [(["dist/*", "!dist/tool"], "fail"), (["!dist/tool", "dist/*"], "pass")]
)
def test_so_does_one_of_what_is_attested(patterns: list[str], expected: str) -> None:
    files = released_by(BUILD, attest(*patterns), SHIP.format("dist/*"))
    assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize(("paths", "expected"), [("out !out/key", "pass"), ("!out/key out", "fail")])
def test_a_secret_that_is_left_out_too_early_is_stored(paths: str, expected: str) -> None:
    write = script('echo "$TOKEN" > out/key') + "  env: {TOKEN: '${{ secrets.TOKEN }}'}\n"
    text = workflow("push", build=job(write, store("out", *paths.split()), permissions="{contents: read}"))
    assert judge("ci-least-privilege", repository_of(text)).verdict == expected


@pytest.mark.parametrize(
    ("left_out", "expected"), [("dist/*.bundle", "fail"), ("'**/*.bundle'", "fail"), ("dist/*.txt", "pass")]
)
def test_a_signature_that_a_job_of_gitlab_leaves_out_is_not_published(left_out: str, expected: str) -> None:
    pipeline = f"""
        stages: [build, more, release]
        build:
          stage: build
          image: golang:1.26
          id_tokens: {{SIGSTORE_ID_TOKEN: {{aud: sigstore}}}}
          script:
            - go build -o dist/shop ./cmd/shop
            - cosign sign-blob --yes --bundle dist/shop.bundle dist/shop
          artifacts: {{paths: [dist], exclude: [{left_out}]}}
        more:
          stage: more
          script: [cp README.md dist/]
          artifacts: {{paths: [dist]}}
        release:
          stage: release
          script: ['glab release create "$CI_COMMIT_TAG" dist/*']
          rules: [{{if: $CI_COMMIT_TAG}}]
    """
    assert judge("build-signed", {".gitlab-ci.yml": pipeline, "README.md": ""}).verdict == expected
