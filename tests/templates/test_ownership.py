"""What an update may touch: two releases of the suite, and a service whose team has worked in between."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pathspec import PathSpec

import toolbox
from languages import LANGUAGES
from toolbox import copier, status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TEAM = [
    ".env.example", ".github/CODEOWNERS", "README.md", "docs/index.md", "docs/runbook.md", "pyproject.toml",
    "requirements-build.txt", "requirements-dev.txt", "requirements.txt",
]  # fmt: skip
TEMPLATE = [
    ".copier-answers.yml", ".github/dependabot.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml",
    ".python-version", ".yamllint.yaml", "docs/golden-path.md", "docs/slo.md", "observability/alertmanager.yaml",
    "observability/alerts.yaml", "observability/alerts_test.yaml", "observability/dashboard.json",
    "observability/slo.yaml",
]  # fmt: skip
SHARED = [
    ".dockerignore", ".editorconfig", ".gitattributes", ".gitignore", ".pre-commit-config.yaml", "Dockerfile",
    "Makefile", "catalog-info.yaml", "mkdocs.yml",
]  # fmt: skip

PACKAGE = Path("src") / "payments_api"
UPSTREAM = "changed by the suite's next release"


def answers(service: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((service / ".copier-answers.yml").read_text(encoding="utf-8"))
    return loaded


def template_files(suite: Path) -> Iterator[Path]:
    """Every file of the suite that becomes a service's."""
    for folder in ("partials/docs", "partials/github", "partials/observability", "python-service"):
        found = (path for path in sorted((suite / "templates" / folder).rglob("*")) if path.is_file())
        yield from (path for path in found if not re.search("gitlab|helm", str(path.relative_to(suite))))
    yield suite / "templates" / "partials" / "catalog-info.yaml.jinja"


def release_again(suite: Path) -> None:
    """Change every file of the templates, add and remove some, move the organisation's registry; tag v0.2.0."""
    for path in template_files(suite):
        text = path.read_text(encoding="utf-8")
        names = {path.name.removesuffix(".jinja"), path.suffix}
        if re.search(r"\{% include \S+ -%\}\n$", text) or path.name in {
            "burn.jinja",
            "py.typed",
            ".python-version.jinja",
        }:
            continue  # what it includes is changed
        if path.name in {"setup.yml.jinja", "login.yml.jinja", "kms-login.yml.jinja"} or path.name.startswith("{="):
            continue  # a piece of a workflow; the answers
        if "dashboard.json" in names:
            path.write_text(
                text.replace('"refresh": "1m"', f'"refresh": "1m",\n  "comment": "{UPSTREAM}"'), encoding="utf-8"
            )
        elif path.name.endswith((".md", ".md.jinja")):
            path.write_text(f"{text}\n{UPSTREAM}\n", encoding="utf-8")
        else:
            path.write_text(f"# {UPSTREAM}\n{text}", encoding="utf-8")
    source = suite / "templates" / "python-service" / "src" / "{= package =}"
    (source / "invoices.py").write_text('"""A module that existing services do not want."""\n', encoding="utf-8")
    (source / "orders" / "models.py").unlink()
    (suite / "templates" / "python-service" / "observability" / "extra.yaml").write_text(
        "extra: true\n", encoding="utf-8"
    )
    organization = suite / "templates" / "questions" / "organization.yml"
    organization.write_text(
        organization.read_text(encoding="utf-8").replace("ghcr.io/acme", "ghcr.io/moved"), encoding="utf-8"
    )
    toolbox.commit(suite, "feat: everything is new", tag="v0.2.0")


def work(service: Path) -> None:
    """Edit, delete and move what is the team's, and add to what is shared."""
    (service / PACKAGE / "app.py").write_text('"""Ours."""\n', encoding="utf-8")
    (service / PACKAGE / "problems.py").unlink()
    (service / PACKAGE / "orders").rename(service / PACKAGE / "payments")
    (service / "tests" / "test_orders.py").rename(service / "tests" / "test_payments.py")
    (service / "docs" / "index.md").write_text("# Ours\n", encoding="utf-8")
    (service / "docs" / "runbook.md").write_text("# Ours\n", encoding="utf-8")
    (service / ".env.example").unlink()
    (service / ".github" / "CODEOWNERS").write_text("* @acme/payments @acme/sre\n", encoding="utf-8")
    (service / "requirements.txt").write_text("fastapi==1.0.0\n", encoding="utf-8")
    with (service / "Makefile").open("a", encoding="utf-8") as makefile:
        makefile.write("\n.PHONY: ours\nours: ## Ours.\n\techo ours\n")
    with (service / "catalog-info.yaml").open("a", encoding="utf-8") as catalog:
        catalog.write("  dependsOn: [resource:payments-db]\n")
    (service / "observability" / "slo-checkout.yaml").write_text("ours: true\n", encoding="utf-8")
    toolbox.commit(service, "feat: our work")


@pytest.fixture(scope="session")
def suites(suite: Path, shared: Path) -> Path:
    """Find the suite with two releases."""

    def make(folder: Path) -> None:
        toolbox.git(folder, "clone", "--quiet", str(suite), str(folder / "suite"))
        release_again(folder / "suite")

    return toolbox.once(shared / "two-releases", make) / "suite"


@pytest.fixture(scope="session")
def updated(suites: Path, shared: Path) -> Path:
    """Find a service made at v0.1.0, worked on, and updated to v0.2.0, which is not committed yet."""

    def make(folder: Path) -> None:
        service = folder / "payments-api"
        data = [f"--data={key}={value}" for key, value in {**toolbox.ANSWERS, "slo_availability": 99.5}.items()]
        copier(folder, "copy", "--vcs-ref", "v0.1.0", *data, str(suites), str(service))
        toolbox.commit(service)
        work(service)
        copier(service, "update")

    return toolbox.once(shared / "updated", make) / "payments-api"


def test_every_file_has_one_owner(rendered: toolbox.Rendered) -> None:
    """The lists above, which docs/golden-path.md repeats, name every file of a service."""
    service = rendered()
    files = {str(path.relative_to(service)) for path in service.rglob("*") if path.is_file()}
    assert {file for file in files if not file.startswith(("src/", "tests/"))} == {*TEAM, *TEMPLATE, *SHARED}

    page = (service / "docs" / "golden-path.md").read_text(encoding="utf-8")
    rows = {
        owner: set(re.findall(r"`([^`]+)`", cells))
        for owner, cells in re.findall(r"^\| (\w+) \| ([^|]+) \|", page, re.MULTILINE)
    }
    for owner, owned in {"Team": TEAM, "Template": TEMPLATE}.items():
        for file in owned:
            named = {file, f"{file.rpartition('/')[0]}/", re.sub(r"^requirements.*", "requirements*.txt", file)}
            assert named & rows[owner], f"{file} is not among the {owner.lower()}'s files"


@pytest.mark.parametrize("template", LANGUAGES)
def test_a_team_owns_what_updates_leave_out_and_is_told_so(rendered: toolbox.Rendered, template: str) -> None:
    """In every language: what copier.yml leaves out of an update is what docs/golden-path.md gives to the team."""
    service = rendered(template=template)
    files = {str(path.relative_to(service)) for path in service.rglob("*") if path.is_file()}
    settings = (toolbox.ROOT / "copier.yml").read_text(encoding="utf-8")
    page = (service / "docs" / "golden-path.md").read_text(encoding="utf-8")

    def told(owner: str) -> set[str]:
        (row,) = re.findall(rf"^\| {owner} \| ([^|]+) \|", page, re.MULTILINE)
        return matched(files, (f"/{name}" for name in re.findall("`([^`]+)`", row)))

    team, template_files = told("Team"), told("Template")
    left_out = re.findall(r"{% if _copier_operation == 'update' %}(\S+?){% endif %}", settings)
    assert matched(files, left_out) == team
    assert team & template_files == set()
    assert {"README.md", "docs/runbook.md"} < team
    assert {".github/workflows/release.yml", "observability/slo.yaml"} < template_files


def matched(files: set[str], patterns: Iterable[str]) -> set[str]:
    """Of these files, those that a pattern names, as Copier understands it: git's way."""
    return set(PathSpec.from_lines("gitignore", patterns).match_files(files))


def test_an_update_leaves_the_teams_files_alone(updated: Path) -> None:
    changed = status(updated)

    assert [path for path in changed if path in TEAM or path.startswith(("src/", "tests/"))] == []


def test_an_update_moves_the_templates_files(updated: Path) -> None:
    changed = status(updated)

    expected = {path: "M" for path in [*TEMPLATE, *SHARED] if path != ".python-version"} | {
        "observability/extra.yaml": "??"
    }
    assert changed == expected
    for path in set(changed) & {*TEMPLATE, *SHARED} - {".copier-answers.yml"}:
        assert UPSTREAM in (updated / path).read_text(encoding="utf-8"), path
    assert (updated / "observability" / "slo-checkout.yaml").read_text(encoding="utf-8") == "ours: true\n"


def test_an_update_leaves_no_conflict(updated: Path) -> None:
    assert toolbox.conflicts(updated) == []


def test_what_both_sides_added_to_a_shared_file_is_there(updated: Path) -> None:
    assert "\techo ours\n" in (updated / "Makefile").read_text(encoding="utf-8")
    assert yaml.safe_load((updated / "catalog-info.yaml").read_text(encoding="utf-8"))["spec"]["dependsOn"] == [
        "resource:payments-db"
    ]


def test_an_update_keeps_answers_and_follows_the_organisation(updated: Path) -> None:
    assert answers(updated)["_commit"] == "v0.2.0"
    assert answers(updated)["slo_availability"] == 99.5
    assert "99.5" in (updated / "observability" / "slo.yaml").read_text(encoding="utf-8")
    release = (updated / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert "IMAGE: ghcr.io/moved/payments-api" in release


CHANGED: dict[str, tuple[object, str, str]] = {
    "slo_latency_ms": (500, "observability/slo.yaml", 'le="0.5"'),
    "slo_availability": (99.95, "observability/alerts.yaml", "vector(0.9995)"),
    "lifecycle": ("deprecated", "catalog-info.yaml", "lifecycle: deprecated"),
    "system": ("shop/checkout", "catalog-info.yaml", 'system: "shop/checkout"'),
    "owner": ("user:jane", "observability/alerts.yaml", 'owner: "user:default/jane"'),
    "oncall": ("P7654321", "catalog-info.yaml", 'pagerduty.com/service-id: "P7654321"'),
    "chat": ("checkout", "observability/alertmanager.yaml", 'channel: "#checkout"'),
    "description": ("Takes money.", "catalog-info.yaml", 'description: "Takes money."'),
}
"""Of each answer that a team may change: a new value, and where one sees it."""


def test_changed_answers_are_kept_by_the_next_update(suites: Path, tmp_path: Path) -> None:
    """And what `-d` gave in the organisation's place is in no answer: like an edit by hand, no update knows of it."""
    service = tmp_path / "payments-api"
    data = [f"--data={key}={value}" for key, value in {**toolbox.ANSWERS, "default_branch": "trial"}.items()]
    copier(tmp_path, "copy", "--vcs-ref", "v0.1.0", *data, str(suites), str(service))
    toolbox.commit(service)

    def check(release: str) -> None:
        stored = answers(service)
        assert stored["_commit"] == release
        assert {key: stored[key] for key in CHANGED} == {key: value for key, (value, _, _) in CHANGED.items()}
        assert "default_branch" not in stored
        for _, file, text in CHANGED.values():
            assert text in (service / file).read_text(encoding="utf-8")
        assert "branches: [trial]" in (service / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
        assert toolbox.git(service, "diff", "--name-only", "--diff-filter=U") == ""

    # As docs/golden-path.md says.
    copier(
        service,
        "update",
        "--vcs-ref",
        ":current:",
        *(f"--data={key}={value}" for key, (value, _, _) in CHANGED.items()),
    )
    check("v0.1.0")
    toolbox.commit(service, "feat: other answers")
    copier(service, "update")
    check("v0.2.0")
