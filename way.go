package corridor

import "corridor.example/corridor/record"

// A Way is how an act came onto the log.
type Way string

// The ways of one act. Signed is the actor's own key; recorded is on the word of who entered
// it, and the last three say what became of that word since. By silence nobody acted: a lapse
// shows that no answer came and the mandate takes that for consent.
const (
	BySignature     Way = "signed"
	ByRecord        Way = "recorded"
	ByCountersigned Way = "countersigned" // a second office answers for it too
	ByRatified      Way = "ratified"      // the actor itself says that it was so
	ByRepudiated    Way = "repudiated"    // the actor itself says that it was not
	BySilence       Way = "silence"
)

// way returns how an act came onto the log, as far as the prefix tells: what its own actor
// said last of it, else whether a second office answers for it.
func (v View) way(h record.Hash, by ActorID, act Act) Way {
	if act.Of == by {
		return BySignature
	}
	way := ByRecord
	for _, s := range v.Standings(h) {
		switch {
		case s.As == Ratified && s.By == act.Of:
			way = ByRatified
		case s.As == Repudiated && s.By == act.Of:
			way = ByRepudiated
		case s.As == Countersigned && way == ByRecord && v.Authority().seconds(s.By, by, act.Of):
			way = ByCountersigned
		}
	}
	return way
}
