package mirror

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

type ed25519Key = ed25519.PublicKey

// What becomes of what was lodged.
const (
	howLogged  = "logged"  // it is in the log
	howRefused = "refused" // the log has a refusal of it
	howHeld    = "held"    // a receipt that agrees with the copy
	howAccused = "accused" // it was withheld, and an alarm raised
)

// putOff is the rule of a refusal that says later, and not no.
const putOff = "quota.full"

// mostADay bounds how much of a class one key may lodge in a day where the mandate has no quota.
const mostADay = 1000

// Lodge takes a record for safe-keeping from whoever's key the log knows, and returns the signed
// note that it was handed over. The same record twice has the note of the first. The record goes
// on to the server with the next round. The error is a *corridor.Refusal or a *corridor.Later.
func (m *Mirror) Lodge(ctx context.Context, line []byte) (note []byte, err error) {
	r, err := record.Parse(line)
	if err != nil {
		return nil, err
	}
	if m.node.Size() == 0 {
		return nil, &corridor.Later{Rule: "key.unknown", Reason: "this copy has no mandate yet; try again in a minute"}
	}
	if err := m.node.Authentic(r); err != nil {
		return nil, err
	}
	m.lodging.Lock()
	defer m.lodging.Unlock()
	if l, err := m.cfg.Watch.Lodged(ctx, r.Hash); err == nil {
		return l.Note, nil
	} else if !errors.Is(err, store.ErrAbsent) {
		return nil, err
	}
	now := record.At(m.cfg.Now())
	if err := m.allow(ctx, r, int64(now)/86400); err != nil {
		return nil, err
	}
	n, err := record.SignLodging(m.cfg.Key, m.cfg.Card.Exercise, m.cfg.Card.Mission, r.Hash, now)
	if err != nil {
		return nil, err
	}
	if _, err := m.cfg.Watch.Lodge(ctx, store.Lodged{Hash: r.Hash, At: int64(now), Line: bytes.Clone(line), Note: n.Text()}); err != nil {
		return nil, err
	}
	return n.Text(), nil
}

// submitWait bounds how long somebody who submits a record waits for the mission's server.
const submitWait = 15 * time.Second

// Submit takes a record as Lodge does and hands it on to the mission's server at once. The error
// says what became of it: it is nil only for what is in the copy, a *corridor.Later for what is
// kept here and on its way, a *corridor.Refusal for what the server, or this copy, refuses.
func (m *Mirror) Submit(ctx context.Context, line []byte) error {
	note, err := m.Lodge(ctx, line)
	if err != nil {
		return err
	}
	l, err := record.ParseLodging(note)
	if err != nil {
		return err
	}
	if _, ok := m.node.Index(l.Record); ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, submitWait)
	defer cancel()
	return m.hand(ctx, line, note).outcome(l.At)
}

// A handed is what the mission's server answered to a record that was handed on.
type handed struct {
	status       int // 0: it did not answer
	rule, reason string
	body         []byte // of the answer, such as a receipt
	err          error
}

// hand hands a record on with the note that it was lodged here.
func (m *Mirror) hand(ctx context.Context, line, note []byte) (h handed) {
	header := http.Header{"Content-Type": {"application/json"}, server.LodgingHeader: {string(note)}}
	body, err := m.do(ctx, http.MethodPost, "/api/v1/records", line, 1<<20, false, header)
	var a *answered
	switch {
	case errors.As(err, &a):
		h.status = a.status
	case err != nil:
		h.err = err
		return h
	}
	h.body = body
	var problem struct {
		Status       int
		Rule, Detail string
	}
	if json.Unmarshal(body, &problem) == nil {
		h.rule, h.reason = problem.Rule, problem.Detail
	}
	if h.status == 0 && h.rule != "" {
		h.status = http.StatusAccepted // taken for later, and it says why
	}
	return h
}

// outcome says plainly where a record that was lodged at a time is now.
func (h handed) outcome(at record.Time) error {
	here := fmt.Sprintf("it is kept here since %s, with a signed note of that", at)
	switch {
	case h.status == http.StatusUnprocessableEntity && h.rule != "":
		return corridor.Refuse(h.rule, "%s", h.reason)
	case h.err == nil && h.status == 0:
		return &corridor.Later{Rule: "lodged.forwarded", Reason: here + ", and the mission's server has it: it shows here with the next checkpoint"}
	case h.status == http.StatusAccepted:
		return &corridor.Later{Rule: h.rule, Reason: here + ", and the mission's server says: " + h.reason}
	}
	if h.err == nil {
		return &corridor.Later{Rule: "lodged.kept", Reason: fmt.Sprintf("%s; the mission's server does not take it now (%d), and it is sent on again until it does", here, h.status)}
	}
	return &corridor.Later{Rule: "lodged.kept", Reason: here + "; the mission's server does not answer, and it is sent on as soon as it does"}
}

// allow counts what a key lodges in a day, and answers later beyond the mandate's quota: what the
// server may put off for a day must not look withheld.
func (m *Mirror) allow(ctx context.Context, r record.Record, day int64) error {
	class := corridor.Kind(r.Header.Kind).Class()
	most := int64(mostADay)
	m.node.View(func(v corridor.View) {
		for _, q := range v.Terms().Quotas {
			if q.Class == class {
				most = q.PerDay
			}
		}
	})
	use := store.Use{Key: r.Header.Key, Class: "lodged " + string(class), Day: day, N: 1}
	n, err := m.cfg.Side.Count(ctx, use.Key, use.Class, day)
	if err != nil {
		return err
	}
	if n >= most {
		return &corridor.Later{Rule: "quota.full", Reason: fmt.Sprintf("this key has lodged its %d records of class %s for today; keep the record", most, class)}
	}
	return m.cfg.Side.Add(ctx, use)
}

// A lodgedReceipt is a receipt that its holder handed over to be held against the copy.
type lodgedReceipt struct {
	Receipt string `json:"receipt"` // c2sp.org/tlog-proof
	Leaf    string `json:"leaf"`    // of the entry it is the receipt of
}

// LodgeReceipt takes a receipt that somebody got from the server, {"receipt":…,"leaf":…}, and
// holds it against the copy now, or once the copy reaches so far.
func (m *Mirror) LodgeReceipt(ctx context.Context, text []byte) error {
	var l lodgedReceipt
	if err := record.Decode(text, &l); err != nil {
		return corridor.Refuse("lodging.receipt", "%v", err)
	}
	p, err := ledger.ParseProof([]byte(l.Receipt))
	if err == nil {
		_, err = p.CheckLog([]byte(l.Leaf), m.log)
	}
	if err != nil {
		return corridor.Refuse("lodging.receipt", "the receipt does not hold: %v", err)
	}
	hash := sha256.Sum256(text)
	if _, err := m.cfg.Watch.Lodge(ctx, store.Lodged{Hash: hash, At: m.cfg.Now().Unix(), Line: bytes.Clone(text), Note: []byte(receiptNote)}); err != nil {
		return err
	}
	return m.compare(ctx, hash, l)
}

const receiptNote = "receipt"

// compare holds a receipt against the copy, if that reaches so far.
func (m *Mirror) compare(ctx context.Context, hash [32]byte, l lodgedReceipt) error {
	p, err := ledger.ParseProof([]byte(l.Receipt))
	if err != nil {
		return err // it was read when it was taken
	}
	if p.Index >= m.node.Size() {
		return nil
	}
	row, err := m.node.Row(ctx, p.Index)
	if err != nil {
		return err
	}
	if string(row.Leaf) == l.Leaf {
		// The same entry; the tree it was shown in may be another all the same.
		_ = m.hold(p.Checkpoint, "the checkpoint of a receipt")
		return m.cfg.Watch.Settle(ctx, hash, howHeld)
	}
	own, err := m.receipt(p.Index)
	if err != nil {
		return err
	}
	e := m.evidence(verify.EvidenceEntry)
	e.Receipts, e.Leaves = []string{l.Receipt, own}, []string{l.Leaf, string(row.Leaf)}
	m.accuse(fmt.Sprintf("receipt %d", p.Index), fmt.Sprintf("what the log acknowledged as entry %d is not what it has there", p.Index), e)
	return m.cfg.Watch.Settle(ctx, hash, howAccused)
}

// openMost bounds how much of what was lodged one round looks at.
const openMost = 500

// forward hands what was lodged on to the server, before this round's cosignature says what the
// log is.
func (m *Mirror) forward(ctx context.Context) error {
	list, err := m.cfg.Watch.Lodgings(ctx, true, openMost)
	if err != nil {
		return err
	}
	for _, l := range list {
		if string(l.Note) == receiptNote {
			continue
		}
		h := m.hand(ctx, l.Line, l.Note)
		m.handedOn(ctx, l, h)
		if h.err != nil {
			return fmt.Errorf("what was lodged could not be handed on: %w", h.err)
		}
	}
	return nil
}

// settle looks what became of what was lodged, and accuses the log of what it withheld beyond
// the mandate's bound.
func (m *Mirror) settle(ctx context.Context) {
	list, err := m.cfg.Watch.Lodgings(ctx, true, openMost)
	if err != nil {
		m.cfg.Log.Error("what was lodged cannot be read", "cause", err.Error())
		return
	}
	refused, bound := m.answers()
	for _, l := range list {
		err := m.settleOne(ctx, l, refused, bound)
		if err != nil {
			m.cfg.Log.Error("what was lodged was not looked into", "cause", err.Error())
		}
	}
}

func (m *Mirror) settleOne(ctx context.Context, l store.Lodged, refused map[record.Hash]string, bound time.Duration) error {
	if string(l.Note) == receiptNote {
		var r lodgedReceipt
		if err := json.Unmarshal(l.Line, &r); err != nil {
			return err
		}
		return m.compare(ctx, l.Hash, r)
	}
	if _, ok := m.node.Index(l.Hash); ok {
		return m.cfg.Watch.Settle(ctx, l.Hash, howLogged)
	}
	switch rule := refused[l.Hash]; rule {
	case "":
	case putOff:
		return nil // it is handed on again until it is logged
	default:
		return m.cfg.Watch.Settle(ctx, l.Hash, howRefused)
	}
	if m.cfg.Now().Before(time.Unix(l.At, 0).Add(bound)) || m.owed(l, bound) {
		return nil
	}
	cosigned := m.node.Cosigned()
	s, err := m.policy.Check(cosigned)
	if err != nil || !s.QuorumAt(l.At+int64(bound/time.Second)) || s.Size > m.node.Size() {
		return nil // nobody has vouched yet that this is the log
	}
	e, err := m.suppressed(ctx, l, cosigned, s.Size)
	if err != nil {
		return err
	}
	m.accuse(fmt.Sprintf("lodged %x", l.Hash[:4]), fmt.Sprintf("the record %x was lodged here at %s and is neither in the log nor refused in it", l.Hash[:4], record.Time(l.At)), e)
	return m.cfg.Watch.Settle(ctx, l.Hash, howAccused)
}

// suppressed gathers the evidence that a record was withheld (verify.EvidenceSuppressed).
func (m *Mirror) suppressed(ctx context.Context, l store.Lodged, cosigned []byte, size int64) (e verify.Evidence, err error) {
	e = m.evidence(verify.EvidenceSuppressed)
	e.Checkpoints, e.Notes = []string{string(cosigned)}, []string{string(l.Note)}
	r, err := record.Parse(l.Line)
	if err != nil {
		return e, err
	}
	e.Records = []string{string(bare(r).Line())}
	for i := range size {
		row, err := m.node.Row(ctx, i)
		if err != nil {
			return e, err
		}
		e.Leaves = append(e.Leaves, string(row.Leaf))
		x, err := m.node.Record(ctx, i)
		if err != nil {
			continue // only its leaf is here
		}
		switch k := corridor.Kind(x.Header.Kind); {
		case i == 0:
			e.Records = append(e.Records, string(x.Line()))
		case k.Class() == corridor.ClassOffice, k == corridor.KindNomination && names(x, r.Header.By), k == corridor.KindKey && x.Header.By == r.Header.By, k == corridor.KindAmendment:
			e.Records = append(e.Records, string(facts(x).Line()))
		}
	}
	return e, nil
}

// names reports whether a nomination is of an observer.
func names(r record.Record, observer string) bool {
	var f corridor.NominationFacts
	return record.Decode(r.Part("facts"), &f) == nil && string(f.Observer) == observer
}

// bare is a record without its parts, and facts one with its facts alone: a proof goes to
// strangers.
func bare(r record.Record) record.Record { return without(r, func(string) bool { return true }) }

func facts(r record.Record) record.Record {
	if k := corridor.Kind(r.Header.Kind); k.Class() == corridor.ClassOffice && k != corridor.KindRefusal {
		return bare(r)
	}
	return without(r, func(part string) bool { return part != "facts" })
}

func without(r record.Record, drop func(part string) bool) record.Record {
	r.Parts = append([]record.Part(nil), r.Parts...)
	for i := range r.Parts {
		if drop(r.Parts[i].Name) {
			r.Parts[i].Bytes = nil
		}
	}
	return r
}

// Lodgings returns what was lodged here and what became of it, the oldest first.
func (m *Mirror) Lodgings(ctx context.Context) ([]store.Lodged, error) {
	return m.cfg.Watch.Lodgings(ctx, false, 10_000)
}
