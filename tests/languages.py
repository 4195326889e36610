"""The languages that services are made in: what a machine needs for each, how a service is started, and heard of.

To add one, add its entry to LANGUAGES: every test of `service`, of `language` and of the combinations then runs for it.
Its `moody` starts the service with a repository of orders that is as a file says: well, errors or slow (0.3 s).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Command = list[str | Path]


@dataclass(frozen=True)
class Language:
    """A template, and how its services run. Every path is within the service, or in a folder that is the test's own."""

    template: str
    needs: tuple[str, ...]
    """Programs, as the fixture `tool` finds them."""

    command: Callable[[Path], Command]
    """Runs the service that `make install build` has left in that folder."""

    moody: Callable[[Path, Path, Path], Command]
    """Runs it with a repository whose mood a file says: of the service, a folder to build in, and the file."""

    listening: str
    """What the log says when it listens: a pattern whose group is the address."""

    package: str = "payments-api"
    """What the products of `make reproduce` are called: a pattern."""


def python_command(service: Path) -> Command:
    return [service / ".venv" / "bin" / "python", "-m", service.name.replace("-", "_")]


MOODY_PYTHON = """
import asyncio, pathlib, sys
from payments_api.app import create_app
from payments_api.lifecycle import Lifecycle
from payments_api.logs import configure_logging
from payments_api.orders.repository import InMemoryOrders
from payments_api.server import create_server
from payments_api.settings import Settings

class Moody(InMemoryOrders):
    async def get(self, order_id):
        mood = pathlib.Path(sys.argv[1]).read_text()
        if mood == "errors":
            raise ConnectionError("the database is gone")
        if mood == "slow":
            await asyncio.sleep(0.3)
        return await super().get(order_id)

settings, lifecycle = Settings(), Lifecycle()
configure_logging()
create_server(create_app(settings, lifecycle=lifecycle, orders=Moody()), settings, lifecycle).run()
"""


def moody_python(service: Path, _: Path, mood: Path) -> Command:
    return [service / ".venv" / "bin" / "python", "-c", MOODY_PYTHON, mood]


def go_command(service: Path) -> Command:
    return [service / "dist" / service.name]


MOODY_GO = """
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/acme/payments-api/internal/config"
	"github.com/acme/payments-api/internal/logging"
	"github.com/acme/payments-api/internal/orders"
	"github.com/acme/payments-api/internal/service"
	"github.com/acme/payments-api/internal/telemetry"
)

type moody struct{ *orders.Memory }

func (m moody) Get(ctx context.Context, id uuid.UUID) (orders.Order, bool, error) {
	switch mood, err := os.ReadFile(os.Args[1]); {
	case err != nil:
		panic(err)
	case string(mood) == "errors":
		return orders.Order{}, false, errors.New("the database is gone")
	case string(mood) == "slow":
		time.Sleep(300 * time.Millisecond)
	}
	return m.Memory.Get(ctx, id)
}

func main() {
	ctx := context.Background()
	settings, _ := config.FromEnv(os.Getenv)
	logger := logging.New(os.Stdout, settings.LogLevel, settings.LogFormat)
	tel, _ := telemetry.New(ctx, service.Name, service.Version)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := service.Run(ctx, settings, logger, tel, moody{orders.NewMemory()}, signals); err != nil {
		panic(err)
	}
}
"""


def moody_go(service: Path, folder: Path, mood: Path) -> Command:
    """A main of its own in a copy of the module: nobody else may import what is internal."""
    copied, program = folder / "moody-go", folder / "moody"
    for name in "internal", "go.mod", "go.sum":
        copy = shutil.copytree if (service / name).is_dir() else shutil.copy
        copied.mkdir(parents=True, exist_ok=True)
        copy(service / name, copied / name)
    (copied / "main.go").write_text(MOODY_GO, encoding="utf-8")
    subprocess.run(["go", "build", "-buildvcs=false", "-o", program, "."], cwd=copied, check=True)
    return [program, mood]


LANGUAGES = {
    each.template: each
    for each in (
        Language(
            "python-service", ("uv", "python3.13"), python_command, moody_python,
            r"Uvicorn running on (http://127\.0\.0\.1:\d+)", r"payments_api-0\.1\.0\S+",
        ),
        Language(
            "go-service", ("go", "uv"), go_command, moody_go, r'"listening","url":"(http://127\.0\.0\.1:\d+)"',
        ),
    )
}  # fmt: skip
"""By the names of their templates."""
