package server_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"html"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// TestOnePolicy plays every rule's mission under a disclosure table that chance made, and holds
// what each audience gets against the policy function, at moments from the last record to years
// later: by the API, the bundle, the live view, the record's page and a party's mirror. The tables together have
// a row for every kind and part.
func TestOnePolicy(t *testing.T) {
	rules := os.DirFS("../../testdata/scenario")
	names, err := fs.Glob(rules, "*.txt")
	if err != nil || len(names) < 40 {
		t.Fatalf("%d missions, %v", len(names), err)
	}
	few := len(names)
	cases := os.DirFS("../scenario/cases")
	for range 4 {
		names = append(names, "gate-9.txt") // a whole mission, under several tables
	}
	chance := rand.New(rand.NewPCG(11, 22))
	rows := everyRow(chance, len(names))
	met := &agreement{t: t, seen: map[string]int{}, kinds: map[string]bool{}}
	for i, name := range names {
		from := rules
		if i >= few {
			from = cases
		}
		met.mission(from, name, rows[i])
	}
	for _, k := range corridor.Kinds() {
		if k == corridor.KindAmendment {
			continue // it restates the terms whole, with the table, which a scenario does not write
		}
		if k == corridor.KindSuccession {
			continue // it begins a log, and no running one takes it
		}
		if !met.kinds[string(k)] {
			t.Errorf("no record of kind %s was asked for", k)
		}
	}
	if met.seen["shut"] < 10 {
		t.Error("no mission was met whose server cannot sign its traces")
	}
	for _, door := range []string{"api", "bundle", "live", "page", "mirror"} {
		for _, level := range []corridor.Level{corridor.Public, corridor.Parties, corridor.MissionLevel, corridor.Strict} {
			for _, way := range []string{"open", "sealed"} {
				if way == "open" && level != corridor.Public && met.seen["traced "+string(level)] < 100 {
					t.Errorf("%s: %d parts were held against a trace; the test saw too little", level, met.seen["traced "+string(level)])
				}
				if level == corridor.Strict && way == "sealed" || level == corridor.Public && door == "live" || door == "mirror" && level != corridor.Parties {
					continue // nothing is sealed to strict, the public has no live view, and the mirror is a party's
				}
				if met.seen[door+" "+string(level)+" "+way] < 10 {
					t.Errorf("%s, %s: %s was met %d times; the test saw too little", door, level, way, met.seen[door+" "+string(level)+" "+way])
				}
			}
		}
	}
}

// everyRow deals a row for every kind and part to so many tables, each with levels that chance
// draws and that widen.
func everyRow(chance *rand.Rand, tables int) []string {
	levels := []corridor.Level{corridor.Strict, corridor.MissionLevel, corridor.Parties, corridor.Public}
	texts := make([]string, tables)
	for i := range texts {
		if i%4 > 0 { // where leaves are sealed the public's view ends early
			texts[i] = "disclose * leaf public\n"
		}
	}
	kinds := []string{"*"}
	for _, k := range corridor.Kinds() {
		kinds = append(kinds, string(k))
	}
	for _, kind := range kinds {
		for _, part := range append([]string{"header", "leaf", "*"}, record.PartNames...) {
			l := []int{chance.IntN(4), chance.IntN(4), chance.IntN(4)}
			slices.Sort(l)
			line := fmt.Sprintf("disclose %s %s %s closed %s after %s", kind, part, levels[l[0]], levels[l[1]], levels[l[2]])
			if chance.IntN(3) == 0 {
				line += fmt.Sprintf(" latest %dm", 1+chance.IntN(3000))
			}
			// Each row stands in several tables: most missions have few kinds.
			for range 6 {
				if i := chance.IntN(tables); part != "leaf" || i%4 == 0 {
					texts[i] += line + "\n"
				}
			}
		}
	}
	return texts
}

var quiet = slog.New(slog.DiscardHandler)

// An agreement counts what was held against the policy function.
type agreement struct {
	t     *testing.T
	seen  map[string]int // by door, level, and whether it was open
	kinds map[string]bool
}

// mission plays one file under a table and asks for everything in it. A table may make one of
// the file's own claims about who reads what untrue; what was played until then is asked for.
func (a *agreement) mission(rules fs.FS, name, table string) {
	text, err := fs.ReadFile(rules, name)
	if err != nil {
		a.t.Fatal(err)
	}
	inc, err := os.ReadFile("../../testdata/scenario/stage.inc")
	if err != nil {
		a.t.Fatal(err)
	}
	first, rest, _ := strings.Cut(string(text), "\nmission ")
	if strings.HasPrefix(string(text), "mission ") {
		first, rest = "", strings.TrimPrefix(string(text), "mission ")
	}
	title, rest, _ := strings.Cut(rest, "\n")
	script, err := scenario.Load(fstest.MapFS{
		name:        {Data: []byte(first + "\nmission " + title + "\n" + table + rest)},
		"stage.inc": {Data: inc},
	}, name)
	if err != nil {
		a.t.Fatalf("%s: %v", name, err)
	}
	p := &played{t: a.t, bare: scenario.NewBare(testSeed)}
	target := &both{Bare: p.bare}
	p.node, err = node.Open(a.t.Context(), node.Config{
		Store: &store.Memory{}, Side: &store.MemorySide{}, LogKey: scenario.LogKey(testSeed), NodeKey: scenario.NodeKey(testSeed), Gather: -1, Now: target.now, Log: quiet,
	})
	if err != nil {
		a.t.Fatal(err)
	}
	defer p.node.Close()
	target.node = p.node
	if err := scenario.Play(script, testSeed, target); err != nil && p.node.Size() == 0 {
		a.t.Fatalf("%s: %v", name, err)
	}
	if err := p.node.Tick(a.t.Context()); err != nil {
		a.t.Logf("%s: %v", name, err)
	}
	p.s = server.New(server.Config{Now: func() time.Time { return p.now }, Readers: badges{}, Log: quiet})
	p.s.Serve(p.node)
	holds := false
	p.node.View(func(v corridor.View) {
		key := scenario.NodeKey(testSeed).Public().(ed25519.PublicKey)
		named, ok := v.Authority().NodeKey()
		holds = ok && named == record.Fingerprint(key)
	})
	if !holds { // the mission gave its server another key meanwhile
		p.now = target.at.Go()
		a.shut(p, name, "parties red")
		return
	}
	p.now = target.at.Go()
	copy := a.mirrored(p)
	for _, later := range []time.Duration{0, 26 * time.Hour, 20 * 365 * 24 * time.Hour} {
		p.now = target.at.Go().Add(later)
		a.copied(p, name, copy)
		for _, badge := range []string{"", "parties red", "mission office", "strict office", "strict stranger"} {
			a.audience(p, name, badge, later == 0)
		}
	}
}

func (a *agreement) audience(p *played, name, badge string, pages bool) {
	level := corridor.Public
	if badge != "" {
		word, _, _ := strings.Cut(badge, " ")
		level = corridor.Level(word)
	}
	at := record.At(p.now)
	if err := p.node.Tick(a.t.Context()); err != nil {
		a.t.Logf("%s: %v", name, err)
	}
	size, all := p.node.Size(), p.node.Size() // what is read from here on leaves records of its own
	if badge == "" {
		var err error
		if size, _, err = p.node.Released(a.t.Context(), p.now); err != nil {
			a.t.Fatal(err)
		}
		if err := p.node.At(p.node.Size(), func(v corridor.View) {
			if n := v.PublicLeaves(0, size, at); n < size {
				// It only grows: a convoy that is told of later may seal again what was open.
				if e := v.Entry(n); v.LevelOf(e.Hash, "leaf", at) != corridor.Parties {
					a.t.Errorf("%s: the public view has the leaf of entry %d", name, n)
				}
			}
		}); err != nil {
			a.t.Fatal(err)
		}
	}
	public := a.bundled(p, name, "")
	bundled := a.bundled(p, name, badge)
	if int64(len(bundled)) != size {
		a.t.Errorf("%s: the bundle for %s has %d entries, and %d are for them", name, level, len(bundled), size)
		return
	}
	var live []verify.Entry
	if badge != "" {
		w := p.as(badge, fmt.Sprintf("/live/entries?from=0&to=%d", size))
		if w.Code != http.StatusOK {
			a.t.Fatalf("%s: live entries for %s: %d", name, level, w.Code)
		}
		live = readEntries(a.t, liveLines(w), 0)
		a.traced(p, name, badge, w, public, live...)
	}
	for i := range all {
		rec, err := p.node.Record(a.t.Context(), i)
		if err != nil {
			a.t.Fatal(err)
		}
		w := p.as(badge, "/api/v1/records/"+rec.Hash.String())
		if i >= size {
			if w.Code != http.StatusNotFound || p.as(badge, "/records/"+rec.Hash.String()).Code != http.StatusNotFound {
				a.t.Errorf("%s: entry %d is not released, and is answered %d", name, i, w.Code)
			}
			continue
		}
		a.kinds[rec.Header.Kind] = true
		may := map[string]bool{}
		if err := p.node.At(size, func(v corridor.View) {
			for _, part := range append([]string{"header"}, record.PartNames...) {
				may[part] = v.MayReadAs(actorOf(badge), level, rec.Hash, part, at)
			}
		}); err != nil {
			a.t.Fatal(err)
		}
		_, line, _ := strings.Cut(w.Body.String(), `,"record":`)
		line = strings.TrimSuffix(line, "}\n")
		line, _, _ = strings.Cut(line, `,"disclosures":`)
		got := map[string]verify.Entry{"api": {Index: i, Leaf: corridor.Leaf(rec), Line: []byte(line)}, "bundle": bundled[i]}
		a.traced(p, name, badge, w, public, got["api"])
		if live != nil {
			got["live"] = live[i]
		}
		for door, e := range got {
			a.holds(door, name, level, rec, may, e)
		}
		if pages {
			if badge != "" {
				a.traced(p, name, badge, p.as(badge, "/records/"+rec.Hash.String()), public, got["api"])
			}
			a.page(p, name, badge, level, rec, may)
		}
	}
}

func (a *agreement) bundled(p *played, name, badge string) (list []verify.Entry) {
	w := p.as(badge, "/api/v1/bundle")
	if w.Code == http.StatusNotFound && badge == "" {
		return nil // nothing is released
	}
	b, err := verify.OpenBundle(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		a.t.Fatalf("%s: the bundle for %q: %d, %v", name, badge, w.Code, err)
	}
	for e, err := range b.Entries(a.t.Context()) {
		if err != nil {
			a.t.Fatal(err)
		}
		list = append(list, e)
	}
	if badge != "" {
		a.traced(p, name, badge, w, a.bundled(p, name, ""), list...)
	}
	return list
}

// holds compares an entry that was handed out with what the policy allows.
func (a *agreement) holds(door, name string, level corridor.Level, rec record.Record, may map[string]bool, e verify.Entry) {
	a.t.Helper()
	none := e.Line == nil && e.Envelope == nil || string(e.Line) == "null"
	if none == may["header"] {
		a.t.Errorf("%s, %s: the %s %s is handed to %s: %v; the policy says %v", name, door, rec.Header.Kind, rec.Hash.Short(), level, !none, may["header"])
	}
	if none {
		a.count(door, level, false)
		return
	}
	line := e.Line
	if line == nil {
		var b bytes.Buffer
		if err := verify.WriteEntry(&b, verify.Entry{Index: e.Index, Leaf: corridor.Leaf(rec), Envelope: e.Envelope, Parts: e.Parts}); err != nil {
			a.t.Fatal(err)
		}
		_, text, _ := strings.Cut(b.String(), `,"record":`)
		line = []byte(strings.TrimSuffix(text, "}\n"))
	}
	handed, err := record.Parse(line)
	if err != nil {
		a.t.Fatalf("%s, %s: %v", name, door, err)
	}
	for i, part := range rec.Parts {
		want := may[part.Name] && part.Bytes != nil // it may have been erased
		if got := handed.Parts[i].Bytes != nil; got != want {
			a.t.Errorf("%s, %s: the %s of the %s %s is handed to %s: %v; the policy says %v", name, door, part.Name, rec.Header.Kind, rec.Hash.Short(), level, got, want)
		}
		if part.Bytes != nil {
			a.count(door, level, want)
		}
	}
}

func (a *agreement) count(door string, level corridor.Level, open bool) {
	way := "sealed"
	if open {
		way = "open"
	}
	a.seen[door+" "+string(level)+" "+way]++
}

// page looks for a record's own text on its page.
func (a *agreement) page(p *played, name, badge string, level corridor.Level, rec record.Record, may map[string]bool) {
	w := p.as(badge, "/records/"+rec.Hash.String())
	if !may["header"] {
		a.count("page", level, false)
		if strings.Contains(w.Body.String(), ">"+rec.Header.By+"<") || strings.Contains(w.Body.String(), rec.Header.ID.String()) {
			a.t.Errorf("%s: the page of the sealed %s %s names its author or id to %s", name, rec.Header.Kind, rec.Hash.Short(), level)
		}
		return
	}
	at := slices.IndexFunc(rec.Parts, func(x record.Part) bool { return x.Name == "narrative" })
	var text corridor.Narrative
	if at < 0 || rec.Parts[at].Bytes == nil || record.Decode(rec.Parts[at].Bytes, &text) != nil {
		return
	}
	told := strings.TrimSpace(text.Text)
	if len(told) < 12 || strings.ContainsAny(told, "\n\r") {
		return
	}
	got := strings.Contains(html.UnescapeString(w.Body.String()), told)
	if got != may["narrative"] {
		a.t.Errorf("%s: the page of the %s %s tells %s %q: %v; the policy says %v", name, rec.Header.Kind, rec.Hash.Short(), level, told, got, may["narrative"])
	}
	a.count("page", level, got)
}

// actorOf is for whom a badge reads.
func actorOf(badge string) corridor.ActorID {
	_, actor, _ := strings.Cut(badge, " ")
	return corridor.ActorID(actor)
}
