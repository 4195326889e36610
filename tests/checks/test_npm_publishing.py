"""Packages on npm's registry: which are published with provenance, and which only look like it."""

from __future__ import annotations

from textwrap import indent

import pytest

from releasing import PUSH, job, repository_of, workflow
from trees import judge

TOKEN = "\n  env: {NODE_AUTH_TOKEN: '${{ secrets.NPM_TOKEN }}'}"
ASKS = {"package.json": '{"name": "shop", "publishConfig": {"provenance": true}}'}
PLAIN = {"package.json": '{"name": "shop"}'}


def signed(step: str, *, files: dict[str, str] = PLAIN, permissions: str = "{id-token: write, contents: write}") -> str:
    tree = {**repository_of(workflow(release=job("- run: npm ci", step, permissions=permissions))), **files}
    return judge("build-signed", tree).verdict


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- run: npm publish --provenance --access public", "pass"),
        ("- run: npm publish --provenance=true", "pass"),
        ("- run: npm publish", "fail"),
        ("- run: npm publish --no-provenance", "fail"),
        ("- run: npm publish --provenance=false", "fail"),
        ("- run: NPM_CONFIG_PROVENANCE=true npm publish", "pass"),
        ("- run: |\n    export NPM_CONFIG_PROVENANCE=true\n    npm publish", "pass"),
        ("- run: NPM_CONFIG_PROVENANCE=false npm publish", "fail"),
        ("- run: npm publish --provenance || true", "fail"),
        ("- run: npm publish --provenance --dry-run", "fail"),
        ("- run: echo npm publish --provenance && npm publish", "fail"),
        ("- run: npm stage publish --provenance", "pass"),
        ("- run: npm stage publish", "fail"),
        ("- run: npm stage approve 8", "unknown"),
        ("- run: pnpm publish --no-git-checks --provenance", "pass"),
        ("- run: pnpm publish --no-git-checks", "fail"),
        ("- run: pnpm -r publish --provenance", "pass"),
        ("- run: pnpm -r publish", "unknown"),
        ("- run: npm publish --workspaces", "unknown"),
        ("- run: yarn npm publish --provenance", "pass"),
        ("- run: yarn publish --provenance", "fail"),
        ("- run: npx changeset publish", "unknown"),
        ("- run: NPM_CONFIG_PROVENANCE=true npx changeset publish", "pass"),
        ("- run: npm publish ./dist", "unknown"),
        ("- run: |\n    npm publish --provenance\n    npm publish ./tools", "unknown"),
        ("- run: |\n    npm publish --provenance\n    npm publish --tag next", "fail"),
    ],
)
def test_with_a_token(step: str, expected: str) -> None:
    assert signed(step + TOKEN) == expected


def test_a_package_that_is_staged_is_packed_with_its_scripts_and_attested_by_its_identity() -> None:
    scripts = {"package.json": '{"name": "shop", "scripts": {"prepublishOnly": "vitest run"}}'}
    assert signed("- run: npm stage publish") == "pass"
    tree = {**repository_of(workflow(release=job("- run: npm stage publish"))), **scripts}
    assert judge("tests-gate-release", tree).verdict == "pass"
    assert judge("tests-gate-release", {**tree, **PLAIN}).verdict == "fail"


def test_the_package_may_ask_for_it() -> None:
    assert signed("- run: npm publish" + TOKEN, files=ASKS) == "pass"
    assert signed("- run: npm publish --no-provenance" + TOKEN, files=ASKS) == "fail"
    assert signed("- run: npm publish ./ui" + TOKEN, files={"ui/package.json": ASKS["package.json"], **PLAIN}) == "pass"
    assert signed("- run: npm publish ./ui" + TOKEN, files={"ui/package.json": PLAIN["package.json"], **ASKS}) == "fail"
    assert (
        signed("- run: npm stage publish ui/" + TOKEN, files={"ui/package.json": PLAIN["package.json"], **ASKS})
        == "fail"
    )
    refused = {"package.json": ASKS["package.json"].replace("true", "false")}
    assert signed("- run: NPM_CONFIG_PROVENANCE=true npm publish" + TOKEN, files=refused) == "fail"


def test_settings_of_the_repository_may_ask_for_it() -> None:
    assert signed("- run: npm publish" + TOKEN, files={**PLAIN, ".npmrc": "provenance=true\n"}) == "pass"
    assert signed("- run: npm publish" + TOKEN, files={**PLAIN, ".npmrc": "# provenance=true\n"}) == "fail"
    assert (
        signed("- run: yarn npm publish" + TOKEN, files={**PLAIN, ".yarnrc.yml": "npmPublishProvenance: true\n"})
        == "pass"
    )
    assert signed("- run: yarn npm publish" + TOKEN, files={**PLAIN, ".npmrc": "provenance=true\n"}) == "fail"


ASKED_BY_SETTINGS = {**PLAIN, ".npmrc": "provenance=true\n"}
CHANGED = {
    "a key of the package": (ASKS, "npm pkg set publishConfig.provenance=false", "unknown"),
    "the key that asks for it": (ASKS, "npm pkg delete publishConfig", "unknown"),
    "another key": (ASKS, "npm pkg delete scripts.prepare", "pass"),
    "a line of the package": (ASKS, "sed -i '/provenance/d' package.json", "unknown"),
    "the package as a whole": (ASKS, "cp package.release.json package.json", "unknown"),
    "the package by jq": (ASKS, "jq 'del(.publishConfig)' package.json > p.json && mv p.json package.json", "unknown"),
    "the package by a program": (
        ASKS,
        "node -e \"require('fs').writeFileSync('package.json', JSON.stringify({name: 'shop'}))\"",
        "unknown",
    ),
    "its version": (ASKS, "npm version 1.2.3 --no-git-tag-version", "pass"),
    "its version by jq": (ASKS, "jq '.version = \"1.2.3\"' package.json > p.json && mv p.json package.json", "pass"),
    "its version by sed": (ASKS, 'sed -i \'s/"version": ".*"/"version": "1.2.3"/\' package.json', "pass"),
    "the settings": (ASKED_BY_SETTINGS, "echo '//registry.npmjs.org/:_authToken=x' > .npmrc", "unknown"),
    "a line more in the settings": (ASKED_BY_SETTINGS, "echo '//registry.npmjs.org/:_authToken=x' >> .npmrc", "pass"),
    "the settings are gone": (ASKED_BY_SETTINGS, "rm .npmrc", "unknown"),
    "the settings by npm": (ASKED_BY_SETTINGS, "npm config set provenance=false --location=project", "unknown"),
    "those of the user, which are weaker": (ASKED_BY_SETTINGS, "npm config set provenance=false", "pass"),
    "those of the user, which ask for it": (PLAIN, "npm config set provenance=true", "pass"),
    "those of the user, which refuse it": (PLAIN, "npm config set provenance false", "fail"),
}


@pytest.mark.parametrize(("files", "change", "expected"), CHANGED.values(), ids=CHANGED.keys())
def test_what_asks_for_it_may_be_changed_on_the_way(files: dict[str, str], change: str, expected: str) -> None:
    assert signed(f"- run: |\n    {change}\n- run: npm publish{TOKEN}", files=files) == expected


def test_an_attestation_may_be_brought_along() -> None:
    """npm uploads it only if it is signed, and about the very package."""
    for option in ("--provenance-file=shop.sigstore", "--provenance-file shop.sigstore"):
        for package in ("", "shop.tgz "):
            step = f"- run: npm publish {package}{option}" + TOKEN
            assert signed(step, permissions="{contents: write}") == "pass"
    assert signed(f"- run: npm publish --provenance-file=a.json --registry {GITHUBS}" + TOKEN) == "unknown"


def test_an_identity_is_needed() -> None:
    for step in ("- run: npm publish --provenance", "- run: npm publish"):
        assert signed(step + TOKEN, permissions="{contents: write}") == "fail"
    assert signed("- run: npm publish", permissions="{contents: write}") == "fail"


def test_trusted_publishing_attests_by_itself() -> None:
    assert signed("- run: npm publish --access public") == "pass"
    assert signed("- run: npm publish --no-provenance") == "fail"
    login = "- run: echo '//registry.npmjs.org/:_authToken=${{ secrets.NPM_TOKEN }}' > ~/.npmrc\n"
    assert signed(login + "- run: npm publish") == "fail"
    assert signed("- run: yarn npm publish") == "unknown"
    own_token = "\n  env: {NODE_AUTH_TOKEN: '${{ secrets.GITHUB_TOKEN }}'}"
    assert signed("- run: npm publish" + own_token) == "fail"
    assert signed("- run: npm publish --registry https://npm.pkg.github.com") == "fail"
    own = "- run: gh api user\n  env: {GITHUB_TOKEN: '${{ secrets.GITHUB_TOKEN }}'}\n"
    assert signed(own + "- run: npm publish") == "pass"  # which no registry of npm's takes
    vault = "- uses: hashicorp/vault-action@v3\n  with: {url: '${{ secrets.VAULT_URL }}'}\n"
    assert signed(vault + "- run: npm publish") == "unknown"  # what the vault has given it may be a token, or not
    assert signed(vault + "- run: npm publish" + TOKEN) == "fail"
    assert signed(vault + "- run: npm publish", permissions="{contents: write}") == "fail"
    elsewhere = {"package.json": '{"publishConfig": {"registry": "https://npm.pkg.github.com"}}'}
    assert signed("- run: npm publish", files=elsewhere) == "fail"


GITHUBS = "https://npm.pkg.github.com"
REFUSES = '{"name": "@acme/tool", "publishConfig": {"provenance": false}}'
OF_PACKAGES = {
    "package.json": '{"private": true, "workspaces": ["packages/*"]}',
    "packages/a/package.json": '{"name": "a"}',
}
OF_PNPMS = {**OF_PACKAGES, "package.json": '{"private": true}', "pnpm-workspace.yaml": "packages: [packages/*]\n"}
ASKING_ONE = {"packages/b/package.json": '{"name": "b", "publishConfig": {"provenance": true}}'}
BY_IDENTITY = {
    "pnpm": ("pnpm publish --no-git-checks", PLAIN, "pass"),
    "pnpm that is told not to": ("pnpm publish --no-provenance", PLAIN, "fail"),
    "pnpm for another registry": (f"pnpm publish --registry {GITHUBS}", PLAIN, "fail"),
    "pnpm in one request, which takes no identity": ("pnpm -r publish --batch", OF_PNPMS, "unknown"),
    "packages of pnpm": ("pnpm -r publish --access=public", OF_PNPMS, "pass"),
    "packages of which one asks for it": ("pnpm -r publish", {**OF_PNPMS, **ASKING_ONE}, "pass"),
    "packages of which one refuses": ("pnpm -r publish", {**OF_PNPMS, "packages/b/package.json": REFUSES}, "fail"),
    "packages that nobody knows": ("pnpm -r publish", PLAIN, "unknown"),
    "changesets by npm": ("npx changeset publish", OF_PACKAGES, "pass"),
    "changesets by pnpm": ("pnpm changeset publish", OF_PNPMS, "pass"),
    "changesets by yarn": ("yarn changeset publish", {**OF_PACKAGES, "yarn.lock": ""}, "unknown"),
    "lerna": ("npx lerna publish", OF_PACKAGES, "unknown"),
    "bun": ("bun publish", PLAIN, "fail"),
    "a package that is made in the run": ("npm publish ./dist", PLAIN, "pass"),
    "one that pnpm publishes": ("cd dist && pnpm publish", PLAIN, "pass"),
    "one whose origin refuses": ("npm publish ./dist", {"package.json": REFUSES}, "unknown"),
    "one whose origin goes elsewhere": (
        "npm publish ./dist",
        {"package.json": '{"publishConfig": {"@acme:registry": "https://npm.pkg.github.com"}}'},
        "unknown",
    ),
    "one whose scope may go elsewhere": (
        "npm publish ./dist",
        {**PLAIN, ".npmrc": f"@acme:registry={GITHUBS}\n"},
        "unknown",
    ),
}


@pytest.mark.parametrize(("command", "files", "expected"), BY_IDENTITY.values(), ids=BY_IDENTITY.keys())
def test_what_can_publish_by_an_identity_attests_by_itself(command: str, files: dict[str, str], expected: str) -> None:
    assert signed(f"- run: {command}", files=files) == expected


SCOPED = {"package.json": '{"name": "@acme/shop"}'}
SETUP = "- uses: actions/setup-node@v4\n  with: {registry-url: '%s'}\n- run: npm publish"
ELSEWHERE = {
    "an option for the scope": (f"- run: npm publish --@acme:registry={GITHUBS}", SCOPED, "fail"),
    "the environment": (f"- run: npm publish\n  env: {{NPM_CONFIG_REGISTRY: '{GITHUBS}'}}", PLAIN, "fail"),
    "a variable of the script": (f"- run: npm_config_registry={GITHUBS} npm publish", PLAIN, "fail"),
    "settings": ("- run: npm publish", {**PLAIN, ".npmrc": f"registry={GITHUBS}\n"}, "fail"),
    "settings for the scope": ("- run: npm publish", {**SCOPED, ".npmrc": f"@acme:registry = {GITHUBS}\n"}, "fail"),
    "settings for another scope": ("- run: npm publish", {**SCOPED, ".npmrc": f"@tools:registry={GITHUBS}\n"}, "pass"),
    "the action that sets node up": (SETUP % GITHUBS, PLAIN, "fail"),
    "the action, for npm's own": (SETUP % "https://registry.npmjs.org", PLAIN, "pass"),
    "the option beats the action": (
        (SETUP % GITHUBS) + " --registry https://registry.npmjs.org",
        PLAIN,
        "pass",
    ),
    "settings that a step makes": (f"- run: npm config set registry {GITHUBS}\n- run: npm publish", PLAIN, "fail"),
    "settings that a step writes": (
        f"- run: echo '@acme:registry={GITHUBS}' >> ~/.npmrc && npm publish",
        SCOPED,
        "unknown",
    ),
}


@pytest.mark.parametrize(("step", "files", "expected"), ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_no_other_registry_takes_an_identity(step: str, files: dict[str, str], expected: str) -> None:
    assert signed(step, files=files) == expected


def test_an_action_that_publishes() -> None:
    use = "- uses: JS-DevTools/npm-publish@v4\n  with: {token: '${{ secrets.NPM_TOKEN }}'%s}"
    assert signed(use % "") == "fail"
    assert signed(use % ", provenance: true") == "pass"
    assert (
        signed(use % ", package: ui/package.json", files={"ui/package.json": ASKS["package.json"], **PLAIN}) == "pass"
    )
    assert signed("- uses: JS-DevTools/npm-publish@v4") == "pass"


ROOT = '{"private": true, "workspaces": ["packages/*"]}'
ASKING = '{"name": "@acme/%s", "publishConfig": {"access": "public", "provenance": true}}'
MEMBERS = {"package.json": ROOT, **{f"packages/{name}/package.json": ASKING % name for name in ("shop", "cart")}}
OF_PNPM = {**MEMBERS, "package.json": '{"private": true}', "pnpm-workspace.yaml": "packages: [packages/*]\n"}
SILENT = '{"name": "@acme/tool"}'
WORKSPACES = {
    "each package asks": (MEMBERS, "npm publish --workspaces", "pass"),
    "each asks, for changesets": (MEMBERS, "npx changeset publish", "pass"),
    "each asks, for pnpm": (OF_PNPM, "pnpm -r publish", "pass"),
    "each asks, for changesets and pnpm": (OF_PNPM, "pnpm changeset publish", "pass"),
    "the only one that does not is private": (
        {**MEMBERS, "packages/tool/package.json": '{"name": "@acme/tool", "private": true}'},
        "npx changeset publish",
        "pass",
    ),
    "one does not ask": ({**MEMBERS, "packages/tool/package.json": SILENT}, "npx changeset publish", "unknown"),
    "none asks": (
        {"package.json": ROOT, "packages/shop/package.json": SILENT},
        "npx changeset publish",
        "fail",
    ),
    "the root is published, too": (
        {**MEMBERS, "package.json": ROOT.replace("true", "false")},
        "pnpm -r publish",
        "unknown",
    ),
    "one goes elsewhere": (
        {**MEMBERS, "packages/tool/package.json": (ASKING % "tool").replace("true", f'true, "registry": "{GITHUBS}"')},
        "npx changeset publish",
        "unknown",
    ),
    "one refuses what the environment asks for": (
        {**MEMBERS, "packages/tool/package.json": (ASKING % "tool").replace("true", "false")},
        "NPM_CONFIG_PROVENANCE=true npm publish --workspaces",
        "fail",
    ),
    "one refuses what the command asks for": (
        {**MEMBERS, "packages/tool/package.json": (ASKING % "tool").replace("true", "false")},
        "npm publish --workspaces --provenance",
        "pass",
    ),
    "one that refuses is not published": (
        {**MEMBERS, "packages/tool/package.json": (ASKING % "tool").replace("true", "false")},
        "NPM_CONFIG_PROVENANCE=true npm publish -w @acme/shop -w @acme/cart",
        "pass",
    ),
    "a package is written in the run": (
        MEMBERS,
        "echo '{}' > packages/shop/package.json && npx changeset publish",
        "unknown",
    ),
    "the root speaks for itself alone": (
        {
            **MEMBERS,
            "package.json": MEMBERS["package.json"].replace("{", '{"publishConfig": {"provenance": true}, ', 1),
            "packages/shop/package.json": '{"name": "@acme/shop"}',
        },
        "npx changeset publish",
        "unknown",
    ),
    "a package without a workspace": (ASKS, "npx changeset publish", "pass"),
    "they are no workspace": ({**MEMBERS, "package.json": '{"private": true}'}, "npx changeset publish", "unknown"),
}


@pytest.mark.parametrize(("files", "command", "expected"), WORKSPACES.values(), ids=WORKSPACES.keys())
def test_packages_of_a_workspace_ask_each_by_itself(files: dict[str, str], command: str, expected: str) -> None:
    assert signed(f"- run: {command}" + TOKEN, files=files) == expected


def test_a_workspace_that_asks_needs_an_identity_all_the_same() -> None:
    step = "- run: npx changeset publish" + TOKEN
    assert signed(step, files=MEMBERS, permissions="{contents: write}") == "fail"


def test_changesets() -> None:
    use = "- uses: changesets/action@v1\n  with: {publish: %s}\n  env: {NPM_TOKEN: '${{ secrets.NPM_TOKEN }}'%s}"
    assert signed(use % ("npx changeset publish", ", NPM_CONFIG_PROVENANCE: true")) == "pass"
    assert signed(use % ("npx changeset publish", "")) == "unknown"
    assert signed(use % ("npm publish", "")) == "fail"
    assert signed("- uses: changesets/action@v1") == "fail"  # it only proposes versions: nothing is released


NPM_ALONE = "plugins: ['@semantic-release/npm']\n"
EXEC = (
    "plugins:\n  - - '@semantic-release/exec'\n    - publishCmd: npm publish --provenance --tag v${nextRelease.type}\n"
)
RELEASES = {
    "the defaults": ("branches: [main]\n", "fail"),
    "npm's plugin alone": (NPM_ALONE, "fail"),
    "it publishes nothing to npm": (
        "plugins: [['@semantic-release/npm', {npmPublish: false}], '@semantic-release/github']\n",
        "unknown",
    ),
    "a release of GitLab's besides": (
        "plugins: ['@semantic-release/npm', ['@semantic-release/gitlab', {assets: [{path: README.md, label: a}]}]]\n",
        "fail",
    ),
    "a plugin that nobody knows": ("plugins: ['@semantic-release/npm', acme-release]\n", "unknown"),
    "a configuration elsewhere": ("extends: acme-release-config\n", "unknown"),
    "commands of its own": (EXEC, "pass"),
}
SEMANTIC = "- run: npx semantic-release\n  env: {NPM_TOKEN: '${{ secrets.NPM_TOKEN }}'}"


@pytest.mark.parametrize(("configuration", "expected"), RELEASES.values(), ids=RELEASES.keys())
def test_semantic_release(configuration: str, expected: str) -> None:
    assert signed(SEMANTIC, files={**PLAIN, ".releaserc": configuration}) == expected


def test_semantic_release_may_be_asked_from_outside() -> None:
    asked = SEMANTIC.replace("{NPM_TOKEN", "{NPM_CONFIG_PROVENANCE: true, NPM_TOKEN")
    assert signed(asked) == "pass"
    assert signed(asked, files={**PLAIN, ".releaserc.json": '{"plugins": ["@semantic-release/npm"]}'}) == "pass"
    assert signed(SEMANTIC, files={"package.json": '{"private": true, "release": {"plugins": []}}'}) == "fail"


def test_semantic_release_by_a_configuration_that_is_written_in_the_run() -> None:
    change = "- run: cp other.yaml .releaserc\n"
    assert signed(change + SEMANTIC, files={**PLAIN, ".releaserc": EXEC}) == "unknown"


def test_an_action_that_runs_semantic_release() -> None:
    use = "- uses: cycjimmy/semantic-release-action@v6\n  env: {NPM_TOKEN: '${{ secrets.NPM_TOKEN }}'}"
    assert signed(use, files={**PLAIN, ".releaserc": NPM_ALONE}) == "fail"
    assert signed(use, files={**ASKS, ".releaserc": NPM_ALONE}) == "pass"


EXPORTS = {
    "a module": (
        "release.config.js",
        "module.exports = {\n  plugins: ['@semantic-release/npm'], // ours\n};\n",
        "fail",
    ),
    "a module of the new kind": (
        "release.config.mjs",
        "export default { plugins: ['@semantic-release/npm'] }\n",
        "fail",
    ),
    "one that speaks strictly": (".releaserc.cjs", "'use strict';\nmodule.exports = { 'plugins': [] }\n", "fail"),
    "one with types": (
        "release.config.ts",
        "export default {\n  /* of the\n  team */ plugins: [['@semantic-release/npm', { npmPublish: true }]],\n"
        "} satisfies Options;\n",
        "fail",
    ),
    "one without spaces": ("release.config.js", "module.exports={plugins:['./sign']}\n", "unknown"),
    "nothing of its own": ("release.config.js", "module.exports = {}\n", "fail"),
    "a variable": ("release.config.js", "module.exports = { plugins: plugins }\n", "unknown"),
    "a variable by its name": ("release.config.js", "module.exports = { plugins }\n", "unknown"),
    "a call": ("release.config.js", "module.exports = { plugins: [require('./sign')] }\n", "unknown"),
    "a text that is put together": ("release.config.js", "module.exports = { plugins: [`${x}`] }\n", "unknown"),
    "all of another one": ("release.config.js", "module.exports = { ...base, plugins: [] }\n", "unknown"),
    "a choice": ("release.config.js", "module.exports = { plugins: CI ? [] : ['./sign'] }\n", "unknown"),
    "a statement before": ("release.config.js", "const a = 1\nmodule.exports = { plugins: [] }\n", "unknown"),
    "a statement after": ("release.config.js", "module.exports = { a: 1 }\nmodule.exports.plugins = [{}]\n", "unknown"),
    "a function": ("release.config.js", "module.exports = () => ({ plugins: [] })\n", "unknown"),
    "a comment in a text": ("release.config.js", "module.exports = { plugins: ['//x', './sign'] }\n", "unknown"),
}


@pytest.mark.parametrize(("path", "text", "expected"), EXPORTS.values(), ids=EXPORTS.keys())
def test_a_configuration_of_semantic_release_that_is_exported(path: str, text: str, expected: str) -> None:
    assert signed(SEMANTIC, files={**PLAIN, path: text}) == expected


def test_a_tag_of_a_version_that_is_published_already_releases_nothing() -> None:
    release = workflow(release=job("- run: npm publish --provenance"))
    by_hand = "- run: npm {} shop@${{{{ inputs.version }}}}\n  env: {{NODE_AUTH_TOKEN: '${{{{ secrets.NPM_TOKEN }}}}'}}"

    def verdict(command: str) -> str:
        others = {".github/workflows/tag.yml": workflow("workflow_dispatch", tag=job(by_hand.format(command)))}
        return judge("build-signed", {**repository_of(release), **PLAIN, **others}).verdict

    assert verdict("dist-tag add") == "pass"
    assert verdict("publish") != "pass"


PUBLISHED = workflow(release=job("- run: npm publish --provenance"))
TOLD = workflow(tell=job('- run: gh release create "$GITHUB_REF_NAME" --generate-notes'))


@pytest.mark.parametrize(
    ("check", "told", "expected"),
    [
        ("build-signed", TOLD, "pass"),
        ("sbom-generated", TOLD, "fail"),
        ("tests-gate-release", TOLD.replace("steps:", "steps:\n      - run: npm test"), "fail"),
        ("build-signed", TOLD.replace("--generate", "shop.zip --generate"), "fail"),
        ("build-signed", TOLD.replace("gh release", "docker push ghcr.io/acme/shop; gh release"), "fail"),
        ("build-signed", TOLD.replace("gh release", "./more; gh release"), "unknown"),
    ],
)
def test_a_release_without_files_only_tells_of_the_package(check: str, told: str, expected: str) -> None:
    files = {**repository_of(PUBLISHED), ".github/workflows/told.yml": told, **PLAIN}
    assert judge(check, files).verdict == expected


def test_a_release_without_files_may_tell_of_an_image() -> None:
    image = workflow("{push: {branches: [main]}}", build=job(PUSH))
    files = {**repository_of(PUBLISHED), ".github/workflows/told.yml": TOLD, **PLAIN}
    assert judge("build-signed", {**files, ".github/workflows/image.yml": image}).verdict != "pass"


def test_what_no_run_of_a_release_does_makes_no_image_that_a_release_tells_of() -> None:
    assets = workflow("{push: {branches: [main]}}", assets=job("- run: acme make all", permissions="{contents: write}"))
    files = {**repository_of(PUBLISHED), ".github/workflows/told.yml": TOLD, **PLAIN}
    assert judge("build-signed", {**files, ".github/workflows/a.yml": assets.replace("release", "x")}).verdict == "pass"
    assert judge("build-signed", {**files, ".github/workflows/a.yml": assets}).verdict == "unknown"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("await exec.exec('yarn', ['run', 'build']);\nawait exec.exec('npm', ['publish', '--provenance']);", "pass"),
        ("// with provenance\n\nawait exec.exec('npm', ['publish', '--provenance',])", "pass"),
        ("await exec.exec('npm', ['publish', '--no-provenance']);", "fail"),
        ("await exec.exec('npm', ['publish', '--provenance'], {ignoreReturnCode: true});", "unknown"),
        ("await exec.exec('npm', ['publish', ...more]);", "unknown"),
        ("exec.exec('npm', ['publish', '--provenance']);", "unknown"),
        ("if (process.env.A) await exec.exec('npm', ['publish', '--provenance']);", "unknown"),
    ],
)
def test_a_script_that_only_runs_programs_is_followed(script: str, expected: str) -> None:
    step = f"- uses: actions/github-script@v9\n  with:\n    script: |\n{indent(script, '      ')}"
    assert signed(step, files={"package.json": '{"name": "shop", "scripts": {"build": "tsc"}}'}) == expected
