// Package witness cosigns the checkpoints of logs, and asks others to (c2sp.org/tlog-witness,
// both halves).
//
// A cosignature says that a checkpoint was of the largest tree of its log that the witness had
// seen, and continues every one it cosigned before. It says nothing of what the log holds. A
// Witness keeps the newest checkpoint of each log before its cosignature leaves, so that it
// cannot be led to sign two histories by ending it at a bad moment.
package witness

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
)

// A Config is what a witness needs of the world. All of it but Admit and Forked must be set.
type Config struct {
	Cosigner *ledger.Cosigner
	Watch    store.Watch
	Now      func() time.Time

	// Log returns the verifier of a log that is cosigned here, by its origin.
	Log func(origin string) (note.Verifier, bool)

	// Admit is asked about a checkpoint that is in order, last of all: an error keeps it from
	// being cosigned. nil: every one is.
	Admit func(ctx context.Context, signed []byte) error

	// Forked is told of two checkpoints that one log signed and that cannot both be; nil:
	// nobody is. It is called with nothing locked.
	Forked func(have, got []byte)
}

// A Witness cosigns checkpoints. Its methods may be called by several goroutines at once.
type Witness struct {
	cfg Config
	mu  sync.Mutex // one checkpoint is decided on after the other
}

// New returns a witness.
func New(cfg Config) *Witness { return &Witness{cfg: cfg} }

// Name returns the name of the witness's key.
func (w *Witness) Name() string { return w.cfg.Cosigner.Name() }

// Key returns the witness's verifier key, as it stands in policies.
func (w *Witness) Key() string { return w.cfg.Cosigner.Key() }

// A Conflict says that the newest checkpoint cosigned of a log is of another size than the
// request went on from, or is another one of the same size.
type Conflict struct{ Size int64 }

func (c *Conflict) Error() string {
	return fmt.Sprintf("the newest checkpoint cosigned here is of %d entries, and not the one that this goes on from", c.Size)
}

// The reasons why a checkpoint is not cosigned.
var (
	ErrMalformed    = errors.New("not a request to cosign a checkpoint")
	ErrUnknownLog   = errors.New("this log is not cosigned here")
	ErrSignature    = errors.New("the log's signature does not hold")
	ErrInconsistent = errors.New("the proof does not lead from the newest checkpoint cosigned here to this one")
	ErrNotAdmitted  = errors.New("not cosigned yet")
)

// Add decides on a request to cosign a checkpoint (ledger.AddCheckpoint) and returns the
// signature line. The error is a *Conflict, one of the reasons above, or a fault.
func (w *Witness) Add(ctx context.Context, request []byte) (line []byte, err error) {
	a, err := ledger.ParseAddCheckpoint(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	return w.cosign(ctx, a)
}

func (w *Witness) cosign(ctx context.Context, a ledger.AddCheckpoint) (line []byte, err error) {
	claim, err := ledger.ParseCheckpoint(a.Checkpoint)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	log, ok := w.cfg.Log(claim.Origin)
	if !ok {
		return nil, ErrUnknownLog
	}
	c, err := ledger.OpenCheckpoint(a.Checkpoint, log)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrSignature, err)
	}
	if a.Old > c.Size {
		return nil, fmt.Errorf("%w: the old size is above the new one", ErrMalformed)
	}
	if w.cfg.Admit != nil {
		// Asked with nothing locked: it may have to fetch first what is to be cosigned.
		if err := w.cfg.Admit(ctx, a.Checkpoint); err != nil {
			return nil, fmt.Errorf("%w: %v", ErrNotAdmitted, err)
		}
	}
	w.mu.Lock()
	line, have, err := w.decide(ctx, a, c)
	w.mu.Unlock()
	if have != nil && w.cfg.Forked != nil {
		w.cfg.Forked(have, a.Checkpoint)
	}
	return line, err
}

// decide holds a checkpoint with the log's signature against the newest one cosigned. have is
// that one where the two cannot both be.
func (w *Witness) decide(ctx context.Context, a ledger.AddCheckpoint, c ledger.Checkpoint) (line, have []byte, err error) {
	old, kept, err := w.newest(ctx, c.Origin)
	if err != nil {
		return nil, nil, err
	}
	if c.Size == old.Size && old.Size > 0 && c.Root != old.Root {
		return nil, kept, &Conflict{old.Size}
	}
	if a.Old != old.Size {
		return nil, nil, &Conflict{old.Size}
	}
	if old.Size == 0 {
		// Nothing was cosigned yet: every tree goes on from the empty one.
		err = emptyProof(a.Proof)
	} else {
		err = ledger.CheckConsistency(a.Proof, c.Size, c.Root, old.Size, old.Root)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %v", ErrInconsistent, err)
	}
	line, err = w.cfg.Cosigner.Cosign(a.Checkpoint, w.cfg.Now().Unix())
	if err != nil {
		return nil, nil, err
	}
	if c.Size > old.Size {
		if err := w.cfg.Watch.Advance(ctx, old.Size, a.Checkpoint); errors.Is(err, store.ErrMoved) {
			return nil, nil, &Conflict{old.Size} // another process has this file too; asked again, it says how far
		} else if err != nil {
			return nil, nil, err
		}
	}
	return line, nil, nil
}

func emptyProof(proof []ledger.Hash) error {
	if len(proof) > 0 {
		return errors.New("from no entries no proof is needed")
	}
	return nil
}

// newest returns the newest checkpoint cosigned of a log; the zero one if there is none.
func (w *Witness) newest(ctx context.Context, origin string) (c ledger.Checkpoint, signed []byte, err error) {
	signed, err = w.cfg.Watch.Cosigned(ctx, origin)
	if errors.Is(err, store.ErrAbsent) {
		return ledger.Checkpoint{}, nil, nil
	}
	if err != nil {
		return c, nil, err
	}
	c, err = ledger.ParseCheckpoint(signed)
	return c, signed, err
}

// Newest returns the newest checkpoint cosigned of a log, with the log's own signature, nil if
// there is none.
func (w *Witness) Newest(ctx context.Context, origin string) ([]byte, error) {
	_, signed, err := w.newest(ctx, origin)
	return signed, err
}

// Cosign cosigns a checkpoint that the caller holds the whole tree of. prove gives the proof
// that it continues one of an older size.
func (w *Witness) Cosign(ctx context.Context, signed []byte, prove func(old int64) ([]ledger.Hash, error)) (line []byte, err error) {
	claim, err := ledger.ParseCheckpoint(signed)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	old, _, err := w.newest(ctx, claim.Origin)
	if err != nil {
		return nil, err
	}
	if old.Size > claim.Size {
		return nil, &Conflict{old.Size}
	}
	a := ledger.AddCheckpoint{Old: old.Size, Checkpoint: signed}
	if a.Proof, err = prove(old.Size); err != nil {
		return nil, err
	}
	return w.cosign(ctx, a)
}
