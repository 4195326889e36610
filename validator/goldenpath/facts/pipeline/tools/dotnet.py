"""`dotnet build` and `dotnet pack`: what MSBuild may do beside that, by the files of the repository that it reads.

A package that the project asks for may lay an SBOM into the package that is built; and an SDK that is not the field's
own may do more than that. A target may run a command that releases, whoever asks for what it comes after.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.commands.files import build_files
from goldenpath.facts.pipeline.commands.machine import nothing
from goldenpath.facts.pipeline.tables import has_a_release, words_in
from goldenpath.facts.pipeline.testing import XML_COMMENT
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import display, literal

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.tree import Tree

MAX_FILES = 500
"""Most files of MSBuild that are asked."""

_FILES = regex(r"(?i)(.*/)?[^/]+\.(csproj|fsproj|vbproj|props|targets)")
_DESCRIBES = regex(r"(?i)\bMicrosoft\.Sbom\.Targets\b")
_SDK_OF_OTHERS = regex(
    r"(?i)<(?:Project|Import|Sdk)\b[^<>]{0,500}?\b(?:Sdk|Name)\s{0,9}=\s{0,9}[\"'](?!Microsoft\.|MSTest\.|Aspire\.)"
)


_EXEC = regex(r"(?i)<Exec\b([^<>]{0,2000})")
_TARGET = regex(
    r"(?i)(?:--?|/)t(?:arget)?[:=](?!(?:(?:build|clean|compile|pack|rebuild|restore|test|vstest)(?:[;,]|$))+$).*"
)
"""How MSBuild is told to do something else than to build, to test, or to pack."""


def perform(effects: CommandEffects) -> None:
    """Something is built, and MSBuild may do more by its files, or by the target that it is asked for."""
    if literal(effects.all_words[1]) == "pack":
        _pack(effects)
    else:
        nothing(effects)
    if any(_TARGET.fullmatch(display(word)) for word in effects.all_words[2:]):
        effects.unseen("what a target of MSBuild does is not followed", _RELEASES)
    elif _runs_a_release(effects.moment.frame.shared.tree):
        effects.unseen("a target of MSBuild may run a command here that releases", _RELEASES)


_RELEASES = frozenset({"build", "ship"})


@lru_cache(maxsize=2)
def _runs_a_release(tree: Tree) -> bool:
    """Whether a file of MSBuild lets a command run that releases."""
    texts = (XML_COMMENT.sub("", tree.text(path) or "") for path in sorted(tree.fitting(_FILES))[:MAX_FILES])
    return any(has_a_release(words_in(said)) for text in texts for said in _EXEC.findall(text))


def _pack(effects: CommandEffects) -> None:
    """A package is built, and MSBuild may do more by its files."""
    build_files(effects)
    if may := _may(effects.moment.frame.shared.tree):
        effects.unseen("what else is done here the files of MSBuild, and the SDK that they name, would tell", may)


@lru_cache(maxsize=2)
def _may(tree: Tree) -> frozenset[str]:
    """What MSBuild may do beside packing."""
    texts = [XML_COMMENT.sub("", tree.text(path) or "") for path in sorted(tree.fitting(_FILES))[:MAX_FILES]]
    if any(map(_SDK_OF_OTHERS.search, texts)):
        return frozenset({"describe", "scan"})
    return frozenset({"describe"} if any(map(_DESCRIBES.search, texts)) else ())
