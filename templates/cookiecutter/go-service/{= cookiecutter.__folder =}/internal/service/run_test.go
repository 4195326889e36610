package service_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"{= cookiecutter.__module =}/internal/config"
	"{= cookiecutter.__module =}/internal/orders"
	"{= cookiecutter.__module =}/internal/service"
)

// patience is how long to wait for what must happen: a busy machine is slow, and no test depends on how slow.
const patience = 30 * time.Second

// running is a service that listens, and the signals that it gets.
type running struct {
	parts

	url     string
	signals chan os.Signal
	ended   chan error
}

func start(t *testing.T, settings config.Config) running {
	t.Helper()
	r := running{
		parts: assemble(t, orders.NewMemory()), signals: make(chan os.Signal, 3), ended: make(chan error, 1),
	}
	settings.ListenHost = "127.0.0.1"
	go func() {
		r.ended <- service.Run(context.Background(), settings, r.logger, r.telemetry, orders.NewMemory(), r.signals)
	}()
	eventually(t, "it listens", func() bool {
		for _, line := range r.log.lines(t, "listening") {
			r.url, _ = line["url"].(string)
		}
		return r.url != ""
	})
	return r
}

func eventually(t *testing.T, what string, happens func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !happens(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain for this: %s", patience, what)
		}
	}
}

// status asks on a connection of its own; 0 where nobody listens.
func (r running) status(t *testing.T, path string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer func() { _ = answer.Body.Close() }()
	return answer.StatusCode
}

// half sends the first bytes of a request, which is in flight until the others, which it returns, are written.
func (r running) half(t *testing.T) (net.Conn, string) {
	t.Helper()
	var dialer net.Dialer
	connection, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	head := "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 72\r\n\r\n"
	if _, err := io.WriteString(connection, head+anOrder[:10]); err != nil {
		t.Fatal(err)
	}
	r.status(t, "/healthz") // a round trip: the half has arrived
	return connection, anOrder[10:] + strings.Repeat(" ", 72-len(anOrder))
}

func (r running) wait(t *testing.T) {
	t.Helper()
	select {
	case err := <-r.ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
	if lines := r.log.lines(t, "stopped"); len(lines) != 1 || lines[0]["telemetry_flushed"] != true {
		t.Errorf("logged %v", lines)
	}
}

func TestARequestInFlightIsAnswered(t *testing.T) {
	t.Parallel()
	r := start(t, config.Config{DrainDelay: time.Second, DrainTimeout: patience, FlushTimeout: patience})
	connection, rest := r.half(t)
	r.signals <- syscall.SIGTERM

	// Load balancers see that no new traffic is wanted, and what still comes is served.
	eventually(t, "it is draining", func() bool { return r.status(t, "/readyz") == http.StatusServiceUnavailable })
	if status := r.status(t, "/v1/orders"); status != http.StatusOK {
		t.Errorf("refused while it drains: %d", status)
	}
	// Then the port is closed, and the request in flight may still take its time.
	eventually(t, "its port is closed", func() bool { return r.status(t, "/healthz") == 0 })
	if _, err := io.WriteString(connection, rest); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 12)
	if _, err := io.ReadFull(connection, answer); err != nil || string(answer) != "HTTP/1.1 201" {
		t.Errorf("answered %s: %v", answer, err)
	}
	r.wait(t)
}

func TestARequestThatTakesTooLongDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	r := start(t, config.Config{DrainTimeout: time.Millisecond, FlushTimeout: patience})
	r.half(t)
	r.signals <- syscall.SIGTERM

	r.wait(t)
	if lines := r.log.lines(t, "requests were dropped"); len(lines) != 1 {
		t.Errorf("logged %v", lines)
	}
}

func TestASecondSignalEndsTheWait(t *testing.T) {
	t.Parallel()
	r := start(t, config.Config{DrainDelay: time.Hour, DrainTimeout: patience, FlushTimeout: patience})
	r.signals <- syscall.SIGTERM
	r.signals <- syscall.SIGTERM

	r.wait(t)
}

func TestADeveloperDoesNotWait(t *testing.T) {
	t.Parallel()
	r := start(t, config.Config{DrainDelay: time.Hour, DrainTimeout: patience, FlushTimeout: patience})
	r.signals <- os.Interrupt

	r.wait(t)
}

func TestAnImpatientDeveloperWaitsForNothing(t *testing.T) {
	t.Parallel()
	r := start(t, config.Config{DrainTimeout: time.Hour, FlushTimeout: patience})
	r.half(t)
	r.signals <- os.Interrupt
	eventually(t, "it is closing", func() bool { return len(r.log.lines(t, "closing")) == 1 })
	r.signals <- os.Interrupt

	r.wait(t)
}

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	t.Parallel()
	var listening net.ListenConfig
	taken, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	p := assemble(t, orders.NewMemory())
	address, _ := taken.Addr().(*net.TCPAddr)
	settings := config.Config{ListenHost: "127.0.0.1", ListenPort: address.Port}

	err = service.Run(t.Context(), settings, p.logger, p.telemetry, orders.NewMemory(), nil)

	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("said %v", err)
	}
}
