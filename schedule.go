package corridor

import "corridor.example/corridor/record"

const day = 24 * 60 * 60 // seconds

// At returns the moment at which a clock in the zone shows so many minutes after midnight, on
// the day that is days after that of t. Where the clock is put forward over it, it is the
// moment that the earlier offset gives.
func (z Zone) At(t record.Time, days, minutes int64) record.Time {
	local := (z.dayNumber(t)+days)*day + minutes*60
	utc := local - z.Offset(record.Time(local))
	return record.Time(local - z.Offset(record.Time(utc)))
}

// dayNumber returns the number of the zone's calendar day of t, 0 for 1970-01-01.
func (z Zone) dayNumber(t record.Time) int64 {
	local := int64(t) + z.Offset(t)
	n := local / day
	if local%day < 0 {
		n--
	}
	return n
}

// A DueAt is one report of the schedule: up to when it tells, and by when it is to be issued.
type DueAt struct {
	Series string
	N      int64       // which of its series, from 1
	CutOff record.Time // what happened before this moment is in it
	Issue  record.Time // by then it is filed
	Day    string      // the day of Issue in Zone, for example "2016-12-24"
	Zone   string      // name of the zone the schedule is reckoned in
}

// At returns the nth report the line asks for, from 1, reckoned in the zone it names. A line
// that is due once is cut off Days calendar days after From. A recurring one is cut off every
// Every days, the first time so that no report takes in more than Every days.
func (d Due) At(z Zone, n int64) DueAt {
	x := DueAt{Series: d.Series, N: n, Zone: z.Name}
	x.CutOff = z.At(d.From, d.Days, d.CutOff)
	if d.Every > 0 {
		x.CutOff = z.At(d.From, d.first(z)+(n-1)*d.Every, d.CutOff)
	}
	x.Issue = x.CutOff + record.Time(d.Issue*60)
	x.Day = z.Day(x.Issue)
	return x
}

// first returns how many days after that of From the first cut-off of a recurring line falls.
func (d Due) first(z Zone) int64 {
	if z.At(d.From, 0, d.CutOff) <= d.From {
		return d.Every
	}
	return d.Every - 1
}

// until returns how many reports of the line are cut off at t or before.
func (d Due) until(z Zone, t record.Time) int64 {
	if d.Every == 0 {
		if d.At(z, 1).CutOff <= t {
			return 1
		}
		return 0
	}
	n := (z.dayNumber(t)-z.dayNumber(d.From)-d.first(z))/d.Every + 1
	for n > 0 && d.At(z, n).CutOff > t {
		n--
	}
	return max(n, 0)
}

// A DueState says what has become of a report that is due.
type DueState string

// The states of a due report. Filed means signed by its time, by the office's own clock; the
// cosignatures of the log bound that.
const (
	DueFiled   DueState = "filed"
	DueLate    DueState = "late"    // filed after its time
	DueOverdue DueState = "overdue" // its time has passed and it is not filed
	DueAwaited DueState = "awaited"
)

// A DueReport is a report that the mandate's schedule asks for, and what has become of it.
type DueReport struct {
	DueAt
	State  DueState
	Record *record.Hash // the report that meets it, nil while there is none
	Number int64        // of that report
	Signed record.Time  // when it was signed
	// Of is how many reports of the schedule this stands for: those that one report made good
	// for, or those that are overdue. It is 1 where nothing was missed.
	Of int64
}

// DueReports returns, series by series in the order of the mandate's schedule, what was due
// and filed, and then what is due first: overdue or awaited at the given moment. A report
// meets everything of its series that was cut off up to its own cut-off; the only report of a
// series due once meets it whatever its cut-off. After the first cut-off at or after the end
// of the mandate nothing more is due.
func (v View) DueReports(at record.Time) []DueReport {
	t := v.Terms()
	if t == nil {
		return nil
	}
	var list []DueReport
	filed := v.Reports()
	for _, d := range t.Schedule {
		z, _ := t.ZoneNamed(d.Zone) // refused in a mandate that has no such zone
		met := int64(0)
		for _, r := range filed {
			if r.Facts.Series != d.Series || v.listed(r.Index) {
				continue
			}
			upTo := d.until(z, r.Facts.CutOff)
			if d.Every == 0 {
				upTo = 1
			}
			if upTo <= met {
				continue // one more than the schedule asks for
			}
			x := DueReport{DueAt: d.At(z, met+1), State: DueFiled, Record: &r.Record, Number: r.Facts.Number, Signed: v.m.at(r.Index), Of: upTo - met}
			if x.Signed > x.Issue {
				x.State = DueLate
			}
			list, met = append(list, x), upTo
		}
		if next, ok := d.next(z, t.To, met, at); ok {
			list = append(list, next)
		}
	}
	return list
}

// next returns the first report that is not met, if any is due yet.
func (d Due) next(z Zone, to *record.Time, met int64, at record.Time) (x DueReport, ok bool) {
	last := int64(1)
	if d.Every > 0 {
		last = record.MaxInt
		if to != nil {
			last = d.until(z, *to-1) + 1
		}
	}
	if met >= last {
		return x, false
	}
	x = DueReport{DueAt: d.At(z, met+1), State: DueAwaited, Of: 1}
	if x.Issue < at {
		passed := min(d.until(z, at-record.Time(d.Issue*60)-1), last)
		x.State, x.Of = DueOverdue, max(1, passed-met)
	}
	return x, true
}
