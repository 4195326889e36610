"""The template that is laid over repositories: its files are those that the code knows, and tools accept them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

import toolbox
from adopting import PYTHON, added, adopt, repository
from goldenpath.adoption.survey import CHECK, FILES
from goldenpath.questionnaire import read
from toolbox import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Tool


def test_each_file_of_the_template_is_laid_only_where_it_was_missing() -> None:
    folder = ROOT / "templates" / "adopt"
    names = {str(path.relative_to(folder)).removesuffix(".jinja") for path in folder.rglob("*") if path.is_file()}
    answers_file = "{= _copier_conf.answers_file =}"

    assert names - {answers_file} == set(FILES)
    excluded = [pattern for pattern in read(ROOT).settings["exclude"] if "not in adopted.split()" in pattern]
    whole = {path: path for path in FILES if not path.startswith("observability/")}
    whole |= {"observability/slo.yaml": "observability/**", CHECK: ".github/*/golden-path.yml"}  # the five go together
    assert excluded == [
        f"{{% if template == 'adopt' and '{path}' not in adopted.split() %}}/{pattern}{{% endif %}}"
        for path, pattern in sorted(whole.items())
    ]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, suite: Path) -> Path:
    """A repository that lacks everything, adopted. Read it, never write to it."""
    found = repository(tmp_path_factory.mktemp("adopted") / "shop", PYTHON)
    assert adopt(found, suite, "--yes").returncode == 0
    return found


def run(*command: str | Path, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout


def test_workflows_and_yaml_are_clean(shop: Path, tool: Tool) -> None:
    run(tool("actionlint"), folder=shop)
    run(tool("zizmor"), "--offline", "--quiet", ".github/workflows", folder=shop)
    for path in added(shop):
        if path.endswith((".yaml", ".yml")):
            assert list(yaml.safe_load_all((shop / path).read_text(encoding="utf-8"))), path


def test_the_rules_are_tested_and_routed(shop: Path, tool: Tool) -> None:
    run(tool("promtool"), "test", "rules", "observability/alerts_test.yaml", folder=shop)
    run(tool("amtool"), "check-config", "observability/alertmanager.yaml", folder=shop)


def test_nothing_speaks_of_what_only_a_generated_service_has(shop: Path) -> None:
    for path in added(shop):
        text = (shop / path).read_text(encoding="utf-8")
        assert not [word for word in ("make rules", "make check", "make test", "{=", "{%") if word in text], path


def test_the_documentation_builds_strictly(shop: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path), folder=shop)


def test_copier_alone_lays_nothing_over_a_repository(tmp_path: Path, suite: Path) -> None:
    """Only `goldenpath adopt` knows what is missing."""
    shop = repository(tmp_path / "shop", PYTHON)
    answers = [f"--data={name}" for name in ("template=adopt", "owner=payments", "oncall=PABC123", "chat=payments")]
    command = [sys.executable, "-m", "copier", "copy", "--defaults", *answers, str(suite), str(shop)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "run it there instead of Copier" in done.stderr
    assert toolbox.status(shop) == {}
