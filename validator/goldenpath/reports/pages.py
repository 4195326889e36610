"""A check explained: on the terminal, as its page in the documentation, and in the list of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import EVERY_TYPE
from goldenpath.reports.terminal import printable, width, wrap
from goldenpath.reports.text import coming

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from goldenpath.checks import Check
    from goldenpath.contract import Contract, Requirement
    from goldenpath.reports.terminal import Surface


def explanation(check: Check, surface: Surface, guide: str = "") -> str:
    """What a check proves, why, and how to meet it, for the terminal; last a repository's own guide, in Markdown."""
    about = f"{check.id}: asked of {_applies(check)}; takes {check.fix.effort} to meet"
    head = [surface.paint(line, "bold") for line in wrap(check.title, surface.columns)]
    return "\n".join(
        [
            *head,
            *(surface.paint(line, "dim") for line in wrap(about, surface.columns)),
            "",
            *_laid_out(f"{check.page}\n\n{guide}".rstrip(), surface),
        ]
    )


def page(check: Check, requirement: Requirement | None) -> str:
    """The check's page in Markdown. `requirement` is what the `standard` contract asks."""
    asked = f"{requirement.tier}, {requirement.level}" if requirement else "not asked"
    return "\n".join(
        [
            f"# {check.id}",
            "",
            f"**{check.title}.**",
            "",
            "| tier in `standard` | asked of | time to meet |",
            "| --- | --- | --- |",
            f"| {asked} | {_applies(check)} | {check.fix.effort} |",
            "",
            check.page,
            "",
            f"In short: {check.fix.summary.rstrip('.')}. `goldenpath explain {check.id} PATH` shows what that means",
            "for the repository at PATH, filled in with its own names.",
            "",
        ]
    )


def index(checks: list[tuple[Check, Requirement | None]]) -> str:
    """The list of all checks in Markdown."""
    rows = [
        f"| [{check.id}]({check.id}.md) | {asked.tier if asked else ''} | {_applies(check)} | {check.title} |"
        for check, asked in checks
    ]
    head = [
        "# Checks",
        "",
        "| check | tier in `standard` | asked of | true when it passes |",
        "| --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows, ""])


def listing(contract: Contract, today: date, surface: Surface) -> str:
    """Every check of a contract by tier, as it is asked today."""
    from goldenpath.checks import load

    head = wrap(printable(f"contract {contract.lineage}"), surface.columns)
    lines = [surface.paint(line, "dim") for line in head]
    in_force = contract.in_force(today)
    ids = max(len(name) for name in contract.checks) + 2
    for tier in contract.tiers:
        names = [name for name, requirement in in_force.items() if requirement.tier == tier]
        lines += [
            "",
            surface.paint(tier.capitalize(), "bold")
            + ("" if names else surface.paint("  nothing is asked yet", "dim")),
        ]
        for name in names:
            check = load(name)
            notes = [f"asked of {_applies(check)}"] if check.applies is not EVERY_TYPE else []
            notes += ["advisory"] if in_force[name].level == "advisory" else []
            notes += [f"by {printable(whose)}"] if (whose := contract.differing(name)) else []
            text = f"{check.title} ({', '.join(notes)})" if notes else check.title
            first, *more = wrap(text, surface.columns - ids - 2)
            lines += [f"  {name.ljust(ids)}{first}", *(" " * (ids + 2) + line for line in more)]
    off = [f"{contract.name} switches {name} off: {why}" for name, why in contract.switched_off.items()]
    off = [line for text in off for line in wrap(printable(text), surface.columns)]
    lines += ["", *(surface.paint(line, "yellow") for line in off)] if off else []
    if announced := contract.announced(today):
        texts = (text for _, text in coming(announced.items()))
        lines += ["", *(surface.paint(line, "yellow") for text in texts for line in wrap(text, surface.columns))]
    return "\n".join([*lines, "", "goldenpath explain CHECK says what one proves, why, and how to meet it."])


def _applies(check: Check) -> str:
    return (
        "every component" if check.applies is EVERY_TYPE else " or ".join(f"a {kind}" for kind in sorted(check.applies))
    )


def _laid_out(markdown: str, surface: Surface) -> Iterator[str]:
    """Markdown as a terminal shows it: headings stand out, paragraphs and lists are wrapped, tables kept.

    Code stays between its fences and is not indented, so that it can be copied.
    """
    paragraph: list[str] = []
    indent = ""
    fence = ""

    def flush() -> Iterator[str]:
        nonlocal indent
        if paragraph:
            first, *more = wrap(" ".join(paragraph), surface.columns - width(indent))
            hanging = " " * width(indent)
            yield indent + first
            yield from (hanging + line for line in more)
        paragraph.clear()
        indent = ""

    for line in markdown.splitlines():
        if fence and line == fence:
            yield surface.paint(line, "dim")
            fence = ""
        elif fence:
            yield surface.paint(line, "cyan")
        elif line.startswith("```"):
            yield from flush()
            yield surface.paint(line, "dim")
            fence = line.rstrip("abcdefghijklmnopqrstuvwxyz")
        elif line.startswith("#"):
            yield from flush()
            yield surface.paint(line.lstrip("# "), "bold")
        elif not line.strip() or line.startswith("|"):
            yield from flush()
            yield line
        elif (text := line.lstrip()).startswith(("- ", "* ")):
            yield from flush()
            indent = line[: len(line) - len(text) + 2]
            paragraph.append(text[2:])
        else:
            paragraph.append(text)
    yield from flush()
