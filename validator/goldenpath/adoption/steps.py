"""What is left for the team after adoption, as a short list: the checks that are not met, the most worthwhile first.

What one thing would mend is one step: a repository without a release fails six checks for one reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.adoption.signing import CHECKS, Addition
from goldenpath.adoption.survey import RELEASE
from goldenpath.scorecard import to_do

if TYPE_CHECKING:
    from goldenpath.adoption.plan import Plan
    from goldenpath.checks import Effort
    from goldenpath.scorecard import CheckResult, FixAdvice


class Step(Struct):
    """One thing to do: for which tier, how long it takes, and what each check says that it would meet.

    `additions` are lines to paste; `afterwards` says what they change.
    """

    summary: str
    tier: str
    effort: Effort
    checks: list[str]
    additions: tuple[Addition, ...] = ()
    afterwards: str = ""


def next_steps(plan: Plan) -> list[Step]:
    """The steps, of which each stands where the first of its checks would."""
    missing = next((each.why for each in plan.left_out if each.path == RELEASE), "")
    steps: dict[str, Step] = {}
    for result, fix in to_do(plan.after.components[0].checks, plan.after.contract.tiers):
        said = f"{result.id}: {result.summary}"
        if plan.signing and result.id in CHECKS:
            key, step = "signing", _by_pasting(plan, result, fix)
        elif missing and RELEASE in fix.files:
            key, step = "release", Step(f"Let it be released: {missing}", result.tier, "hours", [])
        else:
            key, step = f"{result.tier} {fix.summary}", Step(fix.summary, result.tier, fix.effort, [])
        steps.setdefault(key, step).checks.append(said)
    return list(steps.values())


def _by_pasting(plan: Plan, result: CheckResult, fix: FixAdvice) -> Step:
    assert plan.signing is not None  # noqa: S101 - asked before
    results = plan.signing.results
    met = [each.id for each in results if each.verdict == "pass"]
    rest = [f"{each.id} still {_stands(each)}: {_why(each)}" for each in results if each.verdict != "pass"]
    said = [f"With these lines {' and '.join(met)} {'pass' if len(met) > 1 else 'passes'}"] if met else []
    return Step(
        "Add what is missing to your release", result.tier, fix.effort, [], plan.signing.additions,
        f"{'; '.join([*said, *rest])}.",
    )  # fmt: skip


def _why(result: CheckResult) -> str:
    """What a verdict says, and the first place that is out of sight."""
    unseen = next((each for each in result.evidence if each.role == "unseen"), None)
    return f"{result.summary} ({unseen.file}:{unseen.line}: {unseen.text})" if unseen else result.summary


def _stands(result: CheckResult) -> str:
    return "fails" if result.verdict == "fail" else "cannot be told"
