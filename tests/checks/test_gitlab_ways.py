"""Rarer ways of releases by GitLab CI, each that is good beside what looks like it and is not."""

from __future__ import annotations

import pytest

from goldenpath.facts.gitlab.walk import LINES
from goldenpath.facts.pipeline.runs import MAX_STEPS
from pipelines import GOOD, PROOFS, changed, job, on_gitlab
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


def test_a_copy_takes_no_signature_along() -> None:
    assert verdict("build-signed", changed((SHIP, f"    - {COPIES['crane']}\n"))) == "fail"


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
