"""An unchanged repository is not judged twice: the scorecard is kept, with all that it was made from.

It is used again only while every part of that is the same: what judges (judge.py), what was asked for, the rules of
the day, the contract's text, the names in the repository, and each answer that it gave (journal.py). As a scorecard
follows from these and from nothing else, it is what judging would give; neither checks nor facts are loaded for it.

Not kept is what depends on more: on checks or contracts of other packages, which may look at anything, and on waivers,
whose approvals stand elsewhere; nor what did not come to an end. Records and attestations are judged anew.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date  # noqa: TC003 - msgspec reads the annotations
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from goldenpath.deadline import TookTooLong, within
from goldenpath.fingerprint import fingerprint
from goldenpath.journal import Answers, Journal, same_again
from goldenpath.judge import SECONDS
from goldenpath.kept.judge import this_judge
from goldenpath.kept.store import Store, place
from goldenpath.repository import Unreadable, read_outside
from goldenpath.scorecard import Scorecard, evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from goldenpath.contract import Contract
    from goldenpath.handed_in import HandedIn
    from goldenpath.repository import Repository


class Request(Struct, frozen=True):
    """What is asked for, in the words of whoever asks: all that is known before a repository is opened.

    `asked` is how a shell would be told of the repository; `changed` are the files that it is about, where not all.
    """

    path: str
    ref: str | None = None
    contract: str | None = None
    sources: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    asked: str = ""
    changed: tuple[str, ...] | None = None


class Judgement(Struct, frozen=True):
    """A scorecard, and the tiers for which its contract asks anything, on whatever day."""

    scorecard: Scorecard
    asks_for: tuple[str, ...]


class _Kept(Struct, frozen=True):
    """A judgement with what it was made from.

    `given` is the fingerprint of the trees' names and of what else was handed in, `outside` has the files that the
    contract was read from, each with that of its text. `days` are those from which on it asks for something else.
    """

    judged_by: str
    given: str
    outside: tuple[tuple[str, str], ...]
    days: tuple[date, ...]
    answers: Answers
    judgement: Judgement


class Judging:
    """One judgement: what is kept of it is looked up at once, so that this can be done while a repository is opened.

    `contract` is the one by which was judged, once it was; None where the judgement was there already.
    """

    def __init__(self, request: Request, day: date, *, anew: bool = False) -> None:
        """Look it up, unless it shall be made `anew`, whatever is kept."""
        self.contract: Contract | None = None
        self._request = request
        self._day = day
        folder = None if anew else place()
        self._key = _key(request) if folder else ""
        self._judged_by = this_judge() if self._key else ""
        self._store = Store(folder) if folder and self._judged_by else None
        self._kept = self._look_up()
        if self._kept is None:
            import goldenpath.contract  # noqa: F401 - so that it is there when the repository is

    def of(
        self,
        repository: Repository,
        handed_in: HandedIn | None = None,
        changed: frozenset[str] | None = None,
        *,
        strict: bool = False,
        alone: bool = True,
    ) -> Judgement:
        """The judgement of the repository that was asked for; the other arguments are those of `evaluate`."""
        trees = (repository, *(source.repository for source in handed_in.sources)) if handed_in else (repository,)
        if self._store and any(tree.surrounds(self._store.folder) for tree in trees):
            self._store = self._kept = None  # what is judged must not say how
        given = _given(trees, handed_in, changed) if self._store else ""
        if self._kept and self._kept.given == given and _is_same(self._kept, trees):
            judgement = self._kept.judgement
            return replace(judgement, scorecard=replace(judgement.scorecard, as_of=self._day))
        journal = Journal()
        if self._store:
            repository, handed_in = _listened_to(journal, repository, handed_in)
        contract, judgement = self._judge(journal, repository, handed_in, changed, strict=strict, alone=alone)
        if self._store and journal.worth_keeping and this_judge() == self._judged_by:
            self._keep(self._store, contract, given, journal, judgement)
        return judgement

    def _look_up(self) -> _Kept | None:
        """What is kept, as far as it can be told without the repository whether that still counts."""
        content = self._store.read(self._key) if self._store else None
        if content is None:
            return None
        try:
            kept = msgspec.msgpack.decode(content, type=_Kept)
        except msgspec.MsgspecError:  # another version's
            return None
        judged = kept.judgement.scorecard.as_of
        begun = any(min(judged, self._day) < day <= max(judged, self._day) for day in kept.days)
        return kept if kept.judged_by == self._judged_by and not begun else None

    def _judge(
        self, journal: Journal, repository: Repository, handed_in: HandedIn | None, changed: frozenset[str] | None,
        *, strict: bool, alone: bool,
    ) -> tuple[Contract, Judgement]:  # fmt: skip
        from goldenpath.contract import choose

        self.contract = contract = choose(repository, self._request.contract)
        scorecard = evaluate(
            repository, contract, self._day, handed_in=handed_in, only=self._request.only, asked=self._request.asked,
            changed=changed, strict=strict, alone=alone, journal=journal,
        )  # fmt: skip
        return contract, Judgement(scorecard, tuple(filter(contract.asks_for, contract.tiers)))

    def _keep(self, store: Store, contract: Contract, given: str, journal: Journal, judgement: Judgement) -> None:
        """Keep a judgement, unless it depends on more than can be looked at again."""
        from goldenpath.checks import is_shipped

        if contract.outside is None or not all(map(is_shipped, contract.checks)):
            return
        outside = tuple((path, _of_text(text)) for path, text in contract.outside)
        every = (each.since for requirements in contract.checks.values() for each in requirements)
        days = tuple({day for day in every if day})
        kept = _Kept(self._judged_by, given, outside, days, journal.heard(), judgement)
        with suppress(UnicodeEncodeError):  # of an argument that is no text
            store.write(self._key, msgspec.msgpack.encode(kept))


def _key(request: Request) -> str:
    """By what a judgement is found: where, what was asked, and what the environment says to goldenpath.

    Empty where that cannot be told. The current folder is a part of it: what leads out of a tree may be named by it.
    """
    said = sorted((name, value) for name, value in os.environ.items() if name.startswith("GOLDENPATH_"))
    try:
        return _of_text(repr((os.path.realpath(request.path), request, os.getcwd(), said)))  # noqa: PTH109 - hot path
    except OSError:  # the current folder is gone
        return ""


def _given(trees: Sequence[Repository], handed_in: HandedIn | None, changed: frozenset[str] | None) -> str:
    """The fingerprint of all that is handed to a judgement, but for what trees answer."""
    named = [
        (tree.location, tree.commit, tree.folder, list(tree.entries), [entry.mode for entry in tree.entries.values()])
        for tree in trees
    ]
    lent = handed_in.entities if handed_in else ()
    return fingerprint(msgspec.msgpack.encode((named, lent, None if changed is None else sorted(changed))))


def _is_same(kept: _Kept, trees: Sequence[Repository]) -> bool:
    """Whether files and trees say what they said; as both are read as they are at a judgement, nothing is believed."""
    try:
        with within(SECONDS):
            texts_are = all(_of_text(read_outside(Path(path))) == text for path, text in kept.outside)
            return texts_are and same_again(kept.answers, trees)
    except (Unreadable, TookTooLong):
        return False


def _listened_to(
    journal: Journal, repository: Repository, handed_in: HandedIn | None
) -> tuple[Repository, HandedIn | None]:
    heard = journal.listen(repository)
    if handed_in is None:
        return heard, None
    sources = tuple(replace(each, repository=journal.listen(each.repository)) for each in handed_in.sources)
    return heard, replace(handed_in, sources=sources)


def _of_text(text: str) -> str:
    return fingerprint(text.encode("utf-8", "backslashreplace"))
