"""The images that Gradle pushes by jib: what they are called, where their digest stands, and what else may happen."""

from __future__ import annotations

import time

import pytest

from pipelines import on_gitlab
from releasing import job, repository_of, workflow
from trees import judge

JIB = 'plugins {\n    java\n    id("com.google.cloud.tools.jib") version "3.4.4"\n}\n'
IMAGE = 'jib { to { image = "ghcr.io/acme/shop" } }\n'
KOTLIN = JIB + IMAGE
GROOVY = (
    "plugins {\n  id 'java'\n  id 'com.google.cloud.tools.jib' version '3.4.4'\n}\njib.to.image = 'ghcr.io/acme/shop'\n"
)
DEPLOY = "kubectl set image deploy/a a=ghcr.io/acme/shop"
SIGN = 'cosign sign --yes "ghcr.io/acme/shop@$(cat build/jib-image.digest)"'


def released(script: str, *commands: str, **files: str | None) -> dict[str, str | bytes | None]:
    """A release by these commands, with this script unless another one is given."""
    lines = "".join(f"    {line}\n" for line in commands)
    tree = repository_of(workflow(release=job(f"- run: |\n{lines}")))
    return {**tree, "build.gradle.kts": script, **files}


def signed(script: str, *commands: str, **files: str | None) -> str:
    outcome = judge("build-signed", released(script, *(commands or ("./gradlew jib", SIGN)), **files))
    return outcome.verdict


def gated(script: str, *commands: str, **files: str | None) -> str:
    return judge("tests-gate-release", released(script, *commands, "gh release create v1", **files)).verdict


COMMANDS = {
    "signed by its digest": (["./gradlew jib", SIGN], "pass"),
    "not signed": (["./gradlew jib"], "fail"),
    "by its tag": (["./gradlew jib", "cosign sign --yes ghcr.io/acme/shop:latest"], "fail"),
    "by its metadata": (
        ["./gradlew jib", 'cosign sign --yes "ghcr.io/acme/shop@$(jq -r .imageDigest build/jib-image.json)"'], "pass",
    ),
    "by its id": (["./gradlew jib", SIGN.replace(".digest", ".id")], "fail"),
    "by its id in the metadata": (
        ["./gradlew jib", 'cosign sign --yes "ghcr.io/acme/shop@$(jq -r .imageId build/jib-image.json)"'], "fail",
    ),
    "another name": (["./gradlew jib", SIGN.replace("acme/shop", "acme/tools")], "fail"),
    "called otherwise by the command": (
        ["./gradlew jib -Djib.to.image=ghcr.io/acme/tools", SIGN.replace("acme/shop", "acme/tools")], "pass",
    ),
    "called otherwise, and signed as before": (["./gradlew jib -Djib.to.image=ghcr.io/acme/tools", SIGN], "fail"),
    "called otherwise by an option": (
        ["./gradlew jib --image=ghcr.io/acme/tools", SIGN.replace("acme/shop", "acme/tools")], "pass",
    ),
    "into the daemon": (["./gradlew jibDockerBuild", SIGN, DEPLOY], "not pass"),
    "into the daemon, and pushed": (["./gradlew jibDockerBuild", "docker push ghcr.io/acme/shop", SIGN], "fail"),
    "a tar": (["./gradlew jibBuildTar", SIGN, "gh release create v1"], "not pass"),
    "where it is told to write": (
        ["./gradlew jib -Djib.outputPaths.digest=o.digest", SIGN.replace("build/jib-image.digest", "o.digest")], "pass",
    ),
    "where it does not write any more": (["./gradlew jib -Djib.outputPaths.digest=out.digest", SIGN], "not pass"),
    "shipped before": (["./gradlew jib", DEPLOY, SIGN], "fail"),
    "pushed again": (
        ["./gradlew jib", "d=$(cat build/jib-image.digest)", "./gradlew jib", "cosign sign --yes ghcr.io/acme/shop@$d"],
        "fail",
    ),
    "without reports": (["./gradlew clean build jib --no-problems-report --warning-mode all", SIGN], "pass"),
    "with more tasks": (["./gradlew clean build jib --no-daemon --stacktrace", SIGN], "pass"),
    "with a task that nobody knows": (["./gradlew jib shipIt", SIGN], "unknown"),
    "a rehearsal": (["./gradlew jib --dry-run", SIGN, "gh release create v1"], "not pass"),
    "with another script": (["./gradlew -I ci.gradle jib", SIGN], "unknown"),
    "which tasks, nobody knows": (['./gradlew "$TASKS"', SIGN], "unknown"),
    "left out": (["./gradlew build jib -x jib", SIGN, "gh release create v1"], "not pass"),
    "by another project": (["./gradlew :app:jib", SIGN], "unknown"),
    "a script that the job has changed": (
        ["sed -i s/p/q/ build.gradle build.gradle.kts", "./gradlew jib", SIGN], "unknown",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_commands(name: str) -> None:
    commands, expected = COMMANDS[name]
    for script in ({"build.gradle.kts": KOTLIN}, {"build.gradle": GROOVY}):
        outcome = judge("build-signed", {**released("", *commands), "build.gradle.kts": None, **script})
        assert (outcome.verdict == expected) if expected != "not pass" else outcome.verdict != "pass", outcome


SCRIPTS = {
    "tags": (JIB + 'jib { to { image = "ghcr.io/acme/shop"\n tags = setOf("1", "latest") } }', "pass"),
    "a tag of its name": (JIB + 'jib { to { image = "ghcr.io/acme/shop:${version}" } }', "pass"),
    "called by a variable": (JIB + 'val registry = "ghcr.io/acme"\njib { to { image = "$registry/shop" } }', "pass"),
    "called by one that is set twice": (
        JIB + 'var from = "ghcr.io/acme"\nfrom = "quay.io/acme"\njib { to { image = "$from/shop" } }', "unknown",
    ),
    "called by a function": (JIB + 'jib { to { image = imageOf("shop") } }', "unknown"),
    "another name": (JIB + 'jib { to { image = "ghcr.io/acme/tools" } }', "fail"),
    "no name": (JIB, "unknown"),
    "in a remark": (JIB + '// jib { to { image = "ghcr.io/acme/shop" } }\n/* ' + IMAGE + " */", "unknown"),
    "written elsewhere": (JIB + IMAGE + 'jib { outputPaths { digest = "out.digest" } }', "not pass"),
    "by a function of its own": (JIB + 'jib.to.image.set("ghcr.io/acme/shop")', "pass"),
    "by Groovy's way": (JIB + "jib { to { image 'ghcr.io/acme/shop' } }", "pass"),
    "the plugin is applied later": (
        'plugins {\n java\n id("com.google.cloud.tools.jib") version "3.4.4" apply false\n}\n'
        'apply(plugin = "com.google.cloud.tools.jib")\n' + IMAGE, "pass",
    ),
    "the plugin is not applied": (KOTLIN.replace('"3.4.4"', '"3.4.4" apply false'), "unknown"),
    "a plugin that nobody knows": (KOTLIN.replace("java\n", 'id("com.acme.ship") version "1"\n'), "unknown"),
    "a condition": (JIB + 'if (hasProperty("x")) {\n jib { to { image = "ghcr.io/acme/shop" } }\n}', "unknown"),
    "a condition of something else": (KOTLIN + 'if (hasProperty("x")) {\n version = "2"\n}', "pass"),
    "a condition that changes it": (KOTLIN + 'if (hasProperty("x")) {\n jib.to.image = "quay.io/acme"\n}', "unknown"),
    "what another task does after it": (KOTLIN + 'tasks.jib { finalizedBy("ship") }\n', "unknown"),
    "what is done after it": (KOTLIN + 'tasks.named("jib") { doLast { println("pushed") } }', "unknown"),
    "what is done after all": (KOTLIN + 'tasks.configureEach { doLast { exec { commandLine("ship") } } }', "unknown"),
    "tests before it": (KOTLIN + "tasks.jib { dependsOn(tasks.test) }", "pass"),
    "it is turned off": (KOTLIN + "tasks.jib { enabled = false }", "unknown"),
    "later": (KOTLIN + 'afterEvaluate { jib.to.image = "ghcr.io/acme/tools" }', "unknown"),
    "a task beside it": (KOTLIN + 'tasks.register<Exec>("ship") { commandLine("ship") }', "pass"),
    "tests that are told how": (KOTLIN + "tasks.test {\n useJUnitPlatform()\n doFirst { println(1) }\n}", "pass"),
    "what it takes from elsewhere": (KOTLIN + 'apply(from = "https://acme.example/ship.gradle")', "unknown"),
    "its sources": (KOTLIN + 'dependencies {\n implementation("a.b:c:1")\n}\nrepositories { mavenCentral() }', "pass"),
    "plugins of an organisation": (
        KOTLIN + 'buildscript { repositories { maven("https://acme.example") } }', "unknown",
    ),
    "tasks in the block of another thing": (KOTLIN + 'spotless { check { dependsOn("spotlessApply") } }', "pass"),
    "a task after it, in the block of another thing": (KOTLIN + 'spotless { jib { finalizedBy("ship") } }', "unknown"),
    "a pattern": (KOTLIN + "def plain = /^[0-9'\"]+/\n", "pass"),
    "a pattern that goes on": (KOTLIN + "def plain = /^[0-9'\n]+/\n", "unknown"),
    "got by another name": (
        "import com.google.cloud.tools.jib.gradle.JibExtension as J\n" + KOTLIN + 'the<J>().to.image = "quay.io/a"\n',
        "unknown",
    ),
    "got by its name": (KOTLIN + 'extensions.configure("jib") { }\n', "unknown"),
    "got in a function": (KOTLIN + 'with(jib.to) { image = "quay.io/acme/shop" }\n', "unknown"),
    "said twice": (KOTLIN + 'jib { to { image = "quay.io/acme/shop" } }\n', "fail"),
    "in a condition within": (JIB + 'jib { to { if (ci) { image = "ghcr.io/acme/shop" } } }\n', "unknown"),
    "a name that hides another": (
        JIB + 'val at = "ghcr.io/acme"\njib { val at = "quay.io"\n to { image = "$at/shop" } }\n', "unknown",
    ),
    "builds elsewhere": (KOTLIN + 'layout.buildDirectory = file("out")\n', "unknown"),
    "is set to build elsewhere": (KOTLIN + 'layout.buildDirectory.set(file("out"))\n', "unknown"),
    "in a comment within a comment": (JIB + "/* /* */ " + IMAGE.strip() + " */\n", "unknown"),
    "put together": (JIB + 'jib.to.image = "ghcr.io/" + "acme/shop"\n', "pass"),
    "made of another text": (JIB + 'jib.to.image = "ghcr.io/acme/shop".replace("shop", "tools")\n', "unknown"),
    "no Kotlin": (KOTLIN + '"', "unknown"),
    "the project is handed on": (KOTLIN + "Ship.prepare(project)", "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts(name: str) -> None:
    script, expected = SCRIPTS[name]
    outcome = judge("build-signed", released(script, "./gradlew jib", SIGN))
    assert (outcome.verdict == expected) if expected != "not pass" else outcome.verdict != "pass", outcome


OF_GROOVY = {
    "a choice": (GROOVY.replace("= 'ghcr", "= ci ? 'ghcr") + " : 'quay.io/acme'\n", "unknown"),
    "a plugin, applied to the project": (GROOVY + "project.apply plugin: 'com.acme.ship'\n", "unknown"),
    "a program": (GROOVY + "'ship'.execute()\n", "unknown"),
    "a property by its name": (GROOVY + "project.'jib'.to.image = 'quay.io/acme'\n", "unknown"),
    "a property by a name that is put together": (
        GROOVY + "project.\"${'ji' + 'b'}\".to.image = 'quay.io'\n",
        "unknown",
    ),
    "a task": (GROOVY + "task ship(type: Exec) {\n  commandLine 'ship'\n}\n", "pass"),
    "a task after it": (GROOVY + "task ship(type: Exec) { }\ntasks.jib.finalizedBy ship\n", "unknown"),
}


@pytest.mark.parametrize("name", OF_GROOVY)
def test_scripts_of_groovy(name: str) -> None:
    script, expected = OF_GROOVY[name]
    tree = {**released("", "./gradlew jib", SIGN), "build.gradle.kts": None, "build.gradle": script}
    assert judge("build-signed", tree).verdict == expected


NAMED = JIB + 'jib.to.image = System.getenv("NAME") ?: "ghcr.io/acme/shop"\n'
TOLD = {
    "by a variable": (NAMED, ["export NAME=ghcr.io/acme/shop", "./gradlew jib", SIGN], "", "pass"),
    "by no variable": (NAMED, ["./gradlew jib", SIGN], "", "pass"),
    "by a variable of the command": (NAMED, ["NAME=quay.io/acme/shop ./gradlew jib", SIGN], "", "fail"),
    "by a variable of which nobody knows": (NAMED, ["NAME=$(cat name) ./gradlew jib", SIGN], "", "unknown"),
    "by a property": (JIB + 'jib.to.image = "$at/shop"\n', ["./gradlew jib", SIGN], "at=ghcr.io/acme\n", "pass"),
    "by a property of the command": (
        JIB + 'jib.to.image = "$at/shop"\n',
        ["./gradlew jib -Pat=quay.io", SIGN],
        "at=ghcr.io/acme\n",
        "fail",
    ),
    "by a property of the system": (
        KOTLIN,
        ["./gradlew jib", SIGN],
        "systemProp.jib.to.image = quay.io/acme\n",
        "fail",
    ),
    "with a colon": (KOTLIN, ["./gradlew jib", SIGN], "systemProp.jib.to.image: quay.io/acme\n", "fail"),
    "over two lines": (KOTLIN, ["./gradlew jib", SIGN], "systemProp.jib\\\n  .to.image quay.io/acme\n", "fail"),
    "by Java's options": (KOTLIN, ["GRADLE_OPTS=-Djib.to.image=quay.io/acme ./gradlew jib", SIGN], "", "fail"),
    "to leave it out": (KOTLIN, ["./gradlew jib -Djib.skip", SIGN], "", "unknown"),
    "to leave it out, by a file": (KOTLIN, ["./gradlew jib", SIGN], "systemProp.jib.skip=true\n", "unknown"),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_it_is_told(name: str) -> None:
    script, commands, properties, expected = TOLD[name]
    assert signed(script, *commands, **{"gradle.properties": properties}) == expected


IMAGE_BY_SCRIPT = f'plugins {{\n    java\n    id("com.google.cloud.tools.jib")\n}}\n{IMAGE}'
SOURCES = "buildSrc/src/main/kotlin/"
OF_BUILD = {
    "a plugin that is a script": ({f"{SOURCES}acme.gradle.kts": IMAGE_BY_SCRIPT}, 'plugins { id("acme") }\n', "pass"),
    "a plugin that is a script, and does more": (
        {f"{SOURCES}acme.gradle.kts": f"{IMAGE_BY_SCRIPT}tasks.jib {{ finalizedBy(\"ship\") }}\n"},
        'plugins { id("acme") }\n', "unknown",
    ),
    "a plugin that is a class": ({f"{SOURCES}X.kt": "class X"}, KOTLIN.replace("java", 'id("acme")'), "unknown"),
    "a plugin of an included build": (
        {
            "settings.gradle.kts": 'pluginManagement { includeBuild("build-logic") }\n',
            "build-logic/src/main/kotlin/acme.gradle.kts": IMAGE_BY_SCRIPT,
        },
        'plugins { id("acme") }\n', "pass",
    ),
    "constants": ({f"{SOURCES}Of.kt": "import a.tasks.B\nobject Of\n"}, f"{KOTLIN}println(Of.toString())\n", "pass"),
    "functions": ({f"{SOURCES}Of.kt": "fun go() = ProcessBuilder()\n"}, f"{KOTLIN}go()\n", "unknown"),
    "a catalog": (
        {"gradle/libs.versions.toml": '[plugins]\nour-jib = "com.google.cloud.tools.jib:3"\n'},
        f"plugins {{\n    java\n    alias(libs.plugins.our.jib)\n}}\n{IMAGE}", "pass",
    ),
    "a catalog that settings change": (
        {
            "gradle/libs.versions.toml": '[plugins]\njib = "com.google.cloud.tools.jib:3"\n',
            "settings.gradle.kts": 'dependencyResolutionManagement { versionCatalogs { create("libs") { } } }\n',
        },
        f"plugins {{\n    java\n    alias(libs.plugins.jib)\n}}\n{IMAGE}", "unknown",
    ),
    "no catalog": ({}, f"plugins {{\n    alias(libs.plugins.jib)\n}}\n{IMAGE}", "unknown"),
    "another module for a plugin": (
        {"settings.gradle.kts": 'pluginManagement { resolutionStrategy { eachPlugin { useModule("a:b:1") } } }\n'},
        KOTLIN, "unknown",
    ),
    "another script": ({"settings.gradle.kts": 'rootProject.buildFileName = "b.gradle"\n'}, KOTLIN, "unknown"),
    "what settings do later": ({"settings.gradle.kts": "gradle.beforeProject { }\n"}, KOTLIN, "unknown"),
    "a script that is applied": ({"a.gradle.kts": IMAGE}, f'{JIB}apply(from = "a.gradle.kts")\n', "pass"),
    "one that says otherwise": (
        {"a.gradle.kts": IMAGE.replace("shop", "tools")}, f'{KOTLIN}apply(from = "a.gradle.kts")\n', "fail",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_BUILD)
def test_the_files_of_a_build(name: str) -> None:
    files, script, expected = OF_BUILD[name]
    assert signed(script, **files) == expected


@pytest.mark.parametrize("file", ["build.gradle", "settings.gradle", "gradle.properties", "gradlew", "buildSrc/a.kt"])
def test_a_file_of_the_build_that_the_job_writes(file: str) -> None:
    assert signed(KOTLIN, f"echo x > {file}", "./gradlew jib", SIGN) != "pass"
    assert signed(KOTLIN, f"echo x > {file}.txt", "./gradlew jib", SIGN) == "pass"


def test_an_image_may_be_called_like_its_project() -> None:
    root = 'plugins {\n    id("com.google.cloud.tools.jib") version "3" apply false\n}\nsubprojects {\n'
    root += '    apply(plugin = "com.google.cloud.tools.jib")\n'
    root += '    jib { to { image = "ghcr.io/acme/${project.name}" } }\n}\n'
    settings = {"settings.gradle.kts": 'rootProject.name = "tools"\ninclude("shop", "web")\n'}
    sign = 'cosign sign --yes "ghcr.io/acme/%s@$(cat %s/build/jib-image.digest)"'
    assert signed(root, "./gradlew jib", sign % ("shop", "shop"), sign % ("web", "web"), **settings) == "pass"
    assert signed(root, "./gradlew jib", sign % ("shop", "web"), sign % ("web", "shop"), **settings) == "fail"
    assert signed(root, "./gradlew :web:jib", sign % ("web", "web"), **settings) == "pass"
    ours = root.replace("project.name", "rootProject.name")
    assert signed(ours, "./gradlew :web:jib", sign % ("tools", "web"), **settings) == "pass"
    assert signed(ours, "./gradlew :web:jib", sign % ("web", "web"), **settings) == "fail"


def test_each_project_has_files_of_its_own() -> None:
    app = {"settings.gradle.kts": 'include("app")\n', "app/build.gradle.kts": KOTLIN.replace("acme/shop", "acme/app")}
    sign = 'cosign sign --yes "ghcr.io/acme/%s@$(cat %sbuild/jib-image.digest)"'
    for command in ("./gradlew :app:jib", "./gradlew -p app jib"):
        assert signed("", command, sign % ("app", "app/"), **app) == "pass", command
        assert signed("", command, sign % ("app", ""), **app) != "pass", command
    assert signed("", "cd app", "../gradlew jib", sign % ("app", ""), **app) == "pass"
    assert signed(KOTLIN, "./gradlew jib", sign % ("shop", ""), sign % ("app", "app/"), **app) == "pass"
    assert signed(KOTLIN, "./gradlew jib", sign % ("shop", ""), **app) == "fail"
    assert signed(KOTLIN, "./gradlew jib", sign % ("shop", "app/"), sign % ("app", ""), **app) == "fail"


ON_GITLAB = """\
build:
  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}
  script:
    - ./gradlew test
    - ./gradlew jib -Djib.to.image="$CI_REGISTRY_IMAGE:1"
    - cosign sign --yes "$CI_REGISTRY_IMAGE@$(cat build/jib-image.digest)"
    - kubectl set image deployment/shop "shop=$CI_REGISTRY_IMAGE@$(cat build/jib-image.digest)"
"""


@pytest.mark.parametrize(
    ("old", "new", "check", "expected"),
    [
        ("", "", "build-signed", "pass"),
        ("", "", "tests-gate-release", "pass"),
        ("cosign sign --yes", "echo", "build-signed", "fail"),
        ('"$CI_REGISTRY_IMAGE@$(cat build/jib-image.digest)"', '"$CI_REGISTRY_IMAGE:1"', "build-signed", "fail"),
        ('jib-image.digest)"\n    - kube', 'jib-image.id)"\n    - kube', "build-signed", "fail"),
        ("gradlew test", "gradlew classes", "tests-gate-release", "fail"),
        ("gradlew test", "gradlew test || true", "tests-gate-release", "fail"),
        ("gradlew jib", "gradlew jib ship", "build-signed", "unknown"),
    ],
)
def test_on_gitlab(old: str, new: str, check: str, expected: str) -> None:
    assert old in ON_GITLAB
    tree = on_gitlab(ON_GITLAB.replace(old, new, 1) if old else ON_GITLAB)
    assert judge(check, {**tree, "build.gradle.kts": KOTLIN}).verdict == expected


def test_what_is_not_understood_is_shown() -> None:
    outcome = judge("build-signed", released(KOTLIN + "afterEvaluate {\n}\n", "./gradlew jib", SIGN))
    assert "build.gradle.kts:6" in (outcome.reason or "")


@pytest.mark.parametrize(
    "text",
    [
        "{" * 90_000, "a\n" * 90_000, '"${' * 60_000, "/*" * 90_000, "tasks.a { dependsOn(b) }\n" * 8_000,
        "x(" * 35 + ")" * 35, "tasks.jib.dependsOn" * 9_000,
        "".join(f'tasks.register("t{n}") {{ dependsOn("t{n + 1}") }}\n' for n in range(4_000)),
        "jib.to.image = " + '"a" + ' * 30_000 + '"b"', "jib.to.image = " + "a ?: " * 30_000 + "b",
        "".join(f"val v{n} = v{n + 1} + v{n + 1}\n" for n in range(4_000)) + "jib.to.image = v0\n",
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_a_script_that_is_made_to_hurt_takes_no_time(text: str) -> None:
    started = time.process_time()
    assert signed(JIB + text, "./gradlew jib t0", SIGN) == "unknown"
    signed(JIB + text)
    assert time.process_time() - started < 5
