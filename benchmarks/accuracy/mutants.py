"""What the validator says of public repositories once the proofs that it has found there are broken by rule.

    PYTHONPATH=tests python benchmarks/accuracy/mutants.py DIRECTORY [--each N] [--seed N] [--only NAME] [--beside]

DIRECTORY is that of run.py. Of each pass of a check of the release that is rightly one, the steps that its evidence
names as proof are broken by the rules of tests/mutations.py, N mutants at random, and judged again; with `--beside`
nothing is broken, but something else released beside it, by tests/additions.py. A mutant that still passes is printed:
another proof may stand beside the broken one, which somebody has to read. Exit code 1: nothing could be broken.
"""

from __future__ import annotations

import argparse
import io
import pickle
import random
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml
from run import ENVIRONMENT, Repository, present  # type: ignore[import-not-found]

import mutations
from additions import CHECKS, additions
from trees import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Outcome

PROOFS = frozenset({"signed", "described", "verified"})
MOST_BYTES = 1_000_000

Files = dict[str, str | bytes | None]


class Step(NamedTuple):
    """A step of a workflow, by its job and its place in it."""

    job: str
    at: int


def files_of(repository: Repository) -> Files:
    """The files of the commit; none where the clone does not have them all."""
    command = ["git", "-C", str(repository.path), "archive", repository.commit]
    archive = subprocess.run(command, capture_output=True, check=False, env=ENVIRONMENT)
    if archive.returncode:
        print(f"{repository.name}: {archive.stderr.decode(errors='replace').strip()}", file=sys.stderr)
        return {}
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as packed:
        members = [each for each in packed if each.isfile() and each.size < MOST_BYTES]
        return {each.name: read.read() for each in members if (read := packed.extractfile(each)) is not None}


def steps_by_line(text: str) -> dict[int, Step]:
    """The step that stands in each line of a workflow."""
    found: dict[int, Step] = {}
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    jobs = mapping(root).get("jobs")
    for job, node in mapping(jobs).items():
        steps = mapping(node).get("steps")
        for at, step in enumerate(steps.value if isinstance(steps, yaml.SequenceNode) else []):
            lines = range(step.start_mark.line + 1, step.end_mark.line + 1)
            found |= dict.fromkeys(lines, Step(job, at))
    return found


def mapping(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """The values of a mapping by their keys."""
    return {key.value: each for key, each in node.value} if isinstance(node, yaml.MappingNode) else {}


def mutants(files: Files, check: str, outcome: Outcome) -> Iterator[tuple[str, Files]]:
    """The repository with one thing broken about what proves its pass."""
    places = {(each.path, each.line) for each in outcome.evidence if each.role in PROOFS}
    for path in sorted({path for path, _ in places if path.startswith(mutations.FOLDER)}):
        content = files.get(path)
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
        good, lines = mutations.parse(text), steps_by_line(text)
        again = pickle.dumps(good)
        for step in sorted({lines[line] for where, line in places if where == path and line in lines}):
            for name, change in mutations.changes_of(good, *step, check):
                workflow = pickle.loads(again)  # noqa: S301 - just written
                change(workflow)
                if workflow != good:
                    yield f"{path}: {name}", {**files, path: mutations.write(workflow)}


def beside(files: Files, check: str) -> Iterator[tuple[str, Files]]:
    """The repository with a second way out."""
    for name, added in additions(check):
        yield name, {**files, **added}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--each", type=int, default=14, metavar="N", help="how many of each pass, at random")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--beside", action="store_true", help="release something else beside it, and break nothing")
    parser.add_argument("--only", metavar="NAME", help="one repository, as owner/name")
    options = parser.parse_args()
    made, passing, drawn = Counter[str](), Counter[str](), random.Random(options.seed)  # noqa: S311 - a sample
    for repository in present(options.directory, "all"):
        if options.only not in (None, repository.name):
            continue
        asked = [each for each in CHECKS if repository.labels.get(each, {}).get("verdict") == "pass"]
        files = files_of(repository) if asked else {}
        for check in asked:
            outcome = judge(check, files)
            changed = beside(files, check) if options.beside else mutants(files, check, outcome)
            every = list(changed) if outcome.verdict == "pass" else []
            for name, broken in drawn.sample(every, min(options.each, len(every))):
                made[check] += 1
                if judge(check, broken).verdict == "pass":
                    passing[check] += 1
                    print(f"{repository.name}: {check} passes with {name}", flush=True)
    for check in CHECKS:
        print(f"{check}: {made[check]} mutants, {passing[check]} still pass")
    return 0 if made else 1


if __name__ == "__main__":
    sys.exit(main())
