import os
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from {= cookiecutter.__package =}.app import create_app
from {= cookiecutter.__package =}.settings import Settings
from {= cookiecutter.__package =}.telemetry import Telemetry


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's or a runner's own variables must not decide a test."""
    for name in list(os.environ):
        if name.startswith(("APP_", "OTEL_")):
            monkeypatch.delenv(name)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    """Every span that the application under test has ended."""
    return InMemorySpanExporter()


@pytest.fixture
def app(spans: InMemorySpanExporter) -> FastAPI:
    return create_app(Settings(), telemetry=Telemetry.create(SimpleSpanProcessor(spans)))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of the started application, which sees a 500 as any client would."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
