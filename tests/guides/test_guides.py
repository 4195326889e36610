"""What a guide shows is what the template makes, filled in with what the repository says, and it meets the check."""

from __future__ import annotations

import re
import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import toolbox
import trees
from engines import quickened
from goldenpath.checks import load, shipped_ids
from goldenpath.contract import named
from goldenpath.guides import guide
from goldenpath.repository import open_repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from toolbox import Rendered

TODAY = date(2026, 11, 24)
WRITE = re.compile(
    r"^Write `(?P<path>[^`]+)`:\n\n(?P<fence>`{3,})\w+\n(?P<text>.*?)\n(?P=fence)$", re.MULTILINE | re.DOTALL
)
PUT = re.compile(r"^Put into `(?P<path>[^`]+)`, [^\n]*\n\n```yaml\n(?P<text>.*?)```$", re.MULTILINE | re.DOTALL)

NO_FILE = {"actions-pinned", "ci-least-privilege", "dependencies-locked", "provenance-verified", "template-current",
           "vulnerabilities-gated"}  # fmt: skip
"""The checks that ask something of files which every service has its own of."""

BESIDE_OTHERS = {
    "alerts-routed", "build-reproducible", "burn-rate-alerts", "dependencies-updated", "latency-p95-measured",
    "runbook-complete", "tests-gate-release",
}  # fmt: skip
"""The checks that files of the template meet in a service that has the rest."""

OF_FILES = [name for name in shipped_ids() if name not in NO_FILE]
"""The checks that a file of the template meets."""

FILLED = {
    "<owner>": "payments", "<organisation>": "globex", "<on-call id>": "PT5K2WQ", "<chat channel>": "payments",
    "<service name>": "payments-api", "<template>": "python-service",
}  # fmt: skip

ORGANISATIONS: dict[str, dict[str, str]] = {
    "keyless": {},
    "a key, incident.io and Google Chat": {
        "signing": "kms", "oncall_product": "incident-io", "chat_product": "google-chat", "default_branch": "trunk",
    },
    "attestations, Grafana and Teams, another registry": {
        "signing": "github-attestations", "oncall_product": "grafana-oncall", "chat_product": "teams",
        "image_registry": "registry.globex.io/shop", "chat_workspace": "0d9b645f-597b-41f0-a2a3-ef103fbd91bb",
    },
    "an Enterprise Server": {"source_host": "github.globex.io"},
}  # fmt: skip
NEED_ANSWERS = {
    "catalog-info.yaml",
    ".github/workflows/ci.yml",
    "docs/golden-path.md",
    "docs/runbook.md",
    "docs/index.md",
}
"""Files that the template or the spelling of an answer decides about, which the catalog does not tell."""

IDS: dict[str, dict[str, object]] = {
    "a key, incident.io and Google Chat": {"oncall": "01JABCDEFGHJKMNPQRSTVWXYZ0", "chat": "AAAAabcdEFG"},
    "attestations, Grafana and Teams, another registry": {
        "oncall": "CABC1234DEFGH", "chat": "19:0123456789abcdef@thread.tacv2",
    },
}  # fmt: skip


def shown(check: str, files: Mapping[str, str | bytes | None]) -> str:
    return guide(load(check), trees.repository(files), named("standard"), TODAY, called="here")


def written(text: str) -> dict[str, str]:
    """The files that a guide says to write."""
    return {match["path"]: match["text"] + "\n" for match in WRITE.finditer(text)}


def tree(service: Path) -> dict[str, str | bytes | None]:
    paths = [path for path in service.rglob("*") if path.is_file()]
    return {path.relative_to(service).as_posix(): path.read_bytes() for path in paths}


def files_of(check: str) -> set[str]:
    """The files that would meet a check in a repository that has nothing at all."""
    return set(written(shown(check, {})))


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Guides fill in the template's own files, and few of those change from check to check."""
    with quickened():
        yield


@pytest.fixture(params=ORGANISATIONS)
def made(
    request: pytest.FixtureRequest, templates: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str | bytes | None]:
    """A service of an organisation that has made its own choices, by Copier; its guides read the same choices."""
    organisation: str = request.param

    def make(folder: Path) -> None:
        shutil.copytree(templates / "templates", folder / "suite" / "templates")
        shutil.copy(templates / "copier.yml", folder / "suite")
        choose(folder / "suite", ORGANISATIONS[organisation])
        answers = {"owner": "user:jane", "slo_availability": 99.5, "description": "It's paid here."}
        toolbox.copy(folder / "suite", folder, answers | IDS.get(organisation, {}))

    folder = toolbox.once(shared / "organisations" / organisation, make)
    monkeypatch.setattr("goldenpath.guides.sources", lambda: folder / "suite")
    return tree(folder / "payments-api")


def choose(suite: Path, choices: Mapping[str, str]) -> None:
    organization = suite / "templates/questions/organization.yml"
    text = organization.read_text(encoding="utf-8").replace("acme", "globex")
    for question, choice in choices.items():
        text, count = re.subn(rf"(?ms)^({question}:.*?default: )[^\n]*$", rf"\g<1>{choice}", text, count=1)
        assert count == 1
    organization.write_text(text, encoding="utf-8")


def assert_same(check: str, service: Mapping[str, str | bytes | None], without: set[str]) -> None:
    text = shown(check, {path: content for path, content in service.items() if path not in without})
    found = written(text)
    assert found.keys() == without
    for path in without:
        assert found[path].encode() == service[path]
    assert "Fill in" not in text


@pytest.mark.parametrize("check", OF_FILES)
def test_the_files_are_the_templates_byte_for_byte(check: str, made: dict[str, str | bytes | None]) -> None:
    assert_same(check, made, files_of(check))
    if beside := files_of(check) - {"catalog-info.yaml"}:
        assert_same(check, made, beside)


@pytest.mark.parametrize("check", OF_FILES)
def test_what_the_catalog_says_is_enough(check: str, rendered: Rendered) -> None:
    service = tree(rendered(owner="payments"))
    del service[".copier-answers.yml"]
    if beside := files_of(check) - NEED_ANSWERS:
        assert_same(check, service, beside)


@pytest.mark.parametrize("check", sorted(BESIDE_OTHERS))
def test_who_writes_what_is_shown_into_a_service_meets_the_check(check: str, rendered: Rendered) -> None:
    service = tree(rendered())
    for path in load(check).fix.files or files_of(check):
        del service[path]
    files = written(shown(check, service))
    assert files
    assert trees.judge(check, service).verdict != "pass"
    assert trees.judge(check, service | files).verdict == "pass"


@pytest.mark.parametrize("check", [name for name in OF_FILES if name not in BESIDE_OTHERS])
def test_who_writes_and_fills_in_what_is_shown_meets_the_check(check: str) -> None:
    files: dict[str, Any] = written(shown(check, {}))
    for placeholder, value in FILLED.items():
        files = {path: text.replace(placeholder, value) for path, text in files.items()}
    assert trees.judge(check, files).verdict == "pass"


ENTITY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  annotations: {%s}
spec: {type: service, lifecycle: production, owner: retail}
"""
HOSTILE = r'"{= 1 // 0 =}{% for %}`````\x1b[31m\u202e{{7*7}}"'


def put(text: str) -> str:
    """What a guide says to put into the catalog's entity."""
    (match,) = PUT.finditer(text)
    assert match["path"] == "catalog-info.yaml"
    return match["text"]


def test_of_an_entity_that_is_there_only_what_the_check_goes_by_is_shown() -> None:
    text = shown("oncall-declared", {"catalog-info.yaml": ENTITY % "github.com/project-slug: globex/shop"})
    assert put(text) == ('metadata:\n  annotations:\n    pagerduty.com/service-id: "<on-call id>"\n')
    assert "Write `" not in text
    assert text.endswith("Fill in: <on-call id>.")


def test_an_entity_without_an_owner_is_shown_where_the_owner_goes() -> None:
    text = shown("owner-declared", {"catalog-info.yaml": (ENTITY % "").replace(", owner: retail", "")})
    assert put(text) == "spec:\n  owner: group:default/<owner>\n"


def test_a_link_into_the_repository_comes_with_what_says_whose_it_is() -> None:
    with_slug = put(shown("runbook-linked", {"catalog-info.yaml": ENTITY % "github.com/project-slug: globex/shop"}))
    assert "project-slug" not in with_slug
    assert "https://github.com/globex/shop/blob/main/docs/runbook.md" in with_slug
    without = put(shown("runbook-linked", {"catalog-info.yaml": ENTITY % ""}))
    assert "github.com/project-slug: <organisation>/shop" in without


def test_a_file_that_is_there_is_never_shown() -> None:
    text = shown("slo-defined", {"catalog-info.yaml": ENTITY % "", "observability/slo.yaml": "slo: everything\n"})
    assert "`observability/slo.yaml` is here already" in text
    assert "```" not in text


def test_what_holds_or_is_not_asked_needs_no_fix() -> None:
    assert "It is not asked here" in shown("actions-pinned", {})
    held = shown("owner-declared", {"catalog-info.yaml": ENTITY % ""})
    assert held.startswith("## In here\n\nIt holds here: owned by group:default/retail.")
    assert "```" not in held


def test_the_folder_proposes_the_name_and_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "my-shop").mkdir()
    with open_repository(tmp_path / "my-shop") as repository:
        text = guide(load("owner-declared"), repository, named("standard"), TODAY, called="my-shop")
    assert "  name: my-shop\n" in text
    assert text.endswith("The service's name, my-shop, is the folder's: put its own.")


@pytest.mark.parametrize("check", OF_FILES)
def test_values_of_a_repository_are_shown_and_never_obeyed(check: str) -> None:
    entity = f"""
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: {HOSTILE}
          description: {HOSTILE}
          annotations: {{github.com/project-slug: {HOSTILE}, backstage.io/source-location: {HOSTILE}}}
          links: [{{title: dashboard, url: {HOSTILE}}}, {{url: "https://a.slack.com/archives/C1?{{= x =}}%1b"}}]
        spec: {{type: service, owner: {HOSTILE}, system: {HOSTILE}}}
        """
    answers = "".join(f"{name}: {HOSTILE}\n" for name in ("name", "owner", "oncall", "chat", "slo_availability"))
    trees_: list[dict[str, str | bytes | None]] = [
        {"catalog-info.yaml": entity, ".copier-answers.yml": answers},
        {".copier-answers.yml": answers},
        {".copier-answers.yml": "slo_availability: 100\nslo_latency_ms: 0\nlifecycle: [a]\nname: {a: b}\n"},
        {".copier-answers.yml": "name: null\n  - :"},
    ]
    for files in trees_:
        text = shown(check, files)
        assert all(character.isprintable() for line in text.splitlines() for character in line)
        assert "{{49" not in text


@pytest.mark.parametrize("name", ["2048", "1e5", "null"])
def test_a_name_that_yaml_reads_as_something_else_is_quoted(name: str) -> None:
    entity = (ENTITY % "").replace("name: shop", f'name: "{name}"')
    assert f'  service: "{name}"\n' in shown("slo-defined", {"catalog-info.yaml": entity})


def test_a_gitlab_repository_without_a_pipeline_is_shown_the_one_that_releases() -> None:
    entity = ENTITY % "\n  annotations: {gitlab.com/project-slug: acme/shop}"
    text = shown("build-signed", {"catalog-info.yaml": entity, ".gitlab/CODEOWNERS": "* @acme/payments\n"})

    assert "Write `.gitlab-ci.yml`:" in text
    assert 'cosign sign --yes "$IMAGE@$DIGEST"' in text
    assert "`.github/" not in text.partition("## In ")[2]


def test_a_gitlab_repository_is_shown_the_file_that_gitlab_reads() -> None:
    text = shown("code-owned", {"catalog-info.yaml": ENTITY % "", ".gitlab-ci.yml": "test: {script: make}\n"})
    assert "Write `.gitlab/CODEOWNERS`:" in text
    assert "`.github/" not in text.partition("## In ")[2]
