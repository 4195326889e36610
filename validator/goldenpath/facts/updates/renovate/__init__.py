"""Renovate: what it looks after, by the managers that are on and by what its rules leave to them."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.dependencies import knowledge as ecosystems
from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import one_of
from goldenpath.facts.updates.knowledge import knowledge
from goldenpath.facts.updates.model import Coverage, Unseen
from goldenpath.facts.updates.patterns import names_but
from goldenpath.facts.updates.renovate.configuration import configuration
from goldenpath.facts.updates.renovate.files import files_read, of_pipelines, read_by, told_here, told_of
from goldenpath.facts.updates.renovate.managers import of_managers, without
from goldenpath.facts.updates.renovate.off import hardly_on, switched_off
from goldenpath.facts.updates.renovate.rules import leaves_some, left_out_by_name, managers_off
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.nodes import Mapping
    from goldenpath.facts.updates.knowledge import Off
    from goldenpath.facts.updates.model import Found
    from goldenpath.repository import Place, Repository

_GITLAB = "gitlab"
_CUSTOM = ("customManagers", "regexManagers", "registryAliases")
_CUSTOM_PRESET = regex(r"(?:custom|regex)Managers:")


def look(repository: Repository, found: Found) -> None:
    """Read what it is told. Raises Malformed where it would not understand its configuration."""
    if (root := configuration(repository)) is None:
        return
    if off_by := switched_off(root):
        found.problems.append(off_by)
        return
    if hardly := hardly_on(root):
        found.unseen.append(hardly)
        return
    found.custom += _customs(root)
    told = {*found.presets}
    extended = [preset for preset in texts(root.get("extends")) if told.isdisjoint({preset, preset.partition("#")[0]})]
    named = [preset.partition("(")[0] for preset in extended]
    ends = [(preset, end) for preset in named if (end := _end_by(preset)) is not None]
    known = one_of(knowledge().presets.complete)
    foreign = [preset for preset in named if _end_by(preset) is None and not known.fullmatch(preset)]
    wholly, partly = without(managers_off(root))
    off = wholly.union(*(_ends(end) for _, end in ends))
    if ends and off == ecosystems().ecosystems.keys():
        found.problems.append(Finding(root.keys["extends"].place, f"{shown(ends[0][0])} turns Renovate's updates off"))
    elif foreign:
        place = root.keys["extends"].place
        why = f"what Renovate looks after is said by {shown(foreign[0])}, which is elsewhere"
        found.unseen.append(Unseen(place, why, files=told_here(root)))
    elif (managers := root.get("enabledManagers")) is not None and texts(managers):  # none stands for all
        for ecosystem in sorted(of_managers(texts(managers)) - off - partly):
            enabled = [each for each in texts(managers) if each in ecosystems().ecosystems[ecosystem].renovate]
            files, part = read_by(repository, enabled), ", ".join(enabled)
            if files is not None:
                files = files.union(*(told_of(repository, root, manager) for manager in enabled))
            covered = Coverage("Renovate", ecosystem, managers.place, files=files_read(root), read=files, part=part)
            found.coverage.append(covered)
    else:
        found.coverage += _of_everything(repository, root, off, partly)
    _narrow(root, found)


def _narrow(root: Mapping, found: Found) -> None:
    """Of what Renovate looks after some is left out, by its names or by what else rules say of it."""
    if names := left_out_by_name(root):
        rest = names_but(names, ["*"])
        found.coverage = [replace(each, names=rest) if each.bot == "Renovate" else each for each in found.coverage]
    if some := leaves_some(root):
        found.coverage = [*chain.from_iterable(_without_some(each, some) for each in found.coverage)]


def _end_by(preset: str) -> Off | None:
    """What a preset turns off, if it does."""
    off = knowledge().presets.off
    return next((end for pattern, end in off.items() if re.fullmatch(pattern, preset)), None)


def _ends(end: Off) -> frozenset[str]:
    every = frozenset(ecosystems().ecosystems)
    return frozenset(end.ecosystems) or every - frozenset(end.all_but)


def _without_some(coverage: Coverage, some: dict[str, Place]) -> Iterator[Coverage]:
    """What Renovate looks after, where rules turn off some dependencies of these ecosystems."""
    among = {each: place for each, place in some.items() if coverage.covers_of(each)}
    if coverage.bot != "Renovate" or not among:
        yield coverage
        return
    if not coverage.ecosystem:
        yield replace(coverage, except_ecosystems=coverage.except_ecosystems | among.keys())
    for ecosystem, place in among.items():
        part = "what its rules let through"
        yield replace(coverage, ecosystem=ecosystem, place=place, read=frozenset(), part=part, left_out=frozenset())


def _of_everything(
    repository: Repository, root: Mapping, off: frozenset[str], partly: frozenset[str]
) -> Iterator[Coverage]:
    """What Renovate looks after that is told of no managers: all but the ecosystems that are turned `off` or `partly`.

    Of the pipelines of GitLab it reads but some files.
    """
    files, apart = files_read(root), frozenset({_GITLAB}) - off - partly
    yield Coverage("Renovate", "", root.place, files=files, except_ecosystems=off | partly | apart)
    for ecosystem in apart:
        pipelines = of_pipelines(repository) | told_of(repository, root, "gitlabci")
        yield Coverage("Renovate", ecosystem, root.place, files=files, read=pipelines)
    turned_off = managers_off(root)
    for ecosystem in sorted(partly - off):
        of_it = ecosystems().ecosystems[ecosystem].renovate
        rest = [manager for manager in of_it if manager not in turned_off]
        left = read_by(repository, rest) or frozenset()
        left = left.union(*(told_of(repository, root, manager) for manager in rest))
        gone = read_by(repository, [manager for manager in of_it if manager in turned_off]) or frozenset()
        covered = Coverage("Renovate", ecosystem, root.place, files=files, read=left, part=", ".join(rest))
        yield replace(covered, left_out=gone - left)


def _customs(root: Mapping) -> Iterator[Finding]:
    """Where Renovate is told of more than its managers read."""
    keys = [(root.keys[key].place, key) for key in _CUSTOM if key in root.keys]
    presets = [(root.keys["extends"].place, name) for name in texts(root.get("extends")) if _CUSTOM_PRESET.match(name)]
    for place, name in (*keys, *presets):
        yield Finding(place, f"what Renovate updates by {shown(name)} is not followed")
