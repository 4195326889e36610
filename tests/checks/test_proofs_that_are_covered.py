"""What is laid over an SBOM, a digest or a signature before it is attested, signed or published."""

from __future__ import annotations

import pytest

from releasing import ATTEST, DESCRIBE, PUSH, SHIP, released_by, script
from trees import judge

BUILD = "- run: docker buildx build --push --metadata-file meta.json -t ghcr.io/acme/shop:1.2 .\n"
SIGN = """
- run: cosign sign --yes "ghcr.io/acme/shop@$(jq -r '."containerimage.digest"' meta.json)"
"""
SIGNED_FILE = "- run: go build -o shop . && cosign sign-blob --yes --bundle shop.sigstore.json shop\n"
SHIP_FILES = "- run: gh release create v1 shop shop.sigstore.json\n"
OVER_ALL = [
    ("true", "pass"),
    ("tar xzf x.tgz", "unknown"),
    ("unzip -o x.zip", "unknown"),
    ("7z x -y x.7z", "unknown"),
    ("jar xf x.jar", "unknown"),
    ("cpio -i < x.cpio", "unknown"),
    ("python3 -m zipfile -e x.zip .", "unknown"),
    ("curl -sSL https://acme.example/x.tgz | tar xz", "unknown"),
    ("rsync -a /mnt/ .", "unknown"),
    ("aws s3 sync s3://acme .", "unknown"),
    ("docker cp app:/out/. .", "unknown"),
    ("gh release download v1 --clobber", "unknown"),
    ("tar xzf x.tgz -C out", "pass"),
    ("tar xzf x.tgz tool", "pass"),
    ("tar tzf x.tgz", "pass"),
    ("unzip -oq x.zip -d /tmp", "pass"),
    ("rsync -a /mnt/ out/", "pass"),
    ("gh release download v1", "pass"),
    ("cp /mnt/tool .", "pass"),
]


@pytest.mark.parametrize(("line", "expected"), OVER_ALL)
def test_what_is_laid_into_the_folder_may_cover_it(line: str, expected: str) -> None:
    assert judge("sbom-generated", released_by(PUSH, DESCRIBE, script(line), ATTEST, SHIP)).verdict == expected
    assert judge("sbom-generated", released_by(PUSH, script(line), DESCRIBE, ATTEST, SHIP)).verdict == "pass"
    assert judge("build-signed", released_by(SIGNED_FILE, script(line), SHIP_FILES)).verdict == expected


@pytest.mark.parametrize(
    ("line", "expected"), [each for each in OVER_ALL if each[0].startswith(("tar xzf x.tgz -C", "tar t", "jar", "aws"))]
)
def test_what_may_cover_a_digest(line: str, expected: str) -> None:
    assert judge("build-signed", released_by(BUILD, script(line), SIGN, SHIP)).verdict == expected
    assert judge("build-signed", released_by(script(line), BUILD, SIGN, SHIP)).verdict == "pass"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("echo > shop.sigstore.json", "unknown"),
        ("cp /mnt/x shop.sigstore.json", "unknown"),
        ("mv x shop.sigstore.json", "unknown"),
        ("curl -o shop.sigstore.json https://acme.example/x", "unknown"),
        ("sed -i s/a/b/ shop.sigstore.json", "unknown"),
        ("tar xzf x.tgz shop.sigstore.json", "unknown"),
        ("cp shop.sigstore.json /tmp", "pass"),
        ("cat shop.sigstore.json > /tmp/x", "pass"),
        ("sed -i s/a/b/ README.md", "pass"),
    ],
)
def test_what_is_laid_over_a_signature(line: str, expected: str) -> None:
    assert judge("build-signed", released_by(SIGNED_FILE, script(line), SHIP_FILES)).verdict == expected
