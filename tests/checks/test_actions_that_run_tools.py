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
MANAGER = "gittools/actions/gitreleasemanager"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (used(GRADLE, arguments="test"), "pass"),
        (used(GRADLE, arguments="test -m"), "unknown"),
        (used(GRADLE), "fail"),
        (used("gradle/actions/setup-gradle@v3", arguments="check"), "pass"),
        (used("gradle/actions/setup-gradle@v4"), "fail"),
        (f"- uses: {GRADLE}\n  with:\n    arguments: |\n      clean\n      test\n", "pass"),
        (used(CYPRESS, build="npm ci"), "pass"),
        (used(CYPRESS, runTests="false"), "fail"),
        (used(CYPRESS, command="npx vitest run"), "pass"),
        (used(CYPRESS, command="npx vitest run", runTests="false"), "fail"),
        (used(CYPRESS, command="npx eslint ."), "fail"),
        (f"{used(CYPRESS)}  continue-on-error: true\n", "fail"),
        (used("julia-actions/julia-runtest@v1"), "pass"),
        (used("r-lib/actions/check-r-package@v2"), "pass"),
        (used("r-lib/actions/check-r-package@v2", error_on='"never"'), "fail"),
        (used("r-lib/actions/check-r-package@v2", args='c("--no-manual", "--no-tests")'), "fail"),
        (used("r-lib/actions/check-r-package@v2", error_on="${{ vars.ERROR_ON }}"), "unknown"),
        (used("actions-rs/tarpaulin@v0.1", args="-- --test-threads 1"), "pass"),
        (used("actions-rs/tarpaulin@v0.1", args="--no-run"), "fail"),
        (used("php-actions/phpunit@v3", args="--list-tests"), "fail"),
        (used("azure/cli@v2", inlineScript="pytest"), "pass"),
        (used("azure/cli@v2", inlineScript="az account show"), "fail"),
        (used("lewagon/wait-on-check-action@v1", check_name="test"), "unknown"),
        (used("shogo82148/actions-goveralls@v1"), "pass"),
        (used("shogo82148/actions-goveralls@v1", path_to_profile="cover.out"), "fail"),
        (used("shogo82148/actions-goveralls@v1", parallel_finished="true"), "fail"),
        ("- uses: xu-cheng/latex-action@v3\n  with: {root_file: manual.tex, pre_compile: pytest}\n", "pass"),
        ("- uses: xu-cheng/latex-action@v3\n  with: {root_file: manual.tex}\n", "fail"),
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
        (f"- uses: {WRANGLER}\n  with:\n    command: |\n      whoami\n      deploy\n", "unknown"),
        (f"- uses: {WRANGLER}\n  with:\n    command: |\n      whoami\n      secret list\n", "pass"),
        (used(WRANGLER, command="secret put TOKEN"), "pass"),
        (used("pulumi/actions@v6", command="up"), "unknown"),
        (used("pulumi/actions@v6", command="preview"), "pass"),
        (used("helmfile/helmfile-action@v2", helmfile_args="apply"), "fail"),
        (used("helmfile/helmfile-action@v2", helmfile_args="lint"), "pass"),
        (used("actions-hub/kubectl@master", args="set image deploy/shop shop=ghcr.io/acme/shop:1.2"), "fail"),
        (used("actions-hub/kubectl@master", args="get pods"), "pass"),
        (used("actions-hub/docker/cli@master", args="version"), "pass"),
        (used("azure/functions-container-action@v1", image="ghcr.io/acme/shop:1.2"), "fail"),
        (used("lannonbr/vsce-action@3.0.0", args="publish -p $TOKEN"), "fail"),
        (used("lannonbr/vsce-action@3.0.0", args="package"), "pass"),
        (used("hmanzur/actions-aws-eb@v1.0.0"), "unknown"),
        (used("hmanzur/actions-aws-eb@v1.0.0", command="printenv"), "pass"),
        (used("deliverybot/helm@v1", chart="./chart"), "fail"),
        (used("deliverybot/helm@v1", chart="./chart", task="remove"), "pass"),
        ("- uses: appleboy/lambda-action@v0.2\n  with: {dry_run: true, zip_file: shop.zip}\n", "pass"),
        (used("10up/action-wordpress-plugin-deploy@2.2.2"), "fail"),
        (used("10up/action-wordpress-plugin-deploy@2.2.2", dry_run="true"), "pass"),
        (used("10up/action-wordpress-plugin-asset-update@stable"), "pass"),
        (used("JuliaRegistries/TagBot@v1"), "fail"),
        (used("JuliaRegistries/TagBot@v1", draft="true"), "pass"),
        (used("azure/arm-deploy@v2", template="main.bicep"), "unknown"),
        (used("azure/arm-deploy@v2", template="main.bicep", deploymentMode="Validate"), "pass"),
        (used("azure/bicep-deploy@v2", operation="whatIf"), "pass"),
        (used("commitizen-tools/commitizen-action@0.27.0", push="false"), "pass"),
        (used("mvasigh/dispatch-action@main"), "unknown"),
        (used("tj-actions/verify-changed-files@v20"), "pass"),
        (used("wei/git-sync@v3", source_repo="acme/shop", destination_repo="acme/live"), "unknown"),
        (used("pixta-dev/repository-mirroring-action@v1", target_repo_url="git@gitlab.com:acme/shop.git"), "unknown"),
        (used("yesolutions/mirror-action@v0.7.0", REMOTE="https://gitlab.com/acme/shop.git"), "unknown"),
        (used("repo-sync/github-sync@v2", source_repo="up/stream", source_branch="main"), "pass"),
        (used(f"{MANAGER}/create@v3", milestone="1.2"), "pass"),
        (used(f"{MANAGER}/close@v3", milestone="1.2"), "pass"),
        (used(f"{MANAGER}/publish@v3", tagName="1.2"), "fail"),
    ],
)
def test_what_ships_before_the_signature(step: str, expected: str) -> None:
    assert verdict("build-signed", PUSH, step, SIGN, SHIP) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (used("snyk/actions/node@master"), "pass"),
        (used("snyk/actions/node@master", args="--severity-threshold=high"), "pass"),
        (used("snyk/actions/node@master", command="monitor"), "fail"),
        (used("snyk/actions/node@master", command="sbom"), "unknown"),
        (used("snyk/actions/node@master", command="${{ github.ref_type == 'tag' && vars.SNYK || 'test' }}"), "unknown"),
        (used("symfonycorp/security-checker-action@v5"), "pass"),
        (used("symfonycorp/security-checker-action@v5", disable_exit_code="1"), "fail"),
        (used("symfonycorp/security-checker-action@v5", disable_exit_code="${{ vars.LAX }}"), "unknown"),
        (
            "- uses: crazy-max/ghaction-container-scan@v3\n  with: {tarball: old.tar, severity_threshold: HIGH}\n",
            "unknown",
        ),
        (used("aquasecurity/trivy-action@0.30.0", input="old.tar", exit_code="1"), "unknown"),
        (used("rustsec/audit-check@v2"), "unknown"),
        (used("super-linter/super-linter@v7"), "unknown"),
        (used("google-github-actions/upload-cloud-storage@v2", path="nothing"), "fail"),
        (used("wjdp/htmltest-action@master"), "fail"),
    ],
)
def test_what_refuses_vulnerable_dependencies(step: str, expected: str) -> None:
    build, ship = "- run: python -m build\n", "- run: gh release create v1.2 dist/*.whl\n"
    assert verdict("vulnerabilities-gated", build, step, ship) == expected


@pytest.mark.parametrize(
    ("scan", "expected"),
    [
        ("crazy-max/ghaction-container-scan@v3\n  with: {severity_threshold: HIGH, image: IMAGE}\n", "pass"),
        (
            "crazy-max/ghaction-container-scan@v3\n  with: {severity_threshold: HIGH, severity: LOW, image: IMAGE}\n",
            "fail",
        ),
        ("snyk/actions/docker@master\n  with: {image: IMAGE}\n", "pass"),
        ("snyk/actions/docker@master\n  with: {image: IMAGE, command: monitor}\n", "fail"),
    ],
)
def test_what_refuses_vulnerable_images(scan: str, expected: str) -> None:
    image = '"ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"'
    assert verdict("vulnerabilities-gated", PUSH, f"- uses: {scan.replace('IMAGE', image)}", SHIP) == expected


def test_an_extension_that_is_only_uploaded_is_published_later() -> None:
    pack, upload = "- run: vsce package --out shop.zip\n", "wdzeng/chrome-extension@v1"
    attest = "- uses: actions/attest-build-provenance@v3\n  with: {subject-path: shop.zip}\n"
    assert verdict("build-signed", pack, used(upload, zip_path="shop.zip"), attest) == "fail"
    assert verdict("build-signed", pack, used(upload, zip_path="shop.zip", upload_only="true"), attest) == "pass"


BUILT = "- run: go build -o shop ./cmd/shop\n"
ATTESTED = "- uses: actions/attest-build-provenance@v3\n  with: {subject-path: shop}\n"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (used("crazy-max/ghaction-upx@v3", files="shop"), "fail"),
        (used("crazy-max/ghaction-upx@v3", install_only="true"), "pass"),
        (used("richardrigutins/replace-in-files@v2", files="shop", search_text="a", replacement_text="b"), "fail"),
        (used("richardrigutins/replace-in-files@v2", files="README.md", search_text="a"), "pass"),
        (used("jacobtomlinson/gha-find-replace@v3", find="a", replace="b", include="shop"), "fail"),
        (used("cschleiden/replace-tokens@v1", files="shop"), "fail"),
        (used("microsoft/variable-substitution@v1", files="shop"), "fail"),
    ],
)
def test_what_changes_files_after_their_signature(step: str, expected: str) -> None:
    ship = "- run: gh release create v1 shop\n"
    assert verdict("build-signed", BUILT, ATTESTED, step, ship) == expected
    assert verdict("build-signed", BUILT, step, ATTESTED, ship) == "pass"


def test_a_draft_that_is_filled_is_released_by_whom_publishes_it() -> None:
    create, fill = used(f"{MANAGER}/create@v3", milestone="1.2"), used(f"{MANAGER}/addasset@v3", assets="shop")
    publish = used(f"{MANAGER}/publish@v3", tagName="1.2")
    assert verdict("build-signed", BUILT, create, fill, ATTESTED, publish) == "pass"
    assert verdict("build-signed", PUSH, SIGN, BUILT, create, fill, publish) == "fail"
    assert verdict("build-signed", BUILT, fill, ATTESTED) == "fail"


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
