"""Charts of Helm that are released as they stand in the repository: nothing but an image beside them has a digest."""

from __future__ import annotations

import pytest

from pipelines import GOOD
from releasing import PUSH, SIGN, job, released_by, repository_of, script, workflow
from trees import judge

CHECKS = ("build-signed", "sbom-generated", "provenance-verified", "tests-gate-release", "vulnerabilities-gated")
ACTIONS = (
    "helm/chart-releaser-action@v1",
    "stefanprodan/helm-gh-pages@v1",
    "appany/helm-oci-chart-releaser@v0",
)
CHECKOUT = "- uses: actions/checkout@v7"


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_chart_alone_is_released_without_any_proof(action: str, check: str) -> None:
    outcome = judge(check, released_by(CHECKOUT, f"- uses: {action}"))
    assert outcome.verdict == "fail"
    assert [(each.role, each.line) for each in outcome.evidence] == [("shipped", 9)]


@pytest.mark.parametrize(
    "step",
    ["- run: cosign sign --yes ghcr.io/acme/charts/shop@$DIGEST", "- uses: acme/sign-chart@v1", "- run: ./sign"],
)
def test_what_may_sign_a_chart_is_unknown(step: str) -> None:
    assert judge("build-signed", released_by(CHECKOUT, "- uses: acme/oci@v1", step)).verdict == "unknown"
    assert judge("build-signed", released_by(CHECKOUT, f"- uses: {ACTIONS[2]}", step)).verdict == "unknown"


def test_a_chart_beside_a_signed_image_is_how_the_image_ships() -> None:
    chart = f"- uses: {ACTIONS[0]}"
    assert judge("build-signed", released_by(PUSH, SIGN, chart)).verdict == "pass"
    assert judge("build-signed", released_by(PUSH, chart, SIGN)).verdict == "fail"


def test_charts_that_are_listed_on_pages_are_released_where_these_are_pushed() -> None:
    package, index = (
        "- run: helm package charts/shop -d pages",
        "- run: helm repo index pages --url https://acme.example",
    )
    push = script("cd pages", "git add .", "git push origin HEAD:gh-pages")
    outcome = judge("tests-gate-release", released_by(CHECKOUT, package, index, push))
    assert outcome.verdict == "fail"
    assert [each.role for each in outcome.evidence] == ["shipped"]
    assert judge("tests-gate-release", released_by(CHECKOUT, "- run: go test ./...", index, push)).verdict != "fail"
    assert judge("build-signed", released_by(PUSH, SIGN, package, index, push)).verdict == "pass"
    assert judge("build-signed", released_by(PUSH, package, index, push, SIGN)).verdict == "fail"


@pytest.mark.parametrize(
    "step",
    [
        "- run: git push origin gh-pages",
        script("helm repo index pages", "git push origin gh-pages --dry-run"),
        script("helm package charts/shop", "git push origin gh-pages"),
        script("git push origin gh-pages", "helm repo index pages"),
    ],
)
def test_pages_without_a_list_of_charts_release_nothing(step: str) -> None:
    assert judge("build-signed", released_by(PUSH, step, SIGN)).verdict == "pass"


def test_pages_that_a_job_may_not_push_release_no_charts() -> None:
    index = script("helm repo index pages", "git push origin gh-pages")
    outcome = judge("tests-gate-release", released_by(CHECKOUT, index, permissions="{contents: read}"))
    assert not [each for each in outcome.evidence if each.role == "shipped"]


PAGES = (
    "- uses: peaceiris/actions-gh-pages@v4\n  with: {publish_dir: pages}",
    "- uses: JamesIves/github-pages-deploy-action@v4\n  with: {folder: pages}",
    "- uses: actions/upload-pages-artifact@v4\n  with: {path: pages}\n- uses: actions/deploy-pages@v4",
)


@pytest.mark.parametrize("pages", PAGES)
def test_actions_that_publish_pages_release_the_charts_that_are_listed_there(pages: str) -> None:
    index = "- run: helm repo index pages"
    assert judge("build-signed", released_by(PUSH, index, pages, SIGN)).verdict == "fail"
    assert judge("build-signed", released_by(PUSH, SIGN, index, pages)).verdict == "pass"
    assert judge("build-signed", released_by(PUSH, pages, index, SIGN)).verdict == "pass"
    assert judge("build-signed", released_by(PUSH, pages, SIGN)).verdict == "pass"


@pytest.mark.parametrize(("needs", "expected"), [("charts", "fail"), ("image", "pass")])
def test_pages_that_another_job_deploys_list_the_charts_of_the_job_that_it_needs(needs: str, expected: str) -> None:
    charts = job("- run: helm repo index pages", "- uses: actions/upload-pages-artifact@v4\n  with: {path: pages}")
    deploy = job("- uses: actions/deploy-pages@v4", needs=needs)
    files = repository_of(workflow(image=job(PUSH, SIGN), charts=charts, deploy=deploy))
    assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [
        ("pages", "", "fail"),
        ("chart", "pages: true", "fail"),
        ("chart", "pages: {publish: public}", "fail"),
        ("chart", "", "pass"),
        ("pages", "pages: false", "pass"),
    ],
)
def test_pages_of_gitlab_release_the_charts_that_are_listed_there(name: str, more: str, expected: str) -> None:
    script = "[helm package charts/shop -d public, helm repo index public]"
    pages = f"\n{name}:\n  stage: .pre\n  rules: [{{if: $CI_COMMIT_TAG}}]\n  script: {script}\n  {more}\n"
    assert judge("tests-gate-release", {".gitlab-ci.yml": GOOD}).verdict == "pass"
    assert judge("tests-gate-release", {".gitlab-ci.yml": GOOD + pages}).verdict == expected


def test_a_chart_that_another_run_releases_does_not_fail_a_signed_image() -> None:
    charts = workflow("{push: {branches: [main]}}", chart=job(CHECKOUT, f"- uses: {ACTIONS[0]}"))
    files = {**released_by(PUSH, SIGN), ".github/workflows/charts.yml": charts}
    assert judge("build-signed", files).verdict == "unknown"
    assert judge("build-signed", {**repository_of(charts)}).verdict == "fail"
