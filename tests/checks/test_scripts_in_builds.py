"""Scripts of the repository, and builds of Gradle, that run while an image is built."""

from __future__ import annotations

from functools import partial

import pytest

from releasing import PUSH, SHIP, released_by
from trees import judge

DOCKERFILE = "FROM debian AS build\nWORKDIR /src\n{}\nFROM scratch\nCOPY --from=build /src/out /out\n"
FILES: dict[str, str | bytes | None] = {
    "package.json": '{"scripts": {"test": "jest", "unit": "npm run test", "lint": "eslint ."}}',
    "web/package.json": '{"scripts": {"test": "echo none"}}',
    "api/package.json": '{"scripts": {"test": "vitest run"}}',
    "api/main.go": "package main\n",
    "Makefile": "test:\n\tgo test ./...\n",
    "check.sh": "#!/bin/sh\nset -e\npytest\n",
    "tox.ini": "[tox]\nenvlist = py\n[testenv]\ncommands = pytest\n",
    "build.gradle": "plugins { id 'java' }\n",
    "settings.gradle": "rootProject.name = 'shop'\n",
    "gradlew": "#!/bin/sh\n# gradle-wrapper\n",
    "pom.xml": "<project><artifactId>shop</artifactId></project>",
    "src/main/java/Shop.java": "class Shop {}\n",
    "src/test/java/ShopTest.java": "class ShopTest {}\n",
}
TESTS: dict[str, str | bytes | None] = {
    "shop.test.js": "",
    "api/main_test.go": "package main\n",
    "tests/test_shop.py": "",
}


def verdict(*lines: str, tests: bool = True, also: dict[str, str] | None = None) -> str:
    """Of a release whose image is built by these lines, with tests that are called so in several languages."""
    files = FILES | (TESTS if tests else {}) | (also or {})
    files["Dockerfile"] = DOCKERFILE.format("\n".join(lines))
    return judge("tests-gate-release", released_by("- uses: actions/checkout@v4", PUSH, SHIP) | files).verdict


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("npm test", "pass"),
        ("npm ci && npm run unit", "pass"),
        ("npm t", "pass"),
        ("yarn jest", "pass"),
        ('["npm", "test"]', "pass"),
        ("make test", "pass"),
        ("./check.sh", "pass"),
        ("sh check.sh", "pass"),
        ("tox", "pass"),
        ("npm run lint", "fail"),
        ("npm test || true", "fail"),
        ("npm test; npm run lint", "fail"),
        ('if [ -n "$TESTS" ]; then npm test; fi', "unknown"),
        ("rm shop.test.js && npm test", "unknown"),
        ("npm pkg set scripts.test=true\nRUN npm test", "unknown"),
        ("echo '{}' > package.json\nRUN npm test", "unknown"),
    ],
)
def test_scripts_of_the_repository_are_followed_in_the_build_of_an_image(run: str, expected: str) -> None:
    assert verdict("COPY . .", f"RUN {run}") == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("COPY package*.json ./", "COPY . .", "RUN npm test"), "pass"),
        (("COPY package.json shop.test.js ./", "RUN npm test"), "pass"),
        (("COPY . /src/", "RUN npm test"), "pass"),
        (("COPY . /other", "RUN npm test"), "unknown"),
        (("COPY . .", "WORKDIR api", "RUN npm test"), "pass"),
        (("COPY . .", "WORKDIR web", "RUN npm test"), "fail"),
        (("COPY . .", "RUN cd web && npm test"), "fail"),
        (("COPY api .", "RUN npm test"), "pass"),
        (("COPY web .", "RUN npm test"), "fail"),
        (("COPY . .", "COPY web/package.json .", "RUN npm test"), "fail"),
        (("COPY . .", "COPY web/package.json package.json", "RUN npm test"), "unknown"),
        (("COPY . .", "COPY --from=deps /app .", "RUN npm test"), "unknown"),
        (("ARG HOME_OF=/src", "WORKDIR $HOME_OF", "COPY . /src", "RUN npm test"), "unknown"),
        (("RUN --mount=type=bind,target=. npm test",), "unknown"),
        (("COPY . .", "ENV MAKEFLAGS=-i", "RUN make test"), "unknown"),
        (("COPY . .", "FROM build AS next", "RUN npm test"), "fail"),
    ],
)
def test_a_script_is_that_of_the_folder_which_stands_there(lines: tuple[str, ...], expected: str) -> None:
    assert verdict(*lines) == expected


def test_a_stage_goes_on_where_the_one_below_has_stopped() -> None:
    stages = (
        "FROM debian AS base\nWORKDIR /src\nCOPY . .\nFROM base AS tested\n{}\nFROM scratch\nCOPY --from={} /a /a\n"
    )
    for run, needed, expected in (("RUN npm test", "tested", "pass"), ("RUN npm test", "base", "fail")):
        files = FILES | TESTS | {"Dockerfile": stages.format(run, needed)}
        assert judge("tests-gate-release", released_by(PUSH, SHIP) | files).verdict == expected


@pytest.mark.parametrize("program", ["gradle", "./gradlew", "chmod +x gradlew && ./gradlew"])
def test_a_build_of_gradle_tests_if_its_scripts_say_so(program: str) -> None:
    for tasks, expected in (
        ("build", "pass"),
        ("--no-daemon clean check", "pass"),
        ("test", "pass"),
        ("build -x test", "fail"),
        ("bootJar", "fail"),
        ("assemble", "fail"),
    ):
        assert verdict("COPY . .", f"RUN {program} {tasks}") == expected, tasks
    off = "plugins { id 'java' }\ntest { enabled = false }\n"
    assert verdict("COPY . .", f"RUN {program} build", also={"build.gradle": off}) == "fail"
    forgiven = "plugins { id 'java' }\ntest { ignoreFailures = true }\n"
    assert verdict("COPY . .", f"RUN {program} build", also={"build.gradle": forgiven}) == "fail"


@pytest.mark.parametrize("build", ["mvn -B package", "./mvnw verify", "gradle build"])
def test_tests_that_are_not_in_the_image_are_not_run(build: str) -> None:
    of_java = partial(verdict, tests=False)
    manifests = "COPY pom.xml build.gradle settings.gradle ./"
    assert of_java(manifests, "COPY src src", f"RUN {build}") == "pass"
    assert of_java(manifests, "COPY src/main src/main", f"RUN {build}") == "unknown"
    assert of_java("COPY . .", f"RUN {build}", also={".dockerignore": "# sources\nsrc/test\n"}) == "unknown"
    assert of_java("COPY . .", f"RUN {build}", also={".dockerignore": "**/test\n!src/test\n"}) == "pass"
    assert of_java("COPY . .", f"RUN {build}", also={".dockerignore": "*\n!src\n!pom.xml\n!*.gradle\n"}) == "pass"
