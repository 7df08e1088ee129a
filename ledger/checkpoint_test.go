package ledger

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestCheckpoint(t *testing.T) {
	tree := treeOf(6)
	signed := signedOf(t, tree, 6)
	golden(t, "checkpoint.txt", signed)
	golden(t, "checkpoint-empty.txt", signedOf(t, tree, 0))

	want := Checkpoint{Origin: origin, Size: 6, Root: must[Hash](t)(tree.Root(6))}
	if got := must[Checkpoint](t)(ParseCheckpoint(signed)); got != want {
		t.Errorf("ParseCheckpoint() = %v, want %v", got, want)
	}
	log := must[note.Verifier](t)(NewVerifier(logKeyOf(t, origin)))
	if got := must[Checkpoint](t)(OpenCheckpoint(signed, log)); got != want {
		t.Errorf("OpenCheckpoint() = %v, want %v", got, want)
	}
	n, err := note.Open(signed, note.VerifierList(log))
	if err != nil || n.Text != want.Text() {
		t.Errorf("note.Open() = %q, %v, want %q", n.Text, err, want.Text())
	}
}

// A checkpoint of another implementation: the example of c2sp.org/tlog-checkpoint.
func TestParseForeignCheckpoint(t *testing.T) {
	got, err := ParseCheckpoint([]byte(`example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`))
	if err != nil || got.Origin != "example.com/behind-the-sofa" || got.Size != 20852163 || got.Root.String() != "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=" {
		t.Errorf("ParseCheckpoint() = %v, %v", got, err)
	}
}

func TestCheckpointRefusals(t *testing.T) {
	good := string(signedOf(t, treeOf(12), 12))
	text, sig, _ := strings.Cut(good, "\n\n")
	lines := strings.Split(text, "\n")
	with := func(i int, s string) string {
		l := append([]string{}, lines...)
		l[i] = s
		return strings.Join(l, "\n") + "\n\n" + sig
	}
	root := lines[2]
	for _, c := range []struct{ what, text, want string }{
		{"nothing", "", "no empty line"},
		{"text only", text + "\n", "no empty line"},
		{"no signature", text + "\n\n", "no signature"},
		{"no final newline", strings.TrimSuffix(good, "\n"), "ends in a newline"},
		{"blank line behind", good + "\n", "a signature line is"},
		{"two blank lines", strings.Replace(good, "\n\n", "\n\n\n", 1), "a signature line is"},
		{"blank line in front", "\n" + good, "not three lines"},
		{"carriage returns", strings.ReplaceAll(good, "\n", "\r\n"), "no empty line"},
		{"carriage return on one line", with(1, "12\r"), "is not a plain decimal number"},
		{"not UTF-8", good + "— \xff AAAAAAAA\n", "not UTF-8"},
		{"two lines", lines[0] + "\n12\n\n" + sig, "not three lines"},
		{"an extension line", text + "\nextension\n\n" + sig, "not three lines"},
		{"no origin", with(0, ""), "has no name"},
		{"origin with a space", with(0, "go.sum database tree"), "holds a space"},
		{"origin with a plus", with(0, "a+b"), "holds a space, a plus"},
		{"origin with an escape", with(0, "a\x1b[31mb"), "control character"},
		{"long origin", with(0, strings.Repeat("a", 300)), "more than 255"},
		{"leading zero", with(1, "012"), "is not a plain decimal number"},
		{"plus", with(1, "+12"), "is not a plain decimal number"},
		{"minus", with(1, "-12"), "is not a plain decimal number"},
		{"minus nought", with(1, "-0"), "is not a plain decimal number"},
		{"hex", with(1, "0xc"), "is not a plain decimal number"},
		{"underscore", with(1, "1_2"), "is not a plain decimal number"},
		{"fraction", with(1, "12.0"), "is not a plain decimal number"},
		{"space", with(1, " 12"), "is not a plain decimal number"},
		{"Arabic digits", with(1, "١٢"), "is not a plain decimal number"},
		{"2^60 + 1", with(1, "1152921504606846977"), "is not the size of a tree"},
		{"2^63 - 1", with(1, "9223372036854775807"), "is not the size of a tree"},
		{"2^63", with(1, "9223372036854775808"), "is not a plain decimal number"},
		{"2^64 + 12", with(1, "18446744073709551628"), "is not a plain decimal number"},
		{"empty tree with a root", with(1, "0"), "SHA-256 of nothing"},
		{"root without padding", with(2, strings.TrimRight(root, "=")), "not standard padded base64"},
		{"root with a bit behind it", with(2, root[:42]+string(root[42]+1)+"="), "not standard padded base64"},
		{"root of 31 bytes", with(2, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="), "is not a hash of 32 bytes"},
		{"root of 33 bytes", with(2, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "is not a hash of 32 bytes"},
		{"root in hex", with(2, strings.Repeat("ab", 32)), "is not a hash of 32 bytes"},
		{"root in url base64", with(2, strings.Repeat("_", 43)+"="), "not standard padded base64"},
		{"hyphen for dash", text + "\n\n" + strings.Replace(sig, "—", "-", 1), "a signature line is"},
		{"en dash", text + "\n\n" + strings.Replace(sig, "—", "–", 1), "a signature line is"},
		{"two spaces", text + "\n\n" + strings.Replace(sig, "— ", "—  ", 1), "has no name"},
		{"space behind", strings.TrimSuffix(good, "\n") + " \n", "not standard padded base64"},
		{"no signature bytes", good + "— a \n", "is too short"},
		{"four signature bytes", good + "— a AAAAAA==\n", "is too short"},
		{"signature with a bit behind it", good + "— a AAAAAAB=\n", "not standard padded base64"},
		{"a name with a plus", good + "— a+b AAAAAAA=\n", "holds a space, a plus"},
		{"too many signatures", good + strings.Repeat("— a AAAAAAA=\n", 100), "more than 100 signatures"},
		{"too long", good + strings.Repeat("— a "+strings.Repeat("AAAA", 1000)+"\n", 17), "more than 65536"},
	} {
		_, err := ParseCheckpoint([]byte(c.text))
		refused(t, c.what, err, c.want)
	}
	if _, err := ParseCheckpoint([]byte(good + strings.Repeat("— a AAAAAAA=\n", 99))); err != nil {
		t.Errorf("a hundred signatures: %v", err)
	}
}

func TestOpenCheckpointRefusals(t *testing.T) {
	tree := treeOf(12)
	good := string(signedOf(t, tree, 12))
	log := must[note.Verifier](t)(NewVerifier(logKeyOf(t, origin)))
	open := func(text string) error {
		_, err := OpenCheckpoint([]byte(text), log)
		return err
	}
	stranger := logSignerOf(t, "example.com/stranger")
	c := must[Checkpoint](t)(ParseCheckpoint([]byte(good)))
	c.Origin = "example.com/stranger"
	foreign := must[[]byte](t)(SignCheckpoint(c, stranger))
	refused(t, "another log", open(string(foreign)), `it is of the log "example.com/stranger", not of "`+origin)

	// The same name, another key: passed over, so nobody signed.
	again := must[note.Signer](t)(NewSigner(origin, seedKey("another")))
	c.Origin = origin
	other := must[[]byte](t)(SignCheckpoint(c, again))
	refused(t, "another key", open(string(other)), "did not sign it with the key given")

	text, sig, _ := strings.Cut(good, "\n\n")
	for i := range len(text) {
		changed := text[:i] + string(text[i]^1) + text[i+1:]
		if open(changed+"\n\n"+sig) == nil {
			t.Errorf("a checkpoint with byte %d changed is accepted", i)
		}
	}
	_, otherSig, _ := strings.Cut(string(signedOf(t, tree, 11)), "\n\n")
	refused(t, "a signature over another size", open(text+"\n\n"+otherSig), "the signature of the log "+origin+" does not hold")
	refused(t, "a good signature, then a bad one", open(good+otherSig), "does not hold")
	if err := open(good + sig); err != nil {
		t.Errorf("the same signature twice: %v", err)
	}
	if err := open(good + "— example.com/w AAAAAAAAAAA=\n"); err != nil {
		t.Errorf("an unknown key's line: %v", err)
	}
}

func TestSignCheckpointRefusals(t *testing.T) {
	signer := logSignerOf(t, origin)
	root := must[Hash](t)(treeOf(1).Root(1))
	for _, c := range []struct {
		Checkpoint
		want string
	}{
		{Checkpoint{"example.com/stranger", 1, root}, "does not sign for the log"},
		{Checkpoint{"", 1, root}, "has no name"},
		{Checkpoint{"a\nb", 1, root}, "control character"},
		{Checkpoint{origin, -1, root}, "-1 is not the size of a tree"},
		{Checkpoint{origin, 0, root}, "SHA-256 of nothing"},
	} {
		_, err := SignCheckpoint(c.Checkpoint, signer)
		refused(t, fmt.Sprint(c.Checkpoint), err, c.want)
	}
	_, err := SignCheckpoint(Checkpoint{origin, 1, root}, broken{signer})
	refused(t, "a signer that fails", err, "the key is in the other building")
}

type broken struct{ note.Signer }

func (broken) Sign([]byte) ([]byte, error) {
	return nil, errors.New("the key is in the other building")
}
