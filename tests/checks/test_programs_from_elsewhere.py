"""Programs that a job unpacks, fetches or installs: whoever signs by that name later may be another one."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

CHECKOUT = "- uses: actions/checkout@v5"
ELSEWHERE = "https://tools.example.com"
OWN = "https://github.com/sigstore/cosign/releases/download/v3.0.4"
REPOSITORY = {"tools/sign": "#!/bin/sh\n", "tools/tools.tar": "", "tools/tools.zip": ""}


def run(*lines: str) -> str:
    """A step that runs these lines."""
    return "- run: |\n" + "".join(f"    {line}\n" for line in lines)


def verdict(*steps: str) -> str:
    """What is said of a release that takes these steps before it signs."""
    return judge("build-signed", released_by(CHECKOUT, PUSH, *steps, SIGN, SHIP) | REPOSITORY).verdict


PERHAPS_ANOTHER = {
    "out of an image": run("docker cp tools:/cosign /usr/local/bin/cosign"),
    "another program out of its own image": run(
        'docker cp "$(docker create ghcr.io/sigstore/cosign/cosign:v3)":/bin/true /usr/local/bin/cosign'
    ),
    "out of somebody's image": run(
        'docker cp "$(docker create ghcr.io/acme/cosign:v3)":/ko-app/cosign /usr/local/bin/cosign'
    ),
    "out of an image, into a folder": run("podman cp tools:/cosign /usr/local/bin/"),
    "a folder out of an image": run("docker cp tools:/tools/. /usr/local/bin"),
    "a folder out of an image by its name": run("docker cp tools:/usr/local/bin /usr/local"),
    "out of an image, on the path": run("docker cp tools:/tools ./t", 'echo "$PWD/t" >> $GITHUB_PATH'),
    "unzipped": run(f"curl -sSLO {ELSEWHERE}/tools.zip", "sudo unzip -o tools.zip -d /usr/local/bin"),
    "unzipped by its name": run(f"curl -sSLO {ELSEWHERE}/tools.zip", "unzip tools.zip bin/cosign -d /usr/local/bin"),
    "unzipped from the repository": run("sudo unzip tools/tools.zip -d /usr/local/bin"),
    "untarred": run(f"curl -sSLO {ELSEWHERE}/tools.tgz", "sudo tar -xzf tools.tgz -C /usr/local/bin"),
    "untarred from a pipe": run(f"curl -sSL {ELSEWHERE}/tools.tgz | sudo tar xz -C /usr/local/bin"),
    "untarred by its name, folder first": run(f"curl -sL {ELSEWHERE}/t.tgz | tar -C /usr/local/bin -xz cosign"),
    "untarred from the repository": run("tar -xf tools/tools.tar -C /usr/local/bin"),
    "untarred above": run(f"curl -sSL {ELSEWHERE}/tools.tgz | sudo tar xz -C /usr/local --strip-components=1"),
    "untarred over all": run(f"curl -sSL {ELSEWHERE}/tools.tgz | sudo tar xz -C /"),
    "untarred over its own": run(
        f"curl -sSLo /usr/local/bin/cosign {OWN}/cosign", f"curl -sSL {ELSEWHERE}/t.tgz | tar xz -C /usr/local/bin"
    ),
    "untarred into the work tree": run(
        f"curl -sSL {ELSEWHERE}/tools.tgz | tar xz", 'echo "$PWD/tools-1.2/bin" >> $GITHUB_PATH'
    ),
    "untarred into a folder of the job": run(
        f"mkdir /tmp/t && curl -sSL {ELSEWHERE}/tools.tgz | tar xz -C /tmp/t", 'echo "/tmp/t" >> $GITHUB_PATH'
    ),
    "copied out of what was untarred": run(
        f"curl -sSL {ELSEWHERE}/tools.tgz | tar xz", "sudo cp tools-1.2/bin/* /usr/local/bin/"
    ),
    "moved out of what was untarred": run(f"curl -sSL {ELSEWHERE}/x.tgz | tar xz", "mv x/cosign /usr/local/bin/"),
    "copied with all that was fetched": run(
        "mkdir dl", f"curl -sSLo dl/cosign {ELSEWHERE}/cosign", "sudo cp dl/* /usr/local/bin/"
    ),
    "from a bucket": run("aws s3 cp s3://acme-tools/cosign /usr/local/bin/cosign"),
    "from a bucket, all of it": run("aws s3 sync s3://acme-tools/bin /usr/local/bin"),
    "from a release of somebody": run("gh release download -R acme/tools -p cosign -D /usr/local/bin"),
    "from a release of its own": run("gh release download v1 -p '*.tgz' -D bin", 'echo "$PWD/bin" >> $GITHUB_PATH'),
    "cloned": run("git clone --depth 1 https://github.com/acme/tools", 'echo "$PWD/tools/bin" >> $GITHUB_PATH'),
    "cloned elsewhere": run("git clone https://github.com/acme/tools /tmp/t", 'echo "/tmp/t" >> $GITHUB_PATH'),
    "checked out": "- uses: actions/checkout@v5\n  with: {repository: acme/tools, path: t}\n"
    + run('echo "$PWD/t/bin" >> $GITHUB_PATH'),
    "an artifact": "- uses: actions/download-artifact@v5\n  with: {name: tools, path: /usr/local/bin}",
    "a folder of somebody": run('echo "/opt/acme/tools" >> $GITHUB_PATH'),
    "a folder of somebody, in the script": run("export PATH=/opt/acme/tools:$PATH")
    + "    "
    + SIGN.strip().removeprefix("- run: ")
    + "\n",
    "a folder of a cache": "- uses: actions/cache@v4\n  with: {path: ~/tools, key: x}\n"
    + run('echo "$HOME/tools" >> $GITHUB_PATH'),
    "a folder of the work tree out of a cache": "- uses: actions/cache/restore@v4\n"
    "  with: {path: 'data\n\n      tools/bin', key: x}\n" + run('echo "$GITHUB_WORKSPACE/tools/bin" >> $GITHUB_PATH'),
    "the machine's folder out of a cache": "- uses: actions/cache@v4\n  with: {path: /usr/local/bin, key: x}",
    "true by its name": run("sudo cp /bin/true /usr/local/bin/cosign"),
    "true in its place": run('sudo cp /bin/true "$(which cosign)"'),
    "a link to another program": run('sudo ln -sf "$(which true)" /usr/local/bin/cosign'),
    "written in its place": run("printf '#!/bin/sh\\n' | sudo tee $(command -v cosign)"),
    "an alternative": run("sudo update-alternatives --install /usr/bin/cosign cosign /opt/x/sign 1"),
    "a package of npm": run("npm install -g cosign"),
    "a package of PyPI": run("pip install cosign==1.0"),
    "a crate": run("cargo install cosign"),
    "a fork": run("go install github.com/acme/cosign/v2@latest"),
    "a formula of somebody": run("brew install acme/tap/cosign"),
    "a package's file": run(f"curl -sSLO {ELSEWHERE}/tools.deb", "sudo dpkg -i tools.deb"),
    "a package's file of the repository": run("sudo apt-get install -y ./tools/tools.deb"),
}


@pytest.mark.parametrize("step", PERHAPS_ANOTHER.values(), ids=PERHAPS_ANOTHER.keys())
def test_a_program_that_may_be_another_one_signs_nothing(step: str) -> None:
    assert verdict(step) in {"fail", "unknown"}


OF_THE_FIELD = {
    "another program's archive": run(
        "curl -sSL https://get.helm.sh/helm-v3.16.0-linux-amd64.tar.gz | tar xz -C /usr/bin"
    ),
    "another program by its name": run(f"curl -sSL {ELSEWHERE}/tools.tgz | sudo tar xz -C /usr/local/bin oc"),
    "another program, moved": run(
        "curl -sSL https://get.helm.sh/h.tgz | tar xz", "sudo mv linux-amd64/helm /usr/local/bin/"
    ),
    "a distribution on the path": run(
        "curl -sSL https://dl.google.com/google-cloud-cli.tar.gz | tar xz",
        'echo "$PWD/google-cloud-sdk/bin" >> $GITHUB_PATH',
    ),
    "a language": run(
        "curl -sSL https://go.dev/dl/go1.26.tgz | sudo tar -C /usr/local -xz", "echo /usr/local/go/bin >> $GITHUB_PATH"
    ),
    "its own archive": run(f"curl -sSL {OWN}/cosign.tgz | sudo tar xz -C /usr/local/bin"),
    "its own archive, moved": run(f"curl -sSL {OWN}/cosign.tgz | tar xz", "sudo mv cosign /usr/local/bin/cosign"),
    "its own release": run(
        "gh release download -R sigstore/cosign -p cosign-linux-amd64 -O cosign", "mv cosign /usr/bin/"
    ),
    "its own package": run(f"curl -sSLO {OWN}/cosign_3_amd64.deb", "sudo dpkg -i cosign_3_amd64.deb"),
    "its own module": run("go install github.com/sigstore/cosign/v3/cmd/cosign@v3.0.4"),
    "its own formula": run("brew install sigstore/tap/cosign"),
    "a cache of packages": "- uses: actions/cache@v4\n  with: {path: ~/go/pkg/mod, key: x}\n"
    + run('echo "$HOME/tools" >> $GITHUB_PATH'),
    "a cache before it is installed": "- uses: actions/cache@v4\n  with: {path: ~/tools, key: x}\n"
    + run('echo "$HOME/tools" >> $GITHUB_PATH')
    + "- uses: sigstore/cosign-installer@v3",
    "a distribution's package": run("sudo apt-get install -y cosign"),
    "installed after": run(f"curl -sSL {ELSEWHERE}/tools.tgz | sudo tar xz -C /usr/local/bin")
    + "- uses: sigstore/cosign-installer@v3",
    "fetched after": run(
        f"curl -sSL {ELSEWHERE}/tools.tgz | sudo tar xz -C /usr/local/bin",
        f"sudo curl -sSLo /usr/local/bin/cosign {OWN}/cosign-linux-amd64",
    ),
    "copied from where it is": run('sudo cp "$(which cosign)" /usr/local/bin/cosign'),
    "folders of the user": run('echo "$HOME/.local/bin" >> $GITHUB_PATH', 'echo "$HOME/.cargo/bin" >> $GITHUB_PATH'),
    "a list of what is in an archive": run(f"curl -sSLO {ELSEWHERE}/tools.tgz", "tar -tzf tools.tgz"),
    "an archive that is only a file": run(f"curl -sSL {ELSEWHERE}/data.tgz | tar xz -C data"),
    "out of an image that was built": run("docker cp shop:/out/report.xml reports/"),
    "out of its own image": run(
        'docker cp "$(docker create ghcr.io/sigstore/cosign/cosign:v3)":/ko-app/cosign /usr/local/bin/cosign'
    ),
    "packages of its languages": run("npm install -g typescript", "pip install tox", "cargo install just"),
}


@pytest.mark.parametrize("step", OF_THE_FIELD.values(), ids=OF_THE_FIELD.keys())
def test_a_program_that_is_that_of_the_field_signs(step: str) -> None:
    assert verdict(step) == "pass"


def test_commands_that_a_shell_hands_on_or_makes_up() -> None:
    signs = SIGN.strip().removeprefix("- run: ")
    for lines in (
        ("cosign() { :; }", "export -f cosign", f"bash -c '{signs}'"),
        ("cosign() { :; }", "declare -fx cosign", f"bash -c '{signs}'"),
        ("command_not_found_handle() { :; }", signs),
    ):
        assert judge("build-signed", released_by(PUSH, run(*lines), SHIP)).verdict == "unknown"


FETCHED = "wget -O {0} {1} && chmod +x {0}"
RELEASES = "https://github.com/acme/{0}/releases/download/v1.0.0/{0}_linux_amd64"


@pytest.mark.parametrize(
    ("program", "address", "expected"),
    [
        ("jv", RELEASES.format("jv"), "pass"),
        ("clair-scanner", RELEASES.format("clair-scanner"), "pass"),
        ("jv", f"{ELSEWHERE}/jv", "unknown"),
        ("jv", RELEASES.format("tools"), "unknown"),
        ("acme-hand", RELEASES.format("acme-hand"), "unknown"),
        ("mv", RELEASES.format("mv"), "unknown"),
    ],
)
def test_a_program_that_is_fetched_from_its_repository_is_the_one_of_its_name(
    program: str, address: str, expected: str
) -> None:
    calls = run(FETCHED.format(program, address), f"./{program} image")
    assert judge("build-signed", released_by(CHECKOUT, PUSH, SIGN, calls, SHIP)).verdict == expected
    assert judge("sbom-generated", released_by(CHECKOUT, PUSH, calls, SHIP)).verdict == (
        "fail" if expected == "pass" else "unknown"
    )


def test_cosign_may_be_called_where_it_was_fetched_to() -> None:
    sign = SIGN.replace("cosign sign", "./cosign sign")
    for address, expected in ((f"{OWN}/cosign-linux-amd64", "pass"), (RELEASES.format("cosign"), "unknown")):
        steps = (run(FETCHED.format("cosign", address)), sign)
        assert judge("build-signed", released_by(CHECKOUT, PUSH, *steps, SHIP)).verdict == expected


def test_what_a_scanner_lets_pass_is_not_followed() -> None:
    scan = run(FETCHED.format("clair-scanner", RELEASES.format("clair-scanner")), "./clair-scanner ghcr.io/acme/shop")
    assert judge("vulnerabilities-gated", released_by(CHECKOUT, PUSH, scan, SHIP)).verdict == "unknown"
