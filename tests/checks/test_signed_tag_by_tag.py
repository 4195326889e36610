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


def signed(*lines: str, digest: str = "digest") -> str:
    """What is said of a release that is signed by these lines."""
    script = "".join(f"    {line}\n" for line in lines)
    given = {"TAGS": "meta.outputs.tags", "DIGEST": f"push.outputs.{digest}", "METADATA": "push.outputs.metadata"}
    env = "".join(f'    {name}: "${{{{ steps.{told} }}}}"\n' for name, told in given.items())
    return judge("build-signed", released_by(META, PUSH, f"- run: |\n{script}  env:\n{env}", SHIP)).verdict


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
