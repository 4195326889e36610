"""What is laid over an SBOM, a digest or a signature before it is attested, signed or published."""

from __future__ import annotations

import pytest

from releasing import ATTEST, DESCRIBE, PUSH, SHIP, released_by, script
from trees import judge

BUILD = "- run: docker buildx build --push --metadata-file meta.json -t ghcr.io/acme/shop:1.2 .\n"
SIGN = """
- run: cosign sign --yes "ghcr.io/acme/shop@$(jq -r '."containerimage.digest"' meta.json)"
"""
PUBLISH = "- run: gh release upload v1 sbom.json\n"
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
    ("cd x && tar xzf x.tgz -C ..", "unknown"),
    ("cd x && unzip -o x.zip -d ..", "unknown"),
    ("cd x && tar xzf x.tgz", "pass"),
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


BY_GIT = [
    ("git checkout other -- .", "unknown"),
    ("git restore --source other .", "unknown"),
    ("git reset --hard other", "unknown"),
    ("git checkout -f other", "unknown"),
    ("git switch --discard-changes other", "unknown"),
    ("git checkout other", "pass"),  # which fails where it would write over something
    ("git checkout -- .", "pass"),
    ("git reset --hard", "pass"),
    ("git reset --hard HEAD", "pass"),
    ("git checkout other -- docs", "pass"),
    ("git restore --staged .", "pass"),
    ("cd x && git checkout other -- .", "pass"),
]


@pytest.mark.parametrize(("line", "expected"), BY_GIT)
def test_what_another_commit_has_may_cover_it(line: str, expected: str) -> None:
    for last in ATTEST, PUBLISH:
        assert judge("sbom-generated", released_by(PUSH, DESCRIBE, script(line), last, SHIP)).verdict == expected
    assert judge("build-signed", released_by(SIGNED_FILE, script(line), SHIP_FILES)).verdict == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("gunzip -f sbom.json.gz", "fail"),
        ("gzip -df sbom.json.gz", "fail"),
        ("unxz -f sbom.json.xz", "fail"),
        ("xz --decompress -f sbom.json.xz", "fail"),
        ("zstd -d -f sbom.json.zst", "fail"),
        ("zstd -d other.zst -o sbom.json", "fail"),
        ("bunzip2 -f sbom.json.bz2", "fail"),
        ("gzip -k sbom.json && gunzip -f sbom.json.gz", "pass"),
        ("gzip -dc sbom.json.gz > /tmp/sbom.json", "pass"),
        ("gunzip -f other.json.gz", "pass"),
        ("gunzip -t sbom.json.gz", "pass"),
        ("> sbom.json", "fail"),
        (">sbom.json 2>&1", "fail"),
        ("mkdir -p out && echo > out/../sbom.json", "fail"),
        ("rsync shop.example:out/sbom.json .", "fail"),
        (">> sbom.json", "pass"),
        ("2> sbom.log", "pass"),
        ("{ echo a; echo b; } > sbom.json", "fail"),
        ("( ./gen ) > sbom.json", "fail"),
        ("for each in a b; do echo $each; done > sbom.json", "fail"),
        ("if true; then ./gen; fi > sbom.json", "fail"),
        ("{ echo a; } > other.json", "pass"),
        ("./gen -o sbom.json", "unknown"),
        ("./gen --output=sbom.json", "unknown"),
        ("gen --output-file sbom.json", "unknown"),
        ("npx gen -o sbom.json", "unknown"),
        ("./gen sbom.json -o other.json", "pass"),
        ("./gen sbom.json", "pass"),
        ("gpg -o sbom.json -d sbom.gpg", "unknown"),
        ('python3 -c \'open("sbom.json", "w").write("{}")\'', "unknown"),
        ("python3 -c 'print(open(\"sbom.json\").read())'", "pass"),
        ("cat < sbom.json > other.json", "pass"),
    ],
)
def test_what_is_laid_over_an_sbom(line: str, expected: str) -> None:
    for last in ATTEST, PUBLISH:
        assert judge("sbom-generated", released_by(PUSH, DESCRIBE, script(line), last, SHIP)).verdict == expected


@pytest.mark.parametrize(
    "line",
    [
        "{ syft IMAGE -o cyclonedx-json; true; } > sbom.json",
        "{ set -e; cd .; syft IMAGE -o cyclonedx-json; } > sbom.json",
        "for each in 1 2 3; do trivy image --format cyclonedx -o sbom.json IMAGE && break; done",
        "trivy image --format cyclonedx -o sbom.json IMAGE",
    ],
)
def test_an_sbom_is_made_anew(line: str) -> None:
    again = script(line.replace("IMAGE", "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"))
    assert judge("sbom-generated", released_by(PUSH, DESCRIBE, again, ATTEST, SHIP)).verdict == "pass"


@pytest.mark.parametrize("line", ["gunzip -f shop.gz", "./gen -o shop", "{ ./gen; } > shop", "> shop"])
def test_what_is_laid_over_a_signed_file(line: str) -> None:
    assert judge("build-signed", released_by(SIGNED_FILE, script(line), SHIP_FILES)).verdict != "pass"


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
