"""owner-declared: who owns a component, and whether Backstage will know."""

from __future__ import annotations

import pytest

from goldenpath.checks import Outcome, Settings
from trees import InMemory, judge

COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
spec:
  type: service
  lifecycle: production
  owner: OWNER
"""


def of(owner: str, settings: Settings | None = None) -> Outcome:
    return judge("owner-declared", {"catalog-info.yaml": COMPONENT.replace("OWNER", owner)}, settings)


def places(outcome: Outcome) -> list[str]:
    return [f"{each.role} {each.path}:{each.line}:{each.column}" for each in outcome.evidence]


@pytest.mark.parametrize(
    ("owner", "summary"),
    [
        ("retail", "owned by group:default/retail"),
        ("group:retail", "owned by group:default/retail"),
        ("web/retail", "owned by group:web/retail"),
        ("user:jane.smith", "owned by user:default/jane.smith"),
        ("example-platform", "owned by group:default/example-platform"),
        ("test-tooling", "owned by group:default/test-tooling"),
        ("change-management", "owned by group:default/change-management"),
        ("todo-app", "owned by group:default/todo-app"),
        ("my-account", "owned by group:default/my-account"),
        ("guest-experience", "owned by group:default/guest-experience"),
    ],
)
def test_a_reference_to_a_group_or_user_is_an_owner(owner: str, summary: str) -> None:
    outcome = of(owner)
    assert (outcome.verdict, outcome.summary, places(outcome)) == ("pass", summary, ["declared catalog-info.yaml:8:10"])


@pytest.mark.parametrize(
    "owner",
    ["TODO", "tbd", "unknown", "nobody", "my-team", "your-team", "group:your-org", "guests", "user:default/guest",
     "user:development/guest", "team-name", "example-team", "some_team", "owner", "xxx", "change-me", "user:john.doe"],
)  # fmt: skip
def test_a_placeholder_is_no_owner(owner: str) -> None:
    outcome = of(owner)
    assert (outcome.verdict, places(outcome)) == ("fail", ["declared catalog-info.yaml:8:10"])
    assert "is a placeholder" in outcome.summary


@pytest.mark.parametrize(
    "owner", ["'<owner>'", "'${{ values.owner }}'", "Team Retail", "'@acme/retail'", "a/b/c", "", "42", "[retail]"]
)
def test_what_is_no_reference_is_no_owner(owner: str) -> None:
    outcome = of(owner)
    assert (outcome.verdict, outcome.evidence[0].line) == ("fail", 8)
    assert "spec.owner" in outcome.summary


def test_the_contract_says_which_kinds_may_own() -> None:
    outcome = of("user:jane", Settings(owner_kinds=("group",)))
    assert (outcome.verdict, outcome.summary) == ("fail", "the owner is a user, the contract asks for a group")
    assert of("api:jane").summary == "the owner is an api, the contract asks for a group or user"
    assert of("squad:retail", Settings(owner_kinds=("squad",))).verdict == "pass"


def test_an_owner_that_backstage_fetches_is_unknown() -> None:
    outcome = of("{$text: ./owner.txt}")
    assert (outcome.verdict, places(outcome)) == ("unknown", ["unseen catalog-info.yaml:8:10"])


def test_a_component_that_backstage_refuses_has_no_owner() -> None:
    outcome = judge("owner-declared", {"catalog-info.yaml": COMPONENT.replace("shop", "The Shop")})
    assert (outcome.verdict, places(outcome)) == ("fail", ["declared catalog-info.yaml:4:9"])
    assert outcome.fix is not None
    assert "catalog-info.yaml:4:9" in outcome.fix.summary


def test_a_broken_file_that_a_location_leads_to_is_everybodys_problem() -> None:
    location = (
        "---\napiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\nspec: {target: ./more.yaml}\n"
    )
    files = {"catalog-info.yaml": COMPONENT.replace("OWNER", "retail") + location, "more.yaml": "a: [\n"}
    outcome = judge("owner-declared", files)
    assert (outcome.verdict, places(outcome)) == ("fail", ["declared more.yaml:2:1"])


def test_another_component_that_is_refused_is_its_own_problem() -> None:
    text = COMPONENT.replace("OWNER", "retail")
    files = {
        "catalog-info.yaml": text
        + "---\n"
        + text.replace("name: shop", "name: cart").replace("owner: retail", "own: x")
    }
    assert judge("owner-declared", files).verdict == "pass"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("kind: Resource\nmetadata: {name: db, links: null}\nspec: {type: database, owner: retail}", "pass"),
        ("kind: Pipeline\nmetadata: {name: ci}\nspec: {owner: retail}", "pass"),
        (
            "kind: Location\nmetadata: {name: The Rest}\nspec: {target: ./more.yaml}",
            "fail",
        ),  # it may lead to components
    ],
)
def test_what_stands_beside_a_component_is_refused_by_itself(other: str, expected: str) -> None:
    beside = f"---\napiVersion: backstage.io/v1alpha1\n{other}\n"
    files = {"catalog-info.yaml": COMPONENT.replace("OWNER", "retail") + beside, "more.yaml": COMPONENT}
    assert judge("owner-declared", files).verdict == expected


# ---- no component


def test_without_the_file_it_is_said_where_it_should_be() -> None:
    outcome = judge("owner-declared", {"templates/catalog-info.yaml": COMPONENT})
    assert (outcome.verdict, places(outcome)) == ("fail", ["missing catalog-info.yaml:0:0"])


def test_a_file_that_is_not_tracked_wants_git_add(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InMemory, "stray", lambda _, path: path == "catalog-info.yaml")
    outcome = judge("owner-declared", {"README.md": ""})
    assert (outcome.verdict, outcome.summary) == ("fail", "catalog-info.yaml is not tracked")
    assert outcome.fix is not None
    assert outcome.fix.summary == "git add catalog-info.yaml, and commit it"


def test_a_file_with_other_capitals_wants_another_name() -> None:
    outcome = judge("owner-declared", {"Catalog-Info.yaml": COMPONENT})
    assert outcome.verdict == "fail"
    assert outcome.summary == "there is no catalog-info.yaml, for Catalog-Info.yaml is written otherwise"
    assert outcome.fix is not None
    assert outcome.fix.summary == "git mv Catalog-Info.yaml catalog-info.yaml"


def test_entities_without_a_component_are_named() -> None:
    system = "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: web}\nspec: {owner: retail}\n"
    outcome = judge("owner-declared", {"catalog-info.yaml": system})
    assert (outcome.verdict, outcome.evidence[0].text) == ("fail", "system:default/web is none")


@pytest.mark.parametrize("text", [None, b"\0", b"\xff\xff"])
def test_a_file_that_cannot_be_read_is_unknown(text: bytes | None) -> None:
    outcome = judge("owner-declared", {"catalog-info.yaml": text})
    assert (outcome.verdict, places(outcome)) == ("unknown", ["unseen catalog-info.yaml:0:0"])


def test_a_location_that_only_leads_elsewhere_is_unknown() -> None:
    text = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: a}\nspec: {target: 'https://acme.io/c.yaml'}\n"
    assert judge("owner-declared", {"catalog-info.yaml": text}).verdict == "unknown"


# ---- as real repositories have it


def test_a_separator_in_the_wrong_place_cuts_the_spec_off() -> None:
    """A service of a learning platform: `---` before `spec`, and nobody noticed that Backstage had lost it."""
    outcome = judge(
        "owner-declared", {"catalog-info.yaml": COMPONENT.replace("spec:", "---\nspec:").replace("OWNER", "lms")}
    )
    assert outcome.verdict == "fail"
    assert "`spec` is missing" in outcome.summary


def test_a_scaffold_that_was_committed_as_it_is() -> None:
    """An express service whose repository was made by hand from a skeleton."""
    text = COMPONENT.replace("shop", "${{ values.name}}").replace("OWNER", "${{values.owner}}")
    outcome = judge("owner-declared", {"catalog-info.yaml": text})
    assert (outcome.verdict, [each.line for each in outcome.evidence]) == ("fail", [4, 8])


def test_a_monorepo_whose_location_lists_its_packages() -> None:
    """A platform with a dozen services: the root file is a Location, one entry of which lies on another host."""
    root = (
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: root}\nspec:\n  targets:\n"
        "    - ./packages/analytics/catalog-info.yaml\n    - https://gitlab.example.org/docs/catalog-info.yaml\n"
    )
    files = {
        "catalog-info.yaml": root,
        "packages/analytics/catalog-info.yaml": COMPONENT.replace("OWNER", "group:acme/devs"),
    }
    outcome = judge("owner-declared", files)
    assert (outcome.verdict, places(outcome)) == (
        "pass", ["declared packages/analytics/catalog-info.yaml:8:10", "unseen catalog-info.yaml:7:7"],
    )  # fmt: skip
