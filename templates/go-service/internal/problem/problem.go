// Package problem gives errors one shape and one media type, whatever went wrong: RFC 9457 problem details.
package problem

import (
	"encoding/json"
	"net/http"
)

// MediaType is that of every error.
const MediaType = "application/problem+json"

// RequestIDHeader names the request. It stands in the answer's header before anything is answered.
const RequestIDHeader = "X-Request-ID"

// Error is an error that a client may know of: its detail says nothing of the inside.
type Error struct {
	Status int
	Detail string
	Errors []Invalid
}

// Invalid is one thing wrong with a request, and where.
type Invalid struct {
	Detail string `json:"detail"`
	// Pointer is a JSON Pointer (RFC 6901) into the request's body.
	Pointer string `json:"pointer,omitempty"`
	// Parameter is the name of a path, query or header parameter.
	Parameter string `json:"parameter,omitempty"`
}

// New returns an error that the client receives as a problem.
func New(status int, detail string, invalid ...Invalid) *Error {
	return &Error{Status: status, Detail: detail, Errors: invalid}
}

// BadParameter says that a parameter of the request does not match the schema.
func BadParameter(name, detail string) *Error {
	return Mismatch(Invalid{Detail: detail, Parameter: name})
}

// Mismatch says where a request does not match the schema.
func Mismatch(invalid ...Invalid) *Error {
	return New(http.StatusUnprocessableEntity, "The request does not match the schema.", invalid...)
}

func (e *Error) Error() string { return e.Detail }

// details are the members of a problem, as RFC 9457 names them, and two of our own.
type details struct {
	Type      string    `json:"type"`
	Title     string    `json:"title"`
	Status    int       `json:"status"`
	Detail    string    `json:"detail,omitempty"`
	Instance  string    `json:"instance"`
	RequestID string    `json:"request_id,omitempty"`
	Errors    []Invalid `json:"errors,omitempty"`
}

// Write answers the request with the problem.
func Write(w http.ResponseWriter, r *http.Request, problem *Error) {
	w.Header().Set("Content-Type", MediaType)
	w.WriteHeader(problem.Status)
	// Whoever hung up meanwhile misses nothing: there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(details{
		Type:      "about:blank",
		Title:     title(problem.Status),
		Status:    problem.Status,
		Detail:    problem.Detail,
		Instance:  r.URL.Path,
		RequestID: w.Header().Get(RequestIDHeader),
		Errors:    problem.Errors,
	})
}

// title is the status's phrase in RFC 9110; the standard library has kept the older ones.
func title(status int) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return "Content Too Large"
	case http.StatusUnprocessableEntity:
		return "Unprocessable Content"
	default:
		return http.StatusText(status)
	}
}
