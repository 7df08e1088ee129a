package verify

import (
	"fmt"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// A lost is a report that has no place in its series here.
type lost struct {
	index   int64
	why     string // "is sealed here"
	refused bool   // it breaks a rule of its own
}

// Why a report has no place in its series here.
const (
	sealedHere = "is sealed here"
	damaged    = "cannot be read in this copy"
	forged     = "is not what its leaf or its key says"
	unknown    = "is of a kind that this program does not know"
)

// sealedReport says that a report cannot be made again, because a part of it is not known.
func (c *check) sealedReport(it *item) {
	what, why := "figures", sealedHere
	if it.rec.Part("facts") == nil {
		what = "lists"
	}
	if c.head.Level == "" { // nothing is sealed in a whole copy
		why = damaged
	}
	p := Problem{it.entry.Index, it.rec.Hash, RulePartSealed, "the report's " + what + map[string]string{sealedHere: " are sealed here", damaged: " cannot be read in this copy"}[why]}
	if what == "lists" {
		c.reports.open.add(p)
	}
	c.figures.open.add(p)
	c.lose(seriesOf(it.rec), lost{it.entry.Index, why, false})
}

// seriesOf returns the series of a report, "" where it is not known.
func seriesOf(r record.Record) string {
	var f corridor.ReportFacts
	if b := r.Part("facts"); b == nil || record.Decode(b, &f) != nil {
		return ""
	}
	return f.Series
}

// lose notes a report that the next of its series cannot be held against.
func (c *check) lose(series string, l lost) {
	if c.lost == nil {
		c.lost = map[string]lost{}
	}
	c.lost[series] = l
}

// figureRules are the rules a report breaks by what it counts. The others are broken by what
// it lists, or which range it covers.
var figureRules = []string{"report.logged", "report.figure", "report.previous", "report.from", "report.late", "report.count"}

// priorRules are the rules that hold a report against the one before it in its series.
var priorRules = []string{"report.number", "report.overlap", "report.gap", "report.period", "report.previous", "report.late"}

// refused names a record that was logged and breaks a rule.
func (c *check) refused(it *item, kind corridor.Kind, err error) {
	p := problem(it, err)
	if kind != corridor.KindReport {
		c.authority.bad.add(p)
		return
	}
	series := seriesOf(it.rec)
	before, follows := c.lost[series]
	if !follows {
		before, follows = c.lost[""]
	}
	if follows = follows && slices.Contains(priorRules, p.Rule); follows && !before.refused {
		p.Sentence = fmt.Sprintf("it cannot be held against the report before it, entry %d, which %s: %s", before.index, before.why, p.Sentence)
		c.reports.open.add(p)
		c.figures.open.add(p)
		return
	}
	if follows {
		p.Sentence = fmt.Sprintf("it follows a report that does not hold, entry %d, and so has no place in its series: %s", before.index, p.Sentence)
	}
	c.reports.bad.add(p)
	if slices.Contains(figureRules, p.Rule) {
		c.figures.bad.add(p)
	}
	c.lose(series, lost{it.entry.Index, "", true})
}
