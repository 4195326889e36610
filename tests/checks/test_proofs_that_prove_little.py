"""Releases that differ from a good one by a proof that nobody could hold against anything."""

from __future__ import annotations

import pytest

from pipelines import changed, job, on_gitlab
from releasing import ATTEST, DESCRIBE, PUSH, SHIP, SIGN, released_by
from trees import judge

REF = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
VERIFY = (
    "- run: cosign verify "
    "--certificate-identity https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/v1 "
    f'--certificate-oidc-issuer https://token.actions.githubusercontent.com "{REF}"'
)
HANDED = "-e ACTIONS_ID_TOKEN_REQUEST_URL -e ACTIONS_ID_TOKEN_REQUEST_TOKEN"
SIGNED = {
    "no log, no time": (SIGN.replace("--yes", "--yes --tlog-upload=false"), "fail"),
    "no log, as Go understands it": (SIGN.replace("--yes", "--yes --tlog-upload=0"), "fail"),
    "no signature for others, as Go understands it": (SIGN.replace("--yes", "--yes --upload=F"), "fail"),
    "a log after all": (SIGN.replace("--yes", "--yes --no-tlog-upload=False"), "pass"),
    "no log, but a time": (
        SIGN.replace("--yes", "--yes --tlog-upload=false --timestamp-server-url https://time.example.com"),
        "pass",
    ),
    "no log, but a key": (SIGN.replace("--yes", "--yes --key awskms:///alias/shop --tlog-upload=false"), "pass"),
    "a log of this job's own": (SIGN.replace("--yes", "--yes --rekor-url http://localhost:3000"), "fail"),
    "a certificate of this job's own": (SIGN.replace("--yes", "--yes --fulcio-url=http://127.0.0.1:5555"), "fail"),
    "a log of this job's own, by a variable": (
        SIGN.rstrip() + "\n  env: {COSIGN_REKOR_URL: 'http://0.0.0.0:3000/'}",
        "fail",
    ),
    "no signature for others, by a variable": (SIGN.rstrip() + "\n  env: {COSIGN_UPLOAD: 'false'}", "fail"),
    "no log, by a variable of the script": (
        f'- run: |\n    export COSIGN_TLOG_UPLOAD=false\n    cosign sign --yes "{REF}"',
        "fail",
    ),
    "a log after all, by a word": (
        SIGN.replace("--yes", "--yes --tlog-upload").rstrip() + "\n  env: {COSIGN_TLOG_UPLOAD: 'false'}",
        "pass",
    ),
    "a clock of this job's own": (
        SIGN.replace("--yes", "--yes --tlog-upload=false --timestamp-server-url http://[::1]:3004"),
        "fail",
    ),
    "a log in a container beside it": (SIGN.replace("--yes", "--yes --rekor-url http://rekor:3000"), "unknown"),
    "a log of the company's": (SIGN.replace("--yes", "--yes --rekor-url https://rekor.acme.example"), "pass"),
    "a key that was made here": (
        f'- run: |\n    cosign generate-key-pair\n    cosign sign --yes --key cosign.key "{REF}"',
        "fail",
    ),
    "a key that was made here, by its name": (
        f'- run: |\n    cosign generate-key-pair --output-key-prefix x\n    cosign sign --yes --key ./x.key "{REF}"',
        "fail",
    ),
    "a key from a secret": (
        f'- run: |\n    echo "$KEY" > cosign.key\n    cosign sign --yes --key cosign.key "{REF}"\n'
        "  env: {KEY: '${{ secrets.KEY }}'}",
        "pass",
    ),
    "an image of somebody by that name": (f'- run: docker run --rm acme/cosign sign --yes "{REF}"', "unknown"),
    "an image of those who make it": (
        f'- run: docker run --rm {HANDED} ghcr.io/sigstore/cosign/cosign:v3 sign --yes "{REF}"',
        "pass",
    ),
    "an image that is handed a file of variables": (
        f'- run: docker run --rm --env-file signer.env ghcr.io/sigstore/cosign/cosign:v3 sign --yes "{REF}"',
        "pass",
    ),
    "an image that is handed nothing": (
        f'- run: docker run --rm -e HOME=/tmp ghcr.io/sigstore/cosign/cosign:v3 sign --yes "{REF}"',
        "fail",
    ),
    "an image that is handed nothing but a key": (
        f'- run: docker run --rm ghcr.io/sigstore/cosign/cosign:v3 sign --key awskms:///alias/shop "{REF}"',
        "pass",
    ),
    "a mirror of an image": (f'- run: docker run registry.example.com/chainguard/cosign sign --yes "{REF}"', "unknown"),
}


@pytest.mark.parametrize(("step", "expected"), SIGNED.values(), ids=SIGNED.keys())
def test_a_signature(step: str, expected: str) -> None:
    assert judge("build-signed", released_by(PUSH, step, SHIP)).verdict == expected


def test_a_copy_by_its_tag_takes_no_signature_along() -> None:
    copies = "- run: %s ghcr.io/acme/shop:1.2 docker.io/acme/shop:1.2"
    assert judge("build-signed", released_by(PUSH, SIGN, copies % "crane copy", SHIP)).verdict == "fail"
    assert judge("build-signed", released_by(PUSH, SIGN, copies % "cosign copy", SHIP)).verdict == "pass"


def test_a_copy_out_of_gitlabs_registry() -> None:
    releases = '    - echo "releasing $CI_COMMIT_TAG"\n'
    for goal, expected in (
        ("docker.io/acme/shop", "fail"),
        ("ghcr.io/acme/shop", "fail"),
        ("$CI_REGISTRY_IMAGE", "pass"),
    ):
        copies = f"    - crane copy $IMAGE:$CI_COMMIT_TAG {goal}:$CI_COMMIT_TAG\n"
        assert judge("build-signed", on_gitlab(changed((releases, copies)))).verdict == expected


def test_an_attestation_that_is_kept_back() -> None:
    kept = ATTEST.replace("--yes", "--yes --no-upload")
    assert judge("sbom-generated", released_by(PUSH, DESCRIBE, kept, SIGN, SHIP)).verdict == "fail"


@pytest.mark.parametrize("option", ["--insecure-ignore-tlog", "--insecure-ignore-tlog=true", "--insecure-ignore-sct"])
def test_a_verification_of_what_no_log_has_seen(option: str) -> None:
    careless = VERIFY.replace("cosign verify", f"cosign verify {option}")
    assert judge("provenance-verified", released_by(PUSH, SIGN, careless, SHIP)).verdict == "unknown"
    unheeded = f"{careless.rstrip()} || true\n"
    assert judge("provenance-verified", released_by(PUSH, SIGN, unheeded, SHIP)).verdict == "fail"


def test_a_verification_by_a_log_of_this_jobs_own() -> None:
    by_own = VERIFY.replace("cosign verify", "cosign verify --rekor-url http://localhost:3000")
    assert judge("provenance-verified", released_by(PUSH, SIGN, by_own, SHIP)).verdict == "fail"


def test_a_verification_by_a_key_needs_no_log() -> None:
    by_key = f'- run: cosign verify --key cosign.pub --insecure-ignore-tlog "{REF}"'
    assert judge("provenance-verified", released_by(PUSH, SIGN, by_key, SHIP)).verdict == "pass"


def test_an_optional_need_is_waited_for_only_where_it_is() -> None:
    signs = '    - cosign sign --yes "$IMAGE@$DIGEST"\n'
    needs = "release:\n  stage: release\n  needs: [{job: build}, {job: sign%s}]\n"
    for optional, expected in ((", optional: true", "unknown"), ("", "pass")):
        pipeline = changed((signs, ""), ("release:\n  stage: release\n", needs % optional)) + job(
            "sign",
            "stage: build",
            "needs: [build]",
            "rules: [{if: $SIGNS}]",
            "id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}",
            "script: ['cosign sign --yes \"$IMAGE@$DIGEST\"']",
        )
        assert judge("build-signed", on_gitlab(pipeline)).verdict == expected


@pytest.mark.parametrize(
    ("command", "signed", "described"),
    [
        (f"cosign clean -f {REF}", "unknown", "unknown"),
        (f"cosign clean --type signature {REF}", "unknown", "pass"),
        (f"cosign clean --type=attestation {REF}", "pass", "unknown"),
        ("cosign clean ghcr.io/acme/shop:1.2", "unknown", "unknown"),
        ("cosign clean ghcr.io/acme/other:1.2", "pass", "pass"),
    ],
)
def test_what_is_taken_away_again_proves_nothing(command: str, signed: str, described: str) -> None:
    for check, expected in (("build-signed", signed), ("sbom-generated", described)):
        late = released_by(PUSH, SIGN, DESCRIBE, ATTEST, f"- run: {command}\n", SHIP)
        early = released_by(PUSH, f"- run: {command}\n", SIGN, DESCRIBE, ATTEST, SHIP)
        assert (judge(check, late).verdict, judge(check, early).verdict) == (expected, "pass")


@pytest.mark.parametrize(
    ("command", "signed", "described"),
    [
        ("gh release delete-asset v1 sbom.json -y", "pass", "unknown"),
        ("gh release delete-asset --yes v1 shop.bundle", "unknown", "pass"),
        ('gh release delete-asset v1 "$NAME" -y', "unknown", "unknown"),
        ("gh release delete-asset v1 notes.md -y", "pass", "pass"),
        ("gh api -X DELETE repos/{owner}/{repo}/releases/assets/12", "unknown", "unknown"),
        ("curl -X DELETE https://api.github.com/repos/acme/shop/releases/assets/$ID", "unknown", "unknown"),
        ("curl -X DELETE https://api.github.com/repos/acme/shop/actions/caches/12", "pass", "pass"),
    ],
)
def test_what_is_taken_out_of_a_release_again_proves_nothing(command: str, signed: str, described: str) -> None:
    made = (
        "- run: go build -o shop .",
        "- run: cosign sign-blob --yes --bundle shop.bundle shop",
        "- run: syft shop -o cyclonedx-json=sbom.json",
    )
    release, again = "- run: gh release create v1 shop shop.bundle sbom.json", f"- run: {command}"
    for check, expected in (("build-signed", signed), ("sbom-generated", described)):
        assert judge(check, released_by(*made, release, again)).verdict == expected
        assert judge(check, released_by(*made, again, release)).verdict == "pass"  # of another run's release
