"""Documents: their headings, what links reach, and whether they say anything.

The parser is pulldown-cmark (Rust, package pyromark): CommonMark with GitHub's tables, task lists and footnotes, in
linear time. A runbook takes it a millisecond, its import another two, when the first document is read. What is added
here is what CommonMark leaves open: the ids that GitHub and MkDocs give headings, headings and ids in HTML, and which
lines still wait for their author. Code counts as content, for a runbook may well be a list of commands.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from goldenpath.facts.placeholders import is_filler
from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKDOWN = regex(r".*\.(md|mdx|markdown|mkd)", re.IGNORECASE)
"""Paths of documents whose headings are understood."""

LEAD = 7
"""The level of a bold lead (`**Actions:** restart it`), which heads its text without being a heading."""

PARAGRAPH = 8
"""The level of a paragraph that is all bold (`**Actions**`), which many write where a heading belongs."""

MAX_LEAD = 60
"""Longest lead, in characters; what is longer is an emphasised sentence."""

_INLINE = frozenset({"Emphasis", "Strong", "Strikethrough", "Link", "Image"})
_EXPLICIT = regex(r"\{:?\s*#(?P<id>[\w-]+)[^{}]*\}\s*$")
_COMMENT = regex(r"<!--(?:(?!-->).)*(?:-->)?", re.DOTALL)
_HTML_HEADING = regex(r"<(?P<end>/?)h(?P<level>[1-6])(?:\s[^<>]*)?>", re.IGNORECASE)
_SUMMARY = regex(r"<summary\b[^<>]*>", re.IGNORECASE)
_HTML_ID = regex(r"<[a-zA-Z][^<>]{0,200}\s(?:id|name)\s*=\s*[\"']?(?P<id>[\w.:-]+)")
_TAG = regex(r"</?[a-zA-Z][^<>]*>")
# A word has a letter in it; scripts that do without spaces, which Unicode begins here, count by the character.
_WITHOUT_SPACES = "\u3040"
_WORD = regex(r"[^\W\d_][\w'\u2019-]*")
_IN_IDS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"})
"""What Unicode calls the characters that GitHub keeps in ids, beside spaces and hyphens."""


class Link(Struct, frozen=True):
    """A link or picture in the text of a document: where it leads, as written, and how many words stand for it."""

    target: str
    words: int


class Heading(Struct, frozen=True):
    """A heading or bold lead, and how many words say something between it and the next one, `links` among them.

    `anchors` are the ids by which links reach it, as GitHub and as MkDocs make them; a lead has none.
    """

    line: int
    level: int
    text: str
    anchors: tuple[str, ...]
    words: int
    links: tuple[Link, ...] = ()


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
    import pyromark

    known = pyromark.Options
    options = known.ENABLE_TABLES | known.ENABLE_TASKLISTS | known.ENABLE_STRIKETHROUGH
    options |= known.ENABLE_FOOTNOTES | known.ENABLE_GFM
    text = _without_front_matter(text)
    reader = _Reader(text.encode())
    for event, span in pyromark.events_with_range(text, options=options, merge_text=True):
        reader.take(event, span["start"])
    return reader.document()


def _without_front_matter(text: str) -> str:
    """The text, the lines of a YAML or TOML header left empty."""
    mark = text[:3]
    if mark not in {"---", "+++"} or text[3:].partition("\n")[0].strip():
        return text
    lines = text.split("\n")
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.rstrip() == mark), -1)
    return "\n" * (end + 1) + "\n".join(lines[end + 1 :])


class _Reader:
    """Takes the events of a document in their order, with the offsets in its bytes at which they stand.

    Text is gathered until its line ends, or its heading; `bold` is how many of its pieces are a bold beginning.
    """

    def __init__(self, source: bytes) -> None:
        self._line_ends = [match.start() for match in re.finditer(b"\n", source)]
        self._headings: list[tuple[int, int, str, tuple[str, ...]]] = []
        self._words = [0]  # before the first heading, and below each
        self._links: list[list[Link]] = [[]]
        self._waiting: list[Link] = []  # those of the line that is read
        self._link: Link | None = None
        self._fillers: list[int] = []
        self._ids: set[str] = set()
        self._used: dict[str, int] = {}
        self._text: list[str] = []
        self._start = 0
        self._bold: int | None = None
        self._html: list[str] = []
        self._level = 0
        self._broken = False
        self._open: list[str] = []

    def document(self) -> Document:
        found = zip(self._headings, self._words[1:], self._links[1:], strict=True)
        headings = tuple(Heading(*heading, words, tuple(links)) for heading, words, links in found)
        return Document(headings, frozenset(self._ids), sum(self._words), tuple(self._fillers))

    def take(self, event: Any, start: int) -> None:  # noqa: ANN401 - a name, or a name with what it is about
        if isinstance(event, str):
            self._take_break()
            return
        ((kind, about),) = event.items()
        if kind == "Start":
            self._begin(about, start)
        elif kind == "End":
            self._end(about if isinstance(about, str) else next(iter(about)))
        elif kind in {"Text", "Code"}:
            self._take_text(about, start)
        elif kind == "Html":
            self._html.append(about)
        elif kind == "InlineHtml":
            self._take_ids(about)

    def _take_break(self) -> None:
        self._broken = True
        if self._level:
            self._text.append(" ")
        else:
            self._end_line()

    def _begin(self, about: Any, start: int) -> None:  # noqa: ANN401
        name = about if isinstance(about, str) else next(iter(about))
        if name in _INLINE:
            if name == "Strong" and not self._text:
                self._start = start
                self._bold = 0
            is_address = name == "Link" and about["Link"]["link_type"] in {"Autolink", "Email"}
            self._open.append("Autolink" if is_address else name)
            if name in {"Link", "Image"} and not is_address and self._link is None:
                self._link = Link(about[name]["dest_url"], 0)
            return
        self._end_line()
        self._start = start
        self._broken = False
        self._open.append(name)
        if name == "Heading":
            self._level = int(about["Heading"]["level"][1])

    def _end(self, name: str) -> None:
        if name == "TableHead":
            self._end_line()
        self._open.pop()
        if name == "Strong" and self._bold == 0:
            self._bold = len(self._text)
        elif name in {"Link", "Image"} and self._link and not {"Link", "Image"} & {*self._open}:
            self._waiting.append(self._link)
            self._link = None
        elif name == "TableCell":
            self._text.append(" ")
        elif name == "Heading":
            self._add(self._line(self._start), self._level, "".join(self._text))
            self._level, self._text = 0, []
        elif name == "HtmlBlock":
            self._take_html("".join(self._html), self._line(self._start))
            self._html = []
        elif name not in _INLINE:
            self._end_line(alone=name == "Paragraph" and not self._broken)

    def _take_text(self, text: str, start: int) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "CodeBlock":
            self._words[-1] += _count(text)
        elif inside != "Autolink" and not (inside == "Image" and self._level):
            self._start = start if not self._text and not self._level and self._bold is None else self._start
            self._text.append(text)
            if self._link:
                self._link = Link(self._link.target, self._link.words + _count(text))

    def _end_line(self, *, alone: bool = False) -> None:
        """Take the text that was gathered for a lead, prose, or the words of somebody who has still to write.

        `alone` is the only line of a paragraph.
        """
        pieces, bold, number = self._text, self._bold or 0, self._line(self._start)
        self._text, self._bold = [], None
        if self._open and self._open[-1] == "TableHead":  # it names columns, such as "Description"
            self._words[-1] += _count("".join(pieces))
            return
        lead, text = "".join(pieces[:bold]).strip(), "".join(pieces[bold:]).strip()
        is_lead = lead.endswith(":") or text.startswith(":")
        if 0 < len(lead) <= MAX_LEAD and (is_lead or (alone and not text and lead[-1] not in ".,;!")):
            self._head(number, LEAD if is_lead else PARAGRAPH, lead.rstrip(":").rstrip(), ())
            self._take_prose(number, text.removeprefix(":").strip())
        elif pieces:
            self._take_prose(number, "".join(pieces).strip())
        self._links[-1] += self._waiting
        self._waiting = []

    def _head(self, number: int, level: int, text: str, anchors: tuple[str, ...]) -> None:
        """Begin what stands below a heading."""
        self._headings.append((number, level, text, anchors))
        self._words.append(0)
        self._links.append([])

    def _take_prose(self, number: int, text: str) -> None:
        if text and is_filler(text):
            self._fillers.append(number)
        else:
            self._words[-1] += _count(text)

    def _take_ids(self, html: str) -> None:
        self._ids |= {match["id"] for match in _HTML_ID.finditer(html)}

    def _take_html(self, html: str, number: int) -> None:
        """Take what a block of HTML shows: its headings, and the lines between them."""
        html = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), html)
        self._take_ids(html)
        opened: re.Match[str] | None = None
        done = 0
        for tag in _HTML_HEADING.finditer(html):
            if not tag["end"]:
                opened = opened or tag
            elif opened:
                number = self._take_lines(html[done : opened.start()], number)
                title = html[opened.end() : tag.start()]
                self._add(number, int(opened["level"]), " ".join(_shown(title).split()))
                number += title.count("\n")
                opened, done = None, tag.end()
        self._take_lines(html[done:], number)

    def _take_lines(self, html: str, number: int) -> int:
        """Take lines of HTML for prose; the number of the line in which they end."""
        lines = html.split("\n")
        for offset, line in enumerate(lines):
            if _SUMMARY.search(line):  # it names what is below it, such as "Steps"
                self._words[-1] += _count(_shown(line))
            else:
                self._take_prose(number + offset, _shown(line).strip())
        return number + len(lines) - 1

    def _add(self, number: int, level: int, text: str) -> None:
        explicit = _EXPLICIT.search(text)
        title = text[: explicit.start()].rstrip() if explicit else text
        anchors = {self._numbered(_github_slug(text), "-"), self._numbered(_mkdocs_slug(title), "_")}
        anchors |= {explicit["id"]} if explicit else set()
        self._head(number, level, title.strip(), tuple(sorted(anchors)))

    def _numbered(self, slug: str, sign: str) -> str:
        """The second heading of a name is reached by a number behind it, as is the first without one in MkDocs."""
        count = self._used.get(sign + slug, 0 if slug or sign == "-" else 1)
        self._used[sign + slug] = count + 1
        return f"{slug}{sign}{count}" if count else slug

    def _line(self, offset: int) -> int:
        return bisect_right(self._line_ends, offset - 1) + 1


def _shown(html: str) -> str:
    """What a reader sees of a piece of HTML."""
    text = _TAG.sub("", html)
    if "&" in text:
        from html import unescape  # its table of names is large

        return unescape(text)
    return text


def _count(text: str) -> int:
    return sum(1 if word < _WITHOUT_SPACES else len(word) for word in _WORD.findall(text))


def _github_slug(title: str) -> str:
    """The id that GitHub gives a heading: lower case, punctuation gone, each space a hyphen."""
    kept = (each for each in title.lower() if each in " -" or unicodedata.category(each) in _IN_IDS)
    return "".join(kept).replace(" ", "-")


def _mkdocs_slug(title: str) -> str:
    """The id that Python-Markdown gives a heading: ASCII only, spaces and hyphens run together."""
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip().lower())
