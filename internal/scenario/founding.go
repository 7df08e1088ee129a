package scenario

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A founding is a mandate as a scenario's first lines give it, before its keys are made.
type founding struct {
	by        string
	at        record.Time
	terms     map[string]any // without actors, origin, log_key, witnesses and node_key
	actors    []*actor
	witnessed bool
	narrative map[string]any
}

// complete gives the founding what its lines left out.
func (p *parser) complete() error {
	f := &p.script.founded
	fail := func(format string, args ...any) error {
		return &located{p.file, 1, fmt.Errorf(format, args...)}
	}
	if p.script.Name == "" {
		return fail("a scenario begins with a line such as: mission gate-9")
	}
	if len(p.zones) == 0 {
		return fail("a scenario names its zone, with a line such as: zone Asia/Damascus +02:00")
	}
	if f.by == "" {
		for _, a := range f.actors {
			if f.by == "" && slices.Contains(a.roles, any("office")) {
				f.by = a.id
			}
		}
	}
	if f.by == "" {
		return fail("nobody founds the mission; name an office")
	}
	if f.at == 0 {
		return fail("the mission has no day; write a line such as: day 2016-12-18")
	}
	if _, ok := p.terms["may"]; !ok {
		for _, r := range []string{"office *", "party *", "guarantor *", "observer field"} {
			role, set, _ := strings.Cut(r, " ")
			kinds, err := kindList([]string{set})
			if err != nil {
				return err
			}
			p.push("may", map[string]any{"role": role, "kinds": kinds})
		}
	}
	if _, ok := p.terms["disclosure"]; !ok {
		for _, r := range [][5]string{
			{"*", "*", "mission", "parties", "public"}, {"*", "leaf", "public", "public", "public"},
			{"*", "identity", "strict", "strict", "strict"}} {
			p.push("disclosure", map[string]any{"kind": r[0], "part": r[1], "open": r[2], "closed": r[3], "after": r[4]})
		}
	}
	for name, v := range map[string]any{
		"consent": map[string]any{"quorum": map[string]any{"k": int64(0)}, "silence": "refuses", "object": "bars", "revoke": "any"},
		"edition": int64(1), "tick": int64(30), "lodged": int64(3600), "from": f.at.String()} {
		if _, ok := p.terms[name]; !ok {
			p.terms[name] = v
		}
	}
	f.terms = p.terms
	return nil
}

// keyName returns the name under which an actor's key is derived.
func keyName(actor, use string) string {
	if use == "working" || use == "device" {
		return actor
	}
	return actor + "." + use
}

// draft returns the mandate with the keys of the seed in it.
func (f *founding) draft(seed, mission string) (corridor.Draft, record.ID, error) {
	h := derive(seed, "mandate", mission)
	id := record.ID(h[:16])
	origin := "corridor.invalid/" + id.String()
	log, err := ledger.VerifierKey(origin, LogKey(seed).Public().(ed25519.PublicKey))
	if err != nil {
		return corridor.Draft{}, id, err
	}
	facts := map[string]any{
		"origin": origin, "log_key": log, "witnesses": policy(seed, f.witnessed),
		"node_key": proven(NodeKey(seed), corridor.NodeKeyUse, origin, nil),
	}
	for k, v := range f.terms {
		facts[k] = v
	}
	var actors []any
	for _, a := range f.actors {
		keys := []any{}
		for _, use := range a.keys {
			keys = append(keys, proven(ActorKey(seed, keyName(a.id, use)), corridor.KeyUse(use), origin, nil))
		}
		actors = append(actors, map[string]any{"id": a.id, "label": a.label, "roles": a.roles, "side": a.side, "keys": keys})
	}
	facts["actors"] = actors
	d := corridor.Draft{Kind: corridor.KindMandate, By: corridor.ActorID(f.by), Parts: map[string]map[string]any{"facts": facts}}
	if f.narrative != nil {
		d.Parts["narrative"] = f.narrative
	}
	return d, id, nil
}
