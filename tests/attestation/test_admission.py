"""The samples in docs/admission: admission policies that demand a verdict which passed, signed by who may judge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import cel
import pytest
import yaml

import toolbox
from cosigning import Cosign
from goldenpath.attestation.statement import PREDICATE
from goldenpath.cli import main
from registries import Registry
from releasing import PUSH, released_by
from trees import judge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolbox import Tool

SAMPLES = toolbox.ROOT / "docs" / "admission"
DEPLOY = "- run: kubectl -n shop apply -f deploy/"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {policy.sigstore.dev/include: 'true'}}\n"


def sample(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((SAMPLES / f"{name}.yaml").read_text(encoding="utf-8")))


@pytest.fixture
def passed(tmp_path: Path) -> dict[str, Any]:
    """What `goldenpath attest` writes of a service at silver; the tier is put in by hand."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/README.md").write_text("# Shop\n")
    main(["attest", str(toolbox.commit(tmp_path / "shop")), "--output", str(tmp_path / "verdict.json")])
    predicate: dict[str, Any] = json.loads((tmp_path / "verdict.json").read_text())["predicate"]
    return predicate | {"verificationResult": "PASSED", "verifiedLevels": ["GOLDENPATH_TIER_SILVER"]}


OTHERS: list[dict[str, Any]] = [
    {"verificationResult": "FAILED", "verifiedLevels": ["FAILED"]},
    {"verifiedLevels": ["GOLDENPATH_TIER_BRONZE"]},
    {"verifiedLevels": []},
    {"verifier": {"id": "https://example.com/another"}},
]
"""What makes a verdict one that is not admitted."""


@pytest.mark.parametrize("name", ["kyverno", "policy-controller"])
def test_what_the_sample_admits_is_verified_whose_build_it_is(name: str) -> None:
    files = {"deploy/policy.yaml": (SAMPLES / f"{name}.yaml").read_text(), "deploy/namespace.yaml": NAMESPACE}
    found = judge("provenance-verified", {**released_by(PUSH, DEPLOY), **files})
    assert found.verdict == "pass", found.summary
    assert {each.path for each in found.evidence if each.role == "verified"} == {"deploy/policy.yaml"}


def test_kyverno_demands_a_verdict_that_only_the_platform_can_sign() -> None:
    (policy,) = sample("kyverno")
    (demanded,) = [each["intoto"]["type"] for each in policy["spec"]["attestations"] if each["name"] == "verdict"]
    assert demanded == PREDICATE
    signers = {each["name"]: each["cosign"]["keyless"]["identities"] for each in policy["spec"]["attestors"]}
    assert signers["platform"] != signers["release"]
    _, signed, _ = [each["expression"] for each in policy["spec"]["validations"]]
    assert "verifyAttestationSignatures(image, attestations.verdict, [attestors.platform])" in signed


def admits(predicate: dict[str, Any], kind: str = "containers") -> bool:
    """Whether Kyverno's last condition holds for a pod that has this image among its containers of a kind."""
    (policy,) = sample("kyverno")
    context = cel.Context()
    context.add_variable(
        "images", {"containers": [], "initContainers": [], "ephemeralContainers": []} | {kind: ["ghcr.io/acme/shop"]}
    )
    context.add_variable("attestations", {"verdict": "verdict"})
    context.add_function("extractPayload", lambda _image, _attestation: {"predicate": predicate})
    return cel.evaluate(policy["spec"]["validations"][-1]["expression"], context) is True


@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
def test_kyverno_admits_what_passed_in_whatever_container(kind: str, passed: dict[str, Any]) -> None:
    assert admits(passed, kind)
    assert admits(passed | {"verifiedLevels": ["GOLDENPATH_TIER_GOLD"]}, kind)
    assert not any(admits(passed | other, kind) for other in OTHERS)


def test_policy_controller_demands_provenance_and_a_verdict_of_every_image() -> None:
    policies = sample("policy-controller")
    demanded = {}
    for policy in policies:
        assert policy["spec"]["mode"] == "enforce"
        assert policy["spec"]["images"] == policies[0]["spec"]["images"]
        (authority,) = policy["spec"]["authorities"]  # of several, any one would do
        (attestation,) = authority["attestations"]
        demanded[authority["name"]] = attestation["predicateType"]
    assert demanded == {"release": "https://slsa.dev/provenance/v1", "platform": PREDICATE}


@pytest.fixture
def registry(tool: Tool, tmp_path: Path) -> Iterator[Registry]:
    found = Registry(tool("docker-registry"), tmp_path)
    yield found
    found.stop()


def test_policy_controllers_condition_holds_for_what_passed_alone(
    passed: dict[str, Any], registry: Registry, tool: Tool, tmp_path: Path
) -> None:
    """cosign runs conditions in CUE as policy-controller does, over what is attached to an image."""
    cosign = Cosign(tool("cosign"), tmp_path)
    (attestation,) = sample("policy-controller")[1]["spec"]["authorities"][0]["attestations"]
    (tmp_path / "condition.cue").write_text(attestation["policy"]["data"])

    def complaint(name: str, predicate: dict[str, Any], key: str = "ours") -> str:
        image = registry.push(name)
        (tmp_path / "predicate.json").write_text(json.dumps(predicate))
        cosign.sign("attest", "--type", PREDICATE, "--predicate", "predicate.json", image)
        return cosign.verify("verify-attestation", "--type", PREDICATE, "--policy", "condition.cue", image, key=key)

    assert complaint("passed", passed) == ""
    assert complaint("gold", passed | {"verifiedLevels": ["GOLDENPATH_TIER_GOLD"]}) == ""
    assert "no matching attestations" in complaint("theirs", passed, key="theirs")
    for number, other in enumerate(OTHERS):
        assert "validation errors occurred" in complaint(f"other-{number}", passed | other)
    silent = {name: value for name, value in passed.items() if name != "verificationResult"}
    assert "verificationResult: field is required but not present" in complaint("silent", silent)
