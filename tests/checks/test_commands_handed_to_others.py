"""Programs that do nothing by themselves, and are handed a command: what that releases is not missed."""

from __future__ import annotations

import json

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

OTHER = "docker push ghcr.io/acme/other:1"


def signed(command: str) -> str:
    return judge("build-signed", released_by(PUSH, SIGN, f"- run: |\n    {command}")).verdict


@pytest.mark.parametrize(
    "command",
    [
        f"nvm exec 20 {OTHER}",
        f"pyenv exec {OTHER}",
        f"npx cross-env NODE_ENV=production {OTHER}",
        f"npx env-cmd -f .env {OTHER}",
        f"ccache {OTHER}",
        f"dumb-init {OTHER}",
        f"corepack pnpm exec {OTHER}",
        f"cmake -E env A=1 {OTHER}",
        f"ip netns exec build {OTHER}",
        f"kubectl exec builder -- {OTHER}",
        f"docker exec builder {OTHER}",
        f"docker exec builder sh -c '{OTHER}'",
        f"docker compose exec builder {OTHER}",
        f"minikube ssh -- '{OTHER}'",
        f"git submodule foreach '{OTHER}'",
        f"gcloud compute ssh builder --command '{OTHER}'",
        f"heroku run {OTHER}",
        f"vault-env {OTHER}",
        "npx start-server-and-test start http://localhost:3000 publish",
        f"find . -maxdepth 0 -exec {OTHER} \\;",
        f"find . -exec {OTHER} +",
        f"find . -name x -execdir {OTHER} ';'",
        f"find . -name x -exec chmod +x {{}} + -exec {OTHER} \\;",
        f"find . -name x -exec sh -c '{OTHER}' \\;",
        "find . -name '*.sh' -exec sh -c \"$CODE\" \\;",
        "find . -name '*.sh' -exec bash {} \\;",
        "find bin -type f -exec {} \\;",
        "find dist -name '*.whl' -exec twine upload {} \\;",
        f"echo a | xargs -I{{}} sh -c '{OTHER}'",
        f"echo other | xargs -n1 env A=1 bash -ec '{OTHER[:-7]}$1:1' _",
        "ls *.sh | xargs -n1 bash",
        "find . -name '*.txt' -exec sh -c './release.sh \"$1\"' _ {} \\;",
        f"git -c alias.go='!{OTHER}' go",
        f"git config alias.go '!{OTHER}'; git go",
        f"awk 'BEGIN {{ system(\"{OTHER}\") }}'",
        f"awk 'BEGIN {{ print | \"{OTHER}\" }}'",
        f"vim -c '!{OTHER}'",
        f"tar cf x.tar --checkpoint=1 --checkpoint-action=exec='{OTHER}' README.md",
        f"zip x.zip -T -TT '{OTHER}' README.md",
        f"man -P '{OTHER}' ls",
    ],
)
def test_a_release_by_somebody_else_is_seen(command: str) -> None:
    assert signed(command) != "pass"


@pytest.mark.parametrize(
    "command",
    [
        f"echo {OTHER}",
        f"git commit --message '{OTHER}'",
        f"grep -e '{OTHER}' README.md",
        "which docker",
        "brew install docker",
        "nvm use 20",
        "corepack enable",
        "ccache --show-stats",
        "kubectl exec db -- psql --command 'select 1'",
        "docker exec db pg_isready",
        "bash -c 'gh release create v1'",
        "printf v1 | xargs gh release create",
        "find . -name '*.sh' -exec chmod +x {} +",
        f"find . -name '*.md' -exec grep -l '{OTHER}' {{}} +",
        "find dist -type f -exec sh -c 'echo \"$1\"' _ {} \\;",
        "find dist -type f -exec cp {} out \\;",
        "find . -exec \\;",
        "find . -exec",
        "ls dist | xargs -I{} sh -c 'cat {} >> $GITHUB_OUTPUT'",
        "ls dist | xargs -I{} sh -c 'test -s dist/{} && echo {}'",
        f"awk '/{OTHER.replace('/', '.')}/ {{ print $1 }}' README.md",
        "git config alias.st status",
    ],
)
def test_what_only_speaks_of_one_is_none(command: str) -> None:
    assert signed(command) == "pass"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("pyenv exec pytest", "pass"),
        ("npx cross-env NODE_ENV=test jest", "pass"),
        ("npx env-cmd -f .env jest", "pass"),
        ("dbus-run-session -- pytest", "pass"),
        ("corepack pnpm exec jest", "pass"),
        ("nvm exec 20 npx jest", "pass"),
        ("nvm exec --silent lts/* npx jest", "pass"),
        ("nvm exec npx jest", "pass"),
        ("nvm exec $NODE npx jest", "unknown"),
        ("nvm exec 20 npx eslint .", "fail"),
        ("nvm run 20 test.js", "unknown"),
        ("kubectl exec app -- pytest", "unknown"),
        ("npx start-server-and-test start http://localhost:3000 e2e", "unknown"),
    ],
)
def test_tests_that_somebody_else_runs(command: str, expected: str) -> None:
    assert judge("tests-gate-release", released_by(f"- run: {command}", PUSH, SHIP)).verdict == expected


@pytest.mark.parametrize("line", [f"X := $(shell {OTHER})", f"X != {OTHER}", f"$(info $(shell {OTHER}))"])
def test_what_make_runs_as_it_reads_its_file_is_seen(line: str) -> None:
    tree = released_by(PUSH, SIGN, "- run: make show")
    for expected, makefile in (
        ("unknown", f"{line}\nshow:\n\techo x\n"),
        ("pass", f"X = $(shell {OTHER})\nshow:\n\techo x\n"),
    ):
        assert judge("build-signed", {**tree, "Makefile": makefile}).verdict == expected


@pytest.mark.parametrize(
    ("command", "scripts", "expected"),
    [
        ("npm ci", {"postinstall": OTHER}, "unknown"),
        ("npm install", {"prepare": "npm run go", "go": OTHER}, "unknown"),
        ("yarn", {"postinstall": OTHER}, "unknown"),
        ("pnpm i", {"preinstall": OTHER}, "unknown"),
        ("bun install", {"postinstall": OTHER}, "unknown"),
        ("npm ci --ignore-scripts", {"postinstall": OTHER}, "pass"),
        ("npm install left-pad", {"postinstall": OTHER}, "pass"),
        ("npm ci", {"prepare": "husky", "go": OTHER}, "pass"),
        ("npm ci", {"postinstall": "node scripts/patch.js"}, "pass"),
    ],
)
def test_what_a_package_runs_as_it_is_installed_may_release(
    command: str, scripts: dict[str, str], expected: str
) -> None:
    tree = {**released_by(PUSH, SIGN, f"- run: {command}"), "package.json": json.dumps({"scripts": scripts})}
    assert (judge("build-signed", tree).verdict == "pass") is (expected == "pass")


def test_a_session_of_nox_is_followed_whatever_it_is_called() -> None:
    for name in ("session", "s"):
        nox = (
            f"import nox\n\n\n@nox.session\ndef go({name}):\n    {name}.run('docker', 'push', 'ghcr.io/acme/other:1')\n"
        )
        tree = {**released_by(PUSH, SIGN, "- run: nox -s go"), "noxfile.py": nox}
        assert judge("build-signed", tree).verdict == "fail"
