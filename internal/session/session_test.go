package session_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/session"
)

// TestInvitations uses invitations well and badly.
func TestInvitations(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t)
	ctx := t.Context()
	code := s.invite(red, time.Hour)
	token, opened, err := s.door.Join(ctx, code, b.knock(s.door))
	if err != nil || opened.Actor != "red" || opened.Level != corridor.Parties || opened.How != "invitation" || opened.Agent != "Firefox Linux" {
		t.Fatalf("a good invitation: %+v, %v", opened, err)
	}
	if len(token) != 43 {
		t.Errorf("the token has %d characters, want 256 bits as 43", len(token))
	}
	late := s.invite(red, time.Minute)
	s.pass(time.Minute)
	other, foreign := newBrowser(t), newBrowser(t).knock(s.door)
	withdrawn := s.invite(red, 0)
	list, err := s.door.Invitations(ctx)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d open invitations, %v; want one", len(list), err)
	}
	if ok, err := s.door.Withdraw(ctx, list[0].Name); !ok || err != nil {
		t.Errorf("withdrawing: %v, %v", ok, err)
	}
	foreign.Bind = other.bind() // signed with one key and shown with another
	elsewhere := other.knock(s.door)
	elsewhere.Host = "other.example"
	old := newStage(t) // another server's nonce
	with := func(change func(*session.Knock)) session.Knock {
		k := other.knock(s.door)
		change(&k)
		return k
	}
	for name, c := range map[string]struct {
		code string
		k    session.Knock
		want string
	}{
		"used":             {code, other.knock(s.door), "session.invitation"},
		"over":             {late, other.knock(s.door), "session.invitation"},
		"withdrawn":        {withdrawn, other.knock(s.door), "session.invitation"},
		"unknown":          {strings.Repeat("A", 43), other.knock(s.door), "session.invitation"},
		"empty":            {"", other.knock(s.door), "session.invitation"},
		"long":             {strings.Repeat("A", 1000), other.knock(s.door), "session.invitation"},
		"no key":           {s.invite(red, 0), with(func(k *session.Knock) { k.Bind = "" }), "session.bind"},
		"no point":         {s.invite(red, 0), with(func(k *session.Knock) { k.Bind = "BAAA" }), "session.bind"},
		"no proof":         {s.invite(red, 0), with(func(k *session.Knock) { k.Proof = "" }), "session.device"},
		"another's key":    {s.invite(red, 0), foreign, "session.device"},
		"another host":     {s.invite(red, 0), elsewhere, "session.device"},
		"another's nonce":  {s.invite(red, 0), other.knock(old.door), "session.device"},
		"a level too high": {s.invite(session.Grant{Actor: "red", Level: corridor.MissionLevel}, 0), other.knock(s.door), "session.level"},
		"nobody":           {s.invite(session.Grant{Actor: "green", Level: corridor.Parties}, 0), other.knock(s.door), "session.actor"},
		"a voice":          {s.invite(session.Grant{Actor: "radio", Level: corridor.Parties}, 0), other.knock(s.door), "session.actor"},
		"not deployed":     {s.invite(session.Grant{Actor: "omar", Level: corridor.MissionLevel}, 0), other.knock(s.door), "session.level"},
	} {
		c.k.From = name // none waits for another's failures
		if token, _, err := s.door.Join(ctx, c.code, c.k); s.rule(err) != c.want || token != "" {
			t.Errorf("%s: %q, want %q", name, s.rule(err), c.want)
		}
		s.silent(c.code, c.k.Proof)
	}
	s.silent(code, token, late, withdrawn)
	for _, g := range []session.Grant{{Actor: "red", Level: corridor.Public}, {Actor: "red", Level: "all"}} {
		if _, _, err := session.Invite(ctx, s.store, time.Now(), g, "operator", 0); err == nil {
			t.Errorf("an invitation for the level %q was made", g.Level)
		}
	}
	for _, d := range []time.Duration{time.Second, -time.Hour, 31 * 24 * time.Hour} {
		if _, _, err := session.Invite(ctx, s.store, time.Now(), red, "operator", d); err == nil {
			t.Errorf("an invitation for %v was made", d)
		}
	}
}

// TestAnInvitationIsUsedOnce by sixteen at the same moment.
func TestAnInvitationIsUsedOnce(t *testing.T) {
	s := newStage(t)
	code := s.invite(red, 0)
	var wg sync.WaitGroup
	let := make(chan string, 16)
	for i := range 16 {
		b := newBrowser(t)
		k := b.knock(s.door)
		k.From = string(rune('a' + i))
		wg.Go(func() {
			if token, _, err := s.door.Join(context.Background(), code, k); err == nil {
				let <- token
			}
		})
	}
	wg.Wait()
	if len(let) != 1 || len(s.door.List(func(session.Session) bool { return true })) != 1 {
		t.Errorf("%d were let in, want one", len(let))
	}
}

// TestStolen shows a session in every way in which somebody who copied it could.
func TestStolen(t *testing.T) {
	s := newStage(t)
	b, thief := newBrowser(t), newBrowser(t)
	token, _ := s.enter(b, red)
	program, _, err := s.door.Join(t.Context(), s.invite(session.Grant{Actor: "red", Level: corridor.Parties, Program: true}, 0), session.Knock{From: "x", Host: host})
	if err != nil {
		t.Fatal(err)
	}
	used := b.shows(s.door, token)
	if got, err := s.door.Admit(t.Context(), used); err != nil || got.Actor != "red" {
		t.Fatalf("its own device: %+v, %v", got, err)
	}
	with := func(change func(*session.Shown)) session.Shown {
		w := b.shows(s.door, token)
		change(&w)
		return w
	}
	stale := b.shows(s.door, token)
	s.pass(2 * time.Minute)
	used = b.shows(s.door, token)
	if _, err := s.door.Admit(t.Context(), used); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		w    session.Shown
		want string
	}{
		"again":                     {b.shows(s.door, token), ""},
		"a program":                 {session.Shown{Token: program, Bearer: true, Host: "any"}, ""},
		"without a proof":           {with(func(w *session.Shown) { w.Proof = "" }), "session.device"},
		"with a used proof":         {used, "session.device"},
		"with the other signature":  {with(func(w *session.Shown) { w.Proof = turned(used.Proof) }), "session.device"},
		"with an old proof":         {stale, "session.device"},
		"with the thief's key":      {thief.shows(s.door, token), "session.device"},
		"on another host":           {with(func(w *session.Shown) { w.Host, w.Proof = "evil.example", b.proof("evil.example", s.door.Nonce()) }), "session.device"},
		"proved for another host":   {with(func(w *session.Shown) { w.Proof = b.proof("evil.example", s.door.Nonce()) }), "session.device"},
		"as a program's":            {with(func(w *session.Shown) { w.Bearer = true }), "session.device"},
		"a program's as a cookie":   {session.Shown{Token: program, Host: host, Proof: b.proof(host, s.door.Nonce())}, "session.device"},
		"a token that is not known": {b.shows(s.door, strings.Repeat("A", 43)), "session.ended"},
		"no token":                  {b.shows(s.door, ""), "session.ended"},
		"a long token":              {b.shows(s.door, strings.Repeat("A", 5000)), "session.ended"},
		"a long proof":              {with(func(w *session.Shown) { w.Proof += strings.Repeat("A", 500) }), "session.device"},
		"a proof of other parts":    {with(func(w *session.Shown) { w.Proof = "a.b" }), "session.device"},
		"its name":                  {b.shows(s.door, s.door.List(func(session.Session) bool { return true })[0].Name), "session.ended"},
	} {
		if got, err := s.door.Admit(t.Context(), c.w); s.rule(err) != c.want || err != nil && got.Name != "" && c.want == "session.ended" {
			t.Errorf("%s: %q, want %q", name, s.rule(err), c.want)
		}
		s.silent(c.w.Proof)
	}
	s.silent(token, program)
	for _, want := range []string{"its device did not make", "used before", "another host", "wrong place"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
}

// TestASessionEnds by its time, its holder, and never comes back.
func TestASessionEnds(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t)
	admitted := func(token string) string {
		_, err := s.door.Admit(t.Context(), b.shows(s.door, token))
		return s.rule(err)
	}
	token, opened := s.enter(b, red)
	s.restart() // the door is closed and opened: the session goes on
	if got := admitted(token); got != "" {
		t.Errorf("after a restart: %q", got)
	}
	s.pass(12*time.Hour - time.Second)
	if got := admitted(token); got != "" {
		t.Errorf("just before it was idle too long: %q", got)
	}
	s.pass(12 * time.Hour)
	if got := admitted(token); got != "session.ended" {
		t.Errorf("idle for twelve hours: %q", got)
	}
	s.restart()
	if got := admitted(token); got != "session.ended" {
		t.Errorf("idle, after a restart: %q", got)
	}

	token, opened = s.enter(b, red)
	for range 7*24/8 - 1 {
		s.pass(8 * time.Hour)
		if got := admitted(token); got != "" {
			t.Fatalf("in use: %q", got)
		}
	}
	s.pass(8 * time.Hour)
	if got := admitted(token); got != "session.ended" {
		t.Errorf("a week old and in use: %q", got)
	}

	token, opened = s.enter(b, red)
	ended := s.door.Ended(opened.Name)
	if ok, err := s.door.End(t.Context(), opened.Name, "holder"); !ok || err != nil {
		t.Errorf("End = %v, %v", ok, err)
	}
	select {
	case <-ended:
	default:
		t.Error("nobody was told that it ended")
	}
	if ok, _ := s.door.End(t.Context(), opened.Name, "holder"); ok {
		t.Error("it ended twice")
	}
	if s.door.Ended(opened.Name) != nil {
		t.Error("an ended session can be waited for")
	}
	s.restart()
	if got := admitted(token); got != "session.ended" {
		t.Errorf("after its holder ended it: %q", got)
	}
	token, _ = s.enter(b, red)
	if err := s.door.Leave(t.Context(), token); err != nil || admitted(token) != "session.ended" {
		t.Errorf("left: %v", err)
	}
}

// TestTooManySessions: the one that was used longest ago gives way.
func TestTooManySessions(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t)
	first, _ := s.enter(b, red)
	office, _ := s.enter(b, session.Grant{Actor: "office", Level: corridor.Strict})
	for range 64 {
		s.pass(time.Second)
		s.enter(b, red)
	}
	if n := len(s.door.List(func(x session.Session) bool { return x.Actor == "red" })); n != 64 {
		t.Errorf("red has %d sessions, want 64", n)
	}
	if _, err := s.door.Admit(t.Context(), b.shows(s.door, first)); s.rule(err) != "session.ended" {
		t.Errorf("the first: %v", err)
	}
	if _, err := s.door.Admit(t.Context(), b.shows(s.door, office)); err != nil {
		t.Errorf("somebody else's: %v", err)
	}
}

// TestAccreditation ends sessions with the records that end their holders' accreditation.
func TestAccreditation(t *testing.T) {
	for name, c := range map[string]struct {
		grant session.Grant
		key   string // opened with this device key instead of an invitation
		more  string
		later time.Duration
		stays bool
	}{
		"revoked":         {session.Grant{Actor: "mina", Level: corridor.MissionLevel}, "", "12:00  blue revocation  observer: mina\n", 0, false},
		"revoked, by key": {session.Grant{Actor: "mina", Level: corridor.MissionLevel}, "mina", "12:00  blue revocation  observer: mina\n", 0, false},
		"objected to":     {session.Grant{Actor: "omar", Level: corridor.Parties}, "", "12:00  blue objection re #nomination.omar  reason: nationality\n", 0, false},
		"key replaced":    {session.Grant{Actor: "office", Level: corridor.Strict}, "office", "12:00  office key  with office.recovery  new-key office-3 working  replaces: key(office)  reason: stolen\n", 0, false},
		"another revoked": {session.Grant{Actor: "red", Level: corridor.Parties}, "", "12:00  blue revocation  observer: mina\n", 0, true},
		"by invitation":   {session.Grant{Actor: "office", Level: corridor.Strict}, "", "12:00  office key  with office.recovery  new-key office-3 working  replaces: key(office)  reason: stolen\n", 0, true},
	} {
		s := newStage(t)
		b := newBrowser(t)
		var token string
		if c.key == "" {
			token, _ = s.enter(b, c.grant)
		} else {
			var err error
			k := b.knock(s.door)
			if token, _, err = s.door.WithKey(t.Context(), c.grant.Level, s.request(c.key, s.asks(b)), k); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := s.door.Review(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.door.Admit(t.Context(), b.shows(s.door, token)); err != nil {
			t.Fatalf("%s: before the record: %v", name, err)
		}
		s.play(c.more)
		if err := s.door.Review(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := s.door.Admit(t.Context(), b.shows(s.door, token))
		if got := s.rule(err); c.stays != (got == "") {
			t.Errorf("%s: %q after the record", name, got)
		}
	}
}

// TestAnotherProcess invites and ends beside a door that is open.
func TestAnotherProcess(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t)
	here := s.door
	s.restart() // another door on the same store
	token, opened := s.enter(b, red)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		here.Watch(ctx, func() <-chan struct{} { return nil })
	}()
	within := func(what string, ok func() bool) {
		t.Helper()
		end := time.Now().Add(5 * time.Second)
		for !ok() {
			if time.Now().After(end) {
				t.Fatalf("waited in vain: %s", what)
			}
			<-time.After(20 * time.Millisecond)
		}
	}
	within("the session is seen", func() bool { return here.Ended(opened.Name) != nil })
	if _, err := here.Admit(ctx, b.shows(here, token)); err != nil {
		t.Errorf("opened beside it: %v", err)
	}
	if _, err := s.door.End(ctx, opened.Name, "holder"); err != nil {
		t.Fatal(err)
	}
	within("the end is seen", func() bool { return here.Ended(opened.Name) == nil })
	if _, err := here.Admit(ctx, b.shows(here, token)); s.rule(err) != "session.ended" {
		t.Errorf("ended beside it: %v", err)
	}
	stop()
	<-done
}
