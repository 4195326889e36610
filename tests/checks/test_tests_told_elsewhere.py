"""Tests that a variable, or a file of the program that runs them, leaves out or forgives."""

from __future__ import annotations

import pytest

from releasing import SHIP, job, released_by, repository_of, workflow
from trees import judge

CHECKOUT = "- uses: actions/checkout@v5"


def gated(command: str, variable: str = "", files: dict[str, str] | None = None) -> str:
    """What is said of a release that waits for this command, run with a variable and beside files."""
    step = f"- run: {command}\n" + (f"  env: {{{variable}}}\n" if variable else "")
    tree = released_by(CHECKOUT, step, SHIP) | {"pom.xml": "<project/>"} | (files or {})
    return judge("tests-gate-release", tree).verdict


@pytest.mark.parametrize(
    ("command", "variable"),
    [
        ("mvn -B verify", "MAVEN_ARGS: -DskipTests"),
        ("./mvnw -B verify", 'MAVEN_OPTS: "-Xmx2g -Dmaven.test.skip=true"'),
        ("mvn -B verify", "MAVEN_ARGS: -Dmaven.test.failure.ignore=true"),
        ("pytest", "PYTEST_ADDOPTS: --collect-only"),
        ("uv run pytest -q", 'PYTEST_ADDOPTS: "-q --co"'),
        ("go test ./...", "GOFLAGS: -count=0"),
        ("go test ./...", "GOFLAGS: -run=Nothing"),
        ("bazel test --nobuild //...", ""),
        ("PYTEST_ADDOPTS=--collect-only pytest", ""),
        ("export MAVEN_ARGS=-DskipTests && mvn -B verify", ""),
        ("env GOFLAGS=-count=0 go test ./...", ""),
    ],
)
def test_tests_that_a_variable_leaves_out_gate_nothing(command: str, variable: str) -> None:
    assert gated(command, variable) == "fail"


@pytest.mark.parametrize(
    ("command", "variable"),
    [
        ("mvn -B verify", "MAVEN_ARGS: --no-transfer-progress"),
        ("pytest", "PYTEST_ADDOPTS: --maxfail=3"),
        ("go test ./...", "GOFLAGS: -mod=readonly"),
        ("go test ./...", "GOFLAGS: -run=TestShop"),
        ("pytest", "MAVEN_ARGS: -DskipTests"),
    ],
)
def test_other_variables_change_nothing(command: str, variable: str) -> None:
    assert gated(command, variable) == "pass"


def test_the_words_of_mavens_own_file_count() -> None:
    assert gated("mvn verify", files={".mvn/maven.config": "-B\n-DskipTests\n"}) == "fail"
    assert gated("mvn verify", files={".mvn/maven.config": "-B\n-T1C\n"}) == "pass"


SKIPS = "<properties><skipTests>true</skipTests></properties>"


@pytest.mark.parametrize(
    ("pom", "expected"),
    [
        (f"<project>{SKIPS}</project>", "unknown"),
        ("<project><build><testFailureIgnore>true</testFailureIgnore></build></project>", "unknown"),
        (f"<project><!-- {SKIPS} --></project>", "pass"),
        (f"<project><x>**/*A.java</x>{SKIPS}<x>**/*B.java</x></project>", "unknown"),
        (f"<project><profiles><profile>{SKIPS}</project>", "pass"),
        (f"<project><profiles><profile>{SKIPS}</profile></profiles></project>", "pass"),
        ("<project><properties><skipTests>false</skipTests></properties></project>", "pass"),
    ],
)
def test_what_a_pom_says_of_its_tests_is_heeded(pom: str, expected: str) -> None:
    assert gated("mvn verify", files={"pom.xml": pom}) == expected


FAST = f"<profile><id>fast</id>{SKIPS}</profile>"
BY_DEFAULT = FAST.replace("<id>", "<activation><activeByDefault>true</activeByDefault></activation><id>")
BY_PROPERTY = f"<profile><activation><property><name>%s</name></property></activation>{SKIPS}</profile>"


@pytest.mark.parametrize(
    ("profile", "command", "expected"),
    [
        (FAST, "mvn verify", "pass"),
        (FAST, "mvn verify -Pfast", "unknown"),
        (FAST, "mvn verify -P ci,fast", "unknown"),
        (FAST, "mvn verify -P '${{ vars.PROFILE }}'", "unknown"),
        (FAST, "mvn verify -Pci -Drevision=fast", "pass"),
        (BY_DEFAULT, "mvn verify", "unknown"),
        (BY_PROPERTY % "quick", "mvn verify -Dquick", "unknown"),
        (BY_PROPERTY % "quick", "mvn verify", "pass"),
        (BY_PROPERTY % "!slow", "mvn verify", "unknown"),
    ],
)
def test_a_profile_of_maven_that_is_in_force_counts(profile: str, command: str, expected: str) -> None:
    pom = f"<project><profiles>{profile}</profiles></project>"
    assert gated(command, files={"pom.xml": pom}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def pytest_sessionfinish(session, exitstatus):\n    session.exitstatus = 0\n", "unknown"),
        ("def pytest_sessionfinish(session, exitstatus):\n    session.exitstatus = pytest.ExitCode.OK\n", "unknown"),
        ("def pytest_unconfigure(config):\n    os._exit(0)\n", "unknown"),
        ("def pytest_sessionfinish(session, exitstatus):\n    print(exitstatus == 0)\n", "pass"),
    ],
)
def test_what_runs_beside_the_tests_may_forgive_them(text: str, expected: str) -> None:
    assert gated("pytest", files={"tests/conftest.py": text}) == expected


@pytest.mark.parametrize(
    ("command", "config", "profile", "expected"),
    [
        ("mvn verify", "-Pfast\n", FAST, "unknown"),
        ("mvn verify", "-Pslow\n", FAST, "pass"),
        ("mvn -P ci,fast verify", "-B\n", FAST, "unknown"),
        ("mvn -P '!fast' verify", "-B\n", FAST, "pass"),
        ("mvn verify -Dq", "-B\n", FAST.replace("</id>", "</id><property><name>q</name></property>"), "unknown"),
        ("mvn verify", "-B\n", FAST.replace("</id>", "</id><property><name>q</name></property>"), "pass"),
        ("mvn verify", "-B\n", FAST.replace("</id>", "</id><activeByDefault>true</activeByDefault>"), "unknown"),
        ("mvn verify -P${{ vars.PROFILE }}", "-B\n", FAST, "unknown"),
    ],
)
def test_a_profile_of_maven_may_leave_out_tests_where_it_is_on(
    command: str, config: str, profile: str, expected: str
) -> None:
    pom = f"<project><profiles>{profile}</profiles></project>"
    assert gated(command, files={"pom.xml": pom, ".mvn/maven.config": config}) == expected


@pytest.mark.parametrize(
    ("command", "pom", "expected"),
    [
        ("mvn -N verify", "<modules><module>shop</module></modules>", "unknown"),
        ("mvn -B verify --non-recursive", "<modules>\n<module>shop</module>\n</modules>", "unknown"),
        ("mvn -N verify", "<packaging>jar</packaging>", "pass"),
        ("mvn verify", "<modules><module>shop</module></modules>", "pass"),
        ("mvn -N install && mvn verify", "<modules><module>shop</module></modules>", "pass"),
    ],
)
def test_maven_may_leave_out_the_modules_with_their_tests(command: str, pom: str, expected: str) -> None:
    files = {"pom.xml": f"<project>{pom}</project>", "shop/pom.xml": "<project/>"}
    assert gated(command, files=files) == expected


def test_maven_may_be_told_by_its_own_file_to_leave_out_the_modules() -> None:
    files = {"pom.xml": "<project><modules><module>shop</module></modules></project>", ".mvn/maven.config": "-N\n"}
    assert gated("mvn verify", files=files) == "unknown"


def test_gradle_may_ignore_that_tests_fail() -> None:
    ignoring = {"build.gradle.kts": "tasks.test {\n    ignoreFailures = true\n}\n"}
    assert gated("./gradlew check", files=ignoring) == "fail"
    assert gated("./gradlew check", files={"build.gradle.kts": "// ignoreFailures = true\n"}) == "pass"


@pytest.mark.parametrize(("task", "expected"), [("test", "unknown"), (":shop:test", "unknown"), ("lint", "pass")])
def test_gradle_may_exclude_the_tests_by_itself(task: str, expected: str) -> None:
    excluding = {"build.gradle": f'gradle.startParameter.excludedTaskNames += "{task}"\n'}
    assert gated("./gradlew check", files=excluding) == expected


@pytest.mark.parametrize(
    ("command", "file", "text", "expected"),
    [
        ("pytest", "pytest.ini", "[pytest]\naddopts = --collect-only\n", "unknown"),
        ("pytest", "setup.cfg", "[tool:pytest]\naddopts =\n    -q\n    --co\n", "unknown"),
        (
            "pytest",
            "pyproject.toml",
            "[tool.pytest.ini_options]\naddopts = [\n  '-q',\n  '--setup-plan',\n]\n",
            "unknown",
        ),
        ("pytest", "pyproject.toml", "[tool.pytest.ini_options]\naddopts = ['--cov', '--color=no']\n", "pass"),
        ("pytest", "pytest.ini", "[pytest]\naddopts = -q\nmarkers =\n    --co\n", "pass"),
        ("npx mocha", ".mocharc.json", '{"dry-run": true}', "unknown"),
        ("npx mocha", ".mocharc.yml", "passOnFailingTestSuite: true\n", "unknown"),
        ("npx mocha", ".mocharc.yml", "dry-run: false\n", "pass"),
        ("npx jest", "jest.config.js", "module.exports = {testFailureExitCode: 0}\n", "unknown"),
        ("npx jest", "package.json", '{"jest": {"testFailureExitCode": 0}}', "unknown"),
        ("npx jest", "jest.config.js", "module.exports = {testFailureExitCode: 2}\n", "pass"),
        ("cargo test", ".cargo/config.toml", '[target.x86_64-unknown-linux-gnu]\nrunner = "true"\n', "unknown"),
        ("cargo test", ".cargo/config.toml", '[target.wasm32]\nrunner = "wasm-bindgen-test-runner"\n', "pass"),
    ],
)
def test_what_files_say_to_programs_that_test_is_heeded(command: str, file: str, text: str, expected: str) -> None:
    assert gated(command, files={file: text, "tests/test_it.py": ""}) == expected


ENVIRONMENTS = {
    "tox.ini": "[tox]\nenvlist = py, lint\n[testenv]\ncommands = pytest\n[testenv:lint]\ncommands = ruff check\n",
    "noxfile.py": "import nox\n\n\n@nox.session\ndef tests(session):\n    session.run('pytest')\n\n\n"
    "@nox.session\ndef lint(session):\n    session.run('ruff')\n",
}


@pytest.mark.parametrize(
    ("command", "variable", "expected"),
    [
        ("tox", "TOXENV: lint", "fail"),
        ("tox", "TOXENV: 'lint,py'", "pass"),
        ("tox -e py", "TOXENV: lint", "pass"),
        ("tox", "TOXENV: '${{ vars.PICKED }}'", "unknown"),
        ("tox", "TOX_SKIP_ENV: '.*'", "unknown"),
        ("tox", "NOXSESSION: lint", "pass"),
        ("nox", "NOXSESSION: lint", "fail"),
        ("nox", "NOXSESSION: 'lint,tests'", "pass"),
        ("nox -s tests", "NOXSESSION: lint", "pass"),
    ],
)
def test_a_variable_picks_what_tox_and_nox_run(command: str, variable: str, expected: str) -> None:
    assert gated(command, variable, ENVIRONMENTS) == expected


def test_a_variable_may_pick_another_environment_in_each_leg() -> None:
    step = "- run: tox\n  env: {TOXENV: '${{ matrix.env }}'}\n"
    for names, expected in ("py, lint", "pass"), ("lint", "fail"):
        tests = job(CHECKOUT, step, strategy=f"{{matrix: {{env: [{names}]}}}}")
        tree = repository_of(workflow(test=tests, ship=job(SHIP, needs="test")))
        assert judge("tests-gate-release", tree | ENVIRONMENTS).verdict == expected


def test_a_step_with_another_variable_runs_something_else() -> None:
    steps = [f"- run: tox\n  env: {{TOXENV: {name}}}\n" for name in ("lint", "py")]
    assert judge("tests-gate-release", released_by(CHECKOUT, *steps, SHIP) | ENVIRONMENTS).verdict == "pass"


@pytest.mark.parametrize(
    ("folder", "expected"), [("vendor/lib", "unknown"), ("third_party/lib", "unknown"), ("internal/lib", "pass")]
)
def test_tests_of_what_was_vendored_are_of_others(folder: str, expected: str) -> None:
    assert gated(f"cd {folder} && go test ./...", files={f"{folder}/a_test.go": ""}) == expected


IDLE = """
pytest --setup-only; pytest --fixtures-per-test; npx jest --showConfig; npx jest --onlyChanged; npx jest -o
npx jest --changedSince=main; npx jest --changedSince main; npx react-scripts test --onlyChanged; npx vitest list
npx vitest bench --run; npx vitest run --changed; npx vitest --changed=main; npx mocha --list-files
npx nyc report --reporter=lcov; npx c8 check-coverage; npx nyc eslint .; npx playwright test --only-changed
cargo nextest list; cargo nextest archive; cargo llvm-cov --ignore-run-fail; cargo llvm-cov report --lcov
dotnet test -t; dotnet vstest a.dll --ListTests; go test -exec true ./...; go test -skip . ./...
go test -exec /bin/true ./...; go test -skip=.* ./...
go test -run NONE ./...; go test -run=XXX -bench=. ./...; gotestsum -- -run NONE ./...; gotestsum tool slowest
ginkgo build -r; ginkgo labels -r; bundle exec rspec --failure-exit-code 0; rspec --failure-exit-code=0
ctest --test-dir build -E '.*'; ctest --show-only=json-v1; bats --count test; mix test --exit-status 0
swift test list; swift test -l; robot --dryrun tests; robot --nostatusrc tests
newman run c.json --suppress-exit-code; newman run c.json -x; phpunit --list-suites; prove --dry t; busted --list
codecept run --no-exit; shellspec --count; hatch test --show; mvn verify -Dmaven.test.skip.exec
npx jest --testFailureExitCode=0; npx jest --testFailureExitCode 0; pytest --suppress-tests-failed-exit-code
pytest --picked; pytest --lf --lfnf none; npx vitest run --typecheck.only; node --test --test-only
rspec --only-failures; mix test --failed; vendor/bin/pest --dirty; vendor/bin/pest --todos
xcodebuild test -scheme Shop -enumerate-tests; mvn failsafe:integration-test
cargo test -- --ignored; cargo test -- --skip ''; cargo test -- --skip=; cargo llvm-cov -- --ignored
cargo nextest run --run-ignored only; cargo nextest run --run-ignored=ignored-only; cargo nextest run -- --ignored
pytest --benchmark-only; pytest --cache-show; pytest --cache-show=x; go test -test.list . ./...; rspec --init
npx jest --findRelatedTests a.js; npx vitest related a.ts --run; npx vitest --merge-reports; npx ava reset-cache
ctest --print-labels; ctest -LE '.*'; phpunit --check-version; vendor/bin/phpunit --migrate-configuration
swift test --skip .; bun test --todo; zig test --test-no-exec a.zig; ginkgo -dryRun ./...; ginkgo --skip=. -r
"""
BUSY = """
pytest --setup-show; npx jest --ci --coverage; npx vitest run --coverage; npx mocha --exit; npx nyc mocha
npx c8 node --test; npx nyc --reporter=lcov --reporter text npm test; cargo nextest run --locked
cargo llvm-cov --lcov; dotnet vstest a.dll; go test -exec 'sudo -E' ./...; go test -skip TestSlow ./...
go test -run '^TestFast' ./...; ginkgo -r; rspec --failure-exit-code 3; ctest --test-dir build -E slow; bats test
mix test --exit-status 3; swift test --parallel; robot tests; newman run c.json
npx jest --testFailureExitCode=3; pytest --lf; npx vitest run --typecheck; ./gradlew check -x compileJava
cargo test -- --include-ignored; cargo test -- --skip slow; cargo test -- --skip=slow; cargo tarpaulin --ignored
cargo nextest run --run-ignored all
pytest --benchmark-skip; pytest --benchmark-disable; ctest -LE slow; swift test --skip Slow; ginkgo --skip=Slow -r
mvn failsafe:integration-test failsafe:verify; mvn integration-test; gotestsum --rerun-fails --packages ./... -- -race
"""


def commands_of(text: str) -> list[str]:
    return [each.strip() for line in text.split("\n") for each in line.split(";") if each.strip()]


@pytest.mark.parametrize("command", commands_of(IDLE))
def test_programs_that_only_list_their_tests_or_fail_nobody_gate_nothing(command: str) -> None:
    assert gated(command) == "fail"


@pytest.mark.parametrize("command", commands_of(BUSY))
def test_programs_that_run_some_of_their_tests_gate(command: str) -> None:
    assert gated(command, files={"package.json": '{"name": "shop", "scripts": {"test": "mocha"}}'}) == "pass"


@pytest.mark.parametrize("left_out", ["--test-dry-run", "-x testClasses", "-x :shop:compileTestKotlin", "-x test"])
def test_gradle_is_told_to_compile_or_run_no_tests(left_out: str) -> None:
    built = {"settings.gradle": "rootProject.name = 'shop'\n", "build.gradle": "plugins { id 'java' }\n"}
    assert gated(f"./gradlew check {left_out}") != "pass"
    assert gated(f"./gradlew check {left_out}", files=built) != "pass"
    assert gated("./gradlew check", files=built) == "pass"


def test_what_another_program_tests_for_gotestsum_is_not_followed() -> None:
    assert gated("gotestsum --raw-command -- ./scripts/events.sh") == "unknown"


def test_one_of_two_programs_that_test_alike_is_one_that_tests() -> None:
    env = "env: {TESTER: \"${{ matrix.cross && 'cross' || 'cargo' }}\"}\n"
    legs = "strategy: {matrix: {include: [{cross: true}, {target: arm}]}}\n"
    release = legs + env + job(CHECKOUT, "- run: $TESTER test --locked", SHIP)
    assert judge("tests-gate-release", repository_of(workflow(release=release))).verdict == "pass"


def test_the_words_of_rspecs_own_file_count() -> None:
    assert gated("rspec", files={".rspec": "--format progress\n--failure-exit-code 0\n"}) == "fail"
    assert gated("rspec", files={".rspec": "--format progress\n"}) == "pass"
    assert gated("rspec", "SPEC_OPTS: --dry-run") == "fail"
