"""The languages that services are made in: what a machine needs for each, how a service is started, and heard of.

To add one, add an entry to LANGUAGES: every test of the fixtures `language` and `service`, and of the combinations,
then runs for it. `moody` leaves a program that runs the service with orders kept as a file says: well, errors or slow
(0.3 s).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import toolbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = list[str | Path]


@dataclass(frozen=True)
class Language:
    """A template, and how its services run."""

    template: str
    needs: tuple[str, ...]
    """Programs, as the fixture `tool` finds them."""

    command: Callable[[Path], Command]
    """Runs the service that `make install build` has left in that folder."""

    listening: str
    """What its log says when it listens: a pattern whose group is the address."""

    products: tuple[str, ...]
    """What `make reproduce` compares: patterns of file names."""

    moody: Callable[[Path, Path], None]
    """From a built service, leaves `moody` in the folder: a program that takes the name of the file."""

    tree: Callable[[Path, Path], None] | None
    """From a built service, fills the folder with what an image holds; ko builds the image where there is none."""

    ends_with: int = 0
    """Its exit code when SIGTERM has ended it well."""

    hears_twice: bool = True
    """Whether a second SIGTERM ends the wait of the first: a JVM that is shutting down hears no other signal."""


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


def moody_python(service: Path, folder: Path) -> None:
    program = folder / "moody"
    program.write_text(f"#!{service}/.venv/bin/python\n{MOODY_PYTHON}", encoding="utf-8")
    program.chmod(0o755)


def tree_python(service: Path, folder: Path) -> None:
    """The wheel and what it needs, as its Dockerfile installs them, without bytecode."""
    uv, python = toolbox.find("uv") or "uv", service / ".venv" / "bin" / "python"
    into: Command = [uv, "pip", "install", "--quiet", "--python", python, "--target", folder, "--link-mode", "copy"]
    subprocess.run([*into, "--require-hashes", "--requirement", service / "requirements.txt"], check=True)
    subprocess.run([*into, "--no-deps", *(service / "dist").glob("*.whl")], check=True)
    for installer in folder.glob("*.dist-info"):  # who installed it, and when, is no part of it
        for name in "INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json":
            (installer / name).unlink(missing_ok=True)


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


def moody_go(service: Path, folder: Path) -> None:
    """A main of its own in a copy of the module: nobody else may import what is internal."""
    module = folder / "module"
    shutil.copytree(service / "internal", module / "internal")
    for name in "go.mod", "go.sum":
        shutil.copy(service / name, module)
    (module / "main.go").write_text(MOODY_GO, encoding="utf-8")
    subprocess.run(["go", "build", "-buildvcs=false", "-o", folder / "moody", "."], cwd=module, check=True)


def tree_typescript(service: Path, folder: Path) -> None:
    """What its compiler has left, and what it needs, as its Dockerfile installs it."""
    for name in ".npmrc", "package.json", "package-lock.json":
        shutil.copy(service / name, folder)
    shutil.copytree(service / "dist", folder / "dist")
    path = os.pathsep.join([str(toolbox.NODE), os.environ["PATH"]])
    command: Command = [toolbox.NODE / "npm", "ci", "--omit=dev", "--prefer-offline", "--silent"]
    subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, check=True)


def typescript_command(service: Path) -> Command:
    return [toolbox.NODE / "node", service / "dist" / "main.js"]


MOODY_TYPESCRIPT = """
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [, , service, mood] = process.argv;
const load = (module) => import(`${service}/dist/${module}.js`);

const { startTelemetry } = await load('telemetry');
const telemetry = startTelemetry();
const { createApp } = await load('app');
const { Lifecycle } = await load('lifecycle');
const { createLogger } = await load('logs');
const { InMemoryOrders } = await load('orders/repository');
const { serve } = await load('server');
const { readSettings } = await load('settings');

class Moody extends InMemoryOrders {
  async get(id) {
    const now = readFileSync(mood, 'utf8');
    if (now === 'errors') throw new Error('the database is gone');
    if (now === 'slow') await sleep(300);
    return super.get(id);
  }
}

const settings = readSettings();
const lifecycle = new Lifecycle();
const parts = { telemetry, lifecycle, orders: new Moody() };
const app = await createApp({ ...parts, logger: createLogger(settings) });
await serve({ ...parts, app, settings });
process.exit(0);
"""


def moody_typescript(service: Path, folder: Path) -> None:
    """A main of its own, over what the service has compiled."""
    (folder / "moody.mjs").write_text(MOODY_TYPESCRIPT, encoding="utf-8")
    program = folder / "moody"
    program.write_text(
        f'#!/bin/sh\nexec "{toolbox.NODE}/node" "{folder}/moody.mjs" "{service}" "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)


def tree_java(service: Path, folder: Path) -> None:
    """Its archive, and those that it needs beside it."""
    shutil.copytree(service / "dist", folder, dirs_exist_ok=True)


def java_command(service: Path) -> Command:
    return ["java", *toolbox.SHORT_LIVED, "-jar", service / "dist" / f"{service.name}.jar"]


MOODY_JAVA = """
package com.acme.payments_api.orders;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.springframework.context.annotation.Primary;
import org.springframework.stereotype.Repository;

@Primary
@Repository
class Moody extends InMemoryOrders {

    @Override
    public Optional<Order> get(UUID id) {
        try {
            switch (Files.readString(Path.of(System.getProperty("mood")))) {
                case "errors" -> throw new IllegalStateException("the database is gone");
                case "slow" -> Thread.sleep(300);
                default -> {}
            }
        } catch (IOException | InterruptedException error) {
            throw new IllegalStateException(error);
        }
        return super.get(id);
    }
}
"""


def moody_java(service: Path, folder: Path) -> None:
    """A repository that Spring finds on the class path, and prefers."""
    classes = folder / "moody-java"
    classes.mkdir()
    (folder / "Moody.java").write_text(MOODY_JAVA, encoding="utf-8")
    dist = service / "dist"
    path = f"{dist / service.name}.jar:{dist / 'lib'}/*"
    subprocess.run(["javac", "-cp", path, "-d", classes, folder / "Moody.java"], check=True)
    main = f"com.acme.{service.name.replace('-', '_')}.Application"
    program = folder / "moody"
    options = " ".join(toolbox.SHORT_LIVED)
    program.write_text(f'#!/bin/sh\nexec java {options} "-Dmood=$1" -cp "{classes}:{path}" {main}\n', encoding="utf-8")
    program.chmod(0o755)


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
        Language(
            template="typescript-service",
            needs=("node", "uv", "python3.13"),
            command=typescript_command,
            listening=r"Server listening at (http://127\.0\.0\.1:\d+)",
            products=(r"payments-api-0\.1\.0\.tgz",),
            moody=moody_typescript,
            tree=tree_typescript,
        ),
        Language(
            template="java-service",
            needs=("java", "mvn", "uv"),
            command=java_command,
            listening=r'"listening","url":"(http://127\.0\.0\.1:\d+)"',
            products=(r"\./payments-api\.jar",),
            moody=moody_java,
            tree=tree_java,
            ends_with=128 + 15,  # the JVM's own way: 128 and the signal's number
            hears_twice=False,
        ),
    )
}
"""By the names of their templates."""
