"""Outputs by names that an action does not have: they are empty, and sign nothing."""

from __future__ import annotations

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

ACTION = """
outputs:
  digest: {value: "${{ steps.push.outputs.digest }}"}
runs:
  using: composite
  steps:
    - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a
      id: push
      with: {push: true, tags: "ghcr.io/acme/shop:1.2"}
"""
OWN = "- uses: ./build\n  id: push\n"


def signed_by(build: str, output: str) -> str:
    """The verdict on a signature of what this output of the build says."""
    sign = SIGN.replace("outputs.digest", f"outputs.{output}")
    return judge("build-signed", {**released_by(build, sign, SHIP), "build/action.yml": ACTION}).verdict


def test_an_output_that_an_action_does_not_have_names_no_digest() -> None:
    assert signed_by(PUSH, "digest") == "pass"
    assert {signed_by(PUSH, name) for name in ("diggest", "image-digest", "sha")} == {"fail"}


def test_an_output_that_an_action_of_the_repository_does_not_have_names_none_either() -> None:
    assert signed_by(OWN, "digest") == "pass"
    assert signed_by(OWN, "imageid") == "fail"
