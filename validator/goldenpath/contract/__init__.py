"""The platform contract: what is required, and since when. One YAML file that a platform team owns and versions."""

from __future__ import annotations

import os
from datetime import date  # noqa: TC003 - msgspec reads the annotations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict

from goldenpath.checks import AlertRoute, Check, Settings, Template, is_shipped, load, own_ids, shipped_ids
from goldenpath.contract.conversion import convert, nearest
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, locate, parse, read_one
from goldenpath.facts.references import parse_reference
from goldenpath.facts.tables import names_in
from goldenpath.repository import InputError, Place, Unreadable, read_outside

if TYPE_CHECKING:
    from collections.abc import Collection
    from importlib.metadata import EntryPoint

    from goldenpath.contract.waivers import Approval, Request
    from goldenpath.facts.declared import Knowledge
    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Repository

SHIPPED = ("standard", "starter")
SERVICE_FILE = ".goldenpath.yaml"
ENVIRONMENT = "GOLDENPATH_CONTRACT"

APPROVALS = "approvals"
"""The folder beside a contract's file that holds its approvals."""


class Scope(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom something is about, by the catalog entity; None means whomever else decides, `*` among the types all."""

    types: tuple[str, ...] | None = None
    lifecycles: tuple[str, ...] | None = None

    def covers(self, component_type: str, lifecycle: str | None) -> bool:
        """Whether a component of this type and lifecycle is meant; one without a lifecycle always is."""
        of_type = self.types is None or component_type in self.types or "*" in self.types
        return of_type and (self.lifecycles is None or lifecycle is None or lifecycle in self.lifecycles)


class Requirement(Struct, frozen=True, forbid_unknown_fields=True):
    """What the contract asks of one check from a day on; without `since`, from the beginning.

    `applies` narrows or widens what the check says of itself: its types replace the check's own.
    """

    tier: str
    level: Literal["required", "advisory"] = "required"
    since: date | None = msgspec.field(default=None, name="from")
    applies: Scope | None = None

    def asks(self, check: Check, component_type: str, lifecycle: str | None) -> bool:
        """Whether it is about a component of this type and lifecycle."""
        applies = self.applies or Scope()
        of_check = applies.types is not None or check.applies_to(component_type)
        return of_check and applies.covers(component_type, lifecycle)


class WaiverPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a waiver may run at most, and who may approve one."""

    max_days: Annotated[int, Meta(ge=1)]
    approvers: tuple[str, ...]


class Contract(Struct, frozen=True):
    """A contract that has been read and found sound. `source` is where it came from, for people.

    `home` is the folder with its approvals, None for a contract that can have none. `requests` are the waivers that the
    repository asks for that is to be judged, `approvals` those that have been granted to anybody. `outside` are the
    files of this machine that it was read from, each with its text: none of them where this package or the judged
    repository has it, and None where nobody can say what it was made from.
    """

    name: str
    version: str
    owner: str
    source: str
    tiers: tuple[str, ...]
    checks: dict[str, tuple[Requirement, ...]]
    scope: Scope
    settings: Settings
    waivers: WaiverPolicy | None = None
    knowledge: Knowledge | None = None
    home: Path | None = None
    requests: tuple[Request, ...] = ()
    approvals: tuple[Approval, ...] = ()
    outside: tuple[tuple[str, str], ...] | None = None

    def meant(self, component_type: str, types: Collection[str]) -> str | None:
        """Which of the types is likely meant by one that the contract names nowhere: a slip must not excuse anybody."""
        requirements = (each for asked in self.checks.values() for each in asked)
        scopes = [self.scope, *(each.applies for each in requirements if each.applies)]
        if any(component_type in (scope.types or ()) for scope in scopes):
            return None
        return next(iter(nearest(component_type, types)), None)

    def judges(self, component_type: str, lifecycle: str | None) -> bool:
        """Whether it is about a component of this type and lifecycle, or one of a mistyped type."""
        covers, types = self.scope.covers, self.scope.types or ()
        if covers(component_type, lifecycle):
            return True
        likely = self.meant(component_type, types)
        return likely is not None and covers(likely, lifecycle)

    def in_force(self, day: date) -> dict[str, Requirement]:
        """The requirement of each check on that day: of those that have begun, the one that began last."""
        begun = {
            check: [each for each in requirements if each.since is None or each.since <= day]
            for check, requirements in self.checks.items()
        }
        return {check: max(each, key=_start) for check, each in begun.items() if each}

    def asks_for(self, tier: str) -> bool:
        """Whether any check is required for a tier, on whatever day; a tier without one is never awarded."""
        return any(each.tier == tier and each.level == "required" for every in self.checks.values() for each in every)

    def announced(self, day: date) -> dict[str, Requirement]:
        """For each check that will change after that day, the requirement that comes next."""
        coming = {
            check: [each for each in requirements if each.since is not None and each.since > day]
            for check, requirements in self.checks.items()
        }
        return {check: min(each, key=_start) for check, each in coming.items() if each}

    def digest(self) -> str:
        """The digest of what it says, wherever it came from and whatever is asked of it."""
        from hashlib import sha256  # what only a record or an attestation needs to wait for

        beside = {"source", "home", "requests", "approvals", "outside"}
        said = {name: value for name, value in asdict(self).items() if name not in beside}
        return f"sha256:{sha256(msgspec.json.encode(said, order='sorted')).hexdigest()}"


def _start(requirement: Requirement) -> str:
    return requirement.since.isoformat() if requirement.since else ""


class _Metadata(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    version: str
    owner: str


class _Spec(Struct, frozen=True, forbid_unknown_fields=True):
    tiers: tuple[str, ...]
    checks: dict[str, Any]
    scope: Scope = Scope()
    settings: Settings = Settings()
    waivers: WaiverPolicy | None = None
    knowledge: Any = None


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    apiVersion: Literal["goldenpath.dev/v1"]  # noqa: N815 - the file's own spelling
    kind: Literal["PlatformContract"]
    metadata: _Metadata
    spec: _Spec


class _ServiceFile(Struct, frozen=True, forbid_unknown_fields=True):
    contract: str | None = None
    waivers: tuple[Any, ...] = ()


_MODELS = (
    Scope,
    Requirement,
    WaiverPolicy,
    Settings,
    AlertRoute,
    Template,
    _Metadata,
    _Spec,
    _File,
    _ServiceFile,
)
_FIELDS = sorted({field for model in _MODELS for field in model.__struct_encode_fields__})
_CHOICES = {"level": "required or advisory", "apiVersion": "goldenpath.dev/v1", "kind": "PlatformContract"}


# Which contract


def choose(repository: Repository, asked_for: str | None) -> Contract:
    """The contract to judge by: the one named, else the repository's own, else the environment's, else `standard`.

    Raises InputError when it cannot be had or is not sound.
    """
    try:
        root = read_service_file(repository)
        own = convert(root, _ServiceFile, _FIELDS, _CHOICES) if root else _ServiceFile()
        wished = root.get("contract") if root and own.contract and asked_for is None else None
        contract = _wished(repository, wished) if isinstance(wished, Scalar) else named(asked_for)
        return _with_waivers(contract, root.values["waivers"], repository) if root and own.waivers else contract
    except Malformed as error:
        raise InputError(f"{error.place}: {error}") from None


def read_service_file(repository: Repository) -> Mapping | None:
    """The repository's own wishes, None where it has none. Raises Malformed."""
    root = read_one(repository, SERVICE_FILE)
    if root is None and repository.stray(SERVICE_FILE):
        raise Malformed(Place(SERVICE_FILE), f"git does not track it yet: `git add {SERVICE_FILE}`")
    return root


def _wished(repository: Repository, name: Scalar) -> Contract:
    """The contract that the repository names itself: a file in it, or one that is known by its name."""
    path = name.text.removeprefix("./")
    if path in repository:
        try:
            return _read(path, repository.text(path), source=path, outside=())
        except Unreadable as error:
            raise InputError(f"{path}: {error}") from None
    if is_path(name.text):
        raise Malformed(name.place, f"there is no file {name.text!r} in this repository")
    return _by_name(name.text, str(name.place))


def _with_waivers(contract: Contract, asked: Node, repository: Repository) -> Contract:
    """The contract with what a repository asks of it, and what has been granted. Raises Malformed, InputError."""
    from goldenpath.contract.waivers import read_approvals, read_requests  # few repositories wait for them

    home = None if contract.home is None or repository.owns(contract.home) else contract.home
    requests = read_requests(asked, contract)
    approvals = read_approvals(home)
    return msgspec.structs.replace(contract, home=home, requests=requests, approvals=approvals, outside=None)


def named(asked_for: str | None, argument: str = "--contract") -> Contract:
    """The contract of that name or path; without one, the environment's, else `standard`.

    Raises InputError, which says by which argument it was named.
    """
    if asked_for is not None:
        return _from_outside(asked_for, argument)
    if os.environ.get(ENVIRONMENT):
        return _from_outside(os.environ[ENVIRONMENT], ENVIRONMENT)
    return _by_name("standard", "")


def is_path(name: str) -> bool:
    """Whether a contract is named by its path, and not by a name that is known."""
    return "/" in name or os.sep in name or name.endswith((".yaml", ".yml"))


def _from_outside(name: str, origin: str) -> Contract:
    """A contract that the user, not the repository, names: only such a one may be any file."""
    if not is_path(name):
        return _by_name(name, origin)
    try:
        if not os.path.exists(name):  # noqa: PTH110 - a name that is no path at all is not there either
            raise InputError(f"{origin}: there is no file {name!r}")
        text = read_outside(Path(name))
        contract = _read(name, text, source=name, outside=((name, text),))
    except Unreadable as error:
        raise InputError(f"{origin}: {name}: {error}") from None
    folder, real = Path(name).parent, Path(os.path.realpath(name)).parent
    if Path(os.path.realpath(folder)) != real:
        folder = real  # approvals stand beside the file itself: a link to it may be somebody else's
    return msgspec.structs.replace(contract, home=folder / APPROVALS)


def _by_name(name: str, origin: str) -> Contract:
    """A contract of this package, or of another by the entry point group `goldenpath.contracts`."""
    if name in SHIPPED:
        path = Path(__file__).parent / f"{name}.yaml"
        return _read(path.name, path.read_text(encoding="utf-8"), source=name, outside=())
    from importlib.metadata import entry_points

    installed = {point.name: point for point in entry_points(group="goldenpath.contracts")}
    if name in installed:
        text, home = _text_of(installed[name])
        return msgspec.structs.replace(_read(f"{name} (installed)", text, source=name), home=home)
    known = [*SHIPPED, *sorted(installed)]
    near = nearest(name, known)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}, or a file's path"
    raise InputError(f"{origin}: there is no contract {name!r}; {hint}")


def _text_of(point: EntryPoint) -> tuple[str, Path | None]:
    """The text of an installed contract, whose entry point is a path or a resource of its package, and its home."""
    try:
        resource = point.load()
        file = resource if hasattr(resource, "read_text") else Path(resource)
        text: str = file.read_text(encoding="utf-8")
        home = file.parent / APPROVALS if isinstance(file, Path) else None
    except Exception as error:  # noqa: BLE001 - another package's code
        package = point.dist.name if point.dist else point.value
        problem = f"{type(error).__name__}: {error}"
        raise InputError(f"the contract {point.name!r} of the package {package} cannot be loaded: {problem}") from None
    return text, home


def check(name: str, place: Place | None = None) -> Check:
    """Load a check by id. Raises InputError that names the nearest ids when there is none."""
    where = f"{place}: " if place else ""
    try:
        return load(name)
    except KeyError:
        known = [*shipped_ids(), *own_ids()]
        near = nearest(name, known)
        hint = f"did you mean {' or '.join(near)}?" if near else "`goldenpath list` names them all"
        raise InputError(f"{where}there is no check {name!r}; {hint}") from None
    except Exception as error:
        if name in shipped_ids():
            raise
        problem = f"{type(error).__name__}: {error}"
        raise InputError(f"{where}the check {name!r} of another package cannot be loaded: {problem}") from None


# What it says


def _read(path: str, text: str, source: str, outside: tuple[tuple[str, str], ...] | None = None) -> Contract:
    """A contract from its text. Raises InputError with the line of what is wrong."""
    try:
        documents = parse(path, text)
        if len(documents) == 1 and isinstance(documents[0], Mapping):
            return msgspec.structs.replace(_sound(documents[0], source), outside=outside)
    except Malformed as error:
        raise InputError(f"{error.place}: {error}") from None
    raise InputError(f"{path}: a contract is one YAML document, a mapping")


def _sound(root: Mapping, source: str) -> Contract:
    file = convert(root, _File, _FIELDS, _CHOICES)
    spec = file.spec
    if not spec.tiers or len(set(spec.tiers)) != len(spec.tiers):
        raise Malformed(locate(root, "$.spec.tiers"), "name each tier once, the lowest first, and at least one")
    if unclean := [tier for tier in spec.tiers if not tier.strip() or not tier.isprintable()]:
        raise Malformed(locate(root, "$.spec.tiers"), f"{unclean[0]!r} is no name of a tier; write it on one line")
    _reference(root, "$.metadata.owner", file.metadata.owner)
    for number, approver in enumerate(spec.waivers.approvers if spec.waivers else ()):
        _reference(root, f"$.spec.waivers.approvers[{number}]", approver)
    _known_names(root, spec.settings)
    if spec.settings.template:
        _template(root, spec.settings.template)
    checks = root.get("spec", "checks")
    if not isinstance(checks, Mapping) or not checks.values:
        raise Malformed(locate(root, "$.spec.checks"), "a contract asks for at least one check")
    requirements = {key.text: _requirements(key.place, key.text, node, spec.tiers) for key, node in checks.items()}
    about = file.metadata
    knowledge = None
    if (told := root.get("spec", "knowledge")) is not None:
        from goldenpath.contract.knowledge import read_knowledge  # only such a contract waits for it

        knowledge = read_knowledge(told, f"the contract {about.name} {about.version}")
    return Contract(
        about.name,
        about.version,
        about.owner,
        source,
        spec.tiers,
        requirements,
        spec.scope,
        spec.settings,
        spec.waivers,
        knowledge=knowledge,
    )


def _known_names(root: Mapping, settings: Settings) -> None:
    """Refuse a misspelt product or form, which would fail everybody; one that no table has is left to the checks."""
    for field, table in (("oncall", "oncall"), ("chat", "chat"), ("slo_forms", "slos")):
        for number, name in enumerate(getattr(settings, field) or ()):
            known = names_in(table)
            if name not in known and (near := nearest(name.lower(), known)):
                place = locate(root, f"$.spec.settings.{field}[{number}]")
                raise Malformed(place, f"settings.{field} knows no {name!r}; did you mean {near[0]!r}?")
    for number, route in enumerate(settings.alert_routes or ()):
        at = f"$.spec.settings.alert_routes[{number}]"
        if not route.match:
            raise Malformed(locate(root, at), "an alert route matches by at least one label; `*` stands for any text")
        if route.receiver not in (known := names_in("oncall")):
            near = nearest(route.receiver.lower(), known)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            raise Malformed(locate(root, f"{at}.receiver"), f"{route.receiver!r} pages nobody that is known; {hint}")


def _template(root: Mapping, template: Template) -> None:
    from goldenpath.facts.sources import parse_source, parse_version  # only such a contract waits for them

    for field, read in (("source", parse_source), ("minimum", parse_version)):
        try:
            read(getattr(template, field))
        except ValueError as error:
            raise Malformed(locate(root, f"$.spec.settings.template.{field}"), f"template.{field}: {error}") from None


def _reference(root: Mapping, path: str, text: str) -> None:
    try:
        parse_reference(text, "group")
    except ValueError as error:
        raise Malformed(locate(root, path), str(error)) from None


def _requirements(place: Place, name: str, node: Node, tiers: tuple[str, ...]) -> tuple[Requirement, ...]:
    if not is_shipped(name):
        check(name, place)
    requirements: list[Requirement] = []
    for item in node.items if isinstance(node, Sequence) else [node]:
        requirement = convert(item, Requirement, _FIELDS, _CHOICES)
        if requirement.tier not in tiers:
            raise Malformed(
                locate(item, "$.tier"), f"there is no tier {requirement.tier!r}; spec.tiers has {', '.join(tiers)}"
            )
        if requirement.since in {each.since for each in requirements}:
            day = requirement.since or "the beginning"
            raise Malformed(item.place, f"{name} has two requirements from {day} on; each needs a date of its own")
        requirements.append(requirement)
    if not requirements:
        raise Malformed(place, f"{name} asks for nothing; give it a tier, or leave it out")
    return tuple(requirements)
