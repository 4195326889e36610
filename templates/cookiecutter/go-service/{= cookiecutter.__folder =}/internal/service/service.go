// Package service is the process: its routes, what surrounds every request, and how it starts and ends.
package service

import (
	"log/slog"
	"net/http"

	"{= cookiecutter.__module =}/internal/api"
	"{= cookiecutter.__module =}/internal/orders"
	"{= cookiecutter.__module =}/internal/telemetry"
)

// NewHandler assembles the service from parts that a test may replace.
func NewHandler(
	logger *slog.Logger, tel *telemetry.Telemetry, lifecycle *Lifecycle, repository orders.Repository,
) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /readyz", readyz(lifecycle, repository, logger))
	mux.Handle("GET /metrics", tel.Handler())
	mux.Handle("GET /openapi.json", api.Document(Version))
	orders.Register(mux, repository, logger)

	isUsers := func(r *http.Request) bool { return !isPlatforms(r) }
	return tel.Instrument(named(problems(mux), logger), isUsers)
}
