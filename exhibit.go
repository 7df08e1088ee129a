package corridor

import (
	"bytes"
	"slices"

	"corridor.example/corridor/record"
)

// KindExhibit is the kind of record that carries one picture or document.
var KindExhibit = kind[Exhibit]("exhibit", ClassMovement)

// An Exhibit is one picture or document, by itself or to illustrate the record that it answers. It
// is a record of its own, so that no text ever waits for a picture and every picture has its own
// receipt. Nothing is worked out of it. What it shows is said, if at all, by its narrative.
type Exhibit struct {
	Facts     ExhibitFacts `part:"facts"`
	Narrative *Narrative   `part:"narrative"`
	Identity  *Identity    `part:"identity"`
	Media     *Media       `part:"media"`
}

// ExhibitFacts say what was added to the record and when it was made, and stay when the picture
// is sealed or erased.
type ExhibitFacts struct {
	record.PartHead
	Format  Format    `json:"format"`
	Bytes   int64     `json:"bytes"`   // how many the picture or document has
	Covered bool      `json:"covered"` // its author covered something, such as faces, before signing
	Convoy  *ConvoyID `json:"convoy"`  // the convoy that it shows or is about, or null
	When    Period    `json:"when"`    // when it was made
	Basis   Basis     `json:"basis"`
	Via     *Via      `json:"via"`
}

// Media is the picture or document: one line of text, then its bytes, exactly as they were
// signed. Nobody but its author alters it, not even to remove what a camera wrote into it.
type Media struct{}

// A Format is what a picture or document is written in. What could run is not among them.
type Format string

var formats = vocabulary[Format]("jpeg", "png", "webp", "pdf")

// UnmarshalText reads one of the formats.
func (f *Format) UnmarshalText(t []byte) error { return term(f, t, formats) }

// MediaType returns the format's media type, "" for none of the list.
func (f Format) MediaType() string {
	switch f {
	case "jpeg", "png", "webp":
		return "image/" + string(f)
	case "pdf":
		return "application/pdf"
	}
	return ""
}

// SniffFormat returns the format that bytes begin like, "" if none of the list.
func SniffFormat(b []byte) Format {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return "jpeg"
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return "png"
	case len(b) >= 16 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return "webp"
	case bytes.HasPrefix(b, []byte("%PDF-")):
		return "pdf"
	}
	return ""
}

// ParseMedia takes a media part apart that a header named: the media type its line states, and
// the bytes after it.
func ParseMedia(part []byte) (mediaType string, b []byte, ok bool) {
	line, b, ok := bytes.Cut(part, []byte("\n"))
	f := bytes.Split(line, []byte(" "))
	if !ok || len(f) != 4 {
		return "", nil, false
	}
	return string(f[3]), b, true
}

// An Exhibited is an exhibit as a view shows it.
type Exhibited struct {
	Telling
	Facts ExhibitFacts
	Re    *record.Hash // what it illustrates
}

func (k Exhibit) refuse(h Header) error {
	switch {
	case !slices.ContainsFunc(h.Parts, func(p record.PartRef) bool { return p.Name == "media" }):
		return Refuse("exhibit.media", "an exhibit has the picture or document in its part media, and this one has no such part")
	case k.Facts.Bytes < 1 || k.Facts.Bytes > record.MaxMedia:
		return Refuse("exhibit.size", "a picture or document has 1 to %d bytes; this one says %d", record.MaxMedia, k.Facts.Bytes)
	}
	return k.Facts.When.refuse(KindExhibit)
}

// refuseMedia holds the bytes against what the facts say of them. It is asked at the door alone:
// the picture may be erased, and that must not decide what a log says.
func (k Exhibit) refuseMedia(part []byte) error {
	stated, b, ok := ParseMedia(part)
	switch f := SniffFormat(b); {
	case !ok || f == "":
		return Refuse("exhibit.format", "the bytes begin like none of jpeg, png, webp and pdf, and nothing else is taken in")
	case f != k.Facts.Format || stated != f.MediaType():
		return Refuse("exhibit.format", "the bytes begin like %s, the facts say %s and the line before them %.40q", f, k.Facts.Format, stated)
	case int64(len(b)) != k.Facts.Bytes:
		return Refuse("exhibit.size", "the facts say %d bytes, and there are %d", k.Facts.Bytes, len(b))
	}
	return nil
}

func (k Exhibit) apply(m *Mission, h Header) {
	m.mention(k.Facts.Convoy, h.Index)
	m.field.ground.exhibits.put(h.Hash, Exhibited{telling(h, k.Facts.When, k.Facts.Basis, k.Facts.Via), k.Facts, h.Re})
}

func (k Exhibit) located() (Period, *PlaceID, *ConvoyID) { return k.Facts.When, nil, k.Facts.Convoy }

// Exhibits returns the exhibits that stand and illustrate a record, by when they were made and
// hash.
func (v View) Exhibits(of record.Hash) (list []Exhibited) {
	for _, x := range gather(v, &v.m.field.ground.exhibits) {
		if x.Re != nil && *x.Re == of && x.Stands() {
			list = append(list, x)
		}
	}
	return list
}

// Exhibit returns an exhibit by its record hash.
func (v View) Exhibit(h record.Hash) (x Exhibited, ok bool) {
	for _, x := range gather(v, &v.m.field.ground.exhibits) {
		if x.Record == h {
			return x, true
		}
	}
	return x, false
}
