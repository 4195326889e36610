"""What a job says of the machine that it runs on: its system, its shell, and its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Scalar, Sequence
from goldenpath.facts.pipeline.contexts import text_of, text_with, texts_by_name
from goldenpath.facts.pipeline.matrices import each_leg
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, literal, value

if TYPE_CHECKING:
    import re

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.contexts import Look
    from goldenpath.facts.pipeline.matrices import Leg
    from goldenpath.facts.workflows import Job, Workflow

_SYSTEMS = {"windows": "Windows", "ubuntu": "Linux", "linux": "Linux", "macos": "Darwin"}
_HOSTED = regex(r"(ubuntu|windows|macos)-(latest|\d\d(?:\.\d\d)?|20\d\d)(?:-(arm|intel|large|xlarge|slim))?")
"""GitHub's own runners, which are what they are called; what one of somebody's own is called tells nothing for sure."""
FIRST_MACOS_ON_ARM = 14
"""The first version whose runners are of that architecture where their names say nothing else."""
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


def with_runner(look: Look, runs_on: Node | None, legs: list[Leg] | None = None) -> Look:
    """What the steps of a job see, which may ask for `runner.os`: known where GitHub's own runners are named.

    Where the matrix names them, they may differ from leg to leg in what they are.
    """
    labels = runs_on.items if isinstance(runs_on, Sequence) else [runs_on]
    label = labels[0] if len(labels) == 1 else None
    if not isinstance(label, Scalar):
        return look
    named = {literal(text_with(label.text, each)) for each in each_leg(legs, look) or [look]}
    hosted = [_HOSTED.fullmatch(each or "") for each in named]
    told: list[dict[tuple[str, ...], str]]
    told = [{("runner", "os"): _OF_HOSTED[each[1]], ("runner", "arch"): _arch_of(each)} for each in hosted if each]
    same = {path: value(text) for path, text in told[0].items() if text} if len(told) == len(hosted) else {}
    same = {path: text for path, text in same.items() if all(value(each[path]) == text for each in told)}
    return (lambda path: same.get(path) or look(path)) if same else look


def _arch_of(hosted: re.Match[str]) -> str:
    """The architecture of one of GitHub's own runners; empty where its name does not say it."""
    system, version, kind = hosted[1], hosted[2], hosted[3]
    if system != "macos":
        return {"arm": "ARM64", None: "X64"}.get(kind, "")
    old = version != "latest" and int(version[:2]) < FIRST_MACOS_ON_ARM
    return {"large": "X64", "intel": "X64", "xlarge": "ARM64", None: "X64" if old else "ARM64"}.get(kind, "")


def shell_of(workflow: Workflow, job: Job, system: str) -> str | None:
    """The shell of steps that name none; None for that of the system."""
    return default_of(workflow, job, "shell") or ("pwsh" if system == "Windows" else None)


def default_of(workflow: Workflow, job: Job, name: str) -> str | None:
    """What `defaults.run` of the job says, else that of the workflow."""
    defaults = (each.get("defaults", "run") for each in (job.node, workflow.node))
    found = (text_of(each.get(name)) for each in defaults if each is not None and hasattr(each, "get"))
    return next((text for text in found if text), None)
