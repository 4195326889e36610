"""A copy has the digest of what is copied, unless the one who copies makes another image of it on the way."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, repository_of, script, workflow
from trees import judge

IMAGE = "ghcr.io/acme/shop"
SIGNED = f"{IMAGE}@${{{{ steps.push.outputs.digest }}}}"
SEVERAL = PUSH.replace("{push: true", "{push: true, platforms: 'linux/amd64,linux/arm64'")


def copied(by: str, push: str = PUSH) -> str:
    return judge("build-signed", released_by(push, SIGN, f"- run: {by}")).verdict


@pytest.mark.parametrize(
    ("same", "another"),
    [
        (
            f"docker buildx imagetools create -t {IMAGE}:latest {SIGNED}",
            f"docker buildx imagetools create --annotation index:x=y -t {IMAGE}:latest {SIGNED}",
        ),
        (f"crane cp {SIGNED} {IMAGE}:latest", f"crane cp --platform linux/amd64 {SIGNED} {IMAGE}:latest"),
        (f"oras cp {SIGNED} {IMAGE}:latest", f"oras cp --platform=linux/amd64 {SIGNED} {IMAGE}:latest"),
        (f"regctl image copy {SIGNED} {IMAGE}:latest", f"regctl image copy -p linux/arm64 {SIGNED} {IMAGE}:latest"),
        (f"crane tag {SIGNED} latest", f"crane mutate --label x=y -t {IMAGE}:latest {SIGNED}"),
        (f"oras tag {SIGNED} latest", f"regctl image mod --replace --label x=y {IMAGE}:1.2"),
        (
            f"skopeo copy docker://{SIGNED} docker://{IMAGE}:latest",
            f"skopeo copy --format v2s2 docker://{SIGNED} docker://{IMAGE}:latest",
        ),
        (
            f"cosign copy {SIGNED} docker.io/acme/shop:1",
            f"cosign copy --platform=linux/amd64 {SIGNED} docker.io/acme/shop:1",
        ),
    ],
)
def test_what_it_is_told(same: str, another: str) -> None:
    assert copied(same) == "pass"
    assert copied(another) == "unknown"


@pytest.mark.parametrize(
    ("only", "expected"), [("sig", "pass"), ("sign,att", "pass"), ("att", "fail"), ("sbom", "fail"), ("", "pass")]
)
def test_proofs_alone_are_copied_before_an_image(only: str, expected: str) -> None:
    option = f"--only={only} " if only else ""
    assert copied(f"cosign copy {option}{SIGNED} docker.io/acme/shop:1") == "pass"
    assert copied(f"crane cp {SIGNED} docker.io/acme/shop:1") == "fail"
    both = f"cosign copy {option}{SIGNED} docker.io/acme/shop && crane cp {SIGNED} docker.io/acme/shop:1"
    assert copied(both) == expected


@pytest.mark.parametrize(
    "copy",
    [
        f"regctl image copy {IMAGE}:1.2 ocidir://out/shop:1.2",
        "regctl image copy -v warn ocidir://out/shop:1.2 ocidir://out/copy:1.2 --verbosity warn",
        f"skopeo copy docker://{IMAGE}:1.2 oci:out:1.2",
    ],
)
def test_a_copy_in_a_folder_releases_nothing(copy: str) -> None:
    assert judge("build-signed", released_by(PUSH, f"- run: {copy}", SIGN, SHIP)).verdict == "pass"


def test_what_is_pulled_and_pushed_again_may_differ() -> None:
    again = f"docker pull {IMAGE}:1.2 && docker tag {IMAGE}:1.2 {IMAGE}:latest && docker push {IMAGE}:latest"
    assert copied(again) == "unknown"
    assert copied(again.replace(IMAGE, "ghcr.io/acme/worker")) == "unknown"
    assert copied(again.replace(IMAGE, "ghcr.io/acme/worker").replace(":latest", ":nightly")) == "pass"
    assert (
        copied(again.replace(f"{IMAGE}:1.2", "docker.io/acme/base:1.2").replace(IMAGE, "ghcr.io/acme/base")) == "pass"
    )


def test_a_second_push_in_another_format_is_another_image() -> None:
    push = f"- run: podman build -t {IMAGE}:1 . && podman push --format oci --digestfile d {IMAGE}:1"
    steps = [push, f"- run: cosign sign --yes {IMAGE}@$(cat d)"]
    assert judge("build-signed", released_by(*steps)).verdict == "pass"
    assert judge("build-signed", released_by(*steps, f"- run: podman push --format v2s2 {IMAGE}:1")).verdict == "fail"


def test_of_several_platforms_one_is_left() -> None:
    copy = f"skopeo copy %s docker://{SIGNED} docker://{IMAGE}:latest"
    assert copied(copy % "", SEVERAL) == "unknown"
    assert copied(copy % "--all", SEVERAL) == "pass"
    assert copied(copy % "--preserve-digests", SEVERAL) == "pass"


def test_what_jobs_before_have_signed_is_copied_along() -> None:
    signed = "ghcr.io/acme/shop@${{ needs.build.outputs.digest }}"
    outputs = '{digest: "${{ steps.push.outputs.digest }}"}'
    build = job(PUSH, outputs=outputs)
    copy = job(f"- run: cosign copy {signed} docker.io/acme/shop:1", needs="[build, sign]")
    for keys, needs, expected in (({}, "", "pass"), ({"continue_on_error": "true"}, "", "fail"), ({}, "build", "fail")):
        sign = job(f"- run: cosign sign --yes {signed}", needs="build", **keys)
        last = copy.replace("[build, sign]", needs) if needs else copy
        files = repository_of(workflow(build=build, sign=sign, copy=last))
        assert judge("build-signed", files).verdict == expected


def test_a_copy_in_another_registry_lacks_what_stands_beside_the_first() -> None:
    attest = f"- run: cosign attest --yes --type spdxjson --predicate b.json {SIGNED}"
    steps = (PUSH, f"- run: syft {SIGNED} -o spdx-json=b.json", attest)
    for command, expected in ("cosign", "pass"), ("crane", "fail"):
        copy = f"- run: {command} copy {SIGNED} docker.io/acme/shop:1"
        assert judge("sbom-generated", released_by(*steps, copy)).verdict == expected


META = """
- uses: docker/metadata-action@v6
  id: meta
  with: {images: NAMES}
"""
BY_DIGEST = """
- uses: docker/build-push-action@v7
  id: push
  with: {outputs: "type=image,name=ghcr.io/acme/shop,push-by-digest=true,name-canonical=true,push=true"}
"""
GIVEN = '  env: {TAGS: "${{ steps.meta.outputs.tags }}", DIGEST: "${{ steps.push.outputs.digest }}"}\n'
BY_JQ = [
    'tags=$(jq -cr \'.tags | map("-t " + .) | join(" ")\' <<< "$DOCKER_METADATA_OUTPUT_JSON")',
    f"docker buildx imagetools create $tags {IMAGE}@$DIGEST",
]
BY_LOOP = [
    'for each in $TAGS; do tags="$tags -t $each"; done',
    f"docker buildx imagetools create $tags {IMAGE}@$DIGEST",
]
BY_ARRAY = [
    'while read -r each; do tags+=(-t "$each"); done <<< "$TAGS"',
    f'docker buildx imagetools create "${{tags[@]}}" {IMAGE}@$DIGEST',
]


@pytest.mark.parametrize(
    ("lines", "expected"), [(BY_JQ, "pass"), (BY_LOOP, "pass"), (BY_ARRAY, "unknown")], ids=["jq", "loop", "array"]
)
def test_the_tags_of_a_signed_image_may_be_given_last(lines: list[str], expected: str) -> None:
    def tagged(*between: str, names: str = IMAGE) -> str:
        steps = META.replace("NAMES", f'"{names}"'), BY_DIGEST, *between, SHIP
        return judge("build-signed", released_by(*steps)).verdict

    tags = script(*lines) + GIVEN
    assert tagged(SIGN, tags) == expected
    assert tagged(tags, SIGN) != "pass"
    assert tagged(tags) == "fail"
    assert tagged(SIGN, tags, names=f"{IMAGE}\\nquay.io/acme/shop") != "pass"
    assert tagged(SIGN, tags.replace(f"{IMAGE}@$DIGEST", f"{IMAGE}@$DIGEST {IMAGE}@$OTHER")) != "pass"


@pytest.mark.parametrize(("name", "expected"), [(f"{IMAGE}:latest", "unknown"), ("ghcr.io/acme/base:mirrored", "pass")])
def test_what_is_pulled_takes_no_name_of_what_is_built(name: str, expected: str) -> None:
    lines = script(
        "docker pull docker.io/acme/base:1", f"docker tag docker.io/acme/base:1 {name}", f"docker push {name}"
    )
    assert judge("build-signed", released_by(PUSH, SIGN, lines, SHIP)).verdict == expected


def test_a_copy_under_another_name_is_not_what_staging_has_got_before() -> None:
    built = job(PUSH, SIGN, outputs="{digest: '${{ steps.push.outputs.digest }}'}")
    given = {"env": "{DIGEST: '${{ needs.build.outputs.digest }}'}"}
    staging = job(script(f"kubectl set image deployment/shop app={IMAGE}@$DIGEST"), needs="build", **given)
    copies = script(
        f"cosign copy {IMAGE}@$DIGEST quay.io/acme/shop:1",
        "kubectl set image deployment/shop app=quay.io/acme/shop@$DIGEST",
    )
    production = job(copies, needs="[build, staging]", **given)
    jobs = {"build": built, "staging": staging, "production": production}
    assert judge("build-signed", repository_of(workflow(**jobs))).verdict == "pass"
    jobs["production"] = production.replace("cosign copy", "crane copy")
    assert judge("build-signed", repository_of(workflow(**jobs))).verdict == "fail"
