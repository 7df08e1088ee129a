package server

import (
	"encoding/base64"
	stdjson "encoding/json"
	"fmt"
	"net/http"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// maxReceipts bounds the record hashes of one request for receipts.
const maxReceipts = 1000

// askedReceipts is the body of a request for receipts.
type askedReceipts struct {
	Hashes []string `json:"hashes"`
}

// receipts are the answer: each checkpoint once, and for each record where it is and the hashes
// that lead from its leaf to the checkpoint. A receipt (c2sp.org/tlog-proof) is put together
// of index, hashes and checkpoint.
type receipts struct {
	Checkpoints []shownCheckpoint `json:"checkpoints"`
	Records     []shownReceipt    `json:"records"` // in the order asked
}

type shownCheckpoint struct {
	Text      string `json:"text"`
	Witnessed bool   `json:"witnessed"` // it meets the mandate's witness policy
}

type shownReceipt struct {
	Hash       string `json:"hash"`
	State      string `json:"state"`                // absent, logged or witnessed
	Index      *int64 `json:"index,omitempty"`      // in the log
	Checkpoint *int   `json:"checkpoint,omitempty"` // which of the list
	Proof      string `json:"proof,omitempty"`      // base64 of the hashes, one after the other
}

// postReceipts answers the newest receipts of records by their hashes. Whoever asks checks them:
// that the server calls a record witnessed proves nothing.
func (s *Server) postReceipts(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	var asked askedReceipts
	dec := stdjson.NewDecoder(http.MaxBytesReader(w, r.Body, 128<<10))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&asked); err != nil {
		if explain(err) == errTooLarge {
			return err
		}
		return corridor.Refuse("request.receipts", `receipts are asked for as {"hashes":["…"]}, with record hashes of 64 hex digits`)
	}
	if len(asked.Hashes) > maxReceipts {
		return &answer{status: http.StatusRequestEntityTooLarge, code: "refused", rule: "request.batch", reason: fmt.Sprintf("at most %d receipts are asked for at once; these are %d", maxReceipts, len(asked.Hashes))}
	}
	released, signed, err := n.Released(r.Context(), s.cfg.Now())
	if err != nil {
		return err
	}
	var policy *ledger.Policy
	n.View(func(v corridor.View) {
		if t := v.Terms(); t != nil {
			policy, err = t.Policy()
		}
	})
	if err != nil {
		return err
	}
	out := receipts{Checkpoints: []shownCheckpoint{}, Records: []shownReceipt{}}
	place := map[string]int{}
	for _, text := range asked.Hashes {
		h, err := record.ParseHash(text)
		if err != nil {
			return corridor.Refuse("request.hash", "a record is named by 64 lower-case hex digits, and %.80q is not", text)
		}
		shown := shownReceipt{Hash: text, State: "absent"}
		var rec node.Receipt
		i, ok := n.Index(h)
		switch {
		case ok && i < released: // anybody can ask for it, and must not learn how far the log has come since
			rec, ok, err = n.ReceiptAt(h, signed)
		case ok:
			rec, ok, err = n.Receipt(h)
		}
		if err != nil {
			return err
		}
		if ok {
			proof, err := ledger.ParseProof(rec.Proof)
			if err != nil {
				return err
			}
			i, known := place[string(proof.Checkpoint)]
			if !known {
				i = len(out.Checkpoints)
				place[string(proof.Checkpoint)] = i
				out.Checkpoints = append(out.Checkpoints, shownCheckpoint{string(proof.Checkpoint), meets(policy, proof.Checkpoint)})
			}
			shown.Index, shown.Checkpoint, shown.State = &rec.Index, &i, "logged"
			if out.Checkpoints[i].Witnessed {
				shown.State = "witnessed"
			}
			var hashes []byte
			for _, x := range proof.Hashes {
				hashes = append(hashes, x[:]...)
			}
			shown.Proof = base64.StdEncoding.EncodeToString(hashes)
		}
		out.Records = append(out.Records, shown)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return ignoreGone(stdjson.NewEncoder(w).Encode(out))
}

// meets reports whether a checkpoint carries what the mandate's witness policy asks for.
func meets(policy *ledger.Policy, signed []byte) bool {
	if policy == nil {
		return false
	}
	s, err := policy.Check(signed)
	return err == nil && s.Quorum()
}
