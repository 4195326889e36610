"""What a run does not tell, and what the verdict does not depend on."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, TAG, job, released_by, repository_of, workflow
from trees import judge

PROOFS = ["build-signed", "sbom-generated", "provenance-verified", "vulnerabilities-gated"]
NAMELESS = PUSH.replace("ghcr.io/acme/shop:1.2", "${{ vars.IMAGE }}")
BAKE = "- uses: docker/bake-action@v6\n  with: {targets: '${{ matrix.base }}-multi', push: true}\n"
PLAIN = 'target "a-multi" { tags = ["ghcr.io/acme/shop:1.2"] }\n'


@pytest.mark.parametrize("check", PROOFS)
def test_what_an_image_is_called_where_nothing_is_proven(check: str) -> None:
    assert judge(check, released_by(NAMELESS, SHIP)).verdict == "fail"


def test_what_an_image_is_called_where_something_is_signed() -> None:
    other = '- run: cosign sign --yes "ghcr.io/acme/shop@${{ vars.DIGEST }}"\n'
    assert judge("build-signed", released_by(NAMELESS, other, SHIP)).verdict == "unknown"
    assert judge("build-signed", released_by(NAMELESS, "- run: ./finish\n", SHIP)).verdict == "unknown"


@pytest.mark.parametrize(
    ("check", "file", "expected"),
    [
        ("provenance-verified", PLAIN, "fail"),
        ("vulnerabilities-gated", PLAIN, "fail"),
        ("sbom-generated", PLAIN, "fail"),
        ("sbom-generated", PLAIN.replace("tags", 'attest = ["type=sbom"]\n  tags'), "unknown"),
        ("build-signed", PLAIN, "fail"),
        ("tests-gate-release", PLAIN, "unknown"),
    ],
)
def test_which_target_is_baked_where_none_could_prove_it(check: str, file: str, expected: str) -> None:
    files = {**released_by(BAKE, SHIP), "docker-bake.hcl": file}
    assert judge(check, files).verdict == expected


def test_which_target_is_baked_where_something_is_signed() -> None:
    files = {**released_by(BAKE, SIGN, SHIP), "docker-bake.hcl": PLAIN}
    assert judge("build-signed", files).verdict == "unknown"


NOTES = [
    "- uses: ncipollo/release-action@v1\n  with: {bodyFile: notes.md}\n",
    "- uses: softprops/action-gh-release@v2\n",
    "- uses: actions/create-release@v1\n",
    '- run: gh release create "$GITHUB_REF_NAME" --generate-notes\n',
]


@pytest.mark.parametrize("check", PROOFS)
@pytest.mark.parametrize("step", NOTES)
def test_a_release_of_the_sources_alone_is_proven_by_nothing(check: str, step: str) -> None:
    assert judge(check, released_by(step)).verdict == "fail"


@pytest.mark.parametrize("step", NOTES)
def test_such_a_release_is_no_fault_where_another_run_may_build_what_it_is_about(step: str) -> None:
    files = released_by(step)
    assert judge("build-signed", released_by("- run: ./build.sh\n", step)).verdict == "unknown"
    deploys = released_by(step, "- uses: aws-actions/amazon-ecs-deploy-task-definition@v2\n")
    assert judge("build-signed", deploys).verdict == "unknown"
    for proof, expected in ((SIGN, "pass"), ("", "fail")):
        started = workflow("{release: {types: [published]}}", release=job(PUSH, proof, "- run: kubectl apply -f k8s\n"))
        assert judge("build-signed", {**files, ".github/workflows/publish.yml": started}).verdict == expected


def test_files_that_come_from_elsewhere_may_be_proven_there() -> None:
    fetch = "- uses: dawidd6/action-download-artifact@v6\n  with: {name: built, path: dist}\n"
    ship = "- uses: softprops/action-gh-release@v2\n  with: {files: dist/*}\n"
    text = workflow(TAG, release=job(fetch, ship))
    assert judge("build-signed", repository_of(text)).verdict == "unknown"


STARTS = [
    "gh workflow run publish.yml",
    "gh api repos/acme/tap/dispatches -X POST -F event_type=update",
    "curl -X POST -d '{}' https://api.github.com/repos/acme/tap/dispatches",
]


@pytest.mark.parametrize("command", STARTS)
def test_a_run_for_which_nobody_waits_holds_nothing_back(command: str) -> None:
    for check in ("build-signed", "provenance-verified", "vulnerabilities-gated", "tests-gate-release"):
        assert judge(check, released_by(PUSH, f"- run: {command}\n", SHIP)).verdict == "fail", check
    assert judge("sbom-generated", released_by(PUSH, f"- run: {command}\n", SHIP)).verdict == "unknown"


@pytest.mark.parametrize("wait", ["gh run watch 1", "./wait.sh", "sleep 600"])
def test_a_run_for_which_somebody_waits_may(wait: str) -> None:
    files = released_by(PUSH, f"- run: {STARTS[0]}\n", f"- run: {wait}\n", SHIP)
    assert judge("vulnerabilities-gated", files).verdict == "unknown"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://hub.docker.com/v2/repositories/acme/shop/", "fail"),
        ("https://hub.docker.com.example/v2/release", "unknown"),
        ("https://example.com/releases", "unknown"),
    ],
)
def test_what_is_sent_to_who_releases_nothing(address: str, expected: str) -> None:
    send = f"- run: curl -X PATCH -d @README.md {address}\n"
    assert judge("build-signed", released_by(PUSH, send, SHIP)).verdict == expected


@pytest.mark.parametrize("check", [*PROOFS, "tests-gate-release"])
@pytest.mark.parametrize("command", STARTS)
def test_what_another_run_releases_that_run_may_prove(check: str, command: str) -> None:
    assert judge(check, released_by(f"- run: {command}\n")).verdict == "unknown"


@pytest.mark.parametrize("check", ["provenance-verified", "vulnerabilities-gated", "sbom-generated"])
def test_what_flux_pushes_is_pushed_without_a_proof(check: str) -> None:
    step = "- run: flux push artifact oci://ghcr.io/acme/manifests:1.2 --path=k8s --source=x --revision=y\n"
    assert judge(check, released_by(PUSH, step, SHIP)).verdict == "fail"
    assert judge("build-signed", released_by(PUSH, SIGN, step, SHIP)).verdict == "unknown"


@pytest.mark.parametrize(
    "tool",
    ["sbom-tool generate -b dist -bc . -pn shop -pv 1 -ps acme -nsb https://acme.io", "spdx-sbom-generator"],
)
def test_who_only_describes_neither_signs_nor_releases(tool: str) -> None:
    steps = (PUSH, f"- run: {tool}\n", SHIP)
    for check in ("build-signed", "provenance-verified", "vulnerabilities-gated", "tests-gate-release"):
        assert judge(check, released_by(*steps)).verdict == "fail", check
    assert judge("sbom-generated", released_by(*steps)).verdict == "unknown"
    assert judge("build-signed", released_by(PUSH, SIGN, *steps[1:])).verdict == "pass"
