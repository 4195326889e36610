"""Backstage's Template entities, compiled from the questionnaire: a form for each template, and what is done with it.

One more proposes the golden path to a repository that exists.

A form knows JSON Schema only. So of a validator the pattern and the bounds are taken, with the sentence that goes with
them, and what JSON Schema cannot say is left to Copier, which asks every validator again before it writes a file. What
depends on the organisation's choices alone is decided here.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from jinja2 import Environment, StrictUndefined, TemplateError, nodes

from goldenpath.authoring.cookiecutter import organization
from goldenpath.facts.nodes import parse, plain
from goldenpath.questionnaire import ADOPT, Question, Questionnaire, read
from goldenpath.reports.yaml import encode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENTITIES = "scaffolder/templates"
LOCATION = f"{ENTITIES}/all.yaml"
ADOPTION = "adopt-golden-path"
"""The Template that begins nothing, and the branch of what it proposes."""

_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_FIELDS: dict[str, dict[str, Any]] = {
    "name": {"ui:autofocus": True},
    "owner": {
        "ui:field": "EntityPicker",
        "ui:options": {"catalogFilter": [{"kind": "Group"}, {"kind": "User"}], "allowArbitraryValues": False},
    },
}
"""How the form asks for what it can ask better than as text."""

_DECIDED = {"ci": "${{ 'gitlab' if (parameters.repoUrl | integrationType) === 'gitlab' else 'github' }}"}
"""What is not asked, because another answer has it: pipelines are where the repository is."""

_MISSING = "(steps.adopt.output.files | length) > 0"
"""The test of whether adoption found anything to propose."""

_LENGTHS = {"lt": "minLength", "gt": "maxLength"}
_GENERATED = "Made by `goldenpath authoring compile` from copier.yml and templates/questions/."
_WHOLE_TEXT = "$(?!\n)"
"""How a pattern ends in Python, where `$` alone lets a last line break pass; in JavaScript it does not."""


def entities(root: Path) -> dict[str, str]:
    """The Template of each template, that of adoption, and the Location that registers them all, by their paths.

    A fork that has no use for Backstage removes the folder, and none is made.
    """
    if not (root / "scaffolder").is_dir():
        return {}
    questionnaire = read(root)
    owner = _owner(root)
    forms: list[_Form] = [
        _Service(template, template, title, questionnaire.of(template))
        for template, title in questionnaire.services.items()
    ]
    if ADOPT in questionnaire.templates:
        forms.append(_Adoption(ADOPTION, ADOPT, "Adopt the golden path", questionnaire.of(ADOPT)))
    found = {f"{ENTITIES}/{form.name}.yaml": encode(form.entity(owner), _GENERATED) for form in forms}
    location = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": {"name": "golden-path-templates", "description": "Every template of the golden path"},
        "spec": {"type": "url", "targets": [f"./{form.name}.yaml" for form in forms]},
    }
    return found | {LOCATION: encode(location, _GENERATED)}


def _owner(root: Path) -> str:
    """Who answers for the templates: the owner of the suite, as its own catalog file has it."""
    (entity,) = parse("catalog-info.yaml", (root / "catalog-info.yaml").read_text(encoding="utf-8"))
    return str(plain(entity)["spec"]["owner"])


class _Form(ABC):
    """One template's questions on their way to JSON Schema, and the Template that asks them."""

    description: ClassVar[str]

    def __init__(self, name: str, template: str, title: str, questionnaire: Questionnaire) -> None:
        self.name = name
        self._template = template
        self._title = title
        self._environment = Environment(undefined=StrictUndefined, **questionnaire.delimiters)  # noqa: S701 - not HTML
        self._known = organization(questionnaire.questions, self._environment) | {"template": template}
        self._questions = {
            name: question
            for name, question in questionnaire.questions.items()
            if question.is_stored and name != "template"
        }

    def entity(self, owner: str) -> dict[str, Any]:
        """The Template."""
        return {
            "apiVersion": "scaffolder.backstage.io/v1beta3",
            "kind": "Template",
            "metadata": {
                "name": self.name,
                "title": self._title,
                "description": self.description,
                "tags": ["golden-path", "recommended"],
            },
            "spec": {
                "owner": owner,
                "type": "service",
                # The page of a task has a button that runs it again.
                "EXPERIMENTAL_recovery": {"EXPERIMENTAL_strategy": "startOver"},
                "parameters": list(self._pages()),
                "steps": list(self._steps()),
                "output": self._output(),
            },
        }

    @abstractmethod
    def _pages(self) -> Iterator[dict[str, Any]]: ...

    @abstractmethod
    def _steps(self) -> Iterator[dict[str, Any]]: ...

    @abstractmethod
    def _output(self) -> dict[str, Any]: ...

    # ---- the form

    def _page(self, title: str, questions: dict[str, Question], required: list[str]) -> dict[str, Any]:
        page: dict[str, Any] = {"title": title}
        if required:
            page["required"] = required
        page["properties"] = {name: self._property(name, question) for name, question in questions.items()}
        messages = {name: said for name, question in questions.items() if (said := self._validation(name, question)[1])}
        if messages:
            page["errorMessage"] = {"properties": messages}
        return page

    def _repository(self, description: str, **options: list[str]) -> dict[str, Any]:
        """A repository on one of the organisation's hosts."""
        hosts = [self._known["source_host"], self._known["gitlab_host"]]
        return {
            "title": "Repository",
            "description": description,
            "type": "string",
            "ui:field": "RepoUrlPicker",
            "ui:options": {"allowedHosts": hosts} | options,
        }

    def _property(self, name: str, question: Question) -> dict[str, Any]:
        title, description = _named(self._filled_in(question.help) or name)
        schema: dict[str, Any] = {"title": title, "type": _TYPES[question.type]}
        if description:
            schema["description"] = description
        default = self._default(question)
        if default is not None:
            schema["default"] = default
        if question.values:
            schema["enum"] = question.values
        if isinstance(question.choices, dict):
            schema["enumNames"] = list(question.choices)
        return schema | self._validation(name, question)[0] | _FIELDS.get(name, {})

    def _default(self, question: Question) -> str | int | float | bool | None:
        """The default that the form shows; none where it is made from other answers, which Copier does."""
        if not isinstance(question.default, str):
            return question.default
        return self._filled_in(question.default) or None

    def _filled_in(self, text: str) -> str:
        """A text with the organisation's choices in it; empty where it needs a person's answer."""
        try:
            return " ".join(self._environment.from_string(text).render(self._known).split())
        except TemplateError:
            return ""

    # ---- validators

    def _validation(self, name: str, question: Question) -> tuple[dict[str, Any], str]:
        """What JSON Schema can ask of an answer, and the sentence for an answer that is refused."""
        schema: dict[str, Any] = {}
        sentences: list[str] = []
        for test, sentence in _branches(self._environment.parse(question.validator)):
            bounds = dict(self._bounds(name, test))
            if bounds and schema.keys().isdisjoint(bounds):
                schema |= bounds
                sentences.append(sentence)
        return schema, " ".join(sentences)

    def _bounds(self, name: str, refused: nodes.Node) -> Iterator[tuple[str, Any]]:
        """The keywords of JSON Schema that refuse an answer where this test is true."""
        match refused:
            case nodes.Or(left=left, right=right):
                yield from self._bounds(name, left)
                yield from self._bounds(name, right)
            case nodes.And(left=left, right=right) if self._is_true(left):
                yield from self._bounds(name, right)
            case nodes.Not(node=nodes.Filter(name="regex_search", node=node, args=[pattern])) if _is_named(node, name):
                yield "pattern", str(pattern.as_const()).replace(_WHOLE_TEXT, "$")
            case nodes.Not(node=nodes.Compare(expr=least, ops=[lower, upper])) if _is_named(lower.expr, name):
                yield "minimum", least.as_const()
                yield "maximum", upper.expr.as_const()
            case nodes.Compare(expr=nodes.Filter(name="length", node=node), ops=[bound]) if _is_named(node, name):
                yield _LENGTHS[bound.op], bound.expr.as_const()

    def _is_true(self, test: nodes.Expr) -> bool:
        """Whether a test holds by the organisation's choices alone."""
        asked = nodes.Template([nodes.Output([test], lineno=1)], lineno=1)
        asked.set_environment(self._environment)
        try:
            code = self._environment.compile(asked)
            template = self._environment.template_class.from_code(self._environment, code, {})
            return template.render(self._known) == "True"
        except TemplateError:
            return False


class _Service(_Form):
    """A service is rendered, judged, published and registered."""

    description = "Follows the golden path, and is judged before it is published"

    def _pages(self) -> Iterator[dict[str, Any]]:
        asked = {name: question for name, question in self._questions.items() if question.ask}
        others = {
            name: question for name, question in self._questions.items() if not question.ask and name not in _DECIDED
        }
        pages = [
            self._page("The service", asked, required=list(asked)),
            self._page("Choices that you may leave as they are", others, required=[]),
        ]
        owners = sorted({self._known["source_org"], self._known["gitlab_group"]})
        where = {
            "title": "Where its repository will be",
            "required": ["repoUrl"],
            "properties": {
                "repoUrl": self._repository("Called as the service", allowedOwners=owners),
                "visibility": {
                    "title": "Who can read it?",
                    "type": "string",
                    "default": "private",
                    "enum": ["private", "public"],
                },
            },
        }
        yield from filter(lambda page: page["properties"], pages)
        yield where

    def _steps(self) -> Iterator[dict[str, Any]]:
        asked = {name: f"${{{{ parameters.{name} }}}}" for name in self._questions}
        decided = {name: value for name, value in _DECIDED.items() if name in self._questions}
        values = {"template": self._template} | asked | decided
        source, branch = self._known["suite_source"], self._known["default_branch"]
        repository = {
            "repoUrl": "${{ parameters.repoUrl }}",
            "repoVisibility": "${{ parameters.visibility }}",
            "defaultBranch": branch,
            "gitCommitMessage": "feat: start ${{ parameters.name }} on the golden path",
        }
        described = {"description": "${{ steps.render.output.answers.description }}"}
        reviewed = {"requireCodeOwnerReviews": True, "requiredApprovingReviewCount": 1, "dismissStaleReviews": True}
        yield {
            "id": "render",
            "name": "Render the service",
            "action": "goldenpath:copier:copy",
            "input": {"url": source, "repoUrl": "${{ parameters.repoUrl }}", "values": values},
        }
        yield {"id": "check", "name": "Check it", "action": "goldenpath:check"}
        yield {
            "id": "published",
            "name": "See whether it is published",
            "action": "goldenpath:published",
            "input": {"repoUrl": "${{ parameters.repoUrl }}", "defaultBranch": branch},
        }
        yield self._publish("GitHub", repository | described | reviewed | {"deleteBranchOnMerge": True})
        yield self._publish("GitLab", repository | {"branches": [{"name": branch, "protect": True}]})
        yield self._publish("Gitea", repository | described)
        yield {
            "id": "register",
            "name": "Register it in the catalog",
            "action": "catalog:register",
            "input": {"catalogInfoUrl": _published("repoContentsUrl", "fileUrl('catalog-info.yaml')")},
        }

    def _publish(self, host: str, wanted: dict[str, Any]) -> dict[str, Any]:
        kind = host.lower()
        return {
            "id": f"publish-{kind}",
            "name": f"Publish it on {host}",
            "if": f"${{{{ {_is_on(host)} and not steps.published.output.published }}}}",
            "action": f"publish:{kind}",
            "input": wanted,
        }

    def _output(self) -> dict[str, Any]:
        # In the portal's own TechDocs, which the catalog's entity of a new service always names.
        runbook = "/docs/default/component/${{ parameters.name }}/runbook"
        return {
            "links": [
                {"title": "Repository", "url": _published("remoteUrl")},
                {"title": "In the catalog", "icon": "catalog", "entityRef": "${{ steps.register.output.entityRef }}"},
                {"title": "Runbook", "icon": "docs", "url": runbook},
            ],
            "text": [{"title": "Scorecard", "content": "${{ steps.check.output.summary }}"}],
        }


class _Adoption(_Form):
    """What a repository that exists lacks is proposed to it. It is asked for what no repository has to say."""

    description = "Proposes what a repository lacks of the golden path, and changes no line that is there"

    def _pages(self) -> Iterator[dict[str, Any]]:
        picked = self._repository("One that exists, with one service in it")
        yield {"title": "Which repository", "required": ["repoUrl"], "properties": {"repoUrl": picked}}
        asked = self._asked()
        yield self._page("What its team knows", asked, required=list(asked))

    def _asked(self) -> dict[str, Question]:
        """All that is put to a person but the name, which the repository has already."""
        return {name: question for name, question in self._questions.items() if question.ask and name != "name"}

    def _steps(self) -> Iterator[dict[str, Any]]:
        answers = {name: f"${{{{ parameters.{name} }}}}" for name in self._asked()}
        yield {
            "id": "adopt",
            "name": "Find out what is missing",
            "action": "goldenpath:adopt",
            "input": {"repoUrl": "${{ parameters.repoUrl }}", "url": self._known["suite_source"], "values": answers},
        }
        yield self._propose("GitHub", "pull-request", {})
        yield self._propose("GitLab", "merge-request", {"removeSourceBranch": True})

    def _propose(self, host: str, kind: str, wanted: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": f"propose-{host.lower()}",
            "name": f"Propose it on {host}",
            "if": _proposed_on(host),
            "action": f"publish:{host.lower()}:{kind}",
            "input": {
                "repoUrl": "${{ parameters.repoUrl }}",
                "branchName": ADOPTION,
                "title": "feat: adopt the golden path",
                "description": "${{ steps.adopt.output.summary }}",
            }
            | wanted,
        }

    def _output(self) -> dict[str, Any]:
        source = self._known["suite_source"]
        pull, merge = "steps['propose-github'].output.remoteUrl", "steps['propose-gitlab'].output.mergeRequestUrl"
        by_hand = f"In a clone, `goldenpath adopt --source {source}` adds the same files."
        return {
            "links": [
                {"if": _proposed_on("GitHub"), "title": "Pull request", "url": f"${{{{ {pull} }}}}"},
                {"if": _proposed_on("GitLab"), "title": "Merge request", "url": f"${{{{ {merge} }}}}"},
            ],
            "text": [
                {
                    "if": f"${{{{ {_MISSING} and not ({_is_on('GitHub')} or {_is_on('GitLab')}) }}}}",
                    "title": "Not proposed",
                    "content": f"Backstage has no action that opens a pull request on this host. {by_hand}",
                },
                {"title": "Scorecard before and after", "content": "${{ steps.adopt.output.summary }}"},
            ],
        }


def _proposed_on(host: str) -> str:
    """The condition of a proposal there, and of its link: what a skipped step would have given is no condition."""
    return f"${{{{ {_is_on(host)} and {_MISSING} }}}}"


def _is_on(host: str) -> str:
    """The test of whether the repository is on a host of that kind."""
    return f"(parameters.repoUrl | integrationType) === '{host.lower()}'"


def _published(output: str, filtered: str = "") -> str:
    """What the one of the publishing steps that was run, in this or an earlier run, gives, through a filter."""
    steps = ("published", "publish-github", "publish-gitlab", "publish-gitea")
    given = " or ".join(f"steps['{step}'].output.{output}" for step in steps)
    return f"${{{{ ({given}) | {filtered} }}}}" if filtered else f"${{{{ {given} }}}}"


def _branches(validator: nodes.Template) -> Iterator[tuple[nodes.Node, str]]:
    """Each test of a validator with its sentence, where that is the same for every answer."""
    for branch in validator.find_all(nodes.If):
        parts = [part for output in branch.body for part in output.iter_child_nodes()]
        words = [part.data for part in parts if isinstance(part, nodes.TemplateData)]
        if len(words) == len(parts):
            yield branch.test, " ".join("".join(words).split())


def _is_named(node: nodes.Node | None, name: str) -> bool:
    return isinstance(node, nodes.Name) and node.name == name


def _named(text: str) -> tuple[str, str]:
    """A question's title, and what its text says beyond that."""
    title, *rest = re.split(r"(?<=\?) |, | (?=\()", text, maxsplit=1)
    description = "".join(rest)
    return title, description[:1].upper() + description[1:]
