package corridor

import (
	"errors"
	"strings"
	"testing"

	"corridor.example/corridor/record"
)

// TestDraftSaysWhatItMust leaves out, or writes as people do, what would be signed as something
// else: a moment of 1970, nobody counted.
func TestDraftSaysWhatItMust(t *testing.T) {
	const when = "2016-12-18T08:00:00Z"
	moved := map[string]any{"convoy": "A-01", "when": when, "basis": "observed"}
	sums := func(s ...any) map[string]map[string]any {
		return map[string]map[string]any{"facts": moved, "count": {"sums": s}, "where": {}}
	}
	for _, x := range []struct {
		kind  Kind
		parts map[string]map[string]any
		says  string // "" if it is composed
	}{
		{"departure", sums(map[string]any{"unit": "people", "total": 0}), ""},
		{"departure", map[string]map[string]any{"facts": {"convoy": "A-01", "basis": "observed"}}, `the part "facts": give when, a time in UTC such as 2016-12-18T21:00:00Z, or [from, to]`},
		{"departure", map[string]map[string]any{"facts": {"convoy": "A-01", "when": nil, "basis": "observed"}}, "give when, "},
		{"departure", map[string]map[string]any{"facts": {"convoy": "A-01", "when": when}}, "give basis, one of: observed, "},
		{"departure", map[string]map[string]any{"facts": {"convoy": "A-01", "when": 8, "basis": "observed"}}, "when: a time in UTC such as 2016-12-18T21:00:00Z, or [from, to] is wanted, not a number"},
		{"departure", map[string]map[string]any{"facts": {"convoy": "A-01", "when": "08:00", "basis": "observed"}}, `when[0]: "08:00" is not a time in UTC`},
		{"departure", map[string]map[string]any{"facts": {"convoy": "A-01", "when": []any{when, nil}, "basis": "observed"}}, "give when[1], a time in UTC"},
		{"departure", sums(map[string]any{"unit": "people"}), "give sums[0].total, a whole number"},
		{"departure", sums(map[string]any{"total": 3}), "give sums[0].unit, one of: people, "},
		{"departure", sums(map[string]any{"unit": "people", "total": 3, "cells": []any{map[string]any{"of": "child"}}}), "give sums[0].cells[0].n, a whole number"},
		{"departure", sums(map[string]any{"unit": "people", "total": "3"}), "sums[0].total: a whole number is wanted, in digits and without quotes"},
		{"departure", sums(map[string]any{"unit": "people", "total": 3.5}), "sums[0].total: a whole number is wanted, not 3.5"},
		{"departure", sums(map[string]any{"unit": "people", "total": 3, "about": true}), "there is no member sums[0].about; there are: unit, total, "},
		{"departure", sums("people 3"), "sums[0]: a group of members (unit, total, "},
		{"reply", map[string]map[string]any{"facts": {"basis": "document"}}, "give received, a time in UTC"},
		{"nomination", map[string]map[string]any{"facts": {"observer": "mina", "key": map[string]any{"use": "device", "key": "", "proof": ""}}}, "give from, a time in UTC"},
		{"deployment", map[string]map[string]any{"facts": {"observer": "mina"}}, "give from, a time in UTC"},
		{"notification", map[string]map[string]any{"facts": {"what": "figures", "to": []any{"red"}, "by": "mail", "basis": "document"}}, "give sent, a time in UTC"},
		{"correction", map[string]map[string]any{"facts": {"kind": "departure", "reason": "miscounted", "facts": map[string]any{"convoy": "A-01", "basis": "observed"}}}, "give facts.when, a time in UTC"},
		{"correction", map[string]map[string]any{"facts": {"kind": "departure", "reason": "miscounted", "facts": map[string]any{"convoy": "A-01", "when": when, "basis": "seen"}}}, `in the facts of the departure: basis: "seen" is not one of: observed, `},
	} {
		_, err := Compose(Draft{Kind: x.kind, By: "office", Parts: x.parts}, record.ID{1}, func() record.ID { return record.ID{2} })
		var refusal *Refusal
		switch {
		case x.says == "" && err != nil:
			t.Errorf("%s %v: %v", x.kind, x.parts, err)
		case x.says == "":
		case !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, x.says):
			t.Errorf("%s %v: %v, want %q", x.kind, x.parts, err, x.says)
		case strings.Contains(refusal.Reason, "json") || strings.Contains(refusal.Reason, "Go "):
			t.Errorf("%s: a decoder's words: %s", x.kind, refusal.Reason)
		}
	}
}

// TestNothingIsDatedOf1970 draws up every kind with nothing in it. None may have a time that
// nobody gave.
func TestNothingIsDatedOf1970(t *testing.T) {
	for _, k := range Kinds() {
		parts, err := Compose(Draft{Kind: k, By: "office", Parts: map[string]map[string]any{}}, record.ID{1}, func() record.ID { return record.ID{2} })
		if err != nil {
			continue
		}
		for _, p := range parts {
			if strings.Contains(string(p.Bytes), "1970-01-01") {
				t.Errorf("%s: %s", k, p.Bytes)
			}
		}
	}
}
