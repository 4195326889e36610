"""Changes that outsiders propose, and what approves or merges them: commands, requests to GitHub, scripts, actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from goldenpath.facts.pipeline.untrusted.outsiders import is_about_somebody, names_proposal
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import display, literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.actions import ActionEffects
    from goldenpath.facts.pipeline.tables import Accepts
    from goldenpath.facts.values import Value

_APPROVES = regex(r"event[\"']?\s*[=:]\s*[\"']?APPROVE\b")
_REVIEWS = regex(r"/pulls/[^/]{1,200}/reviews\b")
_MERGES = regex(r"/pulls/[^/]{1,200}/merge\b")
_PUTS = regex(r"(?<!\S)(?:-X|--method|--request)[ =]?PUT\b")
_MUTATES = regex(r"\b(?:mergePullRequest|addPullRequestReview|(enablePullRequestAutoMerge))\b")
_BY_SCRIPT = regex(r"\.pulls\.merge\(|\.pulls\.createReview\(|\bmergePullRequest\b|\b(enablePullRequestAutoMerge)\b")
_OF_EVENT = regex(r"context\.(?:issue\b|payload\.(?:pull_request|issue|number)\b)")
"""How a script of GitHub's own client names what has caused its run."""
_ASKS = regex(r"\bif\s*\(|\?|\.filter\(")


class Accepted(NamedTuple):
    """By what name a change is accepted that outsiders propose; `unsure`: perhaps others have a say in it."""

    what: str
    unsure: bool = False


def by_command(words: tuple[Value, ...]) -> Accepted | None:
    """What a command accepts: by GitHub's client, or by a request to its interface."""
    said = [literal(word) or "" for word in words]
    if said[:3] == ["gh", "pr", "merge"]:
        return None if "--disable-auto" in said else _named(words[3:], unsure="--auto" in said)
    if said[:3] == ["gh", "pr", "review"]:
        return _named(words[3:]) if {"--approve", "-a"}.intersection(said) else None
    if said[:2] != ["gh", "api"] and said[:1] != ["curl"]:
        return None
    text = " ".join(map(display, words))
    if (_MERGES.search(text) and _PUTS.search(text)) or (_REVIEWS.search(text) and _APPROVES.search(text)):
        return _named(words)
    mutates = _MUTATES.search(text) if "graphql" in text else None
    approves = mutates and ("addPullRequestReview" not in mutates[0] or "APPROVE" in text)
    return _named(words, unsure=bool(mutates[1])) if mutates and approves else None


def by_script(script: str) -> Accepted | None:
    """What a script of GitHub's own client accepts, unless it asks whose that is."""
    accepts, named = _BY_SCRIPT.search(script), _OF_EVENT.search(script)
    if accepts is None or named is None or ("createReview" in accepts[0] and not _APPROVES.search(script)):
        return None
    asks = is_about_somebody(script)
    return None if asks else Accepted(named[0], bool(accepts[1] or _ASKS.search(script)))


def by_action(effects: ActionEffects, about: Accepts) -> Accepted | None:
    """What an action accepts: what it is told by a number, else what has caused the run."""
    asked = (name.partition("=") for name in about.asks.split())
    told = (
        display(effects.variable(name)) if name in effects.moment.environment else default for name, _, default in asked
    )
    if any(_picks(each) for each in told):
        return None
    event = effects.moment.frame.shared.event.name
    number = effects.input(about.number) if about.number else ()
    if number:
        return _named((number,), unsure=about.auto)
    return Accepted("github.event.pull_request", about.auto) if event.startswith("pull_request") else None


def _picks(labels: str) -> bool:
    """Whether there is a label among these that somebody has to give, or a name of somebody."""
    return any(each.strip() and not each.strip().startswith("!") for each in labels.split(","))


def _named(words: Iterable[Value], *, unsure: bool = False) -> Accepted | None:
    named = next(filter(None, map(names_proposal, words)), "")
    return Accepted(named, unsure) if named else None
