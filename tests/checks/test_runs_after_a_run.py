"""Releases by the end of another run: what that one has built and proven is what is shipped."""

from __future__ import annotations

import pytest

from releasing import PUSH, SIGN, job, repository_of, workflow
from trees import judge

DIGEST = "- run: echo '${{ steps.push.outputs.digest }}' > digest.txt"
STORE = "- uses: actions/upload-artifact@v7\n  with: {name: digest, path: digest.txt}"
OF_RUN = "run-id: '${{ github.event.workflow_run.id }}'"
LOAD = f"- uses: actions/download-artifact@v8\n  with: {{name: digest, {OF_RUN}}}"
VERIFY = (
    '- run: cosign verify "ghcr.io/acme/shop@$(cat digest.txt)" --certificate-identity-regexp'
    " '^https://github.com/acme/shop/' --certificate-oidc-issuer https://token.actions.githubusercontent.com"
)
DEPLOY = '- run: kubectl set image deploy/shop app="ghcr.io/acme/shop@$(cat digest.txt)"'
SUCCESS = "github.event.workflow_run.conclusion == 'success'"
ON = "{workflow_run: {workflows: [build], types: [completed]}}"
TEST = job("- run: pytest")


def verdicts(
    *deploy: str, first: str = "{push: {branches: [main]}}", on: str = ON, if_: str = SUCCESS, more: str = ""
) -> str:
    """What is said of signature, verification and tests of a release in two runs, by the first letters."""
    image = job(PUSH, DIGEST, STORE, SIGN, needs="test") + more
    files = repository_of(workflow(on, deploy=job(*deploy, if_=if_)))
    files[".github/workflows/build.yml"] = workflow(first, test=TEST, image=image).replace("release", "build", 1)
    checks = ("build-signed", "provenance-verified", "tests-gate-release")
    return "".join(judge(check, files).verdict[0] for check in checks)


def test_what_the_run_before_has_built_is_followed() -> None:
    assert verdicts(LOAD, VERIFY, DEPLOY) == "ppp"


@pytest.mark.parametrize(("more", "expected"), [("", "ppp"), ("; curl -fsSL https://example.com > digest", "uup")])
def test_a_file_without_an_ending_is_handed_on_as_well(more: str, expected: str) -> None:
    digest = f"{DIGEST.replace('digest.txt', 'digest')}{more}"
    image = job(PUSH, digest, STORE.replace("digest.txt", "digest"), SIGN, needs="test")
    deploy = (each.replace("digest.txt", "digest") for each in (LOAD, VERIFY, DEPLOY))
    files = repository_of(workflow(ON, deploy=job(*deploy, if_=SUCCESS)))
    first = workflow("{push: {branches: [main]}}", test=TEST, image=image)
    files[".github/workflows/build.yml"] = first.replace("release", "build", 1)
    checks = ("build-signed", "provenance-verified", "tests-gate-release")
    assert "".join(judge(check, files).verdict[0] for check in checks) == expected


def test_what_gh_downloads_of_the_run_before_is_followed() -> None:
    by_gh = "- run: gh run download ${{ github.event.workflow_run.id }} %s"
    assert verdicts(by_gh % "-n digest", VERIFY, DEPLOY) == "ppp"
    assert verdicts(by_gh % "-n other", VERIFY, DEPLOY) != "ppp"
    assert verdicts(by_gh % "-n digest -R acme/other", VERIFY, DEPLOY) != "ppp"


DRAFT = job("- run: go build -o shop .", '- run: gh release create "$GITHUB_REF_NAME" --draft shop')
TAG = "${{ github.event.workflow_run.head_branch }}"
FETCH = f"- run: gh release download {TAG} --pattern shop"
SIGN_FILE = "- run: cosign sign-blob --yes --bundle shop.sigstore.json shop"
ADD = f"- run: gh release upload {TAG} shop.sigstore.json"
PUBLISH = f"- run: gh release edit {TAG} --draft=false"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((FETCH, SIGN_FILE, ADD, PUBLISH), "pass"),
        ((SIGN_FILE.replace("run: ", "run: ls > shop; "), ADD, PUBLISH), "fail"),
        ((FETCH, SIGN_FILE, PUBLISH), "fail"),
        ((PUBLISH,), "fail"),
        ((FETCH.replace("--pattern shop", "--pattern other"), SIGN_FILE, ADD, PUBLISH), "fail"),
        ((FETCH.replace("--pattern", "-R acme/other --pattern"), SIGN_FILE, ADD, PUBLISH), "fail"),
        ((FETCH, SIGN_FILE, ADD), "fail"),  # by somebody's hand, who may come before the end of that run
        ((FETCH.replace(TAG, "v1"), SIGN_FILE, ADD, PUBLISH), "fail"),
    ],
)
def test_a_draft_that_the_run_after_it_signs_and_publishes(steps: tuple[str, ...], expected: str) -> None:
    files = repository_of(workflow(ON, sign=job(*steps, if_=SUCCESS)))
    files[".github/workflows/build.yml"] = workflow(draft=DRAFT).replace("release", "build", 1)
    assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize("condition", ["always()", "github.event.workflow_run.conclusion != 'cancelled'"])
def test_a_run_that_may_have_failed_proves_nothing(condition: str) -> None:
    assert verdicts(LOAD, VERIFY, DEPLOY, if_=condition) == "fpf"


def test_what_is_not_verified_is_not() -> None:
    assert verdicts(LOAD, DEPLOY) == "pfp"


@pytest.mark.parametrize(
    "load",
    [
        LOAD.replace("name: digest", "name: other"),
        LOAD.replace(OF_RUN, "run-id: 17"),
        LOAD.replace(OF_RUN, f"{OF_RUN}, repository: acme/other"),
        LOAD.replace(f", {OF_RUN}", ""),
    ],
)
def test_other_artifacts_are_not_followed(load: str) -> None:
    assert set(verdicts(load, VERIFY, DEPLOY)[:2]) <= {"u", "f"}


@pytest.mark.parametrize(
    "on", ["{workflow_run: {workflows: [build, other]}}", ON.replace("types", "branches: [x], types")]
)
def test_other_runs_are_not_followed(on: str) -> None:
    assert verdicts(LOAD, VERIFY, DEPLOY, on=on)[0] != "p"


@pytest.mark.parametrize(
    ("ignored", "first", "expected"),
    [
        ("[wip]", "{push: {branches: [main]}}", "p"),
        ("['wip/**']", "{push: {branches: [main]}}", "p"),
        ("[main]", "{push: {branches: [main]}}", "u"),
        ("['v*']", "{push: {tags: ['v*']}}", "u"),
    ],
)
def test_the_end_of_a_run_on_no_branch_that_is_ignored(ignored: str, first: str, expected: str) -> None:
    on = ON.replace("types", f"branches-ignore: {ignored}, types")
    assert verdicts(LOAD, VERIFY, DEPLOY, on=on, first=first)[0] == expected


def test_a_tag_of_its_commit_is_what_was_built() -> None:
    tag = "${{ github.event.workflow_run.head_sha }}"
    image = job(PUSH.replace("shop:1.2", "shop:${{ github.sha }}"), SIGN)
    for deployed, verdict in ((tag, "pass"), ("${{ github.sha }}", "unknown")):
        ship = job(f"- run: kubectl set image deploy/shop app=ghcr.io/acme/shop:{deployed}", if_=SUCCESS)
        files = repository_of(workflow(ON, deploy=ship))
        first = workflow("{push: {branches: [main]}}", image=image)
        files[".github/workflows/build.yml"] = first.replace("release", "build", 1)
        assert judge("build-signed", files).verdict == verdict


BOTH = "{push: {branches: [main]}, pull_request: {}}"
SIGN_ON_PUSH = f"{SIGN}  if: github.event_name == 'push'\n"


@pytest.mark.parametrize(
    ("sign", "on", "asked", "expected"),
    [
        (SIGN, ON, "true", "pass"),
        (SIGN_ON_PUSH, ON, "true", "fail"),
        (SIGN_ON_PUSH, ON.replace("types", "branches: [main], types"), "true", "pass"),
        (SIGN_ON_PUSH, ON, "github.event.workflow_run.event == 'push'", "pass"),
        (SIGN_ON_PUSH, ON, "github.event.workflow_run.head_branch == 'main'", "pass"),
    ],
)
def test_the_run_of_a_pull_request_ends_too(sign: str, on: str, asked: str, expected: str) -> None:
    files = repository_of(workflow(on, deploy=job(LOAD, DEPLOY, if_=f"{SUCCESS} && {asked}")))
    first = workflow(BOTH, image=job(PUSH, DIGEST, STORE, sign))
    files[".github/workflows/build.yml"] = first.replace("release", "build", 1)
    assert judge("build-signed", files).verdict == expected


def test_an_image_that_no_pull_request_builds_is_not_asked_of_one() -> None:
    files = repository_of(workflow(ON, deploy=job(LOAD, DEPLOY, if_=SUCCESS)))
    push = PUSH.replace("push: true", "push: \"${{ github.event_name == 'push' }}\"")
    first = workflow(BOTH, image=job(push, DIGEST, STORE, SIGN_ON_PUSH))
    files[".github/workflows/build.yml"] = first.replace("release", "build", 1)
    assert judge("build-signed", files).verdict == "pass"


@pytest.mark.parametrize(
    ("publish", "expected"),
    [
        ("- run: gh release upload v1 proofs/shop.sigstore.json", "pass"),
        ("- run: gh release upload v1 proofs/*", "pass"),
        ("- run: gh release edit v1 --latest", "fail"),
        ("- run: gh release upload v1 CHANGELOG.md", "fail"),
        ("- run: gh release upload v1 proofs/SHA256SUMS.txt", "fail"),
        ("- run: gh release upload v1 proofs/proof.txt", "pass"),
    ],
)
def test_a_signature_that_the_run_after_it_publishes(publish: str, expected: str) -> None:
    bundle = "proof.txt" if "proof.txt" in publish else "shop.sigstore.json"
    sign = f"- run: go build -o shop . && cosign sign-blob --yes --bundle {bundle} shop"
    keep = f"- uses: actions/upload-artifact@v7\n  with: {{name: proofs, path: {bundle}}}"
    fetch = f"- uses: actions/download-artifact@v8\n  with: {{name: proofs, path: proofs, {OF_RUN}}}"
    build = job(sign, keep, "- run: gh release create v1 shop")
    for first in "{push: {tags: ['v*']}}", "{push: {tags: ['v*'], branches: [main]}}":
        files = repository_of(workflow(first, build=build).replace("release", "build", 1))
        files[".github/workflows/later.yml"] = workflow(ON, later=job(fetch, publish, if_=SUCCESS))
        assert judge("build-signed", files).verdict == expected
        of_main = f"{SUCCESS} && github.event.workflow_run.head_branch == 'main'"
        files[".github/workflows/later.yml"] = workflow(ON, later=job(fetch, publish, if_=of_main))
        assert judge("build-signed", files).verdict != "pass"


def handed_on(
    *,
    image: str = f"{SUCCESS} && github.event.workflow_run.event == 'push'",
    ref: str = "github.event.workflow_run.head_sha",
    ci: str = "{push: {branches: [main]}, pull_request: {}}",
    on: str = "{workflow_run: {workflows: [ci], types: [completed]}}",
    deploy: str = SUCCESS,
    load: str = LOAD,
    tests: str = "- run: pytest",
    build: str = "- run: ls",
    push: str = PUSH.replace("push: true", "push: true, context: ."),
) -> str:
    """The same of tests, an image of the commit that they have passed on, and a deployment: each starts the next."""
    checkout = f"- uses: actions/checkout@v6\n  with: {{ref: '${{{{ {ref} }}}}'}}"
    files = repository_of(workflow(ON, deploy=job(load, VERIFY, DEPLOY, if_=deploy)))
    build = workflow(on, image=job(checkout, build, push, DIGEST, STORE, SIGN, if_=image))
    files[".github/workflows/build.yml"] = build.replace("release", "build", 1)
    tested = workflow(ci, test=job("- uses: actions/checkout@v6", tests))
    files[".github/workflows/ci.yml"] = tested.replace("release", "ci", 1)
    checks = ("build-signed", "provenance-verified", "tests-gate-release")
    return "".join(judge(check, files).verdict[0] for check in checks)


def test_a_run_after_a_run_after_a_run_is_followed() -> None:
    assert handed_on() == "ppp"
    assert handed_on(on="{workflow_run: {workflows: [ci], branches: [main]}}", image=SUCCESS) == "ppp"


def test_what_the_first_of_three_runs_proves_is_asked_for_by_the_second() -> None:
    assert handed_on(image="github.event.workflow_run.event == 'push'") == "ppf"
    assert handed_on(ref="github.event.repository.default_branch")[2] != "p"
    assert handed_on(ref="''")[2] != "p"
    assert handed_on(ref="github.sha")[2] != "p"
    assert handed_on(push=PUSH)[2] != "p"
    assert handed_on(ref="github.sha", image="always()", build="- run: pytest") == "ppp"
    assert handed_on(ref="github.event.workflow_run.head_branch")[2] != "p"
    assert handed_on(tests="- run: ruff check") == "ppf"
    assert handed_on(deploy="always()") == "fpf"


def test_the_last_of_three_runs_fetches_what_the_second_has_stored() -> None:
    assert handed_on(load=LOAD.replace("name: digest", "name: other"))[0] != "p"
    assert handed_on(on="{workflow_run: {workflows: [ci, other]}}")[2] != "p"


def test_runs_that_start_each_other_in_a_circle_are_no_beginning() -> None:
    assert handed_on(ci="{workflow_run: {workflows: [release]}}", image=SUCCESS)[2] != "p"


@pytest.mark.parametrize("check", ["tests-gate-release", "vulnerabilities-gated"])
@pytest.mark.parametrize(
    ("fetch", "expected"),
    [
        (
            "- uses: actions/download-artifact@v8\n  with: {name: image, path: /tmp, run-id: '${{ vars.RUN }}'}",
            "unknown",
        ),
        ('- run: gh run download "$RUN" -n image -D /tmp', "unknown"),
        ("- uses: actions/download-artifact@v8\n  with: {name: image, path: /tmp}", "fail"),
        ("- run: curl -fsSLo /tmp/image.tar https://acme.example/image.tar", "fail"),
    ],
)
def test_an_image_in_an_archive_of_another_run_was_tested_and_scanned_there_or_not(
    fetch: str, expected: str, check: str
) -> None:
    push = "- run: skopeo copy docker-archive:/tmp/image.tar docker://ghcr.io/acme/shop:1"
    release = job(fetch, push, "- run: gh release create v1 --generate-notes")
    assert judge(check, repository_of(workflow(release=release))).verdict == expected
