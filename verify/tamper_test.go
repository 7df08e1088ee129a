package verify

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// caught fails the test unless a tampered copy does not hold and one of the entries is named.
// With no entries given, any answer of 1 will do.
func caught(t *testing.T, what string, src Source, o Options, entries ...int64) Result {
	t.Helper()
	r := run(t, src, o)
	if r.Exit(nil) != 1 || len(entries) > 0 && !names(r, entries...) {
		t.Errorf("%s: exit %d, want 1 and one of the entries %v named", what, r.Exit(nil), entries)
		show(t, r)
	}
	return r
}

func flip(b []byte, at int) { b[at] ^= 1 }

// other64 returns another sign of base64, so that what is forged can still be read.
func other64(c byte) byte {
	if c == 'A' {
		return 'B'
	}
	return 'A'
}

// resealed returns a copy of these records as a server would keep them that holds the log's
// key: leaves, tree hashes and checkpoint agree with each other. The cosigned checkpoints are
// those of the true log.
func (s *stage) resealed(all []record.Record) *copied {
	s.t.Helper()
	c := s.copy()
	var tree ledger.Tree
	c.entries = nil
	for i, r := range all {
		e := Entry{Index: int64(i), Leaf: corridor.Leaf(r), Name: r.Hash[:], Envelope: r.Envelope()}
		tree.Append(e.Leaf)
		e.Hashes = tree.AppendRow(nil, tree.Size()-1)
		for _, p := range r.Parts {
			e.Parts = append(e.Parts, p.Bytes)
		}
		c.entries = append(c.entries, e)
	}
	c.head.Size = tree.Size()
	c.head.Checkpoint = s.signRoot(tree.Size(), must[ledger.Hash](s.t)(tree.Root(tree.Size())))
	return c
}

func TestEveryRowTampered(t *testing.T) {
	s := standard(t)
	good := s.copy()
	o := Options{Card: s.card()}
	for i := range good.entries {
		n := int64(i)
		flips := []struct {
			what  string
			field func(e *Entry) []byte
		}{
			{"leaf", func(e *Entry) []byte { return e.Leaf }},
			{"name", func(e *Entry) []byte { return e.Name }},
			{"hashes", func(e *Entry) []byte { return e.Hashes }},
			{"envelope", func(e *Entry) []byte { return e.Envelope }},
		}
		for k := range good.entries[i].Parts {
			flips = append(flips, struct {
				what  string
				field func(e *Entry) []byte
			}{fmt.Sprint("part ", k), func(e *Entry) []byte { return e.Parts[k] }})
		}
		for _, f := range flips {
			size := len(f.field(&good.entries[i]))
			for _, at := range []int{size / 2, size - 1} {
				if size == 0 {
					continue // an erased part
				}
				caught(t, fmt.Sprintf("entry %d, %s, byte %d flipped", i, f.what, at), good.tampered(func(c *copied) { flip(f.field(&c.entries[i]), at) }), o, n)
			}
		}
		caught(t, fmt.Sprintf("entry %d dropped", i), good.tampered(func(c *copied) { c.entries = slices.Delete(c.entries, i, i+1) }), o, n)
		caught(t, fmt.Sprintf("entry %d damaged", i), good.tampered(func(c *copied) { c.damage[n] = "its leaf is missing" }), o, n)
		caught(t, fmt.Sprintf("entry %d without its record", i), good.tampered(func(c *copied) { c.entries[i].Envelope, c.entries[i].Parts = nil, nil }), o, n)
		caught(t, fmt.Sprintf("entry %d without its parts", i), good.tampered(func(c *copied) { c.entries[i].Parts = nil }), o, n)
		for k, p := range good.entries[i].Parts {
			if p == nil {
				continue
			}
			caught(t, fmt.Sprintf("entry %d without part %d", i, k), good.tampered(func(c *copied) { c.entries[i].Parts[k] = nil }), o, n)
			caught(t, fmt.Sprintf("entry %d, part %d cut short", i, k), good.tampered(func(c *copied) { c.entries[i].Parts[k] = p[:len(p)-1] }), o, n)
		}
		caught(t, fmt.Sprintf("entry %d with a part too many", i), good.tampered(func(c *copied) { c.entries[i].Parts = append(c.entries[i].Parts, []byte("{}")) }), o, n)
		caught(t, fmt.Sprintf("entry %d twice", i), good.tampered(func(c *copied) { c.entries = slices.Insert(c.entries, i, c.entries[i]) }), o, n)
		if i == 0 {
			continue
		}
		// One row of one table for another's.
		caught(t, fmt.Sprintf("entries %d and %d swapped", i-1, i), good.tampered(func(c *copied) {
			c.entries[i-1], c.entries[i] = c.entries[i], c.entries[i-1]
		}), o, n-1, n)
		caught(t, fmt.Sprintf("rows %d and %d swapped", i-1, i), good.tampered(func(c *copied) {
			a, b := &c.entries[i-1], &c.entries[i]
			*a, *b = *b, *a
			a.Index, b.Index = n-1, n
		}), o, n-1, n)
		caught(t, fmt.Sprintf("records %d and %d swapped", i-1, i), good.tampered(func(c *copied) {
			a, b := &c.entries[i-1], &c.entries[i]
			a.Envelope, b.Envelope, a.Parts, b.Parts = b.Envelope, a.Envelope, b.Parts, a.Parts
		}), o, n-1, n)
		caught(t, fmt.Sprintf("parts of %d and %d swapped", i-1, i), good.tampered(func(c *copied) {
			c.entries[i-1].Parts[0], c.entries[i].Parts[0] = c.entries[i].Parts[0], c.entries[i-1].Parts[0]
		}), o, n-1, n)
		caught(t, fmt.Sprintf("record %d in place of %d", i-1, i), good.tampered(func(c *copied) {
			c.entries[i].Envelope, c.entries[i].Parts = c.entries[i-1].Envelope, c.entries[i-1].Parts
		}), o, n)
	}
}

func TestHeadTampered(t *testing.T) {
	s := standard(t)
	good := s.copy()
	o := Options{Card: s.card()}
	for at := 0; at < len(good.head.Checkpoint); at += 3 {
		caught(t, fmt.Sprintf("checkpoint, byte %d flipped", at), good.tampered(func(c *copied) { flip(c.head.Checkpoint, at) }), o)
	}
	for at := 0; at < len(good.head.Cosigned); at += 3 {
		caught(t, fmt.Sprintf("cosigned checkpoint, byte %d flipped", at), good.tampered(func(c *copied) { flip(c.head.Cosigned, at) }), o)
	}
	caught(t, "no checkpoint", good.tampered(func(c *copied) { c.head.Checkpoint = nil }), o)
	caught(t, "no cosigned checkpoint", good.tampered(func(c *copied) { c.head.Cosigned = nil }), o)
	caught(t, "no cosigned checkpoint at all", good.tampered(func(c *copied) { c.head.Cosigned, c.older = nil, nil }), o)
	caught(t, "one entry fewer", good.tampered(func(c *copied) { c.head.Size-- }), o, good.head.Size-1)
	caught(t, "one entry more", good.tampered(func(c *copied) { c.head.Size++ }), o, good.head.Size)
	caught(t, "an old checkpoint", good.tampered(func(c *copied) { c.head.Checkpoint = s.checkpoint(5) }), o)
	caught(t, "the cosigned one as an older one", good.tampered(func(c *copied) { c.head.Size, c.head.Checkpoint, c.head.Cosigned = 5, s.checkpoint(5), c.older[0] }), o)
	for i := range good.older {
		caught(t, fmt.Sprintf("older checkpoint %d flipped", i), good.tampered(func(c *copied) {
			c.older[i] = append([]byte{}, c.older[i]...)
			flip(c.older[i], len(c.older[i])-3)
		}), o)
	}
}

// TestServerWithTheKey has the log's own key sign what the server would rather have been.
func TestServerWithTheKey(t *testing.T) {
	s := standard(t)
	card := Options{Card: s.card()}
	last := int64(len(s.all))
	covered := must[ledger.Checkpoint](t)(ledger.ParseCheckpoint(s.cosigned[len(s.cosigned)-1])).Size
	near := func(i int64) []int64 { // the span between two cosigned checkpoints begins here
		from := int64(0)
		for _, text := range s.cosigned {
			if c, _ := ledger.ParseCheckpoint(text); c.Size <= i {
				from = c.Size
			}
		}
		return []int64{from, i}
	}
	for i := int64(1); i < last; i++ {
		if i < covered {
			r := caught(t, fmt.Sprintf("cut to %d", i), s.resealed(s.all[:i]), card, i)
			if c, _ := r.Claim(ClaimLog); c.State != DoesNotHold {
				t.Errorf("cut to %d: the log %s", i, c.State)
			}
			dropped := slices.Delete(slices.Clone(s.all), int(i), int(i)+1)
			caught(t, fmt.Sprintf("entry %d left out", i), s.resealed(dropped), card, append(near(i), i)...)
			swapped := slices.Clone(s.all)
			swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
			caught(t, fmt.Sprintf("entries %d and %d swapped", i-1, i), s.resealed(swapped), card, append(near(i-1), i)...)
		}
		doubled := slices.Insert(slices.Clone(s.all), int(i), s.all[i-1])
		caught(t, fmt.Sprintf("entry %d logged twice", i-1), s.resealed(doubled), card, i)
		forged := slices.Clone(s.all)
		forged[i].Sig = slices.Clone(forged[i].Sig)
		forged[i].Sig[7] ^= 1
		caught(t, fmt.Sprintf("entry %d with another signature", i), s.resealed(forged), card, i)
	}
}

// TestAuthorRewrites has an author help the server: a record signed anew, with an earlier time
// and another text.
func TestAuthorRewrites(t *testing.T) {
	s := standard(t)
	card := Options{Card: s.card()}
	for i, r := range s.all {
		if i == 0 || i == len(s.all)-1 {
			continue
		}
		h := r.Header
		h.At -= 3600
		again := must[record.Record](t)(record.Sign(s.keys[h.By], s.exercise, h, r.Parts))
		all := slices.Clone(s.all)
		all[i] = again
		res := caught(t, fmt.Sprintf("entry %d signed anew", i), s.resealed(all), card)
		c, _ := res.Claim(ClaimLog)
		if c.State != DoesNotHold {
			t.Errorf("entry %d signed anew: the log %s", i, c.State)
		}
		below := false
		for _, p := range c.Entries {
			below = below || p.Index >= 0 && p.Index <= int64(i)
		}
		if !below {
			t.Errorf("entry %d signed anew: no span that begins at or before it is named", i)
			show(t, res)
		}
	}
}

func TestShorterThanKnown(t *testing.T) {
	s := standard(t)
	whole := s.copy()
	path := FileKnown(t.TempDir() + "/known")
	o := Options{Card: s.card(), Known: path, KnownGiven: true}
	// Its tail is not cosigned yet: that is said, and the log is remembered all the same.
	if r := run(t, whole, o); r.Exit(nil) != 2 {
		t.Fatal(r.Exit(nil))
	}
	if r := run(t, whole, o); r.Exit(nil) != 2 {
		t.Errorf("the same log again: exit %d", r.Exit(nil))
	}
	// The tail was never cosigned: only memory tells that it was there.
	n := len(s.all) - 1
	short := s.resealed(s.all[:n])
	short.entries = s.copy().entries[:n]
	if r := run(t, short, Options{Card: s.card()}); r.Exit(nil) != 0 {
		show(t, r)
		t.Fatalf("a tail nobody cosigned, and nothing remembered: exit %d", r.Exit(nil))
	}
	caught(t, "shorter than known", short, o, int64(n))
	h := s.all[n].Header
	h.At++
	all := append(slices.Clone(s.all[:n]), must[record.Record](t)(record.Sign(s.keys[h.By], true, h, s.all[n].Parts)))
	other := s.resealed(all)
	copy(other.entries, s.copy().entries[:n])
	r := caught(t, "other than known", other, o)
	if c, _ := r.Claim(ClaimLog); c.Entries[0].Rule != RuleKnownRoot {
		t.Errorf("rule %s, want %s", c.Entries[0].Rule, RuleKnownRoot)
	}
	// An exercise is not remembered by default.
	quiet := FileKnown(t.TempDir() + "/known")
	run(t, whole, Options{Card: s.card(), Known: quiet})
	if text, err := quiet.Newest(s.m.Founder()); text != nil || err != nil {
		t.Errorf("an exercise was remembered unasked: %s %v", text, err)
	}
}

// TestMostTellingFirst fills the lists with what only follows from other entries, and asks that
// the entry that was tampered with is named all the same, and first.
func TestMostTellingFirst(t *testing.T) {
	s := newStage(t, nil)
	s.observer("mina")
	s.cosign()
	s.keys["nobody"] = testKey("nobody") // whom no record enrolled
	for range MaxListed + 10 {
		s.move("nobody", "departure", "A-01", 20)
	}
	s.move("mina", "departure", "A-02", 30)
	s.cosign()
	last := s.m.Size() - 1
	forged := s.copy().tampered(func(c *copied) {
		e := c.entries[last].Envelope
		e[len(e)-40] = other64(e[len(e)-40]) // in its signature
	})
	r := caught(t, "a signature after many that nobody can have made", forged, Options{Card: s.card()}, last)
	authority, _ := r.Claim(ClaimAuthority)
	if authority.Entries[0].Index != last || len(authority.Entries) != MaxListed || authority.Total != MaxListed+11 {
		t.Errorf("%d of %d are listed, first entry %d, want entry %d", len(authority.Entries), authority.Total, authority.Entries[0].Index, last)
	}
	if !strings.HasPrefix(authority.Say, fmt.Sprintf("entry %d ", last)) {
		t.Errorf("says %q", authority.Say)
	}
}

func TestSeenIsGossip(t *testing.T) {
	// The server shows mina another log than the one it keeps.
	s := standard(t)
	fork := s.cosignText(s.signRoot(6, ledger.Hash{1}))
	s.cosigned = append(s.cosigned, fork)
	s.move("mina", "departure", "A-09", 12)
	s.cosigned = s.cosigned[:len(s.cosigned)-1]
	s.move("omar", "departure", "A-09", 12)
	s.cosign()
	r := caught(t, "another history in seen", s.copy(), Options{Card: s.card()}, 20)
	c, _ := r.Claim(ClaimLog)
	if c.Entries[0].Rule != RuleSeenRoot || c.Total != 1 {
		show(t, r)
	}

	s = standard(t)
	ahead := s.cosignText(s.signRoot(500, ledger.Hash{1}))
	s.cosigned = append(s.cosigned, ahead)
	s.move("mina", "departure", "A-09", 12)
	s.cosigned = s.cosigned[:len(s.cosigned)-1]
	s.cosign()
	r = caught(t, "seen ahead of the record", s.copy(), Options{Card: s.card()}, 20)
	if c, _ := r.Claim(ClaimLog); c.Entries[0].Rule != RuleSeenSize {
		t.Errorf("rule %s", c.Entries[0].Rule)
	}

	// The log's own signature in it is forged; then a cosigner's, which only opens a bracket.
	for _, forge := range []struct {
		line string
		rule string
	}{{"corridor.test", RuleSeenSignature}, {"exercise-witness-2", ""}} {
		s = standard(t)
		forged := bytes.Clone(s.cosigned[2])
		at := bytes.LastIndex(forged, []byte("— "+forge.line))
		forged[at+len("— "+forge.line)+60] = other64(forged[at+len("— "+forge.line)+60])
		s.cosigned = append(s.cosigned, forged)
		s.move("mina", "departure", "A-09", 12)
		s.cosigned = s.cosigned[:len(s.cosigned)-1]
		s.cosign()
		r := run(t, s.copy(), Options{Card: s.card()})
		c, _ := r.Claim(ClaimLog)
		if forge.rule == "" {
			if after := r.Brackets.Of(20, r.Replay.Now().Entry(20).Seen).After; r.Exit(nil) != 0 || after != nil {
				t.Errorf("a forged cosignature in seen: exit %d, bracket from %v", r.Exit(nil), after)
			}
		} else if c.State != DoesNotHold || c.Entries[0].Rule != forge.rule || c.Entries[0].Index != 20 {
			t.Errorf("a forged seen: %v", c)
		}
	}
}
