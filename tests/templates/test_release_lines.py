"""What signs, describes and verifies a release are plain commands, so that they can be read, and run elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from toolbox import Rendered

VARIANTS: dict[str, dict[str, object]] = {
    "keyless": {"signing": "keyless"},
    "kms": {"signing": "kms"},
    "github-attestations": {"signing": "github-attestations"},
}
COMMANDS = {"cosign", "curl", "dirname", "docker", "echo", "gh", "grype", "jq", "syft", "test", "{"}

every_variant = pytest.mark.parametrize("answers", VARIANTS.values(), ids=list(VARIANTS))


def jobs_of(rendered: Rendered, answers: dict[str, object]) -> dict[str, Any]:
    workflow = yaml.safe_load(
        (rendered(**answers) / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    )
    jobs: dict[str, Any] = workflow["jobs"]
    return jobs


def lines_of(job: dict[str, Any]) -> list[str]:
    """Each `run` of a job, with continued lines joined."""
    return [re.sub(r"\s*\\\n\s*", " ", step["run"]) for step in job["steps"] if "run" in step]


@every_variant
def test_each_line_starts_with_the_program_that_does_it(rendered: Rendered, answers: dict[str, object]) -> None:
    jobs = jobs_of(rendered, answers)
    lines = [line for name, job in jobs.items() if name != "test" for line in lines_of(job)]

    assert {line.split()[0] for line in lines} <= COMMANDS
    assert [line for line in lines if "${{" in line] == []  # values come by the environment


@every_variant
def test_the_digest_of_the_build_is_all_that_is_signed_verified_and_moved(
    rendered: Rendered, answers: dict[str, object]
) -> None:
    jobs = jobs_of(rendered, answers)
    assert jobs["build"]["outputs"] == {"digest": "${{ steps.push.outputs.digest }}"}
    for name in ["scan", "sign", "verify", "release"]:
        assert jobs[name]["env"]["DIGEST"] == "${{ needs.build.outputs.digest }}"
        for line in lines_of(jobs[name]):
            if re.match("cosign|gh attestation|grype|syft|docker", line):
                assert "$IMAGE@$DIGEST" in line, line


@every_variant
def test_each_job_waits_for_the_proof_before_it(rendered: Rendered, answers: dict[str, object]) -> None:
    jobs = jobs_of(rendered, answers)
    needs = {
        name: {job["needs"]} if isinstance(job.get("needs"), str) else set(job.get("needs", ()))
        for name, job in jobs.items()
    }

    assert needs == {
        "test": set(), "build": {"test"}, "scan": {"build"}, "sign": {"build", "scan"}, "verify": {"build", "sign"},
        "release": {"build", "verify"},
    }  # fmt: skip


@every_variant
def test_rights_are_the_least(rendered: Rendered, answers: dict[str, object]) -> None:
    """Who builds cannot sign, who verifies cannot write, who signs cannot release."""
    jobs = jobs_of(rendered, answers)
    writes = {
        name: {right for right, level in job["permissions"].items() if level == "write"} for name, job in jobs.items()
    }
    attests = {"attestations", "artifact-metadata"} if answers["signing"] == "github-attestations" else set()
    reads_key = {"id-token"} if answers["signing"] == "kms" else set()

    assert writes == {
        "test": set(), "build": {"packages"}, "scan": set(), "sign": {"id-token", "packages"} | attests,
        "verify": reads_key, "release": {"contents", "packages"},
    }  # fmt: skip


def test_verification_names_who_may_have_signed(rendered: Rendered) -> None:
    for signing in ["keyless", "github-attestations"]:
        verify = jobs_of(rendered, {"signing": signing})["verify"]
        lines = [line for line in lines_of(verify) if re.match("cosign|gh ", line)]
        assert (
            verify["env"]["IDENTITY"]
            == "https://github.com/acme/payments-api/.github/workflows/release.yml@${{ github.ref }}"
        )
        assert verify["env"]["ISSUER"] == "https://token.actions.githubusercontent.com"
        assert len(lines) >= 2
        for line in lines:
            assert re.search(r'--cert(ificate)?-identity "\$IDENTITY" --cert(ificate)?-oidc-issuer "\$ISSUER"', line)


def test_a_tag_that_is_not_the_version_stops_the_build_before_anything_is_pushed(rendered: Rendered) -> None:
    steps = jobs_of(rendered, {})["build"]["steps"]
    gate = next(
        number
        for number, step in enumerate(steps)
        if step.get("run") == 'test "v$(make --silent version)" = "$GITHUB_REF_NAME"'
    )
    push = next(number for number, step in enumerate(steps) if step.get("id") == "push")

    assert gate < push


@pytest.mark.parametrize(
    ("host", "registry", "own"),
    [
        ("github.com", "ghcr.io/acme", True),
        ("github.com", "registry.acme.example/shop", False),
        ("acme.ghe.com", "containers.acme.ghe.com/shop", True),
        ("github.acme.example", "containers.github.acme.example/shop", True),
        ("github.acme.example", "ghcr.io/acme", False),
    ],
)
def test_only_the_source_hosts_own_registry_gets_the_jobs_token(
    rendered: Rendered, host: str, registry: str, own: bool
) -> None:
    jobs = jobs_of(rendered, {"source_host": host, "image_registry": registry})

    for name in ["build", "scan", "sign", "verify", "release"]:
        (login,) = (step for step in jobs[name]["steps"] if "docker/login-action" in step.get("uses", ""))
        assert login["with"]["registry"] == registry.partition("/")[0]
        assert (login["with"]["password"] == "${{ github.token }}") is own
        assert ("packages" in jobs[name]["permissions"]) is own


# ---- the same on GitLab

ON_GITLAB: dict[str, dict[str, object]] = {
    signing: {"ci": "gitlab", "signing": signing} for signing in ["keyless", "kms"]
}
RELEASE = ["build", "scan", "sign", "verify", "release"]
"""The jobs of a release, each in a stage of its own."""

every_variant_on_gitlab = pytest.mark.parametrize("answers", ON_GITLAB.values(), ids=list(ON_GITLAB))


def pipeline_of(rendered: Rendered, answers: dict[str, object]) -> dict[str, Any]:
    pipeline: dict[str, Any] = yaml.safe_load((rendered(**answers) / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    return pipeline


@every_variant_on_gitlab
def test_on_gitlab_each_line_starts_with_the_program_that_does_it(
    rendered: Rendered, answers: dict[str, object]
) -> None:
    pipeline = pipeline_of(rendered, answers)
    lines = [line for job in RELEASE for line in pipeline[job]["script"]]

    assert {line.split()[0] for line in lines} <= COMMANDS | {"apk", "case", "export"}


@every_variant_on_gitlab
def test_on_gitlab_the_digest_of_the_build_is_all_that_is_signed_verified_and_moved(
    rendered: Rendered, answers: dict[str, object]
) -> None:
    pipeline = pipeline_of(rendered, answers)
    assert pipeline["build"]["script"][-1].startswith("""echo "DIGEST=$(jq --raw-output '."containerimage.digest"'""")
    assert pipeline["build"]["artifacts"]["reports"] == {"dotenv": "build.env"}
    for job in RELEASE[1:]:
        for line in pipeline[job]["script"]:
            if re.search("^(cosign|grype|syft)|imagetools", line):
                assert "$IMAGE@$DIGEST" in line, line


@every_variant_on_gitlab
def test_on_gitlab_each_job_waits_for_the_proof_before_it(rendered: Rendered, answers: dict[str, object]) -> None:
    """By stages: none of these jobs has `needs`, and none may fail."""
    pipeline = pipeline_of(rendered, answers)
    assert pipeline["stages"] == ["test", *RELEASE]
    jobs = {name: job for name, job in pipeline.items() if isinstance(job, dict) and "script" in job}

    assert {name: job["stage"] for name, job in jobs.items() if job["stage"] != "test"} == {
        name: name for name in RELEASE
    }
    assert [name for name, job in jobs.items() if {"needs", "when", "allow_failure"} & job.keys()] == []
    assert [name for name, job in jobs.items() if (job["stage"] != "test") != (job.get("extends") == ".release")] == []


@every_variant_on_gitlab
def test_on_gitlab_only_protected_tags_are_released(rendered: Rendered, answers: dict[str, object]) -> None:
    (rule,) = pipeline_of(rendered, answers)[".release"]["rules"]

    assert rule == {"if": '$CI_COMMIT_TAG =~ /^v[0-9]/ && $CI_COMMIT_REF_PROTECTED == "true"'}


@every_variant_on_gitlab
def test_on_gitlab_only_who_signs_has_an_identity(rendered: Rendered, answers: dict[str, object]) -> None:
    pipeline = pipeline_of(rendered, answers)
    given = {name: job["id_tokens"] for name, job in pipeline.items() if isinstance(job, dict) and "id_tokens" in job}

    aws = {"AWS_ID_TOKEN": {"aud": "sts.amazonaws.com"}}
    assert given == (
        {"sign": {"SIGSTORE_ID_TOKEN": {"aud": "sigstore"}}}
        if answers["signing"] == "keyless"
        else {"sign": aws, "verify": aws}  # to use the key, and to read its public half
    )


def test_on_gitlab_verification_names_who_may_have_signed(rendered: Rendered) -> None:
    verify = pipeline_of(rendered, {"ci": "gitlab"})["verify"]

    assert verify["variables"]["IDENTITY"] == (
        "https://gitlab.com/acme/payments-api//.gitlab-ci.yml@refs/tags/$CI_COMMIT_TAG"
    )
    assert verify["variables"]["ISSUER"] == "https://gitlab.com"
    lines = [line for line in verify["script"] if line.startswith("cosign")]
    assert len(lines) == 3
    for line in lines:
        assert '--certificate-identity "$IDENTITY" --certificate-oidc-issuer "$ISSUER"' in line


@pytest.mark.parametrize(
    ("host", "registry", "own"),
    [
        ("gitlab.com", "registry.gitlab.com/acme", True),
        ("gitlab.com", "registry.acme.example/shop", False),
        ("gitlab.acme.example", "registry.gitlab.acme.example/shop", True),
        ("gitlab.acme.example", "registry.gitlab.com/acme", False),
    ],
)
def test_only_gitlabs_own_registry_gets_the_jobs_token(rendered: Rendered, host: str, registry: str, own: bool) -> None:
    answers: dict[str, object] = {"ci": "gitlab", "gitlab_host": host, "gitlab_registry": registry}
    (login,) = (line for line in pipeline_of(rendered, answers)[".release"]["before_script"] if "login" in line)

    assert ("$CI_REGISTRY_PASSWORD" in login) is own
    assert login.endswith(f"--password-stdin {registry.partition('/')[0]}")
