"""Templates of Helm charts, understood as far as they go without Helm.

What a template says in so many words is kept, with its line, and so is what it takes from the chart's values as it is
(`{{ .Values.alerts.severity | quote }}`), where all values files of the chart agree on it. Any other value that Helm
fills in becomes one that is not filled in; an action that decides whether or what something is there makes the file
conditional.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, read_one
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import chart_of
from goldenpath.repository import Place

if TYPE_CHECKING:
    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Repository

MAX_VALUES = 50
"""Most values files of a chart; with more of them nothing is taken from any."""

FILLED_IN_LATER = "${helm}"
"""What a value of Helm's becomes: it is recognised as one that something else has to fill in."""

_ACTION = regex(
    r"\{\{-?(?P<inner>(?:`[^`]*`|\"(?:\\.|[^\"\\\n])*\"|/\*.*?\*/|[^`\"}/]|/(?!\*)|\}(?!\}))*?)-?\}\}|\{\{.*", re.DOTALL
)
"""An action; or what begins one that nothing ends, and all behind it."""
_TEXT = regex(r"\s*(`[^`]*`|\"(?:\\.|[^\"\\])*\")\s*")
_LITERAL = r"\"[^\"\\{}]*\"|\d+(?:\.\d+)?"
_VALUE = regex(
    rf"\s*(?:default\s+(?P<default>{_LITERAL})\s+)?\$?\.(?P<keys>Chart\.Name|Values(?:\.\w+)+)"
    rf"(?P<pipes>(?:\s*\|\s*(?:quote|squote|toString|default\s+(?:{_LITERAL})))*)\s*"
)
_PIPE = regex(rf"\|\s*(?P<name>\w+)(?:\s+(?P<literal>{_LITERAL}))?")
_NUMBER = regex(r"\d{1,6}(\.\d{1,6})?")
"""Numbers that Helm, to which all are floating point, prints without an exponent."""
_EMPTY = {"", "0", "false"}
_SILENT = regex(r"\s*(/\*.*\*/|\$\w*\s*:?=.*|end|define\b.*)\s*", re.DOTALL)
_DECIDES = regex(r"\s*(if|else|range|with|block)\b.*", re.DOTALL)
_DECIDES_NOTHING = regex(r".*\b(labels|annotations|namespace|fullname)\b.*", re.IGNORECASE | re.DOTALL)


class Charts:
    """The values of the charts of a repository, each read when the first template of it asks."""

    def __init__(self, repository: Repository) -> None:
        """Read nothing yet."""
        self._repository = repository
        self._read: dict[str, list[Mapping] | None] = {}

    def value(self, template: str, keys: list[str]) -> str | None:
        """What a template is given for these keys of its values, empty where no file has any; None if nobody can tell.

        Files that stand beside the chart or its values.yaml may be meant for any cluster, so all of them must agree.
        """
        chart = chart_of(template, self._repository) or ""
        if keys == ["Chart", "Name"]:
            return self._name(chart)
        if chart not in self._read:
            self._read[chart] = self._values(chart.rpartition("/")[0])
        files = self._read[chart]
        found = {_printed(node) for file in files or () if (node := file.get(*keys[1:])) is not None}
        if files is None or len(found) > 1:
            return None
        return found.pop() if found else ""

    def _name(self, chart: str) -> str | None:
        try:
            about = read_one(self._repository, chart)
        except Malformed:
            return None
        return about.text("name") if about else None

    def _values(self, folder: str) -> list[Mapping] | None:
        """The values files of a chart; None when one cannot be read, or a chart around it has the last word."""
        if "/charts/" in f"/{folder}":
            return None
        above = folder.rpartition("/")[0]
        prefix = f"{re.escape(above)}/" if above else ""
        paths = list(self._repository.paths(re.compile(rf"{prefix}(?:[^/]*/)*[^/]*values[^/]*\.ya?ml")))
        try:
            files = [read_one(self._repository, path) for path in paths if len(paths) <= MAX_VALUES]
        except Malformed:
            return None
        return [file for file in files if file] if files else None


def _printed(node: Node) -> str | None:
    """A value as Helm prints it; None for what is more than a word, or is a template itself."""
    if not isinstance(node, Scalar) or "{{" in node.text or "\n" in node.text:
        return None
    value = node.resolved()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(float(value)).removesuffix(".0") if _NUMBER.fullmatch(node.text) else None
    return "" if value is None else node.text


def fill(path: str, text: str, charts: Charts) -> tuple[str, Finding | None]:
    """The text with its actions replaced, and the first of them that decides what is there."""
    condition: Finding | None = None

    def replace(action: re.Match[str]) -> str:
        nonlocal condition
        inner = action["inner"]
        if inner is None:
            return action[0]
        lines = "\n" * action[0].count("\n")
        if literal := _TEXT.fullmatch(inner):
            return literal[1][1:-1] + lines
        if _SILENT.fullmatch(inner):
            return lines
        if (value := _taken(path, inner, charts)) is not None:
            return value + lines
        alone = _is_alone(text, action)
        about_object = _DECIDES_NOTHING.fullmatch(inner) and action.start() < text.find("rules:")
        if _DECIDES.fullmatch(inner) or (alone and not about_object):
            place = Place(path, text.count("\n", 0, action.start()) + 1)
            condition = condition or Finding(place, f"Helm decides: {shown(action[0])}")
            return lines
        return lines if alone else FILLED_IN_LATER + lines

    return _ACTION.sub(replace, text), condition


def _taken(path: str, inner: str, charts: Charts) -> str | None:
    """What an action prints that takes a value as it is, or a default; None when it is another, or nobody can tell."""
    match = _VALUE.fullmatch(inner)
    value = charts.value(path, match["keys"].split(".")) if match else None
    if match is None or value is None:
        return None
    if match["default"] and value in _EMPTY:
        value = match["default"].strip('"')
    for pipe in _PIPE.finditer(match["pipes"]):
        if pipe["name"] == "default":
            value = pipe["literal"].strip('"') if value in _EMPTY else value
        elif pipe["name"] in {"quote", "squote"}:
            value = msgspec.json.encode(value).decode() if pipe["name"] == "quote" else f"'{value}'"
    return value or None


def _is_alone(text: str, action: re.Match[str]) -> bool:
    """Whether an action has its line for itself, so that whole lines of YAML come of it."""
    before = text[text.rfind("\n", 0, action.start()) + 1 : action.start()]
    end = text.find("\n", action.end())
    after = text[action.end() : end if end >= 0 else len(text)]
    return not before.strip() and not after.strip()
