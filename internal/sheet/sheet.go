// Package sheet is a draft that can be carried: a text that says exactly what will be signed,
// made on one machine and signed on another that has no network.
//
// A sheet fixes the bytes of every part, what they answer, and whose act it is. What only the
// signer knows is left to the signer: key, number, moment. Under each text of bytes stands its
// reading, one member a line, for a person to read on paper or on a screen. The reading follows
// from the bytes and is compared with them, so a sheet that reads otherwise than it signs is
// refused. Ten words at its foot are its fingerprint, to be compared by voice.
//
// A sheet carries no signature and proves nothing. It may carry the record that it answers,
// which is named by its hash and cannot be another.
package sheet

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// Limits, in bytes. A sheet carries no media.
const (
	Max     = 1 << 20
	maxSeen = 64 << 10
)

// First is the first line of every sheet.
const First = "corridor-draft/v1"

// A Sheet is a draft with the exact bytes of its parts.
type Sheet struct {
	Exercise bool
	Mission  record.Hash
	Card     []string // the ten words of the mission's card
	Kind     corridor.Kind
	By       corridor.ActorID
	Re       *record.Hash   // what it answers, or nil
	ID       record.ID      // of the record to be
	Parts    []record.Part  // in the order of record.PartNames; every one carried
	Answers  *record.Record // the record Re names, without its signature and perhaps without parts; nil where it is not carried
	Seen     string         // the newest checkpoint of whoever made the sheet; "" for none
}

// Words are the sheet's fingerprint as ten words. Two sheets that differ have different words.
func (s Sheet) Words() []string {
	sum := sha256.Sum256(s.body())
	return verify.Words(sum[:10])
}

// Text returns the sheet in its one spelling.
func (s Sheet) Text() []byte {
	return append(s.body(), "\nwords "+strings.Join(s.Words(), " ")+"\n"...)
}

// Is reports whether a text begins as a sheet does.
func Is(text []byte) bool { return bytes.HasPrefix(text, []byte(First+"\n")) }

func (s Sheet) body() []byte {
	var b bytes.Buffer
	line := func(name, value string) { fmt.Fprintf(&b, "%s %s\n", name, value) }
	b.WriteString(First + "\n")
	if s.Exercise {
		b.WriteString("exercise\n")
	}
	re := "-"
	if s.Re != nil {
		re = s.Re.String()
	}
	line("mission", s.Mission.String())
	line("card", strings.Join(s.Card, " "))
	line("kind", string(s.Kind))
	line("by", string(s.By))
	line("re", re)
	line("id", s.ID.String())
	for _, p := range s.Parts {
		text(&b, "part "+p.Name, p.Bytes)
	}
	if s.Answers != nil {
		text(&b, "answers", s.Answers.Raw)
		for _, p := range s.Answers.Parts {
			if p.Bytes != nil {
				text(&b, "answers "+p.Name, p.Bytes)
			}
		}
	}
	if s.Seen != "" {
		b.WriteString("\nseen\n")
		for _, l := range strings.Split(strings.TrimSuffix(s.Seen, "\n"), "\n") {
			b.WriteString("| " + l + "\n")
		}
	}
	return b.Bytes()
}

// text writes bytes that are one JSON object, and their reading.
func text(b *bytes.Buffer, name string, object []byte) {
	fmt.Fprintf(b, "\n%s\n%s\n", name, object)
	for _, l := range Read(object) {
		fmt.Fprintf(b, "  %s: %s\n", l.Name, l.Value)
	}
}

// Parse reads a sheet. It refuses whatever Text would not have written, and readings and words
// that do not follow from the bytes.
func Parse(in []byte) (Sheet, error) {
	s, err := parse(in)
	if err != nil {
		return Sheet{}, fmt.Errorf("draft: %w", err)
	}
	return s, nil
}

func parse(in []byte) (s Sheet, err error) {
	if len(in) > Max {
		return s, fmt.Errorf("%d bytes, more than %d", len(in), Max)
	}
	if !Is(in) {
		return s, fmt.Errorf("it does not begin with the line %q", First)
	}
	blocks := strings.Split(string(in), "\n\n")
	if err := s.head(strings.Split(blocks[0], "\n")[1:]); err != nil {
		return s, err
	}
	for _, block := range blocks[1:] {
		if err := s.block(block); err != nil {
			return s, err
		}
	}
	for i, p := range s.Parts {
		if p.Name == "media" {
			return s, errors.New("a draft that is carried has no media")
		}
		if i > 0 && slices.Index(record.PartNames, p.Name) <= slices.Index(record.PartNames, s.Parts[i-1].Name) {
			return s, fmt.Errorf("part %s is out of order", p.Name)
		}
	}
	if err := corridor.CheckParts(s.Kind, s.Parts); err != nil {
		return s, err
	}
	if want := s.Text(); !bytes.Equal(want, in) {
		return s, differs(string(want), string(in))
	}
	return s, nil
}

// differs names the first line that is not what follows from the bytes.
func differs(want, got string) error {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range g {
		if i >= len(w) || w[i] != g[i] {
			return fmt.Errorf("line %d does not follow from what would be signed: %.80q; it was miscopied or changed", i+1, g[i])
		}
	}
	return errors.New("it ends too early")
}

func (s *Sheet) head(lines []string) (err error) {
	if len(lines) > 0 && lines[0] == "exercise" {
		s.Exercise, lines = true, lines[1:]
	}
	names := []string{"mission", "card", "kind", "by", "re", "id"}
	if len(lines) != len(names) {
		return fmt.Errorf("its head has the lines %s", strings.Join(names, ", "))
	}
	for i, name := range names {
		value, ok := strings.CutPrefix(lines[i], name+" ")
		if !ok {
			return fmt.Errorf("line %d is not %q", i+2, name)
		}
		switch name {
		case "mission":
			s.Mission, err = record.ParseHash(value)
		case "card":
			s.Card = strings.Split(value, " ")
			if _, bad := verify.Unwords(s.Card); bad != nil || len(s.Card) != 10 {
				err = errors.New("a card has ten words")
			}
		case "kind":
			err = s.Kind.UnmarshalText([]byte(value))
		case "by":
			err = s.By.UnmarshalText([]byte(value))
		case "re":
			if value != "-" {
				var h record.Hash
				h, err = record.ParseHash(value)
				s.Re = &h
			}
		case "id":
			err = s.ID.UnmarshalText([]byte(value))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// block reads one of the texts below the head.
func (s *Sheet) block(block string) error {
	first, rest, _ := strings.Cut(block, "\n")
	object, _, _ := strings.Cut(rest, "\n")
	name, part, _ := strings.Cut(first, " ")
	switch {
	case name == "words": // compared with what follows from the rest
		return nil
	case name == "part" && s.Answers == nil && s.Seen == "":
		s.Parts = append(s.Parts, record.Part{Name: part, Bytes: []byte(object)})
		return nil
	case first == "answers" && s.Answers == nil && s.Seen == "":
		return s.answer([]byte(object))
	case name == "answers" && s.Answers != nil && s.Seen == "":
		if err := s.Answers.Put(part, []byte(object)); err != nil {
			return fmt.Errorf("%s: %w", first, err)
		}
		return nil
	case first == "seen" && s.Seen == "":
		for _, l := range strings.Split(strings.TrimSuffix(rest, "\n"), "\n") {
			s.Seen += strings.TrimPrefix(l, "| ") + "\n"
		}
		if len(s.Seen) > maxSeen {
			return errors.New("seen: too long for a checkpoint")
		}
		return nil
	}
	return fmt.Errorf("%.60q is unknown or out of order", first)
}

// answer reads the header of the record that is answered.
func (s *Sheet) answer(raw []byte) error {
	h, err := record.ParseHeader(raw)
	if err != nil {
		return fmt.Errorf("answers: %w", err)
	}
	r := record.Record{Header: h, Raw: raw, Hash: sha256.Sum256(raw), Parts: make([]record.Part, len(h.Parts))}
	for i, p := range h.Parts {
		r.Parts[i].Name = p.Name
	}
	if s.Re == nil || r.Hash != *s.Re {
		return errors.New("answers: the record carried is not the one that re names")
	}
	s.Answers = &r
	return nil
}

// Of returns the sheet of a draft: its parts composed, under a new id. What it answers is
// carried as given, without its media and without whom it names in confidence.
func Of(d corridor.Draft, exercise bool, mission record.Hash, card []string, answers *record.Record, seen string, nonce func() record.ID) (Sheet, error) {
	s := Sheet{Exercise: exercise, Mission: mission, Card: card, Kind: d.Kind, By: d.By, Re: d.Re, ID: nonce(), Seen: seen}
	var err error
	if s.Parts, err = corridor.Compose(d, s.ID, nonce); err != nil {
		return s, err
	}
	if d.Re != nil && answers != nil && answers.Hash == *d.Re {
		r := *answers
		r.Parts = slices.Clone(r.Parts)
		for i, p := range r.Parts {
			if p.Name == "media" || p.Name == "identity" { // too large, and not for a file that is carried about
				r.Parts[i].Bytes = nil
			}
		}
		s.Answers = &r
	}
	_, err = Parse(s.Text())
	return s, err
}

// Header returns what a signer of the sheet signs, but for what only the signer knows: key,
// seq, prev and at.
func (s Sheet) Header(nonce record.ID) record.Header {
	mission := s.Mission
	h := record.Header{Mission: &mission, Kind: string(s.Kind), ID: s.ID, By: string(s.By), Re: s.Re, Nonce: nonce}
	if s.Seen != "" {
		seen := s.Seen
		h.Seen = &seen
	}
	return h
}
