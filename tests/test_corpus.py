"""A corpus of releases: good ones, each with named edits that break one thing (`defects`) or nothing (`kept`).

A file of tests/corpus has a `tree` of files, the checks that it `passes`, and edits of it. An edit replaces texts that
occur exactly once (`edit`), puts a step before a named one (`before`), gives a named step more keys (`keys`), adds
files (`add`) or renames them (`rename`); `<MARK>` stands for a text of `marks`. A defect names the verdict (`fail`
where nothing is said) and a text at one of the lines that the evidence has to name (`at`).
"""

from __future__ import annotations

import re
from textwrap import indent
from typing import Any

import pytest

from good_releases import GOOD
from trees import judge


def edits_of(kind: str) -> list[Any]:
    """All edits of a kind, as parameters with their names."""
    return [
        pytest.param(name, edit, id=f"{name}: {edit['name']}")
        for name, good in GOOD.items()
        for edit in good.get(kind, ())
    ]


def edited(good: dict[str, Any], edit: dict[str, Any]) -> dict[str, str]:
    """The tree after an edit."""
    marks = good.get("marks", {})
    tree = dict(good["tree"])
    for old, new in edit.get("edit", {}).items():
        replace(tree, marked(old, marks), marked(new, marks))
    for step, text in edit.get("before", {}).items():
        beside(tree, step, lambda line, pad, text=text: indent(marked(text, marks), pad) + "\n" + line)
    for step, text in edit.get("keys", {}).items():
        beside(tree, step, lambda line, pad, text=text: line + "\n" + indent(marked(text, marks), pad + "  "))
    renamed = edit.get("rename", {})
    assert renamed.keys() <= tree.keys()
    return {**{renamed.get(path, path): text for path, text in tree.items()}, **edit.get("add", {})}


def marked(text: str, marks: dict[str, str]) -> str:
    """The text with its marks filled in."""
    return re.sub(r"<([A-Z]+)>", lambda found: marks.get(found[1], found[0]), text)


def replace(tree: dict[str, str], old: str, new: str) -> None:
    """Replace a text that is there exactly once."""
    found = {path: text.count(old) for path, text in tree.items() if old in text}
    assert list(found.values()) == [1], f"{old!r} is in {found or 'no file'}"
    path = next(iter(found))
    tree[path] = tree[path].replace(old, new)


def beside(tree: dict[str, str], step: str, change: Any) -> None:
    """Change the line at which a named step begins."""
    for path, text in tree.items():
        found = re.search(rf"^( *)- name: {re.escape(step)}$", text, re.MULTILINE)
        if found:
            tree[path] = text[: found.start()] + change(found[0], found[1]) + text[found.end() :]
            return
    raise AssertionError(f"no step is called {step!r}")


def named_by(outcome: Any, tree: dict[str, str]) -> list[str]:
    """The lines that the evidence names, each with the step that it begins."""
    texts = []
    for each in outcome.evidence:
        if each.path in tree and each.line:
            first, *more = tree[each.path].splitlines()[each.line - 1 :]
            depth = len(first) - len(first.lstrip(" "))
            rest = next(
                (at for at, line in enumerate(more) if line.strip() and not line.startswith(" " * (depth + 1))), None
            )
            texts.append("\n".join([first, *more[:rest]]))
    return texts


@pytest.mark.parametrize("name", GOOD)
def test_good_releases_pass(name: str) -> None:
    for check in GOOD[name]["passes"]:
        outcome = judge(check, GOOD[name]["tree"])
        assert outcome.verdict == "pass", f"{check}: {outcome.summary}: {outcome.reason}"


@pytest.mark.parametrize(("name", "defect"), edits_of("defects"))
def test_one_defect_is_found(name: str, defect: dict[str, Any]) -> None:
    tree = edited(GOOD[name], defect)
    assert defect["check"] in GOOD[name]["passes"]
    outcome = judge(defect["check"], tree)
    wanted, said = defect.get("verdict", "fail"), f"{outcome.verdict}: {outcome.summary}: {outcome.reason}"
    if wanted.startswith("not "):
        assert outcome.verdict != wanted.removeprefix("not "), said
    else:
        assert outcome.verdict == wanted, said
    named = named_by(outcome, tree)
    assert "at" not in defect or any(defect["at"] in text for text in named), f"{said}: {named}"


@pytest.mark.parametrize(("name", "edit"), edits_of("kept"))
def test_what_means_the_same_still_passes(name: str, edit: dict[str, Any]) -> None:
    outcome = judge(edit["check"], edited(GOOD[name], edit))
    assert outcome.verdict == "pass", f"{outcome.summary}: {outcome.reason}"
