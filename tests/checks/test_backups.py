"""Copies of the sources that a schedule lays into a bucket: backups, which are no release of what is built."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, repository_of, script, workflow
from trees import judge

NIGHTLY = "{schedule: [{cron: '0 6 * * *'}], workflow_dispatch: }"
CHECKOUT = "- uses: actions/checkout@v7"
DATED = 'NAME=shop-$(date +%F).zip; zip -rq "$NAME" . && aws s3 cp "$NAME" s3://backups/shop/'
FIXED = "tar czf shop.tgz . && gsutil cp shop.tgz gs://shop/"


def verdict(*lines: str, on: str = NIGHTLY) -> str:
    """Of a release that is signed, beside a workflow that does something else."""
    beside = workflow(on, copy=job(CHECKOUT, script(*lines), permissions="{id-token: write, contents: read}"))
    release = repository_of(workflow(release=job(PUSH, SIGN, SHIP)))
    return judge("build-signed", {**release, ".github/workflows/nightly.yml": beside}).verdict


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((DATED,), "pass"),
        (("zip -rq shop-`date '+%Y-%m-%d'`.zip .", "aws s3 cp shop-`date '+%Y-%m-%d'`.zip s3://backups/"), "pass"),
        ((FIXED,), "unknown"),  # which something may deploy that waits for it
        (("go build -o shop .", DATED), "fail"),
        (("pip install -t . flask==3.0", DATED), "fail"),
        (("npm ci", DATED), "fail"),
        (("make dist", DATED), "fail"),
        (
            (
                "git gc",
                "zip -r shop.zip . && aws s3 cp shop.zip s3://shop/$(date +%F)/",
            ),
            "pass",
        ),
        (("zip -r site.zip . && aws s3 cp site.zip s3://backups/", "aws s3 sync public s3://shop"), "unknown"),
    ],
)
def test_a_schedule_that_keeps_the_sources_releases_nothing(lines: tuple[str, ...], expected: str) -> None:
    assert verdict(*lines) == expected


@pytest.mark.parametrize("on", ["workflow_dispatch", "{push: {branches: [main]}}", "{push: {tags: ['v*']}}"])
def test_what_is_sent_on_another_event_may_be_deployed(on: str) -> None:
    assert verdict(DATED, on=on) == "fail"


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("sbom-report.json", "pass"),
        ("test-results.xml", "pass"),
        ("sbom-derived-report.json", "pass"),
        ("shop.json", "fail"),
    ],
)
def test_reports_that_are_packed_and_kept_elsewhere_need_no_signature(file: str, expected: str) -> None:
    lines = ("syft dir:. -o json=a.json", "jq .artifacts a.json > sbom-derived-report.json")
    keep = script(*lines, f"zip {file}.zip {file} && aws s3 cp {file}.zip s3://acme/reports/")
    assert judge("build-signed", released_by(PUSH, SIGN, keep, SHIP)).verdict == expected
