"""What a release that is here already needs, so that what it builds is signed and described: lines to paste.

The release is followed as the checks follow it, so a line is added beside the step that builds, in that job. All lines
together are tried in memory before they are shown: what is said of them is what the checks then say.
"""

from __future__ import annotations

import re
from itertools import chain, count, groupby
from posixpath import dirname
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.adoption.packages import packaged
from goldenpath.adoption.pushes import name_of, push_at, untagged
from goldenpath.facts import Facts
from goldenpath.facts.gitlab import PATH as PIPELINE
from goldenpath.facts.nodes import Mapping, Scalar, Sequence, read_one
from goldenpath.facts.pipeline.acts import Files, Image
from goldenpath.facts.pipeline.tools.goreleaser import NO_BUILD_SIGNATURE
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, literal, shown, value
from goldenpath.guides.suite import Suite, sources
from goldenpath.repository import Place
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from goldenpath.adoption.pushes import Push
    from goldenpath.contract import Contract
    from goldenpath.facts.gitlab.pipeline import Pipeline
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases
    from goldenpath.facts.values import Value
    from goldenpath.facts.workflows import Job, Step, Workflow, Workflows
    from goldenpath.repository import Repository
    from goldenpath.scorecard import CheckResult

CHECKS = ("build-signed", "sbom-generated")
"""What the lines are there for."""

BUILDERS = ("docker/build-push-action", "depot/build-push-action", "redhat-actions/push-to-registry")
"""Actions that say the digest of what they have pushed, in the output `digest`."""

_OF_DOCKERS = (
    "GoReleaser describes the images of `dockers_v2` alone (`sbom`, which is its default): move `dockers` and "
    "`docker_manifests` there"
)


_OF_SHELL = regex(r"\$(?!\{\{)")


class Addition(Struct, frozen=True, order=True):
    """Lines to add after a line of the team's own file (0: at its end), and what they are there for."""

    place: Place
    what: str
    lines: tuple[str, ...]


class Signing(Struct, frozen=True):
    """The lines to add, in the order of the files, and what the checks say of a repository that has them.

    `advice` is what no added line can do.
    """

    additions: tuple[Addition, ...]
    results: tuple[CheckResult, ...]
    advice: str = ""


def signing(
    repository: Repository,
    facts: Facts,
    contract: Contract,
    today: date,
    answers: dict[str, Any],
    unmet: frozenset[str],
) -> Signing | None:
    """What releases lack for the checks that are `unmet`; None where nothing can be said line by line."""
    releases: Releases = facts["releases"]
    wanted = unmet.intersection(CHECKS)
    runs = releases.runs if wanted else ()
    followed = [_Release(repository, facts, run, answers, wanted) for run in runs]
    found = [each for release in followed for each in release.additions()]
    additions = tuple(sorted(dict.fromkeys([*found, *_permissions(followed)])))
    advice = next(filter(None, (release.advice for release in followed)), "")
    if not (additions or advice):
        return None
    alone = replace(contract, checks={name: contract.checks[name] for name in CHECKS if name in contract.checks})
    with repository.with_files(_edited(repository, additions)) as edited:
        if Facts(edited, None, contract.knowledge)["workflows"].problems != facts["workflows"].problems:
            return None  # written in a style into which no line can be put
        component = evaluate(edited, alone, today).components[0]
    return Signing(additions, component.checks, advice)


def _permissions(releases: list[_Release]) -> Iterator[Addition]:
    """The rights that jobs need, each job's in one place: runs share jobs, and a job may sign several times."""
    needed: dict[tuple[str, str], dict[str, None]] = {}
    for release in releases:
        for job, (_, scopes) in release.needs.items():
            needed.setdefault(job, {}).update(scopes)
    for job, scopes in needed.items():
        release = next(each for each in releases if job in each.needs)
        yield from release.permissions(release.needs[job][0], scopes)


class _Release:
    """One run that releases, and the lines that it lacks."""

    def __init__(
        self, repository: Repository, facts: Facts, run: Run, answers: dict[str, Any], wanted: frozenset[str]
    ) -> None:
        self._repository = repository
        self._workflows: Workflows = facts["workflows"]
        pipeline: Pipeline | None = facts["gitlab"]
        self._jobs = pipeline.whole.jobs if pipeline and pipeline.whole else {}
        self._run = run
        self._suite = Suite(sources())
        self._answers = self._suite.answers(answers, {}, "")
        self._signs, self._describes = (check in wanted for check in CHECKS)
        self._brought: dict[tuple[str, str], set[str]] = {}
        self._named: dict[tuple[str, str], set[str]] = {}
        self.needs: dict[tuple[str, str], tuple[_Step, dict[str, None]]] = {}
        self.advice = ""

    def additions(self) -> Iterator[Addition]:
        """The lines for everything that is built in it."""
        built = self._run.of_kind("built")
        for place, of_place in groupby(built, key=lambda act: act.place):
            acts = list(of_place)
            if at := self._step(acts[0]):
                yield from self._of_build(at, acts) if place.path == at.path else self._of_script(at, acts)
            elif place.path == PIPELINE:
                yield from self._of_pipeline(acts)
        for _, of_place in groupby(self._run.of_kind("shipped"), key=lambda act: act.place):
            acts = list(of_place)
            if at := self._step(acts[0]):
                yield from self._of_files(at, acts)
        by_goreleaser = (act.place.path for act in built if act.text.startswith("GoReleaser"))
        for path in dict.fromkeys(path for path in by_goreleaser if not self._workflows.by_path(path)):
            yield from self._of_goreleaser(path)

    def _step(self, act: Act) -> _Step | None:
        """The step of a workflow in which an act stands, or that calls the script or the tool which does it."""
        places = [each for each in (act.place, act.caller) if each and self._workflows.by_path(each.path)]
        place = next(iter(places), None)
        path = place.path if place else self._run.workflow
        workflow = self._workflows.by_path(path)
        lines = self._lines(path) if workflow else []
        for job in workflow.jobs.values() if workflow else ():
            for number, step in enumerate(job.steps):
                first = step.node.place.line
                here = first <= place.line <= _end(lines, first) if place else f"{job.id}/{step.key}" == act.guard.step
                if workflow and here:
                    return _Step(workflow, job, number)
        return None

    def _lines(self, path: str) -> list[str]:
        return self._repository.text(path).splitlines()

    def _of_build(self, at: _Step, acts: list[Act]) -> Iterator[Addition]:
        """An image is pushed: it is signed in the next step."""
        lines, first = self._lines(at.path), at.step.node.place.line
        about: dict[str, Any] = {
            "signed_sign": self._signs and not self._is_done("signed", acts),
            "signed_sbom": self._describes and not self._is_done("attested", acts),
        }
        if at.step.uses and at.step.uses.label.partition("@")[0] in BUILDERS:
            key = at.step.node.text("id") or ""
            if not key:
                key = self._new_id(at)
                named = f"{_margin(lines, first)}  id: {key}"
                yield Addition(Place(at.path, at.step.uses.place.line), "name the step that builds", (named,))
            known = (_name(target.name) for act in acts for target in act.targets if isinstance(target, Image))
            names = list(filter(None, known)) or _names_in(at.step)
            about |= {"signed_by": "digest", "signed_digest": f"${{{{ steps.{key}.outputs.digest }}}}"}
        else:
            pushed = [name_of(lines[act.place.line - 1]) for act in acts]
            local = any(map(_OF_SHELL.search, pushed)) and self._push(acts)  # another step has other variables
            names = [] if local else pushed
            about |= {"signed_by": "push"}
        if not any(names):
            yield from self._of_script(at, acts)
        if images := list(dict.fromkeys(filter(None, names))):
            if not (about["signed_sign"] or about["signed_sbom"]):
                return
            about["signed_tools"] = self._lacking(at, sbom=about["signed_sbom"])
            steps = self._rendered("sign.yml", about | {"signed_images": images})
            what = " and ".join([_SIGN] * about["signed_sign"] + [_DESCRIBE] * about["signed_sbom"])
            yield Addition(
                Place(at.path, _end(lines, first)), what, _indented(steps, _margin(lines, first), _condition(at.step))
            )
            attested = (
                ["attestations", "artifact-metadata"] if self._answers["signing"] == "github-attestations" else []
            )
            at_github = ["packages"] if any(image.startswith("ghcr.io/") for image in images) else []
            self._need(at, "id-token", *at_github, *attested)

    def _of_script(self, at: _Step, acts: list[Act]) -> Iterator[Addition]:
        """An image is pushed by a script, or by a build in one: it is signed in the script's next lines."""
        push = self._push(acts)
        found = list(self._behind(push, acts, [])) if push else []
        if push and found:
            yield from found
            yield from self._programs(at, "bring the programs that are called", sbom=self._describes)
            at_github = ["packages"] if any("ghcr.io/" in reference for reference in push.references) else []
            self._need(at, "id-token", *at_github)

    def _of_pipeline(self, acts: list[Act]) -> Iterator[Addition]:
        """A job of GitLab pushes an image: it is signed in the script's next lines, in the job's own name."""
        push, job = self._push(acts), self._jobs.get(acts[0].guard.job)
        lines = self._lines(PIPELINE)
        if push is None or job is None or not job.place.line < push.first <= _end(lines, job.place.line):
            return  # what it extends is of other jobs, too
        said = "\n".join(lines[job.place.line : _end(lines, job.place.line)])
        tools = [tool for tool in ("syft", "cosign") if tool not in said and (tool != "syft" or self._describes)]
        if found := list(self._behind(push, acts, tools)):
            yield from found
            if self._answers["signing"] == "keyless" and "aud: sigstore" not in said:
                margin = _margin(lines, job.place.line + 1) or "  "
                given = (f"{margin}id_tokens:", f"{margin}  SIGSTORE_ID_TOKEN:", f"{margin}    aud: sigstore")
                yield Addition(Place(PIPELINE, job.place.line), "allow the job to sign", given)

    def _push(self, acts: list[Act]) -> Push | None:
        place = acts[0].place
        return push_at(place.path, self._lines(place.path), place.line) if place.line else None

    def _behind(self, push: Push, acts: list[Act], tools: list[str]) -> Iterator[Addition]:
        """The lines of a script behind a push."""
        path = acts[0].place.path
        signs = self._signs and not self._is_done("signed", acts)
        describes = self._describes and not self._is_done("attested", acts)
        if not push.references or not (signs or describes):
            return
        if push.option:
            yield Addition(Place(path, push.first), "let the build say its digest", (f"{push.margin}  {push.option}",))
        about = {
            "signed_images": push.references, "signed_sign": signs, "signed_sbom": describes, "signed_tools": tools,
        }  # fmt: skip
        what = " and ".join([_SIGN] * signs + [_DESCRIBE] * describes)
        text = (f"{push.margin}{line}" for line in self._rendered("push.sh", about))
        yield Addition(Place(path, push.last), what, tuple(text))

    def _programs(self, at: _Step, what: str, *, sbom: bool) -> Iterator[Addition]:
        """Steps before one that calls the programs."""
        if tools := self._lacking(at, sbom=sbom):
            text = self._rendered("sign.yml", {"signed_tools": tools, "signed_by": "", "signed_images": []})
            margin = _margin(self._lines(at.path), at.step.node.place.line)
            yield Addition(Place(at.path, self._before(at)), what, _indented(text, margin, ""))

    def _is_done(self, kind: str, built: list[Act]) -> bool:
        """Whether something is done already to each image that is built here, by its digest."""
        wanted = {value(act.digest) for act in built if act.digest}
        acts = [act for act in self._run.of_kind(kind) if not act.problem]
        done = {target.digest for act in acts for target in act.targets if isinstance(target, Image)}
        return bool(wanted) and wanted <= done

    def _of_files(self, at: _Step, acts: list[Act]) -> Iterator[Addition]:
        """Files are published: they are attested in the step before, unless a tool signs them itself."""
        targets = [target for act in acts for target in act.targets if isinstance(target, Files)]
        files = [literal(target.pattern) for target in targets if not target.accompanies]
        if not files or any(act.text.startswith("GoReleaser") for act in acts):
            return
        lines = self._lines(at.path)
        first = at.step.node.place.line
        said = "\n".join(lines[first - 1 : _end(lines, first)])
        whole = {each for each in files if each and f"{each}/*" in said} | {_BUILT}
        named = [f"{each}/*" if each in whole else each for each in dict.fromkeys(files) if each]
        folders = {dirname(each) for each in named}
        describes = self._describes and len(folders) == 1 and folders != {""}
        if None in files or not (self._signs or describes):
            return
        about: dict[str, Any] = {
            "signed_by": "files", "signed_images": named, "signed_sbom": describes, "signed_folder": min(folders),
            "signed_wheels": packaged(self._repository)["adopted_package"] == "python",
            "signed_tools": self._lacking(at, sbom=True) if describes else [],
        }  # fmt: skip
        text = self._rendered("sign.yml", about)
        steps = _indented(text, _margin(lines, first), at.step.node.text("if") or "")
        what = " and ".join(["attest the files"] * self._signs + ["attest what the files contain"] * describes)
        yield Addition(Place(at.path, self._before(at)), f"{what} before they are published", steps)
        self._need(at, "id-token", "attestations")

    def _of_goreleaser(self, path: str) -> Iterator[Addition]:
        """GoReleaser releases: it signs and describes by its own configuration, with programs that the job installs."""
        root = read_one(self._repository, path)
        if root is None:
            return
        images = {"dockers", "dockers_v2", "kos"} & root.values.keys()
        wanted = ({"signs"} if self._signs else set()) | ({"sboms"} if self._describes else set())
        wanted |= {"docker_signs"} if images and self._signs else set()
        if "dockers" in images and self._describes:
            self.advice = _OF_DOCKERS
        of_parts = "manifests" if "docker_manifests" in root.values else "images"
        built = {act.text for act in self._run.of_kind("built") if act.place.path == path}
        about: dict[str, Any] = {
            "signed_artifacts": "" if "dockers" not in images else of_parts,
            "signed_packed": "GoReleaser's binary" not in built,
        }
        if keys := wanted - root.values.keys():
            text = self._rendered("goreleaser.yml", about | {"signed_keys": keys})
            yield Addition(Place(path, len(self._lines(path))), "sign and describe what is released", tuple(text))
        by_gpg = {act.place for act in self._run.of_kind("signed") if act.problem == NO_BUILD_SIGNATURE}
        for key in sorted(wanted & root.values.keys() & {"signs", "docker_signs"}):
            entries = root.values[key]
            items = entries.items if isinstance(entries, Sequence) else []
            if items and by_gpg & {each.place for each in items}:
                text = self._rendered("goreleaser.yml", about | {"signed_keys": {key}})
                place = Place(path, items[0].place.line - 1)
                yield Addition(place, "sign it by the release's own name, too", _item(text, items[0]))
        calls = (act for act in self._run.acts if act.text.startswith("GoReleaser"))
        for at in dict.fromkeys(filter(None, map(self._step, calls))):
            yield from self._programs(at, "bring the programs that GoReleaser calls", sbom=self._describes)
            self._need(at, "id-token")

    def _before(self, at: _Step) -> int:
        """The line after which a step's own comments begin."""
        if at.number:
            return _end(self._lines(at.path), at.job.steps[at.number - 1].node.place.line)
        return at.job.node.keys["steps"].place.line

    def _lacking(self, at: _Step, *, sbom: bool) -> list[str]:
        """The programs that no earlier step of the job installs, nor a line that is to be added to it."""
        used = {step.uses.label.partition("@")[0] for step in at.job.steps[: at.number] if step.uses}
        brought = self._brought.setdefault((at.path, at.job.id), set())
        needed = {"syft": sbom, "cosign": True}
        lacking = [tool for tool in needed if needed[tool] and _INSTALLERS[tool] not in used and tool not in brought]
        brought.update(lacking)
        return lacking

    def _new_id(self, at: _Step) -> str:
        """An id that no step of the job has, nor one that was named before."""
        taken = self._named.setdefault((at.path, at.job.id), {step.key for step in at.job.steps})
        key = next(each for each in chain(["image"], map("image-{}".format, count(2))) if each not in taken)
        taken.add(key)
        return key

    def _rendered(self, name: str, about: dict[str, Any]) -> list[str]:
        unused: dict[str, Any] = {
            "signed_images": [],
            "signed_digest": "",
            "signed_by": "",
            "signed_tools": [],
            "signed_keys": [],
            "signed_folder": "",
            "signed_wheels": False,
            "signed_packed": True,
        }
        unused |= {"signed_sign": self._signs, "signed_sbom": self._describes}
        return self._suite.render(name, self._answers | unused | about).splitlines()

    def _need(self, at: _Step, *scopes: str) -> None:
        self.needs.setdefault((at.path, at.job.id), (at, {}))[1].update(dict.fromkeys(scopes))

    def permissions(self, at: _Step, needed: Iterable[str]) -> Iterator[Addition]:
        """The rights that the steps need, at the job: `permissions` there replace those of the workflow."""
        stated, whole = at.job.node.get("permissions"), at.workflow.node.get("permissions")
        what = "allow the job to sign"
        if isinstance(stated, Mapping) and stated.values:
            key = next(iter(stated.keys.values())).place
            lines = tuple(f"{' ' * (key.column - 1)}{scope}: write" for scope in needed if scope not in stated.values)
            if lines:
                yield Addition(Place(at.path, key.line - 1), what, lines)
        elif stated is None and not (isinstance(whole, Scalar) and whole.text == "write-all"):
            rights = {"contents": "read"} | self._rights(at, whole) | dict.fromkeys(needed, "write")
            margin = " " * (at.job.node.place.column - 1)
            lines = (f"{margin}permissions:", *(f"{margin}  {scope}: {right}" for scope, right in rights.items()))
            yield Addition(Place(at.path, at.job.node.place.line - 1), what, lines)

    def _rights(self, at: _Step, whole: Node | None) -> dict[str, str]:
        """What the job may do so far: as the workflow states it, else what its steps are seen to do."""
        if isinstance(whole, Mapping):
            return {scope: node.text for scope, node in whole.values.items() if isinstance(node, Scalar)}
        writes = {scope for use in self._run.uses if use.job == at.job.id for scope in use.writes}
        return dict.fromkeys(sorted(writes - {"*", "packages"}), "write")


class _Step(Struct, frozen=True):
    """A step of a job, by its number from 0."""

    workflow: Workflow
    job: Job
    number: int

    @property
    def path(self) -> str:
        """The workflow's file."""
        return self.workflow.path

    @property
    def step(self) -> Step:
        """The step itself."""
        return self.job.steps[self.number]

    def __hash__(self) -> int:
        return hash((self.path, self.job.id, self.number))


_SIGN, _DESCRIBE = "sign by the digest that was built", "attest what the image contains"
_BUILT = "dist"
"""The folder of files that PyPI's action publishes by its name alone."""

_INSTALLERS = {"syft": "anchore/sbom-action/download-syft", "cosign": "sigstore/cosign-installer"}
"""The programs that are called, and the actions that bring them."""


def _name(name: Value) -> str:
    """An image's name as an expression of the workflow; empty where there is no way to write it."""
    text = shown(name)
    symbols = [part for part in name if isinstance(part, Symbol)]
    return (
        ""
        if "…" in text or any(part.kind not in {"github", "secret", "matrix", "variable"} for part in symbols)
        else text
    )


def _item(rendered: list[str], beside: Node) -> tuple[str, ...]:
    """The one entry below a key, as an entry of its own beside one that is there already."""
    first, *rest = (line for line in rendered if line.startswith(" "))
    margin = " " * (beside.place.column - len("- ") - 1)
    lines = ("  - id: cosign", first.replace("- ", "  "), *rest)
    return tuple(f"{margin}{line.removeprefix('  ')}" for line in lines)


def _names_in(step: Step) -> list[str]:
    """The images of a build as its own step writes them: what only the job knows stands for itself there."""
    names = (untagged(each) for each in re.split(r"\s*[\n,]\s*", (step.node.text("with", "tags") or "").strip()))
    return list(dict.fromkeys(name for name in names if name and "outputs.tags" not in name))


def _end(lines: list[str], first: int) -> int:
    """The last line of the item of a list that begins at a line (from 1), without the blanks and comments after it."""
    margin = len(lines[first - 1]) - len(lines[first - 1].lstrip(" "))
    last = first
    for number in range(first + 1, len(lines) + 1):
        text = lines[number - 1]
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if len(text) - len(text.lstrip(" ")) <= margin:
            break
        last = number
    return last


def _margin(lines: list[str], number: int) -> str:
    """The blanks before a line (from 1)."""
    text = lines[number - 1]
    return text[: len(text) - len(text.lstrip(" "))]


def _condition(step: Step) -> str:
    """When a step pushes: as it says itself, or its input `push`."""
    pushes = step.node.text("with", "push") or ""
    return step.node.text("if") or (pushes if pushes.startswith("${{") else "")


def _indented(steps: list[str], margin: str, condition: str) -> tuple[str, ...]:
    """Steps in the list that begins at a margin, each under a condition if there is one."""
    found = []
    for line in steps:
        found.append(f"{margin}{line}")
        if condition and line.startswith("- "):
            found.append(f"{margin}  if: {condition}")
    return tuple(found)


def _edited(repository: Repository, additions: Iterable[Addition]) -> dict[str, bytes]:
    """The files with the lines in them."""
    files: dict[str, bytes] = {}
    for path, of_file in groupby(additions, key=lambda each: each.place.path):
        lines = repository.text(path).splitlines()
        for each in sorted(of_file, key=lambda each: each.place.line, reverse=True):
            lines[each.place.line : each.place.line] = each.lines
        files[path] = "\n".join([*lines, ""]).encode()
    return files
