"""How long it takes to render a service from each template with default answers, and to judge it, in process.

    python benchmarks/templates.py [--rounds N]

Tests and a portal do both hundreds of times. The fastest run of each counts, for whatever else the machine does
can only add to it. A further template adds its own line and nothing to the others'.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import toolbox  # noqa: E402 - beside this folder
from goldenpath.contract import named  # noqa: E402
from goldenpath.repository import open_repository  # noqa: E402
from goldenpath.scorecard import evaluate  # noqa: E402
from languages import LANGUAGES  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable


def fastest(rounds: int, run: Callable[[int], object]) -> float:
    """Seconds that the fastest of these runs takes."""
    times = []
    for number in range(rounds):
        start = time.perf_counter()
        run(number)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=5, help="how often each is run (default: 5)")
    rounds = options.parse_args().rounds
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        suite = toolbox.snapshot(folder / "suite")
        print(f"fastest of {rounds} in one process{'render':>16}{'check':>12}{'files':>8}")
        for template in LANGUAGES:
            places = [folder / template / str(number) for number in range(rounds)]
            rendered = fastest(rounds, lambda number: toolbox.copy(suite, places[number], {"template": template}))  # noqa: B023
            service = places[0] / "payments-api"
            checked = fastest(rounds, lambda _: judge(service))  # noqa: B023
            files = sum(path.is_file() for path in service.rglob("*"))
            print(f"  {template:<30}{rendered * 1000:11.0f} ms{checked * 1000:9.0f} ms{files:8}")
    return 0


def judge(service: Path) -> None:
    with open_repository(service) as repository:
        card = evaluate(repository, named("standard"), date.today())
    assert card.tier == "gold", card.tier


if __name__ == "__main__":
    sys.exit(main())
