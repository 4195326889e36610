"""Kyverno's own program, which judges pods by a policy as a cluster would."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path


def without_log(signer: dict[str, Any]) -> dict[str, Any]:
    """A signer of whom no transparency log tells."""
    return signer | {"ctlog": {"insecureIgnoreTlog": True, "insecureIgnoreSCT": True}}


def kyverno(program: Path, folder: Path, policy: dict[str, Any], pods: dict[str, dict[str, Any]]) -> dict[str, str]:
    """What Kyverno says of each pod: `success`, or why it is refused."""
    (folder / "pods").mkdir()
    for number, spec in enumerate(pods.values()):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"pod-{number}", "namespace": "shop"}}
        (folder / "pods" / f"{number}.yaml").write_text(yaml.safe_dump(pod | {"spec": spec}), encoding="utf-8")
    (folder / "policy.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    done = subprocess.run(
        [program, "apply", folder / "policy.yaml", "--resource", folder / "pods", "--registry", "--policy-report",
         "--output-format", "json"],
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    results = json.loads(done.stdout[done.stdout.index("{") :])["results"] if "{" in done.stdout else []
    said = {each["resources"][0]["name"]: each["message"] for each in results}
    return {name: said.get(f"pod-{number}", f"not judged: {done.stderr}") for number, name in enumerate(pods)}
