package node

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// ErrNoNodeKey says that this node does not hold the key that stands for the server's own
// records: the mandate's, or the one that replaced it.
var ErrNoNodeKey = errors.New("the server's own key is not here, so it can sign no record of its own")

// Own signs a record of the server itself with the node key and logs it. The draft's By is set.
func (n *Node) Own(ctx context.Context, d corridor.Draft) (Receipt, error) {
	_, receipts, err := n.ownAll(ctx, d)
	if err != nil {
		return Receipt{}, err
	}
	return receipts[0], nil
}

// ownAll signs records of the server itself, one after the other, and commits them together. It
// returns them with their receipts, all or none.
func (n *Node) ownAll(ctx context.Context, drafts ...corridor.Draft) ([]record.Record, []Receipt, error) {
	if n.cfg.NodeKey == nil {
		return nil, nil, ErrNoNodeKey
	}
	n.own.Lock() // each names the one before it
	defer n.own.Unlock()
	recs, err := n.compose(drafts)
	if err != nil {
		return nil, nil, err
	}
	receipts := make([]Receipt, len(recs))
	for i, a := range n.SubmitAll(ctx, recs) {
		if a.Err != nil {
			return nil, nil, fmt.Errorf("a %s of the server itself: %w", drafts[i].Kind, a.Err)
		}
		receipts[i] = a.Receipt
	}
	return recs, receipts, nil
}

// compose signs records of the server that follow its last one in the log.
func (n *Node) compose(drafts []corridor.Draft) ([]record.Record, error) {
	h := record.Header{By: "node", At: record.At(n.cfg.Now())}
	exercise, enrolled := false, false
	fingerprint := record.Fingerprint(n.cfg.NodeKey.Public().(ed25519.PublicKey))
	n.View(func(v corridor.View) {
		founder := v.Founder()
		h.Mission, exercise = &founder, v.Exercise()
		if v.Size() > 0 {
			stands, ok := v.Authority().NodeKey()
			enrolled = ok && stands == fingerprint
		}
		if seq, last, ok := v.Chain(fingerprint); ok {
			h.Seq, h.Prev = seq, &last
		}
	})
	if !enrolled {
		return nil, ErrNoNodeKey
	}
	var recs []record.Record
	for _, d := range drafts {
		d.By = "node"
		h.Kind, h.Re, h.ID, h.Nonce = string(d.Kind), d.Re, random(), random()
		h.Seq++
		parts, err := corridor.Compose(d, h.ID, random)
		if err != nil {
			return nil, err
		}
		r, err := record.Sign(n.cfg.NodeKey, exercise, h, parts)
		if err != nil {
			return nil, err
		}
		h.Prev = &r.Hash
		recs = append(recs, r)
	}
	return recs, nil
}

// random returns 128 bits that nobody can guess.
func random() (id record.ID) {
	_, _ = rand.Read(id[:]) // it never fails, as its documentation promises
	return id
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
