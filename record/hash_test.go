package record

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestHashText(t *testing.T) {
	text := testHash("hash")
	h, err := ParseHash(text)
	if err != nil || h.String() != text || h.Short() != text[:8] {
		t.Errorf("ParseHash(%s) = %s, %s, %v", text, h, h.Short(), err)
	}
	for _, bad := range []string{"", text[1:], text + "0", strings.ToUpper(text), "0x" + text[2:], " " + text[1:], text[:63] + "g", text[:62] + "é"} {
		if h, err := ParseHash(bad); err == nil || h != (Hash{}) {
			t.Errorf("ParseHash(%q) = %s, %v, want no hash and an error", bad, h, err)
		}
	}
	var id ID
	if err := id.UnmarshalText([]byte(draftID)); err != nil || id.String() != draftID {
		t.Errorf("the id is %s, %v, want %s", id, err, draftID)
	}
	if err := id.UnmarshalText([]byte(text)); err == nil {
		t.Error("an ID is read from 64 digits")
	}
}

func TestTimeEdges(t *testing.T) {
	for _, u := range []Time{minTime, maxTime, 0} {
		b, err := u.MarshalText()
		var again Time
		if err != nil || again.UnmarshalText(b) != nil || again != u {
			t.Errorf("%d is written %q (%v) and read %d", u, b, err, again)
		}
	}
	for _, u := range []Time{minTime - 1, maxTime + 1, math.MinInt64, math.MaxInt64} {
		if b, err := u.MarshalText(); err == nil {
			t.Errorf("%d is written %q, want an error", u, b)
		}
	}
	if got, want := At(time.Unix(-1, 999)), Time(-1); got != want {
		t.Errorf("At cuts to %d, want %d", got, want)
	}
	east := time.FixedZone("east", 7200)
	if got, want := At(time.Date(2016, 12, 18, 23, 0, 0, 1, east)).String(), "2016-12-18T21:00:00Z"; got != want {
		t.Errorf("At gives %s, want %s", got, want)
	}
	if got := At(time.Date(2016, 12, 18, 23, 0, 0, 1, east)).Go().Location(); got != time.UTC {
		t.Errorf("Go is in %v, want UTC", got)
	}
}

func TestName(t *testing.T) {
	for _, s := range []string{"a", "9", "a-b", "a--b", "office-2", strings.Repeat("a", 40)} {
		if !Name(s) {
			t.Errorf("%q is no name", s)
		}
	}
	for _, s := range []string{"", "-", "-a", "a-", "A", "a b", "a_b", "a.b", "a/b", "é", "a\n", "a\x00", strings.Repeat("a", 41)} {
		if Name(s) {
			t.Errorf("%q is a name", s)
		}
	}
}
