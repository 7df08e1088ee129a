package corridor

import (
	"fmt"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// KindLapse is the kind of record which shows that somebody who was asked gave no answer
// within the mandate's window; its re is what the answer was owed to: a nomination, or a
// record that a party may reply to.
var KindLapse = kind[Lapse]("lapse", ClassAuthority)

// A Lapse proves a silence with two cosigned checkpoints: what was asked is in the log of the
// first, no answer is in the log of the second, and the window lies between their
// cosignatures. It counts as acceptance of an observer only where the mandate says that
// silence accepts, and only if the silent voter's own witness signed the first checkpoint, or
// those of the guarantors whom the mandate names for it. Nobody can be made to have consented
// to what never reached its side.
type Lapse struct {
	Facts     LapseFacts `part:"facts"`
	Narrative *Narrative `part:"narrative"`
}

// LapseFacts say who was silent, and carry the proof.
type LapseFacts struct {
	record.PartHead
	Of          ActorID       `json:"of"`          // who was asked and gave no answer
	Index       int64         `json:"index"`       // place in the log of what was asked
	From        string        `json:"from"`        // cosigned checkpoint of a log that holds it
	Inclusion   []record.Hash `json:"inclusion"`   // proof that it does (RFC 6962, 2.1.1)
	To          string        `json:"to"`          // cosigned checkpoint of the log that holds no answer
	Consistency []record.Hash `json:"consistency"` // proof that it continues the first (RFC 6962, 2.1.2)
}

// Shown says on whose word it is shown that somebody was asked.
type Shown string

// Whose cosignature shows it: the silent one's own witness, those of enough guarantors, or
// only the rest of the quorum, which never counts as the silent one's acceptance.
const (
	ShownOwn        Shown = "own"
	ShownGuarantors Shown = "guarantors"
	ShownOthers     Shown = "others"
)

// A lapsed is what the checkpoints of a lapse come to.
type lapsed struct {
	index   int64
	hash    record.Hash
	by, of  ActorID
	matter  record.Hash
	asked   record.Time // when it was shown to have been asked
	until   record.Time // up to when there was no answer
	window  int64       // minutes, as the terms had it when it was asked
	size    int64       // of the log without an answer
	shown   Shown
	accepts bool
	terms   *Terms // as they stood when it was asked
}

func (k Lapse) refuse(a Authority, h Header) error {
	if h.Re == nil {
		return Refuse("lapse.re", "a lapse names in re what the answer was owed to")
	}
	_, _, err := k.open(a, h)
	return err
}

// open checks the checkpoints and the proofs between them. Both must be of this log's own
// history, cosigned under the terms of their time.
func (k Lapse) open(a Authority, h Header) (from, to ledger.Signed, err error) {
	f := k.Facts
	if i, ok := a.m.Index(*h.Re); !ok || i >= a.n || i != f.Index {
		return from, to, Refuse("lapse.matter", "entry %d of the log before it is not the record that it names in re", f.Index)
	}
	if from, err = a.checkpoint(f.From); err != nil {
		return from, to, err
	}
	if to, err = a.checkpoint(f.To); err != nil {
		return from, to, err
	}
	leaf := ledger.LeafHash(a.m.leafOf(a.m.entry(f.Index)))
	if err := ledger.CheckInclusion(proof(f.Inclusion), from.Size, from.Root, f.Index, leaf); err != nil {
		return from, to, Refuse("lapse.inclusion", "its first checkpoint is not shown to cover what was asked: %v", err)
	}
	if err := ledger.CheckConsistency(proof(f.Consistency), to.Size, to.Root, from.Size, from.Root); err != nil {
		return from, to, Refuse("lapse.consistency", "its second checkpoint is not shown to continue the first: %v", err)
	}
	return from, to, nil
}

// checkpoint reads a cosigned checkpoint of this log, of a size that the log had before a.
func (a Authority) checkpoint(signed string) (s ledger.Signed, err error) {
	c, err := ledger.ParseCheckpoint([]byte(signed))
	if err != nil {
		return s, Refuse("lapse.checkpoint", "a checkpoint of it cannot be read: %v", err)
	}
	if c.Size < 1 || c.Size > a.n {
		return s, Refuse("lapse.history", "a checkpoint of it is of %d entries, and the log had %d before it", c.Size, a.n)
	}
	p, err := Authority{a.m, c.Size}.Terms().Policy()
	if err == nil {
		s, err = p.Check([]byte(signed))
	}
	if err != nil {
		return s, Refuse("lapse.checkpoint", "a checkpoint of it does not hold: %v", err)
	}
	if root, err := a.m.tree.Root(c.Size); err != nil || root != c.Root {
		return s, Refuse("lapse.history", "its checkpoint of %d entries is of another history than this log's", c.Size)
	}
	return s, nil
}

func proof(list []record.Hash) []ledger.Hash {
	all := make([]ledger.Hash, len(list))
	for i, h := range list {
		all[i] = ledger.Hash(h)
	}
	return all
}

// read works out what a lapse's checkpoints come to, and what authority has against it. It is
// called for lapses that refuse let pass.
func (k Lapse) read(a Authority, h Header) (x lapsed, found []Finding) {
	from, to, err := k.open(a, h)
	if err != nil {
		panic("corridor: a lapse that was let pass: " + err.Error())
	}
	x = lapsed{index: h.Index, hash: h.Hash, by: ActorID(h.By), of: k.Facts.Of, matter: *h.Re, size: to.Size, terms: Authority{a.m, from.Size}.Terms()}
	add := func(rule, format string, args ...any) {
		found = append(found, Finding{rule, fmt.Sprintf(format, args...)})
	}
	if _, ok := x.terms.Actor(x.of); !ok {
		add(FindingAbsent, "%s is no actor of the mandate", x.of)
	}
	ok := false
	if x.asked, x.shown, ok = x.terms.asked(from, x.of); !ok {
		x.asked, ok = quorumTime(from)
		x.shown = ShownOthers
	}
	x.window = x.terms.Reply
	if a.m.entry(k.Facts.Index).is(KindNomination) {
		x.window = x.terms.Consent.Window
		found = append(found, a.findSilent(x)...)
		x.accepts = x.shown != ShownOthers && x.terms.Consent.Silence == "accepts" && a.Terms().Consent.Silence == "accepts" && !a.Vacant(x.of)
	}
	x.until = x.asked + record.Time(x.window*60)
	switch {
	case x.window < 1:
		add(FindingWindow, "the mandate sets no window for this answer")
	case !ok:
		add(FindingWindow, "no cosignature says when it was asked")
	case !to.QuorumAt(int64(x.until)):
		add(FindingWindow, "the window of %d minutes ended at %s, and the second checkpoint was not cosigned by the quorum after it", x.window, x.until)
	}
	x.accepts = x.accepts && len(found) == 0
	return x, found
}

// quorumTime returns when enough witnesses had cosigned a checkpoint for the policy's quorum.
func quorumTime(s ledger.Signed) (at record.Time, ok bool) {
	for _, c := range s.Cosigned {
		if s.QuorumBy(c.Time) && (!ok || record.Time(c.Time) < at) {
			at, ok = record.Time(c.Time), true
		}
	}
	return at, ok
}

// findSilent says what stands against a silence on a nomination: an answer that is in the log
// before the lapse, however late it came, is an answer.
func (a Authority) findSilent(x lapsed) (found []Finding) {
	n, y, ok := a.nomination(&x.matter)
	if !ok {
		return []Finding{{FindingAbsent, "it answers no nomination that stands before it"}}
	}
	if !a.asks(x.of) {
		found = append(found, Finding{FindingVoter, string(x.of) + " is not one of those whose consent the mandate asks for"})
	}
	for _, v := range n.votes {
		if v.index < a.n && v.nomination == y.hash && v.of == x.of && v.kind != KindLapse {
			return append(found, Finding{FindingAnswered, fmt.Sprintf("%s answered in entry %d", x.of, v.index)})
		}
	}
	return found
}

func (k Lapse) finds(a Authority, h Header) []Finding {
	_, found := k.read(a, h)
	return found
}

func (k Lapse) apply(m *Mission, h Header) {
	a := Authority{m, h.Index}
	x, _ := k.read(a, h)
	m.state.lapses = append(m.state.lapses, x)
	if !x.accepts {
		return
	}
	if n, y, ok := a.nomination(h.Re); ok {
		n.votes = append(n.votes, voteAt{h.Index, h.Hash, x.by, x.of, y.hash, true, KindLapse})
	}
}

// DraftLapse returns the facts of a lapse on a record of the log: from is a cosigned checkpoint
// that covers it, to a later one. The error says which of them cannot be used; whether the
// window has passed is found when the lapse is logged.
func (m *Mission) DraftLapse(of ActorID, matter record.Hash, from, to []byte) (f LapseFacts, err error) {
	i, ok := m.Index(matter)
	if !ok {
		return f, Refuse("lapse.matter", "the record %s is not in the log", matter.Short())
	}
	old, err := ledger.ParseCheckpoint(from)
	if err != nil {
		return f, Refuse("lapse.checkpoint", "the first checkpoint cannot be read: %v", err)
	}
	later, err := ledger.ParseCheckpoint(to)
	if err != nil {
		return f, Refuse("lapse.checkpoint", "the second checkpoint cannot be read: %v", err)
	}
	if later.Size > m.Size() || old.Size > later.Size || i >= old.Size {
		return f, Refuse("lapse.history", "the checkpoints are of %d and %d entries, the record is entry %d and the log has %d", old.Size, later.Size, i, m.Size())
	}
	inclusion, err := m.tree.Inclusion(i, old.Size)
	if err != nil {
		return f, Refuse("lapse.inclusion", "%v", err)
	}
	consistency, err := m.tree.Consistency(old.Size, later.Size)
	if err != nil {
		return f, Refuse("lapse.consistency", "%v", err)
	}
	f = LapseFacts{Of: of, Index: i, From: string(from), To: string(to), Inclusion: []record.Hash{}, Consistency: []record.Hash{}}
	for _, h := range inclusion {
		f.Inclusion = append(f.Inclusion, record.Hash(h))
	}
	for _, h := range consistency {
		f.Consistency = append(f.Consistency, record.Hash(h))
	}
	return f, nil
}

// A Lapsed is a lapse as a view shows it.
type Lapsed struct {
	Record   record.Hash
	Index    int64
	By       ActorID
	Of       ActorID     // who gave no answer
	Matter   record.Hash // what the answer was owed to
	Asked    record.Time // when the cosignatures show that it had been asked
	Until    record.Time // when the window ended
	Window   int64       // minutes
	Shown    Shown       // on whose word it was asked
	Accepts  bool        // it counts as that voter's consent, until the voter speaks
	Released bool        // the facts were open to the parties by then; a window for a reply runs from that
	Answers  []Word      // replies of the silent one that were in the log before the lapse: it does not stand
	Findings []Finding
}

// Stands reports whether the silence is shown: nothing was found against the lapse, what was
// asked could be read, and no answer was in the log.
func (l Lapsed) Stands() bool { return len(l.Findings) == 0 && l.Released && len(l.Answers) == 0 }

// Lapses returns the lapses of the prefix in the order of the log. Those with findings have
// whom and what they speak of, and nothing else.
func (v View) Lapses() []Lapsed {
	var all []Lapsed
	read := map[record.Hash]lapsed{}
	for _, x := range v.m.state.lapses {
		read[x.hash] = x
	}
	for _, act := range v.m.acts {
		h := act.h
		if h.Index >= v.n {
			break
		}
		k, ok := act.body.(*Lapse)
		if !ok {
			continue
		}
		l := Lapsed{Record: h.Hash, Index: h.Index, By: ActorID(h.By), Of: k.Facts.Of, Matter: *h.Re, Findings: v.Findings(h.Index)}
		if x, ok := read[h.Hash]; ok {
			l.Asked, l.Until, l.Window, l.Shown, l.Accepts = x.asked, x.until, x.window, x.shown, x.accepts
			l.Released = v.MayRead(Parties, l.Matter, "facts", l.Asked)
		}
		for _, w := range v.Beside(l.Matter, KindReply) {
			if w.Index < h.Index && w.Of == l.Of {
				l.Answers = append(l.Answers, w)
			}
		}
		all = append(all, l)
	}
	return all
}
