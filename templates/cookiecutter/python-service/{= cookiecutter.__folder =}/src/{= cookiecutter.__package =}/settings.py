"""Settings, read once from the environment when the process starts."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator may change without a new build, as `APP_<NAME>`.

    The prefix is not the service's name, and no setting is called `APP_PORT`: Kubernetes injects
    `<SERVICE>_PORT` for every Service in the namespace, and its value is a URL.

    OpenTelemetry keeps its own standard variables: `OTEL_EXPORTER_OTLP_ENDPOINT` switches the
    export of traces on, `OTEL_TRACES_SAMPLER` and `OTEL_RESOURCE_ATTRIBUTES` work as specified.

    The three periods of a shutdown follow one another. Their sum must stay below the platform's
    patience with a terminating process (30 seconds in Kubernetes).
    """

    model_config = SettingsConfigDict(
        env_prefix="APP_",
        env_ignore_empty=True,
        frozen=True,
        use_attribute_docstrings=True,
    )

    listen_host: str = "127.0.0.1"
    """Address to listen on. The image sets 0.0.0.0."""

    listen_port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on; 0 takes a free one and logs it."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Lowest level that is written. Health probes and scrapes are logged at debug."""

    log_format: Literal["json", "console"] = "json"
    """`json` for machines, `console` for a developer's terminal."""

    drain_delay_seconds: float = Field(default=5, ge=0)
    """After SIGTERM: how long to keep accepting requests while `/readyz` already answers 503."""

    drain_timeout_seconds: int = Field(default=15, gt=0)
    """Then: how long requests in flight may take to finish."""

    flush_timeout_seconds: float = Field(default=5, gt=0)
    """Then: how long the last spans may take to reach the collector."""
