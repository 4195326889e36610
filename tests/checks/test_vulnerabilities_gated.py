"""Which releases a scan can stop, and which it only tells about."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, job, released_by, repository_of, script, workflow
from trees import judge

DIGEST = "${{ steps.push.outputs.digest }}"
IMAGE = f"ghcr.io/acme/shop@{DIGEST}"


def verdict(*steps: str) -> str:
    return judge("vulnerabilities-gated", released_by(*steps)).verdict


def with_inputs(action: str, **inputs: str) -> str:
    given = "".join(f"\n    {name.replace('_', '-')}: {text}" for name, text in inputs.items())
    return f"- uses: {action}\n  with:{given}"


GATES = [
    f"- run: grype registry:{IMAGE} --only-fixed --fail-on high",
    f"- run: grype {IMAGE} -f critical",
    f"- run: |\n    syft {IMAGE} -o spdx-json=sbom.json\n    grype sbom:sbom.json --fail-on high",
    f"- run: trivy image --exit-code 1 --severity HIGH,CRITICAL {IMAGE}",
    f"- run: trivy i --exit-code=1 {IMAGE}",
    f"- run: |\n    syft {IMAGE} -o spdx-json=sbom.json\n    trivy sbom --exit-code 1 sbom.json",
    f"- run: docker scout cves --exit-code --only-severity critical {IMAGE}",
    f"- run: docker scout cves -e --only-fixed --only-package-type npm,golang --vex-location vex {IMAGE}",
    f"- run: snyk container test {IMAGE}",
    f"- run: osv-scanner scan image {IMAGE}",
    with_inputs("anchore/scan-action@v7", image=IMAGE, severity_cutoff="high"),
    with_inputs("aquasecurity/trivy-action@v1", image_ref=IMAGE, exit_code="1"),
    with_inputs("aquasecurity/trivy-action@v1", scan_type="image", scan_ref=IMAGE, exit_code="1"),
    with_inputs("google/osv-scanner-action/osv-scanner-action@v2", scan_args=f"|-\n      scan image\n      {IMAGE}"),
]
NO_GATES = [
    f"- run: grype {IMAGE}",
    f"- run: grype {IMAGE} --fail-on high || true",
    f"- run: grype {IMAGE} --fail-on ''",
    f"- run: docker scout cves --exit-code --only-severity low {IMAGE}",
    f"- run: grype {IMAGE} --fail-on high\n  continue-on-error: true",
    "- run: grype ghcr.io/acme/shop:1.2 --fail-on high",
    f"- run: grype ghcr.io/acme/tools@{DIGEST} --fail-on high",
    "- run: grype dir:. --fail-on high",
    f"- run: trivy image {IMAGE}",
    f"- run: trivy image --exit-code 0 {IMAGE}",
    "- run: trivy fs --exit-code 1 .",
    "- run: pip-audit",
    f"- run: docker scout cves --exit-code --only-unfixed {IMAGE}",
    f"- run: docker scout cves --exit-code --only-cisa-kev {IMAGE}",
    f"- run: docker scout cves --exit-code --only-severity low,unspecified {IMAGE}",
    f"- run: docker scout cves --exit-code --only-cve-id CVE-2021-44228 {IMAGE}",
    f"- run: docker scout cves --exit-code --only-package log4j {IMAGE}",
    f"- run: trivy image --exit-code 1 --reset {IMAGE}",
    f"- run: snyk container monitor {IMAGE}",
    f"- run: echo grype {IMAGE} --fail-on high",
    f"- run: grype {IMAGE} --fail-on high\n  if: github.event_name == 'pull_request'",
    with_inputs("anchore/scan-action@v7", image=IMAGE, fail_build="false"),
    with_inputs("anchore/scan-action@v7", path="."),
    with_inputs("google/osv-scanner-action/osv-scanner-action@v2", scan_args="scan image ghcr.io/acme/shop:1.2"),
    with_inputs("aquasecurity/trivy-action@v1", image_ref=IMAGE),
    with_inputs("aquasecurity/trivy-action@v1", image_ref=IMAGE, exit_code="0"),
    with_inputs("aquasecurity/trivy-action@v1", scan_type="fs", scan_ref=IMAGE, exit_code="1"),
    with_inputs("aquasecurity/trivy-action@v1", scan_type="image", scan_ref="ghcr.io/acme/other:1", exit_code="1"),
]


@pytest.mark.parametrize("step", GATES)
def test_passes_after(step: str) -> None:
    assert verdict(PUSH, step, SHIP) == "pass"


@pytest.mark.parametrize("step", NO_GATES)
def test_fails_when_nothing_but_this_comes_before(step: str) -> None:
    assert verdict(PUSH, step, SHIP) == "fail"


@pytest.mark.parametrize(
    "step",
    [
        "- run: make scan",
        "- uses: acme/scan@v1",
        f"- run: grype {IMAGE} --fail-on high\n  if: vars.SCAN == 'yes'",
        with_inputs("anchore/scan-action@v7", image=IMAGE, fail_build="${{ vars.STRICT }}"),
    ],
)
def test_is_unknown_after(step: str) -> None:
    assert verdict(PUSH, step, SHIP) == "unknown"


def test_it_must_come_before_and_be_waited_for() -> None:
    build = job(PUSH, outputs=f"{{digest: '{DIGEST}'}}")
    scan = job(GATES[0].replace("steps.push", "needs.build"), needs="build", permissions="{packages: read}")
    for needs, expected in ("scan", "pass"), ("build", "fail"):
        files = repository_of(workflow(build=build, scan=scan, ship=job(SHIP, needs=needs)))
        assert judge("vulnerabilities-gated", files).verdict == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- run: pip-audit -r requirements.txt", "pass"),
        ("- run: osv-scanner scan source -r .", "pass"),
        ("- run: trivy fs --exit-code 1 .", "pass"),
        ("- run: npm audit --audit-level high", "pass"),
        ("- run: govulncheck ./...", "pass"),
        ("- run: govulncheck -json ./...", "fail"),
        ("- run: govulncheck -format sarif ./...", "fail"),
        ("- run: govulncheck -format=openvex ./...", "fail"),
        ("- run: govulncheck -format text ./...", "pass"),
        ("- uses: golang/govulncheck-action@v1\n  with: {output-format: text}", "pass"),
        ("- uses: golang/govulncheck-action@v1\n  with: {output-format: sarif, output-file: out.sarif}", "fail"),
        ("- run: pip-audit --dry-run", "fail"),
        ("- run: pip-audit || true", "fail"),
        ("- run: npm audit fix", "fail"),
        ("- run: npm audit --audit-level=none", "fail"),
        ("- run: npm audit --audit-level none", "fail"),
        ("- run: composer audit --locked", "pass"),
        ("- run: safety check --continue-on-error", "fail"),
        ("- run: cargo deny check", "pass"),
        ("- run: cargo deny check bans sources", "fail"),
        ("- run: cargo deny --all-features check licenses", "fail"),
        ("- run: cargo deny check licenses advisories", "pass"),
        ("- run: cargo deny check all", "pass"),
        ("- run: osv-scanner fix -M package.json", "fail"),
        ("- run: trivy repo --exit-code 1 .", "pass"),
        ("- run: trivy repo .", "fail"),
        ("- run: dependency-check --scan . --failOnCVSS 7", "pass"),
        ("- run: dependency-check --scan .", "fail"),
        ("- run: dependency-check --scan . ${{ vars.ARGUMENTS }}", "unknown"),
        ("- run: dependency-check --scan . --failOnCVSS 11", "fail"),  # the scale ends at ten
        ("- run: dependency-check --scan . --failOnCVSS=11", "fail"),
        ("- run: dependency-check --updateonly --failOnCVSS 7", "fail"),
        ("- run: pnpm audit", "pass"),
        ("- run: pnpm audit --fix", "fail"),
        ("- run: pnpm audit --ignore-unfixable", "fail"),  # it writes down what is to be ignored
        ("- run: python -m pip_audit -r requirements.txt", "pass"),
        ("- run: govulncheck -mode=binary ./shop", "pass"),
        ("- run: govulncheck -mode extract ./shop", "fail"),
        ("- run: govulncheck -mode binary /usr/bin/go", "unknown"),
        ("- run: grype dir:/opt/tools --fail-on high", "unknown"),
        ("- run: trivy fs --exit-code 1 $GITHUB_WORKSPACE", "pass"),
        ("- run: trivy fs --exit-code 1 ${{ github.workspace }}/", "pass"),
        ("- run: govulncheck -version", "fail"),
        ("- run: bundle-audit", "pass"),
        ("- run: bundle audit --update", "pass"),
        ("- run: bundle exec bundler-audit check --update", "pass"),
        ("- run: bundle-audit update", "fail"),
        ("- run: npx audit-ci --config audit-ci.jsonc", "unknown"),
        ("- run: trivy fs --exit-code 1 --generate-default-config .", "fail"),
        ("- run: trivy fs --exit-code 1 --clear-cache .", "fail"),
        (f"- run: grype {IMAGE} --fail-on high", "fail"),
    ],
)
def test_of_files_the_dependencies_are_scanned(step: str, expected: str) -> None:
    assert verdict("- run: uv build", step, "- run: gh release create v1 dist/*") == expected


@pytest.mark.parametrize(
    ("ref", "expected"), [("${{ github.sha }}", "pass"), ("main", "fail"), ("${{ vars.OF }}", "unknown")]
)
def test_a_scan_of_another_commit_finds_what_is_not_released(ref: str, expected: str) -> None:
    scan = job(f"- uses: actions/checkout@v7\n  with: {{ref: '{ref}'}}", "- run: trivy fs --exit-code 1 .")
    ship = job("- uses: actions/checkout@v7", "- run: uv build", "- run: gh release create v1 dist/*", needs="scan")
    assert judge("vulnerabilities-gated", repository_of(workflow(scan=scan, ship=ship))).verdict == expected


OSV = "google/osv-scanner-action/osv-scanner-action@v2"
PROJECTS = {
    "pyproject.toml": "[project]\nname = 'shop'\ndependencies = ['httpx']\n",
    "docs/requirements.txt": "mkdocs==1.6\n",
    "web/package.json": '{"dependencies": {"vue": "3"}}',
}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["- run: pip-audit -r docs/requirements.txt"], "unknown"),
        (["- run: osv-scanner --lockfile docs/requirements.txt"], "unknown"),
        (["- run: osv-scanner scan -L requirements.txt:docs/requirements.txt"], "unknown"),
        ([f"- uses: {OSV}\n  with: {{scan-args: --lockfile=docs/requirements.txt}}"], "unknown"),
        (["- run: cd web && npm audit"], "unknown"),
        (["- run: npm audit --prefix web"], "unknown"),
        (["- run: grype dir:web --fail-on high"], "unknown"),
        (["- run: cd web && npm audit", "- run: pip-audit"], "pass"),
        (["- run: osv-scanner -L docs/requirements.txt -L pyproject.toml"], "pass"),
        ([f"- uses: {OSV}"], "pass"),
        ([f"- uses: {OSV}\n  with: {{scan-args: --recursive ./}}"], "pass"),
        ([f"- uses: {OSV}\n  with: {{scan-args: scan source -r .}}"], "pass"),
        (["- run: pip-audit -r docs/requirements.txt", "- run: pip-audit || true"], "unknown"),
        (["- run: trivy fs --exit-code 1 --pkg-types os ."], "fail"),
        (["- run: trivy fs --exit-code 1 --pkg-types os,library ."], "pass"),
    ],
)
def test_a_scan_of_other_dependencies_says_nothing_of_what_is_built(steps: list[str], expected: str) -> None:
    files = released_by("- run: uv build", *steps, "- run: gh release create v1 dist/*") | PROJECTS
    assert judge("vulnerabilities-gated", files).verdict == expected


@pytest.mark.parametrize(("said", "expected"), [("--lockfile=docs/requirements.txt", "unknown"), ("-r .", "pass")])
def test_a_called_workflow_is_told_what_to_scan(said: str, expected: str) -> None:
    uses = "google/osv-scanner-action/.github/workflows/osv-scanner-reusable.yml@v2.3.8"
    rights = "{security-events: write, contents: read, actions: read}"
    scan = f"permissions: {rights}\nuses: {uses}\nwith: {{scan-args: {said}}}\n"
    ship = job("- run: uv build", "- run: gh release create v1 dist/*", needs="scan")
    files = repository_of(workflow(scan=scan, ship=ship)) | PROJECTS
    assert judge("vulnerabilities-gated", files).verdict == expected


def test_a_scan_of_the_folder_that_is_built_is_enough() -> None:
    files = released_by("- run: cd web && npm audit", "- run: cd web && npm publish") | PROJECTS
    assert judge("vulnerabilities-gated", files).verdict == "pass"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("docker tag shop:scan ghcr.io/acme/shop:1", "pass"),
        ("docker tag shop:other ghcr.io/acme/shop:1", "fail"),
        ("docker build -t ghcr.io/acme/shop:1 .", "fail"),
    ],
)
def test_an_image_on_the_machine_is_the_same_under_another_name(tag: str, expected: str) -> None:
    build = "- uses: docker/build-push-action@v7\n  with: {load: true, tags: 'shop:scan'}"
    scan = "- uses: aquasecurity/trivy-action@v0.33.1\n  with: {image-ref: 'shop:scan', exit-code: '1'}"
    push = f"- run: {tag} && docker push ghcr.io/acme/shop:1"
    assert judge("vulnerabilities-gated", released_by(build, scan, push)).verdict == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("load: true, tags: 'shop:scan'", "push: true, sbom: true, tags: 'acme/shop:1'", "unknown"),
        ("load: true, context: ., tags: 'shop:scan'", "push: true, context: ., tags: 'acme/shop:1'", "unknown"),
        ("load: true, context: web, tags: 'shop:scan'", "push: true, context: ., tags: 'acme/shop:1'", "fail"),
        ("load: true, file: a.Dockerfile, tags: 'shop:scan'", "push: true, tags: 'acme/shop:1'", "fail"),
        ("load: true, target: test, tags: 'shop:scan'", "push: true, tags: 'acme/shop:1'", "fail"),
        ("load: true, build-args: A=1, tags: 'shop:scan'", "push: true, build-args: A=2, tags: 'acme/shop:1'", "fail"),
        ("load: true, tags: 'shop:other'", "push: true, tags: 'acme/shop:1'", "fail"),
    ],
)
def test_an_image_is_scanned_before_the_same_is_built_to_be_pushed(first: str, second: str, expected: str) -> None:
    load, push = (f"- uses: docker/build-push-action@v7\n  with: {{{each}}}" for each in (first, second))
    scan = with_inputs("aquasecurity/trivy-action@v0.33.1", image_ref="shop:scan", exit_code="'1'")
    assert judge("vulnerabilities-gated", released_by(load, scan, push, SHIP)).verdict == expected
    apart = workflow(scan=job(load, scan), push=job(push, SHIP, needs="scan"))
    assert judge("vulnerabilities-gated", repository_of(apart)).verdict == "fail"  # by another builder


@pytest.mark.parametrize(
    ("built", "scanned", "pushed", "expected"),
    [
        ("shop", "shop", "shop", "pass"),
        ("shop", "shop:latest", "shop", "pass"),
        ("shop:latest", "shop", "shop:latest", "pass"),
        ("shop", "shop", "shop:latest", "pass"),
        ("shop:1", "shop:1", "shop:1", "pass"),
        ("shop", "shop:1", "shop", "fail"),
        ("shop:1", "shop", "shop:1", "fail"),
        ("shop", "base", "shop", "fail"),
    ],
)
def test_without_a_tag_the_latest_image_on_the_machine_is_meant(
    built: str, scanned: str, pushed: str, expected: str
) -> None:
    release = "ghcr.io/acme/shop:1.2"
    scan = f"trivy image --exit-code 1 {scanned}"
    lines = (f"docker build -t {built} .", scan, f"docker tag {pushed} {release}", f"docker push {release}")
    assert judge("vulnerabilities-gated", released_by(script(*lines), SHIP)).verdict == expected
    saved = (lines[0], f"docker save {scanned} -o x.tar", "trivy image --exit-code 1 --input x.tar", *lines[2:])
    assert judge("vulnerabilities-gated", released_by(script(*saved), SHIP)).verdict == expected


def test_podman_calls_an_image_on_the_machine_by_localhost() -> None:
    for builder, named, other in (("podman", "localhost/shop", "shop"), ("buildah", "shop:1", "localhost/shop:1")):
        lines = (f"{builder} build -t {named} .", f"trivy image --exit-code 1 {other}")
        push = f"{builder} push {other} docker://ghcr.io/acme/shop:1"
        assert judge("vulnerabilities-gated", released_by(script(*lines, push), SHIP)).verdict == "pass"


PACKED = script("dotnet pack --output out", "dotnet nuget push out/Shop.nupkg --api-key $KEY")
STRICT = "<Project><PropertyGroup><TreatWarningsAsErrors>true</TreatWarningsAsErrors></PropertyGroup></Project>"


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("Directory.Build.props", STRICT, "unknown"),
        ("build/Common.props", STRICT, "unknown"),
        ("src/Shop.csproj", STRICT, "unknown"),
        ("Directory.Build.props", "<WarningsAsErrors>NU1903;NU1904</WarningsAsErrors>", "unknown"),
        ("src/Shop.csproj", STRICT.replace("true", "false"), "fail"),
        ("src/Shop.csproj", f"<!-- {STRICT} -->", "fail"),
        ("src/Shop.csproj", STRICT.replace("<Pro", "<Pro><NuGetAudit>false</NuGetAudit><Pro", 1), "fail"),
        ("src/Shop.csproj", STRICT.replace("</Prop", "<NoWarn>NU1903;NU1904</NoWarn></Prop"), "fail"),
        ("README.md", STRICT, "fail"),
    ],
)
def test_nuget_audits_what_it_restores_and_may_stop_there(file: str, text: str, expected: str) -> None:
    assert judge("vulnerabilities-gated", {**released_by(PACKED), file: text}).verdict == expected
    image = released_by(script("dotnet build"), PUSH, SHIP)
    assert judge("vulnerabilities-gated", {**image, file: text}).verdict == "fail"


def test_nuget_may_be_told_by_words_to_stop_at_a_warning() -> None:
    for words in ("-warnaserror", "/warnaserror", "-p:TreatWarningsAsErrors=true"):
        build = script(f"dotnet build {words}")
        assert judge("vulnerabilities-gated", released_by(build, PACKED)).verdict == "unknown"
        assert judge("vulnerabilities-gated", released_by(PACKED, build)).verdict == "fail"
