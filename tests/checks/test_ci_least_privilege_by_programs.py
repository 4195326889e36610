"""Rights that an action or a program is known to need, and one that a scanner does not."""

from __future__ import annotations

import pytest

from releasing import TAG, job, repository_of, workflow
from trees import judge


def verdict(permissions: str, *steps: str) -> str:
    """What is said of a job with these permissions and steps."""
    text = workflow(TAG, release=job(*steps, permissions=permissions))
    return judge("ci-least-privilege", {".github/workflows/release.yml": text}).verdict


@pytest.mark.parametrize(
    "step",
    [
        "- uses: NuGet/login@v1\n  with: {user: acme}",
        "- run: npm ci && changeset publish\n  env: {NPM_CONFIG_PROVENANCE: 'true'}",
        "- run: npx changeset publish",
        "- run: lerna publish from-package --yes",
        "- run: tejolote attest --sign --output shop.intoto.json github://acme/shop/1",
        "- uses: testifysec/witness-run-action@v1\n  with: {step: tests, command: make test}",
    ],
)
def test_an_identity_is_used_by_what_publishes_with_it(step: str) -> None:
    assert verdict("{id-token: write}", step) == "pass"


@pytest.mark.parametrize(
    ("pushed", "expected"),
    [("", "fail"), (", push-to-registry: false", "fail"), (", push-to-registry: true", "pass")],
)
def test_an_attestation_that_github_keeps_writes_no_package(pushed: str, expected: str) -> None:
    attest = (
        f"- uses: actions/attest@v4\n  with: {{subject-name: ghcr.io/acme/shop, subject-digest: 'sha256:0'{pushed}}}"
    )
    assert verdict("{id-token: write, attestations: write, packages: write}", attest) == expected


def test_who_asks_for_signatures_of_a_licence_says_so_and_starts_the_check_again() -> None:
    given = "{actions: write, contents: write, pull-requests: write, statuses: write}"
    assert verdict(given, "- uses: contributor-assistant/github-action@v2.6.1") == "pass"


@pytest.mark.parametrize(
    ("scope", "action"),
    [
        ("issues", "ldez/no-blank-issue@v1"),
        ("issues", "actions-ecosystem/action-add-labels@v1"),
        ("pull-requests", "kentaro-m/auto-assign-action@v2"),
        ("pull-requests", "release-drafter/release-drafter/autolabeler@v7"),
        ("checks", "reviewdog/action-misspell@v1"),
        ("contents", "rickstaa/action-create-tag@v1"),
        ("contents", "erlef/mix-dependency-submission@v1"),
        ("packages", "dataaxiom/ghcr-cleanup-action@v1"),
    ],
)
def test_what_does_nothing_to_a_release_may_write_other_things(scope: str, action: str) -> None:
    assert verdict(f"{{{scope}: write}}", f"- uses: {action}") == "pass"
    assert verdict("{deployments: write}", f"- uses: {action}") == "fail"


@pytest.mark.parametrize(("given", "expected"), [("{mode: minimum, add_comment: true}", "pass"), ("{}", "fail")])
def test_an_action_that_comments_only_where_it_is_asked_to(given: str, expected: str) -> None:
    step = f"- uses: mheap/github-action-required-labels@v5\n  with: {given}"
    assert verdict("{issues: write, pull-requests: write}", step) == expected


def test_a_scan_writes_no_findings_to_github_by_itself() -> None:
    scan = "- uses: anchore/scan-action@v7\n  id: scan\n  with: {image: 'ghcr.io/acme/shop:1', output-format: sarif}"
    upload = "- uses: github/codeql-action/upload-sarif@v4\n  with: {sarif_file: '${{ steps.scan.outputs.sarif }}'}"
    assert verdict("{security-events: write}", scan) == "fail"
    assert verdict("{security-events: write}", scan, upload) == "pass"


@pytest.mark.parametrize(
    ("plugins", "package", "expected"),
    [
        ('["@semantic-release/github"]', "{}", "fail"),
        ('["@semantic-release/npm", "@semantic-release/github"]', "{}", "pass"),
        ('[["@semantic-release/npm", {"npmPublish": false}], "@semantic-release/github"]', "{}", "fail"),
        ('["@semantic-release/npm"]', '{"private": true}', "fail"),
        ('["@acme/publish"]', "{}", "unknown"),
        ('[["@semantic-release/exec", {"publishCmd": "cosign sign-blob --yes a --bundle b"}]]', "{}", "pass"),
    ],
)
@pytest.mark.parametrize("step", ["- run: npx semantic-release", "- uses: cycjimmy/semantic-release-action@v4"])
def test_semantic_release_needs_an_identity_for_what_publishes(
    plugins: str, package: str, expected: str, step: str
) -> None:
    files = {
        ".github/workflows/release.yml": workflow(TAG, release=job(step, permissions="{id-token: write}")),
        ".releaserc.json": f'{{"branches": ["main"], "plugins": {plugins}}}',
        "package.json": package,
    }
    assert judge("ci-least-privilege", files).verdict == expected


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("${{ github.token }}", "pass"),
        ("${{ secrets.GITHUB_TOKEN }}", "pass"),
        ("${{ secrets.BOT || github.token }}", "pass"),
        ("${{ secrets.BOT }}", "fail"),
        ("${{ steps.app.outputs.token }}", "fail"),
    ],
)
def test_what_is_done_with_a_token_of_others_needs_none_of_the_job(token: str, expected: str) -> None:
    app = (
        "- id: app\n  uses: actions/create-github-app-token@v2\n  with: {app-id: 1, private-key: '${{ secrets.KEY }}'}"
    )
    release = f'- run: gh release create "$GITHUB_REF_NAME"\n  env: {{NAME: "{token}"}}'
    assert verdict("{contents: write}", app, release.replace("NAME:", "GH_TOKEN:")) == expected
    assert verdict("{contents: write}", app, release.replace("NAME:", "GITHUB_TOKEN:")) == expected
    both = release.replace("NAME:", "GITHUB_TOKEN: '${{ github.token }}', GH_TOKEN:")
    assert verdict("{contents: write}", app, both) == expected
    action = f"- uses: softprops/action-gh-release@v2\n  with: {{files: shop.tgz, token: '{token}'}}"
    assert verdict("{contents: write}", app, action) == expected


@pytest.mark.parametrize(
    ("words", "contents", "identity"),
    [
        ("release --clean", "pass", "pass"),
        ("", "pass", "pass"),
        ("release --snapshot", "fail", "pass"),
        ("release --skip=publish", "fail", "pass"),
        ("release --snapshot --skip=sign,docker", "fail", "fail"),
        ("release --snapshot=false", "pass", "pass"),
        ("build --snapshot", "fail", "fail"),
        ("check", "fail", "fail"),
        ("$WORDS", "pass", "pass"),
        ("continue --merge", "pass", "pass"),
    ],
)
def test_goreleaser_writes_what_it_is_told_to_publish(words: str, contents: str, identity: str) -> None:
    given = words.replace("$WORDS", "${{ inputs.words }}")
    for step in (f"- run: goreleaser {words}", f"- uses: goreleaser/goreleaser-action@v7\n  with: {{args: '{given}'}}"):
        for scope, expected in (("contents", contents), ("id-token", identity)):
            text = workflow(TAG, release=job(step, permissions=f"{{{scope}: write}}"))
            files = {".goreleaser.yaml": "signs: [{cmd: cosign}]\n", ".github/workflows/release.yml": text}
            assert judge("ci-least-privilege", files).verdict == expected


PROPOSED = "repository: {owner: acme, name: shop, pull_request: {enabled: true}%s}"


@pytest.mark.parametrize(
    ("configuration", "scope", "expected"),
    [
        (f"brews: [{{{PROPOSED % ''}}}]", "pull-requests", "pass"),
        (f"winget: [{{{PROPOSED % ''}}}]", "pull-requests", "pass"),
        (f"brews: [{{{PROPOSED % ', token: from-elsewhere'}}}]", "pull-requests", "fail"),
        (f"brews: [{{skip_upload: true, {PROPOSED % ''}}}]", "pull-requests", "fail"),
        ("brews: [{repository: {owner: acme, name: shop}}]", "pull-requests", "fail"),
        ("milestones: [{close: true}]", "issues", "pass"),
        ("milestones: [{close: false}]", "issues", "fail"),
        ("release: {discussion_category_name: News}", "discussions", "pass"),
        ("version: 2", "discussions", "fail"),
        ("signs: [{cmd: cosign, artifacts: checksum}]", "id-token", "pass"),
        ("binary_signs: [{cmd: ./sign}]", "id-token", "pass"),
        ("docker_signs: [{artifacts: all}]", "id-token", "pass"),
        ("signs: [{artifacts: checksum}]", "id-token", "fail"),  # by GPG
        ("before: {hooks: [cosign sign-blob --yes notes.txt]}", "id-token", "pass"),
        ("mcp: {name: io.github.acme/shop}", "id-token", "pass"),
        ("includes: [{from_file: {path: signs.yaml}}]", "id-token", "unknown"),  # a key of the paid edition
        ("version: 2", "id-token", "fail"),
        ("kos: [{repository: ghcr.io/acme/shop}]", "packages", "pass"),
        ("dockers_v2: [{images: [ghcr.io/acme/shop]}]", "packages", "pass"),
        ("dockers: [{image_templates: ['ghcr.io/acme/shop:1']}]", "packages", "pass"),
        ("uploads: [{name: maven, target: 'https://maven.pkg.github.com/acme/shop'}]", "packages", "pass"),
        ("version: 2", "packages", "fail"),
    ],
)
def test_goreleaser_writes_what_its_configuration_asks_for(configuration: str, scope: str, expected: str) -> None:
    for step in (
        "- run: goreleaser release --clean",
        "- uses: goreleaser/goreleaser-action@v7\n  with: {args: release}",
    ):
        text = workflow(TAG, release=job(step, permissions=f"{{{scope}: write}}"))
        files = {".goreleaser.yaml": f"{configuration}\n", ".github/workflows/release.yml": text}
        assert judge("ci-least-privilege", files).verdict == expected


def test_an_action_that_only_installs_goreleaser_writes_nothing() -> None:
    step = "- uses: goreleaser/goreleaser-action@v7\n  with: {install-only: true}"
    assert verdict("{contents: write}", step) == "fail"
    assert verdict("{contents: write}", step, "- run: goreleaser release") == "pass"


@pytest.mark.parametrize(
    ("release", "keeps", "expected"),
    [
        ("run: npx -y semantic-release", "false", "fail"),
        ("run: npx -y semantic-release", "true", "pass"),  # it pushes its tag with what git keeps
        ("run: changelogithub", "true", "fail"),
        ("run: goreleaser release", "true", "fail"),
        ("uses: goreleaser/goreleaser-action@v7", "true", "fail"),
    ],
)
def test_tools_that_release_use_the_token_that_they_are_given(release: str, keeps: str, expected: str) -> None:
    token = "${{ steps.app.outputs.token }}"
    steps = (
        "- id: app\n  uses: actions/create-github-app-token@v2\n  with: {app-id: 1, private-key: '${{ secrets.KEY }}'}",
        f"- uses: actions/checkout@v4\n  with: {{persist-credentials: {keeps}}}",
        f"- {release}\n  env: {{GITHUB_TOKEN: '{token}'}}",
    )
    text = workflow(TAG, release=job(*steps, permissions="{contents: write}"))
    files = {".goreleaser.yaml": "version: 2\n", ".github/workflows/release.yml": text}
    assert judge("ci-least-privilege", files).verdict == expected
    own = text.replace(token, "${{ github.token }}")
    assert judge("ci-least-privilege", {**files, ".github/workflows/release.yml": own}).verdict == "pass"


@pytest.mark.parametrize(
    ("on", "verb", "scope", "expected"),
    [
        ("issue_comment", "edit 7 --remove-label stale", "pull-requests", "pass"),  # a comment may be one of a proposal
        ("issue_comment", "close 7", "pull-requests", "pass"),
        ("issue_comment", "edit 7 --remove-label stale", "issues", "pass"),
        ("issue_comment", "create --title new", "pull-requests", "fail"),
        ("issues", "edit 7 --remove-label stale", "pull-requests", "fail"),
        ("issues", "edit 7 --remove-label stale", "issues", "pass"),
        ("[issues, issue_comment]", "comment 7 --body thanks", "pull-requests", "pass"),
    ],
)
def test_an_issue_by_its_number_may_be_a_proposal(on: str, verb: str, scope: str, expected: str) -> None:
    text = workflow(on, answer=job(f"- run: gh issue {verb}", permissions=f"{{{scope}: write}}"))
    assert judge("ci-least-privilege", repository_of(text)).verdict == expected


@pytest.mark.parametrize("release", ["run: goreleaser release", "uses: goreleaser/goreleaser-action@v7"])
def test_who_releases_with_a_token_of_others_signs_with_the_identity_of_the_job(release: str) -> None:
    text = workflow(
        TAG,
        release=job(f"- {release}\n  env: {{GITHUB_TOKEN: '${{{{ secrets.PAT }}}}'}}", permissions="{id-token: write}"),
    )
    files = {".goreleaser.yaml": "signs: [{cmd: cosign}]\n", ".github/workflows/release.yml": text}
    assert judge("ci-least-privilege", files).verdict == "pass"


def test_a_token_that_only_reads_says_nothing_of_what_is_written() -> None:
    step = "- uses: ossf/scorecard-action@v2\n  with: {repo_token: '${{ secrets.READ }}', publish_results: true}"
    assert verdict("{security-events: write, id-token: write}", step) == "pass"


def test_a_workflow_that_is_called_from_elsewhere_may_be_handed_the_token_of_the_job() -> None:
    release = "- run: gh release create v1\n  env: {GH_TOKEN: '${{ secrets.token }}'}"
    text = workflow("{workflow_call: {secrets: {token: {}}}}", release=job(release, permissions="{contents: write}"))
    assert judge("ci-least-privilege", {".github/workflows/release.yml": text}).verdict == "pass"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- uses: azure/login@v2\n  with: {client-id: a, tenant-id: b, subscription-id: c}", "pass"),
        ("- uses: azure/login@v2\n  with: {client-id: a, subscription-id: c, auth-type: IDENTITY}", "fail"),
        ("- uses: pypa/gh-action-pypi-publish@v1.13.0", "pass"),
        ("- uses: pypa/gh-action-pypi-publish@v1.13.0\n  with: {password: '${{ secrets.PYPI }}'}", "fail"),
        ("- run: cosign sign --yes ghcr.io/acme/shop@$DIGEST", "pass"),
        ("- run: cosign sign --yes --key env://KEY ghcr.io/acme/shop@$DIGEST", "fail"),
        ("- run: cosign attest --yes --key cosign.key --predicate p.json ghcr.io/acme/shop@$DIGEST", "fail"),
        ("- run: cosign sign-blob --yes --key=cosign.key --bundle b shop", "fail"),
        ("- run: cosign sign --yes --key cosign.key --issue-certificate ghcr.io/acme/shop@$DIGEST", "pass"),
        ('- run: cosign sign --yes --key "$KEY" ghcr.io/acme/shop@$DIGEST', "pass"),
    ],
)
def test_who_signs_or_logs_in_by_a_key_uses_no_identity(step: str, expected: str) -> None:
    assert verdict("{id-token: write}", step) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ghcr.io/acme/shop:1", "pass"),
        ("docker.pkg.github.com/acme/shop/shop:1", "pass"),
        ("containers.acme.ghe.com/acme/shop", "pass"),
        ("shop docker://ghcr.io/acme/shop", "pass"),
        ('"$REGISTRY/acme/shop"', "pass"),
        ('"$IMAGE"', "pass"),
        ("docker.io/acme/shop:1", "fail"),
        ("acme/shop", "fail"),
        ("acme/shop:$TAG", "fail"),
        ("registry.acme.example:5000/shop:$TAG", "fail"),
    ],
)
@pytest.mark.parametrize("program", ["docker push", "docker image push", "podman push"])
def test_who_pushes_to_another_registry_writes_no_packages(program: str, name: str, expected: str) -> None:
    assert verdict("{packages: write}", f"- run: {program} {name}") == expected
