package browser_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"corridor.example/corridor/web"
)

// checkPage drops honest and falsified files on check.html, opened from a directory as from a
// stick, with no server there.
func (r *room) checkPage(t *testing.T) {
	src, err := os.ReadFile(r.axe)
	if err != nil {
		t.Fatal(err)
	}
	site := r.sites["aleppo-2016"]
	dir := t.TempDir()
	keep := func(name string, b []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	served := fetch(t, site+"/check.html")
	if !bytes.Equal(served, web.CheckPage()) {
		t.Error("the server answers another check.html")
	}
	page := keep("check.html", served)
	card := keep("mission.card", fetch(t, site+"/mission.card"))
	good := fetch(t, site+"/api/v1/bundle")
	bundle := keep("public.bundle", good)
	lines := slices.Collect(strings.Lines(string(good)))
	removed := keep("removed.bundle", []byte(strings.Join(slices.Delete(slices.Clone(lines), 10, 11), "")))
	whole := keep("whole.bundle", export(t, r.bin, r.dirs["aleppo-2016"]))
	erased := keep("erased.bundle", export(t, r.bin, r.dirs["gate-9"]))
	checkpoint := keep("checkpoint", fetch(t, site+"/checkpoint"))
	hash := recordIn(t, lines[1])
	receipt := fetch(t, site+"/api/v1/records/"+hash+"/receipt")
	proof := keep("mandate.tlog-proof", receipt)
	record := keep("mandate.json", fetch(t, site+"/api/v1/records/"+hash))
	other := keep("other.json", fetch(t, site+"/api/v1/records/"+recordIn(t, lines[2])))
	broken := keep("broken.tlog-proof", bytes.Replace(receipt, []byte("index 0"), []byte("index 1"), 1))
	forked := keep("forked.proof", proofOf(t, "fork", "a larger tree that does not begin with the smaller"))
	withheld := keep("withheld.proof", proofOf(t, "suppressed", "lodged with the other side's witness"))
	onlyClaim := keep("claim.proof", proofOf(t, "suppressed", "lodged with the author's own side alone"))
	innocent := keep("innocent.proof", proofOf(t, "fork", "a larger tree that begins with the smaller"))
	notes := keep("notes.txt", []byte("Ramouseh, 14:00\n"))

	for _, lang := range languages {
		b := r.open(t, "file://"+dir, "", widths[0])
		open := func() {
			b.do("check.html", chromedp.Navigate("file://"+page))
			b.wait("the page", `document.querySelector("[data-lang]")`)
			b.click(fmt.Sprintf("[data-lang=%s]", lang))
		}
		// drop gives files to the page and returns the verdicts, in the order of the page.
		drop := func(want int, paths ...string) []string {
			t.Helper()
			open()
			b.do("files", chromedp.SetUploadFiles(chromedp.CSS("#files"), paths))
			b.wait("the results", fmt.Sprintf(`document.querySelectorAll("article").length === %d && document.getElementById("status").textContent === %q`, want, strings.Replace(message(lang, "checker.done"), "{n}", fmt.Sprintf("\u2068%d\u2069", want), 1)))
			return eval[[]string](b, `[...document.querySelectorAll("article")].map(a => [...a.querySelectorAll(".v")].map(v => v.className.slice(-1)).join(""))`)
		}
		for _, c := range []struct {
			what  string
			paths []string
			want  []string
		}{
			{"a whole bundle under its card", []string{card, whole}, []string{"h", "hccc"}},
			{"a whole bundle without a card", []string{whole}, []string{"chccc"}},
			{"a whole bundle of which a part was ordered erased", []string{erased}, []string{"ccccc"}},
			{"a bundle under the card of another mission", []string{erased, card}, []string{"xxcc", "h"}},
			{"the public bundle", []string{bundle, card}, []string{"hccc", "h"}},
			{"a bundle from which an entry was removed", []string{removed, card}, []string{"xcxc", "h"}},
			{"a receipt and its record", []string{proof, record, whole, card}, []string{"h", "h", "hccc", "h"}},
			{"a receipt and another record", []string{proof, other, card}, []string{"x", "c", "h"}},
			{"a receipt alone", []string{proof, card}, []string{"c", "h"}},
			{"a falsified receipt", []string{broken, record, card}, []string{"x", "c", "h"}},
			{"a checkpoint", []string{checkpoint, card}, []string{"h", "h"}},
			{"a checkpoint without a card", []string{checkpoint}, []string{"c"}},
			{"a fork", []string{forked}, []string{"h"}},
			{"a record withheld, and a claim", []string{withheld, onlyClaim}, []string{"h", "c"}},
			{"a proof that convicts nobody", []string{innocent}, []string{"x"}},
			{"a proof against another mission than the card's", []string{forked, card}, []string{"c", "h"}},
			{"something else", []string{notes}, []string{"c"}},
		} {
			what := lang + ", " + c.what
			if got := drop(len(c.paths), c.paths...); !slices.Equal(got, c.want) {
				t.Errorf("%s: the page says %q, want %q: %s", what, got, c.want, b.text("#results"))
			}
			b.clean(what)
		}
		drop(3, removed, whole, card)
		b.flawless(lang+", check.html", lang, true)
		b.axe(string(src), "axe.version")
		for _, v := range b.violations(false) {
			t.Errorf("%s, check.html: %s (%s): %v", lang, v.Help, v.ID, v.Nodes)
		}
		for _, want := range []string{message(lang, "state.holds"), message(lang, "state.fails"), message(lang, "checker.rule.seen.size")} {
			if says := b.text("#results"); !strings.Contains(says, want) {
				t.Errorf("%s: the page does not say %q", lang, want)
			}
		}
		words := strings.Fields(strings.TrimPrefix(lineOf(t, card, "words "), "words "))
		if got := eval[[]string](b, `[...document.querySelectorAll("article .words li")].map(e => e.textContent)`); !slices.Equal(got, words) {
			t.Errorf("%s: the page shows the words %q, want %q", lang, got, words)
		}
		// The same without a pointer: paste, and start again.
		open()
		b.focus("#text")
		b.run(fmt.Sprintf(`document.getElementById("text").value = %q`, fetch(t, site+"/checkpoint")))
		b.key("\t")
		b.key("\r")
		b.wait("the pasted checkpoint", `document.querySelector("article .v.c")`)
		b.key("\t")
		b.key("\r")
		b.wait("nothing", `!document.querySelector("article") && document.activeElement.id === "files"`)
		b.clean(lang + ", pasting")
	}

	// As the server answers it, under the policy that it sends.
	b := r.open(t, site, "", widths[1])
	b.visit("/check.html")
	b.do("files", chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{whole}))
	b.wait("the result", `document.querySelectorAll("article .v").length === 5`)
	b.clean("served")
}

// proofOf is a proof of misconduct out of the vectors.
func proofOf(t *testing.T, file, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../testdata/vectors/proof/" + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct{ Cases []struct{ Name, Text string } }
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors.Cases {
		if v.Name == name {
			return []byte(v.Text)
		}
	}
	t.Fatalf("%s.json has no %q", file, name)
	return nil
}

func message(lang, key string) string { return messages(lang)[key][0] }

func fetch(t *testing.T, address string) []byte {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, res.Status, err)
	}
	return b
}

// export takes everything out of a mission's directory.
func export(t *testing.T, bin, dir string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle")
	if out, err := exec.CommandContext(t.Context(), bin, "export", "--dir", dir, "--bundle", path, "--level", "whole").CombinedOutput(); err != nil {
		t.Fatalf("corridor export: %v\n%s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// recordIn is the record hash that a line of a bundle is about.
func recordIn(t *testing.T, line string) string {
	t.Helper()
	_, rest, ok := strings.Cut(line, `\nsha256 `)
	if !ok || len(rest) < 64 {
		t.Fatalf("%.200s is no entry", line)
	}
	return rest[:64]
}

// lineOf is the first line of a file that begins as given.
func lineOf(t *testing.T, path, prefix string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, prefix) {
			return strings.TrimSuffix(line, "\n")
		}
	}
	t.Fatalf("%s has no line %q", path, prefix)
	return ""
}
