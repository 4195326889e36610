"""Scans of one platform of an image that is built for several: each platform has packages of its own."""

from __future__ import annotations

import pytest

from pipelines import GOOD, changed, on_gitlab
from releasing import PUSH, SHIP, job, released_by, repository_of, script, workflow
from trees import judge

TWO = PUSH.replace("push: true", "push: true, platforms: 'linux/amd64,linux/arm64'")
ONE = PUSH.replace("push: true", "push: true, platforms: linux/arm64")
IMAGE = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
OF_ONE = [
    f"trivy image --platform linux/arm64 --exit-code 1 {IMAGE}",
    f"trivy image --platform=linux/arm64 --exit-code 1 {IMAGE}",
    f"TRIVY_PLATFORM=linux/arm64 trivy image --exit-code 1 {IMAGE}",
    f"grype --platform linux/arm64 --fail-on high {IMAGE}",
    f"GRYPE_PLATFORM=linux/arm64 grype --fail-on high {IMAGE}",
    f"docker scout cves --platform linux/arm64 --exit-code {IMAGE}",
    f"snyk container test --platform=linux/arm64/v8 {IMAGE}",
    f"for each in linux/arm64; do trivy image --platform $each --exit-code 1 {IMAGE}; done",
]
OF_BOTH = [
    f"for each in linux/amd64 linux/arm64; do trivy image --platform $each --exit-code 1 {IMAGE}; done",
    f"for each in amd64 arm64; do grype --platform linux/$each --fail-on high {IMAGE}; done",
    "\n    ".join(f"grype --platform {each} --fail-on high {IMAGE}" for each in ("arm64", "amd64")),
    f"trivy image --exit-code 1 {IMAGE}",  # what the machine takes for itself
]


def gated(built: str, *steps: str) -> str:
    return judge("vulnerabilities-gated", released_by(built, *steps, SHIP)).verdict


@pytest.mark.parametrize("line", OF_ONE)
def test_one_of_several_platforms_is_a_part(line: str) -> None:
    assert gated(TWO, script(line)) == "unknown"
    assert gated(ONE, script(line)) == "pass"
    assert gated(PUSH, script(line)) == "pass"


@pytest.mark.parametrize("line", OF_BOTH)
def test_all_of_them_are_the_image(line: str) -> None:
    assert gated(TWO, script(line)) == "pass"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("--exit-code 1", "--exit-code 1", "pass"),
        ("--exit-code 0", "--exit-code 1", "unknown"),
        ("--exit-code 1", "--exit-code 0", "unknown"),
    ],
)
def test_each_of_the_scans_must_refuse(first: str, second: str, expected: str) -> None:
    steps = (
        f"- run: trivy image --platform linux/amd64 {first} {IMAGE}",
        f"- run: trivy image --platform linux/arm64 {second} {IMAGE}",
    )
    assert gated(TWO, *steps) == expected
    assert gated(TWO, steps[0], SHIP, steps[1]) != "pass"


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("aquasecurity/trivy-action@v0", "with: {image-ref: REF, exit-code: 1}\n  env: {TRIVY_PLATFORM: linux/arm64}"),
        ("docker/scout-action@v1", "with: {command: cves, image: REF, platform: linux/arm64, exit-code: true}"),
    ],
)
def test_an_action_is_told_one(action: str, told: str) -> None:
    step = f"- uses: {action}\n  {told}\n".replace("REF", f"'{IMAGE}'")
    assert gated(TWO, step) == "unknown"
    assert gated(ONE, step) == "pass"


@pytest.mark.parametrize(
    ("platforms", "expected"), [("[linux/amd64, linux/arm64]", "pass"), ("[linux/arm64]", "unknown")]
)
def test_legs_look_at_one_each(platforms: str, expected: str) -> None:
    build = job(TWO, outputs="{digest: '${{ steps.push.outputs.digest }}'}")
    line = f"- run: trivy image --platform ${{{{ matrix.on }}}} --exit-code 1 {IMAGE}"
    scan = job(line.replace("steps.push", "needs.build"), needs="build", strategy=f"{{matrix: {{on: {platforms}}}}}")
    text = workflow(build=build, scan=scan, ship=job(SHIP, needs="scan"))
    assert judge("vulnerabilities-gated", repository_of(text)).verdict == expected


@pytest.mark.parametrize(("platforms", "expected"), [("linux/amd64,linux/arm64", "unknown"), ("linux/amd64", "pass")])
def test_so_on_gitlab(platforms: str, expected: str) -> None:
    text = changed(
        ("buildx build --push", f"buildx build --platform {platforms} --push"),
        ('grype "registry', 'grype --platform linux/amd64 "registry'),
        of=GOOD,
    )
    assert judge("vulnerabilities-gated", on_gitlab(text)).verdict == expected
