package server_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/compact"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/seal"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// sealing is a mission whose log names a sealing key, and the secrets that its server has.
type sealing struct {
	*played
	to      string
	clock   func() time.Time
	secrets map[string]string
}

func playSealing(t *testing.T) *sealing {
	x := &sealing{secrets: map[string]string{}}
	x.played = playText(t, "intake.txt", strings.Replace(intakeMission, "office office\n", "actor office office keys working, recovery\n", 1), time.Hour, func(cfg *server.Config) {
		x.clock = cfg.Now
		cfg.Secrets = func(_ context.Context, recipient string) (string, error) { return x.secrets[recipient], nil }
	})
	x.to = x.name("", "working")
	return x
}

// name makes a sealing key and has the office name it in the log, in place of the one before.
func (x *sealing) name(replaces, signer string) string {
	x.t.Helper()
	to, secret, err := seal.NewKey()
	if err != nil {
		x.t.Fatal(err)
	}
	x.secrets[to] = secret
	w := x.pen("office")
	if signer == "recovery" {
		w.key = scenario.ActorKey(testSeed, "office.recovery")
	}
	x.node.View(func(v corridor.View) {
		seq, last, ok := v.Chain(record.Fingerprint(w.key.Public().(ed25519.PublicKey)))
		if ok {
			w.seq, w.last = seq, &last
		}
	})
	facts := map[string]any{"key": map[string]any{"use": "sealing", "key": to, "proof": ""}, "replaces": nil, "reason": "new"}
	if replaces != "" {
		facts["replaces"], facts["reason"] = hexOf(sha256.Sum256([]byte(replaces))), "rotation"
	}
	h, list := w.draft("key", parts{"facts": facts})
	if _, err := x.node.Submit(x.t.Context(), w.sign(true, h, list)); err != nil {
		x.t.Fatal(err)
	}
	x.node.View(func(v corridor.View) {
		if got, _ := v.SealingKey(); got != to {
			x.t.Fatalf("the mission seals to %q, not to %q", got, to)
		}
	})
	return to
}

func hexOf(b [32]byte) string { return hex.EncodeToString(b[:]) }

func (x *sealing) seal(r record.Record, to string) []byte {
	x.t.Helper()
	item, err := seal.Seal(compact.Pack(r, true), to)
	if err != nil {
		x.t.Fatal(err)
	}
	return item
}

// sealedAnswer is one line of the answer.
type sealedAnswer struct {
	Item         string
	Status       int
	Receipt      *given
	Rule, Reason string
	Retry        int `json:"retry_after"`
}

func (p *played) postSealed(body io.Reader) (*httptest.ResponseRecorder, []sealedAnswer) {
	p.t.Helper()
	w := httptest.NewRecorder()
	p.s.ServeHTTP(w, httptest.NewRequest("POST", "/api/v1/sealed", body))
	var list []sealedAnswer
	if w.Code == http.StatusOK {
		for dec := json.NewDecoder(w.Body); ; {
			var a sealedAnswer
			if err := dec.Decode(&a); err == io.EOF {
				break
			} else if err != nil {
				p.t.Fatal(err)
			}
			list = append(list, a)
		}
	}
	return w, list
}

func TestSealedItems(t *testing.T) {
	x := playSealing(t)
	mina := x.pen("mina")
	a, b := mina.move(), mina.move()
	items := [][]byte{x.seal(a, x.to), compact.Pack(b, false), []byte("no item"), []byte(seal.Magic + "rubbish"), x.seal(a, x.to)}
	var body []byte
	for _, item := range items {
		body = seal.Frame(body, item)
	}
	_, got := x.postSealed(bytes.NewReader(body))
	want := []struct {
		status int
		rule   string
	}{{201, ""}, {201, ""}, {422, "compact.form"}, {422, "seal.form"}, {200, ""}}
	if len(got) != len(want) {
		t.Fatalf("%d answers: %v", len(got), got)
	}
	for i, w := range want {
		if got[i].Status != w.status || got[i].Rule != w.rule || got[i].Item != hexOf(sha256.Sum256(items[i])) || (got[i].Receipt == nil) != (w.rule != "") {
			t.Errorf("item %d: %+v, want %d %s", i, got[i], w.status, w.rule)
		}
	}
	x.proves(*got[0].Receipt, a)
	x.proves(*got[1].Receipt, b)
	if got[4].Receipt.Index != got[0].Receipt.Index {
		t.Error("a repeat is another entry")
	}
	if w, _ := x.postSealed(strings.NewReader("")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "seal.form") {
		t.Errorf("nothing: %d %s", w.Code, w.Body)
	}
	if w, _ := x.postSealed(strings.NewReader("\xff\xff\xff\xff")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "seal.size") {
		t.Errorf("too much announced: %d %s", w.Code, w.Body)
	}
}

// cutAfter is a connection that is cut after some bytes.
type cutAfter struct {
	r io.Reader
	n int
}

func (c *cutAfter) Read(b []byte) (int, error) {
	if c.n == 0 {
		return 0, errors.New("connection reset by peer")
	}
	n, err := c.r.Read(b[:min(len(b), c.n)])
	c.n -= n
	return n, err
}

// TestSealedItemsCutOff: what came whole is logged, whatever became of the connection, and what
// is sent again gets the receipt of the first.
func TestSealedItemsCutOff(t *testing.T) {
	x := playSealing(t)
	mina := x.pen("mina")
	var body []byte
	var ends []int
	for range 3 {
		body = seal.Frame(body, x.seal(mina.move(), x.to))
		ends = append(ends, len(body))
	}
	before := x.node.Size()
	for _, at := range []int{1, 4, 5, ends[0] - 1, ends[0], ends[0] + 3, ends[1] - 1, ends[1], ends[2] - 1} {
		whole := int64(0)
		for _, end := range ends {
			if at >= end {
				whole++
			}
		}
		ctx, gone := context.WithCancel(t.Context())
		r := httptest.NewRequest("POST", "/api/v1/sealed", &cutAfter{bytes.NewReader(body), at}).WithContext(ctx)
		gone() // as net/http does when the connection is cut
		x.s.ServeHTTP(httptest.NewRecorder(), r)
		if got := x.node.Size() - before; got != whole {
			t.Errorf("cut after %d bytes: %d records are logged, and %d came whole", at, got, whole)
		}
	}
	if _, got := x.postSealed(bytes.NewReader(body)); len(got) != 3 || got[0].Status != 200 || got[1].Status != 200 || got[2].Status != 201 {
		t.Errorf("sent again: %+v", got)
	}
	if got := x.node.Size() - before; got != 3 {
		t.Errorf("%d records are logged of 3", got)
	}
}

// TestSealingKeyReplaced: what was sealed to a key that was replaced is opened still, and what
// nobody here can open waits.
func TestSealingKeyReplaced(t *testing.T) {
	x := playSealing(t)
	mina := x.pen("mina")
	old := x.seal(mina.move(), x.to)
	next := x.name(x.to, "recovery")
	_, got := x.postSealed(bytes.NewReader(seal.Frame(seal.Frame(nil, old), x.seal(mina.move(), next))))
	if len(got) != 2 || got[0].Status != 201 || got[1].Status != 201 {
		t.Errorf("with the old key and the new: %+v", got)
	}
	stranger, _, err := seal.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	_, got = x.postSealed(bytes.NewReader(seal.Frame(nil, x.seal(mina.move(), stranger))))
	if len(got) != 1 || got[0].Status != http.StatusAccepted || got[0].Rule != "seal.key" || got[0].Retry == 0 {
		t.Errorf("sealed to a stranger: %+v", got)
	}
	y := playSealing(t)
	clear(y.secrets) // restored without node.db
	_, got = y.postSealed(bytes.NewReader(seal.Frame(nil, y.seal(y.pen("mina").move(), y.to))))
	if len(got) != 1 || got[0].Status != http.StatusAccepted || got[0].Rule != "seal.key" {
		t.Errorf("with no key: %+v", got)
	}
}

// TestPackedFromElsewhere: a shortened key that nobody knows yet waits, a foreign mission is
// refused.
func TestPackedFromElsewhere(t *testing.T) {
	x := playSealing(t)
	w := x.pen("nobody")
	_, got := x.postSealed(bytes.NewReader(seal.Frame(nil, compact.Pack(w.move(), true))))
	if len(got) != 1 || got[0].Status != http.StatusAccepted || got[0].Rule != "key.unknown" {
		t.Errorf("of an unknown key: %+v", got)
	}
	mina := x.pen("mina")
	h, list := mina.draft("departure", movement)
	h.Mission = &record.Hash{1, 2, 3}
	_, got = x.postSealed(bytes.NewReader(seal.Frame(nil, compact.Pack(mina.sign(true, h, list), true))))
	if len(got) != 1 || got[0].Status != http.StatusUnprocessableEntity || got[0].Rule != "record.mission" {
		t.Errorf("of a foreign mission: %+v", got)
	}
}

// TestHundredSealedRecords measures what a phone's queue of a night takes.
func TestHundredSealedRecords(t *testing.T) {
	x := playSealing(t)
	mina := x.pen("mina")
	seen := string(x.node.Checkpoint())
	size := map[string]int{}
	for i := range 100 {
		h, list := mina.draft("departure", movement)
		size["null"] += len(seal.Frame(nil, x.seal(mina.sign(true, h, list), x.to)))
		if i < 3 {
			h.Seen = &seen
			size["a checkpoint"] += len(seal.Frame(nil, x.seal(mina.sign(true, h, list), x.to)))
		}
	}
	t.Logf("100 sealed departures take %d bytes; one more with a checkpoint seen takes %d", size["null"], size["a checkpoint"]/3)
	if size["null"] > 100_000 || size["a checkpoint"]/3 > 1000 {
		t.Errorf("a queue of 100 records is to leave in 100 kB: %v", size)
	}
}

func TestReceiptsForPhones(t *testing.T) {
	x := playSealing(t)
	mina := x.pen("mina")
	var recs []record.Record
	var body []byte
	for range 5 {
		r := mina.move()
		recs = append(recs, r)
		body = seal.Frame(body, x.seal(r, x.to))
	}
	x.postSealed(bytes.NewReader(body))
	x.cosign()
	last := mina.move()
	recs = append(recs, last)
	x.postSealed(bytes.NewReader(seal.Frame(nil, x.seal(last, x.to))))

	type answer struct {
		Checkpoints []struct {
			Text      string
			Witnessed bool
		}
		Records []struct {
			Hash, State, Proof string
			Index              int64
			Checkpoint         int
		}
	}
	ask := func(body string) (*httptest.ResponseRecorder, answer) {
		w := httptest.NewRecorder()
		x.s.ServeHTTP(w, httptest.NewRequest("POST", "/api/v1/receipts", strings.NewReader(body)))
		var a answer
		if w.Code == http.StatusOK {
			if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
				t.Fatal(err)
			}
		}
		return w, a
	}
	var hashes []string
	for _, r := range recs {
		hashes = append(hashes, r.Hash.String())
	}
	unknown := strings.Repeat("ab", 32)
	text, err := json.Marshal(map[string]any{"hashes": append(hashes, unknown)})
	if err != nil {
		t.Fatal(err)
	}
	w, a := ask(string(text))
	if w.Code != http.StatusOK || len(a.Checkpoints) != 2 || len(a.Records) != 7 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for i, r := range recs {
		got := a.Records[i]
		state := "witnessed"
		if i == 5 {
			state = "logged"
		}
		if got.Hash != r.Hash.String() || got.State != state {
			t.Errorf("record %d is %s, want %s", i, got.State, state)
		}
		b, err := base64.StdEncoding.DecodeString(got.Proof)
		if err != nil || len(b)%32 != 0 {
			t.Fatalf("proof %q", got.Proof)
		}
		proof := ledger.Proof{Index: got.Index, Checkpoint: []byte(a.Checkpoints[got.Checkpoint].Text)}
		for ; len(b) > 0; b = b[32:] {
			proof.Hashes = append(proof.Hashes, ledger.Hash(b[:32]))
		}
		var policy *ledger.Policy
		x.node.View(func(v corridor.View) { policy, err = v.Terms().Policy() })
		if err != nil {
			t.Fatal(err)
		}
		signed, err := proof.Check(corridor.Leaf(r), policy)
		if err != nil || signed.Quorum() != (state == "witnessed") {
			t.Errorf("record %d: the receipt put together gives %v, %v", i, signed.Quorum(), err)
		}
	}
	if got := a.Records[6]; got.Hash != unknown || got.State != "absent" || got.Proof != "" {
		t.Errorf("a record that is not here: %+v", got)
	}
	for body, status := range map[string]int{
		`{"hashes":[]}`: 200, ``: 422, `[]`: 422, `{"hashes":["x"]}`: 422, `{"other":[]}`: 422,
		`{"hashes":[` + strings.Repeat(`"`+unknown+`",`, 1000) + `"` + unknown + `"]}`: 413,
		`{"hashes":["` + strings.Repeat("a", 200000) + `"]}`:                           413,
	} {
		if w, _ := ask(body); w.Code != status {
			t.Errorf("%.40s: %d, want %d: %.200s", body, w.Code, status, w.Body)
		}
	}
	x.now = x.now.AddDate(1, 0, 0) // all of it is public now, and the log went on
	_, a = ask(fmt.Sprintf(`{"hashes":[%q]}`, recs[0].Hash))
	released := x.api("/checkpoint").Body.String()
	if len(a.Checkpoints) != 1 || a.Checkpoints[0].Text != released {
		t.Errorf("the receipt of what is public leads beyond what is released")
	}
}
