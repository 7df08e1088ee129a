package session_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/record"
)

// asks is a session request as a device makes it for this server, mission and browser; nil: for
// a program.
func (s *stage) asks(b *browser) record.Session {
	now := record.Time(s.clock.Load())
	r := record.Session{Web: web, Mission: s.m.Load().Founder(), Nonce: s.door.Nonce(), At: now, Until: now + 60}
	if b != nil {
		r.Bind = b.bind()
	}
	return r
}

// request signs a session request with an actor's key.
func (s *stage) request(key string, r record.Session) []byte {
	s.t.Helper()
	return s.signed(actorKey(key), true, r)
}

func (s *stage) signed(key ed25519.PrivateKey, exercise bool, r record.Session) []byte {
	s.t.Helper()
	text, err := record.SignSession(key, exercise, r)
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

// TestWithKey opens sessions with device keys, well and badly.
func TestWithKey(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t)
	text := s.request("mina", s.asks(b))
	token, opened, err := s.door.WithKey(t.Context(), corridor.MissionLevel, text, b.knock(s.door))
	if err != nil || opened.Actor != "mina" || opened.How != "key" || opened.Key == nil {
		t.Fatalf("%+v, %v", opened, err)
	}
	if _, err := s.door.Admit(t.Context(), b.shows(s.door, token)); err != nil {
		t.Error(err)
	}
	plain, opened, err := s.door.WithKey(t.Context(), corridor.Parties, s.request("red", s.asks(nil)), session.Knock{Web: web, Host: host, From: "p"})
	if err != nil || !opened.Program || opened.Until > s.clock.Load()+3600 {
		t.Fatalf("a program's: %+v, %v", opened, err)
	}
	if _, err := s.door.Admit(t.Context(), session.Shown{Token: plain, Bearer: true, Host: host}); err != nil {
		t.Error(err)
	}
	change := func(f func(*record.Session)) record.Session {
		r := s.asks(b)
		f(&r)
		return r
	}
	stale := s.asks(b)
	s.pass(2 * time.Minute)
	stale.At, stale.Until = record.Time(s.clock.Load()), record.Time(s.clock.Load())+60
	nobody := ed25519.NewKeyFromSeed(make([]byte, 32))
	forged := s.request("mina", s.asks(b))
	forged[len(forged)-10] ^= 1
	for name, c := range map[string]struct {
		text  []byte
		level corridor.Level
		want  string
	}{
		"used before":           {text, corridor.Parties, "session.nonce"}, // two minutes have passed
		"for another site":      {s.request("mina", change(func(r *record.Session) { r.Web = "https://evil.example" })), corridor.Parties, "session.web"},
		"for plain HTTP":        {s.request("mina", change(func(r *record.Session) { r.Web = "http://mission.example" })), corridor.Parties, "session.web"},
		"for another mission":   {s.request("mina", change(func(r *record.Session) { r.Mission = record.Hash{1} })), corridor.Parties, "session.mission"},
		"in earnest":            {s.signed(actorKey("mina"), false, s.asks(b)), corridor.Parties, "session.mission"},
		"an old nonce":          {s.request("mina", stale), corridor.Parties, "session.nonce"},
		"no nonce":              {s.request("mina", change(func(r *record.Session) { r.Nonce = "" })), corridor.Parties, "session.nonce"},
		"over":                  {s.request("mina", change(func(r *record.Session) { r.Until = r.At })), corridor.Parties, "session.time"},
		"good for a day":        {s.request("mina", change(func(r *record.Session) { r.Until = r.At + 86400 })), corridor.Parties, "session.time"},
		"from the future":       {s.request("mina", change(func(r *record.Session) { r.At += 600; r.Until += 600 })), corridor.Parties, "session.time"},
		"of no enrolled key":    {s.signed(nobody, true, s.asks(b)), corridor.Parties, "session.key"},
		"of a recovery key":     {s.request("office.recovery", s.asks(b)), corridor.Parties, "session.key"},
		"too high":              {s.request("red", s.asks(b)), corridor.Strict, "session.level"},
		"forged":                {forged, corridor.Parties, "session.payload"},
		"a record":              {[]byte(`{"envelope":{}}`), corridor.Parties, "session.payload"},
		"nothing":               {nil, corridor.Parties, "session.payload"},
		"another browser's key": {s.request("mina", change(func(r *record.Session) { r.Bind = newBrowser(t).bind() })), corridor.Parties, "session.device"},
	} {
		k := b.knock(s.door)
		k.From = name
		s.door.Unlock() // none waits for another's failures
		if token, _, err := s.door.WithKey(t.Context(), c.level, c.text, k); token != "" || s.rule(err) != c.want && !(name == "forged" && s.rule(err) == "session.key") {
			t.Errorf("%s: %q, want %q", name, s.rule(err), c.want)
		}
	}
	again := s.request("mina", s.asks(b))
	s.door.Unlock()
	for i, want := range []string{"", "session.used"} {
		if _, _, err := s.door.WithKey(t.Context(), corridor.Parties, again, b.knock(s.door)); s.rule(err) != want {
			t.Errorf("sent %d times: %q, want %q", i+1, s.rule(err), want)
		}
	}
	s.silent(token, plain)
}
