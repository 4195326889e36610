"""Every action and reusable workflow is pinned by its full commit.

## What

Each `uses:` of another repository, in workflows and in the local actions they lead to, names a commit by its full
40 (or 64) hexadecimal digits, and each `docker://` image a digest. Local paths (`./…`, `$/…`) are at the commit of this
repository anyway. Reusable workflows that only work by tag, because they check their own identity, are allowed by tag:
those of `slsa-framework/slsa-github-generator`. An action in `.github` that nothing here leads to does not count; but
where a workflow of another repository is called, which may use it, what is loose in it makes the verdict `unknown`.

In a pipeline of GitLab CI, what is included from another project names a commit (`ref:`), a component a commit or a
full version, a file of the web has its `integrity:`, and images of jobs and services name a digest; templates are of
GitLab's own version, and the project's own images are no foreign ones. Where a variable that only the settings could
set says which it is, the verdict is `unknown`. Beside workflows of GitHub, which are not asked in what image their
jobs run, only what is included counts.

## Why

A tag is a promise that its owner can break, or somebody who has stolen the owner's keys. In March 2025 and again in
March 2026 tags of widely used actions were moved to code that printed secrets into logs; whoever had pinned a commit
was not hit. A shortened commit can be forged to collide, a branch moves every day.

## Fix

`pinact run` or `zizmor --fix=all` rewrite a whole repository. For one action, `git ls-remote
https://github.com/actions/checkout v7.0.1` tells the commit. Keep the tag as a comment, so that update bots raise both.

## Before

```yaml
# .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - run: make test
```

## After

```yaml
# .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - run: make test
```
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.checks import EVERY_TYPE, Fix, evidence, failed, not_applicable, passed, unknown
from goldenpath.facts.gitlab import is_home
from goldenpath.facts.regexes import regex
from goldenpath.facts.workflows import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Outcome
    from goldenpath.facts.gitlab.pins import Pin
    from goldenpath.facts.gitlab.pipeline import Pipeline
    from goldenpath.facts.workflows import Step, Uses, Workflows

APPLIES = EVERY_TYPE
FIX = Fix("Pin each action by its full commit, with the tag as comment", "minutes")

BY_TAG_ONLY = ("slsa-framework/slsa-github-generator",)
"""Their reusable workflows verify the tag by which they were called; a commit makes them fail."""

_COMMIT = regex(r"[0-9a-fA-F]{40}([0-9a-fA-F]{24})?")
_DIGEST = regex(r".+@sha256:[0-9a-f]{64}")
_TAG = regex(r"v\d+\.\d+\.\d+")


def check(workflows: Workflows, gitlab: Pipeline | None) -> Outcome:
    """Follow every `uses:` from the workflows through local actions, and every include and image of a pipeline."""
    if workflows.too_many:
        return unknown("not looked at", f"there are {workflows.too_many:,} workflows, more than goldenpath reads")
    found, unread = _used(workflows)
    used = list({(use.place, use.text): use for use in found}.values())
    at_home = is_home(gitlab, workflows)
    pins = [pin for pin in gitlab.pins() if at_home or not pin.is_image] if gitlab else []
    outcome = _loose(used, pins)
    if outcome is not None:
        return outcome
    if not workflows.files:
        unread = list(workflows.problems)
    unread += [gitlab.problem] if gitlab and gitlab.problem else []
    unread += [Problem(pin.place, f"{pin.text}: {pin.unsure}") for pin in pins if pin.unsure]
    if unread:
        seen = (evidence("unseen", each.place, each.sentence) for each in unread)
        return unknown("some workflows or actions cannot be read", f"{unread[0].place}: {unread[0].sentence}", *seen)
    if not workflows.files and gitlab is None:
        return not_applicable("there are no GitHub workflows and no GitLab pipeline")
    return _fixed([use for use in used if not use.is_local], pins)


def _loose(used: list[Uses], pins: list[Pin]) -> Outcome | None:
    """The outcome where something is not pinned."""
    loose = [(use, problem) for use in used if (problem := _problem(use))]
    moving = [pin for pin in pins if pin.problem]
    if not loose and not moving:
        return None
    shown = [*((use.place, use.text, problem) for use, problem in loose)]
    shown += [(pin.place, pin.text, pin.problem) for pin in moving]
    by_digest = bool(loose[0][0].image) if loose else moving[0].is_image
    how = "by its digest" if by_digest else "by its full commit, with the tag as comment" if loose else "by a commit"
    _, text, problem = shown[0]
    return failed(
        f"{_count(len(shown), 'use')} not pinned; {text} {problem}",
        *(evidence("declared", place, f"{text}: {problem}") for place, text, problem in shown),
        fix=Fix(f"Pin {text} {how}", "minutes"),
    )


def _fixed(elsewhere: list[Uses], pins: list[Pin]) -> Outcome:
    said = [f"{_count(len(elsewhere), 'use')} of actions, each by commit"] if elsewhere else []
    said += [f"{_count(len(pins), 'part')} of the pipeline from elsewhere, each fixed"] if pins else []
    return passed(
        "; ".join(said) or "no foreign action is used",
        *(evidence("declared", use.place, use.text) for use in elsewhere),
        *(evidence("declared", pin.place, pin.text) for pin in pins),
    )


def _used(workflows: Workflows) -> tuple[list[Uses], list[Problem]]:
    """Every `uses:` that can run, those of the local actions that are reached included, and what cannot be read."""
    found: list[Uses] = []
    unread = [problem for problem in workflows.problems if not problem.refused]
    waiting: list[Step] = []
    for workflow in workflows.files:
        for job in workflow.jobs.values():
            found += [job.uses] if job.uses else []
            waiting += job.steps
    reached: set[str] = set()
    while waiting:
        uses = waiting.pop().uses
        if uses is None:
            continue
        found.append(uses)
        if not uses.is_local or uses.path in reached:
            continue
        reached.add(uses.path)
        action = workflows.action(uses.path)
        if isinstance(action, Problem):
            # Without a file it is an action that the workflow makes, or checks out from elsewhere, before it is used.
            unread += [] if action.refused else [action]
        else:
            waiting += action.steps or ()
            found += [action.image] if action.image else []
    called = next((job.uses for each in workflows.files for job in each.jobs.values() if _is_elsewhere(job.uses)), None)
    unread += _loose_for(called, workflows, reached) if called else []
    return sorted(found, key=lambda use: use.place), unread


def _is_elsewhere(uses: Uses | None) -> bool:
    return uses is not None and bool(uses.repository)


def _loose_for(called: Uses, workflows: Workflows, reached: set[str]) -> Iterator[Problem]:
    """What is loose in actions that only a workflow elsewhere can use: it runs with the files of who calls it."""
    for folder in workflows.in_dot_github():
        action = workflows.action(folder) if folder not in reached else None
        if isinstance(action, Problem):
            yield action
        elif action is not None:
            for use in (*(step.uses for step in action.steps or ()), action.image):
                if use is not None and _problem(use):
                    yield Problem(use.place, f"{use.text}: whether {called.label} uses this action is said there")


def _problem(use: Uses) -> str | None:
    """What is loose about a use, in words; None when it is pinned."""
    if use.image:
        return None if _DIGEST.fullmatch(use.image) else "names an image without its digest"
    if use.is_local or _COMMIT.fullmatch(use.ref):
        return None
    if use.repository.lower() in BY_TAG_ONLY and use.path.startswith(".github/workflows/"):
        return None if _TAG.fullmatch(use.ref) else "needs a full release tag (vX.Y.Z): it cannot be used by commit"
    if re.fullmatch(r"[0-9a-f]{7,39}", use.ref):
        return "is a shortened commit, which can be forged"
    return "is a tag or branch, which can be moved" if use.ref else "names no commit"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
