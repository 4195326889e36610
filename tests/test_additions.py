"""A second way out beside a good release: whatever it is, and whatever starts it, no check passes any more."""

from __future__ import annotations

import pytest

from additions import CHECKS, additions
from good_releases import GOOD
from trees import judge

PASSING = [
    pytest.param(name, check, id=f"{name}: {check}")
    for name, good in GOOD.items()
    for check in CHECKS
    if check in good["passes"]
]


@pytest.mark.parametrize(("name", "check"), PASSING)
def test_what_is_released_beside_a_good_release_has_to_be_as_good(name: str, check: str) -> None:
    tree = GOOD[name]["tree"]
    assert [way for way, files in additions(check) if judge(check, tree | files).verdict == "pass"] == []
