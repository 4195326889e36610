"""The Helm chart and the policy of admission: by Helm itself, Kubernetes' schemas, and what the service does."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import cel
import jsonschema
import kubernetes_validate
import pytest
import yaml

import toolbox
from goldenpath.facts import Facts
from goldenpath.repository import open_repository

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Render, Rendered, Tool

DIGEST = f"sha256:{'0123456789abcdef' * 4}"
TEMPLATES = sorted(
    path.parent.name for path in (toolbox.ROOT / "templates").glob("*/{%* if deploy == 'helm' %*}deploy*")
)
"""The templates that offer a chart."""

HELM: dict[str, object] = {"deploy": "helm"}
OPERATORS = {"PrometheusRule", "ServiceMonitor"}
"""Kinds of Prometheus' operator, which Kubernetes has no schema of."""

SIGNED: dict[str, dict[str, object]] = {
    "keyless": HELM | {"signing": "keyless"},
    "kms": HELM | {"signing": "kms"},
    "github-attestations": HELM | {"signing": "github-attestations"},
    "keyless on GitLab": HELM | {"ci": "gitlab", "signing": "keyless"},
    "kms on GitLab": HELM | {"ci": "gitlab", "signing": "kms"},
}


class Chart:
    """Helm, and what it makes of the chart of a service."""

    def __init__(self, helm: Path, service: Path) -> None:
        self._helm = helm
        self._chart = service / "deploy" / "helm"

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        words = {"lint": ("lint", "--strict", "--quiet"), "template": ("template", "shop")}[command]
        call: list[str | Path] = [self._helm, *words, self._chart, *arguments]
        return subprocess.run(call, capture_output=True, text=True, check=False)

    def objects(self, *settings: str) -> dict[str, dict[str, Any]]:
        """What it makes for the release `shop`, by kind."""
        done = self.run("template", "--set", ",".join([f"image.digest={DIGEST}", *settings]))
        assert done.returncode == 0, done.stderr
        return {each["kind"]: each for each in yaml.safe_load_all(done.stdout) if each}


@pytest.fixture
def chart(tool: Tool, rendered: Rendered) -> Chart:
    return Chart(tool("helm"), rendered(**HELM))


def pod(objects: dict[str, dict[str, Any]]) -> dict[str, Any]:
    spec: dict[str, Any] = objects["Deployment"]["spec"]["template"]["spec"]
    return spec


# ---- the chart


@pytest.mark.parametrize("template", TEMPLATES)
def test_helm_has_nothing_to_complain_of(tool: Tool, rendered: Rendered, template: str) -> None:
    chart = Chart(tool("helm"), rendered(template=template, **HELM))

    done = chart.run("lint", "--set", f"image.digest={DIGEST}")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("template", TEMPLATES)
def test_kubernetes_takes_every_object(tool: Tool, rendered: Rendered, template: str) -> None:
    """By its own schemas, which know no field that is misspelled."""
    chart = Chart(tool("helm"), rendered(template=template, **HELM))
    objects = chart.objects("env.APP_LOG_LEVEL=debug", "networkPolicy.egress[0].ports[0].port=4318")

    assert objects.keys() == OPERATORS | {
        "Deployment", "HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget", "Service",
    }  # fmt: skip
    for kind in objects.keys() - OPERATORS:
        kubernetes_validate.validate(objects[kind], "1.37", strict=True)


def test_its_rules_are_those_of_observability(rendered: Rendered, chart: Chart) -> None:
    rules = yaml.safe_load((rendered(**HELM) / "observability" / "alerts.yaml").read_text(encoding="utf-8"))

    assert chart.objects()["PrometheusRule"]["spec"] == rules
    assert "{{ $value | humanizePercentage }}" in str(rules)


def test_prometheus_takes_its_rules(chart: Chart, tool: Tool, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(chart.objects()["PrometheusRule"]["spec"]), encoding="utf-8")

    subprocess.run([tool("promtool"), "check", "rules", tmp_path / "rules.yaml"], check=True, capture_output=True)


def test_rules_that_differ_are_told(render: Render, tool: Tool, tmp_path: Path) -> None:
    service = render(tmp_path, **HELM)
    command = ["make", "--silent", "chart", f"HELM={tool('helm')}"]
    subprocess.run(command, cwd=service, check=True, capture_output=True)

    alerts = service / "observability" / "alerts.yaml"
    alerts.write_text(alerts.read_text(encoding="utf-8").replace("for: 5m", "for: 9m"), encoding="utf-8")
    done = subprocess.run(command, cwd=service, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "observability/alerts.yaml deploy/helm/rules/alerts.yaml differ" in done.stdout


def test_what_is_scraped_is_the_job_that_the_rules_ask_for(chart: Chart) -> None:
    """Whatever the release is called: here `shop`."""
    objects = chart.objects()
    monitor, service = objects["ServiceMonitor"]["spec"], objects["Service"]
    jobs = set(re.findall(r'job="([^"]+)"', json.dumps(objects["PrometheusRule"]).replace("\\", "")))

    assert {service["metadata"]["labels"][monitor["jobLabel"]]} == jobs == {"payments-api"}
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    (endpoint,) = monitor["endpoints"]
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}


def test_everything_is_about_the_same_pods(chart: Chart) -> None:
    objects = chart.objects()
    labels = objects["Deployment"]["spec"]["template"]["metadata"]["labels"]

    for selector in (
        objects["Deployment"]["spec"]["selector"]["matchLabels"],
        objects["Service"]["spec"]["selector"],
        objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
        objects["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
        assert "helm.sh/chart" not in selector  # a Deployment's selector cannot change
    assert objects["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == "shop"
    assert "replicas" not in objects["Deployment"]["spec"]


def test_it_runs_without_rights(chart: Chart) -> None:
    spec = pod(chart.objects())
    (container,) = spec["containers"]

    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip


def test_the_pod_has_the_time_that_the_service_takes_to_end(rendered: Rendered, chart: Chart) -> None:
    settings = next(rendered(**HELM).glob("src/*/settings.py")).read_text(encoding="utf-8")
    periods = re.findall(r"(?:drain_delay|drain_timeout|flush_timeout)_seconds: \w+ = Field\(default=(\d+)", settings)

    assert len(periods) == 3
    assert sum(map(int, periods)) < pod(chart.objects())["terminationGracePeriodSeconds"]


def test_the_image_is_named_by_its_digest_and_by_nothing_else(chart: Chart) -> None:
    (container,) = pod(chart.objects())["containers"]
    assert container["image"] == f"ghcr.io/acme/payments-api@{DIGEST}"

    assert "give image.digest, the digest of a release" in chart.run("template").stderr
    assert "does not match pattern" in chart.run("template", "--set", "image.digest=latest").stderr


@pytest.mark.parametrize(
    "setting",
    ["image.tag=1.2.3", "autoscaling.minReplicas=1", "resources.limits.memory=null", "env.A.b=c", "replicas=3"],
)
def test_values_that_it_does_not_know_or_should_not_have_are_refused(chart: Chart, setting: str) -> None:
    done = chart.run("template", "--set", f"image.digest={DIGEST},{setting}")

    assert done.returncode != 0
    assert "values don't meet the specifications of the schema" in done.stderr


def test_its_schema_is_one(rendered: Rendered) -> None:
    folder = rendered(**HELM) / "deploy" / "helm"
    schema = json.loads((folder / "values.schema.json").read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load((folder / "values.yaml").read_text(encoding="utf-8")), schema)


def test_a_cluster_without_the_operator_gets_none_of_its_objects(chart: Chart) -> None:
    assert not chart.objects("monitoring.enabled=false").keys() & OPERATORS


def test_values_reach_the_container_as_text(chart: Chart) -> None:
    (container,) = pod(chart.objects("env.APP_DRAIN_DELAY_SECONDS=7", "env.APP_X=true"))["containers"]

    assert container["env"] == [{"name": "APP_DRAIN_DELAY_SECONDS", "value": "7"}, {"name": "APP_X", "value": "true"}]


# ---- the policy


def policy_of(service: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((service / "deploy" / "admission.yaml").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("answers", SIGNED.values(), ids=list(SIGNED))
def test_the_policy_refuses_what_is_not_the_release(rendered: Rendered, answers: dict[str, object]) -> None:
    """As `provenance-verified` sees it."""
    admission = Facts(open_repository(rendered(**answers)))["admission"]

    (policy,) = admission.policies
    assert (policy.wrong, policy.unsure, admission.unseen) == (None, None, ())
    assert policy.scope.but == policy.scope.only == ()
    host = "registry.gitlab.com" if "ci" in answers else "ghcr.io"
    assert [each.text for each in policy.images] == [f"{host}/acme/payments-api:*", f"{host}/acme/payments-api@*"]


@pytest.mark.parametrize("answers", SIGNED.values(), ids=list(SIGNED))
def test_whom_the_policy_trusts_is_who_signs(rendered: Rendered, answers: dict[str, object]) -> None:
    (attestor,) = policy_of(rendered(**answers))["spec"]["attestors"]

    if answers["signing"] == "kms":
        assert attestor["cosign"]["key"] == {"kms": "awskms:///alias/release-signing"}
        return
    (identity,) = attestor["cosign"]["keyless"]["identities"]
    issuer, ours, anothers = {
        "github": (
            "https://token.actions.githubusercontent.com",
            "https://github.com/acme/payments-api/.github/workflows/release.yml@refs/tags/v1.2.3",
            "https://github.com/acme/payments-api2/.github/workflows/release.yml@refs/tags/v1.2.3",
        ),
        "gitlab": (
            "https://gitlab.com",
            "https://gitlab.com/acme/payments-api//.gitlab-ci.yml@refs/tags/v1.2.3",
            "https://gitlab.com/acme/payments-api2//.gitlab-ci.yml@refs/tags/v1.2.3",
        ),
    }[str(answers.get("ci", "github"))]
    assert identity["issuer"] == issuer
    assert re.search(identity["subjectRegExp"], ours)
    for other in (anothers, ours.replace("tags/v", "heads/"), ours.replace(".com/", "-com/"), f"x{ours}"):
        assert not re.search(identity["subjectRegExp"], other), other


def admits(policy: dict[str, Any], *, signed: int = 1, attested: int = 1, source: str = "") -> bool:
    """Whether all conditions hold for a pod of one image, of which Kyverno verified so much."""
    images = {"containers": ["image"], "initContainers": [], "ephemeralContainers": []}
    context = cel.Context()
    for name, value in {"images": images, "attestors": {"release": "r"}, "attestations": {"provenance": "p"}}.items():
        context.add_variable(name, value)
    parameters = {"workflow": {"repository": source}} if "github.com" in source else {"source": source}
    context.add_function("verifyImageSignatures", lambda _image, _attestors: signed)
    context.add_function("verifyAttestationSignatures", lambda _image, _attestation, _attestors: attested)
    context.add_function(
        "extractPayload",
        lambda _image, _attestation: {"predicate": {"buildDefinition": {"externalParameters": parameters}}},
    )
    return all(cel.evaluate(each["expression"], context) for each in policy["spec"]["validations"])


@pytest.mark.parametrize("answers", SIGNED.values(), ids=list(SIGNED))
def test_what_is_unsigned_without_provenance_or_from_elsewhere_is_not_admitted(
    rendered: Rendered, answers: dict[str, object]
) -> None:
    policy = policy_of(rendered(**answers))
    source = f"https://{answers.get('ci', 'github')}.com/acme/payments-api"

    assert admits(policy, source=source)
    assert not admits(policy, source=f"{source}2")
    assert not admits(policy, source=source, attested=0)
    unsigned = admits(policy, source=source, signed=0)
    assert unsigned is (answers["signing"] == "github-attestations")  # there the attestation is all there is
