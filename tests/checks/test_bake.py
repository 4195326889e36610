"""Images by the targets of a bake file: which are signed by their digest, and which only look like it."""

from __future__ import annotations

import pytest

from releasing import job, repository_of, workflow
from trees import judge

HCL = """
// how images are built
variable "REGISTRY" { default = "ghcr.io/acme" }
variable "TAG" {
  default = "dev"
  validation { condition = TAG != "" }
}
group "default" { targets = ["shop"] }
target "base" {
  context = "."
  attest  = ["type=provenance,mode=max", "type=sbom"]
}
target "shop" {
  inherits = ["base"]
  tags     = ["${REGISTRY}/shop:${TAG}", equal(TAG, "dev") ? "" : "${REGISTRY}/shop:latest"]
  labels   = { version = upper("${TAG}") }
}
target "tools" { tags = ["${REGISTRY}/tools:${TAG}"] }
"""
JSON = '{"target": {"shop": {"tags": ["ghcr.io/acme/shop:1"]}, "tools": {"tags": ["ghcr.io/acme/tools:1"]}}}'
BAKE = "- id: bake\n  uses: docker/bake-action@v7\n  with: {push: true%s}\n  env: {TAG: '1'}"
DIGEST = "${{ fromJSON(steps.bake.outputs.metadata)%s['containerimage.digest'] }}"
SIGN = "- run: cosign sign --yes ghcr.io/acme/shop@" + DIGEST % "['shop']"
SHIP = "- run: gh release create v1"


def both(*steps: str, **files: str) -> tuple[str, str]:
    given = files or {"docker-bake.hcl": HCL}
    tree = repository_of(workflow(release=job(*steps)), **given)
    return judge("build-signed", tree).verdict, judge("sbom-generated", tree).verdict


def test_a_target_is_signed_by_the_digest_in_the_metadata() -> None:
    assert both(BAKE % "", SIGN, SHIP) == ("pass", "pass")
    assert both(BAKE % "", SHIP) == ("fail", "pass")
    assert both(BAKE % "", SIGN.replace("['shop']", ".shop"), SHIP)[0] == "pass"
    assert both(BAKE % "", SIGN.replace("['shop']", "['tools']"), SHIP)[0] == "fail"
    assert both(BAKE % "", "- run: cosign sign --yes ghcr.io/acme/shop:1", SHIP)[0] == "fail"
    assert both((BAKE % "").replace("push: true", "load: true"), SIGN)[0] == "fail"  # nothing is released


STAGES = "FROM golang AS unit\nRUN <<E\nset -e\n%s\nE\nFROM scratch AS seen\nCOPY --from=unit /x /\nFROM alpine\n"


@pytest.mark.parametrize(
    ("target", "command", "expected"),
    [
        ('target = "unit"', "go test ./...", "pass"),
        ('target = "seen"\n  output = ["./bin"]', "go test ./...", "pass"),
        ('target = "unit"\n  output = ["type=cacheonly"]', "go test ./... || true", "unknown"),
        ('target = "unit"', "./run-all", "unknown"),
        ("", "go test ./...", "unknown"),  # the last stage needs neither of the others
        ('target = "unit"\n  dockerfile = "other"', "go test ./...", "unknown"),
    ],
)
def test_a_target_that_tests_and_is_no_image(target: str, command: str, expected: str) -> None:
    bake = f'target "test" {{\n  {target}\n}}\ntarget "shop" {{ tags = ["acme/shop"] }}\n'
    test = job("- uses: actions/checkout@v6", "- uses: docker/bake-action@v7\n  with: {source: ., targets: test}")
    tree = repository_of(workflow(test=test, release=job(SHIP, needs="test")))
    files = {"docker-bake.hcl": bake, "Dockerfile": STAGES % command}
    assert judge("tests-gate-release", tree | files).verdict == expected
    other = files | {"docker-bake.hcl": bake.replace('"test"', '"look"')}
    assert judge("tests-gate-release", tree | other).verdict == "unknown"  # there is no such target


def test_a_target_that_neither_tests_nor_is_called_so() -> None:
    bake = 'target "look" { target = "seen" }\n'
    look = job("- uses: docker/bake-action@v7\n  with: {source: ., targets: look}")
    tree = repository_of(workflow(look=look, release=job(SHIP, needs="look")))
    files = {"docker-bake.hcl": bake, "Dockerfile": STAGES % "go vet ./..."}
    assert judge("tests-gate-release", tree | files).verdict == "fail"


def test_an_sbom_may_be_turned_off() -> None:
    off = "type=sbom,disabled=true"
    assert both(BAKE % ", sbom: false", SIGN, SHIP)[1] == "fail"
    assert both(BAKE % f", set: '*.attest={off}'", SIGN, SHIP)[1] == "fail"
    assert both(BAKE % "", SIGN, SHIP, **{"docker-bake.hcl": HCL.replace('"type=sbom"', f'"{off}"')})[1] == "fail"
    assert both(BAKE % f", sbom: true, set: '*.attest={off}'", SIGN, SHIP)[1] == "pass"
    assert both(BAKE % ", set: '*.attest=type=provenance,mode=min'", SIGN, SHIP)[1] == "pass"
    by_keys = HCL.replace('"type=provenance,mode=max", "type=sbom"', '{ type = "sbom" }')
    assert both(BAKE % "", SIGN, SHIP, **{"docker-bake.hcl": by_keys})[1] == "pass"


def test_every_target_counts() -> None:
    targets = BAKE % ", targets: 'shop,tools'"
    tools = SIGN.replace("shop", "tools")
    assert both(targets, SIGN, SHIP)[0] == "fail"
    assert both(targets, SIGN, tools, SHIP)[0] == "pass"
    assert both(targets, SIGN, tools, SHIP)[1] == "fail"  # the tools have no SBOM
    swapped = SIGN.replace("acme/shop", "acme/tools")
    assert both(targets, swapped, tools.replace("acme/tools", "acme/shop"), SHIP)[0] == "fail"


def test_the_command_does_what_the_action_does() -> None:
    bake = "docker buildx bake --push --metadata-file meta.json%s"
    read = (
        "DIGEST=$(jq -r '.shop.\"containerimage.digest\"' meta.json)\n    cosign sign --yes ghcr.io/acme/shop@$DIGEST"
    )
    script = f"- run: |\n    {bake % ''}\n    {read}"
    assert both(script, SHIP)[0] == "pass"
    assert both(script.replace("--push", "--load"), SHIP)[0] != "pass"
    assert both(f"- run: |\n    {bake % ' shop tools'}\n    {read}", SHIP)[0] != "pass"


def test_what_a_script_reads_from_the_metadata() -> None:
    read = 'DIGEST=$(echo "$META" | jq -r \'.shop."containerimage.digest"\')'
    sign = "cosign sign --yes ghcr.io/acme/shop@$DIGEST"
    step = f"- run: |\n    {read}\n    {sign}\n  env: {{META: '${{{{ steps.bake.outputs.metadata }}}}'}}"
    assert both(BAKE % "", step, SHIP)[0] == "pass"


META = "  env: {META: '${{ steps.bake.outputs.metadata }}'}\n"
READ_EACH = {
    "a here-string": ('jq -r \'.NAME."containerimage.digest"\' <<<"$META"', META),
    "a pipe": ('echo "$META" | jq -re \'.NAME["containerimage.digest"]\'', META),
    "by yq": ('yq -r \'.NAME."containerimage.digest"\' <<<"$META"', META),
    "a file": ('jq -r \'.["NAME"]."containerimage.digest"\' meta.json', ""),
    "by an argument": ("jq -er --arg t NAME '.[$t][\"containerimage.digest\"]' meta.json", ""),
    "by an argument behind": ("jq -r '.[$of].\"containerimage.digest\"' --arg t shop --arg of NAME meta.json", ""),
}


@pytest.mark.parametrize(("read", "env"), READ_EACH.values(), ids=READ_EACH.keys())
def test_each_target_is_signed_by_the_digest_that_the_metadata_has_of_it(read: str, env: str) -> None:
    def signed(*names: tuple[str, str]) -> str:
        lines = "".join(
            f"    cosign sign --yes ghcr.io/acme/{name}@$({read.replace('NAME', of)})\n" for name, of in names
        )
        bake = BAKE % ", targets: 'shop,tools'"
        if not env:
            bake = "- run: docker buildx bake --push --metadata-file meta.json shop tools\n"
        return both(bake, f"- run: |\n{lines}{env}", SHIP)[0]

    assert signed(("shop", "shop"), ("tools", "tools")) == "pass"
    assert signed(("shop", "shop")) == "fail"
    assert signed(("shop", "tools"), ("tools", "shop")) == "fail"
    assert signed(("shop", "other"), ("tools", "tools")) != "pass"


@pytest.mark.parametrize(("asked", "expected"), [(".[$t]", "pass"), (".shop", "fail"), (".[$other]", "unknown")])
def test_a_loop_signs_each_target_by_the_digest_that_it_asks_for(asked: str, expected: str) -> None:
    read = f'jq -er --arg t "$t" \'{asked}["containerimage.digest"]\' meta.json'
    loop = f"for t in shop tools; do D=$({read}); cosign sign --yes ghcr.io/acme/$t@$D; done"
    bake = "docker buildx bake --push --metadata-file meta.json shop tools"
    assert both(f"- run: |\n    {bake}\n    {loop}\n", SHIP)[0] == expected


def test_settings_change_targets() -> None:
    assert both(BAKE % ", set: '*.output=type=registry'", SIGN, SHIP)[0] == "pass"
    assert both(BAKE % ", set: 'shop.tags=ghcr.io/acme/other:1'", SIGN, SHIP)[0] == "fail"
    assert both(BAKE % ", sbom: true, targets: tools", SHIP)[1] == "pass"


def test_names_by_metadata_action() -> None:
    meta = "- id: meta\n  uses: docker/metadata-action@v6\n  with: {images: ghcr.io/acme/shop}"
    hcl = 'target "docker-metadata-action" {}\ntarget "default" { inherits = ["docker-metadata-action"] }\n'
    bake = BAKE % ", files: './docker-bake.hcl,cwd://${{ steps.meta.outputs.bake-file }}'"
    sign = SIGN.replace("['shop']", "['default']")
    assert both(meta, bake, sign, SHIP, **{"docker-bake.hcl": hcl})[0] == "pass"
    assert both(meta, bake, sign.replace("shop", "other"), SHIP, **{"docker-bake.hcl": hcl})[0] == "fail"


def test_json_and_files_over_files() -> None:
    files = {"docker-bake.json": JSON, "docker-bake.override.json": '{"group": {"default": {"targets": ["shop"]}}}'}
    assert both(BAKE % "", SIGN, SHIP, **files)[0] == "pass"
    assert both(BAKE % ", targets: shop", SIGN, SHIP, **{"docker-bake.json": JSON})[0] == "pass"


UNKNOWN = {
    "no file": {"README.md": "# Shop\n"},
    "a compose file": {"compose.yaml": "services: {}\n"},
    "a matrix": {"docker-bake.hcl": 'target "default" { matrix = { a = ["b"] } }\n'},
    "names that are worked out": {"docker-bake.hcl": 'target "default" { tags = concat(["a"], ["b"]) }\n'},
    "no such target": {"docker-bake.hcl": 'group "default" { targets = ["other"] }\n'},
    "a document in it": {"docker-bake.hcl": 'target "default" { dockerfile-inline = <<EOT\nFROM x\nEOT\n}\n'},
    "no JSON": {"docker-bake.json": "{"},
    "a list without an end": {"docker-bake.hcl": 'group "default" { targets = ["a"\n'},
    "nested without end": {"docker-bake.hcl": "a = " + "[" * 5000},
}


@pytest.mark.parametrize("files", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_is_unknown(files: dict[str, str]) -> None:
    assert both(BAKE % "", SIGN, SHIP, **files)[0] == "unknown"


def test_a_file_that_is_written_in_the_run_is_unknown() -> None:
    assert both("- run: sed -i s/shop/tools/ docker-bake.hcl", BAKE % "", SIGN, SHIP)[0] == "unknown"
    assert both("- run: sed -i s/shop/tools/ README.md", BAKE % "", SIGN, SHIP)[0] == "pass"


def test_a_target_of_each_leg_is_named_as_it_is_written() -> None:
    bake = (BAKE % ", targets: '${{ matrix.target }}'", SIGN, SHIP)
    steps = workflow(release=job(*bake, strategy="{matrix: {target: [shop, tools]}}"))
    outcome = judge("build-signed", repository_of(steps, **{"docker-bake.hcl": HCL}))
    assert (outcome.verdict, "which target ${{ matrix.target }} is" in (outcome.reason or "")) == ("unknown", True)
