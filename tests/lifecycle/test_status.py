"""`goldenpath lifecycle status`: where a service stands, and what is asked of whom to know it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import goldenpath
import toolbox
from goldenpath.facts.sources import parse_source

if TYPE_CHECKING:
    from collections.abc import Callable

CHANGELOG = """\
# Changelog

## [Unreleased]

### Added

- Nothing yet.

## [0.3.0] - 2026-12-15

### Fixed

- Alerts \x1b[31mfire\x1b[0m.

## [0.2.0] - 2026-12-01

### Added

- A dashboard.

## [0.1.0] - 2026-11-24

[0.1.0]: https://git.example.com/acme/suite/releases/tag/v0.1.0
"""
CONTRACT = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 7, owner: group:platform}
spec:
  tiers: [bronze]
  checks: {owner-declared: {tier: bronze}}
  settings: {template: {source: "https://git.example.com/acme/suite", minimum: %s}}
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite with three releases, one to come, and tags that are no releases."""
    suite = tmp_path / "suite"
    suite.mkdir()
    for version in ("0.1.0", "0.2.0", "0.3.0", "0.4.0rc1"):
        (suite / "copier.yml").write_text(f"# {version}\n", encoding="utf-8")
        (suite / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
        toolbox.commit(suite, version, tag=f"v{version}")
    toolbox.git(suite, "tag", "upstream/v9.0.0")
    toolbox.git(suite, "tag", "nightly")
    return suite


@pytest.fixture
def service(tmp_path: Path) -> Callable[..., Path]:
    """Write a service that was made from that suite, as far as its answers tell."""

    def get(commit: str = "v0.1.0", source: str = "https://git.example.com/acme/suite", minimum: str = "") -> Path:
        folder = tmp_path / "payments-api"
        folder.mkdir()
        (folder / ".copier-answers.yml").write_text(f"_commit: {commit}\n_src_path: {source}\n", encoding="utf-8")
        if minimum:
            (folder / "acme.yaml").write_text(CONTRACT % minimum, encoding="utf-8")
            (folder / ".goldenpath.yaml").write_text("contract: acme.yaml\n", encoding="utf-8")
        return folder

    return get


def status(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(goldenpath.__file__).parents[1]),
        "GIT_CONFIG_GLOBAL": os.environ["GIT_CONFIG_GLOBAL"],
    }
    command = [sys.executable, "-m", "goldenpath", "lifecycle", "status", *arguments]
    return subprocess.run(command, env=surroundings | environment, capture_output=True, text=True, check=False)


def test_a_service_behind_is_told_what_the_releases_between_bring(service: Callable[..., Path], suite: Path) -> None:
    done = status(service(), "--source", suite)

    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == f"""\
 BEHIND   payments-api  v0.1.0
          from {suite}
          newest v0.3.0, 2 releases ahead

0.3.0  2026-12-15
  ### Fixed

  - Alerts \\x1b[31mfire\\x1b[0m.

0.2.0  2026-12-01
  ### Added

  - A dashboard.

Next: goldenpath lifecycle update
"""
    )


def test_a_current_service_has_nothing_left_to_do(service: Callable[..., Path], suite: Path) -> None:
    done = status(service("v0.3.0"), "--source", suite)

    assert (done.returncode, done.stdout) == (0, f" CURRENT   payments-api  v0.3.0\n           from {suite}\n")


def test_one_that_tries_what_is_to_come_is_compared_with_that(service: Callable[..., Path], suite: Path) -> None:
    assert "CURRENT   payments-api  v0.4.0rc1" in status(service("v0.4.0rc1"), "--source", suite).stdout


@pytest.mark.parametrize(("minimum", "code"), [("v0.1.0", 0), ("v0.2.0", 1), ("v0.10.0", 1)])
def test_the_contracts_minimum_decides(service: Callable[..., Path], suite: Path, minimum: str, code: int) -> None:
    done = status(service(minimum=minimum), "--source", suite)

    assert done.returncode == code
    assert f"the contract acme asks for {minimum} or newer" in done.stdout


def test_a_program_reads_json(service: Callable[..., Path], suite: Path) -> None:
    folder = service(minimum="v0.2.0")
    done = status(folder, "--source", suite, "--format", "json")

    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert [change["version"] for change in found.pop("changes")] == ["0.3.0", "0.2.0"]
    assert found == {
        "apiVersion": "goldenpath.dev/lifecycle-status/v1",
        "repository": str(folder),
        "source": str(suite),
        "version": "v0.1.0",
        "newest": "v0.3.0",
        "contract": "acme",
        "minimum": "v0.2.0",
        "state": "below-minimum",
        "releases": ["v0.3.0", "v0.2.0"],
    }


def test_a_bundle_and_a_suite_without_changelog_are_sources_too(
    service: Callable[..., Path], suite: Path, tmp_path: Path
) -> None:
    (suite / "CHANGELOG.md").unlink()
    toolbox.commit(suite, "chore: no changelog", tag="v0.5.0")
    toolbox.git(suite, "bundle", "create", "--quiet", str(tmp_path / "suite.bundle"), "--tags")
    done = status(service(), "--source", tmp_path / "suite.bundle")

    assert done.returncode == 0
    assert "newest v0.5.0, 3 releases ahead" in done.stdout
    assert "no CHANGELOG.md" in done.stdout


# What cannot be known


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (None, "there is no .copier-answers.yml; it was not made from a template that can be followed"),
        ("_commit: v0.1.0\n", ".copier-answers.yml:1: _src_path is missing, so nobody knows what to follow"),
        ("_src_path: gh:acme/suite\n", ":1: _commit is missing: it was made from a folder or an archive"),
        ("_commit: [v1]\n_src_path: gh:a/b\n", ".copier-answers.yml:1: _commit is missing"),
        ("- v0.1.0\n", ".copier-answers.yml:1:1: it should hold one document, a mapping"),
        ("_commit: v0.1.0-3-gabc1234\n_src_path: gh:a/b\n", ":1:1: v0.1.0-3-gabc1234 is 3 commits after v0.1.0"),
        ("_commit: 4f6c1a2\n_src_path: gh:a/b\n", ".copier-answers.yml:1:1: '4f6c1a2' is no release; `copier update`"),
        ("_commit: v0.1.0\n_src_path: ../suite\n", "_src_path cannot be asked: it is a path, which means nothing"),
        ("_commit: v0.1.0\n_src_path: /tmp/copier.x/suite\n", "it is a path of the machine on which it was written"),
        ("_commit: v0.1.0\n_src_path: suite.zip\n", "it is a zip archive, which has no releases to follow; name"),
        ("_commit: v0.1.0\n_src_path: 'ext::sh -c id'\n", "it is no https or ssh address, and no other is asked"),
        ("_commit: v0.1.0\n_src_path: file:///srv/suite\n", "it is no https or ssh address, and no other is asked"),
        ("_commit: v0.1.0\n_src_path: --upload-pack=id\n", "it is a path, which means nothing on another machine"),
        ("_commit: v0.1.0\n_src_path: https://me:secret@host/a\n", "it may hold a credential; take that out"),
    ],
)  # fmt: skip
def test_what_cannot_be_known_is_said_in_a_sentence(tmp_path: Path, answers: str | None, sentence: str) -> None:
    if answers is not None:
        (tmp_path / ".copier-answers.yml").write_text(answers, encoding="utf-8")
    done = status(tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "secret" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_source_is_an_address_or_a_path_that_is_there(service: Callable[..., Path]) -> None:
    folder = service()
    for source, sentence in {
        "nowhere": "--source nowhere: there is no such file or directory, and it is a path, which means nothing",
        "ext::id": "--source ext::id: there is no such file or directory, and it is no https or ssh address",
        str(folder): "it cannot be asked for its releases",
    }.items():
        done = status(folder, "--source", source)
        assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr


def test_a_version_that_the_source_never_released_is_refused(service: Callable[..., Path], suite: Path) -> None:
    done = status(service("v7.0.0"), "--source", suite)

    assert done.returncode == 2
    assert "v7.0.0 is no release of" in done.stderr
    assert "its newest is v0.4.0rc1" in done.stderr


def test_versions_of_two_suites_are_not_compared(service: Callable[..., Path]) -> None:
    done = status(service(source="https://git.example.com/other/suite", minimum="v0.2.0"))

    assert done.returncode == 2
    assert "the contract 'acme' has services follow https://git.example.com/acme/suite" in done.stderr


# Who is asked


@pytest.fixture
def ssh(tmp_path: Path, suite: Path) -> str:
    """An ssh that reaches the suite whatever its host: git's own protocol over a pipe, and no network."""
    program = tmp_path / "ssh"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nexec git upload-pack {suite}\n', encoding="utf-8")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize("source", ["git@git.example.com:acme/suite.git", "ssh://git@git.example.com/acme/suite"])
def test_the_services_own_source_is_asked_over_its_protocol(
    service: Callable[..., Path], ssh: str, tmp_path: Path, source: str
) -> None:
    done = status(service(source=source, minimum="v0.2.0"), GIT_SSH_COMMAND=ssh)

    assert (done.returncode, done.stderr) == (1, "")
    assert f"from {source}" in done.stdout
    assert "git@git.example.com" in (tmp_path / "asked").read_text(encoding="utf-8")


def test_a_repository_cannot_have_its_own_configuration_obeyed(service: Callable[..., Path], tmp_path: Path) -> None:
    """Nor the git of a hook that runs this: `ext::` would run a program."""
    folder = service(source="https://git.example.com/acme/suite")
    toolbox.commit(folder)
    ran = tmp_path / "ran"
    toolbox.git(folder, "config", f"url.ext::touch {ran} #.insteadOf", "https://git.example.com/")
    toolbox.git(folder, "config", "protocol.ext.allow", "always")
    done = status(folder, GIT_DIR=str(folder / ".git"), GIT_WORK_TREE=str(folder), https_proxy="http://127.0.0.1:9")

    assert done.returncode == 2
    assert "https://git.example.com/acme/suite: it cannot be asked for its releases" in done.stderr
    assert not ran.exists()


@pytest.mark.parametrize(
    ("address", "repository"),
    [
        ("https://github.com/Acme/Suite.git", "github.com/acme/suite"),
        ("https://git.example.com:8443/a/b/c/", "git.example.com:8443/a/b/c"),
        ("git@github.com:acme/suite.git", "github.com/acme/suite"),
        ("ssh://git@github.com/acme/suite", "github.com/acme/suite"),
        ("gh:acme/suite", "github.com/acme/suite"),
        ("git+https://github.com/acme/suite", "github.com/acme/suite"),
    ],
)
def test_one_repository_has_many_spellings(address: str, repository: str) -> None:
    assert parse_source(address).repository == repository


@pytest.mark.parametrize(
    "address",
    [
        "", "ext::sh -c id", "http://host/a", "git://host/a", "file:///a", "https://-oProxyCommand=id/a", "ssh://-o/a",
        "-oX@host:a", "https://host/a b", "https://host/a\nb", "https://host/-a", "https://host/../a", "a@host:/etc/x",
        "https://host/a?b", "https://u@host/a",
    ],
)  # fmt: skip
def test_any_other_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"it (is|may)"):
        parse_source(address)
