"""Checks that say what a test tells them, and what a scorecard is made of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import trees
from goldenpath.checks import (
    EVERY_TYPE,
    Check,
    Effort,
    Fix,
    Outcome,
    Settings,
    failed,
    not_applicable,
    passed,
    unknown,
)
from goldenpath.contract import Contract, Requirement, Scope
from goldenpath.scorecard import Scorecard, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TODAY = date(2026, 11, 24)
VERDICTS: dict[str, Outcome] = {
    "pass": passed("it holds"),
    "fail": failed("it does not hold"),
    "unknown": unknown("it is not seen", "it stands elsewhere"),
    "n/a": not_applicable("it is not asked"),
}


def entity(name: str, kind: str = "service", lifecycle: str = "production") -> str:
    spec = f"{{type: {kind}, lifecycle: {lifecycle}, owner: payments}}"
    return f"---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\nspec: {spec}\n"


ONE = {"catalog-info.yaml": entity("payments-api")}


class Judges:
    """Checks that say what a test tells them: their name is `verdict`, or `verdict-anything`."""

    def __init__(self) -> None:
        self.made: dict[str, Check] = {}

    def load(self, name: str) -> Check:
        return self.made.get(name) or self.make(name, lambda: VERDICTS[name.split("-", maxsplit=1)[0]])

    def make(
        self, name: str, judge: Callable[..., Outcome], *needs: str,
        applies: frozenset[str] = EVERY_TYPE, effort: Effort = "hours",
    ) -> Check:  # fmt: skip
        self.made[name] = Check(name, f"{name} holds", "", applies, Fix(f"fix {name}", effort), judge, needs)
        return self.made[name]


def contract(checks: dict[str, Any], scope: Scope | None = None) -> Contract:
    """A contract; a check's requirement is its tier, a Requirement, or several."""

    def requirements(of: Any) -> tuple[Requirement, ...]:
        if isinstance(of, str):
            return (Requirement(of),)
        return of if isinstance(of, tuple) else (of,)

    asked = {name: requirements(of) for name, of in checks.items()}
    return Contract(
        "acme", "1", "group:platform", "acme", ("bronze", "silver", "gold"), asked, scope or Scope(), Settings()
    )


def judged(
    checks: dict[str, Any], files: Mapping[str, str | bytes | None] | None = None, scope: Scope | None = None
) -> Scorecard:
    return evaluate(trees.repository(ONE if files is None else files), contract(checks, scope), TODAY)
