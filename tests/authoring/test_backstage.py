"""The forms of Backstage: they ask what the questionnaire asks, and refuse what it refuses where they can."""

from __future__ import annotations

from functools import cache
from shutil import copytree
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from regress import Regex

from combinations import CHAT
from goldenpath.adoption.plan import ASKED
from goldenpath.authoring.backstage import ADOPTION, LOCATION, entities
from goldenpath.questionnaire import read
from toolbox import ANSWERS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATES = sorted(read(ROOT).services)
FORMS = [*TEMPLATES, ADOPTION]
FILLED_IN = {key: value for key, value in ANSWERS.items() if key != "template"}
REPOSITORY = {"repoUrl": "github.com?owner=acme&repo=payments-api"}


@cache
def compiled(root: Path) -> dict[str, str]:
    """What is made of that suite, once."""
    return entities(root)


def spec_of(template: str, root: Path = ROOT) -> dict[str, Any]:
    """What an entity says of its form and its steps."""
    spec: dict[str, Any] = yaml.safe_load(compiled(root)[f"scaffolder/templates/{template}.yaml"])["spec"]
    return spec


def form(template: str, root: Path = ROOT) -> dict[str, Any]:
    """All pages of a template's form as one schema."""
    spec = spec_of(template, root)
    merged: dict[str, Any] = {"properties": {}, "required": [], "errorMessage": {}}
    for page in spec["parameters"]:
        merged["properties"] |= page["properties"]
        merged["required"] += page.get("required", [])
        merged["errorMessage"] |= page.get("errorMessage", {}).get("properties", {})
    return merged


@pytest.fixture
def suite_of_acme(tmp_path: Path) -> Path:
    """What is compiled from, to be changed."""
    for folder in ("templates/questions", "scaffolder/templates"):
        copytree(ROOT / folder, tmp_path / folder)
    for file in ("copier.yml", "catalog-info.yaml"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    return tmp_path


@pytest.mark.parametrize("template", FORMS)
def test_a_form_takes_the_answers_that_the_tests_give(template: str) -> None:
    schema = form(template)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(FILLED_IN | REPOSITORY)


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize(
    ("question", "answer"),
    [("name", "Payments API"), ("name", "p"), ("name", "a" * 41), ("owner", "group:"), ("oncall", "12345"),
     ("chat", "Payments!"), ("slo_availability", 94.9), ("slo_latency_ms", 251), ("lifecycle", "beta"),
     ("description", "x" * 201)],
)  # fmt: skip
def test_a_form_refuses_what_the_questionnaire_refuses(template: str, question: str, answer: object) -> None:
    schema = form(template)
    answers = FILLED_IN | REPOSITORY | {question: answer}
    (refusal,) = Draft202012Validator(schema).iter_errors(answers)
    assert list(refusal.path) == [question]
    if "enum" not in schema["properties"][question]:
        assert schema["errorMessage"][question].endswith((".", ")."))


@pytest.mark.parametrize("template", FORMS)
def test_a_pattern_is_javascripts(template: str) -> None:
    patterns = {name: each["pattern"] for name, each in form(template)["properties"].items() if "pattern" in each}
    assert patterns
    for name, pattern in patterns.items():
        assert Regex(pattern, flags="u").find("a\n" if name == "name" else "\n") is None, name


def test_every_template_is_registered_and_asks_for_its_own_answers_only() -> None:
    location = yaml.safe_load(compiled(ROOT)[LOCATION])
    assert location["spec"]["targets"] == [f"./{template}.yaml" for template in [*read(ROOT).services, ADOPTION]]
    assert "python_version" in form("python-service")["properties"]
    for template in set(TEMPLATES) - {"python-service"}:
        assert "python_version" not in form(template)["properties"]


def test_what_is_rendered_is_every_stored_answer() -> None:
    (render, *_) = spec_of("python-service")["steps"]
    assert "gitlab" in render["input"]["values"]["ci"]
    assert "ci" not in form("python-service")["properties"]
    stored = [name for name, each in read(ROOT).of("python-service").questions.items() if each.is_stored]
    assert list(render["input"]["values"]) == stored
    assert render["input"]["values"]["template"] == "python-service"


def test_adoption_asks_for_what_a_repository_need_not_say_and_refuses_what_the_questionnaire_refuses() -> None:
    schema = form(ADOPTION)
    assert set(schema["required"]) == set(schema["properties"]) == {"repoUrl", *ASKED}
    assert schema["properties"]["owner"]["ui:field"] == "EntityPicker"
    assert schema["properties"]["repoUrl"]["ui:field"] == "RepoUrlPicker"
    for question, answer in {"owner": "group:", "oncall": "12345", "chat": "Payments!"}.items():
        answers = FILLED_IN | REPOSITORY | {question: answer}
        (refusal,) = Draft202012Validator(schema).iter_errors(answers)
        assert list(refusal.path) == [question]
        assert schema["errorMessage"][question] == form("python-service")["errorMessage"][question]


def test_adoption_proposes_what_is_missing_with_both_scorecards() -> None:
    spec = spec_of(ADOPTION)
    adopt, *proposals = spec["steps"]
    assert adopt["action"] == "goldenpath:adopt"
    assert adopt["input"]["values"] == {name: f"${{{{ parameters.{name} }}}}" for name in ASKED}
    actions = [step["action"] for step in proposals]
    assert actions == ["publish:github:pull-request", "publish:gitlab:merge-request"]
    for step, host in zip(proposals, ("github", "gitlab"), strict=True):
        assert f"=== '{host}'" in step["if"]
        assert step["input"]["description"] == "${{ steps.adopt.output.summary }}"
    assert [link["if"] for link in spec["output"]["links"]] == [step["if"] for step in proposals]


def test_a_form_follows_the_organisation(suite_of_acme: Path) -> None:
    file = suite_of_acme / "templates/questions/organization.yml"
    text = file.read_text()
    text = text.replace("default: github.com", "default: git.acme.example")
    file.write_text(text.replace("default: pagerduty", "default: incident-io"))
    schema = form("python-service", suite_of_acme)
    assert schema["properties"]["oncall"]["description"] == "The incident.io escalation path id (01JABC…)"
    assert schema["properties"]["oncall"]["pattern"] == "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
    assert "26 capital letters" in schema["errorMessage"]["oncall"]
    assert schema["properties"]["repoUrl"]["ui:options"]["allowedHosts"] == ["git.acme.example", "gitlab.com"]


def test_a_form_of_an_organisation_with_teams_asks_for_the_link_to_a_channel(suite_of_acme: Path) -> None:
    file = suite_of_acme / "templates/questions/organization.yml"
    file.write_text(file.read_text().replace("default: slack", "default: teams"))
    chat = form("python-service", suite_of_acme)["properties"]["chat"]
    assert chat["description"] == 'The link to the Teams channel ("Get link to channel")'
    pattern = Regex(chat["pattern"], flags="u")
    assert pattern.find(CHAT["teams"])
    assert pattern.find(f"{CHAT['teams']}&ngc=true&allowXTenantAccess=true")
    assert pattern.find(CHAT["teams"].replace("microsoft.com", "cloud.microsoft"))
    assert pattern.find(CHAT["teams"].partition("?")[0]) is None


def test_a_fork_that_adopts_nothing_has_no_template_for_it(suite_of_acme: Path) -> None:
    file = suite_of_acme / "templates/questions/common.yml"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.rstrip().endswith(": adopt")))
    assert not [path for path in entities(suite_of_acme) if ADOPTION in path]


def test_a_fork_without_the_scaffolder_makes_no_forms(suite_of_acme: Path) -> None:
    (suite_of_acme / "scaffolder").rename(suite_of_acme / "gone")
    assert entities(suite_of_acme) == {}
