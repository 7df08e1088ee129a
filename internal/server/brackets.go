package server

import (
	"net/http"
	"sync"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/verify"
)

// A gathered is the cosigned checkpoints whose signatures were checked before, so that each is
// checked once. The zero value is empty.
type gathered struct {
	mu     sync.Mutex
	signed map[string]ledger.Signed // by their text
}

// bracket returns when the record at an index can have been signed, as far as the cosigned
// checkpoints of what the reader sees tell.
func (s *Server) bracket(r *http.Request, n *node.Node, i int64) (verify.Bracket, error) {
	size, _, err := s.reach(r, n)
	if err != nil {
		return verify.Bracket{}, err
	}
	policyAt := policies(n)
	var cosigned []ledger.Signed
	for text, err := range n.Marks(r.Context(), size) {
		if err != nil {
			return verify.Bracket{}, err
		}
		if signed, ok := s.gathered.check(string(text), policyAt); ok {
			cosigned = append(cosigned, signed)
		}
	}
	var seen *string
	n.View(func(v corridor.View) { seen = v.Entry(i).Seen })
	return verify.NewBrackets(policyAt, cosigned).Of(i, seen), nil
}

// check returns a cosigned checkpoint whose signatures hold under the policy of its size; ok is
// false if they do not. The node compared its root with the log's when it took it.
func (g *gathered) check(text string, policyAt func(int64) *ledger.Policy) (signed ledger.Signed, ok bool) {
	g.mu.Lock()
	signed, ok = g.signed[text]
	g.mu.Unlock()
	if ok {
		return signed, true
	}
	c, err := ledger.ParseCheckpoint([]byte(text))
	if err != nil {
		return signed, false
	}
	policy := policyAt(c.Size)
	if policy == nil {
		return signed, false
	}
	if signed, err = policy.Check([]byte(text)); err != nil {
		return signed, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.signed == nil {
		g.signed = map[string]ledger.Signed{}
	}
	g.signed[text] = signed
	return signed, true
}

// policies returns the witness policy that holds at a size of the log, nil where there is none.
func policies(n *node.Node) func(size int64) *ledger.Policy {
	known := map[*corridor.Terms]*ledger.Policy{}
	return func(size int64) *ledger.Policy {
		var terms *corridor.Terms
		if err := n.At(size, func(v corridor.View) { terms = v.Terms() }); err != nil || terms == nil {
			return nil // a size the log has not reached
		}
		if policy, ok := known[terms]; ok {
			return policy
		}
		policy, err := terms.Policy()
		if err != nil {
			return nil // refused when the terms were logged
		}
		known[terms] = policy
		return policy
	}
}
