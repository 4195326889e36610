"""Files that are published beside what is built: copied, printed, or packed from the sources."""

from __future__ import annotations

import pytest

from releasing import released_by
from trees import judge, judge_all

BUILD = "- run: go build -o dist/shop ./cmd/shop && go build -o target/shop ./cmd/shop"
DESCRIBE = "- run: syft scan file:dist/shop -o spdx-json=shop.spdx.json"
ATTEST = "- uses: actions/attest@v4\n  with: {subject-path: 'dist/*'}"
SHIP = "- run: gh release create v1 dist/* shop.spdx.json"
CHECKS = ("build-signed", "sbom-generated", "build-reproducible")

BESIDE = {
    "copied": "cp install.sh dist/",
    "copied to another name": "cp scripts/get.sh dist/install.sh",
    "printed by a program of the repository": "go run ./cmd/shop completion bash > dist/shop.bash",
    "printed by a script": "./hack/completions > dist/shop.bash",
    "printed by what was built": "./dist/shop completion bash > dist/shop.bash",
    "written by tee": "./dist/shop completion zsh | tee dist/shop.zsh",
    "written down": "echo '#!/bin/sh' > dist/install.sh",
}
TREE: dict[str, str] = {
    "install.sh": "#!/bin/sh\n",
    "scripts/get.sh": "#!/bin/sh\n",
    "hack/completions": "#!/bin/sh\necho complete\n",
    "go.mod": "module acme/shop\n",
}


def verdicts(*steps: str) -> list[str]:
    return judge_all(CHECKS, {**released_by(*steps), **TREE})


@pytest.mark.parametrize("command", BESIDE.values(), ids=BESIDE.keys())
def test_they_are_signed_like_all_else(command: str) -> None:
    signed, *others = verdicts(BUILD, DESCRIBE, f"- run: {command}", ATTEST, SHIP)
    assert (signed, others) == ("pass", verdicts(BUILD, DESCRIBE, ATTEST, SHIP)[1:])
    assert verdicts(BUILD, DESCRIBE, ATTEST, f"- run: {command}", SHIP)[0] == "fail"


@pytest.mark.parametrize("command", BESIDE.values(), ids=BESIDE.keys())
def test_they_need_no_sbom(command: str) -> None:
    packed = "- run: tar -czf shop.tgz dist"
    ship = "- run: gh release create v1 shop.tgz"
    attest = ATTEST.replace("dist/*", "shop.tgz")
    assert verdicts(BUILD, DESCRIBE, f"- run: {command}", packed, attest, f"{ship} shop.spdx.json")[1] == "pass"
    assert verdicts(BUILD, f"- run: {command}", packed, attest, ship)[1] == "fail"


@pytest.mark.parametrize("files", ["install.sh", "scripts/*.sh go.mod", "scripts/get.sh"])
def test_files_of_the_repository_are_released_as_they_stand(files: str) -> None:
    ship = f"- run: gh release create v1 {files} dist/* shop.spdx.json"
    signed, described, _ = verdicts(BUILD, DESCRIBE, ATTEST, ship)
    assert (signed, described) == ("fail", "pass")
    assert verdicts(BUILD, DESCRIBE, f"- run: cat a b > {files.rpartition(' ')[2]}", ATTEST, ship)[1] == "fail"
    assert verdicts(f"- run: gh release create v1 {files}")[1] == "fail"  # then an SBOM of the sources is one of it


@pytest.mark.parametrize("path", ["dist/bundle.js", "lib/app.min.js", "none.bin"])
def test_what_others_have_made_needs_an_sbom(path: str) -> None:
    ship = f"- run: gh release create v1 out/shop shop.spdx.json {path}"
    steps = [each.replace("dist/shop", "out/shop") for each in (BUILD, DESCRIBE)]
    files = {**released_by(*steps, ship), **TREE, "dist/bundle.js": "x", "lib/app.min.js": "x"}
    assert judge_all(["sbom-generated"], files) == ["fail"]


@pytest.mark.parametrize("name", ["shop.sig", "shop.sha256", "NOTES.md", "checksums.txt", "shop.sigstore.json"])
def test_what_tells_about_others_is_not_signed_itself(name: str) -> None:
    assert verdicts(BUILD, DESCRIBE, ATTEST, f"- run: echo x > dist/{name}", SHIP)[0] == "pass"


def test_what_a_step_says_is_no_file_of_the_release() -> None:
    says = '- working-directory: dist\n  run: echo "size=$(du -b shop)" >> "$GITHUB_OUTPUT"'
    assert verdicts(BUILD, DESCRIBE, ATTEST, says, SHIP)[0] == "pass"


@pytest.mark.parametrize("program", ["./hack/stamp", "make stamp", "npm run stamp", "echo x", "node stamp.js"])
def test_what_is_written_over_is_not_what_was_signed(program: str) -> None:
    assert verdicts(BUILD, ATTEST, f"- run: {program} > dist/shop", SHIP)[0] != "pass"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('codesign --force --sign "$ID" dist/shop', "fail"),
        ("codesign -f -s - dist/shop", "fail"),
        ("codesign --verify --strict dist/shop", "pass"),
        ("quill sign-and-notarize dist/shop --ad-hoc=false", "fail"),
        ("quill sign --p12 $P12 dist/shop", "fail"),
        ("quill describe dist/shop", "pass"),
        ("rpmsign --addsign dist/shop", "fail"),
        ("rpm --resign dist/shop", "fail"),
        ("rpmsign --version", "pass"),
        ("install_name_tool -add_rpath @loader_path dist/shop", "fail"),
        ("chmod +x dist/shop", "pass"),
        ("strip -s dist/shop", "fail"),
        ("strip -o dist/shop target/shop", "fail"),
        ("strip -o dist/shop none", "unknown"),
        ("strip -o out/shop dist/shop", "pass"),
        ("upx -o dist/shop target/shop", "fail"),
        ("dos2unix -o dist/shop", "fail"),
        ("find target -name shop -exec cp {} dist/ ';'", "fail"),
        *(
            (each, "pass")
            for each in (
                "jarsigner -verify dist/shop",
                "apksigner verify dist/shop",
                "signtool verify /pa dist/shop",
                "patchelf --print-needed dist/shop",
                "upx -t dist/shop",
                "gzip -t dist/shop",
                "xz -l dist/shop",
                "gzip -c dist/shop > shop.copy",
                "dos2unix --info dist/shop",
            )
        ),
        ("jarsigner -keystore acme.jks dist/shop acme", "fail"),
        ("strip dist/sh*", "fail"),
        ("strip dist/tool*", "pass"),
        ("for each in dist/*; do upx $each; done", "fail"),
        ("find . -type f -exec strip {} +", "fail"),
        ("find . -type f | xargs strip", "fail"),
        ("find . -maxdepth 1 -type f -exec strip {} +", "pass"),
        ("find . -name shop -exec upx {} ';'", "fail"),
        ("find . -name '*.sh' -exec sed -i s/a/b/ {} +", "pass"),
        ("dotnet nuget sign dist/shop --certificate-path cert.pfx", "fail"),
        ("python3 -m zipfile -c dist/shop README.md", "unknown"),
        ("python3 -m zipfile -l dist/shop", "pass"),
    ],
)
def test_what_is_changed_is_not_what_was_signed(command: str, expected: str) -> None:
    assert verdicts(BUILD, DESCRIBE, ATTEST, f"- run: {command}", SHIP)[0] == expected


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ("cp dist/*.whl out/", "pass"),
        ("cp dist/*.whl out/; cp dist/*.tar.gz out/", "pass"),
        ("cp dist/*.whl out/; wheel tags --remove --python-tag py311 out/*.whl", "fail"),
        ("cp dist/*.whl out/; cp dist/*.tar.gz out/; python -m wheel tags --build 2 out/*.whl", "fail"),
        ("cp dist/*.whl out/; strip out/*.so", "pass"),
        ("cp dist/*.whl out/; wheel pack unpacked -d out", "fail"),
        ("cp dist/* out/; strip out/*.whl", "unknown"),  # which may be the wheel, or none
        ("cp dist/shop.whl out/; zip -d out/shop.whl 'docs/*'", "fail"),
        ("cp dist/shop.whl out/; zip -T out/shop.whl", "pass"),
    ],
)
def test_copies_that_are_changed_are_not_what_was_signed(between: str, expected: str) -> None:
    build = "- run: python -m build && mkdir out"
    ship = "- run: gh release create v1 out/*"
    assert verdicts(build, ATTEST, f"- run: {between}", ship)[0] == expected


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ("sha256sum shop > shop.sha256", "pass"),
        ("zip shop.zip shop", "fail"),
        ("strip -o shop.small shop", "fail"),
        ("curl -o shop.dat https://example.com/shop.dat", "fail"),
        ("./pack.sh", "unknown"),
    ],
)
def test_a_pattern_that_fits_nothing_but_signatures(between: str, expected: str) -> None:
    sign = "- run: go build -o shop . && cosign sign-blob --yes --bundle shop.sigstore.json shop"
    for files in ("shop shop.*", "shop.* shop"):
        shipped = "".join(f"      {each}\n" for each in files.split())
        ship = f"- uses: softprops/action-gh-release@v3\n  with:\n    files: |\n{shipped}"
        assert judge("build-signed", released_by(sign, f"- run: {between}", ship)).verdict == expected


def test_a_signature_that_is_published_without_what_is_signed() -> None:
    sign = "- run: go build -o shop . && cosign sign-blob --yes --bundle shop.sigstore.json shop"
    assert judge("build-signed", released_by(sign, "- run: gh release create v1 shop.*")).verdict != "pass"


BUNDLE = "- run: cosign sign-blob --yes --bundle {0} dist/shop"


@pytest.mark.parametrize("name", ["dist/shop.proof", "signature", "dist/attestation.json"])
@pytest.mark.parametrize("files", ["dist/shop {0}", "dist/shop dist/* {0}"])
def test_a_signature_is_one_whatever_it_is_called(name: str, files: str) -> None:
    ship = f"- run: gh release create v1 {files.format(name)}"
    assert verdicts(BUILD, BUNDLE.format(name), ship)[0] == "pass"
    other = f"- run: go build -o {name} ./cmd/other"
    assert verdicts(BUILD, BUNDLE.format(name), other, ship)[0] == "fail"


@pytest.mark.parametrize("name", ["dist/shop.proof", "shop.intoto.jsonl"])
def test_a_copy_of_an_attestation_is_one(name: str) -> None:
    attest = "- uses: actions/attest-build-provenance@v3\n  id: a\n  with: {subject-path: dist/shop}"
    ship = f"- run: gh release create v1 dist/shop {name}"
    for path in "${{ steps.a.outputs.bundle-path }}", "$BUNDLE":
        copy = f'- run: cp "{path}" {name}\n  env: {{BUNDLE: "${{{{ steps.a.outputs.bundle-path }}}}"}}'
        assert verdicts(BUILD, attest, copy, ship)[0] == "pass"
    assert verdicts(BUILD, attest, f"- run: cp shop.py {name}", ship)[0] == ("pass" if "jsonl" in name else "fail")


def test_what_stands_beside_its_proof_is_released_with_it() -> None:
    made = "- run: zig build-exe shop.zig"
    image = "- uses: docker/build-push-action@v7\n  id: p\n  with: {push: true, tags: 'ghcr.io/acme/shop:1'}"
    signed = '- run: cosign sign --yes "ghcr.io/acme/shop@${{ steps.p.outputs.digest }}"'
    for proof in BUNDLE.format("dist/shop.sigstore.json"), "- run: syft file:dist/shop -o spdx-json=dist/shop.json":
        assert verdicts(image, signed, made, proof, "- run: gh release create v1 dist/*")[0] == "fail"
    sbom = "- run: syft file:dist/shop -o spdx-json=sboms/shop.json"
    assert verdicts(image, signed, made, sbom, "- run: gh release create v1 sboms/*")[0] == "pass"


PACKED = [
    "tar czf proofs.tgz shop.spdx.json other.spdx.json",
    "tar -cvzf proofs.tgz *.json *.sig *.pem",
    "zip proofs.zip other.spdx.json shop.spdx.json shop.sig",
]


@pytest.mark.parametrize("command", PACKED)
def test_an_archive_of_sboms_and_signatures_is_as_they_are(command: str) -> None:
    build = f"{BUILD}\n- run: go build -o dist/other ./cmd/other"
    describe = f"{DESCRIBE}\n- run: syft scan file:dist/other -o spdx-json=other.spdx.json"
    sign = "- run: cosign sign-blob --yes --output-signature shop.sig dist/shop"
    pack, ship = f"- run: {command}", "- run: gh release create v1 dist/shop dist/other proofs.*"
    assert verdicts(build, describe, sign, pack, ATTEST, ship)[:2] == ["pass", "pass"]
    assert verdicts(build, DESCRIBE, sign, pack, ATTEST, ship)[1] != "pass"
    assert verdicts(build, describe, sign, f"- run: {command} dist/shop", ATTEST, ship)[0] == "fail"
    for unseen in "unseen.bin", "out", "'out/*'":
        also = "- run: syft scan file:out/more -o spdx-json=out/more.spdx.json"
        assert verdicts(build, describe, sign, also, f"- run: {command} {unseen}", ATTEST, ship)[0] == "fail"


def test_an_archive_of_what_needs_no_sbom_needs_none() -> None:
    pack = "- run: ./dist/shop completion bash > dist/shop.bash && tar czf more.tgz shop.spdx.json dist/shop.bash"
    ship = "- run: gh release create v1 dist/shop more.tgz"
    assert verdicts(BUILD, DESCRIBE, pack, ATTEST, ship)[:2] == ["fail", "pass"]
    alone = pack.replace("shop.spdx.json dist/shop.bash", "dist/shop.bash")
    assert verdicts(BUILD, DESCRIBE, alone, ATTEST, f"{ship} shop.spdx.json")[:2] == ["fail", "pass"]
    assert verdicts(BUILD, DESCRIBE, pack, ATTEST.replace("dist/*", "more.tgz"), ATTEST, ship)[:2] == ["pass", "pass"]


def test_an_archive_of_what_something_unseen_has_printed() -> None:
    prints = "- run: |\n    mkdir -p dist\n    $TOOL dist/shop > dist/shop.json\n    tar czf more.tgz dist/shop.json"
    ship = "- run: gh release create v1 dist/shop more.tgz"
    assert verdicts(BUILD, prints, ATTEST, ship)[:2] == ["fail", "unknown"]  # nothing signs what is yet to be packed
