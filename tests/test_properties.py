"""What holds of every workflow, also of nonsense: there is a verdict, and how its YAML is written changes nothing."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.values import value
from mutations import write
from trees import judge_all

CHECKS = ("build-signed", "sbom-generated", "provenance-verified", "tests-gate-release", "vulnerabilities-gated")
EXAMPLES = settings(max_examples=60, deadline=None, derandomize=True)

EXPRESSIONS = st.sampled_from(
    [
        "github.ref", "github.event_name == 'push'", "steps.a.outputs.digest", "needs.a.outputs.digest", "env.D",
        "inputs.x",
        "always()", "failure()", "!cancelled()", "success() && vars.X", "secrets.K != ''", "matrix.os",
        "fromJSON('[1')",
        "contains(github.event.labels.*.name, 'x')", "format('{0}{1}', 1)", "a.b.c[0]['d'].*", "1 < 'x'", "null",
        "((", "",
        "hashFiles('**/*.lock')", "toJSON(github)", "startsWith(github.ref, 'refs/tags/') || inputs.x && !env.D",
    ]
)  # fmt: skip
EMBEDDED = EXPRESSIONS.map("${{{{ {} }}}}".format)
COMMANDS = st.sampled_from(
    [
        "cosign sign --yes ghcr.io/acme/shop@$D", "docker push ghcr.io/acme/shop:1", "syft . -o spdx-json=s.json",
        "gh release create v1 dist/*", "go test ./...", 'echo "D=$D" >> "$GITHUB_ENV"', "if [ -n \"$D\" ]; then", "fi",
        "for x in a b; do", "done", "f() {", "}", "cat <<E", "E", "| tee log", "&& true", "|| exit 0", "(", ")",
        "'", '"',
        "$(crane digest x)", "set +e", "exit 0", "trap 'exit 0' EXIT", "case $D in", "a) ;;", "esac",
        "while read x; do",
        "\\", "${D%%:*}", "$((1+))", "eval \"$D\"", "source ./x.sh", "make test", "npm publish", "export D=1",
        "[[ a ==",
    ]
)  # fmt: skip
SCRIPTS = st.lists(COMMANDS | EMBEDDED, max_size=8).map("\n".join)
ODD: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.just([])
    | st.just({})
    | st.just([{"a": [None]}])
)
TEXTS = EMBEDDED | st.sampled_from(["ghcr.io/acme/shop:1", "true", "dist/*", "latest", "sha256:" + "1" * 64]) | ODD
ACTIONS = st.sampled_from(
    [
        "docker/build-push-action@v7", "actions/attest@v4", "actions/checkout@v5", "actions/upload-artifact@v6",
        "actions/download-artifact@v7", "softprops/action-gh-release@v2", "./.github/actions/x", "./", "acme/x@v1",
        "docker://alpine:3", "acme/x/.github/workflows/y.yml@v1", "@", "a@", "anchore/sbom-action@v0",
    ]
)  # fmt: skip
NAMES = st.sampled_from(["a", "b", "A", "push", "digest", "a-b", "1"])


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The usual, and now and then something odd."""
    return st.integers(0, 11).flatmap(lambda number: usual if number else ODD)


INPUTS = st.dictionaries(
    st.sampled_from(
        ["push", "tags", "sbom", "subject-digest", "subject-name", "subject-path", "path", "name", "files"]
    ),
    mostly(TEXTS),
    max_size=5,
)
STEP = st.fixed_dictionaries(
    {},
    optional={
        "id": mostly(NAMES), "name": mostly(TEXTS), "if": mostly(EXPRESSIONS | EMBEDDED), "uses": mostly(ACTIONS),
        "with": mostly(INPUTS), "run": mostly(SCRIPTS), "env": mostly(st.dictionaries(NAMES, TEXTS, max_size=3)),
        "shell": mostly(st.sampled_from(["bash", "sh", "pwsh", "bash -e {0}", "{0}"])),
        "continue-on-error": mostly(st.booleans() | EMBEDDED),
    },
)  # fmt: skip
JOB = st.fixed_dictionaries(
    {"steps": mostly(st.lists(mostly(STEP), max_size=6))},
    optional={
        "needs": mostly(NAMES | st.lists(NAMES, max_size=3)), "if": mostly(EXPRESSIONS | EMBEDDED),
        "permissions": mostly(st.sampled_from(["write-all", "read-all", {}, {"id-token": "write",
        "contents": "write"}])),
        "outputs": mostly(st.dictionaries(NAMES, TEXTS, max_size=2)), "runs-on": st.just("ubuntu-24.04"),
        "strategy": mostly(st.just({"matrix": {"os": ["a", "b"], "include": [{"os": "c"}]}})),
        "uses": mostly(st.sampled_from(["./.github/workflows/release.yml", "./.github/workflows/none.yml",
        "a/b/c.yml@v1"])),
        "env": mostly(st.dictionaries(NAMES, TEXTS, max_size=2)), "container": mostly(st.just("alpine")),
        "secrets": mostly(st.just("inherit")), "with": mostly(INPUTS), "environment": mostly(TEXTS),
        "defaults": mostly(st.just({"run": {"shell": "bash", "working-directory": "x"}})),
    },
)  # fmt: skip
TRIGGERS = st.sampled_from(
    [
        "push", ["push", "pull_request"], {"push": {"tags": ["v*"]}}, {"push": None,
        "workflow_call": {"inputs": {"x": None}}},
        {"release": {"types": ["published"]}}, {"workflow_run": {"workflows": ["x"]}},
        {"push": {"branches": ["main", "**"]}},
        {"workflow_dispatch": {"inputs": {"x": {"type": "boolean", "default": True}}}}, {"pull_request_target": None},
    ]
)  # fmt: skip
WORKFLOWS = st.fixed_dictionaries(
    {"on": mostly(TRIGGERS), "jobs": mostly(st.dictionaries(NAMES, mostly(JOB), min_size=1, max_size=4))},
    optional={
        "env": mostly(st.dictionaries(NAMES, TEXTS, max_size=2)),
        "permissions": mostly(st.just({})),
        "name": TEXTS,
    },
)


def verdicts(*texts: str | bytes) -> list[str]:
    """What the checks of a release say of these workflows."""
    files: dict[str, str | bytes | None] = {
        f".github/workflows/{name}.yml": text for name, text in zip(("release", "other"), texts, strict=False)
    }
    return judge_all(CHECKS, files)


@EXAMPLES
@given(WORKFLOWS)
def test_any_workflow_ends_with_a_verdict_however_it_is_written(workflow: dict[str, Any]) -> None:
    block = verdicts(write(workflow, default_flow_style=False))
    assert set(block) <= {"pass", "fail", "unknown"}
    assert verdicts(write(workflow, default_flow_style=True)) == block
    assert verdicts("# gh release create; cosign sign\n" + write(workflow, default_flow_style=False)) == block


@EXAMPLES
@given(WORKFLOWS, WORKFLOWS)
def test_workflows_that_call_each_other_end(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert set(verdicts(write(one), write(other))) <= {"pass", "fail", "unknown"}


@EXAMPLES
@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_what_is_no_workflow_ends_with_a_verdict(data: bytes) -> None:
    assert "pass" not in verdicts(data)


@EXAMPLES
@given(SCRIPTS | st.text(max_size=200))
def test_any_script_is_followed_or_is_said_not_to_be(script: str) -> None:
    with contextlib.suppress(Unfollowable):
        follow(value(script), {}, "bash -e {0}")
