package need

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A probe is a test that can be asked how it ended.
type probe struct {
	testing.TB
	skipped, failed string
}

func (p *probe) Helper() {}
func (p *probe) Skipf(format string, args ...any) {
	p.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
func (p *probe) Fatalf(format string, args ...any) {
	p.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// try runs a test to its end, and returns what it got.
func try(t *testing.T, test func(testing.TB) string) (got string, p *probe) {
	p = &probe{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		got = test(p)
	}()
	<-done
	return got, p
}

var programs = []struct {
	need    func(testing.TB) string
	name    string
	others  []string
	install string
}{
	{Chromium, "chromium", []string{"chromium-browser", "google-chrome", "google-chrome-stable"}, "apt-get install --no-install-recommends chromium"},
	{Node, "node", []string{"nodejs"}, "apt-get install --no-install-recommends nodejs"},
	{TSC, "tsc", nil, "npm install --global typescript@"},
}

func TestMissingSkips(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("CORRIDOR_NEED", "")
	for _, want := range programs {
		_, p := try(t, want.need)
		if p.failed != "" || !strings.Contains(p.skipped, want.name) || !strings.Contains(p.skipped, want.install) {
			t.Errorf("without %s a test was skipped with %q and failed with %q, want a skip with %q", want.name, p.skipped, p.failed, want.install)
		}
	}
}

func TestMissingFailsIfAllIsNeeded(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("CORRIDOR_NEED", "all")
	for _, want := range programs {
		_, p := try(t, want.need)
		if p.skipped != "" || !strings.Contains(p.failed, want.name) || !strings.Contains(p.failed, want.install) || !strings.Contains(p.failed, "CORRIDOR_NEED=all") {
			t.Errorf("without %s a test was skipped with %q and failed with %q, want a failure with %q", want.name, p.skipped, p.failed, want.install)
		}
	}
}

func TestFound(t *testing.T) {
	for _, want := range programs {
		for _, name := range append([]string{want.name}, want.others...) {
			dir := t.TempDir()
			t.Setenv("PATH", dir)
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			got, p := try(t, want.need)
			if got != path || p.skipped != "" || p.failed != "" {
				t.Errorf("with %s in the PATH the answer is %q (skipped %q, failed %q), want %q", name, got, p.skipped, p.failed, path)
			}
		}
	}
}

func TestAxe(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	t.Setenv("CORRIDOR_NEED", "")
	if _, p := try(t, Axe); p.failed != "" || !strings.Contains(p.skipped, "npm install --global axe-core@") {
		t.Errorf("without npm a test was skipped with %q and failed with %q, want a skip with the command", p.skipped, p.failed)
	}
	npm := "#!/bin/sh\necho '" + dir + "'\n"
	if err := os.WriteFile(filepath.Join(dir, "npm"), []byte(npm), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, p := try(t, Axe); p.failed != "" || !strings.Contains(p.skipped, "npm install --global axe-core@") {
		t.Errorf("with npm and without axe-core a test was skipped with %q and failed with %q, want a skip with the command", p.skipped, p.failed)
	}
	t.Setenv("CORRIDOR_NEED", "all")
	if _, p := try(t, Axe); p.skipped != "" || !strings.Contains(p.failed, "axe-core") {
		t.Errorf("with npm and without axe-core a test was skipped with %q and failed with %q, want a failure", p.skipped, p.failed)
	}
	want := filepath.Join(dir, "axe-core", "axe.min.js")
	if err := os.Mkdir(filepath.Dir(want), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(want, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got, p := try(t, Axe); got != want || p.skipped != "" || p.failed != "" {
		t.Errorf("axe-core is at %q (skipped %q, failed %q), want %q", got, p.skipped, p.failed, want)
	}
}

func TestPostgresPrograms(t *testing.T) {
	root := t.TempDir()
	if got := postgresPrograms(root); got != "" {
		t.Errorf("nothing installed, and yet %q", got)
	}
	for _, path := range []string{"9.6/bin/postgres", "9.6/bin/initdb", "15/bin/postgres", "15/bin/initdb", "16/bin/postgres", "8/bin/initdb"} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := postgresPrograms(root), filepath.Join(root, "15", "bin"); got != want { // 16 is not whole
		t.Errorf("programs in %q, want %q", got, want)
	}
}

func TestPostgres(t *testing.T) {
	var dir, dsn string
	t.Run("running", func(t *testing.T) {
		dsn = Postgres(t)
		dir = strings.TrimPrefix(strings.Fields(dsn)[0], "host=")
		for _, query := range []string{"CREATE TABLE t(a int)", "INSERT INTO t VALUES (7)"} {
			if out, err := psql(t, dsn, query); err != nil {
				t.Fatalf("%s: %v: %s", query, err, out)
			}
		}
		if out, err := psql(t, dsn, "SELECT a, current_setting('fsync'), current_setting('listen_addresses') FROM t"); err != nil || out != "7|on|" {
			t.Errorf("it answers %q, %v, want 7, fsync on and no address", out, err)
		}
		if other := Postgres(t); other == dsn {
			t.Error("two servers have one address")
		}
		if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o700 {
			t.Errorf("its directory has mode %v, %v, want 0700", st.Mode(), err)
		}
	})
	if t.Failed() || dsn == "" { // skipped within
		return
	}
	if out, err := psql(t, dsn, "SELECT 1"); err == nil {
		t.Errorf("after the test it still answers %q", out)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("after the test its directory is there: %v", err)
	}
}

func psql(t *testing.T, dsn, query string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(postgresPrograms("/usr/lib/postgresql"), "psql"), dsn, "-XAtc", query)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}
