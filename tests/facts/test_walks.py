"""Many runs at once: whoever walks through them, they are the same runs in the same order."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from goldenpath.aside import Aside, read, written
from goldenpath.facts import Facts, in_turn
from goldenpath.facts.shell import Script, follow
from releasing import PUSH, SHIP, SIGN, TAG, job, script, workflow
from trees import repository

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from goldenpath.facts.releases import Releases

T = TypeVar("T")

MANY = {
    f".github/workflows/{number:02}.yml": workflow(
        on="push", test=job("- run: make test"), release=job(PUSH, SIGN, SHIP, needs="test")
    )
    for number in range(20)
}


def seen(releases: Releases) -> list[object]:
    """What is found out of each run that was walked through."""
    return [(run.workflow, run.event, run.acts, run.waits, run.uses, run.exposures) for run in releases.walked]


def apart(here: Callable[[], T], there: Callable[[], T], shared: Sequence[object]) -> tuple[T, T]:
    with Aside(lambda: [written((os.getpid(), there()), shared)]) as aside:
        first = here()
        process, second = read(aside.result() or b"", shared)
    assert process != os.getpid()
    return first, second


def refuses(_here: object, _there: object, _shared: object) -> tuple[T, T]:
    raise AssertionError("too little for two")


def test_half_of_many_runs_can_come_from_another_process() -> None:
    alone, shared = (Facts(repository(MANY), both=both) for both in (in_turn, apart))
    assert seen(shared["releases"]) == seen(alone["releases"])
    assert len(shared["releases"].runs) == 2 * len(MANY)
    files = {each.path: each for each in shared["workflows"].files}
    entered = [(run, job) for run in shared["releases"].runs for job in run.jobs.values()]
    assert all(job.workflow is files[run.workflow] for run, job in entered)


def test_few_runs_are_not_worth_another_process() -> None:
    few = {path: MANY[path] for path in sorted(MANY)[:3]}
    assert len(Facts(repository(few), both=refuses)["releases"].runs) == 2 * len(few)


@pytest.mark.parametrize("limit", [100, 179, 180, 181])
def test_what_is_left_out_for_being_too_much_does_not_depend_on_who_walks(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    called = workflow(on="workflow_call", a=job(*["- run: make"] * 5))
    calls = "uses: ./.github/workflows/called.yml\n"
    many = {path: workflow(TAG, release=job(SHIP), more=calls) for path in MANY}
    monkeypatch.setattr("goldenpath.facts.releases.MAX_STEPS", limit)
    monkeypatch.setattr("goldenpath.facts.pipeline.walks.WORTH_IT", 10)
    files = many | {".github/workflows/called.yml": called}
    alone, shared = (Facts(repository(files), both=both)["releases"] for both in (in_turn, apart))
    assert seen(shared) == seen(alone)
    assert any(not act.guard.job for run in alone.walked for act in run.acts) is (limit < 180)


@pytest.mark.parametrize(("named", "times"), [("$GITHUB_SHA", 1), ("$GITHUB_REF", 2)])
def test_a_script_that_is_too_long_is_given_up_once_for_all_events_of_which_it_asks_the_same(
    monkeypatch: pytest.MonkeyPatch, named: str, times: int
) -> None:
    begun = []

    def counted(*given: Any, **more: Any) -> Script:
        begun.append(given)
        return follow(*given, **more)

    monkeypatch.setattr("goldenpath.facts.pipeline.scripts.follow", counted)
    on = "{push: {tags: ['v*'], branches: [main]}}"
    long = f"#!/bin/sh\necho {named}\n" + "date\n" * 4_001
    files = {".github/workflows/w.yml": workflow(on=on, a=job(script("./long.sh"))), "long.sh": long}
    assert len(Facts(repository(files))["releases"].walked) == 2
    assert len(begun) == times


@pytest.mark.parametrize("called", ["python3 tools/ship.py {0}", "nox -s ship -- {0}"])
def test_programs_that_job_after_job_runs_are_parsed_but_once(monkeypatch: pytest.MonkeyPatch, called: str) -> None:
    texts: list[str] = []
    parse = ast.parse

    def counted(text: str, *others: Any, **more: Any) -> object:
        texts.append(text)
        return parse(text, *others, **more)

    session = (
        "import nox\n@nox.session\ndef ship(session):\n    session.run('python3', 'tools/ship.py', *session.posargs)"
    )
    files = {
        ".github/workflows/w.yml": workflow(TAG, **{f"job{at}": job(script(called.format(at))) for at in range(9)}),
        "noxfile.py": session,
        "tools/ship.py": "import common\ncommon.ship()\n",
        "tools/common.py": "import json\n\n\ndef ship():\n    print(json.dumps({}))\n",
    }
    with monkeypatch.context() as patched:
        patched.setattr(ast, "parse", counted)
        assert len(Facts(repository(files))["releases"].walked) == 1
    assert max(map(texts.count, texts)) <= 2, "once for what it uses, once for what it imports"
