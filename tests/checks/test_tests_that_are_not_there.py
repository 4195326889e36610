"""A repository without tests: programs that are content with that prove nothing, whatever waits for them."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by
from trees import judge


def verdict(command: str, *paths: str) -> str:
    files: dict[str, str | bytes | None] = dict.fromkeys(paths, "")
    return judge("tests-gate-release", released_by(f"- run: {command}", PUSH, SHIP) | files).verdict


@pytest.mark.parametrize(
    ("command", "path", "test"),
    [
        ("go test ./...", "main.go", "cart/cart_test.go"),
        ("mvn --batch-mode verify", "src/main/java/Cart.java", "src/test/java/CartTest.java"),
        ("mvn --batch-mode verify", "src/main/java/Cart.java", "src/it/java/CartIT.java"),
        ("./gradlew build", "app/src/main/kotlin/Cart.kt", "app/src/test/kotlin/CartSpec.kt"),
        ("dotnet test", "Cart/Cart.cs", "Cart.Tests/Cart.cs"),
        ("node --test", "cart.js", "test/cart.js"),
        ("npx jest --passWithNoTests", "cart.ts", "cart.test.ts"),
        ("npx vitest run --passWithNoTests", "cart.ts", "__tests__/cart.ts"),
        ("npx playwright test --pass-with-no-tests", "cart.ts", "e2e/cart.spec.ts"),
        ("python -m unittest", "cart.py", "test_cart.py"),
    ],
)
def test_where_there_is_nothing_to_find_nothing_is_tested(command: str, path: str, test: str) -> None:
    assert verdict(command, path, ".github/workflows/test.yml") == "unknown"
    assert verdict(command, path, test) == "pass"


@pytest.mark.parametrize("path", ["vendor/a/a_test.go", "cart/testdata/a_test.go", "_old/a_test.go", "_test.go"])
def test_go_does_not_look_everywhere(path: str) -> None:
    assert verdict("go test ./...", "main.go", path) == "unknown"


@pytest.mark.parametrize(
    "command", ["npx jest", "npx vitest run", "pytest", "npx playwright test", "bundle exec rspec"]
)
def test_programs_that_want_tests_fail_without(command: str) -> None:
    assert verdict(command, "cart.ts", "cart.py", "cart.rb") == "pass"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fn main() {}", "unknown"),
        ("#[cfg(test)]\nmod tests { #[test] fn adds() {} }", "pass"),
        ("#[tokio::test]\nasync fn answers() {}", "pass"),
        ("/// ```\n/// assert!(shop::open());\n/// ```\npub fn open() {}", "pass"),
    ],
)
def test_cargo_finds_tests_in_what_they_are_of(text: str, expected: str) -> None:
    files = released_by("- run: cargo test --locked", PUSH, SHIP) | {"Cargo.toml": "", "src/main.rs": text}
    assert judge("tests-gate-release", files).verdict == expected
    assert judge("tests-gate-release", files | {"tests/orders.rs": ""}).verdict == "pass"


def test_sources_that_come_from_elsewhere_may_bring_tests() -> None:
    assert verdict("go test ./...", "README.md") == "pass"


@pytest.mark.parametrize(
    "command",
    ["cd api && mvn verify", "mvn -f api/pom.xml verify", "cd api && ../gradlew build", "cd api && dotnet test"],
)
def test_tests_elsewhere_are_none_of_the_folder_that_is_tested(command: str) -> None:
    sources = ("api/pom.xml", "api/build.gradle", "api/src/main/java/Cart.java", "api/Cart.cs")
    assert verdict(command, *sources, "web/src/test/java/CartTest.java", "web/CartTests.cs") == "unknown"
    assert verdict(command, *sources, "api/src/test/java/CartTest.java", "api/CartTests.cs") == "pass"
    assert verdict(command, "api/pom.xml", "web/src/test/java/CartTest.java", "web/CartTests.cs") == "pass"
