"""An update bot looks after every dependency of the repository.

## What

Every manifest of the repository, its GitHub Actions and the images of its Dockerfiles are looked after by Dependabot or
Renovate, as the bot itself would read its configuration:

- Dependabot: `.github/dependabot.yml` with `version: 2`, an entry of the right ecosystem for the directory of each
  manifest, of the lock that holds it, or of the Gradle build, .NET solution or traversal project that includes it, and
  of each composite action that the workflows use (in `/` it finds the workflows, not `.github/actions/…`); not with
  `open-pull-requests-limit: 0`, which turns updates off, and not for a directory that is not there. `uv.lock` is read
  for `uv` alone, and `bun.lock` for `bun`. An image whose name stands in an argument (`ARG BASE=alpine:3.24`) it does
  not read; one that only a build names (`FROM $BASE` without a default) no bot finds in the Dockerfile: `unknown`.
- Renovate: the first of the files that it reads, not with `enabled: false`, and with no rule that turns the ecosystem
  off, by managers, categories, datasources or names of files; for a manifest that `includePaths` names, where it names
  any, and `ignorePaths` does not. Renovate's own presets are known, and what narrows them: `config:recommended` and
  `config:best-practices` leave folders of tests alone unless `ignorePaths` says otherwise (projects of .NET excepted).
  What a preset of another repository turns off is out of sight: `unknown`. So is whether anything is proposed that
  somebody has to approve first (`dependencyDashboardApproval`, `prCreation: approval`) or that waits for years
  (`minimumReleaseAge`); a `schedule` that Renovate cannot read ends all of it.

The providers and modules that Terraform or OpenTofu asks for are among it; an entry for a folder counts for the modules
that it calls by their path, too.

Hooks of pre-commit are left to its own service, which no file need show.

On GitLab only Renovate counts, for Dependabot does not run there. It looks after what the pipeline includes, and the
images in which it runs, too, where a job names them itself: one that a variable names (`golang:$VERSION`) it skips, but
for the prefix of GitLab's dependency proxy. Whether its custom managers read the variable is `unknown`. Of other files
it follows what the pipeline includes by name, and no pattern (`ci/*.yml`).

Pins of actions and images that a template brings are updated with the template: a repository that follows one by
`.copier-answers.yml` needs no bot for those, and `template-current` asks whether it does follow.

Other bots, and workflows that open pull requests by a schedule or when a service says so, are `unknown`: what they
update only a run shows. So is an entry of Dependabot's that is for some dependencies alone (`allow`), or for a branch
that is hardly the default one (`target-branch`). What its `exclude-paths` name it does not look after. A manifest of
which every dependency is left out by its name (`ignore`, `ignoreDeps`, a rule with `enabled: false`) fails.

## Why

A lock without a bot is a museum. When a vulnerability is published, the fix is one merge away where updates are a
weekly habit, and weeks away where nobody has updated for a year.

## Fix

Write `.github/dependabot.yml` with an entry for each ecosystem; on GitLab, `renovate.json`.

## Before

```yaml
# .github/dependabot.yml
version: 2
updates: []
```

## After

```yaml
# .github/dependabot.yml
version: 2
updates:
  - package-ecosystem: pip
    directory: /
    schedule: {interval: weekly}
  - package-ecosystem: github-actions
    directory: /
    schedule: {interval: weekly}
  - package-ecosystem: docker
    directory: /
    schedule: {interval: weekly}
```
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.checks import EVERY_TYPE, Evidence, Fix, evidence, failed, not_applicable, passed, unknown
from goldenpath.checks._catalog import MOST, files_of
from goldenpath.facts.dependencies import knowledge
from goldenpath.facts.findings import shown
from goldenpath.facts.gitlab import is_home
from goldenpath.facts.regexes import regex
from goldenpath.facts.updates.model import Unseen
from goldenpath.facts.workflows import Action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Outcome
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.codeowners import Codeowners
    from goldenpath.facts.dependencies import Dependencies
    from goldenpath.facts.dockerfiles import Dockerfiles
    from goldenpath.facts.gitlab.pipeline import Pipeline
    from goldenpath.facts.template import Template
    from goldenpath.facts.updates import Updates
    from goldenpath.facts.updates.model import Coverage
    from goldenpath.facts.workflows import Uses, Workflows
    from goldenpath.repository import Place

APPLIES = EVERY_TYPE
FIX = Fix("Write .github/dependabot.yml with an entry for each ecosystem", "minutes", (".github/dependabot.yml",))

_SHOWN = 4
"""Most entries that are named to be added."""

ON_GITLAB = Fix(
    "Write renovate.json that extends `config:recommended`, and let Renovate run by a schedule",
    "hours",
    ("renovate.json",),
)

_VARIABLE = regex(r"\$(?:\w+|\{\w+\})")
"""A name that is a variable and nothing else."""

OF_PIPELINES = frozenset({"actions", "gitlab"})
"""What belongs to the whole repository, whichever component is asked about."""

OF_A_TEMPLATE = frozenset({"actions", "docker", "gitlab"})
"""What a template pins, and renews with each of its versions."""

TELLING_APART = frozenset({"bundler", "composer"})
"""Ecosystems whose manifests say for themselves what is for development, as Dependabot tells it (`dependency-type`)."""

READ_ALONE = {"uv.lock": "uv", "bun.lock": "bun"}
"""Locks that Dependabot reads for one of its ecosystems alone, and for no other of the same packages."""

READ_WHOLE = frozenset({"node", "python", "go", "cargo", "composer"})
"""Ecosystems of whose manifests all is read that they ask for, by name."""


class _Need(Struct, frozen=True):
    """Something to be looked after: an ecosystem, the file that shows it, folders in which a bot may find it.

    `names` has what the manifest asks for, where all of that is read.
    `produces` says whether it asks for something in production, in an ecosystem whose manifests tell that apart.
    `variable` is how an image is written that a variable names: that of a job no bot reads, that of a Dockerfile
    Dependabot does not; `unnamed` is the place of an image that only a run names, where the file names no other.
    `entries` are the names of Dependabot's ecosystems that alone read each of its locks; empty where any does.
    """

    ecosystem: str
    path: str
    folders: tuple[str, ...]
    variable: str = ""
    unnamed: Place | None = None
    produces: bool = False
    names: frozenset[str] = frozenset()
    entries: frozenset[str] = frozenset()

    def is_skipped_by(self, coverage: Coverage) -> bool:
        """Whether a bot does not read it, wherever it stands."""
        by_dependabot = coverage.bot == "Dependabot"
        if self.variable and (by_dependabot or self.ecosystem == "gitlab"):
            return True
        return by_dependabot and bool(self.entries) and coverage.entry not in self.entries


def check(
    dependencies: Dependencies,
    dockerfiles: Dockerfiles,
    workflows: Workflows,
    gitlab: Pipeline | None,
    updates: Updates,
    codeowners: Codeowners,
    template: Template,
    catalog: Catalog,
    component: Component | None,
) -> Outcome:
    """Compare what there is with what the bots look after."""
    if dependencies.too_many:
        return unknown("not looked at", f"there are {dependencies.too_many:,} manifests, more than goldenpath reads")
    is_own = files_of(component, catalog)
    needs = [
        *_of_projects(dependencies),
        *_of_images(dockerfiles),
        *_of_actions(workflows, updates),
        *_of_pipeline(gitlab),
    ]
    needs = [each for each in needs if is_own(each.path) or each.ecosystem in OF_PIPELINES]
    if not needs:
        return not_applicable("there is nothing that a bot could update")
    proof: dict[Evidence, None] = {}
    left = []
    for need in needs:
        covering = next((each for each in updates.coverage if _covers(each, need)), None)
        if covering is not None:
            proof[evidence("declared", covering.place, f"{covering.bot}: {_title(need.ecosystem)}")] = None
        elif need.ecosystem in OF_A_TEMPLATE and template.followed:
            proof[evidence("declared", template.source_place, "the template brings its own updates")] = None
        else:
            left.append(need)
    if template.unread and template.problem and not {need.ecosystem for need in left}.isdisjoint(OF_A_TEMPLATE):
        unread = Unseen(template.problem.place, template.problem.text)
        updates = replace(updates, unseen=(*updates.unseen, unread))
    on_gitlab = is_home(gitlab, workflows) or codeowners.forge == "gitlab"
    return _of_left(left, updates, on_gitlab=on_gitlab) or passed(_summary(needs, proof), *proof)


def _covers(coverage: Coverage, need: _Need) -> bool:
    covers = not need.is_skipped_by(coverage) and coverage.covers(need.ecosystem, need.path, need.folders)
    # Renovate looks after the toolchain that go.mod names, too, by the name of Go itself.
    names = need.names | {"go"} if need.ecosystem == "go" and coverage.bot == "Renovate" else need.names
    return covers and not coverage.leaves_alone(names)


def _of_left(left: list[_Need], updates: Updates, *, on_gitlab: bool) -> Outcome | None:
    """The outcome where something is not looked after by anything that is read."""
    if not left:
        return None
    told_of_none = [need for need in left if not any(_may_cover(each, need) for each in updates.unseen)]
    if not told_of_none:
        unseen = [each for each in updates.unseen if _may_cover(each, left[0])]
        proof = (evidence("unseen", each.place, each.text) for each in unseen[:MOST])
        reason = f"{unseen[0].place}: {unseen[0].text}"
        return unknown(f"{_nothing_updates(left[0])} that is read here", reason, *proof)
    left = told_of_none
    if updates.custom and all(need.variable and need.ecosystem == "gitlab" for need in left):
        reason = f"{updates.custom[0].place}: {updates.custom[0].text}"
        proof = (evidence("unseen", each.place, each.text) for each in updates.custom[:MOST])
        return unknown(_nothing_updates(left[0]), reason, *proof)
    unnamed, left = left[0], [need for need in left if need.unnamed is None]
    if not left:
        reason = "which image that is is only known in a run"
        seen = [evidence("unseen", unnamed.unnamed, reason)] if unnamed.unnamed else []
        return unknown(_nothing_updates(unnamed), f"{unnamed.unnamed}: {reason}", *seen)
    partly = {need: by for need in left if (by := _partly(need, updates)) is not None}
    if len(partly) == len(left):
        first, by = next(iter(partly.items()))
        all_of_it = f"what {first.path} is read by" if by.read else f"all that {first.path} asks for"
        reason = f"{by.bot} is told to look after {by.part} alone, which need not be {all_of_it}"
        return unknown(_nothing_updates(first), f"{by.place}: {reason}", evidence("declared", by.place, reason))
    left = [need for need in left if need not in partly]
    first, summary = left[0], _nothing_updates(left[0])
    elsewhere = any(each.ecosystem in {"", first.ecosystem} for each in updates.coverage)
    if updates.problems and not elsewhere:
        problem = updates.problems[0]
        proof = (evidence("declared", each.place, each.text) for each in updates.problems[:MOST])
        fix = ON_GITLAB if on_gitlab else Fix(f"Correct {problem.place}: {problem.text}", "minutes")
        return failed(f"{summary}: {problem.text}", *proof, fix=fix)
    missing = (Evidence("missing", each.path, 0, 0, f"no bot looks after {_named(each)}") for each in left)
    more = f" (and {len(left) - 1} more)" if len(left) > 1 else ""
    return failed(f"{summary}{more}", *list(missing)[:MOST], fix=_fix(left, updates, on_gitlab=on_gitlab))


def _may_cover(unseen: Unseen, need: _Need) -> bool:
    return unseen.may_cover(need.ecosystem, need.path)


def _nothing_updates(need: _Need) -> str:
    return f"nothing updates {_named(need)} in {need.path}"


def _named(need: _Need) -> str:
    return f"the image {shown(need.variable)} of a variable" if need.variable else _title(need.ecosystem)


def _partly(need: _Need, updates: Updates) -> Coverage | None:
    """What looks after some of it, which may be all of it."""
    for each in updates.coverage:
        if each.part and each.ecosystem == need.ecosystem and not (each.for_development and need.produces):
            told = each.read is not None and need.path not in each.read | each.left_out
            return each if told else None
    return None


def _fix(left: list[_Need], updates: Updates, *, on_gitlab: bool) -> Fix:
    """What to tell the bot that is there, else Dependabot, so that it looks after everything that is left."""
    bots = {each.bot for each in updates.coverage}
    if "Renovate" in bots and left[0].variable and left[0].ecosystem == "gitlab":
        return Fix(f"Name the image itself where {left[0].path} uses it: Renovate reads no variable", "minutes")
    if left[0].variable and any(each.covers("docker", left[0].path, left[0].folders) for each in updates.coverage):
        return Fix(f"Name the image itself where {left[0].path} uses it: Dependabot reads no argument", "minutes")
    reads_pipelines = any(each.covers("gitlab", ".gitlab-ci.yml", ("",)) for each in updates.coverage)
    if reads_pipelines and left[0].ecosystem == "gitlab":
        return Fix(f"Include {left[0].path} by its name: Renovate follows no pattern", "minutes")
    if on_gitlab or not knowledge().ecosystems[left[0].ecosystem].dependabot:
        return ON_GITLAB
    if bots == {"Renovate"}:
        titles = dict.fromkeys(_title(each.ecosystem) for each in left)
        return Fix(f"Let Renovate look after {', '.join(titles)} in {left[0].path}, too", "minutes")
    ecosystems = knowledge().ecosystems
    named = ((sorted(each.entries) or ecosystems[each.ecosystem].dependabot, each.folders[0]) for each in left)
    entries = list(dict.fromkeys(f"{names[0]} in /{folder.rstrip('/')}" for names, folder in named if names))
    more = f" and {len(entries) - _SHOWN} more" if len(entries) > _SHOWN else ""
    an_entry = "an entry" if len(entries) == 1 else "entries"
    told = f"Add {an_entry} for {', '.join(entries[:_SHOWN])}{more} to .github/dependabot.yml"
    return Fix(told, "minutes", FIX.files)


def _title(ecosystem: str) -> str:
    return knowledge().ecosystems[ecosystem].title


def _summary(needs: list[_Need], proof: dict[Evidence, None]) -> str:
    titles = ", ".join(dict.fromkeys(_title(need.ecosystem) for need in needs))
    with_template = any(each.text.startswith("the template") for each in proof)
    return f"kept up to date: {titles}{', partly with the template' if with_template else ''}"


def _of_projects(dependencies: Dependencies) -> Iterator[_Need]:
    for project in dependencies.projects:
        if project.ecosystem == "precommit":  # a service of its own updates hooks, which no file need show
            continue
        locked = [lock.rpartition("/")[0] for lock in project.locks]
        produces = project.ecosystem in TELLING_APART and bool(project.runtime)
        names = project.names if project.ecosystem in READ_WHOLE else frozenset[str]()
        entries = frozenset(READ_ALONE.get(lock.rpartition("/")[2], "") for lock in project.locks)
        entries = frozenset[str]() if "" in entries else entries
        folders = [*locked, project.folder] if entries else [project.folder, *locked]
        seen = _as_bots_see([*folders, *project.within])
        yield _Need(project.ecosystem, project.manifest, seen, produces=produces, names=names, entries=entries)


def _of_images(dockerfiles: Dockerfiles) -> Iterator[_Need]:
    for path, images in dockerfiles.foreign.items():
        if images:
            unnamed = images[0].place if all(_VARIABLE.fullmatch(each.written) for each in images) else None
            unnamed = None if any(each.reference for each in images) else unnamed
            names = frozenset(_without_version(each.reference or each.written) for each in images)
            filled = (each.written for each in images if each.reference and "$" in each.written)
            folders = _as_bots_see([path.rpartition("/")[0]])
            yield _Need("docker", path, folders, next(filled, ""), unnamed, names=names)


def _of_actions(workflows: Workflows, updates: Updates) -> Iterator[_Need]:
    """The workflows, which bots find together, and each composite action that they lead to, found where it stands.

    Of the workflows one stands for all: the first that nothing looks after, which Renovate may be told of each.
    """
    jobs = [(workflow.path, job) for workflow in workflows.files for job in workflow.jobs.values()]
    with_others = (path for path, job in jobs if _leads_elsewhere([job.uses, *(step.uses for step in job.steps)]))
    every = [uses for _, job in jobs for uses in (job.uses, *(step.uses for step in job.steps))]
    names = frozenset(uses.repository for uses in every if uses is not None and not uses.is_local)
    folders = _as_bots_see(["", ".github/workflows"])
    needs = [_Need("actions", path, folders, names=names) for path in dict.fromkeys(with_others)]
    alone = (need for need in needs if not any(_covers(each, need) for each in updates.coverage))
    yield from islice(chain(alone, needs), 1)
    waiting, reached = [step.uses for _, job in jobs for step in job.steps], set[str]()
    while waiting:
        uses = waiting.pop()
        if uses is None or not uses.is_local or uses.path in reached:
            continue
        reached.add(uses.path)
        action = workflows.action(uses.path)
        if not isinstance(action, Action) or not action.steps:
            continue
        inner = [step.uses for step in action.steps]
        waiting += inner
        if _leads_elsewhere(inner):
            yield _Need("actions", action.path, _as_bots_see([uses.path]))


def _without_version(reference: str) -> str:
    """The name of an image, without its tag and its digest."""
    return re.sub(r":[^/:]*$", "", reference.partition("@")[0])


def _leads_elsewhere(every: list[Uses | None]) -> bool:
    return any(uses is not None and not uses.is_local for uses in every)


def _of_pipeline(gitlab: Pipeline | None) -> Iterator[_Need]:
    """The files of the pipeline, and each image in it that a variable names: Renovate skips those."""
    pins = gitlab.pins() if gitlab else []
    own = {(pin.place.path, pin.variable): pin for pin in pins if not pin.place.source}
    if gitlab and pins and not own:
        yield _Need("gitlab", gitlab.path, _as_bots_see([""]))
    for (path, variable), pin in own.items():
        yield _Need("gitlab", path, _as_bots_see([""]), variable, pin.place if pin.untold else None)


def _as_bots_see(folders: list[str]) -> tuple[str, ...]:
    """Folders with a `/` at their end, so that the root is empty and a pattern ends where a folder does."""
    return tuple(dict.fromkeys(f"{folder}/" if folder else "" for folder in folders))
