package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	stdjson "encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/compact"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/seal"
	"corridor.example/corridor/record"
)

// Secrets returns the secret text of the sealing key with a recipient, "" if it is not kept here.
type Secrets func(ctx context.Context, recipient string) (string, error)

// keyring opens what is sealed to any sealing key that the mission has had and whose secret is
// kept here. It is made anew when the mission has another one.
type keyring struct {
	mu   sync.Mutex
	of   int // how many keys the mission had
	ring seal.Keyring
}

func (s *Server) openSealed(ctx context.Context, n *node.Node) (seal.Keyring, error) {
	var keys []corridor.SealingKey
	n.View(func(v corridor.View) { keys = v.SealingKeys() })
	k := &s.keyring
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == len(keys) || s.cfg.Secrets == nil {
		return k.ring, nil
	}
	var ring seal.Keyring
	for _, key := range keys {
		secret, err := s.cfg.Secrets(ctx, key.Recipient)
		if err != nil {
			return ring, err
		}
		if secret == "" {
			continue
		}
		if to, err := ring.Add(secret); err != nil {
			return ring, err
		} else if to != key.Recipient {
			return ring, errors.New("a sealing key is kept under the name of another")
		}
	}
	k.of, k.ring = len(keys), ring
	return ring, nil
}

// sealedResult is one line of the answer to sealed items: which item, and what the record in it
// would have got alone.
type sealedResult struct {
	Item string `json:"item"` // SHA-256 of the item's bytes
	result
}

// postSealed takes a sequence of sealed items, or packed records, each after its length. The
// answer has one line for each item that came whole, in their order. Where the connection was
// cut, what came before is taken all the same: somebody with four seconds of network must not
// have to send it again.
func (s *Server) postSealed(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	results, err := s.takeSealed(r, n, http.MaxBytesReader(w, r.Body, maxBatchBytes))
	if err != nil {
		return err
	}
	answerSealed(w, results)
	return nil
}

func answerSealed(w http.ResponseWriter, results []sealedResult) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc := stdjson.NewEncoder(w)
	for _, res := range results {
		if enc.Encode(res) != nil {
			return // the reader has gone
		}
	}
}

// takeSealed reads items and submits what is in them. It is an error only where not a single
// item could be read.
func (s *Server) takeSealed(r *http.Request, n *node.Node, body io.Reader) ([]sealedResult, error) {
	// Who sent it may have gone by now; that is no reason to lose what came.
	ctx := context.WithoutCancel(r.Context())
	ring, err := s.openSealed(ctx, n)
	if err != nil {
		return nil, err
	}
	var names []string
	var results []outcome
	var recs []record.Record
	var at []int
	var cut error
	for len(names) < maxBatch {
		var item []byte
		if item, cut = seal.Next(body); cut != nil {
			break
		}
		sum := sha256.Sum256(item)
		names = append(names, hex.EncodeToString(sum[:]))
		rec, err := unsealed(n, ring, item)
		results = append(results, outcome{err: err})
		if err == nil {
			recs, at = append(recs, rec), append(at, len(results)-1)
		}
	}
	if len(names) == 0 && cut != nil {
		if errors.Is(cut, io.EOF) || errors.Is(cut, io.ErrUnexpectedEOF) {
			return nil, corridor.Refuse("seal.form", "no whole item is in the request")
		}
		return nil, cut
	}
	if err := s.submit(r.WithContext(ctx), n, recs, at, results); err != nil {
		return nil, err
	}
	list := make([]sealedResult, len(names))
	for i, name := range names {
		list[i] = sealedResult{name, results[i].line()}
	}
	return list, nil
}

// unsealed opens an item and restores the record in it.
func unsealed(n *node.Node, ring seal.Keyring, item []byte) (record.Record, error) {
	if bytes.HasPrefix(item, []byte(seal.Magic)) {
		plain, err := ring.Open(item)
		switch {
		case errors.Is(err, seal.ErrOtherKey) && ring.Empty():
			return record.Record{}, &corridor.Later{Rule: "seal.key", Reason: "the sealing key is not on this server; keep the record, its operator restores the key from node.db of a backup"}
		case errors.Is(err, seal.ErrOtherKey):
			return record.Record{}, &corridor.Later{Rule: "seal.key", Reason: "this is sealed to a key that this server does not have; keep it, and ask the mission's office whether it is the mission's"}
		case err != nil:
			return record.Record{}, err
		}
		item = plain
	}
	return unpacked(n, item)
}

// unpacked restores a packed record. The mission's own hash and the keys it knows are what a
// shortened name may stand for.
func unpacked(n *node.Node, packed []byte) (record.Record, error) {
	var founder record.Hash
	foreign := false
	rec, err := compact.Unpack(packed, compact.Known{
		Mission: func(prefix []byte) []record.Hash {
			n.View(func(v corridor.View) { founder = v.Founder() })
			if foreign = !bytes.HasPrefix(founder[:], prefix); foreign {
				return nil
			}
			return []record.Hash{founder}
		},
		Key: func(prefix []byte) (keys []record.Hash) {
			n.View(func(v corridor.View) { keys = v.KeysBeginning(prefix) })
			return keys
		},
	})
	var refusal *record.Refusal
	if errors.As(err, &refusal) && refusal.Rule == "compact.unknown" {
		if foreign {
			return rec, corridor.Refuse("record.mission", "the record was signed for another mission than %s", founder.Short())
		}
		return rec, &corridor.Later{Rule: "key.unknown", Reason: "this key is not known to the mission yet; keep the record and send it again once the key is enrolled or its observer nominated"}
	}
	return rec, err
}
