"""Scripts that sign an image under each of the tags that metadata-action says, by a digest from here or there."""

from __future__ import annotations

import pytest

from releasing import SHIP, released_by
from trees import judge

META = """
- uses: docker/metadata-action@v6
  id: meta
  with: {images: ghcr.io/acme/shop}
"""
PUSH = """
- uses: docker/build-push-action@v7
  id: push
  with: {push: true, tags: "${{ steps.meta.outputs.tags }}"}
"""
READ = 'DIGEST=$(jq -r \'."containerimage.digest"\' <<< "$METADATA")'
LOOK_UP = 'DIGEST=$(crane digest "ghcr.io/acme/shop:latest")'


def signed(*lines: str, digest: str = "digest", check: str = "build-signed") -> str:
    """What is said of a release that is signed by these lines."""
    script = "".join(f"    {line}\n" for line in lines)
    given = {"TAGS": "meta.outputs.tags", "DIGEST": f"push.outputs.{digest}", "METADATA": "push.outputs.metadata"}
    env = "".join(f'    {name}: "${{{{ steps.{told} }}}}"\n' for name, told in given.items())
    return judge(check, released_by(META, PUSH, f"- run: |\n{script}  env:\n{env}", SHIP)).verdict


LOOP = ("for tag in ${TAGS}; do", '  images+="${tag}@${DIGEST} "', "done")
GATHERED = ('images=""', *LOOP, "cosign sign --yes ${images}")


def test_a_list_that_a_loop_gathers_is_signed_by_what_the_digest_is() -> None:
    assert signed(*GATHERED) == "pass"
    assert signed(READ, *GATHERED) == "pass"
    assert signed(*GATHERED, digest="imageid") == "fail"
    assert signed(LOOK_UP, *GATHERED) == "fail"


@pytest.mark.parametrize("name", ["${tag%:*}", "${tag%%:*}"])
@pytest.mark.parametrize("loop", ["for tag in $TAGS; do {}; done", 'while read -r tag; do {}; done <<< "$TAGS"'])
def test_the_tag_may_be_taken_off(loop: str, name: str) -> None:
    assert signed(loop.format(f'cosign sign --yes "{name}@$DIGEST"')) == "pass"
    assert signed(loop.format(f'cosign sign --yes "{name}"')) == "fail"


@pytest.mark.parametrize("first", ["head -n1", "head -1", "head -n 1"])
@pytest.mark.parametrize("cut", ["sed 's/:[^:]*$//'", "sed -e 's|:.*||'", "cut -d: -f1", "cut -d ':' -f 1"])
def test_the_name_may_be_taken_from_the_first_of_the_tags(first: str, cut: str) -> None:
    name = f"image=$(printf '%s\\n' \"$TAGS\" | {first} | {cut})"
    assert signed(name, 'cosign sign --yes "$image@$DIGEST"') == "pass"
    assert signed(name, 'cosign sign --yes "$image"') == "fail"
    assert signed(name, LOOK_UP, 'cosign sign --yes "$image@$DIGEST"') == "fail"


@pytest.mark.parametrize("name", ["$(head -n1 <<< \"$TAGS\" | sed 's/:[^:]*$//')", "ghcr.io/acme/shop"])
@pytest.mark.parametrize(("digest", "expected"), [("@$DIGEST", "pass"), ("@$OTHER", "unknown"), ("", "fail")])
def test_what_is_verified_has_the_name_of_the_tags(name: str, digest: str, expected: str) -> None:
    whose = "--certificate-identity https://github.com/$GITHUB_WORKFLOW_REF"
    issuer = "--certificate-oidc-issuer https://token.actions.githubusercontent.com"
    line = f'cosign verify {whose} {issuer} "$image{digest}"'
    assert signed(f'image="{name}"', line, check="provenance-verified") == expected
    loop = ("for image in $TAGS; do", f"  {line}", "done")
    assert signed(*loop, check="provenance-verified") == expected


def test_the_first_of_the_tags_is_of_one_name() -> None:
    two = META.replace("ghcr.io/acme/shop", '"ghcr.io/acme/shop\\nquay.io/acme/shop"')
    sign = """
- run: cosign sign --yes "$(echo "$TAGS" | head -n1 | cut -d':' -f1)@${{ steps.push.outputs.digest }}"
  env: {TAGS: "${{ steps.meta.outputs.tags }}"}
"""
    assert judge("build-signed", released_by(META, PUSH, sign, SHIP)).verdict == "pass"
    assert judge("build-signed", released_by(two, PUSH, sign, SHIP)).verdict == "fail"


@pytest.mark.parametrize(
    "cut", ["sed 's/:.*/x/'", "sed 's/[:@].*//'", "cut -d: -f2", "cut -d/ -f1", "sed -n 's/:.*//'"]
)
def test_another_part_of_a_tag_is_not_its_name(cut: str) -> None:
    name = f'image=$(echo "$TAGS" | head -n1 | {cut})'
    assert signed(name, 'cosign sign --yes "$image@$DIGEST"') != "pass"


def test_a_digest_in_a_folder_of_its_own_is_found_again() -> None:
    build = 'work=$(mktemp -d)\nbuildah build --tag ghcr.io/acme/shop:1 .\nbuildah push --digestfile "$work/{}" {}'
    lines = build.format("digest", "ghcr.io/acme/shop:1").splitlines()
    sign = 'cosign sign --yes "ghcr.io/acme/shop@$(cat "$work/digest")"'
    step = "".join(f"    {line}\n" for line in (*lines, sign))
    assert judge("build-signed", released_by(f"- run: |\n{step}", SHIP)).verdict == "pass"
    other = step.replace("--digestfile", "--quiet --iidfile")
    assert judge("build-signed", released_by(f"- run: |\n{other}", SHIP)).verdict != "pass"


@pytest.mark.parametrize("tag", ["workflow_run.head_sha", "workflow_run.run_number", "pull_request.head.sha"])
def test_what_github_says_of_an_event_is_a_tag_and_no_digest(tag: str) -> None:
    push = '- uses: docker/build-push-action@v7\n  with: {push: true, tags: "ghcr.io/acme/shop:${{ TAG }}"}\n'
    sign = '- run: cosign sign --yes "ghcr.io/acme/shop:${{ TAG }}"\n'
    steps = (each.replace("TAG", f"github.event.{tag}") for each in (push, sign))
    after = "{workflow_run: {workflows: [CI], types: [completed]}}"
    assert judge("build-signed", released_by(*steps, SHIP, on=after)).verdict == "fail"


@pytest.mark.parametrize(
    ("signed_is", "expected"),
    [
        ("${{ github.repository_owner }}/${{ github.event.repository.name }}:v1", "fail"),
        ("${{ vars.OWNER }}/shop", "fail"),
        ("${{ vars.OWNER }}/shop:latest", "fail"),
        ("acme/shop:${{ vars.VERSION }}-base", "fail"),
        ("acme/shop:${{ inputs.version }}-${GITHUB_SHA::8}", "fail"),
        ("acme/shop:${{ vars.VERSION }}", "unknown"),
        ("acme/shop${{ vars.DIGEST }}", "unknown"),
        ("acme/${{ vars.IMAGE }}", "unknown"),
        ("acme/shop:${{ vars.VERSION }}ab", "unknown"),
    ],
)
def test_a_digest_that_only_a_run_knows_ends_the_reference(signed_is: str, expected: str) -> None:
    sign = f'- run: cosign sign --yes "ghcr.io/{signed_is}"\n'
    on = "{workflow_dispatch: {inputs: {version: {required: true}}}}"
    pushed = PUSH.replace("${{ steps.meta.outputs.tags }}", f"ghcr.io/{signed_is.partition(':')[0]}:v1")
    assert judge("build-signed", released_by(pushed, sign, SHIP, on=on)).verdict == expected
