"""Releases changed by rule: mutants that break one thing, and rewrites that mean the same.

Both are made from the parsed YAML of a good release and written out again, so whoever judges them sees another text
each time. A mutant names the check that must not pass any more; a rewrite leaves every verdict as it is.
"""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import yaml

Tree = dict[str, str]
Workflow = dict[str, Any]
Step = dict[str, Any]

FOLDER = ".github/workflows/"


class Mutant(NamedTuple):
    """A broken release, and the check that has to notice."""

    name: str
    check: str
    release: Tree
    path: str
    workflow: Workflow
    """What the file of that path becomes: it is written when the mutant is judged, not where it is collected."""

    @property
    def tree(self) -> Tree:
        """The files of the broken release."""
        return {**self.release, self.path: write(self.workflow)}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # where libyaml is, it is quick
    """Reads `on:` as a word."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes `on:` without quotes."""


class _Plain(_Dumper):
    """Writes everything that is there twice out twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _kind in (_Loader, _Dumper):
    _kind.yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or letter in "tTfF"]
        for letter, resolvers in _kind.yaml_implicit_resolvers.items()
    }


def parse(text: str) -> Workflow:
    """A workflow as plain data."""
    read: Workflow = yaml.load(text, _Loader)  # noqa: S506 - a safe one
    return read


def write(workflow: Workflow, dumper: type[yaml.SafeDumper] = _Plain, **style: Any) -> str:
    """A workflow as text."""
    text: str = yaml.dump(workflow, Dumper=dumper, sort_keys=False, width=1000, **style)
    return text


# --- where what is

PROOFS = {
    "build-signed": r"cosign sign |cosign sign-blob |uses: actions/attest(-build-provenance)?@(?!.*sbom-path)",
    "sbom-generated": r"syft |sbom-action|cosign attest |sbom-path| sbom ",
    "provenance-verified": r"cosign verify|gh attestation verify",
    "tests-gate-release": r"go test|pytest|npm test|mvn .*verify|gradlew .*check",
    "vulnerabilities-gated": r"grype |trivy image",
}
"""The steps that prove something, by check."""

SHIPS = r"gh release|kubectl set|helm upgrade|crane tag|argocd app|npm publish|gh-action-pypi-publish"
GATED = ("build-signed", "provenance-verified", "tests-gate-release", "vulnerabilities-gated")
"""The checks for which everything that ships has to wait."""

DESCRIBES = r"^(?!.*cosign ).*(syft |sbom-action|build-push-action)"
MISSED_LATER = {
    "may fail",
    "may fail by an expression",
    "forgiven",
    "in the background",
    "only if a variable says so",
    "only in another repository",
    "of another image",
}
"""What a step that writes an SBOM may do: who attests the file fails without it, and a digest is the same anywhere."""

DIGEST = r"@(\$\{\{[^}]*\}\}|\$\{?\w+\}?)"


def text_of(step: Step) -> str:
    """What a step does, on one line."""
    given = " ".join(step.get("with", {}))
    return f"uses: {step.get('uses', '')} {given} {step.get('run', '')} ".replace("\n", " ")


def found(workflow: Workflow, pattern: str) -> list[tuple[str, int]]:
    """The jobs and places of the steps that match."""
    return [
        (name, at)
        for name, job in workflow["jobs"].items()
        for at, step in enumerate(job.get("steps", ()))
        if re.search(pattern, text_of(step))
    ]


def waits_for(workflow: Workflow, name: str) -> set[str]:
    """The jobs that a job waits for, at any distance."""
    needs = workflow["jobs"][name].get("needs", [])
    direct = {needs} if isinstance(needs, str) else set(needs)
    return direct.union(*(waits_for(workflow, each) for each in direct))


# --- mutants


def mutants(tree: Tree, passes: list[str]) -> Iterator[Mutant]:
    """Everything that a rule can break in a good release, for the checks that it passes."""
    for path, text in tree.items():
        if path.startswith(FOLDER):
            good = parse(text)
            again = pickle.dumps(good)  # read back sooner than parsed or copied
            for check in passes:
                for name, change in _changes(good, check):
                    workflow = pickle.loads(again)  # noqa: S301 - just written
                    change(workflow)
                    if workflow != good:
                        yield Mutant(f"{path.removeprefix(FOLDER)}: {name}", check, tree, path, workflow)


Change = Callable[[Workflow], object]


def _changes(workflow: Workflow, check: str) -> Iterator[tuple[str, Change]]:
    for job, at in found(workflow, PROOFS[check]):
        yield from changes_of(workflow, job, at, check)
    yield "only on pull requests", lambda it: it.update({"on": "pull_request"})
    if check == "sbom-generated":
        yield "no SBOM from BuildKit", _without_buildkit
    elif check == "build-signed" and found(workflow, r"needs\.\w+\.outputs|cosign sign.*\$DIGEST"):
        yield "other outputs", _other_outputs


def changes_of(workflow: Workflow, job: str, at: int, check: str) -> Iterator[tuple[str, Change]]:
    """What a rule can break about a step that proves something for a check, about its job, and about what waits."""
    yield from _of_step(workflow, job, at)
    yield from _of_job(workflow, job, identity=check == "build-signed")
    yield from _of_order(workflow, job, at) if check in GATED else ()


def _of_step(workflow: Workflow, job: str, at: int) -> Iterator[tuple[str, Change]]:
    describes = re.search(DESCRIBES, text_of(workflow["jobs"][job]["steps"][at]))
    for name, mutate in STEPS.items():
        if not (describes and name in MISSED_LATER):
            yield f"{name}: step {at + 1} of {job}", partial(_change_step, job, at, mutate)


def _change_step(job: str, at: int, mutate: Callable[[list[Step], int], object], workflow: Workflow) -> None:
    mutate(workflow["jobs"][job]["steps"], at)


def _of_job(workflow: Workflow, job: str, *, identity: bool) -> Iterator[tuple[str, Change]]:
    yield f"for pull requests: {job}", partial(_change_job, job, {"if": "github.event_name == 'pull_request'"})
    if any(job in waits_for(workflow, ship) for ship, _ in found(workflow, SHIPS)):
        yield f"the job may fail: {job}", partial(_change_job, job, {"continue-on-error": True})
    if identity:
        yield f"no identity: {job}", partial(_without_identity, job)


def _change_job(job: str, keys: dict[str, Any], workflow: Workflow) -> None:
    workflow["jobs"][job].update(keys)


def _of_order(workflow: Workflow, job: str, at: int) -> Iterator[tuple[str, Change]]:
    for ship, ship_at in found(workflow, SHIPS):
        if job in waits_for(workflow, ship):
            yield f"{ship} needs nothing", partial(_change_job, ship, {"needs": []})
            yield f"{ship} happens always", partial(_change_job, ship, {"if": "always()"})
        elif ship == job and ship_at > at:
            yield f"shipped before step {at + 1} of {job}", partial(_ship_early, job, at, ship_at)
            yield f"shipped beside step {at + 1} of {job}", partial(_change_step, job, at, _with_keys(background=True))


def _on_run(pattern: str, new: str) -> Callable[[list[Step], int], object]:
    """A mutator that changes the commands of a step."""

    def mutate(steps: list[Step], at: int) -> None:
        if "run" in steps[at]:
            steps[at]["run"] = re.sub(pattern, new, steps[at]["run"], flags=re.MULTILINE)

    return mutate


def _with_keys(**keys: Any) -> Callable[[list[Step], int], object]:
    return lambda steps, at: steps[at].update({name.rstrip("_").replace("_", "-"): each for name, each in keys.items()})


def _with_other_digest(steps: list[Step], at: int) -> None:
    given = steps[at].get("with", {})
    for name in ("subject-digest", "subject-path", "image"):
        if name in given:
            given[name] = {"subject-path": "README.md", "image": "ghcr.io/acme/shop:latest"}.get(
                name, "sha256:" + "1" * 64
            )


_COMMAND = r"(^ *|&& )(?=(?:cosign|grype|trivy|gh attestation|go|python|uv|npm|mvn|\./gradlew|syft) )"

STEPS: dict[str, Callable[[list[Step], int], object]] = {
    "left out": lambda steps, at: steps.pop(at),
    "may fail": _with_keys(continue_on_error=True),
    "may fail by an expression": _with_keys(continue_on_error="${{ github.ref != '' }}"),
    "only after a failure": _with_keys(if_="failure()"),
    "only on pull requests": _with_keys(if_="github.event_name == 'pull_request'"),
    "only in another repository": _with_keys(if_="github.repository == 'acme/other' && vars.ON == 'true'"),
    "only if a variable says so": _with_keys(if_="${{ vars.PROVE == 'true' }}"),
    "never": _with_keys(if_="false"),
    "only echoed": _on_run(_COMMAND, r"\1echo "),
    "only a comment": _on_run(_COMMAND, r"\1: # "),
    "forgiven": lambda steps, at: steps[at].update(run=_forgiven(steps[at]["run"])) if "run" in steps[at] else None,
    "in the background": lambda steps, at: (
        steps[at].update(run=f"( {steps[at]['run'].strip()}\n) &\n") if "run" in steps[at] else None
    ),
    "in a function that nobody calls": lambda steps, at: (
        steps[at].update(run=f"f() {{\n{steps[at]['run'].strip()}\n}}\n") if "run" in steps[at] else None
    ),
    "after an exit": _on_run(r"\A", "exit 0\n"),
    "printed by a here-document": lambda steps, at: (
        steps[at].update(run=f"cat <<'E'\n{steps[at]['run'].strip()}\nE\n") if "run" in steps[at] else None
    ),
    "of a tag": _on_run(DIGEST, ":latest"),
    "of a digest that is written down": _on_run(DIGEST, "@sha256:" + "1" * 64),
    "of a digest that is looked up": _on_run(DIGEST, "@$(crane digest ghcr.io/acme/shop:latest)"),
    "of another image": _on_run(r"(ghcr\.io/acme|\$IMAGE\b|\$REF\b)", "ghcr.io/other/thing"),
    "of something else": _with_other_digest,
}


def _forgiven(run: str) -> str:
    """The commands with `|| true` behind each, put together where a backslash or an open quote goes on."""
    joined = re.sub(r"\\\n\s*", "", run.strip())
    lines = [f"{line} || true" if re.match(_COMMAND, line) else line for line in joined.split("\n")]
    forgiven = "\n".join(lines)
    return f"{forgiven}\n" if forgiven != joined else f"( {run.strip()}\n) || true\n"


def _without_identity(job: str, workflow: Workflow) -> None:
    for each in (workflow, workflow["jobs"][job]):
        if isinstance(each.get("permissions"), dict):
            each["permissions"].pop("id-token", None)


def _ship_early(job: str, proof: int, ship: int, workflow: Workflow) -> None:
    steps = workflow["jobs"][job]["steps"]
    steps.insert(proof, steps.pop(ship))


def _other_outputs(workflow: Workflow) -> None:
    for job in workflow["jobs"].values():
        for name, each in job.get("outputs", {}).items():
            job["outputs"][name] = each.replace(".outputs.digest", ".outputs.imageid")


def _without_buildkit(workflow: Workflow) -> None:
    for job in workflow["jobs"].values():
        for step in job.get("steps", ()):
            step.get("with", {}).pop("sbom", None)


# --- rewrites


def rewrites(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """The same release in other words."""
    for name, rewrite in REWRITES.items():
        yield name, rewrite(copy.deepcopy(tree))


def _each(change: Callable[[Workflow], object], **style: Any) -> Callable[[Tree], Tree]:
    """A rewrite of each workflow by itself."""

    def rewrite(tree: Tree) -> Tree:
        result = dict(tree)
        for path, text in tree.items():
            if path.startswith(FOLDER):
                workflow = parse(text)
                change(workflow)
                result[path] = write(workflow, **style)
        return result

    return rewrite


def _same(_workflow: Workflow) -> None:
    """Nothing but the style changes."""


def _replaced(node: Any, pattern: str, new: str | Callable[[re.Match[str]], str]) -> Any:
    """A copy of a node with a pattern replaced in all its texts."""
    if isinstance(node, dict):
        return {key: _replaced(each, pattern, new) for key, each in node.items()}
    if isinstance(node, list):
        return [_replaced(each, pattern, new) for each in node]
    return re.sub(pattern, new, node) if isinstance(node, str) else node


def _jobs_renamed(workflow: Workflow) -> None:
    for number, name in enumerate(list(workflow["jobs"])):
        new = f"job-{number}-renamed"
        jobs = _replaced(workflow["jobs"], rf"\bneeds\.{name}\b", f"needs.{new}")
        workflow["jobs"] = {new if key == name else key: each for key, each in jobs.items()}
        for job in workflow["jobs"].values():
            needs = job.get("needs", [])
            needs = [needs] if isinstance(needs, str) else needs
            if needs:
                job["needs"] = [new if each == name else each for each in needs]
        if isinstance(workflow["on"], dict):
            workflow["on"] = _replaced(workflow["on"], rf"\bjobs\.{name}\b", f"jobs.{new}")


def _steps_renamed(workflow: Workflow) -> None:
    for name in workflow["jobs"]:
        for number, step in enumerate(workflow["jobs"][name].get("steps", ())):
            workflow["jobs"][name]["steps"][number]["name"] = f"Step {number}"
            if "id" in step:
                new = f"s{number}_x"
                job = _replaced(workflow["jobs"][name], rf"\bsteps\.{step['id']}\b", f"steps.{new}")
                job["steps"][number]["id"] = new
                workflow["jobs"][name] = job


def _jobs_reordered(workflow: Workflow) -> None:
    workflow["jobs"] = dict(reversed(workflow["jobs"].items()))


def _keys_reordered(workflow: Workflow) -> None:
    for job in workflow["jobs"].values():
        for at, step in enumerate(job.get("steps", ())):
            job["steps"][at] = dict(reversed(step.items()))


def _bracketed(workflow: Workflow) -> None:
    """`steps['push'].outputs['digest']`, which says the same as dots."""
    workflow["jobs"] = _replaced(workflow["jobs"], r"steps\.(\w+)\.outputs\.(\w+)", r"steps['\1'].outputs['\2']")


def _by_environment(workflow: Workflow) -> None:
    """Expressions reach scripts by way of `env`."""
    for job in workflow["jobs"].values():
        for step in job.get("steps", ()):
            if "'" not in step.get("run", "'"):
                expressions = dict.fromkeys(re.findall(r"\$\{\{.*?\}\}", step["run"]))
                for number, expression in enumerate(expressions):
                    step["run"] = step["run"].replace(expression, "${GIVEN_" + f"{number}" + "}")
                    step["env"] = {**step.get("env", {}), f"GIVEN_{number}": expression}


def _more_steps(workflow: Workflow) -> None:
    for job in workflow["jobs"].values():
        if "steps" in job:
            job["steps"] = [each for step in job["steps"] for each in ({"run": "echo next"}, step)]


def _always_true(workflow: Workflow) -> None:
    for job in workflow["jobs"].values():
        for step in job.get("steps", ()):
            step.setdefault("if", "${{ success() && github.event_name != 'pull_request' }}")


def _environment_raised(workflow: Workflow) -> None:
    """What each step has for itself is given to its job, where no two disagree."""
    for job in workflow["jobs"].values():
        given = [step["env"] for step in job.get("steps", ()) if "env" in step]
        if len(given) == 1 and "steps." not in str(given[0]):
            job["env"] = {**job.get("env", {}), **given[0]}
            for step in job["steps"]:
                step.pop("env", None)


def _permissions_raised(workflow: Workflow) -> None:
    """The rights of the only job are those of the workflow."""
    if len(workflow["jobs"]) == 1:
        (job,) = workflow["jobs"].values()
        if "permissions" in job:
            workflow["permissions"] = job.pop("permissions")


def _commented(tree: Tree) -> Tree:
    """Comments that speak of the opposite, between all lines that are no block of text."""
    result = dict(tree)
    for path, text in tree.items():
        if path.startswith(FOLDER):
            plain = write(parse(text), default_flow_style=False, default_style=None)
            result[path] = "# cosign sign, continue-on-error: true\n" + re.sub(
                r"(?m)^( *)(- (?:uses|name|run|id|env): [^|>\n'\"]*)$", r"\1# || true\n\1\2 # if: false", plain
            )
    return result


def _shared(workflow: Workflow) -> None:
    """Equal mappings become one, to which aliases refer."""
    seen: dict[str, Any] = {}
    for job in workflow["jobs"].values():
        for holder in (job, *job.get("steps", ())):
            for key in ("permissions", "env", "with"):
                if holder.get(key):
                    holder[key] = seen.setdefault(repr(holder[key]), holder[key])


def _actions_extracted(tree: Tree) -> Tree:
    """Each script moves into a composite action of its own, with what it is given as inputs."""
    result = dict(tree)
    for path, text in tree.items():
        if not path.startswith(FOLDER):
            continue
        workflow = parse(text)
        for name, job in workflow["jobs"].items():
            for at, step in enumerate(job.get("steps", ())):
                if "run" in step and "id" not in step:
                    folder = f".github/actions/{name}-{at}"
                    job["steps"][at], result[f"{folder}/action.yml"] = _as_action(step, folder)
        result[path] = write(workflow)
    return result


def _as_action(step: Step, folder: str) -> tuple[Step, str]:
    names: dict[str, str] = {}
    inner = _replaced(
        {"run": step["run"], "env": step.get("env", {})},
        r"\$\{\{(.*?)\}\}",
        lambda it: "${{ inputs." + names.setdefault(it[0], f"in{len(names)}") + " }}",
    )
    inputs = {name: {"description": "given", "required": True} for name in names.values()}
    action = {"name": "x", "description": "x", "inputs": inputs}
    action["runs"] = {"using": "composite", "steps": [{"shell": "bash", **inner}]}
    outer = {key: each for key, each in step.items() if key not in {"run", "env", "shell"}}
    return {**outer, "uses": f"./{folder}", "with": {name: each for each, name in names.items()}}, write(action)


def _scripts_extracted(tree: Tree) -> Tree:
    """Each script moves into a file of the repository, with its expressions as variables, where that is checked out."""
    result = dict(tree)
    for path, text in tree.items():
        if not path.startswith(FOLDER):
            continue
        workflow = parse(text)
        for name, job in workflow["jobs"].items():
            here = False
            for at, step in enumerate(job.get("steps", ())):
                here = here or str(step.get("uses", "")).startswith("actions/checkout@")
                if here and "run" in step and not {"shell", "working-directory"} & step.keys():
                    script = f"scripts/{name}-{at}.sh"
                    job["steps"][at], result[script] = _as_script(step, script)
        result[path] = write(workflow)
    return result


def _as_script(step: Step, path: str) -> tuple[Step, str]:
    names: dict[str, str] = {}
    script = re.sub(
        r"\$\{\{.*?\}\}", lambda it: "${" + names.setdefault(it[0], f"GIVEN_{len(names)}") + "}", step["run"]
    )
    env = {**step.get("env", {}), **{name: each for each, name in names.items()}}
    return {**step, "run": f"./{path}"} | ({"env": env} if env else {}), f"#!/usr/bin/env bash\nset -e\n{script}\n"


def _jobs_extracted(tree: Tree) -> Tree:
    """Each job of a caller moves into a reusable workflow of its own, with what it needs as inputs."""
    result = dict(tree)
    for path, text in tree.items():
        workflow = parse(text) if path.startswith(FOLDER) else {"jobs": {}}
        if "workflow_call" in str(workflow.get("on", "")):
            continue
        for name, job in workflow["jobs"].items():
            if "steps" in job and "strategy" not in job:
                called = f"{FOLDER}called-{name}.yml"
                workflow["jobs"][name], result[called] = _as_workflow(job, called, workflow.get("env"))
        if workflow["jobs"]:
            result[path] = write(workflow)
    return result


def _as_workflow(job: dict[str, Any], path: str, environment: dict[str, str] | None) -> tuple[dict[str, Any], str]:
    names: dict[str, str] = {}
    inner = _replaced(
        {key: each for key, each in job.items() if key not in {"needs", "if"}},
        r"\bneeds\.[\w-]+\.outputs\.[\w-]+",
        lambda it: "inputs." + names.setdefault(it[0], f"in{len(names)}"),
    )
    outer = {key: job[key] for key in ("needs", "if", "permissions") if key in job} | {"uses": f"./{path}"}
    if names:
        outer["with"] = {name: "${{ " + each + " }}" for each, name in names.items()}
    if "secrets." in str(job):
        outer["secrets"] = "inherit"
    call = {
        "inputs": {name: {"type": "string", "required": True} for name in names.values()},
        "outputs": {key: {"value": "${{ jobs.it.outputs." + key + " }}"} for key in job.get("outputs", {})},
    }
    called = {"on": {"workflow_call": {key: each for key, each in call.items() if each}}, "jobs": {"it": inner}}
    return outer, write(called | ({"env": environment} if environment else {}))


def _action_inlined(tree: Tree) -> Tree:
    """Each local composite action is written out where it is used."""
    result = dict(tree)
    for path, text in tree.items():
        if path.startswith(FOLDER):
            workflow = parse(text)
            for job in workflow["jobs"].values():
                job["steps"] = [each for step in job.get("steps", ()) for each in _inline(step, tree)]
                if not job["steps"]:
                    del job["steps"]
            result[path] = write(workflow)
    return result


def _inline(step: Step, tree: Tree) -> list[Step]:
    text = tree.get(step.get("uses", "").removeprefix("./") + "/action.yml")
    if text is None:
        return [step]
    given = {name: re.sub(r"^\$\{\{\s*(.*?)\s*\}\}$", r"\1", each) for name, each in step.get("with", {}).items()}
    steps: list[Step] = _replaced(parse(text)["runs"]["steps"], r"inputs\.(\w+)", lambda it: given[it[1]])
    return steps


REWRITES: dict[str, Callable[[Tree], Tree]] = {
    "written out again": _each(_same),
    "in flow style": _each(_same, default_flow_style=True),
    "with quoted keys": _each(_same, default_style='"'),
    "with folded scalars": _each(_same, default_style=">"),
    "with aliases": _each(_shared, dumper=_Dumper),
    "with comments": _commented,
    "with jobs renamed": _each(_jobs_renamed),
    "with steps renamed": _each(_steps_renamed),
    "with jobs in another order": _each(_jobs_reordered),
    "with keys in another order": _each(_keys_reordered),
    "with brackets": _each(_bracketed),
    "with expressions by the environment": _each(_by_environment),
    "with more steps": _each(_more_steps),
    "with conditions that hold": _each(_always_true),
    "with the environment at the job": _each(_environment_raised),
    "with the rights at the workflow": _each(_permissions_raised),
    "with composite actions": _actions_extracted,
    "with scripts of the repository": _scripts_extracted,
    "with reusable workflows": _jobs_extracted,
    "without composite actions": _action_inlined,
}
