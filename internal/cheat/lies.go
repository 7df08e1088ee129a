package cheat

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// ErrNothing says that the mission has nothing this lie could be told about.
var ErrNothing = errors.New("this mission has nothing to falsify in that way")

// A told is a falsified log, what was done to make it, and which of its entries it is about.
type told struct {
	tale  *tale
	done  Done
	entry int64
	known verify.Known // what the reader accepted before, for a lie told to two
}

var lies = map[string]func(*forgery) (told, error){
	"omit": (*forgery).omit, "alter": (*forgery).alter, "admit": (*forgery).admit, "backdate": (*forgery).backdate, "fork": (*forgery).fork,
}

// Tell tells one lie on a copy of the log that src reads, and checks the copy against the card
// everybody was handed. The answer is the checker's.
func Tell(ctx context.Context, code string, src verify.Source, card *verify.Card, keys Keys) (Answer, error) {
	lie, ok := lies[code]
	if !ok {
		return Answer{}, fmt.Errorf("%q is not one of the lies: %v", code, Codes)
	}
	f, err := read(ctx, src, keys)
	if err != nil {
		return Answer{}, err
	}
	t, err := lie(f)
	if err != nil {
		return Answer{}, err
	}
	res, err := verify.Run(ctx, t.tale, verify.Options{Card: card, Known: t.known, KnownGiven: t.known != nil})
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Code: code, Done: t.done, Entry: t.entry, Notices: f.notices(t, res), Claims: res.Claims}
	a.Says, a.Caught = says(res, t)
	return a, nil
}

// omit takes an incident out of a report and signs the report again, and the log with it.
func (f *forgery) omit() (told, error) {
	report, leaving, ok := Omitted(f.mission.Now())
	if !ok {
		return told{}, ErrNothing
	}
	at, _ := f.mission.Index(report)
	signed := f.records[at]
	out := []byte(`"` + leaving.String() + `"`)
	r, err := f.again(signed, signed.Header.By, func(_ *record.Header, parts []record.Part) {
		b := bytes.Replace(parts[0].Bytes, append(slices.Clone(out), ','), nil, 1)
		if len(b) == len(parts[0].Bytes) {
			b = bytes.Replace(b, append([]byte(","), out...), nil, 1)
		}
		if len(b) == len(parts[0].Bytes) {
			b = bytes.Replace(b, out, nil, 1)
		}
		parts[0].Bytes = b
	})
	if err != nil {
		return told{}, err
	}
	t, err := f.tell(splice(f.records, int(at), 1, r))
	i, _ := f.mission.Index(leaving)
	return told{tale: t, entry: at, done: Done{Of: i}}, err
}

// alter changes a number in a stored part, as somebody would who can write to the disk.
func (f *forgery) alter() (told, error) {
	h, was, is, ok := Altered(f.mission.Now())
	if !ok {
		return told{}, ErrNothing
	}
	t, err := f.tell(f.records)
	if err != nil {
		return told{}, err
	}
	at, _ := f.mission.Index(h)
	part := slices.IndexFunc(f.records[at].Parts, func(p record.Part) bool { return p.Name == "count" })
	stored := slices.Clone(t.entries[at].Parts)
	total := func(n int64) []byte { return strconv.AppendInt([]byte(`"total":`), n, 10) }
	stored[part] = bytes.Replace(stored[part], total(was), total(is), 1)
	t.entries[at].Parts = stored
	return told{tale: t, entry: at, done: Done{Was: was, Is: is}}, nil
}

// admit puts in an observer nobody consented to: the office nominates, signs the consent of a
// voter with its own key, and deploys.
func (f *forgery) admit() (told, error) {
	terms := f.mission.Now().Terms()
	office := ""
	for _, a := range terms.Actors {
		if a.Is(corridor.Office) && f.keys.Actor(string(a.ID)) != nil {
			office = string(a.ID)
			break
		}
	}
	voters := terms.Consent.Quorum.Voters()
	if office == "" || len(voters) == 0 {
		return told{}, ErrNothing
	}
	voter, at := string(voters[0]), f.records[len(f.records)-1].Header.At
	device := f.keys.Actor("stranger")
	founder := f.mission.Founder()
	n, err := f.sign(office, corridor.Draft{Kind: corridor.KindNomination, By: corridor.ActorID(office), Parts: map[string]map[string]any{"facts": {
		"observer": "stranger", "from": at.String(), "key": key(device, f.mission.Exercise(), terms.Origin, &founder),
	}}}, at, len(f.records))
	if err != nil {
		return told{}, err
	}
	consent, err := f.sign(office, corridor.Draft{Kind: corridor.KindConsent, By: corridor.ActorID(voter), Re: &n.Hash, Parts: map[string]map[string]any{"facts": {}}}, at, len(f.records))
	if err != nil {
		return told{}, err
	}
	deployment, err := f.sign(office, corridor.Draft{Kind: corridor.KindDeployment, By: corridor.ActorID(office), Re: &n.Hash, Parts: map[string]map[string]any{"facts": {"observer": "stranger", "from": at.String()}}}, at, len(f.records))
	if err != nil {
		return told{}, err
	}
	at3 := len(f.records)
	t, err := f.tell(append(slices.Clone(f.records), n, consent, deployment))
	return told{tale: t, entry: int64(at3 + 1), done: Done{For: corridor.ActorID(voter)}}, err
}

// backdate signs a record of today as older than it is, and puts it where it would have stood:
// an account like one from the middle of the log, under a name of its own.
func (f *forgery) backdate() (told, error) {
	at := len(f.records) / 2
	for at > 0 && !f.copyable(f.records[at]) {
		at--
	}
	if at == 0 {
		return told{}, ErrNothing
	}
	like := f.records[at]
	id := f.made("backdate")
	r, err := f.again(like, like.Header.By, func(h *record.Header, parts []record.Part) {
		was := []byte(h.ID.String())
		h.ID, h.Nonce = id, f.made("backdate nonce")
		for i := range parts {
			parts[i].Bytes = bytes.Replace(parts[i].Bytes, was, []byte(id.String()), 1)
		}
	})
	if err != nil {
		return told{}, err
	}
	t, err := f.tell(splice(f.records, at, 0, r))
	return told{tale: t, entry: int64(at), done: Done{At: r.Header.At}}, err
}

// copyable reports whether the liar can sign a record like this one: a field record, whole, by
// somebody whose key it holds.
func (f *forgery) copyable(r record.Record) bool {
	for _, p := range r.Parts {
		if p.Bytes == nil || p.Name == "media" {
			return false
		}
	}
	k := f.keys.Actor(r.Header.By)
	return corridor.Kind(r.Header.Kind).Sort() == "field" && k != nil && record.Fingerprint(k.Public().(ed25519.PublicKey)) == r.Header.Key
}

// fork shows one side another last entry than the other side was shown, both of one size and
// both signed by the log. The side that checks has what it accepted before: the checkpoints
// that were cosigned of the true log.
func (f *forgery) fork() (told, error) {
	at := len(f.records) - 1
	r, err := f.again(f.records[at], f.records[at].Header.By, func(h *record.Header, _ []record.Part) { h.Nonce = f.made("fork") })
	if err != nil {
		return told{}, err
	}
	t, err := f.tell(splice(f.records, at, 1, r))
	if err != nil {
		return told{}, err
	}
	t.head.Cosigned = nil // the newest that the falsified log itself can show is an older one
	newest := int64(0)
	for _, text := range f.older {
		if c, err := ledger.ParseCheckpoint(text); err == nil && c.Size > newest && !t.parts(text) {
			t.head.Cosigned, newest = text, c.Size
		}
	}
	return told{tale: t, entry: int64(at), known: memory(f.checkpoint), done: Done{Size: int64(len(f.records))}}, nil
}

// splice replaces n records from at by r.
func splice(records []record.Record, at, n int, r record.Record) []record.Record {
	out := append(slices.Clone(records[:at]), r)
	return append(out, records[at+n:]...)
}
