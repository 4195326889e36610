"""The routing tree is walked as amtool walks it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from goldenpath.facts import Facts
from goldenpath.facts.monitoring.routes import reached
from trees import repository

if TYPE_CHECKING:
    from pathlib import Path

    from goldenpath.facts.monitoring.model import Tree
    from toolbox import Tool

CONFIG = """
route:
  receiver: root
  routes:
    - matchers: [severity = "page", "team =~ \\"a|b\\""]
      receiver: first
      continue: true
    - match: {severity: page}
      routes:
        - match_re: {team: "b.*"}
          receiver: second
        - matchers: [team != "", region = ""]
          receiver: third
          continue: true
        - matchers: ['{team!~"a.*"}']
          receiver: fourth
    - matchers: [severity =~ ""]
      receiver: fifth
receivers: [{name: root}, {name: first}, {name: second}, {name: third}, {name: fourth}, {name: fifth}]
"""


@pytest.mark.parametrize(
    "labels",
    [
        {"severity": "page", "team": "a"},
        {"severity": "page", "team": "b"},
        {"severity": "page", "team": "bb"},
        {"severity": "page", "team": "ab"},
        {"severity": "page"},
        {"severity": "page", "team": "c", "region": "eu"},
        {"severity": "pages"},
        {"team": "a"},
        {},
    ],
)
def test_an_alert_gets_to_the_receivers_that_amtool_names(labels: dict[str, str], tool: Tool, tmp_path: Path) -> None:
    config = tmp_path / "alertmanager.yml"
    config.write_text(CONFIG)
    command = [str(tool("amtool")), "config", "routes", "test", f"--config.file={config}"]
    said = subprocess.run(
        [*command, *(f"{k}={v}" for k, v in labels.items())], capture_output=True, text=True, check=True
    )
    tree: Tree
    (tree,) = Facts(repository({"alertmanager.yml": CONFIG}))["monitoring"].trees
    ways = reached(tree, lambda label: labels.get(label, ""))
    assert ",".join(way.route.receiver for way in ways) == said.stdout.strip()
    assert all(way.certain for way in ways)
