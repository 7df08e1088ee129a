package ledger

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// seeds adds the golden files whose names match.
func seeds(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds in %s: %v", pattern, err)
	}
	for _, name := range files {
		f.Add(must[[]byte](f)(os.ReadFile(name)))
	}
}

// What parses prints to the same bytes, and is a note to golang.org/x/mod too.
func FuzzCheckpoint(f *testing.F) {
	seeds(f, "c*.txt")
	f.Fuzz(func(t *testing.T, data []byte) {
		c, sigs, err := openNote(data)
		if err != nil {
			return
		}
		if got := joinNote(c.Text(), sigs); !bytes.Equal(got, data) {
			t.Errorf("prints as %q, was %q", got, data)
		}
		if c.Size < 0 || c.Size > MaxSize {
			t.Errorf("size %d", c.Size)
		}
		n, err := note.Open(data, nil)
		if e := (*note.UnverifiedNoteError)(nil); !errors.As(err, &e) || e.Note.Text != c.Text() {
			t.Errorf("note.Open() = %v, %v", n, err)
		}
	})
}

func FuzzVerifierKey(f *testing.F) {
	f.Add(logKeyOf(f, origin))
	f.Add(cosignerOf(f, "witness.example/w1").Key())
	f.Fuzz(func(t *testing.T, vkey string) {
		k, err := parseKey(vkey)
		if err != nil {
			return
		}
		if k.String() != vkey {
			t.Errorf("prints as %q, was %q", k, vkey)
		}
		if k.kind != typeLog {
			return
		}
		if v, err := note.NewVerifier(vkey); err != nil || v.Name() != k.name || v.KeyHash() != k.id {
			t.Errorf("note.NewVerifier() = %v, %v", v, err)
		}
	})
}

// A policy that parses names things that are there, and weighs a checkpoint without trouble.
func FuzzPolicy(f *testing.F) {
	seeds(f, "policy.txt")
	for _, line := range []string{"quorum none\n", "# x\n \t\nquorum none\n", witnessLine(f, "a") + "group g 1 a\nquorum g\n"} {
		f.Add([]byte(line))
	}
	tree := treeOf(5)
	signed := signedOf(f, tree, 5, "a@1481670000", "witness.example/red@1481670000")
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePolicy(string(data))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "policy") {
				t.Errorf("error %q", err)
			}
			return
		}
		if len(p.WitnessKeys()) != len(p.Witnesses()) {
			t.Error("witnesses without keys")
		}
		for _, vkey := range p.LogKeys() {
			must[note.Verifier](t)(NewVerifier(vkey))
		}
		all := Signed{policy: p}
		for _, name := range p.Witnesses() {
			all.Cosigned = append(all.Cosigned, Cosignature{Name: name})
		}
		if !all.Quorum() {
			t.Error("all the witnesses together are no quorum")
		}
		if s, err := p.Check(signed); err == nil {
			if s.Quorum() && p.quorum != nil && len(s.Cosigned) == 0 {
				t.Error("a quorum of nobody")
			}
			if (s.QuorumAt(0) || s.QuorumBy(1<<62)) != (s.Quorum() && p.quorum != nil) {
				t.Error("the quorum depends on a time that takes all in")
			}
		}
	})
}

// What parses prints to the same bytes.
func FuzzProof(f *testing.F) {
	seeds(f, "*.tlog-proof")
	log := must[note.Verifier](f)(NewVerifier(logKeyOf(f, origin)))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProof(data)
		if err != nil {
			return
		}
		if got := p.Text(); !bytes.Equal(got, data) {
			t.Errorf("prints as %q, was %q", got, data)
		}
		if _, err := p.CheckLog([]byte("a leaf the log does not have"), log); err == nil {
			t.Error("holds for a leaf the log does not have")
		}
	})
}

// What parses prints to the same bytes.
func FuzzTilePath(f *testing.F) {
	for _, s := range []string{"tile/0/x001/067.p/8", "tile/entries/000", "tile/data/000", "tile/63/x999/x999/x999/x999/x999/999"} {
		f.Add(s)
	}
	tree := treeOf(300)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseTilePath(s)
		if err != nil {
			return
		}
		if p.String() != s {
			t.Errorf("prints as %q, was %q", p, s)
		}
		data, err := Tile(p, tree)
		if (err == nil) != (p.Exists(300) && !p.Entries()) {
			t.Errorf("Tile(%s) = %d bytes, %v; exists %v", p, len(data), err, p.Exists(300))
		}
	})
}

// What parses prints to the same bytes.
func FuzzBundle(f *testing.F) {
	f.Add([]byte("\x00\x02ab\x00\x00\x00\x01c"))
	f.Fuzz(func(t *testing.T, data []byte) {
		leaves, err := ParseBundle(data)
		if err != nil {
			return
		}
		if got, err := Bundle(leaves); err != nil || !bytes.Equal(got, data) {
			t.Errorf("prints as %q, %v, was %q", got, err, data)
		}
	})
}

// Whatever a witness answers, the checkpoint stays one, keeps the log's signature, and takes
// the same answer once.
func FuzzAddCosignatures(f *testing.F) {
	bare := signedOf(f, treeOf(5), 5)
	for _, name := range []string{"a", "witness.example/red"} {
		f.Add(must[[]byte](f)(cosignerOf(f, name).Cosign(bare, at)))
	}
	log := must[note.Verifier](f)(NewVerifier(logKeyOf(f, origin)))
	f.Fuzz(func(t *testing.T, line []byte) {
		once, err := AddCosignatures(bare, line)
		if err != nil {
			return
		}
		if c, err := OpenCheckpoint(once, log); err != nil || c.Size != 5 {
			t.Errorf("OpenCheckpoint() = %v, %v", c, err)
		}
		if twice, err := AddCosignatures(once, line); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("the second time gives %q, %v, the first %q", twice, err, once)
		}
	})
}
