package check_test

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A tileVector is one case of tiles.json.
type tileVector struct {
	Name    string   `json:"name"`
	Form    string   `json:"form"`  // path or entries
	Level   int64    `json:"level"` // path: of the tile, -1 for entries
	N       string   `json:"n"`     // its number, decimal
	Size    string   `json:"size"`  // of the tree
	Path    *string  `json:"path"`
	Base64  *string  `json:"base64"` // entries: a tile of them
	OK      bool     `json:"ok"`
	Entries []string `json:"entries"` // in base64
}

func tileVectors() (list []tileVector) {
	for _, c := range []struct {
		level         int64
		n, size, path string
	}{
		{0, "0", "1", "tile/0/000.p/1"},
		{0, "0", "255", "tile/0/000.p/255"},
		{0, "0", "256", "tile/0/000"},
		{0, "0", "257", "tile/0/000"},
		{0, "1", "257", "tile/0/001.p/1"},
		{1, "0", "70000", "tile/1/000"},
		{1, "1", "70000", "tile/1/001.p/17"},
		{2, "0", "70000", "tile/2/000.p/1"},
		{0, "1067", "1000000", "tile/0/x001/067"},
		{0, "3906", "1000000", "tile/0/x003/906.p/64"},
		{0, "4503599627370495", "1152921504606846976", "tile/0/x004/x503/x599/x627/x370/495"},
		{7, "0", "1152921504606846976", "tile/7/000.p/16"},
		{-1, "0", "112", "tile/entries/000.p/112"},
		{-1, "0", "256", "tile/entries/000"},
		{-1, "123456", "31604737", "tile/entries/x123/456.p/1"},
	} {
		path := c.path
		list = append(list, tileVector{path, "path", c.level, c.n, c.size, &path, nil, true, []string{}})
	}
	entries := func(name, data string, ok bool, entries ...string) {
		text := b64([]byte(data))
		v := tileVector{name, "entries", -1, "0", "0", nil, &text, ok, []string{}}
		for _, e := range entries {
			v.Entries = append(v.Entries, b64([]byte(e)))
		}
		list = append(list, v)
	}
	entries("one entry", "\x00\x01a", true, "a")
	entries("two, one of them empty", "\x00\x02ab\x00\x00", true, "ab", "")
	entries("an entry of 256 bytes", "\x01\x00"+strings.Repeat("a", 256), true, strings.Repeat("a", 256))
	entries("256 entries", strings.Repeat("\x00\x00", 256), true, slices.Repeat([]string{""}, 256)...)
	entries("nothing", "", false)
	entries("257 entries", strings.Repeat("\x00\x00", 257), false)
	entries("half a length", "\x00", false)
	entries("half a length after an entry", "\x00\x01a\x00", false)
	entries("cut in an entry", "\x00\x02a", false)
	return list
}

func TestTileVectors(t *testing.T) {
	compare(t, "tiles.json", "paths of tiles, and tiles of entries (c2sp.org/tlog-tiles)", tileVectors())
	js := newAsker(t)
	for _, v := range load[tileVector](t, "tiles.json") {
		if v.Form == "path" {
			p, err := ledger.ParseTilePath(*v.Path)
			size, _ := new(big.Int).SetString(v.Size, 10)
			if err != nil || int64(p.Level) != v.Level || fmt.Sprint(p.N) != v.N || !p.Exists(size.Int64()) {
				t.Errorf("%s: %v, %v", v.Name, p, err)
			}
			if a := js.ask("path", m{"level": v.Level, "n": v.N, "size": v.Size}); a.Text != *v.Path {
				t.Errorf("the browser writes %s, want %s", a.Text, *v.Path)
			}
			continue
		}
		b := text{nil, v.Base64}.bytes(t)
		got, err := ledger.ParseBundle(b)
		a := js.ask("entries", m{"data": *v.Base64})
		if (err == nil) != v.OK || a.OK != v.OK {
			t.Errorf("%s: %v, and the browser %v, want %v", v.Name, err, a.OK, v.OK)
			continue
		}
		list := []string{}
		for _, e := range got {
			list = append(list, b64(e))
		}
		if v.OK && (!slices.Equal(list, v.Entries) || !slices.Equal(a.List, v.Entries)) {
			t.Errorf("%s: %q, and the browser %q", v.Name, list, a.List)
		}
	}
}

// A leafVector is one case of leaves.json.
type leafVector struct {
	Name     string  `json:"name"`
	Text     *string `json:"text"`
	Base64   *string `json:"base64"`
	OK       bool    `json:"ok"`
	Hash     *string `json:"hash"` // of the record
	Class    *string `json:"class"`
	Re       *string `json:"re"`
	Exercise bool    `json:"exercise"`
}

func leafVectors() (list []leafVector) {
	a, b := strings.Repeat("0a", 32), strings.Repeat("b1", 32)
	for _, c := range []struct {
		name, text, class, re string
		exercise              bool
	}{
		{"an incident", "corridor-leaf/v1\nincident\n-\nsha256 " + a + "\n", "incident", "", false},
		{"an answer", "corridor-leaf/v1\nword\n" + b + "\nsha256 " + a + "\n", "word", b, false},
		{"in an exercise", "corridor-exercise-leaf/v1\nmovement\n-\nsha256 " + a + "\n", "movement", "", true},
		{"authority", "corridor-leaf/v1\nauthority\n-\nsha256 " + a + "\n", "authority", "", false},
		{"a report", "corridor-leaf/v1\nreport\n-\nsha256 " + a + "\n", "report", "", false},
		{"of the office", "corridor-leaf/v1\noffice\n-\nsha256 " + a + "\n", "office", "", false},
	} {
		text, class, hash := c.text, c.class, a
		v := leafVector{Name: c.name, Text: &text, OK: true, Hash: &hash, Class: &class, Exercise: c.exercise}
		if c.re != "" {
			re := c.re
			v.Re = &re
		}
		list = append(list, v)
	}
	for _, c := range [][2]string{
		{"nothing", ""},
		{"a kind in place of its class", "corridor-leaf/v1\ndeparture\n-\nsha256 " + a + "\n"},
		{"a class that there is not", "corridor-leaf/v1\nunknown\n-\nsha256 " + a + "\n"},
		{"a class that objects have", "corridor-leaf/v1\nconstructor\n-\nsha256 " + a + "\n"},
		{"another version", "corridor-leaf/v2\nincident\n-\nsha256 " + a + "\n"},
		{"capitals in the hash", "corridor-leaf/v1\nincident\n-\nsha256 " + strings.ToUpper(a) + "\n"},
		{"a short hash", "corridor-leaf/v1\nincident\n-\nsha256 " + a[1:] + "\n"},
		{"a short answer", "corridor-leaf/v1\nincident\n" + b[1:] + "\nsha256 " + a + "\n"},
		{"no answer", "corridor-leaf/v1\nincident\n\nsha256 " + a + "\n"},
		{"no line feed at the end", "corridor-leaf/v1\nincident\n-\nsha256 " + a},
		{"more after it", "corridor-leaf/v1\nincident\n-\nsha256 " + a + "\n\n"},
		{"carriage returns", "corridor-leaf/v1\r\nincident\r\n-\r\nsha256 " + a + "\r\n"},
		{"another hash function", "corridor-leaf/v1\nincident\n-\nsha512 " + a + "\n"},
		{"not UTF-8", "corridor-leaf/v1\nincident\n\xff\nsha256 " + a + "\n"},
	} {
		asText, asBase64 := textOrBase64(c[1])
		list = append(list, leafVector{Name: c[0], Text: asText, Base64: asBase64})
	}
	return list
}

func TestLeafVectors(t *testing.T) {
	compare(t, "leaves.json", "leaves: which are read, and what they say", leafVectors())
	js := newAsker(t)
	for _, v := range load[leafVector](t, "leaves.json") {
		b := text{v.Text, v.Base64}.bytes(t)
		h, class, re, exercise, err := corridor.ParseLeaf(b)
		a := js.ask("leaf", m{"data": b64(b)})
		if (err == nil) != v.OK || a.OK != v.OK {
			t.Errorf("%s: %v, and the browser %v, want %v", v.Name, err, a.OK, v.OK)
			continue
		}
		if !v.OK {
			continue
		}
		if h.String() != *v.Hash || string(class) != *v.Class || said(str(re)) != said(v.Re) || exercise != v.Exercise {
			t.Errorf("%s: %v %v %v %v", v.Name, h, class, re, exercise)
		}
		if a.Hash != *v.Hash || a.Class != *v.Class || said(a.Re) != said(v.Re) || a.Exercise != v.Exercise {
			t.Errorf("%s: the browser says %v", v.Name, a)
		}
	}
}

func str(h *record.Hash) *string {
	if h == nil {
		return nil
	}
	s := h.String()
	return &s
}

// TestLeaves holds the leaf that the browser derives of every record of a played mission to the
// one that was logged.
func TestLeaves(t *testing.T) {
	js := newAsker(t)
	for _, r := range play(t, parsed(t, smallMission)).Records() {
		if a := js.ask("record", m{"form": "line", "data": b64(r.Line())}); a.Leaf != string(corridor.Leaf(r)) || a.Hash != r.Hash.String() {
			t.Errorf("%s: the browser's leaf is %q, want %q", r.Header.Kind, a.Leaf, corridor.Leaf(r))
		}
	}
}

// A cardVector is one case of cards.json.
type cardVector struct {
	Name    string   `json:"name"`
	Text    *string  `json:"text"`
	Base64  *string  `json:"base64"`
	OK      bool     `json:"ok"`
	Mission *string  `json:"mission"`
	Words   []string `json:"words"`
}

func cardVectors(t *testing.T) (list []cardVector) {
	mission := record.Fingerprint([]byte("corridor vector mission"))
	real := verify.Card{Mission: mission, Log: logKey(t), Policy: witness(t, "red") + "quorum red\n"}
	exercise := real
	exercise.Exercise = true
	parties := real
	parties.Level = corridor.Parties
	alone := real
	alone.Policy = "quorum none\n"
	for _, c := range []struct {
		name string
		card verify.Card
	}{
		{"a mission", real},
		{"an exercise", exercise},
		{"beside a copy for the parties", parties},
		{"on the log's word alone", alone},
	} {
		text, name := string(c.card.Text()), mission.String()
		list = append(list, cardVector{c.name, &text, nil, true, &name, c.card.Words()})
	}
	text := string(real.Text())
	other := verify.Card{Mission: mission, Log: logKey(t), Policy: "# \xff\nquorum none\n"}
	words := "words " + strings.Join(real.Words(), " ")
	for _, c := range [][2]string{
		{"nothing", ""},
		{"another version", strings.Replace(text, "card/v1", "card/v2", 1)},
		{"no empty line", strings.Replace(text, "\n\n", "\n", 1)},
		{"no mission", strings.Replace(text, "mission ", "mision ", 1)},
		{"another mission", strings.Replace(text, mission.String(), record.Hash{}.String(), 1)},
		{"a short mission", strings.Replace(text, mission.String(), mission.Short(), 1)},
		{"the log's line twice", strings.Replace(text, "\nlog ", "\nlog "+real.Log+"\nlog ", 1)},
		{"a word misheard", strings.Replace(text, words, "words sand"+words[strings.Index(words[6:], " ")+6:], 1)},
		{"a word missing", strings.Replace(text, " "+real.Words()[9]+"\n", "\n", 1)},
		{"no words", strings.Replace(text, words+"\n", "", 1)},
		{"an unknown level", strings.Replace(text, "words ", "level secret\nwords ", 1)},
		{"an empty level", strings.Replace(text, "words ", "level \nwords ", 1)},
		{"exercise, and not in the words", strings.Replace(text, "\nmission ", "\nexercise\nmission ", 1)},
		{"another policy", strings.Replace(text, "quorum red", "quorum none", 1)},
		{"a policy that cannot be read", strings.Replace(text, "quorum red", "quorum blue", 1)},
		{"more after it", text + "# more\n"},
		{"cut in its last line", strings.TrimSuffix(text, "\n")},
		{"carriage returns", strings.ReplaceAll(text, "\n", "\r\n")},
		{"a witness's key for the log's", strings.Replace(text, real.Log, cosigner(t, "red").Key(), 1)},
		{"not UTF-8", string(other.Text())},
	} {
		asText, asBase64 := textOrBase64(c[1])
		list = append(list, cardVector{c[0], asText, asBase64, false, nil, []string{}})
	}
	return list
}

func TestCardVectors(t *testing.T) {
	list := cardVectors(t)
	compare(t, "cards.json", "mission cards: which are read, and their words", list)
	if w := strings.Join(list[0].Words, " "); w != firstWords {
		t.Errorf("the first card's words are %q, want %q", w, firstWords)
	}
	js := newAsker(t)
	for _, v := range load[cardVector](t, "cards.json") {
		b := text{v.Text, v.Base64}.bytes(t)
		c, err := verify.ParseCard(b)
		a := js.ask("card", m{"data": b64(b)})
		if (err == nil) != v.OK || a.OK != v.OK {
			t.Errorf("%s: %v, and the browser %v, want %v", v.Name, err, a.OK, v.OK)
			continue
		}
		if v.OK && (c.Mission.String() != *v.Mission || !slices.Equal(c.Words(), v.Words) || a.Hash != *v.Mission || !slices.Equal(a.List, v.Words)) {
			t.Errorf("%s: %v; the browser %s, %q", v.Name, c.Words(), a.Hash, a.List)
		}
		if v.OK && !bytes.Equal(c.Text(), b) {
			t.Errorf("%s: it is written %q", v.Name, c.Text())
		}
	}
}

// firstWords are what another program made of the first card: the SHA-256 of all but its line of
// words, spelt from the list.
const firstWords = "cotton scarf chalk glove dolphin bamboo bell otter attic violin"
