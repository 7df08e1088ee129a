package sqlite_test

import (
	"path/filepath"
	"testing"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/internal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return create(t, filepath.Join(t.TempDir(), "log.db")) })
}

func TestStoreOnDisk(t *testing.T) {
	storetest.RunDurable(t, storetest.Disk{
		Open: func(t *testing.T) (store.Store, func(*testing.T) store.Store) {
			path := filepath.Join(t.TempDir(), "a #1? 100% log.db")
			return create(t, path), func(t *testing.T) store.Store { return open(t, path) }
		},
		Restore: func(t *testing.T, path string) store.Store { return open(t, path) },
	})
}

func TestSide(t *testing.T) {
	storetest.RunSide(t, func(t *testing.T) store.Side { return openSide(t, filepath.Join(t.TempDir(), "side.db")) })
}

func TestSideOnDisk(t *testing.T) {
	storetest.RunSideDurable(t, storetest.SideDisk{
		Open: func(t *testing.T) (store.Side, func(*testing.T) store.Side) {
			path := filepath.Join(t.TempDir(), "side.db")
			return openSide(t, path), func(t *testing.T) store.Side { return openSide(t, path) }
		},
		Restore: func(t *testing.T, path string) store.Side { return openSide(t, path) },
	})
}

func create(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func openSide(t testing.TB, path string) *sqlite.Side {
	t.Helper()
	s, err := sqlite.OpenSide(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestWatch(t *testing.T) {
	storetest.RunWatch(t, func(t *testing.T) store.Watch { return openWatch(t, filepath.Join(t.TempDir(), "watch.db")) })
}

func TestWatchOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "watch.db")
	w := openWatch(t, path)
	if err := w.PutNote(t.Context(), "x", []byte("kept")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := openWatch(t, path).Note(t.Context(), "x"); err != nil || string(got) != "kept" {
		t.Errorf("Note = %q, %v", got, err)
	}
	if _, err := sqlite.OpenSide(path); err == nil {
		t.Error("a watch file was opened as a side file")
	}
}

func openWatch(t testing.TB, path string) *sqlite.Watch {
	t.Helper()
	w, err := sqlite.OpenWatch(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestFill(t *testing.T) {
	storetest.RunFill(t, func(t *testing.T) store.Filler { return create(t, filepath.Join(t.TempDir(), "log.db")) })
}
