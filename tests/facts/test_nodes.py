"""YAML becomes nodes that keep text and places, and nothing in a file can make that slow or large."""

from __future__ import annotations

import contextlib
import math
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import trees
from goldenpath.facts import libyaml
from goldenpath.facts.nodes import MAX_DEPTH, Malformed, Mapping, Scalar, Sequence, locate, parse, plain, read, read_one
from goldenpath.repository import Missing, Place


def mapping(text: str) -> Mapping:
    (root,) = parse("f.yaml", text)
    assert isinstance(root, Mapping)
    return root


def scalar(text: str) -> Scalar:
    node = mapping(f"key: {text}").get("key")
    assert isinstance(node, Scalar)
    return node


# Text and places


def test_keys_and_values_know_where_they_stand() -> None:
    root = mapping("on: push\njobs:\n  build:\n    - a\n    - {b: c}\n")
    assert root.place == Place("f.yaml", 1, 1)
    assert root.keys["jobs"].place == Place("f.yaml", 2, 1)
    steps = root.get("jobs", "build")
    assert isinstance(steps, Sequence)
    assert [item.place for item in steps.items] == [Place("f.yaml", 4, 7), Place("f.yaml", 5, 7)]


def test_scalars_keep_their_text() -> None:
    root = mapping("on: 1.10\nyes: no\nversion: '3'\n0x10: ~\n")
    assert {key: root.text(key) for key in root.values} == {"on": "1.10", "yes": "no", "version": "3", "0x10": None}


def test_get_and_text_end_where_the_path_ends() -> None:
    root = mapping("a: {b: [c], d: null, e: '', f: 'null'}")
    assert root.get("a", "none", "deeper") is None
    assert root.get("a", "b", "c") is None
    assert [root.text("a", key) for key in "bdef"] == [None, None, "", "null"]


@pytest.mark.parametrize("mark", ["|", "|-", "|2", "|2+"])
def test_a_place_in_a_literal_block_is_known_in_the_file(mark: str) -> None:
    run = mapping(f"a: b\nrun: {mark}\n\n  one\n    two\n").get("run")
    assert isinstance(run, Scalar)
    line = run.text.split("\n").index("  two")
    assert run.place_of(line, 2) == Place("f.yaml", 5, 5)


def test_a_place_in_folded_text_is_where_it_begins() -> None:
    folded = mapping("folded: >\n  three\n").get("folded")
    assert isinstance(folded, Scalar)
    assert folded.place_of(0, 3) == folded.place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("False", False), ("yes", "yes"), ("on", "on"), ("~", None), ("", None), ("null", None),
        ("12", 12), ("-7", -7), ("010", 10), ("0o17", 15), ("0x1F", 31), ("1_000", "1_000"), ("1:30", "1:30"),
        ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("-.INF", -math.inf), ("1.2.3", "1.2.3"),
        ("2027-01-31", "2027-01-31"),
        ("'12'", "12"), ('"true"', "true"), ("|\n  12", "12"), ("! 12", "12"), ("!!str 12", "12"), ("!mine 12", "12"),
    ],
)  # fmt: skip
def test_values_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert scalar(text).resolved() == value
    assert type(scalar(text).resolved()) is type(value)


def test_a_number_of_many_digits_stays_text_rather_than_break_the_conversion() -> None:
    assert scalar("9" * 5000).resolved() == "9" * 5000
    assert math.isnan(scalar(".nan").resolved())


def test_plain_shares_what_aliases_share_and_resolves_values() -> None:
    assert plain(mapping("a: &x [1, {b: true}]\nc: *x\n")) == {"a": [1, {"b": True}], "c": [1, {"b": True}]}
    assert plain(None) is None


def test_locate_goes_as_far_as_an_error_path_leads() -> None:
    root = mapping("spec:\n  checks:\n    - {tier: x}\n    - {tier: y}\n")
    assert locate(root, "$.spec.checks[1].tier") == Place("f.yaml", 4, 8)
    assert locate(root, "$.spec.checks[7].tier") == Place("f.yaml", 2, 3)
    assert locate(root, "$.spec.none.tier") == Place("f.yaml", 1, 1)
    assert locate(root, "$") == root.place


def test_documents_are_told_apart_and_empty_ones_left_out() -> None:
    assert [plain(node) for node in parse("f.yaml", "---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n")] == [
        {"a": 1},
        {"b": 2},
    ]
    assert parse("f.yaml", "") == []


def test_a_file_is_read_through_the_repository() -> None:
    repository = trees.repository(
        {"one.yaml": "a: 1", "two.yaml": "---\na: 1\n---\nb: 2", "list.yaml": "- a", "bad.yaml": b"\xff"}
    )
    assert plain(read_one(repository, "one.yaml")) == {"a": 1}
    assert read_one(repository, "none.yaml") is None
    assert len(read(repository, "two.yaml")) == 2
    with pytest.raises(Missing):
        read(repository, "none.yaml")
    for path in ["two.yaml", "list.yaml"]:
        with pytest.raises(Malformed, match="it should hold one document, a mapping"):
            read_one(repository, path)
    with pytest.raises(Malformed, match=r"it is not UTF-8 text \(line 1\)"):
        read(repository, "bad.yaml")


# Files that are wrong


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' is there twice (first in line 1)"),
        ("a: {b: 1, 'b': 2}\n", 1, "the key 'b' is there twice (first in line 1)"),
        ("a: *x\n", 1, "the alias *x has no anchor before it"),
        ("a: &x [*x]\n", 1, "the alias *x has no anchor before it"),
        ("--- &x a\n--- *x\n", 2, "the alias *x has no anchor before it"),
        ("a:\n  ? [b]\n  : c\n", 2, "a key is a list or a mapping; keys must be text"),
        ("a: [b\nc: d\n", 2, "it is not valid YAML: "),
        ("a: b: c\n", 1, "it is not valid YAML: mapping values are not allowed"),
        ("a: b\n\tc: d\n", 2, "it is not valid YAML: a tab stands where spaces belong"),
        ("é: é\nb: \x1b[31m\n", 2, "it holds a character that YAML forbids (U+001B)"),
        ("a: 1\nb: '\n", 3, "it is not valid YAML: found unexpected end of stream"),
        ("%YAML 2.0\n---\na\n", 1, "it is not valid YAML: found incompatible YAML document"),
    ],
)
@pytest.mark.parametrize("parser", ["libyaml", "python"])
def test_what_is_wrong_is_said_with_its_line(
    text: str, line: int, problem: str, parser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parser == "python":
        monkeypatch.setattr(libyaml, "Parser", yaml.SafeLoader)
        monkeypatch.setattr(libyaml, "ReaderError", yaml.reader.ReaderError)
        monkeypatch.setattr(libyaml, "COUNTS_BYTES", False)
        problem = re.split("found|mapping", problem)[0]
    with pytest.raises(Malformed) as malformed:
        parse("f.yaml", text)
    assert problem in str(malformed.value)
    assert (malformed.value.place.path, malformed.value.place.line) == ("f.yaml", line)


def test_tags_construct_nothing() -> None:
    root = mapping("a: !!python/object/apply:os.system [echo]\n")
    assert plain(root) == {"a": ["echo"]}


# Files that are built to hurt

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (LAUGHS, "it has more than 200,000 nodes once its aliases are expanded"),
        ("- x\n" * 250_000, "it has more than 200,000 nodes once its aliases are expanded"),
        ("[" * 500_000, f"it is nested more than {MAX_DEPTH} levels deep"),
        ("{a: " * 250_000, f"it is nested more than {MAX_DEPTH} levels deep"),
        ("- " * 500_000, f"it is nested more than {MAX_DEPTH} levels deep"),
        ("? " * 500_000, f"it is nested more than {MAX_DEPTH} levels deep"),
        (
            "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}]\n" for n in range(1000)),
            f"more than {MAX_DEPTH} levels deep",
        ),
    ],
    ids=["laughs", "wide", "flow", "maps", "lists", "keys", "aliases"],
)
@pytest.mark.timeout(120)
def test_size_depth_and_aliases_are_bounded(text: str, problem: str) -> None:
    with pytest.raises(Malformed, match=problem):
        parse("f.yaml", text)


@given(st.text() | st.text(alphabet="ab:-?[]{}&*!|>'\"%#\n \t,.<0~"))
def test_any_text_is_nodes_or_malformed(text: str) -> None:
    if "\0" in text:  # Repository.text refuses it
        return
    with contextlib.suppress(Malformed):
        for node in parse("f.yaml", text):
            plain(node)
