"""What watches the service: the alert rules of this repository, their tests, and Alertmanager's routes.

Rules are found wherever Prometheus or its operator reads them: in rule files, PrometheusRule objects, values and
templates of Helm charts, ConfigMaps. What Helm decides is left open (helm.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.findings import Finding
from goldenpath.facts.monitoring import helm, routes, rules
from goldenpath.facts.nodes import Mapping, Scalar, Sequence
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import Keys, Mark, Search, generated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.monitoring.model import Alert, Record, RuleTest, Tree
    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Repository

_LIKELY = regex(
    r".*(alert|rules?|prometheus|monitoring|observability).*\.ya?ml|.*(alert|rule)[^/]*\.json|.*\.rules", re.IGNORECASE
)
_TEST = Mark((), Keys("rule_files"))
_MARK = Mark((b"PrometheusRule", b"datasourceUid"), Keys("alert", "record", "receivers", "rule_files"))
_EMBEDDED = Keys("groups", "route", "receivers")
_ALERT = regex(r"""\balert["']?\s*[:=]""")
_QUERY = regex(r"""\bexpr["']?\s*[:=]""")


class Monitoring(Struct, frozen=True):
    """Alerts, recorded series, tests of both, and routing trees; and what stands in the way of knowing them."""

    alerts: tuple[Alert, ...]
    records: tuple[Record, ...]
    tests: tuple[RuleTest, ...]
    trees: tuple[Tree, ...]
    broken: tuple[Finding, ...]
    unseen: tuple[Finding, ...]


def monitoring(repository: Repository) -> Monitoring:
    """Find and read the rules, their tests and the routes."""
    conditions: dict[str, Finding] = {}
    charts = helm.Charts(repository)

    def fill(path: str, text: str) -> str:
        filled, condition = helm.fill(path, text, charts)
        if condition:
            conditions[path] = condition
        return filled

    search = Search(repository, _LIKELY, _MARK, _EMBEDDED, outside=_TEST, fill=fill)
    search.run()
    reader = rules.Reader(conditions)
    trees: list[Tree] = []
    for document in search.documents:
        if "rule_files" in document.values:
            reader.take_tests(document, repository)
            continue
        for mapping in _mappings(document):
            if isinstance(groups := mapping.get("groups"), Sequence):
                if mapping is document and document.text("kind") == "PrometheusRule":
                    text = "the groups of a PrometheusRule belong below `spec`: the operator reads none here"
                    reader.broken.append(Finding(groups.place, text))
                reader.take_groups(groups)
            elif tree := routes.read(mapping, document, conditions.get(document.place.path)):
                trees.append(tree)
    return Monitoring(
        tuple(reader.alerts),
        tuple(reader.records),
        tuple(reader.tests),
        tuple(trees),
        (*search.broken, *reader.broken),
        (*search.unseen, *reader.unseen, *generated(repository, _makes_rules)),
    )


def _makes_rules(text: str) -> int | None:
    """Where a program makes an alert rule."""
    alert = _ALERT.search(text) if _QUERY.search(text) else None
    return alert.start() if alert else None


def _mappings(document: Mapping) -> Iterator[Mapping]:
    """Every mapping of a document; what stands behind several aliases comes once."""
    stack: list[Node] = [document]
    seen = set[int]()
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            yield node
        stack.extend(reversed(node.values.values() if isinstance(node, Mapping) else node.items))
