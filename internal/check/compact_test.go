package check_test

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"testing"

	"corridor.example/corridor/internal/compact"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/record"
)

func TestCompactVectors(t *testing.T) {
	js := newAsker(t)
	for _, v := range load[struct {
		Name            string
		Edition         int
		Short           bool
		Line, Rule      *string
		Packed          string
		Missions, Keys  []string
		Messages, Codes []string
	}](t, "compact.json") {
		a := js.ask("unpack", m{"data": v.Packed, "missions": v.Missions, "keys": v.Keys})
		if a.OK != (v.Rule == nil) || a.Rule != said(v.Rule) {
			t.Errorf("%s: JavaScript says %v %q, the vector %q", v.Name, a.OK, a.Rule, said(v.Rule))
		}
		if v.Line == nil {
			continue
		}
		if a.Text != b64([]byte(*v.Line)) {
			t.Errorf("%s: restored as another line", v.Name)
		}
		a = js.ask("pack", m{"line": b64([]byte(*v.Line)), "short": v.Short, "edition": v.Edition})
		if a.Text != v.Packed || !slices.Equal(a.List, v.Messages) || !slices.Equal(a.Roots, v.Codes) {
			t.Errorf("%s: packed otherwise", v.Name)
		}
	}
}

// TestDifferentialCompact packs every record of a mission in Go and in JavaScript, and shows
// falsified packings to both.
func TestDifferentialCompact(t *testing.T) {
	p := play(t, must[*scenario.Script](t)(scenario.Case("gate-9")))
	js := newAsker(t)
	random := rand.New(rand.NewPCG(3, 4))
	records := p.Records()
	var missions, keys []string
	known := compact.Known{Mission: among(&missions), Key: among(&keys)}
	for _, r := range records {
		if r.Header.Mission != nil && !slices.Contains(missions, r.Header.Mission.String()) {
			missions = append(missions, r.Header.Mission.String())
		}
		if k := r.Header.Key.String(); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	field, bytesOf := 0, 0
	for i, r := range records {
		short := i%2 == 0
		packed := compact.Pack(r, short)
		a := js.ask("pack", m{"line": b64(r.Line()), "short": short})
		if !a.OK || a.Text != b64(packed) {
			t.Fatalf("record %d, a %s: Go and JavaScript pack it otherwise", i, r.Header.Kind)
		}
		a = js.ask("unpack", m{"data": b64(packed), "missions": missions, "keys": keys})
		if !a.OK || a.Text != b64(r.Line()) {
			t.Errorf("record %d, a %s: not restored: %s", i, r.Header.Kind, a.Rule)
		}
		if r.Header.Kind == "departure" || r.Header.Kind == "passage" || r.Header.Kind == "arrival" {
			field++
			bytesOf += len(compact.Pack(r, true))
		}
		for range 4 {
			bad := bytes.Clone(packed)
			for range 1 + random.IntN(2) {
				at := random.IntN(len(bad))
				if random.IntN(3) == 0 {
					at = random.IntN(min(len(bad), 8))
				}
				switch random.IntN(3) {
				case 0:
					bad[at] ^= 1 << random.IntN(8)
				case 1:
					bad = append(bad[:at], bad[at+1:]...)
				case 2:
					bad = slices.Insert(bad, at, byte(random.IntN(256)))
				}
			}
			want, err := compact.Unpack(bad, known)
			a := js.ask("unpack", m{"data": b64(bad), "missions": missions, "keys": keys})
			if a.OK != (err == nil) || err == nil && a.Text != b64(want.Line()) {
				t.Errorf("record %d falsified: Go says %v, JavaScript %v %q\n%s", i, err, a.OK, a.Rule, base64.StdEncoding.EncodeToString(bad))
			}
		}
	}
	t.Logf("a convoy's movement takes %d bytes on average", bytesOf/max(1, field))
}

// among finds those hashes of a list that begin with a prefix.
func among(list *[]string) func([]byte) []record.Hash {
	return func(prefix []byte) (found []record.Hash) {
		for _, s := range *list {
			h, err := record.ParseHash(s)
			if err == nil && bytes.HasPrefix(h[:], prefix) {
				found = append(found, h)
			}
		}
		return found
	}
}
