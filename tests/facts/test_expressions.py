"""GitHub's expressions: what they are worth, when they are true, and what stays open."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldenpath.facts.expressions import (
    NULL,
    Array,
    Known,
    MalformedExpression,
    Object,
    condition,
    evaluate,
    interpolate,
)
from goldenpath.facts.values import Symbol, Value

TAG = Symbol("tag", "release")
DIGEST = Symbol("digest", "build")
KNOWN: dict[tuple[str, ...], Known] = {
    ("github", "event_name"): ("push",),
    ("github", "ref"): ("refs/tags/v", TAG),
    ("github", "ref_type"): ("tag",),
    ("inputs", "dry-run"): False,
    ("inputs", "count"): 3.0,
    ("steps", "absent"): NULL,
    ("steps", "push", "outputs", "digest"): (DIGEST,),
    ("env", "Mode"): ("release",),
    ("matrix",): Object((("os", ("linux",)), ("tags", Array((("a",), ("b",)))))),
    ("needs", "build", "result"): ("success",),
}


def nothing_known(_path: tuple[str, ...]) -> None:
    return None


def unknown(text: str) -> Value:
    return (Symbol("unknown", text),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("null", NULL),
        ("true", True),
        ("-1.5e2", -150.0),
        ("0xFF", 255.0),
        ("0o17", 15.0),
        ("'it''s'", ("it's",)),
        ("''", ()),
        ("1 < 2 && 'a' || 'b'", ("a",)),
        ("false && 'a' || 'b'", ("b",)),
        ("null || 0 || ''", ()),
        ("!'' ", True),
        ("!(1 == 1)", False),
        ("'A' == 'a'", True),
        ("'1' == 1", True),
        ("'' == 0", True),
        ("'x' == 0", False),
        ("true == 'true'", False),
        ("true == '1'", True),
        ("null == false", True),
        ("NaN == NaN", False),
        ("'b' > 'A'", True),
        ("2 >= 2", True),
        ("'10' < 9", False),
        ("github.event_name", ("push",)),
        ("GitHub['Event_Name']", ("push",)),
        ("github[format('event_{0}', 'name')]", ("push",)),
        ("inputs.dry-run", False),
        ("inputs.count == '3'", True),
        ("steps.absent.outputs.x", NULL),
        ("steps.push.outputs.digest", (DIGEST,)),
        ("matrix.OS", ("linux",)),
        ("matrix.tags[1]", ("b",)),
        ("matrix.tags[7]", NULL),
        ("env.Mode", ("release",)),
        ("env.mode", unknown("env.mode")),
        ("contains(matrix.tags, 'A')", True),
        ("contains('Hello', 'ELL')", True),
        ('contains(fromJSON(\'["push", "tag"]\'), github.event_name)', True),
        ("startsWith('Hello', 'hE')", True),
        ("endsWith('Hello', 'LO')", True),
        ("format('{0}-{1}{{}}', 'a', 2)", ("a-2{}",)),
        ("join(matrix.tags, '+')", ("a+b",)),
        ('join(fromJSON(\'[{"n":1},{"n":2},{}]\').*.n)', ("1,2",)),
        ("toJSON(matrix.tags)", ('[\n  "a",\n  "b"\n]',)),
        ('fromJSON(\'{"A": {"b": [true]}}\').a.B[0]', True),
        ("case(false, 1, true, 2, 3)", 2.0),
        ("hashFiles('**/*.lock')", unknown("hashfiles('**/*.lock')")),
    ],
)
def test_an_expression_is_worth_what_github_says(text: str, expected: Known) -> None:
    assert evaluate(text, KNOWN.get) == expected


def test_a_number_that_is_none_is_nan() -> None:
    known = evaluate("NaN", nothing_known)
    assert isinstance(known, float)
    assert math.isnan(known)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("startsWith(github.ref, 'refs/tags/')", True),
        ("startsWith(github.ref, 'REFS/tags/V')", True),
        ("startsWith(github.ref, 'refs/heads/')", False),
        ("startsWith(github.ref, 'refs/tags/v1')", None),
        ("github.ref == 'refs/heads/main'", False),
        ("github.ref != 'refs/heads/main'", True),
        ("github.ref == 'refs/tags/v1'", None),
        ("github.ref == 'refs'", False),
        ("github.ref == github.ref", True),
        ("github.ref", True),
        ("contains(github.ref, '/tags/')", True),
        ("contains(github.ref, '-rc')", None),
        ("endsWith(format('{0}-rc', x), '-RC')", True),
        ("format('{0}-rc', x) == 'v1'", False),
        ("format('a{0}b{1}c', x, y) == 'a-c'", False),
        ("steps.push.outputs.digest != ''", True),
        ("steps.push.outputs.digest", True),
        ("steps.absent.outputs.digest != ''", False),
        ("unknown == true", None),
        ("format('x{0}', y) == 1", False),
        ("contains(unknown, '')", None),
        ("contains(fromJSON('[1,2]'), x)", None),
        ("contains(fromJSON(x), 'a')", None),
    ],
)
def test_a_condition_on_what_is_partly_known_is_decided_where_it_can_be(text: str, expected: bool | None) -> None:
    assert condition(text, KNOWN.get).decided is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", {"a"}),
        ("a && github.event_name == 'push' && b.C", {"a", "b.c"}),
        ("a && (b && c)", {"a", "b", "c"}),
        ("false || a && true", {"a"}),
        ("github.event_name == 'x' || (a && b)", {"a", "b"}),
        ("b || a", {"a || b"}),
        ("!(a || b)", {"!a", "!b"}),
        ("!!a", {"a"}),
        ("!(a == 'X')", {"a != 'x'"}),
        ("'X' == a", {"a == 'x'"}),
        ("a == b", {"a == b"}),
        ("b == a", {"a == b"}),
        ("!contains(a, 'X')", {"!(contains(a, 'X'))"}),
        ("${{ a }}", {"a"}),
        ("a && always()", {"a"}),
        ("inputs.dry-run && a || b", {"b"}),
        ("github.ref == 'refs/tags/v1'", {"'refs/tags/v1' == 'refs/tags/v<tag release>'"}),
    ],
)
def test_what_is_left_of_a_condition_is_a_conjunction_in_canonical_form(text: str, expected: set[str]) -> None:
    found = condition(text, KNOWN.get)
    assert found.decided is None
    assert found.atoms == expected


def test_one_condition_implies_another_when_it_has_all_its_atoms() -> None:
    weaker = condition("github.event_name == 'push' && inputs.sign", KNOWN.get)
    stronger = condition("inputs.sign && !inputs.skip", KNOWN.get)
    assert weaker.atoms <= stronger.atoms
    assert not stronger.atoms <= weaker.atoms


@pytest.mark.parametrize(
    ("text", "decided", "after_failure", "status"),
    [
        (None, True, False, set()),
        ("  ", True, False, set()),
        ("true", True, False, set()),
        ("false", False, False, set()),
        ("a", None, False, set()),
        ("always()", True, True, {"always"}),
        ("ALWAYS()", True, True, {"always"}),
        ("success()", True, False, {"success"}),
        ("failure()", False, True, {"failure"}),
        ("cancelled()", False, True, {"cancelled"}),
        ("!cancelled()", True, True, {"cancelled"}),
        ("!success()", False, True, {"success"}),
        ("!failure()", True, True, {"failure"}),
        ("!failure() && !cancelled()", True, False, {"failure", "cancelled"}),
        ("success() || failure()", True, True, {"success", "failure"}),
        ("success() && a", None, False, {"success"}),
        ("always() && a", None, True, {"always"}),
        ("always() && needs.build.result == 'success'", True, True, {"always"}),
        ("failure() && false", False, False, {"failure"}),
    ],
)
def test_status_functions_decide_what_runs_after_a_failure(
    text: str | None, decided: bool | None, after_failure: bool, status: set[str]
) -> None:
    found = condition(text, KNOWN.get)
    assert (found.decided, found.after_failure, set(found.status)) == (decided, after_failure, status)


def test_what_is_known_after_a_failure_may_be_something_else() -> None:
    failed = {**KNOWN, ("needs", "build", "result"): ("failure",)}
    found = condition("always() && needs.build.result == 'success'", KNOWN.get, after_failure=failed.get)
    assert (found.decided, found.after_failure) == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "${{ false }} && false",
        "${{ github.event_name }} == 'x'",
        "!${{ true }}",
        "${{ false }}\n",
        " ${{ false }}",
        "${{ false }}${{ false }}",
        "github.event_name == ${{ 'x' }}",
    ],
)
def test_text_beside_an_expression_is_a_string_and_true(text: str) -> None:
    assert condition(text, KNOWN.get).decided is True


def test_a_status_function_in_a_string_still_replaces_success() -> None:
    found = condition("${{ failure() }} && x", KNOWN.get)
    assert (found.decided, found.after_failure, set(found.status)) == (True, True, {"failure"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", ("plain",)),
        ("", ()),
        ("${{ github.event_name }}", ("push",)),
        ("a-${{ inputs.count }}-${{ inputs.dry-run }}${{ null }}", ("a-3-false",)),
        ("img@${{ steps.push.outputs.digest }}", ("img@", DIGEST)),
        ("${{ x }}/${{ X }}", (Symbol("unknown", "x"), "/", Symbol("unknown", "x"))),
        ("${{ 'a}}b' }}", ("a}}b",)),
        ("${{ 'it''s }}' }}!", ("it's }}!",)),
        ("${{ inputs.dry-run && '--dry' || '--push' }}", ("--push",)),
        ("${{ x && 'a' || 'b' }}", unknown("(x && 'a') || 'b'")),
        ("${{ a + b }}", unknown("a + b")),
        ("${{ a", unknown("${{ a")),
        ("$ {{ a }} $${{ 'b' }}", ("$ {{ a }} $b",)),
    ],
)
def test_text_is_known_as_far_as_its_expressions_are(text: str, expected: Value) -> None:
    assert interpolate(text, KNOWN.get) == expected


def test_equal_expressions_give_equal_symbols() -> None:
    one = interpolate("${{ needs.A.outputs['x'] }}", nothing_known)
    other = interpolate("${{needs.a['outputs'].X}}", nothing_known)
    assert one == other == unknown("needs.a.outputs.x")


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("a &&", 4),
        ("(a", 2),
        ("a b", 2),
        ("'open", 0),
        ('"a"', 0),
        ("a = b", 2),
        ("a..b", 2),
        ("a.0", 1),
        ("contains(a)", 0),
        ("f(a,)", 4),
        ("!" * 60 + "a", 49),
        ("(" * 60 + "a" + ")" * 60, 50),
    ],
)
def test_a_malformed_expression_says_where_and_why(text: str, offset: int) -> None:
    with pytest.raises(MalformedExpression) as raised:
        evaluate(text, nothing_known)
    assert raised.value.sentence.endswith(".")
    assert raised.value.offset >= 0
    if len(text) < 60:
        assert raised.value.offset == offset
    found = condition(text or "${{ }}", nothing_known)
    assert found.decided is None
    assert found.problem


@pytest.mark.parametrize(
    "text",
    [
        "(" * 20_000,
        "!" * 20_000 + "a",
        "a" + ".b" * 10_000,
        "a && " * 4_000 + "b",
        "(a||b)&&" * 2_500 + "c",
        "a[" * 9_000,
        "fromJSON('" + "[" * 20_000 + "')",
        "a" * 30_000,
        "1" * 20_000,
        "1 == " + "9" * 400 + "e9",
        "fromJSON('[1e999, " + "9" * 500 + "]')",
    ],
)
def test_a_hostile_expression_is_bounded(text: str) -> None:
    condition(text, nothing_known)
    interpolate(f"${{{{ {text} }}}}", nothing_known)


FRAGMENTS = [
    "a",
    ".",
    "*",
    "[",
    "]",
    "(",
    ")",
    "'x'",
    "'",
    "!",
    "==",
    "&&",
    "||",
    "<",
    ",",
    " ",
    "1",
    "-",
    "0x",
    "}}",
    "${{",
]


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from([*FRAGMENTS, "format(", "fromJSON("])).map("".join)))
def test_no_text_breaks_it(text: str) -> None:
    found = condition(text, KNOWN.get)
    assert (found.decided is None) == bool(found.atoms)
    interpolate(text, KNOWN.get)
