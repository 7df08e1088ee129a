package scenario

import (
	"errors"
	"fmt"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// sign makes the record of a step and sends it on its way.
func (p *play) sign(s *step) error {
	r, undo, err := p.compose(s)
	if err != nil {
		return p.answer(s, err)
	}
	if s.label != "" {
		p.names[s.label] = r
		p.named(s.label, r.Hash)
	}
	q := queued{p.now, r, s}
	switch gone := p.away[s.by]; {
	case s.unsent:
		if s.label == "" {
			return errors.New("a record that is not sent needs a label to be sent by later")
		}
		p.unsent[s.label] = &q
		return nil
	case s.arrives != 0:
		if s.arrives < p.now {
			return errors.New("it arrives before it was signed")
		}
		q.due = s.arrives
		p.queue = append(p.queue, q)
		return nil
	case gone != nil && gone.until > p.now:
		q.due = gone.until
		p.queue = append(p.queue, q)
		return nil
	}
	if s.refused != "" {
		defer undo() // its author writes another record with this number
	}
	return p.arrive(q)
}

// compose signs what a step says, as the next record of its key. undo gives the number back.
func (p *play) compose(s *step) (r record.Record, undo func(), err error) {
	m := p.target.Mission()
	id := p.random()
	name := s.signs
	if name == "" {
		if name = p.keyOf[s.by]; name == "" {
			name = s.by
		}
	}
	c := p.chain(name)
	founder := m.Founder()
	h := record.Header{Mission: &founder, Kind: string(s.kind), ID: id, By: s.by, At: p.now}
	if s.re != nil {
		of, err := p.find(*s.re)
		if err != nil {
			return r, nil, err
		}
		h.Re = &of
	}
	d := corridor.Draft{Kind: s.kind, By: corridor.ActorID(s.by), Re: h.Re}
	if seen := p.seen(s.by); seen != nil {
		text := string(seen)
		h.Seen = &text
	}
	if d.Parts, err = p.parts(s); err != nil {
		return r, nil, err
	}
	if s.draft != nil {
		seen, err := p.drafted(s, d.Parts)
		if err != nil {
			return r, nil, err
		}
		h.Seen = seen
	}
	if s.silent != nil {
		if err := p.lapsed(s.silent, h.Re, d.Parts); err != nil {
			return r, nil, err
		}
	}
	parts, err := corridor.Compose(d, id, p.random)
	if err != nil {
		return r, nil, err
	}
	before := *c
	h.Seq, h.Prev = c.seq+1, c.prev
	if s.twin != nil {
		twin, ok := p.names[s.twin.label]
		if !ok {
			return r, nil, fmt.Errorf("#%s was not signed yet", s.twin.label)
		}
		h.Seq, h.Prev = twin.Header.Seq, twin.Header.Prev
	}
	h.Nonce = p.random()
	if r, err = record.Sign(c.key, true, h, parts); err != nil {
		return r, nil, err
	}
	if s.twin == nil {
		c.seq, c.prev = h.Seq, &r.Hash
	}
	if k, ok := s.parts["facts"]["key"].(newKey); ok && s.kind == corridor.KindNomination {
		if o, ok := s.parts["facts"]["observer"].(string); ok {
			p.keyOf[o] = k.name
		}
	} else if ok && s.kind == corridor.KindKey && s.refused == "" && k.use == "working" {
		p.keyOf[s.by] = k.name
	}
	return r, func() { *c = before }, nil
}

// seen returns the newest cosigned checkpoint an author knows.
func (p *play) seen(by string) []byte {
	if gone := p.away[by]; gone != nil && gone.until > p.now {
		return gone.seen
	}
	return p.newest
}

// arrive offers a record to the target and compares the answer with what the script expects.
func (p *play) arrive(q queued) error {
	r := q.rec
	if _, ok := p.target.(Sealer); ok && len(q.step.sealed) > 0 {
		r.Parts = slices.Clone(r.Parts)
		for i := range r.Parts {
			if slices.Contains(q.step.sealed, r.Parts[i].Name) {
				r.Parts[i].Bytes = nil
			}
		}
	}
	err := p.target.Submit(r)
	if err == nil {
		p.dirty = true
	}
	return p.answer(q.step, err)
}

// answer compares what became of a step with what the script expects.
func (p *play) answer(s *step, err error) error {
	var no *corridor.Refusal
	var later *corridor.Later
	switch {
	case errors.As(err, &no):
		if s.refused == no.Rule {
			return nil
		}
		if s.refused != "" {
			return fmt.Errorf("it was refused by %w, and the script expects %s", err, s.refused)
		}
	case errors.As(err, &later):
		if s.later == later.Rule && !p.putOff[s] {
			return p.keep(s)
		}
	case err == nil && s.refused != "":
		return fmt.Errorf("it was logged, and the script expects the refusal %s", s.refused)
	case err == nil && s.later != "" && !p.putOff[s]:
		return fmt.Errorf("it was logged, and the script expects the answer later, %s", s.later)
	}
	return err
}

// keep puts a record that was answered "later" among those its author sends again.
func (p *play) keep(s *step) error {
	if s.label == "" {
		return errors.New("a record that is put off needs a label to be sent by again")
	}
	p.putOff[s] = true
	p.unsent[s.label] = &queued{p.now, p.names[s.label], s}
	return nil
}

// parts returns the parts of a step with labels, keys and fingerprints filled in.
func (p *play) parts(s *step) (map[string]map[string]any, error) {
	out := map[string]map[string]any{}
	for name, m := range s.parts {
		v, err := p.resolve(m)
		if err != nil {
			return nil, err
		}
		out[name] = v.(map[string]any)
	}
	return out, nil
}

func (p *play) resolve(v any) (any, error) {
	switch v := v.(type) {
	case ref:
		h, err := p.find(v)
		return h.String(), err
	case print:
		return fingerprint(keyNamed(p.seed, v.key)).String(), nil
	case number:
		r, ok := p.names[v.of.label]
		if !ok {
			return nil, fmt.Errorf("#%s was not signed yet", v.of.label)
		}
		return r.Header.Seq, nil
	case newKey:
		m := p.target.Mission()
		founder := m.Founder()
		return proven(ActorKey(p.seed, v.name), corridor.KeyUse(v.use), m.Now().Terms().Origin, &founder), nil
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			y, err := p.resolve(x)
			if err != nil {
				return nil, err
			}
			list[i] = y
		}
		return list, nil
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, x := range v {
			y, err := p.resolve(x)
			if err != nil {
				return nil, err
			}
			m[k] = y
		}
		return m, nil
	}
	return v, nil
}

func (p *play) find(r ref) (record.Hash, error) {
	if x, ok := p.names[r.label]; ok {
		return x.Hash, nil
	}
	return record.Hash{}, fmt.Errorf("#%s was not signed yet", r.label)
}

func (p *play) tickNow(s *step) error { return p.cosign(p.now) }

func (p *play) send(s *step) error {
	q := p.unsent[s.re.label]
	if q == nil {
		return fmt.Errorf("#%s is not waiting to be sent", s.re.label)
	}
	delete(p.unsent, s.re.label)
	q.due = p.now
	return p.arrive(*q)
}

func (p *play) offline(s *step) error {
	p.away[s.by] = &absence{s.arrives, p.newest}
	return nil
}

func (p *play) open(s *step) error {
	sealer, ok := p.target.(Sealer)
	if !ok {
		return nil // the target has had the whole record from the start
	}
	r, ok := p.names[s.re.label]
	if !ok {
		return fmt.Errorf("#%s was not signed yet", s.re.label)
	}
	for _, part := range s.sealed {
		if r.Part(part) == nil {
			return fmt.Errorf("#%s has no part %s", s.re.label, part)
		}
		if err := sealer.Open(r.Hash, part, r.Part(part)); err != nil {
			return err
		}
	}
	return nil
}
