"""What a repository says of itself, by the names of the questions that the template would have asked about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from goldenpath.checks.chat_channel_declared import products as chat_products
from goldenpath.facts.addresses import parse_address, wrong_with
from goldenpath.facts.catalog import UNNAMED
from goldenpath.facts.nodes import Malformed, plain, read_one
from goldenpath.facts.oncall import products as oncall_products
from goldenpath.facts.placeholders import is_placeholder
from goldenpath.facts.references import parse_reference
from goldenpath.facts.template import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.catalog import Component
    from goldenpath.facts.references import Reference
    from goldenpath.guides.suite import Suite
    from goldenpath.repository import Repository

SLUGS = {
    "github.com/project-slug": "",
    "gitlab.com/project-slug": "gitlab.com",
    "bitbucket.org/project-slug": "bitbucket.org",
}
"""Annotations that name the repository, and its host; GitHub's is also that of an Enterprise Server."""

LONGEST_DESCRIPTION = 200
"""As the question about it has it."""

_SLUG = re.compile(r"[\w.-]+(/[\w.-]+)+", re.ASCII)
_LOCATION = re.compile(
    r"url:https://(?P<host>[\w.:-]+)/(?P<slug>[\w.-]+/[\w.-]+?)(\.git)?(/(tree|blob)/(?P<branch>[\w.-]+)(/.*)?)?/?",
    re.ASCII,
)
_DASHBOARD = re.compile(r"\bdashboard\b", re.IGNORECASE)


def answered(repository: Repository) -> dict[str, Any]:
    """What the service answered when it was made from the template; nothing where that cannot be read."""
    try:
        root = read_one(repository, ANSWERS)
    except Malformed:
        return {}
    return {key: value for key, value in plain(root).items() if isinstance(value, str | int | float)} if root else {}


def known(component: Component, suite: Suite, answers: dict[str, Any]) -> dict[str, Any]:
    """What the catalog says, and the answers do not say in other words.

    Values are in the shape that facts ask of them; what is a placeholder says nothing.
    """
    said: dict[str, Any] = {}
    if component.ref.name != UNNAMED:
        said["name"] = component.ref.name
    if (owner := _reference(component, "owner", "group")) and owner.kind in {"group", "user"}:
        said["owner"] = f"{owner.kind}:{owner.namespace}/{owner.name}"
    if system := _reference(component, "system", "system"):
        said["system"] = system.name if system.namespace == "default" else f"{system.namespace}/{system.name}"
    description = " ".join((component.entity.text("metadata", "description") or "").split())
    if description and description.isprintable() and len(description) <= LONGEST_DESCRIPTION:
        said["description"] = description
    for pairs in _source(component, suite), _oncall(component, suite), _chat(component, suite), _dashboard(component):
        said |= pairs
    spelled = {"chat": str(answers.get("chat", "")).lstrip("#"), "owner": _full(str(answers.get("owner", "")))}
    return {name: value for name, value in said.items() if spelled.get(name) != value}


def _full(owner: str) -> str:
    """An owner as the catalog's is written here: with kind and namespace."""
    try:
        reference = parse_reference(owner, "group")
    except ValueError:
        return ""
    return f"{reference.kind}:{reference.namespace}/{reference.name}"


def _reference(component: Component, field: str, kind: str) -> Reference | None:
    text = component.entity.text("spec", field)
    try:
        reference = parse_reference(text, kind, component.ref.namespace) if text else None
    except ValueError:
        return None
    return None if reference is None or is_placeholder(reference.name) else reference


def _source(component: Component, suite: Suite) -> Iterator[tuple[str, str]]:
    """Host, organisation and address of the source."""
    annotations = component.annotations
    location = annotations.get("backstage.io/source-location")
    found = _LOCATION.fullmatch(location.text) if location else None
    host, slug = (found["host"], found["slug"]) if found else ("", "")
    for name, of in SLUGS.items():
        if not slug and name in annotations and _SLUG.fullmatch(annotations[name].text):
            host, slug = of or suite.default("source_host"), annotations[name].text
    if slug and not any(map(is_placeholder, slug.split("/"))):
        yield "source_host", host
        yield "source_org", slug.rpartition("/")[0]
        yield "repository", slug
        yield "source_url", f"https://{host}/{slug}"
    if found and found["branch"]:
        yield "default_branch", found["branch"]


def _oncall(component: Component, suite: Suite) -> Iterator[tuple[str, str]]:
    """Who is paged, in a product that the template knows."""
    for name in suite.choices("oncall_product"):
        product = oncall_products()[name]
        for annotation, expected in product.annotations.items():
            value = component.annotations.get(annotation)
            if value and re.fullmatch(expected.shape, value.text) and not is_placeholder(value.text):
                yield "oncall_product", name
                yield "oncall", value.text
                yield from _linked(component, product.links, "oncall_link")
                return


def _chat(component: Component, suite: Suite) -> Iterator[tuple[str, str]]:
    """Where people talk, in a product that the template knows."""
    for name in suite.choices("chat_product"):
        if found := dict(_linked(component, chat_products()[name].channels, "chat_link", of="chat")):
            yield "chat_product", name
            if suite.takes("chat", found["chat_link"], {"chat_product": name}):
                found["chat"] = found["chat_link"]  # it says more than the id in it
            yield from found.items()
            return


def _linked(component: Component, patterns: tuple[str, ...], name: str, of: str = "") -> Iterator[tuple[str, str]]:
    """The first link that matches, and the id in it under the name `of`."""
    for link in component.links:
        address = parse_address(link.url)
        match = next(filter(None, (re.fullmatch(each, str(address)) for each in patterns)), None) if address else None
        if match and not is_placeholder(match["id"]):
            yield name, link.url
            if of:
                yield of, unquote(match["id"])
            return


def _dashboard(component: Component) -> Iterator[tuple[str, str]]:
    link = next((link for link in component.links if link.is_about(_DASHBOARD) and not wrong_with(link.url)), None)
    if link:
        yield "dashboard_link", link.url
