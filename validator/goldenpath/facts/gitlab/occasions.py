"""The occasions on which GitLab makes a pipeline: what starts it, and what its predefined variables say then."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.gitlab.knowledge import knowledge
from goldenpath.facts.nodes import Mapping, Scalar
from goldenpath.facts.pipeline.contexts import Event
from goldenpath.facts.regexes import regex
from goldenpath.facts.releases import DEFAULT_BRANCHES, MAX_BRANCHES
from goldenpath.facts.values import Symbol, Value, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.nodes import Node

TAG = value(Symbol("gitlab", "CI_COMMIT_TAG"))
SOURCES = {
    "schedule": "a schedule",
    "web": "a run by hand",
    "api": "a call of the API",
    "trigger": "a trigger",
    "pipeline": "the pipeline of another project",
    "chat": "a command in a chat",
}
"""What else starts pipelines, and how to say it. Where nobody speaks of it, a push stands for it."""

_COMPARED = regex(
    r"\$\{?CI_(?:COMMIT_BRANCH|COMMIT_REF_NAME|COMMIT_REF_SLUG)\}?\s*(?:==\s*(?P<quote>[\"'])(?P<name>[\w./-]+)(?P=quote)"
    r"|=~\s*/\^(?P<head>[\w-]+(?:\\?[/-][\w-]*)*))"
)
_PATTERN = regex(r"/\^(?P<head>[\w-]+(?:\\?/[\w-]*)*)")
KINDS = frozenset({
    "api", "branches", "chat", "external", "external_pull_requests", "merge_requests", "pipelines", "pushes",
    "schedules", "tags", "triggers", "web",
})  # fmt: skip
"""What `only` and `except` call kinds of pipelines; all else names a branch or a tag."""


class Occasion(Struct, frozen=True):
    """One pipeline that could be made. `variables` are the predefined ones, None for those that are surely not set.

    `differs` says that there is something before it to which its commits are compared, as `changes` does; `chosen` are
    the variables that whoever starts it by hand is asked for.
    """

    event: Event
    variables: dict[str, Value | None]
    differs: bool = False
    chosen: dict[str, Value] = {}

    @property
    def source(self) -> str:
        """What `CI_PIPELINE_SOURCE` says."""
        return self.event.name

    def called(self, name: str) -> Value | None:
        """A variable as rules see it: null where it is surely not set, unknown where only the settings could set it."""
        return self.variables[name] if name in self.variables else value(Symbol("variable", name))

    def is_of_kind(self, kind: str) -> bool:
        """Whether `only` and `except` would call it so."""
        if kind in {"branches", "tags"}:
            return self.variables["CI_COMMIT_TAG" if kind == "tags" else "CI_COMMIT_BRANCH"] is not None
        kinds = {"merge_request_event": "merge_requests", "push": "pushes", "schedule": "schedules", "api": "api",
                 "trigger": "triggers", "web": "web", "pipeline": "pipelines", "chat": "chat"}  # fmt: skip
        return kinds.get(self.source) == kind


def occasions(nodes: Iterable[Node]) -> Iterator[Occasion]:
    """The occasions that a configuration may tell apart: a tag, branches, and whatever else it speaks of."""
    nodes = list(nodes)
    spoken = list(_scalars(nodes))
    branches = _branches(spoken)
    chosen = {name: value(Symbol("variable", name)) for node in nodes for name in _asked_for(node)}
    yield _occasion("push", "a pushed tag", tag=TAG)
    for name, ref in branches.items():
        yield _occasion("push", f"a push to {name}", branch=ref)
    first = next(iter(branches))
    for source, label in SOURCES.items():
        asked = chosen if source == "web" else {}
        if asked or any(_tells_apart(text, source) for text in spoken):
            told = any(_COMPARED.search(text) for text in spoken if _tells_apart(text, source))
            for name in branches if told else [first]:
                by = label if name == first else f"{label} on {name}"
                yield replace(_occasion(source, by, branch=branches[name]), chosen=asked)
            if source != "schedule":  # there may be one of a tag as well, which nobody makes
                yield replace(_occasion(source, f"{label}, of a tag", tag=TAG), chosen=asked)


def _asked_for(top: Node) -> Iterator[str]:
    """The variables with which GitLab fills in the form for a run by hand: those that are described there."""
    variables = top.get("variables") if isinstance(top, Mapping) else None
    for name, each in variables.values.items() if isinstance(variables, Mapping) else ():
        if isinstance(each, Mapping) and "description" in each.values:
            yield name


def _tells_apart(text: str, source: str) -> bool:
    """Whether a text of a configuration tells a source apart; where it speaks of pushes, a run by hand is none."""
    named = (source, "push") if source == "web" else (source,)
    if "CI_PIPELINE_SOURCE" in text:
        return any(re.search(rf"\b{name}\b", text) for name in named)
    return text == source or text in {f"{name}{'es' if name == 'push' else 's'}" for name in named}


def merge_request() -> Occasion:
    """The pipeline of a merge request from a branch of the project itself; one from a fork runs there."""
    variables = {name: value(Symbol("gitlab", name)) for name in knowledge().only_for["merge_requests"]}
    ref = value("refs/merge-requests/", Symbol("gitlab", "CI_MERGE_REQUEST_IID"), "/head")
    return _occasion("merge_request_event", "a merge request", ref=ref, more=variables)


def _occasion(
    source: str,
    label: str,
    *,
    tag: Value | None = None,
    branch: Value | None = None,
    ref: Value = (),
    more: dict[str, Value] | None = None,
) -> Occasion:
    known = knowledge()
    name = tag or branch or value(Symbol("gitlab", "CI_COMMIT_REF_NAME"))
    default = branch if branch is not None and branch[0] in DEFAULT_BRANCHES else value("main")
    variables: dict[str, Value | None] = {each: value(Symbol("gitlab", each)) for each in known.never_empty}
    variables |= dict.fromkeys(each for names in known.only_for.values() for each in names)
    variables |= {
        **dict.fromkeys(("CI", "GITLAB_CI"), value("true")),
        "CI_SERVER": value("yes"),
        "CI_PIPELINE_SOURCE": value(source),
        "CI_COMMIT_TAG": tag,
        "CI_COMMIT_BRANCH": branch,
        "CI_COMMIT_REF_NAME": name,
        "CI_DEFAULT_BRANCH": default,
        **(more or {}),
    }
    full = ref or value("refs/tags/" if tag else "refs/heads/", *name)
    return Occasion(Event(source, full, label), variables, source in {"push", "merge_request_event"} and not tag)


def _branches(spoken: list[str]) -> dict[str, Value]:
    """The branches that a configuration speaks of: the default one first, and one of each pattern."""
    named: dict[str, Value] = {}
    for text in spoken:
        found = _COMPARED.finditer(text) if "$" in text else filter(None, [_PATTERN.match(text)])
        for match in found:
            head = (match["head"] or "").replace("\\", "")
            if head:
                named[f"{head}…"] = value(head, Symbol("gitlab", "CI_COMMIT_BRANCH"))
            elif name := match.groupdict().get("name"):
                named[name] = value(name)
        if re.fullmatch(r"[\w./-]+", text) and text in DEFAULT_BRANCHES:
            named[text] = value(text)
    default = next((name for name in DEFAULT_BRANCHES if name in named), DEFAULT_BRANCHES[0])
    ordered = [default, *(name for name in named if name != default)][:MAX_BRANCHES]
    return {name: named.get(name, value(name)) for name in ordered}


def _scalars(nodes: Iterable[Node]) -> Iterator[str]:
    """The texts of a configuration that could name a branch or what starts a pipeline."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node.text
        elif isinstance(node, Mapping):
            waiting += node.values.values()
        else:
            waiting += node.items
