"""Commands that change a cluster: whether what they hand to it may run images."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import display, literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.pipeline.words import Words
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

_RUNS_IMAGES = regex(r"^\s*[\"']?(image|images|containers|helmCharts|resources)[\"']?\s*:", re.MULTILINE)
_WORKLOADS = regex(r"(deploy|statefulset|sts|daemonset|ds|cronjob|cj|job|po|pod|replicaset|rs|rollout).*")


def may_deploy(tree: Tree, words: tuple[Value, ...], given: Words, at: Callable[[Value], Value]) -> bool:
    """Whether a command may let a cluster pull images: by manifests, by a chart of the repository, or by a restart."""
    program = literal(words[0])
    if program == "kubectl":
        return _by_kubectl(tree, given, at)
    if program == "helm":
        return any(tree.exists(literal(at(each)) or "") for each in given.positionals)
    return program != "kustomize"


def _by_kubectl(tree: Tree, given: Words, at: Callable[[Value], Value]) -> bool:
    named = given.of("-f --filename -k --kustomize")
    if named:
        return any(_may_run_images(tree, literal(at(each))) for each in named)
    return any(_WORKLOADS.fullmatch(display(each)) for each in given.positionals)


def _may_run_images(tree: Tree, path: str | None) -> bool:
    """Whether a manifest, or one in a folder, names images or leads to others; one that nobody has read may."""
    alone = tree.text(path) if path else None
    texts = [alone] if alone is not None else [tree.text(each) for each in tree.find(f"{path}/*")] if path else []
    return not texts or any(text is None or _RUNS_IMAGES.search(text) for text in texts)
