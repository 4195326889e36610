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
