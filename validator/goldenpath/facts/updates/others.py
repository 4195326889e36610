"""The other bots, of which it is only seen that there is one: by its file, or by what a workflow runs."""

from __future__ import annotations

import posixpath
import re
from itertools import islice
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex
from goldenpath.facts.updates.knowledge import knowledge, says
from goldenpath.facts.updates.model import Unseen
from goldenpath.facts.values import display
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.updates.model import Found
    from goldenpath.facts.workflows import Job, Uses, Workflows
    from goldenpath.repository import Repository

_BY_ITSELF = frozenset({"schedule", "repository_dispatch"})
_PLAIN_PATH = regex(r"[\w.-]+(?:/[\w.-]+)*")
_GIT, _COMMITS = regex(r"\bgit\b"), regex(r"\b(?:add|commit|am|merge|stage|cherry-pick)\b")


def look(repository: Repository, found: Found) -> None:
    """Find the bots that have a file of their own."""
    for bot in knowledge().bots:
        paths = (path for path in repository.paths(re.compile(bot.files)) if says(repository, path, bot.says))
        for path in islice(paths, 1):
            found.unseen.append(Unseen(Place(path), f"what {bot.title} looks after is not followed", bot.only))


def scheduled(workflows: Workflows) -> Iterator[Unseen]:
    """Workflows that run by a schedule, or when a service says so, and open pull requests with updates."""
    table = knowledge()
    for workflow in workflows.files:
        if _BY_ITSELF.isdisjoint(workflow.triggers):
            continue
        name = f"{workflow.path} {workflow.node.text('name')}"
        speaks = re.search(table.speaks_of_updates, name, re.IGNORECASE) is not None
        known = {*table.actions, *(table.openers if speaks else ())}
        for job in workflow.jobs.values():
            elsewhere = speaks and job.uses is not None and not job.uses.is_local
            for uses in (job.uses, *(step.uses for step in job.steps)):
                if uses is not None and (elsewhere or uses.repository.lower() in known):
                    files = _proposed(job, uses)
                    yield Unseen(uses.place, f"what {uses.label} updates is only known in a run", files=files)
            for run in (step.run for step in job.steps if speaks and step.run is not None):
                if opener := _opens(run.text, table.opening):
                    yield Unseen(run.place, f"what `{opener}` proposes is only known in a run")


def _proposed(job: Job, uses: Uses) -> re.Pattern[str] | None:
    """The files that alone an action commits, where it is told so, and its job commits none by itself."""
    step = next((each for each in job.steps if each.uses is uses), None)
    told = step.node.text("with", knowledge().openers.get(uses.repository.lower(), "")) if step else None
    paths = [posixpath.normpath(each.strip()) for each in re.split(r"[,\n]", told or "") if each.strip()]
    if not paths or "." in paths or not all(map(_PLAIN_PATH.fullmatch, paths)):
        return None
    others = (line for each in job.steps if each.run is not None for line in each.run.text.split("\n"))
    if any((git := _GIT.search(line)) and _COMMITS.search(line, git.end()) for line in others):
        return None
    return re.compile("|".join(rf"{re.escape(each)}(?:/.*)?" for each in paths))


def _opens(script: str, opening: tuple[str, ...]) -> str:
    """The command of a script that opens a pull request; empty where none does."""
    named = [each for each in opening if each in script]
    if not named:
        return ""
    from goldenpath.facts.pipeline.contexts import nothing_known, text_with
    from goldenpath.facts.shell import Unfollowable, follow

    try:
        commands = follow(text_with(script, nothing_known), {}).commands
    except Unfollowable:
        return named[0]  # nobody can tell whether it is reached
    said = (" ".join(map(display, each.called)) for each in commands if each.reachable)
    return next((opener for each in said for opener in named if f"{each} ".startswith(f"{opener} ")), "")
