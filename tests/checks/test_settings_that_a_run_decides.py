"""Options, inputs and variables of which only a run knows the value: they may turn off what they are there for."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by
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


@pytest.mark.parametrize(("said", "expected"), [(RUN, "unknown"), ("true", "pass"), ("false", "fail")])
def test_whether_a_package_is_published_with_its_provenance(said: str, expected: str) -> None:
    assert judge("build-signed", released_by("- run: uv build", PYPI % said)).verdict == expected
    assert judge("build-signed", released_by(NPM % said)).verdict == expected
    assert judge("build-signed", released_by(f"- run: npm publish --provenance={said}")).verdict == expected
