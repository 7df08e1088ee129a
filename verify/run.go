package verify

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// Options say what a check starts from. The zero value takes the copy's own word.
type Options struct {
	Card  *Card // what the reader was handed; nil: none
	Known Known // what was accepted before; nil: nothing is remembered

	// KnownGiven says that the reader named Known, and that it is not a default. Exercise
	// missions are remembered only then.
	KnownGiven bool

	// Now is the time at which latest releases are weighed; 0 takes the newest cosignature.
	Now record.Time

	Progress func(done, total int64) // called now and then from one goroutine; nil: not called
	Workers  int                     // signatures checked at once; 0: one for each processor
}

// Run checks a copy of a log. It reads the copy once and keeps no part of it but what the fold
// keeps. What does not hold stands in the Result; the error is a fault of reading, of Known, or
// a card that cannot be used, and there is then no verdict.
func Run(ctx context.Context, src Source, o Options) (Result, error) {
	c := &check{o: o, hole: -1, policies: map[*corridor.Terms]*ledger.Policy{}}
	if o.Workers < 1 {
		c.o.Workers = runtime.GOMAXPROCS(0)
	}
	c.reader = &reader{src: src, workers: c.o.Workers}
	if o.Card != nil {
		var err error
		if c.cardPolicy, err = o.Card.policy(); err != nil {
			return Result{}, fmt.Errorf("mission card: %w", err)
		}
	}
	if err := c.readHead(ctx, src); err != nil {
		return Result{}, err
	}
	if err := c.reader.batches(ctx, c.foldBatch); err != nil {
		return Result{}, fmt.Errorf("reading the copy: %w", err)
	}
	c.ends()
	h, err := c.weigh(ctx, src)
	if err != nil {
		return Result{}, fmt.Errorf("reading the checkpoints: %w", err)
	}
	if err := c.known(); err != nil {
		return Result{}, err
	}
	h.tail()
	r := c.result(h)
	if err := c.remember(); err != nil {
		return Result{}, err
	}
	return r, nil
}

func (c *check) readHead(ctx context.Context, src Source) error {
	head, err := src.Head(ctx)
	c.head, c.sized = head, err == nil
	if damage := (*Damage)(nil); errors.As(err, &damage) {
		c.log.bad.add(Problem{Index: damage.Index, Rule: RuleHead, Sentence: damage.What})
		c.sized = head.Size > 0
	} else if err != nil {
		return fmt.Errorf("reading the head: %w", err)
	}
	return nil
}

func (c *check) foldBatch(b *batch) {
	for i := range b.items {
		c.fold(&b.items[i])
		b.items[i] = item{} // let go of its bytes
	}
	if c.o.Progress != nil {
		c.o.Progress(c.next, c.head.Size)
	}
}

// ends says what is missing when the last entry was read.
func (c *check) ends() {
	if c.sized && c.next < c.head.Size {
		c.log.bad.add(Problem{Index: c.next, Rule: RuleEntryMissing, Sentence: missing(c.next, c.head.Size)})
		c.gap(c.next)
	}
	if c.next == 0 {
		c.none = "there is no entry that can be read"
		c.authority.open.add(Problem{Index: -1, Rule: RuleMandate, Sentence: c.none})
		c.logKey("")
	}
	c.unsaved()
	if c.hole >= 0 {
		p := Problem{Index: c.hole, Rule: RuleEntryMissing, Sentence: "what comes after it cannot be replayed, because its place in the log is lost"}
		for _, t := range []*tally{&c.authority, &c.reports, &c.figures} {
			t.open.add(p)
		}
	}
	if c.partedMore > 0 {
		c.notes = append(c.notes, fmt.Sprintf("%s beside those named had seen another history of this log when signed.", count(c.partedMore, "record")))
	}
	if c.mission == nil {
		p := Problem{Index: -1, Rule: RuleMandate, Sentence: c.none}
		c.reports.open.add(p)
		c.figures.open.add(p)
		return
	}
	c.claims()
}

// claims holds what the copy calls itself against its mandate.
func (c *check) claims() {
	c.otherCard()
	t := c.mission.Now().Terms()
	if c.head.Origin != "" && (c.head.Origin != t.Origin || c.head.Exercise != c.mission.Exercise()) {
		c.log.bad.add(Problem{Index: -1, Rule: RuleHeadClaim, Sentence: fmt.Sprintf("the copy calls itself %q, and its mandate is of the log %q", c.head.Origin, t.Origin)})
	}
	if c.o.Card != nil && c.o.Card.Policy != t.Witnesses {
		c.notes = append(c.notes, "The mandate in force names another witness policy than the card. The card's was used; ask for a new card.")
	}
	if c.head.Card == nil {
		return
	}
	card, err := ParseCard(c.head.Card)
	if err == nil && (card.Mission != c.mission.Founder() || card.Exercise != c.mission.Exercise() || card.Log != t.LogKey) {
		err = errors.New("mission card: it is of another mission or log")
	}
	if err != nil {
		c.log.bad.add(Problem{Index: -1, Rule: RuleHeadClaim, Sentence: "the card inside the copy: " + err.Error()})
	}
}
