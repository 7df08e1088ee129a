package export

import (
	"io"
	"runtime"
	"runtime/debug"
	"testing"

	"corridor.example/corridor"
)

// million is a table of a million rows, wide and with numbers, texts and withheld cells, so
// that what is measured is the writers' own and no mission's.
var million = Table{"million", counts.Columns, func(x *Reading, yield func([]Cell) bool) {
	for i := range int64(1_000_000) {
		people := number(i % 97)
		if i%5 == 0 {
			people = withheld(Small)
		}
		if !yield([]Cell{text("f3a1c09b5d7e2468f3a1c09b5d7e2468f3a1c09b5d7e2468f3a1c09b5d7e2468"), number(i), text("A-07"), text("A"), text("departure"),
			text("people"), Cell{}, text("total"), people, {}, text("exactly"), text("tally"), text("Mission office, \"first shift\""), moment(1482000000), text("summed")}) {
			return
		}
	}
}}

// counting counts bytes and looks at the heap every so many.
type counting struct{ n, next, peak uint64 }

func (c *counting) Write(b []byte) (int, error) {
	if c.n += uint64(len(b)); c.n >= c.next {
		c.next = c.n + 1<<20
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		c.peak = max(c.peak, m.HeapInuse)
	}
	return len(b), nil
}

// BenchmarkMillionRows writes a million rows and reports the most of the heap that was in use
// while they were written.
func BenchmarkMillionRows(b *testing.B) {
	for name, write := range map[string]func(io.Writer, Table, Reading) (Head, error){"csv": CSV, "xlsx": XLSX, "jsonl": JSONLines} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				debug.FreeOSMemory()
				var c counting
				h, err := write(&c, million, Reading{View: empty()})
				if err != nil || h.Rows != 1_000_000 {
					b.Fatal(h.Rows, err)
				}
				b.ReportMetric(float64(c.peak)/(1<<20), "MiB-heap")
				b.ReportMetric(float64(c.n)/(1<<20), "MiB-file")
			}
		})
	}
}

func empty() corridor.View { return new(corridor.Mission).Now() }
