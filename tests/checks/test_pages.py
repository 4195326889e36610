"""Every check's page tells the truth: what it shows as "before" does not pass, and what it shows as "after" does."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from goldenpath.checks import load, shipped_ids
from trees import judge

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Rendered

BLOCK = re.compile(r"^```\w+\n(?:# |<!-- )(?P<path>\S+)(?: -->)?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS = ("What", "Why", "Fix", "Before", "After")


def shown(check: str, section: str) -> dict[str, str]:
    """The files that a section of a check's page shows."""
    body = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", load(check).page, re.MULTILINE | re.DOTALL))[section]
    return {match["path"]: match["text"] for match in BLOCK.finditer(body)}


def tree(service: Path) -> dict[str, str | bytes | None]:
    listed = subprocess.run(["find", ".", "-type", "f"], cwd=service, capture_output=True, text=True, check=True).stdout
    return {path.removeprefix("./"): (service / path).read_bytes() for path in listed.splitlines()}


@pytest.mark.parametrize("check", shipped_ids())
def test_a_page_has_what_why_fix_before_and_after(check: str) -> None:
    assert tuple(re.findall(r"^## (.*)$", load(check).page, re.MULTILINE)) == SECTIONS


@pytest.mark.parametrize("check", shipped_ids())
def test_before_does_not_pass_and_after_does(check: str, rendered: Rendered) -> None:
    service = tree(rendered())
    before, after = shown(check, "Before"), shown(check, "After")
    assert before
    assert before.keys() <= after.keys()
    assert judge(check, service).verdict == "pass"
    outcome = judge(check, service | before)
    assert outcome.verdict in {"fail", "unknown"}
    assert before.keys() & {each.path for each in outcome.evidence}
    assert judge(check, service | after).verdict == "pass"
