"""Files whose name a run puts together: of parts that are known, or of such that nobody knows."""

from __future__ import annotations

import pytest

from releasing import SHIP, job, repository_of, script, workflow
from trees import judge_all

MATRIX = "{matrix: {os: [linux, windows]}}"
CHOSEN = ('END=""', 'if [ "$OS" = windows ]; then END=.exe; fi')
BY_EXPRESSION = ("END=\"${{ matrix.os == 'windows' && '.exe' || '' }}\"",)
UNKNOWN = ('END=""', 'if [ "$OS" = windows ]; then END=$SUFFIX; fi')
SIGN = '- run: cosign sign-blob --yes --bundle "$BIN.sigstore.json" "$BIN"\n'
DESCRIBE = '- run: syft "file:$BIN" -o spdx-json="$BIN.spdx.json"\n'
OTHER = '- run: cosign sign-blob --yes --bundle "$BIN.sigstore.json" README.md\n'


def verdicts(chosen: tuple[str, ...], *prove: str, stored: str = "shop-*") -> list[str]:
    """Of build-signed and sbom-generated, where each leg stores its program by a pattern and all are released."""
    name = ("BIN=shop-$OS$END", 'go build -o "$BIN" .', 'echo "BIN=$BIN" >> "$GITHUB_ENV"')
    store = f"- uses: actions/upload-artifact@v7\n  with: {{name: '${{{{ matrix.os }}}}', path: '{stored}'}}\n"
    load = "- uses: actions/download-artifact@v8\n  with: {merge-multiple: true, path: dist}\n"
    legs = job(script(*chosen, *name), *prove, store, strategy=MATRIX, env="{OS: '${{ matrix.os }}'}")
    release = job(load, SHIP.replace("--generate-notes", "dist/*"), needs="build")
    return judge_all(["build-signed", "sbom-generated"], repository_of(workflow(build=legs, release=release)))


@pytest.mark.parametrize("stored", ["shop-*", "shop-${{ matrix.os }}*", "./*"])
@pytest.mark.parametrize("chosen", [CHOSEN, BY_EXPRESSION])
def test_a_pattern_fits_whatever_is_chosen(chosen: tuple[str, ...], stored: str) -> None:
    assert verdicts(chosen, DESCRIBE, SIGN, stored=stored) == ["pass", "pass"]
    assert verdicts(chosen, stored=stored)[0] != "pass"
    assert verdicts(chosen, DESCRIBE, OTHER, stored=stored)[0] == "fail"


def test_whether_a_pattern_fits_what_nobody_knows_is_unknown() -> None:
    assert verdicts(UNKNOWN, DESCRIBE, SIGN) == ["unknown", "unknown"]
