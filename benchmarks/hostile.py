"""How long hostile trees take, and how much memory: those of tests/hostile.py, one cold process each.

    python benchmarks/hostile.py [NAME …]

Exit code 1: one takes more than the goal.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from hostile import TREES, contract, run

SECONDS, MEGABYTES = 5, 300


def main() -> int:
    missed = 0
    print(f"{'tree':<34}{'s':>7}{'MB':>7}    goal: {SECONDS} s, {MEGABYTES} MB")
    for name in sys.argv[1:] or TREES:
        with tempfile.TemporaryDirectory() as temporary:
            tree = Path(temporary) / "tree"
            tree.mkdir()
            TREES[name](tree)
            try:
                done = run("check", tree, "--contract", contract(Path(temporary)), "--output", "/dev/null", timeout=120)
            except subprocess.TimeoutExpired:
                print(f"{name:<34}{'hangs':>14}    MISSED")
                missed += 1
                continue
        bad = done.seconds > SECONDS or done.megabytes > MEGABYTES or done.code != 1 or done.err
        missed += bool(bad)
        print(f"{name:<34}{done.seconds:7.2f}{done.megabytes:7.0f}{'    MISSED' if bad else ''}")
        if done.err:
            print(done.err)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
