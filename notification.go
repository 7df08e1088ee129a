package corridor

import "corridor.example/corridor/record"

// KindNotification is the kind of record that tells what the mission let somebody know; its
// re is the record it was about, or null.
var KindNotification = kind[Notification]("notification", ClassWord)

// A Notification informs and asks nothing. That it was acknowledged says that it was
// received, never that anybody agreed.
type Notification struct {
	Facts     NotificationFacts `part:"facts"`
	Narrative *Narrative        `part:"narrative"`
	Identity  *Identity         `part:"identity"`
}

// NotificationFacts say whose notification it was, to whom and when.
type NotificationFacts struct {
	record.PartHead
	Act          Act            `json:"act"`
	What         NotificationOf `json:"what"`
	Basis        Basis          `json:"basis"`
	To           []ActorID      `json:"to"`
	By           Channel        `json:"by"`           // the channel it went by
	Sent         record.Time    `json:"sent"`         // UTC
	Acknowledged *record.Time   `json:"acknowledged"` // UTC; null if it was not, or not yet
	Records      []record.Hash  `json:"records"`      // what else it was about
}

// A NotificationOf is what a notification is about.
type NotificationOf string

var notificationOf = vocabulary[NotificationOf]("movement", "route", "schedule", "observers", "hold", "incident", "restriction", "figures", "report", "other")

// UnmarshalText reads one of the subjects.
func (r *NotificationOf) UnmarshalText(t []byte) error { return term(r, t, notificationOf) }

func (k Notification) restates(h Header) error {
	f := k.Facts
	if err := f.Act.refuse(h); err != nil {
		return err
	}
	if len(f.To) == 0 {
		return Refuse("notification.to", "a notification names whom it went to")
	}
	if f.Acknowledged != nil && *f.Acknowledged < f.Sent {
		return Refuse("notification.acknowledged", "it was acknowledged at %s, before it was sent at %s", *f.Acknowledged, f.Sent)
	}
	return nil
}

func (k Notification) refuse(h Header) error { return k.restates(h) }

func (k Notification) apply(m *Mission, h Header) {
	f := k.Facts
	t := telling(h, Period{f.Sent, f.Sent}, f.Basis, nil)
	t.Says = f.Act.Of
	m.field.ground.notifications.put(h.Hash, Notified{t, f, nil})
}

// A Notified is a notification as a view shows it.
type Notified struct {
	Telling
	Facts NotificationFacts
	Of    *record.Hash // the record it was about, or nil
}

// Notifications returns the notifications of the prefix, by when they were sent and hash.
func (v View) Notifications() []Notified {
	list := happened(v, gather(v, &v.m.field.ground.notifications))
	for i := range list {
		list[i].Of = v.answers(list[i].Record)
	}
	return list
}
