package main

import (
	"fmt"
	"slices"
	"strings"

	"corridor.example/corridor"
)

// may is who may sign what where a mandate file does not say otherwise.
func may() []any {
	var all, field []any
	for _, k := range corridor.Kinds() {
		all = append(all, string(k))
		if k.Sort() == "field" && (k.Class() == corridor.ClassMovement || k.Class() == corridor.ClassIncident) {
			field = append(field, string(k))
		}
	}
	said := kindList("incident statement dispute reply reservation dissent correction translation link situation figure countersignature key suspension breach")
	return []any{
		map[string]any{"role": "office", "kinds": all},
		map[string]any{"role": "party", "kinds": append(kindList("consent objection revocation accession agreement request grant meeting"), said...)},
		map[string]any{"role": "guarantor", "kinds": append(kindList("consent objection revocation accession agreement request grant meeting"), said...)},
		map[string]any{"role": "facilitator", "kinds": append(kindList("agreement request meeting"), said...)},
		map[string]any{"role": "operator", "kinds": append(slices.Clone(field), kindList("correction figure key request grant")...)},
		map[string]any{"role": "trustee", "kinds": kindList("erasure countersignature key suspension breach")},
		map[string]any{"role": "observer", "kinds": append(slices.Clone(field), kindList("correction translation figure assessment notification request grant meeting")...)},
	}
}

func kindList(names string) []any {
	var list []any
	for _, n := range strings.Fields(names) {
		if corridor.Kind(n).Sort() != "" {
			list = append(list, n)
		}
	}
	return list
}

// recordable is which acts an office may enter for somebody else. A second office countersigns,
// except where a party has no key yet and could not act at all.
func recordable(countersign bool) []any {
	var list []any
	for _, k := range []string{"consent", "objection", "revocation", "accession", "agreement"} {
		list = append(list, map[string]any{"kind": k, "counts": true, "countersign": countersign})
	}
	return list
}

// keyless returns the parties that have no key yet.
func (m mandateFile) keyless() (names []string) {
	for _, p := range m.Parties {
		if id, a, err := actor(p); err == nil && a.Key == "" {
			names = append(names, id)
		}
	}
	return names
}

// disclosure is the table where a mandate file does not say otherwise: an open convoy is
// invisible outside the mission, a closed one is for the parties, the public reads facts and
// counts after the delay. Free text stays with the parties, persons with the voting offices.
func disclosure() []any {
	row := func(kind, part, open, closed, after string) any {
		return map[string]any{"kind": kind, "part": part, "open": open, "closed": closed, "after": after}
	}
	rows := []any{
		row("*", "leaf", "public", "public", "public"),
		row("*", "header", "mission", "parties", "public"),
		row("*", "facts", "mission", "parties", "public"),
		row("*", "count", "mission", "parties", "public"),
		row("*", "where", "mission", "parties", "parties"),
		row("*", "who", "mission", "parties", "parties"),
		row("*", "narrative", "mission", "parties", "parties"),
		row("*", "media", "mission", "mission", "parties"),
		row("*", "identity", "strict", "strict", "strict"),
	}
	for _, k := range corridor.Kinds() {
		switch {
		case k.Class() == corridor.ClassAuthority:
			rows = append(rows, row(string(k), "header", "parties", "parties", "public"), row(string(k), "facts", "parties", "parties", "public"), row(string(k), "narrative", "parties", "parties", "parties"))
		case k == corridor.KindDisclosure: // each reader is told its own, each party of its records
			rows = append(rows, row(string(k), "header", "parties", "parties", "parties"), row(string(k), "facts", "strict", "strict", "strict"))
		case k == corridor.KindComplaint: // the mission's own, whoever made it; no table can make it wider
			rows = append(rows, row(string(k), "*", "mission", "mission", "mission"), row(string(k), "header", "parties", "parties", "parties"))
		case k == corridor.KindAnswer:
			rows = append(rows, row(string(k), "*", "mission", "mission", "mission"), row(string(k), "header", "parties", "parties", "parties"), row(string(k), "facts", "mission", "parties", "parties"))
		case k == corridor.KindTrack: // who moved when; the points are in no record
			rows = append(rows, row(string(k), "header", "mission", "parties", "parties"), row(string(k), "facts", "mission", "parties", "parties"))
		case k == corridor.KindTold: // that it is no refusal: a sealed record of its class might be one
			rows = append(rows, row(string(k), "header", "parties", "parties", "public"))
		case k == corridor.KindBreach:
			rows = append(rows, row(string(k), "header", "parties", "parties", "public"), row(string(k), "facts", "parties", "parties", "public"), row(string(k), "narrative", "parties", "parties", "public"))
		case k == corridor.KindReport:
			rows = append(rows, row(string(k), "*", "public", "public", "public"))
		}
	}
	rows = append(rows, row("mandate", "header", "public", "public", "public"), row("mandate", "facts", "public", "public", "public"), row("mandate", "narrative", "public", "public", "public"))
	return dedupe(rows)
}

// dedupe keeps the last of rows that name the same kind and part.
func dedupe(rows []any) []any {
	at := map[string]int{}
	var out []any
	for _, r := range rows {
		m := r.(map[string]any)
		key := fmt.Sprint(m["kind"], " ", m["part"])
		if i, ok := at[key]; ok {
			out[i] = r
			continue
		}
		at[key] = len(out)
		out = append(out, r)
	}
	return out
}

func quotas() []any {
	var list []any
	for class, n := range map[corridor.Class]int{corridor.ClassMovement: 5000, corridor.ClassIncident: 500, corridor.ClassWord: 500, corridor.ClassAuthority: 500, corridor.ClassReport: 50} {
		list = append(list, map[string]any{"class": string(class), "per_day": n})
	}
	slices.SortFunc(list, func(a, b any) int {
		return strings.Compare(fmt.Sprint(a.(map[string]any)["class"]), fmt.Sprint(b.(map[string]any)["class"]))
	})
	return list
}
