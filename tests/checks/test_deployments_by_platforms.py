"""What the command lines of platforms ship: by an image, by what they build themselves, or by what nobody knows."""

from __future__ import annotations

from textwrap import indent

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, workflow
from trees import judge

IMAGE = "ghcr.io/acme/shop:1.2"
DIGEST = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
KUSTOMIZATION = {"k8s/kustomization.yaml": "resources: [shop.yaml]\n"}
MANIFESTS = {
    "k8s/namespace.yaml": "kind: Namespace\n",
    "k8s/service.yaml": "kind: Service\nspec:\n  selector: {color: green}\n",
    "k8s/shop.yaml": "kind: Deployment\nspec:\n  containers:\n    - image: acme/shop\n",
}


def between(command: str) -> str:
    """What is said where a command comes between the build and its signature."""
    return judge("build-signed", released_by(PUSH, f"- run: |\n    {command}", SIGN, SHIP) | MANIFESTS).verdict


def after(command: str) -> str:
    """What is said where a command comes after the signature."""
    return judge("build-signed", released_by(PUSH, SIGN, f"- run: |\n    {command}", SHIP) | MANIFESTS).verdict


@pytest.mark.parametrize(
    "command",
    [
        f"kubectl run shop --image={IMAGE}",
        f"kubectl create deployment shop --image={IMAGE}",
        f"kubectl create cronjob nightly --image={IMAGE} --schedule='0 1 * * *'",
        f"kubectl create deployment shop --image={IMAGE} --dry-run=client -o yaml | kubectl apply -f -",
        f"kubectl argo rollouts set image shop shop={IMAGE}",
        f"oc new-app {IMAGE}",
        f"oc import-image shop:latest --from={IMAGE} --confirm",
        "aws ecs run-task --task-definition shop",
        "aws lambda update-alias --function-name shop --name live --function-version 3",
        "aws cloudformation execute-change-set --change-set-name v2",
        "az webapp deployment slot swap -n shop -s staging",
        "az spring app deploy -n shop --artifact-path shop.jar",
        "gcloud run services update-traffic shop --to-latest",
        f"gcloud alpha run deploy shop --image {IMAGE}",
        f"gcloud compute instances update-container vm --container-image {IMAGE}",
        "nomad deployment promote 2f1c",
        f"cf push shop --docker-image {IMAGE}",
        "helm secrets upgrade shop ./chart",
        f"flyctl machine update 3d8 --image {IMAGE}",
    ],
)
def test_what_deploys_waits_for_the_signature(command: str) -> None:
    assert between(command) == "fail"
    assert after(command) == "pass"


@pytest.mark.parametrize(
    "command",
    [
        f"kubectl set -n prod image deploy/shop shop={IMAGE}",
        "kubectl -n get apply -f k8s/shop.yaml",
        "aws ecs --region eu-west-1 update-service --service shop",
        f"gcloud run --project acme deploy shop --image {IMAGE}",
        "aws --region x --profile y --output json --color off --query z --endpoint-url u ecs update-service",
    ],
)
def test_options_stand_among_the_words_of_a_subcommand(command: str) -> None:
    assert between(command) == "fail"


@pytest.mark.parametrize("options", ["-f production.yml", "--profile web", "--file=a.yml -p shop"])
def test_options_stand_among_the_words_that_a_compose_file_is_built_with(options: str) -> None:
    assert between(f"docker compose {options} push") == "unknown"


@pytest.mark.parametrize(
    "program",
    ["kubectl", "oc", "helm", "helmfile", "argocd app", "nomad job", "cf", "aws frob", "az frob", "gcloud run frob",
     "fly machine", "heroku", "doctl apps", "terraform"],
)  # fmt: skip
def test_what_nobody_knows_of_a_platform_may_ship(program: str) -> None:
    assert between(f"{program} frobnicate shop") == "unknown"
    assert after(f"{program} frobnicate shop") == "pass"


@pytest.mark.parametrize(
    "command",
    [
        "kubectl -n prod rollout status deploy/shop",
        "kubectl rollout undo deploy/shop",
        "kubectl create namespace shop",
        "kubectl create secret generic postgres --from-literal=a=b",
        "kubectl create configmap shop --from-file=a --dry-run=client -o yaml | kubectl apply -f -",
        "kubectl apply -f k8s/namespace.yaml",
        f"kubectl run smoke --rm -i --image={IMAGE} -- ./smoke",
        "oc get pods",
        "aws sts get-caller-identity",
        "aws --region eu-west-1 ecs wait services-stable --services shop",
        "aws ecs register-task-definition --cli-input-json file://task.json",
        "az webapp log tail -n shop",
        "az aks get-credentials -n shop",
        "gcloud secrets versions access latest --secret shop",
        "gcloud container clusters get-credentials shop",
        "helm dependency build ./chart",
        "helm rollback shop 1",
        "nomad job plan shop.nomad",
        "cf target -o acme -s prod",
        "terraform workspace select prod",
        "pulumi preview",
        "fly secrets set A=b",
        "heroku logs -a shop",
        "doctl kubernetes cluster kubeconfig save shop",
    ],
)
def test_what_reads_or_prepares_ships_nothing(command: str) -> None:
    assert between(command) == "pass"


def test_a_value_of_an_option_is_no_subcommand() -> None:
    assert between("kubectl --namespace apply get pods") == "pass"
    assert between("terraform -version") == "pass"


def test_an_annotation_may_start_a_synchronisation() -> None:
    assert between("kubectl annotate namespace/shop team=shop") == "pass"
    assert between("kubectl annotate gitrepository/shop reconcile.fluxcd.io/requestedAt=now") == "unknown"


def test_what_leads_users_elsewhere_is_no_preparation() -> None:
    assert between("kubectl apply -f k8s/service.yaml") == "fail"


@pytest.mark.parametrize(
    "command",
    ["gcloud run deploy shop --source .", "gcloud app deploy", "az webapp up -n shop", "clever deploy"],
)
def test_what_a_platform_builds_itself_nobody_signs(command: str) -> None:
    assert after(command) == "fail"


@pytest.mark.parametrize("command", ["fly deploy", "cf push shop", "render deploys create srv-1"])
def test_a_platform_builds_unless_it_is_told_an_image(command: str) -> None:
    assert after(command) == "unknown"
    assert after(f"{command} --image {DIGEST}".replace("shop --image", "shop --docker-image")) == "pass"


@pytest.mark.parametrize(
    ("command", "configured", "expected"),
    [
        ("fly deploy", "", "fail"),
        ("flyctl deploy --remote-only -a shop", "[build]\ndockerfile = 'Dockerfile'", "fail"),
        ("fly deploy", f"[build]\nimage = '{IMAGE}'", "pass"),
        ("fly deploy", "[build", "unknown"),
        ("fly deploy --config fly.prod.toml", "", "unknown"),
        ("fly deploy -c fly.toml", "", "fail"),
        ("fly deploy shop", "", "unknown"),
        ("fly deploy --build-only", "", "unknown"),
        ("sed -i s/a/b/ fly.toml && fly deploy", "", "unknown"),
    ],
)
def test_fly_builds_unless_its_file_names_an_image(command: str, configured: str, expected: str) -> None:
    files = {"fly.toml": f"app = 'shop'\n{configured}\n"}
    assert judge("build-signed", released_by(PUSH, SIGN, f"- run: {command}", SHIP) | files).verdict == expected


@pytest.mark.parametrize(("line", "expected"), [("RUN go test ./...", "pass"), ("RUN go build ./...", "fail")])
@pytest.mark.parametrize("where", ["", "shop/"])
def test_tests_in_what_fly_builds_gate_it(line: str, expected: str, where: str) -> None:
    files = {f"{where}fly.toml": "app = 'shop'\n", f"{where}Dockerfile": f"FROM golang:1.26\nCOPY . .\n{line}\n"}
    steps = ("- uses: actions/checkout@v6", f"- run: fly deploy {where}".rstrip("/"))
    assert judge("tests-gate-release", released_by(*steps) | files).verdict == expected


def test_files_that_are_copied_into_a_cluster_may_ship() -> None:
    assert between("kubectl cp dist shop-0:/srv") == "unknown"
    assert between("kubectl cp shop-0:/srv/log log") == "pass"


BUILD = "- run: mkdir -p dist && go build -trimpath -o dist/ ./cmd/...\n"
ATTEST = "- uses: actions/attest@1111111111111111111111111111111111111111\n  with: {subject-path: 'dist/*'}\n"


@pytest.mark.parametrize(
    "command",
    [
        "aws s3 cp dist/shop s3://acme/",
        "aws s3 sync dist s3://acme/ --acl public-read",
        "gcloud storage cp dist/* gs://acme/",
        "aws s3api put-object --bucket acme --key shop --body dist/shop",
        "aws s3 cp dist/shop $BUCKET/releases/",
        "aws s3 sync dist ${{ vars.BUCKET }}",
        "gsutil -m -h Cache-Control:public -h a:b -h c:d -h e:f -h g:h cp -r dist/* ${{ secrets.BUCKET }}/releases",
    ],
)
def test_files_in_a_bucket_are_published(command: str) -> None:
    assert judge("build-signed", released_by(BUILD, f"- run: {command}\n", ATTEST)).verdict == "fail"
    assert judge("build-signed", released_by(BUILD, ATTEST, f"- run: {command}\n")).verdict == "pass"
    assert judge("build-signed", released_by(PUSH, SIGN, BUILD, f"- run: {command}\n")).verdict == "fail"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("gsutil cp dist/shop $RUNNER_TEMP/shop", "pass"),
        ("gsutil cp $GITHUB_WORKSPACE/dist/shop $GITHUB_WORKSPACE/shop", "pass"),
        ("aws s3 cp s3://acme/settings.yaml $TARGET", "pass"),
        ("aws s3 cp $SOURCE settings.yaml", "pass"),
        ("aws s3 cp $SOURCE $TARGET", "unknown"),
    ],
)
def test_what_is_copied_by_names_that_only_a_run_knows(command: str, expected: str) -> None:
    steps = (BUILD, PUSH, f"- run: {command}\n", SIGN, "- run: gh release create v1 --generate-notes\n")
    assert judge("build-signed", released_by(*steps)).verdict == expected


def test_an_archive_that_is_deployed_is_no_image() -> None:
    pack = "- run: zip shop.zip dist/shop\n"
    for deploy in "aws lambda update-function-code --zip-file fileb://shop.zip", "az webapp deploy --src-path shop.zip":
        assert judge("build-signed", released_by(PUSH, SIGN, BUILD, pack, f"- run: {deploy}\n")).verdict == "fail"


LAMBDA = "aws lambda update-function-code --zip-file fileb://shop.zip"
AWAY = "cd dist && zip ../shop.zip * && cd .."
"""Where it fails, nobody knows in which folder what comes after it runs."""


def test_an_archive_is_deployed_wherever_it_was_packed() -> None:
    sign = "cosign sign-blob --yes --bundle shop.json shop.zip"
    for steps, expected in {
        (f"{AWAY}; {LAMBDA}",): "fail",
        (f"{AWAY}; {sign}; {LAMBDA}",): "pass",
        (AWAY, sign, LAMBDA): "pass",
        (f"{AWAY}; {sign}", LAMBDA): "unknown",
    }.items():
        runs = [f"- run: {step}\n" for step in steps]
        assert judge("build-signed", released_by(PUSH, SIGN, BUILD, *runs)).verdict == expected, steps


def test_what_comes_from_a_bucket_or_is_not_built_here_is_nothing_to_sign() -> None:
    for command in "aws s3 cp s3://acme/settings.yaml .", "aws s3 sync site s3://acme-docs/ --delete":
        assert after(command) == "pass"


@pytest.mark.parametrize(
    ("action", "given", "expected"),
    [
        ("google-github-actions/deploy-cloudrun", f"image: '{DIGEST}'", "pass"),
        ("google-github-actions/deploy-cloudrun", "source: .", "fail"),
        ("google-github-actions/deploy-appengine", f"image_url: '{DIGEST}'", "pass"),
        ("google-github-actions/deploy-appengine", "deliverables: app.yaml", "fail"),
        ("google-github-actions/deploy-cloud-functions", "source_dir: src", "fail"),
        ("azure/container-apps-deploy-action", f"imageToDeploy: '{DIGEST}'", "pass"),
        ("azure/container-apps-deploy-action", "appSourcePath: .", "fail"),
    ],
)
def test_what_an_action_lets_its_platform_build_is_another_artifact(action: str, given: str, expected: str) -> None:
    deploy = f"- uses: {action}@v2\n  with: {{{given}}}"
    assert judge("build-signed", released_by(PUSH, SIGN, deploy)).verdict == expected


SHOP = "kind: Deployment\nspec:\n  containers:\n    - image: 'postgres:17'\n    - name: shop\n      image: \"IMAGE\"\n"
FEEDS = {
    "a here-document": "kubectl apply -f - <<END\nSHOPEND",
    "envsubst": "export SHOP=IMAGE\nenvsubst < k8s/open.yaml | kubectl apply -f -",
    "envsubst of some variables": "SHOP=IMAGE envsubst '$SHOP' < k8s/open.yaml | kubectl -n shop apply --filename -",
    "cat and envsubst": "export SHOP=IMAGE\ncat k8s/open.yaml | envsubst | oc apply -f -",
}


@pytest.mark.parametrize(
    ("image", "expected"),
    [(IMAGE, "pass"), (DIGEST, "pass"), ("ghcr.io/acme/shop:stable", "unknown"), ("ghcr.io/acme/tools:1", "pass")],
)
@pytest.mark.parametrize("feed", FEEDS)
def test_a_manifest_that_is_handed_over_says_which_image_is_deployed(feed: str, image: str, expected: str) -> None:
    command = FEEDS[feed].replace("SHOPEND", f"{SHOP}END").replace("IMAGE", image)
    step = "- run: |\n" + indent(command, "    ") + "\n"
    files = {"k8s/open.yaml": SHOP.replace("IMAGE", "${SHOP}")}
    assert judge("build-signed", released_by(PUSH, SIGN, step) | files).verdict == expected


@pytest.mark.parametrize(("tag", "expected"), [("1.2", "pass"), ("stable", "unknown")])
@pytest.mark.parametrize(
    "command",
    [
        "cat k8s/shop.yaml | kubectl apply -f -", "kubectl apply -f k8s/shop.yaml", "kubectl apply -n shop -f k8s/",
        "kubectl replace -R -f k8s", "oc apply --filename=k8s/shop.yaml", "kubectl apply -f k8s/a.yaml,k8s/shop.yaml",
    ],
)  # fmt: skip
def test_so_does_one_of_the_repository(command: str, tag: str, expected: str) -> None:
    files = {"k8s/shop.yaml": SHOP.replace("IMAGE", f"ghcr.io/acme/shop:{tag}")}
    assert judge("build-signed", released_by(PUSH, SIGN, f"- run: {command}") | files).verdict == expected


@pytest.mark.parametrize(("tag", "expected"), [(":1.2", "pass"), (":stable", "unknown"), ("", "unknown")])
@pytest.mark.parametrize(
    "written",
    [
        "spec:\n  image: NAME # and why\n", "containers: [{name: shop, image: NAME}]\n", "image: >-\n  NAME\n",
        "# image: ghcr.io/acme/shop:old\nimage: NAME\n", '{"containers": [{"image": "NAME", "name": "shop"}]}',
        "a: &a {image: NAME}\nb: [*a, *a]\ncontainers: []\n",
    ],
)  # fmt: skip
def test_a_manifest_may_be_written_in_any_way(written: str, tag: str, expected: str) -> None:
    files = {"k8s/shop.yaml": written.replace("NAME", f"ghcr.io/acme/shop{tag}")}
    assert judge("build-signed", released_by(PUSH, SIGN, "- run: kubectl apply -f k8s/") | files).verdict == expected


@pytest.mark.parametrize(
    "unread",
    ["{{ if .Values.more }}\n- a: [\n{{ end }}\n", "more: [\n", "image: ghcr.io/acme/shop:1.2\n"],
    ids=["a template", "no YAML", "a key that is there twice"],
)
@pytest.mark.parametrize("by", ["-f k8s/", "-f k8s/shop.yaml", "-k k8s"])
def test_which_images_a_manifest_names_that_cannot_be_read_is_not_known(unread: str, by: str) -> None:
    manifests = {"k8s/shop.yaml": f"image: ghcr.io/acme/shop:stable\n{unread}", **KUSTOMIZATION}
    judged = judge("build-signed", released_by(PUSH, SIGN, f"- run: kubectl apply {by}") | manifests)
    assert judged.verdict == "unknown"
    assert "k8s/shop.yaml:" in str(judged.reason)


def kustomized(more: str = "", **others: str) -> dict[str, str]:
    """A base with the image `web:old`, and an overlay of it; others by their names in the base."""
    base = {"kustomization.yaml": "resources: [shop.yaml]\n", "shop.yaml": SHOP.replace("IMAGE", "web:old"), **others}
    overlay = f"resources: [../base]\n{more}"
    return {"k8s/prod/kustomization.yaml": overlay, **{f"k8s/base/{name}": text for name, text in base.items()}}


OTHER = "images: [{name: web, newName: ghcr.io/acme/shop, newTag: '1.1'}]\n"
INLINE = "patches: [{patch: '[{op: replace, path: /spec/containers/1/image, value: ghcr.io/acme/shop:1.1}]'}]\n"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (OTHER, "unknown"),
        (OTHER.replace("1.1", "1.2"), "pass"),
        (OTHER.replace("newTag: '1.1'", "digest: 'sha256:" + "0" * 64 + "'"), "unknown"),
        (OTHER.replace("name: web,", "name: cache,"), "pass"),
        (INLINE, "unknown"),
        (INLINE.replace("1.1", "1.2"), "pass"),
        ("patches: [{path: to.yaml}]\n", "unknown"),
        ("", "pass"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        "kubectl apply -k k8s/prod", "kustomize build k8s/prod | kubectl apply -f -",
        "kubectl kustomize k8s/prod | kubectl apply -f -", "cd k8s/prod && kustomize build | oc apply -f -",
        "kustomize build k8s/prod > out.yaml\n    kubectl apply -f out.yaml",
    ],
)  # fmt: skip
def test_kustomize_says_which_image_is_deployed(command: str, more: str, expected: str) -> None:
    patch = {"k8s/prod/to.yaml": "containers: [{image: 'ghcr.io/acme/shop:1.1'}]\n"}
    files = released_by(PUSH, SIGN, f"- run: |\n    {command}") | kustomized(more) | patch
    assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (f"cd k8s/prod && kustomize edit set image web={DIGEST}", "pass"),
        (f"cd k8s/base && kustomize edit set image web={DIGEST}", "pass"),
        (f"cd k8s && kustomize edit set image web={DIGEST}", "unknown"),
        (f"cd k8s/prod && kustomize edit set image cache={DIGEST}", "unknown"),
        ("cd k8s/prod && kustomize edit set image web=ghcr.io/acme/shop:1.2", "pass"),
        ("sed -i s/1.1/1.2/ k8s/prod/kustomization.yaml", "pass"),
        ("sed -i s/web/cache/ k8s/prod/kustomization.yaml", "unknown"),
        ("cp other.yaml k8s/prod/kustomization.yaml", "pass"),
    ],
)
def test_a_kustomization_may_be_edited_before(edit: str, expected: str) -> None:
    more = "" if "base" in edit else OTHER
    steps = (f"- run: {edit}", "- run: kubectl apply -k k8s/prod")
    assert judge("build-signed", released_by(PUSH, SIGN, *steps) | kustomized(more)).verdict == expected


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ("s/TAG/1.1/", "unknown"),
        ("s/TAG/1.2/", "pass"),
        (f"s|:TAG|@{DIGEST.partition('@')[2]}|", "pass"),
        ("s/other/else/", "unknown"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        "sed 'EDIT' k8s/shop.yaml | kubectl apply -f -", "cat k8s/shop.yaml | sed 'EDIT' | kubectl apply -f -",
        "sed -e 'EDIT' k8s/shop.yaml > out.yaml && kubectl apply -f out.yaml",
        "sed -i 'EDIT' k8s/shop.yaml && kubectl apply -f k8s",
        "sed 'EDIT' k8s/shop.yaml | envsubst | kubectl apply -f -",
    ],
)  # fmt: skip
def test_a_manifest_that_is_edited_names_what_was_built_only_if_that_is_said(
    command: str, edit: str, expected: str
) -> None:
    files = {"k8s/shop.yaml": SHOP.replace("IMAGE", "ghcr.io/acme/shop:TAG")}
    step = f"- run: |\n    {command.replace('EDIT', edit)}"
    assert judge("build-signed", released_by(PUSH, SIGN, step) | files).verdict == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (f"sed -i 's|:stable|@{DIGEST.partition('@')[2]}|' k8s/shop.yaml && kubectl apply -f k8s/", "pass"),
        (f"kubectl apply -f k8s && kubectl set image deploy/shop shop={DIGEST}", "pass"),
        (f"kubectl apply -n one -f k8s && kubectl -n other set image deploy/shop shop={DIGEST}", "unknown"),
        ("kubectl apply -f k8s/other", "pass"),
        ("kubectl apply -f .", "pass"),  # what lies deeper is not read without -R
    ],
)
def test_a_manifest_that_is_changed_or_whose_image_is_replaced_says_nothing(command: str, expected: str) -> None:
    files = {"k8s/shop.yaml": SHOP.replace("IMAGE", "ghcr.io/acme/shop:stable"), "k8s/other/a.yaml": "kind: Secret\n"}
    assert judge("build-signed", released_by(PUSH, SIGN, f"- run: {command}") | files).verdict == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("image.tag=1.2", "pass"),
        ("image.tag=stable", "unknown"),
        ("image.repository=ghcr.io/acme/shop --set image.tag=stable", "unknown"),
        ("image.tag=1.2 --set proxy.image.tag=3", "pass"),
        ("image.tag=$(git describe)", "pass"),
    ],
)
def test_a_chart_is_told_a_tag_of_what_was_built(told: str, expected: str) -> None:
    chart = {"chart/Chart.yaml": "name: shop\n"}
    step = f"- run: helm upgrade --install shop ./chart --set {told}"
    assert judge("build-signed", released_by(PUSH, SIGN, step) | chart).verdict == expected


VALUES = "image: {repository: ghcr.io/acme/shop, tag: %s}\nproxy: {image: {repository: envoyproxy/envoy, tag: v1}}\n"


@pytest.mark.parametrize(
    ("values", "told", "expected"),
    [
        ("stable", "", "unknown"),
        ("'1.2'", "", "pass"),
        ("''", "", "unknown"),  # which is the version of the application
        ("stable", "--set image.tag=1.2", "pass"),
        ("stable", "--set version=1.2", "pass"),  # which may be what the chart makes of it
        ("stable", "-f chart/new.yaml", "pass"),
        ("'1.2'", "--values chart/old.yaml", "unknown"),
        ("stable", "-f $FILE", "pass"),
    ],
)
def test_a_chart_deploys_what_its_values_name(values: str, told: str, expected: str) -> None:
    chart = {
        "chart/Chart.yaml": "name: shop\nappVersion: '0.9'\n",
        "chart/values.yaml": VALUES % values,
        "chart/new.yaml": "image: {tag: '1.2'}\n",
        "chart/old.yaml": "image: {tag: '0.8'}\n",
    }
    step = f"- run: helm upgrade --install shop ./chart {told}\n"
    assert judge("build-signed", released_by(PUSH, SIGN, step) | chart).verdict == expected


def test_values_that_a_step_has_changed_say_nothing() -> None:
    chart = {"chart/Chart.yaml": "name: shop\n", "chart/values.yaml": VALUES % "stable"}
    step = "- run: sed -i s/stable/1.2/ chart/values.yaml && helm upgrade --install shop ./chart\n"
    assert judge("build-signed", released_by(PUSH, SIGN, step) | chart).verdict == "pass"


@pytest.mark.parametrize(
    ("sha", "expected"), [("github.event.workflow_run.head_sha", "pass"), ("github.sha", "unknown")]
)
def test_a_manifest_is_filled_anew_in_the_run_after_another(sha: str, expected: str) -> None:
    built = job(PUSH.replace("shop:1.2", "shop:${{ github.sha }}"), SIGN)
    first = workflow("{push: {branches: [main]}}", build=built).replace("name: release", "name: build")
    step = (
        f"- run: envsubst < k8s/open.yaml | kubectl apply -f -\n  env: {{SHOP: 'ghcr.io/acme/shop:${{{{ {sha} }}}}'}}"
    )
    succeeded = {"if": "github.event.workflow_run.conclusion == 'success'"}
    after = workflow(
        "{workflow_run: {workflows: [build], types: [completed], branches: [main]}}", deploy=job(step, **succeeded)
    )
    files = {".github/workflows/build.yml": first, ".github/workflows/deploy.yml": after}
    manifest = {"k8s/open.yaml": SHOP.replace("IMAGE", "${SHOP}")}
    assert judge("build-signed", files | manifest).verdict == expected


@pytest.mark.parametrize(("tag", "expected"), [("1.2", "pass"), ("stable", "unknown")])
@pytest.mark.parametrize(
    "patch",
    [
        '{"spec": {"template": {"spec": {"containers": [{"name": "shop", "image": "IMAGE"}]}}}}',
        '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "IMAGE"}]',
    ],
)
def test_a_patch_says_which_image_is_deployed(patch: str, tag: str, expected: str) -> None:
    command = f"kubectl -n shop patch deploy shop --type=json -p '{patch.replace('IMAGE', f'ghcr.io/acme/shop:{tag}')}'"
    assert after(command) == expected
