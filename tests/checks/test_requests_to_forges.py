"""Releases that are made by the interface of a forge: `gh api`, `curl`."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, repository_of, workflow
from trees import judge

ASSETS = "https://uploads.github.com/repos/acme/shop/releases/$ID/assets?name=shop.tgz"
HUB = "https://api.github.com/repos/acme/shop/releases"
MAKES = {
    "fields": "gh api repos/acme/shop/releases -f tag_name=v1",
    "fields with types": 'gh api "repos/{owner}/{repo}/releases" -F prerelease=false --raw-field tag_name=v1',
    "a method": "gh api --method=POST /repos/acme/shop/releases -f tag_name=v1",
    "a method in one word": "gh api -XPOST repos/acme/shop/releases -f tag_name=v1",
    "curl": f'curl -d \'{{"tag_name": "v1"}}\' {HUB}',
    "curl, told so": f'curl -X POST {HUB} --data-raw \'{{"tag_name": "v1", "draft": false}}\'',
}
MAKES_NONE = {
    "it only asks": "gh api repos/acme/shop/releases",
    "it asks by fields": "gh api -X GET repos/acme/shop/releases -f per_page=3",
    "it asks for the text of one": "gh api repos/acme/shop/releases/generate-notes -f tag_name=v1",
    "it asks in GraphQL": "gh api graphql -f query='{repository(name: \"shop\") {releases {totalCount}}}'",
    "it says how it went": "gh api repos/acme/shop/statuses/$GITHUB_SHA -f state=success",
    "it comments, whatever is said there": (
        'gh api -X PATCH "repos/$REPOSITORY/issues/comments/$(gh api repos/acme/shop/issues/1 -q .publish)" -f body=x'
    ),
    "it comments on what the run knows": 'gh api "repos/$OWNER/$NAME/issues/$NUMBER/comments" -f body=x',
    "it asks wherever": 'gh api "$URL"',
    "it removes what a run has kept": "curl -s -X DELETE https://api.github.com/repos/acme/shop/actions/artifacts/$ID",
    "it is a draft": "gh api repos/acme/shop/releases -f tag_name=v1 -F draft=true",
    "it is a draft by curl": f'curl {HUB} -d \'{{"tag_name": "v1", "draft": true}}\'',
}
ATTACHES = {
    "gh": f"gh api '{ASSETS}' --input shop.tgz",
    "curl": f"curl --data-binary @shop.tgz -H 'Content-Type: application/gzip' '{ASSETS}'",
    "gh, as GitHub writes the address": (
        "gh api -X POST 'https://uploads.github.com/repos/acme/shop/releases/1/assets{?name,label}' --input shop.tgz"
    ),
    "curl, by the name of its file": f"curl -X POST -T shop.tgz '{ASSETS}'",
    "a store of files": "curl -u ci:$TOKEN -T shop.tgz https://files.acme.example/shop/",
    "a store of files, by a form": "curl -F 'file=@shop.tgz' https://files.acme.example/shop/",
    "a store of files, in a loop": 'for f in *.tgz; do curl --upload-file "$f" https://files.acme.example/; done',
    "a store of files, by wget": "wget --method=PUT --body-file=shop.tgz https://files.acme.example/shop.tgz",
    "wget": f"wget --header='Content-Type: application/gzip' --post-file shop.tgz '{ASSETS}'",
    "a form of Gemfury": "curl -F package=@shop.tgz 'https://${{ secrets.FURY }}:@push.fury.io/acme/'",
}
OPEN = {
    "a variable": 'gh api -X POST "$ENDPOINT" -f tag_name=v1',
    "a variable, with a file": 'gh api -X POST "$URL?name=shop.tgz" --input shop.tgz',
    "a variable behind the repository": 'gh api -X POST "repos/acme/shop/$WHAT" -f tag_name=v1',
    "a variable behind the repository in variables": 'gh api -X POST "/repos/$OWNER/$NAME/$WHAT" -f tag_name=v1',
}
STARTS = {
    "an event": "gh api repos/acme/shop/dispatches -f event_type=ship",
    "a workflow": "gh api repos/acme/shop/actions/workflows/ship.yml/dispatches -f ref=main",
    "a workflow, by its name": "gh workflow run release.yml",
}


@pytest.mark.parametrize("line", MAKES.values(), ids=MAKES.keys())
def test_a_release_is_made(line: str) -> None:
    assert judge("build-signed", released_by(PUSH, f"- run: |\n    {line}", SIGN)).verdict == "fail"
    assert judge("build-signed", released_by(PUSH, SIGN, f"- run: |\n    {line}")).verdict == "pass"


@pytest.mark.parametrize("line", MAKES_NONE.values(), ids=MAKES_NONE.keys())
def test_no_release_is_made(line: str) -> None:
    assert judge("build-signed", released_by(PUSH, f"- run: |\n    {line}", SIGN)).verdict == "pass"


@pytest.mark.parametrize("line", ATTACHES.values(), ids=ATTACHES.keys())
def test_a_file_is_laid_beside_a_release(line: str) -> None:
    made, sign = "- run: make && tar -czf shop.tgz out", "- uses: actions/attest@v4\n  with: {subject-path: shop.tgz}"
    makefile = {"Makefile": "all:\n\tgo build -o out/shop .\n"}
    assert judge("build-signed", released_by(made, f"- run: |\n    {line}") | makefile).verdict == "fail"
    assert judge("build-signed", released_by(made, sign, f"- run: |\n    {line}") | makefile).verdict == "pass"


def test_a_draft_is_public_once_it_is_one_no_longer() -> None:
    draft = "- run: gh api repos/acme/shop/releases -f tag_name=v1 -F draft=true"
    publish = "- run: gh api -X PATCH repos/acme/shop/releases/$ID -F draft=false"
    assert judge("build-signed", released_by(PUSH, draft, SIGN, publish)).verdict == "pass"
    assert judge("build-signed", released_by(PUSH, draft, publish, SIGN)).verdict == "fail"


def test_whether_a_file_holds_a_draft_cannot_be_seen() -> None:
    sent = "- run: gh api repos/acme/shop/releases --input release.json"
    assert judge("build-signed", released_by(PUSH, sent, SIGN)).verdict == "unknown"


@pytest.mark.parametrize("line", STARTS.values(), ids=STARTS.keys())
def test_what_is_started_elsewhere_has_rights_of_its_own(line: str) -> None:
    narrow = job(f"- run: {line}", permissions="{contents: write, actions: write}")
    assert judge("build-signed", repository_of(workflow(release=narrow))).verdict == "unknown"


def test_an_address_without_end_costs_no_more_than_its_length() -> None:
    address = "repos/x/releases/" * 6_000
    lines = f"- run: |\n    gh api {address}z! -X PATCH -F draft=false\n    curl -d x https://h/{address}z!"
    assert judge("build-signed", released_by(PUSH, SIGN, lines, SHIP)).verdict == "unknown"


@pytest.mark.parametrize("line", OPEN.values(), ids=OPEN.keys())
def test_what_is_sent_to_an_address_that_only_the_run_knows_may_be_a_release(line: str) -> None:
    assert judge("build-signed", released_by(PUSH, SIGN, f"- run: |\n    {line}", SHIP)).verdict == "unknown"
