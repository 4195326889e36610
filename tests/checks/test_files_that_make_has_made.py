"""Images that make builds anew only if a file is older than what it is made from, which a run decides."""

from __future__ import annotations

import pytest

from releasing import SHIP, released_by
from trees import judge

MAKEFILE = """
IMAGE = ghcr.io/acme/shop
out/meta.json: Dockerfile
\tdocker buildx build --push -t $(IMAGE):1 --metadata-file $@ .
out/digest: out/meta.json
\tjq -r '."containerimage.digest"' $< > $@
push: out/digest
sign: out/digest
\tcosign sign --yes $(IMAGE)@$$(cat out/digest)
.PHONY: push sign
"""
NOTE = '- id: image\n  run: echo "digest=$(cat out/digest)" >> "$GITHUB_OUTPUT"'
VERIFY = (
    "- run: cosign verify ghcr.io/acme/shop@${{ steps.image.outputs.digest }}"
    " --certificate-identity https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/v1"
    " --certificate-oidc-issuer https://token.actions.githubusercontent.com"
)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (("- run: make push", NOTE, VERIFY), "pass"),
        (("- run: make push", NOTE, "- run: make sign", VERIFY), "unknown"),
        (("- run: make push", NOTE, "- run: make out/meta.json && docker push ghcr.io/acme/shop:1"), "fail"),
    ],
)
def test_an_image_that_make_may_have_built_once_more(steps: tuple[str, ...], expected: str) -> None:
    files = released_by("- uses: actions/checkout@v6", *steps, SHIP)
    files |= {"Makefile": MAKEFILE.lstrip("\n"), "Dockerfile": "FROM scratch\n"}
    assert judge("provenance-verified", files).verdict == expected


def test_the_reason_names_the_file_that_may_be_older() -> None:
    files = released_by("- uses: actions/checkout@v6", "- run: make push", NOTE, "- run: make sign", VERIFY, SHIP)
    files |= {"Makefile": MAKEFILE.lstrip("\n"), "Dockerfile": "FROM scratch\n"}
    assert "out/meta.json is not up to date" in str(judge("provenance-verified", files).reason)
