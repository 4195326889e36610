"""What the store is made of: what judges, the journal, and the files."""

from __future__ import annotations

import os
import time
from datetime import date
from typing import TYPE_CHECKING

import pytest

from goldenpath.fingerprint import fingerprint
from goldenpath.journal import Journal, same_again
from goldenpath.kept import Judging, Request
from goldenpath.kept.judge import this_judge
from goldenpath.kept.store import MAX_BYTES, MOST, SECONDS, Store
from goldenpath.repository import Entry, Missing, Repository, Unreadable
from trees import InMemory, repository

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 1)


# --- what judges


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in place of goldenpath's own, which was loaded after all that stands in it was written."""
    (tmp_path / "package/facts").mkdir(parents=True)
    (tmp_path / "package/facts/table.json").write_text("{}")
    monkeypatch.setattr("goldenpath.kept.judge.PACKAGE", str(tmp_path / "package"))
    monkeypatch.setattr("goldenpath.kept.judge.BEGUN", time.time() + 60)
    return tmp_path / "package"


def test_every_file_of_goldenpath_counts(package: Path) -> None:
    seen = {this_judge()}
    assert this_judge() in seen
    table = package / "facts/table.json"
    before = table.stat()
    table.write_text("[]")
    os.utime(table, ns=(before.st_atime_ns, before.st_mtime_ns))
    seen.add(this_judge())
    (package / "more.py").touch()
    seen.add(this_judge())
    (package / "__pycache__").mkdir()
    (package / "__pycache__/more.pyc").touch()
    assert this_judge() in seen
    assert len(seen) == 3


@pytest.mark.usefixtures("package")
def test_installed_packages_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site-packages").mkdir()
    monkeypatch.setattr("sys.path", ["the script's", str(tmp_path / "site-packages")])
    before = this_judge()
    (tmp_path / "site-packages/parser-2.0.dist-info").mkdir()
    assert this_judge() != before


@pytest.mark.usefixtures("package")
def test_what_changes_while_it_judges_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goldenpath.kept.judge.BEGUN", time.time())
    assert this_judge() == ""


# --- the journal


class Changing(InMemory):
    """Files that are others at each look."""

    def content(self, path: str, entry: Entry, limit: int = 0) -> bytes:
        self._looks = getattr(self, "_looks", 0) + 1
        return str(self._looks).encode()


def test_a_tree_that_answers_in_two_ways_is_no_ground() -> None:
    journal = Journal()
    tree = journal.listen(Repository("(test)", {"a": Entry("100644")}, Changing({"a": "1"})))
    tree.bytes("a")
    assert journal.worth_keeping
    tree.bytes("a")
    assert not journal.worth_keeping


def test_each_kind_of_answer_is_asked_for_again() -> None:
    journal = Journal()
    before = journal.listen(repository({"a": "text", "large": None}))
    before.text("a")
    before.stray("b")
    for path in ("large", "none"):
        with pytest.raises(Exception, match=r"too large|none"):
            before.bytes(path)
    heard = journal.heard()
    assert same_again(heard, [repository({"a": "text", "large": None})])
    assert not same_again(heard, [repository({"a": "test", "large": None})])
    assert not same_again(heard, [repository({"a": "text", "large": "small"})])
    without = repository({"a": "text", "large": None})
    vars(without)["_source"] = InMemory({"large": None})
    assert not same_again(heard, [without]), "what was there is gone"


def test_of_a_file_in_which_something_is_looked_for_nothing_else_counts() -> None:
    journal = Journal()
    source = "import os\n\nBUCKETS = (1, 2)\n"
    before = journal.listen(repository({"a.py": source, "b.py": "import os\n", "large": None}))
    assert (before.line("a.py", "BUCKETS"), before.line("b.py", "BUCKETS")) == (3, 0)
    with pytest.raises(Unreadable):
        before.line("large", "BUCKETS")

    def is_same(**files: str | None) -> bool:
        names = {name.replace("_", "."): content for name, content in files.items()}
        return same_again(journal.heard(), [repository({"a.py": source, "b.py": "import os\n", "large": None} | names)])

    assert is_same(a_py=source.replace("1, 2", "2, 3"), b_py="import sys\n\n\n")
    assert not is_same(a_py=source.replace("import os\n", ""))
    assert not is_same(a_py="import os\n")
    assert not is_same(b_py=source)
    assert not is_same(b_py=None)
    assert not is_same(large="small")


def test_a_refusal_is_an_answer() -> None:
    class Gone(InMemory):
        def content(self, path: str, entry: Entry, limit: int = 0) -> bytes:
            raise Missing(path)

    journal = Journal()
    with pytest.raises(Missing):
        journal.listen(Repository("(test)", {"a": Entry("100644")}, Gone({"a": ""}))).bytes("a")
    assert not same_again(journal.heard(), [repository({"a": ""})])


def test_a_check_that_breaks_leaves_nothing_behind(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("goldenpath.facts.maker", lambda _name: 1 / 0)
        Judging(Request("(test)"), TODAY).of(repository({"a": ""}))
    assert not [path for path in store.rglob("*") if path.is_file()]
    Judging(Request("(test)"), TODAY).of(repository({"a": ""}))
    assert [path for path in store.rglob("*") if path.is_file()]


# --- the files


def keys(count: int) -> list[str]:
    """So many keys whose files lie in one folder."""
    return [f"00{fingerprint(str(number).encode())[2:]}" for number in range(count)]


def test_of_too_many_files_the_oldest_go(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    for number, key in enumerate(keys(MOST + 3)):
        store.write(key, b"content")
        path = tmp_path / "store/00" / key[2:]
        os.utime(path, (time.time() - 1000 + number,) * 2)
    kept = [store.read(key) for key in keys(MOST + 3)]
    assert kept == [None] * 3 + [b"content"] * MOST


def test_what_is_old_goes(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    old, new = keys(2)
    store.write(old, b"content")
    path = tmp_path / "store/00" / old[2:]
    os.utime(path, (time.time() - SECONDS - 1,) * 2)
    assert store.read(old) is None
    store.write(new, b"content")
    assert not path.exists()
    assert store.read(new) == b"content"


def test_what_is_too_large_is_not_kept(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    (key,) = keys(1)
    store.write(key, b"0" * MAX_BYTES)
    assert store.read(key) is None
    assert not (tmp_path / "store").exists()
