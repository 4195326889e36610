"""Trees that are built to hurt whoever reads them, and a run of the real command on one, with what it cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import goldenpath
from goldenpath.checks import shipped_ids

if TYPE_CHECKING:
    from collections.abc import Callable

ENTITY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments-api
  annotations: {backstage.io/techdocs-ref: "dir:.", pagerduty.com/service-id: PABC123}
spec: {type: service, lifecycle: production, owner: group:default/payments}
"""

READ = (
    "catalog-info.yaml", "mkdocs.yml", "docs/index.md", "docs/runbook.md", "CODEOWNERS", ".github/CODEOWNERS",
    ".github/workflows/release.yml", ".github/workflows/ci.yml", ".github/actions/build/action.yml", "action.yml",
    "slo.yaml", "observability/slo.yaml", "observability/alerts.yaml", "alertmanager.yml", "openslo/slo.yml",
    ".gitlab-ci.yml",
    ".goreleaser.yaml", "Makefile", "Dockerfile", "scripts/release.sh", "package.json", "package-lock.json",
    "pnpm-lock.yaml", "yarn.lock", "pyproject.toml", "uv.lock", "requirements.txt", "setup.cfg", "go.mod", "go.sum",
    "Cargo.toml", "Cargo.lock", "pom.xml", "build.gradle", ".github/dependabot.yml", "renovate.json",
    ".copier-answers.yml", "policies/kyverno.yaml", "tox.ini", "noxfile.py", "justfile", "Taskfile.yml",
    ".pre-commit-config.yaml",
)  # fmt: skip
"""Files that some check may want to read."""

SLO = """\
version: prometheus/v1
service: payments-api
slos:
  - name: a
    objective: 99
    alerting: {name: A}
    sli: {events: {error_query: "a{code='500'}[{{.window}}]", total_query: "a[{{.window}}]"}}
"""
STEP = "      - uses: actions/checkout@v4\n"
WORKFLOW = f"""\
on: {{push: {{tags: ["v*"]}}}}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
{STEP}"""


# Linux's own count, where there is one: what getrusage says begins with the memory of whoever started the process.
MEASURED = """
import resource, sys
from pathlib import Path
from goldenpath.cli import main
code = main()
sys.stdout.flush()
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
here = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
print("\\n", here + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


class Run(NamedTuple):
    """What a run of the command said and cost: wall time in seconds; the peak memory in MB of its process, and of the
    largest that it started."""

    code: int
    out: str
    err: str
    seconds: float
    megabytes: float


def run(*arguments: str | Path, timeout: float) -> Run:
    """Run `goldenpath` in a process of its own. Raises TimeoutExpired when it hangs."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(goldenpath.__file__).parents[1])}
    command = [sys.executable, "-c", MEASURED, *arguments]
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout, check=False)
    seconds = time.perf_counter() - start
    err, _, kilobytes = done.stderr.rstrip().rpartition("\n")
    return Run(done.returncode, done.stdout, err.strip(), seconds, int(kilobytes) / 1024)


def contract(folder: Path) -> Path:
    """A contract that asks for every check there is."""
    checks = "".join(f"    {name}: {{tier: bronze}}\n" for name in shipped_ids())
    path = folder / "contract.yaml"
    path.write_text(
        "apiVersion: goldenpath.dev/v1\nkind: PlatformContract\n"
        "metadata: {name: all, version: 1, owner: group:platform}\n"
        f"spec:\n  tiers: [bronze]\n  checks:\n{checks}"
    )
    return path


def everywhere(content: str | bytes) -> Callable[[Path], None]:
    """A tree in which every file that may be read has this content."""

    def make(tree: Path) -> None:
        for name in READ:
            write(tree, name, content)

    return make


def write(tree: Path, name: str, content: str | bytes) -> Path:
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def links_out(tree: Path) -> None:
    secret = write(tree.parent, "outside/secret", "secret: hunter2\n")
    for name in READ:
        write(tree, name, "").unlink()
        (tree / name).symlink_to(secret)
    (tree / "linked").symlink_to(secret.parent)


def circles(tree: Path) -> None:
    for name in READ:
        write(tree, name, "").unlink()
        (tree / name).symlink_to(Path(name).name)
    (tree / "up").symlink_to("..")
    (tree / "here").symlink_to(".")


def pipes(tree: Path) -> None:
    """Files that were tracked and are named pipes now."""
    everywhere("")(tree)
    git(tree, "init", "--quiet")
    git(tree, "add", "--all")
    for name in READ:
        (tree / name).unlink()
        os.mkfifo(tree / name)


def sparse(tree: Path) -> None:
    for name in READ:
        with write(tree, name, "").open("r+b") as file:
            file.truncate(1 << 30)


def many_workflows(tree: Path) -> None:
    write(tree, "catalog-info.yaml", ENTITY)
    for number in range(10_000):
        write(tree, f".github/workflows/{number}.yml", WORKFLOW)


def many_files(tree: Path) -> None:
    write(tree, "catalog-info.yaml", ENTITY)
    for folder in range(100):
        (tree / f"src/{folder}").mkdir(parents=True)
        for number in range(1000):
            (tree / f"src/{folder}/{number}.py").touch()


def many_components(tree: Path) -> None:
    entity = ENTITY.replace("\n  annotations", "-{}\n  annotations").replace(
        '{backstage.io/techdocs-ref: "dir:.", ', "{{"
    )
    entity = entity.replace("PABC123}", "PABC123}}").replace("spec: {", "spec: {{").replace("payments}", "payments}}")
    write(tree, "catalog-info.yaml", "---\n".join(entity.format(number) for number in range(4_000)))


def long_release(tree: Path) -> None:
    write(tree, "catalog-info.yaml", ENTITY)
    write(tree, ".github/workflows/release.yml", WORKFLOW + STEP * 20_000)


def wide_jobs(tree: Path) -> None:
    jobs = ""
    for number in range(1500):
        needs = ", ".join(f"j{before}" for before in range(max(0, number - 60), number))
        jobs += f"  j{number}: {{runs-on: x, needs: [{needs}], steps: [{{run: make}}]}}\n"
    write(tree, ".github/workflows/release.yml", f"on: {{push: {{tags: ['v*']}}}}\njobs:\n{jobs}")
    write(tree, "catalog-info.yaml", ENTITY)


def in_run(script: str) -> Callable[[Path], None]:
    """A release whose one step runs this script."""

    def make(tree: Path) -> None:
        write(tree, "catalog-info.yaml", ENTITY)
        lines = "".join(f"          {line}\n" for line in script.splitlines())
        write(tree, ".github/workflows/release.yml", f"{WORKFLOW}      - run: |\n{lines}")

    return make


def calls_itself(tree: Path) -> None:
    write(tree, "catalog-info.yaml", ENTITY)
    uses = "".join(f"  j{n}: {{uses: ./.github/workflows/{(n + 1) % 30}.yml}}\n" for n in range(30))
    for number in range(30):
        write(
            tree,
            f".github/workflows/{number}.yml",
            f"on: {{workflow_call: {{}}, push: {{tags: ['v*']}}}}\njobs:\n{uses}",
        )
    steps = "".join(f"    - uses: ./.github/actions/{n}\n" for n in range(30))
    for number in range(30):
        write(tree, f".github/actions/{number}/action.yml", f"runs:\n  using: composite\n  steps:\n{steps}")
    write(tree, ".github/workflows/release.yml", WORKFLOW + "      - uses: ./.github/actions/0\n")


def matrix(tree: Path) -> None:
    write(tree, "catalog-info.yaml", ENTITY)
    legs = ", ".join(f"a{n}: [{', '.join(map(str, range(10)))}]" for n in range(10))
    text = WORKFLOW.replace("    steps:", f"    strategy: {{matrix: {{{legs}}}}}\n    steps:")
    write(tree, ".github/workflows/release.yml", text)


def names(tree: Path) -> None:
    write(tree, "catalog-info.yaml", ENTITY)
    for name in (
        b"caf\xe9.yml",
        b"new\nline.yml",
        b"\x1b[31mred.yml",
        b"a" * 250 + b".yml",
        "\u202etxt.yml".encode(),
        b"-x",
    ):
        raw = os.fsencode(tree / ".github/workflows") + b"/" + name
        write(tree, ".github/workflows/ci.yml", WORKFLOW)
        Path(os.fsdecode(raw)).write_text(WORKFLOW)


def owners(tree: Path) -> None:
    write(tree, "catalog-info.yaml", ENTITY)
    write(tree, "CODEOWNERS", "".join(f"/{'*a' * 30}{n}/**/**/**/b @acme/payments\n" for n in range(10_000)))
    for number in range(300):
        write(tree, f"{'a' * 60}/{'a' * 60}/{number}.py", "")


def alerts(*queries: str) -> Callable[[Path], None]:
    """A service whose alerts ask this, with an SLO that they may be about, and ten thousand routes."""

    def make(tree: Path) -> None:
        write(tree, "catalog-info.yaml", ENTITY)
        write(tree, "slo.yaml", SLO)
        rules = "".join(f"  - {{record: 'r{n}', expr: 'r{n + 1} / r{n + 1} + r{n + 1}'}}\n" for n in range(50))
        rules += "".join(f"  - alert: A{n}\n    expr: '{query}'\n" for n, query in enumerate(queries))
        write(tree, "alerts.yaml", f"groups:\n- name: a\n  rules:\n{rules}")
        routes = "".join(f"  - {{receiver: a, matchers: ['a{n}=~\"(a+)+b{n}\"']}}\n" for n in range(10_000))
        write(tree, "alertmanager.yml", f"route:\n  receiver: a\n  routes:\n{routes}receivers: [{{name: a}}]\n")

    return make


def git(tree: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(tree), *arguments], check=True, capture_output=True)


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(20)
)

TREES: dict[str, Callable[[Path], None]] = {
    "links out of the tree": links_out,
    "links in a circle": circles,
    "named pipes": pipes,
    "1 GB sparse files": sparse,
    "alias bombs": everywhere(LAUGHS),
    "deep nesting": everywhere("[" * 500_000),
    "deep mappings": everywhere("".join(f"{' ' * n}a:\n" for n in range(1200))),
    "NUL bytes": everywhere(ENTITY + "\0" + WORKFLOW),
    "invalid UTF-8": everywhere(b"name: caf\xe9\n"),
    "UTF-16": everywhere(ENTITY.encode("utf-16")),
    "duplicate keys": everywhere(ENTITY + ENTITY),
    "escape sequences": everywhere('kind: "\\e[2J\\e[31m\\u009b31m"\nname: "\\u202e"\n'),
    "empty files": everywhere(""),
    "blank lines": everywhere("\n" * 900_000),
    "200,000 nodes": everywhere("- a\n" * 199_000),
    "one long line": everywhere("a: " + "b" * 1_000_000),
    "10,000 workflows": many_workflows,
    "100,000 files": many_files,
    "4,000 components": many_components,
    "20,000 steps": long_release,
    "1,500 jobs": wide_jobs,
    "workflows that call each other": calls_itself,
    "a matrix of 10^10 legs": matrix,
    "deep shell": in_run("$(" * 20_000),
    "deep expressions": in_run("echo ${{ " + "(" * 20_000 + " }}"),
    "long shell": in_run("cosign sign $(echo $A) || true\n" * 20_000),
    "many here-documents": in_run("cat <<A\n" * 20_000),
    "many expressions": in_run("echo " + "${{ github.sha }}" * 40_000),
    "names that are no text": names,
    "deep queries": alerts("(" * 9_000 + "a" + ")" * 9_000, "-" * 9_000 + "a", "+".join(["a"] * 5_000)),
    "series recorded from each other": alerts("r0 > 1 and r0 > 2", "a / r0 > 3 and r0 / r0 < 4"),
    "10,000 alerts": alerts(*["sum(rate(a[5m])) / sum(rate(b[5m])) > 0.1"] * 10_000),
    "10,000 owners": owners,
}
