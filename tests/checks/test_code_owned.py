"""code-owned: every file has an owner, and the catalog agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import toolbox
from goldenpath.facts.codeowners import codeowners
from goldenpath.repository import open_repository
from trees import judge

if TYPE_CHECKING:
    from pathlib import Path


def catalog(owner: str = "group:default/payments", name: str = "shop") -> str:
    return f"""
    apiVersion: backstage.io/v1alpha1
    kind: Component
    metadata: {{name: {name}}}
    spec: {{type: service, owner: "{owner}"}}
    """


def of(codeowners: str, owner: str = "payments", **more: str) -> tuple[str, str]:
    files = {".github/CODEOWNERS": codeowners, "src/a.py": "", "catalog-info.yaml": catalog(owner), **more}
    outcome = judge("code-owned", files)
    return outcome.verdict, outcome.reason or outcome.summary


def test_a_rule_for_everything_passes_with_the_rule_and_the_catalogs_owner_as_evidence() -> None:
    outcome = judge("code-owned", {".github/CODEOWNERS": "* @acme/payments\n", "catalog-info.yaml": catalog(), "a": ""})
    assert (outcome.verdict, outcome.summary) == ("pass", "every file has an owner, 3 of them @acme/payments")
    assert [(each.role, each.path, each.line, each.column) for each in outcome.evidence] == [
        ("declared", ".github/CODEOWNERS", 1, 1),
        ("described", "catalog-info.yaml", 4, 30),
    ]


def test_without_a_component_only_the_files_are_asked() -> None:
    assert judge("code-owned", {"CODEOWNERS": "* @acme/payments"}).verdict == "pass"


@pytest.mark.parametrize("path", ["CODEOWNERS.md", "src/CODEOWNERS", ".github/codeowners", ".github/CODEOWNERS.yaml"])
def test_a_file_that_nobody_reads_fails_and_is_named(path: str) -> None:
    outcome = judge("code-owned", {path: "* @acme/payments"})
    assert outcome.verdict == "fail"
    assert f"{path} is read by nobody" in outcome.summary
    assert outcome.evidence[0].path == path


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "CODEOWNERS has no rule"),
        ("# * @acme/payments", "CODEOWNERS has no rule"),
        ("@acme/payments", "an owner where a pattern belongs"),
        ("* @acme/payments\n!/docs/ @acme/docs", "no negation"),
        ("* @acme/payments\n/src/ acme/payments", "is no owner"),
        ("* @org/team", "placeholder"),
        ("* @your-org/payments", "placeholder"),
        ("* @octocat", "placeholder"),
        ("* user@example.com", "placeholder"),
        ("/src/ @acme/payments", "2 of 3 files have no owner, .github/CODEOWNERS for one"),
        ("* @acme/payments\n/src/", "1 of 3 files have no owner, src/a.py for one"),
        ("/* @acme/payments\n/.github/ @acme/payments", "src/a.py for one"),
    ],
)
def test_what_leaves_changes_without_a_reviewer_fails(text: str, problem: str) -> None:
    verdict, summary = of(text)
    assert verdict == "fail"
    assert problem in summary


def test_a_rule_that_takes_owners_away_is_the_evidence() -> None:
    outcome = judge("code-owned", {"CODEOWNERS": "* @acme/payments\n/src/\n", "src/a.py": ""})
    assert [(each.line, each.text) for each in outcome.evidence] == [(2, "`/src/` takes src/a.py away from its owners")]


def test_files_that_programs_write_may_be_nobodys() -> None:
    text = "* @acme/payments\npackage-lock.json\n/go.sum\n"
    assert of(text, **{"package-lock.json": "", "go.sum": ""})[0] == "pass"
    assert of("/src/ @acme/payments\n/.github/ @acme/payments\n*.yaml @acme/payments", **{"go.sum": ""})[0] == "fail"


@pytest.mark.parametrize(
    ("owner", "codeowners", "verdict"),
    [
        ("payments", "* @acme/payments", "pass"),
        ("group:acme/Payments", "* @acme/payments", "pass"),
        ("payments", "* @jane @acme/payments-team", "pass"),
        ("team-payments", "* @acme/payments", "pass"),
        ("payments", "* payments@acme.io", "pass"),
        ("user:default/jane", "* @Jane", "pass"),
        ("maintainers", "* @acme/maintainers", "pass"),
        ("payments", "* @acme/payments\n/docs/ @acme/writers", "pass"),
        ("payments", "* @jane", "unknown"),
        ("user:jane", "* @acme/payments", "unknown"),
        ("payments", "* @acme/payments-core", "unknown"),
        ("payments", "* @acme/engineering", "unknown"),
        ("payments", "* @acme/platform\n/src/ @acme/payments", "unknown"),
        ("payments", "* @acme/growth", "fail"),
        ("payments", "* @acme/growth @acme/platform", "fail"),
    ],
)
def test_the_catalogs_owner_is_compared(owner: str, codeowners: str, verdict: str) -> None:
    assert of(codeowners, owner)[0] == verdict


def test_an_owner_that_the_catalog_does_not_have_is_another_checks_business() -> None:
    assert of("* @acme/payments", "not a reference: at all")[0] == "pass"


def test_gitlab_is_read_by_gitlabs_rules() -> None:
    files = {".gitlab-ci.yml": "", "CODEOWNERS": "[Code] @acme/payments\n*\n^[Docs]\n*.md @acme/docs\n"}
    assert judge("code-owned", files).verdict == "pass"


@pytest.mark.parametrize("content", [None, b"* @acme/\xff", b"* @acme/payments\x00"])
def test_what_cannot_be_read_is_unknown(content: bytes | None) -> None:
    outcome = judge("code-owned", {"CODEOWNERS": content})
    assert outcome.verdict == "unknown"
    assert outcome.reason


def test_a_partial_file_as_a_public_library_has_it() -> None:
    """Workflows and Dockerfiles are owned, the code is not."""
    files = dict.fromkeys(["zap.go", "README.md", "go.mod", ".github/workflows/ci.yml"], "")
    outcome = judge("code-owned", {**files, ".github/CODEOWNERS": "/.github/workflows @acme/ci\n"})
    assert (outcome.verdict, outcome.summary) == ("fail", "4 of 5 files have no owner, .github/CODEOWNERS for one")


def test_a_file_that_was_deleted_but_is_still_tracked_is_missing(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/CODEOWNERS").write_text("* @acme/shop\n")
    toolbox.commit(tmp_path)
    (tmp_path / ".github/CODEOWNERS").unlink()
    with open_repository(tmp_path) as opened:
        assert codeowners(opened).path is None


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("/src/ @acme/payments\n", "Begin CODEOWNERS with a rule for every file: `* @organisation/team`"),
        ("* @acme/payments\n/src/\n", "Correct CODEOWNERS:2:1: give its files an owner"),
        ("* @acme/payments\n/src/ payments\n", "Correct CODEOWNERS:2:7: "),
        ("* @your-org/your-team\n", "Correct CODEOWNERS:1:3: the owner `@your-org/your-team` is a placeholder"),
    ],
)
def test_the_fix_says_which_line_or_that_one_is_missing(text: str, fix: str) -> None:
    outcome = judge("code-owned", {"CODEOWNERS": text, "src/shop.py": "", "README.md": ""})
    assert outcome.verdict == "fail"
    assert outcome.fix is not None
    assert outcome.fix.summary.startswith(fix), outcome.fix


@pytest.mark.parametrize(
    "line", ["[Code] @acme/payments\n*\n", "^[Code][2] @acme/payments\n*\n", "* @acme/shop/payments\n"]
)
@pytest.mark.parametrize("path", ["CODEOWNERS", "docs/CODEOWNERS"])
def test_what_only_gitlab_reads_is_judged_where_somebody_says_which_forge_it_is(line: str, path: str) -> None:
    files = {path: line, "catalog-info.yaml": catalog()}
    assert judge("code-owned", files).verdict == "unknown"
    assert judge("code-owned", {**files, ".gitlab-ci.yml": ""}).verdict == "pass"
    assert judge("code-owned", {**files, ".github/dependabot.yml": ""}).verdict == "fail"
    assert judge("code-owned", {**files, path: "* nobody\n"}).verdict == "fail"
