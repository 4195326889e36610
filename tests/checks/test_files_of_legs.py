"""Files that are called after the leg of a matrix, and handed over by their folder or by a pattern."""

from __future__ import annotations

import pytest

from releasing import job, repository_of, workflow
from trees import judge

MATRIX = "{matrix: {target: [x86_64, aarch64]}}"
NAMED = "dist/shop-${{ matrix.target }}.tgz"
PACK = f'- run: tar -C "target/${{{{ matrix.target }}}}/release" -czf "{NAMED}" shop'
BUILD = "- run: cargo build --release --target ${{ matrix.target }}"
STORE = "- uses: actions/upload-artifact@v7\n  with: {name: 'bin-${{ matrix.target }}', path: WHAT}"
LOAD = "- uses: actions/download-artifact@v8\n  with: {pattern: 'bin-*', merge-multiple: true, path: dist}"


def signed(subject: str, stored: str = "dist/*", *between: str, shipped: str = "dist/*") -> str:
    """What is said of a release of archives of which each leg has attested a subject."""
    attest = f'- uses: actions/attest-build-provenance@v4\n  with: {{subject-path: "{subject}"}}'
    build = job(BUILD, PACK, attest, STORE.replace("WHAT", f'"{stored}"'), strategy=MATRIX)
    ship = f"- uses: softprops/action-gh-release@v2\n  with: {{files: '{shipped}'}}"
    release = job(LOAD, *between, ship, needs="build")
    return judge("build-signed", repository_of(workflow(build=build, release=release))).verdict


@pytest.mark.parametrize("stored", ["dist/*", "dist", "dist/*.tgz", NAMED])
@pytest.mark.parametrize("subject", [NAMED, "dist/*.tgz", "dist/*"])
def test_what_each_leg_attests_is_what_is_released(subject: str, stored: str) -> None:
    assert signed(subject, stored) == "pass"


@pytest.mark.parametrize("subject", ["dist/other-${{ matrix.target }}.tgz", "dist/*.zip", "shop"])
def test_other_files_are_not(subject: str) -> None:
    assert signed(subject) != "pass"


def test_a_file_that_is_made_after_the_legs_is_not_attested() -> None:
    assert signed(NAMED, "dist/*", "- run: tar -C dist -cf dist/shop-all.tar .") == "fail"
