package service_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"{= cookiecutter.__module =}/internal/api"
	"{= cookiecutter.__module =}/internal/logging"
	"{= cookiecutter.__module =}/internal/orders"
	"{= cookiecutter.__module =}/internal/problem"
	"{= cookiecutter.__module =}/internal/service"
	"{= cookiecutter.__module =}/internal/telemetry"
)

// sloLatency is the threshold of the latency SLO, in seconds, when this service was made.
const sloLatency = "{= cookiecutter.__slo_latency_le =}"

const anOrder = `{"reference": "2026-0001", "lines": [{"sku": "TEA", "quantity": 2}]}`

// buffer is a log that a test may read while the service writes.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

// lines returns those of one message.
func (b *buffer) lines(t *testing.T, message string) []map[string]any {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []map[string]any
	for scanner := bufio.NewScanner(strings.NewReader(b.text.String())); scanner.Scan(); {
		var line map[string]any
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", scanner.Text(), err)
		}
		if line["message"] == message {
			found = append(found, line)
		}
	}
	return found
}

// parts are the service under test, and what it is made of.
type parts struct {
	handler   http.Handler
	lifecycle *service.Lifecycle
	log       *buffer
	spans     *tracetest.InMemoryExporter
	telemetry *telemetry.Telemetry
	logger    *slog.Logger
}

func assemble(t *testing.T, repository orders.Repository) parts {
	t.Helper()
	p := parts{lifecycle: &service.Lifecycle{}, log: &buffer{}, spans: tracetest.NewInMemoryExporter()}
	p.logger = logging.New(p.log, slog.LevelDebug, "json")
	tel, err := telemetry.New(t.Context(), service.Name, service.Version, trace.NewSimpleSpanProcessor(p.spans))
	if err != nil {
		t.Fatal(err)
	}
	p.telemetry = tel
	p.handler = service.NewHandler(p.logger, tel, p.lifecycle, repository)
	p.lifecycle.Ready()
	return p
}

// ask sends one request; headers are pairs of name and value.
func (p parts) ask(t *testing.T, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Set(pair[0], pair[1])
	}
	answer := httptest.NewRecorder()
	p.handler.ServeHTTP(answer, request)
	return answer
}

// decode reads an answer's JSON.
func decode(t *testing.T, answer *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(answer.Body.Bytes(), &value); err != nil {
		t.Fatalf("%s: %v", answer.Body, err)
	}
	return value
}

// ---- health

func TestReadinessFollowsTheLifecycle(t *testing.T) {
	t.Parallel()
	p := assemble(t, orders.NewMemory())
	*p.lifecycle = service.Lifecycle{}
	for _, step := range []struct {
		next   func()
		status int
		detail any
	}{
		{func() {}, 503, "The service is starting."},
		{p.lifecycle.Ready, 200, nil},
		{p.lifecycle.Drain, 503, "The service is draining."},
		{p.lifecycle.Ready, 503, "The service is draining."}, // a shutdown during the start stays one
	} {
		step.next()
		if status := p.ask(t, "GET", "/healthz", "").Code; status != http.StatusOK {
			t.Errorf("not alive: %d", status)
		}
		answer := p.ask(t, "GET", "/readyz", "")
		if answer.Code != step.status || decode(t, answer)["detail"] != step.detail {
			t.Errorf("%d, %s", answer.Code, answer.Body)
		}
	}
}

// broken is a repository that is away.
type broken struct{ *orders.Memory }

var errGone = errors.New("the database is gone")

func (broken) Ping(context.Context) error { return errGone }

func (broken) Add(context.Context, orders.Order) error { return errGone }

func (broken) Get(context.Context, uuid.UUID) (orders.Order, bool, error) {
	return orders.Order{}, false, errGone
}

func (broken) List(context.Context, int, orders.Position) ([]orders.Order, error) {
	return nil, errGone
}

func (broken) Remove(context.Context, uuid.UUID) (bool, error) { return false, errGone }

func TestWithoutItsRepositoryItIsAliveAndNotReady(t *testing.T) {
	t.Parallel()
	p := assemble(t, broken{})

	if status := p.ask(t, "GET", "/healthz", "").Code; status != http.StatusOK {
		t.Errorf("not alive: %d", status)
	}
	answer := p.ask(t, "GET", "/readyz", "")
	if answer.Code != http.StatusServiceUnavailable ||
		decode(t, answer)["detail"] != "The repository does not answer." {
		t.Errorf("%d, %s", answer.Code, answer.Body)
	}
	if lines := p.log.lines(t, "not ready"); len(lines) != 1 || lines[0]["error"] != errGone.Error() {
		t.Errorf("logged %v", lines)
	}
}

// ---- orders

func TestAnOrderIsPlacedFoundAndDeleted(t *testing.T) {
	t.Parallel()
	p := assemble(t, orders.NewMemory())

	placed := p.ask(t, "POST", "/v1/orders", anOrder)
	path := placed.Header().Get("Location")
	if placed.Code != http.StatusCreated || path != "/v1/orders/"+decode(t, placed)["id"].(string) {
		t.Fatalf("%d, %s", placed.Code, path)
	}
	if found := p.ask(t, "GET", path, ""); found.Code != http.StatusOK || found.Body.String() != placed.Body.String() {
		t.Errorf("%d, %s", found.Code, found.Body)
	}
	if again := p.ask(t, "POST", "/v1/orders", anOrder); again.Code != http.StatusConflict {
		t.Errorf("placed twice: %d", again.Code)
	}
	for _, step := range []struct {
		method string
		status int
	}{{"DELETE", 204}, {"DELETE", 404}, {"GET", 404}} {
		if status := p.ask(t, step.method, path, "").Code; status != step.status {
			t.Errorf("%s: %d", step.method, status)
		}
	}
}

func TestPagesHoldEveryOrderOnce(t *testing.T) {
	t.Parallel()
	p := assemble(t, orders.NewMemory())
	if empty := p.ask(t, "GET", "/v1/orders", "").Body.String(); empty != `{"items":[]}`+"\n" {
		t.Errorf("no orders are %s", empty)
	}
	for _, reference := range []string{"a", "b", "c", "d", "e"} {
		p.ask(t, "POST", "/v1/orders", strings.Replace(anOrder, "2026-0001", reference, 1))
	}

	var sizes []int
	seen := map[any]bool{}
	for path := "/v1/orders?limit=2"; path != ""; {
		page := decode(t, p.ask(t, "GET", path, ""))
		items := page["items"].([]any)
		sizes = append(sizes, len(items))
		for _, item := range items {
			seen[item.(map[string]any)["reference"]] = true
		}
		cursor, more := page["next_cursor"].(string)
		path = ""
		if more {
			path = "/v1/orders?limit=2&cursor=" + cursor
		}
	}
	if !slices.Equal(sizes, []int{2, 2, 1}) || len(seen) != 5 {
		t.Errorf("pages of %v with %v", sizes, seen)
	}
}

// ---- problems

func TestEveryErrorIsAProblem(t *testing.T) {
	t.Parallel()
	nowhere := "/v1/orders/8e7d4a52-3ff1-4a3c-9a0e-5d3a6f1f2b11"
	large := `{"reference": "` + strings.Repeat("x", api.MaxBody) + `"}`
	for _, c := range []struct {
		method, path, body string

		status int
		title  string
		where  string
	}{
		{"GET", "/nowhere", "", 404, "Not Found", ""},
		{"GET", "/v1/orders//", "", 404, "Not Found", ""},
		{"GET", nowhere, "", 404, "Not Found", ""},
		{"DELETE", nowhere, "", 404, "Not Found", ""},
		{"PUT", "/v1/orders", "", 405, "Method Not Allowed", ""},
		{"POST", "/v1/orders", "{", 400, "Bad Request", ""},
		{"POST", "/v1/orders", anOrder + "{}", 400, "Bad Request", ""},
		{"POST", "/v1/orders", large, 413, "Content Too Large", ""},
		{"POST", "/v1/orders", "[]", 422, "Unprocessable Content", "#"},
		{"POST", "/v1/orders", "{}", 422, "Unprocessable Content", "#/reference #/lines"},
		{"POST", "/v1/orders", strings.Replace(anOrder, `: 2}`, `: 2.0}`, 1), 422, "Unprocessable Content", ""},
		{"POST", "/v1/orders", strings.Replace(anOrder, "TEA", "tea", 1), 422, "Unprocessable Content", "#/lines/0/sku"},
		{"POST", "/v1/orders", strings.Replace(anOrder, "{", `{"a/b~c": 1, `, 1), 422, "Unprocessable Content", "#/a~1b~0c"},
		{"GET", "/v1/orders/none", "", 422, "Unprocessable Content", "order_id"},
		{"DELETE", "/v1/orders/none", "", 422, "Unprocessable Content", "order_id"},
		{"GET", "/v1/orders?limit=0", "", 422, "Unprocessable Content", "limit"},
		{"GET", "/v1/orders?limit=", "", 422, "Unprocessable Content", "limit"},
		{"GET", "/v1/orders?cursor=", "", 422, "Unprocessable Content", "cursor"},
	} {
		t.Run(c.method+" "+c.path+" "+c.body[:min(len(c.body), 20)], func(t *testing.T) {
			t.Parallel()
			answer := assemble(t, orders.NewMemory()).ask(t, c.method, c.path, c.body)

			if answer.Code != c.status || answer.Header().Get("Content-Type") != problem.MediaType {
				t.Fatalf("%d, %s", answer.Code, answer.Header())
			}
			told := decode(t, answer)
			if told["title"] != c.title || told["request_id"] != answer.Header().Get("X-Request-ID") {
				t.Errorf("told %v", told)
			}
			if where := places(told); where != c.where {
				t.Errorf("wrong at %q", where)
			}
		})
	}
}

func TestABodyThatIsNotCalledJSONIsRefused(t *testing.T) {
	t.Parallel()
	for media, status := range map[string]int{
		"application/json; charset=utf-8": 201, "": 415, "text/plain": 415, "application/jsonp": 415, ";": 415,
	} {
		answer := assemble(t, orders.NewMemory()).ask(t, "POST", "/v1/orders", anOrder, "Content-Type", media)

		if answer.Code != status {
			t.Errorf("%q: %d, %s", media, answer.Code, answer.Body)
		}
	}
}

// places lists the pointers and parameters of a problem's errors.
func places(told map[string]any) string {
	var found []string
	errs, _ := told["errors"].([]any)
	for _, each := range errs {
		for _, key := range []string{"pointer", "parameter"} {
			if place, named := each.(map[string]any)[key].(string); named {
				found = append(found, place)
			}
		}
	}
	return strings.Join(found, " ")
}

func TestAWrongMethodIsToldTheRightOnes(t *testing.T) {
	t.Parallel()
	allow := assemble(t, orders.NewMemory()).ask(t, "PUT", "/v1/orders", "").Header().Get("Allow")

	if allow != "GET, HEAD, POST" {
		t.Errorf("told %s", allow)
	}
}

func TestAnUnexpectedErrorIsForTheLogAndTheTraceOnly(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"POST", "/v1/orders", anOrder},
		{"GET", "/v1/orders", ""},
		{"GET", "/v1/orders/8e7d4a52-3ff1-4a3c-9a0e-5d3a6f1f2b11", ""},
		{"DELETE", "/v1/orders/8e7d4a52-3ff1-4a3c-9a0e-5d3a6f1f2b11", ""},
	} {
		p := assemble(t, broken{})
		answer := p.ask(t, c[0], c[1], c[2])

		if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), errGone.Error()) {
			t.Errorf("%d, %s", answer.Code, answer.Body)
		}
		lines := p.log.lines(t, "unhandled error")
		if len(lines) != 1 || !strings.Contains(lines[0]["error"].(string), errGone.Error()) {
			t.Errorf("logged %v", lines)
		}
		if spans := p.spans.GetSpans(); len(spans) != 1 || len(spans[0].Events) != 1 {
			t.Errorf("traced %v", spans)
		}
	}
}

// panicking is a repository with a bug; once is what it does before.
type panicking struct {
	*orders.Memory

	with any
}

func (p panicking) List(context.Context, int, orders.Position) ([]orders.Order, error) { panic(p.with) }

func TestAPanicIsAnErrorOfThisRequestOnly(t *testing.T) {
	t.Parallel()
	p := assemble(t, panicking{with: "a bug"})

	answer := p.ask(t, "GET", "/v1/orders", "")

	if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "a bug") {
		t.Errorf("%d, %s", answer.Code, answer.Body)
	}
	lines := p.log.lines(t, "panic")
	if len(lines) != 1 || !strings.Contains(lines[0]["exception"].(string), "service_test.go") {
		t.Errorf("logged %v", lines)
	}
	if requests := p.log.lines(t, "request"); len(requests) != 1 || requests[0]["level"] != "error" {
		t.Errorf("logged %v", requests)
	}
}

func TestAnAbortedAnswerBreaksTheConnection(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(assemble(t, panicking{with: http.ErrAbortHandler}).handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/orders", nil)
	if err != nil {
		t.Fatal(err)
	}

	answer, err := server.Client().Do(request)
	if err == nil {
		_ = answer.Body.Close()
		t.Errorf("answered %s", answer.Status)
	}
}

func TestARequestKeepsAHarmlessIDOnly(t *testing.T) {
	t.Parallel()
	p := assemble(t, orders.NewMemory())
	named := func(id string) string {
		return p.ask(t, "GET", "/nowhere", "", "X-Request-ID", id).Header().Get("X-Request-ID")
	}

	if id := named("from-the-gateway.1"); id != "from-the-gateway.1" {
		t.Errorf("renamed to %s", id)
	}
	for _, hostile := range []string{"", strings.Repeat("x", 129), "line\tbreak", `"><script>`} {
		if id := named(hostile); !regexp.MustCompile("^[0-9a-f]{32}$").MatchString(id) {
			t.Errorf("%q became %s", hostile, id)
		}
	}
}

// ---- interface

func TestTheDocumentDescribesEveryRoute(t *testing.T) {
	t.Parallel()
	p := assemble(t, orders.NewMemory())
	document := decode(t, p.ask(t, "GET", "/openapi.json", ""))

	if version := document["info"].(map[string]any)["version"]; version != service.Version {
		t.Errorf("of version %s", version)
	}
	parameter := regexp.MustCompile(`\{\w+\}`)
	for path, operations := range document["paths"].(map[string]any) {
		for method := range operations.(map[string]any) {
			if method == "parameters" {
				continue
			}
			example := parameter.ReplaceAllString(path, uuid.NewString())
			answer := p.ask(t, strings.ToUpper(method), example, "")
			if answer.Code == http.StatusMethodNotAllowed || strings.Contains(answer.Body.String(), `"title":"Not Found"`) &&
				!strings.Contains(answer.Body.String(), "There is no order") {
				t.Errorf("%s %s is described, but not served: %d", method, path, answer.Code)
			}
		}
	}
}

// ---- log

func TestARequestIsOneLineThatLeadsToItsTrace(t *testing.T) {
	t.Parallel()
	p := assemble(t, orders.NewMemory())

	answer := p.ask(t, "GET", "/v1/orders?limit=7", "",
		"Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")

	lines := p.log.lines(t, "request")
	if len(lines) != 1 {
		t.Fatalf("logged %v", lines)
	}
	for key, value := range map[string]any{
		"level": "info", "trace_id": "0af7651916cd43dd8448eb211c80319c", "http.request.method": "GET",
		"request_id": answer.Header().Get("X-Request-ID"), "url.path": "/v1/orders", "http.response.status_code": 200.0,
	} {
		if lines[0][key] != value {
			t.Errorf("%s is %v", key, lines[0][key])
		}
	}
	spans := p.spans.GetSpans()
	if len(spans) != 1 || spans[0].Name != "GET /v1/orders" ||
		spans[0].SpanContext.TraceID().String() != lines[0]["trace_id"] {
		t.Errorf("traced %v", spans)
	}
}

func TestProbesAreLoggedAtDebugOnlyAndNeitherMeasuredNorTraced(t *testing.T) {
	t.Parallel()
	p := assemble(t, orders.NewMemory())
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		p.ask(t, "GET", path, "")
	}

	for _, line := range p.log.lines(t, "request") {
		if line["level"] != "debug" {
			t.Errorf("logged %v", line)
		}
	}
	if spans := p.spans.GetSpans(); len(spans) != 0 {
		t.Errorf("traced %v", spans)
	}
	if strings.Contains(p.ask(t, "GET", "/metrics", "").Body.String(), "http_server_request_duration") {
		t.Error("measured")
	}
}

// ---- metrics

func TestRequestsAreMeasuredByMethodRouteAndStatus(t *testing.T) {
	t.Parallel()
	p := assemble(t, orders.NewMemory())
	p.ask(t, "GET", "/v1/orders", "")
	p.ask(t, "GET", "/v1/orders/not-a-uuid", "")
	p.ask(t, "GET", "/nowhere/4711", "")

	metrics := p.ask(t, "GET", "/metrics", "", "Accept", "application/openmetrics-text; version=1.0.0").Body.String()

	const name, named = "http_server_request_duration_seconds_", `service_name="{= cookiecutter.name =}"`
	for _, series := range []string{
		`count{http_request_method="GET",http_response_status_code="200",http_route="/v1/orders",` + named + `} 1`,
		`count{http_request_method="GET",http_response_status_code="422",http_route="/v1/orders/{order_id}",` + named + `} 1`,
		`count{http_request_method="GET",http_response_status_code="404",` + named + `} 1`,
		`bucket{http_request_method="GET",http_response_status_code="404",` + named + `,le="` + sloLatency + `"} 1`,
	} {
		if !strings.Contains(metrics, name+series) {
			t.Errorf("there is no %s%s", name, series)
		}
	}
	if strings.Contains(metrics, "body_size") {
		t.Error("there is more than anybody asks for")
	}
}

func TestTelemetryEndsWithinItsTime(t *testing.T) {
	t.Parallel()
	if err := assemble(t, orders.NewMemory()).telemetry.Shutdown(t.Context(), 1); err != nil &&
		!errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("said %v", err)
	}
}
