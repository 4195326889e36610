"""The search for YAML documents of a kind that may stand in any file: SLOs, alert rules, routes.

Only files whose text holds a mark of the kind are parsed, those with a telling path first. Folders of dependencies,
samples, tests and skeletons are left out (knowledge/searches.yaml): what lies there is no part of this service.

A document may be an item of a list, or stand in a text of another one: a ConfigMap, the values of a chart.
"""

from __future__ import annotations

import re
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.findings import Finding
from goldenpath.facts.nodes import Malformed, Mapping, Sequence, Unread, listed, merged, parse, parse_text, scalars
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import one_of, read_table
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Repository

MAX_FILES = 2_000
"""Most YAML files that are searched."""

MAX_TOTAL = 32 << 20
"""Most bytes that are read in a search."""

MAX_NESTED = 3
"""How deep a document may stand in texts of others: rules in the values of a chart in an Argo CD Application."""

MAX_GENERATORS = 200
"""Most programs and templates that are looked into."""

MAX_BLANKS = 400
"""Most blanks before a key that are looked at."""

_BYTE_ORDER_MARK = "\xef\xbb\xbf"  # as the bytes of UTF-8, one by one
_BEFORE_KEY = regex(
    rf"(?:(?:^|[\r\n]|\\n)(?:{_BYTE_ORDER_MARK})?[ \t?-]*|[{{,\[]\s*(?:\?\s+)?)(?:\\?[\"'])?\Z", re.MULTILINE
)
_YAML = regex(r".*\.ya?ml", re.IGNORECASE)


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    ignored_folders: frozenset[str]
    test_folders: frozenset[str]
    templating: tuple[str, ...]
    generators: dict[str, str]


@cache
def _table() -> _Table:
    return read_table("searches", _Table)


class Keys:
    """Keys of a mapping in the text of a file: in block or flow style, plain or quoted, or as JSON.

    Also in a text that holds a document, whose line breaks and quotes may be escaped. The names are looked for first,
    since few files have one, and then what stands before each.
    """

    def __init__(self, *names: str) -> None:
        """Prepare for these names."""
        self._names = names
        self._named = re.compile(rf"(?:{'|'.join(names)})(?:\\?[\"'])?\s*:")

    def are_in(self, text: str) -> bool:
        """Whether one of them is a key."""
        if not any(name in text for name in self._names):
            return False
        starts = (match.start() for match in self._named.finditer(text))
        return any(_BEFORE_KEY.search(text, max(start - MAX_BLANKS, 0), start) for start in starts)


class Mark(Struct, frozen=True):
    """What the bytes of a file hold when it may be of a kind: one of the words, or one of the keys."""

    words: tuple[bytes, ...]
    keys: Keys | None = None

    def is_in(self, raw: bytes) -> bool:
        """Whether a file's bytes hold it."""
        return any(word in raw for word in self.words) or (
            self.keys is not None and self.keys.are_in(raw.decode("latin-1"))
        )


@cache
def template() -> re.Pattern[str]:
    """Text that something else has yet to fill in."""
    return one_of(_table().templating)


class Search:
    """The walk over the files that may hold documents of a kind, and what it met.

    `broken` is what should be such a document and is no YAML; `unseen` is what this repository cannot tell.
    """

    def __init__(
        self,
        repository: Repository,
        likely: re.Pattern[str],
        mark: Mark,
        embedded: Keys,
        *,
        outside: Mark | None = None,
        fill: Callable[[str, str], str] | None = None,
    ) -> None:
        """Prepare. A text that has one of the keys `embedded` is looked into.

        Files that hold `outside` count wherever they lie; `fill` makes YAML of what Helm has to render.
        """
        self._repository = repository
        self._likely = likely
        self._mark = mark
        self._embedded = embedded
        self._outside = outside
        self._fill = fill
        self.documents: list[Mapping] = []
        self.broken: list[Finding] = []
        self.unseen: list[Finding] = []

    def run(self) -> None:
        """Go through all files, as far as the limits allow."""
        total = 0
        for count, path in enumerate(self._candidates(), start=1):
            if count > MAX_FILES or total > MAX_TOTAL:
                limit = f"{MAX_FILES:,} files and {MAX_TOTAL >> 20} MB of YAML"
                self.unseen.append(Finding(Place(path), f"goldenpath searches {limit}; from here on nothing was read"))
                return
            total += self._take(path)

    def _candidates(self) -> Iterator[str]:
        likely = [path for path in self._repository.paths(self._likely) if self._counts(path)]
        yield from likely
        first = set(likely)
        yield from (path for path in self._repository.paths(_YAML) if path not in first and self._counts(path))

    def _counts(self, path: str) -> bool:
        return not is_ignored(path, self._repository) or (self._outside is not None and is_test(path))

    def _take(self, path: str) -> int:
        """Read one file; its size in bytes."""
        counts = bool(self._likely.fullmatch(path)) or (self._outside is not None and is_test(path))
        try:
            raw = self._repository.bytes(path)
            mark = self._outside if is_ignored(path, self._repository) and self._outside else self._mark
            if mark.is_in(raw):
                counts = True
                self._parse(path, self._repository.text(path))
        except Missing:
            return 0
        except Unreadable as error:
            if counts:
                self.unseen.append(Finding(Place(path), str(error)))
            return 0
        return len(raw)

    def _parse(self, path: str, text: str) -> None:
        chart = chart_of(path, self._repository)
        if chart and "{{" in text:
            if self._fill is None:
                self.unseen.append(_rendered(path, chart))
                return
            text = self._fill(path, text)
        self._add(partial(parse, path, text), text, rendered=bool(chart))

    def _add(self, parse: Callable[[], list[Node]], text: str, *, rendered: bool, depth: int = 0) -> None:
        """Take the documents of a text, and those that stand in their texts."""
        try:
            nodes = merged(parse()) if "<<" in text else parse()
        except Malformed as error:
            self._refuse(error, rendered=rendered or bool(template().search(text)))
            return
        for document in _documents(nodes):
            self.documents.append(document)
            for inner in scalars(document):
                if inner.style and depth < MAX_NESTED and self._embedded.are_in(inner.text):
                    self._add(partial(parse_text, inner), inner.text, rendered=rendered, depth=depth + 1)

    def _refuse(self, error: Malformed, *, rendered: bool) -> None:
        if isinstance(error, Unread):
            self.unseen.append(Finding(error.place, str(error)))
        elif rendered:
            self.unseen.append(Finding(error.place, f"it is a template, no YAML ({error})"))
        else:
            self.broken.append(Finding(error.place, str(error)))


def _documents(nodes: list[Node]) -> Iterator[Mapping]:
    """The documents: those of the file, or of a list of them, as `kubectl get --output yaml` and JSON write it."""
    for node in nodes:
        items = node.get("items") if isinstance(node, Mapping) and node.text("kind") == "List" else node
        if isinstance(items, Sequence):
            yield from listed(items)
        elif isinstance(node, Mapping):
            yield node


def generated(repository: Repository, makes: Callable[[str], int | None]) -> Iterator[Finding]:
    """The programs that make such documents; `makes` gives where in a program's text it can be seen."""
    generators = _table().generators
    paths = repository.paths(one_of(generators.values()))
    for path in islice((path for path in paths if not is_ignored(path, repository)), MAX_GENERATORS):
        try:
            text = repository.text(path)
        except (Missing, Unreadable):
            continue
        if (start := makes(text)) is not None:
            title = next(title for title, pattern in generators.items() if re.fullmatch(pattern, path))
            place = Place(path, text.count("\n", 0, start) + 1)
            yield Finding(place, f"what {title} makes of this file is only known by running it")


def _rendered(path: str, chart: str) -> Finding:
    return Finding(Place(path), f"it is rendered by Helm ({chart}), so what it says is not to be read here")


def is_ignored(path: str, repository: Repository) -> bool:
    """Whether a file lies where it is somebody else's: in a folder of the table, or one that is a template's."""
    if template().search(path):
        return True
    named = _ignored_folders(path)
    return bool(named) and not (named == {"templates"} and chart_of(path, repository))


def is_test(path: str) -> bool:
    """Whether a file is left out for no other reason than that it lies in a folder of tests."""
    return not template().search(path) and _ignored_folders(path) <= _table().test_folders


def _ignored_folders(path: str) -> set[str]:
    return {folder.lower() for folder in path.split("/")[:-1]} & _table().ignored_folders


def chart_of(path: str, repository: Repository) -> str | None:
    """The Helm chart whose template a file is."""
    folders = path.split("/")[:-1]
    for depth, folder in enumerate(folders):
        chart = "/".join([*folders[:depth], "Chart.yaml"])
        if folder == "templates" and chart in repository.entries:
            return chart
    return None
