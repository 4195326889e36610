"""Markdown, for a job's summary or a comment on a pull request: the tier, what to do next, and a table for each tier.

What a repository says is never obeyed. Words of letters stand as they are; any other is a code span, in which neither
Markdown nor what a forge makes of text (mentions, links to issues, emoji, bare addresses) looks for anything. Places
are no links: a report does not know where its repository is shown.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.reports.terminal import Surface, printable, shorten
from goldenpath.reports.text import (
    NAMELESS,
    NO_COMPONENT,
    NOT_JUDGED,
    all_met,
    beside,
    ceiling,
    count,
    excuse,
    in_order,
    name,
    not_asked,
    nothing_judged,
    rules,
    standing,
    together,
)
from goldenpath.scorecard import FixAdvice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldenpath.checks import Evidence
    from goldenpath.scorecard import CheckResult, ComponentScore, Scorecard

MOST = 60_000
"""Characters of a report. GitHub refuses a comment of more than 65,536, and a job's summary of more than 1 MiB."""

LONGEST, LONGEST_PLACE = 300, 150
"""Characters of one text and of one path."""

MOST_PLACES = 3
"""How many places of an unmet check are shown."""

_MARKS = {"pass": "✓ pass", "fail": "✗ fail", "unknown": "? unknown"}
_CUT = "This report is cut: {:,} more would not fit. `goldenpath check --format json` has everything."
_TABLE = "| | Check | Found | Where |\n| --- | --- | --- | --- |"
_COMPONENTS = "| Component | Tier | |\n| --- | --- | --- |"

_WORD = re.compile(r"""([("']*)((?:`[^`]*`|<[^<>]*>|\S)+?)([.,;:!?)"'…]*)(?!\S)""")
"""A word in the punctuation of a sentence; what is quoted as code, or stands for something, is one."""

_PLAIN = re.compile(r"""[^\W\d_]+(?:[-'][^\W\d_]+)*|\d+(?:[.,-]\d+)*%?|[-+%.,;:!?()"'…]""")
"""What no renderer takes for markup: letters, a number, a date."""

_MARKER = re.compile(r"[-+]|\d+[.)]")
"""What begins a list where it begins a paragraph."""


def render(scorecard: Scorecard, surface: Surface) -> str:  # noqa: ARG001 - every format has the same signature
    """The scorecard as GitHub Flavored Markdown, which GitLab reads as well."""
    page = _Page()
    for block in _blocks(scorecard):
        page.add(block)
    return page.text()


class _Block(Struct, frozen=True):
    """A part of the page that is whole in itself: without rows a paragraph, else as many of its rows as fit."""

    opening: str
    rows: tuple[str, ...] = ()
    closing: str = ""


class _Page:
    """The blocks that fit. What does not is counted: rows, and blocks without any."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._room = MOST - len(_CUT) - 10
        self._cut = 0

    def add(self, block: _Block) -> None:
        room = self._room - len(block.opening) - len(block.closing) - 3
        kept = []
        for row in block.rows:
            if len(row) < room:
                kept.append(row)
                room -= len(row) + 1
        self._cut += len(block.rows) - len(kept)
        if room >= 0 and (kept or not block.rows):
            self._parts.append("\n".join(filter(None, [block.opening, *kept, block.closing])))
            self._room = room
        else:
            self._cut += not block.rows

    def text(self) -> str:
        return "\n\n".join([*self._parts, _CUT.format(self._cut)] if self._cut else self._parts)


def _blocks(scorecard: Scorecard) -> Iterator[_Block]:
    components = scorecard.components
    if len(components) == 1:
        yield from _alone(components[0], scorecard)
    else:
        yield from _together(scorecard)


def _alone(component: ComponentScore, scorecard: Scorecard) -> Iterator[_Block]:
    about = [each for each in (component.type, component.lifecycle) if each]
    yield _Block(f"## {_heading(component, scorecard)}")
    yield _Block(_prose(", ".join([*rules(scorecard), *about])))
    if component.ref is None:
        yield _Block(_prose(NO_COMPONENT))
    yield from _summary(scorecard)
    if not component.in_scope:
        return
    for tier in in_order(scorecard.contract.tiers, component.working_on):
        checks = [check for check in component.checks if check.tier == tier and check.verdict != "not-applicable"]
        label = f"<b>{_prose(tier.capitalize(), _html)}</b>: {count(tier, checks, component)}"
        yield from _details(label, checks, is_open=tier == component.working_on)
    for text in not_asked(component.checks):
        yield _Block(_prose(text))


def _together(scorecard: Scorecard) -> Iterator[_Block]:
    """Several components: a table of them all, then what each has not met, be it waived or not."""
    yield _Block(f"## {_prose(together(scorecard))}")
    yield _Block(_prose(", ".join(rules(scorecard))))
    yield from _summary(scorecard)
    yield _Block(_COMPONENTS, tuple(_component(component, scorecard) for component in scorecard.components))
    for component in scorecard.components:
        unmet = [check for check in component.checks if not check.met]
        waived = [check for check in component.checks if check.waived]
        counted = f"{len(unmet)} not met{f', {len(waived)} waived' if waived else ''}"
        yield from _details(f"<b>{_prose(_called(component), _html)}</b>: {counted}", [*unmet, *waived])


def _summary(scorecard: Scorecard) -> Iterator[_Block]:
    """What is said of the whole: how far it could be, what comes, and what to do next."""
    if len(scorecard.components) == 1 and scorecard.ceiling != scorecard.tier:
        yield _Block(_prose(ceiling(scorecard.components[0])))
    component = scorecard.weakest
    if not any(each.in_scope for each in scorecard.components):
        yield _Block(_prose(nothing_judged(scorecard)))
    elif component is None or component.next is None:
        yield _Block(_prose(all_met(scorecard)))
    else:
        action = component.next
        whose = f" for {_prose(_called(component))}" if len(scorecard.components) > 1 else ""
        how = f"{_link(action.check, action.docs)}, `{action.command}`"
        yield _Block(f"**Next{whose} ({action.effort}):** {_prose(action.summary)} ({how})")
    for text in beside(scorecard):
        yield _Block(_prose(text))


def _details(label: str, checks: list[CheckResult], *, is_open: bool = False) -> Iterator[_Block]:
    if checks:
        ordered = sorted(checks, key=lambda check: (check.met, check.level != "required"))
        opening = f"<details{' open' * is_open}>\n<summary>{label}</summary>\n\n{_TABLE}"
        yield _Block(opening, tuple(_check(check) for check in ordered), "\n</details>")


def _heading(component: ComponentScore, scorecard: Scorecard) -> str:
    return f"{_prose(standing(component, scorecard).capitalize())}: {_prose(_called(component))}"


def _called(component: ComponentScore) -> str:
    return name(component) or NAMELESS


def _component(component: ComponentScore, scorecard: Scorecard) -> str:
    note = NOT_JUDGED if not component.in_scope else ceiling(component) if component.ceiling != component.tier else ""
    return f"| {_prose(_called(component))} | {_prose(standing(component, scorecard))} | {_prose(note)} |"


def _check(check: CheckResult) -> str:
    """A check as a row of a table."""
    found = [_prose(f"(advisory) {check.summary}" if check.level == "advisory" else check.summary)]
    if check.waiver:
        found.append(_prose(excuse(check)))
    docs = None
    if isinstance(check.fix, FixAdvice):
        docs = check.fix.docs
        if isinstance(check.reason, str) and check.reason != check.summary:
            found.append(_prose(check.reason))
        found.append(f"**Next ({check.fix.effort}):** {_prose(check.fix.summary)}")
    where = _proof(check.evidence) if check.fix else _places(check.evidence)
    return f"| {_MARKS[check.verdict]} | {_link(check.id, docs)} | {'<br>'.join(found)} | {where} |"


def _proof(evidence: tuple[Evidence, ...]) -> str:
    """Where an unmet check breaks."""
    lines = []
    for each in evidence[:MOST_PLACES]:
        lines.append(f"{each.role} {_place(each)}")
        if each.text.strip():
            lines.append(_code(_short(each.text, LONGEST_PLACE)))
    if len(evidence) > MOST_PLACES:
        lines.append(f"and {len(evidence) - MOST_PLACES} more")
    return "<br>".join(lines)


def _places(evidence: tuple[Evidence, ...]) -> str:
    """Where a check is proved: the first place, and how many more."""
    more = f" +{len(evidence) - 1}" if len(evidence) > 1 else ""
    return _place(evidence[0]) + more if evidence else ""


def _place(evidence: Evidence) -> str:
    line = f":{evidence.line}" if evidence.line else ""
    return _code(_short(evidence.file, LONGEST_PLACE) + line)


def _link(check: str, docs: str | None) -> str:
    return f"[{check}]({docs})" if docs else check


def _short(text: str, longest: int) -> str:
    return shorten(printable(text).strip(), longest, Surface())


def _prose(text: str, code: Callable[[str], str] | None = None) -> str:
    """A sentence that may quote a file: its words stand as they are, everything else as code."""

    def shown(match: re.Match[str]) -> str:
        before, word, after = match.groups()
        if _PLAIN.fullmatch(word) and (match.start() or not _MARKER.fullmatch(match[0])):
            return match[0]
        quoted = len(word) > 2 and word[0] == word[-1] == "`" and "`" not in word[1:-1]
        return before + (code or _code)(word[1:-1] if quoted else word) + after

    return _WORD.sub(shown, _short(text, LONGEST))


def _code(text: str) -> str:
    """A code span. A bar stands outside of it: inside it would end the cell of a table."""
    return "&#124;".join(_span(part) if part.strip() else part for part in text.split("|"))


def _span(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    pad = " " if "`" in (text[0], text[-1]) else ""
    return f"{'`' * (longest + 1)}{pad}{text}{pad}{'`' * (longest + 1)}"


def _html(text: str) -> str:
    """The same where Markdown is not read: in the summary of what can be folded."""
    return f"<code>{escape(text)}</code>"
