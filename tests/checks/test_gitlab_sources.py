"""Jobs of GitLab that are told not to fetch the sources: whatever stands there need not be of this commit."""

from __future__ import annotations

import pytest

from pipelines import GOOD, changed, job, on_gitlab
from trees import judge

TEST = "test:\n  stage: test\n  script:\n    - pytest\n"
NONE = "GIT_STRATEGY: none"
RULES = "rules: [{if: $CI_COMMIT_TAG, variables: {GIT_STRATEGY: none}}]"
PACK = "artifacts: {paths: [src/]}"


def with_tests(*lines: str, script: str = "pytest", of: str = GOOD) -> str:
    """The tests have these lines besides their script."""
    written = "".join(f"  {line}\n" for line in lines)
    return changed((TEST, f"test:\n  stage: test\n{written}  script:\n    - {script}\n"), of=of)


def top(variable: str, of: str) -> str:
    """Every job has this variable."""
    return changed(("variables:\n  IMAGE: $CI_REGISTRY_IMAGE", f"variables:\n  {variable}\n  IMAGE: x/y"), of=of)


def verdict(pipeline: str, check: str = "tests-gate-release") -> str:
    return judge(check, on_gitlab(pipeline)).verdict


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"variables: {{{NONE}}}", "unknown"),
        ("variables: {GIT_STRATEGY: empty}", "unknown"),
        ('variables: {GIT_CHECKOUT: "false"}', "unknown"),
        ("variables: {GIT_CHECKOUT: 0}", "unknown"),
        ("variables: {GIT_CHECKOUT: False}", "unknown"),
        ("variables: {HOW: none, GIT_STRATEGY: $HOW}", "unknown"),
        (RULES, "unknown"),
        ("rules: [{if: $FAST, variables: {GIT_STRATEGY: none}}, {when: always}]", "unknown"),
        ("parallel: {matrix: [{GIT_STRATEGY: [none, fetch]}]}", "unknown"),
        ("variables: {GIT_STRATEGY: fetch}", "pass"),
        ("variables: {GIT_STRATEGY: clone, GIT_DEPTH: 1}", "pass"),
        ('variables: {GIT_CHECKOUT: "true"}', "pass"),
    ],
)
def test_tests_without_the_sources_prove_nothing(line: str, expected: str) -> None:
    assert verdict(with_tests(line)) == expected


def test_a_job_says_for_itself_what_it_fetches() -> None:
    assert verdict(top(NONE, with_tests())) == "unknown"
    assert verdict(top(NONE, with_tests("variables: {GIT_STRATEGY: fetch}"))) == "unknown"  # and what is built?
    pipeline = changed(("  image: docker:27\n", "  image: docker:27\n  variables: {GIT_STRATEGY: clone}\n"))
    assert verdict(top(NONE, with_tests("variables: {GIT_STRATEGY: fetch}", of=pipeline))) == "pass"
    assert verdict(top(NONE, with_tests("inherit: {variables: false}", of=pipeline))) == "pass"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("git fetch origin $CI_COMMIT_SHA; git checkout $CI_COMMIT_SHA; pytest", "pass"),
        ("git fetch origin; git checkout -f $CI_COMMIT_TAG; pytest", "pass"),
        ("git fetch origin; git reset --hard $CI_COMMIT_SHA; pytest", "pass"),
        ("git fetch origin; git checkout main; pytest", "fail"),
        ("make test", "unknown"),
    ],
)
def test_a_script_may_fetch_them_itself(script: str, expected: str) -> None:
    files = on_gitlab(with_tests(f"variables: {{{NONE}}}", script=script), Makefile="test:\n\tpytest\n")
    assert judge("tests-gate-release", files).verdict == expected


@pytest.mark.parametrize(("packs", "expected"), [(PACK, "pass"), ("artifacts: {reports: {junit: x.xml}}", "unknown")])
def test_artifacts_bring_what_is_of_this_commit(packs: str, expected: str) -> None:
    before = job("pack", "stage: .pre", "script: [tar xf src.tar]", packs)
    assert verdict(with_tests(f"variables: {{{NONE}}}") + before) == expected


def test_what_releases_needs_no_sources() -> None:
    last = "release:\n  stage: release\n"
    assert verdict(changed((last, f"{last}  variables: {{{NONE}}}\n"))) == "pass"
    library = f"{TEST}\n{last}  variables: {{{NONE}}}\n  script: [glab release create $CI_COMMIT_TAG]\n"
    assert verdict(f"stages: [test, release]\n{library}") == "pass"


@pytest.mark.parametrize(
    "script",
    [
        "docker pull $IMAGE@$DIGEST; docker tag $IMAGE@$DIGEST $IMAGE:latest; docker push $IMAGE:latest",
        "crane tag $IMAGE@$DIGEST latest",
        "docker buildx imagetools create -t $IMAGE:latest $IMAGE@$DIGEST",
        "kubectl set image deployment/shop shop=$IMAGE@$DIGEST",
    ],
)
def test_what_moves_what_was_built_needs_none_either(script: str) -> None:
    moved = job(
        "move", "stage: release", f"variables: {{{NONE}}}", "rules: [{if: $CI_COMMIT_TAG}]", f"script: ['{script}']"
    )
    assert verdict(GOOD + moved) == "pass"


def test_what_is_built_without_the_sources_was_tested_by_nobody() -> None:
    assert verdict(changed(("  image: docker:27\n", f"  image: docker:27\n  variables: {{{NONE}}}\n"))) == "unknown"


def test_a_scan_of_the_folder_needs_them_too() -> None:
    pipeline = """\
stages: [test, release]
test: {stage: test, script: [trivy fs --exit-code 1 .]}
release:
  stage: release
  script: [uv build, uv publish]
"""
    assert verdict(pipeline, "vulnerabilities-gated") == "pass"
    without = pipeline.replace("stage: test,", f"stage: test, variables: {{{NONE}}},")
    assert verdict(without, "vulnerabilities-gated") == "unknown"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA", "pass"),
        ("{name: '$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA'}", "pass"),
        ("$CI_REGISTRY_IMAGE:latest", "unknown"),
        ("python:3.13", "unknown"),
    ],
)
def test_an_image_that_the_pipeline_has_built_has_them_inside(image: str, expected: str) -> None:
    built = "$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA"
    pipeline = "stages: [build, test, release]" + "".join(
        [
            job("build", "stage: build", f"script: ['docker build -t {built} .', 'docker push {built}']"),
            job("test", "stage: test", f"variables: {{{NONE}}}", f"image: {image}", "script: [pytest]"),
            job("ship", "stage: release", f"script: ['kubectl set image deployment/shop shop={built}']"),
        ]
    )
    assert verdict(pipeline) == expected
