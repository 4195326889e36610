"""Mutation testing of pipelines: what is broken by rule does not pass, and what only looks different does.

As test_mutations.py does with workflows. Mutants and rewrites are made from the parsed good pipeline and written anew.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mutations import write
from pipelines import GOOD, PROOFS, on_gitlab
from toolbox import ROOT
from trees import judge, judge_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Pipeline = dict[str, Any]
Change = tuple[str, "Callable[[Pipeline], object]"]
Files = dict[str, "str | bytes | None"]

LINES = {
    "build-signed": ("build", "cosign sign"),
    "sbom-generated": ("build", "cosign attest"),
    "provenance-verified": ("verify", "cosign verify"),
    "vulnerabilities-gated": ("verify", "grype"),
    "tests-gate-release": ("test", "pytest"),
}
"""The job in which something is proven, and how the line begins that does it."""

MERGE_REQUEST = [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
JOBS: dict[str, dict[str, Any]] = {
    "may fail": {"allow_failure": True},
    "waits for nobody's hand": {"rules": [{"if": "$CI_COMMIT_TAG", "when": "manual", "allow_failure": True}]},
    "in merge requests": {"rules": MERGE_REQUEST},
    "if a variable says so": {"rules": [{"if": "$PROVE"}]},
    "never": {"rules": [{"when": "never"}]},
    "after a failure": {"rules": [{"if": "$CI_COMMIT_TAG", "when": "on_failure"}]},
}
REPLACED = {
    "of a tag": (r"@\$DIGEST", ":latest"),
    "of a digest that is written down": (r"@\$DIGEST", "@sha256:" + "1" * 64),
    "of a digest that is looked up": (r"@\$DIGEST", '@$(crane digest "$IMAGE:latest")'),
    "of another image": (r"\$IMAGE", "registry.example/other/thing"),
    "only echoed": (r"\A", "echo "),
    "only a comment": (r"\A", ": # "),
    "forgiven": (r"\Z", " || true"),
    "in the background": (r"\Z", " &"),
    "if a variable says so": (r"\A(.*)\Z", r'if [ -n "$PROVE" ]; then \1; fi'),
    "after an exit": (r"\A", "exit 0\n"),
    "in a function that nobody calls": (r"\A(.*)\Z", r"f() {\n\1\n}"),
    "printed by a here-document": (r"\A(.*)\Z", r"cat <<'E'\n\1\nE"),
}


def parsed() -> Pipeline:
    found: Pipeline = yaml.safe_load(GOOD)
    return found


def changes(check: str) -> Iterator[Change]:
    """Everything that a rule can break for a check."""
    name, start = LINES[check]

    def at(pipeline: Pipeline) -> int:
        return next(index for index, line in enumerate(pipeline[name]["script"]) if line.startswith(start))

    def replaced(pattern: str, new: str) -> Callable[[Pipeline], object]:
        def change(pipeline: Pipeline) -> None:
            script = pipeline[name]["script"]
            script[at(pipeline)] = re.sub(pattern, new, script[at(pipeline)], count=1, flags=re.DOTALL)

        return change

    yield "left out", lambda it: it[name]["script"].pop(at(it)) and it[name]["script"].append("true")
    for how, (pattern, new) in REPLACED.items():
        yield how, replaced(pattern, new)
    for how, keys in JOBS.items():
        waited_for = check != "sbom-generated" or "allow_failure" not in keys  # nothing has to wait for an SBOM
        if waited_for and not (name == "build" and keys == JOBS["if a variable says so"]):  # else nothing is built
            yield f"the job: {how}", lambda it, keys=keys: it[name].update(copy.deepcopy(keys))  # type: ignore[misc]
    if check != "sbom-generated":
        yield "the release waits for nothing", lambda it: it["release"].update(needs=[])
        yield "the release comes always", lambda it: it["release"].update(when="always", rules=None)
    if name == "verify":
        yield "the digest is not handed over", lambda it: it["build"].pop("artifacts")
        yield "the digest is a file alone", lambda it: it["build"].update(artifacts={"paths": ["build.env"]})
        yield "the digest is not waited for", lambda it: it["verify"].update(needs=[])
        yield "no artifacts of the build", lambda it: it["verify"].update(needs=[{"job": "build", "artifacts": False}])
    if check in {"build-signed", "sbom-generated"}:
        yield "no identity", lambda it: it["build"].pop("id_tokens")
        yield "an identity for others", lambda it: it["build"]["id_tokens"]["SIGSTORE_ID_TOKEN"].update(aud="vault")


def mutants() -> Iterator[tuple[str, str, Pipeline]]:
    for check in PROOFS:
        for name, change in changes(check):
            pipeline = parsed()
            change(pipeline)
            if pipeline != parsed():
                yield check, name, pipeline


MUTANTS = [pytest.param(check, pipeline, id=f"{check}: {name}") for check, name, pipeline in mutants()]


@pytest.mark.parametrize(("check", "pipeline"), MUTANTS)
def test_what_is_broken_does_not_pass(check: str, pipeline: Pipeline) -> None:
    outcome = judge(check, on_gitlab(write(pipeline)))
    assert outcome.verdict != "pass", outcome.summary


def renamed(pipeline: Pipeline) -> Files:
    names = {"test": "checks", "build": "make it", "verify": "look:at:it", "release": "ship"}
    for job in names:
        if "needs" in pipeline[job]:
            pipeline[job]["needs"] = [names[each] for each in pipeline[job]["needs"]]
    return on_gitlab(write({names.get(name, name): each for name, each in pipeline.items()}))


def extended(pipeline: Pipeline) -> Files:
    rules = {".tagged": {"rules": pipeline["build"].pop("rules"), "id_tokens": pipeline["build"].pop("id_tokens")}}
    pipeline["build"]["extends"] = ".tagged"
    return on_gitlab(write({**rules, **pipeline}))


def in_scripts(pipeline: Pipeline) -> Files:
    jobs = ("test", "build", "verify")
    files = {f"ci/{job}.sh": "set -e\n" + "\n".join(pipeline[job]["script"]) + "\n" for job in jobs}
    for job in jobs:
        pipeline[job]["script"] = [f"bash ci/{job}.sh"]
    return {**on_gitlab(write(pipeline)), **files}


def in_one_text(pipeline: Pipeline) -> Files:
    for job in ("build", "verify"):
        pipeline[job]["script"] = "\n".join(pipeline[job]["script"])
    return on_gitlab(write(pipeline))


def by_only(pipeline: Pipeline) -> Files:
    for job in ("build", "verify", "release"):
        pipeline[job]["only"] = pipeline[job].pop("rules") and ["tags"]
    return on_gitlab(write(pipeline))


def in_a_child(pipeline: Pipeline) -> Files:
    start = {"all": {"trigger": {"include": "ci/all.yml", "strategy": "depend"}, "rules": pipeline["build"]["rules"]}}
    return {**on_gitlab(write(start)), "ci/all.yml": write(pipeline)}


REWRITES: dict[str, Callable[[Pipeline], Files]] = {
    "written anew": lambda it: on_gitlab(write(it)),
    "in flow style": lambda it: on_gitlab(write(it, default_flow_style=True)),
    "in another order": lambda it: on_gitlab(write(dict(reversed(it.items())))),
    "with other names": renamed,
    "included": lambda it: {**on_gitlab("include: ci/all.yml\n"), "ci/all.yml": write(it)},
    "included by a pattern": lambda it: {**on_gitlab("include: [{local: 'ci/*.yml'}]\n"), "ci/all.yml": write(it)},
    "extended": extended,
    "in scripts": in_scripts,
    "in one text": in_one_text,
    "by `only`": by_only,
    "in a child pipeline": in_a_child,
    "by the rules of the workflow": lambda it: on_gitlab(write({"workflow": {"rules": it["build"]["rules"]}, **it})),
    "with a default": lambda it: on_gitlab(
        write({"default": {"image": it["build"].pop("image"), "services": it["build"].pop("services")}, **it})
    ),
    "with commands before": lambda it: on_gitlab(write({**it, "verify": {**it["verify"], "before_script": ["date"]}})),
}


@pytest.mark.parametrize("how", REWRITES)
def test_what_means_the_same_passes(how: str) -> None:
    assert dict(zip(PROOFS, judge_all(PROOFS, REWRITES[how](parsed())), strict=True)) == dict.fromkeys(PROOFS, "pass")


def test_the_shares_that_are_reported_are_these() -> None:
    row = f"| GitLab CI | {len(MUTANTS)} | {len(MUTANTS)} | 0 | 100% | {len(REWRITES) * len(PROOFS)} | 100% |"
    assert row in (ROOT / "benchmarks" / "accuracy" / "README.md").read_text(encoding="utf-8")
