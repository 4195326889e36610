"""What Cookiecutter runs on a user's machine: refuses, removes, stamps; fetches nothing, writes nothing elsewhere."""

from __future__ import annotations

import importlib.util
import json
import shutil
import stat
from typing import TYPE_CHECKING, Any

import pytest

import toolbox

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

HOOKS = toolbox.ROOT / "hooks" / "cookiecutter"
ADDRESS = "https://git.acme.example/platform/goldenpath"


def hook(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HOOKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


before, after = hook("pre_gen_project"), hook("post_gen_project")


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A new service, as Cookiecutter has written it."""
    folder = tmp_path / "payments-api"
    folder.mkdir()
    (folder / ".copier-answers.yml").write_text('# Why.\n_commit: \n_src_path: \nname: "payments-api"\n')
    return folder


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """The skeleton in a clone whose release v0.1.0 its remote has too."""
    top = tmp_path / "clone"
    skeleton = top / "templates" / "cookiecutter" / "python-service"
    (skeleton / "hooks").mkdir(parents=True)
    shutil.copy(HOOKS / "post_gen_project.py", skeleton / "hooks")
    toolbox.commit(top, tag="v0.1.0")
    toolbox.git(top, "remote", "add", "origin", ADDRESS)
    published(top)
    return skeleton


def published(top: Path) -> None:
    """Note that the remote has what the clone has, as a push or a clone does."""
    toolbox.git(top, "update-ref", "refs/remotes/origin/main", "HEAD")


# ---- before


def question(**about: Any) -> dict[str, Any]:
    return {"name": "size", "key": "size", "type": "str", "choices": [], "validator": ""} | about


@pytest.mark.parametrize(
    ("about", "answer", "refused"),
    [
        ({}, "anything", []),
        ({"type": "int", "choices": [5, 10]}, "10", []),
        ({"type": "int", "choices": [5, 10]}, "7", ["size: 7 is not one of 5, 10."]),
        ({"type": "int"}, "many", ["size: 'many' is no whole number."]),
        ({"type": "float"}, "much", ["size: 'much' is no number."]),
        ({"type": "bool"}, "True", []),
        ({"type": "bool"}, "maybe", ["size: 'maybe' is neither true nor false."]),
        ({"key": "__size", "choices": ["s"]}, "m", ["__size: 'm' is not one of s."]),
        ({"validator": "{% if not (size | regex_search('^[a-z]+$')) %}Small\n letters.{% endif %}"}, "a", []),
        (
            {"validator": "{% if not (size | regex_search('^[a-z]+$')) %}Small\n letters.{% endif %}"},
            "A",
            ["size: Small letters."],
        ),
    ],
)
def test_answers_are_judged_by_type_choices_and_validator(
    about: dict[str, Any], answer: str, refused: list[str]
) -> None:
    asked = question(**about)
    context = {"_questions": [asked], "_jinja2_env_vars": {}, asked["key"]: answer}
    assert before.refusals(context) == refused


def test_a_validator_sees_the_answers_before_it_with_their_types() -> None:
    rows = [
        question(name="low", key="__low", type="int"),
        question(validator="{% if low + 1 > size | int %}Too small.{% endif %}"),
    ]
    context = {"_questions": rows, "_jinja2_env_vars": {}, "__low": "5", "size": "5"}
    assert before.refusals(context) == ["size: Too small."]


# ---- after


def test_what_was_not_chosen_is_removed_and_scripts_can_be_run(service: Path) -> None:
    (service / "deploy" / "chart").mkdir(parents=True)
    (service / "run.sh").write_text("#!/bin/sh\n")
    (service / "stays").touch()
    after.remove(service, ["deploy", "", "never-there"])
    after.make_executable(service, ["run.sh", "never-there"])
    assert sorted(path.name for path in service.iterdir()) == [".copier-answers.yml", "run.sh", "stays"]
    assert stat.S_IMODE((service / "run.sh").stat().st_mode) & 0o111 == 0o111


@pytest.mark.parametrize("path", ["../other", "link/other", "/etc/hostname"])
def test_nothing_outside_the_service_is_removed(service: Path, path: str) -> None:
    (service.parent / "other").touch()
    (service / "link").symlink_to(service.parent)
    with pytest.raises(ValueError, match="leads out of the new service"):
        after.remove(service, [path])
    assert (service.parent / "other").exists()


def test_a_link_is_removed_and_what_it_points_to_stays(service: Path) -> None:
    (service.parent / "other").mkdir()
    (service / "link").symlink_to(service.parent / "other")
    after.remove(service, ["link"])
    assert (service.parent / "other").is_dir()
    assert not (service / "link").exists()


def test_the_origin_is_the_remote_and_its_release(template: Path) -> None:
    assert after.origin(template) == (ADDRESS, "v0.1.0")


def test_between_releases_the_commit_is_named(template: Path) -> None:
    top = template.parents[2]
    (top / "more").touch()
    toolbox.commit(top, "feat: more")
    published(top)
    source, commit = after.origin(template)
    assert source == ADDRESS
    assert toolbox.git(top, "rev-parse", commit) == toolbox.git(top, "rev-parse", "HEAD")


def test_what_the_remote_has_not_is_to_be_had_in_the_clone(template: Path) -> None:
    top = template.parents[2]
    (top / "more").touch()
    toolbox.commit(top, "feat: more")
    assert after.origin(template)[0] == str(top)


def test_credentials_stay_out_of_the_service(template: Path) -> None:
    toolbox.git(template, "remote", "set-url", "origin", "https://jane:secret@git.acme.example/platform/goldenpath")
    assert after.origin(template)[0] == ADDRESS


def test_a_git_of_another_folder_does_not_speak_for_the_template(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(toolbox.ROOT / ".git"))
    assert after.origin(template) == (ADDRESS, "v0.1.0")


@pytest.mark.parametrize(
    "how", ["no git", "another repository around it", "uncommitted", "no commit", "git is missing"]
)
def test_a_template_that_cannot_be_had_again_is_said_to_be(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "no git":
        shutil.rmtree(template.parents[2] / ".git")
    elif how == "another repository around it":
        shutil.rmtree(template.parents[2] / ".git")
        toolbox.commit(tmp_path)
    elif how == "uncommitted":
        (template / "new").touch()
    elif how == "no commit":
        shutil.rmtree(template.parents[2] / ".git")
        toolbox.git(template.parents[2], "init", "--quiet")
    else:
        monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(after.Unknown):
        after.origin(template)


@pytest.mark.parametrize("said", ["absolute", "relative to where it was started", "relative to the output", "lost"])
def test_the_template_is_found_from_how_it_was_named(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    relative = template.relative_to(tmp_path)
    context = {"_repo_dir": str(relative), "_output_dir": "/nowhere/out"}
    monkeypatch.setenv("PWD", "/nowhere")
    if said == "absolute":
        context["_repo_dir"] = str(template)
    elif said == "relative to where it was started":
        monkeypatch.setenv("PWD", str(tmp_path))
    elif said == "relative to the output":
        context["_output_dir"] = str(tmp_path)
    else:
        with pytest.raises(after.Unknown, match="give an absolute one"):
            after.skeleton(context)
        return
    assert after.skeleton(context) == template


@pytest.mark.parametrize(
    ("source", "commit", "lines"),
    [
        (ADDRESS, "v0.1.0", ["_commit: v0.1.0", f"_src_path: {ADDRESS}"]),
        ("git@git.acme.example:a/b", "1234567", ['_commit: "1234567"', "_src_path: git@git.acme.example:a/b"]),
        ("C:\\suite", "1e5", ["_commit: \"1e5\"", '_src_path: "C:\\\\suite"']),
        ("/a b/suite", "v1", ["_commit: v1", '_src_path: "/a b/suite"']),
        (ADDRESS, "", [f"_src_path: {ADDRESS}"]),
    ],
)  # fmt: skip
def test_the_answers_say_where_the_service_comes_from(
    service: Path, source: str, commit: str, lines: list[str]
) -> None:
    after.stamp(service, source, commit)
    written = (service / ".copier-answers.yml").read_text()
    assert written.splitlines() == ["# Why.", *lines, 'name: "payments-api"']


def test_nothing_is_fetched_and_nothing_written_elsewhere(
    template: Path, service: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The remote does not exist: whoever asked it would wait or fail."""
    context = {
        "_repo_dir": str(template), "_output_dir": str(tmp_path), "__removed": [], "__executable": [],
        "__message": "ready", "__suite_source": "https://example.com",
    }  # fmt: skip
    monkeypatch.chdir(service)
    monkeypatch.setattr(after, "CONTEXT", json.dumps(context))
    seen = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if service not in path.parents}
    assert after.main() == 0
    assert capsys.readouterr().out == "ready\n"
    assert {path: path.stat().st_mtime_ns for path in seen} == seen
    assert len(seen) == sum(service not in path.parents for path in tmp_path.rglob("*"))
    assert [path.name for path in service.iterdir()] == [".copier-answers.yml"]
