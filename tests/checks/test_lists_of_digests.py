"""Lists of digests that are signed in the place of the files, wherever they are made."""

from __future__ import annotations

import pytest

from releasing import released_by, script
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
    "sorted": ["(cd dist && sha256sum * | sort > ../sums.txt)"],
    "sorted by their names, and shown": ["(cd dist && sha256sum * | LC_ALL=C sort -k 2 | tee ../sums.txt)"],
    "sorted afterwards": ["(cd dist && sha256sum * > /tmp/sums.txt)", "sort -k2 /tmp/sums.txt > sums.txt"],
    "one after the other": ["cd dist", "sha256sum a > ../sums.txt", "sha256sum b >> ../sums.txt", "cd .."],
    "by their names": ["cd dist", "sha512sum a b > ../sums.txt", "cd .."],
}
FOUND = {
    "found": ["find dist -type f | xargs sha256sum > sums.txt"],
    "found in the folder": ["(cd dist && find . -type f -print0 | xargs -0 sha256sum > ../sums.txt)"],
    "found on one level": ["sha256sum $(find dist -maxdepth 1 -type f) > sums.txt"],
    "found, and handed over": ["find dist -type f -exec sha256sum {} + > sums.txt"],
    "found, and handed over one by one": ["(cd dist && find . -type f -exec sha256sum {} ';' > ../sums.txt)"],
    "listed": ["(cd dist && sha256sum $(ls) > ../sums.txt)"],
    "listed by a pattern": ["sha256sum $(ls dist/*) > sums.txt"],
    "listed behind their folder": ["ls dist | xargs -I{} sha256sum dist/{} > sums.txt"],
}
OF_SOME = {
    "some that are found": ["find dist -type f -name 'a*' | xargs sha256sum > sums.txt"],
    "some that are handed over": ["find dist -name a -exec sha256sum {} + > sums.txt"],
    "found elsewhere": ["find docs -type f | xargs sha256sum > sums.txt"],
    "listed elsewhere": ["ls docs/* | xargs sha256sum > sums.txt"],
}
PERHAPS = {
    "sorted": ["find dist -type f | sort | xargs sha256sum > sums.txt"],
    "without their folder": ["sha256sum dist/* | sed 's#dist/##' > sums.txt"],
    "without some lines": ["(cd dist && sha256sum * | grep -v txt > ../sums.txt)"],
    "the first lines": ["(cd dist && sha256sum * | sort | head -1 > ../sums.txt)"],
    "all but some": ["find dist -type f ! -name a | xargs sha256sum > sums.txt"],
    "of two folders": ["find dist docs -type f | xargs sha256sum > sums.txt"],
    "listed as they are seen from elsewhere": ["ls dist | xargs sha256sum > sums.txt"],
}
OF_OTHERS = {
    "one of them": ["(cd dist && sha256sum a > ../sums.txt)"],
    "one in the place of the other": ["cd dist", "sha256sum a > ../sums.txt", "sha256sum b > ../sums.txt", "cd .."],
    "one of them, sorted": ["(cd dist && sha256sum a | sort > ../sums.txt)"],
    "sorted, and built again": ["(cd dist && sha256sum * | sort > ../sums.txt)", "go build -o dist/a ./c"],
    "of another folder": ["(cd docs && sha256sum * > ../sums.txt)"],
    "kept in the folder": ["(cd dist && sha256sum * > sums.txt)"],
    "of the folder above": ["(cd dist && sha256sum ../* > ../sums.txt)"],
    "written over": ["(cd dist && sha256sum * > ../sums.txt)", "echo none > sums.txt"],
}


@pytest.mark.parametrize("lines", OF_ALL.values(), ids=OF_ALL.keys())
def test_a_signed_list_counts_for_the_files_in_it(lines: list[str]) -> None:
    assert verdict(*lines) == "pass"


@pytest.mark.parametrize("lines", FOUND.values(), ids=FOUND.keys())
def test_files_may_be_named_by_what_finds_them(lines: list[str]) -> None:
    assert verdict(*lines) == "pass"


def test_find_tells_of_a_failure_if_it_hands_all_over_at_once() -> None:
    ship = "- run: gh release create v1 dist/*"
    for end, expected in (("+", "pass"), ("';'", "fail")):
        sign = f"find dist -type f -exec cosign sign-blob --yes --bundle dist/sums.bundle {{}} {end}"
        files = released_by(f"- run: |\n    go build -o dist/a ./a\n    {sign}", ship)
        assert judge("build-signed", files).verdict == expected


def test_a_digest_that_a_command_works_out_may_be_that_of_a_file() -> None:
    says = """echo "sha=$(sha256sum shop | cut -d' ' -f1)" >> "$GITHUB_OUTPUT\""""
    digest = "sha256:${{ steps.build.outputs.sha }}"
    build = f"- id: build\n  run: |\n    go build -o shop .\n    {says}"
    attest = f"- uses: actions/attest@v4\n  with: {{subject-name: shop, subject-digest: '{digest}'}}"
    sign = f"- run: cosign sign --yes ghcr.io/acme/shop@{digest}"
    for step, expected in ((attest, "unknown"), (sign, "fail")):
        files = released_by(build, step, "- run: gh release create v1 shop")
        assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize("lines", OF_SOME.values(), ids=OF_SOME.keys())
def test_what_finds_others_names_others(lines: list[str]) -> None:
    assert verdict(*lines) == "fail"


@pytest.mark.parametrize("lines", PERHAPS.values(), ids=PERHAPS.keys())
def test_only_a_run_knows_which_files_a_command_prints(lines: list[str]) -> None:
    assert verdict(*lines) == "unknown"


@pytest.mark.parametrize(
    "named",
    [
        'mapfile -t files < <(find dist -type f); for f in "${files[@]}"; do {}; done',
        'IFS=, read -ra files <<< "$FILES"; for f in "${files[@]}"; do {}; done',
        'files=($(ls dist)); for f in "${files[@]}"; do {}; done',
        'files=(); while read -r f; do files+=("$f"); done < files.txt; for f in "${files[@]}"; do {}; done',
        "for f in $(cat files.txt); do {}; done",
        "while read -r f; do {}; done < files.txt",
    ],
)
def test_only_a_run_knows_which_files_stand_in_an_array(named: str) -> None:
    sign = named.replace("{}", 'cosign sign-blob --yes --bundle "$f.bundle" "$f"')
    for more, expected in (("", "unknown"), ("echo ", "fail")):
        lines = "go build -o dist/a ./a", sign.replace("cosign", f"{more}cosign")
        assert (
            judge("build-signed", released_by(script(*lines), "- run: gh release create v1 dist/*")).verdict == expected
        )


@pytest.mark.parametrize("lines", OF_OTHERS.values(), ids=OF_OTHERS.keys())
def test_a_list_of_others_does_not(lines: list[str]) -> None:
    assert verdict(*lines) != "pass"
