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
