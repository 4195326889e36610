"""Deployments by a tag that come before the build: what they ship is what another run has left there."""

from __future__ import annotations

import pytest

from pipelines import GOOD, changed, job, on_gitlab
from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

BEFORE = changed(("stages: [test, build, release]", "stages: [test, deploy, build, release]"))
AFTER = changed(("stages: [test, build, release]", "stages: [test, build, deploy, release]"))
DEPLOYS = {
    "the tag of the release": ("kubectl set image deploy/shop shop=$IMAGE:$CI_COMMIT_TAG", "fail"),
    "latest": ("kubectl -n shop set image deploy/shop shop=$IMAGE:latest", "fail"),
    "no tag at all": ("kubectl set image deploy/shop shop=$IMAGE", "fail"),
    "a service of a swarm": ("docker service update --image $IMAGE:latest shop", "fail"),
    "a value of a chart": ("helm upgrade shop ./chart --set replicas=2,image.tag=$CI_COMMIT_TAG", "unknown"),
    "a value of a chart by =": ("helm upgrade shop ./chart --set=image.tag=latest", "unknown"),
    "a chart from elsewhere, by its version": (
        "helm upgrade shop oci://registry.example.com/charts/shop --version 1.2.3 --set image.tag=$CI_COMMIT_TAG",
        "unknown",
    ),
    "an application": ("argocd app set shop -p image.tag=$CI_COMMIT_TAG", "unknown"),
    "another image": ("kubectl set image deploy/shop cache=registry.example.com/redis:8", "unknown"),
    "manifests": ("kubectl apply -f k8s/", "unknown"),
    "manifests, one by one": ("kubectl apply -f k8s/namespace.yaml -f k8s/shop.yaml", "unknown"),
    "an overlay": ("kubectl apply -k overlays/production", "unknown"),
    "manifests from elsewhere": ("kubectl apply -f https://example.com/shop.yaml", "unknown"),
    "a restart": ("kubectl -n shop rollout restart deploy/shop", "unknown"),
    "a chart of the repository": ("helm upgrade --install shop ./chart", "unknown"),
    "a synchronisation": ("argocd app sync shop", "unknown"),
    "what the image needs": ("kubectl apply -f k8s/namespace.yaml", "pass"),
    "what the image needs, made by name": ("kubectl create namespace shop", "pass"),
    "a chart of somebody": ("helm upgrade --install ingress ingress-nginx/ingress-nginx", "pass"),
}
MANIFESTS = {
    "k8s/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
    "k8s/shop.yaml": "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - image: acme/shop\n",
    "chart/Chart.yaml": "name: shop\n",
}


def deploying(script: str, of: str) -> str:
    """The pipeline with a job that deploys in a stage of its own."""
    return of + job("deploy", "stage: deploy", "rules: [{if: $CI_COMMIT_TAG}]", f"script: ['{script}']")


@pytest.mark.parametrize(("script", "expected"), DEPLOYS.values(), ids=DEPLOYS.keys())
def test_a_deployment_before_the_build(script: str, expected: str) -> None:
    for check in ("build-signed", "provenance-verified"):
        assert judge(check, on_gitlab(deploying(script, BEFORE)) | MANIFESTS).verdict == expected


@pytest.mark.parametrize(
    "name", ["the tag of the release", "a value of a chart", "an application", "manifests", "a restart"]
)
def test_the_same_deployment_once_it_is_signed(name: str) -> None:
    assert judge("build-signed", on_gitlab(deploying(DEPLOYS[name][0], AFTER))).verdict == "pass"


def test_a_deployment_between_the_build_and_the_signature() -> None:
    late = changed(
        ('    - cosign sign --yes "$IMAGE@$DIGEST"\n', ""), of=BEFORE.replace("deploy, build", "build, deploy")
    )
    signs = job(
        "sign",
        "stage: release",
        "rules: [{if: $CI_COMMIT_TAG}]",
        "id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}",
        "script: ['cosign sign --yes \"$IMAGE@$DIGEST\"']",
    )
    pipeline = deploying("kubectl set image deploy/shop shop=$IMAGE:$CI_COMMIT_TAG", late) + signs
    assert judge("build-signed", on_gitlab(pipeline)).verdict == "fail"


def test_steps_of_a_job_in_that_order() -> None:
    deploys = "- run: kubectl set image deploy/shop shop=ghcr.io/acme/shop:%s"
    assert judge("build-signed", released_by(deploys % "1.2", PUSH, SIGN, SHIP)).verdict == "fail"
    assert judge("build-signed", released_by(PUSH, deploys % "1.2", SIGN, SHIP)).verdict == "fail"
    assert judge("build-signed", released_by(PUSH, SIGN, deploys % "1.2", SHIP)).verdict == "pass"
    assert judge("build-signed", released_by(PUSH, SIGN, deploys % "stable", SHIP)).verdict == "unknown"


def test_manifests_before_the_build_on_github() -> None:
    for deploys, expected in ("kubectl rollout restart deploy/shop", "unknown"), ("kubectl apply -f k8s/", "unknown"):
        step = f"- run: {deploys}"
        assert judge("build-signed", released_by(step, PUSH, SIGN, SHIP) | MANIFESTS).verdict == expected
        assert judge("build-signed", released_by(PUSH, SIGN, step, SHIP) | MANIFESTS).verdict == "pass"
        assert judge("build-signed", released_by(PUSH, step, SIGN, SHIP) | MANIFESTS).verdict == "fail"


def test_manifests_beside_files_say_nothing_of_them() -> None:
    signs = "- run: cosign sign-blob --yes --bundle b.sigstore.json dist/shop"
    steps = (
        "- run: kubectl apply -f k8s/",
        "- run: go build -o dist/shop",
        signs,
        "- run: gh release create v1 dist/shop b.sigstore.json",
    )
    assert judge("build-signed", released_by(*steps) | MANIFESTS).verdict == "pass"


def test_the_pipeline_itself_is_a_good_one() -> None:
    assert judge("build-signed", on_gitlab(GOOD)).verdict == "pass"


@pytest.mark.parametrize(
    "command",
    [
        "az container create -g prod -n shop --image REF",
        "az aks command invoke -g prod -n aks --command 'kubectl set image deploy/shop shop=REF'",
        "aws apprunner update-service --source-configuration ImageRepository={ImageIdentifier=REF}",
        "aws cloudformation deploy --stack-name shop --template-file shop.yaml --parameter-overrides Image=REF",
        "aws deploy create-deployment --application-name shop --s3-location bucket=b,key=k",
        "gcloud run services replace service.yaml",
        "gcloud deploy releases create v1 --delivery-pipeline shop --images=shop=REF",
        "oc tag REF shop:prod",
        'kubectl patch deploy shop -p "{\\"containers\\":[{\\"name\\":\\"shop\\",\\"image\\":\\"REF\\"}]}"',
    ],
)
def test_a_deployment_waits_for_the_signature(command: str) -> None:
    deploy = "- run: |\n    " + command.replace("REF", "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}")
    for steps, expected in ((PUSH, SIGN, deploy, SHIP), "pass"), ((PUSH, deploy, SIGN, SHIP), "fail"):
        assert judge("build-signed", released_by(*steps)).verdict == expected


def test_infrastructure_that_comes_before_the_build_is_no_deployment_of_it() -> None:
    registry = "- run: aws cloudformation deploy --stack-name registry --template-file registry.yaml"
    assert judge("build-signed", released_by(registry, PUSH, SIGN, SHIP)).verdict == "pass"
