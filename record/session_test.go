package record_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"

	"corridor.example/corridor/record"
)

func sessionKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func sessionText(t testing.TB, exercise bool) []byte {
	t.Helper()
	text, err := record.SignSession(sessionKey(1), exercise, record.Session{
		Web: "https://mission.example", Mission: record.Hash{7}, Nonce: "n0", At: 1_480_000_000, Until: 1_480_000_060, Bind: "AAAA",
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestSessionRequest signs, reads and spoils session requests.
func TestSessionRequest(t *testing.T) {
	pub := sessionKey(1).Public().(ed25519.PublicKey)
	for _, exercise := range []bool{false, true} {
		r, err := record.ParseSession(sessionText(t, exercise))
		if err != nil {
			t.Fatal(err)
		}
		if !r.Verify(pub) || r.Exercise() != exercise || r.Web != "https://mission.example" || r.Key != record.Fingerprint(pub) || r.Bind != "AAAA" {
			t.Errorf("exercise %v: %+v, signature %v", exercise, r.Session, r.Verify(pub))
		}
		if r.Verify(sessionKey(2).Public().(ed25519.PublicKey)) || r.Verify(nil) {
			t.Error("another key's signature holds")
		}
	}
	good := string(sessionText(t, false))
	// The same bytes under the exercise type are not signed.
	swapped, err := record.ParseSession([]byte(strings.Replace(good, "vnd.corridor.session", "vnd.corridor.exercise.session", 1)))
	if err != nil || swapped.Verify(pub) {
		t.Errorf("a real request shown as an exercise's: %v, holds %v", err, swapped.Verify(pub))
	}
	for what, text := range map[string]string{
		"a record's type":   strings.Replace(good, "corridor.session", "corridor.record", 1),
		"spaces":            strings.Replace(good, `,"`, `, "`, 1),
		"no signature":      good[:strings.Index(good, `[{"sig`)] + "[]}",
		"cut short":         good[:len(good)-2],
		"nothing":           "",
		"too long":          good + strings.Repeat(" ", record.MaxSession),
		"unpadded":          strings.Replace(good, "==", "", 1),
		"a short signature": good[:strings.Index(good, `"sig":"`)+7] + `AAAA"}]}`,
		"another payload":   `{"payload":"` + base64.StdEncoding.EncodeToString([]byte(`{}`)) + good[strings.Index(good, `","payloadType`):],
	} {
		if _, err := record.ParseSession([]byte(text)); err == nil {
			t.Errorf("%s is read", what)
		}
	}
}

// FuzzSession reads anything; what is read is in its one spelling.
func FuzzSession(f *testing.F) {
	f.Add(sessionText(f, false))
	f.Add(sessionText(f, true))
	f.Add([]byte(`{"payload":"","payloadType":"","signatures":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := record.ParseSession(text)
		if err != nil {
			return
		}
		if r.Verify(sessionKey(1).Public().(ed25519.PublicKey)) && !bytes.Equal(text, sessionText(t, r.Exercise())) {
			// Only what that key signed holds: the two requests of the seeds.
			t.Errorf("%q holds", text)
		}
	})
}
