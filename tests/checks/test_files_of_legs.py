"""Files that are called after the leg of a matrix, and handed over by their folder or by a pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from releasing import PUSH, SHIP, job, repository_of, script, workflow
from trees import judge

if TYPE_CHECKING:
    from goldenpath.checks import Outcome

MATRIX = "{matrix: {target: [x86_64, aarch64]}}"
LEGS = "{matrix: {target: [x86_64, aarch64, riscv64]}}"
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


BINARY = "shop-${{ matrix.target }}"
AT_ONCE = f"{BINARY}, {BINARY}.sig, {BINARY}.pem"


@pytest.mark.parametrize(
    ("built", "signs", "shipped", "expected"),
    [
        (BINARY, BINARY, AT_ONCE, "pass"),
        (BINARY, BINARY, f"{BINARY}*", "pass"),
        (BINARY, BINARY, f"{BINARY}.*, {BINARY}", "pass"),
        (f"{BINARY} && go build -o {BINARY}-admin ./admin", BINARY, AT_ONCE, "pass"),
        (f"{BINARY} && go build -o {BINARY}-admin ./admin", BINARY, f"{BINARY}*", "fail"),
        (f"{BINARY} && go build -o admin-${{{{ matrix.target }}}} ./admin", BINARY, "*-${{ matrix.target }}*", "fail"),
        (BINARY, BINARY, f"{AT_ONCE}, {BINARY}.exe", "fail"),
    ],
)
def test_each_leg_releases_what_it_has_signed_with_what_lies_beside(
    built: str, signs: str, shipped: str, expected: str
) -> None:
    sign = f'cosign sign-blob --yes --output-certificate "{signs}.pem" --output-signature "{signs}.sig" "{signs}"'
    build = script(f"go build -o {built}", sign)
    files = "".join(f"      {each}\n" for each in shipped.split(", "))
    ship = f"- uses: softprops/action-gh-release@v2\n  with:\n    files: |\n{files}"
    repository = repository_of(workflow(release=job(build, ship, strategy=MATRIX)))
    assert judge("build-signed", repository).verdict == expected


@pytest.mark.parametrize(
    ("bundle", "stored", "expected"),
    [
        (f"{NAMED}.sigstore.json", "dist/*", "pass"),
        (f"{NAMED}.sigstore.json", f"|\n        {NAMED}\n        {NAMED}.sigstore.json", "pass"),
        (f"{NAMED}.sigstore.json", f"|\n        {NAMED}\n        {NAMED}.sha256", "fail"),
        ("dist/other.sigstore.json", f"|\n        {NAMED}\n        {NAMED}.sigstore.json", "fail"),
    ],
)
def test_the_bundle_of_each_leg_is_no_other_file(bundle: str, stored: str, expected: str) -> None:
    sign = f'- run: cosign sign-blob --yes --bundle "{bundle}" "{NAMED}"'
    store = (
        f"- uses: actions/upload-artifact@v7\n  with:\n    name: 'bin-${{{{ matrix.target }}}}'\n    path: {stored}\n"
    )
    build = job(BUILD, PACK, sign, store, strategy=MATRIX)
    release = job(LOAD, "- run: gh release create v1 dist/*", needs="build")
    assert judge("build-signed", repository_of(workflow(build=build, release=release))).verdict == expected


@pytest.mark.parametrize(
    ("fetched", "expected"),
    [
        ("v1 --dir dist", "pass"),
        ("v1 --dir dist --pattern '*.tgz'", "pass"),
        ("v1 --dir dist --pattern '*.zip'", "fail"),
        ("v1 --dir dist --repo acme/other", "fail"),
        ("v2 --dir dist", "fail"),
        ("v1 --dir other", "fail"),
    ],
)
def test_what_each_leg_lays_into_a_draft_is_signed_before_that_is_published(fetched: str, expected: str) -> None:
    draft = job("- run: gh release create v1 --draft")
    build = job(BUILD, PACK, f'- run: gh release upload v1 "{NAMED}"', strategy=MATRIX, needs="draft")
    sign = "cd dist && sha256sum * > SUMS && cosign sign-blob --yes --bundle SUMS.sigstore.json SUMS"
    add = "- run: gh release upload v1 dist/SUMS dist/SUMS.sigstore.json && gh release edit v1 --draft=false"
    publish = job(f"- run: gh release download {fetched}", f"- run: {sign}", add, needs="build")
    files = repository_of(workflow(draft=draft, build=build, publish=publish))
    assert judge("build-signed", files).verdict == expected


SOFT = "${{ matrix.target == 'riscv64' }}"
READS = "{contents: read, id-token: write, attestations: write}"


@pytest.mark.parametrize(
    ("order", "permissions", "soft", "expected"),
    [
        ("attest, store", READS, SOFT, "pass"),
        ("attest, store", READS, "true", "pass"),
        ("store, attest", READS, SOFT, "fail"),
        ("attest, store", READS.replace("read", "write"), SOFT, "fail"),  # which may lay it into a draft before
        ("forgiven, store", READS, SOFT, "fail"),
    ],
)
def test_what_a_job_stores_once_it_has_signed_it_is_signed_although_the_job_may_fail(
    order: str, permissions: str, soft: str, expected: str
) -> None:
    attest = f"- uses: actions/attest-build-provenance@v4\n  with: {{subject-path: '{NAMED}'}}"
    parts = {
        "attest": attest,
        "forgiven": f"{attest}\n  continue-on-error: true",
        "store": STORE.replace("WHAT", "dist"),
    }
    steps = [parts[each] for each in order.split(", ")]
    build = job(BUILD, PACK, *steps, strategy=LEGS, permissions=permissions, continue_on_error=soft)
    release = job(LOAD, "- run: gh release create v1 dist/*", needs="build")
    assert judge("build-signed", repository_of(workflow(build=build, release=release))).verdict == expected


OF_LEG = "- uses: actions/download-artifact@v8\n  with: {name: bin-%s}"
ATTEST = "- uses: actions/attest-build-provenance@v4\n  with: {subject-path: '%s'}"
RELEASE = "- uses: softprops/action-gh-release@v2\n  with: {files: '%s'}"
FILES = ("shop-x86_64.tgz", "shop-aarch64.tgz")


def fetched(*legs: str, attest: tuple[str, ...] = (), ship: tuple[str, ...] = (), in_legs: str = "") -> str:
    """What is said of archives that each leg stores under its own name, and that other jobs fetch by such a name."""
    load = [OF_LEG % leg for leg in legs]
    build = job(BUILD, PACK, *([in_legs] if in_legs else []), STORE.replace("WHAT", "dist"), strategy=MATRIX)
    jobs = {"prove": job(*load, *(ATTEST % each for each in attest), needs="build")} if attest else {}
    release = job(*load, *(RELEASE % each for each in ship), needs="[build, prove]" if attest else "build")
    return judge("build-signed", repository_of(workflow(build=build, **jobs, release=release))).verdict


def test_what_a_job_fetches_of_one_leg_by_its_name_is_what_that_leg_has_made() -> None:
    both = ("x86_64", "aarch64")
    assert fetched(*both, attest=(FILES[0], FILES[1]), ship=(FILES[0], FILES[1])) == "pass"
    assert fetched(*both, attest=("*.tgz",), ship=(FILES[0], FILES[1])) == "pass"
    assert fetched(*both, attest=(FILES[0],), ship=(FILES[0], FILES[1])) == "fail"
    assert fetched(*both, attest=(FILES[0],), ship=(FILES[1],)) == "fail"
    assert fetched(*both, attest=(FILES[0],), ship=("*.tgz",)) == "fail"
    assert fetched("riscv64", attest=("*.tgz",), ship=("*.tgz",)) == "unknown"  # no leg is called so
    assert fetched("aarch64", ship=("*.tgz",)) == "fail"


def test_what_each_leg_attests_is_what_is_fetched_of_one() -> None:
    assert fetched("aarch64", in_legs=ATTEST % NAMED, ship=(FILES[1],)) == "pass"
    assert fetched("aarch64", in_legs=ATTEST % "dist/*", ship=("*.tgz",)) == "pass"
    assert fetched("aarch64", in_legs=ATTEST % "dist/other.tgz", ship=("*.tgz",)) == "fail"
    one = ATTEST % "dist/*" + "\n  if: matrix.target == 'aarch64'"
    assert fetched("aarch64", in_legs=one, ship=("*.tgz",)) == "unknown"
    assert fetched("x86_64", in_legs=one, ship=("*.tgz",)) == "unknown"


SCAN, VERIFY = "- run: grype file:%s --fail-on high", "- run: gh attestation verify %s --repo acme/shop"
LIST = "- run: syft file:{0} -o spdx-json={0}.spdx.json && gh release upload v1 {0}.spdx.json"


@pytest.mark.parametrize(
    ("check", "steps"),
    [
        ("vulnerabilities-gated", [SCAN % each for each in FILES]),
        ("sbom-generated", [LIST.format(each) for each in FILES]),
        ("provenance-verified", [(ATTEST + "\n" + VERIFY) % (each, each) for each in FILES]),
    ],
)
def test_what_is_proven_of_one_leg_is_not_of_another(check: str, steps: list[str]) -> None:
    build = job(BUILD, PACK, STORE.replace("WHAT", "dist"), strategy=MATRIX)
    load = [OF_LEG % leg for leg in ("x86_64", "aarch64")]

    def verdict(*some: str) -> str:
        release = job(*load, *some, *(RELEASE % each for each in FILES), needs="build")
        return judge(check, repository_of(workflow(build=build, release=release))).verdict

    assert [verdict(*steps), verdict(steps[0]), verdict(steps[1])] == ["pass", "fail", "fail"]


def test_a_file_that_is_made_after_the_legs_is_not_attested() -> None:
    assert signed(NAMED, "dist/*", "- run: tar -C dist -cf dist/shop-all.tar .") == "fail"


def attested_if(*conditions: str, ship: str = "") -> str:
    """What is said of archives that are attested and released in their legs under conditions."""
    return judged_if(*conditions, ship=ship).verdict


def judged_if(*conditions: str, ship: str = "") -> Outcome:
    """The whole outcome of the same."""
    attest = f'- uses: actions/attest-build-provenance@v4\n  with: {{subject-path: "{NAMED}"}}\n  if: '
    upload = f'- run: gh release upload v1 "{NAMED}"\n' + (f"  if: {ship}\n" if ship else "")
    steps = (BUILD, PACK, *(attest + condition for condition in conditions), upload)
    return judge("build-signed", repository_of(workflow(build=job(*steps, strategy=LEGS))))


def test_a_leg_that_is_not_attested_is_released_all_the_same() -> None:
    only_one = judged_if("matrix.target == 'x86_64'")
    assert only_one.verdict == "fail"
    assert "only if matrix.target == 'x86_64'" in only_one.summary
    assert attested_if("startsWith(matrix.target, 'x') || matrix.target == 'aarch64'") == "fail"
    assert attested_if("contains(matrix.target, '6')") == "pass"


def test_legs_that_differ_in_what_attests_and_releases_are_not_judged_by_one() -> None:
    assert attested_if("matrix.target == 'x86_64'", "matrix.target != 'x86_64'") != "fail"
    assert attested_if("matrix.target == 'x86_64'", ship="matrix.target == 'x86_64'") != "fail"


def test_the_reference_that_a_job_hands_over_is_that_of_its_last_leg() -> None:
    refer = (
        "- id: ref\n  run: echo ref=ghcr.io/acme/${{ matrix.app }}@${{ steps.push.outputs.digest }} >> $GITHUB_OUTPUT"
    )
    push = PUSH.replace("shop", "${{ matrix.app }}")
    build = job(push, refer, strategy="{matrix: {app: [a, b]}}", outputs="{ref: '${{ steps.ref.outputs.ref }}'}")
    sign = "- run: cosign sign --yes ${{ needs.build.outputs.ref }}"
    describe = "- run: syft ${{ needs.build.outputs.ref }} -o spdx-json=b.json"
    attest = "- run: cosign attest --yes --type spdxjson --predicate b.json ${{ needs.build.outputs.ref }}"
    tree = repository_of(workflow(build=build, prove=job(sign, describe, attest, SHIP, needs="build")))
    assert judge("build-signed", tree).verdict == judge("sbom-generated", tree).verdict == "fail"


@pytest.mark.parametrize(
    ("packed", "described", "expected"),
    [("$NAME", "$NAME", "pass"), ("$NAME", "$NAME-docs", "fail"), ("$NAME-docs", "$NAME", "fail")],
)
def test_what_is_packed_is_what_lies_in_a_folder_that_is_called_after_the_leg(
    packed: str, described: str, expected: str
) -> None:
    build = script(
        "go build -o build/${{ matrix.target }}/shop .",
        "mkdir $NAME && cp build/${{ matrix.target }}/shop README.md $NAME/",
        f"tar czf $NAME.tgz {packed}",
        f"syft scan dir:{described} -o cyclonedx-json=$NAME.cdx.json",
        "gh release upload v1 $NAME.tgz $NAME.cdx.json",
    )
    files = repository_of(workflow(build=job(build, strategy=MATRIX, env="{NAME: 'shop-${{ matrix.target }}'}")))
    assert judge("sbom-generated", files).verdict == expected
