"""Scripts of the packages of a workspace: `pnpm -r test`, `pnpm --filter a build`, `npm test -ws`, `npm run x -w a`."""

from __future__ import annotations

import json

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

WORKSPACE = {
    "package.json": json.dumps({"private": True, "workspaces": ["packages/*"], "scripts": {"test": "echo none"}}),
    "pnpm-workspace.yaml": "packages: ['packages/*', '!packages/old']\n",
    "packages/a/package.json": json.dumps({"name": "@acme/a", "scripts": {"test": "vitest run", "build": "tsc"}}),
    "packages/b/package.json": json.dumps(
        {
            "name": "@acme/b",
            "scripts": {"build": "tsc", "ship": "acme-ship"},
            "dependencies": {"@acme/a": "workspace:*"},
        }
    ),
    "packages/old/package.json": json.dumps({"name": "old", "scripts": {"build": "acme-build"}}),
    "examples/c/package.json": json.dumps({"name": "c", "scripts": {"check": "vitest run"}}),
}


def verdict(command: str) -> str:
    """Whether tests come before a release, where nothing but this command could run them."""
    step = f"- run: {command}\n  env: {{TOKEN: '${{{{ secrets.TOKEN }}}}'}}\n"
    return judge("tests-gate-release", released_by(step, PUSH, SHIP) | WORKSPACE).verdict


@pytest.mark.parametrize(
    "command",
    ["pnpm -r test", "pnpm -r run test", "pnpm --filter @acme/a test", "pnpm -F @acme/a run test", "npm test -ws",
     "npm run test --workspaces --if-present", "npm run test -w @acme/a", "npm test --workspace=@acme/a",
     "yarn workspace @acme/a test", "yarn workspace @acme/a run test --run",
     "pnpm --filter '@acme/*' test", "pnpm --filter a test", "pnpm --filter ./packages/a test",
     "npm test -w packages/a",
     "pnpm --filter a --filter b --aggregate-output test", "cd packages/b && pnpm --filter @acme/a test",
     "pnpm --filter @acme/b... test"],
)  # fmt: skip
def test_the_tests_of_packages_are_tests(command: str) -> None:
    assert verdict(command) == "pass"


@pytest.mark.parametrize(
    "command",
    [
        "pnpm -r build",
        "pnpm --filter @acme/b build",
        "npm run build -w @acme/b",
        "yarn workspace @acme/b build",
        "pnpm --filter '@acme/*' build",
        "pnpm --filter @acme/a... build",
        "pnpm --filter ./packages/b build",
        "npm run build -w ./packages/b",
    ],
)
def test_what_builds_packages_tests_nothing(command: str) -> None:
    assert verdict(command) == "fail"


@pytest.mark.parametrize(
    "command",
    [
        "pnpm --filter c check",  # no package of the workspace
        "pnpm --filter $PACKAGE build",
        "pnpm --filter '@acme/*' ship",
        "pnpm --filter '!@acme/b' test",
        "pnpm --filter ...@acme/a test",
        "pnpm --filter '@acme/a^...' test",
        "pnpm --filter './packages/*' test",
        "pnpm --filter packages/a test",
        "pnpm --filter '[main]' test",
        "pnpm --filter ./packages test",  # some versions take all below it
        "npm test -w packages",
        "cd examples/c && npm test -w @acme/a",
        "pnpm --filter @acme/b ship",
        "pnpm -r --no-bail test",
        "pnpm -r gone",
        "pnpm -w run build",
        "npm run build -ws",  # of which one is a program that nobody knows
        "pnpm --filter @acme/a exec acme",
        "yarn workspace c check",  # no package of the workspace
        "yarn workspace $PACKAGE test",
        "yarn workspace @acme/b ship",
    ],
)
def test_what_is_not_known_for_certain_stays_unknown(command: str) -> None:
    assert verdict(command) == "unknown"


def test_what_a_package_depends_on_may_be_taken_from_elsewhere() -> None:
    for wanted in ({"dependencies": {"@acme/a": "^1.0"}}, {"peerDependencies": {"@acme/a": "workspace:*"}}):
        package = json.dumps({"name": "@acme/b", **wanted})
        files = released_by("- run: pnpm --filter @acme/b... test\n", PUSH, SHIP) | WORKSPACE
        assert judge("tests-gate-release", {**files, "packages/b/package.json": package}).verdict == "unknown"


def test_few_of_many_packages_are_followed() -> None:
    script = {"scripts": {"build": "tsc"}}
    many = {f"packages/m{at}/package.json": json.dumps({"name": f"m{at}", **script}) for at in range(70)}
    for command, expected in (("pnpm --filter @acme/a build", "pass"), ("pnpm -r build", "unknown")):
        files = released_by(f"- run: {command}\n", PUSH, SIGN, SHIP) | WORKSPACE | many
        assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize("file", ["packages/a/package.json", "pnpm-workspace.yaml"])
def test_what_the_job_has_rewritten_is_not_followed(file: str) -> None:
    assert verdict(f"echo > {file} && pnpm -r test") == "unknown"
    assert verdict(f"echo > {file}\n- run: pnpm -r test") == "unknown"


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [("['examples/**']", "pass"), ("['**']", "pass"), ("[examples/c]", "pass"), ("['examples/*', '!**/c']", "unknown"),
     ("['*']", "unknown"), ("['{examples,packages}/*']", "unknown"), ("[]", "unknown")],
)  # fmt: skip
def test_which_packages_there_are_says_the_workspace(patterns: str, expected: str) -> None:
    tree = released_by("- run: pnpm --filter c check", PUSH, SHIP) | WORKSPACE
    tree["pnpm-workspace.yaml"] = f"packages: {patterns}\n"
    assert judge("tests-gate-release", tree).verdict == expected


TURBO = """
{
  "$schema": "https://turborepo.com/schema.json", // a comment
  "tasks": {
    "build": {"dependsOn": ["^build"]}, "test": {"dependsOn": ["build"]}, "ci": {"dependsOn": ["test"]},
    "after": {"dependsOn": ["^test"]}, "ship": {}, "gone": {},
  },
}
"""


def by_turbo(command: str, settings: str = TURBO) -> str:
    files = {**WORKSPACE, "turbo.json": settings, "packages/a/index.js": ""}
    return judge("tests-gate-release", released_by(f"- run: {command}", PUSH, SHIP) | files).verdict


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npx turbo run test", "pass"),
        ("npx turbo test --force", "pass"),
        ("pnpm turbo run test --filter=@acme/a", "pass"),
        ("yarn turbo run build test", "pass"),
        ("pnpm exec turbo run test -- --coverage", "pass"),
        ("npx turbo run ci", "pass"),  # which no package has, but what comes before it
        ("npx turbo run build", "fail"),
        ("npx turbo run test -- --listTests", "fail"),
        ("npx turbo run test || true", "fail"),
        ("npx turbo run test --filter=@acme/b", "fail"),
        ("npx turbo run after", "unknown"),
        ("npx turbo run test --affected", "unknown"),
        ("npx turbo run test --filter=...[HEAD^1]", "unknown"),
        ("npx turbo run test --filter=@acme/a...", "pass"),
        ("npx turbo run none", "unknown"),
        ("npx turbo run ship", "unknown"),
    ],
)
def test_what_turbo_runs(command: str, expected: str) -> None:
    assert by_turbo(command) == expected


def test_what_turbo_is_told_by_its_settings() -> None:
    assert by_turbo("npx turbo run test", '{"pipeline": {"test": {}}}') == "pass"
    assert by_turbo("npx turbo run test", '{"tasks": {"test": {}, "a#build": {}}}') == "unknown"
    assert by_turbo("npx turbo run test", '{"tasks": {"build": {}}}') == "unknown"
    assert by_turbo("echo '{}' > turbo.json; npx turbo run test") == "unknown"


@pytest.mark.parametrize("manager", ["pnpm", "yarn", "bun run"])
def test_a_script_is_given_what_stands_behind_its_name(manager: str) -> None:
    files = {"package.json": json.dumps({"scripts": {"test": "jest"}})}
    for given, expected in ("", "pass"), (" --ci", "pass"), (" --listTests", "fail"), (" -- --listTests", "fail"):
        steps = f"- run: {manager} test{given}", SHIP
        assert judge("tests-gate-release", released_by(*steps) | files).verdict == expected
