"""Every link from one of this repository's documents to a file of it, or to a heading there, leads somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import toolbox
from goldenpath.facts.markdown import read_document
from toolbox import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

LINK = re.compile(r"!?\[[^\]]*\]\((?!https?:|mailto:)([^)\s]+)\)|(?:src|href)=\"(?!https?:)([^\"]+)\"")
HOME = "https://github.com/goldenpath-dev/goldenpath/blob/main/"
DOCUMENTS = [path for path in toolbox.git(ROOT, "ls-files", "*.md").splitlines() if not path.startswith("templates/")]


def links(text: str) -> Iterator[str]:
    """What is linked, but for what stands in code."""
    prose = re.sub(r"(?ms)^ *(`{3,}).*?^ *\1`*$|`[^`\n]*`", "", text)
    yield from (one or other for one, other in LINK.findall(prose))
    yield from (f"/{path}" for path in re.findall(rf"\({re.escape(HOME)}([^)\s]+)\)", prose))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document: str) -> None:
    here = ROOT / document
    for link in links(here.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = (ROOT / path[1:] if path.startswith("/") else here.parent / path) if path else here
        assert target.exists(), f"{document} links {link}"
        if anchor and target.suffix == ".md":
            assert read_document(target.read_text(encoding="utf-8")).reached(anchor), f"{document} links {link}"
