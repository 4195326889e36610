package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"

	"{= cookiecutter.__module =}/internal/config"
	"{= cookiecutter.__module =}/internal/orders"
	"{= cookiecutter.__module =}/internal/telemetry"
)

// How long a client may take to send a request and to take its answer, and how long a connection without one stays
// open: longer than a load balancer keeps it (60 seconds, mostly), or one end closes what the other is about to use.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 75 * time.Second
)

// Run serves until a signal comes, and then ends without losing a request.
//
// On SIGTERM, /readyz turns 503 while requests are still accepted: load balancers take some seconds to notice, and
// would meet a closed port. Then the port is closed, requests in flight finish, and telemetry is flushed. An interrupt
// (Ctrl+C) skips the wait. A second signal ends it as well, and an interrupt after that drops what is in flight.
func Run(
	ctx context.Context,
	settings config.Config,
	logger *slog.Logger,
	tel *telemetry.Telemetry,
	repository orders.Repository,
	signals <-chan os.Signal,
) error {
	var lifecycle Lifecycle
	server := &http.Server{
		Handler:           NewHandler(logger, tel, &lifecycle, repository),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	var listening net.ListenConfig
	address := net.JoinHostPort(settings.ListenHost, strconv.Itoa(settings.ListenPort))
	listener, err := listening.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	// Open what the service needs (pools, clients) before it says that it is ready.
	lifecycle.Ready()
	logger.InfoContext(ctx, "listening", "url", "http://"+listener.Addr().String(), "version", Version)
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case first := <-signals:
		lifecycle.Drain()
		server.SetKeepAlivesEnabled(false) // clients come back by another connection, to another instance
		if first == syscall.SIGTERM {
			wait(ctx, logger, settings.DrainDelay, signals)
		}
	}
	finish(ctx, logger, server, settings.DrainTimeout, signals)
	err = tel.Shutdown(ctx, settings.FlushTimeout)
	logger.InfoContext(ctx, "stopped", "telemetry_flushed", err == nil)
	return nil
}

// wait gives load balancers time to notice; a second signal ends it.
func wait(ctx context.Context, logger *slog.Logger, delay time.Duration, signals <-chan os.Signal) {
	select {
	case <-time.After(delay):
		logger.InfoContext(ctx, "drained", "waited_seconds", delay.Seconds())
	case <-signals:
	}
}

// finish closes the port and waits for requests in flight, for so long, or until an interrupt.
func finish(
	ctx context.Context, logger *slog.Logger, server *http.Server, timeout time.Duration, signals <-chan os.Signal,
) {
	logger.InfoContext(ctx, "closing")
	patience, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	go func() {
		for {
			select {
			case <-patience.Done():
				return
			case next := <-signals:
				if next == os.Interrupt {
					cancel()
				}
			}
		}
	}()
	if err := server.Shutdown(patience); err != nil {
		logger.WarnContext(ctx, "requests were dropped", "error", err)
		if err := server.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			logger.WarnContext(ctx, "connections were not closed", "error", err)
		}
	}
}
