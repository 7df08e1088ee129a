package corridor

import (
	"crypto/ed25519"
	"errors"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A Mission is what a log says: the pure fold of its records. The zero value is a mission
// before its mandate. It is not safe for use by several goroutines while it grows.
//
// A Mission keeps accounts with their place in the log and never a running total. What a
// reader asks is asked of a View, the mission at a prefix of its log: the time slider, an old
// report and the checker make the same call.
type Mission struct {
	founder   record.Hash // record hash of the founding mandate
	exercise  bool
	tree      ledger.Tree
	entries   pages[entry]
	index     table                 // of the entries, by record hash
	ids       table                 // of the entries, by chain and id
	findings  map[int64][]Finding   // of entries that have any, from authority alone
	refused   map[int64]*Refusal    // logged all the same, without effect; a log that holds has none
	sealed    map[record.Hash]*held // records some of whose parts are not known yet
	blind     map[int64]bool        // authority records whose facts are not known yet
	pending   []*held               // every record from the first blind one on
	chains    map[record.Hash]int32 // by key fingerprint: a number
	byNumber  []*chain
	strangers map[int64]ActorID  // authors of entries that their chains were not begun by
	absent    pages[record.Hash] // named by records and not in the log then
	wide      pages[int64]       // numbers and times beyond those of every day
	told      pages[Period]      // of entries that are no accounts
	seen      []*string          // checkpoints in headers
	seenAt    map[string]int32   // their place, from 1
	blanks    []int64            // entries of which only the leaf is known here
	acts      []act              // authority records in the order of the log
	state     authorities        // what the acts without findings established
	field     fieldState
}

// A held is a record some of whose parts are not known yet, or one that was logged after an
// authority record whose facts are not known yet: it may have to be judged again.
type held struct {
	rec   record.Record
	index int64
}

// An act is an authority record as logged, with what was found against it.
type act struct {
	h    Header
	body authority
}

// Size returns the number of records in the log.
func (m *Mission) Size() int64 { return int64(m.entries.n) }

// Founder returns the record hash of the founding mandate, the mission's name.
func (m *Mission) Founder() record.Hash { return m.founder }

// Exercise reports whether the mission is an exercise. Before the mandate it is false.
func (m *Mission) Exercise() bool { return m.exercise }

// Tree returns the Merkle tree of the log. It is the mission's own: read it, do not append.
func (m *Mission) Tree() *ledger.Tree { return &m.tree }

// Hash returns the record hash of an entry.
func (m *Mission) Hash(i int64) record.Hash { return m.entry(i).hash }

// Key returns the public key a record must have been signed with: enrolled by authority
// records before it, for the actor the header names. An unknown key is a *Later, a key of
// somebody else a *Refusal.
func (m *Mission) Key(h record.Header) (ed25519.PublicKey, error) {
	if m.Size() == 0 {
		return nil, &Later{"key.unknown", "the mission has no mandate yet"}
	}
	k, ok := m.state.keys[h.Key]
	if !ok {
		return nil, &Later{"key.unknown", "this key is not known to the mission yet; keep the record and send it again once the key is enrolled or its observer nominated"}
	}
	if string(k.owner) != h.By {
		return nil, Refuse("record.by", "the key belongs to %q and the header is written as %q", k.owner, h.By)
	}
	return k.public, nil
}

// FoundingKey returns the key that must have signed a founding mandate: a working key that
// the mandate itself gives to the actor in its header. The error is a *Refusal.
func FoundingKey(r record.Record) (ed25519.PublicKey, error) {
	s := kinds[Kind(r.Header.Kind)]
	if s == nil || s.name != KindMandate {
		return nil, Refuse("mission.founder", "a log begins with its mandate, this record is a %q", r.Header.Kind)
	}
	body, ok, err := s.decode(r.Parts, false)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, Refuse("mission.founder", "the mandate's facts are not carried; they are never sealed")
	}
	a, _ := body.(*Mandate).Facts.Actor(ActorID(r.Header.By))
	for _, k := range a.Keys {
		if k.Use == WorkingKey && k.Public() != nil && k.Fingerprint() == r.Header.Key {
			return k.Public(), nil
		}
	}
	return nil, Refuse("mission.founder", "the mandate is not signed with a working key that it gives to %q", r.Header.By)
}

// Judge says whether a record whose signature has been checked may be logged next: nil if so,
// a *Later if it cannot be judged yet, a *Refusal if its form breaks a rule. What is authentic
// but breaks the mandate is not refused; see View.Findings. Judge changes nothing.
func (m *Mission) Judge(r record.Record) error {
	_, _, err := m.judge(r, m.Size(), true)
	return err
}

// Admit folds the next record of the log if Judge has nothing against it, and answers as Judge
// does: what it answers an error has changed nothing. It is Judge and Add with the record read
// once.
func (m *Mission) Admit(r record.Record) error {
	if m.Size() == 0 {
		if err := m.Judge(r); err != nil {
			return err
		}
		return m.Add(r)
	}
	s, body, err := m.judge(r, m.Size(), true)
	if err != nil {
		return err
	}
	m.settle(s, body, m.log(r))
	return nil
}

func (m *Mission) judge(r record.Record, i int64, door bool) (s *spec, body any, err error) {
	h := r.Header
	if m.Size() == 0 { // a mission before its mandate is what the mandate will make it
		m = &Mission{exercise: r.Exercise()}
	}
	if j, ok := m.Index(r.Hash); ok && j < i {
		return nil, nil, Refuse("record.twice", "the record is in the log already, as entry %d", j)
	}
	if s = kinds[Kind(h.Kind)]; s == nil {
		return nil, nil, Refuse("kind.unknown", "%q is not a kind of record that this program knows", h.Kind)
	}
	if door && s.name == KindSuccession {
		return s, nil, Refuse("succession.door", "a running log takes no succession: it would end here; corridor init --succeeds founds the log that goes on")
	}
	if i == 0 {
		if _, err := FoundingKey(r); err != nil {
			return s, nil, err
		}
	} else if err := m.belongs(r); err != nil {
		return s, nil, err
	}
	if err := s.names(h); err != nil {
		return s, nil, err
	}
	body, carried, err := s.decode(r.Parts, door)
	if err != nil {
		return s, nil, err
	}
	if !carried {
		return s, nil, nil
	}
	if x, ok := body.(interface{ refuseMedia(part []byte) error }); ok && door && r.Part("media") != nil {
		if err := x.refuseMedia(r.Part("media")); err != nil {
			return s, nil, err
		}
	}
	return s, body, m.refuse(s, body, header(r, i))
}

// belongs checks that a record was signed for this mission.
func (m *Mission) belongs(r record.Record) error {
	switch h := r.Header; {
	case r.Exercise() != m.exercise && m.exercise:
		return Refuse("record.exercise", "this mission is an exercise and the record was signed as real; nothing real is logged here")
	case r.Exercise() != m.exercise:
		return Refuse("record.exercise", "the record was signed as an exercise and this mission is real")
	case h.Mission == nil && Kind(h.Kind) == KindMandate:
		return Refuse("mandate.second", "the mission has its mandate; change it by an amendment")
	case h.Mission == nil || *h.Mission != m.founder:
		return Refuse("record.mission", "the record was signed for another mission than %s", m.founder.Short())
	}
	_, err := m.Key(r.Header)
	return err
}

func header(r record.Record, i int64) Header {
	return Header{Header: r.Header, Hash: r.Hash, Index: i}
}

func (m *Mission) refuse(s *spec, body any, h Header) error {
	switch b := body.(type) {
	case field:
		return b.refuse(h)
	case authority:
		return b.refuse(Authority{m, h.Index}, h)
	case ranged:
		return b.refuse(m, h)
	}
	panic("corridor: a kind of no sort")
}

// Add folds the next record of the log, whose signature the caller has checked. A record that
// Judge would refuse is remembered as refused, has no effect, and the fold goes on; Add then
// returns the refusal, which a log that holds never gives.
func (m *Mission) Add(r record.Record) error {
	if m.Size() == 0 {
		m.start(r)
	}
	return m.take(m.log(r))
}

// log gives a record its place.
func (m *Mission) log(r record.Record) *held {
	i := m.Size()
	m.tree.Append(Leaf(r))
	m.remember(r, kinds[Kind(r.Header.Kind)])
	h := &held{r, i}
	if !complete(r) {
		m.sealed[r.Hash] = h // even if it is refused now: a key may become known with a sealed part
	}
	if len(m.blind) > 0 {
		m.pending = append(m.pending, h)
	}
	return h
}

// AddBlank folds the next entry where only its leaf is known, as in a bundle made for a wider
// audience. Its class is counted; nothing else can be said of it. The error is a *Refusal: the
// text is not a leaf, or belongs to another sort of mission.
func (m *Mission) AddBlank(leaf []byte) error {
	i := m.Size()
	h, class, re, exercise, err := ParseLeaf(leaf)
	if err == nil && (i == 0 || exercise != m.exercise) {
		err = Refuse("leaf.mission", "entry %d is not of this mission, or its mandate is missing", i)
	}
	m.tree.Append(leaf)
	e := entry{hash: h, in: class.number(), re: m.refer(re), chain: -1}
	if err != nil {
		m.entries.add(e)
		if m.refused == nil {
			m.refused = map[int64]*Refusal{}
		}
		m.refused[i] = err.(*Refusal)
		return err
	}
	m.enter(e)
	m.blanks = append(m.blanks, i)
	return nil
}

// take judges a logged record and gives it its effect. It is called again when a part of the
// record, or of an authority record before it, becomes known; it then puts the same again
// with more in it.
func (m *Mission) take(h *held) error {
	delete(m.refused, h.index)
	delete(m.findings, h.index)
	s, body, err := m.judge(h.rec, h.index, false)
	var later *Later
	if errors.As(err, &later) {
		err = Refuse(later.Rule, "%s", later.Reason)
	}
	if err != nil {
		m.refused[h.index] = err.(*Refusal)
		return err
	}
	m.settle(s, body, h)
	return nil
}

func (m *Mission) start(r record.Record) {
	*m = Mission{
		founder: r.Hash, exercise: r.Exercise(),
		findings: map[int64][]Finding{}, refused: map[int64]*Refusal{},
		sealed: map[record.Hash]*held{}, blind: map[int64]bool{}, chains: map[record.Hash]int32{},
	}
}

func (m *Mission) remember(r record.Record, s *spec) {
	i, h := m.Size(), r.Header
	e := entry{hash: r.Hash, id: h.ID, seq: m.pack(h.Seq), at: m.pack(int64(h.At)), chain: m.chainOf(h), soft: soft(h), prev: m.refer(h.Prev), re: m.refer(h.Re)}
	if s != nil {
		e.kind, e.in = s.number, s.class.number()
	}
	if h.Seen != nil {
		e.seen = m.saw(h.Seen)
	}
	m.enter(e)
	if by := ActorID(h.By); by != m.byNumber[e.chain].by {
		if m.strangers == nil {
			m.strangers = map[int64]ActorID{}
		}
		m.strangers[i] = by
	}
	m.link(i)
}

// saw returns the place of a checkpoint among those in headers, from 1.
func (m *Mission) saw(text *string) int32 {
	n, ok := m.seenAt[*text]
	if !ok {
		if m.seenAt == nil {
			m.seenAt = map[string]int32{}
		}
		m.seen = append(m.seen, text)
		n = int32(len(m.seen))
		m.seenAt[*text] = n
	}
	return n
}

// settle gives a judged record its findings and its effect.
func (m *Mission) settle(s *spec, body any, hd *held) {
	h := header(hd.rec, hd.index)
	if complete(hd.rec) {
		delete(m.sealed, h.Hash)
	} else {
		m.sealed[h.Hash] = hd
	}
	if body == nil {
		if s.sort == "authority" {
			if len(m.blind) == 0 {
				m.pending = []*held{hd}
			}
			m.blind[h.Index] = true
		}
		return
	}
	delete(m.blind, h.Index)
	var when Period
	if l, ok := body.(located); ok {
		when, _, _ = l.located()
	}
	found := m.find(s, body, h)
	if len(found) > 0 {
		m.findings[h.Index] = found
	}
	switch b := body.(type) {
	case authority:
		m.acts = append(m.acts, act{h, b})
		if len(found) == 0 {
			b.apply(m, h)
		}
	case field:
		b.apply(m, h)
	case ranged:
		b.apply(m, h)
	}
	m.tells(m.entry(h.Index), when)
}

// complete reports whether every part that feeds a figure is known.
func complete(r record.Record) bool {
	for _, p := range r.Parts {
		if p.Bytes == nil && feeds(p.Name) {
			return false
		}
	}
	return true
}

// feeds reports whether a part feeds figures; the others may hold personal data and can be
// erased.
func feeds(part string) bool {
	return part == "facts" || part == "count" || part == "where" || part == "who"
}

// Open gives the mission a part that was sealed when its record was added. The mission is
// then in the state that knowing the part from the start would have given. The error is a
// *Refusal: the record is not in the log, the part not the one its header was signed over, or
// what it says breaks a rule.
func (m *Mission) Open(h record.Hash, part string, b []byte) error {
	hd := m.sealed[h]
	if hd == nil {
		if _, ok := m.Index(h); !ok {
			return Refuse("open.absent", "the record %s is not in this log", h.Short())
		}
		return nil // known already, or a part that no figure reads
	}
	if err := hd.rec.Put(part, b); err != nil {
		return err
	}
	if !m.blind[hd.index] {
		return m.take(hd)
	}
	return m.reread()
}

// reread replays authority from the first record whose facts were not known, and judges again
// every record after it.
func (m *Mission) reread() error {
	first := m.pending[0].index
	acts := m.acts
	m.acts, m.state = nil, authorities{}
	m.blind = map[int64]bool{}
	for _, a := range acts {
		if a.h.Index >= first {
			break
		}
		m.acts = append(m.acts, a)
		if len(m.findings[a.h.Index]) == 0 {
			a.body.apply(m, a.h)
		}
	}
	pending := m.pending
	m.pending = nil
	for _, hd := range pending {
		if len(m.blind) > 0 {
			m.pending = append(m.pending, hd)
		}
		m.take(hd) // a refusal is remembered
	}
	if r := m.refused[first]; r != nil {
		return r
	}
	return nil
}
