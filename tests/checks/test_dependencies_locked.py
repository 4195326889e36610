"""dependencies-locked: what manifests ask for is in their locks, in a version that they allow."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from trees import judge

if TYPE_CHECKING:
    from collections.abc import Mapping

HASH = f"--hash=sha256:{'0' * 64}"

PYPROJECT = """
[project]
name = "shop"
dependencies = [
    "flask>=3,<4",
    "orders-client @ git+https://git.example.com/acme/orders.git ; python_version >= '3.11'",
]
[project.optional-dependencies]
redis = ["redis>=5"]
[dependency-groups]
dev = ["pytest>=8", {include-group = "lint"}, "shop[redis]"]
lint = ["ruff"]
"""

UV_LOCK = """
version = 1

[[package]]
name = "flask"
version = "3.1.0"
source = { registry = "https://index.example/simple" }

[[package]]
name = "orders-client"
version = "0.4.0"

[[package]]
name = "pytest"
version = "8.4.1"

[[package]]
name = "redis"
version = "5.2.0"

[[package]]
name = "ruff"
version = "0.9.0"

[[package]]
name = "shop"
source = { editable = "." }
"""

PACKAGE = {
    "name": "shop",
    "dependencies": {"express": "^5.0.0", "@acme/ui": "workspace:*"},
    "devDependencies": {"vitest": "~3.1.0"},
}
NPM_LOCK = {
    "lockfileVersion": 3,
    "packages": {
        "": {"dependencies": {"express": "^5.0.0"}, "devDependencies": {"vitest": "~3.1.0"}},
        "node_modules/express": {"version": "5.1.0", "integrity": "sha512-e"},
        "node_modules/vitest": {"version": "3.1.4", "integrity": "sha512-v"},
    },
}
PNPM_LOCK = """
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      express: {specifier: ^5.0.0, version: 5.1.0}
    devDependencies:
      vitest: {specifier: ~3.1.0, version: 3.1.4}
packages:
  express@5.1.0: {resolution: {integrity: sha512-aaa}}
"""
PNPM_11_LOCK = f"""---
lockfileVersion: '9.0'
importers:
  .:
    packageManagerDependencies:
      pnpm: {{specifier: ^11, version: 11.0.1}}
packages:
  pnpm@11.0.1: {{resolution: {{integrity: sha512-bbb}}}}
---
{dedent(PNPM_LOCK)}"""
YARN_1 = """
# yarn lockfile v1


express@^5.0.0:
  version "5.1.0"

"vitest@^3.0.0", vitest@~3.1.0:
  version "3.1.4"
"""
YARN_4 = """
__metadata:
  version: 8

"express@npm:^4.0.0, express@npm:^5.0.0":
  version: 5.1.0

"vitest@npm:~3.1.0":
  version: 3.1.4
"""
BUN = """
{
  "lockfileVersion": 1,
  "workspaces": {
    "": {"name": "shop", "dependencies": {"express": "^5.0.0",}, "devDependencies": {"vitest": "~3.1.0",},},
  },
}
"""

GO_MOD = """
module example.com/shop

go 1.26

require github.com/acme/one v1.2.0

require (
	github.com/acme/two/v2 v2.0.1 // indirect
	github.com/acme/local v0.0.0
	github.com/acme/forked v1.0.0
)

replace github.com/acme/local => ../local
replace (
	github.com/acme/forked => github.com/shop/forked v1.0.1
)
"""
GO_SUM = """
github.com/acme/one v1.2.0 h1:aaaa=
github.com/acme/one v1.2.0/go.mod h1:bbbb=
github.com/acme/two/v2 v2.0.1/go.mod h1:cccc=
github.com/shop/forked v1.0.1 h1:dddd=
"""

CARGO = """
[package]
name = "shop"
[dependencies]
serde = { version = "1.0", features = ["derive"] }
web = { package = "actix_web", version = "4" }
[target.'cfg(unix)'.dependencies]
nix = "0.29"
"""
CARGO_LOCK = """
version = 4

[[package]]
name = "actix-web"
version = "4.9.0"

[[package]]
name = "nix"
version = "0.28.0"

[[package]]
name = "nix"
version = "0.29.1"

[[package]]
name = "serde"
version = "1.0.215"

[[package]]
name = "shop"
version = "0.1.0"
"""

POM = """
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <groupId>com.acme</groupId><artifactId>shop</artifactId><version>1.0-SNAPSHOT</version>
  <properties><jackson.version>2.18.1</jackson.version></properties>
  <dependencies>
    <dependency><groupId>com.fasterxml.jackson.core</groupId>
      <artifactId>jackson-databind</artifactId>
      <version>${jackson.version}</version></dependency>
    <dependency><groupId>com.acme</groupId><artifactId>managed</artifactId></dependency>
    <dependency><groupId>com.acme</groupId><artifactId>sibling</artifactId><version>${project.version}</version></dependency>
  </dependencies>
</project>
"""


def of(files: Mapping[str, str | bytes | None]) -> tuple[str, str]:
    outcome = judge("dependencies-locked", files)
    return outcome.verdict, outcome.reason or outcome.summary


def node(lock: dict[str, str | bytes | None], **changes: object) -> dict[str, str | bytes | None]:
    return {"package.json": json.dumps(PACKAGE | changes, indent=2), **lock}


NPM: dict[str, str | bytes | None] = {"package-lock.json": json.dumps(NPM_LOCK)}


def with_npm(lodash: str) -> dict[str, object]:
    """A lock of npm's that holds another package, besides."""
    entry = {"version": lodash, "integrity": "sha512-x"}
    packages = NPM_LOCK["packages"]
    assert isinstance(packages, dict)
    return {**NPM_LOCK, "packages": {**packages, "node_modules/vitest/node_modules/lodash": entry}}


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK},
        {"pyproject.toml": PYPROJECT, "pylock.toml": UV_LOCK.replace("[[package]]", "[[packages]]")},
        {"requirements.in": "flask", "requirements.txt": f"flask==3.1.0 \\\n    {HASH} \\\n    {HASH}\n    # via x\n"},
        {"requirements.txt": "flask>=3\nredis", "uv.lock": UV_LOCK},
        {"setup.cfg": "[options]\ninstall_requires =\n    Flask>=3\n", "requirements/base.txt": f"flask==3.1 {HASH}"},
        {"Pipfile": "[packages]\nflask = '~=3.0'\n", "Pipfile.lock": '{"default": {"flask": {"version": "==3.1.0"}}}'},
        node(NPM),
        node({"pnpm-lock.yaml": PNPM_LOCK}),
        node({"pnpm-lock.yaml": PNPM_11_LOCK}),
        node({"yarn.lock": YARN_1}),
        node({"yarn.lock": YARN_4}),
        node({"bun.lock": BUN}),
        {"go.mod": GO_MOD, "go.sum": GO_SUM},
        {"go.mod": GO_MOD + "replace github.com/acme/one v1.1.0 => github.com/shop/one v1.1.1\n", "go.sum": GO_SUM},
        {"go.mod": GO_MOD.replace("forked =>", "forked v1.0.0 =>"), "go.sum": GO_SUM},
        {"Cargo.toml": CARGO, "Cargo.lock": CARGO_LOCK},
        {"pom.xml": POM},
        {"build.gradle.kts": "dependencies {\n implementation(\"a:b:1.0\")\n}", "gradle.lockfile": "a:b:1.0=compile"},
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_lock_that_holds_everything_passes(files: dict[str, str | bytes | None]) -> None:
    assert of(files)[0] == "pass"


@pytest.mark.parametrize(
    ("named", "expected"),
    [("./paint-1.0.tgz", "pass"), ("../paint", "pass"), ("~/paint", "pass"), (".paint", "fail"), ("a/paint", "fail")],
)
def test_a_path_is_this_repository_s_own(named: str, expected: str) -> None:
    assert of(node({"yarn.lock": YARN_4}, dependencies={"express": "^5.0.0", "paint": named}))[0] == expected


@pytest.mark.parametrize(("released", "developed", "expected"), [("^4", "^5.0.0", "pass"), ("^5.0.0", "^4", "fail")])
def test_yarn_takes_what_is_asked_for_again_for_development(released: str, developed: str, expected: str) -> None:
    asked = {"dependencies": {"express": released}, "devDependencies": {"express": developed, "vitest": "~3.1.0"}}
    assert of(node({"yarn.lock": YARN_4}, **asked))[0] == expected


def test_the_locks_are_the_evidence() -> None:
    outcome = judge("dependencies-locked", {"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK, "go.mod": "module a\n"})
    assert outcome.summary == "6 dependencies, all locked"
    assert [each.path for each in outcome.evidence] == ["uv.lock"]


@pytest.mark.parametrize(
    ("files", "place", "problem"),
    [
        ({"pyproject.toml": PYPROJECT}, "pyproject.toml:4:6", "`flask>=3,<4`: there is no lock"),
        ({"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK.replace("3.1.0", "2.9.0")}, "pyproject.toml:4:6",
         "`flask>=3,<4` is locked at 2.9.0 in uv.lock"),
        ({"pyproject.toml": PYPROJECT.replace('"pytest>=8"', '"pytest>=8", "mypy"'), "uv.lock": UV_LOCK},
         "pyproject.toml:10:22", "`mypy` is not in uv.lock"),
        ({"pyproject.toml": PYPROJECT.replace("redis>=5", "valkey"), "uv.lock": UV_LOCK}, "pyproject.toml:8:11",
         "`valkey` is not in uv.lock"),
        ({"pyproject.toml": "[tool.poetry]\nname='a'\n[tool.poetry.dependencies]\npython='^3.11'\nflask = '^4'\n",
          "poetry.lock": UV_LOCK}, "pyproject.toml:5:1", "`flask^4` is locked at 3.1.0"),
        ({"requirements.txt": "# pinned\nflask==3.1.0\nredis==5.2.0\n"}, "requirements.txt:2:1", "there is no lock"),
        ({"requirements.txt": f"flask==3.1.0 {HASH}\nredis==5.2.0\n"}, "requirements.txt:2:1", "has no hash"),
        ({"requirements.in": "flask<3\n", "requirements.txt": f"flask==3.1.0 {HASH}"}, "requirements.in:1:1",
         "is locked at 3.1.0"),
        ({"pyproject.toml": "[project]\nname='a'\ndependencies = [\"colorama>=0.3; sys_platform=='win32'\"]\n"},
         "pyproject.toml:3:18", "`colorama>=0.3`: there is no lock"),
        ({"pyproject.toml": "[project]\nname='a'\n[project.optional-dependencies]\ndev = ['pytest==8.4.1']\n"},
         "pyproject.toml:4:9", "`pytest==8.4.1`: there is no lock"),
        ({"setup.py": "install_requires", "requirements.txt": "flask"}, "requirements.txt:1:1", "there is no lock"),
        ({"docs/requirements.txt": "mkdocs\n", "uv.lock": UV_LOCK}, "docs/requirements.txt:1:1", "there is no lock"),
        (node({}), "package.json:4:6", "`express^5.0.0`: there is no lock"),
        (node({"package-lock.json": json.dumps(NPM_LOCK).replace(', "integrity": "sha512-v"', "")}),
         "package-lock.json", "`vitest` has no integrity in package-lock.json"),
        (node(NPM, dependencies={"express": "^6.0.0"}), "package.json:4:6", "is locked at 5.1.0"),
        (node(NPM, dependencies={"fastify": "^5.0.0"}), "package.json:4:6", "is not in package-lock.json"),
        (node({"pnpm-lock.yaml": PNPM_LOCK}, dependencies={"express": "^5.1.0"}), "package.json:4:6",
         "but pnpm-lock.yaml was made for `^5.0.0`"),
        (node({"pnpm-lock.yaml": PNPM_11_LOCK}, dependencies={"fastify": "^5.1.0"}), "package.json:4:6", "is not in"),
        (node({"pnpm-lock.yaml": PNPM_11_LOCK}, dependencies={"pnpm": "^11"}), "package.json:4:6", "is not in"),
        (node({"yarn.lock": YARN_1}, dependencies={"express": "^5.1.0"}), "package.json:4:6", "has no entry"),
        (node({"yarn.lock": YARN_4}, dependencies={"express": "^5.1.0"}), "package.json:4:6", "has no entry"),
        (node({"bun.lock": BUN}, dependencies={"express": "^5.1.0"}), "package.json:4:6", "was made for `^5.0.0`"),
        ({"go.mod": GO_MOD}, "go.mod:5", "there is no go.sum"),
        ({"go.mod": GO_MOD.replace("v2.0.1", "v2.0.2"), "go.sum": GO_SUM}, "go.mod:8", "go.sum has no hash of it"),
        ({"go.mod": GO_MOD.replace("forked =>", "forked v0.9.0 =>"), "go.sum": GO_SUM}, "go.mod:10",
         "`github.com/acme/forked v1.0.0`: go.sum has no hash of it"),
        ({"Cargo.toml": CARGO}, "Cargo.toml:4:1", "there is no Cargo.lock"),
        ({"Cargo.toml": CARGO.replace("0.29", "0.30"), "Cargo.lock": CARGO_LOCK}, "Cargo.toml:7:1",
         "`nix 0.30` is locked at 0.28.0, 0.29.1"),
        ({"pom.xml": POM.replace("2.18.1", "[2.18,3)")}, "pom.xml:7", "has the version `[2.18,3)`"),
        ({"pom.xml": POM.replace("${jackson.version}", "LATEST")}, "pom.xml:7", "another one tomorrow"),
        ({"build.gradle": 'dependencies {\n  // "a:b:1.+"\n  implementation "a:b:2.+"\n}'}, "build.gradle:3",
         "there is no gradle.lockfile"),
    ],
)  # fmt: skip
def test_a_dependency_that_no_lock_fixes_fails_at_its_line(
    files: dict[str, str | bytes | None], place: str, problem: str
) -> None:
    outcome = judge("dependencies-locked", files)
    assert outcome.verdict == "fail", outcome
    assert problem in outcome.summary
    first = outcome.evidence[0]
    assert ":".join(str(each) for each in (first.path, first.line, first.column) if each) == place


CONDA = "name: shop\nchannels: [conda-forge]\ndependencies:\n  # what it runs with\n  - python>=3.14\n"
"""What conda is asked for, of which nothing here says what locks it."""


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"setup.py": "from setuptools import setup\nsetup(install_requires=read())\n"}, "setup.py:2: what setup.py"),
        ({"pyproject.toml": "[project]\nname='a'\ndynamic=['dependencies']\n"}, "pyproject.toml:3:1: its dependencies"),
        ({"build.gradle": "version = '1-SNAPSHOT'\ndependencies {\n}\n"}, "build.gradle:2: without a gradle.lockfile"),
        (node({"bun.lockb": b"\0bin"}), "bun.lockb: it is binary"),
        (node({"package-lock.json": None}), "package-lock.json: it is too large"),
        (node(NPM, dependencies={"express": "next"}), "cannot tell whether that fits"),
        (node({"yarn.lock": YARN_4}, dependencies={"express": "backstage:^"}), "that only a plugin understands"),
        ({"pom.xml": POM.replace("${jackson.version}", "${elsewhere}")}, "pom.xml:7: `jackson-databind` has"),
        ({"mix.exs": "defp deps"}, "mix.exs: manifests and locks of Elixir are not read yet"),
        ({"shop.cabal": "  build-depends: text\n"}, "shop.cabal: manifests and locks of Haskell are not read yet"),
        ({"environment.yml": CONDA}, "environment.yml: manifests and locks of Conda are not read yet"),
        ({"pyproject.toml": "[project\n"}, "pyproject.toml:1: it is not valid TOML"),
        ({"pyproject.toml": "a = " + "[" * 50_000}, "pyproject.toml: it is nested too deep"),
        ({"package.json": "{"}, "package.json: it is not valid JSON"),
        ({"package.json": "[" * 50_000}, "package.json: it is not valid JSON"),
        ({"pom.xml": "<project>"}, "pom.xml:1: it is not valid XML"),
        ({"pom.xml": '<!DOCTYPE a [<!ENTITY b "c">]><project>&b;</project>'}, "it declares entities"),
        ({"pom.xml": "<a>" * 100}, "nested more than 64 levels deep"),
        ({"go.mod": "module a\n[broken\n"}, "go.mod:2: Go knows no `[broken` here"),
        ({"go.mod": "modul a\n"}, "go.mod:1: Go knows no `modul` here"),
        ({"go.mod": "module a\nrequire (\n\tgithub.com/acme/one\n)\n"}, "go.mod:3: Go does not read"),
        ({f"{number}/go.mod": "module a" for number in range(1001)}, "there are 1,001 manifests"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_unknown(files: dict[str, str | bytes | None], reason: str) -> None:
    verdict, said = of(files)
    assert verdict == "unknown"
    assert reason in said


@pytest.mark.parametrize(
    ("files", "fix"),
    [
        ({"pyproject.toml": PYPROJECT.replace("flask>=3,<4", "flask>=9"), "uv.lock": UV_LOCK},
         "Write uv.lock anew: `uv lock`"),
        ({"pyproject.toml": "[tool.poetry]\nname='a'\n[tool.poetry.dependencies]\nflask = '^4'\n",
          "poetry.lock": UV_LOCK}, "Write poetry.lock anew: `poetry lock`"),
        ({"pyproject.toml": "[project]\nname='a'\ndependencies=['boto3']\n",
          "requirements.txt": f"flask==3.1.0 {HASH}"},
         "Write requirements.txt anew: `uv pip compile --generate-hashes` or `pip-compile --generate-hashes`"),
        (node(NPM, dependencies={"fastify": "^5.0.0"}),
         "Write package-lock.json anew: `npm install --package-lock-only`"),
        (node({"yarn.lock": YARN_1}, dependencies={"fastify": "^5.0.0"}), "Write yarn.lock anew: `yarn install`"),
        ({"pyproject.toml": PYPROJECT},
         "Write the lock anew: `uv lock`, `poetry lock` or `uv pip compile --generate-hashes`"),
    ],
)  # fmt: skip
def test_the_fix_is_a_command_of_the_tool_whose_lock_it_is(files: dict[str, str | bytes | None], fix: str) -> None:
    outcome = judge("dependencies-locked", files)
    assert outcome.fix
    assert outcome.fix.summary == fix


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"resolved": "git+ssh://git@github.com/acme/paint.git#0123456789abcdef0123456789abcdef01234567"}, "pass"),
        ({"resolved": "file:vendored/paint.tgz"}, "pass"),
        ({"resolved": "packages/paint", "link": True}, "pass"),
        ({"version": "1.0.0", "inBundle": True}, "pass"),
        ({"version": "1.0.0", "resolved": "https://npm.acme.io/paint/-/paint-1.0.0.tgz"}, "fail"),
    ],
)
def test_what_npm_installs_by_its_contents_alone(entry: dict[str, object], expected: str) -> None:
    lock = {**NPM_LOCK, "packages": {**NPM_LOCK["packages"], "node_modules/express/node_modules/paint": entry}}  # type: ignore[dict-item]
    assert of(node({"package-lock.json": json.dumps(lock)}))[0] == expected


@pytest.mark.parametrize(("version", "expected"), [("5.2.0", "pass"), ("4.9.0", "fail"), ("5.0.0-rc.1", "fail")])
def test_a_lock_of_npm_holds_a_version_that_it_was_made_for(version: str, expected: str) -> None:
    lock = json.dumps(NPM_LOCK).replace('"version": "5.1.0"', f'"version": "{version}"')
    assert of(node({"package-lock.json": lock}))[0] == expected


@pytest.mark.parametrize(
    ("manager", "settings", "locks", "expected"),
    [
        ("npm@11.1.0", "", NPM, "pass"),
        ("yarn@4.1.0", "", NPM, "unknown"),
        ("yarn@4.1.0", "", NPM | {"yarn.lock": YARN_4}, "pass"),
        ("pnpm@10.2.0", "", {"yarn.lock": YARN_4}, "unknown"),
        ("pnpm@10.2.0", "package-lock=false\n", {"pnpm-lock.yaml": PNPM_LOCK}, "pass"),
        ("pnpm@10.2.0", "lockfile = false\n", {"pnpm-lock.yaml": PNPM_LOCK}, "unknown"),
        ("npm@11.1.0", "audit=false\npackage-lock=false\n", NPM, "unknown"),
        ("npm@11.1.0", "# package-lock=false\n", NPM, "pass"),
    ],
)
def test_a_lock_that_the_package_manager_does_not_read_may_hold_nothing(
    manager: str, settings: str, locks: dict[str, str | bytes | None], expected: str
) -> None:
    assert of(node({".npmrc": settings, **locks}, packageManager=manager))[0] == expected
    assert of(node({".npmrc": b"\xff\xfe", **locks}, packageManager=manager))[0] == "unknown"


def test_the_first_locks_of_npm_are_asked_as_deep_as_they_go() -> None:
    inner = {"paint": {"version": "1.0.0", "integrity": "sha512-p"}}
    flat = {
        "express": {"version": "5.1.0", "integrity": "sha512-e", "dependencies": inner},
        "vitest": {"version": "3.1.4", "integrity": "sha512-v"},
    }
    text = json.dumps({"lockfileVersion": 1, "dependencies": flat})
    assert of(node({"package-lock.json": text}))[0] == "pass"
    assert of(node({"package-lock.json": text.replace("sha512-p", "")}))[0] == "fail"


def test_a_member_of_a_workspace_is_locked_by_the_lock_above_it() -> None:
    member = '[project]\nname = "shop-worker"\ndependencies = ["flask"]\n'
    lock = dedent(UV_LOCK) + '\n[[package]]\nname = "shop-worker"\nsource = { editable = "worker" }\n'
    assert of({"worker/pyproject.toml": member, "uv.lock": lock})[0] == "pass"
    assert of({"worker/pyproject.toml": member, "uv.lock": UV_LOCK})[0] == "fail"

    lock = PNPM_LOCK.replace(
        "packages:\n", "  packages/ui:\n    dependencies:\n      react: {specifier: ^19, version: 19}\npackages:\n"
    )
    files = node({"pnpm-lock.yaml": lock, "packages/ui/package.json": '{"dependencies": {"react": "^19"}}'})
    assert of(files)[0] == "pass"
    assert of(files | {"packages/other/package.json": '{"dependencies": {"react": "^19"}}'})[0] == "fail"

    root = '[workspace.dependencies]\nactix = { package = "actix-web", version = "4" }\n'
    inheriting = '[package]\nname = "shop"\n[dependencies]\nactix = { workspace = true }\n'
    assert of({"Cargo.toml": root, "shop/Cargo.toml": inheriting, "Cargo.lock": CARGO_LOCK})[0] == "pass"

    crate = '[package]\nname = "worker"\n[dependencies]\nserde = "1"\nshop = { path = ".." }\n'
    lock = dedent(CARGO_LOCK) + '\n[[package]]\nname = "worker"\nversion = "0.1.0"\n'
    assert of({"worker/Cargo.toml": crate, "Cargo.lock": lock})[0] == "pass"


def test_what_is_somebody_elses_is_not_asked() -> None:
    loose = "flask\n"
    paths = ("examples/a/requirements.txt", "node_modules/a/requirements.txt", "templates/{{ name }}/requirements.txt")
    assert of(dict.fromkeys(paths, loose)) == ("not-applicable", "there is no manifest of dependencies")


@pytest.mark.parametrize("pattern", ["@types/node", "@types/node@^20", "**/@types/node", "shop/@types/node"])
def test_an_override_is_known_by_the_package_that_it_is_about(pattern: str) -> None:
    files = node({"yarn.lock": YARN_1}, dependencies={"@types/node": "*"}, resolutions={pattern: "22"})
    assert of(files)[0] == "pass"


def test_what_an_override_or_a_sibling_replaces_is_not_looked_up_by_its_range() -> None:
    files = node({"yarn.lock": YARN_1}, dependencies={"express": "^9"}, resolutions={"express": "5.1.0"})
    assert of(files)[0] == "pass"
    files = node({"yarn.lock": YARN_1, "ui/package.json": '{"name": "@acme/ui"}'}, dependencies={"@acme/ui": "^1"})
    assert of(files)[0] == "pass"


OVERRIDDEN = ("lodash", "~4.17.0")


@pytest.mark.parametrize(
    ("key", "lock", "expected"),
    [
        ("overrides", {"package-lock.json": json.dumps(with_npm("4.17.21"))}, "pass"),
        ("overrides", {"package-lock.json": json.dumps(with_npm("4.16.0"))}, "unknown"),
        ("overrides", NPM, "pass"),
        ("resolutions", {"package-lock.json": json.dumps(with_npm("4.16.0"))}, "pass"),
        ("pnpm", {"pnpm-lock.yaml": PNPM_LOCK}, "unknown"),
        ("pnpm", {"pnpm-lock.yaml": f"overrides: {{lodash: ~4.17.0}}\n{dedent(PNPM_LOCK)}"}, "pass"),
        ("resolutions", {"yarn.lock": f'{YARN_1}\nlodash@^4.0.0:\n  version "4.17.21"\n'}, "pass"),
        ("resolutions", {"yarn.lock": f'{YARN_1}\nlodash@^4.0.0:\n  version "4.16.0"\n'}, "unknown"),
        ("overrides", {"yarn.lock": f'{YARN_1}\nlodash@^4.0.0:\n  version "4.16.0"\n'}, "pass"),
    ],
)
def test_a_lock_is_made_for_the_overrides_of_its_manifest(key: str, lock: dict[str, str], expected: str) -> None:
    told = dict([OVERRIDDEN])
    files = node({**lock}, **{key: {"overrides": told} if key == "pnpm" else told})
    assert of(files)[0] == expected


@pytest.mark.parametrize(
    "told", [{"lodash": {"x": "1"}}, {"a>lodash": "3"}, {"lodash@3": "3.1"}, {"lodash": "npm:x@1"}]
)
def test_what_an_override_says_of_some_uses_alone_is_not_asked(told: dict[str, object]) -> None:
    files = node({"package-lock.json": json.dumps(with_npm("4.16.0"))}, overrides=told)
    assert of(files)[0] == "pass"


def test_each_component_of_a_monorepo_answers_for_its_own_folder() -> None:
    entity = """
    apiVersion: backstage.io/v1alpha1
    kind: Component
    metadata: {{name: {}}}
    spec: {{type: service, lifecycle: production, owner: payments}}
    """
    location = """
    apiVersion: backstage.io/v1alpha1
    kind: Location
    metadata: {name: all}
    spec: {targets: [./a/catalog-info.yaml, ./b/catalog-info.yaml]}
    """
    files: dict[str, str | bytes | None] = {
        "catalog-info.yaml": location,
        "a/catalog-info.yaml": entity.format("a"),
        "a/requirements.txt": f"flask==3.1 {HASH}",
        "b/catalog-info.yaml": entity.format("b"),
        "b/requirements.txt": "flask",
    }
    assert of(files)[0] == "pass"


# --- tools beside a manifest, and hooks

LOCKED = {"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK}


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("tox.ini", "[testenv]\ndeps =\n    pytest\n    -r requirements-dev.txt\n    .[test]\n", "pass"),
        ("tox.ini", "[testenv]\ndeps =\n    pytest\n    lint: mypy>=1\n", "`mypy>=1` is not in uv.lock"),
        ("tox.ini", "[testenv:docs]\ndeps = sphinx\n", "`sphinx` is not in uv.lock"),
        ("tox.ini", "[testenv]\ndeps =\n    -c constraints.txt\n    sphinx\n", "pass"),
        ("tox.toml", '[env_run_base]\ndeps = ["pytest>=9"]\n', "`pytest>=9` is locked at 8.4.1"),
        ("noxfile.py", 'def tests(session):\n    session.install("pytest", "-e", ".")\n', "pass"),
        (
            "noxfile.py",
            'def tests(session):\n    session.install("-r", "dev.txt", "mypy")\n',
            "`mypy` is not in uv.lock",
        ),
        ("noxfile.py", 'def tests(session):\n    session.install("mypy", "--constraint=c.txt")\n', "pass"),
        ("noxfile.py", "def tests(", "pass"),
        ("noxfile.py", 'def lint(session):\n    session.install("pre-commit")\n', "pass"),
    ],
)
def test_what_tools_install_for_themselves(path: str, text: str, expected: str) -> None:
    outcome = judge("dependencies-locked", {**LOCKED, path: text})
    assert outcome.verdict == ("pass" if expected == "pass" else "fail")
    assert expected == "pass" or (expected in outcome.summary and outcome.evidence[0].path == path)


def test_a_tool_alone_makes_no_project() -> None:
    assert judge("dependencies-locked", {"tox.ini": "[testenv]\ndeps = pytest\n"}).verdict == "not-applicable"


@pytest.mark.parametrize(
    ("hooks", "expected"),
    [
        ("[{repo: https://git.example.com/hooks, rev: v1.2.0, hooks: [{id: a}]}]", "pass"),
        ("[{repo: local, hooks: [{id: a, language: system, entry: make lint}]}, {repo: meta, hooks: []}]", "pass"),
        ("[{repo: https://git.example.com/hooks, rev: main, hooks: [{id: a}]}]", "at the branch `main`"),
        ("[{repo: https://git.example.com/hooks, hooks: [{id: a}]}]", "has no `rev`"),
        ("[{repo: local, hooks: [{id: a, additional_dependencies: [types-requests, 'mypy>=1', prettier@3]}]}]", "pass"),
    ],
)
def test_hooks_of_pre_commit(hooks: str, expected: str) -> None:
    outcome = judge("dependencies-locked", {".pre-commit-config.yaml": f"repos: {hooks}\n"})
    assert outcome.verdict == ("pass" if expected == "pass" else "fail")
    assert expected == "pass" or expected in outcome.summary


def test_a_lock_may_have_a_name_of_its_own() -> None:
    lock = UV_LOCK.replace("[[package]]", "[[packages]]")
    assert judge("dependencies-locked", {"pyproject.toml": PYPROJECT, "pylock.linux.toml": lock}).verdict == "pass"
    elsewhere = {"pyproject.toml": PYPROJECT, "deploy/pylock.linux.toml": lock}
    assert judge("dependencies-locked", elsewhere).verdict == "fail"
    assert judge("dependencies-locked", {"pyproject.toml": PYPROJECT, "pylock.a.b.toml": lock}).verdict == "fail"


@pytest.mark.parametrize(
    "folder",
    [
        "tests/data/app", "testdata", "internal/gotestdata/a", "testassets/site", "test_resources", "Tests/Site",
        "Examples/Web", "_examples/a", "playground/alias", "src/__mocks__", "docs/_vendor/theme",
        "integration/fixtures/project", "src/test/resources/maven", "test_crates/a",
    ],
)  # fmt: skip
def test_fixtures_are_no_projects(folder: str) -> None:
    files = {f"{folder}/pyproject.toml": PYPROJECT, f"{folder}/package.json": '{"dependencies": {"a": "^1"}}'}
    assert judge("dependencies-locked", files).verdict == "not-applicable"


@pytest.mark.parametrize("folder", ["tests", "shop/test", "chart/Tests", "web/__tests__"])
def test_what_tests_install_is_the_projects_own(folder: str) -> None:
    asked = {f"{folder}/requirements.txt": "pytest\n"}
    assert judge("dependencies-locked", asked).verdict == "fail"
    assert judge("dependencies-locked", {f"examples/{folder}/requirements.txt": "pytest\n"}).verdict == "not-applicable"


@pytest.mark.parametrize("folder", ["services/testing", "contest", "latest", "examiner", "vendors"])
def test_folders_that_are_only_called_alike_are_projects(folder: str) -> None:
    assert judge("dependencies-locked", {f"{folder}/pyproject.toml": PYPROJECT}).verdict == "fail"


# --- modules of the repository itself

PARENT = "<project><artifactId>shop-parent</artifactId><version>{version}</version></project>"
MODULE = """
<project>
  <parent><artifactId>shop-parent</artifactId><version>{parent}</version></parent>
  <artifactId>shop-api</artifactId>
  <dependencies>
    <dependency><artifactId>{name}</artifactId><version>{version}</version></dependency>
  </dependencies>
</project>
"""
OTHER = """
<project>
  <parent><artifactId>shop-parent</artifactId><version>1-SNAPSHOT</version></parent>
  <artifactId>shop-core</artifactId>
</project>
"""


@pytest.mark.parametrize(
    ("parent", "name", "version", "expected"),
    [
        ("1-SNAPSHOT", "shop-core", "1-SNAPSHOT", "pass"),
        ("1-SNAPSHOT", "shop-core", "0-SNAPSHOT", "fail"),
        ("1-SNAPSHOT", "orders-client", "1-SNAPSHOT", "fail"),
        ("2-SNAPSHOT", "shop-core", "1-SNAPSHOT", "fail"),
    ],
)
def test_a_module_that_is_built_here_is_no_snapshot_of_somebody(
    parent: str, name: str, version: str, expected: str
) -> None:
    files = {
        "pom.xml": PARENT.format(version="1-SNAPSHOT"),
        "core/pom.xml": OTHER,
        "api/pom.xml": MODULE.format(parent=parent, name=name, version=version),
    }
    assert judge("dependencies-locked", files).verdict == expected


def test_a_module_that_is_called_setup_is_no_manifest() -> None:
    module = {"src/shop/setup.py": "def install_requires(): ...\n", "src/shop/__init__.py": ""}
    assert judge("dependencies-locked", module).verdict == "not-applicable"
    assert judge("dependencies-locked", {"setup.py": "setup(install_requires=read())\n"}).verdict == "unknown"


@pytest.mark.parametrize(
    ("setup", "verdict"),
    [
        ("setup(name='a', install_requires=['flask>=3', 'redis'])", "pass"),
        ("setuptools.setup(install_requires=('flask',), packages=find_packages())", "pass"),
        ("needs = ['flask']\nsetup(install_requires=needs)", "pass"),
        ("setup(install_requires=['flask<3'])", "fail"),
        ("setup(install_requires=['django'])", "fail"),
        ("setup(install_requires=[])  # install_requires: nothing", "pass"),
        ("needs = ['flask']\nneeds.append('django')\nsetup(install_requires=needs)", "unknown"),
        ("needs = ['flask']\nneeds = read()\nsetup(install_requires=needs)", "unknown"),
        ("setup(install_requires=['flask', *more])", "unknown"),
        ("setup(install_requires=['flask'] + more)", "unknown"),
        ("setup(install_requires=[each for each in more])", "unknown"),
        ("setup(install_requires=['flask'], **more)", "unknown"),
        ("if x:\n    setup(install_requires=['flask'])", "unknown"),
        ("setup(install_requires=['flask'])\nsetup(install_requires=['django'])", "unknown"),
        ("setup(install_requires=['flask'", "unknown"),
    ],
)
def test_a_setup_py_in_plain_words_is_read(setup: str, verdict: str) -> None:
    head = "import setuptools\nfrom setuptools import find_packages, setup\n"
    files = {"setup.py": f"{head}{setup}\n", "uv.lock": UV_LOCK}
    assert judge("dependencies-locked", files).verdict == verdict


GEMFILE = """# frozen_string_literal: true
source "https://gems.example"
ruby file: ".ruby-version"
gemspec # ours
gem "rack", "~> 3.0", ">= 3.0.8"
gem 'rails', '8.0.1', require: false
gem "tzinfo-data",
  platforms: %i[mswin jruby]
group :test, :development do
  gem("minitest")
  gem "orders", github: "acme/orders", branch: "main"
end
"""

GEMSPEC = """Gem::Specification.new do |spec|
  spec.name = "shop"
  spec.files = Dir["lib/**/*.rb"]
  spec.add_dependency "json", ">= 2", "< 4"
  spec.add_development_dependency("rake", "~> 13.0")
end
"""

GEMFILE_LOCK = """GIT
  remote: https://git.example/acme/orders.git
  revision: 0123456789
  branch: main
  specs:
    orders (0.1.0)
      rack

PATH
  remote: .
  specs:
    shop (1.0.0)
      json (>= 2, < 4)

GEM
  remote: https://gems.example/
  specs:
    json (2.10.2)
    json (2.10.2-java)
    minitest (5.25.4)
    rack (3.0.8)
    rails (8.0.1)
      rack (>= 2.2.4)
    rake (13.3.0)

PLATFORMS
  ruby

DEPENDENCIES
  minitest
  orders!
  rack (~> 3.0, >= 3.0.8)
  rails (= 8.0.1)
  rake (~> 13.0)
  shop!
  tzinfo-data

BUNDLED WITH
   2.6.2
"""


def ruby(*, lock: str | None = GEMFILE_LOCK, gemfile: str = GEMFILE, gemspec: str = GEMSPEC) -> tuple[str, str]:
    files: dict[str, str | bytes | None] = {"Gemfile": gemfile, "shop.gemspec": gemspec}
    return of(files | ({"Gemfile.lock": lock} if lock is not None else {}))


def test_gems_are_locked_by_the_lock_of_their_gemfile() -> None:
    assert ruby() == ("pass", "7 dependencies, all locked")
    nested = {"Gemfile": 'gemspec path: "cli"\n', "cli/shop.gemspec": GEMSPEC, "Gemfile.lock": GEMFILE_LOCK}
    assert of(dict(nested))[0] == "pass"


@pytest.mark.parametrize(
    ("asked", "held", "expected"),
    [
        ('"shop", spec.version', "shop (= 1.0.0)", "pass"),
        ('"shop", spec.version', "shop (= 0.9.0)", "fail"),
        ('"shop", spec.version', "shop (>= 0.9.0)", "fail"),
        ('"shop", ">= 0.9", spec.version', "shop (= 1.0.0)", "unknown"),
        ('"shop", Shop::VERSION', "shop (= 1.0.0)", "unknown"),
        ('"other", spec.version', "shop (= 1.0.0)", "fail"),
    ],
)
def test_a_gem_may_ask_for_another_one_in_its_own_version(asked: str, held: str, expected: str) -> None:
    lock = GEMFILE_LOCK.replace("GEM\n", f"PATH\n  remote: cli\n  specs:\n    shop-cli (1.0.0)\n      {held}\n\nGEM\n")
    part = f"Gem::Specification.new do |spec|\n  spec.add_dependency {asked}\nend\n"
    both = {"Gemfile": f"{GEMFILE}gemspec path: 'cli'\n", "shop.gemspec": GEMSPEC, "cli/shop-cli.gemspec": part}
    assert of({**both, "Gemfile.lock": lock})[0] == expected


@pytest.mark.parametrize("held", ["3.0.9", "3.10", "3.1.0-x86_64-linux", "3.1.0.rc1"])
def test_gems_of_a_range_may_be_held_at_any_version_of_it(held: str) -> None:
    assert ruby(lock=GEMFILE_LOCK.replace("rack (3.0.8)", f"rack ({held})"))[0] == "pass"


@pytest.mark.parametrize("head", ["source 'https://gems.acme.io'", "git 'https://acme.io/a.git', ref: 'a'", "path 'a'"])
def test_gems_that_stand_in_a_block_of_their_source_are_asked_for(head: str) -> None:
    block = f"{GEMFILE}group :web, optional: true do\n  {head} do\n    gem 'puma', '~> 6.0'\n  end\nend\n"
    held = GEMFILE_LOCK.replace("  rack (~>", "  puma (~> 6.0)!\n  rack (~>").replace(
        "    rack (3", "    puma (6.6.0)\n    rack (3"
    )
    assert ruby(gemfile=block, lock=held) == ("pass", "8 dependencies, all locked")
    assert ruby(gemfile=block)[0] == "fail"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (ruby(lock=None), "`rack~> 3.0, >= 3.0.8`: there is no Gemfile.lock that holds it"),
        (ruby(gemfile=f"{GEMFILE}if ENV['CI']\n  gem 'ci'\nend\n", lock=None), "there is no Gemfile.lock"),
        (ruby(gemfile=f"{GEMFILE}gem 'puma'\n"), "`puma` is not in Gemfile.lock"),
        (ruby(gemfile=GEMFILE.replace("8.0.1", "8.0.2")), "was made for `= 8.0.1`"),
        (ruby(gemfile=GEMFILE.replace(', ">= 3.0.8"', "")), "was made for `~> 3.0, >= 3.0.8`"),
        (ruby(lock=GEMFILE_LOCK.replace("    minitest (5.25.4)\n", "")), "`minitest` is not in Gemfile.lock"),
        (ruby(gemspec=GEMSPEC.replace("< 4", "< 5")), "was made for `>= 2, < 4`"),
        (ruby(gemspec=GEMSPEC.replace("rake", "yard")), "`yard~> 13.0` is not in Gemfile.lock"),
        (of({"shop.gemspec": GEMSPEC}), "there is no Gemfile.lock"),
        (
            ruby(lock=GEMFILE_LOCK.replace("rack (3.0.8)", "rack (2.2.8)")),
            "`rack~> 3.0, >= 3.0.8`, but Gemfile.lock holds 2.2.8",
        ),
        (
            ruby(lock=GEMFILE_LOCK.replace("rake (13.3.0)", "rake (14.0.0)")),
            "`rake~> 13.0`, but Gemfile.lock holds 14.0.0",
        ),
        (ruby(lock=GEMFILE_LOCK.replace("rails (8.0.1)", "rails (8.0.2)")), "but Gemfile.lock holds 8.0.2"),
    ],
)
def test_gems_that_no_lock_fixes_fail(found: tuple[str, str], expected: str) -> None:
    assert found[0] == "fail"
    assert expected in found[1]


@pytest.mark.parametrize(
    "found",
    [
        ruby(gemfile=f"{GEMFILE}if ENV['CI']\n  gem 'ci'\nend\n"),
        ruby(gemfile=f"{GEMFILE}eval_gemfile 'more.rb'\n"),
        ruby(gemfile=f"{GEMFILE}gem name\n"),
        ruby(gemfile=f"{GEMFILE}gem 'rack', '#{{VERSION}}'\n"),
        ruby(gemfile=f"{GEMFILE}gem 'ci' if ENV['CI']\n"),
        ruby(gemfile=f"{GEMFILE}gem 'ci', require: false if ENV['CI']\n"),
        ruby(gemspec=GEMSPEC.replace('"json"', "JSON_NAME")),
        ruby(gemspec=GEMSPEC.replace("  spec.add_dep", "  if jruby\n  spec.add_dep")),
        ruby(lock=GEMFILE_LOCK.replace("DEPENDENCIES", "DEPENDS")),
        ruby(lock=f"<<<<<<< HEAD\n{GEMFILE_LOCK}"),
        of({"Gemfile": "gem 'rack'\n", "shop.gemspec": GEMSPEC,
            "Gemfile.lock": GEMFILE_LOCK.replace("(~> 3.0, >= 3.0.8)", "")}),
    ],
)  # fmt: skip
def test_gems_of_which_only_ruby_knows_are_unknown(found: tuple[str, str]) -> None:
    assert found[0] == "unknown"


COMPOSER = {
    "name": "acme/shop",
    "require": {"php": ">=8.2", "ext-json": "*", "psr/log": "^3.0"},
    "require-dev": {"phpunit/phpunit": "^11"},
    "repositories": [{"type": "vcs", "url": "https://git.example/acme/orders"}],
    "extra": {},
    "scripts": {"test": "phpunit"},
}
"""What no lock depends on stands here, too: its hash is that of the rest, as PHP writes it."""

COMPOSER_LOCK = {
    "content-hash": "fc0a1f64a38378ca6c408ec5b6c59a9b",
    "packages": [{"name": "psr/log", "version": "3.0.2"}, {"name": "acme/log", "provide": {"psr/clock": "1.0"}}],
    "packages-dev": [{"name": "PHPUnit/phpunit", "version": "11.5.3"}],
}


def php(manifest: object = COMPOSER, lock: object = COMPOSER_LOCK, **more: object) -> tuple[str, str]:
    files = {"composer.json": manifest, "composer.lock": lock} | {
        name.replace("__", "/") + ".json": each for name, each in more.items()
    }
    return of({path: json.dumps(each) for path, each in files.items() if each is not None})


def test_packages_of_php_are_locked_by_a_lock_that_was_made_for_their_manifest() -> None:
    assert php() == ("pass", "2 dependencies, all locked")
    assert php(COMPOSER | {"scripts": {}})[0] == "pass"
    assert of({"composer.json": '{"require": {"php": ">=8", "lib-icu": "*", "composer-runtime-api": "^2"}}'})[0] == (
        "not-applicable"
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (php(lock=None), "`psr/log^3.0`: there is no composer.lock that holds it (and 1 more)"),
        (php(COMPOSER | {"config": {"lock": False}}), "there is no composer.lock"),
        (php(COMPOSER | {"require": {"psr/cache": "*"}}), "`psr/cache *` is not in composer.lock"),
        (php(tools__composer={"require": {"acme/lint": "*"}}), "there is no composer.lock that holds it"),
    ],
)
def test_packages_of_php_that_no_lock_holds_fail(found: tuple[str, str], expected: str) -> None:
    assert found[0] == "fail"
    assert expected in found[1]


@pytest.mark.parametrize(
    "found",
    [
        php(COMPOSER | {"require": {"psr/log": "^2.0"}}),
        php(COMPOSER | {"minimum-stability": "dev"}),
        php(COMPOSER | {"config": {"platform": {"php": "8.2"}}}),
        php(lock=COMPOSER_LOCK | {"content-hash": ""}),
        php(lock=[]),
        php(lock={"packages": {}}),
    ],
)
def test_a_lock_of_php_that_was_made_for_another_manifest_is_unknown(found: tuple[str, str]) -> None:
    assert found[0] == "unknown"


def test_a_part_of_php_is_locked_with_the_whole_that_holds_it() -> None:
    part = {"name": "psr/log", "require": {"psr/clock": "^1"}, "require-dev": {"acme/tools": "*"}}
    assert php(parts__log__composer=part) == ("pass", "4 dependencies, all locked")
    assert php(parts__log__composer=part | {"require": {"acme/other": "^1"}})[0] == "fail"
    merged = COMPOSER_LOCK | {"packages": [{"name": "psr/log"}, {"name": "wikimedia/composer-merge-plugin"}]}
    assert php(lock=merged, parts__web__composer=part | {"name": "acme/web"})[0] == "unknown"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pubspec.yaml": "dependencies:\n\n  # which\n  http: ^1.0.0\n"}, "fail"),
        ({"pubspec.yaml": "dev_dependencies: {test: any}\n"}, "fail"),
        ({"pubspec.yaml": "dependencies:\n  http: ^1.0.0\n", "pubspec.lock": ""}, "unknown"),
        ({"packages/a/pubspec.yaml": "dependencies:\n  http: ^1.0.0\n", "pubspec.lock": ""}, "unknown"),
        ({"packages/a/pubspec.yaml": "dependencies:\n  http: ^1.0.0\n", "other/pubspec.lock": ""}, "fail"),
        ({"pubspec.yaml": "name: a\ndependencies:\nenvironment:\n  sdk: ^3.0.0\n"}, "not-applicable"),
        ({"environment.yml": "name: production\ndependencies:\n  database: shop\n"}, "not-applicable"),
        ({"environment.yaml": "dependencies: [python=3.14]\n"}, "unknown"),
    ],
)
def test_what_no_file_locks_is_not_locked_though_it_is_not_read(files: dict[str, str], expected: str) -> None:
    assert of(dict(files))[0] == expected


CSPROJ = """\ufeff<Project Sdk="Microsoft.NET.Sdk">
  <ItemGroup><PackageReference Include="Serilog" Version="4.2" /></ItemGroup>
  <ItemGroup Condition="'$(TargetFramework)' == 'net462'"><PackageReference Include="Old" Version="1.0.0" /></ItemGroup>
</Project>
"""


def taking(more: str) -> str:
    return CSPROJ.replace("<ItemGroup>", f"{more}<ItemGroup>", 1)


def locked(**requested: str) -> str:
    packages = {name: {"type": "Direct", "requested": text, "resolved": "4.2.0"} for name, text in requested.items()}
    return json.dumps({"version": 1, "dependencies": {"net8.0": packages, "net462": packages}})


NUGET_LOCK = locked(Serilog="[4.2.0, )", Old="[1.0.0, )")
CENTRAL: dict[str, str | bytes | None] = {
    "src/A/A.csproj": '<Project><PackageReference Include="serilog" /></Project>',
    "Directory.Packages.props": '<Project><PackageVersion Include="Serilog" Version="4.2.0" /></Project>',
    "src/A/packages.lock.json": NUGET_LOCK,
}
ANALYZER = '<Project><PackageReference Include="Analyzer" Version="1.0.0" /></Project>'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"A.csproj": CSPROJ, "packages.lock.json": NUGET_LOCK}, ("pass", "2 dependencies, all locked")),
        (CENTRAL, ("pass", "1 dependency, all locked")),
        ({"A.csproj": "<Project />"}, ("not-applicable", "")),
        ({"A.csproj": CSPROJ}, ("fail", "`serilog 4.2`: there is no packages.lock.json that holds it")),
        ({"A.csproj": "<Project />", "Directory.Build.props": ANALYZER}, ("fail", "`analyzer 1.0.0`: there is no")),
        ({"A.csproj": CSPROJ, "packages.lock.json": locked(Old="[1.0.0, )")}, ("fail", "`serilog 4.2` is not in")),
        ({"A.csproj": CSPROJ, "packages.lock.json": '{"version": 1}'}, ("fail", "is not in packages.lock.json")),
        ({"A.csproj": CSPROJ, "packages.lock.json": locked(Serilog="[4.1.0, )", Old="[1.0.0, )")},
         ("fail", "packages.lock.json was made for `[4.1.0, )`")),
        ({"A.csproj": CSPROJ, "packages.lock.json": "{"}, ("unknown", "it is not valid JSON")),
        ({"A.csproj": CSPROJ.replace('"4.2"', '"4.*"'), "packages.lock.json": NUGET_LOCK}, ("unknown", "only NuGet")),
        ({"A.csproj": CSPROJ.replace("<ItemGroup>", '<Import Project="b.props" /><ItemGroup>', 1),
          "packages.lock.json": NUGET_LOCK}, ("unknown", "only known by building it")),
        ({"A.csproj": '<Project><Import Project="b.props" /></Project>'}, ("unknown", "only known by building it")),
        ({"src/A.csproj": taking('<Import Project="..\\b.props" />'), "src/packages.lock.json": NUGET_LOCK,
          "b.props": ANALYZER}, ("fail", "`analyzer 1.0.0` is not in")),
        ({"A.csproj": taking('<Import Project="$(MSBuildThisFileDirectory)b.props" />'),
          "packages.lock.json": NUGET_LOCK, "b.props": '<Project><Import Project="b.props" /></Project>'},
         ("pass", "2 dependencies, all locked")),
        ({"A.csproj": taking('<Import Project="$(Shared)b.props" />'), "packages.lock.json": NUGET_LOCK,
          "b.props": "<Project />"}, ("unknown", "only known by building it")),
        ({"A.csproj": taking('<Import Project="b.props" Condition="x" />'), "packages.lock.json": NUGET_LOCK,
          "b.props": "<Project />"}, ("unknown", "only known by building it")),
        ({"A.csproj": taking("<PropertyGroup><PackageVersion>1.0</PackageVersion></PropertyGroup>"),
          "packages.lock.json": NUGET_LOCK}, ("pass", "2 dependencies, all locked")),
        ({"A.csproj": "<Project />", "packages.config": "<packages />"}, ("unknown", "packages.config: what it")),
        ({"A.csproj": "<Project>"}, ("unknown", "it is not valid XML")),
        ({"A.csproj": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, ("unknown", "it declares entities")),
    ],
)  # fmt: skip
def test_packages_of_dotnet(files: dict[str, str | bytes | None], expected: tuple[str, str]) -> None:
    verdict, said = of(files)
    assert verdict == expected[0]
    assert expected[1] in said


@pytest.mark.parametrize("path", ["base.txt", "deps/common.in", "deps/base"])
def test_what_a_requirements_file_includes_is_asked_for(path: str) -> None:
    include = {"requirements.txt": f"-r {path}\n"}
    assert of({**include, path: "flask>=3\n"})[0] == "fail"
    assert of({**include, path: f"flask==3.1.0 {HASH}\n"})[0] == "pass"
    assert of({**include, path: f"-r {path}\n-r missing.txt\nflask\n"})[0] == "fail"


def test_a_lock_that_includes_a_file_without_hashes_installs_nothing() -> None:
    """pip asks for hashes of everything as soon as one requirement has one."""
    hashed = f"flask==3.1.2 --hash=sha256:{'0' * 64}\n"
    loose: dict[str, str | bytes | None]
    loose = {"requirements.txt": f"{hashed}-r requirements-more.txt\n", "requirements-more.txt": "flask>=3\n"}
    assert of(loose) == ("fail", "requirements-more.txt has no hashes, so pip refuses what includes it")
    assert of(loose | {"requirements-more.txt": hashed})[0] == "pass"


@pytest.mark.parametrize(
    ("path", "text", "verdict"),
    [
        ("requirements.lock", f"flask==3.1.2 {HASH}", "pass"),
        ("requirements-dev.lock", f"flask==3.1.2 {HASH}", "pass"),
        ("requirements/base.lock", f"flask==3.1.2 {HASH}", "pass"),
        ("requirements/lock/base.lock", f"flask==3.1.2 {HASH}", "pass"),
        ("requirements/requirements.lock", f"flask==3.1.2 {HASH}", "pass"),
        ("requirements.lock", b"\xff", "unknown"),
        ("requirements.lock", "flask==3.1.2", "fail"),
        ("requirements.lock", f"flask==3.1.2 {HASH}\nredis==7.0.0", "fail"),
        ("requirements.lock", f"flask==2.3.3 {HASH}", "fail"),
        ("tools/requirements.lock", f"flask==3.1.2 {HASH}", "fail"),
        ("base.lock", f"flask==3.1.2 {HASH}", "fail"),
    ],
)
def test_what_pip_compile_has_written_is_a_lock_by_another_name_too(path: str, text: str | bytes, verdict: str) -> None:
    assert of({"pyproject.toml": '[project]\nname = "shop"\ndependencies = ["flask>=3"]\n', path: text})[0] == verdict


@pytest.mark.parametrize(
    "checkout", ["git+https://github.com/acme/lib@main", "-e git+https://github.com/acme/lib#egg=lib"]
)
def test_a_checkout_has_no_hash(checkout: str) -> None:
    said = of({"requirements.txt": f"flask==3.1.2 --hash=sha256:{'0' * 64}\n{checkout}\n"})
    assert said == ("fail", f"`{checkout}` cannot be hashed, so pip refuses the whole file")


def test_the_sum_of_a_go_mod_alone_locks_no_module_that_is_imported() -> None:
    module = "module acme.io/shop\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0"
    sums: dict[str, str | bytes | None]
    sums = {"go.sum": "github.com/google/uuid v1.6.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=\n"}
    assert of(sums | {"go.mod": f"{module}\n"}) == ("fail", "`github.com/google/uuid v1.6.0`: go.sum has no hash of it")
    assert of(sums | {"go.mod": f"{module} // indirect\n"})[0] == "pass"


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        ("pip install --no-cache-dir flask gunicorn", "fail"),
        ("apk add --no-cache curl && pip3 install -U flask", "fail"),
        ("npm install -g serve@14", "fail"),
        ("go install github.com/acme/tool@latest", "fail"),
        ("go install github.com/acme/tool@v1.2.3", "not-applicable"),
        ("apt-get update && apt-get install -y nginx", "not-applicable"),
        ("pip install --no-index ./dist/shop.whl", "not-applicable"),
        ("pip install --require-hashes -r /locks/requirements.txt", "not-applicable"),
        ('["npm", "ci"]', "not-applicable"),
    ],
)
def test_what_an_image_installs_by_its_name_ought_to_be_in_a_manifest(run: str, verdict: str) -> None:
    assert of({"Dockerfile": f"FROM python:3.13\nRUN {run}\n"})[0] == verdict
    locked = f"flask==3.1.2 --hash=sha256:{'0' * 64}\n"
    assert of({"Dockerfile": f"FROM python:3.13\nRUN {run}\n", "requirements.txt": locked})[0] == "pass"


def test_locks_of_terraform_are_not_asked_for() -> None:
    """Whether a folder is a module of others, which has none, only those say who call it."""
    providers = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'

    assert judge("dependencies-locked", {"infra/main.tf": providers}).verdict == "not-applicable"
