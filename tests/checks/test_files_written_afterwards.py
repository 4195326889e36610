"""Files that are written, by names that may be theirs, after others were signed and before those are published."""

from __future__ import annotations

import pytest

from releasing import TAG, job, released_by, repository_of, workflow
from trees import judge

PIN = "1111111111111111111111111111111111111111"
MAKE = "- run: mkdir -p dist && go build -trimpath -o dist/ ./cmd/...\n"
ATTEST = f"- uses: actions/attest@{PIN}\n  with: {{subject-path: 'dist/*'}}\n"
LIST = "- run: cd dist && sha256sum * > ../sums.txt\n- run: cosign sign-blob --yes --bundle s.json sums.txt\n"
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
    ],
)
@pytest.mark.parametrize("proof", [ATTEST, LIST], ids=["attested", "listed"])
def test_what_is_written_afterwards_may_be_what_ships(command: str, proof: str) -> None:
    assert signed(MAKE, proof, run(command), ALL) == "unknown"
    assert signed(MAKE, run(command), proof, ALL) == "pass"


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
