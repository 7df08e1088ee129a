package server

import (
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// facts reads the facts of a record, if the reader may.
func facts[T any](p *page, h record.Hash) (x T, ok bool) {
	ok = p.part(h, "facts", &x)
	return x, ok
}

// entry is a record in words: its kind, and where it stands in the log.
func (p *page) entry(h record.Hash) string {
	e, ok := p.now.Find(h)
	if !ok {
		return p.t("record.ref", "hash", h.Short())
	}
	name := p.word("class", string(p.now.Class(e.Index)))
	if p.may(h, "header") {
		name = p.word("kind", string(e.Kind))
	}
	return joined(p.t("comma"), name, p.t("entry.number", "number", int(e.Index)))
}

// gist says in one line what a record tells, as far as the reader may read it; "" where that
// is nothing.
func (p *page) gist(h record.Hash) string {
	e, ok := p.now.Find(h)
	if !ok || !p.may(h, "facts") {
		return ""
	}
	switch e.Kind.Class() {
	case corridor.ClassAuthority:
		return p.gistOfAct(e)
	case corridor.ClassMovement:
		return p.gistOfMovement(e)
	case corridor.ClassWord:
		return p.gistOfWord(e)
	case corridor.ClassReport:
		f, _ := facts[corridor.ReportFacts](p, h)
		return p.reportName(f)
	case corridor.ClassIncident:
		f, _ := facts[corridor.IncidentFacts](p, h)
		return joined(p.t("comma"), p.word("incident-of", string(f.What)), p.amounts(h), p.placed(h))
	case corridor.ClassOffice:
		if f, ok := facts[corridor.RefusedFacts](p, h); ok {
			return f.Rule
		}
		if f, ok := facts[corridor.ToldFacts](p, h); ok {
			return p.toldTo(f.To, f.Public)
		}
		if f, ok := facts[corridor.BreachFacts](p, h); ok {
			return joined(p.t("comma"), p.word("misconduct", string(f.What)), p.label(f.Against))
		}
		if f, ok := facts[corridor.ComplaintFacts](p, h); ok {
			return p.word("complaint-about", string(f.About))
		}
		if f, ok := facts[corridor.AnswerFacts](p, h); ok {
			return joined(p.t("comma"), p.word("answer-as", string(f.As)), p.word("answer-reason", string(f.Reason)), p.entry(f.To))
		}
	}
	return ""
}

func (p *page) gistOfAct(e corridor.Entry) string {
	h := e.Hash
	switch e.Kind {
	case corridor.KindMandate:
		return p.mission()
	case corridor.KindNomination:
		f, _ := facts[corridor.NominationFacts](p, h)
		return f.Label.In(p.lang)
	case corridor.KindDeployment:
		f, _ := facts[corridor.DeploymentFacts](p, h)
		return joined(p.t("comma"), p.label(f.Observer), p.places(f.Places))
	case corridor.KindRevocation:
		f, _ := facts[corridor.RevocationFacts](p, h)
		return joined(p.t("comma"), p.label(f.Observer), p.label(f.Act.Of))
	case corridor.KindSuspension:
		f, _ := facts[corridor.SuspensionFacts](p, h)
		return joined(p.t("comma"), p.word("suspendable", string(f.What)), p.label(f.Actor), p.word("suspension-reason", string(f.Reason)))
	case corridor.KindSuccession:
		f, _ := facts[corridor.SuccessionFacts](p, h)
		return joined(p.t("comma"), f.Succeeds.Origin, p.t("records.count", "n", int(f.Succeeds.Size)), p.word("succession-reason", string(f.Reason)))
	case corridor.KindLapse:
		f, _ := facts[corridor.LapseFacts](p, h)
		return joined(p.t("comma"), p.label(f.Of), p.answered(e))
	case corridor.KindStanddown:
		f, _ := facts[corridor.StanddownFacts](p, h)
		return p.label(f.Observer)
	case corridor.KindConsent:
		f, _ := facts[corridor.ConsentFacts](p, h)
		return joined(p.t("comma"), p.label(f.Act.Of), p.answered(e))
	case corridor.KindObjection:
		f, _ := facts[corridor.ObjectionFacts](p, h)
		return joined(p.t("comma"), p.label(f.Act.Of), p.answered(e))
	case corridor.KindAccession:
		f, _ := facts[corridor.AccessionFacts](p, h)
		return joined(p.t("comma"), p.label(f.Act.Of), p.answered(e))
	case corridor.KindAgreement:
		return p.textTitle(h)
	case corridor.KindAdoption:
		f, _ := facts[corridor.AdoptionFacts](p, h)
		return joined(p.t("colon"), p.line(f.Line), p.number(f.Value))
	case corridor.KindCountersignature:
		f, _ := facts[corridor.CountersignatureFacts](p, h)
		return joined(p.t("comma"), p.word("act", string(f.As)), p.answered(e))
	case corridor.KindErasure:
		f, _ := facts[corridor.ErasureFacts](p, h)
		return joined(p.t("comma"), p.word("erasure-reason", string(f.Reason)), p.answered(e))
	case corridor.KindKey:
		f, _ := facts[corridor.KeyFacts](p, h)
		return joined(p.t("comma"), p.word("key-use", string(f.Key.Use)), p.word("key-reason", string(f.Reason)))
	}
	return p.answered(e)
}

func (p *page) gistOfMovement(e corridor.Entry) string {
	h, comma := e.Hash, p.t("comma")
	switch e.Kind {
	case corridor.KindHold:
		f, _ := facts[corridor.HoldFacts](p, h)
		var reasons []string
		for _, s := range f.Stated {
			reasons = append(reasons, strings.TrimRight(p.word("hold-reason", string(s.Reason)), "."))
		}
		if len(reasons) == 0 {
			reasons = []string{p.word("hold-reason", string(corridor.NoneStated))}
		}
		return joined(comma, p.scope(f.Convoys, f.Legs), joined(p.t("sep"), reasons...))
	case corridor.KindResumption:
		f, _ := facts[corridor.ResumptionFacts](p, h)
		return p.scope(f.Convoys, f.Legs)
	case corridor.KindExplanation:
		f, _ := facts[corridor.ExplanationFacts](p, h)
		return joined(comma, p.convoyOf(f.Convoy, f.Leg), p.amounts(h), p.word("explanation-reason", string(f.Reason)))
	case corridor.KindSituation:
		f, _ := facts[corridor.SituationFacts](p, h)
		return joined(comma, p.word("situation-of", string(f.What)), p.amounts(h), p.placed(h))
	case corridor.KindRestriction:
		f, _ := facts[corridor.RestrictionFacts](p, h)
		return joined(comma, p.word("restriction-of", string(f.What)), p.placed(h))
	case corridor.KindCoverage:
		f, _ := facts[corridor.CoverageFacts](p, h)
		there := p.t("coverage.absent")
		if f.Present {
			there = p.t("coverage.present")
		}
		return joined(comma, p.label(f.Post), p.placed(h), there)
	case corridor.KindHandover:
		f, _ := facts[corridor.HandoverFacts](p, h)
		return p.label(f.To)
	case corridor.KindLink:
		return p.gistOfLink(h)
	case corridor.KindTransfer:
		f, _ := facts[corridor.TransferFacts](p, h)
		return joined(comma, p.convoyOf(f.Convoy, f.Leg), p.amounts(h), p.word("transfer-target", string(f.Receiver)), p.placed(h))
	}
	f, _ := facts[corridor.MovementFacts](p, h)
	return joined(comma, p.convoyOf(f.Convoy, f.Leg), p.amounts(h), p.placed(h))
}

func (p *page) gistOfLink(h record.Hash) string {
	f, ok := facts[corridor.LinkFacts](p, h)
	if !ok {
		return ""
	}
	if f.Claim != nil {
		return joined(p.t("comma"), p.word("link-as", string(f.As)), p.t("statement.claim", "number", int(f.Claim.Claim)))
	}
	return joined(p.t("comma"), p.word("link-as", string(f.As)), p.callSigns(f.Convoys), p.callSigns(f.Into))
}

func (p *page) gistOfWord(e corridor.Entry) string {
	h, comma := e.Hash, p.t("comma")
	switch e.Kind {
	case corridor.KindFigure:
		f, _ := facts[corridor.FigureFacts](p, h)
		leg := ""
		if f.Leg != "" {
			leg = p.leg(f.Leg)
		}
		return joined(comma, p.label(f.Author), p.word("measure", string(f.Measure)), p.amounts(h), leg)
	case corridor.KindStatement:
		return p.statementTitle(h)
	case corridor.KindDispute:
		f, _ := facts[corridor.DisputeFacts](p, h)
		return joined(comma, p.label(f.Act.Of), p.word("dispute-what", string(f.What)), p.answered(e))
	case corridor.KindDissent:
		f, _ := facts[corridor.DissentFacts](p, h)
		return joined(comma, p.label(f.Act.Of), p.word("dispute-what", string(f.What)), p.answered(e))
	case corridor.KindReply:
		f, _ := facts[corridor.ReplyFacts](p, h)
		return joined(comma, p.label(f.Act.Of), p.answered(e))
	case corridor.KindReservation:
		f, _ := facts[corridor.ReservationFacts](p, h)
		return joined(comma, p.label(f.Act.Of), p.answered(e))
	case corridor.KindCorrection:
		f, _ := facts[corridor.CorrectionFacts](p, h)
		what := p.word("correction-reason", string(f.Reason))
		if f.Kind == nil {
			what = joined(comma, p.t("correction.withdrawn"), what)
		}
		return joined(comma, what, p.amounts(h), p.answered(e))
	case corridor.KindNotification:
		f, _ := facts[corridor.NotificationFacts](p, h)
		return joined(comma, p.word("notification-of", string(f.What)), p.toldTo(f.To, false))
	case corridor.KindRequest:
		f, _ := facts[corridor.RequestFacts](p, h)
		return joined(comma, p.word("request-for", string(f.What)), p.toldTo(f.To, false), p.callSigns(f.Convoys))
	case corridor.KindGrant:
		f, _ := facts[corridor.GrantFacts](p, h)
		return joined(comma, p.label(f.Act.Of), p.word("grant-as", string(f.As)), p.answered(e))
	case corridor.KindMeeting:
		f, _ := facts[corridor.MeetingFacts](p, h)
		var there []corridor.ActorID
		for _, a := range f.Present {
			there = append(there, a.Actor)
		}
		return joined(comma, p.word("meeting-of", string(f.What)), p.labels(there))
	case corridor.KindAssessment:
		f, _ := facts[corridor.AssessmentFacts](p, h)
		return joined(comma, p.word("assessment-of", string(f.What)), p.word("confidence", string(f.Sure)))
	case corridor.KindTranslation:
		return p.answered(e)
	}
	return p.answered(e)
}

// answered names what a record answers, "" if it answers nothing.
func (p *page) answered(e corridor.Entry) string {
	if e.Re == nil {
		return ""
	}
	return p.t("record.re_of", "record", p.entry(*e.Re))
}

// amounts are the numbers of a record's count with their units.
func (p *page) amounts(h record.Hash) string {
	var c corridor.Count
	if !p.part(h, "count", &c) {
		return ""
	}
	var list []string
	for _, s := range c.Sums {
		list = append(list, web.Amount(p.lang, p.sum(s, p.published(h))))
	}
	return joined(p.t("comma"), list...)
}

// placed is the place of a record, as far as the reader may know it.
func (p *page) placed(h record.Hash) string {
	var w corridor.Where
	if !p.part(h, "where", &w) {
		return ""
	}
	return p.where(h, &w)
}

// places names places; none are all of the mandate's.
func (p *page) places(ids []corridor.PlaceID) string {
	var names []string
	for _, id := range ids {
		names = append(names, p.place(id))
	}
	if len(names) == 0 {
		return p.t("place.all")
	}
	return joined(p.t("comma"), names...)
}

// convoyOf names a convoy, or the leg where no call-sign is known.
func (p *page) convoyOf(c *corridor.ConvoyID, leg string) string {
	if c != nil {
		return string(*c)
	}
	return p.leg(leg)
}

// scope names what stood still or moved again.
func (p *page) scope(convoys []corridor.ConvoyID, legs []string) string {
	return p.halted(corridor.Standstill{Convoys: convoys, Legs: legs})
}

// toldTo names to whom something went.
func (p *page) toldTo(to []corridor.ActorID, public bool) string {
	s := p.labels(to)
	if public {
		s = joined(p.t("comma"), s, p.t("told.public"))
	}
	return p.t("told.to", "to", s)
}

// textTitle is the title of the first published text that a record rests on, else its own words.
func (p *page) textTitle(h record.Hash) string {
	n := p.narrative(h)
	switch {
	case n == nil:
		return ""
	case len(n.Sources) > 0 && n.Sources[0].Title != "":
		return n.Sources[0].Title
	}
	return n.Text
}

// line names a figure's line in words.
func (p *page) line(name string) string {
	l, err := corridor.ParseLine(name)
	if err != nil {
		return name // refused when it was logged
	}
	scope := l.Scope
	switch {
	case scope == "all":
		scope = ""
	case len(scope) == 1:
		scope = p.leg(scope)
	}
	return web.LineName(p.lang, string(l.Measure), string(l.Unit), string(l.Category), scope)
}
