package check_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor/ledger"
)

const origin = "corridor.invalid/000102030405060708090a0b0c0d0e0f"

func logKey(t testing.TB) string {
	return must[string](t)(ledger.VerifierKey(origin, public("log")))
}

func cosigner(t testing.TB, name string) *ledger.Cosigner {
	return must[*ledger.Cosigner](t)(ledger.NewCosigner("witness.example/"+name, key(name)))
}

// leafOf is the leaf of an entry of the vectors' log.
func leafOf(i int) string {
	class := []string{"authority", "movement", "incident", "word", "report", "office"}[i%6]
	return fmt.Sprintf("corridor-leaf/v1\n%s\n-\nsha256 %x\n", class, sha256.Sum256([]byte("corridor vector entry "+strconv.Itoa(i))))
}

func treeOf(n int) *ledger.Tree {
	var tree ledger.Tree
	for i := range n {
		tree.Append([]byte(leafOf(i)))
	}
	return &tree
}

func root(t testing.TB, n int) ledger.Hash {
	return must[ledger.Hash](t)(treeOf(n).Root(int64(n)))
}

// checkpoint is that of the first n entries, cosigned by "name@seconds".
func checkpoint(t testing.TB, n int, by ...string) string {
	return signed(t, ledger.Checkpoint{Origin: origin, Size: int64(n), Root: root(t, n)}, by...)
}

func signed(t testing.TB, c ledger.Checkpoint, by ...string) string {
	s := must[note.Signer](t)(ledger.NewSigner(c.Origin, key("log")))
	text := must[[]byte](t)(ledger.SignCheckpoint(c, s))
	for _, w := range by {
		name, at, _ := strings.Cut(w, "@")
		line := must[[]byte](t)(cosigner(t, name).Cosign(text, must[int64](t)(strconv.ParseInt(at, 10, 64))))
		text = append(text, line...) // also twice by one, which AddCosignatures would not do
	}
	return string(text)
}

func witness(t testing.TB, name string) string {
	return "witness " + name + " " + cosigner(t, name).Key() + "\n"
}

func hexes(list []ledger.Hash) []string {
	out := []string{}
	for _, h := range list {
		out = append(out, hex.EncodeToString(h[:]))
	}
	return out
}

func hashes(t testing.TB, list []string) []ledger.Hash {
	var out []ledger.Hash
	for _, s := range list {
		out = append(out, ledger.Hash(must[[]byte](t)(hex.DecodeString(s))))
	}
	return out
}

// A treeVector is one case of trees.json.
type treeVector struct {
	Name  string   `json:"name"`
	Form  string   `json:"form"`  // inclusion or consistency
	Size  string   `json:"size"`  // of the tree under root, decimal
	Root  string   `json:"root"`  // hex
	At    string   `json:"at"`    // index of the leaf, or the older size
	Hash  string   `json:"hash"`  // of the leaf, or the older root
	Proof []string `json:"proof"` // hex
	OK    bool     `json:"ok"`
}

func treeVectors(t *testing.T) (list []treeVector) {
	for _, n := range []int{1, 2, 3, 6, 7, 8} {
		tree, top := treeOf(n), root(t, n)
		for i := range n {
			leaf := ledger.LeafHash([]byte(leafOf(i)))
			good := treeVector{fmt.Sprintf("leaf %d of %d", i, n), "inclusion", strconv.Itoa(n), hex.EncodeToString(top[:]), strconv.Itoa(i), hex.EncodeToString(leaf[:]), hexes(must[[]ledger.Hash](t)(tree.Inclusion(int64(i), int64(n)))), true}
			list = append(list, good)
			list = append(list, spoilt(good)...)
		}
		for m := 0; m <= n; m++ {
			old := root(t, m)
			good := treeVector{fmt.Sprintf("%d continues %d", n, m), "consistency", strconv.Itoa(n), hex.EncodeToString(top[:]), strconv.Itoa(m), hex.EncodeToString(old[:]), hexes(must[[]ledger.Hash](t)(tree.Consistency(int64(m), int64(n)))), true}
			list = append(list, good)
			list = append(list, spoilt(good)...)
		}
	}
	zero := strings.Repeat("0", 64)
	empty := fmt.Sprintf("%x", sha256.Sum256(nil))
	list = append(list, []treeVector{
		{"nothing continues nothing", "consistency", "0", empty, "0", empty, []string{}, true},
		{"nothing, under another root", "consistency", "0", zero, "0", empty, []string{}, false},
		{"a leaf of nothing", "inclusion", "0", empty, "0", empty, []string{}, false},
		{"a tree beyond 2^60", "inclusion", "1152921504606846977", zero, "0", zero, slices.Repeat([]string{zero}, 61), false},
		{"a smaller tree continues a larger one", "consistency", "2", zero, "3", zero, []string{}, false},
	}...)
	return list
}

// spoilt returns what nobody may accept.
func spoilt(v treeVector) (list []treeVector) {
	with := func(what string, change func(*treeVector)) {
		c := v
		c.Proof = slices.Clone(v.Proof)
		c.Name, c.OK = v.Name+", "+what, false
		change(&c)
		list = append(list, c)
	}
	other := fmt.Sprintf("%x", sha256.Sum256([]byte("another")))
	if v.At != "0" || v.Form == "inclusion" { // every tree continues that of nothing
		with("another root", func(c *treeVector) { c.Root = other })
	}
	with("another hash", func(c *treeVector) { c.Hash = other })
	with("a hash too many", func(c *treeVector) { c.Proof = append(c.Proof, other) })
	if len(v.Proof) > 0 {
		with("a hash too few", func(c *treeVector) { c.Proof = c.Proof[:len(c.Proof)-1] })
		with("a hash changed", func(c *treeVector) { c.Proof[0] = other })
	}
	if len(v.Proof) > 1 {
		with("hashes swapped", func(c *treeVector) { c.Proof[0], c.Proof[1] = c.Proof[1], c.Proof[0] })
	}
	if v.Form == "inclusion" {
		with("an index beyond the tree", func(c *treeVector) { c.At = v.Size })
	}
	return list
}

func TestTreeVectors(t *testing.T) {
	compare(t, "trees.json", "inclusion and consistency proofs of RFC 6962: which lead to the root", treeVectors(t))
	js := newAsker(t)
	for _, v := range load[treeVector](t, "trees.json") {
		size, at := must[int64](t)(strconv.ParseInt(v.Size, 10, 64)), must[int64](t)(strconv.ParseInt(v.At, 10, 64))
		list := hashes(t, []string{v.Root, v.Hash})
		prove := ledger.CheckInclusion
		if v.Form == "consistency" {
			prove = ledger.CheckConsistency
		}
		if err := prove(hashes(t, v.Proof), size, list[0], at, list[1]); (err == nil) != v.OK {
			t.Errorf("%s: %v, want %v", v.Name, err, v.OK)
		}
		if a := js.ask(v.Form, m{"size": v.Size, "root": v.Root, "at": v.At, "hash": v.Hash, "proof": v.Proof}); a.OK != v.OK {
			t.Errorf("%s: the browser says %v, want %v", v.Name, a.OK, v.OK)
		}
	}
}

// TestTree holds the browser's tree, and the proofs it makes from tiles, to the ledger's.
func TestTree(t *testing.T) {
	const n = 300
	tree, leaves := treeOf(n), []string{}
	for i := range n {
		leaves = append(leaves, b64([]byte(leafOf(i))))
	}
	js := newAsker(t)
	a := js.ask("tree", m{"leaves": leaves})
	if len(a.Roots) != n+1 || len(a.Proofs) != n {
		t.Fatalf("%d roots and %d proofs", len(a.Roots), len(a.Proofs))
	}
	for i, got := range a.Roots {
		if want := must[ledger.Hash](t)(tree.Root(int64(i))); got != hex.EncodeToString(want[:]) {
			t.Errorf("the browser's root of %d is %s, want %x", i, got, want[:])
		}
	}
	for i, got := range a.Proofs {
		if want := hexes(must[[]ledger.Hash](t)(tree.Consistency(int64(i+1), n))); !slices.Equal(got, want) {
			t.Errorf("the browser's proof that %d continues %d is %v, want %v", n, i+1, got, want)
		}
	}
}

// A policyVector is one case of policies.json.
type policyVector struct {
	Name      string     `json:"name"`
	Text      string     `json:"text"`
	OK        bool       `json:"ok"`
	Witnesses []string   `json:"witnesses"`
	Quorum    *string    `json:"quorum"`
	Enough    [][]string `json:"enough"` // sets of witnesses that suffice
	Short     [][]string `json:"short"`  // sets that do not
}

func policyVectors(t *testing.T) (list []policyVector) {
	log := "log " + logKey(t) + "\n"
	red, blue, green := witness(t, "red"), witness(t, "blue"), witness(t, "green")
	name := func(s string) *string { return &s }
	none := [][]string{}
	// A key of a type nobody here can check: its ID is the word of whoever made it.
	unknown := "witness.example/pq+01020304+BgAAAAA="
	list = []policyVector{
		{"nobody is asked", log + "quorum none\n", true, []string{}, name("none"), [][]string{{}}, none},
		{"one witness", log + red + "quorum red\n", true, []string{"red"}, name("red"), [][]string{{"red"}}, [][]string{{}}},
		{"every side", log + red + blue + "group sides all red blue\nquorum sides\n", true, []string{"red", "blue"}, name("sides"), [][]string{{"red", "blue"}}, [][]string{{}, {"red"}, {"blue"}}},
		{"any", log + red + blue + "group g any red blue\nquorum g\n", true, []string{"red", "blue"}, name("g"), [][]string{{"red"}, {"blue"}, {"red", "blue"}}, [][]string{{}}},
		{"two of three", log + red + blue + green + "group g 2 red blue green\nquorum g\n", true, []string{"red", "blue", "green"}, name("g"), [][]string{{"red", "green"}, {"blue", "green"}}, [][]string{{"green"}, {}}},
		{"nested", log + red + blue + green + "group sides all red blue\ngroup g 1 sides green\nquorum g\n", true, []string{"red", "blue", "green"}, name("g"), [][]string{{"red", "blue"}, {"green"}}, [][]string{{"red"}, {"blue"}}},
		{"comments, empty lines, tabs, addresses", "# whose word suffices\n\n\t# and here\nlog\t" + logKey(t) + "  https://log.example/ \n " + strings.TrimSuffix(red, "\n") + "\thttps://red.example/\nquorum\tred\n", true, []string{"red"}, name("red"), [][]string{{"red"}}, [][]string{{}}},
		{"a witness nobody here can check, beside the quorum", log + red + "witness pq " + unknown + "\nquorum red\n", true, []string{"red", "pq"}, name("red"), [][]string{{"red"}}, [][]string{{"pq"}}},
		{"no log: a mandate's own", red + "quorum red\n", true, []string{"red"}, name("red"), [][]string{{"red"}}, [][]string{{}}},
		{"two logs", log + "log " + must[string](t)(ledger.VerifierKey("other.example", public("other"))) + "\nquorum none\n", true, []string{}, name("none"), [][]string{{}}, none},
		{"a name that is no letter", log + strings.Replace(red, " red ", " الأحمر ", 1) + "quorum الأحمر\n", true, []string{"الأحمر"}, name("الأحمر"), [][]string{{"الأحمر"}}, [][]string{{}}},
	}
	posing := cosigner(t, "red").Key()
	posing = posing[:strings.LastIndex(posing, "+")] + "+BgAAAAA="
	low := func() string {
		k := append([]byte{1}, make([]byte, 31)...)
		id := sha256.Sum256(append([]byte("w\n\x04"), k...))
		return fmt.Sprintf("w+%x+%s", id[:4], b64(append([]byte{4}, k...)))
	}()
	for _, c := range [][2]string{
		{"nothing", ""},
		{"no quorum", log + red},
		{"cut in the last line", log + red + "quorum red"},
		{"two quorums", "quorum none\nquorum none\n"},
		{"a quorum of nobody known", log + "quorum red\n"},
		{"a quorum before its name", "quorum red\n" + red},
		{"a quorum without a name", "quorum\n"},
		{"a quorum with two", red + blue + "quorum red blue\n"},
		{"an unknown word", "quorums none\n"},
		{"capitals", "Quorum none\n"},
		{"a log without a key", "log\nquorum none\n"},
		{"a log with too much", strings.TrimSuffix(log, "\n") + " u v\nquorum none\n"},
		{"a log with a witness's key", "log " + cosigner(t, "red").Key() + "\nquorum none\n"},
		{"a log twice", log + log + "quorum none\n"},
		{"one key under two names", log + "log " + must[string](t)(ledger.VerifierKey("b", public("log"))) + "\nquorum none\n"},
		{"a witness without a key", "witness red\nquorum none\n"},
		{"a witness with a log's key", "witness red " + logKey(t) + "\nquorum none\n"},
		{"two witnesses of one name", red + strings.Replace(blue, " blue ", " red ", 1) + "quorum none\n"},
		{"the log as its own witness", log + "witness w " + must[string](t)(ledger.WitnessKey("w", public("log"))) + "\nquorum w\n"},
		{"two keys of one name and ID", red + "witness w " + posing + "\nquorum red\n"},
		{"a key of low order", "witness w " + low + "\nquorum w\n"},
		{"a key ID that is not the key's", "witness red " + strings.Replace(cosigner(t, "red").Key(), "+", "+0", 1)[:len("witness.example/red+")+8] + cosigner(t, "red").Key()[len("witness.example/red+")+8:] + "\nquorum red\n"},
		{"a witness named none", strings.Replace(red, " red ", " none ", 1) + "quorum none\n"},
		{"a group named none", red + "group none any red\nquorum none\n"},
		{"a group of nobody", red + "group g any\nquorum g\n"},
		{"a group of itself", red + "group g any red g\nquorum g\n"},
		{"a group with a later member", red + "group g any h\n" + blue + "group h any blue\nquorum g\n"},
		{"a group with a witness's name", red + "group red any red\nquorum red\n"},
		{"a member twice", red + "group g 2 red red\nquorum g\n"},
		{"a member of two groups", red + blue + "group g all red blue\ngroup h any red\nquorum g\n"},
		{"none of n", red + "group g 0 red\nquorum g\n"},
		{"more than all", red + blue + "group g 3 red blue\nquorum g\n"},
		{"a leading zero", red + "group g 01 red\nquorum g\n"},
		{"a sign", red + "group g +1 red\nquorum g\n"},
		{"2^64 + 1 of n", red + "group g 18446744073709551617 red\nquorum g\n"},
		{"a carriage return", "quorum none\r\n"},
		{"a nul", "quorum none\x00\n"},
		{"a vertical tab in a comment", "# \v\nquorum none\n"},
		{"a no-break space", "quorum\u00a0none\n"},
		{"a line separator", "# \u2028\nquorum none\n"},
		{"a comment behind a line", "quorum none # for now\n"},
		{"a quorum nobody here can check", "witness pq " + unknown + "\nquorum pq\n"},
		{"too long", strings.Repeat("#\n", 32768) + "quorum none\n"},
	} {
		list = append(list, policyVector{c[0], c[1], false, []string{}, nil, none, none})
	}
	return list
}

func TestPolicyVectors(t *testing.T) {
	compare(t, "policies.json", "witness policies (c2sp.org/tlog-policy): which are read, and who is enough", policyVectors(t))
	js := newAsker(t)
	for _, v := range load[policyVector](t, "policies.json") {
		p, err := ledger.ParsePolicy(v.Text)
		if (err == nil) != v.OK {
			t.Errorf("%s: %v, want %v", v.Name, err, v.OK)
			continue
		}
		sets := slices.Concat(v.Enough, v.Short)
		a := js.ask("policy", m{"data": b64([]byte(v.Text)), "sets": sets})
		if a.OK != v.OK {
			t.Errorf("%s: the browser says %v, want %v", v.Name, a.OK, v.OK)
		}
		if !v.OK {
			continue
		}
		if p.Quorum() != *v.Quorum || !slices.Equal(p.Witnesses(), v.Witnesses) || a.Text != *v.Quorum || !slices.Equal(a.List, v.Witnesses) {
			t.Errorf("%s: %v, %q; the browser %v, %q", v.Name, p.Witnesses(), p.Quorum(), a.List, a.Text)
		}
		for i, got := range a.Met {
			if want := i < len(v.Enough); got != want {
				t.Errorf("%s: the browser says of %v: %v, want %v", v.Name, sets[i], got, want)
			}
		}
	}
}

// A checkpointVector is one case of checkpoints.json.
type checkpointVector struct {
	Name     string   `json:"name"`
	Policy   string   `json:"policy"`
	Text     *string  `json:"text"`
	Base64   *string  `json:"base64"`
	OK       bool     `json:"ok"`
	Size     *string  `json:"size"` // decimal
	Root     *string  `json:"root"`
	Cosigned []string `json:"cosigned"` // "name seconds", in the order of the policy
	Quorum   *bool    `json:"quorum"`
}

func checkpointVectors(t *testing.T) (list []checkpointVector) {
	log, red, blue := "log "+logKey(t)+"\n", witness(t, "red"), witness(t, "blue")
	both := log + red + blue + "group sides all red blue\nquorum sides\n"
	good := func(name, policy, text string, size string, top ledger.Hash, quorum bool, by ...string) {
		r := hex.EncodeToString(top[:])
		asText, asBase64 := textOrBase64(text)
		list = append(list, checkpointVector{name, policy, asText, asBase64, true, &size, &r, append([]string{}, by...), &quorum})
	}
	bad := func(name, policy, text string) {
		asText, asBase64 := textOrBase64(text)
		list = append(list, checkpointVector{name, policy, asText, asBase64, false, nil, nil, []string{}, nil})
	}
	six := root(t, 6)
	full := checkpoint(t, 6, "red@1481670000", "blue@1481670060")
	good("cosigned by both", both, full, "6", six, true, "red 1481670000", "blue 1481670060")
	good("cosigned by one of two", both, checkpoint(t, 6, "blue@1481670060"), "6", six, false, "blue 1481670060")
	good("by the log alone", both, checkpoint(t, 6), "6", six, false)
	good("by the log alone, and nobody is asked", log+"quorum none\n", checkpoint(t, 6), "6", six, true)
	good("of nothing", log+"quorum none\n", checkpoint(t, 0), "0", ledger.Hash(sha256.Sum256(nil)), true)
	good("of 2^60 entries", log+"quorum none\n", signed(t, ledger.Checkpoint{Origin: origin, Size: 1 << 60, Root: six}), "1152921504606846976", six, true)
	good("by a stranger too", both, checkpoint(t, 6, "green@1481670000", "red@1481670000", "blue@1481670000"), "6", six, true, "red 1481670000", "blue 1481670000")
	good("by one twice: the later counts", log+red+"quorum red\n", checkpoint(t, 6, "red@1481670060", "red@1481670000"), "6", six, true, "red 1481670060")
	good("signed twice by the log", log+"quorum none\n", strings.Replace(checkpoint(t, 6), "— ", lastLine(checkpoint(t, 6))+"— ", 1), "6", six, true)
	good("a broken line of a stranger", log+red+"quorum red\n", spoil(checkpoint(t, 6, "red@1481670000", "green@1481670000"), "green"), "6", six, true, "red 1481670000")
	good("cosigned in the year 292277026596", log+red+"quorum red\n", checkpoint(t, 6, "red@9223372036854775807"), "6", six, true, "red 9223372036854775807")

	bad("a cosignature does not hold", both, spoil(full, "red"))
	bad("one of two cosignatures of one does not hold", log+red+"quorum red\n", spoil(checkpoint(t, 6, "red@1481670060", "red@1481670000"), "red"))
	bad("the log's signature does not hold", log+"quorum none\n", spoil(checkpoint(t, 6), origin))
	bad("one of the log's two signatures does not hold", log+"quorum none\n", checkpoint(t, 6)+lastLine(spoil(checkpoint(t, 6), origin)))
	bad("the size was changed", both, strings.Replace(full, "\n6\n", "\n7\n", 1))
	bad("the root was changed", both, strings.Replace(full, six.String(), root(t, 5).String(), 1))
	bad("another log's", strings.Replace(both, logKey(t), must[string](t)(ledger.VerifierKey("corridor.invalid/other", public("other"))), 1), full)
	bad("the same name, another key", strings.Replace(both, logKey(t), must[string](t)(ledger.VerifierKey(origin, public("other"))), 1), full)
	bad("no log in the policy", red+"quorum red\n", full)
	bad("cosigned, not signed", log+red+"quorum red\n", strings.Replace(checkpoint(t, 6, "red@1481670000"), lastLine(checkpoint(t, 6)), "", 1))
	bad("a cosignature in place of the log's signature", "log "+must[string](t)(ledger.VerifierKey("witness.example/red", public("red")))+"\nquorum none\n", full)
	bad("a tree of nothing with a root", log+"quorum none\n", resign(t, origin+"\n0\n"+six.String()+"\n"))
	bad("beyond 2^60", log+"quorum none\n", resign(t, origin+"\n1152921504606846977\n"+six.String()+"\n"))
	bad("an extension line", log+"quorum none\n", resign(t, origin+"\n6\n"+six.String()+"\nmore\n"))
	bad("no root", log+"quorum none\n", resign(t, origin+"\n6\n"))
	bad("a leading zero", log+"quorum none\n", resign(t, origin+"\n06\n"+six.String()+"\n"))
	bad("a sign", log+"quorum none\n", resign(t, origin+"\n+6\n"+six.String()+"\n"))
	bad("a short root", log+"quorum none\n", resign(t, origin+"\n6\n"+b64(six[:31])+"\n"))
	bad("a root in another base64", log+"quorum none\n", resign(t, origin+"\n6\n"+strings.TrimRight(six.String(), "=")+"\n"))
	bad("bits left over in the root", log+"quorum none\n", resign(t, origin+"\n6\n"+leftover(six.String())+"\n"))
	bad("a space in the origin", log+"quorum none\n", resign(t, "corridor invalid\n6\n"+six.String()+"\n"))
	bad("no origin", log+"quorum none\n", resign(t, "\n6\n"+six.String()+"\n"))
	one := checkpoint(t, 6)
	bad("nothing", log+"quorum none\n", "")
	bad("no signature", log+"quorum none\n", one[:strings.Index(one, "\n\n")+2])
	bad("no empty line", log+"quorum none\n", strings.Replace(one, "\n\n", "\n", 1))
	bad("two empty lines", log+"quorum none\n", strings.Replace(one, "\n\n", "\n\n\n", 1))
	bad("cut in the last line", log+"quorum none\n", strings.TrimSuffix(one, "\n"))
	bad("more after it", log+"quorum none\n", one+"more\n")
	bad("carriage returns", log+"quorum none\n", strings.ReplaceAll(one, "\n", "\r\n"))
	bad("a hyphen for the dash", log+"quorum none\n", strings.Replace(one, "— ", "- ", 1))
	bad("two spaces", log+"quorum none\n", strings.Replace(one, "— ", "—  ", 1))
	bad("a byte order mark", log+"quorum none\n", "\ufeff"+one)
	bad("not UTF-8", log+"quorum none\n", strings.Replace(one, "— ", "\xe2\x80 ", 1))
	bad("too many signatures", log+"quorum none\n", one+strings.Repeat("— x AAAAAAA=\n", 100))
	bad("a signature of a stranger that is too short", log+"quorum none\n", one+"— x AAAAAA==\n")
	return list
}

// lastLine is the last line of a text.
func lastLine(s string) string {
	return s[strings.LastIndex(strings.TrimSuffix(s, "\n"), "\n")+1:]
}

// spoil flips a bit in the last signature line of a name.
func spoil(text, name string) string {
	at := strings.LastIndex(text, name+" ")
	end := at + strings.Index(text[at:], "\n")
	flip := map[byte]string{'A': "B"}[text[end-12]]
	if flip == "" {
		flip = "A"
	}
	return text[:end-12] + flip + text[end-11:]
}

// leftover sets a bit after the last byte of a base64 text that ends in one sign of padding.
func leftover(s string) string {
	const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := len(s) - 2
	return s[:i] + string(signs[strings.IndexByte(signs, s[i])+1]) + "="
}

// resign has the log's key sign any text at all.
func resign(t testing.TB, text string) string {
	s := must[note.Signer](t)(ledger.NewSigner(origin, key("log")))
	id := s.KeyHash()
	raw := append([]byte{byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)}, ed25519.Sign(key("log"), []byte(text))...)
	return text + "\n— " + origin + " " + b64(raw) + "\n"
}

func TestCheckpointVectors(t *testing.T) {
	compare(t, "checkpoints.json", "signed checkpoints and their cosignatures under a policy", checkpointVectors(t))
	js := newAsker(t)
	for _, v := range load[checkpointVector](t, "checkpoints.json") {
		b := text{v.Text, v.Base64}.bytes(t)
		p := must[*ledger.Policy](t)(ledger.ParsePolicy(v.Policy))
		s, err := p.Check(b)
		a := js.ask("checkpoint", m{"policy": v.Policy, "data": b64(b)})
		if (err == nil) != v.OK || a.OK != v.OK {
			t.Errorf("%s: %v, and the browser %v (%s), want %v", v.Name, err, a.OK, a.Rule, v.OK)
			continue
		}
		if !v.OK {
			continue
		}
		by := []string{}
		for _, c := range s.Cosigned {
			by = append(by, fmt.Sprintf("%s %d", c.Name, c.Time))
		}
		if strconv.FormatInt(s.Size, 10) != *v.Size || hex.EncodeToString(s.Root[:]) != *v.Root || s.Quorum() != *v.Quorum || !slices.Equal(by, v.Cosigned) {
			t.Errorf("%s: %v", v.Name, s)
		}
		if string(a.Size) != `"`+*v.Size+`"` || a.Root != *v.Root || a.Quorum != *v.Quorum || !slices.Equal(a.Cosigned, v.Cosigned) {
			t.Errorf("%s: the browser says %s, %s, %v, %q", v.Name, a.Size, a.Root, a.Quorum, a.Cosigned)
		}
	}
}

// A receiptVector is one case of receipts.json.
type receiptVector struct {
	Name   string  `json:"name"`
	Policy string  `json:"policy"`
	Leaf   string  `json:"leaf"`
	Text   *string `json:"text"`
	Base64 *string `json:"base64"`
	OK     bool    `json:"ok"`
	Index  *int64  `json:"index"`
	Size   *int64  `json:"size"`
	Quorum *bool   `json:"quorum"`
}

func receiptVectors(t *testing.T) (list []receiptVector) {
	policy := "log " + logKey(t) + "\n" + witness(t, "red") + "quorum red\n"
	add := func(name, leaf, body string, ok bool, index, size int64, quorum bool) {
		asText, asBase64 := textOrBase64(body)
		v := receiptVector{Name: name, Policy: policy, Leaf: leaf, Text: asText, Base64: asBase64, OK: ok}
		if ok {
			v.Index, v.Size, v.Quorum = &index, &size, &quorum
		}
		list = append(list, v)
	}
	proof := func(i, n int64, by ...string) ledger.Proof {
		return ledger.Proof{Index: i, Hashes: must[[]ledger.Hash](t)(treeOf(int(n)).Inclusion(i, n)), Checkpoint: []byte(checkpoint(t, int(n), by...))}
	}
	good := proof(3, 6, "red@1481670000")
	text := string(good.Text())
	add("cosigned", leafOf(3), text, true, 3, 6, true)
	add("on the log's word", leafOf(3), string(proof(3, 6).Text()), true, 3, 6, false)
	add("the only entry", leafOf(0), string(proof(0, 1, "red@1481670000").Text()), true, 0, 1, true)
	extra := good
	extra.Extra = []byte("record 17")
	add("with something added", leafOf(3), string(extra.Text()), true, 3, 6, true)
	extra.Extra = []byte{}
	add("with nothing added, and said so", leafOf(3), string(extra.Text()), true, 3, 6, true)
	extra.Extra = make([]byte, 8<<10)
	add("with as much added as there may be", leafOf(3), string(extra.Text()), true, 3, 6, true)
	extra.Extra = make([]byte, 8<<10+1)
	bad := func(name, leaf, body string) { add(name, leaf, body, false, 0, 0, false) }
	bad("with too much added", leafOf(3), string(extra.Text()))
	bad("of another entry", leafOf(2), text)
	bad("under another index", leafOf(3), strings.Replace(text, "index 3", "index 2", 1))
	bad("beyond the tree", leafOf(3), strings.Replace(text, "index 3", "index 6", 1))
	lines := strings.SplitAfter(text, "\n")
	bad("a hash too few", leafOf(3), strings.Join(slices.Delete(slices.Clone(lines), 2, 3), ""))
	bad("a hash too many", leafOf(3), strings.Join(slices.Insert(slices.Clone(lines), 2, lines[2]), ""))
	bad("hashes swapped", leafOf(3), lines[0]+lines[1]+lines[3]+lines[2]+strings.Join(lines[4:], ""))
	bad("a cosignature that does not hold", leafOf(3), spoil(text, "red"))
	bad("a log's signature that does not hold", leafOf(3), spoil(text, origin))
	bad("nothing", leafOf(3), "")
	bad("the second version", leafOf(3), strings.Replace(text, "@v1", "@v2", 1))
	bad("no index", leafOf(3), strings.Replace(text, "index 3\n", "", 1))
	bad("a leading zero", leafOf(3), strings.Replace(text, "index 3", "index 03", 1))
	bad("an index after the hashes", leafOf(3), lines[0]+lines[2]+lines[1]+strings.Join(lines[3:], ""))
	bad("extra after the index", leafOf(3), lines[0]+lines[1]+"extra AA==\n"+strings.Join(lines[2:], ""))
	bad("no empty line", leafOf(3), strings.Replace(text, "\n\n", "\n", 1))
	bad("an empty line too many", leafOf(3), strings.Replace(text, "\n\n", "\n\n\n", 1))
	bad("cut short", leafOf(3), text[:len(text)-1])
	bad("carriage returns", leafOf(3), strings.ReplaceAll(text, "\n", "\r\n"))
	bad("61 hashes", leafOf(3), lines[0]+lines[1]+strings.Repeat(lines[2], 61)+strings.Join(lines[5:], ""))
	bad("not UTF-8", leafOf(3), strings.Replace(text, "index", "ind\xffex", 1))
	return list
}

func TestReceiptVectors(t *testing.T) {
	compare(t, "receipts.json", "receipts of leaves (c2sp.org/tlog-proof) under a policy", receiptVectors(t))
	js := newAsker(t)
	for _, v := range load[receiptVector](t, "receipts.json") {
		b := text{v.Text, v.Base64}.bytes(t)
		p := must[*ledger.Policy](t)(ledger.ParsePolicy(v.Policy))
		proof, err := ledger.ParseProof(b)
		var s ledger.Signed
		if err == nil {
			s, err = proof.Check([]byte(v.Leaf), p)
		}
		a := js.ask("receipt", m{"policy": v.Policy, "leaf": v.Leaf, "data": b64(b)})
		if (err == nil) != v.OK || a.OK != v.OK {
			t.Errorf("%s: %v, and the browser %v (%s), want %v", v.Name, err, a.OK, a.Rule, v.OK)
			continue
		}
		if v.OK && (proof.Index != *v.Index || s.Size != *v.Size || s.Quorum() != *v.Quorum || a.Index != *v.Index || string(a.Size) != fmt.Sprintf("%q", fmt.Sprint(*v.Size)) || a.Quorum != *v.Quorum) {
			t.Errorf("%s: %v, %v; the browser %d, %s, %v", v.Name, proof.Index, s, a.Index, a.Size, a.Quorum)
		}
	}
}
