"""SBOMs that are none of the released artifact, or of which nobody can know: every one fools a reader of names."""

from __future__ import annotations

import pytest

from releasing import ATTEST, DESCRIBE, PUSH, SHIP, job, released_by, repository_of, script, workflow
from trees import judge

DIGEST = "${{ steps.push.outputs.digest }}"
OTHER = PUSH.replace("id: push", "id: other").replace("acme/shop", "acme/tools")


def verdict(files: dict[str, str | bytes | None]) -> str:
    return judge("sbom-generated", files).verdict


FAILS = {
    "of another image": [PUSH, OTHER, DESCRIBE.replace("push.outputs", "other.outputs"), ATTEST],
    "attested to another image": [PUSH, OTHER, DESCRIBE, ATTEST.replace("push.outputs", "other.outputs")],
    "written over by one of the sources": [PUSH, DESCRIBE, "- run: syft . -o cyclonedx-json > sbom.json", ATTEST],
    "written over by a text": [PUSH, DESCRIBE, "- run: echo '{}' > sbom.json", ATTEST],
    "written over by another file": [
        PUSH,
        DESCRIBE,
        "- run: syft . -o json=other.json && mv other.json sbom.json",
        ATTEST,
    ],
    "deleted": [PUSH, DESCRIBE, "- run: rm sbom.json", ATTEST],
    "downloaded": [PUSH, DESCRIBE, "- run: curl -fsSL -o sbom.json https://example.org/sbom.json", ATTEST],
    "a digest that is looked up again": [
        PUSH,
        "- run: |\n    D=$(crane digest ghcr.io/acme/shop:1.2)\n    syft ghcr.io/acme/shop@$D -o spdx-json=sbom.json",
        ATTEST,
    ],
    "only a comment": [PUSH, "- run: |\n    # syft image -o spdx-json=sbom.json\n    true"],
    "BuildKit is told not to": [PUSH.replace("push: true", "push: true, sbom: false")],
    "BuildKit is told not to in capitals": [PUSH.replace("push: true", "push: true, sbom: 'False'")],
    "attested as something else": [PUSH, DESCRIBE, ATTEST.replace("--type cyclonedx", "--type slsaprovenance")],
    "of one of the files": [
        "- run: |\n    go build -o out/a ./a\n    go build -o out/b ./b",
        "- run: syft out/a -o spdx-json=s.json",
        "- run: gh release create v1 out/* s.json",
    ],
    "without the right to attest": [
        PUSH,
        DESCRIBE,
        "- uses: actions/attest@v4\n  with: {subject-name: ghcr.io/acme/shop, subject-digest: '"
        + DIGEST
        + "', sbom-path: sbom.json}",
    ],
    "a release that is only a draft never gets it": [
        PUSH,
        "- run: syft . -o spdx-json=s.json && gh release create v1 s.json",
    ],
}

PASSES = {
    "renamed": [PUSH, DESCRIBE, "- run: mv sbom.json out.json", ATTEST.replace("sbom.json", "out.json")],
    "copied into a folder": [
        PUSH,
        DESCRIBE,
        "- run: mkdir out && cp sbom.json out/",
        ATTEST.replace("sbom.json", "out/sbom.json"),
    ],
    "through tee": [PUSH, f"- run: syft ghcr.io/acme/shop@{DIGEST} -o spdx-json | tee sbom.json", ATTEST],
    "in another folder": [
        PUSH,
        f"- run: syft ghcr.io/acme/shop@{DIGEST} -o spdx-json=sbom.json\n  working-directory: out",
        ATTEST.replace("sbom.json", "out/sbom.json"),
    ],
    "of the image that this machine has built": [
        "- run: |\n    docker build -t ghcr.io/acme/shop:1 .\n    syft ghcr.io/acme/shop:1 -o spdx-json=sbom.json\n"
        "    docker push ghcr.io/acme/shop:1\n"
        "    REF=$(docker inspect --format='{{index .RepoDigests 0}}' ghcr.io/acme/shop:1)\n"
        "    cosign attest --yes --type spdxjson --predicate sbom.json $REF",
    ],
    "packed with others": [
        PUSH,
        DESCRIBE,
        "- run: tar czf sboms.tar.gz sbom.json && gh release create v1 sboms.tar.gz",
    ],
    "by the options of BuildKit": [PUSH.replace("push: true", "push: true, attests: 'type=sbom'")],
    "only the attestation is under a condition that holds": [
        PUSH,
        DESCRIBE,
        ATTEST.replace("- run", "- if: startsWith(github.ref, 'refs/tags/')\n  run"),
    ],
}

UNKNOWN = {
    "perhaps written over": [PUSH, DESCRIBE, "- if: vars.X == 'y'\n  run: syft . -o json=sbom.json", ATTEST],
    "perhaps made": [
        PUSH,
        "- run: syft . -o json=sbom.json",
        DESCRIBE.replace("- run", "- if: vars.X == 'y'\n  run"),
        ATTEST,
    ],
    "filtered on the way": [PUSH, DESCRIBE, "- run: jq 'del(.files)' sbom.json > t && mv t sbom.json", ATTEST],
    "made by a script": [PUSH, "- run: ./hack/describe.sh", ATTEST],
}


@pytest.mark.parametrize("steps", FAILS.values(), ids=FAILS.keys())
def test_fails_when(steps: list[str], request: pytest.FixtureRequest) -> None:
    lacking = "without the right" in request.node.callspec.id
    files = released_by(*steps, permissions="{packages: write}") if lacking else released_by(*steps)
    assert verdict(files) == "fail"


@pytest.mark.parametrize("steps", PASSES.values(), ids=PASSES.keys())
def test_passes_when(steps: list[str]) -> None:
    assert verdict(released_by(*steps)) == "pass"


@pytest.mark.parametrize("steps", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_is_unknown_when(steps: list[str]) -> None:
    assert verdict(released_by(*steps)) == "unknown"


def test_sbom_action_adds_it_to_a_published_release() -> None:
    step = f"- uses: anchore/sbom-action@v0\n  with: {{image: 'ghcr.io/acme/shop@{DIGEST}'}}"
    assert verdict(released_by(PUSH, step, on="{release: {types: [published]}}")) == "pass"
    assert verdict(released_by(PUSH, step)) == "fail"
    off = step.replace("{image", "{upload-release-assets: false, image")
    assert verdict(released_by(PUSH, off, on="{release: {types: [published]}}")) == "fail"


@pytest.mark.parametrize(
    "download",
    ["{name: sbom, path: in}", "{path: in, merge-multiple: true}", "{pattern: 'sb*', path: in, merge-multiple: true}"],
)
def test_through_artifacts(download: str) -> None:
    build = job(
        PUSH,
        DESCRIBE,
        "- uses: actions/upload-artifact@v7\n  with: {name: sbom, path: sbom.json}",
        outputs=f"{{digest: '{DIGEST}'}}",
    )
    attest = job(
        f"- uses: actions/download-artifact@v8\n  with: {download}",
        ATTEST.replace("steps.push", "needs.build").replace("sbom.json", "in/sbom.json"),
        needs="build",
    )
    assert verdict(repository_of(workflow(build=build, attest=attest))) == "pass"
    elsewhere = attest.replace("in/sbom.json", "in/other.json")
    assert verdict(repository_of(workflow(build=build, attest=elsewhere))) != "pass"


def test_from_another_run_nothing_is_known() -> None:
    fetch = "- uses: actions/download-artifact@v8\n  with: {name: sbom, run-id: '${{ github.event.workflow_run.id }}'}"
    assert verdict(released_by(PUSH, DESCRIBE, fetch, ATTEST)) != "pass"


def test_one_that_is_published_by_a_draft() -> None:
    steps = [PUSH, DESCRIBE, "- run: gh release create v1 --draft sbom.json"]
    assert verdict(released_by(*steps)) == "pass"
    assert verdict(released_by(*steps, SHIP.replace("create", "edit --draft=false"))) == "pass"


BUILT = ["- run: go build -o dist/shop ./cmd/shop", "- run: syft dist/shop -o spdx-json=s.json"]
CREATE, PUBLISH = "- run: gh release create v1 dist/shop", "- run: gh release edit v1 --draft=false"
SOFTPROPS = "- uses: softprops/action-gh-release@v2\n  with: {draft: true, tag_name: sboms, files: s.json}"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([CREATE, "- run: gh release create sboms --draft s.json"], "unknown"),
        ([CREATE, SOFTPROPS], "unknown"),
        ([CREATE, "- run: gh release create sboms --draft && gh release upload sboms s.json"], "unknown"),
        ([CREATE, "- run: gh release create sboms --draft && gh release upload v1 s.json"], "pass"),
        (["- run: gh release create sboms --draft s.json", f"{CREATE} --draft", PUBLISH], "unknown"),
        ([f"{CREATE} s.json --draft", PUBLISH], "pass"),
        ([f"{CREATE} --draft", "- run: gh release upload $GITHUB_REF_NAME s.json", PUBLISH], "pass"),
        ([f"{CREATE} s.json --draft"], "pass"),  # both wait for the same hand
    ],
)
def test_an_sbom_in_the_draft_of_another_release_may_reach_nobody(steps: list[str], expected: str) -> None:
    assert verdict(released_by(*BUILT, *steps)) == expected


def test_an_sbom_in_a_draft_may_reach_nobody_who_has_the_image() -> None:
    steps = [PUSH, DESCRIBE, "- run: gh release create v1 --draft sbom.json"]
    assert verdict(released_by(*steps, "- run: crane tag ghcr.io/acme/shop:1.2 latest")) == "unknown"


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("-R acme/other", "unknown"),
        ("--repo github.com/acme/other", "unknown"),
        ("-R acme/shop", "pass"),
        ('-R "$GITHUB_REPOSITORY"', "pass"),
        ("", "pass"),
    ],
)
def test_an_sbom_in_the_release_of_another_repository_may_be_none_of_the_image(named: str, expected: str) -> None:
    upload = f"- run: gh release upload v1 sbom.json {named}"
    outcome = judge("sbom-generated", released_by(PUSH, DESCRIBE, upload, SHIP))
    assert outcome.verdict == expected
    assert ("a release of acme/other" in (outcome.reason or "")) is (expected == "unknown")
    by_variable = "- run: gh release upload v1 sbom.json\n  env: {GH_REPO: acme/other}"
    assert judge("sbom-generated", released_by(PUSH, DESCRIBE, by_variable, SHIP)).verdict == "unknown"


def test_files_and_their_sbom_in_the_release_of_another_repository_belong_together() -> None:
    build = "- run: go build -o shop . && syft shop -o cyclonedx-json=sbom.json"
    for first, second, expected in (
        ("-R acme/releases", "-R acme/releases", "pass"),
        ("", "-R acme/other", "unknown"),
        ("", "", "pass"),
    ):
        uploads = script(f"gh release upload v1 shop {first}", f"gh release upload v1 sbom.json {second}")
        tree = released_by("- uses: actions/checkout@v5", build, uploads) | {"go.mod": "module shop\n"}
        assert judge("sbom-generated", tree).verdict == expected


@pytest.mark.parametrize(
    "command",
    [
        "git checkout -- sbom.json",
        "git checkout HEAD -- .",
        "git checkout .",
        "git checkout -f",
        "git restore sbom.json",
        "git restore .",
        "git reset --hard",
        "git stash",
    ],
)
def test_git_brings_back_the_sbom_of_the_commit(command: str) -> None:
    tree = released_by("- uses: actions/checkout@v5", PUSH, DESCRIBE, f"- run: {command}", ATTEST, SHIP)
    assert verdict(tree | {"sbom.json": "{}", "README.md": ""}) == "fail"
    assert verdict(tree | {"README.md": ""}) == ("pass" if "sbom.json" not in command else verdict(tree))


@pytest.mark.parametrize(
    "command", ["git checkout -- README.md", "git restore --staged .", "git reset", "git stash pop"]
)
def test_git_leaves_an_sbom_alone_that_is_not_meant(command: str) -> None:
    tree = released_by("- uses: actions/checkout@v5", PUSH, DESCRIBE, f"- run: {command}", ATTEST, SHIP)
    assert verdict(tree | {"sbom.json": "{}", "README.md": ""}) == verdict(tree | {"README.md": ""})


@pytest.mark.parametrize(("given", "expected"), [("{}", "fail"), ("{clean: false}", "fail"), ("{path: x}", "pass")])
def test_a_second_checkout_brings_back_the_sbom_of_the_commit(given: str, expected: str) -> None:
    first, again = "- uses: actions/checkout@v5", f"- uses: actions/checkout@v5\n  with: {given}"
    tree = released_by(first, PUSH, DESCRIBE, again, ATTEST, SHIP)
    assert verdict(tree | {"sbom.json": "{}"}) == expected


SYFT = "syft ghcr.io/acme/shop@${{ steps.push.outputs.digest }} -o cyclonedx-json=sbom.json"
FORGIVEN = f"- run: {SYFT}\n  continue-on-error: true"
STAND_IN = "- run: echo '{}' > sbom.json"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([STAND_IN, f"- run: {SYFT} || true"], "unknown"),
        ([STAND_IN, FORGIVEN], "unknown"),
        ([STAND_IN, script("set +e", SYFT, "true")], "unknown"),
        ([STAND_IN, f"- run: {SYFT}"], "pass"),
        ([f"- run: {SYFT} || true"], "pass"),  # without a file nothing is attested, and that fails
        ([DESCRIBE, f"- run: {SYFT} || true"], "pass"),
        (["- run: syft . -o cyclonedx-json=sbom.json", FORGIVEN], "unknown"),
        ([f"- run: {SYFT} -o spdx-json=other.json", STAND_IN, FORGIVEN], "unknown"),
    ],
)
def test_what_fails_unnoticed_leaves_what_stood_there_before(steps: list[str], expected: str) -> None:
    assert verdict(released_by(PUSH, *steps, ATTEST, SHIP)) == expected


def test_what_fails_unnoticed_leaves_the_sbom_of_the_commit() -> None:
    tree = released_by("- uses: actions/checkout@v5", PUSH, FORGIVEN, ATTEST, SHIP)
    assert (verdict(tree), verdict(tree | {"sbom.json": "{}"})) == ("pass", "unknown")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("echo '{}' | tee sbom.json", "fail"),
        ("yq -i 'del(.components)' sbom.json", "unknown"),
        ("yq '.components' sbom.json", "pass"),
        ("rsync -a --delete src/ ./", "unknown"),
        ("rsync -a --delete src/ out/", "pass"),
    ],
)
def test_programs_write_over_an_sbom(line: str, expected: str) -> None:
    assert verdict(released_by(PUSH, DESCRIBE, f"- run: {line}", ATTEST, SHIP)) == expected


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (["- run: syft . -o cyclonedx-json=other.json", ATTEST.replace("sbom.json", "other.json")], "unknown"),
        (["- run: echo '{}' > other.json", ATTEST.replace("sbom.json", "other.json")], "unknown"),
        ([ATTEST], "pass"),
        ([ATTEST.replace("cyclonedx", "vuln")], "pass"),
    ],
)
def test_an_attestation_may_be_replaced(second: list[str], expected: str) -> None:
    steps = [each.replace("--yes", "--yes --replace") for each in second]
    assert verdict(released_by(PUSH, DESCRIBE, ATTEST, *steps, SHIP)) == expected
    assert verdict(released_by(PUSH, DESCRIBE, ATTEST, *second, SHIP)) == "pass"


def test_cdxgen_looks_into_an_image_where_it_is_told_to() -> None:
    for kind, expected in (" -t docker", "pass"), (" -t go", "fail"), ("", "fail"):
        step = f"- run: cdxgen{kind} -o sbom.json ghcr.io/acme/shop@{DIGEST}"
        assert verdict(released_by(PUSH, step, ATTEST, SHIP)) == expected


IMAGE = f'"ghcr.io/acme/shop@{DIGEST}"'
LISTERS = {
    "syft": DESCRIBE,
    "syft of one": DESCRIBE.replace("syft ", "syft --platform linux/amd64 "),
    "syft attest": f"- run: syft attest --platform linux/arm64 -o cyclonedx-json {IMAGE}",
    "trivy": f"- run: trivy image --format cyclonedx --output sbom.json {IMAGE}",
    "docker scout": f"- run: docker scout sbom --format spdx --output sbom.json {IMAGE}",
    "cdxgen": f"- run: cdxgen -t docker -o sbom.json {IMAGE}",
    "an action": f"- uses: anchore/sbom-action@v0\n  with: {{image: {IMAGE}, output-file: sbom.json}}",
}


@pytest.mark.parametrize(
    ("platforms", "expected"),
    [("'linux/amd64,linux/arm64'", "unknown"), ('"linux/amd64\\nlinux/arm64"', "unknown"), ("linux/amd64", "pass")],
)
@pytest.mark.parametrize("lister", LISTERS)
def test_of_an_image_for_several_platforms_one_is_described(lister: str, platforms: str, expected: str) -> None:
    built = PUSH.replace("push: true", f"push: true, platforms: {platforms}")
    attested = [] if lister == "syft attest" else [ATTEST]
    assert verdict(released_by(built, LISTERS[lister], *attested, SHIP)) == expected


@pytest.mark.parametrize(
    "steps",
    [
        [PUSH.replace("push: true", "push: true, sbom: true, platforms: 'linux/amd64,linux/arm64'")],
        [
            PUSH.replace("push: true", "push: true, platforms: 'linux/amd64,linux/arm64'"),
            f"- run: bom generate --image {IMAGE} -o sbom.json",
            ATTEST,
        ],
    ],
)
def test_what_describes_each_platform_describes_the_image(steps: list[str]) -> None:
    assert verdict(released_by(*steps, SHIP)) == "pass"


PART = """
- uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a
  id: {}
  with: {{platforms: linux/{}, outputs: "type=image,name=ghcr.io/acme/shop,push-by-digest=true,push=true"}}
"""
CLI = "docker buildx build --push {} --metadata-file m.json -t ghcr.io/acme/shop:1.2 ."
INDEX = "docker buildx imagetools create --metadata-file m.json -t ghcr.io/acme/shop:1.2 " + " ".join(
    f"ghcr.io/acme/shop@${{{{ steps.{arch}.outputs.digest }}}}" for arch in ("amd64", "arm64")
)
LISTED = (
    "D=$(jq -r '.\"containerimage.digest\"' m.json)",
    "syft ghcr.io/acme/shop@$D -o cyclonedx-json=sbom.json",
    "cosign attest --yes --type cyclonedx --predicate sbom.json ghcr.io/acme/shop@$D",
)


@pytest.mark.parametrize(
    ("built", "expected"),
    [
        ([script(CLI.format("--platform linux/amd64,linux/arm64"), *LISTED)], "unknown"),
        ([script(CLI.format("--platform linux/amd64 --platform linux/arm64"), *LISTED)], "unknown"),
        ([script(CLI.format("--platform linux/amd64"), *LISTED)], "pass"),
        ([PART.format("amd64", "amd64"), PART.format("arm64", "arm64"), script(INDEX, *LISTED)], "unknown"),
    ],
)
def test_images_for_several_platforms_are_built_in_many_ways(built: list[str], expected: str) -> None:
    assert verdict(released_by(*built, SHIP)) == expected


@pytest.mark.parametrize(
    ("platforms", "expected"), [('"linux/amd64", "linux/arm64"', "unknown"), ('"linux/amd64"', "pass")]
)
def test_bake_names_platforms_in_its_file(platforms: str, expected: str) -> None:
    bake = "- uses: docker/bake-action@v6\n  id: bake\n  with: {push: true, targets: shop}"
    image = "ghcr.io/acme/shop@${{ fromJSON(steps.bake.outputs.metadata).shop['containerimage.digest'] }}"
    steps = [each.replace(IMAGE, f'"{image}"') for each in (DESCRIBE, ATTEST)]
    target = f'target "shop" {{\n  tags = ["ghcr.io/acme/shop:1.2"]\n  platforms = [{platforms}]\n}}\n'
    checkout = "- uses: actions/checkout@v5"
    assert verdict(released_by(checkout, bake, *steps, SHIP) | {"docker-bake.hcl": target}) == expected
