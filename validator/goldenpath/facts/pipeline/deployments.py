"""Commands that change a cluster: whether what they hand to it may run images."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Malformed, Mapping, Sequence, parse
from goldenpath.facts.pipeline.acts import Image, image, same_name
from goldenpath.facts.pipeline.charts import MANIFEST, images_of
from goldenpath.facts.pipeline.kustomizations import Kustomized, file_of, named_in
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.words import subcommand_first
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, display, head, lines, literal, split, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.shell import Command
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
    return _said(effects.script.script.commands[effects.command.pipe_from])


def _said(by: Command) -> list[str]:
    return [display(word) for word in subcommand_first(by.words) if not display(word).startswith("-")]


class Untold(Exception):  # noqa: N818 - a finding about a manifest, not an error of the program
    """Which images a manifest names cannot be read; `str()` says why."""


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
    """The images of this run in the manifests that kubectl reads, or in a chart of the repository. Raises Untold."""
    manifests = _Manifests(effects)
    try:
        named = manifests.read() if literal(effects.all_words[0]) in {"kubectl", "oc"} else manifests.charted()
    except Malformed as error:
        raise Untold(f"which images {error.place} names cannot be read: {error}") from None
    return [_pulled(each) for each in named if any(same_name(each.name, built.name) for built in manifests.built)]


def edit_kustomization(effects: CommandEffects) -> None:
    """`kustomize edit set image` changes the kustomization of the folder that it stands in."""
    folder = (literal(effects.path(value("."))) or "").removeprefix(".")
    if path := file_of(effects.moment.frame.shared.tree, folder):
        effects.state.edit(path, effects.all_words)


def _written(named: Image) -> Value:
    """An image as a manifest writes it."""
    tag, digest = (value(sign, each) if each else () for sign, each in ((":", named.tag), ("@", named.digest)))
    return value(named.name, tag, digest)


def _pulled(named: Image) -> Image:
    """An image as a cluster pulls it: without a tag or digest the one that is called `latest`."""
    told = named.tag or named.digest or literal(named.name) is None
    return named if told else Image(named.name, value("latest"))


class _Manifests:
    """The manifests that a command hands to a cluster, and the images that they name."""

    def __init__(self, effects: CommandEffects) -> None:
        self._effects = effects
        self._tree = effects.moment.frame.shared.tree
        self._commands = effects.script.script.commands
        acts = [act for act in effects.moment.frame.shared.acts if act.kind == "built"]
        self.built = [each for act in acts for each in act.targets if isinstance(each, Image)]

    def read(self) -> list[Image]:
        """The images in what kubectl reads: in files, or on its standard input."""
        words = self._effects.words
        files = [file for each in words.of("-f --filename") for file in split(each, ",")]
        patches = words.of("-p --patch") if ("patch",) in self._effects.all_words else []
        named = self.handed(self._effects.command) if files == [("-",)] else self.in_files(files)
        named += [each for folder in words.of("-k --kustomize") for each in self.kustomized(folder)]
        return [*named, *(image(each) for patch in patches for each in _named("the patch", patch))]

    def charted(self) -> list[Image]:
        """The images of a chart of the repository that is told no values but in files; of any other, none are known."""
        words, tree = self._effects.words, self._tree
        folders = [path for word in words.positionals if (path := self._folder(word))]
        charts = [path for path in folders if tree.is_file(f"{path}/{MANIFEST}")]
        files = [
            literal(self._effects.path(file)) or "" for each in words.of("-f --values") for file in split(each, ",")
        ]
        sets = any(head(word).startswith("--set") for word in self._effects.all_words)
        if len(charts) != 1 or sets or not all(map(tree.is_file, files)):
            return []
        return list(images_of(charts[0], files, self.documents))

    def handed(self, to: Command) -> list[Image]:
        """The images that a manifest names which a command reads from its standard input."""
        by = None if to.pipe_from is None else self._commands[to.pipe_from]
        said = self._printed(by) if by else None
        return [*map(image, _named("what it reads", self._text(to.stdin or ())))] if said is None else said

    def _printed(self, by: Command) -> list[Image] | None:
        """The images in a manifest that a command prints; None for what only prints what it reads."""
        words = _said(by)
        if words[:1] == ["envsubst"]:
            return [
                image(_filled(word, lambda name: self._variable(by, name))) for word in map(_written, self.handed(by))
            ]
        if words[:2] in _BUILDS:
            return self.kustomized(next((each for each in map(value, words[2:]) if self._folder(each)), value(".")))
        if words[:1] in _EDITORS:
            if self._speaks_of_built(by.words):
                return []
            files = [word for word in by.words[1:] if self._is_file(word)]
            return self.in_files(files) if files else self.handed(by)
        return None

    def in_files(self, files: list[Value]) -> list[Image]:
        """The images that manifests name: the repository's, but for what the job has changed, and the script's own."""
        deep, found = self._effects.words.has("-R --recursive"), list[Image]()
        for path in filter(None, (literal(self._effects.path(file)) for file in files)):
            for by in self._commands if not self._tree.exists(path) else ():
                if by.stdout and self._effects.path(self._effects.script.known(by.stdout)) == value(path):
                    found += self._printed(by) or ()
            for _, each in self._tree.taken(path):
                if not deep and "/" in each.removeprefix(path).lstrip("/"):
                    continue
                if each.endswith((".json", ".yaml", ".yml")):
                    found += named_in(self.documents(each))
        return found

    def kustomized(self, folder: Value) -> list[Image]:
        """The images of what kustomize builds of a folder of the repository."""
        path = self._folder(folder)
        edited = self._effects.state.edited
        return Kustomized(self._tree, self.documents, edited).images("" if path == "." else path or "\0")

    def documents(self, path: str) -> list[Node]:
        """What a file of the repository says; nothing of one that may name what was built by now. Raises Malformed."""
        edited = [words for words in self._effects.state.edited.get(path, ()) if words[0] != ("kustomize",)]
        changed = not edited and self._effects.is_rewritten(value(path))
        if changed or any(map(self._speaks_of_built, edited)):
            return []
        return parse(path, self._tree.text(path) or "")

    def _speaks_of_built(self, words: Iterable[Value]) -> bool:
        """Whether words may put what was built into a text: by what only a run knows, or by a tag of it."""
        tags = {literal(each.tag) for each in self.built} - {"", None}
        parts = [part for word in words for part in word]
        return any(isinstance(part, Symbol) or any(tag in part for tag in tags if tag) for part in parts)

    def _text(self, fed: Value) -> Value:
        """What is read, or what the repository holds in the file that is read."""
        name = fed[0].name if len(fed) == 1 and isinstance(fed[0], Symbol) and fed[0].kind == "file" else ""
        path = literal(self._effects.path(value(name))) if name else None
        return value(self._tree.text(path) or "") if path else fed

    def _variable(self, of: Command, name: str) -> Value:
        return of.environment.get(name) or self._effects.variable(name)

    def _folder(self, word: Value) -> str | None:
        path = literal(self._effects.path(word))
        return path if path is not None and (path in {"", "."} or self._tree.is_folder(path)) else None

    def _is_file(self, word: Value) -> bool:
        path = literal(self._effects.path(word))
        return bool(path) and self._tree.is_file(path or "")


_BUILDS = (["kustomize", "build"], ["kubectl", "kustomize"], ["oc", "kustomize"])
_EDITORS = (["sed"], ["gsed"], ["yq"], ["perl"])


def _named(where: str, manifest: Value) -> Iterator[Value]:
    """The images that a manifest names: as YAML, or line by line where parts of it are only known in a run."""
    text = literal(manifest)
    if text is not None:
        yield from map(_written, named_in(parse(where, text)))
        return
    for line in lines(manifest):
        if key := _IMAGE.match(head(line)):
            *before, last = value(head(line)[key.end() :], *line[1:]) or ("",)
            yield value(*before, _END.sub("", last) if isinstance(last, str) else last)


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
