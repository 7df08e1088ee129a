// Package need hands tests the programs that they cannot do without, and is the only place
// where a test is skipped. A test that needs a browser says so in its first line:
//
//	chromium := need.Chromium(t)
//
// On a machine without one the test is skipped, with the command that installs it. With
// CORRIDOR_NEED=all in the environment, as ./test sets it, the test fails instead: what was
// not tested is then never taken for tested.
package need

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Chromium returns the path of a Chromium or Chrome. As root it must be started with
// --no-sandbox.
func Chromium(t testing.TB) string {
	t.Helper()
	return program(t, "apt-get install --no-install-recommends chromium fonts-noto-core",
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
}

// Node returns the path of Node.js.
func Node(t testing.TB) string {
	t.Helper()
	return program(t, "apt-get install --no-install-recommends nodejs npm", "node", "nodejs")
}

// TSC returns the path of the TypeScript compiler, which checks the types in JavaScript.
func TSC(t testing.TB) string {
	t.Helper()
	return program(t, "npm install --global typescript@5.9.3", "tsc")
}

// Axe returns the path of axe.min.js, which looks for what keeps people from using a page. It
// lies where npm keeps what was installed globally, and is no part of this repository.
func Axe(t testing.TB) string {
	t.Helper()
	const install = "npm install --global axe-core@4.14.1"
	out, err := exec.CommandContext(t.Context(), program(t, install, "npm"), "root", "--global").Output()
	if err != nil {
		t.Fatalf("npm root --global: %v", err)
	}
	path := filepath.Join(strings.TrimSpace(string(out)), "axe-core", "axe.min.js")
	if _, err := os.Stat(path); err != nil {
		missing(t, "axe-core", install)
	}
	return path
}

// program returns the first of several names that is in the PATH. The first is its usual one.
func program(t testing.TB, install string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, names[0], install)
	return ""
}

// missing ends the test.
func missing(t testing.TB, what, install string) {
	t.Helper()
	const sentence = "this test needs %s, which is not here; as root: %s"
	if os.Getenv("CORRIDOR_NEED") == "all" {
		t.Fatalf(sentence+" (nothing may be missing, because CORRIDOR_NEED=all)", what, install)
	}
	t.Skipf(sentence, what, install)
}
