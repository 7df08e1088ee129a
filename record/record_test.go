package record

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
)

// signed returns a record with all seven parts, made by the package itself.
func signed(t testing.TB, parts ...Part) Record {
	t.Helper()
	if parts == nil {
		for _, name := range PartNames[:6] {
			parts = append(parts, Part{name, []byte(part(name, `,"text":"الفوعة \" \\ \n"`))})
		}
		parts = append(parts, Part{"media", []byte("corridor-media/v1 " + draftID + " " + partNonce + " image/png\n\x89PNG\r\n")})
	}
	r, err := Sign(testKey("mina"), false, draftHeader(t), parts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// draftHeader returns the members an author chooses.
func draftHeader(t testing.TB) Header {
	t.Helper()
	h, err := ParseHeader([]byte(newDraft().headerText()))
	if err != nil {
		t.Fatal(err)
	}
	return Header{Mission: h.Mission, Kind: h.Kind, ID: h.ID, By: h.By, Seq: h.Seq, Prev: h.Prev, At: h.At, Nonce: h.Nonce}
}

func TestSignMakesTheDraft(t *testing.T) {
	d := newDraft()
	r := signed(t, Part{"facts", []byte(d.parts[0])}, Part{"count", []byte(d.parts[1])})
	if got, want := string(r.Line()), d.line(); got != want {
		t.Errorf("Sign makes\n%s, want\n%s", got, want)
	}
	if got, want := string(r.Envelope()), d.envelope(); got != want {
		t.Errorf("Envelope() is\n%s, want\n%s", got, want)
	}
}

func TestParseGivesWhatSignMade(t *testing.T) {
	r := signed(t)
	again, err := Parse(r.Line())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, r) {
		t.Errorf("parsed it is\n%+v, want\n%+v", again, r)
	}
	if err := again.Verify(testKey("mina").Public().(ed25519.PublicKey)); err != nil {
		t.Errorf("Verify: %v", err)
	}
	alone, err := ParseEnvelope(r.Envelope())
	if err != nil {
		t.Fatal(err)
	}
	if alone.Hash != r.Hash || alone.Part("facts") != nil || len(alone.Parts) != 7 {
		t.Errorf("from its envelope it is %+v", alone)
	}
	for i := len(r.Parts) - 1; i >= 0; i-- {
		if err := alone.Put(r.Parts[i].Name, r.Parts[i].Bytes); err != nil {
			t.Errorf("Put: %v", err)
		}
	}
	if !reflect.DeepEqual(alone, r) {
		t.Errorf("from its envelope and parts it is\n%+v, want\n%+v", alone, r)
	}
	if got := r.Part("media"); !bytes.Equal(got, r.Parts[6].Bytes) {
		t.Errorf("Part(media) is %q", got)
	}
	if got := r.Part("notes"); got != nil {
		t.Errorf("Part(notes) is %q, want nil", got)
	}
}

func TestSignCopiesTheList(t *testing.T) {
	parts := []Part{{"facts", []byte(part("facts", ""))}}
	r := signed(t, parts...)
	parts[0] = Part{}
	if r.Part("facts") == nil {
		t.Error("the record changed with the caller's list of parts")
	}
}

func TestSignRefuses(t *testing.T) {
	facts := Part{"facts", []byte(part("facts", ""))}
	for _, c := range []struct {
		name, rule string
		change     func(h *Header)
		parts      []Part
	}{
		{"no parts", "record.parts", nil, nil},
		{"parts out of order", "record.parts", nil, []Part{facts, {"where", []byte(part("where", ""))}, {"count", []byte(part("count", ""))}}},
		{"an unknown part", "record.parts", nil, []Part{facts, {"notes", []byte(part("notes", ""))}}},
		{"a part not carried", "record.part-head", nil, []Part{{"facts", nil}}},
		{"another record's part", "record.part-head", func(h *Header) { h.ID = ID{} }, []Part{facts}},
		{"a part not in UTF-8", "record.part-text", nil, []Part{{"facts", []byte(part("facts", ",\"a\":\"\xff\""))}}},
		{"a part on two lines", "record.part-text", nil, []Part{{"facts", []byte(part("facts", ",\n\"a\":1"))}}},
		{"a part too large", "record.size", nil, []Part{{"facts", []byte(sized(MaxPart + 1))}}},
		{"media too large", "record.size", nil, []Part{facts, {"media", mediaOf(MaxMedia + 1)}}},
		{"media without its line", "record.media", nil, []Part{facts, {"media", []byte("\x89PNG\r\n")}}},
		{"a header too large", "record.size", func(h *Header) { s := strings.Repeat("a", MaxHeader); h.Seen = &s }, []Part{facts}},
		{"no kind", "record.kind", func(h *Header) { h.Kind = "" }, []Part{facts}},
		{"no author", "record.by", func(h *Header) { h.By = "" }, []Part{facts}},
		{"no seq", "record.seq", func(h *Header) { h.Seq = 0 }, []Part{facts}},
		{"a seq beyond 2^53", "record.header", func(h *Header) { h.Seq = MaxInt + 1 }, []Part{facts}},
		{"no prev", "record.prev", func(h *Header) { h.Prev = nil }, []Part{facts}},
		{"a year that cannot be written", "record.header", func(h *Header) { h.At = maxTime + 1 }, []Part{facts}},
		{"seen not in UTF-8", "record.header", func(h *Header) { s := "\xff"; h.Seen = &s }, []Part{facts}},
	} {
		h := draftHeader(t)
		if c.change != nil {
			c.change(&h)
		}
		r, err := Sign(testKey("mina"), false, h, c.parts)
		if got := ruleOf(t, err); got != c.rule {
			t.Errorf("%s: Sign says %v, want %s", c.name, err, c.rule)
		}
		if r.Raw != nil || r.Sig != nil {
			t.Errorf("%s: Sign signed what it refused", c.name)
		}
	}
}

// mediaOf returns a media part of n bytes, its first line included.
func mediaOf(n int) []byte {
	first := "corridor-media/v1 " + draftID + " " + partNonce + " image/png\n"
	return append([]byte(first), bytes.Repeat([]byte{0xff}, n-len(first))...)
}

// The largest record there can be still fits the line, and no larger line is read.
func TestLargestRecord(t *testing.T) {
	var parts []Part
	for _, name := range PartNames[:6] {
		empty := part(name, `,"a":""`)
		n := (MaxPart - len(empty)) / 2
		parts = append(parts, Part{name, []byte(swap(empty, `:""`, `:"`+strings.Repeat(`\\`, n)+`"`))})
	}
	parts = append(parts, Part{"media", mediaOf(MaxMedia)})
	h := draftHeader(t)
	seen := strings.Repeat("a", MaxHeader-len(newDraft().set("seen", `""`).carry("facts", "", "count", "", "where", "", "who", "", "narrative", "", "identity", "", "media", "").headerText()))
	h.Seen = &seen
	r, err := Sign(testKey("mina"), true, h, parts)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(r.Raw); got != MaxHeader {
		t.Fatalf("the header has %d bytes, want %d", got, MaxHeader)
	}
	line := r.Line()
	again, err := Parse(line)
	if err != nil || again.Hash != r.Hash {
		t.Errorf("a record of %d bytes is refused: %.300v", len(line), err)
	}
	if !bytes.Equal(again.Line(), line) {
		t.Error("the largest record is not written as it was read")
	}
	if _, err := ParseEnvelope(r.Envelope()); err != nil {
		t.Errorf("the largest envelope is refused: %v", err)
	}
	if _, err := Parse(make([]byte, MaxLine+1)); ruleOf(t, err) != "record.size" {
		t.Errorf("a line of %d bytes: %v, want record.size", MaxLine+1, err)
	}
	if _, err := Parse(make([]byte, MaxLine)); ruleOf(t, err) != "record.envelope" {
		t.Errorf("a line of %d bytes: %v, want record.envelope", MaxLine, err)
	}
}

func TestPutRefuses(t *testing.T) {
	r, err := Parse([]byte(newDraft().line()))
	if err != nil {
		t.Fatal(err)
	}
	facts := newDraft().parts[0]
	for _, c := range []struct{ name, rule, part, text string }{
		{"a part the header does not name", "record.parts", "where", part("where", "")},
		{"an unknown part", "record.parts", strings.Repeat("x", 1000), ""},
		{"nothing", "record.part-head", "facts", ""},
		{"another part of the record", "record.part-head", "facts", newDraft().parts[1]},
		{"another text", "record.part-hash", "facts", swap(facts, "A-07", "A-08")},
		{"a text cut off", "record.part-hash", "facts", facts[:len(facts)-1]},
		{"bytes that are not UTF-8", "record.part-text", "facts", swap(facts, "A-07", "A-\xff7")},
		{"a text too large", "record.size", "facts", sized(MaxPart + 1)},
	} {
		before := r.Line()
		if err := r.Put(c.part, []byte(c.text)); ruleOf(t, err) != c.rule {
			t.Errorf("%s: Put says %v, want %s", c.name, err, c.rule)
		}
		if !bytes.Equal(r.Line(), before) {
			t.Errorf("%s: the record changed", c.name)
		}
	}
}

// What is signed over bytes that fit no line must be refused when they are put, or Line could
// not write the record.
func TestPutKeepsTheLineWritable(t *testing.T) {
	for _, bad := range []string{"\xff", "\n", "\x00", "\xed\xa0\x80"} {
		d := newDraft().carry("facts", part("facts", `,"convoy":"`+bad+`"`))
		r, err := ParseEnvelope([]byte(d.envelope()))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Put("facts", []byte(d.parts[0])); ruleOf(t, err) != "record.part-text" {
			t.Errorf("Put of %q says %v, want record.part-text", bad, err)
		}
		if _, err := Parse(r.Line()); err != nil {
			t.Errorf("after %q: %v", bad, err)
		}
	}
}

func TestPutLeavesCopiesAlone(t *testing.T) {
	r, err := ParseEnvelope([]byte(newDraft().envelope()))
	if err != nil {
		t.Fatal(err)
	}
	other := r
	if err := other.Put("facts", []byte(newDraft().parts[0])); err != nil {
		t.Fatal(err)
	}
	if r.Part("facts") != nil {
		t.Error("a part put into a copy appears in the record")
	}
}

func TestPartsDoNotOverlap(t *testing.T) {
	r, err := Parse([]byte(newDraft().line()))
	if err != nil {
		t.Fatal(err)
	}
	_ = append(r.Part("facts"), "something longer than nothing"...)
	if got, want := string(r.Part("count")), newDraft().parts[1]; got != want {
		t.Errorf("appending to one part wrote into the next: %s, want %s", got, want)
	}
}

func TestVerify(t *testing.T) {
	r := signed(t)
	for name, key := range map[string]ed25519.PublicKey{
		"no key":      nil,
		"half a key":  testKey("mina").Public().(ed25519.PublicKey)[:16],
		"another key": testKey("omar").Public().(ed25519.PublicKey),
	} {
		if err := r.Verify(key); ruleOf(t, err) != "record.key" {
			t.Errorf("%s: Verify says %v, want record.key", name, err)
		}
	}
	short := ed25519.PublicKey("half a key's byte")
	named := r
	named.Header.Key = Fingerprint(short)
	if err := named.Verify(short); ruleOf(t, err) != "record.key" {
		t.Errorf("a short key that the header names: Verify says %v, want record.key", err)
	}
	for i := range r.Sig {
		bad := r
		bad.Sig = bytes.Clone(r.Sig)
		bad.Sig[i] ^= 0x80
		if err := bad.Verify(testKey("mina").Public().(ed25519.PublicKey)); ruleOf(t, err) != "record.signature" {
			t.Fatalf("byte %d of the signature changed: Verify says %v, want record.signature", i, err)
		}
	}
}

// Exercise records are signed under types of their own, so that none passes for real.
func TestExerciseIsNotReal(t *testing.T) {
	key := testKey("mina")
	r, err := Sign(key, true, draftHeader(t), []Part{{"facts", []byte(part("facts", ""))}})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Exercise() || r.Verify(key.Public().(ed25519.PublicKey)) != nil {
		t.Errorf("an exercise record: Exercise() = %v", r.Exercise())
	}
	text := swap(string(r.Line()), "corridor.exercise.record", "corridor.record")
	shown, err := Parse([]byte(text))
	if err != nil || shown.Exercise() {
		t.Fatalf("shown as real: %v, Exercise() = %v", err, shown.Exercise())
	}
	if err := shown.Verify(key.Public().(ed25519.PublicKey)); ruleOf(t, err) != "record.signature" {
		t.Errorf("shown as real: Verify says %v, want record.signature", err)
	}
}

// TestLowOrderKeySignsEverything shows why CheckKey exists: crypto/ed25519 accepts one
// signature under such a key for every message.
func TestLowOrderKeySignsEverything(t *testing.T) {
	one := make([]byte, 64)
	one[0] = 1
	key := ed25519.PublicKey(one[:32])
	for _, m := range []string{"122 people left", "nobody left"} {
		if !ed25519.Verify(key, []byte(m), one) {
			t.Errorf("crypto/ed25519 no longer accepts the key of order 1 for %q; CheckKey may have become needless", m)
		}
	}
	if err := CheckKey(key); ruleOf(t, err) != "key.low-order" {
		t.Errorf("CheckKey says %v, want key.low-order", err)
	}
}

// Every encoding with y beyond p is refused, whether or not there is such a point.
func TestCheckKeyBeyondP(t *testing.T) {
	for low := 0xed; low <= 0xff; low++ {
		for _, high := range []byte{0x7f, 0xff} {
			key := bytes.Repeat([]byte{0xff}, 32)
			key[0], key[31] = byte(low), high
			if err := CheckKey(key); ruleOf(t, err) != "key.encoding" {
				t.Errorf("%s: CheckKey says %v, want key.encoding", hex.EncodeToString(key), err)
			}
		}
	}
}

// An origin that is not UTF-8 has no spelling that could be signed.
func TestProofForNoOrigin(t *testing.T) {
	key := testKey("mina")
	for _, origin := range []string{"\xff", "corridor.invalid/\xed\xa0\x80"} {
		err := CheckProof(key.Public().(ed25519.PublicKey), Prove(key, false, origin, nil), false, origin, nil)
		if ruleOf(t, err) != "key.possession" {
			t.Errorf("%q: CheckProof says %v, want key.possession", origin, err)
		}
	}
}
