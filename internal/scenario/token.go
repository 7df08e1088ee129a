package scenario

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A sort is what a token is.
type sort int

const (
	word    sort = iota // anything between spaces: a kind, an id, a number, a time
	text                // "between quotes", spaces and line breaks inside made one space
	label               // #name, without the sign
	member              // name: without the colon
	bracket             // [ ] { } ( )
	comma
)

// A token is one piece of a line.
type token struct {
	sort sort
	s    string
	line int
	glue bool // nothing stands between it and the token before
}

func (t token) String() string {
	switch t.sort {
	case text:
		return fmt.Sprintf("%q", t.s)
	case label:
		return "#" + t.s
	case member:
		return t.s + ":"
	}
	return t.s
}

// A located error says at which line of which file a scenario is wrong.
type located struct {
	file string
	line int
	err  error
}

func (e *located) Error() string { return fmt.Sprintf("%s:%d: %v", e.file, e.line, e.err) }
func (e *located) Unwrap() error { return e.err }

// A statement is what stands between two line starts: a line and the deeper lines after it.
type statement struct {
	file   string
	line   int
	indent int
	tokens []token
}

// asserts are the words that begin an assertion. A deeper line that begins with one of them
// is no continuation.
var asserts = []string{"figure", "finding", "no", "refused", "later", "holds", "view", "local", "place", "log"}

// split cuts a text into statements.
func split(file, src string) ([]statement, error) {
	if !utf8.ValidString(src) {
		return nil, &located{file, 1, fmt.Errorf("the file is not UTF-8")}
	}
	var all []statement
	l := lexer{file: file, src: src, line: 1}
	depth := 0
	for {
		t, indent, first, err := l.next(depth > 0)
		if err != nil {
			return nil, err
		}
		if t == nil {
			break
		}
		last := len(all) - 1
		if first && depth == 0 && (last < 0 || indent <= all[last].indent || t.sort == word && slices.Contains(asserts, t.s)) {
			all = append(all, statement{file: file, line: t.line, indent: indent})
			last++
		}
		if t.sort == bracket {
			if strings.Contains("[{(", t.s) {
				depth++
			} else if depth--; depth < 0 {
				return nil, &located{file, t.line, fmt.Errorf("%s closes nothing", t.s)}
			}
			if depth > 32 {
				return nil, &located{file, t.line, fmt.Errorf("brackets are nested too deep")}
			}
		}
		all[last].tokens = append(all[last].tokens, *t)
	}
	if depth > 0 {
		return nil, &located{file, all[len(all)-1].line, fmt.Errorf("a bracket is not closed")}
	}
	return all, nil
}

// A lexer reads tokens off a text.
type lexer struct {
	file   string
	src    string
	at     int
	line   int
	indent int
	seen   bool // a token on this line
	start  int  // where this line begins
}

// next returns the next token, nil at the end; first says that it begins its line.
func (l *lexer) next(nested bool) (t *token, indent int, first bool, err error) {
	glue := l.seen
	for l.at < len(l.src) {
		c, n := utf8.DecodeRuneInString(l.src[l.at:])
		switch {
		case c == '\n':
			l.at++
			l.line++
			l.start, l.seen = l.at, false
		case c == '\t':
			return nil, 0, false, &located{l.file, l.line, fmt.Errorf("a tab; lines are indented with spaces")}
		case unicode.IsSpace(c):
			l.at += n
		case c == '#' && l.comment():
			if i := strings.IndexByte(l.src[l.at:], '\n'); i >= 0 {
				l.at += i
			} else {
				l.at = len(l.src)
			}
		default:
			first = !l.seen
			if first {
				l.indent = l.at - l.start
			}
			l.seen = true
			t, err := l.token()
			if err == nil {
				t.glue = glue
			}
			return t, l.indent, first, err
		}
		glue = false
	}
	return nil, 0, false, nil
}

// comment reports whether the sign # begins a comment: a space or the line's end follows.
func (l *lexer) comment() bool {
	c, _ := utf8.DecodeRuneInString(l.src[l.at+1:])
	return l.at+1 == len(l.src) || unicode.IsSpace(c)
}

func (l *lexer) token() (*token, error) {
	line := l.line
	switch c := l.src[l.at]; c {
	case '"':
		return l.text()
	case '[', ']', '{', '}', '(', ')':
		l.at++
		return &token{sort: bracket, s: string(c), line: line}, nil
	case ',':
		l.at++
		return &token{sort: comma, s: ",", line: line}, nil
	}
	from := l.at
	for l.at < len(l.src) {
		c, n := utf8.DecodeRuneInString(l.src[l.at:])
		if unicode.IsSpace(c) || strings.ContainsRune(`"[]{}(),`, c) {
			break
		}
		l.at += n
	}
	s := l.src[from:l.at]
	if name, ok := strings.CutPrefix(s, "#"); ok {
		if !labelled(name) {
			return nil, &located{l.file, line, fmt.Errorf("%.40q is no label: letters, digits, hyphens and points after #", s)}
		}
		return &token{sort: label, s: name, line: line}, nil
	}
	if name, ok := strings.CutSuffix(s, ":"); ok && name != "" {
		return &token{sort: member, s: name, line: line}, nil
	}
	return &token{sort: word, s: s, line: line}, nil
}

func labelled(s string) bool {
	for _, c := range s {
		if c != '-' && c != '.' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return s != ""
}

// text reads what stands between quotes; \" and \\ stand for the signs themselves.
func (l *lexer) text() (*token, error) {
	line := l.line
	var b strings.Builder
	for l.at++; l.at < len(l.src); l.at++ {
		switch c := l.src[l.at]; c {
		case '"':
			l.at++
			return &token{sort: text, s: strings.Join(strings.Fields(b.String()), " "), line: line}, nil
		case '\\':
			l.at++
			if l.at < len(l.src) && (l.src[l.at] == '"' || l.src[l.at] == '\\') {
				b.WriteByte(l.src[l.at])
				continue
			}
			return nil, &located{l.file, l.line, fmt.Errorf(`between quotes \ stands only before " or \`)}
		case '\n':
			l.line++
			l.start = l.at + 1
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return nil, &located{l.file, line, fmt.Errorf("a quotation is not closed")}
}
