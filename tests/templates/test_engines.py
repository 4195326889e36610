"""A service is the same whichever door it came through: Copier, Cookiecutter's chooser, its --directory, a zip."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

import toolbox
from combinations import SERVICES
from terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Rendered

ANSWERS_FILE = ".copier-answers.yml"


def contents(service: Path) -> dict[str, tuple[int, bytes]]:
    """The mode and bytes of every file, but for the line that says where the template was read from."""
    found = {}
    for path in service.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if path.name == ANSWERS_FILE:
                content = b"\n".join(line for line in content.split(b"\n") if not line.startswith(b"_src_path: "))
            found[path.relative_to(service).as_posix()] = (path.stat().st_mode, content)
    return found


def source(service: Path) -> tuple[str, str | None]:
    answers = yaml.safe_load((service / ANSWERS_FILE).read_text(encoding="utf-8"))
    return answers["_src_path"], answers.get("_commit")


@pytest.fixture(scope="session")
def remote(suite: Path, shared: Path) -> str:
    """The suite where users have it: in a bare repository behind an address."""

    def make(folder: Path) -> None:
        toolbox.git(suite, "clone", "--quiet", "--bare", ".", str(folder / "suite.git"))  # Cookiecutter looks for "git"

    return f"file://{toolbox.once(shared / 'remote', make)}/suite.git"


@pytest.fixture(scope="session")
def archive(suite: Path, shared: Path) -> Path:
    def make(folder: Path) -> None:
        toolbox.git(suite, "archive", "--prefix=goldenpath-0.1.0/", "--output", str(folder / "suite.zip"), "HEAD")

    return toolbox.once(shared / "archive", make) / "suite.zip"


def cookiecutter(*arguments: str | Path, cwd: Path, **answers: object) -> subprocess.CompletedProcess[str]:
    """Run it as a person does, with these answers over the five."""
    given = [f"{name}={value}" for name, value in (toolbox.ANSWERS | answers).items() if name != "template"]
    command = [sys.executable, "-m", "cookiecutter", "--no-input", *arguments, *given]
    return subprocess.run(command, cwd=cwd, text=True, capture_output=True, check=False)


@pytest.mark.parametrize("answers", SERVICES.values(), ids=list(SERVICES))
def test_both_engines_give_the_same_bytes_and_modes(
    suite: Path, rendered: Rendered, tmp_path: Path, answers: dict[str, object]
) -> None:
    assert contents(toolbox.bake(suite, tmp_path, answers)) == contents(rendered(**answers))


def test_through_the_chooser_from_a_remote(remote: str, rendered: Rendered, tmp_path: Path) -> None:
    done = cookiecutter(remote, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    service = tmp_path / "payments-api"
    assert contents(service) == contents(rendered())
    assert source(service) == (remote, "v0.1.0")
    assert "payments-api is ready in payments-api." in done.stdout


def test_a_person_is_asked_the_same_questions(suite: Path, rendered: Rendered, tmp_path: Path) -> None:
    terminal = Terminal("cookiecutter", str(suite), cwd=tmp_path)
    for question, answer in {
        "Select a template": "1",
        "The service's name, in kebab-case (payments-api)": "payments-api",
        "Who owns it?": "group:default/payments",
        "Who is paged? The PagerDuty service id (PABC123)": "PABC123",
        "Where do people talk about it? The Slack channel (payments)": "#payments",
    }.items():
        terminal.wait_for(question)
        terminal.answer(answer)

    assert terminal.end() == 0, terminal.screen
    assert contents(tmp_path / "payments-api") == contents(rendered())


def test_through_the_directory_of_a_remote(remote: str, rendered: Rendered, tmp_path: Path) -> None:
    done = cookiecutter(remote, "--directory", toolbox.SKELETON, "--checkout", "v0.1.0", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "payments-api") == contents(rendered())
    assert source(tmp_path / "payments-api") == (remote, "v0.1.0")


@pytest.mark.parametrize("options", [(), ("--directory", toolbox.SKELETON)], ids=["chooser", "directory"])
def test_an_archive_gives_the_same_and_says_that_it_cannot_be_followed(
    archive: Path, rendered: Rendered, tmp_path: Path, options: tuple[str, ...]
) -> None:
    done = cookiecutter(archive, *options, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "cannot take updates yet: the template came as an archive" in done.stderr
    service, expected = contents(tmp_path / "payments-api"), contents(rendered())
    mode, answers = expected[ANSWERS_FILE]
    assert service == expected | {ANSWERS_FILE: (mode, answers.replace(b"_commit: v0.1.0\n", b""))}
    assert source(tmp_path / "payments-api") == ("https://github.com/goldenpath-dev/goldenpath", None)


@pytest.mark.parametrize("options", [(), ("--directory", toolbox.SKELETON)], ids=["chooser", "directory"])
def test_a_service_of_cookiecutter_follows_copiers_updates(
    remote: str, tmp_path: Path, options: tuple[str, ...]
) -> None:
    own = tmp_path / "remote.git"
    toolbox.git(tmp_path, "clone", "--quiet", "--bare", remote, str(own))
    assert cookiecutter(f"file://{own}", *options, cwd=tmp_path).returncode == 0
    service = toolbox.commit(tmp_path / "payments-api")
    clone = tmp_path / "clone"
    toolbox.git(tmp_path, "clone", "--quiet", str(own), str(clone))
    partial = clone / "templates" / "partials" / "docs" / "slo.md.jinja"
    partial.write_text(partial.read_text(encoding="utf-8") + "\nNew in v0.2.0.\n", encoding="utf-8")
    toolbox.commit(clone, "feat: one more line", tag="v0.2.0")
    toolbox.git(clone, "push", "--quiet", "--tags", "origin", "HEAD")

    command = [sys.executable, "-m", "copier", "update", "--defaults", "--quiet"]
    subprocess.run(command, cwd=service, check=True, capture_output=True)

    assert source(service) == (f"file://{own}", "v0.2.0")
    assert toolbox.git(service, "status", "--porcelain").split() == ["M", ANSWERS_FILE, "M", "docs/slo.md"]
    assert (service / "docs" / "slo.md").read_text(encoding="utf-8").endswith("\nNew in v0.2.0.\n")


@pytest.mark.parametrize(
    ("name", "answer", "sentence"),
    [
        ("name", "../outside", "As in payments-api: 2 to 40 lower-case letters"),
        ("name", "", "As in payments-api: 2 to 40 lower-case letters"),
        ("name", "match", "match is a word, module, command or folder that means something else"),
        ("owner", "team:payments", "As in payments, user:jane or group:default/payments: a Backstage reference"),
        ("__slo_latency_ms", "200", "200 is not one of 5, 10, 25"),
        ("__slo_latency_ms", "fast", "'fast' is no whole number."),
        ("__slo_availability", "100", "An availability objective lies between 95 and 99.99"),
        ("__ci", "bitbucket", "'bitbucket' is not one of github, gitlab."),
        ("__signing", "gpg", "'gpg' is not one of keyless, kms, github-attestations."),
        ("__description", 'a "quote"', "A description is one line"),
    ],
)
def test_a_bad_answer_is_refused_with_what_is_allowed_and_nothing_is_left(
    suite: Path, tmp_path: Path, name: str, answer: str, sentence: str
) -> None:
    here = tmp_path / "here"
    here.mkdir()

    done = cookiecutter(suite, "--directory", toolbox.SKELETON, cwd=here, **{name: answer})

    assert done.returncode == 1
    assert f"{name}: {sentence}" in done.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["here"]
