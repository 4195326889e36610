"""Commands that change what a platform runs: whether what they hand to it may run images, and which ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Malformed, Mapping, Sequence, parse
from goldenpath.facts.pipeline.acts import Image, image
from goldenpath.facts.pipeline.charts import MANIFEST, images_of
from goldenpath.facts.pipeline.commands.shipping import images_set, without_scheme
from goldenpath.facts.pipeline.kustomizations import Kustomized, file_of, named_in
from goldenpath.facts.pipeline.specifications import Specifications, Untold, unread, written
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.words import Words, subcommand_first
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, display, head, lines, literal, split, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        own = any(tree.exists(literal(effects.path(each)) or "") for each in effects.words.positionals)
        return own or bool(_Manifests(effects).chart_of_its_own(effects.words))
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
    """The images of this run in the files that a command hands over, or in a chart of the repository. Raises Untold."""
    manifests, program = _Manifests(effects), literal(effects.all_words[0])
    try:
        if effects.about.manifests:
            return manifests.images_in(manifests.named())
        return manifests.of_this_run(manifests.charted(effects.words) if program == "helm" else manifests.read())
    except Malformed as error:
        raise unread(error) from None


def render(effects: CommandEffects, path: Value) -> None:
    """A program prints a manifest into a file, which a later step may hand over."""
    at = literal(path) or ""
    effects.state.rendered.pop(at, None)
    try:
        images = _Manifests(effects).printed()
    except (Malformed, Untold):
        return
    if images:
        effects.state.rendered[at] = images


def edit_kustomization(effects: CommandEffects) -> None:
    """`kustomize edit set image` changes the kustomization of the folder that it stands in."""
    folder = (literal(effects.path(value("."))) or "").removeprefix(".")
    if path := file_of(effects.moment.frame.shared.tree, folder):
        effects.state.edit(path, effects.all_words)


class _Manifests(Specifications):
    """The manifests that a command hands to a cluster, and the images that they name."""

    def __init__(self, effects: CommandEffects) -> None:
        super().__init__(effects)
        self._effects = effects
        self._commands = effects.script.script.commands
        self._looked_for: set[Value] = set()

    def named(self) -> list[str]:
        """The files that options name, or any word; where none is named, those that a program of itself looks for."""
        about, words = self._effects.about, self._effects.words
        given = [*words.of(about.manifests), *(words.positionals if "WORD" in about.manifests else ())]
        paths = [literal(self._effects.path(without_scheme(each))) for each in given]
        here = (literal(self._effects.path(value(each))) for each in about.folder.split() if not given)
        return [*filter(None, paths), *(path for path in here if path and self._tree.is_file(path))]

    def read(self) -> list[Image]:
        """The images in what kubectl reads: in files, or on its standard input."""
        words = self._effects.words
        files = [file for each in words.of(_FILES) for file in split(each, ",")]
        patches = words.of("-p --patch") if ("patch",) in self._effects.all_words else []
        files += words.of("--patch-file")
        named = self.handed(self._effects.command) if files == [("-",)] else self.in_files(files)
        named += [each for folder in words.of("-k --kustomize") for each in self.kustomized(folder)]
        return [*named, *(image(each) for patch in patches for each in _named("the patch", patch))]

    def charted(self, words: Words) -> list[Image]:
        """The images of a chart of the repository that is told no values but in files; of any other, none are known.

        Raises Untold where a chart from elsewhere goes by the name of an image, and nothing says of which tag it is.
        """
        tree, told = self._tree, any(option.startswith("--set") for option in words.options)
        if other := self.chart_of_its_own(words):
            raise Untold(f"which tag the chart {display(other)} names is not said here")
        folders = [path for word in words.positionals if (path := self._folder(word))]
        charts = [path for path in folders if tree.is_file(f"{path}/{MANIFEST}")]
        files = [
            literal(self._effects.path(file)) or "" for each in words.of("-f --values") for file in split(each, ",")
        ]
        if len(charts) != 1 or told or not all(tree.is_file(each) or literal(self._made_of(each)) for each in files):
            return []
        return list(images_of(charts[0], files, self.documents))

    def documents(self, path: str) -> list[Node]:
        """What a file says: one of the repository, or one that the script itself has written. Raises Malformed."""
        made = literal(self._made_of(path))
        return parse(path, made) if made else super().documents(path)

    def _made_of(self, path: str) -> Value:
        """The text that the script has written into a file, as far as that is known."""
        return self._effects.script.script.files.get(value(path), ())

    def chart_of_its_own(self, words: Words) -> Value:
        """A chart from elsewhere that is called as an image of this run, and told nothing of its tag; else empty."""
        version = words.first("--version")
        tags = {(literal(each.tag) or "").removeprefix("v") for each in self.built}
        said = version and (literal(version) is None or (literal(version) or "").removeprefix("v") in tags)
        if said or any(option.startswith(("--set", "-f", "--values")) for option in words.options):
            return ()
        names = {head(each.name).rpartition("/")[2] for each in self.built if literal(each.name)}
        charts = (each for each in words.positionals if "/" in display(each) and not self._stands(each))
        return next((each for each in charts if display(each).rpartition("/")[2] in names), ())

    def handed(self, to: Command) -> list[Image]:
        """The images that a manifest names which a command reads from its standard input."""
        by = None if to.pipe_from is None else self._commands[to.pipe_from]
        said = self._printed(by) if by else None
        return [*map(image, _named("what it reads", self._text(to.stdin or ())))] if said is None else said

    def printed(self) -> list[Image]:
        """The images in a manifest that the command itself prints."""
        return self._printed(self._effects.command) or []

    def _printed(self, by: Command) -> list[Image] | None:
        """The images in a manifest that a command prints; None for what only prints what it reads."""
        words = _said(by)
        if words[:1] in _FETCHING:
            for each in by.words[1:]:
                self._of_itself(each)
        if words[:2] == ["helm", "template"]:
            told = _of_template(by)
            return [*self.charted(told), *images_set(by.words, to_cluster=True)]
        if words[:2] == ["oc", "process"]:
            given = (literal(self._effects.path(each)) for each in Words(by.words, _FILES.split()).of(_FILES))
            return self.images_in(filter(None, given))
        if words[:1] == ["envsubst"]:
            return [
                image(_filled(word, lambda name: self._variable(by, name))) for word in map(written, self.handed(by))
            ]
        if words[:2] in _BUILDS:
            folders = [value(each) for each in words[2:] if "=" not in each]
            return self.kustomized(next(filter(self._folder, folders), folders[0] if folders else value(".")))
        if words[:1] in _EDITORS:
            if words[:1] != ["cat"] and self.speaks_of_built(by.words):
                return []
            files = [word for word in by.words[1:] if self._stands(word)]
            return self.in_files(files) if files else self.handed(by)
        return None

    def _of_itself(self, address: Value) -> None:
        """Raises Untold for what lies elsewhere, in a folder or a repository that is called as an image of this run."""
        if not self._stands(address) and "." in head(address) and self.may_be_of_this_run(address):
            raise Untold(f"which images {display(address)} names is not to be seen")

    def _made(self, file: Value) -> list[Image]:
        """The images in a manifest that the script itself has made, in a file or a stream."""
        path = self._effects.path(file)
        if path in self._looked_for:
            return []
        self._looked_for.add(path)
        found: list[Image] = []
        for by in self._commands:
            if by.stdout and self._effects.path(self._effects.script.known(by.stdout)) == path:
                found += self._printed(by) or ()
            elif literal(by.words[0]) in _COPYING and self._effects.path(by.words[-1]) == path:
                found += self.in_files([*by.words[-2:-1]])
            elif self._effects.path(_of_template(by).first("--output-dir")) == path:
                found += self._printed(by) or ()
        at = literal(path) or ""
        if not found and at in self._effects.state.rendered:
            edits = self._effects.state.edited.get(at, ())
            return [] if any(map(self.speaks_of_built, edits)) else self._effects.state.rendered[at]
        said = self._made_of(at) if not found else ()
        return found or [*map(image, _named("what the script writes", self._effects.script.known(said)))]

    def in_files(self, files: list[Value]) -> list[Image]:
        """The images that manifests name: the repository's, but for what the job has changed, and the script's own."""
        deep, found = self._effects.words.has("-R --recursive"), list[Image]()
        for file in files:
            path = literal(self._effects.path(file)) or ""
            if not self._stands(file):
                self._of_itself(file)
                found += self._made(file)
            for _, each in self._tree.taken(path) if path else ():
                if not deep and "/" in each.removeprefix(path).lstrip("/"):
                    continue
                if each.endswith((".json", ".yaml", ".yml")):
                    found += named_in(self.documents(each))
        return found

    def kustomized(self, folder: Value) -> list[Image]:
        """The images of what kustomize builds of a folder of the repository."""
        self._of_itself(folder)
        path = self._folder(folder)
        edited = self._effects.state.edited
        return Kustomized(self._tree, self.documents, edited).images("" if path == "." else path or "\0")

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

    def _stands(self, word: Value) -> bool:
        path = literal(self._effects.path(word))
        return bool(path) and self._tree.exists(path or "")


_FILES = "-f --filename --file"
_BUILDS = (["kustomize", "build"], ["kubectl", "kustomize"], ["oc", "kustomize"])
_EDITORS = (["sed"], ["gsed"], ["yq"], ["perl"], ["cat"], ["ytt"])
"""Programs that print what they are handed, changed or not."""
_FETCHING = (["curl"], ["wget"])
_COPYING = frozenset({"cp", "mv"})
_OF_HELM = (
    "-n --namespace -f --values --output-dir --version --set --set-string --set-file --set-json --repo --name-template"
)
_NOTHING = Words((), ())


def _of_template(by: Command) -> Words:
    """What `helm template` is told, by whatever options; nothing for another command."""
    words = subcommand_first(by.words)
    return Words(words[2:], _OF_HELM.split()) if words[:2] == (("helm",), ("template",)) else _NOTHING


def _named(where: str, manifest: Value) -> Iterator[Value]:
    """The images that a manifest names: as YAML, or line by line where parts of it are only known in a run."""
    text = literal(manifest)
    if text is not None:
        yield from map(written, named_in(parse(where, text)))
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
