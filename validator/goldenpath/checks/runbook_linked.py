"""The service links a runbook that is there.

## What

The Component in `catalog-info.yaml` has an entry in `metadata.links` that calls itself a runbook (or playbook) by its
title, type or icon, and whose address leads to one:

- to a document in this repository, by its address on GitHub, GitLab, Bitbucket or Gitea, or by its page in TechDocs.
  The document exists and is no stub: it has thirty words beside headings, comments and lines that wait for their author
  ("TODO", "Describe how to…"). Where the address has a fragment (`#rollback`), that section exists and says something;
- or to another place by a well-formed web address. That page is not opened: it counts as a runbook on your word.

The front page of a wiki or a repository is no runbook, and neither is `localhost`, `example.com` or a placeholder. It
is `unknown` when the document cannot be read, when Backstage fetches the links, or when nothing says whose repository
an address means: say it with `github.com/project-slug`.

## Why

Whoever is paged at three in the morning may never have seen this service. The link in the catalog is the one place
where everybody looks; a link to nothing costs the minutes that matter.

## Fix

Write `docs/runbook.md`, commit it, and link it with the type `runbook`; `github.com/project-slug` says that the address
is one of this repository.

## Before

```yaml
# catalog-info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments-api
  links:
    - title: Runbook
      url: https://wiki.acme.io
spec:
  type: service
  lifecycle: production
  owner: payments
```

```markdown
<!-- docs/runbook.md -->
# Runbook

TODO: describe what to do when it breaks.
```

## After

```yaml
# catalog-info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments-api
  annotations:
    github.com/project-slug: acme/payments-api
  links:
    - title: Runbook
      type: runbook
      url: https://github.com/acme/payments-api/blob/main/docs/runbook.md
spec:
  type: service
  lifecycle: production
  owner: payments
```

```markdown
<!-- docs/runbook.md -->
# Runbook

Payments fail: which routes answer with an error, and since when? `kubectl logs deployment/payments-api --since=15m`
shows what they say.

It began with a release: `kubectl rollout undo deployment/payments-api`, then watch the error rate fall.

Not clear after fifteen minutes: escalate to the on-call of the database team, and say so in the channel.
```
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from goldenpath.checks import Evidence, Fix, evidence, failed, passed, unknown
from goldenpath.checks._catalog import CATALOG, MOST, no_component, out_of_sight
from goldenpath.facts.addresses import wrong_with
from goldenpath.facts.destinations import destination
from goldenpath.facts.findings import shown
from goldenpath.facts.markdown import LEAD, MARKDOWN, read_document
from goldenpath.facts.placeholders import is_unfilled
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place, Unreadable

if TYPE_CHECKING:
    from goldenpath.checks import Outcome
    from goldenpath.facts.catalog import Catalog, Component, Link
    from goldenpath.facts.destinations import Destination
    from goldenpath.facts.markdown import Document
    from goldenpath.repository import Repository

APPLIES = frozenset({"service"})
FIX = Fix("Write docs/runbook.md and link it in catalog-info.yaml", "hours", (*CATALOG, "docs/runbook.md"))

MIN_WORDS = 30
"""A runbook with fewer words helps nobody."""

MIN_SECTION = 10
"""Where a link leads to one section, that section says as much."""

_WRITE = Fix("Fill in the runbook: first look, actions, rollback, escalation", "hours")
_CORRECT = Fix("Correct the runbook's link in catalog-info.yaml", "minutes", CATALOG)
_RUNBOOK = regex(r"\b(run|play)[ _-]?books?\b", re.IGNORECASE)
_DOCUMENTS = regex(r".*\.(md|mdx|markdown|mkd|rst|adoc|asciidoc|txt|org|html?)", re.IGNORECASE)


class Judged(Struct, frozen=True):
    """What one link turned out to be."""

    state: Literal["sound", "wrong", "unclear"]
    text: str
    evidence: tuple[Evidence, ...]
    fix: Fix | None = None


def check(repository: Repository, catalog: Catalog, component: Component | None) -> Outcome:
    """Follow each link that calls itself a runbook; one that leads to one is enough."""
    if component is None:
        return no_component(catalog, FIX)
    judged = [_judge(link, component, repository) for link in component.links if link.is_about(_RUNBOOK)][:MOST]
    if sound := next((each for each in judged if each.state == "sound"), None):
        return passed(sound.text, *sound.evidence)
    if unclear := next((each for each in judged if each.state == "unclear"), None):
        return unknown("a runbook is linked, but cannot be judged", unclear.text, *unclear.evidence)
    if judged:
        return failed(judged[0].text, *judged[0].evidence, fix=judged[0].fix)
    if outcome := out_of_sight(component, "the runbook", ("metadata", "links")):
        return outcome
    return failed("no runbook is linked", evidence("missing", component.entity.place, f"{component.ref} links none"))


def _judge(link: Link, component: Component, repository: Repository) -> Judged:
    said = evidence("declared", link.place, f"link to {shown(link.url)}")
    if is_unfilled(link.url):
        return Judged("wrong", f"the link {shown(link.url)} is not filled in", (said,), _CORRECT)
    target = destination(link.url, component, repository)
    if target is not None:
        return _inside(target, said, repository)
    if problem := wrong_with(link.url):
        return Judged("wrong", f"the link {shown(link.url)} {problem}", (said,), _CORRECT)
    return Judged("sound", f"the runbook lies elsewhere, and was not read: {shown(link.url)}", (said,))


def _inside(target: Destination, said: Evidence, repository: Repository) -> Judged:
    """Judge what a link means in this repository; what is missing in a repository that may be another is unclear."""
    path = next((path for path in target.paths if path in repository or repository.is_folder(path)), None)
    if path is not None:
        return _found(path, target.anchor, said, repository)
    wanted = target.paths[0] if target.paths else ""
    if not target.certain:
        reason = f"whether the {said.text} stays in this repository; github.com/project-slug would say it"
        return Judged("unclear", reason, (said,))
    if not wanted:
        return Judged("wrong", "the runbook's link leads to no document", (said,), _CORRECT)
    if repository.stray(wanted):
        missing = Evidence("missing", wanted, 0, 0, "it is there, but git does not track it")
        return Judged(
            "wrong", f"{wanted} is not tracked", (said, missing), Fix(f"git add {wanted}, and commit it", "minutes")
        )
    missing = Evidence("missing", wanted, 0, 0, "the runbook should be here")
    problem = f"the runbook's link leads to {wanted}, which is not there"
    return Judged("wrong", problem, (said, missing), _moved(wanted, repository))


def _moved(wanted: str, repository: Repository) -> Fix | None:
    """What to do where one document has that name, elsewhere or in other letters: a second runbook helps nobody."""
    name = re.compile(rf"(?:.*/)?{re.escape(wanted.rpartition('/')[2])}", re.IGNORECASE)
    found = list(islice(repository.paths(name), 2))
    if len(found) != 1:
        return None
    return Fix(f"Let the link in catalog-info.yaml lead to {found[0]}, or move that to {wanted}", "minutes")


def _found(path: str, anchor: str, said: Evidence, repository: Repository) -> Judged:
    if path in repository:
        return _read(path, anchor, said, repository)
    inside = re.compile(re.escape(path) + r"/[^/]+")
    documents = [each for each in repository.paths(inside) if _DOCUMENTS.fullmatch(each)][:MOST]
    judged = [_read(each, "", said, repository) for each in documents]
    best = sorted(judged, key=lambda each: ("sound", "unclear", "wrong").index(each.state))
    return best[0] if best else Judged("wrong", f"the folder {path} holds no runbook", (said,), _WRITE)


def _read(path: str, anchor: str, said: Evidence, repository: Repository) -> Judged:
    try:
        document = read_document(repository.text(path))
    except Unreadable as error:
        return Judged("unclear", f"{path}: {error}", (said, evidence("unseen", Place(path), str(error))))
    if document.words < MIN_WORDS:
        return _stub(path, document, said)
    if anchor and MARKDOWN.fullmatch(path) and (wrong := _wrong_anchor(path, anchor, document, said)):
        return wrong
    headings = sum(1 for heading in document.headings if heading.level < LEAD)
    proof = evidence("described", Place(path, 1), f"{document.words:,} words, {headings} headings")
    return Judged("sound", f"the runbook is {path}", (said, proof))


def _stub(path: str, document: Document, said: Evidence) -> Judged:
    line = document.fillers[0] if document.fillers else 1
    text = "waits for its author" if document.fillers else f"{document.words} words that say something"
    return Judged(
        "wrong", f"the runbook {path} is a stub", (said, evidence("described", Place(path, line), text)), _WRITE
    )


def _wrong_anchor(path: str, anchor: str, document: Document, said: Evidence) -> Judged | None:
    """What is wrong with the heading that a link's fragment names; lines (`#L12`) and text fragments name none."""
    if re.fullmatch(r"L\d+(-L?\d+)?|:~:.*", anchor) or anchor in document.anchors:
        return None
    heading = document.reached(anchor)
    if heading is None:
        missing = evidence("missing", Place(path), f"no heading has the anchor #{anchor[:80]}")
        return Judged("wrong", f"{path} has no heading {shown('#' + anchor)}", (said, missing), _CORRECT)
    if document.words_below(heading) < MIN_SECTION:
        proof = evidence("described", Place(path, heading.line), "the section says nothing")
        return Judged("wrong", f"the section {shown('#' + anchor)} of {path} is a stub", (said, proof), _WRITE)
    return None
