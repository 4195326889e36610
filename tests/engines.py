"""Copier and Cookiecutter in this process, as the gate calls them in its own, and with less git."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import jinja2
import pytest
import yaml

from goldenpath.authoring.engines import compiled_once

if TYPE_CHECKING:
    from collections.abc import Iterator

_compile = compiled_once(jinja2.Environment.compile)


@contextmanager
def quickened() -> Iterator[None]:
    """Run engines quickly, and with the environment of this moment: plumbum keeps that of its import."""
    from copier import _main, _vcs  # 0.4 s that tests without templates need not pay
    from plumbum import local

    version = _vcs.get_git_version()
    with pytest.MonkeyPatch.context() as patch, local.env(**os.environ):
        patch.setattr(jinja2.Environment, "compile", _compile)
        patch.setattr(yaml, "SafeLoader", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        # These ask git for each file whether it ignores modes, as on Windows, and for its version in each clone.
        patch.setattr(_main.Worker, "_sync_git_index_executable_bit", lambda *_: None)
        patch.setattr(_vcs, "get_git_version", lambda: version)
        yield
