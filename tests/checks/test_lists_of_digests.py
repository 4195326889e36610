"""Lists of digests that are signed in the place of the files, wherever they are made."""

from __future__ import annotations

import pytest

from releasing import released_by
from trees import judge

SIGNS = "cosign sign-blob --yes --bundle sums.txt.bundle sums.txt"


def verdict(*lines: str) -> str:
    """What is said of the signature of a release of two programs that signs a list which these lines make."""
    built = "go build -o dist/a ./a", "go build -o dist/b ./b"
    script = "".join(f"    {line}\n" for line in (*built, *lines, SIGNS))
    ships = "- run: gh release create v1 dist/* sums.txt sums.txt.bundle"
    return judge("build-signed", released_by(f"- run: |\n{script}", ships)).verdict


OF_ALL = {
    "from above": ["sha256sum dist/* > sums.txt"],
    "in the folder": ["cd dist && sha256sum * > ../sums.txt", "cd .."],
    "in a shell of its own": ["(cd dist && sha256sum ./* > ../sums.txt)"],
    "on the stack": ["pushd dist", "shasum -a 256 * > ../sums.txt", "popd"],
    "by an absolute path": ['(cd dist && sha256sum * > "$GITHUB_WORKSPACE/sums.txt")'],
    "through tee": ["(cd dist && sha256sum * | tee ../sums.txt)"],
    "one after the other": ["cd dist", "sha256sum a > ../sums.txt", "sha256sum b >> ../sums.txt", "cd .."],
    "by their names": ["cd dist", "sha512sum a b > ../sums.txt", "cd .."],
}
OF_OTHERS = {
    "one of them": ["(cd dist && sha256sum a > ../sums.txt)"],
    "one in the place of the other": ["cd dist", "sha256sum a > ../sums.txt", "sha256sum b > ../sums.txt", "cd .."],
    "of another folder": ["(cd docs && sha256sum * > ../sums.txt)"],
    "kept in the folder": ["(cd dist && sha256sum * > sums.txt)"],
    "of the folder above": ["(cd dist && sha256sum ../* > ../sums.txt)"],
    "written over": ["(cd dist && sha256sum * > ../sums.txt)", "echo none > sums.txt"],
}


@pytest.mark.parametrize("lines", OF_ALL.values(), ids=OF_ALL.keys())
def test_a_signed_list_counts_for_the_files_in_it(lines: list[str]) -> None:
    assert verdict(*lines) == "pass"


@pytest.mark.parametrize("lines", OF_OTHERS.values(), ids=OF_OTHERS.keys())
def test_a_list_of_others_does_not(lines: list[str]) -> None:
    assert verdict(*lines) != "pass"
