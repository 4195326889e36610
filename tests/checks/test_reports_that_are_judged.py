"""Reports of scanners and of tests that fail nothing by themselves, and the commands that read them."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by, script
from trees import judge

DIGEST = "${{ steps.push.outputs.digest }}"
IMAGE = f"ghcr.io/acme/shop@{DIGEST}"
GRYPE = f"grype {IMAGE} -o json > r.json"
TRIVY = f"trivy image --format json -o r.json {IMAGE}"
CONVERT = "trivy convert --exit-code 1 --severity HIGH,CRITICAL r.json"
ASK = "jq -e '[.matches[]] | length == 0' r.json"
COUNT = "n=$(jq '.matches | length' r.json)"


def verdict(*lines: str) -> str:
    return judge("vulnerabilities-gated", released_by(PUSH, script(*lines), SHIP)).verdict


@pytest.mark.parametrize(
    "lines",
    [
        (GRYPE, ASK),
        (f"grype {IMAGE} -o json=r.json", ASK),
        (f"grype {IMAGE} -o json | tee r.json", ASK),
        (f"grype {IMAGE} -o json | jq -e '.matches == []'",),
        (GRYPE, "jq -e '.matches == []' < r.json"),
        (GRYPE, COUNT, '[ "$n" -eq 0 ]'),
        (GRYPE, COUNT, 'if [ "$n" -gt 0 ]; then exit 1; fi'),
        (GRYPE, COUNT, "if (( n > 0 )); then exit 1; fi"),
        (GRYPE, "jq -r '.matches[].id' r.json > ids.txt", 'test "$(wc -l < ids.txt)" -eq 0'),
        (GRYPE, "grep -q Critical r.json && exit 1 || true"),
        (GRYPE, "if grep -q Critical r.json; then echo no; exit 1; fi"),
        (TRIVY, "! grep -q CRITICAL r.json"),
        (TRIVY, "jq '.Results = []' r.json > t.json && mv t.json r.json", CONVERT),
        (f"trivy image --format json {IMAGE} | jq '.Results = []' > r.json", CONVERT),
    ],
)
def test_whoever_reads_it_may_refuse_by_a_rule_of_its_own(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "unknown"


def test_a_report_of_an_action_and_a_judge_in_another_step() -> None:
    scan = f"- uses: anchore/scan-action@v7\n  with: {{image: '{IMAGE}', fail-build: false, output-file: r.json}}"
    assert judge("vulnerabilities-gated", released_by(PUSH, scan, script(ASK), SHIP)).verdict == "unknown"
    assert judge("vulnerabilities-gated", released_by(PUSH, scan, script("cat r.json"), SHIP)).verdict == "fail"


@pytest.mark.parametrize("lines", [(TRIVY, CONVERT), (TRIVY, "cp r.json s.json", CONVERT.replace("r.json", "s.json"))])
def test_a_scanner_that_reads_its_own_report_refuses_as_if_it_had_looked_itself(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "pass"


@pytest.mark.parametrize(
    "lines",
    [
        (GRYPE,),
        (GRYPE, "cat r.json"),
        (GRYPE, "jq '.matches | length' r.json"),
        (GRYPE, f"{ASK} || true"),
        (GRYPE, ASK.replace("r.json", "other.json")),
        (GRYPE, COUNT, 'echo "$n"'),
        (GRYPE, "cat r.json", 'if [ -z "$TOKEN" ]; then exit 1; fi'),
        (GRYPE, "if grep -q Critical r.json; then exit 0; fi"),
        (TRIVY, f"{CONVERT} || true"),
        (TRIVY, "trivy convert --severity HIGH r.json"),
        (TRIVY, "trivy convert --exit-code 1 --severity LOW r.json"),
        (TRIVY.replace("--format", "--severity LOW --format"), CONVERT),
        (TRIVY.replace(f"@{DIGEST}", ":1.2"), CONVERT),
        (TRIVY, "echo '{}' > r.json", CONVERT),
        ("trivy fs --format json -o r.json .", CONVERT),
        ("gh release create v2 --notes x", GRYPE, ASK),
    ],
)
def test_a_report_of_which_nothing_refuses_what_it_says(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "fail"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("grep -q '\"fail\"' t.json && exit 1", "unknown"),
        ("if grep -q '\"fail\"' t.json; then exit 1; fi", "unknown"),
        ("jq -es 'all(.Action != \"fail\")' t.json", "unknown"),
        ("grep -q '\"fail\"' t.json || true", "fail"),
        ("cat t.json", "fail"),
    ],
)
def test_tests_whose_report_is_read(line: str, expected: str) -> None:
    tests = script("go test -json ./... > t.json || true", line, "go build -o dist/shop .")
    files = released_by(tests, "- run: gh release create v1 dist/*")
    assert judge("tests-gate-release", files).verdict == expected


def test_a_report_beside_what_is_released_needs_no_signature() -> None:
    sign = "cosign sign-blob --yes --bundle dist/shop.sigstore.json dist/shop"
    report = "trivy fs --format json -o dist/r.json ."
    for lines, expected in ((sign, report), "pass"), ((report,), "fail"):
        steps = (script("go build -o dist/shop .", *lines), "- run: gh release create v1 dist/*")
        assert judge("build-signed", released_by(*steps)).verdict == expected


FINDINGS = f"aws ecr describe-image-scan-findings --repository-name shop --image-id imageDigest={DIGEST}"
LISTED = "gcloud artifacts docker images list-vulnerabilities $SCAN"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((f"n=$({FINDINGS} --query imageScanFindings.findingSeverityCounts.HIGH)", '[ "$n" = null ]'), "unknown"),
        ((f"n=$({FINDINGS})", 'if [ -n "$n" ]; then exit 1; fi'), "unknown"),
        ((f"{FINDINGS} > f.json", "jq -e '.imageScanFindings.findings == []' f.json"), "unknown"),
        ((f"{FINDINGS} | jq -e '.imageScanFindings.findings == []'",), "unknown"),
        ((f"{LISTED} | (! grep -q CRITICAL)",), "unknown"),
        ((FINDINGS,), "fail"),
        ((f"n=$({FINDINGS})", 'echo "$n"'), "fail"),
        ((f"{LISTED} > found.txt", "cat found.txt"), "fail"),
        ((f"n=$({FINDINGS.replace(DIGEST, '$OTHER')})", '[ "$n" = null ]'), "unknown"),
    ],
)
def test_what_a_registry_has_found_may_be_judged(lines: tuple[str, ...], expected: str) -> None:
    assert verdict(*lines) == expected


OF_COMMIT = "gh api repos/acme/shop/commits/$GITHUB_SHA/status -q .state"
LAST = "gh run list --commit $GITHUB_SHA --workflow ci.yml --json conclusion -q '.[0].conclusion'"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((f"s=$({OF_COMMIT})", '[ "$s" = success ]'), "unknown"),
        (("s=$(gh api repos/acme/shop/commits/$GITHUB_SHA/check-runs)", 'if [ -z "$s" ]; then exit 1; fi'), "unknown"),
        ((f"{LAST} | grep -q success",), "unknown"),
        (("gh run watch 1 --exit-status",), "unknown"),
        (("gh pr checks 1 --watch",), "unknown"),
        (("gh run watch 1",), "fail"),
        (("gh run watch 1 --exit-status || true",), "fail"),
        ((LAST,), "fail"),
        ((f"s=$({OF_COMMIT})", 'echo "$s"'), "fail"),
        (("s=$(gh api repos/acme/shop/releases)", '[ "$s" = "[]" ]'), "fail"),
    ],
)
def test_how_the_checks_of_a_commit_have_ended_may_be_judged(lines: tuple[str, ...], expected: str) -> None:
    assert judge("tests-gate-release", released_by(script(*lines), SHIP)).verdict == expected
