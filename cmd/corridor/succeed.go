package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/seal"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A succeedCall is what corridor init --succeeds is told.
type succeedCall struct {
	dir, key, card, name, reason string
	from                         []string // copies of the log that ended
	lock                         lock
	json                         bool
}

// A saved is a copy of a log that ended, replayed.
type saved struct {
	what string
	src  verify.Source
	head verify.Head
	res  verify.Result
}

// succeed founds the log that goes on for one that ended.
func (c succeedCall) succeed(ctx context.Context, w *world) (status int, err error) {
	if c.key == "" {
		return 3, unusable("init", "a succession is signed with the working key of the mission's office: --key KEY")
	}
	copies, done, err := c.open(ctx, w)
	defer done()
	if err != nil {
		return 3, err
	}
	long := copies[0]
	m := long.res.Replay
	k, err := readKeyFile(ctx, w, c.key, c.lock)
	if err != nil {
		return 3, err
	}
	p := place{mission: m.Founder(), exercise: m.Exercise(), origin: m.Now().Terms().Origin}
	if seq, last, ok := m.Now().Chain(record.Fingerprint(k.public())); ok {
		p.known = chain{seq, &last}
	}
	if err := k.hold(ctx); err != nil {
		return 3, err
	}
	defer k.release()
	d, err := createDir(c.dir)
	if err != nil {
		return 3, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.discard())
			return
		}
		err = d.close()
	}()
	lacks, err := c.copyTo(ctx, d, copies)
	if err != nil {
		return 3, err
	}
	t, r, err := c.declare(ctx, d, long, k, p, lacks > 0)
	if err != nil {
		return 3, err
	}
	card := verify.CardOf(m.Founder(), m.Exercise(), t)
	path := filepath.Join(c.dir, cardFile)
	if err := os.WriteFile(path, card.Text(), 0o644); err != nil {
		return 3, err
	}
	if c.json {
		return 0, w.printJSON(map[string]any{
			"mission": m.Founder(), "origin": t.Origin, "card": path, "words": card.Words(), "succeeds": p.origin, "saved": long.res.Size, "lacking": lacks, "succession": r.Hash,
		})
	}
	fmt.Fprintf(w.out, "the log %s goes on for %s: %d entries were saved, from %s\n", t.Origin, p.origin, long.res.Size, long.what)
	if lacks > 0 {
		fmt.Fprintf(w.out, "not in any of the copies: %d records or parts of them; whoever has them hands them in again\n", lacks)
	}
	fmt.Fprintf(w.out, "the succession is record %s; the parties accede to it:\n  kind: accession, re: %s\nthe mission is the same and its card is new, %s; hand it out and read its words aloud:\n  %s\nnow: corridor serve --dir %s\nthen everybody sends again what is on phones, and witnesses follow with the new card in a new directory\n",
		r.Hash, r.Hash, path, strings.Join(card.Words(), " "), c.dir)
	return 0, nil
}

// open replays the copies and puts the longest first. They must all be of one history.
func (c succeedCall) open(ctx context.Context, w *world) (list []saved, done func(), err error) {
	var close []func()
	done = func() {
		for _, f := range close {
			f()
		}
	}
	for _, what := range c.from {
		o, err := openSource(ctx, what)
		if err != nil {
			return nil, done, err
		}
		close = append(close, o.done)
		s := saved{what: what, src: o.src}
		opts := verify.Options{Progress: w.progress("replaying " + what)}
		if card := or(c.card, o.card); card != "" {
			x, err := readCard(card)
			if err != nil {
				return nil, done, fmt.Errorf("%s: %w", card, err)
			}
			opts.Card = &x
		}
		if s.res, err = verify.Run(ctx, s.src, opts); err != nil {
			return nil, done, fmt.Errorf("%s: %w", what, err)
		}
		if s.head, err = s.src.Head(ctx); err != nil {
			return nil, done, fmt.Errorf("%s: %w", what, err)
		}
		if err := s.usable(); err != nil {
			return nil, done, err
		}
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b saved) int { return int(b.res.Size - a.res.Size) })
	tree := list[0].res.Replay.Tree()
	for _, s := range list[1:] {
		if root, err := tree.Root(s.res.Size); err != nil || root != s.res.Root {
			return nil, done, fmt.Errorf("%s and %s are of two histories: the log was forked, and the two checkpoints prove it. Keep both; which of them goes on the parties decide, and then only that one is named here", list[0].what, s.what)
		}
	}
	return list, done, nil
}

// usable says why a copy is not one to go on from.
func (s saved) usable() error {
	for _, claim := range s.res.Claims {
		if claim.State == verify.DoesNotHold && claim.Entries[0].Rule != verify.RuleQuorum {
			return fmt.Errorf("%s does not hold, so nothing goes on from it: %s", s.what, claim.Say)
		}
	}
	m := s.res.Replay
	if m == nil {
		return fmt.Errorf("%s has no mandate that can be used", s.what)
	}
	v := m.Now()
	for i := range m.Size() {
		if e := v.Entry(i); e.Kind == "" && v.Class(i) == corridor.ClassAuthority {
			return fmt.Errorf("%s does not have the record of entry %d, which says who may do what: a copy that goes on is one made for the parties at least", s.what, i)
		}
	}
	return nil
}

// chunk is how many entries are written at once.
const chunk = 500

// copyTo writes the entries of the longest copy, and what it lacks of them from the others. It
// returns how many records and parts no copy has.
func (c succeedCall) copyTo(ctx context.Context, d *missionDir, copies []saved) (lacks int64, err error) {
	v := copies[0].res.Replay.Now()
	var tree ledger.Tree
	var rows []store.Row
	flush := func() error {
		err := d.store.Append(ctx, tree.Size()-int64(len(rows)), rows, nil, copies[0].head.Checkpoint)
		rows = rows[:0]
		return err
	}
	for e, err := range copies[0].src.Entries(ctx) {
		if err != nil {
			return 0, err
		}
		tree.Append(e.Leaf)
		row, err := rowOf(e, v)
		if err != nil {
			return 0, err
		}
		row.Hashes = tree.AppendRow(nil, e.Index)
		if rows = append(rows, row); len(rows) == chunk {
			if err := flush(); err != nil {
				return 0, err
			}
		}
	}
	if err := flush(); err != nil {
		return 0, err
	}
	for _, s := range copies[1:] {
		if err := fillFrom(ctx, d.store, s, v); err != nil {
			return 0, err
		}
	}
	for row, err := range d.store.Rows(ctx, 0, tree.Size()) {
		if err != nil {
			return 0, err
		}
		lacks += lacking(row, v)
	}
	return lacks, c.marks(ctx, d, copies)
}

// rowOf makes a row of an entry, but for its tree hashes. What was ordered erased is left out.
func rowOf(e verify.Entry, v corridor.View) (row store.Row, err error) {
	row = store.Row{Leaf: e.Leaf, Envelope: []byte(store.NotCarried)}
	if row.Hash, _, _, _, err = corridor.ParseLeaf(e.Leaf); err != nil {
		return row, fmt.Errorf("entry %d: %w", e.Index, err)
	}
	switch {
	case e.Line != nil:
		r, err := record.Parse(e.Line)
		if err != nil {
			return row, fmt.Errorf("entry %d: %w", e.Index, err)
		}
		row.Envelope = r.Envelope()
		for _, p := range r.Parts {
			row.Parts = append(row.Parts, p.Bytes)
		}
	case e.Envelope != nil:
		row.Envelope, row.Parts = e.Envelope, slices.Clone(e.Parts)
	default:
		return row, nil
	}
	r, err := record.ParseEnvelope(row.Envelope)
	if err != nil {
		return row, fmt.Errorf("entry %d: %w", e.Index, err)
	}
	for i, p := range r.Parts {
		if _, gone := v.Erased(row.Hash, p.Name); gone && i < len(row.Parts) {
			row.Parts[i] = nil
		}
	}
	return row, nil
}

// lacking counts what is not carried of a row and was not ordered erased.
func lacking(row store.Row, v corridor.View) (n int64) {
	if !row.Carried() {
		return 1
	}
	r, err := record.ParseEnvelope(row.Envelope)
	if err != nil {
		return 1 // whoever folds it says so
	}
	for i, p := range r.Parts {
		if _, gone := v.Erased(row.Hash, p.Name); !gone && (i >= len(row.Parts) || row.Parts[i] == nil) {
			n++
		}
	}
	return n
}

// fillFrom takes from another copy what is not here.
func fillFrom(ctx context.Context, to store.Filler, s saved, v corridor.View) error {
	var fills []store.Fill
	for e, err := range s.src.Entries(ctx) {
		if err != nil {
			return err
		}
		have, err := to.Row(ctx, e.Index)
		if err != nil {
			return err
		}
		if lacking(have, v) == 0 {
			continue
		}
		row, err := rowOf(e, v)
		if err != nil {
			return err
		}
		if !row.Carried() {
			continue
		}
		if have.Carried() {
			row.Envelope = have.Envelope
		}
		if fills = append(fills, store.Fill{Index: e.Index, Envelope: row.Envelope, Parts: row.Parts}); len(fills) == chunk {
			if err := to.Fill(ctx, fills); err != nil {
				return err
			}
			fills = fills[:0]
		}
	}
	return to.Fill(ctx, fills)
}

// marks keeps the cosigned checkpoints of the log that ended: they bracket when records can have
// been signed.
func (c succeedCall) marks(ctx context.Context, d *missionDir, copies []saved) error {
	tree := copies[0].res.Replay.Tree()
	for _, s := range copies {
		for text, err := range allCosigned(ctx, s.src, s.head.Cosigned) {
			if err != nil {
				return err
			}
			k, err := ledger.ParseCheckpoint(text)
			if err != nil || k.Size > tree.Size() {
				continue
			}
			if root, err := tree.Root(k.Size); err != nil || root != k.Root {
				continue
			}
			if have, err := d.side.MarkAfter(ctx, k.Size); err == nil && have.Size == k.Size {
				continue
			}
			if err := d.side.PutMark(ctx, store.Mark{Size: k.Size, First: text}); err != nil {
				return err
			}
		}
	}
	return nil
}

// declare makes the keys of the new log and its server, signs the succession and appends it
// under the new log's first checkpoint.
func (c succeedCall) declare(ctx context.Context, d *missionDir, long saved, k *keyFile, p place, partly bool) (*corridor.Terms, record.Record, error) {
	var r record.Record
	_, logKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, r, err
	}
	_, nodeKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, r, err
	}
	sealing, sealed, err := seal.NewKey()
	if err != nil {
		return nil, r, err
	}
	id, err := newID()
	if err != nil {
		return nil, r, err
	}
	name, _, _ := strings.Cut(p.origin, "/")
	origin := or(c.name, name) + "/" + id.String()
	vkey, err := ledger.VerifierKey(origin, logKey.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, r, unusable("init", "--origin: %v", err)
	}
	m, size := long.res.Replay, long.res.Size
	checkpoint := long.head.Checkpoint
	if s, err := ledger.ParseCheckpoint(long.head.Cosigned); err == nil && s.Size == size {
		checkpoint = long.head.Cosigned
	}
	level := any(nil)
	if partly {
		if level = string(long.head.Level); level == "" {
			level = string(corridor.Parties)
		}
	}
	draft := corridor.Draft{Kind: corridor.KindSuccession, By: c.office(m.Now(), k), Parts: map[string]map[string]any{"facts": {
		"succeeds":   map[string]any{"origin": p.origin, "size": size, "root": record.Hash(long.res.Root).String()},
		"checkpoint": string(checkpoint), "reason": c.reason, "level": level, "origin": origin, "log_key": vkey, "sealing_key": sealing,
		"node_key": keyOf("node", hexKey(&keyFile{key: nodeKey}), record.Prove(nodeKey, p.exercise, origin, &p.mission)),
	}}}
	parts, err := corridor.Compose(draft, id, mustID)
	if err != nil {
		return nil, r, err
	}
	if r, err = k.sign(signable{record.Header{Mission: &p.mission, Kind: string(draft.Kind), ID: id, By: string(draft.By), Nonce: mustID()}, parts}, p); err != nil {
		return nil, r, err
	}
	if err := m.Add(r); err != nil {
		return nil, r, err
	}
	if e := m.Now().Entry(size); len(e.Findings) > 0 {
		return nil, r, fmt.Errorf("%s does not sign this: %s", c.key, e.Findings[0].Reason)
	}
	signer, err := ledger.NewSigner(origin, logKey)
	if err != nil {
		return nil, r, err
	}
	root, err := m.Tree().Root(size + 1)
	if err != nil {
		return nil, r, err
	}
	head, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: origin, Size: size + 1, Root: root}, signer)
	if err != nil {
		return nil, r, err
	}
	row := store.Row{Hash: r.Hash, Leaf: corridor.Leaf(r), Hashes: m.Tree().AppendRow(nil, size), Envelope: r.Envelope()}
	for _, part := range r.Parts {
		row.Parts = append(row.Parts, part.Bytes)
	}
	if err := errors.Join(d.side.PutSecret(ctx, logSecret, logKey.Seed()), d.side.PutSecret(ctx, nodeSecret, nodeKey.Seed()), d.side.PutSecret(ctx, sealingSecret(sealing), []byte(sealed))); err != nil {
		return nil, r, err
	}
	if err := k.extend(p.mission, r); err != nil { // the number is used up, whatever comes of it
		return nil, r, err
	}
	return m.Now().Terms(), r, d.store.Append(ctx, size, []store.Row{row}, nil, head)
}

// office is whose key it is, "office" where the mission does not know it.
func (c succeedCall) office(v corridor.View, k *keyFile) corridor.ActorID {
	if of := v.Authority().Owner(record.Fingerprint(k.public())); of != "" {
		return of
	}
	return "office"
}

// reasonsToSucceed are what --reason takes.
var reasonsToSucceed = []string{"machine-lost", "key-lost", "key-stolen", "forked", "other"}
