"""The pipeline of a file: its configuration on each occasion, what it does then, and what it takes from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.gitlab.configuration import Files, Refused, TooMuch, child, configuration
from goldenpath.facts.gitlab.elsewhere import Elsewhere
from goldenpath.facts.gitlab.occasions import merge_request, occasions
from goldenpath.facts.gitlab.rules import Rules
from goldenpath.facts.gitlab.walk import NoPipeline, Walker
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.workflows import Problem
from goldenpath.repository import Missing, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.declared import Knowledge
    from goldenpath.facts.gitlab.configuration import Atoms, Configuration, Include, Starts
    from goldenpath.facts.gitlab.occasions import Occasion
    from goldenpath.facts.gitlab.pins import Pin
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.pipeline.state import Budget
    from goldenpath.handed_in import Source
    from goldenpath.repository import Repository


MAX_PARTS = 20
"""Most pipelines that start each other whose configurations are looked at."""


class Pipeline:
    """What GitLab makes of a file. `problem` says why nothing can be said of it, or why GitLab would refuse it.

    `whole` is the configuration with everything that is included on any occasion; None where there is a problem.
    `elsewhere` leads to the projects that were handed in.
    """

    def __init__(
        self, repository: Repository, path: str, knowledge: Knowledge | None = None, sources: tuple[Source, ...] = ()
    ) -> None:
        self.path = path
        self.problem: Problem | None = None
        self.whole: Configuration | None = None
        self.elsewhere = Elsewhere(sources)
        self._files = Files(repository, knowledge, self.elsewhere)
        self._depends = False
        self.whole = self._read(self._always)

    def runs(self, budget: Budget) -> list[Run]:
        """What it does on each occasion that could be one of a release; nothing where there is a problem."""
        found = [self._walk(occasion, budget) for occasion in occasions([self.whole.top] if self.whole else ())]
        runs = [run for run in found if run is not None]
        usual = {key for run in runs if not run.event.is_tag for key in run.waits}
        return [] if self.problem else [_for_releases(run, usual) if run.event.is_tag else run for run in runs]

    def on_merge_request(self, budget: Budget) -> Run | None:
        """What it does for a merge request."""
        return self._walk(merge_request(), budget)

    def parts(self) -> Iterator[tuple[str, Configuration]]:
        """Its configuration and those of pipelines that jobs start, each with what the keys of its jobs begin with."""
        waiting = [("", self.whole)] if self.whole else []
        for _ in range(MAX_PARTS):
            if not waiting:
                return
            prefix, part = waiting.pop(0)
            yield prefix, part
            waiting += [(f"{prefix}{name}/", started) for name, started in self._started(part)]

    def _started(self, part: Configuration) -> Iterator[tuple[str, Configuration]]:
        for job in part.jobs.values():
            include = job.node.get("trigger", "include")
            if include is not None:
                try:
                    yield job.name, child(self._files, include, self._always)
                except (Malformed, Missing, TooMuch):
                    continue  # the walk says so

    def includes(self) -> list[Include]:
        """What is included from elsewhere, in any of its parts, and may do more than report."""
        return [each for _, part in self.parts() for each in part.includes if each.is_out_of_sight]

    def pins(self) -> list[Pin]:
        """What it takes from elsewhere on any occasion."""
        from goldenpath.facts.gitlab.pins import pins

        return sorted(dict.fromkeys(pin for _, part in self.parts() for pin in pins(part)), key=lambda pin: pin.place)

    def _always(self, rules: Node | None) -> Atoms:
        self._depends |= rules is not None
        return frozenset()

    def _read(self, starts: Starts) -> Configuration | None:
        try:
            return configuration(self._files, self.path, starts)
        except Malformed as error:
            self.problem = Problem(error.place, str(error), refused=isinstance(error, Refused))
        except TooMuch:
            self.problem = Problem(Place(self.path), "it is larger than what is put together here")
        return None

    def _walk(self, occasion: Occasion, budget: Budget) -> Run | None:
        if self.problem or self.whole is None:
            return None
        try:
            read = self._read(Rules(self._files.repository, occasion).includes) if self._depends else self.whole
            return Walker(self._files, occasion, budget).run(self.path, read) if read else None
        except NoPipeline:
            return None
        except Refused as error:
            self.problem = Problem(error.place, str(error), refused=True)
            return None


def _for_releases(run: Run, usual: set[str]) -> Run:
    """The pipeline of a tag, in which the jobs that no branch has are there for releases."""
    called = {key: f"{run.called.get(key, '')} {'' if key in usual else 'release'}" for key in run.waits}
    return replace(run, called={**run.called, **called})
