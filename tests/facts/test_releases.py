"""Which runs of a repository are releases: the choice of events and branches."""

from __future__ import annotations

import pytest

from goldenpath.facts import Facts
from goldenpath.facts.pipeline.runs import MAX_JOBS
from goldenpath.facts.releases import Releases
from goldenpath.facts.services import OtherPipeline
from releasing import PUSH, SHIP, job, script, workflow
from trees import repository


def releases(**workflows: str) -> Releases:
    found = Facts(repository({f".github/workflows/{name}.yml": text for name, text in workflows.items()}))["releases"]
    assert isinstance(found, Releases)
    return found


def labels(**workflows: str) -> list[str]:
    return [run.event.label for run in releases(**workflows).runs]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("push", ["a pushed tag", "a push to main"]),
        ("{push: {tags: ['v*']}}", ["a pushed tag"]),
        ("{push: {tags: ['v*', '!v*-rc*']}}", ["a pushed tag"]),
        ("{push: {tags: ['!v*-rc*', 'v*']}}", ["a pushed tag"]),
        ("{push: {tags: ['v*', '!v*']}}", []),
        ("{push: {tags: ['v[0-9]*', '!**']}}", []),
        ("{push: {tags: ['!v*-rc*']}}", []),
        ("{push: {tags-ignore: ['*-rc']}}", ["a pushed tag"]),
        ("{push: {tags-ignore: ['**']}}", []),
        ("{push: {branches: [main]}}", ["a push to main"]),
        ("{push: {branches: [trunk, develop]}}", ["a push to trunk", "a push to develop"]),
        ("{push: {branches: ['**']}}", ["a push to main"]),
        ("{push: {branches: ['release/*']}}", ["a push to release/*"]),
        ("{push: {branches: ['!main']}}", []),
        ("{push: {branches: ['**', '!main']}}", []),
        ("{push: {branches: ['!main', '**']}}", ["a push to main"]),
        ("{push: {branches: ['release/**', '!release/**-alpha']}}", ["a push to release/**"]),
        ("{push: {branches: ['release/**', '!release/*']}}", ["a push to release/**"]),  # `release/1/2` is left
        ("{push: {branches: ['release/*', '!release/**']}}", []),
        ("{push: {tags: ['v**', '!v*']}}", ["a pushed tag"]),
        ("{push: {branches-ignore: [x]}}", ["a push to main"]),
        ("{push: {branches-ignore: [x, 'ma*']}}", []),
        ("release", ["a published release"]),
        ("{release: {types: [published]}}", ["a published release"]),
        ("{release: {types: [deleted, edited]}}", ["an edited release"]),
        ("workflow_dispatch", ["a run by hand"]),
        ("{schedule: [{cron: '0 0 * * *'}]}", ["a schedule"]),
        ("{workflow_run: {workflows: [ci]}}", ["the end of another workflow"]),
        ("{check_run: {types: [completed]}}", ["the end of a check"]),
        ("{watch: {types: [started]}}", ["a star"]),
        ("create", ["a new tag"]),
        ("{pull_request: {types: [closed]}}", ["a merged pull request"]),
        ("pull_request", []),
        ("merge_group", []),
        ("workflow_call", []),
        ("5", []),
    ],
)
def test_events(on: str, expected: list[str]) -> None:
    assert labels(a=workflow(on, a=job(PUSH, SHIP))) == expected


@pytest.mark.timeout(120)
def test_more_patterns_than_anybody_writes_are_not_compared_with_each_other() -> None:
    patterns = ", ".join(f"'{sign}v{number}.*'" for sign in ("", "!x") for number in range(10_000))
    assert labels(a=workflow(f"{{push: {{tags: [{patterns}]}}}}", a=job(PUSH, SHIP))) == ["a pushed tag"]


def test_what_happens_to_a_release_is_told_apart_where_a_workflow_does() -> None:
    def released(on: str, action: str) -> list[str]:
        return labels(a=workflow(on, a=job(PUSH, SHIP, if_=f"github.event.action == '{action}'")))

    assert released("{release: {types: [created, published]}}", "published") == ["a published release"]
    assert released("{release: {types: [created, published]}}", "created") == ["a created release"]
    assert released("release", "prereleased") == ["a prereleased release"]
    assert released("release", "edited") == ["an edited release"]
    assert released("{release: {types: edited}}", "edited") == ["an edited release"]
    assert released("{release: {types: [published]}}", "created") == []
    assert released("{release: {types: [created, deleted]}}", "deleted") == []


@pytest.mark.parametrize(
    ("on", "condition", "expected"),
    [
        ("workflow_dispatch", "startsWith(github.ref, 'refs/heads/hotfix/')", ["a run by hand on hotfix/*"]),
        ("workflow_dispatch", "startswith(github.ref, 'refs/heads/hotfix/')", ["a run by hand on hotfix/*"]),
        ("workflow_dispatch", "github.ref_name == 'stable'", ["a run by hand on stable"]),
        ("workflow_dispatch", "contains(fromJSON('[\"stable\", \"next\"]'), github.ref_name)",
         ["a run by hand on stable", "a run by hand on next"]),
        ("workflow_dispatch", "github.ref != 'refs/heads/stable'", ["a run by hand"]),
        ("{push: {branches-ignore: [x]}}", "github.ref == 'refs/heads/stable'", ["a push to stable"]),
        ("{push: {branches: ['**']}}", "${{ 'refs/heads/stable' == github.ref }}", ["a push to stable"]),
        ("{push: {branches: ['**', '!stable']}}", "github.ref == 'refs/heads/stable'", []),
        ("{push: {branches-ignore: [stable]}}", "github.ref == 'refs/heads/stable'", []),
        ("{push: {branches: [main]}}", "github.ref == 'refs/heads/stable'", []),
        ("{push: {tags: ['v*']}}", "github.ref == 'refs/heads/stable'", []),
    ],
)  # fmt: skip
def test_branches_that_a_condition_asks_for(on: str, condition: str, expected: list[str]) -> None:
    assert labels(a=workflow(on, a=job(PUSH, SHIP, if_=condition))) == expected
    called = workflow("workflow_call", a=job(PUSH, SHIP, if_=condition))
    calling = f"name: a\non: {on}\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n"
    assert labels(a=calling, b=called) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("== 'failure'", ["the failure of another workflow"]), ("!= 'success'", ["the failure of another workflow"]),
     ("== 'success'", ["the end of another workflow"]), ("!= 'failure'", ["the end of another workflow"])],
)  # fmt: skip
def test_what_is_released_when_another_workflow_has_failed(condition: str, expected: list[str]) -> None:
    again = job(PUSH, SHIP, if_=f"github.event.workflow_run.conclusion {condition}")
    assert labels(a=workflow("{workflow_run: {workflows: [ci]}}", a=again)) == expected


DEPLOY = "kubectl set image deployment/a a=ghcr.io/acme/shop:1"


@pytest.mark.parametrize(
    ("line", "branch"),
    [
        ('[[ "$GITHUB_REF_NAME" == "stable" ]] && DEPLOY', "stable"),
        ('if [ stable = "$GITHUB_REF_NAME" ]; then DEPLOY; fi', "stable"),
        ('if [ "${GITHUB_REF##*/}" = stable ]; then DEPLOY; fi', "stable"),
        ('if [ "${{ github.ref }}" = "refs/heads/stable" ]; then DEPLOY; fi', "stable"),
        ("if [[ $GITHUB_REF =~ ^refs/heads/hotfix/ ]]; then DEPLOY; fi", "hotfix/"),
        ('case "$GITHUB_REF_NAME" in main) ;; stable | next) DEPLOY ;; esac', "stable"),
        ('branch=${GITHUB_REF#refs/heads/}; [ "$branch" = stable ] && DEPLOY', "stable"),
        ('[ "$BRANCH" = stable ] && DEPLOY', "stable"),
    ],
)
def test_branches_that_a_script_asks_for(line: str, branch: str) -> None:
    step = script(line.replace("DEPLOY", DEPLOY)) + "  env: {BRANCH: '${{ github.ref_name }}'}\n"
    assert f"a run by hand on {branch}" in labels(a=workflow("workflow_dispatch", a=job(step)))


def test_what_is_compared_with_something_else_names_no_branch() -> None:
    step = script('if [ "$STAGE" = stable ]; then echo stable; fi', f"[ $GITHUB_REF = refs/tags/v1 ] || {DEPLOY}")
    assert labels(a=workflow("workflow_dispatch", a=job(step))) == ["a run by hand"]


def test_with_a_tag_other_events_count_only_when_they_ship() -> None:
    tagged = workflow("{push: {tags: ['v*']}}", a=job(PUSH))
    trial = workflow("{push: {branches: [main]}}", a=job(PUSH.replace("1.2", "edge")))
    assert labels(a=tagged, b=trial) == ["a pushed tag"]
    shipping = workflow("{push: {branches: [main]}}", a=job(PUSH, SHIP))
    assert labels(a=tagged, b=shipping) == ["a pushed tag", "a push to main"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop:latest", True),
        ("shop:latest-alpine", True),
        ("shop:latest-${{ matrix.arch }}", True),
        ("shop:latest-dev", False),
        ("shop:${{ github.sha }}", False),
        ("worker:latest", True),
        ("worker:1.2", True),
        ("worker-ci:latest", False),
        ("ci/worker:latest", True),
    ],
)
def test_with_a_tag_an_image_is_released_elsewhere_by_the_tag_that_users_get(name: str, expected: bool) -> None:
    tagged = workflow("{push: {tags: ['v*']}}", a=job(PUSH, SHIP))
    other = workflow("{push: {branches: [main]}}", a=job(PUSH.replace("shop:1.2", name)))
    assert labels(a=tagged, b=other) == ["a pushed tag", *(["a push to main"] if expected else [])]


@pytest.mark.parametrize(
    ("pushed", "expected"),
    [
        ("ghcr.io/acme/worker:${{ github.sha }}", True),
        ("ghcr.io/acme/worker:edge", True),
        ("ghcr.io/acme/worker-ci:edge", False),
        ("ghcr.io/acme/shop-preview:${{ github.sha }}", False),
        ("staging.example/team/shop:${{ github.sha }}", False),
        ("${{ secrets.USER }}/shop:edge", False),
    ],
)
def test_with_a_tag_an_image_that_no_tag_releases_is_released_by_any(pushed: str, expected: bool) -> None:
    tagged = workflow("{push: {tags: ['v*']}}", a=job(PUSH, SHIP))
    other = workflow("{push: {branches: [main]}}", a=job(PUSH.replace("ghcr.io/acme/shop:1.2", pushed)))
    assert labels(a=tagged, b=other) == ["a pushed tag", *(["a push to main"] if expected else [])]


@pytest.mark.parametrize(
    ("pushed", "doubted"),
    [
        ("ghcr.io/${{ github.repository }}/worker:edge", [False]),
        ("ghcr.io/${{ github.repository }}-worker:edge", [False]),
        ("ghcr.io/acme/worker:edge", [True]),
        ("ghcr.io/acme/worker-ci:edge", []),
        ("docker.io/${{ github.repository }}:edge", []),
    ],
)
def test_a_name_that_only_a_run_knows_may_be_that_of_what_a_tag_releases(pushed: str, doubted: list[bool]) -> None:
    tagged = workflow("{push: {tags: ['v*']}}", a=job(PUSH.replace("acme/shop", "${{ github.repository }}"), SHIP))
    other = workflow("{push: {branches: [main]}}", a=job(PUSH.replace("ghcr.io/acme/shop:1.2", pushed)))
    assert [bool(run.doubt) for run in releases(a=tagged, b=other).runs] == [False, *doubted]


def test_an_image_without_a_name_may_be_any() -> None:
    tagged = workflow("{push: {tags: ['v*']}}", a=job(PUSH, SHIP, "- run: kubectl apply -f k8s/\n"))
    other = workflow("{push: {branches: [main]}}", a=job(PUSH.replace("shop:1.2", "worker:edge")))
    assert [bool(run.doubt) for run in releases(a=tagged, b=other).runs] == [False, True]


def test_what_is_built_first_and_gets_its_version_later_is_released_by_the_tag() -> None:
    promoted = "- run: crane copy ghcr.io/acme/shop:$GITHUB_SHA ghcr.io/acme/shop:$GITHUB_REF_NAME\n"
    tagged = workflow("{push: {tags: ['v*']}}", a=job(promoted))
    other = workflow("{push: {branches: [main]}}", a=job(PUSH.replace(":1.2", ":${{ github.sha }}")))
    assert labels(a=tagged, b=other) == ["a pushed tag"]


@pytest.mark.parametrize(
    "tried", ["docker build -t ghcr.io/acme/worker:edge .", "docker build -t worker:test . && make test"]
)
def test_what_is_built_and_pushed_nowhere_is_released_by_nobody(tried: str) -> None:
    tagged = workflow("{push: {tags: ['v*']}}", a=job(PUSH, SHIP))
    assert labels(a=tagged, b=workflow("{push: {branches: [main]}}", a=job(script(tried)))) == ["a pushed tag"]


def test_unseen_programs_count_by_what_they_may_do_and_are_called() -> None:
    on = "{push: {branches: [main]}}"
    assert labels(a=workflow(on, a=job("- run: make publish"))) == ["a push to main"]
    assert labels(a=workflow(on, a=job("- run: make test"))) == []
    assert labels(a=workflow(on, a=job("- run: make publish", permissions="{contents: read}"))) == []
    secret = "- run: make publish\n  env: {TOKEN: '${{ secrets.PYPI }}'}"
    assert labels(a=workflow(on, a=job(secret, permissions="{contents: read}"))) == ["a push to main"]
    login = "- uses: docker/login-action@v4\n  with: {username: acme, password: '${{ secrets.HUB }}'}"
    after_login = job(login, "- run: make docker-push", permissions="{contents: read}")
    assert labels(a=workflow(on, a=after_login)) == ["a push to main"]


def test_what_comes_behind_the_limit_may_be_a_release_whatever_the_workflow_is_called() -> None:
    jobs = {f"a{number}": job("- run: date") for number in range(MAX_JOBS + 1)}
    long = workflow("{push: {branches: [main]}}", **jobs).replace("name: release", "name: everyday")
    assert labels(every=long) == ["a push to main"]
    assert labels(every=long, tagged=workflow(a=job(PUSH))) == ["a pushed tag", "a push to main"]


def test_the_default_branch_is_called_as_the_workflows_call_it() -> None:
    hint = workflow("pull_request", a=job("- run: make test"))
    master = hint.replace("on: pull_request", "on: {pull_request: {branches: [master]}}")
    assert labels(a=workflow("push", a=job(PUSH, SHIP)), b=master) == ["a pushed tag", "a push to master"]
    by_condition = workflow("push", a=job(PUSH, SHIP, if_="github.ref == 'refs/heads/master'"))
    assert labels(a=by_condition) == ["a push to master"]


def test_jobs_in_a_circle_or_without_what_they_need_never_run() -> None:
    assert labels(a=workflow(a=job(PUSH, needs="b"), b=job(PUSH, needs="a"), c=job(PUSH, needs="nobody"))) == []
    assert labels(a=workflow(a=job(PUSH, needs="a"))) == []


def test_the_token_may_do_what_is_not_restricted() -> None:
    unstated = workflow("{push: {branches: [main]}}", a=job("- run: make publish"))
    lines = [line for line in unstated.splitlines() if "permissions" not in line]
    assert labels(a="\n".join(lines)) == ["a push to main"]


def test_other_pipelines_are_named() -> None:
    files: dict[str, str | bytes | None] = {
        ".circleci/config.yml": "jobs: {test: {steps: [run: make test]}}",
        "ci/Jenkinsfile": "sh 'docker push x'",
        "docs/.circleci/config.yml.txt": "",
    }
    found = Facts(repository(files))["releases"]
    assert found.elsewhere == (
        OtherPipeline(".circleci/config.yml", "CircleCI", delivers=False),
        OtherPipeline("ci/Jenkinsfile", "Jenkins", delivers=True),
    )
