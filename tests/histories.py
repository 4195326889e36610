"""Small suites and services with a history: what the suite releases, and what a team does between its updates."""

from __future__ import annotations

import subprocess
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import yaml
from hypothesis import strategies as st

import toolbox

if TYPE_CHECKING:
    from pathlib import Path

NAME = "payments"


class File(NamedTuple):
    """Lines without their ends, how they end, and whether the file can be executed. `end` is empty for a mixture."""

    lines: tuple[str, ...]
    end: str = "\n"
    last_ends: bool = True
    executable: bool = False

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        last = self.end if self.last_ends and self.lines else ""
        return (self.end.join(self.lines) + last).encode()


Tree = dict[str, File]


def _lines(path: str) -> tuple[str, ...]:
    return tuple(f"{path} {number}" for number in range(8))


TEAMS = {
    "python-service": ("src/app.py", "src/new.py"),
    "go-service": ("internal/app/app.go", "cmd/new.go"),
    "typescript-service": ("package.json", "tests/new.ts"),
    "java-service": ("pom.xml", "src/main/New.java"),
}
"""Of each template, a file that is the team's and another that comes later: copier.yml says whose they are."""


def first(template: str) -> Tree:
    """What the first release of a template holds."""
    teams, _ = TEAMS[template]
    return {
        "catalog-info.yaml.jinja": File(tuple(f"{{= name =}} {number}" for number in range(8))),
        ".github/ci.yml": File(_lines("ci.yml")),
        "run": File(_lines("run"), executable=True),
        teams: File(_lines(teams)),
        "README.md": File(_lines("README.md")),
    }


def is_teams(path: str) -> bool:
    """Whether updates leave a path out."""
    return path == "README.md" or path.startswith(tuple(file for files in TEAMS.values() for file in files))


def rendered(tree: Tree) -> Tree:
    """What a release makes in a service."""
    return {
        path.removesuffix(".jinja"): file._replace(lines=tuple(line.replace("{= name =}", NAME) for line in file.lines))
        for path, file in tree.items()
    }


# ---- what happens


class Step(NamedTuple):
    """One change of one file. `at` and `size` choose its lines, `what` says what becomes of them."""

    what: str
    path: str
    at: int
    size: int


def _steps(template: str, *kinds: str) -> st.SearchStrategy[list[Step]]:
    paths = st.sampled_from([*rendered(first(template)), "slo.md", TEAMS[template][1]])
    step = st.builds(Step, st.sampled_from(kinds), paths, st.integers(0, 8), st.integers(1, 3))
    return st.lists(step, min_size=1, max_size=6)


LINES = ("replace", "insert", "delete")
RELEASES = (*LINES, "remove", "mode")
"""What a release does to a file that is there."""

TEAMS_WORK = (*RELEASES, "rename", "indent", "crlf", "unended")
"""What a team does to one."""

History = list[tuple[list[Step], list[Step]]]
"""What a team does, and then what the suite releases, before each update."""


def of_services(template: str) -> st.SearchStrategy[History]:
    """Histories of one or two updates."""
    work = _steps(template, *LINES, *TEAMS_WORK, "add")
    release = _steps(template, *LINES, *RELEASES, "add")
    return st.lists(st.tuples(work, release), min_size=1, max_size=2)


def of_pairs(template: str) -> list[History]:
    """Histories in which whatever a team does meets whatever a release does, in the same lines and in others.

    Each template has its part of the pairs, one of them on each file that is not the team's.
    """
    shared = [path for path in rendered(first(template)) if not is_teams(path)]
    pairs = [*product(TEAMS_WORK, RELEASES, (2, 5)), ("add", "add", 2)]
    part = [pair for pair in pairs if pair[1] in LINES or pair[2] == 2][list(TEAMS).index(template) :: len(TEAMS)]
    found: list[History] = []
    for start in range(0, len(part), len(shared)):
        met = [
            ("slo.md" if work == "add" else path, work, release, at)
            for path, (work, release, at) in zip(shared, part[start:], strict=False)
        ]
        done = [Step(work, path, 2, 1) for path, work, _, _ in met]
        found.append([(done, [Step(release, path, at, 1) for path, _, release, at in met])])
    return found


def changed(tree: Tree, steps: list[Step], who: str) -> Tree:
    """Change a tree. What `who` writes is written nowhere else, so a line tells whose it is."""
    tree = dict(tree)
    for number, step in enumerate(steps):
        new = tuple(f"{who} {number}.{line}" for line in range(step.size))
        path = step.path if step.path in tree else f"{step.path}.jinja"
        if path not in tree:
            if step.what == "add":
                tree[step.path] = File(new)
            continue
        file = tree.pop(path)
        match step.what:
            case "remove":
                pass
            case "rename":
                tree[f"{path} of {who}"] = file
            case _:
                tree[path] = _edited(file, step, new)
    return tree


def _edited(file: File, step: Step, new: tuple[str, ...]) -> File:
    before, after = file.lines[: step.at], file.lines[step.at + step.size :]
    match step.what:
        case "replace":
            return file._replace(lines=(*before, *new, *after))
        case "insert":
            return file._replace(lines=(*before, *new, *file.lines[step.at :]))
        case "delete":
            return file._replace(lines=(*before, *after))
        case "indent":
            return file._replace(lines=tuple(f"    {line.strip()}" for line in file.lines))
        case "mode":
            return file._replace(executable=not file.executable)
        case "crlf":
            return file._replace(end="\r\n")
        case "unended":
            return file._replace(last_ends=False)
    return file


# ---- where it happens


def suite(destination: Path, template: str, releases: list[Tree]) -> Path:
    """Write a suite with these releases of a template, v0.1.0 and so on, that works by this one's settings."""
    always = {
        "copier.yml": File((settings(template),)),
        f"templates/{template}/{{= _copier_conf.answers_file =}}.jinja": File(
            ("{= _copier_answers | to_nice_yaml -=}",)
        ),
    }
    stream = b""
    for number, release in enumerate(releases, 1):
        stream += b"commit refs/heads/main\ncommitter Golden Path <> 0 +0000\ndata 0\ndeleteall\n"
        for path, file in (always | {f"templates/{template}/{path}": file for path, file in release.items()}).items():
            mode, content = 755 if file.executable else 644, file.content
            stream += f"M 100{mode} inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
        stream += f"reset refs/tags/v0.{number}.0\nfrom refs/heads/main\n\n".encode()
    toolbox.git(destination.parent, "init", "--quiet", str(destination))
    importing = ["git", "-C", str(destination), "fast-import", "--quiet"]
    subprocess.run(importing, input=stream, check=True)
    return destination


@cache
def settings(template: str) -> str:
    """Of this suite, with no questions but those for the template and a name."""
    own = next(iter(yaml.load_all((toolbox.ROOT / "copier.yml").read_text(encoding="utf-8"), _Settings)))
    questions = {"template": {"type": "str", "default": template}, "name": {"type": "str", "default": NAME}}
    return yaml.safe_dump({key: value for key, value in own.items() if not key.startswith("_message")} | questions)


class _Settings(yaml.SafeLoader):
    """YAML with Copier's `!include`, which is not followed."""


_Settings.add_constructor("!include", lambda *_: None)


def read(folder: Path) -> Tree:
    """Read a service back from disk, without what belongs to git and to Copier."""
    tree: Tree = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_file() and not name.startswith(".git/") and name != ".copier-answers.yml":
            text = path.read_bytes().decode()
            ends = {line[len(line.rstrip("\r\n")) :] for line in text.splitlines(keepends=True)} - {""}
            tree[name] = File(
                tuple(text.splitlines()), ends.pop() if len(ends) == 1 else "", text.endswith("\n"),
                bool(path.stat().st_mode & 0o100),
            )  # fmt: skip
    return tree


def write(folder: Path, tree: Tree) -> None:
    """Make a service hold this tree, and nothing else but what belongs to git and to Copier."""
    for name in read(folder):
        (folder / name).unlink()
    for name, file in tree.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(file.content)
        (folder / name).chmod(0o755 if file.executable else 0o644)
