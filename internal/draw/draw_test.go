package draw_test

import (
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor/internal/draw"
)

var update = flag.Bool("update", false, "rewrite the golden drawings")

type drawing interface {
	SVG() string
	Table() draw.Table
}

func at(day, hour int) time.Time { return time.Date(2016, 12, day, hour, 0, 0, 0, time.UTC) }

// drawings are one of each kind, with what is hard about it: a range, an about, a figure
// without a number, more arrivals than departures, incidents at one hour, and text that
// would break out of its element if it were not escaped.
func drawings(rtl bool) map[string]drawing {
	frame := func(id string) draw.Frame {
		return draw.Frame{ID: id, Title: `Legs "A" & <B>`, Desc: "what it shows", RTL: rtl}
	}
	head := func(n int) []string { return make([]string, n) }
	return map[string]drawing{
		"totals": draw.Totals{
			Frame: frame("totals"), From: at(15, 0), To: at(23, 0), Head: head(4),
			Days:   []draw.Tick{{At: at(16, 12), Label: "16"}, {At: at(20, 12), Label: "20"}},
			Levels: []draw.Level{{Value: 0, Label: "0"}, {Value: 30000, Label: "30,000"}},
			Series: []draw.Series{
				{Name: "ICRC", Points: []draw.Point{
					{At: at(16, 8), Low: 10000, High: 10000, About: true, Text: "about 10,000"},
					{At: at(20, 16), Low: 25000, High: 25000, Text: "25,000", Link: "/records/aa"},
				}},
				{Name: "a cluster of agencies with a long name", Points: []draw.Point{{At: at(19, 18), Low: 10300, High: 10300, Text: "10,300"}}},
				{Name: "SOHR", Points: []draw.Point{{At: at(19, 23), Low: 13000, High: 15000, Text: "13,000–15,000"}}},
				{Name: "nobody"},
			},
		},
		"balance": draw.Balance{Frame: frame("balance"), Head: head(4), Legs: []draw.Leg{
			{Name: "Out of A", Bars: []draw.Bar{
				{Label: "agreed", Style: draw.Agreed, Boundless: true, Text: "all who wish"},
				{Label: "left", Style: draw.Left, Low: 36086, High: 36086, Text: "36,086", Link: "/records/aa"},
				{Label: "traced", Style: draw.Arrived, Low: 29000, High: 30487, Text: "29,000–30,487"},
				{Label: "open", Style: draw.Open, Start: 30487, Low: 36086, High: 36086, Text: "5,599"},
			}},
			{Name: "Out of B", Bars: []draw.Bar{
				{Label: "agreed, a reading with a long name", Style: draw.Agreed, Low: 2500, High: 2500, Text: "2,500", Under: "about 1,500–1,840 not left"},
				{Label: "arrived", NoFigure: true, Text: "not counted"},
			}},
		}},
		"coverage": draw.Coverage{
			Frame: frame("coverage"), From: at(15, 0), To: at(23, 0), Head: head(3), Days: []draw.Tick{{At: at(15, 0), Label: "15"}, {At: at(19, 0), Label: "19"}, {At: at(23, 0), Label: "23"}},
			Places: []draw.Post{
				{Place: "crossing", Stays: []draw.Stay{
					{From: at(15, 8), To: at(16, 8), Presence: draw.Present, Text: "present"},
					{From: at(16, 8), To: at(18, 20), Presence: draw.Unknown, Text: "unknown"},
					{From: at(18, 20), To: at(19, 20), Presence: draw.Differs, Text: "differs"},
				}, Pins: []draw.Pin{{At: at(16, 9), Mark: "1", Text: "shots"}, {At: at(16, 10), Mark: "2", Text: "turned back"}, {At: at(16, 11), Mark: "3", Text: "a third"}}},
				{Place: "road", Stays: []draw.Stay{{From: at(15, 0), To: at(23, 0), Presence: draw.Absent, Text: "absent", Link: "/records/bb"}}, Pins: []draw.Pin{{At: at(18, 13), Mark: "4", Text: "buses burned", Link: "/incidents/cc"}}},
			},
		},
		"schematic": draw.Schematic{Frame: frame("corridor"), Head: head(3), Legs: []draw.Route{
			{Name: "Out of A", Stops: []draw.Stop{
				{Place: "A", Presence: draw.Absent, Next: "about 25 minutes"},
				{Place: "a crossing with a long name", Presence: draw.Present, Notes: []string{"held by X, says Y", "2 incidents"}, Link: "/incidents"},
				{Place: "Z", Presence: draw.Unknown},
			}},
			{Name: "Out of B", Stops: []draw.Stop{{Place: "B"}}},
		}},
		"flow": draw.Flow{Frame: frame("flow"), Head: head(4), Ends: [2]string{"left", "arrived"}, Convoys: []draw.Band{
			{Name: "A-01", When: "15 Dec", Left: 1000, Arrived: 1000, LeftText: "1,000", ArrivedText: "1,000"},
			{Name: "A-02", When: "18 Dec", Left: 350, Arrived: 340, LeftText: "350", ArrivedText: "340", OpenText: "10 open", Link: "/convoys/A-02"},
			{Name: "A-03", When: "19 Dec", Left: 500, Arrived: 600, LeftText: "500", ArrivedText: "600", OpenText: "100 more arrived"},
			{Name: "A-04", When: "20 Dec", Left: 400, Arrived: -1, LeftText: "400", ArrivedText: "not counted"},
			{Name: "A-05", When: "21 Dec", Left: -1, Arrived: 70, LeftText: "not counted", ArrivedText: "70"},
			{Name: "A-06", When: "22 Dec", Left: -1, Arrived: -1, LeftText: "not counted", ArrivedText: "not counted"},
		}},
	}
}

func TestGolden(t *testing.T) {
	for _, rtl := range []bool{false, true} {
		for name, d := range drawings(rtl) {
			if rtl {
				name += ".rtl"
			}
			file := filepath.Join("testdata", name+".svg")
			got := d.SVG()
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs from its golden drawing; if that is meant, run with -update and look at it", file)
			}
			if again := drawings(rtl)[strings.TrimSuffix(name, ".rtl")].SVG(); again != got {
				t.Errorf("%s: two drawings of one input differ", name)
			}
		}
	}
}

// TestStands checks what a page relies on: well-formed XML that names itself, holds no style,
// script or foreign address, keeps its ids to itself, and has a table as wide as its head.
func TestStands(t *testing.T) {
	for _, rtl := range []bool{false, true} {
		for name, d := range drawings(rtl) {
			svg := d.SVG()
			ids := map[string]bool{}
			var text strings.Builder
			dec := xml.NewDecoder(strings.NewReader(svg))
			for {
				tok, err := dec.Token()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatalf("%s is not XML: %v", name, err)
				}
				switch tok := tok.(type) {
				case xml.CharData:
					text.Write(tok)
				case xml.StartElement:
					if tok.Name.Local == "B" || tok.Name.Local == "script" || tok.Name.Local == "style" {
						t.Errorf("%s: element %s", name, tok.Name.Local)
					}
					for _, a := range tok.Attr {
						if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
							t.Errorf("%s: attribute %s", name, a.Name.Local)
						}
						if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "/") {
							t.Errorf("%s: address %s", name, a.Value)
						}
						if a.Name.Local == "id" {
							if ids[a.Value] {
								t.Errorf("%s: id %s twice", name, a.Value)
							}
							ids[a.Value] = true
						}
					}
				}
			}
			if !strings.Contains(text.String(), `Legs "A" & <B>`) {
				t.Errorf("%s does not hold its title", name)
			}
			for _, m := range regexp.MustCompile(`url\(#([^)]*)\)|aria-labelledby="([^" ]*) ([^"]*)"`).FindAllStringSubmatch(svg, -1) {
				for _, id := range m[1:] {
					if id != "" && !ids[id] {
						t.Errorf("%s refers to %q, which it does not have", name, id)
					}
				}
			}
			table := d.Table()
			if len(table.Rows) == 0 {
				t.Errorf("%s has no table", name)
			}
			for _, r := range table.Rows {
				if len(r.Cells) != len(table.Head) {
					t.Errorf("%s: a row of %d cells under %d heads: %q", name, len(r.Cells), len(table.Head), r.Cells)
				}
			}
		}
	}
}

// TestTableSaysWhatIsDrawn holds each figure that the drawing writes against its table.
func TestTableSaysWhatIsDrawn(t *testing.T) {
	for name, d := range drawings(false) {
		var cells []string
		for _, r := range d.Table().Rows {
			cells = append(cells, r.Cells...)
		}
		all := strings.Join(cells, " | ")
		for _, m := range regexp.MustCompile(`font-weight="600"[^>]*>([^<]+)</text>`).FindAllStringSubmatch(d.SVG(), -1) {
			for _, word := range strings.Fields(m[1]) { // a label may be wrapped
				if !strings.Contains(all, word) {
					t.Errorf("%s draws %q, which its table does not say", name, m[1])
				}
			}
		}
	}
}

// TestNothing draws what has nothing to show: an empty drawing, never a panic or a number
// that is none.
func TestNothing(t *testing.T) {
	f := draw.Frame{ID: "x"}
	for name, d := range map[string]drawing{
		"totals":    draw.Totals{Frame: f},
		"balance":   draw.Balance{Frame: f, Legs: []draw.Leg{{Bars: []draw.Bar{{}}}}},
		"coverage":  draw.Coverage{Frame: f, Places: []draw.Post{{Pins: []draw.Pin{{}}}}},
		"schematic": draw.Schematic{Frame: f},
		"flow":      draw.Flow{Frame: f, Convoys: []draw.Band{{}}},
	} {
		if svg := d.SVG(); strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%s of nothing: %s", name, svg)
		}
		d.Table()
	}
}
