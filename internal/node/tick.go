package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
)

// witnessWait bounds how long a tick waits for cosignatures. Records never wait for them.
const witnessWait = 10 * time.Second

// Tick makes the newest checkpoint the live one and offers it to the witnesses, whether or not something came since the
// last one, and keeps what they cosign. It returns what could not be had from whom; the
// mission works on regardless, and one witness's silence or nonsense costs no other's word.
func (n *Node) Tick(ctx context.Context) error {
	now := n.now.Load()
	signed, witnesses := now.head, n.witnesses()
	if signed == nil {
		return nil
	}
	if !slices.Equal(now.live, signed) {
		n.replace(func(c *committed) { c.live = signed })
	}
	if len(witnesses) == 0 {
		return nil
	}
	policy, err := n.policy()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, witnessWait)
	defer cancel()
	var with []line
	var silent, wrong, further []string
	for a := range ask(ctx, witnesses, signed, now.prover()) {
		_, lines, err := cosignatures(policy, slices.Concat(signed, a.lines))
		var ahead *Ahead
		switch {
		case errors.As(a.err, &ahead):
			n.hold(ahead)
			further = append(further, ahead.Error())
		case a.err != nil:
			silent = append(silent, a.name)
		case err != nil || len(lines) == 0:
			wrong = append(wrong, a.name)
		default:
			with = append(with, lines...)
		}
	}
	if len(with) > 0 {
		// Kept even if the wait has used up ctx: the witnesses have given their word.
		if err := n.Keep(context.WithoutCancel(ctx), join(signed, with)); err != nil {
			return err
		}
	}
	missing := further
	for what, who := range map[string][]string{"no cosignature from ": silent, "a cosignature that does not hold from ": wrong} {
		if len(who) > 0 {
			slices.Sort(who)
			missing = append(missing, what+strings.Join(who, ", "))
		}
	}
	if slices.Sort(missing); len(missing) > 0 {
		return errors.New(strings.Join(missing, "; "))
	}
	return nil
}

// An asked is what one witness answered.
type asked struct {
	name  string
	lines []byte
	err   error
}

// ask yields the witnesses' answers as they come. One that has not answered when ctx ends is
// not waited for.
func ask(ctx context.Context, witnesses []Witness, signed []byte, prove Prover) func(yield func(asked) bool) {
	answers := make(chan asked, len(witnesses))
	for _, w := range witnesses {
		go func() {
			lines, err := w.Cosign(ctx, signed, prove)
			answers <- asked{w.Name(), lines, err}
		}()
	}
	return func(yield func(asked) bool) {
		waiting := map[string]int{}
		for _, w := range witnesses {
			waiting[w.Name()]++
		}
		for range witnesses {
			var a asked
			select {
			case a = <-answers:
				waiting[a.name]--
			case <-ctx.Done():
				for name, times := range waiting {
					if times > 0 && !yield(asked{name: name, err: ctx.Err()}) {
						return
					}
				}
				return
			}
			if !yield(a) {
				return
			}
		}
	}
}

// policy returns the mandate's witness policy as committed.
func (n *Node) policy() (*ledger.Policy, error) {
	terms := n.now.Load().terms
	if terms == nil {
		return nil, errors.New("a cosigned checkpoint before the mandate")
	}
	policy, err := terms.Policy()
	if err != nil {
		return nil, fmt.Errorf("the mandate's witness policy: %w", err)
	}
	return policy, nil
}

// Keep takes a checkpoint of this log with cosignatures of the mandate's witnesses, all of
// which must hold; other lines are left out. It must be of the history the node has. If what
// is known of its size now carries the quorum, receipts lead to it.
func (n *Node) Keep(ctx context.Context, cosigned []byte) error {
	policy, err := n.policy()
	if err != nil {
		return err
	}
	own, lines, err := cosignatures(policy, cosigned)
	if err != nil {
		return fmt.Errorf("a cosigned checkpoint: %w", err)
	}
	if len(lines) == 0 {
		return errors.New("a cosigned checkpoint: no witness of the mandate has cosigned it")
	}
	c, err := ledger.ParseCheckpoint(own)
	if err != nil {
		return fmt.Errorf("a cosigned checkpoint: %w", err)
	}
	if root, err := n.now.Load().tree.Root(c.Size); err != nil || root != c.Root || c.Size > n.Size() {
		return fmt.Errorf("a cosigned checkpoint of size %d is not of this log's history", c.Size)
	}
	n.keeping.Lock()
	defer n.keeping.Unlock()
	mark, err := n.mark(ctx, policy, c.Size, own, lines)
	if err != nil {
		return fmt.Errorf("the cosigned checkpoint of size %d: %w", c.Size, err)
	}
	last := mark.Last
	if last == nil {
		last = mark.First
	}
	if err := n.heard.note(last); err != nil {
		return err
	}
	if c.Size >= n.now.Load().wordSize {
		n.replace(func(now *committed) { now.word, now.wordSize = last, c.Size })
	}
	s, err := policy.Check(last)
	if err != nil {
		return fmt.Errorf("the cosigned checkpoint of size %d: %w", c.Size, err)
	}
	if policy.Quorum() == "none" || !s.Quorum() || c.Size < n.now.Load().cosignedSize {
		return nil
	}
	if err := n.cfg.Store.Cosign(ctx, c.Size, last); err != nil {
		return fmt.Errorf("the cosigned checkpoint of size %d: %w", c.Size, err)
	}
	n.replace(func(now *committed) { now.cosigned, now.cosignedSize = last, c.Size })
	return nil
}

// mark joins new cosignatures of a size with those that were kept of it, and keeps both.
func (n *Node) mark(ctx context.Context, policy *ledger.Policy, size int64, own []byte, lines []line) (store.Mark, error) {
	old, err := n.cfg.Side.MarkAfter(ctx, size)
	if errors.Is(err, store.ErrAbsent) || err == nil && old.Size != size {
		old, err = store.Mark{}, nil
	}
	if err != nil {
		return old, err
	}
	m := store.Mark{Size: size, First: own, Last: own}
	if m.First, err = merge(policy, own, lines, old.First, earliest); err != nil {
		return old, err
	}
	before := old.Last
	if before == nil {
		before = old.First
	}
	if m.Last, err = merge(policy, own, lines, before, latest); err != nil {
		return old, err
	}
	if slices.Equal(m.First, m.Last) {
		m.Last = nil
	}
	if slices.Equal(m.First, old.First) && slices.Equal(m.Last, old.Last) {
		return m, nil
	}
	return m, n.cfg.Side.PutMark(ctx, m)
}

// Run ticks until ctx ends, as often as the mandate says. It logs a witness that is missing
// once, and once when it is back.
func (n *Node) Run(ctx context.Context) {
	missing := ""
	for {
		wait := 30 * time.Second
		if t := n.now.Load().terms; t != nil {
			wait = time.Duration(t.Tick) * time.Second
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		now := ""
		if err := n.Tick(ctx); err != nil {
			now = err.Error()
		}
		if now != missing && ctx.Err() == nil {
			n.cfg.Log.Warn("witnesses", "state", now)
			missing = now
		}
	}
}
