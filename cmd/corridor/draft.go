package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// maxDraft bounds a draft file, in bytes.
const maxDraft = 1 << 20

// A draftFile is a record as a person wrote it.
type draftFile struct {
	corridor.Draft
	at      *record.Time // nil: now
	mandate bool         // re is the mandate, whose hash is known only with the mission
}

// readDraft reads a draft in YAML or JSON: kind, by, re, at and the parts by name.
func readDraft(path string) (d draftFile, err error) {
	text, err := readLimited(path, maxDraft)
	if err != nil {
		return d, err
	}
	return parseDraft(path, text)
}

func parseDraft(path string, text []byte) (d draftFile, err error) {
	m, err := readYAML(text)
	if err != nil {
		return d, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	d.Parts = map[string]map[string]any{}
	for k, v := range m {
		if err := d.set(k, v); err != nil {
			return d, fmt.Errorf("%s: %w", path, err)
		}
	}
	if d.Kind == "" || d.By == "" {
		return d, fmt.Errorf("%s: a draft says its kind and by whom it is, for example kind: departure and by: mina", path)
	}
	return d, nil
}

func (d *draftFile) set(k string, v any) error {
	s, isText := v.(string)
	switch k {
	case "kind":
		if err := d.Kind.UnmarshalText([]byte(s)); err != nil || !isText {
			return fmt.Errorf("kind: %q is not a kind of record; they are %s", fmt.Sprint(v), kindNames())
		}
	case "by":
		if err := d.By.UnmarshalText([]byte(s)); err != nil || !isText {
			return fmt.Errorf("by: %q is not the name of an actor or observer", fmt.Sprint(v))
		}
	case "re":
		if v == nil {
			return nil
		}
		if d.mandate = s == "mandate"; d.mandate {
			return nil
		}
		h, err := record.ParseHash(s)
		if err != nil {
			return fmt.Errorf("re: a record is named by 64 lower-case hex digits, or by the word mandate, not %q", fmt.Sprint(v))
		}
		d.Re = &h
	case "at":
		var t record.Time
		if err := t.UnmarshalText([]byte(s)); err != nil {
			return fmt.Errorf("at: %w", err)
		}
		d.at = &t
	default:
		part, ok := v.(map[string]any)
		if !ok && slices.Contains(record.PartNames, k) {
			return fmt.Errorf("%s: a part is written with its members, for example where: {place: gate}; doc/records.md lists them for each kind", k)
		}
		if !ok {
			return fmt.Errorf("%s: a draft has kind, by, re, at and the parts by name (%s), each with its members", k, strings.Join(record.PartNames, ", "))
		}
		d.Parts[k] = part
	}
	return nil
}

// readYAML reads YAML, or JSON, into plain maps, lists and values. A number has one spelling: 0122
// is 82 in YAML, and nobody who counts means that.
func readYAML(text []byte) (m map[string]any, err error) {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, errors.New(yaml.FormatError(err, false, true))
	}
	odd := &oddNumbers{}
	for _, doc := range tree.Docs {
		if doc.Body != nil {
			ast.Walk(odd, doc.Body)
		}
	}
	if odd.found != nil {
		return nil, fmt.Errorf("line %d: the number %s could be read in two ways; write it with the digits 0 to 9 alone, without a zero in front, or in quotes if it is a name", odd.found.Position.Line, odd.found.Value)
	}
	if len(tree.Docs) > 0 && tree.Docs[0].Body != nil && !isMapping(tree.Docs[0].Body) {
		return nil, errors.New("a draft is written as members: kind: departure, by: mina, and so on, each on a line")
	}
	if len(tree.Docs) > 1 {
		return nil, errors.New("it holds several documents, parted by ---; write each record in a file of its own")
	}
	if err := yaml.Unmarshal(text, &m); err != nil {
		return nil, errors.New(yaml.FormatError(err, false, true))
	}
	for k, v := range m {
		m[k] = withTimes(v)
	}
	return m, nil
}

func isMapping(n ast.Node) bool {
	switch n.Type() {
	case ast.MappingType, ast.MappingValueType, ast.CommentType, ast.NullType:
		return true
	}
	return false
}

// oddNumbers looks for whole numbers that are not written in plain digits.
type oddNumbers struct{ found *token.Token }

var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// Visit looks at one node.
func (o *oddNumbers) Visit(n ast.Node) ast.Visitor {
	if i, ok := n.(*ast.IntegerNode); ok && o.found == nil && !plainNumber.MatchString(i.Token.Value) {
		o.found = i.Token
	}
	return o
}

// A time without quotes before a comma is read as a member named by its first half.
var firstHalf, secondHalf = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt ]\d\d(:\d\d)?$`), regexp.MustCompile(`^\d\d(:\d\d)?[Zz]$`)

// withTimes puts such times together again.
func withTimes(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withTimes(v[i])
		}
	case map[string]any:
		for k, x := range v {
			if s, ok := x.(string); ok && len(v) == 1 && firstHalf.MatchString(k) && secondHalf.MatchString(s) {
				return k + ":" + s
			}
			v[k] = withTimes(x)
		}
	}
	return v
}

func kindNames() string {
	var names []string
	for _, k := range corridor.Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return b, err
}

// signable composes a draft for a mission.
func (d draftFile) signable(p place) (signable, error) {
	if d.mandate {
		d.Re = &p.mission
	}
	id, err := newID()
	if err != nil {
		return signable{}, err
	}
	parts, err := corridor.Compose(d.Draft, id, mustID)
	if err != nil {
		return signable{}, err
	}
	h := record.Header{Mission: &p.mission, Kind: string(d.Kind), ID: id, By: string(d.By), Seen: p.seen, Re: d.Re, Nonce: mustID()}
	if d.at != nil {
		h.At = *d.at
	}
	return signable{h, parts}, nil
}

// sign signs with a key, after what the key signed before. Nothing is written down: keep does
// that, before the record goes anywhere.
func (k *keyFile) sign(s signable, p place) (record.Record, error) {
	if err := k.fits(p); err != nil {
		return record.Record{}, err
	}
	c, err := k.chain(p.mission)
	if err != nil {
		return record.Record{}, err
	}
	if p.known.seq > c.seq {
		c = p.known
	}
	h := s.header
	h.Seq, h.Prev = c.seq+1, c.last
	if h.At == 0 {
		h.At = record.At(time.Now())
	}
	return record.Sign(k.key, p.exercise, h, s.parts)
}

func newID() (id record.ID, err error) {
	_, err = rand.Read(id[:])
	return id, err
}

// mustID returns 128 random bits. The system's randomness does not fail (crypto/rand).
func mustID() record.ID {
	id, err := newID()
	if err != nil {
		panic("corridor: no randomness: " + err.Error())
	}
	return id
}
