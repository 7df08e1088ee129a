// Package compact packs a record into few bytes and restores it byte for byte, so that it fits
// one QR code or four text messages, and a hundred of them a few seconds of a bad network.
//
// What follows from the rest is left out: the hashes of parts that are carried, the record's id
// in each part, the names of members that a type has anyway. Hex and base64 travel as bytes,
// known words as their number in a dictionary, times as the distance to the record's own. The
// dictionary is made of the kinds and only ever grows (dictionary.json), so that an older
// packing stays readable. The package knows words and shapes, not kinds.
//
//	01            the form
//	uvarint       edition of the dictionary
//	byte          flags: exercise 1, mission 2, short 4, prev 8, seen 16, app 32, re 64
//	4 bytes       the first of the record hash, as a check
//	64 bytes      signature
//	mission, key  32 bytes each, 8 if short; the mission only if its flag is set
//	id, nonce     16 bytes each
//	seq, at       uvarint; signed, in seconds since 1970
//	kind, by      strings
//	prev, app, re 32 bytes each, if their flag is set
//	seen          a string, if its flag is set
//	byte, byte    which parts the header names, which of them are carried; facts is bit 0
//	parts         a hash for each that is not carried; else nonce and content
//
// A uvarint is that of Go's encoding/binary; a signed number is one in zigzag. There is one
// packing of a record in an edition, and Unpack reads no other.
package compact

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"corridor.example/corridor/record"
)

// Short is how many bytes of a shortened mission or key travel.
const Short = 8

// MaxBytes bounds a packed record: its media at the limit, and every other part unpackable.
const MaxBytes = record.MaxMedia + 6*record.MaxPart + 4*record.MaxHeader

const form = 1

const (
	flagExercise = 1 << iota
	flagMission
	flagShort
	flagPrev
	flagSeen
	flagApp
	flagRe
)

// Known is what a reader has of the mission, for which shortened names may stand. A nil
// function knows nothing.
type Known struct {
	Mission func(prefix []byte) []record.Hash // missions whose hash begins so
	Key     func(prefix []byte) []record.Hash // fingerprints that begin so
}

// Pack returns a record in few bytes. Short leaves most of the mission's hash and of the key's
// fingerprint to whoever knows the mission.
func Pack(r record.Record, short bool) []byte { return pack(r, short, newest) }

func pack(r record.Record, short bool, e edition) []byte {
	h, p := r.Header, packer{e, r.Header.At}
	flags := byte(0)
	for _, f := range []struct {
		bit byte
		set bool
	}{
		{flagExercise, r.Exercise()}, {flagMission, h.Mission != nil}, {flagShort, short}, {flagPrev, h.Prev != nil},
		{flagSeen, h.Seen != nil}, {flagApp, h.App != nil}, {flagRe, h.Re != nil},
	} {
		if f.set {
			flags |= f.bit
		}
	}
	n := len(record.Hash{})
	if short {
		n = Short
	}
	b := appendUint([]byte{form}, uint64(e.n))
	b = append(append(append(b, flags), r.Hash[:4]...), r.Sig...)
	if h.Mission != nil {
		b = append(b, h.Mission[:n]...)
	}
	b = append(append(append(b, h.Key[:n]...), h.ID[:]...), h.Nonce[:]...)
	b = appendInt(appendUint(b, uint64(h.Seq)), int64(h.At))
	b = p.text(p.text(b, []byte(h.Kind)), []byte(h.By))
	for _, x := range []*record.Hash{h.Prev, h.App, h.Re} {
		if x != nil {
			b = append(b, x[:]...)
		}
	}
	if h.Seen != nil {
		b = p.text(b, []byte(*h.Seen))
	}
	var named, carried byte
	for i, q := range h.Parts {
		bit := byte(1) << slices.Index(record.PartNames, q.Name)
		named |= bit
		if r.Parts[i].Bytes != nil {
			carried |= bit
		}
	}
	b = append(b, named, carried)
	for i, q := range h.Parts {
		switch part := r.Parts[i].Bytes; {
		case part == nil:
			b = append(b, q.SHA256[:]...)
		case q.Name == "media":
			b = p.media(b, part)
		default:
			b = p.part(b, part[len(partHead(h.ID, q.Name)):])
		}
	}
	return b
}

// partHead is what every JSON part begins with, up to its nonce.
func partHead(id record.ID, name string) string {
	return `{"id":"` + id.String() + `","part":"` + name + `","nonce":"`
}

// mediaHead is what a media part begins with, up to its nonce.
func mediaHead(id record.ID) string { return "corridor-media/v1 " + id.String() + " " }

// media packs a media part: the nonce, the media type, the bytes and how many they are.
func (p packer) media(b, part []byte) []byte {
	line, rest, _ := bytes.Cut(part, []byte("\n"))
	f := bytes.Split(line, []byte(" "))
	b, _ = hex.AppendDecode(b, f[2]) // 32 digits: the record was parsed
	b = appendUint(p.text(b, f[3]), uint64(len(rest)))
	return append(b, rest...)
}

// part packs what follows the head of a JSON part: the nonce and the members.
func (p packer) part(b, rest []byte) []byte {
	b, _ = hex.AppendDecode(b, rest[:32]) // 32 digits: the record was parsed
	rest = rest[33:]
	text := []byte("{")
	if len(rest) > 1 && rest[0] == ',' {
		text = append(text, rest[1:]...)
	} else {
		text = append(text, rest...)
	}
	s := source{text: text}
	if packed, ok := p.value(nil, &s, 0); ok && s.at == len(text) && (len(text) > 2) == (rest[0] == ',') {
		return append(b, packed...)
	}
	return append(appendUint(append(b, opRaw), uint64(len(rest))), rest...)
}

// Unpack restores the record. It refuses whatever Pack would not have written. Where a shortened
// name stands for nothing that is known the rule is "compact.unknown", and the same bytes can
// be read once it is. Every error is a *record.Refusal.
func Unpack(b []byte, known Known) (record.Record, error) {
	if len(b) > MaxBytes {
		return record.Record{}, record.Refuse("compact.size", "the packed record has %d bytes; at most %d are read", len(b), MaxBytes)
	}
	u := unpacker{rest: b}
	if f := u.byte(); f != form {
		return record.Record{}, record.Refuse("compact.form", "these are no packed record of a form that this program reads")
	}
	n := u.uint()
	e, ok := editionOf(n)
	if !ok && !u.bad {
		return record.Record{}, record.Refuse("compact.dictionary", "this was packed with edition %d of the dictionary and this program has editions 1 to %d; a newer program reads it", n, newest.n)
	}
	u.edition = e
	w, short := u.record()
	if u.bad || len(u.rest) > 0 {
		return record.Record{}, record.Refuse("compact.form", "these bytes are no packed record, or some are missing or too many")
	}
	r, err := w.restore(known, short)
	if err != nil {
		return record.Record{}, err
	}
	if !bytes.Equal(pack(r, short, e), b) {
		return record.Record{}, record.Refuse("compact.spelling", "the record is packed in another way than the one there is")
	}
	return r, nil
}

// An unpacked record lacks what only the reader knows.
type unpacked struct {
	header       record.Header
	exercise     bool
	check        []byte
	mission, key []byte // whole or shortened
	sig          []byte
	parts        [][]byte // nil where not carried
}

// record reads what follows the edition.
func (u *unpacker) record() (w unpacked, short bool) {
	flags := u.byte()
	w.exercise, short = flags&flagExercise != 0, flags&flagShort != 0
	if flags&^(flagRe<<1-1) != 0 {
		u.bad = true
	}
	n := len(record.Hash{})
	if short {
		n = Short
	}
	w.check, w.sig = u.take(4), u.take(64)
	if flags&flagMission != 0 {
		w.mission = u.take(n)
	}
	w.key = u.take(n)
	h := &w.header
	h.V = 1
	copy(h.ID[:], u.take(16))
	copy(h.Nonce[:], u.take(16))
	h.Seq, h.At = int64(u.uint()), record.Time(u.int())
	u.at = h.At
	h.Kind, h.By = string(u.text()), string(u.text())
	for _, x := range []struct {
		bit byte
		to  **record.Hash
	}{{flagPrev, &h.Prev}, {flagApp, &h.App}, {flagRe, &h.Re}} {
		if flags&x.bit != 0 {
			*x.to = new(record.Hash)
			copy((*x.to)[:], u.take(32))
		}
	}
	if flags&flagSeen != 0 {
		s := string(u.text())
		h.Seen = &s
	}
	named, carried := u.byte(), u.byte()
	if named&0x80 != 0 || carried&^named != 0 {
		u.bad = true
	}
	for i, name := range record.PartNames {
		if named&(1<<i) == 0 || u.bad {
			continue
		}
		ref := record.PartRef{Name: name}
		var part []byte
		switch {
		case carried&(1<<i) == 0:
			copy(ref.SHA256[:], u.take(32))
		case name == "media":
			part = u.media(h.ID)
		default:
			part = u.part(h.ID, name)
		}
		if part != nil {
			ref.SHA256 = sha256.Sum256(part)
		}
		h.Parts, w.parts = append(h.Parts, ref), append(w.parts, part)
	}
	return w, short
}

func (u *unpacker) media(id record.ID) []byte {
	head := mediaHead(id) + hex.EncodeToString(u.take(16)) + " " + string(u.text()) + "\n"
	n := u.uint()
	if n > record.MaxMedia {
		u.bad = true
		return nil
	}
	return append([]byte(head), u.take(int(n))...)
}

func (u *unpacker) part(id record.ID, name string) []byte {
	b := []byte(partHead(id, name) + hex.EncodeToString(u.take(16)) + `"`)
	if len(u.rest) > 0 && u.rest[0] == opRaw {
		u.byte()
		return append(b, u.take(u.size())...)
	}
	n := len(b)
	if b = u.value(b, 0); u.bad || b[n] != '{' {
		u.bad = true
		return nil
	}
	if len(b) == n+2 { // {}
		return append(b[:n], '}')
	}
	b[n] = ','
	return b
}

// restore puts in what the reader knows and checks the outcome against the record's hash.
func (w unpacked) restore(known Known, short bool) (record.Record, error) {
	missions, keys := whole(w.mission), whole(w.key)
	if short {
		missions, keys = lookup(known.Mission, w.mission), lookup(known.Key, w.key)
	}
	if w.mission == nil {
		missions = []record.Hash{{}}
	}
	for _, m := range missions {
		for _, k := range keys {
			h := w.header
			if h.Key = k; w.mission != nil {
				h.Mission = &m
			}
			raw, err := record.Encode(h)
			if err != nil {
				return record.Record{}, record.Refuse("compact.form", "these bytes are no packed record: %v", err)
			}
			if sum := sha256.Sum256(raw); !strings.HasPrefix(string(sum[:]), string(w.check)) {
				continue
			}
			return w.put(raw)
		}
	}
	if short && (len(missions) == 0 || len(keys) == 0) {
		return record.Record{}, record.Refuse("compact.unknown", "the record names its mission or its key by a few bytes, and none that is known here begins so")
	}
	return record.Record{}, record.Refuse("compact.check", "what was packed does not give the record that its check names; some of it was changed on the way")
}

// put makes the record of its header and parts.
func (w unpacked) put(raw []byte) (record.Record, error) {
	text := record.Record{Raw: raw, Type: record.Type(record.PurposeRecord, w.exercise), Sig: w.sig}.Envelope()
	r, err := record.ParseEnvelope(text)
	for i := 0; err == nil && i < len(w.parts); i++ {
		if w.parts[i] != nil {
			err = r.PutAt(i, w.parts[i])
		}
	}
	if err != nil {
		return record.Record{}, err
	}
	return r, nil
}

func whole(b []byte) []record.Hash {
	if len(b) != len(record.Hash{}) {
		return nil
	}
	return []record.Hash{record.Hash(b)}
}

// lookup asks for what a shortened name stands for; more than a few would be a flood of work.
func lookup(find func([]byte) []record.Hash, prefix []byte) []record.Hash {
	if find == nil || prefix == nil {
		return nil
	}
	found := find(prefix)
	return found[:min(len(found), 4)]
}
