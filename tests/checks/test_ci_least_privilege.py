"""Which tokens may do more than their job needs, and where outsiders get hold of one."""

from __future__ import annotations

import pytest

from releasing import SHIP, TAG, job, repository_of, workflow
from trees import judge

HEAD = """
- uses: actions/checkout@v7
  with: {ref: "${{ github.event.pull_request.head.sha }}"}
"""
COMMENT = """
- run: gh pr comment "$NUMBER" --body thanks
  env: {GH_TOKEN: "${{ github.token }}", NUMBER: "${{ github.event.number }}"}
"""
READ = "{contents: read}"


def one(
    *steps: str, on: str = "push", permissions: str = READ, head: str = "", **keys: str
) -> dict[str, str | bytes | None]:
    return repository_of(workflow(on, head, build=job(*steps, permissions=permissions, **keys)))


def verdict(files: dict[str, str | bytes | None]) -> str:
    return judge("ci-least-privilege", files).verdict


PASSES = {
    "reading needs no reason": one("- uses: actions/checkout@v7\n- run: make test"),
    "no rights at all": one("- run: make anything", permissions="{}"),
    "a release writes contents": one(SHIP, permissions="{contents: write}"),
    "a release whose arguments stand in a variable": one(
        '- run: |\n    args=(v1 --generate-notes)\n    gh release create "${args[@]}"', permissions="{contents: write}"
    ),
    "a signature needs an identity, and the registry": one(
        "- run: cosign sign --yes ghcr.io/acme/shop@$D", permissions="{id-token: write, packages: write}"
    ),
    "an identity's token is asked for by hand": one(
        '- run: |\n    curl -H "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL"',
        permissions="{id-token: write}",
    ),
    "an action that trades the identity for a token": one(
        "- uses: DataDog/dd-octo-sts-action@v1\n  with: {scope: acme/shop}", permissions="{id-token: write}"
    ),
    "a wrapper around what needs it": one("- run: npx semantic-release", permissions="{contents: write}"),
    "a rehearsal that asks whether it might push": one(
        "- run: npx semantic-release --dry-run --no-ci", permissions="{contents: write}"
    ),
    "git asks, too": one("- run: git push --dry-run origin HEAD", permissions="{contents: write}"),
    "a script of GitHub's client": one(
        "- uses: actions/github-script@v9\n  with: {script: 'await github.rest.issues.createComment({})'}",
        permissions="{issues: write}",
    ),
    "used on another event only": one(
        SHIP.replace("- run", "- if: github.ref_type == 'tag'\n  run"),
        on="{push: {branches: [main], tags: ['v*']}, pull_request: null}",
        permissions="{contents: write}",
    ),
    "proposals are judged without rights": one(HEAD, on="pull_request_target", permissions=READ),
    "only the repository's own changes": one(
        HEAD,
        COMMENT,
        on="pull_request_target",
        permissions="{pull-requests: write}",
        if_="github.event.pull_request.head.repo.full_name == github.repository",
    ),
    "no fork": one(
        HEAD,
        COMMENT,
        on="pull_request_target",
        permissions="{pull-requests: write}",
        if_="'!github.event.pull_request.head.repo.fork'",
    ),
    "only runs of a push": one(
        "- uses: actions/checkout@v7\n  with: {ref: '${{ github.event.workflow_run.head_sha }}'}",
        SHIP,
        on="{workflow_run: {workflows: [ci]}}",
        permissions="{contents: write}",
        if_="github.event.workflow_run.event == 'push'",
    ),
    "only who belongs here may ask for it": one(
        "- run: gh pr checkout 1",
        COMMENT,
        on="issue_comment",
        permissions="{pull-requests: write}",
        if_="""contains(fromJSON('["OWNER", "MEMBER"]'), github.event.comment.author_association)""",
    ),
    "the base is checked out": one(
        "- uses: actions/checkout@v7", COMMENT, on="pull_request_target", permissions="{pull-requests: write}"
    ),
    "outsiders' text in a variable": one(
        "- run: echo \"$TITLE\"\n  env: {TITLE: '${{ github.event.issue.title }}'}", on="issues"
    ),
    "outsiders' text is only asked something": one(
        "- run: echo ${{ contains(github.event.issue.title, 'bug') }} ${{ github.event.issue.title == 'x' }}",
        on="issues",
    ),
    "a checkout that leaves no token behind": one(
        "- uses: taiki-e/checkout-action@v1", "- uses: actions/upload-artifact@v4.3\n  with: {path: .}"
    ),
    "the artifact is a folder, and the token is not in it": one(
        "- uses: actions/checkout@v4", "- uses: actions/upload-artifact@v4.3\n  with: {path: dist}"
    ),
}

FAILS = {
    "waiting for checks only reads how they have ended": workflow(
        "push", a=job("- uses: lewagon/wait-on-check-action@v1", permissions="{contents: write}")
    ),
    "nothing is stated": workflow("push", build="runs-on: ubuntu-24.04\nsteps:\n  - run: make\n"),
    "everything may be written": workflow(
        "push",
        "permissions: write-all\n",
        build=job("- run: make test", permissions=READ).replace(f"permissions: {READ}\n", ""),
    ),
    "for all jobs, though only one needs it": workflow(
        "push",
        "permissions: {contents: write}\n",
        test="runs-on: x\nsteps:\n  - run: pytest\n",
        ship="runs-on: x\nsteps:\n  - run: gh release create v1\n",
    ),
    "a comment is no use": workflow(
        "push", a=job("- run: |\n    # gh release create v1\n    true", permissions="{contents: write}")
    ),
    "an echo is no use": workflow("push", a=job("- run: echo gh release create v1", permissions="{contents: write}")),
    "reading a pull request is no reason to write": workflow(
        "pull_request", a=job("- run: gh pr view 1", permissions="{pull-requests: write}")
    ),
    "what only speaks of itself asks nobody": workflow(
        "push", a=job("- run: npx semantic-release --version", permissions="{contents: write}")
    ),
    "an identity that nobody asks for": workflow(
        "push", a=job("- run: docker push x/y:1", permissions="{id-token: write}")
    ),
    "the permission is at another job": workflow(
        "push", a=job(SHIP, permissions=READ), b=job("- run: pytest", permissions="{contents: write}", needs="a")
    ),
    "outsiders' files next to a token": workflow(
        "pull_request_target", a=job(HEAD, COMMENT, permissions="{pull-requests: write}")
    ),
    "outsiders' files next to a secret": workflow(
        "pull_request_target",
        a=job(HEAD, "- run: make test\n  env: {KEY: '${{ secrets.KEY }}'}", permissions=READ),
    ),
    "outsiders' files by the number of the pull request": workflow(
        "issue_comment",
        a=job(
            "- uses: actions/checkout@v7\n  with: {ref: 'refs/pull/${{ github.event.issue.number }}/merge'}",
            COMMENT,
            permissions="{pull-requests: write}",
        ),
    ),
    "outsiders' files by git": workflow(
        "pull_request_target",
        a=job(
            "- run: git fetch origin pull/${{ github.event.number }}/head",
            COMMENT,
            permissions="{pull-requests: write}",
        ),
    ),
    "outsiders' files by gh": workflow(
        "issue_comment", a=job("- run: gh pr checkout 7", COMMENT, permissions="{pull-requests: write}")
    ),
    "outsiders' files by a variable": workflow(
        "pull_request_target",
        a=job(
            "- run: git checkout \"$SHA\"\n  env: {SHA: '${{ github.event.pull_request.head.sha }}'}",
            COMMENT,
            permissions="{pull-requests: write}",
        ),
    ),
    "outsiders' files after another workflow": workflow(
        "{workflow_run: {workflows: [ci]}}",
        a=job(
            "- uses: actions/checkout@v7\n  with: {ref: '${{ github.event.workflow_run.head_branch }}'}",
            SHIP,
            permissions="{contents: write}",
        ),
    ),
    "a title in a script": workflow("issues", a=job("- run: echo '${{ github.event.issue.title }}'", permissions=READ)),
    "the name of a branch in a script": workflow(
        "pull_request", a=job("- run: echo ${{ github.head_ref }}", permissions=READ)
    ),
    "a message in a script": workflow(
        "push", a=job("- run: echo '${{ github.event.head_commit.message }}'", permissions=READ)
    ),
    "everything about the event in a script": workflow(
        "issues", a=job("- run: echo '${{ toJSON(github.event) }}'", permissions=READ)
    ),
    "a comment in a script of GitHub's client": workflow(
        "issue_comment",
        a=job(
            "- uses: actions/github-script@v9\n  with: {script: 'console.log(`${{ github.event.comment.body }}`)'}",
            permissions=READ,
        ),
    ),
    "a title by way of env": workflow(
        "issues",
        a=job("- run: echo ${{ env.TITLE }}\n  env: {TITLE: '${{ github.event.issue.title }}'}", permissions=READ),
    ),
    "a title by way of an output": workflow(
        "issues",
        a=job(
            "- id: t\n  run: echo title=$TITLE >> $GITHUB_OUTPUT\n  env: {TITLE: '${{ github.event.issue.title }}'}",
            "- run: echo ${{ steps.t.outputs.title }}",
            permissions=READ,
        ),
    ),
    "names of changed files": workflow(
        "pull_request",
        a=job(
            "- id: c\n  uses: tj-actions/changed-files@v47",
            "- run: lint ${{ steps.c.outputs.all_changed_files }}",
            permissions=READ,
        ),
    ),
    "names of changed files, as another action says them": workflow(
        "pull_request",
        a=job(
            "- id: c\n  uses: jitterbit/get-changed-files@v1",
            "- run: lint ${{ steps.c.outputs.added_modified }}",
            permissions=READ,
        ),
    ),
    "messages of commits of somebody else": workflow(
        "pull_request",
        a=job(
            "- id: c\n  uses: tim-actions/get-pr-commits@v1.3.1",
            "- run: lint '${{ steps.c.outputs.commits }}'",
            permissions=READ,
        ),
    ),
    "all secrets for another repository": workflow(
        "push", a="permissions: {contents: read}\nuses: acme/ci/.github/workflows/a.yml@v1\nsecrets: inherit\n"
    ),
    "the token in an artifact": workflow(
        "push",
        a=job(
            "- uses: actions/checkout@v4", "- uses: actions/upload-artifact@v4.3\n  with: {path: .}", permissions=READ
        ),
    ),
}

UNDECIDED = {
    "make may need it": workflow("push", a=job("- run: make publish", permissions="{id-token: write}")),
    "make may push": workflow(
        "push", a=job("- uses: actions/checkout@v7", "- run: make all", permissions="{contents: write}")
    ),
    "an action that nobody knows may need it": workflow(
        "push", a=job("- uses: acme/tool@v1", permissions="{checks: write}")
    ),
    "a workflow elsewhere says what it needs": workflow(
        "push", a="permissions: {id-token: write}\nuses: acme/ci/.github/workflows/a.yml@v1\n"
    ),
    "a label may keep outsiders out": workflow(
        "pull_request_target",
        a=job(
            HEAD,
            COMMENT,
            permissions="{pull-requests: write}",
            if_="contains(github.event.pull_request.labels.*.name, 'ok')",
        ),
    ),
    "forks too, on one of two conditions": workflow(
        "pull_request_target",
        a=job(
            HEAD,
            COMMENT,
            permissions="{pull-requests: write}",
            if_="github.event.action == 'opened' || github.event.pull_request.head.repo.full_name == github.repository",
        ),
    ),
    "reviewers of an environment may keep them out": workflow(
        "pull_request_target", a=job(HEAD, COMMENT, permissions="{pull-requests: write}", environment="review")
    ),
    "who chooses the ref only a run knows": workflow(
        "issue_comment",
        a=job(
            "- id: ask\n  uses: acme/ask@v1",
            "- uses: actions/checkout@v7\n  with: {ref: '${{ steps.ask.outputs.ref }}'}",
            COMMENT,
            permissions="{pull-requests: write}",
        ),
    ),
    "a workflow that cannot be read": "jobs: [\n",
}


@pytest.mark.parametrize("files", PASSES.values(), ids=PASSES.keys())
def test_passes_when(files: dict[str, str | bytes | None]) -> None:
    assert judge("ci-least-privilege", files).summary.endswith(("is used", "none to write"))


@pytest.mark.parametrize("text", FAILS.values(), ids=FAILS.keys())
def test_fails_when(text: str) -> None:
    assert verdict(repository_of(text)) == "fail"


@pytest.mark.parametrize("text", UNDECIDED.values(), ids=UNDECIDED.keys())
def test_is_unknown_when(text: str) -> None:
    assert verdict(repository_of(text)) == "unknown"


def test_without_workflows_the_question_does_not_arise() -> None:
    assert verdict({"README.md": "# Shop\n"}) == "not-applicable"


CALLED = """
    on:
      workflow_call:
        inputs: {title: {type: string}}
    jobs:
      ship:
        runs-on: ubuntu-24.04
        steps:
          - run: gh release create v1 --title "${{ inputs.title }}"
    """


def test_a_called_workflow_has_the_rights_of_its_caller_who_needs_them_for_it() -> None:
    call = "uses: ./.github/workflows/ship.yml\npermissions: {contents: write}\n"
    files = {".github/workflows/ship.yml": CALLED}
    assert verdict(repository_of(workflow("push", a=call), **files)) == "pass"
    more = call.replace("write}", "write, packages: write}")
    outcome = judge("ci-least-privilege", repository_of(workflow("push", a=more), **files))
    assert (outcome.verdict, outcome.evidence[0].line) == ("fail", 6)
    title = call + "with: {title: '${{ github.event.head_commit.message }}'}\n"
    assert verdict(repository_of(workflow("push", a=title), **files)) == "fail"


@pytest.mark.parametrize(
    ("asks", "expected"),
    [
        ("permissions: {contents: write}", "pass"),
        ("permissions: {contents: write, packages: write}", "fail"),
        ("permissions: write-all", "fail"),
        ("env: {A: b}", "fail"),
    ],
)
def test_what_a_called_workflow_does_not_ask_for_no_token_can_do(asks: str, expected: str) -> None:
    calls = workflow(
        "push", "permissions: {contents: write, packages: write}\n", a="uses: ./.github/workflows/ship.yml"
    )
    ship = CALLED.replace("    jobs:", f"    {asks}\n    jobs:")
    assert verdict(repository_of(calls, **{".github/workflows/ship.yml": ship})) == expected


def test_a_local_action_is_followed() -> None:
    action = """
        inputs: {title: {required: true}}
        runs:
          using: composite
          steps: [{shell: bash, run: 'echo "${{ inputs.title }}"'}]
        """
    files = {".github/actions/say/action.yml": action}
    use = "- uses: ./.github/actions/say\n  with: {title: '%s'}"
    assert (
        verdict(
            repository_of(
                workflow("issues", a=job(use % "${{ github.event.issue.number }}", permissions="{}")), **files
            )
        )
        == "pass"
    )
    outcome = judge(
        "ci-least-privilege",
        repository_of(workflow("issues", a=job(use % "${{ github.event.issue.title }}", permissions="{}")), **files),
    )
    assert outcome.verdict == "fail"
    assert outcome.evidence[0].path == ".github/actions/say/action.yml"


def test_evidence_names_the_line_of_the_script() -> None:
    step = "- run: |\n    echo one\n    echo '${{ github.event.issue.body }}'"
    outcome = judge("ci-least-privilege", one(step, on="issues"))
    assert [(each.line, each.text) for each in outcome.evidence] == [
        (10, "puts `github.event.issue.body`, which outsiders write, into a script")
    ]
    assert outcome.fix is not None
    assert "github.event.issue.body" in outcome.fix.summary


def test_evidence_names_the_line_of_the_permission() -> None:
    outcome = judge("ci-least-privilege", one("- run: pytest", permissions="\n  contents: read\n  packages: write"))
    assert [(each.line, each.text) for each in outcome.evidence] == [
        (8, "nothing in the job 'build' needs `packages: write`")
    ]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("github.event.pull_request.author_association == 'MEMBER'", "pass"),
        ('contains(fromJSON(\'["OWNER", "COLLABORATOR"]\'), github.event.pull_request.author_association)', "pass"),
        ("github.event.pull_request.author_association == 'CONTRIBUTOR'", "unknown"),
        ("github.event.pull_request.author_association != 'NONE'", "unknown"),
        ("github.event.pull_request.author_association != 'OWNER'", "fail"),
    ],
)
def test_a_contributor_is_an_outsider(condition: str, expected: str) -> None:
    head = "- uses: actions/checkout@v7\n  with: {ref: '${{ github.event.pull_request.head.sha }}'}"
    write = "- run: gh pr comment --body done\n  env: {GH_TOKEN: '${{ github.token }}'}"
    steps = (head, "- run: make", write)
    asked = job(*steps, permissions="{contents: read, pull-requests: write}", if_="${{ " + condition + " }}")
    assert judge("ci-least-privilege", repository_of(workflow("pull_request_target", a=asked))).verdict == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("gh api repos/acme/shop/statuses/$GITHUB_SHA -f state=success", "pass"),
        ('gh api --method POST "repos/$GITHUB_REPOSITORY/statuses/$GITHUB_SHA" --input status.json', "pass"),
        ("gh api repos/acme/shop/statuses/$GITHUB_SHA", "fail"),
        ("gh api repos/acme/shop/issues/1/comments -f body=done", "fail"),
        ("gh api graphql -f query=@query.graphql", "unknown"),
    ],
)
def test_who_sends_something_to_an_address_of_github_may_write_there(command: str, expected: str) -> None:
    step = f"- run: {command}\n  env: {{GH_TOKEN: '${{{{ github.token }}}}'}}"
    assert verdict(one(step, permissions="{statuses: write}")) == expected


@pytest.mark.parametrize(
    ("action", "scope", "expected"),
    [
        ("snyk/actions/node@master", "security-events", "fail"),  # another step hands in what it found
        ("aquasecurity/tfsec-action@v1", "security-events", "fail"),
        ("pmd/pmd-github-action@v2", "security-events", "fail"),
        ("psalm/psalm-github-actions@master", "checks", "fail"),
        ("Platane/snk@v3", "contents", "fail"),  # nor does one that writes files commit them
        ("cicirello/jacoco-badge-generator@v2", "contents", "fail"),
        ("tj-actions/auto-doc@v3", "contents", "fail"),
        ("dangoslen/changelog-enforcer@v3", "pull-requests", "fail"),  # it reads them
        ("dorny/paths-filter@v3", "pull-requests", "fail"),
        ("hadolint/hadolint-action@v3", "checks", "fail"),
        ("terraform-docs/gh-actions@v1", "pull-requests", "fail"),
        ("terraform-docs/gh-actions@v1", "contents", "pass"),
        ("juliangruber/approve-pull-request-action@v2", "pull-requests", "pass"),
        ("juliangruber/approve-pull-request-action@v2", "contents", "fail"),
        ("readthedocs/actions/preview@v1", "deployments", "fail"),
        ("julia-actions/cache@v2", "actions", "pass"),
        ("julia-actions/julia-docdeploy@v1", "statuses", "pass"),
        ("jessehouwing/actions-semver-checker@v2", "contents", "pass"),
        ("insightsengineering/coverage-action@v3", "contents", "pass"),
        ("preactjs/compressed-size-action@v2", "checks", "pass"),
        ("haya14busa/action-bumpr@v1", "pull-requests", "pass"),
        ("gittools/actions/gitreleasemanager/close@v3", "issues", "pass"),
        ("python-semantic-release/python-semantic-release@v10", "contents", "pass"),
        ("python-semantic-release/publish-action@v10", "contents", "pass"),
        ("rubygems/release-gem@v1", "contents", "pass"),
        ("rubygems/release-gem@v1", "id-token", "pass"),
        ("rubygems/release-gem@v1", "packages", "unknown"),
        ("dataaxiom/ghcr-cleanup-action@v1", "packages", "pass"),
        ("snok/container-retention-policy@v3", "packages", "pass"),
        ("bots-house/ghcr-delete-image-action@v1", "packages", "pass"),
        ("release-drafter/release-drafter/autolabeler@v7", "pull-requests", "pass"),
        ("AButler/upload-release-assets@v4", "contents", "pass"),
        ("alexellis/upload-assets@0.4.1", "contents", "pass"),
        ("bpsoraggi/helm-gh-pages@v1.7.2", "contents", "pass"),
        ("codfish/semantic-release-action@v4", "contents", "pass"),
        ("comnoco/create-release-action@v2", "contents", "pass"),
        ("crazy-max/ghaction-github-release@v2", "contents", "pass"),
        ("csexton/release-asset-action@v3", "contents", "pass"),
        ("eregon/publish-release@v1", "contents", "pass"),
        ("ghalactic/github-release-from-tag@v5", "contents", "pass"),
        ("go-semantic-release/action@v1", "contents", "pass"),
        ("meeDamian/github-release@v2", "contents", "pass"),
        ("release-plz/action@v0.5", "contents", "pass"),
        ("MarcoIeni/release-plz-action@v0.5", "pull-requests", "pass"),
        ("rust-build/rust-build.action@v1", "contents", "pass"),
        ("rymndhng/release-on-push-action@v0", "contents", "pass"),
        ("shogo82148/actions-upload-release-asset@v1", "contents", "pass"),
        ("skx/github-action-publish-binaries@master", "contents", "pass"),
        ("taiki-e/upload-rust-binary-action@v1", "contents", "pass"),
        ("wangyoucao577/go-release-action@v1", "contents", "pass"),
        ("xresloader/upload-to-github-release@v1", "contents", "pass"),
        ("5monkeys/cobertura-action@v14", "pull-requests", "pass"),
        ("5monkeys/cobertura-action@v14", "checks", "pass"),
        ("Zomzog/changelog-checker@v1", "checks", "pass"),
        ("umbrelladocs/action-linkspector@v1", "pull-requests", "pass"),
        ("dotenv-linter/action-dotenv-linter@v2", "checks", "pass"),
        ("FirebaseExtended/action-hosting-deploy@v0", "checks", "pass"),
        ("FirebaseExtended/action-hosting-deploy@v0", "pull-requests", "pass"),
        ("BetaHuhn/deploy-to-vercel-action@v1", "pull-requests", "pass"),
        ("deliverybot/helm@v1", "deployments", "pass"),
        ("astral-sh/attest-action@v0.0.1", "id-token", "pass"),
        ("chainguard-dev/actions/setup-gitsign@main", "id-token", "pass"),
        ("depot/use-action@v1", "id-token", "pass"),
        ("namespacelabs/nscloud-setup@v0", "id-token", "pass"),
        ("DeterminateSystems/nix-installer-action@v21", "id-token", "pass"),
        ("DeterminateSystems/magic-nix-cache-action@v13", "id-token", "pass"),
        ("grafana/shared-workflows/actions/get-vault-secrets@main", "id-token", "pass"),
        ("grafana/shared-workflows/actions/create-github-app-token@main", "id-token", "pass"),
        ("microsoft/security-devops-action@v1", "id-token", "pass"),
        ("microsoft/security-devops-action@v1", "security-events", "fail"),  # another action hands in what it finds
        ("semgrep/semgrep-action@v1", "security-events", "fail"),
        ("ossf/scorecard-action@v2", "security-events", "fail"),
        ("actions/cache/save@v4", "actions", "fail"),  # the cache has a token of its own
        ("actions/stale@v10", "actions", "pass"),
        ("actions/stale@v10", "discussions", "fail"),
        ("bobheadxi/deployments@v1", "deployments", "pass"),
        ("bobheadxi/deployments@v1", "pull-requests", "fail"),
        ("chromaui/action@v11", "pull-requests", "unknown"),  # what it is told to build is not followed
        ("CodSpeedHQ/action@v4", "pull-requests", "fail"),
        ("softprops/turnstyle@v3", "contents", "fail"),  # it looks at runs, and waits
        ("anthropics/claude-code-action@v1", "id-token", "pass"),
        ("anthropics/claude-code-action@v1", "contents", "unknown"),
        ("shogo82148/actions-upload-release-asset@v1", "packages", "fail"),
    ],
)
def test_what_actions_are_there_to_write(action: str, scope: str, expected: str) -> None:
    assert verdict(one(f"- uses: {action}", permissions=f"{{{scope}: write}}")) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [("{}", "fail"), ("{wip: false}", "fail"), ("{wip: true}", "pass"), ("{wip: '${{ vars.WIP }}'}", "pass")],
)
def test_what_an_action_writes_only_if_it_is_asked_to(given: str, expected: str) -> None:
    step = f"- uses: amannn/action-semantic-pull-request@v6\n  with: {given}"
    assert verdict(one(step, permissions="{statuses: write}")) == expected
    assert verdict(one(step, permissions="{pull-requests: write}")) == expected


@pytest.mark.parametrize(
    ("action", "scope", "idle", "asked"),
    [
        ("codecov/codecov-action@v5", "id-token", "{token: x}", "{use_oidc: true}"),
        ("codecov/test-results-action@v1", "id-token", "{token: x}", "{use_oidc: true}"),
        ("qltysh/qlty-action/coverage@v2", "id-token", "{token: x}", "{oidc: true}"),
        ("google-github-actions/auth@v3", "id-token", "{credentials_json: x}", "{workload_identity_provider: p}"),
        ("step-security/google-github-auth@v3", "id-token", "{credentials_json: x}", "{workload_identity_provider: p}"),
        ("azure/login@v2", "id-token", "{creds: x}", "{client-id: '${{ secrets.CLIENT }}'}"),
        ("aws-actions/configure-aws-credentials@v5", "id-token", "{aws-access-key-id: k}", "{role-to-assume: r}"),
        ("aws-actions/configure-aws-credentials@v5", "id-token", "{role-chaining: true}", "{role-chaining: false}"),
        ("hashicorp/vault-action@v3", "id-token", "{token: t}", "{method: jwt, role: r}"),
        ("hashicorp/vault-action@v3", "id-token", "{method: jwt, jwtPrivateKey: k}", "{method: '${{ vars.METHOD }}'}"),
        ("Infisical/secrets-action@v1", "id-token", "{client-id: a, client-secret: b}", "{identity-id: i}"),
        ("flatt-security/setup-takumi-guard-golang@v1", "id-token", "{expires-in: 60}", "{bot-id: b}"),
        ("jfrog/setup-jfrog-cli@v4", "id-token", "{version: 2.91.0}", "{oidc-provider-name: github}"),
        ("tailscale/github-action@v4", "id-token", "{oauth-secret: x}", "{audience: api.tailscale.com}"),
        ("step-security/harden-runner@v2", "id-token", "{egress-policy: audit}", "{policy: builds}"),
        ("ossf/scorecard-action@v2", "id-token", "{results_format: sarif}", "{publish_results: true}"),
        ("ossf/scorecard-action@v2", "security-events", "{results_format: sarif}", "{publish_results: true}"),
        ("zizmorcore/zizmor-action@v0.3.0", "security-events", "{advanced-security: false}", "{persona: regular}"),
        ("docker/scout-action@v1", "pull-requests", "{write-comment: false}", "{command: cves}"),
        ("softprops/action-gh-release@v3", "discussions", "{files: x}", "{discussion_category_name: News}"),
        ("ncipollo/release-action@v1", "discussions", "{artifacts: x}", "{discussionCategory: News}"),
        ("crazy-max/ghaction-github-release@v2", "discussions", "{files: x}", "{discussion_category_name: News}"),
        ("actions/stale@v10", "contents", "{days-before-stale: 60}", "{delete-branch: true}"),
        ("gradle/actions/setup-gradle@v5", "contents", "{}", "{dependency-graph: generate-and-submit}"),
        ("gradle/actions/setup-gradle@v5", "pull-requests", "{}", "{add-job-summary-as-pr-comment: on-failure}"),
        ("benchmark-action/github-action-benchmark@v1", "contents", "{}", "{auto-push: false, comment-always: true}"),
        ("salsify/action-detect-and-tag-new-version@v2", "contents", "{create-tag: false}", "{version-command: x}"),
        ("mikepenz/action-junit-report@v6", "pull-requests", "{report_paths: x}", "{comment: true}"),
        ("karancode/yamllint-github-action@v3", "pull-requests", "{yamllint_comment: 0}", "{yamllint_comment: true}"),
        ("pulumi/actions@v6", "pull-requests", "{command: preview}", "{command: preview, comment-on-pr: true}"),
        ("azure/static-web-apps-deploy@v1", "pull-requests", "{action: upload}", "{action: upload, repo_token: x}"),
        ("amondnet/vercel-action@v25", "deployments", "{vercel-token: x}", "{github-deployment: true}"),
        ("amondnet/vercel-action@v25", "pull-requests", "{github-comment: false}", "{vercel-token: x}"),
        ("nwtgck/actions-netlify@v3", "statuses", "{enable-commit-status: false}", "{publish-dir: dist}"),
        ("aquasecurity/trivy-action@v0.36.0", "contents", "{format: table}", "{format: github, github-pat: x}"),
        ("anchore/sbom-action@v0", "contents", "{path: .}", "{dependency-snapshot: true}"),
    ],
)  # fmt: skip
def test_what_an_action_writes_depends_on_its_inputs(action: str, scope: str, idle: str, asked: str) -> None:
    verdicts = [
        verdict(one(f"- uses: {action}\n  with: {given}", on="schedule", permissions=f"{{{scope}: write}}"))
        for given in (idle, asked)
    ]
    assert verdicts == ["fail", "pass"]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("{push: {tags: ['v*']}}", "pass"),
        ("{release: {types: [published]}}", "pass"),
        ("pull_request", "fail"),
        ("workflow_dispatch", "fail"),
    ],
)
def test_an_sbom_is_added_to_a_release_where_there_is_one(on: str, expected: str) -> None:
    assert verdict(one("- uses: anchore/sbom-action@v0", on=on, permissions="{contents: write}")) == expected


@pytest.mark.parametrize("workflow_of_docker", ["build", "bake"])
def test_a_builder_of_docker_signs_by_the_identity_of_who_calls_it(workflow_of_docker: str) -> None:
    call = (
        f"permissions: {{id-token: write}}\nuses: docker/github-builder/.github/workflows/{workflow_of_docker}.yml@v1\n"
    )
    assert verdict(repository_of(workflow(TAG, build=call))) == "pass"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{}", "fail"),
        ("{comment-summary-in-pr: never}", "fail"),
        ("{comment-summary-in-pr: never, config-file: .github/review.yml}", "pass"),
        ("{comment-summary-in-pr: on-failure}", "pass"),
        ("{config-file: .github/review.yml}", "pass"),  # which may ask for it
    ],
)
def test_a_review_of_dependencies_comments_only_if_it_is_asked_to(given: str, expected: str) -> None:
    step = f"- uses: actions/dependency-review-action@v5\n  with: {given}"
    assert verdict(one(step, on="pull_request", permissions="{pull-requests: write}")) == expected


@pytest.mark.parametrize(
    ("action", "scope", "given", "expected"),
    [
        ("zizmorcore/zizmor-action@v0.6.2", "security-events", "{}", "pass"),
        ("zizmorcore/zizmor-action@v0.6.2", "security-events", "{advanced-security: false}", "fail"),
        ("zizmorcore/zizmor-action@v0.6.2", "security-events", "{advanced-security: '${{ inputs.all }}'}", "pass"),
        ("anchore/sbom-action@v0.24", "contents", "{path: dist}", "pass"),
        ("anchore/sbom-action@v0.24", "contents", "{upload-release-assets: false}", "fail"),
        ("anchore/sbom-action@v0.24", "contents", "{upload-release-assets: false, dependency-snapshot: true}", "pass"),
        ("ossf/scorecard-action@v2.4.4", "id-token", "{results_format: sarif}", "fail"),
        ("ossf/scorecard-action@v2.4.4", "id-token", "{publish_results: true}", "pass"),
        ("ossf/scorecard-action@v2.4.4", "id-token", "{publish_results: \"${{ github.ref_name == 'main' }}\"}", "pass"),
    ],
)
def test_who_looks_at_what_is_there_publishes_only_if_asked_to(
    action: str, scope: str, given: str, expected: str
) -> None:
    step = f"- uses: {action}\n  with: {given}"
    found = one(
        step, on="{push: null, workflow_dispatch: {inputs: {all: {type: boolean}}}}", permissions=f"{{{scope}: write}}"
    )
    assert verdict(found) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("{push: {branches: [main]}}", "fail"),  # there it only drafts
        ("{push: {branches: [main]}, pull_request: {types: [opened]}}", "pass"),
        ("pull_request_target", "pass"),
        ("workflow_dispatch", "fail"),
    ],
)
def test_a_drafter_of_releases_labels_proposals_alone(on: str, expected: str) -> None:
    step = "- uses: release-drafter/release-drafter@v6"
    assert verdict(one(step, on=on, permissions="{contents: write, pull-requests: write}")) == expected


@pytest.mark.parametrize(("token", "expected"), [("github.token", "pass"), ("secrets.PAT", "fail")])
def test_who_cleans_up_by_a_secret_needs_no_right_of_the_token(token: str, expected: str) -> None:
    step = f"- uses: snok/container-retention-policy@v3\n  with: {{token: '${{{{ {token} }}}}'}}"
    assert verdict(one(step, permissions="{packages: write}")) == expected


APP = "- id: app\n  uses: actions/create-github-app-token@v3\n  with: {app-id: 1, private-key: '${{ secrets.KEY }}'}"
GIT = "- run: git commit -am 1.2 && git push origin HEAD:main"
URL = "https://x:${%s}@github.com/$GITHUB_REPOSITORY.git"
ADDRESS = "- run: git remote set-url origin " + URL + "\n  env: {%s: '${{ %s }}'}"


@pytest.mark.parametrize(
    ("given", "before", "expected"),
    [
        ("{}", "", "pass"),
        ("{persist-credentials: false}", "", "fail"),
        ("{persist-credentials: false}", ADDRESS % ("PAT", "PAT", "secrets.PAT"), "fail"),
        ("{persist-credentials: false}", ADDRESS % ("MINE", "MINE", "github.token"), "pass"),
        ("{persist-credentials: false}", "- run: git push https://x:${{ github.token }}@github.com/a/b", "pass"),
        ("{persist-credentials: false}", "- uses: actions/checkout@v7\n  with: {path: again}", "pass"),
        ("{persist-credentials: false}", "- uses: acme/log-git-in@v1", "unknown"),
        ("{token: '${{ secrets.PAT }}'}", "", "fail"),
        ("{token: '${{ steps.app.outputs.token }}'}", APP, "fail"),
        ("{token: '${{ github.token }}'}", "", "pass"),
        ("{token: '${{ secrets.PAT || github.token }}'}", "", "pass"),
        ("{ssh-key: '${{ secrets.DEPLOY_KEY }}'}", "", "fail"),
    ],
)  # fmt: skip
def test_git_pushes_by_the_token_that_it_has(given: str, before: str, expected: str) -> None:
    checkout = f"- uses: actions/checkout@v7\n  with: {given}"
    steps = [step for step in (before, checkout) if step]
    assert verdict(one(*steps, GIT, permissions="{contents: write}")) == expected
    action = one(*steps, "- uses: stefanzweifel/git-auto-commit-action@v7", permissions="{contents: write}")
    assert verdict(action) == ("pass" if expected == "pass" else "unknown")  # for where it pushes is not followed


@pytest.mark.parametrize("command", ["mkdocs gh-deploy --force", "mike deploy --push 1.2", "gh-pages -d site"])
def test_what_publishes_pages_pushes_by_git(command: str) -> None:
    checkout = "- uses: actions/checkout@v7\n  with: {persist-credentials: %s}"
    for kept, expected in (("true", "pass"), ("false", "fail")):
        assert verdict(one(checkout % kept, f"- run: {command}", permissions="{contents: write}")) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("acme/setup-git-credentials@v2", "pass"),  # by its name it may be harmless, and what it is for is git
        ("acme/setup-git-token@v1", "pass"),
        ("astral-sh/setup-uv@v7", "fail"),
        ("actions/setup-node@v6", "fail"),
    ],
)
def test_an_action_about_git_may_have_given_it_the_token(action: str, expected: str) -> None:
    checkout = "- uses: actions/checkout@v7\n  with: {persist-credentials: false}"
    given = f"- uses: {action}\n  with: {{github-token: '${{{{ github.token }}}}'}}"
    assert verdict(one(checkout, given, GIT, permissions="{contents: write}")) == expected


def test_without_a_checkout_nobody_knows_what_git_pushes_by() -> None:
    assert verdict(one("- run: gh repo clone acme/shop", GIT, permissions="{contents: write}")) == "pass"


@pytest.mark.parametrize("condition", ["failure()", "cancelled()", "failure() && github.ref_type == 'tag'"])
def test_what_is_written_after_a_failure_needs_the_right(condition: str) -> None:
    tell = f"- if: {condition}\n  run: gh issue create --title failed\n  env: {{GH_TOKEN: '${{{{ github.token }}}}'}}"
    assert verdict(one("- run: make test", tell, permissions="{issues: write}")) == "pass"
    assert verdict(one(tell.replace(condition, "false"), permissions="{issues: write}")) == "fail"


@pytest.mark.parametrize(("command", "expected"), [("delete 1 --confirm", "pass"), ("list", "fail")])
def test_an_extension_of_the_command_line_deletes_caches(command: str, expected: str) -> None:
    step = f"- run: gh extension install actions/gh-actions-cache\n- run: gh actions-cache {command}"
    assert verdict(one(step, permissions="{actions: write}")) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("github.event.issue.pull_request && contains(github.event.comment.body, '/format')", "fail"),
        ("startsWith(github.event.comment.body, '/format')", "fail"),
        ("github.event.comment.body == '/format'", "fail"),
        ("github.event.comment.body != '/format' && contains(github.event.issue.labels.*.name, 'safe')", "unknown"),
        ("github.event.comment.user.login == 'octocat' && contains(github.event.comment.body, '/format')", "unknown"),
        ("github.actor != 'dependabot[bot]' && startsWith(github.event.comment.body, '/format')", "fail"),
        ("contains(github.event.issue.labels.*.name, 'safe') || github.actor != 'dependabot[bot]'", "fail"),
        ("contains(github.event.issue.labels.*.name, 'safe') || github.actor == 'octocat'", "unknown"),
    ],
)
def test_words_that_anybody_can_write_keep_nobody_out(condition: str, expected: str) -> None:
    head = "- run: gh pr checkout ${{ github.event.issue.number }}\n  env: {GH_TOKEN: '${{ github.token }}'}"
    push = "- run: make format && git commit -am format && git push"
    asked = job(
        "- uses: actions/checkout@v7", head, push, permissions="{contents: write}", if_="${{ " + condition + " }}"
    )
    assert judge("ci-least-privilege", repository_of(workflow("issue_comment", a=asked))).verdict == expected


@pytest.mark.parametrize(
    ("condition", "ref", "expected"),
    [
        ("github.event.pull_request.merged", "head.sha", "pass"),
        ("github.event.pull_request.merged == true && github.event.action == 'closed'", "head.sha", "pass"),
        ("github.event.pull_request.merged", "merge_commit_sha", "pass"),
        ("github.event.pull_request.merged", "head.ref", "unknown"),
        ("github.event.pull_request.merged || github.event.action == 'labeled'", "head.sha", "unknown"),
        ("!github.event.pull_request.merged", "head.sha", "unknown"),
        ("github.event.pull_request.state == 'closed'", "head.sha", "unknown"),
    ],
)
def test_what_was_merged_is_proposed_no_more(condition: str, ref: str, expected: str) -> None:
    head = (
        "- uses: actions/checkout@v7\n  with: {ref: '${{ github.event.pull_request.%s }}', token: '${{ secrets.BOT }}'}"
    )
    back = job(head % ref, permissions=READ, if_=f'"${{{{ {condition} }}}}"')
    assert judge("ci-least-privilege", repository_of(workflow("pull_request_target", a=back))).verdict == expected


def test_the_title_of_what_was_merged_is_no_script() -> None:
    said = job("- run: echo '${{ github.event.pull_request.title }}'", if_="github.event.pull_request.merged")
    assert judge("ci-least-privilege", repository_of(workflow("pull_request_target", a=said))).verdict == "fail"


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("docker build .", "fail"),
        ("docker buildx build --load -t ghcr.io/acme/shop .", "fail"),
        ("docker buildx build --push -t ghcr.io/acme/shop .", "pass"),
        ("docker buildx build --cache-to type=registry,ref=ghcr.io/acme/shop:cache .", "pass"),
        ("docker buildx build $ARGUMENTS .", "pass"),
    ],
)
def test_a_build_that_stays_on_the_machine_needs_no_registry(build: str, expected: str) -> None:
    assert verdict(one(f"- run: {build}", permissions="{packages: write}")) == expected


@pytest.mark.parametrize(
    ("repository", "command", "expected"),
    [
        ("ghcr.io/acme/shop", "ko build ./cmd/shop", "pass"),
        ("ghcr.io/acme/shop", "ko publish --bare .", "pass"),
        ("ghcr.io/acme/shop", "ko resolve -f deploy.yaml", "pass"),
        ("'${{ vars.REPOSITORY }}'", "ko apply -f deploy.yaml", "pass"),
        ("ghcr.io/acme/shop", "ko build --local .", "fail"),
        ("ghcr.io/acme/shop", "ko build --push=false .", "fail"),
        ("ghcr.io/acme/shop", "ko login ghcr.io -u acme -p x", "fail"),
        ("docker.io/acme/shop", "ko build .", "fail"),
        ("kind.local", "ko apply -f deploy.yaml", "fail"),
    ],
)
def test_ko_pushes_to_the_repository_that_it_is_told(repository: str, command: str, expected: str) -> None:
    step = f"- run: {command}\n  env: {{KO_DOCKER_REPO: {repository}}}"
    assert verdict(one(step, permissions="{packages: write}")) == expected


IMAGE = "ghcr.io/acme/shop:1"


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ("push: true", "pass"),
        ("push: '${{ inputs.push }}'", "pass"),
        ("load: true", "fail"),
        ("push: false", "fail"),
        ("outputs: 'type=oci,dest=shop.tar'", "fail"),
        ("outputs: 'type=image,push=true'", "pass"),
        (f"cache-to: 'type=registry,ref={IMAGE}'", "pass"),
        ("cache-to: '${{ inputs.cache }}'", "pass"),
        ("cache-to: type=gha", "fail"),
    ],
)
def test_an_action_whose_build_stays_on_the_machine_needs_no_registry(inputs: str, expected: str) -> None:
    build = f"- uses: docker/build-push-action@v7\n  with: {{tags: {IMAGE}, {inputs}}}"
    assert verdict(one(build, on="workflow_dispatch", permissions="{packages: write}")) == expected


LOGIN = "- uses: docker/login-action@v4\n  with: {registry: ghcr.io, username: acme, password: '%s'}"
PIPED = "- run: echo \"$TOKEN\" | docker login ghcr.io -u acme --password-stdin\n  env: {TOKEN: '%s'}"
OTHERS, OWN = "${{ secrets.GHCR_TOKEN }}", "${{ secrets.GITHUB_TOKEN }}"


@pytest.mark.parametrize("login", [LOGIN, PIPED], ids=["action", "command"])
@pytest.mark.parametrize(
    "push",
    [
        f"- run: docker push {IMAGE}",
        f"- run: docker buildx build --push -t {IMAGE} .",
        f"- run: regctl image copy ocidir://shop {IMAGE}",
        f"- uses: docker/build-push-action@v7\n  with: {{push: true, tags: {IMAGE}}}",
    ],
)
def test_who_pushes_by_a_secret_needs_no_right_of_the_token(login: str, push: str) -> None:
    given = "{packages: write}"
    assert verdict(one(login % OTHERS, push, permissions=given)) == "fail"
    assert verdict(one(login % OWN, push, permissions=given)) == "pass"
    assert verdict(one(login % OWN, login % OTHERS, push, permissions=given)) == "pass"
    assert verdict(one(login % "${{ secrets.GHCR_TOKEN || github.token }}", push, permissions=given)) == "pass"
    elsewhere = login.replace("ghcr.io", "quay.io") % OTHERS
    assert verdict(one(elsewhere, login % OWN, push, permissions=given)) == "pass"
    assert verdict(one(elsewhere, push, permissions=given)) == "pass"


LEAVES = "- uses: actions/checkout@v4"
STORE = "- uses: actions/upload-artifact@v4.4.0\n  with: {path: %s}"


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("tar czf repo.tgz .", "repo.tgz", "fail"),
        ("tar -czf ../repo.tgz -C $GITHUB_WORKSPACE .", "../repo.tgz", "fail"),
        ("tar --zstd -cf out/repo.tar.zst ./", "out", "fail"),
        ('tar czf "$RUNNER_TEMP/repo.tgz" .', "'${{ runner.temp }}/repo.tgz'", "fail"),
        ("tar cz . > repo.tgz", "repo.tgz", "fail"),
        ("tar czf git.tgz .git", "git.tgz", "fail"),
        ("tar czf repo.tgz --exclude=node_modules .", "'*.tgz'", "fail"),
        ("zip -qr repo.zip .", "repo.zip", "fail"),
        ("zip -qr repo.zip . -x 'node_modules/*'", "repo.zip", "fail"),
        ("7z a repo.7z .", "repo.7z", "fail"),
        ("mkdir -p /tmp/a && cp -r . /tmp/a && tar czf a.tgz -C /tmp/a .", "a.tgz", "fail"),
        ("rsync -a ./ /tmp/a/; tar czf a.tgz /tmp/a", "a.tgz", "fail"),
        ("tar czf repo.tgz .; mv repo.tgz out/", "out", "fail"),
        ("tar czf repo.tgz --exclude=.git .", "repo.tgz", "pass"),
        ("tar czf repo.tgz --exclude './.git' .", "repo.tgz", "pass"),
        ("tar czf repo.tgz --exclude-vcs .", "repo.tgz", "pass"),
        ("tar czf repo.tgz *", "repo.tgz", "pass"),
        ("zip -qr repo.zip . -x '.git/*'", "repo.zip", "pass"),
        ("zip -qr repo.zip . -x '*.git*'", "repo.zip", "pass"),
        ("rsync -a --exclude .git ./ /tmp/a/; tar czf a.tgz /tmp/a", "a.tgz", "pass"),
        ("rm -rf .git; tar czf repo.tgz .", "repo.tgz", "pass"),
        ("tar czf repo.tgz src", "repo.tgz", "pass"),
        ("git archive -o repo.tgz HEAD", "repo.tgz", "pass"),
        ("tar xzf repo.tgz .", "repo.tgz", "pass"),
        ("tar czf repo.tgz .; rm repo.tgz; git archive -o repo.tgz HEAD", "repo.tgz", "pass"),
        ("tar czf repo.tgz .", "dist", "pass"),
        ("cp -r . out", "out", "pass"),
    ],
)
def test_an_archive_of_the_work_tree_takes_the_token_along(line: str, path: str, expected: str) -> None:
    pack = f"- run: {line}" if ": " not in line else f"- run: |\n    {line}"
    assert verdict(one(LEAVES, pack, STORE % path)) == expected
    assert verdict(one(LEAVES + "\n  with: {persist-credentials: false}", pack, STORE % path)) == "pass"
    assert verdict(one("- uses: actions/checkout@v7", pack, STORE % path)) == "pass"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src", "fail"),
        (".", "fail"),
        ("./src/.git", "fail"),
        ("docs", "pass"),
        ('"src\\n!src/.git"', "pass"),
        ('"src\\n!**/.git/**"', "pass"),
        ('"src\\n!**/node_modules"', "fail"),
    ],
)
def test_the_token_lies_where_the_checkout_has_laid_it(path: str, expected: str) -> None:
    store = STORE.replace("path:", "include-hidden-files: true, path:") % path
    assert verdict(one(LEAVES + "\n  with: {path: src}", store)) == expected
    copied = one(LEAVES, "- run: cp -r . src", store)
    assert verdict(copied) == expected
    assert verdict(one(LEAVES + "\n  with: {path: src}", STORE % path)) == "pass"  # hidden files are left out


NUMBER = "${{ github.event.number }}"
PROPOSED = "${{ github.event.pull_request.head.sha }}"
THEIRS = "${{ github.event.pull_request.head.repo.clone_url }}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"gh pr diff {NUMBER} | git apply", "fail"),
        (f"gh pr diff {NUMBER} | patch -p1", "fail"),
        (f"gh pr diff {NUMBER} | grep -c TODO", "pass"),
        ("curl -sSL ${{ github.event.pull_request.patch_url }} | git am", "fail"),
        ("curl -sSL ${{ github.event.pull_request.diff_url }} -o x && wc -l x", "pass"),
        (f"git restore --source={PROPOSED} .", "fail"),
        (f"git read-tree -u -m {PROPOSED}", "fail"),
        (f"git worktree add ../proposed {PROPOSED}", "fail"),
        (f"git archive {PROPOSED} | tar x", "fail"),
        (f"git remote add theirs {THEIRS} && git fetch theirs && git merge theirs/main", "unknown"),
        ("git apply ci/fix.patch", "pass"),
        ("git commit -am '${{ github.event.number }}'", "pass"),
    ],
)
def test_what_a_proposal_changes_comes_as_a_patch_too(line: str, expected: str) -> None:
    steps = ("- uses: actions/checkout@v7", f"- run: |\n    {line}", COMMENT)
    on, permissions = "pull_request_target", "{contents: read, pull-requests: write}"
    assert verdict(one(*steps, on=on, permissions=permissions)) == expected


REPOSITORY = "${{ github.event.pull_request.head.repo.full_name }}"
RAW = f"https://raw.githubusercontent.com/{REPOSITORY}/{PROPOSED}"
BUILD = "- uses: docker/build-push-action@v6\n  with: {context: '%s', push: false}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"pip install git+https://github.com/{REPOSITORY}@{PROPOSED}", "fail"),
        (f"pip install 'shop[all] @ git+https://github.com/{REPOSITORY}@{PROPOSED}'", "fail"),
        (f"uvx --from=git+https://github.com/acme/shop@refs/pull/{NUMBER}/head shop", "fail"),
        (f"npm install github:{REPOSITORY}#{PROPOSED}", "fail"),
        (f"npx {REPOSITORY}#{PROPOSED}", "fail"),
        (f"cargo install --git https://github.com/{REPOSITORY}", "fail"),
        (f"go run github.com/{REPOSITORY}/cmd@{PROPOSED}", "fail"),
        (f"docker build https://github.com/{REPOSITORY}.git#{PROPOSED}", "fail"),
        (f"nix build github:{REPOSITORY}/{PROPOSED}", "fail"),
        (f"gh repo clone {REPOSITORY} theirs", "fail"),
        (f"curl -sSL {RAW}/install.sh | bash", "unknown"),
        (f"gh api repos/{REPOSITORY}/tarball/{PROPOSED} | tar xz", "unknown"),
        (f"curl -sSL https://api.github.com/repos/acme/shop/statuses/{PROPOSED}", "pass"),
        (f"docker build --build-arg FROM=https://github.com/{REPOSITORY} --label {RAW} .", "pass"),
        (f"pip install shop=={NUMBER}", "pass"),
        (f"make REF={PROPOSED}", "pass"),
        (f"echo {RAW}", "pass"),
    ],
)
def test_what_is_installed_or_built_from_an_address_of_a_proposal(line: str, expected: str) -> None:
    steps = ("- uses: actions/checkout@v7", f"- run: |\n    {line}", COMMENT)
    permissions = "{contents: read, pull-requests: write}"
    assert verdict(one(*steps, on="pull_request_target", permissions=permissions)) == expected
    assert verdict(one(*steps[:2], on="pull_request", permissions="{contents: read}")) == "pass"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (BUILD % f"https://github.com/{REPOSITORY}.git#{PROPOSED}", "fail"),
        (BUILD % f"https://github.com/acme/shop.git#refs/pull/{NUMBER}/merge", "fail"),
        (
            BUILD.replace("push:", "build-contexts: '%s', push:") % (".", f"src=https://github.com/{REPOSITORY}.git"),
            "fail",
        ),
        (BUILD.replace("push:", "build-args: '%s', push:") % (".", f"SRC=https://github.com/{REPOSITORY}.git"), "pass"),
        (BUILD % "https://github.com/acme/shop.git#main", "pass"),
    ],
)
def test_an_image_is_built_of_a_proposal_by_its_address(step: str, expected: str) -> None:
    permissions = "{contents: read, pull-requests: write}"
    assert verdict(one(step, COMMENT, on="pull_request_target", permissions=permissions)) == expected


RELEASING = "- if: {}\n  run: gh release create v1"


@pytest.mark.parametrize(
    ("condition", "on", "expected"),
    [
        ("false", "workflow_dispatch", "fail"),
        ("${{ !true }}", "workflow_dispatch", "fail"),
        ("inputs.x", "{workflow_dispatch: {inputs: {x: {type: boolean}}}}", "pass"),
        ("inputs.x", "{push: {}, workflow_dispatch: {inputs: {x: {type: boolean}}}}", "pass"),
        ("inputs.y", "{workflow_dispatch: {inputs: {x: {type: boolean}}}}", "fail"),
        ("inputs.x == 'true'", "push", "fail"),
        ("github.event.inputs.x", "push", "fail"),
        ("github.event.inputs.x != 'false'", "push", "pass"),
    ],
)
def test_what_never_runs_uses_nothing(condition: str, on: str, expected: str) -> None:
    assert verdict(one(RELEASING.format(condition), on=on, permissions="{contents: write}")) == expected


@pytest.mark.parametrize(
    ("use", "condition", "expected"),
    [
        ("with: {ship: 'false'}", "inputs.ship == 'true'", "fail"),
        ("with: {ship: 'false'}", "always() && inputs.ship == 'true' && steps.made.outputs.file != ''", "fail"),
        ("with: {}", "inputs.ship == 'true'", "fail"),  # which is what it takes for granted
        ("with: {ship: true}", "inputs.ship == 'true'", "pass"),
        ("with: {ship: \"${{ github.event_name != 'push' }}\"}", "inputs.ship == 'true'", "pass"),
        ('with: {ship: "${{ env.SHIP }}"}', "inputs.ship == ''", "pass"),
        ('with: {ship: "${{ vars.SHIP }}"}', "inputs.ship == 'false'", "pass"),
        ("if: false", "inputs.ship != 'true'", "fail"),
        ("if: github.event_name == 'schedule'", "inputs.ship != 'true'", "pass"),
    ],
)
def test_what_an_action_of_the_repository_is_never_told_to_do_uses_nothing(
    use: str, condition: str, expected: str
) -> None:
    action = f"""
        inputs: {{ship: {{default: 'false'}}}}
        runs:
          using: composite
          steps:
            - {{id: made, shell: bash, run: 'echo "file=x" >> "$GITHUB_OUTPUT"'}}
            - {{if: "${{{{ {condition} }}}}", shell: bash, run: gh release create v1}}
        """
    caller = workflow("push", a=job(f"- uses: ./.github/actions/ship\n  {use}", permissions="{contents: write}"))
    assert verdict(repository_of(caller, **{".github/actions/ship/action.yml": action})) == expected


@pytest.mark.parametrize(
    ("condition", "on", "declared", "expected"),
    [
        ("inputs.x", "push", "{}", "fail"),
        ("inputs.x", "push", "{inputs: {x: {type: boolean}}}", "pass"),  # for which every caller has to give the right
        ("github.event.inputs.x", "push", "{inputs: {x: {type: string}}}", "fail"),
        ("github.event.inputs.x", "workflow_dispatch", "{inputs: {x: {type: string}}}", "pass"),
    ],
)
def test_a_called_workflow_gets_what_it_declares_and_the_event_of_its_caller(
    condition: str, on: str, declared: str, expected: str
) -> None:
    called = job(RELEASING.format(condition), permissions="{contents: write}")
    caller = workflow(on, a="uses: ./.github/workflows/called.yml\npermissions: {contents: write}\n")
    files = repository_of(
        caller, **{".github/workflows/called.yml": workflow(f"{{workflow_call: {declared}}}", it=called)}
    )
    assert verdict(files) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- run: gh issue create -t x -b y\n  env: {GH_TOKEN: '${{ github.token }}'}\n", "pass"),
        ("- run: gh issue create -t x -b y\n", "pass"),
        ("- run: gh issue create -t x -b y\n  env: {GH_TOKEN: '${{ secrets.BOT }}'}\n", "fail"),
        ("- run: gh issue list\n  env: {GH_TOKEN: '${{ github.token }}'}\n", "fail"),
        ("- run: ./report\n  env: {GH_TOKEN: '${{ github.token }}'}\n", "unknown"),
        ("- run: make test\n", "fail"),
    ],
)
def test_a_right_is_used_by_what_writes_with_the_job_s_token(step: str, expected: str) -> None:
    text = workflow("push", a=job(step, permissions="{issues: write}"))
    assert verdict({**repository_of(text), "Makefile": "test:\n\ttrue\n"}) == expected


def test_a_workflow_elsewhere_may_be_handed_in() -> None:
    text = workflow("push", a="permissions: {issues: write}\nuses: acme/ci/.github/workflows/a.yml@v1\n")
    fix = judge("ci-least-privilege", repository_of(text)).fix
    assert fix
    assert "--source acme/ci@v1=PATH" in fix.summary
