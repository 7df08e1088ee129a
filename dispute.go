package corridor

import "corridor.example/corridor/record"

// KindDispute is the kind of record in which anyone says that another record is not so; its
// re is that record.
var KindDispute = kind[Dispute]("dispute", ClassWord)

// KindReply is the kind of record that answers another, verbatim and for good beside it; its
// re is that record.
var KindReply = kind[Reply]("reply", ClassWord)

// A Dispute stands beside what it disputes wherever that is shown. It changes no figure.
type Dispute struct {
	Facts     DisputeFacts `part:"facts"`
	Narrative *Narrative   `part:"narrative"`
}

// DisputeFacts say what is disputed and on whose behalf.
type DisputeFacts struct {
	record.PartHead
	Act   Act          `json:"act"`
	What  DisputeWhat  `json:"what"`
	Basis Basis        `json:"basis"`
	Dated *record.Time `json:"dated"` // when it was said, if apart from the signing
}

// A DisputeWhat is what of a record is disputed.
type DisputeWhat string

var disputeWhats = vocabulary[DisputeWhat]("number", "time", "place", "author-of-act", "that-it-happened", "words", "reading", "link", "standing", "other")

// UnmarshalText reads one of the things that can be disputed.
func (r *DisputeWhat) UnmarshalText(t []byte) error { return term(r, t, disputeWhats) }

// A Reply is printed whole beside what it answers, in every report that lists it.
type Reply struct {
	Facts     ReplyFacts `part:"facts"`
	Narrative *Narrative `part:"narrative"`
}

// ReplyFacts say whose reply it is and when it was received.
type ReplyFacts struct {
	record.PartHead
	Act      Act         `json:"act"`
	Basis    Basis       `json:"basis"`
	Received record.Time `json:"received"` // UTC
}

// A Word is a record that stands beside another: a dispute, reply, reservation or dissent.
type Word struct {
	Record record.Hash
	Index  int64
	Kind   Kind
	By     ActorID // who signed it
	Of     ActorID // whose word it is
	What   DisputeWhat
	When   record.Time
}

func (m *Mission) beside(re record.Hash, w Word) {
	if m.field.words == nil {
		m.field.words = map[record.Hash]*set[Word]{}
	}
	of := m.field.words[re]
	if of == nil {
		of = &set[Word]{}
		m.field.words[re] = of
	}
	of.put(w.Record, w)
}

func refuseBeside(k Kind, act Act, h Header) error {
	if h.Re == nil {
		return Refuse(string(k)+".re", "a %s names the record it stands beside in re", k)
	}
	return act.refuse(h)
}

func (k Dispute) refuse(h Header) error { return refuseBeside(KindDispute, k.Facts.Act, h) }
func (k Reply) refuse(h Header) error   { return refuseBeside(KindReply, k.Facts.Act, h) }

func (k Dispute) apply(m *Mission, h Header) {
	m.beside(*h.Re, Word{h.Hash, h.Index, KindDispute, ActorID(h.By), k.Facts.Act.Of, k.Facts.What, h.At})
}

func (k Reply) apply(m *Mission, h Header) {
	m.beside(*h.Re, Word{h.Hash, h.Index, KindReply, ActorID(h.By), k.Facts.Act.Of, "", k.Facts.Received})
}
