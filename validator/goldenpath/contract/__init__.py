"""The platform contract: what is required, and since when. One YAML file that a platform team owns and versions."""

from __future__ import annotations

import os
import posixpath
from datetime import date  # noqa: TC003 - msgspec reads the annotations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict

from goldenpath.checks import Check, Settings, load, own_ids, shipped_ids
from goldenpath.contract.conversion import convert, nearest
from goldenpath.facts.nodes import Malformed, Scalar, read_one
from goldenpath.repository import InputError, Place, Unreadable, read_outside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from importlib.metadata import EntryPoint

    from goldenpath.contract.reading import Base, Outside
    from goldenpath.contract.waivers import Approval, Request
    from goldenpath.facts.declared import Knowledge
    from goldenpath.facts.nodes import Mapping, Node
    from goldenpath.repository import Repository

SHIPPED = ("standard", "starter")
SERVICE_FILE = ".goldenpath.yaml"
ENVIRONMENT = "GOLDENPATH_CONTRACT"

LONGEST_TRAIL = 8
"""Most contracts that may be read for one."""

_Trail: TypeAlias = "tuple[str, ...]"
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

    `base` is the contract that it extends, whose rules are among the `checks`. `asked_by` says of each check which
    contract has stated its rule last, `switched_off` of those of the base that are not asked for why not; `held_back`
    has the checks of which the base asks more from a day on than is asked here. All are empty where there is no base.
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
    base: Contract | None = None
    asked_by: dict[str, str] = {}
    switched_off: dict[str, str] = {}
    held_back: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """Its name and version, as people say it."""
        return f"{self.name} {self.version}"

    @property
    def bases(self) -> Iterator[Contract]:
        """The contracts that it builds on, the nearest first."""
        base = self.base
        while base is not None:
            yield base
            base = base.base

    def differing(self, check: str) -> str:
        """Who asks for a check as it is asked for, where that is not the contract at the end of the row."""
        whose = self.asked_by.get(check, "")
        return "" if whose in {base.called for base in self.bases if base.base is None} else whose

    @property
    def lineage(self) -> str:
        """Its name and version, with what it extends, as people say it."""
        return "".join([self.called, *(f", which extends {base.called}" for base in self.bases)])

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
        """The digest of what it says, be it by itself or by what it extends, wherever that came from."""
        from hashlib import sha256  # what only a record or an attestation needs to wait for

        beside = {"source", "home", "requests", "approvals", "outside", "base", "asked_by", "switched_off", "held_back"}
        said = {name: value for name, value in asdict(self).items() if name not in beside}
        return f"sha256:{sha256(msgspec.json.encode(said, order='sorted')).hexdigest()}"


def _start(requirement: Requirement) -> str:
    return requirement.since.isoformat() if requirement.since else ""


class _ServiceFile(Struct, frozen=True, forbid_unknown_fields=True):
    contract: str | None = None
    waivers: tuple[Any, ...] = ()


_FIELDS = sorted(_ServiceFile.__struct_encode_fields__)


# Which contract


def choose(repository: Repository, asked_for: str | None) -> Contract:
    """The contract to judge by: the one named, else the repository's own, else the environment's, else `standard`.

    Raises InputError when it cannot be had or is not sound.
    """
    try:
        root = read_service_file(repository)
        own = convert(root, _ServiceFile, _FIELDS, {}) if root else _ServiceFile()
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
        return _in_tree(repository, path)
    if is_path(name.text):
        raise Malformed(name.place, f"there is no file {name.text!r} in this repository")
    return _by_name(name.text, str(name.place))


def _in_tree(repository: Repository, path: str, origin: str = "", trail: _Trail = ()) -> Contract:
    """A contract of the repository itself, which may build on its own files and on what is known by its name."""
    further = _further(trail, path, origin)

    def base(name: str, at: str) -> Contract:
        if not is_path(name):
            return _by_name(name, at, further)
        file = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        if file not in repository:
            raise InputError(f"{at}: there is no file {file!r} in this repository")
        return _in_tree(repository, file, at, further)

    try:
        return _read(path, repository.text(path), path, base, outside=())
    except Unreadable as error:
        raise InputError(f"{path}: {error}") from None


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
    return _from_file(name, origin) if is_path(name) else _by_name(name, origin)


def _from_file(name: str, origin: str, trail: _Trail = ()) -> Contract:
    """A contract of this machine, which may build on other files of it."""
    try:
        if not os.path.exists(name):  # noqa: PTH110 - a name that is no path at all is not there either
            raise InputError(f"{origin}: there is no file {name!r}")
        text = read_outside(Path(name))
    except Unreadable as error:
        raise InputError(f"{origin}: {name}: {error}") from None
    folder, real = Path(name).parent, os.path.realpath(name)
    further = _further(trail, real, origin)
    if os.path.realpath(folder) != str(Path(real).parent):
        folder = Path(real).parent  # what belongs to it stands beside the file itself: a link may be somebody else's

    def base(wished: str, at: str) -> Contract:
        return _from_file(str(folder / wished), at, further) if is_path(wished) else _by_name(wished, at, further)

    contract = _read(name, text, name, base, outside=((name, text),))
    return msgspec.structs.replace(contract, home=folder / APPROVALS)


def _by_name(name: str, origin: str, trail: _Trail = ()) -> Contract:
    """A contract of this package, or of another by the entry point group `goldenpath.contracts`."""
    further = _further(trail, name, origin)
    home: Path | None = None

    def base(wished: str, at: str) -> Contract:
        if not is_path(wished):
            return _by_name(wished, at, further)
        if home is None:
            raise InputError(f"{at}: {name} is no file, so nothing stands beside it; name a contract that is known")
        return _from_file(str(home.parent / wished), at, further)

    if name in SHIPPED:
        path = Path(__file__).parent / f"{name}.yaml"
        return _read(path.name, path.read_text(encoding="utf-8"), name, base, outside=())
    from importlib.metadata import entry_points

    installed = {point.name: point for point in entry_points(group="goldenpath.contracts")}
    if name in installed:
        text, home = _text_of(installed[name])
        return msgspec.structs.replace(_read(f"{name} (installed)", text, name, base), home=home)
    known = [*SHIPPED, *sorted(installed)]
    near = nearest(name, known)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}, or a file's path"
    raise InputError(f"{origin}: there is no contract {name!r}; {hint}")


def _read(path: str, text: str, source: str, base: Base, outside: Outside = None) -> Contract:
    """A contract from its text. Raises InputError with the line of what is wrong."""
    from goldenpath.contract.reading import read  # which needs what this module has above

    return read(path, text, source, base, outside)


def _further(trail: _Trail, one: str, origin: str) -> _Trail:
    """The contracts that were read for another, and one more. Raises InputError where they go in a circle."""
    if one in trail:
        raise InputError(f"{origin}: {one} builds on this contract itself; one of them must not extend the other")
    if len(trail) >= LONGEST_TRAIL:
        raise InputError(f"{origin}: more than {LONGEST_TRAIL} contracts build on each other; join some of them")
    return (*trail, one)


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
