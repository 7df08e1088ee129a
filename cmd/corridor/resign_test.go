package main

import (
	"crypto/ed25519"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A hoard is what somebody has who runs a mission's server: its records, everything in
// node.db, and with that the log's key. It has no cosigner's key.
type hoard struct {
	dir     string
	records []record.Record
	head    store.Head
	marks   []store.Mark
	log     ed25519.PrivateKey
	origin  string
}

func loot(t *testing.T, name string) *hoard {
	t.Helper()
	h := lootOf(t, directory(t, name))
	if h.head.Cosigned == nil || len(h.marks) < 3 {
		t.Fatalf("%s has %d cosigned checkpoints: that is too few to lie about", name, len(h.marks))
	}
	return h
}

func lootOf(t *testing.T, dir string) *hoard {
	t.Helper()
	h := &hoard{dir: dir}
	d, err := openDir(t.Context(), h.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	m, head, err := node.Read(t.Context(), d.store)
	if err != nil {
		t.Fatal(err)
	}
	h.head, h.origin = head, m.Now().Terms().Origin
	if h.log, err = logKey(t.Context(), h.dir, d.side); err != nil {
		t.Fatal(err)
	}
	for mark, err := range d.side.Marks(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		h.marks = append(h.marks, mark)
	}
	for row, err := range d.store.Rows(t.Context(), 0, head.Size) {
		if err != nil {
			t.Fatal(err)
		}
		r, err := record.ParseEnvelope(row.Envelope)
		for i, b := range row.Parts {
			if err == nil && b != nil {
				err = r.Put(r.Parts[i].Name, b)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		h.records = append(h.records, r)
	}
	return h
}

// cosignedAt returns the newest cosigned checkpoint of at most a size, nil if there is none.
func (h *hoard) cosignedAt(size int64) (text []byte) {
	for _, m := range h.marks {
		if m.Size <= size {
			text = m.First
		}
	}
	return text
}

// tell writes a mission file of these records as the server would have, had it always been so:
// leaves, tree hashes and checkpoint agree, and the log's key has signed it. cosigned is what
// it keeps as the newest cosigned checkpoint.
func (h *hoard) tell(t *testing.T, dir string, records []record.Record, cosigned []byte) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	card, err := os.ReadFile(filepath.Join(h.dir, cardFile))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, cardFile), card, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Create(filepath.Join(dir, missionFile))
	if err != nil {
		t.Fatal(err)
	}
	var tree ledger.Tree
	var rows []store.Row
	names := map[record.Hash]bool{}
	last := tampering{changes: []change{{`UPDATE head SET cosigned = ?`, []any{cosigned}}}}
	for i, r := range records {
		leaf := corridor.Leaf(r)
		tree.Append(leaf)
		row := store.Row{Hash: r.Hash, Leaf: leaf, Hashes: tree.AppendRow(nil, tree.Size()-1), Envelope: r.Envelope()}
		for _, p := range r.Parts {
			row.Parts = append(row.Parts, p.Bytes)
		}
		if names[r.Hash] { // the table's own rule forbids it
			row.Hash[0] ^= 1
			last.changes = append(last.changes, rebuilt("record").then(`UPDATE record SET hash = ? WHERE idx = ?`, r.Hash[:], i).changes...)
		}
		names[r.Hash] = true
		rows = append(rows, row)
	}
	if err := s.Append(t.Context(), 0, rows, nil, h.sign(t, &tree)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, missionFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, c := range last.changes {
		if _, err := db.Exec(c.text, c.args...); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *hoard) sign(t *testing.T, tree *ledger.Tree) []byte {
	t.Helper()
	signer, err := ledger.NewSigner(h.origin, h.log)
	if err != nil {
		t.Fatal(err)
	}
	root, err := tree.Root(tree.Size())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: h.origin, Size: tree.Size(), Root: root}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// lied fails unless corridor verify says that the copy in dir does not hold, and names one of
// the entries.
func lied(t *testing.T, what, dir string, entries []int64, more ...string) {
	t.Helper()
	status, said := checked(t, append([]string{dir}, more...)...)
	if status != 1 || !named(said, entries) {
		t.Errorf("%s: status %d, want 1 and one of the entries %v named\n%s", what, status, entries, said)
	}
}

// TestSignedAgainShorter has the log's own key sign a log that was cut.
func TestSignedAgainShorter(t *testing.T) {
	for _, name := range cases() {
		h := loot(t, name)
		k := keep(t, name)
		dir := filepath.Join(t.TempDir(), "copy")
		whole := h.head.Cosigned
		known := filepath.Join(t.TempDir(), "known")
		if status, said := checked(t, h.dir, "--known", known); status != 0 {
			t.Fatalf("the true log: status %d\n%s", status, said)
		}
		for _, i := range k.every(len(h.records) - 1) {
			n := int64(i) + 1
			cut := h.records[:n]
			// An older cosigned checkpoint makes it an older copy, word for word. It is told
			// from the newest only by whoever remembers, or by node.db beside it.
			switch i % 4 {
			case 0:
				h.tell(t, dir, cut, whole)
				lied(t, fmt.Sprintf("%s cut to %d, with the cosigned checkpoint", name, n), dir, []int64{n})
			case 1:
				h.tell(t, dir, cut, nil)
				lied(t, fmt.Sprintf("%s cut to %d, without it", name, n), dir, []int64{0, n})
			case 2:
				h.tell(t, dir, cut, h.cosignedAt(n))
				lied(t, fmt.Sprintf("%s cut to %d, to whoever knew more", name, n), dir, []int64{n}, "--known", known)
			case 3:
				h.tell(t, dir, cut, h.cosignedAt(n))
				copyFile(t, filepath.Join(h.dir, sideFile), filepath.Join(dir, sideFile))
				lied(t, fmt.Sprintf("%s cut to %d, beside node.db", name, n), dir, []int64{n})
			}
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestSignedAgainForked has the log's own key sign another history: an entry left out, two
// exchanged, one logged twice, and one that its author signed again with another nonce.
func TestSignedAgainForked(t *testing.T) {
	for _, name := range cases() {
		h := loot(t, name)
		k := keep(t, name)
		dir := filepath.Join(t.TempDir(), "copy")
		forks := func(i int) map[string][]record.Record {
			all := map[string][]record.Record{"left out": slices.Delete(slices.Clone(h.records), i, i+1)}
			if i%3 == 0 {
				all["logged twice"] = slices.Insert(slices.Clone(h.records), i, h.records[i])
			}
			if r, ok := again(t, h.records[i]); ok && i%3 == 1 {
				all["signed again"] = slices.Clone(h.records)
				all["signed again"][i] = r
			}
			if i%3 == 2 {
				swapped := slices.Clone(h.records)
				swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
				all["exchanged with the one before"] = swapped
			}
			return all
		}
		for _, i := range k.every(len(h.records)) {
			if i == 0 {
				continue // another mandate is another mission: TestOtherMission
			}
			n := int64(i)
			for what, records := range forks(i) {
				what = fmt.Sprintf("%s, entry %d %s", name, n, what)
				about := []int64{n - 1, n}
				if strings.HasSuffix(what, "twice") {
					about = []int64{n, n + 1}
				}
				switch i / 3 % 3 {
				case 0:
					h.tell(t, dir, records, h.head.Cosigned)
					what += ", with the cosigned checkpoint"
				case 1:
					h.tell(t, dir, records, nil)
					what += ", without it"
				case 2:
					h.tell(t, dir, records, h.cosignedAt(n))
					copyFile(t, filepath.Join(h.dir, sideFile), filepath.Join(dir, sideFile))
					what += ", beside node.db"
				}
				lied(t, what, dir, about)
			}
		}
	}
}

// again signs a record anew with its author's key, which follows from the demo's seed. Nobody
// can who has not all its parts.
func again(t *testing.T, r record.Record) (record.Record, bool) {
	t.Helper()
	for _, p := range r.Parts {
		if p.Bytes == nil {
			return r, false
		}
	}
	for _, name := range []string{r.Header.By, "duty-desk"} {
		key := scenario.ActorKey(demoSeed, name)
		if record.Fingerprint(key.Public().(ed25519.PublicKey)) != r.Header.Key {
			continue
		}
		h := r.Header
		h.Nonce[0] ^= 1
		again, err := record.Sign(key, r.Exercise(), h, r.Parts)
		if err != nil {
			t.Fatal(err)
		}
		return again, true
	}
	t.Fatalf("the key of %s does not follow from the seed under a name known here", r.Header.By)
	return r, false
}

// TestOtherMission checks one mission against the card of another, and against itself with
// another mandate.
func TestOtherMission(t *testing.T) {
	h := loot(t, "gate-9")
	dir := filepath.Join(t.TempDir(), "copy")
	records := slices.Clone(h.records)
	records[0], _ = again(t, records[0])
	h.tell(t, dir, records, h.head.Cosigned)
	lied(t, "another mandate under the old card", dir, []int64{0})

	other := filepath.Join(t.TempDir(), "other")
	d, err := build(t.Context(), "gate-9", "another seed", other)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	lied(t, "the card of another mission", h.dir, []int64{0}, "--card", filepath.Join(other, cardFile))
}
