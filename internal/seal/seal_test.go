package seal

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"corridor.example/corridor/record"
)

func newKey(t testing.TB) (recipient string, k Keyring) {
	t.Helper()
	recipient, secret, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Add(secret); err != nil || got != recipient {
		t.Fatalf("the key made is of %s and reads as of %s: %v", recipient, got, err)
	}
	return recipient, k
}

func rule(err error) string {
	var r *record.Refusal
	if errors.As(err, &r) {
		return r.Rule
	}
	return ""
}

func TestOpensWhatWasSealed(t *testing.T) {
	to, ring := newKey(t)
	old, _ := newKey(t)
	for _, n := range []int{0, 1, 65535, 65536, 65537, 200000} {
		plain := bytes.Repeat([]byte("x"), n)
		item, err := Seal(plain, to)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ring.Open(item); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %v", n, err)
		}
		if _, err := (Keyring{}).Open(item); err != ErrOtherKey {
			t.Errorf("an empty keyring says %v", err)
		}
		for _, at := range []int{len(item) - 1, len(item) / 2, 30} {
			bad := bytes.Clone(item)
			bad[at] ^= 1
			if _, err := ring.Open(bad); err == nil {
				t.Errorf("%d bytes, byte %d changed, and it opens", n, at)
			}
		}
		if _, err := ring.Open(item[:len(item)-1]); rule(err) != "seal.form" {
			t.Errorf("cut short: %v", err)
		}
	}
	item, err := Seal([]byte("x"), old)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Open(item); err != ErrOtherKey {
		t.Errorf("sealed to somebody else: %v", err)
	}
	if _, err := ring.Open([]byte("{}")); rule(err) != "seal.form" {
		t.Errorf("no age file: %v", err)
	}
	if _, err := ring.Open(make([]byte, MaxItem+1)); rule(err) != "seal.size" {
		t.Errorf("too large: %v", err)
	}
	if _, err := ring.Add("AGE-SECRET-KEY-1QQQ"); err == nil || strings.Contains(err.Error(), "QQQ") {
		t.Errorf("a damaged key: %v", err)
	}
}

func TestFrames(t *testing.T) {
	b := Frame(Frame(nil, []byte("one")), []byte("two"))
	r := bytes.NewReader(b)
	for _, want := range []string{"one", "two"} {
		if got, err := Next(r); err != nil || string(got) != want {
			t.Errorf("%q %v", got, err)
		}
	}
	if _, err := Next(r); err != io.EOF {
		t.Errorf("at the end %v", err)
	}
	for n := range b {
		r := bytes.NewReader(b[:n])
		var err error
		for err == nil {
			_, err = Next(r)
		}
		if want := map[bool]error{true: io.EOF, false: io.ErrUnexpectedEOF}[n%7 == 0]; err != want {
			t.Errorf("cut at %d: %v, want %v", n, err, want)
		}
	}
	for _, bad := range []string{"\x00\x00\x00\x00", "\xff\xff\xff\xff"} {
		if _, err := Next(strings.NewReader(bad)); rule(err) != "seal.size" {
			t.Errorf("%x: %v", bad, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	to, ring := newKey(f)
	item, err := Seal([]byte("something"), to)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(item)
	f.Add([]byte(Magic + "-> scrypt AAAA 30\nAAAA\n--- AAAA\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := ring.Open(b); err != nil && err != ErrOtherKey && rule(err) == "" {
			t.Fatalf("%T %v", err, err)
		}
		r := bytes.NewReader(b)
		for {
			if _, err := Next(r); err != nil {
				break
			}
		}
	})
}
