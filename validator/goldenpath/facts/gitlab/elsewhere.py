"""Projects that were handed in (handed_in.py), by what a pipeline includes of them: files, and components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from goldenpath.facts.gitlab.configuration import Include
    from goldenpath.handed_in import Source

_COMPONENT = regex(r"[^/@]+/(?P<project>[^@$]+)/(?P<name>[\w.-]+)@(?P<ref>[^@$]+)")
"""`HOST/path/of/project/name@version`; the host is the one on which the pipeline runs."""


def whole(include: Include) -> str:
    """The project that an include is of, as it would be handed in; empty where nobody can tell."""
    project, ref, _ = _meant(include)
    named = include.kind in {"project", "component"} and not {"$", "@"} & {*project, *ref}
    return f"{project}@{ref}" if named and ref else project if named else ""


def _meant(include: Include) -> tuple[str, str, tuple[str, ...]]:
    """The project of an include, the version of it, and the paths in it that may be meant."""
    if include.kind == "component" and (component := _COMPONENT.fullmatch(include.text)):
        name = component["name"]
        paths = (f"templates/{name}.yml", f"templates/{name}/template.yml")
        return component["project"], component["ref"], paths
    return include.text, include.ref, include.files


class Elsewhere:
    """The projects that were handed in."""

    def __init__(self, sources: tuple[Source, ...] = ()) -> None:
        self._sources = sorted(sources, key=lambda source: not source.ref)  # what stands for every ref comes last
        self._used: set[str] = set()
        self._wanted: dict[str, dict[str, None]] = {}

    def named_by(self, include: Include) -> tuple[Source, tuple[str, ...]] | None:
        """The project of an include, and the paths in it that may be meant; None where it was not handed in."""
        project, ref, paths = _meant(include)
        source = next((each for each in self._sources if each.is_for(project, ref)), None)
        if source is None:
            self._wanted.setdefault(project.lower(), {})[ref] = None
            return None
        self._used.add(source.label)
        return source, tuple(path.removeprefix("/") for path in paths)

    def leads_to(self, source: Source) -> bool:
        """Whether anything that is followed includes it."""
        return source.label in self._used

    def wanted_of(self, source: Source) -> tuple[str, ...]:
        """The refs at which it is included, too, and was not handed in."""
        return tuple(filter(None, self._wanted.get(source.name.lower(), ())))
