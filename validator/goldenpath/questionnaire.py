"""The questionnaire as Copier reads it: copier.yml and the files in templates/questions/ that it includes."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from goldenpath.facts.nodes import Malformed, Mapping, Scalar, parse, plain
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jinja2.sandbox import SandboxedEnvironment

SOURCE = "copier.yml"

ADOPT = "adopt"
"""The template that begins nothing: `goldenpath adopt` lays it over a repository that exists."""

CASTS: dict[str, Callable[[Any], Any]] = {"str": str, "int": int, "float": float, "bool": lambda text: text == "True"}
"""What makes an answer of a rendered text, by the question's type."""


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """One question. `when: false` is computed and never stored, `ask: false` is stored and never put to a person.

    A question of one template has the condition `when: "{= template == 'go-service' =}"`. `placeholder` is an answer
    that would do: shown where nothing is typed yet, and given where templates are tried.
    """

    type: Literal["str", "int", "float", "bool"]
    default: str | int | float | bool | None = None
    help: str = ""
    placeholder: str = ""
    choices: dict[str, str | int] | list[str | int] = []
    validator: str = ""
    when: bool | str = True
    ask: bool = True

    @property
    def is_public(self) -> bool:
        """Whether a person is asked."""
        return self.is_stored and self.ask

    @property
    def is_stored(self) -> bool:
        """Whether a service keeps the answer."""
        return self.when is not False

    @property
    def values(self) -> list[str | int]:
        """The values to choose from; empty where any value goes."""
        return list(self.choices.values()) if isinstance(self.choices, dict) else self.choices


class Questionnaire(Struct, frozen=True):
    """Copier's settings (`_envops`, `_exclude` …) without their underscore, and the questions in their order.

    `sources` has the file that each question stands in.
    """

    settings: dict[str, Any]
    questions: dict[str, Question]
    sources: dict[str, str]

    @property
    def templates(self) -> dict[str, str]:
        """What can be made: the title of each template by its name."""
        choices = self.questions["template"].choices
        return {str(value): title for title, value in choices.items()} if isinstance(choices, dict) else {}

    @property
    def services(self) -> dict[str, str]:
        """The templates that begin a service."""
        return {template: title for template, title in self.templates.items() if template != ADOPT}

    def of(self, template: str) -> Questionnaire:
        """What one template asks: all but the questions in a file that is named for another."""
        others = self.templates.keys() - {template}
        kept = {name: file for name, file in self.sources.items() if PurePath(file).stem not in others}
        return Questionnaire(self.settings, {name: self.questions[name] for name in kept}, kept)

    @property
    def delimiters(self) -> dict[str, Any]:
        """The options of a Jinja environment that reads the templates; the rest is the reader's own to say."""
        return {name: value for name, value in self.settings["envops"].items() if name != "undefined"}


def environment(root: Path, questionnaire: Questionnaire) -> SandboxedEnvironment:
    """What renders the suite's own files and questions as Copier would: sandboxed, and an unknown name is an error."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    made = SandboxedEnvironment(loader=FileSystemLoader(root), undefined=StrictUndefined, **questionnaire.delimiters)
    made.filters["regex_search"] = _regex_search
    return made


def _regex_search(text: str, pattern: str) -> str | None:
    """The filter of that name, which Copier takes from Ansible, as the questions use it."""
    match = re.search(pattern, text)
    return match[0] if match else None


def read(root: Path) -> Questionnaire:
    """The questionnaire of the suite in that folder. Raises InputError with file and line."""
    settings: dict[str, Any] = {}
    questions: dict[str, Question] = {}
    sources: dict[str, str] = {}
    for file in _files(root, SOURCE):
        for document in _documents(root, file):
            for key, node in document.items() if isinstance(document, Mapping) else ():
                if key.text.startswith("_"):
                    settings[key.text[1:]] = plain(node)
                    continue
                try:
                    question = msgspec.convert(plain(node), Question)
                except msgspec.ValidationError as error:
                    raise InputError(f"{file}:{key.place.line}: the question {key.text!r}: {error}") from None
                if isinstance(question.when, str) and question.when != (condition := _condition(file)):
                    raise InputError(
                        f"{file}:{key.place.line}: the question {key.text!r}: `when` is true, false, or in this file "
                        f'"{condition}"; nothing else works in every engine'
                    )
                if not _offered(question):
                    raise InputError(
                        f"{file}:{key.place.line}: the question {key.text!r}: its default {question.default!r} is none "
                        f"of its choices: {', '.join(map(str, question.values))}"
                    )
                questions[key.text], sources[key.text] = question, file
    return Questionnaire(settings, questions, sources)


def _offered(question: Question) -> bool:
    """Whether the default is one of the choices; one that is computed shows only where it is."""
    default = question.default
    return default is None or not question.values or default in question.values or "{" in str(default)


def _condition(file: str) -> str:
    """What `when` says of the questions in a file that is named for a template."""
    return f"{{= template == '{PurePath(file).stem}' =}}"


def _files(root: Path, name: str) -> list[str]:
    """A file, after those that it includes before its own settings end (`!include` is a document of its own)."""
    included = [
        document.text
        for document in _documents(root, name)
        if isinstance(document, Scalar) and document.tag == "!include"
    ]
    return [name, *included]


def _documents(root: Path, name: str) -> list[Any]:
    try:
        return list(parse(name, (root / name).read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"{root / name}: {error.strerror}") from None
    except Malformed as error:
        raise InputError(f"{name}:{error.place.line}: {error}") from None
