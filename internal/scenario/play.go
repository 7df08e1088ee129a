package scenario

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// Play plays a script on a target, with every key, id and nonce derived from the seed. It
// stops at the first step that does not go as the script says, and at the first assertion that
// does not hold; the error names the file and line.
func Play(s *Script, seed string, t Target) error {
	p := &play{
		script: s, seed: seed, target: t, names: map[string]record.Record{}, chains: map[string]*chain{},
		keyOf: map[string]string{}, away: map[string]*absence{}, now: s.founded.at,
		unsent: map[string]*queued{}, putOff: map[*step]bool{},
	}
	if err := p.found(); err != nil {
		return &located{s.file, 1, fmt.Errorf("founding %s: %w", s.Name, err)}
	}
	for _, st := range s.steps {
		if err := p.until(st.at); err != nil {
			return &located{st.file, st.line, err}
		}
		if err := st.do(p, st); err != nil {
			var l *located
			if errors.As(err, &l) {
				return err
			}
			return &located{st.file, st.line, err}
		}
	}
	if err := p.finish(); err != nil {
		return fmt.Errorf("%s, at the end: %w", s.file, err)
	}
	return nil
}

// A play is a script being played.
type play struct {
	script *Script
	seed   string
	target Target
	n      int // ids and nonces drawn so far
	now    record.Time
	names  map[string]record.Record // by label
	chains map[string]*chain        // by name of the key
	keyOf  map[string]string        // by author: the key signed with unless a line says otherwise
	away   map[string]*absence      // by author
	dirty  bool                     // something was logged since the last checkpoint
	newest []byte                   // newest cosigned checkpoint
	ticked record.Time              // its cosignatures' time
	kept   []kept                   // every cosigned checkpoint
	queue  []queued                 // signed and not yet arrived
	unsent map[string]*queued       // signed, and waiting to be sent
	putOff map[*step]bool           // answered "later" once
}

// A chain is what one key has signed so far.
type chain struct {
	key  ed25519.PrivateKey
	seq  int64
	prev *record.Hash
}

// An absence is an author without network: what it signs arrives later, and it knows no
// checkpoint newer than the one it left with.
type absence struct {
	until record.Time
	seen  []byte
}

// A queued record has been signed and arrives at a time.
type queued struct {
	due  record.Time
	rec  record.Record
	step *step
}

// random returns the next 128 bits of the seed.
func (p *play) random() record.ID {
	p.n++
	h := derive(p.seed, "random", p.script.Name+" "+fmt.Sprint(p.n))
	return record.ID(h[:16])
}

func (p *play) chain(key string) *chain {
	c := p.chains[key]
	if c == nil {
		c = &chain{key: keyNamed(p.seed, key)}
		p.chains[key] = c
	}
	return c
}

// found signs the mandate and offers it.
func (p *play) found() error {
	d, id, err := p.script.founded.draft(p.seed, p.script.Name)
	if err != nil {
		return err
	}
	parts, err := corridor.Compose(d, id, p.random)
	if err != nil {
		return err
	}
	c := p.chain(keyName(string(d.By), "working"))
	c.seq = 1
	r, err := record.Sign(c.key, true, record.Header{Kind: string(d.Kind), ID: id, By: string(d.By), Seq: 1, At: p.now, Nonce: p.random()}, parts)
	if err != nil {
		return err
	}
	if err := p.target.Submit(r); err != nil {
		return err
	}
	c.prev = &r.Hash
	p.names["mandate"] = r
	p.named("mandate", r.Hash)
	p.dirty = true
	return nil
}

func (p *play) named(label string, h record.Hash) {
	if n, ok := p.target.(Namer); ok {
		n.Named(label, h)
	}
}

// until lets the clock run: records arrive that were on their way, and the witnesses cosign at
// the tick that follows whatever was logged.
func (p *play) until(t record.Time) error {
	for {
		i := p.next(t)
		tick, ticks := p.tick(t)
		if i >= 0 && (!ticks || p.queue[i].due <= tick) {
			q := p.queue[i]
			p.queue = slices.Delete(p.queue, i, i+1)
			p.now = q.due
			if err := p.arrive(q); err != nil {
				return &located{q.step.file, q.step.line, err}
			}
			continue
		}
		if !ticks {
			p.now = max(p.now, t)
			return nil
		}
		if err := p.cosign(tick); err != nil {
			return err
		}
	}
}

// next returns the place in the queue of the record that arrives first by t, or -1.
func (p *play) next(t record.Time) int {
	at := -1
	for i, q := range p.queue {
		if q.due <= t && (at < 0 || q.due < p.queue[at].due) {
			at = i
		}
	}
	return at
}

// tick returns the first tick after now, and whether something waits for it and it comes by t.
func (p *play) tick(t record.Time) (record.Time, bool) {
	if !p.dirty {
		return 0, false
	}
	every := p.every()
	next := p.now - p.now%every + every
	return next, next <= t
}

func (p *play) every() record.Time { return record.Time(p.target.Mission().Now().Terms().Tick) }

// cosign makes the log sign its size and both witnesses cosign it.
func (p *play) cosign(at record.Time) error {
	p.now = max(p.now, at)
	signed, err := p.target.Tick(at)
	if err != nil {
		return fmt.Errorf("the tick at %s: %w", at, err)
	}
	if p.script.founded.witnessed {
		if signed, err = p.cosigned(signed, at); err != nil {
			return err
		}
		if err := p.target.Cosigned(signed); err != nil {
			return fmt.Errorf("the cosigned checkpoint of %s: %w", at, err)
		}
	}
	p.newest, p.ticked, p.dirty = signed, at, false
	p.kept = append(p.kept, kept{at, signed})
	return nil
}

// finish lets everything arrive that is on its way, and the witnesses cosign the whole log.
func (p *play) finish() error {
	for len(p.queue) > 0 {
		last := p.now
		for _, q := range p.queue {
			last = max(last, q.due)
		}
		if err := p.until(last); err != nil {
			return err
		}
	}
	if len(p.unsent) > 0 {
		for label := range p.unsent {
			return fmt.Errorf("#%s was signed and never sent", label)
		}
	}
	if t, ok := p.tick(p.now + p.every()); ok {
		return p.cosign(t)
	}
	return nil
}

// cosigned adds the cosignatures of both exercise witnesses.
func (p *play) cosigned(signed []byte, at record.Time) ([]byte, error) {
	var lines [][]byte
	for _, w := range Cosigners(p.seed) {
		line, err := w.Cosign(signed, int64(at))
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return ledger.AddCosignatures(signed, lines...)
}
