"""`docs/governance.md` answers every practice, and counts its answers right."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from toolbox import ROOT

PAGE = (ROOT / "docs/governance.md").read_text(encoding="utf-8")
ANSWERS = ("yes", "part", "not yet", "not ours")
PRACTICES = {"Policy": 21, "Evaluation": 17, "Enforcement": 11, "Audit": 16}
"""How many the model has in each category."""


@pytest.mark.parametrize("category", PRACTICES)
def test_every_practice_has_an_answer_and_the_count_is_right(category: str) -> None:
    section = PAGE.split(f"### {category}\n")[1].split("\n#")[0]
    rows = re.findall(r"^\| .+? \| (.+?) \| (.+) \|$", section, re.MULTILINE)[1:]
    assert len(rows) == PRACTICES[category]
    counted = Counter(answer for answer, _ in rows)
    assert set(counted) <= set(ANSWERS)
    told = " | ".join(str(number) for number in (len(rows), *(counted[answer] for answer in ANSWERS)))
    assert f"| [{category}](#{category.lower()}) | {told} |\n" in PAGE
    assert all("`" in shown for answer, shown in rows if answer == "yes")
