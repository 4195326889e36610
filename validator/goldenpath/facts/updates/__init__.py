"""The bots that keep dependencies up to date: what Dependabot and Renovate look after, and which others there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.findings import Finding
from goldenpath.facts.gitlab import is_home
from goldenpath.facts.nodes import Malformed, Unread
from goldenpath.facts.updates import dependabot, others, renovate
from goldenpath.facts.updates.model import Coverage, Found, Unseen

if TYPE_CHECKING:
    from goldenpath.facts.declared import Knowledge
    from goldenpath.facts.gitlab.pipeline import Pipeline
    from goldenpath.facts.workflows import Workflows
    from goldenpath.repository import Repository


class Updates(Struct, frozen=True):
    """What bots cover, what is wrong with their configuration, and bots of which nobody sees here what they cover.

    `custom` is what tells Renovate of more than its managers read: patterns of its own, or what variables stand for.
    """

    coverage: tuple[Coverage, ...]
    problems: tuple[Finding, ...]
    unseen: tuple[Unseen, ...]
    custom: tuple[Finding, ...] = ()


def updates(
    repository: Repository, workflows: Workflows, gitlab: Pipeline | None, knowledge: Knowledge | None = None
) -> Updates:
    """Read what the bots are told. Dependabot runs on GitHub only; of presets elsewhere the contract may tell."""
    found = Found(knowledge.presets if knowledge else ())
    on_gitlab = is_home(gitlab, workflows)
    for look in (dependabot.look_on_gitlab if on_gitlab else dependabot.look, renovate.look, others.look):
        try:
            look(repository, found)
        except Malformed as error:
            if isinstance(error, Unread):
                found.unseen.append(Unseen(error.place, str(error)))
            else:
                found.problems.append(Finding(error.place, str(error)))
    found.unseen += others.scheduled(workflows)
    coverage, problems, unseen = tuple(found.coverage), tuple(found.problems), tuple(found.unseen)
    return Updates(coverage, problems, unseen, tuple(found.custom))
