package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// A Said is a statement as a view shows it: each claim, and beside it what the log has.
type Said struct {
	Record    record.Hash
	Index     int64
	By        ActorID // who entered it
	When      Period  // said, else published, else signed: what statements are put in order by
	Facts     StatementFacts
	Claims    []SaidClaim
	Disputes  []Word // of the statement itself: that it was said, or so
	Replies   []Word
	Withdrawn bool // by its author
	Listed    bool // authority has something against it
}

// A SaidClaim is one claim and what standing links join to it. The lists are in the order of
// what happened; who joined each account is beside it, with the disputes of that.
type SaidClaim struct {
	Claim
	State   ClaimState
	For     []Bearing
	Against []Bearing
	Context []Bearing
	Outside []Joining // links saying that nobody of the mission was there
}

// A ClaimState says what the log has beside a claim. It is no verdict: there is none for true,
// false or answered.
type ClaimState string

// The states of a claim.
const (
	HasAccounts     ClaimState = "accounts"             // some account is joined to it
	HasNone         ClaimState = "none"                 // nothing in the log bears on it so far
	OutsideCoverage ClaimState = "outside-coverage"     // nobody of the mission was where it could be seen
	NoRecordCould   ClaimState = "no-record-could-show" // a motive, judgement or forecast
)

// A Bearing is an account that somebody holds to bear on a claim.
type Bearing struct {
	Record record.Hash
	Index  int64
	By     ActorID // who signed the account
	Kind   Kind
	Joined []Joining // everyone who says so, by when they signed it
}

// A Joining is a link to a claim: who signed it, why, and who disputes it.
type Joining struct {
	Link     record.Hash
	Index    int64
	By       ActorID
	Reason   LinkReason
	Records  []record.Hash // what it joins to the claim, as far as the prefix has it
	Disputes []Word
	When     record.Time // when it was signed
}

// Statements returns every statement of the prefix, withdrawn ones too, by when it was said.
func (v View) Statements() []Said {
	var all []Said
	links := v.claimLinks()
	for _, s := range v.m.field.statements.list {
		if s.index < v.n {
			all = append(all, v.said(s, links))
		}
	}
	slices.SortFunc(all, func(a, b Said) int { return byWhen(a.When, b.When, a.Record, b.Record) })
	return all
}

// Statement returns the statement of a record hash, and whether the prefix has it.
func (v View) Statement(h record.Hash) (Said, bool) {
	s, ok := v.m.field.statements.get(h)
	if !ok || s.index >= v.n {
		return Said{}, false
	}
	return v.said(s, v.claimLinks()), true
}

func (v View) said(s *statementAt, links claimLinks) Said {
	x := Said{
		Record: s.record, Index: s.index, By: s.by, When: s.when(), Facts: s.facts,
		Disputes: v.Disputed(s.record), Replies: v.Beside(s.record, KindReply),
		Withdrawn: v.corrected(s.record, s.by), Listed: v.listed(s.index),
	}
	for _, c := range s.facts.Claims {
		x.Claims = append(x.Claims, v.saidClaim(links[ClaimRef{s.record, c.N}], c))
	}
	return x
}

// claimLinks are the standing links to claims.
type claimLinks map[ClaimRef][]linkOf

func (v View) claimLinks() claimLinks {
	links := claimLinks{}
	for _, l := range v.links(BearsFor, Against, Context, NotCovered) {
		links[*l.facts.Claim] = append(links[*l.facts.Claim], l)
	}
	return links
}

func (v View) saidClaim(links []linkOf, c Claim) SaidClaim {
	x := SaidClaim{
		Claim: c, For: v.bearings(links, BearsFor), Against: v.bearings(links, Against), Context: v.bearings(links, Context),
		Outside: v.joinings(links, NotCovered),
	}
	switch {
	case c.Bears != BearsFact:
		x.State = NoRecordCould
	case len(x.For)+len(x.Against) > 0:
		x.State = HasAccounts
	case len(x.Outside) > 0:
		x.State = OutsideCoverage
	case len(x.Context) > 0:
		x.State = HasAccounts
	default:
		x.State = HasNone
	}
	return x
}

// joinings returns the links of one way, by when they were signed.
func (v View) joinings(links []linkOf, as LinkAs) []Joining {
	var list []Joining
	for _, l := range links {
		if l.facts.As != as {
			continue
		}
		j := Joining{Link: l.record, Index: l.index, By: l.by, Reason: l.facts.Reason, Disputes: v.Disputed(l.record), When: v.m.at(l.index)}
		for _, r := range l.facts.Records {
			if i, ok := v.m.Index(r); ok && i < v.n && !slices.Contains(j.Records, r) {
				j.Records = append(j.Records, r)
			}
		}
		list = append(list, j)
	}
	slices.SortFunc(list, func(a, b Joining) int {
		return byWhen(Period{a.When, a.When}, Period{b.When, b.When}, a.Link, b.Link)
	})
	return list
}

// bearings turns the links of one way round: each account once, with everyone who joins it.
func (v View) bearings(links []linkOf, as LinkAs) []Bearing {
	var list []Bearing
	for _, j := range v.joinings(links, as) {
		for _, r := range j.Records {
			i := slices.IndexFunc(list, func(b Bearing) bool { return b.Record == r })
			if i < 0 {
				e, _ := v.Find(r)
				i, list = len(list), append(list, Bearing{Record: r, Index: e.Index, By: e.By, Kind: e.Kind})
			}
			list[i].Joined = append(list[i].Joined, j)
		}
	}
	slices.SortFunc(list, func(a, b Bearing) int { return byWhen(v.happened(a.Index), v.happened(b.Index), a.Record, b.Record) })
	return list
}

// happened returns when what a record tells happened, or, where it tells no time, when it was
// signed.
func (v View) happened(i int64) Period {
	if when, ok := v.when(i); ok {
		return when
	}
	return v.signed(i)
}
