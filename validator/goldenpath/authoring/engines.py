"""Engines that make one service after another in the same process: what they parse anew each time is parsed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from jinja2 import Environment


def quicken() -> None:
    """Let Jinja keep what it compiles, and libyaml read YAML where there is one, for the rest of this process."""
    import jinja2
    import yaml

    jinja2.Environment.compile = compiled_once(jinja2.Environment.compile)  # type: ignore[assignment, method-assign]
    yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # type: ignore[misc]


def compiled_once(compile_template: Callable[..., CodeType]) -> Callable[..., CodeType]:
    """Keep what Jinja has compiled: half of the time in which a service is made.

    What the code depends on is the kind of environment, its delimiters (the lexer) and extensions, the text, its name,
    and how it is to be compiled. The file, for tracebacks only, is another one in each clone.
    """
    known: dict[object, CodeType] = {}

    def get(
        environment: Environment, source: str, name: str | None = None, filename: str | None = None, **how: bool
    ) -> CodeType:
        key = type(environment), environment.lexer, tuple(environment.extensions), source, name, *how.items()
        if key not in known:
            known[key] = compile_template(environment, source, name, filename, **how)
        return known[key]

    return get
