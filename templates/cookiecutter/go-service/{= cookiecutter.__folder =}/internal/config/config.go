// Package config reads what an operator may change without a new build, once, when the process starts.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"
)

// Config holds the settings, each of them the environment variable APP_<NAME>.
//
// The prefix is not the service's name, and no setting is called APP_PORT: Kubernetes injects <SERVICE>_PORT for every
// Service in the namespace, and its value is a URL. OpenTelemetry keeps its own standard variables (OTEL_…).
//
// The three periods of a shutdown follow one another. Their sum must stay below the platform's patience with a
// terminating process (30 seconds in Kubernetes).
type Config struct {
	// ListenHost is the address to listen on. The image sets 0.0.0.0.
	ListenHost string
	// ListenPort is the port to listen on; 0 takes a free one and logs it.
	ListenPort int
	// LogLevel is the lowest level that is written. Health probes and scrapes are logged at debug.
	LogLevel slog.Level
	// LogFormat is json for machines, console for a developer's terminal.
	LogFormat string
	// DrainDelay is how long, after SIGTERM, requests are still accepted while /readyz already answers 503.
	DrainDelay time.Duration
	// DrainTimeout is how long requests in flight may then take to finish.
	DrainTimeout time.Duration
	// FlushTimeout is how long the last spans may then take to reach the collector.
	FlushTimeout time.Duration
}

// FromEnv reads the settings. Its error names every variable at fault and what it may be, but no value: those may be
// secrets.
func FromEnv(getenv func(string) string) (Config, error) {
	env := reader{getenv: getenv}
	config := Config{
		ListenHost:   env.text("APP_LISTEN_HOST", "127.0.0.1"),
		ListenPort:   env.port("APP_LISTEN_PORT", 8080),
		LogLevel:     env.level("APP_LOG_LEVEL", slog.LevelInfo),
		LogFormat:    env.choice("APP_LOG_FORMAT", "json", "console"),
		DrainDelay:   env.seconds("APP_DRAIN_DELAY_SECONDS", 5*time.Second, 0),
		DrainTimeout: env.seconds("APP_DRAIN_TIMEOUT_SECONDS", 15*time.Second, time.Millisecond),
		FlushTimeout: env.seconds("APP_FLUSH_TIMEOUT_SECONDS", 5*time.Second, time.Millisecond),
	}
	return config, errors.Join(env.faults...)
}

// reader reads variables and collects what is wrong with them. An empty variable is one that is not set.
type reader struct {
	getenv func(string) string
	faults []error
}

func (r *reader) fault(name, expected string) {
	r.faults = append(r.faults, fmt.Errorf("%s: should be %s", name, expected))
}

func (r *reader) text(name, fallback string) string {
	if value := r.getenv(name); value != "" {
		return value
	}
	return fallback
}

func (r *reader) port(name string, fallback int) int {
	value := r.getenv(name)
	if value == "" {
		return fallback
	}
	port, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		r.fault(name, "a port from 0 to 65535")
	}
	return int(port)
}

func (r *reader) level(name string, fallback slog.Level) slog.Level {
	levels := map[string]slog.Level{
		"":        fallback,
		"debug":   slog.LevelDebug,
		"info":    slog.LevelInfo,
		"warning": slog.LevelWarn,
		"error":   slog.LevelError,
	}
	level, known := levels[r.getenv(name)]
	if !known {
		r.fault(name, "debug, info, warning or error")
	}
	return level
}

// choice returns one of the two; the first is the default.
func (r *reader) choice(name, first, second string) string {
	value := r.text(name, first)
	if value != first && value != second {
		r.fault(name, first+" or "+second)
	}
	return value
}

func (r *reader) seconds(name string, fallback, least time.Duration) time.Duration {
	value := r.getenv(name)
	if value == "" {
		return fallback
	}
	seconds, err := strconv.ParseFloat(value, 64)
	// What is not a number compares as false, and an hour is more patience than any platform has.
	period := time.Duration(seconds * float64(time.Second))
	if err != nil || !(seconds <= time.Hour.Seconds()) || period < least {
		r.fault(name, fmt.Sprintf("seconds from %v to %v", least.Seconds(), time.Hour.Seconds()))
	}
	return period
}
