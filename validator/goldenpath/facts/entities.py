"""What Backstage accepts as an entity, and what is wrong with one that it would refuse.

After the schemas and policies of @backstage/catalog-model: FieldFormatEntityPolicy, NoForeignRootFieldsEntityPolicy and
the JSON schemas of the kinds (`knowledge/entities.yaml`). Values that Backstage fetches itself (`$text`, `$json`,
`$yaml`) are valid wherever they stand.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.addresses import parse_address
from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.nodes import Mapping, Scalar, Sequence
from goldenpath.facts.placeholders import is_unfilled
from goldenpath.facts.references import MAX_NAME, is_name, is_namespace, parse_reference
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Place

    FieldCheck: TypeAlias = Callable[[Node, str], Iterator[Finding]]

NAME_RULE = f"letters and digits, separated by - _ or ., at most {MAX_NAME}"

_NOT_TEXT = {bool: "true or false", type(None): "empty"}
_TAG = regex(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of entity: its API versions, what its `spec` must hold, and what in it refers to other entities."""

    versions: tuple[str, ...]
    required: tuple[str, ...] = ()
    references: dict[str, str] = {}
    lists: dict[str, str] = {}
    expressions: bool = False


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    fields: frozenset[str]
    kinds: dict[str, Kind]


@cache
def _table() -> _Table:
    return read_table("entities", _Table)


def is_substituted(node: Node | None) -> bool:
    """Whether Backstage fetches the value from elsewhere: `$text: ./owner.txt`, `$yaml: https://…`."""
    return isinstance(node, Mapping) and len(node.values) == 1 and next(iter(node.values)).startswith("$")


def problems(document: Mapping) -> Iterator[Finding]:
    """Why Backstage would refuse this entity."""
    for key, scalar in document.keys.items():
        if key not in _table().fields:
            yield Finding(scalar.place, f"{shown(key)} is no field of an entity")
    name = document.text("kind")
    if name is None:
        yield Finding(_place(document, "kind"), "`kind` is missing")
    elif name not in _table().kinds:
        yield Finding(_place(document, "kind"), _unknown_kind(name))
    else:
        yield from _of_version(document, name, _table().kinds[name])
    kind = _table().kinds.get(name or "", Kind(versions=()))
    if not kind.expressions:
        yield from _of_metadata(document)
    yield from _of_spec(document, kind)


def _place(document: Mapping, key: str) -> Place:
    return document.values[key].place if key in document.values else document.place


def _unknown_kind(name: str) -> str:
    spelled = next((kind for kind in _table().kinds if kind.lower() == name.lower()), None)
    hint = f"write `{spelled}`" if spelled else "Backstage refuses it unless a processor for it is installed"
    return f"{shown(name)} is no kind of entity: {hint}"


def _of_version(document: Mapping, name: str, kind: Kind) -> Iterator[Finding]:
    version = document.text("apiVersion")
    if version not in kind.versions:
        said = f"{shown(version)} is no API version of a {name}" if version else "`apiVersion` is missing"
        yield Finding(_place(document, "apiVersion"), f"{said}: it is `{kind.versions[0]}`")


def _not_text(node: Node, path: str) -> Finding | None:
    """What is wrong with a value that should be text with something in it; None when it is, or Backstage fetches it."""
    if is_substituted(node):
        return None
    if isinstance(node, Mapping) and len(node.values) == 1 and is_unfilled(f"{{{next(iter(node.values))}}}"):
        return Finding(node.place, f"`{path}` is not filled in")
    if not isinstance(node, Scalar):
        kind = "list" if isinstance(node, Sequence) else "mapping"
        return Finding(node.place, f"`{path}` is a {kind}, it should be text")
    if is_unfilled(node.text):
        return Finding(node.place, f"`{path}` is not filled in: {shown(node.text)}")
    value = node.resolved()
    if not isinstance(value, str):
        hint = " (put it in quotes)" if value is not None else ""
        return Finding(node.place, f"`{path}` is {_NOT_TEXT.get(type(value), 'a number')}, it should be text{hint}")
    return None if value.strip() else Finding(node.place, f"`{path}` is empty")


# ---- metadata


def _of_metadata(document: Mapping) -> Iterator[Finding]:
    metadata = document.get("metadata")
    if is_substituted(metadata):
        return
    if not isinstance(metadata, Mapping):
        said = "is missing" if metadata is None else "is no mapping"
        yield Finding(_place(document, "metadata"), f"`metadata` {said}")
        return
    if "name" not in metadata.values:
        yield Finding(metadata.place, "`metadata.name` is missing")
    checks: dict[str, FieldCheck] = {
        "name": _of_name, "namespace": _of_namespace, "title": _of_text, "description": _of_description,
        "labels": _of_labels, "annotations": _of_annotations, "tags": _of_tags, "links": _of_links,
    }  # fmt: skip
    for key, check in checks.items():
        if key in metadata.values and not is_substituted(metadata.values[key]):
            yield from check(metadata.values[key], f"metadata.{key}")


def _of_text(node: Node, path: str) -> Iterator[Finding]:
    if wrong := _not_text(node, path):
        yield wrong


def _of_description(node: Node, path: str) -> Iterator[Finding]:
    """A description may hold anything, expressions of templates included, so long as it is text."""
    if not isinstance(node, Scalar) or not isinstance(node.resolved(), str):
        yield from _of_text(node, path)


def _of_name(node: Node, path: str) -> Iterator[Finding]:
    yield from _shaped(node, path, is_name, f"is no name ({NAME_RULE})")


def _of_namespace(node: Node, path: str) -> Iterator[Finding]:
    yield from _shaped(node, path, is_namespace, "is no namespace (lower-case letters, digits, hyphens)")


def _of_tag(node: Node, path: str) -> Iterator[Finding]:
    yield from _shaped(node, path, _is_tag, "is no tag (lower-case letters, digits, : + #, separated by hyphens)")


def _is_tag(text: str) -> bool:
    return len(text) <= MAX_NAME and _TAG.fullmatch(text) is not None


def _shaped(node: Node, path: str, accepts: Callable[[str], bool], otherwise: str) -> Iterator[Finding]:
    if wrong := _not_text(node, path):
        yield wrong
    elif isinstance(node, Scalar) and not accepts(node.text):
        yield Finding(node.place, f"`{path}`: {shown(node.text)} {otherwise}")


def _of_labels(node: Node, path: str) -> Iterator[Finding]:
    yield from _each_pair(node, path, _of_label)


def _of_label(node: Node, path: str) -> Iterator[Finding]:
    yield from _shaped(node, path, is_name, f"is no value of a label ({NAME_RULE})")


def _of_annotations(node: Node, path: str) -> Iterator[Finding]:
    yield from _each_pair(node, path, _of_text)


def _each_pair(node: Node, path: str, check: FieldCheck) -> Iterator[Finding]:
    """Check the keys of a mapping, and its values; an empty text in quotes is a value."""
    if not isinstance(node, Mapping):
        yield Finding(node.place, f"`{path}` should be a mapping")
        return
    for key, value in node.items():
        yield from _of_key(key, path)
        if not (isinstance(value, Scalar) and value.style and not value.text):
            yield from check(value, f"{path}.{key.text}")


def _of_key(key: Scalar, path: str) -> Iterator[Finding]:
    prefix, slash, name = key.text.rpartition("/")
    if not is_name(name) or (slash and not (len(prefix) <= 253 and all(map(is_namespace, prefix.split("."))))):
        yield Finding(key.place, f"`{path}`: {shown(key.text)} is no key (a name, or a domain, a slash and a name)")


def _of_tags(node: Node, path: str) -> Iterator[Finding]:
    yield from _each(node, path, _of_tag)


def _of_links(node: Node, path: str) -> Iterator[Finding]:
    yield from _each(node, path, _of_link)


def _each(node: Node, path: str, check: FieldCheck) -> Iterator[Finding]:
    if not isinstance(node, Sequence):
        yield Finding(node.place, f"`{path}` should be a list")
        return
    for index, item in enumerate(node.items):
        yield from check(item, f"{path}[{index}]")


def _of_link(node: Node, path: str) -> Iterator[Finding]:
    if not isinstance(node, Mapping):
        yield Finding(node.place, f"`{path}` should be a mapping with `url` and `title`")
        return
    if "url" not in node.values:
        yield Finding(node.place, f"`{path}.url` is missing")
    checks: dict[str, FieldCheck] = {
        "url": _of_url, "title": _of_text, "type": _of_text, "icon": _of_name,
    }  # fmt: skip
    for key, check in checks.items():
        if key in node.values:
            yield from check(node.values[key], f"{path}.{key}")


def _of_url(node: Node, path: str) -> Iterator[Finding]:
    yield from _shaped(node, path, _is_url, "is no full address (Backstage takes no relative ones)")


def _is_url(text: str) -> bool:
    return parse_address(text) is not None


# ---- spec


def _of_spec(document: Mapping, kind: Kind) -> Iterator[Finding]:
    spec = document.get("spec")
    if is_substituted(spec):
        return
    if not isinstance(spec, Mapping):
        if kind.required:
            yield Finding(_place(document, "spec"), f"`spec` {'is missing' if spec is None else 'is no mapping'}")
        return
    for field in dict.fromkeys((*kind.required, *kind.references)):
        yield from _of_field(spec, field, kind)
    for field, default in kind.lists.items():
        if field in spec.values and not is_substituted(spec.values[field]):
            yield from _each(spec.values[field], f"spec.{field}", partial(_of_reference, default_kind=default))


def _of_field(spec: Mapping, field: str, kind: Kind) -> Iterator[Finding]:
    node, path = spec.values.get(field), f"spec.{field}"
    if node is None:
        if field in kind.required:
            yield Finding(spec.place, f"`{path}` is missing")
    elif field in kind.references:
        yield from _of_reference(node, path, kind.references[field])
    else:
        yield from _of_text(node, path)


def _of_reference(node: Node, path: str, default_kind: str) -> Iterator[Finding]:
    if wrong := _not_text(node, path):
        yield wrong
    elif isinstance(node, Scalar) and not default_kind and ":" not in node.text:
        yield Finding(node.place, f"`{path}`: {shown(node.text)} does not say its kind, as in `component:name`")
    elif isinstance(node, Scalar):
        try:
            parse_reference(node.text, default_kind or "component")
        except ValueError as error:
            yield Finding(node.place, f"`{path}`: {error}")
