"""What adoption would do to a repository: the files that it would add, and the tier before and after.

The files are rendered into a folder of their own and judged as if they stood in the repository. Nothing is written to
that.
"""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml
from msgspec import Struct

from goldenpath.adoption.entity import missing
from goldenpath.adoption.history import history
from goldenpath.adoption.lay import in_the_way
from goldenpath.adoption.signing import signing
from goldenpath.adoption.survey import FILES, OBJECTIVES, survey
from goldenpath.contract import choose
from goldenpath.deadline import TookTooLong, within
from goldenpath.facts import Facts
from goldenpath.facts.nodes import Malformed, plain, read_one
from goldenpath.facts.sources import parse_source
from goldenpath.facts.template import ANSWERS
from goldenpath.judge import SECONDS
from goldenpath.lifecycle.engine import with_copier
from goldenpath.questionnaire import ADOPT
from goldenpath.repository import InputError, open_repository
from goldenpath.scorecard import HOME, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from goldenpath.adoption.entity import Missing
    from goldenpath.adoption.history import History
    from goldenpath.adoption.signing import Signing
    from goldenpath.adoption.survey import LeftOut, Survey
    from goldenpath.contract import Contract
    from goldenpath.repository import Repository
    from goldenpath.scorecard import Scorecard

OTHER_ANSWERS = ".copier-answers.goldenpath.yml"
"""Where Copier keeps the answers in a repository that was made from somebody else's template."""

EXAMPLE = b".acme.example"
"""The hosts of the organisation in templates/questions/organization.yml, as the suite ships it."""

ASKED = {"owner": "payments", "oncall": "PABC123", "chat": "payments"}
"""What nobody but its team may know, with an example of each."""


class Plan(Struct, frozen=True):
    """What is to be added, and what that changes.

    `files` are whole, by their paths, the answers file last; there are none where nothing is missing. `version` is the
    release of the suite, `signing` is what releases that are here already lack,
    `entity` what the catalog file lacks.
    """

    name: str
    version: str
    answers_file: str
    before: Scorecard
    after: Scorecard
    files: dict[str, bytes]
    replaced: str
    left_out: tuple[LeftOut, ...]
    answers: dict[str, Any]
    signing: Signing | None
    entity: Missing | None

    @property
    def links_to_example(self) -> bool:
        """Whether links lead to the organisation of the suite's own example, because nobody has edited that."""
        return any(EXAMPLE in content for content in self.files.values())

    @property
    def is_assumed_service(self) -> bool:
        """Whether it gets what only a service needs, although no catalog entry says that it is one."""
        declared = any(each.ref for each in self.before.components)
        return not declared and self.answers["adopted_type"] == "service" and OBJECTIVES[0] in self.files


class _Adopted(Struct, frozen=True):
    """What an earlier adoption, or another template, has left: its answers file and what is in it."""

    file: str
    answers: dict[str, Any]

    @property
    def files(self) -> list[str]:
        """The files that are the template's."""
        return str(self.answers.get("adopted", "")).split()


def planned(
    path: Path, data: Sequence[str], source: str | None, version: str | None, asked_for: str | None, *, ask: bool
) -> Plan:
    """Plan the adoption of a repository. `ask`: somebody is there to answer what it does not say.

    Raises InputError where it cannot be adopted.
    """
    given = _given(data)
    with open_repository(path) as repository:
        top = Path(repository.location)
        past = history(top)
        contract = choose(repository, asked_for)
        facts = Facts(repository, None, contract.knowledge)
        adopted = _adopted(repository)
        kind = given.get("adopted_type") or str(adopted.answers.get("adopted_type", ""))
        found = _survey(repository, facts, past, kind)
        answers = found.answers | adopted.answers | given
        files: dict[str, bytes] = {}
        if new := [each for each in found.adds if each not in adopted.files]:
            wanted = " ".join(each for each in FILES if each in {*new, *adopted.files})
            answers = _complete(answers | {"adopted": wanted}, ask=ask)
            suite = _source(source, adopted, contract)
            rendered = _rendered(
                top.name, suite, version or adopted.answers.get("_commit"), answers, adopted.file, given, ask=ask
            )
            files = {each: rendered[each] for each in rendered if each not in adopted.files}
        replaced = adopted.file if adopted.answers else ""
        _refuse_strays(top, {each: content for each, content in files.items() if each != replaced})
        today = date.today()
        before = evaluate(repository, contract, today, alone=False)
        laid = _laid(files.get(adopted.file))
        with repository.with_files(files) as afterwards:
            after = evaluate(afterwards, contract, today, alone=False) if files else before
            entity = missing(afterwards, facts, contract, today, answers | laid, _unmet(after))
        return Plan(
            name=str(laid.get("name") or answers.get("name") or top.name),
            version=str(laid.get("_commit") or adopted.answers.get("_commit", "")),
            answers_file=adopted.file,
            before=before,
            after=after,
            files=files,
            replaced=replaced,
            left_out=found.left_out,
            answers=answers | laid,
            entity=entity,
            signing=signing(repository, facts, contract, today, answers | laid, _unmet(after)),
        )


# --- what may be adopted


def _given(data: Sequence[str]) -> dict[str, str]:
    """The answers of the command line."""
    pairs = [each.partition("=") for each in data]
    if wrong := next((name for name, equals, _ in pairs if not (name and equals)), None):
        raise InputError(f"-d {wrong}: write it as NAME=VALUE, as in owner=payments")
    return {name: value for name, _, value in pairs}


def _survey(repository: Repository, facts: Facts, past: History, kind: str) -> Survey:
    """What is found in a repository of one service. Which files are whose in one of several nobody can tell."""
    try:
        with within(SECONDS):
            components = facts["catalog"].components
            if len(components) > 1:
                named = ", ".join(each.ref.name for each in components[:3]) + ", …" * (len(components) > 3)
                raise InputError(
                    f"{repository.location}: it declares {len(components)} components ({named}), and a repository of "
                    f"one service is adopted; `goldenpath check` judges each of them"
                )
            return survey(repository, facts, past, kind)
    except TookTooLong:
        raise InputError(f"{repository.location}: it takes too long to read") from None


def _adopted(repository: Repository) -> _Adopted:
    """What was adopted before; an answers file of our own name where the other one is another template's."""
    for file in ANSWERS, OTHER_ANSWERS:
        try:
            root = read_one(repository, file)
        except Malformed as error:
            raise InputError(f"{error.place}: {error}") from None
        if root is None:
            return _Adopted(file, {})
        answers = plain(root)
        if answers.get("template") == "adopt":
            return _Adopted(file, answers)
        if "slo_availability" in answers:
            raise InputError(f"{file}: it was made from the template {answers.get('template')} and follows it already")
    raise InputError(f"{OTHER_ANSWERS}: it is none of goldenpath's; move it away")


def _refuse_strays(top: Path, files: dict[str, bytes]) -> None:
    if blocking := in_the_way(top, files):
        raise InputError(f"{top / blocking[0]}: it is in the way, and git does not track it; commit it or move it away")


# --- what is rendered


def _source(asked_for: str | None, adopted: _Adopted, contract: Contract) -> str:
    """The suite to render. A path is only taken from the user. Raises InputError."""
    named = asked_for or str(adopted.answers.get("_src_path", ""))
    template = contract.settings.template
    named = named or (template.source if template else HOME)
    try:
        return parse_source(named).url
    except ValueError as error:
        path = Path(named)
        if not asked_for:
            raise InputError(f"{named}: {error}; name the suite with --source") from None
        if not path.is_dir():
            raise InputError(f"--source {named}: there is no such folder, and {error}") from None
        if not ((path / ".git").exists() or (path / "HEAD").is_file()):
            raise InputError(
                f"--source {named}: it is no git repository, so nothing could be updated from it"
            ) from None
        return str(path.resolve())


def _complete(answers: dict[str, Any], *, ask: bool) -> dict[str, Any]:
    """The answers that questions are asked beside. Raises InputError where one is missing and nobody is there."""
    if "adopted_url" not in answers:
        raise InputError(
            "where the repository lives cannot be told: it has no remote `origin` at a forge; "
            "give -d adopted_url=https://github.com/acme/payments-api"
        )
    if answers.get("adopted_type") == "library":
        answers = {"oncall": ""} | answers
    missing = [] if ask else [name for name in ASKED if name not in answers]
    if missing:
        examples = " ".join(f"-d {name}={ASKED[name]}" for name in missing)
        raise InputError(f"the repository does not say {', '.join(missing)}, and nobody can be asked; give {examples}")
    return {name: value for name, value in answers.items() if not name.startswith("_")} | _image(answers)


def _image(answers: dict[str, Any]) -> dict[str, str]:
    """The image of a repository that lives elsewhere than the organisation's, beside its source."""
    host, _, path = str(answers["adopted_url"]).removeprefix("https://").partition("/")
    if "adopted_image" in answers or host != "github.com":
        return {}
    return {"adopted_image": f"ghcr.io/{path}".lower()}


def _rendered(
    folder: str,
    source: str,
    version: str | None,
    answers: dict[str, Any],
    answers_file: str,
    given: Iterable[str],
    *,
    ask: bool,
) -> dict[str, bytes]:
    """The files of the template, by their paths. Raises InputError with what Copier says, or `given` is no question."""
    with TemporaryDirectory(prefix="goldenpath-") as temporary:
        made = Path(temporary, folder)
        worker = with_copier(
            "adoption", "run_copy", source, made, defaults=not ask,
            data=answers, vcs_ref=version, answers_file=answers_file,
        )  # fmt: skip
        _refuse_unknown(given, worker.template.questions_data)
        order = {path: number for number, path in enumerate((*FILES, answers_file))}
        found = {path.relative_to(made).as_posix(): path for path in made.rglob("*") if path.is_file()}
        return {path: found[path].read_bytes() for path in sorted(found, key=lambda path: order.get(path, -1))}


def _refuse_unknown(given: Iterable[str], questions: dict[str, dict[str, Any]]) -> None:
    """Only the suite that is rendered knows its questions: a fork may have more."""
    unknown = next((name for name in given if name not in questions), None)
    if unknown is None:
        return
    stored = (name for name, question in questions.items() if ADOPT in str(question.get("when", ADOPT)))
    meant = get_close_matches(unknown, questions, 1)
    near = f"; is {meant[0]} meant?" if meant else "."
    raise InputError(f"-d {unknown}: there is no such question{near} The suite asks for {', '.join(sorted(stored))}")


def _unmet(scorecard: Scorecard) -> frozenset[str]:
    return frozenset(each.id for each in scorecard.components[0].checks if not each.met)


def _laid(content: bytes | None) -> dict[str, Any]:
    """What an answers file says that is about to be laid."""
    answers: dict[str, Any] = yaml.safe_load(content) if content else {}
    return answers
