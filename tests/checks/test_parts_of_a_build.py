"""Signatures of the files of a build by their kinds: all that it makes, some of it, or nobody knows."""

from __future__ import annotations

import pytest

from releasing import released_by
from trees import judge


def verdict(build: str, sign: str) -> str:
    return judge("build-signed", released_by(f"- run: {build}", sign, "- run: gh release create v1 dist/*")).verdict


def listed(kinds: str) -> str:
    """A list of the digests of these files, signed."""
    return f"- run: cd dist && sha256sum {kinds} > SHA && cosign sign-blob --yes --bundle SHA.sigstore.json SHA"


def attested(kinds: str) -> str:
    """These files, attested one by one."""
    lines = "".join(f"      dist/{kind}\n" for kind in kinds.split())
    return f"- uses: actions/attest@v4\n  with:\n    subject-path: |\n{lines}"


@pytest.mark.parametrize("sign", [listed, attested])
@pytest.mark.parametrize(
    ("build", "kinds", "expected"),
    [
        ("python -m build", "*.whl *.tar.gz", "pass"),
        ("uv build", "*.tar.gz *.whl", "pass"),
        ("python -m build", "*.whl", "fail"),
        ("python -m build --wheel", "*.whl", "pass"),
        ("uv build --sdist", "*.whl", "fail"),
        ("go build -o dist/ ./cmd/...", "shop* acme*", "unknown"),
        ("go build -o dist/ ./cmd/...", "*", "pass"),
    ],
)
def test_files_by_their_kinds(sign: object, build: str, kinds: str, expected: str) -> None:
    assert callable(sign)
    assert verdict(build, sign(kinds)) == expected
