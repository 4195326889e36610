"""Two jobs that store an artifact under one name: which of them was the last, only their order tells."""

from __future__ import annotations

from releasing import SHIP, job, repository_of, workflow
from trees import judge

BUILD = "- run: go build %s-o dist/app ./cmd/app"
STORE = "- uses: actions/upload-artifact@v5\n  with: {name: dist, path: dist, overwrite: true}"
FETCH = "- uses: actions/download-artifact@v5\n  with: {name: dist, path: dist}"
ATTEST = "- uses: actions/attest@v4\n  with: {subject-path: dist/app}"
RELEASE = "- run: gh release create v1 dist/app"


def verdict(**needs: str) -> str:
    """Of a release of which these jobs wait for these."""
    steps = {
        "build": [BUILD % "", STORE],
        "other": [BUILD % "-tags other ", STORE],
        "attest": [FETCH, ATTEST],
        "ship": [FETCH, RELEASE],
    }
    jobs = {name: job(*lines, **({"needs": needs[name]} if name in needs else {})) for name, lines in steps.items()}
    return judge("build-signed", repository_of(workflow(**jobs))).verdict


def test_the_order_tells_which_was_the_last() -> None:
    assert verdict(build="other", attest="build", ship="attest") == "pass"
    assert verdict(other="build", attest="other", ship="attest") == "pass"
    assert verdict(other="attest", attest="build", ship="[attest, other]") == "fail"


def test_without_an_order_nobody_knows() -> None:
    assert verdict(attest="build", ship="[attest, other]") == "unknown"


LEGS = "{matrix: {app: [shop, desk]}}"
PUSH = """
- uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a
  id: push
  if: %s
  with: {push: true, tags: "ghcr.io/acme/${{ matrix.app }}:1.2"}
- run: %s > ref.txt
"""
REFERENCE = "echo ghcr.io/acme/${{ matrix.app }}@${{ steps.push.outputs.digest }}"
VARIABLE = "echo REF=ghcr.io/acme/${{ matrix.app }}@${{ steps.push.outputs.digest }}"


def verdict_of_legs(
    *, told: str = REFERENCE, sign: str = "cosign sign --yes $(cat ref.txt)", builds: str = "true", stores: str = "true"
) -> str:
    """Of a release of which the legs of a job store a file each under one name, and a later job signs what it says."""
    store = f"- uses: actions/upload-artifact@v5\n  if: {stores}\n  with: {{name: ref, path: ref.txt, overwrite: true}}"
    build = job(PUSH % (builds, told), store, strategy=LEGS)
    signs = job("- uses: actions/download-artifact@v5\n  with: {name: ref}", f"- run: {sign}", SHIP, needs="build")
    return judge("build-signed", repository_of(workflow(build=build, sign=signs))).verdict


def test_of_the_legs_of_a_matrix_the_last_one_is_found_there() -> None:
    assert verdict_of_legs() == "fail"
    assert verdict_of_legs(told=VARIABLE, sign="source ./ref.txt && cosign sign --yes $REF") == "unknown"


def test_a_step_that_runs_in_one_leg_may_store_alone() -> None:
    only = "matrix.app == 'desk'"
    assert verdict_of_legs(stores=only) == "fail"
    assert verdict_of_legs(builds=only, stores=only) == "pass"
