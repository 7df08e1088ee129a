package need

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Postgres starts a PostgreSQL server of its own for a test and returns how to connect to it,
// as "host=… user=… dbname=…". It listens on a socket in a directory that only its owner can
// enter, writes to the disk as carefully as any, and is gone when the test ends. It takes a
// second or two: tests that can share one do so under a common parent.
func Postgres(t testing.TB) string {
	t.Helper()
	bin := postgresPrograms("/usr/lib/postgresql")
	if bin == "" {
		missing(t, "PostgreSQL", "mkdir -p /etc/postgresql-common/createcluster.d && "+
			"echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/test.conf && "+
			"apt-get install --no-install-recommends postgresql")
	}
	dir, err := os.MkdirTemp("", "pg-") // t.TempDir is too long for the name of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	who, err := owner(dir)
	if err != nil {
		t.Fatalf("PostgreSQL does not run as root: %v", err)
	}

	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata="+data, "--username="+role,
		"--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	who.runs(initdb)
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	start(t, who, filepath.Join(bin, "postgres"), dir, data)
	return fmt.Sprintf("host=%s user=%s dbname=postgres sslmode=disable", dir, role)
}

const role = "corridor"

// start runs the server until the test ends, and returns when it takes connections.
func start(t testing.TB, who account, postgres, dir, data string) {
	t.Helper()
	server := exec.Command(postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700")
	who.runs(server)
	log, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	var said strings.Builder // belongs to the goroutine below until ended is closed
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(log)
		for up := false; lines.Scan(); {
			said.WriteString(lines.Text() + "\n")
			if !up && strings.Contains(lines.Text(), "ready to accept connections") {
				up = true
				close(ready)
			}
		}
	}()
	t.Cleanup(func() {
		server.Process.Signal(os.Interrupt) // its fast shutdown; it is no error if it is gone
		gone, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		select {
		case <-ended:
		case <-gone.Done():
			server.Process.Kill()
			<-ended
			t.Errorf("PostgreSQL had to be killed; it said:\n%s", said.String())
		}
		server.Wait() // it was told to end: how it did is in what it said
	})
	late, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	select {
	case <-ready:
	case <-ended:
		t.Fatalf("PostgreSQL did not start; it said:\n%s", said.String())
	case <-late.Done():
		t.Fatal("PostgreSQL did not take connections within a minute")
	}
}

// postgresPrograms returns the directory with the newest server under a root, or "".
func postgresPrograms(root string) string {
	servers, _ := filepath.Glob(filepath.Join(root, "*", "bin", "postgres")) // the pattern is sound
	servers = slices.DeleteFunc(servers, func(path string) bool {
		_, err := os.Stat(filepath.Join(filepath.Dir(path), "initdb"))
		return err != nil
	})
	if len(servers) == 0 {
		return ""
	}
	return filepath.Dir(slices.MaxFunc(servers, func(a, b string) int { return cmp.Compare(major(a), major(b)) }))
}

var number = regexp.MustCompile(`/(\d+)[^/]*/bin/`)

func major(path string) int {
	m := number.FindStringSubmatch(filepath.ToSlash(path))
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // digits; one too large for an int is no version
	return n
}
