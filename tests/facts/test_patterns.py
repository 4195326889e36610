"""Which images a pattern of an admission policy surely means, and which it may."""

from __future__ import annotations

import pytest

from goldenpath.facts.admission.patterns import Pattern, covers
from goldenpath.facts.values import Symbol, Value, value

SHOP = value("ghcr.io/acme/shop")
REPOSITORY = Symbol("github", "repository")


@pytest.mark.parametrize(
    ("patterns", "name", "expected"),
    [
        (["*"], SHOP, True),
        (["ghcr.io/acme/*"], SHOP, True),
        (["ghcr.io/*/shop*"], SHOP, True),
        (["ghcr.io/acme/shop:*", "ghcr.io/acme/shop@*"], SHOP, True),
        (["ghcr.io/acme/shop:*"], SHOP, None),
        (["ghcr.io/acme/shop"], SHOP, False),
        (["ghcr.io/acme/sho?:*", "*@sha256:*"], SHOP, True),
        (["ghcr.io/acme/shopping*"], SHOP, False),
        (["ghcr.io/acme/*"], value("ghcr.io/", REPOSITORY), None),
        (["ghcr.io/*"], value("ghcr.io/", REPOSITORY), True),
        (["quay.io/*"], value("ghcr.io/", REPOSITORY), False),
        ([], SHOP, False),
    ],
)
def test_a_star_of_kyverno_is_any_text(patterns: list[str], name: Value, expected: bool | None) -> None:
    assert covers(map(Pattern, patterns), name) is expected


@pytest.mark.parametrize(
    ("glob", "name", "expected"),
    [
        ("**", SHOP, True),
        ("ghcr.io/acme/*", SHOP, True),
        ("ghcr.io/*", SHOP, False),
        ("ghcr.io/*/*", SHOP, True),
        ("ghcr.io/**", value("ghcr.io/", REPOSITORY), True),
        ("ghcr.io/*", value("ghcr.io/", REPOSITORY), None),
        ("ghcr.io/acme/sho?*", SHOP, False),
    ],
)
def test_a_star_of_the_policy_controller_stays_between_slashes(glob: str, name: Value, expected: bool | None) -> None:
    assert covers([Pattern(glob, folders=True)], name) is expected
