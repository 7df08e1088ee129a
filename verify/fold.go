package verify

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A check is the state of one Run.
type check struct {
	o      Options
	head   Head
	sized  bool // the head says how many entries there are
	reader *reader

	logs     []corridor.Log   // in which the mission was kept
	log1     note.Verifier    // of the one that goes on
	otherLog bool             // it is not the card's
	lengths  map[string]int64 // by origin: how long a log that ended is shown to have been
	gone     []blank          // records that a whole copy does not carry
	notSaved int64            // those, and parts, that were not saved from a log that ended

	cardPolicy *ledger.Policy
	policiesMu sync.Mutex // checkpoints are checked several at once
	policies   map[*corridor.Terms]*ledger.Policy
	carded     map[string]*ledger.Policy // the card's, with the key of an earlier log

	mission *corridor.Mission // nil until the mandate is in use, and after a mandate that cannot be
	row     []byte            // room for the tree hashes of one entry
	tree    ledger.Tree       // of the leaves, where there is no mission to hold it
	first   record.Hash
	next    int64  // index of the entry to come
	hole    int64  // index of the first entry that is missing; -1 while none is
	none    string // why there is no mission, "" while there may be one

	log, authority, reports, figures tally
	findings, recorded, outside      Listed
	notes                            []string

	signatures int64           // that hold
	hidden     bool            // an authority record is not known here, so later ones cannot be judged
	lost       map[string]lost // by series, "" where that is not known: a report that the next one cannot be held against
	envelopes  int64           // withheld
	blanks     []blank         // those
	lacks      []uint8         // by index: the parts that are not carried, one bit for each of record.PartNames
	carries    []uint8         // likewise those that are
	erasures   []erasure
	agreed     []int64         // sizes at which a seen has the tree's root
	parted     map[int64]int64 // by the size up to which a seen of another history agrees: the least size said from which it does not
	partedMore int64           // further seen of another history
}

// A tally is what is known of a claim so far.
type tally struct {
	bad  Listed // does not hold
	open Listed // cannot be checked here
}

// A blank is an entry whose record is withheld.
type blank struct {
	index int64
	class corridor.Class
}

// An erasure is an order to erase, as logged.
type erasure struct {
	re    record.Hash
	parts []string
}

func (c *check) fold(it *item) {
	if d := it.damage; d != nil && (d.Index < 0 || c.sized && d.Index >= c.head.Size) {
		c.log.bad.add(Problem{Index: d.Index, Rule: RuleEntryBeyond, Sentence: d.What})
		return // no place in the log is lost by it
	} else if d != nil {
		c.log.bad.add(Problem{Index: d.Index, Rule: RuleEntryMissing, Sentence: d.What})
		c.gap(d.Index)
		c.next = max(c.next, d.Index+1)
		return
	}
	i := it.entry.Index
	switch {
	case i < c.next:
		c.log.bad.add(Problem{Index: i, Rule: RuleEntryTwice, Sentence: "the copy has this entry out of order or twice"})
		return
	case i > c.next:
		c.log.bad.add(Problem{Index: c.next, Rule: RuleEntryMissing, Sentence: missing(c.next, i)})
		c.gap(c.next)
	}
	c.next = i + 1
	if c.sized && i >= c.head.Size {
		c.log.bad.add(Problem{Index: i, Hash: it.rec.Hash, Rule: RuleEntryBeyond, Sentence: fmt.Sprintf("it stands beyond the head, which says that there are %d entries", c.head.Size)})
		return
	}
	if c.hole >= 0 {
		c.loose(it)
		return
	}
	c.enter(it)
	c.compareHashes(it)
}

func missing(from, to int64) string {
	if to == from+1 {
		return "the entry is missing"
	}
	return fmt.Sprintf("entries %d to %d are missing", from, to-1)
}

// gap notes that no entry from i on can be put in its place in the tree.
func (c *check) gap(i int64) {
	if c.hole < 0 && i >= 0 {
		c.hole = i
	}
}

// size is how many entries the tree has.
func (c *check) size() int64 { return c.merkle().Size() }

func (c *check) merkle() *ledger.Tree {
	if c.mission != nil {
		return c.mission.Tree()
	}
	return &c.tree
}

// enter gives the next entry its place in the tree and, if all about it is in order, in the
// fold.
func (c *check) enter(it *item) {
	e, r := &it.entry, it.rec
	c.faults(it)
	if r.Raw == nil {
		c.absent(it)
		return
	}
	if e.Index == 0 {
		c.named(r.Hash)
	}
	if !c.matches(it) {
		if e.Index == 0 {
			c.unfounded(it, false, "the mandate is not the record that its leaf names")
			return
		}
		c.leafOnly(it, damaged)
		return
	}
	if e.Index == 0 {
		c.found(it)
		return
	}
	if c.mission == nil {
		c.tree.Append(e.Leaf)
		c.parts(it)
		return
	}
	if corridor.Kind(r.Header.Kind).Sort() == "" {
		c.foreign(it)
		return
	}
	c.replay(it)
}

// faults names what is wrong with an entry's bytes.
func (c *check) faults(it *item) {
	for _, err := range it.faults {
		c.log.bad.add(problem(it, err))
	}
	if e := it.entry; e.Name != nil && it.rec.Raw != nil && !bytes.Equal(e.Name, it.rec.Hash[:]) {
		c.log.bad.add(Problem{e.Index, it.rec.Hash, RuleEntryName, "it is kept under a name that is not its record hash"})
	}
}

// problem is a refusal as found at an entry.
func problem(it *item, err error) Problem {
	rule, sentence, ok := corridor.ReasonOf(err)
	if !ok {
		rule, sentence = "record", err.Error()
	}
	return Problem{Index: it.entry.Index, Hash: it.rec.Hash, Rule: rule, Sentence: sentence}
}

// absent enters an entry whose record is not carried or cannot be read.
func (c *check) absent(it *item) {
	e := it.entry
	h, class, _, _, err := corridor.ParseLeaf(e.Leaf)
	carried := e.Line != nil || e.Envelope != nil
	switch {
	case carried: // named by faults
	case c.head.Level == "":
		c.gone = append(c.gone, blank{e.Index, class})
	default:
		c.envelopes++
		c.blanks = append(c.blanks, blank{e.Index, class})
	}
	if err == nil && class == corridor.ClassReport {
		c.reports.open.add(Problem{e.Index, h, RulePartSealed, "the report is not known here"})
		c.figures.open.add(Problem{e.Index, h, RulePartSealed, "the report is not known here"})
	}
	if e.Index == 0 {
		c.named(h)
		c.unfounded(it, !carried && c.head.Level != "", "the mandate is not carried or cannot be read")
		return
	}
	if carried || c.head.Level == "" {
		c.leafOnly(it, damaged)
		return
	}
	c.leafOnly(it, sealedHere)
}

// matches reports whether a record is the one its entry's leaf names, and says so if not.
func (c *check) matches(it *item) bool {
	e, r := it.entry, it.rec
	if corridor.Kind(r.Header.Kind).Sort() != "" {
		if bytes.Equal(corridor.Leaf(r), e.Leaf) {
			return true
		}
	} else if h, _, re, exercise, err := corridor.ParseLeaf(e.Leaf); err == nil && h == r.Hash && exercise == r.Exercise() && sameHash(re, r.Header.Re) {
		return true // the class is the word of whoever knew the kind
	}
	c.log.bad.add(Problem{e.Index, r.Hash, RuleEntryLeaf, "the record is not the one that its leaf names"})
	return false
}

func sameHash(a, b *record.Hash) bool { return a == b || a != nil && b != nil && *a == *b }

// leafOnly enters an entry by its leaf: the record is not known, or not to be believed. why
// says so of a report.
func (c *check) leafOnly(it *item, why string) {
	leaf := it.entry.Leaf
	if c.mission == nil {
		c.tree.Append(leaf)
		return
	}
	_, class, _, _, err := corridor.ParseLeaf(leaf)
	c.hidden = c.hidden || err != nil || class == corridor.ClassAuthority
	if err != nil || class == corridor.ClassReport {
		c.lose("", lost{it.entry.Index, why, false})
	}
	if err := c.mission.AddBlank(leaf); err != nil && len(it.faults) == 0 {
		c.log.bad.add(problem(it, err))
	}
}

// named notes which mission the first entry says this is.
func (c *check) named(mission record.Hash) {
	c.first = mission
	if card := c.o.Card; card != nil && mission != card.Mission {
		p := Problem{0, mission, RuleCardMission, fmt.Sprintf("this is the log of the mission %s, and the card is of the mission %s", mission.Short(), card.Mission.Short())}
		c.log.bad.add(p)
		c.authority.bad.add(p)
	}
}

// found begins the mission with its mandate.
func (c *check) found(it *item) {
	r := it.rec
	key, err := corridor.FoundingKey(r)
	if err == nil {
		err = r.Verify(key)
	}
	m := new(corridor.Mission)
	if err == nil {
		err = m.Add(r)
	}
	if err == nil && m.Now().Terms() == nil {
		err = corridor.Refuse(RuleMandate, "the mandate establishes no terms")
	}
	if err != nil {
		c.authority.bad.add(problem(it, err))
		c.unfounded(it, false, "the mandate cannot be used")
		return
	}
	c.mission = m
	c.signatures++
	c.reader.keys.Store(r.Header.Key, key)
	c.parts(it)
	c.logKey(m.Now().Terms().LogKey)
	c.seen(it)
}

// unfounded goes on with the leaves alone.
func (c *check) unfounded(it *item, withheld bool, why string) {
	c.none = why
	c.tree.Append(it.entry.Leaf)
	p := Problem{0, c.first, RuleMandate, why}
	if withheld {
		c.authority.open.add(p)
	} else if c.authority.bad.Total == 0 {
		c.authority.bad.add(p)
	}
	c.logKey("")
}

// foreign enters a record of a kind that this program does not know. Its signature can be
// checked, what it says cannot.
func (c *check) foreign(it *item) {
	r := it.rec
	p := Problem{it.entry.Index, r.Hash, RuleKindUnknown, fmt.Sprintf("%q is not a kind of record that this program knows; a newer one may", r.Header.Kind)}
	for _, t := range []*tally{&c.log, &c.authority, &c.reports, &c.figures} {
		t.open.add(p)
	}
	if r.Exercise() != c.mission.Exercise() || r.Header.Mission == nil || *r.Header.Mission != c.mission.Founder() {
		c.authority.bad.add(Problem{it.entry.Index, r.Hash, "record.mission", "the record was signed for another mission"})
	}
	c.signed(it)
	c.parts(it)
	c.seen(it)
	c.leafOnly(it, unknown)
}

// signed checks the signature of a record after the mandate and reports whether its key is
// known and the signature holds. It says what does not hold or cannot be checked.
func (c *check) signed(it *item) bool {
	key, err := c.mission.Key(it.rec.Header)
	var later *corridor.Later
	switch {
	case errors.As(err, &later) && c.hidden:
		c.authority.open.add(Problem{it.entry.Index, it.rec.Hash, RuleKeySealed, "its key may have been enrolled in a record that is not known here"})
		return false
	case errors.As(err, &later):
		c.authority.bad.add(Problem{it.entry.Index, it.rec.Hash, later.Rule, "no record before it enrolled the key that it is signed with"})
		return false
	case err != nil:
		c.authority.bad.add(problem(it, err))
		return false
	}
	if !it.tried {
		it.bad = it.rec.Verify(key)
		c.reader.keys.Store(it.rec.Header.Key, key)
	}
	if it.bad != nil {
		c.authority.bad.add(problem(it, it.bad))
		return false
	}
	c.signatures++
	return true
}

// replay gives a record whose signature holds its effect in the fold.
func (c *check) replay(it *item) {
	r, i := it.rec, it.entry.Index
	kind := corridor.Kind(r.Header.Kind)
	if j, twice := c.mission.Index(r.Hash); twice {
		c.log.bad.add(Problem{i, r.Hash, RuleEntryTwice, fmt.Sprintf("the record stands in the log already, as entry %d", j)})
		c.leafOnly(it, forged)
		return
	}
	ok := c.signed(it)
	c.parts(it)
	c.seen(it)
	if !ok {
		c.leafOnly(it, forged)
		return
	}
	if r.Part("facts") == nil && kind.Sort() == "authority" {
		c.hidden = true
	}
	if kind == corridor.KindReport && (r.Part("facts") == nil || r.Part("count") == nil) {
		c.sealedReport(it)
	}
	if err := c.mission.Add(r); err != nil {
		c.refused(it, kind, err)
		return
	}
	c.note(it, kind)
	if kind == corridor.KindSuccession {
		c.goesOn()
	}
}

// note keeps what is said of a record at the end.
func (c *check) note(it *item, kind corridor.Kind) {
	r := it.rec
	if kind == corridor.KindReport && r.Part("facts") != nil && r.Part("count") != nil {
		delete(c.lost, seriesOf(r))
	}
	if it.act != nil {
		c.recorded.add(Problem{it.entry.Index, r.Hash, string(kind), fmt.Sprintf("%s of %s, by %s: on the word of %s", kind, it.act.Of, it.act.Channel, r.Header.By)})
	}
	if b := r.Part("facts"); kind == corridor.KindErasure && b != nil && r.Header.Re != nil {
		var f corridor.ErasureFacts
		if record.Decode(b, &f) == nil {
			c.erasures = append(c.erasures, erasure{*r.Header.Re, f.Parts})
		}
	}
}

// parts keeps which parts of a record are carried.
func (c *check) parts(it *item) {
	for int64(len(c.lacks)) <= it.entry.Index {
		c.lacks, c.carries = append(c.lacks, 0), append(c.carries, 0)
	}
	for i, p := range it.rec.Parts {
		bit := uint8(1) << slices.Index(record.PartNames, p.Name)
		switch {
		case p.Bytes != nil:
			c.carries[it.entry.Index] |= bit
		case !faulty(it, i):
			c.lacks[it.entry.Index] |= bit
		}
	}
}

// faulty reports whether a part is carried and was left out because it is not the right one.
func faulty(it *item, i int) bool {
	return it.entry.Line == nil && i < len(it.entry.Parts) && it.entry.Parts[i] != nil
}

// loose looks at an entry after a hole: its place in the tree is lost, its own signature is
// not.
func (c *check) loose(it *item) {
	c.faults(it)
	if it.rec.Raw == nil || !c.matches(it) || c.mission == nil {
		return
	}
	key, ok := c.reader.keys.Load(it.rec.Header.Key)
	if !ok {
		return // said once for all: see the end
	}
	if !it.tried {
		it.bad = it.rec.Verify(key.(ed25519.PublicKey))
	}
	if it.bad != nil {
		c.authority.bad.add(problem(it, it.bad))
		return
	}
	c.signatures++
}

// compareHashes compares the tree hashes kept with an entry with those of the tree.
func (c *check) compareHashes(it *item) {
	i, kept := it.entry.Index, it.entry.Hashes
	if kept == nil {
		return
	}
	c.row = c.merkle().AppendRow(c.row[:0], i)
	if !bytes.Equal(c.row, kept) {
		c.log.bad.add(Problem{i, it.rec.Hash, RuleEntryHashes, "the tree hashes kept with it are not those of its leaf and the ones before it"})
	}
}
