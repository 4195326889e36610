package orders

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"

	"{= cookiecutter.__module =}/internal/api"
	"{= cookiecutter.__module =}/internal/problem"
)

// A page has so many orders, unless the client asks for another number.
const (
	defaultLimit = 20
	maxLimit     = 100
	maxCursor    = 256
)

// page is some orders, oldest first, and how to go on.
type page struct {
	Items []Order `json:"items"`
	// NextCursor is absent on the last page.
	NextCursor string `json:"next_cursor,omitempty"`
}

type handlers struct {
	repository Repository
	newOrder   api.Schema
}

// Register serves orders below /v1/orders.
func Register(mux *http.ServeMux, repository Repository, logger *slog.Logger) {
	h := handlers{repository: repository, newOrder: api.MustSchema("NewOrder")}
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request) error{
		"POST /v1/orders":              h.create,
		"GET /v1/orders":               h.list,
		"GET /v1/orders/{order_id}":    h.get,
		"DELETE /v1/orders/{order_id}": h.remove,
	} {
		mux.Handle(pattern, answering(handle, logger))
	}
}

// answering lets a handler return its error. What is no problem.Error is nothing for a client's eyes: it is logged.
func answering(handle func(http.ResponseWriter, *http.Request) error, logger *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := handle(w, r)
		if err == nil {
			return
		}
		var known *problem.Error
		if !errors.As(err, &known) {
			trace.SpanFromContext(r.Context()).RecordError(err)
			logger.ErrorContext(r.Context(), "unhandled error", "error", err)
			known = problem.New(http.StatusInternalServerError, "")
		}
		problem.Write(w, r, known)
	})
}

// create places an order.
func (h handlers) create(w http.ResponseWriter, r *http.Request) error {
	var asked New
	if err := h.newOrder.Read(w, r, &asked); err != nil {
		return err
	}
	order := Accept(asked)
	switch err := h.repository.Add(r.Context(), order); {
	case errors.Is(err, ErrReferenceTaken):
		return problem.New(http.StatusConflict, fmt.Sprintf("There is an order with the reference %s.", order.Reference))
	case err != nil:
		return fmt.Errorf("add an order: %w", err)
	}
	w.Header().Set("Location", "/v1/orders/"+order.ID.String())
	api.WriteJSON(w, http.StatusCreated, order)
	return nil
}

// list lists orders, oldest first.
func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	limit, err := limitOf(r)
	if err != nil {
		return err
	}
	after, err := after(r)
	if err != nil {
		return err
	}
	found, err := h.repository.List(r.Context(), limit+1, after)
	if err != nil {
		return fmt.Errorf("list orders: %w", err)
	}
	answer := page{Items: append([]Order{}, found[:min(limit, len(found))]...)} // [] where there are none, never null
	if len(found) > limit {
		answer.NextCursor = found[limit-1].Position().Cursor()
	}
	api.WriteJSON(w, http.StatusOK, answer)
	return nil
}

// get reads one order.
func (h handlers) get(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	order, found, err := h.repository.Get(r.Context(), id)
	switch {
	case err != nil:
		return fmt.Errorf("get an order: %w", err)
	case !found:
		return unknown(id)
	}
	api.WriteJSON(w, http.StatusOK, order)
	return nil
}

// remove forgets one order.
func (h handlers) remove(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	found, err := h.repository.Remove(r.Context(), id)
	switch {
	case err != nil:
		return fmt.Errorf("remove an order: %w", err)
	case !found:
		return unknown(id)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func idOf(r *http.Request) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue("order_id"))
	if err != nil {
		return uuid.Nil, problem.BadParameter("order_id", "should be a UUID")
	}
	return id, nil
}

func limitOf(r *http.Request) (int, error) {
	if !r.URL.Query().Has("limit") {
		return defaultLimit, nil
	}
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > maxLimit {
		return 0, problem.BadParameter("limit", fmt.Sprintf("should be a whole number from 1 to %d", maxLimit))
	}
	return limit, nil
}

// after is where the page begins: behind the cursor, or before everything.
func after(r *http.Request) (Position, error) {
	if !r.URL.Query().Has("cursor") {
		return Position{}, nil
	}
	cursor := r.URL.Query().Get("cursor")
	position, err := ParseCursor(cursor)
	if err != nil || len(cursor) > maxCursor {
		return Position{}, problem.BadParameter("cursor", "Not a cursor of this service.")
	}
	return position, nil
}

func unknown(id uuid.UUID) error {
	return problem.New(http.StatusNotFound, fmt.Sprintf("There is no order %s.", id))
}
