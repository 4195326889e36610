"""What a team makes of its service meets every later release: each template, from every release that changed it.

The services and the releases are real ones (tests/releases.py); what else a team may do is in test_histories.py.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import pytest

import releases
import toolbox
from goldenpath.contract import named
from goldenpath.repository import open_repository
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from pathlib import Path


class Team(NamedTuple):
    """What a team does: files that it edits, one that it deletes, one that it adds; all of them its own."""

    edits: tuple[str, ...]
    deletes: str
    adds: str


TEAMS = {
    "python-service": Team(("src/payments_api/app.py", "pyproject.toml"), ".env.example", "src/payments_api/new.py"),
    "go-service": Team(("internal/orders/orders.go", "go.mod"), ".env.example", "internal/orders/new.go"),
    "typescript-service": Team(("src/app.ts", "tests/app.test.ts"), ".env.example", "src/new.ts"),
    "java-service": Team(
        ("src/main/java/com/acme/payments_api/Application.java",), ".env.example", "src/main/resources/new.properties",
    ),
}  # fmt: skip
FIRST = {template: "v0.1.0" if template == "python-service" else "v0.3.0" for template in TEAMS}
BIRTHS = [
    (template, version)
    for template in TEAMS
    for version in releases.WITH_OTHER_TEMPLATES
    if releases.order(FIRST[template]) <= releases.order(version)
]
COMMENT = {".go": "//", ".mod": "//", ".java": "//", ".ts": "//"}


@pytest.fixture(scope="session")
def suite_until_now(shared: Path) -> Path:
    return toolbox.once(shared / "suite-until-now", releases.history_until_now)


def tier(service: Path) -> str | None:
    with open_repository(service) as repository:
        return evaluate(repository, named("standard"), date.today()).tier


@pytest.mark.parametrize(("template", "version"), BIRTHS)
def test_the_teams_work_stays_and_the_service_is_gold(
    suite_until_now: Path, template: str, version: str, tmp_path: Path
) -> None:
    team = TEAMS[template]
    answers = toolbox.ANSWERS | {"template": template}
    service = releases.born_with_copier(suite_until_now, version, tmp_path, answers)
    toolbox.commit(service)
    for path in ("README.md", "docs/runbook.md", *team.edits):
        with (service / path).open("a", encoding="utf-8") as file:
            file.write(f"\n{COMMENT.get((service / path).suffix, '#')} The team's.\n")
    (service / team.deletes).unlink()
    (service / team.adds).write_text("", encoding="utf-8")
    toolbox.commit(service, "feat: our work")

    toolbox.copier(service, "update")

    assert toolbox.conflicts(service) == []
    assert f"_commit: {releases.NEXT}" in (service / ".copier-answers.yml").read_text(encoding="utf-8")
    theirs = {"README.md", "docs/runbook.md", *team.edits, team.deletes, team.adds}
    assert not theirs & toolbox.status(service).keys()
    toolbox.git(service, "add", "--all")
    assert tier(service) == "gold"
