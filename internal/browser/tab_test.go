package browser_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A tab is one reader: cookies and cache of its own, and everything that went wrong in it.
type tab struct {
	t    testing.TB
	ctx  context.Context
	base string // the address of the server it may speak to

	mu     sync.Mutex
	faults []string
	bytes  int64 // received, with headers, as they travelled
	asked  []string
}

// open opens a tab of a width that reads a server's pages, in the language a link gives.
func (r *room) open(t testing.TB, base, lang string, width int64) *tab {
	t.Helper()
	b := &tab{t: t, base: base}
	ctx, cancel := chromedp.NewContext(r.browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.hear))
	t.Cleanup(cancel)
	b.ctx = ctx
	if err := chromedp.Do(ctx); err != nil { // without a limit: the tab lives as long as what opens it
		t.Fatal(err)
	}
	b.width(width)
	if lang != "" {
		b.visit("/?lang=" + lang)
	}
	return b
}

// hear notes what a reader would not see: errors, what was asked of whom, what came.
func (b *tab) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fault := func(format string, args ...any) { b.faults = append(b.faults, fmt.Sprintf(format, args...)) }
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		d := ev.ExceptionDetails
		text := d.Text
		if d.Exception != nil {
			text += " " + d.Exception.Description
		}
		fault("an exception: %s", text)
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeWarning || ev.Type == runtime.ConsoleAPICalledTypeAssert {
			var args []string
			for _, a := range ev.Args {
				args = append(args, strings.TrimSpace(string(a.Value)+" "+a.Description))
			}
			fault("console.%s: %s", ev.Type, strings.Join(args, " "))
		}
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.EntryLevelError || ev.Entry.Level == log.EntryLevelWarning {
			fault("%s: %s %s", ev.Entry.Source, ev.Entry.Text, ev.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, ev.Request.URL)
		u, err := url.Parse(ev.Request.URL)
		if err != nil || !strings.HasPrefix(ev.Request.URL, b.base+"/") && u.Scheme != "about" && u.Scheme != "data" {
			fault("it asks another host: %s", ev.Request.URL)
		}
	case *network.EventLoadingFinished:
		b.bytes += int64(ev.EncodedDataLength)
	}
}

// wrong returns what went wrong since it was last asked.
func (b *tab) wrong() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.faults
	b.faults = nil
	return f
}

// clean fails the test if anything went wrong since it was last asked.
func (b *tab) clean(what string) {
	b.t.Helper()
	for _, f := range b.wrong() {
		b.t.Errorf("%s: %s", what, f)
	}
}

// patience is how long anything that is asked of a browser may take.
const patience = time.Minute

// ask returns what an action gives, and ends the test if it cannot be done.
func ask[T any](b *tab, what string, a chromedp.Action[T]) T {
	b.t.Helper()
	late, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(late, a)
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
	return v
}

// do runs an action that gives nothing.
func (b *tab) do(what string, a chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ask(b, what, a)
}

// visit goes to a page of the server and returns its status.
func (b *tab) visit(path string) int64 {
	b.t.Helper()
	return ask(b, path, chromedp.NavigateResponse(b.base+path)).Status
}

// path is where the tab is, without its server.
func (b *tab) path() string {
	b.t.Helper()
	return strings.TrimPrefix(ask(b, "where it is", chromedp.Location()), b.base)
}

// width makes the window as wide as a telephone or a desk, keeping the page. A narrow one is
// touched, not pointed at.
func (b *tab) width(width int64) {
	b.t.Helper()
	if width < 800 {
		b.do("a telephone", chromedp.EmulateViewport(width, 844, chromedp.EmulateTouch))
		return
	}
	b.do("a desk", chromedp.EmulateViewport(width, 800))
}

// prefers sets the device to light or dark.
func (b *tab) prefers(scheme string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// call sends a command to the browser itself.
func call[P any](b *tab, c cdp.Command[P, cdp.Empty], p P) {
	b.t.Helper()
	ask(b, string(c.Method), func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) { return cdp.Call(ctx, t, c, p) })
}

// eval returns the value of an expression in the tab's page; a promise is waited for.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	return ask(b, fmt.Sprintf("%.200s", expression), chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// run runs statements in the tab's page.
func (b *tab) run(statements string) {
	b.t.Helper()
	eval[chromedp.Void](b, statements)
}

// wait waits until an expression is true in a page that is there whole. The page may go to
// another one meanwhile, whose address is in place before what it says.
func (b *tab) wait(what, expression string) {
	b.t.Helper()
	late, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	for {
		ok, err := chromedp.Run(late, chromedp.Evaluate[bool](`document.readyState === "complete" && !!(`+expression+")"))
		if ok && err == nil {
			return
		}
		if late.Err() != nil {
			b.t.Fatalf("waited in vain for %s (%s), %v", what, expression, err)
		}
		b.pause()
	}
}

// pause lets the browser work for a moment.
func (b *tab) pause() {
	b.t.Helper()
	b.do("a pause", chromedp.Sleep(30*time.Millisecond))
}

// focus puts the focus on the first element of a selector.
func (b *tab) focus(selector string) {
	b.t.Helper()
	b.do("the focus on "+selector, chromedp.Focus(chromedp.CSS(selector)))
}

// back goes to the page before, as the browser's button does.
func (b *tab) back() {
	b.t.Helper()
	b.run(`history.back()`)
}

// click presses the pointer on the middle of the first element of a selector.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.wait("a "+selector+" to click", fmt.Sprintf(`document.querySelector(%q)?.checkVisibility({visibilityProperty: true})`, selector))
	at := eval[*point](b, middle(selector))
	if at == nil {
		b.t.Fatalf("%s: there is no %s to click", b.path(), selector)
	}
	b.do("a click on "+selector, chromedp.MouseClickXY(at.X, at.Y))
}

type point struct{ X, Y float64 }

// middle is an expression for where the first element of a selector is seen, after bringing
// it into view.
func middle(selector string) string {
	return fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		if (!e) return null;
		e.scrollIntoView({block: "center"});
		const r = e.getClientRects()[0];
		return r ? {X: r.x + r.width / 2, Y: r.y + r.height / 2} : null;
	})()`, selector)
}

// key presses one key.
func (b *tab) key(keys string) {
	b.t.Helper()
	b.do("a key", chromedp.KeyEvent(keys))
}

// text is the text of the first element of a selector as it is read, "" if there is none.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`(document.querySelector(%q)?.innerText ?? "").replace(/\s+/g, " ").trim()`, selector))
}

// count is how many elements a selector finds.
func (b *tab) count(selector string) int {
	b.t.Helper()
	return eval[int](b, fmt.Sprintf(`document.querySelectorAll(%q).length`, selector))
}
