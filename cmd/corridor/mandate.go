package main

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A mandateFile is a mandate as a person writes it, in at most forty lines; init spells it
// out into the terms of the founding record.
type mandateFile struct {
	ID        string            `yaml:"id"`     // 32 hex digits, part of the log's name; made by init if absent
	Name      string            `yaml:"name"`   // first part of the log's name
	Title     string            `yaml:"title"`  // what is watched, in a few words
	Zone      string            `yaml:"zone"`   // IANA name of the zone of the operation day
	From      string            `yaml:"from"`   // first day, 2026-12-01
	To        string            `yaml:"to"`     // last day, 2027-03-31; absent: no end yet
	Keep      int               `yaml:"keep"`   // days that texts and pictures are kept after the last day; absent: 365
	Office    mandateActor      `yaml:"office"` // who runs the mission
	Parties   yaml.MapSlice     `yaml:"parties"`
	Others    yaml.MapSlice     `yaml:"others"`
	Places    map[string]string `yaml:"places"` // name: role
	Legs      map[string]string `yaml:"legs"`   // A: gate to town
	Consent   mandateConsent    `yaml:"consent"`
	Report    string            `yaml:"report"`  // daily cut-off, 19:30
	Release   string            `yaml:"release"` // after a convoy closes, 24h
	Reply     string            `yaml:"reply"`   // how long a party has to reply, 24h; absent: no window
	Witnesses []string          `yaml:"witnesses"`
	Quorum    int               `yaml:"quorum"` // how many of the witnesses; 0: none
}

type mandateActor struct {
	Label    string `yaml:"label"`
	Role     string `yaml:"role"`
	Key      string `yaml:"key"`      // as corridor sign --new-key printed it
	Proof    string `yaml:"proof"`    // likewise
	Recovery string `yaml:"recovery"` // key of the offline recovery key
	Proved   string `yaml:"proved"`   // its proof
	Witness  string `yaml:"witness"`  // verifier key of the witness that stands for it, and perhaps its address
}

type mandateConsent struct {
	Need    int      `yaml:"need"`
	Of      []string `yaml:"of"`
	Window  string   `yaml:"window"`
	Silence string   `yaml:"silence"`
	ShownBy []string `yaml:"shown_by"` // whose witnesses, all of them, may show a silence in place of the silent one's own
	Lock    bool     `yaml:"lock"`
}

// shownBy is all of those whose witnesses may show a silence together, nil for nobody.
func (c mandateConsent) shownBy() any {
	if len(c.ShownBy) == 0 {
		return nil
	}
	var of []any
	for _, id := range c.ShownBy {
		of = append(of, map[string]any{"actor": id})
	}
	return map[string]any{"k": len(of), "of": of}
}

func readMandate(path string) (m mandateFile, err error) {
	b, err := readLimited(path, 1<<20)
	if err != nil {
		return m, err
	}
	return parseMandate(path, b)
}

func parseMandate(path string, b []byte) (m mandateFile, err error) {
	if err := yaml.UnmarshalWithOptions(b, &m, yaml.Strict()); err != nil {
		return m, fmt.Errorf("%s cannot be read: %s", path, yaml.FormatError(err, false, true))
	}
	return m, nil
}

// cutOff is when the daily report closes, in minutes of the operation day.
func (m mandateFile) cutOff() (minutes int, err error) {
	t, err := time.Parse("15:04", or(m.Report, "19:30"))
	if err != nil {
		return 0, fmt.Errorf("report: %q is not a time of day such as 19:30", m.Report)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// A key that a mandate gives to an actor.
func keyOf(use, key, proof string) map[string]any {
	return map[string]any{"use": use, "key": key, "proof": proof}
}

func words(s string) []any { return []any{map[string]any{"lang": "en", "text": s}} }

// terms spells a mandate file out into the facts of the founding record.
func (m mandateFile) terms(origin, logKey, sealing string, office, recovery, node map[string]any) (map[string]any, error) {
	zone, err := zoneData(m.Zone, m.From)
	if err != nil {
		return nil, err
	}
	from, err := time.Parse("2006-01-02", m.From)
	if err != nil {
		return nil, fmt.Errorf("from: %q is not a day such as 2026-12-01", m.From)
	}
	actors, voters, err := m.actors(office, recovery)
	if err != nil {
		return nil, err
	}
	places, legs, err := m.route()
	if err != nil {
		return nil, err
	}
	window, err := minutes("consent window", m.Consent.Window, "24h")
	if err != nil {
		return nil, err
	}
	delay, err := minutes("release", m.Release, "24h")
	if err != nil {
		return nil, err
	}
	cutOff, err := m.cutOff()
	if err != nil {
		return nil, err
	}
	reply, err := minutes("reply", m.Reply, "0s")
	if err != nil {
		return nil, err
	}
	need := m.Consent.Need
	if need == 0 {
		need = len(voters)
	}
	var to any // null: no end yet
	if m.To != "" {
		last, err := time.Parse("2006-01-02", m.To)
		if err != nil {
			return nil, fmt.Errorf("to: %q is not a day such as 2027-03-31", m.To)
		}
		next := last.AddDate(0, 0, 1)
		to = record.At(next.Add(-time.Duration(zone.Offset(record.At(next)))*time.Second - time.Second)).String()
	}
	if m.Keep < 0 {
		return nil, fmt.Errorf("keep: %d; say for how many days after the last one texts and pictures are kept", m.Keep)
	}
	keep := m.Keep
	if keep == 0 {
		keep = 365
	}
	return map[string]any{
		"edition": 1, "origin": origin, "log_key": logKey, "witnesses": m.policy(), "witness_of": m.standing(), "node_key": node, "sealing_key": sealing,
		"to": to, "from": record.At(from.Add(-time.Duration(zone.Offset(record.At(from))) * time.Second)).String(),
		"actors": actors, "places": places, "legs": legs, "may": may(),
		"consent": map[string]any{"quorum": map[string]any{"k": need, "of": voters}, "window": window,
			"silence": or(m.Consent.Silence, "refuses"), "object": "bars", "revoke": "any", "lock": m.Consent.Lock, "guarantors": m.Consent.shownBy()},
		"amend":      map[string]any{"k": len(voters), "of": voters},
		"recorded":   recordable(len(m.keyless()) == 0),
		"disclosure": disclosure(),
		"release":    map[string]any{"delay": delay, "clock": 60},
		"schedule": []any{map[string]any{"series": "daily", "every": 1, "from": record.At(from).String(),
			"cut_off": cutOff, "issue": 13*60 + 30, "zone": m.Zone}},
		"quotas":    quotas(),
		"retention": map[string]any{"days": keep},
		"zone":      zone, "tick": 30, "lodged": 3600, "reply": reply,
	}, nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func minutes(what, s, otherwise string) (int64, error) {
	d, err := time.ParseDuration(or(s, otherwise))
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%s: %q is not a span of time such as 24h", what, s)
	}
	return int64(d / time.Minute), nil
}

func (m mandateFile) actors(office, recovery map[string]any) (actors, voters []any, err error) {
	actors = append(actors, map[string]any{"id": "office", "label": words(or(m.Office.Label, "Mission office")), "roles": []any{"office"}, "keys": []any{office, recovery}})
	if len(m.Parties) != 2 {
		return nil, nil, fmt.Errorf("parties: a mandate names both sides, this one has %d", len(m.Parties))
	}
	for i, p := range m.Parties {
		id, a, err := actor(p)
		if err != nil {
			return nil, nil, err
		}
		keys := []any{}
		if a.Key != "" {
			keys = append(keys, keyOf("working", a.Key, a.Proof))
		}
		if a.Recovery != "" {
			keys = append(keys, keyOf("recovery", a.Recovery, a.Proved))
		}
		actors = append(actors, map[string]any{"id": id, "label": words(or(a.Label, id)), "roles": []any{"party"}, "side": []string{"first", "second"}[i], "keys": keys})
		if len(m.Consent.Of) == 0 || slices.Contains(m.Consent.Of, id) {
			voters = append(voters, map[string]any{"actor": id})
		}
	}
	for _, o := range m.Others {
		id, a, err := actor(o)
		if err != nil {
			return nil, nil, err
		}
		keys := []any{}
		if a.Key != "" {
			keys = append(keys, keyOf("working", a.Key, a.Proof))
		}
		actors = append(actors, map[string]any{"id": id, "label": words(or(a.Label, id)), "roles": []any{or(a.Role, "voice")}, "keys": keys})
		if slices.Contains(m.Consent.Of, id) {
			voters = append(voters, map[string]any{"actor": id})
		}
	}
	return actors, voters, nil
}

// actor reads one line of parties or others.
func actor(item yaml.MapItem) (id string, a mandateActor, err error) {
	id = fmt.Sprint(item.Key)
	b, err := yaml.Marshal(item.Value)
	if err == nil {
		err = yaml.UnmarshalWithOptions(b, &a, yaml.Strict())
	}
	if err != nil {
		return id, a, fmt.Errorf("%s: label, role, key, proof, recovery, proved and witness are what can be said of an actor", id)
	}
	return id, a, nil
}

func (m mandateFile) route() (places, legs []any, err error) {
	var names []string
	for name := range m.Places {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		places = append(places, map[string]any{"id": name, "label": words(name), "role": m.Places[name]})
	}
	var letters []string
	for l := range m.Legs {
		letters = append(letters, l)
	}
	slices.Sort(letters)
	for _, l := range letters {
		from, to, ok := strings.Cut(m.Legs[l], " to ")
		if !ok {
			return nil, nil, fmt.Errorf("legs: %s is written as: gate to town", l)
		}
		legs = append(legs, map[string]any{"letter": l, "label": words(m.Legs[l]), "from": from, "to": to})
	}
	return places, legs, nil
}

// A cosigner is a witness as the mandate file names it.
type cosigner struct {
	name string // in the policy: that of the actor it stands for, or w1, w2
	of   string // the actor it stands for, "" for nobody
	side string // that actor's, "" for neither
	key  string // verifier key, and perhaps an address behind a space
}

// watching returns the witnesses: those of the parties, of the others, and those that stand for
// nobody.
func (m mandateFile) watching() (list []cosigner) {
	for i, items := range []yaml.MapSlice{m.Parties, m.Others} {
		for j, p := range items {
			if id, a, err := actor(p); err == nil && a.Witness != "" {
				c := cosigner{name: id, of: id, key: a.Witness}
				if i == 0 && j < 2 {
					c.side = []string{"first", "second"}[j]
				}
				list = append(list, c)
			}
		}
	}
	for i, key := range m.Witnesses {
		list = append(list, cosigner{name: fmt.Sprintf("w%d", i+1), key: key})
	}
	return list
}

// policy writes the witness policy. Where both sides have a witness and at least two must
// cosign, one of each side is always among them.
func (m mandateFile) policy() string {
	var b strings.Builder
	var sides, rest []string
	for _, c := range m.watching() {
		fmt.Fprintf(&b, "witness %s %s\n", c.name, c.key)
		if c.side != "" {
			sides = append(sides, c.name)
		} else {
			rest = append(rest, c.name)
		}
	}
	switch {
	case m.Quorum == 0 || len(sides)+len(rest) == 0:
		b.WriteString("quorum none\n")
	case len(sides) < 2 || m.Quorum < 2:
		fmt.Fprintf(&b, "group all %d %s\nquorum all\n", m.Quorum, strings.Join(append(sides, rest...), " "))
	case m.Quorum == 2:
		fmt.Fprintf(&b, "group sides all %s\nquorum sides\n", strings.Join(sides, " "))
	default:
		fmt.Fprintf(&b, "group sides all %s\ngroup rest %d %s\ngroup all 2 sides rest\nquorum all\n", strings.Join(sides, " "), m.Quorum-2, strings.Join(rest, " "))
	}
	return b.String()
}

// standing says for whom the witnesses stand.
func (m mandateFile) standing() []any {
	list := []any{}
	for _, c := range m.watching() {
		if c.of != "" {
			list = append(list, map[string]any{"witness": c.name, "actor": c.of})
		}
	}
	return list
}

// cosigners returns the names of those who cosign, as their keys say. It refuses a quorum that
// nobody could reach.
func (m mandateFile) cosigners() ([]string, error) {
	var names []string
	for i, c := range m.watching() {
		name, _, _ := strings.Cut(c.key, "+")
		if _, err := ledger.ParsePolicy("witness " + name + " " + c.key + "\nquorum " + name + "\n"); err != nil {
			where := fmt.Sprintf("witnesses: number %d", i+1-len(m.watching())+len(m.Witnesses))
			if c.of != "" {
				where = c.of + ": witness"
			}
			return nil, fmt.Errorf("%s, %q, is not the key of one who cosigns, as that witness gives it: %s", where, c.key, strings.TrimPrefix(err.Error(), "policy, line 1: "))
		}
		names = append(names, name)
	}
	switch {
	case m.Quorum < 0:
		return nil, fmt.Errorf("quorum: %d; say how many of the witnesses must cosign, or 0 for the log's own word", m.Quorum)
	case m.Quorum > len(names):
		return nil, fmt.Errorf("quorum: %d of the witnesses must cosign and %d are named; name more of them or ask for fewer", m.Quorum, len(names))
	}
	return names, nil
}

// lacks says without which sides the quorum can be met, "" if it needs a witness of every side.
func lacks(t *corridor.Terms) string {
	sides := t.Unwitnessed()
	if len(sides) == 0 {
		return ""
	}
	var names []string
	for _, a := range t.Actors {
		if a.Side != nil && slices.Contains(sides, *a.Side) && a.Is(corridor.Party) {
			names = append(names, string(a.ID))
		}
	}
	return fmt.Sprintf("witnesses: the quorum can be met without a witness of %s: whoever runs the log and the others could then show a history that this side never saw. Give each party a witness: line and ask for a quorum of at least 2", strings.Join(names, ", "))
}

// awaits says whose cosignatures the mission waits for, "" if it waits for none.
func (m mandateFile) awaits() string {
	names, _ := m.cosigners() // read before
	switch {
	case m.Quorum == 0 && len(names) == 0:
		return ""
	case m.Quorum == 0:
		return fmt.Sprintf("witnesses: %s may cosign, and none has to (quorum: 0): the order of the log stands on its own word", strings.Join(names, ", "))
	case m.Quorum == len(names):
		return fmt.Sprintf("witnesses: until %s cosigned the log, no report can be drafted, nothing is released to the public and corridor verify says so; records are taken in all the same", allOf(names))
	}
	return fmt.Sprintf("witnesses: until %d of %s have cosigned the log, no report can be drafted, nothing is released to the public and corridor verify says so; records are taken in all the same", m.Quorum, strings.Join(names, ", "))
}

func allOf(names []string) string {
	if len(names) == 1 {
		return names[0] + " has"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " have"
}

func hexKey(k *keyFile) string { return hex.EncodeToString(k.public()) }
