package record

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"filippo.io/edwards25519"
)

// An envelopeVector is one case of testdata/vectors/envelopes.json.
type envelopeVector struct {
	Name     string   `json:"name"`
	Form     string   `json:"form"` // "line" or "envelope"
	Text     *string  `json:"text"` // null if the text is not UTF-8
	Base64   *string  `json:"base64"`
	Key      string   `json:"key"` // the public key to check the signature with
	OK       bool     `json:"ok"`
	Rule     *string  `json:"rule"`     // of the refusal; null if ok
	Hash     *Hash    `json:"hash"`     // the record hash; null if the text is refused before it is known
	Exercise *bool    `json:"exercise"` // null as above
	Carried  []string `json:"carried"`  // the parts that are there; none where hash is null
}

// envelopeVectors returns the cases, each written by hand: what is expected of it comes from
// the table below, never from the package.
func envelopeVectors() []envelopeVector {
	var all []envelopeVector
	put := func(v envelopeVector, text string) {
		v.Text, v.Base64 = textOrBase64(text)
		all = append(all, v)
	}
	public := func(d *draft) string { return hex.EncodeToString(d.key.Public().(ed25519.PublicKey)) }
	known := func(v envelopeVector, d *draft) envelopeVector {
		h, err := ParseHash(digest(d.headerText()))
		if err != nil {
			panic(err)
		}
		v.Hash, v.Exercise = &h, new(bool)
		*v.Exercise = strings.Contains(d.typ, ".exercise.")
		return v
	}

	for _, c := range goodRecords() {
		v := known(envelopeVector{Name: c.name, Form: "line", Key: public(c.draft), OK: true}, c.draft)
		for i, name := range c.draft.refs {
			if !slices.Contains(c.draft.sealed, i) {
				v.Carried = append(v.Carried, name)
			}
		}
		put(v, c.draft.line())
	}
	for _, c := range badRecords() {
		put(envelopeVector{Name: c.name, Form: "line", Key: public(c.draft), Rule: &c.rule}, c.draft.line())
	}
	for _, c := range badSignatures() {
		v := known(envelopeVector{Name: c.name, Form: "line", Key: public(c.draft), Rule: &c.rule}, c.draft)
		if c.key != "" {
			v.Key = c.key
		}
		v.Carried = c.draft.refs
		put(v, c.draft.line())
	}
	for _, c := range badLines() {
		put(envelopeVector{Name: c.name, Form: "line", Key: public(newDraft()), Rule: &c.rule}, c.text)
	}
	put(known(envelopeVector{Name: "an envelope alone", Form: "envelope", Key: public(newDraft()), OK: true}, newDraft()), newDraft().envelope())
	for _, c := range badEnvelopes() {
		put(envelopeVector{Name: c.name, Form: "envelope", Key: public(newDraft()), Rule: &c.rule}, c.text)
	}
	return all
}

// recordCase is a draft and the rule it breaks, "" for none.
type recordCase struct {
	name, rule string
	draft      *draft
	key        string // the key to check with, if not the draft's
}

// textCase is a text and the rule it breaks.
type textCase struct{ name, rule, text string }

func goodRecords() []recordCase {
	good := func(name string, d *draft) recordCase { return recordCase{name: name, draft: d} }
	media := "corridor-media/v1 " + draftID + " " + partNonce + " image/jpeg\n\xff\xd8\xff\x00\n\n"
	seven := func() *draft {
		return newDraft().carry(
			"facts", part("facts", `,"convoy":"A-07"`),
			"count", part("count", `,"people":122`),
			"where", part("where", `,"place":"ramouseh"`),
			"who", part("who", `,"ids":["red"]`),
			"narrative", part("narrative", `,"text":"rain"`),
			"identity", part("identity", `,"caller":"a driver"`),
			"media", media)
	}
	exercise := newDraft()
	exercise.typ = "application/vnd.corridor.exercise.record.v1+json"
	sealed := seven()
	sealed.sealed = []int{1, 3, 5}
	nothing := seven()
	nothing.sealed = []int{0, 1, 2, 3, 4, 5, 6}
	again := newDraft()
	again.sig = quoted(b64(string(resign(again.key, pae(again.typ, again.headerText()), edwards25519.NewIdentityPoint()))))
	return []recordCase{
		good("a departure with two parts", newDraft()),
		good("all seven parts, media in base64", seven()),
		good("sealed parts travel as null", sealed),
		good("no part is carried", nothing),
		good("a first record has no previous one", newDraft().set("seq", "1").set("prev", "null")),
		good("a founding mandate has no mission", newDraft().set("mission", "null").set("kind", `"mandate"`).set("seq", "1").set("prev", "null")),
		good("an exercise record", exercise),
		good("the largest integer", newDraft().set("seq", "9007199254740992")),
		good("the first and the last year", newDraft().set("at", `"0001-01-01T00:00:00Z"`)),
		good("the last second", newDraft().set("at", `"9999-12-31T23:59:59Z"`)),
		good("before 1970", newDraft().set("at", `"1949-08-12T00:00:00Z"`)),
		good("a signed checkpoint in seen", newDraft().set("seen", `"corridor.invalid/`+draftID+`\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— corridor.invalid/`+draftID+` AAAAAA==\n"`)),
		good("app and re name records", newDraft().set("app", quoted(testHash("app"))).set("re", quoted(testHash("re")))),
		good("a media line of 256 bytes", newDraft().carry("facts", part("facts", ""), "media", lineOf(256)+"\n")),
		good("a kind of one letter", newDraft().set("kind", `"a"`)),
		good("an author of forty letters, digits and hyphens", newDraft().set("by", quoted("office-2-"+strings.Repeat("a", 31)))),
		good("text beyond ASCII, not escaped", newDraft().carry("facts", part("facts", ""), "narrative", part("narrative", `,"text":"الفوعة é é 🚌 \u0000 \n \u001f `+"\u2028\u2029\u007f\ufeff\uffff"+`"`))),
		good("a part at its size limit", newDraft().carry("facts", sized(64<<10))),
		good("a header at its size limit", newDraft().set("seen", headerFill(8<<10))),
		good("another signature, the same record", again),
	}
}

// lineOf returns the first line of a media part, n bytes long without its line feed.
func lineOf(n int) string {
	line := "corridor-media/v1 " + draftID + " " + partNonce + " image/"
	return line + strings.Repeat("x", n-len(line))
}

// sized returns a facts part of n bytes.
func sized(n int) string {
	empty := part("facts", `,"place":""`)
	return swap(empty, `""`, quoted(strings.Repeat("a", n-len(empty))))
}

// headerFill returns the value of seen that makes the draft's header n bytes long.
func headerFill(n int) string {
	return quoted(strings.Repeat("a", n-len(newDraft().set("seen", `""`).headerText())))
}

// badRecords are signed over what they say, and still no records.
func badRecords() []recordCase {
	var all []recordCase
	bad := func(rule, name string, d *draft) { all = append(all, recordCase{name: name, rule: rule, draft: d}) }

	for _, m := range newDraft().header {
		bad("record.header", "header without "+m.name, newDraft().drop(m.name))
		if m.name != "mission" && m.name != "prev" && m.name != "seen" && m.name != "app" && m.name != "re" {
			bad("record.header", "header with null for "+m.name, newDraft().set(m.name, "null"))
		}
	}
	for _, c := range []textCase{
		{"v as a float", "v", `1.0`},
		{"v as a string", "v", `"1"`},
		{"seq with an exponent", "seq", `1e1`},
		{"seq with a capital exponent", "seq", `1E1`},
		{"seq as minus zero", "seq", `-0`},
		{"seq with a leading zero", "seq", `012`},
		{"seq with a plus", "seq", `+12`},
		{"seq beyond 2^53", "seq", `9007199254740993`},
		{"seq beyond 2^53, exact as a double", "seq", `9007199254740994`},
		{"seq beyond 64 bits", "seq", `18446744073709551628`},
		{"seq that overflows a double", "seq", `1` + strings.Repeat("0", 400)},
		{"seq as true", "seq", `true`},
		{"mission as an empty text", "mission", `""`},
		{"mission in capital hex", "mission", quoted(strings.ToUpper(testHash("mission")))},
		{"mission one digit short", "mission", quoted(testHash("mission")[1:])},
		{"id one digit short", "id", quoted(draftID[1:])},
		{"id one digit long", "id", quoted(draftID + "0")},
		{"id as a list of bytes", "id", `[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]`},
		{"id with an escaped digit", "id", `"\u0030` + draftID[1:] + `"`},
		{"key in base64", "key", quoted(b64(string(unhexed(testHash("key")))))},
		{"kind with an escaped letter", "kind", `"\u0064eparture"`},
		{"kind with an escaped slash", "kind", `"depart\/ure"`},
		{"by with a lone surrogate", "by", `"mina\ud800"`},
		{"by with a lone low surrogate", "by", `"\udc00mina"`},
		{"by with surrogates in the wrong order", "by", `"\udc00\ud800"`},
		{"by with an overlong encoding", "by", "\"min\xc1\xa1\""},
		{"by with an encoded surrogate", "by", "\"mina\xed\xa0\x80\""},
		{"by with a byte that is not UTF-8", "by", "\"mina\xff\""},
		{"by with a bare control character", "by", "\"mina\x01\""},
		{"seen with a bare line feed", "seen", "\"a\nb\""},
		{"seen with a line feed spelt \\u000a", "seen", `"a\u000ab"`},
		{"seen with an escape in capital hex", "seen", `"a\u001Fb"`},
		{"seen with an escaped delete", "seen", `"a\u007fb"`},
		{"seen with an escaped line separator", "seen", `"a\u2028b"`},
		{"seen with an escaped pair of surrogates", "seen", `"\ud83d\ude8c"`},
		{"seen with an unknown escape", "seen", `"\a"`},
		{"seen as false", "seen", `false`},
		{"at with a fraction", "at", `"2016-12-18T21:00:00.5Z"`},
		{"at with an offset", "at", `"2016-12-18T23:00:00+02:00"`},
		{"at as a number", "at", `1482094800`},
		{"parts as an object", "parts", `{"facts":` + quoted(testHash("facts")) + `}`},
		{"parts with null in it", "parts", `[null]`},
		{"parts with its members turned round", "parts", `[{"sha256":` + quoted(testHash("facts")) + `,"name":"facts"}]`},
		{"parts with an unknown member", "parts", `[{"name":"facts","sha256":` + quoted(testHash("facts")) + `,"size":12}]`},
		{"parts with a trailing comma", "parts", `[{"name":"facts","sha256":` + quoted(testHash("facts")) + `},]`},
	} {
		bad("record.header", "header with "+c.name, newDraft().set(c.rule, c.text))
	}
	bad("record.header", "header with seq twice", newDraft().edit(`"seq":12`, `"seq":12,"seq":12`))
	bad("record.header", "header with kind twice, once escaped", newDraft().edit(`"kind":`, `"\u006bind":"arrival","kind":`))
	bad("record.header", "header with a member in capitals", newDraft().edit(`"kind"`, `"Kind"`))
	bad("record.header", "header with a member's name escaped", newDraft().edit(`"kind"`, `"\u006bind"`))
	bad("record.header", "header with an unknown member", newDraft().add("note", `"x"`))
	bad("record.header", "header with __proto__", newDraft().add("__proto__", `null`))
	bad("record.header", "header with two members exchanged", newDraft().edit(`"app":null,"re":null`, `"re":null,"app":null`))
	bad("record.header", "header with a space after a colon", newDraft().edit(`"v":1`, `"v": 1`))
	bad("record.header", "header with a space at its end", newDraft().edit(draftNonce+`"}`, draftNonce+`"} `))
	bad("record.header", "header with a line feed at its end", newDraft().edit(draftNonce+`"}`, draftNonce+"\"}\n"))
	bad("record.header", "header with a byte order mark", newDraft().edit(`{"v":1`, "\ufeff"+`{"v":1`))
	bad("record.header", "header followed by another", newDraft().edit(draftNonce+`"}`, draftNonce+`"}{}`))
	bad("record.header", "header cut off", newDraft().edit(draftNonce+`"}`, draftNonce))
	bad("record.header", "header with a comment", newDraft().edit(`"v":1`, `/**/"v":1`))
	bad("record.header", "header as a list", newDraft().edit(newDraft().headerText(), `[]`))
	bad("record.header", "header as null", newDraft().edit(newDraft().headerText(), `null`))

	bad("record.version", "version 0", newDraft().set("v", "0"))
	bad("record.version", "version 2", newDraft().set("v", "2"))
	bad("record.version", "version -1", newDraft().set("v", "-1"))
	for _, name := range []string{"", "Departure", "de parture", "-departure", "departure-", "départure", "de_parture", "de.parture", strings.Repeat("a", 41)} {
		bad("record.kind", "kind "+quoted(name), newDraft().set("kind", quoted(name)))
		bad("record.by", "by "+quoted(name), newDraft().set("by", quoted(name)))
	}
	bad("record.seq", "seq 0", newDraft().set("seq", "0").set("prev", "null"))
	bad("record.seq", "seq -1", newDraft().set("seq", "-1"))
	bad("record.seq", "seq -2^53", newDraft().set("seq", "-9007199254740992"))
	bad("record.prev", "a first record with a previous one", newDraft().set("seq", "1"))
	bad("record.prev", "a later record without a previous one", newDraft().set("prev", "null"))
	bad("record.size", "header one byte beyond its limit", newDraft().set("seen", headerFill(8<<10+1)))
	bad("record.size", "a part one byte beyond its limit", newDraft().carry("facts", sized(64<<10+1)))

	facts, count := part("facts", ""), part("count", "")
	bad("record.parts", "no parts", newDraft().carry())
	bad("record.parts", "no facts", newDraft().carry("count", count))
	bad("record.parts", "facts not first", newDraft().carry("count", count, "facts", facts))
	bad("record.parts", "a part twice", newDraft().carry("facts", facts, "facts", facts))
	bad("record.parts", "parts out of order", newDraft().carry("facts", facts, "where", part("where", ""), "count", count))
	bad("record.parts", "an unknown part", newDraft().carry("facts", facts, "notes", part("notes", "")))
	bad("record.parts", "a part in capitals", newDraft().carry("facts", facts, "Count", part("Count", "")))
	fewer := newDraft()
	fewer.parts = fewer.parts[:1]
	bad("record.parts", "fewer places than the header names parts", fewer.set("parts", refs("facts", part("facts", `,"convoy":"A-07"`), "count", count)))
	more := newDraft().set("parts", refs("facts", part("facts", `,"convoy":"A-07"`)))
	bad("record.parts", "more places than the header names parts", more)

	bad("record.part-hash", "a part changed after signing", newDraft().set("parts", refs("facts", part("facts", `,"convoy":"A-08"`), "count", part("count", `,"people":122`))))
	bad("record.part-hash", "a part with a space more than was signed", newDraft().set("parts", refs("facts", part("facts", `,"convoy":"A-07"`), "count", part("count", `,"people": 122`))))

	for _, c := range []textCase{
		{name: "another record's id", text: swap(facts, draftID, draftNonce)},
		{name: "another part's name", text: count},
		{name: "its id in capitals", text: swap(facts, draftID, strings.ToUpper(draftID))},
		{name: "its nonce in capitals", text: swap(facts, partNonce, strings.ToUpper(partNonce))},
		{name: "a short nonce", text: swap(facts, partNonce, partNonce[1:])},
		{name: "a long nonce", text: swap(facts, partNonce, partNonce+"0")},
		{name: "no nonce", text: `{"id":"` + draftID + `","part":"facts"}`},
		{name: "its head in another order", text: `{"part":"facts","id":"` + draftID + `","nonce":"` + partNonce + `"}`},
		{name: "a space in its head", text: swap(facts, `{"id"`, `{ "id"`)},
		{name: "a byte order mark", text: "\ufeff" + facts},
		{name: "nothing in it", text: ""},
		{name: "null in it", text: "null"},
		{name: "text that is not JSON", text: "the convoy left"},
	} {
		bad("record.part-head", "a part with "+c.name, newDraft().carry("facts", c.text))
	}
	bad("record.part-head", "two parts exchanged", newDraft().carry("facts", count, "count", facts))
	bad("record.part-text", "a part with a line feed in it", newDraft().carry("facts", part("facts", ",\n\"convoy\":\"A-07\"")))
	bad("record.part-text", "a part with a control character in a string", newDraft().carry("facts", part("facts", ",\"convoy\":\"A\x0107\"")))

	head := "corridor-media/v1 " + draftID + " " + partNonce + " image/jpeg"
	for _, c := range []textCase{
		{name: "no line feed", text: head},
		{name: "nothing in it", text: ""},
		{name: "a picture without its line", text: "\xff\xd8\xff\n"},
		{name: "another record's id", text: swap(head, draftID, draftNonce) + "\n"},
		{name: "another version", text: swap(head, "/v1", "/v2") + "\n"},
		{name: "two spaces", text: swap(head, " image", "  image") + "\n"},
		{name: "a carriage return", text: head + "\r\n"},
		{name: "no nonce", text: swap(head, " "+partNonce, "") + "\n"},
		{name: "a short nonce", text: swap(head, partNonce, partNonce[1:]) + "\n"},
		{name: "its nonce in capitals", text: swap(head, partNonce, strings.ToUpper(partNonce)) + "\n"},
		{name: "its type in capitals", text: swap(head, "image/jpeg", "image/JPEG") + "\n"},
		{name: "a type without a slash", text: swap(head, "image/jpeg", "jpeg") + "\n"},
		{name: "a type with two slashes", text: swap(head, "image/jpeg", "image/jpeg/x") + "\n"},
		{name: "a type with parameters", text: swap(head, "image/jpeg", "text/plain;charset=utf-8") + "\n"},
		{name: "a JSON head", text: part("media", "")},
		{name: "a line of 257 bytes", text: lineOf(257) + "\n"},
	} {
		bad("record.media", "media with "+c.name, newDraft().carry("facts", facts, "media", c.text))
	}
	return all
}

// refs returns the header's list of parts: names and texts in turn.
func refs(namesAndTexts ...string) string {
	var all []string
	for i := 0; i < len(namesAndTexts); i += 2 {
		all = append(all, `{"name":`+quoted(namesAndTexts[i])+`,"sha256":"`+digest(namesAndTexts[i+1])+`"}`)
	}
	return "[" + strings.Join(all, ",") + "]"
}

// badSignatures are well formed, and not signed by the key they name.
func badSignatures() []recordCase {
	var all []recordCase
	bad := func(name string, d *draft) {
		all = append(all, recordCase{name: name, rule: "record.signature", draft: d})
	}
	signed := func(typ string) *draft {
		d := newDraft()
		d.signed = typ
		return d
	}
	with := func(sig []byte) *draft {
		d := newDraft()
		d.sig = quoted(base64.StdEncoding.EncodeToString(sig))
		return d
	}
	sig := newDraft().signature()
	flip := func(i int) []byte {
		s := slices.Clone(sig)
		s[i] ^= 1
		return s
	}
	for _, p := range []string{"possession", "session", "lodging"} {
		bad("signed as "+p+", shown as a record", signed("application/vnd.corridor."+p+".v1+json"))
	}
	bad("signed as an exercise, shown as real", signed("application/vnd.corridor.exercise.record.v1+json"))
	exercise := signed("application/vnd.corridor.record.v1+json")
	exercise.typ = "application/vnd.corridor.exercise.record.v1+json"
	bad("signed as real, shown as an exercise", exercise)
	bad("signed without the pre-authentication encoding", with(ed25519.Sign(testKey("mina"), []byte(newDraft().headerText()))))
	bad("a bit changed in R", with(flip(0)))
	bad("a bit changed in S", with(flip(32)))
	bad("S + L for S", with(plusL(sig)))
	bad("R moved by a point of order 8, which cofactored checks accept", with(resign(testKey("mina"), pae(newDraft().typ, newDraft().headerText()), point(order8))))
	bad("a signature of zeros", with(make([]byte, 64)))
	bad("signed by another key than the header names", with(ed25519.Sign(testKey("omar"), pae(newDraft().typ, newDraft().headerText()))))
	other := newDraft().set("nonce", quoted(draftID))
	bad("the signature of another record", with(other.signature()))
	omar := testKey("omar").Public().(ed25519.PublicKey)
	all = append(all, recordCase{name: "checked with another key than the header names", rule: "record.key", draft: newDraft(), key: hex.EncodeToString(omar)})
	return all
}

// badLines are other spellings of a good record, and other texts.
func badLines() []textCase {
	good := newDraft().line()
	sig := b64(string(newDraft().signature()))
	one := func(old, new string) string { return swap(good, old, new) }
	payload := func(p string) string { d := newDraft(); d.payload = p; return d.line() }
	withSig := func(s string) string { d := newDraft(); d.sig = s; return d.line() }
	typ := func(t string) string { d := newDraft(); d.typ = t; return d.line() }
	raw := newDraft().headerText()
	all := []textCase{
		{"nothing", "record.envelope", ""},
		{"null", "record.envelope", "null"},
		{"a list", "record.envelope", "[]"},
		{"an empty object", "record.envelope", "{}"},
		{"not JSON", "record.envelope", "the convoy left"},
		{"cut off", "record.envelope", good[:len(good)/2]},
		{"an envelope without a line around it", "record.envelope", newDraft().envelope()},
		{"two records on one line", "record.envelope", good + good},
		{"a line feed at the end", "record.envelope", good + "\n"},
		{"a space at the start", "record.envelope", " " + good},
		{"a space after a colon", "record.envelope", one(`"envelope":`, `"envelope": `)},
		{"a byte order mark", "record.envelope", "\ufeff" + good},
		{"a byte that is not UTF-8 in a part", "record.envelope", one("A-07", "A-\xff7")},
		{"a lone surrogate in a part", "record.envelope", one("A-07", `A-\ud800`)},
		{"a bare control character in a part", "record.envelope", one("A-07", "A-\x0107")},
		{"a slash escaped in a part", "record.envelope", one("A-07", `A\/07`)},
		{"a letter escaped in a part", "record.envelope", one("A-07", `\u0041-07`)},
		{"a quote escaped by number in a part", "record.envelope", one(`\"convoy\"`, `\u0022convoy\"`)},
		{"an escape in capital hex in a part", "record.envelope", one("A-07", `A-\u001F`)},
		{"a slash escaped in the payload type", "record.envelope", one("application/", `application\/`)},
		{"a letter escaped in the payload", "record.envelope", one(`"payload":"e`, `"payload":"\u0065`)},
		{"parts before the envelope", "record.envelope", `{"parts":[],"envelope":` + newDraft().envelope() + `}`},
		{"no parts member", "record.envelope", `{"envelope":` + newDraft().envelope() + `}`},
		{"parts is null", "record.envelope", `{"envelope":` + newDraft().envelope() + `,"parts":null}`},
		{"parts is an object", "record.envelope", `{"envelope":` + newDraft().envelope() + `,"parts":{}}`},
		{"a part as JSON, not as text", "record.envelope", `{"envelope":` + newDraft().envelope() + `,"parts":[` + newDraft().parts[0] + `,null]}`},
		{"a part as a number", "record.envelope", `{"envelope":` + newDraft().envelope() + `,"parts":[1,null]}`},
		{"a comma too many", "record.envelope", `{"envelope":` + newDraft().envelope() + `,"parts":[null,null,]}`},
		{"parts twice", "record.envelope", good[:len(good)-1] + `,"parts":[null,null]}`},
		{"an unknown member beside the parts", "record.envelope", good[:len(good)-1] + `,"receipt":null}`},
		{"the envelope is null", "record.envelope", `{"envelope":null,"parts":[]}`},
		{"payloadType before payload", "record.envelope", `{"envelope":{"payloadType":"` + newDraft().typ + `","payload":"` + b64(raw) + `","signatures":[{"sig":"` + sig + `"}]},"parts":[null,null]}`},
		{"payload in capitals", "record.envelope", one(`"payload"`, `"Payload"`)},
		{"payload twice", "record.envelope", one(`,"payloadType"`, `,"payload":"","payloadType"`)},
		{"payload is null", "record.envelope", payload("null")},
		{"payload is the header itself", "record.envelope", payload(raw)},
		{"no payloadType", "record.envelope", one(`"payloadType":"`+newDraft().typ+`",`, "")},
		{"an unknown member in the envelope", "record.envelope", one(`"signatures"`, `"keyid":"","signatures"`)},
		{"a keyid beside the signature", "record.envelope", one(`"}]}`, `","keyid":"mina"}]}`)},
		{"a keyid before the signature", "record.envelope", one(`{"sig"`, `{"keyid":"","sig"`)},
		{"signatures is null", "record.envelope", one(`[{"sig":"`+sig+`"}]`, "null")},
		{"signatures is an object", "record.envelope", one(`[{"sig":"`+sig+`"}]`, `{"sig":"`+sig+`"}`)},
		{"a signature is null", "record.envelope", withSig("null")},

		{"no signature", "record.signatures", one(`{"sig":"`+sig+`"}`, "")},
		{"the signature twice", "record.signatures", one(`{"sig":"`+sig+`"}`, `{"sig":"`+sig+`"},{"sig":"`+sig+`"}`)},
		{"two signatures by two keys", "record.signatures", one(`{"sig":"`+sig+`"}`, `{"sig":"`+sig+`"},{"sig":"`+b64(string(ed25519.Sign(testKey("omar"), pae(newDraft().typ, raw))))+`"}`)},

		{"an empty payload", "record.header", payload(`""`)},
		{"payload without padding", "record.base64", payload(quoted(strings.TrimRight(b64(paddedHeader()), "=")))},
		{"payload with too much padding", "record.base64", payload(quoted(b64(paddedHeader()) + "="))},
		{"payload in the alphabet for addresses", "record.base64", payload(quoted(base64.URLEncoding.EncodeToString([]byte(newDraft().set("seen", `"???"`).headerText()))))},
		{"signature in the alphabet for addresses", "record.base64", withSig(quoted(base64.URLEncoding.EncodeToString(slashedSignature())))},
		{"payload with bits left over", "record.base64", payload(quoted(leftOver(b64(paddedHeader()))))},
		{"payload with a line break", "record.base64", payload(`"` + b64(raw)[:76] + `\n` + b64(raw)[76:] + `"`)},
		{"payload with a carriage return", "record.base64", payload(`"` + b64(raw)[:76] + `\r\n` + b64(raw)[76:] + `"`)},
		{"payload with a space", "record.base64", payload(`"` + b64(raw)[:76] + ` ` + b64(raw)[76:] + `"`)},
		{"payload with text after its padding", "record.base64", payload(quoted(b64(paddedHeader()) + "AAAA"))},
		{"signature without padding", "record.base64", withSig(quoted(strings.TrimRight(sig, "=")))},
		{"signature with bits left over", "record.base64", withSig(quoted(leftOver(sig)))},
		{"signature with a line break at its end", "record.base64", withSig(`"` + sig + `\n"`)},
		{"signature in hex", "record.signature", withSig(quoted(hex.EncodeToString(newDraft().signature())))},
		{"an empty signature", "record.signature", withSig(`""`)},
		{"a signature of 63 bytes", "record.signature", withSig(quoted(b64(string(newDraft().signature()[:63]))))},
		{"a signature of 65 bytes", "record.signature", withSig(quoted(b64(string(newDraft().signature()) + "\x00")))},
	}
	for _, t := range []string{
		"", "application/json", "application/vnd.in-toto+json",
		"application/vnd.corridor.possession.v1+json",
		"application/vnd.corridor.session.v1+json",
		"application/vnd.corridor.lodging.v1+json",
		"application/vnd.corridor.exercise.possession.v1+json",
		"application/vnd.corridor.record.v2+json",
		"application/vnd.corridor.Record.v1+json",
		"application/vnd.corridor.record.v1+json ",
	} {
		all = append(all, textCase{"payload type " + quoted(t), "record.type", typ(t)})
	}

	media := "corridor-media/v1 " + draftID + " " + partNonce + " image/png\n\xff\xef\xbe"
	exhibit := newDraft().carry("facts", part("facts", ""), "media", media)
	wire := b64(media)
	for _, c := range []textCase{
		{name: "without padding", text: strings.TrimRight(wire, "=")},
		{name: "in the alphabet for addresses", text: base64.URLEncoding.EncodeToString([]byte(media))},
		{name: "with bits left over", text: leftOver(wire)},
		{name: "with a line break", text: wire[:8] + `\n` + wire[8:]},
	} {
		if c.text == wire {
			panic("media " + c.name + " is the same as before")
		}
		all = append(all, textCase{"media " + c.name, "record.base64", swap(exhibit.line(), quoted(wire), quoted(c.text))})
	}
	return all
}

// badEnvelopes are other spellings of a good envelope that travels alone.
func badEnvelopes() []textCase {
	good := newDraft().envelope()
	return []textCase{
		{"an envelope with its parts", "record.envelope", newDraft().line()},
		{"an envelope with a line feed at its end", "record.envelope", good + "\n"},
		{"an envelope with a space", "record.envelope", swap(good, `":"`, `": "`)},
		{"an envelope with a keyid", "record.envelope", swap(good, `{"sig"`, `{"keyid":"","sig"`)},
		{"an envelope without signatures", "record.envelope", `{"payload":"` + b64(newDraft().headerText()) + `","payloadType":"` + newDraft().typ + `"}`},
		{"an envelope as null", "record.envelope", "null"},
		{"an envelope of another type", "record.type", swap(good, "corridor.record", "corridor.session")},
		{"an envelope beyond any header's size", "record.size", swap(good, `"payload":"`, `"payload":"`+strings.Repeat("A", 17<<10))},
		{"an envelope followed by many spaces", "record.size", good + strings.Repeat(" ", 17<<10)},
	}
}

// paddedHeader returns a header whose base64 ends in two signs of padding.
func paddedHeader() string {
	d := newDraft()
	for len(d.headerText())%3 != 1 {
		d.set("by", swap(d.member("by"), `"mina`, `"minaa`))
	}
	return d.headerText()
}

func (d *draft) member(name string) string {
	return d.header[slices.IndexFunc(d.header, func(m member) bool { return m.name == name })].value
}

// leftOver sets a bit that padded base64 has after its last byte.
func leftOver(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := strings.IndexByte(text, '=') - 1
	return text[:i] + string(alphabet[strings.IndexByte(alphabet, text[i])+1]) + text[i+1:]
}

// slashedSignature returns a signature whose base64 has a plus or a slash in it.
func slashedSignature() []byte {
	d := newDraft()
	for !strings.ContainsAny(b64(string(d.signature())), "+/") {
		d.set("by", swap(d.member("by"), `"mina`, `"minaa`))
	}
	return d.signature()
}
