"""Workflows as GitHub reads them: what is there, what is refused, and what must not hurt."""

from __future__ import annotations

import pytest

from goldenpath.facts import Facts
from goldenpath.facts.workflows import MAX_WORKFLOWS, Action, Problem, Workflows
from trees import repository

COMMIT = "3d3c42e5aac5ba805825da76410c181273ba90b1"


def read(**files: str | None) -> Workflows:
    """The workflows of a repository: names without folder and ending, other paths with `__` for `/`."""
    return _workflows({f".github/workflows/{name}.yml": text for name, text in files.items()})


def _workflows(files: dict[str, str | bytes | None]) -> Workflows:
    found = Facts(repository(files))["workflows"]
    assert isinstance(found, Workflows)
    return found


@pytest.mark.parametrize(
    ("on", "events"),
    [
        ("push", {"push"}),
        ("[push, pull_request]", {"push", "pull_request"}),
        ("{push: {tags: [v*]}, workflow_dispatch: }", {"push", "workflow_dispatch"}),
        ("5", {"5"}),
        ("[[push]]", set()),
        ("", set()),
        ("null", {"null"}),
    ],
)
def test_triggers(on: str, events: set[str]) -> None:
    for key in ("on", '"on"', "'on'"):
        (workflow,) = read(a=f"{key}: {on}\njobs: {{a: {{steps: []}}}}\n").files
        assert set(workflow.triggers) == events


def test_jobs_and_steps() -> None:
    (workflow,) = read(
        a=(
            "on: push\njobs:\n  a: {needs: b, steps: [{id: x, run: ls}, {uses: a/b@v1}]}\n"
            "  b: {needs: [c, d], uses: ./w.yml}\n"
        )
    ).files
    assert [job.needs for job in workflow.jobs.values()] == [("b",), ("c", "d")]
    assert [step.key for step in workflow.jobs["a"].steps] == ["x", "1"]
    uses = workflow.jobs["b"].uses
    assert uses is not None
    assert (uses.path, uses.is_local) == ("w.yml", True)


@pytest.mark.parametrize(
    ("text", "repository_", "path", "ref", "version"),
    [
        ("actions/checkout@v7", "actions/checkout", "", "v7", "7"),
        ("actions/checkout@v7.0.1", "actions/checkout", "", "v7.0.1", "7.0.1"),
        (f"github/codeql-action/init@{COMMIT}", "github/codeql-action", "init", COMMIT, ""),
        (f"a/b@{COMMIT} # v1.2.3", "a/b", "", COMMIT, "1.2.3"),
        (f"a/b@{COMMIT} # tag=v4", "a/b", "", COMMIT, "4"),
        (f"a/b@{COMMIT} # the main branch", "a/b", "", COMMIT, ""),
        ("a/b@main", "a/b", "", "main", ""),
    ],
)
def test_uses(text: str, repository_: str, path: str, ref: str, version: str) -> None:
    (workflow,) = read(a=f"on: push\njobs: \n  a:\n    steps:\n      - uses: {text}\n").files
    uses = workflow.jobs["a"].steps[0].uses
    assert uses is not None
    assert (uses.repository, uses.path, uses.ref, uses.version) == (repository_, path, ref, version)


@pytest.mark.parametrize("text", ["./x", "./x/", "$/x", "$/x@v1", "./y/../x", ".//x"])
def test_local_uses(text: str) -> None:
    (workflow,) = read(a=f"on: push\njobs: \n  a:\n    steps:\n      - uses: {text}\n").files
    uses = workflow.jobs["a"].steps[0].uses
    assert uses is not None
    assert uses.is_local
    assert uses.path == "x"


REFUSED = {
    "no jobs": "on: push\n",
    "jobs are a list": "on: push\njobs: []\n",
    "no job at all": "on: push\njobs: {}\n",
    "a job is nothing": "on: push\njobs: {a: }\n",
    "a job is a text": "on: push\njobs: {a: b}\n",
    "steps are a mapping": "on: push\njobs: {a: {steps: {}}}\n",
    "a step is a text": "on: push\njobs: {a: {steps: [ls]}}\n",
    "a list": "- on: push\n",
    "nothing": "# nothing\n",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_github_would_not_run_is_refused(text: str) -> None:
    found = read(a=text)
    assert not found.files
    assert [problem.refused for problem in found.problems] == [True]


@pytest.mark.parametrize("text", ["on: [\n", "a: 1\na: 2\n", None], ids=["no YAML", "a key twice", "unreadable"])
def test_what_cannot_be_read_is_a_problem(text: str | None) -> None:
    found = read(a=text, b="on: push\njobs: {a: {steps: []}}\n")
    assert [problem.refused for problem in found.problems] == [False]
    assert [workflow.path for workflow in found.files] == [".github/workflows/b.yml"]


def test_keys_of_the_wrong_kind_are_as_if_they_were_not_there() -> None:
    (workflow,) = read(
        a="on: push\njobs:\n  a:\n    needs: {x: y}\n    if: {}\n    uses: [a]\n    steps:\n"
        "      - {id: [a], run: [a], uses: {b: c}, if: {}, with: [d], env: e, shell: {}}\n"
    ).files
    job = workflow.jobs["a"]
    assert (job.needs, job.uses) == ((), None)
    assert (job.steps[0].key, job.steps[0].run, job.steps[0].uses, job.steps[0].scalar("if")) == ("0", None, None, None)


def test_only_workflow_files_count() -> None:
    files: dict[str, str | bytes | None] = dict.fromkeys(
        (
            ".github/workflows/a.yaml",
            ".github/workflows/b/c.yml",
            ".github/workflows/d.yml.disabled",
            "e/.github/workflows/f.yml",
        ),
        "on: push\njobs: {a: {steps: []}}\n",
    )
    assert [workflow.path for workflow in _workflows(files).files] == [".github/workflows/a.yaml"]


def test_beyond_the_cap_nothing_is_read() -> None:
    found = read(**{f"w{n}": "on: push\njobs: {a: {steps: []}}\n" for n in range(MAX_WORKFLOWS + 1)})
    assert (found.files, found.too_many) == ((), MAX_WORKFLOWS + 1)
    assert read(a="on: push\njobs: {a: {steps: []}}\n").too_many == 0


def test_local_actions() -> None:
    composite = "runs: {using: composite, steps: [{run: ls}]}\n"
    found = _workflows(
        {"x/action.yml": composite, "action.yaml": "runs: {using: node24}\n", "bad/action.yml": "runs: [\n"}
    )
    action, root, bad, missing = (found.action(folder) for folder in ("x", "", "bad", "nowhere"))
    assert isinstance(action, Action)
    assert action.steps is not None
    assert len(action.steps) == 1
    assert found.action("x") is action
    assert isinstance(root, Action)
    assert root.steps is None
    assert isinstance(bad, Problem)
    assert isinstance(missing, Problem)
    assert (bad.refused, missing.refused) == (False, True)
