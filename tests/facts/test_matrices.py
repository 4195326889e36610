"""What the legs of a matrix are, as GitHub makes them, and what expressions see in them."""

from __future__ import annotations

import pytest

from goldenpath.facts.expressions import Known, evaluate
from goldenpath.facts.nodes import Node, parse
from goldenpath.facts.pipeline.matrices import Leg, legs_of, meanings_in_legs, of_matrix
from goldenpath.facts.values import Symbol, value
from releasing import PUSH, SHIP, SIGN, job, repository_of, workflow
from trees import judge


def matrix(text: str) -> Node:
    (document,) = parse("x.yml", text)
    return document


def said(known: Known) -> object:
    return known[0] if isinstance(known, tuple) else known


def legs(text: str) -> list[dict[str, object]] | None:
    found = legs_of(matrix(text), lambda _: None)
    return None if found is None else [{name: said(known) for name, known in leg.items()} for leg in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{os: [a, b], sign: [true]}", [{"os": "a", "sign": True}, {"os": "b", "sign": True}]),
        ("{os: [a, b], x: [1, 2], exclude: [{os: b}, {x: 2}]}", [{"os": "a", "x": "1"}]),
        ("{include: [{os: a}, {os: b, x: y}]}", [{"os": "a"}, {"os": "b", "x": "y"}]),
        ("{os: [a, b], include: [{os: a, x: y}]}", [{"os": "a", "x": "y"}, {"os": "b"}]),
        ("{os: [a, b], include: [{x: y}]}", [{"os": "a", "x": "y"}, {"os": "b", "x": "y"}]),
        ("{os: [a], include: [{os: c, x: y}]}", [{"os": "a"}, {"os": "c", "x": "y"}]),
        ("{os: [a], include: [{x: y}, {x: z}]}", [{"os": "a", "x": "z"}]),
        ("{os: '${{ fromJSON(needs.x.outputs.y) }}'}", None),
        ("{os: [a], include: '${{ fromJSON(vars.X) }}'}", None),
        ("{os: ['${{ vars.X }}'], exclude: [{os: a}]}", None),
        ("{os: []}", None),
    ],
)
def test_legs(text: str, expected: list[dict[str, object]] | None) -> None:
    assert legs(text) == expected


def test_a_value_is_known_where_all_legs_agree() -> None:
    found = legs_of(matrix("{image: [{name: api, sign: true}, {name: web, sign: true}], os: [a]}"), lambda _: None)
    look = of_matrix(found, "build", {})
    seen = lambda path: look(path[1:]) if path[0] == "matrix" else None  # noqa: E731
    assert evaluate("matrix.os == 'a'", seen) is True
    assert evaluate("matrix.none == null", seen) is True
    assert evaluate("matrix.image.name == 'api'", seen) not in (True, False)


SIGNS = {
    "{sign: [true]}": "pass",
    "{sign: [false]}": "fail",
    "{sign: ['false']}": "pass",
    "{include: [{sign: false}]}": "fail",
    "{os: [a, b], include: [{sign: true}]}": "pass",
    "{os: [a, b], include: [{os: a, sign: true}, {os: b, sign: true}]}": "pass",
    "{os: [a, b], include: [{os: a, sign: true}]}": "fail",
    "{os: [a, b], sign: [true, false], exclude: [{sign: false}]}": "pass",
    "{os: [a, b], sign: [true, false], exclude: [{sign: true}]}": "fail",
    "{os: [a, b], sign: [true, false], exclude: [{os: a, sign: false}]}": "fail",
    "{sign: [1, 2]}": "pass",
}


@pytest.mark.parametrize(("matrix", "verdict"), SIGNS.items())
def test_a_signer_that_the_matrix_asks_for(matrix: str, verdict: str) -> None:
    signer = SIGN.rstrip() + "\n  if: matrix.sign\n"
    build = job(PUSH, signer, strategy=f"{{matrix: {matrix}}}")
    assert judge("build-signed", repository_of(workflow(build=build, ship=job(SHIP, needs="build")))).verdict == verdict


def test_a_condition_that_every_leg_fulfils_in_its_own_way() -> None:
    signer = SIGN.rstrip() + "\n  if: matrix.os == 'a' || matrix.os == 'b'\n"
    build = job(PUSH, signer, strategy="{matrix: {os: [a, b]}}")
    assert judge("build-signed", repository_of(workflow(build=build, ship=job(SHIP, needs="build")))).verdict == "pass"


def test_legs_with_several_names_are_told_apart_by_each() -> None:
    legs: list[Leg] = [{"b": value("x"), "a": value("1")}, {"b": value("y"), "a": value("2")}]
    of = [value(Symbol("matrix", "build/b")), value(Symbol("matrix", "build/a"))]
    expected = tuple((Symbol("matrix", "build/a"), leg["a"]) for leg in legs)
    found = meanings_in_legs(legs, "sign", {"a": "build", "b": "build"}, of)
    assert tuple(each[0] for each in found) == expected
