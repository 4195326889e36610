"""Which files of Go are surely no part of a build, against the definitions of cmd/go."""

from __future__ import annotations

import pytest

from goldenpath.facts.pipeline.build_tags import leaves_out


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("package a\n", "", False),
        ("//go:build integration\n\npackage a\n", "", True),
        ("//go:build integration\n\npackage a\n", "integration", False),
        ("// A license.\n\n//go:build e2e && linux\n\npackage a\n", "", True),
        ("//go:build e2e || unit\n", "unit", False),
        ("//go:build e2e || linux\n", "", False),
        ("//go:build linux\n", "", False),
        ("//go:build !short\n", "", False),
        ("//go:build !short\n", "short", True),
        ("//go:build (e2e && !unit) || smoke.v2\n", "smoke.v2", False),
        ("//go:build go1.21\n", "", False),
        ("//go:build ignore\n", "", True),
        ("package a\n\n//go:build integration\n", "", False),
        ("//go:build f(x)\n", "", False),
        ("//go:build a &&\n", "", False),
        (f"//go:build {'(' * 400}\n", "", False),
        (f"//go:build {'!' * 490}a\n", "", True),
    ],
)
def test_a_file_is_left_out_whose_constraint_surely_does_not_hold(text: str, given: str, expected: bool) -> None:
    assert leaves_out(text, frozenset(given.split())) is expected
