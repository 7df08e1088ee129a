package session_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor/internal/session"
)

// TestBackOff fails until it has to wait, and longer each time.
func TestBackOff(t *testing.T) {
	var l session.Limits
	now := time.Unix(1_000_000_000, 0)
	var waits []time.Duration
	for range 16 {
		l.Fail(now, "a")
		waits = append(waits, l.Wait(now, "b", "a"))
	}
	want := []time.Duration{0, 0, 0, 0, 1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, 64 * time.Second, 128 * time.Second, 256 * time.Second, 512 * time.Second, 15 * time.Minute, 15 * time.Minute}
	for i := range want {
		if waits[i] != want[i] {
			t.Errorf("after %d failures the wait is %v, want %v", i+1, waits[i], want[i])
		}
	}
	if w := l.Wait(now.Add(15*time.Minute), "a"); w > 0 {
		t.Errorf("after the wait: %v", w)
	}
	if w := l.Wait(now, "b"); w > 0 {
		t.Errorf("somebody else waits %v", w)
	}
	l.Fail(now.Add(61*time.Minute), "a")
	if w := l.Wait(now.Add(61*time.Minute), "a"); w > 0 {
		t.Errorf("an hour later one failure costs %v", w)
	}
	l.Fail(now.Add(61*time.Minute), "b")
	l.Clear("a", "b")
	if l.Len() != 0 {
		t.Errorf("%d names are left", l.Len())
	}
	for i := range session.LimitsMax + 5000 {
		l.Fail(now.Add(time.Duration(i)*time.Millisecond), fmt.Sprint(i))
	}
	if l.Len() > session.LimitsMax {
		t.Errorf("%d names are remembered, want at most %d", l.Len(), session.LimitsMax)
	}
}

// TestLockOut guesses codes until it has to wait; others do not, and a good code of the same
// address waits too.
func TestLockOut(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t)
	good := s.invite(red, 0)
	for i := range 5 {
		if _, _, err := s.door.Join(t.Context(), fmt.Sprintf("%043d", i), b.knock(s.door)); s.rule(err) != "session.invitation" {
			t.Errorf("guess %d: %v", i, err)
		}
	}
	if _, _, err := s.door.Join(t.Context(), good, b.knock(s.door)); s.rule(err) != "session.wait" {
		t.Errorf("after five guesses a good one is answered %v", err)
	}
	other := newBrowser(t)
	other.from = "198.51.100.0/24"
	if _, _, err := s.door.Join(t.Context(), s.invite(red, 0), other.knock(s.door)); err != nil {
		t.Errorf("another address: %v", err)
	}
	s.pass(2 * time.Second)
	if _, _, err := s.door.Join(t.Context(), good, b.knock(s.door)); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	if !strings.Contains(s.log.String(), "tries too often") || !strings.Contains(s.log.String(), "192.0.2.0/24") {
		t.Errorf("the log says nothing of it:\n%s", s.log)
	}
	s.silent(good)
	if _, _, err := s.door.Join(t.Context(), fmt.Sprintf("%043d", 9), b.knock(s.door)); s.rule(err) != "session.invitation" {
		t.Errorf("a guess: %v", err)
	}
	if _, _, err := s.door.Join(t.Context(), fmt.Sprintf("%043d", 9), b.knock(s.door)); s.rule(err) != "session.wait" {
		t.Errorf("a success has cleared the address that guesses: %v", err)
	}
}

func TestPrefix(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.77": "192.0.2.0/24", "::ffff:192.0.2.77": "192.0.2.0/24", "2001:db8:1:2::3": "2001:db8:1::/48", "[2001:db8:1:2::3]": "2001:db8:1::/48",
		"fe80::1%eth0": "fe80::/48", "": "unknown", "nonsense": "unknown",
	} {
		if got := session.Prefix(address); got != want {
			t.Errorf("Prefix(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestAgent(t *testing.T) {
	for header, want := range map[string]string{
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36":                  "Chromium Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/604.1": "Safari iOS",
		"curl/8.5.0": "", "": "", strings.Repeat("A", 9000): "",
	} {
		if got := session.Agent(header); got != want {
			t.Errorf("Agent(%.40q) = %q, want %q", header, got, want)
		}
	}
}

// FuzzProof takes anything apart; what can be taken apart has three pieces and no more bytes
// than a proof has.
func FuzzProof(f *testing.F) {
	f.Add("a.AAAAAAAAAAAAAAAAAAAAAA.b")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		if session.ParseProof(text) && (len(text) > 200 || strings.Count(text, ".") != 2) {
			t.Errorf("%q is a proof", text)
		}
	})
}
