"""The branches with which the text of a workflow compares the one that a run is on: something is done there alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.tree import Tree

_CALLED = regex(r"\buses:[ \t]{0,20}['\"]?\./(\.github/workflows/[\w.-]+)")

_REF = r"github\.(?:event\.)?ref(?:_name)?\b"
_SHELLS_OWN = frozenset({"GITHUB_REF", "GITHUB_REF_NAME"})
_VARIABLE = r"\$\{?(\w{1,60})(?:[#%/][^}\n]{0,60})?\}?"
"""A variable, perhaps without its beginning (`${GITHUB_REF##*/}`)."""
_ALIAS = regex(
    rf"\b(\w{{1,60}})[:=][ \t]{{0,4}}['\"]?(?:\$\{{\{{[ \t]{{0,9}}{_REF}|\$\{{?GITHUB_REF(?:_NAME)?(?![A-Za-z_]))"
)
"""How a variable gets the name of the branch, in `env:` or in a script."""
_ASKED = rf"(?:{_REF}(?:[ \t]{{0,9}}\}}\}})?|{_VARIABLE})['\"]?"
_BRANCH = r"\^?(?:refs/heads/)?(?!refs/)([\w./-]+\*?)"
_COMPARED = regex(rf"{_ASKED}\s{{0,20}}(?:==?|=~)\s{{0,20}}['\"]?{_BRANCH}")
_REVERSED = regex(rf"['\"\s]{_BRANCH}['\"]?\s{{1,20}}==?\s{{1,20}}['\"]?(?:\$\{{\{{[ \t]{{0,9}})?{_ASKED}")
_BEGINS = regex(rf"\b(?:startsWith|contains)\(\s{{0,20}}{_REF}\s{{0,20}},\s{{0,20}}'{_BRANCH}'")
_LISTED = regex(
    rf"\bcontains\(\s{{0,20}}fromJSON\(\s{{0,20}}'(\[[^']{{0,400}}\])'\s{{0,20}}\)\s{{0,20}},\s{{0,20}}{_REF}"
)
_CASE = regex(rf"\bcase\s{{1,20}}['\"]?(?:\$\{{\{{[ \t]{{0,9}})?{_ASKED}\s{{1,20}}in\b((?s:.{{0,600}}?))\besac\b")
_ARMS = regex(r"(?:^|;;|\n)\s{0,40}\(?([^()\n;]{1,200})\)")


def named_branches(tree: Tree, path: str) -> Iterator[str]:
    """Those of which a workflow speaks, or one that it calls; a star stands for what may follow."""
    text = tree.text(path) or ""
    called = (tree.text(each) or "" for each in dict.fromkeys(_CALLED.findall(text)))
    for each in (text, *called):
        if "ref" in each or "REF" in each:
            yield from _branches_in(each)


def _branches_in(text: str) -> Iterator[str]:
    told = _SHELLS_OWN.union(_ALIAS.findall(text))
    for variable, branch in _COMPARED.findall(text):
        if not variable or variable in told:
            yield branch
    for branch, variable in _REVERSED.findall(text):
        if not variable or variable in told:
            yield branch
    for branch in _BEGINS.findall(text):
        yield f"{branch}*"
    for names in _LISTED.findall(text):
        yield from (name.removeprefix("refs/heads/") for name in re.findall(r"\"([\w./-]+)\"", names))
    for variable, arms in _CASE.findall(text):
        if not variable or variable in told:
            yield from (found[1] for arm in _ARMS.findall(arms) for each in arm.split("|")
                        if (found := re.fullmatch(_BRANCH, each.strip(" \t'\""))))  # fmt: skip
