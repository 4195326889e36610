"""Scripts of `actions/github-script`: what only asks, comments and tells neither releases nor proves anything."""

from __future__ import annotations

from textwrap import indent

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

ASKING = [
    "return context.repo.repo.toLowerCase()",
    "await github.rest.issues.createComment({issue_number: 1, body: 'released', ...context.repo})",
    "const all = await github.paginate(github.rest.repos.listReleases, context.repo); core.setOutput('n', all.length)",
    "const fs = require('fs'); core.info(fs.readFileSync('CHANGELOG.md', 'utf8'))",
    "const https = require('https'); https.get(url, answer => hash.update(answer))",
    "await github.pulls.createReview({event: 'APPROVE', ...context.repo})",
    "await github.graphql(`query { viewer { login } }`)",
    "// see https://github.com/acme/shop\ncore.notice('.github/workflows/release.yml')",
]
DOING = [
    "await github.rest.repos.createRelease({tag_name: 'v1', ...context.repo})",
    "await github.rest.repos.uploadReleaseAsset({name: 'shop', data})",
    "await github.rest.actions.createWorkflowDispatch({workflow_id: 'deploy.yml'})",
    "await github.rest.pulls.merge({pull_number: 1})",
    "const api = github.rest; await api.repos.createRelease({})",
    "await github['rest'].repos.createRelease({})",
    "await github.request('POST /repos/acme/shop/releases')",
    "await github.graphql(`mutation { createRef }`)",
    "await exec.exec('cosign', ['sign'])",
    "await require('./tools/release.js')({github, context})",
    "const run = require('child_process'); run.execSync('make')",
    "await (await fetch('https://deploy.acme.example', {method: 'POST'}))",
    "const https = require('https'); https.request({method: 'POST'}).end()",
    "core.exportVariable('NPM_CONFIG_PROVENANCE', 'true')",
    "require('fs').writeFileSync('.npmrc', 'provenance=true'); const fs = require('fs'); fs.writeFileSync('a', 'b')",
]


def scripted(script: str) -> str:
    return f"- uses: actions/github-script@v9\n  with:\n    script: |\n{indent(script, ' ' * 6)}\n"


@pytest.mark.parametrize("script", ASKING)
def test_a_script_that_only_asks_stands_in_nobodys_way(script: str) -> None:
    assert judge("build-signed", released_by(PUSH, SIGN, scripted(script), SHIP)).verdict == "pass"
    assert judge("sbom-generated", released_by(PUSH, SHIP, scripted(script))).verdict == "fail"


@pytest.mark.parametrize("script", DOING)
def test_a_script_that_may_do_more_is_not_followed(script: str) -> None:
    assert judge("build-signed", released_by(PUSH, scripted(script), SHIP)).verdict in {"unknown", "fail"}
    assert judge("build-signed", released_by(PUSH, SIGN, SHIP, scripted(script))).verdict == "unknown"
