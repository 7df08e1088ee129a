package attack

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"corridor.example/corridor/internal/need"
	"corridor.example/corridor/web"
)

// inJavaScript has the code of check.html judge every proof of the run.
func inJavaScript(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), need.Node(t), "answer.mjs")
	cmd.Dir = filepath.Join("..", "internal", "check")
	cmd.Stderr = os.Stderr
	in := must(cmd.StdinPipe())(t)
	out := bufio.NewReaderSize(must(cmd.StdoutPipe())(t), 1<<20)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		q := must(json.Marshal(map[string]any{"ask": "proof", "data": base64.StdEncoding.EncodeToString(p.proof), "card": string(p.card)}))(t)
		if _, err := in.Write(append(q, '\n')); err != nil {
			t.Fatal(err)
		}
		var a struct{ State, Rule, Fault string }
		if err := json.Unmarshal(must(out.ReadBytes('\n'))(t), &a); err != nil {
			t.Fatal(err)
		}
		if a.State != p.want || a.Fault != "" {
			t.Errorf("check.html says %q (%s%s), want %q: %.300s", a.State, a.Rule, a.Fault, p.want, p.proof)
		}
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// inChromium drops every proof of the run on check.html, opened from a directory as from a stick.
func inChromium(t *testing.T) {
	chromium, dir := need.Chromium(t), t.TempDir()
	keep := func(name string, b []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	page, files := keep("check.html", web.CheckPage()), []string{}
	letters := map[string]string{"holds": "h", "does not hold": "x", "cannot be checked here": "c"}
	var want []string
	for i, p := range all {
		files = append(files, keep(fmt.Sprintf("%02d.proof", i), p.proof))
		want = append(want, letters[p.want])
	}
	files = append(files, keep("mission.card", all[0].card)) // of one mission, all of them
	want = append(want, "h")

	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"))
	ctx, closed := chromedp.NewExecAllocator(context.Background(), opts...)
	defer closed()
	ctx, cancel := chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", chromium, err)
	}
	ctx, late := context.WithTimeout(ctx, 3*time.Minute)
	defer late()
	for _, a := range []chromedp.Action[chromedp.Void]{
		chromedp.Navigate("file://" + page),
		chromedp.SetUploadFiles(chromedp.CSS("#files"), files),
	} {
		if err := chromedp.Do(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	got := []string{}
	for ctx.Err() == nil && (len(got) < len(want) || slices.Contains(got, "")) {
		var err error
		if got, err = chromedp.Run(ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("article")].map(a => [...a.querySelectorAll(".v")].map(v => v.className.slice(-1)).join(""))`)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if !slices.Equal(got, want) {
		t.Errorf("check.html says %q, want %q", got, want)
	}
}
