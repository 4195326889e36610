"""`goldenpath contract`: what is wrong with one, what it asks of whom, and what a change of it would do."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from goldenpath.cli import main
from goldenpath.contract import named

HEAD = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 1.0.0, owner: "group:default/platform"}
spec:
  tiers: [bronze, silver]
"""
CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: KIND, lifecycle: production, owner: payments}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service `shop` that has an owner and nothing else, where commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GOLDENPATH_CONTRACT", raising=False)
    Path("shop").mkdir()
    Path("shop/catalog-info.yaml").write_text(CATALOG.replace("KIND", "service"))


def contract(text: str, name: str = "acme.yaml") -> str:
    """A contract of these lines below `spec:`."""
    Path(name).write_text(HEAD + text)
    return name


SOUND = "  checks:\n    owner-declared: {tier: bronze}\n    code-owned: {tier: silver}\n"


def extending(text: str, base: str = SOUND) -> str:
    """The name of a contract of these lines below `spec:`, which extends another."""
    contract(base, "base.yaml")
    Path("acme.yaml").write_text(HEAD.replace("  tiers: [bronze, silver]\n", text))
    return "acme.yaml"


# --- lint


def linted(capsys: pytest.CaptureFixture[str], text: str) -> list[str]:
    code = main(["contract", "lint", contract(text)])
    lines = capsys.readouterr().out.splitlines()
    assert code == (0 if lines == ["Nothing to mend."] else 1)
    return lines


@pytest.mark.parametrize(
    ("rules", "remark"),
    [
        (
            "[{tier: silver, from: 2027-03-01}, {tier: bronze, from: 2027-01-01}]",
            "8:52: code-owned: 2027-01-01 stands after 2027-03-01; write the earliest first",
        ),
        (
            "[{tier: silver, from: 2027-03-01}, {tier: bronze}]",
            "8:52: code-owned: the beginning stands after 2027-03-01; write the earliest first",
        ),
        (
            "[{tier: silver}, {tier: silver, from: 2027-01-01}]",
            "8:34: code-owned: nothing changes on 2027-01-01; leave it out",
        ),
        (
            "[{tier: silver}, {tier: silver, level: advisory, from: 2027-01-01}]",
            "8:34: code-owned: what is required becomes advisory on 2027-01-01; is that meant?",
        ),
        (
            "[{tier: bronze}, {tier: silver, from: 2027-01-01}]",
            "8:34: code-owned: it moves from bronze up to silver on 2027-01-01, which asks less of bronze; is that",
        ),
        (
            "{tier: silver, applies: {types: [website]}}",
            "8:5: code-owned is asked of nobody: it is about website, spec.scope.types about others",
        ),
        (
            "{tier: silver, applies: {types: []}}",
            "8:5: code-owned is asked of nobody: it is about nobody, spec.scope.types about others",
        ),
        (
            "{tier: silver, applies: {lifecycles: [experimental]}}",
            "8:5: code-owned is asked of nobody: no lifecycle of its own is in spec.scope.lifecycles",
        ),
        ("{tier: silver, level: advisory}", "5:19: no check is required for silver, so nobody reaches it"),
    ],
)
def test_what_a_contract_says_in_vain_is_found_with_its_line(
    capsys: pytest.CaptureFixture[str], rules: str, remark: str
) -> None:
    scope = "  scope: {types: [service, library], lifecycles: [production]}\n"
    found = linted(capsys, SOUND.replace("code-owned: {tier: silver}", f"code-owned: {rules}") + scope)
    assert [line for line in found if line.startswith(f"acme.yaml:{remark}")]


def test_a_check_that_is_about_others_than_the_scope_is_asked_of_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    text = SOUND.replace("code-owned", "oncall-declared") + "  scope: {types: [library]}\n"
    assert linted(capsys, text) == [
        "acme.yaml:8:5: oncall-declared is asked of nobody: it is about service, spec.scope.types about others"
    ]


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        (
            "  waivers: {max_days: 90, approvers: []}\n",
            "9:27: nobody may approve a waiver; name an approver, or leave it",
        ),
        ("  waivers: {max_days: 900, approvers: [a]}\n", "9:13: 900 days are no exception but a rule; lower it"),
        (
            "  settings:\n    alert_routes:\n      - {match: {team: '*'}, receiver: pagerduty}\n"
            "      - {match: {team: a, severity: page}, receiver: opsgenie}\n",
            "12:9: no alert comes this far: team=* takes all that team=a, severity=page would",
        ),
    ],
)
def test_waivers_and_routes_that_cannot_work_are_found(
    capsys: pytest.CaptureFixture[str], text: str, remark: str
) -> None:
    assert [line for line in linted(capsys, SOUND + text) if f"acme.yaml:{remark}" in line]


def test_routes_that_differ_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    routes = "".join(f"      - {{match: {match}, receiver: pagerduty}}\n" for match in ("{team: a}", "{team: '*'}"))
    assert linted(capsys, f"{SOUND}  settings:\n    alert_routes:\n{routes}") == ["Nothing to mend."]


def test_approvals_that_count_for_nothing_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    Path("approvals").mkdir()
    approval = """\
apiVersion: goldenpath.dev/v1
kind: WaiverApproval
spec:
  request: sha256:{digest}
  check: {check}
  components: [component:default/shop]
  approver: {approver}
  approved: 2026-11-01
  expires: {expires}
  risk: small
"""
    for number, (check, approver, expires) in enumerate(
        [
            ("code-owned", "security", "2026-12-01"),
            ("code-owned", "payments", "2026-12-01"),
            ("code-owned", "security", "2027-12-01"),
            ("slo-defined", "security", "2026-12-01"),
        ]
    ):
        text = approval.format(digest=f"{number % 3:064x}", check=check, approver=approver, expires=expires)
        Path(f"approvals/{number}.yaml").write_text(text)
    found = linted(capsys, SOUND + "  waivers: {max_days: 90, approvers: [security]}\n")
    assert found == [
        "approvals/1.yaml:4:3: payments is no approver of the contract acme",
        "approvals/2.yaml:4:3: 2027-12-01 is later than 2027-01-30, the 90 days (spec.waivers.max_days)",
        "approvals/3.yaml:4:3: approvals/0.yaml:4:3 approves the same request",
        "approvals/3.yaml:4:3: the contract acme does not ask for slo-defined",
    ]


def test_the_contracts_that_ship_have_nothing_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    for name in "standard", "starter":
        assert main(["contract", "lint", name, "--format", "json"]) == (1 if name == "starter" else 0)
        remarks = json.loads(capsys.readouterr().out)
        assert [each["sentence"] for each in remarks if "gold" not in each["sentence"]] == []


def test_what_cannot_be_read_is_no_remark_but_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "lint", contract("  checks: {}\n")]) == 2
    assert "acme.yaml:6:3: a contract asks for at least one check" in capsys.readouterr().err


NEWER = SOUND + "    slo-defined: [{tier: silver, from: 2027-03-01}]\n"


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        (
            "  extends: base.yaml\n  checks: {owner-declared: {tier: bronze}}\n",
            "acme.yaml:6:12: owner-declared: acme 1.0.0 says just that; leave it out",
        ),
        (
            "  extends: base.yaml\n  checks: {docs-published: {level: off, reason: x}}\n",
            "acme.yaml:6:12: docs-published: acme 1.0.0 does not ask for it, so there is nothing to switch off",
        ),
        (
            "  extends: {contract: base.yaml, as_of: 2027-01-01}\n",
            "acme.yaml:5:34: slo-defined: acme 1.0.0 asks more of it from 2027-03-01 on, which as_of holds back; "
            "state it with a day of yours, or move as_of",
        ),
    ],
)
def test_what_is_said_in_vain_of_what_is_extended_is_found(
    capsys: pytest.CaptureFixture[str], text: str, remark: str
) -> None:
    assert main(["contract", "lint", extending(text, NEWER)]) == 1
    assert capsys.readouterr().out.splitlines() == [remark]


def test_what_is_wrong_with_what_is_extended_is_no_remark_here(capsys: pytest.CaptureFixture[str]) -> None:
    base = SOUND.replace("{tier: silver}", "[{tier: silver}, {tier: silver, from: 2027-01-01}]")
    assert main(["contract", "lint", extending("  extends: base.yaml\n  scope: {types: [library]}\n", base)]) == 0
    assert capsys.readouterr().out == "Nothing to mend.\n"


# --- show


def test_what_holds_today_and_what_comes_is_shown_for_the_component(capsys: pytest.CaptureFixture[str]) -> None:
    rules = (
        "  checks:\n    owner-declared: {tier: bronze}\n"
        "    oncall-declared: {tier: bronze, applies: {types: [website]}}\n"
        "    code-owned: [{tier: silver, level: advisory}, {tier: bronze, from: 2027-01-01}]\n"
        "    docs-published: {tier: silver, from: 2027-06-01}\n"
    )
    assert main(["contract", "show", "shop", "--contract", contract(rules), "--as-of", "2026-11-26"]) == 0
    shown = capsys.readouterr().out
    assert "contract acme 1.0.0 of group:default/platform, as of 2026-11-26" in shown
    assert "(advisory) " in shown
    assert "oncall-declared" not in shown
    assert shown.index("From 2027-01-01: code-owned is required for bronze") < shown.index(
        "From 2027-06-01: docs-published is required for silver"
    )
    assert main(["contract", "show", "shop", "--contract", "acme.yaml", "--as-of", "2027-07-01"]) == 0
    assert "From" not in capsys.readouterr().out


def test_what_a_day_brings_is_one_line_and_the_digest_is_that_of_an_attestation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    coming = "{tier: silver, from: 2027-06-01}"
    rules = f"  checks:\n    owner-declared: {{tier: bronze}}\n    code-owned: {coming}\n    docs-published: {coming}\n"
    name = contract(rules)
    assert main(["contract", "show", "shop", "--contract", name, "--as-of", "2026-11-26"]) == 0
    shown = capsys.readouterr().out
    assert "\n  From 2027-06-01: code-owned, docs-published are required for silver\n" in shown
    assert named(f"./{name}").digest() in shown
    assert main(["contract", "show", "shop", "--contract", name, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["digest"] == named(f"./{name}").digest()


def test_a_component_out_of_scope_is_shown_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    name = contract(SOUND + "  scope: {types: [library]}\n")
    assert main(["contract", "show", "shop", "--contract", name]) == 0
    assert "is not judged" in capsys.readouterr().out
    assert main(["contract", "show", "shop", "--contract", name, "--format", "json"]) == 0
    (component,) = json.loads(capsys.readouterr().out)["components"]
    assert (component["in_scope"], component["rules"]) == (False, [])


# --- diff


def test_every_kind_of_change_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    old = contract(SOUND, "old.yaml")
    new = contract(
        "  checks:\n    owner-declared: [{tier: bronze}, {tier: silver, level: advisory, from: 2027-01-01}]\n"
        "    slo-defined: {tier: silver, applies: {types: [service]}}\n"
        "  scope: {types: [service]}\n  waivers: {max_days: 30, approvers: [a]}\n  settings: {chat: [slack]}\n",
        "new.yaml",
    )
    assert main(["contract", "diff", old, new, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {each["what"]: (each["old"], each["new"]) for each in found["changes"]} == {
        "owner-declared": ("bronze required", "bronze required, then silver advisory from 2027-01-01"),
        "code-owned": ("silver required", ""),
        "slo-defined": ("", "silver required of types service"),
        "spec.scope": ("", "types service"),
        "spec.waivers": ("", "max_days 30; approvers a"),
        "settings.chat": ("", "slack"),
    }
    assert main(["contract", "diff", old, old]) == 0
    assert "They ask for the same." in capsys.readouterr().out


def test_who_falls_is_told_with_the_day_and_the_checks(capsys: pytest.CaptureFixture[str]) -> None:
    old = contract(SOUND, "old.yaml")
    stricter = SOUND.replace(
        "code-owned: {tier: silver}", "code-owned: [{tier: silver}, {tier: bronze, from: 2027-01-01}]"
    )
    new = contract(stricter, "new.yaml")
    compare = ["contract", "diff", old, new, "--over", "shop", "--as-of", "2026-11-26"]
    assert main(compare) == 1
    shown = capsys.readouterr().out
    assert "Of 1 component, 1 would fall and 0 would rise." in shown
    assert "2027-01-01  shop: bronze to no tier" in shown
    assert "not met: code-owned" in shown
    assert "2026-11-26" not in shown
    assert main(["contract", "diff", new, old, "--over", "shop", "--as-of", "2027-02-01"]) == 0
    assert "2027-02-01  shop: no tier to bronze" in capsys.readouterr().out


# --- init


def test_a_contract_to_start_from_is_sound_and_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--name", "acme: one", "--owner", "group:default/platform", "--oncall", "pagerduty", "--chat", "slack"]
    assert main(["contract", "init", "contract.yaml", *given]) == 0
    assert main(["contract", "lint", "contract.yaml"]) == 0
    begun = named("./contract.yaml")
    today = date.today()
    assert begun.name == "acme: one"
    assert begun.checks.keys() == named("standard").checks.keys()
    assert begun.in_force(today).keys() == named("starter").checks.keys()
    assert {each.since for each in begun.announced(today).values()} == {today + timedelta(days=90)}
    assert begun.settings.oncall == ("pagerduty",)
    assert begun.waivers is not None
    assert begun.waivers.approvers == ("group:default/platform",)
    assert main(["contract", "init", "contract.yaml"]) == 2
    assert "there is a file already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--owner", "a b", "--owner: 'a b' is no entity name"),
        ("--oncall", "pager", "--oncall: 'pager' is not known; known are pagerduty"),
        ("--chat", "irc", "--chat: 'irc' is not known; known are slack"),
        ("--name", "a\nb", "--name: 'a\\nb' is no name of a contract; write it on one line"),
    ],
)
def test_an_answer_that_makes_no_contract_writes_none(
    capsys: pytest.CaptureFixture[str], option: str, value: str, sentence: str
) -> None:
    assert main(["contract", "init", "contract.yaml", option, value]) == 2
    assert sentence in capsys.readouterr().err
    assert not Path("contract.yaml").exists()


def test_a_file_without_a_name_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "init", ""]) == 2
    assert "FILE is empty" in capsys.readouterr().err


def test_whoever_sits_at_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["acme", "group:default/golden", "", "", "teams"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))
    assert main(["contract", "init", "contract.yaml"]) == 0
    begun = named("./contract.yaml")
    assert (begun.name, begun.owner, begun.settings.chat) == ("acme", "group:default/golden", ("teams",))
    assert begun.settings.oncall is None


def test_a_file_that_is_called_like_a_contract_that_ships_is_not_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("standard").write_text("a: [")
    assert main(["contract", "lint", "standard"]) == 0
    assert capsys.readouterr().out == "Nothing to mend.\n"
