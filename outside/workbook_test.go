package outside

import (
	"bytes"
	"strconv"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/export"
	"corridor.example/corridor/internal/scenario"
	"github.com/xuri/excelize/v2"
)

// TestWorkbook has excelize open the workbooks of a mission: every sheet, row and number of a
// table is there, and the same as in its CSV but for what guards a spreadsheet from formulas.
func TestWorkbook(t *testing.T) {
	script, err := scenario.Case("gate-9")
	if err != nil {
		t.Fatal(err)
	}
	b := scenario.NewBare("outside")
	if err := scenario.Play(script, "outside", b); err != nil {
		t.Fatal(err)
	}
	v := b.Mission().Now()
	for _, table := range export.Tables() {
		x := export.Reading{View: v, Now: v, Level: corridor.Public, At: v.Entry(v.Size()-1).At + 3600}
		var file bytes.Buffer
		head, err := export.XLSX(&file, table, x)
		if err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(&file)
		if err != nil {
			t.Fatalf("%s: %v", table.Name, err)
		}
		if got := f.GetSheetList(); len(got) != 2 || got[0] != table.Name || got[1] != "About" {
			t.Errorf("%s has the sheets %v", table.Name, got)
		}
		rows, err := f.GetRows(table.Name)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(rows)) != head.Rows+2 {
			t.Errorf("%s has %d rows, want %d and two heads", table.Name, len(rows), head.Rows)
		}
		for i, c := range table.Columns {
			if rows[0][i] != c.Name || rows[1][i] != c.Tag {
				t.Errorf("%s column %d is %q %q", table.Name, i, rows[0][i], rows[1][i])
			}
		}
		if table.Name == "records" {
			for i, r := range rows[2:] {
				kind, err := f.GetCellType(table.Name, "A"+strconv.Itoa(i+3))
				if r[0] != strconv.Itoa(i) || err != nil || kind != excelize.CellTypeUnset {
					t.Errorf("row %d is of entry %q, type %v, %v", i, r[0], kind, err)
				}
			}
		}
		about, err := f.GetRows("About")
		if err != nil || len(about) < 10 || about[5][1] != head.Root.String() || about[9][1] != strconv.FormatInt(head.Rows, 10) {
			t.Errorf("%s says of itself %v, %v", table.Name, about, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
