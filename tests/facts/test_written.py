"""What stands in the folders of a job is found by its path, however much has been written."""

from __future__ import annotations

import pytest

from goldenpath.facts.pipeline.acts import Content
from goldenpath.facts.pipeline.effects import part_of
from goldenpath.facts.pipeline.written import MAX_FOLDERS, Workspace
from goldenpath.facts.values import Symbol, Value, value

TAG = Symbol("github", "ref_name")
DEEP = "d/" * (MAX_FOLDERS + 1)

PATHS: list[Value] = [
    value("dist/shop"), value("dist"), value("dist/linux/shop"), value("."), (), value("/"), value("/opt/shop"),
    value("/opt"), value("dist/", TAG), value(TAG), value("shop"), value("dist-old"), value("dist/*"), value("*.tgz"),
    value("shop.tgz"), value(f"{DEEP}shop"), value(f"{DEEP}"), value("d"), value("d/d"), value(TAG, "/shop"),
]  # fmt: skip


def workspace(*paths: Value) -> Workspace:
    made = Workspace()
    for path in paths:
        made.write(path, (Content("built", "a"), ()), frozenset())
    return made


@pytest.mark.parametrize("paths", [PATHS, PATHS[::-1]])
@pytest.mark.parametrize("pattern", PATHS)
def test_what_a_path_means_is_near_it_in_the_order_in_which_it_was_written(pattern: Value, paths: list[Value]) -> None:
    near = [path for path in workspace(*paths).near(pattern) if part_of(path, pattern) is not None]
    assert near == [path for path in paths if part_of(path, pattern) is not None]


def test_files_beside_it_are_not_near() -> None:
    made = workspace(*(value(f"dist/shop{at}") for at in range(9)))
    assert list(made.near(value("dist/shop3"))) == [value("dist/shop3")]


def test_what_is_written_again_is_there_once() -> None:
    assert list(workspace(value("dist/shop"), value("dist/shop")).near(value("dist"))) == [value("dist/shop")]
