"""`goldenpath waiver`: from a request to its approval, and to the day on which it ends."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

import toolbox
from goldenpath.cli import main

DAY = timedelta(days=1)
CONTRACT = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 1.0.0, owner: "group:default/platform"}
spec:
  tiers: [bronze, silver]
  checks:
    owner-declared: {tier: bronze}
    chat-channel-declared: {tier: bronze}
    oncall-declared: {tier: silver}
  waivers: {max_days: 90, approvers: [security]}
"""
CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: payments}
"""
CHAT = "chat-channel-declared"


@pytest.fixture(autouse=True)
def organisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service `shop` and a contract `platform/acme.yaml`, in the directory where commands run."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "platform").mkdir()
    (tmp_path / "shop/catalog-info.yaml").write_text(CATALOG)
    (tmp_path / "platform/acme.yaml").write_text(CONTRACT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GOLDENPATH_CONTRACT", "platform/acme.yaml")


def request(check: str = CHAT, *more: str, reason: str = "The team moves", days: int = 60) -> int:
    until = str(date.today() + days * DAY)
    return main(["waiver", "request", check, "shop", "--reason", reason, "--by", "user:jo", "--expires", until, *more])


def approve(*more: str, approver: str = "security", risk: str = "Reachable from inside only") -> int:
    named = ["--contract", "platform/acme.yaml", "--approver", approver, "--risk", risk]
    return main(["waiver", "approve", "shop", *named, *more])


def test_a_request_is_approved_and_the_service_reaches_its_tier(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "shop"]) == 1
    assert request() == 0
    assert main(["check", "shop"]) == 1
    assert approve() == 0
    capsys.readouterr()
    assert main(["check", "shop"]) == 0
    until = date.today() + 60 * DAY
    assert f"BRONZE, 1 WAIVER UNTIL {until}" in capsys.readouterr().out
    assert main(["check", "shop", "--as-of", str(until + DAY)]) == 1
    assert f"its waiver expired on {until} (.goldenpath.yaml:2:5)" in " ".join(capsys.readouterr().out.split())


def test_explain_tells_of_the_waiver_beside_what_does_not_hold(capsys: pytest.CaptureFixture[str]) -> None:
    def explained() -> str:
        capsys.readouterr()
        assert main(["explain", CHAT, "shop"]) == 0
        return " ".join(capsys.readouterr().out.split("In shop")[1].split())

    assert "aive" not in explained()
    assert request() == 0
    assert "The waiver at .goldenpath.yaml:2:5 does not count: nobody has approved it yet" in explained()
    assert approve() == 0
    assert "It does not hold here: " in (said := explained())
    assert f"Waived until {date.today() + 60 * DAY} by group:default/security: The team moves." in said
    assert "- asked for at .goldenpath.yaml:2:5 - granted at platform/approvals/shop-" in said
    assert ": Reachable from inside only" in said


@pytest.mark.parametrize(
    "reason", ['a "quoted": #reason', "über\tall 🎉", "line\nbreak", "\x85\u2028\ufeff end", "- x"]
)
def test_any_reason_and_risk_survive_being_written(reason: str) -> None:
    assert request(reason=reason) == 0
    assert approve(risk=reason) == 0
    assert main(["check", "shop"]) == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "waivers:\n  - check: C\n"),
        ("# ours\ncontract: standard", "# ours\ncontract: standard\n\nwaivers:\n  - check: C\n"),
        ("waivers:\n- check: A\n  OLD\n\n# why\ncontract: standard\n", "waivers:\n- check: A\n  OLD\n- check: C\n"),
        ("waivers:\n    -  check: A\n       OLD\n", "waivers:\n    -  check: A\n       OLD\n    - check: C\n"),
    ],
)  # fmt: skip
def test_what_stands_in_the_file_is_kept_to_the_letter(before: str, after: str) -> None:
    file = Path("shop/.goldenpath.yaml")
    old = (
        f"reason: x\nMARGINrequested_by: user:al\nMARGINrequested: {date.today()}\nMARGINexpires: {date.today() + DAY}"
    )

    def filled(text: str) -> str:
        for line in text.splitlines():
            if line.endswith("OLD"):
                text = text.replace("OLD", old.replace("MARGIN", " " * line.index("OLD")))
        return text.replace("check: A", "check: oncall-declared").replace("check: C", f"check: {CHAT}")

    if before:
        file.write_text(filled(before))
    assert request(CHAT, "--contract", "platform/acme.yaml") == 0
    assert file.read_text().startswith(filled(after))
    added = [line for line in file.read_text().splitlines() if line not in filled(before).splitlines()]
    assert len(added) <= 7
    assert set(filled(before).splitlines()) <= set(file.read_text().splitlines())


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("waivers: []\n", "write the waivers one below the other, each with a dash"),
        ("waivers: a\n", "waivers: expected"),
        ("waivers: [\n", "it is not valid YAML"),
    ],
)
def test_a_file_that_cannot_be_added_to_stays_as_it_is(
    capsys: pytest.CaptureFixture[str], before: str, sentence: str
) -> None:
    file = Path("shop/.goldenpath.yaml")
    file.write_text(before)
    assert request() == 2
    assert sentence in capsys.readouterr().err
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"check": "chat-chanel"}, "there is no check 'chat-chanel'"),
        ({"days": 91}, "the 90 days (spec.waivers.max_days) of the contract acme"),
        ({"days": 0}, "must come after requested"),
        ({"reason": " "}, "a waiver needs a reason"),
    ],
)
def test_a_request_that_nobody_could_approve_is_not_written(
    capsys: pytest.CaptureFixture[str], arguments: dict[str, object], sentence: str
) -> None:
    assert request(**arguments) == 2  # type: ignore[arg-type]
    assert sentence in capsys.readouterr().err
    assert not Path("shop/.goldenpath.yaml").exists()


def test_the_first_request_of_a_service_in_git_is_as_sound_as_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    toolbox.commit(Path("shop"))
    assert request("no-such-check") == 2
    assert capsys.readouterr().err.startswith("goldenpath: there is no check 'no-such-check'")
    assert request(days=0) == 2
    assert capsys.readouterr().err.startswith("goldenpath: nothing is asked for: expires")  # no line of no file
    assert not Path("shop/.goldenpath.yaml").exists()
    assert request() == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--approver", "payments"), "--approver payments: the contract's approvers are group:default/security"),
        (("--risk", " "), "--risk: say what is accepted"),
        (("--expires", str(date.today() + 61 * DAY)), "can be approved"),
        (("--expires", str(date.today())), "its time is over"),
        (("--check", "oncall-declared"), "it asks for no waiver of oncall-declared"),
        (("--by", "a b"), "--by: 'a b' is no entity name"),
        (("--by", "user:default/JO"), ".goldenpath.yaml:2:5: user:default/jo asks for this waiver, and cannot be"),
    ],
)
def test_an_approval_that_would_not_count_is_not_written(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    assert request() == 0
    assert approve(*arguments) == 2
    assert sentence in capsys.readouterr().err
    assert list(Path("platform").glob("approvals/*")) == []


def test_of_several_requests_one_must_be_named_and_none_is_approved_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert request() == request("oncall-declared") == 0
    assert approve() == 2
    assert f"it asks for 2 waivers ({CHAT}, oncall-declared); name one with --check" in capsys.readouterr().err
    assert approve("--check", CHAT) == 0
    assert approve() == 0
    assert approve("--check", CHAT) == 2
    assert "it is approved already" in capsys.readouterr().err


def test_what_is_asked_for_already_is_not_asked_for_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert request() == 0
    file = Path("shop/.goldenpath.yaml")
    file.write_text(file.read_text().replace(f"requested: {date.today()}", f"requested: {date.today() - DAY}"))
    before = file.read_text()
    assert request() == 2
    assert "shop/.goldenpath.yaml:2:5: this is asked for already" in capsys.readouterr().err
    assert file.read_text() == before
    assert request(days=61) == 0  # a longer one is another


def test_of_two_requests_of_one_check_one_is_named_by_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert request(CHAT, "--scope", "component:shop") == request(CHAT, "--scope", "component:till") == 0
    assert approve("--check", CHAT) == 2
    assert "it asks for 2 waivers (chat-channel-declared, lines 2, 8); name one with --line" in capsys.readouterr().err
    assert approve("--line", "3") == 2
    assert "shop: in line 3 of .goldenpath.yaml begins no request; some do in 2, 8" in capsys.readouterr().err
    assert approve("--line", "2") == 0


def test_the_same_request_twice_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert request() == 0
    file = Path("shop/.goldenpath.yaml")
    file.write_text(file.read_text() + file.read_text().removeprefix("waivers:\n"))
    assert approve() == 0
    assert main(["waiver", "list", "shop"]) == 0
    assert "requested" not in capsys.readouterr().out.split()


def test_a_request_whose_time_is_over_keeps_no_new_one_from_being_approved() -> None:
    begin, end = (str(date.today() - days * DAY) for days in (80, 20))
    old = f"{{check: {CHAT}, reason: The team moves, requested_by: jo, requested: {begin}, expires: {end}}}"
    Path("shop/.goldenpath.yaml").write_text(f"waivers:\n  - {old}\n")
    assert request() == 0
    assert approve("--check", CHAT) == 0
    assert main(["check", "shop"]) == 0


def test_the_register_says_how_each_stands_and_which_end_soon(capsys: pytest.CaptureFixture[str]) -> None:
    assert request() == request("oncall-declared") == request("owner-declared") == 0
    assert approve("--check", CHAT) == 0
    capsys.readouterr()
    assert main(["waiver", "list", "shop", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(each["check"], each["state"], each["needed"]) for each in found] == [
        (CHAT, "granted", True),
        ("oncall-declared", "requested", True),
        ("owner-declared", "requested", False),
    ]
    assert main(["waiver", "expiring", "shop"]) == 0
    assert capsys.readouterr().out == "None ends within 30 days.\n"
    assert main(["waiver", "expiring", "shop", "--within", "60"]) == 1
    shown = capsys.readouterr().out
    assert CHAT in shown
    assert "group:default/security accepted" in shown
    assert "oncall-declared" not in shown
    later = str(date.today() + 61 * DAY)
    assert main(["waiver", "expiring", "shop", "--as-of", later]) == 1
    assert "expired" in capsys.readouterr().out


def test_a_group_that_asks_does_not_approve_itself(capsys: pytest.CaptureFixture[str]) -> None:
    until = str(date.today() + 60 * DAY)
    asked = ["--reason", "The team moves", "--by", "group:default/Security", "--expires", until]
    assert main(["waiver", "request", CHAT, "shop", *asked]) == 0
    assert approve() == 2
    assert "group:default/security asks for this waiver, and cannot be" in capsys.readouterr().err
    assert list(Path("platform").glob("approvals/*")) == []


def test_without_any_request_the_register_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["waiver", "list", "shop"]) == 0
    assert capsys.readouterr().out == "No waivers.\n"


@pytest.mark.parametrize(
    "command", [["waiver", "list"], ["contract", "diff", "standard", "platform/acme.yaml", "--over"]]
)
def test_a_mistake_of_one_of_several_services_names_it(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("stock").mkdir()
    Path("stock/.goldenpath.yaml").write_text("waivers: [")
    assert main([*command, "shop", "stock"]) == 2
    assert capsys.readouterr().err.startswith("goldenpath: stock: .goldenpath.yaml:2:1: ")


def test_days_at_the_end_of_the_calendar_are_days(capsys: pytest.CaptureFixture[str]) -> None:
    Path("platform/acme.yaml").write_text(CONTRACT.replace("max_days: 90", "max_days: 99999999999"))
    assert request() == 0
    assert approve() == 0
    capsys.readouterr()
    assert main(["waiver", "expiring", "shop", "--as-of", "9999-12-31"]) == 1
    assert capsys.readouterr().out.startswith("expired ")


def test_a_contract_in_the_services_own_repository_cannot_be_approved_by(capsys: pytest.CaptureFixture[str]) -> None:
    assert request() == 0
    Path("shop/acme.yaml").write_text(CONTRACT)
    assert approve("--contract", "shop/acme.yaml") == 2
    assert "in the service's own repository, which grants nothing" in capsys.readouterr().err


def test_requests_of_odd_lines_stay_the_same_requests() -> None:
    odd = '# \x85\nwaivers:\r\n- {check: oncall-declared, reason: "one\u2028two", requested_by: jo, requested: DAY,'
    before = odd.replace("DAY", str(date.today())) + f" expires: {date.today() + DAY}}}\r\n"
    Path("shop/.goldenpath.yaml").write_bytes(before.encode())
    assert request() == 0
    assert Path("shop/.goldenpath.yaml").read_bytes().decode().startswith(before)


def test_bytes_that_are_no_text_are_refused_and_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert request(reason="x\udcff") == 2
    assert capsys.readouterr().err == 'goldenpath: "x\\udcff" is not UTF-8 text\n'
    assert not Path("shop/.goldenpath.yaml").exists()
