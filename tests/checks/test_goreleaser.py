"""Releases by GoReleaser: what its configuration signs, describes and publishes, and what only looks like it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from releasing import job, repository_of, workflow
from trees import judge

BUILDS = """
    version: 2
    builds:
      - main: ./cmd/shop
    """
SIGN_LIST = """
    signs:
      - cmd: cosign
        signature: "${artifact}.sigstore.json"
        args: [sign-blob, "--bundle=${signature}", "${artifact}", --yes]
        artifacts: checksum
    """
SBOMS = """
    sboms:
      - artifacts: archive
    """
IMAGES = """
    dockers:
      - image_templates: ["ghcr.io/acme/shop:{{ .Version }}-amd64"]
        use: buildx
      - image_templates: ["ghcr.io/acme/shop:{{ .Version }}-arm64"]
        use: buildx
        goarch: arm64
    docker_manifests:
      - name_template: ghcr.io/acme/shop:{{ .Version }}
        image_templates: ["ghcr.io/acme/shop:{{ .Version }}-amd64", "ghcr.io/acme/shop:{{ .Version }}-arm64"]
    """
ONE_IMAGE = """
    dockers:
      - image_templates: ["ghcr.io/acme/shop:{{ .Version }}", "ghcr.io/acme/shop:latest"]
    """
V2 = """
    dockers_v2:
      - images: [ghcr.io/acme/shop]
        tags: ["v{{ .Version }}", latest]
    """
SIGN_IMAGES = """
    docker_signs:
      - artifacts: manifests
        args: [sign, "${artifact}@${digest}", --yes]
    """
SIGN_V2 = SIGN_IMAGES.replace("artifacts: manifests", "cmd: cosign")
IMAGES_ONLY = "\n    release:\n      disable: true\n    archives:\n      - formats: [none]\n"
ACTION = """
    - uses: actions/checkout@v7
    - uses: goreleaser/goreleaser-action@v7
      with: {version: "~> v2", args: %s}
      env: {GITHUB_TOKEN: "${{ secrets.GITHUB_TOKEN }}"}
    """
RELEASE = ACTION % "release --clean"


def also(part: str, line: str) -> str:
    """A part of the configuration with one more line in its last entry."""
    return f"{part.rstrip()}\n        {line}\n"


def configured(
    *parts: str, step: str = RELEASE, path: str = ".goreleaser.yaml", **more: str
) -> dict[str, str | bytes | None]:
    files = repository_of(workflow(release=job(step, **more)))
    return {**files, path: "".join(dedent(part) for part in (BUILDS, *parts))}


def both(*parts: str, step: str = RELEASE, **more: str) -> tuple[str, str]:
    files = configured(*parts, step=step, **more)
    return judge("build-signed", files).verdict, judge("sbom-generated", files).verdict


PROVEN = {
    "a signed list of digests, and SBOMs in the release": [SIGN_LIST, SBOMS],
    "every file by itself": [SIGN_LIST.replace("checksum", "all"), SBOMS],
    "archives are all there is": [SIGN_LIST.replace("checksum", "archive"), SBOMS],
    "the archive of the sources is in the list, too": [SIGN_LIST, SBOMS, "source: {enabled: true}\n"],
    "every file by itself, that of the sources, too": [
        SIGN_LIST.replace("checksum", "all"), SBOMS, "source: {enabled: true}\n",
    ],
    "with a key instead of an identity": [SIGN_LIST.replace("--yes", "--key=env://COSIGN_KEY"), SBOMS],
    "packages are in the list, too, and hold the same binaries": [
        SIGN_LIST, SBOMS, "nfpms:\n  - formats: [deb, rpm]\n",
    ],
    "binaries that are published as they are": [
        SIGN_LIST.replace("checksum", "binary"), SBOMS.replace("archive", "binary"),
        "archives:\n  - formats: [binary]\n",
    ],
    "another program that describes": [
        SIGN_LIST, 'sboms:\n  - cmd: cdxgen\n    args: ["-o", "$document", "$artifact"]\n',
    ],
    "the old name of the artifact": [SIGN_LIST.replace('"${artifact}",', '"{{ .Env.artifact }}",'), SBOMS],
    "the format of version 1": [SIGN_LIST, SBOMS, "archives:\n  - format: zip\n    replacements: {}\n"],
    "images of dockers_v2, whose SBOM is attested by default": [V2, SIGN_V2, SIGN_LIST],
    "images alone": [V2, SIGN_V2, IMAGES_ONLY],
    "images by ko": [
        IMAGES_ONLY, SIGN_IMAGES,
        "kos:\n  - repositories: [ghcr.io/acme/shop]\n    bare: true\n    tags: ['{{ .Tag }}']\n",
    ],
}  # fmt: skip

UNSIGNED = {
    "nothing signs": [SBOMS],
    "GPG is no build signature": ["signs:\n  - artifacts: checksum\n"],
    "GPG under its own name": ["signs:\n  - artifacts: all\n    cmd: gpg2\n    args: ['-u', KEY, '${artifact}']\n"],
    "signs nothing by default": ["signs:\n  - cmd: cosign\n    args: [sign-blob, '${artifact}', --yes]\n"],
    "leaves the signature in the log": [SIGN_LIST.replace('"--bundle=${signature}", ', "")],
    "signs only the SBOMs": [SBOMS, SIGN_LIST.replace("checksum", "sbom")],
    "signs the archives, not the packages": [SIGN_LIST.replace("checksum", "archive"), "nfpms:\n  - formats: [deb]\n"],
    "signs the source archive": [SIGN_LIST.replace("checksum", "source"), "source: {enabled: true}\n"],
    "signs the archives, not that of the sources": [
        SIGN_LIST.replace("checksum", "archive"), "source: {enabled: true}\n",
    ],
    "signs a list that is turned off": [SIGN_LIST, "checksum: {disable: true}\n"],
    "signs a list that leaves out the packages": [
        SIGN_LIST, "checksum: {ids: [default]}\nnfpms:\n  - id: packages\n    formats: [deb]\n",
    ],
    "signs the entries of another archive": [
        SIGN_LIST.replace("artifacts: checksum", "artifacts: archive\n        ids: [tools]"),
        "archives:\n  - id: shop\n  - id: tools\n    formats: [zip]\n",
    ],
    "signs the binaries in the archives": [SIGN_LIST.replace("signs:", "binary_signs:").replace("checksum", "binary")],
    "signs a file of its own": [SIGN_LIST.replace('"${artifact}"', "README.md")],
    "images without docker_signs": [V2, SIGN_LIST],
    "images, but not the files": [V2, SIGN_V2],
    "docker_signs of nothing": [ONE_IMAGE, SIGN_LIST, SIGN_IMAGES.replace("manifests", "none")],
    "docker_signs of manifests, of which there are none": [ONE_IMAGE, SIGN_LIST, SIGN_IMAGES],
    "docker_signs of the parts of a manifest": [IMAGES, SIGN_LIST, SIGN_IMAGES.replace("manifests", "images")],
    "docker_signs of a tag": [IMAGES, SIGN_LIST, SIGN_IMAGES.replace("@${digest}", "")],
    "docker_signs of another entry": [
        V2.replace("- images", "- id: shop\n        images"), SIGN_LIST, also(SIGN_V2, "ids: [tools]"),
    ],
    "a signature by a log of the job's own": [
        V2, SIGN_LIST, SIGN_V2.replace("--yes", "--yes, --rekor-url=http://localhost:3000"),
    ],
    "a signature that stays on the machine": [V2, SIGN_LIST, SIGN_V2.replace("--yes", "--upload=false")],
    "extra files that nothing here lists": [SIGN_LIST, "release:\n  extra_files: [{glob: ./out/tools.exe}]\n"],
}  # fmt: skip

UNKNOWN = {
    "a script signs": [SIGN_LIST.replace("cmd: cosign", "cmd: ./hack/sign.sh")],
    "a shell signs": ["signs:\n  - cmd: sh\n    args: [-c, 'cosign sign-blob ${artifact}']\n    artifacts: all\n"],
    "an expression of the other edition decides": [also(SIGN_LIST, "if: '{{ eq .Os \"linux\" }}'")],
    "a key of the other edition": [SIGN_LIST, "includes:\n  - from_file: {path: ./common.yaml}\n"],
    "an option that nobody knows": [SIGN_LIST.replace("--yes", "--no-such-option")],
    "a hook that nobody follows": [SIGN_LIST, "before:\n  hooks: [./hack/publish.sh]\n"],
    "no YAML": [SIGN_LIST, "signs: [\n"],
    "another key of that name": [SIGN_LIST, "signs: []\n"],
}  # fmt: skip


@pytest.mark.parametrize("parts", PROVEN.values(), ids=PROVEN.keys())
def test_passes_when(parts: list[str]) -> None:
    assert both(*parts) == ("pass", "pass")


@pytest.mark.parametrize("parts", UNSIGNED.values(), ids=UNSIGNED.keys())
def test_is_unsigned_when(parts: list[str]) -> None:
    assert both(*parts)[0] == "fail"


@pytest.mark.parametrize("parts", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_is_unknown_when(parts: list[str]) -> None:
    assert both(*parts)[0] == "unknown"


UNDESCRIBED = {
    "nothing describes": [],
    "an SBOM of the sources": [SBOMS.replace("archive", "source"), "source: {enabled: true}\n"],
    "an SBOM of packages that nobody makes": [SBOMS.replace("archive", "package")],
    "turned off": [also(SBOMS, "disable: true")],
    "of the archives, not of the image": [SBOMS, ONE_IMAGE],
    "of another build than the packages hold": [
        SBOMS,
        "archives:\n  - ids: [shop]\nnfpms:\n  - ids: [tools]\n    formats: [deb]\n",
    ],
    "images without theirs": [also(V2, "sbom: false")],
}


@pytest.mark.parametrize("parts", UNDESCRIBED.values(), ids=UNDESCRIBED.keys())
def test_is_undescribed_when(parts: list[str]) -> None:
    assert both(SIGN_LIST, *parts)[1] == "fail"


def test_what_a_program_describes_by_its_arguments_is_unknown() -> None:
    sboms = "sboms:\n  - artifacts: any\n    cmd: cyclonedx-gomod\n    args: [mod, -output, '$document']\n"
    assert both(SIGN_LIST, sboms)[1] == "unknown"
    assert both(SIGN_LIST, sboms, V2)[1] == "pass"
    assert both(SIGN_LIST, sboms, also(V2, "sbom: false"))[1] == "fail"
    assert both(SIGN_LIST, sboms, ONE_IMAGE)[1] == "fail"


def test_extra_files_are_signed_when_the_list_has_them_too() -> None:
    extra = "release:\n  extra_files: [{glob: install.sh}]\nchecksum:\n  extra_files: [{glob: install.sh}]\n"
    assert both(SIGN_LIST, SBOMS, extra)[0] == "pass"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("dist/shop_${{ fromJSON(steps.release.outputs.metadata).version }}_SHA256SUMS", "pass"),
        ("dist/*_SHA256SUMS", "pass"),
        ("dist/shop_${{ fromJSON(steps.release.outputs.metadata).version }}_checksums.txt", "unsigned"),
        ("other/shop_${{ fromJSON(steps.release.outputs.metadata).version }}_SHA256SUMS", "unsigned"),
    ],
)
def test_the_list_of_a_draft_is_attested_by_the_name_that_a_run_gives_it(subject: str, expected: str) -> None:
    extra = "[{glob: terraform-registry-manifest.json}]"
    parts = (
        f"release: {{draft: true, extra_files: {extra}}}\n",
        f'checksum: {{name_template: "{{{{ .ProjectName }}}}_{{{{ .Version }}}}_SHA256SUMS", extra_files: {extra}}}\n',
    )
    attest = f"- uses: actions/attest-build-provenance@v4\n  with: {{subject-checksums: '{subject}'}}\n"
    verify = '- run: for each in dist/*.tar.gz; do gh attestation verify "$each" --repo acme/shop; done\n'
    step = dedent(RELEASE).replace("  with:", "  id: release\n  with:", 1) + attest + verify
    files = configured(*parts, step=f"{step}- run: gh release edit v1 --draft=false\n")
    files |= {"terraform-registry-manifest.json": "{}"}
    signed = judge("build-signed", files).verdict
    assert (signed == "pass") == (expected == "pass")
    assert judge("provenance-verified", files).verdict == "pass"


def test_a_manifest_stands_for_its_parts() -> None:
    assert both(IMAGES, SIGN_IMAGES, IMAGES_ONLY) == ("pass", "fail")
    assert both(IMAGES, SIGN_IMAGES, SIGN_LIST)[0] == "pass"
    assert both(ONE_IMAGE, SIGN_IMAGES.replace("manifests", "all"), IMAGES_ONLY)[0] == "pass"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("release", "pass"),
        ("''", "pass"),
        ("release --clean --timeout 60m", "pass"),
        ("release --release-notes ../notes.md", "pass"),
        ("--clean", "pass"),
        ("release --skip=validate", "pass"),
        ("release --skip=sign", "fail"),
        ('"release --skip sbom,sign"', "fail"),
        ("release --skip-sign", "fail"),
        ('"release ${{ vars.OPTIONS }}"', "unknown"),
        ('"release --skip=${{ vars.SKIP }}"', "unknown"),
        ("release --split", "unknown"),
        ("release --config other.yaml", "unknown"),
        ("publish", "unknown"),
    ],
)
def test_arguments(arguments: str, expected: str) -> None:
    assert both(SIGN_LIST, SBOMS, step=ACTION % arguments)[0] == expected


def test_a_snapshot_is_no_release() -> None:
    for arguments in ("release --snapshot --clean", "release --skip=publish", "build", "check"):
        outcome = judge("build-signed", configured(SIGN_LIST, SBOMS, step=ACTION % arguments))
        assert (outcome.verdict, outcome.summary) == ("fail", "nothing here releases it, so nothing is signed")


def test_what_is_left_in_dist_may_be_released_later() -> None:
    for files in ("dist/*.tar.gz dist/*checksums*", "dist/*"):
        publish = f'\n- run: gh release create "$GITHUB_REF_NAME" {files}\n'
        step = dedent(ACTION % "release --skip=publish") + publish
        assert both(SIGN_LIST, SBOMS, step=step)[0] == "pass"
        assert both(SBOMS, step=step)[0] == "fail"


def test_options_that_a_step_before_gives_on_other_events_only() -> None:
    step = (
        "\n- if: ${{ !startsWith(github.ref, 'refs/tags/v') }}\n  run: echo 'flags=--snapshot' >> $GITHUB_ENV\n"
        + dedent(ACTION % '"release --clean ${{ env.flags }}"')
    )
    assert both(SIGN_LIST, SBOMS, step=step) == ("pass", "pass")


def test_identities_need_a_permission() -> None:
    outcome = judge("build-signed", configured(SIGN_LIST, permissions="{contents: write}"))
    assert outcome.verdict == "fail"
    assert "id-token: write" in outcome.summary
    key = SIGN_LIST.replace("--yes", "--key=cosign.key")
    assert judge("build-signed", configured(key, permissions="{contents: write}")).verdict == "pass"


def test_the_command_does_what_the_action_does() -> None:
    run = "- run: goreleaser release --clean"
    assert both(SIGN_LIST, SBOMS, step=run) == ("pass", "pass")
    assert both(SIGN_LIST, SBOMS, step=run + " --skip=sign")[0] == "fail"
    assert both(SIGN_LIST, SBOMS, step="- run: goreleaser release --snapshot")[0] == "fail"
    assert both(SIGN_LIST, SBOMS, step="- run: goreleaser release --clean || true")[0] == "fail"
    docker = "- run: docker run --rm -v $PWD:/src -w /src ghcr.io/goreleaser/goreleaser-cross:v1.25 release --clean"
    assert both(SIGN_LIST, SBOMS, step=docker) == ("pass", "pass")


def test_the_places_of_the_configuration() -> None:
    for path in ("goreleaser.yml", ".config/goreleaser.yaml", ".goreleaser.yml"):
        assert judge("build-signed", configured(SIGN_LIST, path=path)).verdict == "pass"
    other = configured(SIGN_LIST, path="cli/release.yml", step=ACTION % "release -f release.yml, workdir: cli")
    assert judge("build-signed", other).verdict == "pass"
    assert judge("build-signed", configured(SIGN_LIST, path="cli/.goreleaser.yml")).verdict == "unknown"


@pytest.mark.parametrize(
    "change",
    [
        "envsubst < release.tmpl | tee .goreleaser.yaml",
        "envsubst < release.tmpl > .goreleaser.yaml",
        "cp other.yaml .goreleaser.yaml",
        "sed -i s/signs/ignored/ .goreleaser.yaml",
        "yq -i 'del(.signs)' .goreleaser.yaml",
        "curl -o .goreleaser.yaml https://example.com/conf",
        "git checkout main -- .goreleaser.yaml",
        "echo 'signs: []' >> .goreleaser.yaml",
        "rm .goreleaser.yaml",
        "truncate -s 0 .goreleaser.yaml",
    ],
)
def test_a_configuration_that_is_written_in_the_run_is_unknown(change: str) -> None:
    before = f"- run: {change}\n" + dedent(RELEASE)
    within = f"- run: |\n    {change}\n    goreleaser release --clean"
    assert both(SIGN_LIST, SBOMS, step=before) == ("unknown", "unknown")
    assert both(SIGN_LIST, SBOMS, step=within) == ("unknown", "unknown")


def test_entries_that_take_over_from_others() -> None:
    images = (
        "dockers_v2:\n  - &all\n    images: [ghcr.io/acme/shop]\n    sbom: true\n  - <<: *all\n    tags: [latest]\n"
    )
    assert both(images, IMAGES_ONLY, SIGN_V2) == ("pass", "pass")
    assert both(images.replace("sbom: true", "sbom: false"), IMAGES_ONLY, SIGN_V2) == ("pass", "fail")


@pytest.mark.parametrize(
    ("repositories", "expected"),
    [
        ("repository: ghcr.io/acme/shop", "pass"),
        ("repositories: [ghcr.io/acme/shop]", "pass"),
        ("repositories: [ghcr.io/acme/shop, docker.io/acme/shop]", "fail"),  # a copy is called by its tag
    ],
)
def test_an_image_by_ko_is_called_by_its_digest(repositories: str, expected: str) -> None:
    kos = f"kos:\n  - {repositories}\n    bare: true\n    tags: ['{{{{ .Tag }}}}', latest]\n"
    by_name = SIGN_IMAGES.replace("${artifact}@${digest}", "${artifact}")
    assert both(IMAGES_ONLY, kos, by_name)[0] == expected
    assert both(IMAGES_ONLY, ONE_IMAGE, by_name.replace("manifests", "all"))[0] == "fail"


def test_a_draft_may_be_signed_before_somebody_publishes_it() -> None:
    attest = dedent(RELEASE) + "\n- uses: actions/attest@v4\n  with: {subject-checksums: ./dist/checksums.txt}\n"
    named = "checksum: {name_template: checksums.txt}\n"
    assert both(named, "release: {draft: true}\n", step=attest)[0] == "pass"
    assert both(named, step=attest)[0] == "fail"  # the release is there before the attestation
    by_files = attest.replace("subject-checksums: ./dist/checksums.txt", "subject-path: 'dist/*.tar.gz, dist/*.zip'")
    archives = "archives:\n  - formats: [tar.gz]\n    format_overrides: [{goos: windows, formats: [zip]}]\n"
    assert both(archives, "release: {draft: true}\n", step=by_files)[0] == "pass"
    assert both(archives, "release: {draft: true}\n", step=by_files.replace(", dist/*.zip", ""))[0] == "fail"


BARE = """
    builds:
      - binary: shop-{{ .Os }}-{{ .Arch }}
        goos: [linux, darwin]
        no_unique_dist_dir: true
    archives:
      - formats: [binary]
    release: {draft: true}
    """
TWO = BARE.replace("    archives:", "      - {id: tools, binary: tool, no_unique_dist_dir: true}\n    archives:")
WINDOWS = BARE.replace("{{ .Arch }}", "{{ .Arch }}-bin").replace("[linux, darwin]", "[linux, windows]")


@pytest.mark.parametrize(
    ("configuration", "paths", "expected"),
    [
        (BARE, "./dist/shop-*", "pass"),
        (BARE, "dist/shop-*-*", "pass"),
        (BARE, "dist/other-*", "fail"),
        (BARE, "dist/shop-linux-*", "fail"),
        (BARE.replace("        no_unique_dist_dir: true\n", ""), "dist/shop-*", "fail"),  # each in a folder of its own
        (TWO, "dist/shop-*", "fail"),
        (TWO, "dist/shop-*, dist/tool*", "pass"),
        (BARE.replace("release:", "universal_binaries: [{replace: true}]\n    release:"), "dist/shop-*", "fail"),
        (WINDOWS, "dist/shop-*-bin", "fail"),
        (WINDOWS, "dist/shop-*-bin, dist/shop-*-bin.exe", "pass"),
    ],
)  # fmt: skip
def test_binaries_lie_beside_each_other_where_no_folder_tells_them_apart(
    configuration: str, paths: str, expected: str
) -> None:
    attest = dedent(RELEASE) + f"\n- uses: actions/attest@v4\n  with: {{subject-path: '{paths}'}}\n"
    files = configured(step=attest)
    assert judge("build-signed", {**files, ".goreleaser.yaml": dedent(configuration)}).verdict == expected


STORES = {
    "a bucket": ("blobs:\n  - {provider: s3, bucket: acme-downloads}\n", "fail"),
    "a server": ("uploads:\n  - {name: files, target: 'https://files.acme.example/'}\n", "fail"),
    "a program of one's own": (
        "publishers:\n  - {name: push, cmd: 'curl -T {{ .ArtifactPath }} acme.example'}\n",
        "fail",
    ),
    "one of packages": ("nfpms: [{formats: [deb]}]\ngemfury: [{account: acme}]\n", "fail"),
    "one of packages, of which there are none": ("gemfury: [{account: acme}]\n", "pass"),
    "one that is turned off": ("blobs:\n  - {provider: s3, bucket: acme-downloads, disable: true}\n", "pass"),
    "one that names the files of the release": ("brews:\n  - {repository: {owner: acme, name: tap}}\n", "pass"),
}


@pytest.mark.parametrize(("store", "expected"), STORES.values(), ids=STORES.keys())
def test_no_store_waits_for_a_draft_to_be_published(store: str, expected: str) -> None:
    attest = dedent(RELEASE) + "\n- uses: actions/attest@v4\n  with: {subject-checksums: ./dist/checksums.txt}\n"
    named = "checksum: {name_template: checksums.txt}\nrelease: {draft: true}\n"
    assert both(named, store, step=attest)[0] == expected
    assert both(named, store, SIGN_LIST, step=attest)[0] == "pass"


def test_images_may_be_attested_by_the_file_of_their_digests() -> None:
    attest = "\n- uses: actions/attest@v4\n  with: {subject-checksums: ./dist/digests.txt}\n"
    assert both(V2, IMAGES_ONLY, step=dedent(RELEASE) + attest) == ("pass", "pass")
    assert both(V2, IMAGES_ONLY, "docker_digest: {disable: true}\n", step=dedent(RELEASE) + attest)[0] != "pass"
    assert both(V2, IMAGES_ONLY, step=dedent(RELEASE) + attest.replace("digests", "checksums"))[0] == "fail"
    outcome = judge("build-signed", configured(V2, step=dedent(RELEASE) + attest))
    assert (outcome.verdict, "is not waited for" in outcome.summary) == ("fail", True)  # the release is there before


def test_the_file_of_digests_names_images_by_templates_and_variables() -> None:
    attest = "\n- uses: actions/attest@v4\n  with: {subject-checksums: ./dist/digests.txt}\n"
    image = "ghcr.io/{{ .Env.GITHUB_REPOSITORY_OWNER }}/shop"
    names = f"dockers_v2:\n  - images: [acme/shop, '{image}']\n    tags: ['{{{{ .Tag }}}}', latest]\n"
    assert both(names, IMAGES_ONLY, step=dedent(RELEASE) + attest)[0] == "pass"
    assert both(names, IMAGES_ONLY, step=dedent(RELEASE) + attest.replace("digests", "other"))[0] == "fail"


def test_what_signs_some_of_what_is_packed_alike_says_which() -> None:
    some = SIGN_LIST.replace("artifacts: checksum", "artifacts: archive\n        ids: [tools]")
    outcome = judge("build-signed", configured(some, "archives:\n  - id: shop\n  - id: tools\n"))
    assert (outcome.verdict, "signs no archive but tools" in outcome.summary) == ("fail", True)


def test_what_is_packed_alike_may_be_described_and_signed_by_several_entries() -> None:
    archives = "archives:\n  - id: shop\n  - id: tools\n"
    sboms = "sboms:\n  - {id: a, artifacts: archive, ids: [shop]}\n"
    assert judge("sbom-generated", configured(sboms, archives)).verdict == "fail"
    for other, expected in ("ids: [tools]", "pass"), ("ids: [tools], args: [.]", "unknown"), ("ids: [shop]", "fail"):
        more = f"  - {{id: b, artifacts: archive, {other}}}\n"
        assert judge("sbom-generated", configured(sboms + more, archives)).verdict == expected
    tools = SIGN_LIST.replace("artifacts: checksum", "artifacts: archive\n        ids: [tools]").rstrip()
    again = tools.partition("signs:")[2]
    shop = again.replace("tools", "shop")
    assert judge("build-signed", configured(archives, tools + shop)).verdict == "pass"
    for other in again, shop.replace("cosign", "gpg"), shop.replace("archive", "package"):
        assert judge("build-signed", configured(archives, tools + other)).verdict == "fail"
    perhaps = tools.replace("cmd: cosign", "cmd: cosign\n        if: '{{ .Env.SIGNED }}'")
    assert judge("build-signed", configured(archives, perhaps + shop)).verdict != "pass"


def test_what_is_packed_and_not_released_need_not_be_signed() -> None:
    sign = SIGN_LIST.replace("artifacts: checksum", "artifacts: archive\n        ids: [shop]")
    archives = "archives:\n  - id: shop\n  - id: tools\n"
    assert judge("build-signed", configured(archives, "release: {ids: [shop]}\n", sign)).verdict == "pass"
    assert judge("build-signed", configured(archives, "release: {ids: [tools]}\n", sign)).verdict == "fail"
    stored = "blobs: [{provider: s3, bucket: acme}]\n"
    assert judge("build-signed", configured(archives, "release: {ids: [shop]}\n", stored, sign)).verdict == "fail"


def test_evidence_names_the_lines_of_the_configuration() -> None:
    files = configured(SIGN_LIST, SBOMS)
    outcome = judge("build-signed", files)
    lines = dedent(BUILDS + SIGN_LIST).splitlines()
    places = [(each.role, each.path, each.line) for each in outcome.evidence]
    assert ("signed", ".goreleaser.yaml", lines.index("  - cmd: cosign")) in places
    assert {role for role, _, _ in places} == {"built", "signed", "shipped"}


def test_a_template_in_a_hook_is_filled_in_before_its_words_are_told_apart() -> None:
    hook = "builds:\n  - main: ./cmd/shop\n    hooks:\n      post: make pack BIN={{ .Path }}\n"
    step = ACTION % "release --clean"
    files = {".goreleaser.yaml": hook, "Makefile": "pack:\n\tstuffbin -in $(BIN)\n\tgo test ./...\n"}
    assert judge("tests-gate-release", repository_of(workflow(release=job(step)), **files)).verdict == "pass"


WHOSE = "--certificate-identity-regexp ^https://github.com/acme/shop/"
VERIFY = f"cosign verify-blob {WHOSE} --certificate-oidc-issuer https://token.actions.githubusercontent.com --bundle"


@pytest.mark.parametrize(
    ("fetch", "verify", "expected"),
    [
        ("", f'for f in *.tar.gz; do {VERIFY} "$f.sigstore.json" "$f"; done', "pass"),
        ("", f"{VERIFY} checksums.txt.sigstore.json checksums.txt", "pass"),
        ("-p 'checksums.*'", f"{VERIFY} checksums.txt.sigstore.json checksums.txt", "pass"),
        ("-p '*_amd64.tar.gz'", f'for f in *.tar.gz; do {VERIFY} "$f.sigstore.json" "$f"; done', "fail"),
        ("-R acme/tools", f"{VERIFY} checksums.txt.sigstore.json checksums.txt", "fail"),
        ("", f"{VERIFY} README.md.sigstore.json README.md", "fail"),
        ("", f'for b in *.sigstore.json; do {VERIFY} "$b" "${{b%.sigstore.json}}"; done', "unknown"),
    ],
)
def test_what_a_draft_holds_is_verified_where_it_comes_back_before_it_is_published(
    fetch: str, verify: str, expected: str
) -> None:
    draft = "checksum: {name_template: checksums.txt}\nrelease: {draft: true}\n"
    publish = job(
        f'- run: gh release download "$GITHUB_REF_NAME" --dir /tmp/draft {fetch}',
        f"- run: |\n    {verify}\n  working-directory: /tmp/draft\n",
        '- run: gh release edit "$GITHUB_REF_NAME" --draft=false',
        needs="build",
    )
    archives = "archives: [{formats: [tar.gz]}]\n"
    files = repository_of(workflow(build=job(RELEASE), publish=publish))
    configuration = "".join(dedent(part) for part in (BUILDS, archives, SIGN_LIST.replace("checksum", "all"), draft))
    assert judge("provenance-verified", {**files, ".goreleaser.yaml": configuration}).verdict == expected
