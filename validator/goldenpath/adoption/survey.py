"""What a repository is and what it lacks, from its facts: the answers that nobody needs to be asked for.

Where it cannot be told whether something is missing, it counts as there: a file too few can be added later, one that
contradicts what a team has is a nuisance.
"""

from __future__ import annotations

import re
from contextlib import suppress
from posixpath import dirname
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from goldenpath.adoption.images import unfit
from goldenpath.adoption.packages import is_library, packaged
from goldenpath.facts.dependencies import knowledge as ecosystems
from goldenpath.facts.dependencies.files import json, table, toml
from goldenpath.facts.nodes import Malformed, Mapping
from goldenpath.facts.pipeline.acts import Image
from goldenpath.facts.regexes import regex
from goldenpath.facts.updates.dependabot import DEPENDABOT
from goldenpath.facts.updates.renovate.configuration import RENOVATE
from goldenpath.facts.values import literal
from goldenpath.guides.names import LONGEST_DESCRIPTION, known
from goldenpath.guides.suite import Suite, sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.adoption.history import History
    from goldenpath.facts import Facts
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.codeowners import Codeowners
    from goldenpath.facts.dockerfiles import Dockerfiles
    from goldenpath.facts.releases import Releases
    from goldenpath.facts.slos import Slos
    from goldenpath.facts.updates import Updates
    from goldenpath.facts.workflows import Workflow
    from goldenpath.repository import Repository

CATALOG = "catalog-info.yaml"
CODEOWNERS = {"github": ".github/CODEOWNERS", "gitlab": ".gitlab/CODEOWNERS"}
DEPENDABOT_FILE = DEPENDABOT[0]
CHECK = ".github/workflows/golden-path.yml"
RELEASE = ".github/workflows/release.yml"
RUNBOOK = "docs/runbook.md"
ALERTS = "docs/alerts.md"
"""The same page, where the team has a runbook that knows nothing of the alerts that are laid."""
SITE = ("mkdocs.yml", "docs/index.md")
PAGES = ("docs/golden-path.md",)
OBJECTIVES = (
    "observability/slo.yaml", "observability/alerts.yaml", "observability/alerts_test.yaml",
    "observability/alertmanager.yaml", "observability/dashboard.json", "docs/slo.md",
)  # fmt: skip
"""These go together: rules and their tests, the page that explains both."""

FILES = (CATALOG, *OBJECTIVES, RUNBOOK, ALERTS, *PAGES, *SITE, *CODEOWNERS.values(), DEPENDABOT_FILE, RELEASE, CHECK)
"""Every file that the template `adopt` has, in the order in which it is worth having."""

LANGUAGES = {"python": "python", "node": "node", "go": "go", "cargo": "rust", "maven": "java", "gradle": "java",
             "bundler": "ruby", "nuget": "dotnet"}  # fmt: skip
"""What a project of an ecosystem is written in."""

_MANIFESTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "package.json": (json, ()),
    "pyproject.toml": (toml, ("project",)),
}
_RUNBOOKS = regex(r"(?:docs?/(?:.*/)?|)(?:run|play)[-_ ]?books?(?:/(?:README|index))?\.(?:md|markdown)", re.IGNORECASE)
_SITES = regex(r"(?:docs/)?mkdocs\.ya?ml", re.IGNORECASE)
_DOCS = regex(r"docs(?:/(?!CODEOWNERS$).*)?", re.IGNORECASE)
_TESTS = regex(r"test|ci\b|\bci|build|check|verify", re.IGNORECASE)
_GITLAB = regex(r"https://[^/]*gitlab[^/]*/.*")
_OF_OTHER_FORGES = regex(r"https://(?P<host>(?:bitbucket|codeberg)\.org|dev\.azure\.com|gitea\.com)/.*")
_PLAIN = regex(r"[a-z-]+:/[A-Za-z0-9_./-]*")
_NOT_IN_NAMES = regex(r"[^a-z0-9]+")


class LeftOut(Struct, frozen=True):
    """A file of the template that is not laid, and why: what is here instead, or what is in the way."""

    path: str
    why: str


class Survey(Struct, frozen=True):
    """What was found: answers by the names of their questions, the files to lay, and those that are left out."""

    answers: dict[str, Any]
    adds: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def survey(repository: Repository, facts: Facts, history: History, kind: str = "") -> Survey:
    """Look at a repository. `history` is what git says of it beside its files, `kind` its type where that is known."""
    return _Survey(repository, facts, history, kind).result()


class _Survey:
    def __init__(self, repository: Repository, facts: Facts, history: History, kind: str) -> None:
        self._repository = repository
        self._facts = facts
        self._history = history
        self._catalog: Catalog = facts["catalog"]
        self._codeowners: Codeowners = facts["codeowners"]
        self._forge = self._codeowners.forge
        if _GITLAB.fullmatch(history.url) and not repository.is_folder(".github/"):
            self._forge = "gitlab"
        self._folded = {path.casefold(): path for path in _with_folders(repository.entries)}
        self._component: Component | None = next(iter(self._catalog.components), None)
        self._is_library = (kind or self._kind()) == "library"
        self._left_out: dict[str, str] = {}
        self._answers: dict[str, Any] = {}

    def result(self) -> Survey:
        """Everything that was found."""
        self._answers |= self._names()
        adds: set[str] = set()
        for layer, why in self._layers():
            reason = why or next(filter(None, map(self._taken, layer)), "")
            self._left_out |= dict.fromkeys(layer, reason) if reason else {}
            adds |= set() if reason else set(layer)
        if ALERTS in adds:
            self._answers["adopted_alerts"] = ALERTS
        if DEPENDABOT_FILE in adds:
            self._answers["adopted_ecosystems"] = " ".join(self._ecosystems())
        left_out = tuple(LeftOut(path, self._left_out[path]) for path in FILES if path in self._left_out)
        return Survey(self._answers, tuple(path for path in FILES if path in adds), left_out)

    # --- answers

    def _kind(self) -> str:
        """What the catalog says that it is, else what its manifests say that it makes."""
        if self._component:
            return self._component.type
        dockerfiles: Dockerfiles = self._facts["dockerfiles"]
        images = any(not path.startswith(".") for path in dockerfiles.paths)
        return "library" if not images and is_library(self._repository) else "service"

    def _names(self) -> dict[str, Any]:
        """Who and where it is."""
        said = known(self._component, Suite(sources()), {}) if self._component else {}
        url = self._history.url or said.get("source_url", "")
        found: dict[str, Any] = {
            "template": "adopt",
            "ci": self._forge,
            "adopted_branch": self._history.branch,
            "adopted_type": "library" if self._is_library else "service",
        }
        if url:
            found["adopted_url"] = url
            found["name"] = _NOT_IN_NAMES.sub("-", url.rpartition("/")[2].lower()).strip("-")
        if owner := self._owner():
            found["owner"] = owner
        questions = ("name", "owner", "oncall", "chat", "system", "description")
        found |= {name: said[name] for name in questions if name in said}
        if self._component and self._component.lifecycle in {"experimental", "production", "deprecated"}:
            found["lifecycle"] = self._component.lifecycle
        if self._history.tags:
            found["adopted_tags"] = self._history.tags
        kind = {"description": f"The {found['name']} library."} if self._is_library and "name" in found else {}
        return kind | self._described() | self._released() | found

    def _described(self) -> dict[str, str]:
        """What the manifests at the root say: the language, and one sentence of the team's own."""
        roots = [each for each in self._facts["dependencies"].projects if not each.folder]
        language = next((LANGUAGES[each.ecosystem] for each in roots if each.ecosystem in LANGUAGES), "")
        if language == "node":
            language = "typescript" if "tsconfig.json" in self._repository else "javascript"
        found = {"adopted_language": language} if language else {}
        for manifest, (read, keys) in _MANIFESTS.items():
            with suppress(Malformed):
                said = " ".join(str(table(read(self._repository, manifest)[0], *keys).get("description", "")).split())
                if said and len(said) <= LONGEST_DESCRIPTION and said.isprintable() and not {'"', "\\"} & set(said):
                    found["description"] = said
        return found

    def _released(self) -> dict[str, str]:
        """What the team's own release builds, and by which workflow."""
        releases: Releases = self._facts["releases"]
        for run in releases.runs:
            for act in run.of_kind("built"):
                names = [literal(target.name) for target in act.targets if isinstance(target, Image)]
                if name := next(filter(None, names), ""):
                    return {"adopted_image": _in_full(name), "adopted_release": run.workflow}
        return {"adopted_release": releases.runs[0].workflow} if releases.runs else {}

    def _owner(self) -> str:
        """Who owns everything by CODEOWNERS, if that is one team or person."""
        rules = [rule for rule in self._codeowners.rules if rule.pattern in {"*", "/", "/*", "/**", "**"}]
        owners = rules[-1].owners if rules else ()
        if len(owners) != 1 or owners[0].kind not in {"team", "user"}:
            return ""
        return f"{'group' if owners[0].kind == 'team' else 'user'}:default/{owners[0].name.lower()}"

    # --- what is missing

    def _layers(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """The files that go together, each with what is here already in their place (empty where nothing is)."""
        slos: Slos = self._facts["slos"]
        yield (CATALOG,), f"{self._catalog.path} is here" if self._catalog.found else ""
        spared = "a library is not asked for it" if self._is_library else ""
        places = [each.place.path for each in slos.found] + [each.place.path for each in (*slos.broken, *slos.unseen)]
        objectives = next(iter(places), "")
        yield OBJECTIVES, spared or (f"the objectives in {objectives} are here" if objectives else "")
        runbook = self._runbook()
        yield (RUNBOOK,), spared or runbook
        if runbook and not objectives and not spared:
            yield (ALERTS,), ""
        yield PAGES, ""
        yield SITE, self._site()
        other = _OF_OTHER_FORGES.fullmatch(self._history.url)
        unread = f"{other['host']} does not read it" if other else ""
        yield (CODEOWNERS[self._forge],), unread or self._owners()
        if self._forge == "github":
            yield (DEPENDABOT_FILE,), unread or self._updates()
            yield (RELEASE,), unread or self._release()
            yield (CHECK,), unread

    def _runbook(self) -> str:
        found = sorted(self._repository.paths(_RUNBOOKS), key=lambda path: (path.count("/"), path))
        if not found:
            return ""
        self._answers["adopted_runbook"] = found[0]
        return f"{found[0]} is here"

    def _site(self) -> str:
        """A site has pages that link each other; laying a menu over pages that have one is not for us to do."""
        if site := next(self._repository.paths(_SITES), ""):
            self._answers |= {"adopted_site": site} if site in {"mkdocs.yml", "mkdocs.yaml"} else {}
            return f"{site} is here"
        if page := next(self._repository.paths(_DOCS), "") or self._answers.get("adopted_runbook"):
            return f"{page} is here: which pages TechDocs shows is yours to say"
        return "" if self._is_library else self._left_out.get(RUNBOOK, "")

    def _owners(self) -> str:
        path = self._codeowners.path or next(iter(self._codeowners.strays), "")
        return f"{path} is here" if path else ""

    def _updates(self) -> str:
        updates: Updates = self._facts["updates"]
        told = [each.place.path for each in updates.coverage]
        told += [each.place.path for each in (*updates.problems, *updates.unseen)]
        path = next((path for path in (*told, *DEPENDABOT, *RENOVATE) if path in self._repository), "")
        return f"{path} is here" if path else ""

    def _release(self) -> str:
        """Why no release workflow is laid: the team has one, it may have one, or nothing could be built by ours."""
        releases: Releases = self._facts["releases"]
        if releases.runs:
            return f"{releases.runs[0].workflow} releases already"
        delivering = (each.path for each in releases.elsewhere if each.delivers)
        if elsewhere := (*delivering, *(each.place.path for each in releases.problems)):
            return f"{elsewhere[0]} may release already, and cannot be followed"
        if releases.too_many:
            return "there are too many workflows to know whether one releases"
        if self._component and self._component.type not in {"service", "library"}:
            return f"the catalog says that this is a {self._component.type}: what it releases is yours to say"
        return self._build()

    def _build(self) -> str:
        """Find what a release would build: an image where there is a Dockerfile, else files; why nothing can be."""
        dockerfiles: Dockerfiles = self._facts["dockerfiles"]
        own = [path for path in dockerfiles.paths if not path.startswith(".")]  # not of a development container
        paths = sorted(own, key=lambda path: (path != "Dockerfile", path.count("/"), path))
        if not paths or self._is_library:
            self._answers |= packaged(self._repository)
            self._test()
            return ""
        if len(paths) > 1 and "/" in paths[0]:
            return f"which image is the service's cannot be told: {', '.join(paths[:3])}"
        contexts = dict.fromkeys(("", dirname(paths[0])))  # some are built within their own folder
        reasons = {context: unfit(dockerfiles, paths[0], self._repository, context) for context in contexts}
        fit = next((context for context, why in reasons.items() if not why), None)
        if fit is None:
            return reasons[""]
        self._answers["adopted_dockerfile"] = paths[0]
        self._answers |= {"adopted_context": fit} if fit else {}
        self._test()
        return ""

    def _test(self) -> None:
        """Find the workflow that a release waits for."""
        self._answers["adopted_tests"] = next(map(_path_of, filter(_tests, self._facts["workflows"].files)), "")

    def _ecosystems(self) -> Iterator[str]:
        """What Dependabot has to look after: its own name for it, and the folder."""
        yield "github-actions:/"
        found = set()
        for project in self._facts["dependencies"].projects:
            names = ecosystems().ecosystems[project.ecosystem].dependabot
            by_uv = any(lock.endswith("uv.lock") for lock in project.locks)
            found |= {f"{'uv' if by_uv else names[0]}:/{project.folder}"} if names else set()
        dockerfiles: Dockerfiles = self._facts["dockerfiles"]
        found |= {f"docker:/{dirname(path)}" for path in dockerfiles.paths}
        yield from sorted(each for each in found if _PLAIN.fullmatch(each))

    # --- what is in the way

    def _taken(self, path: str) -> str:
        """What stands where a file would: another of its name, also in other letters, or what is no folder."""
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            wanted = "/".join(parts[:count])
            there = self._folded.get(wanted.casefold())
            if there is None:
                return ""
            entry = self._repository.entries.get(there)
            if there != wanted:
                return f"{there} is here, which some machines take for {wanted}"
            if entry is not None:
                kind = "a link" if entry.is_link else "another repository" if entry.is_submodule else "a file"
                return f"{there} is here" if count == len(parts) else f"{there} is {kind}, not a folder"
        return ""


def _with_folders(paths: Iterable[str]) -> Iterator[str]:
    """The paths, and every folder on the way to them."""
    seen: set[str] = set()
    for path in paths:
        yield path
        folder = dirname(path)
        while folder and folder not in seen:
            seen.add(folder)
            yield folder
            folder = dirname(folder)


def _in_full(image: str) -> str:
    """An image's name with the registry that goes without saying."""
    first, _, rest = image.partition("/")
    if rest and (set(".:") & set(first) or first == "localhost"):
        return image.lower()
    return f"docker.io/{image if rest else f'library/{image}'}".lower()


def _path_of(workflow: Workflow) -> str:
    return workflow.path


def _tests(workflow: Workflow) -> bool:
    """Whether a release can call a workflow to test: it takes calls without inputs, and asks for no rights to write."""
    call = workflow.triggers.get("workflow_call", workflow)
    wants = call.get("inputs") or call.get("secrets") if isinstance(call, Mapping) else None
    rights = [workflow.node.get("permissions"), *(job.node.get("permissions") for job in workflow.jobs.values())]
    writes = any("write" in str(each) for each in rights if each is not None)
    tests = {"push", "pull_request"} & workflow.triggers.keys() and _TESTS.search(workflow.path.rpartition("/")[2])
    return call is not workflow and not wants and not writes and bool(tests)
