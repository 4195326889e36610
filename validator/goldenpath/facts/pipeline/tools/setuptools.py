"""`python setup.py sdist bdist_wheel`: packages as `python -m build` makes them, by commands of setuptools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.values import literal, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects

_ON_THE_WAY = frozenset({"build", "build_clib", "build_ext", "build_py", "build_scripts", "check", "clean", "egg_info"})
"""What it can be told besides that makes no package, and hands nothing out."""


def perform(effects: CommandEffects) -> None:
    """Packages are made where it is told nothing but that; what else a setup.py does is said in it."""
    told = [literal(word) or "?" for word in effects.words.positionals]
    packed = [effects.about.kinds[each] for each in told if each in effects.about.kinds]
    if not told or any(each not in effects.about.kinds and each not in _ON_THE_WAY for each in told):
        path = literal(effects.place_of(value("setup.py")))
        may = effects.moment.spoken(effects.said(), [path]) if path and "?" not in told else ANYTHING
        effects.not_followed("what a Python program does is not followed", may)
    elif packed:
        out = effects.words.first("-d --dist-dir") or value("dist")
        effects.made(effects.path(out), opaque=True, kinds=tuple(dict.fromkeys(packed)))
