package web

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// A Language is one that every page can be read in.
type Language struct {
	Code string // "en"
	Name string // in itself: "English"
	Dir  string // "ltr" or "rtl"
}

// Languages returns the languages of the pages, the default first.
func Languages() []Language {
	return []Language{
		{"en", "English", "ltr"},
		{"ar", "العربية", "rtl"},
	}
}

// categories are the CLDR plural categories each language needs, in CLDR's order.
var categories = map[string][]string{
	"en": {"one", "other"},
	"ar": {"zero", "one", "two", "few", "many", "other"},
}

// plural returns the CLDR category of a whole number in a language.
func plural(lang string, n int) string {
	if n < 0 {
		n = -n
	}
	if lang == "ar" {
		switch {
		case n == 0:
			return "zero"
		case n == 1:
			return "one"
		case n == 2:
			return "two"
		case n%100 >= 3 && n%100 <= 10:
			return "few"
		case n%100 >= 11:
			return "many"
		}
		return "other"
	}
	if n == 1 {
		return "one"
	}
	return "other"
}

// A message is a sentence with {named} places, or one such sentence for each plural category
// and, where a language says it otherwise, for a single number ("=2": "Stopped twice").
type message map[string]string

// UnmarshalJSON reads a plain sentence as one that is the same for every number.
func (m *message) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*m = message{"": s}
		return nil
	}
	return json.Unmarshal(b, (*map[string]string)(m))
}

// A catalogue holds the words of one language.
type catalogue struct {
	Language
	messages map[string]message
}

var catalogues = sync.OnceValue(func() map[string]*catalogue {
	out := map[string]*catalogue{}
	for _, l := range Languages() {
		b, err := files.ReadFile("locale/" + l.Code + ".json")
		if err != nil {
			panic("web: " + err.Error()) // the files are in the binary
		}
		c := &catalogue{Language: l}
		if err := json.Unmarshal(b, &c.messages); err != nil {
			panic(fmt.Sprintf("web: locale/%s.json: %v", l.Code, err))
		}
		out[l.Code] = c
	}
	return out
})

// speak returns the catalogue of a language, or of the default one if we do not have it.
func speak(lang string) *catalogue {
	if c, ok := catalogues()[lang]; ok {
		return c
	}
	return catalogues()[Languages()[0].Code]
}

// Has reports whether a language has a message, so that a test can hold a closed
// vocabulary of the mission against the words there are for it.
func Has(lang, key string) bool {
	c, ok := catalogues()[lang]
	if !ok {
		return false
	}
	_, ok = c.messages[key]
	return ok
}

// Text returns a message of the catalogue with its places filled: Text("en", "records",
// "n", 214) is "214 records". Whole numbers are grouped; the one named n chooses the
// plural. A key that is not there is returned as it is: a page with an odd word is better
// than no page, and a test keeps it from happening.
func Text(lang, key string, args ...any) string { return speak(lang).text(key, args...) }

// Word returns the word for a code of a closed vocabulary: Word("en", "basis", "heard").
// A code without a word is returned with spaces for its hyphens, so that a new word of the
// mission can be read before it is translated.
func Word(lang, group, code string) string { return speak(lang).word(group, code) }

func (c *catalogue) text(key string, args ...any) string {
	m, ok := c.messages[key]
	if !ok {
		return key
	}
	s, ok := m[""]
	if !ok {
		n := 0
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] == "n" {
				n, _ = args[i+1].(int)
			}
		}
		if s, ok = m["="+strconv.Itoa(n)]; !ok {
			s = m[plural(c.Code, n)]
		}
	}
	if len(args) == 0 {
		return s
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		name, _ := args[i].(string)
		pairs = append(pairs, "{"+name+"}", c.print(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// print writes an argument of a message.
func (c *catalogue) print(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return c.number(v)
	case Moment:
		return c.moment(v)
	case Value:
		return c.value(v)
	}
	return fmt.Sprint(v)
}

func (c *catalogue) word(group, code string) string {
	if code == "" {
		return ""
	}
	code = strings.ReplaceAll(code, "_", "-")
	if _, ok := c.messages[group+"."+code]; ok {
		return c.text(group + "." + code)
	}
	return strings.ReplaceAll(code, "-", " ")
}

// number groups a whole number in threes. Digits are Latin in every language, which the
// foot of each page states; a minus sign keeps its place in right-to-left text.
func (c *catalogue) number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		s = s[1:]
		sign = "−"
		if c.Dir == "rtl" {
			sign = "\u200e−"
		}
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
