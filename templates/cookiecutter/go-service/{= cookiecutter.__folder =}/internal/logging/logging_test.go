package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"{= cookiecutter.__module =}/internal/logging"
)

// spanned is a context within a span.
func spanned() context.Context {
	return trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{0x0a, 15: 0x1c}, SpanID: trace.SpanID{0xb7, 7: 0x31},
	}))
}

func TestALineLeadsToItsTrace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := logging.New(&out, slog.LevelInfo, "json").With("component", "test").WithGroup("details")
	ctx := logging.With(logging.With(spanned(), slog.String("a", "1")), slog.String("b", "2"))

	logger.WarnContext(ctx, "look", "level", "of detail")

	var line struct {
		Timestamp string            `json:"timestamp"`
		Level     string            `json:"level"`
		Message   string            `json:"message"`
		Component string            `json:"component"`
		Details   map[string]string `json:"details"`
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line.Level != "warning" || line.Message != "look" || line.Component != "test" {
		t.Errorf("wrote %s", &out)
	}
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`).MatchString(line.Timestamp) {
		t.Errorf("at %s", line.Timestamp)
	}
	for key, value := range map[string]string{
		"trace_id": "0a00000000000000000000000000001c", "span_id": "b700000000000031", "a": "1", "b": "2",
		"level": "of detail",
	} {
		if line.Details[key] != value {
			t.Errorf("%s is %q", key, line.Details[key])
		}
	}
}

func TestPeopleMayReadPlainLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := logging.New(&out, slog.LevelInfo, "console")

	logger.DebugContext(t.Context(), "quiet")
	logger.InfoContext(t.Context(), "hello")

	if text := out.String(); !strings.Contains(text, "msg=hello") || strings.Contains(text, "quiet") {
		t.Errorf("wrote %s", text)
	}
}
