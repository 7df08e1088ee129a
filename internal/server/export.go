package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/export"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
)

// exportEntries is for how many entries one table is made at most; the answer says where the
// next one begins.
const exportEntries = 20_000

// exportBytes is how large a table may become while it is made.
const exportBytes = 64 << 20

// getExport answers a table of what is released, as the public reads it, whoever asks: what a
// session may read beyond that leaves a trace before it is shown, and no table does yet. It is
// made whole before its first byte leaves, so that the mission waits for no reader's network.
func (s *Server) getExport(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	table, format, _ := strings.Cut(r.PathValue("file"), ".")
	write, kind, err := exporter(table, format)
	if err != nil {
		return err
	}
	since, err := entryNumber(r.FormValue("since"), 0)
	if err != nil {
		return err
	}
	limit, err := entryNumber(r.FormValue("limit"), exportEntries)
	if err != nil {
		return err
	}
	size, signed, err := n.Released(r.Context(), s.cfg.Now())
	if err != nil {
		return err
	}
	if signed == nil {
		return errNotReleased
	}
	if since > size || limit < 1 {
		return badRequest(fmt.Sprintf("%d entries are released; since is at most that, and limit at least 1", size))
	}
	if !s.exporting.TryLock() {
		return errBusy
	}
	defer s.exporting.Unlock()
	x := export.Reading{Level: corridor.Public, At: record.At(s.cfg.Now()), From: since, To: min(size, since+min(limit, exportEntries))}
	if x.Texts, err = publicTexts(r.Context(), n, x); err != nil {
		return err
	}
	var b tableBuffer
	var head export.Head
	n.View(func(v corridor.View) {
		x.Now, x.View = v, v.Prefix(size)
		head, err = write(&b, x)
	})
	if err != nil {
		return err
	}
	if head.To < size {
		next := url.Values{"since": {strconv.FormatInt(x.To, 10)}}
		if limit < exportEntries {
			next.Set("limit", strconv.FormatInt(limit, 10))
		}
		w.Header().Set("Link", "<"+r.URL.Path+"?"+next.Encode()+`>; rel="next"`)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+table+"."+format+`"`)
	w.Header().Set("Cache-Control", "no-cache")
	w.Write(b.Bytes()) // a reader who has gone away is no error of ours
	return nil
}

// exporter is what writes a table in a format, and the format's media type.
func exporter(table, format string) (func(io.Writer, export.Reading) (export.Head, error), string, error) {
	if table == "map" && format == "geojson" {
		return export.GeoJSON, "application/geo+json", nil
	}
	t, ok := export.TableNamed(table)
	write, kind := export.CSV, "text/csv; charset=utf-8; header=present"
	switch format {
	case "csv":
	case "xlsx":
		write, kind = export.XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case "jsonl":
		write, kind = export.JSONLines, "application/x-ndjson"
	default:
		ok = false
	}
	if !ok {
		return nil, "", errNotFound
	}
	return func(w io.Writer, x export.Reading) (export.Head, error) { return write(w, t, x) }, kind, nil
}

// entryNumber reads a number of entries of an address.
func entryNumber(s string, otherwise int64) (int64, error) {
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, badRequest("since and limit are whole numbers, not below zero")
	}
	return n, nil
}

// publicTexts reads the texts of the incidents of a stretch, before the mission is asked what of
// them may be told.
func publicTexts(ctx context.Context, n *node.Node, x export.Reading) (func(record.Hash) (*corridor.Narrative, error), error) {
	var wanted []record.Hash
	n.View(func(v corridor.View) {
		for _, h := range v.Of(corridor.ClassIncident, x.From, x.To) {
			if v.MayRead(corridor.Public, h, "narrative", x.At) {
				wanted = append(wanted, h)
			}
		}
	})
	texts, total := map[record.Hash]*corridor.Narrative{}, 0
	for _, h := range wanted {
		i, ok := int64(0), false
		n.View(func(v corridor.View) {
			var e corridor.Entry
			e, ok = v.Find(h)
			i = e.Index
		})
		if !ok {
			continue
		}
		r, err := n.Record(ctx, i)
		if err != nil {
			return nil, err
		}
		for _, p := range r.Parts {
			var t corridor.Narrative
			switch {
			case p.Name == "narrative" && p.Bytes == nil:
				texts[h] = nil
			case p.Name == "narrative" && record.Decode(p.Bytes, &t) == nil: // else refused when it was logged
				if total += len(p.Bytes); total > exportBytes {
					return nil, errLargeTable
				}
				texts[h] = &t
			}
		}
	}
	return func(h record.Hash) (*corridor.Narrative, error) {
		t, kept := texts[h]
		if kept && t == nil {
			return nil, errors.New("the text was erased")
		}
		return t, nil
	}, nil
}

var errLargeTable = badRequest("the table would have more than 64 MiB; ask for fewer entries with limit, and go on with since")

// A tableBuffer is a buffer that takes no more than a table may have.
type tableBuffer struct{ bytes.Buffer }

func (b *tableBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > exportBytes {
		return 0, errLargeTable
	}
	return b.Buffer.Write(p)
}
