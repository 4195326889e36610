"""latency-p95-measured: a threshold that is a bucket of a histogram that a dependency exports."""

from __future__ import annotations

import pytest

from trees import judge

ENTITY = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: group:default/shop}
"""
SLO = """
version: prometheus/v1
service: shop
slos:
  - name: latency
    objective: 95
    alerting: {name: Latency}
    sli:
      events:
        error_query: >-
          sum(rate(http_server_request_duration_seconds_count[{{.window}}]))
          - sum(rate(http_server_request_duration_seconds_bucket{le="0.25"}[{{.window}}]))
        total_query: sum(rate(http_server_request_duration_seconds_count[{{.window}}]))
"""
RULE = """
groups:
  - name: shop
    rules:
      - alert: Slow
        expr: histogram_quantile(0.95, sum by (le) (rate(http_server_request_duration_seconds_bucket[5m]))) > 0.25
"""
STARTER = "io.opentelemetry.instrumentation:opentelemetry-spring-boot-starter"
GROUP, _, ARTIFACT = STARTER.partition(":")
IMAGE = "FROM python\nENV OTEL_SEMCONV_STABILITY_OPT_IN=http\n"
POM = (
    "<project><dependencies><dependency>\n"
    f"<groupId>{GROUP}</groupId><artifactId>{ARTIFACT}</artifactId><version>2.1</version>\n"
    "<scope>{scope}</scope>"
    "</dependency></dependencies></project>"
)
PROJECT = '[project]\nname = "shop"\ndependencies = ["opentelemetry-instrumentation-fastapi>=0.66b2"]\n'


def tree(files: dict[str, str]) -> dict[str, str]:
    return {"catalog-info.yaml": ENTITY, "pyproject.toml": PROJECT, "Dockerfile": IMAGE} | files


@pytest.mark.parametrize("asks", [{"slo.yaml": SLO}, {"alerts.yaml": RULE}])
def test_a_bucket_of_what_a_dependency_exports_passes(asks: dict[str, str]) -> None:
    outcome = judge("latency-p95-measured", tree(asks))
    assert (outcome.verdict, outcome.summary) == (
        "pass",
        "the 95th percentile of http_server_request_duration_seconds is measured, against its bucket of 0.25",
    )
    assert outcome.evidence[-1].path == "pyproject.toml"
    assert outcome.evidence[-1].line == 3


@pytest.mark.parametrize(
    ("path", "manifest"),
    [
        ("requirements.txt", "OpenTelemetry_instrumentation.ASGI==0.66b2 \\\n    --hash=sha256:00\n"),
        ("pyproject.toml", '[tool.poetry.dependencies]\nopentelemetry-instrumentation-flask = "*"\n'),
        ("go.mod", "module x\nrequire go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp v0.62.0\n"),
        ("package.json", '{"dependencies": {"@opentelemetry/auto-instrumentations-node": "1"}}'),
        (
            "build.gradle.kts",
            f'dependencies {{\n    implementation("{STARTER}:2.1")\n}}\n',
        ),
        ("build.gradle", f"dependencies {{ implementation platform('a:b:1')\n  runtimeOnly '{STARTER}'\n}}\n"),
        ("pom.xml", POM.format(scope="runtime")),
    ],
)
def test_manifests_of_every_language_are_read(path: str, manifest: str) -> None:
    files = {"slo.yaml": SLO, "pyproject.toml": "", path: manifest}
    assert judge("latency-p95-measured", tree(files)).verdict == "pass"


def test_an_alias_of_gradles_version_catalog_is_looked_up() -> None:
    files = {
        "slo.yaml": SLO,
        "pyproject.toml": "",
        "app/build.gradle.kts": "dependencies {\n    implementation(libs.otel.spring)\n}\n",
        "gradle/libs.versions.toml": f'[libraries]\notel-spring = {{ module = "{STARTER}", version = "2.1" }}\n',
    }
    outcome = judge("latency-p95-measured", tree(files))
    assert outcome.verdict == "pass"
    assert (outcome.evidence[-1].path, outcome.evidence[-1].line) == ("app/build.gradle.kts", 2)
    unused = files | {"app/build.gradle.kts": "dependencies {\n    testImplementation(libs.otel.spring)\n}\n"}
    assert judge("latency-p95-measured", tree(unused)).verdict == "unknown"


@pytest.mark.parametrize(
    ("path", "manifest"),
    [
        ("requirements.txt", "# opentelemetry-instrumentation-fastapi\n"),
        ("requirements-dev.txt", "opentelemetry-instrumentation-fastapi\n"),
        ("package.json", '{"devDependencies": {"@opentelemetry/instrumentation-http": "1"}}'),
        ("pom.xml", "<!-- <groupId>io.micrometer</groupId><artifactId>micrometer-core</artifactId> -->"),
        ("pom.xml", POM.format(scope="test")),
        ("pom.xml", POM.format(scope="compile").replace("project>", "build>")),
        ("build.gradle", f"dependencies {{\n    testImplementation '{STARTER}:2.1'\n}}\n"),
        ("build.gradle", f"dependencies {{\n    // implementation '{STARTER}:2.1'\n}}\n"),
        (
            "go.mod",
            "require go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp v0.60.0 // indirect\n",
        ),
        ("pyproject.toml", '[dependency-groups]\ndev = ["opentelemetry-instrumentation-fastapi"]\n'),
        ("pyproject.toml", '[tool.poetry.group.dev.dependencies]\nopentelemetry-instrumentation-fastapi = "*"\n'),
        ("Pipfile", '[dev-packages]\nopentelemetry-instrumentation-fastapi = "*"\n'),
        ("examples/requirements.txt", "opentelemetry-instrumentation-fastapi\n"),
        ("pyproject.toml", "dependencies = ["),
        ("package.json", "[" * 100_000),
        ("requirements.txt", "prometheus-client\n"),
    ],
)
def test_what_no_dependency_is_known_to_export_is_unknown(path: str, manifest: str) -> None:
    outcome = judge("latency-p95-measured", tree({"slo.yaml": SLO, "pyproject.toml": "", path: manifest}))
    assert outcome.verdict == "unknown"
    assert "no dependency is known to export http_server_request_duration_seconds" in (outcome.reason or "")


HTTP = "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"Dockerfile": "FROM python\n"}, "unknown"),
        ({"Dockerfile": "FROM python\n# ENV OTEL_SEMCONV_STABILITY_OPT_IN=http\n"}, "unknown"),
        ({"Dockerfile": "", "tests/test_app.py": "OTEL_SEMCONV_STABILITY_OPT_IN = 1"}, "unknown"),
        ({"Dockerfile": "", "k8s/app.yaml": "env: [{name: OTEL_SEMCONV_STABILITY_OPT_IN, value: http}]"}, "pass"),
        ({"pyproject.toml": "", "go.mod": f"require {HTTP} v0.60.0\n"}, "unknown"),
        ({"pyproject.toml": "", "go.mod": f"require {HTTP} v0.72.0\n"}, "pass"),
        (
            {"pyproject.toml": "", "package.json": '{"dependencies": {"@opentelemetry/instrumentation-http": "*"}}'},
            "pass",
        ),
        (
            {
                "pyproject.toml": "",
                "Dockerfile": "",
                "package.json": '{"dependencies": {"@opentelemetry/instrumentation-http": "^0.57.0"}}',
            },
            "unknown",
        ),
        (
            {
                "pyproject.toml": "",
                "Dockerfile": "",
                "package.json": '{"dependencies": {"@opentelemetry/instrumentation-http": "^0.222.0"}}',
            },
            "pass",
        ),
    ],
)
def test_what_is_exported_on_demand_needs_the_demand(files: dict[str, str], expected: str) -> None:
    assert judge("latency-p95-measured", tree({"slo.yaml": SLO} | files)).verdict == expected


NODE = """{"dependencies": {
  "@opentelemetry/instrumentation-http": "0.301.0", "@opentelemetry/exporter-prometheus": "0.301.0"
}}"""


@pytest.mark.parametrize(
    ("slo", "files", "expected"),
    [
        (SLO, {"src/metrics.ts": "const name = 'http.server.request.duration';"}, "unknown"),
        (SLO, {"src/metrics.ts": "// http.server.request.duration.seconds"}, "unknown"),
        (SLO, {"src/metrics.ts": "const views = [{ name: 'http.server.request.duration.seconds' }];"}, "pass"),
        (SLO.replace("duration_seconds", "duration"), {}, "pass"),
    ],
)
def test_the_exporter_of_javascript_leaves_the_unit_out_of_names(
    slo: str, files: dict[str, str], expected: str
) -> None:
    found = judge("latency-p95-measured", tree({"slo.yaml": slo, "pyproject.toml": "", "package.json": NODE} | files))
    assert found.verdict == expected


def test_the_calls_of_grpc_are_measured_where_the_code_asks_for_it() -> None:
    files = {
        "slo.yaml": SLO.replace("http_server_request_duration_seconds", "grpc_server_handling_seconds"),
        "go.mod": "require github.com/grpc-ecosystem/go-grpc-prometheus v1.2.0\n",
    }
    outcome = judge("latency-p95-measured", tree(files))
    assert "only with EnableHandlingTimeHistogram" in (outcome.reason or "")
    asked = files | {"main.go": "func main() {\n\tgrpc_prometheus.EnableHandlingTimeHistogram()\n}\n"}
    assert judge("latency-p95-measured", tree(asked)).verdict == "pass"


@pytest.mark.parametrize(
    "asks", [{"slo.yaml": SLO.replace("0.25", "0.3")}, {"alerts.yaml": RULE.replace("0.25", "0.3")}]
)
def test_a_threshold_that_is_no_bucket_fails(asks: dict[str, str]) -> None:
    outcome = judge("latency-p95-measured", tree(asks))
    assert outcome.verdict == "fail"
    assert outcome.summary == "0.3 is no bucket of http_server_request_duration_seconds; near are 0.1 and 0.25"


MICROMETER = (
    "<project><parent><artifactId>spring-boot-starter-parent</artifactId><version>4.1.2</version></parent>"
    "<dependencies><dependency><groupId>io.micrometer</groupId>"
    "<artifactId>micrometer-registry-prometheus</artifactId></dependency></dependencies></project>"
)
CONVENTION = "class Names extends OpenTelemetryServerRequestObservationConvention {}\n"
RESOURCES = "src/main/resources"
BOUNDARIES = "management:\n  metrics:\n    distribution:\n      slo:\n        http.server.request.duration: {}\n"
RENAMED = BOUNDARIES + "  observations.http.server.requests.name: http.server.request.duration\n"
PROPERTY = "management.metrics.distribution.slo.http.server.requests"
BY_DEFAULT = SLO.replace("http_server_request_duration", "http_server_requests")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({f"{RESOURCES}/application.yaml": BOUNDARIES.format("100ms,250ms,1s"), "Names.java": CONVENTION}, "pass"),
        ({f"{RESOURCES}/application.yaml": BOUNDARIES.format("[100, 250]"), "Names.java": CONVENTION}, "pass"),
        ({f"{RESOURCES}/application.yml": RENAMED.format("0.25s")}, "pass"),
        (
            {
                f"{RESOURCES}/application.properties": f"{PROPERTY}=250ms\n",
                "slo.yaml": BY_DEFAULT,
            },
            "pass",
        ),
        # Nothing chooses OpenTelemetry's name.
        ({f"{RESOURCES}/application.yaml": BOUNDARIES.format("250ms")}, "unknown"),
        ({f"{RESOURCES}/application.yaml": BOUNDARIES.format("250ms"), "Names.java": f"// {CONVENTION}"}, "unknown"),
        # Another boundary, another profile, a value from the environment, a configuration of tests, none at all.
        ({f"{RESOURCES}/application.yaml": BOUNDARIES.format("100ms,300ms"), "Names.java": CONVENTION}, "unknown"),
        (
            {
                f"{RESOURCES}/application.yaml": BOUNDARIES.format("250ms"),
                f"{RESOURCES}/application-prod.yaml": BOUNDARIES.format("1s"),
                "Names.java": CONVENTION,
            },
            "unknown",
        ),
        ({f"{RESOURCES}/application.yaml": BOUNDARIES.format('"${SLO}"'), "Names.java": CONVENTION}, "unknown"),
        ({"src/test/resources/application.yaml": BOUNDARIES.format("250ms"), "Names.java": CONVENTION}, "unknown"),
        ({"Names.java": CONVENTION}, "unknown"),
    ],
)
def test_micrometer_has_the_buckets_that_spring_boots_configuration_names(files: dict[str, str], expected: str) -> None:
    service = {"pyproject.toml": "", "slo.yaml": SLO, "pom.xml": MICROMETER, "Dockerfile": "FROM eclipse-temurin\n"}

    assert judge("latency-p95-measured", tree(service | files)).verdict == expected


def test_where_the_code_configures_buckets_nobody_can_tell() -> None:
    code = "views = [View(aggregation=ExplicitBucketHistogramAggregation((0.1, 0.3)))]\n"
    outcome = judge("latency-p95-measured", tree({"slo.yaml": SLO.replace("0.25", "0.3"), "shop/metrics.py": code}))
    assert outcome.verdict == "unknown"
    assert "shop/metrics.py:1 may configure others" in (outcome.reason or "")


@pytest.mark.parametrize(
    "asks",
    [
        {},
        {"slo.yaml": SLO.replace("objective: 95", "objective: 90")},
        {"alerts.yaml": RULE.replace("0.95", "0.5")},
        {"alerts.yaml": "# histogram_quantile(0.95, x)\n"},
        {"docs/latency.md": RULE},
    ],
)
def test_what_asks_for_no_percentile_fails(asks: dict[str, str]) -> None:
    outcome = judge("latency-p95-measured", tree(asks))
    assert (outcome.verdict, outcome.summary) == (
        "fail",
        "no objective or query asks for the 95th percentile of a latency histogram",
    )
