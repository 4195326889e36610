"""Fixtures for every test: programs that may be missing, services from the templates, a git that is nobody's own."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import toolbox

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from judging import Judges
    from toolbox import Render, Rendered, Tool

NEEDS = re.compile(r"needs (?P<program>\S+): (?P<why>.*)", re.DOTALL)


@pytest.fixture(scope="session", autouse=True)
def nobodys_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep out what the machine's user configured, here and in every process that a test starts."""
    own = tmp_path_factory.mktemp("cookiecutter")
    config = own / "config.yaml"
    config.write_text(f"cookiecutters_dir: {own}/clones\nreplay_dir: {own}/replay\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(dir=toolbox.memory()) as temporary:
        for name in list(os.environ):
            if name.startswith(("GIT_", "COPIER_", "GOLDENPATH_", "MAKE", "MFLAGS", "PYTHON", "VIRTUAL_ENV")):
                patch.delenv(name)
        Path(temporary).chmod(0o755)  # a database server is another user's
        patch.setenv("TMPDIR", temporary)
        patch.setattr(tempfile, "tempdir", temporary)
        patch.setenv("GOLDENPATH_NO_CACHE", "1")
        patch.setenv("GIT_CONFIG_GLOBAL", str(toolbox.ROOT / "tools" / "gitconfig"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("GIT_EXEC_PATH", str(toolbox.without_submodules(Path(temporary))))
        patch.setenv("NODE_COMPILE_CACHE", str(toolbox.COMPILED))
        patch.setenv("MAVEN_OPTS", " ".join(toolbox.SHORT_LIVED))
        patch.setenv("COOKIECUTTER_CONFIG", str(config))
        patch.setenv("COPIER_SETTINGS_PATH", str(toolbox.ROOT / "tools" / "copier-settings.yml"))
        yield


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> Judges:
    """Checks that say what the test tells them, in place of all others."""
    from judging import Judges  # two files of tests ask for it

    made = Judges()
    monkeypatch.setattr("goldenpath.judge.load", made.load)
    return made


@pytest.fixture(scope="session")
def tool() -> Tool:
    """Find a program, `tool("promtool")`. Without it the test is skipped, or fails where CI=true."""

    def get(name: str, /) -> Path:
        if path := toolbox.find(name):
            return path
        reason = f"needs {name}: {toolbox.why_missing(name)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)

    return get


@pytest.fixture(scope="session")
def python313(tool: Tool) -> Path:
    """Find the interpreter that generated services run on."""
    return tool("python3.13")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Find the folder that all workers of this run share; `toolbox.once` makes things in it."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def suite(shared: Path) -> Path:
    """Snapshot this repository as it lies on disk: a clean clone, its one commit tagged v0.1.0."""
    return toolbox.once(shared / "suite", toolbox.snapshot)


@pytest.fixture(scope="session")
def templates(shared: Path) -> Path:
    """Snapshot what Copier reads of this repository; what Copier clones is then four times smaller."""
    return toolbox.once(shared / "templates", lambda folder: toolbox.snapshot(folder, only=toolbox.COPIERS))


@pytest.fixture(scope="session")
def rendered(templates: Path, shared: Path) -> Rendered:
    """Render a service once per set of answers, and share it among all tests that only read."""

    def get(**answers: object) -> Path:
        answers = toolbox.ANSWERS | answers
        key = hashlib.sha256(repr(sorted(answers.items())).encode()).hexdigest()[:16]
        folder = toolbox.once(shared / "rendered" / key, lambda folder: toolbox.copy(templates, folder, answers))
        return folder / str(answers["name"])

    return get


@pytest.fixture(scope="session")
def render(rendered: Rendered) -> Render:
    """Copy a rendered service to where a test may change it: `render(tmp_path, lifecycle="experimental")`."""

    def get(destination: Path, /, **answers: object) -> Path:
        service = rendered(**answers)
        shutil.copytree(service, destination / service.name, symlinks=True)
        return destination / service.name

    return get


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """Close with what this machine could not test, and why; only pytest's own closing line comes after it."""
    yield
    missing: Counter[tuple[str, str]] = Counter()
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if match := NEEDS.search(reason):
            missing[match["program"], match["why"]] += 1
    if not missing and toolbox.find("actionlint"):
        return
    terminalreporter.section("left out on this machine")
    for (program, why), count in sorted(missing.items()):
        terminalreporter.line(f"{program}: {why} - {count} test{'s' * (count > 1)} skipped")
    if not toolbox.find("actionlint"):
        terminalreporter.line(f"actionlint: {toolbox.why_missing('actionlint')} - not linted: .github/workflows")
