package record

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"
)

// benchRecord is a departure with four parts, of the size such records have.
func benchRecord(b *testing.B) (ed25519.PrivateKey, Header, []Part, Record) {
	b.Helper()
	seed := sha256.Sum256([]byte("corridor benchmark"))
	key := ed25519.NewKeyFromSeed(seed[:])
	mission, prev := Hash(sha256.Sum256([]byte("mission"))), Hash(sha256.Sum256([]byte("prev")))
	seen := "corridor.invalid/00112233445566778899aabbccddeeff\n70003\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— corridor.invalid/00112233445566778899aabbccddeeff +abcdef12AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	h := Header{Mission: &mission, Kind: "departure", ID: ID{1, 2, 3}, By: "mina", Seq: 12, Prev: &prev, At: 1482094800, Seen: &seen, Nonce: ID{9, 9}}
	head := func(part string) string {
		return `{"id":"` + h.ID.String() + `","part":"` + part + `","nonce":"` + ID{7, 7, 7}.String() + `"`
	}
	parts := []Part{
		{"facts", []byte(head("facts") + `,"convoy":"A-07","when":["2016-12-18T21:00:00Z","2016-12-18T21:05:00Z"],"basis":"observed","via":null}`)},
		{"count", []byte(head("count") + `,"unit":"people","cells":[{"name":"people","n":122}],"of_which":[],"method":"tally","cutoff":"2016-12-18T21:05:00Z"}`)},
		{"where", []byte(head("where") + `,"place":"ramouseh","lat":361612000,"lon":371234000,"accuracy":25}`)},
		{"who", []byte(head("who") + `,"ids":["red","blue"]}`)},
	}
	r, err := Sign(key, false, h, parts)
	if err != nil {
		b.Fatal(err)
	}
	return key, h, parts, r
}

func BenchmarkSign(b *testing.B) {
	key, h, parts, _ := benchRecord(b)
	for b.Loop() {
		if _, err := Sign(key, false, h, parts); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	key, _, _, r := benchRecord(b)
	pub := key.Public().(ed25519.PublicKey)
	for b.Loop() {
		if err := r.Verify(pub); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	_, _, _, r := benchRecord(b)
	line := r.Line()
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(line); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseHeader(b *testing.B) {
	_, _, _, r := benchRecord(b)
	b.SetBytes(int64(len(r.Raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseHeader(r.Raw); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecode reads a part the way the mission does, by its Go type.
func BenchmarkDecode(b *testing.B) {
	_, _, parts, _ := benchRecord(b)
	type cell struct {
		Name string `json:"name"`
		N    int64  `json:"n"`
	}
	type count struct {
		PartHead
		Unit    string `json:"unit"`
		Cells   []cell `json:"cells"`
		OfWhich []cell `json:"of_which"`
		Method  string `json:"method"`
		Cutoff  Time   `json:"cutoff"`
	}
	b.SetBytes(int64(len(parts[1].Bytes)))
	b.ReportAllocs()
	for b.Loop() {
		var v count
		if err := Decode(parts[1].Bytes, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTime(b *testing.B) {
	text, t := []byte("2016-12-18T21:00:00Z"), Time(0)
	b.ReportAllocs()
	for b.Loop() {
		if err := t.UnmarshalText(text); err != nil {
			b.Fatal(err)
		}
		if _, err := t.MarshalText(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLine(b *testing.B) {
	_, _, _, r := benchRecord(b)
	b.ReportAllocs()
	for b.Loop() {
		r.Line()
	}
}
