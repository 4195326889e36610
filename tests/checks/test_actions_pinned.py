"""Which actions count as pinned, wherever they are used."""

from __future__ import annotations

import pytest

from releasing import job, repository_of, workflow
from trees import judge

COMMIT = "3d3c42e5aac5ba805825da76410c181273ba90b1"
IMAGE = "sha256:" + "a" * 64

PINNED = [
    f"actions/checkout@{COMMIT}",
    f"actions/checkout@{COMMIT.upper()}",
    f"actions/checkout@{'a1' * 32}",
    f"github/codeql-action/init@{COMMIT}",
    f"docker://alpine@{IMAGE}",
    f"docker://ghcr.io/acme/tool:1.2@{IMAGE}",
    "./.github/actions/own",
    "$/.github/actions/own",
    "$/.github/actions/own@v1",
    "./",
]

LOOSE = {
    "actions/checkout@v7": "tag or branch",
    "actions/checkout@main": "tag or branch",
    "actions/checkout@v7.0.1": "tag or branch",
    "actions/checkout@3d3c42e": "shortened",
    "actions/checkout": "names no commit",
    f"actions/checkout@{COMMIT}0": "tag or branch",
    "docker://alpine": "without its digest",
    "docker://alpine:3.22": "without its digest",
    "docker://alpine@sha256:abc": "without its digest",
    "slsa-framework/slsa-github-generator/actions/x@v2.1.0": "tag or branch",
    "${{ inputs.action }}": "names no commit",
}


@pytest.mark.parametrize("uses", PINNED)
def test_passes(uses: str) -> None:
    assert judge("actions-pinned", repository_of(workflow(a=job(f"- uses: {uses}")))).verdict == "pass"


@pytest.mark.parametrize(("uses", "why"), LOOSE.items())
def test_fails(uses: str, why: str) -> None:
    outcome = judge("actions-pinned", repository_of(workflow(a=job(f"- uses: {uses}"))))
    assert outcome.verdict == "fail"
    assert why in outcome.summary
    assert outcome.fix is not None
    assert uses in outcome.fix.summary


def test_reusable_workflows_count_and_some_must_be_by_tag() -> None:
    slsa = "uses: slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@"
    assert judge("actions-pinned", repository_of(workflow(a=slsa + "v2.1.0\n"))).verdict == "pass"
    assert judge("actions-pinned", repository_of(workflow(a=slsa + "main\n"))).verdict == "fail"
    own = "uses: acme/workflows/.github/workflows/build.yml@v1\n"
    assert judge("actions-pinned", repository_of(workflow(a=own))).verdict == "fail"


def test_all_uses_are_named_in_the_order_of_the_files() -> None:
    files = repository_of(workflow(a=job("- uses: a/b@v1", "- uses: c/d@v1"))) | {
        ".github/workflows/ci.yml": workflow(b=job("- uses: e/f@v1"))
    }
    outcome = judge("actions-pinned", files)
    assert [(each.path.rpartition("/")[2], each.text.partition(":")[0]) for each in outcome.evidence] == [
        ("ci.yml", "e/f@v1"), ("release.yml", "a/b@v1"), ("release.yml", "c/d@v1"),
    ]  # fmt: skip


def test_local_actions_are_followed() -> None:
    use = repository_of(workflow(a=job("- uses: ./one")))
    one = "runs:\n  using: composite\n  steps:\n    - uses: ./two\n"
    two = "runs:\n  using: composite\n  steps:\n    - uses: actions/cache@v6\n"
    assert judge("actions-pinned", {**use, "one/action.yml": one, "two/action.yaml": two}).verdict == "fail"
    docker = "runs: {using: docker, image: 'docker://alpine:3'}\n"
    assert judge("actions-pinned", {**use, "one/action.yml": docker}).verdict == "fail"
    assert judge("actions-pinned", {**use, "one/action.yml": "runs: {using: node24, main: x.js}\n"}).verdict == "pass"


def test_an_action_that_the_workflow_makes_before_is_no_problem() -> None:
    assert judge("actions-pinned", repository_of(workflow(a=job("- uses: ./made/up")))).verdict == "pass"


def test_what_nobody_uses_does_not_count() -> None:
    files = repository_of(workflow(a=job("- run: 'true'")))
    composite = "runs:\n  using: composite\n  steps:\n    - uses: a/b@v1\n"
    assert judge("actions-pinned", {**files, "unused/action.yml": composite}).verdict == "pass"


def test_what_a_workflow_elsewhere_may_use_is_unknown_while_it_is_loose() -> None:
    called = workflow(a=f"uses: acme/ci/.github/workflows/test.yml@{'a' * 40}")
    hook = ".github/actions/hook/action.yml"
    composite = "runs:\n  using: composite\n  steps:\n    - uses: a/b@{0}\n"
    loose = judge("actions-pinned", {**repository_of(called), hook: composite.format("v1")})
    assert loose.verdict == "unknown"
    assert (
        loose.reason
        == f"{hook}:4:13: a/b@v1: whether acme/ci/.github/workflows/test.yml@aaaaaaa uses this action is said there"
    )
    assert judge("actions-pinned", {**repository_of(called), hook: composite.format("b" * 40)}).verdict == "pass"
    assert judge("actions-pinned", {**repository_of(called), hook: "runs: {using: [\n"}).verdict == "unknown"
    alone = repository_of(workflow(a=job("- run: 'true'")))
    assert judge("actions-pinned", {**alone, hook: composite.format("v1")}).verdict == "pass"


@pytest.mark.parametrize(
    "text",
    ["# uses: actions/checkout@v7", "- run: 'echo uses: a/b@v1'", "- name: 'uses: a/b@v1'\n  run: 'true'"],
)
def test_what_only_says_so_does_not_count(text: str) -> None:
    files = repository_of(workflow(a=job("- run: 'true'", text)))
    assert judge("actions-pinned", files).verdict == "pass"


def test_unknown_when_something_cannot_be_read() -> None:
    files = repository_of(workflow(a=job("- uses: ./one")))
    assert judge("actions-pinned", {**files, "one/action.yml": "runs: {using: [\n"}).verdict == "unknown"
    assert judge("actions-pinned", {**files, ".github/workflows/b.yml": None}).verdict == "unknown"
    assert judge("actions-pinned", {**files, ".github/workflows/b.yml": "on: push\n"}).verdict == "pass"
    loose = repository_of(workflow(a=job("- uses: a/b@v1")))
    assert judge("actions-pinned", {**loose, ".github/workflows/b.yml": None}).verdict == "fail"


def test_without_workflows_the_question_does_not_arise() -> None:
    assert judge("actions-pinned", {"README.md": "uses: actions/checkout@v1"}).verdict == "not-applicable"


def test_a_circle_and_a_long_chain_end() -> None:
    step = "runs:\n  using: composite\n  steps:\n    - uses: ./a%d\n"
    chain: dict[str, str | bytes | None] = {f"a{n}/action.yml": step % ((n + 1) % 1000) for n in range(1000)}
    outcome = judge("actions-pinned", {**repository_of(workflow(a=job("- uses: ./a0"))), **chain})
    assert outcome.verdict == "unknown"  # no more than a few hundred local actions are read
    files = repository_of(workflow(a=job("- uses: ./a")), **{"a/action.yml": step.replace("a%d", "a")})
    assert judge("actions-pinned", files).verdict == "pass"


def test_too_many_workflows_are_not_looked_at() -> None:
    files: dict[str, str | bytes | None] = {f".github/workflows/{n}.yml": "on: push\n" for n in range(10_000)}
    assert judge("actions-pinned", files).verdict == "unknown"


def test_workflows_of_which_github_runs_none_prove_nothing() -> None:
    refused = "on: {push: {tags: ['v*']}}\njobs: {a: {runs-on: x, steps: 5}}\n"
    assert judge("actions-pinned", {".github/workflows/r.yml": refused}).verdict == "unknown"
