"""What checks that were made for workflows say of pipelines of GitLab, and of repositories that have both."""

from __future__ import annotations

import pytest

from goldenpath.facts.findings import shown
from pipelines import GOOD, changed, job, on_gitlab, without
from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

DIGEST = "@sha256:" + "ab" * 32
COMMIT = "c0ffee" * 6 + "cafe"
IDENTITY = "id_tokens: {VAULT_ID_TOKEN: {aud: https://vault.acme.example}}"
TEST = "test:\n  script: [pytest]\n"


def verdict(check: str, text: str, **others: str) -> str:
    return judge(check, on_gitlab(text, **others)).verdict


# --- actions-pinned

PINNED = {
    "nothing from elsewhere": TEST,
    "an image by its digest": TEST + f"  image: python:3.13{DIGEST}\n",
    "a service by its digest": TEST + f"  services: [{{name: 'postgres:17{DIGEST}', alias: db}}]\n",
    "an image of a variable": f"variables: {{IMAGE: 'python:3.13{DIGEST}'}}\n" + TEST + "  image: $IMAGE\n",
    "the project's own image": TEST + "  image: $CI_REGISTRY_IMAGE/ci:latest\n",
    "a project's file by its commit": f"include: [{{project: acme/ci, file: /a.yml, ref: {COMMIT}}}]\n" + TEST,
    "a component by its version": "include: [{component: gitlab.com/acme/ci/build@1.2.0}]\n" + TEST,
    "a component by its commit": f"include: [{{component: gitlab.com/acme/ci/build@{COMMIT}}}]\n" + TEST,
    "a component of this very commit": "include: [{component: $CI_SERVER_FQDN/acme/ci/build@$CI_COMMIT_SHA}]\n" + TEST,
    "a file of the web by its digest": "include: [{remote: https://a.example/b.yml, integrity: sha256-abc}]\n" + TEST,
    "a template of GitLab": "include: [{template: Jobs/SAST.gitlab-ci.yml}]\n" + TEST,
}

LOOSE = {
    "an image by its tag": TEST + "  image: python:3.13\n",
    "an image by default": "default: {image: python:3.13}\n" + TEST,
    "a service by its tag": TEST + "  services: [postgres:17]\n",
    "an image by way of a mirror": TEST + "  image: ${CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX}/python:3.13\n",
    "an image in an included file": "include: /ci/a.yml\n" + TEST,
    "a project's file by its tag": "include: [{project: acme/ci, file: /a.yml, ref: v1}]\n" + TEST,
    "a project's file by nothing": "include: [{project: acme/ci, file: /a.yml}]\n" + TEST,
    "a component by a part of a version": "include: [{component: gitlab.com/acme/ci/build@1}]\n" + TEST,
    "the latest component": "include: [{component: gitlab.com/acme/ci/build@~latest}]\n" + TEST,
    "a file of the web": "include: [https://a.example/main/b.yml]\n" + TEST,
}


@pytest.mark.parametrize("name", PINNED)
def test_what_is_fixed_is_pinned(name: str) -> None:
    assert verdict("actions-pinned", PINNED[name]) == "pass"


@pytest.mark.parametrize("name", LOOSE)
def test_what_may_be_another_tomorrow_is_not_pinned(name: str) -> None:
    outcome = judge(
        "actions-pinned", on_gitlab(LOOSE[name], ci__a__yml="") | {"ci/a.yml": "lint: {image: a:1, script: ls}"}
    )
    assert outcome.verdict == "fail"
    assert all(".github" not in text for text in (outcome.summary, str(outcome.fix)))


@pytest.mark.parametrize(
    "text", [TEST + "  image: $IMAGE\n", "include: [{project: a/b, file: c.yml, ref: $REF}]\n" + TEST]
)
def test_what_only_settings_say_is_unknown(text: str) -> None:
    assert verdict("actions-pinned", text) == "unknown"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("an image by its tag", "pass"), ("a service by its tag", "pass"), ("a file of the web", "fail")],
)
def test_beside_workflows_the_images_of_jobs_are_what_they_are_there(name: str, expected: str) -> None:
    beside = {".github/workflows/ci.yml": "on: push\njobs: {a: {runs-on: ubuntu-24.04, steps: [{run: make}]}}\n"}
    assert judge("actions-pinned", on_gitlab(LOOSE[name]) | beside).verdict == expected


# --- ci-least-privilege

NEEDED = {
    "no token at all": GOOD.replace("  id_tokens:\n    SIGSTORE_ID_TOKEN:\n      aud: sigstore\n", ""),
    "cosign finds it by its name": GOOD,
    "the script names it": TEST
    + f'  {IDENTITY}\n  before_script: [vault write auth/jwt/login "jwt=$VAULT_ID_TOKEN"]\n',
    "the script prints it to another": TEST
    + f'  {IDENTITY}\n  before_script: ["echo $VAULT_ID_TOKEN | vault login -"]\n',
    "a secret is fetched with it": TEST + f"  {IDENTITY}\n  secrets: {{PASSWORD: {{vault: a/b/c@d}}}}\n",
}
IDLE = {
    "nothing uses it": TEST + f"  {IDENTITY}\n",
    "every job gets it": "default:\n  " + IDENTITY + "\n" + TEST,
    "it is only spoken of": TEST + f"  {IDENTITY}\n  after_script: [echo the VAULT_ID_TOKEN is not needed]\n",
    "a remark names it": TEST + f"  {IDENTITY}\n  after_script:\n    - |\n      # VAULT_ID_TOKEN\n      date\n",
    "cosign runs in another job": changed(
        ("verify:\n  stage: build\n", "verify:\n  stage: build\n  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}\n")
    ),
}


@pytest.mark.parametrize("name", NEEDED)
def test_tokens_that_are_used_are_well_given(name: str) -> None:
    assert verdict("ci-least-privilege", NEEDED[name]) == "pass"


@pytest.mark.parametrize("name", IDLE)
def test_tokens_that_nothing_uses_are_too_many(name: str) -> None:
    outcome = judge("ci-least-privilege", on_gitlab(IDLE[name]))
    assert outcome.verdict == "fail"
    assert outcome.fix is not None
    assert "id_tokens" in outcome.fix.summary


@pytest.mark.parametrize(
    ("line", "files", "expected"),
    [
        (
            'export TOKEN="$(hack/token.sh)"',
            {"hack/token.sh": 'curl -H "T: $VAULT_ID_TOKEN" "$URL"\n'},
            "pass",
        ),
        ("bash $CI_PROJECT_DIR/a.sh", {"a.sh": "./b.sh\n", "b.sh": "vault login $VAULT_ID_TOKEN\n"}, "pass"),
        ("make token", {"Makefile": "token:\n\tvault login $$VAULT_ID_TOKEN\n"}, "pass"),
        ("bash a.sh", {"a.sh": "# VAULT_ID_TOKEN\ndate\n", "b.sh": "vault login $VAULT_ID_TOKEN\n"}, "fail"),
        ("echo a.sh", {"a.sh": "date\n"}, "fail"),
    ],
)
def test_a_token_is_used_by_the_scripts_that_a_job_calls(line: str, files: dict[str, str], expected: str) -> None:
    text = f"test:\n  {IDENTITY}\n  before_script: ['{line}']\n  script: [pytest]\n"
    assert judge("ci-least-privilege", on_gitlab(text) | files).verdict == expected


def test_a_program_that_nobody_follows_may_use_a_token() -> None:
    assert verdict("ci-least-privilege", f"a:\n  {IDENTITY}\n  script: [./deploy]\n") == "unknown"
    assert verdict("ci-least-privilege", "include: [{project: acme/ci, file: /a.yml}]\n" + TEST) == "unknown"


# --- dependencies-updated, build-reproducible


def test_dependabot_does_not_run_on_gitlab() -> None:
    dependabot = "version: 2\nupdates: [{package-ecosystem: pip, directory: /, schedule: {interval: daily}}]\n"
    files = on_gitlab(TEST) | {"pyproject.toml": "[project]\ndependencies = ['httpx']\n"}
    outcome = judge("dependencies-updated", files | {".github/dependabot.yml": dependabot})
    assert outcome.verdict == "fail"
    assert "Dependabot does not run on GitLab" in outcome.summary
    assert outcome.fix is not None
    assert "renovate.json" in outcome.fix.summary
    assert (
        judge("dependencies-updated", files | {"renovate.json": '{"extends": ["config:recommended"]}'}).verdict
        == "pass"
    )


def test_renovate_looks_after_what_a_pipeline_includes() -> None:
    files = on_gitlab(TEST + "  image: python:3.13\n")
    assert judge("dependencies-updated", files).verdict == "fail"
    off = '{"gitlabci": {"enabled": false}, "gitlabci-include": {"enabled": false}}'
    outcome = judge("dependencies-updated", files | {"renovate.json": off})
    assert outcome.verdict == "fail"
    assert outcome.fix
    assert "pattern" not in outcome.fix.summary
    assert judge("dependencies-updated", files | {"renovate.json": "{}"}).verdict == "pass"


@pytest.mark.parametrize(
    ("image", "renovate", "verdict"),
    [
        ("$GO", "{}", "fail"),
        ("golang:${VERSION}", "{}", "fail"),
        ("$CI_TEMPLATE_REGISTRY_HOST/golang:1.26", "{}", "fail"),
        ("${CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX}/golang:1.26", "{}", "pass"),
        ("$CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX/golang:${VERSION}", "{}", "fail"),
        ("$CI_REGISTRY_IMAGE/tools:1", "{}", "not-applicable"),
        ("$OF_THE_SETTINGS", "{}", "unknown"),
        ("golang:$OF_THE_SETTINGS", "{}", "unknown"),
        ("$OF_THE_SETTINGS/golang:1.26", "{}", "fail"),
        ("$GO", '{"customManagers": [{"customType": "regex"}]}', "unknown"),
        ("$GO", '{"extends": ["config:recommended", "customManagers:gitlabPipelineVersions"]}', "unknown"),
        ("$MIRROR/golang:1.26", '{"registryAliases": {"$MIRROR": "docker.io"}}', "unknown"),
    ],
)
def test_renovate_reads_no_variable_that_names_an_image(image: str, renovate: str, verdict: str) -> None:
    named = "variables: {GO: 'golang:1.26', VERSION: '1.26', MIRROR: mirror.example.com}\n"
    files = on_gitlab(named + TEST + f"  image: '{image}'\n") | {"renovate.json": renovate}
    outcome = judge("dependencies-updated", files)
    assert outcome.verdict == verdict
    if verdict == "fail":
        assert outcome.summary == f"nothing updates the image {shown(image)} of a variable in .gitlab-ci.yml"


@pytest.mark.parametrize(
    ("include", "path", "renovate", "verdict"),
    [
        ("include: [{local: /ci/test.yml}]", "ci/test.yml", "{}", "pass"),
        ("include: ci/test.yml", "ci/test.yml", "{}", "pass"),
        ("include: [ci/test.yml]", "ci/test.yml", '{"enabledManagers": ["gitlabci", "gitlabci-include"]}', "pass"),
        ("include: [{local: 'ci/*.yml'}]", "ci/test.yml", "{}", "fail"),
        ("include: [{local: 'ci/*.yml'}]", "ci/test.gitlab-ci.yml", "{}", "pass"),
        ("include: 'ci/**.yml'", "ci/a/test.yml", '{"extends": ["config:recommended"]}', "fail"),
        (
            "include: 'ci/*.yml'", "ci/test.yml",
            '{"gitlabci": {"managerFilePatterns": ["/^ci\\\\/.*\\\\.yml$/"]}}', "pass",
        ),
    ],
)  # fmt: skip
def test_renovate_reads_what_a_pipeline_includes_by_its_name(
    include: str, path: str, renovate: str, verdict: str
) -> None:
    files = on_gitlab(f"{include}\n") | {path: TEST + "  image: golang:1.26\n", "renovate.json": renovate}
    outcome = judge("dependencies-updated", files)
    assert outcome.verdict == verdict
    if verdict == "fail":
        assert outcome.summary == f"nothing updates GitLab CI in {path}"


@pytest.mark.parametrize(("image", "wanted"), [(f"golang:1.26{DIGEST}", "pass"), ("golang:1.26", "fail")])
def test_the_image_of_a_job_brings_its_tools(image: str, wanted: str) -> None:
    build = "go build -trimpath -o dist/shop ."
    text = (
        f"release:\n  image: '{image}'\n  rules: [{{if: $CI_COMMIT_TAG}}]\n  variables: {{SOURCE_DATE_EPOCH: '0'}}\n"
        f"  script:\n    - {build}\n    - glab release create v1 dist/shop\n"
    )
    assert verdict("build-reproducible", text) == wanted


# --- repositories with several systems


def test_each_system_is_judged_by_what_it_does() -> None:
    github, gitlab = released_by(PUSH, SIGN, SHIP), on_gitlab(GOOD)
    unsigned = changed(('    - cosign sign --yes "$IMAGE@$DIGEST"\n', ""))
    assert judge("build-signed", github | gitlab).verdict == "pass"
    assert judge("build-signed", github | on_gitlab(unsigned)).verdict == "fail"
    assert judge("build-signed", released_by(PUSH, SHIP) | gitlab).verdict == "fail"
    assert judge("build-signed", github | on_gitlab(TEST)).verdict == "pass"
    assert judge("build-signed", released_by("run: make test", on="push") | gitlab).verdict == "pass"


def test_where_nothing_releases_the_fix_speaks_of_gitlab() -> None:
    outcome = judge("build-signed", on_gitlab(TEST))
    assert outcome.verdict == "fail"
    assert [each.path for each in outcome.evidence] == [".gitlab-ci.yml"]
    assert outcome.fix is not None
    assert outcome.fix.files == (".gitlab-ci.yml",)


def test_a_job_without_an_identity_is_told_which() -> None:
    outcome = judge(
        "build-signed", on_gitlab(changed(("  id_tokens:\n    SIGSTORE_ID_TOKEN:\n      aud: sigstore\n", "")))
    )
    assert outcome.fix is not None
    assert outcome.fix.summary == "Add `id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}` to the job 'build'"


def test_evidence_stands_in_the_file_that_says_it() -> None:
    build = "build:" + GOOD.split("\nbuild:")[1].split("\n\n")[0] + "\n"
    outcome = judge("build-signed", on_gitlab("include: ci/build.yml\n" + without("build")) | {"ci/build.yml": build})
    places = {each.role: (each.path, each.line) for each in outcome.evidence}
    assert places["signed"] == ("ci/build.yml", 1 + build.split("\n").index('    - cosign sign --yes "$IMAGE@$DIGEST"'))
    assert places["shipped"][0] == ".gitlab-ci.yml"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (TEST + "lint:\n  run-on: a\n  script: [ls]\n", "has the keyword 'run-on'"),
        ("lint: {extends: .base, script: [ls]}\n", "extends '.base', which is not there"),
        (".a: {extends: .b}\n.b: {extends: .a}\nlint: {extends: .a, script: [ls]}\n", "extends itself"),
        ("lint: {stage: lint, script: [ls]}\n", "is not among the stages"),
        ("lint: {image: a}\n", "has no script"),
        ("include: ci/none.yml\n" + TEST, "there is no file ci/none.yml"),
        (".a: {script: [ls]}\n", "has no job"),
        ("lint: {script: [!reference [.a, script]]}\n", "leads nowhere"),
        ("lint: {script: [ls], rules: [{if: '$A ==='}]}\n", "is no rule"),
        ("lint: {script: [ls], needs: [test]}\n", "needs 'test', which is not there"),
        ("image: {script: [ls]}\nlint: {script: [ls], needs: [image]}\n", "a word of GitLab's own"),
        ("lint: {script: [{a: b}]}\n", "a script should be text"),
        ("lint: [ls]\n", "is no mapping"),
        ("- a\n", "it should be a mapping"),
    ],
)
def test_what_gitlab_refuses_is_no_pipeline(text: str, sentence: str) -> None:
    outcome = judge("build-signed", on_gitlab(text))
    assert outcome.verdict == "unknown"
    assert sentence in str(outcome.reason)
    assert judge("build-signed", released_by(PUSH, SIGN, SHIP) | on_gitlab(text)).verdict == "pass"


def test_a_deployment_that_does_not_wait_is_found_besides_a_release_that_does() -> None:
    deploy = job("deploy", "stage: release", "needs: []", "rules: [{if: $CI_COMMIT_TAG}]", "script: [helm upgrade a b]")
    assert verdict("build-signed", GOOD + deploy) == "fail"


def test_a_job_for_tags_only_is_there_for_a_release() -> None:
    assert verdict("build-signed", TEST + "go:\n  script: [./go]\n") == "fail"
    outcome = judge("build-signed", on_gitlab(TEST + "go:\n  only: [tags]\n  script: [./go]\n"))
    assert outcome.verdict == "unknown"
    assert "a pushed tag" in outcome.summary


def test_no_tag_is_called_like_a_branch() -> None:
    text = GOOD + job(
        "deploy", "stage: test", "rules: [{if: $CI_COMMIT_REF_NAME == 'main'}]", "script: [helm upgrade a b]"
    )
    outcome = judge("build-signed", on_gitlab(text))
    assert "a pushed tag" not in outcome.summary


# --- fixes speak of the files that GitLab reads

TO_WRITE = {
    "code-owned": ("Write .gitlab/CODEOWNERS with a rule for every file: `* @organisation/team`", ".gitlab/CODEOWNERS"),
    "dependencies-updated": (
        "Write renovate.json that extends `config:recommended`, and let Renovate run by a schedule", "renovate.json",
    ),
    "build-signed": ("Add a release pipeline that builds, signs and only then releases", ".gitlab-ci.yml"),
}  # fmt: skip
HOMES: dict[str, dict[str, str | bytes | None]] = {
    "a pipeline": {".gitlab-ci.yml": TEST},
    "a folder of GitLab's": {".gitlab/issue_templates/bug.md": "What happened?\n"},
}


@pytest.mark.parametrize("home", HOMES.values(), ids=HOMES.keys())
@pytest.mark.parametrize("check", TO_WRITE)
def test_on_gitlab_the_fix_names_the_file_that_gitlab_reads(check: str, home: dict[str, str | bytes | None]) -> None:
    files = {"requirements.txt": "flask==3.1.0\n", "app.py": "", **home}
    outcome = judge(check, files)

    assert outcome.fix is not None
    assert (outcome.verdict, outcome.fix.summary, outcome.fix.files) == (
        "fail", TO_WRITE[check][0], (TO_WRITE[check][1],)
    )  # fmt: skip
    assert not [each for each in outcome.evidence if each.path.startswith(".github/")]
