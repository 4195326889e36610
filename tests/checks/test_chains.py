"""The evidence of a release is a chain: built here, carried there, signed here, shipped after; or where it breaks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from releasing import ATTEST, DESCRIBE, PUSH, SHIP, SIGN, TAG, job, released_by, repository_of, workflow
from test_cli import ENTITY, run
from trees import judge

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "${{ steps.push.outputs.digest }}"
NEEDED = "${{ needs.build.outputs.digest }}"
GIVEN = 'cosign sign --yes "ghcr.io/acme/shop@$DIGEST"'


def chain(files: dict[str, str | bytes | None], check: str = "build-signed") -> list[tuple[str, int, str]]:
    outcome = judge(check, files)
    return [(each.role, each.line, each.text.partition(":")[0]) for each in outcome.evidence]


def jobs(**others: str) -> dict[str, str | bytes | None]:
    return repository_of(workflow(TAG, build=job(PUSH, outputs=f"{{digest: '{DIGEST}', tag: '1.2'}}"), **others))


def test_a_digest_is_followed_through_outputs_and_variables() -> None:
    files = jobs(
        scan=job("- run: grype x\n  env: {OTHER: '${{ needs.build.outputs.digest }}'}", needs="build"),
        sign=job(
            f"- run: {GIVEN}\n  env: {{DIGEST: '{NEEDED}', TAG: '${{{{ needs.build.outputs.tag }}}}'}}", needs="build"
        ),
        release=job(SHIP, needs="[build, sign]"),
    )
    assert chain(files) == [
        ("built", 9, "docker/build-push-action@53b7df9"),
        ("carried", 7, "digest"),
        ("carried", 25, "DIGEST"),
        ("signed", 24, "cosign sign --yes ghcr.io/acme/shop@<digest of push>"),
        ("shipped", 31, "gh release create v<tag> --generate-notes"),
    ]


def test_a_digest_is_followed_through_what_scripts_leave_behind() -> None:
    by_output = f"- id: ref\n  run: echo image=ghcr.io/acme/shop@{DIGEST} >> $GITHUB_OUTPUT"
    files = released_by(PUSH, by_output, "- run: cosign sign --yes ${{ steps.ref.outputs.image }}", SHIP)
    assert chain(files)[1] == ("carried", 12, "image")
    by_variable = f"- run: echo DIGEST={DIGEST} >> $GITHUB_ENV"
    files = released_by(PUSH, by_variable, f"- run: {GIVEN}", SHIP)
    assert chain(files)[1] == ("carried", 11, "DIGEST")


def test_a_digest_is_followed_into_a_reusable_workflow_and_an_action() -> None:
    called = workflow(
        "{workflow_call: {inputs: {digest: {type: string}}}}",
        sign=job("- uses: ./sign\n  with: {ref: '${{ inputs.digest }}'}"),
    )
    action = (
        "inputs: {ref: {}}\nruns:\n  using: composite\n  steps:\n"
        "    - {run: 'cosign sign --yes ghcr.io/acme/shop@${{ inputs.ref }}', shell: bash}\n"
    )
    uses = "uses: ./.github/workflows/sign.yml"
    call = f"needs: build\npermissions: {{id-token: write}}\n{uses}\nwith: {{digest: '{NEEDED}'}}\n"
    files = jobs(sign=call, release=job(SHIP, needs="[build, sign]"))
    outcome = judge("build-signed", {**files, ".github/workflows/sign.yml": called, "sign/action.yml": action})
    assert outcome.verdict == "pass"
    carried = [
        (each.path.rpartition("/")[2], each.text.partition(":")[0])
        for each in outcome.evidence
        if each.role == "carried"
    ]
    assert carried == [("release.yml", "digest"), ("release.yml", "digest"), ("sign.yml", "ref")]


def test_what_carries_another_digest_is_no_part_of_the_chain() -> None:
    other = PUSH.replace("id: push", "id: other").replace("acme/shop", "acme/tools")
    files = released_by(
        PUSH, other, f"- run: {GIVEN}\n  env: {{DIGEST: '{DIGEST}', X: '{DIGEST.replace('push', 'other')}'}}", SHIP
    )
    assert [text for role, _, text in chain(files) if role == "carried"] == ["DIGEST"]


def test_an_sbom_and_a_verification_have_their_chains_too() -> None:
    files = released_by(PUSH, DESCRIBE, ATTEST, SHIP)
    assert [role for role, _, _ in chain(files, "sbom-generated")] == ["built", "described", "signed", "shipped"]
    verify = (
        "- run: cosign verify --certificate-identity https://github.com/acme/shop/x"
        f" --certificate-oidc-issuer https://t \"ghcr.io/acme/shop@$DIGEST\"\n  env: {{DIGEST: '{DIGEST}'}}"
    )
    files = released_by(PUSH, SIGN, verify, SHIP)
    assert [role for role, _, _ in chain(files, "provenance-verified")] == ["built", "carried", "verified", "shipped"]


def test_a_fail_shows_where_it_breaks_first_and_what_lies_around() -> None:
    outcome = judge("build-signed", released_by(PUSH, "- run: cosign sign --yes ghcr.io/acme/shop:1.2", SHIP))
    assert [(each.role, each.line) for each in outcome.evidence] == [("signed", 11), ("shipped", 12), ("built", 8)]
    assert outcome.evidence[0].text.endswith(": signs a tag, which can be moved")
    outcome = judge("build-signed", released_by(PUSH, SHIP))
    assert [(each.role, each.line) for each in outcome.evidence] == [("shipped", 11), ("built", 8)]


def test_the_wrong_digest_is_shown_with_what_has_carried_it() -> None:
    other = PUSH.replace("id: push", "id: other")
    files = released_by(PUSH, other, f"- run: {GIVEN}\n  env: {{DIGEST: '{DIGEST.replace('push', 'other')}'}}", SHIP)
    outcome = judge("build-signed", files)
    assert outcome.verdict == "fail"
    assert "DIGEST: ${{ steps.other.outputs.digest }}" in [
        each.text for each in outcome.evidence if each.role == "carried"
    ]


def write(root: Path, files: dict[str, str | bytes | None]) -> Path:
    for path, text in {**files, "catalog-info.yaml": ENTITY}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(str(text))
    return root


def test_code_scanning_shows_the_way_of_a_release_that_fails(tmp_path: Path) -> None:
    tree = write(tmp_path, released_by(PUSH, "- run: cosign sign --yes ghcr.io/acme/shop:1.2", SHIP))
    log = json.loads(run("check", tree, "--format", "sarif").stdout)
    (result,) = [each for each in log["runs"][0]["results"] if each["ruleId"] == "build-signed"]
    (flow,) = result["codeFlows"]
    steps = [each["location"] for each in flow["threadFlows"][0]["locations"]]
    assert [each["physicalLocation"]["region"]["startLine"] for each in steps] == [8, 11, 12]
    assert [each["message"]["text"].partition(":")[0] for each in steps] == ["built", "signed", "shipped"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 11


def test_an_explanation_shows_the_whole_chain_of_a_pass(tmp_path: Path) -> None:
    tree = write(tmp_path, released_by(PUSH, f"- run: {GIVEN}\n  env: {{DIGEST: '{DIGEST}'}}", SHIP))
    text = run("explain", "build-signed", tree, COLUMNS="200").stdout
    for said in ("built .github/workflows/release.yml:8:", "carried .github/workflows/release.yml:12: DIGEST:"):
        assert f"- {said}" in text
