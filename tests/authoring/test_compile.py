"""What is compiled is current, and a source that cannot be read is named with its line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cookiecutter.main import cookiecutter
from copier import run_copy

from goldenpath.authoring import main
from toolbox import ROOT

if TYPE_CHECKING:
    from pathlib import Path

TABLES = "validator/goldenpath/facts/knowledge"
COPIER = """\
_envops: {variable_start_string: "{=", variable_end_string: "=}", comment_start_string: "{%#",
  comment_end_string: "#%}", trim_blocks: true, lstrip_blocks: true, keep_trailing_newline: true,
  undefined: jinja2.StrictUndefined}
_exclude: ["*.pyc", "{% if _copier_operation == 'update' %}src/**{% endif %}"]
_message_after_copy: "{= name =} is in {= _copier_conf.dst_path =}."
---
!include templates/questions/all.yml
"""
ANSWERS = """\
{% for key, value in _copier_answers | dictsort if not key.startswith('_') %}
{= key =}: {= value | tojson =}
{% endfor %}
"""
QUESTIONS = """\
suite_source: {type: str, when: false, default: "https://example.com/suite"}
host: {type: str, when: false, default: example.com}
template: {type: str, choices: {A toy: toy}}
name: {type: str, help: "A name at {= host =}", default: "{= _copier_conf.dst_path.name =}"}
replicas: {type: int, ask: false, default: 2}
chart: {type: bool, ask: false, default: false}
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A suite with one small template; `write` adds to it."""
    for name in (TABLES, "templates/questions", "templates/toy", "hooks/cookiecutter"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "copier.yml").write_text(COPIER)
    (tmp_path / "templates/questions/all.yml").write_text(QUESTIONS)
    for hook in (ROOT / "hooks/cookiecutter").glob("*.py"):
        (tmp_path / "hooks/cookiecutter" / hook.name).write_bytes(hook.read_bytes())
    return tmp_path


def test_what_is_compiled_in_this_repository_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "--check", str(ROOT)]) == 0, capsys.readouterr().out


def test_a_table_becomes_json_and_one_that_is_gone_goes(toy: Path) -> None:
    (toy / TABLES / "chat.yaml").write_text("# people talk\nslack: {hosts: [slack.com], since: 1.10}\n")
    (toy / TABLES / "gone.json").write_text("{}")
    assert main(["compile", "--check", str(toy)]) == 1
    assert main(["compile", str(toy)]) == 0
    assert json.loads((toy / TABLES / "chat.json").read_text()) == {"slack": {"hosts": ["slack.com"], "since": 1.1}}
    assert not (toy / TABLES / "gone.json").exists()


def test_a_table_that_is_no_yaml_is_named_with_its_line(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (toy / TABLES / "chat.yaml").write_text("slack: 1\nslack: 2\n")
    assert main(["compile", str(toy)]) == 2
    assert "chat.yaml:2: the key 'slack' is there twice" in capsys.readouterr().err
    assert not (toy / TABLES / "chat.json").exists()


# ---- Cookiecutter's skeletons


def write(suite: Path, path: str, text: str, mode: int = 0o644) -> None:
    file = suite / "templates" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)


def made(suite: Path, engine: str, **answers: str) -> dict[str, tuple[str, int]]:
    """What the engine makes of the toy: the text of every file, and whether it can be run."""
    service = suite.parent / f"{suite.name}-{engine}" / "one"
    if engine == "copier":
        run_copy(str(suite), service, data={"name": "one", "template": "toy", **answers}, quiet=True, defaults=True)
    else:
        assert main(["compile", str(suite)]) == 0
        given = {"name": "one", **{f"__{name}": value for name, value in answers.items()}}
        skeleton = suite / "templates/cookiecutter/toy"
        cookiecutter(str(skeleton), no_input=True, extra_context=given, output_dir=str(service.parent))
    return {
        path.relative_to(service).as_posix(): (path.read_text(), path.stat().st_mode & 0o111)
        for path in service.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("chart", ["true", "false"])
def test_paths_types_partials_and_modes_survive_the_other_engine(toy: Path, chart: str) -> None:
    (toy / "copier.yml").write_text(COPIER.replace("_exclude", "_subdirectory: templates/toy\n_exclude"))
    write(toy, "toy/static.yaml", "on: ${{ github.ref }} {{ helm }} [[ x ]] ${#a[@]}\n")
    write(toy, "toy/run.sh", "#!/bin/sh\n", 0o755)
    write(toy, "toy/{% if chart %}deploy{% endif %}/{= name =}.yaml.jinja", "host: {= host =}\n")
    write(toy, "toy/{% if not chart %}plain.txt{% endif %}.jinja", "no chart\n")
    write(toy, "toy/sum.txt.jinja", '{% include "templates/partials/sum.jinja" %}\n')
    write(toy, "toy/left-out.pyc", "")
    write(toy, "toy/{= _copier_conf.answers_file =}.jinja", ANSWERS)
    write(
        toy,
        "partials/sum.jinja",
        '{% from "templates/partials/more.jinja" import twice with context -%}\n{= twice(2) =}\n',
    )
    write(
        toy,
        "partials/more.jinja",
        "{% macro twice(count) -%}\n{= replicas * count =} {= name.upper() =} {= {'name': 1}.name =} "
        "{= dict(name=name).name =}"
        "{% if chart %} chart{% endif %}\n{%- endmacro %}\n",
    )

    of_copier, of_cookiecutter = made(toy, "copier", chart=chart), made(toy, "cookiecutter", chart=chart)

    assert of_cookiecutter == of_copier
    assert of_copier["sum.txt"][0].strip() == f"4 ONE 1 one{' chart' if chart == 'true' else ''}"
    assert ("deploy/one.yaml" in of_copier, "plain.txt" in of_copier) == (chart == "true", chart != "true")
    assert of_copier["run.sh"][1]


def test_a_question_of_one_template_is_no_other_templates(toy: Path) -> None:
    (toy / "copier.yml").write_text(
        COPIER.replace("_exclude", '_subdirectory: "templates/{= template =}"\n_exclude')
        + "---\n!include templates/questions/toy.yml\n---\n!include templates/questions/tool.yml\n"
    )
    write(toy, "questions/all.yml", QUESTIONS.replace("{A toy: toy}", "{A toy: toy, A tool: tool}"))
    for name, version in {"toy": "3.13", "tool": "1.26"}.items():
        condition = f"""{{type: str, ask: false, when: "{{= template == '{name}' =}}", default: "{version}"}}"""
        write(toy, f"questions/{name}.yml", f"{name}_version: {condition}\n")
        write(toy, f"{name}/{{= _copier_conf.answers_file =}}.jinja", ANSWERS)
        write(toy, f"{name}/version.jinja", f"{{= {name}_version =}}\n")

    of_copier, of_cookiecutter = made(toy, "copier"), made(toy, "cookiecutter")

    assert of_cookiecutter == of_copier
    assert of_copier["version"][0] == "3.13\n"
    assert "tool" not in of_copier[".copier-answers.yml"][0]
    other = json.loads((toy / "templates/cookiecutter/tool/cookiecutter.json").read_text())
    assert (other["__tool_version"], "__toy_version" in other) == ("1.26", False)


def test_a_person_is_asked_what_copier_asks_and_told_the_same(toy: Path) -> None:
    write(toy, "toy/a.txt.jinja", "{= name =}\n")
    assert main(["compile", str(toy)]) == 0
    chooser = json.loads((toy / "cookiecutter.json").read_text())
    assert chooser["templates"]["toy"] == {
        "path": "./templates/cookiecutter/toy", "title": "A toy", "description": "A toy",
    }  # fmt: skip
    asked = json.loads((toy / "templates/cookiecutter/toy/cookiecutter.json").read_text())
    assert [name for name in asked if not name.startswith("_")] == ["name"]
    assert asked["__prompts__"] == {"name": "A name at example.com"}
    assert asked["__message"] == "{= cookiecutter.name =} is in {= cookiecutter.__folder =}."


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        ("toy/a.jinja", "one\n{= name | to_nice_yaml =}\n", "a.jinja:2: No filter named 'to_nice_yaml'"),
        ("toy/a.jinja", "{% set name = 1 %}\n", "a.jinja: name is assigned, but it is an answer's name"),
        ("toy/a.jinja", "{% include name %}\n", "a.jinja: it includes something by a computed name"),
        ("toy/a.jinja", '{% include "elsewhere" %}\n', "a.jinja: it includes something by a computed name"),
        ("toy/a.jinja", "\n{% if name %}\n", "a.jinja:2: Unexpected end of template"),
        ("toy/{% for x in name %}{= x =}{% endfor %}", "", "a path may be conditional as in"),
        ("questions/all.yml", "name: {type: str, widget: slider}\n", "all.yml:1: the question 'name'"),
        (
            "questions/all.yml",
            QUESTIONS + "size: {type: str, when: '{= chart =}'}\n",
            "all.yml:7: the question 'size': `when` is true, false, or in this file \"{= template == 'all' =}\"",
        ),
        (
            "questions/all.yml",
            QUESTIONS + "signing: {type: str, when: false, choices: [keyless, kms], default: kmss}\n",
            "all.yml:7: the question 'signing': its default 'kmss' is none of its choices: keyless, kms",
        ),
        ("questions/all.yml", QUESTIONS + "keys: {type: str}\n", "'keys' is a method of every mapping"),
        ("questions/all.yml", "name: [\n", "all.yml:2: it is not valid YAML"),
    ],
)
def test_what_cookiecutter_could_not_do_is_refused_with_its_place(
    toy: Path, capsys: pytest.CaptureFixture[str], path: str, text: str, problem: str
) -> None:
    write(toy, path, text)
    assert main(["compile", str(toy)]) == 2
    assert problem in capsys.readouterr().err
    assert not (toy / "cookiecutter.json").exists()
