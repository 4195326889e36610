"""Files that an input of an action lists."""

from __future__ import annotations

from goldenpath.facts.pipeline.lists import paths
from goldenpath.facts.values import Symbol, value


def test_braces_stand_for_several_patterns() -> None:
    assert paths(value("dist/*.{zip,tar.gz};README.md")) == [("dist/*.zip",), ("dist/*.tar.gz",), ("README.md",)]


def test_braces_between_names_of_a_run_stand_for_no_endless_number() -> None:
    listed = value(*(part for _ in range(6) for part in ("{a,b}{a,b}", Symbol("unknown", "env.X"))))
    assert len(paths(listed)) <= 256
