"""Repositories whose pipelines run on a service that is not followed: unknown by its name, alone or beside others."""

from __future__ import annotations

import pytest

from pipelines import GOOD, PROOFS, on_gitlab
from releasing import released_by
from trees import judge, judge_all

DELIVERS = "deploy: docker push acme/shop"
AZURE = "trigger: [main]\npool: {vmImage: ubuntu-24.04}\nsteps:\n  - task: Docker@2\n    inputs: {command: push}\n"
TEKTON = "apiVersion: tekton.dev/v1\nkind: {kind}\nmetadata: {{name: release}}\n"
ARGO = "apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata: {{name: release}}\n"
CONCOURSE = "resources: []\njobs:\n  - name: release\n    plan: [{get: src, trigger: true}, {put: image}]\n"


def reason(path: str, text: str) -> str | None:
    """Why it is unknown whether that signs, where it is."""
    outcome = judge("build-signed", {path: text})
    return outcome.reason if outcome.verdict == "unknown" else None


@pytest.mark.parametrize(
    ("path", "service"),
    [
        (".circleci/config.yml", "CircleCI"),
        ("cloudbuild.yaml", "Cloud Build"),
        ("deploy/cloudbuild-release.json", "Cloud Build"),
        (".tekton/push.yaml", "Tekton"),
        ("Jenkinsfile", "Jenkins"),
        ("ci/Jenkinsfile", "Jenkins"),
        ("ci/jobs/Jenkinsfile.release", "Jenkins"),
        ("ci/jobs/release.jenkinsfile", "Jenkins"),
        ("azure-pipelines.yml", "Azure Pipelines"),
        ("azure-pipelines.release.yml", "Azure Pipelines"),
        (".azure/azure-pipelines.yaml", "Azure Pipelines"),
        (".azure-pipelines/stages/release.yml", "Azure Pipelines"),
        (".azuredevops/release.yml", "Azure Pipelines"),
        ("jenkins/release.groovy", "Jenkins"),
        (".buildkite/pipeline.yml", "Buildkite"),
        (".buildkite/pipeline.release.yaml", "Buildkite"),
        (".buildkite/pipeline.sh", "Buildkite"),
        (".drone.yml", "Drone"),
        (".drone.jsonnet", "Drone"),
        (".woodpecker.yml", "Woodpecker"),
        (".woodpecker/release.yml", "Woodpecker"),
        (".travis.yml", "Travis CI"),
        (".appveyor.yml", "AppVeyor"),
        (".teamcity/settings.kts", "TeamCity"),
        (".teamcity/Shop/project-config.xml", "TeamCity"),
        ("bitbucket-pipelines.yml", "Bitbucket Pipelines"),
        ("buildspec-release.yml", "CodeBuild"),
        (".gitea/workflows/release.yaml", "Gitea Actions"),
        (".forgejo/workflows/release.yaml", "Forgejo Actions"),
        (".cirrus.yml", "Cirrus CI"),
        ("radixconfig.yaml", "Radix"),
        ("radixconfig.prod.yaml", "Radix"),
        ("render.yaml", "Render"),
        ("heroku.yml", "Heroku"),
        (".do/app.yaml", "DigitalOcean's App Platform"),
    ],
)
def test_pipelines_of_other_services_are_unknown_by_name(path: str, service: str) -> None:
    assert reason(path, DELIVERS) == f"{path}: pipelines of {service} are not followed yet"


@pytest.mark.parametrize(
    ("path", "text", "service"),
    [
        ("ci/release.yaml", TEKTON.format(kind="PipelineRun"), "Tekton"),
        ("tekton/tasks/sign.yml", TEKTON.format(kind='"Task"'), "Tekton"),
        ("argo/release.yaml", ARGO.format(kind="CronWorkflow"), "Argo Workflows"),
        ("ci/pipeline.yml", CONCOURSE, "Concourse"),
        ("pipelines/release.yml", AZURE, "Azure Pipelines"),
        (
            "devops/stages/release.yaml",
            AZURE.replace("- task: Docker@2", "- bash: a\n  - task: Bash@3"),
            "Azure Pipelines",
        ),
    ],
)
def test_what_a_file_says_tells_whose_pipeline_it_is(path: str, text: str, service: str) -> None:
    assert reason(path, text) == f"{path}: pipelines of {service} are not followed yet"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("argo/shop.yaml", ARGO.format(kind="Application")),  # Argo CD brings what stands here to a cluster
        ("ci/release.yaml", "image: acme/shop\nsteps: [deploy]\n"),
        ("devops/values.yaml", "pool: 3\ntask: docker\n"),
        ("docs/.circleci/config.yml", DELIVERS),
        ("docs/ci/azure-pipelines.yml", DELIVERS),
        (".buildkite/README.md", DELIVERS),
        (".gitea/ISSUE_TEMPLATE/bug.yml", DELIVERS),
        ("src/Jenkinsfiles/release.py", DELIVERS),
        ("buildspecs.yml", DELIVERS),
    ],
)
def test_other_files_are_no_pipelines(path: str, text: str) -> None:
    assert judge("build-signed", {path: text}).verdict == "fail"


@pytest.mark.parametrize("text", [TEKTON.format(kind="Pipeline") + "# deploys", DELIVERS])
def test_beside_a_good_release_another_one_may_ship_the_same(text: str) -> None:
    files = on_gitlab(GOOD) | {".tekton/push.yaml": text}
    assert judge_all(PROOFS, files) == ["unknown"] * len(PROOFS)


def test_beside_a_good_release_another_one_may_only_test() -> None:
    files = on_gitlab(GOOD) | {".teamcity/settings.kts": 'steps { script { scriptContent = "make test" } }'}
    assert judge_all(PROOFS, files) == ["pass"] * len(PROOFS)


def test_beside_workflows_that_only_test_another_service_may_release() -> None:
    files = released_by("run: make test", on="push") | {"ci/pipeline.yml": CONCOURSE}
    assert judge_all(PROOFS, files) == ["unknown"] * len(PROOFS)


BY_SETTINGS = "GitLab CI, where the project's settings say"


@pytest.mark.parametrize(
    "path",
    [".gitlab/ci.yml", "ci/pipeline.yml", "ci/gitlab-ci.yml", "shop.gitlab-ci.yml", ".gitlab/pipelines/release.yaml"],
)
def test_a_pipeline_of_gitlab_where_only_the_projects_settings_lead(path: str) -> None:
    assert BY_SETTINGS in (reason(path, GOOD) or "")
    assert judge_all(PROOFS, {**on_gitlab(), path: GOOD}) == ["pass"] * len(PROOFS)  # then that one includes it, or not


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ci/pipeline.yml", "variables:\n  image: shop\n"),
        ("ci/deploy.yml", "- hosts: all\n  tasks: []\n"),
        ("docs/example/pipeline.yml", GOOD),
        ("src/templates/.gitlab-ci.yml", GOOD),
    ],
)
def test_what_is_no_pipeline_or_lies_where_none_is(path: str, text: str) -> None:
    assert judge("build-signed", {path: text}).verdict == "fail"
