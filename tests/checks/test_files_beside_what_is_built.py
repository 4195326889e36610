"""Files that are published beside what is built: copied, printed, or packed from the sources."""

from __future__ import annotations

import pytest

from releasing import released_by
from trees import judge, judge_all

BUILD = "- run: go build -o dist/shop ./cmd/shop"
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
        ("rpmsign --addsign dist/shop", "fail"),
        ("rpm --resign dist/shop", "fail"),
        ("rpmsign --version", "pass"),
        ("install_name_tool -add_rpath @loader_path dist/shop", "fail"),
        ("chmod +x dist/shop", "pass"),
    ],
)
def test_what_is_changed_is_not_what_was_signed(command: str, expected: str) -> None:
    assert verdicts(BUILD, DESCRIBE, ATTEST, f"- run: {command}", SHIP)[0] == expected


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
