"""Parts of a build that have tests of their own, where only those of others run before all is released."""

from __future__ import annotations

import pytest

from releasing import SHIP, job, released_by, repository_of, workflow
from trees import judge

CHECKOUT = "- uses: actions/checkout@v7"
TESTING = '{"name": "NAME", "scripts": {"test": "vitest run"}}'
IDLE = '{"name": "NAME", "scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'


def verdict(test: str, files: dict[str, str]) -> str:
    """Of a release of all after this test."""
    step = test if test.startswith("- ") else f"- run: {test}"
    return judge("tests-gate-release", released_by(CHECKOUT, step, SHIP) | files).verdict


NODE = {
    "package.json": '{"workspaces": ["*", "packages/*"], "scripts": {"test": "vitest run"}}',
    **{f"{name}/package.json": TESTING.replace("NAME", name) for name in ("docs", "core", "app", "e2e", "examples")},
    "types/package.json": '{"name": "types"}',
    "idle/package.json": IDLE,
    "docs/a.test.ts": "",
}
PNPM = NODE | {"pnpm-workspace.yaml": "packages: ['*']\n"}


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("npm test -w docs", "unknown"),
        ("npm run test --workspace=docs", "unknown"),
        ("npm test -w core", "unknown"),
        ("npm test --prefix docs", "unknown"),
        ("cd docs && npm test", "unknown"),
        ("- {run: npx vitest run, working-directory: docs}", "unknown"),
        ("npx vitest run docs", "unknown"),
        ("npx vitest run --root docs", "unknown"),
        ("npx jest core", "unknown"),
        ("npm test -w core -w app", "pass"),
        ("npm test -w core && npm test -w app", "pass"),
        ("npm test --workspaces", "pass"),
        ("npm test", "pass"),
        ("npx vitest run", "pass"),
        ("npx jest core app", "pass"),
        ("npm test -w e2e", "pass"),  # which may ask all others
        ("npm test -w core && npm test", "pass"),
    ],
)
def test_packages_of_a_workspace(test: str, expected: str) -> None:
    assert verdict(test, NODE) == expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("pnpm --filter docs test", "unknown"),
        ("pnpm -F core run test", "unknown"),
        ("pnpm --dir docs test", "unknown"),
        ("pnpm --filter core --filter app test", "pass"),
        ("pnpm -r test", "pass"),
        ("pnpm test", "pass"),
    ],
)
def test_packages_of_pnpm(test: str, expected: str) -> None:
    assert verdict(test, PNPM) == expected


@pytest.mark.parametrize("other", [IDLE, "{}", '{"scripts": {"test": "true"}}'])
def test_a_package_without_tests_of_its_own_wants_none(other: str) -> None:
    files = {path: other if path.startswith("app/") else text for path, text in NODE.items()}
    assert verdict("npm test -w core", files) == "pass"


def test_packages_that_stand_beside_each_other_are_no_workspace() -> None:
    assert verdict("npm --prefix core test", NODE | {"package.json": "{}"}) == "pass"


@pytest.mark.parametrize(
    ("ship", "expected"),
    [
        ("npm publish -w core", "pass"),
        ("npm publish --workspace=core", "pass"),
        ("cd core && npm publish", "pass"),
        ("npm publish -w app", "unknown"),
        ("npm publish --workspaces", "unknown"),
    ],
)
def test_a_package_that_is_published_wants_its_own_tests(ship: str, expected: str) -> None:
    files = released_by(CHECKOUT, "- run: npm test -w core", f"- run: {ship}") | NODE
    assert judge("tests-gate-release", files).verdict == expected


def test_legs_stand_for_all_packages() -> None:
    test = job(
        CHECKOUT,
        "- {run: npx vitest run, working-directory: '${{ matrix.name }}'}",
        strategy="{matrix: {name: [core, app]}}",
    )
    files = repository_of(workflow(test=test, ship=job(SHIP, needs="test"))) | NODE
    assert judge("tests-gate-release", files).verdict == "pass"


PYTHON = {
    "docs/test_a.py": "",
    "shop/main.py": "",
    "shop/tests/test_b.py": "",
    "stock/test_c.py": "",
    "tools/test_d.py": "",
    "integration/test_e.py": "",
}


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("pytest docs", "unknown"),
        ("pytest docs/test_a.py", "unknown"),
        ("python -m pytest docs", "unknown"),
        ("pytest shop", "unknown"),
        ("- {run: pytest, working-directory: docs}", "unknown"),
        ("pytest", "pass"),
        ("pytest shop stock", "pass"),
        ("pytest shop && pytest stock", "pass"),
        ("pytest -k shop", "pass"),
        ("pytest other", "pass"),  # which is no folder here
    ],
)
def test_folders_of_pytest(test: str, expected: str) -> None:
    assert verdict(test, PYTHON) == expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("pytest docs", "unknown"),
        ("pytest tests", "pass"),
        ("pytest tests/unit", "pass"),
        ("pytest tests/test_b.py", "pass"),
        ("pytest docs tests", "pass"),
        ("pytest --doctest-modules shop tests/test_b.py", "pass"),
    ],
)
def test_tests_of_python_in_a_folder_of_their_own(test: str, expected: str) -> None:
    files = dict.fromkeys(("docs/test_a.py", "shop/main.py", "tests/test_b.py", "tests/unit/test_c.py"), "")
    assert verdict(test, files) == expected


DOTNET = {
    "Shop.sln": "",
    "docs/Docs.Tests.csproj": "",
    "src/Core/Core.csproj": "",
    "src/Core.Tests/Core.Tests.csproj": "",
    "src/App.Tests/App.Tests.csproj": "",
    "src/App.IntegrationTests/App.IntegrationTests.csproj": "",
}


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("dotnet test docs/Docs.Tests.csproj", "unknown"),
        ("dotnet test docs", "unknown"),
        ("dotnet test -c Release src/Core.Tests/Core.Tests.csproj", "unknown"),
        ("dotnet test src/Core.Tests", "unknown"),
        ("dotnet test src/Core.Tests && dotnet test src/App.Tests", "pass"),
        ("dotnet test", "pass"),
        ("dotnet test Shop.sln", "pass"),
        ("dotnet test src", "pass"),
    ],
)
def test_projects_of_dotnet(test: str, expected: str) -> None:
    assert verdict(test, DOTNET) == expected


BAZEL = {
    "MODULE.bazel": "",
    "docs/BUILD": "sh_test(name = 'links')\n",
    "core/BUILD.bazel": "go_test(name = 'core_test')\n",
    "app/BUILD": "go_library(name = 'app')\n",
    "tools/BUILD": "py_test(name = 'lint_test')\n",
}


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("bazel test //docs/...", "unknown"),
        ("bazel test //docs:links", "unknown"),
        ("bazel test //core:all", "pass"),
        ("bazel test //docs/... //core/...", "pass"),
        ("bazel test //...", "pass"),
    ],
)
def test_packages_of_bazel(test: str, expected: str) -> None:
    assert verdict(test, BAZEL) == expected


MAVEN = dict.fromkeys(("pom.xml", "core/pom.xml", "docs/pom.xml", "app/pom.xml"), "<project/>")


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("mvn -B verify -rf :app", "unknown"),
        ("mvn -B verify --resume-from docs", "unknown"),
        ("mvn -B verify", "pass"),
    ],
)
def test_modules_of_maven_before_the_one_where_it_resumes(test: str, expected: str) -> None:
    assert verdict(test, MAVEN) == expected


GO = {
    "go.mod": "module acme/shop\n",
    "main.go": "package main\n",
    "main_test.go": "package main\n",
    "internal/a_test.go": "package internal\n",
    "api/go.mod": "module acme/shop/api\n",
    "api/a.go": "package api\n",
    "api/a_test.go": "package api\n",
    "test/e2e/go.mod": "module acme/shop/e2e\n",
    "test/e2e/a_test.go": "package e2e\n",
}
ROOTLESS = {path: text for path, text in GO.items() if path not in {"main_test.go", "internal/a_test.go"}}


@pytest.mark.parametrize(
    ("test", "files", "expected"),
    [
        ("cd api && go test ./...", GO, "unknown"),
        ("go test -C api ./...", GO, "unknown"),
        ("go test ./api/...", GO, "unknown"),
        ("go test ./internal/...", GO, "pass"),
        ("go test ./...", GO, "pass"),
        ("go test ./... && cd api && go test ./...", GO, "pass"),
        ("cd test/e2e && go test ./...", GO, "pass"),  # which may ask all others
        ("cd api && go test ./...", ROOTLESS, "pass"),
    ],
)
def test_modules_of_go_below_one_that_has_tests_itself(test: str, files: dict[str, str], expected: str) -> None:
    assert verdict(test, files) == expected
