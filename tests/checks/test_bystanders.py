"""What stands beside a release and has no part in it: programs of the field, containers, flags of make."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

INNOCENT = [
    "docker run -d --name db -p 5432:5432 postgres:17",
    "docker run -itd acme/clair:v2",
    "docker run -d -e POSTGRES_HOST_AUTH_METHOD=trust --name db postgres:17",
    "docker run -d --env MYSQL_ROOT_PASSWORD=root -e MYSQL_DATABASE=shop mysql:9",
    "docker run -p 6060:6060 --link db:postgres -d --name clair arminc/clair-local-scan:v2",
    "python3 -m mkdocs build",
    "python -Im sphinx -b html docs out",
    "python -VV",
    "python3 -m coverage report -m --fail-under 97",
    "coverage xml -o coverage.xml",
    "coverage combine",
    "python -m json.tool sbom.json",
    "python3 -m ensurepip",
    "docker run --rm --privileged multiarch/qemu-user-static --reset -p yes",
    "docker run --rm --privileged tonistiigi/binfmt --install all",
    "yarn",
    "yarn --frozen-lockfile",
    "shx rm -rf dist",
    "cross build --release --target x86_64-unknown-linux-musl",
    "target/release/shop --gen-completions bash > shop.bash",
    "./shop completion zsh > _shop",
    "shop generate shell-completions fish",
    "uv tool run --from dist/*.whl shop --help",
    "uvx --from dist/shop.whl shop --version",
    "./shop man",
    "./shop --man > shop.1",
    "yarn cache dir",
    "pnpm why react",
    "npm outdated",
    "changeset version",
    "pcre2grep -q x y",
    "go run cmd/shop/main.go manpage --directory ./dist/man",
    "python3.12 -c 'print(1)'",
    "ruby -e 'puts 1'",
    "node -p 1",
    "ruby -c dist/shop.rb",
    "node --check dist/shop.js",
    "php -l dist/shop.php",
    "python3 -m py_compile dist/shop.py",
    "python3.12 -m py_compile dist/shop.py",
    "pip3.12 install pyflakes",
    "python3 -m pyflakes shop",
    "python -m pre_commit run --all-files",
    "python3 -m http.server 8000",
    "cpan -T XML::Parser",
    "node node_modules/tsc-alias/dist/index.js",
    "npx prebuildify --napi --strip",
    "npx --yes @lhci/cli@0.10.0 autorun",
    "npx http-server dist",
    "bat README.md",
    "gitleaks detect --no-banner",
    "mix deps.get --only prod",
    "osslsigncode sign -certs a.crt -key a.key -in shop.exe -out shop.signed.exe",
    "signtool sign /f a.pfx shop.exe",
    "winget install --id koalaman.shellcheck",
    "ronn man/shop.1.ronn",
    "apt-ftparchive packages . > Packages",
    "xx-apk add musl-dev",
    "xx-verify --static /usr/bin/shop",
    "createrepo_c --outputdir packages/rpm packages",
    "reprepro --confdir +b/conf --outdir packages/deb includedeb stable packages/shop.deb",
    "maturin develop --release",
    "rpmsign --load=macros --addsign packages/shop.rpm",
    "rpm -e shop-devel",
    "spctl -a -t exec -vvv dist/Shop.app",
    "npm audit --json | npx gitlab-npm-audit-parser -o report.json",
    "flux-schema extract crd dist/crds.yaml",
    "pnpm dlx pkg-pr-new publish --compact ./packages/*",
    "npx @humanwhocodes/crosspost -t -b --file post.txt",
    "jv schema.json values.yaml",
    "python3 -m unittest discover",
    "python manage.py test shop",
    "node --test --experimental-test-coverage",
    "deno test --allow-read",
    "bazel test //...",
    "php artisan test",
    "helm unittest charts/shop",
]
SUSPECT = [
    "python3 -m release",
    "python3 -m coverage release",
    "python3 -m json.release",
    "node --import ./release.js",
    "bazel run //:release",
    "apt-ftparchive generate apt.conf",
    "docker run --rm -v $PWD:/work acme/release",
    "docker run --rm -v $HOME:/root acme/tools",
    "acme-hand-out -e eu1",
    "acme-hand-out -c conf.yaml",
    "acme-hand-out -p 80",
    "docker run -d -e TOKEN acme/release",
    "docker run -d -e USER acme/release",
    "docker run -d -e PASSWORD=$PASSWORD acme/release",
    "docker run -d -e API_TOKEN=abc acme/release",
    "docker run -d -e DOCKER_HOST=tcp://docker:2375 acme/release",
    "docker run -d -e A=1 -v /root:/root acme/release",
    "docker run --env-file .env acme/release",
    "docker run -d --privileged acme/release",
    "docker run -d acme/release --token ${{ secrets.TOKEN }}",
    "target/release/shop --completions",
    "./shop completion zsh --release",
    "./shop release completion",
    'shop completion "$SHELL_OR_MORE"',
    "./shop man --release",
    "go run ./cmd/shop man release",
    "npm-run-all build deliver",
    "yarn deliver",
    "shx acme-release",
    "mix deliver",
]


@pytest.mark.parametrize("command", INNOCENT)
def test_a_bystander_hinders_no_pass_and_no_fail(command: str) -> None:
    assert judge("build-signed", released_by(PUSH, SIGN, f"- run: {command}\n", SHIP)).verdict == "pass"
    unsigned = released_by(PUSH, f"- run: {command}\n", SHIP)
    assert {judge(each, unsigned).verdict for each in ("build-signed", "sbom-generated")} == {"fail"}


@pytest.mark.parametrize(
    "action", ["docker/bake-action/subaction/matrix@v7", "docker/bake-action/subaction/list-targets@v6"]
)
def test_an_action_that_lists_what_a_bake_file_says_builds_nothing(action: str) -> None:
    assert judge("build-signed", released_by(PUSH, SIGN, f"- uses: {action}\n", SHIP)).verdict == "pass"
    unsigned = released_by(PUSH, f"- uses: {action}\n", SHIP)
    assert {judge(each, unsigned).verdict for each in ("build-signed", "vulnerabilities-gated")} == {"fail"}


@pytest.mark.parametrize("command", SUSPECT)
def test_what_is_handed_something_may_do_anything(command: str) -> None:
    assert judge("build-signed", released_by(PUSH, f"- run: {command}\n", SHIP)).verdict == "unknown"


BUILDS = "docker run --rm -e FLAGS=-w -v $PWD:/work -v `go env GOPATH`/pkg/mod:/go/pkg/mod -w /work acme/tools shop -a"


def test_a_container_with_nothing_but_the_work_tree_releases_nothing() -> None:
    checkout = "- uses: actions/checkout@v6\n"
    assert judge("build-signed", released_by(checkout, PUSH, f"- run: {BUILDS}\n", SIGN, SHIP)).verdict == "pass"
    assert judge("build-signed", released_by(checkout, PUSH, f"- run: {BUILDS}\n", SHIP)).verdict == "fail"


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ("- uses: actions/checkout@v4\n", BUILDS),  # which leaves the token behind in the work tree
        ("- run: echo ${{ secrets.KEY }} | docker login -u acme --password-stdin\n", BUILDS),
        ("- uses: google-github-actions/auth@v3\n  with: {workload_identity_provider: a/b}\n", BUILDS),
        ("- run: echo ${{ secrets.KEY }} > key.pem\n", BUILDS),
        ("- run: git remote set-url origin https://x:${{ github.token }}@github.com/acme/shop\n", BUILDS),
        ("- run: ./tools/note\n  env: {GH_TOKEN: '${{ github.token }}'}\n", BUILDS),
        ("", BUILDS.replace("FLAGS=-w", "FLAGS=${{ secrets.FLAGS }}")),
        ("", BUILDS.replace("FLAGS=-w", "FLAGS=${{ github.token }}")),
        ("", BUILDS.replace("FLAGS=-w", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")),
        ("", BUILDS.replace("$PWD", "$HOME")),
        ("", BUILDS.replace("$PWD:", "$PWD/..:")),
        ("", BUILDS.replace("$PWD:/work", "/var/run/docker.sock:/var/run/docker.sock")),
        ("", f"{BUILDS} ${{{{ secrets.KEY }}}}"),
        ("", BUILDS.replace("--rm", "--net=host")),
        ("", BUILDS.replace("--rm", "--env-file=.env")),
    ],
)
def test_a_container_that_may_have_a_right_may_use_it(before: str, command: str) -> None:
    assert judge("build-signed", released_by(before, PUSH, f"- run: {command}\n", SIGN, SHIP)).verdict == "unknown"


def test_a_container_that_is_waited_for_may_find_something() -> None:
    """By its exit code; `-d` behind the image is the program's own."""
    for command in ("docker run acme/look", "docker run acme/look -d"):
        unscanned = released_by(PUSH, f"- run: {command}\n", SHIP)
        assert judge("vulnerabilities-gated", unscanned).verdict == "unknown"
        assert judge("build-signed", unscanned).verdict == "fail"
    background = released_by(PUSH, "- run: docker run -d acme/look\n", SHIP)
    assert judge("vulnerabilities-gated", background).verdict == "fail"


@pytest.mark.parametrize(("flags", "expected"), [("--jobs=1", "pass"), ("-j1", "pass"), ("-j4", "unknown")])
def test_make_that_is_told_to_do_one_thing_after_the_other(flags: str, expected: str) -> None:
    files = released_by("- run: make release\n")
    files["Makefile"] = (
        f"MAKEFLAGS := {flags}\nrelease: check\n\tgoreleaser release --clean\ncheck: test\ntest:\n\tgo test ./...\n"
    )
    files[".goreleaser.yaml"] = "version: 2\nbuilds: [{main: ./cmd/shop}]\n"
    assert judge("tests-gate-release", files).verdict == expected


def test_a_module_of_the_repository_is_no_program_of_the_field() -> None:
    step = "- run: python -m mkdocs build\n  env: {TOKEN: '${{ secrets.TOKEN }}'}\n"
    files = released_by(PUSH, step, SHIP)
    files["mkdocs/__main__.py"] = "import acme\n"
    assert judge("build-signed", files).verdict == "unknown"


@pytest.mark.parametrize(("otherwise", "expected"), [('"sudo -E"', "fail"), ("acme-run", "unknown")])
def test_sudo_where_it_is_needed(otherwise: str, expected: str) -> None:
    files = released_by(PUSH, "- run: make image\n  env: {TOKEN: '${{ secrets.TOKEN }}'}\n", SHIP)
    files["Makefile"] = (
        f"SUDO = $(shell docker info >/dev/null 2>&1 || echo {otherwise})\n"
        "image:\n\t$(SUDO) docker build -t shop:dev .\n"
    )
    assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("build-signed", "fail"),
        ("provenance-verified", "fail"),
        ("sbom-generated", "unknown"),
        ("tests-gate-release", "unknown"),
    ],
)
def test_what_nix_builds_reaches_nobody_but_may_have_been_tested(check: str, expected: str) -> None:
    assert judge(check, released_by(PUSH, "- run: nix build .#shop -L\n", SHIP)).verdict == expected
    assert judge(check, released_by(PUSH, "- run: nix run .#shop\n", SHIP)).verdict == "unknown"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("require('./package.json').version", "pass"),
        ("console.log(require('../package.json')['config'].node);", "pass"),
        ("JSON.parse(require('fs').readFileSync('package.json', 'utf8')).version", "pass"),
        ("JSON.parse(fs.readFileSync('package.json')).version", "pass"),
        ("require('./release.js').version", "unknown"),
        ("require('package.json').version", "unknown"),
        ("require('./package.json').constructor.constructor('publish()')()", "unknown"),
        ("require('./package.json').version; child_process.execSync('./publish.sh')", "unknown"),
    ],
)
@pytest.mark.parametrize("options", ["-p", "-pe", "-p -e"])
def test_a_line_for_node_that_reads_json_has_no_part_in_it(options: str, program: str, expected: str) -> None:
    files = {
        "package.json": '{"version": "1.0.0", "scripts": {"publish": "npm publish", "sign": "cosign sign"}}',
        "release.js": "module.exports = require('child_process').execSync('./publish.sh')\n",
    }
    step = f'- run: |\n    VERSION=$(node {options} "{program}")'
    assert judge("build-signed", released_by(PUSH, step, SIGN, SHIP) | files).verdict == expected
