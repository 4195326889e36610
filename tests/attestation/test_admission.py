"""The samples in docs/admission: admission policies that demand a verdict which passed, signed by who may judge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import toolbox
from admitting import kyverno, without_log
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


# --- Kyverno's own program judges pods by the sample


PROVENANCE = {"buildDefinition": {"buildType": "https://example.com/build"}, "runDetails": {"builder": {"id": "x:y"}}}
REFUSALS = {
    "a verdict that the team has signed itself": "its verdict is not signed by the platform",
    "no verdict": "its verdict is not signed by the platform",
    "provenance of somebody else": "its provenance is not signed by acme's release workflow",
    **{f"another verdict, {number}": "it has not passed" for number in range(len(OTHERS))},
}
"""Pods that are turned away, and what is said of them."""

ADMITTED = ["passed", "gold", "passed, before the others", "passed, to debug"]


def test_kyverno_admits_what_passed_and_nothing_else(
    passed: dict[str, Any], registry: Registry, tool: Tool, tmp_path: Path
) -> None:
    """As the sample stands, but for the two signers: of whom tests have keys instead of identities."""
    cosign = Cosign(tool("cosign"), tmp_path)

    def image(name: str, verdict: dict[str, Any] | None, verdict_by: str = "ours", built_by: str = "theirs") -> str:
        pushed = registry.push(name)
        for kind, predicate, key in (("slsaprovenance1", PROVENANCE, built_by), (PREDICATE, verdict, verdict_by)):
            if predicate is not None:
                (tmp_path / "predicate.json").write_text(json.dumps(predicate))
                cosign.sign("attest", "--type", kind, "--predicate", "predicate.json", pushed, key=key)
        return pushed

    def pod(image: str, **more: list[dict[str, Any]]) -> dict[str, Any]:
        return {"containers": [{"name": "app", "image": image}], **more}

    good = image("passed", passed)
    pods = {
        "passed": pod(good),
        "gold": pod(image("gold", passed | {"verifiedLevels": ["GOLDENPATH_TIER_GOLD"]})),
        "passed, before the others": pod(good, initContainers=[{"name": "first", "image": good}]),
        "passed, to debug": pod(good, ephemeralContainers=[{"name": "debug", "image": good}]),
        "a verdict that the team has signed itself": pod(image("self", passed, verdict_by="theirs")),
        "no verdict": pod(image("silent", None)),
        "provenance of somebody else": pod(image("foreign", passed, built_by="ours")),
        **{
            f"another verdict, {number}": pod(image(f"other-{number}", passed | other))
            for number, other in enumerate(OTHERS)
        },
    }
    failed = pods["another verdict, 0"]["containers"][0]["image"]
    hidden = {
        "failed, before the others": pod(good, initContainers=[{"name": "first", "image": failed}]),
        "failed, to debug": pod(good, ephemeralContainers=[{"name": "debug", "image": failed}]),
    }
    (policy,) = sample("kyverno")
    keys = {"release": "theirs", "platform": "ours"}
    for attestor in policy["spec"]["attestors"]:
        key = (tmp_path / f"{keys[attestor['name']]}.pub").read_text()
        attestor["cosign"] = without_log({"key": {"data": key}})
    policy["spec"]["matchImageReferences"] = [{"glob": f"{registry.address}/*"}]

    said = kyverno(tool("kubectl-kyverno"), tmp_path, policy, pods | hidden)

    assert {name: said[name] for name in ADMITTED} == dict.fromkeys(ADMITTED, "success")
    refused = {name: message for name, message in said.items() if name not in ADMITTED}
    assert refused.keys() == REFUSALS.keys() | hidden.keys()
    for name, message in refused.items():
        assert REFUSALS.get(name, "it has not passed") in message, name
