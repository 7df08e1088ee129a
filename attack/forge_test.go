package attack

import "slices"

// forging is what an operator writes in somebody else's name.
var forging = []attack{
	{act: "forge a record of a party", note: "the signature, which is not the party's. That a copy shows a bad one convicts only whoever served it", do: func(w *world) {
		h := w.busy()
		r := w.about("red", "consent", w.nominated("omar", "omar"), nil)
		r.Sig = slices.Clone(r.Sig)
		r.Sig[7] ^= 1
		w.tells(append(h, of(r)))
		w.round()
	}, red: []string{"claim record"}, blue: []string{"claim record"}},
	{act: "file an incident as a movement", note: "the record, and the leaf that the log signed for it", do: func(w *world) {
		h := w.busy()
		r := w.incident("red", "")
		w.tells(append(h, line{misfiled(r), r}))
		w.round()
	}, red: []string{"proof misfiled"}, blue: []string{"proof misfiled"}},
}
