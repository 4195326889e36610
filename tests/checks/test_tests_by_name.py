"""Tests that are run by name: one that none of the repository has lets everything pass, where that is no failure."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by
from trees import judge

CHECKOUT = "- uses: actions/checkout@v7"


def verdict(files: dict[str, str | bytes | None]) -> str:
    return judge("tests-gate-release", files).verdict


POM = "<project><groupId>a</groupId><artifactId>b</artifactId><version>1</version></project>"
TESTED: dict[str, str | bytes | None] = {
    "test/shop.bats": '@test "adds" { :; }\n',
    "pom.xml": POM,
    "src/test/java/UserTest.java": 'class UserTest { @Test @Tag("fast") void adds() {} }',
    "a_test.go": "package a\nfunc TestUser(t *testing.T) {}\n",
    "src/lib.rs": "#[test]\nfn adds() {}\n",
    "a.test.ts": "test('adds', () => {})",
    "T.cs": '[Trait("Category", "Unit")] class T { [Fact] void Adds() {} }',
    "user_spec.rb": "it 'adds' do end",
    "CMakeLists.txt": "add_test(NAME unit COMMAND unit)",
    "UserTest.php": "class UserTest { /** @group fast */ function adds() {} }",
    "Tests/T.swift": "func testAdds() {}",
}
QUIET = "-DfailIfNoSpecifiedTests=false"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (f"mvn verify -Dtest=None {QUIET}", "fail"),
        (f"mvn verify -Dtest=OrderTest {QUIET}", "fail"),
        ("mvn verify -Dtest=OrderTest -Dsurefire.failIfNoSpecifiedTests=false", "fail"),
        (f"mvn verify '-Dtest=!**' {QUIET}", "fail"),
        ("mvn verify -Dgroups=slow", "fail"),
        ("mvn verify -Dtest=OrderTest", "pass"),  # which fails
        (f"mvn verify -Dtest=UserTest {QUIET}", "pass"),
        (f"mvn verify '-Dtest=User*' {QUIET}", "pass"),
        (f"mvn verify '-Dtest=!OrderTest' {QUIET}", "pass"),
        (f"mvn verify -Dtest=$WHICH {QUIET}", "pass"),
        ("mvn verify -Dgroups=fast", "pass"),
        ("go test -run TestOrder ./...", "fail"),
        ("go test -run=NoSuchTest ./...", "fail"),
        ("gotestsum -- -run TestOrder ./...", "fail"),
        ("go test -run 'TestOrder|TestUser' ./...", "pass"),
        ("go test -run '^TestUser$/fast' ./...", "pass"),
        ("go test -run . ./...", "pass"),
        ("cargo test no_such_name", "fail"),
        ("cargo test --release subtracts", "fail"),
        ("cargo test -- subtracts", "fail"),
        ("cargo nextest run subtracts --no-tests=pass", "fail"),
        ("cargo nextest run subtracts", "pass"),  # which fails
        ("cargo +nightly test adds", "pass"),
        ("cargo test -p shop --features tls", "pass"),
        ("cargo test --workspace -- --nocapture --test-threads 1 --skip slow", "pass"),
        ("npx jest -t subtracts", "fail"),
        ("npx jest --passWithNoTests --testPathPattern nosuch", "fail"),
        ("npx jest --testPathPattern nosuch", "pass"),  # which fails
        ("npx jest -t adds --passWithNoTests", "pass"),
        ("npx vitest run -t subtracts", "fail"),
        ("npx mocha --grep subtracts", "fail"),
        ("npx playwright test -g subtracts --pass-with-no-tests", "fail"),
        ("npx playwright test -g subtracts", "pass"),  # which fails
        ("dotnet test --filter Name=NoSuch", "fail"),
        ("dotnet test --filter Category=Slow", "fail"),
        ("dotnet test --filter Category=Unit", "pass"),
        ("dotnet test --filter Category!=Slow", "pass"),
        ("dotnet test --filter FullyQualifiedName~Adds", "pass"),
        ("dotnet test --filter FullyQualifiedName~Shop.EndToEnd", "fail"),
        ("bundle exec rspec -e subtracts", "fail"),
        ("bundle exec rspec --tag ~slow", "pass"),
        ("ctest -R integration", "fail"),
        ("ctest -R unit", "pass"),
        ("phpunit --filter subtracts", "fail"),
        ("phpunit --group fast", "pass"),
        ("swift test --filter subtracts", "fail"),
        ("mix test --exclude test", "fail"),
        ("mix test --only fast", "pass"),
        ("bats --filter subtracts test", "fail"),
        ("bats -f adds test", "pass"),
    ],
)
def test_a_filter_that_names_no_test_lets_everything_pass(command: str, expected: str) -> None:
    steps = (CHECKOUT, f'- run: "{command}"', PUSH, SHIP)
    assert verdict(released_by(*steps) | TESTED) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("go test ./cmd/...", "fail"),
        ("go test -race -count 1 ./cmd/shop ./cmd/tool", "fail"),
        ("go test ./internal", "fail"),  # those below are other packages
        ("go test ./internal/...", "pass"),
        ("go test ./cmd/... ./internal/cart", "pass"),
        ("go test ./cmd/... ${{ vars.PACKAGES }}", "unknown"),
        ("go test ./nowhere/...", "pass"),  # which fails
        ("go test ./...", "pass"),
        ("go test", "pass"),
        ("npx vitest run --dir web/unit --passWithNoTests", "fail"),
        ("npx vitest run --dir=web/unit --passWithNoTests", "fail"),
        ("npx vitest run --dir web/unit", "pass"),  # which fails
        ("npx vitest run --dir web --passWithNoTests", "pass"),
    ],
)
def test_a_folder_without_tests_lets_everything_pass(command: str, expected: str) -> None:
    go = {"cmd/shop/main.go": "package main\n", "cmd/tool/main.go": "package main\n", "internal/a.go": "package a\n"}
    tested = {"internal/cart/a_test.go": "package cart\n", "web/src/a.test.ts": "test('adds', () => {})\n"}
    files = released_by(CHECKOUT, f'- run: "{command}"', PUSH, SHIP)
    assert verdict({**files, **go, **tested}) == expected


def test_among_sources_without_tests_a_name_may_stand_anywhere() -> None:
    assert verdict(released_by(CHECKOUT, "- run: go test -run TestOrder ./...", PUSH, SHIP)) == "pass"
    assert verdict(released_by(CHECKOUT, "- run: go test -run none ./...", PUSH, SHIP)) == "fail"


@pytest.mark.parametrize(
    "command", ["npm test --if-present", "pnpm run --if-present test", "npm run --if-present test"]
)
def test_a_script_that_is_run_if_there_is_one_tests_nothing_without(command: str) -> None:
    for scripts, expected in ('{"build": "tsc"}', "fail"), ('{"test": "jest"}', "pass"):
        files = released_by(CHECKOUT, f"- run: {command}", PUSH, SHIP) | {"package.json": f'{{"scripts": {scripts}}}'}
        assert verdict(files) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("dart tool/test_all.dart", "unknown"),
        ("dart --enable-asserts tool/test_all.dart", "unknown"),
        ("dart format .", "fail"),
        ("dart pub get", "fail"),
        ("dart --version", "fail"),
        ("dart test", "pass"),
    ],
)
def test_a_program_of_dart_may_be_the_tests(command: str, expected: str) -> None:
    assert verdict({**released_by(f"- run: {command}", SHIP), "tool/test_all.dart": "main() {}"}) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("ci/release.sh", "fail"),
        ("./.ci/publish-image.sh", "fail"),
        ("scripts/release.sh", "fail"),
        ("ci/build.sh", "unknown"),
        ("ci/test-release.sh", "unknown"),
        ("test/release.sh", "unknown"),
    ],
)
def test_a_release_in_a_folder_for_ci_is_no_test(script: str, expected: str) -> None:
    text = "#!/bin/bash\nset -e\nnode -e 'x'\ngh release create v1 x.tgz\n"
    files = released_by(CHECKOUT, f"- run: bash {script}") | {script.removeprefix("./"): text}
    assert verdict(files) == expected
