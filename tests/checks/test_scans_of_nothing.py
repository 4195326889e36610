"""Scanners and describers that are told to leave out everything: by options, variables, inputs or their own files."""

from __future__ import annotations

import pytest

from releasing import ATTEST, DESCRIBE, PUSH, SHIP, SIGN, job, released_by, repository_of, workflow
from trees import judge

IMAGE = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
TRIVY = f"- run: trivy image --exit-code 1 %s {IMAGE}"
GRYPE = f"- run: grype {IMAGE} --fail-on high %s"
ACTION = f"- uses: aquasecurity/trivy-action@v1\n  with: {{image-ref: '{IMAGE}', exit-code: '1', %s}}"
SCAN = f"- uses: anchore/scan-action@v7\n  with: {{image: '{IMAGE}', severity-cutoff: high}}"

OF_NOTHING = {
    "the root": (TRIVY % "--skip-dirs /", {}),
    "all files": (TRIVY % "--skip-files '**'", {}),
    "all files in all folders": (TRIVY % "--skip-files=**/*", {}),
    "one of several": (TRIVY % "--skip-dirs usr/share,/", {}),
    "by a variable": (TRIVY % "" + "\n  env: {TRIVY_SKIP_DIRS: /}", {}),
    "by its own file": (TRIVY % "", {"trivy.yaml": "scan:\n  skip-dirs: ['/']\n"}),
    "by a file that is named": (TRIVY % "--config ci/t.yaml", {"ci/t.yaml": "scan: {skip-files: ['**/*']}\n"}),
    "what is fixed": (TRIVY % "--ignore-status affected,fixed", {}),
    "grype, what is fixed": (GRYPE % "--ignore-states fixed,not-fixed", {}),
    "grype": (GRYPE % "--exclude '/**'", {}),
    "grype by a variable": (GRYPE % "" + "\n  env: {GRYPE_EXCLUDE: '**'}", {}),
    "grype by its own file": (GRYPE % "", {".grype.yaml": "exclude: ['/**']\n"}),
    "grype by its own file in a folder": (GRYPE % "", {".grype/config.yaml": "exclude:\n  - '**'\n"}),
    "grype by a file that is named": (GRYPE % "-c ci/g.yaml", {"ci/g.yaml": "exclude: ['./**']\n"}),
    "grype ignores every package": (GRYPE % "", {".grype.yaml": "ignore: [{package: {name: '.*'}}]\n"}),
    "grype, all but what nobody has mended": (GRYPE % "--only-fixed --only-notfixed", {}),
    "grype, all but that by a variable": (GRYPE % "" + "\n  env: {GRYPE_ONLY_NOTFIXED: 'true'}", {}),
    "grype, all but that by its own file": (GRYPE % "", {".grype.yaml": "only-notfixed: true\n"}),
    "grype, all but that by a rule": (GRYPE % "", {".grype.yaml": "ignore: [{fix-state: fixed}]\n"}),
    "an action, all but that by a rule": (SCAN, {".grype.yaml": "ignore: [{fix-state: fixed}]\n"}),
    "an action, all but that by its scanner's file": (SCAN, {".grype.yaml": "only-notfixed: true\n"}),
    "by a policy": (TRIVY % "--ignore-policy ci/p.rego", {"ci/p.rego": "package trivy\ndefault ignore = true\n"}),
    "by a policy that its file names": (
        TRIVY % "",
        {"trivy.yaml": "ignore-policy: p.rego", "p.rego": "ignore := true"},
    ),
    "an action by a policy": (ACTION % "ignore-policy: p.rego", {"p.rego": "ignore if { true }\n"}),
    "by an input": (ACTION % "skip-dirs: /", {}),
    "an action by its scanner's file": (ACTION % "severity: HIGH", {"trivy.yaml": "scan: {skip-dirs: [/]}\n"}),
    "another action by its scanner's file": (SCAN, {".grype.yaml": "exclude: ['/**']\n"}),
}

OF_WHAT_IS_LEFT = {
    "a folder": (TRIVY % "--skip-dirs /usr/share/doc", {}),
    "files of tests": (TRIVY % "--skip-files '**/testdata/*.lock'", {}),
    "what nobody will mend": (TRIVY % "--ignore-status will_not_fix,end_of_life", {}),
    "the end of a system's life": (TRIVY % "--exit-on-eol 1", {}),
    "grype, what nobody will mend": (GRYPE % "--ignore-states wont-fix", {}),
    "known ones": (TRIVY % "", {".trivyignore": "CVE-2026-0001\n"}),
    "grype, a folder": (GRYPE % "--exclude './docs/**'", {".grype.yaml": "ignore: [{vulnerability: CVE-2026-0001}]\n"}),
    "an action": (ACTION % "skip-files: a.lock", {"trivy.yaml": "scan: {skip-dirs: [docs]}\n"}),
    "a policy of some": (
        TRIVY % "--ignore-policy p.rego",
        {"p.rego": 'default ignore = false\nignore { input.x == "a" }'},
    ),
    "what nobody has mended": (TRIVY % "--ignore-unfixed", {}),
    "grype, what nobody has mended": (
        GRYPE % "--only-fixed --by-cve",
        {".grype.yaml": "ignore: [{fix-state: wont-fix}]"},
    ),
    "its file is none": (GRYPE % "", {".grype.yaml": "[unclosed"}),
}


@pytest.mark.parametrize(("step", "files"), OF_NOTHING.values(), ids=OF_NOTHING.keys())
def test_a_scan_that_leaves_out_everything_refuses_nothing(step: str, files: dict[str, str]) -> None:
    outcome = judge("vulnerabilities-gated", released_by("- uses: actions/checkout@v5", PUSH, step, SHIP) | files)
    assert outcome.verdict == "fail"
    told = " ".join(each.text for each in outcome.evidence)
    assert "everything" in told or "what is fixed" in told


@pytest.mark.parametrize(("step", "files"), OF_WHAT_IS_LEFT.values(), ids=OF_WHAT_IS_LEFT.keys())
def test_a_scan_that_leaves_out_something_counts(step: str, files: dict[str, str]) -> None:
    assert judge("vulnerabilities-gated", released_by(PUSH, step, SHIP) | files).verdict == "pass"


@pytest.mark.parametrize("step", [TRIVY % "", ACTION % "format: table"])
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("scan: {scanners: [secret]}", "fail"),
        ("severity: [LOW, MEDIUM]", "fail"),
        ("vulnerability: {ignore-status: [fixed]}", "fail"),
        ("scan: {scanners: [vuln, secret]}\nseverity: [HIGH, CRITICAL]\nvulnerability: {ignore-unfixed: true}", "pass"),
    ],
)
def test_what_trivy_looks_for_is_told_by_its_file(step: str, file: str, expected: str) -> None:
    if "uses" in step and "status" in file:
        return  # the action has no input for it
    tree = released_by("- uses: actions/checkout@v5", PUSH, step, SHIP) | {"trivy.yaml": file}
    assert judge("vulnerabilities-gated", tree).verdict == expected


def test_options_of_trivy_count_more_than_its_file() -> None:
    file = {"trivy.yaml": "scan: {scanners: [secret]}\nseverity: [LOW]\n"}
    step = TRIVY % "--scanners vuln --severity CRITICAL"
    assert (
        judge("vulnerabilities-gated", released_by("- uses: actions/checkout@v5", PUSH, step, SHIP) | file).verdict
        == "pass"
    )


def test_a_scan_of_the_module_alone_looks_at_nothing_that_it_depends_on() -> None:
    for relations, expected in ("root,workspace", "fail"), ("root,direct,indirect", "pass"):
        tree = released_by(PUSH, TRIVY % f"--pkg-relationships {relations}", SHIP)
        assert judge("vulnerabilities-gated", tree).verdict == expected


def test_a_scan_that_is_set_by_a_file_which_the_job_writes_is_unknown() -> None:
    writes = "- run: echo \"exclude: ['**']\" > .grype.yaml"
    assert judge("vulnerabilities-gated", released_by(PUSH, writes, GRYPE % "", SHIP)).verdict == "unknown"
    assert judge("vulnerabilities-gated", released_by(PUSH, writes, SCAN, SHIP)).verdict == "unknown"
    assert judge("vulnerabilities-gated", released_by(PUSH, "- run: touch x", SCAN, SHIP)).verdict == "pass"
    policy = "- run: echo 'default ignore = true' > p.rego"
    by_policy = released_by(PUSH, policy, TRIVY % "--ignore-policy p.rego", SHIP)
    assert judge("vulnerabilities-gated", by_policy).verdict == "unknown"
    by_standard = judge("vulnerabilities-gated", released_by(PUSH, TRIVY % "--compliance docker-cis-1.6.0", SHIP))
    assert (by_standard.verdict, "by a standard" in str(by_standard.reason)) == ("unknown", True)


@pytest.mark.parametrize(("exclude", "expected"), [("'**'", "fail"), ("/", "fail"), ("'**/doc/**'", "pass")])
def test_an_sbom_that_leaves_out_everything_describes_nothing(exclude: str, expected: str) -> None:
    describes = DESCRIBE.replace("syft ", f"syft --exclude {exclude} ")
    assert judge("sbom-generated", released_by(PUSH, SIGN, describes, ATTEST, SHIP)).verdict == expected


def test_an_sbom_that_is_written_over_by_one_of_nothing() -> None:
    again = DESCRIBE.replace("syft ", "syft --exclude '**' ")
    assert judge("sbom-generated", released_by(PUSH, SIGN, DESCRIBE, again, ATTEST, SHIP)).verdict == "fail"


PICKS = {
    "no catalogers": ("--select-catalogers none", "fail"),
    "all are taken away": ("--select-catalogers=-all", "fail"),
    "all of packages are taken away": ("--select-catalogers -package", "fail"),
    "those of files alone": ("--override-default-catalogers file", "fail"),
    "one that it may be made of": ("--override-default-catalogers dpkg-db-cataloger", "unknown"),
    "those of a language": ("--select-catalogers python", "unknown"),
    "all but those of a language": ("--select-catalogers=-python,-java", "unknown"),
    "one more": ("--select-catalogers +sbom-cataloger", "pass"),
    "none of files": ("--select-catalogers=-file", "pass"),
    "all": ("--override-default-catalogers all", "pass"),
    "those of images": ("--override-default-catalogers image --parallelism 4", "pass"),
}


@pytest.mark.parametrize(("options", "expected"), PICKS.values(), ids=PICKS.keys())
def test_an_sbom_lists_what_the_catalogers_find_that_are_picked(options: str, expected: str) -> None:
    describes = DESCRIBE.replace("syft ", f"syft {options} ")
    assert judge("sbom-generated", released_by(PUSH, describes, ATTEST, SHIP)).verdict == expected
    attests = f"- run: syft attest {options} -o cyclonedx-json {IMAGE}"
    assert judge("sbom-generated", released_by(PUSH, attests, SHIP)).verdict == expected


CHECKOUT = "- uses: actions/checkout@v5"
SBOM = f"- uses: anchore/sbom-action@v0\n  with: {{image: '{IMAGE}', output-file: sbom.json}}"


@pytest.mark.parametrize("describes", [DESCRIBE, SBOM])
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".syft.yaml": "exclude: ['./**']"}, "fail"),
        ({".syft/config.yaml": "select-catalogers: ['-package']"}, "fail"),
        ({".syft.yaml": "default-catalogers: [file]"}, "fail"),
        ({".syft.yaml": "default-catalogers: [python]"}, "unknown"),
        ({".syft.yaml": "exclude: ['./docs/**']"}, "pass"),
        ({"syft.yaml": "exclude: ['./**']"}, "pass"),
    ],
)
def test_syfts_own_file_says_what_it_lists(describes: str, files: dict[str, str], expected: str) -> None:
    assert judge("sbom-generated", released_by(CHECKOUT, PUSH, describes, ATTEST, SHIP) | files).verdict == expected
    assert judge("sbom-generated", released_by(PUSH, describes, ATTEST, SHIP) | files).verdict == "pass"


def test_syft_looks_for_its_own_file_where_it_runs() -> None:
    describes = DESCRIBE.replace("syft ", "cd ci && syft ").replace("=sbom.json", "=../sbom.json")
    tree = released_by(CHECKOUT, PUSH, describes, ATTEST, SHIP)
    for name, expected in (".syft.yaml", "pass"), ("ci/.syft.yaml", "fail"):
        assert judge("sbom-generated", tree | {name: "exclude: ['./**']"}).verdict == expected


def test_syft_is_told_by_variables_and_by_a_file_that_is_named() -> None:
    for told in ("SYFT_EXCLUDE: './**'", "SYFT_SELECT_CATALOGERS: none", "SYFT_DEFAULT_CATALOGERS: file"):
        describes = f"{DESCRIBE.rstrip()}\n  env: {{{told}}}"
        assert judge("sbom-generated", released_by(PUSH, describes, ATTEST, SHIP)).verdict == "fail"
        given = told.replace(": ", "=")
        for inline in (f"- run: {given} syft", f"- run: export {given} && syft"):
            describes = DESCRIBE.replace("- run: syft", inline)
            assert judge("sbom-generated", released_by(PUSH, describes, ATTEST, SHIP)).verdict == "fail"
    named = released_by(CHECKOUT, PUSH, DESCRIBE.replace("syft ", "syft -c ci/s.yaml "), ATTEST, SHIP)
    assert judge("sbom-generated", named | {"ci/s.yaml": "exclude: ['./**']"}).verdict == "fail"
    writes = "- run: echo \"exclude: ['./**']\" > .syft.yaml"
    assert judge("sbom-generated", released_by(PUSH, writes, DESCRIBE, ATTEST, SHIP)).verdict == "unknown"


def test_trivys_own_file_leaves_everything_out_of_an_sbom() -> None:
    describes = f"- run: trivy image --format cyclonedx -o sbom.json {IMAGE}"
    tree = released_by(CHECKOUT, PUSH, describes, ATTEST, SHIP)
    assert judge("sbom-generated", tree).verdict == "pass"
    assert judge("sbom-generated", tree | {"trivy.yaml": "scan: {skip-dirs: ['/']}"}).verdict == "fail"


TRIVY_ACTION = f"""
- uses: aquasecurity/trivy-action@v0.36.0
  with:
    image-ref: {IMAGE}
    format: cyclonedx
    output: sbom.json
"""


@pytest.mark.parametrize(
    ("describes", "expected"),
    [
        (f"- run: trivy image --format cyclonedx --pkg-types os -o sbom.json {IMAGE}", "unknown"),
        (f"- run: trivy image --format cyclonedx --vuln-type library -o sbom.json {IMAGE}", "unknown"),
        (f"- run: trivy image --format cyclonedx --pkg-types os,library -o sbom.json {IMAGE}", "pass"),
        (f"- run: TRIVY_PKG_TYPES=os trivy image --format cyclonedx -o sbom.json {IMAGE}", "unknown"),
        (f"- run: docker scout sbom --only-package-type npm --format cyclonedx --output sbom.json {IMAGE}", "unknown"),
        (TRIVY_ACTION, "pass"),
        (TRIVY_ACTION.replace("cyclonedx", "json"), "fail"),
        (TRIVY_ACTION.replace("cyclonedx", "${{ vars.FORM }}"), "unknown"),
        (f"{TRIVY_ACTION}    vuln-type: os\n", "unknown"),
        (f"{TRIVY_ACTION}    vuln-type: os,library\n", "pass"),
    ],
)
def test_an_sbom_of_some_kinds_of_packages_may_miss_what_matters(describes: str, expected: str) -> None:
    assert judge("sbom-generated", released_by(PUSH, describes, ATTEST, SHIP)).verdict == expected


SCANS_SBOM = """
- uses: aquasecurity/trivy-action@v0.36.0
  with: {scan-type: sbom, scan-ref: sbom.json, exit-code: 1}
"""


def test_trivy_action_scans_the_sbom_that_it_is_told_to() -> None:
    for describes, expected in (TRIVY_ACTION, "pass"), ("- run: syft . -o spdx-json=sbom.json", "fail"):
        assert judge("vulnerabilities-gated", released_by(PUSH, describes, SCANS_SBOM, SHIP)).verdict == expected
    lax = SCANS_SBOM.replace("exit-code: 1", "exit-code: 0")
    assert judge("vulnerabilities-gated", released_by(PUSH, TRIVY_ACTION, lax, SHIP)).verdict == "fail"


SETTINGS = {"t.yaml": "scan: {skip-dirs: ['/']}\n", "g.yaml": "exclude: ['**']\n", "p.rego": "default ignore = true\n"}


@pytest.mark.parametrize(
    ("step", "variable"),
    [
        (SCAN, "GRYPE_EXCLUDE: '**'"),
        (SCAN, "GRYPE_ONLY_NOTFIXED: 'true'"),
        (SCAN, "GRYPE_CONFIG: g.yaml"),
        (GRYPE % "", "GRYPE_CONFIG: ./g.yaml"),
        (ACTION % "format: table", "TRIVY_SKIP_DIRS: /"),
        (ACTION % "format: table", "TRIVY_IGNORE_STATUS: fixed"),
        (ACTION % "format: table", "TRIVY_PKG_RELATIONSHIPS: root"),
        (ACTION % "format: table", "TRIVY_IGNORE_POLICY: p.rego"),
        (ACTION % "format: table", "TRIVY_CONFIG: t.yaml"),
        (TRIVY % "", "TRIVY_CONFIG: t.yaml"),
    ],
)
def test_variables_blind_a_scanner_whoever_runs_it(step: str, variable: str) -> None:
    for env, expected in (f"\n  env: {{{variable}}}", "fail"), ("", "pass"):
        tree = released_by(CHECKOUT, PUSH, step + env, SHIP)
        assert judge("vulnerabilities-gated", tree | SETTINGS).verdict == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("trivy fs --exit-code 1 --skip-files go.mod .", "unknown"),
        ("trivy fs --exit-code 1 --skip-files '**/go.*' .", "unknown"),
        ("trivy fs --exit-code 1 --skip-files docs/go.mod,LICENSE --skip-dirs docs .", "pass"),
        ("osv-scanner scan -r --experimental-exclude go.mod .", "unknown"),
        ("osv-scanner scan -r --experimental-exclude . .", "fail"),
        ("osv-scanner scan -r --experimental-exclude docs .", "pass"),
    ],
)
def test_a_scan_that_leaves_out_what_says_the_dependencies_is_not_known_to_see_them(
    options: str, expected: str
) -> None:
    build = "- run: go build -o shop . && gh release create v1 shop"
    tree = repository_of(workflow(release=job(CHECKOUT, f"- run: {options}", build, permissions="{contents: write}")))
    assert judge("vulnerabilities-gated", tree | {"go.mod": "module shop\n"}).verdict == expected


@pytest.mark.parametrize("options", ["--input other.tar", "--input=other.tar"])
def test_trivy_looks_into_the_file_that_it_is_given_whatever_image_is_named(options: str) -> None:
    outcome = judge("vulnerabilities-gated", released_by(CHECKOUT, PUSH, TRIVY % options, SHIP))
    assert outcome.verdict == "unknown"
    describes = f"- run: trivy image {options} --format cyclonedx -o sbom.json {IMAGE}"
    assert judge("sbom-generated", released_by(CHECKOUT, PUSH, describes, ATTEST, SHIP)).verdict == "unknown"


@pytest.mark.parametrize("option", ["--pkg-types ''", "--vuln-type ''", "--pkg-types="])
def test_a_scan_that_is_told_no_kinds_of_packages_is_not_known_to_look_at_any(option: str) -> None:
    outcome = judge("vulnerabilities-gated", released_by(PUSH, TRIVY % option, SHIP))
    assert (outcome.verdict, "no kinds of packages" in (outcome.reason or "")) == ("unknown", True)
    describes = f"- run: trivy image {option} --format cyclonedx -o sbom.json {IMAGE}"
    assert judge("sbom-generated", released_by(PUSH, describes, ATTEST, SHIP)).verdict == "unknown"


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        (GRYPE % "--exclude '/usr/**' --exclude '/app/**'", "unknown"),
        (GRYPE % "--exclude './usr/**'", "unknown"),
        (GRYPE % "--exclude '**/node_modules/**'", "unknown"),
        (TRIVY % "--skip-dirs /usr", "unknown"),
        (TRIVY % "--skip-dirs var/lib", "unknown"),
        (ACTION % "skip-dirs: '/opt'", "unknown"),
        (GRYPE % "--exclude '/usr/share/doc/**'", "pass"),
        (TRIVY % "--skip-dirs /usr/local/lib/node_modules/npm", "pass"),
    ],
)
def test_a_scan_that_leaves_out_where_an_image_holds_its_programs_may_miss_them(left_out: str, expected: str) -> None:
    outcome = judge("vulnerabilities-gated", released_by(CHECKOUT, PUSH, left_out, SHIP))
    assert outcome.verdict == expected
    assert ("where an image holds what is installed" in (outcome.reason or "")) is (expected == "unknown")


OVERRIDES = "[[PackageOverrides]]\n"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (f"{OVERRIDES}ignore = true\n", "fail"),
        (f"{OVERRIDES}vulnerability.ignore = true\nreason = 'later'\n", "fail"),
        (f"{OVERRIDES}name = 'lib'\nignore = true\n", "pass"),
        (f"{OVERRIDES}license.override = ['MIT']\n", "pass"),
        ("[[IgnoredVulns]]\nid = 'GO-2022-0968'\n", "pass"),
        ("[[PackageOverrides]\n", "pass"),
    ],
)
def test_overrides_of_osv_scanner_may_ignore_every_package(config: str, expected: str) -> None:
    image = f"- run: osv-scanner scan image --config ci/osv.toml {IMAGE}"
    tree = released_by(CHECKOUT, PUSH, image, SHIP)
    assert judge("vulnerabilities-gated", tree | {"ci/osv.toml": config}).verdict == expected
    own = released_by(CHECKOUT, PUSH, image.replace("--config ci/osv.toml ", ""), SHIP)
    assert judge("vulnerabilities-gated", own | {"osv-scanner.toml": config}).verdict == "pass"


def test_osv_scanners_own_file_holds_for_what_stands_beside_it() -> None:
    build = "- run: go build -o shop . && gh release create v1 shop"
    ignores, module = {"osv-scanner.toml": f"{OVERRIDES}ignore = true\n"}, {"go.mod": "module shop\n"}
    steps = (CHECKOUT, "- run: osv-scanner scan -r .", build)
    tree = repository_of(workflow(release=job(*steps, permissions="{contents: write}"))) | module
    for files, expected in (ignores, "unknown"), ({}, "pass"):
        assert judge("vulnerabilities-gated", tree | files).verdict == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{}", "pass"),
        ("{scan-type: image}", "pass"),
        ("{scan-type: fs}", "fail"),
        ("{scan-type: repo, scan-ref: .}", "fail"),
        ("{scan-type: '${{ vars.KIND }}'}", "unknown"),
        ("{input: other.tar}", "unknown"),
    ],
)
def test_trivy_action_looks_at_an_image_only_where_it_is_asked_to_and_names_no_archive(
    given: str, expected: str
) -> None:
    inputs = given.strip("{}").replace(", ", "\n    ")
    for check, steps in (
        ("vulnerabilities-gated", [f"{TRIVY_ACTION}    exit-code: 1\n    scanners: vuln\n    {inputs}\n"]),
        ("sbom-generated", [f"{TRIVY_ACTION}    {inputs}\n", ATTEST]),
    ):
        assert judge(check, released_by(PUSH, *steps, SHIP)).verdict == expected


def test_trivy_looks_into_the_archive_that_a_variable_names() -> None:
    scan = f"trivy image --exit-code 1 {IMAGE}"
    for variables, expected in ("TRIVY_INPUT=other.tar ", "unknown"), ("", "pass"):
        assert judge("vulnerabilities-gated", released_by(PUSH, f"- run: {variables}{scan}", SHIP)).verdict == expected
    step = f"{TRIVY_ACTION}    exit-code: 1\n    scanners: vuln\n  env: {{TRIVY_INPUT: other.tar}}\n"
    assert judge("vulnerabilities-gated", released_by(PUSH, step, SHIP)).verdict == "unknown"


def test_trivy_action_looks_into_the_archive_of_a_build() -> None:
    build = "- run: docker build -t ghcr.io/acme/shop:1.2 . && docker save -o %s ghcr.io/acme/shop:1.2"
    scan = "- uses: aquasecurity/trivy-action@v0.36.0\n  with: {input: shop.tar, exit-code: 1}"
    push = "- run: docker push ghcr.io/acme/shop:1.2"
    for file, expected in ("shop.tar", "pass"), ("other.tar", "unknown"):
        assert judge("vulnerabilities-gated", released_by(build % file, scan, push)).verdict == expected
