package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/goccy/go-yaml"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// maxDraft bounds a draft file, in bytes.
const maxDraft = 1 << 20

// A draftFile is a record as a person wrote it.
type draftFile struct {
	corridor.Draft
	at      *record.Time // nil: now
	mandate bool         // re is the mandate, whose hash is known only with the mission
}

// readDraft reads a draft in YAML or JSON: kind, by, re, at and the parts by name.
func readDraft(path string) (d draftFile, err error) {
	text, err := readLimited(path, maxDraft)
	if err != nil {
		return d, err
	}
	return parseDraft(path, text)
}

func parseDraft(path string, text []byte) (d draftFile, err error) {
	var m map[string]any
	if err := yaml.Unmarshal(text, &m); err != nil {
		return d, fmt.Errorf("%s cannot be read: %s", path, yaml.FormatError(err, false, true))
	}
	d.Parts = map[string]map[string]any{}
	for k, v := range m {
		if err := d.set(k, v); err != nil {
			return d, fmt.Errorf("%s: %w", path, err)
		}
	}
	if d.Kind == "" || d.By == "" {
		return d, fmt.Errorf("%s: a draft says its kind and by whom it is, for example kind: departure and by: mina", path)
	}
	return d, nil
}

func (d *draftFile) set(k string, v any) error {
	s, isText := v.(string)
	switch k {
	case "kind":
		if err := d.Kind.UnmarshalText([]byte(s)); err != nil || !isText {
			return fmt.Errorf("kind: %q is not a kind of record; they are %v", fmt.Sprint(v), corridor.Kinds())
		}
	case "by":
		if err := d.By.UnmarshalText([]byte(s)); err != nil || !isText {
			return fmt.Errorf("by: %q is not the name of an actor or observer", fmt.Sprint(v))
		}
	case "re":
		if v == nil {
			return nil
		}
		if d.mandate = s == "mandate"; d.mandate {
			return nil
		}
		h, err := record.ParseHash(s)
		if err != nil {
			return fmt.Errorf("re: a record is named by 64 lower-case hex digits, or by the word mandate, not %q", fmt.Sprint(v))
		}
		d.Re = &h
	case "at":
		var t record.Time
		if err := t.UnmarshalText([]byte(s)); err != nil {
			return fmt.Errorf("at: %w", err)
		}
		d.at = &t
	default:
		part, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: a draft has kind, by, re, at and the parts by name, each with its members", k)
		}
		d.Parts[k] = part
	}
	return nil
}

func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return b, err
}

// signable composes a draft for a mission.
func (d draftFile) signable(p place) (signable, error) {
	if d.mandate {
		d.Re = &p.mission
	}
	id, err := newID()
	if err != nil {
		return signable{}, err
	}
	parts, err := corridor.Compose(d.Draft, id, mustID)
	if err != nil {
		return signable{}, err
	}
	h := record.Header{Mission: &p.mission, Kind: string(d.Kind), ID: id, By: string(d.By), Seen: p.seen, Re: d.Re, Nonce: mustID()}
	if d.at != nil {
		h.At = *d.at
	}
	return signable{h, parts}, nil
}

// sign signs with a key, after what the key signed before. Nothing is written down: keep does
// that, before the record goes anywhere.
func (k *keyFile) sign(s signable, p place) (record.Record, error) {
	if err := k.fits(p); err != nil {
		return record.Record{}, err
	}
	c, err := k.chain(p.mission)
	if err != nil {
		return record.Record{}, err
	}
	if p.known.seq > c.seq {
		c = p.known
	}
	h := s.header
	h.Seq, h.Prev = c.seq+1, c.last
	if h.At == 0 {
		h.At = record.At(time.Now())
	}
	return record.Sign(k.key, p.exercise, h, s.parts)
}

func newID() (id record.ID, err error) {
	_, err = rand.Read(id[:])
	return id, err
}

// mustID returns 128 random bits. The system's randomness does not fail (crypto/rand).
func mustID() record.ID {
	id, err := newID()
	if err != nil {
		panic("corridor: no randomness: " + err.Error())
	}
	return id
}
