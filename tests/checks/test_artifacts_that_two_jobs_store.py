"""Two jobs that store an artifact under one name: which of them was the last, only their order tells."""

from __future__ import annotations

from releasing import job, repository_of, workflow
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
