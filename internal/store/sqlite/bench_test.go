package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/storetest"
)

func BenchmarkStore(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) store.Store { return create(b, filepath.Join(b.TempDir(), "log.db")) })
}

// BenchmarkDisk is what the disk allows: 4 KiB appended and synced, one after the other.
func BenchmarkDisk(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "file"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	for b.Loop() {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "syncs/s")
}
