"""From every released version to the templates as they lie on disk: what `copier update` does to services that exist.

A service is born with each engine from each release that brought other templates, and with Copier from every other one
(tests/releases.py); then its team, and perhaps a bot, work on it.
"""

from __future__ import annotations

import re
import shutil
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import pytest

import releases
import toolbox
from goldenpath.contract import named
from goldenpath.repository import open_repository
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPTIONS: dict[str, dict[str, object]] = {
    "five answers": {},
    "every answer": {
        "name": "a123456789-b123456789-c123456789-d123456",
        "owner": "user:jane.smith",
        "oncall": "P1234567890ABC",
        "chat": "checkout",
        "description": "It's 100 % «over»: #1, {braces} & <y>",
        "system": "shop/checkout",
        "lifecycle": "deprecated",
        "slo_availability": 97.35,
        "slo_latency_ms": 75,
    },
}
LIVES = [(version, engine, options) for version, engine in releases.BIRTHS for options in OPTIONS] + [
    (version, "copier", "five answers") for version in releases.VERSIONS if version not in releases.WITH_OTHER_TEMPLATES
]
"""Which release a service was made from, with which engine, with which answers."""

TEAM = re.compile(r"(src|tests)/.*|README\.md|docs/(index|runbook)\.md|\.github/CODEOWNERS|\.env\.example|"
                  r"pyproject\.toml|requirements[^/]*\.txt")  # fmt: skip


class Life(NamedTuple):
    """A service that was committed, and then updated: not committed yet."""

    service: Path
    tier_before: str | None


def tier(service: Path) -> str | None:
    with open_repository(service) as repository:
        return evaluate(repository, named("standard"), date.today()).tier


def rank(of: str | None) -> int:
    return named("standard").tiers.index(of) if of else -1


@pytest.fixture(scope="session")
def suite_until_now(shared: Path) -> Path:
    return toolbox.once(shared / "suite-until-now", releases.history_until_now)


@pytest.fixture(scope="session")
def born(suite_until_now: Path, shared: Path) -> Callable[..., Path]:
    """Have a service that was born of a release, with an engine and some answers: once for all tests, to be copied."""

    def get(version: str, engine: str, options: str = "five answers") -> Path:
        answers = toolbox.ANSWERS | OPTIONS[options]

        def make(folder: Path) -> None:
            toolbox.commit(releases.ENGINES[engine].make(suite_until_now, version, folder, answers))

        folder = toolbox.once(shared / "born" / f"{version} {engine} {options}", make)
        return folder / str(answers["name"])

    return get


@pytest.fixture(scope="session")
def live(born: Callable[..., Path], shared: Path) -> Callable[[tuple[str, str, str]], Life]:
    """Let a service live until today, once for all tests."""

    def get(life: tuple[str, str, str]) -> Life:
        newborn = born(*life)

        def make(folder: Path) -> None:
            service = shutil.copytree(newborn, folder / newborn.name, symlinks=True)
            (folder / "tier").write_text(tier(service) or "", encoding="utf-8")
            toolbox.copier(service, "update")

        folder = toolbox.once(shared / "lives" / " ".join(life), make)
        return Life(folder / newborn.name, (folder / "tier").read_text(encoding="utf-8") or None)

    return get


each_life = pytest.mark.parametrize("life", LIVES, ids=" ".join)


@each_life
def test_an_untouched_service_updates_without_conflict(live: Callable[..., Life], life: tuple[str, str, str]) -> None:
    service = live(life).service

    assert toolbox.conflicts(service) == []
    assert f"_commit: {releases.NEXT}" in (service / ".copier-answers.yml").read_text(encoding="utf-8")


@each_life
def test_an_update_touches_no_file_of_the_team(live: Callable[..., Life], life: tuple[str, str, str]) -> None:
    assert [path for path in toolbox.status(live(life).service) if TEAM.fullmatch(path)] == []


@each_life
def test_an_update_never_lowers_the_tier(live: Callable[..., Life], life: tuple[str, str, str]) -> None:
    service, before = live(life)
    toolbox.git(service, "add", "--all")

    assert rank(tier(service)) >= rank(before)


@each_life
def test_an_untouched_service_becomes_what_a_new_one_is(
    live: Callable[..., Life], life: tuple[str, str, str], suite_until_now: Path, shared: Path
) -> None:
    """But for the team's files, an update ends where `copier copy` of the new version begins: nothing old stays."""
    service = live(life).service
    answers = OPTIONS[life[2]]
    fresh = toolbox.once(shared / "fresh" / life[2], lambda folder: toolbox.copy(suite_until_now, folder, answers))

    assert contents(service) == contents(fresh / service.name)


def contents(service: Path) -> dict[str, tuple[bytes, int]]:
    """Read every file that is not the team's: its bytes, and whether it can be executed."""
    files = {str(path.relative_to(service)): path for path in service.rglob("*") if path.is_file()}
    return {
        name: (path.read_bytes(), path.stat().st_mode & 0o100)
        for name, path in files.items()
        if not TEAM.fullmatch(name) and not name.startswith(".git/")
    }


# ---- bots


SHA, DIGEST = "0123456789abcdef" * 2 + "01234567", "sha256:" + "0123456789abcdef" * 4


def bump(service: Path, version: str = "v99.0.0", sha: str = SHA, digest: str = DIGEST) -> None:
    """Move every pin of a service, as an update bot would that looks after all of them."""
    for path in sorted((service / ".github" / "workflows").glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"@[0-9a-f]{40} # v[\d.]+", f"@{sha} # {version}", text), encoding="utf-8")
    dockerfile = service / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_text(re.sub(r"@sha256:[0-9a-f]{64}", f"@{digest}", text), encoding="utf-8")
    for lock in service.glob("requirements*.txt"):
        text = lock.read_text(encoding="utf-8")
        lock.write_text(re.sub(r"(?m)^(\w+==)[\d.]+", r"\g<1>99.0", text), encoding="utf-8")
    toolbox.commit(service, "build: every pin moves")


def release_with_newer_pins(suite: Path) -> None:
    """Release the suite again, with each action and base image at another version."""
    pins = suite / "templates" / "partials" / "pins.jinja"
    text = re.sub(r'"tag": "v[\d.]+", "sha": "[0-9a-f]{40}"', f'"tag": "v99.0.0", "sha": "{SHA}"', pins.read_text())
    pins.write_text(re.sub(r"sha256:[0-9a-f]{64}", DIGEST, text), encoding="utf-8")
    toolbox.commit(suite, "build: newer pins", tag="v9999.1.0")


@pytest.fixture(scope="session")
def bumping_suite(suite_until_now: Path, shared: Path) -> Path:
    def make(suite: Path) -> None:
        toolbox.git(suite, "clone", "--quiet", str(suite_until_now), ".")
        release_with_newer_pins(suite)

    return toolbox.once(shared / "bumping-suite", make)


each_birth = pytest.mark.parametrize(("version", "engine"), releases.BIRTHS)


def following(service: Path, suite: Path, destination: Path) -> Path:
    """Copy a service to where a bot may work on it, and let it follow the suite from where that is."""
    own = shutil.copytree(service, destination / service.name, symlinks=True)
    answers = own / ".copier-answers.yml"
    answers.write_text(re.sub("(?m)^_src_path: .*", f"_src_path: {suite}", answers.read_text()), encoding="utf-8")
    return own


def test_the_services_own_bot_keeps_off_what_the_template_bumps(rendered: toolbox.Rendered) -> None:
    ecosystems = re.findall(r"package-ecosystem: (\S+)", (rendered() / ".github" / "dependabot.yml").read_text())

    assert not {"github-actions", "docker"} & set(ecosystems)


@each_birth
def test_a_bot_that_bumps_everything_meets_a_release_that_does_not(
    born: Callable[..., Path], suite_until_now: Path, version: str, engine: str, tmp_path: Path
) -> None:
    service = following(born(version, engine), suite_until_now, tmp_path)
    bump(service)

    toolbox.copier(service, "update")

    assert toolbox.conflicts(service) == []
    assert set(re.findall(r"@(\S{40}) #", (service / ".github/workflows/release.yml").read_text())) == {SHA}
    assert DIGEST in (service / "Dockerfile").read_text()
    assert "==99.0" in (service / "requirements.txt").read_text()


@each_birth
def test_a_bot_and_a_release_that_move_pins_to_the_same_versions_agree(
    born: Callable[..., Path], bumping_suite: Path, version: str, engine: str, tmp_path: Path
) -> None:
    service = following(born(version, engine), bumping_suite, tmp_path)
    bump(service)

    toolbox.copier(service, "update")

    assert toolbox.conflicts(service) == []
    assert set(re.findall(r"@(\S{40}) #", (service / ".github/workflows/release.yml").read_text())) == {SHA}


@each_birth
def test_a_bot_and_a_release_that_move_pins_to_different_versions_conflict_there_and_nowhere_else(
    born: Callable[..., Path], bumping_suite: Path, version: str, engine: str, tmp_path: Path
) -> None:
    """One of the two is newer, and neither git nor Copier can know which: it is reported, and nothing is lost."""
    service = following(born(version, engine), bumping_suite, tmp_path)
    bump(service, "v98.0.0", "f" * 40, "sha256:" + "f" * 64)

    toolbox.copier(service, "update")

    assert toolbox.conflicts(service) == [".github/workflows/ci.yml", ".github/workflows/release.yml", "Dockerfile"]
    for block in re.findall(r"(?ms)^<<<<<<< .*?^>>>>>>> .*?$", (service / "Dockerfile").read_text()):
        assert "f" * 64 in block
        assert DIGEST in block
