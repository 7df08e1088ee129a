package corridor

import (
	"slices"
	"strings"

	"corridor.example/corridor/record"
)

// KindDisclosure is the kind of record in which the mission's server says who opened which
// restricted parts of whose records. It is signed with the node key.
var KindDisclosure = kind[Disclosed]("disclosure", ClassOffice)

// A Disclosed is the trace of readings. An answer with restricted data is shown only with the
// proof that its trace is in the log; an export leaves its trace before its first byte.
type Disclosed struct {
	Facts DisclosedFacts `part:"facts"`
}

// DisclosedFacts are the readings of a few seconds, gathered in one record.
type DisclosedFacts struct {
	record.PartHead
	When    Period        `json:"when"`    // from the first of them to the last, by the server's clock
	Reads   []Opening     `json:"reads"`   // parts of single records
	Exports []OpenedRange `json:"exports"` // stretches of the log
}

// An Opening is one part of some records that one reader opened.
type Opening struct {
	Reader  ActorID       `json:"reader"`
	Part    string        `json:"part"` // a part, "header" or "leaf"
	Records []record.Hash `json:"records"`
}

// An OpenedRange is a stretch of the log that was opened to a reader with everything that the
// level may read: as a copy, or by pages whose figures and lists rest on all of it.
type OpenedRange struct {
	Reader ActorID  `json:"reader"`
	As     OpenedAs `json:"as"`
	Level  Level    `json:"level"`
	From   int64    `json:"from"` // first entry
	To     int64    `json:"to"`   // the entry after the last
}

// An OpenedAs is in what form a stretch of the log was opened.
type OpenedAs string

// The forms.
const (
	AsPages OpenedAs = "pages" // shown on pages: sums, lists, reports
	AsLive  OpenedAs = "live"  // handed to a program that follows the log
	AsCopy  OpenedAs = "copy"  // taken away as one file
)

var openedAs = vocabulary(AsPages, AsLive, AsCopy)

// UnmarshalText reads one of the forms.
func (a *OpenedAs) UnmarshalText(t []byte) error { return term(a, t, openedAs) }

func (k Disclosed) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("disclosure.re", "a disclosure names what was read in its facts; it answers nothing")
	}
	if err := k.Facts.When.refuse(KindDisclosure); err != nil {
		return err
	}
	if len(k.Facts.Reads) == 0 && len(k.Facts.Exports) == 0 {
		return Refuse("disclosure.empty", "a disclosure tells of at least one reading")
	}
	for _, r := range k.Facts.Reads {
		if !slices.Contains(partsShown, r.Part) || len(r.Records) == 0 {
			return Refuse("disclosure.part", "%.40q of %d records: a reading is of a part, the header or the leaf of at least one record", r.Part, len(r.Records))
		}
	}
	for _, x := range k.Facts.Exports {
		if x.From < 0 || x.To <= x.From {
			return Refuse("disclosure.range", "a stretch runs from one entry to a later one, not from %d to %d", x.From, x.To)
		}
	}
	return nil
}

func (k Disclosed) finds(a Authority, h Header) []Finding { return a.findNode(h) }

func (k Disclosed) apply(m *Mission, h Header) {
	m.field.ground.disclosures.put(h.Hash, disclosedAt{telling(h, k.Facts.When, Document, nil), k.Facts})
}

// findNode says whether a record that only the server writes is signed with its key.
func (a Authority) findNode(h Header) []Finding {
	if s := a.m.state.keys[h.Key]; s == nil || s.use != NodeKeyUse {
		return []Finding{{FindingNode, "a " + h.Kind + " is signed with the node key that the mandate names"}}
	}
	return nil
}

type disclosedAt struct {
	Telling
	facts DisclosedFacts
}

// A ReadPart is one part of one record that somebody opened.
type ReadPart struct {
	Disclosure record.Hash // the record that says so
	Index      int64
	Reader     ActorID
	Record     record.Hash
	Part       string
	When       Period
}

// A ReadDay is how many strict parts were opened on a day of the mandate's zone. Who opened
// them is not told, so that nobody learns from it who looks after whom.
type ReadDay struct {
	Day string // for example "2016-12-18"
	N   int64
}

// An ExportRead is a stretch of the log that was opened to somebody.
type ExportRead struct {
	Disclosure record.Hash
	Index      int64
	OpenedRange
	When Period
}

// ReadsOf returns what an actor is told of the reading of records that it signed, and of those
// that were recorded as its act: every opening of a part by somebody else, by when and hash.
// Strict parts are not among them: StrictReadsOf counts those.
func (v View) ReadsOf(whose ActorID) (list []ReadPart) {
	v.readsOf(whose, func(r ReadPart, strict bool) {
		if !strict {
			list = append(list, r)
		}
	})
	return list
}

// StrictReadsOf returns how many strict parts of an actor's records somebody else opened, by
// day of the mandate's zone.
func (v View) StrictReadsOf(whose ActorID) (list []ReadDay) {
	days := map[string]int64{}
	v.readsOf(whose, func(r ReadPart, strict bool) {
		if strict {
			days[v.Terms().Zone.Day(r.When[0])]++
		}
	})
	for day, n := range days {
		list = append(list, ReadDay{day, n})
	}
	slices.SortFunc(list, func(a, b ReadDay) int { return strings.Compare(a.Day, b.Day) })
	return list
}

func (v View) readsOf(whose ActorID, each func(r ReadPart, strict bool)) {
	for _, d := range v.disclosures() {
		for _, o := range d.facts.Reads {
			for _, h := range o.Records {
				if o.Reader != whose && v.submitted(h, whose) {
					each(ReadPart{d.Record, d.Index, o.Reader, h, o.Part, d.When}, v.LevelOf(h, o.Part, d.When[1]) == Strict)
				}
			}
		}
	}
}

// Exports returns the stretches of the log that were opened, by when and hash. Each may hold
// what any author submitted, so every party is told of all of them.
func (v View) Exports() (list []ExportRead) {
	for _, d := range v.disclosures() {
		for _, x := range d.facts.Exports {
			list = append(list, ExportRead{d.Record, d.Index, x, d.When})
		}
	}
	return list
}

// Opened reports whether a disclosure of the prefix says that a reader opened a part of a
// record, by name or with the stretch it stands in, and which. An answer with restricted data
// without one convicts the server.
func (v View) Opened(reader ActorID, h record.Hash, part string) (disclosure record.Hash, ok bool) {
	i, known := v.m.Index(h)
	if !known {
		i = -1
	}
	for _, d := range v.disclosures() {
		if level := v.LevelOf(h, part, d.When[1]); d.facts.Tells(reader, level, i, h, part) {
			return d.Record, true
		}
	}
	return record.Hash{}, false
}

// disclosures returns those of the prefix that the server signed.
func (v View) disclosures() []disclosedAt {
	return slices.DeleteFunc(gather(v, &v.m.field.ground.disclosures), func(d disclosedAt) bool { return d.Listed })
}

// submitted reports whether a record is somebody's own: signed by it, or its act as recorded
// by another.
func (v View) submitted(h record.Hash, whose ActorID) bool {
	i, ok := v.m.Index(h)
	if !ok || i >= v.n {
		return false
	}
	if v.m.by(i) == whose {
		return true
	}
	act, _, ok := v.Authority().act(i)
	return ok && act.Of == whose
}
