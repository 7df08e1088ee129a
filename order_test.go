package corridor

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"corridor.example/corridor/record"
)

// picture spells out every figure and list of a view that must not depend on the order in
// which field records arrived.
func picture(v View) string {
	var b strings.Builder
	for _, l := range v.Lines() {
		f := v.Figure(l)
		fmt.Fprintln(&b, f.Line, f.Range, f.Uncounted, f.From)
	}
	for _, a := range v.AllAccounts() {
		fmt.Fprintln(&b, a.Record, v.Stands(a), v.Summed(a), len(v.Disputed(a.Record)))
	}
	for _, who := range []ActorID{"red", "blue", "office"} {
		for _, r := range v.ReadsOf(who) {
			fmt.Fprintln(&b, "read", who, r.Disclosure, r.Reader, r.Record, r.Part)
		}
		fmt.Fprintln(&b, "strict", who, v.StrictReadsOf(who))
	}
	for _, x := range v.Breaches() {
		fmt.Fprintln(&b, "breach", x.Record, x.Listed, x.Facts.What)
	}
	for _, a := range v.Admissions() {
		fmt.Fprintln(&b, "admission", a.Facts.Observer, a.State, a.Given, len(a.Lapses), len(a.Suspensions))
	}
	for _, i := range v.Incidents() {
		fmt.Fprintln(&b, "incident", i.ID, len(i.Accounts), len(i.Past))
	}
	fmt.Fprintln(&b, v.Convoys())
	return b.String()
}

// replay folds records whose signatures were made by us.
func replay(recs []record.Record) *Mission {
	m := &Mission{}
	for _, r := range recs {
		_ = m.Add(r) // a refusal is remembered, and part of what is compared
	}
	return m
}

// randomMission draws authority and field records. The field records are signed in chains, as
// phones do, and return in the order signed.
func randomMission(t *rapid.T, tb testing.TB) (authority, fields []record.Record) {
	s := witnessed(tb, func(f map[string]any) {
		f["node_key"] = map[string]any{"use": "node", "key": hex.EncodeToString(testKey("node").Public().(ed25519.PublicKey)), "proof": record.Prove(testKey("node"), true, text(f["origin"]), nil)}
	})
	s.keys["node"] = testKey("node")
	s.observer("mina")
	s.observer("omar")
	lena := s.nominate("lena") // whom blue never answered
	s.add("red", "consent", &lena.Hash, map[string]map[string]any{"facts": {}})
	i, _ := s.m.Index(lena.Hash)
	s.lapse("blue", lena.Hash, s.asked(s.m, i), s.unanswered(s.m), nil)
	s.add("office", "deployment", &lena.Hash, map[string]map[string]any{"facts": {"observer": "lena", "from": "2016-12-01T00:00:00Z"}})
	if rapid.Bool().Draw(t, "suspended") {
		x := s.add("red", "suspension", nil, map[string]map[string]any{"facts": {"what": "observer", "actor": "omar", "reason": "inquiry"}})
		if rapid.Bool().Draw(t, "lifted") {
			s.add("red", "suspension", &x.Hash, map[string]map[string]any{"facts": {"what": "observer", "actor": "omar", "reason": "over", "lifts": true}})
		}
	}
	authority = s.all
	names := []string{"mina", "omar", "lena", "red", "blue"}
	n := rapid.IntRange(1, 14).Draw(t, "records")
	for range n {
		before := len(s.all)
		by := rapid.SampledFrom(names).Draw(t, "by")
		convoy := rapid.SampledFrom([]string{"A-01", "A-02", "A-03"}).Draw(t, "convoy")
		people := rapid.IntRange(0, 60).Draw(t, "people")
		switch k := rapid.SampledFrom([]string{"departure", "arrival", "transfer", "link", "split", "correction", "withdrawal", "dispute", "incident", "breach", "disclosure"}).Draw(t, "kind"); k {
		case "departure", "arrival":
			s.move(by, k, convoy, people)
		case "transfer":
			s.add(by, k, nil, map[string]map[string]any{
				"facts": {"convoy": convoy, "to": rapid.SampledFrom([]any{nil, "A-03"}).Draw(t, "to"), "receiver": "ambulance", "when": s.now.String(), "basis": "observed"},
				"count": {"sums": []any{map[string]any{"unit": "people", "total": people}}}, "where": {}})
		case "link":
			s.add(by, "link", nil, map[string]map[string]any{"facts": {"as": "same", "convoys": []any{convoy, "A-01"}, "reason": "seen"}})
		case "split":
			s.add(by, "link", nil, map[string]map[string]any{"facts": {"as": "split-from", "convoys": []any{"A-01"}, "into": []any{convoy}, "reason": "seen"}})
		case "breach":
			s.add(by, k, nil, map[string]map[string]any{"facts": {"what": "suppressed", "against": "node", "found": s.now.String(), "sha256": lena.Hash.String(), "size": 1}})
		case "incident":
			s.add(by, k, nil, map[string]map[string]any{"facts": {"what": "obstruction", "convoy": convoy, "when": s.now.String(), "basis": "heard"}, "count": {}, "where": {}, "who": {}})
		default:
			target := s.all[rapid.IntRange(0, len(s.all)-1).Draw(t, "target")]
			switch k {
			case "disclosure":
				s.add("node", k, nil, map[string]map[string]any{"facts": {"when": s.now.String(), "reads": []any{map[string]any{"reader": by, "part": "facts", "records": []any{target.Hash.String()}}}}})
			case "correction":
				s.add(by, k, &target.Hash, map[string]map[string]any{
					"facts": {"kind": "departure", "reason": "miscounted", "facts": map[string]any{"convoy": convoy, "when": s.now.String(), "basis": "observed"}},
					"count": {"sums": []any{map[string]any{"unit": "people", "total": people}}}, "where": {"place": "gate"}, "who": {}})
			case "withdrawal":
				s.add(by, "correction", &target.Hash, map[string]map[string]any{"facts": {"reason": "entered-twice"}, "count": {}, "where": {}, "who": {}})
			case "dispute":
				s.add(by, k, &target.Hash, map[string]map[string]any{"facts": {"what": "number", "basis": "observed"}})
			}
		}
		fields = append(fields, s.all[before:]...)
	}
	return authority, fields
}

// asked is the checkpoint that shows that what stands at i was asked, unanswered the one up to
// which nobody answered.
func (s *stage) asked(m *Mission, i int64) []byte {
	return s.cosignedOf(m, i+1, 1482100000, "blue", "red")
}
func (s *stage) unanswered(m *Mission) []byte {
	return s.cosignedOf(m, m.Size(), 1482200000, "blue", "red")
}

// redrafted returns a history with its lapses drafted on that history: a lapse proves a place
// in a log, and in another order of the records it would be another lapse.
func redrafted(tb testing.TB, recs []record.Record) []record.Record {
	s := &stage{t: tb}
	m, out := &Mission{}, []record.Record{}
	for _, r := range recs {
		if r.Header.Kind == "lapse" {
			var facts LapseFacts
			if err := record.Decode(r.Part("facts"), &facts); err != nil {
				tb.Fatal(err)
			}
			if i, ok := m.Index(*r.Header.Re); ok {
				f, err := m.DraftLapse(facts.Of, *r.Header.Re, s.asked(m, i), s.unanswered(m))
				if err != nil {
					tb.Fatal(err)
				}
				f.PartHead = facts.PartHead
				text, err := record.Encode(f)
				if err != nil {
					tb.Fatal(err)
				}
				h := r.Header
				h.Parts = nil
				if r, err = record.Sign(testKey(h.By), true, h, []record.Part{{Name: "facts", Bytes: text}}); err != nil {
					tb.Fatal(err)
				}
			}
		}
		_ = m.Add(r)
		out = append(out, r)
	}
	return out
}

// TestOrderOfFieldRecords attacks promise 3: any order of the field records between the same
// authority records gives identical figures.
func TestOrderOfFieldRecords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		authority, fields := randomMission(rt, t)
		want := picture(replay(append(authority[:len(authority):len(authority)], fields...)).Now())
		shuffled := rapid.Permutation(fields).Draw(rt, "order")
		got := picture(replay(append(authority[:len(authority):len(authority)], shuffled...)).Now())
		if got != want {
			t.Fatalf("another order gives other figures:\n%s\nwant\n%s", got, want)
		}
	})
}

// TestAdmit asks that a record is admitted exactly if Judge lets it in, with the same answer, and
// that a fold of what was admitted is a fold of what was added.
func TestAdmit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		authority, fields := randomMission(rt, t)
		all := append(authority[:len(authority):len(authority)], fields...)
		for i, r := range all { // some twice, some unreadable, some before their time
			switch rapid.IntRange(0, 9).Draw(rt, "spoilt") {
			case 0:
				all = append(all, r)
			case 1:
				r.Parts = slices.Clone(r.Parts)
				p := &r.Parts[rapid.IntRange(0, len(r.Parts)-1).Draw(rt, "part")]
				p.Bytes = append(slices.Clone(p.Bytes), ' ')
				all[i] = r
			case 2:
				j := rapid.IntRange(0, len(all)-1).Draw(rt, "other")
				all[i], all[j] = all[j], all[i]
			}
		}
		var admitted, added Mission
		for i, r := range all {
			before := admitted.Size()
			err, want := admitted.Admit(r), added.Judge(r)
			if fmt.Sprint(err) != fmt.Sprint(want) {
				t.Fatalf("record %d: Admit answers %v, Judge %v", i, err, want)
			}
			if err == nil {
				want = added.Add(r)
			} else if admitted.Size() != before {
				t.Fatalf("record %d was refused and is in the log: %v", i, err)
			}
			if err == nil && want != nil {
				t.Fatalf("record %d was admitted and Add answers %v", i, want)
			}
		}
		if admitted.Size() == 0 {
			return
		}
		a, b := picture(admitted.Now()), picture(added.Now())
		rootA, _ := admitted.Now().Root()
		rootB, _ := added.Now().Root()
		if a != b || rootA != rootB {
			t.Fatalf("admitted:\n%s\nadded:\n%s", a, b)
		}
	})
}

// TestAcrossAuthority attacks the other half of promise 3: moving a field record across an
// authority record changes its own findings, and with them whether its own account is summed
// or listed; every other account stays as it was. A correction and what it corrects are one
// account of one author; and a record brings with it, through prev, what its key had signed before.
func TestAcrossAuthority(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		authority, fields := randomMission(rt, t)
		i := rapid.IntRange(0, len(fields)-1).Draw(rt, "moved")
		moved := fields[i]
		rest := append(fields[:i:i], fields[i+1:]...)
		late := append(append(authority[:len(authority):len(authority)], rest...), moved)
		at := rapid.IntRange(1, len(authority)).Draw(rt, "to")
		early := append(append(append(authority[:at:at], moved), authority[at:]...), rest...)
		a, b := replay(late).Now(), replay(redrafted(t, early)).Now()
		own := family(moved, fields)
		for _, x := range fields { // what its prev commits to counts as signed before what it was moved across
			if x.Header.Key == moved.Header.Key && x.Header.Seq < moved.Header.Seq {
				for h := range family(x, fields) {
					own[h] = true
				}
			}
		}
		for _, x := range a.AllAccounts() {
			y, ok := b.Account(x.Record)
			if own[x.Record] || !ok && b.refusedHash(x.Record) {
				continue
			}
			if !ok || a.Summed(x) != b.Summed(y) || a.Stands(x) != b.Stands(y) {
				t.Fatalf("moving %s %s across authority changed the account %s", moved.Header.Kind, moved.Hash.Short(), x.Record.Short())
			}
		}
	})
}

func (v View) refusedHash(h record.Hash) bool {
	i, _ := v.m.Index(h)
	return v.m.refused[i] != nil
}

// family returns a record, what it corrects, and so on down.
func family(r record.Record, all []record.Record) map[record.Hash]bool {
	own := map[record.Hash]bool{r.Hash: true}
	for r.Header.Kind == "correction" && r.Header.Re != nil {
		next := *r.Header.Re
		own[next] = true
		found := false
		for _, x := range all {
			if x.Hash == next {
				r, found = x, true
			}
		}
		if !found {
			break
		}
	}
	return own
}

// TestOpenLater attacks promise 6's other side: opening sealed parts later, in any order, gives
// the state that knowing them from the start would have given.
func TestOpenLater(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		authority, fields := randomMission(rt, t)
		all := append(authority[:len(authority):len(authority)], fields...)
		want := picture(replay(all).Now())
		type secret struct {
			h    record.Hash
			part string
			b    []byte
		}
		var secrets []secret
		sealed := make([]record.Record, len(all))
		for i, r := range all {
			r.Parts = append([]record.Part(nil), r.Parts...)
			for p := range r.Parts {
				if i > 0 && rapid.Bool().Draw(rt, "sealed") {
					secrets = append(secrets, secret{r.Hash, r.Parts[p].Name, r.Parts[p].Bytes})
					r.Parts[p].Bytes = nil
				}
			}
			sealed[i] = r
		}
		m := replay(sealed)
		for _, x := range rapid.Permutation(secrets).Draw(rt, "opened") {
			if err := m.Open(x.h, x.part, x.b); err != nil {
				var r *Refusal
				if !errors.As(err, &r) {
					t.Fatal(err)
				}
			}
		}
		if got := picture(m.Now()); got != want {
			t.Fatalf("opened later:\n%s\nwant\n%s", got, want)
		}
	})
}

// TestSecondFoldOfReports asks that the report drafted on a prefix is the same, byte for byte,
// whatever was logged since: with observers revoked on the way, records committed before it,
// and keys that signed one number twice.
func TestSecondFoldOfReports(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t)
		s.observer("mina")
		s.observer("omar")
		var late []record.Record
		for range rapid.IntRange(1, 12).Draw(rt, "records") {
			by := rapid.SampledFrom([]string{"mina", "omar"}).Draw(rt, "by")
			switch rapid.SampledFrom([]string{"move", "move", "twin", "late", "revoke", "report"}).Draw(rt, "step") {
			case "move":
				s.move(by, "departure", rapid.SampledFrom([]string{"A-01", "A-02"}).Draw(rt, "convoy"), rapid.IntRange(10, 60).Draw(rt, "people"))
			case "twin": // of what the key signed last
				seq, last := s.seq[by], s.last[by]
				if seq == 0 {
					continue
				}
				if s.seq[by]--; seq == 1 {
					s.last[by] = nil
				}
				s.move(by, "departure", "A-02", 12)
				s.seq[by], s.last[by] = seq, last
			case "late": // signed, and on its way until the end
				m := s.m
				s.m = replay(s.all)
				late = append(late, s.move(by, "arrival", "A-01", 20))
				s.m, s.all = m, s.all[:len(s.all)-1]
			case "revoke":
				s.add("red", "revocation", nil, map[string]map[string]any{"facts": {"observer": by, "reason": "conduct"}})
			case "report":
				s.file(s.m.Size(), s.now, "", asDrafted)
			}
		}
		all := append(s.all, late...)
		whole := replay(all)
		drawn := func(m *Mission, to int64) string {
			f, c, err := m.draft("other", to, to, s.now, "Asia/Damascus")
			if err != nil {
				t.Fatal(err)
			}
			facts, err := record.Encode(f)
			if err != nil {
				t.Fatal(err)
			}
			count, err := record.Encode(c)
			if err != nil {
				t.Fatal(err)
			}
			return string(facts) + "\n" + string(count)
		}
		for n := 1; n <= len(all); n++ {
			if got, want := drawn(whole, int64(n)), drawn(replay(all[:n]), int64(n)); got != want {
				rt.Fatalf("the report on %d records of the whole log is\n%s\nand on a fold of them\n%s", n, got, want)
			}
		}
		for _, r := range whole.Now().Reports() {
			if _, err := whole.Recompute(r); err != nil {
				rt.Fatalf("report %d: %v", r.Facts.Number, err)
			}
		}
	})
}

// TestSecondFold asks that every prefix folded afresh gives the same as the view of it.
func TestSecondFold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		authority, fields := randomMission(rt, t)
		all := append(authority[:len(authority):len(authority)], fields...)
		whole := replay(all)
		for n := 1; n <= len(all); n++ {
			if got, want := picture(whole.At(int64(n))), picture(replay(all[:n]).Now()); got != want {
				t.Fatalf("the view of %d records gives\n%s\na fold of them\n%s", n, got, want)
			}
		}
	})
}
