package mirror

import (
	"context"
	"slices"

	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// An Alarm is something that does not hold, as this mirror sees it.
type Alarm struct {
	Key    string       `json:"key"`   // what about; the same thing is told once
	Say    string       `json:"say"`   // one sentence
	At     record.Time  `json:"at"`    // by the mirror's clock
	State  verify.State `json:"state"` // holds: it has a proof; cannot be checked here: a claim, on this mirror's word
	Over   bool         `json:"over"`  // it has passed, such as a server that answers again
	Proof  []byte       `json:"-"`     // text of the proof or claim
	Signed []string     `json:"signed"`
}

// Alarms returns the alarms that have not passed, the oldest first.
func (m *Mirror) Alarms() (list []Alarm) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.told {
		if !a.Over {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b Alarm) int { return int(a.At - b.At) })
	return list
}

func (m *Mirror) raised(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.told[key]
	return ok && !a.Over
}

// raise tells of an alarm, once.
func (m *Mirror) raise(a Alarm) {
	m.mu.Lock()
	if was, ok := m.told[a.Key]; ok && !was.Over {
		m.mu.Unlock()
		return
	}
	a.At = record.At(m.cfg.Now())
	m.told[a.Key] = a
	m.mu.Unlock()
	m.cfg.Alarm(a)
}

// over tells that what an alarm was about has passed.
func (m *Mirror) over(key string) {
	m.mu.Lock()
	a, ok := m.told[key]
	if !ok || a.Over {
		m.mu.Unlock()
		return
	}
	a.Over = true
	m.told[key] = a
	m.mu.Unlock()
	m.cfg.Alarm(a)
}

func (m *Mirror) evidence(what string) verify.Evidence {
	card := m.cfg.Card
	card.Level = ""
	return verify.Evidence{What: what, Card: string(card.Text()), By: m.cfg.Name, At: record.At(m.cfg.Now())}
}

// accuse raises an alarm with evidence, which is judged here first as any third machine will.
// What convicts the log ends cosigning; what does not is a claim.
func (m *Mirror) accuse(key, say string, e verify.Evidence) {
	if m.raised(key) {
		return
	}
	e.Say = say
	v, err := verify.Judge(context.Background(), e, &m.cfg.Card)
	if err != nil || v.State != verify.Holds && !v.Claim {
		m.cfg.Log.Warn("what was found proves nothing by itself", "what", say, "why", v.Say)
		m.claim(key, say)
		return
	}
	text, err := e.Text()
	if err != nil {
		m.cfg.Log.Error("the proof cannot be written", "cause", err.Error())
	}
	if v.State == verify.Holds && e.What != verify.EvidenceSuppressed && v.Accused == m.log.Name() {
		m.mu.Lock()
		m.trouble = v.Say
		m.mu.Unlock()
		if err := m.putNote(context.Background(), troubleNote, v.Say); err != nil {
			m.cfg.Log.Error("that nothing is cosigned any more is not kept", "cause", err.Error())
		}
	}
	if v.Say != "" {
		say = v.Say
	}
	m.raise(Alarm{Key: key, Say: say, State: v.State, Proof: text, Signed: v.Signers})
}

// claim raises an alarm on this mirror's word alone.
func (m *Mirror) claim(key, say string) {
	e := m.evidence(verify.EvidenceClaim)
	e.Say = say
	text, err := e.Text()
	if err != nil {
		m.cfg.Log.Error("the claim cannot be written", "cause", err.Error())
	}
	m.raise(Alarm{Key: key, Say: say, State: verify.CannotCheck, Proof: text})
}
