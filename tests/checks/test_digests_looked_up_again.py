"""Digests that a registry is asked for once the image is pushed, and what picks them from its answer."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by
from trees import judge

TAG = "ghcr.io/acme/shop:1.2"


@pytest.mark.parametrize(
    "ask",
    [
        f"docker buildx imagetools inspect {TAG} --format '{{{{json .Manifest}}}}' | jq -r .digest",
        f"docker buildx imagetools inspect {TAG} | awk '/^Digest:/ {{print $2}}' | head -n1",
        f"crane digest {TAG} | tr -d '\\n'",
        f"skopeo inspect docker://{TAG} | jq -r .Digest",
        "aws ecr describe-images --repository-name shop --query 'imageDetails[0].imageDigest' --output text",
        "gcloud container images describe gcr.io/acme/shop:1.2 --format 'value(image_summary.digest)'",
    ],
)
def test_a_tag_that_is_looked_up_names_whatever_stands_there_by_then(ask: str) -> None:
    step = f'- run: |\n    digest=$({ask})\n    cosign sign --yes "ghcr.io/acme/shop@$digest"\n'
    assert judge("build-signed", released_by(PUSH, step, SHIP)).verdict == "fail"


def test_what_another_program_makes_of_it_is_not_known() -> None:
    pick = f"digest=$(crane digest {TAG} | ./tools/pick)"
    step = f'- run: |\n    {pick}\n    cosign sign --yes "ghcr.io/acme/shop@$digest"\n'
    assert judge("build-signed", released_by(PUSH, step, SHIP)).verdict == "unknown"


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ("crane digest IMAGE", "pass"),
        ("crane digest ghcr.io/acme/shop:1.2", "fail"),
        ("crane digest --platform linux/amd64 IMAGE", "fail"),
        ("crane digest --tarball shop.tar IMAGE", "fail"),
        ("crane digest ghcr.io/acme/other:1", "fail"),
    ],
)
def test_a_digest_that_is_asked_for_by_itself_is_the_same_whatever_has_become_of_the_tag(
    ask: str, expected: str
) -> None:
    image = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
    step = f"- run: |\n    digest=$({ask})\n    cosign sign --yes ghcr.io/acme/shop@$digest\n".replace("IMAGE", image)
    whole = step.replace("digest ", "digest --full-ref ", 1).replace("ghcr.io/acme/shop@$digest", "$digest")
    assert judge("build-signed", released_by(PUSH, step, SHIP)).verdict == expected
    assert judge("build-signed", released_by(PUSH, whole, SHIP)).verdict in {expected, "unknown"}


@pytest.mark.parametrize(
    ("pick", "expected"),
    [("head -n1", "pass"), ("tail -n 1", "pass"), ("tail -n2", "unknown"), ("tail -c 8", "unknown")],
)
def test_the_first_line_or_the_last_one_of_a_digest_is_the_digest(pick: str, expected: str) -> None:
    build = f"docker buildx build --push -t {TAG} --metadata-file m.json ."
    read = f"digest=$(jq -r '.\"containerimage.digest\"' m.json | {pick})"
    step = f"- run: |\n    {build}\n    {read}\n    cosign sign --yes ghcr.io/acme/shop@$digest\n"
    assert judge("build-signed", released_by(step, SHIP)).verdict == expected


@pytest.mark.parametrize("nothing", ["echo -n ''", "printf ''", "cat /dev/null"])
def test_the_first_line_of_nothing_is_nothing(nothing: str) -> None:
    image = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
    step = f'- run: |\n    none="$({nothing} | head -n1)"\n    cosign sign --yes {image}$none\n'
    assert judge("build-signed", released_by(PUSH, step, SHIP)).verdict == "pass"
