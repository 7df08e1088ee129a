package scenario

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A Target is what a scenario is played on: the bare fold, a running node, a server over HTTP.
type Target interface {
	// Submit offers a record. It returns nil once the record is logged, a *corridor.Refusal or
	// a *corridor.Later; any other error is a fault and ends the play.
	Submit(r record.Record) error
	// Tick makes the log sign a checkpoint of its present size, and returns it.
	Tick(at record.Time) (signed []byte, err error)
	// Cosigned hands a checkpoint back with the cosignatures of both exercise witnesses.
	Cosigned(signed []byte) error
	// Mission returns the fold of what was logged so far, for drafting and for assertions.
	Mission() *corridor.Mission
}

// A Namer is a Target that wants to know which record a scenario calls by which label.
type Namer interface {
	Named(label string, h record.Hash)
}

// A Sealer is a Target that may hold a record without some of its parts and learn them later.
// On any other target a sealed part is submitted with its record, which must come to the same.
type Sealer interface {
	Open(h record.Hash, part string, b []byte) error
}

// Bare is the simplest target: a mission and the log's key, nothing stored, nothing served.
type Bare struct {
	Names map[string]record.Hash // by label, without the sign #

	m       corridor.Mission
	key     ed25519.PrivateKey
	records []record.Record
	newest  []byte
}

// NewBare returns an empty log that signs with the key of the seed.
func NewBare(seed string) *Bare {
	return &Bare{Names: map[string]record.Hash{}, key: LogKey(seed)}
}

// Submit checks the record's signature, judges it and folds it. A record that is in the log
// already changes nothing.
func (b *Bare) Submit(r record.Record) error {
	if _, ok := b.m.Index(r.Hash); ok {
		return nil
	}
	known, err := b.signer(r)
	if err != nil {
		return err
	}
	if err := r.Verify(known); err != nil {
		return err
	}
	if b.m.Size() == 0 {
		if err := new(corridor.Mission).Add(r); err != nil {
			return err
		}
	} else if err := b.m.Judge(r); err != nil {
		return err
	}
	if err := b.m.Add(r); err != nil {
		return fmt.Errorf("judged and then refused: %w", err)
	}
	b.records = append(b.records, r)
	if corridor.Kind(r.Header.Kind) == corridor.KindErasure {
		b.erase(*r.Header.Re)
	}
	return nil
}

func (b *Bare) signer(r record.Record) (ed25519.PublicKey, error) {
	if b.m.Size() == 0 {
		return corridor.FoundingKey(r)
	}
	return b.m.Key(r.Header)
}

// erase drops the parts of a record that an erasure in force ordered erased.
func (b *Bare) erase(h record.Hash) {
	v := b.m.Now()
	for i := range b.records {
		if b.records[i].Hash != h {
			continue
		}
		b.records[i].Parts = slices.Clone(b.records[i].Parts)
		for j := range b.records[i].Parts {
			if _, erased := v.Erased(h, b.records[i].Parts[j].Name); erased {
				b.records[i].Parts[j].Bytes = nil
			}
		}
	}
}

// Tick signs a checkpoint of the log as it stands.
func (b *Bare) Tick(record.Time) ([]byte, error) {
	v := b.m.Now()
	if v.Terms() == nil {
		return nil, errors.New("a log without a mandate has no name to sign under")
	}
	root, err := v.Root()
	if err != nil {
		return nil, err
	}
	signer, err := ledger.NewSigner(v.Terms().Origin, b.key)
	if err != nil {
		return nil, err
	}
	return ledger.SignCheckpoint(ledger.Checkpoint{Origin: v.Terms().Origin, Size: v.Size(), Root: root}, signer)
}

// Cosigned keeps the checkpoint as the newest, after checking it under the mandate's policy.
func (b *Bare) Cosigned(signed []byte) error {
	p, err := b.m.Now().Terms().Policy()
	if err != nil {
		return err
	}
	s, err := p.Check(signed)
	if err != nil {
		return err
	}
	if !s.Quorum() {
		return fmt.Errorf("the checkpoint of size %d, %s, does not meet the mandate's quorum", s.Size, s.Word())
	}
	b.newest = signed
	return nil
}

// Mission returns the fold.
func (b *Bare) Mission() *corridor.Mission { return &b.m }

// Open gives the mission a part that was sealed.
func (b *Bare) Open(h record.Hash, part string, text []byte) error {
	for i := range b.records {
		if b.records[i].Hash == h {
			if err := b.records[i].Put(part, text); err != nil {
				return err
			}
		}
	}
	return b.m.Open(h, part, text)
}

// Named remembers a label.
func (b *Bare) Named(label string, h record.Hash) { b.Names[label] = h }

// Records returns the log, without what has been erased.
func (b *Bare) Records() []record.Record { return b.records }

// Newest returns the newest cosigned checkpoint, nil before the first.
func (b *Bare) Newest() []byte { return b.newest }
