package attack

import (
	"net/http"

	"corridor.example/corridor/record"
)

// admitting is what an office does to have an observer of its own.
var admitting = []attack{
	{act: "deploy an observer without the consents", note: "the deployment, with the consents that are not there", do: func(w *world) {
		n := w.nominated("omar", "omar")
		w.send(n, w.about("red", "consent", n, nil), w.deploys(n, "omar"))
		w.round()
		w.round()
	}, red: []string{"proof deployment.consent"}, blue: []string{"proof deployment.consent"}},
	{act: "swap an observer's device", note: "the nomination, which names the key", do: func(w *world) {
		n := w.nominated("mina", "another device")
		w.send(n, w.deploys(n, "mina"))
		w.round()
		w.round()
	}, red: []string{"proof deployment.consent"}, blue: []string{"proof deployment.consent"}},
	{act: "keep a nomination from one party", note: "its leaf says that it is authority, and nothing of authority is sealed to a party", do: func(w *world) {
		n := w.nominated("omar", "omar")
		w.send(n, w.about("red", "consent", n, nil), w.deploys(n, "omar"))
		h := w.site.history()
		w.hides(h, func(i int, who string) bool { return i >= len(h)-3 && who == "blue" })
		w.round()
		w.round()
	}, red: []string{"proof deployment.consent"}, blue: []string{"claim authority.sealed"}},
	{act: "enter a consent that was never given", note: "the mandate, which does not let it be entered, and the deployment", do: func(w *world) {
		n := w.nominated("omar", "omar")
		w.send(n, w.about("red", "consent", n, nil), w.about("office", "consent", n, parts{"facts": {"act": map[string]any{"of": "blue", "channel": "phone"}}}), w.deploys(n, "omar"))
		w.round()
		w.round()
	}, red: []string{"proof deployment.consent"}, blue: []string{"proof deployment.consent"}},
	{act: "sign a consent in a party's name", note: "nobody need be: it is refused, and nothing is in the log", do: func(w *world) {
		n := w.nominated("omar", "omar")
		w.send(n)
		before := w.site.node.Size()
		r := w.signedWith("office", "blue", "consent", &n.Hash, w.random(), nil)
		if _, status := w.post(r); status == http.StatusCreated || w.site.node.Size() != before {
			w.t.Errorf("a consent of another's key was answered %d", status)
		}
		w.round()
	}},
	{act: "make consent out of silence", note: "the first checkpoint, which the silent side's own witness has not signed", do: func(w *world) {
		w.blue.asleep = true
		w.site.without = "blue"
		n := w.nominated("omar", "omar")
		w.send(n, w.about("red", "consent", n, nil))
		w.round()
		w.send(w.lapse("blue", n, w.site.node.Checkpoint(), 2))
		w.blue.asleep, w.site.without = false, ""
		w.send(w.deploys(n, "omar"))
		w.round()
		w.round()
	}, red: []string{"proof deployment.consent"}, blue: []string{"proof deployment.consent"}},
	{act: "take the silence of a party that was asked", note: "nothing: its own witness had signed that it was asked, and the mandate says that silence accepts", do: func(w *world) {
		n := w.nominated("omar", "omar")
		w.send(n, w.about("red", "consent", n, nil))
		w.round()
		w.round()
		w.send(w.lapse("blue", n, w.site.node.Cosigned(), 2))
		w.send(w.deploys(n, "omar"))
		w.round()
		w.round()
	}},
}

// lapse signs that somebody was silent for some hours after a checkpoint.
func (w *world) lapse(of string, matter record.Record, from []byte, hours float64) record.Record {
	w.t.Helper()
	w.hours(hours)
	w.round()
	to := w.site.node.Cosigned()
	if w.site.without != "" {
		to = w.site.node.Checkpoint()
	}
	f, err := w.site.node.Mission().DraftLapse("blue", matter.Hash, from, to)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.about("office", "lapse", matter, parts{"facts": drawnUp(w.t, f)})
}
