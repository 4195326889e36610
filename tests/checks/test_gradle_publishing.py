"""What Gradle publishes: who signs it, what comes before it, and what nobody gets."""

from __future__ import annotations

import pytest

from releasing import job, repository_of, workflow
from trees import judge

TO = 'publishing { repositories { maven { url = uri("https://repo.acme.example/releases") } } }\n'
FOLDER = 'publishing { repositories { maven { url = uri(layout.buildDirectory.dir("staging")) } } }\n'
PLAIN = "plugins {\n    `java-library`\n    `maven-publish`\n}\n"
SIGSTORE = PLAIN.replace("}\n", '    id("dev.sigstore.sign") version "2.0.0"\n}\n')
PGP = PLAIN.replace("}\n", "    signing\n}\n") + 'signing { sign(publishing.publications["maven"]) }\n'
BOM = 'plugins {\n    java\n    id("org.cyclonedx.bom") version "2.3.0"\n}\n'


def judged(check: str, script: str, *commands: str, permissions: str = "", **files: str) -> str:
    lines = "".join(f"    {line}\n" for line in commands)
    given = {"permissions": permissions} if permissions else {}
    tree = repository_of(workflow(release=job(f"- run: |\n{lines}", **given)), **{"build.gradle.kts": script, **files})
    return judge(check, tree).verdict


SIGNED = {
    "with the workflow's identity": (SIGSTORE + TO, "./gradlew publish", "pass"),
    "nobody": (PLAIN + TO, "./gradlew publish", "fail"),
    "with PGP": (PGP + TO, "./gradlew publish", "fail"),
    "only the base of it": (SIGSTORE.replace("store.sign", "store.sign-base") + TO, "./gradlew publish", "unknown"),
    "the plugin is not applied": (SIGSTORE.replace('"2.0.0"', '"2.0.0" apply false') + TO, "./gradlew publish", "fail"),
    "told something": (SIGSTORE + TO + "sigstoreSign { oidcClient { } }\n", "./gradlew publish", "unknown"),
    "turned off": (
        SIGSTORE + TO + "tasks.withType<SigstoreSignFilesTask> { enabled = false }\n", "./gradlew publish", "unknown",
    ),
    "left out": (SIGSTORE + TO, "./gradlew publish -x sigstoreSignMavenPublication", "unknown"),
    "publishing only what is there": (SIGSTORE + TO, "./gradlew publishAllPublicationsToMavenRepository", "pass"),
    "a plugin that publishes to Central": (
        SIGSTORE.replace("    `maven-publish`\n", '    id("com.vanniktech.maven.publish") version "0.34.0"\n'),
        "./gradlew publishAndReleaseToMavenCentral", "pass",
    ),
    "a plugin whose tasks write the versions down": (
        SIGSTORE.replace("plugins {", 'plugins {\n    id("nl.littlerobots.version-catalog-update") version "1"') + TO,
        "./gradlew publish", "pass",
    ),
    "nowhere": (SIGSTORE, "./gradlew publish", "unknown"),
    "forgiven": (SIGSTORE + TO, "./gradlew publish || true", "fail"),
    "the portal of plugins": (
        'plugins {\n `java-gradle-plugin`\n id("com.gradle.plugin-publish") version "1.3.0"\n}\n',
        "./gradlew publishPlugins", "fail",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SIGNED)
def test_who_signs(name: str) -> None:
    script, command, expected = SIGNED[name]
    assert judged("build-signed", script, command) == expected


def test_an_identity_has_to_be_permitted() -> None:
    assert judged("build-signed", SIGSTORE + TO, "./gradlew publish", permissions="{contents: read}") == "fail"


def test_what_stays_on_the_machine_is_no_release() -> None:
    signed = (
        "cosign sign-blob --yes --bundle a.bundle build/libs/a.jar",
        "gh release create v1 build/libs/a.jar a.bundle",
    )
    for script, command, expected in (
        (PLAIN + FOLDER, "publish", "pass"), (PLAIN, "publishToMavenLocal", "pass"), (PLAIN + TO, "publish", "fail"),
    ):  # fmt: skip
        assert judged("build-signed", script, f"./gradlew {command} build", *signed) == expected, command


def test_each_project_has_to_be_signed() -> None:
    settings = {"settings.gradle.kts": 'include("api", "core")\n'}
    root = f'subprojects {{\n    apply(plugin = "maven-publish")\n    {TO.strip()}\n}}\n'
    one = {"api/build.gradle.kts": 'plugins { id("dev.sigstore.sign") version "2" }\n', "core/build.gradle.kts": "\n"}
    both = {**one, "core/build.gradle.kts": one["api/build.gradle.kts"]}
    assert judged("build-signed", root, "./gradlew publish", **settings, **both) == "pass"
    assert judged("build-signed", root, "./gradlew publish", **settings, **one) == "fail"
    assert judged("build-signed", root, "./gradlew :api:publish", **settings, **one) == "pass"
    assert judged("build-signed", root, "./gradlew :core:publish", **settings, **one) == "fail"


NEEDS = "tasks.withType<PublishToMavenRepository>().configureEach { dependsOn(tasks.test) }"
TESTED = {
    "the tests before": (["./gradlew test", "./gradlew publish"], "", "pass"),
    "the tests before, in one call": (["./gradlew test publish"], "", "pass"),
    "the build before": (["./gradlew build publish"], "", "pass"),
    "no tests": (["./gradlew assemble publish"], "", "fail"),
    "the tests after": (["./gradlew publish test"], "", "fail"),
    "whatever becomes of them": (["./gradlew test publish --continue"], "", "fail"),
    "whatever becomes of them, but it needs them": (["./gradlew publish --continue"], NEEDS, "pass"),
    "at the same time": (["./gradlew test publish --parallel"], "", "fail"),
    "it needs them": (["./gradlew publish"], NEEDS, "pass"),
    "what ties it together needs them": (["./gradlew publish"], "tasks.publish { dependsOn(tasks.check) }", "unknown"),
    "it needs them itself": (
        ["./gradlew publishMavenPublicationToMavenRepository"],
        "tasks.named(\"publishMavenPublicationToMavenRepository\") { dependsOn(tasks.check) }", "pass",
    ),
    "it runs after them where they run": (["./gradlew publish"], "tasks.publish { mustRunAfter(tasks.test) }", "fail"),
    "left out": (["./gradlew build publish -x test"], "", "fail"),
    "turned off": (["./gradlew build publish"], "tasks.test { enabled = false }", "fail"),
    "turned off by a condition": (["./gradlew test publish"], 'tasks.test { onlyIf { hasProperty("x") } }', "unknown"),
    "all tests turned off": (["./gradlew build publish"], "tasks.withType<Test> { enabled = false }", "fail"),
    "nobody minds": (
        ["./gradlew build publish"], "tasks.withType<Test>().configureEach { ignoreFailures = true }", "fail",
    ),
    "nobody minds, perhaps": (
        ["./gradlew build publish"], 'tasks.test { ignoreFailures = hasProperty("x") }', "unknown",
    ),
    "somebody minds": (["./gradlew build publish"], "tasks.test { ignoreFailures = false }", "pass"),
    "nobody minds the others": (
        ["./gradlew build publish"], "pmd { ignoreFailures = true }", "pass",
    ),
    "turned off in one line": (["./gradlew test publish"], "tasks { test { enabled = false } }", "fail"),
    "told later what it needs": (["./gradlew check publish"], "tasks.check { setDependsOn(listOf(1)) }", "unknown"),
    "a task of its own": (
        ["./gradlew ship"], 'tasks.register("ship") { dependsOn("test", "publish") }', "unknown",
    ),
    "a task of its own behind them": (
        ["./gradlew ship"], f'tasks.register("ship") {{ dependsOn("publish") }}\n{NEEDS}', "pass",
    ),
    "after the tests, whatever they say": (["./gradlew test"], 'tasks.test { finalizedBy("publish") }', "fail"),
    "tests of its own": (
        ["./gradlew e2e publish"], 'val e2e by tasks.registering(Test::class) { group = "x" }', "pass",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TESTED)
def test_what_is_published_after_the_tests(name: str) -> None:
    commands, more, expected = TESTED[name]
    assert judged("tests-gate-release", PLAIN + TO + more + "\n", *commands) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("test.useJUnitPlatform()", "pass"),
        ("test.enabled = false", "fail"),
        ("test.onlyIf { false }", "unknown"),
        ("test.ignoreFailures = true", "unknown"),
        ("check.dependsOn = ['jar']", "unknown"),
        ("test { ignoreFailures true }", "unknown"),
        ("subprojects { test.enabled = false }", "fail"),
    ],
)
def test_what_groovy_says_of_tests_in_a_line(line: str, expected: str) -> None:
    script = f"plugins {{\n  id 'java'\n  id 'maven-publish'\n}}\n{TO}{line}\n"
    files = {"build.gradle": script, "settings.gradle": "include 'core'\n"}
    commands = "- run: ./gradlew check publish"
    assert judge("tests-gate-release", repository_of(workflow(release=job(commands)), **files)).verdict == expected


def test_an_sbom_of_what_is_built() -> None:
    ship = "gh release create v1 build/libs/a.jar build/reports/bom.json"
    assert judged("sbom-generated", BOM, "./gradlew build cyclonedxBom", ship) == "pass"
    assert judged("sbom-generated", BOM, "./gradlew build", ship) == "fail"
    assert judged("sbom-generated", BOM, "./gradlew build cyclonedxBom", ship.replace("reports/bom", "bom")) == "fail"
    assert judged("sbom-generated", BOM, "./gradlew build cyclonedxBom", ship.partition(" build/reports")[0]) == "fail"
    told = BOM + 'tasks.cyclonedxBom { outputName = "sbom" }\n'
    assert judged("sbom-generated", told, "./gradlew build cyclonedxBom", ship) == "unknown"
    off = BOM + "tasks.cyclonedxBom { enabled = false }\n"
    assert judged("sbom-generated", off, "./gradlew build cyclonedxBom", ship) != "pass"


SCAN = 'plugins {\n    java\n    id("org.owasp.dependencycheck") version "12.1.0"\n}\n'


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("dependencyCheck { failBuildOnCVSS = 7.0f }", "pass"),
        ("dependencyCheck {\n failBuildOnCVSS = 7\n suppressionFile = 'a.xml'\n}", "pass"),
        ("", "fail"),
        ("dependencyCheck { failBuildOnCVSS = 11 }", "fail"),
        ("dependencyCheck { failBuildOnCVSS = limit }", "unknown"),
        ("dependencyCheck { failBuildOnCVSS = 7\n skip = true\n}", "unknown"),
    ],
)
def test_the_vulnerabilities_of_what_it_needs(said: str, expected: str) -> None:
    commands = ("./gradlew build dependencyCheckAnalyze", "gh release create v1 build/libs/a.jar a.bundle")
    assert judged("vulnerabilities-gated", f"{SCAN}{said}\n", *commands) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("echo 'allprojects { }' > ~/.gradle/init.gradle", "unknown"),
        ("curl -fsSL https://acme.example/a -o $HOME/.gradle/init.d/acme.gradle", "unknown"),
        ("cp ci/init.gradle.kts ~/.gradle/init.gradle.kts", "unknown"),
        ("export GRADLE_USER_HOME=/tmp/gradle; echo 'allprojects { }' > /tmp/gradle/init.gradle", "unknown"),
        ('echo "$PROPERTIES" | base64 -d > ~/.gradle/gradle.properties', "unknown"),
        ("echo 'org.gradle.parallel=true' >> \"$GRADLE_USER_HOME/gradle.properties\"", "unknown"),
        ('echo "signing.password=$WORD" >> ~/.gradle/gradle.properties', "pass"),
        ("echo 'org.gradle.jvmargs=-Xmx2g' > ~/.gradle/gradle.properties", "pass"),
        ("echo 'allprojects { }' > other/init.gradle.txt", "pass"),
    ],
)
def test_settings_of_the_user_that_the_job_writes_count_for_every_build(line: str, expected: str) -> None:
    assert judged("build-signed", SIGSTORE + TO, line, "./gradlew publish") == expected
    assert judged("tests-gate-release", SIGSTORE + TO, line, "./gradlew test publish") == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (("./gradlew build", "ATTEST build/libs/*.jar", "./gradlew publish"), "unknown"),
        (("./gradlew build", "ATTEST README.md", "./gradlew publish"), "fail"),
        (("ATTEST build/libs/*.jar", "./gradlew publish"), "fail"),
        (("./gradlew build", "./gradlew publish", "ATTEST build/libs/*.jar"), "fail"),
    ],
)
def test_what_was_attested_need_not_be_built_again(steps: tuple[str, ...], expected: str) -> None:
    made = [
        f"- uses: actions/attest@v4\n  with: {{subject-path: {step.removeprefix('ATTEST ')}}}"
        if step.startswith("ATTEST")
        else f"- run: {step}"
        for step in steps
    ]
    tree = repository_of(workflow(release=job(*made)), **{"build.gradle.kts": PLAIN + TO})
    assert judge("build-signed", tree).verdict == expected
