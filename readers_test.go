package corridor_test

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/record"
)

const readersMission = `mission readers
zone Etc/UTC +00:00
day 2031-03-04
founded 06:00
parties red, blue
actor office office keys working, recovery
actor radio voice "Valley Radio"
actor relief operator "Relief"
place gate crossing "Gate"
place town destination "Town"
leg A from gate to town "Gate to Town"
consent 2 of red, blue window 24h silence refuses objection bars revoked by any lock

08:00  mina is nominated, consented to by red, blue, deployed
08:05  omar is nominated, consented to by red
08:10  blue objection #objected re #nomination.omar  reason: nationality
08:15  lena is nominated, consented to by red, blue, deployed
08:20  sami is nominated, consented to by red
08:25  nina is nominated, consented to by red, blue, deployed
09:00  lena departure #last  A-01  people 40 tally  at gate  observed
12:00  blue revocation #revoked  observer: mina
13:00  office standdown #down  observer: lena  key: key(lena)  seq: seq(#last)  last: #last
14:00  office key #replaced  with office.recovery  new-key office-2 working  replaces: key(office)  reason: stolen
15:00  blue suspension #paused  what: observer  actor: nina  reason: inquiry
15:10  blue suspension #lifted  re #paused  what: observer  actor: nina  reason: over  lifts: true
`

// TestReads asks who may read before and after the record that changes it.
func TestReads(t *testing.T) {
	script, err := scenario.Parse("readers.txt", readersMission)
	if err != nil {
		t.Fatal(err)
	}
	const seed = "readers"
	b := scenario.NewBare(seed)
	if err := scenario.Play(script, seed, b); err != nil {
		t.Fatal(err)
	}
	m := b.Mission()
	key := func(name string) *record.Hash {
		h := record.Fingerprint(scenario.ActorKey(seed, name).Public().(ed25519.PublicKey))
		return &h
	}
	const (
		parties = corridor.Parties
		mission = corridor.MissionLevel
		strict  = corridor.Strict
	)
	for _, c := range []struct {
		who           corridor.ActorID
		level         corridor.Level
		key           *record.Hash
		label         string // of the record that changes it; "": from the mandate on
		before, after corridor.Bar
	}{
		{"red", parties, nil, "", "", ""},
		{"red", parties, key("red"), "", "", ""},
		{"red", mission, nil, "", "", corridor.BarLevel},
		{"red", strict, nil, "", "", corridor.BarLevel},
		{"red", corridor.Public, nil, "", "", corridor.BarLevel},
		{"red", parties, key("blue"), "", "", corridor.BarKey},
		{"red", parties, key("nobody"), "", "", corridor.BarKey},
		{"radio", parties, nil, "", "", corridor.BarActor},
		{"nobody", parties, nil, "", "", corridor.BarActor},
		{"relief", mission, nil, "", "", ""},
		{"relief", strict, nil, "", "", corridor.BarLevel},
		{"office", strict, key("office"), "replaced", "", corridor.BarKey},
		{"office", strict, nil, "replaced", "", ""},
		{"office", strict, key("office.recovery"), "", "", corridor.BarKey},
		{"office", mission, key("office-2"), "replaced", corridor.BarKey, ""},
		{"mina", parties, nil, "nomination.mina", corridor.BarActor, ""},
		{"mina", mission, nil, "nomination.mina", corridor.BarActor, corridor.BarLevel},
		{"mina", mission, key("mina"), "revoked", "", corridor.BarDeployment},
		{"mina", parties, nil, "revoked", "", corridor.BarDeployment},
		{"mina", mission, key("lena"), "objected", corridor.BarKey, corridor.BarKey},
		{"omar", parties, nil, "objected", "", corridor.BarObjection},
		{"omar", parties, key("omar"), "objected", "", corridor.BarObjection},
		{"lena", mission, nil, "down", "", corridor.BarDeployment},
		{"lena", strict, nil, "down", corridor.BarLevel, corridor.BarLevel},
		{"nina", mission, nil, "paused", "", corridor.BarDeployment},
		{"nina", mission, key("nina"), "lifted", corridor.BarDeployment, ""},
		{"sami", parties, key("sami"), "down", "", ""},
		{"sami", parties, key("omar"), "down", corridor.BarKey, corridor.BarKey},
	} {
		n := int64(1)
		if c.label != "" {
			e, ok := m.Now().Find(b.Names[c.label])
			if !ok {
				t.Fatalf("nothing is called %q", c.label)
			}
			n = e.Index + 1
			if got := m.At(n-1).Authority().Reads(c.who, c.level, c.key, e.At); got != c.before {
				t.Errorf("%s at %s before %s: %q, want %q", c.who, c.level, c.label, got, c.before)
			}
		}
		if got := m.At(n).Authority().Reads(c.who, c.level, c.key, m.At(n).Entry(n-1).At); got != c.after {
			t.Errorf("%s at %s after %s: %q, want %q", c.who, c.level, c.label, got, c.after)
		}
	}
	// Key and owner are known from the record that enrols the key on.
	k := key("mina")
	e, _ := m.Now().Find(b.Names["nomination.mina"])
	if pub, _ := m.At(e.Index).Authority().PublicKey(*k); pub != nil {
		t.Error("the key is known before its nomination")
	}
	if pub, who := m.At(e.Index + 1).Authority().PublicKey(*k); pub == nil || record.Fingerprint(pub) != *k || who != "mina" {
		t.Errorf("after its nomination the key is %q's", who)
	}
}

// TestReadsUntilTheDeploymentEnds asks at two moments of one log.
func TestReadsUntilTheDeploymentEnds(t *testing.T) {
	text := strings.Replace(readersMission[:strings.Index(readersMission, "08:00")], "mission readers", "mission ends", 1) + `08:00  mina is nominated, consented to by red, blue
08:20  office deployment re #nomination.mina  observer: mina  from: 2031-03-04 08:00  to: 2031-03-04 18:00
`
	script, err := scenario.Parse("ends.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	b := scenario.NewBare("ends")
	if err := scenario.Play(script, "ends", b); err != nil {
		t.Fatal(err)
	}
	a := b.Mission().Now().Authority()
	end := record.At(time.Date(2031, 3, 4, 18, 0, 0, 0, time.UTC))
	for at, want := range map[record.Time]corridor.Bar{end: "", end + 1: corridor.BarDeployment} {
		if got := a.Reads("mina", corridor.MissionLevel, nil, at); got != want {
			t.Errorf("at %v: %q, want %q", at, got, want)
		}
	}
}
