"""A page with a component's history: one file, no script, light and dark, readable without its picture."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from goldenpath.record.measures import answers, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from goldenpath.record.history import History, Point
    from goldenpath.record.measures import Failing, Measures, Quarter

WIDTH, ROW, LEFT, RIGHT, TOP = 860, 56, 92, 24, 16
"""Measures of the picture, in its own units: width, height of a tier's band, and what stands around."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --line: #d9d9e0; --paper: #fcfcfd; --card: #fff;
  --none: #8b8d98; --bronze: #a5673f; --silver: #6f7780; --gold: #a9820c; --bad: #c62a2f; --good: #1a7f4b }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #b0b4ba; --line: #363a3f; --paper: #111113;
  --card: #18191b; --none: #777b84; --bronze: #cf9468; --silver: #a9b1ba; --gold: #e0b83a; --bad: #ff9592;
  --good: #3dd68c } }
body { margin: 0 auto; max-width: 920px; padding: 24px 16px 48px; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0 0 4px } h2 { font-size: 18px; margin: 0 }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px;
  margin: 18px 0 }
p { margin: 2px 0 12px; color: var(--soft) } svg { display: block; width: 100%; height: auto }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft) }
table { border-collapse: collapse; width: 100%; font-size: 14px; margin-top: 12px }
th { text-align: left; font-weight: 600; color: var(--soft) }
th, td { padding: 5px 8px 5px 0; border-top: 1px solid var(--line); vertical-align: top }
code { font: 13px ui-monospace, monospace } .won { color: var(--good) } .lost { color: var(--bad) }
"""
_KNOWN = ("bronze", "silver", "gold")


def page(histories: Sequence[History]) -> str:
    """The histories as one HTML page."""
    sections = "".join(map(_section, histories)) or "<p>Nothing is recorded of this repository yet.</p>"
    names = ", ".join(escape(_name(each)) for each in histories)
    return _document(f"History of {names or 'nothing'}", "Tier over time", "From the record of evaluations.", sections)


def overview(found: Measures) -> str:
    """The measures as one HTML page."""
    rows = "".join(f"<tr><th>{escape(asked)}</th><td>{escape(said)}</td></tr>" for asked, said in answers(found))
    sections = f"<section><table>{rows}</table></section>\n"
    if found.quarters:
        sections += f"<section><h2>Share that has reached at least</h2>{_quarters(found.quarters)}</section>\n"
    if found.failing:
        sections += f"<section><h2>Not proven most often</h2>{_failing(found.failing)}</section>\n"
    return _document("Measures", "How the services fare", f"As of {found.as_of}.", sections)


def _document(title: str, heading: str, about: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{heading}</h1><p>{about}</p>{body}</body></html>"
    )


def _quarters(quarters: Sequence[Quarter]) -> str:
    """A bar for each tier and quarter, with its share in words beside it."""
    tiers = list(quarters[-1].reached)
    head = "".join(f"<th>{escape(tier)}</th>" for tier in tiers)
    rows = [
        f"<tr><td>{escape(quarter.name)}</td>"
        + "".join(_bar(tier, quarter.reached.get(tier, 0), quarter.components) for tier in tiers)
        + f"<td>{quarter.components}</td></tr>"
        for quarter in quarters
    ]
    return f"<table><tr><th>Quarter</th>{head}<th>Components</th></tr>{''.join(rows)}</table>"


def _bar(tier: str, part: int, whole: int) -> str:
    width = 100 * part / whole if whole else 0
    bar = '<svg viewBox="0 0 100 6" aria-hidden="true"><rect width="100" height="6" rx="3" fill="var(--line)"/>'
    bar += f'<rect width="{width:.1f}" height="6" rx="3" fill="{_colour(tier)}"/></svg>'
    return f"<td>{share(part, whole)}{bar}</td>"


def _failing(failing: Sequence[Failing]) -> str:
    rows = [
        f"<tr><td>{escape(each.check)}</td><td>{each.components}</td><td>{each.waived}</td>"
        f"<td>{escape(', '.join(each.where))}{', …' if each.components > len(each.where) else ''}</td></tr>"
        for each in failing
    ]
    head = "<tr><th>Check</th><th>Components</th><th>of them waived</th><th>Where</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _section(history: History) -> str:
    last = history.points[-1]
    since = f"{history.points[0].at:%Y-%m-%d} to {last.at:%Y-%m-%d}"
    now = f"{last.tier or 'no tier'}, {last.share} checks met{last.excused}"
    return (
        f"<section><h2>{escape(_name(history))}</h2><p>{escape(now)} · {since}, {len(history.points)} evaluations</p>"
        f"{_picture(history)}{_table(history)}</section>\n"
    )


def _name(history: History) -> str:
    return history.component.removeprefix("component:").removeprefix("default/")


def _picture(history: History) -> str:
    """The tier as steps over time, and below it the share of checks that were met."""
    levels = ["no tier", *history.tiers]
    height = TOP + ROW * len(levels) + 28
    points = history.points
    begin, end = points[0].at.timestamp(), points[-1].at.timestamp()

    def x(point: Point) -> float:
        share = (point.at.timestamp() - begin) / (end - begin) if end > begin else 1.0
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(tier: str | None) -> float:
        level = levels.index(tier) if tier in levels else 0
        return TOP + ROW * (len(levels) - 1 - level) + ROW / 2

    def share_of(point: Point) -> float:
        share = point.met / point.asked if point.asked else 0.0
        return TOP + ROW * len(levels) - share * ROW * len(levels)

    area = " ".join(f"{x(point):.1f},{share_of(point):.1f}" for point in points)
    floor = TOP + ROW * len(levels)
    parts = [
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tier):.1f}" y2="{y(tier):.1f}" stroke="var(--line)"/>'
        f'<text x="{LEFT - 12}" y="{y(tier) + 4:.1f}" text-anchor="end">{escape(tier)}</text>'
        for tier in levels
    ]
    outline = f"{x(points[0]):.1f},{floor} {area} {x(points[-1]):.1f},{floor}"
    parts.append(f'<polygon points="{outline}" fill="var(--soft)" opacity=".12"/>')
    parts += _steps(points, x, y)
    parts.append(f'<text x="{LEFT}" y="{height - 6}">{points[0].at:%Y-%m-%d}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{height - 6}" text-anchor="end">{points[-1].at:%Y-%m-%d}</text>')
    told = f"Tier of {_name(history)}: {points[0].tier or 'no tier'} at first, {points[-1].tier or 'no tier'} now"
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(told)}">{"".join(parts)}</svg>'


def _steps(points: Sequence[Point], x: Callable[[Point], float], y: Callable[[str | None], float]) -> Iterator[str]:
    """A line for as long as a tier lasted, and a dot for each evaluation."""
    for before, after in pairwise(points):
        line = f'stroke="{_colour(before.tier)}" fill="none"'
        yield f'<path d="M{x(before):.1f} {y(before.tier):.1f}H{x(after):.1f}" {line} stroke-width="4"/>'
        if before.tier != after.tier:
            way = f"M{x(after):.1f} {y(before.tier):.1f}V{y(after.tier):.1f}"
            yield f'<path d="{way}" {line} stroke-width="2" stroke-dasharray="3 3"/>'
    for point in points:
        title = f"{point.at:%Y-%m-%d %H:%M}: {point.tier or 'no tier'}, {point.share} met{point.excused}"
        yield (
            f'<circle cx="{x(point):.1f}" cy="{y(point.tier):.1f}" r="4.5" fill="{_colour(point.tier)}">'
            f"<title>{escape(title)}</title></circle>"
        )


def _colour(tier: str | None) -> str:
    return f"var(--{tier})" if tier in _KNOWN else "var(--soft)" if tier else "var(--none)"


def _table(history: History) -> str:
    """The evaluations at which something changed, the newest first."""
    rows, before = [], None
    for point in history.points:
        if before is None or before.tier != point.tier or point.won or point.lost:
            moved = [f'<span class="won">+ {escape(check)}</span>' for check in point.won]
            moved += [f'<span class="lost">- {escape(check)}</span>' for check in point.lost]
            commit = f"<code>{escape(point.commit[:12])}</code>" if point.commit else ""
            rows.append(
                f"<tr><td>{point.at:%Y-%m-%d}</td><td>{escape(point.tier or 'no tier')}</td>"
                f"<td>{point.share}{point.excused}</td><td>{'<br>'.join(moved)}</td><td>{commit}</td></tr>"
            )
        before = point
    head = "<tr><th>Day</th><th>Tier</th><th>Met</th><th>What changed</th><th>Commit</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(reversed(rows))}</tbody></table>"
