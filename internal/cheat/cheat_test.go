package cheat_test

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/cheat"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/verify"
)

const seed = "7"

// A played is a case played on the bare fold, as the checker reads it: with every cosigned
// checkpoint, and nothing stored beside it.
type played struct {
	*scenario.Bare
	marks [][]byte
}

func (p *played) Cosigned(signed []byte) error {
	p.marks = append(p.marks, signed)
	return p.Bare.Cosigned(signed)
}

func (p *played) Head(context.Context) (verify.Head, error) {
	signed, err := p.Tick(0)
	return verify.Head{Size: p.Mission().Size(), Checkpoint: signed, Cosigned: p.Newest()}, err
}

func (p *played) Entries(context.Context) iter.Seq2[verify.Entry, error] {
	return func(yield func(verify.Entry, error) bool) {
		var tree ledger.Tree
		for i, r := range p.Records() {
			leaf, hash := corridor.Leaf(r), r.Hash
			tree.Append(leaf)
			e := verify.Entry{Index: int64(i), Leaf: leaf, Name: hash[:], Hashes: tree.AppendRow(nil, tree.Size()-1), Envelope: r.Envelope()}
			for _, part := range r.Parts {
				e.Parts = append(e.Parts, part.Bytes)
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (p *played) Checkpoints(context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, m := range p.marks {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func play(t *testing.T, name string) (*played, *verify.Card, cheat.Keys) {
	t.Helper()
	s, err := scenario.Case(name)
	if err != nil {
		t.Fatal(err)
	}
	p := &played{Bare: scenario.NewBare(seed)}
	if err := scenario.Play(s, seed, p); err != nil {
		t.Fatal(err)
	}
	m := p.Mission()
	card := verify.CardOf(m.Founder(), m.Exercise(), m.Now().Terms())
	return p, &card, cheat.Keys{Log: scenario.LogKey(seed), Actor: func(name string) cheat.Key { return scenario.ActorKey(seed, name) }}
}

// numbers are the entries that a sentence of the checker names, a range by all it takes in.
func numbers(sentence string) (list []int64) {
	for _, m := range regexp.MustCompile(`entr(?:y|ies) (\d+)(?: to (\d+))?`).FindAllStringSubmatch(sentence, -1) {
		from, _ := strconv.ParseInt(m[1], 10, 64)
		to := from
		if m[2] != "" {
			to, _ = strconv.ParseInt(m[2], 10, 64)
		}
		for ; from <= to; from++ {
			list = append(list, from)
		}
	}
	return list
}

// TestEveryLieIsCaught: on both cases the checker finds each lie, names the entry, and who
// notices follows from what it found.
func TestEveryLieIsCaught(t *testing.T) {
	notices := map[string][]string{
		"omit": {"report", "seen", "cosigned", "receipt"}, "alter": {"part"}, "admit": {"signature", "consent"},
		"backdate": {"seen", "cosigned", "receipt"}, "fork": {"known", "cosigned", "receipt"},
	}
	claim := map[string]string{"omit": "reports", "alter": "log", "admit": "authority", "backdate": "log", "fork": "log"}
	for _, name := range scenario.Cases() {
		t.Run(name, func(t *testing.T) {
			p, card, keys := play(t, name)
			for _, code := range cheat.Codes {
				start := time.Now()
				a, err := cheat.Tell(t.Context(), code, p, card, keys)
				took := time.Since(start)
				if err != nil {
					t.Fatalf("%s: %v", code, err)
				}
				t.Logf("%s, %v: %s", code, took.Round(time.Millisecond), a.Says)
				if !a.Caught {
					t.Errorf("%s is not caught", code)
				}
				// A record put in behind a signed head is noticed by the next who had seen the
				// log before; everything else is found at its own entry.
				near := slices.ContainsFunc(numbers(a.Says), func(n int64) bool { return n == a.Entry || code == "backdate" && n > a.Entry && n < a.Entry+4 })
				if !near {
					t.Errorf("%s is about entry %d, and the checker says: %s", code, a.Entry, a.Says)
				}
				i := slices.IndexFunc(a.Claims, func(c verify.Claim) bool { return c.Name == claim[code] })
				if i < 0 || a.Claims[i].State != verify.DoesNotHold {
					t.Errorf("%s: the claim %q does not fail: %+v", code, claim[code], a.Claims)
				}
				var got []string
				for _, n := range a.Notices {
					got = append(got, n.Code)
					if n.Code == "cosigned" && !slices.Equal(n.Who, scenario.Witnesses[:]) {
						t.Errorf("%s: cosigned by %v, want %v", code, n.Who, scenario.Witnesses)
					}
				}
				for _, want := range notices[code] {
					if !slices.Contains(got, want) {
						t.Errorf("%s is noticed by %v, want %s among them", code, got, want)
					}
				}
			}
			res, err := verify.Run(t.Context(), p, verify.Options{Card: card})
			if err != nil || res.Exit(nil) != 0 {
				t.Errorf("after all the lies the true log does not hold: %v %+v", err, res.Claims)
			}
		})
	}
}

// TestAleppoLies: on the case of 2016 the number and the incident are those everybody knows.
func TestAleppoLies(t *testing.T) {
	p, card, keys := play(t, "aleppo-2016")
	a, err := cheat.Tell(t.Context(), "alter", p, card, keys)
	if err != nil || a.Done.Was != 1312 || a.Done.Is != 1812 {
		t.Errorf("alter: %v, %d to %d, want 1312 to 1812", err, a.Done.Was, a.Done.Is)
	}
	v := p.Mission().Now()
	_, incident, ok := cheat.Omitted(v)
	i := slices.IndexFunc(v.Events(), func(e *corridor.Event) bool { return e.Record == incident })
	if !ok || i < 0 || v.Events()[i].Facts.What != "vehicle-burned" {
		t.Errorf("omit leaves out %v, want an account of burned vehicles", incident)
	}
	same, err := cheat.Tell(t.Context(), "alter", p, card, keys)
	if err != nil || !reflect.DeepEqual(a, same) {
		t.Errorf("a lie told twice is not the same lie: %v", err)
	}
}

// A short is the beginning of a log.
type short struct {
	*played
	n int64
}

func (s short) Entries(ctx context.Context) iter.Seq2[verify.Entry, error] {
	return func(yield func(verify.Entry, error) bool) {
		for e, err := range s.played.Entries(ctx) {
			if e.Index == s.n || !yield(e, err) {
				return
			}
		}
	}
}

// TestNothingToFalsify: where there is no report and no number the lies about them are not
// told, and an unknown lie is no lie.
func TestNothingToFalsify(t *testing.T) {
	p, card, keys := play(t, "gate-9")
	for _, code := range []string{"omit", "alter"} {
		if _, err := cheat.Tell(t.Context(), code, short{p, 2}, card, keys); !errors.Is(err, cheat.ErrNothing) {
			t.Errorf("%s on two records: %v, want %v", code, err, cheat.ErrNothing)
		}
	}
	if _, err := cheat.Tell(t.Context(), "steal", p, card, keys); err == nil || errors.Is(err, cheat.ErrNothing) {
		t.Errorf("an unknown lie: %v, want an error that says so", err)
	}
	none := cheat.Keys{Log: keys.Log, Actor: func(string) cheat.Key { return nil }}
	for _, code := range []string{"omit", "admit", "backdate", "fork"} {
		if _, err := cheat.Tell(t.Context(), code, p, card, none); err == nil {
			t.Errorf("%s is told without the keys it needs", code)
		}
	}
	if a, err := cheat.Tell(t.Context(), "alter", p, card, none); err != nil || !a.Caught {
		t.Errorf("alter needs no key but the log's: %v, %+v", err, a)
	}
}
