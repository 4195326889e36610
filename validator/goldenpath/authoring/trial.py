"""One combination, tried: made by both engines, read through, judged, and made of old and brought up to date."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from goldenpath.authoring.cookiecutter import SKELETONS
from goldenpath.authoring.engines import quicken
from goldenpath.authoring.options import Answer, Combination, of_organization
from goldenpath.authoring.versions import NEXT, git, of_another_organization
from goldenpath.contract import Contract, named
from goldenpath.facts.template import ANSWERS
from goldenpath.lifecycle.update import update
from goldenpath.questionnaire import Questionnaire, read
from goldenpath.repository import InputError, open_repository
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.scorecard import ComponentScore

MOST = 12
"""Most places that are named for one problem."""

What: TypeAlias = Literal["renders", "whole", "engines", "tier", "update"]
"""It is made at all, nothing of it is left unrendered, both engines make the same, its tier, and its updates."""


class Problem(Struct, frozen=True):
    """What does not hold; `version` is that from which it is updated."""

    what: What
    details: tuple[str, ...]
    version: str | None = None


class Tried(Struct, frozen=True):
    """A combination, the tier that it reached, from which versions it was updated, and what does not hold.

    `judged` is false where the contract is not about such a service: then its tier is null, and nothing is asked of it.
    """

    template: str
    name: str
    options: dict[str, Answer]
    tier: str | None
    judged: bool
    updated: tuple[str, ...]
    problems: tuple[Problem, ...]


class Bench(Struct, frozen=True):
    """Where it is tried, and by what: the suite in a repository and checked out, its contract, and the tier to meet."""

    folder: Path
    suite: Path
    tree: Path
    contract: str
    tier: str


class Trial(Struct, frozen=True):
    """A combination to try, and what a service of each older version is told of it."""

    number: int
    combination: Combination
    born: dict[str, dict[str, Answer]]


def alone(folder: Path) -> None:
    """Keep out what this machine's user has configured and everybody's chatter, and be quick; for its own process."""
    (folder / "settings.yml").write_text("{}\n", encoding="utf-8")
    (folder / "gitconfig").write_text(
        "[user]\n\tname = goldenpath\n\temail = goldenpath@localhost\n[init]\n\tdefaultBranch = main\n"
        "[gc]\n\tauto = 0\n",
        encoding="utf-8",
    )
    (folder / "temporary").mkdir(exist_ok=True)  # Cookiecutter leaves its hooks behind
    tempfile.tempdir = str(folder / "temporary")
    os.environ |= {
        "TMPDIR": tempfile.tempdir,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "COPIER_SETTINGS_PATH": str(folder / "settings.yml"),
    }
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    quicken()


def tried(bench: Bench, trial: Trial) -> Tried:
    """Try a combination."""
    folder = bench.folder / f"trial-{trial.number}"
    folder.mkdir()
    try:
        return _Trial(bench, trial, folder).result()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Trial:
    def __init__(self, bench: Bench, trial: Trial, folder: Path) -> None:
        self._bench = bench
        self._trial = trial
        self._folder = folder
        self._answers = trial.combination.answers
        self._name = str(self._answers.get("name", "service"))
        self._contract = named(bench.contract)
        self._problems: list[Problem] = []

    def result(self) -> Tried:
        combination = self._trial.combination
        tier, judged = None, True
        try:
            service = _copied(self._bench.suite, self._folder / "copier" / self._name, self._answers)
        except InputError as error:
            self._found("renders", [f"copier: {error}"])
        else:
            self._found("whole", _left(service, read(self._bench.tree)))
            self._engines(service)
            tier, judged = self._judge(service)
            self._updates()
        return Tried(
            combination.template, combination.name, combination.options, tier, judged, tuple(self._trial.born),
            tuple(self._problems),
        )  # fmt: skip

    def _found(self, what: What, details: list[str], version: str | None = None) -> None:
        if details:
            more = [f"and {len(details) - MOST} more"] if len(details) > MOST else []
            self._problems.append(Problem(what, (*details[:MOST], *more), version))

    def _engines(self, service: Path) -> None:
        """Whether Cookiecutter makes the same files."""
        try:
            other = _baked(self._bench.tree, self._trial.combination, self._folder / "cookiecutter")
        except InputError as error:
            self._found("engines", [f"cookiecutter: {error}"])
        else:
            self._found("engines", list(_differences(_contents(service), _contents(other))))

    def _judge(self, service: Path) -> tuple[str | None, bool]:
        components = _judged(service, self._contract)
        if not components:
            return None, False
        tier = _lowest(components, self._contract)
        ranks = self._contract.tiers
        if _rank(tier, ranks) < ranks.index(self._bench.tier):
            wanted = ranks[: ranks.index(self._bench.tier) + 1]
            found = [f"{tier or 'no tier'} instead of {self._bench.tier}"]
            self._found("tier", [*found, *_why(components, wanted)])
        return tier, True

    def _updates(self) -> None:
        """A service of each older version, brought to this one: no conflict, and no tier lost."""
        if not self._trial.born:
            return
        asked = {version: read(self._bench.folder / version) for version in (*self._trial.born, NEXT)}
        try:
            own = of_another_organization(self._bench.suite, asked, self._answers, self._folder)
        except InputError as error:
            self._found("update", [str(error)])
            return
        for version, answers in self._trial.born.items():
            kept = dict(answers)
            for name, _ in of_organization(answers, asked[version]):
                del kept[name]  # it stands in the suite
            try:
                self._found("update", list(self._update(own, version, kept)), version)
            except InputError as error:
                self._found("update", [str(error)], version)

    def _update(self, own: Path, version: str, answers: dict[str, Answer]) -> Iterator[str]:
        service = _copied(own, self._folder / version / self._name, answers, version)
        _committed(service)
        before = _lowest(_judged(service, self._contract), self._contract)
        done = update(service)
        if done.after != NEXT:
            yield f"it was taken to {done.after}"
        for path in done.conflicts:
            yield f"{path}: {'it was removed, and had been edited' if path in done.removed else 'conflict'}"
        git(service, "add", "--all")
        after = _judged(service, self._contract)
        if _rank(_lowest(after, self._contract), self._contract.tiers) < _rank(before, self._contract.tiers):
            yield f"{_lowest(after, self._contract) or 'no tier'} instead of {before}, which it had"
            yield from _why(after, self._contract.tiers[: self._contract.tiers.index(str(before)) + 1])


# --- made


def _copied(suite: Path, service: Path, answers: dict[str, Answer], version: str | None = None) -> Path:
    """A service of Copier's. Raises InputError with its own words."""
    import copier
    from copier.errors import CopierError

    try:
        copier.run_copy(str(suite), service, data=answers, vcs_ref=version, defaults=True, quiet=True)
    except (CopierError, ValueError, OSError) as error:
        raise InputError(" ".join(str(error).split()) or type(error).__name__) from None
    except Exception as error:  # noqa: BLE001 - of Jinja, and of whatever a template makes of it
        raise InputError(f"{type(error).__name__}: {' '.join(str(error).split())}") from None
    return service


def _baked(tree: Path, combination: Combination, folder: Path) -> Path:
    """A service of Cookiecutter's. Raises InputError with its own words."""
    import msgspec
    from cookiecutter.main import cookiecutter

    directory = f"{SKELETONS}/{combination.template}"
    try:
        known = msgspec.json.decode((tree / directory / "cookiecutter.json").read_bytes(), type=dict)
        given = {name if name in known else f"__{name}": str(value) for name, value in combination.answers.items()}
        folder.mkdir()
        return Path(cookiecutter(
            str(tree), no_input=True, extra_context=given, output_dir=str(folder), directory=directory,
            default_config=True,
        ))  # fmt: skip
    except Exception as error:  # noqa: BLE001 - of Jinja, and of whatever a template makes of it
        raise InputError(f"{type(error).__name__}: {' '.join(str(error).split())}") from None


def _committed(service: Path) -> None:
    git(service, "init", "--quiet", "--initial-branch=main")
    git(service, "add", "--all")
    git(service, "commit", "--quiet", "--message", "feat: start")


# --- read


def _left(service: Path, questionnaire: Questionnaire) -> list[str]:
    """Where something of the template is left: a delimiter, an answer of Cookiecutter's, the suffix of a name."""
    signs = [str(sign) for name, sign in questionnaire.delimiters.items() if name.endswith("_string")]
    left = re.compile("|".join([*map(re.escape, signs), r"\bcookiecutter\."]))
    suffix = questionnaire.settings["templates_suffix"]
    found = []
    for path, (_, content) in _contents(service).items():
        if left.search(path) or path.endswith(suffix):
            found.append(f"{path}: its name")
        lines = content.decode("utf-8", "replace").splitlines()
        found += [f"{path}:{number}: {line.strip()[:80]}" for number, line in enumerate(lines, 1) if left.search(line)]
    return found


def _contents(service: Path) -> dict[str, tuple[int, bytes]]:
    """The mode and bytes of every file, but for the line that says where the template was read from."""
    found = {}
    for path in sorted(service.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path.name == ANSWERS:
                content = re.sub(rb"(?m)^_src_path: .*\n", b"", content)
            found[path.relative_to(service).as_posix()] = (path.stat().st_mode & 0o777, content)
    return found


def _differences(copied: dict[str, tuple[int, bytes]], baked: dict[str, tuple[int, bytes]]) -> Iterator[str]:
    for path in sorted(copied.keys() | baked.keys()):
        if path not in baked:
            yield f"{path}: of Copier's alone"
        elif path not in copied:
            yield f"{path}: of Cookiecutter's alone"
        elif copied[path][1] != baked[path][1]:
            lines = zip(copied[path][1].split(b"\n"), baked[path][1].split(b"\n"), strict=False)
            yield f"{path}:{next((at for at, (one, other) in enumerate(lines, 1) if one != other), 1)}: it differs"
        elif copied[path][0] != baked[path][0]:
            yield f"{path}: {copied[path][0]:o} of Copier's, {baked[path][0]:o} of Cookiecutter's"


# --- judged


def _judged(service: Path, contract: Contract) -> list[ComponentScore]:
    """The components that the contract judges."""
    with open_repository(service) as repository:
        return [each for each in evaluate(repository, contract, date.today()).components if each.in_scope]


def _lowest(components: list[ComponentScore], contract: Contract) -> str | None:
    return min((each.tier for each in components), key=lambda tier: _rank(tier, contract.tiers), default=None)


def _rank(tier: str | None, tiers: tuple[str, ...]) -> int:
    return tiers.index(tier) if tier else -1


def _why(components: list[ComponentScore], tiers: tuple[str, ...]) -> Iterator[str]:
    """The checks of these tiers that are not met, and where."""
    for component in components:
        for check in component.checks:
            if not check.met and check.tier in tiers:
                place = next((f" ({each.file}:{each.line})" for each in check.evidence if each.line), "")
                yield f"{check.id}: {check.verdict}: {check.summary}{place}"
