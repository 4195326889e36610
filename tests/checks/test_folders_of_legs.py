"""Folders that are others in each leg of a matrix: each leg is judged by what stands in its own."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, repository_of, workflow
from trees import judge

CHECKOUT = "- uses: actions/checkout@v4"
FOLDER = "services/${{ matrix.service }}"
LEGS = "{matrix: {service: [api, web]}}"
BUILD = PUSH.replace("{push: true", f"{{context: '{FOLDER}', push: true").replace(
    "acme/shop", "acme/${{ matrix.service }}"
)
POM = "<project><modelVersion>4.0.0</modelVersion><artifactId>a</artifactId>%s</project>"
SKIPPED = POM % "<properties><skipTests>true</skipTests></properties>"
PUSHED_BY_JIB = POM % (
    "<build><plugins><plugin><groupId>com.google.cloud.tools</groupId><artifactId>jib-maven-plugin</artifactId>"
    "<version>3.4.0</version><executions><execution><phase>verify</phase><goals><goal>build</goal></goals>"
    "</execution></executions></plugin></plugins></build>"
)
FILES = {
    f"services/{name}/{path}": text
    for name in ("api", "web")
    for path, text in {
        "package.json": '{"scripts": {"test": "jest", "verify": "npm run test"}}',
        "Makefile": "test:\n\tgo test ./...\n",
        "Dockerfile": "FROM scratch\nCOPY . .\n",
        "go.mod": f"module acme.example/{name}\n",
        "main_test.go": "package main\n",
        "pom.xml": POM % "",
    }.items()
}
JEST, VITEST, NO_SCRIPT = (
    '{"scripts": {' + each + "}}" for each in ('"test": "jest"', '"test": "vitest run"', '"a": "b"')
)


def verdict(command: str, *, by: str = "folder", before: str = "", **others: str) -> str:
    """Of a release of both services whose legs run a command in their folders, in the same job or one before."""
    keys = {"defaults": f"{{run: {{working-directory: '{FOLDER}'}}}}"} if by == "defaults" else {}
    steps = {
        "folder": f"- run: {command}\n  working-directory: {FOLDER}\n",
        "defaults": f"- run: {command}\n",
        "cd": f"- run: cd {FOLDER} && {command}\n",
        "variable": f"- {{run: cd services/$NAME && {command}, env: {{NAME: '${{{{ matrix.service }}}}'}}}}\n",
    }
    if before:
        first = job(CHECKOUT, steps[by], strategy=LEGS, **keys)
        text = workflow(test=first, release=job(CHECKOUT, BUILD, SHIP, strategy=LEGS, needs="test"))
    else:
        text = workflow(release=job(CHECKOUT, steps[by], BUILD, SHIP, strategy=LEGS, **keys))
    files = {**FILES, **{path.replace("__", "/"): each for path, each in others.items()}}
    return judge("tests-gate-release", repository_of(text) | files).verdict


@pytest.mark.parametrize("by", ["folder", "defaults", "cd", "variable"])
@pytest.mark.parametrize(
    "command", ["npm test", "npm ci && npm run verify", "make test", "go test ./...", "mvn verify"]
)
def test_each_leg_runs_what_stands_in_its_own_folder(by: str, command: str) -> None:
    assert verdict(command, by=by) == "pass"
    assert verdict(command, by=by, before="test") == "pass"


def test_a_leg_without_tests_is_told_from_the_others() -> None:
    web = "services__web__package.json"
    for before in "", "test":
        assert verdict("npm test --if-present", before=before, **{web: NO_SCRIPT}) == "fail"
        assert verdict("npm test", before=before, **{web: '{"scripts": {"test": "echo none"}}'}) == "fail"
        assert verdict("npm test", before=before, **{web: NO_SCRIPT}) == "unknown"
        assert verdict("mvn verify", before=before, **{"services__web__pom.xml": SKIPPED}) == ("unknown")
    assert verdict("npm test", before="test", **{web: VITEST}) == "pass"
    without = {**FILES, "services/web/main.go": "package main\n"}
    del without["services/web/main_test.go"]
    text = workflow(
        test=job(CHECKOUT, f"- run: go test ./...\n  working-directory: {FOLDER}", strategy=LEGS),
        release=job(CHECKOUT, BUILD, SHIP, strategy=LEGS, needs="test"),
    )
    assert judge("tests-gate-release", repository_of(text) | without).verdict == "fail"
    by_maven = repository_of(text.replace("go test ./...", "mvn verify"))
    assert judge("tests-gate-release", by_maven | without).verdict == "pass"  # neither has sources that are seen
    assert judge("tests-gate-release", by_maven | without | {"services/web/A.java": ""}).verdict == "unknown"


def test_what_a_leg_tests_says_nothing_of_folders_that_have_none() -> None:
    first = job(CHECKOUT, f"- run: npm test\n  working-directory: {FOLDER}", strategy="{matrix: {service: [api]}}")
    text = workflow(test=first, release=job(CHECKOUT, BUILD, SHIP, strategy=LEGS, needs="test"))
    assert judge("tests-gate-release", repository_of(text) | FILES).verdict == "fail"


def test_maven_is_told_by_the_pom_of_each_leg() -> None:
    step = f"- run: mvn verify\n  working-directory: {FOLDER}"
    files = repository_of(workflow(release=job(CHECKOUT, step, PUSH, SIGN, SHIP, strategy=LEGS))) | FILES
    assert judge("build-signed", files).verdict == "pass"
    assert judge("build-signed", files | {"services/web/pom.xml": PUSHED_BY_JIB}).verdict == "unknown"


IN_BUILD = "FROM golang\nCOPY . .\nRUN go test ./...\n"


@pytest.mark.parametrize(
    ("build", "of_one"),
    [
        (BUILD, "fail"),
        (f"- run: docker build -t ghcr.io/acme/${{{{ matrix.service }}}}:1 --push {FOLDER}", "fail"),
        (f"- run: docker build -t ghcr.io/acme/${{{{ matrix.service }}}}:1 --push -f {FOLDER}/Dockerfile .", "unknown"),
    ],
)
def test_each_leg_builds_by_its_own_dockerfile(build: str, of_one: str) -> None:
    files = repository_of(workflow(release=job(CHECKOUT, build, SHIP, strategy=LEGS))) | FILES
    assert judge("tests-gate-release", files).verdict == "fail"
    files["services/api/Dockerfile"] = IN_BUILD
    assert judge("tests-gate-release", files).verdict == of_one
    files["services/web/Dockerfile"] = IN_BUILD
    assert judge("tests-gate-release", files).verdict == "pass"


def test_a_leg_that_builds_what_it_tests_needs_no_other_leg() -> None:
    web = "services__web__package.json"
    assert verdict("npm test", **{web: VITEST}) == "pass"
    swapped = "{matrix: {include: [{service: api, other: web}, {service: web, other: api}]}}"
    build = BUILD.replace("matrix.service", "matrix.other")
    step = f"- run: npm test\n  working-directory: {FOLDER}"
    files = repository_of(workflow(release=job(CHECKOUT, step, build, SHIP, strategy=swapped))) | FILES
    assert judge("tests-gate-release", files | {"services/web/package.json": VITEST}).verdict == "unknown"


PIPELINE = """
stages: [test, deploy]
test:
  stage: test
  parallel: {matrix: [{SERVICE: [api, web]}]}
  script: [cd services/$SERVICE && npm test]
release:
  stage: deploy
  image: docker:27
  parallel: {matrix: [{SERVICE: [api, web]}]}
  script: [docker build -t $CI_REGISTRY_IMAGE/$SERVICE:1 services/$SERVICE, docker push $CI_REGISTRY_IMAGE/$SERVICE:1]
"""


def test_each_leg_of_a_pipeline_of_gitlab_runs_what_stands_in_its_own_folder() -> None:
    files = FILES | {".gitlab-ci.yml": PIPELINE}
    assert judge("tests-gate-release", files).verdict == "pass"
    assert judge("tests-gate-release", files | {"services/web/package.json": VITEST}).verdict == "pass"
    without = files | {"services/web/package.json": '{"scripts": {"test": "echo none"}}'}
    assert judge("tests-gate-release", without).verdict == "fail"
