"""The questionnaire: five questions for a person, bad answers refused with what is allowed, all else by default."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from copier import run_copy

import toolbox
from combinations import CHAT
from engines import quickened
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INCIDENT_IO: dict[str, object] = {"oncall_product": "incident-io"}
GRAFANA: dict[str, object] = {"oncall_product": "grafana-oncall"}
TEAMS: dict[str, object] = {"chat_product": "teams"}
GOOGLE: dict[str, object] = {"chat_product": "google-chat"}

TEAMS_LINK = CHAT["teams"]
A_LINK = r'"Get link to channel" gives all of it'

A_NAME = "2 to 40 lower-case letters, digits and single hyphens"
TAKEN = "means something else in the service"
AN_OWNER = r"Backstage reference of a group or a user, \[kind:\]\[namespace/\]name"
PLACEHOLDER = "is a placeholder"
PAGERDUTY = "PagerDuty service id has 7 to 14 capital letters and digits"

REFUSED: list[tuple[str, object, str]] = [
    *(("name", name, A_NAME) for name in [
        "", "a", "Payments", "payments_api", "pay.ments", "payments--api", "-payments", "payments-", "9lives",
        "payments api", "payments\n", "zahlungen-für", "x" * 41, "{= name =}",
    ]),
    *(("name", name, TAKEN) for name in [
        "class", "match", "json", "zoneinfo", "py-compile", "requests", "fastapi", "prometheus-client", "yaml",
        "mkdocs", "python", "pytest", "uv", "null", "docs", "src", "tests",
    ]),
    *(("owner", owner, AN_OWNER) for owner in [
        "", "payments team", "team:payments", "group:", "group:Default/payments", "a/b/c", "-a", "a--b", "x" * 64,
        "payments\n", "@acme/payments", "jane@acme.example",
    ]),
    *(("owner", owner, PLACEHOLDER) for owner in ["todo", "TBD", "group:default/unknown", "user:guest", "my-team"]),
    *(("oncall", oncall, PAGERDUTY) for oncall in [
        "", "pabc123", "ABC123", "XABC123", "e93facc04764012d7bfb002500d5d1a6", "PABC123\n",
        "https://acme.pagerduty.com/PABC123",
    ]),
    *(("oncall", oncall, PLACEHOLDER) for oncall in ["PXXXXXX", "P000000"]),
    *(("chat", chat, "Slack channel has at most 80 lower-case letters") for chat in [
        "", "#", "#Payments", "pay ments", "https://acme.slack.com/archives/C0123456", "x" * 81, "payments\n",
    ]),
    ("template", "cobol-service", "Invalid choice"),
    *(("description", text, "one line of 1 to 200 characters") for text in [
        "", "  ", "two\nlines", 'a "quote"', "x" * 201,
    ]),
    *(("system", text, "Backstage reference") for text in ["", "a b", "group:payments", "a/b/c", "x" * 64]),
    ("lifecycle", "sunset", "Invalid choice"),
    ("ci", "bitbucket", "Invalid choice"),
    ("deploy", "kustomize", "Invalid choice"),
    *(("slo_availability", percent, "between 95 and 99.99 percent") for percent in [0, 94.9, 99.995, 100, 999]),
    ("slo_availability", "high", "could not convert"),
    *(("slo_latency_ms", milliseconds, "Invalid choice") for milliseconds in [0, 1, 200, 300, 20000]),
    ("python_version", "3.12", "Invalid choice"),
]  # fmt: skip

REFUSED_TOGETHER: dict[str, tuple[dict[str, object], str]] = {
    "another product's on-call id": (GRAFANA | {"oncall": "PABC123"}, "Grafana OnCall integration id has 8 to 16"),
    "a placeholder of Grafana OnCall": (GRAFANA | {"oncall": "CXXXXXXXXX"}, PLACEHOLDER),
    "a PagerDuty id for incident.io": (
        INCIDENT_IO | {"oncall": "PABC123"},
        "escalation path id has 26 capital letters",
    ),
    "a letter that incident.io has not": (
        INCIDENT_IO | {"oncall": "01JABCDEFGHIJKLMNOPQRSTUVW"},
        "escalation path id has 26",
    ),
    "a Slack channel in Teams": (TEAMS | {"chat": "#payments"}, A_LINK),
    "a link without the team": (TEAMS | {"chat": TEAMS_LINK.replace("groupId", "group")}, A_LINK),
    "a link without the tenant": (TEAMS | {"chat": TEAMS_LINK.partition("&")[0]}, A_LINK),
    "a link that is markup": (TEAMS | {"chat": TEAMS_LINK.replace("Payments", "](x)")}, A_LINK),
    "a link to a person": (TEAMS | {"chat": "https://teams.microsoft.com/l/chat/0/0?users=jane@acme.example"}, A_LINK),
    "a Slack channel in Google Chat": (GOOGLE | {"chat": "#payments"}, "Google Chat space id has 8 to 32"),
    "attestations on an Enterprise Server": (
        {"signing": "github-attestations", "source_host": "github.acme.example"},
        "choose keyless or kms",
    ),
    "attestations of GitHub's on GitLab": (
        {"ci": "gitlab", "signing": "github-attestations"},
        "GitHub keeps attestations of its own pipelines only",
    ),
    "a registry of GitLab's that ends in a slash": (
        {"ci": "gitlab", "gitlab_registry": "registry.gitlab.com/acme/"},
        "gitlab_registry is a host and a path",
    ),
    "a group that is none": ({"ci": "gitlab", "gitlab_group": "acme//shop"}, "gitlab_group is a group's path"),
    "a key that is none": ({"signing": "kms", "kms_key": ""}, "kms_key names the key"),
    "a registry that ends in a slash": ({"image_registry": "ghcr.io/acme/"}, "without a slash at the\\s+end"),
    "a registry without a path": ({"image_registry": "ghcr.io"}, "a host and a path"),
    "a registry in capitals": ({"image_registry": "ghcr.io/Acme"}, "in lower case"),
    "an address without a scheme": ({"dashboard_url": "grafana.acme.example"}, "addresses begin with https://"),
    "an address that ends in a slash": ({"docs_url": "https://backstage.acme.example/"}, "do not end with a slash"),
}


@pytest.fixture(scope="session")
def plain(suite: Path, shared: Path) -> Path:
    """The suite without its history: Copier need not clone it for each question."""

    def make(folder: Path) -> None:
        shutil.copy(suite / "copier.yml", folder)
        shutil.copytree(suite / "templates", folder / "templates")

    return toolbox.once(shared / "plain", make)


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    with quickened():
        yield


def ask(source: Path, destination: Path, **answers: object) -> None:
    run_copy(str(source), destination, data=toolbox.ANSWERS | answers, defaults=True, quiet=True, pretend=True)


# ---- what a person is asked


QUESTIONS = {
    "What do you want to start?": "",
    "The service's name, in kebab-case": "",
    "Who owns it? A Backstage group or user (payments, user:jane)": "payments",
    "Who is paged?": "PABC123",
    "Where do people talk about it?": "payments",
}


def test_a_person_is_asked_five_questions(suite: Path, tmp_path: Path) -> None:
    service = tmp_path / "Payments_API"
    terminal = Terminal("copier", "copy", str(suite), str(service))
    for question, answer in QUESTIONS.items():
        terminal.wait_for(question)
        terminal.answer(answer)

    assert terminal.end() == 0, terminal.screen
    asked = set(re.findall(r"🎤\s+([^\r\n?(]{9,}[?(]?)", terminal.screen))
    assert len(asked) == 5, asked
    assert "payments-api is ready in" in terminal.screen
    assert yaml.safe_load((service / ".copier-answers.yml").read_text(encoding="utf-8"))["name"] == "payments-api"


def test_a_bad_answer_is_explained_and_asked_again(suite: Path, tmp_path: Path) -> None:
    terminal = Terminal("copier", "copy", str(suite), str(tmp_path / "payments-api"), "-d", "template=python-service")
    terminal.wait_for("The service's name")
    terminal.answer("\x15Payments API")  # ^U: away with the default
    terminal.wait_for("As in payments-api: 2 to 40")
    terminal.answer("\x15payments-api")
    for question in list(QUESTIONS)[2:]:
        terminal.wait_for(question)
        terminal.answer(QUESTIONS[question])

    assert terminal.end() == 0, terminal.screen


# ---- what is refused


@pytest.mark.parametrize(
    ("question", "answer", "sentence"), REFUSED, ids=[f"{name} {value!r:.30}" for name, value, _ in REFUSED]
)
def test_a_bad_answer_is_refused_with_what_is_allowed(
    plain: Path, tmp_path: Path, question: str, answer: object, sentence: str
) -> None:
    with pytest.raises(ValueError, match=re.sub(" ", r"\\s+", sentence)) as refusal:
        ask(plain, tmp_path / "service", **{question: answer})

    assert f"'{question}'" in str(refusal.value) or question == "slo_availability"


@pytest.mark.parametrize(("answers", "sentence"), REFUSED_TOGETHER.values(), ids=list(REFUSED_TOGETHER))
def test_answers_that_do_not_fit_together_are_refused(
    plain: Path, tmp_path: Path, answers: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=re.sub(" ", r"\\s+", sentence)):
        ask(plain, tmp_path / "service", **answers)


@pytest.mark.parametrize(
    ("default", "mistaken", "sentence"),
    [
        ("keyless", "cosign", "Invalid choice for 'signing'"),
        ("pagerduty", "opsgenie", "Invalid choice for 'oncall_product'"),
        ("slack", "irc", "Invalid choice for 'chat_product'"),
        ("github", "gitea", "Invalid choice for 'default_ci'"),
        ("ghcr.io/acme", "ghcr.io/acme/", r"In templates/questions/organization\.yml, image_registry is"),
        (
            "https://grafana.acme.example",
            "grafana.acme.example",
            r"In templates/questions/organization\.yml, addresses begin",
        ),
    ],
)
def test_a_mistake_in_the_organisations_file_is_found_before_anything_is_written(
    plain: Path, tmp_path: Path, default: str, mistaken: str, sentence: str
) -> None:
    shutil.copytree(plain, tmp_path / "suite")
    organization = tmp_path / "suite" / "templates" / "questions" / "organization.yml"
    text = organization.read_text(encoding="utf-8")
    organization.write_text(text.replace(f"  default: {default}\n", f"  default: {mistaken}\n"), encoding="utf-8")

    with pytest.raises(ValueError, match=sentence):
        ask(tmp_path / "suite", tmp_path / "service")
    assert not (tmp_path / "service").exists()


# ---- what is not asked


def test_what_is_stored_and_what_is_the_organisations(suite: Path, tmp_path: Path) -> None:
    service = toolbox.copy(suite, tmp_path, {"slo_latency_ms": 500, "image_registry": "registry.acme.example/trial"})

    assert yaml.safe_load((service / ".copier-answers.yml").read_text(encoding="utf-8")) == {
        "_commit": "v0.1.0",
        "_src_path": str(suite),
        "template": "python-service",
        "name": "payments-api",
        "owner": "group:default/payments",
        "oncall": "PABC123",
        "chat": "#payments",
        "description": "The payments-api service.",
        "system": "platform",
        "ci": "github",
        "deploy": "none",
        "lifecycle": "production",
        "python_version": "3.13",
        "slo_availability": 99.9,
        "slo_latency_ms": 500,
    }
    assert "registry.acme.example/trial/payments-api" in (service / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("written", ["Payments_API", "payments api", "payments-api"])
def test_the_folder_proposes_the_name(plain: Path, tmp_path: Path, written: str) -> None:
    answers = {key: value for key, value in toolbox.ANSWERS.items() if key != "name"}

    run_copy(str(plain), tmp_path / written, data=answers, defaults=True, quiet=True)

    assert 'name = "payments-api"' in (tmp_path / written / "pyproject.toml").read_text(encoding="utf-8")


def test_copier_has_nothing_to_warn_of(suite: Path, tmp_path: Path) -> None:
    """Neither trust is asked for, nor is anything in the templates about to stop working."""
    data = [f"--data={key}={value}" for key, value in toolbox.ANSWERS.items()]
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "copier",
        "copy",
        "--defaults",
        "--quiet",
        *data,
        str(suite),
        "payments-api",
    ]

    done = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("names", [
    # The Java Language Specification, 3.9: its name is a package's, com.acme.NAME.
    "abstract assert boolean break byte case catch char class const continue default do double else enum extends final "
    "finally float for goto if implements import instanceof int interface long native new package private protected "
    "public return short static strictfp super switch synchronized this throw throws transient try void volatile while "
    "true false null",
    # `go help packages`, `go help test`: it is a folder of cmd/, and the last one of the module's path.
    "internal vendor testdata",
], ids=["java", "go"])  # fmt: skip
def test_no_name_that_a_language_keeps_for_itself_can_be_a_services(plain: Path, names: str) -> None:
    questions = yaml.safe_load((plain / "templates" / "questions" / "reserved.yml").read_text(encoding="utf-8"))

    assert set(names.split()) - set(questions["reserved_names"]["default"].split()) == set()


def test_all_that_an_organisation_decides_is_in_one_file(plain: Path) -> None:
    """Five questions; of the others each is never put (`ask: false`) or computed (`when: false`)."""
    questions: dict[str, dict[str, object]] = {}
    for file in sorted((plain / "templates" / "questions").glob("*.yml")):
        loaded = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert not questions.keys() & loaded.keys()
        questions |= loaded
        if file.name in {"organization.yml", "derived.yml", "reserved.yml"}:
            assert all(question["when"] is False for question in loaded.values()), file

    asked = [name for name, question in questions.items() if question.get("when", True) and question.get("ask", True)]
    assert asked == list(toolbox.ANSWERS)
