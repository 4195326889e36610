"""Images of a service's built tree, FROM scratch and without a container engine: by ko, or by buildah."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import toolbox

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EPOCH = "1767225600"
"""The date of everything in an image: 2026-01-01."""

CONTAINERFILE = 'FROM scratch\nCOPY . /opt/service\nUSER 65532:65532\nENTRYPOINT ["/opt/service/start"]\n'
ACCEPTS = {"default": [{"type": "insecureAcceptAnything"}]}
"""What buildah asks about images that it is given; none is."""


def by_ko(ko: Path, module: Path, package: str, repository: str, base: str) -> str:
    """Build a Go program and push it; returns the digest. `base` is an image without any layer."""
    own = {"KO_DOCKER_REPO": repository, "KO_DEFAULTBASEIMAGE": base, "SOURCE_DATE_EPOCH": EPOCH}
    options = ("--bare", "--sbom=none", "--platform=linux/amd64")
    return _printed([ko, "build", *options, package], module, own).rpartition("@")[2]


def by_buildah(buildah: Path, tree: Path, work: Path, repository: str) -> str:
    """Build an image that holds the tree, as root, and push it; returns the digest. Its layers stay in `work`."""
    work.mkdir()
    (work / "policy.json").write_text(json.dumps(ACCEPTS))
    (work / "Containerfile").write_text(CONTAINERFILE)
    libraries = {
        "LD_LIBRARY_PATH": os.pathsep.join(map(str, sorted((toolbox.DEBIAN / "usr" / "lib").glob("*-linux-gnu"))))
    }
    stored = ("--root", work / "layers", "--runroot", work / "run", "--storage-driver", "vfs")
    policy = ("--signature-policy", work / "policy.json")
    _printed(
        [buildah, *stored, "bud", *policy, "--isolation", "chroot", "--timestamp", EPOCH, "--quiet", "--tag", "service",
         "--file", work / "Containerfile", tree], tree, libraries,
    )  # fmt: skip
    pushed = ("push", *policy, "--quiet", "--tls-verify=false", "--digestfile", work / "digest")
    _printed([buildah, *stored, *pushed, "service", f"docker://{repository}"], tree, libraries)
    return (work / "digest").read_text(encoding="utf-8").strip()


def _printed(command: list[str | Path], folder: Path, environment: Mapping[str, str]) -> str:
    """What a program prints that has to end well."""
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, f"{command[0]}:\n{done.stdout}{done.stderr}"
    return done.stdout.strip()
