"""The page arrives: the service under a real Prometheus and Alertmanager, with the rules and routes it was made with.

Time runs faster there: an hour of a rule lasts SECONDS_AN_HOUR. Every duration of rules and routes is divided by the
same factor; thresholds, selectors, labels, matchers and receivers stay as they are.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote
from urllib.request import urlopen

import pytest

import toolbox
from made import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from languages import Language
    from toolbox import Tool

pytestmark = pytest.mark.timeout(600)

SECONDS_AN_HOUR = 15
"""How long an hour of the rules lasts here: the shortest window, 5 minutes, is then 1.25 s, six scrapes."""

SCRAPE = "200ms"
PATIENCE = 120
"""Seconds to wait for what must happen; a busy machine is slow, and nothing here depends on how slow."""

ORDER = "/v1/orders/8e7d4a52-3ff1-4a3c-9a0e-5d3a6f1f2b11"


DURATION = re.compile(r"(?m)(?P<before>\[|^ +(?:for|\w*interval|group_wait): )(?P<duration>(?:\d+[smhd])+)(?=\]|$)")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def hurried(text: str) -> str:
    """Rules or routes with every duration of theirs as short as this test wants it."""

    def shorter(match: re.Match[str]) -> str:
        seconds = sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)([smhd])", match["duration"]))
        return f"{match['before']}{seconds * SECONDS_AN_HOUR * 1000 // 3600}ms"

    return DURATION.sub(shorter, text)


def wait_for(what: str, happens: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := happens()):
        assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain: {what}"
        time.sleep(0.1)
    return found


@contextmanager
def started(log: Path, *command: str | Path) -> Iterator[None]:
    """A server that is stopped by its own process id."""
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


class Paged(NamedTuple):
    """What came to PagerDuty's address, and to Slack's."""

    pages: list[dict[str, Any]]
    messages: list[dict[str, Any]]

    def last(self, action: str) -> list[dict[str, Any]]:
        """The newest event of each incident, if it is this."""
        newest = {event["dedup_key"]: event for event in self.pages}
        return [event for event in newest.values() if event["event_action"] == action]


@contextmanager
def receiving() -> Iterator[tuple[str, Paged]]:
    """The other ends, on loopback: PagerDuty's Events API v2, and an incoming webhook of Slack."""
    paged = Paged([], [])

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            is_page = self.path == "/v2/enqueue"
            (paged.pages if is_page else paged.messages).append(body)
            self.send_response(202 if is_page else 200)
            self.end_headers()
            self.wfile.write(b'{"status": "success"}' if is_page else b"ok")

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", paged
        finally:
            server.shutdown()
            thread.join()


class Load:
    """Users: four of them ask, wait a little, and ask again, until told to go."""

    def __init__(self, address: str) -> None:
        self._host = address.removeprefix("http://")
        self._gone = threading.Event()
        self._users = [threading.Thread(target=self._use) for _ in range(4)]
        self.answers: list[int] = []

    def __enter__(self) -> Load:
        for user in self._users:
            user.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._gone.set()
        for user in self._users:
            user.join()

    def _use(self) -> None:
        connection = HTTPConnection(self._host, timeout=30)
        while not self._gone.wait(0.05):
            connection.request("GET", ORDER)
            answer = connection.getresponse()
            answer.read()
            self.answers.append(answer.status)


class World(NamedTuple):
    """Everything that runs."""

    service: Path
    mood: Path
    prometheus: str
    paged: Paged
    load: Load

    def ask(self, query: str) -> list[dict[str, Any]]:
        """What Prometheus answers now."""
        with urlopen(f"{self.prometheus}/api/v1/query?query={quote(query)}", timeout=30) as answer:  # noqa: S310 - loopback
            result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
            return result

    def alerts(self, severity: str = ".+", state: str = "firing") -> set[str]:
        """The names of alerts in that state, or, with `.+`, in any."""
        found = self.ask(f'ALERTS{{alertstate=~"{state}", severity=~"{severity}"}}')
        return {each["metric"]["alertname"] for each in found}


@pytest.fixture(scope="module")
def world(
    language: Language, service: Path, moody: Path, tool: Tool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The service under load, watched with its own rules and routes."""
    programs = tool("prometheus"), tool("alertmanager")
    folder = tmp_path_factory.mktemp("world")
    mood = folder / "mood"
    mood.write_text("well")
    with ExitStack() as stack:
        inbox, paged = stack.enter_context(receiving())
        it = stack.enter_context(running(language, service, [moody, mood]))
        alertmanager, prometheus = (f"127.0.0.1:{toolbox.free_port()}" for _ in programs)
        stack.enter_context(watching(service, folder, inbox, programs, alertmanager, prometheus, it.address))
        load = stack.enter_context(Load(it.address))
        yield World(service, mood, f"http://{prometheus}", paged, load)


@contextmanager
def watching(
    service: Path,
    folder: Path,
    inbox: str,
    programs: tuple[Path, Path],
    alertmanager: str,
    prometheus: str,
    target: str,
) -> Iterator[None]:
    """Prometheus and Alertmanager, configured by what the service brings, in a hurry."""
    secrets = folder / "secrets" / "payments-api"
    secrets.mkdir(parents=True)
    (secrets / "pagerduty-routing-key").write_text("0123456789abcdef0123456789abcdef")
    (secrets / "slack-webhook-url").write_text(f"{inbox}/slack")
    routes = (service / "observability" / "alertmanager.yaml").read_text(encoding="utf-8")
    routes = hurried(routes).replace("/etc/alertmanager/secrets", str(folder / "secrets"))
    (folder / "alertmanager.yml").write_text(f"global: {{pagerduty_url: '{inbox}/v2/enqueue'}}\n{routes}")
    rules = (service / "observability" / "alerts.yaml").read_text(encoding="utf-8")
    (folder / "alerts.yaml").write_text(hurried(rules))
    (folder / "prometheus.yml").write_text(
        f"global: {{scrape_interval: {SCRAPE}, scrape_timeout: {SCRAPE}, evaluation_interval: {SCRAPE}}}\n"
        f"rule_files: [{folder}/alerts.yaml]\n"
        f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{alertmanager}']}}]}}]}}\n"
        "scrape_configs:\n"
        f"  - {{job_name: payments-api, static_configs: [{{targets: ['{target.removeprefix('http://')}']}}]}}\n"
    )
    with (
        started(
            folder / "alertmanager.log", programs[1], f"--config.file={folder}/alertmanager.yml",
            f"--storage.path={folder}/alertmanager", f"--web.listen-address={alertmanager}",
            "--cluster.listen-address=",
        ),
        started(
            folder / "prometheus.log", programs[0], f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/prometheus", f"--web.listen-address={prometheus}",
            "--rules.alert.resend-delay=1s", "--query.lookback-delta=5s",
        ),
    ):  # fmt: skip
        for log, address in (("alertmanager", alertmanager), ("prometheus", prometheus)):
            wait_for(f"{log} is ready:\n{(folder / f'{log}.log').read_text()}", lambda: is_ready(address))  # noqa: B023
        yield


def is_ready(address: str) -> bool:
    try:
        with urlopen(f"http://{address}/-/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def heading_of(url: str, service: Path) -> bool:
    """Whether a runbook's address leads to a heading of the service's runbook."""
    page, _, anchor = url.partition("#")
    runbook = (service / "docs" / "runbook.md").read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"(?m)^#+ (.+)$", runbook)
    }
    return page == "https://github.com/acme/payments-api/blob/main/docs/runbook.md" and anchor in headings


def test_nobody_is_paged_while_it_is_well_and_whoever_is_can_act(world: World) -> None:
    # Well, under load, for longer than the longest window of a page takes to fill.
    wait_for("a window of six hours", lambda: len(world.load.answers) > 50 and world.ask("slo:error_ratio:rate6h"))
    watch_until = time.monotonic() + 6 * SECONDS_AN_HOUR / 4
    while time.monotonic() < watch_until:
        assert not world.alerts()
        time.sleep(0.5)
    assert world.load.answers
    assert set(world.load.answers) == {404}
    assert not world.paged.pages
    assert not world.paged.messages

    for mood, alert, slo in (
        ("errors", "AvailabilityBudgetBurnsFast", "availability"),
        ("slow", "LatencyBudgetBurnsFast", "latency"),
    ):
        world.mood.write_text(mood)
        (page,) = wait_for(f"a page for {slo}", lambda: world.paged.last("trigger"))
        payload = page["payload"]
        assert (payload["severity"], payload["class"], payload["group"]) == ("critical", alert, slo)
        assert payload["component"] == "payments-api"
        labels = [each["labels"] for each in payload["custom_details"]["firing"]]
        assert {(each["severity"], each["owner"]) for each in labels} == {("page", "group:default/payments")}
        assert payload["custom_details"]["runbook"] == page["links"][0]["href"]
        assert heading_of(page["links"][0]["href"], world.service)
        assert alert in world.alerts("page")

        world.mood.write_text("well")
        # The slower pair of windows may follow the faster one, about the same incident.
        wait_for("no page is on its way", lambda: not world.alerts("page", ".+"))
        wait_for(f"the page for {slo} resolves", lambda: not world.paged.last("trigger"))
        assert page["dedup_key"] in {event["dedup_key"] for event in world.paged.last("resolve")}

    for message in world.paged.messages:  # tickets, if any came: never without the way to the runbook
        assert message["channel"] == "#payments"
        assert heading_of(message["attachments"][0]["title_link"], world.service)


def test_every_query_of_the_dashboard_has_data(world: World) -> None:
    panels = json.loads((world.service / "observability" / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    queries = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    assert len(queries) > 15
    world.mood.write_text("errors")  # there are panels of errors, and one of what fires
    wait_for("an alert", world.alerts)
    for query in queries:
        now = query.replace("$__rate_interval", "5s")
        assert wait_for(query, lambda: world.ask(now)), query  # noqa: B023
    world.mood.write_text("well")
