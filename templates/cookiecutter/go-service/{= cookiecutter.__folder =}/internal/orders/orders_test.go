package orders_test

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"{= cookiecutter.__module =}/internal/orders"
)

func TestACursorIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	position := orders.Accept(orders.New{Reference: "r"}).Position()

	read, err := orders.ParseCursor(position.Cursor())

	if err != nil || read != position {
		t.Errorf("read %v, wrote %v: %v", read, position, err)
	}
}

func TestAForeignCursorIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "not-a-cursor", "2026-01-01 123", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z 1"} {
		if _, err := orders.ParseCursor(base64.URLEncoding.EncodeToString([]byte(text))); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	if _, err := orders.ParseCursor("???"); err == nil {
		t.Error("what is no base64 was read")
	}
}

func TestOrdersOfOneMomentAreInOrderOfTheirIDs(t *testing.T) {
	t.Parallel()
	moment := time.Now()
	first := orders.Position{CreatedAt: moment, ID: uuid.UUID{1}}
	second := orders.Position{CreatedAt: moment, ID: uuid.UUID{2}}

	if first.Compare(second) >= 0 || second.Compare(first) <= 0 {
		t.Error("they are not")
	}
}

func TestACursorSurvivesTheDeletionOfItsOrder(t *testing.T) {
	t.Parallel()
	memory := orders.NewMemory()
	kept := make([]orders.Order, 3)
	for number := range kept {
		kept[number] = orders.Accept(orders.New{Reference: string(rune('a' + number))})
		kept[number].CreatedAt = kept[0].CreatedAt.Add(time.Duration(number) * time.Second)
		if err := memory.Add(t.Context(), kept[number]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := memory.Remove(t.Context(), kept[1].ID); err != nil {
		t.Fatal(err)
	}

	found, err := memory.List(t.Context(), 9, kept[1].Position())

	if err != nil || len(found) != 1 || found[0].ID != kept[2].ID {
		t.Errorf("found %v: %v", found, err)
	}
}

func TestAReferenceIsUsedOnce(t *testing.T) {
	t.Parallel()
	memory := orders.NewMemory()
	if err := memory.Add(t.Context(), orders.Accept(orders.New{Reference: "twice"})); err != nil {
		t.Fatal(err)
	}

	err := memory.Add(t.Context(), orders.Accept(orders.New{Reference: "twice"}))

	if !errors.Is(err, orders.ErrReferenceTaken) {
		t.Errorf("said %v", err)
	}
}
