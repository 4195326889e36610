"""Scripts that take `sha256:` from a digest, and set it before it again."""

from __future__ import annotations

import pytest

from pipelines import GOOD, PROOFS, changed, on_gitlab
from releasing import PUSH, SHIP, released_by
from trees import judge

SAID = '    - echo "DIGEST=$DIGEST" >> build.env\n'


def signed(script: str) -> str:
    """Whether an image is signed that is named so; `DIGEST` is what was pushed."""
    step = f"- run: '{script}'\n  env:\n    DIGEST: ${{{{ steps.push.outputs.digest }}}}"
    return judge("build-signed", released_by(PUSH, step, SHIP)).verdict


@pytest.mark.parametrize(
    "script",
    [
        'cosign sign --yes "ghcr.io/acme/shop@sha256:${DIGEST#sha256:}"',
        'cosign sign --yes "ghcr.io/acme/shop@sha256:${DIGEST##*:}"',
        'HEX=${DIGEST#*:}; cosign sign --yes "ghcr.io/acme/shop@sha256:$HEX"',
        'HEX=${DIGEST#sha256:}; cosign sign --yes "ghcr.io/acme/shop@sha256:${HEX#sha256:}"',
    ],
)
def test_it_is_the_same_digest(script: str) -> None:
    assert signed(script) == "pass"


@pytest.mark.parametrize(
    "script",
    [
        'cosign sign --yes "ghcr.io/acme/shop@sha256:$DIGEST"',
        'cosign sign --yes "ghcr.io/acme/shop@${DIGEST#sha256:}"',
        'cosign sign --yes "ghcr.io/acme/shop@sha256:sha256:${DIGEST#sha256:}"',
        'cosign sign --yes "ghcr.io/acme/shop@sha512:${DIGEST#sha256:}"',
        'cosign sign --yes "ghcr.io/acme/shop@sha256:${DIGEST#sha256:}0"',
        'cosign sign --yes "ghcr.io/acme/shop@sha256:${DIGEST%sha256:}"',
        'cosign sign --yes "ghcr.io/acme/shop@sha256:${OTHER#sha256:}"',
    ],
)
def test_it_is_none(script: str) -> None:
    assert signed(script) != "pass"


def test_a_digest_may_be_handed_over_without_its_algorithm() -> None:
    bare = changed((SAID, SAID.replace("$DIGEST", "${DIGEST#sha256:}")))
    head, behind = bare.split("\nverify:")
    for word, expected in ("$IMAGE@sha256:$DIGEST", "pass"), ("$IMAGE@$DIGEST", "unknown"):
        tree = on_gitlab(f"{head}\nverify:{behind.replace('$IMAGE@$DIGEST', word)}")
        assert judge("provenance-verified", tree).verdict == expected


def test_a_digest_that_jq_reads_is_one_too() -> None:
    tree = on_gitlab(GOOD.replace("$IMAGE@$DIGEST", "$IMAGE@sha256:${DIGEST#sha256:}"))
    assert {judge(check, tree).verdict for check in PROOFS} == {"pass"}
