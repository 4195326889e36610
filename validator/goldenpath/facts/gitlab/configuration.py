"""The configuration of a pipeline: `.gitlab-ci.yml` with what it includes, and each job with what it extends.

GitLab puts a configuration together in three steps, and so does this: files are included, the later over the earlier;
jobs are laid over what they `extends`; and `!reference` is replaced by what it names. What is included from elsewhere
is remembered by name, for nobody sees here what it brings, unless it was handed in.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.gitlab.elsewhere import Elsewhere
from goldenpath.facts.gitlab.knowledge import knowledge, known_job
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, parse
from goldenpath.facts.pipeline.effects import fits
from goldenpath.facts.regexes import regex
from goldenpath.facts.workflows import Workflows, texts
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from goldenpath.facts.declared import Knowledge
    from goldenpath.facts.nodes import Node
    from goldenpath.handed_in import Source
    from goldenpath.repository import Repository

    Atoms: TypeAlias = frozenset[str]
    Starts: TypeAlias = Callable[[Node | None], Atoms | None]

MAX_INCLUDES = 150
"""Most files of one pipeline; GitLab's own limit."""

MAX_EXTENDS = 11
"""Longest chain of `extends`; GitLab's own limit."""

MAX_REFERENCES = 10
"""Longest chain of `!reference`, and deepest nesting of lists in a script; GitLab's own limits."""

MAX_ALTERNATIVES = 30
"""Most alternatives in the braces of one path."""

MAX_WORK = 200_000
"""Most nodes that are laid over each other or replaced in one pipeline."""

MAX_JOBS = 500
"""Most jobs of a pipeline that are followed; the largest public ones have about 400."""

_OF_ALL = ("workflow", "variables")
"""What is said of the pipeline as a whole, rather than of a job."""

_INPUT = regex(r"\$\[\[\s*inputs\.(?P<name>[\w-]+)\s*(?P<more>\|[^\]]*)?\]\]")
_OWN_PROJECT = regex(r"\$\{?CI_PROJECT_PATH\}?")
_OWN_COMMIT = regex(r"\$\{?CI_COMMIT_SHA\}?")
_OWN_COMPONENT = regex(rf"\$\{{?CI_SERVER_(?:FQDN|HOST)\}}?/{_OWN_PROJECT.pattern}/([\w.-]+)@{_OWN_COMMIT.pattern}")
_REMOTE = regex(r"https?://")


class Refused(Malformed):
    """A file that is read well, but of which GitLab would make no pipeline."""


class TooMuch(Exception):  # noqa: N818 - a limit of ours
    """The configuration is larger than what is put together here."""


class Include(Struct, frozen=True):
    """A part of a pipeline that comes from elsewhere, or from a file whose name only a run knows.

    `text` is what it is called, `ref` the version that is asked for, `files` those of a project, `pinned` whether its
    content is fixed by a digest. `followed` says that it was handed in, and is part of the configuration.
    """

    kind: Literal["local", "project", "remote", "template", "component", "artifact"]
    text: str
    place: Place
    ref: str = ""
    pinned: bool = False
    files: tuple[str, ...] = ()
    followed: bool = False

    @property
    def label(self) -> str:
        """How it is to be called in a sentence."""
        return f"the {'file' if self.kind in {'local', 'remote'} else self.kind} {self.text}"

    @property
    def is_harmless(self) -> bool:
        """Whether it is known to do nothing but look at the sources and report."""
        return self.kind in {"template", "component"} and knowledge().harmless.fullmatch(self.text) is not None

    @property
    def is_out_of_sight(self) -> bool:
        """Whether it may do what nobody sees here."""
        return not self.followed and not self.is_harmless


class Job(Struct, frozen=True):
    """One job with everything that it extends and inherits. `unseen` names what it extends and nobody sees here.

    `conditions` are those under which the file that it stands in is included. `template` is the job of a template that
    looks and reports whose script this one has where it has none of its own.
    """

    name: str
    place: Place
    stage: str
    node: Mapping
    unseen: tuple[str, ...] = ()
    conditions: frozenset[str] = frozenset()
    template: str = ""

    def script(self, *path: str) -> tuple[Scalar, ...]:
        """The lines of one of its scripts."""
        return tuple(_flat(self.node.get(*path)))

    @property
    def is_complete(self) -> bool:
        """Whether it says itself what it does."""
        return bool(self.node.values.keys() & {"script", "run", "trigger"})


class Files:
    """The files that a pipeline is made of, each read once for all of its occasions.

    `home` is where the commands of its jobs find what the contract says of them, `elsewhere` leads to the projects that
    were handed in; `label` names the one that these files are of, where it is such a project.
    """

    def __init__(
        self,
        repository: Repository,
        knowledge: Knowledge | None = None,
        elsewhere: Elsewhere | None = None,
        label: str = "",
    ) -> None:
        self.repository = repository
        self.home = Workflows(repository, knowledge=knowledge)
        self.elsewhere = elsewhere or Elsewhere()
        self.label = label
        self._lent: dict[str, Files] = {}
        self._texts: dict[str, str | None] = {}
        self._documents: dict[str, list[Node]] = {}

    def text(self, path: str) -> str | None:
        """The text of a file; None where it is not there or cannot be read."""
        if path not in self._texts:
            try:
                self._texts[path] = self.repository.text(path)
            except (Missing, Unreadable):
                self._texts[path] = None
        return self._texts[path]

    def documents(self, path: str) -> list[Node]:
        """The documents of a file. Raises Missing or Malformed."""
        if path not in self._documents:
            try:
                text = self.repository.text(path)
            except Unreadable as error:
                raise Malformed(self.place(path), str(error)) from None
            self._documents[path] = parse(path, text, source=self.label, merging=True)
        return self._documents[path]

    def place(self, path: str) -> Place:
        """A file as a place."""
        return Place(path, source=self.label)

    def of(self, source: Source) -> Files:
        """The files of a project that was handed in."""
        if source.label not in self._lent:
            self._lent[source.label] = Files(source.repository, elsewhere=self.elsewhere, label=source.label)
        return self._lent[source.label]


class Configuration(Struct, frozen=True):
    """A pipeline as GitLab would read it, and the parts of it that come from elsewhere."""

    top: Mapping
    stages: tuple[str, ...]
    jobs: dict[str, Job]
    includes: tuple[Include, ...]

    def stage_of(self, job: Job) -> int:
        """The position of a job's stage; one that nobody sees here stands in the middle."""
        return self.stages.index(job.stage) if job.stage in self.stages else len(self.stages) // 2


def configuration(files: Files, path: str, starts: Starts) -> Configuration:
    """Put the pipeline of a file together. `starts` says under which conditions an include with `rules` is there.

    Raises Missing, Malformed (Refused, where GitLab would make no pipeline of it) or TooMuch.
    """
    reader = _Reader(starts)
    return _Assembly(reader, reader.file(files, path, {}, ())).configuration()


def child(files: Files, include: Node, starts: Starts) -> Configuration:
    """Put the pipeline together that a job triggers by `trigger:include`. Raises as `configuration` does."""
    reader = _Reader(starts)
    return _Assembly(reader, reader.included(files, include, ())).configuration()


def _flat(node: Node | None, depth: int = 0) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence) and depth <= MAX_REFERENCES:
        for item in node.items:
            yield from _flat(item, depth + 1)
    elif node is not None:
        raise Refused(node.place, "a script should be text or a list of texts, so GitLab makes no pipeline of it")


def items_of(node: Node | None) -> list[Node]:
    """The items of a list, or the one thing that stands there without one."""
    return node.items if isinstance(node, Sequence) else [node] if node is not None else []


def paths_like(repository: Repository, wanted: str) -> Iterator[str]:
    """The files that a path with `*`, `?` (in a folder), `**` (through folders) and `{a,b}` means."""
    for each in islice(_alternatives(wanted), MAX_ALTERNATIVES):
        pattern = re.sub(r"\*\*(?=[^/*])", "**/*", each)  # `**.yml` is in any folder, too
        head = re.split(r"[*?\[]", pattern)[0]
        below = repository.paths(re.compile(re.escape(head) + ".*", re.DOTALL))
        yield from (path for path in below if fits(path, pattern))


def _alternatives(path: str) -> Iterator[str]:
    """A path for each of the alternatives in its braces."""
    waiting = [path]
    while waiting:
        each = waiting.pop()
        found = re.search(r"\{([^{}]*)\}", each)
        if found is None:
            yield each
        else:
            waiting += [each[: found.start()] + part + each[found.end() :] for part in found[1].split(",")][
                :MAX_ALTERNATIVES
            ]


# --- files


class _Reader:
    """Reads files and what they include, and lays them over each other."""

    def __init__(self, starts: Starts) -> None:
        self.includes: list[Include] = []
        self.conditional: dict[str, Atoms] = {}
        self._starts = starts
        self._count = 0
        self._work = MAX_WORK

    def spend(self, work: int = 1) -> None:
        """So many more nodes. Raises TooMuch."""
        self._work -= work
        if self._work < 0:
            raise TooMuch

    def over(self, below: Mapping, above: Mapping) -> Mapping:
        """One mapping laid over another: mappings in it, too; all else is replaced."""
        self.spend(len(above.values))
        values, keys = {**below.values, **above.values}, {**below.keys, **above.keys}
        for name, node in above.values.items():
            covered = below.values.get(name)
            if isinstance(node, Mapping) and isinstance(covered, Mapping):
                values[name] = self.over(covered, node)
        return Mapping(above.place, values, keys)

    def file(
        self, files: Files, path: str, given: dict[str, Node], chain: tuple[str, ...], place: Place | None = None
    ) -> Mapping:
        """A file with what it includes below it."""
        self._count += 1
        name = files.place(path).file
        if name in chain or self._count > MAX_INCLUDES:
            why = "includes itself" if name in chain else f"leads to more than {MAX_INCLUDES} files"
            raise Refused(place or files.place(path), f"it {why}, so GitLab makes no pipeline of it")
        content = self._content(files, path, given)
        own = Mapping(
            content.place, {name: node for name, node in content.values.items() if name != "include"}, content.keys
        )
        return self.over(self.included(files, content.get("include"), (*chain, name)), own)

    def included(self, files: Files, node: Node | None, chain: tuple[str, ...]) -> Mapping:
        """Everything that an `include:` names, the later over the earlier."""
        found = Mapping(node.place if node is not None else Place(""), {}, {})
        for item in items_of(node):
            for each in self._included(files, item, chain):
                found = self.over(found, each)
        return found

    def _included(self, files: Files, node: Node, chain: tuple[str, ...]) -> Iterator[Mapping]:
        conditions = self._starts(node.get("rules")) if isinstance(node, Mapping) else frozenset[str]()
        if conditions is None:
            return
        include = _include(node)
        own = () if files.label else _own(include)
        lent = files.elsewhere.named_by(include) if include.kind in {"project", "component"} and not own else None
        if not own and (include.kind != "local" or "$" in include.text):
            self.includes.append(replace(include, followed=lent is not None))
            if lent is None:
                return
            files = files.of(lent[0])
        inputs = node.get("inputs") if isinstance(node, Mapping) else None
        given = dict(inputs.values) if isinstance(inputs, Mapping) else {}
        named = lent[1] if lent else own
        for path in self._paths_there(files, include, named) if named else self._paths(files, include):
            if conditions:
                self.conditional[files.place(path).file] = conditions
            yield self.file(files, path, given, chain, include.place)

    @staticmethod
    def _paths_there(files: Files, include: Include, paths: tuple[str, ...]) -> Iterator[str]:
        """The files of a project that was handed in, or this one: all that are named, or the one of a component."""
        there = [path for path in paths if path in files.repository]
        missing = next((path for path in paths if path not in there), None)
        if missing and (include.kind == "project" or not there):
            if not files.label:
                raise Refused(include.place, f"there is no file {missing}, so GitLab makes no pipeline of it")
            raise Malformed(include.place, f"{files.label} was handed in, and has no {missing}")
        yield from there if include.kind == "project" else there[:1]

    @staticmethod
    def _paths(files: Files, include: Include) -> list[str]:
        path = include.text.removeprefix("/")
        if not re.search(r"[*?{]", path):
            if path not in files.repository:
                raise Refused(include.place, f"there is no file {path}, so GitLab makes no pipeline of it")
            return [path]
        return list(paths_like(files.repository, path))

    def _content(self, files: Files, path: str, given: dict[str, Node]) -> Mapping:
        documents = files.documents(path)
        header = documents[0] if len(documents) > 1 else None
        root = documents[-1] if documents else None
        if not isinstance(root, Mapping):
            raise Refused(
                root.place if root else files.place(path), "it should be a mapping, so GitLab makes no pipeline"
            )
        inputs = _inputs(header, given)
        if header is None:
            return root
        filled = self._filled(root, inputs)
        assert isinstance(filled, Mapping)  # noqa: S101 - a mapping stays one
        return filled

    def _filled(self, node: Node, inputs: dict[str, Node]) -> Node:
        """A tree with its `$[[ inputs.name ]]` replaced, as far as their values are known."""
        self.spend()
        if isinstance(node, Scalar):
            whole = _INPUT.fullmatch(node.text.strip())
            if whole and not whole["more"] and not isinstance(inputs.get(whole["name"], node), Scalar):
                return inputs[whole["name"]]
            return _with_inputs(node, inputs)
        if isinstance(node, Sequence):
            return Sequence(node.place, [self._filled(item, inputs) for item in node.items], node.tag)
        keys = [_with_inputs(key, inputs) for key in node.keys.values()]
        values = [self._filled(each, inputs) for each in node.values.values()]
        names = [key.text for key in keys]
        return Mapping(node.place, dict(zip(names, values, strict=True)), dict(zip(names, keys, strict=True)))


def _with_inputs(scalar: Scalar, inputs: dict[str, Node]) -> Scalar:
    def known(match: re.Match[str]) -> str:
        given = inputs.get(match["name"])
        plain = not (match["more"] or "").strip("| ").replace("expand_vars", "")
        return given.text if isinstance(given, Scalar) and plain else match[0]

    if "$[[" not in scalar.text:
        return scalar
    return Scalar(scalar.place, _INPUT.sub(known, scalar.text), scalar.style, scalar.tag, scalar.indent)


def _inputs(header: Node | None, given: dict[str, Node]) -> dict[str, Node]:
    """The inputs of a file: what is given, else the default that its header declares."""
    declared = header.get("spec", "inputs") if isinstance(header, Mapping) else None
    defaults = {
        name: default
        for name, about in (declared.values.items() if isinstance(declared, Mapping) else ())
        if isinstance(about, Mapping) and (default := about.get("default")) is not None
    }
    return {**defaults, **given}


def _include(node: Node) -> Include:
    """One item of `include:`."""
    if isinstance(node, Scalar):
        return Include("remote" if _REMOTE.match(node.text) else "local", node.text, node.place)
    if isinstance(node, Mapping):
        ref, project = node.text("ref") or "", node.text("project")
        if project:
            return Include("project", project, node.place, ref, files=texts(node.get("file")))
        if component := node.text("component"):
            return Include("component", component, node.place, component.rpartition("@")[2])
        if remote := node.text("remote"):
            return Include("remote", remote, node.place, pinned=node.get("integrity") is not None)
        if template := node.text("template"):
            return Include("template", template, node.place)
        if artifact := node.text("artifact"):
            return Include("artifact", artifact, node.place)
        if local := node.text("local"):
            return Include("local", local, node.place)
    raise Refused(node.place, "it says nothing that could be included, so GitLab makes no pipeline of it")


def _own(include: Include) -> tuple[str, ...]:
    """The paths of what a project includes of itself, at the very commit of the pipeline."""
    if include.kind == "project" and _OWN_PROJECT.fullmatch(include.text) and _OWN_COMMIT.fullmatch(include.ref):
        return tuple(path.removeprefix("/") for path in include.files)
    component = _OWN_COMPONENT.fullmatch(include.text) if include.kind == "component" else None
    return (f"templates/{component[1]}.yml", f"templates/{component[1]}/template.yml") if component else ()


# --- jobs


class _Assembly:
    """Makes the jobs of everything that was included."""

    def __init__(self, reader: _Reader, top: Mapping) -> None:
        self._reader = reader
        self._top = top
        self._extended: dict[str, tuple[Mapping, tuple[str, ...]]] = {}
        self._default = top.get("default")
        # only then can it be told that something is missing
        self._is_whole = all(include.followed for include in reader.includes)

    def configuration(self) -> Configuration:
        """Everything together."""
        known = knowledge()
        named = [name for name in self._top.values if name not in known.top and not name.startswith(".")]
        if len(named) > MAX_JOBS:
            raise TooMuch
        stages = texts(self._referenced(self._top.get("stages")) or self._referenced(self._top.get("types")))
        stages = stages or ("build", "test", "deploy")
        ordered = (".pre", *(stage for stage in stages if stage not in {".pre", ".post"}), ".post")
        jobs = {name: self._job(name, ordered) for name in named}
        if not jobs and self._is_whole:
            raise Refused(self._top.place, "it has no job that could run, so GitLab makes no pipeline of it")
        whole = {name: self._replaced(self._top.values[name], 0) for name in _OF_ALL if name in self._top.values}
        top = Mapping(self._top.place, {**self._top.values, **whole}, self._top.keys)
        return Configuration(top, ordered, jobs, tuple(self._reader.includes))

    def _job(self, name: str, stages: tuple[str, ...]) -> Job:
        place = self._top.keys[name].place
        extended, unseen = self._with_bases(name, ())
        node = self._inherited(extended)
        if unknown := next((key for key in node.values if key not in knowledge().keywords), None):
            sentence = f"the job {name!r} has the keyword {unknown!r}, so GitLab makes no pipeline of it"
            raise Refused(node.keys[unknown].place, sentence)
        stage = node.text("stage") or node.text("type") or "test"
        template = known_job(name, None if any(each.is_out_of_sight for each in self._reader.includes) else self._bases)
        unseen = tuple(base for base in unseen if base != template)
        conditions = self._reader.conditional.get(place.file, frozenset())
        job = Job(name, place, stage, node, unseen, conditions, template)
        if self._is_whole and not job.is_complete:
            raise Refused(place, f"the job {name!r} has no script, so GitLab makes no pipeline of it")
        if self._is_whole and stage not in stages:
            raise Refused(place, f"the stage {stage!r} is not among the stages, so GitLab makes no pipeline of it")
        return job

    def _with_bases(self, name: str, chain: tuple[str, ...]) -> tuple[Mapping, tuple[str, ...]]:
        """A job over everything that it extends, and the names of what is not there."""
        if name in self._extended:
            return self._extended[name]
        node, place = self._top.values[name], self._top.keys[name].place
        if not isinstance(node, Mapping):
            raise Refused(place, f"the job {name!r} is no mapping, so GitLab makes no pipeline of it")
        if name in chain or len(chain) >= MAX_EXTENDS:
            why = "itself" if name in chain else f"more than {MAX_EXTENDS} others in a chain"
            raise Refused(place, f"the job {name!r} extends {why}, so GitLab makes no pipeline of it")
        found, unseen = Mapping(node.place, {}, {}), list[str]()
        for base in texts(node.get("extends")):
            if base in self._top.values:
                below, more = self._with_bases(base, (*chain, name))
                found, unseen = self._reader.over(found, below), [*unseen, *more]
            elif self._is_whole:
                raise Refused(place, f"the job {name!r} extends {base!r}, which is not there, so there is no pipeline")
            else:
                unseen.append(base)
        self._extended[name] = self._reader.over(found, node), tuple(dict.fromkeys(unseen))
        return self._extended[name]

    def _bases(self, name: str) -> tuple[str, ...]:
        node = self._top.values.get(name)
        return texts(node.get("extends")) if isinstance(node, Mapping) else ()

    def _inherited(self, job: Mapping) -> Mapping:
        """A job with what it takes from `default`, and its references replaced."""
        inherits = job.get("inherit", "default")
        wanted = knowledge().inherited
        if isinstance(inherits, Sequence):
            wanted = tuple(name for name in wanted if name in texts(inherits))
        elif isinstance(inherits, Scalar) and inherits.text == "false":
            wanted = ()
        values, keys = {}, {}
        default = [self._default] if isinstance(self._default, Mapping) else []
        for source in (self._top, *default, job):
            for name, node in source.values.items():
                if name in wanted or source is job:
                    values[name], keys[name] = node, source.keys[name]
        values = {name: self._replaced(node, 0) for name, node in values.items()}
        return Mapping(job.place, values, keys)

    def _referenced(self, node: Node | None) -> Node | None:
        return self._replaced(node, 0) if node is not None else None

    def _replaced(self, node: Node, depth: int) -> Node:
        """A tree with its `!reference`s replaced by what they name."""
        self._reader.spend()
        if isinstance(node, Scalar):
            return node
        if isinstance(node, Mapping):
            found = {name: self._replaced(each, depth) for name, each in node.values.items()}
            return Mapping(node.place, found, node.keys)
        if node.tag != "!reference":
            return Sequence(node.place, [self._replaced(item, depth) for item in node.items], node.tag)
        name, *path = texts(node) or ("",)
        root = self._top.values.get(name)
        root = self._with_bases(name, ())[0] if isinstance(root, Mapping) else root
        target = root.get(*path) if isinstance(root, Mapping) else None if path else root
        if target is not None and depth < MAX_REFERENCES:
            return self._replaced(target, depth + 1)
        if self._is_whole:
            sentence = f"!reference [{', '.join(texts(node))}] leads nowhere, so GitLab makes no pipeline of it"
            raise Refused(node.place, sentence)
        return Scalar(node.place, UNSEEN_REFERENCE, tag="!reference")


UNSEEN_REFERENCE = "# !reference"
"""What stands for the lines of a script that a `!reference` takes from elsewhere."""
