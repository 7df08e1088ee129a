package record

import (
	"crypto/ed25519"
	"encoding/hex"
	"strings"
	"testing"
)

// A lodgingVector is one case of lodgings.json.
type lodgingVector struct {
	Name     string  `json:"name"`
	Note     string  `json:"note"`
	Key      string  `json:"key"`
	Exercise bool    `json:"exercise"`
	Record   *string `json:"record"` // what the note says was handed over, and when; null in refused cases
	At       *string `json:"at"`
	OK       bool    `json:"ok"`
	Rule     *string `json:"rule"`
}

func TestLodgingVectors(t *testing.T) {
	for _, c := range load[lodgingVector](t, "lodgings.json") {
		n, err := ParseLodging([]byte(c.Note))
		if err == nil {
			err = n.Verify(unhexed(c.Key))
		}
		if got, want := ruleOf(t, err), orNone(c.Rule); got != want || c.OK != (want == "") {
			t.Errorf("%s: %v, want %q", c.Name, err, want)
			continue
		}
		if c.OK && (n.Record.String() != *c.Record || n.At.String() != *c.At || n.Exercise() != c.Exercise || string(n.Text()) != c.Note) {
			t.Errorf("%s: it is read as %+v and written as %s", c.Name, n.Lodging, n.Text())
		}
	}
}

func lodgingVectors() []lodgingVector {
	var all []lodgingVector
	const at = "2016-12-18T21:00:00Z"
	mission, lodged := testHash("mission"), testHash("lodged")
	const real, exercise = "application/vnd.corridor.lodging.v1+json", "application/vnd.corridor.exercise.lodging.v1+json"
	payload := func(holder, when string) string {
		print := Fingerprint(testKey(holder).Public().(ed25519.PublicKey)).String()
		return `{"v":1,"mission":` + quoted(mission) + `,"key":` + quoted(print) + `,"record":` + quoted(lodged) + `,"at":` + quoted(when) + `}`
	}
	// signed is the note with a payload, whoever it names, as one holder signed it.
	signed := func(holder, typ, signedAs, text string) string {
		sig := ed25519.Sign(testKey(holder), pae(signedAs, text))
		return `{"payload":` + quoted(b64(text)) + `,"payloadType":` + quoted(typ) + `,"signatures":[{"sig":` + quoted(b64(string(sig))) + `}]}`
	}
	public := func(holder string) string {
		return hex.EncodeToString(testKey(holder).Public().(ed25519.PublicKey))
	}
	good := signed("w1", real, real, payload("w1", at))
	when, rec := at, lodged
	all = append(all,
		lodgingVector{Name: "handed to a witness", Note: good, Key: public("w1"), Record: &rec, At: &when, OK: true},
		lodgingVector{Name: "in an exercise", Note: signed("w1", exercise, exercise, payload("w1", at)), Key: public("w1"), Exercise: true, Record: &rec, At: &when, OK: true},
	)
	bad := func(name, rule, note, key string) {
		all = append(all, lodgingVector{Name: name, Note: note, Key: key, Rule: &rule})
	}
	bad("nothing", "lodging.note", "", public("w1"))
	bad("a space at its end", "lodging.note", good+" ", public("w1"))
	bad("a member too many", "lodging.note", strings.Replace(good, `{"payload"`, `{"keyid":"","payload"`, 1), public("w1"))
	bad("two signatures", "lodging.note", strings.Replace(good, `]}`, `,{"sig":""}]}`, 1), public("w1"))
	bad("base64 without its padding", "lodging.note", strings.Replace(good, `=="}]}`, `"}]}`, 1), public("w1"))
	bad("of a record's type", "lodging.note", signed("w1", "application/vnd.corridor.record.v1+json", real, payload("w1", at)), public("w1"))
	bad("a version that is not there yet", "lodging.note", signed("w1", real, real, strings.Replace(payload("w1", at), `"v":1`, `"v":2`, 1)), public("w1"))
	bad("a time with a zone of its own", "lodging.note", signed("w1", real, real, payload("w1", "2016-12-18T23:00:00+02:00")), public("w1"))
	bad("members in another order", "lodging.note", signed("w1", real, real, `{"mission":`+quoted(mission)+`,"v":1`+strings.TrimPrefix(payload("w1", at), `{"v":1,"mission":`+quoted(mission))), public("w1"))
	bad("too long", "lodging.note", strings.Repeat(" ", MaxLodging+1), public("w1"))
	bad("held against another witness's key", "lodging.key", good, public("w2"))
	bad("held against half a key", "lodging.key", good, public("w1")[:32])
	bad("signed by another than it names", "lodging.signature", signed("w2", real, real, payload("w1", at)), public("w1"))
	bad("signed as an exercise's", "lodging.signature", signed("w1", real, exercise, payload("w1", at)), public("w1"))
	bad("real, shown as an exercise's", "lodging.signature", signed("w1", exercise, real, payload("w1", at)), public("w1"))
	bad("signed without the pre-authentication encoding", "lodging.signature", func() string {
		text := payload("w1", at)
		return `{"payload":` + quoted(b64(text)) + `,"payloadType":` + quoted(real) + `,"signatures":[{"sig":` + quoted(b64(string(ed25519.Sign(testKey("w1"), []byte(text))))) + `}]}`
	}(), public("w1"))
	return all
}
