"""Rarer ways of releases by GitLab CI, each that is good beside what looks like it and is not."""

from __future__ import annotations

import pytest

from goldenpath.facts.gitlab.walk import LINES
from goldenpath.facts.pipeline.runs import MAX_STEPS
from pipelines import GOOD, PROOFS, changed, job, on_gitlab, without
from trees import judge, judge_all

AUDIENCE = "      aud: sigstore\n"
SHIP = '    - echo "releasing $CI_COMMIT_TAG"\n  release:\n    tag_name: $CI_COMMIT_TAG\n    description: The changes\n'
SCAN = '    - grype "registry:$IMAGE@$DIGEST" --fail-on high\n'
VERIFY = (
    '    - cosign verify --certificate-identity "$IDENTITY" --certificate-oidc-issuer https://gitlab.com'
    ' "$IMAGE@$DIGEST"\n'
)


def verdict(check: str, pipeline: str) -> str:
    return judge(check, on_gitlab(pipeline)).verdict


# --- long scripts


def with_lines(count: int) -> str:
    return changed(("    - pytest\n", "    - |\n" + "      echo line\n" * count + "    - pytest\n"))


def test_a_script_of_thousands_of_lines_is_followed() -> None:
    assert judge_all(PROOFS, on_gitlab(with_lines(3_000))) == ["pass"] * len(PROOFS)


def test_what_comes_behind_the_limit_may_be_a_release() -> None:
    outcomes = judge_all(PROOFS, on_gitlab(with_lines(MAX_STEPS * LINES)))
    assert outcomes == ["unknown"] * len(PROOFS)


# --- whom a token is for


@pytest.mark.parametrize(
    ("audience", "said", "expected"),
    [
        ("$SIGNING", "  SIGNING: sigstore\n", "pass"),
        ("$SIGNING", "  SIGNING: https://vault.acme.example\n", "fail"),
        ("$CI_SERVER_URL", "", "fail"),
        ("https://$CI_SERVER_HOST", "", "fail"),
        ("$SIGNING", "", "unknown"),
        ("[$SIGNING, sigstore]", "", "pass"),
    ],
)
def test_for_whom_a_token_is_may_be_a_variable(audience: str, said: str, expected: str) -> None:
    pipeline = changed((AUDIENCE, f"      aud: {audience}\n"), ("variables:\n  IMAGE:", f"variables:\n{said}  IMAGE:"))
    assert verdict("build-signed", pipeline) == expected


def test_a_key_needs_no_token() -> None:
    by_key = GOOD.replace(AUDIENCE, "      aud: $SIGNING\n").replace("--yes", "--yes --key env://COSIGN_KEY")
    assert verdict("build-signed", by_key) == "pass"


# --- copies under other names

COPIES = {
    "crane": "crane copy $IMAGE@$DIGEST docker.io/acme/shop:1",
    "crane, by the digest": "crane cp $IMAGE@$DIGEST docker.io/acme/shop@$DIGEST",
    "skopeo": "skopeo copy --all docker://$IMAGE@$DIGEST docker://quay.io/acme/shop:1",
    "regctl": "regctl image copy $IMAGE@$DIGEST docker.io/acme/shop:1",
    "buildx": "docker buildx imagetools create -t docker.io/acme/shop:1 $IMAGE@$DIGEST",
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES.keys())
@pytest.mark.parametrize(("check", "proof"), [("provenance-verified", VERIFY), ("vulnerabilities-gated", SCAN)])
def test_what_was_looked_at_is_the_same_under_another_name(check: str, proof: str, copy: str) -> None:
    released = changed((SHIP, f"    - {copy}\n"))
    assert verdict(check, released) == "pass"
    assert verdict(check, released.replace(proof, proof.replace("$IMAGE@$DIGEST", "docker.io/acme/base@$DIGEST"))) == (
        "fail"
    )
    assert verdict(check, released.replace(proof, "    - echo\n")) == "fail"


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("docker.io/acme/shop", "fail"),
        ("$CI_REGISTRY_IMAGE/released", "fail"),
        ("registry.acme.example/shop", "unknown"),  # which may be what $CI_REGISTRY_IMAGE says
        ("$MIRROR/shop", "unknown"),
        ("$IMAGE", "pass"),
        ("$CI_REGISTRY_IMAGE", "pass"),
    ],
)
def test_a_copy_takes_no_signature_along(goal: str, expected: str) -> None:
    assert verdict("build-signed", changed((SHIP, f"    - crane copy $IMAGE@$DIGEST {goal}:1\n"))) == expected


def test_a_copy_by_cosign_takes_along_what_jobs_before_have_signed() -> None:
    copy = changed((SHIP, "    - cosign copy $IMAGE@$DIGEST docker.io/acme/shop:1\n"))
    assert verdict("build-signed", copy) == "pass"
    assert verdict("sbom-generated", copy) == "pass"


# --- names of files that are words of commands


@pytest.mark.parametrize(
    ("name", "pushed"),
    [
        ("shop", '-t "$IMAGE/shop:1"'),
        ("shop", '--output "type=image,name=$CI_REGISTRY/acme/shop:1,push=true"'),
        ("image", '--output "type=image,push=true" -t "$IMAGE:1"'),
        ("version", '--label version=1 -t "$IMAGE:1"'),
    ],
)
def test_a_word_of_a_command_is_no_file(name: str, pushed: str) -> None:
    named = changed(
        ('--push --metadata-file metadata.json -t "$IMAGE:$CI_COMMIT_TAG"', f"--push --metadata-file m {pushed}"),
        ("metadata.json)", "m)"),
    ).replace("build.env", name)
    assert verdict("vulnerabilities-gated", named.replace("registry:$IMAGE@", "@")) == "pass"
    for touched in (f"./{name}", f"$CI_PROJECT_DIR/{name}", f"of={name}"):
        line = f'    - echo "DIGEST=$DIGEST" >> {name}\n'
        assert verdict("vulnerabilities-gated", named.replace(line, f"{line}    - tool {touched}\n")) != "pass"


# --- files with variables that are read by a shell

SOURCES = ["source build.env", ". build.env", ". ./build.env", "set -a; source ./build.env; set +a"]


def read_by(line: str, *changes: tuple[str, str]) -> str:
    """The report is an artifact instead, which the job that looks at the image reads by itself."""
    reading = "  script:\n    - cosign verify"
    pipeline = changed(("    reports:\n      dotenv: build.env\n", "    paths: [build.env]\n"))
    return changed((reading, reading.replace("    - ", f"    - {line}\n    - ")), *changes, of=pipeline)


@pytest.mark.parametrize("line", SOURCES)
def test_variables_that_are_read_from_an_artifact_are_known(line: str) -> None:
    for said in ("DIGEST=", "export DIGEST="):
        pipeline = read_by(line, ('"DIGEST=$DIGEST"', f'"{said}$DIGEST"'))
        assert judge_all(PROOFS, on_gitlab(pipeline)) == ["pass"] * len(PROOFS)


ASTRAY = {
    "nothing reads it": read_by("true"),
    "in a shell of its own": read_by("(source build.env)"),
    "in another shell": read_by("bash -c 'source build.env'"),
    "no artifact": read_by(SOURCES[0], ("    paths: [build.env]\n", "    paths: [other.env]\n")),
    "left out": read_by(SOURCES[0], ("    paths: [build.env]\n", "    paths: ['*.env']\n    exclude: [build.env]\n")),
    "only after a failure": read_by(
        SOURCES[0], ("    paths: [build.env]\n", "    paths: [build.env]\n    when: on_failure\n")
    ),
    "not handed over": read_by(SOURCES[0], ("  needs: [build]\n", "  needs: [{job: build, artifacts: false}]\n")),
    "with a command in it": read_by(
        SOURCES[0], ('    - echo "DIGEST=$DIGEST"', "    - echo ./tool >> build.env\n    - echo DIGEST=$DIGEST")
    ),
    "with another digest behind it": read_by(
        SOURCES[0], (">> build.env\n", ">> build.env\n    - echo DIGEST=$(./other) >> build.env\n")
    ),
    "changed where it is written": read_by(SOURCES[0], (">> build.env\n", ">> build.env\n    - ./tool build.env\n")),
    "changed where it is read": read_by(f"./tool build.env\n    - {SOURCES[0]}"),
    "written again where it is read": read_by(f"echo DIGEST=$(./other) > build.env\n    - {SOURCES[0]}"),
    "of two jobs": read_by(SOURCES[0], ("  needs: [build]\n", "  needs: [build, other]\n"))
    + job("other", "stage: build", "script: ['./tool']", "artifacts: {paths: [build.env]}"),
}  # fmt: skip


@pytest.mark.parametrize("name", ASTRAY)
def test_variables_of_a_file_that_goes_astray_are_not(name: str) -> None:
    assert verdict("vulnerabilities-gated", ASTRAY[name]) != "pass"


def test_a_file_of_each_job_is_its_own() -> None:
    other = job("other", "stage: build", "script: ['echo A=b > other.env']", "artifacts: {paths: [other.env]}")
    pipeline = read_by(SOURCES[0], ("  needs: [build]\n", "  needs: [build, other]\n")) + other
    assert verdict("vulnerabilities-gated", pipeline) == "pass"


# --- pipelines that fetch from the one that has started them

PARENT = """\

signing:
  stage: build
  needs: [{needed}]
  rules: [{{if: $CI_COMMIT_TAG}}]
  variables: {{PARENT: $CI_PIPELINE_ID}}
  trigger: {{include: ci/sign.yml, strategy: depend}}
"""
CHILD = """\
sign:
  needs: [{{pipeline: {of}, job: {job}}}]
  id_tokens: {{SIGSTORE_ID_TOKEN: {{aud: sigstore}}}}
  script:
    - cosign sign --yes "$CI_REGISTRY_IMAGE@$DIGEST"
"""
SIGN = '    - cosign sign --yes "$IMAGE@$DIGEST"\n'


@pytest.mark.parametrize(
    ("needed", "of", "job", "expected"),
    [
        ("build", "$PARENT", "build", "pass"),
        ("build", "$CI_PIPELINE_ID", "build", "unknown"),
        ("build", "$OTHER", "build", "unknown"),
        ("build", "$PARENT", "test", "unknown"),
        ("test", "$PARENT", "build", "unknown"),
    ],
)
def test_a_child_fetches_what_its_parent_has_left(needed: str, of: str, job: str, expected: str) -> None:
    parent = changed((SIGN, "")) + PARENT.format(needed=needed)
    files = on_gitlab(parent) | {"ci/sign.yml": CHILD.format(of=of, job=job)}
    assert judge("build-signed", files).verdict == expected


# --- the digest that docker has recorded, out of the reference that it says

INSPECT = "docker inspect --format='{{index .RepoDigests 0}}' \"$IMAGE:$CI_COMMIT_TAG\""
BUILD = '    - docker buildx build --push --metadata-file metadata.json -t "$IMAGE:$CI_COMMIT_TAG" .\n'
READ = "    - DIGEST=$(jq -r '.\"containerimage.digest\"' metadata.json)\n"
BY_DAEMON = '    - docker build -t "$IMAGE:$CI_COMMIT_TAG" .\n    - docker push "$IMAGE:$CI_COMMIT_TAG"\n'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"DIGEST=$({INSPECT} | cut -d@ -f2)", "pass"),
        (f"DIGEST=$({INSPECT} | cut -d '@' -f 2)", "pass"),
        (f"DIGEST=$({INSPECT} | awk -F@ '{{print $2}}')", "pass"),
        (f"DIGEST=$({INSPECT} | sed 's/.*@//')", "pass"),
        (f"REF=$({INSPECT}); DIGEST=${{REF#*@}}", "pass"),
        (f"REF=$({INSPECT}); DIGEST=$(echo $REF | cut -d@ -f2)", "pass"),
        (f"DIGEST=$({INSPECT} | cut -d@ -f1)", "unknown"),
        (f"DIGEST=$({INSPECT} | awk '{{print $2}}')", "unknown"),
        (f"DIGEST=$({INSPECT} | sed 's/@.*//')", "unknown"),
        (f"REF=$({INSPECT}); DIGEST=${{REF%@*}}", "unknown"),
        (f"DIGEST=$({INSPECT.replace('$IMAGE', '$IMAGE/other')} | cut -d@ -f2)", "unknown"),
        ("DIGEST=$(docker inspect --format='{{.Id}}' \"$IMAGE:$CI_COMMIT_TAG\" | cut -d@ -f2)", "unknown"),
    ],
)
def test_a_digest_is_what_stands_behind_the_name(line: str, expected: str) -> None:
    assert verdict("build-signed", changed((BUILD, BY_DAEMON), (READ, f"    - {line}\n"))) == expected


# --- an image that is looked at before it is pushed


@pytest.mark.parametrize("scan", ["trivy image --exit-code 1", "grype --fail-on high"])
def test_what_is_scanned_on_the_machine_is_what_is_pushed_from_it(scan: str) -> None:
    build, push = BY_DAEMON.splitlines(keepends=True)
    scanned = f'    - {scan} "$IMAGE:$CI_COMMIT_TAG"\n'
    for lines, expected in (
        (build + scanned + push, "pass"),
        (scanned + build + push, "fail"),
        (build + scanned + build + push, "unknown"),  # out of the layers of the first, if nothing has come between
        (build + scanned + build.replace(" .", " other") + push, "fail"),
        (build + scanned.replace("$IMAGE", "$IMAGE/other") + push, "fail"),
    ):
        pipeline = changed((BUILD, lines), (READ, f"    - DIGEST=$({INSPECT} | cut -d@ -f2)\n"), (SCAN, ""))
        assert verdict("vulnerabilities-gated", pipeline) == expected, lines


# --- files that are asked for before they are read


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("if [ -f build.env ]; then source build.env; fi", "pass"),
        ("if [[ -s ./build.env ]]; then . ./build.env; fi", "pass"),
        ("test ! -f build.env || source build.env", "pass"),
        ("test -e build.env && source build.env || true", "pass"),
        ("if [ ! -f build.env ]; then source build.env; fi", "unknown"),
        ("if [ -f other.env ]; then source build.env; fi", "unknown"),
        ("if [ -d build.env ]; then source build.env; fi", "unknown"),
        ("mv build.env away; if [ -f build.env ]; then source build.env; fi", "unknown"),
    ],
)
def test_a_file_of_an_earlier_job_is_there(line: str, expected: str) -> None:
    assert verdict("vulnerabilities-gated", read_by(line)) == expected


def test_a_file_with_a_digest_is_there_too() -> None:
    asked = "if [ -f digest.txt ]; then DIGEST=$(cat digest.txt); fi"
    pipeline = read_by(
        asked, ('"DIGEST=$DIGEST" >> build.env', '"$DIGEST" > digest.txt'), ("[build.env]", "[digest.txt]")
    )
    assert verdict("vulnerabilities-gated", pipeline) == "pass"
    assert verdict("vulnerabilities-gated", pipeline.replace("needs: [build]", "needs: []")) != "pass"


def test_what_tee_adds_to_a_report_is_known() -> None:
    said = '    - echo "DIGEST=$DIGEST" >> build.env\n'
    for line, expected in (
        ('echo "DIGEST=$DIGEST" | tee -a build.env', "pass"),
        ('echo "DIGEST=$DIGEST" | tee build.env', "pass"),
        ('echo "DIGEST=$DIGEST" | tee build.env; ./other | tee -a build.env', "unknown"),
        ('echo "DIGEST=$DIGEST" | tee build.env; ./other | tee build.env', "unknown"),
    ):
        assert verdict("vulnerabilities-gated", changed((said, f"    - {line}\n"))) == expected, line


# --- an image that is handed on as an archive, and looked at before it is pushed

ARCHIVED = """\
stages: [build, scan, push]
.tags: {rules: [{if: $CI_COMMIT_TAG}]}
build:
  extends: .tags
  stage: build
  script:
    - /kaniko/executor --context . --destination "$CI_REGISTRY_IMAGE:1" --no-push --tar-path image.tar
  artifacts: {paths: [image.tar]}
scan:
  extends: .tags
  stage: scan
  script:
    - SCAN
push:
  extends: .tags
  stage: push
  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}
  script:
    - PUSH
    - syft "$REF" -o cyclonedx-json=sbom.json
    - cosign sign --yes "$REF"
    - cosign attest --yes --type cyclonedx --predicate sbom.json "$REF"
    - kubectl set image deployment/shop "shop=$REF"
"""
SCAN_ARCHIVE = "trivy image --exit-code 1 --input image.tar"
PUSH_ARCHIVE = "REF=$(crane push image.tar $CI_REGISTRY_IMAGE:1)"


@pytest.mark.parametrize(
    ("scan", "push", "is_good"),
    [
        (SCAN_ARCHIVE, PUSH_ARCHIVE, True),
        ("trivy image --exit-code=1 --input=image.tar", PUSH_ARCHIVE, True),
        ("grype docker-archive:image.tar --fail-on high", PUSH_ARCHIVE, True),
        (
            SCAN_ARCHIVE,
            "skopeo copy --digestfile d docker-archive:image.tar docker://$CI_REGISTRY_IMAGE:1"
            "\n    - REF=$CI_REGISTRY_IMAGE@$(cat d)",
            True,
        ),
        ("trivy image --exit-code 1 --input other.tar", PUSH_ARCHIVE, False),
        ("trivy image --input image.tar", PUSH_ARCHIVE, False),
        ("trivy fs --exit-code 1 .", PUSH_ARCHIVE, False),
        (SCAN_ARCHIVE, f"rm image.tar && ./make image.tar\n    - {PUSH_ARCHIVE}", False),
        (SCAN_ARCHIVE, PUSH_ARCHIVE.replace("image.tar", "other.tar"), False),
    ],
)
def test_an_archive_holds_the_image_that_was_built_into_it(scan: str, push: str, *, is_good: bool) -> None:
    pipeline = ARCHIVED.replace("SCAN", scan).replace("PUSH", push)
    assert (verdict("vulnerabilities-gated", pipeline) == "pass") is is_good


@pytest.mark.parametrize("subject", ["dir:.", ".", "file:Dockerfile"])
def test_an_sbom_of_the_folder_with_an_archive_is_none_of_the_image(subject: str) -> None:
    lines = f"crane digest --tarball image.tar\n    - syft {subject} -o cyclonedx-json=sbom.json"
    pipeline = ARCHIVED.replace("SCAN", SCAN_ARCHIVE).replace("PUSH", PUSH_ARCHIVE)
    assert verdict("sbom-generated", pipeline) == "pass"
    described = pipeline.replace('syft "$REF" -o cyclonedx-json=sbom.json', lines)
    assert verdict("sbom-generated", described) == "fail"


# --- what a project includes of itself

PROJECT = "include: [{project: $CI_PROJECT_PATH, ref: $CI_COMMIT_SHA, file: /templates/verify.yml}]\n"
COMPONENT = "include: [{component: '$CI_SERVER_FQDN/${CI_PROJECT_PATH}/verify@$CI_COMMIT_SHA'}]\n"


@pytest.mark.parametrize(
    ("include", "path", "expected"),
    [
        (PROJECT, "templates/verify.yml", "pass"),
        (COMPONENT, "templates/verify.yml", "pass"),
        (COMPONENT, "templates/verify/template.yml", "pass"),
        (COMPONENT, "verify.yml", "unknown"),
        (PROJECT.replace("$CI_COMMIT_SHA", "v1"), "templates/verify.yml", "unknown"),
        (COMPONENT.replace("$CI_COMMIT_SHA", "1.2.0"), "templates/verify.yml", "unknown"),
        (COMPONENT.replace("${CI_PROJECT_PATH}", "acme/ci"), "templates/verify.yml", "unknown"),
    ],
)
def test_a_project_includes_itself_at_the_commit_of_the_pipeline(include: str, path: str, expected: str) -> None:
    part = "verify:" + GOOD.split("\nverify:")[1].split("\n\n")[0] + "\n"
    for text, found in (part, expected), (part.replace(VERIFY, ""), "fail" if expected == "pass" else expected):
        files = on_gitlab(include + without("verify")) | {path: text}
        assert judge("provenance-verified", files).verdict == found


def test_what_it_includes_of_itself_is_pinned() -> None:
    part = "verify: {stage: build, script: [ls]}\n"
    for include in (PROJECT, COMPONENT):
        files = on_gitlab(include + "stages: [build]\n") | {"templates/verify.yml": part}
        assert judge("actions-pinned", files).verdict == "pass"


# --- files that every leg of a job leaves at the same path


@pytest.mark.parametrize("legs", ["{matrix: [{ARCH: [amd64, arm64]}]}", "2"])
@pytest.mark.parametrize(
    ("said", "kept", "read"),
    [
        ('"DIGEST=$DIGEST" >> build.env', "paths: [build.env]", "source build.env"),
        ('"$DIGEST" > digest.txt', "paths: [digest.txt]", "DIGEST=$(cat digest.txt)"),
        ('"DIGEST=$DIGEST" >> build.env', "reports: {dotenv: build.env}", "true"),
    ],
)
def test_a_file_that_every_leg_leaves_is_that_of_the_last_one(legs: str, said: str, kept: str, read: str) -> None:
    one = read_by(
        read,
        ('"DIGEST=$DIGEST" >> build.env', said),
        ("    paths: [build.env]\n", f"    {kept}\n"),
    )
    assert verdict("vulnerabilities-gated", one) == "pass"
    several = one.replace("build:\n  stage: build\n", f"build:\n  stage: build\n  parallel: {legs}\n")
    assert several != one
    assert verdict("vulnerabilities-gated", several) in {"fail", "unknown"}
    assert (
        verdict("vulnerabilities-gated", several.replace(legs, legs.replace(", arm64", "").replace("2", "1"))) == "pass"
    )


# --- who waits for some legs of a job only

LEGS = """\
stages: [test, pack, ship]
unit: {stage: test, script: [pytest], parallel: {matrix: [{PY: ['3.12', '3.13']}]}}
pack:
  stage: pack
  rules: [{if: $CI_COMMIT_TAG}]
  parallel: {matrix: [{PART: [shop, worker]}]}
  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}
  script:
    - docker buildx build --push --metadata-file m.json -t $CI_REGISTRY_IMAGE/$PART:1 $PART
    - DIGEST=$(jq -r '."containerimage.digest"' m.json)
    - trivy image --exit-code 1 $CI_REGISTRY_IMAGE/$PART@$DIGEST
    - cosign sign --yes $CI_REGISTRY_IMAGE/$PART@$DIGEST
ship:
  stage: ship
  rules: [{if: $CI_COMMIT_TAG}]
  needs: [UNIT, PACK]
  script: [helm upgrade --install shop ./chart]
"""


@pytest.mark.parametrize(
    ("pack", "expected"),
    [
        ("pack", "pass"),
        ("{job: pack, parallel: {matrix: [{PART: [shop, worker]}]}}", "pass"),
        ("{job: pack, parallel: {matrix: [{PART: shop}, {PART: worker}]}}", "pass"),
        ("{job: pack, parallel: {matrix: [{PART: shop}]}}", "unknown"),
    ],
)
def test_a_leg_that_is_not_waited_for_may_prove_nothing(pack: str, expected: str) -> None:
    for unit in ("unit", "{job: unit, parallel: {matrix: [{PY: '3.13'}]}}"):
        pipeline = LEGS.replace("UNIT", unit).replace("PACK", pack)
        checks = ("build-signed", "vulnerabilities-gated", "tests-gate-release")
        assert judge_all(checks, on_gitlab(pipeline)) == [expected, expected, "pass"]


def test_tests_of_a_leg_that_is_not_waited_for_are_of_its_own_folder() -> None:
    parts = LEGS.replace(
        "[pytest], parallel: {matrix: [{PY: ['3.12', '3.13']}]}",
        "[pytest $PART/], parallel: {matrix: [{PART: [shop, worker]}]}",
    )
    for unit, expected in (("unit", "pass"), ("{job: unit, parallel: {matrix: [{PART: shop}]}}", "unknown")):
        pipeline = parts.replace("UNIT", unit).replace("PACK", "pack")
        files = on_gitlab(pipeline, shop__Dockerfile="FROM x\n", worker__Dockerfile="FROM x\n")
        assert judge_all(("tests-gate-release",), files) == [expected]


# --- an image that is pulled, and pushed again under another tag


@pytest.mark.parametrize("pulled", ["$IMAGE:$CI_COMMIT_TAG", "$IMAGE@$DIGEST"])
def test_what_is_pulled_and_pushed_again_is_released_then(pulled: str) -> None:
    again = f"    - docker pull {pulled}\n    - docker tag {pulled} $IMAGE:latest\n    - docker push $IMAGE:latest\n"
    early = changed((SIGN, again + SIGN))
    assert verdict("build-signed", early) == "unknown"
    assert (
        verdict("build-signed", early.replace("pull $IMAGE", "pull alpine").replace("tag $IMAGE", "tag alpine"))
        == "pass"
    )


# --- the folder of the project by its variable


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("source $CI_PROJECT_DIR/build.env", "pass"),
        (". ${CI_PROJECT_DIR}/build.env", "pass"),
        ("cd /tmp; cd $CI_PROJECT_DIR; source build.env", "pass"),
        ("echo DIGEST=$(./other) > $CI_PROJECT_DIR/build.env; source build.env", "unknown"),
        ("./other | tee $CI_PROJECT_DIR/build.env; source build.env", "unknown"),
        ("rm -f $CI_PROJECT_DIR/build.env; source build.env", "unknown"),
        ("cd /tmp; source build.env", "unknown"),
    ],
)
def test_a_file_is_the_same_by_the_folder_of_the_project(line: str, expected: str) -> None:
    assert verdict("vulnerabilities-gated", read_by(line)) == expected


@pytest.mark.parametrize("script", ["$CI_PROJECT_DIR/ci/sign.sh", "bash ${CI_PROJECT_DIR}/ci/sign.sh"])
def test_a_script_is_followed_by_the_folder_of_the_project(script: str) -> None:
    pipeline = changed((SIGN, f'    - {script} "$IMAGE@$DIGEST"\n'))
    for does, expected in ('cosign sign --yes "$1"', "pass"), ("echo signed", "fail"):
        files = on_gitlab(pipeline) | {"ci/sign.sh": f"#!/bin/bash\nset -e\n{does}\n"}
        assert judge("build-signed", files).verdict == expected


TOOLS = """
stages: [tools, test, build]
default: {image: docker:27}
tools:
  stage: tools
  script:
    - docker build -t $CI_REGISTRY_IMAGE/tools:$CI_COMMIT_SHA tools
    - docker push $CI_REGISTRY_IMAGE/tools:$CI_COMMIT_SHA
test:
  stage: test
  image: $CI_REGISTRY_IMAGE/tools:$CI_COMMIT_SHA
  script: [npm ci, npx vitest run]
build:
  stage: build
  script: [docker build -t $CI_REGISTRY_IMAGE:$CI_COMMIT_SHA ., docker push $CI_REGISTRY_IMAGE:$CI_COMMIT_SHA]
"""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("", ""), "pass"),
        (("  image: $CI_REGISTRY_IMAGE/tools:$CI_COMMIT_SHA", "  image: node:22"), "fail"),
        (("  image: $CI_REGISTRY_IMAGE/tools:$CI_COMMIT_SHA", "  image: $CI_REGISTRY_IMAGE/tools:old"), "fail"),
        (("tools:$CI_COMMIT_SHA", "tools:latest"), "fail"),  # which is what users get
        (("  stage: build\n", "  stage: build\n  needs: []\n"), "fail"),
        (("docker push $CI_REGISTRY_IMAGE:$CI_COMMIT_SHA", "echo built"), "fail"),  # the only image there is
        (("npx vitest run", "npx eslint ."), "fail"),
    ],
)
def test_an_image_in_which_a_job_runs_before_another_is_built_is_a_tool(change: tuple[str, str], expected: str) -> None:
    assert judge("tests-gate-release", on_gitlab(TOOLS.replace(*change))).verdict == expected
