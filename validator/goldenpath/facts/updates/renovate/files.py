"""The files that Renovate reads: those of its managers, but for what it is told to leave alone."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from goldenpath.facts.globs import glob
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, read
from goldenpath.facts.regexes import regex
from goldenpath.facts.updates.knowledge import knowledge, says
from goldenpath.facts.updates.renovate.rules import left_alone
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from goldenpath.repository import Repository

_PIPELINE = regex(r"(?:.*/)?[^/]*\.gitlab-ci\.ya?ml")
_PLAIN = regex(r"/?\^(?:[\w/-]|\\[./-])+(?:\.\*)?(?:[\w/-]|\\[./-])*\$/?")
_DOCUMENTS = r"(?:.*/)?(?:docs?|documentation|guides?|book|examples?|samples?|demos?|tutorials?|website)/.*"
"""What nobody runs: a bot that is told to leave it alone looks after all the same things as one that is not."""


def files_read(root: Mapping) -> re.Pattern[str] | None:
    """The files that Renovate reads."""
    by_rules = [f"{glob(each)}$" for each in left_alone(root)]
    by_presets = _left_alone_by_presets(root) if root.get("ignorePaths") is None else []
    return _all_but(root, by_rules + by_presets)


def told_here(root: Mapping) -> re.Pattern[str] | None:
    """The files that Renovate reads whatever a preset says of them, for these two lists take the place of its own."""
    return _all_but(root, [])


def _all_but(root: Mapping, left_out: list[str]) -> re.Pattern[str] | None:
    """What is included but not left out. What is ignored is a glob, or a part of a path; what is included is a glob."""
    included = texts(root.get("includePaths"))
    left_out = [*left_out, *(f"{glob(each)}$|.*{re.escape(each)}" for each in texts(root.get("ignorePaths")))]
    if not included and not left_out:
        return None
    out = "|".join(left_out) or "(?!)"
    return re.compile(f"(?!(?!{_DOCUMENTS})(?:{out}))(?:{'|'.join(map(glob, included)) or '.*'})", re.DOTALL)


def _left_alone_by_presets(root: Mapping) -> list[str]:
    """The files that Renovate's own presets ignore, where the configuration does not say itself what is ignored."""
    named, dropped = texts(root.get("extends")), texts(root.get("ignorePresets"))
    return [
        files
        for preset, files in knowledge().presets.left_alone.items()
        if any(re.fullmatch(preset, each) for each in named) and not any(re.fullmatch(preset, each) for each in dropped)
    ]


def read_by(repository: Repository, managers: list[str]) -> frozenset[str] | None:
    """The files that these managers of an ecosystem read of their own accord; None for all of it."""
    rows = [knowledge().managers.get(manager) for manager in managers]
    known = [row for row in rows if row is not None]
    if len(known) < len(rows):
        return None
    of_their_own = (
        path for row in known for path in repository.paths(re.compile(row.files)) if says(repository, path, row.says)
    )
    return frozenset(of_their_own) | (of_pipelines(repository) if "gitlabci" in managers else frozenset())


def of_pipelines(repository: Repository) -> frozenset[str]:
    """The files of GitLab's pipelines that Renovate reads: those that are called so, and what they include by name."""
    waiting, found = list(repository.paths(_PIPELINE)), set[str]()
    if waiting:
        from goldenpath.facts.gitlab.configuration import items_of  # only repositories with a pipeline wait for it
    while waiting:
        path = waiting.pop()
        if path in found or path not in repository:
            continue
        found.add(path)
        try:
            documents = read(repository, path)
        except Malformed:
            continue
        for item in chain.from_iterable(
            items_of(each.get("include")) for each in documents if isinstance(each, Mapping)
        ):
            name = item.text if isinstance(item, Scalar) else item.text("local") if isinstance(item, Mapping) else None
            waiting.append((name or "").lstrip("/"))
    return frozenset(found)


def told_of(repository: Repository, root: Mapping, manager: str) -> frozenset[str]:
    """The files that a manager is told of besides, by a path or by a pattern that is a path but for its `.*`."""
    patterns = [*texts(root.get(manager, "managerFilePatterns")), *texts(root.get(manager, "fileMatch"))]
    plain = filter(_PLAIN.fullmatch, patterns)
    return frozenset(path for each in plain for path in repository.paths(re.compile(each.strip("/"))))
