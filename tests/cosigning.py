"""cosign as tests use it: with key pairs, and without any service."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = {
    "services.json": '{"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"}',
    "trust.json": '{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
}
"""Without them cosign asks the network which services to use, and whom to trust."""


WITHOUT_SERVICES = """#!/bin/sh
case "$1" in
  sign | attest | sign-blob | attest-blob)
    exec {cosign} "$@" --signing-config {folder}/services.json --trusted-root {folder}/trust.json ;;
  *) exec {cosign} "$@" --insecure-ignore-tlog --trusted-root {folder}/trust.json ;;
esac
"""
"""cosign as a release's lines call it, where there is no transparency log and no certificate authority."""


class Cosign:
    """cosign in a folder that has the key pairs `ours` and `theirs`."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder
        for name, text in SERVICES.items():
            (folder / name).write_text(text)
        for name in "ours", "theirs":
            assert self.run("generate-key-pair", "--output-key-prefix", name) == ""

    def run(self, *arguments: str) -> str:
        """What it complains of; nothing where it is content."""
        environment = {"COSIGN_PASSWORD": "", "HOME": str(self.folder), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            [self.program, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        return done.stderr if done.returncode else ""

    def sign(self, command: str, *arguments: str, key: str = "ours") -> None:
        """Run a command that signs."""
        how = ("--yes", "--key", f"{key}.key", "--signing-config", "services.json", "--trusted-root", "trust.json")
        assert self.run(command, *how, *arguments) == ""

    def verify(self, command: str, *arguments: str, key: str = "ours") -> str:
        """Run a command that verifies, and return what it complains of."""
        how = ("--key", f"{key}.pub", "--insecure-ignore-tlog", "--trusted-root", "trust.json")
        return self.run(command, *how, *arguments)
