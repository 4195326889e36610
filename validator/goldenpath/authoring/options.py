"""What can be chosen when a service is made, as the questionnaire has it: every combination that has to work.

What the organisation chooses is tried in every combination, whether all services follow it or each may choose for
itself (a question whose default is the organisation's). What else a service may choose, a stage of life or a number on
a scale, is tried choice by choice beside the defaults.
"""

from __future__ import annotations

import re
from itertools import product
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from goldenpath.questionnaire import CASTS, environment
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from jinja2 import Template

    from goldenpath.questionnaire import Question, Questionnaire

Answer: TypeAlias = str | int | float | bool


class Combination(Struct, frozen=True):
    """What is chosen, and all that the engines are told with it.

    `refused` is what the questionnaire says where these cannot be chosen together.
    """

    template: str
    options: dict[str, Answer]
    answers: dict[str, Answer]
    refused: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return " ".join(map(str, self.options.values()))


def combinations(root: Path, questionnaire: Questionnaire, template: str) -> list[Combination]:
    """Everything that one template has to work with, once. Raises InputError where a question has no answer."""
    asked = _Asked(root, questionnaire, template)
    together, alone = asked.together, asked.alone
    found = [asked.combination(dict(zip(together, chosen, strict=True))) for chosen in product(*together.values())]
    found += [asked.combination({name: value}) for name, values in alone.items() for value in values]
    once: dict[tuple[object, ...], Combination] = {}
    for each in found:
        once.setdefault(tuple(each.answers.items()), each)
    return list(once.values())


class _Asked:
    """The questions of one template, and the answers to them."""

    def __init__(self, root: Path, questionnaire: Questionnaire, template: str) -> None:
        self._template = template
        self._sources = questionnaire.sources
        self._questions = questionnaire.of(template).questions
        self._environment = environment(root, questionnaire)
        self._compiled: dict[str, Template] = {}
        chosen = {
            name: question for name, question in self._questions.items() if question.values and name != "template"
        }
        deferring = {name: _deferred(question, chosen) for name, question in chosen.items()}
        self._options = [name for name in chosen if name not in deferring.values()]
        self.together: dict[str, list[str | int]] = {}
        self.alone: dict[str, list[str | int]] = {}
        for name in self._options:
            of_organization = not chosen[name].is_stored or deferring[name] is not None
            (self.together if of_organization else self.alone)[name] = chosen[name].values

    def combination(self, chosen: Mapping[str, Answer]) -> Combination:
        """One, with the defaults of what is not chosen."""
        known: dict[str, Any] = {"_copier_conf": SimpleNamespace(dst_path=SimpleNamespace(name="a-service"))}
        given: dict[str, Answer] = {"template": self._template}
        for name, question in self._questions.items():
            known[name] = given[name] if name in given else self._answer(name, question, chosen, known)
            if name in self._options or question.is_public:
                given[name] = known[name]
        refused = (self._refusal(question, known) for question in self._questions.values())
        options = {name: known[name] for name in self._options if name in self.together or name in chosen}
        return Combination(self._template, options, given, next(filter(None, refused), ""))

    def _answer(self, name: str, question: Question, chosen: Mapping[str, Answer], known: Mapping[str, Any]) -> Answer:
        if name in chosen:
            return chosen[name]
        answer = question.placeholder or question.default
        if answer is None:
            raise InputError(f"{self._sources[name]}: the question {name!r} has no default; give it a placeholder")
        made: Answer = CASTS[question.type](self._filled(answer, known) if isinstance(answer, str) else answer)
        return made

    def _refusal(self, question: Question, known: Mapping[str, Any]) -> str:
        return " ".join(self._filled(question.validator, known).split())

    def _filled(self, source: str, known: Mapping[str, Any]) -> str:
        if source not in self._compiled:  # every combination fills in the same few texts
            self._compiled[source] = self._environment.from_string(source)
        return self._compiled[source].render(known)


def _deferred(question: Question, chosen: Mapping[str, Question]) -> str | None:
    """The organisation's choice that is this question's default: the default names it, and both offer the same."""
    if not question.is_stored or not isinstance(question.default, str):
        return None
    named = (name for name in re.findall(r"\w+", question.default) if name in chosen and not chosen[name].is_stored)
    return next((name for name in named if chosen[name].values == question.values), None)


def offered(combination: Combination, usual: Combination, then: Questionnaire) -> dict[str, Answer] | None:
    """What an older questionnaire is told of a combination; None where that could not be chosen.

    `usual` has the defaults of today: what is left at them need not have been a question yet.
    """
    if combination.template not in then.templates:
        return None
    questions = then.of(combination.template).questions
    for name, value in combination.options.items():
        known = questions.get(name)
        if (known is None and value != usual.options[name]) or (known and value not in known.values):
            return None
    return {name: value for name, value in combination.answers.items() if name in questions}


def of_organization(answers: Mapping[str, Answer], questionnaire: Questionnaire) -> Iterator[tuple[str, Answer]]:
    """Those of the answers that no service keeps: they are the suite's own."""
    for name, value in answers.items():
        question = questionnaire.questions.get(name)
        if question and not question.is_stored:
            yield name, value
