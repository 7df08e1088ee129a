package corridor

import (
	"strings"

	"corridor.example/corridor/record"
)

// KindRefusal is the kind of record in which the mission's server says that it refused a
// record that was lodged with a witness, and by which rule.
var KindRefusal = kind[Refused]("refusal", ClassOffice)

// FindingNode is the finding of a record of the server itself without the server's own key.
const FindingNode = "node.key" // a record of the server itself that is not signed with the mandate's node key

// A Refused accounts for a record that was sent and is not in the log. It is signed with the
// node key. Who lodged the record can replay the rule.
type Refused struct {
	Facts RefusedFacts `part:"facts"`
}

// RefusedFacts name the refused record and the rule it broke.
type RefusedFacts struct {
	record.PartHead
	Record   record.Hash  `json:"record"`
	Rule     string       `json:"rule"`     // stable name, for example "count.partition"
	Received *record.Time `json:"received"` // when the server had it, by its own clock; null if not kept
}

func (k Refused) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("refusal.re", "a refusal names the refused record in its facts, not in re: it is not in the log")
	}
	noun, rule, ok := strings.Cut(k.Facts.Rule, ".")
	if !ok || !record.Name(noun) || !record.Name(rule) {
		return Refuse("refusal.rule", "%.60q is not the name of a rule, such as count.partition", k.Facts.Rule)
	}
	return nil
}

func (k Refused) finds(a Authority, h Header) []Finding { return a.findNode(h) }

func (k Refused) apply(m *Mission, h Header) {
	m.field.ground.refusals.put(h.Hash, RefusedRecord{telling(h, Period{h.At, h.At}, Document, nil), k.Facts})
}

// A RefusedRecord is a refusal as a view shows it.
type RefusedRecord struct {
	Telling
	Facts RefusedFacts
}

// Refusals returns the refusals of the prefix, by when they were signed and hash.
func (v View) Refusals() []RefusedRecord {
	return happened(v, gather(v, &v.m.field.ground.refusals))
}
