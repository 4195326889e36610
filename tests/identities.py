"""Who signs without a key: forges that tell who a job is, and a certificate authority that believes them.

The authority is a real Fulcio with a root of its own, and knows the forges by their real names: its requests to them go
through a proxy that answers itself.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import jwt
import trustme
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

import toolbox

if TYPE_CHECKING:
    from pathlib import Path

    from cosigning import Cosign

GITHUB, GITLAB, OTHER = "https://token.actions.githubusercontent.com", "https://gitlab.com", "https://token.example.com"
ISSUERS = {GITHUB: "github-workflow", GITLAB: "gitlab-pipeline", OTHER: "github-workflow"}
"""What Fulcio takes each for; the last one names jobs as GitHub does."""

AUDIENCE = "sigstore"
START = "2026-01-01T00:00:00Z"


class Forges:
    """OpenID Connect as each of ISSUERS offers it, behind a proxy on loopback; `root` is the certificate they show."""

    def __init__(self, folder: Path) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        authority, self.root = trustme.CA(), folder / "forges.pem"
        authority.cert_pem.write_to_path(self.root)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*(issuer.removeprefix("https://") for issuer in ISSUERS)).configure_cert(context)
        keys = {"keys": [RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True) | {"kid": "1", "alg": "RS256"}]}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self) -> None:
                """Be the forge that is asked for."""
                self.send_response(200)
                self.end_headers()
                self.request = context.wrap_socket(self.connection, server_side=True)
                self.setup()

            def do_GET(self) -> None:
                host = f"https://{self.headers['Host']}"
                documents: dict[str, object] = {
                    "/.well-known/openid-configuration": {"issuer": host, "jwks_uri": f"{host}/keys"},
                    "/keys": keys,
                    # Where a job on GitHub exchanges what it was given for who it is: here it was given just that.
                    "/token": {"value": (self.headers["Authorization"] or "").removeprefix("bearer ")},
                }
                body = json.dumps(documents[self.path.partition("?")[0]]).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def token(self, issuer: str, claims: dict[str, object]) -> str:
        """Tell who a job is."""
        now = int(time.time())
        standard = {"iss": issuer, "aud": AUDIENCE, "iat": now, "exp": now + 600}
        return jwt.encode(standard | claims, self._key, "RS256", {"kid": "1"})

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Fulcio:
    """A certificate authority at `address` that believes these forges."""

    def __init__(self, program: Path, folder: Path, forges: Forges) -> None:
        port, inner = toolbox.free_port(), toolbox.free_port()
        self.address = f"http://127.0.0.1:{port}"
        config = {
            "oidc-issuers": {
                issuer: {"issuer-url": issuer, "client-id": AUDIENCE, "type": kind} for issuer, kind in ISSUERS.items()
            }
        }
        (folder / "fulcio.yaml").write_text(yaml.safe_dump(config))
        options = [
            "--ca=ephemeralca", "--ct-log-url=", f"--config-path={folder / 'fulcio.yaml'}", "--metrics-port=0",
            "--host=127.0.0.1", f"--port={port}", "--grpc-host=127.0.0.1", f"--grpc-port={inner}",
            f"--legacy-unix-domain-socket={folder / 'socket'}",
        ]  # fmt: skip
        with (folder / "fulcio.log").open("w") as log:
            self._process = subprocess.Popen(
                [program, "serve", *options], stdout=log, stderr=log,
                env=os.environ | {"HTTPS_PROXY": forges.address, "SSL_CERT_FILE": str(forges.root)},
            )  # fmt: skip
        self.root = self._root()

    def _root(self) -> str:
        """Its certificate, as soon as it answers."""
        for _ in range(200):
            try:
                with urlopen(f"{self.address}/api/v2/trustBundle") as answer:  # noqa: S310
                    (chain,) = json.load(answer)["chains"]
                    return "".join(chain["certificates"])
            except URLError:
                time.sleep(0.05)
        raise TimeoutError(f"Fulcio does not answer at {self.address}")

    def trusted_by(self, cosign: Cosign) -> None:
        """Make it the one authority that cosign asks and trusts; no log is kept of it."""
        (cosign.folder / "root.pem").write_text(self.root)
        ours = f"url={self.address},start-time={START}"
        trusts = ("trusted-root", "create", "--out=trust.json", f"--fulcio={ours},certificate-chain=root.pem")
        asks = ("signing-config", "create", "--out=services.json", f"--fulcio={ours},api-version=1,operator=tests")
        assert (cosign.run(*trusts), cosign.run(*asks)) == ("", "")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
