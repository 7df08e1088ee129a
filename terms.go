package corridor

import (
	"crypto/ed25519"
	"encoding/hex"
	"slices"
	"strings"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// Terms are a mission's mandate as data: who may do what, whose consent an observer needs,
// which places and days, who reads what and when, and when reports are due. The founding
// mandate holds them, an amendment restates them whole.
type Terms struct {
	Edition    int64        `json:"edition"`     // edition of the rules; 1. A rule is never tightened within an edition
	Origin     string       `json:"origin"`      // the log's origin, "<name>/<id of the mandate, hex>"
	LogKey     string       `json:"log_key"`     // the log's verifier key (C2SP signed-note)
	Witnesses  string       `json:"witnesses"`   // witness policy (c2sp.org/tlog-policy)
	WitnessOf  []WitnessOf  `json:"witness_of"`  // for whom the witnesses of the policy stand; a witness that is not named stands for nobody
	NodeKey    *Key         `json:"node_key"`    // signs disclosure, refusal and track, nothing else; null before there is one
	SealingKey *string      `json:"sealing_key"` // age recipient to which phones seal, native X25519; null before there is one
	From       record.Time  `json:"from"`        // first moment of the mandate, UTC
	To         *record.Time `json:"to"`          // last moment, or null if it has no end yet
	Actors     []Actor      `json:"actors"`
	Places     []Place      `json:"places"`
	Legs       []Leg        `json:"legs"`
	Incidents  []IncidentOf `json:"incidents"` // the categories this mission observes; empty: all
	May        []May        `json:"may"`       // kind × role
	Consent    ConsentRule  `json:"consent"`
	Amend      Quorum       `json:"amend"`    // whose accession an amendment needs
	Recorded   []Recordable `json:"recorded"` // which acts may be entered for somebody else
	Disclosure []Row        `json:"disclosure"`
	Release    Release      `json:"release"`
	Schedule   []Due        `json:"schedule"`
	Quotas     []Quota      `json:"quotas"`
	Retention  Retention    `json:"retention"`
	Zone       Zone         `json:"zone"`     // of the operation day
	Zones      []Zone       `json:"zones"`    // other zones that pages show
	Marks      []Mark       `json:"marks"`    // days that the time slider names
	Tick       int64        `json:"tick"`     // seconds between checkpoints offered to witnesses; 30 by default
	Lodged     int64        `json:"lodged"`   // seconds within which a lodged record is logged or refused; 3600 by default
	Reply      int64        `json:"reply"`    // minutes a party has to reply to what it may read; 0: the mandate sets no window
	Succeeds   *Succeeds    `json:"succeeds"` // what a succession made of it; null in a mandate
}

// A Label is the same words in several languages, keyed by BCP 47 tag in a fixed order.
type Label []Words

// Words is one language of a label.
type Words struct {
	Lang string `json:"lang"`
	Text string `json:"text"`
}

// In returns the label in a language, else in the first language it has.
func (l Label) In(lang string) string {
	for _, w := range l {
		if w.Lang == lang {
			return w.Text
		}
	}
	if len(l) > 0 {
		return l[0].Text
	}
	return ""
}

// A Role is what an actor is in the mission.
type Role string

// The roles (domain glossary 15 to 24). A voice is somebody who is only quoted.
const (
	Party       Role = "party"
	Guarantor   Role = "guarantor"
	Facilitator Role = "facilitator"
	Operator    Role = "operator"
	Office      Role = "office"
	Trustee     Role = "trustee"
	Voice       Role = "voice"
	Observer    Role = "observer" // held by those nominated, never by an actor of the mandate
	Node        Role = "node"     // the mission's server itself
)

var roles = vocabulary(Party, Guarantor, Facilitator, Operator, Office, Trustee, Voice, Observer, Node)

// UnmarshalText reads one of the roles.
func (r *Role) UnmarshalText(t []byte) error { return term(r, t, roles) }

// An Actor is named by the mandate, under the label it chose for itself.
type Actor struct {
	ID    ActorID `json:"id"`
	Label Label   `json:"label"`
	Roles []Role  `json:"roles"`
	Side  *string `json:"side"` // "first" or "second", in the mandate's order; null for those on neither
	Keys  []Key   `json:"keys"`
}

// Is reports whether the actor has the role.
func (a Actor) Is(r Role) bool { return slices.Contains(a.Roles, r) }

// A KeyUse says what a key may sign. No key serves two uses.
type KeyUse string

// The uses of a key.
const (
	WorkingKey  KeyUse = "working"  // an office's everyday key
	RecoveryKey KeyUse = "recovery" // kept offline; it alone replaces its office's keys
	DeviceKey   KeyUse = "device"   // a phone or desk of one person
	NodeKeyUse  KeyUse = "node"
	SealingUse  KeyUse = "sealing" // an age recipient, not an Ed25519 key
)

var keyUses = vocabulary(WorkingKey, RecoveryKey, DeviceKey, NodeKeyUse, SealingUse)

// UnmarshalText reads one of the uses.
func (u *KeyUse) UnmarshalText(t []byte) error { return term(u, t, keyUses) }

// A Key is an Ed25519 public key with the proof that somebody holds its private half.
type Key struct {
	Use   KeyUse `json:"use"`
	Key   string `json:"key"`   // 64 hex digits
	Proof string `json:"proof"` // 128 hex digits, as record.Prove makes it
}

// Public returns the key's 32 bytes, or nil if they are not hex.
func (k Key) Public() ed25519.PublicKey {
	b, err := hex.DecodeString(k.Key)
	if err != nil || len(b) != ed25519.PublicKeySize || hex.EncodeToString(b) != k.Key {
		return nil
	}
	return b
}

// Fingerprint returns the SHA-256 of the public key, by which headers name it.
func (k Key) Fingerprint() record.Hash { return record.Fingerprint(k.Public()) }

// A Place has one id and many spellings: Fu'ah, Foah, الفوعة and Fua are one place.
type Place struct {
	ID      PlaceID  `json:"id"`
	Label   Label    `json:"label"`
	Aliases []string `json:"aliases"`
	Role    string   `json:"role"`  // origin, crossing, exchange, destination, reception or town
	PCode   *string  `json:"pcode"` // OCHA place code, or null
	Point   *Point   `json:"point"` // coarse and public, or null
}

// A Leg is one direction of the exchange. Call-signs begin with its letter.
type Leg struct {
	Letter string    `json:"letter"` // one capital letter
	Label  Label     `json:"label"`
	From   PlaceID   `json:"from"`
	To     PlaceID   `json:"to"`
	By     []PlaceID `json:"by"` // places between, in order
}

// A May lets the actors of a role sign kinds.
type May struct {
	Role  Role   `json:"role"`
	Kinds []Kind `json:"kinds"`
}

// A Quorum is k of n voters; a voter is an actor or a quorum of its own.
type Quorum struct {
	K  int64   `json:"k"`
	Of []Voter `json:"of"`
}

// A Voter is an actor or, if Group is given, a nested quorum.
type Voter struct {
	Actor *ActorID `json:"actor"`
	Group *Quorum  `json:"group"`
}

// Met reports whether enough voters say yes. A quorum of nobody is met.
func (q Quorum) Met(yes func(ActorID) bool) bool {
	n := int64(0)
	for _, v := range q.Of {
		if v.Actor != nil && yes(*v.Actor) || v.Group != nil && v.Group.Met(yes) {
			n++
		}
	}
	return n >= q.K
}

// Voters returns every actor a quorum asks, in order, each once.
func (q Quorum) Voters() []ActorID {
	var all []ActorID
	for _, v := range q.Of {
		var in []ActorID
		if v.Group != nil {
			in = v.Group.Voters()
		} else if v.Actor != nil {
			in = []ActorID{*v.Actor}
		}
		for _, a := range in {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// A ConsentRule says when an observer may be deployed.
type ConsentRule struct {
	Quorum  Quorum `json:"quorum"`
	Window  int64  `json:"window"`  // minutes a voter has to answer
	Silence string `json:"silence"` // "refuses" or "accepts": what no answer within the window means
	Object  string `json:"object"`  // "bars": an objection of any voter bars deployment; "counts": it is only no consent
	Revoke  string `json:"revoke"`  // "any": any voter's revocation ends the deployment; "quorum": only when the rest no longer suffice
	Lock    bool   `json:"lock"`    // lock_on_deployment: a revocation may leave the observer on named convoys
	// Guarantors says whose witnesses together may show, in place of the silent voter's own, that
	// the voter was asked; null: nobody's.
	Guarantors *Quorum `json:"guarantors"`
}

// A Recordable lets an office enter a kind of act for somebody else.
type Recordable struct {
	Kind        Kind `json:"kind"`
	Counts      bool `json:"counts"`      // towards consents and accessions
	Countersign bool `json:"countersign"` // only once a second office has countersigned
}

// A Release says when the public sees what.
type Release struct {
	Delay int64 `json:"delay"` // minutes after a convoy closes
	Clock int64 `json:"clock"` // minutes between public releases; 0: as soon as allowed
	// WholeMission: nothing is open once the last convoy of the mission has closed.
	WholeMission bool `json:"whole_mission"`
}

// A Due is one line of the reporting schedule.
type Due struct {
	Series string      `json:"series"` // for example "daily"
	Every  int64       `json:"every"`  // days between reports; 0: once
	Days   int64       `json:"days"`   // days after From within which a once-only report is due
	From   record.Time `json:"from"`   // the event the schedule counts from, UTC
	CutOff int64       `json:"cut_off"`
	Issue  int64       `json:"issue"` // minutes after the cut-off by which it is issued
	Zone   string      `json:"zone"`  // name of one of the mandate's zones
}

// A Quota bounds what one key sends in a day; the surplus is answered "later", never lost.
type Quota struct {
	Class  Class `json:"class"`
	PerDay int64 `json:"per_day"`
}

// Retention says how long erasable parts are kept and who keeps the archive.
type Retention struct {
	Days    int64    `json:"days"`
	Archive *ActorID `json:"archive"`
}

// A Zone is a time zone as data, so that every machine cuts the operation day alike whatever
// zone tables it has.
type Zone struct {
	Name   string  `json:"name"` // IANA name, for example "Asia/Damascus"
	Label  Label   `json:"label"`
	Shifts []Shift `json:"shifts"` // by From, the first one also before it
}

// A Shift is an offset from UTC that holds from a moment on.
type Shift struct {
	From    record.Time `json:"from"`
	Minutes int64       `json:"minutes"` // east of UTC
}

// Offset returns the seconds east of UTC at t.
func (z Zone) Offset(t record.Time) int64 {
	off := int64(0)
	for i, s := range z.Shifts {
		if i == 0 || s.From <= t {
			off = s.Minutes * 60
		}
	}
	return off
}

// Day returns the zone's calendar day of t, as "2016-12-18".
func (z Zone) Day(t record.Time) string { return z.Local(t)[:10] }

// Local returns t in the zone, as "2016-12-18 23:00:00".
func (z Zone) Local(t record.Time) string {
	return record.Time(int64(t) + z.Offset(t)).Go().Format("2006-01-02 15:04:05")
}

// A Mark is a moment the time slider names.
type Mark struct {
	At    record.Time `json:"at"`
	Label Label       `json:"label"`
}

// Succeeds names the log this one continues after a disaster.
type Succeeds struct {
	Origin string      `json:"origin"`
	Size   int64       `json:"size"`
	Root   record.Hash `json:"root"`
}

// Actor returns the named actor of the mandate, and whether there is one.
func (t *Terms) Actor(id ActorID) (Actor, bool) {
	for _, a := range t.Actors {
		if a.ID == id {
			return a, true
		}
	}
	return Actor{}, false
}

// Place returns the place of an id.
func (t *Terms) Place(id PlaceID) (Place, bool) {
	for _, p := range t.Places {
		if p.ID == id {
			return p, true
		}
	}
	return Place{}, false
}

// Leg returns the leg of a letter.
func (t *Terms) Leg(letter string) (Leg, bool) {
	for _, l := range t.Legs {
		if l.Letter == letter {
			return l, true
		}
	}
	return Leg{}, false
}

// ZoneNamed returns the mandate's zone of that name.
func (t *Terms) ZoneNamed(name string) (Zone, bool) {
	for _, z := range append([]Zone{t.Zone}, t.Zones...) {
		if z.Name == name {
			return z, true
		}
	}
	return Zone{}, false
}

// refuse checks terms that no mission could work under, with founding keys proved against
// mission, nil in the founding mandate.
//
// owners are the keys enrolled so far, empty in the founding mandate. A new key is proved, and
// goes only to an actor who has none: an office's keys are replaced by its own recovery key
// and by nobody else.
func (t *Terms) refuse(exercise bool, mission *record.Hash, owners map[record.Hash]owned) error {
	if t.Edition != 1 {
		return Refuse("mandate.edition", "this program knows edition 1 of the rules, the mandate names %d", t.Edition)
	}
	if _, err := ledger.NewVerifier(t.LogKey); err != nil {
		return Refuse("mandate.log-key", "the log's verifier key cannot be read: %v", err)
	}
	if name, _, _ := strings.Cut(t.LogKey, "+"); name != t.Origin {
		return Refuse("mandate.origin", "the log's key is named %q and the origin is %q; they are one", name, t.Origin)
	}
	if _, err := t.Policy(); err != nil {
		return Refuse("mandate.witnesses", "the witness policy cannot be read: %v", err)
	}
	if t.To != nil && *t.To < t.From {
		return Refuse("mandate.days", "the mandate ends before it begins")
	}
	if len(t.Zone.Shifts) == 0 || t.Zone.Name == "" {
		return Refuse("mandate.zone", "the mandate names the zone of its operation day, with at least one offset")
	}
	if t.Release.Delay < 0 || t.Release.Clock < 0 {
		return Refuse("mandate.release", "a release delay and clock are minutes, not below zero")
	}
	if t.Tick < 1 || t.Lodged < 1 {
		return Refuse("mandate.tick", "the tick and the bound for lodged records are at least one second")
	}
	if t.Reply < 0 || t.Retention.Days < 0 {
		return Refuse("mandate.window", "the window for replies is in minutes and the retention in days, neither below zero")
	}
	if t.SealingKey != nil && !ageRecipient(*t.SealingKey) {
		return Refuse("mandate.sealing-key", "the sealing key %.80q is not an age recipient, age1 and 58 characters in lower case", *t.SealingKey)
	}
	if err := t.refuseActors(exercise, mission, owners); err != nil {
		return err
	}
	return t.refusePlaces()
}

// owned is whose a key is and what for.
type owned struct {
	owner ActorID
	use   KeyUse
}

func (t *Terms) refuseActors(exercise bool, mission *record.Hash, owners map[record.Hash]owned) error {
	ids, used := map[ActorID]bool{}, map[record.Hash]bool{}
	has := map[ActorID]bool{}
	for _, k := range owners {
		has[k.owner] = true
	}
	keys := func(owner ActorID, list []Key) error {
		for _, k := range list {
			if k.Use == SealingUse || k.Use == NodeKeyUse && owner != nodeActor {
				return Refuse("key.use", "%q: an actor has working, recovery and device keys; the sealing key and the node key stand by themselves", owner)
			}
			if k.Public() == nil {
				return Refuse("key.length", "a key of %q is not 64 lower-case hex digits", owner)
			}
			if used[k.Fingerprint()] {
				return Refuse("key.twice", "a key stands twice in the mandate; every use has a key of its own")
			}
			used[k.Fingerprint()] = true
			before, enrolled := owners[k.Fingerprint()]
			if enrolled && before == (owned{owner, k.Use}) {
				continue // enrolled before, and proved then
			}
			if enrolled && before.owner == owner {
				return Refuse("key.use", "a key of %q was enrolled as a %s key and is given as a %s key; every use has a key of its own", owner, before.use, k.Use)
			}
			if enrolled || has[owner] {
				return Refuse("amendment.key", "an amendment gives a new key to %q or another's key; who has keys replaces them with its own recovery key", owner)
			}
			if err := record.CheckProof(k.Public(), k.Proof, exercise, t.Origin, mission); err != nil {
				return err
			}
		}
		return nil
	}
	for _, a := range t.Actors {
		if ids[a.ID] {
			return Refuse("mandate.actor", "the actor %q is named twice", a.ID)
		}
		if a.Is(Observer) || a.Is(Node) || len(a.Roles) == 0 {
			return Refuse("mandate.role", "%q: an actor of the mandate has a role, and observer and node are not for it; observers are nominated", a.ID)
		}
		if a.Side != nil && *a.Side != "first" && *a.Side != "second" {
			return Refuse("mandate.side", "%q: a side is first or second, in the order of the mandate, or null", a.ID)
		}
		ids[a.ID] = true
		if err := keys(a.ID, a.Keys); err != nil {
			return err
		}
	}
	if t.NodeKey != nil {
		if t.NodeKey.Use != NodeKeyUse {
			return Refuse("key.use", "the node key is a key of use node, this one is a %s key", t.NodeKey.Use)
		}
		if err := keys(nodeActor, []Key{*t.NodeKey}); err != nil {
			return err
		}
	}
	quorums := []Quorum{t.Consent.Quorum, t.Amend}
	if t.Consent.Guarantors != nil {
		quorums = append(quorums, *t.Consent.Guarantors)
	}
	for _, q := range quorums {
		if err := q.refuse(ids); err != nil {
			return err
		}
	}
	if err := t.refuseWitnesses(ids, used, owners); err != nil {
		return err
	}
	return t.Consent.refuse()
}

func (q Quorum) refuse(known map[ActorID]bool) error {
	if q.K < 0 || q.K > int64(len(q.Of)) || len(q.Of) > 0 && q.K == 0 {
		return Refuse("mandate.quorum", "a quorum asks for %d of %d; between 1 and all of them, or nobody of nobody", q.K, len(q.Of))
	}
	for _, v := range q.Of {
		switch {
		case (v.Actor == nil) == (v.Group == nil):
			return Refuse("mandate.quorum", "a voter is an actor or a group, one of the two")
		case v.Actor != nil && !known[*v.Actor]:
			return Refuse("mandate.quorum", "the voter %q is not an actor of the mandate", *v.Actor)
		case v.Group != nil:
			if err := v.Group.refuse(known); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c ConsentRule) refuse() error {
	if c.Silence != "refuses" && c.Silence != "accepts" || c.Object != "bars" && c.Object != "counts" || c.Revoke != "any" && c.Revoke != "quorum" || c.Window < 0 {
		return Refuse("mandate.consent", "silence refuses or accepts, an objection bars or counts, revocation is by any or by quorum, the window is in minutes")
	}
	return nil
}

func (t *Terms) refusePlaces() error {
	ids := map[PlaceID]bool{}
	for _, p := range t.Places {
		if ids[p.ID] {
			return Refuse("mandate.place", "the place %q is named twice", p.ID)
		}
		ids[p.ID] = true
		if err := p.Point.refuse(); err != nil {
			return err
		}
	}
	letters := map[string]bool{}
	for _, l := range t.Legs {
		if len(l.Letter) != 1 || l.Letter[0] < 'A' || l.Letter[0] > 'Z' || letters[l.Letter] {
			return Refuse("mandate.leg", "a leg has a capital letter of its own, %q is not", l.Letter)
		}
		letters[l.Letter] = true
		for _, p := range append([]PlaceID{l.From, l.To}, l.By...) {
			if !ids[p] {
				return Refuse("mandate.leg", "leg %s runs by %q, which is not a place of the mandate", l.Letter, p)
			}
		}
	}
	for _, r := range t.Disclosure {
		if err := r.refuse(); err != nil {
			return err
		}
	}
	for _, d := range t.Schedule {
		if _, ok := t.ZoneNamed(d.Zone); !ok || d.Every < 0 || d.Days < 0 || d.CutOff < 0 || d.CutOff >= 24*60 || d.Issue < 0 || !record.Name(d.Series) {
			return Refuse("mandate.schedule", "the series %q: a cut-off within the day, in one of the mandate's zones, and nothing below zero", d.Series)
		}
	}
	for _, q := range t.Quotas {
		if q.PerDay < 1 {
			return Refuse("mandate.quota", "a quota lets at least one record a day through")
		}
	}
	return nil
}

// Policy returns the mandate's witness policy with the log's own key in it.
func (t *Terms) Policy() (*ledger.Policy, error) {
	return ledger.ParsePolicy("log " + t.LogKey + "\n" + t.Witnesses)
}
