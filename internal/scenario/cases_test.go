package scenario

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

func played(t *testing.T, name, seed string) *Bare {
	t.Helper()
	s, err := Case(name)
	if err != nil {
		t.Fatal(err)
	}
	b := NewBare(seed)
	if err := Play(s, seed, b); err != nil {
		t.Fatal(err)
	}
	return b
}

// log is everything of a play that a reader gets.
func (b *Bare) log() []byte {
	var all []byte
	for _, r := range b.Records() {
		all = append(append(all, r.Line()...), '\n')
	}
	return append(all, b.Newest()...)
}

func TestSameSeedSameBytes(t *testing.T) {
	for _, name := range Cases() {
		one, two, other := played(t, name, "7").log(), played(t, name, "7").log(), played(t, name, "8").log()
		if !bytes.Equal(one, two) {
			t.Errorf("%s: two plays with one seed differ", name)
		}
		if bytes.Equal(one, other) {
			t.Errorf("%s: two seeds give the same", name)
		}
	}
}

func TestWholeLogIsCosigned(t *testing.T) {
	for _, name := range Cases() {
		b := played(t, name, "7")
		v := b.Mission().Now()
		p, err := v.Terms().Policy()
		if err != nil {
			t.Fatal(err)
		}
		s, err := p.Check(b.Newest())
		if err != nil || !s.Quorum() || s.Size != v.Size() {
			t.Errorf("%s: the newest checkpoint is of %d of %d records, %s: %v", name, s.Size, v.Size(), s.Word(), err)
		}
		if !b.Mission().Exercise() {
			t.Errorf("%s is not an exercise", name)
		}
	}
}

func TestNoRecordIsRefusedInReplay(t *testing.T) {
	for _, name := range Cases() {
		var m corridor.Mission
		for i, r := range played(t, name, "7").Records() {
			if err := m.Add(r); err != nil {
				t.Errorf("%s, entry %d: %v", name, i, err)
			}
		}
	}
}

// The words of one side stand in no text of ours. Addresses are other people's.
func TestWords(t *testing.T) {
	side := regexp.MustCompile(`(?i)\b(militants?|terrorists?|rebels?|regimes?|liberat\w*|hostages?|fell)\b`)
	address := regexp.MustCompile(` at "http[^"]*"`)
	for _, dir := range []fs.FS{cases, rules} {
		err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(dir, name)
			for i, line := range bytes.Split(b, []byte("\n")) {
				if w := side.Find(address.ReplaceAll(line, nil)); w != nil {
					t.Errorf("%s:%d: %q is a word of one side", name, i+1, w)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// texts are the members of parts that these tests look at.
type texts struct {
	Sources []corridor.Source    `json:"sources"`
	Texts   []corridor.ClaimText `json:"texts"`
	Claims  []corridor.Claim     `json:"claims"`
	Basis   string               `json:"basis"`
	Act     *corridor.Act        `json:"act"`
}

func told(t *testing.T, r record.Record, part string) (x texts) {
	t.Helper()
	if b := r.Part(part); b != nil {
		if err := json.Unmarshal(b, &x); err != nil {
			t.Fatalf("%s of %s: %v", part, r.Hash.Short(), err)
		}
	}
	return x
}

// Nobody real signs, and everything that is told has a source.
func TestAleppoHasOneAuthorAndSources(t *testing.T) {
	own := []corridor.Kind{"mandate", "link", "report", "adoption", "assessment"}
	document := []corridor.Kind{"statement", "coverage", "assessment"}
	for i, r := range played(t, "aleppo-2016", "7").Records() {
		kind := corridor.Kind(r.Header.Kind)
		if r.Header.By != "reconstruction" {
			t.Errorf("entry %d, a %s, is signed by %s", i, kind, r.Header.By)
		}
		if len(told(t, r, "narrative").Sources) == 0 && !slices.Contains(own, kind) {
			t.Errorf("entry %d, a %s, names no source", i, kind)
		}
		switch f := told(t, r, "facts"); {
		case f.Basis != "" && f.Basis != "reported" && !(f.Basis == "document" && slices.Contains(document, kind)):
			t.Errorf("entry %d, a %s, rests on %q", i, kind, f.Basis)
		case f.Act != nil && (f.Act.Of == "reconstruction" || f.Act.Channel == "own"):
			t.Errorf("entry %d, a %s, is an act of the reconstruction itself", i, kind)
		}
	}
}

// Labels and claims are there in both languages of the first release.
func TestAleppoInTwoLanguages(t *testing.T) {
	b := played(t, "aleppo-2016", "7")
	terms := b.Mission().Now().Terms()
	both := func(what string, l corridor.Label) {
		if len(l) != 2 || l[0].Lang != "en" || l[1].Lang != "ar" {
			t.Errorf("%s is labelled %v", what, l)
		}
	}
	for _, a := range terms.Actors {
		both(string(a.ID), a.Label)
	}
	for _, p := range terms.Places {
		both(string(p.ID), p.Label)
	}
	for _, l := range terms.Legs {
		both("leg "+l.Letter, l.Label)
	}
	for _, m := range terms.Marks {
		both(m.At.String(), m.Label)
	}
	for i, r := range b.Records() {
		claims, words := told(t, r, "facts").Claims, told(t, r, "narrative").Texts
		for _, c := range claims {
			var langs []string
			for _, w := range words {
				if w.N == c.N && w.Text != "" {
					langs = append(langs, w.Lang)
				}
			}
			if !slices.Equal(langs, []string{"en", "ar"}) {
				t.Errorf("entry %d: claim %d is there in %v", i, c.N, langs)
			}
		}
	}
}

// What the first screen and the pages must be able to show.
func TestAleppoHolds(t *testing.T) {
	b := played(t, "aleppo-2016", "7")
	v := b.Mission().Now()
	said, ok := v.Statement(b.Names["briefing"])
	if !ok || len(said.Claims) < 15 || !said.Facts.Inferred || *said.Facts.Published != "2016-12-20" {
		t.Errorf("the briefing: %v", said.Facts)
	}
	if n := len(v.Statements()); n < 5 {
		t.Errorf("%d statements, want the briefing and at least four others", n)
	}
	var burned *corridor.Incidental
	for _, x := range v.Incidents() {
		for _, a := range x.Accounts {
			if a.Record == b.Names["burned-tv"] {
				burned = &x
			}
		}
	}
	if burned == nil || len(burned.Accounts) < 3 {
		t.Fatal("the burned buses are not one incident with its accounts")
	}
	for _, a := range burned.Accounts {
		if a.Facts.Basis != corridor.Reported || !v.Gap(a) {
			t.Errorf("an account of the burned buses by %s is %s, gap %v", a.Says, a.Facts.Basis, v.Gap(a))
		}
	}
	long := 0
	for _, h := range v.Holds() {
		if h.Ended != nil && h.Ended[0]-h.Began[1] > 20*3600 && h.All() {
			long++
		}
	}
	if long != 2 {
		t.Errorf("%d long holds of everything, want 2", long)
	}
	if open := v.OpenConvoys(); len(open) > 0 {
		t.Errorf("convoys %v are open", open)
	}
	for i := range v.Size() {
		if e := v.Entry(i); len(e.Findings) > 0 || e.Sealed {
			t.Errorf("entry %d, a %s: %v", i, e.Kind, e.Findings)
		}
	}
	for _, line := range []string{"left.people A", "arrived.people A", "left.people B"} {
		l, err := corridor.ParseLine(line)
		if err != nil || len(v.Adopted(l)) != 1 {
			t.Errorf("%s: %d adopted, %v", line, len(v.Adopted(l)), err)
		}
	}
	due := v.DueReports(v.Terms().From + 30*24*3600)
	if len(due) != 1 || due[0].State != corridor.DueFiled || due[0].Day != "2016-12-24" || due[0].Zone != "America/New_York" {
		t.Errorf("due: %+v", due)
	}
}
