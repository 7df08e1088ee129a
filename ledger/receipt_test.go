package ledger

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// receiptOf returns the receipt of leaf i in a tree of n, cosigned as in signedOf.
func receiptOf(t testing.TB, i, n int64, cosigned ...string) Proof {
	t.Helper()
	tree := treeOf(n)
	return Proof{Index: i, Hashes: must[[]Hash](t)(tree.Inclusion(i, n)), Checkpoint: signedOf(t, tree, n, cosigned...)}
}

func TestReceipt(t *testing.T) {
	policy := policyOf(t, "a b", "group g any a b\nquorum g\n")
	log := must[note.Verifier](t)(NewVerifier(logKeyOf(t, origin)))
	for _, c := range []struct {
		file  string
		extra []byte
		i, n  int64
		by    []string
	}{
		{"receipt.tlog-proof", nil, 3, 6, []string{"a@1481670000"}},
		{"receipt-extra.tlog-proof", []byte("record 17"), 0, 6, nil},
		{"receipt-single.tlog-proof", []byte{}, 0, 1, []string{"b@1481670000"}},
	} {
		p := receiptOf(t, c.i, c.n, c.by...)
		p.Extra = c.extra
		golden(t, c.file, p.Text())
		back := must[Proof](t)(ParseProof(p.Text()))
		if back.Index != c.i || !bytes.Equal(back.Extra, c.extra) || (back.Extra == nil) != (c.extra == nil) {
			t.Errorf("%s: ParseProof() = %v", c.file, back)
		}
		s := must[Signed](t)(back.Check(leafOf(c.i), policy))
		if s.Size != c.n || s.Quorum() != (c.by != nil) {
			t.Errorf("%s: Check() = %v, quorum %v", c.file, s, s.Quorum())
		}
		if got := must[Checkpoint](t)(back.CheckLog(leafOf(c.i), log)); got != s.Checkpoint {
			t.Errorf("%s: CheckLog() = %v, want %v", c.file, got, s.Checkpoint)
		}
	}
}

func TestReceiptDoesNotHold(t *testing.T) {
	policy := policyOf(t, "a", "quorum a\n")
	log := must[note.Verifier](t)(NewVerifier(logKeyOf(t, origin)))
	good := receiptOf(t, 3, 6, "a@1481670000")
	both := func(what string, p Proof, leaf []byte, want string) {
		t.Helper()
		_, err := p.Check(leaf, policy)
		refused(t, what, err, want)
		_, err = p.CheckLog(leaf, log)
		refused(t, what, err, want)
	}
	leaf := leafOf(3)
	both("another leaf", good, leafOf(2), "does not lead from this leaf at index 3")
	both("no leaf", good, nil, "does not lead")
	for i := range leaf {
		changed := bytes.Clone(leaf)
		changed[i] ^= 1
		both("a changed leaf", good, changed, "does not lead")
	}
	p := good
	p.Index = 2
	both("another index", p, leaf, "does not lead")
	p.Index = 6
	both("an index outside", p, leaf, "no leaf 6 in a tree of 6")
	p.Index = -1
	both("a negative index", p, leaf, "no leaf -1")
	for _, hashes := range mutations(good.Hashes) {
		p = good
		p.Hashes = hashes
		both("an altered proof", p, leaf, "does not lead")
	}
	p = good
	p.Checkpoint = signedOf(t, treeOf(7), 7)
	both("another checkpoint", p, leaf, "does not lead")
	p.Checkpoint = bytes.Replace(good.Checkpoint, []byte("\n6\n"), []byte("\n7\n"), 1)
	both("a checkpoint with its size changed", p, leaf, "does not hold")
	p.Checkpoint = nil
	both("no checkpoint", p, leaf, "no empty line")
}

func TestReceiptRefusals(t *testing.T) {
	p := receiptOf(t, 3, 6)
	p.Extra = []byte("record 17")
	good := string(p.Text())
	checkpoint := string(p.Checkpoint)
	head := strings.TrimSuffix(good, checkpoint)
	hash := p.Hashes[0].String()
	for _, c := range []struct{ what, text, want string }{
		{"nothing", "", "no empty line"},
		{"checkpoint only", checkpoint, "the first line is not"},
		{"another version", strings.Replace(good, "@v1", "@v2", 1), "the first line is not"},
		{"blank line in front", "\n" + good, "the first line is not"},
		{"carriage returns", strings.ReplaceAll(good, "\n", "\r\n"), "no empty line"},
		{"no index", strings.Replace(good, "index 3\n", "", 1), "no index line"},
		{"header only", proofHeader + "\n" + checkpoint, "no index line"},
		{"extra only", proofHeader + "extra AA==\n\n" + checkpoint, "no index line"},
		{"two indexes", strings.Replace(good, "index 3\n", "index 3\nindex 3\n", 1), "not standard padded base64"},
		{"extra behind the index", proofHeader + "index 3\nextra AA==\n\n" + checkpoint, "not standard padded base64"},
		{"two extras", strings.Replace(good, "index", "extra AA==\nindex", 1), "no index line"},
		{"extra without padding", strings.Replace(good, "extra ", "extra A", 1), "extra: "},
		{"extra without a space", proofHeader + "extra\nindex 3\n\n" + checkpoint, "no index line"},
		{"much extra", proofHeader + "extra " + base64.StdEncoding.EncodeToString(make([]byte, maxExtra+1)) + "\nindex 3\n\n" + checkpoint, "extra: 8193 bytes, more than 8192"},
		{"leading zero", strings.Replace(good, "index 3", "index 03", 1), "is not a plain decimal number"},
		{"negative index", strings.Replace(good, "index 3", "index -3", 1), "is not a plain decimal number"},
		{"index 2^63", strings.Replace(good, "index 3", "index 9223372036854775808", 1), "is not a plain decimal number"},
		{"index outside", strings.Replace(good, "index 3", "index 6", 1), "there is no entry 6 in a tree of 6"},
		{"two spaces", strings.Replace(good, "index 3", "index  3", 1), "is not a plain decimal number"},
		{"short hash", strings.Replace(good, hash, "AAAA", 1), "is not a hash of 32 bytes"},
		{"hash with a bit behind it", strings.Replace(good, hash, strings.Repeat("A", 42)+"B=", 1), "not standard padded base64"},
		{"hash in hex", strings.Replace(good, hash, fmt.Sprintf("%x", p.Hashes[0]), 1), "is not a hash of 32 bytes"},
		{"too many hashes", head[:len(head)-1] + strings.Repeat(hash+"\n", 60) + "\n" + checkpoint, "more than any tree asks for"},
		{"no checkpoint", head, "checkpoint: no empty line"},
		{"no blank line", head[:len(head)-1] + checkpoint, "is not standard padded base64"},
		{"two blank lines", head + "\n" + checkpoint, "checkpoint: "},
		{"unsigned checkpoint", strings.Split(good, "\n— ")[0], "checkpoint: "},
		{"something behind", good + "x\n", "a signature line is"},
		{"too long", head + checkpoint + strings.Repeat("a", maxProof), "more than"},
	} {
		_, err := ParseProof([]byte(c.text))
		refused(t, c.what, err, c.want)
	}
}

func TestGoldenReceipt(t *testing.T) {
	text := must[[]byte](t)(os.ReadFile("testdata/receipt.tlog-proof"))
	p := must[Proof](t)(ParseProof(text))
	log := must[note.Verifier](t)(NewVerifier(logKeyOf(t, origin)))
	if c := must[Checkpoint](t)(p.CheckLog(leafOf(3), log)); c.Size != 6 {
		t.Errorf("CheckLog() = %v", c)
	}
}
