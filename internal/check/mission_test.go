package check_test

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

const seed = "corridor vectors"

const smallMission = `mission vectors
zone Etc/UTC +00:00
day 2031-03-04
founded 06:00
parties red, blue
office office
place gate crossing
place town destination
leg A from gate to town
consent 2 of red, blue
disclose * * public closed public after public

08:00  mina is nominated, consented to by red, blue, deployed
09:00  mina   departure  A-01  people 40 tally  at gate  observed
09:10  mina   incident   what: vehicle-burned  bus 1 of which burned 1  at gate  observed
10:00  mina   arrival    A-01  people 40 tally  at town  observed
19:35  office report daily cut-off 19:30
`

const erasedMission = `mission vectors
zone Etc/UTC +00:00
day 2031-03-04
founded 06:00
parties red, blue
office office
place gate crossing
place town destination
leg A from gate to town
consent 2 of red, blue
disclose * * public closed public after public

09:00  office departure #d  A-01  people 40 tally  at gate  observed  note "The driver is called by his name here."
09:20  office erasure re #d  parts: [narrative]  reason: danger-to-person
`

// A played mission is a log with everything that was cosigned of it.
type played struct {
	*scenario.Bare
	t     testing.TB
	marks [][]byte
}

func (p *played) Cosigned(signed []byte) error {
	p.marks = append(p.marks, signed)
	return p.Bare.Cosigned(signed)
}

func play(t testing.TB, script *scenario.Script) *played {
	t.Helper()
	p := &played{Bare: scenario.NewBare(seed), t: t}
	if err := scenario.Play(script, seed, p); err != nil {
		t.Fatal(err)
	}
	return p
}

func parsed(t testing.TB, text string) *scenario.Script {
	t.Helper()
	return must[*scenario.Script](t)(scenario.Parse("vectors.txt", text))
}

func (p *played) terms() *corridor.Terms { return p.Mission().Now().Terms() }

func (p *played) card() verify.Card {
	return verify.CardOf(p.Mission().Founder(), p.Mission().Exercise(), p.terms())
}

// sign has the log's key sign these leaves.
func (p *played) sign(leaves [][]byte) []byte {
	p.t.Helper()
	var tree ledger.Tree
	for _, l := range leaves {
		tree.Append(l)
	}
	s := must[note.Signer](p.t)(ledger.NewSigner(p.terms().Origin, scenario.LogKey(seed)))
	c := ledger.Checkpoint{Origin: p.terms().Origin, Size: tree.Size(), Root: must[ledger.Hash](p.t)(tree.Root(tree.Size()))}
	return must[[]byte](p.t)(ledger.SignCheckpoint(c, s))
}

// lines is a bundle of records for a level, a line each.
func (p *played) lines(level corridor.Level, records []record.Record) []string {
	p.t.Helper()
	var leaves [][]byte
	entries := func(yield func(verify.Entry, error) bool) {
		for i, r := range records {
			if !yield(verify.Entry{Index: int64(i), Leaf: corridor.Leaf(r), Line: r.Line()}, nil) {
				return
			}
		}
	}
	for _, r := range records {
		leaves = append(leaves, corridor.Leaf(r))
	}
	marks := func(yield func([]byte, error) bool) {
		for _, m := range p.marks {
			if !yield(m, nil) {
				return
			}
		}
	}
	card := p.card()
	var b bytes.Buffer
	h := verify.BundleHead{Exercise: p.Mission().Exercise(), Level: level, Origin: p.terms().Origin, Size: int64(len(records)), Card: card.Text()}
	if err := verify.WriteBundle(&b, h, iter.Seq2[verify.Entry, error](entries), p.sign(leaves), marks); err != nil {
		p.t.Fatal(err)
	}
	return slices.Collect(strings.Lines(b.String()))
}

// whole is the bundle of the true log.
func (p *played) whole() []string { return p.lines("", p.Records()) }

// again signs a record anew after a change, with the key of its author.
func (p *played) again(r record.Record, change func(h *record.Header, parts []record.Part)) record.Record {
	p.t.Helper()
	h, list := r.Header, slices.Clone(r.Parts)
	change(&h, list)
	return must[record.Record](p.t)(record.Sign(scenario.ActorKey(seed, h.By), r.Exercise(), h, list))
}

// without returns records of which one part is not carried.
func without(records []record.Record, i int, part string) []record.Record {
	out := slices.Clone(records)
	out[i].Parts = slices.Clone(out[i].Parts)
	for k := range out[i].Parts {
		if out[i].Parts[k].Name == part {
			out[i].Parts[k].Bytes = nil
		}
	}
	return out
}

// find returns the index of the first record of a kind.
func find(t testing.TB, records []record.Record, kind string) int {
	t.Helper()
	i := slices.IndexFunc(records, func(r record.Record) bool { return r.Header.Kind == kind })
	if i < 0 {
		t.Fatalf("there is no %s", kind)
	}
	return i
}

// A verdict is what a checker says of the four claims, a letter each: h holds, x does not hold,
// c cannot be checked here. "-" is no verdict: it is no bundle.
type verdict string

var letters = map[string]string{string(verify.Holds): "h", string(verify.DoesNotHold): "x", string(verify.CannotCheck): "c"}

func goVerdict(t testing.TB, bundle []byte, card *verify.Card) (verdict, verify.Result) {
	t.Helper()
	src, err := verify.OpenBundle(bytes.NewReader(bundle))
	if err != nil {
		return "-", verify.Result{}
	}
	r, err := verify.Run(t.Context(), src, verify.Options{Card: card, Workers: 1})
	if err != nil {
		return "-", verify.Result{}
	}
	v := ""
	for _, c := range r.Claims {
		v += letters[string(c.State)]
	}
	return verdict(v), r
}

func jsVerdict(a answer) verdict {
	if !a.OK {
		return "-"
	}
	v := ""
	for _, c := range a.Claims {
		v += letters[c.State]
	}
	return verdict(v)
}

// named are the rules that a claim names, sorted, each once.
func named(list []problem) []string {
	rules := []string{}
	for _, p := range list {
		rules = append(rules, p.Rule)
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

func (c claim) String() string { return fmt.Sprint(c.Name, " ", c.State, " ", c.Bad, " ", c.Open) }
