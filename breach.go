package corridor

import (
	"crypto/sha256"

	"corridor.example/corridor/record"
)

// KindBreach is the kind of record that lays a proof of misconduct before the log: two
// checkpoints that cannot both be true, a receipt for what is not there; its re is the record
// it is about, if there is one in the log.
var KindBreach = kind[Breach]("breach", ClassOffice)

// A Breach says which proof there is, of what, and who says so. The proof convicts by itself
// wherever it is read; the log only keeps that it was shown. Its text, if it is laid before the
// log too, is the narrative's, and whoever holds the file holds it against the hash.
type Breach struct {
	Facts     BreachFacts `part:"facts"`
	Narrative *Narrative  `part:"narrative"`
}

// BreachFacts name the misconduct and the bytes that prove it.
type BreachFacts struct {
	record.PartHead
	Act     Act         `json:"act"`     // who says so
	What    Misconduct  `json:"what"`    // which act of the threat model
	Against ActorID     `json:"against"` // whose act it is said to be; "node" for whoever runs the log
	Found   record.Time `json:"found"`   // when it was noticed, UTC
	SHA256  record.Hash `json:"sha256"`  // of the proof's bytes
	Size    int64       `json:"size"`    // of the proof in bytes
	Index   *int64      `json:"index"`   // the entry of the log it is about, or null
}

// A Misconduct is an act of which a portable proof, or a claim, can be laid before the log.
type Misconduct string

var misconducts = vocabulary[Misconduct]("two-histories", "entry-changed", "dropped-after-receipt", "suppressed", "back-dated", "unfaithful-report", "sealed-too-long", "opened-unseen", "released-early", "released-late", "secret-admission", "forged-record", "made-up-consent", "stolen-key", "older-copy", "equivocation", "other")

// UnmarshalText reads one of the acts.
func (m *Misconduct) UnmarshalText(t []byte) error { return term(m, t, misconducts) }

func (k Breach) refuse(h Header) error {
	if k.Facts.Size < 1 {
		return Refuse("breach.size", "a proof has at least one byte; give its size and SHA-256")
	}
	if k.Facts.Index != nil && *k.Facts.Index < 0 {
		return Refuse("breach.index", "an entry of the log has a number from 0")
	}
	return k.Facts.Act.refuse(h)
}

func (k Breach) apply(m *Mission, h Header) {
	m.field.ground.breaches.put(h.Hash, BreachLaid{telling(h, Period{k.Facts.Found, k.Facts.Found}, Document, nil), h.Re, k.Facts})
}

// A BreachLaid is a proof of misconduct as a view shows it. That it was laid before the log
// says nothing about whether it holds: corridor verify is asked for that.
type BreachLaid struct {
	Telling
	Re    *record.Hash
	Facts BreachFacts
}

// Breaches returns the proofs of misconduct laid before the log, by when they were found.
func (v View) Breaches() []BreachLaid {
	return happened(v, gather(v, &v.m.field.ground.breaches))
}

// BreachProof returns the proof that a breach carries, and whether it carries the one that its
// facts name.
func BreachProof(r record.Record) ([]byte, bool) {
	s := kinds[Kind(r.Header.Kind)]
	if s == nil || s.name != KindBreach {
		return nil, false
	}
	body, ok, err := s.decode(r.Parts, false)
	if err != nil || !ok {
		return nil, false
	}
	k := body.(*Breach)
	if k.Narrative == nil {
		return nil, false
	}
	text := []byte(k.Narrative.Text)
	return text, sha256.Sum256(text) == k.Facts.SHA256 && int64(len(text)) == k.Facts.Size
}
