"""Refuse the answers that Copier would refuse, with the same sentences, before anything is written.

Cookiecutter renders this file, so the one line below that is its template must stay the only one.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from jinja2.sandbox import SandboxedEnvironment

CONTEXT = r"""{= cookiecutter | tojson =}"""
TRUE, FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def typed(kind: str, value: object) -> str | int | float | bool:
    """An answer, which Cookiecutter knows as text, as what it stands for. Raises ValueError with a sentence."""
    text = str(value)
    if kind == "bool":
        if text.lower() not in TRUE | FALSE:
            raise ValueError(f"{text!r} is neither true nor false.")
        return text.lower() in TRUE
    try:
        return int(text) if kind == "int" else float(text) if kind == "float" else text
    except ValueError:
        raise ValueError(f"{text!r} is no {'whole ' if kind == 'int' else ''}number.") from None


def refusals(context: dict[str, Any]) -> list[str]:
    """What is wrong with the answers, a line each. Shape of `_questions`: see cookiecutter.json."""
    environment = SandboxedEnvironment(**context["_jinja2_env_vars"])
    environment.filters["regex_search"] = lambda text, pattern: re.search(pattern, text) is not None
    answers: dict[str, Any] = {}
    refused = []
    for question in context["_questions"]:
        name = question["name"]
        answers[name] = context[question["key"]]  # what later questions see, should it be refused
        try:
            answers[name] = typed(question["type"], answers[name])
        except ValueError as error:
            refused.append(f"{question['key']}: {error}")
            continue
        if question["choices"] and answers[name] not in question["choices"]:
            choices = ", ".join(str(choice) for choice in question["choices"])
            refused.append(f"{question['key']}: {answers[name]!r} is not one of {choices}.")
        elif sentence := environment.from_string(question["validator"]).render(answers).strip():
            refused.append(f"{question['key']}: {' '.join(sentence.split())}")
    return refused


def main() -> int:
    """Print what is refused; exit code 1 makes Cookiecutter take back what it has begun."""
    refused = refusals(json.loads(CONTEXT))
    for line in refused:
        print(line, file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
