"""Which component of a repository a release is of, where there are several.

An artifact is a component's when it is called after it (the last part of an image's name, in whichever leg of a
matrix), else when it is built in the component's folder; else when nothing but that component starts the run: by the
prefix of the tag, or by the paths whose changes do. What cannot be told this way is nobody's: no proof for one, no
fault of another.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from goldenpath.facts.catalog import home_of
from goldenpath.facts.nodes import Mapping, Sequence
from goldenpath.facts.pipeline.acts import Files, Image
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, literal
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.pipeline.acts import Act, Recipe, Target
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases
    from goldenpath.facts.values import Value

_TAG_OF = regex(r"refs/tags/(?P<name>.+?)[-/@_]v?$")


class Share(NamedTuple):
    """The part of what a repository releases that is a component's, and the part of which nobody can tell."""

    own: Releases
    doubtful: Releases


class Attribution:
    """Whose the releases of a repository are; each run is looked at once, and divided once for each component."""

    def __init__(self, releases: Releases, components: tuple[Component, ...]) -> None:
        self._releases = releases
        names = {each.ref.name.lower(): _words(each.ref.name) for each in components}
        self._owners = [_Owners(run, components, names) for run in releases.runs]
        self._doubtful = replace(self._part(lambda names: not names), nobodys=True)
        self._shares: dict[str, Share] = {}

    def of(self, component: Component) -> Share:
        """The share of a component."""
        me = component.ref.name.lower()
        if me not in self._shares:
            self._shares[me] = Share(self._part(lambda names: me in names), self._doubtful)
        return self._shares[me]

    def _part(self, wanted: Callable[[set[str]], bool]) -> Releases:
        runs = tuple(run for owners in self._owners if (run := owners.part(wanted)))
        return replace(self._releases, runs=runs)


def attribution(releases: Releases, catalog: Catalog) -> Attribution:
    """Divide what is released by whose it is."""
    return Attribution(releases, catalog.components)


class _Owners:
    """Whose the artifacts of one run are, by the names of components; nobody's where that cannot be told."""

    def __init__(self, run: Run, components: tuple[Component, ...], names: dict[str, list[str]]) -> None:
        self._run = run
        self._components = components
        self._names = names
        self._of_run = self._starter()
        self._by_digest: dict[Symbol, set[str]] = {}
        self._by_origin: dict[str, set[str]] = {}
        for act in run.of_kind("built"):
            owners = self._builder(act)
            if act.digest is not None:
                self._by_digest.setdefault(act.digest, set()).update(owners)
            for target in act.targets:
                if isinstance(target, Files):
                    self._by_origin |= {content.origin: owners for content, _ in target.pieces}

    def part(self, wanted: Callable[[set[str]], bool]) -> Run | None:
        """The run with what is done to the artifacts of wanted owners; None where it has none of them."""
        if not any(_artifacts(act) for act in self._run.acts):
            return self._run if wanted(self._of_run) else None
        acts = tuple(part for act in self._run.acts if (part := self._reduced(act, wanted)) is not None)
        if any(map(_artifacts, acts)) and any(map(_releases, acts)):
            return replace(self._run, acts=acts)
        return replace(self._run, acts=acts) if self._leaves_a_release() and wanted(self._of_run) else None

    def _leaves_a_release(self) -> bool:
        """Whether a job of the run, beside those that build, is out of sight and may build and ship for itself."""
        building = {act.guard.job for act in self._run.of_kind("built")}
        unseen = (act for act in self._run.of_kind("unseen") if act.guard.job not in building)
        return any({"build", "ship"} <= act.may for act in unseen)

    def _reduced(self, act: Act, wanted: Callable[[set[str]], bool]) -> Act | None:
        """An act without what it does to the artifacts of others; None where nothing is left of it."""
        if act.kind == "shipped" and not act.targets:  # a release of whatever there is
            names = self._in_reach(act.guard.job)
            return act if not names or wanted(names) else None
        if not act.targets or act.kind in {"unseen", "tested", "stored", "installed"}:
            return act
        artifacts = _artifacts(act)
        targets = tuple(
            target
            for target in act.targets
            if wanted(names := self._of(target)) or (not names and target not in artifacts)
        )
        return replace(act, targets=targets) if targets else None

    def _in_reach(self, job: str) -> set[str]:
        """The owners of what is built in a job, or in those that it waits for."""
        jobs = {job, *self._run.waits.get(job, ())}
        return set().union(*(self._builder(act) for act in self._run.of_kind("built") if act.guard.job in jobs))

    def _of(self, target: Target) -> set[str]:
        """The owners of what an act is about."""
        if isinstance(target, Files):
            origins = [names for content, _ in target.pieces if (names := self._by_origin.get(content.origin))]
            return set().union(*origins) or self._by_folder([literal(target.pattern) or ""]) or self._of_run
        for part in target.digest:
            if isinstance(part, Symbol) and part in self._by_digest:
                return self._by_digest[part]
        return self._by_name(target) or self._of_run

    # --- what tells

    def _builder(self, act: Act) -> set[str]:
        """Whose it is what an act builds."""
        named = set().union(*(self._by_name(target) for target in act.targets if isinstance(target, Image)))
        return named or self._by_folder(_texts(act.recipe, act.targets)) or self._of_run

    def _by_name(self, image: Image) -> set[str]:
        """The components that an image is called after."""
        last = _last_part(image.name)
        if (text := literal(last)) is not None:
            return self._called(text)
        found = [self._of_leg(part) for part in last if isinstance(part, Symbol) and part.kind == "matrix"]
        return set().union(*found)

    def _of_leg(self, symbol: Symbol) -> set[str]:
        """The components among the values of a matrix, which stands in the pipeline or is only known in a run."""
        if symbol.name in self._run.legs:
            return set().union(*map(self._called, self._run.legs[symbol.name]))
        job, _, name = symbol.name.rpartition("/")
        entered = self._run.jobs.get(job)
        if entered is None:
            return set()
        listed = texts(entered.job.node.get("strategy", "matrix", name))
        legs = entered.job.node.get("strategy", "matrix", "include")
        items = legs.items if isinstance(legs, Sequence) else []
        included = [leg.text(name) or "" for leg in items if isinstance(leg, Mapping)]
        return set().union(*map(self._called, (*listed, *included)))

    def _called(self, text: str) -> set[str]:
        """The component whose name a text is, or begins or ends with (`shop-payments`); of several the longest."""
        words = _words(text)
        fitting = {name: len(of) for name, of in self._names.items() if of in (words[: len(of)], words[-len(of) :])}
        longest = {name for name, length in fitting.items() if length == max(fitting.values())}
        return longest if len(longest) == 1 else set()

    def _by_folder(self, said: Iterable[str]) -> set[str]:
        """The component in whose folder something is built; nobody's where several are named."""
        paths = [path.removeprefix("./").rstrip("/") for path in said]
        homes = {home for path in paths if (home := home_of(path, self._components))}
        return {each.ref.name.lower() for each in self._components if {each.home} == homes}

    def _starter(self) -> set[str]:
        """The component that alone starts the run: its tag begins with the name, or only its files do."""
        first = self._run.event.ref[0] if self._run.event.ref else ""
        if isinstance(first, str) and (match := _TAG_OF.fullmatch(first)):
            return self._called(match["name"])
        if self._run.event.name != "push":
            return set()
        for entered in self._run.jobs.values():
            push = entered.workflow.triggers.get("push") if entered.workflow.path == self._run.workflow else None
            if isinstance(push, Mapping):
                paths = [path for path in texts(push.get("paths")) if not path.startswith("!")]
                return self._by_folder([_fixed(path) for path in paths if not path.startswith(".github/")])
        return set()


def _artifacts(act: Act) -> list[Target]:
    """What an act makes, or hands to users, but for what accompanies that."""
    if act.kind not in {"built", "shipped"}:
        return []
    return [target for target in act.targets if isinstance(target, Image) or not target.accompanies]


def _releases(act: Act) -> bool:
    """Whether an act may hand something to users: files that are left where they are built are no release."""
    return act.kind in {"shipped", "unseen"} or act.digest is not None


def _words(name: str) -> list[str]:
    """The words of a name."""
    return re.split(r"[-_.]+", name.lower())


def _fixed(pattern: str) -> str:
    """The folder before the first sign of a pattern."""
    return re.split(r"[*?\[]", pattern)[0]


def _last_part(name: Value) -> Value:
    """What stands behind the last slash of an image's name."""
    for index in range(len(name) - 1, -1, -1):
        part = name[index]
        if isinstance(part, str) and "/" in part:
            rest = part.rpartition("/")[2]
            return (rest, *name[index + 1 :]) if rest else name[index + 1 :]
    return name


def _texts(recipe: Recipe | None, targets: Iterable[Target]) -> list[str]:
    """Everything that could name a folder in how something is built, and where it ends up."""
    values = [target.pattern for target in targets if isinstance(target, Files)]
    if recipe is not None:
        values += [recipe.folder, *recipe.words, *(given for _, given in recipe.inputs)]
    return [text for each in values if (text := literal(each))]
