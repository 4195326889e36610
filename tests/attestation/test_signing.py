"""The statement, signed and verified by cosign: with a key pair, without any service."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import TYPE_CHECKING

import pytest

import toolbox
from goldenpath.attestation.statement import PREDICATE
from goldenpath.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Tool

SERVICES = {
    "services.json": '{"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"}',
    "trust.json": '{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
}
"""cosign without them asks the network which services to use, and whom to trust."""


class Cosign:
    """cosign in a folder that has keys `ours` and `theirs`, and a repository `shop` with its statement."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder
        for name, text in SERVICES.items():
            (folder / name).write_text(text)
        for name in "ours", "theirs":
            assert self.run("generate-key-pair", "--output-key-prefix", name) == ""
        shop = folder / "shop"
        shop.mkdir()
        (shop / "README.md").write_text("# Shop\n")
        self.commit = toolbox.git(toolbox.commit(shop), "rev-parse", "HEAD")
        assert main(["attest", str(shop), "--output", str(folder / "verdict.json")]) == 1
        signed = self.run(
            "attest-blob", "--yes", "--key", "ours.key", "--statement", "verdict.json",
            "--bundle", "verdict.sigstore.json", "--signing-config", "services.json", "--trusted-root", "trust.json",
        )  # fmt: skip
        assert signed == ""

    def run(self, *arguments: str) -> str:
        """What it complains of; nothing where it is content."""
        environment = {"COSIGN_PASSWORD": "", "HOME": str(self.folder), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            [self.program, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        return done.stderr if done.returncode else ""

    def verify(self, *, key: str = "ours", commit: str = "", kind: str = PREDICATE) -> str:
        return self.run(
            "verify-blob-attestation", "--key", f"{key}.pub", "--bundle", "verdict.sigstore.json", "--type", kind,
            "--digest", commit or self.commit, "--digestAlg", "gitCommit", "--insecure-ignore-tlog",
            "--trusted-root", "trust.json",
        )  # fmt: skip


@pytest.fixture
def cosign(tool: Tool, tmp_path: Path) -> Cosign:
    return Cosign(tool("cosign"), tmp_path)


def test_what_was_signed_is_verified_for_its_commit_and_for_no_other(cosign: Cosign) -> None:
    assert cosign.verify() == ""
    assert "provided artifact digest does not match" in cosign.verify(commit="0" * 40)


def test_another_key_and_another_type_are_refused(cosign: Cosign) -> None:
    assert "could not verify envelope" in cosign.verify(key="theirs")
    assert "invalid predicate type" in cosign.verify(kind="https://slsa.dev/provenance/v1")


def test_a_verdict_that_was_changed_after_it_was_signed_is_refused(cosign: Cosign) -> None:
    file = cosign.folder / "verdict.sigstore.json"
    bundle = json.loads(file.read_text())
    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"])
    assert b'"FAILED"' in payload
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(payload.replace(b'"FAILED"', b'"PASSED"')).decode()
    file.write_text(json.dumps(bundle))
    assert "could not verify envelope" in cosign.verify()
