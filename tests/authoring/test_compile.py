"""What is compiled is current, and a source that cannot be read is named with its line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from goldenpath.authoring import main
from toolbox import ROOT

if TYPE_CHECKING:
    from pathlib import Path

TABLES = "validator/goldenpath/facts/knowledge"


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """The folder of the tables in a repository that looks like this one."""
    folder = tmp_path / TABLES
    folder.mkdir(parents=True)
    return folder


def test_what_is_compiled_in_this_repository_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "--check", str(ROOT)]) == 0, capsys.readouterr().out


def test_a_table_becomes_json_and_one_that_is_gone_goes(tables: Path, tmp_path: Path) -> None:
    (tables / "chat.yaml").write_text("# people talk\nslack: {hosts: [slack.com], since: 1.10}\n")
    (tables / "gone.json").write_text("{}")
    assert main(["compile", "--check", str(tmp_path)]) == 1
    assert main(["compile", str(tmp_path)]) == 0
    assert json.loads((tables / "chat.json").read_text()) == {"slack": {"hosts": ["slack.com"], "since": 1.1}}
    assert not (tables / "gone.json").exists()


def test_a_table_that_is_no_yaml_is_named_with_its_line(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tables / "chat.yaml").write_text("slack: 1\nslack: 2\n")
    assert main(["compile", str(tmp_path)]) == 2
    assert "chat.yaml:2: the key 'slack' is there twice" in capsys.readouterr().err
    assert not (tables / "chat.json").exists()
