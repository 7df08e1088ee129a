package record

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"flag"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"filippo.io/edwards25519"
)

var update = flag.Bool("update", false, "write testdata/vectors anew")

const vectorsDir = "../testdata/vectors"

// A keyVector is one case of keys.json.
type keyVector struct {
	Name        string  `json:"name"`
	Seed        *string `json:"seed"` // RFC 8032 private key in hex; null where nobody has one
	Key         string  `json:"key"`
	Fingerprint string  `json:"fingerprint"` // SHA-256 of the key
	OK          bool    `json:"ok"`
	Rule        *string `json:"rule"`
}

// A paeVector is one case of pae.json.
type paeVector struct {
	Name   string  `json:"name"`
	Type   string  `json:"type"`
	Text   *string `json:"text"`
	Base64 *string `json:"base64"`
	PAE    string  `json:"pae"` // in hex
}

// A possessionVector is one case of possession.json.
type possessionVector struct {
	Name     string  `json:"name"`
	Seed     *string `json:"seed"` // with it, a signer makes this proof; null in refused cases
	Key      string  `json:"key"`
	Exercise bool    `json:"exercise"`
	Origin   string  `json:"origin"`
	Mission  *string `json:"mission"`
	Payload  string  `json:"payload"` // the text that a proof for this key and mission is over
	Proof    string  `json:"proof"`
	OK       bool    `json:"ok"`
	Rule     *string `json:"rule"`
}

// A timeVector is one case of times.json.
type timeVector struct {
	Text string `json:"text"`
	OK   bool   `json:"ok"`
	Unix *int64 `json:"unix"`
}

// A jsonVector is one case of json.json.
type jsonVector struct {
	Name   string  `json:"name"`
	Text   *string `json:"text"`
	Base64 *string `json:"base64"`
	OK     bool    `json:"ok"`
}

// textOrBase64 gives a text as it is if a JSON file can hold it, else in base64.
func textOrBase64(text string) (asText, asBase64 *string) {
	if utf8.ValidString(text) {
		return &text, nil
	}
	b := b64(text)
	return nil, &b
}

// bytesOf returns the text a vector holds.
func bytesOf(t testing.TB, text, base64 *string) []byte {
	t.Helper()
	if text != nil {
		return []byte(*text)
	}
	b, err := strictBase64([]byte(*base64))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// load reads a vector file with the standard library, as another program would.
func load[V any](t testing.TB, name string) []V {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectorsDir, name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []V }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(file.Cases) == 0 {
		t.Fatalf("%s holds no cases", name)
	}
	return file.Cases
}

// fileOf returns a vector file: what it is about, then one case a line.
func fileOf[V any](t *testing.T, about string, cases []V) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(`{"about":"` + about + `","cases":[` + "\n")
	for i, c := range cases {
		text, err := Encode(c)
		if err != nil {
			t.Fatalf("case %d: %v", i, err)
		}
		b.Write(text)
		if i < len(cases)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]}\n")
	return b.Bytes()
}

// TestVectorFiles keeps the vector files as the tables in this package make them, byte for
// byte. With -update it writes them.
func TestVectorFiles(t *testing.T) {
	files := map[string][]byte{
		"keys.json":       fileOf(t, "public keys: which may be enrolled", keyVectors()),
		"pae.json":        fileOf(t, "the bytes a signature is made over", paeVectors()),
		"envelopes.json":  fileOf(t, "records as they travel: which are read, and what is read", envelopeVectors()),
		"possession.json": fileOf(t, "proofs that somebody holds a new key", possessionVectors()),
		"lodgings.json":   fileOf(t, "a witness's word that a record was handed to it", lodgingVectors()),
		"times.json":      fileOf(t, "moments: which spellings are read", timeVectors()),
		"json.json":       fileOf(t, "the strict reader on the specimen type of README.md", jsonVectors()),
	}
	for name, want := range files {
		path := filepath.Join(vectorsDir, name)
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v; write it with: go test ./record -update", err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what its tables make; look at the difference after: go test ./record -update", name)
		}
	}
}

// ruleOf returns the rule of a refusal, "" for nil, and fails on any other error.
func ruleOf(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	r, ok := err.(*Refusal)
	if !ok {
		t.Fatalf("the error is %T, not a refusal: %v", err, err)
	}
	if r.Reason == "" || len(r.Reason) > 500 {
		t.Errorf("%s has a reason of %d bytes: %.100s", r.Rule, len(r.Reason), r.Reason)
	}
	return r.Rule
}

// orNone returns the text, "" for null.
func orNone(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestKeyVectors(t *testing.T) {
	for _, c := range load[keyVector](t, "keys.json") {
		key := ed25519.PublicKey(unhexed(c.Key))
		if got, want := ruleOf(t, CheckKey(key)), orNone(c.Rule); got != want || c.OK != (want == "") {
			t.Errorf("%s: CheckKey says %q, want %q", c.Name, got, want)
		}
		if got := Fingerprint(key).String(); got != c.Fingerprint {
			t.Errorf("%s: Fingerprint is %s, want %s", c.Name, got, c.Fingerprint)
		}
		if c.Seed != nil {
			if got := hex.EncodeToString(ed25519.NewKeyFromSeed(unhexed(*c.Seed)).Public().(ed25519.PublicKey)); got != c.Key {
				t.Errorf("%s: the seed gives %s, want %s", c.Name, got, c.Key)
			}
		}
	}
}

func TestPAEVectors(t *testing.T) {
	for _, c := range load[paeVector](t, "pae.json") {
		if got := hex.EncodeToString(PAE(c.Type, bytesOf(t, c.Text, c.Base64))); got != c.PAE {
			t.Errorf("%s: PAE is %s, want %s", c.Name, got, c.PAE)
		}
	}
}

func TestEnvelopeVectors(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range load[envelopeVector](t, "envelopes.json") {
		if seen[c.Name] {
			t.Errorf("%s: there are two cases of this name", c.Name)
		}
		seen[c.Name] = true
		text := bytesOf(t, c.Text, c.Base64)
		r, err := Record{}, error(nil)
		switch c.Form {
		case "line":
			r, err = Parse(text)
		case "envelope":
			r, err = ParseEnvelope(text)
		default:
			t.Fatalf("%s: unknown form %q", c.Name, c.Form)
		}
		if (err == nil) != (c.Hash != nil) {
			t.Errorf("%s: parsing gives the error %v, want one: %v", c.Name, err, c.Hash == nil)
			continue
		}
		if err == nil {
			if r.Hash != *c.Hash || r.Exercise() != *c.Exercise {
				t.Errorf("%s: hash %s, exercise %v, want %s, %v", c.Name, r.Hash, r.Exercise(), c.Hash, *c.Exercise)
			}
			var carried []string
			for _, p := range r.Parts {
				if p.Bytes != nil {
					carried = append(carried, p.Name)
				}
			}
			if !slices.Equal(carried, c.Carried) {
				t.Errorf("%s: carries %v, want %v", c.Name, carried, c.Carried)
			}
			if c.Form == "line" && !bytes.Equal(r.Line(), text) {
				t.Errorf("%s: Line() is\n%s, want\n%s", c.Name, r.Line(), text)
			}
			if c.Form == "envelope" && !bytes.Equal(r.Envelope(), text) {
				t.Errorf("%s: Envelope() is\n%s, want\n%s", c.Name, r.Envelope(), text)
			}
			err = r.Verify(unhexed(c.Key))
		}
		if got, want := ruleOf(t, err), orNone(c.Rule); got != want || c.OK != (want == "") {
			t.Errorf("%s: %v, want %q", c.Name, err, want)
		}
	}
}

func TestPossessionVectors(t *testing.T) {
	for _, c := range load[possessionVector](t, "possession.json") {
		var mission *Hash
		if c.Mission != nil {
			h, err := ParseHash(*c.Mission)
			if err != nil {
				t.Fatal(err)
			}
			mission = &h
		}
		err := CheckProof(unhexed(c.Key), c.Proof, c.Exercise, c.Origin, mission)
		if got, want := ruleOf(t, err), orNone(c.Rule); got != want || c.OK != (want == "") {
			t.Errorf("%s: CheckProof says %q, want %q", c.Name, got, want)
		}
		if c.Seed != nil {
			if got := Prove(ed25519.NewKeyFromSeed(unhexed(*c.Seed)), c.Exercise, c.Origin, mission); got != c.Proof {
				t.Errorf("%s: Prove gives %s, want %s", c.Name, got, c.Proof)
			}
		}
	}
}

func TestTimeVectors(t *testing.T) {
	for _, c := range load[timeVector](t, "times.json") {
		var got Time
		err := got.UnmarshalText([]byte(c.Text))
		if (err == nil) != c.OK {
			t.Errorf("%q is read with error %v, want ok %v", c.Text, err, c.OK)
			continue
		}
		if !c.OK {
			continue
		}
		if int64(got) != *c.Unix {
			t.Errorf("%q is %d, want %d", c.Text, got, *c.Unix)
		}
		if b, err := got.MarshalText(); err != nil || string(b) != c.Text || got.String() != c.Text {
			t.Errorf("%q is written %q and %q, error %v", c.Text, b, got, err)
		}
	}
}

// A specimen is the type that json.json is about. It has one member of each sort.
type specimen struct {
	N     int64   `json:"n"`
	Text  string  `json:"text"`
	List  []int64 `json:"list"`
	Maybe *string `json:"maybe"`
	Flag  bool    `json:"flag"`
	Inner inner   `json:"inner"`
}

type inner struct {
	At   Time `json:"at"`
	Hash Hash `json:"hash"`
}

func TestJSONVectors(t *testing.T) {
	for _, c := range load[jsonVector](t, "json.json") {
		text := bytesOf(t, c.Text, c.Base64)
		var v specimen
		err := Decode(text, &v)
		if (err == nil) != c.OK {
			t.Errorf("%s: error %v, want ok %v", c.Name, err, c.OK)
		}
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("%s: the error has %d bytes", c.Name, len(err.Error()))
		}
		if err != nil {
			continue
		}
		if again, err := Encode(v); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%s: written again it is %s, error %v", c.Name, again, err)
		}
	}
}

// The points of order 1, 2, 4 and 8, and order8 to spoil others with. Their spellings are
// listed by Chalkias, Garillot and Nikolaenko, Taming the Many EdDSAs, table 1.
const order8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"

func keyVectors() []keyVector {
	var all []keyVector
	put := func(name, seed, key, rule string) {
		v := keyVector{Name: name, Key: key, Fingerprint: digest(string(unhexed(key))), OK: rule == ""}
		if seed != "" {
			v.Seed = &seed
		}
		if rule != "" {
			v.Rule = &rule
		}
		all = append(all, v)
	}
	for _, name := range []string{"mina", "omar", "office", "red", "blue"} {
		key := testKey(name)
		put(name, hex.EncodeToString(key.Seed()), hex.EncodeToString(key.Public().(ed25519.PublicKey)), "")
	}
	put("RFC 8032, section 7.1, test 1", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "")
	mixed := new(edwards25519.Point).Add(point(hex.EncodeToString(testKey("mina").Public().(ed25519.PublicKey))), point(order8))
	put("mina's key plus a point of order 8: not of low order", "", hex.EncodeToString(mixed.Bytes()), "")

	zeros, ffs := strings.Repeat("00", 30), strings.Repeat("ff", 30)
	for _, c := range []struct{ name, key, rule string }{
		{"order 1", "01" + zeros + "00", "key.low-order"},
		{"order 2", "ec" + ffs + "7f", "key.low-order"},
		{"order 4", "00" + zeros + "00", "key.low-order"},
		{"order 4, x negative", "00" + zeros + "80", "key.low-order"},
		{"order 8", order8, "key.low-order"},
		{"order 8, x negative", order8[:62] + "85", "key.low-order"},
		{"order 8, y negative", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "key.low-order"},
		{"order 8, x and y negative", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "key.low-order"},
		{"order 1, x is minus zero", "01" + zeros + "80", "key.encoding"},
		{"order 2, x is minus zero", "ec" + ffs + "ff", "key.encoding"},
		{"order 4, y is p", "ed" + ffs + "7f", "key.encoding"},
		{"order 4, y is p, x negative", "ed" + ffs + "ff", "key.encoding"},
		{"order 1, y is p + 1", "ee" + ffs + "7f", "key.encoding"},
		{"order 1, y is p + 1, x is minus zero", "ee" + ffs + "ff", "key.encoding"},
		{"not on the curve, y is 2", "02" + zeros + "00", "key.encoding"},
		{"no key", "", "key.length"},
		{"31 bytes", strings.Repeat("09", 31), "key.length"},
		{"33 bytes", hex.EncodeToString(testKey("mina").Public().(ed25519.PublicKey)) + "00", "key.length"},
		{"64 bytes: the private key", hex.EncodeToString(testKey("mina")), "key.length"},
	} {
		put(c.name, "", c.key, c.rule)
	}
	for k := int64(2); k < 19; k++ {
		n := big.NewInt(k).String()
		put("y is p + "+n, "", hex.EncodeToString([]byte{byte(0xed + k)})+ffs+"7f", "key.encoding")
		put("y is p + "+n+", x negative", "", hex.EncodeToString([]byte{byte(0xed + k)})+ffs+"ff", "key.encoding")
	}
	return all
}

func paeVectors() []paeVector {
	var all []paeVector
	put := func(name, typ, payload, pae string) {
		v := paeVector{Name: name, Type: typ, PAE: hex.EncodeToString([]byte(pae))}
		v.Text, v.Base64 = textOrBase64(payload)
		all = append(all, v)
	}
	put("protocol.md of DSSE", "http://example.com/HelloWorld", "hello world", "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
	put("nothing", "", "", "DSSEv1 0  0 ")
	put("lengths are of bytes, not letters", "application/vnd.corridor.record.v1+json", "الفوعة", "DSSEv1 39 application/vnd.corridor.record.v1+json 12 الفوعة")
	put("a payload that is not UTF-8", "a", "\xff\x00", "DSSEv1 1 a 2 \xff\x00")
	put("a payload that looks like an encoding", "a b", "1 c 1 d", "DSSEv1 3 a b 7 1 c 1 d")
	for _, exercise := range []string{"", "exercise."} {
		for _, p := range []string{"record", "possession", "session", "lodging"} {
			typ := "application/vnd.corridor." + exercise + p + ".v1+json"
			put(exercise+p, typ, `{"v":1}`, "DSSEv1 "+big.NewInt(int64(len(typ))).String()+" "+typ+` 7 {"v":1}`)
		}
	}
	return all
}

func possessionVectors() []possessionVector {
	const origin = "corridor.invalid/" + draftID
	var all []possessionVector
	mission := testHash("mission")
	payloadFor := func(key, origin string, mission *string) string {
		m := "null"
		if mission != nil {
			m = quoted(*mission)
		}
		return `{"v":1,"origin":` + quoted(origin) + `,"mission":` + m + `,"key":` + quoted(key) + `}`
	}
	payload := func(key ed25519.PrivateKey, origin string, mission *string) string {
		return payloadFor(hex.EncodeToString(key.Public().(ed25519.PublicKey)), origin, mission)
	}
	typ := func(exercise bool) string {
		if exercise {
			return "application/vnd.corridor.exercise.possession.v1+json"
		}
		return "application/vnd.corridor.possession.v1+json"
	}
	// draft returns a good case, spoil adds one changed so that it breaks the rule.
	draft := func(name, holder, origin string, mission *string, exercise bool) possessionVector {
		key := testKey(holder)
		text := payload(key, origin, mission)
		seed := hex.EncodeToString(key.Seed())
		return possessionVector{
			Name: name, Seed: &seed, Key: hex.EncodeToString(key.Public().(ed25519.PublicKey)),
			Exercise: exercise, Origin: origin, Mission: mission, Payload: text, OK: true,
			Proof: hex.EncodeToString(ed25519.Sign(key, pae(typ(exercise), text))),
		}
	}
	spoil := func(name, rule string, change func(v *possessionVector)) {
		v := draft(name, "mina", origin, &mission, false)
		v.Seed, v.OK, v.Rule = nil, false, &rule
		change(&v)
		all = append(all, v)
	}
	all = append(all,
		draft("for a mission", "mina", origin, &mission, false),
		draft("for the mandate itself", "office", origin, nil, false),
		draft("for an exercise", "mina", origin, &mission, true),
		draft("for an origin beyond ASCII", "red", "الفوعة.invalid/"+draftID, &mission, false),
	)
	const rule = "key.possession"
	proofBy := func(v *possessionVector, holder, typ, payload string) {
		v.Proof = hex.EncodeToString(ed25519.Sign(testKey(holder), pae(typ, payload)))
	}
	spoil("made for another origin", rule, func(v *possessionVector) {
		proofBy(v, "mina", typ(false), payload(testKey("mina"), "corridor.invalid/"+draftNonce, &mission))
	})
	spoil("made for another mission", rule, func(v *possessionVector) {
		other := testHash("another mission")
		proofBy(v, "mina", typ(false), payload(testKey("mina"), origin, &other))
	})
	spoil("made for the mandate, shown for a mission", rule, func(v *possessionVector) {
		proofBy(v, "mina", typ(false), payload(testKey("mina"), origin, nil))
	})
	spoil("made for a mission, shown for the mandate", rule, func(v *possessionVector) {
		v.Mission = nil
	})
	spoil("made for an exercise, shown as real", rule, func(v *possessionVector) { proofBy(v, "mina", typ(true), v.Payload) })
	spoil("made as real, shown for an exercise", rule, func(v *possessionVector) { v.Exercise = true })
	spoil("made by another key over this key's text", rule, func(v *possessionVector) { proofBy(v, "omar", typ(false), v.Payload) })
	spoil("made by another key for itself", rule, func(v *possessionVector) {
		proofBy(v, "omar", typ(false), payload(testKey("omar"), origin, &mission))
	})
	for _, p := range []string{"record", "session", "lodging"} {
		spoil("signed as "+p, rule, func(v *possessionVector) {
			proofBy(v, "mina", "application/vnd.corridor."+p+".v1+json", v.Payload)
		})
	}
	spoil("signed without the pre-authentication encoding", rule, func(v *possessionVector) {
		v.Proof = hex.EncodeToString(ed25519.Sign(testKey("mina"), []byte(v.Payload)))
	})
	spoil("S + L for S", rule, func(v *possessionVector) { v.Proof = hex.EncodeToString(plusL(unhexed(v.Proof))) })
	spoil("in capital hex", rule, func(v *possessionVector) { v.Proof = strings.ToUpper(v.Proof) })
	spoil("one digit short", rule, func(v *possessionVector) { v.Proof = v.Proof[:127] })
	spoil("a byte long", rule, func(v *possessionVector) { v.Proof += "00" })
	spoil("in base64", rule, func(v *possessionVector) { v.Proof = b64(string(unhexed(v.Proof))) })
	spoil("empty", rule, func(v *possessionVector) { v.Proof = "" })
	zero := strings.Repeat("00", 31)
	spoil("a key of order 1, whose proof fits everything", "key.low-order", func(v *possessionVector) {
		v.Key, v.Proof = "01"+zero, "01"+zero+"00"+zero
	})
	spoil("the same key in another spelling", "key.encoding", func(v *possessionVector) {
		v.Key, v.Proof = "ee"+strings.Repeat("ff", 30)+"7f", "01"+zero+"00"+zero
	})
	spoil("half a key", "key.length", func(v *possessionVector) { v.Key = v.Key[:32] })
	for i, v := range all {
		all[i].Payload = payloadFor(v.Key, v.Origin, v.Mission)
	}
	return all
}

func timeVectors() []timeVector {
	var all []timeVector
	for _, c := range []struct {
		text string
		unix int64
	}{
		{"1970-01-01T00:00:00Z", 0},
		{"1969-12-31T23:59:59Z", -1},
		{"2016-12-18T21:00:00Z", 1482094800},
		{"2016-02-29T00:00:00Z", 1456704000},
		{"2000-02-29T23:59:59Z", 951868799},
		{"0001-01-01T00:00:00Z", -62135596800},
		{"9999-12-31T23:59:59Z", 253402300799},
	} {
		all = append(all, timeVector{Text: c.text, OK: true, Unix: &c.unix})
	}
	for _, text := range []string{
		"", "0", "1482094800", "null", "2016-12-18", "2016-12-18T21:00Z", "2016-12-18T21:00:00", "2016-12-18 21:00:00Z",
		"2016-12-18T21:00:00z", "2016-12-18t21:00:00Z", "2016-12-18T21:00:00+00:00", "2016-12-18T21:00:00-00:00", "2016-12-18T23:00:00+02:00",
		"2016-12-18T21:00:00.0Z", "2016-12-18T21:00:00.5Z", "2016-12-18T21:00:00,5Z", "2016-12-18T21:00:00.Z", "2016-12-18T9:00:00Z", "2016-12-18T9:00:00.Z", "2016-12-18T9:00:0.5Z",
		"2016-12-18T24:00:00Z", "2016-12-18T21:60:00Z", "2016-12-18T21:00:60Z", "2016-12-31T23:59:60Z", "2016-02-30T00:00:00Z", "2015-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
		"2016-00-18T21:00:00Z", "2016-13-18T21:00:00Z", "2016-12-00T21:00:00Z", "2016-12-32T21:00:00Z", "2016-1-18T21:00:00Z",
		"0000-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "+2016-12-18T21:00:00Z", "-0001-12-18T21:00:00Z", "16-12-18T21:00:00Z",
		" 2016-12-18T21:00:00Z", "2016-12-18T21:00:00Z ", "2016-12-18T21:00:00Z\n", "2016-12-18T21:00:00ZZ", "٢٠١٦-12-18T21:00:00Z", "2016‑12‑18T21:00:00Z", "2016-12-18T21:00:00 UTC",
	} {
		all = append(all, timeVector{Text: text})
	}
	return all
}

func jsonVectors() []jsonVector {
	hash := quoted(testHash("specimen"))
	good := `{"n":7,"text":"A","list":[1,2],"maybe":null,"flag":true,"inner":{"at":"2016-12-18T21:00:00Z","hash":` + hash + `}}`
	var all []jsonVector
	put := func(ok bool, name, text string) {
		v := jsonVector{Name: name, OK: ok}
		v.Text, v.Base64 = textOrBase64(text)
		all = append(all, v)
	}
	with := func(ok bool, name, old, new string) { put(ok, name, swap(good, old, new)) }

	put(true, "the specimen", good)
	for _, n := range []string{"0", "-1", "9007199254740992", "-9007199254740992"} {
		with(true, "the integer "+n, `"n":7`, `"n":`+n)
	}
	for _, n := range []string{
		"9007199254740993", "-9007199254740993", "9007199254740994", "9223372036854775808", "18446744073709551623", "1" + strings.Repeat("0", 400),
		"-0", "07", "-07", "+7", "7.", "7.0", ".7", "7.5", "7e0", "7E0", "7e+0", "70e-1", "0x7", "7_0", "--7", "-", "NaN", "Infinity", `"7"`, "null", "true", "[7]", "{}", "７", "",
	} {
		with(false, "the number "+n, `"n":7`, `"n":`+n)
	}
	for _, s := range []string{``, ` `, `\"`, `\\`, `\b\f\n\r\t`, `\u0000\u0001\u000b\u000e\u001f`, `/`, `<>&'`, "\u007f", "\u0080", "\u2028\u2029", "\ufeff", "\ufffd", "\ufffe\uffff", "\U0001f68c", "\U0010ffff", "الفوعة", "é", "e\u0301", `1.5e3`, `\\u0041`, `\"1.5`} {
		with(true, "the text "+s, `"A"`, quoted(s))
	}
	for _, s := range []string{
		`\/`, `\u0041`, `\u0022`, `\u005c`, `\u002f`, `\u0008`, `\u0009`, `\u000a`, `\u000c`, `\u000d`, `\u000B`, `\u001F`, `\u007f`, `\u00e9`, `\u2028`, `\ufeff`, `\ufffd`, `\uFFFD`,
		`\ud83d\ude8c`, `\ud800`, `\udc00`, `\ud800\ud800`, `\udc00\ud800`, `\ud800A`, `\uD800`, `\u`, `\u00`, `\u000`, `\u00g0`, `\x41`, `\a`, `\'`, `\U0001f68c`, `\`, "\t", "\n", "\r", "\x00", "\x1f",
		"\x80", "\xff", "\xc1\x81", "\xe0\x80\xaf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe2\x82", "A\xf0\x9f\x9a",
	} {
		with(false, "the spelling "+strings.ToValidUTF8(s, "(not UTF-8)")+" "+hex.EncodeToString([]byte(s)), `"A"`, quoted(s))
	}
	for _, s := range []string{"null", "7", "true", "A", "'A'", `["A"]`} {
		with(false, "for the text "+s, `"A"`, s)
	}

	with(true, "an empty list", "[1,2]", "[]")
	with(true, "maybe a text", `"maybe":null`, `"maybe":"B"`)
	with(true, "maybe an empty text", `"maybe":null`, `"maybe":""`)
	with(true, "false", "true", "false")
	for _, s := range []string{"null", "[null]", "[1,2,]", "[,]", "[1 ,2]", "[1, 2]", "[1.0]", "[1][2]", "1,2", `{"0":1}`, `"[]"`, "[1,2", "[9007199254740993]"} {
		with(false, "the list "+s, "[1,2]", s)
	}
	for _, s := range []string{"0", "NULL", "Null", "undefined", "[]", "{}"} {
		with(false, "maybe "+s, `"maybe":null`, `"maybe":`+s)
	}
	for _, s := range []string{"null", "1", `"true"`, "True", "TRUE"} {
		with(false, "the flag "+s, "true", s)
	}
	for _, s := range []string{"null", "[]", "{}", `"x"`} {
		with(false, "for the inner "+s, good[strings.Index(good, `{"at"`):len(good)-1], s)
	}
	with(false, "null for the time", `"2016-12-18T21:00:00Z"`, "null")
	with(false, "an empty time", `"2016-12-18T21:00:00Z"`, `""`)
	with(false, "a time with an offset", `00Z"`, `00+00:00"`)
	with(false, "an escaped time", `"2016`, `"\u00320016`)
	with(false, "null for the hash", hash, "null")
	with(false, "an empty hash", hash, `""`)
	with(false, "a hash in capitals", hash, strings.ToUpper(hash))
	with(false, "a short hash", hash, hash[:64]+`"`)
	with(false, "a hash as bytes", hash, "[0]")

	for _, m := range []string{`"n":7,`, `"text":"A",`, `"list":[1,2],`, `"maybe":null,`, `"flag":true,`, `"at":"2016-12-18T21:00:00Z",`} {
		with(false, "without "+m[:len(m)-1], m, "")
		with(false, m[:len(m)-1]+" twice", m, m+m)
	}
	with(false, "without the inner", `,"inner":`+good[strings.Index(good, `{"at"`):len(good)-1], "")
	with(false, "a member twice with different values", `"n":7`, `"n":8,"n":7`)
	with(false, "a member twice, once in capitals", `"n":7`, `"N":8,"n":7`)
	with(false, "a member twice, once escaped", `"n":7`, `"\u006e":8,"n":7`)
	with(false, "a member in capitals", `"n":7`, `"N":7`)
	with(false, "a member's name escaped", `"n":7`, `"\u006e":7`)
	with(false, "a member's name without quotes", `"n":7`, `n:7`)
	with(false, "two members exchanged", `"n":7,"text":"A"`, `"text":"A","n":7`)
	with(false, "two inner members exchanged", `"at":"2016-12-18T21:00:00Z","hash":`+hash, `"hash":`+hash+`,"at":"2016-12-18T21:00:00Z"`)
	for _, s := range []string{`"m":7`, `"":7`, `"__proto__":null`, `"constructor":7`, `"toString":7`, `"n ":7`, `"0":7`, `"n\u0000":7`} {
		with(false, "the unknown member "+s, `"n":7`, `"n":7,`+s)
		with(false, "the unknown inner member "+s, `"at"`, s+`,"at"`)
	}
	for _, s := range []string{" ", "\n", "\t", "\r", "\u00a0", "\ufeff", "\x00", "//\n", "/**/"} {
		name := hex.EncodeToString([]byte(s))
		put(false, "before the text "+name, s+good)
		put(false, "after the text "+name, good+s)
		with(false, "between two tokens "+name, `"n":`, `"n":`+s)
	}
	put(false, "in another encoding", string(utf16(good)))
	for _, s := range []string{"", "null", "7", `"A"`, "[]", "{}", "[" + good + "]", good + good, good + ",", good[:len(good)-1], good + "}", `"` + b64(good) + `"`, "undefined"} {
		put(false, "instead of the text "+s[:min(len(s), 12)]+" "+big.NewInt(int64(len(s))).String(), s)
	}
	put(false, "lists ten thousand deep", swap(good, "[1,2]", strings.Repeat("[", 10000)+strings.Repeat("]", 10000)))
	return all
}

// utf16 writes ASCII in UTF-16 with its byte order mark.
func utf16(s string) []byte {
	b := []byte{0xff, 0xfe}
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b
}

// TestEveryRuleHasAVector reads the rules out of the source and asks for a case of each.
func TestEveryRuleHasAVector(t *testing.T) {
	have := map[string]bool{}
	for _, c := range load[keyVector](t, "keys.json") {
		have[orNone(c.Rule)] = true
	}
	for _, c := range load[envelopeVector](t, "envelopes.json") {
		have[orNone(c.Rule)] = true
	}
	for _, c := range load[possessionVector](t, "possession.json") {
		have[orNone(c.Rule)] = true
	}
	for _, c := range load[lodgingVector](t, "lodgings.json") {
		have[orNone(c.Rule)] = true
	}
	rules := rulesInSource(t)
	if len(rules) < 15 {
		t.Fatalf("only %d rules were found in the source: %v", len(rules), rules)
	}
	for _, rule := range rules {
		if !have[rule] {
			t.Errorf("no vector breaks the rule %s", rule)
		}
	}
}
