package corridor

import (
	"crypto/ed25519"
	"encoding/hex"
	"slices"

	"github.com/go-json-experiment/json"

	"corridor.example/corridor/record"
)

// restate draws up a correction of a record: the facts and count of its kind, whole.
func (s *stage) restate(by, kind string, of record.Record, facts, count map[string]any) record.Record {
	s.t.Helper()
	p := map[string]map[string]any{"facts": {"kind": kind, "reason": "later-information", "facts": facts}}
	if count != nil {
		p["count"] = count
	}
	return s.add(by, "correction", &of.Hash, p)
}

// withdraw draws up a correction that takes a record back.
func (s *stage) withdraw(by string, of record.Record) record.Record {
	s.t.Helper()
	return s.add(by, "correction", &of.Hash, map[string]map[string]any{"facts": {"reason": "other"}})
}

// clean fails the test if any record of the log was refused or has findings.
func (s *stage) clean() {
	s.t.Helper()
	for i := range s.m.Size() {
		if e := s.m.Now().Entry(i); e.Refused != nil || len(e.Findings) > 0 {
			s.t.Errorf("entry %d, %s: %v %v", i, e.Kind, e.Refused, e.Findings)
		}
	}
}

// in returns the mission with the stage's field records in another order. perm gives for each
// field record which of them comes in its place; authority records stay where they are.
func (s *stage) in(perm []int) *Mission {
	s.t.Helper()
	var free []int
	for i, r := range s.all {
		if Kind(r.Header.Kind).Sort() == "field" {
			free = append(free, i)
		}
	}
	if len(free) != len(perm) {
		s.t.Fatalf("%d field records and a permutation of %d", len(free), len(perm))
	}
	all := slices.Clone(s.all)
	for i, p := range perm {
		all[free[i]] = s.all[free[p]]
	}
	m := &Mission{}
	for _, r := range all {
		m.Add(r)
	}
	return m
}

// fields returns how many field records the stage has.
func (s *stage) fields() (n int) {
	for _, r := range s.all {
		if Kind(r.Header.Kind).Sort() == "field" {
			n++
		}
	}
	return n
}

// terms returns the stage's mandate as a draft, to be changed and founded again.
func (s *stage) terms() map[string]any {
	s.t.Helper()
	var facts map[string]any
	if err := json.Unmarshal(s.all[0].Part("facts"), &facts); err != nil {
		s.t.Fatal(err)
	}
	for _, head := range []string{"id", "part", "nonce"} {
		delete(facts, head)
	}
	return facts
}

// refound begins the stage again under other terms, with the same keys.
func (s *stage) refound(terms map[string]any) *stage {
	s.t.Helper()
	id := s.all[0].Header.ID
	s.m, s.all, s.last, s.seq = &Mission{}, nil, map[string]*record.Hash{}, map[string]int64{}
	s.sign(Draft{Kind: KindMandate, By: "office", Parts: map[string]map[string]any{"facts": terms}}, id)
	return s
}

// actor adds an actor with a working key to terms.
func (s *stage) actor(terms map[string]any, id, role string) {
	k := testKey(id)
	s.keys[id] = k
	actors, _ := terms["actors"].([]any)
	terms["actors"] = append(actors, map[string]any{"id": id, "roles": []any{role}, "keys": []any{map[string]any{
		"use": "working", "key": hex.EncodeToString(k.Public().(ed25519.PublicKey)), "proof": record.Prove(k, true, text(terms["origin"]), nil)}}})
}
