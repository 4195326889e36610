"""How long a check takes over many workflows, and how that grows: nothing may be quadratic.

    python benchmarks/workflows.py

Thirty files of two hundred lines are checked in a cold process, beside a bare process that parses the same files with
PyYAML's CSafeLoader. Then the number of jobs, steps and outputs, the length of an expression and of scripts of several
kinds are doubled, and the time of processors over that of a check of almost nothing is compared: about 2 is linear, 4
is quadratic. What is compared takes turns, and of all rounds the ratio in the middle counts: a machine that is slow, or
quick, for a while is so for all of them. Exit code 1: a goal is missed.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from check import PARSE  # type: ignore[import-not-found]
from check import run as timed

from hostile import run

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES, MEGABYTES, GROWTH = 4.0, 150, 3.0
"""Most that a check may take beside the parser, most memory, and what a doubled input may cost at most."""

ROUNDS = 9
FILES, JOBS, STEPS = 30, 4, 8

HEAD = 'name: {name}\non: {{push: {{tags: ["v*"]}}}}\npermissions: {{contents: read}}\njobs:\n'
PINNED = "0123456789abcdef0123456789abcdef01234567"


def workflow(name: str, jobs: int = JOBS, steps: int = STEPS, condition: str = "github.ref_type == 'tag'") -> str:
    """A workflow that builds, tests and hands over; about fifty lines a job."""
    return HEAD.format(name=name) + "".join(job(f"j{number}", number, steps, condition) for number in range(jobs))


def job(name: str, number: int, steps: int, condition: str) -> str:
    needs = f"    needs: [j{number - 1}]\n" if number else ""
    lines = [f"  {name}:\n    name: The job {name}\n    runs-on: ubuntu-24.04\n    timeout-minutes: 10\n{needs}"]
    lines += [f"    if: {condition}\n    permissions: {{contents: read}}\n    steps:\n"]
    lines += [f"      - uses: actions/checkout@{PINNED} # v5.0.0\n"]
    for step in range(steps):
        lines.append(f"      - id: s{step}\n        env: {{VERSION: '${{{{ github.ref_name }}}}'}}\n        run: |\n")
        lines.append(f'          echo "step {step} of $VERSION"\n          echo "out=$VERSION" >> "$GITHUB_OUTPUT"\n')
    return "".join(lines)


def tree(folder: Path, files: dict[str, str]) -> Path:
    """A repository of these workflows."""
    workflows = folder / ".github" / "workflows"
    workflows.mkdir(parents=True)
    for name, text in files.items():
        (workflows / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def seconds(*commands: list[str], of_processors: bool = False) -> list[list[float]]:
    """What the commands take in each round: time, or processors' time, to which others on the machine add less."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/dev/null/home"}
    return [[timed(command, environment)[of_processors] for command in commands] for _ in range(ROUNDS)]


def script(lines: str, job: str = "") -> str:
    """A workflow of one job with one script; `job` is what else the job says."""
    indented = "".join(f"          {line}\n" for line in lines.splitlines())
    return (
        f"{HEAD.format(name='script')}  a:\n{job}    runs-on: x\n    steps:\n      - id: s\n        run: |\n{indented}"
    )


def outputs(size: int) -> str:
    """A job that hands over as many outputs, and one that needs it."""
    names = [f"k{number}" for number in range(size)]
    told = "".join(f"      {name}: ${{{{ steps.s.outputs.{name} }}}}\n" for name in names)
    written = "".join(f'echo "{name}=$A" >> "$GITHUB_OUTPUT"\n' for name in names)
    return script(written, f"    outputs:\n{told}") + "  b: {needs: a, runs-on: x, steps: [{run: date}]}\n"


def releasing(size: int) -> str:
    """A job that builds as many images, and signs them after that."""
    lines = ["    permissions: {packages: write, id-token: write}\n    runs-on: x\n    steps:\n"]
    for at in range(size):
        given = f"{{push: true, tags: 'ghcr.io/acme/shop{at}:1'}}"
        lines.append(f"      - id: p{at}\n        uses: docker/build-push-action@{PINNED}\n        with: {given}\n")
    for at in range(size):
        digest = f"${{{{ steps.p{at}.outputs.digest }}}}"
        lines.append(f"      - run: cosign sign --yes ghcr.io/acme/shop{at}@{digest}\n")
    return f"{HEAD.format(name='images')}  a:\n{''.join(lines)}"


def step_by_step(line: Callable[[int], str], size: int) -> str:
    """A job of as many steps, each as it is made of its number."""
    steps = "".join(f"      - {line(at)}\n" for at in range(size))
    return f"{HEAD.format(name='steps')}  a:\n    runs-on: x\n    steps:\n{steps}"


def condition(number: int, terms: int) -> str:
    """A condition of as many terms; no two numbers have a term in common, for what is read once is remembered."""
    return '"' + " || ".join(f"github.ref == '{number}-{term}'" for term in range(terms)) + '"'


GROWING: dict[str, Callable[[int], str]] = {
    "jobs": lambda size: workflow("jobs", jobs=60 * size),
    "steps": lambda size: workflow("steps", jobs=1, steps=300 * size),
    "expressions": lambda size: step_by_step(lambda at: f"{{if: {condition(at, 200 * size)}, run: date}}", 60),
    "outputs": lambda size: outputs(800 * size),
    "images and signatures": lambda size: releasing(200 * size),
    "steps with `if`": lambda size: step_by_step(lambda at: f"{{if: inputs.a{at}, run: date}}", 900 * size),
    "variables of steps": lambda size: step_by_step(
        lambda at: f'run: echo "A{at}=$A{at - 1}" >> "$GITHUB_ENV"', 300 * size
    ),
    "folders of the PATH": lambda size: step_by_step(
        lambda at: f'run: echo "$PWD/b{at}" >> "$GITHUB_PATH"; tool{at}', 200 * size
    ),
    **{
        f"a script: {name}": lambda size, lines=lines, line=line: script("".join(map(line, range(lines * size))))  # type: ignore[misc]
        for name, (lines, line) in {
            "if": (400, lambda at: f'if test -n "$A{at}"; then B{at}=$A{at}; fi\n'),
            "&&": (600, lambda at: f"a{at} && B{at}=1\n"),
            "codes": (500, lambda at: f"a{at} || failed=1\n"),
            "exit": (400, lambda at: f'test -n "$A{at}" || exit 0\n'),
            "loops": (400, lambda at: f"for x in $A{at}; do B{at}=$x; done\n"),
            "functions": (600, lambda at: f"f{at}() {{ B{at}=$A{at}; }}; f{at}\n"),
            "|| true": (800, lambda at: f"a{at} || true\n"),
            "here-documents": (800, lambda at: f"cat > f{at} <<END\nline $A{at}\nEND\n"),
            "curl | bash": (400, lambda at: f"curl -fsSL https://shop.example/{at}.sh | bash\n"),
            "source": (1_200, lambda at: f"source ./s{at}.sh\n"),
            "unzip": (200, lambda at: f"unzip -o a{at}.zip -d d{at}\n"),
            "git clean": (100, lambda at: f"syft . -o cyclonedx-json=s{at}.json\ngit clean -fdx\n"),
            "<( )": (200, lambda at: f"cosign attest --yes --predicate <(syft r{at} -o cyclonedx-json) r{at}\n"),
            "curl -o": (400, lambda at: f"curl -o f{at} https://shop.example/{at}\n"),
            "git push": (400, lambda at: f"git push deploy{at} HEAD:main\n"),
            "helm template": (200, lambda at: f"helm template a{at} ./chart > a{at}.yaml\n"),
            "docker run": (400, lambda at: f'docker run --rm -v "$PWD:/src" alpine make a{at}\n'),
        }.items()
    },
    "a script: files": lambda size: script(
        "".join(f"go build -o dist/a{at} ./cmd/a{at}\ngh release upload v1 dist/a{at}\n" for at in range(200 * size))
    ),
    "a script: case": lambda size: script(
        'case "$A" in\n' + "".join(f"a{at}) B{at}=1;;\n" for at in range(1_600 * size)) + "esac\n"
    ),
}


def main() -> int:
    goldenpath = shutil.which("goldenpath") or sys.exit("goldenpath is not on PATH; run `make bench`")
    reached = True
    with tempfile.TemporaryDirectory() as temporary:
        many = tree(Path(temporary) / "many", {f"w{number}": workflow(f"w{number}") for number in range(FILES)})
        paths = sorted(str(path) for path in many.rglob("*.yml"))
        lines = sum(Path(path).read_text().count("\n") for path in paths) // len(paths)
        python = str(Path(goldenpath).with_name("python"))
        rounds = seconds([goldenpath, "check", str(many)], [python, "-c", PARSE, *paths])
        megabytes = run("check", many, "--output", "/dev/null", timeout=60).megabytes
        print(f"{FILES} workflows of {lines} lines each; the middle of {ROUNDS} cold processes")
        for label, figure, goal in (
            ("goldenpath check / PyYAML's CSafeLoader", median(check / parse for check, parse in rounds), TIMES),
            ("memory in MB", megabytes, MEGABYTES),
        ):
            reached &= figure <= goal
            print(f"  {label:<45}{figure:8.2f}    goal: at most {goal}{'' if figure <= goal else '   MISSED'}")

        def judged(name: str, text: str) -> list[str]:
            return [goldenpath, "check", str(tree(Path(temporary) / name, {"w": text}))]

        nothing = judged("none", workflow("none", 1, 1))
        print("twice the input, in time of processors beyond that of a check of one small workflow")
        for name, make in GROWING.items():
            sizes = [judged(f"{name}{size}", make(size)) for size in (1, 2)]
            beyond = [
                (once - least, twice - least) for least, once, twice in seconds(nothing, *sizes, of_processors=True)
            ]
            once, twice = map(median, zip(*beyond, strict=True))
            growth = median(twice / once for once, twice in beyond)
            reached &= growth <= GROWTH
            shown = f"{once * 1000:6.0f} ms to {twice * 1000:6.0f} ms"
            print(
                f"  {name:<25}{shown}{growth:8.2f}    goal: at most {GROWTH}{'' if growth <= GROWTH else '   MISSED'}"
            )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
