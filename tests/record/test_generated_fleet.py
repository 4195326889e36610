"""A fleet of 200 services from the templates, with defects put into them: the record knows exactly what was sown."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import toolbox
from goldenpath.cli import main
from goldenpath.contract.waivers import Asked
from goldenpath.governance.approvals import Grant, Wish, approve
from goldenpath.governance.requests import add
from goldenpath.questionnaire import read
from toolbox import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from toolbox import Rendered

TODAY = date.today()
CONTRACT = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 1.0.0, owner: "group:default/platform"}
spec:
  tiers: [bronze, silver, gold]
  checks:
    owner-declared: {tier: bronze}
    chat-channel-declared: {tier: bronze}
    oncall-declared: {tier: bronze}
    runbook-linked: {tier: bronze}
    build-signed: {tier: silver}
    code-owned: {tier: silver}
    slo-defined: {tier: gold}
  waivers: {max_days: 90, approvers: [security]}
"""
CHAT = "chat-channel-declared"


class Seed(NamedTuple):
    """A defect: what it does to a service, the tier that is left, the checks that fail, and how its waiver stands."""

    sow: Callable[[Path], None]
    tier: str | None
    failing: tuple[str, ...] = ()
    waiver: str | None = None


def edited(path: str, pattern: str, new: str = "") -> Callable[[Path], None]:
    """Change a file of the service, in which the pattern must be."""

    def edit(service: Path) -> None:
        text, found = re.subn(pattern, new, (service / path).read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert found, (service, path, pattern)
        (service / path).write_text(text, encoding="utf-8")

    return edit


def gone(path: str) -> Callable[[Path], None]:
    return lambda service: (service / path).unlink()


def asked(days: int, granted: int | None = None, since: int = 0) -> Callable[[Path], None]:
    """Ask, so many days ago, for a waiver of the chat channel until a day; and have it granted until another."""

    def ask(service: Path) -> None:
        no_chat(service)
        begun, contract = TODAY - timedelta(days=since), str(service.parent / "platform/acme.yaml")
        wish = Asked(CHAT, "The team moves", "user:default/jo", begun, TODAY + timedelta(days=days))
        add(service, wish, contract)
        if granted is not None:
            until = TODAY + timedelta(days=granted)
            approve(service, contract, Wish(CHAT), Grant("security", "user:default/al", "Inside only", begun, until))

    return ask


def both(*sown: Callable[[Path], None]) -> Callable[[Path], None]:
    def sow(service: Path) -> None:
        for each in sown:
            each(service)

    return sow


no_chat = edited("catalog-info.yaml", r"^    - title: Chat\n(      .*\n)+")
no_oncall = edited("catalog-info.yaml", r"^    pagerduty.com.*\n|^    - title: On-call\n(      .*\n)+")
no_owner = edited("catalog-info.yaml", r"^  owner: .*\n")
unsigned = edited(".github/workflows/release.yml", r"run: cosign (?:sign|attest) .*", "run: ls")

HEALTHY = Seed(lambda _: None, "gold")
SEEDS = {
    "no owner": Seed(no_owner, None, ("owner-declared",)),
    "no chat": Seed(no_chat, None, (CHAT,)),
    "no on-call": Seed(no_oncall, None, ("oncall-declared",)),
    "no runbook": Seed(gone("docs/runbook.md"), None, ("runbook-linked",)),
    "unsigned": Seed(unsigned, "bronze", ("build-signed",)),
    "unsigned, of nobody": Seed(both(unsigned, no_owner), None, ("build-signed", "owner-declared")),
    "code of nobody": Seed(gone(".github/CODEOWNERS"), "bronze", ("code-owned",)),
    "no objectives": Seed(gone("observability/slo.yaml"), "silver", ("slo-defined",)),
    "in no catalog": Seed(gone("catalog-info.yaml"), None),
    "asked": Seed(asked(60), None, (CHAT,), "requested"),
    "excused": Seed(asked(80, granted=80), "gold", (CHAT,), "granted"),
    "excused, not for long": Seed(asked(60, granted=20), "gold", (CHAT,), "ending"),
    "no longer excused": Seed(asked(20, granted=-10, since=60), None, (CHAT,), "expired"),
}
"""Ten services have each; the rest is as the templates make it."""

EACH, FLEET = 10, 200
KINDS = [*(name for name in SEEDS for _ in range(EACH)), *("healthy" for _ in range(FLEET - EACH * len(SEEDS)))]
OF = [SEEDS.get(kind, HEALTHY) for kind in KINDS]
RELEASED = range(FLEET - 20, FLEET)
"""Healthy services with a history: the n-th was released n weeks after its first commit."""


class Fleet(NamedTuple):
    """Where the services, their contract and the record of their evaluations are."""

    folder: Path
    contract: Path
    record: Path

    def service(self, number: int) -> Path:
        return self.folder / f"s{number:03}-api"

    def check(self, path: Path) -> int:
        beside = ["--format", "json", "--output", str(self.folder / "report.json")]
        return main(["check", str(path), "--contract", str(self.contract), "--record", *beside])

    def measures(self) -> dict[str, Any]:
        output = self.folder / "measures.json"
        assert main(["measures", "--from", str(self.record), "--format", "json", "--output", str(output)]) == 0
        found: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
        return found


def born(source: Path, service: Path) -> None:
    """Make another service of one that was rendered: it has its own name wherever that stands."""
    names = {"payments-api": service.name, "payments_api": service.name.replace("-", "_")}
    for path in source.rglob("*"):
        if path.is_file():
            text, target = path.read_text(encoding="utf-8"), str(path.relative_to(source))
            for old, new in names.items():
                text, target = text.replace(old, new), target.replace(old, new)
            (service / target).parent.mkdir(parents=True, exist_ok=True)
            (service / target).write_text(text, encoding="utf-8")


def released(service: Path, weeks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a service a history, an address, and a release so many weeks after its first commit."""
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, "2026-01-01T12:00:00Z")
    toolbox.commit(service)
    day = date(2026, 1, 1) + timedelta(weeks=weeks)
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, f"{day}T12:00:00Z")
    (service / "NEWS.md").write_text("# Released\n", encoding="utf-8")
    toolbox.commit(service, "feat: release", tag="v1.0.0")
    toolbox.git(service, "remote", "add", "origin", f"https://git.example.com/acme/{service.name}.git")


@pytest.fixture(scope="module")
def fleet(rendered: Rendered, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """All services, judged and recorded once, as a pipeline of each would."""
    folder = tmp_path_factory.mktemp("fleet")
    found = Fleet(folder, folder / "platform/acme.yaml", folder / "record.db")
    found.contract.parent.mkdir()
    found.contract.write_text(CONTRACT, encoding="utf-8")
    signed = [rendered(signing="keyless"), rendered(signing="kms")]
    others = [rendered(template=name) for name in read(toolbox.ROOT).services if name != ANSWERS["template"]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOLDENPATH_RECORD", str(found.record))
        for number, seed in enumerate(OF):
            sources = [*signed, *others] if seed is HEALTHY else signed
            born(sources[number % len(sources)], found.service(number))
            seed.sow(found.service(number))
            if number in RELEASED:
                released(found.service(number), number - RELEASED.start + 1, patch)
            code = found.check(found.service(number))
            assert code == (0 if seed.tier else 1), KINDS[number]
    return found


def test_every_measure_is_what_was_sown(fleet: Fleet) -> None:
    found = fleet.measures()
    declared = [seed for kind, seed in zip(KINDS, OF, strict=True) if kind != "in no catalog"]
    tiers = Counter(seed.tier or "none" for seed in declared)
    assert (found["repositories"], found["components"], found["in_catalog"]) == (FLEET, len(declared), 0.95)
    assert found["tiers"] == {"gold": 90, "silver": 10, "bronze": 20, "none": 70} == tiers
    assert found["by_waiver"] == 20
    assert found["waivers"] == {"requested": 10, "granted": 20, "ending": 10, "expired": 10}
    (quarter,) = found["quarters"]
    assert quarter["reached"] == {"bronze": 120, "silver": 100, "gold": 90}
    weeks = range(1, len(RELEASED) + 1)
    assert (found["released"], found["days_to_release"]) == (20, 7 * median(weeks))
    failing = Counter(check for seed in declared for check in seed.failing)
    assert {each["check"]: each["components"] for each in found["failing"]} == failing
    assert {each["check"]: each["waived"] for each in found["failing"] if each["waived"]} == {CHAT: 20}
    unsigned_ones = [number for number, kind in enumerate(KINDS) if kind.startswith("unsigned")][:5]
    (named,) = (each["where"] for each in found["failing"] if each["check"] == "build-signed")
    assert named == [f"component:default/s{number:03}-api" for number in unsigned_ones]


def test_the_record_is_whole_and_has_each_evaluation(fleet: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "head", "--from", str(fleet.record)]) == 0
    head = capsys.readouterr().out.strip()
    assert int(head.partition(":")[0]) >= FLEET
    assert main(["audit", "verify", "--from", str(fleet.record), "--head", head]) == 0
    assert f"The record is whole; its head is {head}" in capsys.readouterr().out


def test_what_is_mended_and_what_breaks_moves_history_and_measures(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GOLDENPATH_RECORD", str(fleet.record))
    mended, broken = KINDS.index("no owner"), KINDS.index("healthy")
    for number, (before, after, code) in {
        mended: (r"^  type: service$", "  type: service\n  owner: group:default/payments", 0),
        broken: (r"^  owner: .*\n", "", 1),
    }.items():
        edited("catalog-info.yaml", before, after)(fleet.service(number))
        assert fleet.check(fleet.service(number)) == code
    capsys.readouterr()
    histories = {}
    for number in (mended, broken):
        assert main(["history", str(fleet.service(number)), "--from", str(fleet.record), "--format", "json"]) == 0
        (history,) = json.loads(capsys.readouterr().out)
        histories[number] = [(each["tier"], each["won"], each["lost"]) for each in history["points"]]
    assert histories == {
        mended: [(None, [], []), ("gold", ["owner-declared"], [])],
        broken: [("gold", [], []), (None, [], ["owner-declared"])],
    }
    found = fleet.measures()
    assert (found["repositories"], found["tiers"]["gold"], found["tiers"]["none"]) == (FLEET, 90, 70)


def test_a_second_clone_is_no_second_repository(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOLDENPATH_RECORD", str(fleet.record))
    address = f"https://git.example.com/acme/{fleet.service(FLEET - 1).name}.git"
    toolbox.git(tmp_path, "clone", "--quiet", str(fleet.service(FLEET - 1)), "elsewhere")
    toolbox.git(tmp_path / "elsewhere", "remote", "set-url", "origin", address)
    assert fleet.check(tmp_path / "elsewhere") == 0
    found = fleet.measures()
    assert (found["repositories"], found["components"]) == (FLEET, FLEET - EACH)
