package service

import (
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"

	"{= cookiecutter.__module =}/internal/logging"
	"{= cookiecutter.__module =}/internal/problem"
)

var acceptedID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

// isPlatforms says whether a request is the platform's own and not a user's: it would flatter every SLI.
func isPlatforms(r *http.Request) bool {
	return r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || r.URL.Path == "/metrics"
}

// named gives each request its id, logs it once, and turns a panic into a problem.
func named(next http.Handler, logger *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		id := requestID(r.Header.Get(problem.RequestIDHeader))
		w.Header().Set(problem.RequestIDHeader, id)
		inner := r.WithContext(logging.With(r.Context(), slog.String("request_id", id)))
		answer := &recorder{ResponseWriter: w}

		defer func() {
			// The route is found inside, and named outside: in metrics and spans.
			r.Pattern = inner.Pattern
			logRequest(logger, inner, answer.status, time.Since(started))
		}()
		defer recoverTo(answer, inner, logger)
		next.ServeHTTP(answer, inner)
	})
}

// requestID keeps the caller's id if it is harmless in logs and headers; else it makes one.
func requestID(proposed string) string {
	if acceptedID.MatchString(proposed) {
		return proposed
	}
	return strings.ReplaceAll(uuid.NewString(), "-", "")
}

// recoverTo answers a request whose handler panicked. To be deferred.
func recoverTo(answer *recorder, r *http.Request, logger *slog.Logger) {
	fault := recover()
	if fault == nil {
		return
	}
	if fault == http.ErrAbortHandler { //nolint:errorlint // a sentinel that net/http compares in the same way
		panic(fault)
	}
	trace.SpanFromContext(r.Context()).RecordError(fmt.Errorf("panic: %v", fault))
	logger.ErrorContext(r.Context(), "panic", "error", fmt.Sprint(fault), "exception", string(debug.Stack()))
	if answer.status != 0 {
		panic(http.ErrAbortHandler) // Too late for an answer: only a broken connection tells the client.
	}
	problem.Write(answer, r, problem.New(http.StatusInternalServerError, ""))
}

// logRequest writes the one line of a request. Never its query, which may hold what nobody should read.
func logRequest(logger *slog.Logger, r *http.Request, status int, took time.Duration) {
	level := slog.LevelInfo
	switch {
	case status == 0 || status >= http.StatusInternalServerError:
		level = slog.LevelError
	case isPlatforms(r):
		level = slog.LevelDebug
	}
	logger.LogAttrs(r.Context(), level, "request",
		slog.String("http.request.method", r.Method),
		slog.String("url.path", r.URL.Path),
		slog.Int("http.response.status_code", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
	)
}

// problems answers in our own words where the mux finds no handler, and would write plain text: 404 and 405. It would
// also lead from a path like /v1//nowhere to one that nobody serves either.
func problems(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		plain := &headers{header: http.Header{}}
		handler.ServeHTTP(plain, r)
		if allow := plain.header.Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
		}
		status := plain.status
		if status < http.StatusBadRequest {
			status = http.StatusNotFound
		}
		problem.Write(w, r, problem.New(status, ""))
	})
}

// recorder remembers the status of an answer; 0 until there is one.
type recorder struct {
	http.ResponseWriter

	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(body []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(body) //nolint:wrapcheck // the caller's own writer speaks
}

// Unwrap lets http.ResponseController find what the recorder does not have: Flush, deadlines, Hijack.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// headers takes an answer without its body.
type headers struct {
	header http.Header
	status int
}

func (h *headers) Header() http.Header { return h.header }

func (h *headers) WriteHeader(status int) { h.status = status }

func (h *headers) Write(body []byte) (int, error) { return len(body), nil }
