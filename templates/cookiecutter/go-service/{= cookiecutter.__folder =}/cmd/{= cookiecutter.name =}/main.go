// Command {= cookiecutter.name =} serves HTTP until a signal says otherwise.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"{= cookiecutter.__module =}/internal/config"
	"{= cookiecutter.__module =}/internal/logging"
	"{= cookiecutter.__module =}/internal/orders"
	"{= cookiecutter.__module =}/internal/service"
	"{= cookiecutter.__module =}/internal/telemetry"
)

// Exit codes; exConfig is that of sysexits.h: a restart will not help.
const (
	exOK      = 0
	exFailure = 1
	exConfig  = 78
)

func main() {
	os.Exit(run(context.Background(), os.Getenv, os.Stdout, os.Stderr))
}

// run serves until a signal, and returns the exit code of the process.
func run(ctx context.Context, getenv func(string) string, stdout, stderr io.Writer) int {
	settings, err := config.FromEnv(getenv)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exConfig
	}
	logger := logging.New(stdout, settings.LogLevel, settings.LogFormat)
	// The standard library's log, and what is written without a logger of its own, take the same way.
	slog.SetDefault(logger)

	tel, err := telemetry.New(ctx, service.Name, service.Version)
	if err != nil {
		logger.ErrorContext(ctx, "telemetry cannot start", "error", err)
		return exFailure
	}
	tel.SetGlobal(logger)

	// Three signals may arrive while nobody looks; see service.Run for what each of them does.
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := service.Run(ctx, settings, logger, tel, orders.NewMemory(), signals); err != nil {
		logger.ErrorContext(ctx, "the service failed", "error", err)
		return exFailure
	}
	return exOK
}
