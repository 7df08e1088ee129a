package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"rsc.io/qr"

	"corridor.example/corridor/internal/sheet"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// writeSheet makes of a draft what can be carried to whoever signs it.
func writeSheet(ctx context.Context, w *world, c signingCall, file string) (int, error) {
	d, err := readDraft(file)
	if err != nil {
		return 3, err
	}
	p, err := c.place(ctx, nil)
	if err != nil {
		return 3, err
	}
	card, err := c.cardOf(p)
	if err != nil {
		return 3, err
	}
	if d.mandate {
		d.Re = &p.mission
	}
	answers, err := c.answered(ctx, d.Re)
	if err != nil {
		fmt.Fprintf(w.err, "the draft does not carry the record that it answers: %v\n", err)
	}
	seen := ""
	if p.seen != nil {
		seen = *p.seen
	}
	s, err := sheet.Of(d.Draft, p.exercise, p.mission, card, answers, seen, mustID)
	if isRefusal(err) {
		return outcome{}.not(err).say(w, c)
	}
	if err != nil {
		return 3, err
	}
	if err := writeNew(c.out, s.Text()); err != nil {
		return 3, err
	}
	words := strings.Join(s.Words(), " ")
	if c.json {
		return 0, w.printJSON(map[string]any{"out": c.out, "id": s.ID, "words": words})
	}
	fmt.Fprintf(w.out, "%s\n%s says all that will be signed; carry it or print it. Its words, to compare by voice with whoever signs:\n  %s\nto sign it: corridor sign %s --key KEY --card CARD --out FILE\n",
		onScreen(s.Text()), c.out, words, c.out)
	return 0, nil
}

// cardOf returns the words of the card that a draft is made for.
func (c signingCall) cardOf(p place) ([]string, error) {
	path := c.card
	if path == "" && c.dir != "" {
		path = filepath.Join(c.dir, cardFile)
	}
	if path != "" {
		card, err := readCard(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return card.Words(), nil
	}
	return nil, unusable(c.verb, "a draft that is carried names its mission by the card: give it with --card")
}

// answered returns the record a draft answers, as far as it can be read here; nil where the
// draft answers none or only a file of this machine is at hand.
func (c signingCall) answered(ctx context.Context, re *record.Hash) (*record.Record, error) {
	switch {
	case re == nil:
		return nil, nil
	case c.to != "":
		return fetchRecord(ctx, c.to, *re)
	case c.dir != "":
		return readRecord(ctx, c.dir, *re)
	}
	return nil, errors.New("with --card alone the log is not at hand")
}

func fetchRecord(ctx context.Context, url string, h record.Hash) (*record.Record, error) {
	b, err := get(ctx, url+"/api/v1/records/"+h.String(), 32<<20)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Record json.RawMessage `json:"record"`
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		return nil, fmt.Errorf("%s answered what is no record: %w", url, err)
	}
	if answer.Record == nil || string(answer.Record) == "null" {
		return nil, fmt.Errorf("%s does not open it to everybody", url)
	}
	r, err := record.Parse(answer.Record)
	if err == nil && r.Hash != h {
		err = fmt.Errorf("%s answered another record than was asked for", url)
	}
	return &r, err
}

// readRecord reads a record of a directory that no server runs.
func readRecord(ctx context.Context, dir string, h record.Hash) (*record.Record, error) {
	st, err := sqlite.OpenReadOnly(filepath.Join(dir, missionFile))
	if err != nil {
		return nil, err
	}
	defer st.Close()
	i, err := st.Index(ctx, h)
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", h.Short(), err)
	}
	row, err := st.Row(ctx, i)
	if err != nil {
		return nil, err
	}
	r, err := record.ParseEnvelope(row.Envelope)
	if err != nil {
		return nil, fmt.Errorf("entry %d: %w", i, err)
	}
	for n, b := range row.Parts {
		if b == nil || n >= len(r.Parts) {
			continue
		}
		if err := r.Put(r.Parts[n].Name, b); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
	}
	return &r, nil
}

// A signable is all of a record but what the key adds: its fingerprint, number and last record.
type signable struct {
	header record.Header
	parts  []record.Part
}

// An unsigned is what a person gives to be signed.
type unsigned interface {
	signable(p place) (signable, error)
}

// readUnsigned reads what is to be signed: a draft that was carried here, or a person's own.
func readUnsigned(path string) (unsigned, error) {
	text, err := readLimited(path, sheet.Max)
	if err != nil {
		return nil, err
	}
	if !sheet.Is(text) {
		return parseDraft(path, text)
	}
	s, err := sheet.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return sheetFile{path, s}, nil
}

// A sheetFile is a draft that was carried here.
type sheetFile struct {
	path string
	sheet.Sheet
}

// signable checks that a draft is for the mission that is signed for, and that what it says its
// maker had seen is signed by that mission's log.
func (s sheetFile) signable(p place) (signable, error) {
	if s.Mission != p.mission || s.Exercise != p.exercise || p.words != nil && !slices.Equal(s.Card, p.words) {
		return signable{}, fmt.Errorf("%s is a draft for another mission than this card's: its card reads %s", s.path, strings.Join(s.Card, " "))
	}
	h := s.Header(mustID())
	seen, err := newestOf(p.log, h.Seen, p.seen)
	if err != nil {
		return signable{}, fmt.Errorf("%s: seen: %w", s.path, err)
	}
	h.Seen = seen
	return signable{h, s.Parts}, nil
}

// newestOf returns the larger of two checkpoints, each nil or one that the log has signed.
func newestOf(log string, list ...*string) (seen *string, err error) {
	key, err := ledger.NewVerifier(log)
	if err != nil {
		return nil, err
	}
	size := int64(-1)
	for _, signed := range list {
		if signed == nil {
			continue
		}
		cp, err := ledger.OpenCheckpoint([]byte(*signed), key)
		if err != nil {
			return nil, fmt.Errorf("it is no checkpoint that the mission's log has signed, and signing it would say that you saw it: %w", err)
		}
		if cp.Size > size {
			seen, size = signed, cp.Size
		}
	}
	return seen, nil
}

// agree shows what is about to be signed to a person at a terminal and asks. Nobody else is asked.
func (w *world) agree(r record.Record) error {
	if !w.asked {
		return nil
	}
	showSigned(w.err, r)
	fmt.Fprint(w.err, "\nsign exactly this? type yes: ")
	line, err := bufio.NewReader(io.LimitReader(w.in, 1<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(line) != "yes" {
		return errors.New("nothing was signed")
	}
	return nil
}

// onScreen is text that a terminal shows as it is: no character that it acts on.
func onScreen(text []byte) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return unicode.ReplacementChar
		}
		return r
	}, string(text))
}

// mostQR is the longest text that is shown as a QR code; a larger one is read by few cameras.
const mostQR = 2200

// showQR draws a text as a QR code in half blocks, dark on light whatever the terminal's colours.
func showQR(w io.Writer, text string) error {
	if len(text) > mostQR {
		return fmt.Errorf("it has %d bytes, and a QR code that a telephone still reads holds %d: carry the file", len(text), mostQR)
	}
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return err
	}
	const margin = 4
	for y := -margin; y < code.Size+margin; y += 2 {
		fmt.Fprint(w, "\x1b[30;107m")
		for x := -margin; x < code.Size+margin; x++ {
			fmt.Fprint(w, map[[2]bool]string{{false, false}: " ", {true, false}: "▀", {false, true}: "▄", {true, true}: "█"}[[2]bool{code.Black(x, y), code.Black(x, y+1)}])
		}
		fmt.Fprintln(w, "\x1b[0m")
	}
	return nil
}
