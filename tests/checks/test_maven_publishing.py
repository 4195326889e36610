"""What Maven deploys: which plugins sign a build, which only sign, and which nobody knows."""

from __future__ import annotations

import pytest

from releasing import job, repository_of, workflow
from trees import judge


def plugin(name: str, goal: str) -> str:
    run = f"<executions><execution><goals><goal>{goal}</goal></goals></execution></executions>"
    return f"<plugin><artifactId>{name}</artifactId>{run}</plugin>"


SIGSTORE = plugin("sigstore-maven-plugin", "sign")
PGP = plugin("maven-gpg-plugin", "sign")
BOM = plugin("cyclonedx-maven-plugin", "makeBom")
OTHER = plugin("acme-publish-plugin", "publish")
COMPILER = "<plugin><artifactId>maven-compiler-plugin</artifactId></plugin>"


def pom(*plugins: str, more: str = "") -> str:
    return f"<project>{more}<build><plugins>{COMPILER}{''.join(plugins)}</plugins></build></project>"


def profile(name: str, *plugins: str) -> str:
    return (
        f"<profiles><profile><id>{name}</id><build><plugins>{''.join(plugins)}</plugins></build></profile></profiles>"
    )


def both(text: str, command: str = "mvn -B deploy", **files: str) -> tuple[str, str]:
    tree = repository_of(workflow(release=job(f"- run: |\n    {command}")), **{"pom.xml": text}, **files)
    return judge("build-signed", tree).verdict, judge("sbom-generated", tree).verdict


POMS = {
    "with the workflow's identity": (pom(SIGSTORE), "pass"),
    "nothing signs": (pom(), "fail"),
    "PGP": (pom(PGP), "fail"),
    "both": (pom(PGP, SIGSTORE), "pass"),
    "one that is only managed": (
        pom(more=f"<build><pluginManagement><plugins>{SIGSTORE}</plugins></pluginManagement></build>").replace(
            f"<build><plugins>{COMPILER}</plugins></build>", ""
        ),
        "fail",
    ),
    "a plugin that nobody knows": (pom(OTHER), "unknown"),
    "in a profile that is off": (pom(more=profile("release", SIGSTORE)), "fail"),
    "a plugin that nobody knows in a profile that is off": (pom(SIGSTORE, more=profile("native", OTHER)), "pass"),
    "a parent elsewhere": (
        pom(SIGSTORE, more="<parent><groupId>com.acme</groupId><artifactId>p</artifactId></parent>"),
        "unknown",
    ),
    "a parent that is known": (
        pom(SIGSTORE, more="<parent><groupId>org.sonatype.oss</groupId><artifactId>oss-parent</artifactId></parent>"),
        "pass",
    ),
    "no XML": ("<project>", "unknown"),
    "entities": ('<!DOCTYPE x [<!ENTITY a "b">]><project/>', "unknown"),
    "a comment": (pom(f"<!-- {SIGSTORE} -->"), "fail"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), POMS.values(), ids=POMS.keys())
def test_poms(text: str, expected: str) -> None:
    assert both(text)[0] == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("./mvnw -B -ntp deploy -DskipTests", "pass"),
        ("mvn --batch-mode release:prepare release:perform", "pass"),
        ("mvn package", "fail"),
        ("mvn test", "fail"),
        ("mvn deploy || true", "fail"),
        ("mvn deploy acme:publish", "unknown"),
        ('mvn "$GOAL"', "unknown"),
        ("sed -i s/sign/help/ pom.xml && mvn deploy", "unknown"),
        ("mvn -f app/pom.xml deploy", "unknown"),
    ],
)
def test_commands(command: str, expected: str) -> None:
    assert both(pom(SIGSTORE), command)[0] == expected


def test_profiles_that_are_on() -> None:
    release = pom(more=profile("release", SIGSTORE))
    assert both(release, "mvn -Prelease deploy")[0] == "pass"
    assert both(release, "mvn -P other,release deploy")[0] == "pass"
    on = release.replace(
        "<id>release</id>", "<id>release</id><activation><activeByDefault>true</activeByDefault></activation>"
    )
    assert both(on)[0] == "pass"
    assert both(on, "mvn -Pother deploy")[0] == "fail"


def test_modules_count() -> None:
    root = pom(SIGSTORE, more="<modules><module>core</module></modules>")
    assert both(root, **{"core/pom.xml": pom()})[0] == "pass"
    assert both(root, **{"core/pom.xml": pom(OTHER)})[0] == "unknown"
    assert both(root)[0] == "unknown"


def test_files_that_are_released_elsewhere() -> None:
    release = "mvn verify\n    gh release create v1 target/*.jar"
    assert both(pom(SIGSTORE), release)[0] == "pass"
    assert both(pom(), release)[0] == "fail"


def test_an_sbom_is_deployed_with_the_artifact() -> None:
    assert both(pom(SIGSTORE, BOM)) == ("pass", "pass")
    assert both(pom(SIGSTORE)) == ("pass", "fail")
    assert both(pom(SIGSTORE, BOM), "mvn verify\n    gh release create v1 target/*.jar")[1] == "fail"


def test_jib_writes_the_digest_of_what_it_has_pushed() -> None:
    build = "mvn compile jib:build -Dimage=ghcr.io/acme/shop:1"
    jib = f"{build}\n    cosign sign --yes ghcr.io/acme/shop@$(cat target/jib-image.%s)"
    assert both(pom(), jib % "digest")[0] == "pass"
    assert both(pom(), jib % "id")[0] == "fail"
    assert both(pom(), (jib % "digest").replace("acme/shop@", "acme/tools@"))[0] == "fail"
    assert both(pom(), (jib % "digest").partition("\n")[0])[0] == "fail"
    full = "com.google.cloud.tools:jib-maven-plugin:3.5.2:build"
    assert both(pom(), (jib % "digest").replace("jib:build", full))[0] == "pass"
    assert both(pom(), (jib % "digest").replace("jib:build", "jib:dockerBuild"))[0] != "pass"
