"""Entity references: what Backstage reads out of them, and which part is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldenpath.facts.references import is_name, is_namespace, parse_reference


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("payments", "group:default/payments"),
        ("group:payments", "group:default/payments"),
        ("finance/payments", "group:finance/payments"),
        ("user:finance/jane.doe", "user:finance/jane.doe"),
        ("Group:Finance/Payments", "group:finance/payments"),
        ("a--b_c..d", "group:default/a--b_c..d"),
    ],
)
def test_a_reference_is_completed_and_written_as_backstage_compares_it(text: str, full: str) -> None:
    assert str(parse_reference(text, "group")) == full


def test_the_name_is_kept_as_it_is_written() -> None:
    assert parse_reference("component:Checkout", "component").name == "Checkout"


def test_a_reference_without_a_namespace_means_that_of_the_entity() -> None:
    assert str(parse_reference("payments", "group", "finance")) == "group:finance/payments"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is no entity reference"),
        ("a/b/c", "is no entity reference"),
        ("group:", "is no entity reference"),
        ("finance/group:payments", "is no entity reference"),
        ("1st:payments", "is no entity kind"),
        ("my_ns/payments", "is no namespace"),
        ("Team Payments", "is no entity name"),
        ("payments-", "is no entity name"),
        ("@acme/payments", "is no namespace"),
        ("x" * 64, "is no entity name"),
    ],
)
def test_the_part_that_is_wrong_is_named(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_reference(text, "group")


def test_a_sentence_about_a_monster_is_short() -> None:
    with pytest.raises(ValueError, match="is no entity name") as caught:
        parse_reference("x" * 1_000_000, "group")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(("text", "accepted"), [("x" * 63, True), ("x" * 64, False), ("-x", False), ("x.y_z-1", True)])
def test_names_are_those_of_kubernetes(text: str, accepted: bool) -> None:
    assert is_name(text) is accepted


@pytest.mark.parametrize(("text", "accepted"), [("a-b", True), ("A", False), ("a_b", False), ("a--b", True)])
def test_namespaces_are_dns_labels(text: str, accepted: bool) -> None:
    assert is_namespace(text) is accepted


@given(st.text())
def test_whatever_is_parsed_reads_the_same_in_full(text: str) -> None:
    try:
        reference = parse_reference(text, "group")
    except ValueError:
        return
    assert str(parse_reference(str(reference), "user")) == str(reference)
