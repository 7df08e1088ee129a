package cheat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// ErrNothing says that the mission has nothing this lie could be told about.
var ErrNothing = errors.New("this mission has nothing to falsify in that way")

// A told is a falsified log, what was done to make it, and which of its entries it is about.
type told struct {
	tale  *tale
	done  string
	entry int64
	known verify.Known // what the reader accepted before, for a lie told to two
}

var lies = map[string]struct {
	tell    func(*forgery) (told, error)
	notices []Notice
}{
	"omit": {(*forgery).omit, []Notice{
		{"anyone", "when the report is read", "the leaves of its range: each shows that it is an incident, and the report does not list it"},
		{"both sides' witnesses", "at the next tick", "the cosigned checkpoint, which is of another history"}}},
	"alter": {(*forgery).alter, []Notice{
		{"anyone who may read the account", "at once", "the hash of the part, which its author signed"},
		{"anyone", "at once", "the report's figure, which the accounts no longer give"}}},
	"admit": {(*forgery).admit, []Notice{
		{"every party", "when the record reaches its mirror", "the consent, which was not signed with the key of the one it names"},
		{"anyone", "when the log is replayed", "the deployment, which stands without the consents the mandate asks for"}}},
	"backdate": {(*forgery).backdate, []Notice{
		{"both sides' witnesses", "at the next tick", "the checkpoint they cosigned before the record was put in"},
		{"anyone with a receipt", "when it is held against the log", "the inclusion proof, which leads to another root"}}},
	"fork": {(*forgery).fork, []Notice{
		{"the side that is shown the second log", "at once", "the checkpoint it accepted before"},
		{"any author who had seen the first", "with the next record", "the checkpoint that a signed header carries in seen"}}},
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
	t, err := lie.tell(f)
	if err != nil {
		return Answer{}, err
	}
	res, err := verify.Run(ctx, t.tale, verify.Options{Card: card, Known: t.known, KnownGiven: t.known != nil})
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Code: code, Done: t.done, Entry: t.entry, Notices: lie.notices, Claims: res.Claims}
	a.Says, a.Caught = says(res, t.entry)
	return a, nil
}

// says returns the checker's own sentence: about the entry if there is one, else the first
// that does not hold. caught is whether anything did not hold.
func says(res verify.Result, entry int64) (sentence string, caught bool) {
	for _, c := range res.Claims {
		if c.State != verify.DoesNotHold {
			continue
		}
		for _, p := range c.Entries {
			if p.Index == entry {
				return p.String(), true
			}
			if sentence == "" {
				sentence = p.String()
			}
		}
		caught = true
	}
	if !caught {
		sentence = "every claim holds"
	}
	return sentence, caught
}

// omit takes an incident out of a report and signs the report again, and the log with it. It
// takes one of a burned vehicle if a report lists one.
func (f *forgery) omit() (told, error) {
	best, leaving := -1, record.Hash{}
	burned := map[record.Hash]bool{}
	for _, e := range f.mission.Now().Events() {
		burned[e.Record] = e.Facts.What == "vehicle-burned"
	}
	for _, r := range f.mission.Now().Reports() {
		for _, s := range r.Facts.Sections {
			if s.Name != "incidents" {
				continue
			}
			for _, h := range s.Records {
				if best < 0 || burned[h] && !burned[leaving] {
					best, leaving = int(r.Index), h
				}
			}
		}
	}
	if best < 0 {
		return told{}, ErrNothing
	}
	signed := f.records[best]
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
	t, err := f.tell(splice(f.records, best, 1, r))
	i, _ := f.mission.Index(leaving)
	return told{tale: t, entry: int64(best), done: fmt.Sprintf("Entry %d, an incident, was taken out of the report that is entry %d. The report was signed again by its office, and the log by its own key.", i, best)}, err
}

// alter changes a number in a stored part, the second digit of the largest count, as somebody
// would who can write to the disk.
func (f *forgery) alter() (told, error) {
	best, most, part := -1, int64(0), -1
	for i, r := range f.records {
		for p := range r.Parts {
			if n := largest(r.Parts[p]); n > most && (most != preferred || n == preferred) {
				best, most, part = i, n, p
			}
			if n := largest(r.Parts[p]); n == preferred {
				best, most, part = i, n, p
			}
		}
	}
	if best < 0 {
		return told{}, ErrNothing
	}
	t, err := f.tell(f.records)
	if err != nil {
		return told{}, err
	}
	was, is := strconv.FormatInt(most, 10), altered(most)
	t.entries[best].Parts = slices.Clone(t.entries[best].Parts)
	t.entries[best].Parts[part] = bytes.Replace(f.records[best].Parts[part].Bytes, []byte(`"total":`+was), []byte(`"total":`+is), 1)
	return told{tale: t, entry: int64(best), done: fmt.Sprintf("In entry %d the number %s was made into %s, in the stored bytes.", best, was, is)}, nil
}

// preferred is the number that is altered where the log has it: how many left Foua and
// Kefraya by 23 December 2016 (OCHA Aleppo Situation Report No. 10).
const preferred = 1312

func altered(n int64) string {
	s := []byte(strconv.FormatInt(n, 10))
	at := min(1, len(s)-1)
	s[at] = '0' + (s[at]-'0'+5)%10
	return string(s)
}

// largest returns the largest total of a count part, 0 for any other.
func largest(p record.Part) (most int64) {
	if p.Name != "count" {
		return 0
	}
	for rest := p.Bytes; ; {
		_, after, ok := bytes.Cut(rest, []byte(`"total":`))
		if !ok {
			return most
		}
		end := bytes.IndexByte(after, ',')
		if n, err := strconv.ParseInt(string(after[:max(end, 0)]), 10, 64); err == nil {
			most = max(most, n)
		}
		rest = after
	}
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
	return told{tale: t, entry: int64(at3 + 1), done: fmt.Sprintf("The office nominated an observer, wrote the consent of %s itself as entry %d, and deployed the observer.", voter, at3+1)}, err
}

// backdate signs a record of today as older than it is, and puts it where it would have stood.
func (f *forgery) backdate() (told, error) {
	at := len(f.records) / 2
	old := f.records[at]
	by := old.Header.By
	for i := at; i > 0 && f.keys.Actor(by) == nil; i-- {
		by, old = f.records[i].Header.By, f.records[i]
	}
	if f.keys.Actor(by) == nil {
		return told{}, ErrNothing
	}
	r, err := f.again(old, by, func(h *record.Header, parts []record.Part) {
		h.Nonce = f.made("backdate")
	})
	if err != nil {
		return told{}, err
	}
	t, err := f.tell(splice(f.records, at, 0, r))
	return told{tale: t, entry: int64(at), done: fmt.Sprintf("A record was signed today with the date %s and put in as entry %d; the log was signed again from there on.", r.Header.At, at)}, err
}

// fork shows one side another last entry than the other side was shown, both of one size and
// both signed by the log.
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
	t.head.Cosigned, t.older = nil, nil // what the others cosigned is not shown to this side
	return told{tale: t, entry: int64(at), known: memory(f.checkpoint), done: fmt.Sprintf("One side was shown the log, the other a log of the same %d entries with another entry %d; the log's key signed both.", len(f.records), at)}, nil
}

// splice replaces n records from at by r.
func splice(records []record.Record, at, n int, r record.Record) []record.Record {
	out := append(slices.Clone(records[:at]), r)
	return append(out, records[at+n:]...)
}
