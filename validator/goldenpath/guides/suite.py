"""The template's own files, rendered as Copier would: the same partials, with answers to the same questions.

Values of a repository reach the templates as values only, never as their source, and the environment is sandboxed. What
nobody knows becomes a mark while it is rendered, and a visible placeholder (`<on-call id>`) in the end.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from goldenpath.facts.nodes import Scalar
from goldenpath.facts.references import is_name
from goldenpath.questionnaire import CASTS, environment, read
from goldenpath.repository import Place

ORGANIZATION = "templates/questions/organization.yml"
"""The choices of the organisation, as the suite ships them or as a platform team has edited them."""

EXAMPLE = "acme"
"""The organisation of the file above as long as nobody has edited it."""

LABELS = {"name": "service name", "oncall": "on-call id", "chat": "chat channel", "source_org": "organisation"}
"""What a placeholder says, where that is not the question's name."""

MAX_ANSWER = 500
"""Longest answer that is taken from a repository."""

_SWITCHES = {"y", "yes", "n", "no", "on", "off"}
"""What YAML 1.1, which many still read, takes for true or false beside YAML 1.2's own words."""

_MARK = re.compile(r"zzmark([a-z]+)zz")


def sources() -> Path:
    """The folder of copier.yml and templates/: within an installed package, or of the clone that it is run from."""
    packed = Path(__file__).parent / "suite"
    return packed if packed.is_dir() else Path(__file__).parents[3]


class Suite:
    """The questionnaire and the partials below a folder."""

    def __init__(self, root: Path) -> None:
        questionnaire = read(root)
        self._root = root
        self._environment = environment(root, questionnaire)
        self._questions = questionnaire.questions
        self._sources = questionnaire.sources

    def default(self, question: str) -> str:
        """What the organisation has chosen, where that depends on nothing else."""
        return str(self._questions[question].default)

    def choices(self, question: str) -> tuple[Any, ...]:
        """The answers that a question offers; none where any text may be one."""
        return tuple(self._questions[question].values)

    def takes(self, name: str, answer: object, answers: dict[str, Any]) -> bool:
        """Whether a question takes this answer beside the others, which are all that it looks at."""
        return not self._filled(self._questions[name].validator, answers | {name: answer}).strip()

    def answers(self, known: dict[str, Any], answered: dict[str, Any], folder: str) -> dict[str, Any]:
        """An answer to every question, in their order.

        First what is `known` to be so, then what a service has `answered` if the question takes it, then the question's
        own default; a mark where there is none. `folder` is where the service lies.
        """
        proposed = folder if is_name(folder.replace(" ", "-")) else _mark("name")
        answers: dict[str, Any] = {"_copier_conf": SimpleNamespace(dst_path=SimpleNamespace(name=proposed))}
        for name, question in self._questions.items():
            answer = known.get(name)
            if answer is None:
                answer = self._taken(name, answered.get(name), answers)
            if answer is None:
                answer = self._default(name, answers)
            answers[name] = _mark(name) if answer is None else CASTS[question.type](answer)
        return answers

    def render(self, path: str, answers: dict[str, Any]) -> str:
        """A file of the template, with marks where something is not known."""
        name = path.rpartition("/")[2]
        (partial,) = (self._root / "templates/partials").rglob(f"{name}.jinja")
        text = self._environment.get_template(partial.relative_to(self._root).as_posix()).render(answers)
        return _quoted(text, str(answers["name"])) if name.endswith((".yaml", ".yml")) else text

    def _taken(self, name: str, answer: object, answers: dict[str, Any]) -> object:
        """An answer as the question takes it; None where it would refuse it, or never asks."""
        question = self._questions[name]
        if answer is None or not question.is_stored or len(str(answer)) > MAX_ANSWER:
            return None
        try:
            cast = CASTS[question.type](answer)
        except ValueError:
            return None
        if choices := self.choices(name):
            return cast if cast in choices else None
        return cast if self.takes(name, cast, answers) else None

    def _default(self, name: str, answers: dict[str, Any]) -> object:
        """A question's own default; the template is nobody's default, for it is what a service was made from."""
        default = None if name == "template" else self._questions[name].default
        if not isinstance(default, str):
            return default
        text = self._filled(default, answers)
        if self._sources[name] == ORGANIZATION and answers.get("source_org", "") != EXAMPLE:
            text = re.sub(rf"\b{EXAMPLE}\b(\.example)?", _mark("source_org"), text)
        return text

    def _filled(self, source: str, answers: dict[str, Any]) -> str:
        return self._environment.from_string(source).render(answers)


def placeholders(text: str) -> list[str]:
    """What a rendered text does not know, in its order."""
    return list(dict.fromkeys(_label(match) for match in _MARK.finditer(text)))


def shown(text: str) -> str:
    """A rendered text with placeholders for its marks."""
    return _MARK.sub(_label, text)


def _mark(question: str) -> str:
    """What stands for an answer while templates are rendered: letters, which every filter leaves as they are."""
    return f"zzmark{question.replace('_', '')}zz"


def _label(mark: re.Match[str]) -> str:
    labels = {name.replace("_", ""): label for name, label in LABELS.items()}
    return f"<{labels.get(mark[1], mark[1])}>"


def _quoted(text: str, value: str) -> str:
    """A YAML text in which a value that would not be read as text (`123`, `null`) is quoted where it stands alone."""
    if isinstance(Scalar(Place(""), value).resolved(), str) and value.lower() not in _SWITCHES:
        return text
    return re.sub(rf"(?m)(?<=: ){re.escape(value)}$", f'"{value}"', text)
