"""GitHub Actions workflows and local actions as they are written: jobs and steps, each with its place."""

from __future__ import annotations

import re
from posixpath import dirname, normpath
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from goldenpath.facts.nodes import Joined, Malformed, Mapping, Scalar, Sequence, parse, shares_nodes
from goldenpath.facts.regexes import regex
from goldenpath.facts.tree import Tree
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.declared import Knowledge
    from goldenpath.facts.nodes import Node
    from goldenpath.handed_in import Source
    from goldenpath.repository import Repository

MAX_WORKFLOWS = 300
"""Most workflow files that are read. The largest public repositories have about 200; beyond it nothing is concluded."""

MAX_ACTIONS = 300
"""Most local actions that are read, likewise."""

_WORKFLOW = regex(r"\.github/workflows/[^/]+\.ya?ml")
_ACTION_FILES = ("action.yml", "action.yaml")
_ACTION_OF_GITHUB = regex(r"\.github/(?:.+/)?action\.ya?ml")
_REMOTE = regex(r"(?P<repository>[^/@\s]+/[^/@\s]+)(?P<path>/[^@\s]*)?@(?P<ref>\S+)")
Parsed: TypeAlias = dict[str, tuple[Mapping, str]]
"""The mappings in files and their texts, by their paths."""
_VERSION = regex(r"#.*?\bv?(\d+(?:\.\d+){0,2})\b")


class Problem(Struct, frozen=True):
    """A part of a file that cannot be what it should be, or cannot be read.

    `refused` says that GitHub would not run it either, so that nothing can happen by it.
    """

    place: Place
    sentence: str
    refused: bool = False


class _Refused(Malformed):
    """A file that is read well, but which GitHub would not run."""


class Uses(Struct, frozen=True):
    """An action or reusable workflow that a step or job uses.

    `repository` is `owner/name` for one elsewhere, empty for a local path or an image; `path` is the path in that
    repository (local ones without `./`), `image` the reference of a `docker://` action. `version` is what the ref or
    the comment behind it says, empty when neither does.
    """

    text: str
    place: Place
    repository: str = ""
    path: str = ""
    ref: str = ""
    image: str = ""
    version: str = ""

    @property
    def label(self) -> str:
        """The use as a developer would call it: with its version, or with the beginning of its commit."""
        if self.version or len(self.ref) >= len("a commit in full"):
            return f"{self.text.partition('@')[0]}@{'v' + self.version if self.version else self.ref[:7]}"
        return self.text

    @property
    def whole(self) -> str:
        """The repository elsewhere that it is a part of, at its ref; empty for what stands here."""
        return f"{self.repository}@{self.ref}" if self.repository and self.ref else ""

    def older_than(self, *version: int) -> bool:
        """Whether it surely is of an older version; `v1` is the newest of its kind, an unnamed commit may be any."""
        have = tuple(int(number) for number in self.version.split(".")) if self.version else ()
        return bool(have) and have < version[: len(have)]

    @property
    def is_local(self) -> bool:
        """Whether it stands in the repository of the file that uses it, or in the files of the job."""
        return not self.repository and not self.image

    @property
    def in_workspace(self) -> bool:
        """Whether a step finds it in the files of its job, whichever repository they are of; `$/` names its own."""
        return self.is_local and self.text.startswith("./")


class Step(Struct, frozen=True):
    """One step; `key` is its id, or its position where it has none.

    `aside` says that the next step does not wait for it to end, and `waits` are the keys of those that this one waits
    for (EVERY_STEP: all that there are).
    """

    key: str
    place: Place
    uses: Uses | None
    run: Scalar | Joined | None
    node: Mapping
    aside: bool = False
    waits: tuple[str, ...] = ()

    def scalar(self, name: str) -> Scalar | None:
        """The scalar of one of the step's own keys (`if`, `shell`, `continue-on-error`, …)."""
        node = self.node.get(name)
        return node if isinstance(node, Scalar) else None


class Job(Struct, frozen=True):
    """One job: steps of its own, or a reusable workflow that it calls."""

    id: str
    place: Place
    needs: tuple[str, ...]
    steps: tuple[Step, ...]
    uses: Uses | None
    node: Mapping


class Workflow(Struct, frozen=True):
    """One workflow file. `triggers` maps each event to its configuration, None where it has none."""

    path: str
    triggers: dict[str, Node | None]
    jobs: dict[str, Job]
    node: Mapping


class Action(Struct, frozen=True):
    """A local action's metadata; `steps` is None unless it is a composite, `image` the one a Docker action runs in."""

    path: str
    steps: tuple[Step, ...] | None
    image: Uses | None
    node: Mapping


class Workflows:
    """All workflows of a repository, what is wrong with some, and how to get at its local actions.

    `too_many` counts the workflow files of a repository that has more than MAX_WORKFLOWS; then none is read.
    `elsewhere` leads to the repositories that were handed in, `knowledge` is what the contract says of others.
    """

    def __init__(
        self,
        repository: Repository,
        files: tuple[Workflow, ...] = (),
        problems: tuple[Problem, ...] = (),
        too_many: int = 0,
        sources: tuple[Source, ...] = (),
        knowledge: Knowledge | None = None,
    ) -> None:
        self.files = files
        self.problems = problems
        self.too_many = too_many
        self.elsewhere = Elsewhere(sources)
        self.knowledge = knowledge
        self.tree = Tree(repository)
        self._repository = repository
        self._by_path = {workflow.path: workflow for workflow in files}
        self._actions: dict[str, Action | Problem] = {}

    def by_path(self, path: str) -> Workflow | None:
        """The workflow of that file."""
        return self._by_path.get(path)

    def called(self, path: str) -> Workflow | Problem:
        """The reusable workflow of that file."""
        broken = next((each for each in self.problems if each.place.path == path), None)
        if broken is not None:
            return Problem(broken.place, f"line {broken.place.line}: {broken.sentence}", broken.refused)
        return self._by_path.get(path) or Problem(Place(path), f"there is no workflow {path} in this repository")

    def action(self, folder: str) -> Action | Problem:
        """The local action in a folder of the repository, read once."""
        if folder not in self._actions:
            if len(self._actions) >= MAX_ACTIONS:
                return Problem(Place(folder), f"there are more than {MAX_ACTIONS} local actions, and no more are read")
            self._actions[folder] = self._read_action(folder)
        return self._actions[folder]

    def in_dot_github(self) -> Iterator[str]:
        """The folders of `.github` in which an action stands, whether or not anything here uses it."""
        return (dirname(path) for path in self._repository.paths(_ACTION_OF_GITHUB))

    def _read_action(self, folder: str) -> Action | Problem:
        return _action(self._repository, folder)


class Borrowed(Workflows):
    """The reusable workflows and actions of a repository that was handed in, each read when something uses it."""

    def __init__(self, source: Source, by: Workflows) -> None:
        super().__init__(source.repository, knowledge=by.knowledge)
        self.elsewhere = by.elsewhere
        self._label = source.label
        self._called: dict[str, Workflow | Problem] = {}

    def called(self, path: str) -> Workflow | Problem:
        """The reusable workflow of that file."""
        if path not in self._called:
            self._called[path] = self._read(path)
        return self._called[path]

    def _read(self, path: str) -> Workflow | Problem:
        try:
            if _WORKFLOW.fullmatch(path):
                workflow = _workflow(path, *_read(self._repository, path, self._label))
                if "workflow_call" in workflow.triggers:
                    return workflow
                return Problem(workflow.node.place, f"{workflow.node.place.file} cannot be called, it says so nowhere")
        except Malformed as error:
            return Problem(error.place, f"{error.place}: {error}")
        except Missing:
            pass
        return Problem(Place(path, source=self._label), f"{self._label} was handed in, and has no workflow {path}")

    def _read_action(self, folder: str) -> Action | Problem:
        action = _action(self._repository, folder, self._label)
        return Problem(action.place, f"{action.place}: {action.sentence}") if isinstance(action, Problem) else action


class Elsewhere:
    """The repositories that were handed in, by what is used of them."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self._sources = sorted(sources, key=lambda source: not source.ref)  # what stands for every ref comes last
        self._borrowed: dict[str, Borrowed] = {}
        self._wanted: dict[str, dict[str, None]] = {}

    def get(self, uses: Uses, by: Workflows) -> Borrowed | None:
        """The repository in which something stands that is used; None where it was not handed in at that ref."""
        if not self._sources or not uses.repository:
            return None
        source = next((each for each in self._sources if each.is_for(uses.repository, uses.ref)), None)
        if source is None:
            self._wanted.setdefault(uses.repository.lower(), {})[uses.ref] = None
            return None
        return self._borrowed.setdefault(source.label, Borrowed(source, by))

    def leads_to(self, source: Source) -> bool:
        """Whether anything that is followed uses it."""
        return source.label in self._borrowed

    def wanted_of(self, source: Source) -> tuple[str, ...]:
        """The refs at which it is used, too, and was not handed in."""
        return tuple(self._wanted.get(source.name.lower(), ()))

    def at_other_refs(self, uses: Uses) -> str:
        """The refs at which it was handed in instead, to be told; empty where it was not at all."""
        refs = [source.ref for source in self._sources if source.is_of(uses.repository)]
        return f"it was handed in at {' and '.join(refs)}, and is used at {uses.ref}" if refs else ""


def workflows(
    repository: Repository,
    sources: tuple[Source, ...] = (),
    knowledge: Knowledge | None = None,
    parsed: Parsed | None = None,
) -> Workflows:
    """Read `.github/workflows`. Of more files than MAX_WORKFLOWS none is read; those that are `parsed` not again."""
    paths = list(repository.paths(_WORKFLOW))
    if len(paths) > MAX_WORKFLOWS:
        return Workflows(repository, too_many=len(paths))
    files, problems = [], []
    for path in paths:
        try:
            files.append(_workflow(path, *_read(repository, path, parsed=parsed)))
        except Missing:
            continue
        except Malformed as error:
            problems.append(Problem(error.place, str(error), isinstance(error, _Refused)))
    return Workflows(repository, tuple(files), tuple(problems), sources=sources, knowledge=knowledge)


def has_workflows(repository: Repository) -> bool:
    """Whether there is a file of that kind, whatever is in it."""
    return next(repository.paths(_WORKFLOW), None) is not None


def parsed_of(workflows: Workflows, repository: Repository) -> Parsed:
    """What another process needs not read again. Written down, it takes little more room than the files."""
    texts = ((each, repository.text(each.path)) for each in workflows.files)
    return {each.path: (each.node, text) for each, text in texts if not shares_nodes(text)}


def _read(
    repository: Repository, path: str, source: str = "", parsed: Parsed | None = None
) -> tuple[Mapping, list[str]]:
    """The one mapping in a file, and the file's lines. Raises Missing or Malformed."""
    if parsed and path in parsed:
        node, text = parsed[path]
        return node, text.splitlines()
    place = Place(path, source=source)
    try:
        text = repository.text(path)
    except Unreadable as error:
        raise Malformed(place, str(error)) from None
    documents = parse(path, text, source=source)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise _Refused(documents[0].place if documents else place, "it should hold one document, a mapping")
    return documents[0], text.splitlines()


def _workflow(path: str, node: Mapping, lines: list[str]) -> Workflow:
    jobs = node.get("jobs")
    if not isinstance(jobs, Mapping) or not jobs.values:
        raise _Refused(node.place, "it has no jobs, so GitHub does not run it")
    return Workflow(
        path,
        _triggers(node.get("on")),
        {key.text: _job(key, job, lines) for key, job in jobs.items()},
        node,
    )


def _triggers(node: Node | None) -> dict[str, Node | None]:
    if isinstance(node, Mapping):
        return dict(node.values)
    return dict.fromkeys(texts(node))


def texts(node: Node | None) -> tuple[str, ...]:
    """The texts of a scalar or of a list of scalars: how GitHub's `on`, `needs`, `branches` … may be written."""
    if isinstance(node, Scalar):
        return (node.text,) if node.text else ()
    return tuple(item.text for item in node.items if isinstance(item, Scalar)) if isinstance(node, Sequence) else ()


def _job(key: Scalar, node: Node, lines: list[str]) -> Job:
    if not isinstance(node, Mapping):
        raise _Refused(key.place, f"the job {key.text!r} is no mapping, so GitHub does not run this workflow")
    needs = texts(node.get("needs"))
    return Job(key.text, key.place, needs, _steps(node.get("steps"), lines), _uses(node.get("uses"), lines), node)


EVERY_STEP = "*"
"""What `wait-all` waits for."""
_WAITS = frozenset({"wait", "wait-all"})


def _steps(node: Node | None, lines: list[str], within: str = "") -> tuple[Step, ...]:
    """The steps of a list; those of a group that run in `parallel` stand before the end of it, which waits for them."""
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        raise _Refused(node.place, "steps is no list, so GitHub does not run this workflow")
    found: list[Step] = []
    for position, item in enumerate(node.items):
        if not isinstance(item, Mapping):
            raise _Refused(item.place, "this step is no mapping, so GitHub does not run this workflow")
        run = item.get("run")
        waits: tuple[str, ...] = ()
        if not item.values.keys().isdisjoint(_WAITS):
            waits = (EVERY_STEP,) if "wait-all" in item.values else texts(item.get("wait"))
        key = item.text("id") or f"{within}{position}"
        if not within and "parallel" in item.values:
            group = _steps(item.get("parallel"), lines, f"{position}.")
            found += group
            waits = tuple(each.key for each in group)
        found.append(
            Step(
                key,
                item.place,
                _uses(item.get("uses"), lines),
                run if isinstance(run, Scalar) else None,
                item,
                aside=bool(within) or ("background" in item.values and item.text("background") == "true"),
                waits=waits,
            )
        )
    return tuple(found)


def _uses(node: Node | None, lines: list[str]) -> Uses | None:
    """Read `uses:`; `$/path`, the newer form for the own repository, is as local as `./path`."""
    if not isinstance(node, Scalar):
        return None
    text = node.text.strip()
    if text.startswith(("./", "$/")):
        path = text[2:].partition("@")[0] if text[0] == "$" else text[2:]
        folder = normpath(f"./{path}")
        return Uses(text, node.place, path="" if folder == "." else folder)
    if text.startswith("docker://"):
        return Uses(text, node.place, image=text.removeprefix("docker://"))
    remote = _REMOTE.fullmatch(text)
    if remote is None:
        return Uses(text, node.place, repository=text)
    path = (remote["path"] or "").strip("/")
    return Uses(
        text, node.place, remote["repository"], path, remote["ref"], version=_version(remote["ref"], node, lines)
    )


def _version(ref: str, node: Scalar, lines: list[str]) -> str:
    if re.fullmatch(r"v?\d+(\.\d+){0,2}", ref):
        return ref.removeprefix("v")
    line = lines[node.place.line - 1] if 0 < node.place.line <= len(lines) else ""
    comment = _VERSION.search(line, line.find(ref) + len(ref)) if ref in line else None
    return comment[1] if comment else ""


def _action(repository: Repository, folder: str, source: str = "") -> Action | Problem:
    """The action in a folder of the repository."""
    for name in _ACTION_FILES:
        path = f"{folder}/{name}" if folder else name
        try:
            node, lines = _read(repository, path, source)
            composite = node.text("runs", "using") == "composite"
            steps = _steps(node.get("runs", "steps"), lines) if composite else None
            image = node.get("runs", "image")
            remote = isinstance(image, Scalar) and image.text.startswith("docker://")
            return Action(path, steps, _uses(image, lines) if remote else None, node)
        except Missing:
            continue
        except Malformed as error:
            return Problem(error.place, str(error))
    return Problem(Place(folder, source=source), "there is no action.yml in it", refused=True)
