package server

import (
	"bytes"
	"context"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A mask is what of a record a reader may read.
type mask struct {
	header bool
	parts  uint8 // one bit for each of record.PartNames
}

// maskOf asks the mission's policy about each part that a record can have.
func maskOf(v corridor.View, who Reader, h record.Hash, at record.Time) (m mask) {
	if m.header = v.MayReadAs(who.Actor, who.Level, h, "header", at); !m.header {
		return m
	}
	for bit, name := range record.PartNames {
		if v.MayReadAs(who.Actor, who.Level, h, name, at) {
			m.parts |= 1 << bit
		}
	}
	return m
}

func (m mask) part(name string) bool {
	bit := slices.Index(record.PartNames, name)
	return bit >= 0 && m.parts&(1<<bit) != 0
}

// over returns an entry as far as the mask lets it be read. It is the one place where what is
// handed out is withheld.
func (m mask) over(e verify.Entry) (verify.Entry, error) {
	if e.Envelope == nil || !m.header {
		e.Envelope, e.Parts = nil, nil
		return e, nil
	}
	r, err := record.ParseEnvelope(e.Envelope)
	if err != nil {
		return verify.Entry{Index: e.Index}, err
	}
	e.Parts = slices.Clone(e.Parts)
	for i := range e.Parts {
		if i >= len(r.Parts) || !m.part(r.Parts[i].Name) {
			e.Parts[i] = nil
		}
	}
	return e, nil
}

// stored is a committed entry whole, and its record hash. An entry whose record is not the one
// that its leaf names is handed to nobody.
func stored(ctx context.Context, n *node.Node, i int64) (record.Hash, verify.Entry, error) {
	row, err := n.Row(ctx, i)
	if err != nil {
		return record.Hash{}, verify.Entry{}, err
	}
	e := verify.Entry{Index: i, Leaf: row.Leaf}
	if !row.Carried() {
		return row.Hash, e, nil // a copy that has only its leaf
	}
	r, err := record.ParseEnvelope(row.Envelope)
	if err == nil && (r.Hash != row.Hash || !bytes.Equal(corridor.Leaf(r), row.Leaf)) {
		err = &store.DamageError{Index: i, What: "its record is not the one that its leaf names"}
	}
	e.Envelope, e.Parts = row.Envelope, row.Parts
	return row.Hash, e, err
}

// masked returns the entries from <= index < to as far as somebody may read them, by what the
// first size records of the log say at a time.
func masked(ctx context.Context, n *node.Node, who Reader, from, to, size int64, at record.Time) ([]verify.Entry, error) {
	list, masks := make([]verify.Entry, to-from), make([]mask, to-from)
	hashes := make([]record.Hash, to-from)
	for k := range list {
		var err error
		if hashes[k], list[k], err = stored(ctx, n, from+int64(k)); err != nil {
			return nil, err
		}
	}
	err := n.At(size, func(v corridor.View) {
		for k, h := range hashes {
			masks[k] = maskOf(v, who, h, at)
		}
	})
	for k := range list {
		if err == nil {
			list[k], err = masks[k].over(list[k])
		}
	}
	return list, err
}
