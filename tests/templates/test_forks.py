"""An adopter's fork takes upstream's releases, and its services follow the fork, by docs/adopting.md's commands."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest
import yaml

import toolbox
from goldenpath.contract import named
from goldenpath.facts.sources import parse_version
from goldenpath.repository import open_repository
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = (toolbox.ROOT / "docs" / "adopting.md").read_text(encoding="utf-8")
FORK = "https://git.example.com/acme/golden-path.git"

QUESTIONS = "templates/questions/organization.yml"
ROUTE = "templates/partials/observability/alertmanager.yaml.jinja"
OBJECTIVES = "templates/partials/observability/slo.yaml.jinja"
LINT = "templates/python-service/.yamllint.yaml.jinja"
MADE = "templates/cookiecutter/python-service"

CHOICES = {
    "default: https://github.com/goldenpath-dev/goldenpath": f"default: {FORK}",
    "default: github.com": "default: git.example.com",
    "default: acme\n\ndefault_branch": "default: shop\n\ndefault_branch",
    "default: ghcr.io/acme": "default: registry.example.com/shop",
    "default: https://grafana.acme.example": "default: https://grafana.example.com",
    "default: acme\n\ndocs_url": "default: shop-talk\n\ndocs_url",
}
"""What the fork changes of organization.yml."""

ROUTED = {"repeat_interval: 4h": "repeat_interval: 1h # acme"}
"""What the fork changes of a partial."""


def edit(suite: Path, file: str, changes: dict[str, str]) -> None:
    """Replace texts, each of which is there once."""
    text = (suite / file).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (suite / file).write_text(text, encoding="utf-8")


# ---- the document, run


def commands(heading: str, program: str = "") -> list[str]:
    """The commands that the document shows below a heading, or those of one program."""
    section = DOCUMENT.split(f"\n## {heading}\n", 1)[1].split("\n## ")[0]
    found = re.findall(r"^\$ (.*)$", "".join(re.findall(r"```console\n(.*?)```", section, re.DOTALL)), re.MULTILINE)
    return [command for command in found if command.startswith(program)]


def run(world: Path, folder: Path, shown: list[str]) -> subprocess.CompletedProcess[str]:
    """Run commands as they are shown, until one fails, with the addresses leading into `world`.

    The questions are answered on the command line.
    """
    answers = [f"{name}={value}" for name, value in toolbox.ANSWERS.items() if name != "template"]
    given = shlex.join(["--defaults", "--quiet", *(f"--data={answer}" for answer in answers)])
    script = f"""
set -e
goldenpath() {{ "$PYTHON" -m goldenpath "$@"; }}
copier() {{ if [ "$1" = copy ]; then set -- "$@" {given}; fi; "$PYTHON" -W error -m copier "$@"; }}
cookiecutter() {{ "$PYTHON" -m cookiecutter --no-input "$@" {shlex.join(answers)}; }}
"""
    addresses = {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": f"url.file://{world}/upstream.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/goldenpath-dev/goldenpath",
        "GIT_CONFIG_KEY_1": f"url.file://{world}/fork.git.insteadOf",
        "GIT_CONFIG_VALUE_1": FORK,
    }
    command = ["sh", "-c", script + "\n".join(shown)]
    surroundings = os.environ | addresses | {"PYTHON": sys.executable}
    return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)


def follow(world: Path, folder: Path, shown: list[str]) -> str:
    """Run commands that all end well, and return what they print."""
    assert shown
    done = run(world, folder, shown)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# ---- what happens


def upstream_releases(suite: Path) -> None:
    """Release v1.0.0: a question more, other lines of the partial that the fork has edited, and what it has not."""
    edit(suite, QUESTIONS, {
        "default_system:\n": "status_url: # where customers look\n  type: str\n  when: false\n"
        "  default: https://status.acme.example\n\ndefault_system:\n",
    })  # fmt: skip
    edit(suite, ROUTE, {"need not read a ticket about it.": "need not read a ticket as well."})
    for file in (OBJECTIVES, LINT):
        text = (suite / file).read_text(encoding="utf-8")
        (suite / file).write_text(f"# Upstream's v1.0.0.\n{text}", encoding="utf-8")
    edit(suite, OBJECTIVES, {"# Upstream's v1.0.0.": "# Upstream's v1.0.0: {= status_url =}"})
    edit(suite, "CHANGELOG.md", {
        "## [Unreleased]\n": "## [Unreleased]\n\n## [1.0.0] - 2026-12-01\n\n- Upstream's.\n",
        "...main\n": "...HEAD\n[1.0.0]: https://github.com/goldenpath-dev/goldenpath/releases/tag/v1.0.0\n",
    })  # fmt: skip
    release(suite, "v1.0.0")


def upstream_collides(suite: Path) -> None:
    """Release v2.0.0: the very line that the fork has edited, and an answer that, compiled, is next to the fork's."""
    edit(suite, ROUTE, {"repeat_interval: 4h": "repeat_interval: 6h"})
    edit(suite, QUESTIONS, {"default: ubuntu-24.04": "default: ubuntu-26.04"})
    release(suite, "v2.0.0")


def tell(fork: Path, version: str) -> None:
    """Write a section of the fork's own at the end of the changelog."""
    with (fork / "CHANGELOG.md").open("a", encoding="utf-8") as changelog:
        changelog.write(f"\n## [{version}] - 2026-12-02\n\n- Ours.\n")


def release(suite: Path, version: str) -> None:
    subprocess.run([sys.executable, "-m", "goldenpath", "authoring", "compile", str(suite)], check=True)
    toolbox.commit(suite, version, tag=version)


@pytest.fixture(scope="session")
def world(shared: Path) -> Path:
    """Upstream's v1.0.0, a fork that released on v0.24.0 and on it, and two services updated to it, not committed."""

    def make(world: Path) -> None:
        toolbox.snapshot(world / "upstream", tag="v0.24.0")
        toolbox.git(world, "init", "--quiet", "--bare", "fork.git")
        fork = world / "golden-path"

        follow(world, world, commands("Fork"))
        edit(fork, QUESTIONS, CHOICES)
        edit(fork, ROUTE, ROUTED)
        tell(fork, "0.24.0+acme.1")
        follow(world, fork, commands("Choose"))
        follow(world, fork, commands("Release"))
        for engine in ("copier", "cookiecutter"):
            (world / engine).mkdir()
            follow(world, world / engine, commands("Make services", engine))
            toolbox.commit(world / engine / "payments-api")
        (world / "tier").write_text(tier(world / "copier" / "payments-api") or "", encoding="utf-8")

        upstream_releases(world / "upstream")
        fetch, merge, *finish = commands("Take upstream's releases")
        follow(world, fork, [fetch, merge])
        tell(fork, "1.0.0+acme.1")
        follow(world, fork, finish)
        shutil.copytree(world / "copier" / "payments-api", world / "payments-api")
        for engine in ("copier", "cookiecutter"):
            follow(world, world / engine / "payments-api", commands("Announce", "copier"))

    return toolbox.once(shared / "fork", make)


def tier(service: Path) -> str | None:
    with open_repository(service) as repository:
        return evaluate(repository, named("standard"), date.today()).tier


each_engine = pytest.mark.parametrize("engine", ["copier", "cookiecutter"])


def test_the_fork_holds_its_own_releases_and_none_of_upstreams(world: Path) -> None:
    tags = toolbox.git(world / "fork.git", "tag", "--list").splitlines()

    assert tags == ["v0.24.0+acme.1", "v1.0.0+acme.1"]
    assert toolbox.git(world / "golden-path", "describe", "--tags") == "v1.0.0+acme.1"
    toolbox.git(world / "golden-path", "merge-base", "--is-ancestor", "upstream/tags/v1.0.0", "v1.0.0+acme.1")


def test_a_service_is_born_of_the_fork(world: Path) -> None:
    """With either engine at the fork's release, and with what its organisation chose."""
    for engine in ("copier", "cookiecutter"):
        service = world / engine / "payments-api"
        assert "_commit: v0.24.0+acme.1" in toolbox.git(service, "show", "HEAD:.copier-answers.yml")
        assert "IMAGE: registry.example.com/shop/payments-api" in toolbox.git(
            service, "show", "HEAD:.github/workflows/release.yml"
        )
        assert "repeat_interval: 1h # acme" in toolbox.git(service, "show", "HEAD:observability/alertmanager.yaml")


@each_engine
def test_a_service_of_the_fork_gets_what_upstream_changed(world: Path, engine: str) -> None:
    service = world / engine / "payments-api"

    assert toolbox.conflicts(service) == []
    assert toolbox.status(service) == {
        ".copier-answers.yml": "M",
        ".yamllint.yaml": "M",
        "observability/alertmanager.yaml": "M",
        "observability/slo.yaml": "M",
    }
    assert yaml.safe_load((service / ".copier-answers.yml").read_text())["_commit"] == "v1.0.0+acme.1"
    assert (service / "observability/slo.yaml").read_text().startswith("# Upstream's v1.0.0: https://status.acme.ex")
    assert "need not read a ticket as well." in (service / "observability/alertmanager.yaml").read_text()


@each_engine
def test_a_service_of_the_fork_keeps_what_the_fork_changed(world: Path, engine: str) -> None:
    service = world / engine / "payments-api"

    assert "repeat_interval: 1h # acme" in (service / "observability/alertmanager.yaml").read_text()
    assert "IMAGE: registry.example.com/shop/payments-api" in (service / ".github/workflows/release.yml").read_text()
    catalog = (service / "catalog-info.yaml").read_text()
    assert "https://grafana.example.com/d/payments-api" in catalog
    assert "https://shop-talk.slack.com/" in catalog


@each_engine
def test_an_update_to_the_forks_release_lowers_no_tier(world: Path, engine: str) -> None:
    tiers = named("standard").tiers

    assert tiers.index(tier(world / engine / "payments-api") or "none") >= tiers.index((world / "tier").read_text())


def test_the_services_validator_is_the_forks_at_its_release(world: Path) -> None:
    told = toolbox.git(world / "copier" / "payments-api", "show", "HEAD:Makefile")
    assert re.search(rf"^SUITE \?= .*{re.escape(FORK)}", told, re.MULTILINE)

    planned = subprocess.run(
        ["make", "--dry-run", "check"], cwd=world / "copier/payments-api", capture_output=True, text=True, check=True
    )
    assert f'--from "git+{FORK}@v1.0.0+acme.1" goldenpath check' in planned.stdout


def test_the_fork_sees_what_a_service_would_get(world: Path) -> None:
    told = follow(world, world / "golden-path", commands("Announce", "goldenpath"))

    assert "newest v1.0.0+acme.1, 1 release ahead" in told
    assert "\n1.0.0  2026-12-01\n  - Upstream's.\n" in told
    assert "\n1.0.0+acme.1  2026-12-02\n  - Ours.\n" in told
    assert "\n0.24.0+acme.1  " not in told


@pytest.mark.parametrize(("minimum", "state", "code"), [
    ("v0.24.0+acme.1", "BEHIND", 0),
    ("v1.0.0", "BELOW MINIMUM", 1),
    ("v1.0.0+acme.1", "BELOW MINIMUM", 1),
])  # fmt: skip
def test_a_contract_asks_for_a_release_of_the_fork(
    world: Path, tmp_path: Path, minimum: str, state: str, code: int
) -> None:
    (contract,) = re.findall(r"```yaml\n(apiVersion: .*?)```", DOCUMENT, re.DOTALL)
    contract = contract.replace("minimum: v0.24.0+acme.1", f"minimum: {minimum}")
    (tmp_path / "acme.yaml").write_text(contract, encoding="utf-8")

    (status,) = commands("Announce", "goldenpath")
    told = run(world, world / "golden-path", [f"{status} --contract {tmp_path}/acme.yaml"])
    assert (told.returncode, told.stderr) == (code, "")
    assert told.stdout.startswith(f" {state} ")
    judged = run(world, world, [f"goldenpath check payments-api --contract {tmp_path}/acme.yaml --format json"])
    verdicts = {check["id"]: check["verdict"] for check in json.loads(judged.stdout)["components"][0]["checks"]}
    assert verdicts["template-current"] == ("pass" if code == 0 else "fail")
    assert verdicts.keys() >= {"owner-declared", "vulnerabilities-gated"}


def test_the_versions_are_in_the_order_that_the_document_gives() -> None:
    (order,) = re.findall(r"\(PEP 440\): (.*?)\. ", DOCUMENT.replace("\n", " "))

    assert sorted(order.split(", "), key=parse_version) == order.split(", ")


def test_where_both_sides_changed_a_line_the_merge_stops_and_can_be_finished(world: Path, tmp_path: Path) -> None:
    for name in ("upstream", "fork.git", "golden-path"):
        shutil.copytree(world / name, tmp_path / name)
    fork = tmp_path / "golden-path"
    upstream_collides(tmp_path / "upstream")
    fetch, merge, *finish = [each.replace("1.0.0", "2.0.0") for each in commands("Take upstream's releases")]
    unmerged, marks = commands("When the merge stops")

    follow(tmp_path, fork, [fetch])
    assert run(tmp_path, fork, [merge]).returncode == 1
    cookiecutters = f"{MADE}/templates/{ROUTE.removeprefix('templates/')}"
    stopped = set(follow(tmp_path, fork, [unmerged]).split())
    assert stopped >= {f"{MADE}/cookiecutter.json", cookiecutters}
    assert {path for path in stopped if not path.startswith("templates/cookiecutter/")} == {ROUTE}

    assert ROUTE in run(tmp_path, fork, [marks]).stdout
    toolbox.git(fork, "checkout", "--quiet", "--ours", "--", ROUTE)
    assert follow(tmp_path, fork, [marks]) == ""

    follow(tmp_path, fork, finish)
    assert toolbox.git(tmp_path / "fork.git", "tag", "--list").splitlines()[-1] == "v2.0.0+acme.1"
    compiled = (fork / MADE / "cookiecutter.json").read_text(encoding="utf-8")
    assert '"__runner": "ubuntu-26.04"' in compiled
    assert '"__image_registry": "registry.example.com/shop"' in compiled
    assert "repeat_interval: 1h # acme" in (fork / cookiecutters).read_text(encoding="utf-8")
