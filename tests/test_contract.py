"""Contracts: what they ask on which day and of whom, where they come from, and what is said of one that is wrong."""

from __future__ import annotations

from datetime import date
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

import toolbox
import trees
from goldenpath import checks
from goldenpath.checks import EVERY_TYPE, Check, Fix, passed
from goldenpath.contract import ENVIRONMENT, SHIPPED, Contract, Requirement, Scope, check, choose, named
from goldenpath.repository import InputError, open_repository

if TYPE_CHECKING:
    from pathlib import Path

SOUND = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata:
  name: acme
  version: 2026.4
  owner: group:default/platform
spec:
  tiers: [bronze, silver]
  checks:
    one: {tier: bronze}
    two:
      - {tier: silver, level: advisory}
      - {tier: silver, from: 2027-01-01}
      - {tier: bronze, from: 2027-07-01}
    three: {tier: silver, from: 2027-04-01, applies: {types: [website], lifecycles: [production]}}
  scope: {types: [service], lifecycles: [production]}
  waivers: {max_days: 90, approvers: [group:default/security, "user:jo"]}
  settings: {owner_kinds: [group], oncall: [pagerduty]}
"""


@pytest.fixture(autouse=True)
def three_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three checks that exist, so that these tests do not depend on those that ship."""
    known = {
        name: Check(name, name, "", EVERY_TYPE, Fix("Do", "minutes"), lambda: passed("done"), ())
        for name in ("one", "two", "three")
    }
    monkeypatch.setattr("goldenpath.contract.load", known.__getitem__)
    monkeypatch.setattr("goldenpath.contract.shipped_ids", lambda: tuple(known))


def template(source: str) -> tuple[str, str]:
    """What `but` replaces, so that the contract names a template."""
    return "{owner_kinds", f"{{template: {{source: {source}}}, owner_kinds"


def contract(tmp_path: Path, text: str = SOUND) -> Contract:
    (tmp_path / "acme.yaml").write_text(dedent(text), encoding="utf-8")
    return named(str(tmp_path / "acme.yaml"))


# What it asks


def test_a_contract_says_who_wrote_which_rules(tmp_path: Path) -> None:
    read = contract(tmp_path)
    assert (read.name, read.version, read.owner) == ("acme", "2026.4", "group:default/platform")
    assert read.tiers == ("bronze", "silver")
    assert read.settings.owner_kinds == ("group",)
    assert read.waivers is not None
    assert read.waivers.approvers == ("group:default/security", "user:jo")


@pytest.mark.parametrize(
    ("day", "in_force", "announced"),
    [
        ("2026-11-24", {"one": "bronze", "two": "silver advisory"}, {"two": "2027-01-01", "three": "2027-04-01"}),
        ("2026-12-31", {"one": "bronze", "two": "silver advisory"}, {"two": "2027-01-01", "three": "2027-04-01"}),
        ("2027-01-01", {"one": "bronze", "two": "silver"}, {"two": "2027-07-01", "three": "2027-04-01"}),
        ("2027-04-01", {"one": "bronze", "two": "silver", "three": "silver"}, {"two": "2027-07-01"}),
        ("2030-01-01", {"one": "bronze", "two": "bronze", "three": "silver"}, {}),
    ],
)
def test_requirements_begin_on_their_day(
    tmp_path: Path, day: str, in_force: dict[str, str], announced: dict[str, str]
) -> None:
    read, today = contract(tmp_path), date.fromisoformat(day)
    found = {name: f"{r.tier}{' advisory' * (r.level == 'advisory')}" for name, r in read.in_force(today).items()}
    assert found == in_force
    assert {name: str(requirement.since) for name, requirement in read.announced(today).items()} == announced


def test_a_scope_is_types_and_lifecycles() -> None:
    assert Scope().covers("library", "experimental")
    production = Scope(types=("service",), lifecycles=("production",))
    assert production.covers("service", "production")
    assert production.covers("service", None)
    assert not production.covers("service", "experimental")
    assert not production.covers("library", "production")
    assert Scope(types=("*",)).covers("anything", None)


def test_a_requirement_may_narrow_or_widen_whom_its_check_is_about() -> None:
    of_services = Check("one", "", "", frozenset({"service"}), Fix("Do", "minutes"), lambda: passed("done"), ())

    def asks(applies: Scope | None, kind: str, lifecycle: str | None = None) -> bool:
        return Requirement("bronze", applies=applies).asks(of_services, kind, lifecycle)

    assert asks(None, "service")
    assert not asks(None, "library")
    assert asks(Scope(types=("library",)), "library")
    assert not asks(Scope(types=("library",)), "service")
    assert asks(Scope(types=("*",)), "website")
    assert asks(Scope(lifecycles=("production",)), "service", "production")
    assert not asks(Scope(lifecycles=("production",)), "service", "experimental")
    assert not asks(Scope(lifecycles=("production",)), "library", "production")


# Where it comes from


def test_the_repositorys_own_contract_counts_before_the_environments_before_the_standard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.yaml").write_text(SOUND.replace("name: acme", "name: other"))
    (tmp_path / "mine.yaml").write_text(SOUND.replace("name: acme", "name: mine"))
    monkeypatch.setattr("goldenpath.contract._by_name", lambda *_: named(str(tmp_path / "mine.yaml")))
    plain = trees.repository({})
    own = trees.repository({".goldenpath.yaml": "contract: ./platform/acme.yaml", "platform/acme.yaml": SOUND})
    assert choose(plain, None).name == "mine"
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "other.yaml"))
    assert choose(plain, None).name == "other"
    assert choose(own, None).name == "acme"
    assert choose(own, None).source == "platform/acme.yaml"
    assert choose(own, str(tmp_path / "other.yaml")).name == "other"
    assert choose(trees.repository({".goldenpath.yaml": "contract: starter"}), None).name == "mine"


@pytest.mark.parametrize(
    ("wish", "acme", "sentence"),
    [
        ("contract: none.yaml", "", ":1:11: there is no file 'none.yaml' in this repository"),
        ("contract: /etc/passwd", "", ":1:11: there is no file '/etc/passwd' in this repository"),
        ("contract: ../a.yaml", "", ":1:11: there is no file '../a.yaml' in this repository"),
        ("contract: standart", "", ":1:11: there is no contract 'standart'; did you mean 'standard'?"),
        ("contract: acme.yaml", None, "acme.yaml: it is too large"),
        ("contract: acme.yaml", "a: [\n", "acme.yaml:2:1: it is not valid YAML"),
        (None, "", ": it is too large"),
        ("- a", "", ":1:1: it should hold one document, a mapping"),
        ("# us\ncontracts: a", "", ":2:1: there is no field 'contracts' here; did you mean 'contract'?"),
    ],
)  # fmt: skip
def test_a_repositorys_wishes_are_read_strictly(wish: str | None, acme: str | None, sentence: str) -> None:
    repository = trees.repository({".goldenpath.yaml": wish, "acme.yaml": acme})
    expected = sentence if sentence.startswith("acme.yaml") else f".goldenpath.yaml{sentence}"
    for asked_for in [None] if wish and wish.startswith("contract:") else [None, "standard"]:
        with pytest.raises(InputError) as refused:
            choose(repository, asked_for)
        assert str(refused.value).startswith(expected)


def test_a_contract_that_is_named_and_not_there_is_an_input_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "latin1.yaml").write_bytes(b"\xe9")
    (tmp_path / "large.yaml").write_bytes(b" " * (1 << 21))
    for name, sentence in [
        (str(tmp_path / "none.yaml"), "--contract: there is no file"),
        (str(tmp_path / "latin1.yaml"), "is not UTF-8 text"),
        (str(tmp_path / "large.yaml"), "it is larger than 1,048,576 bytes, which no such file is"),
        (f"{tmp_path}/", "it cannot be read (Is a directory)"),
        ("stater", "--contract: there is no contract 'stater'; did you mean 'starter'?"),
        ("acme", "--contract: there is no contract 'acme'; known are standard, starter, or a file's path"),
        ("", "--contract: there is no contract ''"),
    ]:
        with pytest.raises(InputError) as refused:
            named(name)
        assert sentence in str(refused.value)
    monkeypatch.setenv(ENVIRONMENT, "acme")
    with pytest.raises(InputError, match="GOLDENPATH_CONTRACT: there is no contract 'acme'"):
        named(None)


def install(site: Path, group: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package `acme_golden` as pip would leave it."""
    about = site / "acme_golden-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-golden\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n")
    (site / "acme_golden.py").write_text("from pathlib import Path\ncontract = Path(__file__).with_name('acme.yaml')\n")
    (site / "acme.yaml").write_text(SOUND)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(__import__("sys").modules, "acme_golden", raising=False)


def test_an_installed_package_brings_a_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "goldenpath.contracts", "acme", "acme_golden:contract", monkeypatch)
    assert named("acme").source == "acme"
    assert choose(trees.repository({".goldenpath.yaml": "contract: acme"}), None).name == "acme"


def test_an_installed_contract_that_does_not_load_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "goldenpath.contracts", "acme", "acme_golden:none", monkeypatch)
    with pytest.raises(
        InputError, match="the contract 'acme' of the package acme-golden cannot be loaded: AttributeError"
    ):
        named("acme")


def test_an_installed_check_that_does_not_load_is_an_input_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldenpath.contract.load", checks.load)
    install(tmp_path, "goldenpath.checks", "acme-check", "acme_golden", monkeypatch)
    with pytest.raises(InputError, match="the check 'acme-check' of another package cannot be loaded: AttributeError"):
        check("acme-check")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_contracts_are_sound(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goldenpath.contract.load", checks.load)
    monkeypatch.setattr("goldenpath.contract.shipped_ids", checks.shipped_ids)
    shipped = named(name)
    assert (shipped.name, shipped.tiers) == (name, ("bronze", "silver", "gold"))
    if name == "standard":
        assert set(shipped.checks) == set(checks.shipped_ids())
    else:
        assert set(shipped.checks) <= set(named("standard").checks)


# What is wrong with it


def but(*changes: tuple[str, str]) -> str:
    text = SOUND
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("", "", "a contract is one YAML document, a mapping"),
        ("- a", "", "a contract is one YAML document, a mapping"),
        (SOUND + "---\na: b\n", "", "a contract is one YAML document, a mapping"),
        (but(("  name: acme", "  name: acme\n  name: acme")), "5:3", "the key 'name' is there twice (first in line 4)"),
        (but(("dev/v1", "dev/v2")), "1:1", "apiVersion is goldenpath.dev/v1"),
        (but(("kind: PlatformContract", "kind: Contract")), "2:1", "kind is PlatformContract"),
        (but(("kind: PlatformContract\n", "")), "1:1", "the field 'kind' is missing"),
        (but(("  owner: group:default/platform\n", "")), "3:1", "the field 'owner' is missing"),
        (but(("group:default/platform", "group:a/b/c")), "6:3", "'group:a/b/c' is no entity reference"),
        (but(("name: acme", "name:")), "4:3", "name: expected text, got nothing"),
        (but(("spec:", "specs: {}\nspec:")), "7:1", "there is no field 'specs' here; did you mean 'spec'?"),
        (but(("  tiers:", "  extra: 1\n  tiers:")), "8:3", "there is no field 'extra' here"),
        (but(("[bronze, silver]", "[]")), "8:3", "name each tier once, the lowest first, and at least one"),
        (but(("[bronze, silver]", "[bronze, bronze]")), "8:3", "name each tier once"),
        (but(("[bronze, silver]", '[bronze, "a\\nPATH=b"]')), "8:3", r"'a\nPATH=b' is no name of a tier; write it"),
        (but(("[bronze, silver]", "[bronze, ' ']")), "8:3", "' ' is no name of a tier"),
        (but(("[bronze, silver]", "bronze")), "8:3", "tiers: expected a list, got text"),
        (but(("{tier: bronze}", "bronze")), "10:10", "expected a mapping, got text"),
        (but(("one: {tier: bronze}", "one: {tiers: bronze}")), "10:11", "no field 'tiers' here; it belongs elsewhere"),
        (but(("one: {tier: bronze}", "one: {tier: gold}")), "10:11", "no tier 'gold'; spec.tiers has bronze, silver"),
        (but(("one: {tier: bronze}", "one: []")), "10:5", "one asks for nothing; give it a tier, or leave it out"),
        (but(("one: {", "oen: {")), "10:5", "there is no check 'oen'; did you mean one?"),
        (but(("one: {", "'': {")), "10:5", "there is no check ''; `goldenpath list` names them all"),
        (but(("level: advisory", "level: optional")), "12:24", "level is required or advisory"),
        (but(("from: 2027-01-01", "from: January")), "13:24", "from is a date, written as YYYY-MM-DD"),
        (but(("from: 2027-01-01", "from: 2027-02-30")), "13:24", "from is a date, written as YYYY-MM-DD"),
        (but(("from: 2027-07-01", "from: 2027-01-01")), "14:9", "two has two requirements from 2027-01-01 on"),
        (but((", from: 2027-01-01", "")), "13:9", "two has two requirements from the beginning on"),
        (but(("types: [website]", "type: [website]")), "15:55", "there is no field 'type' here; did you mean 'types'?"),
        (but(("[service]", "service")), "16:11", "types: expected a list or nothing, got text"),
        (but(("max_days: 90", "max_days: many")), "17:13", "max_days: expected a whole number, got text"),
        (but(("max_days: 90", "max_days: 0")), "17:13", "max_days: expected a whole number >= 1"),
        (but(("group:default/security", "a b")), "17:39", "'a b' is no entity name"),
        (but(("[pagerduty]", "[pager-duty]")), "18:45", "settings.oncall knows no 'pager-duty'; did you mean"),
        (but(("oncall: [", "on_call: [")), "18:36", "there is no field 'on_call' here; did you mean 'oncall'?"),
        (but(template("https://git.example.com/a/b")), "18:14", "the field 'minimum' is missing"),
        (but(template("https://git.example.com/a/b, minimum: new")), "18:62", "'new' is no version; write it as"),
        (but(template("../suite, minimum: v1.0.0")), "18:25", "template.source: it is a path, which means nothing on"),
        (but(template("'ext::sh -c id', minimum: v1")), "18:25", "template.source: it is no https or ssh address"),
        (but(("{owner", "{alert_routes: [{match: {}, receiver: pagerduty}], owner")), "18:29", "by at least one"),
        (but(("{owner", "{alert_routes: [{match: {a: b}, receiver: pagerdty}], owner")), "18:45", "'pagerduty'"),
        (but(("{owner_kinds", "{alert_routes: [{match: {a: b}, receiver: night}], owner_kinds")), "18:45", "known are"),
        (but(("{owner_kinds", "{alert_routes: [{match: {a: b}, reciever: x}], owner_kinds")), "18:45", "'receiver'"),
        (SOUND.split("  checks:", maxsplit=1)[0] + "  checks: {}\n", "9:3", "a contract asks for at least one check"),
        (SOUND.split("  checks:", maxsplit=1)[0] + "  checks: [one]\n", "9:3", "expected a mapping, got a list"),
        (but(("name: acme", "name: [acme")), "5:", "it is not valid YAML: "),
        ("a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
        ), "", "nodes once its aliases are expanded"),
        ("[" * 100, "1:65", "it is nested more than 64 levels deep"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_contract_is_said_with_its_line(
    tmp_path: Path, text: str, place: str, sentence: str
) -> None:
    with pytest.raises(InputError) as refused:
        contract(tmp_path, text)
    assert f"{tmp_path}/acme.yaml:{place}" in str(refused.value)
    assert sentence in str(refused.value)


def test_tiers_versions_and_names_may_look_like_numbers(tmp_path: Path) -> None:
    text = but(("[bronze, silver]", "[1, 2]"), ("bronze", "1"), ("silver", "2"), ("name: acme", "name: 007"))
    read = contract(tmp_path, text)
    assert (read.name, read.version, read.tiers) == ("007", "2026.4", ("1", "2"))


def test_wishes_that_git_does_not_track_are_told(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Shop\n")
    toolbox.commit(tmp_path)
    (tmp_path / ".goldenpath.yaml").write_text("contract: starter\n")
    with open_repository(tmp_path) as opened, pytest.raises(InputError, match=r"git add \.goldenpath\.yaml"):
        choose(opened, None)
