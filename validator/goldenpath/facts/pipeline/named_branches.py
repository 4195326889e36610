"""The branches with which the text of a workflow compares the one that a run is on: something is done there alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.tree import Tree

_CALLED = regex(r"uses:[ \t]{0,20}['\"]?\./(\.github/workflows/[\w.-]+)")

_REF = r"github\.(?:event\.)?ref(?:_name)?\b"
_SHELLS_OWN = frozenset({"GITHUB_REF", "GITHUB_REF_NAME"})
_VARIABLE = r"\$\{?(\w{1,60})(?:[#%/][^}\n]{0,60})?\}?"
"""A variable, perhaps without its beginning (`${GITHUB_REF##*/}`)."""
_ALIAS = regex(
    rf"\b(\w{{1,60}})[:=][ \t]{{0,4}}['\"]?(?:\$\{{\{{[ \t]{{0,9}}{_REF}|\$\{{?GITHUB_REF(?:_NAME)?(?![A-Za-z_]))"
)
"""How a variable gets the name of the branch, in `env:` or in a script."""
_CLOSED = r"(?:[ \t]{0,9}\}\})?"
_BRANCH = r"\^?(?:refs/heads/)?(?!refs/)([\w./-]+\*?)"
_EQUALS = rf"['\"]?\s{{0,20}}(?:==?|=~)\s{{0,20}}['\"]?{_BRANCH}"
_COMPARED = regex(f"{_REF}{_CLOSED}{_EQUALS}")
_COMPARED_VARIABLE = regex(f"{_VARIABLE}{_EQUALS}")
_OPENED = r"['\"]?(?:\$\{\{[ \t]{0,9})?"
_ASKED = rf"{_OPENED}(?:{_REF}{_CLOSED}|{_VARIABLE})['\"]?"
_REVERSED = regex(rf"['\"\s]{_BRANCH}['\"]?\s{{1,20}}==?\s{{1,20}}{_ASKED}")
_MAY_BE_REVERSED = regex(r"=\s{1,20}['\"]?(?:\$|github\.)")
"""What stands in every one that is reversed. To look for it first is quicker by far: nearly no text has one."""
_BEGINS = regex(rf"\b(?i:startsWith|contains)\(\s{{0,20}}{_REF}\s{{0,20}},\s{{0,20}}'{_BRANCH}'")
_LISTED = regex(
    rf"\b(?i:contains\(\s{{0,20}}fromJSON)\(\s{{0,20}}'(\[[^']{{0,400}}\])'\s{{0,20}}\)\s{{0,20}},\s{{0,20}}{_REF}"
)
_CASE = regex(rf"case\s{{1,20}}{_ASKED}\s{{1,20}}in\b((?s:.{{0,600}}?))\besac\b")
_ARMS = regex(r"(?:^|;;|\n)\s{0,40}\(?([^()\n;]{1,200})\)")


def named_branches(tree: Tree, path: str) -> Iterator[str]:
    """Those of which a workflow speaks, or one that it calls; a star stands for what may follow."""
    text = tree.text(path) or ""
    called = (tree.text(each) or "" for each in dict.fromkeys(_CALLED.findall(text)))
    for each in (text, *called):
        if "ref" in each or "REF" in each:
            yield from _branches_in(each)


def _branches_in(text: str) -> Iterator[str]:
    yield from _COMPARED.findall(text)
    lowered = text.lower()
    if "startswith(" in lowered or "contains(" in lowered:
        yield from (f"{branch}*" for branch in _BEGINS.findall(text))
        for names in _LISTED.findall(text):
            yield from (name.removeprefix("refs/heads/") for name in re.findall(r"\"([\w./-]+)\"", names))
    asked = [*_asked_by_scripts(text)]
    told = _SHELLS_OWN.union(_ALIAS.findall(text)) if any(variable for variable, _ in asked) else frozenset[str]()
    yield from (branch for variable, branch in asked if not variable or variable in told)


def _asked_by_scripts(text: str) -> Iterator[tuple[str, str]]:
    """The variable with which a branch is compared (empty for an expression that says the branch), and the branch."""
    yield from _COMPARED_VARIABLE.findall(text)
    if _MAY_BE_REVERSED.search(text):
        yield from ((variable, branch) for branch, variable in _REVERSED.findall(text))
    for variable, arms in _CASE.findall(text):
        yield from ((variable, found[1]) for arm in _ARMS.findall(arms) for each in arm.split("|")
                    if (found := re.fullmatch(_BRANCH, each.strip(" \t'\""))))  # fmt: skip
