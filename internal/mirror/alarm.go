package mirror

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"corridor.example/corridor/internal/store"
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
	Seen   bool         `json:"seen"`  // its holder has acknowledged it; it is not told again while it lasts
	Proof  []byte       `json:"-"`     // text of the proof or claim
	Signed []string     `json:"signed"`
}

// Alarms returns the alarms that have neither passed nor been acknowledged, the oldest first.
func (m *Mirror) Alarms() (list []Alarm) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.told {
		if !a.Over && !a.Seen {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, earlier)
	return list
}

func earlier(a, b Alarm) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Key, b.Key)) }

// Where alarms are kept, so that each is told once and stays until it is acknowledged, and what of
// them was acknowledged.
const toldNote, seenNote = "alarms", "acknowledged"

// mostTold bounds how many alarms are kept; those that have passed go first.
const mostTold = 2000

// An acknowledged is an alarm that its holder has seen; the same matter later is another alarm.
type acknowledged struct {
	Key string      `json:"key"`
	At  record.Time `json:"at"`
}

// Told returns the alarms that a watch keeps, the oldest first, with what was acknowledged of them.
// A mirror may be running on it.
func Told(ctx context.Context, watch store.Watch) (list []Alarm, err error) {
	if err := fromNote(ctx, watch, toldNote, &list); err != nil {
		return nil, err
	}
	var seen []acknowledged
	if err := fromNote(ctx, watch, seenNote, &seen); err != nil {
		return nil, err
	}
	for i, a := range list {
		list[i].Seen = a.Seen || slices.Contains(seen, acknowledged{a.Key, a.At})
	}
	return list, nil
}

// Acknowledge notes that the alarm of a key that a watch keeps was seen, or every one if the key
// is "all", and returns how many were not before. A mirror that runs on it learns it in its next round.
func Acknowledge(ctx context.Context, watch store.Watch, key string) (n int, err error) {
	list, err := Told(ctx, watch)
	if err != nil {
		return 0, err
	}
	var seen []acknowledged
	for _, a := range list {
		asked := !a.Over && (key == "all" || key == a.Key)
		if asked && !a.Seen {
			n++
		}
		if asked || a.Seen {
			seen = append(seen, acknowledged{a.Key, a.At})
		}
	}
	b, err := json.Marshal(seen)
	if err != nil {
		return 0, err
	}
	return n, watch.PutNote(ctx, seenNote, b)
}

// recallAlarms reads what was told before, and what of it was acknowledged meanwhile.
func (m *Mirror) recallAlarms(ctx context.Context) error {
	list, err := Told(ctx, m.cfg.Watch)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range list {
		if was, ok := m.told[a.Key]; !ok || was.At == a.At {
			was.Seen = was.Seen || a.Seen
			if !ok {
				was = a
			}
			m.told[a.Key] = was
		}
	}
	return nil
}

// keepAlarms writes down what was told.
func (m *Mirror) keepAlarms() {
	m.mu.Lock()
	list := slices.SortedFunc(maps.Values(m.told), earlier)
	for i := 0; i < len(list) && len(m.told) > mostTold; i++ {
		if list[i].Over {
			delete(m.told, list[i].Key)
		}
	}
	list = slices.SortedFunc(maps.Values(m.told), earlier)
	m.mu.Unlock()
	if err := m.putNote(context.Background(), toldNote, list); err != nil {
		m.cfg.Log.Error("the alarms are not kept for the next start", "cause", err.Error())
	}
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
	m.cfg.Alarm(a) // before it is kept: twice is better than never
	m.keepAlarms()
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
	m.keepAlarms()
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

// fromNote reads a note into v, which stays as it is if there is none.
func fromNote(ctx context.Context, watch store.Watch, name string, v any) error {
	b, err := watch.Note(ctx, name)
	if errors.Is(err, store.ErrAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}
