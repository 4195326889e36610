"""The statement, signed and verified by cosign: with a key pair, without any service."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

import toolbox
from cosigning import Cosign
from goldenpath.attestation.statement import PREDICATE
from goldenpath.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Tool


class Signed:
    """A repository and its statement, signed with `ours`."""

    def __init__(self, cosign: Cosign) -> None:
        self.cosign, self.bundle = cosign, cosign.folder / "verdict.sigstore.json"
        shop = cosign.folder / "shop"
        shop.mkdir()
        (shop / "README.md").write_text("# Shop\n")
        self.commit = toolbox.git(toolbox.commit(shop), "rev-parse", "HEAD")
        assert main(["attest", str(shop), "--output", str(cosign.folder / "verdict.json")]) == 1
        cosign.sign("attest-blob", "--statement", "verdict.json", "--bundle", self.bundle.name)

    def verify(self, *, key: str = "ours", commit: str = "", kind: str = PREDICATE) -> str:
        about = ("--digest", commit or self.commit, "--digestAlg", "gitCommit", "--type", kind)
        return self.cosign.verify("verify-blob-attestation", *about, "--bundle", self.bundle.name, key=key)


@pytest.fixture
def signed(tool: Tool, tmp_path: Path) -> Signed:
    return Signed(Cosign(tool("cosign"), tmp_path))


def test_what_was_signed_is_verified_for_its_commit_and_for_no_other(signed: Signed) -> None:
    assert signed.verify() == ""
    assert "provided artifact digest does not match" in signed.verify(commit="0" * 40)


def test_another_key_and_another_type_are_refused(signed: Signed) -> None:
    assert "could not verify envelope" in signed.verify(key="theirs")
    assert "invalid predicate type" in signed.verify(kind="https://slsa.dev/provenance/v1")


def test_a_verdict_that_was_changed_after_it_was_signed_is_refused(signed: Signed) -> None:
    bundle = json.loads(signed.bundle.read_text())
    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"])
    assert b'"FAILED"' in payload
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(payload.replace(b'"FAILED"', b'"PASSED"')).decode()
    signed.bundle.write_text(json.dumps(bundle))
    assert "could not verify envelope" in signed.verify()
