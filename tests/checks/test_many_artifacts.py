"""Runs that release many things: each is judged by what is done to it, in time that grows with their number."""

from __future__ import annotations

import pytest

from goldenpath.checks._artifacts import artifacts
from goldenpath.facts import Facts
from goldenpath.facts.pipeline.acts import Files, Image
from goldenpath.facts.pipeline.runs import Run
from goldenpath.facts.values import value
from releasing import job, released_by, script, workflow
from trees import judge, repository

IMAGES = 12


def build(at: int) -> str:
    return f"""
        - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a
          id: p{at}
          with: {{push: true, tags: "ghcr.io/acme/shop{at}:1.2"}}
        """


def sign(at: int) -> str:
    return f'- run: cosign sign --yes "ghcr.io/acme/shop{at}@${{{{ steps.p{at}.outputs.digest }}}}"\n'


def files(*signed: int) -> dict[str, str | bytes | None]:
    steps = (*map(build, range(IMAGES)), *map(sign, signed))
    return {".github/workflows/release.yml": workflow(release=job(*steps))}


def test_each_of_many_images_is_signed() -> None:
    assert judge("build-signed", files(*range(IMAGES))).verdict == "pass"


@pytest.mark.parametrize("left_out", [0, 5, IMAGES - 1])
def test_one_of_many_images_that_is_not_signed_is_named_beside_the_first_signature(left_out: int) -> None:
    outcome = judge("build-signed", files(*(at for at in range(IMAGES) if at != left_out)))
    first = 1 if left_out == 0 else 0
    assert outcome.verdict == "fail"
    assert f"shop{first}@" in outcome.summary
    builds = {each.line for each in outcome.evidence if each.role == "built"}
    assert builds == {8 + 3 * left_out}


def run(tree: dict[str, str | bytes | None]) -> Run:
    found = Facts(repository(tree))["releases"].runs[0]
    assert isinstance(found, Run)
    return found


def test_what_surely_is_about_another_image_is_asked_once() -> None:
    signed = run(files(*range(IMAGES))).about("signed")
    own = signed.pairs[5]
    assert signed.of(own[1]) == [signed.pairs[0], own]
    assert len(signed.pairs) == IMAGES


def test_what_may_be_about_anything_is_asked_of_all() -> None:
    signed = run(files(*range(IMAGES))).about("signed")
    assert signed.of(Files(value("dist"))) == signed.pairs
    assert signed.apart_from(Image) == []
    assert signed.apart_from(Files) == signed.pairs


def test_of_more_files_than_are_followed_each_is_built_by_what_names_its_path() -> None:
    lines = (f"go build -o dist/a{at} ./cmd/a{at} && gh release upload v1 dist/a{at}" for at in range(303))
    assert [len(each.built) for each in artifacts(run(released_by(script(*lines))))] == [1] * 303
