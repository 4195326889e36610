"""Tools that release by themselves, each followed in a module of its own, imported when a workflow calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.pipeline.words import Words
    from goldenpath.facts.values import Value


_ARRIVALS = frozenset({
    "artifacts", "copy-out", "download", "unzip", "extract", "package-file", "package", "alternative", "key-pair",
    "jar", "cpio",
})  # fmt: skip


def perform(tool: str, effects: Effects, words: Words, folder: Value) -> None:
    """Write down what a tool does that is called with these words in a folder."""
    if tool in {"base64", "perl"}:
        from goldenpath.facts.pipeline.actions import generators
        from goldenpath.facts.pipeline.commands import perl

        (generators.list_as_text if tool == "base64" else perl.run)(cast("CommandEffects", effects))
    elif tool in {"ko", "ko-resolve"}:
        from goldenpath.facts.pipeline.tools import ko

        (ko.build if tool == "ko" else ko.resolve)(cast("CommandEffects", effects))
    elif tool == "bake":
        from goldenpath.facts.pipeline.tools import bake

        bake.perform(effects, words, folder)
    elif tool in {"maven", "gradle", "dotnet"}:
        _of_a_language(tool, cast("CommandEffects", effects))
    elif tool in {"cmake", "setup-py"}:
        from goldenpath.facts.pipeline.tools import cmake, setuptools

        (cmake.build if tool == "cmake" else setuptools.perform)(cast("CommandEffects", effects))
    elif tool == "goreleaser":
        from goldenpath.facts.pipeline.tools import goreleaser

        goreleaser.perform(effects, words, folder)
    elif tool == "semantic-release":
        from goldenpath.facts.pipeline.tools import npm

        npm.semantic_release(effects, words, folder)
    elif tool == "npm-config":
        from goldenpath.facts.pipeline.tools import npm

        npm.configure(effects, words, folder)
    elif tool in _ARRIVALS:
        from goldenpath.facts.pipeline import arrivals

        arrivals.TOOLS[tool](cast("CommandEffects", effects))
    else:
        from goldenpath.facts.pipeline.tools import npm

        npm.publish(effects, words, folder, tool)


def _of_a_language(tool: str, effects: CommandEffects) -> None:
    if tool == "maven":
        from goldenpath.facts.pipeline.tools import maven

        maven.perform(effects)
    elif tool == "dotnet":
        from goldenpath.facts.pipeline.tools import dotnet

        dotnet.perform(effects)
    else:
        from goldenpath.facts.pipeline.tools import gradle

        gradle.perform(effects)
