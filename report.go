package corridor

import (
	"fmt"
	"slices"

	"corridor.example/corridor/record"
)

// KindReport is the kind of record that states what the mission saw over a range of its log.
var KindReport = kind[Report]("report", ClassReport)

// A Report lists every record of class incident logged in its range and states every figure
// the log gives. It is refused unless the mission at its prefix gives the same, so a report
// that leaves something out is not a report. Its narrative is the office's text, which no
// check reads. Completeness is of what was recorded as such.
type Report struct {
	Facts     ReportFacts  `part:"facts"`
	Count     *ReportCount `part:"count"`
	Narrative *Narrative   `part:"narrative"`
}

// ReportFacts say which range and period a report covers, and what it lists.
type ReportFacts struct {
	record.PartHead
	Series   string      `json:"series"`
	Number   int64       `json:"number"` // from 1 within the series
	From     int64       `json:"from"`   // log position: the to of the previous report of the series, else 0
	To       int64       `json:"to"`     // the tree size it was drafted on
	Root     record.Hash `json:"root"`   // the Merkle root at that size
	Period   Period      `json:"period"` // from the previous cut-off, else the mandate's first moment, to the cut-off
	CutOff   record.Time `json:"cut_off"`
	Zone     string      `json:"zone"` // name of one of the mandate's zones
	Sections []Section   `json:"sections"`
}

// A Section is a list of records under a fixed name.
type Section struct {
	Name    string        `json:"name"`
	Records []record.Hash `json:"records"`
}

// ReportCount is every figure of a report.
type ReportCount struct {
	record.PartHead
	Logged  []ClassCount   `json:"logged"`  // records in the range, by class
	Figures []ReportFigure `json:"figures"` // by leg, convoy, measure, unit, category
	Late    []LateFigure   `json:"late"`    // figures of earlier periods that have changed since they were reported
}

// A ClassCount is how many records of a class were logged in the range.
type ClassCount struct {
	Class Class `json:"class"`
	N     int64 `json:"n"`
}

// A ReportFigure is one line: all that is known before To, what happened in the period, and
// what the previous report of the series gave as the total.
type ReportFigure struct {
	Name     string        `json:"name"`
	Total    Span          `json:"total"`
	Period   Span          `json:"period"`
	Previous *Span         `json:"previous"`
	From     []record.Hash `json:"from"` // the accounts behind Total
}

// A Span is a range as a report writes it; null where nobody counted.
type Span struct {
	Low       *int64 `json:"low"`
	High      *int64 `json:"high"`
	About     bool   `json:"about"`
	Open      bool   `json:"open"`
	Uncounted int64  `json:"uncounted"`
}

// A LateFigure is a figure of an earlier period as it was reported and as it is now.
type LateFigure struct {
	Number int64  `json:"number"` // of the report
	Name   string `json:"name"`
	Old    Span   `json:"old"`
	New    Span   `json:"new"`
}

// Span returns the range as a report writes it.
func (r Range) Span() Span {
	s := Span{About: r.About, Open: r.Open, Uncounted: int64(r.Uncounted)}
	if r.Known {
		s.Low, s.High = &r.Low, &r.High
	}
	return s
}

// Range returns the span as a range.
func (s Span) Range() Range {
	r := Range{About: s.About, Open: s.Open, Uncounted: int(s.Uncounted)}
	if s.Low != nil && s.High != nil {
		r.Low, r.High, r.Known = *s.Low, *s.High, true
	}
	return r
}

func (s Span) equal(t Span) bool {
	return s.Range() == t.Range() && (s.Low == nil) == (t.Low == nil) && (s.High == nil) == (t.High == nil)
}

type reportAt struct {
	index int64
	hash  record.Hash
	by    ActorID
	facts ReportFacts
	count *ReportCount
}

// A Filed is a report as a view shows it.
type Filed struct {
	Record record.Hash
	Index  int64
	By     ActorID
	Facts  ReportFacts
	Count  *ReportCount // nil while sealed
	// Between are the incidents logged after the prefix the report was drafted on and before
	// the report itself. They do not break it and stand in the next one of its series.
	Between []record.Hash
	// Since is how many accounts of its period were logged after its prefix.
	Since int
}

// Reports returns the reports of the prefix in the order of the log.
func (v View) Reports() []Filed {
	var all []Filed
	for _, r := range v.m.field.reports.list {
		if r.index >= v.n {
			continue
		}
		f := Filed{Record: r.hash, Index: r.index, By: r.by, Facts: r.facts, Count: r.count}
		for i := r.facts.To; i < r.index; i++ {
			if v.m.entry(i).class() == ClassIncident {
				f.Between = append(f.Between, v.m.entry(i).hash)
			}
		}
		for a := range v.m.field.accounts.all() {
			if a.Index >= r.facts.To && a.Index < v.n && a.When[0] >= r.facts.Period[0] && a.When[0] < r.facts.Period[1] {
				f.Since++
			}
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b Filed) int { return int(a.Index - b.Index) })
	return all
}

// previous returns the last report of a series before an index, nil if there is none.
func (m *Mission) previous(series string, before int64) *reportAt {
	var last *reportAt
	for i := range m.field.reports.list {
		r := &m.field.reports.list[i]
		if r.index < before && r.facts.Series == series && (last == nil || r.index > last.index) {
			last = r
		}
	}
	return last
}

// DraftReport returns the facts and counts of the next report of a series over the first to
// records, with its cut-off. The part heads are left to whoever signs it. The error is a
// *Refusal.
func (m *Mission) DraftReport(series string, to int64, cutOff record.Time, zone string) (ReportFacts, ReportCount, error) {
	return m.draft(series, m.Size(), to, cutOff, zone)
}

func (m *Mission) draft(series string, index, to int64, cutOff record.Time, zone string) (f ReportFacts, c ReportCount, err error) {
	if to < 0 || to > index {
		return f, c, Refuse("report.range", "the report was drafted on %d records and the log before it has %d", to, index)
	}
	v := m.At(to)
	f = ReportFacts{Series: series, Number: 1, To: to, CutOff: cutOff, Zone: zone}
	root, err := m.tree.Root(to)
	if err != nil {
		return f, c, Refuse("report.root", "the log has no root at %d: %v", to, err)
	}
	f.Root = record.Hash(root)
	if v.Terms() == nil {
		return f, c, Refuse("report.range", "a report begins after the mandate")
	}
	if _, ok := v.Terms().ZoneNamed(zone); !ok || !record.Name(series) {
		return f, c, Refuse("report.zone", "a report names its series and one of the mandate's zones, not %q", zone)
	}
	start := v.Terms().From
	last := m.previous(series, index)
	if last != nil {
		f.From, f.Number, start = last.facts.To, last.facts.Number+1, last.facts.CutOff
	}
	f.Period = Period{start, cutOff}
	if to < f.From || cutOff < start {
		return f, c, Refuse("report.range", "the report ends at %d and %s, before the previous one of its series ended at %d and %s", to, cutOff, f.From, start)
	}
	f.Sections = v.sections(f.From, f.Period)
	c.Logged = m.logged(f.From, to)
	c.Figures = v.reportFigures(f.Period, last)
	c.Late = v.lateFigures(series, index)
	return f, c, nil
}

func (m *Mission) logged(from, to int64) []ClassCount {
	var list []ClassCount
	for _, c := range classes {
		n := int64(0)
		for i := from; i < to; i++ {
			if e := m.entry(i); e.class() == c {
				n++
			}
		}
		list = append(list, ClassCount{c, n})
	}
	return list
}

func (v View) reportFigures(p Period, last *reportAt) []ReportFigure {
	list := []ReportFigure{}
	in := v.During(p)
	for _, l := range v.Lines() {
		f := v.Figure(l)
		r := ReportFigure{Name: l.String(), Total: f.Span(), Period: in.Figure(l).Span(), From: f.From}
		if last != nil && last.count != nil {
			for _, x := range last.count.Figures {
				if x.Name == r.Name {
					r.Previous = &x.Total
				}
			}
		}
		list = append(list, r)
	}
	return list
}

func (v View) lateFigures(series string, index int64) []LateFigure {
	list := []LateFigure{}
	for _, r := range v.m.field.reports.list {
		if r.index >= index || r.facts.Series != series || r.count == nil {
			continue
		}
		in := v.During(r.facts.Period)
		for _, x := range r.count.Figures {
			l, err := ParseLine(x.Name)
			if err != nil {
				continue // refused when it was logged
			}
			if now := in.Figure(l).Span(); !now.equal(x.Period) {
				list = append(list, LateFigure{r.facts.Number, x.Name, x.Period, now})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b LateFigure) int { return int(a.Number - b.Number) })
	return list
}

// SilentAfter is how long, in minutes, a post may go without being heard from before a report
// says so, at its cut-off.
const SilentAfter = 60

// sections lists what a report lists, under fixed names and in the order of the log. The
// incidents are those of the class, which every leaf shows; the last three lists are the
// accounts of what happened before the period, the records with findings, and the deployments
// of the posts not heard from at the cut-off.
func (v View) sections(from int64, p Period) []Section {
	list := []Section{{"incidents", v.inRange(from, func(e *entry, _ int64) bool { return e.class() == ClassIncident })}}
	for _, k := range []Kind{"hold", "resumption", "explanation", "situation", "restriction", "coverage", "handover", "assessment", "statement", "figure", "reply", "reservation", "dissent", "correction", "dispute", "erasure", "notification", "told"} {
		list = append(list, Section{string(k), v.inRange(from, func(e *entry, _ int64) bool { return e.is(k) })})
	}
	late := v.inRange(from, func(e *entry, i int64) bool {
		when, ok := v.when(i)
		return ok && when[0] < p[0]
	})
	silent := []record.Hash{}
	for _, x := range v.Silent(p[1], SilentAfter) {
		silent = append(silent, x.Deployment)
	}
	list = append(list, Section{"late", late}, Section{"findings", v.found(from)}, Section{"silent", silent})
	for _, k := range laterKinds {
		if s := v.inRange(from, func(e *entry, _ int64) bool { return e.is(k) }); len(s) > 0 {
			list = append(list, Section{string(k), s})
		}
	}
	return list
}

// laterKinds are kinds that came after the first reports of edition 1. Each has a list behind
// the others where the range holds any of them, so that a report from before recomputes.
// Complaints and answers are counted beside a report and listed in none: a list would tell the
// public which entry is a complaint.
var laterKinds = []Kind{"request", "grant", "meeting"}

// foreseen returns the lists to hold a report's against: those that the records give, and of the
// later kinds also those of the report that nobody can tell here to be empty.
func (v View) foreseen(given, got []Section, from int64) (list []Section) {
	for _, s := range given {
		if !slices.Contains(laterKinds, Kind(s.Name)) {
			list = append(list, s)
		}
	}
	for _, k := range laterKinds {
		named := func(s Section) bool { return s.Name == string(k) }
		if i := slices.IndexFunc(given, named); i >= 0 {
			list = append(list, given[i])
		} else if slices.ContainsFunc(got, named) && !v.sees(string(k), from) {
			list = append(list, Section{Name: string(k)})
		}
	}
	return list
}

func (v View) inRange(from int64, keep func(*entry, int64) bool) []record.Hash {
	list := []record.Hash{}
	for i := from; i < v.n; i++ {
		if e := v.m.entry(i); keep(e, i) {
			list = append(list, e.hash)
		}
	}
	return list
}

// found lists the records against which the range has something: its own records with
// findings, and the earlier ones whose key signed another record with their number in it.
// Those stood in a figure when they were reported.
func (v View) found(from int64) []record.Hash {
	var all []int64
	before := v.m.At(from)
	for i := from; i < v.n; i++ {
		if len(v.Findings(i)) > 0 {
			all = append(all, i)
		}
		for _, j := range v.m.twins(i) {
			if j < from && !before.equivocates(j) {
				all = append(all, j)
			}
		}
	}
	slices.Sort(all)
	list := []record.Hash{}
	for _, i := range slices.Compact(all) {
		list = append(list, v.m.Hash(i))
	}
	return list
}

func (k Report) refuse(m *Mission, h Header) error {
	_, err := k.check(m, h)
	return err
}

// A Recomputed says how much of a report could be recomputed from the parts at hand.
type Recomputed struct {
	Figures, Of    int // figures recomputed, and stated
	Lists, OfLists int // lists likewise
}

func (k Report) check(m *Mission, h Header) (done Recomputed, err error) {
	f := k.Facts
	if f.Period[1] != f.CutOff {
		return done, Refuse("report.period", "the period ends with the cut-off")
	}
	want, count, err := m.draft(f.Series, h.Index, f.To, f.CutOff, f.Zone)
	if err != nil {
		return done, err
	}
	switch {
	case f.Number != want.Number:
		return done, Refuse("report.number", "this is report %d of the series %s, not %d", want.Number, f.Series, f.Number)
	case f.From < want.From:
		return done, Refuse("report.overlap", "the report begins at %d and the previous one of its series ended at %d: they overlap", f.From, want.From)
	case f.From > want.From:
		return done, Refuse("report.gap", "the report begins at %d and the previous one of its series ended at %d: entries %d to %d are in neither", f.From, want.From, want.From, f.From-1)
	case f.Root != want.Root:
		return done, Refuse("report.root", "the report was drafted on another history: the root at %d is %s", f.To, want.Root)
	case f.Period != want.Period:
		return done, Refuse("report.period", "the period begins at %s, where the previous one of the series ended", want.Period[0])
	}
	if err := m.fresh(f, h); err != nil {
		return done, err
	}
	if err := k.compareLists(m.At(f.To), want, &done); err != nil {
		return done, err
	}
	if k.Count == nil {
		return done, nil
	}
	return done, k.compareFigures(m.At(f.To), count, &done)
}

// fresh refuses a report drafted before the first checkpoint cosigned at or after its cut-off.
// Its header's seen is that checkpoint. Where the mandate's quorum is none the log's own word
// has no time, and nothing can be asked.
func (m *Mission) fresh(f ReportFacts, h Header) error {
	p, err := m.At(h.Index).Terms().Policy()
	if err != nil {
		return Refuse("report.policy", "the mandate's witness policy cannot be read: %v", err)
	}
	if p.Quorum() == "none" {
		return nil
	}
	if h.Seen == nil {
		return Refuse("report.stale", "a report's header carries in seen the checkpoint it was drafted on, cosigned at or after the cut-off")
	}
	s, err := p.Check([]byte(*h.Seen))
	if err != nil {
		return Refuse("report.stale", "the checkpoint in seen does not hold: %v", err)
	}
	if root, err := m.tree.Root(min(s.Size, f.To)); err != nil || s.Size <= f.To && root != s.Root {
		return Refuse("report.root", "the checkpoint in seen is of another history")
	}
	if s.Size > f.To || !s.QuorumAt(int64(f.CutOff)) {
		return Refuse("report.stale", "drafted on the first %d records, before the first checkpoint cosigned at or after the cut-off %s; draft it again on the log as it stands", f.To, f.CutOff)
	}
	return nil
}

func (k Report) compareLists(v View, want ReportFacts, done *Recomputed) error {
	got := k.Facts.Sections
	want.Sections = v.foreseen(want.Sections, got, k.Facts.From)
	for _, s := range want.Sections {
		if slices.Contains(laterKinds, Kind(s.Name)) && len(s.Records) > 0 && !slices.ContainsFunc(got, func(g Section) bool { return g.Name == s.Name }) {
			j, _ := v.m.Index(s.Records[0])
			return Refuse("report.omits", "the report leaves out entry %d, %s, and with it its list of %s", j, s.Records[0].Short(), s.Name)
		}
	}
	if len(got) != len(want.Sections) {
		return Refuse("report.section", "a report of this edition has %d lists, this one has %d", len(want.Sections), len(got))
	}
	for i, s := range want.Sections {
		g := got[i]
		if g.Name != s.Name {
			return Refuse("report.section", "list %d of a report is %q, not %q", i+1, s.Name, g.Name)
		}
		done.OfLists++
		if !v.sees(s.Name, k.Facts.From) {
			continue
		}
		done.Lists++
		if slices.Equal(g.Records, s.Records) {
			continue
		}
		for _, r := range s.Records {
			if !slices.Contains(g.Records, r) {
				j, _ := v.m.Index(r)
				return Refuse("report.omits", "the report leaves out entry %d, %s, which belongs in its list of %s", j, r.Short(), s.Name)
			}
		}
		for _, r := range g.Records {
			if !slices.Contains(s.Records, r) {
				return Refuse("report.adds", "the report lists %s under %s, where the log has no such record", r.Short(), s.Name)
			}
		}
		return Refuse("report.order", "the list of %s is not in the order of the log, or names a record twice", s.Name)
	}
	return nil
}

// sees reports whether a list can be made from what is known of the records in the range: the
// incidents from the leaves alone, the kinds from the headers, late accounts from the facts.
func (v View) sees(list string, from int64) bool {
	for i := from; i < v.n; i++ {
		e := v.m.entry(i)
		switch {
		case list == "incidents":
			return true
		case e.spec() == nil && (Kind(list).Class() == "" || e.class() == "" || e.class() == Kind(list).Class()):
			return false // it may be of the list; one whose leaf shows another class is not
		case list == "late" && v.m.sealed[e.hash] != nil:
			if v.m.when(e) == (Period{}) && (e.class() == ClassMovement || e.class() == ClassIncident || e.class() == ClassWord) {
				return false
			}
		}
	}
	switch list {
	case "findings": // a record of which only the leaf is known may share its number with another
		return !v.hidesAuthority() && !slices.ContainsFunc(v.m.blanks, func(i int64) bool { return i < v.n })
	case "silent":
		return !v.hidesAuthority() && v.hears()
	}
	return true
}

// hears reports whether the facts of every record of the prefix are known here, so that nobody
// may have been heard in one that is not.
func (v View) hears() bool {
	for _, i := range v.m.blanks {
		if i < v.n {
			return false
		}
	}
	for _, h := range v.m.sealed {
		if h.index < v.n && h.rec.Part("facts") == nil {
			return false
		}
	}
	return true
}

// hidesAuthority reports whether the prefix has authority records whose facts are not known
// here, so that a record after them may seem to break the mandate.
func (v View) hidesAuthority() bool {
	for _, i := range v.m.blanks {
		if i < v.n && v.m.entry(i).class() == ClassAuthority {
			return true
		}
	}
	return len(v.m.blind) > 0
}

func (k Report) compareFigures(v View, want ReportCount, done *Recomputed) error {
	got := *k.Count
	if !slices.Equal(got.Logged, want.Logged) {
		return Refuse("report.logged", "the report counts %v records by class in its range, the log %v", got.Logged, want.Logged)
	}
	done.Of = len(got.Figures) + len(got.Late)
	if v.blind() {
		return nil // the facts of some account are not known here: nothing can be recomputed
	}
	i := 0
	for _, f := range want.Figures {
		for i < len(got.Figures) && got.Figures[i].Name != f.Name && v.mayRest(got.Figures[i].Name) {
			i++
		}
		if i == len(got.Figures) {
			return Refuse("report.figure", "the report leaves out the figure %s", f.Name)
		}
		if err := k.compareFigure(v, got.Figures[i], f, done); err != nil {
			return err
		}
		i++
	}
	for ; i < len(got.Figures); i++ {
		if !v.mayRest(got.Figures[i].Name) {
			return Refuse("report.figure", "the report states the figure %s, which no account gives", got.Figures[i].Name)
		}
	}
	return k.compareLate(v, want.Late, done)
}

// mayRest reports whether a figure may rest on a count that is not known here. It is then
// neither recomputed nor missed.
func (v View) mayRest(figure string) bool {
	l, err := ParseLine(figure)
	return err == nil && v.sealedIn(l)
}

// compareLate compares the figures of earlier periods, those of reports whose counts are not
// known here apart.
func (k Report) compareLate(v View, want []LateFigure, done *Recomputed) error {
	want = slices.DeleteFunc(slices.Clone(want), func(l LateFigure) bool { return v.mayRest(l.Name) })
	got := slices.DeleteFunc(slices.Clone(k.Count.Late), func(l LateFigure) bool {
		return v.mayRest(l.Name) || v.m.countsSealed(k.Facts.Series, l.Number)
	})
	for i, l := range want {
		if i >= len(got) || got[i].Name != l.Name || got[i].Number != l.Number || !got[i].Old.equal(l.Old) || !got[i].New.equal(l.New) {
			return Refuse("report.late", "the figure %s of report %d was %s and is %s since; the report does not say so", l.Name, l.Number, l.Old.Range(), l.New.Range())
		}
		done.Figures++
	}
	if len(got) > len(want) {
		return Refuse("report.late", "the report says that %s has changed, and it has not", got[len(want)].Name)
	}
	return nil
}

// countsSealed reports whether the counts of a report are not known here.
func (m *Mission) countsSealed(series string, number int64) bool {
	return slices.ContainsFunc(m.field.reports.list, func(r reportAt) bool {
		return r.facts.Series == series && r.facts.Number == number && r.count == nil
	})
}

func (k Report) compareFigure(v View, g, f ReportFigure, done *Recomputed) error {
	if g.Name != f.Name {
		return Refuse("report.figure", "where the report states %s the accounts give %s", g.Name, f.Name)
	}
	l, _ := ParseLine(f.Name)
	if v.sealedIn(l) {
		return nil
	}
	done.Figures++
	switch {
	case !g.Total.equal(f.Total):
		return Refuse("report.figure", "the report says %s is %s; its accounts give %s", f.Name, g.Total.Range(), f.Total.Range())
	case !g.Period.equal(f.Period):
		return Refuse("report.figure", "the report says %s is %s in its period; the accounts give %s", f.Name, g.Period.Range(), f.Period.Range())
	case !slices.Equal(g.From, f.From):
		return Refuse("report.from", "the figure %s rests on %d accounts, the report names %s", f.Name, len(f.From), fmt.Sprint(len(g.From)))
	case v.m.countsSealed(k.Facts.Series, k.Facts.Number-1):
		// what the report before it said is not known here
	case (g.Previous == nil) != (f.Previous == nil) || g.Previous != nil && !g.Previous.equal(*f.Previous):
		return Refuse("report.previous", "the report does not repeat what the previous one of its series gave for %s", f.Name)
	}
	return nil
}

// blind reports whether the prefix has movement records, corrections or links whose facts are
// not known here, so that any figure might rest on them.
func (v View) blind() bool {
	for _, h := range v.m.sealed {
		if h.index < v.n && h.rec.Part("facts") == nil && v.m.entry(h.index).feedsFigures() {
			return true
		}
	}
	for _, i := range v.m.blanks {
		if i < v.n && (v.m.entry(i).class() == ClassMovement || v.m.entry(i).class() == ClassWord || v.m.entry(i).class() == ClassAuthority) {
			return true
		}
	}
	return len(v.m.blind) > 0
}

func (e *entry) feedsFigures() bool {
	return e.class() == ClassMovement || e.is(KindCorrection)
}

// sealedCounts are the legs and convoys of accounts whose counts are not known here.
type sealedCounts struct {
	legs   map[string]bool
	wholes map[ConvoyID]bool
}

// sealedIn reports whether a line rests on an account whose count is not known here.
func (v View) sealedIn(l Line) bool {
	if len(v.m.sealed) == 0 {
		return false
	}
	v.build()
	if v.memo.sealed == nil {
		s := &sealedCounts{map[string]bool{}, map[ConvoyID]bool{}}
		v.memo.sealed = s
		for _, h := range v.m.sealed {
			a := v.m.account(h.rec.Hash)
			if a == nil || h.index >= v.n || a.Count != nil {
				continue
			}
			s.legs["all"], s.legs[a.Leg] = true, true
			for _, c := range []*ConvoyID{a.Convoy, a.To} {
				if c == nil {
					continue
				}
				s.legs[c.Leg()] = true
				if g := v.memo.groups[*c]; g != nil {
					s.wholes[g.whole] = true
				}
			}
		}
	}
	g := v.memo.groups[ConvoyID(l.Scope)]
	return v.memo.sealed.legs[l.Scope] || g != nil && v.memo.sealed.wholes[g.whole]
}

func (v View) sameConvoy(c ConvoyID, scope string) bool {
	v.build()
	a, b := v.memo.groups[c], v.memo.groups[ConvoyID(scope)]
	return a != nil && b != nil && a.whole == b.whole
}

// Recompute checks a report of the log again with the parts known now, and says how much of
// it could be recomputed. The error is a *Refusal.
func (m *Mission) Recompute(r Filed) (Recomputed, error) {
	e := m.entry(r.Index)
	h := Header{Hash: r.Record, Index: r.Index}
	h.Seen, h.At, h.By = m.seenBy(e), m.at(r.Index), string(m.by(r.Index))
	return Report{Facts: r.Facts, Count: r.Count}.check(m, h)
}

func (k Report) apply(m *Mission, h Header) {
	m.field.reports.put(h.Hash, reportAt{h.Index, h.Hash, ActorID(h.By), k.Facts, k.Count})
}
