"""Text that fits, and never says more to a terminal than what it shows."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldenpath.reports.terminal import Surface, printable, shorten, standard_output, width, wrap


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("payments-api é 語", "payments-api é 語"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\x9b31mb", "a\\x9b31mb"),
        ("one\ntwo\tthree\r\n", "one two three  "),
        ("a\u202egnp.exe", "a\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("no\u00a0break", "no break"),
        ("caf\udce9", "caf\\udce9"),
        ("bell\a\0", "bell\\x07\\x00"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_whatever_is_printed_is_printable_and_can_be_encoded(text: str) -> None:
    assert printable(text).isprintable()
    printable(text).encode()


def test_width_counts_columns() -> None:
    assert [width(text) for text in ("abc", "é", "e\u0301", "語", "✓")] == [3, 1, 1, 2, 1]


@given(st.text(alphabet="ab 語e\u0301é/-"), st.integers(8, 60))
def test_wrapped_lines_fit_and_lose_nothing(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(alphabet="ab 語e\u0301é/-"), st.integers(8, 60), st.booleans())
def test_shortened_text_fits(text: str, columns: int, unicode: bool) -> None:
    short = shorten(text, columns, Surface(unicode=unicode))
    assert width(short) <= columns
    assert short == text or width(text) > columns


def test_text_is_cut_at_a_word_where_that_loses_little() -> None:
    assert shorten("the digest that is pushed", 20, Surface()) == "the digest that is…"
    assert shorten("a-very-long-word-without-end", 10, Surface()) == "a-very-lo…"
    assert shorten("a-very-long-word-without-end", 10, Surface(unicode=False)) == "a-very-..."


class Terminal(io.StringIO):
    def __init__(self, encoding: str = "utf-8", tty: bool = True) -> None:
        super().__init__()
        self._encoding, self._tty = encoding, tty

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._tty


@pytest.mark.parametrize(
    ("tty", "environment", "colours"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_who_wants_them(
    tty: bool, environment: dict[str, str], colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal(tty=tty))
    assert standard_output().colours is colours


@pytest.mark.parametrize(("columns", "laid_out_for"), [("80", 80), ("20", 40), ("300", 120), ("", 100), ("-3", 100)])
def test_columns_stay_where_a_report_can_be_read(
    columns: str, laid_out_for: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "stdout", Terminal("ascii"))
    assert standard_output().columns == laid_out_for
    assert not standard_output().unicode
