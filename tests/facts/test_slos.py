"""What is read out of SLO files, form by form."""

from __future__ import annotations

from textwrap import indent

import pytest

from goldenpath.facts import search
from goldenpath.facts.slos import slos
from goldenpath.facts.slos.model import Query
from goldenpath.facts.slos.promql import problems
from goldenpath.repository import Place
from trees import repository

RATIO = """
counter: true
good: {metricSource: {type: Prometheus, spec: {query: 'sum(http_requests_total{job="shop", code!~"5.."})'}}}
total: {metricSource: {type: Prometheus, spec: {query: 'sum(http_requests_total{job="shop"})'}}}
"""


def openslo(
    *,
    objective: str = "target: 0.999",
    window: str = "timeWindow: [{duration: 30d, isRolling: true}]",
    method: str = "Occurrences",
    ratio: str = RATIO,
    indicator: str = "",
    extra: str = "",
) -> str:
    """An SLO of the service `shop`, of which a test says only what it is about."""
    measured = (
        indicator or f"indicator:\n  metadata: {{name: good}}\n  spec:\n    ratioMetric:\n{indent(ratio, '      ')}"
    )
    spec = f"service: shop\n{measured}\n{window}\nbudgetingMethod: {method}\nobjectives:\n  - {objective}\n{extra}"
    return f"apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: shop-availability}}\nspec:\n{indent(spec, '  ')}"


SLI = (
    f"---\napiVersion: openslo/v1\nkind: SLI\nmetadata: {{name: good}}\nspec:\n  ratioMetric:\n{indent(RATIO, '    ')}"
)


def found(text: str, path: str = "slo.yaml") -> list[str]:
    """The problems and doubts of the one SLO of a file."""
    (slo,) = slos(repository({path: text})).found
    return [each.text for each in (*slo.problems, *slo.doubts)]


@pytest.mark.parametrize(
    ("good", "total", "lacking"),
    [
        ('code=~"2.."', 'code!~"2.."', "good ones"),
        ('code!~"5.."', 'code=~"2..|3.."', "failures"),
        ('code!~"5.."', 'code!~"5..|429"', "failures"),
        ('code="200"', 'code=~"2.."', "failures"),
        ('outcome!="failure"', 'outcome="success"', "failures"),
        ('outcome="success"', 'outcome!="success"', "good ones"),
    ],
)
def test_all_events_have_good_ones_and_failures(good: str, total: str, lacking: str) -> None:
    ratio = RATIO.replace('job="shop", code!~"5.."', good).replace('job="shop"', total)
    assert f"none of the {lacking}" in " ".join(found(openslo(ratio=ratio)))


def test_good_events_of_one_service_are_none_of_another() -> None:
    ratio = RATIO.replace('sum(http_requests_total{job="shop"})', 'sum(http_requests_total{job="stock"})')
    assert 'counts job="stock", and the one of good events job="shop"' in " ".join(found(openslo(ratio=ratio)))


@pytest.mark.parametrize(
    ("good", "total"),
    [
        ('code!~"5.."', 'code!~"4.."'),
        ('kind="good"', 'kind="all"'),
        ('job="$job"', 'job="shop"'),
        ('code=~"2..|404"', 'code=~"[245].."'),
        ('code=~"2..",cache="hit"', 'code=~"2.."'),
        ('outcome="success"', 'outcome!="cancelled"'),
        ('code!~"5.."', 'code!="429"'),
    ],
)
def test_some_events_may_be_none_of_all(good: str, total: str) -> None:
    ratio = RATIO.replace('job="shop", code!~"5.."', good).replace('job="shop"', total)
    assert found(openslo(ratio=ratio)) == []


def test_an_openslo_file_gives_service_window_targets_and_queries() -> None:
    (slo,) = slos(repository({"slo.yaml": openslo()})).found
    assert (slo.form, slo.name, slo.service, slo.window) == ("openslo", "shop-availability", "shop", "30d")
    assert [objective.target for objective in slo.objectives] == [0.999]
    assert [(query.role, query.language) for query in slo.queries] == [("good", "prometheus"), ("total", "prometheus")]
    assert slo.queries[0].text.endswith('code!~"5.."})')
    assert not slo.problems


@pytest.mark.parametrize(
    "change",
    [
        {"objective": "{targetPercent: 99.95}"},
        {"objective": "{displayName: Fine, target: 0.95}"},
        {"window": "timeWindow: [{duration: 1M, calendar: {startTime: 2026-01-01 12:00:00, timeZone: UTC}}]"},
        {"method": "Timeslices", "objective": "{target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 5m}"},
        {"method": "RatioTimeslices", "objective": "{target: 0.99, timeSliceWindow: 5}"},
        {"ratio": "rawType: failure\nraw: {metricSource: {metricSourceRef: mimir, spec: {query: 'slo:errors'}}}"},
        {"extra": "alertPolicies:"},
        {"extra": "alertPolicies: [{alertPolicyRef: fast-burn}]"},
        {"indicator": "indicatorRef: good", "extra": SLI},
        {
            "indicator": "",
            "objective": "{op: lte, value: 0.25, target: 0.95}",
            "ratio": RATIO,
        },
    ],
)
def test_what_the_specification_allows_is_valid(change: dict[str, str]) -> None:
    sli = change.pop("extra") if change.get("extra", "").startswith("---") else ""
    assert found(openslo(**change) + "\n" + sli) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"objective": "target: 99.9"}, "`target` is a share between 0 and 1: write 0.999"),
        ({"objective": "target: 1"}, "leaves no error budget"),
        ({"objective": "target: 0"}, "promises nothing"),
        ({"objective": "target: .nan"}, "promises nothing"),
        ({"objective": "targetPercent: 0.999"}, "is surely 99.9 %"),
        ({"objective": 'target: "0.999"'}, "expected `float"),
        ({"objective": "{target: 0.9, targetPercent: 90}"}, "either a `target` or a `targetPercent`"),
        ({"objective": "{displayName: Nothing}"}, "either a `target` or a `targetPercent`"),
        ({"window": ""}, "no `timeWindow`"),
        ({"window": "timeWindow: [{duration: 30d}]"}, "neither rolling"),
        ({"window": "timeWindow: [{duration: 30 days, isRolling: true}]"}, "`spec.timeWindow[0].duration`"),
        (
            {"window": "timeWindow: [{duration: 1d, isRolling: true}, {duration: 2d, isRolling: true}]"},
            "`spec.timeWindow`",
        ),
        ({"window": "timeWindows: []"}, "OpenSLO v1 has no `spec.timeWindows`"),
        ({"method": "occurrences"}, "`spec.budgetingMethod`"),
        ({"method": "Timeslices"}, "`timeSliceWindow`"),
        ({"indicator": "description: nothing is measured"}, "no `indicator`"),
        ({"ratio": "good: {metricSource: {spec: {query: up}}}"}, "a ratio has `total`"),
        ({"ratio": RATIO.replace(', code!~"5.."', "")}, "the same query"),
        (
            {
                "ratio": RATIO.replace('{job="shop", code!~"5.."', '{code=~"..", job="shop"').replace(
                    '{job="shop"}', '{job="shop",  code=~".."}'
                )
            },
            "the same query",
        ),
        ({"ratio": RATIO.replace("!~", "=~")}, "the query of good events counts errors"),
        ({"ratio": RATIO.replace('code!~"5.."', 'code=~"[1-5].."')}, "leaves out none of the failures"),
        ({"ratio": RATIO.replace('code!~"5.."', 'code!~"4.."')}, "leaves out none of the failures"),
        ({"ratio": RATIO.replace("good:", "bad:").replace("!~", "!~").replace("5..", "3..")}, "none of the good ones"),
        ({"ratio": "raw: {metricSource: {spec: {query: 'slo:errors'}}}"}, "`rawType`"),
        ({"ratio": RATIO.replace("type:", "metricSourceType:")}, "metricSourceType"),
        (
            {"indicator": "indicator: {metadata: {name: x}, spec: {thresholdMetric: {metricSource: {spec: {q: up}}}}}"},
            "`op`",
        ),
    ],
)
def test_what_the_specification_forbids_is_named(change: dict[str, str], problem: str) -> None:
    assert problem in " ".join(found(openslo(**change)))


@pytest.mark.parametrize(
    "good",
    [
        'code!~"5..", cached="true"',  # a share of something else than of what ended well
        'code!~"4..", cached="true"',
        'code!="error"',
        'code!~"500|503"',
        'code!~"Aborted"',
    ],
)
def test_good_events_that_leave_something_out_are_no_mistake(good: str) -> None:
    assert found(openslo(ratio=RATIO.replace('code!~"5.."', good))) == []


def test_problems_stand_where_they_are() -> None:
    (slo,) = slos(repository({"slo.yaml": openslo(objective="target: 99.9")})).found
    text = openslo(objective="target: 99.9").splitlines()
    place = slo.problems[0].place
    assert text[place.line - 1][place.column - 1 :] == "99.9"


def test_an_indicator_elsewhere_is_a_doubt() -> None:
    assert found(openslo(indicator="indicatorRef: elsewhere")) == ["the SLI `elsewhere` is not in this repository"]


def test_json_and_lists_of_documents_are_read() -> None:
    assert found(
        '{"apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": "a"}, "spec": {"service": "shop",'
        ' "indicatorRef": "x", "timeWindow": [{"duration": "1w", "isRolling": true}],'
        ' "budgetingMethod": "Occurrences", "objectives": [{"target": 0.9}]}}',
        "slos/shop.json",
    ) == ["the SLI `x` is not in this repository"]
    listed = "- " + indent(openslo(), "  ").lstrip()
    assert found(listed) == []


SLOTH = """
version: prometheus/v1
service: shop
labels: {owner: payments}
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(http_requests_total{job="shop",code=~"(5..|429)"}[{{.window}}]))
        total_query: sum(rate(http_requests_total{job="shop"}[{{.window}}]))
    alerting:
      name: ShopErrors
      annotations: {summary: "{{ $labels.job }} loses requests, {{ $value }} of them"}
"""


def test_a_sloth_file_gives_its_slos_with_the_window_of_the_generator() -> None:
    (slo,) = slos(repository({"sloth.yml": SLOTH})).found
    assert (slo.form, slo.name, slo.service, slo.window) == ("sloth", "availability", "shop", "30d")
    assert [objective.target for objective in slo.objectives] == [0.999]
    assert not slo.problems + slo.doubts


def test_sloth_names_alerts_unless_it_makes_none() -> None:
    quiet = SLOTH.replace("      name: ShopErrors\n", "      page_alert: {disable: true}\n")
    assert "`alerting` has no `name`" in " ".join(found(quiet))
    assert found(quiet.replace("page_alert:", "ticket_alert: {disable: true}\n      page_alert:")) == []


def test_the_sloth_resource_is_spelt_its_own_way() -> None:
    spec = SLOTH.replace("version: prometheus/v1\n", "").replace("error_query", "errorQuery").replace("total_", "total")
    head = "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\nmetadata: {name: shop}\nspec:"
    text = head + indent(spec, "  ")
    assert found(text.replace("totalquery", "totalQuery")) == []
    assert "`events` has a query of errors" in " ".join(found(text.replace("errorQuery", "error_query")))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("99.9", "100", "no error budget"),
        ("99.9", "0.999", "is surely 99.9 %"),
        ("objective: 99.9", "description: none", "no `objective`"),
        ("      name: ShopErrors\n", "", "`alerting` has no `name`"),
        ('job="shop"}', 'job="shop",code=~"2.."}', 'the query of all events has none of the failures: code=~"2.."'),
        ('code=~"(5..|429)"', 'code=~"2.."', "the query of bad events counts successes"),
        ('code=~"(5..|429)"', 'code!~"5.."', "the query of bad events counts successes"),
        (',code=~"(5..|429)"', "", "everything is an error"),
        ('http_requests_total{job="shop",code=~"(5..|429)"}', 'seconds_bucket{le="0.25"}', "fast enough"),
        ("[{{.window}}]))\n        total", "[5m]))\n        total", "has no `{{.window}}`"),
        ("service: shop", 'service: ""', "names no service"),
        ('sum(rate(http_requests_total{job="shop"}[{{.window}}]))', '""', "the query is empty"),
        ('sum(rate(http_requests_total{job="shop"}', 'sum(rate(http_requests_total{job="shop")', "no PromQL"),
    ],
)
def test_what_sloth_would_refuse_is_named(old: str, new: str, problem: str) -> None:
    assert problem in " ".join(found(SLOTH.replace(old, new), "sloth.yaml"))


@pytest.mark.parametrize("every", ['code!="429"', 'code=~"[245].."', 'handler="/buy"'])
def test_all_events_need_not_be_all_requests(every: str) -> None:
    assert found(SLOTH.replace('job="shop"}', f'job="shop",{every}}}'), "sloth.yaml") == []


def test_a_sloth_plugin_is_a_doubt() -> None:
    plugin = SLOTH[: SLOTH.index("      events")] + "      plugin: {id: acme/availability}\n    alerting: {name: A}\n"
    assert found(plugin) == ["what the plugin `acme/availability` asks is not in the file"]


PYRRA = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: shop-errors, labels: {pyrra.dev/team: payments}}
spec:
  target: "99.5"
  window: 4w
  indicator:
    ratio:
      errors: {metric: 'http_requests_total{job="shop",code=~"5.."}'}
      total: {metric: 'http_requests_total{job="shop"}'}
"""


def test_a_pyrra_resource_gives_target_window_and_queries() -> None:
    (slo,) = slos(repository({"k8s/slo.yaml": PYRRA})).found
    assert (slo.form, slo.name, slo.window, slo.objectives[0].target) == ("pyrra", "shop-errors", "4w", 0.995)
    assert not slo.problems + slo.doubts


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"99.5"', '"0.995"', "is surely 99.5 %"),
        ('"99.5"', "most of the time", "is no number"),
        ("window: 4w", "window: a month", "is no duration"),
        ("window: 4w", "description: no window", "no `window`"),
        (',code=~"5.."', "", "both queries are the same"),
        ('code=~"5.."', 'code=~"2.."', "counts successes"),
        ("errors:", "failures:", "`ratio` needs"),
        ("ratio:", "proportion:", "no `indicator`"),
        ("v1alpha1", "v1", "the version is not"),
    ],
)
def test_what_pyrra_would_refuse_is_named(old: str, new: str, problem: str) -> None:
    read = slos(repository({"slo.yaml": PYRRA.replace(old, new)}))
    texts = [each.text for slo in read.found for each in slo.problems] + [each.text for each in read.broken]
    assert problem in " ".join(texts)


def test_a_latency_that_selects_errors_as_success_is_found() -> None:
    """As an example of Pyrra's own repository for an ingress has it."""
    latency = """
    apiVersion: pyrra.dev/v1alpha1
    kind: ServiceLevelObjective
    metadata: {name: shop-latency}
    spec:
      target: '90'
      window: 4w
      indicator:
        latency:
          success: {metric: 'request_duration_seconds_bucket{service="shop",status=~"5..",le="1"}'}
          total: {metric: 'request_duration_seconds_count{service="shop"}'}
    """
    assert found(latency) == ['the query of good events counts errors: status=~"5.."']
    assert found(latency.replace(',status=~"5.."', "")) == []


@pytest.mark.parametrize(
    ("role", "text"),
    [
        ("good", 'sum(rate(requests_total[5m])) - sum(rate(requests_total{code=~"5.."}[5m]))'),
        ("bad", 'sum(rate(requests_total[5m])) - sum(rate(requests_total{code=~"2.."}[5m]))'),
        ("bad", 'sum(rate(requests_total{code=~"5.."}[5m])) or vector(0)'),
        ("bad", 'sum(rate(requests_total{code!~"2..|3.."}[5m]))'),
        ("bad", 'sum(rate(grpc_total{grpc_code=~"Aborted|Unavailable|Internal"}[5m]))'),
        ("bad", 'sum(rate(requests_total{code="404"}[5m]))'),
        ("good", 'sum(rate(requests_total{code=~"2..|3..|4.."}[5m]))'),
        ("good", 'sum(rate(requests_total{code=~"(((5+)+)+)+"}[5m]))'),
        ("bad", "sum(failures_total)"),
    ],
)
def test_a_query_that_may_be_right_is_let_be(role: str, text: str) -> None:
    assert not list(problems(Query(role, text, Place("slo.yaml", 1, 1), "prometheus")))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path",
    [
        "examples/slo.yaml",
        "node_modules/x/slo.yaml",
        "testdata/slo.yaml",
        "vendor/slo.yaml",
        "templates/service/slo.yaml",
        "skeleton/slo.yaml",
        "{{cookiecutter.name}}/slo.yaml",
        "${{values.name}}/slo.yaml",
        "docs/slo.md",
    ],
)
def test_what_is_not_this_services_own_does_not_count(path: str) -> None:
    read = slos(repository({path: openslo()}))
    assert not read.found
    assert not read.unseen


def test_files_that_a_template_engine_completes_are_out_of_sight() -> None:
    chart = {
        "chart/Chart.yaml": "name: shop",
        "chart/templates/slo.yaml": "{{- if .Values.slo }}\n" + SLOTH + "{{- end }}",
    }
    assert "rendered by Helm (chart/Chart.yaml)" in slos(repository(chart)).unseen[0].text
    jinja = {"slo.yaml": "{% if slo %}\n" + openslo() + "\n{% endif %}"}
    assert "template" in slos(repository(jinja)).unseen[0].text
    assert found(openslo().replace("service: shop", "service: ${SERVICE}")) == ["`${SERVICE}` is filled in elsewhere"]


def test_slos_that_a_program_makes_are_out_of_sight() -> None:
    jsonnet = {
        "component/slos.jsonnet": "// for Sloth\n{ version: 'prometheus/v1', slos: std.map(slo, params.slos) }\n"
    }
    (unseen,) = slos(repository(jsonnet)).unseen
    assert (unseen.place.path, unseen.place.line) == ("component/slos.jsonnet", 2)
    assert unseen.text == "what Jsonnet makes of this file is only known by running it"


def test_a_chart_without_templating_is_read() -> None:
    read = slos(repository({"chart/Chart.yaml": "name: shop", "chart/templates/slo.yaml": PYRRA}))
    assert [slo.name for slo in read.found] == ["shop-errors"]


def test_a_file_that_is_no_yaml_is_broken_at_its_line() -> None:
    (broken,) = slos(repository({"slo.yaml": "apiVersion: openslo/v1\nkind: [SLO\n"})).broken
    assert broken.place.line == 3


def test_the_search_ends_at_its_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_FILES", 10)
    files = {f"k8s/{number}.yaml": "kind: Deployment" for number in range(20)}
    assert "goldenpath searches 10 files" in slos(repository(files)).unseen[0].text
    assert slos(repository({**files, "z/slo.yaml": openslo()})).found


def test_hostile_files_end_in_findings() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{c}: &{c} [*{p}, *{p}, *{p}, *{p}]\n" for p, c in zip("abcdefghi", "bcdefghij", strict=True)
    )
    hostile: dict[str, str | bytes | None] = {
        "slo1.yaml": None,
        "slo2.yaml": b"openslo/v1\x00",
        "slo3.yaml": b"openslo/v1: \xff",
        "slo4.yaml": "# openslo/v1\n" + bomb,
        "slo5.yaml": "# openslo/v1\n" + "[" * 5000,
        "slo6.yaml": "openslo/v1: 1\nopenslo/v1: 2",
        "slo7.yaml": "apiVersion: openslo/v1\nkind: SLO\nspec: []\nmetadata: 1",
        "slo8.yaml": "version: prometheus/v1\nslos: [1, [], {sli: {events: []}}]",
        "slo9.yaml": "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nspec: {indicator: []}",
    }
    read = slos(repository(hostile))
    assert {finding.place.path for finding in read.unseen} == {f"slo{number}.yaml" for number in range(1, 6)}
    assert {finding.place.path for finding in read.broken} == {"slo6.yaml"}
    assert all(slo.problems for slo in read.found)
