"""The documents that are made from the checks and the report's models, and kept in docs/."""

from __future__ import annotations

import json

from goldenpath.checks import load, shipped_ids
from goldenpath.contract import named
from goldenpath.reports.json import schema
from goldenpath.reports.pages import index, page

PAGES = "docs/checks"
OWNED: tuple[str, ...] = (f"{PAGES}/*.md",)


def documents() -> dict[str, str]:
    """Every generated document by its path in this repository."""
    asked = {name: requirements[0] for name, requirements in named("standard").checks.items()}
    tiers = list(asked)
    ids = sorted(shipped_ids(), key=lambda name: (tiers.index(name) if name in asked else len(tiers), name))
    checks = [(load(name), asked.get(name)) for name in ids]
    pages = {f"{PAGES}/{check.id}.md": page(check, requirement) for check, requirement in checks}
    return pages | {
        f"{PAGES}/index.md": index(checks),
        "docs/report.schema.json": json.dumps(schema(), indent=2, ensure_ascii=False) + "\n",
    }
