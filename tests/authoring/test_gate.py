"""`goldenpath authoring gate`: what is tried, what is found, and what cannot be tried."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import toolbox
from goldenpath.authoring import generated, main
from goldenpath.authoring.cookiecutter import SKELETONS, skeletons
from goldenpath.authoring.options import combinations, offered
from goldenpath.questionnaire import Questionnaire, read
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SETTINGS = """\
_subdirectory: "templates/{= template =}"
_templates_suffix: .jinja
_answers_file: .copier-answers.yml
_envops: {variable_start_string: "{=", variable_end_string: "=}", comment_start_string: "{%#",
  comment_end_string: "#%}", trim_blocks: true, lstrip_blocks: true, keep_trailing_newline: true,
  block_start_string: "{%", block_end_string: "%}", undefined: jinja2.StrictUndefined}
_exclude: [".git", "{% if _copier_operation == 'update' %}/README.md{% endif %}"]
_message_after_copy: "{= name =} is in {= _copier_conf.dst_path =}."
---
!include templates/questions/organization.yml
---
!include templates/questions/common.yml
"""
ORGANIZATION = """\
suite_source: {type: str, when: false, default: "https://example.com/suite"}
signing: {type: str, when: false, choices: [keyless, kms, none], default: keyless}
default_ci: {type: str, when: false, choices: [github, gitlab], default: github}
"""
COMMON = """\
template:
  type: str
  choices: {A toy: toy}
name: {type: str, placeholder: shop, default: "{= _copier_conf.dst_path.name =}"}
owner: {type: str, placeholder: "{% if signing == 'kms' %}security{% else %}payments{% endif %}"}
ci:
  type: str
  ask: false
  choices: [github, gitlab]
  default: "{= default_ci if signing else 'github' =}"
  validator: "{% if ci == 'gitlab' and signing == 'none' %}GitLab signs always.{% endif %}"
stage: {type: str, ask: false, choices: [production, experimental], default: production}
"""
ENTITY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: {= name =}}
spec: {type: service, lifecycle: {= stage =}, owner: {= owner =}}
"""
ANSWERS = """\
{% for key, value in _copier_answers | dictsort if key == '_commit' or key == '_src_path' %}
{= key =}: {= value =}
{% endfor %}
{% for key, value in _copier_answers | dictsort if key != '_commit' and key != '_src_path' %}
{= key =}: {= value | tojson =}
{% endfor %}
"""
CONTRACT = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 1.0.0, owner: group:default/platform}
spec:
  tiers: [bronze]
  checks: {owner-declared: {tier: bronze}}
"""


def write(suite: Path, files: dict[str, str]) -> None:
    """Write files of a suite, and what Cookiecutter has of them."""
    for path, text in files.items():
        (suite / path).parent.mkdir(parents=True, exist_ok=True)
        (suite / path).write_text(text, encoding="utf-8")
    generated.write(suite, skeletons(suite), (f"{SKELETONS}/**/*",))


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A suite with one small template, released as v0.1.0; a contract lies beside it."""
    suite = tmp_path / "toy"
    (suite / "hooks/cookiecutter").mkdir(parents=True)
    for hook in (toolbox.ROOT / "hooks/cookiecutter").glob("*.py"):
        (suite / "hooks/cookiecutter" / hook.name).write_bytes(hook.read_bytes())
    write(suite, {
        "copier.yml": SETTINGS,
        "templates/questions/organization.yml": ORGANIZATION,
        "templates/questions/common.yml": COMMON,
        "templates/toy/catalog-info.yaml.jinja": ENTITY,
        "templates/toy/{= _copier_conf.answers_file =}.jinja": ANSWERS,
        "templates/toy/signing.md.jinja": "Signed: {= signing =}, in {= ci =}\n",
    })  # fmt: skip
    (tmp_path / "acme.yaml").write_text(CONTRACT)
    return toolbox.commit(suite, "feat: a toy", tag="v0.1.0")


def gate(toy: Path, *arguments: str) -> int:
    contract = ["--contract", str(toy.parent / "acme.yaml")]
    return main(["gate", str(toy), *contract, "--workers", "1", *arguments])


# --- what is tried


def options(suite: Path, template: str) -> list[dict[str, Any]]:
    return [each.options for each in combinations(suite, read(suite), template)]


def test_what_the_organisation_chooses_is_tried_in_every_combination_and_the_rest_choice_by_choice(toy: Path) -> None:
    together = [{"signing": signing, "ci": ci} for signing in ("keyless", "kms", "none") for ci in ("github", "gitlab")]
    assert options(toy, "toy") == [*together, {"signing": "keyless", "ci": "github", "stage": "experimental"}]


def test_what_the_questionnaire_refuses_is_told_in_its_words(toy: Path) -> None:
    found = combinations(toy, read(toy), "toy")
    assert {each.name: each.refused for each in found if each.refused} == {"none gitlab": "GitLab signs always."}


def test_who_is_asked_answers_with_the_placeholder(toy: Path) -> None:
    owners = {each.options["signing"]: each.answers["owner"] for each in combinations(toy, read(toy), "toy")}
    assert owners == {"keyless": "payments", "kms": "security", "none": "payments"}
    write(toy, {"templates/questions/common.yml": COMMON.replace("placeholder", "help")})
    with pytest.raises(InputError, match=r"common.yml: the question 'owner' has no default; give it a placeholder"):
        combinations(toy, read(toy), "toy")


def test_the_suites_own_placeholders_are_answers_that_its_questions_take() -> None:
    own = read(toolbox.ROOT)
    for template in own.services:
        found = combinations(toolbox.ROOT, own, template)
        assert not found[0].refused
        chosen = [{name: value for name, value in each.options.items() if name != "signing"} for each in found]
        for each in filter(lambda each: each.refused, found):
            others = {name: value for name, value in each.options.items() if name != "signing"}
            assert chosen.count(others) > 1, f"{each.name}: {each.refused}"


def test_an_older_version_is_told_what_it_knows_and_nothing_that_it_did_not_offer(toy: Path) -> None:
    now = read(toy)
    found = {each.name: each for each in combinations(toy, now, "toy")}
    usual = found["keyless github"]

    def then(*unknown: str) -> Questionnaire:
        """The questionnaire before there were these questions."""
        kept = {name: question for name, question in now.questions.items() if name not in unknown}
        return Questionnaire(now.settings, kept, {name: now.sources[name] for name in kept})

    assert offered(found["keyless gitlab"], usual, then("ci", "default_ci")) is None
    told = offered(found["kms github"], usual, then("ci", "default_ci"))
    assert told is not None
    assert (told["signing"], "ci" in told) == ("kms", False)
    (toy / "templates/questions/common.yml").write_text(COMMON.replace("A toy: toy", "Another: another"))
    assert offered(usual, usual, read(toy)) is None


# --- what is found


def test_a_suite_whose_every_combination_holds_may_be_published(
    toy: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service follows its organisation at every version: else what a choice moves would look like a team's edit."""
    text = "Line {= signing =}\n{% if signing == 'kms' %}\nkey\n{% endif %}\n"
    write(toy, {"templates/toy/signing.md.jinja": text})
    toolbox.commit(toy, "feat: what moves with a choice", tag="v0.2.0")
    write(toy, {"templates/toy/signing.md.jinja": text.replace("Line", "Now")})
    (toy.parent / "acme.yaml").write_text(f"{CONTRACT}  scope: {{lifecycles: [production]}}\n")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = toolbox.git(toy, "status", "--porcelain", "--untracked-files=all"), toolbox.git(toy, "show-ref")
    capfd.readouterr()

    assert gate(toy, "--from", "v0.2.0", "--format", "json", "--output", str(tmp_path / "gate.json")) == 0

    assert capfd.readouterr() == ("", "")
    found = json.loads((tmp_path / "gate.json").read_text())
    assert (found["passed"], found["tier"], found["versions"]) == (True, "bronze", ["v0.2.0"])
    names = ("keyless github", "keyless gitlab", "kms github", "kms gitlab", "none github")
    assert [(each["name"], each["tier"], each["judged"], each["updated"]) for each in found["tried"]] == [
        *((name, "bronze", True, ["v0.2.0"]) for name in names),
        ("keyless github experimental", None, False, ["v0.2.0"]),
    ]
    assert [(each["name"], each["why"]) for each in found["refused"]] == [("none gitlab", "GitLab signs always.")]
    after = toolbox.git(toy, "status", "--porcelain", "--untracked-files=all"), toolbox.git(toy, "show-ref")
    assert before == after
    assert list((tmp_path / "temporary").iterdir()) == []


def test_every_fault_is_told_with_its_combination(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faults = {
        "made.txt.jinja": "{% if signing == 'kms' %}{= kms_kye =}{% endif %}made\n",
        "left.txt": "of {= name =}\n",
        "catalog-info.yaml.jinja": ENTITY.replace("{= owner =}", "{= 'todo' if signing == 'none' else owner =}"),
    }
    write(toy, {f"templates/toy/{path}": text for path, text in faults.items()})
    (toy / "templates/toy/late.txt").write_text("not compiled\n")
    assert gate(toy) == 1
    said = capsys.readouterr().out
    assert "toy: 6 combinations, 6 failing" in said
    of = {block.partition("\n")[0]: block for block in said.split("\n\n")}
    assert "is not made" in of["toy: kms github"]
    assert "'kms_kye' is undefined" in of["toy: kms github"]
    assert "misses its tier" not in of["toy: keyless github"]
    assert "left.txt:1: of {= name =}" in of["toy: keyless github"]
    assert "late.txt: of Copier's alone" in of["toy: keyless github"]
    assert "no tier instead of bronze" in of["toy: none github"]
    assert "owner-declared: fail: " in of["toy: none github"]
    assert "(catalog-info.yaml:4)" in of["toy: none github"]
    assert said.rstrip().endswith("6 of 6 combinations fail")


def test_an_update_that_conflicts_or_loses_the_tier_is_told_with_the_version(
    toy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(toy, {"templates/toy/how.md.jinja": "In {= _copier_conf.dst_path =}.\n"})
    toolbox.commit(toy, "feat: what no update can make again", tag="v0.2.0")
    entity = ENTITY.replace("owner: {= owner =}", "owner: {= 'todo' if ci == 'gitlab' else owner =}")
    write(toy, {"templates/toy/how.md.jinja": "Made otherwise.\n", "templates/toy/catalog-info.yaml.jinja": entity})
    assert gate(toy, "--from", "v0.2.0") == 1
    of = {block.partition("\n")[0]: block for block in capsys.readouterr().out.split("\n\n")}
    assert "does not update from v0.2.0\n    how.md: conflict" in of["toy: keyless github"]
    assert "no tier instead of bronze, which it had" in of["toy: keyless gitlab"]
    assert "v0.1.0" not in "".join(of.values())


# --- what cannot be tried


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--template", "tyo"], "--template tyo: there is no such template here, which has toy"),
        (["--from", "v9.9.9"], "--from v9.9.9: there is no such release here, which has v0.1.0"),
        (["--tier", "gold"], "--tier gold: the contract 'acme' has bronze"),
        (["--contract", "nowhere.yaml"], "there is no file 'nowhere.yaml'"),
    ],
)
def test_what_is_not_there_is_no_failure_of_the_templates(
    toy: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate(toy, *arguments) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


@pytest.mark.parametrize("workers", ["0", "many", "-1"])
def test_workers_are_a_number(toy: Path, workers: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["gate", str(toy), f"--workers={workers}"])
    assert "is no number of workers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda toy: (toy / "copier.yml").unlink(), "there is no copier.yml"),
        (lambda toy: (toy / "copier.yml").write_text("a: [\n"), "copier.yml:2: "),
        (
            lambda toy: write(
                toy, {"templates/questions/common.yml": COMMON.replace("ci == 'gitlab' and", "signing or")}
            ),
            "toy: the questionnaire refuses every combination: GitLab signs always.",
        ),
    ],
)
def test_a_suite_that_cannot_be_read_is_an_error(
    toy: Path, change: Callable[[Path], object], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(toy)
    assert gate(toy) == 2
    assert said in capsys.readouterr().err


def test_a_folder_that_git_does_not_know_is_an_error(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (toy / ".git").rename(toy.parent / "elsewhere")
    assert gate(toy) == 2
    assert "not a git repository" in capsys.readouterr().err
