"""Waivers: what a service asks for, what an approver grants, and how little that says about a verdict."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

import toolbox
import trees
from goldenpath.contract import choose
from goldenpath.contract.waivers import standings
from goldenpath.facts import Facts
from goldenpath.repository import InputError, open_repository
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from goldenpath.repository import Repository
    from goldenpath.scorecard import CheckResult, Scorecard

TODAY = date(2026, 11, 26)
CONTRACT = """
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 1.0.0, owner: "group:default/platform"}
spec:
  tiers: [bronze, silver]
  checks:
    owner-declared: {tier: bronze}
    chat-channel-declared: {tier: bronze}
    oncall-declared: {tier: silver}
  waivers: {max_days: 90, approvers: ["group:default/security"]}
"""
CATALOG = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: NAME}
spec: {type: service, lifecycle: production, owner: payments}
"""
REQUEST = """
waivers:
  - check: chat-channel-declared
    reason: The team moves to another chat
    requested_by: user:default/jo
    requested: 2026-11-20
    expires: 2027-01-31
"""
APPROVAL = """
apiVersion: goldenpath.dev/v1
kind: WaiverApproval
spec:
  request: DIGEST
  check: chat-channel-declared
  components: ["component:default/shop"]
  approver: security
  approved: 2026-11-21
  expires: 2027-01-15
  risk: Nobody but the team's own tools writes there
"""


def service(request: str = REQUEST, **folders: str) -> Repository:
    """A service that names no chat channel; further components by the folder that declares them."""
    catalogs = {f"{folder}/catalog-info.yaml": CATALOG.replace("NAME", name) for folder, name in folders.items()}
    targets = ", ".join(f"./{path}" for path in catalogs)
    location = f"---\nkind: Location\nmetadata: {{name: all}}\nspec: {{targets: [{targets}]}}\n" if catalogs else ""
    own = CATALOG.replace("NAME", "shop") + location
    return trees.repository({"catalog-info.yaml": own, ".goldenpath.yaml": request, **catalogs})


def digest(repository: Repository, contract: Path) -> str:
    found = list(standings(choose(repository, str(contract)), Facts(repository)["catalog"].components, TODAY))
    request, covered, _ = found[0]
    return request.digest(covered)


def platform(folder: Path, *approvals: str, contract: str = CONTRACT) -> Path:
    """A contract with its approvals; DIGEST stands for that of the service's first request."""
    file = folder / "acme.yaml"
    file.write_text(contract)
    named = digest(service(), file)
    (folder / "approvals").mkdir(exist_ok=True)
    for number, text in enumerate(approvals):
        (folder / "approvals" / f"{number}.yaml").write_text(text.replace("DIGEST", named))
    return file


def judged(repository: Repository, contract: Path, day: date = TODAY) -> Scorecard:
    return evaluate(repository, choose(repository, str(contract)), day)


def chat(scorecard: Scorecard, component: int = 0) -> CheckResult:
    return next(each for each in scorecard.components[component].checks if each.id == "chat-channel-declared")


def test_an_approved_waiver_meets_its_tier_and_leaves_the_verdict_as_it_is(tmp_path: Path) -> None:
    found = judged(service(), platform(tmp_path, APPROVAL))
    result = chat(found)
    assert (found.tier, result.verdict, result.waived) == ("bronze", "fail", True)
    assert result.waiver is not None
    assert result.waiver.approver == "security"
    assert result.waiver.expires == date(2027, 1, 15)
    assert str(result.waiver.request) == ".goldenpath.yaml:2:5"
    assert str(result.waiver.approval).endswith("approvals/0.yaml:5:3")
    assert found.components[0].next is not None
    assert found.components[0].next.check == "oncall-declared"


def test_a_request_that_nobody_has_approved_counts_for_nothing(tmp_path: Path) -> None:
    found = judged(service(), platform(tmp_path))
    waiver = chat(found).waiver
    assert found.tier is None
    assert waiver is not None
    assert waiver.state == "requested"
    assert "nobody has approved it yet" in str(waiver.why)


def test_a_waiver_counts_from_its_approval_to_its_last_day(tmp_path: Path) -> None:
    contract = platform(tmp_path, APPROVAL)
    states = {}
    for day in (date(2026, 11, 20), date(2026, 11, 21), date(2027, 1, 15), date(2027, 1, 16)):
        waiver = chat(judged(service(), contract, day)).waiver
        states[day] = waiver.state if waiver else None
    assert list(states.values()) == ["requested", "granted", "granted", "expired"]
    assert judged(service(), contract, date(2027, 1, 16)).tier is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("moves to another chat", "has no time"),
        ("2027-01-31", "2027-02-01"),
        ("user:default/jo", "user:default/al"),
        ("2026-11-20", "2026-11-19"),
    ],
)
def test_what_has_changed_since_its_approval_is_no_longer_approved(tmp_path: Path, old: str, new: str) -> None:
    found = judged(service(REQUEST.replace(old, new)), platform(tmp_path, APPROVAL))
    waiver = chat(found).waiver
    assert waiver is not None
    assert waiver.state == "refused"
    assert "0.yaml:5:3 approves: something in it has changed since" in str(waiver.why)
    assert found.tier is None


def test_a_copy_of_an_approved_request_excuses_nobody_else(tmp_path: Path) -> None:
    contract = platform(tmp_path, APPROVAL)
    other = trees.repository({"catalog-info.yaml": CATALOG.replace("NAME", "stock"), ".goldenpath.yaml": REQUEST})
    assert judged(other, contract).tier is None
    together = judged(service(stock="stock"), contract)
    assert [chat(together, number).waived for number in range(2)] == [False, False]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("approver: security", "approver: payments", "payments is no approver of the contract acme (group:default/sec"),
        ("approver: security", "approver: user:security", "user:security is no approver of the contract acme"),
        ("expires: 2027-01-15", "expires: 2027-02-01", "it approves more than was asked, 2027-01-31"),
        ("approved: 2026-11-21", "approved: 2026-10-01", "2027-01-15 is later than 2026-12-30, the 90 days"),
        ("risk:", "approved_by: User:Jo\n  risk:", "user:default/jo asks for this waiver, and cannot be the one who"),
    ],
)
def test_an_approval_that_was_not_theirs_to_give_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    found = judged(service(), platform(tmp_path, APPROVAL.replace(old, new)))
    waiver = chat(found).waiver
    assert waiver is not None
    assert waiver.state == "refused"
    assert f"0.yaml:5:3: {why}" in str(waiver.why)
    assert found.tier is None


def test_of_several_approvals_the_one_that_counts_is_taken(tmp_path: Path) -> None:
    wrong = APPROVAL.replace("approver: security", "approver: payments")
    assert judged(service(), platform(tmp_path, wrong, APPROVAL, wrong)).tier == "bronze"


def test_of_several_approvals_that_count_the_one_that_ends_last_is_told(tmp_path: Path) -> None:
    short = APPROVAL.replace("2027-01-15", "2026-12-01")
    waiver = chat(judged(service(), platform(tmp_path, short, APPROVAL, short))).waiver
    assert waiver is not None
    assert waiver.expires == date(2027, 1, 15)


def test_a_contract_that_grants_no_waivers_refuses_them_all(tmp_path: Path) -> None:
    strict = CONTRACT.replace('  waivers: {max_days: 90, approvers: ["group:default/security"]}\n', "")
    waiver = chat(judged(service(), platform(tmp_path, APPROVAL, contract=strict))).waiver
    assert waiver is not None
    assert waiver.why == "the contract acme grants no waivers (it has no spec.waivers)"


def test_a_service_cannot_grant_itself_what_it_asks(tmp_path: Path) -> None:
    named = digest(service(), platform(tmp_path))
    files = {
        "catalog-info.yaml": CATALOG.replace("NAME", "shop"),
        ".goldenpath.yaml": f"contract: acme.yaml{REQUEST}",
        "acme.yaml": CONTRACT,
        "approvals/0.yaml": APPROVAL.replace("DIGEST", named),
    }
    repository = trees.repository(files)
    found = evaluate(repository, choose(repository, None), TODAY)
    waiver = chat(found).waiver
    assert found.tier is None
    assert waiver is not None
    assert "the service's own repository grants nothing" in str(waiver.why)


@pytest.fixture
def organisation(tmp_path: Path) -> Path:
    """A platform with an approval, and beside it a service that has copied both into its own repository."""
    for folder in ("platform", "shop"):
        (tmp_path / folder).mkdir()
        platform(tmp_path / folder, APPROVAL)
    (tmp_path / "shop/catalog-info.yaml").write_text(CATALOG.replace("NAME", "shop"))
    (tmp_path / "shop/.goldenpath.yaml").write_text(REQUEST)
    return tmp_path


def tier_by(organisation: Path, contract: str, monkeypatch: pytest.MonkeyPatch, service: str = "shop") -> str | None:
    """The tier of the service by a contract that is named from within its folder."""
    monkeypatch.chdir(organisation / service)
    with open_repository(Path()) as repository:
        return evaluate(repository, choose(repository, contract), TODAY).tier


@pytest.mark.parametrize("git", [False, True])
def test_a_contract_in_the_services_repository_grants_nothing_however_it_is_named(
    organisation: Path, monkeypatch: pytest.MonkeyPatch, git: bool
) -> None:
    shop = organisation / "shop"
    (organisation / "elsewhere.yaml").symlink_to("shop/acme.yaml")
    (organisation / "alias").symlink_to("shop")
    if git:
        toolbox.commit(shop)
    named = ("./acme.yaml", "../shop/acme.yaml", str(shop / "acme.yaml"), "../elsewhere.yaml", "../alias/acme.yaml")
    assert [tier_by(organisation, name, monkeypatch) for name in named] == [None] * len(named)
    monkeypatch.setenv("GOLDENPATH_CONTRACT", "./acme.yaml")
    with open_repository(Path()) as repository:
        assert evaluate(repository, choose(repository, None), TODAY).tier is None


def test_approvals_stand_beside_the_contract_and_not_beside_a_link_to_it(
    organisation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (organisation / "shop/acme.yaml").unlink()
    (organisation / "shop/acme.yaml").symlink_to("../platform/acme.yaml")
    assert tier_by(organisation, "./acme.yaml", monkeypatch) == "bronze"
    (organisation / "platform/approvals/0.yaml").unlink()
    assert tier_by(organisation, "./acme.yaml", monkeypatch) is None


def test_approvals_that_lead_into_the_service_are_its_own(organisation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    approvals = organisation / "platform/approvals"
    (approvals / "0.yaml").unlink()
    approvals.rmdir()
    approvals.symlink_to("../shop/approvals")
    assert tier_by(organisation, "../platform/acme.yaml", monkeypatch) is None


def test_a_part_of_a_repository_is_not_granted_by_another_part(
    organisation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolbox.commit(organisation)
    assert tier_by(organisation, "../platform/acme.yaml", monkeypatch) is None


def test_a_clone_of_the_platform_that_lies_in_the_services_folder_grants(
    organisation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = organisation / "shop"
    (shop / "acme.yaml").unlink()
    toolbox.commit(shop)
    (organisation / "platform").rename(shop / "platform")
    assert tier_by(organisation, "platform/acme.yaml", monkeypatch) is None
    toolbox.commit(shop / "platform")
    assert tier_by(organisation, "platform/acme.yaml", monkeypatch) == "bronze"
    toolbox.git(shop, "add", "platform")  # as a submodule: now the service chooses its commit
    assert tier_by(organisation, "platform/acme.yaml", monkeypatch) is None


def test_a_component_that_is_declared_again_elsewhere_is_not_in_the_scope(tmp_path: Path) -> None:
    scoped = f"{REQUEST.rstrip()}\n    scope: [services/stock]\n"
    contract = platform(tmp_path)
    alone = service(scoped, **{"services/stock": "stock"})
    approval = APPROVAL.replace("default/shop", "default/stock").replace("DIGEST", digest(alone, contract))
    (tmp_path / "approvals/0.yaml").write_text(approval)
    assert [chat(judged(alone, contract), number).waived for number in range(2)] == [False, True]
    again = service(scoped, **{"services/stock": "stock", "services/other": "stock"})
    assert [chat(judged(again, contract), number).waived for number in range(3)] == [False, False, False]


def test_a_check_that_passes_needs_no_waiver(tmp_path: Path) -> None:
    asked = REQUEST.replace("chat-channel-declared", "owner-declared")
    result = next(
        c for c in judged(service(asked), platform(tmp_path)).components[0].checks if c.id == "owner-declared"
    )
    assert (result.verdict, result.waiver, result.reason) == ("pass", None, UNSET)


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ("[component:default/shop]", ["shop"]),
        ("[component:stock]", ["stock"]),
        ("['services/*']", ["stock", "deep"]),
        ("['services/s*']", ["stock"]),
        ("['services/**']", ["stock", "deep"]),
        ("['./services/stock/']", ["stock"]),
        ("['services/stock', component:deep]", ["stock", "deep"]),
        ("['**/deep']", ["deep"]),
        ("[service, 'services/sto', 'shop']", []),
        ("[]", ["shop", "stock", "deep"]),
    ],
)
def test_a_scope_names_components_or_the_folders_that_declare_them(
    tmp_path: Path, scope: str, covered: list[str]
) -> None:
    request = f"{REQUEST.rstrip()}\n    scope: {scope}\n"
    many = service(request, **{"services/stock": "stock", "services/more/deep": "deep"})
    contract = choose(many, str(platform(tmp_path)))
    ((_, refs, standing),) = standings(contract, Facts(many)["catalog"].components, TODAY)
    assert sorted(refs) == sorted(f"component:default/{name}" for name in covered)
    assert covered or standing.why == "it covers no component that this repository declares"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("chat-channel-declared", "chat-chanel-declared", ":2:5: there is no check 'chat-chanel-declared'; did you"),
        ("The team moves to another chat", "' '", ":3:5: a waiver needs a reason; say why the check cannot be met yet"),
        ("user:default/jo", "jo and al", ":4:5: requested_by: 'jo and al' is no entity name"),
        ("2027-01-31", "2027-03-01", ":6:5: 2027-03-01 is later than 2027-02-18, the 90 days (spec.waivers"),
        ("2027-01-31", "2026-11-20", ":6:5: expires (2026-11-20) must come after requested (2026-11-20)"),
        ("expires: 2027-01-31", "until: 2027-01-31", ":6:5: there is no field 'until' here"),
        ("2027-01-31", "2027-01-31\n    scope: ['component:a b']", ":7:13: scope: 'a b' is no entity name"),
    ],
)  # fmt: skip
def test_a_request_that_nobody_could_approve_is_an_error_with_its_line(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    contract = platform(tmp_path)
    with pytest.raises(InputError) as refused:
        choose(service(REQUEST.replace(old, new)), str(contract))
    assert str(refused.value).startswith(f".goldenpath.yaml{sentence}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (APPROVAL.replace("DIGEST", "md5:1"), ":5:3: request is the digest that `goldenpath waiver list` shows"),
        (APPROVAL.replace("Nobody but the team's own tools writes there", "''"), ":11:3: an approval names the risk"),
        (APPROVAL.replace("2027-01-15", "2026-11-21"), ":10:3: expires (2026-11-21) must come after approved (2026-"),
        (APPROVAL.replace("approver: security", "approver: a b"), ":8:3: approver: 'a b' is no entity name"),
        ("- one", ": an approval is one YAML document, a mapping"),
        ("a: [", ":2:1: it is not valid YAML"),
    ],
)
def test_an_approval_that_cannot_be_read_is_an_error_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    contract = platform(tmp_path, text)
    with pytest.raises(InputError) as refused:
        choose(service(), str(contract))
    assert f"approvals/0.yaml{sentence}" in str(refused.value)


def test_a_flood_of_requests_is_an_error_with_its_line(tmp_path: Path) -> None:
    flood = REQUEST.replace("- check", "- &it\n    check") + "  - *it\n" * 200
    with pytest.raises(InputError, match="more than 200 waivers are no exceptions"):
        choose(service(flood), str(platform(tmp_path)))


def test_days_beyond_the_calendar_are_refused_or_allowed_and_never_break(tmp_path: Path) -> None:
    late = REQUEST.replace("2026-11-20", "9999-12-30").replace("2027-01-31", "9999-12-31")
    assert judged(service(late), platform(tmp_path)).tier is None
    endless = platform(tmp_path, APPROVAL, contract=CONTRACT.replace("max_days: 90", "max_days: 99999999999"))
    assert judged(service(), endless).tier == "bronze"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("check: chat-channel-declared", "check: docs-published", "docs-published of component:default/shop, but"),
        (
            "component:default/shop",
            "component:default/toy",
            "chat-channel-declared of component:default/toy",
        ),
        (
            '"component:default/shop"',
            '"component:default/shop", "component:default/toy"',
            "chat-channel-declared of component:default/shop, comp",
        ),
    ],
)
def test_an_approval_whose_words_are_about_something_else_than_its_digest_is_refused(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    found = judged(service(), platform(tmp_path, APPROVAL.replace(old, new)))
    waiver = chat(found).waiver
    assert found.tier is None
    assert waiver is not None
    assert (waiver.state, f"0.yaml:5:3: it speaks of {why}" in str(waiver.why)) == ("refused", True)


def test_an_approval_of_one_component_is_not_one_of_all_when_that_one_is_picked(tmp_path: Path) -> None:
    contract = platform(tmp_path, APPROVAL)
    both = service(stock="stock")
    found = evaluate(both, choose(both, str(contract)), TODAY, only=["shop"])
    assert chat(found).waived is False
    assert found.tier is None


def test_a_scope_of_many_wildcards_is_decided_at_once(tmp_path: Path) -> None:
    deep = "/".join("a" * 150)
    request = f"{REQUEST.rstrip()}\n    scope: ['{'**/a/' * 12}b', '{'*a' * 40}b']\n"
    many = service(request, **{deep: "deep", "a" * 200: "long"})
    began = process_time()
    assert judged(many, platform(tmp_path)).tier is None
    assert process_time() - began < 5


@pytest.mark.parametrize("special", ["pipe", "device"])
def test_an_approval_that_is_no_file_is_an_error_and_is_not_waited_for(tmp_path: Path, special: str) -> None:
    contract = platform(tmp_path)
    path = tmp_path / "approvals" / "x.yaml"
    if special == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(InputError, match=r"x\.yaml: it is not a regular file"):
        choose(service(), str(contract))


def test_without_a_request_nobody_waits_for_approvals(tmp_path: Path) -> None:
    contract = platform(tmp_path, "a: [")
    assert choose(trees.repository({}), str(contract)).approvals == ()


@given(
    st.sampled_from([APPROVAL, APPROVAL.replace("security", "payments"), ""]),
    st.dates(date(2026, 11, 1), date(2027, 3, 1)),
    st.sampled_from(["chat-channel-declared", "oncall-declared", "owner-declared"]),
)
def test_a_waiver_never_changes_or_hides_a_verdict(
    tmp_path_factory: pytest.TempPathFactory, approval: str, day: date, check: str
) -> None:
    contract = platform(tmp_path_factory.mktemp("platform"), *filter(None, [approval]))
    plain = judged(trees.repository({"catalog-info.yaml": CATALOG.replace("NAME", "shop")}), contract, day)
    asked = judged(service(REQUEST.replace("chat-channel-declared", check)), contract, day)
    verdicts = [
        [(each.id, each.verdict, each.summary, each.evidence) for each in found.components[0].checks]
        for found in (plain, asked)
    ]
    assert verdicts[0] == verdicts[1]
