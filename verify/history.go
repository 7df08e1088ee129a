package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A history is what signed checkpoints say of the log, held against its tree.
type history struct {
	c      *check
	done   map[string]bool // texts that were weighed
	best   ledger.Signed   // the largest that agrees and has the quorum
	newest record.Time     // newest cosignature
	covers []cover
	agreed []int64            // sizes at which a quorum's word agrees
	words  map[string]Checked // by the witness's verifier key: the largest that agrees
	other  []other

	weighed *weighed
}

// An other is a checkpoint of another history, or of a longer one.
type other struct {
	head bool // it is the copy's own
	size int64
	word string
}

// weigh holds every checkpoint against the tree. The error is a fault of reading.
func (c *check) weigh(ctx context.Context, src Source) (*history, error) {
	h := &history{c: c, done: map[string]bool{}, weighed: &weighed{carried: &c.reader.seen}}
	if c.verifier() == nil {
		c.log.open.add(Problem{Index: -1, Rule: RuleCheckpoint, Sentence: "there is no key under which the checkpoint could be read: no card, and no mandate that can be used"})
		return h, nil
	}
	h.head()
	if len(c.head.Cosigned) > 0 {
		h.others([][]byte{c.head.Cosigned})
		h.kept()
	}
	var texts [][]byte
	for text, err := range src.Checkpoints(ctx) {
		if damage := (*Damage)(nil); errors.As(err, &damage) {
			c.log.bad.add(Problem{Index: -1, Rule: RuleCosigned, Sentence: damage.What})
			continue
		}
		if err != nil {
			return nil, err
		}
		if texts = append(texts, text); len(texts) == 4*batchItems {
			h.others(texts)
			texts = nil
		}
	}
	h.others(texts)
	h.report()
	h.quorum()
	return h, nil
}

// head checks the checkpoint that the log signed over the whole of this copy.
func (h *history) head() {
	c := h.c
	say := func(rule, format string, args ...any) {
		c.log.bad.add(Problem{Index: -1, Rule: rule, Sentence: fmt.Sprintf(format, args...)})
	}
	if len(c.head.Checkpoint) == 0 {
		say(RuleCheckpoint, "the copy has no checkpoint: the log's word for how far it goes is missing")
		return
	}
	h.done[string(c.head.Checkpoint)] = true
	if k, err := ledger.ParseCheckpoint(c.head.Checkpoint); err == nil && c.ended(k.Origin) != nil {
		say(RuleCheckpoint, "it is of the log %s, which has ended", k.Origin)
		return
	}
	s, err := h.check(c.head.Checkpoint)
	if err != nil {
		say(RuleCheckpoint, "%v", err)
		return
	}
	if n := c.end(); s.Size != n {
		say(RuleCheckpointSize, "the log's checkpoint is of %d entries and the copy has %d", s.Size, n)
	}
	h.hold(true, s)
}

// end is how many entries the copy has, those that are missing or misplaced included.
func (c *check) end() int64 {
	if c.sized {
		return min(c.next, c.head.Size)
	}
	return c.next
}

func (h *history) check(text []byte) (ledger.Signed, error) {
	claim, err := ledger.ParseCheckpoint(text)
	if err != nil {
		return ledger.Signed{}, err
	}
	size := claim.Size
	if l := h.c.ended(claim.Origin); l != nil {
		size = min(size, l.To)
	} else if n := len(h.c.logs); n > 1 && h.c.logs[n-1].Origin == claim.Origin {
		size = max(size, h.c.logs[n-1].From+1)
	}
	p := h.c.policyAt(size)
	if p == nil {
		return ledger.Signed{}, errors.New("checkpoint: there is no witness policy to read it under")
	}
	s, err := h.weighed.check(p, text)
	if now := h.c.policyAt(h.c.size()); now != p && (err != nil || !s.Quorum()) {
		// The policy changed while it was out for cosignatures.
		if again, err := now.Check(text); err == nil && again.Quorum() {
			return again, nil
		}
	}
	return s, err
}

// kept asks whether the cosigned checkpoint that the head of a whole copy keeps is one that
// would have been kept: only those with the quorum are.
func (h *history) kept() {
	c := h.c
	s, err := h.check(c.head.Cosigned)
	if c.ended(s.Origin) != nil {
		return // kept of a log that ended; no policy of this one asks for anything under it
	}
	if p := c.policyAt(c.end()); c.head.Level == "" && err == nil && !s.Quorum() {
		c.log.bad.add(Problem{-1, record.Hash{}, RuleQuorum, fmt.Sprintf("the head's cosigned checkpoint, of %d entries, is %s; one is kept there only with %s", s.Size, s.Word(), p.Rule())})
	}
}

// others checks cosigned checkpoints, several at once, and holds each against the tree.
func (h *history) others(texts [][]byte) {
	texts = slices.DeleteFunc(texts, func(t []byte) bool {
		before := h.done[string(t)]
		h.done[string(t)] = true
		return before
	})
	signed, errs := make([]ledger.Signed, len(texts)), make([]error, len(texts))
	parallel(h.c.reader.workers, len(texts), func(i int) { signed[i], errs[i] = h.check(texts[i]) })
	for i, err := range errs {
		if err != nil {
			h.c.log.bad.add(Problem{Index: -1, Rule: RuleCosigned, Sentence: err.Error()})
			continue
		}
		h.hold(false, signed[i])
	}
}

// hold holds a checkpoint whose signatures were checked against the tree.
func (h *history) hold(head bool, s ledger.Signed) {
	for _, x := range s.Cosigned {
		h.newest = max(h.newest, record.Time(x.Time))
	}
	if h.c.beyond(s.Checkpoint) {
		return
	}
	tree := h.c.merkle()
	if s.Size > tree.Size() {
		if h.c.hole < 0 || s.Size > h.c.end() {
			h.other = append(h.other, other{head, s.Size, s.Word()})
		}
		return // else a hole keeps it from being compared, and is named
	}
	root, err := tree.Root(s.Size)
	if err != nil {
		panic("verify: " + err.Error()) // the size was compared
	}
	if root != s.Root {
		h.other = append(h.other, other{head, s.Size, s.Word()})
		return
	}
	h.heard(s)
	if t, ok := quorumBy(s); ok {
		h.covers = append(h.covers, cover{s.Size, t})
	}
	if s.Quorum() {
		h.agreed = append(h.agreed, s.Size)
		if s.Size >= h.best.Size {
			h.best = s
		}
	}
}

// heard notes whose word agrees with the tree, up to where and when.
func (h *history) heard(s ledger.Signed) {
	p := h.c.policyAt(s.Size)
	names, keys := p.Witnesses(), p.WitnessKeys()
	for _, x := range s.Cosigned {
		i := slices.Index(names, x.Name)
		if i < 0 {
			continue // of the policy that is in force now, under which it was read again
		}
		at := record.Time(x.Time)
		if was := h.words[keys[i]]; was.At == nil || s.Size > was.Size || s.Size == was.Size && at > *was.At {
			if h.words == nil {
				h.words = map[string]Checked{}
			}
			h.words[keys[i]] = Checked{Size: s.Size, At: &at}
		}
	}
}

// checked returns how far each witness of the mandate has checked the log, in its order of sides.
func (h *history) checked() []Checked {
	list := []Checked{}
	var watchers []corridor.Watcher
	if c := h.c; c.mission != nil {
		watchers = c.mission.Now().Terms().Watchers()
	}
	for _, w := range watchers {
		x := h.words[w.Key]
		x.Watcher = w
		list = append(list, x)
	}
	return list
}

// report names the checkpoints that are not of this history.
func (h *history) report() {
	n := h.c.end()
	slices.SortFunc(h.other, func(a, b other) int { return cmp.Compare(a.size, b.size) })
	for _, o := range h.other {
		rule, root := RuleCosignedSize, RuleCosignedRoot
		if o.head {
			rule, root = RuleCheckpointSize, RuleCheckpointRoot
		}
		if o.size > n {
			if !o.head {
				h.c.log.bad.add(Problem{n, record.Hash{}, rule, fmt.Sprintf("a checkpoint of %d entries, %s, and this copy has %d: %s", o.size, o.word, n, removed(n, o.size))})
			}
			continue // head says so of its own
		}
		from := int64(0)
		for _, a := range h.agreed {
			if a < o.size {
				from = max(from, a)
			}
		}
		h.c.log.bad.add(Problem{from, record.Hash{}, root, fmt.Sprintf("a checkpoint of %d entries, %s, is of another history than this copy; the two part in %s", o.size, o.word, span(from, o.size))})
	}
}

func removed(from, to int64) string {
	if to == from+1 {
		return fmt.Sprintf("entry %d was removed", from)
	}
	return fmt.Sprintf("entries %d to %d were removed", from, to-1)
}

func span(from, to int64) string {
	if to <= from+1 {
		return fmt.Sprintf("entry %d", from)
	}
	return fmt.Sprintf("entries %d to %d", from, to-1)
}

// quorum asks whether those whose cosignatures the policy asks for have given them.
func (h *history) quorum() {
	c, n := h.c, h.c.size()
	p := c.policyAt(n)
	if p == nil {
		return
	}
	if p.Quorum() == "none" {
		c.notes = append(c.notes, "Nobody's cosignature is asked for: the order of this log stands on the log's word alone.")
		return
	}
	from := int64(0)
	if len(c.logs) > 0 {
		from = c.logs[len(c.logs)-1].From
	}
	switch {
	case h.best.Size <= from && n > 0 && from > 0:
		c.log.bad.add(Problem{from, record.Hash{}, RuleQuorum, fmt.Sprintf("on the log's word alone: %s. The witness policy asks for %s, and no checkpoint of the log that goes on carries that", span(from, n), p.Rule())})
	case h.best.Size == 0 && n > 0:
		c.log.bad.add(Problem{0, c.first, RuleQuorum, fmt.Sprintf("on the log's word alone: %s. The witness policy asks for %s, and no checkpoint of this history carries that", span(0, n), p.Rule())})
	}
	if c.head.Level == "" && len(c.head.Cosigned) == 0 && h.best.Size > 0 {
		c.log.bad.add(Problem{-1, record.Hash{}, RuleCosigned, "the newest cosigned checkpoint is missing from the head, and older ones are kept"})
	}
}

// tail says of entries beyond the newest checkpoint with the quorum that nobody can know yet
// whether everybody was shown the same: the log's key, with those who cosigned or without them,
// can have given them to one reader alone. Where something does not hold that is enough said.
func (h *history) tail() {
	c, n := h.c, h.c.size()
	p := c.policyAt(n)
	if p == nil || p.Quorum() == "none" || h.best.Size == 0 || h.best.Size >= n || c.log.bad.Total > 0 {
		return
	}
	c.log.open.add(Problem{h.best.Size, record.Hash{}, RuleQuorum, fmt.Sprintf("on the log's word alone until a checkpoint covers them that carries %s: %s of %d", p.Rule(), span(h.best.Size, n), n)})
}

// policyAt returns the witness policy for a checkpoint of a size: the card's, or the one in
// force at that size. It is nil if there is none.
func (c *check) policyAt(size int64) *ledger.Policy {
	if c.o.Card != nil {
		return c.cardPolicyAt(size)
	}
	if c.mission == nil {
		return nil
	}
	t := c.mission.At(min(max(size, 1), c.mission.Size())).Terms()
	c.policiesMu.Lock()
	defer c.policiesMu.Unlock()
	p, ok := c.policies[t]
	if !ok {
		var err error
		if p, err = t.Policy(); err != nil {
			panic("verify: a policy that was read before: " + err.Error())
		}
		c.policies[t] = p
	}
	return p
}

// cardPolicyAt returns the card's policy, with the key of the log that signed a size where that
// has ended.
func (c *check) cardPolicyAt(size int64) *ledger.Policy {
	for _, l := range c.logs {
		if l.To < size {
			continue // or it goes on
		}
		c.policiesMu.Lock()
		defer c.policiesMu.Unlock()
		p, ok := c.carded[l.Key]
		if !ok {
			var err error
			if p, err = (Card{Log: l.Key, Policy: c.o.Card.Policy}).policy(); err != nil {
				p = c.cardPolicy // the key has another place in it
			}
			if c.carded == nil {
				c.carded = map[string]*ledger.Policy{}
			}
			c.carded[l.Key] = p
		}
		return p
	}
	return c.cardPolicy
}

// known holds the log against the newest checkpoint that was accepted of it before.
func (c *check) known() error {
	if !c.remembers() {
		return nil
	}
	text, err := c.o.Known.Newest(c.first)
	if err != nil || text == nil {
		return err
	}
	k, err := ledger.ParseCheckpoint(text)
	if err != nil {
		return fmt.Errorf("the remembered checkpoint: %w", err)
	}
	if vs := c.verifiers(); len(vs) > 0 && named(vs, k.Origin) == nil {
		c.log.bad.add(Problem{0, c.first, RuleKnownRoot, fmt.Sprintf("another log of this mission, %s, was accepted here before: one of the two goes on without the other", k.Origin)})
		return nil
	}
	if c.beyond(k) {
		return nil
	}
	if n := c.end(); k.Size > n {
		c.log.bad.add(Problem{n, record.Hash{}, RuleKnownSize, fmt.Sprintf("%d entries of this mission were accepted here before and this copy has %d: it is an older copy, or %s", k.Size, n, removed(n, k.Size))})
		return nil
	}
	root, err := c.merkle().Root(min(k.Size, c.size()))
	if err == nil && k.Size <= c.size() && root != k.Root {
		c.log.bad.add(Problem{0, c.first, RuleKnownRoot, fmt.Sprintf("another history of this mission was accepted here before; the two part in %s", span(0, k.Size))})
	}
	return nil
}

func (c *check) remembers() bool {
	return c.o.Known != nil && c.mission != nil && (!c.mission.Exercise() || c.o.KnownGiven)
}

// remember keeps the checkpoint of a log that holds.
func (c *check) remember() error {
	if !c.remembers() || c.log.bad.Total > 0 {
		return nil
	}
	return c.o.Known.Remember(c.first, c.head.Checkpoint)
}

func (c *check) origin() string {
	if v := c.verifier(); v != nil {
		return v.Name()
	}
	return c.head.Origin
}
