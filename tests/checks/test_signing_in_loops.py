"""Files and images that a loop signs one after the other: all of them, and each so that its failure is seen."""

from __future__ import annotations

import pytest

from releasing import SHIP, job, released_by, repository_of, workflow
from trees import judge

SIGN = "cosign sign-blob --yes --bundle $f.bundle $f"


def of_files(script: str) -> str:
    """Of two files in a folder, which a script signs."""
    build = "- run: go build -o dist/a ./a && go build -o dist/b ./b"
    lines = "".join(f"    {line}\n" for line in script.splitlines())
    return judge("build-signed", released_by(build, f"- run: |\n{lines}", "- run: gh release create v1 dist/*")).verdict


LISTS = {"a pattern": "dist/*", "by name": "dist/a dist/b", "found": "$(find dist -type f)", "listed": "$(ls dist/*)"}


@pytest.mark.parametrize("files", LISTS.values(), ids=LISTS)
def test_each_turn_must_be_able_to_fail_the_job(files: str) -> None:
    loop = f"for f in {files}; do {SIGN}; done"
    assert of_files(loop) == "pass"
    assert of_files(f"set +e\n{loop.replace('; done', ' || exit 1; done')}") == "pass"
    assert of_files(f"rc=0\n{loop.replace('; done', ' || rc=1; done')}\nexit $rc") == "pass"
    assert of_files(f"set +e\n{loop}") == "fail"
    assert of_files(f"{loop} || exit 1") in {"fail", "unknown"}
    assert of_files(f"all() {{ {loop}; }}\nif ! all; then exit 1; fi") in {"fail", "unknown"}


def test_a_loop_that_is_left_signs_only_the_first() -> None:
    assert of_files(f"for f in dist/*; do {SIGN}; break; done") == "fail"
    assert of_files(f"for f in dist/*; do [ -s $f ] || exit 1; {SIGN}; done") == "pass"


def test_after_a_loop_its_variable_names_the_last_alone() -> None:
    assert of_files(f"for f in dist/*; do :; done\n{SIGN}") == "fail"


def test_what_is_done_with_several_files_counts() -> None:
    count = f"n=0\nfor f in dist/*; do {SIGN}; n=$((n+1)); done\n"
    assert of_files(f"{count}if [ $n -lt 2 ]; then exit 1; fi") == "pass"
    assert of_files(f"{count}if [ $n -gt 1 ]; then gh release upload v1 extra.zip; fi") == "fail"


PUSH = """
- uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a
  id: {0}
  with: {{push: true, tags: "ghcr.io/acme/{0}:1"}}
"""
OF = "ghcr.io/acme/{0}@${{{{ steps.{0}.outputs.digest }}}}"


def of_images(script: str, second: str = OF.format("b")) -> str:
    """Of two images, whose references stand in a file each when a script signs them."""
    told = f"- run: |\n    mkdir refs\n    echo {OF.format('a')} > refs/a.txt\n    echo {second} > refs/b.txt"
    lines = "".join(f"    {line}\n" for line in script.splitlines())
    return judge(
        "build-signed", released_by(PUSH.format("a"), PUSH.format("b"), told, f"- run: |\n{lines}", SHIP)
    ).verdict


READ = {
    "by cat": 'for f in refs/*.txt; do\n  cosign sign --yes "$(cat "$f")"\ndone',
    "into a variable": 'for f in refs/*.txt; do\n  ref=$(cat "$f")\n  cosign sign --yes "$ref"\ndone',
    "by read": 'for f in refs/*.txt; do\n  read -r ref < "$f"\n  cosign sign --yes "$ref"\ndone',
    "at once": "cosign sign --yes $(cat refs/*.txt)",
    "by xargs": "cat refs/*.txt | xargs -n1 cosign sign --yes",
    "by xargs, with options that stand together": "cat refs/*.txt | xargs -tI % cosign sign --yes %",
    "by xargs, with a value behind them": "cat refs/*.txt | xargs -rtn1 cosign sign --yes",
    "by xargs, with long options": "cat refs/*.txt | xargs --max-args 1 --verbose cosign sign --yes",
}


@pytest.mark.parametrize("script", READ.values(), ids=READ)
def test_references_are_read_from_all_files_of_a_pattern(script: str) -> None:
    assert of_images(script) == "pass"
    assert of_images(script, OF.format("a")) == "fail"
    assert of_images(script, "ghcr.io/acme/b:1") in {"fail", "unknown"}
    assert of_images(script.replace("*.txt", "a*.txt")) in {"fail", "unknown"}
    assert of_images(f"rm refs/b.txt\n{script}") in {"fail", "unknown"}


def test_the_first_line_is_none_of_the_others() -> None:
    assert of_images("read -r ref < <(cat refs/*.txt)\ncosign sign --yes $ref") in {"fail", "unknown"}
    assert of_images('cosign sign --yes "$(cat refs/*.txt | head -n1)"') in {"fail", "unknown"}


BOTH = "go build -o dist/shop ./cmd/shop && go build -o dist/shopctl ./cmd/shopctl"
LISTED = "go build -o dist/shop ./cmd/shop && sha256sum dist/shop > dist/sums && cosign sign-blob --yes"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (f"{BOTH}\nfor f in dist/*; do cosign sign-blob --yes --bundle $f.json $f; done", "pass"),
        (f"{BOTH}\nfor f in dist/*; do cosign sign-blob --yes --bundle b.json $f; done", "fail"),
        (f"{BOTH}\ncosign sign-blob --yes --bundle b.json dist/*", "fail"),
        (f"{BOTH}\ncosign sign-blob --yes --bundle b.json dist/shop dist/shopctl", "fail"),
        (f"{BOTH}\ncosign sign-blob --yes --output-signature s.sig dist/shop dist/shopctl", "fail"),
        (f"{LISTED} --bundle dist/b.json dist/sums", "pass"),
        (f"{LISTED} --bundle b.json dist/sums", "fail"),  # which nobody gets to see
        (f"{LISTED} dist/sums > dist/sums.sig", "pass"),
        (f"{LISTED} dist/sums | tee dist/sums.sig", "pass"),
        (f'echo "$({LISTED} dist/sums)" > dist/sums.sig', "fail"),  # echo does not fail
        (f"signature=$({LISTED} dist/sums)\necho $signature > dist/sums.sig", "pass"),
        (f"{LISTED} dist/sums", "fail"),
    ],
)
def test_a_signature_stands_in_a_file_of_its_own(lines: str, expected: str) -> None:
    step = "- shell: bash\n  run: |\n" + "".join(f"    {line}\n" for line in lines.splitlines())
    assert judge("build-signed", released_by(step, "- run: gh release create v1 dist/*")).verdict == expected


PUBLISH = "- run: gh release create v1 %s"
KEEP = "- uses: actions/upload-artifact@v4\n  with: {path: %s}"


@pytest.mark.parametrize(
    ("bundle", "step", "expected"),
    [
        ("shop.sigstore.json", PUBLISH % "shop", "fail"),
        (
            "shop.sigstore.json",
            "- run: cosign verify-blob --bundle shop.sigstore.json shop\n" + PUBLISH % "shop",
            "fail",
        ),
        ("out/shop.sig", KEEP % "shop" + "\n" + PUBLISH % "shop", "fail"),
        ("out/shop.sig", "- run: mkdir -p out && ls\n" + PUBLISH % "shop", "fail"),
        ("out/shop.sig", "- run: mkdir -p new && cp out/* new/\n" + PUBLISH % "shop new/shop.sig", "pass"),
        ("shop.sigstore.json", "- run: go vet . && cat package.json | jq . && ls . 2>&1\n" + PUBLISH % "shop", "fail"),
        ("out/shop.sig", "- run: cat out/shop.sig && ls -l out\n" + PUBLISH % "shop", "fail"),
        ("out/shop.sig", "- run: cat out/shop.sig >> notes.md\n" + PUBLISH % "shop", "pass"),
        ("shop.sigstore.json", "- run: aws s3 sync . s3://acme\n" + PUBLISH % "shop", "pass"),
        ("shop.sigstore.json", PUBLISH % "shop shop.sigstore.json", "pass"),
        ("shop.sigstore.json", PUBLISH % "shop*", "pass"),
        ("out/shop.sig", PUBLISH % "shop out/*.sig", "pass"),
        ("out/shop.sig", "- run: |\n    cd out\n    gh release create v1 ../shop *.sig", "pass"),
        ("shop.sig", KEEP % "'*.sig'" + "\n" + PUBLISH % "shop", "fail"),  # which is gone some day
        ("out/shop.sig", KEEP % "out" + "\n" + PUBLISH % "shop", "fail"),
        ("shop.sig", "- run: mv shop.sig release/\n" + PUBLISH % "shop release/shop.sig", "pass"),
        ("shop.sig", "- run: aws s3 cp shop.sig s3://acme/shop.sig\n" + PUBLISH % "shop", "pass"),
        ("shop.sig", "- uses: acme/release@v1\n  with: {files: x}\n" + PUBLISH % "shop", "unknown"),
        ("$RUNNER_TEMP/shop.sig", PUBLISH % "shop", "pass"),
    ],
)
def test_a_signature_of_files_that_nothing_publishes_is_seen_by_nobody(bundle: str, step: str, expected: str) -> None:
    made = "- run: go build -o shop ./cmd/shop"
    sign = f"- run: cosign sign-blob --yes --bundle {bundle} shop"
    assert judge("build-signed", released_by(made, sign, step)).verdict == expected


@pytest.mark.parametrize(
    ("fetch", "publish", "expected"),
    [
        ("- uses: actions/download-artifact@v4\n  with: {name: kept}", PUBLISH % "shop*", "pass"),
        ("- uses: actions/download-artifact@v4\n  with: {name: kept, path: dist}", PUBLISH % "dist/*", "pass"),
        ("- run: gh run download ${{ github.run_id }} -n kept", PUBLISH % "shop shop.sig", "pass"),
        ("- uses: actions/download-artifact@v4\n  with: {name: kept}", PUBLISH % "shop", "fail"),
        ("- uses: actions/download-artifact@v4\n  with: {name: kept}", PUBLISH % "*.tgz shop", "fail"),
    ],
)
def test_a_signature_that_is_stored_counts_where_another_job_publishes_it(
    fetch: str, publish: str, expected: str
) -> None:
    sign = "- run: cosign sign-blob --yes --bundle shop.sig shop"
    keep = "- uses: actions/upload-artifact@v4\n  with: {name: kept, path: 'shop*'}"
    jobs = {"build": job("- run: go build -o shop .", sign, keep), "ship": job(fetch, publish, needs="build")}
    assert judge("build-signed", repository_of(workflow(**jobs))).verdict == expected


@pytest.mark.parametrize(
    ("published", "expected"),
    [("dist/shop dist/shop.*", "pass"), ("dist/*", "pass"), ("dist/shop dist/shop.asc", "pass"), ("dist/shop", "fail")],
)
def test_a_signature_that_is_printed_into_a_file(published: str, expected: str) -> None:
    made, sign = "- run: go build -o dist/shop .", "- run: cosign sign-blob --yes dist/shop > dist/shop.asc"
    assert judge("build-signed", released_by(made, sign, PUBLISH % published)).verdict == expected


@pytest.mark.parametrize(
    ("into", "step", "expected"),
    [
        ("$f.bundle", PUBLISH % "dist/a dist/b", "fail"),
        ("$f.bundle", PUBLISH % "dist/*", "pass"),
        ("$f.bundle", PUBLISH % "dist/a dist/b dist/a.bundle dist/b.bundle", "pass"),
        ("$f.bundle", PUBLISH % "dist/a dist/b dist/a*", "pass"),
        ("sigs/$(basename $f).sig", PUBLISH % "dist/a dist/b", "fail"),
        ("sigs/$(basename $f).sig", PUBLISH % "dist/a dist/b sigs/*.sig", "pass"),
        ("$OUT/$f.sig", PUBLISH % "dist/a dist/b", "pass"),
        ("$f.bundle", "- run: for f in dist/*; do aws s3 cp $f s3://acme/; done", "pass"),
        ("$f.bundle", "- run: for f in dist/*; do echo $f; done\n" + PUBLISH % "dist/a dist/b", "fail"),
    ],
)
def test_signatures_of_a_loop_that_nothing_publishes_are_seen_by_nobody(into: str, step: str, expected: str) -> None:
    made = "- run: go build -o dist/a ./a && go build -o dist/b ./b"
    sign = f'- run: for f in dist/*; do cosign sign-blob --yes --bundle "{into}" "$f"; done'
    assert judge("build-signed", released_by(made, sign, step)).verdict == expected


SIGSTORE = "- run: python -m sigstore sign shop"


@pytest.mark.parametrize(
    ("sign", "step", "expected"),
    [
        (SIGSTORE, PUBLISH % "shop", "fail"),
        (SIGSTORE, PUBLISH % "shop shop.sigstore.json", "pass"),
        (SIGSTORE, PUBLISH % "shop shop.sigstore", "pass"),
        (SIGSTORE, PUBLISH % "shop*", "pass"),
        (f"{SIGSTORE} --output-directory out", PUBLISH % "shop", "fail"),
        (f"{SIGSTORE} --output-directory out", PUBLISH % "shop out/*.sigstore.json", "pass"),
        (f"{SIGSTORE} --bundle shop.bundle", PUBLISH % "shop shop.sigstore.json", "fail"),
        (f"{SIGSTORE} --bundle shop.bundle", PUBLISH % "shop shop.bundle", "pass"),
        ("- run: cosign sign-blob --yes --bundle shop.json shop", "- env: {B: shop.json}\n  run: cp $B /srv/", "pass"),
        (
            "- run: cosign sign-blob --yes --bundle shop.json shop",
            "- uses: actions/cache/save@v4\n  with: {path: shop.json, key: a}",
            "pass",
        ),
    ],
)
def test_a_signature_has_a_name_by_itself_and_may_be_named_by_a_variable(sign: str, step: str, expected: str) -> None:
    made = "- run: go build -o shop ./cmd/shop"
    steps = (made, sign, step) if "release" in step else (made, sign, step, PUBLISH % "shop")
    assert judge("build-signed", released_by(*steps)).verdict == expected


def test_an_attestation_of_files_that_nothing_publishes_is_seen_by_nobody() -> None:
    made, described = "- run: go build -o shop ./cmd/shop", "- run: syft file:shop -o cyclonedx-json=sbom.json"
    attested = "- run: cosign attest-blob --yes --type cyclonedx --predicate sbom.json --bundle shop.att shop"
    for published, expected in ("shop", "fail"), ("shop shop.att", "pass"), ("shop sbom.json", "pass"):
        steps = (made, described, attested, PUBLISH % published)
        assert judge("sbom-generated", released_by(*steps)).verdict == expected


def test_a_signature_that_the_next_one_is_written_over() -> None:
    sign = "cosign sign-blob --yes --bundle"
    assert of_files(f"{sign} dist/a.sig dist/a\n{sign} dist/b.sig dist/b") == "pass"
    assert of_files(f"{sign} dist/a.sig dist/a\n{sign} dist/b.sig dist/b || true") == "fail"
    assert of_files(f"{sign} dist/sig dist/a\n{sign} dist/sig dist/b") == "unknown"
    assert of_files(f"{sign} dist/a.sig dist/a\n{sign} dist/a.sig dist/a\n{sign} dist/b.sig dist/b") == "pass"


@pytest.mark.parametrize(
    ("made", "patterns", "expected"),
    [
        ("nfpm package -p deb -t dist/a.deb && nfpm pkg -p rpm -t dist/a.rpm", "dist/*.deb dist/*.rpm", "pass"),
        ("nfpm package --packager deb --target dist/a.deb && nfpm pkg -p rpm -t dist/a.rpm", "dist/*.deb", "fail"),
        ("nfpm package -p deb -t dist/ && nfpm package -p rpm -t dist/", "dist/*", "pass"),
        ("appimagetool Shop.AppDir dist/shop.AppImage", "dist/*.AppImage dist/*.zsync", "unknown"),
        ("appimagetool Shop.AppDir dist/shop.AppImage", "out/*.AppImage", "fail"),
    ],
)
def test_packages_of_several_kinds(made: str, patterns: str, expected: str) -> None:
    signed = f"- run: |\n    for f in {patterns}; do {SIGN}; done\n"
    files = released_by(f"- run: {made}", signed, "- run: gh release create v1 dist/*")
    assert judge("build-signed", files).verdict == expected
