"""Whatever a team does and a suite releases: an update keeps each line of the team, or reports it as a conflict.

Real Copier, real git, and `goldenpath lifecycle update` around them, on small suites that work by this suite's own
settings (tests/histories.py). Copier alone loses one thing in silence: tests/lifecycle/test_update.py shows it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, seed, settings

import histories
import toolbox
from engines import quickened
from goldenpath.lifecycle.update import update
from histories import TEAMS, File, History, Tree, changed, first, read, rendered, suite, write

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARDS, HISTORIES_EACH = (16, 32) if os.environ.get("HISTORIES") == "many" else (4, 6)
"""How many are made up; `make gate`, which tries every combination of options, tries 512, 128 of each template."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Find a place in memory, where there is one: suites and services are removed as soon as they are made."""
    with tempfile.TemporaryDirectory() as made, quickened():
        yield Path(made)


@contextmanager
def a_place(folder: Path, name: str) -> Iterator[Path]:
    """Make a folder for one history, and remove it."""
    (folder / name).mkdir()
    try:
        yield folder / name
    finally:
        shutil.rmtree(folder / name)


def live(folder: Path, template: str, history: History) -> None:
    """Make a service at v0.1.0, and let team and suite work in turn; after each update, look for what is lost."""
    from copier import run_copy

    releases = [first(template)]
    for number, (_, release) in enumerate(history, 2):
        releases.append(changed(releases[-1], release, f"suite {number}"))
    made, service = suite(folder / "suite", template, releases), folder / "service"
    run_copy(str(made), service, vcs_ref="v0.1.0", defaults=True, quiet=True)
    assert read(service) == rendered(releases[0])
    toolbox.commit(service)
    for number, (work, _) in enumerate(history, 2):
        before = changed(read(service), work, f"team {number}")
        write(service, before)
        save(service)

        done = update(service, f"v0.{number}.0")

        old, new = (rendered(releases[each]) for each in (number - 2, number - 1))
        assert lost(before, old, read(service), set(done.conflicts)) == []
        assert missing(before, old, new, read(service), set(done.conflicts)) == []
        assert list(service.rglob("*.rej")) == []
        if done.conflicts:
            return  # a person decides, and nothing here can say how
        save(service)


def save(service: Path) -> None:
    toolbox.git(service, "add", "--all")
    toolbox.git(service, "commit", "--quiet", "--allow-empty", "--message", "work")


def lost(before: Tree, old: Tree, after: Tree, reported: set[str]) -> list[str]:
    """Name what a team wrote, removed, moved or set, and an update has undone.

    What it wrote is in the file even where a conflict is reported. The rest may be undone there, and nowhere else.
    """
    found = [f"{path} came back" for path in set(old) & set(after) - set(before) - reported]
    for path, file in before.items():
        was, now = old.get(path, File((), executable=file.executable)), after.get(path)
        if histories.is_teams(path) or (path not in old and now != file and path not in reported):
            found += [f"{path} is not as the team left it"] if now != file else []
        elif now is None:
            found += [f"{path} is gone"] if file != was else []
        else:
            found += [f"{path}: {line!r} is lost" for line in file.lines if line not in (*was.lines, *now.lines)]
            found += [] if path in reported else undone(path, file, was, now)
    return found


def undone(path: str, file: File, was: File, now: File) -> Iterator[str]:
    yield from (f"{path}: {line!r} came back" for line in was.lines if line in now.lines and line not in file.lines)
    for trait in ("end", "last_ends", "executable"):
        if getattr(was, trait) != getattr(file, trait) != getattr(now, trait):
            yield f"{path}: {trait} is as it was"


def missing(before: Tree, old: Tree, new: Tree, after: Tree, reported: set[str]) -> list[str]:
    """Name what a release added to a file that is still there, and that did not arrive and is not reported."""
    return [
        f"{path}: {line!r} did not arrive"
        for path in set(old) & set(new) & set(before) - reported
        if not histories.is_teams(path)
        for line in new[path].lines
        if line not in (*old[path].lines, *after[path].lines)
    ]


@pytest.mark.parametrize("template", TEAMS)
def test_whatever_a_team_does_may_meet_whatever_a_release_does(folder: Path, template: str) -> None:
    for number, history in enumerate(histories.of_pairs(template)):
        with a_place(folder, f"{template}.{number}") as place:
            live(place, template, history)


@pytest.mark.timeout(900)  # a machine may be busy
@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_history_loses_a_line_in_silence(folder: Path, shard: int) -> None:
    """The same histories in each run, so that nobody's pull request fails for what another one did."""
    numbers, template = count(), list(TEAMS)[shard % len(TEAMS)]

    @seed(shard)
    @settings(
        max_examples=HISTORIES_EACH, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )  # fmt: skip
    @given(histories.of_services(template))
    def every(history: History) -> None:
        with a_place(folder, f"{shard}.{next(numbers)}") as place:
            live(place, template, history)

    every()
