package ledger

import (
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func witnessLine(t testing.TB, name string) string {
	return "witness " + name + " " + cosignerOf(t, name).Key() + "\n"
}

// policyOf returns a policy with the test log and the named witnesses, and further lines.
func policyOf(t testing.TB, witnesses string, rest string) *Policy {
	t.Helper()
	text := "log " + logKeyOf(t, origin) + "\n"
	for _, w := range strings.Fields(witnesses) {
		text += witnessLine(t, w)
	}
	return must[*Policy](t)(ParsePolicy(text + rest))
}

func TestPolicy(t *testing.T) {
	text := strings.Join([]string{
		"# Whose word suffices at the crossing. Two of the sides' own, or any neutral one with a side.",
		"log " + logKeyOf(t, origin) + " https://log.example/",
		"",
		"witness red " + cosignerOf(t, "witness.example/red").Key(),
		" witness\tblue  " + cosignerOf(t, "witness.example/blue").Key() + " https://blue.example/witness\t",
		"witness green " + cosignerOf(t, "witness.example/green").Key(),
		"\t# neutral",
		"witness white " + cosignerOf(t, "witness.example/white").Key(),
		"group sides all red blue",
		"group neutral any green white",
		"group both 1 sides neutral",
		"quorum both",
		"",
	}, "\n")
	golden(t, "policy.txt", []byte(text))
	p := must[*Policy](t)(ParsePolicy(text))
	if got, want := p.Witnesses(), []string{"red", "blue", "green", "white"}; !slices.Equal(got, want) {
		t.Errorf("Witnesses() = %v, want %v", got, want)
	}
	if got, want := p.WitnessKeys()[1], cosignerOf(t, "witness.example/blue").Key(); got != want {
		t.Errorf("WitnessKeys()[1] = %s, want %s", got, want)
	}
	if got, want := p.LogKeys(), []string{logKeyOf(t, origin)}; !slices.Equal(got, want) {
		t.Errorf("LogKeys() = %v, want %v", got, want)
	}
	if got := p.Quorum(); got != "both" {
		t.Errorf("Quorum() = %s", got)
	}
	if got, want := p.Rule(), "1 of (2 of (red, blue), 1 of (green, white))"; got != want {
		t.Errorf("Rule() = %s, want %s", got, want)
	}
}

func TestPolicyWithoutQuorum(t *testing.T) {
	p := must[*Policy](t)(ParsePolicy("quorum none\n"))
	if p.Quorum() != "none" || p.Rule() != "none" || len(p.LogKeys()) != 0 || len(p.Witnesses()) != 0 {
		t.Errorf("got %q %q %v %v", p.Quorum(), p.Rule(), p.LogKeys(), p.Witnesses())
	}
	_, err := p.Check(signedOf(t, treeOf(1), 1))
	refused(t, "Check under a policy without a log", err, "the policy names no log")
}

// A policy of the size c2sp.org/tlog-policy asks every implementation to take.
func TestLargePolicy(t *testing.T) {
	var b strings.Builder
	for i := range 40 {
		name := fmt.Sprint("log", i)
		b.WriteString("log " + logKeyOf(t, name) + "\n")
	}
	below := ""
	for i := range 40 {
		b.WriteString(witnessLine(t, fmt.Sprint("w", i)))
		fmt.Fprintf(&b, "group g%d all w%d %s\n", i, i, below)
		below = fmt.Sprint("g", i)
	}
	p := must[*Policy](t)(ParsePolicy(b.String() + "quorum g39\n"))
	if len(p.LogKeys()) != 40 || len(p.Witnesses()) != 40 {
		t.Errorf("%d logs and %d witnesses", len(p.LogKeys()), len(p.Witnesses()))
	}
}

func TestPolicyRefusals(t *testing.T) {
	log := "log " + logKeyOf(t, origin) + "\n"
	a, b := witnessLine(t, "a"), witnessLine(t, "b")
	lowOrder := publicKey{name: "w", kind: typeCosigner, key: append([]byte{1}, make([]byte, 31)...)}
	lowOrder.id = lowOrder.ownID()
	short := publicKey{name: "w", kind: typeCosigner, key: make([]byte, 31)}
	short.id = short.ownID()
	mldsa := publicKey{name: "w", kind: 0x06, key: make([]byte, 1312)}
	mldsa.id = mldsa.ownID()
	posing := must[publicKey](t)(parseKey(cosignerOf(t, "a").Key())) // in a's name, with a's key ID
	posing.kind, posing.key = 0x06, mldsa.key
	for _, c := range []struct{ what, text, want string }{
		{"nothing", "", "policy: no quorum line"},
		{"two keys of one name and ID", a + "witness w " + posing.String() + "\nquorum a\n", "line 2: another key of the policy is called a+"},
		{"no quorum", log + a, "policy: no quorum line"},
		{"cut in the last line", log + a + "quorum a", "line 3: the last line does not end in a newline"},
		{"two quorums", log + "quorum none\nquorum none\n", "line 3: there is a quorum line already"},
		{"two quorums, none first", a + "quorum none\nquorum a\n", "line 3: there is a quorum line already"},
		{"unknown quorum", log + "quorum a\n", `line 2: "a" is no witness or group of an earlier line`},
		{"quorum before its name", "quorum a\n" + a, "line 1"},
		{"quorum without a name", "quorum\n", "a quorum line is"},
		{"two names in a quorum", a + b + "quorum a b\n", "line 3: a quorum line is"},
		{"unknown word", "quorums none\n", `line 1: "quorums" is not log, witness, group or quorum`},
		{"capitals", "Quorum none\n", "is not log, witness"},
		{"log without a key", "log\nquorum none\n", "a log line is"},
		{"log with three words", strings.TrimSuffix(log, "\n") + " u v\nquorum none\n", "a log line is"},
		{"log with a bad key", "log x+00000000+AQ==\nquorum none\n", "line 1: a verifier key is"},
		{"log with a cosigner's key", "log " + cosignerOf(t, "a").Key() + "\nquorum none\n", "has type 0x04, not 0x01"},
		{"log with another type", "log " + mldsa.String() + "\nquorum none\n", "has type 0x06, not 0x01"},
		{"log twice", log + log + "quorum none\n", "line 2: the public key of " + origin + " is in the policy already"},
		{"one key under two log names", log + "log " + must[string](t)(VerifierKey("b", publicOf(origin))) + "\nquorum none\n", "is in the policy already"},
		{"witness without a key", "witness a\nquorum none\n", "a witness line is"},
		{"witness with a log's key", "witness a " + logKeyOf(t, "a") + "\nquorum none\n", "is a log's (type 0x01)"},
		{"witness twice", a + a + "quorum none\n", "line 2: the public key of a is in the policy already"},
		{"two witnesses of one name", a + "witness a " + cosignerOf(t, "b").Key() + "\nquorum none\n", `line 2: "a" is defined already`},
		{"one key under two witness names", a + "witness b " + must[string](t)(WitnessKey("b", publicOf("a"))) + "\nquorum none\n", "is in the policy already"},
		{"the log as its own witness", log + "witness a " + must[string](t)(WitnessKey("a", publicOf(origin))) + "\nquorum a\n", "line 2: the public key of a is in the policy already"},
		{"low order", "witness w " + lowOrder.String() + "\nquorum w\n", "low order"},
		{"short key", "witness w " + short.String() + "\nquorum w\n", "this one has 31"},
		{"witness none", "witness none " + cosignerOf(t, "a").Key() + "\nquorum none\n", "cannot name anything else"},
		{"group none", a + "group none any a\nquorum none\n", "cannot name anything else"},
		{"group of none", a + "group g any none\nquorum none\n", `"none" is no witness or group`},
		{"group without members", a + "group g any\nquorum none\n", "a group line is"},
		{"group of itself", a + "group g any a g\nquorum g\n", `"g" is no witness or group of an earlier line`},
		{"group of a later one", a + "group g any h\n" + b + "group h any b\nquorum g\n", `"h" is no witness`},
		{"group of a name of a witness", a + "group a any a\nquorum a\n", `"a" is defined already`},
		{"member twice in a group", a + "group g 2 a a\nquorum g\n", `"a" is a member already`},
		{"member of two groups", a + b + "group g all a b\ngroup h any a\nquorum g\n", `line 4: "a" is a member already`},
		{"0 of n", a + "group g 0 a\nquorum g\n", `"0" is not any, all or a number from 1 to 1`},
		{"n + 1 of n", a + b + "group g 3 a b\nquorum g\n", "a number from 1 to 2"},
		{"-1 of n", a + "group g -1 a\nquorum g\n", "is not any, all"},
		{"leading zero", a + "group g 01 a\nquorum g\n", "is not any, all"},
		{"plus", a + "group g +1 a\nquorum g\n", "is not any, all"},
		{"2^64 + 1 of n", a + "group g 18446744073709551617 a\nquorum g\n", "is not any, all"},
		{"most of n", a + "group g most a\nquorum g\n", "is not any, all"},
		{"carriage return", "quorum none\r\n", `line 1: the sign '\r'`},
		{"nul", "quorum none\x00\n", `the sign '\x00'`},
		{"delete", "# \x7f\nquorum none\n", `the sign '\x7f'`},
		{"no-break space", "quorum\u00a0none\n", `the sign '\u00a0'`},
		{"next line", "quorum none\u0085\n", `the sign '\u0085'`},
		{"comment behind a line", "quorum none # for now\n", "a comment stands on a line of its own"},
		{"comment glued to a line", a + "quorum a#\n", "a comment stands on a line of its own"},
		{"only a key type that is not known", "witness w " + mldsa.String() + "\nquorum w\n", `the quorum "w" cannot be reached`},
		{"too many of a key type that is not known", a + "witness w " + mldsa.String() + "\ngroup g all a w\nquorum g\n", "cannot be reached"},
		{"too long", strings.Repeat("#\n", 40000) + "quorum none\n", "more than 65536"},
	} {
		_, err := ParsePolicy(c.text)
		refused(t, c.what, err, c.want)
	}
}

// Names are octets: two that look alike are two.
func TestPolicyNamesAreOctets(t *testing.T) {
	a, b := cosignerOf(t, "a").Key(), cosignerOf(t, "b").Key()
	p := must[*Policy](t)(ParsePolicy("witness K " + a + "\nwitness \u212a " + b + "\ngroup \xff all K \u212a\nquorum \xff\n"))
	if got := p.Quorum(); got != "\xff" {
		t.Errorf("Quorum() = %q", got)
	}
}

// Every set of cosignatures, under rules of every sort, against the rule spelt out.
func TestQuorums(t *testing.T) {
	names := []string{"a", "b", "c", "d"}
	tree := treeOf(3)
	bare := signedOf(t, tree, 3)
	for _, c := range []struct {
		rest string
		want func(a, b, c, d bool) bool
	}{
		{"quorum none\n", func(a, b, c, d bool) bool { return true }},
		{"quorum c\n", func(a, b, c, d bool) bool { return c }},
		{"group g any a b\nquorum g\n", func(a, b, c, d bool) bool { return a || b }},
		{"group g all a b c d\nquorum g\n", func(a, b, c, d bool) bool { return a && b && c && d }},
		{"group g 2 a b c\nquorum g\n", func(a, b, c, d bool) bool { return a && b || a && c || b && c }},
		{"group g all a b\ngroup h any c d\ngroup i any g h\nquorum i\n", func(a, b, c, d bool) bool { return a && b || c || d }},
		{"group g any a b\ngroup h all c g\ngroup i 2 h d\nquorum i\n", func(a, b, c, d bool) bool { return c && (a || b) && d }},
		{"group g any a b\nquorum b\n", func(a, b, c, d bool) bool { return b }},
	} {
		policy := policyOf(t, "a b c d", c.rest)
		for set := range 16 {
			signed := bare
			in := make([]bool, 4)
			var by []string
			for i, name := range names {
				if in[i] = set>>i&1 == 1; in[i] {
					line := must[[]byte](t)(cosignerOf(t, name).Cosign(bare, at+int64(i)))
					signed = must[[]byte](t)(AddCosignatures(signed, line))
					by = append(by, name)
				}
			}
			s := must[Signed](t)(policy.Check(signed))
			if got, want := s.Quorum(), c.want(in[0], in[1], in[2], in[3]); got != want {
				t.Errorf("%q with %v: Quorum() = %v, want %v", c.rest, by, got, want)
			}
			word := "on the log's word alone"
			if len(by) > 0 {
				word = "cosigned by " + strings.Join(by, ", ")
			}
			if got := s.Word(); got != word {
				t.Errorf("Word() = %q, want %q", got, word)
			}
			for when := int64(at - 1); when <= at+4; when++ {
				from, to := slices.Clone(in), slices.Clone(in)
				for i := range in {
					from[i] = in[i] && at+int64(i) >= when
					to[i] = in[i] && at+int64(i) <= when
				}
				none := policy.Quorum() == "none"
				if got, want := s.QuorumAt(when), !none && c.want(from[0], from[1], from[2], from[3]); got != want {
					t.Errorf("%q with %v: QuorumAt(%d) = %v, want %v", c.rest, by, when, got, want)
				}
				if got, want := s.QuorumBy(when), !none && c.want(to[0], to[1], to[2], to[3]); got != want {
					t.Errorf("%q with %v: QuorumBy(%d) = %v, want %v", c.rest, by, when, got, want)
				}
			}
		}
	}
}

func TestZeroSignedHasNoQuorum(t *testing.T) {
	var s Signed
	if s.Quorum() || s.QuorumAt(0) || s.QuorumBy(1<<62) {
		t.Error("a Signed that nobody checked has a quorum")
	}
}

func TestPolicyCheck(t *testing.T) {
	tree := treeOf(5)
	policy := policyOf(t, "a b", "group g all a b\nquorum g\n")
	signed := signedOf(t, tree, 5, "a@1481670000", "stranger@1481670001")
	s := must[Signed](t)(policy.Check(signed))
	if want := []Cosignature{{"a", at}}; !slices.Equal(s.Cosigned, want) {
		t.Errorf("Cosigned = %v, want %v", s.Cosigned, want)
	}
	if s.Size != 5 || s.Origin != origin || s.LogKey != logKeyOf(t, origin) || s.Root != must[Hash](t)(tree.Root(5)) {
		t.Errorf("Check() = %v", s)
	}

	// Lines of types we do not know, even under a witness's own name, change nothing.
	mldsa := publicKey{name: "b", kind: 0x06, key: make([]byte, 1312)}
	mldsa.id = mldsa.ownID()
	line := newSignature(mldsa, make([]byte, 8+2420)).String()
	s = must[Signed](t)(policy.Check([]byte(string(signed) + line + "— a AAAAAAA=\n")))
	if len(s.Cosigned) != 1 || s.Quorum() {
		t.Errorf("Cosigned = %v, quorum %v after lines of unknown types", s.Cosigned, s.Quorum())
	}
	policy = policyOf(t, "a b", "witness c "+mldsa.String()+"\ngroup g 2 a b c\nquorum g\n")
	s = must[Signed](t)(policy.Check([]byte(string(signed) + line)))
	if len(s.Cosigned) != 1 || s.Quorum() {
		t.Errorf("a witness of an unknown key type is counted: %v", s.Cosigned)
	}
	if got := policy.WitnessKeys()[2]; got != mldsa.String() {
		t.Errorf("its key is printed as %s", got)
	}

	// Two by one witness count once, at the later time, whatever their order.
	first := must[[]byte](t)(cosignerOf(t, "a").Cosign(signed, at))
	later := must[[]byte](t)(cosignerOf(t, "a").Cosign(signed, at+9))
	bare := string(signedOf(t, tree, 5))
	policy = policyOf(t, "a b", "group g 2 a b\nquorum g\n")
	for _, text := range []string{bare + string(first) + string(later), bare + string(later) + string(first)} {
		s = must[Signed](t)(policy.Check([]byte(text)))
		if want := []Cosignature{{"a", at + 9}}; !slices.Equal(s.Cosigned, want) || s.Quorum() {
			t.Errorf("Cosigned = %v, quorum %v, want %v and none", s.Cosigned, s.Quorum(), want)
		}
	}
}

func TestPolicyCheckRefusals(t *testing.T) {
	tree := treeOf(5)
	policy := policyOf(t, "a b", "group g any a b\nquorum g\n")
	bare := string(signedOf(t, tree, 5))
	check := func(text string) error {
		_, err := policy.Check([]byte(text))
		return err
	}
	cosign := func(name string, signed []byte, when int64) string {
		return string(must[[]byte](t)(cosignerOf(t, name).Cosign(signed, when)))
	}
	lineOf := func(vkey string, sig []byte) string {
		return newSignature(must[publicKey](t)(parseKey(vkey)), sig).String()
	}
	a := cosignerOf(t, "a").Key()
	good := cosign("a", []byte(bare), at)
	forged := must[signature](t)(parseSignature(good))
	forged.sig[7]++ // the time

	text, _, _ := strings.Cut(bare, "\n\n")
	stranger := must[[]byte](t)(SignCheckpoint(Checkpoint{"example.com/x", 5, Hash{}}, logSignerOf(t, "example.com/x")))
	otherKey := must[[]byte](t)(logSignerOf(t, "someone").Sign([]byte(text + "\n")))
	for _, c := range []struct{ what, text, want string }{
		{"no checkpoint", "hello", "no empty line"},
		{"another log", string(stranger), `of the log "example.com/x", which the policy does not name`},
		{"no signature of the log", text + "\n\n" + good, "did not sign it with a key of the policy"},
		{"the log's name over another key", text + "\n\n" + "— " + origin + " " + base64.StdEncoding.EncodeToString(append([]byte{1, 2, 3, 4}, otherKey...)) + "\n", "did not sign it with a key of the policy"},
		{"another key's signature as the log's", text + "\n\n" + lineOf(logKeyOf(t, origin), otherKey), "the signature of the log " + origin + " does not hold"},
		{"the log's signature cut", text + "\n\n" + lineOf(logKeyOf(t, origin), otherKey[:63]), "does not hold"},
		{"a cosignature of another size", bare + cosign("a", signedOf(t, tree, 4), at), "the cosignature of a does not hold"},
		{"a cosignature with its time moved", bare + forged.String(), "the cosignature of a does not hold"},
		{"another's cosignature", bare + lineOf(a, must[signature](t)(parseSignature(cosign("b", []byte(bare), at))).sig), "the cosignature of a does not hold"},
		{"a plain signature as a cosignature", bare + lineOf(a, otherKey), "has 64 bytes, not 72"},
		{"an empty cosignature", bare + lineOf(a, make([]byte, 1)), "has 1 bytes, not 72"},
		{"a cosignature of ML-DSA's length", bare + lineOf(a, make([]byte, mldsa44Len)), "has 2428 bytes, not 72"},
		{"a cosignature with a byte more", bare + lineOf(a, make([]byte, 73)), "has 73 bytes, not 72"},
		{"a time above 2^63 - 1", bare + lineOf(a, append([]byte{0x80}, make([]byte, 71)...)), "no possible time"},
		{"a good one, then a bad one", bare + good + forged.String(), "does not hold"},
		{"a bad one, then a good one", bare + forged.String() + good, "does not hold"},
	} {
		refused(t, c.what, check(c.text), c.want)
	}
	if err := check(bare + good + good); err != nil {
		t.Errorf("the same cosignature twice: %v", err)
	}
}

// Of several logs any may sign, but only under its own name.
func TestPolicyWithSeveralLogs(t *testing.T) {
	text := "log " + logKeyOf(t, "x") + "\nlog " + logKeyOf(t, "y") + "\nlog " +
		must[string](t)(VerifierKey("y", publicOf("y's other key"))) + "\nquorum none\n"
	policy := must[*Policy](t)(ParsePolicy(text))
	root := must[Hash](t)(treeOf(1).Root(1))
	c := Checkpoint{"y", 1, root}
	for _, key := range []string{"y", "y's other key"} {
		signer := must[note.Signer](t)(NewSigner("y", seedKey(key)))
		s := must[Signed](t)(policy.Check(must[[]byte](t)(SignCheckpoint(c, signer))))
		if want := must[string](t)(VerifierKey("y", publicOf(key))); s.LogKey != want {
			t.Errorf("LogKey = %s, want %s", s.LogKey, want)
		}
	}
	sig := must[[]byte](t)(logSignerOf(t, "x").Sign([]byte(c.Text())))
	_, err := policy.Check(joinNote(c.Text(), []signature{newSignature(must[publicKey](t)(parseKey(logKeyOf(t, "x"))), sig)}))
	refused(t, "x signing in the name of y", err, "the log y did not sign it with a key of the policy")
}

func TestGoldenPolicyChecksGoldenCheckpoint(t *testing.T) {
	policy := must[*Policy](t)(ParsePolicy(string(must[[]byte](t)(os.ReadFile("testdata/policy.txt")))))
	s := must[Signed](t)(policy.Check(must[[]byte](t)(os.ReadFile("testdata/cosigned.txt"))))
	if s.Size != 6 || s.Quorum() || s.Word() != "on the log's word alone" {
		t.Errorf("Check() = %v, quorum %v, %s", s, s.Quorum(), s.Word())
	}
}
