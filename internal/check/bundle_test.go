package check_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A bundleVector is one case of bundles.json. Of its lines a number stands for a line of the
// first case.
type bundleVector struct {
	Name    string    `json:"name"`
	Card    *string   `json:"card"`
	Lines   []string  `json:"lines"`
	Whole   *verdicts `json:"whole"`   // by a checker that replays the rules; null: it is no bundle
	Partial *verdicts `json:"partial"` // by one that does not
	Broken  []string  `json:"broken"`  // the rules that the claim log names
}

type verdicts struct {
	Log       string `json:"log"`
	Authority string `json:"authority"`
	Reports   string `json:"reports"`
	Figures   string `json:"figures"`
}

// A told case is one as it stands in the table below.
type told struct {
	name           string
	card           *verify.Card
	lines          []string
	whole, partial verdict
	broken         string
}

// bundleTable is every case, the honest bundle first.
func bundleTable(t *testing.T) (list []told) {
	p := play(t, parsed(t, smallMission))
	records, honest, card := p.Records(), p.whole(), p.card()
	n := len(records)
	add := func(name string, lines []string, whole, partial verdict, broken string) {
		list = append(list, told{name, &card, lines, whole, partial, broken})
	}
	under := func(name string, c *verify.Card, whole, partial verdict, broken string) {
		list = append(list, told{name, c, honest, whole, partial, broken})
	}
	drop := func(i int) []string { return slices.Delete(slices.Clone(honest), i, i+1) }
	insert := func(i int, line string) []string { return slices.Insert(slices.Clone(honest), i, line) }
	swap := func(i, j int) []string {
		x := slices.Clone(honest)
		x[i], x[j] = x[j], x[i]
		return x
	}
	with := func(i int, old, new string) []string {
		x := slices.Clone(honest)
		if !strings.Contains(x[i], old) {
			t.Fatalf("line %d has no %q", i, old)
		}
		x[i] = strings.Replace(x[i], old, new, 1)
		return x
	}
	departure, incident, arrival, report, nomination := find(t, records, "departure"), find(t, records, "incident"), find(t, records, "arrival"), find(t, records, "report"), find(t, records, "nomination")
	at := 1 + n // the log's checkpoint
	last := len(honest) - 1

	add("honest", honest, "hhhh", "hccc", "")
	under("honest, without a card", nil, "hhhh", "hccc", "")

	// The file.
	add("nothing", []string{}, "-", "-", "")
	add("no head", drop(0), "-", "-", "")
	add("a head of another version", with(0, "bundle/v1", "bundle/v2"), "-", "-", "")
	add("a head with a space", with(0, `"size":`, `"size": `), "-", "-", "")
	add("a head of an unknown level", with(0, `"level":"whole"`, `"level":"all"`), "-", "-", "")
	add("a head without an origin", with(0, `"origin":"`+p.terms().Origin, `"origin":"`), "-", "-", "")
	add("the head alone", honest[:1], "xccc", "xccc", "checkpoint.signature entry.missing")
	add("no checkpoint", honest[:at], "xhhh", "xccc", "checkpoint.signature cosigned.quorum")
	add("no cosigned checkpoint", honest[:at+1], "xhhh", "xccc", "cosigned.quorum")
	add("an older cosigned checkpoint alone", slices.Concat(honest[:at+1], honest[at+1:at+2]), "chhh", "cccc", "")
	add("cut in its last line", append(slices.Clone(honest[:last]), honest[last][:len(honest[last])-9]), "xhhh", "xccc", "head.damaged")
	add("a line after the checkpoint", insert(last, "{}\n"), "xhhh", "xccc", "head.damaged")
	add("an entry after the checkpoint", append(drop(n), honest[n]), "xccc", "xccc", "checkpoint.size entry.missing head.damaged cosigned.size")
	add("a cosigned checkpoint that is none", with(last, `{"cosigned":"`, `{"cosigned":"x`), "xhhh", "xccc", "cosigned.signature")
	add("a cosigned checkpoint with another origin and no number", with(last, `\n`+strconv.Itoa(n)+`\n`, `\nten\n`), "xhhh", "xccc", "head.damaged cosigned.signature")
	add("an empty line", insert(at, "\n"), "xhhh", "xccc", "entry.beyond")
	add("a line that is no entry", with(1+departure, `{"leaf":`, `{"leaf": `), "xccc", "xccc", "entry.missing")
	add("a leaf in another spelling", with(1+departure, `{"leaf":"c`, `{"leaf":"\u0063`), "xccc", "xccc", "entry.missing")
	add("one entry fewer than the head says", with(0, `"size":`+strconv.Itoa(n), `"size":`+strconv.Itoa(n+1)), "xccc", "xccc", "entry.missing")
	add("one entry more than the head says", with(0, `"size":`+strconv.Itoa(n), `"size":`+strconv.Itoa(n-1)), "xhhh", "xchh", "entry.beyond checkpoint.size cosigned.size")
	add("another origin in the head", with(0, `"origin":"`+p.terms().Origin, `"origin":"corridor.invalid/another`), "xhhh", "xccc", "head.claim")
	add("no exercise in the head", with(0, `"exercise":true`, `"exercise":false`), "xhhh", "xccc", "head.claim")
	add("a card in the head whose words are not its own", with(0, `\nwords `, `\nwords sand `), "xhhh", "xccc", "head.claim")

	// Entries, by somebody without the log's key.
	add("an entry removed", drop(1+departure), "xcxc", "xcxc", "checkpoint.size cosigned.root cosigned.size entry.missing seen.size")
	add("an entry removed, and the head says so", slices.Concat(with(0, `"size":`+strconv.Itoa(n), `"size":`+strconv.Itoa(n-1))[:1], drop(1 + arrival)[1:]), "xhxh", "xcxc", "checkpoint.size cosigned.root cosigned.size seen.size")
	add("an entry twice", insert(1+departure, honest[1+departure]), "xhhh", "xchh", "checkpoint.root cosigned.root entry.beyond entry.twice seen.root")
	add("two entries swapped", swap(1+departure, 1+arrival), "xhxh", "xcxc", "checkpoint.root cosigned.root seen.root seen.size")
	add("an entry without its record", bare(honest, 1+departure), "xhcc", "xccc", "envelope.missing")
	add("a leaf of another class", with(1+departure, `\nmovement\n`, `\nword\n`), "xhxh", "xcxc", "checkpoint.root cosigned.root entry.leaf seen.root")
	add("a leaf of no class", with(1+departure, `\nmovement\n`, `\nnothing\n`), "xhxh", "xcxc", "checkpoint.root cosigned.root entry.leaf leaf.form seen.root")
	add("a leaf and no record, of no exercise", bare(with(1+departure, `corridor-exercise-leaf`, `corridor-leaf`), 1+departure), "xhxh", "xcxc", "checkpoint.root cosigned.root envelope.missing leaf.mission seen.root")
	add("a bit of a header", flipped(honest, 1+departure, `"payload":"`), "xhcc", "xccc", "record.header")
	add("a bit of a signature", flipped(honest, 1+departure, `"sig":"`), "hxcc", "hxcc", "")
	add("a bit of a part", with(1+departure, `\"observed\"`, `\"reported\"`), "xhcc", "xccc", "record.part-hash")
	add("a part left out", p.lines("", without(records, departure, "count")), "xhhc", "xccc", "part.missing")
	add("an envelope in another spelling", with(1+departure, `{"envelope":`, `{ "envelope":`), "xhcc", "xccc", "record.envelope")
	add("the mandate removed", drop(1), "xxcc", "xxcc", "card.mission checkpoint.size cosigned.quorum cosigned.root cosigned.size entry.missing")
	add("the mandate without its record", bare(honest, 1), "xxcc", "xxcc", "envelope.missing")
	add("a bit of the mandate's signature", flipped(honest, 1, `"sig":"`), "hxcc", "hxcc", "")

	// What is not for this reader.
	add("for the public, with nothing held back", p.lines(corridor.Public, records), "hhhh", "hccc", "")
	add("for the public, without a count", p.lines(corridor.Public, without(records, departure, "count")), "cccc", "cccc", "")
	add("for the public, without a whole record", bare(p.lines(corridor.Public, records), 1+departure), "cccc", "cccc", "")
	add("for the public, without the nomination", bare(p.lines(corridor.Public, records), 1+nomination), "cccc", "cccc", "")
	add("for the public, without the report", bare(p.lines(corridor.Public, records), 1+report), "cccc", "cccc", "")
	add("for the public, without the report's lists", p.lines(corridor.Public, without(records, report, "facts")), "cccc", "cccc", "")

	// By somebody with the log's key, who signs anew what was changed.
	changed := func(i int, change func(h *record.Header, parts []record.Part)) []record.Record {
		x := slices.Clone(records)
		x[i] = p.again(x[i], change)
		return x
	}
	add("the incident removed", p.lines("", slices.Delete(slices.Clone(records), incident, incident+1)), "xhxh", "xcxc", "cosigned.root cosigned.size seen.size")
	add("the incident altered by its author", p.lines("", changed(incident, func(h *record.Header, _ []record.Part) { h.Nonce[0] ^= 1 })), "xhxh", "xcxc", "cosigned.root seen.root")
	add("signed for another mission", p.lines("", changed(arrival, func(h *record.Header, _ []record.Part) { h.Mission = &record.Hash{} })), "xxxh", "xxxc", "cosigned.root seen.root")
	foreign := slices.Clone(records)
	posing := records[arrival].Header
	posing.By = "office"
	foreign[arrival] = must[record.Record](t)(record.Sign(scenario.ActorKey(seed, "mina"), true, posing, records[arrival].Parts))
	add("signed with somebody else's key", p.lines("", foreign), "xxxh", "xxxc", "cosigned.root seen.root")
	stranger := scenario.ActorKey("a stranger", "mina")
	foreign = slices.Clone(records)
	foreign[arrival] = must[record.Record](t)(record.Sign(stranger, true, records[arrival].Header, records[arrival].Parts))
	add("signed with a key that nobody enrolled", p.lines("", foreign), "xxxh", "xxxc", "cosigned.root seen.root")
	list = append(list, reported(t, p, "a report that leaves the incident out", func(f *corridor.ReportFacts) { f.Sections[0].Records = []record.Hash{} }, "hhxh", "hcxc"))
	list = append(list, reported(t, p, "a report that lists a movement as an incident", func(f *corridor.ReportFacts) {
		f.Sections[0].Records = append(f.Sections[0].Records, records[departure].Hash)
	}, "hhxh", "hcxc"))
	list = append(list, reported(t, p, "a report of another history", func(f *corridor.ReportFacts) { f.Root[0] ^= 1 }, "hhxh", "hcxc"))
	list = append(list, reported(t, p, "a report of a range that has not been logged", func(f *corridor.ReportFacts) { f.To = 99 }, "hhxh", "hcxc"))
	list = append(list, reported(t, p, "a report that leaves a dispute out", func(f *corridor.ReportFacts) { f.Number = 2 }, "hhxh", "hccc"))

	// Under another card.
	c := card
	c.Mission[0] ^= 1
	under("under the card of another mission", &c, "xxhh", "xxcc", "card.mission")
	d := card
	d.Log = must[string](t)(ledger.VerifierKey(p.terms().Origin, public("log")))
	under("under the card of another log", &d, "xhhh", "xccc", "card.log checkpoint.signature cosigned.quorum cosigned.signature seen.signature")
	e := card
	e.Policy = "quorum none\n"
	under("under a card that asks nobody", &e, "hhhh", "hccc", "")
	f := card
	f.Policy = witness(t, "red") + "quorum red\n"
	under("under a card that asks a stranger", &f, "xhhh", "xccc", "cosigned.quorum")

	// Erasures.
	p = play(t, parsed(t, erasedMission))
	card = p.card()
	departure = find(t, p.Records(), "departure")
	add("what was ordered erased is not carried", p.whole(), "hhhh", "cchh", "")
	add("more than was ordered is not carried", p.lines("", without(p.Records(), departure, "count")), "xhhh", "xchh", "part.missing")
	return list
}

// bare takes the record out of a line and leaves its leaf.
func bare(lines []string, i int) []string {
	x := slices.Clone(lines)
	leaf, _, _ := strings.Cut(x[i], `","record":`)
	x[i] = leaf + `","record":null}` + "\n"
	return x
}

// flipped changes one sign of the base64 that follows a mark.
func flipped(lines []string, i int, mark string) []string {
	x := slices.Clone(lines)
	at := strings.Index(x[i], mark) + len(mark) + 8
	sign := "A"
	if x[i][at] == 'A' {
		sign = "B"
	}
	x[i] = x[i][:at] + sign + x[i][at+1:]
	return x
}

// reported is the log with its last report as its author might have made it, cosigned by all.
func reported(t *testing.T, p *played, name string, change func(f *corridor.ReportFacts), whole, partial verdict) told {
	t.Helper()
	records := slices.Clone(p.Records())
	at := find(t, records, "report")
	records[at] = p.again(records[at], func(_ *record.Header, parts []record.Part) {
		var f corridor.ReportFacts
		if err := record.Decode(parts[0].Bytes, &f); err != nil {
			t.Fatal(err)
		}
		change(&f)
		parts[0].Bytes = must[[]byte](t)(record.Encode(f))
	})
	q := *p
	q.marks = slices.Clone(p.marks[:len(p.marks)-1])
	last := must[ledger.Checkpoint](t)(ledger.ParseCheckpoint(p.marks[len(p.marks)-1]))
	var leaves [][]byte
	for _, r := range records[:last.Size] {
		leaves = append(leaves, corridor.Leaf(r))
	}
	mark := q.sign(leaves)
	for _, w := range scenario.Cosigners(seed) {
		mark = must[[]byte](t)(ledger.AddCosignatures(mark, must[[]byte](t)(w.Cosign(mark, 1930600000))))
	}
	q.marks = append(q.marks, mark)
	card := p.card()
	return told{name, &card, q.lines("", records), whole, partial, ""}
}

// verdictsOf spells a verdict out.
func verdictsOf(v verdict) *verdicts {
	if v == "-" {
		return nil
	}
	states := map[byte]string{'h': string(verify.Holds), 'x': string(verify.DoesNotHold), 'c': string(verify.CannotCheck)}
	return &verdicts{states[v[0]], states[v[1]], states[v[2]], states[v[3]]}
}

func TestBundleVectors(t *testing.T) {
	js := newAsker(t)
	table := bundleTable(t)
	number := map[string]string{}
	for i, l := range table[0].lines {
		number[l] = strconv.Itoa(i)
	}
	var list []bundleVector
	for _, c := range table {
		v := bundleVector{Name: c.name, Lines: []string{}, Whole: verdictsOf(c.whole), Partial: verdictsOf(c.partial), Broken: strings.Fields(c.broken)}
		slices.Sort(v.Broken)
		if c.card != nil {
			text := string(c.card.Text())
			v.Card = &text
		}
		for _, l := range c.lines {
			if at, ok := number[l]; ok && len(list) > 0 {
				l = at
			}
			v.Lines = append(v.Lines, l)
		}
		list = append(list, v)
	}
	if *update {
		compare(t, "bundles.json", "bundles, honest and falsified, and what holds of them", list)
	}
	path := filepath.Join(t.TempDir(), "bundle")
	stored := load[bundleVector](t, "bundles.json")
	if len(stored) != len(list) {
		t.Fatalf("bundles.json has %d cases, the table %d; go generate writes it anew", len(stored), len(list))
	}
	// The file is not compared with what would be made now, which changes with every word of a
	// report: what was once a bundle stays one.
	for i, v := range stored {
		var b []byte
		for _, l := range v.Lines {
			if at, err := strconv.Atoi(l); err == nil {
				l = stored[0].Lines[at]
			}
			b = append(b, l...)
		}
		if v.Name != table[i].name {
			t.Fatalf("case %d of bundles.json is %q, of the table %q; go generate writes it anew", i, v.Name, table[i].name)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var card *verify.Card
		if v.Card != nil {
			c := must[verify.Card](t)(verify.ParseCard([]byte(*v.Card)))
			card = &c
		}
		got, r := goVerdict(t, b, card)
		a := js.ask("bundle", m{"path": path, "card": v.Card})
		want := table[i]
		if got != want.whole || jsVerdict(a) != want.partial {
			t.Errorf("%s: %s, and the browser %s, want %s and %s", v.Name, got, jsVerdict(a), want.whole, want.partial)
			for _, c := range r.Claims {
				t.Log(c.Name, c.State, c.Entries)
			}
			t.Log(a.Rule, a.Claims)
		}
		if got == "-" || !a.OK {
			continue
		}
		if rules := broken(r, verify.ClaimLog); !slices.Equal(rules, v.Broken) {
			t.Errorf("%s: the log breaks %v, want %v", v.Name, rules, v.Broken)
		}
		if rules := named(a.Claims[0].Bad); !slices.Equal(rules, v.Broken) {
			t.Errorf("%s: in the browser the log breaks %v, want %v", v.Name, rules, v.Broken)
		}
	}
}

// broken are the rules that a claim which does not hold names, sorted, each once.
func broken(r verify.Result, name string) (rules []string) {
	c, _ := r.Claim(name)
	if c.State != verify.DoesNotHold {
		return []string{}
	}
	for _, p := range c.Entries {
		rules = append(rules, p.Rule)
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}
