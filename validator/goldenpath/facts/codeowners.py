"""Who owns which file by CODEOWNERS, as the forge would read it.

After "About code owners" of GitHub's documentation and "Syntax of CODEOWNERS file" of GitLab's. The last rule that
matches a file decides (in GitLab, the last one of each section). A rule without owners takes them away.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table
from goldenpath.repository import Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.repository import Repository

Kind: TypeAlias = Literal["user", "team", "email", "role"]
ForgeName: TypeAlias = Literal["github", "gitlab"]

MAX_RULES = 10_000
"""Most rules that are read; nobody could review a file with more."""

MAX_PATTERN = 4_096
"""Longest pattern that is matched; no path is as long on any system that git runs on."""

MAX_BYTES = 3 * 1024 * 1024
"""Size from which GitHub does not load the file: nobody is asked then."""

MAX_WILDCARDS = 20_000
"""Most wildcards of all patterns together."""

_NAMED = regex(r"(.*/)?code[-_]?owners(\.(md|txt|ya?ml|json|toml))?", re.IGNORECASE)
_TOKEN = regex(r"(?:\\.|[^\s\\]|\\$)+")
_OWNERS: dict[str, dict[Kind, re.Pattern[str]]] = {
    "github": {
        "team": regex(r"@[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_][A-Za-z0-9_.-]*"),
        "user": regex(r"@[A-Za-z0-9][A-Za-z0-9_-]*"),
    },
    "gitlab": {
        "role": regex(r"@@(developers?|maintainers?|owners?)"),
        "team": regex(r"@[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+"),
        "user": regex(r"@[A-Za-z0-9_][A-Za-z0-9_.-]*"),
    },
}
_EMAIL = regex(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_SECTION = regex(r"\s*\^?\[(?P<name>[^\]]+)\](\[\d+\])?(?P<owners>\s.*)?")


class Owner(Struct, frozen=True):
    """Somebody whom a rule names, as written."""

    text: str
    kind: Kind
    place: Place

    @property
    def name(self) -> str:
        """The name alone: of a team without its organisation, of an address without its domain."""
        return self.text.split("@")[0] if self.kind == "email" else self.text.rpartition("/")[2].lstrip("@")


class Rule(Struct, frozen=True):
    """One line: which files, and whose. A rule without owners says that the files are nobody's."""

    place: Place
    pattern: str
    owners: tuple[Owner, ...]
    section: str = ""


class Codeowners(Struct, frozen=True, dict=True):
    """What the forge knows of owners.

    `path` is the file that is read, None when there is none; `invalid` are lines that the forge skips; `strays` are
    files that have the name and are read by nobody; `unseen` says why the content is not to be had.
    """

    forge: ForgeName
    path: str | None
    rules: tuple[Rule, ...] = ()
    invalid: tuple[Finding, ...] = ()
    strays: tuple[str, ...] = ()
    unseen: Finding | None = None

    def deciding(self, paths: Iterable[str]) -> Iterator[tuple[str, tuple[Rule, ...]]]:
        """For each path the rules that decide about it, one of each section that has one."""
        below: dict[str, list[list[_Run]]] = {}
        for path in paths:
            top = path.partition("/")[0]
            if top not in below:
                below[top] = [[run for run in runs if run.anchor in {"", top}] for runs in self._sections]
            deciding = (next(filter(None, (run.deciding(path) for run in runs)), None) for runs in below[top])
            yield path, tuple(rule for rule in deciding if rule)

    @cached_property
    def _sections(self) -> list[list[_Run]]:
        """The rules of each section from the last to the first, in runs that can match below the same folder."""
        by_section: dict[str, list[Rule]] = {}
        for rule in self.rules:
            by_section.setdefault(rule.section, []).append(rule)
        return [
            [_Run(anchor, tuple(run), self.forge) for anchor, run in groupby(reversed(rules), key=self._anchor)]
            for rules in by_section.values()
        ]

    def _anchor(self, rule: Rule) -> str:
        """The folder (or file) at the top without which a rule matches nothing; empty when it may match anywhere."""
        first, _, rest = rule.pattern.removeprefix("/").partition("/")
        anchored = rule.pattern.startswith("/") or (rest and self.forge == "github")
        return first if anchored and re.fullmatch(r"[\w.-]+", first) else ""


class _Run(Struct, frozen=True, dict=True):
    """Rules in a row, the last first: one expression whose groups are the rules; the first to match decides."""

    anchor: str
    rules: tuple[Rule, ...]
    forge: ForgeName

    @cached_property
    def _matcher(self) -> re.Pattern[str]:
        return re.compile("|".join(f"({expression(rule.pattern, self.forge)})" for rule in self.rules), re.DOTALL)

    def deciding(self, path: str) -> Rule | None:
        """The rule that decides about a path."""
        match = self._matcher.fullmatch(path)
        return self.rules[match.lastindex - 1] if match and match.lastindex else None


class Forge(Struct, frozen=True):
    """Where a forge looks for the file, in order, and what says that the repository lives there."""

    title: str
    places: tuple[str, ...]
    signs: tuple[str, ...]


class Knowledge(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The table beside this module."""

    forges: dict[str, Forge]
    others: dict[str, str]
    placeholders: tuple[str, ...]
    machine_written: frozenset[str]
    generic: frozenset[str]

    @cached_property
    def placeholder(self) -> re.Pattern[str]:
        """An owner that nobody has filled in."""
        return re.compile("|".join(self.placeholders), re.IGNORECASE)


@cache
def knowledge() -> Knowledge:
    """The table, read once."""
    return read_table("codeowners", Knowledge)


def codeowners(repository: Repository) -> Codeowners:
    """Find the file that the forge reads, and read it as the forge does."""
    forge = forge_of(repository)
    places = knowledge().forges[forge].places
    path = next((place for place in places if place in repository or _is_link(repository, place)), None)
    strays = tuple(each for each in repository.paths(_NAMED) if each not in places)
    if path is None:
        return Codeowners(forge, None, strays=strays, unseen=_other_forge(repository))
    if _is_link(repository, path):
        return Codeowners(
            forge, path, unseen=Finding(Place(path), "whether the forge follows a symbolic link is not known")
        )
    try:
        text = repository.text(path)
        if forge == "github" and not _is_signed(repository, forge) and _reads_better("gitlab", text, path, repository):
            return Codeowners(forge, path, unseen=Finding(Place(path), _WHOSE))
        if forge == "github" and len(text.encode()) >= MAX_BYTES:
            return Codeowners(forge, path, invalid=(Finding(Place(path), "GitHub loads no such file of 3 MB or more"),))
        rules, invalid = _Reader(path, forge, repository).read(text)
    except Unreadable as error:
        return Codeowners(forge, path, unseen=Finding(Place(path), str(error)))
    if len(rules) > MAX_RULES:
        return Codeowners(forge, path, unseen=Finding(Place(path), f"it has more than {MAX_RULES:,} rules"))
    if sum(rule.pattern.count("*") for rule in rules) > MAX_WILDCARDS:
        return Codeowners(forge, path, unseen=Finding(Place(path), f"it has more than {MAX_WILDCARDS:,} wildcards"))
    return Codeowners(forge, path, rules, invalid, strays)


def _is_link(repository: Repository, path: str) -> bool:
    """Whether a symbolic link is tracked here, wherever it leads."""
    entry = repository.entries.get(path)
    return entry is not None and entry.is_link


def forge_of(repository: Repository) -> ForgeName:
    """GitLab where its files are and GitHub's are not."""
    return "gitlab" if _is_signed(repository, "gitlab") and not _is_signed(repository, "github") else "github"


def _is_signed(repository: Repository, forge: ForgeName) -> bool:
    """Whether files of a forge are there."""
    return any(
        repository.is_folder(sign) if sign.endswith("/") else sign in repository.entries
        for sign in knowledge().forges[forge].signs
    )


_WHOSE = "GitLab reads every line of it and GitHub skips some, and nothing here says which of them has this repository"


def _reads_better(other: ForgeName, text: str, path: str, repository: Repository) -> bool:
    """Whether another forge reads all of a file of which GitHub skips lines."""
    return (
        bool(_Reader(path, "github", repository).read(text)[1]) and not _Reader(path, other, repository).read(text)[1]
    )


def _other_forge(repository: Repository) -> Finding | None:
    for path, title in knowledge().others.items():
        if path in repository.entries:
            return Finding(Place(path), f"{title} reads it by rules of its own, which goldenpath does not know")
    return None


class _Reader:
    """Reads the lines of one file."""

    def __init__(self, path: str, forge: ForgeName, repository: Repository) -> None:
        self._path = path
        self._forge = forge
        self._repository = repository
        self._invalid: list[Finding] = []

    def read(self, text: str) -> tuple[tuple[Rule, ...], tuple[Finding, ...]]:
        """The rules, and the lines that are none."""
        rules: list[Rule] = []
        section, default = "", tuple[Owner, ...]()
        for number, line in enumerate(text.splitlines(), start=1):
            if self._forge == "gitlab" and (heading := _SECTION.fullmatch(line)):
                section = heading["name"].strip().lower()
                default = self._owners(
                    number, list(_tokens(line, heading.end(2) if heading[2] else heading.end(1) + 1))
                )
            elif tokens := list(_tokens(line)):
                rules += self._rule(number, tokens, section, default)
        return tuple(rules), tuple(self._invalid)

    def _rule(
        self, number: int, tokens: list[tuple[int, str]], section: str, default: tuple[Owner, ...]
    ) -> Iterator[Rule]:
        column, pattern = tokens[0]
        place = Place(self._path, number, column)
        if self._forge == "gitlab" and pattern.startswith("!"):
            yield Rule(place, pattern.removeprefix("!"), (), section)
        elif problem := self._pattern_problem(pattern):
            self._invalid.append(Finding(place, problem))
        elif len(tokens) == 1:
            yield Rule(place, pattern, default, section)
        elif owners := self._owners(number, tokens[1:]):
            yield Rule(place, pattern, owners, section)

    def _owners(self, number: int, tokens: list[tuple[int, str]]) -> tuple[Owner, ...]:
        """The owners of a line; GitHub skips the whole line when one of them is none."""
        owners, count = [], len(self._invalid)
        for column, token in tokens:
            place = Place(self._path, number, column)
            if kind := _kind(token, self._forge):
                owners.append(Owner(token, kind, place))
            else:
                problem = f"{shown(token)} is no owner (@user, @organisation/team or an address)"
                self._invalid.append(Finding(place, problem))
        return () if self._forge == "github" and len(self._invalid) > count else tuple(owners)

    def _pattern_problem(self, pattern: str) -> str | None:
        """What is wrong with a pattern, so that the line does nothing."""
        if _kind(pattern, self._forge) and pattern not in self._repository.entries:
            return f"{shown(pattern)} is an owner where a pattern belongs: write `* {pattern}`"
        if "***" in pattern or len(pattern) > MAX_PATTERN or (pattern == "/" and self._forge == "github"):
            return f"{shown(pattern)} is no pattern"
        if self._forge == "gitlab":
            return None
        if pattern.startswith("!"):
            return f"{shown(pattern)}: GitHub knows no negation"
        if ("[" in pattern or "*@" in pattern) and not self._is_there(pattern):
            return f"{shown(pattern)}: " + (
                "`[ ]` is no range for GitHub, and nothing is called so"
                if "[" in pattern
                else "a blank is missing after `*`"
            )
        return None

    def _is_there(self, pattern: str) -> bool:
        matcher = re.compile(expression(pattern, self._forge), re.DOTALL)
        return any(matcher.fullmatch(path) for path in self._repository.entries)


def _tokens(line: str, start: int = 0) -> Iterator[tuple[int, str]]:
    """The words of a line with their columns from 1, up to a comment."""
    for position, match in enumerate(_TOKEN.finditer(line, start)):
        word = match[0]
        if word.startswith("#"):
            return
        if position and "#" in word:
            yield match.start() + 1, word.partition("#")[0]
            return
        yield match.start() + 1, word


def _kind(token: str, forge: str) -> Kind | None:
    for kind, shape in _OWNERS[forge].items():
        if shape.fullmatch(token):
            return kind
    return "email" if _EMAIL.fullmatch(token) else None


def expression(pattern: str, forge: str) -> str:
    """The regular expression of a pattern, for a whole path.

    Atomic groups keep it linear: between two wildcards the leftmost match is as good as any, so nothing is tried twice.
    """
    segments = _github_segments(pattern) if forge == "github" else _gitlab_segments(pattern)
    floating, open_ended = segments[0] == "**", segments[-1] == "**"
    runs = [list(run) for stars, run in groupby(segments, key="**".__eq__) if not stars]
    parts = []
    for index, run in enumerate(runs):
        text = "/".join(_segment(segment) for segment in run)
        anywhere = "(?:[^/]*/)*?" if floating or index else ""
        if index < len(runs) - 1 or open_ended:
            parts.append(f"(?>{anywhere}{text}/)")
        else:
            below = "(?:/.*)?" if forge == "github" and run[-1] != "*" else ""
            parts.append(f"{anywhere}{text}{below}")
    return "".join(parts) + (".+" if open_ended else "")


def _github_segments(pattern: str) -> list[str]:
    """A name without a slash matches at any depth, else from the root; a slash at the end means what is below."""
    segments = pattern.split("/")
    if segments[0] == "":
        segments = segments[1:]
    elif len(segments) == 1 or segments[1:] == [""]:
        segments = ["**", *segments]
    return [*segments[:-1], "**"] if segments[-1] == "" else segments


def _gitlab_segments(pattern: str) -> list[str]:
    """Without a slash at the beginning a path matches at any depth, with as many folders as it has."""
    segments = pattern.removeprefix("/").split("/")
    if not pattern.startswith("/"):
        segments = ["**", *segments]
    return [*segments[:-1], "**", "*"] if segments[-1] == "" else segments


def _segment(text: str) -> str:
    """One part of a path: `*` and `?` stay within it, a backslash takes the next character as it is."""
    if text == "*":
        return "[^/]+"
    pieces = [""]
    for escaped, character in re.findall(r"\\(.)|([^\\]|\\$)", text):
        if character == "*":
            pieces.append("")
        else:
            pieces[-1] += "[^/]" if character == "?" else re.escape(escaped or character)
    if len(pieces) == 1:
        return pieces[0]
    first, *middle, last = pieces
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle if piece) + "[^/]*" + last


def words(name: str) -> frozenset[str]:
    """The words of a name in lower case without generic ones, to compare names of different tools."""
    return frozenset(word for word in re.split(r"[^a-z0-9]+", name.lower()) if word) - knowledge().generic
