"""Ranges of versions, as four ecosystems write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from goldenpath.facts.dependencies.ranges import Dialect, allows


@pytest.mark.parametrize(
    ("dialect", "wanted", "inside", "outside"),
    [
        ("pep440", ">=2.1,<3", "2.9.1", "3.0"),
        ("pep440", ">=0.66b2,<0.67", "0.66b2", "0.66b1"),
        ("pep440", "<0.67", "0.66", "0.67b1"),
        ("pep440", "~=1.4.2", "1.4.9", "1.5"),
        ("pep440", "~=1.4", "1.9", "2.0"),
        ("pep440", "==1.4.*", "1.4.7", "1.5"),
        ("pep440", "!=1.4.*", "1.5", "1.4.7"),
        ("pep440", "==1.4", "1.4.0", "1.4.1"),
        ("pep440", "==2.1.0", "2.1.0+cpu", "2.1.1+cpu"),
        ("pep440", ">=1,!=1.5", "1.6", "1.5"),
        ("poetry", "^1.2", "1.9", "2.0"),
        ("poetry", "^0.2.3", "0.2.9", "0.3.0"),
        ("poetry", "~1.2", "1.2.9", "1.3"),
        ("poetry", "1.2.*", "1.2.4", "1.3"),
        ("poetry", "1.2.3", "1.2.3", "1.2.4"),
        ("poetry", "^1.2 || ^3.0", "3.1", "2.0"),
        ("npm", "^1.2.3", "1.9.0", "2.0.0"),
        ("npm", "^0.0.3", "0.0.3", "0.0.4"),
        ("npm", "^1.2.3", "1.2.3", "2.0.0-rc.1"),
        ("npm", "~1.2", "1.2.9", "1.3.0"),
        ("npm", "1.x", "1.9.0", "2.0.0"),
        ("npm", "1.2", "1.2.7", "1.3.0"),
        ("npm", "1.2.3 - 1.4.0", "1.3.9", "1.4.1"),
        ("npm", ">= 1.2.0 < 2", "1.9.9", "2.0.0"),
        ("npm", ">1.2", "1.3.0", "1.2.9"),
        ("npm", "<=1.2", "1.2.9", "1.3.0"),
        ("npm", "^1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-beta.1"),
        ("npm", "v1.2.3", "1.2.3", "1.2.4"),
        ("cargo", "1.2", "1.9.0", "2.0.0"),
        ("cargo", "0.3", "0.3.9", "0.4.0"),
        ("cargo", "=1.2.3", "1.2.3", "1.2.4"),
        ("cargo", ">=1.2, <1.5", "1.4.9", "1.5.0"),
        ("cargo", "1.0.0-alpha.1", "1.0.0-alpha.2", "0.9.0"),
    ],
)
def test_a_range_has_one_version_and_not_another(dialect: Dialect, wanted: str, inside: str, outside: str) -> None:
    assert allows(wanted, inside, dialect) is True
    assert allows(wanted, outside, dialect) is False


@pytest.mark.parametrize(
    "wanted", ["latest", "git+https://example.com/a.git", "1.2.3.4!5", ">=a", "^", "github:acme/a"]
)
def test_what_is_no_range_is_not_guessed(wanted: str) -> None:
    assert allows(wanted, "1.2.3", "npm") is None


def test_anything_has_any_version() -> None:
    assert [allows(wanted, "no version", "npm") for wanted in ("", "*", "x")] == [True, True, True]
    assert allows(">=1", "no version", "npm") is None


_NUMBERS = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
_VERSIONS = st.builds("{}{}".format, _NUMBERS, st.sampled_from(["", "", "a1", "b2", "rc1", ".dev1"]))
_RANGES = st.lists(
    st.builds("{}{}".format, st.sampled_from(["==", "!=", ">=", "<=", "<", "~="]), _VERSIONS), min_size=1, max_size=2
).map(",".join)


@given(_RANGES, _VERSIONS)
def test_python_ranges_mean_what_packaging_says(wanted: str, version: str) -> None:
    try:
        expected = SpecifierSet(wanted).contains(Version(version), prereleases=True)
    except InvalidSpecifier:
        return
    assert allows(wanted, version, "pep440") in {expected, None}
