"""When a job is part of a pipeline, and how it starts there: `rules`, or `only` and `except`, or `when` alone.

Rules are tried in their order, and the first that fits decides. One of which only a run knows whether it fits leaves
two ways: it fits, or the next one is tried.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.gitlab.configuration import Refused, items_of, paths_like
from goldenpath.facts.gitlab.expressions import MalformedRule, any_of, decide, matches
from goldenpath.facts.gitlab.occasions import KINDS
from goldenpath.facts.nodes import Mapping, Scalar, Sequence
from goldenpath.facts.releases import DEFAULT_BRANCHES
from goldenpath.facts.shell.status import FAILURE, NONE, SUCCESS, asked, both, either
from goldenpath.facts.values import Value, head, literal
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from goldenpath.facts.gitlab.occasions import Occasion
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.shell.status import Atoms, Status
    from goldenpath.repository import Repository

    Look: TypeAlias = Callable[[str], Value | None]

MAX_RULES = 200
"""Most rules of one job that are tried; what is behind them is not decided."""

USUAL_FAILURE = "1"
"""The status with which programs usually fail."""


MAX_PATHS = 200
"""Most paths of `exists` that are looked for, and most signs of each."""


class Start(Struct, frozen=True):
    """How a job comes into a pipeline: under which conditions, when it starts, and what its failure means.

    `optional` says that the pipeline goes on when it fails, or is never started; `doubt`, that it does so for some
    failures only. `variables` are what the rules set besides.
    """

    conditions: Atoms = NONE
    when: str = "on_success"
    optional: bool = False
    doubt: str = ""
    variables: tuple[Mapping, ...] = ()
    needs: Node | None = None


class _Way(Struct, frozen=True):
    conditions: Atoms
    when: str
    rule: Mapping | None = None


class Rules:
    """The rules of one pipeline on one occasion."""

    def __init__(self, repository: Repository, occasion: Occasion) -> None:
        self._repository = repository
        self._occasion = occasion

    def includes(self, rules: Node | None) -> Atoms | None:
        """The conditions under which a file is included; None where it is not."""
        if rules is None:
            return NONE
        ways = list(self._ways(rules, self._occasion.called, "always"))
        live = [way for way in ways if way.when != "never"]
        return _together(ways, live) if live else None

    def pipeline(self, workflow: Node | None) -> Start:
        """Whether there is a pipeline at all, by `workflow`; `when` says `never` where there is none."""
        rules = workflow.get("rules") if isinstance(workflow, Mapping) else None
        if rules is None:
            return Start()
        ways = list(self._ways(rules, self._occasion.called, "always"))
        live = [way for way in ways if way.when != "never"]
        if not live:
            return Start(when="never")
        return Start(_together(ways, live), variables=_variables(live))

    def job(self, node: Mapping, look: Look) -> Start | None:
        """How a job starts; None where it is no part of the pipeline."""
        usual = node.text("when") or "on_success"
        allowed = node.get("allow_failure")
        rules = node.get("rules")
        if rules is None or isinstance(rules, Scalar):  # `rules:` with nothing behind it says nothing
            asked_for = self._only(node, look)
            if asked_for.known is False or usual == "never":
                return None
            optional, doubt = _optional(allowed, default=usual == "manual")
            return Start(asked_for.when_true if asked_for.known is None else NONE, usual, optional, doubt)
        ways = list(self._ways(rules, look, usual))
        live = [way for way in ways if way.when != "never"]
        if not live:
            return None
        said = ((way.rule.get("allow_failure") if way.rule else None) or allowed for way in live)
        failures = [_optional(each, default=usual == "manual") for each in said]  # whatever `when` its rules say
        needs = next((found for way in live if way.rule and (found := way.rule.get("needs"))), None)
        return Start(
            _together(ways, live),
            _first_of(way.when for way in live),
            any(optional for optional, _ in failures),
            next((doubt for _, doubt in failures if doubt), ""),
            _variables(live),
            needs,
        )

    # --- rules

    def _ways(self, rules: Node, look: Look, usual: str) -> Iterator[_Way]:
        """Every way that the rules may go; the last one is `never` where it may be that none of them fits."""
        unless: Atoms = NONE
        for rule in islice(_each(rules), MAX_RULES):
            fits = self._fits(rule, look)
            when = rule.text("when") or usual
            if fits.known:
                yield _Way(unless, when, rule)
                return
            if fits.known is None:
                yield _Way(unless | fits.when_true, when, rule)
                unless |= fits.when_false
        yield _Way(unless, "never")

    def _fits(self, rule: Mapping, look: Look) -> Status:
        found = SUCCESS
        if isinstance(text := rule.get("if"), Scalar):
            found = _decided(text, look)
        for keyword, ask in (("changes", self._changed), ("exists", self._exists)):
            node = rule.get(keyword)
            if node is not None and found.known is not False:
                answer = ask(node)
                found = answer if found == SUCCESS else found if answer == SUCCESS else both(found, answer)
        return found

    def _changed(self, node: Node) -> Status:
        """Whether files have changed: always, where there is nothing to compare with."""
        if not self._occasion.differs and not (isinstance(node, Mapping) and "compare_to" in node.values):
            return SUCCESS
        paths = texts(node.get("paths")) if isinstance(node, Mapping) else texts(node)
        return asked(f"changes in {', '.join(paths[:3])}{' …' if len(paths) > 3 else ''}")

    def _exists(self, node: Node) -> Status:
        paths = texts(node.get("paths")) if isinstance(node, Mapping) else texts(node)
        if isinstance(node, Mapping) and node.get("project") is not None:
            return asked(f"{', '.join(paths[:3])} in {node.text('project')}")
        if any("$" in path for path in paths):
            return asked(f"{', '.join(paths[:3])} in the repository")
        wanted = (path.removeprefix("/") for path in paths[:MAX_PATHS] if len(path) <= MAX_PATHS)
        found = any(next(paths_like(self._repository, path), None) for path in wanted)
        return SUCCESS if found else FAILURE

    # --- only and except

    def _only(self, node: Mapping, look: Look) -> Status:
        only, never = node.get("only"), node.get("except")
        found = self._meant(only, look, every=True) if only is not None else self._is_usual()
        if never is not None and found.known is not False:
            kept = self._meant(never, look, every=False).negated()
            found = kept if found == SUCCESS else found if kept == SUCCESS else both(found, kept)
        return found

    def _is_usual(self) -> Status:
        """Without any of them a job runs for branches and tags, not for merge requests."""
        return FAILURE if self._occasion.is_of_kind("merge_requests") else SUCCESS

    def _meant(self, node: Node, look: Look, *, every: bool) -> Status:
        """Whether an occasion is one of those that are named; `only` wants all of its parts, `except` one of them."""
        if not isinstance(node, Mapping):
            return self._of_refs(node)
        parts = []
        if (refs := node.get("refs")) is not None:
            parts.append(self._of_refs(refs))
        elif every:
            parts.append(self._is_usual())
        if (variables := node.get("variables")) is not None:
            parts.append(_one_of(_decided(each, look) for each in items_of(variables) if isinstance(each, Scalar)))
        if (changes := node.get("changes")) is not None:
            parts.append(self._changed(changes))
        if node.get("kubernetes") is not None:
            parts.append(asked("a cluster is connected"))
        return _all_of(parts) if every else _one_of(parts)

    def _of_refs(self, refs: Node) -> Status:
        return _one_of(self._of_ref(each.text) for each in items_of(refs) if isinstance(each, Scalar))

    def _of_ref(self, text: str) -> Status:
        if text in KINDS:
            return SUCCESS if self._occasion.is_of_kind(text) else FAILURE
        pattern, _, project = text.partition("@") if not text.startswith("/") else (text, "", "")
        ref = self._occasion.variables["CI_COMMIT_REF_NAME"] or ()
        if self._occasion.is_of_kind("merge_requests"):
            return FAILURE
        if re.fullmatch(r"/.+/[ismU]*", pattern, re.DOTALL):
            found = matches(ref, pattern)
        else:
            found = literal(ref) == pattern if literal(ref) is not None else _may_be(ref, pattern)
        if found is None or (found and project):
            return asked(f"{text} fits the name of the branch or tag")
        return SUCCESS if found else FAILURE


def _may_be(ref: Value, name: str) -> bool | None:
    """Whether a name could be that of a tag or branch of which only the beginning is known."""
    start = head(ref)
    return None if name not in DEFAULT_BRANCHES and name.startswith(start) else False


def _each(rules: Node) -> Iterator[Mapping]:
    """The rules of a list, in which lists may stand that came by `!reference`."""
    waiting = [rules]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting += reversed(node.items)
        elif isinstance(node, Mapping):
            yield node


def _decided(text: Scalar, look: Look) -> Status:
    try:
        return decide(text.text, look)
    except MalformedRule as error:
        raise Refused(
            text.place, f"{text.text[:80]!r} is no rule: {error}, so GitLab makes no pipeline of it"
        ) from None


def _one_of(statuses: Iterable[Status]) -> Status:
    found = FAILURE
    for each in statuses:
        found = each if found == FAILURE else found if each == FAILURE else either(found, each)
    return found


def _all_of(statuses: Iterable[Status]) -> Status:
    found = SUCCESS
    for each in statuses:
        found = each if found == SUCCESS else found if each == SUCCESS else both(found, each)
    return found


def _together(ways: list[_Way], live: list[_Way]) -> Atoms:
    """The conditions under which one of the ways is gone."""
    if len(live) == len(ways):
        return NONE
    return live[0].conditions if len(live) == 1 else any_of(way.conditions for way in live)


def _first_of(whens: Iterable[str]) -> str:
    """How a job starts that may start in several ways: by the one of which least can be said."""
    found = set(whens)
    return next((when for when in ("manual", "always", "on_failure") if when in found), "on_success")


def _variables(live: list[_Way]) -> tuple[Mapping, ...]:
    """The variables that each of the ways sets; a way that sets none has an empty mapping among others."""
    nodes = [way.rule.get("variables") if way.rule else None for way in live]
    if not any(isinstance(node, Mapping) for node in nodes):
        return ()
    empty = next(Mapping(node.place, {}, {}) for node in nodes if isinstance(node, Mapping))
    return tuple(node if isinstance(node, Mapping) else empty for node in nodes)


def _optional(node: Node | None, *, default: bool) -> tuple[bool, str]:
    """Whether a pipeline goes on when a job fails, or why it may for some failures."""
    if isinstance(node, Mapping):
        codes = texts(node.get("exit_codes"))
        if USUAL_FAILURE in codes:
            return True, ""
        return False, f"fails the pipeline unless the job ends with {' or '.join(codes)}" if codes else ""
    return (node.text == "true" if isinstance(node, Scalar) else default), ""
