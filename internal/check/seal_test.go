package check_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"corridor.example/corridor/internal/seal"
)

// TestSealedInJavaScript opens with filippo.io/age what a browser sealed.
func TestSealedInJavaScript(t *testing.T) {
	js := newAsker(t)
	to, secret, err := seal.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	var ring seal.Keyring
	if _, err := ring.Add(secret); err != nil {
		t.Fatal(err)
	}
	var plain [][]byte
	var list []string
	for _, n := range []int{0, 1, 338, 65535, 65536, 65537, 3 << 16, 300000} {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i * 7)
		}
		plain, list = append(plain, b), append(list, b64(b))
	}
	a := js.ask("seal", m{"list": list, "key": to})
	all, err := base64.StdEncoding.DecodeString(a.Text)
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(all)
	for _, want := range plain {
		item, err := seal.Next(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ring.Open(item)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes sealed in JavaScript: %v", len(want), err)
		}
		if len(want) == 338 {
			t.Logf("338 bytes are sealed in %d", len(item))
		}
	}
	if _, err := seal.Next(r); err != io.EOF {
		t.Errorf("after the last item: %v", err)
	}
}

// TestRecipientsInJavaScript: a recipient with a slip of the pen is refused, whatever it is.
func TestRecipientsInJavaScript(t *testing.T) {
	js := newAsker(t)
	// The private and public key of RFC 7748, section 6.1, Alice's, as age writes them.
	const key = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
	to := bech32Of("age", must[[]byte](t)(hex.DecodeString(key)))
	if a := js.ask("recipient", m{"text": to}); !a.OK || a.Hash != key {
		t.Fatalf("%s is read as %v %s", to, a.OK, a.Hash)
	}
	for i := range to {
		bad := to[:i] + map[bool]string{true: "p", false: "q"}[to[i] == 'q'] + to[i+1:]
		if a := js.ask("recipient", m{"text": bad}); a.OK || a.Rule != "seal.recipient" {
			t.Errorf("%s is read", bad)
		}
	}
	for _, bad := range []string{"", "age1", to[:61], to + "q", strings.ToUpper(to), strings.ToLower(strings.Repeat("q", 62))} {
		if a := js.ask("recipient", m{"text": bad}); a.OK {
			t.Errorf("%q is read", bad)
		}
	}
}

// bech32Of writes bytes as BIP 173 has it.
func bech32Of(name string, b []byte) string {
	const signs = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	var groups []byte
	bits, have := uint(0), 0
	for _, x := range b {
		bits, have = bits<<8|uint(x), have+8
		for ; have >= 5; have -= 5 {
			groups = append(groups, byte(bits>>(have-5)&31))
		}
	}
	if have > 0 {
		groups = append(groups, byte(bits<<(5-have)&31))
	}
	sum := uint32(1)
	step := func(v byte) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	for _, c := range []byte(name) {
		step(c >> 5)
	}
	step(0)
	for _, c := range []byte(name) {
		step(c & 31)
	}
	for _, g := range groups {
		step(g)
	}
	for range 6 {
		step(0)
	}
	sum ^= 1
	for i := range 6 {
		groups = append(groups, byte(sum>>(5*(5-i))&31))
	}
	out := name + "1"
	for _, g := range groups {
		out += string(signs[g])
	}
	return out
}
