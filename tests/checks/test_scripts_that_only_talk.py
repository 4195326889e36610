"""Steps in JavaScript and PowerShell between a signature and a release: those that only talk, and all others."""

from __future__ import annotations

import time
from textwrap import indent

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge


def javascript(script: str) -> str:
    return f"- uses: actions/github-script@v8\n  with:\n    script: |\n{indent(script, '      ')}\n"


def powershell(script: str) -> str:
    return f"- shell: pwsh\n  run: |\n{indent(script, '    ')}\n"


def verdict(*steps: str) -> str:
    return judge("build-signed", released_by(*steps)).verdict


COMMENT = "await github.rest.issues.createComment({...context.repo, issue_number: 1, body: `out: ${process.env.TAG}`})"
ASKS = [
    "// github.rest.repos.createRelease would release it here\ncore.info('no')",
    "return context.repo.repo.toLowerCase()",
    "await github.rest.issues.createComment({issue_number: 1, body: 'released', ...context.repo})",
    "const all = await github.paginate(github.rest.repos.listReleases, context.repo); core.setOutput('n', all.length)",
    "const fs = require('fs'); core.info(fs.readFileSync('CHANGELOG.md', 'utf8'))",
    "var fs = require('fs'); core.info(fs.existsSync('CHANGELOG.md'))",
    "core.info(`could not fetch reviews (${context.sha}): no process or global exec today`)",
    "await github.rest.git.deleteRef({ref: `heads/${branch}`, ...context.repo})",
    "const https = require('https'); https.get(url, answer => hash.update(answer))",
    "await github.pulls.createReview({event: 'APPROVE', ...context.repo})",
    "await github.graphql(`query { viewer { login } }`)",
    "// see https://github.com/acme/shop\ncore.notice('.github/workflows/release.yml')",
]
DOES = [
    "await arguments[0].rest.repos.createRelease({})",
    "await github.paginate('POST /repos/acme/shop/releases', {})",
    "await github.graphql(process.env.QUERY)",
    "const query = 'muta' + 'tion { createRef }'; await github.graphql(query)",
    "await github.graphql('query { viewer { login } }' + core.getInput('more'))",
    "await github.graphql(`query { viewer } ${more}`)",
    "await __original_require__('child_process').execSync('make')",
    "core['constr' + 'uctor']['constr' + 'uctor']('return pro' + 'cess')()",
    "const name = 'constructor'.slice(0); core[name][name]('code')()",
    "/*\n// */ github.rest.repos.createRelease({})",
    "core.info(`\n// ${github.rest.repos.createRelease({})}\n`)",
    "const text = 'a\\\n// '; github.rest.repos.createRelease({})",
    "await github.rest.repos.createRelease({tag_name: 'v1', ...context.repo})",
    "await github.rest.repos.uploadReleaseAsset({name: 'shop', data})",
    "await github.rest.actions.createWorkflowDispatch({workflow_id: 'deploy.yml'})",
    "await github.rest.pulls.merge({pull_number: 1})",
    "const api = github.rest; await api.repos.createRelease({})",
    "await github['rest'].repos.createRelease({})",
    "await github.request('POST /repos/acme/shop/releases')",
    "await github.graphql(`mutation { createRef }`)",
    "await exec.exec('acme', ['sign'])",
    "await exec.exec('cosign sign x')",
    "await exec.exec('cosign', ['sign', image])",
    "await exec.exec('acme', ['sign'], {ignoreReturnCode: true})",
    "await require('./tools/release.js')({github, context})",
    "const call = fetch in {} || fetch\nawait call('https://deploy.acme.example', {method: 'POST'})",
    "const api = github // as everybody calls it\nawait api.rest.repos.createRelease({})",
    "for (const each of process of []) {}",
    "const load = import  ('./ship.js')",
    "var fs = require('fs'); fs = github; fs.rest.repos.createRelease({})",
    "var fs = require('fs'); fs.writeFileSync('.npmrc', 'provenance=true')",
    "await github.rest.git.createRef({ref: 'refs/tags/v1', ...context.repo})",
    "const run = require('child_process'); run.execSync('make')",
    "await (await fetch('https://deploy.acme.example', {method: 'POST'}))",
    "const https = require('https'); https.request({method: 'POST'}).end()",
    "core.exportVariable('NPM_CONFIG_PROVENANCE', 'true')",
    "require('fs').writeFileSync('.npmrc', 'provenance=true'); const fs = require('fs'); fs.writeFileSync('a', 'b')",
]
TALK = {
    "a comment": javascript(COMMENT),
    "pages of what is there": javascript(
        "const all = await github.paginate(github.rest.repos.listReleases, context.repo)\ncore.info(all.length)"
    ),
    "an output": javascript("core.setOutput('sha', context.sha)"),
    "a status": javascript(
        "github.rest.repos.createCommitStatus({...context.repo, sha: context.sha, state: 'success'})"
    ),
    "a word": powershell("# the end\nWrite-Host 'signed'"),
    "words with values": powershell('Write-Output "signed $env:TAG (${{ steps.push.outputs.digest }})" # all'),
    "a pause": powershell("Start-Sleep -Seconds 5\n\nGet-Date"),
}
TALK |= {each: javascript(each) for each in ASKS}
MORE = {
    "a release": javascript("await github.rest.repos.createRelease({...context.repo, tag_name: 'v1'})"),
    "a release asset": javascript("github.rest.repos.uploadReleaseAsset({data})"),
    "another run": javascript(
        "github.rest.actions.createWorkflowDispatch({...context.repo, workflow_id: 'deploy.yml'})"
    ),
    "a call that is worked out": javascript("github.rest.repos['create' + 'Release'](context.repo)"),
    "a call by another name": javascript("const api = github\napi.rest.repos.createRelease(context.repo)"),
    "a program": javascript("await exec.exec('kubectl rollout restart deployment/shop')"),
    "a module": javascript("const run = require('./scripts/ship.js')\nawait run()"),
    "a merge": javascript("await github.rest.pulls.merge({...context.repo, pull_number: 1})"),
    "a folder of programs": javascript("core.addPath('tools')"),
    "a raw request": javascript("await github.request('POST /repos/acme/shop/releases')"),
    "a program in a text": powershell('Write-Host "$(gh release create v1)"'),
    "a program behind a text": powershell("Write-Host 'now'; gh release create v1"),
    "a program of PowerShell": powershell("gh release create v1"),
    "a text that goes to a file": powershell("Write-Output 'tools' >> $env:GITHUB_PATH"),
    "a text that goes to a program": powershell("Write-Output 'y' | acme"),
    "a call of a program by its name": powershell("& 'acme' go"),
}
MORE |= {each: javascript(each) for each in DOES}


@pytest.mark.parametrize("step", TALK.values(), ids=TALK.keys())
def test_what_only_talks_leaves_a_release_as_good_as_it_was(step: str) -> None:
    assert verdict(PUSH, step, SIGN, SHIP) == "pass"
    assert verdict(PUSH, step, SHIP) == "fail"


@pytest.mark.parametrize("step", MORE.values(), ids=MORE.keys())
def test_what_may_do_more_is_unseen(step: str) -> None:
    assert verdict(PUSH, step, SIGN, SHIP) != "pass"


@pytest.mark.parametrize(
    "text", ["${{", "'", '"', "github.rest.", "\\\\u", "# ", "Write-Host '", "await exec.exec('a', [" + " " * 50_000]
)
def test_a_script_that_is_made_to_hurt_takes_no_time(text: str) -> None:
    start = time.process_time()
    for script in (javascript, powershell):
        assert verdict(PUSH, script(text * (60_000 // len(text))), SIGN, SHIP)
    assert time.process_time() - start < 5
