package compact

import (
	_ "embed" // the dictionary
	"encoding/json"
	"strings"
)

//go:embed dictionary.json
var dictionaryText []byte

// A Dictionary numbers what packings take for known. It only grows: each edition is the first
// so many words and shapes of the lists.
type Dictionary struct {
	Editions []Edition  `json:"editions"`
	Words    []string   `json:"words"`
	Shapes   [][]string `json:"shapes"` // the members of an object, in order; those of a part without its head
}

// An Edition says how many words and shapes of the dictionary it has.
type Edition struct {
	Words  int `json:"words"`
	Shapes int `json:"shapes"`
}

// With returns the dictionary with the words and shapes it lacks, as a new edition if there
// are any.
func (d Dictionary) With(words []string, shapes [][]string) Dictionary {
	known := map[string]bool{}
	for _, w := range d.Words {
		known["w"+w] = true
	}
	for _, s := range d.Shapes {
		known[shapeKey(s)] = true
	}
	for _, w := range words {
		if !known["w"+w] {
			known["w"+w] = true
			d.Words = append(d.Words, w)
		}
	}
	for _, s := range shapes {
		if !known[shapeKey(s)] {
			known[shapeKey(s)] = true
			d.Shapes = append(d.Shapes, s)
		}
	}
	e := Edition{len(d.Words), len(d.Shapes)}
	if n := len(d.Editions); n == 0 || d.Editions[n-1] != e {
		d.Editions = append(d.Editions, e)
	}
	return d
}

// Text returns the dictionary as it stands in dictionary.json, a word or a shape to a line.
func (d Dictionary) Text() []byte {
	var b strings.Builder
	line := func(v any) string {
		t, err := json.Marshal(v)
		if err != nil {
			panic("compact: words do not encode: " + err.Error())
		}
		return string(t)
	}
	lines := func(name string, n int, at func(int) any, end string) {
		b.WriteString("\t\"" + name + "\": [\n")
		for i := range n {
			b.WriteString("\t\t" + line(at(i)))
			if i < n-1 {
				b.WriteString(",")
			}
			b.WriteString("\n")
		}
		b.WriteString("\t]" + end + "\n")
	}
	b.WriteString("{\n")
	lines("editions", len(d.Editions), func(i int) any { return d.Editions[i] }, ",")
	lines("words", len(d.Words), func(i int) any { return d.Words[i] }, ",")
	lines("shapes", len(d.Shapes), func(i int) any { return d.Shapes[i] }, "")
	b.WriteString("}\n")
	return []byte(b.String())
}

// ParseDictionary reads what Text wrote.
func ParseDictionary(text []byte) (Dictionary, error) {
	var d Dictionary
	err := json.Unmarshal(text, &d)
	return d, err
}

// An edition of the dictionary that can be packed with.
type edition struct {
	n int // from 1
	Edition
}

var (
	dictionary = func() Dictionary {
		d, err := ParseDictionary(dictionaryText)
		if err != nil {
			panic("compact: the dictionary in the program cannot be read: " + err.Error())
		}
		return d
	}()
	words = func() map[string]int {
		m := map[string]int{}
		for i, w := range dictionary.Words {
			m[w] = i
		}
		return m
	}()
	shapes = func() map[string]int {
		m := map[string]int{}
		for i, s := range dictionary.Shapes {
			m[shapeKey(s)] = i
		}
		return m
	}()
	newest, _ = editionOf(uint64(len(dictionary.Editions)))
)

func shapeKey(names []string) string { return strings.Join(names, "\x00") }

func editionOf(n uint64) (edition, bool) {
	if n == 0 || n > uint64(len(dictionary.Editions)) {
		return edition{}, false
	}
	return edition{int(n), dictionary.Editions[n-1]}, true
}

func (e edition) word(t []byte) (uint64, bool) {
	i, ok := words[string(t)]
	return uint64(i), ok && i < e.Words
}

func (e edition) wordAt(n uint64) (string, bool) {
	if n >= uint64(e.Words) {
		return "", false
	}
	return dictionary.Words[n], true
}

func (e edition) shape(names [][]byte) (uint64, bool) {
	key := make([]byte, 0, 64)
	for i, n := range names {
		if i > 0 {
			key = append(key, 0)
		}
		key = append(key, n...)
	}
	i, ok := shapes[string(key)]
	return uint64(i), ok && i < e.Shapes && len(dictionary.Shapes[i]) == len(names) // a name may hold the sign between names
}

func (e edition) shapeAt(n uint64) ([]string, bool) {
	if n >= uint64(e.Shapes) {
		return nil, false
	}
	return dictionary.Shapes[n], true
}
