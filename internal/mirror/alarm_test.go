package mirror_test

import (
	"testing"
	"time"

	"corridor.example/corridor/internal/mirror"
)

// TestAlarmsAreKept restarts a mirror that has raised an alarm: it is not told again, it stands
// until it is acknowledged, and the same matter is another alarm once it has passed.
func TestAlarmsAreKept(t *testing.T) {
	w := begin(t)
	blue := w.party("blue")
	w.round(blue)
	told := func() (n int) {
		for _, a := range blue.alarms {
			if a.Key == "gone" && !a.Over {
				n++
			}
		}
		return n
	}
	again := func() {
		blue.Close()
		blue.open()
	}
	gone := func() { // for longer than anybody waits
		for range 3 {
			w.round(blue)
			w.pass(2 * time.Hour)
		}
		w.round(blue)
	}
	w.lost = true
	gone()
	if told() != 1 || len(blue.Alarms()) != 1 {
		t.Fatalf("told %d times, and %+v stand", told(), blue.Alarms())
	}
	again()
	if len(blue.Alarms()) != 1 {
		t.Errorf("after a restart %+v stand", blue.Alarms())
	}
	gone()
	if told() != 1 {
		t.Errorf("told %d times after a restart", told())
	}
	if n, err := mirror.Acknowledge(t.Context(), blue.watch, "other"); n != 0 || err != nil {
		t.Errorf("another key: %d, %v", n, err)
	}
	if n, err := mirror.Acknowledge(t.Context(), blue.watch, "gone"); n != 1 || err != nil {
		t.Errorf("acknowledged: %d, %v", n, err)
	}
	w.round(blue) // the mirror that runs learns it
	if len(blue.Alarms()) != 0 || told() != 1 {
		t.Errorf("acknowledged, and %+v stand, told %d times", blue.Alarms(), told())
	}
	again()
	if len(blue.Alarms()) != 0 {
		t.Errorf("acknowledged, and after a restart %+v stand", blue.Alarms())
	}
	w.lost = false
	w.round(blue)
	if last := blue.alarms[len(blue.alarms)-1]; last.Key != "gone" || !last.Over {
		t.Errorf("the server is back, and what was told last is %+v", last)
	}
	w.lost = true
	gone()
	if told() != 2 || len(blue.Alarms()) != 1 {
		t.Errorf("gone again: told %d times, and %+v stand", told(), blue.Alarms())
	}
	if list, err := mirror.Told(t.Context(), blue.watch); err != nil || len(list) != 1 || list[0].Seen || list[0].Over {
		t.Errorf("the watch keeps %+v, %v", list, err)
	}
}
