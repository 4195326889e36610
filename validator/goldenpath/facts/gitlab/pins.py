"""What a pipeline takes from elsewhere, files, components and images, and whether its content is fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.gitlab.configuration import items_of
from goldenpath.facts.gitlab.knowledge import knowledge
from goldenpath.facts.gitlab.variables import Variables, written
from goldenpath.facts.nodes import Mapping, Scalar
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, literal, shown, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.gitlab.configuration import Configuration, Include, Job
    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Place

OWN = frozenset({"CI_REGISTRY", "CI_REGISTRY_IMAGE"})
"""Variables with which the names of the project's own images begin."""

_COMMIT = regex(r"[0-9a-f]{40}([0-9a-f]{24})?")
_IN_ADDRESS = regex(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
_VERSION = regex(r"v?\d+\.\d+\.\d+([-+][\w.+-]+)?")
_DIGEST = regex(r"@sha256:[0-9a-f]{64}$")
_PROXY = regex(r"\$\{?CI_DEPENDENCY_PROXY_(?:DIRECT_)?GROUP_IMAGE_PREFIX\}?/")
"""The group's own copies of images, which are called as the images are."""


class Pin(Struct, frozen=True):
    """One thing from elsewhere: what is loose about it, or why that cannot be told; neither, if it is fixed.

    `variable` is how an image is written that a variable names, wholly or in part, and `untold` says that it ends in
    one that stands in no file.
    """

    place: Place
    text: str
    problem: str = ""
    unsure: str = ""
    is_image: bool = False
    variable: str = ""
    untold: bool = False


def pins(configuration: Configuration) -> list[Pin]:
    """Everything that a pipeline takes from elsewhere."""
    found = [_of_include(include) for include in configuration.includes if include.kind not in {"local", "artifact"}]
    for job in configuration.jobs.values():
        found += _of_images(configuration, job)
    return found


def _of_include(include: Include) -> Pin:
    problem = ""
    if "$CI_COMMIT_SHA" in include.ref or include.kind == "template":
        pass  # of this very commit, or of GitLab's own version
    elif "$" in include.ref:
        return Pin(include.place, include.text, unsure="which version it has is only known in a run")
    elif include.kind == "project" and not _COMMIT.fullmatch(include.ref):
        problem = "is a tag or branch, which can be moved" if include.ref else "is whatever its default branch holds"
    elif include.kind == "component" and not (_COMMIT.fullmatch(include.ref) or _VERSION.fullmatch(include.ref)):
        problem = "names no full version and no commit"
    elif include.kind == "remote" and not (include.pinned or _IN_ADDRESS.search(include.text)):
        problem = "may be another file tomorrow: it has no `integrity`"
    version = f"@{include.ref}" if include.ref and include.kind == "project" else ""
    return Pin(include.place, f"{include.text}{version}", problem)


def _of_images(configuration: Configuration, job: Job) -> Iterator[Pin]:
    known = {name: value(Symbol("gitlab", name)) for name in knowledge().never_empty}
    variables = Variables(known, written(configuration.top.get("variables")), written(job.node.get("variables")))
    for node in (job.node.get("image"), *items_of(job.node.get("services"))):
        name = _name(node)
        if name is not None and (reference := variables.text(name.text)):
            variable = name.text if "$" in _PROXY.sub("", name.text) else ""
            last = reference[-1]
            untold = isinstance(last, Symbol) and last.kind != "gitlab"
            yield from (replace(pin, variable=variable, untold=untold) for pin in _of_image(name.place, reference))


def _name(node: Node | None) -> Scalar | None:
    found = node.get("name") if isinstance(node, Mapping) else node
    return found if isinstance(found, Scalar) else None


def _of_image(place: Place, reference: Value) -> Iterator[Pin]:
    first, last = reference[0], reference[-1]
    if isinstance(first, Symbol) and first.name in OWN:
        return  # what the project has built itself
    if isinstance(last, str) and _DIGEST.search(last):
        yield Pin(place, shown(reference), is_image=True)
    elif literal(reference) is None and any(isinstance(part, Symbol) and part.kind != "gitlab" for part in reference):
        yield Pin(place, shown(reference), unsure="which image it is is only known in a run", is_image=True)
    else:
        yield Pin(place, shown(reference), "names an image without its digest", is_image=True)
