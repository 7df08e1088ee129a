package verify

import (
	"bytes"
	"iter"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// each yields entries as a store would.
func each(all []Entry) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func texts(all [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, b := range all {
			if !yield(b, nil) {
				return
			}
		}
	}
}

// bundle writes a copy as a bundle.
func (s *stage) bundle(c *copied, level corridor.Level) []byte {
	s.t.Helper()
	var b bytes.Buffer
	h := BundleHead{Exercise: s.exercise, Level: level, Origin: s.log.Name(), Size: int64(len(c.entries)), Card: s.card().Text()}
	if err := WriteBundle(&b, h, each(c.entries), c.head.Checkpoint, texts(append(slices.Clone(c.older), c.head.Cosigned))); err != nil {
		s.t.Fatal(err)
	}
	return b.Bytes()
}

func open(t testing.TB, b []byte) *Bundle {
	t.Helper()
	return must[*Bundle](t)(OpenBundle(bytes.NewReader(b)))
}

// withheld is a copy without the parts for which keep is false, or the whole records for which
// part is "header".
func withheld(c *copied, s *stage, keep func(kind, part string) bool) *copied {
	return c.tampered(func(c *copied) {
		for i := range c.entries {
			e, r := &c.entries[i], s.all[i]
			if !keep(r.Header.Kind, "header") {
				e.Envelope, e.Parts = nil, nil
				continue
			}
			for k, p := range r.Parts {
				if !keep(r.Header.Kind, p.Name) {
					e.Parts[k] = nil
				}
			}
		}
	})
}

func TestWholeBundleHolds(t *testing.T) {
	s := standard(t)
	b := s.bundle(s.copy(), "")
	for _, o := range []Options{{}, {Card: s.card()}} {
		r := run(t, open(t, b), o)
		if states(r) != [4]State{Holds, Holds, Holds, Holds} {
			show(t, r)
		}
		if o.Card == nil && !strings.Contains(r.Word, "its own card") {
			t.Errorf("word: %q", r.Word)
		}
	}
	if again := s.bundle(s.copy(), ""); !bytes.Equal(b, again) {
		t.Error("two bundles of one log differ")
	}
}

// TestLowerLevels answers "cannot be checked here" for every claim, and never "holds".
func TestLowerLevels(t *testing.T) {
	s := standard(t)
	all, _ := run(t, s.copy(), Options{Card: s.card()}).Claim(ClaimReports)
	for _, l := range []struct {
		what string
		keep func(kind, part string) bool
		says []string // in the sentence of each claim
	}{
		{"no narratives", func(kind, part string) bool { return part != "narrative" }, []string{"2 parts sealed", "20 of 20 signatures", all.Say, "14 of 14 figures"}},
		{"no counts", func(kind, part string) bool { return part != "count" || kind == "report" }, []string{"parts sealed", "20 of 20 signatures", all.Say, "0 of 14 figures"}},
		{"no facts of movements", func(kind, part string) bool { return part != "facts" || kind != "departure" && kind != "arrival" }, []string{"parts sealed", "20 of 20 signatures", "lists made again here", "0 of 14 figures"}},
		{"no movements", func(kind, part string) bool { return kind != "departure" && kind != "arrival" }, []string{"5 whole records sealed", "15 of 20 signatures", "lists made again here", "0 of 14 figures"}},
		{"no nominations", func(kind, part string) bool { return kind != "nomination" }, []string{"whole records sealed", "of 20 signatures", "lists made again here", "0 of 14 figures"}},
		{"no reports", func(kind, part string) bool { return kind != "report" }, []string{"2 whole records sealed", "18 of 20", "no report", "no figure"}},
		{"reports without figures", func(kind, part string) bool { return kind != "report" || part != "count" }, []string{"2 parts sealed", "20 of 20", all.Say, "sealed"}},
		{"only the mandate and leaves", func(kind, part string) bool { return kind == "mandate" }, []string{"19 whole records sealed", "1 of 20", "no report", "no figure"}},
		{"only leaves", func(kind, part string) bool { return false }, []string{"sealed", "mandate", "no report", "no figure"}},
	} {
		t.Run(l.what, func(t *testing.T) {
			c := withheld(s.copy(), s, l.keep)
			c.head.Level = corridor.Public
			for _, src := range []Source{c, open(t, s.bundle(c, corridor.Public))} {
				r := run(t, src, Options{Card: s.card()})
				for i, claim := range r.Claims {
					if claim.State != CannotCheck {
						t.Errorf("%s %s, want %s", claim.Name, claim.State, CannotCheck)
						show(t, r)
					}
					if !strings.Contains(claim.Say, l.says[i]) {
						t.Errorf("%s says %q, without %q", claim.Name, claim.Say, l.says[i])
					}
					if got := r.Exit([]string{claim.Name}); got != 2 {
						t.Errorf("--require %s: exit %d, want 2", claim.Name, got)
					}
				}
			}
			// The same gaps in what calls itself whole are damage.
			c.head.Level = ""
			if got := run(t, c, Options{Card: s.card()}).Exit(nil); got != 1 {
				t.Errorf("the same without a level: exit %d, want 1", got)
			}
		})
	}
}

// TestLowerLevelTampered still catches what can be caught.
func TestLowerLevelTampered(t *testing.T) {
	s := standard(t)
	c := withheld(s.copy(), s, func(kind, part string) bool { return kind != "departure" && part != "narrative" })
	c.head.Level = corridor.Public
	o := Options{Card: s.card()}
	for i := range c.entries {
		n := int64(i)
		caught(t, "leaf", c.tampered(func(c *copied) { c.entries[i].Hashes = nil; flip(c.entries[i].Leaf, len(c.entries[i].Leaf)-5) }), o)
		if c.entries[i].Envelope == nil {
			continue
		}
		caught(t, "envelope", c.tampered(func(c *copied) { flip(c.entries[i].Envelope, len(c.entries[i].Envelope)/2) }), o, n)
		caught(t, "part", c.tampered(func(c *copied) { flip(c.entries[i].Parts[0], len(c.entries[i].Parts[0])/2) }), o, n)
	}
	for i := range s.all {
		if i > 0 && i < 19 {
			cut := c.tampered(func(c *copied) {
				c.entries = c.entries[:i]
				c.head.Size, c.head.Checkpoint = int64(i), s.checkpoint(int64(i))
			})
			caught(t, "cut", cut, o, int64(i))
		}
	}
}

func TestErasedHolds(t *testing.T) {
	s := standard(t)
	s.cosign()
	r := run(t, s.copy(), Options{Card: s.card()})
	if r.Exit(nil) != 0 {
		show(t, r)
	}
	// A part that no erasure names is another matter, the same part of another record too.
	for i, rec := range s.all {
		if rec.Header.Kind != "incident" || s.copy().entries[i].Parts[4] == nil {
			continue
		}
		r := caught(t, "a narrative without an erasure", s.copy().tampered(func(c *copied) { c.entries[i].Parts[4] = nil }), Options{Card: s.card()}, int64(i))
		if got, _ := r.Claim(ClaimLog); got.Entries[0].Rule != RulePartMissing {
			t.Errorf("%v", got)
		}
	}
	// Whoever still carries what was ordered erased is told.
	full := s.copy()
	for i, rec := range s.all {
		for k, p := range rec.Parts {
			full.entries[i].Parts[k] = p.Bytes
		}
	}
	r = run(t, full, Options{Card: s.card()})
	if r.Exit(nil) != 0 || !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "still carried") }) {
		t.Errorf("exit %d, notes %q", r.Exit(nil), r.Notes)
	}
}

// TestSealedBeyondLatestRelease does not hold: the mandate gave everybody the part by then.
func TestSealedBeyondLatestRelease(t *testing.T) {
	s := standard(t)
	c := withheld(s.copy(), s, func(kind, part string) bool { return part != "narrative" })
	c.head.Level = corridor.Public
	last := s.all[len(s.all)-1].Header.At
	r := run(t, c, Options{Card: s.card(), Now: last + 86400*4})
	if got, _ := r.Claim(ClaimLog); got.State != CannotCheck || !strings.Contains(got.Say, "until 2016-12-") {
		t.Errorf("in time: %v", got)
	}
	r = caught(t, "too late", c, Options{Card: s.card(), Now: last + 86400*6})
	if got, _ := r.Claim(ClaimLog); got.Entries[0].Rule != RulePartLate {
		t.Errorf("%v", got)
	}
	// A whole record, known by its leaf alone: it was signed before it was first cosigned.
	c = withheld(s.copy(), s, func(kind, part string) bool { return kind != "incident" })
	c.head.Level = corridor.Public
	if got := run(t, c, Options{Card: s.card(), Now: last + 86400*4}).Exit(nil); got != 2 {
		t.Errorf("a record sealed in time: exit %d", got)
	}
	r = caught(t, "a record too late", c, Options{Card: s.card(), Now: last + 86400*6})
	if got, _ := r.Claim(ClaimLog); got.Entries[0].Rule != RulePartLate {
		t.Errorf("%v", got)
	}
	// What is never released to this reader is never overdue.
	s = newStage(t, func(terms map[string]any) {
		terms["disclosure"] = []any{map[string]any{"kind": "*", "part": "*", "open": "mission", "closed": "mission", "after": "mission", "latest": 60}}
	})
	s.observer("mina")
	s.move("mina", "departure", "A-07", 122)
	s.cosign()
	c = withheld(s.copy(), s, func(kind, part string) bool { return part != "count" })
	c.head.Level = corridor.Public
	if got := run(t, c, Options{Card: s.card(), Now: s.now + 86400*6}).Exit(nil); got != 2 {
		t.Errorf("strict for ever: exit %d", got)
	}
	c.head.Level = corridor.MissionLevel
	caught(t, "sealed from those who may read it", c, Options{Card: s.card(), Now: s.now + 86400*6}, 5)
}

func TestBundleSpelling(t *testing.T) {
	s := standard(t)
	good := string(s.bundle(s.copy(), ""))
	lines := strings.SplitAfter(good, "\n")
	for what, bad := range map[string]string{
		"empty":             "",
		"something else":    "# README\n",
		"no level":          strings.Replace(good, `"level":"whole",`, "", 1),
		"an unknown level":  strings.Replace(good, `"level":"whole"`, `"level":"secret"`, 1),
		"a space":           strings.Replace(good, `"level":"whole"`, `"level": "whole"`, 1),
		"a negative size":   strings.Replace(good, `"size":20`, `"size":-20`, 1),
		"no origin":         strings.Replace(good, `"origin":"`+s.log.Name(), `"origin":"`, 1),
		"a cut first line":  good[:40],
		"no end of line":    strings.TrimSuffix(lines[0], "\n"),
		"an unknown member": strings.Replace(good, `"level"`, `"more":1,"level"`, 1),
	} {
		if _, err := OpenBundle(strings.NewReader(bad)); err == nil {
			t.Errorf("%s: opened", what)
		} else if !strings.HasPrefix(err.Error(), "bundle: ") {
			t.Errorf("%s: %v", what, err)
		}
	}
	o := Options{Card: s.card()}
	for what, bad := range map[string]string{
		"cut within an entry":          good[:len(lines[0])+len(lines[1])+30],
		"cut after an entry":           strings.Join(lines[:5], ""),
		"no checkpoint":                strings.Join(lines[:21], ""),
		"checkpoint cut":               strings.Join(lines[:21], "") + lines[21][:40],
		"only cosigned":                strings.Join(lines[:21], "") + strings.Join(lines[22:], ""),
		"two checkpoints":              strings.Join(lines[:22], "") + strings.Join(lines[21:], ""),
		"an entry after it":            good + lines[3],
		"an empty line":                strings.Join(lines[:4], "") + "\n" + strings.Join(lines[4:], ""),
		"two lines swapped":            strings.Join(lines[:4], "") + lines[5] + lines[4] + strings.Join(lines[6:], ""),
		"a line twice":                 strings.Join(lines[:4], "") + lines[3] + strings.Join(lines[4:], ""),
		"a line left out":              strings.Join(lines[:4], "") + strings.Join(lines[5:], ""),
		"a leaf spelled otherwise":     strings.Replace(good, `{"leaf":"corridor`, `{"leaf":"\u0063orridor`, 1),
		"a record spelled otherwise":   strings.Replace(good, `"parts":["{`, `"parts":[ "{`, 1),
		"a record null":                strings.Join(lines[:4], "") + lines[4][:strings.Index(lines[4], `"record":`)] + "\"record\":null}\n" + strings.Join(lines[5:], ""),
		"it says it is another log":    strings.Replace(good, `"origin":"corridor.test/`, `"origin":"corridor.tent/`, 1),
		"it says it is no exercise":    strings.Replace(good, `"exercise":true`, `"exercise":false`, 1),
		"it says it has more":          strings.Replace(good, `"size":20`, `"size":21`, 1),
		"it says it has less":          strings.Replace(good, `"size":20`, `"size":19`, 1),
		"a part as null":               strings.Replace(good, `"parts":["{`, `"parts":[null,"{`, 1),
		"its card is another's":        strings.Replace(good, `corridor-card/v1\nexercise\n`, `corridor-card/v1\n`, 1),
		"carriage returns":             strings.ReplaceAll(good, "]}}\n", "]}}\r\n"),
		"a cosigned line with more":    strings.Replace(good, `{"cosigned":`, `{"cosigned":"","more":`, 1),
		"a cosigned line spelled":      strings.Replace(good, `{"cosigned":"`, `{"cosigned": "`, 1),
		"the checkpoint line with nil": strings.Replace(good, `{"checkpoint":"`, `{"checkpoint":null,"x":"`, 1),
	} {
		b, err := OpenBundle(strings.NewReader(bad))
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if bad == good {
			t.Fatalf("%s: nothing was changed", what)
		}
		caught(t, what, b, o)
	}
}

func TestWriteBundleRefuses(t *testing.T) {
	s := standard(t)
	for what, change := range map[string]func(c *copied){
		"an entry out of order": func(c *copied) { c.entries[3], c.entries[4] = c.entries[4], c.entries[3] },
		"too few entries":       func(c *copied) { c.entries = c.entries[:7] },
		"a broken part":         func(c *copied) { flip(c.entries[5].Parts[0], 90) },
		"no leaf":               func(c *copied) { c.entries[5].Leaf = nil },
	} {
		c := s.copy().tampered(change)
		var b bytes.Buffer
		err := WriteBundle(&b, BundleHead{Exercise: true, Origin: s.log.Name(), Size: 20}, each(c.entries), c.head.Checkpoint, texts(nil))
		if err == nil || !strings.HasPrefix(err.Error(), "bundle: ") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// FuzzBundle reads any bytes as a bundle; what is read without a complaint is written again as
// the same bytes.
func FuzzBundle(f *testing.F) {
	leaf := `{"leaf":"corridor-leaf/v1\nincident\n-\nsha256 ` + record.Hash{7}.String() + `\n","record":`
	log := must[string](f)(ledger.VerifierKey("a/b", public("log")))
	signer := must[note.Signer](f)(ledger.NewSigner("a/b", testKey("log")))
	checkpoint := must[[]byte](f)(ledger.SignCheckpoint(ledger.Checkpoint{Origin: "a/b", Size: 1, Root: ledger.Hash{1}}, signer))
	text := strings.ReplaceAll(string(checkpoint), "\n", `\n`)
	head := `{"bundle":"corridor-bundle/v1","exercise":false,"level":"public","origin":"a/b","size":1,"card":null}` + "\n"
	f.Add([]byte(head + leaf + "null}\n" + `{"checkpoint":"` + text + `"}` + "\n" + `{"cosigned":"` + text + `"}` + "\n"))
	f.Add([]byte(head + leaf + `{"envelope":{"payload":"","payloadType":"","signatures":[{"sig":""}]},"parts":[null]}}` + "\n"))
	f.Add([]byte(strings.Replace(head, "null", `"`+log+`"`, 1)))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := OpenBundle(bytes.NewReader(text))
		if err != nil {
			return
		}
		h, err := b.Head(t.Context())
		if err != nil {
			return
		}
		var all []Entry
		for e, err := range b.Entries(t.Context()) {
			if err != nil {
				return
			}
			all = append(all, e)
		}
		var more [][]byte
		for c, err := range b.Checkpoints(t.Context()) {
			if err != nil {
				return
			}
			more = append(more, c)
		}
		var again bytes.Buffer
		err = WriteBundle(&again, BundleHead{h.Exercise, h.Level, h.Origin, h.Size, h.Card}, each(all), h.Checkpoint, texts(more))
		if err == nil && h.Checkpoint != nil && again.String() != string(text) {
			t.Errorf("%q is written %q", text, again.Bytes())
		}
	})
}
