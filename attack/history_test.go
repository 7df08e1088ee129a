package attack

import (
	"slices"

	"corridor.example/corridor/ledger"
)

// rewriting is what an operator does to what is in the log already.
var rewriting = []attack{
	{act: "delete behind a cosigned head", note: "each side's own copy, and the log's two signatures", do: func(w *world) {
		h := w.busy()
		w.shows(w.retell(slices.Delete(h, 6, 7)), "red", "blue")
		w.round()
	}, red: []string{"proof fork"}, blue: []string{"proof fork"}},
	{act: "alter behind a cosigned head", note: "the same", do: func(w *world) {
		h := w.busy()
		h[6] = of(w.moves("office", "departure", "A-09", 1))
		w.shows(w.retell(h), "red", "blue")
		w.round()
	}, red: []string{"proof fork"}, blue: []string{"proof fork"}},
	{act: "reorder behind a cosigned head", note: "the same", do: func(w *world) {
		h := w.busy()
		h[5], h[6] = h[6], h[5]
		w.shows(w.retell(h), "red", "blue")
		w.round()
	}, red: []string{"proof fork"}, blue: []string{"proof fork"}},
	{act: "insert behind a cosigned head", note: "the same", do: func(w *world) {
		h := w.busy()
		w.shows(w.retell(slices.Insert(h, 6, of(w.moves("office", "departure", "A-09", 1)))), "red", "blue")
		w.round()
	}, red: []string{"proof fork"}, blue: []string{"proof fork"}},
	{act: "show two sides two histories", note: "a record whose author had seen the other one", do: func(w *world) {
		seen := w.parted()
		w.other["blue"].log(w.seeing("mina", w.moves("mina", "arrival", "A-01", 700), seen))
		w.round()
	}, blue: []string{"proof fork", "proof seen.root"}},
	{act: "show two sides two histories, and a receipt crosses over", note: "a receipt from one side, handed to the other side's witness", do: func(w *world) {
		w.parted()
		r := w.send(w.moves("red", "arrival", "A-02", 5))[0]
		w.other["blue"].log(w.moves("mina", "arrival", "A-01", 700))
		w.round()
		if err := w.blue.LodgeReceipt(w.t.Context(), r.lodged(w.t)); err != nil {
			w.t.Fatal(err)
		}
	}, blue: []string{"proof receipt"}},
	{act: "show two sides two histories that never meet", note: "nothing, but neither history ever has the quorum of both sides", do: func(w *world) {
		w.parted()
		before := w.cosigned(w.site)
		w.hours(3)
		for _, s := range w.all {
			if got := w.cosigned(s); got > before {
				w.t.Errorf("both sides have cosigned %d entries of a log that was parted at %d", got, before)
			}
		}
	}},
}

// parted has the operator tell blue another history from here on, and returns the checkpoint of
// the one that everybody else sees.
func (w *world) parted() (seen []byte) {
	w.t.Helper()
	h := w.busy()
	other := w.retell(h)
	w.shows(other, "blue")
	w.site.without = "blue"
	w.send(w.moves("red", "departure", "A-02", 5))
	other.log(w.moves("office", "departure", "A-02", 9))
	w.round()
	return w.site.node.Checkpoint()
}

// cosigned is how far both sides have cosigned a server's log.
func (w *world) cosigned(s *site) int64 {
	w.t.Helper()
	c, err := ledger.ParseCheckpoint(s.node.Cosigned())
	if err != nil {
		return 0 // nothing is
	}
	return c.Size
}

// busy has a day of work in the log, which both sides have cosigned, and returns it.
func (w *world) busy() []line {
	w.t.Helper()
	w.send(w.moves("mina", "departure", "A-01", 700), w.moves("red", "departure", "A-01", 690), w.moves("mina", "arrival", "A-01", 700), w.incident("blue", ""))
	w.round()
	w.round()
	return w.site.history()
}
