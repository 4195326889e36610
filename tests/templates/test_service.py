"""The service as its team has it: installed from its own locks, tested, built, judged, scraped."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml

import toolbox
from made import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from languages import Language
    from made import Make
    from toolbox import Render, Tool

pytestmark = pytest.mark.timeout(1200)  # a first installation fills uv's cache

ORDER = {"reference": "2026-0001", "lines": [{"sku": "TEA", "quantity": 2}]}
NOWHERE = "/v1/orders/8e7d4a52-3ff1-4a3c-9a0e-5d3a6f1f2b11"


# ---- its own targets


@pytest.mark.parametrize("target", ["lint", "types", "test", "docs"])
def test_its_own_targets_pass(service: Path, make: Make, target: str) -> None:
    make(service, target)


def test_its_locks_fit_its_project_file(service: Path, make: Make) -> None:
    make(service, "lock-check")


def test_its_hooks_pass(service: Path) -> None:
    hooks = service / ".venv" / "bin" / "pre-commit"
    with toolbox.alone(service):  # some run targets of make, which compile in place
        done = subprocess.run([hooks, "run", "--all-files"], cwd=service, text=True, capture_output=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("target", ["run", "watch", "image", "smoke", "lock-check"])
def test_its_recipes_are_sound_shell(service: Path, make: Make, tool: Tool, tmp_path: Path, target: str) -> None:
    """Those of the image too, which only a machine with Docker can run."""
    recipe = tmp_path / "recipe.sh"
    recipe.write_text(make(service, "--dry-run", target), encoding="utf-8")

    command = [str(tool("shellcheck")), "--shell=bash", "--exclude=SC1091", str(recipe)]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


def test_its_rules_and_routes_pass(service: Path, make: Make, tool: Tool) -> None:
    make(service, "rules", f"PROMTOOL={tool('promtool')}", f"AMTOOL={tool('amtool')}")


def test_it_is_built_the_same_way_twice(
    language: Language, service: Path, render: Render, make: Make, tmp_path: Path
) -> None:
    own = toolbox.commit(render(tmp_path, template=language.template))
    if (service / "node_modules").is_dir():  # it is installed already
        (own / "node_modules").symlink_to(service / "node_modules")

    sums = make(own, "reproduce")

    # Debian's Maven resets the terminal's colours, even where there is none.
    built = re.findall(r"^(?:\x1b\[0?m)*[0-9a-f]{64}  (\S+)$", sums, re.MULTILINE)
    assert len(built) == len(language.products)
    assert all(any(re.fullmatch(product, name) for name in built) for product in language.products)


def test_it_checks_itself_by_the_golden_path(service: Path, make: Make, tool: Tool) -> None:
    card = make(service, "check", f"GOLDENPATH={tool('goldenpath')}")

    assert "payments-api" in card
    assert "every check of this contract is met" in card


def test_a_job_on_github_shows_the_scorecard_in_its_summary(
    service: Path, make: Make, tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "the summary"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    card = make(service, "check", f"GOLDENPATH={tool('goldenpath')}")

    assert "every check of this contract is met" in card
    assert "payments-api" in summary.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("commit", "asked"),
    [("v1.2.0", "v1.2.0"), ("v1.2.0-3-gabc1234", "abc1234"), ("v1.2.0-rc-1", "v1.2.0-rc-1"), ("4f6c1a2", "4f6c1a2")],
)
def test_it_asks_for_the_validator_of_its_suite(
    language: Language, render: Render, make: Make, tmp_path: Path, commit: str, asked: str
) -> None:
    service = render(tmp_path, template=language.template)

    def planned(source: Path | str) -> str:
        answers = service / ".copier-answers.yml"
        told = re.sub("(?m)^_commit: .*", f"_commit: {commit}", answers.read_text())
        answers.write_text(re.sub("(?m)^_src_path: .*", f"_src_path: {source}", told), encoding="utf-8")
        return make(service, "--dry-run", "check")

    public = "https://github.com/goldenpath-dev/goldenpath"
    assert f'tool run --from "git+{public}@{asked}" goldenpath check .' in planned(public)
    assert f'tool run --from "git+file://{tmp_path}@{asked}" goldenpath check .' in planned(tmp_path)
    assert f'tool run --from "git+{public}@{asked}" goldenpath check .' in planned(tmp_path / "gone")


def test_its_version_is_what_a_release_is_tagged_with(service: Path, make: Make) -> None:
    assert make(service, "--silent", "version") == "0.1.0\n"


def test_help_names_every_target(service: Path, make: Make) -> None:
    listed = set(re.findall(r"^ +([a-z-]+) ", make(service, "help"), re.MULTILINE))

    assert listed == set(re.findall(r"^\.PHONY: (\S+)", (service / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("language", ["python-service"], indirect=True, scope="session")
def test_no_module_command_or_folder_of_it_can_be_its_name(service: Path) -> None:
    """templates/questions/reserved.yml is complete: Python's modules, and what the locks name and install."""
    lists_names = (
        "import sys, keyword, importlib.metadata as m\n"
        "tops = {f.parts[0] for d in m.distributions() for f in d.files or ()}\n"
        "print(*[top.removesuffix('.py') for top in tops], *[d.name for d in m.distributions()])\n"
        "print(*sys.stdlib_module_names, *keyword.kwlist, *keyword.softkwlist)\n"
    )
    binaries = service / ".venv" / "bin"
    names = set(subprocess.check_output([binaries / "python", "-c", lists_names], text=True).split())
    names |= {path.name for path in binaries.iterdir()} | {path.name for path in service.iterdir() if path.is_dir()}
    for lock in service.glob("requirements*.txt"):
        names |= set(re.findall(r"^([a-z0-9][a-z0-9.-]*)==", lock.read_text(), re.MULTILINE))
    possible = {
        name for name in (each.replace("_", "-") for each in names) if re.fullmatch("[a-z][a-z0-9]*(-[a-z0-9]+)*", name)
    }

    questions = yaml.safe_load((toolbox.ROOT / "templates" / "questions" / "reserved.yml").read_text())
    reserved = set(questions["reserved_names"]["default"].split())
    assert sorted(name for name in possible - reserved - {"payments-api"} if 2 <= len(name) <= 40) == []


# ---- as Prometheus sees it


class Series(NamedTuple):
    """One time series as a scrape stores it: `job` and `instance` are Prometheus's, the others the service's."""

    name: str
    labels: dict[str, str]
    value: float

    @property
    def written(self) -> str:
        return self.name + "{" + ", ".join(f'{key}="{value}"' for key, value in self.labels.items()) + "}"


LABEL = r'(\w+)="((?:[^"\\]|\\.)*)"'


@pytest.fixture(scope="module")
def scraped(language: Language, service: Path, moody: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Series]:
    """What a scrape of the service brings after six requests that went well and two that failed."""
    mood = tmp_path_factory.mktemp("mood") / "mood"
    mood.write_text("errors")
    with running(language, service, [moody, mood]) as it:
        statuses = [it.ask("/v1/orders", ORDER | {"reference": f"r{number}"})[0] for number in range(3)]
        statuses += [it.ask("/v1/orders")[0] for _ in range(2)]
        statuses += [it.ask("/nowhere")[0]]
        statuses += [it.ask(NOWHERE)[0] for _ in range(2)]
        assert statuses == [201, 201, 201, 200, 200, 404, 500, 500]
        it.ask("/readyz")
        page = it.send("GET", "/metrics", headers={"accept": "application/openmetrics-text"})
    assert page.status == 200
    samples = (re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line) for line in page.text.splitlines())
    series = [Series("up", {}, 1)]
    series += [Series(it[1], dict(re.findall(LABEL, it[2] or "")), float(it[3])) for it in samples if it]
    return [each._replace(labels={"job": "payments-api", "instance": "one:8080"} | each.labels) for each in series]


def queries(service: Path) -> dict[str, str]:
    """Every expression over the service's metrics: of the SLOs, of the rules and of the dashboard."""
    found: dict[str, str] = {}
    for slo in yaml.safe_load_all((service / "observability" / "slo.yaml").read_text()):
        if slo["kind"] == "SLO":
            for part, metric in slo["spec"]["indicator"]["spec"]["ratioMetric"].items():
                if part != "counter":
                    found[f"{slo['metadata']['name']} {part}"] = metric["metricSource"]["spec"]["query"]
    for group in yaml.safe_load((service / "observability" / "alerts.yaml").read_text())["groups"]:
        for number, rule in enumerate(group["rules"]):
            found[f"{group['name']} {number}"] = rule["expr"]
    for panel in json.loads((service / "observability" / "dashboard.json").read_text())["panels"]:
        for target in panel.get("targets", ()):
            found[f"{panel['title']} {target['refId']}"] = target["expr"]
    assert len(found) > 40
    return found


def test_every_selector_of_slo_alerts_and_dashboard_finds_a_series(service: Path, scraped: list[Series]) -> None:
    recorded = set(re.findall(r"record: (\S+)", (service / "observability" / "alerts.yaml").read_text()))
    compare: dict[str, Callable[[str, str], bool]] = {
        "=": lambda value, wanted: value == wanted,
        "!=": lambda value, wanted: value != wanted,
        "=~": lambda value, pattern: re.fullmatch(pattern, value) is not None,
        "!~": lambda value, pattern: re.fullmatch(pattern, value) is None,
    }
    selectors = 0
    for place, query in queries(service).items():
        for name, matchers in re.findall(r"([a-z_:][\w:]*)\{([^{}]*)\}", query):
            if ":" in name:
                assert name in recorded, place
                continue
            wanted = re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', matchers)
            assert ("job", "=", "payments-api") in wanted, place
            assert any(
                each.name == name
                and all(compare[how](each.labels.get(label, ""), value) for label, how, value in wanted)
                for each in scraped
            ), f"{place}: nothing matches {name}{{{matchers}}}"
            selectors += 1
    assert selectors > 40


def test_the_objective_is_a_bucket_and_probes_are_not_counted(scraped: list[Series]) -> None:
    buckets = [each for each in scraped if each.name == "http_server_request_duration_seconds_bucket"]
    counts = [each for each in scraped if each.name == "http_server_request_duration_seconds_count"]

    assert "0.25" in {each.labels["le"] for each in buckets}
    assert {each.labels["http_response_status_code"] for each in counts} == {"200", "201", "404", "500"}
    assert sum(each.value for each in counts) == 8


def test_prometheus_computes_the_objectives_from_the_scrape(
    service: Path, scraped: list[Series], tool: Tool, tmp_path: Path
) -> None:
    """Prometheus's own engine: the SLOs' queries, and the rules that alert on them, over what was scraped."""
    fast = sum(
        each.value for each in scraped
        if each.name == "http_server_request_duration_seconds_bucket"
        and each.labels["le"] == "0.25" and each.labels["http_response_status_code"] != "500"
    )  # fmt: skip
    asked = queries(service)
    expected = {
        asked["payments-api-availability good"]: 6,
        asked["payments-api-availability total"]: 8,
        asked["payments-api-latency good"]: fast,
        asked["payments-api-latency total"]: 6,
        'slo:error_ratio:rate5m{slo="availability"} * 1': 2 / 8,
        'round(slo:error_ratio:rate5m{slo="latency"}, 0.0001)': round(1 - fast / 6, 4),
        'count(ALERTS{alertname="AvailabilityBudgetBurnsFast"}) > 0': 2,
    }
    labelled = '{service="payments-api", slo="%s"}'
    labels = {
        query: labelled % slo
        for query in expected
        for slo in ("availability", "latency")
        if f'{{slo="{slo}"}}' in query
    }
    up = {"up", "process_start_time_seconds"}
    test = {
        "rule_files": [str(service / "observability" / "alerts.yaml")],
        "evaluation_interval": "1m",
        "tests": [{
            "interval": "1m",
            "input_series": [
                {"series": each.written, "values": f"{each.value:g}x5" if each.name in up else f"0x1 {each.value:g}x3"}
                for each in scraped
            ],
            "promql_expr_test": [
                {"expr": query, "eval_time": "5m", "exp_samples": [{"labels": labels.get(query, "{}"), "value": value}]}
                for query, value in expected.items()
            ],
        }],
    }  # fmt: skip
    (tmp_path / "scrape_test.yaml").write_text(yaml.safe_dump(test), encoding="utf-8")

    done = subprocess.run(
        [tool("promtool"), "test", "rules", tmp_path / "scrape_test.yaml"], text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
