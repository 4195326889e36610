"""The languages that services are made in: what a machine needs for each, how a service is started, and heard of.

To add one, add an entry to LANGUAGES: every test of the fixtures `language` and `service`, and of the combinations, then
runs for it. `moody` leaves a program that runs the service with orders kept as a file says: well, errors or slow (0.3 s).
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import toolbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

@dataclass(frozen=True)
class Language:
    """A template, and how its services run."""

    template: str
    needs: tuple[str, ...]
    """Programs, as the fixture `tool` finds them."""

    command: Callable[[Path], list[str | Path]]
    """Runs the service that `make install build` has left in that folder."""

    listening: str
    """What its log says when it listens: a pattern whose group is the address."""

    products: tuple[str, ...]
    """What `make reproduce` compares: patterns of file names."""

    moody: Callable[[Path, Path], None]
    """From a built service, leaves `moody` in the folder: a program that takes the name of the file."""

    tree: Callable[[Path, Path], None] | None
    """From a built service, fills the folder with what an image holds; ko builds the image where there is none."""


def python_command(service: Path) -> list[str | Path]:
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


def moody_python(service: Path, folder: Path) -> None:
    program = folder / "moody"
    program.write_text(f"#!{service}/.venv/bin/python\n{MOODY_PYTHON}", encoding="utf-8")
    program.chmod(0o755)


def tree_python(service: Path, folder: Path) -> None:
    """The wheel and what it needs, as its Dockerfile installs them, without bytecode."""
    uv, python = toolbox.find("uv"), service / ".venv" / "bin" / "python"
    into = [uv, "pip", "install", "--quiet", "--python", python, "--target", folder, "--link-mode", "copy"]
    subprocess.run([*into, "--require-hashes", "--requirement", service / "requirements.txt"], check=True)
    subprocess.run([*into, "--no-deps", *(service / "dist").glob("*.whl")], check=True)
    for installer in folder.glob("*.dist-info"):  # who installed it, and when, is no part of it
        for name in "INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json":
            (installer / name).unlink(missing_ok=True)


def go_command(service: Path) -> list[str | Path]:
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


def moody_go(service: Path, folder: Path) -> None:
    """A main of its own in a copy of the module: nobody else may import what is internal."""
    module = folder / "module"
    shutil.copytree(service / "internal", module / "internal")
    for name in "go.mod", "go.sum":
        shutil.copy(service / name, module)
    (module / "main.go").write_text(MOODY_GO, encoding="utf-8")
    subprocess.run(["go", "build", "-buildvcs=false", "-o", folder / "moody", "."], cwd=module, check=True)


LANGUAGES = {
    each.template: each
    for each in (
        Language(
            template="python-service",
            needs=("uv", "python3.13"),
            command=python_command,
            listening=r"Uvicorn running on (http://127\.0\.0\.1:\d+)",
            products=(r"payments_api-0\.1\.0-py3-none-any\.whl", r"payments_api-0\.1\.0\.tar\.gz"),
            moody=moody_python,
            tree=tree_python,
        ),
        Language(
            template="go-service",
            needs=("go", "uv", "python3.13"),
            command=go_command,
            listening=r'"listening","url":"(http://127\.0\.0\.1:\d+)"',
            products=("payments-api",),
            moody=moody_go,
            tree=None,
        ),
    )
}
"""By the names of their templates."""
