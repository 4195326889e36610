"""The service level objectives that this repository declares: OpenSLO v1, Sloth, Pyrra.

Only files whose text holds a form's name are parsed, files with `slo` in their path first. Folders of dependencies,
samples and skeletons are left out: what lies there is no promise of this service.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.findings import Finding
from goldenpath.facts.nodes import Malformed, Mapping, Sequence, parse
from goldenpath.facts.slos import openslo, pyrra, sloth
from goldenpath.facts.slos.model import Slo, knowledge
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.repository import Repository

MAX_FILES = 2_000
"""Most YAML files that are searched for SLOs."""

MAX_TOTAL = 32 << 20
"""Most bytes that are read in the search."""

_LIKELY = re.compile(r".*slo.*\.(ya?ml|json)", re.IGNORECASE)
_YAML = re.compile(r".*\.ya?ml", re.IGNORECASE)
_NAMED = re.compile(r"(.*[/_.-])?(slos?|openslo)([/_.-].*)?\.(ya?ml|json|md|txt|rst)([/.].*)?", re.IGNORECASE)
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
    search = _Search(repository)
    search.run()
    found, broken = _read(search.documents)
    seen = {slo.place.path for slo in found} | {each.place.path for each in (*broken, *search.broken, *search.unseen)}
    return Slos(
        found,
        (*search.broken, *broken),
        tuple(search.unseen),
        tuple(islice(_lookalikes(repository, seen), _LOOKALIKES)) if not found else (),
    )


def _read(documents: list[Mapping]) -> tuple[tuple[Slo, ...], tuple[Finding, ...]]:
    found, broken = openslo.read([each for each in documents if (each.text("apiVersion") or "").startswith("openslo")])
    for document in documents:
        for form in (sloth, pyrra):
            slos_of_document, problems = form.read(document)
            found += slos_of_document
            broken += problems
    return found, broken


class _Search:
    """The walk over the files that may hold SLOs, and what it met."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self.documents: list[Mapping] = []
        self.broken: list[Finding] = []
        self.unseen: list[Finding] = []

    def run(self) -> None:
        total = 0
        for count, path in enumerate(self._candidates(), start=1):
            if count > MAX_FILES or total > MAX_TOTAL:
                limit = f"{MAX_FILES:,} files and {MAX_TOTAL >> 20} MB of YAML"
                self.unseen.append(Finding(Place(path), f"goldenpath searches {limit}; from here on nothing was read"))
                return
            total += self._take(path)

    def _candidates(self) -> Iterator[str]:
        """YAML files outside of the folders that are left out; those with a telling path come first."""
        likely = [path for path in self._repository.paths(_LIKELY) if not _is_ignored(path, self._repository)]
        yield from likely
        first = set(likely)
        for path in self._repository.paths(_YAML):
            if path not in first and not _is_ignored(path, self._repository):
                yield path

    def _take(self, path: str) -> int:
        """Read one file; its size in bytes."""
        try:
            raw = self._repository.bytes(path)
            if knowledge().mark.search(raw):
                self._parse(path, self._repository.text(path))
        except Missing:
            return 0
        except Unreadable as error:
            if _LIKELY.fullmatch(path):
                self.unseen.append(Finding(Place(path), str(error)))
            return 0
        return len(raw)

    def _parse(self, path: str, text: str) -> None:
        chart = _chart_of(path, self._repository)
        if chart and "{{" in text:
            self.unseen.append(
                Finding(Place(path), f"it is rendered by Helm ({chart}), so what it says is not to be read here")
            )
            return
        try:
            documents = parse(path, text)
        except Malformed as error:
            rendered = knowledge().template.search(text)
            target = self.unseen if rendered else self.broken
            target.append(Finding(error.place, f"it is a template, no YAML ({error})" if rendered else str(error)))
            return
        for document in documents:
            items = document.items if isinstance(document, Sequence) else [document]
            self.documents += [item for item in items if isinstance(item, Mapping)]


def _is_ignored(path: str, repository: Repository) -> bool:
    """Whether a file lies where SLOs are somebody else's: in a folder of the table, or one that is a template's."""
    folders = path.split("/")[:-1]
    if knowledge().template.search(path):
        return True
    named = [folder for folder in folders if folder.lower() in knowledge().ignored_folders]
    return bool(named) and not (set(named) == {"templates"} and _chart_of(path, repository))


def _chart_of(path: str, repository: Repository) -> str | None:
    """The Helm chart whose template a file is."""
    folders = path.split("/")[:-1]
    for depth, folder in enumerate(folders):
        chart = "/".join([*folders[:depth], "Chart.yaml"])
        if folder == "templates" and chart in repository.entries:
            return chart
    return None


def _lookalikes(repository: Repository, seen: set[str]) -> Iterator[Finding]:
    """Files that are called SLO: prose, other formats, examples."""
    forms = ", ".join(form.title for form in knowledge().forms.values())
    for path in repository.paths(_NAMED):
        if path not in seen:
            if _is_ignored(path, repository):
                yield Finding(Place(path), "it lies in a folder of samples, tests, skeletons or dependencies")
            else:
                yield Finding(Place(path), f"it is written in no form that counts ({forms})")
