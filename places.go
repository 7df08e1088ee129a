package corridor

import (
	"slices"
	"strings"
	"unicode"
)

// Resolve returns the place that a spelling names: the id itself, or a label or alias written
// in any case, with or without diacritics, apostrophes, hyphens and the Arabic article, and in
// any of the forms that Arabic letters take. Where none is written so, the usual ways to write
// an Arabic name in Latin letters count as one: Fu'ah, Foua and Foah. A spelling that fits two
// places is not found: a person must say which.
func (t *Terms) Resolve(name string) (PlaceID, bool) {
	if p, ok := t.Place(PlaceID(name)); ok {
		return p.ID, true
	}
	for _, fold := range []func(string) string{foldPlace, soundPlace} {
		if found := t.spelt(name, fold); len(found) > 0 {
			return found[0], len(found) == 1
		}
	}
	return "", false
}

// spelt returns the places that have a spelling equal to name under fold.
func (t *Terms) spelt(name string, fold func(string) string) (found []PlaceID) {
	want := fold(name)
	if want == "" {
		return nil
	}
	for _, p := range t.Places {
		spellings := append([]string{string(p.ID)}, p.Aliases...)
		for _, w := range p.Label {
			spellings = append(spellings, w.Text)
		}
		if slices.ContainsFunc(spellings, func(s string) bool { return fold(s) == want }) {
			found = append(found, p.ID)
		}
	}
	return found
}

// letters maps the letters that people write in several ways to one of them; "" drops.
var letters = func() map[rune]string {
	m := map[rune]string{}
	for one, many := range map[string]string{
		"a": "áàâäãåāăąǎạảấầẩẫậắằẳẵặȧ", "c": "çćĉċč", "d": "ďđḍḏ", "e": "éèêëēĕėęěẹẻẽếềểễệ", "g": "ĝğġģǧḡ", "h": "ĥħḥḩḫẖ",
		"i": "íìîïĩīĭįıǐịỉ", "j": "ĵǰ", "k": "ķǩḳḵ", "l": "ĺļľłḷ", "n": "ñńņňṇ", "o": "óòôöõøōŏőǒọỏốồổỗộơ", "r": "ŕŗřṛ",
		"s": "śŝşšșṣ", "t": "ţťŧțṭṯ", "u": "úùûüũūŭůűųǔụủưứừửữự", "w": "ŵẇ", "y": "ýÿŷȳỳỵ", "z": "źżžẓẕ",
		"ا": "أإآٱ", "ي": "ىئیې", "و": "ؤۆ", "ه": "ةۀەھہ", "ك": "کگ",
		// Written apart or not at all: ayn and hamza in their many Latin spellings, tatweel.
		"": "ءـ'’‘`´ʼʻʿʾʽʹ′ˈ“”\"",
	} {
		for _, r := range many {
			m[r] = one
		}
	}
	m['æ'], m['œ'], m['ß'], m['þ'], m['ð'] = "ae", "oe", "ss", "th", "dh"
	return m
}()

// foldPlace writes a name without what spellings differ in that does not change its letters:
// case, diacritics and harakat, apostrophes, hyphens, spaces, and the article before a word.
func foldPlace(name string) string {
	var words []string
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("-‐‑–—_.,/()", r) }) {
		var b strings.Builder
		for _, r := range w {
			r = unicode.ToLower(r)
			if one, ok := letters[r]; ok {
				b.WriteString(one)
			} else if unicode.IsLetter(r) || unicode.IsDigit(r) {
				b.WriteRune(r)
			}
		}
		if b.Len() > 0 {
			words = append(words, b.String())
		}
	}
	var out strings.Builder
	for i, w := range words {
		if i+1 < len(words) && article(w, words[i+1]) {
			continue
		}
		if rest, ok := strings.CutPrefix(w, "ال"); ok && len([]rune(rest)) > 1 {
			w = rest
		}
		out.WriteString(w)
	}
	return out.String()
}

// article reports whether a word is the Arabic article in Latin letters before another: al, el
// or ul, or with its l become the first consonant of what follows, as in ar-Rashidin.
func article(w, next string) bool {
	switch {
	case w == "al" || w == "el" || w == "ul":
		return true
	case len(w) < 2 || w[0] != 'a' && w[0] != 'e':
		return false
	}
	return len(w) <= 3 && strings.HasPrefix(next, w[1:])
}

// soundPlace writes a folded name with the vowels and endings that transcriptions differ in
// made one, for names in Latin letters.
func soundPlace(name string) string {
	s := foldPlace(name)
	for _, r := range s {
		if r > unicode.MaxASCII {
			return "" // another script: the letters are the spelling
		}
	}
	for _, p := range [][2]string{{"ou", "u"}, {"oo", "u"}, {"o", "u"}, {"ee", "i"}, {"ei", "i"}, {"ai", "i"}, {"e", "i"}, {"y", "i"}} {
		s = strings.ReplaceAll(s, p[0], p[1])
	}
	var b strings.Builder
	for i := range len(s) {
		if i == 0 || s[i] != s[i-1] {
			b.WriteByte(s[i])
		}
	}
	s = b.String()
	for _, end := range []string{"ih", "ah"} { // ta marbuta
		if rest, ok := strings.CutSuffix(s, end); ok && rest != "" {
			return rest + "a"
		}
	}
	return s
}
