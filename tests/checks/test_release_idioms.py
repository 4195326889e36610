"""How public repositories release, told in our own words: what is proven of each, and what is not."""

from __future__ import annotations

from textwrap import indent

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, repository_of, script, workflow
from trees import judge

META = """
- uses: docker/metadata-action@v6
  id: meta
  with:
    images: |
      ${{ env.REGISTRY }}/${{ github.repository }}
      %s
    tags: |
      type=semver,pattern={{version}}
"""
LOGIN = """
- if: github.event_name != 'pull_request'
  uses: docker/login-action@v4
  with: {registry: ghcr.io, username: "${{ github.actor }}", password: "${{ secrets.GITHUB_TOKEN }}"}
"""
STARTER_BUILD = """
- id: build-and-push
  uses: docker/build-push-action@v7
  with:
    context: .
    push: ${{ github.event_name != 'pull_request' }}
    tags: ${{ steps.meta.outputs.tags }}
    sbom: true
"""
STARTER_SIGN = """
- if: ${{ github.event_name != 'pull_request' }}
  env: {TAGS: "${{ steps.meta.outputs.tags }}", DIGEST: "${{ steps.build-and-push.outputs.digest }}"}
  run: echo "${TAGS}" | xargs -I {} cosign sign --yes {}@${DIGEST}
"""
SIGN_ONE = """
- env: {DIGEST: "${{ steps.build-and-push.outputs.digest }}"}
  run: cosign sign --yes "${REGISTRY}/${GITHUB_REPOSITORY@L}@${DIGEST}"
"""
REFRESH_BY_ACTION = """
- uses: docker/build-push-action@v7
  with: {push: true, tags: "${{ steps.meta.outputs.tags }}"}
"""
REFRESH_BY_BAKE = """
- uses: docker/bake-action@v7
  with: {push: true, files: "./docker-bake.hcl\n${{ steps.meta.outputs.bake-file }}"}
"""
BAKE = 'target "docker-metadata-action" {}\ntarget "default" { inherits = ["docker-metadata-action"] }\n'
STARTER_ON = "{push: {branches: [main], tags: ['v*.*.*']}, pull_request: {branches: [main]}}"
STARTER_ENV = "env: {REGISTRY: ghcr.io}\n"


def starter(*steps: str, second: str = "") -> dict[str, str | bytes | None]:
    steps = (META % second, LOGIN, STARTER_BUILD, *steps)
    return repository_of(
        workflow(STARTER_ON, STARTER_ENV, build=job(*steps, permissions="{packages: write, id-token: write}"))
    )


def both(files: dict[str, str | bytes | None]) -> tuple[str, str]:
    return judge("build-signed", files).verdict, judge("sbom-generated", files).verdict


def test_the_starter_workflow_for_images() -> None:
    assert both(starter(STARTER_SIGN)) == ("pass", "pass")
    assert both(starter()) == ("fail", "pass")
    assert both(starter(STARTER_SIGN.replace("!=", "=="))) == ("fail", "pass")


def test_an_image_in_two_registries_needs_its_signature_in_both() -> None:
    one = SIGN_ONE.replace("${GITHUB_REPOSITORY@L}", "${GITHUB_REPOSITORY,,}")
    assert both(starter(STARTER_SIGN, second="docker.io/acme/shop")) == ("pass", "pass")
    assert both(starter(one)) == ("pass", "pass")
    assert both(starter(one, second="docker.io/acme/shop"))[0] != "pass"
    attest = """
        - uses: actions/attest-build-provenance@v4
          with: {subject-name: ghcr.io/acme/shop, subject-digest: "${{ steps.build-and-push.outputs.digest }}"}
        """
    files = starter(attest, second="docker.io/acme/shop")
    granted = {
        path: str(text).replace("id-token: write", "id-token: write, attestations: write")
        for path, text in files.items()
    }
    assert judge("build-signed", {**granted}).verdict == "pass"  # the platform keeps it by the digest alone


def library(publish: str, *steps: str, upload: str = "", **keys: str) -> dict[str, str | bytes | None]:
    build = job(
        "- run: python -m build",
        "- uses: actions/upload-artifact@v7\n  id: upload\n  with: {name: dist, path: dist/}",
        permissions="{contents: read}",
        outputs="{id: '${{ steps.upload.outputs.artifact-id }}'}",
    )
    download = upload or "- uses: actions/download-artifact@v8\n  with: {name: dist, path: dist/}"
    ship = job(download, *steps, publish, needs="[build]", permissions="{id-token: write, contents: write}", **keys)
    return repository_of(workflow(build=build, ship=ship))


TRUSTED = "- uses: pypa/gh-action-pypi-publish@release/v1"


def test_trusted_publishing() -> None:
    by_id = "- uses: actions/download-artifact@v8\n  with: {artifact-ids: '${{ needs.build.outputs.id }}', path: dist/}"
    assert both(library(TRUSTED)) == ("pass", "fail")
    assert both(library(TRUSTED, upload=by_id)) == ("pass", "fail")
    assert both(library(TRUSTED + "\n  with: {attestations: false}"))[0] == "fail"
    draft = "- run: |\n    gh release create $GITHUB_REF_NAME --draft\n    gh release upload $GITHUB_REF_NAME dist/*"
    assert both(library(TRUSTED, draft))[0] == "pass"  # a draft is published by hand, after the run
    public = draft.replace(" --draft", "")
    assert both(library(TRUSTED, public))[0] == "fail"  # the release is there before the attestations
    assert both(library(TRUSTED, "- run: make more"))[0] == "unknown"


def test_two_indexes_each_with_its_own_attestations() -> None:
    again = job(
        "- uses: actions/download-artifact@v8\n  with: {name: dist, path: dist/}",
        TRUSTED + "\n  with: {repository-url: 'https://test.pypi.org/legacy/'}",
        needs="build",
        permissions="{id-token: write}",
    )
    files = library(TRUSTED)
    text = (
        str(files[".github/workflows/release.yml"])
        + "  again:\n"
        + "".join(f"    {line}\n" for line in again.splitlines())
    )
    assert judge("build-signed", repository_of(text)).verdict == "pass"


PLATFORMS = job(
    """
    - id: build
      uses: docker/build-push-action@v7
      with:
        platforms: ${{ matrix.platform }}
        outputs: type=image,name=ghcr.io/acme/shop,push-by-digest=true,name-canonical=true,push=true
    """,
    strategy="{matrix: {platform: [linux/amd64, linux/arm64]}}",
)
MERGE = "- run: docker buildx imagetools create -t ghcr.io/acme/shop:1 $(printf 'ghcr.io/acme/shop@sha256:%s ' *)"
LOOK_UP = (
    "- run: cosign sign --yes ghcr.io/acme/shop@$(docker buildx imagetools inspect "
    "ghcr.io/acme/shop:1 --format '{{.Manifest.Digest}}')"
)


def test_an_index_of_several_platforms() -> None:
    assert both(repository_of(workflow(build=PLATFORMS, merge=job(MERGE, LOOK_UP, needs="build"))))[0] == "unknown"
    assert both(repository_of(workflow(build=PLATFORMS, merge=job(MERGE, needs="build"))))[0] == "fail"


def test_an_index_is_not_signed_by_the_signatures_of_its_parts() -> None:
    sign = "  - run: cosign sign --yes ghcr.io/acme/shop@${{ steps.build.outputs.digest }}\n"
    signed = PLATFORMS + sign
    assert both(repository_of(workflow(build=signed, merge=job(MERGE, needs="build"))))[0] == "fail"
    assert both(repository_of(workflow(build=signed, merge=job(MERGE, LOOK_UP, needs="build"))))[0] == "unknown"
    perhaps = "- uses: acme/sign@v1"
    assert both(repository_of(workflow(build=signed, merge=job(MERGE, perhaps, needs="build"))))[0] == "unknown"


@pytest.mark.parametrize(
    ("tags", "expected"), [("edge", "pass"), ("nightly", "pass"), ("edge -t ghcr.io/acme/shop:latest", "fail")]
)
def test_an_index_that_nobody_takes_for_a_release_may_be_signed_by_its_parts(tags: str, expected: str) -> None:
    sign = "  - run: cosign sign --yes ghcr.io/acme/shop@${{ steps.build.outputs.digest }}\n"
    merge = job(MERGE.replace("shop:1", f"shop:{tags}"), needs="build")
    assert both(repository_of(workflow(build=PLATFORMS + sign, merge=merge)))[0] == expected
    assert both(repository_of(workflow(build=PLATFORMS, merge=merge)))[0] == "fail"


INDEX = (
    "- run: |\n    docker buildx imagetools create --metadata-file index.json -t ghcr.io/acme/shop:1 PARTS\n"
    '    cosign sign --yes "ghcr.io/acme/shop@$(jq -r \'."containerimage.descriptor".digest\' index.json)"'
)


@pytest.mark.parametrize(
    ("parts", "build", "expected"),
    [
        ("$(printf 'ghcr.io/acme/shop@sha256:%s ' *)", PLATFORMS, "pass"),
        ("$(printf 'ghcr.io/acme/other@sha256:%s ' *)", PLATFORMS, "unknown"),
        ("ghcr.io/acme/shop:1-amd64 ghcr.io/acme/shop:1-arm64", PLATFORMS, "unknown"),
        (f"ghcr.io/acme/shop@sha256:{'a' * 64}", PLATFORMS, "unknown"),
        ("$(printf 'ghcr.io/acme/shop@sha256:%s ' *)", job("- run: 'true'"), "unknown"),
    ],
)
def test_an_index_whose_digest_is_written_to_a_file(parts: str, build: str, expected: str) -> None:
    merge = job(INDEX.replace("PARTS", parts), needs="build")
    assert both(repository_of(workflow(build=build, merge=merge)))[0] == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("    sbom: true", "pass"),
        ("    attests: type=sbom", "pass"),
        ("", "fail"),
        ("    sbom: ${{ matrix.sbom }}", "fail"),
        ("    sbom: ${{ matrix.platform == 'linux/amd64' }}", "unknown"),
        (
            "- run: syft ghcr.io/acme/shop@${{ steps.build.outputs.digest }} -o spdx-json=s.json\n"
            "- run: cosign attest --yes --predicate s.json ghcr.io/acme/shop@${{ steps.build.outputs.digest }}",
            "fail",
        ),
    ],
)
def test_an_index_has_the_sboms_that_the_builds_of_its_parts_have_added(more: str, expected: str) -> None:
    merge = job(INDEX.replace("PARTS", "$(printf 'ghcr.io/acme/shop@sha256:%s ' *)"), needs="build")
    build = PLATFORMS + indent(more, "  ") + "\n"
    assert both(repository_of(workflow(build=build, merge=merge)))[1] == expected


def test_a_part_that_is_shipped_by_itself_is_signed_by_itself() -> None:
    merge = job(INDEX.replace("PARTS", "$(printf 'ghcr.io/acme/shop@sha256:%s ' *)"), needs="build")
    part = PLATFORMS + "- run: kubectl set image deploy/shop app=ghcr.io/acme/shop@${{ steps.build.outputs.digest }}\n"
    assert both(repository_of(workflow(build=PLATFORMS, merge=merge)))[0] == "pass"
    assert both(repository_of(workflow(build=part.replace("- run", "  - run"), merge=merge)))[0] == "fail"


@pytest.mark.parametrize(
    "step",
    [
        "- uses: goreleaser/goreleaser-action@v7\n  with: {args: release}",
        "- run: mvn deploy",
        "- run: ./gradlew publish",
        "- run: npx release-it",
        "- run: source ./release/ldflags.sh && goreleaser release",
    ],
)
def test_tools_with_a_configuration_of_their_own_are_out_of_sight(step: str) -> None:
    assert both(repository_of(workflow(release=job(step)))) == ("unknown", "unknown")


def test_bake_without_its_file_may_describe_what_it_builds_and_signs_nothing() -> None:
    step = "- uses: docker/bake-action@v7\n  with: {push: true}"
    assert both(repository_of(workflow(release=job(step)))) == ("fail", "unknown")


def test_a_mirror_of_other_images_is_no_build() -> None:
    mirror = (
        "- run: |\n    docker pull golang:1\n    docker tag golang:1 ghcr.io/acme/golang:1\n"
        "    docker push ghcr.io/acme/golang:1"
    )
    assert both(repository_of(workflow("{push: {branches: [main]}}", mirror=job(mirror)))) == (
        "fail",
        "fail",
    )  # nothing is released
    signed = repository_of(workflow(STARTER_ON, STARTER_ENV, build=job(META % "", STARTER_BUILD, STARTER_SIGN, mirror)))
    assert both(signed) == ("pass", "pass")


def test_options_before_the_subcommand() -> None:
    push = "- id: push\n  uses: docker/build-push-action@v7\n  with: {push: true, tags: 'ghcr.io/acme/shop:1'}"
    sign = "- run: cosign -d sign --yes ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
    deploy = "- run: kubectl -n shop --context prod set image deploy/shop shop=ghcr.io/acme/shop:1"
    assert judge("build-signed", repository_of(workflow(a=job(push, sign, deploy)))).verdict == "pass"
    assert judge("build-signed", repository_of(workflow(a=job(push, deploy, sign)))).verdict == "fail"


def test_a_tag_that_a_script_has_worked_out_is_still_a_tag() -> None:
    prepare = (
        "- id: prep\n  run: |\n    VERSION=${GITHUB_REF/refs\\/tags\\//}\n"
        '    echo "version=${VERSION}" >> $GITHUB_OUTPUT'
    )
    push = (
        "- uses: docker/build-push-action@v7\n  with: {push: true, tags: 'acme/shop:${{ steps.prep.outputs.version }}'}"
    )
    sign = "- run: cosign sign --yes acme/shop:${{ steps.prep.outputs.version }}"
    assert judge("build-signed", repository_of(workflow(a=job(prepare, push, sign)))).verdict == "fail"


def test_builds_that_are_only_loaded_and_pushed_later() -> None:
    load = "- uses: docker/build-push-action@v7\n  with: {load: true, tags: 'ghcr.io/acme/shop:1'}"
    scan = "- run: grype ghcr.io/acme/shop:1 --fail-on high"
    push = (
        "- run: |\n    docker push ghcr.io/acme/shop:1\n"
        "    REF=$(docker inspect --format='{{index .RepoDigests 0}}' ghcr.io/acme/shop:1)\n    cosign sign --yes $REF"
    )
    assert judge("build-signed", repository_of(workflow(a=job(load, scan, push)))).verdict == "pass"
    assert judge("build-signed", repository_of(workflow(a=job(load, scan)))).verdict == "fail"  # nothing is released


def test_a_script_of_another_shell_that_is_called_a_release_may_be_one() -> None:
    step = "- name: Build and publish\n  shell: pwsh\n  run: ./Build.ps1\n  env: {KEY: '${{ secrets.NUGET_API_KEY }}'}"
    files = repository_of(workflow("{push: {branches: [main]}}", build=job(step)))
    assert both(files) == ("unknown", "unknown")
    assert judge("tests-gate-release", files).verdict == "unknown"


@pytest.mark.parametrize(
    ("tag", "expected"), [("nightly", "pass"), ("edge", "pass"), ("latest", "fail"), ("1.2", "fail")]
)
def test_what_nobody_takes_for_a_release_needs_no_tests(tag: str, expected: str) -> None:
    release = workflow(release=job("- run: go test ./...", PUSH, SHIP))
    copies = f"- run: regctl image copy ocidir://build/shop ghcr.io/acme/shop:{tag}"
    nightly = workflow("{schedule: [{cron: '0 3 * * *'}], workflow_dispatch: {}}", copy=job(copies))
    files = {**repository_of(release), ".github/workflows/nightly.yml": nightly}
    assert judge("tests-gate-release", files).verdict == expected
    alone = {".github/workflows/nightly.yml": nightly}
    assert judge("tests-gate-release", alone).verdict == "fail"


def test_a_pipeline_of_kokoro_is_one_elsewhere() -> None:
    ci = workflow("{push: {branches: [main]}}", test=job("- run: dotnet test"))
    files = repository_of(ci, **{"kokoro/publish_nuget.cfg": 'build_file: "shop/kokoro/publish_nuget.sh"\n'})
    assert both(files) == ("unknown", "unknown")


def test_a_pipeline_that_is_started_elsewhere_may_be_the_release() -> None:
    curl = 'curl -sS --request POST --form ref=main --url "$GITLAB/$PROJECT/trigger/pipeline"'
    start = f"- run: {curl}\n  env: {{T: '${{{{ secrets.T }}}}'}}"
    files = repository_of(workflow("{push: {branches: [main]}}", start=job(start)))
    assert both(files) == ("unknown", "unknown")
    asked = start.replace("--request POST --form ref=main", "").replace("trigger/pipeline", "pipelines/1/jobs")
    assert both(repository_of(workflow("{push: {branches: [main]}}", ask=job(asked)))) == ("fail", "fail")


@pytest.mark.parametrize("between", [",", ", ", "\n      "])
def test_tags_stand_in_lines_or_between_commas(between: str) -> None:
    tags = between.join(["ghcr.io/acme/shop:1.2", "ghcr.io/acme/shop:latest", "docker.io/acme/shop:1.2"])
    with_tags = f"push: true\n    tags: |\n      {tags}\n"
    build = f"- uses: docker/build-push-action@v7\n  id: push\n  with:\n    {with_tags}"
    also = SIGN.replace("ghcr.io", "docker.io")
    assert judge("build-signed", released_by(build, SIGN, also, SHIP)).verdict == "pass"
    assert judge("build-signed", released_by(build, SIGN, SHIP)).verdict == "fail"


BY_REF = """
- uses: docker/build-push-action@v7
  id: push
  with: {push: true, tags: "ghcr.io/acme/shop:${{ github.ref_name }},docker.io/acme/shop:${{ github.ref_name }}"}
"""
EACH_TAG = """
- run: |
    images=""
    for tag in ${TAGS}; do
      images+="${tag}@${DIGEST} "
    done
    cosign sign --yes ${images}
  env:
    DIGEST: ${{ steps.push.outputs.digest }}
    TAGS: %s
"""
LISTS = {
    "both, by the name of the ref": (
        "ghcr.io/acme/shop:${{ github.ref_name }} docker.io/acme/shop:${{ github.ref_name }}",
        "pass",
    ),
    "one is left out": ("ghcr.io/acme/shop:${{ github.ref_name }}", "fail"),
    "what an outsider writes may be several": (
        "ghcr.io/acme/shop:${{ github.event.head_commit.message }} docker.io/acme/shop:1",
        "unknown",
    ),
}


@pytest.mark.parametrize(("tags", "expected"), LISTS.values(), ids=LISTS.keys())
def test_a_loop_over_tags_that_end_in_the_name_of_the_ref(tags: str, expected: str) -> None:
    assert judge("build-signed", released_by(BY_REF, EACH_TAG % tags, SHIP)).verdict == expected


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("F=''; [[ $V == *-rc* ]] && F=--prerelease", "pass"),
        ("case $V in *-rc*) F=--prerelease;; *) F=--latest=false;; esac", "pass"),
        ("F=${PRE:+--prerelease}", "pass"),
        ("F=${{ contains(github.ref, '-rc') && '--prerelease' || '' }}", "pass"),
        ("F=''; [[ $V == *-rc* ]] && F=extra.zip", "fail"),
        ("F=''; [[ $V == *-rc* ]] && F='--latest extra.zip'", "fail"),
    ],
)
def test_an_option_that_may_be_there_is_no_file(flag: str, expected: str) -> None:
    release = f"- run: |\n    {flag}\n    gh release create v1 $F --generate-notes\n"
    assert judge("build-signed", released_by(PUSH, SIGN, release)).verdict == expected


@pytest.mark.parametrize(
    ("pushed", "expected"),
    [
        ("ghcr.io/acme/shop:latest", "fail"),
        ("ghcr.io/acme/shop:nightly", "pass"),
        ("ghcr.io/acme/shop-ci:latest", "pass"),
    ],
)
def test_whoever_builds_again_what_is_called_latest_releases_it(pushed: str, expected: str) -> None:
    push = job(f"- run: docker build -t {pushed} . && docker push {pushed}")
    refresh = workflow("{schedule: [{cron: '0 4 * * 1'}]}", refresh=push)
    files = released_by(PUSH, SIGN, SHIP) | {".github/workflows/refresh.yml": refresh}
    assert judge("build-signed", files).verdict == expected


def test_what_may_be_what_a_tag_releases_is_only_doubted_where_it_lacks_something() -> None:
    ours, theirs = PUSH.replace("acme/shop", "${{ github.repository }}"), PUSH.replace("shop:1.2", "worker:edge")
    files = released_by(ours, SIGN.replace("acme/shop", "${{ github.repository }}"), SHIP)
    signed = theirs + SIGN.replace("acme/shop", "acme/worker")
    main = ".github/workflows/main.yml"
    verdicts = [
        judge("build-signed", files | {main: workflow("{push: {branches: [main]}}", a=job(each))}).verdict
        for each in (theirs, signed)
    ]
    assert verdicts == ["unknown", "pass"]


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        ("aws s3 sync dist s3://menu-web --delete", "unknown"),
        ("aws s3 cp --recursive dist/ s3://menu-web/", "unknown"),
        ("gsutil -m rsync -r dist gs://menu-web", "unknown"),
        ("aws s3 sync public s3://menu-web", "pass"),
        ("aws s3 sync coverage s3://menu-reports", "pass"),
        ("aws s3 cp rates.json s3://menu-web/rates.json", "pass"),
        ("aws s3 sync target/site/ s3://menu-docs/", "pass"),
        ("aws s3 sync s3://menu-web/dist s3://menu-copy/dist", "pass"),
    ],
)
def test_a_bundle_that_something_has_made_may_be_unsigned(copy: str, expected: str) -> None:
    tree = released_by(PUSH, SIGN, script("npm ci", "npm run build", copy), SHIP)
    files = {"package.json": '{"scripts": {"build": "vite build"}}', "public/index.html": ""}
    assert judge("build-signed", tree | files).verdict == expected


INDEXES = {
    "docker": "docker manifest create %s %s-amd64\n    docker manifest push --purge %s",
    "buildx": "docker buildx imagetools create -t %s %s-amd64 %s-arm64",
    "crane": "crane index append -m %s-amd64 -m %s-arm64 -t %s",
    "podman": "podman manifest create parts %s-amd64 %s-arm64\n    podman manifest push --all parts docker://%s",
    "regctl": "regctl index create %s --ref %s-amd64 --ref %s-arm64",
}


@pytest.mark.parametrize(("tag", "passes"), [("latest", False), ("nightly", True)])
@pytest.mark.parametrize("commands", INDEXES.values(), ids=INDEXES.keys())
def test_whoever_puts_together_what_is_called_latest_releases_it(commands: str, tag: str, passes: bool) -> None:
    name = f"ghcr.io/acme/shop:{tag}"
    main = workflow("{push: {branches: [main]}}", put=job(f"- run: |\n    {commands % (name, name, name)}\n"))
    nameless = main.removeprefix("name: release\n")
    files = released_by(PUSH, SIGN, SHIP) | {".github/workflows/main.yml": nameless}
    assert (judge("build-signed", files).verdict == "pass") == passes


LATEST = {
    "its name": ("tags: latest", "fail"),
    "raw": ("tags: 'type=raw,value=latest'", "fail"),
    "raw, on the default branch": ("tags: 'type=raw,value=latest,enable={{is_default_branch}}'", "fail"),
    "raw, by a condition": (
        "tags: \"type=raw,latest,enable=${{ github.ref == 'refs/heads/main' }}\"",
        "fail",
    ),
    "flavor": ("flavor: latest=true", "fail"),
    "a version that is handed over": ("tags: 'type=semver,pattern={{version}},value=v1.2'", "fail"),
    "raw, turned off": ("tags: \"type=raw,value=latest,enable=${{ github.ref_type == 'tag' }}\"", "pass"),
    "another name": ("tags: 'type=raw,value=edge'", "pass"),
    "a longer name": ("tags: 'type=raw,value=latest,suffix=-dev'", "pass"),
    "a longer name by its flavor": ("tags: latest\n    flavor: suffix=-dev", "pass"),
    "a version without latest": (
        "tags: 'type=semver,pattern={{version}},value=v1'\n    flavor: latest=false",
        "pass",
    ),
    "a version of the tag alone": ("tags: 'type=semver,pattern={{version}}'", "pass"),
    "nothing": ("tags: 'type=ref,event=branch'", "pass"),
}


@pytest.mark.parametrize(("said", "expected"), LATEST.values(), ids=LATEST.keys())
@pytest.mark.parametrize("build", [REFRESH_BY_ACTION, REFRESH_BY_BAKE], ids=["build", "bake"])
def test_whoever_builds_again_what_metadata_calls_latest_releases_it(said: str, expected: str, build: str) -> None:
    meta = f"- uses: docker/metadata-action@v6\n  id: meta\n  with:\n    images: ghcr.io/acme/shop\n    {said}\n"
    refresh = workflow("{push: {branches: [main]}}", refresh=job(meta, build))
    files = released_by(PUSH, SIGN, SHIP) | {".github/workflows/refresh.yml": refresh, "docker-bake.hcl": BAKE}
    assert judge("build-signed", files).verdict == expected


CHOSEN = {
    "its version": ("{version: {required: true}}", "v${{ inputs.version }}", "fail"),
    "the version of the event": ("{version: {required: true}}", "${{ github.event.inputs.version }}-alpine", "fail"),
    "its tag": ("{imageTag: {}}", "${{ inputs.imageTag }}", "fail"),
    "a name of its own": ("{suffix: {}}", "dev-${{ inputs.suffix }}", "pass"),
    "where it will run": ("{stage: {}}", "${{ inputs.stage }}", "pass"),
    "a commit": ("{version: {required: true}}", "${{ github.sha }}", "pass"),
}


@pytest.mark.parametrize(("inputs", "tag", "expected"), CHOSEN.values(), ids=CHOSEN.keys())
@pytest.mark.parametrize("by_metadata", [False, True], ids=["written", "metadata"])
def test_whoever_builds_again_by_hand_what_the_hand_calls_a_version_releases_it(
    inputs: str, tag: str, expected: str, by_metadata: bool
) -> None:
    again = f"- uses: docker/build-push-action@v7\n  with: {{push: true, tags: 'docker.io/acme/shop:{tag}'}}"
    tags = f"'type=raw,value={tag}'"
    meta = f"- uses: docker/metadata-action@v6\n  id: meta\n  with: {{images: acme/shop, tags: {tags}}}\n"
    steps = [meta, REFRESH_BY_ACTION] if by_metadata else [again]
    by_hand = workflow(f"{{workflow_dispatch: {{inputs: {inputs}}}}}", again=job(*steps))
    release = released_by(*(step.replace("ghcr.io/", "") for step in (PUSH, SIGN, SHIP)))
    assert judge("build-signed", release).verdict == "pass"
    assert judge("build-signed", release | {".github/workflows/again.yml": by_hand}).verdict == expected


BY_ITS_NOTES = {
    "release-please": "- uses: googleapis/release-please-action@v4\n  with: {token: '${{ secrets.PAT }}'}",
    "gh": "- run: gh release create v1 --generate-notes\n  env: {GH_TOKEN: '${{ secrets.PAT }}'}",
}
OF_FILES = (
    "- uses: actions/checkout@v7",
    "- run: go build -o dist/shop .",
    "- uses: actions/attest@v4\n  with: {subject-path: dist/shop}",
    "- run: gh release upload v1 dist/shop",
)


@pytest.mark.parametrize("how", BY_ITS_NOTES)
@pytest.mark.parametrize(("steps", "expected"), [(OF_FILES, "pass"), ((PUSH, SIGN), "pass"), ((PUSH,), "fail")])
def test_what_a_release_starts_builds_and_proves_all_that_it_has(
    how: str, steps: tuple[str, ...], expected: str
) -> None:
    notes = workflow("{push: {branches: [main]}}", notes=job("- uses: actions/checkout@v7", BY_ITS_NOTES[how]))
    files = repository_of(workflow("{release: {types: [published]}}", publish=job(*steps)))
    assert judge("build-signed", {**files, ".github/workflows/notes.yml": notes}).verdict == expected


@pytest.mark.parametrize(
    ("draft", "subject", "expected"),
    [
        ("true", "${{ steps.build.outputs.tar }}", "unknown"),
        ("true", "${{ steps.build.outputs.archive }}.tar.gz", "unknown"),
        ("true", "dist/${{ steps.build.outputs.tar }}", "fail"),  # which it has not made
        ("true", "${{ steps.meta.outputs.tar }}", "fail"),
        ("false", "${{ steps.build.outputs.tar }}", "fail"),  # it is public by then
    ],
)
def test_what_is_packed_is_laid_into_a_draft_and_signed_there(draft: str, subject: str, expected: str) -> None:
    create = f"- uses: taiki-e/create-gh-release-action@v1\n  with: {{draft: {draft}}}"
    build = "- uses: taiki-e/upload-rust-binary-action@v1\n  id: build\n  with: {bin: shop}"
    sign = f"- uses: actions/attest@v4\n  with: {{subject-path: '{subject}'}}"
    public = "- run: gh release edit $GITHUB_REF_NAME --draft=false"
    for last in ((), (public,)):
        assert judge("build-signed", released_by(create, build, sign, *last)).verdict == expected
