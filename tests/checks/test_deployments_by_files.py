"""Files of the repository that say what a platform is to run: of another tag than the one that was built, or not."""

from __future__ import annotations

import pytest

from pipelines import changed, on_gitlab
from pipelines import job as gitlab_job
from releasing import PUSH, SIGN, released_by, script
from trees import judge

MANIFEST = "kind: Deployment\nspec:\n  containers:\n    - image: 'postgres:17'\n    - image: ghcr.io/acme/shop:TAG\n"
FILES = {
    "k8s/shop.yaml": MANIFEST,
    "k8s/service.yaml": "kind: Service\nspec:\n  selector: {color: green}\n",
    "chart/Chart.yaml": "name: shop\n",
    "chart/values.yaml": "image: {repository: ghcr.io/acme/shop, tag: 'TAG'}\n",
    "chart/old.yaml": "image: {tag: '0.8'}\n",
    "run.yaml": "kind: Service\nspec:\n  template:\n    spec:\n      containers: [{image: 'ghcr.io/acme/shop:TAG'}]\n",
    "task.json": '{"family": "shop", "containerDefinitions": [{"name": "shop", "image": "ghcr.io/acme/shop:TAG"}]}',
    "shop.nomad": 'job "shop" {\n  task "shop" {\n    config {\n      image = "ghcr.io/acme/shop:TAG"\n    }\n  }\n}\n',
    "open.nomad.hcl": 'job "shop" {\n  config {\n    image = "ghcr.io/acme/shop:${var.tag}"\n  }\n}\n',
    "compose.yml": "services:\n  shop: {image: 'ghcr.io/acme/shop:TAG'}\n  db: {image: 'postgres:17'}\n",
    "open.yml": "services: {shop: {image: 'ghcr.io/acme/shop:${SHOP:-TAG}'}}\n",
    "stack.yaml": "Resources: {Shop: {ContainerDefinitions: [{Image: 'ghcr.io/acme/shop:TAG'}]}}\n",
    "template.yaml": "kind: Template\nimage: 'ghcr.io/acme/shop:${SHOP}'\n",
    "old.json": '{"containerDefinitions": [{"name": "shop", "image": "ghcr.io/acme/shop:old"}]}',
    "sub.yaml": "Resources: {Shop: {ContainerDefinitions: [{Image: !Sub 'ghcr.io/acme/shop:${Tag}'}]}}\n",
}
DIGEST = "${{ steps.push.outputs.digest }}"
ELSEWHERE = "DOCKER_HOST=ssh://deploy@shop.example"
BY_COMMAND = [
    "helm template ./chart | kubectl apply -f -",
    "helm template shop chart --namespace shop > out.yaml && kubectl apply -f out.yaml",
    "helm template shop ./chart --output-dir out && kubectl apply -R -f out",
    "kubectl apply -f <(cat k8s/shop.yaml)",
    "kubectl apply -f <(sed s/cache/store/ k8s/shop.yaml)",
    "kubectl apply -f <(envsubst < k8s/shop.yaml)",
    "kubectl apply -f <(helm template shop chart)",
    "cp k8s/shop.yaml out.yaml && kubectl apply -f out.yaml",
    "ytt -f k8s | kubectl apply -f -",
    "kapp deploy -y -a shop -f k8s/",
    "ytt -f k8s/shop.yaml | kapp deploy -y -a shop -f -",
    "gcloud run services replace run.yaml --region europe-west1",
    "nomad job run shop.nomad",
    "nomad run -detach shop.nomad",
    "docker stack deploy -c compose.yml shop",
    "docker stack deploy --with-registry-auth --compose-file=compose.yml shop",
    f"{ELSEWHERE} docker compose -f compose.yml up -d",
    f"{ELSEWHERE} docker compose up -d",
    f"{ELSEWHERE} docker compose -f open.yml up -d",
    f"{ELSEWHERE} docker-compose --file compose.yml up -d shop",
    "docker context use shop && docker compose -f compose.yml up -d",
    "docker --context shop compose -f compose.yml -p shop up -d",
    "docker -H ssh://deploy@shop.example stack deploy -c compose.yml shop",
    "az containerapp update -n shop --yaml run.yaml",
    "az container create -g shop --file run.yaml",
    "aws cloudformation deploy --stack-name shop --template-file stack.yaml",
    "oc process -f k8s/shop.yaml -p COLOR=red | oc apply -f -",
    "aws cloudformation update-stack --stack-name shop --template-body file://stack.yaml",
]
BY_ACTION = {
    "azure/k8s-deploy": "- uses: azure/k8s-deploy@v5\n  with: {manifests: k8s/shop.yaml, action: deploy}\n",
    "azure/k8s-deploy of a folder": "- uses: azure/k8s-deploy@v5\n  with:\n    manifests: |\n      k8s/\n",
    "k8s-deploy of several": "- uses: azure/k8s-deploy@v5\n  with: {manifests: 'k8s/service.yaml, k8s/shop.yaml'}\n",
    "a task": "- uses: aws-actions/amazon-ecs-deploy-task-definition@v2\n  with: {task-definition: task.json}\n",
    "a rendered task": (
        "- uses: aws-actions/amazon-ecs-render-task-definition@v1\n  id: task\n"
        "  with: {task-definition: old.json, container-name: shop, image: 'ghcr.io/acme/shop:TAG'}\n"
        "- uses: aws-actions/amazon-ecs-deploy-task-definition@v2\n"
        "  with: {task-definition: '${{ steps.task.outputs.task-definition }}'}\n"
    ),
    "deploy-cloudrun": "- uses: google-github-actions/deploy-cloudrun@v2\n  with: {metadata: run.yaml}\n",
    "container-apps": "- uses: azure/container-apps-deploy-action@v2\n  with: {yamlConfigPath: run.yaml}\n",
}


def verdict(step: str, tag: str, check: str = "build-signed") -> str:
    files = {path: text.replace("TAG", tag) for path, text in FILES.items()}
    return judge(check, released_by(PUSH, SIGN, step.replace("TAG", tag)) | files).verdict


@pytest.mark.parametrize(("tag", "expected"), [("1.2", "pass"), ("stable", "unknown")])
@pytest.mark.parametrize("command", BY_COMMAND)
def test_a_file_says_which_image_runs(command: str, tag: str, expected: str) -> None:
    assert verdict(script(command), tag) == expected


@pytest.mark.parametrize(("tag", "expected"), [("1.2", "pass"), ("stable", "unknown")])
@pytest.mark.parametrize("action", BY_ACTION)
def test_an_action_is_handed_such_a_file(action: str, tag: str, expected: str) -> None:
    assert verdict(BY_ACTION[action], tag) == expected


@pytest.mark.parametrize(
    "step",
    [
        "- uses: azure/k8s-deploy@v5\n  with: {manifests: k8s/shop.yaml, images: 'ghcr.io/acme/shop:1.2'}\n",
        "- uses: azure/k8s-deploy@v5\n  with: {manifests: k8s/service.yaml}\n",
        "- uses: azure/k8s-deploy@v5\n  with: {manifests: '${{ steps.bake.outputs.manifestsBundle }}'}\n",
        script("helm template shop chart --set image.tag=1.2 | kubectl apply -f -"),
        script("helm template shop chart -f chart/new.yaml | kubectl apply -f -"),
        script("helm template ingress ingress-nginx/ingress-nginx | kubectl apply -f -"),
        script("kubectl apply -f <(curl -s https://acme.example/cert-manager.yaml)"),
        script("kubectl apply -f <(sed s/stable/1.2/ k8s/shop.yaml)"),
        script("nomad job run -var tag=1.2 open.nomad.hcl"),
        script("nomad job run cache.nomad"),
        "- uses: aws-actions/amazon-ecs-render-task-definition@v1\n  id: task\n  with: {image: 'datadog/agent:7'}\n"
        "- uses: aws-actions/amazon-ecs-deploy-task-definition@v2\n"
        "  with: {task-definition: '${{ steps.task.outputs.task-definition }}'}\n",
        script("oc process -f template.yaml -p SHOP=1.2 | oc apply -f -"),
        script("sed -i s/stable/1.2/ compose.yml && docker stack deploy -c compose.yml shop"),
        script(f"SHOP=1.2 {ELSEWHERE} docker compose -f open.yml up -d"),
        script(f"export SHOP=1.2\n    {ELSEWHERE} docker compose -f open.yml up -d"),
        script("docker compose up -d"),  # on this machine
        script("aws cloudformation deploy --stack-name shop --template-file sub.yaml --parameter-overrides Tag=1.2"),
        script("aws cloudformation deploy --stack-name vpc --template-file vpc.yaml"),
    ],
)
def test_what_is_not_said_there_is_not_held_against_it(step: str) -> None:
    assert verdict(step, "stable") == "pass"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("helm template shop chart --set image.tag=1.1 | kubectl apply -f -", "unknown"),
        ("helm template shop chart -f chart/old.yaml | kubectl apply -f -", "unknown"),
        (f"SHOP=1.1 {ELSEWHERE} docker compose -f open.yml up -d", "unknown"),
    ],
)
def test_what_is_told_beside_a_file_counts(command: str, expected: str) -> None:
    assert verdict(script(command), "1.2") == expected


@pytest.mark.parametrize(
    ("built", "named", "expected"),
    [
        ("ghcr.io/${{ github.repository }}", "ghcr.io/acme/shop:stable", "unknown"),
        ("ghcr.io/${{ github.repository }}", "ghcr.io/acme/shop:1.2", "pass"),
        ("ghcr.io/${{ github.repository }}", "ghcr.io/acme/shop/web:1", "pass"),
        ("ghcr.io/${{ github.repository }}", "postgres:17", "pass"),
        ("ghcr.io/${{ github.repository_owner }}/shop", "ghcr.io/acme/shop:stable", "unknown"),
        ("ghcr.io/${{ github.repository_owner }}/shop", "ghcr.io/acme/cache:7", "pass"),
        ("${{ secrets.HUB_USER }}/shop", "acme/shop:stable", "unknown"),
        ("${{ secrets.REGISTRY }}/${{ vars.NAME }}", "bitnami/redis:8", "pass"),
    ],
)
def test_a_name_that_only_a_run_knows_may_be_the_one_that_is_deployed(built: str, named: str, expected: str) -> None:
    steps = (each.replace("ghcr.io/acme/shop", built) for each in (PUSH, SIGN, script("kubectl apply -f own.yaml")))
    assert judge("build-signed", released_by(*steps) | {"own.yaml": f"image: {named}\n"}).verdict == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (f"@{DIGEST}", "pass"),
        (":1.2", "pass"),
        (":1.1", "unknown"),
    ],
)
@pytest.mark.parametrize("built", ["ghcr.io/acme/shop", "ghcr.io/${{ github.repository }}"])
def test_a_later_command_replaces_it(built: str, told: str, expected: str) -> None:
    lines = script("kubectl apply -f own.yaml", f"kubectl set image deploy/shop shop={built}{told}")
    steps = (each.replace("ghcr.io/acme/shop", built) for each in (PUSH, SIGN, lines))
    own = {"own.yaml": "image: ghcr.io/acme/shop:stable\n"}
    assert judge("build-signed", released_by(*steps) | own).verdict == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("registry.gitlab.com/acme/shop:stable", "unknown"),
        ("registry.k8s.io/ingress-nginx/controller:v1", "pass"),
        ("quay.io/acme/shop:stable", "pass"),
        ("docker.elastic.co/beats/filebeat:9", "pass"),
        ("redis:8", "pass"),
    ],
)
def test_so_may_one_in_the_registry_of_a_gitlab(named: str, expected: str) -> None:
    stages = changed(("stages: [test, build, release]", "stages: [test, build, deploy, release]"))
    keys = ("stage: deploy", "rules: [{if: $CI_COMMIT_TAG}]", "script: [kubectl apply -f own.yaml]")
    files = on_gitlab(stages + gitlab_job("deploy", *keys)) | {"own.yaml": f"image: {named}\n"}
    assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize(("tag", "expected"), [("1.2", "pass"), ("1.1", "unknown")])
@pytest.mark.parametrize(
    "command",
    [
        "printf 'image: {tag: \"TAG\"}' > new.yaml && helm upgrade shop ./chart -f new.yaml",
        "echo 'image: ghcr.io/acme/shop:TAG' > new.yaml && kubectl apply -f new.yaml",
        'V=TAG; echo "image: ghcr.io/acme/shop:$V" > new.yaml && kubectl apply -f new.yaml',
        "kubectl patch deploy shop --patch-file fixed.yaml",
        "helm upgrade shop ./chart --set imageTag=TAG",
        "helm upgrade shop ./chart --set tag=TAG,replicas=2",
        "argocd app set shop --kustomize-image ghcr.io/acme/shop:TAG",
    ],
)
def test_what_a_script_says_by_itself_is_deployed(command: str, tag: str, expected: str) -> None:
    fixed = {"fixed.yaml": f"image: ghcr.io/acme/shop:{tag}\n"}
    files = {path: text.replace("TAG", "1.2") for path, text in FILES.items()} | fixed
    assert (
        judge("build-signed", released_by(PUSH, SIGN, script(command.replace("TAG", tag))) | files).verdict == expected
    )


@pytest.mark.parametrize(("tag", "expected"), [("1.2", "pass"), ("stable", "unknown")])
@pytest.mark.parametrize(
    "line",
    [
        "envsubst < k8s/shop.yaml > out.yaml",
        "sed s/cache/store/ k8s/shop.yaml > out.yaml",
        "helm template shop chart > out.yaml",
        "cat k8s/shop.yaml k8s/service.yaml > out.yaml",
    ],
)
def test_a_step_before_has_made_the_file(line: str, tag: str, expected: str) -> None:
    files = {path: text.replace("TAG", tag) for path, text in FILES.items()}
    steps = [PUSH, SIGN, script(line), script("kubectl apply -f out.yaml")]
    assert judge("build-signed", released_by(*steps) | files).verdict == expected
    again = script("sed -i s/stable/1.2/ out.yaml"), script("kubectl apply -f out.yaml")
    assert judge("build-signed", released_by(*steps[:3], *again) | files).verdict == "pass"
    written = script("echo 'kind: Secret' > out.yaml"), script("kubectl apply -f out.yaml")
    assert judge("build-signed", released_by(*steps[:3], *written) | files).verdict == "pass"


@pytest.mark.parametrize(
    ("digest", "expected"),
    [
        ("${{ steps.push.outputs.digest }}", "pass"),
        (f"sha256:{'0' * 64}", "unknown"),
        ("$(crane digest ghcr.io/acme/shop:1)", "unknown"),
    ],
)
def test_a_chart_is_told_a_digest(digest: str, expected: str) -> None:
    assert verdict(script(f"helm upgrade shop ./chart --set image.digest={digest}"), "1.2") == expected


def test_an_action_that_copies_is_told_which_tag() -> None:
    step = (
        "- uses: akhilerm/tag-push-action@v2\n  with: {src: 'ghcr.io/acme/shop:TAG', dst: 'ghcr.io/acme/shop:latest'}\n"
    )
    assert verdict(step, "1.2") == "pass"
    assert verdict(step, "1.1") == "unknown"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("kubectl apply -k https://github.com/acme/shop//k8s?ref=v1", "unknown"),
        ("kubectl apply -k github.com/acme/shop/k8s", "unknown"),
        ("kubectl apply -f https://raw.githubusercontent.com/acme/shop/main/k8s/shop.yaml", "unknown"),
        ("curl -s https://raw.githubusercontent.com/acme/shop/main/shop.yaml | kubectl apply -f -", "unknown"),
        ("kustomize build github.com/acme/shop/k8s | kubectl apply -f -", "unknown"),
        ("kubectl apply -k https://github.com/acme/cache//k8s", "pass"),
        ("kubectl apply -f https://github.com/cert-manager/cert-manager/releases/v1/cert-manager.yaml", "pass"),
        ("helm upgrade -i shop oci://ghcr.io/acme/charts/shop", "unknown"),
        ("helm upgrade -i shop oci://ghcr.io/acme/charts/shop --version 0.9", "unknown"),
        ("helm upgrade -i shop oci://ghcr.io/acme/charts/shop --version 1.2", "pass"),
        ("helm upgrade -i shop oci://ghcr.io/acme/charts/shop --version $VERSION", "pass"),
        ("helm upgrade -i shop acme/shop --set image.tag=1.2", "pass"),
        ("helm upgrade -i shop acme/shop -f values.yaml", "pass"),
        ("helm upgrade -i shop bitnami/redis", "pass"),
    ],
)
def test_what_lies_elsewhere_under_the_same_name_is_not_known(command: str, expected: str) -> None:
    assert verdict(script(command), "1.2") == expected


@pytest.mark.parametrize("check", ["build-signed", "sbom-generated", "provenance-verified", "vulnerabilities-gated"])
def test_no_check_of_a_release_passes_what_another_tag_has(check: str) -> None:
    assert verdict(script("nomad job run shop.nomad"), "stable", check) != "pass"
