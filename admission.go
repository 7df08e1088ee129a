package corridor

import (
	"cmp"
	"slices"

	"corridor.example/corridor/record"
)

// An Admission is everything that authority records tell of one nomination: who put the
// observer forward, who was asked, what each answered, and whether the observer stands
// deployed. A device nominated anew has an admission of its own.
type Admission struct {
	Record      record.Hash // the nomination
	Index       int64
	By          ActorID // who put the observer forward
	At          record.Time
	Facts       NominationFacts
	Findings    []Finding
	Asked       []ActorID // whose consent the mandate asks for, each once
	Needed      int64     // consents asked for, at the outermost of nested quorums
	Given       int64     // of these, those that count so far
	Barred      []ActorID // who bars the observer by an objection that the mandate counts so
	Votes       []Vote    // every answer, in the order of the log
	Deployments []Deploying
	Revocations []Revoking
	Suspensions []Suspending // of the observer, and what lifted them
	Standdowns  []Closing
	Lapses      []Lapsed // of those who gave no answer
	State       AdmissionState
}

// An AdmissionState is how far an admission has come.
type AdmissionState string

// The states of an admission.
const (
	Nominated AdmissionState = "nominated"  // asked, and not enough answers count so far
	Admitted  AdmissionState = "admitted"   // the consents are there, and no deployment
	Deployed  AdmissionState = "deployed"   // a deployment stands
	Revoked   AdmissionState = "revoked"    // the last deployment was revoked, but for convoys that it keeps
	Paused    AdmissionState = "suspended"  // deployed, and suspended for a time
	StoodDown AdmissionState = "stood-down" // the device's chain is closed
	NotPassed AdmissionState = "refused"    // an objection bars the observer
)

// A Vote is an answer to a nomination.
type Vote struct {
	Record   record.Hash
	Index    int64
	By       ActorID // who signed it
	Act      Act     // whose answer it is
	Yes      bool
	Reason   ObjectionReason // "" where none is given: none is owed
	At       record.Time     // when it was given, as dated, else as signed
	Silence  bool            // no answer, but a lapse that the mandate takes for consent
	Counts   bool            // authority takes it as that actor's own
	Way      Way             // signed, recorded, or by silence
	Answered []Standing      // who countersigned, ratified or repudiated it
	Findings []Finding
}

// A Deploying is a deployment, with effect or with findings and without.
type Deploying struct {
	Record   record.Hash
	Index    int64
	By       ActorID
	At       record.Time
	Facts    DeploymentFacts
	Findings []Finding
}

// A Revoking is a revocation of an observer's deployment.
type Revoking struct {
	Record   record.Hash
	Index    int64
	By       ActorID
	At       record.Time // as dated, else as signed
	Facts    RevocationFacts
	Counts   bool
	Way      Way
	Answered []Standing
	Findings []Finding
}

// A Suspending is a suspension of an observer, or what lifts one.
type Suspending struct {
	Record   record.Hash
	Index    int64
	By       ActorID
	At       record.Time // as dated, else as signed
	Facts    SuspensionFacts
	Counts   bool
	Way      Way
	Findings []Finding
}

// A Closing is a stand-down of an observer's device.
type Closing struct {
	Record   record.Hash
	Index    int64
	By       ActorID
	At       record.Time
	Facts    StanddownFacts
	Findings []Finding
}

// Admissions returns every nomination of the prefix in the order of the log, with what became
// of it. Acts with findings are listed, and have no effect.
func (v View) Admissions() []Admission {
	var all []Admission
	of := func(nomination record.Hash) *Admission {
		i := slices.IndexFunc(all, func(a Admission) bool { return a.Record == nomination })
		if i < 0 {
			return &Admission{} // of a nomination that is not here
		}
		return &all[i]
	}
	for _, act := range v.m.acts {
		h := act.h
		if h.Index >= v.n {
			break
		}
		by, found := ActorID(h.By), v.Findings(h.Index)
		switch k := act.body.(type) {
		case *Nomination:
			all = append(all, Admission{Record: h.Hash, Index: h.Index, By: by, At: h.At, Facts: k.Facts, Findings: found})
		case *Consent:
			a := of(answeredBy(h.Re))
			a.Votes = append(a.Votes, v.cast(h, k.Facts.Act, true, "", found))
		case *Objection:
			a, why := of(answeredBy(h.Re)), ObjectionReason("")
			if k.Facts.Reason != nil {
				why = *k.Facts.Reason
			}
			a.Votes = append(a.Votes, v.cast(h, k.Facts.Act, false, why, found))
		case *Deployment:
			a := of(answeredBy(h.Re))
			a.Deployments = append(a.Deployments, Deploying{h.Hash, h.Index, by, h.At, k.Facts, found})
		case *Revocation:
			v.revoke(all, Revoking{Record: h.Hash, Index: h.Index, By: by, At: dated(k.Facts.Act.Dated, h), Facts: k.Facts,
				Counts: v.Authority().counts(KindRevocation, h.Hash, by, k.Facts.Act.Of), Way: v.way(h.Hash, by, k.Facts.Act), Answered: v.Standings(h.Hash), Findings: found})
		case *Suspension:
			if i := newest(all, k.Facts.Actor); k.Facts.What == SuspendObserver && i >= 0 {
				all[i].Suspensions = append(all[i].Suspensions, Suspending{Record: h.Hash, Index: h.Index, By: by, At: dated(k.Facts.Act.Dated, h), Facts: k.Facts,
					Counts: len(found) == 0 && v.Authority().counts(KindSuspension, h.Hash, by, k.Facts.Act.Of), Way: v.way(h.Hash, by, k.Facts.Act), Findings: found})
			}
		case *Standdown:
			for i := range all {
				if all[i].Facts.Key.Fingerprint() == k.Facts.Key {
					all[i].Standdowns = append(all[i].Standdowns, Closing{h.Hash, h.Index, by, h.At, k.Facts, found})
				}
			}
		}
	}
	for _, l := range v.Lapses() {
		a := of(l.Matter)
		a.Lapses = append(a.Lapses, l)
		if e := v.Entry(l.Index); l.Accepts {
			a.Votes = append(a.Votes, Vote{Record: l.Record, Index: l.Index, By: l.By, Act: Act{Of: l.Of, Channel: "own"}, Yes: true, At: e.At, Silence: true, Counts: true, Way: BySilence})
		}
	}
	for i := range all {
		slices.SortFunc(all[i].Votes, func(a, b Vote) int { return cmp.Compare(a.Index, b.Index) })
		v.admit(&all[i])
	}
	return all
}

// answeredBy returns what a header answers, the zero hash if nothing.
func answeredBy(h *record.Hash) record.Hash {
	if h == nil {
		return record.Hash{}
	}
	return *h
}

func (v View) cast(h Header, act Act, yes bool, why ObjectionReason, found []Finding) Vote {
	return Vote{
		Record: h.Hash, Index: h.Index, By: ActorID(h.By), Act: act, Yes: yes, Reason: why, At: dated(act.Dated, h),
		Counts:   len(found) == 0 && v.Authority().counts(Kind(h.Kind), h.Hash, ActorID(h.By), act.Of),
		Way:      v.way(h.Hash, ActorID(h.By), act),
		Answered: v.Standings(h.Hash), Findings: found,
	}
}

// revoke puts a revocation beside the newest nomination of its observer that was deployed
// before it, else beside the newest one.
func (v View) revoke(all []Admission, r Revoking) {
	if last := newest(all, r.Facts.Observer); last >= 0 {
		all[last].Revocations = append(all[last].Revocations, r)
	}
}

// newest returns the place of an observer's newest admission that was deployed, else of the
// newest; -1 if there is none.
func newest(all []Admission, observer ActorID) int {
	last := -1
	for i, a := range all {
		if a.Facts.Observer == observer && (last < 0 || len(a.Deployments) > 0 || len(all[last].Deployments) == 0) {
			last = i
		}
	}
	return last
}

// admit works out how far an admission has come.
func (v View) admit(a *Admission) {
	at := v.Authority()
	q := at.Terms().Consent.Quorum
	a.Asked, a.Needed = q.Voters(), q.K
	n := v.m.state.nominees[a.Facts.Observer]
	if n == nil {
		a.State = Nominated // the nomination itself has a finding
		return
	}
	yes := func(voter ActorID) bool { return at.vote(n, a.Record, voter) > 0 }
	for _, x := range q.Of {
		if (Quorum{1, []Voter{x}}).Met(yes) {
			a.Given++
		}
	}
	met, barred := at.Consented(a.Facts.Observer, a.Record)
	a.Barred = barred
	d, revoked := at.deployment(a.Facts.Observer, a.Facts.Key.Fingerprint(), nil)
	_, paused := at.suspendedObserver(a.Facts.Observer)
	closed, down := v.m.state.standdowns[a.Facts.Key.Fingerprint()]
	switch {
	case down && closed.index < v.n:
		a.State = StoodDown
	case d != nil && revoked:
		a.State = Revoked
	case d != nil && paused:
		a.State = Paused
	case d != nil:
		a.State = Deployed
	case len(barred) > 0:
		a.State = NotPassed
	case met:
		a.State = Admitted
	default:
		a.State = Nominated
	}
}

// Acceded returns the accessions to a text of the prefix, the mandate's own among them, by
// when they were made.
func (v View) Acceded(text record.Hash) []Acceding { return v.accessions(text) }
