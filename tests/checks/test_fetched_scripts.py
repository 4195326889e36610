"""`curl … | sh`: scripts that install something, and programs of which only a run knows which it is."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, repository_of, workflow
from trees import judge

INSTALLERS = [
    "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y",
    "curl -LsSf https://astral.sh/uv/install.sh | sh",
    "curl -fsSL https://raw.githubusercontent.com/helm/helm/main/scripts/get-helm-3 | bash",
    "curl -1sLf 'https://dl.cloudsmith.io/public/acme/shop/setup/bash.deb.sh' | sudo bash",
    "curl -LsSf https://github.com/acme/plan/releases/download/v1/plan-installer.sh | sh",
    "wget -qO- https://get.pnpm.io/install.sh | sh -",
]
OTHERS = [
    "curl -sSf https://acme.example/release.sh | sh",
    "curl -sSf https://acme.example/deploy | bash",
    "curl -sSf http://acme.example/install.sh | sh",
    "curl -sSf $ADDRESS | sh",
]
TOKEN = "env: {TOKEN: '${{ secrets.TOKEN }}'}"


@pytest.mark.parametrize("command", INSTALLERS)
def test_what_installs_something_releases_nothing(command: str) -> None:
    step = f"- run: {command}\n  {TOKEN}\n"
    assert judge("build-signed", released_by(PUSH, SIGN, step, SHIP)).verdict == "pass"
    assert judge("build-signed", released_by(PUSH, step, SHIP)).verdict == "fail"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("sh.rustup.rs", "pass"),
        ("astral.sh/uv/install.sh", "pass"),
        ("raw.githubusercontent.com/anchore/syft/main/install.sh", "pass"),
        ("acme.example/install.sh", "unknown"),
        ("acme.example/install-cosign.sh", "unknown"),
        ("acme.example/helm/install-cosign.sh", "unknown"),
    ],
)
def test_what_is_installed_may_be_the_signer(address: str, expected: str) -> None:
    step = f"- run: curl -sSf https://{address} | sh\n  {TOKEN}\n"
    assert judge("build-signed", released_by(PUSH, step, SIGN, SHIP)).verdict == expected
    installed = "- uses: sigstore/cosign-installer@v4"
    assert judge("build-signed", released_by(PUSH, step, installed, SIGN, SHIP)).verdict == "pass"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("raw.githubusercontent.com/aquasecurity/trivy/main/contrib/install.sh", "pass"),
        ("raw.githubusercontent.com/aquasecurity/trivy/refs/heads/main/contrib/install.sh", "pass"),
        ("get.trivy.dev/install.sh", "pass"),
        ("raw.githubusercontent.com/anchore/trivy/main/contrib/install.sh", "unknown"),
        ("raw.githubusercontent.com/aquasecurity/trivy/../../acme/trivy/main/install.sh", "unknown"),
        ("acme.example/trivy/install.sh", "unknown"),
    ],
)
def test_a_scanner_is_what_a_script_of_its_own_repository_installs(address: str, expected: str) -> None:
    install = f"- run: curl -sfL https://{address} | sudo sh -s -- -b /usr/local/bin\n"
    scan = "- run: trivy image --exit-code 1 ghcr.io/acme/shop:1.2\n"
    built = PUSH.replace("push: true", "load: true")
    files = released_by(built, install, scan, "- run: docker push ghcr.io/acme/shop:1.2\n")
    assert judge("vulnerabilities-gated", files).verdict == expected


OF_SYFT = "https://raw.githubusercontent.com/anchore/syft/main/install.sh"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (f"curl -sSfL {OF_SYFT} -o install.sh; sh install.sh -b /usr/local/bin", "pass"),
        (f"curl -sSfL {OF_SYFT} > install.sh; chmod +x install.sh; ./install.sh -b /usr/local/bin", "pass"),
        (f"wget -q {OF_SYFT}; sudo bash -e ./install.sh", "pass"),
        (f"bash <(curl -sSfL {OF_SYFT}) -b /usr/local/bin", "pass"),
        (f"curl -sSfL {OF_SYFT} | tee install.sh | sh", "pass"),
        (f"curl -sSfL {OF_SYFT} -o install.sh; sed -i s/a/b/ install.sh; sh install.sh", "unknown"),
        (f"curl -sSfL {OF_SYFT} | sed s/a/b/ > install.sh; sh install.sh", "unknown"),
        (f"curl -sSfL {OF_SYFT} | sed s/a/b/ | sh", "unknown"),
        (f"echo gh release create v2 > install.sh; curl -sSfL {OF_SYFT} >> install.sh; sh install.sh", "unknown"),
        (f"curl -sSfL {OF_SYFT} > install.sh; cat more.sh >> install.sh; sh install.sh", "unknown"),
        (f"bash <(echo gh release create v2; curl -sSfL {OF_SYFT})", "unknown"),
        (f"bash <(curl -sSfL {OF_SYFT} | sed s/a/b/)", "unknown"),
        ("curl -sSfL https://acme.example/x > install.sh; sh install.sh", "unknown"),
    ],
)
def test_a_script_that_installs_something_may_be_kept_first_but_not_changed(lines: str, expected: str) -> None:
    step = f'- run: "{lines}"\n  {TOKEN}\n'
    assert judge("build-signed", released_by(PUSH, step, SIGN, SHIP)).verdict == expected


@pytest.mark.parametrize("command", OTHERS)
def test_what_else_is_fetched_may_do_anything(command: str) -> None:
    step = f"- run: {command}\n  {TOKEN}\n"
    assert judge("build-signed", released_by(PUSH, step, SHIP)).verdict == "unknown"


@pytest.mark.parametrize(
    "fetched", ["https://goreleaser.com/static/run | bash -s -- release --clean", "https://git.io/goreleaser | bash"]
)
def test_goreleaser_may_be_fetched_and_run_at_once(fetched: str) -> None:
    files = released_by(f"- run: curl -sfL {fetched}\n  {TOKEN}\n")
    files[".goreleaser.yaml"] = "version: 2\nbuilds: [{main: ./cmd/shop}]\n"
    assert judge("build-signed", files).verdict == "fail"


BUILDS = """
- run: ${{ env.CARGO }} build --release
- run: tar czf shop.tar.gz target/release/shop
- run: gh release create v1 shop.tar.gz
"""


@pytest.mark.parametrize(
    ("other", "expected"), [("cross", "fail"), ("acme-cargo", "unknown"), ("${{ vars.CARGO }}", "unknown")]
)
def test_one_of_two_programs_that_do_the_same(other: str, expected: str) -> None:
    chosen = f'- if: vars.CROSS\n  run: echo "CARGO={other}" >> "$GITHUB_ENV"\n'
    files = repository_of(workflow(release=job(chosen, BUILDS, env="{CARGO: cargo, TOKEN: '${{ secrets.TOKEN }}'}")))
    assert judge("tests-gate-release", files).verdict == expected


def test_a_program_that_an_expression_chooses() -> None:
    for other, expected in (("cross", "fail"), ("acme-cargo", "unknown")):
        program = f"${{{{ vars.CROSS && '{other}' || 'cargo' }}}}"
        steps = BUILDS.replace("${{ env.CARGO }}", "$CARGO")
        files = repository_of(
            workflow(release=job(steps, env=f"{{CARGO: \"{program}\", TOKEN: '${{{{ secrets.TOKEN }}}}'}}"))
        )
        assert judge("tests-gate-release", files).verdict == expected
