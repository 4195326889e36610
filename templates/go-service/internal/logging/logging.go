// Package logging writes structured logs: one JSON object per line, with the trace that it belongs to.
package logging

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// New returns a logger that writes lines of at least this level: JSON, or plain text where format is console.
func New(w io.Writer, level slog.Level, format string) *slog.Logger {
	if format == "console" {
		return slog.New(contextual{slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})})
	}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: fieldNames}
	return slog.New(contextual{slog.NewJSONHandler(w, options)})
}

type attrsKey struct{}

// With returns a context whose log lines carry these attributes, too.
func With(ctx context.Context, attrs ...slog.Attr) context.Context {
	return context.WithValue(ctx, attrsKey{}, slices.Concat(attrsOf(ctx), attrs))
}

func attrsOf(ctx context.Context) []slog.Attr {
	attrs, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	return attrs
}

// contextual adds what the context knows: the span, so that a line leads to its trace and back, and With's attributes.
type contextual struct{ slog.Handler }

func (h contextual) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(
			slog.String("trace_id", span.TraceID().String()),
			slog.String("span_id", span.SpanID().String()),
		)
	}
	record.AddAttrs(attrsOf(ctx)...)
	return h.Handler.Handle(ctx, record)
}

func (h contextual) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextual{h.Handler.WithAttrs(attrs)}
}

func (h contextual) WithGroup(name string) slog.Handler {
	return contextual{h.Handler.WithGroup(name)}
}

// fieldNames spells slog's own fields as the services of every other language do.
func fieldNames(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return attr
	}
	switch attr.Key {
	case slog.TimeKey:
		return slog.String("timestamp", attr.Value.Time().UTC().Format(time.RFC3339Nano))
	case slog.MessageKey:
		return slog.Attr{Key: "message", Value: attr.Value}
	case slog.LevelKey:
		level := strings.ToLower(attr.Value.String())
		if level == "warn" {
			level = "warning"
		}
		return slog.String(slog.LevelKey, level)
	default:
		return attr
	}
}
