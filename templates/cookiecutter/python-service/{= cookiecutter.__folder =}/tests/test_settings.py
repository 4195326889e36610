import re
import subprocess
import sys
from pathlib import Path

import pytest

from {= cookiecutter.__package =}.settings import Settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_LISTEN_PORT", "9000")
    monkeypatch.setenv("APP_LOG_LEVEL", "debug")

    assert Settings().listen_port == 9000
    assert Settings().log_level == "debug"


def test_a_kubernetes_service_link_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in ("APP", "{= cookiecutter.__package | upper =}"):
        monkeypatch.setenv(f"{service}_PORT", "tcp://10.0.0.1:80")

    assert Settings().listen_port == 8080


def test_the_example_names_every_setting_with_its_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    example = dict(re.findall(r"^(APP_\w+)=(.*)$", EXAMPLE.read_text(), flags=re.MULTILINE))
    for name, value in example.items():
        monkeypatch.setenv(name, value)

    assert {name.removeprefix("APP_").lower() for name in example} == set(Settings.model_fields)
    assert Settings() == Settings.model_construct()


def test_a_shutdown_fits_into_kubernetes_patience() -> None:
    defaults = Settings()

    assert (
        defaults.drain_delay_seconds
        + defaults.drain_timeout_seconds
        + defaults.flush_timeout_seconds
    ) < 30


def test_a_bad_setting_is_named_and_its_value_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_LISTEN_PORT", "hunter2")

    result = subprocess.run(
        [sys.executable, "-m", "{= cookiecutter.__package =}"],
        capture_output=True,
        check=False,
        text=True,
        timeout=30,
    )

    assert result.returncode == 78
    assert result.stderr.startswith("APP_LISTEN_PORT: ")
    assert "hunter2" not in result.stderr
