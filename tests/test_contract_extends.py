"""A contract that builds on another: what it says counts, what it does not say is as the other has it."""

from __future__ import annotations

import json
import re
from datetime import date
from textwrap import indent
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trees
from goldenpath.cli import main
from goldenpath.contract import Contract, choose, named
from goldenpath.reports import render
from goldenpath.repository import InputError
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
tiers: [bronze, silver]
checks:
  owner-declared: {tier: bronze}
  code-owned: {tier: silver, applies: {types: [service]}}
  docs-published:
    - {tier: silver, level: advisory, from: 2027-01-01}
    - {tier: silver, from: 2027-07-01}
scope: {types: [service], lifecycles: [production]}
waivers: {max_days: 90, approvers: [group:default/security]}
settings:
  oncall: [pagerduty]
  template: {source: "https://git.example.com/acme/golden-path", minimum: v1.0.0}
knowledge:
  actions: [{uses: acme/notify, harmless: true}, {uses: acme/deploy, ships: true}]
"""
CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: payments}
"""
TODAY = date(2026, 11, 27)


def text(name: str, spec: str) -> str:
    about = f"metadata: {{name: {name}, version: 1, owner: group:default/platform}}"
    return f"apiVersion: goldenpath.dev/v1\nkind: PlatformContract\n{about}\nspec:\n{indent(spec, '  ')}"


def child(folder: Path, spec: str, base: str = BASE) -> Contract:
    (folder / "base.yaml").write_text(text("base", base), encoding="utf-8")
    (folder / "acme.yaml").write_text(text("acme", f"extends: base.yaml\n{spec}"), encoding="utf-8")
    return named(str(folder / "acme.yaml"))


def steps(contract: Contract, check: str) -> list[str]:
    found = contract.checks.get(check, ())
    return [f"{each.tier} {each.level}{f' {each.since}' if each.since else ''}" for each in found]


# What holds


def test_what_is_not_stated_is_as_the_other_has_it(tmp_path: Path) -> None:
    made, base = child(tmp_path, ""), named(str(tmp_path / "base.yaml"))
    assert (made.name, made.version, made.owner) == ("acme", "1", "group:default/platform")
    for part in "tiers", "checks", "scope", "settings", "waivers", "knowledge":
        assert getattr(made, part) == getattr(base, part), part


def test_a_shipped_contract_is_extended_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(text("acme", "extends: standard\nchecks: {code-owned: {tier: gold}}"))
    made, standard = named(str(tmp_path / "acme.yaml")), named("standard")
    assert list(made.checks) == list(standard.checks)
    assert steps(made, "code-owned") == ["gold required"]
    assert [each.called for each in made.bases] == [standard.called]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("{level: advisory}", ["silver advisory"]),
        ("{tier: bronze}", ["bronze required"]),
        ("{from: 2027-03-01}", ["silver required 2027-03-01"]),
        ("[{tier: silver}, {tier: bronze, from: 2027-06-01}]", ["silver required", "bronze required 2027-06-01"]),
    ],
)
def test_a_mapping_states_a_part_of_a_rule_and_a_list_all_of_it(tmp_path: Path, said: str, asked: list[str]) -> None:
    made = child(tmp_path, f"checks: {{code-owned: {said}}}")
    assert steps(made, "code-owned") == asked
    kept = made.checks["code-owned"][0].applies
    assert (kept is None) == said.startswith("[")


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("{tier: bronze}", ["bronze advisory 2027-01-01", "bronze required 2027-07-01"]),
        ("{level: required}", ["silver required 2027-01-01"]),
        ("{from: 2026-12-01}", ["silver advisory 2026-12-01", "silver required 2027-07-01"]),
        ("{from: 2027-03-01}", ["silver advisory 2027-03-01", "silver required 2027-07-01"]),
        ("{from: 2027-09-01}", ["silver required 2027-09-01"]),
    ],
)
def test_a_rule_with_several_days_is_restated_on_each_of_them(tmp_path: Path, said: str, asked: list[str]) -> None:
    assert steps(child(tmp_path, f"checks: {{docs-published: {said}}}"), "docs-published") == asked


def test_mappings_are_laid_over_each_other_and_lists_replace(tmp_path: Path) -> None:
    said = "scope: {types: [library]}\nwaivers: {max_days: 30}\nsettings: {oncall: [opsgenie], template: {minimum: v2}}"
    made = child(tmp_path, said)
    assert (made.scope.types, made.scope.lifecycles) == (("library",), ("production",))
    assert made.waivers is not None
    assert (made.waivers.max_days, made.waivers.approvers) == (30, ("group:default/security",))
    assert made.settings.oncall == ("opsgenie",)
    assert made.settings.template is not None
    assert (made.settings.template.source[-16:], made.settings.template.minimum) == ("acme/golden-path", "v2")


def test_null_takes_back_what_the_other_says(tmp_path: Path) -> None:
    made = child(tmp_path, "waivers: null\nsettings: {oncall: null}")
    assert made.waivers is None
    assert made.settings.oncall is None


def test_of_what_own_actions_do_the_contracts_own_word_comes_first(tmp_path: Path) -> None:
    made = child(tmp_path, "knowledge: {actions: [{uses: acme/deploy, harmless: true}]}")
    assert made.knowledge is not None
    assert [(told.about.uses, told.by) for told in made.knowledge.actions] == [
        ("acme/deploy", "the contract acme 1, line 6"),
        ("acme/notify", "the contract base 1, line 18"),
        ("acme/deploy", "the contract base 1, line 18"),
    ]


def test_a_check_is_switched_off_with_a_reason(tmp_path: Path) -> None:
    made = child(tmp_path, "checks: {code-owned: {level: off, reason: Reviews are assigned elsewhere}}")
    assert list(made.checks) == ["owner-declared", "docs-published"]
    assert made.switched_off == {"code-owned": "Reviews are assigned elsewhere"}


def test_what_is_switched_off_stays_off_for_who_builds_on_that_and_can_be_asked_for_again(tmp_path: Path) -> None:
    off = f"{BASE}".replace(
        "code-owned: {tier: silver, applies: {types: [service]}}", "chat-channel-declared: {tier: bronze}"
    )
    child(tmp_path, "checks: {chat-channel-declared: {level: off, reason: No chat}}", off)
    (tmp_path / "team.yaml").write_text(text("team", "extends: acme.yaml"))
    assert named(str(tmp_path / "team.yaml")).switched_off == {"chat-channel-declared": "No chat"}
    (tmp_path / "team.yaml").write_text(
        text("team", "extends: acme.yaml\nchecks: {chat-channel-declared: {tier: silver}}")
    )
    again = named(str(tmp_path / "team.yaml"))
    assert again.switched_off == {}
    assert steps(again, "chat-channel-declared") == ["silver required"]


def test_each_rule_says_which_contract_asks_for_it(tmp_path: Path) -> None:
    child(tmp_path, "checks: {code-owned: {level: advisory}}")
    (tmp_path / "team.yaml").write_text(text("team", "extends: acme.yaml\nchecks: {slo-defined: {tier: silver}}"))
    made = named(str(tmp_path / "team.yaml"))
    assert made.asked_by == {
        "owner-declared": "base 1", "code-owned": "acme 1", "docs-published": "base 1", "slo-defined": "team 1",
    }  # fmt: skip
    assert [each.name for each in made.bases] == ["acme", "base"]


# A later version of what is extended


NEWER = BASE.replace("  code-owned:", "  slo-defined: {tier: bronze, from: 2027-03-01}\n  code-owned:")


def test_a_new_check_comes_in_on_the_day_that_it_is_announced_for(tmp_path: Path) -> None:
    made = child(tmp_path, "", NEWER)
    assert "slo-defined" not in made.in_force(TODAY)
    assert made.announced(TODAY)["slo-defined"].since == date(2027, 3, 1)
    assert made.in_force(date(2027, 3, 1))["slo-defined"].level == "required"


def test_after_its_day_nothing_new_is_required_until_the_contract_says_so(tmp_path: Path) -> None:
    held = "extends: {contract: base.yaml, as_of: 2027-02-01}"
    made = child(tmp_path, "", NEWER)
    (tmp_path / "held.yaml").write_text(text("held", held))
    made = named(str(tmp_path / "held.yaml"))
    assert steps(made, "slo-defined") == ["bronze advisory 2027-03-01"]
    assert steps(made, "docs-published") == ["silver advisory 2027-01-01"]
    assert steps(made, "owner-declared") == ["bronze required"]
    assert made.held_back == ("slo-defined", "docs-published")
    (tmp_path / "held.yaml").write_text(text("held", f"{held}\nchecks: {{slo-defined: {{from: 2027-09-01}}}}"))
    decided = named(str(tmp_path / "held.yaml"))
    assert steps(decided, "slo-defined") == ["bronze required 2027-09-01"]
    assert decided.held_back == ("docs-published",)


# Who is told


def test_reports_say_what_it_builds_on_who_asks_and_what_is_switched_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    off = "docs-published: {level: off, reason: TechDocs comes next year}"
    child(
        tmp_path, f"checks: {{code-owned: {{level: advisory}}, {off}, slo-defined: {{tier: silver, from: 2027-02-01}}}}"
    )
    service = tmp_path / "shop"
    service.mkdir()
    (service / "catalog-info.yaml").write_text(CATALOG)
    rules = ["--contract", str(tmp_path / "acme.yaml")]
    main(["check", str(service), *rules, "--format", "json", "--as-of", str(TODAY)])
    report = json.loads(capsys.readouterr().out)
    assert report["contract"]["extends"] == [{"name": "base", "version": "1", "source": str(tmp_path / "base.yaml")}]
    assert report["contract"]["switched_off"] == [{"check": "docs-published", "reason": "TechDocs comes next year"}]
    asked_by = {check["id"]: check["asked_by"] for check in report["components"][0]["checks"]}
    assert asked_by == {"owner-declared": "base 1", "code-owned": "acme 1"}
    assert [each["asked_by"] for each in report["contract"]["announced"]] == ["acme 1"]

    for form in "text", "markdown":
        main(["check", str(service), *rules, "--format", form])
        page = " ".join(capsys.readouterr().out.split())
        assert "contract acme 1, which extends base 1, as of" in page
        assert "acme switches docs-published off: TechDocs comes next year" in page

    main(["list", *rules, "--as-of", str(TODAY)])
    page = " ".join(capsys.readouterr().out.split())
    assert "contract acme 1, which extends base 1" in page
    assert "reviews its changes (advisory, by acme 1)" in page
    assert "acme switches docs-published off: TechDocs comes next year" in page
    assert "by base 1" not in page

    told = {
        "owner-declared": "It is asked for by the contract base 1, which acme 1 extends.",
        "code-owned": "It is asked for by the contract acme 1.",
        "docs-published": "The contract acme 1 switches it off: TechDocs comes next year.",
    }
    for check, sentence in told.items():
        main(["explain", check, str(service), *rules])
        assert sentence in capsys.readouterr().out


def test_a_contract_that_extends_nothing_says_nothing_of_it() -> None:
    report = evaluate(trees.repository({}), named("standard"), TODAY)
    assert not {"extends", "switched_off", "asked_by"} & set(
        re.findall(r'"(\w+)":', render(report, "json", to_terminal=False))
    )


def test_its_digest_is_of_all_that_holds_whoever_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = BASE.partition("knowledge:")[0]
    said = (
        "checks: {code-owned: {level: advisory}, docs-published: {level: off, reason: Later}}\nwaivers: {max_days: 30}"
    )
    made = child(tmp_path, said, base)
    assert child(tmp_path, said, base.replace("max_days: 90", "max_days: 80")).digest() == made.digest()
    assert child(tmp_path, said, base.replace("tier: bronze", "tier: silver")).digest() != made.digest()
    child(tmp_path, said, base)
    assert main(["contract", "resolve", str(tmp_path / "acme.yaml")]) == 0
    (tmp_path / "whole.yaml").write_text(capsys.readouterr().out)
    whole = named(str(tmp_path / "whole.yaml"))
    assert whole.base is None
    assert whole.digest() == made.digest()


DAYS = [date(2027, month, 1) for month in range(1, 7)]
_TIERS = st.sampled_from(["bronze", "silver"])
_LEVELS = st.sampled_from(["required", "advisory"])


@st.composite
def histories(draw: st.DrawFn) -> str:
    """What a contract asks of three checks over half a year, as YAML."""
    lines = []
    for check in ("owner-declared", "code-owned", "slo-defined"):
        days = draw(st.sets(st.sampled_from([None, *DAYS]), min_size=1))
        rules = [
            f"{{tier: {draw(_TIERS)}, level: {draw(_LEVELS)}{f', from: {day}' * bool(day)}}}"
            for day in sorted(days, key=lambda day: day or date.min)
        ]
        lines.append(f"  {check}: [{', '.join(rules)}]")
    return "tiers: [bronze, silver]\nchecks:\n" + "\n".join(lines) + "\n"


@settings(max_examples=60, deadline=None)
@given(base=histories(), held=st.sampled_from(DAYS), began=st.sampled_from(DAYS))
def test_whatever_is_announced_what_is_extended_counts_as_it_is_said(
    tmp_path_factory: pytest.TempPathFactory, base: str, held: date, began: date
) -> None:
    folder = tmp_path_factory.mktemp("contracts")
    plain = child(folder, "", base)
    (folder / "held.yaml").write_text(text("held", f"extends: {{contract: base.yaml, as_of: {held}}}"))
    (folder / "moved.yaml").write_text(text("moved", f"extends: base.yaml\nchecks: {{code-owned: {{from: {began}}}}}"))
    whole, calm = named(str(folder / "base.yaml")), named(str(folder / "held.yaml"))
    moved = named(str(folder / "moved.yaml"))
    asked = {name: each.tier for name, each in whole.in_force(held).items() if each.level == "required"}
    for day in DAYS:
        assert plain.in_force(day) == whole.in_force(day)
        if day <= held:
            assert calm.in_force(day) == whole.in_force(day)
        else:
            required = {name: each.tier for name, each in calm.in_force(day).items() if each.level == "required"}
            assert required == asked
        found, there = moved.in_force(day).get("code-owned"), whole.in_force(day).get("code-owned")
        assert (found is None) == (day < began)
        if found and there:
            assert (found.tier, found.level) == (there.tier, there.level)


# Where it is found


def test_a_file_is_found_beside_the_contract_itself_wherever_it_is_called_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "platform").mkdir()
    child(tmp_path / "platform", "")
    (tmp_path / "link.yaml").symlink_to("platform/acme.yaml")
    monkeypatch.chdir(tmp_path)
    for name in "platform/acme.yaml", "./link.yaml", str(tmp_path / "link.yaml"):
        assert [each.name for each in named(name).bases] == ["base"]


def test_every_file_that_it_was_made_from_is_told(tmp_path: Path) -> None:
    outside = child(tmp_path, "").outside
    assert outside is not None
    assert [path for path, _ in outside] == [str(tmp_path / "acme.yaml"), str(tmp_path / "base.yaml")]


def test_a_contract_of_the_repository_builds_on_its_files_and_on_no_other(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(text("base", BASE))
    files = {".goldenpath.yaml": "contract: platform/acme.yaml", "base.yaml": text("base", BASE)}

    def extending(what: str) -> Contract:
        return choose(trees.repository(files | {"platform/acme.yaml": text("acme", f"extends: {what}")}), None)

    assert [each.source for each in extending("../base.yaml").bases] == ["base.yaml"]
    assert [each.source for each in extending("starter").bases] == ["starter"]
    for path in str(tmp_path / "base.yaml"), "../../base.yaml", "./base.yaml":
        with pytest.raises(InputError, match=r"^platform/acme.yaml:5:12: there is no file .* in this repository"):
            extending(path)


# What is wrong


@pytest.mark.parametrize(
    ("spec", "place", "sentence"),
    [
        ("extends: nowhere.yaml", "5:12", "there is no file '"),
        ('extends: "\\0.yaml"', "5:12", "there is no file '"),
        ('extends: "\\0"', "5:12", "there is no contract"),
        ("extends: ..", "5:12", "there is no contract"),
        ("extends: ../", "5:12", "it cannot be read (Is a directory)"),
        ("extends: standrad", "5:12", "there is no contract 'standrad'; did you mean 'standard'?"),
        ("extends: [standard, starter]", "5:12", "extends names one contract"),
        ("extends:", "5:11", "extends names one contract"),
        ("extends: {contract: standrad}", "5:13", "did you mean 'standard'?"),
        ("extends: {contract: standard, as-of: 2027-01-01}", "5:33", "did you mean 'as_of'?"),
        ("extends: {contract: standard, as_of: soon}", "5:33", "as_of is a date, written as YYYY-MM-DD"),
        ("extends: standard\ntiers: [bronze, silver]", "6:3", " asks for provenance-verified at gold"),
        ("extends: starter\nchecks: {code-owned: {level: advisory}}", "6:12", " does not ask for code-owned"),
        ("extends: standard\nchecks: {code-owned: {level: off}}", "6:24", "the field 'reason' is missing"),
        ("extends: standard\nchecks: {code-owned: {level: off, reason: ''}}", "6:37", "say why code-owned is"),
        ("extends: standard\nchecks: {code-owner: {level: off, reason: x}}", "6:12", "did you mean code-owned"),
        ("extends: standard\nchecks: {code-owned: {tier: platinum}}", "6:25", "there is no tier 'platinum'"),
        ("tiers: [bronze]\nchecks: {code-owned: {level: off, reason: x}}", "6:25", "level is required or advisory"),
        ("extends: standard\nchecks: [code-owned]", "6:3", "expected a mapping"),
        ("extends: standard\nwaivers: {max_days: 9}", "6:3", "the field 'approvers' is missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, spec: str, place: str, sentence: str) -> None:
    (tmp_path / "acme.yaml").write_text(text("acme", spec))
    with pytest.raises(InputError) as refused:
        named(str(tmp_path / "acme.yaml"))
    assert str(refused.value).startswith(f"{tmp_path}/acme.yaml:{place}: "), refused.value
    assert sentence in str(refused.value)


def test_what_is_wrong_in_the_other_is_said_with_its_line_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^\S+/base.yaml:7:22: there is no tier 'iron'"):
        child(tmp_path, "", BASE.replace("tier: bronze}", "tier: iron}"))


def test_circles_and_long_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"base.yaml:5:12: \S+/acme.yaml builds on this contract itself"):
        child(tmp_path, "", "extends: ./acme.yaml")
    (tmp_path / "self.yaml").write_text(text("self", "extends: self.yaml"))
    with pytest.raises(InputError, match=r"self.yaml:5:12: \S+/self.yaml builds on this contract itself"):
        named(str(tmp_path / "self.yaml"))
    for number in range(1, 9):
        (tmp_path / f"{number}.yaml").write_text(text("row", f"extends: {number - 1}.yaml"))
    (tmp_path / "0.yaml").write_text(text("row", BASE))
    assert len(list(named(str(tmp_path / "7.yaml")).bases)) == 7
    with pytest.raises(InputError, match=r"1.yaml:5:12: more than 8 contracts build on each other"):
        named(str(tmp_path / "8.yaml"))


def test_circles_within_a_repository_are_refused() -> None:
    files = {".goldenpath.yaml": "contract: a.yaml", "a.yaml": text("a", "extends: ./b.yaml")}
    with pytest.raises(InputError, match=r"^b.yaml:5:12: a.yaml builds on this contract itself"):
        choose(trees.repository(files | {"b.yaml": text("b", "extends: ./a.yaml")}), None)
