"""The good releases of tests/corpus, by their names; tests/test_corpus.py says what each file has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

CORPUS = Path(__file__).parent / "corpus"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # where libyaml is, it is quick: every worker reads all of them

GOOD: dict[str, dict[str, Any]] = {
    path.relative_to(CORPUS).with_suffix("").as_posix(): yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe one
    for path in sorted(CORPUS.rglob("*.yaml"))
}
