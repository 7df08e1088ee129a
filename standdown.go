package corridor

import "corridor.example/corridor/record"

// KindStanddown is the kind of record that closes a key's chain at the end of a turn of duty.
var KindStanddown = kind[Standdown]("standdown", ClassAuthority)

// A Standdown names the last record of a key. What the key signs after it is logged with a
// finding; what is missing before it is a hole that everybody can see.
type Standdown struct {
	Facts     StanddownFacts `part:"facts"`
	Narrative *Narrative     `part:"narrative"`
}

// StanddownFacts name the key and its last record.
type StanddownFacts struct {
	record.PartHead
	Observer ActorID      `json:"observer"`
	Key      record.Hash  `json:"key"`  // fingerprint
	Seq      int64        `json:"seq"`  // number of its last record; 0 if it signed none
	Last     *record.Hash `json:"last"` // record hash of that record, null if none
}

func (k Standdown) refuse(a Authority, h Header) error {
	if k.Facts.Seq < 0 || (k.Facts.Seq == 0) != (k.Facts.Last == nil) {
		return Refuse("standdown.last", "a stand-down names the last record of the key and its number, or 0 and none")
	}
	return nil
}

func (k Standdown) finds(a Authority, h Header) []Finding {
	if s := a.m.state.keys[k.Facts.Key]; s == nil || s.owner != k.Facts.Observer {
		return []Finding{{FindingAbsent, "the key is not one of " + string(k.Facts.Observer)}}
	}
	return nil
}

func (k Standdown) apply(m *Mission, h Header) {
	if m.state.standdowns == nil {
		m.state.standdowns = map[record.Hash]standdownAt{}
	}
	m.state.standdowns[k.Facts.Key] = standdownAt{h.Index, k.Facts.Seq}
}
