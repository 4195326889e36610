"""Pipelines of GitLab as GitLab makes them: rules, occasions, variables; and pipelines that are built to hurt."""

from __future__ import annotations

import subprocess
import sys
import time
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldenpath.facts import Facts
from goldenpath.facts.gitlab.expressions import MalformedRule, decide, matches
from goldenpath.facts.gitlab.variables import Variables
from goldenpath.facts.nodes import Scalar
from goldenpath.facts.values import Symbol, Value, display, value
from goldenpath.repository import Place
from pipelines import GOOD, on_gitlab
from trees import judge_all, repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from goldenpath.facts.pipeline.runs import Run

# --- expressions

KNOWN: dict[str, Value | None] = {
    "CI_COMMIT_BRANCH": None,
    "CI_COMMIT_TAG": value(Symbol("gitlab", "CI_COMMIT_TAG")),
    "CI_PIPELINE_SOURCE": value("push"),
    "NAME": value("main"),
    "EMPTY": value(""),
    "PATTERN": value("/^ma/"),
}


def look(name: str) -> Value | None:
    return KNOWN[name] if name in KNOWN else value(Symbol("variable", name))


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("$CI_COMMIT_TAG", True),
        ("$CI_COMMIT_BRANCH", False),
        ("$EMPTY", False),
        ("$CI_COMMIT_BRANCH == null", True),
        ("$EMPTY == null", False),
        ('$EMPTY == ""', True),
        ("$CI_COMMIT_TAG != null", True),
        ("$NAME == 'main'", True),
        ("'main' == ${NAME}", True),
        ("$NAME =~ /^ma/ && $NAME !~ /x/", True),
        ("$NAME =~ $PATTERN", True),
        ("$NAME =~ /MAIN/", False),
        ("$NAME =~ /MAIN/i", True),
        ("$CI_COMMIT_BRANCH =~ /./", False),
        ("$CI_COMMIT_BRANCH && $ANYTHING", False),
        ("$NAME || $ANYTHING", True),
        ("$CI_COMMIT_BRANCH || $NAME && $CI_COMMIT_BRANCH", False),
        ("($CI_COMMIT_BRANCH || $NAME) && $CI_COMMIT_TAG", True),
        ("$ANYTHING", None),
        ("$ANYTHING == null", None),
        ("$ANYTHING == 'yes'", None),
        ("$CI_COMMIT_TAG =~ /^v/", None),
        ("$CI_COMMIT_TAG == 'v1'", None),
    ],
)
def test_a_rule_is_decided_as_far_as_it_goes(text: str, known: bool | None) -> None:
    assert decide(text, look).known is known


def test_equal_conditions_read_alike() -> None:
    one, other = decide("$A == 'x' && ($B || $C)", look), decide("($C || $B)  &&  ${A} == 'x'", look)
    assert one.when_true == other.when_true


@pytest.mark.parametrize("text", ["$A ==", "== $A", "$A $B", "($A", "$A ===", "a", "$A = 'b'", "", "$A == 'b"])
def test_what_gitlab_cannot_read_is_no_rule(text: str) -> None:
    with pytest.raises(MalformedRule):
        decide(text, look)


def test_patterns_come_to_an_end() -> None:
    start = time.perf_counter()
    assert matches(value("a" * 200), "/^(a+)+$/") is None
    assert matches(value("a" * 30 + "!"), "/^(a|a)*$/") is None
    assert matches(value("a" * 200), f"/{'a*' * 50}b/") is None
    assert matches(value("main"), "/(/") is None
    assert time.perf_counter() - start < 1


def test_a_prefix_that_cannot_be_there_decides() -> None:
    branch = value("release-", Symbol("gitlab", "CI_COMMIT_BRANCH"))
    assert matches(branch, r"/^hotfix\//") is False
    assert matches(branch, "/^release-/") is True
    assert matches(branch, "/^release-[0-9]/") is None


# --- variables


def test_variables_are_put_into_each_other() -> None:
    def scalar(text: str) -> Scalar:
        return Scalar(Place("a"), text)

    variables = Variables(
        {"A": value("a"), "NONE": None},
        {"B": scalar("$A-${A}"), "C": scalar("$$A $NONE."), "D": scalar("$D"), "E": scalar("$A"), "F": scalar("$X")},
        {"A": scalar("z")},
        literally=["E"],
    )
    told = {name: display(variables(name) or ()) for name in "ABCDEF"}
    assert told == {"A": "z", "B": "z-z", "C": "$A .", "D": "<variable D>", "E": "$A", "F": "<variable X>"}


# --- which jobs there are on which occasion


def jobs(text: str, label: str) -> set[str]:
    """The jobs that are in the pipeline on an occasion."""
    runs: tuple[Run, ...] = Facts(repository(on_gitlab(text)))["releases"].walked
    return {key for run in runs if run.event.label == label for key in run.waits}


@pytest.mark.parametrize(
    ("keys", "tag", "push"),
    [
        ("", True, True),
        ("only: [tags]", True, False),
        ("only: [main]", False, True),
        ("except: [tags]", False, True),
        ("only: {refs: [branches], variables: [$CI]}", False, True),
        ("only: [merge_requests]", False, False),
        ("only: [main@acme/shop]", False, True),
        ("except: [/^main$/]", True, False),
        ("when: never", False, False),
        ("rules: [{if: $CI_COMMIT_TAG}]", True, False),
        ("rules: [{if: $CI_COMMIT_TAG, when: never}, {when: always}]", False, True),
        ("rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]", False, True),
        ("rules: [{exists: [Dockerfile]}]", False, False),
        ("rules: [{exists: ['*.yml', '.gitlab-ci.yml']}]", True, True),
        ("rules: [{changes: [src/**]}]", True, True),
        ("rules: [{if: '$CI_PIPELINE_SOURCE == \"web\"'}]", False, False),
        ("rules: []", False, False),
    ],
)
def test_a_job_is_there_when_gitlab_says_so(keys: str, tag: bool, push: bool) -> None:
    text = f"usual: {{script: ls}}\nasked:\n  script: ls\n  {keys}\n"
    assert ("asked" in jobs(text, "a pushed tag"), "asked" in jobs(text, "a push to main")) == (tag, push)


def test_the_pipeline_itself_has_rules() -> None:
    text = "workflow: {rules: [{if: $CI_COMMIT_TAG}]}\na: {script: ls}\n"
    assert jobs(text, "a pushed tag") == {"a"}
    assert jobs(text, "a push to main") == set()


def test_a_schedule_is_looked_at_where_it_is_spoken_of() -> None:
    text = "a: {script: ls, rules: [{if: $CI_PIPELINE_SOURCE == 'schedule'}]}\nb: {script: ls, only: [tags]}\n"
    assert jobs(text, "a schedule") == {"a"}


def test_a_run_by_hand_is_looked_at_on_the_branch_that_is_asked_for_with_it() -> None:
    rule = "$CI_PIPELINE_SOURCE == 'web' && $CI_COMMIT_BRANCH == 'stable'"
    text = f"a: {{script: ls, rules: [{{if: {rule}}}]}}\nb: {{script: ls}}\n"
    assert jobs(text, "a run by hand on stable") == {"a", "b"}


@pytest.mark.parametrize(
    ("keys", "label"),
    [
        ("rules: [{if: $CI_PIPELINE_SOURCE == 'pipeline'}]", "the pipeline of another project"),
        ("only: [pipelines]", "the pipeline of another project"),
        ("rules: [{if: $CI_PIPELINE_SOURCE == 'chat'}]", "a command in a chat"),
        ("only: [chat]", "a command in a chat"),
    ],
)
def test_what_others_start_is_looked_at_where_it_is_spoken_of(keys: str, label: str) -> None:
    assert jobs(f"a: {{script: ls, {keys}}}\nb: {{script: ls, only: [tags]}}\n", label) == {"a"}


def test_the_pipeline_of_a_parent_is_none_of_another_project() -> None:
    text = "a: {script: ls, rules: [{if: $CI_PIPELINE_SOURCE == 'parent_pipeline'}]}\n"
    pipeline = Facts(repository(on_gitlab(text)))
    assert "the pipeline of another project" not in {run.event.label for run in pipeline["releases"].walked}


def test_the_default_branch_is_called_as_the_pipeline_calls_it() -> None:
    assert jobs("a: {script: ls, only: [master]}\n", "a push to master") == {"a"}


def test_nothing_of_it_is_loaded_where_there_is_no_pipeline() -> None:
    code = (
        "import sys; from trees import judge; judge('build-signed', {'a': ''}); "
        "print([name for name in sys.modules if name.startswith('goldenpath.facts.gitlab.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


# --- built to hurt

CHECKS = ("build-signed", "sbom-generated", "actions-pinned", "ci-least-privilege")
SECONDS = 8.0


def verdicts(files: Mapping[str, str | bytes | None]) -> list[str]:
    start = time.process_time()
    found = judge_all(CHECKS, files)
    assert time.process_time() - start < len(CHECKS) * SECONDS
    assert set(found) <= {"pass", "fail", "unknown", "not-applicable"}
    return found


def chain(number: int, line: str, last: str) -> str:
    return "".join(line.format(n, n + 1) for n in range(number)) + last.format(number)


HOSTILE: dict[str, Mapping[str, str | bytes | None]] = {
    "10,000 jobs": on_gitlab("".join(f"j{n}: {{script: ls}}\n" for n in range(10_000))),
    "500 jobs that wait for each other": on_gitlab(
        "stages: ["
        + ", ".join(f"s{n}" for n in range(500))
        + "]\n"
        + "".join(f"j{n}: {{stage: s{n}, script: ls, artifacts: {{paths: [a{n}]}}}}\n" for n in range(500))
    ),
    "500 jobs that need all before": on_gitlab(
        "".join(f"j{n}: {{script: ls, needs: [{', '.join(f'j{m}' for m in range(n))}]}}\n" for n in range(300))
    ),
    "jobs in a circle": on_gitlab("a: {script: ls, needs: [b]}\nb: {script: ls, needs: [a]}\n"),
    "a job that needs itself": on_gitlab("a: {script: ls, needs: [a]}\n"),
    "a chain of 1,000 bases": on_gitlab(
        chain(1000, ".b{}: {{extends: .b{}}}\n", ".b{}: {{script: ls}}\na: {{extends: .b0}}\n")
    ),
    "bases that multiply": on_gitlab(
        chain(
            9, ".b{0}: {{extends: [" + ", ".join([".b{1}"] * 9) + "]}}\n", ".b{}: {{script: ls}}\na: {{extends: .b0}}\n"
        )
    ),
    "references in a circle": on_gitlab(
        ".a: {script: [!reference [.b, script]]}\n.b: {script: [!reference [.a, script]]}\n"
        "a: {script: [!reference [.a, script]]}\n"
    ),
    "references that multiply": on_gitlab(
        chain(9, ".r{0}: {{s: [" + ", ".join(["!reference [.r{1}, s]"] * 9) + "]}}\n", ".r{}: {{s: [ls]}}\n")
        + "a: {script: [!reference [.r0, s]]}\n"
    ),
    "files that include each other": {
        ".gitlab-ci.yml": "include: [a.yml, a.yml, a.yml]\nj: {script: ls}\n",
        "a.yml": "include: [b.yml, b.yml]\n",
        "b.yml": "include: [a.yml]\n",
    },
    "a file that includes 1,000": {
        ".gitlab-ci.yml": "include: 'ci/*.yml'\nj: {script: ls}\n",
        **{f"ci/{n}.yml": f"j{n}: {{script: ls}}\n" for n in range(1000)},
    },
    "pipelines that start each other": {
        ".gitlab-ci.yml": "a: {trigger: {include: .gitlab-ci.yml}}\n"
        "b: {trigger: {include: [.gitlab-ci.yml, .gitlab-ci.yml]}}\n"
    },
    "variables that grow": on_gitlab(
        "variables:\n"
        + chain(60, "  A{}: $A{}$A{}\n".replace("{}$A{}", "{1}$A{1}").replace("A{}:", "A{0}:"), "  A{}: x\n")
        + 'a: {script: [cosign sign "$A0"]}\n'
    ),
    "a report that grows": on_gitlab(
        "stages: ["
        + ", ".join(f"s{n}" for n in range(100))
        + "]\n"
        + "".join(
            f"j{n}: {{stage: s{n}, script: ['echo \"A=$A$A$A$A\" > e'], artifacts: {{reports: {{dotenv: e}}}}}}\n"
            for n in range(100)
        )
    ),
    "a matrix of a million legs": on_gitlab(
        "a: {script: ls, parallel: {matrix: [{" + ", ".join(f"{k}: {list(range(20))}" for k in "abcdef") + "}]}}\n"
    ),
    "10,000 rules": on_gitlab("a: {script: ls, rules: [" + ", ".join(f"{{if: $A{n}}}" for n in range(10_000)) + "]}\n"),
    "a long rule": on_gitlab("a: {script: ls, rules: [{if: '" + " || ".join(f"$A{n}" for n in range(400)) + "'}]}\n"),
    "a deep rule": on_gitlab("a: {script: ls, rules: [{if: '" + "(" * 500 + "$A" + ")" * 500 + "'}]}\n"),
    "a pattern that takes long": on_gitlab(
        "variables: {A: " + "a" * 60 + "}\na: {script: ls, rules: [{if: '$A =~ /^(a+)+$/'}]}\n"
    ),
    "a deep script": on_gitlab("a: {script: " + "[" * 40 + "ls" + "]" * 40 + "}\n"),
    "a huge script": on_gitlab("a:\n  script:\n" + "    - cosign sign x\n" * 30_000),
    "globs that take long": {
        ".gitlab-ci.yml": "a: {script: ls, rules: [{exists: ['" + "**/*a" * 30 + "']}]}\n",
        "/".join(["a" * 20] * 12): "",
    },
    "artifacts that multiply": on_gitlab(
        "stages: ["
        + ", ".join(f"s{n}" for n in range(200))
        + "]\n"
        + "".join(
            f"j{n}: {{stage: s{n}, script: [go build -o out/f{n} .], artifacts: {{paths: [out]}}}}\n"
            for n in range(200)
        )
    ),
    "merges that multiply": on_gitlab(
        ".a0: &a0 {"
        + ", ".join(f"k{n}: x" for n in range(50))
        + "}\n"
        + "".join(f".a{n + 1}: &a{n + 1}\n" + f"  <<: *a{n}\n" * 40 for n in range(12))
        + "a: {script: ls}\n"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_there_is_an_answer(name: str) -> None:
    signed, described, *_ = verdicts(HOSTILE[name])
    assert "pass" not in {signed, described}


WRONG_KINDS = (
    "[a]",
    "{}",
    "text",
    "[]",
    "5",
    "",
    "null",
    "[[a]]",
    "{a: [b]}",
    "'$'",
    "true",
    "&a [*a]",
    "!reference [a]",
)
KEYS = ("stages", "include", "variables", "workflow", "default", "image", "services", "cache", "spec", "before_script")
JOB_KEYS = (
    "stage", "script", "before_script", "after_script", "rules", "only", "except", "needs", "dependencies", "when",
    "allow_failure", "artifacts", "id_tokens", "secrets", "environment", "release", "trigger", "inherit", "parallel",
    "extends", "image", "services", "variables", "tags", "retry", "run",
)  # fmt: skip


def test_values_of_the_wrong_kind_hurt_nobody() -> None:
    for wrong in WRONG_KINDS:
        for key in KEYS:
            verdicts(on_gitlab(f"{GOOD}\n{key}: {wrong}\n"))
        for key in JOB_KEYS:
            verdicts(on_gitlab(f"{GOOD}\nlast:\n  script: [ls]\n  {key}: {wrong}\n"))
            verdicts(on_gitlab(GOOD.replace("build:\n", f"build:\n  {key}: {wrong}\n", 1)))


@pytest.mark.parametrize("matrix", ["{A: [x]}", "[{A: {x: y}}]", "[[{A: x}]]", "x"])
def test_a_matrix_that_is_no_list_of_values_hurts_nobody(matrix: str) -> None:
    parallel = f"parallel: {{matrix: {matrix}}}"
    verdicts(on_gitlab(GOOD.replace("build:\n", f"build:\n  {parallel}\n", 1)))
    verdicts(on_gitlab(f"{GOOD}\nlast:\n  script: [ls]\n  needs: [{{job: build, {parallel}}}]\n"))


LEAVES: st.SearchStrategy[Any] = st.sampled_from([
    None, "", "x", "$CI_COMMIT_TAG", "$CI_COMMIT_BRANCH == 'main'", "build", "release", "cosign sign $X@$Y",
    "docker push x", "glab release create v1 dist/*", True, 7, [], {}, ["build"], {"x": "y"}, [{}], [None], "manual",
    {"job": "build", "optional": True}, {"matrix": [{"A": ["x", "y"]}]}, {"if": "$X"}, [{"if": "$X", "when": "never"}],
    {"include": "ci.yml", "strategy": "depend"}, ".base", "\x7f", "é" * 50,
])  # fmt: skip


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, below in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from _paths(below, (*path, key))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The good pipeline with a few of its parts replaced, or taken away."""
    tree = yaml.load(GOOD, yaml.BaseLoader)  # noqa: S506 - a text of our own, read as texts
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(list(_paths(tree))))
        parent = tree
        for key in path[:-1]:
            parent = parent[key]
        if draw(st.booleans()):
            parent[path[-1]] = deepcopy(draw(LEAVES))
        elif len(tree) > 1:
            del parent[path[-1]]
    return yaml.safe_dump(tree, sort_keys=False)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_whatever_is_changed_there_is_a_verdict(text: str) -> None:
    verdicts(on_gitlab(text, ci__yml="a: {script: ls}\n"))
