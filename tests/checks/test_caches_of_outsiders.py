"""Caches that a run leaves which has checked out what outsiders propose, and that releases take."""

from __future__ import annotations

import pytest

from releasing import SHIP, job, repository_of, workflow
from trees import judge

HEAD = "- uses: actions/checkout@v7\n  with: {ref: '${{ github.event.pull_request.head.sha }}'}\n"
CACHE = "- uses: actions/cache@v5\n  with: {path: ~/.npm, key: npm}\n"
NODE = "- uses: actions/setup-node@v6\n  with: {node-version: 24, cache: npm}\n"
GO = "- uses: actions/setup-go@v6\n  with: {go-version: 1.26}\n"
RESTORE = CACHE.replace("actions/cache@", "actions/cache/restore@")
TO_GITHUB = "- uses: docker/build-push-action@v6\n  with: {context: ., cache-to: 'type=gha,mode=max'}\n"
FROM_GITHUB = "- uses: docker/build-push-action@v6\n  with: {context: ., cache-from: type=gha}\n"
BY_OPTION = "- run: docker buildx build --cache-to=type=gha,mode=max .\n"
BAKED = "- uses: docker/bake-action@v6\n  with: {set: '*.cache-to=type=gha'}\n"
SAVE = CACHE.replace("actions/cache@", "actions/cache/save@")


def verdict(*steps: str, release: str = CACHE, on: str = "pull_request_target") -> str:
    released = workflow(release=job(release, SHIP, permissions="{contents: write}"))
    proposed = workflow(on, test=job(*steps, permissions="{contents: read}"))
    return judge("ci-least-privilege", repository_of(released, **{".github/workflows/proposed.yml": proposed})).verdict


@pytest.mark.parametrize("leaves", [CACHE, SAVE, NODE, GO, TO_GITHUB, BY_OPTION, BAKED])
@pytest.mark.parametrize("takes", [CACHE, RESTORE, NODE, FROM_GITHUB])
def test_what_outsiders_leave_no_release_takes(leaves: str, takes: str) -> None:
    assert verdict(HEAD, leaves, release=takes) == "fail"
    assert verdict(HEAD, leaves, release="- run: make") == "pass"


@pytest.mark.parametrize(
    "steps",
    [
        (HEAD, RESTORE),
        (HEAD, NODE.replace(", cache: npm", "")),
        (HEAD, GO.replace("1.26", "1.26, cache: false")),
        (HEAD, "- uses: Swatinem/rust-cache@v2\n  with: {save-if: false}\n"),
        (HEAD, FROM_GITHUB),
        (HEAD, TO_GITHUB.replace("type=gha", "type=local,dest=c")),
        (HEAD, "- run: echo cache # --cache-to=type=gha\n"),
        (HEAD,),
        ("- uses: actions/checkout@v7\n", CACHE),
    ],
)
def test_who_leaves_nothing_of_theirs_is_judged_without_rights(steps: tuple[str, ...]) -> None:
    assert verdict(*steps) == "pass"


def test_a_proposal_has_a_cache_of_its_own() -> None:
    assert verdict(HEAD, CACHE, on="pull_request") == "pass"


def test_an_action_of_the_repository_leaves_and_takes_caches_for_who_uses_it() -> None:
    use = "- uses: ./.github/actions/tools\n"
    released = workflow(release=job("- uses: actions/checkout@v7\n", use, SHIP, permissions="{contents: write}"))
    proposed = workflow("pull_request_target", test=job(HEAD, use, permissions="{contents: read}"))
    for steps, expected in (CACHE, "fail"), ("- run: ls\n  shell: bash\n", "pass"):
        action = "runs:\n  using: composite\n  steps:\n" + "".join(f"    {line}\n" for line in steps.splitlines())
        others = {".github/workflows/proposed.yml": proposed, ".github/actions/tools/action.yml": action}
        assert judge("ci-least-privilege", repository_of(released, **others)).verdict == expected
