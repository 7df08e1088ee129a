package export

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// sheetRows is how many rows a sheet gets before the next one is begun; a spreadsheet takes
// 1,048,576.
const sheetRows = 1_000_000

// cellText is how many bytes of a text a cell gets; a spreadsheet takes 32,767 characters.
const cellText = 32_000

// XLSX writes a table as a workbook (ECMA-376): sheets of the table's rows under its names and
// tags, and a sheet About that says what the file is. It is written as it is read, and nothing
// of it is kept.
func XLSX(w io.Writer, t Table, x Reading) (Head, error) {
	head, err := x.head(t.Name)
	if err != nil {
		return head, err
	}
	b := &book{zip: zip.NewWriter(w)}
	for cells := range t.Rows(&x) {
		if head.Rows%sheetRows == 0 {
			b.begin(sheetName(t.Name, len(b.sheets)), t.Columns)
		}
		head.Rows++
		b.row(cells)
		if b.err != nil {
			return head, b.err
		}
	}
	if head.Rows == 0 {
		b.begin(t.Name, t.Columns)
	}
	b.about(head)
	b.close()
	return head, b.err
}

func sheetName(table string, n int) string {
	if n == 0 {
		return table
	}
	return table + " " + strconv.Itoa(n+1)
}

// A book is a workbook that is being written. Its first error stays.
type book struct {
	zip    *zip.Writer
	sheets []string
	rows   int // of the sheet
	w      *bufio.Writer
	err    error
}

// file begins a file of the workbook. Its time is always the same, so that its bytes are.
func (b *book) file(name string) {
	if b.w != nil && b.err == nil {
		b.err = b.w.Flush()
	}
	if b.err != nil {
		return
	}
	f, err := b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
	b.w, b.err = bufio.NewWriterSize(f, 64<<10), err
	b.put(xml.Header)
}

func (b *book) put(s string) {
	if b.err == nil {
		_, b.err = b.w.WriteString(s)
	}
}

const mainSpace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

func (b *book) sheet(name string) {
	if len(b.sheets) > 0 {
		b.put("</sheetData></worksheet>")
	}
	b.sheets, b.rows = append(b.sheets, name), 0
	b.file(fmt.Sprintf("xl/worksheets/sheet%d.xml", len(b.sheets)))
	b.put(`<worksheet xmlns="` + mainSpace + `"><sheetData>`)
}

func (b *book) begin(name string, columns []Column) {
	b.sheet(name)
	var names, tags []Cell
	for _, c := range columns {
		names, tags = append(names, text(c.Name)), append(tags, text(c.Tag))
	}
	b.row(names)
	b.row(tags)
}

func (b *book) row(cells []Cell) {
	b.rows++
	row := strconv.Itoa(b.rows)
	b.put(`<row r="` + row + `">`)
	for i, c := range cells {
		switch {
		case c.number:
			b.put(`<c r="` + letters(i) + row + `"><v>` + c.numeral() + `</v></c>`)
		case c.text != "":
			b.put(`<c r="` + letters(i) + row + `" t="inlineStr"><is><t xml:space="preserve">`)
			if b.err == nil {
				b.err = xml.EscapeText(b.w, []byte(fitting(c.text)))
			}
			b.put(`</t></is></c>`)
		}
	}
	b.put("</row>")
}

// fitting cuts a text that no cell holds, and says so.
func fitting(s string) string {
	if len(s) <= cellText {
		return s
	}
	return strings.ToValidUTF8(s[:cellText], "") + " [cut: the record has all of it]"
}

// letters names a column: A, B, … Z, AA.
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + string(rune('A'+i%26))
}

// about is the sheet that says what the file is.
func (b *book) about(h Head) {
	b.sheet("About")
	for _, line := range [][]Cell{
		{text("format"), text(h.Format)}, {text("table"), text(h.Table)}, {text("mission"), text(h.Mission.String())}, {text("origin"), text(h.Origin)},
		{text("size"), number(h.Size)}, {text("root"), text(h.Root.String())}, {text("level"), text(h.Level)},
		{text("from"), number(h.From)}, {text("to"), number(h.To)}, {text("rows"), number(h.Rows)},
		{text("0"), text("nobody, or none")}, {text("empty"), text("the record does not say")},
		{text("empty, and named under withheld"), text("not told: sealed, too small a count, or not in this copy")},
	} {
		b.row(line)
	}
	b.put("</sheetData></worksheet>")
}

func (b *book) close() {
	const parts, office = "http://schemas.openxmlformats.org/package/2006/", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	var sheets, rels, types bytes.Buffer
	for i, name := range b.sheets {
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, name, i+1, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, office, i+1)
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, i+1)
	}
	b.file("xl/workbook.xml")
	b.put(`<workbook xmlns="` + mainSpace + `" xmlns:r="` + office + `"><sheets>` + sheets.String() + `</sheets></workbook>`)
	b.file("xl/_rels/workbook.xml.rels")
	b.put(`<Relationships xmlns="` + parts + `relationships">` + rels.String() + `</Relationships>`)
	b.file("_rels/.rels")
	b.put(`<Relationships xmlns="` + parts + `relationships"><Relationship Id="rId1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	b.file("[Content_Types].xml")
	b.put(`<Types xmlns="` + parts + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` + types.String() + `</Types>`)
	if b.err == nil {
		b.err = b.w.Flush()
	}
	if b.err == nil {
		b.err = b.zip.Close()
	}
}
