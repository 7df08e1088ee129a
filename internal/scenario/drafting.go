package scenario

import (
	"encoding/json"
	"fmt"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A drafting is a report that a script asks for, and where it is told otherwise than the log
// has it: those must be refused.
type drafting struct {
	series  string
	cutOff  record.Time
	zone    string
	without []ref
	saying  string
	value   int64
	on      int64
	onSet   bool
}

// drafted puts a report's facts and figures into its parts and returns the checkpoint its
// header carries in seen: the newest cosigned one, on which it was drafted.
func (p *play) drafted(s *step, parts map[string]map[string]any) (*string, error) {
	d := s.draft
	m := p.target.Mission()
	terms := m.Now().Terms()
	if err := p.freshen(d.cutOff); err != nil {
		return nil, err
	}
	c, err := ledger.ParseCheckpoint(p.newest)
	if err != nil {
		return nil, err
	}
	zone := d.zone
	for _, due := range terms.Schedule {
		if zone == "" && due.Series == d.series {
			zone = due.Zone
		}
	}
	if zone == "" {
		zone = terms.Zone.Name
	}
	size := c.Size
	if d.onSet {
		size = d.on
	}
	f, n, err := m.DraftReport(d.series, size, d.cutOff, zone)
	if err != nil {
		return nil, err
	}
	if err := p.falsify(d, &f, &n); err != nil {
		return nil, err
	}
	for name, v := range map[string]any{"facts": f, "count": n} {
		if parts[name], err = members(v); err != nil {
			return nil, err
		}
	}
	text := string(p.newest)
	return &text, nil
}

// freshen makes the witnesses cosign at the last tick before now, if the cut-off is past and
// they have not cosigned since.
func (p *play) freshen(cutOff record.Time) error {
	at := p.now - p.now%p.every()
	if at > p.ticked {
		return p.cosign(at)
	}
	if p.newest == nil {
		return fmt.Errorf("nothing was cosigned yet; a report is drafted after a tick")
	}
	return nil
}

// falsify makes a report say what the script wants it to say.
func (p *play) falsify(d *drafting, f *corridor.ReportFacts, n *corridor.ReportCount) error {
	for _, r := range d.without {
		h, err := p.find(r)
		if err != nil {
			return err
		}
		found := false
		for i := range f.Sections {
			before := len(f.Sections[i].Records)
			f.Sections[i].Records = slices.DeleteFunc(f.Sections[i].Records, func(x record.Hash) bool { return x == h })
			found = found || len(f.Sections[i].Records) < before
		}
		if !found {
			return fmt.Errorf("the report does not list #%s anyway", r.label)
		}
	}
	if d.saying == "" {
		return nil
	}
	for i := range n.Figures {
		if x := &n.Figures[i]; x.Name == d.saying {
			x.Total.Low, x.Total.High = &d.value, &d.value
			return nil
		}
	}
	return fmt.Errorf("the report has no figure %s", d.saying)
}

// members returns a part's members without its head, which Compose makes.
func members(v any) (map[string]any, error) {
	text, err := record.Encode(v)
	if err != nil {
		return nil, err
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	out := map[string]any{}
	for name, x := range m {
		if name != "id" && name != "part" && name != "nonce" {
			out[name] = raw(x)
		}
	}
	return out, nil
}

// raw is JSON that is written as it stands.
type raw []byte

// MarshalJSON returns the bytes.
func (r raw) MarshalJSON() ([]byte, error) { return r, nil }
