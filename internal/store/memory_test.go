package store_test

import (
	"errors"
	"path/filepath"
	"testing"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return new(store.Memory) })
}

func TestMemorySide(t *testing.T) {
	storetest.RunSide(t, func(*testing.T) store.Side { return new(store.MemorySide) })
}

func TestMemoryHasNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy")
	if err := new(store.Memory).Backup(t.Context(), path); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Backup = %v, want ErrUnsupported", err)
	}
	if err := new(store.MemorySide).Backup(t.Context(), path); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Backup = %v, want ErrUnsupported", err)
	}
}

func TestMemoryWatch(t *testing.T) {
	storetest.RunWatch(t, func(*testing.T) store.Watch { return new(store.MemoryWatch) })
}

func TestMemoryFill(t *testing.T) {
	storetest.RunFill(t, func(*testing.T) store.Filler { return new(store.Memory) })
}
