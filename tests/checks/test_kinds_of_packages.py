"""A build that lays files of several kinds into a folder: each kind may be proven by a command of its own."""

from __future__ import annotations

import pytest

from releasing import job, repository_of, script, workflow
from trees import judge

SIGN = 'cosign sign-blob --yes --bundle "$f.sigstore.json" "$f"'
VERIFY = 'gh attestation verify "$f" --repo acme/shop'
ATTEST = "- uses: actions/attest@v4\n  with: {subject-path: 'dist/*'}\n"
WAYS = {
    "for f in dist/*; do PROVE; done": "pass",
    "for f in dist/*.whl dist/*.tar.gz; do PROVE; done": "pass",
    "for f in dist/*.whl; do PROVE; done; for f in dist/*.tar.gz; do PROVE; done": "pass",
    "for f in dist/*.whl; do PROVE; done": "fail",
    "for f in dist/*.tar.gz; do PROVE; done": "fail",
}


def verdict(check: str, *steps: str) -> str:
    build = "- run: python -m build && mkdir out\n"
    return judge(check, repository_of(workflow(release=job(build, *steps)))).verdict


@pytest.mark.parametrize("files", ["dist/*", "dist/*.whl dist/*.tar.gz dist/*.json"])
@pytest.mark.parametrize(("way", "expected"), WAYS.items())
def test_each_kind_is_signed(way: str, expected: str, files: str) -> None:
    ship = f"- run: gh release create v1 {files}\n"
    assert verdict("build-signed", script(way.replace("PROVE", SIGN)), ship) == expected


@pytest.mark.parametrize("copied", ["", "cp dist/* out/", "cp dist/*.whl out/; cp dist/*.tar.gz out/"])
@pytest.mark.parametrize(("way", "expected"), WAYS.items())
def test_each_kind_is_verified(way: str, expected: str, copied: str) -> None:
    ship = f"- run: gh release create v1 {'out' if copied else 'dist'}/*\n"
    assert verdict("provenance-verified", ATTEST, script(way.replace("PROVE", VERIFY), copied), ship) == expected


def test_text_of_the_repository_needs_no_verification() -> None:
    files = {"install.sh": "#!/bin/sh\n"}
    for prove, expected in (('gh attestation verify "dist/shop" --repo acme/shop', "pass"), ("true", "fail")):
        steps = (
            "- run: go build -o dist/shop .\n",
            ATTEST,
            script(prove),
            "- run: gh release create v1 dist/shop install.sh\n",
        )
        assert judge("provenance-verified", repository_of(workflow(release=job(*steps)), **files)).verdict == expected
