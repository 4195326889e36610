"""Rule files of Prometheus and tests of promtool: alerts, recorded series, and what is expected of them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from goldenpath.facts import promql
from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.monitoring import templates
from goldenpath.facts.monitoring.knowledge import knowledge
from goldenpath.facts.monitoring.model import Alert, Record, RuleTest
from goldenpath.facts.nodes import Mapping, Scalar, Sequence, listed
from goldenpath.facts.placeholders import is_unfilled
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.monitoring.model import Texts
    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Place, Repository

_GLOB = regex(r"[*?\[]")
_FIELDS = frozenset({"record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"}) | {
    "debug", "update_entries_limit",  # VictoriaMetrics' own
}  # fmt: skip
_GROUP_FIELDS = frozenset({"name", "interval", "query_offset", "limit", "rules", "labels"}) | {
    "partial_response_strategy",  # Thanos's own, and those of Mimir and VictoriaMetrics
    "source_tenants", "align_evaluation_time_on_interval", "evaluation_delay",
    "tenant", "concurrency", "type", "params", "headers", "notifier_headers", "debug",
    "eval_offset", "eval_delay", "eval_alignment",
}  # fmt: skip
_OF_ALERTS = ("for", "keep_firing_for", "annotations")
_SHORTCUTS = regex(r"\$\{?[A-Za-z_]|\{\{")


class Reader:
    """Gathers rules and tests from the documents that hold them."""

    def __init__(self, conditions: dict[str, Finding]) -> None:
        """`conditions` has the files whose content Helm decides, and where."""
        self._conditions = conditions
        self.alerts: list[Alert] = []
        self.records: list[Record] = []
        self.tests: list[RuleTest] = []
        self.broken: list[Finding] = []
        self.unseen: list[Finding] = []

    def take_groups(self, groups: Sequence) -> None:
        """The rules of a rule file's groups; other tools have groups as well, whose rules are none.

        A group's labels are those of its rules, which may overwrite them.
        """
        named = set[str]()
        for group in listed(groups):
            before = len(self.alerts) + len(self.records)
            for rule in listed(group.get("rules")):
                self._take_rule(rule, texts(group.get("labels")))
            name = group.text("name") or ""
            taken = len(self.alerts) + len(self.records) > before
            self.broken += _refused_group(group) if taken else ()
            rules = taken or isinstance(group.get("rules"), Sequence)
            if name in named and rules and not template().search(name):
                self.broken.append(Finding(group.place, f"the group {shown(name)} is there twice in a file"))
            named.add(name)

    def _take_rule(self, rule: Mapping, shared: Texts) -> None:
        alert, record = rule.text("alert"), rule.text("record")
        if alert is None and record is None and rule.get("condition") and rule.get("data"):
            title = shown(rule.text("title") or "")
            self.unseen.append(
                Finding(rule.place, f"{title} is a rule of Grafana's own, which goldenpath does not read")
            )
        if alert and record:
            self.broken.append(
                Finding(rule.place, "a rule is an alert or a record, and Prometheus refuses one that is both")
            )
        if bool(alert) == bool(record):
            return
        expr = rule.get("expr")
        query, place = (expr.text, expr.place) if isinstance(expr, Scalar) else ("", rule.place)
        tree, problem, doubt = _read(query, place)
        problem = problem or _refused(rule)
        condition = self._conditions.get(rule.place.path)
        about: dict[str, Any] = {
            "name": alert or record or "",
            "place": rule.place,
            "query": query,
            "query_place": place,
            "labels": {**shared, **texts(rule.get("labels"))},
            "tree": tree,
            "problem": problem,
            "doubt": doubt or condition,
        }
        if alert:
            if tree is not None and promql.never(tree):
                about["problem"] = problem or Finding(place, f"{shown(alert)} can never fire: it has no result")
            wait = promql.seconds(rule.text("for") or "")
            self.alerts.append(Alert(**about, annotations=texts(rule.get("annotations")), wait=wait))
        else:
            self.records.append(Record(**about))
            self.broken += [problem] if problem else []

    def take_tests(self, document: Mapping, repository: Repository) -> None:
        """What a file for `promtool test rules` expects of alerts."""
        files = tuple(_rule_files(document, repository))
        for test in listed(document.get("tests")):
            for case in listed(test.get("alert_rule_test")):
                if name := case.text("alertname"):
                    fires = bool(listed(case.get("exp_alerts")))
                    self.tests.append(RuleTest(name, fires, case.place, files))
            for case in listed(test.get("promql_expr_test")):
                self._take_expression(case, files)

    def _take_expression(self, case: Mapping, files: tuple[str, ...]) -> None:
        """`ALERTS{alertname="…"}` in an expression asks for an alert as well."""
        tree, _, _ = _read(case.text("expr") or "", case.place)
        for selector in promql.selectors(tree) if tree else ():
            if selector.metric == "ALERTS" and (name := selector.value("alertname")):
                self.tests.append(RuleTest(name, bool(listed(case.get("exp_samples"))), case.place, files))


def _refused_group(group: Mapping) -> Iterator[Finding]:
    """What Prometheus refuses of a group beside its rules."""
    for name, key in group.keys.items():
        if name not in _GROUP_FIELDS and not template().search(name):
            yield Finding(key.place, f"a group has no field {shown(name)}, and Prometheus refuses the whole file")
    if not group.text("name"):
        yield Finding(group.place, "a group has no name, and Prometheus refuses the whole file")
    for name in ("interval", "query_offset"):
        if problem := _no_duration(group, name):
            yield problem


def _no_duration(node: Mapping, name: str) -> Finding | None:
    text = node.text(name) or "0"
    if text == "0" or promql.is_duration(text) or template().search(text):
        return None
    return Finding(node.values[name].place, f"`{name}` is no duration such as 5m: {shown(text)}")


def _refused(rule: Mapping) -> Finding | None:
    """What Prometheus refuses beside the query: a field that no rule has, a wait that is none, a bad template."""
    for name, key in rule.keys.items():
        if name not in _FIELDS and not template().search(name):
            return Finding(key.place, f"a rule has no field {shown(name)}, and Prometheus refuses the whole file")
    for name in ("for", "keep_firing_for"):
        if problem := _no_duration(rule, name):
            return problem
    if rule.get("alert"):
        return next(_bad_templates(rule), None)
    name = next((each for each in _OF_ALERTS if rule.text(each) not in {None, "0"} or texts(rule.get(each))), "")
    return Finding(rule.keys[name].place, f"a recorded series has no `{name}`, which is an alert's") if name else None


def _bad_templates(rule: Mapping) -> Iterator[Finding]:
    """Labels and annotations that are no templates of Prometheus's."""
    table = knowledge()
    for kind in ("labels", "annotations"):
        for name, (text, place) in texts(rule.get(kind)).items():
            if problem := templates.wrong_with(text, table.rule_functions, table.rule_variables):
                yield Finding(place, f"Prometheus refuses {shown(name)} of an alert, and the whole file: {problem}")


def _read(query: str, place: Place) -> tuple[Any, Finding | None, Finding | None]:
    """The tree of a query; or what is wrong with it; or what stands in the way of reading it."""
    if not query.strip():
        return None, Finding(place, "it has no query (`expr`)"), None
    if is_unfilled(query) or _SHORTCUTS.search(query) or template().search(query):
        return None, None, Finding(place, f"the query {shown(query)} is filled in elsewhere")
    try:
        return promql.parse(query), None, None
    except promql.NoPromql as error:
        return None, Finding(place, f"the query {shown(query)} is no PromQL: {error}"), None
    except promql.BeyondReading as error:
        return None, None, Finding(place, str(error))


def texts(node: Node | None) -> Texts:
    """Labels or annotations as Prometheus reads them: all values are text."""
    if not isinstance(node, Mapping):
        return {}
    return {name: (value.text, value.place) for name, value in node.values.items() if isinstance(value, Scalar)}


def _rule_files(document: Mapping, repository: Repository) -> Iterator[str]:
    """The paths of the rule files that a test loads, from its own folder; patterns as they match."""
    named = document.get("rule_files")
    folder = posixpath.dirname(document.place.path)
    for item in named.items if isinstance(named, Sequence) else ():
        if not isinstance(item, Scalar) or not item.text:
            continue
        path = posixpath.normpath(posixpath.join(folder, item.text))
        if _GLOB.search(path):
            pattern = re.escape(path).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
            yield from repository.paths(re.compile(pattern))
        else:
            yield path
