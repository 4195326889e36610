"""Jobs with the same legs: what one leg hands over by its name is what the same leg of the next job gets."""

from __future__ import annotations

import pytest

from pipelines import on_gitlab
from releasing import job, repository_of, workflow
from trees import judge

LEGS = "{matrix: {svc: [api, web]}}"
PUSH = """
- uses: docker/build-push-action@v7
  id: push
  with: {push: true, tags: "ghcr.io/acme/shop-${{ matrix.svc }}:1"}
- run: echo "${{ steps.push.outputs.digest }}" > digest
"""
STORE = "- uses: actions/upload-artifact@v7\n  with: {name: 'digest-${{ matrix.svc }}', path: digest}"
LOAD = "- uses: actions/download-artifact@v8\n  with: {name: 'digest-${{ matrix.svc }}'}"
SIGN = '- run: cosign sign --yes "ghcr.io/acme/shop-${{ matrix.svc }}@$(cat digest)"'
DEPLOY = '- run: kubectl set image deploy/${{ matrix.svc }} app="ghcr.io/acme/shop-${{ matrix.svc }}@$(cat digest)"'


@pytest.mark.parametrize(
    ("legs", "load", "expected"),
    [
        (LEGS, LOAD, "pass"),
        ("{matrix: {svc: [api]}}", LOAD, "unknown"),
        (LEGS, LOAD.replace("${{ matrix.svc }}", "api"), "unknown"),
        ("{matrix: {svc: [api, web], arch: [x, y]}}", LOAD, "unknown"),
    ],
)
def test_legs_of_the_same_names(legs: str, load: str, expected: str) -> None:
    build = job(PUSH, STORE, strategy=LEGS)
    sign = job(load, SIGN, needs="build", strategy=legs)
    deploy = job(LOAD, DEPLOY, needs="sign", strategy=LEGS)
    files = repository_of(workflow("{push: {branches: [main]}}", build=build, sign=sign, deploy=deploy))
    assert judge("build-signed", files).verdict == expected


def test_legs_that_share_a_name_are_not_told_apart() -> None:
    legs = "{matrix: {svc: [api, web], arch: [x, y]}}"
    build = job(PUSH, STORE, strategy=legs)
    sign = job(LOAD, SIGN, needs="build", strategy=legs)
    assert judge("build-signed", repository_of(workflow(build=build, sign=sign))).verdict == "unknown"


@pytest.mark.parametrize("merged", ["true", "false"])
def test_artifacts_of_legs_laid_over_each_other_leave_the_last_one(merged: str) -> None:
    one_name = PUSH.replace("shop-${{ matrix.svc }}:1", "shop:1-${{ matrix.svc }}")
    load = f"- uses: actions/download-artifact@v8\n  with: {{pattern: 'digest-*', merge-multiple: {merged}}}"
    sign = job(load, '- run: cosign sign --yes "ghcr.io/acme/shop@$(cat digest)"', needs="build")
    build = job(one_name, STORE, strategy=LEGS)
    expected = "fail" if merged == "true" else "unknown"
    assert judge("build-signed", repository_of(workflow(build=build, sign=sign))).verdict == expected


PIPELINE = """
stages: [build, sign, deploy]
.legs: &legs {parallel: {matrix: [{SERVICE: [api, web]}]}}
build:
  <<: *legs
  stage: build
  script:
    - buildah build -t "$CI_REGISTRY_IMAGE/$SERVICE:1" .
    - buildah push --digestfile "$SERVICE.digest" "$CI_REGISTRY_IMAGE/$SERVICE:1"
  artifacts: {paths: ["*.digest"]}
sign:
  <<: *legs
  stage: sign
  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}
  script: ['cosign sign --yes "$CI_REGISTRY_IMAGE/$SERVICE@$(cat "$SERVICE.digest")"']
deploy:
  <<: *legs
  stage: deploy
  script: ['kubectl set image deploy/$SERVICE app="$CI_REGISTRY_IMAGE/$SERVICE@$(cat "$SERVICE.digest")"']
"""
NEEDS = "needs: [{job: build, parallel: {matrix: [{SERVICE: ['$[[ matrix.SERVICE ]]']}]}}]"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", "pass"),
        ("  stage: sign\n", f"  stage: sign\n  {NEEDS}\n", "pass"),
        ("  stage: deploy\n", f"  stage: deploy\n  {NEEDS.replace('job: build', 'job: sign')}\n", "unknown"),
        ('"$SERVICE.digest")"\']\ndeploy', '"api.digest")"\']\ndeploy', "unknown"),
        ("sign:\n  <<: *legs", "sign:\n  parallel: {matrix: [{SERVICE: [api]}]}", "unknown"),
    ],
)
def test_legs_of_gitlab(before: str, after: str, expected: str) -> None:
    text = PIPELINE.replace(before, after, 1) if before else PIPELINE
    assert judge("build-signed", on_gitlab(text)).verdict == expected


def test_each_leg_waits_for_its_own() -> None:
    own = NEEDS.replace("{job: build", "build, {job: sign")
    text = PIPELINE.replace("  stage: deploy\n", f"  stage: deploy\n  {own}\n")
    assert judge("build-signed", on_gitlab(text)).verdict == "pass"
    other = own.replace("'$[[ matrix.SERVICE ]]'", "api")
    assert judge("build-signed", on_gitlab(text.replace(own, other))).verdict == "unknown"
