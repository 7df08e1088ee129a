package web

import (
	_ "embed"
	"regexp"
	"strings"
)

//go:embed check.html
var checkPage []byte

// CheckPage returns check.html: the checks in the browser as one file, which opens from a stick
// with no network. It is generated from web/lib/check.
func CheckPage() []byte { return checkPage }

// CheckPolicy returns the content security policy that check.html carries, for a server to send
// with it: its one script and its one style by their hashes, and nothing else.
func CheckPolicy() string {
	m := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindSubmatch(checkPage)
	return strings.ReplaceAll(string(m[1]), "&#39;", "'")
}
