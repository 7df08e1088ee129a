package verify

import (
	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// readRecord reads what a copy carries of a record. If nothing can be made of it, the record
// is the zero Record. A part that is not the one the header was signed over is a fault and is
// left out. Every fault is a *record.Refusal.
func readRecord(e Entry) (r record.Record, faults []error) {
	if e.Line != nil {
		r, err := record.Parse(e.Line)
		if err != nil {
			return record.Record{}, []error{err}
		}
		return r, nil
	}
	r, err := record.ParseEnvelope(e.Envelope)
	if err != nil {
		return record.Record{}, []error{err}
	}
	for i, b := range e.Parts {
		if i >= len(r.Parts) {
			if b != nil {
				faults = append(faults, corridor.Refuse("record.parts", "the header names %d parts and one more is kept", len(r.Parts)))
			}
			continue
		}
		if b == nil {
			continue
		}
		if err := r.Put(r.Parts[i].Name, b); err != nil {
			faults = append(faults, err)
		}
	}
	return r, faults
}
