package server

import (
	"bytes"
	"errors"
	"net/http"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// mediaAtOnce bounds how many pictures are in memory to be answered.
const mediaAtOnce = 8

// getMedia answers the picture or document of a record, as it was signed, to whoever may read it.
// A browser is told its type by the record alone, guesses none, and runs nothing in it.
func (s *Server) getMedia(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	x, err := s.found(r, n)
	if err != nil {
		return err
	}
	h, i, size := x.hash, x.index, x.size
	may, format, at, who := false, corridor.Format(""), record.At(s.cfg.Now()), reader(r).Level
	err = n.At(size, func(v corridor.View) {
		may = v.MayRead(who, h, "media", at)
		if x, ok := v.Exhibit(h); ok {
			format = x.Facts.Format
		}
	})
	if err != nil {
		return err
	}
	if !may {
		return errNotReleased
	}
	select {
	case s.pictures <- struct{}{}:
		defer func() { <-s.pictures }()
	case <-r.Context().Done():
		return r.Context().Err()
	}
	rec, err := n.Record(r.Context(), i)
	if errors.Is(err, node.ErrNotCarried) {
		return errNotFound
	}
	if err != nil {
		return err
	}
	typ, b, ok := corridor.ParseMedia(rec.Part("media"))
	if !ok || typ == "" || typ != format.MediaType() || corridor.SniffFormat(b) != format {
		return errNotFound // erased, not carried, or not what the record says: a copy may hold anything
	}
	etag := `"` + h.String() + `"`
	hd := w.Header()
	hd.Set("Cache-Control", "private, no-cache")
	hd.Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(statusNotModified)
		return nil
	}
	shown, err := s.stretch(r, n, corridor.AsPages, i, i+1, size, at)
	if err != nil {
		return err
	}
	var o opening
	for _, set := range shown.Opens {
		o.open(h, set&corridor.PartsOf("media"))
	}
	if _, err := s.disclose(w, r, n, o); err != nil {
		return err
	}
	how := "inline"
	if format == "pdf" {
		how = "attachment"
	}
	hd.Set("Content-Type", typ)
	hd.Set("Content-Disposition", how+`; filename="`+h.Short()+"."+string(format)+`"`)
	hd.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	hd.Set("Content-Length", itoa(len(b)))
	_, err = bytes.NewReader(b).WriteTo(w)
	return ignoreGone(err)
}

// exhibit shows an exhibit; ok is false if the reader may not read what it is.
func (p *page) exhibit(x corridor.Exhibited) (e web.Exhibit, ok bool) {
	if !p.may(x.Record, "facts") {
		return e, false
	}
	e = web.Exhibit{
		Record: x.Record.String(), By: p.label(x.Says), Format: string(x.Facts.Format), Bytes: int(x.Facts.Bytes), Covered: x.Facts.Covered,
		When: p.moment(x.Facts.When), Link: p.past("/records/" + x.Record.String()),
	}
	if t := p.narrative(x.Record); t != nil {
		e.Text, e.Lang = t.Text, t.Lang
	}
	if _, erased := p.v.Erased(x.Record, "media"); erased {
		e.Gone = "erased"
	} else if !p.may(x.Record, "media") {
		e.Gone = "sealed"
	} else {
		e.Source, e.Image = "/api/v1/records/"+x.Record.String()+"/media", x.Facts.Format != "pdf"
	}
	return e, true
}

// exhibits are those of some records, each once.
func (p *page) exhibits(of ...record.Hash) (list []web.Exhibit) {
	seen := map[record.Hash]bool{}
	for _, h := range of {
		for _, x := range p.v.Exhibits(h) {
			if seen[x.Record] {
				continue
			}
			seen[x.Record] = true
			if e, ok := p.exhibit(x); ok {
				list = append(list, e)
			}
		}
	}
	return list
}
