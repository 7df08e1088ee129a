package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/export"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A mission is one of the cases that come with the program, played.
type mission struct {
	m    *corridor.Mission
	text map[record.Hash]*corridor.Narrative
}

func played(t *testing.T, name string) mission {
	t.Helper()
	s, err := scenario.Case(name)
	if err != nil {
		t.Fatal(err)
	}
	b := scenario.NewBare("export")
	if err := scenario.Play(s, "export", b); err != nil {
		t.Fatal(err)
	}
	x := mission{b.Mission(), map[record.Hash]*corridor.Narrative{}}
	for _, r := range b.Records() {
		var n corridor.Narrative
		if p := r.Part("narrative"); p != nil && record.Decode(p, &n) == nil {
			x.text[r.Hash] = &n
		}
	}
	return x
}

// reading is what an audience reads of the whole log an hour after its last record.
func (x mission) reading(l corridor.Level) export.Reading {
	v := x.m.Now()
	return export.Reading{View: v, Now: v, Level: l, At: v.Entry(v.Size()-1).At + 3600, Texts: func(h record.Hash) (*corridor.Narrative, error) { return x.text[h], nil }}
}

var levels = []corridor.Level{corridor.Public, corridor.Parties, corridor.MissionLevel, corridor.Strict, ""}

var cases = []string{"gate-9", "aleppo-2016"}

func csvOf(t *testing.T, table export.Table, r export.Reading) ([]byte, export.Head) {
	t.Helper()
	var b bytes.Buffer
	h, err := export.CSV(&b, table, r)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), h
}

var hashes = regexp.MustCompile(`\b[0-9a-f]{64}\b|corridor\.invalid/[0-9a-f]+`)

// TestGolden compares what the two cases give with what they gave. Record hashes are numbered:
// they change with every kind that the program learns.
func TestGolden(t *testing.T) {
	for _, name := range cases {
		x := played(t, name)
		for _, l := range []corridor.Level{corridor.Public, corridor.MissionLevel} {
			var b bytes.Buffer
			for _, table := range export.Tables() {
				text, _ := csvOf(t, table, x.reading(l))
				fmt.Fprintf(&b, "-- %s.csv --\n%s", table.Name, bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
			}
			b.WriteString("-- places.geojson --\n")
			if _, err := export.GeoJSON(&b, x.reading(l)); err != nil {
				t.Fatal(err)
			}
			seen := map[string]string{}
			got := hashes.ReplaceAllStringFunc(b.String(), func(h string) string {
				if seen[h] == "" {
					seen[h] = fmt.Sprintf("hash-%d", len(seen)+1)
				}
				return seen[h]
			})
			path := filepath.Join("testdata", name+"."+string(l)+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				a, b := strings.Split(got, "\n"), strings.Split(string(want), "\n")
				for i := range min(len(a), len(b)) {
					if a[i] != b[i] {
						t.Errorf("%s line %d is\n%s\nand was\n%s\n(-update writes it anew)", path, i+1, a[i], b[i])
						break
					}
				}
				if len(a) != len(b) {
					t.Errorf("%s has %d lines and had %d", path, len(a), len(b))
				}
			}
		}
	}
}

// TestSameBytes: the same view, audience and moment give the same bytes in every format.
func TestSameBytes(t *testing.T) {
	a, b := played(t, "gate-9"), played(t, "gate-9")
	for _, table := range export.Tables() {
		for format, write := range map[string]func(io.Writer, export.Table, export.Reading) (export.Head, error){"csv": export.CSV, "xlsx": export.XLSX, "jsonl": export.JSONLines} {
			var x, y bytes.Buffer
			if _, err := write(&x, table, a.reading(corridor.Public)); err != nil {
				t.Fatal(err)
			}
			if _, err := write(&y, table, b.reading(corridor.Public)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(x.Bytes(), y.Bytes()) {
				t.Errorf("%s as %s differs between two runs", table.Name, format)
			}
		}
	}
}

// rows reads a table back, without its two heads and its last row.
func rows(t *testing.T, table export.Table, r export.Reading) (list []map[string]string) {
	t.Helper()
	text, head := csvOf(t, table, r)
	all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", table.Name, err)
	}
	if int64(len(all)-3) != head.Rows {
		t.Errorf("%s has %d rows and says %d", table.Name, len(all)-3, head.Rows)
	}
	if last := all[len(all)-1][0]; !strings.HasPrefix(last, "# corridor-export/1 ") || !strings.HasSuffix(last, fmt.Sprintf(" rows=%d", head.Rows)) {
		t.Errorf("%s ends with %q", table.Name, last)
	}
	for _, cells := range all[2 : len(all)-1] {
		row := map[string]string{}
		for i, c := range cells {
			row[all[0][i]] = c
		}
		list = append(list, row)
	}
	return list
}

// TestPolicy: no cell of any file tells an audience what the mission's policy does not let it
// read, nor the public a small count of people; and what is withheld is said to be.
func TestPolicy(t *testing.T) {
	part := map[string]string{"people": "count", "vehicles": "count", "buses": "count", "ambulances": "count", "killed": "count", "injured": "count",
		"place": "where", "pcode": "where", "lat": "where", "lon": "where", "alleged": "who", "stopped_by": "who", "description": "narrative", "source": "narrative", "kind": "header", "signed": "header", "reported": "header"}
	for _, name := range cases {
		x := played(t, name)
		v := x.m.Now()
		told, kept := 0, 0
		for _, l := range levels[:4] {
			// at the end, in the middle of the mission, and at its first moment
			for _, at := range []record.Time{x.reading(l).At, v.Entry(v.Size() / 2).At, v.Entry(0).At} {
				r := x.reading(l)
				r.At = at
				for _, table := range export.Tables() {
					if table.Name == "places" || table.Name == "obligations" {
						continue // of no single record: below
					}
					for _, row := range rows(t, table, r) {
						h, err := record.ParseHash(row["record"])
						if err != nil {
							t.Fatalf("%s: %v", table.Name, err)
						}
						if table.Name != "records" && !v.MayRead(l, h, "facts", at) {
							t.Errorf("%s at %s, %s: entry %s is a row and its facts are sealed", name, l, table.Name, row["index"])
						}
						for column, p := range part {
							cell, ok := row[column]
							if !ok {
								continue
							}
							if !v.MayRead(l, h, p, at) {
								kept++
								if cell != "" || !strings.Contains(row["withheld"], column+"=sealed") && !(table.Name == "counts" && column == "vehicles") {
									t.Errorf("%s at %s, %s: the %s of entry %s is %q, withheld %q", name, l, table.Name, column, row["index"], cell, row["withheld"])
								}
							} else if cell != "" {
								told++
							}
						}
						for _, column := range []string{"people", "killed", "injured"} {
							if n, err := strconv.Atoi(row[column]); err == nil && l == corridor.Public && n > 0 && n < corridor.SmallCount {
								t.Errorf("%s, %s: the public reads that %d are %s", name, table.Name, n, column)
							}
						}
					}
				}
			}
		}
		if told < 20 || kept < 20 {
			t.Errorf("%s: looked at %d cells that are told and %d that are not; the test finds nothing", name, told, kept)
		}
	}
}

// TestObligationsOfThePublic: what a clause adds up to rests on what the public may read.
func TestObligationsOfThePublic(t *testing.T) {
	table, _ := export.TableNamed("obligations")
	r := played(t, "aleppo-2016").reading(corridor.Public)
	list := rows(t, table, r)
	if len(list) == 0 {
		t.Fatal("no obligation of the aleppo case is public at its end")
	}
	r.At = r.Now.Entry(0).At
	for _, row := range rows(t, table, r) {
		for _, c := range []string{"departed_least", "departed_most", "arrived_least", "arrived_most"} {
			if row[c] != "" && row[c] != "0" {
				t.Errorf("before anything was released %s is %s", c, row[c])
			}
		}
	}
}

// TestEveryEntryIsARow: the table of records has as many rows as the log has entries, for
// everybody, and windows of it add up to the whole.
func TestEveryEntryIsARow(t *testing.T) {
	table, _ := export.TableNamed("records")
	for _, name := range cases {
		x := played(t, name)
		for _, l := range levels {
			r := x.reading(l)
			whole, h := csvOf(t, table, r)
			if h.Rows != x.m.Size() || h.Size != x.m.Size() || !bytes.Contains(whole, fmt.Appendf(nil, "size=%d ", x.m.Size())) {
				t.Errorf("%s at %q: %d rows of %d entries", name, l, h.Rows, x.m.Size())
			}
			var pieces int64
			for r.From = 0; r.From < x.m.Size(); {
				r.To = r.From + 7
				_, piece := csvOf(t, table, r)
				pieces, r.From = pieces+piece.Rows, piece.To
			}
			if pieces != h.Rows {
				t.Errorf("%s at %q: windows have %d rows, the whole %d", name, l, pieces, h.Rows)
			}
		}
	}
}

var tag = regexp.MustCompile(`^#[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*$`)

// core are the hashtags of the HXL knowledge base that a table may use.
var core = strings.Fields("affected population event group org access impact severity cause crisis status activity date geo loc country region adm1 adm2 adm3 adm4 adm5 meta description indicator output service item contact")

// TestTags holds every tag against the grammar of HXL and its core hashtags.
func TestTags(t *testing.T) {
	for _, table := range export.Tables() {
		seen := map[string]bool{}
		for _, c := range table.Columns {
			word, _, _ := strings.Cut(strings.TrimPrefix(c.Tag, "#"), "+")
			if !tag.MatchString(c.Tag) || !slices.Contains(core, word) {
				t.Errorf("%s: %s is no HXL tag", table.Name, c.Tag)
			}
			if seen[c.Tag] || seen[c.Name] {
				t.Errorf("%s has %s %s twice", table.Name, c.Name, c.Tag)
			}
			seen[c.Tag], seen[c.Name] = true, true
			if strings.HasPrefix(c.Tag, "#event") && strings.Contains(c.Tag, "incident") {
				t.Errorf("there is no tag %s", c.Tag)
			}
		}
		if last := table.Columns[len(table.Columns)-1]; last.Tag != "#meta+suppressed" {
			t.Errorf("%s does not end with what is withheld", table.Name)
		}
		text, _ := csvOf(t, table, played(t, "gate-9").reading(""))
		if lines := strings.SplitN(string(text), "\r\n", 3); !strings.HasPrefix(lines[1], "#") {
			t.Errorf("the second row of %s is %q", table.Name, lines[1])
		}
	}
}

// TestNumbersAreNumbers: what HXL's default validation wants as numbers and dates is one, or
// empty.
func TestNumbersAreNumbers(t *testing.T) {
	for _, name := range cases {
		x := played(t, name)
		for _, table := range export.Tables() {
			for _, row := range rows(t, table, x.reading(corridor.Public)) {
				for _, c := range table.Columns {
					cell := row[c.Name]
					if cell == "" {
						continue
					}
					if _, err := strconv.ParseInt(cell, 10, 64); strings.HasSuffix(c.Tag, "+num") && err != nil {
						t.Errorf("%s %s of %s is %q, no number", name, c.Tag, table.Name, cell)
					}
					var at record.Time
					if strings.HasPrefix(c.Tag, "#date") && at.UnmarshalText([]byte(cell)) != nil {
						t.Errorf("%s %s of %s is %q, no time", name, c.Tag, table.Name, cell)
					}
				}
			}
		}
	}
}

// TestGeoJSON reads the map back: points of RFC 7946, longitude first, none that was measured
// for the public, and none for whoever may not read where it was.
func TestGeoJSON(t *testing.T) {
	for _, name := range cases {
		x := played(t, name)
		for _, l := range levels {
			r := x.reading(l)
			var b bytes.Buffer
			if _, err := export.GeoJSON(&b, r); err != nil {
				t.Fatal(err)
			}
			var g struct {
				Type     string
				CRS      any
				Corridor export.Head
				Features []struct {
					Type     string
					Geometry struct {
						Type        string
						Coordinates []json.Number
					}
					Properties map[string]any
				}
			}
			d := json.NewDecoder(&b)
			d.UseNumber()
			if err := d.Decode(&g); err != nil {
				t.Fatal(err)
			}
			if g.Type != "FeatureCollection" || g.CRS != nil || g.Corridor.Size != x.m.Size() || g.Corridor.Rows != int64(len(g.Features)) || g.Corridor.Root == (record.Hash{}) {
				t.Errorf("%s at %q: %s, %+v", name, l, g.Type, g.Corridor)
			}
			for _, f := range g.Features {
				if f.Type != "Feature" || f.Geometry.Type != "Point" || len(f.Geometry.Coordinates) != 2 {
					t.Fatalf("%s at %q: %+v", name, l, f)
				}
				lon, _ := f.Geometry.Coordinates[0].Float64()
				lat, _ := f.Geometry.Coordinates[1].Float64()
				if name == "aleppo-2016" && (lat < 32 || lat > 40 || lon < 30 || lon > 45) {
					t.Errorf("%v lies elsewhere: is the longitude first?", f.Geometry.Coordinates)
				}
				if _, decimals, _ := strings.Cut(f.Geometry.Coordinates[0].String(), "."); l == corridor.Public && len(decimals) != 2 {
					t.Errorf("%s: the public gets the point %v", name, f.Geometry.Coordinates)
				}
				if h, err := record.ParseHash(fmt.Sprint(f.Properties["record"])); err == nil && l != "" && !r.Now.MayRead(l, h, "where", r.At) {
					t.Errorf("%s at %q: %s stands on the map", name, l, h.Short())
				}
			}
			if name == "aleppo-2016" && len(g.Features) < 5 {
				t.Errorf("%d features at %q", len(g.Features), l)
			}
		}
	}
}

// TestFormulas: no text becomes a formula in a spreadsheet, and none is changed in JSON.
func TestFormulas(t *testing.T) {
	x := played(t, "gate-9")
	r := x.reading("")
	const evil = "=HYPERLINK(\"http://x\",\"a\")\r\n,\x00"
	r.Texts = func(record.Hash) (*corridor.Narrative, error) {
		return &corridor.Narrative{Lang: "@en", Text: evil}, nil
	}
	table, _ := export.TableNamed("incidents")
	list := rows(t, table, r)
	if len(list) == 0 {
		t.Fatal("the case has no incident")
	}
	for _, row := range list {
		if row["description"] != "'"+strings.ReplaceAll(evil, "\r\n", "\n") || row["language"] != "'@en" {
			t.Errorf("%q %q", row["description"], row["language"])
		}
	}
	var b bytes.Buffer
	if _, err := export.JSONLines(&b, table, r); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	var first map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || first["description"] != evil {
		t.Errorf("%q %v", first["description"], err)
	}
	var last struct{ Corridor export.Head }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Corridor.Rows != int64(len(lines)-1) {
		t.Errorf("%d lines end with %+v, %v", len(lines), last, err)
	}
}

// TestThreeForms: nobody, not said and not told differ in a file.
func TestThreeForms(t *testing.T) {
	x := played(t, "aleppo-2016")
	var b bytes.Buffer
	table, _ := export.TableNamed("counts")
	if _, err := export.JSONLines(&b, table, x.reading(corridor.Public)); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if !strings.Contains(text, `"vehicles":null`) {
		t.Error("what is not said is not null")
	}
	r := played(t, "gate-9").reading(corridor.Parties)
	r.At = r.Now.Entry(0).At
	var c bytes.Buffer
	records, _ := export.TableNamed("records")
	if _, err := export.JSONLines(&c, records, r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(c.String(), `"kind":{"withheld":"sealed"}`) {
		t.Error("what is not told is not said to be")
	}
}

// TestWorkbook reads a workbook back with nothing but zip and XML: every cell in its place, the
// numbers as numbers, and the sheet that says what it is. outside/ has excelize read it.
func TestWorkbook(t *testing.T) {
	x := played(t, "gate-9")
	for _, table := range export.Tables() {
		var b bytes.Buffer
		head, err := export.XLSX(&b, table, x.reading(corridor.Public))
		if err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, f := range z.File {
			if f.Modified.Year() != 1980 {
				t.Errorf("%s is of %s", f.Name, f.Modified)
			}
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if files[f.Name], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		sheet := func(n int) (cells [][]string) {
			var s struct {
				Rows []struct {
					C []struct {
						R  string `xml:"r,attr"`
						T  string `xml:"t,attr"`
						V  string `xml:"v"`
						Is string `xml:"is>t"`
					} `xml:"c"`
				} `xml:"sheetData>row"`
			}
			if err := xml.Unmarshal(files[fmt.Sprintf("xl/worksheets/sheet%d.xml", n)], &s); err != nil {
				t.Fatalf("%s sheet %d: %v", table.Name, n, err)
			}
			for i, r := range s.Rows {
				var row []string
				for _, c := range r.C {
					if !strings.HasSuffix(c.R, strconv.Itoa(i+1)) {
						t.Errorf("cell %s in row %d", c.R, i+1)
					}
					row = append(row, c.V+c.Is)
				}
				cells = append(cells, row)
			}
			return cells
		}
		main, about := sheet(1), sheet(2)
		if int64(len(main)) != head.Rows+2 || main[1][0] != table.Columns[0].Tag {
			t.Errorf("%s has %d rows of %d", table.Name, len(main)-2, head.Rows)
		}
		if !slices.ContainsFunc(about, func(r []string) bool { return r[0] == "rows" && r[1] == strconv.FormatInt(head.Rows, 10) }) ||
			!slices.ContainsFunc(about, func(r []string) bool { return r[0] == "root" && r[1] == head.Root.String() }) {
			t.Errorf("%s says of itself %v", table.Name, about)
		}
	}
}
