package service

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"{= cookiecutter.__module =}/internal/api"
	"{= cookiecutter.__module =}/internal/orders"
	"{= cookiecutter.__module =}/internal/problem"
)

// pingTimeout is how long the repository may take to say that it is there.
const pingTimeout = time.Second

type health struct {
	Status string `json:"status"`
}

// healthz is liveness: the process answers. It asks nobody else, or their outage would restart us.
func healthz(w http.ResponseWriter, _ *http.Request) {
	api.WriteJSON(w, http.StatusOK, health{Status: "alive"})
}

// readyz is readiness: started, not shutting down, and the repository answers.
func readyz(lifecycle *Lifecycle, repository orders.Repository, logger *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if phase := lifecycle.Phase(); phase != Ready {
			problem.Write(w, r, problem.New(http.StatusServiceUnavailable, fmt.Sprintf("The service is %s.", phase)))
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
		defer cancel()
		if err := repository.Ping(ctx); err != nil {
			logger.WarnContext(ctx, "not ready", "error", err)
			problem.Write(w, r, problem.New(http.StatusServiceUnavailable, "The repository does not answer."))
			return
		}
		api.WriteJSON(w, http.StatusOK, health{Status: "ready"})
	}
}
