"""Words of an action that an expression chooses: what it does is judged by each choice."""

from __future__ import annotations

import pytest

from releasing import released_by
from trees import judge

SIGNS = (
    "signs: [{cmd: cosign, artifacts: checksum, args: [sign-blob, --yes, '--bundle=${signature}', '${artifact}']}]\n"
)
SBOMS = "sboms: [{artifacts: archive}]\n"


def verdict(words: str, configuration: str = SIGNS, check: str = "build-signed") -> str:
    """Of a release by GoReleaser that is told these words."""
    step = f'- uses: goreleaser/goreleaser-action@v6\n  with: {{version: "~> v2", args: "{words}"}}\n'
    files = released_by("- uses: actions/checkout@v4", step) | {".goreleaser.yaml": f"version: 2\n{configuration}"}
    return judge(check, files | {"main.go": "package main\n", "go.mod": "module acme.example/shop\n"}).verdict


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("release --clean ${{ github.ref_type != 'tag' && '--snapshot' || '' }}", "pass"),
        ("release --clean ${{ startsWith(github.ref, 'refs/heads/') && '--skip=sign' || '' }}", "pass"),
        ("release --clean ${{ contains(github.ref_name, '-rc') && '--skip=homebrew' || '' }}", "pass"),
        ("release --clean ${{ vars.QUIET == 'true' && '--skip=announce' || '' }}", "pass"),
        (
            "release --clean ${{ (contains(github.ref, 'rc') || vars.B) && '--skip=aur' || '--fail-fast' }}",
            "pass",
        ),
        ("release --clean ${{ vars.A && '--skip=aur' || '' }} ${{ vars.B && '--draft' || '' }}", "pass"),
        ("release --clean --skip=${{ vars.QUIET && 'announce' || 'homebrew' }}", "pass"),
        ("${{ vars.TRY && 'release --snapshot' || 'release --clean' }}", "pass"),
        ("release --clean ${{ vars.QUIET && '--skip=sign' || '' }}", "unknown"),
        ("release --clean ${{ vars.A && '--skip=aur' || vars.B && '--skip=sign' || '' }}", "unknown"),
        ("release --clean ${{ vars.WORDS }}", "unknown"),
    ],
)
def test_each_choice_of_words_is_judged(words: str, expected: str) -> None:
    assert verdict(words) == expected
    assert verdict(words, "") in {"fail", "unknown"}


def test_what_is_released_by_one_choice_alone_is_seen() -> None:
    either = "release --clean ${{ contains(github.ref_name, 'nightly') && '-f nightly.yaml' || '' }}"
    assert verdict(either) == "unknown"
    assert verdict("release --clean ${{ vars.A && '--skip=aur' || '' }}", SIGNS + SBOMS, "sbom-generated") == "pass"
    assert verdict("release --clean ${{ vars.A && '--skip=sbom' || '' }}", SIGNS + SBOMS, "sbom-generated") == "unknown"
