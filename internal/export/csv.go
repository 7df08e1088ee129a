package export

import (
	"bufio"
	stdjson "encoding/json"
	"fmt"
	"io"
	"strings"
)

// CSV writes a table as RFC 4180: a row of names, a row of HXL tags, the rows, and a last row
// whose first cell says what the file is.
func CSV(w io.Writer, t Table, x Reading) (Head, error) {
	head, err := x.head(t.Name)
	if err != nil {
		return head, err
	}
	b := bufio.NewWriterSize(w, 64<<10)
	for i, c := range t.Columns {
		field(b, i, c.Name)
	}
	b.WriteString("\r\n")
	for i, c := range t.Columns {
		field(b, i, c.Tag)
	}
	b.WriteString("\r\n")
	for cells := range t.Rows(&x) {
		head.Rows++
		for i, c := range cells {
			if c.number {
				field(b, i, c.numeral())
			} else {
				field(b, i, guarded(c.text, t.Columns[i]))
			}
		}
		if _, err := b.WriteString("\r\n"); err != nil {
			return head, err
		}
	}
	field(b, 0, "# "+head.Line())
	b.WriteString(strings.Repeat(",", len(t.Columns)-1) + "\r\n")
	return head, b.Flush()
}

// Line says what a file is in one line of words and values.
func (h Head) Line() string {
	return fmt.Sprintf("%s table=%s mission=%s origin=%s size=%d root=%s level=%s from=%d to=%d rows=%d",
		h.Format, h.Table, h.Mission, h.Origin, h.Size, h.Root, h.Level, h.From, h.To, h.Rows)
}

// guarded puts an apostrophe before a text that a spreadsheet would take for a formula. Degrees
// are numbers, written as text so that no digit is lost.
func guarded(s string, c Column) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) && !strings.HasPrefix(c.Tag, "#geo") {
		return "'" + s
	}
	return s
}

func field(b *bufio.Writer, i int, s string) {
	if i > 0 {
		b.WriteByte(',')
	}
	if !strings.ContainsAny(s, ",\"\r\n") && s == strings.TrimSpace(s) {
		b.WriteString(s)
		return
	}
	b.WriteByte('"')
	b.WriteString(strings.ReplaceAll(s, `"`, `""`))
	b.WriteByte('"')
}

// JSONLines writes a table as one object a line, with null for what the record does not say and
// {"withheld":…} for what the reader is not told. The last line has the one member corridor and
// says what the file is.
func JSONLines(w io.Writer, t Table, x Reading) (Head, error) {
	head, err := x.head(t.Name)
	if err != nil {
		return head, err
	}
	b := bufio.NewWriterSize(w, 64<<10)
	for cells := range t.Rows(&x) {
		head.Rows++
		for i, c := range cells[:len(cells)-1] { // each cell says itself what is withheld
			b.WriteByte("{,"[min(i, 1)])
			member(b, t.Columns[i].Name, c)
		}
		if _, err := b.WriteString("}\n"); err != nil {
			return head, err
		}
	}
	said, err := stdjson.Marshal(head)
	if err != nil {
		return head, err
	}
	fmt.Fprintf(b, "{\"corridor\":%s}\n", said)
	return head, b.Flush()
}

// member writes a member of an object.
func member(b *bufio.Writer, name string, c Cell) {
	fmt.Fprintf(b, "%q:", name)
	switch {
	case c.number:
		b.WriteString(c.numeral())
	case c.why != "":
		fmt.Fprintf(b, `{"withheld":%q}`, string(c.why))
	case c.text == "":
		b.WriteString("null")
	default:
		said, _ := stdjson.Marshal(c.text) // a text always can be
		b.Write(said)
	}
}
