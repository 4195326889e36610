"""The judge: checks are given what they name, and none of them breaks or hangs the whole."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import releasing
import trees
from goldenpath.checks import Outcome, Settings, load, passed, shipped_ids
from goldenpath.deadline import TookTooLong
from goldenpath.facts import Facts, maker
from goldenpath.facts.nodes import parse
from goldenpath.facts.pipeline.runs import walk
from goldenpath.journal import Journal
from goldenpath.judge import FOLLOWING
from goldenpath.scorecard import evaluate
from judging import ONE, TODAY, VERDICTS, Judges, contract, judged

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.workflows import Workflow, Workflows


def test_checks_are_given_what_they_name(judges: Judges) -> None:
    def judge(component: Any, settings: Settings, repository: Any, catalog: Any) -> Outcome:
        return passed(
            f"{component.ref.name} {settings.owner_kinds} {len(repository.entries)} {len(catalog.components)}"
        )

    judges.make("curious", judge, "component", "settings", "repository", "catalog")
    assert judged({"curious": "bronze"}).components[0].checks[0].summary == "payments-api ('group', 'user') 1 1"


def test_what_breaks_in_a_check_is_unknown_and_never_a_traceback(judges: Judges) -> None:
    def broken(unheard_of: object) -> Outcome:
        raise AssertionError(unheard_of)

    judges.make("broken", lambda: [VERDICTS["pass"]][len(VERDICTS)])
    judges.make("lost", broken, "unheard_of")
    scorecard = judged({"broken": "bronze", "lost": "bronze", "pass": "bronze"})
    assert [check.verdict for check in scorecard.components[0].checks] == ["unknown", "unknown", "pass"]
    assert "IndexError" in str(scorecard.components[0].checks[0].reason)
    assert (scorecard.tier, scorecard.ceiling) == (None, "bronze")
    with pytest.raises(IndexError):
        evaluate(trees.repository(ONE), contract({"broken": "bronze"}), TODAY, strict=True)


def test_a_check_that_does_not_end_is_unknown_and_the_others_have_their_say(
    judges: Judges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldenpath.judge.SECONDS", 0.3)
    monkeypatch.setattr("goldenpath.judge.AT_LEAST", 0.2)

    def stubborn() -> Outcome:
        while True:
            with contextlib.suppress(Exception):
                list(range(1000))

    judges.make("stubborn", stubborn)
    judges.make("backtracking", lambda: passed(str(re.fullmatch("(a|aa)+b", "a" * 60))))
    checks = {"stubborn": "bronze", "backtracking": "bronze", "pass": "bronze"}
    results = judged(checks).components[0].checks
    assert [check.verdict for check in results] == ["unknown", "unknown", "pass"]
    assert results[0].summary == "it takes too long to find out"
    with pytest.raises(TookTooLong):
        evaluate(trees.repository(ONE), contract({"stubborn": "bronze"}), TODAY, strict=True)


def test_what_nobody_can_find_out_in_time_is_not_begun_again_for_each_check(
    judges: Judges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldenpath.judge.SECONDS", 0.3)
    begun = []

    def endless() -> None:
        begun.append(True)
        while True:
            list(range(1000))

    monkeypatch.setattr("goldenpath.facts.maker", lambda name: endless if name == "endless" else maker(name))
    for name in ("first", "second"):
        judges.make(name, lambda endless: passed(str(endless)), "endless")
    results = judged({"first": "bronze", "second": "bronze", "pass": "bronze"}).components[0].checks
    assert [check.verdict for check in results] == ["unknown", "unknown", "pass"]
    assert len(begun) == 1


WORKFLOWS = {"pass": "bronze", "where": "bronze", "fail": "silver", "apart": "silver"}


@pytest.fixture
def apart(judges: Judges, monkeypatch: pytest.MonkeyPatch) -> Judges:
    """A machine that lets a second process judge two checks."""
    monkeypatch.setattr("goldenpath.judge.possible", lambda: True)
    monkeypatch.setattr("goldenpath.judge.FOLLOWING", {"pass", "fail"})
    judges.make("where", lambda: passed(f"in process {os.getpid()}"))
    return judges


def test_what_follows_no_workflow_is_judged_by_a_second_process_and_the_order_stays(apart: Judges) -> None:
    apart.make("apart", lambda: VERDICTS["unknown"])
    alone, together = (
        evaluate(trees.repository(ONE), contract(WORKFLOWS), TODAY, alone=alone).components[0]
        for alone in (True, False)
    )
    assert [check.id for check in together.checks] == [check.id for check in alone.checks] == list(WORKFLOWS)
    assert [check.verdict for check in together.checks] == ["pass", "pass", "fail", "unknown"]
    assert alone.checks[1].summary == f"in process {os.getpid()}" != together.checks[1].summary


def children() -> str:
    """The processes that this one has, those included that have ended and that nobody has waited for."""
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="utf-8")


def test_a_second_process_that_dies_changes_no_verdict(apart: Judges) -> None:
    parent, before = os.getpid(), children()

    def dies() -> Outcome:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return VERDICTS["pass"]

    apart.make("apart", dies)
    (component,) = evaluate(trees.repository(ONE), contract(WORKFLOWS), TODAY, alone=False).components
    assert [check.verdict for check in component.checks] == ["pass", "pass", "fail", "pass"]
    assert component.checks[1].summary == f"in process {parent}"
    assert children() == before  # nobody is left behind


@pytest.mark.parametrize("last_dies", [False, True])
def test_what_all_processes_were_told_is_heard_and_they_find_the_same(
    monkeypatch: pytest.MonkeyPatch, *, last_dies: bool
) -> None:
    monkeypatch.setattr("goldenpath.judge.possible", lambda: True)
    monkeypatch.setattr("goldenpath.facts.pipeline.walks.WORTH_IT", 2)
    files: dict[str, str | bytes | None] = {**ONE}
    for name in ("first", "last"):
        sign = f"- run: ./{name}.sh ghcr.io/acme/shop@${{{{ steps.push.outputs.digest }}}}"
        files[f".github/workflows/{name}.yml"] = releasing.workflow(
            release=releasing.job(releasing.PUSH, sign, releasing.SHIP)
        )
        files[f"{name}.sh"] = "#!/bin/sh -e\ncosign sign --yes $1\n"
    main = os.getpid()

    def dying(workflows: Workflows, workflow: Workflow, *rest: Any) -> Run:
        if last_dies and workflow.path.endswith("last.yml") and main != os.getpid():
            os._exit(1)
        return walk(workflows, workflow, *rest)

    monkeypatch.setattr("goldenpath.facts.pipeline.walks.walk", dying)
    found, heard = [], []
    for alone in (True, False):
        journal = Journal()
        repository = journal.listen(trees.repository(files))
        asked = contract({"build-signed": "silver", "code-owned": "silver"})
        found.append(evaluate(repository, asked, TODAY, alone=alone, journal=journal))
        heard.append(dict(journal.heard()))
        assert journal.complete
    assert found[0] == found[1]
    assert found[0].components[0].checks[0].verdict == "pass"
    assert heard[0] == heard[1]


@pytest.mark.parametrize(
    ("steps", "parsed_here"), [("- run: ./a & ./b && ./c", []), ("- &build {run: make}", ["w.yml"])]
)
def test_a_workflow_is_parsed_once_unless_it_may_share_nodes(
    monkeypatch: pytest.MonkeyPatch, steps: str, parsed_here: list[str]
) -> None:
    monkeypatch.setattr("goldenpath.judge.possible", lambda: True)
    main, parsed = os.getpid(), []

    def noting(path: str, text: str, **rest: Any) -> Any:
        parsed.extend([path.rpartition("/")[2]] if os.getpid() == main else [])
        return parse(path, text, **rest)

    monkeypatch.setattr("goldenpath.facts.workflows.parse", noting)
    files = {**ONE, ".github/workflows/w.yml": releasing.workflow(release=releasing.job(releasing.PUSH, steps))}
    asked = contract({"actions-pinned": "bronze", "build-signed": "silver"})
    together = evaluate(trees.repository(files), asked, TODAY, alone=False)
    assert parsed == parsed_here
    assert together == evaluate(trees.repository(files), asked, TODAY, alone=True)


def test_a_second_process_that_dies_later_has_told_what_it_was_told(apart: Judges) -> None:
    parent = os.getpid()

    def dies() -> Outcome:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return VERDICTS["pass"]

    apart.make("apart", dies)
    apart.make("pass", lambda workflows: passed(workflows.files[0].path), "workflows")
    path, journal = ".github/workflows/w.yml", Journal()
    files = {**ONE, path: releasing.workflow(release=releasing.job(releasing.PUSH))}
    evaluate(journal.listen(trees.repository(files)), contract(WORKFLOWS), TODAY, alone=False, journal=journal)
    assert journal.complete
    assert path in {asked.question.path for asked, _ in journal.heard() if asked.question.about == "content"}


def test_a_second_process_that_cannot_parse_a_workflow_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goldenpath.judge.possible", lambda: True)
    main = os.getpid()

    def failing(path: str, text: str, **rest: Any) -> Any:
        if os.getpid() != main:
            raise RecursionError
        return parse(path, text, **rest)

    monkeypatch.setattr("goldenpath.facts.workflows.parse", failing)
    files = {**ONE, ".github/workflows/w.yml": releasing.workflow(release=releasing.job(releasing.PUSH))}
    asked = contract({"build-signed": "silver", "code-owned": "silver"})
    together = evaluate(trees.repository(files), asked, TODAY, alone=False)
    assert together == evaluate(trees.repository(files), asked, TODAY, alone=True)


def test_releases_are_followed_in_one_process_only() -> None:
    costly = {"releases", "privileges", "recipes"}
    assert {name for name in shipped_ids() if costly.intersection(load(name).needs)} == FOLLOWING


def test_outside_the_main_thread_there_is_no_limit_and_no_error(judges: Judges) -> None:
    judges.make("pass", lambda: VERDICTS["pass"])
    with ThreadPoolExecutor() as pool:
        assert pool.submit(judged, {"pass": "bronze"}).result().tier == "bronze"


@pytest.mark.usefixtures("judges")
def test_a_catalog_that_breaks_leaves_a_repository_without_a_component(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Facts, name: str) -> Any:
        raise RecursionError(name)

    monkeypatch.setattr(Facts, "__getitem__", broken)
    assert judged({"pass": "bronze"}).components[0].ref is None
    with pytest.raises(RecursionError):
        evaluate(trees.repository(ONE), contract({"pass": "bronze"}), TODAY, strict=True)
