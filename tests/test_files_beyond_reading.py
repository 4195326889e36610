"""A file that goldenpath cannot read says nothing of what its own tool makes of it: that is unknown, and no fail."""

from __future__ import annotations

import pytest

from goldenpath.checks import Settings, Template
from trees import judge

CATALOG = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop, annotations: {backstage.io/techdocs-ref: 'dir:.'}}
spec: {type: service, lifecycle: production, owner: payments}
"""
DEPENDABOT = """
version: 2
updates: [{package-ecosystem: npm, directory: /, schedule: {interval: weekly}}]
"""
RULES = "groups:\n- name: shop\n  rules:\n  - alert: Burns\n    expr: up == 0\n"
SLO = "apiVersion: openslo/v1\nkind: SLO\n"
NODE = {
    "package.json": '{"dependencies": {"left-pad": "1.0.0"}}',
    "package-lock.json": '{"lockfileVersion": 3, "packages": {}}',
}
PYTHON = {"pyproject.toml": "[project]\nname = 'x'\ndependencies = ['left-pad']\n"}
FILES = {
    "dependencies-updated": (".github/dependabot.yml", DEPENDABOT, NODE),
    "docs-published": ("mkdocs.yml", "site_name: shop\n", {"catalog-info.yaml": CATALOG, "docs/index.md": "# Shop\n"}),
    "owner-declared": ("catalog-info.yaml", CATALOG, {}),
    "slo-defined": ("observability/slo.yaml", SLO, {"catalog-info.yaml": CATALOG}),
    "alerts-routed": ("observability/alerts.yaml", RULES, {"catalog-info.yaml": CATALOG}),
    "code-owned": ("CODEOWNERS", "* @acme/payments\n", {}),
    "actions-pinned": (".github/workflows/ci.yml", "on: push\njobs: {}\n", {}),
    "dependencies-locked": ("requirements-dev.txt", "left-pad==1.0\n", PYTHON),
}  # fmt: skip
BOMB = "za: &za [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"z{one}: &z{one} [{', '.join([f'*z{before}'] * 10)}]\n" for before, one in zip("abcdef", "bcdefg", strict=True)
)
YAML = [name for name, (path, _, _) in FILES.items() if path.endswith((".yml", ".yaml"))]


@pytest.mark.parametrize("check", FILES)
def test_too_large(check: str) -> None:
    path, _, others = FILES[check]
    outcome = judge(check, {**others, path: None})
    assert (outcome.verdict, "it is too large" in f"{outcome.reason}") == ("unknown", True), outcome


@pytest.mark.parametrize("check", FILES)
def test_no_utf_8(check: str) -> None:
    path, text, others = FILES[check]
    outcome = judge(check, {**others, path: text.lstrip().encode() + b"# \xe9\n"})
    assert (outcome.verdict, "it is not UTF-8" in f"{outcome.reason}") == ("unknown", True), outcome


@pytest.mark.parametrize("check", YAML)
def test_aliases_without_end(check: str) -> None:
    path, text, others = FILES[check]
    outcome = judge(check, {**others, path: text.lstrip() + BOMB})
    assert (outcome.verdict, "once its aliases are expanded" in f"{outcome.reason}") == ("unknown", True), outcome


def test_the_template_of_a_repository() -> None:
    settings = Settings(template=Template("https://example.com/acme/templates", "1.0.0"))
    assert judge("template-current", {".copier-answers.yml": None}, settings).verdict == "unknown"
    answers = {".copier-answers.yml": None, "Dockerfile": "FROM debian:12\n"}
    assert judge("dependencies-updated", answers).verdict == "unknown"


def test_what_the_tool_itself_refuses_still_fails() -> None:
    broken = {".github/dependabot.yml": "version: 2\nupdates: [\n", **NODE}
    assert judge("dependencies-updated", broken).verdict == "fail"
