"""What is left for the team after adoption, as a short list: the checks that are not met, the most worthwhile first.

What one thing would mend is one step: a repository without a release fails six checks for one reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.adoption.signing import CHECKS, Addition
from goldenpath.adoption.survey import OBJECTIVES, RELEASE
from goldenpath.scorecard import to_do

if TYPE_CHECKING:
    from goldenpath.adoption.plan import Plan
    from goldenpath.checks import Effort
    from goldenpath.scorecard import CheckResult, FixAdvice

MEASURED = "latency-p95-measured"
"""The check that asks whether anything exports the histogram of an objective."""

_EXPORT = (
    "Export the histogram that the laid SLO counts, http_server_request_duration_seconds, by OpenTelemetry's HTTP "
    "instrumentation and a Prometheus exporter, or write what you export into slo.yaml and alerts.yaml"
)

GATED = "tests-gate-release"
"""The check that asks whether a release waits for the tests."""

_CALL = (
    "Let the release wait for your tests: add `workflow_call:` below `on:` of the workflow that runs them, then "
    "`copier update --defaults --vcs-ref :current: -d adopted_tests=.github/workflows/NAME`"
)


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
        elif plan.entity and result.id in plan.entity.checks:
            key, step = "entity", Step(plan.entity.summary, result.tier, fix.effort, [], (plan.entity.addition,))
        elif result.id == MEASURED and OBJECTIVES[0] in str(plan.answers.get("adopted", "")).split():
            key, step = result.id, Step(_EXPORT, result.tier, fix.effort, [])
        elif result.id == GATED and RELEASE in str(plan.answers.get("adopted", "")).split():
            key, step = result.id, Step(_CALL, result.tier, fix.effort, [])
        elif missing and RELEASE in fix.files:
            key, step = "release", Step(f"Let it be released: {missing}", result.tier, "hours", [])
        else:
            key, step = fix.summary, Step(fix.summary, result.tier, fix.effort, [])
        steps.setdefault(key, step).checks.append(said)
    return list(steps.values())


def _by_pasting(plan: Plan, result: CheckResult, fix: FixAdvice) -> Step:
    assert plan.signing is not None  # noqa: S101 - asked before
    results = plan.signing.results
    met = [each.id for each in results if each.verdict == "pass"]
    rest = [f"{each.id} still {_stands(each)}: {_why(each)}" for each in results if each.verdict != "pass"]
    advised = [plan.signing.advice] if plan.signing.advice else []
    said = [f"With these lines {' and '.join(met)} {'pass' if len(met) > 1 else 'passes'}"] if met else []
    return Step(
        "Add what is missing to your release", result.tier, fix.effort, [], plan.signing.additions,
        f"{'; '.join([*said, *rest, *advised])}.",
    )  # fmt: skip


def _why(result: CheckResult) -> str:
    """What a verdict says, and the first place that is out of sight."""
    unseen = next((each for each in result.evidence if each.role == "unseen"), None)
    return f"{result.summary} ({unseen.file}:{unseen.line}: {unseen.text})" if unseen else result.summary


def _stands(result: CheckResult) -> str:
    return "fails" if result.verdict == "fail" else "cannot be told"
