package corridor

import (
	"errors"
	"testing"

	"corridor.example/corridor/record"
)

const snapshot = "\x89PNG\r\n\x1a\nnot much of a picture"

func exhibit(b string, facts map[string]any) drafted {
	f := map[string]any{"format": "png", "bytes": len(b), "covered": false, "when": "2016-12-18T21:00:00Z", "basis": "observed"}
	for k, v := range facts {
		f[k] = v
	}
	return drafted{"facts": f, "media": {"bytes": []byte(b)}}
}

// A picture illustrates a record, stands beside it until its author withdraws it, and what
// convoy it belongs to is that of the record.
func TestExhibit(t *testing.T) {
	s := newStage(t)
	left := s.move("office", "departure", "A-01", 12)
	x := s.add("office", "exhibit", &left.Hash, exhibit(snapshot, nil))
	alone := s.add("office", "exhibit", nil, exhibit("%PDF-1.7", map[string]any{"format": "pdf", "convoy": "A-02"}))
	s.accepted()
	v := s.m.Now()
	if got := v.Exhibits(left.Hash); len(got) != 1 || got[0].Record != x.Hash || got[0].Says != "office" || got[0].Facts.Bytes != int64(len(snapshot)) {
		t.Errorf("the departure is illustrated by %+v", got)
	}
	if got, ok := v.Exhibit(alone.Hash); !ok || got.Re != nil || got.Facts.Format != "pdf" {
		t.Errorf("the document by itself: %+v", got)
	}
	for h, want := range map[record.Hash]ConvoyID{x.Hash: "A-01", alone.Hash: "A-02"} {
		if list, known := v.concerns(h); !known || len(list) != 1 || list[0] != want {
			t.Errorf("an exhibit concerns %v, want %s", list, want)
		}
	}
	typ, b, ok := ParseMedia(x.Part("media"))
	if !ok || typ != "image/png" || string(b) != snapshot {
		t.Errorf("its bytes are %q of type %s", b, typ)
	}
	s.add("office", "correction", &x.Hash, drafted{"facts": {"reason": "miscounted"}})
	if got := s.m.Now().Exhibits(left.Hash); len(got) != 0 {
		t.Errorf("withdrawn, and it stands: %+v", got)
	}
}

func TestExhibitRefused(t *testing.T) {
	without := exhibit(snapshot, nil)
	delete(without, "media")
	html := exhibit("<html><script>", nil)
	html["media"]["type"] = "image/png"
	lie := exhibit(snapshot, nil)
	lie["media"]["type"] = "image/svg+xml"
	for name, x := range map[string]struct {
		parts drafted
		rule  string
	}{
		"no picture":        {without, "exhibit.media"},
		"a page":            {html, "exhibit.format"},
		"another format":    {exhibit(snapshot, map[string]any{"format": "jpeg"}), "exhibit.format"},
		"another type":      {lie, "exhibit.format"},
		"another size":      {exhibit(snapshot, map[string]any{"bytes": 5}), "exhibit.size"},
		"no size":           {exhibit(snapshot, map[string]any{"bytes": 0}), "exhibit.size"},
		"the future before": {exhibit(snapshot, map[string]any{"when": []any{"2016-12-18T21:00:00Z", "2016-12-18T20:00:00Z"}}), "exhibit.when"},
	} {
		s := newStage(t)
		r := s.add("office", "exhibit", nil, x.parts)
		door := &Mission{}
		if err := door.Add(s.all[0]); err != nil {
			t.Fatal(err)
		}
		if err := door.Judge(r); refusedBy(err) != x.rule {
			t.Errorf("%s: %v, want %s", name, err, x.rule)
		}
	}
}

// TestExhibitErased: without its bytes an exhibit is what it was, so that an erasure decides
// nothing.
func TestExhibitErased(t *testing.T) {
	s := newStage(t)
	x := s.add("office", "exhibit", nil, exhibit(snapshot, nil))
	for _, media := range []string{snapshot, "rubbish", ""} {
		m := &Mission{}
		for i := range s.m.Size() {
			r := s.all[i]
			if r.Hash == x.Hash && media != snapshot {
				r.Parts = append([]record.Part{}, r.Parts...)
				r.Parts[len(r.Parts)-1].Bytes = nil
				if media != "" {
					r.Parts[len(r.Parts)-1].Bytes = []byte(media)
				}
			}
			if err := m.Add(r); err != nil {
				t.Errorf("with %q for its picture: %v", media, err)
			}
		}
		if got, ok := m.Now().Exhibit(x.Hash); !ok || got.Facts.Format != "png" {
			t.Errorf("with %q for its picture it is %+v", media, got)
		}
	}
}

func refusedBy(err error) string {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Rule
	}
	return ""
}

func TestSniffFormat(t *testing.T) {
	for b, want := range map[string]Format{
		"\xff\xd8\xff\xe0": "jpeg", snapshot: "png", "RIFF\x00\x00\x00\x00WEBPVP8 ": "webp", "%PDF-1.4": "pdf",
		"": "", "GIF89a": "", "<svg": "", "RIFF\x00\x00\x00\x00WAVE": "", "\xff\xd8": "", " %PDF-": "",
	} {
		if got := SniffFormat([]byte(b)); got != want {
			t.Errorf("%q is %q, want %q", b, got, want)
		}
	}
}
