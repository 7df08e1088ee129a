package record

import (
	"crypto/ed25519"
	"reflect"
	"slices"
	"testing"
)

// changes yields every text that differs from the given one by one byte left out, doubled,
// added or replaced by a byte that means something in JSON, hex or base64.
func changes(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := range len(text) {
			if !yield(text[:i]+text[i+1:]) || !yield(text[:i+1]+text[i:]) {
				return
			}
			for _, c := range []byte("\"\\{}[],:-+.eE0189afAFunl/= \n\r\x00\x7f\x80\xff") {
				if c != text[i] && !yield(text[:i]+string([]byte{c})+text[i+1:]) || !yield(text[:i]+string([]byte{c})+text[i:]) {
					return
				}
			}
		}
	}
}

// scanHeader says yes to exactly the texts Decode reads, with the same value.
func TestScanHeaderAgreesWithDecode(t *testing.T) {
	texts := []string{
		newDraft().set("mission", "null").set("seen", `"\n— é\u001f\"\\"`).carry("facts", part("facts", "")).headerText(),
		newDraft().set("seq", "9007199254740992").set("re", quoted(testHash("re"))).headerText(),
	}
	n := 0
	for _, good := range texts {
		for text := range changes(good) {
			n++
			h, ok := scanHeader([]byte(text))
			var want Header
			err := Decode([]byte(text), &want)
			if (err == nil) != ok || ok && !reflect.DeepEqual(h, want) {
				t.Fatalf("scanHeader reads %v, Decode %v:\n%s", ok, err, text)
			}
		}
	}
	if n < 50000 {
		t.Errorf("only %d texts were tried", n)
	}
}

// No byte of a record's line can change without its being refused: either it is no record any
// more or the signature no longer belongs to it.
func TestEveryByteOfALineCounts(t *testing.T) {
	good := newDraft().carry("facts", part("facts", `,"a":"\u0000\n"`), "media", "corridor-media/v1 "+draftID+" "+partNonce+" image/png\n\xff").line()
	key := testKey("mina").Public().(ed25519.PublicKey)
	if r, err := Parse([]byte(good)); err != nil || r.Verify(key) != nil {
		t.Fatalf("the record to change is refused: %v", err)
	}
	rules := map[string]int{}
	for text := range changes(good) {
		r, err := Parse([]byte(text))
		if err == nil {
			if err = r.Verify(key); err == nil {
				t.Fatalf("a changed record is read and verifies:\n%s, was\n%s", text, good)
			}
		}
		rules[ruleOf(t, err)]++
	}
	for _, rule := range []string{"record.envelope", "record.header", "record.base64", "record.type", "record.key", "record.signature", "record.part-hash", "record.part-head", "record.media"} {
		if rules[rule] == 0 {
			t.Errorf("no change broke the rule %s: %v", rule, rules)
		}
	}
}

// A record that lost any of its parts on the way is still that record.
func TestAnyPartCanBeMissing(t *testing.T) {
	d := goodRecords()[1].draft
	want := Hash(unhexed(digest(d.headerText())))
	for mask := range 1 << len(d.parts) {
		d.sealed = nil
		for i := range d.parts {
			if mask>>i&1 == 1 {
				d.sealed = append(d.sealed, i)
			}
		}
		r, err := Parse([]byte(d.line()))
		if err != nil || r.Hash != want {
			t.Fatalf("without parts %v: %v", d.sealed, err)
		}
		for i, p := range r.Parts {
			if (p.Bytes == nil) != slices.Contains(d.sealed, i) {
				t.Errorf("without parts %v: %s is carried: %v", d.sealed, p.Name, p.Bytes != nil)
			}
		}
	}
}
