"""The suite's released versions, had again from their bundles, and the services that were born from them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import toolbox

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent / "templates" / "releases"
"""One bundle for each release, which `tools/keep-release` makes."""

NEXT = "v9999.0.0"
"""What the working tree is tagged as: newer than every release."""


def order(version: str) -> list[int]:
    """Give the order of releases, in which v0.10.0 comes after v0.9.0."""
    return [int(number) for number in re.findall(r"\d+", version)]


VERSIONS = sorted((path.stem for path in FOLDER.glob("v*.bundle")), key=order)
WITH_OTHER_TEMPLATES = (
    "v0.1.0", "v0.2.0", "v0.3.0", "v0.4.0", "v0.5.0", "v0.8.0", "v0.9.0", "v0.10.0", "v0.19.0",
)  # fmt: skip
"""The releases that differ from the one before in what a service is made of, which `test_releases.py` holds to be so.

What is born of any other is what was born of the last of these before it, but for the version that it notes.
"""


def history(destination: Path, versions: list[str] = VERSIONS) -> Path:
    """Make a repository that has a commit and a tag for each of the releases, the last one checked out."""
    toolbox.git(destination, "init", "--quiet")
    for version in versions:
        toolbox.git(destination, "fetch", "--quiet", str(FOLDER / f"{version}.bundle"), "refs/tags/*:refs/tags/*")
    toolbox.git(destination, "checkout", "--quiet", "-B", "main", versions[-1])
    return destination


def history_until_now(destination: Path) -> Path:
    """Make a repository of all releases, with the working tree as the one that comes next."""
    toolbox.git(history(destination), "rm", "-r", "--quiet", ".")
    return toolbox.snapshot(destination, tag=NEXT, only=toolbox.COPIERS)


def born_with_copier(suite: Path, version: str, destination: Path, answers: dict[str, object]) -> Path:
    """Make a service with `copier copy`."""
    data = [f"--data={key}={value}" for key, value in answers.items()]
    service = destination / str(answers["name"])
    toolbox.copier(destination, "copy", "--vcs-ref", version, *data, str(suite), str(service))
    return service


def born_with_cookiecutter(suite: Path, version: str, destination: Path, answers: dict[str, object]) -> Path:
    """Make a service with `cookiecutter`, from a remote that has the releases."""
    remote = destination / "suite.git"
    toolbox.git(suite, "clone", "--quiet", "--bare", str(suite), str(remote))
    service = toolbox.bake(f"file://{remote}", destination, answers, checkout=version)
    stamped = service / ".copier-answers.yml"
    stamped.write_text(stamped.read_text().replace(f"file://{remote}", str(suite)), encoding="utf-8")
    return service


class Engine(NamedTuple):
    """A way in which services are born: since which release, and how (suite, version, destination, answers)."""

    since: str
    make: Callable[[Path, str, Path, dict[str, object]], Path]


ENGINES = {
    "copier": Engine("v0.1.0", born_with_copier),
    "cookiecutter": Engine("v0.2.0", born_with_cookiecutter),
}

BIRTHS = [
    (version, name)
    for version in WITH_OTHER_TEMPLATES
    for name, engine in ENGINES.items()
    if order(engine.since) <= order(version)
]
"""Every release that makes another service than the one before, with every engine that it has a door for."""
