"""Tests behind tox, nox, just, Task, Composer, Deno, mise and Rake: what runs under a name is read from their files."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from releasing import SHIP, job, released_by, repository_of, workflow
from trees import judge

TOX = """
[tox]
envlist = py{310,311}, lint

[testenv]
deps = pytest
commands = pytest {posargs:tests}

[testenv:lint]
commands =
    ruff check
    mixed: pytest tests/mixed

[testenv:loose]
commands = - pytest

[testenv:ignored]
ignore_outcome = true
commands = pytest

[testenv:steps]
commands_pre = python -m build
commands =
    coverage run \\
        -m pytest
    coverage report

[testenv:factors-{unit,slow}]
commands =
    factors-unit: pytest tests/unit
    !unit: echo nothing

[testenv:shared]
commands = {[testenv]commands}
"""
TOX_TOML = """
[project]
name = "shop"
[tool.tox]
env_list = ["py311", "docs"]
[tool.tox.env_run_base]
commands = [["pytest", {replace = "posargs", default = ["tests"], extend = true}]]
[tool.tox.env.docs]
commands = [["mkdocs", "build"]]
[tool.tox.env.loose]
commands = [["-", "pytest"]]
"""
NOX = """
import nox

nox.options.sessions = ["lint", "tests"]


@nox.session(python=["3.11", "3.12"])
def tests(session):
    session.install("-e", ".[test]")
    session.run("pytest", "--cov", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    session.run("ruff", "check", ".")


@nox.session(name="only-linux")
def linux(session):
    if session.platform == "linux":
        session.run("pytest")


@nox.session
def loose(session):
    session.run("pytest", success_codes=[0, 1])


@nox.session
def strict(session):
    session.run("pytest", success_codes=[0])


@nox.session
def none_found(session):
    session.run("pytest", success_codes=[0, 5])


@nox.session
def none_named(session):
    session.run("pytest", "-k", "nothing", success_codes=(0, 5))


@nox.session
def several(session):
    session.run("pytest", success_codes=[0, 1, 5])


@nox.session
def computed(session):
    session.run("pytest", success_codes=CODES)


@nox.session
def helped(session):
    _test(session)


@nox.session
def early(session):
    if not session.posargs:
        return
    session.run("pytest")
"""
JUSTFILE = """
set shell := ["bash", "-euo", "pipefail", "-c"]
runner := "pytest"
alias t := test

# What runs without a name.
default: lint test

test *args: install
    @{{runner}} {{args}}

lint:
    ruff check

install:
    uv sync

loose:
    -pytest
swallowed:
    pytest || true
script:
    #!/usr/bin/env bash
    set -e
    cd service
    pytest
python:
    #!/usr/bin/env python3
    print("pytest")
by name="unit":
    pytest tests/{{name}}
all: (by "unit") lint
unknown:
    {{env('RUNNER')}} tests
"""
TASKFILE = """
version: "3"
vars: {RUNNER: pytest}
includes: {docs: ./docs}
tasks:
  default: {deps: [lint], cmds: [{task: test}]}
  test:
    cmds:
      - uv sync
      - "{{.RUNNER}} {{.CLI_ARGS}}"
  lint: ruff check
  loose: {ignore_error: true, cmds: [pytest]}
  block:
    cmds:
      - |
        pytest
        echo done
  held: {status: [test -f done], cmds: [pytest]}
  each: {cmds: [{for: [a, b], cmd: "pytest {{.ITEM}}"}]}
  inside: {dir: service, cmds: [./run.sh]}
"""
FILES = {
    "tox.ini": TOX,
    "noxfile.py": NOX,
    "justfile": JUSTFILE,
    "Taskfile.yml": TASKFILE,
    "service/run.sh": "#!/bin/sh -e\npytest\n",
}


def verdict(command: str, files: dict[str, str] | None = None) -> str:
    written = {path: dedent(text).lstrip("\n") for path, text in (files or FILES).items()}
    return judge("tests-gate-release", {**released_by(f"- run: {command}", SHIP), **written}).verdict


@pytest.mark.parametrize(
    "command",
    [
        "tox", "tox -e py311", "tox run -e py311 -- tests/unit", "python -m tox -e 3.11", "tox -e lint,py311",
        "tox -e steps", "tox -e factors-unit", "uv run tox -e py", "uvx tox -p auto", "tox -e lint-mixed",
        "nox", "nox -s tests", "nox -s tests-3.11", "uvx nox -s lint tests", "nox -s tests -- -x",
        "nox -s strict",
        "just", "just test", "just t -x --no-cov", "just script", "just by", "just by e2e", "just all",
        "task", "task test", "task test -- -x", "task lint test", "task inside",
    ],
)  # fmt: skip
def test_passes_after(command: str) -> None:
    assert verdict(command) == "pass"


@pytest.mark.parametrize(
    "command",
    [
        "tox -e lint", "tox -e loose", "tox -e ignored", "tox -e factors-slow", "tox list", "tox --notest -e py",
        "nox -s lint", "nox -s loose", "nox -s several", "nox -s computed", "nox --list",
        "just lint", "just loose", "just swallowed", "just --list", "just --dry-run test",
        "task lint", "task loose", "task block", "task --list", "task --dry test",
    ],
)  # fmt: skip
def test_fails_when_nothing_but_this_comes_before(command: str) -> None:
    assert verdict(command) == "fail"


@pytest.mark.parametrize(
    "command",
    [
        "tox -c other.ini -e py", "tox -e $ENVIRONMENT", "tox -m unit",
        "nox -s only-linux", "nox -s helped", "nox -s early", "nox -s nothing", "nox -t unit", "nox -k tests",
        "nox -s none_found", "nox -s none_named",
        "just python", "just docs::test", "just -f other test", "just unknown",
        "task held", "task each", "task docs:test", "task -t other.yml test",
    ],
)  # fmt: skip
def test_is_unknown_after(command: str) -> None:
    assert verdict(command) == "unknown"


def test_a_session_that_is_content_without_tests_passes_where_there_are_some() -> None:
    assert verdict("nox -s none_found", {"noxfile.py": NOX, "tests/test_shop.py": "def test_shop(): ...\n"}) == "pass"


def test_the_same_in_other_files() -> None:
    for command, expected in ("tox", "pass"), ("tox -e docs", "fail"), ("tox -e loose", "fail"), ("tox -e py", "pass"):
        assert verdict(command, {"pyproject.toml": TOX_TOML}) == expected
    assert verdict("tox -e py", {"setup.cfg": TOX.replace("[tox]", "[tox:tox]")}) == "pass"
    legacy = f'[tool.tox]\nlegacy_tox_ini = """{TOX}"""\n'.replace("\\\n", "\\\\\n")
    assert verdict("tox -e py", {"pyproject.toml": legacy}) == "pass"
    assert verdict("task", {"taskfile.dist.yaml": TASKFILE}) == "pass"
    assert verdict("just", {".justfile": JUSTFILE}) == "pass"


@pytest.mark.parametrize(
    ("ini", "expected"),
    [
        ("[testenv]\ncommands: pytest\n", "pass"),
        ("[testenv]\ncommands = pytest\nbasepython:\n    python3.14\n", "pass"),
        ("[testenv]\ncommands = pytest\nskip_install\n", "unknown"),
        ("[testenv]\ncommands = pytest\nbasepython\n    python3.14\n", "unknown"),
    ],
)
def test_an_ini_of_tox_is_what_configparser_takes_for_one(ini: str, expected: str) -> None:
    assert verdict("tox -e py", {"tox.ini": ini}) == expected


@pytest.mark.parametrize(
    ("command", "settings", "expected"),
    [
        ("sh {toxinidir}{/}scripts{/}test.sh", "", "pass"),
        ("sh scripts{/}none.sh", "", "unknown"),
        ("sh test.sh", "changedir = {toxinidir}{/}scripts", "pass"),
        ("sh {tox_root}/scripts/test.sh", "changedir = ./docs/build/", "pass"),
        ("sh {toxinidir}/scripts/test.sh", "changedir = .", "pass"),
        ("sh scripts/test.sh", "changedir = docs", "unknown"),
    ],
)
def test_places_of_tox_are_folders(command: str, settings: str, expected: str) -> None:
    files = {"tox.ini": f"[testenv]\ncommands = {command}\n{settings}\n", "scripts/test.sh": "pytest\n"}
    assert verdict("tox -e py", files) == expected


def test_a_plugin_chooses_environments() -> None:
    assert verdict("tox", {"tox.ini": TOX + "\n[gh-actions]\npython =\n  3.11: py311\n"}) == "unknown"


def test_without_a_file_nothing_is_known() -> None:
    for command in "tox", "nox -s tests", "just test", "task test":
        assert verdict(command, {"README.md": "pytest\n"}) == "unknown"


def test_they_are_followed_from_the_folder_of_the_step() -> None:
    files = {"service/tox.ini": TOX, "tox.ini": "[testenv]\ncommands = ruff check\n"}
    assert verdict("cd service && tox -e py", files) == "pass"
    assert verdict("tox -e py", files) == "fail"


def test_evidence_leads_to_the_line_that_tests() -> None:
    written = {path: dedent(text).lstrip("\n") for path, text in FILES.items()}
    for command, path, line in (
        ("tox -e py", "tox.ini", 6),
        ("nox -s tests", "noxfile.py", 9),
        ("just test", "justfile", 9),
        ("task test", "Taskfile.yml", 9),
    ):
        found = judge("tests-gate-release", {**released_by(f"- run: {command}", SHIP), **written})
        assert (found.evidence[0].path, found.evidence[0].line) == (path, line)


@pytest.mark.parametrize(
    ("command", "path", "text"),
    [
        ("nox", "noxfile.py", "(" * 5_000),
        ("nox", "noxfile.py", "x = " + "-" * 50_000 + "1"),
        ("nox", "noxfile.py", "x = " + "a." * 50_000 + "a"),
        ("nox", "noxfile.py", "x = " + "-" * 40_000 + "1"),
        ("nox", "noxfile.py", "x = " + "a." * 20_000 + "a"),
        ("nox", "noxfile.py", "- a\n" * 199_000),
        ("nox", "noxfile.py", "import nox\n@nox.session\ndef tests(session):\n    os.system('touch /tmp/owned')\n"),
        ("tox", "tox.ini", "[tox]\nenvlist = " + "-".join(["{a,b,c,d}"] * 40)),
        ("tox", "tox.ini", "[testenv]\ncommands = {[testenv]commands}\n"),
        ("just", "justfile", "a: b\nb: a\n"),
        ("task a", "Taskfile.yml", "tasks: {a: {deps: [b]}, b: {deps: [a]}}"),
        ("task a", "Taskfile.yml", "tasks: [a"),
    ],
)
def test_files_that_are_built_to_hurt(command: str, path: str, text: str) -> None:
    assert verdict(command, {path: text}) in {"unknown", "fail"}


def verdict_after_legs(command: str, matrix: str) -> str:
    test = job(f"- run: {command}", strategy=f"{{matrix: {matrix}}}")
    tree = repository_of(workflow(test=test, ship=job(SHIP, needs="test")))
    return judge(
        "tests-gate-release", {**tree, **{path: dedent(text).lstrip("\n") for path, text in FILES.items()}}
    ).verdict


@pytest.mark.parametrize(
    ("command", "matrix", "expected"),
    [
        ("python -m tox -e ${{ matrix.env }}", "{include: [{env: py311}, {env: py314}]}", "pass"),
        ("tox -e py${{ matrix.python }}", "{python: ['311', '314']}", "pass"),
        ("tox -e ${{ matrix.env }}", "{env: [py311, py314], os: [ubuntu-24.04, macos-15]}", "pass"),
        ("tox -e ${{ matrix.env }}", "{env: [loose, loose], os: [a, b]}", "fail"),
        ("nox -s ${{ matrix.session }}", "{session: [tests-3.11, tests-3.14]}", "pass"),
        ("tox -e ${{ matrix.env }}", "{env: [lint, py311]}", "pass"),
        ("tox -e ${{ matrix.env }}", "{env: [py311, py314, lint]}", "pass"),
        ("tox -e ${{ matrix.env }}", "{env: [lint, loose]}", "fail"),
        ("tox -e ${{ matrix.env }} || true", "{env: [lint, py311]}", "fail"),
        ("tox -e ${{ matrix.env }}", "{env: [py311, '${{ vars.ENV }}']}", "unknown"),
        ("tox -e ${{ matrix.env }}", "{env: '${{ fromJSON(vars.ENVS) }}'}", "unknown"),
        ("tox -e ${{ matrix.env }}", "{include: [{env: py311}, {os: b}]}", "unknown"),
        ("tox -e py311 ${{ matrix.flag }}", "{include: [{flag: --notest}, {flag: -v}]}", "pass"),
        ("tox -e py311 ${{ matrix.flag }}", "{include: [{flag: --notest}, {flag: --listenvs}]}", "fail"),
        ("tox ${{ matrix.flags }}", "{flags: ['-e py311 --notest', '-e lint --notest']}", "unknown"),
        ("tox -e ${{ matrix.env }}", "{env: ['py311 --notest', 'lint; true']}", "unknown"),
        ("tox -e ${{ matrix.env }}", "{env: ['', py311]}", "unknown"),
    ],
)
def test_the_environment_is_that_of_each_leg(command: str, matrix: str, expected: str) -> None:
    assert verdict_after_legs(command, matrix) == expected


def test_legs_are_those_of_their_own_workflow() -> None:
    def of_legs(legs: str) -> str:
        test = job("- run: tox -e ${{ matrix.env }}", strategy=f"{{matrix: {{env: [{legs}]}}}}")
        return workflow(test=test, ship=job(SHIP, needs="test"))

    tox = "[testenv]\ncommands = pytest\n[testenv:{style,types}]\ncommands = ruff check\n"
    tree = repository_of(of_legs("style, types"), **{".github/workflows/a.yml": of_legs("a, b")})
    assert judge("tests-gate-release", {**tree, "tox.ini": tox}).verdict == "fail"


def test_whoever_ships_in_the_legs_waits_for_the_tests_of_its_own() -> None:
    for legs, expected in ("py311, py314", "pass"), ("lint, py311", "unknown"), ("lint, docs", "unknown"):
        steps = "- run: tox -e ${{ matrix.env }}", SHIP
        tree = repository_of(workflow(ship=job(*steps, strategy=f"{{matrix: {{env: [{legs}]}}}}")), **{"tox.ini": TOX})
        assert judge("tests-gate-release", tree).verdict == expected


def test_a_leg_that_may_fail_is_waited_for_by_nobody() -> None:
    for forgiven, expected in ("${{ matrix.env == 'py311' }}", "fail"), ("false", "pass"):
        test = job(
            "- run: tox -e ${{ matrix.env }}",
            strategy="{matrix: {env: [lint, py311]}}",
            continue_on_error=forgiven,
        )
        tree = repository_of(workflow(test=test, ship=job(SHIP, needs="test")), **{"tox.ini": TOX})
        assert judge("tests-gate-release", tree).verdict == expected


COMPOSER = """
{"scripts": {
  "test": ["@putenv MODE=off", "@php vendor/bin/phpunit"], "unit": "./vendor/bin/pest", "check": ["@lint", "@unit"],
  "lint": "phpcs", "loose": "phpunit || true", "listed": "phpunit --list-tests", "own-test": "Acme\\\\Tests::run",
  "round-test": "@round-test", "laravel": "@php artisan test"
}}
"""
DENO = """
{
  // tasks
  "tasks": {
    "test": "deno test -A", "ci": "deno task test && deno lint", "lint": "deno lint",
    "all": {"command": "deno lint", "dependencies": ["test"]}, "loose": "deno test || true",
    "odd-test": {"dependencies": ["x"]},
  },
}
"""
MISE = """
[tools]
go = "1.26"
[env]
CGO_ENABLED = "0"

[tasks]
short = "go test ./..."
several = ["golangci-lint run", "go test ./..."]
lint = "golangci-lint run"
loose = "go test ./... || true"

[tasks.test]
alias = "t"
description = "all of them"
depends = ["lint"]
run = "go test -shuffle=on ./..."

[tasks."test:all"]
depends = ["lint", "test"]

[tasks.script]
run = '''
#!/usr/bin/env bash
go test ./...
go vet ./...
'''
[tasks.strict]
run = '''
go test ./...
go vet ./...
'''
[tasks.own]
shell = "bash -c"
run = '''
go test ./...
go vet ./...
'''
[tasks.mixed]
run = ["golangci-lint run", {task = "short"}]
[tasks.fresh]
sources = ["**/*.go"]
run = "go test ./..."
[tasks.shipped]
file = "scripts/test.sh"
[tasks.any]
depends = ["test:*"]
[tasks.filed]
run = "go test ./..."
"""
RAKE = """
require "bundler/gem_tasks"
begin
  require "rspec/core/rake_task"
  RSpec::Core::RakeTask.new(:spec)
rescue LoadError
  warn "no rspec"
end
RSpec::Core::RakeTask.new(:dry) do |t|
  t.rspec_opts = "--dry-run"
end
RSpec::Core::RakeTask.new(:loose) { |t| t.fail_on_error = false }
RSpec::Core::RakeTask.new(:odd) { |t| t.ruby_opts = opts }
Rake::TestTask.new do |t|
  t.libs << "test"
  t.pattern = "test/**/*_test.rb"
end
RuboCop::RakeTask.new
task default: %i[spec rubocop]
task :check => ["test", :rubocop]
task(:own) do
  sh "rspec"
end
task ci: :spec do
  puts "done"
end
if ENV["CI"]
  RSpec::Core::RakeTask.new(:perhaps)
end
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        *((f"composer {each}", "pass") for each in ("test", "run test", "run-script -n unit", "check", "laravel")),
        *((f"composer {each}", "pass") for each in ("test -- --testdox", "exec phpunit", "exec -- phpunit -v")),
        *((f"composer {each}", "fail") for each in ("lint", "loose", "listed", "install", "run --list")),
        *((f"composer {each}", "unknown") for each in ("own-test", "run own-test", "round-test", "-d x test")),
        *((f"deno task {each}", "pass") for each in ("test", "ci", "all", "-q test", "test --reporter=dot")),
        *((f"deno task {each}", "fail") for each in ("lint", "loose")),
        *((f"deno task {each}", "unknown") for each in ("none-test", "--cwd x test", "odd-test")),
        *((f"{each}", "pass") for each in ("rake", "bundle exec rake", "rake spec", "rake test", "rake -t check")),
        *((f"rake {each}", "fail") for each in ("dry", "loose", "rubocop", "-T", "-n spec")),
        *((f"rake {each}", "unknown") for each in ("odd", "own", "ci", "perhaps", "none", "spec SPEC=x", "-f x spec")),
    ],
)
def test_what_composer_deno_and_rake_run(command: str, expected: str) -> None:
    files = {"composer.json": COMPOSER, "deno.jsonc": DENO, "Rakefile": RAKE}
    assert judge("tests-gate-release", released_by(f"- run: {command}", SHIP) | files).verdict == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        *((f"mise run {each}", "pass") for each in ("short", "several", "test", "t", "test:all", "strict", "mixed")),
        *((f"mise {each}", "pass") for each in ("r test", "tasks run test", "run -j 2 -q test", "run lint ::: test")),
        *((f"mise run {each}", "fail") for each in ("lint", "loose", "script", "own", "-n test", "--dry-run test")),
        *((f"mise run {each}", "unknown") for each in ("fresh", "shipped", "any", "filed", "none", "-c test")),
        *((f"mise run {each}", "unknown") for each in ("-C x test", "$TASK", "test $MORE")),
        ("mise run short -- -run ^$", "fail"),
        ("mise run test -v", "pass"),
    ],
)
@pytest.mark.parametrize("path", ["mise.toml", ".config/mise/config.toml"])
def test_what_mise_runs(command: str, expected: str, path: str) -> None:
    files = {path: MISE, "mise-tasks/filed": "#!/bin/sh\n", "shop_test.go": "package shop\nfunc TestShop(t *T) {}\n"}
    assert judge("tests-gate-release", released_by(f"- run: |\n    {command}", SHIP) | files).verdict == expected


@pytest.mark.parametrize(
    "more",
    [
        {"mise.toml": f"{MISE}[task_config]\nincludes = ['more.toml']\n"},
        {"mise.toml": MISE.replace("[env]", "[env]\n_.path = ['bin']")},
        {"mise.toml": f"{MISE}[settings]\nunix_default_inline_shell_args = 'bash -c'\n"},
        {"mise.toml": MISE, ".mise.toml": "[tasks]\ntest = 'true'\n"},
        {"mise.toml": f"{MISE}["},
        {"mise.toml": "tasks = 5\n"},
        {"mise.toml": f"env = 5\n{MISE.replace('[env]', '[vars]')}"},
        {"mise.toml": f"settings = 5\n{MISE}"},
        {"mise.toml": f"a = {'[' * 100_000}"},
        {
            "mise.toml": "[tasks]\n"
            + "".join(f"a{at} = {{depends = 'a{at + 1}'}}\n" for at in range(3_000))
            + "test.depends = 'a0'"
        },
        {},
    ],
)
def test_where_mise_may_run_something_else_nothing_is_concluded(more: dict[str, str]) -> None:
    assert judge("tests-gate-release", released_by("- run: mise run test", SHIP) | more).verdict == "unknown"


def test_tasks_of_mise_in_legs_of_a_matrix() -> None:
    """Each leg runs its own, and what waits for the job waits for them all."""
    legs = job("- run: mise run ${{ matrix.task }}", strategy="{matrix: {task: [lint, test]}}")
    files = repository_of(workflow(test=legs, ship=job(SHIP, needs="test"))) | {"mise.toml": MISE}
    assert judge("tests-gate-release", files).verdict == "pass"


@pytest.mark.parametrize("aside", ["=begin\n{}\n=end\n", "__END__\n{}\n", "# {}\n", "puts <<~TEXT\n  {}\nTEXT\n"])
def test_what_a_rakefile_only_says_is_no_task(aside: str) -> None:
    files = {"Rakefile": aside.format("RSpec::Core::RakeTask.new")}
    assert judge("tests-gate-release", released_by("- run: rake spec", SHIP) | files).verdict == "unknown"


@pytest.mark.parametrize("line", ["Rake::Task[:spec].clear", "Rails.application.load_tasks", 'load "more.rake"'])
def test_a_rakefile_that_says_more_of_its_tasks(line: str) -> None:
    files = {"Rakefile": f"RSpec::Core::RakeTask.new\n{line}\n"}
    assert judge("tests-gate-release", released_by("- run: rake spec", SHIP) | files).verdict == "unknown"


CHAIN = {f"a{at}": [f"@a{at + 1}"] for at in range(3_000)}
TREE = {f"a{at}": [f"@a{at + 1}"] * 2 for at in range(40)}


@pytest.mark.parametrize(
    ("command", "name", "text"),
    [
        ("composer a0", "composer.json", json.dumps({"scripts": CHAIN})),
        ("composer a0", "composer.json", json.dumps({"scripts": {**TREE, "a40": []}})),
        ("composer test", "composer.json", json.dumps({"scripts": {"test": ["@unit 'a"], "unit": "true"}})),
        ("deno task test", "deno.json", json.dumps({"tasks": {"test": {"command": "true", "dependencies": 5}}})),
        ("deno task test", "deno.jsonc", "{" + "/*" * 100_000),
        ("deno task test", "deno.jsonc", '"' + '\\"' * 100_000),
    ],
    ids=["a long chain", "a wide tree", "a quote that nothing ends", "a number", "comments", "texts"],
)
def test_what_is_built_to_hurt_is_no_defect_and_takes_no_time(command: str, name: str, text: str) -> None:
    assert judge("tests-gate-release", released_by(f"- run: {command}", SHIP) | {name: text}).verdict == "unknown"


def released_by_tool(command: str, name: str, text: str, check: str = "build-signed") -> str:
    tree = repository_of(workflow(release=job("- uses: actions/checkout@v6", f"- run: {command}")))
    return judge(check, tree | {name: text, "shop_test.go": "package shop\n"}).verdict


BUILD = "docker buildx build --push -t ghcr.io/acme/%s:1 --metadata-file %s.json %s"
SIGN_BUILT = "cosign sign --yes ghcr.io/acme/%s@$(jq -r '.\"containerimage.digest\"' %s.json)"
RELEASED_BY_JUST = f"""
image := "ghcr.io/acme/shop"

test:
    go test ./...

build name:
    {BUILD.replace("%s", "{{name}}")}

sign name:
    {SIGN_BUILT.replace("%s", "{{name}}")}

only-api version: (build "api") (sign "api")
    gh release create {{{{version}}}}

both: (build "api") (build "web") (sign "api")
    gh release create v1

each: (build "api") (build "web") (sign "api") (sign "web")
    gh release create v1

named version tag="1": (build "shop")
    cosign sign --yes {{{{image}}}}@$(jq -r '."containerimage.digest"' shop.json)
    gh release create {{{{version}}}}

tested-before: test
    gh release create v1

tested-behind: && test
    gh release create v1

tested-between: test && (named "v1")
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("just only-api v1", "pass"),
        ('just only-api "$GITHUB_REF_NAME"', "pass"),
        ("just only-api ${{ github.ref_name }}", "pass"),
        ("just only-api $VERSION", "unknown"),  # which may be several words
        ("just ${{ github.ref_name }}", "unknown"),
        ("just both", "fail"),
        ("just each", "pass"),
        ("just named v1", "pass"),
        ("just image=ghcr.io/acme/other named v1", "fail"),
        ("just image=ghcr.io/acme/shop named v1 tag=2", "pass"),
    ],
)
def test_what_recipes_of_just_are_told(command: str, expected: str) -> None:
    assert released_by_tool(command, "justfile", RELEASED_BY_JUST) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [("just tested-before", "pass"), ("just tested-behind", "fail"), ("just tested-between", "pass")],
)
def test_recipes_of_just_behind_another_come_after_it(command: str, expected: str) -> None:
    assert released_by_tool(command, "justfile", RELEASED_BY_JUST, "tests-gate-release") == expected


RELEASED_BY_TASK = f"""
version: '3'
vars: {{IMAGE: ghcr.io/acme/shop}}
tasks:
  build: {{cmds: ['{BUILD.replace("%s", "{{.NAME}}")}']}}
  sign: {{cmds: ["{SIGN_BUILT.replace("%s", "{{.NAME}}").replace('"', chr(92) + '"')}"]}}
  both:
    cmds:
      - {{task: build, vars: {{NAME: api}}}}
      - {{task: build, vars: {{NAME: web}}}}
      - {{task: sign, vars: {{NAME: api}}}}
      - gh release create {{{{.VERSION}}}}
  each:
    cmds:
      - {{task: build, vars: {{NAME: api}}}}
      - {{task: build, vars: {{NAME: '{{{{.OTHER}}}}'}}}}
      - {{task: sign, vars: {{NAME: api}}}}
      - {{task: sign, vars: {{NAME: '{{{{.OTHER}}}}'}}}}
      - gh release create {{{{.VERSION}}}}
  looped:
    deps: [{{for: [api, web], task: build, vars: {{NAME: '{{{{.ITEM}}}}'}}}}]
    cmds: [gh release create v1]
  shop:
    cmds:
      - {{task: build, vars: {{NAME: shop}}}}
      - cosign sign --yes {{{{.IMAGE}}}}@$(jq -r '."containerimage.digest"' shop.json)
      - gh release create {{{{.VERSION}}}}
  endless: {{cmds: [{{task: endless, vars: {{NAME: '{{{{.NAME}}}}{{{{.NAME}}}}x'}}}}]}}
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("task both VERSION=v1", "fail"),
        ("task both VERSION=$GITHUB_REF_NAME", "fail"),
        ("task each OTHER=web VERSION=${{ github.ref_name }}", "pass"),
        ("task shop VERSION=$VERSION", "unknown"),  # which may be several words
        ("task looped", "unknown"),
        ("task shop", "pass"),
        ("task shop IMAGE=ghcr.io/acme/other", "fail"),
        ("task IMAGE=ghcr.io/acme/shop shop VERSION=v${{ github.run_number }}", "pass"),
        ("task endless NAME=x", "fail"),  # which releases nothing
    ],
)
def test_what_tasks_are_told(command: str, expected: str) -> None:
    assert released_by_tool(command, "Taskfile.yml", RELEASED_BY_TASK) == expected


RELEASED_BY_MISE = """
[tasks.build]
run = 'docker buildx build --push -t ghcr.io/acme/shop:1 --metadata-file m.json'
[tasks.push]
run = 'docker push'
[tasks.release]
depends = ['build .']
run = ['cosign sign --yes ghcr.io/acme/shop@$(jq -r ".\\"containerimage.digest\\"" m.json)', 'gh release create']
[tasks.both]
depends = ['build .', 'push ghcr.io/acme/shop', 'push ghcr.io/acme/tools']
run = ['cosign sign --yes ghcr.io/acme/shop@$(jq -r ".\\"containerimage.digest\\"" m.json)', 'gh release create']
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("mise run release v1", "pass"),
        ('mise run release "$GITHUB_REF_NAME"', "pass"),
        ("mise run release ${{ github.ref_name }}", "pass"),
        ("mise run release $VERSION", "unknown"),
        ("mise run both v1", "fail"),
    ],
)
def test_what_tasks_of_mise_are_told(command: str, expected: str) -> None:
    assert released_by_tool(command, "mise.toml", RELEASED_BY_MISE) == expected


def test_what_one_call_tells_a_justfile_another_does_not_know() -> None:
    files = {"justfile": 'kind := "none"\nt:\n    {{kind}}\n'}
    assert verdict("just kind=pytest t", files) == "pass"
    assert verdict("just t", files) != "pass"
    assert verdict("just kind=pytest t", files) == "pass"
