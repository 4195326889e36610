"""The service level objectives that this repository declares: OpenSLO v1, Sloth, Pyrra.

Only files whose text holds a form's name are parsed, files with `slo` in their path first (facts/search.py).
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.findings import Finding
from goldenpath.facts.nodes import Malformed, Unread, parse
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import Keys, Search, generated, is_ignored, template
from goldenpath.facts.slos import openslo, pyrra, sloth
from goldenpath.facts.slos.model import Slo, knowledge
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.nodes import Mapping
    from goldenpath.repository import Repository

_LIKELY = regex(r".*(slo|service-?level|pyrra).*\.(ya?ml|json)", re.IGNORECASE)
_EMBEDDED = Keys("apiVersion", "version")
_NAMED = regex(r"(.*[/_.-])?(slos?|openslo)([/_.-].*)?\.(ya?ml|json|md|txt|rst)([/.].*)?", re.IGNORECASE)
_LOOKALIKES = 3


class Slos(Struct, frozen=True):
    """The SLOs of a repository, and what stands in the way of knowing them.

    `broken` is what should be an SLO and cannot be read as one; `unseen` is what this repository cannot tell (files
    that a template engine completes, files out of bounds); `lookalikes` have the name and not the content.
    """

    found: tuple[Slo, ...]
    broken: tuple[Finding, ...]
    unseen: tuple[Finding, ...]
    lookalikes: tuple[Finding, ...]


def slos(repository: Repository) -> Slos:
    """Find and read the SLOs."""
    search = Search(repository, _LIKELY, knowledge().mark, _EMBEDDED)
    search.run()
    found, broken = _read(search.documents)
    seen = {slo.place.path for slo in found} | {each.place.path for each in (*broken, *search.broken, *search.unseen)}
    unmarked = tuple(_unmarked(repository, seen)) if not found else ()
    seen.update(each.place.path for each in unmarked)
    return Slos(
        found,
        (*search.broken, *broken, *unmarked),
        (*search.unseen, *generated(repository, _makes_slos)),
        tuple(islice(_lookalikes(repository, seen), _LOOKALIKES)) if not found else (),
    )


def _makes_slos(text: str) -> int | None:
    """Where a program makes an SLO in one of the forms."""
    return min(
        (text.index(mark) for form in knowledge().forms.values() for mark in form.marks if mark in text), default=None
    )


def _read(documents: list[Mapping]) -> tuple[tuple[Slo, ...], tuple[Finding, ...]]:
    found, broken = openslo.read([each for each in documents if (each.text("apiVersion") or "").startswith("openslo")])
    for document in documents:
        for form in (sloth, pyrra):
            slos_of_document, problems = form.read(document)
            found += slos_of_document
            broken += problems
    return found, broken


def _unmarked(repository: Repository, seen: set[str]) -> Iterator[Finding]:
    """Files that are called SLO and are no YAML, the mark of their form perhaps among what is wrong."""
    named = (path for path in repository.paths(_NAMED) if path.endswith((".yaml", ".yml", ".json")))
    for path in islice((each for each in named if each not in seen and not is_ignored(each, repository)), _LOOKALIKES):
        try:
            text = repository.text(path)
            if not template().search(text):
                parse(path, text)
        except Malformed as error:
            if not isinstance(error, Unread):
                yield Finding(error.place, str(error))
        except (Missing, Unreadable):
            continue


def _lookalikes(repository: Repository, seen: set[str]) -> Iterator[Finding]:
    """Files that are called SLO: prose, other formats, examples."""
    forms = ", ".join(form.title for form in knowledge().forms.values())
    for path in repository.paths(_NAMED):
        if path not in seen:
            if is_ignored(path, repository):
                yield Finding(Place(path), "it lies in a folder of samples, tests, skeletons or dependencies")
            else:
                yield Finding(Place(path), f"it is written in no form that counts ({forms})")
