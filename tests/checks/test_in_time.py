"""A proof has its time: after the artifact has come to be, and before anybody gets it. What is unseen has it, too."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, repository_of, workflow
from trees import judge

UNSEEN = "- run: acme publish all\n"
ACTION = "- uses: acme/everything@v1\n"
GATED = ("build-signed", "provenance-verified", "vulnerabilities-gated")


def verdicts(files: dict[str, str | bytes | None], *checks: str) -> dict[str, str]:
    return {check: judge(check, files).verdict for check in checks or GATED}


def test_what_is_unseen_after_the_release_proves_nothing_before_it() -> None:
    assert set(verdicts(released_by(PUSH, SHIP, UNSEEN)).values()) == {"fail"}
    assert set(verdicts(released_by(PUSH, SHIP, ACTION)).values()) == {"fail"}


def test_what_is_unseen_between_build_and_release_may_prove_it() -> None:
    assert set(verdicts(released_by(PUSH, UNSEEN, SHIP)).values()) == {"unknown"}


def test_an_sbom_may_still_be_attached_after_the_release() -> None:
    assert verdicts(released_by(PUSH, SHIP, UNSEEN), "sbom-generated") == {"sbom-generated": "unknown"}


def test_what_is_unseen_in_a_job_that_needs_the_release_proves_nothing() -> None:
    files = repository_of(workflow(release=job(PUSH, SHIP), after=job(UNSEEN, needs="release")))
    assert set(verdicts(files).values()) == {"fail"}


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ({"release": job(PUSH, SHIP), "beside": job(UNSEEN)}, "fail"),
        ({"release": job(PUSH, SHIP), "beside": job(ACTION)}, "fail"),
        ({"beside": "uses: acme/ci/.github/workflows/sign.yml@v1\n", "release": job(PUSH, SHIP)}, "fail"),
        ({"build": job(PUSH), "sign": job(UNSEEN, needs="build"), "ship": job(SHIP, needs="build")}, "fail"),
        ({"build": job(PUSH), "sign": job(UNSEEN, needs="build"), "ship": job(SHIP, needs="[build, sign]")}, "unknown"),
        (
            {"build": job(PUSH), "sign": job(UNSEEN, needs="build"), "ship": job(SHIP, needs="sign", if_="always()")},
            "fail",
        ),
        (
            {
                "build": job(PUSH),
                "sign": job(UNSEEN, needs="build"),
                "ship": job(SHIP, needs="sign", if_="always() && needs.sign.result == 'success'"),
            },
            "unknown",
        ),
    ],
)
def test_what_is_unseen_in_another_job_proves_something_if_the_release_waits_for_it(
    jobs: dict[str, str], expected: str
) -> None:
    assert set(verdicts(repository_of(workflow(**jobs))).values()) == {expected}


LOAD = "- uses: docker/build-push-action@v7\n  with: {load: true, tags: 'ghcr.io/acme/shop:1.2'}\n"
SAVED = "- run: docker load -i shop.tar && docker push ghcr.io/acme/shop:1.2\n"
PACKED = "- run: npm ci && npm pack\n- run: gh release create v1 *.tgz\n"
SCANNER = "- uses: acme/image-scanner@v1\n"


@pytest.mark.parametrize(
    ("before", "steps", "expected"),
    [
        (UNSEEN, (PUSH, SHIP), "fail"),
        (ACTION, (PUSH, SHIP), "fail"),
        (UNSEEN, (SAVED, SHIP), "unknown"),  # it may have been scanned where it was built
        (UNSEEN, ("- run: goreleaser release --clean\n",), "unknown"),
        (UNSEEN, (PACKED,), "unknown"),  # a scan of the dependencies would do
        ("", (LOAD, SCANNER, PUSH, SHIP), "unknown"),  # of the same, in the same job
        ("", (UNSEEN, PUSH, SHIP), "unknown"),
    ],
)
def test_what_is_over_before_the_job_in_which_an_image_is_built_has_not_scanned_it(
    before: str, steps: tuple[str, ...], expected: str
) -> None:
    jobs = {"before": job(before), "release": job(*steps, needs="before")} if before else {"release": job(*steps)}
    goreleaser = {".goreleaser.yaml": "dockers: [{image_templates: ['ghcr.io/acme/shop']}]\n"}
    files = {**repository_of(workflow(**jobs)), **goreleaser, "package.json": '{"name": "shop"}'}
    assert judge("vulnerabilities-gated", files).verdict == expected


CALL = "uses: acme/ci/.github/workflows/ci.yml@v1\n"


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        ("permissions: {contents: read}\n", "pass"),  # it gets no secret that is not handed to it
        ("permissions: {}\nwith: {node: 24}\n", "pass"),
        ("permissions: {contents: read}\nsecrets: {token: '${{ secrets.TOKEN }}'}\n", "unknown"),
        ("permissions: {contents: read}\nsecrets: inherit\n", "unknown"),
        ("permissions: {contents: read, packages: write}\n", "unknown"),
        ("permissions: {id-token: write}\n", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_workflow_of_another_repository_releases_nothing_without_a_right_or_a_secret(
    rights: str, expected: str
) -> None:
    release = job(PUSH, SIGN, SHIP)
    assert judge("build-signed", repository_of(workflow(ci=CALL + rights, release=release))).verdict == expected
    tested = repository_of(workflow(ci=CALL + rights, release="needs: ci\n" + job(PUSH, SHIP)))
    assert judge("tests-gate-release", tested).verdict == "unknown"  # it may test all the same


FILES = (
    "- run: tar czf shop-$(git describe).tgz bin\n- uses: softprops/action-gh-release@v2\n  with: {files: 'shop*'}\n"
)
STORES = "- uses: actions/upload-artifact@v4\n  with: {name: book, path: book}\n"


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ({"release": job(FILES), "beside": job(UNSEEN)}, "fail"),
        ({"release": job(FILES), "beside": job(UNSEEN, STORES)}, "unknown"),
        ({"release": job(UNSEEN, FILES)}, "unknown"),
    ],
)
def test_files_are_not_made_in_a_job_that_hands_over_nothing(jobs: dict[str, str], expected: str) -> None:
    assert verdicts(repository_of(workflow(**jobs)), "build-signed") == {"build-signed": expected}


def test_one_release_too_early_is_enough() -> None:
    early = "- run: gh release create early-1\n"
    assert verdicts(released_by(PUSH, early, UNSEEN, SHIP), "build-signed") == {"build-signed": "fail"}


@pytest.mark.parametrize("unseen", [UNSEEN, ACTION])
def test_no_job_knows_the_digest_before_the_image_is_built(unseen: str) -> None:
    files = repository_of(workflow(test=job(unseen), release=job(PUSH, SHIP, needs="test")))
    assert set(verdicts(files).values()) == {"fail"}


def test_an_action_may_wait_for_the_end_of_the_job_in_which_an_image_is_built() -> None:
    assert verdicts(released_by(ACTION, PUSH), "build-signed") == {"build-signed": "unknown"}


PROOFS = ("build-signed", "sbom-generated", "provenance-verified")


def test_what_is_over_before_the_build_proves_nothing_of_it() -> None:
    assert verdicts(released_by(UNSEEN, PUSH, SHIP), *PROOFS, "vulnerabilities-gated") == {
        **dict.fromkeys(PROOFS, "fail"),
        "vulnerabilities-gated": "unknown",
    }
    wheel = "- run: python -m build\n", "- run: twine upload dist/*\n"
    assert set(verdicts(released_by(UNSEEN, *wheel), *PROOFS).values()) == {"fail"}


def test_an_action_comes_back_at_the_end_of_its_job() -> None:
    """Which is too late for what ships in that job, and no attestation of an SBOM is too late."""
    assert verdicts(released_by(ACTION, PUSH, SHIP), *PROOFS) == {
        "build-signed": "fail",
        "sbom-generated": "unknown",
        "provenance-verified": "fail",
    }
    later = repository_of(workflow(build=job(ACTION, PUSH), release=job(SHIP, needs="build")))
    assert set(verdicts(later, *PROOFS).values()) == {"unknown"}


def test_an_image_that_is_only_pushed_may_have_come_to_be_before() -> None:
    pushed = "- run: docker push ghcr.io/acme/shop:1.2\n"
    assert set(verdicts(released_by(UNSEEN, pushed, SHIP), *PROOFS).values()) == {"unknown"}


def test_what_signs_by_its_settings_may_have_been_told_to_before() -> None:
    npm = released_by(UNSEEN, "- run: npm publish\n", env="{NODE_AUTH_TOKEN: '${{ secrets.NPM }}'}")
    assert verdicts({**npm, "package.json": '{"name": "shop"}'}, *PROOFS) == {
        "build-signed": "unknown",
        "sbom-generated": "fail",  # npm makes none, by whatever setting
        "provenance-verified": "fail",
    }
    archives = {**released_by(UNSEEN, GORELEASER), ".goreleaser.yaml": "version: 2\nbuilds: [{main: ./cmd/acme}]\n"}
    assert set(verdicts(archives, *PROOFS).values()) == {"unknown"}


GORELEASER = """
- uses: goreleaser/goreleaser-action@v7
  id: goreleaser
  with: {args: release --clean}
"""
DIGESTS = """
- id: hash
  env: {ARTIFACTS: "${{ steps.goreleaser.outputs.artifacts }}"}
  run: |
    sums=$(echo "$ARTIFACTS" | jq -r '.[] | select(.type == "Checksum") | .path')
    echo "hashes=$(base64 -w0 < "$sums")" >> "$GITHUB_OUTPUT"
"""
GENERATOR = """\
needs: release
permissions: {id-token: write, contents: write, actions: read}
uses: slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@v2.1.0
with: {base64-subjects: "${{ needs.release.outputs.hashes }}", upload-assets: true}
"""


@pytest.mark.parametrize(("release", "verdict"), [("prerelease: auto", "fail"), ("draft: true", "unknown")])
def test_provenance_that_is_made_after_the_release_is_made_too_late(release: str, verdict: str) -> None:
    files = repository_of(
        workflow(
            release=job(GORELEASER, DIGESTS, outputs='{hashes: "${{ steps.hash.outputs.hashes }}"}'),
            provenance=GENERATOR,
        ),
        **{".goreleaser.yaml": f"version: 2\nbuilds: [{{main: ./cmd/acme}}]\nrelease: {{{release}}}\n"},
    )
    assert verdicts(files, "build-signed") == {"build-signed": verdict}


DEPLOYED = "- uses: nais/deploy/actions/deploy@v2\n  env: {CLUSTER: prod, RESOURCE: .nais/app.yaml}\n"
BY_TAG = "- run: docker build -t ghcr.io/acme/shop:$GITHUB_SHA .\n- run: docker push ghcr.io/acme/shop:$GITHUB_SHA\n"


def test_what_only_deploys_signs_nothing() -> None:
    deployed = released_by(BY_TAG, DEPLOYED, on="{push: {branches: [main]}}")
    assert verdicts(deployed) == dict.fromkeys(GATED, "fail")
    alerts = workflow("{push: {branches: [main]}}", alerts=job("- uses: actions/checkout@v7", DEPLOYED))
    tested = workflow(build=job("- run: go test ./...", BY_TAG))
    files = {**repository_of(tested), ".github/workflows/alerts.yml": alerts}
    assert verdicts(files, "tests-gate-release") == {"tests-gate-release": "unknown"}
