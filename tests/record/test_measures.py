"""What the record says of a fleet: measures that are known exactly, and the history of each component."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

import toolbox
import trees
from goldenpath.cli import main
from goldenpath.contract import named
from goldenpath.record.chart import overview, page
from goldenpath.record.entry import entry_of
from goldenpath.record.history import _text, histories
from goldenpath.record.measures import Quarter, answers, measure
from goldenpath.record.store import Store
from goldenpath.reports.terminal import Surface
from goldenpath.scorecard import evaluate
from records import START, entry
from scorecards import result, waived

if TYPE_CHECKING:
    from pathlib import Path

    from goldenpath.record.entry import Entry
    from goldenpath.scorecard import CheckResult

TODAY = START.date()
CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: payments}
"""


def checks(*, owned: bool = True, signed: bool = True, excused: date | None = None) -> tuple[CheckResult, ...]:
    """Two bronze checks and a silver one that always passes."""
    owner = result("owner-declared", "pass" if owned else "fail", "owner")
    sign = result("build-signed", "pass" if signed else "unknown", "signature")
    return (
        owner,
        waived(sign, excused) if excused else sign,
        result("code-owned", "pass", "owned", tier="silver"),
    )


def fleet() -> list[Entry]:
    """200 services in three quarters. Of ten: two fail at first, one for good, one is excused, one is in no catalog."""
    found = []
    for day, settled in ((-200, False), (-100, True), (0, True)):
        for number in range(200):
            ref = f"component:default/s{number:03}" if number % 10 != 9 else None
            kind = number % 10
            own = checks(
                owned=kind != 0 and (settled or kind not in {1, 2}),
                signed=kind != 3,
                excused=TODAY + timedelta(days=20) if kind == 3 else None,
            )
            made = entry(*own, day=day, ref=ref, tags=("v1.0.0",) if day == -100 else ())
            origin = replace(made.origin, location=f"/srv/s{number:03}", begun=START - timedelta(days=250))
            found.append(replace(made, origin=origin))
    return found


def test_the_measures_of_a_fleet_are_exactly_what_was_put_into_it() -> None:
    found = measure(fleet(), TODAY)
    assert (found.repositories, found.components, found.in_catalog) == (200, 180, 0.9)
    assert found.tiers == {"gold": 0, "silver": 160, "bronze": 0, "none": 20}
    assert found.quarters == (
        Quarter("2026 Q2", 180, {"bronze": 120, "silver": 120, "gold": 0}),
        Quarter("2026 Q3", 180, {"bronze": 160, "silver": 160, "gold": 0}),
        Quarter("2026 Q4", 180, {"bronze": 160, "silver": 160, "gold": 0}),
    )
    assert (found.days_to_release, found.released, found.by_waiver) == (150.0, 140, 20)
    waivers = found.waivers
    assert (waivers.granted, waivers.ending, waivers.requested, waivers.expired) == (20, 20, 0, 0)
    assert [(each.check, each.components, each.waived) for each in found.failing] == [
        ("build-signed", 20, 20),
        ("owner-declared", 20, 0),
    ]
    assert found.failing[1].where == tuple(f"component:default/s{number:03}" for number in range(0, 50, 10))


def test_measures_of_an_earlier_day_know_nothing_of_what_came_later() -> None:
    found = measure(fleet(), TODAY - timedelta(days=150))
    assert [quarter.name for quarter in found.quarters] == ["2026 Q2"]
    assert found.days_to_release is None
    later = measure(fleet(), TODAY + timedelta(days=21))
    assert (later.waivers.granted, later.waivers.expired) == (0, 20)


def judged_at(folder: str, ref: str | None, repository: str | None = None) -> Entry:
    made = entry(ref=ref)
    return replace(made, origin=replace(made.origin, name="api", location=folder, repository=repository))


def test_two_folders_of_one_name_are_two_repositories() -> None:
    of_nobody = [judged_at(f"/srv/{team}/api", None) for team in ("shop", "stock")]
    declared = [judged_at(f"/srv/{team}/api", f"component:default/{team}") for team in ("mail", "maps")]
    found = measure([*of_nobody, *declared], TODAY)
    assert (found.repositories, found.in_catalog, found.components) == (4, 0.5, 2)


def test_two_clones_of_one_repository_are_one() -> None:
    address = "git.example.com/acme/api"
    clones = [judged_at(f"/home/{user}/api", None, address) for user in ("jo", "al")]
    assert measure(clones, TODAY).repositories == 1
    shop = "component:default/shop"
    moved = [judged_at("/old/api", shop), judged_at("/srv/api", shop, address), judged_at("/new", shop)]
    assert measure(moved, TODAY).repositories == 1, "a component is in one repository, the one that it was last seen in"


def test_a_repository_that_declares_its_component_later_is_the_same_one() -> None:
    shop = "component:default/shop"
    first, then = judged_at("/srv/api", None), judged_at("/srv/api", shop)
    assert [measure(entries, TODAY).in_catalog for entries in ([first], [first, then], [then, first])] == [0, 1, 0]


def test_nothing_recorded_is_no_share_of_nothing() -> None:
    found = measure([], TODAY)
    assert (found.in_catalog, found.days_to_release, found.quarters, found.failing) == (None, None, (), ())


def test_history_tells_that_a_contract_which_is_extended_has_moved(tmp_path: Path) -> None:
    base = (
        "apiVersion: goldenpath.dev/v1\nkind: PlatformContract\nmetadata: {name: NAME, version: 1, owner: platform}\n"
    )
    (tmp_path / "acme.yaml").write_text(base.replace("NAME", "acme") + "spec: {extends: base.yaml}\n")
    entries = []
    for day, version in enumerate(("1.0.0", "1.1.0")):
        (tmp_path / "base.yaml").write_text(
            base.replace("NAME", "base").replace("version: 1", f"version: {version}")
            + "spec: {tiers: [bronze], checks: {owner-declared: {tier: bronze}}}\n"
        )
        rules, made = named(str(tmp_path / "acme.yaml")), entry(day=day)
        judged = evaluate(trees.repository({"catalog-info.yaml": CATALOG}), rules, TODAY)
        entries.append(entry_of(judged, rules, made.origin, made.recorded_at))
    (found,) = histories(entries, ["component:default/shop"])
    assert [point.contract for point in found.points] == [
        "acme 1, which extends base 1.0.0", "acme 1, which extends base 1.1.0",
    ]  # fmt: skip
    assert "extends" not in json.dumps(to_builtins(entry(*checks())))


def test_history_tells_when_a_check_was_won_and_lost() -> None:
    ref = "component:default/shop"
    ups_and_downs = [entry(*checks(owned=owned, signed=signed), day=day) for day, (owned, signed) in enumerate(
        [(False, True), (True, True), (True, False), (True, False)]
    )]  # fmt: skip
    (history,) = histories([*ups_and_downs, entry(ref="component:default/other")], [ref])
    assert [(point.tier, point.won, point.lost) for point in history.points] == [
        (None, (), ()),
        ("silver", ("owner-declared",), ()),
        (None, (), ("build-signed",)),
        (None, (), ()),
    ]
    assert [(point.met, point.asked) for point in history.points] == [(2, 3), (3, 3), (2, 3), (2, 3)]
    (recent,) = histories(ups_and_downs, [ref], since=TODAY + timedelta(days=2))
    assert recent.points == history.points[2:]


def test_what_is_waived_is_never_counted_as_met() -> None:
    ref = "component:default/shop"
    unsigned = result("build-signed", "fail", "no signature", tier="silver")
    owned = result("owner-declared", "pass", "owned")
    (history,) = histories(
        [
            entry(owned, unsigned),
            entry(owned, waived(unsigned), day=1),
            entry(owned, replace(unsigned, verdict="pass"), day=2),
            entry(owned, waived(unsigned), day=3),
        ],
        [ref],
    )
    assert [(point.tier, point.met, point.waived) for point in history.points] == [
        ("bronze", 1, 0), ("silver", 1, 1), ("silver", 2, 0), ("silver", 1, 1),
    ]  # fmt: skip
    assert [point.won for point in history.points] == [(), (), ("build-signed",), ()]
    assert [point.lost for point in history.points] == [(), (), (), ("build-signed",)]
    told = "\n".join(_text([history], [ref], Surface()))
    assert "silver, 1 of 2 checks met, 1 waived" in told
    drawn = _Page(page([history])).text
    assert "silver, 1 of 2 checks met, 1 waived" in drawn
    assert "1 of 2, 1 waived" in drawn


def test_a_tier_or_a_release_that_rests_on_waivers_is_told_apart() -> None:
    unowned = waived(result("owner-declared", "fail", "nobody"))
    found = measure([entry(unowned, day=3, tags=("v1",))], TODAY + timedelta(days=4))
    assert (found.tiers["bronze"], found.by_waiver, found.released) == (1, 1, 0)
    assert "1 of them by waivers" in dict(answers(found))["By tier"]


def test_an_evaluation_by_another_days_rules_is_kept_and_moves_nothing() -> None:
    gold = replace(entry(day=1), as_of=TODAY - timedelta(days=400))
    poor = entry(result("owner-declared", "fail", "nobody"))
    assert measure([poor, gold], TODAY + timedelta(days=2)).tiers["none"] == 1
    (history,) = histories([poor, gold], ["component:default/shop"])
    assert [point.tier for point in history.points] == [None]


def test_a_clock_that_was_wrong_hides_nothing_that_came_after_it() -> None:
    entries = [entry(), entry(day=4000), entry(result("owner-declared", "fail", "nobody"), day=1)]
    found = measure(entries, TODAY + timedelta(days=2))
    assert found.tiers["none"] == 1
    assert [quarter.name for quarter in found.quarters] == ["2026 Q4"]
    late = measure([entry(day=100), entry(), entry(day=101)], TODAY + timedelta(days=102))
    assert [quarter.name for quarter in late.quarters] == ["2027 Q1"]


def test_days_at_the_end_of_the_calendar_are_days() -> None:
    assert measure([entry(waived(result("owner-declared", "fail", "")))], date.max).waivers.expired == 1


class _Page(HTMLParser):
    """Checks that tags are closed in order, and keeps the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script"
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"line", "path", "polygon", "rect", "circle"}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_pages_are_whole_and_say_in_words_what_they_draw() -> None:
    found = histories([entry(*checks(owned=day > 1), day=day) for day in range(4)], ["component:default/shop"])
    drawn = page(found)
    assert "silver, 3 of 3 checks met" in _Page(drawn).text
    assert 'aria-label="Tier of shop: no tier at first, silver now"' in drawn
    assert drawn.count("<circle") == 4
    assert "+ owner-declared" in _Page(drawn).text
    assert "Nothing is recorded" in _Page(page(())).text
    told = _Page(overview(measure(fleet(), TODAY))).text
    assert "90 % of 200 repositories, 180 components" in told
    assert "2026 Q2" in told


def test_what_a_repository_calls_itself_never_becomes_markup() -> None:
    evil = '<script>alert("1")</script>'
    made = replace(entry(*checks()), origin=replace(entry().origin, name=evil, commit=evil[:12]))
    component = replace(made.components[0], ref=f"component:default/{evil}", tier=evil)
    hostile = replace(made, components=(component,))
    drawn = page(histories([hostile], [f"component:default/{evil}"])) + overview(measure([hostile], TODAY))
    assert "<script" not in drawn


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service whose evaluations are recorded in a file of the test's own."""
    monkeypatch.setenv("GOLDENPATH_RECORD", str(tmp_path / "record.db"))
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/catalog-info.yaml").write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: shop}\n"
        "spec: {type: library, lifecycle: production, owner: payments}\n"
    )
    return tmp_path / "shop"


def test_from_check_to_history_measures_and_audit(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", str(shop)]) == 2
    assert "there is no record" in capsys.readouterr().err
    assert main(["check", str(shop), "--record"]) == 1
    said = capsys.readouterr()
    receipt = re.fullmatch(r"goldenpath: recorded as (1:[0-9a-f]{64})\n", said.err)
    assert receipt
    assert "owner-declared" in said.out
    assert main(["check", str(shop), "--record", "--as-of", "2027-01-01"]) == 1
    capsys.readouterr()
    assert main(["history", str(shop), "--format", "json"]) == 0
    (history,) = json.loads(capsys.readouterr().out)
    assert len(history["points"]) == 1  # what January will ask moves nothing today
    assert main(["history", str(shop)]) == 0
    assert "shop  no tier" in capsys.readouterr().out
    assert main(["history", str(shop), "--format", "html", "--output", str(shop / "h.html")]) == 0
    assert "<svg" in (shop / "h.html").read_text()
    assert main(["measures"]) == 0
    assert "100 % of 1 repositories, 1 components" in capsys.readouterr().out
    assert main(["audit", "verify", "--head", receipt[1]]) == 0
    assert capsys.readouterr().out.startswith("The record is whole; its head is 2:")
    assert main(["audit", "verify", "--head", f"1:{'0' * 64}"]) == 1
    assert "entry 1 is not the one whose digest was kept" in capsys.readouterr().err


def test_a_part_of_an_evaluation_is_not_recorded(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(shop), "--record", "--changed", "x"]) == 2
    assert "--record keeps whole evaluations" in capsys.readouterr().err


def test_a_record_that_cannot_be_written_is_an_error_and_not_a_verdict(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOLDENPATH_RECORD", "/proc/nowhere/record.db")
    assert main(["check", str(shop), "--record"]) == 2
    said = capsys.readouterr()
    assert "it cannot be made" in said.err
    assert said.out == ""


def test_who_judged_and_which_commit_are_kept(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toolbox.commit(shop, tag="v1.0.0")
    for name, value in {
        "GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "jo", "GITHUB_SERVER_URL": "https://example.com",
        "GITHUB_REPOSITORY": "acme/shop", "GITHUB_RUN_ID": "7",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    main(["check", str(shop), "--record"])
    (shop / "catalog-info.yaml").write_text((shop / "catalog-info.yaml").read_text() + "# edited\n")
    main(["check", str(shop), "--record"])
    main(["check", str(shop), "--record", "--ref", "v1.0.0"])
    head = toolbox.git(shop, "rev-parse", "HEAD")
    with Store(str(tmp_path / "record.db")) as store:
        clean, edited, tagged = store.entries()
    assert (clean.actor.name, clean.actor.run) == ("jo", "https://example.com/acme/shop/actions/runs/7")
    assert [(each.origin.commit, each.origin.clean) for each in (clean, edited, tagged)] == [
        (head, True),
        (head, False),
        (head, True),
    ]
    assert clean.origin.tags == ("v1.0.0",)
    assert clean.origin.begun == clean.origin.committed is not None
    assert clean.rules.digest == tagged.rules.digest


def test_of_a_shallow_clone_the_commit_is_known_and_the_history_is_not(shop: Path, tmp_path: Path) -> None:
    toolbox.commit(shop)
    (shop / "README.md").write_text("# Shop\n")
    toolbox.commit(shop, "docs: say what it is")
    clone = tmp_path / "clone"
    toolbox.git(tmp_path, "clone", "--quiet", "--depth=1", shop.as_uri(), str(clone))
    main(["check", str(clone), "--record"])
    with Store(str(tmp_path / "record.db")) as store:
        (kept,) = store.entries()
    assert (kept.origin.commit, kept.origin.clean) == (toolbox.git(shop, "rev-parse", "HEAD"), True)
    assert kept.origin.begun is None
