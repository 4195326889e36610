"""Files that are written, by names that may be theirs, after others were signed and before those are published."""

from __future__ import annotations

import pytest

from releasing import TAG, job, released_by, repository_of, workflow
from trees import judge

PIN = "1111111111111111111111111111111111111111"
MAKE = "- run: mkdir -p dist && go build -trimpath -o dist/ ./cmd/...\n"
ATTEST = f"- uses: actions/attest@{PIN}\n  with: {{subject-path: 'dist/*'}}\n"
LIST = "- run: cd dist && sha256sum * > sums.txt && cosign sign-blob --yes --bundle sums.json sums.txt\n"
ALL, ONE = "- run: gh release create v1 dist/*\n", "- run: gh release create v1 dist/shop\n"
STORE = f"- run: ./build.sh\n- uses: actions/upload-artifact@{PIN}\n  with: {{name: shop, path: dist}}\n"
RESTORE = f"- uses: actions/download-artifact@{PIN}\n  with: {{name: shop, path: dist}}\n"


def run(command: str) -> str:
    return f"- run: |\n    {command}\n"


def signed(*steps: str) -> str:
    return judge("build-signed", released_by(*steps)).verdict


@pytest.mark.parametrize(
    "command",
    [
        'echo x > "$OUT"',
        'cp x "$OUT"',
        'mv x "$FOLDER/"',
        'curl -o "$FILE" https://example.com/x',
        "while read name; do echo x > $name; done < list",
        'sed -i s/a/b/ "$FILE"',
        'strip "$FILE"',
        "tar -C dist -xf more.tgz",
        "unzip more.zip -d dist",
        'tar -xzf more.tgz -C "$FOLDER"',
        "tsc --outDir dist",
        "pyinstaller --distpath=./dist shop.py",
    ],
)
@pytest.mark.parametrize("proof", [ATTEST, LIST], ids=["attested", "listed"])
def test_what_is_written_afterwards_may_be_what_ships(command: str, proof: str) -> None:
    assert signed(MAKE, proof, run(command), ALL) == "unknown"
    assert signed(MAKE, run(command), proof, ALL) == "pass"


@pytest.mark.parametrize(
    "command",
    [
        "gcc -O2 -o dist/shop main.c",
        "gcc main.c -odist/shop",
        "lipo -create shop.x86 shop.arm -output dist/shop",
        "openssl enc -d -in shop.enc -out dist/shop",
        "esbuild main.js --outfile=dist/shop",
        "cd dist && clang++ main.cc -o shop",
        "ffmpeg -i a.wav dist/shop",
        "xxd -r shop.hex dist/shop",
        "ar rcs dist/shop a.o",
        "sort list | sponge dist/shop",
    ],
)
def test_a_program_may_write_over_what_has_been_signed(command: str) -> None:
    for proof in ATTEST, LIST:
        assert signed(MAKE, proof, run(command), ALL) == "fail"
        assert signed(MAKE, run(command), proof, ALL) == "pass"
    assert signed(ATTEST, run(command), ALL) == "unknown"


@pytest.mark.parametrize(
    "command",
    [
        "grep -o dist/shop list",
        "ls -o dist/shop",
        "nm -o dist/shop",
        "bash -o pipefail -c true",
        "uname -o",
        "gcc -o other main.c",
        "openssl dgst -sha256 -out shop.digest dist/shop",
        "ffmpeg -i dist/shop other.wav",
        "ar t lib.a dist/shop",
        "mypy --output json src",
        'nm -o "dist/$NAME"',
    ],
)
def test_a_program_that_only_reads_what_has_been_signed_leaves_it(command: str) -> None:
    assert signed(MAKE, ATTEST, run(command), ALL) == "pass"
    assert signed(ATTEST, run(command), ALL) == "pass"


def test_a_name_in_the_folder_is_surely_another_file_or_one_of_them() -> None:
    assert signed(MAKE, ATTEST, run('echo x > "dist/$NAME"'), ALL) == "fail"
    assert signed(MAKE, ATTEST, run('echo x > "dist/$NAME"'), ONE) == "unknown"
    assert signed(MAKE, ATTEST, run('echo x > "dist/$NAME.sha256"'), ONE) == "pass"
    assert signed(MAKE, ATTEST, run("wget -P dist https://example.com/shop"), ALL) == "fail"


@pytest.mark.parametrize(
    "command",
    [
        "echo x > other/$NAME",
        'echo x > "notes-$VERSION.txt"',
        'echo x > "$RUNNER_TEMP/$NAME"',
        'echo x > "$HOME/.config"',
        'echo x >> "$GITHUB_OUTPUT"',
        'T=$(mktemp -d); echo x > "$T/$NAME"',
        "tar -C /usr/local/bin -xf tool.tgz",
        "tar xzf tool.tgz",
    ],
)
def test_what_is_written_elsewhere_is_none_of_it(command: str) -> None:
    assert signed(MAKE, ATTEST, run(command), ALL) == "pass"


def test_files_of_which_nobody_knows_who_has_made_them_are_not_spared() -> None:
    for command, expected in ("echo x > dist/shop", "unknown"), ('echo x > "$OUT"', "unknown"), ("true", "pass"):
        assert signed(ATTEST, run(command), ALL) == expected
        release = job(RESTORE, ATTEST, run(command), ALL, needs="build")
        text = workflow(TAG, build=job(STORE, permissions="{contents: read}"), release=release)
        assert judge("build-signed", repository_of(text)).verdict == expected


def test_what_is_written_before_files_are_handed_over_goes_with_them() -> None:
    upload, permissions = STORE.partition("\n")[2], "{id-token: write, attestations: write}"

    def released(*steps: str) -> str:
        build = job(*steps, upload, permissions=permissions)
        text = workflow(TAG, build=build, release=job(RESTORE, ALL, needs="build"))
        return judge("build-signed", repository_of(text)).verdict

    assert released(MAKE, ATTEST) == "pass"
    assert released(MAKE, ATTEST, run('cp x "$OUT"')) == "unknown"
    assert released(MAKE, run('cp x "$OUT"'), ATTEST) == "pass"


def test_a_proof_that_is_laid_beside_files_goes_with_them() -> None:
    attest = ATTEST.replace("- uses", "- id: attest\n  uses").replace("dist/*", "shop-*")
    move = run("mv ${{ steps.attest.outputs.bundle-path }} shop-attestation.json")
    assert signed(attest, move, "- run: gh release create v1 shop-*\n") == "pass"
    assert signed(attest, run("cp other shop-other"), "- run: gh release create v1 shop-*\n") == "unknown"


def test_what_is_verified_may_be_written_over_as_well() -> None:
    verify = "- run: gh attestation verify dist/shop --repo acme/shop\n"
    for command, expected in ('cp x "$OUT"', "unknown"), ("true", "pass"):
        steps = (MAKE, ATTEST, verify, run(command), ONE)
        assert judge("provenance-verified", released_by(*steps)).verdict == expected


DESCRIBE = "- run: syft dir:dist -o cyclonedx-json=sbom.json\n"
SCAN = "- run: grype dir:dist --fail-on high\n"
SCAN_SBOM = "- run: grype sbom:sbom.json --fail-on high\n"
ATTEST_SBOM = ATTEST.replace("'}", "', sbom-path: sbom.json}")
PACK, PACKED = run("tar czf shop.tgz dist"), "- run: gh release create v1 shop.tgz sbom.json\n"
WRITE = run('cp x "$OUT"')


def described(*steps: str) -> str:
    return judge("sbom-generated", released_by(*steps)).verdict


def scanned(*steps: str) -> str:
    return judge("vulnerabilities-gated", released_by(*steps)).verdict


@pytest.mark.parametrize(
    "release",
    [("- run: gh release create v1 dist/* sbom.json\n",), (ATTEST_SBOM, ALL), (PACK, PACKED)],
    ids=["published", "attested", "packed"],
)
def test_an_sbom_is_of_files_as_they_were(release: tuple[str, ...]) -> None:
    assert described(MAKE, DESCRIBE, *release) == "pass"
    assert described(MAKE, WRITE, DESCRIBE, *release) == "pass"
    assert described(MAKE, DESCRIBE, WRITE, *release) == "unknown"
    assert described(MAKE, DESCRIBE, MAKE, *release) == "fail"


@pytest.mark.parametrize("looked_at", [(SCAN,), (DESCRIBE, SCAN_SBOM)], ids=["files", "sbom"])
@pytest.mark.parametrize("release", [(ALL,), (PACK, PACKED)], ids=["published", "packed"])
def test_a_scan_is_of_files_as_they_were(looked_at: tuple[str, ...], release: tuple[str, ...]) -> None:
    assert scanned(MAKE, *looked_at, *release) == "pass"
    assert scanned(MAKE, WRITE, *looked_at, *release) == "pass"
    assert scanned(MAKE, *looked_at, WRITE, *release) == "unknown"
    assert scanned(MAKE, *looked_at, MAKE, *release) == "fail"
    assert scanned(MAKE, *looked_at, "- run: go build -o dist/more ./more\n", ALL) == "fail"


def test_an_sbom_that_is_scanned_later_is_no_younger() -> None:
    assert scanned(MAKE, DESCRIBE, WRITE, SCAN_SBOM, ALL) == "unknown"


@pytest.mark.parametrize(
    "step",
    [
        "- run: grype dir:. --fail-on high\n",
        "- run: pip-audit\n",
        "- run: syft . -o cyclonedx-json=sbom.json\n- run: grype sbom:sbom.json --fail-on high\n",
        f"- uses: anchore/scan-action@{PIN}\n  with: {{path: .}}\n",
        f"- uses: aquasecurity/trivy-action@{PIN}\n  with: {{scan-type: fs, exit-code: '1'}}\n",
        "- run: grype dir:backend --fail-on high\n",
    ],
)
def test_dependencies_are_scanned_at_any_time(step: str) -> None:
    make = "- run: go build -trimpath -o backend/dist/ ./cmd/...\n"
    steps = (make, step, WRITE, make, "- run: gh release create v1 backend/dist/*\n")
    files = {**released_by(*steps), "backend/go.sum": ""}
    assert judge("vulnerabilities-gated", files).verdict == "pass"


@pytest.mark.parametrize(
    "step",
    [
        f"- uses: anchore/scan-action@{PIN}\n  with: {{path: dist}}\n",
        f"- uses: aquasecurity/trivy-action@{PIN}\n  with: {{scan-type: fs, scan-ref: dist, exit-code: '1'}}\n",
    ],
)
def test_actions_are_told_what_to_scan(step: str) -> None:
    assert (scanned(MAKE, step, ALL), scanned(MAKE, step, MAKE, ALL)) == ("pass", "fail")


def test_files_may_be_looked_at_one_by_one() -> None:
    make = "- run: go build -o dist/a ./cmd/a\n- run: go build -o dist/b ./cmd/b\n"
    one, other = (f"- run: syft dist/{each} -o cyclonedx-json={each}.json\n" for each in "ab")
    ship = "- run: gh release create v1 dist/* a.json b.json\n"
    assert (described(make, one, other, ship), described(make, one, ship)) == ("pass", "fail")
    one, other = (f"- run: grype dist/{each} --fail-on high\n" for each in "ab")
    assert (scanned(make, one, other, ALL), scanned(make, one, ALL)) == ("pass", "fail")


def test_one_of_several_that_are_built_together_may_be_all() -> None:
    one = "- run: syft file:dist/shop -o cyclonedx-json=sbom.json\n"
    for shipped, expected in ("dist/shop", "pass"), ("dist/other", "fail"), ("dist/*", "unknown"):
        assert described(MAKE, one, f"- run: gh release create v1 {shipped} sbom.json\n") == expected


@pytest.mark.parametrize("action", ["actions/cache", "actions/cache/restore"])
@pytest.mark.parametrize(("path", "expected"), [("dist", "unknown"), ("dist/shop", "unknown"), ("~/.cache", "pass")])
def test_what_a_cache_holds_may_take_the_place_of_what_was_signed(action: str, path: str, expected: str) -> None:
    restore = f"- uses: {action}@{PIN}\n  with: {{path: {path}, key: x}}\n"
    made = "- run: go build -trimpath -o dist/shop ./cmd/shop\n"
    assert signed(made, ATTEST.replace("*", "shop"), restore, ONE) == expected
    assert signed(restore, made, ATTEST.replace("*", "shop"), ONE) == "pass"


def test_an_sbom_from_a_cache_may_be_of_something_else() -> None:
    restore = f"- uses: actions/cache/restore@{PIN}\n  with: {{path: sbom.json, key: x}}\n"
    publish = "- run: gh release create v1 dist/* sbom.json\n"
    for steps, expected in ((DESCRIBE, restore), "unknown"), ((restore, DESCRIBE), "pass"):
        assert judge("sbom-generated", released_by(MAKE, *steps, publish)).verdict == expected
