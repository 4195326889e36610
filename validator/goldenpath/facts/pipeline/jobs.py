"""What a job says of the machine that it runs on: its system, its shell, and its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Scalar, Sequence
from goldenpath.facts.pipeline.contexts import text_of, text_with, texts_by_name
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, literal, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.contexts import Look
    from goldenpath.facts.workflows import Job, Workflow

_SYSTEMS = {"windows": "Windows", "ubuntu": "Linux", "linux": "Linux", "macos": "Darwin"}
_HOSTED = regex(r"(ubuntu|windows|macos)-(?:latest|\d\d(?:\.\d\d)?|20\d\d)(?:-(?:arm|intel|large|xlarge|slim))?")
"""GitHub's own runners, which are what they are called; what one of somebody's own is called tells nothing for sure."""
_OF_HOSTED = {"ubuntu": "Linux", "windows": "Windows", "macos": "macOS"}


def environment_of(workflow: Workflow, job: Job, look: Look) -> dict[str, Value]:
    """The variables that all steps see: the workflow's, and the job's, which may speak of those."""
    environment = texts_by_name(workflow.node.get("env"), look)
    return environment | texts_by_name(job.node.get("env"), with_env(look, environment))


def with_env(look: Look, environment: dict[str, Value]) -> Look:
    """What an expression sees that may speak of these variables, too."""
    return lambda path: environment.get(path[1], ()) if path[0] == "env" and len(path) == 2 else look(path)


def system_of(job: Job, look: Look) -> str:
    """The system that a job runs on, as `uname` calls it, by the names of GitHub's runners; empty for another one."""
    node = job.node.get("runs-on")
    labels = node.items if isinstance(node, Sequence) else [node]
    texts = " ".join(
        literal(text_with(label.text, look)) or "" for label in labels if isinstance(label, Scalar)
    ).lower()
    found = (name for word, name in _SYSTEMS.items() if word in texts)
    return next(found, "")


def with_runner(look: Look, job: Job) -> Look:
    """What the steps of a job see, which may ask for `runner.os`: known where one of GitHub's own runners is named."""
    node = job.node.get("runs-on")
    labels = node.items if isinstance(node, Sequence) else [node]
    named = literal(text_with(labels[0].text, look)) if len(labels) == 1 and isinstance(labels[0], Scalar) else None
    hosted = _HOSTED.fullmatch(named or "")
    if hosted is None:
        return look
    system = value(_OF_HOSTED[hosted[1]])
    return lambda path: system if path == ("runner", "os") else look(path)


def shell_of(workflow: Workflow, job: Job, system: str) -> str | None:
    """The shell of steps that name none; None for that of the system."""
    return default_of(workflow, job, "shell") or ("pwsh" if system == "Windows" else None)


def default_of(workflow: Workflow, job: Job, name: str) -> str | None:
    """What `defaults.run` of the job says, else that of the workflow."""
    defaults = (each.get("defaults", "run") for each in (job.node, workflow.node))
    found = (text_of(each.get(name)) for each in defaults if each is not None and hasattr(each, "get"))
    return next((text for text in found if text), None)
