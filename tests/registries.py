"""A real registry of images on loopback, and the smallest image that it can hold."""

from __future__ import annotations

import json
import subprocess
import time
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import Request, urlopen

import toolbox

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Registry:
    """A registry whose images live in a folder; `address` is what their names begin with."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.address = f"127.0.0.1:{toolbox.free_port()}"
        config = folder / "registry.json"
        storage = {"filesystem": {"rootdirectory": str(folder / "images")}}
        config.write_text(json.dumps({"version": 0.1, "storage": storage, "http": {"addr": self.address}}))
        self._process = subprocess.Popen(
            [program, "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def _wait(self) -> None:
        for _ in range(200):
            try:
                self._send("GET", "")
            except URLError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError(f"the registry does not answer at {self.address}")

    def _send(self, method: str, path: str, body: bytes = b"", kind: str = "application/octet-stream") -> str:
        """What the registry says about where to go on."""
        address = path if path.startswith("http") else f"http://{self.address}/v2/{path}"
        with urlopen(Request(address, body or None, {"Content-Type": kind}, method=method)) as answer:  # noqa: S310
            return str(answer.headers["Location"])

    def push(self, name: str) -> str:
        """Push an image without any layer, and return its full name by digest."""
        image = json.dumps(
            {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}
        ).encode()
        upload = self._send("POST", f"{name}/blobs/uploads/")
        self._send("PUT", f"{upload}&digest={_digest(image)}", image)
        config = {"mediaType": CONFIG, "digest": _digest(image), "size": len(image)}
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}).encode()
        self._send("PUT", f"{name}/manifests/v1", manifest, MANIFEST)
        return f"{self.address}/{name}@{_digest(manifest)}"

    def manifest(self, image: str) -> bytes:
        """The manifest of an image, which is named in full, by digest or by tag."""
        name, mark, reference = image.removeprefix(f"{self.address}/").rpartition("@" if "@" in image else ":")
        assert mark
        kinds = f"{MANIFEST}, application/vnd.oci.image.index.v1+json"
        address = f"http://{self.address}/v2/{name}/manifests/{reference}"
        with urlopen(Request(address, headers={"Accept": kinds})) as answer:
            return bytes(answer.read())

    def put(self, name: str, manifest: bytes, tag: str) -> str:
        """Push a manifest whose parts are there, and return its full name by digest."""
        kind = json.loads(manifest)["mediaType"]
        self._send("PUT", f"{name}/manifests/{tag}", manifest, kind)
        return f"{self.address}/{name}@{_digest(manifest)}"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def _digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"
