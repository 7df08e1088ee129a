package scenario

import (
	"fmt"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A silence is what a line says of a lapse: its proofs are made of the checkpoints that the
// witnesses cosigned.
type silence struct {
	of    string
	asked record.Time // 0: when the first checkpoint was cosigned that covers what was asked
}

// kept is a checkpoint that was cosigned at a time.
type kept struct {
	at     record.Time
	signed []byte
}

// lapsed puts the facts of a lapse into its parts: the first checkpoint cosigned since it was
// asked, and one cosigned at the last tick before now.
func (p *play) lapsed(s *silence, re *record.Hash, parts map[string]map[string]any) error {
	if re == nil {
		return nil // to be refused
	}
	m := p.target.Mission()
	at, ok := m.Index(*re)
	if !ok {
		return fmt.Errorf("what was asked is not in the log")
	}
	if err := p.freshen(p.now); err != nil {
		return err
	}
	for _, k := range p.kept {
		c, err := ledger.ParseCheckpoint(k.signed)
		if err != nil {
			return err
		}
		if c.Size <= at || k.at < s.asked {
			continue
		}
		f, err := m.DraftLapse("", *re, k.signed, p.newest)
		if err != nil {
			return err
		}
		if parts["facts"], err = members(f); err != nil {
			return err
		}
		parts["facts"]["of"] = s.of
		return nil
	}
	return fmt.Errorf("no checkpoint that covers what was asked was cosigned since")
}
