package node

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// ErrNoNodeKey says that this node does not hold the key that the mandate names for the
// server's own records.
var ErrNoNodeKey = errors.New("the server's own key is not here, so it can sign no record of its own")

// Own signs a record of the server itself with the node key and logs it. The draft's By is set.
func (n *Node) Own(ctx context.Context, d corridor.Draft) (Receipt, error) {
	key := n.cfg.NodeKey
	if key == nil {
		return Receipt{}, ErrNoNodeKey
	}
	n.own.Lock() // one number after the other
	defer n.own.Unlock()
	d.By = "node"
	var id [3]record.ID
	for i := range id {
		_, _ = rand.Read(id[i][:]) // never fails
	}
	parts, err := corridor.Compose(d, id[0], func() (id record.ID) {
		_, _ = rand.Read(id[:]) // never fails
		return id
	})
	if err != nil {
		return Receipt{}, err
	}
	h := record.Header{Kind: string(d.Kind), ID: id[0], By: string(d.By), Seq: 1, At: record.At(n.cfg.Now()), Re: d.Re, Nonce: id[1]}
	exercise := false
	n.View(func(v corridor.View) {
		founder := v.Founder()
		h.Mission, exercise = &founder, v.Exercise()
		print := record.Fingerprint(key.Public().(ed25519.PublicKey))
		for i := v.Size() - 1; i >= 0; i-- {
			if e := v.Entry(i); e.Key == print {
				h.Seq, h.Prev = e.Seq+1, &e.Hash
				return
			}
		}
	})
	r, err := record.Sign(key, exercise, h, parts)
	if err != nil {
		return Receipt{}, err
	}
	return n.Submit(ctx, r)
}

// Refuse logs that a record which was lodged with a witness was refused here, and by which rule:
// the server's answer to whoever lodged it. A refusal that is logged already is not repeated.
func (n *Node) Refuse(ctx context.Context, of record.Hash, rule string) error {
	done := false
	n.View(func(v corridor.View) {
		for _, r := range v.Refusals() {
			done = done || r.Facts.Record == of
		}
	})
	if done {
		return nil
	}
	_, err := n.Own(ctx, corridor.Draft{Kind: corridor.KindRefusal, Parts: map[string]map[string]any{
		"facts": {"record": of.String(), "rule": rule, "received": record.At(n.cfg.Now()).String()},
	}})
	return err
}

// Authentic checks a record's signature under the key that the mission knows for it, and
// whether its form may be logged. The error is a *corridor.Later or a *corridor.Refusal.
func (n *Node) Authentic(r record.Record) error {
	if err := n.authentic(r); err != nil {
		return err
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	if _, ok := n.mission.Index(r.Hash); ok {
		return nil
	}
	return n.mission.Judge(r)
}

// Signed checks a record's signature alone, under the key that the mission knows for it.
func (n *Node) Signed(r record.Record) error { return n.authentic(r) }

// Index returns where a record is in the log, and whether it is.
func (n *Node) Index(h record.Hash) (int64, bool) {
	i, ok := n.index(h)
	return i, ok && i < n.Size()
}
