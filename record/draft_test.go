package record

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"

	"filippo.io/edwards25519"
)

// A draft is a record written by hand, text by text, so that what the package reads was not
// written by it, and so that each of its texts can be spoilt and signed all the same.
type draft struct {
	key     ed25519.PrivateKey
	header  []member
	parts   []string // nil head: as given
	sealed  []int    // places that travel as null
	refs    []string // the names in the header, if not those of the parts
	raw     string   // the header's text, if not made from its members
	typ     string   // payload type shown
	signed  string   // payload type signed, if another
	payload string   // JSON string, if not the header's base64
	sig     string   // JSON string, if not the signature's base64
}

// A member is a name and the JSON text of its value.
type member struct{ name, value string }

const (
	draftID    = "000102030405060708090a0b0c0d0e0f"
	draftNonce = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
	partNonce  = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
)

// testKey returns the key that vectors call by this name.
func testKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("corridor vector " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// testHash returns a hash that stands for a record that is not there.
func testHash(name string) string { return digest("corridor vector " + name) }

func digest(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func quoted(s string) string { return `"` + s + `"` }

// newDraft returns the draft of a departure with its facts and a count.
func newDraft() *draft {
	key := testKey("mina")
	return &draft{
		key: key,
		typ: "application/vnd.corridor.record.v1+json",
		header: []member{
			{"v", "1"},
			{"mission", quoted(testHash("mission"))},
			{"kind", `"departure"`},
			{"id", quoted(draftID)},
			{"by", `"mina"`},
			{"key", quoted(digest(string(key.Public().(ed25519.PublicKey))))},
			{"seq", "12"},
			{"prev", quoted(testHash("prev"))},
			{"at", `"2016-12-18T21:00:00Z"`},
			{"seen", "null"},
			{"app", "null"},
			{"re", "null"},
			{"parts", ""},
			{"nonce", quoted(draftNonce)},
		},
		parts: []string{
			part("facts", `,"convoy":"A-07"`),
			part("count", `,"people":122`),
		},
		refs: []string{"facts", "count"},
	}
}

// part returns the text of a JSON part: its head and the members that follow.
func part(name, rest string) string {
	return `{"id":"` + draftID + `","part":"` + name + `","nonce":"` + partNonce + `"` + rest + `}`
}

// set replaces the value of a header's member.
func (d *draft) set(name, value string) *draft {
	i := slices.IndexFunc(d.header, func(m member) bool { return m.name == name })
	d.header[i].value = value
	return d
}

// drop leaves a header's member out.
func (d *draft) drop(name string) *draft {
	d.header = slices.DeleteFunc(d.header, func(m member) bool { return m.name == name })
	return d
}

// add puts a member at the header's end.
func (d *draft) add(name, value string) *draft {
	d.header = append(d.header, member{name, value})
	return d
}

// carry replaces the parts: names and texts in turn.
func (d *draft) carry(namesAndTexts ...string) *draft {
	d.refs, d.parts = nil, nil
	for i := 0; i < len(namesAndTexts); i += 2 {
		d.refs = append(d.refs, namesAndTexts[i])
		d.parts = append(d.parts, namesAndTexts[i+1])
	}
	return d
}

// edit replaces a piece of the header's text, which must be there.
func (d *draft) edit(old, new string) *draft {
	d.raw = swap(d.headerText(), old, new)
	return d
}

// headerText returns the bytes that are signed.
func (d *draft) headerText() string {
	if d.raw != "" {
		return d.raw
	}
	var b []string
	for _, m := range d.header {
		if m.name == "parts" && m.value == "" {
			var refs []string
			for i, name := range d.refs {
				refs = append(refs, `{"name":`+quoted(name)+`,"sha256":"`+digest(d.parts[i])+`"}`)
			}
			m.value = "[" + strings.Join(refs, ",") + "]"
		}
		b = append(b, quoted(m.name)+":"+m.value)
	}
	return "{" + strings.Join(b, ",") + "}"
}

// signature returns the 64 bytes.
func (d *draft) signature() []byte {
	typ := d.typ
	if d.signed != "" {
		typ = d.signed
	}
	return ed25519.Sign(d.key, pae(typ, d.headerText()))
}

// pae is the pre-authentication encoding written down a second time.
func pae(typ, payload string) []byte {
	return []byte("DSSEv1 " + big.NewInt(int64(len(typ))).String() + " " + typ + " " + big.NewInt(int64(len(payload))).String() + " " + payload)
}

// envelope returns the envelope's text.
func (d *draft) envelope() string {
	payload, sig := d.payload, d.sig
	if payload == "" {
		payload = quoted(b64(d.headerText()))
	}
	if sig == "" {
		sig = quoted(b64(string(d.signature())))
	}
	return `{"payload":` + payload + `,"payloadType":"` + d.typ + `","signatures":[{"sig":` + sig + `}]}`
}

// line returns the record as it travels.
func (d *draft) line() string {
	places := make([]string, len(d.parts))
	for i, p := range d.parts {
		switch {
		case slices.Contains(d.sealed, i):
			places[i] = "null"
		case i < len(d.refs) && d.refs[i] == "media":
			places[i] = quoted(b64(p))
		default:
			places[i] = quoted(strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`, "\x01", `\u0001`).Replace(p))
		}
	}
	return `{"envelope":` + d.envelope() + `,"parts":[` + strings.Join(places, ",") + `]}`
}

// swap replaces old by new once; old must be there, so that no case turns into another.
func swap(text, old, new string) string {
	if !strings.Contains(text, old) {
		panic("the text has no " + old)
	}
	return strings.Replace(text, old, new, 1)
}

// resign makes a signature with another random number than RFC 8032 prescribes, and adds a
// point to its R. With the identity it is valid, though not the one Ed25519 signers make.
func resign(key ed25519.PrivateKey, message []byte, add *edwards25519.Point) []byte {
	h := sha512.Sum512(key.Seed())
	s, err := edwards25519.NewScalar().SetBytesWithClamping(h[:32])
	if err != nil {
		panic(err)
	}
	h = sha512.Sum512([]byte("corridor vector another random number"))
	r, err := edwards25519.NewScalar().SetUniformBytes(h[:])
	if err != nil {
		panic(err)
	}
	R := new(edwards25519.Point).ScalarBaseMult(r)
	R.Add(R, add)
	h = sha512.Sum512(slices.Concat(R.Bytes(), key.Public().(ed25519.PublicKey), message))
	k, err := edwards25519.NewScalar().SetUniformBytes(h[:])
	if err != nil {
		panic(err)
	}
	return append(R.Bytes(), k.MultiplyAdd(k, s, r).Bytes()...)
}

// plusL adds the group's order to a signature's S: the same number modulo L, spelt again.
func plusL(sig []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := slices.Clone(sig[32:])
	slices.Reverse(s)
	s = new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
	slices.Reverse(s)
	return slices.Concat(sig[:32], s)
}

// point returns the point a text of hex digits encodes.
func point(digits string) *edwards25519.Point {
	p, err := new(edwards25519.Point).SetBytes(unhexed(digits))
	if err != nil {
		panic(err)
	}
	return p
}

func unhexed(digits string) []byte {
	b, err := hex.DecodeString(digits)
	if err != nil {
		panic(err)
	}
	return b
}
