"""Backstage entity references: `[kind:][namespace/]name`."""

from __future__ import annotations

from msgspec import Struct

from goldenpath.facts.regexes import regex

_NAME = regex(r"[A-Za-z0-9]+([-_.]+[A-Za-z0-9]+)*")
_NAMESPACE = regex(r"[a-z0-9]+(-+[a-z0-9]+)*")
_KIND = regex(r"[A-Za-z][A-Za-z0-9]*")
_SHAPE = regex(r"(?:(?P<kind>[^:/]+):)?(?:(?P<namespace>[^:/]+)/)?(?P<name>[^:/]+)")

MAX_NAME = 63


def _quoted(text: str) -> str:
    return repr(text if len(text) <= MAX_NAME else f"{text[:MAX_NAME]}…")


class Reference(Struct, frozen=True):
    """A full reference; kind and namespace are in lower case, the name as it is written."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """The canonical form, by which Backstage compares and looks up: every part, in lower case."""
        return f"{self.kind}:{self.namespace}/{self.name}".lower()


def is_name(text: str) -> bool:
    """Whether Backstage accepts it as `metadata.name`."""
    return len(text) <= MAX_NAME and _NAME.fullmatch(text) is not None


def is_namespace(text: str) -> bool:
    """Whether Backstage accepts it as `metadata.namespace`."""
    return len(text) <= MAX_NAME and _NAMESPACE.fullmatch(text) is not None


def parse_reference(text: str, default_kind: str, default_namespace: str = "default") -> Reference:
    """Parse a reference. Raises ValueError with a sentence that says which part is wrong."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise ValueError(f"{_quoted(text)} is no entity reference ([kind:][namespace/]name)")
    kind, namespace, name = shape["kind"] or default_kind, shape["namespace"] or default_namespace, shape["name"]
    if len(kind) > MAX_NAME or not _KIND.fullmatch(kind):
        raise ValueError(f"{_quoted(kind)} is no entity kind")
    if not is_namespace(namespace.lower()):
        raise ValueError(f"{_quoted(namespace)} is no namespace (lower-case letters, digits, hyphens)")
    if not is_name(name):
        rule = f"letters and digits, separated by - _ or ., at most {MAX_NAME}"
        raise ValueError(f"{_quoted(name)} is no entity name ({rule})")
    return Reference(kind.lower(), namespace.lower(), name)
