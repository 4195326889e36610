"""slo-defined: what counts as an SLO of this service."""

from __future__ import annotations

import pytest

from goldenpath.checks import Settings
from trees import judge

SLO = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: shop-availability}
spec:
  service: shop
  indicator:
    metadata: {name: good}
    spec:
      ratioMetric:
        good: {metricSource: {type: Prometheus, spec: {query: 'sum(requests_total{code!~"5.."})'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'sum(requests_total)'}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
"""

SLOTH = """
version: prometheus/v1
service: myservice
slos:
  - name: requests-availability
    objective: 99.9
    alerting: {name: Availability}
    sli:
      events:
        error_query: sum(rate(requests_total{job="myservice",code=~"(5..|429)"}[{{.window}}]))
        total_query: sum(rate(requests_total{job="myservice"}[{{.window}}]))
"""

PYRRA = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: NAME, labels: {prometheus: k8s}}
spec:
  target: "99"
  window: 2w
  indicator:
    ratio:
      errors: {metric: 'requests_total{JOBcode=~"5.."}'}
      total: {metric: 'requests_total{JOB}'}
"""


def component(name: str = "shop", *, more: str = "") -> str:
    metadata = f"metadata: {{name: {name}{more}}}"
    return f"apiVersion: backstage.io/v1alpha1\nkind: Component\n{metadata}\nspec: {{type: service}}\n"


def of(slo: str, catalog: str | None = None, settings: Settings | None = None) -> tuple[str, str]:
    outcome = judge("slo-defined", {"slo.yaml": slo, "catalog-info.yaml": catalog or component()}, settings)
    return outcome.verdict, outcome.reason or outcome.summary


def test_a_valid_slo_passes_with_indicator_target_and_window_as_evidence() -> None:
    outcome = judge("slo-defined", {"slo.yaml": SLO, "catalog-info.yaml": component()})
    assert (outcome.verdict, outcome.summary) == ("pass", "shop-availability: 99.9 % over 30d")
    assert [(each.role, each.line) for each in outcome.evidence] == [
        ("declared", 1),
        ("described", 10),
        ("described", 14),
    ]
    assert outcome.evidence[1].text == 'indicator: sum(requests_total{code!~"5.."})'


def test_without_a_component_any_service_may_be_the_one() -> None:
    assert judge("slo-defined", {"slo.yaml": SLO}).verdict == "pass"


def test_no_slo_fails() -> None:
    outcome = judge("slo-defined", {"catalog-info.yaml": component()})
    assert (outcome.verdict, outcome.summary) == ("fail", "there is no SLO")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("slo.md", "Our SLO: 99.9 % of requests succeed over 30 days.\n```yaml\n" + SLO + "\n```"),
        ("slo.yaml", "slo: 99.9 % of requests succeed"),
        ("slo.yaml", "# apiVersion: openslo/v1\n# kind: SLO\nenabled: true"),
        ("examples/slo.yaml", SLO),
        ("slo.yaml", "spec_version: '0.1.0'\nobjectives: [{sli: response_time_p95, pass: [{criteria: ['<=150']}]}]"),
    ],
)
def test_what_is_only_called_slo_fails_and_is_named(path: str, text: str) -> None:
    outcome = judge("slo-defined", {path: text, "catalog-info.yaml": component()})
    assert outcome.verdict == "fail"
    assert [each.path for each in outcome.evidence] in ([path], [])


@pytest.mark.parametrize("name", ["shop", "Shop", "shop-service", "payments/shop", "shop_svc", "SHOP"])
def test_the_services_name_is_the_components_up_to_spelling(name: str) -> None:
    assert of(SLO.replace("service: shop", f"service: {name}"))[0] == "pass"
    assert of(SLO, component(name.rpartition("/")[2]))[0] == "pass"


def test_the_component_may_be_known_by_another_name() -> None:
    catalog = component("shop-frontend-2", more=", annotations: {github.com/project-slug: acme/shop}")
    assert of(SLO, catalog)[0] == "pass"


def test_another_services_slo_fails() -> None:
    """As it happens when Sloth's getting-started file is copied and never edited."""
    assert of(SLOTH) == ("fail", "the SLO is of `myservice`, not of `shop`")


def test_another_components_slo_of_the_same_repository_fails() -> None:
    assert of(SLO, component("basket") + "---\n" + component("shop"))[0] == "fail"


def test_a_name_that_several_components_share_is_nobodys() -> None:
    slug = ", annotations: {github.com/project-slug: acme/shop}"
    catalog = component("api", more=slug) + "---\n" + component("web", more=slug)
    assert of(SLO, catalog)[0] == "fail"


def test_a_name_that_may_or_may_not_be_this_service_is_unknown() -> None:
    assert of(SLO, component("shop-checkout")) == ("unknown", "whether `shop` is `shop-checkout`")


def test_a_service_document_may_say_which_service_is_meant() -> None:
    service = "---\napiVersion: openslo/v1\nkind: Service\nmetadata: {name: s-17, displayName: Shop}\nspec: {}\n"
    assert of(SLO.replace("service: shop", "service: s-17") + service)[0] == "pass"


@pytest.mark.parametrize(
    ("name", "job", "verdict"),
    [("shop-errors", "", "pass"), ("http-errors", 'job="shop",', "pass"), ("http-errors", 'job="basket",', "unknown")],
)
def test_pyrra_says_whose_it_is_by_name_label_or_query(name: str, job: str, verdict: str) -> None:
    assert of(PYRRA.replace("NAME", name).replace("JOB", job))[0] == verdict


def test_one_invalid_slo_of_the_service_spoils_the_valid_one() -> None:
    verdict, summary = of(SLO + "---" + SLO.replace("0.999", "99.9"))
    assert verdict == "fail"
    assert "write 0.999" in summary


def test_an_older_openslo_version_fails() -> None:
    assert of(SLO.replace("openslo/v1", "openslo/v1alpha")) == (
        "fail",
        "the SLO is not valid: the version is not openslo/v1",
    )


def test_the_contract_may_narrow_the_forms() -> None:
    sloth = SLOTH.replace("myservice", "shop")
    assert of(sloth, settings=Settings(slo_forms=("sloth",)))[0] == "pass"
    assert of(sloth, settings=Settings(slo_forms=("openslo",))) == (
        "fail",
        "the SLO is in a form that the contract does not accept (openslo)",
    )


def test_a_form_that_only_the_contract_knows_is_unknown() -> None:
    files = {"slo.yaml": "apiVersion: sre.google.com/v2\nkind: ServiceLevelObjective", "catalog-info.yaml": component()}
    assert judge("slo-defined", files, Settings(slo_forms=("google",))).verdict == "unknown"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {
                "slo.yaml": SLO[: SLO.index("  indicator:")]
                + "  indicatorRef: good"
                + SLO[SLO.index("\n  timeWindow") :]
            },
            "SLI `good`",
        ),
        (
            {
                "chart/Chart.yaml": "name: shop",
                "chart/templates/slo.yaml": "{{ if .Values.slo }}" + SLOTH + "{{ end }}",
            },
            "Helm",
        ),
        ({"slo.yaml": None}, "too large"),
        ({"slo.yaml": SLO.replace("service: shop", "service: ${{ values.name }}")}, "whether `${{ values.name }}`"),
        ({"slo.yaml": SLO.replace("0.999", "'${TARGET}'")}, "`${TARGET}` is filled in elsewhere"),
    ],
)
def test_what_lies_elsewhere_is_unknown(files: dict[str, str | bytes | None], reason: str) -> None:
    outcome = judge("slo-defined", {**files, "catalog-info.yaml": component()})
    assert outcome.verdict == "unknown"
    assert reason in (outcome.reason or "")


def test_an_sli_that_an_slo_refers_to_must_be_valid_as_well() -> None:
    query = "{metricSource: {type: Prometheus, spec: {query: 'sum(rate(x_total[5m]))'}}}"
    good = query.replace("x_total", 'x_total{code=~"2.."}')
    sli = f"ratioMetric: {{counter: true, good: {good}, total: {query}}}"
    slo = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: shop-availability}
spec:
  service: shop
  indicatorRef: succeeded
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: succeeded}
spec: {SLI}
"""
    assert judge("slo-defined", {"slo.yaml": slo.replace("SLI}", f"{sli}}}")}).verdict == "pass"
    assert judge("slo-defined", {"slo.yaml": slo.replace("SLI}", f"{sli}, bogus: 1}}")}).verdict == "fail"


@pytest.mark.parametrize("first", ["apiVersion: [", "}{", "\tapiVersion: v1", "apiVersion: &a *b"])
def test_a_file_called_slo_that_is_no_yaml_is_told_with_its_line(first: str) -> None:
    broken = f"{first}\n" + SLO.strip().partition("\n")[2]
    outcome = judge("slo-defined", {"observability/slo.yaml": broken, "catalog-info.yaml": component()})
    assert (outcome.verdict, outcome.evidence[0].path) == ("fail", "observability/slo.yaml")
    assert outcome.summary.startswith("the SLO is not valid: ")
    assert outcome.evidence[0].line in {1, 2, 3}
    assert outcome.fix
    assert outcome.fix.summary.startswith("Correct observability/slo.yaml:")


@pytest.mark.parametrize("metric", ['http_requests_total{code=~"5.."}[5m]', 'sum(http_requests_total{code=~"5.."})'])
def test_pyrra_takes_a_metric_and_calculates_itself(metric: str) -> None:
    text = PYRRA.replace("NAME", "shop").replace('requests_total{JOBcode=~"5.."}', metric).replace("JOB", "")
    refused = f"the SLO is not valid: Pyrra takes a metric and its labels, and refuses `{metric}`"
    assert of(text) == ("fail", refused)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("duration: 30d", "duration: 30 days", "`spec.timeWindow[0].duration` is no duration such as 30d, 4w or 1M"),
        ("[{target: 0.999}]", "[]", "`spec.objectives` is empty"),
    ],
)
def test_a_sentence_is_for_people_and_not_for_parsers(old: str, new: str, said: str) -> None:
    assert old in SLO
    assert said in of(SLO.replace(old, new))[1]
