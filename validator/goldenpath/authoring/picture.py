"""The text report as an SVG picture, for README: real output, made again whenever the report changes."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from goldenpath.contract import choose
from goldenpath.reports import text
from goldenpath.reports.terminal import Surface, width
from goldenpath.repository import open_repository
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from pathlib import Path

CHARACTER, LINE, MARGIN = 8.4, 20, 20
"""Pixels: the advance of a 14 px monospace character, the height of a line, the space around."""

FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace"
BACKGROUND, FOREGROUND = "#16161d", "#d8d8d8"
_COLOURS = {
    "2": "#8a8a94", "31": "#ff6b6b", "32": "#5fd787", "33": "#e5c07b", "36": "#56b6c2",
    "38;5;173": "#d7875f", "38;5;250": "#bcbcbc", "38;5;220": "#ffd700",
}  # fmt: skip
_PAINTED = re.compile(r"\x1b\[([0-9;]+)m(.*?)\x1b\[0m|([^\x1b]+)")


def picture(path: Path, columns: int) -> str:
    """The report on a repository as SVG."""
    with open_repository(path) as repository:
        scorecard = evaluate(repository, choose(repository, None), date.today())
    return svg(text.render(scorecard, Surface(columns, colours=True)), columns)


def svg(painted: str, columns: int) -> str:
    """Text with colour codes as SVG; every run of one colour stands at its own column, so that no font can shift it."""
    lines = painted.splitlines()
    across, down = round(columns * CHARACTER) + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" viewBox="0 0 {across} {down}">',
        "<title>A report of goldenpath check</title>",
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
        f'<g font-family="{FONTS}" font-size="14" fill="{FOREGROUND}" style="white-space:pre">',
    ]
    for number, line in enumerate(lines):
        column = 0
        for codes, coloured, plain in _PAINTED.findall(line):
            run = coloured or plain
            drawn += _run(run, codes, MARGIN + column * CHARACTER, MARGIN + number * LINE)
            column += width(run)
    return "\n".join([*drawn, "</g>", "</svg>", ""])


def _kept(run: str) -> str:
    """Text whose blanks no browser folds, whatever it thinks of `white-space` in a picture."""
    return escape(run).replace(" ", "\N{NO-BREAK SPACE}")


def _run(run: str, codes: str, left: float, top: float) -> list[str]:
    """One run of one colour; a badge is a filled box with dark text."""
    colour = next((hexadecimal for code, hexadecimal in _COLOURS.items() if f";{code};" in f";{codes};"), FOREGROUND)
    parts = f";{codes};"
    across = width(run) * CHARACTER
    box = []
    if ";7;" in parts:
        box = [f'<rect x="{left:.1f}" y="{top}" width="{across:.1f}" height="{LINE}" rx="3" fill="{colour}"/>']
        colour = BACKGROUND
    weight = ' font-weight="bold"' if ";1;" in parts else ""
    fill = f' fill="{colour}"' if colour != FOREGROUND else ""
    return (
        [*box, f'<text x="{left:.1f}" y="{top + 15}" textLength="{across:.1f}"{fill}{weight}>{_kept(run)}</text>']
        if run.strip()
        else box
    )
