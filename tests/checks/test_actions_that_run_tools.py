"""Actions that run a tool by their inputs, that test, scan, or hand the work to what nobody follows."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge


def verdict(check: str, *steps: str) -> str:
    return judge(check, released_by(*steps)).verdict


def used(name: str, **given: str) -> str:
    inputs = ", ".join(f"{key.replace('_', '-')}: {text!r}" for key, text in given.items())
    return f"- uses: {name}\n  with: {{{inputs}}}\n"


GRADLE = "gradle/gradle-build-action@v2"
WRANGLER = "cloudflare/wrangler-action@v3"
CYPRESS = "cypress-io/github-action@v6"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (used(GRADLE, arguments="test"), "pass"),
        (used(GRADLE, arguments="test -m"), "unknown"),
        (used(GRADLE), "fail"),
        (used("gradle/actions/setup-gradle@v3", arguments="check"), "pass"),
        (used("gradle/actions/setup-gradle@v4"), "fail"),
        (used(CYPRESS, build="npm ci"), "pass"),
        (used(CYPRESS, runTests="false"), "fail"),
        (used(CYPRESS, command="npx vitest run"), "pass"),
        (used(CYPRESS, command="npx eslint ."), "fail"),
        (f"{used(CYPRESS)}  continue-on-error: true\n", "fail"),
        (used("julia-actions/julia-runtest@v1"), "pass"),
        (used("r-lib/actions/check-r-package@v2"), "pass"),
        (used("r-lib/actions/check-r-package@v2", error_on='"never"'), "fail"),
        (used("azure/cli@v2", inlineScript="pytest"), "pass"),
        (used("azure/cli@v2", inlineScript="az account show"), "fail"),
        (used("lewagon/wait-on-check-action@v1", check_name="test"), "unknown"),
        (used("robherley/go-test-action@v0"), "unknown"),
        (used("pulumi/actions@v6"), "fail"),
        (used("nrwl/nx-set-shas@v4"), "fail"),
    ],
)
def test_what_tests(step: str, expected: str) -> None:
    assert verdict("tests-gate-release", step, SHIP) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (used(WRANGLER), "unknown"),
        (used(WRANGLER, command="pages deploy dist"), "unknown"),
        (used(WRANGLER, command="whoami"), "pass"),
        (used(WRANGLER, command="secret put TOKEN"), "pass"),
        (used("pulumi/actions@v6", command="up"), "unknown"),
        (used("pulumi/actions@v6", command="preview"), "pass"),
        (used("helmfile/helmfile-action@v2", helmfile_args="apply"), "fail"),
        (used("helmfile/helmfile-action@v2", helmfile_args="lint"), "pass"),
        (used("actions-hub/kubectl@master", args="set image deploy/shop shop=ghcr.io/acme/shop:1.2"), "fail"),
        (used("actions-hub/kubectl@master", args="get pods"), "pass"),
        (used("azure/functions-container-action@v1", image="ghcr.io/acme/shop:1.2"), "fail"),
        (used("mvasigh/dispatch-action@main"), "unknown"),
        (used("tj-actions/verify-changed-files@v20"), "pass"),
    ],
)
def test_what_ships_before_the_signature(step: str, expected: str) -> None:
    assert verdict("build-signed", PUSH, step, SIGN, SHIP) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (used("snyk/actions/node@master"), "pass"),
        (used("snyk/actions/node@master", command="monitor"), "fail"),
        (used("symfonycorp/security-checker-action@v5"), "pass"),
        (used("symfonycorp/security-checker-action@v5", disable_exit_code="1"), "fail"),
        (used("rustsec/audit-check@v2"), "unknown"),
        (used("super-linter/super-linter@v7"), "unknown"),
        (used("google-github-actions/upload-cloud-storage@v2", path="nothing"), "fail"),
        (used("wjdp/htmltest-action@master"), "fail"),
    ],
)
def test_what_refuses_vulnerable_dependencies(step: str, expected: str) -> None:
    build, ship = "- run: python -m build\n", "- run: gh release create v1.2 dist/*.whl\n"
    assert verdict("vulnerabilities-gated", build, step, ship) == expected


@pytest.mark.parametrize("check", ["sbom-generated", "provenance-verified", "vulnerabilities-gated"])
@pytest.mark.parametrize(
    "step",
    [
        used("salcock/action-cloudsmith-upload-packages@v1.8", path="built"),
        used("TheDoctor0/zip-release@0.7.6", filename="shop.zip"),
        used("azure/trusted-signing-action@v0"),
        used("octokit/request-action@v2.x", route="GET /repos/{owner}/{repo}"),
    ],
)
def test_what_may_build_or_ship_proves_nothing(check: str, step: str) -> None:
    assert verdict(check, PUSH, step, SHIP) == "fail"


def test_a_file_that_an_action_publishes_is_the_one_that_was_attested() -> None:
    pack = "- run: vsce package --out shop.vsix\n"
    attest = "- uses: actions/attest-build-provenance@v3\n  with: {subject-path: shop.vsix}\n"
    ship = used("google-github-actions/upload-cloud-storage@v2", path="shop.vsix", destination="shop")
    assert verdict("build-signed", pack, attest, ship) == "pass"
    assert verdict("build-signed", pack, ship, attest) == "fail"
