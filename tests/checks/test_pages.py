"""Every check's page tells the truth: what it shows as "before" does not pass, and what it shows as "after" does."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from goldenpath.checks import Settings, Template, load, shipped_ids
from trees import judge

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Rendered

BLOCK = re.compile(r"^```\w+\n(?:# |<!-- )(?P<path>\S+)(?: -->)?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SETTINGS = {"template-current": Settings(template=Template("https://git.example.com/acme/golden-path", "v1.4.0"))}
"""What the contract says where a page speaks of it."""

SECTIONS = ("What", "Why", "Fix", "Before", "After")


def sections(check: str) -> dict[str, str]:
    """The sections of a check's page by their titles; a `##` in code is no title."""
    found: dict[str, str] = {}
    title, in_code = "", False
    for line in load(check).page.splitlines(keepends=True):
        in_code ^= line.startswith("```")
        if line.startswith("## ") and not in_code:
            title = line.removeprefix("## ").strip()
        found[title] = found.get(title, "") + line
    return found


def shown(check: str, section: str) -> dict[str, str]:
    """The files that a section of a check's page shows."""
    return {match["path"]: match["text"] for match in BLOCK.finditer(sections(check)[section])}


def tree(service: Path) -> dict[str, str | bytes | None]:
    listed = subprocess.run(["find", ".", "-type", "f"], cwd=service, capture_output=True, text=True, check=True).stdout
    return {path.removeprefix("./"): (service / path).read_bytes() for path in listed.splitlines()}


@pytest.mark.parametrize("check", shipped_ids())
def test_a_page_has_what_why_fix_before_and_after(check: str) -> None:
    assert tuple(sections(check)) == SECTIONS


@pytest.mark.parametrize("check", shipped_ids())
def test_before_does_not_pass_and_after_does(check: str, rendered: Rendered) -> None:
    before, after = shown(check, "Before"), shown(check, "After")
    service = tree(rendered()) | (after if check in SETTINGS else {})
    settings = SETTINGS.get(check)
    assert before
    assert before.keys() <= after.keys()
    assert judge(check, service, settings).verdict == "pass"
    outcome = judge(check, service | before, settings)
    assert outcome.verdict in {"fail", "unknown"}
    assert before.keys() & {each.path for each in outcome.evidence}
    assert judge(check, service | after, settings).verdict == "pass"
