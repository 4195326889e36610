"""The runbook says for each alert what it means, where to look, what to do and whom to call.

## What

Each alert rule in this repository has a `runbook_url` that leads to a section of a document here, and that section says

- what the alert **means**: a part headed so (or Impact, Summary, Symptoms …), or the text right below its heading,
- where to look **first** (First look, Diagnosis, Investigation, Triage …),
- which **actions** help (Actions, Mitigation, Remediation, Resolution …),
- when to **escalate**, and to whom (Escalation, Contacts …): there, or once for the whole document.

Parts are headings, bold leads such as `**Actions:**`, or bold paragraphs. The runbook, or another document that the
catalog links, also says how to go **back** (Rollback, Revert) to what ran before. A part has at least five words of its
own, and no line in it waits for its author (`TODO`, `TBD`). Links to files that are not there say nothing.

Rules count wherever Prometheus finds them: rule files, PrometheusRule objects, Helm charts, ConfigMaps. It is `unknown`
when the runbook lies elsewhere, for it is not opened, and when the repository has no alerts that can be read.

## Why

Whoever is paged has minutes, and may never have seen this service. What was written by day is worth more than the best
memory at night; a heading with nothing below it is worse than none, for it was believed to be there.

## Fix

Write the four parts for each alert, and the way back once, in the document that the alerts lead to.

## Before

```markdown
<!-- docs/runbook.md -->
### AvailabilityBudgetBurnsFast

TODO: describe what to do.
```

## After

```yaml
# observability/alerts.yaml
groups:
  - name: payments-api
    rules:
      - alert: AvailabilityBudgetBurnsFast
        expr: slo:error_ratio:rate1h > 14.4 * 0.001 and slo:error_ratio:rate5m > 14.4 * 0.001
        labels: {severity: page, team: payments}
        annotations:
          runbook_url: https://github.com/acme/payments-api/blob/main/docs/runbook.md#availabilitybudgetburnsfast
```

```markdown
<!-- docs/runbook.md -->
### AvailabilityBudgetBurnsFast

**Meaning:** users get server errors so fast that the budget of a month lasts for days.

**First look:** which routes fail, and since which release? The dashboard has both.

**Actions:** roll back when it began with a release; else restart what fails.

**Escalation:** after 15 minutes without a cause, the next level of the on-call schedule.

### Rollback

Deploy the digest of the last good release, and watch the errors fall.
```
"""

from __future__ import annotations

import posixpath
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.checks import Fix, evidence, failed, passed, unknown
from goldenpath.checks._alerts import led, own
from goldenpath.checks._catalog import MOST, named, no_component
from goldenpath.facts.destinations import destination
from goldenpath.facts.markdown import read_document
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import one_of, read_table
from goldenpath.repository import Place, Unreadable

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Sequence

    from goldenpath.checks import Evidence, Outcome
    from goldenpath.checks._alerts import Led
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.findings import Finding
    from goldenpath.facts.markdown import Document, Heading
    from goldenpath.facts.monitoring import Monitoring
    from goldenpath.facts.monitoring.model import Alert
    from goldenpath.repository import Repository

APPLIES = frozenset({"service"})
FIX = Fix(
    "Write meaning, first look, actions and escalation for each alert, and the rollback, in docs/runbook.md",
    "hours",
    ("docs/runbook.md",),
)

_DOCUMENT = regex(r"(?i).+\.(?:md|mdx|markdown|rst|adoc|txt|png|jpe?g|gif|svg|webp)")
"""What a link to a document or a picture ends with; others may be made by the site, or lead elsewhere on the forge."""

MIN_WORDS = 5
"""A part with fewer words says nothing."""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    parts: dict[str, tuple[str, ...]]
    rollback: tuple[str, ...]


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    table = read_table("runbooks", _Table)
    parts = table.parts | {"rollback": table.rollback}
    return {name: one_of(rf"\b({pattern})\b" for pattern in patterns) for name, patterns in parts.items()}


class _Lack(Struct, frozen=True):
    """What one alert lacks, where, and what to do about this one."""

    text: str
    proof: Evidence
    fix: Fix


def check(repository: Repository, monitoring: Monitoring, catalog: Catalog, component: Component | None) -> Outcome:
    """Follow each alert to its section, and ask it for its parts."""
    if component is None:
        return no_component(catalog)
    alerts = own(monitoring.alerts, component, catalog.components)
    if not alerts:
        hidden = (*monitoring.unseen, *monitoring.broken)
        reason = hidden[0].text if hidden else "whoever keeps the alerts of this service elsewhere would know"
        return unknown("no alert is here that a runbook could explain", reason, *named("unseen", hidden))
    ways = [(alert, led(alert, component, repository)) for alert in alerts]
    lacks = list(_lacks(ways, _linked(component, repository), repository))
    if lacks:
        more = f" (and {len(lacks) - 1} more)" if len(lacks) > 1 else ""
        return failed(f"{lacks[0].text}{more}", *(each.proof for each in lacks[:MOST]), fix=lacks[0].fix)
    if out := next((way for _, way in ways if way and way.state != "here"), None):
        text = out.text if out.state == "unclear" else f"{out.text}, and is not opened"
        return unknown("a runbook is out of sight", text, evidence("unseen", out.place, out.text))
    return _complete([way for _, way in ways if way], len(alerts), (*monitoring.unseen, *monitoring.broken))


def _complete(ways: Sequence[Led], alerts: int, hidden: Sequence[Finding]) -> Outcome:
    if hidden:
        return unknown("some alerts cannot be read", hidden[0].text, *named("unseen", hidden))
    paths = sorted({way.path for way in ways})
    proof = [evidence("described", Place(way.path, _start(way)), way.text) for way in ways[:MOST]]
    return passed(f"{', '.join(paths[:2])} explains each of {alerts} alerts, and the rollback", *proof)


def _linked(component: Component, repository: Repository) -> Iterator[_Read]:
    """The documents of this repository that the catalog links, the runbook among them."""
    for link in component.links:
        target = destination(link.url, component, repository)
        if path := next((path for path in target.paths if path in repository), None) if target else None:
            with suppress(Unreadable):
                yield _Read(path, read_document(repository.text(path)), repository)


class _Read:
    """A document as whoever is paged reads it: a link to a file that is not there tells nothing."""

    def __init__(self, path: str, document: Document, repository: Repository) -> None:
        self.path = path
        self._repository = repository
        self.document = document

    def words(self, heading: Heading) -> int:
        """The words of a heading's section, but for those of dead links."""
        links = [link for each in (heading, *self.document.below(heading)) for link in each.links]
        return self.document.words_below(heading) - sum(link.words for link in links if self.is_dead(link.target))

    def dead_link(self, headings: Iterable[Heading]) -> str:
        """The first link below these headings that leads to a document which is not there; empty without one."""
        return next((link.target for each in headings for link in each.links if self.is_dead(link.target)), "")

    def is_dead(self, target: str) -> bool:
        """Whether a link leads to a document of this repository that is not there, from its folder or its page."""
        name = unquote(target.partition("#")[0].partition("?")[0])
        if "://" in target or not _DOCUMENT.fullmatch(name):
            return False
        folder, _, page = self.path.rpartition("/")
        bases = ("",) if name.startswith("/") else (folder, posixpath.join(folder, page.partition(".")[0]))
        paths = [posixpath.normpath(posixpath.join(base, name.lstrip("/"))) for base in bases]
        return not any(path.startswith("../") or path in self._repository for path in paths)


def _lacks(
    ways: Sequence[tuple[Alert, Led | None]], linked: Iterable[_Read], repository: Repository
) -> Iterator[_Lack]:
    shared: dict[str, set[str]] = {}
    for alert, way in ways:
        if way and way.state == "here" and way.heading is None:
            shared.setdefault(way.path, set()).add(alert.name)
    asked: set[tuple[str, int]] = set()
    for alert, way in ways:
        if way is None:
            proof = evidence("missing", alert.place, "it leads nowhere")
            yield _Lack(f"{alert.name} has no runbook_url", proof, _link(alert))
        elif way.state == "wrong":
            yield _Lack(way.text, evidence("declared", way.place, way.text), _link(alert))
        elif way.document is not None and (key := (way.path, _start(way))) not in asked:
            asked.add(key)
            if len(shared.get(way.path, ())) > 1 and way.heading is None:
                text = f"{alert.name} leads to the whole of {way.path}, which explains several alerts"
                yield _Lack(text, evidence("declared", way.place, "it names no heading"), _link(alert))
            else:
                yield from _lacks_of_section(alert, way, _Read(way.path, way.document, repository))
    documents = {way.path: way.document for _, way in ways if way and way.document}
    yield from _lacks_rollback([_Read(*each, repository) for each in sorted(documents.items())], linked)


def _link(alert: Alert) -> Fix:
    return Fix(
        f"Give {alert.name} a section in the runbook, and a runbook_url that leads to its heading", "minutes", FIX.files
    )


def _write(what: str) -> Fix:
    return replace(FIX, summary=what)


def _lacks_of_section(alert: Alert, way: Led, read: _Read) -> Iterator[_Lack]:
    document = read.document
    inside = list(document.below(way.heading)) if way.heading else list(document.headings)
    place = Place(way.path, _start(way))
    last = _end(document, way.heading, inside)
    if filler := next((line for line in document.fillers if place.line <= line <= last), None):
        waiting = Place(way.path, filler)
        yield _Lack(
            f"the section of {alert.name} is not filled in",
            evidence("described", waiting, "waits for its author"),
            _write(f"Fill in {waiting}, in the section of {alert.name}"),
        )
        return
    wanting = [part for part in _patterns() if part != "rollback" and not _says(part, way.heading, inside, read)]
    if wanting:
        dead = read.dead_link([*([way.heading] if way.heading else []), *inside])
        links = f": {dead}, to which it links, is not there" if dead else ""
        yield _Lack(
            f"the section of {alert.name} lacks {_listed(wanting)}{links}",
            evidence("described", place, f"no {_listed(wanting)}"),
            _write(f"Write {_listed(wanting)} for {alert.name} at {place}"),
        )


def _says(part: str, heading: Heading | None, inside: Sequence[Heading], read: _Read) -> bool:
    """Whether a section has a part that says something; what is said to escalate may be said once for all."""
    document = read.document
    if part == "meaning" and (heading or inside) and _words_first(heading, inside, document) >= MIN_WORDS:
        return True
    candidates = list(inside)
    if part == "escalation" and heading:
        candidates += [each for each in document.headings if each.level <= heading.level and each is not heading]
    return any(_patterns()[part].search(each.text.lower()) and read.words(each) >= MIN_WORDS for each in candidates)


def _words_first(heading: Heading | None, inside: Sequence[Heading], document: Document) -> int:
    """The words right below the heading of a section, or of a document."""
    if heading:
        return heading.words
    return inside[0].words if inside and inside[0].level == 1 else document.words - sum(each.words for each in inside)


def _lacks_rollback(documents: Sequence[_Read], linked: Iterable[_Read]) -> Iterator[_Lack]:
    if documents and not any(map(_rolls_back, (*documents, *linked))):
        path = documents[0].path
        yield _Lack(
            f"{path} does not say how to roll back",
            evidence("missing", Place(path), "no section about the rollback"),
            _write(f"Write a section about the rollback in {path}"),
        )


def _rolls_back(read: _Read) -> bool:
    found = (each for each in read.document.headings if _patterns()["rollback"].search(each.text.lower()))
    return any(read.words(each) >= MIN_WORDS for each in found)


def _start(way: Led) -> int:
    return way.heading.line if way.heading else 1


def _end(document: Document, heading: Heading | None, inside: Sequence[Heading]) -> int:
    """The line before the next section."""
    if heading is None:
        return max([*document.fillers, 1])
    after = document.headings.index(heading) + len(inside) + 1
    return (
        document.headings[after].line - 1 if after < len(document.headings) else max([*document.fillers, heading.line])
    )


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
