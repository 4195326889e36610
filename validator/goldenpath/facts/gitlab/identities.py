"""The tokens for others that jobs are given (`id_tokens`), and what in those jobs uses them."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.gitlab.scripts import is_for_sigstore
from goldenpath.facts.nodes import Mapping, Scalar, Sequence
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol
from goldenpath.facts.workflows import texts
from goldenpath.repository import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.gitlab.configuration import Configuration, Job
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.acts import Use
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.repository import Place, Repository

SCRIPTS = ("before_script", "script", "after_script")
BY_NAME = ("SIGSTORE_ID_TOKEN", "NPM_ID_TOKEN", "PYPI_ID_TOKEN", "TESTPYPI_ID_TOKEN")
"""Tokens that programs find by the name of the variable, without being told."""


class Identity(Struct, frozen=True):
    """A token for others in a job. `used` names what uses it, `perhaps` what may do so although it is not followed."""

    job: str
    name: str
    place: Place
    used: str = ""
    perhaps: Use | None = None


def identities(
    parts: Iterable[tuple[str, Configuration]], runs: Iterable[Run], repository: Repository
) -> tuple[Identity, ...]:
    """The tokens of all jobs that come into one of these runs."""
    runs = tuple(runs)
    uses: dict[str, list[Use]] = {}
    for run in runs:
        for use in run.uses:
            uses.setdefault(use.job, []).append(use)
    entered = {key for run in runs for key in run.waits}
    return tuple(
        each
        for prefix, configuration in parts
        for job in configuration.jobs.values()
        if (key := f"{prefix}{job.name}") in entered
        for each in _of_job(job, uses.get(key, []), repository)
    )


_FILE = regex(r"(?<![\w./-])(?:\$\{?CI_PROJECT_DIR\}?/|\./)?(?P<path>[\w.-]+(?:/[\w.-]+)*)")
"""A word of a script that may name a file of the repository."""
_READ_UNASKED = {"make": ("Makefile", "makefile", "GNUmakefile")}
MAX_FILES = 20
"""Most files in which a token is looked for."""
MAX_CHARACTERS = 100_000
"""The part of a file in which further files are looked for."""
_TALK = regex(r"(?m)^[ \t]*(?:#.*|(?:echo|printf)\b[^$|>&;`\n]*)$")
"""Lines of a script that only speak: remarks, and what is printed without the value of any variable."""


def _of_job(job: Job, uses: list[Use], repository: Repository) -> Iterator[Identity]:
    tokens = job.node.get("id_tokens")
    for name, node in tokens.values.items() if isinstance(tokens, Mapping) else ():
        place = tokens.keys[name].place if isinstance(tokens, Mapping) else job.place
        used = _spoken_of(job, name) or _found_by_name(name, node, uses) or _named_by_called(job, name, repository)
        perhaps = next((use for use in uses if use.unseen), None)
        yield Identity(job.name, name, place, used, perhaps)


def _spoken_of(job: Job, name: str) -> str:
    """Where the job itself names the token; its secrets take it without naming it."""
    for keyword in (*SCRIPTS, "variables", "secrets", "environment", "trigger", "run"):
        node = job.node.get(keyword)
        said = (_TALK.sub("", text) for text in _all(node)) if node is not None else ()
        if node is not None and (keyword == "secrets" or any(_names(text, name) for text in said)):
            return f"{keyword}:"
    return ""


def _named_by_called(job: Job, name: str, repository: Repository) -> str:
    """The file of the repository that the scripts of a job name, or those that these name, and that names the token."""
    scripts = (node for keyword in SCRIPTS if (node := job.node.get(keyword)) is not None)
    waiting, seen = [text for node in scripts for text in _all(node)], set[str]()
    while waiting:
        for path in _files_in(_TALK.sub("", waiting.pop()), repository):
            if path in seen or len(seen) == MAX_FILES:
                continue
            seen.add(path)
            with suppress(Unreadable):
                text = repository.text(path)
                if name in text and _names(_TALK.sub("", text), name):
                    return path
                waiting.append(text[:MAX_CHARACTERS])
    return ""


def _files_in(script: str, repository: Repository) -> Iterator[str]:
    for word in dict.fromkeys(found["path"] for found in _FILE.finditer(script)):
        yield from (path for path in (word, *_READ_UNASKED.get(word, ())) if path in repository)


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _found_by_name(name: str, node: Node, uses: list[Use]) -> str:
    audiences = " ".join(texts(node.get("aud"))) if isinstance(node, Mapping) else ""
    signs = is_for_sigstore(Symbol("id-token", f"{name} for {audiences}")) or name in BY_NAME[1:]
    if name not in BY_NAME or not signs:
        return ""
    return next((use.text for use in uses if "id-token" in use.writes and not use.unseen), "")


def _all(node: Node) -> Iterator[str]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Scalar):
            yield each.text
        elif isinstance(each, Sequence):
            waiting += each.items
        else:
            waiting += each.values.values()
