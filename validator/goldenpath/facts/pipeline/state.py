"""A job while it is walked through: its rights, what its steps have said, and what stands in its files."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from msgspec import Struct, field

from goldenpath.facts.expressions import NULL
from goldenpath.facts.pipeline.carriers import MOST, Carrier
from goldenpath.facts.pipeline.contexts import (
    context,
    nothing_known,
    of_steps,
    secrets_in,
)
from goldenpath.facts.pipeline.matrices import SameLegs, as_words, meanings_in_legs
from goldenpath.facts.pipeline.programs import Programs
from goldenpath.facts.pipeline.scattered import Scattered, may_touch
from goldenpath.facts.pipeline.twisting import is_sourced
from goldenpath.facts.pipeline.written import Layers, Workspace
from goldenpath.facts.shell.paths import WORKSPACE
from goldenpath.facts.values import Symbol, Value, literal, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Literal, TypeAlias

    from goldenpath.facts.expressions import Known
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.acts import Act, Exposure, Files, Image, Piece, Recipe, Use
    from goldenpath.facts.pipeline.contexts import Event, Look
    from goldenpath.facts.pipeline.matrices import Leg, Meanings
    from goldenpath.facts.pipeline.moments import Moment
    from goldenpath.facts.pipeline.permissions import Permissions
    from goldenpath.facts.pipeline.tools.settings import Settings
    from goldenpath.facts.pipeline.untrusted.tokens import Kept
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.workflows import Uses, Workflows
    from goldenpath.repository import Place

    ExposureKind: TypeAlias = Literal[
        "files", "artifact", "script", "environment", "secrets", "credentials", "written", "proposal"
    ]


class Variables(Layers[Value]):
    """What steps have set, by the names of variables. `latest` is what each has, as far as that depends on nothing.

    `telling` are those that may hold a secret, or commands for bash: each step asks for them, and there may be many
    more. Those that the job begins with are among them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.latest: dict[str, Value] = {}
        self.open: set[str] = set()
        self.telling: set[str] = set()

    def watch(self, name: str, what: Value) -> None:
        """Remember a variable that tells something."""
        if is_sourced(name) or secrets_in((what,)):
            self.telling.add(name)

    def write(self, name: object, what: Value | None, conditions: frozenset[str]) -> None:
        """Write, under a name in words."""
        assert isinstance(name, str)  # noqa: S101 - variables are written under their names
        super().write(name, what, conditions)
        self.latest[name] = what or ()
        self.watch(name, what or ())
        (self.open.add if conditions else self.open.discard)(name)


class TooLong(Exception):  # noqa: N818 - a limit of ours
    """The run has more steps than are walked through."""


class Budget:
    """How many steps may still be walked through, or what else is counted."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """So many more. Raises TooLong."""
        self.left -= steps
        if self.left < 0:
            raise TooLong


_MOST_EDITS = 50
"""Most commands that have changed a file of which one is known."""


class JobRun(Struct):
    """A job while it is walked through.

    `aftermath` says that it runs only when something before it has failed: then nothing counts but what it ships.
    `commit` is what it has checked out, empty for the commit of the run. `has_login` says that it has logged in
    somewhere, `registry_by_secret` that it has logged in to GitHub's registry, and never with its own token (None: not
    at all), `has_other_remotes` that git may push elsewhere by the name of a remote, `keeps_credentials` that a
    checkout has left the token behind for git, `tokens` are the files that hold it then, in the work tree or a copy,
    or a secret, whose name they have, `pushes_by_secret` that it is another one than the job's own, which says nothing
    of where git may push, and `git_has_own_token` that git may have the job's own (None: nothing is said of either).
    `has_files` says that the files of the repository stand in its folder.
    `outsiders_files` are folders with what another run has stored that anybody can have caused, `beside` those in which
    other repositories are checked out, each with its name and ref, `cloned` those into which git has cloned one,
    `replaced` the files of the repository that steps have written themselves, or folders of them, `edited` those in
    which commands have changed words, each with those of the commands, `rendered` the images in manifests that programs
    have printed into files, `made` what make has made, `programs` what may run by the name of a program from then on.
    `has_scripted_secrets` says that a script was handed one, be it but the job's own token. `registry` is that
    of npm's packages where a step has named it, `provenance` whether one has told npm to attest them. `epoch` counts
    the programs that nobody follows, each of which may have changed files that nobody follows either,
    `may_export` says that an action is among them, which may have set variables for the steps after it. `left` are
    the texts of files that jobs before it have left, as far as a shell that reads them would do nothing but set
    variables. `tag_lists` are the names that docker/metadata-action has made a list of tags for, by its step, and
    `made_tags` what is surely in it of the tags by which users get an image. `local_tags` are the images on the
    machine by their names, `remote_tags` those on others by their engines, `engine` the context of docker in use.
    `scattered` has the names of files that were written without being followed, some of them only known in a run, each
    with where that was. `settings` are those of Gradle's or Maven's user that the job has written, where they may
    change what that does. `signing` is where among the first `acts_looked_at` acts those of this job stand that have
    written signatures into files, `stamped` are those into which it has written a version, `lengthened` those
    that have got more lines at their end. `lost` are the tests of the repository that it has removed, each with where
    that was. `own` are the folders into
    which the run's own commit is checked out, where that is not the work tree. `told_in_legs` says of a job of GitLab
    what values are in each leg of its matrix. `test_jobs` are the Jobs by their names
    that a cluster was handed to run tests.
    """

    key: str
    permissions: Permissions
    conditions: frozenset[str]
    fatal: bool
    lookup: Look
    environment: dict[str, Value]
    shell: str | None = None
    system: str = ""
    folder: Value = ()
    aftermath: bool = False
    fatal_in_leg: bool = False
    outputs: dict[str, dict[str, Value]] = field(default_factory=dict)
    variables: Variables = field(default_factory=Variables)
    workspace: Workspace = field(default_factory=Workspace)
    tag_lists: dict[str, list[Value]] = field(default_factory=dict)
    made_tags: dict[str, list[Value]] = field(default_factory=dict)
    local_tags: dict[Value, Symbol] = field(default_factory=dict)
    remote_tags: dict[Value, dict[Value, Symbol]] = field(default_factory=dict)
    engine: Value = ()
    scattered: Scattered = field(default_factory=Scattered)
    recipes: dict[Symbol, Recipe | None] = field(default_factory=dict)
    pushed: dict[Value, Symbol] = field(default_factory=dict)
    commit: Value = ()
    programs: Programs = field(default_factory=Programs)
    legs: list[Leg] | None = None
    shared_legs: dict[str, str] = {}
    told_in_legs: Callable[[Iterable[Value]], tuple[Meanings, ...]] | None = None
    runs_on: Node | None = None
    waits: frozenset[str] = frozenset()
    has_secrets: bool = False
    has_scripted_secrets: bool = False
    has_files: bool = False
    has_foreign_files: bool = False
    own: list[str] = field(default_factory=list)
    beside: dict[str, tuple[str, str]] = field(default_factory=dict)
    cloned: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    stamped: set[Value] = field(default_factory=set)
    lengthened: set[Value] = field(default_factory=set)
    lost: dict[str, str] = field(default_factory=dict)
    edited: dict[str, deque[tuple[Value, ...]]] = field(default_factory=dict)
    rendered: dict[str, list[Image]] = field(default_factory=dict)
    made: frozenset[str] = frozenset()
    registry: Value = ()
    provenance: Value = ()
    has_own_cluster: bool = False
    test_jobs: set[str] = field(default_factory=set)
    has_login: bool = False
    registry_by_secret: bool | None = None
    has_other_remotes: bool = False
    keeps_credentials: bool = False
    pushes_by_secret: bool = False
    git_has_own_token: bool | None = None
    tokens: dict[Value, Kept] = field(default_factory=dict)
    outsiders_files: dict[str, Place] = field(default_factory=dict)
    epoch: int = 0
    may_export: bool = False
    left: dict[str, Value] = field(default_factory=dict)
    settings: dict[str, Settings] = field(default_factory=dict)
    signing: list[int] = field(default_factory=list)
    acts_looked_at: int = 0

    def __post_init__(self) -> None:
        for name, what in self.environment.items():
            self.variables.watch(name, what)

    def meanings(self, of: Iterable[Value]) -> tuple[Meanings, ...]:
        """What the symbols of its matrix in some values mean, each as one word, for each of a few legs."""
        if self.told_in_legs is not None:
            return as_words(self.told_in_legs(of))
        return meanings_in_legs(self.legs, self.key, self.shared_legs, of)

    def edit(self, path: str, words: tuple[Value, ...]) -> None:
        """A command changes words in a file; of many that do the last ones are remembered."""
        self.edited.setdefault(path, deque(maxlen=_MOST_EDITS)).append(words)


class Draft(Struct):
    """A release that is not public yet: the act that has made it, its files, and its tag, where one is named."""

    act: Act
    name: Value
    files: list[Files] = field(default_factory=list)

    def may_be(self, name: Value) -> bool:
        """Whether it may be the release of that tag."""
        both = self.name and name
        return not both or may_touch(self.name, name) or may_touch(name, self.name)


class Shared(Struct):
    """What the jobs of a run have in common: what they do, hand over to each other, and put into a draft release.

    Of each artifact `stored_by` are the jobs that store it; those that do not wait for each other contest it;
    `of_legs` says what the symbols of its name and paths mean in each leg of a matrix. What the run has stored whose
    end has started this one is `earlier`. `commit` is that of the run, where it is not the first one's of those that
    start each other.
    `has_reports` says that something was reported that may be judged later, `lists_charts` has the jobs that have made
    a folder a repository of charts.
    `alternatives` are the texts of which a variable that steps have set has one; an empty one stands for any other.
    """

    event: Event
    budget: Budget
    tree: Tree
    checkouts: list[Value] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    exposures: list[Exposure] = field(default_factory=list)
    holding_secrets: set[str] = field(default_factory=set)
    artifacts: dict[Value, dict[Value, Piece]] = field(default_factory=dict)
    scattered: dict[Value, frozenset[str]] = field(default_factory=dict)
    stored_by: dict[Value, set[str]] = field(default_factory=dict)
    contested: set[Value] = field(default_factory=set)
    of_legs: dict[Value, tuple[Meanings, ...]] = field(default_factory=dict)
    earlier: dict[Value, dict[Value, Piece]] = field(default_factory=dict)
    commit: Value = ()
    lists: dict[Symbol, Files] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    matrices: SameLegs = field(default_factory=SameLegs)
    alternatives: dict[Symbol, set[str]] = field(default_factory=dict)
    carriers: list[Carrier] = field(default_factory=list)
    has_reports: bool = False
    lists_charts: set[str] = field(default_factory=set)

    def drafts_of(self, name: Value) -> list[Draft]:
        """The drafts that may be the release of a tag; empty for one that is not said."""
        return [draft for draft in self.drafts if draft.may_be(name)]

    def store(
        self,
        name: Value,
        stored: dict[Value, Piece],
        job: JobRun,
        scattered: frozenset[str],
        legs: tuple[Meanings, ...] = (),
    ) -> None:
        """A job hands files over to others, in the place of what stood under that name.

        `scattered` are the writes that may have put something over them, or among them; `legs` says what the symbols of
        the name and of the paths mean in each leg.
        """
        before = self.stored_by.setdefault(name, set())
        if before - job.waits - {job.key}:
            self.contested.add(name)
        before.add(job.key)
        self.artifacts[name], self.scattered[name] = stored, scattered
        if legs:
            self.of_legs[name] = legs

    def end_run(self) -> None:
        """What has been stored so far is that of an earlier run now; not what nobody knows whose it is."""
        certain = self.artifacts.keys() - self.contested - {name for name, each in self.scattered.items() if each}
        self.earlier = {name: stored for name, stored in self.artifacts.items() if name in certain}
        self.artifacts, self.scattered, self.stored_by, self.contested, self.of_legs = {}, {}, {}, set(), {}

    def carry(self, carriers: Iterable[Carrier]) -> None:
        """Remember what holds a digest."""
        if len(self.carriers) < MOST:
            self.carriers += list(carriers)[: MOST - len(self.carriers)]


class Frame(Struct):
    """Steps that share a namespace: those of a job, or of one composite action inside it, which lies in `folder`.

    `home` is the repository in which they stand (None: the one that is judged), `called` where that one leads to it.
    `complete` are steps of which all `outputs` are known. `always` is what their expressions see on every event, and
    `never` says that they run on none.
    """

    shared: Shared
    state: JobRun
    outputs: dict[str, dict[str, Value]]
    home: Workflows | None = None
    called: Uses | None = None
    complete: set[str] = field(default_factory=set)
    outcomes: dict[str, Moment] = field(default_factory=dict)
    inputs: dict[str, Known] | None = None
    environment: dict[str, Value] = field(default_factory=dict)
    conditions: frozenset[str] = frozenset()
    fatal: bool = True
    despite_failure: bool = False
    relies_on: frozenset[str] = frozenset()
    depth: int = 0
    dead: bool = False
    prefix: str = ""
    folder: str = ""
    aside: str = ""
    always: Look = nothing_known
    never: bool = False

    def known(self, conditions: frozenset[str] = frozenset()) -> frozenset[str]:
        """The conditions that hold in here."""
        return self.state.conditions | self.conditions | conditions

    def variables(self, known: frozenset[str]) -> dict[str, Value]:
        """The variables that a step here begins with: the job's, what steps have set, those of the action's use."""
        environment, written = self.state.environment, self.state.variables
        variables = {**environment, **written.latest}
        for name in written.open:
            possible = _possible(environment.get(name, ()), written.read(name, known))
            variables[name] = possible.pop() if len(possible) == 1 else self._either(f"env.{name}", possible)
        return {**variables, **self.environment}

    def telling(self) -> set[str]:
        """The names of the variables that may hold a secret, or commands for bash."""
        written = self.state.variables
        return written.telling.union(written.open, self.environment)

    def _either(self, name: str, possible: set[Value]) -> Value:
        """A symbol for one of several values, which are remembered if all of them are known."""
        symbol = Symbol("unknown", name)
        texts = {text for each in possible if (text := literal(each))}
        if len(texts) == len(possible):
            self.shared.alternatives.setdefault(symbol, set()).update(texts)
        else:
            self.shared.alternatives[symbol] = {""}
        return value(symbol)

    def look(self, environment: dict[str, Value], outcomes: dict[str, str] | None = None) -> Look:
        """What expressions here can see; `outcomes` is what is supposed of some steps before."""

        def outcome(path: tuple[str, ...]) -> Known | None:
            moment = self.outcomes.get(path[0])
            if outcomes and path[0] in outcomes:
                forgiven = path[1] == "conclusion" and moment is not None and not moment.fatal
                return value("success" if forgiven and outcomes[path[0]] == "failure" else outcomes[path[0]])
            return moment.outcome if moment is not None else NULL  # there is no such step, or it comes later

        inner = of_steps(
            self.state.lookup,
            f"{self.state.key}/{self.prefix}".rstrip("/"),
            environment,
            self.outputs,
            self.complete,
            outcome,
        )
        if self.inputs is None:
            return inner
        given = context(self.inputs)
        own = value(WORKSPACE, "/", self.folder)

        def of_action(path: tuple[str, ...]) -> Known | None:
            if path == ("github", "action_path"):
                return own
            return given(path[1:]) if path[0] == "inputs" else inner(path)

        return of_action


def _possible(before: Value, layers: list[tuple[Value | None, frozenset[str]]]) -> set[Value]:
    """The values that a variable may have which may have been set in several ways."""
    return {of or () for of, _ in layers} | ({before} if not layers or layers[-1][1] else set())
