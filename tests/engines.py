"""Copier and Cookiecutter in this process, where what they parse anew at each run is parsed once."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import jinja2
import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType


def compiled_once(compile_template: Callable[..., Any]) -> Callable[..., Any]:
    """Keep what Jinja has compiled: half of the time in which a service is made.

    What the code depends on is the kind of environment, its delimiters (the lexer), the text and its name. The file,
    for tracebacks only, is another one in each clone.
    """
    known: dict[object, CodeType] = {}

    def get(environment: jinja2.Environment, source: str, name: str | None = None, *rest: Any, **more: Any) -> Any:
        key = type(environment), environment.lexer, source, name
        if key not in known:
            known[key] = compile_template(environment, source, name, *rest, **more)
        return known[key]

    return get


_compile = compiled_once(jinja2.Environment.compile)


@contextmanager
def quickened() -> Iterator[None]:
    """Run engines quickly, and with the environment of this moment: plumbum keeps that of its import."""
    from plumbum import local  # with Copier, 0.4 s that tests without templates need not pay

    with pytest.MonkeyPatch.context() as patch, local.env(**os.environ):
        patch.setattr(jinja2.Environment, "compile", _compile)
        patch.setattr(yaml, "SafeLoader", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        yield
