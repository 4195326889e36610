// Package orders is an example resource, to be replaced by your own.
package orders

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
)

// ErrReferenceTaken says that another order has this reference.
var ErrReferenceTaken = errors.New("the reference is in use")

// Line is so many pieces of one article.
type Line struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

// New is what a client sends.
type New struct {
	// Reference is the client's own name for the order; unique, so that retries are safe.
	Reference string `json:"reference"`
	Lines     []Line `json:"lines"`
}

// Order is what the service keeps.
type Order struct {
	New

	ID        uuid.UUID `json:"id"`
	CreatedAt time.Time `json:"created_at"`
}

// Accept gives a new order its identity.
func Accept(order New) Order {
	// Microseconds are as fine as databases keep time.
	return Order{New: order, ID: uuid.New(), CreatedAt: time.Now().UTC().Truncate(time.Microsecond)}
}

// Position is a place in the sequence of orders. It survives the deletion of the order that stood there.
type Position struct {
	CreatedAt time.Time
	ID        uuid.UUID
}

// Position says where the order stands among all.
func (o Order) Position() Position { return Position{o.CreatedAt, o.ID} }

// Compare orders positions: by time, and within a moment by id.
func (p Position) Compare(other Position) int {
	if by := p.CreatedAt.Compare(other.CreatedAt); by != 0 {
		return by
	}
	return strings.Compare(p.ID.String(), other.ID.String())
}

// Cursor writes the position so that clients are not tempted to take it apart.
func (p Position) Cursor() string {
	return base64.URLEncoding.EncodeToString([]byte(p.CreatedAt.Format(time.RFC3339Nano) + " " + p.ID.String()))
}

var errForeignCursor = errors.New("not a cursor of this service")

// ParseCursor reads what Cursor wrote.
func ParseCursor(cursor string) (Position, error) {
	text, err := base64.URLEncoding.DecodeString(cursor)
	if err != nil {
		return Position{}, errForeignCursor
	}
	written, id, _ := strings.Cut(string(text), " ")
	created, badTime := time.Parse(time.RFC3339Nano, written)
	parsed, badID := uuid.Parse(id)
	if badTime != nil || badID != nil {
		return Position{}, errForeignCursor
	}
	return Position{created, parsed}, nil
}

// Repository keeps orders. The service knows this interface only: swap the memory for a database.
type Repository interface {
	// Add keeps the order. It returns ErrReferenceTaken where its reference is in use.
	Add(ctx context.Context, order Order) error
	// Get finds one; the bool says whether there is one.
	Get(ctx context.Context, id uuid.UUID) (Order, bool, error)
	// List returns up to limit orders behind after, by position.
	List(ctx context.Context, limit int, after Position) ([]Order, error)
	// Remove forgets one, and says whether there was one.
	Remove(ctx context.Context, id uuid.UUID) (bool, error)
	// Ping returns nil if the store can serve: part of the service's readiness.
	Ping(ctx context.Context) error
}
