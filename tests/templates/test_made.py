"""What the tests of a running service stand on: its folder is shared by all workers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from made import Make

ALONE = "alone:\n\t@mkdir busy && sleep 0.3 && rmdir busy\n"
"""Fails where it runs beside itself."""


def test_two_targets_never_run_beside_each_other_in_one_folder(tmp_path: Path) -> None:
    """`make types` compiles all anew, so the classes are gone for whoever tests them at that time."""
    (tmp_path / "Makefile").write_text(ALONE, encoding="utf-8")
    make = Make(Path("uv"), Path("python"))

    with ThreadPoolExecutor(3) as workers:
        list(workers.map(lambda _: make(tmp_path, "alone"), range(3)))
