package corridor

import (
	"fmt"
	"reflect"
	"strings"

	"corridor.example/corridor/record"
)

// An ActorID names a party, office, guarantor, operator, observer or voice within one
// mission, for example "office" or "mina".
type ActorID string

// A PlaceID names a place of the mandate, for example "ramouseh".
type PlaceID string

// A ClauseID names a clause of an agreement, for example "villages-first".
type ClauseID string

// A ConvoyID is a spoken call-sign: the leg's letter and a number, for example "A-07". A
// convoy exists from its first mention.
type ConvoyID string

// A Period is [from, to] in UTC seconds; both equal where the moment is exact.
type Period [2]record.Time

func name(b []byte, what string) error {
	if !record.Name(string(b)) {
		return fmt.Errorf("%q is not the name of %s: lower-case letters, digits and hyphens, at most 40", b, what)
	}
	return nil
}

// UnmarshalText reads an actor's name.
func (a *ActorID) UnmarshalText(b []byte) error { *a = ActorID(b); return name(b, "an actor") }

// UnmarshalText reads a place's name.
func (p *PlaceID) UnmarshalText(b []byte) error { *p = PlaceID(b); return name(b, "a place") }

// UnmarshalText reads a clause's name.
func (c *ClauseID) UnmarshalText(b []byte) error { *c = ClauseID(b); return name(b, "a clause") }

// UnmarshalText reads a call-sign: one capital letter, a hyphen, one to four digits.
func (c *ConvoyID) UnmarshalText(b []byte) error {
	*c = ConvoyID(b)
	ok := len(b) >= 3 && len(b) <= 6 && 'A' <= b[0] && b[0] <= 'Z' && b[1] == '-'
	for _, d := range b[min(2, len(b)):] {
		ok = ok && '0' <= d && d <= '9'
	}
	if !ok {
		return fmt.Errorf("%q is not a call-sign: a leg's capital letter, a hyphen and a number, such as A-07", b)
	}
	return nil
}

// Leg returns the call-sign's leg letter, for example "A".
func (c ConvoyID) Leg() string { return string(c[:min(1, len(c))]) }

// refuse refuses a period that ends before it begins.
func (p Period) refuse(kind Kind) error {
	if p[1] < p[0] {
		return Refuse(string(kind)+".when", "it ends at %s, before it begins at %s", p[1], p[0])
	}
	return nil
}

// Overlaps reports whether two periods share a moment; ends count.
func (p Period) Overlaps(q Period) bool { return p[0] <= q[1] && q[0] <= p[1] }

// vocabularies holds every closed list by its Go type, for the generated schema.
var vocabularies = map[reflect.Type][]string{}

// vocabulary declares the closed list of a string type, in the order shown to people.
func vocabulary[T ~string](words ...T) []T {
	var s []string
	for _, w := range words {
		s = append(s, string(w))
	}
	vocabularies[reflect.TypeFor[T]()] = s
	return words
}

// term reads one word of a closed list.
func term[T ~string](dst *T, b []byte, words []T) error {
	for _, w := range words {
		if string(w) == string(b) {
			*dst = w // not a copy: there are many records and few words
			return nil
		}
	}
	*dst = T(b)
	var s []string
	for _, w := range words {
		s = append(s, string(w))
	}
	return fmt.Errorf("%q is not one of: %s", b, strings.Join(s, ", "))
}

// A Basis says what an account rests on.
type Basis string

// The bases of an account (design: The mission, Basis).
const (
	Observed Basis = "observed" // seen by the author
	Heard    Basis = "heard"    // heard by the author: shots, engines
	Sensor   Basis = "sensor"   // a camera or instrument of the mission
	Document Basis = "document" // read in a text itself: a resolution, a letter, a deal
	Reported Basis = "reported" // somebody else says so
)

var bases = vocabulary(Observed, Heard, Sensor, Document, Reported)

// UnmarshalText reads one of the bases.
func (b *Basis) UnmarshalText(t []byte) error { return term(b, t, bases) }

// A Channel says how something reached the mission.
type Channel string

var channels = vocabulary[Channel]("own", "radio", "phone", "message", "mail", "paper", "in-person", "press", "publication", "note-verbale", "letter", "broadcast", "social-media")

// UnmarshalText reads one of the channels.
func (c *Channel) UnmarshalText(t []byte) error { return term(c, t, channels) }

// A Via says how an account came to its author: through which channel, from whom, heard when.
// It names actors and voices only, never a person.
type Via struct {
	Channel Channel      `json:"channel"`
	From    *ActorID     `json:"from"`    // whose account it is, if not the author's own; null if not said
	Heard   *record.Time `json:"heard"`   // when it was heard, read or taken down, UTC; null if not known
	Exhibit *record.Hash `json:"exhibit"` // record hash of the original, or null
}

// An Act says whose act a record is: signed with the actor's own key, or recorded by an
// office on the actor's behalf.
type Act struct {
	Of      ActorID      `json:"of"`      // whose act it is; equal to the header's by when signed
	Channel Channel      `json:"channel"` // "own" when signed; else how the act reached the office
	Exhibit *record.Hash `json:"exhibit"` // record hash of the paper or recording, or null
	Dated   *record.Time `json:"dated"`   // when the actor did it, UTC, if that is known apart from the signing
}

// Recorded reports whether the act was entered by somebody else than the actor.
func (a Act) Recorded(h Header) bool { return string(a.Of) != h.By }

func (a Act) refuse(h Header) error {
	if (a.Channel == "own") == a.Recorded(h) {
		return Refuse("act.channel", "an act signed by its own actor has the channel own, one recorded for another names the channel it came by")
	}
	return nil
}

// A Narrative is free text: what was seen in the author's words, what was read, and where.
// No figure reads it and it can be erased. It is never translated in place.
type Narrative struct {
	record.PartHead
	Lang    string   `json:"lang"` // BCP 47 tag of Text, for example "en" or "ar"
	Text    string   `json:"text"`
	Sources []Source `json:"sources"` // what the account rests on, if published
}

// A Source is a published text or picture. The bytes that were read are named by their hash;
// none of the text is repeated here.
type Source struct {
	Title   string       `json:"title"`
	Outlet  string       `json:"outlet"`  // publisher or body
	Locator string       `json:"locator"` // address, symbol or number under which it can be found; "" if none is known
	Dated   string       `json:"dated"`   // publication date as printed, for example "2016-12-23"; "" if none
	SHA256  *record.Hash `json:"sha256"`  // of the bytes that were read, or null if they were not kept
}

// An Identity holds personal data: dossiers, callers, sources to protect. No figure reads it,
// it can be erased, and its level is never wider than the voting offices.
type Identity struct {
	record.PartHead
	Persons []Person `json:"persons"`
}

// A Person is one entry of an identity part.
type Person struct {
	Role string `json:"role"` // for example "observer", "caller", "source"
	Name string `json:"name"`
	Note string `json:"note"` // what the voting offices must know: nationality, grade, languages
}

// Who names the actors an account speaks of.
type Who struct {
	record.PartHead
	Actors []Named `json:"actors"`
}

// A Named is an actor and the part the account gives it.
type Named struct {
	Actor ActorID `json:"actor"`
	As    Part    `json:"as"`
}

// A Part is what an account says an actor did or was.
type Part string

var parts = vocabulary[Part]("alleged-author", "present", "affected", "controls-place", "stopped", "escorted", "received", "gave-reason", "mentioned")

// UnmarshalText reads one of the parts an actor can have.
func (p *Part) UnmarshalText(t []byte) error { return term(p, t, parts) }

// Where says at which place of the mandate, and if known at which point.
type Where struct {
	record.PartHead
	Place    *PlaceID `json:"place"`    // null if not known
	To       *PlaceID `json:"to"`       // destination, where the kind has one; else null
	Point    *Point   `json:"point"`    // null unless measured
	Accuracy *int64   `json:"accuracy"` // metres, or null
}

// A Point is WGS 84, in degrees times 10^7.
type Point struct {
	Lat int64 `json:"lat"` // -900000000 to 900000000
	Lon int64 `json:"lon"` // -1800000000 to 1800000000
}

func (p *Point) refuse() error {
	if p != nil && (p.Lat < -90e7 || p.Lat > 90e7 || p.Lon < -180e7 || p.Lon > 180e7) {
		return Refuse("where.point", "a point lies within ±90 and ±180 degrees, in ten-millionths of a degree")
	}
	return nil
}

func (w *Where) refuse() error {
	if w == nil {
		return nil
	}
	if w.Accuracy != nil && *w.Accuracy < 0 {
		return Refuse("where.accuracy", "an accuracy is a number of metres, not below zero")
	}
	return w.Point.refuse()
}
