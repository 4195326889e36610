"""What watches the service: the alert rules of this repository, their tests, and Alertmanager's routes.

Rules are found wherever Prometheus or its operator reads them: in rule files, PrometheusRule objects, values and
templates of Helm charts, ConfigMaps. What Helm decides is left open (helm.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.monitoring import helm, routes, rules
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, parse
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import Search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.findings import Finding
    from goldenpath.facts.monitoring.model import Alert, Record, RuleTest, Tree
    from goldenpath.repository import Repository

_LIKELY = regex(r".*(alert|rules?|prometheus|monitoring|observability).*\.ya?ml|.*\.rules", re.IGNORECASE)
_TEST = regex(rb"^\s*[\"']?rule_files[\"']?\s*:", re.MULTILINE)
_MARK = regex(rb"^[\s-]*[\"']?(alert|record|receivers)[\"']?\s*:|" + _TEST.pattern + rb"|PrometheusRule", re.MULTILINE)
_EMBEDDED = regex(r"^\s*-?\s*(groups|route|receivers):", re.MULTILINE)


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

    def fill(path: str, text: str) -> str:
        filled, condition = helm.fill(path, text)
        if condition:
            conditions[path] = condition
        return filled

    search = Search(repository, _LIKELY, _MARK, outside=_TEST, fill=fill)
    search.run()
    reader = rules.Reader(conditions)
    trees: list[Tree] = []
    for document in search.documents:
        if "rule_files" in document.values:
            reader.take_tests(document, repository)
            continue
        for mapping in _mappings(document, search):
            if isinstance(groups := mapping.get("groups"), Sequence):
                reader.take_groups(groups)
            elif tree := routes.read(mapping, document, conditions.get(document.place.path)):
                trees.append(tree)
    return Monitoring(
        tuple(reader.alerts),
        tuple(reader.records),
        tuple(reader.tests),
        tuple(trees),
        (*search.broken, *reader.broken),
        tuple(search.unseen),
    )


def _mappings(document: Mapping, search: Search) -> Iterator[Mapping]:
    """Every mapping of a document, also of the YAML that its texts hold, as in a ConfigMap."""
    stack: list[Mapping | Sequence | Scalar] = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            yield node
            stack.extend(reversed(node.values.values()))
        elif isinstance(node, Sequence):
            stack.extend(reversed(node.items))
        elif node.style in {"|", ">"} and _EMBEDDED.search(node.text):
            stack.extend(_inner(node, search))


def _inner(text: Scalar, search: Search) -> list[Mapping | Sequence | Scalar]:
    """The documents of a text, at their place in the file; a literal's lines (`|`) are those of the file."""
    shift = text.place.line if text.style == "|" else 0
    try:
        return list(parse(text.place.path, "\n" * shift + text.text))
    except Malformed as error:
        search.broken.append(rules.finding(error.place, str(error)))
        return []
