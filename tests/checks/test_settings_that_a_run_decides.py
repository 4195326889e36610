"""Options, inputs and variables of which only a run knows the value: they may turn off what they are there for."""

from __future__ import annotations

import pytest

from releasing import ATTEST, PUSH, SHIP, released_by
from trees import judge

IMAGE = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
POM = "<project><artifactId>shop</artifactId></project>"
RUN = "${{ vars.ASKED }}"
PYPI = "- uses: pypa/gh-action-pypi-publish@release/v1\n  with: {attestations: '%s'}"
NPM = "- run: npm publish\n  env: {NPM_CONFIG_PROVENANCE: '%s'}"
SCANS = {
    f"- run: grype {IMAGE} --fail-on %s": "high",
    f"- run: trivy image --exit-code %s {IMAGE}": "1",
    f"- run: grype {IMAGE}\n  env: {{GRYPE_FAIL_ON_SEVERITY: '%s'}}": "high",
}
SIGNS = [
    f"- run: cosign sign --yes --upload=%s {IMAGE}",
    f"- run: cosign sign --yes --tlog-upload=%s {IMAGE}",
]


@pytest.mark.parametrize(("scan", "told"), SCANS.items())
def test_what_a_scanner_refuses(scan: str, told: str) -> None:
    assert judge("vulnerabilities-gated", released_by(PUSH, scan % told, SHIP)).verdict == "pass"
    assert judge("vulnerabilities-gated", released_by(PUSH, scan % RUN, SHIP)).verdict == "unknown"


@pytest.mark.parametrize(
    ("said", "expected"), [("$X", "unknown"), (RUN, "unknown"), ("true", "pass"), ("false", "fail")]
)
@pytest.mark.parametrize("sign", SIGNS)
def test_where_a_signature_goes(sign: str, said: str, expected: str) -> None:
    assert judge("build-signed", released_by(PUSH, sign % said, SHIP)).verdict == expected


@pytest.mark.parametrize("test", ["mvn -B verify -DskipTests=", "./mvnw verify -Dmaven.test.failure.ignore="])
def test_whether_tests_are_left_out(test: str) -> None:
    for said, expected in ("true", "fail"), ("false", "pass"), ("$SKIP", "unknown"), (RUN, "unknown"):
        files = released_by(f"- run: {test}{said}", PUSH, SHIP) | {"pom.xml": POM}
        assert judge("tests-gate-release", files).verdict == expected


def gated(command: str, variable: str = "") -> str:
    """What is said of a release that waits for this command, run with a variable."""
    step = f"- run: {command}\n" + (f"  env: {{{variable}}}\n" if variable else "")
    on = "{workflow_dispatch: {inputs: {args: {type: string}, slow: {type: boolean}}}}"
    return judge(
        "tests-gate-release", released_by(step, PUSH, SHIP, on=on) | {"pom.xml": POM, "gradlew": "# gradle-wrapper.jar"}
    ).verdict


@pytest.mark.parametrize(
    "test",
    [
        "pytest %s",
        "pytest -v %s tests",
        "mvn -B verify %s",
        "mvn verify -D%s",
        "./gradlew build %s",
        "./gradlew build -x %s",
        "go test -race %s ./...",
        "go test -run %s ./...",
        "go test -skip=%s ./...",
        "npx jest %s",
        "cargo test --all %s",
        "dotnet test --filter %s",
    ],
)
@pytest.mark.parametrize("said", [RUN, "$ARGS", "${{ inputs.args }}", "${{ vars.ASKED || '-v' }}", "${ARGS:--v}"])
def test_words_that_may_be_anything_may_leave_all_tests_out(test: str, said: str) -> None:
    assert gated(test % said, f"ARGS: '{RUN}'") == "unknown"


@pytest.mark.parametrize(
    "test",
    [
        "pytest -n %s",
        "pytest --junitxml=%s",
        "pytest tests/%s",
        "pytest -k %s",  # of none it says that it fails
        "mvn verify -Drevision=%s",
        "mvn verify -P %s",
        "./gradlew build -Pversion=%s",
        "go test -timeout %s ./...",
        "dotnet test -c %s",
    ],
)
def test_what_the_value_of_an_option_is_leaves_no_tests_out(test: str) -> None:
    assert gated(test % RUN) == "pass"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("${{ inputs.slow && '--cov' || '' }}", "pass"),
        ("${{ inputs.slow && 'tests' || 'tests/unit' }}", "pass"),
        ("${{ inputs.slow && '--collect-only' || '' }}", "unknown"),
        ("$NOBODY_SETS_IT", "pass"),
        ("$RUNNER_TEMP", "pass"),
        ("${{ github.workspace }}", "pass"),
    ],
)
def test_words_of_which_it_is_known_what_they_may_be(said: str, expected: str) -> None:
    assert gated(f"pytest {said}") == expected


@pytest.mark.parametrize(
    ("test", "variable"), [("pytest", "PYTEST_ADDOPTS"), ("mvn verify", "MAVEN_ARGS"), ("go test ./...", "GOFLAGS")]
)
def test_variables_that_a_program_reads_may_leave_tests_out(test: str, variable: str) -> None:
    assert gated(test, f"{variable}: '{RUN}'") == "unknown"
    assert gated(test, f"{variable}: '-Dcolor={RUN}'") == "pass"


FORMS = [
    f"- run: syft {IMAGE} -o %s=sbom.json",
    f"- run: syft {IMAGE} > sbom.json\n  env: {{SYFT_OUTPUT: '%s'}}",
    f"- run: trivy image --format %s --output sbom.json {IMAGE}",
    f"- uses: anchore/sbom-action@v0\n  with: {{image: '{IMAGE}', format: '%s', output-file: sbom.json}}",
]


@pytest.mark.parametrize(("said", "expected"), [(RUN, "unknown"), ("spdx-json", "pass"), ("table", "fail")])
@pytest.mark.parametrize("describe", FORMS)
def test_in_which_form_an_sbom_is_written(describe: str, said: str, expected: str) -> None:
    assert judge("sbom-generated", released_by(PUSH, describe % said, ATTEST, SHIP)).verdict == expected


@pytest.mark.parametrize(
    ("forms", "expected"), [("spdx-json, cyclonedx-json", "pass"), ("spdx-json, table", "unknown")]
)
def test_in_which_form_each_leg_writes_one(forms: str, expected: str) -> None:
    steps = PUSH, FORMS[0] % "${{ matrix.form }}", ATTEST
    assert judge("sbom-generated", released_by(*steps, strategy=f"{{matrix: {{form: [{forms}]}}}}")).verdict == expected


VERIFIES = {
    f"- run: gh attestation verify oci://{IMAGE} --repo acme/shop --predicate-type %s": "https://slsa.dev/provenance/v1",
    f"- run: cosign verify-attestation --key acme.pub --type %s {IMAGE}": "slsaprovenance1",
}


@pytest.mark.parametrize(("verify", "told"), VERIFIES.items())
def test_which_statement_is_verified(verify: str, told: str) -> None:
    for said, expected in (told, "pass"), ("https://spdx.dev/Document", "fail"), (RUN, "unknown"):
        assert judge("provenance-verified", released_by(PUSH, verify % said, SHIP)).verdict == expected


@pytest.mark.parametrize(("said", "expected"), [(RUN, "unknown"), ("true", "pass"), ("false", "fail")])
def test_whether_a_package_is_published_with_its_provenance(said: str, expected: str) -> None:
    assert judge("build-signed", released_by("- run: uv build", PYPI % said)).verdict == expected
    assert judge("build-signed", released_by(NPM % said)).verdict == expected
    assert judge("build-signed", released_by(f"- run: npm publish --provenance={said}")).verdict == expected
