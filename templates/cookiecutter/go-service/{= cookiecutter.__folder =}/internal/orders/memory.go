package orders

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/google/uuid"
)

// Memory keeps orders as long as the process lives: for a first deployment and for tests.
type Memory struct {
	mu     sync.RWMutex
	orders map[uuid.UUID]Order
}

// NewMemory returns an empty repository.
func NewMemory() *Memory {
	return &Memory{orders: map[uuid.UUID]Order{}}
}

// Add keeps the order.
func (m *Memory) Add(_ context.Context, order Order) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, known := range m.orders {
		if known.Reference == order.Reference {
			return ErrReferenceTaken
		}
	}
	m.orders[order.ID] = order
	return nil
}

// Get finds one.
func (m *Memory) Get(_ context.Context, id uuid.UUID) (Order, bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	order, found := m.orders[id]
	return order, found, nil
}

// List returns up to limit orders behind after, by position.
func (m *Memory) List(_ context.Context, limit int, after Position) ([]Order, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	found := slices.SortedFunc(maps.Values(m.orders), func(a, b Order) int {
		return a.Position().Compare(b.Position())
	})
	first, here := slices.BinarySearchFunc(found, after, func(order Order, position Position) int {
		return order.Position().Compare(position)
	})
	if here {
		first++
	}
	return found[first:min(first+limit, len(found))], nil
}

// Remove forgets one, and says whether there was one.
func (m *Memory) Remove(_ context.Context, id uuid.UUID) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, found := m.orders[id]
	delete(m.orders, id)
	return found, nil
}

// Ping returns nil: memory always answers.
func (*Memory) Ping(context.Context) error { return nil }
