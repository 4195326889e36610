"""Trees for tests, made in two lines: a repository of a few files that never touch the disk."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from goldenpath.checks import Outcome, Settings, load
from goldenpath.facts import Facts
from goldenpath.handed_in import HandedIn, Source
from goldenpath.repository import MAX_BYTES, Entry, Missing, Repository, Unreadable
from goldenpath.repository import Source as ByteSource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from goldenpath.facts.declared import Knowledge


class InMemory(ByteSource):
    """A source of bytes that a test wrote down; a value of None is a file that cannot be read."""

    def __init__(self, files: Mapping[str, str | bytes | None]) -> None:
        self._files = files

    def content(self, path: str, entry: Entry, limit: int = MAX_BYTES) -> bytes:
        content = self._files.get(path, b"")
        if content is None:
            raise Unreadable("it is too large to be configuration (2,000,000 bytes; goldenpath reads up to 1,048,576)")
        return content if isinstance(content, bytes) else dedent(content).lstrip("\n").encode()

    def target(self, path: str, entry: Entry) -> str:
        raise Missing(path)

    def exists(self, path: str) -> bool:
        return path in self._files

    def stray(self, path: str) -> bool:
        return False

    def close(self) -> None:
        """Nothing is held open."""


def repository(files: Mapping[str, str | bytes | None]) -> Repository:
    """A repository of these files; indentation of the text is taken off."""
    return Repository("(test)", {path: Entry("100644") for path in files}, InMemory(files))


def source(name: str, ref: str, files: Mapping[str, str | bytes | None], commit: str | None = None) -> Source:
    """Another repository that is handed in at a ref."""
    tree = repository(files)
    tree.commit = commit
    return Source(name, ref, tree)


def judge(
    check: str,
    files: Mapping[str, str | bytes | None],
    settings: Settings | None = None,
    handed_in: HandedIn | None = None,
    knowledge: Knowledge | None = None,
) -> Outcome:
    """What a check says of a tree, for its first component (or for none, when it declares none)."""
    return _judged(check, Facts(repository(files), handed_in, knowledge), settings)


def judge_all(checks: Sequence[str], files: Mapping[str, str | bytes | None]) -> list[str]:
    """What several checks say of a tree that is read once, as `goldenpath check` reads it."""
    facts = Facts(repository(files))
    return [_judged(check, facts).verdict for check in checks]


def _judged(check: str, facts: Facts, settings: Settings | None = None) -> Outcome:
    components = facts["catalog"].components
    given = {"component": components[0] if components else None, "settings": settings or Settings()}
    loaded = load(check)
    return loaded.judge(**{name: given[name] if name in given else facts[name] for name in loaded.needs})
