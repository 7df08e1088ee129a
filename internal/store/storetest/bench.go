package storetest

import (
	"bytes"
	"fmt"
	"testing"

	"corridor.example/corridor/internal/store"
)

// Benchmark measures a store with entries of about a kilobyte in three parts: appending in
// batches as one, sixty-four and very many callers form them, and reading.
func Benchmark(b *testing.B, open func(b *testing.B) store.Store) {
	kilobyte := func(i int64) [][]byte {
		return [][]byte{
			fmt.Appendf(nil, `{"id":"%032x","part":"facts","nonce":"%032x","when":"%0180d"}`, i, i, i),
			fmt.Appendf(nil, `{"id":"%032x","part":"count","nonce":"%032x","people":%d}`, i, i, i),
			fmt.Appendf(nil, `{"id":"%032x","part":"where","nonce":"%032x","place":"%040d"}`, i, i, i),
		}
	}
	for _, batch := range []int{1, 40, 512} {
		b.Run(fmt.Sprintf("Append/%d", batch), func(b *testing.B) {
			s := open(b)
			defer s.Close()
			l := Log{Parts: kilobyte}
			for b.Loop() {
				b.StopTimer()
				from := l.Size()
				rows, checkpoint := l.Grow(batch)
				b.StartTimer()
				if err := s.Append(b.Context(), from, rows, nil, checkpoint); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "rows/s")
		})
	}

	const size = 20_000
	filled := func(b *testing.B) (store.Store, *Log) {
		s, l := open(b), &Log{Parts: kilobyte}
		for l.Size() < size {
			from := l.Size()
			rows, checkpoint := l.Grow(1000)
			if err := s.Append(b.Context(), from, rows, nil, checkpoint); err != nil {
				b.Fatal(err)
			}
		}
		return s, l
	}
	b.Run("Rows", func(b *testing.B) {
		s, _ := filled(b)
		defer s.Close()
		n := 0
		for b.Loop() {
			for _, err := range s.Rows(b.Context(), 0, size) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("Row", func(b *testing.B) {
		s, l := filled(b)
		defer s.Close()
		i := int64(0)
		for b.Loop() {
			i = (i*31 + 7) % size
			at, err := s.Index(b.Context(), l.Row(i).Hash)
			if err != nil || at != i {
				b.Fatal(at, err)
			}
			if _, err := s.Row(b.Context(), i); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Leaves/256", func(b *testing.B) {
		s, l := filled(b)
		defer s.Close()
		for b.Loop() {
			leaves, err := s.Leaves(b.Context(), 256, 512)
			if err != nil || !bytes.Equal(leaves[3], l.Row(259).Leaf) {
				b.Fatal(err)
			}
		}
	})
}
