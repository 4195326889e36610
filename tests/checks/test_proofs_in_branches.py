"""Proofs in each branch of a question, and proofs in some of them."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by, script
from trees import judge

DIGEST = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
BY_KEY, KEYLESS = f"cosign sign --yes --key env://KEY {DIGEST}", f"cosign sign --yes -a x=y {DIGEST}"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['if [ -n "$KEY" ]; then', BY_KEY, "else", KEYLESS, "fi"], "pass"),
        (['if [ -n "$KEY" ]; then', BY_KEY, "fi"], "unknown"),
        (['if [ -n "$KEY" ]; then', BY_KEY, "else", KEYLESS.replace("shop", "other"), "fi"], "unknown"),
        (['if [ -n "$KEY" ]; then', BY_KEY, "else", f"{KEYLESS} || true", "fi"], "unknown"),
        (['if [ -n "$A" ] && [ -n "$B" ]; then', BY_KEY, "else", KEYLESS, "fi"], "pass"),
        (['if [ -n "$A" ] || [ -n "$B" ]; then', BY_KEY, "else", KEYLESS, "fi"], "pass"),
        (
            ['if [ -n "$A" ] && [ -n "$B" ]; then', BY_KEY, "fi", 'if [ -z "$A" ] && [ -z "$B" ]; then', KEYLESS, "fi"],
            "unknown",
        ),
        (['if [ "$A" = x ]; then', BY_KEY, 'elif [ "$A" = y ]; then', KEYLESS, "else", BY_KEY, "fi"], "pass"),
        (['if [ "$A" = x ]; then', BY_KEY, 'elif [ "$A" = y ]; then', KEYLESS, "fi"], "unknown"),
        (['case "$A" in', f"x) {BY_KEY};;", f"*) {KEYLESS};;", "esac"], "pass"),
        (['case "$A" in', f"x) {BY_KEY};;", f"y) {KEYLESS};;", "esac"], "unknown"),
        (["if ! command -v jq; then", f"exec {BY_KEY}", "fi", KEYLESS], "unknown"),
        (["if [ -f done ]; then", BY_KEY, "fi", "touch done", "if [ ! -f done ]; then", KEYLESS, "fi"], "unknown"),
    ],
)
def test_an_image_is_signed_if_each_branch_of_a_script_signs_it(lines: list[str], expected: str) -> None:
    assert judge("build-signed", released_by(PUSH, script(*lines), SHIP)).verdict == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("vars.KEY == 'x'", "vars.KEY != 'x'", "pass"),
        ("vars.KEY", "'!vars.KEY'", "pass"),
        ("vars.KEY", "'!vars.KMS'", "unknown"),
        ("vars.KEY == 'x'", "vars.KEY == 'y'", "unknown"),
    ],
)
def test_an_image_is_signed_if_of_two_steps_one_surely_runs(one: str, other: str, expected: str) -> None:
    steps = [f"- if: {one}\n  run: {BY_KEY}\n", f"- if: {other}\n  run: {KEYLESS}\n"]
    assert judge("build-signed", released_by(PUSH, *steps, SHIP)).verdict == expected
    assert judge("build-signed", released_by(PUSH, steps[0], SHIP, steps[1])).verdict != "pass"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["if [ -n $A ]; then gotestsum ./...; else go test ./...; fi"], "pass"),
        (["if command -v gotestsum; then gotestsum ./...; fi"], "unknown"),
        (["if command -v gotestsum; then gotestsum ./...; else go vet ./...; fi"], "unknown"),
        (["if [ -z $A ]; then go test ./...; exit; fi", "go test -race ./..."], "pass"),
    ],
)
def test_tests_run_if_each_branch_runs_some(lines: list[str], expected: str) -> None:
    assert judge("tests-gate-release", released_by(script(*lines), PUSH, SHIP)).verdict == expected
