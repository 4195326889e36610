"""The programs that tests call, and the services that they render."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

import pytest

from engines import quickened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
GO_TOOLS = ROOT / "build" / "bin"
"""Where `make` builds the programs that tools/go.mod, and those of its folders, pin."""

DEBIAN = ROOT / "build" / "debian"
"""Where `make` unpacks Debian's packages of servers."""

CHROMIUM = ROOT / "build" / "chromium"
"""Where `make` unpacks Debian's Chromium, unless there is one on PATH."""

NODE = ROOT / "build" / "node" / "bin"
"""Where `make` puts Node.js and npm."""

COMPILED = NODE.parent / "compiled"
"""What Node.js keeps of the modules that it has compiled: of Backstage alone hundreds, the same each time."""

SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""What a JVM does without that ends after seconds: to compile well what it runs took half of its time."""

ANSWERS: dict[str, object] = {
    "template": "python-service",
    "name": "payments-api",
    "owner": "group:default/payments",
    "oncall": "PABC123",
    "chat": "#payments",
}
"""The five answers, where a test does not give its own."""

SKELETONS = "templates/cookiecutter"
"""The templates as Cookiecutter has them."""

SKELETON = f"{SKELETONS}/python-service"

COPIERS = ("copier.yml", "templates", f":!{SKELETONS}")
"""What Copier reads of this repository: a quarter of the files, which it clones whenever it runs."""

GET = {
    "actionlint": "run `make tools`",
    "alertmanager": "run `make tools`",
    "amtool": "run `make tools`",
    "buildah": "run `make tools` on Debian, or https://buildah.io",
    "chromium": "run `make tools` on Debian, or https://www.chromium.org",
    "cosign": "run `make tools`",
    "helm": "run `make tools`",
    "docker-registry": "run `make tools` on Debian, or https://distribution.github.io",
    "prometheus": "run `make tools` on Debian, or https://prometheus.io/download",
    "fulcio": "run `make tools`",
    "ko": "run `make tools`",
    "promtool": "run `make tools`",
    "sloth": "run `make tools`",
    "syft": "run `make tools`",
    "go": "Go 1.26 or later: https://go.dev/dl",
    "java": "a JDK, 17 or later: https://adoptium.net",
    "kubectl-kyverno": "run `make tools`",
    "mvn": "Maven 3.8.7 or later: https://maven.apache.org",
    "node": "run `make tools`",
    "python3.13": "Python 3.13 on PATH, in pyenv or by `uv python install 3.13`",
}
"""How a machine comes by a program that this repository's Python environment does not bring."""


class Tool(Protocol):
    """The fixture `tool`."""

    def __call__(self, name: str, /) -> Path:
        """Return the program's path; skip the test, or with CI=true fail it, when the machine has none."""


class Rendered(Protocol):
    """The fixture `rendered`."""

    def __call__(self, **answers: object) -> Path:
        """Return a service with these answers over ANSWERS. It is shared between tests: read it, never write to it."""


class Render(Protocol):
    """The fixture `render`."""

    def __call__(self, destination: Path, /, **answers: object) -> Path:
        """Write a service of your own below `destination` and return its path, `destination`/name."""


def find(name: str) -> Path | None:
    """Find a program: built by `make tools`, installed beside this Python, on PATH, in that order."""
    if name == "python3.13":
        return find_python("3.13")
    if name == "node":  # a machine's own may be any
        return NODE / name if (NODE / name).exists() else None
    places = [
        str(GO_TOOLS),
        str(DEBIAN / "usr" / "bin"),
        str(CHROMIUM / "bin"),
        str(Path(sys.executable).parent),
        os.environ.get("PATH", os.defpath),
    ]
    found = shutil.which(name, path=os.pathsep.join(places))
    return Path(found) if found else None


def do_without(name: str, remedy: str) -> NoReturn:
    """Skip the test for want of something that this machine lacks, or fail it where CI=true."""
    reason = f"needs {name.replace(' ', '-')}: not found ({remedy})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def why_missing(name: str) -> str:
    """Say why a program is not there and how to get it, in one line."""
    built = {
        "actionlint", "alertmanager", "amtool", "cosign", "fulcio", "helm", "ko", "kubectl-kyverno", "promtool",
        "sloth", "syft",
    }  # fmt: skip
    unpacked = {"buildah", "docker-registry", "prometheus"}
    for folder, names in ((GO_TOOLS, built), (DEBIAN, unpacked), (CHROMIUM, {"chromium"}), (NODE.parent, {"node"})):
        left_out = folder / "left-out"
        if name in names and left_out.is_file():
            return left_out.read_text(encoding="utf-8").strip()
    return f"not found ({GET.get(name, 'not on PATH')})"


def find_python(version: str) -> Path | None:
    """Find an interpreter of exactly this minor version: on PATH, in pyenv, managed by uv.

    Each candidate is run: pyenv puts shims on PATH for versions that are not active, and those only print an error
    (`uv python find` gives up at the first of them, so uv is asked for its own interpreters only).
    """
    candidates = [shutil.which(f"python{version}")]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates += [str(found) for found in sorted(pyenv.glob(f"versions/{version}*/bin/python{version}"))]
    if uv := find("uv"):
        own_only = ("--managed-python", "--no-python-downloads", "--no-project")
        candidates.append(_output(uv, "python", "find", *own_only, version))
    says_version = "import sys; print('{}.{}'.format(*sys.version_info))"
    for candidate in filter(None, candidates):
        if _output(candidate, "-I", "-c", says_version) == version:
            return Path(candidate)
    return None


def _output(*command: str | Path) -> str | None:
    """Return what a command prints, or None when it fails or cannot be started."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def memory() -> str | None:
    """Find a folder in memory for what programs write and soon remove, where there is one to fill and to run from.

    A clone that Copier makes and removes costs three times as much on a disk: ext4 keeps away from what has just been
    removed, and looks for long where much has. What tests keep is on the disk all the same: syft reads nothing in /dev.
    """
    folder = "/dev/shm"
    try:
        state = os.statvfs(folder)
    except OSError:
        return None
    roomy = state.f_bavail * state.f_frsize > 2 << 30
    return folder if roomy and not state.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK) else None


def free_port() -> int:
    """Find a port of loopback that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def git(repository: Path, *arguments: str) -> str:
    """Run git in a repository and return what it prints."""
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def without_submodules(folder: Path) -> Path:
    """Lay out git's programs but for `git submodule`, a shell script that Copier runs four times in each update.

    Nothing here has submodules, and it takes a sixth of an update's time.
    """
    programs = folder / "git-core"
    shutil.copytree(git(folder, "--exec-path"), programs, copy_function=os.symlink)
    (programs / "git-submodule").unlink()
    (programs / "git-submodule").symlink_to("/bin/true")
    return programs


def commit(tree: Path, message: str = "feat: start", tag: str | None = None) -> Path:
    """Commit everything that a tree holds, in a new repository if it is none yet, and return the tree."""
    if not (tree / ".git").exists():
        git(tree, "init", "--quiet")
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", message)
    if tag:
        git(tree, "tag", tag)
    return tree


def snapshot(destination: Path, tag: str = "v0.1.0", only: tuple[str, ...] = ()) -> Path:
    """Copy what a commit of the working tree would hold, uncommitted changes included, into a repository, and tag it.

    So an engine sees a released, clean suite whatever state the working tree is in. `only` are git's patterns of paths.
    """
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", *only)
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, destination / name
        if source.is_symlink() or source.is_file():  # not: deleted, but still in the index
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    return commit(destination, "chore: snapshot of the working tree", tag)


def once(folder: Path, make: Callable[[Path], object]) -> Path:
    """Make a folder once among all workers of a test run: the first to come makes it, the others wait."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = folder.with_name(f"{folder.name}.made")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # what a failed attempt left
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else who asks for this folder has it meanwhile, in whichever worker."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def copy(source: Path, destination: Path, answers: dict[str, object]) -> Path:
    """Render a service with `copier copy`'s own API and return its path.

    Raises what Copier raises: ValueError for an answer that the questionnaire refuses.
    """
    from copier import run_copy  # 0.4 s that tests without templates need not pay

    answers = ANSWERS | answers
    service = destination / str(answers["name"])
    with quickened():
        run_copy(str(source), service, data=answers, defaults=True, quiet=True)
    return service


def bake(
    source: str | Path,
    destination: Path,
    answers: dict[str, object],
    checkout: str | None = None,
) -> Path:
    """Render a service with Cookiecutter's own API and return its path.

    Raises FailedHookException for an answer that the questionnaire refuses.
    """
    from cookiecutter.main import cookiecutter

    answers = ANSWERS | answers
    directory = f"{SKELETONS}/{answers['template']}"
    context = json.loads((ROOT / directory / "cookiecutter.json").read_text(encoding="utf-8"))
    known = {name if name in context else f"__{name}": str(value) for name, value in answers.items()}
    destination.mkdir(parents=True, exist_ok=True)
    with quickened():
        made = cookiecutter(
            str(source),
            no_input=True,
            extra_context=known,
            output_dir=str(destination),
            directory=directory,
            checkout=checkout,
        )
    return Path(made)


def copier(folder: Path, *arguments: str) -> None:
    """Run Copier as a team does, who would be told if it wanted to be trusted, and expect that it ends well."""
    from copier._cli import CopierApp
    from plumbum import local

    said = StringIO()
    with quickened(), local.cwd(folder), redirect_stdout(said), redirect_stderr(said), warnings.catch_warnings():
        warnings.simplefilter("error")
        _, code = CopierApp.run(["copier", *arguments, "--defaults", "--quiet"], exit=False)
    assert (code, said.getvalue()) == (0, "")


def goldenpath(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run goldenpath as a script would, that nobody watches, where every template need not be read anew."""
    from goldenpath.cli import main

    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(2))
    with quickened(), pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("COLUMNS", "100")
        patch.setattr("sys.stdin", StringIO())
        code = main([str(argument) for argument in arguments])
    return subprocess.CompletedProcess(arguments, code, _written(out), _written(err))


def _written(stream: TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def status(service: Path) -> dict[str, str]:
    """What git says of each path that differs from the last commit."""
    lines = git(service, "status", "--porcelain", "--untracked-files=all", "-z").split("\0")
    return {line[2:].strip(): line[:2].strip() for line in lines if line}


def conflicts(service: Path) -> list[str]:
    """What an update could not merge, which Copier's exit code does not tell: unmerged paths, markers, rejects."""
    unmerged = git(service, "diff", "--name-only", "--diff-filter=U", "-z").split("\0")
    marked = [path for path in service.rglob("*") if path.is_file() and b"\n<<<<<<< " in b"\n" + path.read_bytes()]
    rejects = service.rglob("*.rej")
    return sorted({*filter(None, unmerged), *(str(path.relative_to(service)) for path in (*marked, *rejects))})
