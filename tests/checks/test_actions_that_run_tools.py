"""Actions that run a tool by their inputs, that test, scan, or hand the work to what nobody follows."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, repository_of, workflow
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
DIGEST = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"


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
        (used("vmactions/freebsd-vm@v1", prepare="pkg install -y python3", run="pytest"), "pass"),
        (used("vmactions/freebsd-vm@v1", run="uname -a"), "fail"),
        (used("uraimo/run-on-arch-action@v3", arch="aarch64", run="pytest"), "pass"),
        (used("uraimo/run-on-arch-action@v3", arch="aarch64", install="apt-get update", run="uname -a"), "fail"),
        (used("devcontainers/ci@v0.3", runCmd="pytest"), "pass"),
        (used("devcontainers/ci@v0.3", runCmd="pytest", imageName="ghcr.io/acme/dev", push="never"), "pass"),
        (used("devcontainers/ci@v0.3", runCmd="pytest; echo over"), "fail"),  # it is no shell that stops at a failure
        (used("devcontainers/ci@v0.3", runCmd="make lint", imageName="ghcr.io/acme/dev"), "unknown"),
        (used("devcontainers/ci@v0.3", runCmd="pytest", subFolder="tools"), "unknown"),
        (used("CodSpeedHQ/action@v4", run="pytest tests"), "pass"),
        (used("buildpulse/buildpulse-action@v0.12.0", command="pytest"), "pass"),
        (used("buildpulse/buildpulse-action@v0.11.0", path="junit.xml"), "fail"),
        (used("Wandalen/wretry.action@v3", command="pytest"), "pass"),
        (used("Wandalen/wretry.action@v3", action="acme/test@v1"), "unknown"),
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
        (used("Songmu/tagpr@v1"), "fail"),
        (used("artis3n/ansible_galaxy_collection@v2"), "fail"),
        (used("artis3n/ansible_galaxy_collection@v2", publish="false"), "pass"),
        (used("mikefarah/yq@v4", cmd="gh release create v1.2"), "fail"),
        (used("mikefarah/yq@v4", cmd="yq .version package.yaml"), "pass"),
        (used("sergeysova/jq-action@v2", cmd="gh release create v1.2"), "fail"),
        ("- uses: salsify/action-detect-and-tag-new-version@v2\n  with: {version-command: cat VERSION}\n", "pass"),
        (used("bahmutov/npm-install@v1", install_command="gh release create v1.2"), "fail"),
        (used("bahmutov/npm-install@v1"), "pass"),
        (used("changesets/action@v1", version="gh release create v1.2"), "fail"),
        (used("PyO3/maturin-action@v1", before_script_linux="gh release create v1.2"), "fail"),
        (used("Wandalen/wretry.action@v3", action="softprops/action-gh-release@v2"), "unknown"),
        (used("technote-space/package-version-check-action@v1"), "unknown"),
        ("- uses: technote-space/package-version-check-action@v1\n  with: {COMMIT_DISABLED: true}\n", "pass"),
        (used("losisin/helm-docs-github-action@v1", git_push="true"), "unknown"),
        (used("losisin/helm-docs-github-action@v1"), "pass"),
        (used("bufbuild/buf-action@v1"), "unknown"),
        (used("bufbuild/buf-action@v1", push="false"), "pass"),
        (used("googleapis/release-please-action@v4"), "fail"),
        (used("googleapis/release-please-action@v4", skip_github_release="true"), "pass"),
        (used("google-github-actions/release-please-action@v3", command="release-pr"), "pass"),
        ("- uses: wangyoucao577/go-release-action@v1\n  with: {upload: 'false'}\n", "pass"),
        (
            "- uses: wangyoucao577/go-release-action@v1\n  with: {post_command: gh release create v1, upload: 'false'}",
            "fail",
        ),
        ("- uses: rust-build/rust-build.action@v1.4.5\n  with: {UPLOAD_MODE: none}\n", "pass"),
        ("- uses: release-plz/action@v0.5\n  with: {dry_run: 'true'}\n", "pass"),
        (used("superfly/flyctl-actions@1.4", args="status"), "pass"),
        (used("superfly/flyctl-actions@1.4", args="deploy --image ghcr.io/acme/shop:1.2"), "fail"),
        (used("go-semantic-release/action@v1", dry="true"), "pass"),
        ("- uses: rymndhng/release-on-push-action@v0.28.0\n  with: {dry_run: 'true'}\n", "pass"),
        (used("akhileshns/heroku-deploy@v3.14.15", justlogin="true"), "pass"),
        (used("FirebaseExtended/action-hosting-deploy@v0", channelId="live"), "fail"),
        (used("FirebaseExtended/action-hosting-deploy@v0"), "pass"),
        (used("FirebaseExtended/action-hosting-deploy@v0", channelId="${{ vars.CHANNEL }}"), "unknown"),
        (used("release-drafter/release-drafter@v6", publish="${{ vars.PUBLISH }}"), "unknown"),
        (used("lucacome/draft-release@v2.2.1"), "pass"),
        (used("lucacome/draft-release@v2.2.1", publish="true"), "fail"),
        (used("azure/static-web-apps-deploy@v1", action="close"), "pass"),
        (used("azure/k8s-deploy@v5", action="promote", images="ghcr.io/acme/shop:1.2"), "fail"),
        (used("azure/k8s-deploy@v5", action="reject", images="ghcr.io/acme/shop:1.2"), "pass"),
        (used("aws-actions/aws-cloudformation-github-deploy@v1", no_execute_changeset="1"), "pass"),
        (used("SamKirkland/FTP-Deploy-Action@v4.3.5", dry_run="true"), "pass"),
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
        (used("dependency-check/Dependency-Check_Action@main", path=".", args="--failOnCVSS 7"), "pass"),
        (used("dependency-check/Dependency-Check_Action@main", path=".", args="--enableRetired"), "fail"),
        (used("dependency-check/Dependency-Check_Action@main", path=".", args="${{ vars.ARGS }}"), "unknown"),
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
        (used("pypa/gh-action-pip-audit@v1.1.0"), "pass"),
        (used("pypa/gh-action-pip-audit@v1.1.0", internal_be_careful_allow_failure="true"), "fail"),
        (used("EmbarkStudios/cargo-deny-action@v2"), "pass"),
        (used("EmbarkStudios/cargo-deny-action@v2", command="check bans licenses"), "fail"),
        (used("EmbarkStudios/cargo-deny-action@v2", command="check", command_arguments="advisories"), "pass"),
        ("- run: cargo deny check bans\n", "fail"),
        ("- run: cargo deny check bans advisories\n", "pass"),
        ("- uses: docker/scout-action@v1\n  with: {command: cves, exit-code: true}\n", "fail"),
        (used("fossas/fossa-action@v1"), "fail"),
        ("- uses: fossas/fossa-action@v1\n  with: {run-tests: true}\n", "unknown"),
        ("- uses: fossa-contrib/fossa-action@v3\n  with: {skip-test: false}\n", "unknown"),
        (used("google/osv-scanner-action/osv-reporter-action@v2", scan_args="--new=found.json"), "pass"),
        (used("google/osv-scanner-action/osv-reporter-action@v2", scan_args="--fail-on-vuln=false"), "fail"),
        (
            used("google/osv-scanner-action/osv-reporter-action@v2", scan_args="--fail-on-vuln=${{ vars.STRICT }}"),
            "unknown",
        ),
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
        ("docker/scout-action@v1\n  with: {command: 'quickview,cves', image: IMAGE, exit-code: true}\n", "pass"),
        ("docker/scout-action@v1\n  with: {command: cves, image: IMAGE}\n", "fail"),
        ("docker/scout-action@v1\n  with: {command: quickview, image: IMAGE, exit-code: true}\n", "fail"),
        ("docker/scout-action@v1\n  with: {command: '${{ vars.SCOUT }}', image: IMAGE, exit-code: true}\n", "unknown"),
        (
            "docker/scout-action@v1\n  with: {command: cves, image: IMAGE, exit-code: true, only-severities: low}\n",
            "fail",
        ),
        (
            "docker/scout-action@v1\n  with: {command: cves, image: IMAGE, exit-code: true, only-unfixed: true}\n",
            "fail",
        ),
        ("docker/scout-action@v1\n  with: {command: cves, exit-code: true}\n", "unknown"),
        (f"docker/scout-action@v1\n  with: {{command: cves, image: 'registry://{DIGEST}', exit-code: true}}\n", "pass"),
        ("aquasecurity/trivy-action@0.30.0\n  with: {image-ref: IMAGE, exit-code: 1}\n", "pass"),
        (
            "aquasecurity/trivy-action@0.9.0\n  with: {image-ref: IMAGE, exit-code: 1, security-checks: config}\n",
            "fail",
        ),
        ("aquasecurity/trivy-action@0.30.0\n  with: {image-ref: IMAGE, exit-code: 1, format: cyclonedx}\n", "fail"),
        (
            "aquasecurity/trivy-action@0.30.0\n"
            "  with: {image-ref: IMAGE, exit-code: 1, format: cyclonedx, scanners: vuln}\n",
            "pass",
        ),
    ],
)
def test_what_refuses_vulnerable_images(scan: str, expected: str) -> None:
    step = f"- uses: {scan}".replace("IMAGE", f'"{DIGEST}"')
    assert verdict("vulnerabilities-gated", PUSH, step, SHIP) == expected


def test_docker_scout_looks_into_what_was_built_here() -> None:
    build = "- uses: docker/build-push-action@v6\n  with: {load: true, tags: 'ghcr.io/acme/shop:1.2'}\n"
    given = "{command: cves, image: 'local://ghcr.io/acme/shop:1.2', exit-code: true}"
    scan = f"- uses: docker/scout-action@v1\n  with: {given}\n"
    push = "- run: docker push ghcr.io/acme/shop:1.2\n"
    assert verdict("vulnerabilities-gated", build, scan, push) == "pass"
    assert verdict("vulnerabilities-gated", build, scan.replace("shop:", "web:"), push) == "fail"


@pytest.mark.parametrize(
    ("given", "expected"),
    [("{}", "pass"), ("{fail-on-vuln: false}", "fail"), ("{fail-on-vuln: '${{ vars.STRICT == 1 }}'}", "unknown")],
)
def test_a_called_workflow_refuses_vulnerable_dependencies(given: str, expected: str) -> None:
    called = "google/osv-scanner-action/.github/workflows/osv-scanner-reusable.yml@v2.3.8"
    scan = f"permissions: {{security-events: write, contents: read, actions: read}}\nuses: {called}\nwith: {given}\n"
    ship = job(BUILT, "- run: gh release create v1.2 shop\n", needs="scan")
    assert judge("vulnerabilities-gated", repository_of(workflow(scan=scan, release=ship))).verdict == expected
    assert judge("ci-least-privilege", repository_of(workflow(scan=scan))).verdict == "pass"


@pytest.mark.parametrize(
    ("options", "expected"),
    [("", "pass"), ("--format cyclonedx", "fail"), ("-f spdx-json --scanners vuln", "pass"), ("-f sarif", "pass")],
)
def test_an_sbom_is_no_scan(options: str, expected: str) -> None:
    scan = f'- run: trivy image --exit-code 1 {options} "{DIGEST}"\n'
    assert verdict("vulnerabilities-gated", PUSH, scan, SHIP) == expected


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
        (used("jossef/action-set-json-field@v2.2", file="shop", field="version", value="1.2"), "fail"),
        (used("dotnet/nbgv@v0.4", stamp="shop"), "fail"),
        (used("dotnet/nbgv@v0.4"), "pass"),
        (used("getsentry/action-release@v3", sourcemaps="shop"), "fail"),
        (used("getsentry/action-release@v3", sourcemaps="shop", inject="false"), "pass"),
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


OTHER = "- run: go build -o other ./cmd/other\n"


@pytest.mark.parametrize(
    ("action", "named"),
    [
        ("softprops/action-gh-release@v2", "files: 'NAME'"),
        ("softprops/action-gh-release@v2", "files: '{NAME,README.md}'"),
        ("ncipollo/release-action@v1", "artifact: NAME"),
        ("csexton/release-asset-action@v2", "pattern: NAME"),
        ("csexton/release-asset-action@v2", "file: NAME"),
        ("AButler/upload-release-assets@v3", "files: 'NAME;README.md'"),
        ("xresloader/upload-to-github-release@v1", "file: 'README.md; NAME'"),
        ("alexellis/upload-assets@0.4.1", "asset_paths: '[\"./NAME\"]'"),
        ("HaaLeo/publish-vscode-extension@v2", "extensionFile: NAME"),
    ],
)
def test_which_files_are_released(action: str, named: str) -> None:
    for name, expected in (("shop", "pass"), ("other", "fail")):
        ship = f"- uses: {action}\n  with:\n    {named.replace('NAME', name)}\n"
        assert verdict("build-signed", BUILT, OTHER, ATTESTED, ship) == expected


def test_patterns_in_braces_are_several() -> None:
    build = "- run: go build -o dist/shop.zip ./cmd/shop && tar cf dist/shop.tar.gz README.md\n"
    attest = "- uses: actions/attest-build-provenance@v3\n  with: {subject-path: 'dist/*.zip, dist/*.tar.gz'}\n"
    ship = "- uses: softprops/action-gh-release@v2\n  with: {files: 'dist/*.{zip,tar.gz}'}\n"
    assert verdict("build-signed", build, attest, ship) == "pass"
    assert verdict("build-signed", build, attest.replace(", dist/*.tar.gz", ""), ship) == "fail"


def test_packages_under_the_older_name_of_their_folder() -> None:
    publish = "- uses: pypa/gh-action-pypi-publish@v1.10.0\n  with: {packages_dir: out}\n"
    attest = "- uses: actions/attest-build-provenance@v3\n  with: {subject-path: FOLDER/*}\n"
    build = "- run: python -m build -o out\n"
    assert verdict("build-signed", build, attest.replace("FOLDER", "out"), publish) == "pass"
    assert verdict("build-signed", build, attest.replace("FOLDER", "dist"), publish) == "fail"


@pytest.mark.parametrize("staging", ["true", "false"])
def test_a_signature_of_the_staging_instance_is_none(staging: str) -> None:
    sign = f"- uses: sigstore/gh-action-sigstore-python@v3\n  with: {{inputs: shop, staging: {staging}}}\n"
    expected = "fail" if staging == "true" else "pass"
    assert verdict("build-signed", BUILT, sign, "- run: gh release create v1 shop*\n") == expected


@pytest.mark.parametrize(
    ("signed", "released", "expected"),
    [
        ("dist/*.whl", "dist/*.whl dist/*.sigstore.json", "pass"),
        ("dist/*.whl", "dist/*.whl", "fail"),
        ("dist/*.whl", "dist/*.tar.gz dist/*.sigstore.json", "fail"),
        ("dist/*.whl", "dist/*.whl dist/*.zip dist/*.sigstore.json", "fail"),
    ],
)
def test_what_goes_with_packages_is_none_of_those_that_are_built(signed: str, released: str, expected: str) -> None:
    sign = f"- uses: sigstore/gh-action-sigstore-python@v3\n  with: {{inputs: {signed}}}\n"
    steps = ("- run: python -m build\n", sign, f"- run: gh release create v1 {released}\n")
    assert verdict("build-signed", *steps) == expected


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ("verify: true, verify-cert-identity: IDENTITY, verify-oidc-issuer: ISSUER", "pass"),
        ("verify: false, verify-cert-identity: IDENTITY, verify-oidc-issuer: ISSUER", "fail"),
        ("verify-cert-identity: IDENTITY, verify-oidc-issuer: ISSUER", "fail"),
        ("verify: true, verify-cert-identity: IDENTITY", "fail"),
        ("verify: true, verify-cert-identity: IDENTITY, verify-oidc-issuer: 'https://accounts.google.com'", "fail"),
        ("verify: true, staging: true, verify-cert-identity: IDENTITY, verify-oidc-issuer: ISSUER", "fail"),
    ],
)
def test_sigstore_python_verifies_what_it_has_signed_if_it_is_told_whose_that_is(inputs: str, expected: str) -> None:
    own = "https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/v1"
    given = inputs.replace("IDENTITY", f"'{own}'").replace("ISSUER", "'https://token.actions.githubusercontent.com'")
    sign = f"- uses: sigstore/gh-action-sigstore-python@v3\n  with: {{inputs: shop, {given}}}\n"
    assert verdict("provenance-verified", BUILT, sign, "- run: gh release create v1 shop*\n") == expected


@pytest.mark.parametrize(
    ("on", "version", "inputs", "expected"),
    [
        ("{release: {types: [published]}}", "3.0.0", "", "pass"),
        ("{release: {types: [published]}}", "3.0.0", ", release-signing-artifacts: false", "fail"),
        ("{release: {types: [published]}}", "2.1.1", "", "fail"),
        ("{release: {types: [published]}}", "2.1.1", ", release-signing-artifacts: true", "pass"),
        ("{release: {types: [created]}}", "3.0.0", "", "fail"),
        ("{push: {tags: ['v*']}}", "3.0.0", "", "fail"),
        ("{push: {tags: ['v*']}}", "3.0.0", ", upload-signing-artifacts: true", "fail"),
    ],
)
def test_sigstore_python_adds_signatures_to_the_release_that_has_started_it_alone(
    on: str, version: str, inputs: str, expected: str
) -> None:
    sign = f"- uses: sigstore/gh-action-sigstore-python@v{version}\n  with: {{inputs: shop{inputs}}}\n"
    upload = "- run: gh release upload v1 shop\n"
    assert judge("build-signed", released_by(BUILT, sign, upload, on=on)).verdict == expected
    assert judge("build-signed", released_by(BUILT, sign, upload.replace("shop", "shop*"), on=on)).verdict == "pass"


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("elgohr/Publish-Docker-Github-Action@v5\n  with: {name: acme/web, no_push: true}\n", "pass"),
        ("elgohr/Publish-Docker-Github-Action@v5\n  with: {name: acme/web}\n", "fail"),
        ("mr-smithers-excellent/docker-build-push@v6\n  with: {image: acme/web, registry: ghcr.io}\n", "fail"),
        (
            "mr-smithers-excellent/docker-build-push@v6\n"
            "  with: {image: acme/web, registry: ghcr.io, pushImage: false}\n",
            "pass",
        ),
    ],
)
def test_which_images_are_pushed(build: str, expected: str) -> None:
    assert verdict("build-signed", PUSH, f"- uses: {build}", SIGN, SHIP) == expected


def test_an_output_that_says_no_digest_signs_nothing() -> None:
    given = "{image: acme/shop, registry: ghcr.io}"
    build = f"- uses: mr-smithers-excellent/docker-build-push@v6\n  id: push\n  with: {given}\n"
    assert verdict("build-signed", build, SIGN, SHIP) == "unknown"


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("helm/kind-action@v1\n", "pass"),
        ("helm/kind-action@v1\n  with: {install_only: true}\n", "fail"),
        ("engineerd/setup-kind@v0.6.2\n  with: {skipClusterCreation: true}\n", "fail"),
        ("medyagh/setup-minikube@latest\n  with: {start: false}\n", "fail"),
        ("sigstore/scaffolding/actions/setup@main\n", "pass"),
        ("sigstore/scaffolding/actions/setup@main\n  with: {sigstore-only: 'true'}\n", "fail"),
    ],
)
def test_a_cluster_of_its_own_is_nobody_elses(start: str, expected: str) -> None:
    deploy = "- run: kubectl set image deploy/shop shop=ghcr.io/acme/shop:1.2\n"
    assert verdict("build-signed", PUSH, f"- uses: {start}", deploy, SIGN, SHIP) == expected


OBSERVED = "carabiner-dev/actions/slsa/generate@v1.2.6"
UNPACKED = "carabiner-dev/actions/unpack/sbom@v1.2.6"


@pytest.mark.parametrize(
    ("step", "signed", "described", "scanned"),
    [
        (used("carabiner-dev/actions/go/versions@v1.2.6"), "fail", "fail", "fail"),
        (used("carabiner-dev/actions/install/bnd@v1.2.6"), "fail", "fail", "fail"),
        (used(OBSERVED), "unknown", "fail", "fail"),
        (used(UNPACKED, push_to_release="v1.2"), "fail", "unknown", "fail"),
        ("- run: bnd statement statement.json -o bundle.json\n", "unknown", "unknown", "fail"),
        ("- run: bnd push github acme/shop bundle.json\n", "unknown", "unknown", "unknown"),
        (used("carabiner-dev/actions/ampel/verify@v1.2.6"), "unknown", "unknown", "unknown"),
    ],
)
def test_what_may_prove_something_and_what_may_not(step: str, signed: str, described: str, scanned: str) -> None:
    checks = ("build-signed", "sbom-generated", "vulnerabilities-gated")
    assert tuple(verdict(each, PUSH, step, SHIP) for each in checks) == (signed, described, scanned)


@pytest.mark.parametrize("step", [used(OBSERVED), used(UNPACKED), "- run: bnd statement statement.json\n"])
def test_what_proves_something_releases_nothing_by_itself(step: str) -> None:
    assert verdict("build-signed", PUSH, SIGN, step, SHIP) == "pass"


def test_an_image_of_another_builder_is_signed_by_what_that_says() -> None:
    build = PUSH.replace(
        "docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a", "useblacksmith/build-push-action@v2"
    )
    assert build != PUSH
    assert verdict("build-signed", build, SIGN, SHIP) == "pass"
    assert verdict("build-signed", build, SHIP) == "fail"
    assert verdict("sbom-generated", build.replace("push: true", "push: true, sbom: true"), SHIP) == "pass"
