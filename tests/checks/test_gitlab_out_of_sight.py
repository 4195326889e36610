"""Pipelines of GitLab of which a part is out of sight: what it may do, and who could have waited for it."""

from __future__ import annotations

import pytest

from pipelines import GOOD, changed, job, on_gitlab, without
from trees import judge

ELSEWHERE = "include: [{project: acme/ci, file: /more.yml, ref: v1}]\n"
MADE = "test:\n  stage: test\n  trigger: {include: [{artifact: made.yml, job: make}]STRATEGY}"
MAKE = job("make", "stage: .pre", "script: [cp ci.yml made.yml]", "artifacts: {paths: [made.yml]}")
TESTED = "    - pytest\n"
SIGN = '    - cosign sign --yes "$IMAGE@$DIGEST"\n'
SHIP = '    - echo "releasing $CI_COMMIT_TAG"\n  release:\n    tag_name: $CI_COMMIT_TAG\n    description: The changes\n'
REPORTS = "  artifacts:\n    reports:\n      dotenv: build.env\n"
NEEDS = "  stage: release\n  rules:\n"


def needing(needs: str, of: str) -> str:
    return changed((NEEDS, f"  stage: release\n  needs: {needs}\n  rules:\n"), of=of)


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        (without("test"), "unknown"),
        (changed((TESTED, "    - pytest || true\n")), "unknown"),
        (needing("[verify, unit]", without("test")), "unknown"),
        (needing("[verify, {job: unit, optional: true}]", without("test")), "unknown"),
        (needing("[]", without("test")), "fail"),
        (GOOD, "unknown"),  # it may release something by itself
    ],
)
def test_what_is_included_may_test_before_those_who_may_wait_for_it(pipeline: str, expected: str) -> None:
    assert judge("tests-gate-release", on_gitlab(ELSEWHERE + pipeline)).verdict == expected


def test_what_is_included_may_sign_between_any_two_jobs() -> None:
    assert judge("build-signed", on_gitlab(ELSEWHERE + changed((SIGN, "")))).verdict == "unknown"


@pytest.mark.parametrize(("strategy", "expected"), [(", strategy: depend", "unknown"), ("", "fail")])
def test_a_pipeline_that_is_made_on_the_way_may_test_for_those_who_wait(strategy: str, expected: str) -> None:
    pipeline = GOOD.replace("test:\n  stage: test\n  script:\n    - pytest", MADE.replace("STRATEGY", strategy)) + MAKE
    assert judge("tests-gate-release", on_gitlab(pipeline)).verdict == expected


@pytest.mark.parametrize(("when", "expected"), [("always", "pass"), ("on_success", "pass"), ("on_failure", "unknown")])
def test_a_report_that_only_a_failure_leaves_tells_nothing(when: str, expected: str) -> None:
    after = job(
        "sign", "stage: build\nneeds: [build]\nid_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}\nscript:\n" + SIGN
    )
    pipeline = changed((SIGN, ""), (REPORTS, REPORTS.replace("\n", f"\n    when: {when}\n", 1))) + after
    assert judge("build-signed", on_gitlab(pipeline)).verdict == expected


@pytest.mark.parametrize(
    ("source", "expected"), [("@$DIGEST", "pass"), (":$CI_COMMIT_TAG", "pass"), (":nightly", "unknown")]
)
def test_another_tag_of_the_image_may_name_anything(source: str, expected: str) -> None:
    copy = f'    - skopeo copy "docker://$IMAGE{source}" "docker://$IMAGE:latest"\n'
    assert judge("build-signed", on_gitlab(changed((SHIP, copy)))).verdict == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("$IMAGE@$DIGEST", "pass"),
        ("$IMAGE:$CI_COMMIT_TAG", "pass"),
        ("$IMAGE:latest", "unknown"),
        ("registry.acme.example/other/app:1", "unknown"),  # which may be where $CI_REGISTRY_IMAGE is
    ],
)
def test_what_is_deployed_may_be_another_image(image: str, expected: str) -> None:
    deploy = f'    - kubectl set image deployment/shop shop="{image}"\n'
    assert judge("build-signed", on_gitlab(changed((SHIP, deploy)))).verdict == expected


# --- what starts it

SOURCE = "$CI_PIPELINE_SOURCE"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (f"  rules: [{{if: {SOURCE} == 'push'}}]\n", "fail"),
        (f"  rules: [{{if: {SOURCE} == 'web', when: never}}, {{when: always}}]\n", "fail"),
        ("  only: [pushes]\n", "fail"),
        ("  except: [web]\n", "fail"),
        ("  except: [schedules]\n", "pass"),  # nobody makes a schedule of a tag
        ("  only: [pushes, web]\n", "pass"),
        (f"  rules: [{{if: {SOURCE} == 'push'}}, {{if: {SOURCE} == 'web'}}]\n", "pass"),
        (f"  rules: [{{if: {SOURCE} == 'merge_request_event'}}, {{if: $CI_COMMIT_TAG}}]\n", "pass"),
    ],
)
def test_a_tag_is_released_by_hand_too(keys: str, expected: str) -> None:
    pipeline = changed((TESTED, TESTED + keys))
    assert judge("tests-gate-release", on_gitlab(pipeline)).verdict == expected


def test_what_only_a_push_releases_is_released_by_nobody_s_hand() -> None:
    pushed = GOOD.replace("- if: $CI_COMMIT_TAG\n", f"- if: $CI_COMMIT_TAG && {SOURCE} == 'push'\n")
    tested = changed((TESTED, f"{TESTED}  only: [pushes]\n"), of=pushed)
    assert judge("tests-gate-release", on_gitlab(tested)).verdict == "pass"


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ("{value: 'yes', options: ['yes', 'no'], description: Shall it be tested?}", "unknown"),
        ("{value: 'yes', description: Shall it be tested?}", "unknown"),
        ("{value: 'yes'}", "pass"),  # which the form does not ask for
    ],
)
def test_who_starts_a_pipeline_by_hand_chooses_what_the_form_asks_for(described: str, expected: str) -> None:
    asked = changed(("  IMAGE:", f"  TEST: {described}\n  IMAGE:"))
    by_rule = changed((TESTED, f"{TESTED}  rules: [{{if: $TEST == 'yes'}}]\n"), of=asked)
    by_script = changed((TESTED, TESTED.replace("- pytest", '- test "$TEST" = no || pytest')), of=asked)
    for pipeline, found in ((asked, "pass"), (by_rule, expected), (by_script, expected)):
        assert judge("tests-gate-release", on_gitlab(pipeline)).verdict == found


# --- what ships by programs of other platforms


@pytest.mark.parametrize(
    "deploy",
    [
        "clever deploy",
        "dpl --provider=heroku --app=shop --api-key=$HEROKU_API_KEY",
        "snapcraft upload *.snap --release=latest/stable",
    ],
)
def test_a_platform_gets_what_nobody_has_tested(deploy: str) -> None:
    pipeline = (
        f"ship:\n  stage: deploy\n  rules: [{{if: $CI_COMMIT_TAG}}]\n  script:\n    - apt-key add key\n    - {deploy}\n"
    )
    assert judge("tests-gate-release", on_gitlab(pipeline)).verdict == "fail"


# --- which commit is tested


@pytest.mark.parametrize(
    ("ref", "expected"),
    [('"$CI_COMMIT_SHA"', "pass"), ("$CI_COMMIT_TAG", "pass"), ("main", "fail"), ("$OTHER", "unknown")],
)
def test_the_commit_of_the_pipeline_is_checked_out_by_its_names(ref: str, expected: str) -> None:
    pipeline = changed((TESTED, f"    - git checkout {ref}\n{TESTED}"))
    assert judge("tests-gate-release", on_gitlab(pipeline)).verdict == expected
