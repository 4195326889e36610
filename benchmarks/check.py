"""How long `goldenpath check` takes on a generated service, beside what it is compared with.

    python benchmarks/check.py [SERVICE] [--contract NAME|FILE] [--rounds N]

Each is a cold process; all take turns, so that a machine that is busy for a moment is so for everyone, and the fastest
run of each counts: whatever else the machine does can only add to it. The processor time of all processes together is
shown beside it; where it is less than the time, they had to wait for others, and the figures are no good. A first check
finds nothing kept of earlier ones, and keeps its own, which is in its time. Without SERVICE one is made from the
template. Exit code 1: a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from goldenpath.contract import choose
from goldenpath.repository import Repository, open_repository
from goldenpath.scorecard import evaluate

ROOT = Path(__file__).resolve().parent.parent
PARSE = "import sys, yaml\nfor path in sys.argv[1:]: list(yaml.load_all(open(path, 'rb'), yaml.CSafeLoader))"
"""What any tool must do that reads these files at all: start Python, import PyYAML, parse with libyaml."""


def make_service(folder: Path) -> Path:
    """A service from the template, as `copier copy` makes it."""
    sys.path.insert(0, str(ROOT / "tests"))
    import toolbox

    return toolbox.copy(toolbox.snapshot(folder / "suite"), folder, {})


def yaml_files_read(service: Path, contract: str | None) -> list[str]:
    """The YAML files that a check of the service reads."""
    read: dict[str, None] = {}
    original = Repository.bytes

    def remember(repository: Repository, path: str, *limit: int) -> bytes:
        content = original(repository, path, *limit)
        if path.endswith((".yaml", ".yml")):
            read[str(service / path)] = None
        return content

    Repository.bytes = remember  # type: ignore[method-assign, assignment]
    try:
        with open_repository(service) as repository:
            evaluate(repository, choose(repository, contract), date.today())
    finally:
        Repository.bytes = original  # type: ignore[method-assign]
    return list(read)


def run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds that a process takes from start to end, and seconds of processors that it uses with its children."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in {0, 1, 3} or b"Traceback" in done.stderr:  # 1 here and 3 there: something is not met
        sys.exit(f"{' '.join(command)}\n{done.stderr.decode()}")
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def git(*arguments: str | Path) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments], check=True, capture_output=True
    )


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument(
        "service", nargs="?", type=Path, help="the repository to check (default: one from the template)"
    )
    options.add_argument("--contract", help="the platform contract")
    options.add_argument("--rounds", type=int, default=30, help="how often each is run (default: 30)")
    chosen = options.parse_args()

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        made = chosen.service or make_service(folder)
        service = shutil.copytree(made, folder / "service", symlinks=True, ignore=shutil.ignore_patterns(".git"))
        git("init", "--quiet", service)
        git("-C", service, "add", "--all")
        git("-C", service, "commit", "--quiet", "--message", "service")
        git("clone", "--quiet", "--bare", service, folder / "service.git")
        files = yaml_files_read(service, chosen.contract)

        contract = ["--contract", chosen.contract] if chosen.contract else []
        goldenpath = shutil.which("goldenpath") or sys.exit("goldenpath is not on PATH; run `make bench`")
        check = [goldenpath, "check", *contract]
        changing = shutil.copytree(service, folder / "changing", symlinks=True)
        changed = changing / Path(files[0]).relative_to(service)
        editing = shutil.copytree(service, folder / "editing", symlinks=True)
        edited = sorted(editing.glob("src/**/*.py"))
        commands = {
            "directory": [*check, str(service)],
            "again": [*check, str(service)],
            "changed": [*check, str(changing)],
            **({"edited": [*check, str(editing)]} if edited else {}),
            "bare": [*check, str(folder / "service.git")],
            "bare again": [*check, str(folder / "service.git")],
            "yaml": [str(Path(goldenpath).with_name("python")), "-c", PARSE, *files],
        }
        if other := shutil.which("sp-repo-review"):
            commands["other"] = [other, str(service)]
        nothing_kept, kept = folder / "nothing-kept", folder / "kept"

        def turn(name: str) -> tuple[float, float]:
            shutil.rmtree(nothing_kept, ignore_errors=True)
            for path in (changed, *edited[-1:]):
                path.write_text(f"{path.read_text(encoding='utf-8')}# changed\n", encoding="utf-8")
            cache = kept if name in {"again", "changed", "edited", "bare again"} else nothing_kept
            environment = {"PATH": os.environ["PATH"], "HOME": temporary, "XDG_CACHE_HOME": str(cache)}
            return run(commands[name], environment)

        for name in commands:
            turn(name)  # compiles what is not compiled yet
        turns = [{name: turn(name) for name in commands} for _ in range(chosen.rounds)]

    times, used = ({name: min(turn[name][kind] for turn in turns) for name in commands} for kind in (0, 1))
    print(f"{len(files)} YAML files; fastest of {chosen.rounds} cold processes, taking turns" + "processors".rjust(14))
    for name, label in {
        "directory": "goldenpath check, a directory",
        "again": "  again, nothing has changed",
        "changed": "  again, the entity has changed",
        "edited": "  again, a source has changed",
        "bare": "goldenpath check, a bare repository",
        "bare again": "  again, nothing has changed",
        "yaml": "PyYAML's CSafeLoader, the same YAML files",
        "other": "sp-repo-review, the same directory",
    }.items():
        figures = f"{times[name] * 1000:7.0f} ms{used[name] * 1000:11.0f} ms" if name in times else "not installed"
        print(f"  {label:<45}{figures}")
    goals = [
        *((name, than, goal) for name in ("directory", "again") for than, goal in (("other", 0.5), ("yaml", 3.0))),
        ("bare", "directory", 1.5),
    ]
    reached = True
    for name, than, goal in goals:
        if than in times:
            ratio = times[name] / times[than]
            reached &= ratio <= goal
            print(
                f"  {f'{name} / {than}':<45}{ratio:14.2f}    goal: at most {goal}{'' if ratio <= goal else '   MISSED'}"
            )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
