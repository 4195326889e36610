"""Commands that change a cluster: whether what they hand to it may run images."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Malformed, Mapping, Sequence, mappings, parse
from goldenpath.facts.pipeline.acts import Image, image, same_name
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.words import head, subcommand_first
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, display, lines, literal, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

_RUNS_IMAGES = regex(r"(?:^|[{,])\s*[\"']?(image|images|containers|helmCharts|resources)[\"']?\s*:", re.MULTILINE)
_IMAGE = regex(r"(?:-\s+)?[\"']?image[\"']?:\s*[\"']?")
_END = regex(r"[\"']?\s*(?:\s#.*)?$")
_VARIABLE = regex(r"\$\{?([A-Za-z_]\w*)\}?")
_KIND = regex(r"^\s*[\"']?kind[\"']?\s*:\s*[\"']?([\w-]+)", re.MULTILINE)
_WORKLOADS = regex(
    r"(deploy(ment)?s?|dc|deploymentconfigs?|statefulsets?|sts|daemonsets?|ds|cronjobs?|cj|jobs?|pods?|po|replicasets?"
    r"|rs|rollouts?)([./].*)?"
)
_WITHOUT_IMAGES = regex(
    r"(namespace|ns|secret|configmap|cm|serviceaccount|sa|role|rolebinding|clusterrole|clusterrolebinding|token|quota"
    r"|resourcequota|limitrange|limits|priorityclass|pc|poddisruptionbudget|pdb|networkpolicy|netpol|storageclass|sc"
    r"|persistentvolume|pv|persistentvolumeclaim|pvc|node|no|horizontalpodautoscaler|hpa"
    r"|customresourcedefinition|crd|certificate|issuer|clusterissuer)s?(/.*)?",
    re.IGNORECASE,
)
"""What a cluster keeps that neither runs images nor leads users to them."""


def may_deploy(effects: CommandEffects) -> bool | None:
    """Whether a command may let a cluster pull images: by manifests, by a chart of the repository, or by a restart.

    None where it surely has nothing to do with what runs there.
    """
    program, tree = literal(effects.all_words[0]), effects.moment.frame.shared.tree
    if program in {"kubectl", "oc"}:
        return _by_kubectl(effects, tree)
    if program == "helm":
        return any(tree.exists(literal(effects.path(each)) or "") for each in effects.words.positionals)
    return program != "kustomize"


def _by_kubectl(effects: CommandEffects, tree: Tree) -> bool | None:
    named = effects.words.of("-f --filename -k --kustomize")
    if named == [("-",)] and _makes_no_workload(_fed_by(effects)):
        return None
    found: set[bool | None] = {_may_run_images(tree, literal(effects.path(each))) for each in named}
    if not named:
        told = [display(each) for each in effects.words.positionals]
        found = {None if _is_without_images(told) else any(map(_WORKLOADS.fullmatch, told))}
    return True if True in found else None if found == {None} else False


def _fed_by(effects: CommandEffects) -> list[str]:
    """The words of the command that a manifest comes from."""
    if effects.command.pipe_from is None:
        return []
    words = effects.script.script.commands[effects.command.pipe_from].words
    return [display(word) for word in subcommand_first(words) if not display(word).startswith("-")]


def tests_in_jobs(effects: CommandEffects) -> set[str]:
    """The names of the Jobs that a cluster is handed, where all that it is handed are Jobs which run tests."""
    files = [literal(effects.path(each)) or "" for each in effects.words.of("-f --filename")]
    if effects.words.of("-k --kustomize") or any(effects.is_rewritten(value(each)) for each in files):
        return set()
    read = [effects.moment.frame.shared.tree.text(each) or "" for each in files]
    try:
        documents = [document for text in read for document in parse("", text)]
    except Malformed:
        return set()
    names = [each.text("metadata", "name") for each in documents if isinstance(each, Mapping) and _is_test(each)]
    return {*filter(None, names)} if len(names) == len(documents) else set()


def _is_test(manifest: Mapping) -> bool:
    """Whether a manifest is a Job in each of whose containers a program runs that tests."""
    containers = manifest.get("spec", "template", "spec", "containers")
    items = containers.items if manifest.text("kind") == "Job" and isinstance(containers, Sequence) else []
    told = [[*texts(each.get("command")), *texts(each.get("args"))] for each in items if isinstance(each, Mapping)]
    found = [known_command(words)[0] for words in told]
    return bool(found) and all(about is not None and about.tests is not None for about in found)


def images_told(effects: CommandEffects) -> list[Image]:
    """The images of this run in manifests that kubectl reads: files, a here-document, what `cat` or `envsubst` says."""
    if literal(effects.all_words[0]) not in {"kubectl", "oc"}:
        return []
    files = effects.words.of("-f --filename")
    named = _handed(effects) if files == [("-",)] else _named_in(effects, files)
    built = [target for act in effects.moment.frame.shared.acts if act.kind == "built" for target in act.targets]
    names = [target.name for target in built if isinstance(target, Image)]
    return [_pulled(each) for each in map(image, named) if any(same_name(each.name, name) for name in names)]


def _pulled(named: Image) -> Image:
    """An image as a cluster pulls it: without a tag or digest the one that is called `latest`."""
    told = named.tag or named.digest or literal(named.name) is None
    return named if told else Image(named.name, value("latest"))


def _handed(effects: CommandEffects) -> Iterator[Value]:
    """The images that a manifest names which is read from the standard input."""
    fills = _fed_by(effects)[:1] == ["envsubst"] and effects.command.pipe_from is not None
    fed = effects.script.script.commands[effects.command.pipe_from or 0] if fills else effects.command
    named = _named(_manifest(effects, fed.stdin or ()))
    if not fills:
        return named
    return (_filled(word, lambda name: fed.environment.get(name) or effects.variable(name)) for word in named)


def _named_in(effects: CommandEffects, files: list[Value]) -> Iterator[Value]:
    """The images that manifests of the repository name, but for those that the job has changed."""
    tree, deep = effects.moment.frame.shared.tree, effects.words.has("-R --recursive")
    for path in filter(None, (literal(effects.path(file)) for file in files)):
        for _, each in tree.taken(path):
            if not deep and "/" in each.removeprefix(path).lstrip("/"):
                continue
            if each.endswith((".json", ".yaml", ".yml")) and not effects.is_rewritten(value(each)):
                yield from _named(value(tree.text(each) or ""))


def _manifest(effects: CommandEffects, fed: Value) -> Value:
    """What is read, or what the repository holds in the file that is read."""
    name = fed[0].name if len(fed) == 1 and isinstance(fed[0], Symbol) and fed[0].kind == "file" else ""
    path = literal(effects.path(value(name))) if name else None
    return value(effects.moment.frame.shared.tree.text(path) or "") if path else fed


def _named(manifest: Value) -> Iterator[Value]:
    """The images that a manifest names: as YAML, or line by line where parts of it are only known in a run."""
    text = literal(manifest)
    if text is not None:
        yield from map(value, _images_in(text))
        return
    for line in lines(manifest):
        if key := _IMAGE.match(head(line)):
            *before, last = value(head(line)[key.end() :], *line[1:]) or ("",)
            yield value(*before, _END.sub("", last) if isinstance(last, str) else last)


def _images_in(text: str) -> Iterator[str]:
    """The images that are named anywhere in documents of YAML or JSON; of others, as of templates, nobody knows any."""
    try:
        documents = parse("", text)
    except Malformed:
        return
    named = (each.text("image") for document in documents for each in mappings(document))
    yield from filter(None, named)


def _filled(word: Value, variable: Callable[[str], Value]) -> Value:
    """A word with the variables of the environment in the place of their names, as `envsubst` prints it."""
    parts: list[str | Symbol | Value] = []
    for part in word:
        for at, piece in enumerate(_VARIABLE.split(part) if isinstance(part, str) else [part]):
            parts.append(variable(piece) if at % 2 and isinstance(piece, str) else piece)
    return value(*parts)


def _makes_no_workload(told: list[str]) -> bool:
    """Whether `kubectl create secret … --dry-run=client -o yaml` is what prints a manifest."""
    return told[:2] in (["kubectl", "create"], ["oc", "create"]) and _is_without_images(told[2:])


def _is_without_images(told: list[str]) -> bool:
    return bool(told) and _WITHOUT_IMAGES.fullmatch(told[0]) is not None


def _may_run_images(tree: Tree, path: str | None) -> bool | None:
    """Whether a manifest, or one in a folder, names images or leads to others; one that nobody has read may."""
    alone = tree.text(path) if path else None
    texts = [alone] if alone is not None else [tree.text(each) for each in tree.find(f"{path}/*")] if path else []
    if not texts or any(text is None or _RUNS_IMAGES.search(text) for text in texts):
        return True
    kinds = [kind for text in texts for kind in _KIND.findall(text or "")]
    return None if kinds and all(map(_WITHOUT_IMAGES.fullmatch, kinds)) else False
