package corridor

import (
	"cmp"
	"slices"

	"corridor.example/corridor/record"
)

// KindTranslation is the kind of record that gives a record's free text in another language;
// its re is that record.
var KindTranslation = kind[Translation]("translation", ClassWord)

// A Translation stands beside a text and never takes its place: what was signed is the text in
// the language it was written in. Several may stand for one language, each under its author.
type Translation struct {
	Facts     TranslationFacts `part:"facts"`
	Narrative *Narrative       `part:"narrative"`
}

// TranslationFacts say which part was translated, into which language and how.
type TranslationFacts struct {
	record.PartHead
	Lang   Lang            `json:"lang"`    // of the translation
	OfPart TranslatedPart  `json:"of_part"` // the part that was translated
	Made   TranslationMade `json:"made"`
}

// A TranslatedPart is a part that can be translated: the one with an author's words.
type TranslatedPart string

var translatedParts = vocabulary[TranslatedPart]("narrative")

// UnmarshalText reads the name of a part that can be translated.
func (x *TranslatedPart) UnmarshalText(t []byte) error { return term(x, t, translatedParts) }

// A TranslationMade says how a translation came about.
type TranslationMade string

var translationMades = vocabulary[TranslationMade]("by-person", "by-machine", "by-machine-and-read-over")

// UnmarshalText reads one of the ways.
func (x *TranslationMade) UnmarshalText(t []byte) error { return term(x, t, translationMades) }

func (k Translation) refuse(h Header) error {
	if h.Re == nil {
		return Refuse("translation.re", "a translation names the record it translates in re")
	}
	return nil
}

func (k Translation) apply(m *Mission, h Header) {
	if m.field.translations == nil {
		m.field.translations = map[record.Hash]*set[Translated]{}
	}
	of := m.field.translations[*h.Re]
	if of == nil {
		of = &set[Translated]{}
		m.field.translations[*h.Re] = of
	}
	of.put(h.Hash, Translated{h.Hash, h.Index, ActorID(h.By), k.Facts.Lang, k.Facts.Made, h.At})
}

// A Translated is a translation as a view shows it beside the record. Its words are in its own
// narrative.
type Translated struct {
	Record record.Hash
	Index  int64
	By     ActorID
	Lang   Lang
	Made   TranslationMade
	When   record.Time // when it was signed
}

// Translations returns the translations of a record that their authors have not withdrawn, by
// language, then by when they were signed.
func (v View) Translations(h record.Hash) []Translated {
	var list []Translated
	if of := v.m.field.translations[h]; of != nil {
		for _, t := range of.list {
			if t.Index < v.n && !v.corrected(t.Record, t.By) {
				list = append(list, t)
			}
		}
	}
	slices.SortFunc(list, func(a, b Translated) int {
		return cmp.Or(cmp.Compare(a.Lang, b.Lang), byWhen(Period{a.When, a.When}, Period{b.When, b.When}, a.Record, b.Record))
	})
	return list
}
