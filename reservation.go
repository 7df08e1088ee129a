package corridor

import "corridor.example/corridor/record"

// KindReservation is the kind of record in which somebody accepts a text but not all of it;
// its re is that text: a mandate, an agreement, a report.
var KindReservation = kind[Reservation]("reservation", ClassWord)

// A Reservation stands beside a text wherever that is shown, for good. It binds nobody and
// changes nothing; what an actor accedes to is in its accession.
type Reservation struct {
	Facts     ReservationFacts `part:"facts"`
	Narrative *Narrative       `part:"narrative"`
}

// ReservationFacts say whose reservation it is and to what of the text.
type ReservationFacts struct {
	record.PartHead
	Act     Act          `json:"act"`
	Clauses []ClauseID   `json:"clauses"` // the clauses it is about; empty: the text as a whole
	Basis   Basis        `json:"basis"`
	Dated   *record.Time `json:"dated"` // when it was made, if apart from the signing
}

func (k Reservation) refuse(h Header) error {
	return refuseBeside(KindReservation, k.Facts.Act, h)
}

func (k Reservation) apply(m *Mission, h Header) {
	m.beside(*h.Re, Word{h.Hash, h.Index, KindReservation, ActorID(h.By), k.Facts.Act.Of, "", dated(k.Facts.Dated, h)})
	m.field.reserved.put(h.Hash, k.Facts.Clauses)
}

// reserved returns the clauses a reservation is about; none: the text as a whole.
func (v View) reserved(h record.Hash) []ClauseID {
	clauses, _ := v.m.field.reserved.get(h)
	return clauses
}

// dated returns when a word was said: as it is dated, else when it was signed.
func dated(t *record.Time, h Header) record.Time {
	if t != nil {
		return *t
	}
	return h.At
}
