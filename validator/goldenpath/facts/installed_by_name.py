"""What Dockerfiles install by its name alone, in no version that anything fixes: dependencies that no manifest has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.dockerfiles import Problem
from goldenpath.facts.findings import Finding, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.dockerfiles import Dockerfiles, Instruction


class InstalledByName:
    """Looks into the Dockerfiles that it is asked about."""

    def __init__(self, dockerfiles: Dockerfiles) -> None:
        self._dockerfiles = dockerfiles

    @property
    def paths(self) -> tuple[str, ...]:
        """The Dockerfiles of the repository."""
        return self._dockerfiles.paths

    def within(self, path: str) -> Iterator[Finding]:
        """Each command of a Dockerfile that installs so; of one that cannot be read there is nothing to say."""
        try:
            stages = self._dockerfiles.read(path).stages
        except Problem:
            return
        for stage in stages:
            for each in stage.instructions:
                if each.keyword == "RUN":
                    yield from _of(each)


def _of(run: Instruction) -> Iterator[Finding]:
    from goldenpath.facts.image_builds import script_of  # few repositories have no manifest: the others do without
    from goldenpath.facts.installs import by_name
    from goldenpath.facts.shell import Unfollowable, follow
    from goldenpath.facts.values import value

    try:
        commands = follow(value(script_of(run)), {}).commands
    except Unfollowable:
        return
    for command in commands:
        if command.reachable and (packages := by_name(command.called)):
            yield Finding(run.place, f"{shown(packages[0])} is installed by its name, and no manifest or lock holds it")


def installed_by_name(dockerfiles: Dockerfiles) -> InstalledByName:
    """What the images of this repository install so."""
    return InstalledByName(dockerfiles)
