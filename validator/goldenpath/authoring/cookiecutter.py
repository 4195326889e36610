"""Cookiecutter's skeletons, compiled from the Copier templates.

Cookiecutter keeps answers below one name, has no conditional paths, no computed answers and no types, and looks for
what a template includes in a folder of its own. So here

- an answer `name` becomes `cookiecutter.name` where a person is asked, and `cookiecutter.__name` (rendered, never
  asked, still to be given on the command line) where nobody is; numbers and truth values get their type back;
- a path segment `{% if … %}name{% endif %}` becomes `name`, and an entry in the list of what the hook removes;
- partials are written to the skeleton's `templates/`, which is where Cookiecutter looks.

What a service looks like is decided by the Copier template alone; a test compares the bytes.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined, TemplateError, nodes
from jinja2.meta import find_referenced_templates

from goldenpath.facts.template import ANSWERS
from goldenpath.questionnaire import Question, Questionnaire, read
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SKELETONS = "templates/cookiecutter"
PARTIALS = "templates/partials/"
HOOKS = "hooks/cookiecutter"
SUFFIX = ".jinja"
FOLDER = "{= cookiecutter.__folder =}"
CASTS = {"str": "{}", "int": "({} | int)", "float": "({} | float)", "bool": "({} | string | lower == 'true')"}
"""What gives a text, which is all that Cookiecutter knows, its type back."""

_CONDITIONAL = re.compile(r"\{% if (?P<condition>.+?) %\}(?P<name>[^{}]+)\{% endif %\}")


def skeletons(root: Path) -> dict[str, str]:
    """Every file of the skeletons and of the chooser, by its path. Raises InputError where a source is not usable."""
    questionnaire = read(root)
    files = {"cookiecutter.json": _json({
        "templates": {
            template: {"path": f"./{SKELETONS}/{template}", "title": title, "description": title}
            for template, title in questionnaire.services.items()
        }
    })}  # fmt: skip
    for template in questionnaire.services:  # Cookiecutter writes into a folder that is there only over its files
        skeleton = _Skeleton(root, template, questionnaire.of(template))
        files |= {f"{SKELETONS}/{template}/{path}": text for path, text in skeleton.files().items()}
    return files


def _json(content: Any) -> str:  # noqa: ANN401
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def organization(questions: Mapping[str, Question], environment: Environment) -> dict[str, str]:
    """Every answer that does not depend on a person's, as text."""
    known: dict[str, str] = {}
    for name, question in questions.items():
        if not question.is_stored:
            try:
                known[name] = environment.from_string(str(question.default)).render(known)
            except TemplateError:
                continue
    return known


class _Skeleton:
    """One template on its way to Cookiecutter."""

    def __init__(self, root: Path, template: str, questionnaire: Questionnaire) -> None:
        self._root = root
        self._source = root / "templates" / template
        self._template = template
        self._settings = questionnaire.settings
        self._delimiters = questionnaire.delimiters
        self._questions = questionnaire.questions
        self._names = {name: self._spelled(name) for name in self._questions}
        self._static: list[str] = []
        self._executable: list[str] = []
        self._removed: list[str] = []

    def files(self) -> dict[str, str]:
        """Every file of the skeleton by its path in it."""
        found: dict[str, str] = {}
        partials: set[str] = set()
        for path in self._paths():
            relative = path.relative_to(self._source).as_posix()
            text, target = _text(path), self._target(relative)
            if relative.endswith(SUFFIX):
                partials |= self._referenced(relative, text)
                text = self._rewritten(relative, text)
            else:
                self._static.append(target)
            if path.stat().st_mode & 0o100:
                self._executable.append(target)
            found[f"{FOLDER}/{target}"] = text
        found |= self._partials(partials)
        found |= {f"hooks/{hook.name}": _text(hook) for hook in sorted((self._root / HOOKS).glob("*.py"))}
        return {"cookiecutter.json": _json(self._context()), **dict(sorted(found.items()))}

    def _paths(self) -> Iterator[Path]:
        """The template's files but for what Copier leaves out at all times."""
        left_out = [pattern for pattern in self._settings["exclude"] if "{%" not in pattern]
        for path in sorted(self._source.rglob("*")):
            parts = path.relative_to(self._source).parts
            if path.is_file() and not any(fnmatch(part, pattern) for part in parts for pattern in left_out):
                yield path

    def _partials(self, wanted: set[str]) -> dict[str, str]:
        """The partials that the template needs, and those that they need."""
        found: dict[str, str] = {}
        while wanted:
            name = wanted.pop()
            text = _text(self._root / name)
            found["templates/" + _short(name)] = self._rewritten(name, text)
            wanted |= {each for each in self._referenced(name, text) if "templates/" + _short(each) not in found}
        return found

    # ---- cookiecutter.json

    def _context(self) -> dict[str, Any]:
        """What Cookiecutter asks and computes, in the order in which one depends on the other."""
        asked = {name: question for name, question in self._questions.items() if question.is_public}
        folder = {"__folder": "{= cookiecutter.name | slugify or 'service' =}"}  # never outside, whatever the name
        return {
            **{self._key(name): self._default(name, question) for name, question in self._questions.items()},
            **folder,
            "__removed": self._removed,
            "__executable": self._executable,
            "__message": self._rewritten("copier.yml", self._settings["message_after_copy"]),
            "__prompts__": {name: self._prompt(question) for name, question in asked.items() if name != "template"},
            "_questions": [self._stored(name, question) for name, question in self._questions.items()],
            "_copy_without_render": self._static,
            "_jinja2_env_vars": {
                name: value
                for name, value in self._delimiters.items()
                if name != "keep_trailing_newline"  # Cookiecutter sets it itself, to the same
            },
            "_new_lines": "\n",
        }

    def _key(self, name: str) -> str:
        public = self._questions[name].is_public and name != "template"
        return name if public else f"__{name}"

    def _spelled(self, name: str) -> str:
        if hasattr(dict, name):
            raise InputError(
                f"{name!r} is a method of every mapping, so Cookiecutter cannot use it as an answer's name"
            )
        return CASTS[self._questions[name].type].format(f"cookiecutter.{self._key(name)}")

    def _default(self, name: str, question: Question) -> str:
        if name == "template":
            return self._template
        default = "" if question.default is None else str(question.default)
        if "_copier_conf" in default:  # made from the destination, which Cookiecutter makes from the answer
            return ""
        return self._rewritten(f"the question {name!r}", default)

    def _prompt(self, question: Question) -> str:
        """The help text with the organisation's choices filled in; Cookiecutter shows it as it stands."""
        return " ".join(self._environment.from_string(question.help).render(self._organization).split())

    def _stored(self, name: str, question: Question) -> dict[str, Any]:
        """What the hooks need to know of a question."""
        return {
            "name": name, "key": self._key(name), "type": question.type,
            "choices": question.values if name != "template" else [], "validator": question.validator,
        }  # fmt: skip

    @cached_property
    def _organization(self) -> dict[str, str]:
        return organization(self._questions, self._environment)

    # ---- text

    @cached_property
    def _environment(self) -> Environment:
        return _with_delimiters(tuple(self._delimiters.items()))

    @cached_property
    def _reader(self) -> Environment:
        """The same delimiters, but white space is kept: it is the next reader's to trim."""
        return self._environment.overlay(trim_blocks=False, lstrip_blocks=False, keep_trailing_newline=True)

    def _parsed(self, where: str, text: str) -> nodes.Template:
        try:
            return _parsed(self._environment, text)
        except TemplateError as error:
            raise InputError(f"{where}:{getattr(error, 'lineno', 1)}: {error.message}") from None

    def _referenced(self, where: str, text: str) -> set[str]:
        """What a template includes or imports."""
        found = set(find_referenced_templates(self._parsed(where, text)))
        if None in found or not all(str(name).startswith(PARTIALS) for name in found):
            raise InputError(f"{where}: it includes something by a computed name, or from outside {PARTIALS}")
        return {str(name) for name in found}

    def _rewritten(self, where: str, text: str) -> str:
        """The text with every answer spelled as Cookiecutter has it."""
        special = {
            "_copier_conf": "_copier_conf",
            "_copier_answers": self._answers() if "_copier_answers" in text else "",
        }
        assigned = {node.name for node in self._parsed(where, text).find_all(nodes.Name) if node.ctx != "load"}
        if shadowed := assigned & self._names.keys():
            raise InputError(f"{where}: {', '.join(sorted(shadowed))} is assigned, but it is an answer's name")
        pieces = [(kind, value) for _, kind, value in self._reader.lexer.tokeniter(text, None)]
        written = "".join(self._piece(pieces, at, special) for at in range(len(pieces)))
        return written.replace("_copier_conf.dst_path", "cookiecutter.__folder")

    def _piece(self, pieces: list[tuple[str, str]], at: int, special: dict[str, str]) -> str:
        kind, value = pieces[at]
        if kind == "string":
            return value.replace(PARTIALS, _short(PARTIALS), 1)
        if kind != "name" or _neighbour(pieces, at, -1) in {".", "|", "is"} or _neighbour(pieces, at, 1) == "=":
            return value
        return self._names.get(value) or special.get(value) or value

    def _answers(self) -> str:
        """What Copier stores, as a mapping; the hook writes the two that only it can know."""
        stored = [(name, self._names[name]) for name, question in self._questions.items() if question.is_stored]
        unknown = [("_commit", '""'), ("_src_path", '""')]
        return "{" + ", ".join(f'"{name}": {value}' for name, value in [*unknown, *stored]) + "}"

    def _target(self, relative: str) -> str:
        """The path in the skeleton. What it depends on is noted."""
        segments, conditions = [], []
        for segment in relative.removesuffix(SUFFIX).split("/"):
            conditional = _CONDITIONAL.fullmatch(segment)
            if conditional:
                segments.append(conditional["name"])
                conditions.append(self._rewritten(relative, f"{{= {conditional['condition']} =}}")[3:-3])
            elif segment == "{= _copier_conf.answers_file =}":
                segments.append(ANSWERS)
            elif "{%" in segment:
                raise InputError(f"{relative}: a path may be conditional as in {{% if … %}}name{{% endif %}} only")
            else:
                segments.append(self._rewritten(relative, segment))
            if conditional:
                removal = f"{{% if not ({conditions[-1]}) %}}{'/'.join(segments)}{{% endif %}}"
                if removal not in self._removed:
                    self._removed.append(removal)
        return "/".join(segments)


@cache
def _with_delimiters(delimiters: tuple[tuple[str, Any], ...]) -> Environment:
    """One for all templates of a suite."""
    return Environment(undefined=StrictUndefined, **dict(delimiters))  # noqa: S701 - not HTML


@cache
def _parsed(environment: Environment, text: str) -> nodes.Template:
    """Parse a text once: most partials are in every template, and each is asked for what it includes and assigns."""
    environment.compile(text, raw=True)  # knows no filter that only Copier has
    return environment.parse(text)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}") from None


def _short(name: str) -> str:
    """A partial's name where Cookiecutter looks for it."""
    return name.removeprefix("templates/")


def _neighbour(pieces: list[tuple[str, str]], at: int, step: int) -> str:
    """The next piece in that direction that is not white space."""
    at += step
    while 0 <= at < len(pieces) and pieces[at][0] == "whitespace":
        at += step
    return pieces[at][1] if 0 <= at < len(pieces) else ""
