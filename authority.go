package corridor

import (
	"crypto/ed25519"
	"fmt"
	"slices"

	"corridor.example/corridor/record"
)

// authorities is what the authority records without findings have established, each with the
// index from which it holds.
type authorities struct {
	terms       []termsAt
	lastTerms   record.Hash // of the mandate or amendment in force
	keys        map[record.Hash]*keyState
	nominees    map[ActorID]*nominee
	order       []ActorID                       // nominees in the order of the log
	counter     map[record.Hash][]countersigned // by the recorded act
	standdowns  map[record.Hash]standdownAt     // by key
	erased      map[record.Hash][]erasedAt
	agreements  []agreementAt
	accessions  []accessionAt
	adoptions   []adoptionAt
	amendments  map[record.Hash]*Amendment
	lapses      []lapsed
	suspended   []suspendedAt
	sealing     []sealingAt
	successions []successionAt
}

type termsAt struct {
	index int64
	terms *Terms
}

type keyState struct {
	public ed25519.PublicKey
	owner  ActorID
	use    KeyUse
	from   int64
	until  int64 // index of the record that replaced it; -1 while it stands
}

// A nominee is everything authority says about one observer.
type nominee struct {
	id          ActorID
	nominations []nominationAt
	votes       []voteAt
	deployments []deploymentAt
	revocations []revocationAt
}

type nominationAt struct {
	index int64
	hash  record.Hash
	key   record.Hash
	facts NominationFacts

	dossier *record.Hash // SHA-256 of its identity part, nil if there is none
}

type voteAt struct {
	index      int64
	hash       record.Hash
	by, of     ActorID
	nomination record.Hash
	yes        bool
	kind       Kind
}

type deploymentAt struct {
	index      int64
	hash       record.Hash
	nomination record.Hash
	facts      DeploymentFacts
}

type revocationAt struct {
	index int64
	hash  record.Hash
	by    ActorID
	facts RevocationFacts
}

type countersigned struct {
	index int64
	by    ActorID
	as    Stand
}

type standdownAt struct {
	index int64
	seq   int64
}

type erasedAt struct {
	index int64
	hash  record.Hash
	by    ActorID
	facts ErasureFacts
}

type agreementAt struct {
	index int64
	hash  record.Hash
	by    ActorID
	re    *record.Hash
	facts AgreementFacts
}

type accessionAt struct {
	index int64
	hash  record.Hash
	by    ActorID
	re    record.Hash
	facts AccessionFacts
}

type adoptionAt struct {
	index int64
	hash  record.Hash
	by    ActorID
	re    record.Hash
	facts AdoptionFacts
}

// An Authority is what authority records before an index of the log have established: the
// mandate, keys, consents. It reads authority only, never a field record.
type Authority struct {
	m *Mission
	n int64
}

// Terms returns the mandate's terms as they stand: the founding ones, or those of the last
// amendment in force. Before the mandate it is nil.
func (a Authority) Terms() *Terms {
	for i := len(a.m.state.terms) - 1; i >= 0; i-- {
		if t := a.m.state.terms[i]; t.index < a.n {
			return t.terms
		}
	}
	return nil
}

// Roles returns the roles an actor or nominee holds.
func (a Authority) Roles(id ActorID) []Role {
	t := a.Terms()
	if t == nil {
		return nil
	}
	if x, ok := t.Actor(id); ok {
		return x.Roles
	}
	if n := a.m.state.nominees[id]; n != nil && n.nominations[0].index < a.n {
		return []Role{Observer}
	}
	return nil
}

// Owner returns whose key stands enrolled under a fingerprint, "" if none does or it was replaced.
func (a Authority) Owner(key record.Hash) ActorID {
	k := a.m.state.keys[key]
	if k == nil || k.from >= a.n || k.until >= 0 && k.until < a.n {
		return ""
	}
	return k.owner
}

// May reports whether one of the actor's roles may sign a kind. The server signs what it alone
// can say, and nothing else.
func (a Authority) May(id ActorID, k Kind) bool {
	if id == nodeActor {
		return k == KindRefusal || k == KindDisclosure || k == KindTrack
	}
	if k == KindSuccession { // no mandate foresees its log's end
		return slices.Contains(a.Roles(id), Office)
	}
	for _, m := range a.Terms().May {
		if slices.Contains(a.Roles(id), m.Role) && slices.Contains(m.Kinds, k) {
			return true
		}
	}
	return false
}

// counts reports whether an act of a kind counts as its actor's: signed by the actor, or
// recorded where the mandate lets it be, countersigned where it must be, and not repudiated.
// What the actor itself said last of it goes before what others say.
func (a Authority) counts(k Kind, act record.Hash, by, of ActorID) bool {
	if by == of {
		return true
	}
	row, ok := a.recordable(k)
	if !ok || !row.Counts {
		return false
	}
	signed, own := !row.Countersign, Stand("")
	for _, c := range a.m.state.counter[act] {
		switch {
		case c.index >= a.n:
		case c.as == Countersigned:
			signed = signed || a.seconds(c.by, by, of)
		case c.by == of:
			own = c.as
		}
	}
	return own == Ratified || own == "" && signed
}

// seconds reports whether somebody may countersign an act that was recorded for another: a
// second office of the mission, or one of the actor's own side. The other side never speaks
// for it.
func (a Authority) seconds(who, recorder, of ActorID) bool {
	if who == recorder || who == of {
		return false
	}
	side := a.Terms().SideOf(who)
	return side != "" && side == a.Terms().SideOf(of) || side == "" && slices.Contains(a.Roles(who), Office)
}

// act returns whose act the authority record at an index is, and of which kind. ok is false
// where its kind is no act.
func (a Authority) act(i int64) (whose Act, k Kind, ok bool) {
	j, found := slices.BinarySearchFunc(a.m.acts, i, func(x act, i int64) int { return int(x.h.Index - i) })
	if !found || i >= a.n {
		return Act{}, "", false
	}
	x, ok := a.m.acts[j].body.(interface{ act() Act })
	if !ok {
		return Act{}, "", false
	}
	return x.act(), Kind(a.m.acts[j].h.Kind), true
}

func (a Authority) recordable(k Kind) (Recordable, bool) {
	for _, r := range a.Terms().Recorded {
		if r.Kind == k {
			return r, true
		}
	}
	return Recordable{}, false
}

// vote returns a voter's last answer on a nomination: 1 consent, -1 objection, 0 none that
// counts.
func (a Authority) vote(n *nominee, nomination record.Hash, of ActorID) int {
	last := 0
	for _, v := range n.votes {
		if v.index < a.n && v.nomination == nomination && v.of == of && (v.kind == KindLapse || a.counts(v.kind, v.hash, v.by, v.of)) {
			last = -1
			if v.yes {
				last = 1
			}
		}
	}
	return last
}

// Consented reports whether a nomination has the consents the mandate asks for, and which
// voters bar it by an objection that the mandate counts so.
func (a Authority) Consented(observer ActorID, nomination record.Hash) (ok bool, barred []ActorID) {
	n := a.m.state.nominees[observer]
	if n == nil {
		return false, nil
	}
	rule := a.Terms().Consent
	if rule.Object == "bars" {
		for _, v := range rule.Quorum.Voters() {
			if a.vote(n, nomination, v) < 0 {
				barred = append(barred, v)
			}
		}
	}
	return rule.Quorum.Met(func(v ActorID) bool { return a.vote(n, nomination, v) > 0 }), barred
}

// deployment returns the observer's deployment that stands for the given key and convoy. If
// none does, revoked says whether that is because of a revocation.
func (a Authority) deployment(observer ActorID, key record.Hash, c *ConvoyID) (d *deploymentAt, revoked bool) {
	n := a.m.state.nominees[observer]
	if n == nil {
		return nil, false
	}
	for i := len(n.deployments) - 1; i >= 0; i-- {
		d := &n.deployments[i]
		if d.index >= a.n || a.nominatedKey(n, d.nomination) != key {
			continue
		}
		if a.revokes(n, d, c) {
			return d, true
		}
		return d, false
	}
	return nil, false
}

func (a Authority) nominatedKey(n *nominee, nomination record.Hash) record.Hash {
	for _, x := range n.nominations {
		if x.hash == nomination {
			return x.key
		}
	}
	return record.Hash{}
}

// revokes reports whether a revocation has ended a deployment for a convoy.
func (a Authority) revokes(n *nominee, d *deploymentAt, c *ConvoyID) bool {
	rule := a.Terms().Consent
	gone := map[ActorID]bool{}
	ended := false
	for _, r := range n.revocations {
		if r.index <= d.index || r.index >= a.n || !a.counts(KindRevocation, r.hash, r.by, r.facts.Act.Of) {
			continue
		}
		if rule.Lock && c != nil && slices.Contains(r.facts.Keeps, *c) {
			continue
		}
		gone[r.facts.Act.Of] = true
		if rule.Revoke == "any" || slices.Contains(a.Roles(r.facts.Act.Of), Office) {
			ended = true
		}
	}
	if ended || len(gone) == 0 {
		return ended
	}
	return !rule.Quorum.Met(func(v ActorID) bool { return !gone[v] && a.vote(n, d.nomination, v) > 0 })
}

// located is a field kind that says when and where something was, and with which convoy.
type located interface {
	located() (when Period, place *PlaceID, c *ConvoyID) // when is zero where the record tells no time
}

// find returns what authority before it has against a record. It reads the record's header
// and body and authority, nothing else.
func (m *Mission) find(s *spec, body any, h Header) []Finding {
	if h.Index == 0 {
		return nil
	}
	a := Authority{m, h.Index}
	var found []Finding
	add := func(rule, reason string) { found = append(found, Finding{rule, reason}) }
	by := ActorID(h.By)
	if k := m.state.keys[h.Key]; k != nil && k.until >= 0 && k.until < h.Index {
		add(FindingReplaced, "signed with a key that had been replaced by entry "+fmt.Sprint(k.until))
	}
	if d, ok := m.state.standdowns[h.Key]; ok && d.index < h.Index && h.Seq > d.seq {
		add(FindingClosed, "this key's chain was closed at its record "+fmt.Sprint(d.seq))
	}
	found = append(found, a.findUse(s.name, h)...)
	if !a.May(by, s.name) {
		add(FindingRole, "the mandate lets nobody in the role of "+h.By+" sign a "+string(s.name))
	}
	if l, ok := body.(located); ok {
		when, place, convoy := l.located()
		found = append(found, a.findMandate(when)...)
		if slices.Contains(a.Roles(by), Observer) {
			found = append(found, a.findDeployment(by, h.Key, when, place, convoy)...)
		}
	} else if slices.Contains(a.Roles(by), Observer) {
		if d, revoked := a.deployment(by, h.Key, nil); d == nil || revoked {
			found = append(found, undeployed(h.By, d != nil))
		}
	}
	if x, ok := a.suspendedObserver(by); ok {
		found = append(found, Finding{FindingSuspended, fmt.Sprintf("logged while %s was suspended by entry %d", h.By, x.index)})
	}
	if j, ok := body.(judged); ok {
		found = append(found, j.finds(a, h)...)
	}
	return found
}

// findUse says whether a key signs what it is kept for: a recovery key replaces keys and takes
// them out of action, and a key that its office suspended signs nothing.
func (a Authority) findUse(k Kind, h Header) (found []Finding) {
	s := a.m.state.keys[h.Key]
	if s == nil {
		return nil
	}
	if s.use == RecoveryKey && k != KindKey && k != KindSuspension {
		found = append(found, Finding{FindingKeyUse, "a recovery key signs for keys and suspensions alone; this is a " + string(k)})
	}
	if _, out := a.suspendedKey(h.Key); out && s.use != RecoveryKey {
		found = append(found, Finding{FindingKeyOut, "signed with a key that its office had suspended"})
	}
	return found
}

func (a Authority) findMandate(when Period) []Finding {
	if t := a.Terms(); when != (Period{}) && (when[1] < t.From || t.To != nil && when[0] > *t.To) {
		return []Finding{{FindingMandateTime, "it happened outside the days of the mandate"}}
	}
	return nil
}

func undeployed(by string, revoked bool) Finding {
	if revoked {
		return Finding{FindingRevoked, "logged after " + by + " was revoked; the signing time is unproven"}
	}
	return Finding{FindingNotDeployed, by + " was not deployed with this key when it was logged"}
}

func (a Authority) findDeployment(by ActorID, key record.Hash, when Period, place *PlaceID, c *ConvoyID) (found []Finding) {
	d, revoked := a.deployment(by, key, c)
	if d == nil || revoked {
		return []Finding{undeployed(string(by), d != nil)}
	}
	if len(d.facts.Places) > 0 && place != nil && !slices.Contains(d.facts.Places, *place) {
		found = append(found, Finding{FindingArea, string(by) + " was not deployed to " + string(*place)})
	}
	if when != (Period{}) && (when[1] < d.facts.From || d.facts.To != nil && when[0] > *d.facts.To) {
		found = append(found, Finding{FindingTime, "it happened outside the hours of the deployment of " + string(by)})
	}
	return found
}
