"""The pipeline of a file: its configuration on each occasion, what it does then, and what it takes from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.gitlab.configuration import Files, Refused, TooMuch, configuration
from goldenpath.facts.gitlab.occasions import merge_request, occasions
from goldenpath.facts.gitlab.rules import Rules
from goldenpath.facts.gitlab.walk import NoPipeline, Walker
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.workflows import Problem
from goldenpath.repository import Place

if TYPE_CHECKING:
    from goldenpath.facts.declared import Knowledge
    from goldenpath.facts.gitlab.configuration import Atoms, Configuration, Starts
    from goldenpath.facts.gitlab.occasions import Occasion
    from goldenpath.facts.gitlab.pins import Pin
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.pipeline.state import Budget
    from goldenpath.repository import Repository


class Pipeline:
    """What GitLab makes of a file. `problem` says why nothing can be said of it, or why GitLab would refuse it.

    `whole` is the configuration with everything that is included on any occasion; None where there is a problem.
    """

    def __init__(self, repository: Repository, path: str, knowledge: Knowledge | None = None) -> None:
        self.path = path
        self.problem: Problem | None = None
        self.whole: Configuration | None = None
        self._files = Files(repository, knowledge)
        self._depends = False
        self.whole = self._read(self._always)

    def runs(self, budget: Budget) -> list[Run]:
        """What it does on each occasion that could be one of a release; nothing where there is a problem."""
        found = [self._walk(occasion, budget) for occasion in occasions([self.whole.top] if self.whole else ())]
        runs = [run for run in found if run is not None]
        return [] if self.problem else runs

    def on_merge_request(self, budget: Budget) -> Run | None:
        """What it does for a merge request."""
        return self._walk(merge_request(), budget)

    def pins(self) -> list[Pin]:
        """What it takes from elsewhere on any occasion."""
        from goldenpath.facts.gitlab.pins import pins

        return pins(self.whole) if self.whole else []

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
