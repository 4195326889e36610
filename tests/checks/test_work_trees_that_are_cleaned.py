"""What is gone from a work tree before it is attested, or published: SBOMs, signatures, and what was built."""

from __future__ import annotations

import pytest

from pipelines import changed, on_gitlab
from releasing import ATTEST, DESCRIBE, PUSH, SHIP, released_by
from trees import judge

CHECKOUT = "- uses: actions/checkout@v5"


def described(*steps: str, files: dict[str, str] | None = None) -> str:
    return judge("sbom-generated", released_by(*steps, ATTEST, SHIP) | (files or {})).verdict


@pytest.mark.parametrize(
    ("given", "again", "at_first"),
    [
        ("{}", "fail", "fail"),
        ("{clean: false}", "pass", "fail"),  # where no work tree is yet, all that lies there is deleted
        ("{clean: '${{ vars.CLEAN }}'}", "unknown", "fail"),
        ("{repository: acme/other, clean: false}", "fail", "fail"),
        ("{path: other}", "pass", "pass"),
        ("{path: other, repository: acme/other}", "pass", "pass"),
    ],
)
def test_a_checkout_removes_what_lies_there(given: str, again: str, at_first: str) -> None:
    checkout = f"{CHECKOUT}\n  with: {given}"
    assert described(CHECKOUT, PUSH, DESCRIBE, checkout) == again
    assert described(PUSH, DESCRIBE, checkout) == at_first
    assert described(checkout, PUSH, DESCRIBE) == "pass"


def test_a_checkout_that_may_be_skipped_may_remove_it() -> None:
    for condition, expected in ("vars.X == 'y'", "unknown"), ("github.event_name == 'pull_request'", "pass"):
        assert described(CHECKOUT, PUSH, DESCRIBE, f"{CHECKOUT}\n  if: {condition}") == expected


def test_a_checkout_leaves_what_lies_elsewhere() -> None:
    moved = [each.replace("sbom.json", "/tmp/sbom.json") for each in (DESCRIBE, ATTEST)]
    steps = (CHECKOUT, PUSH, moved[0], CHECKOUT, moved[1], SHIP)
    assert judge("sbom-generated", released_by(*steps)).verdict == "pass"
    below = [each.replace("sbom.json", "out/sbom.json") for each in (DESCRIBE, ATTEST)]
    steps = (CHECKOUT, PUSH, below[0], f"{CHECKOUT}\n  with: {{path: out, repository: acme/o}}", below[1], SHIP)
    assert judge("sbom-generated", released_by(*steps)).verdict == "fail"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("git clean -fdx", "fail"),
        ("git clean -f", "fail"),
        ("git clean -fd .", "fail"),
        ("git clean -fx sbom.json", "fail"),
        ("git clean -fdX", "pass"),
        ("git clean -ndx", "pass"),
        ("git clean -fdx --dry-run", "pass"),
        ("git clean -fdx -e sbom.json", "pass"),
        ("git clean -fdx -e '*.json'", "pass"),
        ("git clean -fdx docs", "pass"),
        ("git -C other clean -fdx", "pass"),
        ("git stash -u", "unknown"),
        ("git stash push --all", "unknown"),
        ("git stash", "pass"),
        ("git checkout other -- sbom.json", "fail"),
        ("git checkout other -- docs", "pass"),
        ("find . -name '*.json' -delete", "unknown"),
        ("find . -maxdepth 1 -type f -newer x -exec rm {} +", "unknown"),
        ("find . -name '*.tmp' -delete", "pass"),
        ("find . -name '*.json'", "pass"),
    ],
)
def test_what_is_removed_or_written_over_is_not_attested(command: str, expected: str) -> None:
    assert described(CHECKOUT, PUSH, DESCRIBE, f"- run: {command}") == expected


@pytest.mark.parametrize(
    ("ignored", "plain", "only"),
    [
        ("sbom.json\n", "pass", "fail"),
        ("# sbom.json\n*.json\n", "pass", "fail"),
        ("/docs\n", "fail", "pass"),
        ("sbom.json/\n", "fail", "pass"),
        ("*.json\n!sbom.json\n", "unknown", "unknown"),
    ],
)
def test_git_leaves_what_it_ignores_unless_it_is_told_not_to(ignored: str, plain: str, only: str) -> None:
    for options, expected in ("-fd", plain), ("-fdX", only), ("-fdx", "fail"):
        clean = f"- run: git clean {options}"
        assert described(CHECKOUT, PUSH, DESCRIBE, clean, files={".gitignore": ignored}) == expected


def test_git_goes_into_folders_that_it_does_not_have_only_if_it_is_told_to() -> None:
    below = [each.replace("sbom.json", "out/sbom.json") for each in (DESCRIBE, ATTEST)]
    for options, files, expected in (
        ("-fx", {}, "pass"),
        ("-fdx", {}, "fail"),
        ("-fx", {"out/README.md": ""}, "fail"),
        ("-fx out", {}, "fail"),
    ):
        steps = (CHECKOUT, PUSH, below[0], f"- run: git clean {options}", below[1], SHIP)
        assert judge("sbom-generated", released_by(*steps) | files).verdict == expected


def test_gitlab_cleans_alike() -> None:
    attests = '    - cosign attest --yes --type cyclonedx --predicate sbom.json "$IMAGE@$DIGEST"\n'
    for line, expected in ("git clean -fdx", "fail"), ("git clean -fdx docs", "pass"):
        cleaned = on_gitlab(changed((attests, f"    - {line}\n{attests}")))
        assert judge("sbom-generated", cleaned).verdict == expected


MADE = "- run: go build -o dist/shop ./cmd/shop"
SIGN = "- run: cosign sign-blob --yes --bundle dist/shop.bundle dist/shop"
RELEASE = "- run: gh release create v1 dist/*"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- run: rm dist/shop.bundle", "unknown"),
        ("- run: rm -f dist/*.bundle", "unknown"),
        ("- run: git clean -fdx", "fail"),  # and with it what was built
        (CHECKOUT, "fail"),
        ("- run: git stash -u", "unknown"),
        ("- run: find dist -name '*.bundle' -delete", "unknown"),
        ("- run: find dist -name '*.o' -delete", "pass"),
        ("- run: rm -f other.bundle", "pass"),
        ("- run: cp dist/shop.bundle keep/ && rm dist/shop.bundle && cp keep/shop.bundle dist/", "unknown"),
        ("- run: gh release upload v1 dist/shop.bundle && rm dist/shop.bundle", "pass"),
    ],
)
def test_a_signature_that_is_removed_is_seen_by_nobody(step: str, expected: str) -> None:
    assert judge("build-signed", released_by(CHECKOUT, MADE, SIGN, step, RELEASE)).verdict == expected
    assert judge("build-signed", released_by(CHECKOUT, MADE, SIGN, RELEASE, step)).verdict == "pass"


def test_what_is_built_is_gone_with_the_rest() -> None:
    for step in ("- run: git clean -fdx", CHECKOUT):
        assert judge("build-signed", released_by(CHECKOUT, MADE, step, SIGN, RELEASE)).verdict != "pass"
