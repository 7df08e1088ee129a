package node

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"corridor.example/corridor/ledger"
)

// A Newest is how far a witness knows a log. Its zero value is that of a witness that knows
// nothing of it, or has just cosigned what it was shown.
type Newest struct {
	Size int64
	// Checkpoint is the newest one it cosigned, with the log's own signature; nil if it gave
	// its word alone. It is the witness's: nobody has checked it.
	Checkpoint []byte
}

// An Ahead says that a witness knows a log under this log's key that this node does not have:
// a longer one, or another of the same size. Whatever the node signs next might make a second
// history, which would end the log.
type Ahead struct {
	Witness string
	Newest  Newest
	Size    int64 // of the log here
	Shown   bool  // it shows the log's own signature under what it knows
}

// Error says who knows what, and what to do.
func (a *Ahead) Error() string {
	what := fmt.Sprintf("the witness %s knows %d records of this log and there are %d here", a.Witness, a.Newest.Size, a.Size)
	if a.Newest.Size <= a.Size {
		what = fmt.Sprintf("the witness %s knows another history of the first %d records than is here", a.Witness, a.Newest.Size)
	}
	if a.Shown {
		return what + ", and shows the log's own signature for it. Nothing is signed here, because signing what comes next would make a second history: restore the newest backup; if the rest is lost for good, this log has ended"
	}
	return what + ", on its word alone. Nothing is signed here, because signing what comes next might make a second history: compare with the newest backup and the other witnesses; if this witness is wrong, start again with --despite " + a.Witness
}

// prover proves that the committed checkpoint continues older ones.
func (c *committed) prover() Prover {
	return func(old int64) ([]ledger.Hash, error) { return c.tree.Consistency(old, c.size) }
}

// consultWait bounds how long the node waits at its start for what witnesses know. One that
// does not answer cannot keep the mission from its work.
const consultWait = 5 * time.Second

// Consult asks witnesses how far they know the log of a checkpoint, all at once, and returns
// what they say by name, and who did not answer.
func Consult(ctx context.Context, witnesses []Witness, signed []byte) (known map[string]Newest, silent []string) {
	ctx, cancel := context.WithTimeout(ctx, consultWait)
	defer cancel()
	type answer struct {
		name string
		is   Newest
		err  error
	}
	answers := make(chan answer, len(witnesses))
	for _, w := range witnesses {
		go func() {
			is, err := w.Newest(ctx, signed)
			answers <- answer{w.Name(), is, err}
		}()
	}
	known = map[string]Newest{}
	for range witnesses {
		select {
		case a := <-answers:
			if a.err == nil {
				known[a.name] = a.is
			}
			continue
		case <-ctx.Done():
		}
		break
	}
	for _, w := range witnesses {
		if _, ok := known[w.Name()]; !ok {
			silent = append(silent, w.Name())
		}
	}
	return known, silent
}

// consult asks the witnesses before anything is signed, and refuses to go on where one knows
// more than is here.
func (n *Node) consult(ctx context.Context) error {
	now := n.now.Load()
	witnesses := n.witnesses()
	if now.head == nil || len(witnesses) == 0 {
		return nil
	}
	known, silent := Consult(ctx, witnesses, now.head)
	if len(silent) > 0 {
		slices.Sort(silent)
		n.cfg.Log.Warn("witnesses did not say how far they know the log", "who", strings.Join(silent, ", "))
	}
	for _, w := range witnesses {
		a := &Ahead{Witness: w.Name(), Newest: known[w.Name()], Size: now.size}
		a.Shown = n.shows(a.Newest)
		switch {
		case a.Shown, a.Newest.Size > now.size && !slices.Contains(n.cfg.Despite, a.Witness):
			return a
		case a.Newest.Size > now.size:
			n.cfg.Log.Warn("a witness is not believed", "who", a.Witness, "says", a.Newest.Size, "here", now.size)
		}
	}
	return nil
}

// shows reports whether what a witness knows carries the log's own signature and is not of
// this log's history.
func (n *Node) shows(known Newest) bool {
	now := n.now.Load()
	log, err := ledger.NewVerifier(now.terms.LogKey)
	if err != nil || known.Checkpoint == nil {
		return false
	}
	c, err := ledger.OpenCheckpoint(known.Checkpoint, log)
	if err != nil || c.Size != known.Size {
		return false
	}
	root, err := now.tree.Root(c.Size)
	return err != nil || root != c.Root // longer than is here, or another
}

// hold ends signing where a witness shows that the log's key signed what is not here. Its bare
// word stops nobody: a witness never stands between the mission and its work.
func (n *Node) hold(a *Ahead) {
	if a.Size, a.Shown = n.Size(), n.shows(a.Newest); !a.Shown {
		return
	}
	n.cfg.Log.Error("another history under this log's key", "cause", a.Error())
	n.replace(func(c *committed) { c.held = a })
}
