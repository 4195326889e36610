"""Workflows that are built to hurt: whatever they say, there is an answer, and soon."""

from __future__ import annotations

import time
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from releasing import ATTEST, DESCRIBE, PUSH, SHIP, SIGN, job, repository_of, workflow
from trees import judge, judge_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHECKS = ("build-signed", "sbom-generated", "actions-pinned")
SECONDS = 5.0
"""Of the processor, and far more than any of these takes; a hang is longer."""


def verdicts(files: Mapping[str, str | bytes | None]) -> list[str]:
    start = time.process_time()
    found = judge_all(CHECKS, files)
    assert time.process_time() - start < len(CHECKS) * SECONDS
    return found


def call(name: str, **keys: str) -> str:
    return f"uses: ./.github/workflows/{name}.yml\n" + "".join(f"{key}: {value}\n" for key, value in keys.items())


def reusable(**jobs: str) -> str:
    return workflow("{workflow_call: , push: {tags: ['v*']}}", **jobs)


def workflows(files: Mapping[str, str]) -> dict[str, str | bytes | None]:
    return {f".github/workflows/{name}.yml": text for name, text in files.items()}


def composite(*steps: str) -> str:
    return "runs:\n  using: composite\n  steps:\n" + "".join(f"    - {step}\n" for step in steps)


ACTION = {"a/action.yml": composite("uses: ./a")}
TWICE = {"a/action.yml": composite("uses: ./a", "uses: ./a", "uses: ./a")}

HOSTILE: dict[str, Mapping[str, str | bytes | None]] = {
    "10,000 workflows": workflows({f"w{n}": "on: push\njobs: {a: {steps: []}}\n" for n in range(10_000)}),
    "a circle of jobs": repository_of(workflow(a=job(PUSH, needs="b"), b=job(SIGN, needs="a"), c=job(PUSH))),
    "an action that calls itself": {**repository_of(workflow(a=job(PUSH, "- uses: ./a"))), **ACTION},
    "an action that calls itself three times": {**repository_of(workflow(a=job(PUSH, "- uses: ./a"))), **TWICE},
    "a workflow that calls itself": workflows({"w": reusable(a=call("w"), b=call("w"), c=call("w"))}),
    "workflows that call each other": workflows({f"w{n}": reusable(a=call(f"w{(n + 1) % 40}")) for n in range(40)}),
    "a chain of 1,000 jobs": repository_of(
        workflow(**{f"j{n}": job("- run: ls", needs=f"j{n + 1}") for n in range(1000)})
    ),
    "10,000 jobs": repository_of(workflow(**{f"j{n}": "steps: []\n" for n in range(10_000)})),
    "10,000 steps": repository_of(workflow(a=job(PUSH, *["- run: ls"] * 10_000, SIGN))),
    "a matrix of a million legs": repository_of(
        workflow(
            a=job(PUSH, SIGN, strategy="{matrix: {" + ", ".join(f"{k}: {list(range(20))}" for k in "abcdef") + "}}")
        )
    ),
    "a huge script": repository_of(workflow(a=job(PUSH, "- run: |\n" + "    cosign sign x\n" * 30_000))),
    "a long line": repository_of(workflow(a=job(PUSH, "- run: echo " + "x" * 500_000))),
    "a deep script": repository_of(workflow(a=job(PUSH, "- run: " + "(" * 500 + "ls" + ")" * 500))),
    "a deep expression": repository_of(workflow(a=job(PUSH, "- run: ls\n  if: " + "!(" * 500 + "x" + ")" * 500))),
    "many expressions": repository_of(workflow(a=job(PUSH, "- run: echo " + "${{ github.sha }}" * 5_000))),
    "steps from aliases": {
        ".github/workflows/w.yml": "on: push\njobs:\n  a:\n    steps: &s\n"
        + "      - &x {run: cosign sign x}\n      - *x\n" * 1
        + "      - *x\n" * 3_000
        + "".join(f"  b{n}: {{steps: *s}}\n" for n in range(20))
    },
    "an environment that grows": repository_of(
        workflow(a=job(PUSH, *['- run: echo "A=$A$A$A$A" >> $GITHUB_ENV'] * 200, "- run: cosign sign $A"))
    ),
    "artifacts that multiply": repository_of(
        workflow(
            a=job(
                *[f"- run: go build -o out/f{n} ." for n in range(200)],
                *[f"- uses: actions/upload-artifact@v7\n  with: {{name: n{n}, path: out}}" for n in range(100)],
                *["- uses: actions/download-artifact@v8\n  with: {path: d}"] * 100,
                "- run: gh release create v1 d/**",
            )
        )
    ),
    "copies of copies": repository_of(
        workflow(a=job("- run: uv build", *["- run: cp -r dist/* . && cp -r . dist/"] * 300, SHIP))
    ),
    "names of 100 kB": repository_of(workflow(a=job(PUSH.replace("acme/shop", "a" * 100_000), SIGN))),
    "globs that take long": repository_of(
        workflow(a=job("- run: go build -o " + "a" * 200 + " .", "- run: gh release create v1 " + "*a" * 100 + "b"))
    ),
    "an image index of many": repository_of(
        workflow(a=job(*[PUSH.replace("id: push", f"id: p{n}") for n in range(300)], SIGN, SHIP))
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_there_is_an_answer(name: str) -> None:
    signed, described, _ = verdicts(HOSTILE[name])
    assert described != "pass"
    assert signed != "pass" or name == "a matrix of a million legs"  # each leg signs its own


def test_beyond_the_cap_nothing_is_concluded() -> None:
    assert verdicts(HOSTILE["10,000 workflows"]) == ["unknown"] * 3
    many = {f".github/workflows/w{n}.yml": workflow(a=job(*["- run: ls"] * 900)) for n in range(40)}
    assert judge("build-signed", {**many, **repository_of(workflow(a=job(PUSH, SIGN, SHIP)))}).verdict == "unknown"


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
    "'${{'",
    "'${{ x }}'",
    "true",
    "&a [*a]",
)
KEYS = ("on", "env", "defaults", "permissions", "concurrency", "jobs", "name")
JOB_KEYS = (
    "needs", "if", "runs-on", "permissions", "env", "outputs", "strategy", "steps", "uses", "with", "secrets",
    "defaults", "container", "services", "continue-on-error", "timeout-minutes", "environment", "concurrency",
)  # fmt: skip
STEP_KEYS = ("id", "if", "uses", "run", "with", "env", "shell", "working-directory", "continue-on-error", "name")


def _mistyped() -> Iterator[str]:
    whole = workflow(a=job(PUSH, DESCRIBE, SIGN, ATTEST, SHIP))
    for wrong in WRONG_KINDS:
        for key in KEYS:
            yield "\n".join(
                [f"{key}: {wrong}", *(line for line in whole.splitlines() if not line.startswith(f"{key}:"))]
            )
        for key in JOB_KEYS:
            kept = [line for line in whole.splitlines() if not line.startswith(f"    {key}:")]
            yield "\n".join([*kept, f"    {key}: {wrong}"])
        for key in STEP_KEYS:
            yield whole + f"      - uses: docker/build-push-action@v7\n        {key}: {wrong}\n"
            yield whole + f"      - run: cosign sign x\n        {key}: {wrong}\n"
            yield whole + f"      - uses: docker/build-push-action@v7\n        with: {{push: {wrong}, tags: {wrong}}}\n"
        yield whole + f"  b:\n    strategy: {{matrix: {wrong}}}\n    steps: [{{run: ls}}]\n"
        yield whole + f"  b:\n    strategy: {{matrix: {{a: {wrong}, include: {wrong}}}}}\n    steps: [{{run: ls}}]\n"
        yield whole.replace("{push: {tags: ['v*']}}", f"{{push: {wrong}, release: {wrong}, workflow_call: {wrong}}}")


def test_values_of_the_wrong_kind_hurt_nobody() -> None:
    for text in _mistyped():
        verdicts(repository_of(text))


def test_parts_of_actions_of_the_wrong_kind_hurt_nobody() -> None:
    use = repository_of(workflow(a=job(PUSH, "- uses: ./a\n  with: {x: y}", SIGN)))
    for wrong in WRONG_KINDS:
        for key in ("runs", "inputs", "outputs", "name"):
            verdicts(
                {
                    **use,
                    "a/action.yml": f"{key}: {wrong}\n"
                    + ("runs: {using: composite, steps: []}\n" if key != "runs" else ""),
                }
            )
        for key in ("using", "steps", "image", "main"):
            verdicts({**use, "a/action.yml": f"runs: {{{key}: {wrong}}}\n"})
            verdicts({**use, "a/action.yml": f"runs: {{using: composite, steps: [{{{key}: {wrong}}}]}}\n"})


# --- random mutations of a whole workflow

WHOLE = workflow(
    "{push: {tags: ['v*'], branches: [main]}, workflow_dispatch: {inputs: {sign: {type: boolean, default: true}}}}",
    build=job(
        PUSH, DESCRIBE, outputs="{digest: '${{ steps.push.outputs.digest }}'}", strategy="{matrix: {os: [a, b]}}"
    ),
    sign=job(
        "- run: |\n    for x in a b; do cosign sign --yes ghcr.io/acme/shop@$D || exit 1; done\n"
        "    echo \"x=$(jq -r .a m.json)\" >> $GITHUB_OUTPUT\n  env: {D: '${{ needs.build.outputs.digest }}'}",
        "- uses: actions/upload-artifact@v7\n  with: {name: n, path: sbom.json}",
        needs="build",
        if_="always() && needs.build.result == 'success'",
    ),
    ship=job("- uses: actions/download-artifact@v8", "- uses: ./a", SHIP, needs="[build, sign]"),
    call=call("other", needs="sign", secrets="inherit"),
)
OTHER = reusable(x=job("- run: npm publish --provenance", if_="inputs.x != 'y'"))
LEAVES: st.SearchStrategy[Any] = st.sampled_from([
    None, "", "x", "${{ github.ref }}", "${{ needs.build.outputs.digest }}", "${{ always() }}", "build", "sign",
    "always()", "cosign sign $X@$Y", "docker push x", "gh release create v1 dist/*", "actions/attest@v4", "./a", True,
    7, [], {}, ["sign"], {"x": "y"}, [{}], [None], {"matrix": {"x": [1, 2]}}, "write-all", {"id-token": "write"}, "${{",
    "}}", "\x7f", "é" * 50,
])  # fmt: skip


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from _paths(child, (*path, key))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The whole workflow with a few of its parts replaced, taken away, or put somewhere else."""
    tree = yaml.load(WHOLE, yaml.BaseLoader)  # noqa: S506 - a text of our own, read as texts
    for _ in range(draw(st.integers(1, 5))):
        path = draw(st.sampled_from(list(_paths(tree))))
        parent = tree
        for key in path[:-1]:
            parent = parent[key]
        match draw(st.sampled_from(["replace", "replace", "delete", "graft", "double"])):
            case "replace":
                parent[path[-1]] = deepcopy(draw(LEAVES))
            case "delete":
                del parent[path[-1]]
            case "graft":
                other = tree
                for key in draw(st.sampled_from(list(_paths(tree)) or [()])):
                    other = other[key]
                parent[path[-1]] = yaml.safe_load(yaml.safe_dump(other))
            case "double" if isinstance(parent, list):
                parent.append(parent[path[-1]])
        if not tree:
            break
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)


@settings(max_examples=200, deadline=2_000, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_any_mutation_has_an_answer(text: str) -> None:
    files = {**workflows({"w": text, "other": OTHER}), "a/action.yml": composite("run: make x\n      shell: bash")}
    verdicts(files)
