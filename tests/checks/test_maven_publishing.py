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


def deployed_to(where: str) -> str:
    told = f"<configuration><altDeploymentRepository>{where}</altDeploymentRepository></configuration>"
    return pom(f"<plugin><artifactId>maven-deploy-plugin</artifactId>{told}</plugin>")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("local::file:./target/repository", "pass"),
        ("local::default::file://${project.build.directory}/repository", "pass"),
        ("staging::file:out/repository", "pass"),
        ("central::https://repo.example.com/releases", "fail"),
        ("shared::file:///mnt/releases", "fail"),
        ("shared::file:../releases", "fail"),
        ("other::file:${where}/releases", "fail"),
    ],
)
def test_what_is_deployed_to_a_folder_of_the_build_is_not_released(where: str, expected: str) -> None:
    signed = "- run: cosign sign-blob --yes --bundle a.bundle a\n- run: gh release create v1 a a.bundle"
    for text, command in (deployed_to(where), "mvn deploy"), (pom(), f"mvn deploy '-DaltDeploymentRepository={where}'"):
        steps = f"- run: {command}\n- run: go build -o a ./cmd/a\n{signed}"
        tree = repository_of(workflow(release=job(*steps.splitlines())), **{"pom.xml": text})
        assert judge("build-signed", tree).verdict == expected


def test_profiles_that_are_on() -> None:
    release = pom(more=profile("release", SIGSTORE))
    assert both(release, "mvn -Prelease deploy")[0] == "pass"
    assert both(release, "mvn -P other,release deploy")[0] == "pass"
    on = release.replace(
        "<id>release</id>", "<id>release</id><activation><activeByDefault>true</activeByDefault></activation>"
    )
    assert both(on)[0] == "pass"
    assert both(on, "mvn -Pother deploy")[0] == "fail"


@pytest.mark.parametrize(
    ("switch", "command", "expected"),
    [
        ("<name>perform</name>", "mvn -Dperform deploy", "pass"),
        ("<name>perform</name>", "mvn -Dperform=any deploy", "pass"),
        ("<name>perform</name>", "mvn deploy", "fail"),
        ("<name>perform</name><value>true</value>", "mvn -Dperform deploy", "pass"),
        ("<name>perform</name><value>true</value>", "mvn -Dperform=false deploy", "fail"),
        ("<name>perform</name><value>!false</value>", "mvn -Dperform=true deploy", "pass"),
        ("<name>!quick</name>", "mvn deploy", "pass"),
        ("<name>!quick</name>", "mvn -Dquick deploy", "fail"),
    ],
)
def test_a_profile_is_on_by_its_property(switch: str, command: str, expected: str) -> None:
    activation = f"<activation><property>{switch}</property></activation>"
    release = pom(more=profile("release", SIGSTORE).replace("<id>release</id>", f"<id>release</id>{activation}"))
    assert both(release, command)[0] == expected


def parent(name: str, more: str = "") -> str:
    return f"<parent><groupId>com.acme</groupId><artifactId>{name}</artifactId><version>1</version>{more}</parent>"


def called(name: str, *plugins: str, more: str = "") -> str:
    return pom(*plugins, more=f"<groupId>com.acme</groupId><artifactId>{name}</artifactId><version>1</version>{more}")


MODULE = "<modules><module>core</module></modules>"
BELOW = "<relativePath>build/parent/pom.xml</relativePath>"
APACHE = "<parent><groupId>org.apache</groupId><artifactId>apache</artifactId></parent>"
PARENTS = {
    "below": (pom(more=parent("p", BELOW)), {"build/parent/pom.xml": called("p", SIGSTORE)}, "pass"),
    "a folder": (
        pom(more=parent("p", BELOW.replace("/pom.xml", ""))), {"build/parent/pom.xml": called("p", SIGSTORE)}, "pass",
    ),
    "what it binds counts": (
        pom(SIGSTORE, more=parent("p", BELOW)), {"build/parent/pom.xml": called("p", OTHER)}, "unknown",
    ),
    "its own parent": (
        pom(more=parent("p", BELOW)),
        {"build/parent/pom.xml": called("p", more=parent("q")), "build/pom.xml": called("q", SIGSTORE)},
        "pass",
    ),
    "its own parent elsewhere": (
        pom(SIGSTORE, more=parent("p", BELOW)),
        {"build/parent/pom.xml": called("p", more=parent("q", "<relativePath/>"))},
        "unknown",
    ),
    "group and version of its own parent": (
        pom(more=parent("p", BELOW)),
        {
            "build/parent/pom.xml": pom(SIGSTORE, more="<artifactId>p</artifactId>" + parent("q")),
            "build/pom.xml": called("q"),
        },
        "pass",
    ),
    "another one at that path": (
        pom(SIGSTORE, more=parent("p", BELOW)), {"build/parent/pom.xml": called("x")}, "unknown",
    ),
    "another version at that path": (
        pom(SIGSTORE, more=parent("p", BELOW)),
        {"build/parent/pom.xml": called("p").replace("<version>1<", "<version>2<")},
        "unknown",
    ),
    "nothing at that path": (pom(SIGSTORE, more=parent("p", BELOW)), {}, "unknown"),
    "none at all": (pom(SIGSTORE, more=parent("p", "<relativePath/>")), {}, "unknown"),
    "itself": (called("p", SIGSTORE, more=parent("q", "<relativePath>pom.xml</relativePath>")), {}, "unknown"),
    "outside": (pom(SIGSTORE, more=parent("p", "<relativePath>../../etc/pom.xml</relativePath>")), {}, "unknown"),
    "of a module, the root": (called("p", SIGSTORE, more=MODULE), {"core/pom.xml": pom(more=parent("p"))}, "pass"),
    "of a module, elsewhere": (
        called("p", SIGSTORE, more=MODULE), {"core/pom.xml": pom(more=parent("other"))}, "unknown",
    ),
    "of a module, known": (
        called("p", SIGSTORE, more=MODULE),
        {"core/pom.xml": pom(SIGSTORE, more=APACHE)},
        "pass",
    ),
    "of a module, known, which binds nothing": (
        called("p", SIGSTORE, more=MODULE), {"core/pom.xml": pom(more=APACHE)}, "fail",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "files", "expected"), PARENTS.values(), ids=PARENTS.keys())
def test_parents(text: str, files: dict[str, str], expected: str) -> None:
    assert both(text, **files)[0] == expected


def test_modules_count() -> None:
    root = called("p", SIGSTORE, more=MODULE)
    assert both(root, **{"core/pom.xml": pom(more=parent("p"))})[0] == "pass"
    assert both(root, **{"core/pom.xml": pom(OTHER, more=parent("p"))})[0] == "unknown"
    assert both(root)[0] == "unknown"


def bound(text: str, *, phase: str = "", settings: str = "") -> str:
    """A plugin that is bound to another phase, or with settings of its own."""
    begins = f"<executions><execution>{f'<phase>{phase}</phase>' if phase else ''}"
    return text.replace("<executions><execution>", begins).replace(
        "</executions>", f"</executions><configuration>{settings}</configuration>"
    )


def with_properties(**properties: str) -> str:
    return f"<properties>{''.join(f'<{name}>{text}</{name}>' for name, text in properties.items())}</properties>"


NAMED = "<plugin><artifactId>{}-maven-plugin</artifactId></plugin>"
KEPT = with_properties(**{"maven.deploy.skip": "true"})
LEFT_OUT = {
    "by the command": (pom(SIGSTORE), "mvn deploy -Dsigstore.skip", {}, "fail"),
    "by the command, in words": (pom(SIGSTORE), "mvn deploy -Dsigstore.skip=true", {}, "fail"),
    "not by the command": (pom(SIGSTORE), "mvn deploy -Dsigstore.skip=false", {}, "pass"),
    "perhaps by the command": (pom(SIGSTORE), 'mvn deploy -Dsigstore.skip="$SKIP"', {}, "unknown"),
    "by a variable": (pom(SIGSTORE), "MAVEN_ARGS=-Dsigstore.skip mvn deploy", {}, "fail"),
    "by an option of Java": (pom(SIGSTORE), "export MAVEN_OPTS='-Xmx1g -Dsigstore.skip=true'; mvn deploy", {}, "fail"),
    "by a variable of which nobody knows": (pom(SIGSTORE), "MAVEN_ARGS=$(cat args) mvn deploy", {}, "unknown"),
    "by Maven's file": (pom(SIGSTORE), "mvn deploy", {".mvn/maven.config": "-B\n-Dsigstore.skip\n"}, "fail"),
    "not by Maven's file": (pom(SIGSTORE), "mvn deploy", {".mvn/maven.config": "-B\n# -Dsigstore.skip\n"}, "pass"),
    "by a setting": (pom(bound(SIGSTORE, settings="<skip>true</skip>")), "mvn deploy", {}, "fail"),
    "not by a setting": (
        pom(bound(SIGSTORE, settings="<skip>false</skip>")), "mvn deploy -Dsigstore.skip", {}, "pass",
    ),
    "by a property": (pom(SIGSTORE, more=with_properties(**{"sigstore.skip": "true"})), "mvn deploy", {}, "fail"),
    "by a property that another one is": (
        pom(bound(SIGSTORE, settings="<skip>${quick}</skip>"), more=with_properties(quick="true")),
        "mvn deploy", {}, "fail",
    ),
    "by that one in the command": (
        pom(bound(SIGSTORE, settings="<skip>${quick}</skip>"), more=with_properties(quick="true")),
        "mvn deploy -Dquick=false", {}, "pass",
    ),
    "by a property of which nobody knows": (
        pom(bound(SIGSTORE, settings="<skip>${quick}</skip>")), "mvn deploy", {}, "unknown",
    ),
    "by its phase": (pom(bound(SIGSTORE, phase="none")), "mvn deploy", {}, "fail"),
    "before there is anything": (pom(bound(SIGSTORE, phase="compile")), "mvn deploy", {}, "fail"),
    "until it is deployed": (pom(bound(SIGSTORE, phase="deploy")), "mvn deploy", {}, "fail"),
    "not by its phase": (pom(bound(SIGSTORE, phase="package")), "mvn deploy", {}, "pass"),
    "for it is bound to nothing": (pom(NAMED.format("sigstore")), "mvn deploy", {}, "fail"),
    "for another goal": (pom(plugin("sigstore-maven-plugin", "help")), "mvn deploy", {}, "fail"),
    "in a module": (called("p", more=MODULE), "mvn deploy", {"core/pom.xml": pom(more=parent("p"))}, "fail"),
    "in one of two": (
        called("p", more=f"<packaging>pom</packaging>{MODULE.replace('<modules>', '<modules><module>web</module>')}"),
        "mvn deploy",
        {"core/pom.xml": pom(SIGSTORE, more=parent("p")), "web/pom.xml": pom(more=parent("p"))},
        "fail",
    ),
    "in none of two": (
        called("p", more=f"<packaging>pom</packaging>{MODULE.replace('<modules>', '<modules><module>web</module>')}"),
        "mvn deploy",
        {f"{each}/pom.xml": pom(SIGSTORE, more=parent("p")) for each in ("core", "web")},
        "pass",
    ),
    "in one that is not deployed": (
        called("p", SIGSTORE, more=MODULE), "mvn deploy",
        {"core/pom.xml": pom(bound(SIGSTORE, phase="none"), more=parent("p") + KEPT)},
        "pass",
    ),
    "in what does not inherit it": (
        called("p", SIGSTORE.replace("<executions>", "<inherited>false</inherited><executions>"), more=MODULE),
        "mvn deploy", {"core/pom.xml": pom(more=parent("p"))}, "fail",
    ),
    "by a module that binds it to nothing": (
        called("p", SIGSTORE, more=MODULE), "mvn deploy",
        {"core/pom.xml": pom(bound(SIGSTORE, phase="none"), more=parent("p"))}, "fail",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "command", "files", "expected"), LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_a_signature_may_be_left_out(text: str, command: str, files: dict[str, str], expected: str) -> None:
    assert both(text, command, **files)[0] == expected


def test_what_is_only_managed_is_bound_where_it_is_named() -> None:
    managed = f"<build><pluginManagement><plugins>{SIGSTORE}</plugins></pluginManagement></build>"
    assert both(pom(NAMED.format("sigstore"), more=managed))[0] == "pass"
    assert both(pom(more=managed))[0] == "fail"


def test_an_sbom_may_be_left_out() -> None:
    for left_out in (
        (pom(SIGSTORE, BOM), "mvn deploy -Dcyclonedx.skip"),
        (pom(SIGSTORE, BOM), "mvn deploy -Dcyclonedx.skipAttach=true"),
        (pom(SIGSTORE, bound(BOM, settings="<skipAttach>true</skipAttach>")), "mvn deploy"),
        (pom(SIGSTORE, BOM.replace("makeBom", "help")), "mvn deploy"),
    ):
        assert both(*left_out) == ("pass", "fail")
    module = {"core/pom.xml": pom(SIGSTORE, more=APACHE)}
    whole = BOM.replace("makeBom", "makeAggregateBom")
    assert both(called("p", SIGSTORE, whole, more=MODULE), **module) == ("pass", "pass")
    assert both(called("p", SIGSTORE, BOM, more=MODULE), **module) == ("pass", "fail")


def test_what_a_parent_elsewhere_may_bind_is_not_known() -> None:
    named = "<groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>"
    assert both(pom(SIGSTORE, NAMED.format("cyclonedx"), more=f"<parent>{named}</parent>")) == ("pass", "unknown")


def test_a_parent_that_the_job_has_written_is_not_that_of_the_repository() -> None:
    files = {"build/parent/pom.xml": called("p", SIGSTORE)}
    text = pom(SIGSTORE, more=parent("p", BELOW))
    assert both(text, "curl -o build/parent/pom.xml https://acme.com/pom.xml\n    mvn deploy", **files)[0] == "unknown"


UNBOUND = "<plugin><artifactId>acme-publish-plugin</artifactId>{}</plugin>"
CONFIGURED = UNBOUND.format("<version>1</version><configuration><to>users</to></configuration>")


def test_a_plugin_that_is_only_configured_does_nothing() -> None:
    assert both(pom(SIGSTORE, CONFIGURED))[0] == "pass"
    assert both(pom(SIGSTORE, UNBOUND.format("<extensions>true</extensions>")))[0] == "unknown"
    managed = f"<build><pluginManagement><plugins>{OTHER}</plugins></pluginManagement></build>"
    assert both(pom(SIGSTORE, CONFIGURED, more=managed))[0] == "unknown"
    assert (
        both(called("p", SIGSTORE, more=MODULE + managed), **{"core/pom.xml": pom(CONFIGURED, more=parent("p"))})[0]
        == "unknown"
    )
    assert both(pom(SIGSTORE, CONFIGURED), "mvn deploy acme-publish:publish")[0] == "unknown"


def gated(text: str, *commands: str, **files: str) -> str:
    steps = [f"- run: {each}" for each in (*commands, "gh release create v1")]
    tree = repository_of(workflow(release=job(*steps)), **{"pom.xml": text}, **files)
    return judge("tests-gate-release", tree).verdict


def test_goals_that_let_no_phase_run_do_not_ask_for_what_is_bound() -> None:
    for goal in (
        "versions:set versions:commit -DnewVersion=1.2", "help:evaluate -Dexpression=project.version",
        "org.codehaus.mojo:versions-maven-plugin:2.18.0:set",
        "org.apache.maven.plugins:maven-help-plugin:3.5.1:evaluate", "--version",
    ):  # fmt: skip
        assert gated(pom(OTHER), f"mvn -B {goal}", "pytest") == "pass"
        assert gated(pom(OTHER), f"mvn -B {goal}") == "fail"
    for goal in (
        "versions:set compile", "site:site", "exec:exec", "org.codehaus.mojo:exec-maven-plugin:3.5.0:exec",
        "com.acme:acme-publish-plugin:publish", "com.acme:versions:set", "com.acme:publish-maven-plugin:help:publish",
    ):  # fmt: skip
        assert gated(pom(OTHER), f"mvn -B {goal}", "pytest") == "unknown"
    assert gated(pom(), "mvn -B org.codehaus.mojo:exec-maven-plugin:3.5.0:exec", "pytest") == "unknown"


def test_a_pom_by_another_name_is_not_read() -> None:
    other = {"ci/release.xml": pom(OTHER), "ci/pom.xml": pom(SIGSTORE)}
    assert both(pom(SIGSTORE), "mvn -f ci/release.xml deploy", **other)[0] == "unknown"
    assert both(pom(), "mvn -f ci/pom.xml deploy", **{"ci/pom.xml": pom(SIGSTORE)})[0] == "pass"


def test_the_goal_that_a_pom_names_runs_where_nobody_names_one() -> None:
    goal = "<build><defaultGoal>clean deploy</defaultGoal>"
    named = pom(SIGSTORE).replace("<build>", goal)
    assert both(named, "mvn -B")[0] == "pass"
    assert both(named.replace(SIGSTORE, ""), "mvn -B")[0] == "fail"
    assert both(named.replace(SIGSTORE, OTHER), "mvn -B")[0] == "unknown"
    assert gated(named, "mvn -B") == "pass"
    assert gated(named, "mvn -B -DskipTests") == gated(named, "mvn --version") == "fail"
    staged = pom(more=profile("stage").replace("<build>", goal))
    assert gated(staged, "mvn -Pstage") == "pass"
    assert gated(staged, "mvn -Pother") == gated(staged, "mvn") == "fail"
    other = profile("stage").replace("<build>", goal.replace("deploy", "verify"))
    assert both(named.replace("</project>", f"{other}</project>"), "mvn -Pstage")[0] == "unknown"
    above = {"build/parent/pom.xml": called("p", SIGSTORE).replace("<build>", goal)}
    assert both(pom(more=parent("p", BELOW)), "mvn -B", **above)[0] == "pass"
    module = pom(more=parent("p", BELOW) + "<modules><module>build/parent</module></modules>")
    assert both(module, "mvn -B", **above)[0] == "pass"
    below = {"core/pom.xml": above["build/parent/pom.xml"]}
    assert gated(called("q", SIGSTORE, more=MODULE), "mvn -B", **below) == "fail"


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


def test_spring_boot_builds_an_image_by_buildpacks() -> None:
    build = "mvn spring-boot:build-image -Dspring-boot.build-image.imageName=ghcr.io/acme/shop:1"
    pushed = f"{build} -Dspring-boot.build-image.publish=true"
    assert both(pom(), pushed) == ("fail", "fail")
    assert both(pom(), f"{pushed}\n    cosign sign --yes ghcr.io/acme/shop:1")[0] == "fail"
    by_hand = f"{build}\n    docker push ghcr.io/acme/shop:1"
    digest = "$(docker inspect --format '{{index .RepoDigests 0}}' ghcr.io/acme/shop:1)"
    assert both(pom(), f'{by_hand}\n    cosign sign --yes "{digest}"')[0] == "pass"
    assert both(pom(), by_hand)[0] == "fail"
    image = "<image><name>ghcr.io/acme/shop:1</name><publish>true</publish></image>"
    named = pom(NAMED.format("spring-boot").replace("</plugin>", f"<configuration>{image}</configuration></plugin>"))
    sign = "cosign sign --yes ghcr.io/acme/shop:1"
    assert both(named, f"mvn spring-boot:build-image\n    {sign}")[0] == "fail"
    assert both(named.replace("true", "${publish}"), f"mvn spring-boot:build-image\n    {sign}")[0] == "unknown"
    assert gated(pom(), "mvn spring-boot:build-image") == "pass"  # it lets the phases until `package` run
    assert gated(pom(), "mvn spring-boot:build-image -DskipTests") == "fail"
    assert gated(pom(), "mvn spring-boot:build-image-no-fork") == "fail"


SERVERS = "<settings><servers><server><id>central</id></server></servers></settings>"
SKIPS = (
    "<settings><profiles><profile><id>ci</id><properties><skip>true</skip></properties></profile></profiles></settings>"
)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (SERVERS, "pass"),
        (SKIPS, "unknown"),
        (SKIPS.replace("skip>", "gpg.passphrase>"), "pass"),
        ("<settings><activeProfiles><activeProfile>release</activeProfile></activeProfiles></settings>", "unknown"),
        (SKIPS.replace("properties>", "repositories>"), "pass"),
        ("$SETTINGS", "unknown"),
    ],
)
@pytest.mark.parametrize(
    "lines",
    [
        "echo '{}' > ~/.m2/settings.xml\n    mvn -B deploy",
        "echo '{}' > ci.xml\n    mvn -B deploy -s ci.xml",
        "mkdir -p $HOME/.m2\n    echo '{}' | tee $HOME/.m2/settings.xml\n    mvn -B deploy",
    ],
)
def test_settings_may_tell_maven_more_than_the_poms(lines: str, settings: str, expected: str) -> None:
    quoted = lines.replace("'{}'", f'"{settings}"' if "$" in settings else f"'{settings}'")
    assert both(pom(SIGSTORE), quoted)[0] == expected


def test_settings_of_the_repository_are_read_where_the_job_has_not_changed_them() -> None:
    for command, expected in (
        ("mvn deploy -s ci.xml", "pass"),
        ("sed -i s/a/b/ ci.xml; mvn deploy -s ci.xml", "unknown"),
    ):
        assert both(pom(SIGSTORE), command, **{"ci.xml": SERVERS})[0] == expected
    assert both(pom(SIGSTORE), "cp ci.xml ~/.m2/settings.xml; mvn deploy", **{"ci.xml": SERVERS})[0] == "pass"
    assert both(pom(SIGSTORE), "mvn deploy -s ci.xml", **{"ci.xml": SKIPS})[0] == "unknown"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (("mvn -B verify", "ATTEST target/*.jar", "mvn -B deploy -DskipTests"), "unknown"),
        (("mvn -B verify", "ATTEST target/*.jar", "mvn -B clean deploy"), "fail"),
        (("mvn -B verify", "ATTEST target/*.jar", "mvn -B deploy -Dmaven.jar.forceCreation=true"), "fail"),
        (("mvn -B verify", "ATTEST README.md", "mvn -B deploy"), "fail"),
        (("ATTEST target/*.jar", "mvn -B deploy"), "fail"),
        (("mvn -B verify", "mvn -B deploy", "ATTEST target/*.jar"), "fail"),
    ],
)
def test_what_was_attested_need_not_be_packed_again(steps: tuple[str, ...], expected: str) -> None:
    made = [
        f"- uses: actions/attest@v4\n  with: {{subject-path: {step.removeprefix('ATTEST ')}}}"
        if step.startswith("ATTEST")
        else f"- run: {step}"
        for step in steps
    ]
    tree = repository_of(workflow(release=job(*made)), **{"pom.xml": pom()})
    assert judge("build-signed", tree).verdict == expected
