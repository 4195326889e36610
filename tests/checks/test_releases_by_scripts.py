"""Releases whose work is done by scripts, targets and package scripts of the repository, and their near misses."""

from __future__ import annotations

import time

import pytest

from releasing import ATTEST, DESCRIBE, PUSH, SHIP, SIGN, job, released_by, repository_of, workflow
from trees import judge

CHECKOUT = "- uses: actions/checkout@v7\n  with: {persist-credentials: false}"
IMAGE = "ghcr.io/acme/shop"
SCRIPT = f'''\
#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "${{BASH_SOURCE[0]}}")/.."
docker buildx build --push --metadata-file meta.json --tag "{IMAGE}:$1" .
digest="$(jq -r '."containerimage.digest"' meta.json)"
cosign sign --yes "{IMAGE}@$digest"
echo "digest=$digest" >> "$GITHUB_OUTPUT"
'''
MAKEFILE = f"""\
IMG ?= {IMAGE}
VERSION ?= dev
.PHONY: release push sign test verify
release: push sign
push:
\tdocker buildx build --push --metadata-file meta.json --tag $(IMG):$(VERSION) .
sign:
\tcosign sign --yes "$(IMG)@$$(jq -r '."containerimage.digest"' meta.json)"
test:
\tpytest
verify:
\tcosign verify --certificate-identity=https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main \\
\t  --certificate-oidc-issuer=https://token.actions.githubusercontent.com $(IMG)@$(DIGEST)
"""


def files(**named: str) -> dict[str, str | bytes | None]:
    """Files by path, with `__` for `/` and `_` for `.`."""
    return {name.replace("__", "/").replace("_", "."): text for name, text in named.items()}


def verdict(check: str, tree: dict[str, str | bytes | None]) -> str:
    return judge(check, tree).verdict


def by_script(
    text: str, call: str = './ci/release.sh "$GITHUB_REF_NAME"', *steps: str
) -> dict[str, str | bytes | None]:
    tree = released_by(CHECKOUT, *steps, f"- run: {call}\n  id: release", SHIP)
    return {**tree, "ci/release.sh": text}


def test_a_script_builds_and_signs() -> None:
    outcome = judge("build-signed", by_script(SCRIPT))
    assert outcome.verdict == "pass"
    assert [(each.role, each.path, each.line) for each in outcome.evidence] == [
        ("built", "ci/release.sh", 4),
        ("signed", "ci/release.sh", 6),
        ("shipped", ".github/workflows/release.yml", 12),
    ]
    assert "called from .github/workflows/release.yml:10" in outcome.evidence[0].text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cosign sign", "echo cosign sign"),
        ("cosign sign", "# cosign sign"),
        ('"ghcr.io/acme/shop@$digest"\n', '"ghcr.io/acme/shop@$digest" || true\n'),
        ('@$digest"\n', ':$1"\n'),
        ("cosign sign", "exit 0\ncosign sign"),
        ("set -euo pipefail\n", ""),
        ("set -euo pipefail\n", "set -uo pipefail\n"),
        ("cosign sign", "[ -z \"${SIGN:-}\" ] || cosign sign"),
        ("docker buildx build --push --meta", "docker build -q .\ndocker buildx build --push --tag x/other --meta"),
        ("cosign sign", "docker buildx build --push --metadata-file meta.json --tag \"$1\" other\n"
                        "digest=$(jq -r '.\"containerimage.digest\"' meta.json)\ncosign sign"),
        ("cosign sign", "cat <<'E'\ncosign sign"),
        ("cosign sign", "sign() { :; }\nsign"),
        ("cosign sign", "cosign() { :; }\ncosign sign"),
        ("set -euo pipefail\n", "set -euo pipefail\ntrap 'exit 0' EXIT\n"),
        ("#!/usr/bin/env bash", "#!/usr/bin/env python3"),
    ],
)  # fmt: skip
def test_a_script_that_only_seems_to_sign(old: str, new: str) -> None:
    assert old in SCRIPT
    assert verdict("build-signed", by_script(SCRIPT.replace(old, new))) != "pass"


@pytest.mark.parametrize(
    "call",
    [
        "bash ci/release.sh v1", "bash -x ./ci/release.sh v1", 'cd ci && ./release.sh v1', "source ci/release.sh v1",
        '"$GITHUB_WORKSPACE/ci/release.sh" v1', '"${{ github.workspace }}/ci/release.sh" v1',
        "timeout 60 ./ci/release.sh v1",
        "sudo -E ./ci/release.sh v1", "env A=b ./ci/release.sh v1", "f() { ./ci/release.sh v1; }; f",
        "./ci/release.sh v1 || exit 1", 'cd "$(git rev-parse --show-toplevel)" && source ./ci/release.sh v1',
        'ROOT=$(git rev-parse --show-toplevel); "$ROOT/ci/release.sh" v1',
    ],
)  # fmt: skip
def test_ways_to_call_a_script(call: str) -> None:
    text = SCRIPT.replace('cd "$(dirname "${BASH_SOURCE[0]}")/.."\n', "")
    assert verdict("build-signed", by_script(text, f"|\n    {call}")) == "pass"


@pytest.mark.parametrize(
    "call",
    [
        "./ci/release.sh v1 || true", "./ci/release.sh v1 &", "./ci/release.sh v1 | tee log",
        "if ./ci/release.sh v1; then echo; fi", "bash -n ci/release.sh v1", "echo ./ci/release.sh v1",
        "./ci/other.sh v1",
        "./$DIR/release.sh v1", "false && ./ci/release.sh v1",
    ],
)  # fmt: skip
def test_ways_to_call_a_script_in_vain(call: str) -> None:
    assert verdict("build-signed", by_script(SCRIPT, f"|\n    {call}")) != "pass"


def test_a_script_that_another_step_may_have_changed_is_not_followed() -> None:
    for step in (
        "- run: echo 'exit 0' > ci/release.sh",
        "- run: sed -i s/cosign/echo/ ci/release.sh",
        "- run: cp other.sh ci/release.sh",
        "- run: curl -o ci/release.sh https://example.org/x",
        "- uses: actions/checkout@v7\n  with: {repository: acme/other}",
        "- uses: actions/checkout@v7\n  with: {repository: acme/other, path: ci}",
        "- uses: actions/checkout@v7\n  with: {ref: stable}",
        "- run: git checkout stable",
        "- run: git pull origin stable",
        "- run: git apply fix.patch",
        "- run: git checkout -b new origin/stable",
        "- uses: actions/download-artifact@v8\n  with: {name: scripts, path: ci}",
        "- run: mv other.sh ci/release.sh",
    ):
        assert verdict("build-signed", by_script(SCRIPT, "./ci/release.sh v1", step)) != "pass", step
    again = "- uses: actions/checkout@v7\n  with: {ref: '${{ github.sha }}'}"
    harmless = f"- run: git checkout -b new\n- run: echo hello > notes.txt\n{again}"
    assert verdict("build-signed", by_script(SCRIPT, "./ci/release.sh v1", harmless)) == "pass"


def test_what_one_step_changes_and_calls_at_once_is_not_followed() -> None:
    for change in ("cp other.sh ci/release.sh", "sed -i s/cosign/echo/ ci/release.sh", "git checkout stable",
                   "curl -fsSLo ci/release.sh $URL", "mv x ci/release.sh", "tee ci/release.sh < x"):  # fmt: skip
        assert verdict("build-signed", by_script(SCRIPT, f"|\n    {change}\n    ./ci/release.sh v1")) != "pass", change


def test_the_digest_that_a_script_writes_down_is_signed_by_another_step() -> None:
    text = SCRIPT.replace(f'cosign sign --yes "{IMAGE}@$digest"\n', "")
    sign = f'- run: cosign sign --yes "{IMAGE}@${{{{ steps.release.outputs.digest }}}}"'
    tree = released_by(CHECKOUT, "- run: ./ci/release.sh 1\n  id: release", sign, SHIP)
    assert verdict("build-signed", {**tree, "ci/release.sh": text}) == "pass"
    wrong = text.replace("digest=$digest", "digest=$(crane digest x)")
    assert verdict("build-signed", {**tree, "ci/release.sh": wrong}) == "fail"


def by_make(text: str, call: str = "make release", *after: str) -> dict[str, str | bytes | None]:
    return {**released_by(CHECKOUT, f"- run: {call}", *(after or (SHIP,))), "Makefile": text}


def test_targets_build_and_sign() -> None:
    outcome = judge("build-signed", by_make(MAKEFILE))
    assert outcome.verdict == "pass"
    assert [(each.path, each.line) for each in outcome.evidence][:2] == [("Makefile", 6), ("Makefile", 8)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\tcosign sign", "\t-cosign sign"),
        ("\tcosign sign", "\t@echo cosign sign"),
        ("\tcosign sign", "\t# cosign sign"),
        ("release: push sign", "release: push"),
        (".PHONY: release push sign test verify\n", ".PHONY: release push test verify\n"),
        ("\tcosign sign", "\ttrue; false && cosign sign"),
        ('meta.json)"\n', 'meta.json)"; true\n'),
        ('meta.json)"\n', 'meta.json)" || :\n'),
        ("@$$(jq -r '.\"containerimage.digest\"' meta.json)", ":$(VERSION)"),
        ("@$$(jq", "@$(jq"),
        ("sign:\n", "ifdef SIGN\nsign:\n"),
        ("release: push sign", "release: push sign\n.IGNORE: sign"),
        ("release: push sign", "release: push\n\t$(MAKE) -i sign"),
        ("\tcosign sign", "\t[ -n \"$$SIGN\" ] && cosign sign"),
        ("release: push sign", "MAKEFLAGS += -i\nrelease: push sign"),
        ("IMG ?=", "SHELL := /bin/true\nIMG ?="),
        (".PHONY:", "include other.mk\n.PHONY:"),
    ],
)  # fmt: skip
def test_targets_that_only_seem_to_sign(old: str, new: str) -> None:
    assert old in MAKEFILE
    text = MAKEFILE.replace(old, new) + ("endif\n" if "ifdef" in new else "")
    tree = by_make(text)
    assert verdict("build-signed", {**tree, "sign/README.md": ""}) != "pass"


@pytest.mark.parametrize(
    "call",
    [
        "make -i release", "make -k release", "make -n release", "make release || true", "make -j4 release",
        "make push", "make release SHELL=/bin/true", "make sign push", "make release .SHELLFLAGS=-n",
    ],
)  # fmt: skip
def test_ways_to_call_make_in_vain(call: str) -> None:
    assert verdict("build-signed", by_make(MAKEFILE, call)) != "pass"


@pytest.mark.parametrize(
    "call",
    [
        "make -s release VERSION=1", "make push sign", "make -C . release", "make -f Makefile release",
        "make release IMG=ghcr.io/acme/other", "IMG=ghcr.io/acme/other make release",
    ],
)  # fmt: skip
def test_ways_to_call_make(call: str) -> None:
    assert verdict("build-signed", by_make(MAKEFILE, call)) == "pass"


def test_the_name_that_is_given_to_make_counts() -> None:
    mixed = "make push IMG=ghcr.io/acme/shop\n    make sign IMG=ghcr.io/acme/other"
    assert verdict("build-signed", by_make(MAKEFILE, f"|\n    {mixed}")) == "fail"


GATES = "tests-gate-release"


@pytest.mark.parametrize(
    ("makefile", "call", "expected"),
    [
        ("test:\n\tpytest\n", "make test", "pass"),
        ("test:\n\tpytest || true\n", "make test", "fail"),
        ("test:\n\t-pytest\n", "make test", "fail"),
        ("test:\n\tpytest; echo done\n", "make test", "fail"),
        ("test:\n\tset -e; pytest; echo done\n", "make test", "pass"),
        ("test:\n\tpytest | tee log\n", "make test", "fail"),
        ("SHELL=/bin/bash -o pipefail\ntest:\n\tpytest | tee log\n", "make test", "pass"),
        (".ONESHELL:\ntest:\n\tpytest\n\techo done\n", "make test", "fail"),
        (".ONESHELL:\n.SHELLFLAGS = -ec\ntest:\n\tpytest\n\techo done\n", "make test", "pass"),
        ('test:\n\t@if [ -z "$$SKIP" ]; then pytest; fi\n', "make test", "unknown"),
        ("T ?= echo\ntest:\n\t$(T) pytest\n", "make test", "fail"),
        ("T ?= echo\ntest:\n\t$(T)\n", "make test T=pytest", "pass"),
        ("test: stamp\nstamp:\n\tpytest\n\ttouch $@\n", "make test", "pass"),
        ("test:\n\t@echo pytest\n", "make test", "fail"),
        ("define run\npytest\nendef\ntest:\n\t$(run)\n", "make test", "pass"),
        ("test: $(addprefix test-,a b)\ntest-%:\n\tpytest $*\n", "make test", "pass"),
        ("test:\n\tcd sub && go test ./...\n", "make test", "pass"),
        ("test:\n\tdocker build --target test .\n", "make test", "unknown"),
        ("test:\n\t./run.py\n", "make test", "unknown"),
        ("test:\n\t$(error no)\n", "make test", "unknown"),
    ],
)
def test_targets_that_test(makefile: str, call: str, expected: str) -> None:
    assert verdict(GATES, by_make(makefile, call)) == expected


def test_a_target_that_is_a_folder_tests_nothing() -> None:
    tree = by_make("test:\n\tpytest\n", "make test")
    assert verdict(GATES, {**tree, "test/test_shop.py": ""}) == "fail"
    tree = by_make(".PHONY: test\ntest:\n\tpytest\n", "make test")
    assert verdict(GATES, {**tree, "test/test_shop.py": ""}) == "pass"


@pytest.mark.parametrize(
    ("package", "call", "expected"),
    [
        ('{"scripts": {"test": "vitest run"}}', "npm test", "pass"),
        ('{"scripts": {"test": "vitest run || true"}}', "npm test", "fail"),
        ('{"scripts": {"test": "vitest run; exit 0"}}', "npm test", "fail"),
        ('{"scripts": {"test": "echo \\"no test specified\\""}}', "npm test", "fail"),
        ('{"scripts": {"pretest": "vitest", "test": "echo"}}', "npm test", "pass"),
        ('{"scripts": {"pretest": "vitest", "test": "echo"}}', "npm test --ignore-scripts", "fail"),
        ('{"scripts": {"ci": "npm run lint && npm run t", "t": "jest", "lint": "eslint ."}}', "npm run ci", "pass"),
        ('{"scripts": {"t": "jest"}}', "bun run --shell bun t", "pass"),
        ('{"scripts": {"t": "jest"}}', "npm run --script-shell bash t", "pass"),
        ('{"scripts": {}}', "yarn jest", "pass"),
        ('{"scripts": {}}', "yarn run jest", "pass"),
        ('{"scripts": {"t": "bun run jest --ci"}}', "bun run t", "pass"),
        ('{"scripts": {"t": "bun run jest --ci || true"}}', "bun run t", "fail"),
        ('{"scripts": {}}', "bun run tsc -w", "fail"),
        ('{"scripts": {}}', "pnpm run jest", "unknown"),
        ('{"scripts": {}}', "bun -e jest", "fail"),
        ('{"scripts": {}}', "bun --cwd . --print jest", "fail"),
        ('{"scripts": {}}', "bun --print 'require(`./a.json`).version'", "fail"),
        ('{"scripts": {}}', "npm run test --if-present", "fail"),
    ],
)
def test_package_scripts_that_test(package: str, call: str, expected: str) -> None:
    tree = released_by(CHECKOUT, f"- run: {call}", SHIP)
    assert verdict(GATES, {**tree, "package.json": package}) == expected


@pytest.mark.parametrize(
    ("call", "settings", "expected"),
    [
        ("npm test", "script-shell=/bin/true\n", "unknown"),
        ("pnpm test", "script-shell = true\n", "unknown"),
        ("npm test", "script-shell=/usr/bin/bash\n", "pass"),
        ("npm test", "# script-shell=/bin/true\n", "pass"),
        ("npm test --script-shell=/bin/true", "", "unknown"),
        ("npm_config_script_shell=true npm test", "", "unknown"),
    ],
)
def test_another_program_may_run_the_scripts_of_a_package(call: str, settings: str, expected: str) -> None:
    tree = released_by(CHECKOUT, f"- run: {call}", SHIP)
    told = {"package.json": '{"scripts": {"test": "jest"}}', ".npmrc": settings}
    assert verdict(GATES, {**tree, **told}) == expected


@pytest.mark.parametrize("name", ["./sign.ts", "build/sign.mjs"])
def test_a_program_that_bun_runs_is_no_shell_script(name: str) -> None:
    step = f"- run: bun {name}\n  env: {{DIGEST: '${{{{ steps.push.outputs.digest }}}}'}}"
    told = {"package.json": "{}", name.removeprefix("./"): "/*\ncosign sign --yes ghcr.io/acme/shop@$DIGEST\n*/\n"}
    outcome = judge("build-signed", {**released_by(PUSH, step, SHIP), **told})
    assert (outcome.verdict, "what a Node.js program does" in (outcome.reason or "")) == ("unknown", True)


def test_what_runs_before_a_package_is_published_tests_it() -> None:
    tree = released_by(CHECKOUT, "- run: npm publish --provenance")
    assert (
        verdict(GATES, {**tree, "package.json": '{"scripts": {"prepublishOnly": "npm test", "test": "jest"}}'})
        == "pass"
    )
    assert (
        verdict(GATES, {**tree, "package.json": '{"scripts": {"postpublish": "npm test", "test": "jest"}}'}) == "fail"
    )


@pytest.mark.parametrize(
    ("run", "settings", "expected"),
    [
        ("npm publish --ignore-scripts", "", "fail"),
        ("npm publish", "ignore-scripts=true\n", "fail"),
        ("npm publish", "; of packages\nignore-scripts = true\n", "fail"),
        ("pnpm publish", "ignore-scripts=true\n", "fail"),
        ("npm publish", "# ignore-scripts=true\nignore-scripts=false\n", "pass"),
        ("npm publish --ignore-scripts=false", "ignore-scripts=true\n", "pass"),
        ("NPM_CONFIG_IGNORE_SCRIPTS=true npm publish", "", "fail"),
        ("export npm_config_ignore_scripts=false && npm publish", "ignore-scripts=true\n", "pass"),
        ("npm run release", "ignore-scripts=true\n", "fail"),  # nor what stands before and after another script
        ("npm run release", "", "pass"),
    ],
)
def test_what_would_run_before_a_package_is_published_may_be_told_not_to(
    run: str, settings: str, expected: str
) -> None:
    scripts = '{"prepublishOnly": "jest", "prerelease": "jest", "release": "npm publish x.tgz"}'
    files = {"package.json": f'{{"scripts": {scripts}}}', ".npmrc": settings}
    assert verdict(GATES, {**released_by(CHECKOUT, f"- run: {run}"), **files}) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("npm config set ignore-scripts true", "unknown"),
        ("npm set ignore-scripts=true --location=project", "unknown"),
        ("pnpm config set ignore-scripts true", "unknown"),
        ("echo ignore-scripts=true >> .npmrc", "unknown"),
        ("printf 'ignore-scripts=true\n' > ~/.npmrc", "unknown"),
        ("echo npm_config_ignore_scripts=true >> $GITHUB_ENV", "fail"),
        ("npm pkg set scripts.prepublishOnly=true", "unknown"),
        ("npm pkg set version=1.2.3 'scripts[prepublishOnly]=true'", "unknown"),
        ("npm pkg delete scripts.prepublishOnly", "unknown"),
        ("npm pkg delete scripts", "unknown"),
        ("npm pkg set scripts.t=true", "unknown"),
        ("npm pkg set version=1.2.3", "pass"),
        ("npm pkg delete scripts.prepare scripts.postinstall", "pass"),
        ("npm config set ignore-scripts false", "pass"),
        ("npm config set ignore-scripts true\n    npm config delete ignore-scripts", "pass"),
        ("echo '//registry.npmjs.org/:_authToken=${NPM_TOKEN}' > ~/.npmrc", "pass"),
    ],
)
def test_a_job_may_tell_npm_not_to_run_what_tests_a_package_before_it_is_published(step: str, expected: str) -> None:
    scripts = '{\n"prepublishOnly": "npm run t",\n"prepare": "husky",\n"t": "jest"\n}'
    package = {"package.json": f'{{\n"scripts": {scripts}\n}}\n'}
    apart = released_by(CHECKOUT, f"- run: |\n    {step}", "- run: npm publish")
    assert verdict(GATES, {**apart, **package}) == expected
    together = released_by(CHECKOUT, f"- run: |\n    {step}\n    npm publish")
    if "GITHUB_ENV" not in step:
        assert verdict(GATES, {**together, **package}) == expected


@pytest.mark.parametrize("step", ["npm config set ignore-scripts true", "npm pkg set scripts.prepublishOnly=true"])
def test_scripts_that_are_asked_for_run_whatever_npm_is_told_of_others(step: str) -> None:
    package = {"package.json": '{"scripts": {\n"prepublishOnly": "jest",\n"test": "jest"\n}}'}
    tree = released_by(CHECKOUT, f"- run: {step}", "- run: npm test", "- run: npm publish")
    assert verdict(GATES, {**tree, **package}) == "pass"


@pytest.mark.parametrize(
    ("call", "script", "expected"),
    [
        ("yarn npm publish", "prepublishOnly", "fail"),
        ("yarn npm publish", "prepublish", "pass"),
        ("yarn npm publish", "prepack", "pass"),
        ("yarn publish", "prepublishOnly", "pass"),
        ("npm publish", "prepublish", "fail"),
    ],
)
def test_each_package_manager_has_its_own_scripts_before_it_publishes(call: str, script: str, expected: str) -> None:
    package = {"package.json": f'{{"scripts": {{"{script}": "jest"}}}}'}
    assert verdict(GATES, {**released_by(CHECKOUT, f"- run: {call}"), **package}) == expected


VERIFIED = ("make verify DIGEST=${{ steps.push.outputs.digest }}", "provenance-verified")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", "pass"),
        ("\tcosign verify", "\t-cosign verify", "fail"),
        ("$(IMG)@$(DIGEST)", "$(IMG):latest", "fail"),
        ("$(DIGEST)", "$(DIGEST) || true", "fail"),
    ],
)
def test_a_target_that_verifies(old: str, new: str, expected: str) -> None:
    call, check = VERIFIED
    text = MAKEFILE.replace(old, new) if old else MAKEFILE
    tree = {**released_by(CHECKOUT, PUSH, SIGN, f"- run: {call}", SHIP), "Makefile": text}
    assert verdict(check, tree) == expected


def test_an_sbom_that_a_script_makes() -> None:
    text = f'#!/bin/sh\nset -e\nsyft "{IMAGE}@$1" -o cyclonedx-json > "$2"\n'
    call = '- run: ./sbom.sh "${{ steps.push.outputs.digest }}" sbom.json'
    assert verdict("sbom-generated", {**released_by(CHECKOUT, PUSH, call, ATTEST, SHIP), "sbom.sh": text}) == "pass"
    of_sources = text.replace(f'"{IMAGE}@$1"', "dir:.")
    assert (
        verdict("sbom-generated", {**released_by(CHECKOUT, PUSH, call, ATTEST, SHIP), "sbom.sh": of_sources}) == "fail"
    )
    printed = text.replace(' > "$2"', "")
    redirected = '- run: ./sbom.sh "${{ steps.push.outputs.digest }}" > sbom.json'
    assert (
        verdict("sbom-generated", {**released_by(CHECKOUT, PUSH, redirected, ATTEST, SHIP), "sbom.sh": printed})
        == "pass"
    )
    lost = '- run: ./sbom.sh "${{ steps.push.outputs.digest }}"'
    assert verdict("sbom-generated", {**released_by(CHECKOUT, PUSH, lost, ATTEST, SHIP), "sbom.sh": printed}) != "pass"


def test_a_composite_action_calls_its_own_script() -> None:
    action = (
        "runs:\n  using: composite\n  steps:\n    - shell: bash\n"
        '      run: ${{ github.action_path }}/sign.sh "$DIGEST"\n'
        "      env: {DIGEST: '${{ inputs.digest }}'}\n"
    )
    sign = f'#!/bin/sh\ncosign sign --yes "{IMAGE}@$1"\n'
    call = "- uses: ./.github/actions/sign\n  with: {digest: '${{ steps.push.outputs.digest }}'}"
    folder = ".github/actions/sign"
    tree = {**released_by(CHECKOUT, PUSH, call, SHIP), f"{folder}/action.yml": action, f"{folder}/sign.sh": sign}
    assert verdict("build-signed", tree) == "pass"
    by_variable = action.replace("${{ github.action_path }}", "$GITHUB_ACTION_PATH")
    assert verdict("build-signed", {**tree, f"{folder}/action.yml": by_variable}) == "pass"
    assert verdict("build-signed", {**tree, f"{folder}/sign.sh": sign + "true\n"}) == "fail"


def test_a_script_ships_before_it_signs() -> None:
    text = SCRIPT.replace("cosign sign", 'gh release create "$1"\ncosign sign')
    tree = {**released_by(CHECKOUT, "- run: ./ci/release.sh 1"), "ci/release.sh": text}
    assert verdict("build-signed", tree) == "fail"
    ordered = SCRIPT + 'gh release create "$1"\n'
    assert verdict("build-signed", {**tree, "ci/release.sh": ordered}) == "pass"


def test_scripts_in_the_jobs_of_a_workflow_of_its_own() -> None:
    tests = job(CHECKOUT, "- run: ./ci/test.sh", permissions="{contents: read}")
    tree = repository_of(workflow(test=tests, ship=job(SHIP, needs="test")))
    assert verdict(GATES, {**tree, "ci/test.sh": "#!/bin/bash\nset -e\ngo test ./...\ngo vet ./...\n"}) == "pass"
    assert verdict(GATES, {**tree, "ci/test.sh": "#!/bin/bash\ngo test ./...\ngo vet ./...\n"}) == "fail"
    assert (
        verdict(GATES, {**tree, "ci/test.sh": "#!/bin/bash\nset -e\nif true; then exit 0; fi\ngo test ./...\n"})
        == "fail"
    )


def test_a_release_with_everything_in_targets() -> None:
    makefile = MAKEFILE + (
        'sbom:\n\tsyft "$(IMG)@$(DIGEST)" -o cyclonedx-json=sbom.json\n'
        'attest: sbom\n\tcosign attest --yes --type cyclonedx --predicate sbom.json "$(IMG)@$(DIGEST)"\n'
        "scan: sbom\n\tgrype sbom:sbom.json --fail-on high\n"
    )
    call = "make attest scan DIGEST=${{ steps.push.outputs.digest }}"
    tree = {**released_by(CHECKOUT, PUSH, f"- run: {call}", SHIP), "Makefile": makefile}
    assert verdict("sbom-generated", tree) == "pass"
    assert verdict("vulnerabilities-gated", tree) == "pass"
    loose = makefile.replace("\tgrype", "\t-grype")
    assert verdict("vulnerabilities-gated", {**tree, "Makefile": loose}) == "fail"
    assert DESCRIBE


def test_scripts_without_end_are_not_followed_without_end() -> None:
    steps = [f"- run: ./ci/many.sh {n}" for n in range(400)]
    tree = {**released_by(CHECKOUT, *steps, "- run: pytest", SHIP), "ci/many.sh": "#!/bin/sh\n" + "p $1\n" * 1000}
    start = time.process_time()
    assert judge(GATES, tree).verdict in {"pass", "unknown"}
    assert verdict("build-signed", tree) == "unknown"
    assert time.process_time() - start < 30


def test_a_failing_script_leads_to_what_is_released_instead() -> None:
    tree = {
        **released_by(CHECKOUT, "- run: ./ci/check.sh || gh release create v1"),
        "ci/check.sh": "#!/bin/sh\necho hi\n",
    }
    assert verdict(GATES, tree) == "fail"


@pytest.mark.parametrize(
    ("registry", "before", "expected"),
    [
        ("quay.io", "acme/actions/cluster@v1", "unknown"),  # which may export where the cluster's own registry is
        ("quay.io", "actions/setup-go@v6", "fail"),
        ("dev", "acme/actions/cluster@v1", "fail"),
    ],
)
def test_an_action_may_have_set_the_registry_that_a_makefile_has_a_default_for(
    registry: str, before: str, expected: str
) -> None:
    image = "$(REGISTRY)/acme/shop:latest"
    makefile = f"REGISTRY ?= {registry}\npush:\n\tdocker build -t {image} .\n\tdocker push {image}\n"
    push = job(CHECKOUT, f"- uses: {before}", "- run: make push", permissions="{contents: read}")
    tree = repository_of(workflow("{push: {branches: [main]}}", push=push))
    for check in "build-signed", "sbom-generated":
        assert verdict(check, {**tree, "Makefile": makefile}) == expected
