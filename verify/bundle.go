package verify

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

const (
	bundleFirst = "corridor-bundle/v1"
	// maxBundleLine bounds an entry: a record on the wire, and its leaf.
	maxBundleLine = record.MaxLine + 2<<10
	whole         = "whole" // how a bundle spells the level of a whole mission file
)

// A BundleHead is the first line of a bundle: what it is, and for whom it was made.
type BundleHead struct {
	Exercise bool
	Level    corridor.Level // "": everything the mission file has
	Origin   string         // of the log
	Size     int64          // number of entries
	Card     []byte         // text of a card, nil for none: only a claim of whoever made the bundle
}

type bundleLine struct {
	Bundle   string  `json:"bundle"`
	Exercise bool    `json:"exercise"`
	Level    string  `json:"level"`
	Origin   string  `json:"origin"`
	Size     int64   `json:"size"`
	Card     *string `json:"card"`
}

type checkpointLine struct {
	Checkpoint string `json:"checkpoint"`
}

type cosignedLine struct {
	Cosigned string `json:"cosigned"`
}

// WriteBundle writes one file that a check needs nothing else for, and no network: a line for
// the head, one for each entry in order, then the log's checkpoint and the cosigned ones. Each
// is a JSON object:
//
//	{"bundle":"corridor-bundle/v1","exercise":false,"level":"whole","origin":"…","size":44,"card":null}
//	{"leaf":"corridor-leaf/v1\n…","record":{"envelope":{…},"parts":["…",null]}}
//	{"leaf":"corridor-leaf/v1\n…","record":null}
//	{"checkpoint":"…"}
//	{"cosigned":"…"}
//
// It writes what it is given: what an audience may not read is left out by whoever makes the
// entries. The error is a fault, or says which entry cannot be written.
func WriteBundle(w io.Writer, h BundleHead, entries iter.Seq2[Entry, error], checkpoint []byte, cosigned iter.Seq2[[]byte, error]) error {
	out := bufio.NewWriterSize(w, 1<<16)
	first := bundleLine{Bundle: bundleFirst, Exercise: h.Exercise, Level: whole, Origin: h.Origin, Size: h.Size}
	if h.Level != "" {
		first.Level = string(h.Level)
	}
	if h.Card != nil {
		s := string(h.Card)
		first.Card = &s
	}
	if err := writeLine(out, first); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	n := int64(0)
	for e, err := range entries {
		if err == nil && e.Index != n {
			err = fmt.Errorf("entry %d stands where entry %d should", e.Index, n)
		}
		if err == nil {
			err = writeEntry(out, e)
		}
		if err != nil {
			return fmt.Errorf("bundle: entry %d: %w", n, err)
		}
		n++
	}
	if n != h.Size {
		return fmt.Errorf("bundle: %d entries were to be written and there are %d", h.Size, n)
	}
	if err := writeLine(out, checkpointLine{string(checkpoint)}); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	for text, err := range cosigned {
		if err == nil {
			err = writeLine(out, cosignedLine{string(text)})
		}
		if err != nil {
			return fmt.Errorf("bundle: cosigned checkpoint: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return nil
}

func writeLine(w *bufio.Writer, v any) error {
	b, err := record.Encode(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// WriteEntry writes an entry as one line, as it stands in a bundle.
func WriteEntry(w io.Writer, e Entry) error {
	out := bufio.NewWriter(w)
	if err := writeEntry(out, e); err != nil {
		return err
	}
	return out.Flush()
}

// ReadEntry reads what WriteEntry wrote, without its line feed, as the entry of an index.
func ReadEntry(line []byte, i int64) (Entry, error) {
	if len(line) > maxBundleLine {
		return Entry{}, fmt.Errorf("the entry is longer than %d bytes", maxBundleLine)
	}
	return bundleText{text: line, ended: true}.entry(i)
}

func writeEntry(w *bufio.Writer, e Entry) error {
	if _, _, _, _, err := corridor.ParseLeaf(e.Leaf); err != nil {
		return err
	}
	leaf, err := record.Encode(string(e.Leaf))
	if err != nil {
		return err
	}
	line := []byte("null")
	if e.Line != nil || e.Envelope != nil {
		r, faults := readRecord(e)
		if len(faults) > 0 {
			return faults[0]
		}
		line = r.Line()
	}
	for _, b := range [][]byte{[]byte(`{"leaf":`), leaf, []byte(`,"record":`), line, []byte("}\n")} {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// A Bundle is a bundle as found, a Source.
type Bundle struct {
	r    io.ReadSeeker
	head Head
	// Where the line after the entries begins, and its number.
	tail, tailLine int64
	damage         *Damage // of the lines after the entries
	first          int64   // length of the first line
}

// OpenBundle reads a bundle's first line and what stands after its entries. It keeps r, and
// reads it again for each pass. The error says that it is no bundle, or is a fault of reading.
func OpenBundle(r io.ReadSeeker) (*Bundle, error) {
	b := &Bundle{r: r, tail: -1}
	n := int64(0)
	for l, err := range b.lines(0, 1) {
		if err != nil {
			return nil, err
		}
		switch {
		case l.number == 1:
			b.first = int64(len(l.text)) + 1
			if err := b.open(l); err != nil {
				return nil, fmt.Errorf("bundle: line 1: %w", err)
			}
		case isTail(l.text):
			if b.tail < 0 {
				b.tail, b.tailLine = l.at, l.number
			}
			b.last(l)
		case b.tail >= 0:
			b.spoil(l, "an entry stands after the checkpoint")
		default:
			n++
		}
	}
	if b.first == 0 {
		return nil, errors.New("bundle: the file is empty")
	}
	return b, nil
}

func isTail(text []byte) bool {
	return bytes.HasPrefix(text, []byte(`{"checkpoint":`)) || bytes.HasPrefix(text, []byte(`{"cosigned":`))
}

func (b *Bundle) open(l bundleText) error {
	var first bundleLine
	if !bytes.HasPrefix(l.text, []byte(`{"bundle":"`+bundleFirst+`",`)) {
		return fmt.Errorf("it is not the head of a %s", bundleFirst)
	}
	if !l.ended {
		return errors.New("the line is not ended; the file was cut")
	}
	if err := record.Decode(l.text, &first); err != nil {
		return err
	}
	b.head = Head{Size: first.Size, Origin: first.Origin, Exercise: first.Exercise}
	if first.Size < 0 || first.Size > ledger.MaxSize {
		return fmt.Errorf("%d is not a number of entries", first.Size)
	}
	if first.Origin == "" {
		return errors.New("it names no origin")
	}
	if first.Level != whole {
		if err := b.head.Level.UnmarshalText([]byte(first.Level)); err != nil {
			return fmt.Errorf("level: %w", err)
		}
	}
	if first.Card != nil {
		b.head.Card = []byte(*first.Card)
	}
	return nil
}

// last reads one of the lines after the entries.
func (b *Bundle) last(l bundleText) {
	text, err := tailText(l, l.at == b.tail)
	if err != nil {
		b.spoil(l, err.Error())
		return
	}
	if l.at == b.tail {
		b.head.Checkpoint = text
		return
	}
	c, err := ledger.ParseCheckpoint(text)
	if err != nil {
		b.spoil(l, err.Error())
		return
	}
	if newest, err := ledger.ParseCheckpoint(b.head.Cosigned); err != nil || c.Size > newest.Size {
		b.head.Cosigned = text
	}
}

func tailText(l bundleText, first bool) ([]byte, error) {
	if !l.ended {
		return nil, errors.New("the line is not ended; the file was cut")
	}
	if first {
		var c checkpointLine
		err := record.Decode(l.text, &c)
		return []byte(c.Checkpoint), err
	}
	var c cosignedLine
	err := record.Decode(l.text, &c)
	return []byte(c.Cosigned), err
}

func (b *Bundle) spoil(l bundleText, what string) {
	if b.damage == nil {
		b.damage = &Damage{-1, fmt.Sprintf("line %d of the bundle: %s", l.number, what)}
	}
}

// Head returns what the bundle says of itself. A *Damage is of the lines after the entries;
// the head is what could be read all the same.
func (b *Bundle) Head(context.Context) (Head, error) {
	if b.damage != nil {
		return b.head, b.damage
	}
	return b.head, nil
}

// Entries returns the entries of the bundle.
func (b *Bundle) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		i := int64(0)
		for l, err := range b.lines(b.first, 2) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if b.tail >= 0 && l.at >= b.tail {
				return
			}
			e, err := l.entry(i)
			if err != nil {
				err = &Damage{i, fmt.Sprintf("line %d of the bundle: %v", l.number, err)}
			}
			if !yield(e, err) {
				return
			}
			i++
		}
	}
}

var (
	leafPrefix   = []byte(`{"leaf":"`)
	recordPrefix = []byte(`","record":`)
)

func (l bundleText) entry(i int64) (Entry, error) {
	rest, ok := bytes.CutPrefix(l.text, leafPrefix)
	leaf, rest, ok2 := bytes.Cut(rest, recordPrefix)
	line, ok3 := bytes.CutSuffix(rest, []byte("}"))
	if !ok || !ok2 || !ok3 || !l.ended {
		return Entry{}, errors.New("it is not an entry: a leaf, and a record or null")
	}
	if bytes.IndexByte(leaf, '"') >= 0 || bytes.IndexByte(bytes.ReplaceAll(leaf, []byte(`\n`), nil), '\\') >= 0 {
		return Entry{}, errors.New("its leaf is not in its one spelling")
	}
	e := Entry{Index: i, Leaf: bytes.ReplaceAll(leaf, []byte(`\n`), []byte("\n"))}
	if !bytes.Equal(line, []byte("null")) {
		e.Line = bytes.Clone(line)
	}
	return e, nil
}

// Checkpoints returns the cosigned checkpoints after the log's own.
func (b *Bundle) Checkpoints(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if b.tail < 0 {
			return
		}
		for l, err := range b.lines(b.tail, b.tailLine) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if l.at == b.tail || !isTail(l.text) {
				continue
			}
			text, err := tailText(l, false)
			if err != nil {
				continue // Head says so
			}
			if !yield(text, nil) {
				return
			}
		}
	}
}

// A bundleText is one line of a bundle; text is valid until the next one.
type bundleText struct {
	at     int64
	number int64
	text   []byte
	ended  bool // by a line feed
}

// lines returns the lines from an offset on, the first of which has the given number.
func (b *Bundle) lines(at, number int64) iter.Seq2[bundleText, error] {
	return func(yield func(bundleText, error) bool) {
		if _, err := b.r.Seek(at, io.SeekStart); err != nil {
			yield(bundleText{}, fmt.Errorf("bundle: %w", err))
			return
		}
		r := bufio.NewReaderSize(b.r, 1<<16)
		var long []byte
		for {
			text, err := r.ReadSlice('\n')
			if err == bufio.ErrBufferFull || len(long) > 0 {
				if long = append(long, text...); len(long) > maxBundleLine {
					yield(bundleText{}, fmt.Errorf("bundle: line %d is longer than %d bytes", number, maxBundleLine))
					return
				}
				if err == bufio.ErrBufferFull {
					continue
				}
				text = long
			}
			if err != nil && err != io.EOF {
				yield(bundleText{}, fmt.Errorf("bundle: line %d: %w", number, err))
				return
			}
			n := int64(len(text))
			if n == 0 {
				return
			}
			body, ended := bytes.CutSuffix(text, []byte("\n"))
			if !yield(bundleText{at, number, body, ended}, nil) || err == io.EOF {
				return
			}
			at, number, long = at+n, number+1, long[:0]
		}
	}
}
