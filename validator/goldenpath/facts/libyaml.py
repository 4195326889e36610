"""libyaml's events, as PyYAML brings them, without PyYAML's own loaders and dumpers.

Importing that package takes a tenth of a check, for a parser, a resolver and a dumper in Python that nobody asks here.
The parser in C needs the classes of tokens, events and nodes, and errors to raise. So the package begins with these
alone, and becomes all of it, the same module, as soon as anybody wants something else from it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType, SimpleNamespace
from typing import Any

_ERRORS = {
    "composer": "ComposerError",
    "constructor": "ConstructorError",
    "emitter": "EmitterError",
    "parser": "ParserError",
    "representer": "RepresenterError",
    "scanner": "ScannerError",
    "serializer": "SerializerError",
}
"""Errors that stand in for those of the package's own modules, until these are loaded."""


def _begin() -> None:
    """Let the package be there before any code of its own has run."""
    spec = find_spec("yaml")
    if spec is None or (loader := spec.loader) is None:
        return
    package = sys.modules["yaml"] = module_from_spec(spec)
    for needed in "error", "events", "nodes", "tokens":
        import_module(f"yaml.{needed}")
    vars(package).update(_stand_ins(package))

    def complete(name: str) -> Any:  # noqa: ANN401 - whatever the package has
        del package.__getattr__
        loader.exec_module(package)
        return getattr(package, name)

    package.__getattr__ = complete  # type: ignore[method-assign]


def _stand_ins(package: ModuleType) -> dict[str, SimpleNamespace]:
    """The package's modules that have an error which the parser in C asks for, each with that alone."""

    class ReaderError(package.error.YAMLError):  # type: ignore[misc, name-defined]
        """A character that YAML forbids."""

        def __init__(self, name: str, position: int, character: int, encoding: str, reason: str) -> None:
            super().__init__(f"{reason} (U+{character:04X} at {position} of {name}, {encoding})")
            self.position = position
            self.character = character

    errors = {module: type(name, (package.error.MarkedYAMLError,), {}) for module, name in _ERRORS.items()}
    errors["reader"] = ReaderError
    return {module: SimpleNamespace(**{error.__name__: error}) for module, error in errors.items()}


if "yaml" not in sys.modules:
    _begin()

try:
    _c = import_module("yaml._yaml")
    Parser, ReaderError = _c.CParser, _c.ReaderError
    COUNTS_BYTES = True
except ImportError:  # PyYAML was built without libyaml: the same events from its parser in Python, ten times slower
    Parser, ReaderError = import_module("yaml").SafeLoader, import_module("yaml.reader").ReaderError
    COUNTS_BYTES = False
"""Whether the position of a ReaderError is one among bytes; else it is one among characters."""

from yaml.error import MarkedYAMLError, YAMLError  # noqa: E402 - of the package that has only now begun
from yaml.events import (  # noqa: E402
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

__all__ = [
    "COUNTS_BYTES",
    "AliasEvent",
    "DocumentEndEvent",
    "DocumentStartEvent",
    "MappingEndEvent",
    "MappingStartEvent",
    "MarkedYAMLError",
    "Parser",
    "ReaderError",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "YAMLError",
]
