"""Documents read lightly: their headings, what links reach, and whether they say anything.

Not a Markdown parser: enough of CommonMark to tell a heading from a comment in a code block, and a filled-in page from
the skeleton of one. Code counts as content, for a runbook may well be a list of commands.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.placeholders import is_filler
from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKDOWN = regex(r".*\.(md|mdx|markdown|mkd)", re.IGNORECASE)
"""Paths of documents whose headings are understood."""

MAX_WIDTH = 1_000
"""Most characters of a line that are looked at."""

_FENCE = regex(r"[\s>]*(?:(?:[-*+]|\d+[.)])\s+)?(?P<mark>`{3,}(?=[^`]*$)|~{3,}).*")
_HEADING = regex(r" {0,3}(?P<level>#{1,6})(?:[ \t]+(?P<text>.*?))?(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = regex(r" {0,3}(=+|-+)\s*")
_NO_TITLE = regex(r"\s*([-*+>|#]|\d+[.)]|$)")
_HTML_HEADING = regex(r"\s*<[hH](?P<level>[1-6])[^<>]*>(?P<text>.*?)</[hH][1-6]>.*")
_LEAD = regex(
    r"\s*(?:[-*+]\s+)?(?P<mark>\*\*|__)(?P<text>[^*_\s][^*_]{0,60}?)\s*(?::(?P=mark)|(?P=mark)\s*:)(?P<rest>.*)"
)
_EXPLICIT = regex(r"\{:?\s*#(?P<id>[\w-]+)[^}]*\}\s*$")
_HTML_ID = regex(r"<[a-zA-Z][^<>]{0,200}\s(?:id|name)\s*=\s*[\"']?(?P<id>[\w.:-]+)")
_LINK = regex(r"!?\[(?P<text>[^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])")
_TAG = regex(r"</?[a-zA-Z][^<>]*>")
_MARKS = regex(r"^[\s>]*(?:[-*+]|\d+[.)])?(?:\s+\[[ xX]\])?\s+|[*`|]+|(?<!\w)_+|_+(?!\w)")
# A word has a letter in it; scripts that do without spaces, which Unicode begins here, count by the character.
_WITHOUT_SPACES = "\u3040"
_WORD = regex(r"[^\W\d_][\w'\u2019-]*")


LEAD = 7
"""The level of a bold lead (`**Actions:** restart it`), which heads its text without being a heading."""


class Heading(Struct, frozen=True):
    """A heading or bold lead, and how many words say something between it and the next one.

    `anchors` are the ids by which links reach it, as GitHub and as MkDocs make them; a lead has none.
    """

    line: int
    level: int
    text: str
    anchors: tuple[str, ...]
    words: int


class Document(Struct, frozen=True):
    """What a document says: its headings, and how many words of its body say something.

    `anchors` are the ids that stand in its text, beside those of headings; `fillers` are the lines that wait for their
    author.
    """

    headings: tuple[Heading, ...]
    anchors: frozenset[str]
    words: int
    fillers: tuple[int, ...]

    def reached(self, anchor: str) -> Heading | None:
        """The heading that a link with this fragment reaches."""
        return next((heading for heading in self.headings if anchor in heading.anchors), None)

    def below(self, heading: Heading) -> Iterator[Heading]:
        """The headings of the sections in a heading's section."""
        start = self.headings.index(heading) + 1
        return takewhile(lambda each: each.level > heading.level, self.headings[start:])

    def words_below(self, heading: Heading) -> int:
        """The words of a heading's section, with those of the sections in it."""
        return heading.words + sum(each.words for each in self.below(heading))


@lru_cache(maxsize=32)
def read_document(text: str) -> Document:
    """Read a document; line numbers count from 1. Many links lead to one document, which is read once."""
    reader = _Reader()
    for number, line in enumerate(_without_front_matter(text.splitlines()), start=1):
        reader.take(number, line[:MAX_WIDTH])
    return reader.document()


def _without_front_matter(lines: list[str]) -> Iterator[str]:
    """The lines, those of a YAML or TOML header left empty."""
    end = 0
    if lines and lines[0].rstrip() in {"---", "+++"}:
        closing = (number for number, line in enumerate(lines[1:], start=2) if line.rstrip() == lines[0].rstrip())
        end = next(closing, 0)
    return ("" if number <= end else line for number, line in enumerate(lines, start=1))


class _Reader:
    """Goes through a document line by line, and knows whether it is in a code block or a comment."""

    def __init__(self) -> None:
        self._headings: list[tuple[int, int, str, tuple[str, ...]]] = []
        self._words = [0]  # before the first heading, and below each
        self._fillers: list[int] = []
        self._ids: set[str] = set()
        self._used: dict[str, int] = {}
        self._fence = ""
        self._in_comment = False
        self._previous = ""

    def document(self) -> Document:
        pairs = zip(self._headings, self._words[1:], strict=True)
        headings = tuple(Heading(*heading, words) for heading, words in pairs)
        return Document(headings, frozenset(self._ids), sum(self._words), tuple(self._fillers))

    def take(self, number: int, line: str) -> None:
        if self._fence:
            self._take_code(line)
            return
        line = self._without_comments(line)
        if fence := _FENCE.fullmatch(line):
            self._fence, self._previous = fence["mark"], ""
            return
        self._ids |= {match["id"] for match in _HTML_ID.finditer(line)}
        if lead := _LEAD.fullmatch(line):
            self._headings.append((number, LEAD, lead["text"], ()))
            self._words.append(0)
            self._take_prose(number, lead["rest"])
        elif not self._take_heading(number, line):
            self._take_prose(number, line)
        self._previous = line

    def _take_code(self, line: str) -> None:
        mark = line.strip("> \t\r")
        if mark.startswith(self._fence) and not mark.strip(self._fence[0]):
            self._fence = ""
        else:
            self._words[-1] += _count(line)

    def _without_comments(self, line: str) -> str:
        kept = []
        while line:
            if self._in_comment:
                _, closing, line = line.partition("-->")
                self._in_comment = not closing
            else:
                before, opening, line = line.partition("<!--")
                kept.append(before)
                self._in_comment = bool(opening)
        return "".join(kept)

    def _take_heading(self, number: int, line: str) -> bool:
        if heading := _HEADING.fullmatch(line):
            self._add(number, len(heading["level"]), heading["text"] or "")
        elif heading := _HTML_HEADING.fullmatch(line):
            self._add(number, int(heading["level"]), heading["text"])
        elif _UNDERLINE.fullmatch(line) and not _NO_TITLE.match(self._previous):
            self._take_back(number - 1)
            self._add(number - 1, 1 if "=" in line else 2, self._previous)
        else:
            return False
        return True

    def _take_back(self, number: int) -> None:
        """What was taken for prose is a heading, as its underline shows."""
        if self._fillers and self._fillers[-1] == number:
            self._fillers.pop()
        else:
            self._words[-1] -= _count(_plain(self._previous))

    def _add(self, number: int, level: int, text: str) -> None:
        explicit = _EXPLICIT.search(text)
        title = _plain(text[: explicit.start()] if explicit else text)
        anchors = {self._numbered(slug) for slug in {_github_slug(title), _mkdocs_slug(title)}}
        anchors |= {explicit["id"]} if explicit else set()
        self._headings.append((number, level, title, tuple(sorted(anchors))))
        self._words.append(0)

    def _numbered(self, slug: str) -> str:
        """The second heading of a name is reached by a number behind it."""
        count = self._used.get(slug, 0)
        self._used[slug] = count + 1
        return f"{slug}-{count}" if count else slug

    def _take_prose(self, number: int, line: str) -> None:
        text = _plain(line)
        if text and is_filler(text):
            self._fillers.append(number)
        else:
            self._words[-1] += _count(text)


def _plain(line: str) -> str:
    """The text of a line as a reader sees it: without list marks, emphasis, tags and the addresses of links."""
    return _MARKS.sub("", _TAG.sub("", _LINK.sub(lambda match: match["text"], line))).strip()


def _count(text: str) -> int:
    return sum(1 if word < _WITHOUT_SPACES else len(word) for word in _WORD.findall(text))


def _github_slug(title: str) -> str:
    """The id that GitHub gives a heading: lower case, punctuation gone, each space a hyphen."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _mkdocs_slug(title: str) -> str:
    """The id that Python-Markdown gives a heading: ASCII only, spaces and hyphens run together."""
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip().lower())
