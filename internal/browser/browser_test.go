package browser_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"corridor.example/corridor/internal/need"
)

// cases are the finished missions whose pages are read.
var cases = []string{"aleppo-2016", "gate-9"}

// languages are those that every page is read in.
var languages = []string{"en", "ar"}

// widths are a telephone's and a desk's.
var widths = []int64{390, 1280}

// TestMain lets more tabs read at once than there are processors: much of the time of each is
// spent waiting for a server, for a frame or for a day of the slider to pass.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", fmt.Sprint(max(4, 2*runtime.NumCPU()))); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// TestBrowser builds the program and starts one browser for everything that is looked at with
// it: a browser takes longer to start than most pages take to check.
func TestBrowser(t *testing.T) {
	r := &room{chromium: need.Chromium(t), axe: need.Axe(t), bin: build(t), sites: map[string]string{}, dirs: map[string]string{}}
	r.start(t)
	t.Run("faults", r.faults)
	for _, name := range cases {
		r.dirs[name] = demo(t, r.bin, name)
		r.sites[name] = serve(t, r.bin, r.dirs[name])
	}
	t.Run("look", r.look)
	t.Run("one", func(t *testing.T) {
		for _, test := range []struct {
			name string
			run  func(*testing.T)
		}{
			{"first screen", r.firstScreen},
			{"weight", r.weight},
			{"without JavaScript", r.plain},
			{"keyboard", r.keyboard},
			{"slider", r.slider},
			{"play", r.play},
			{"other zones", r.zones},
			{"cheat", r.cheat},
			{"themes", r.themes},
			{"blocks", r.blocks},
			{"desk", r.desk},
			{"desk of a witness", r.witnessDesk},
			{"pages of a desk", r.desks},
			{"language", r.language},
			{"back", r.back},
			{"problem", r.problem},
			{"check.html", r.checkPage},
			{"checked here", r.checkedHere},
			{"printed", r.printed},
			{"door", r.doors},
			{"liaison", r.liaison},
			{"door in Arabic", r.doorInArabic},
			{"trust", r.trust},
			{"traced pages", r.tracedPages},
			{"axe", r.axes},
			{"pages", r.pages},
		} {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				test.run(t)
			})
		}
	})
}

// A room is one browser and the missions it can look at.
type room struct {
	chromium, axe, bin string
	sites              map[string]string // case: the address of its server
	dirs               map[string]string // case: where its mission is kept
	browser            context.Context
}

// start starts the browser. Whatever it asks of another host is not found, so that no test
// depends on a network and no page can use one unseen.
func (r *room) start(t *testing.T) {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(r.chromium),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("lang", "en"),
	)
	ctx, closed := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		cancel()
		closed()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", r.chromium, err)
	}
	r.browser = ctx
}

var program = flag.String("program", "", "look at the pages of this corridor instead of building one")

// build makes the program as somebody with only Go would.
func build(t *testing.T) string {
	t.Helper()
	if *program != "" {
		return *program
	}
	bin := filepath.Join(t.TempDir(), "corridor")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", bin, "corridor.example/corridor/cmd/corridor")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// demo makes a case in a directory of its own.
func demo(t *testing.T, bin, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	cmd := exec.CommandContext(t.Context(), bin, "demo", "--case", name, "--dir", dir, "--once")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("corridor demo --case %s: %v\n%s", name, err, out)
	}
	return dir
}

// serve serves a mission on a free port and returns the address without a slash at its end.
func serve(t *testing.T, bin, dir string) string {
	t.Helper()
	return listen(t, exec.Command(bin, "serve", "--dir", dir, "--listen", "127.0.0.1:0"))
}

// listen starts a server, waits until it says where it listens, and ends it with the test.
func listen(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var complaints strings.Builder
	cmd.Stderr = writer(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return complaints.Write(b)
	})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if a := address.FindString(lines.Text()); a != "" {
				select {
				case found <- a:
				default:
				}
			}
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt) // it is no error if it has gone: Wait says how
		<-ended
		var exit *exec.ExitError
		if err := cmd.Wait(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 0) {
			t.Errorf("the server ended with %v", err)
		}
		if mu.Lock(); strings.Contains(complaints.String(), "level=ERROR") {
			t.Errorf("the server said:\n%s", complaints.String())
		}
		mu.Unlock()
	})
	late, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	select {
	case a := <-found:
		return a
	case <-ended:
	case <-late.Done():
	}
	mu.Lock()
	defer mu.Unlock()
	t.Fatalf("the server did not say where it listens; it said:\n%s", complaints.String())
	return ""
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }
