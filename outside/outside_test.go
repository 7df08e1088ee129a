// Package outside lets programs that others wrote judge Corridor's log: Tessera's fsck
// (transparency-dev) and torchwood's client, receipt verifier, spicy and litewitness (Filippo Valsorda).
// excelize (xuri) opens its workbooks.
// It is a module of its own, so that none of them weighs on a checker of Corridor.
//
// Every judge takes the address of a log and its verifier key, and each is also shown a
// falsified copy: a judge that accepts everything would prove nothing.
//
// TestRunningServer judges the program as it is run.
package outside

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor/ledger"
	"filippo.io/torchwood"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"
)

func TestMain(m *testing.M) {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// size is that of the log built here: two full tiles, a partial one, and a second level.
const size = 600

const origin = "corridor.invalid/9f86d081884c7d659a2feaa0c55ad015"

// seedKey returns the key that belongs to a name, the same in every run.
func seedKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("outside key of " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// A builtLog is a log of package ledger, held in memory.
type builtLog struct {
	tree       ledger.Tree
	leaves     [][]byte
	checkpoint []byte // cosigned by red and blue
	vkey       string
	policy     string // asks for both
	red, blue  *ledger.Cosigner
}

func buildLog(t *testing.T) *builtLog {
	t.Helper()
	l := new(builtLog)
	for i := range size {
		leaf := fmt.Appendf(nil, "corridor-leaf/v1\nmovement\n-\nsha256 %x\n", sha256.Sum256(fmt.Append(nil, i)))
		l.tree.Append(leaf)
		l.leaves = append(l.leaves, leaf)
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	l.vkey, err = ledger.VerifierKey(origin, seedKey(origin).Public().(ed25519.PublicKey))
	ok(err)
	l.red, err = ledger.NewCosigner("witness.example/red", seedKey("red"))
	ok(err)
	l.blue, err = ledger.NewCosigner("witness.example/blue", seedKey("blue"))
	ok(err)
	l.policy = "# both sides\nlog " + l.vkey + "\nwitness red " + l.red.Key() + "\nwitness blue " + l.blue.Key() + "\ngroup sides all red blue\nquorum sides\n"
	l.checkpoint = l.sign(t)
	for i, w := range []*ledger.Cosigner{l.red, l.blue} {
		line, err := w.Cosign(l.checkpoint, 1481670000+int64(i))
		ok(err)
		l.checkpoint, err = ledger.AddCosignatures(l.checkpoint, line)
		ok(err)
	}
	return l
}

// sign returns the checkpoint of the whole log, with the log's signature alone.
func (l *builtLog) sign(t *testing.T) []byte {
	t.Helper()
	signer, err := ledger.NewSigner(origin, seedKey(origin))
	if err != nil {
		t.Fatal(err)
	}
	root, err := l.tree.Root(size)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: origin, Size: size, Root: root}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func (l *builtLog) receipt(t *testing.T, i int64) []byte {
	t.Helper()
	hashes, err := l.tree.Inclusion(i, size)
	if err != nil {
		t.Fatal(err)
	}
	return ledger.Proof{Index: i, Hashes: hashes, Checkpoint: l.checkpoint}.Text()
}

// ServeHTTP serves the log as c2sp.org/tlog-tiles has it.
func (l *builtLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	if path == "checkpoint" {
		w.Write(l.checkpoint)
		return
	}
	p, err := ledger.ParseTilePath(path)
	if err != nil || !p.Exists(size) {
		http.NotFound(w, r)
		return
	}
	var data []byte
	if p.Entries() {
		from, to := p.Range()
		data, err = ledger.Bundle(l.leaves[from:to])
	} else {
		data, err = ledger.Tile(p, &l.tree)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Write(data)
}

// falsified returns the address of a copy of the log at base in which what is served under
// one path is altered.
func falsified(t *testing.T, base, path string, alter func([]byte) []byte) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := get(r.Context(), base+r.URL.Path)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		if r.URL.Path == "/"+path {
			data = alter(data)
		}
		w.Write(data)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	return io.ReadAll(resp.Body)
}

// A judge says why the log at base, signed by the holder of vkey, is none, or nil.
type judge func(ctx context.Context, base, vkey string) error

// tesseraFsck recomputes every tile and the root from the entries.
func tesseraFsck(ctx context.Context, base, vkey string) error {
	root, err := url.Parse(base + "/")
	if err != nil {
		return err
	}
	src, err := client.NewHTTPFetcher(root, nil)
	if err != nil {
		return err
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	return fsck.New(v.Name(), v, src, leafHashes, fsck.Opts{N: 2}).Check(ctx)
}

// leafHashes is the bundle hasher of Tessera's own fsck command.
func leafHashes(bundle []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	var hashes [][]byte
	for _, e := range b.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return hashes, nil
}

// torchwoodClient reads every entry against the checkpoint, then three of them alone.
func torchwoodClient(ctx context.Context, base, vkey string) error {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	fetcher, err := torchwood.NewTileFetcher(base)
	if err != nil {
		return err
	}
	signed, err := fetcher.ReadEndpoint(ctx, "checkpoint")
	if err != nil {
		return err
	}
	c, _, err := torchwood.VerifyCheckpoint(signed, torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(v.Name()), torchwood.SingleVerifierPolicy(v)))
	if err != nil {
		return err
	}
	reader, err := torchwood.NewClient(fetcher, torchwood.WithTimeout(time.Minute))
	if err != nil {
		return err
	}
	var read int64
	for i := range reader.AllEntries(ctx, c.Tree, 0) {
		if i != read {
			return fmt.Errorf("entry %d came where %d was due", i, read)
		}
		read++
	}
	if err := reader.Err(); err != nil {
		return err
	}
	if read != c.N {
		return fmt.Errorf("%d entries read, the checkpoint has %d", read, c.N)
	}
	for _, i := range []int64{0, c.N / 2, c.N - 1} {
		if _, _, err := reader.Entry(ctx, c.Tree, i); err != nil {
			return err
		}
	}
	return nil
}

// judgeLog shows the log at base to the judges, then falsified copies of it. The log must
// have entries.
func judgeLog(t *testing.T, base, vkey string) {
	base = strings.TrimSuffix(base, "/")
	signed, err := get(t.Context(), base+"/checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.ParseCheckpoint(signed)
	if err != nil {
		t.Fatal(err)
	}
	if c.Size == 0 {
		t.Fatal("an empty log shows nothing")
	}
	width := int(min(c.Size, 256))
	firstTile := ledger.TilePath{Level: 0, Width: width}.String()
	firstBundle := ledger.TilePath{Level: -1, Width: width}.String()
	stranger, err := ledger.VerifierKey(c.Origin, seedKey("a stranger").Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	otherName, err := ledger.VerifierKey("corridor.invalid/another", seedKey(origin).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	flipLast := func(b []byte) []byte { b[len(b)-2] ^= 1; return b }
	for name, verdict := range map[string]judge{"Tessera fsck": tesseraFsck, "torchwood client": torchwoodClient} {
		t.Run(name, func(t *testing.T) {
			if err := verdict(t.Context(), base, vkey); err != nil {
				t.Fatalf("the log is refused: %v", err)
			}
			for what, altered := range map[string]string{
				"an entry altered":      falsified(t, base, firstBundle, flipLast),
				"an entry dropped":      falsified(t, base, firstBundle, dropEntry),
				"a tile altered":        falsified(t, base, firstTile, flipLast),
				"the size in the text":  falsified(t, base, "checkpoint", func(b []byte) []byte { return bytes.Replace(b, []byte("\n"), []byte("\n1"), 1) }),
				"the log's signature":   falsified(t, base, "checkpoint", flipSignature),
				"a checkpoint unsigned": falsified(t, base, "checkpoint", func(b []byte) []byte { return b[:bytes.Index(b, []byte("\n\n"))+2] }),
			} {
				if err := verdict(t.Context(), altered, vkey); err == nil {
					t.Errorf("%s: accepted", what)
				} else {
					t.Logf("%s: %.120s", what, err)
				}
			}
			for what, key := range map[string]string{"another key": stranger, "another name": otherName} {
				if err := verdict(t.Context(), base, key); err == nil {
					t.Errorf("%s: accepted", what)
				}
			}
		})
	}
}

// flipSignature changes a sign within the first signature line.
func flipSignature(signed []byte) []byte {
	i := bytes.Index(signed, []byte("\n\n")) + 2
	j := i + bytes.IndexByte(signed[i:], '\n') - 10
	if signed[j] == 'A' {
		signed[j] = 'B'
	} else {
		signed[j] = 'A'
	}
	return signed
}

// dropEntry takes the last entry out of a bundle and, so that the count is right, serves the
// first one twice.
func dropEntry(bundle []byte) []byte {
	leaves, err := ledger.ParseBundle(bundle)
	if err != nil || len(leaves) < 2 {
		return nil
	}
	leaves = append([][]byte{leaves[0]}, leaves[:len(leaves)-1]...)
	out, err := ledger.Bundle(leaves)
	if err != nil {
		return nil
	}
	return out
}

// The judges accept the log and refuse every falsified copy; the same on a running server,
// if one is named.
func TestLog(t *testing.T) {
	t.Run("built here", func(t *testing.T) {
		l := buildLog(t)
		s := httptest.NewServer(l)
		defer s.Close()
		judgeLog(t, s.URL, l.vkey)
	})
}

// judgeReceipt shows a receipt to torchwood's verifier, under a policy, and to spicy, on
// the word of the log; then the same with the leaf changed.
func judgeReceipt(t *testing.T, spicy, policy, vkey string, leaf, receipt []byte) {
	t.Helper()
	p, err := torchwood.ParsePolicy([]byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(leaf)
	changed[len(changed)/2] ^= 1
	if err := torchwood.VerifyProof(p, ledger.LeafHash(leaf), receipt); err != nil {
		t.Errorf("VerifyProof: %v", err)
	}
	var e *torchwood.VerifyRecordError
	if err := torchwood.VerifyProof(p, ledger.LeafHash(changed), receipt); !errors.As(err, &e) {
		t.Errorf("VerifyProof of a changed leaf: %v", err)
	}
	if out, err := runSpicy(t, spicy, vkey, leaf, receipt); err != nil {
		t.Errorf("spicy: %v\n%s", err, out)
	}
	if out, err := runSpicy(t, spicy, vkey, changed, receipt); err == nil || !strings.Contains(out, "could not verify inclusion") {
		t.Errorf("spicy of a changed leaf: %v\n%s", err, out)
	}
}

// buildSpicy builds torchwood's spicy, which go.mod pins as a tool.
func buildSpicy(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "spicy")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "filippo.io/torchwood/cmd/spicy").CombinedOutput()
	if err != nil {
		t.Fatalf("building spicy: %v\n%s", err, out)
	}
	return bin
}

// runSpicy runs "spicy -verify" on a leaf and its receipt. Spicy reads a receipt without its
// first line and knows no extra data.
func runSpicy(t *testing.T, spicy, vkey string, leaf, receipt []byte) (string, error) {
	t.Helper()
	_, receipt, _ = bytes.Cut(receipt, []byte("\n"))
	if bytes.HasPrefix(receipt, []byte("extra ")) {
		_, receipt, _ = bytes.Cut(receipt, []byte("\n"))
	}
	file := filepath.Join(t.TempDir(), "leaf")
	for name, data := range map[string][]byte{file: leaf, file + ".spicy": receipt} {
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), spicy, "-verify", vkey, file).CombinedOutput()
	return string(out), err
}

func TestReceipts(t *testing.T) {
	l := buildLog(t)
	spicy := buildSpicy(t)
	for _, i := range []int64{0, 255, 256, 511, 512, size - 1} {
		judgeReceipt(t, spicy, l.policy, l.vkey, l.leaves[i], l.receipt(t, i))
	}
	p, err := ledger.ParseProof(l.receipt(t, 17))
	if err != nil {
		t.Fatal(err)
	}
	p.Extra = []byte("record 17")
	judgeReceipt(t, spicy, l.policy, l.vkey, l.leaves[17], p.Text())
	if got, err := torchwood.ProofExtraData(p.Text()); err != nil || string(got) != "record 17" {
		t.Errorf("ProofExtraData() = %q, %v", got, err)
	}

	other, err := ledger.VerifierKey(origin, seedKey("a stranger").Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := runSpicy(t, spicy, other, l.leaves[0], l.receipt(t, 0)); err == nil {
		t.Errorf("spicy accepts another key: %s", out)
	}
}

// Receipts torchwood writes are read and checked by ours.
func TestForeignReceipts(t *testing.T) {
	l := buildLog(t)
	policy, err := ledger.ParsePolicy(l.policy)
	if err != nil {
		t.Fatal(err)
	}
	hashes, err := l.tree.Inclusion(300, size)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{
		torchwood.FormatProof(300, hashes, l.checkpoint),
		torchwood.FormatProofWithExtraData(300, []byte("record 300"), hashes, l.checkpoint),
		torchwood.FormatProofWithExtraData(300, nil, hashes, l.checkpoint),
	} {
		p, err := ledger.ParseProof(text)
		if err != nil {
			t.Errorf("%v\n%s", err, text)
			continue
		}
		if s, err := p.Check(l.leaves[300], policy); err != nil || !s.Quorum() {
			t.Errorf("Check() = %v, %v", s, err)
		}
	}
}

// Torchwood's policy and cosignature verifier take ours, and ask for the same quorum.
func TestCosignatures(t *testing.T) {
	l := buildLog(t)
	theirs, err := torchwood.ParsePolicy([]byte(l.policy))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := ledger.ParsePolicy(l.policy)
	if err != nil {
		t.Fatal(err)
	}
	bare := l.sign(t)
	lines := map[string][]byte{}
	for name, w := range map[string]*ledger.Cosigner{"red": l.red, "blue": l.blue} {
		if lines[name], err = w.Cosign(bare, 1481670000); err != nil {
			t.Fatal(err)
		}
	}
	forged := bytes.Replace(lines["blue"], []byte("— "+l.blue.Name()), []byte("— "+l.red.Name()), 1)
	for _, c := range []struct {
		by   []string
		want bool
	}{{nil, false}, {[]string{"red"}, false}, {[]string{"blue"}, false}, {[]string{"red", "blue"}, true}, {[]string{"blue", "red"}, true}} {
		signed := bare
		for _, name := range c.by {
			if signed, err = ledger.AddCosignatures(signed, lines[name]); err != nil {
				t.Fatal(err)
			}
		}
		_, _, theirErr := torchwood.VerifyCheckpoint(signed, theirs)
		s, err := ours.Check(signed)
		if err != nil || s.Quorum() != c.want || (theirErr == nil) != c.want {
			t.Errorf("cosigned by %v: ours says %v, %v, theirs %v, want %v", c.by, s.Quorum(), err, theirErr, c.want)
		}
	}
	// A line under red's name that blue's key made is of no known key to either.
	signed, err := ledger.AddCosignatures(bare, forged, lines["blue"])
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := torchwood.VerifyCheckpoint(signed, theirs); err == nil {
		t.Error("torchwood takes blue's signature for red's")
	}
	if s, err := ours.Check(signed); err != nil || s.Quorum() {
		t.Errorf("Check() = %v, %v", s, err)
	}

	v, err := torchwood.NewCosignatureVerifier(l.red.Key())
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(l.checkpoint, note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	if at, err := torchwood.CosignatureTimestamp(n.Sigs[0]); err != nil || at != 1481670000 {
		t.Errorf("CosignatureTimestamp() = %d, %v", at, err)
	}
}

// What torchwood's witness code signs, ours takes.
func TestForeignCosignatures(t *testing.T) {
	l := buildLog(t)
	bare := l.sign(t)
	w, err := torchwood.NewCosignatureSigner("witness.example/theirs", seedKey("theirs"))
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(bare), "\n\n")
	signed, err := note.Sign(&note.Note{Text: text + "\n"}, w)
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(signed), "\n\n")
	signed, err = ledger.AddCosignatures(bare, []byte(line))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := ledger.ParsePolicy("log " + l.vkey + "\nwitness theirs " + w.Verifier().String() + "\nquorum theirs\n")
	if err != nil {
		t.Fatal(err)
	}
	s, err := policy.Check(signed)
	if err != nil || !s.Quorum() || s.Word() != "cosigned by theirs" {
		t.Errorf("Check() = %v, %v", s, err)
	}
}

// Where their reader of policies refuses, or reads otherwise, ours does not accept.
func TestPoliciesThatReadersDifferOn(t *testing.T) {
	l := buildLog(t)
	for _, text := range []string{
		"log " + l.vkey + " # comment\nquorum none\n",
		"log " + l.vkey + "\nwitness red " + l.red.Key() + "\nquorum\u00a0red\n",
		"log " + l.vkey + "\nwitness red " + l.red.Key() + "\nquorum red blue\n",
		"log " + l.vkey + "\nwitness red " + l.red.Key() + "\ngroup g 2 red red\nquorum g\n",
		"log " + l.vkey + "\r\nquorum none\r\n",
		"log " + l.vkey + "\nquorum none",
	} {
		if _, err := ledger.ParsePolicy(text); err == nil {
			t.Errorf("accepted: %q", text)
		}
	}
}
