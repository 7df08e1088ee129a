package main

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones are written into the mandate as data, on every machine the same

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// zoneData writes a time zone's offsets out, from a year before the first day to five after.
func zoneData(name, from string) (z corridor.Zone, err error) {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return z, fmt.Errorf("zone: %q is not a time zone such as Asia/Damascus", name)
	}
	start, err := time.Parse("2006-01-02", from)
	if err != nil {
		return z, fmt.Errorf("from: %q is not a day such as 2026-12-01", from)
	}
	z = corridor.Zone{Name: name, Label: corridor.Label{{Lang: "en", Text: name[strings.LastIndexByte(name, '/')+1:]}}}
	last := -1 << 30
	for t := start.AddDate(-1, 0, 0); t.Before(start.AddDate(5, 0, 0)); t = t.Add(30 * time.Minute) {
		if _, off := t.In(loc).Zone(); off != last {
			last = off
			z.Shifts = append(z.Shifts, corridor.Shift{From: record.At(t), Minutes: int64(off / 60)})
		}
	}
	return z, nil
}
