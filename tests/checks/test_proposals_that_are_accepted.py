"""Changes that outsiders propose, and runs that approve or merge them without asking whose they are."""

from __future__ import annotations

import pytest

from releasing import job, repository_of, script, workflow
from trees import judge

ENV = (
    "  env: {PR: '${{ github.event.pull_request.html_url }}', GH_TOKEN: '${{ github.token }}',"
    " LOGIN: '${{ github.event.pull_request.user.login }}'}\n"
)
RIGHTS = "{contents: write, pull-requests: write}"
APPROVE = script('gh pr review --approve "$PR"') + ENV
MERGE = script('gh pr merge --squash "$PR"') + ENV
AUTO = script('gh pr merge --auto --squash "$PR"') + ENV


def verdict(*steps: str, on: str = "pull_request_target", permissions: str = RIGHTS, **keys: str) -> str:
    text = workflow(on, build=job(*steps, permissions=permissions, **keys))
    return judge("ci-least-privilege", repository_of(text)).verdict


@pytest.mark.parametrize(("steps", "expected"), [((APPROVE, AUTO), "fail"), ((MERGE,), "fail"), ((AUTO,), "unknown")])
def test_whoever_proposes_a_change_does_not_accept_it(steps: tuple[str, ...], expected: str) -> None:
    assert verdict(*steps) == expected
    assert verdict(*steps, on="pull_request") == "pass"
    assert verdict(*steps, permissions="{contents: read}") == "pass"


@pytest.mark.parametrize(
    "condition",
    [
        "github.actor == 'dependabot[bot]'",
        "github.event.pull_request.user.login == 'renovate[bot]' && github.repository == 'acme/shop'",
        """contains(fromJSON('["dependabot[bot]", "renovate[bot]"]'), github.actor)""",
        "contains(github.event.pull_request.labels.*.name, 'automerge')",
        "github.event.pull_request.head.repo.full_name == github.repository",
    ],
)
def test_those_of_somebody_may_be_accepted(condition: str) -> None:
    assert verdict(APPROVE, AUTO, if_=condition) == "pass"
    assert verdict(*(f"{each.rstrip()}\n  if: {condition}\n" for each in (APPROVE, MERGE))) == "pass"


@pytest.mark.parametrize("condition", ["github.actor != 'mallory'", "contains(github.event.pull_request.title, 'ok')"])
def test_a_condition_that_outsiders_meet_asks_for_nobody(condition: str) -> None:
    assert verdict(APPROVE, AUTO, if_=condition) == "fail"


@pytest.mark.parametrize(
    "lines",
    [
        ('if [ "$LOGIN" = "dependabot[bot]" ]; then', '  gh pr review --approve "$PR"', "fi"),
        ('[[ "$LOGIN" == "renovate[bot]" ]] || exit 0', 'gh pr review --approve "$PR"'),
        ('case "$LOGIN" in renovate*) gh pr review --approve "$PR";; esac',),
        ('gh pr review --comment --body thanks "$PR"',),
    ],
)
def test_a_script_may_ask_whose_it_is(lines: tuple[str, ...]) -> None:
    assert verdict(script(*lines) + ENV, permissions="{pull-requests: write}") == "pass"


def test_a_comment_of_anybody_merges_nothing() -> None:
    merge = script('gh pr merge "${{ github.event.issue.number }}"') + ENV
    asked = "contains(github.event.comment.body, '/merge')"
    assert verdict(merge, on="issue_comment", if_=asked) == "fail"
    of_owner = f"{asked} && github.event.comment.author_association == 'OWNER'"
    assert verdict(merge, on="issue_comment", if_=of_owner) == "pass"


def test_what_the_run_itself_proposes_it_may_merge() -> None:
    merge = script("url=$(gh pr create --fill)", 'gh pr merge --auto "$url"') + ENV
    assert verdict(merge, on="{workflow_run: {workflows: [ci]}}") == "pass"


NUMBER = "${{ github.event.pull_request.number }}"
REVIEWS = "{pull-requests: write}"
MERGES = "{contents: write}"


def by_script(*lines: str) -> str:
    return "- uses: actions/github-script@v8\n  with:\n    script: |\n" + "".join(f"      {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("step", "permissions", "expected"),
    [
        ("- uses: hmarr/auto-approve-action@v4", REVIEWS, "fail"),
        ("- uses: hmarr/auto-approve-action@v4\n  if: github.actor == 'dependabot[bot]'", REVIEWS, "pass"),
        (f"- uses: juliangruber/approve-pull-request-action@v2\n  with: {{number: '{NUMBER}'}}", REVIEWS, "fail"),
        (
            f"- uses: peter-evans/enable-pull-request-automerge@v3\n  with: {{pull-request-number: '{NUMBER}'}}",
            RIGHTS,
            "unknown",
        ),
        ("- uses: pascalgn/automerge-action@v0.16.4", MERGES, "pass"),
        ("- uses: pascalgn/automerge-action@v0.16.4\n  env: {MERGE_LABELS: ''}", MERGES, "fail"),
        ("- uses: pascalgn/automerge-action@v0.16.4\n  env: {MERGE_LABELS: '!wip'}", MERGES, "fail"),
        (
            "- uses: pascalgn/automerge-action@v0.16.4\n  env: {MERGE_LABELS: '', MERGE_FILTER_AUTHOR: jane}",
            MERGES,
            "pass",
        ),
        (script(f"gh api -X PUT repos/acme/shop/pulls/{NUMBER}/merge"), REVIEWS, "fail"),
        (script(f"gh api repos/acme/shop/pulls/{NUMBER}/reviews -f event=APPROVE"), REVIEWS, "fail"),
        (script(f"gh api repos/acme/shop/pulls/{NUMBER}/reviews -f event=COMMENT"), REVIEWS, "pass"),
        (by_script("await github.rest.pulls.merge({ pull_number: context.issue.number })"), REVIEWS, "fail"),
        (by_script("await github.rest.pulls.createReview({ ...context.issue, event: 'APPROVE' })"), REVIEWS, "fail"),
        (by_script("await github.rest.pulls.createReview({ ...context.issue, event: 'COMMENT' })"), REVIEWS, "pass"),
        (
            by_script(
                "if (context.actor !== 'renovate[bot]') return",
                "await github.rest.pulls.merge({ ...context.issue })",
            ),
            REVIEWS,
            "pass",
        ),
        (by_script("if (ready) await github.rest.pulls.merge({ ...context.issue })"), REVIEWS, "unknown"),
    ],
)
def test_actions_and_requests_accept_proposals_too(step: str, permissions: str, expected: str) -> None:
    assert verdict(step, permissions=permissions) == expected
    assert verdict(step, on="pull_request", permissions=permissions) == "pass"
