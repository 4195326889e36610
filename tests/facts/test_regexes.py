"""Regular expressions that are compiled when they are first used."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import goldenpath
from goldenpath.facts.regexes import regex

MODULES = [
    module.name
    for module in walk_packages(goldenpath.__path__, "goldenpath.")
    if ".facts" in module.name or ".checks" in module.name
]


def test_matches_as_a_compiled_pattern_does() -> None:
    written = regex(r"(?P<name>\w+)=(\d+)", re.ASCII)
    match = written.fullmatch("port=8080")
    assert match is not None
    assert match["name"] == "port"
    assert written.fullmatch("Größe=1") is None
    assert written.findall("a=1 b=2") == [("a", "1"), ("b", "2")]
    assert written.pattern == r"(?P<name>\w+)=(\d+)"


def test_bytes_match_bytes() -> None:
    assert regex(rb"a+").search(b"baab") is not None


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_has_written_can_be_compiled(name: str) -> None:
    for each in vars(import_module(name)).values():
        for written in each.values() if isinstance(each, dict) else [each]:
            if type(written) is type(regex("")):
                assert written.flags >= 0


@pytest.mark.parametrize("name", MODULES)
def test_no_module_repeats_a_group_possessively(name: str) -> None:
    """Python up to 3.11.4, as Debian 12 has it, matches nothing by a group with an alternative and `*+` behind it."""
    for each in vars(import_module(name)).values():
        for written in each.values() if isinstance(each, dict) else [each]:
            if type(written) is type(regex("")):
                assert not re.search(r"\)[*+?]\+", written.pattern)
