"""The fix for one repository: the files that the template would have made, filled in with this repository's names.

A room beside the spine: it judges by the scorecard, reads facts, and renders the template's own sources (suite.py), so
that what a guide shows is what the template makes. What nobody knows stays a visible placeholder. Everything here is
text for people: nothing is written, and no file that exists is shown as one to be replaced.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.contract import Requirement
from goldenpath.deadline import TookTooLong, within
from goldenpath.facts import Facts
from goldenpath.facts.catalog import PATHS
from goldenpath.facts.destinations import destination
from goldenpath.guides.excerpt import excerpt, in_memory
from goldenpath.guides.names import answered, known
from goldenpath.guides.suite import Suite, placeholders, shown, sources
from goldenpath.judge import SECONDS
from goldenpath.reports.terminal import printable
from goldenpath.reports.text import excuse
from goldenpath.scorecard import FixAdvice, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from typing import TypeAlias

    from goldenpath.checks import Check
    from goldenpath.contract import Contract
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.handed_in import HandedIn
    from goldenpath.repository import Repository
    from goldenpath.scorecard import CheckResult, ComponentScore, Scorecard, Waiver

    Judge: TypeAlias = Callable[[Repository], Scorecard]

CATALOG = PATHS[0]
"""The file of the template that declares the component."""

MOST_PLACES = 12
"""How many places are named; `goldenpath check --format json` has them all."""

SLUG = ".com/project-slug"
"""How the annotation ends that says which repository this is."""

ON_GITLAB = {
    ".github/workflows/release.yml": ".gitlab-ci.yml",
    ".github/workflows/ci.yml": ".gitlab-ci.yml",
    ".github/CODEOWNERS": ".gitlab/CODEOWNERS",
    ".github/dependabot.yml": "renovate.json",
}
"""The template's files for GitHub, and those that do the same on GitLab."""

_VERDICTS = {
    "pass": "It holds here",
    "fail": "It does not hold here",
    "unknown": "It cannot be told from here whether it holds",
    "not-applicable": "It is not asked here",
}
_LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".md": "markdown"}


def guide(
    check: Check,
    repository: Repository,
    contract: Contract,
    today: date,
    handed_in: HandedIn | None = None,
    *,
    only: Sequence[str] = (),
    called: str,
) -> str:
    """What to do about a check in a repository, in Markdown. `called` is the repository's name for its reader.

    The check is judged alone, whether the contract asks for it today or not.
    """
    requirement = contract.in_force(today).get(check.id, Requirement(contract.tiers[0]))
    alone = replace(contract, checks={check.id: (requirement,)})

    def judge(tree: Repository) -> Scorecard:
        if tree is not repository:
            return evaluate(tree, alone, today)
        return evaluate(tree, alone, today, handed_in=handed_in, only=only)

    scorecard = judge(repository)
    score = _neediest(scorecard)
    result = score.checks[0]
    whose = f", {score.ref}" if only or len(scorecard.components) > 1 else ""
    where = "this folder" if called == "." else printable(called)
    lines = [f"## In {where}{printable(whose)}", "", *_verdict(result), *_asked_by(contract, check)]
    if isinstance(result.fix, FixAdvice):
        lines += ["", f"{printable(result.fix.summary).rstrip('.')}."]
        try:
            with within(SECONDS):
                lines += _Fix(judge, repository, handed_in, score.ref, result).lines(result.fix.files)
        except TookTooLong:
            lines += ["", "What is to be written cannot be shown: it takes too long to read this repository."]
    return "\n".join(lines)


def _neediest(scorecard: Scorecard) -> ComponentScore:
    """The first component that needs the fix, else the first of all."""
    return next((each for each in scorecard.components if each.next is not None), scorecard.components[0])


def _verdict(result: CheckResult) -> Iterator[str]:
    reason = (
        f" ({printable(result.reason)})" if isinstance(result.reason, str) and result.reason != result.summary else ""
    )
    yield f"{_VERDICTS[result.verdict]}: {printable(result.summary)}{reason}."
    if result.waiver:
        yield from ("", *_waiver(result, result.waiver))
    if result.evidence:
        yield ""
    for each in result.evidence[:MOST_PLACES]:
        place = f"{each.file}:{each.line}" if each.line else each.file
        yield printable(f"- {each.role} {place}: {each.text}" if each.text else f"- {each.role} {place}")
    if len(result.evidence) > MOST_PLACES:
        yield f"- and {len(result.evidence) - MOST_PLACES} more"


def _asked_by(contract: Contract, check: Check) -> Iterator[str]:
    """Which of the contracts that build on each other asks for it, or why none does."""
    name = contract.called
    if why := contract.switched_off.get(check.id):
        yield from ("", printable(f"The contract {name} switches it off: {why.rstrip('.')}."))
    elif whose := contract.asked_by.get(check.id):
        extends = f", which {name} extends" if whose != name else ""
        yield from ("", printable(f"It is asked for by the contract {whose}{extends}."))


def _waiver(result: CheckResult, waiver: Waiver) -> Iterator[str]:
    """What the waiver is worth, and where it was asked for and granted."""
    said = printable(excuse(result)).rstrip(".")
    yield f"{said[0].upper()}{said[1:]}."
    if result.waived:
        yield from ("", f"- asked for at {waiver.request}", printable(f"- granted at {waiver.approval}: {waiver.risk}"))


class _Fix:
    """The files that would meet a check in one repository."""

    def __init__(
        self, judge: Judge, repository: Repository, handed_in: HandedIn | None, ref: str | None, result: CheckResult
    ) -> None:
        self._judge = judge
        self._repository = repository
        self._evidence = result.evidence
        facts = Facts(repository, handed_in)
        self._catalog: Catalog = facts["catalog"]
        self._forge: str = facts["codeowners"].forge
        components = (each for each in self._catalog.components if str(each.ref) == ref)
        self._component: Component | None = next(components, None)
        self._suite = Suite(sources())
        answers = answered(repository)
        names = known(self._component, self._suite, answers) if self._component else {}
        names |= {"ci": self._forge} if self._forge in self._suite.choices("ci") else {}
        folder = PurePath(repository.location).name.removesuffix(".git")
        self._answers = self._suite.answers(names, answers, folder)
        name = self._answers["name"]
        self._is_proposed = not placeholders(name) and name not in {names.get("name"), answers.get("name")}

    def lines(self, paths: tuple[str, ...]) -> Iterator[str]:
        """Each file, or what of it is missing; last what is to be filled in."""
        own = dict.fromkeys(ON_GITLAB.get(path, path) if self._forge == "gitlab" else path for path in paths)
        rendered = {path: self._suite.render(path.rpartition("/")[2].removeprefix("."), self._answers) for path in own}
        unknown: list[str] = []
        for path, text in rendered.items():
            said, content = self._file(path, text, rendered)
            unknown += placeholders(content)
            yield from ("", said)
            if content:
                yield from ("", *_fenced(path, shown(content)))
        if unknown:
            yield from ("", f"Fill in: {', '.join(dict.fromkeys(unknown))}.")
        if self._is_proposed and any(self._answers["name"] in text for text in rendered.values()):
            yield from ("", f"The service's name, {printable(self._answers['name'])}, is the folder's: put its own.")

    def _file(self, path: str, text: str, rendered: dict[str, str]) -> tuple[str, str]:
        """What to do about a file, and what of it to show."""
        if path == CATALOG and self._catalog.found:
            return self._entity(text, rendered)
        if path in self._repository or self._repository.stray(path):
            points = any(each.path == path for each in self._evidence)
            return f"`{path}` is here already{': mend it where the evidence points' if points else ''}.", ""
        return f"Write `{path}`:", text

    def _entity(self, text: str, rendered: dict[str, str]) -> tuple[str, str]:
        """What to put into an entity that is there already: the lines of the template's that this check goes by."""
        if self._component is None:
            return f"Add to `{self._catalog.path}`, as a document of its own (`---` between two):", text
        path = printable((self._component.instead_of or self._component.entity.place).path)
        proof = self._judge(in_memory(rendered)).components[0].checks[0].evidence
        wanted = [each.line for each in proof if each.path == CATALOG and each.line]
        if any(self._answers["runbook_link"] in line for line in _numbered(text, wanted)) and not self._is_named(
            self._component
        ):
            wanted += [number for number, line in enumerate(text.splitlines(), 1) if SLUG in line]
        return f"Put into `{path}`, which otherwise stays as it is:", excerpt(text, wanted)

    def _is_named(self, component: Component) -> bool:
        """Whether the entity says which repository this is, without which a link into it proves nothing."""
        found = destination(self._answers["runbook_link"], component, self._repository)
        return found is not None and found.certain


def _numbered(text: str, numbers: list[int]) -> list[str]:
    lines = text.splitlines()
    return [lines[number - 1] for number in numbers]


def _fenced(path: str, content: str) -> Iterator[str]:
    """A file's content as code, between fences that it does not have itself."""
    lines = content.splitlines()
    fence = "`" * max([3, *(len(line) - len(line.lstrip("`")) + 1 for line in lines if line.startswith("```"))])
    yield fence + _LANGUAGES.get(PurePath(path).suffix, "text")
    yield from map(printable, lines)
    yield fence
