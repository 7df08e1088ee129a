package server_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

const intakeMission = `mission intake
zone Etc/UTC +00:00
day 2031-03-04
founded 06:00
parties red, blue
office office
place gate crossing
place town destination
leg A from gate to town
consent 2 of red, blue
disclose * * public closed public after public

08:00  mina is nominated, consented to by red, blue, deployed
`

// A pen signs an observer's records.
type pen struct {
	p    *played
	name string
	key  ed25519.PrivateKey
	last *record.Hash
	seq  int64
}

func (p *played) pen(name string) *pen {
	return &pen{p: p, name: name, key: scenario.ActorKey(testSeed, name)}
}

type parts = map[string]map[string]any

var movement = parts{
	"facts": {"convoy": "A-07", "when": "2031-03-04T09:00:00Z", "basis": "observed"},
	"count": {"sums": []any{map[string]any{"unit": "people", "total": 122, "method": "tally"}}},
	"where": {"place": "gate", "to": "town"},
}

// draft returns the next record's header and parts, for those who want to spoil it.
func (w *pen) draft(kind string, given parts) (record.Header, []record.Part) {
	w.p.t.Helper()
	w.seq++
	made := record.Fingerprint(fmt.Append(nil, w.name, w.seq))
	id := record.ID(made[:16])
	list, err := corridor.Compose(corridor.Draft{Kind: corridor.Kind(kind), By: corridor.ActorID(w.name), Parts: given}, id, func() record.ID { return id })
	if err != nil {
		w.p.t.Fatal(err)
	}
	founder := w.p.node.Mission().Founder()
	return record.Header{Mission: &founder, Kind: kind, ID: id, By: w.name, Seq: w.seq, Prev: w.last, At: 1930467600, Nonce: id}, list
}

func (w *pen) sign(exercise bool, h record.Header, list []record.Part) record.Record {
	w.p.t.Helper()
	r, err := record.Sign(w.key, exercise, h, list)
	if err != nil {
		w.p.t.Fatal(err)
	}
	w.last = &r.Hash
	return r
}

func (w *pen) move() record.Record {
	h, list := w.draft("departure", movement)
	return w.sign(true, h, list)
}

// post hands text in.
func (p *played) post(text, typ string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/api/v1/records", strings.NewReader(text))
	r.Header.Set("Content-Type", typ)
	w := httptest.NewRecorder()
	p.s.ServeHTTP(w, r)
	return w
}

func (p *played) api(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	p.s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// cosign has the mission's witnesses cosign its newest checkpoint.
func (p *played) cosign() {
	p.t.Helper()
	signed := p.node.Checkpoint()
	for _, c := range scenario.Cosigners(testSeed) {
		line, err := c.Cosign(p.node.Checkpoint(), p.now.Unix())
		if err == nil {
			signed, err = ledger.AddCosignatures(signed, line)
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
	if err := p.node.Keep(p.t.Context(), signed); err != nil {
		p.t.Fatal(err)
	}
}

// given is a receipt as it is answered.
type given struct {
	Hash  string
	Index int64
	Size  int64
	Proof string
}

// proves fails the test unless a receipt proves that the record is in the log.
func (p *played) proves(g given, r record.Record) ledger.Checkpoint {
	p.t.Helper()
	v, err := ledger.NewVerifier(p.node.VerifierKey())
	if err != nil {
		p.t.Fatal(err)
	}
	proof, err := ledger.ParseProof([]byte(g.Proof))
	if err != nil {
		p.t.Fatal(err)
	}
	c, err := proof.CheckLog(corridor.Leaf(r), v)
	if err != nil || g.Hash != r.Hash.String() || g.Index != proof.Index || g.Size != c.Size {
		p.t.Fatalf("the receipt says %s, entry %d of %d; the proof entry %d of %d (%v)", g.Hash, g.Index, g.Size, proof.Index, c.Size, err)
	}
	return c
}

// trouble is an RFC 9457 body.
type trouble struct {
	Type, Title, Detail, Rule string
	Status                    int
}

// problem fails the test unless an answer is a problem of that status and rule.
func problem(t testing.TB, what string, w *httptest.ResponseRecorder, status int, rule string) trouble {
	t.Helper()
	var p trouble
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%s: %d %s: %v", what, w.Code, w.Body, err)
	}
	typ := "urn:corridor:rule:" + rule
	if w.Code != status || p.Status != status || p.Rule != rule || rule != "" && p.Type != typ || p.Title == "" || p.Detail == "" || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: %d %s, want %d by %s", what, w.Code, w.Body, status, rule)
	}
	return p
}

func TestIntakeOfOne(t *testing.T) {
	p := playText(t, "intake.txt", intakeMission, time.Hour)
	r := p.pen("mina").move()
	size := p.node.Size()
	for i, want := range []int{http.StatusCreated, http.StatusOK, http.StatusOK} {
		w := p.post(string(r.Line()), "application/json")
		var g given
		if err := json.Unmarshal(w.Body.Bytes(), &g); err != nil || w.Code != want {
			t.Fatalf("submission %d: %d %s (%v), want %d", i, w.Code, w.Body, err, want)
		}
		if g.Index != size {
			t.Errorf("submission %d: entry %d, want %d", i, g.Index, size)
		}
		p.proves(g, r)
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("submission %d: headers %v", i, w.Header())
		}
		p.cosign() // nothing is public without the quorum
		if at := w.Header().Get("Location"); p.api(at).Code != http.StatusOK || !strings.Contains(at, r.Hash.String()) {
			t.Errorf("submission %d: nothing at %s", i, at)
		}
	}
	if p.node.Size() != size+1 {
		t.Errorf("the log grew by %d", p.node.Size()-size)
	}
	if w := p.post(string(r.Line())+"\n", "application/json"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"status"`) {
		t.Errorf("one line with its line feed: %d %s", w.Code, w.Body)
	}
	// What can be fetched of it afterwards.
	var got struct {
		Index  int64
		Leaf   string
		Record json.RawMessage
	}
	if w := p.api("/api/v1/records/" + r.Hash.String()); json.Unmarshal(w.Body.Bytes(), &got) != nil || got.Index != size || got.Leaf != string(corridor.Leaf(r)) {
		t.Errorf("the record: %d %s", w.Code, w.Body)
	} else if again, err := record.Parse(got.Record); err != nil || again.Hash != r.Hash {
		t.Errorf("the record does not read back: %v", err)
	}
	proof := p.api("/api/v1/records/" + r.Hash.String() + "/receipt").Body.String()
	p.proves(given{r.Hash.String(), size, size + 1, proof}, r)
}

func TestIntakeOfABatch(t *testing.T) {
	p := playText(t, "intake.txt", intakeMission, time.Hour)
	mina, stranger := p.pen("mina"), p.pen("stranger")
	a, b := mina.move(), mina.move()
	lines := []string{
		string(a.Line()), string(b.Line()), string(a.Line()), "{}", string(stranger.move().Line()), "", string(mina.move().Line()),
	}
	size := p.node.Size()
	w := p.post(strings.Join(lines, "\n")+"\n", "application/json")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("a batch: %d %v", w.Code, w.Header())
	}
	d := json.NewDecoder(w.Body)
	for i, want := range []struct {
		status int
		rule   string
	}{{201, ""}, {201, ""}, {200, ""}, {422, "record.envelope"}, {202, "key.unknown"}, {422, "record.envelope"}, {201, ""}} {
		var got struct {
			Status  int
			Rule    string
			Reason  string
			Retry   int `json:"retry_after"`
			Receipt *given
		}
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got.Status != want.status || got.Rule != want.rule || (got.Receipt != nil) != (want.rule == "") || (got.Reason == "") != (want.rule == "") || (got.Retry > 0) != (want.status == 202) {
			t.Errorf("line %d: %+v, want %+v", i, got, want)
		}
	}
	if d.More() {
		t.Error("more answers than records")
	}
	if p.node.Size() != size+3 {
		t.Errorf("the log grew by %d, want 3", p.node.Size()-size)
	}
	// A batch of one is a batch where it says so.
	if w := p.post(string(mina.move().Line())+"\n", "application/x-ndjson"); w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), `{"status":201,`) {
		t.Errorf("a batch of one: %d %s", w.Code, w.Body)
	}
}

func TestIntakeSaysLater(t *testing.T) {
	p := playText(t, "intake.txt", strings.Replace(intakeMission, "\n08:00", "quota movement 2\n\n08:00", 1), time.Hour)
	size := p.node.Size()
	w := p.post(string(p.pen("stranger").move().Line()), "application/json")
	problem(t, "an unknown key", w, http.StatusAccepted, "key.unknown")
	if w.Header().Get("Retry-After") == "" {
		t.Error("an unknown key: no Retry-After")
	}
	mina := p.pen("mina")
	for range 2 {
		if w := p.post(string(mina.move().Line()), "application/json"); w.Code != http.StatusCreated {
			t.Fatalf("within the quota: %d %s", w.Code, w.Body)
		}
	}
	w = p.post(string(mina.move().Line()), "application/json")
	problem(t, "over the quota", w, http.StatusAccepted, "quota.full")
	if w.Header().Get("Retry-After") == "" {
		t.Error("over the quota: no Retry-After")
	}
	if p.node.Size() != size+2 {
		t.Errorf("the log grew by %d, want 2", p.node.Size()-size)
	}
}

// TestIntakeRefuses hands in everything that is not a record of this mission. Each gets a clear
// refusal, nothing is logged and nothing is lost.
func TestIntakeRefuses(t *testing.T) {
	p := playText(t, "intake.txt", intakeMission, time.Hour)
	size := p.node.Size()
	mina := p.pen("mina")
	good := mina.move()
	line := string(good.Line())
	h, list := mina.draft("departure", movement)
	spoilt := func(change func(*record.Header)) string {
		h := h
		change(&h)
		return string(mina.sign(true, h, list).Line())
	}
	// reheaded signs a header as it stands, whatever it says.
	reheaded := func(from, to string) string {
		raw := strings.Replace(string(good.Raw), from, to, 1)
		if raw == string(good.Raw) {
			t.Fatalf("%s is not in the header", from)
		}
		sig := ed25519.Sign(mina.key, record.PAE(good.Type, []byte(raw)))
		b64 := base64.StdEncoding.EncodeToString
		return strings.NewReplacer(b64(good.Raw), b64([]byte(raw)), b64(good.Sig), b64(sig)).Replace(line)
	}
	// reparted puts other bytes for a part, under a header that names them.
	reparted := func(from, to string) string {
		h, list := mina.draft("departure", movement)
		text := strings.Replace(string(list[1].Bytes), from, to, 1)
		if text == string(list[1].Bytes) {
			t.Fatalf("%s is not in %s", from, text)
		}
		list[1].Bytes = []byte(text)
		r, err := record.Sign(mina.key, true, h, list)
		if err != nil {
			t.Fatal(err)
		}
		return string(r.Line())
	}
	other := record.Hash{1}
	for _, c := range []struct{ what, text, rule string }{
		{"nothing", "", "record.envelope"},
		{"no JSON", "hello", "record.envelope"},
		{"cut short", line[:len(line)-9], "record.envelope"},
		{"more behind it", line + " ", "record.envelope"},
		{"a space", strings.Replace(line, `,"parts"`, `, "parts"`, 1), "record.envelope"},
		{"a carriage return", line + "\r", "record.envelope"},
		{"a member twice", strings.Replace(line, `"parts":`, `"parts":[],"parts":`, 1), "record.envelope"},
		{"a member missing", strings.Replace(line, `"payloadType":"`+good.Type+`",`, "", 1), "record.envelope"},
		{"a member too many", strings.Replace(line, `"parts":`, `"keyid":"","parts":`, 1), "record.envelope"},
		{"a capital letter", strings.Replace(line, `"envelope"`, `"Envelope"`, 1), "record.envelope"},
		{"members in another order", `{"parts":` + after(line, `"parts":`) + `,"envelope":` + between(line, `{"envelope":`, `,"parts":`) + `}`, "record.envelope"},
		{"base64 that is not padded", strings.Replace(line, `=="}]`, `"}]`, 1), "record.base64"},
		{"an escape that need not be", strings.Replace(line, `"envelope"`, "\"\\u0065nvelope\"", 1), "record.envelope"},
		{"two signatures", strings.Replace(line, `"}]}`, `"},{"sig":"`+base64.StdEncoding.EncodeToString(good.Sig)+`"}]}`, 1), "record.signatures"},
		{"another payload type", strings.Replace(line, good.Type, "application/json", 1), "record.type"},
		{"a possession shown as a record", strings.Replace(line, good.Type, record.Type(record.PurposePossession, true), 1), "record.type"},
		{"a part too few", strings.Replace(line, `"parts":["`, `"parts":[null,"`, 1), "record.parts"},
		{"a part that is not carried", strings.Replace(line, between(line, `"parts":[`, `,"`), "null", 1), "record.parts-missing"},
		{"a part of another record", strings.Replace(line, `122`, `123`, 1), "record.part-hash"},
		{"a false signature", strings.Replace(line, base64.StdEncoding.EncodeToString(good.Sig), base64.StdEncoding.EncodeToString(make([]byte, 64)), 1), "record.signature"},
		{"a float in the header", reheaded(`"seq":1`, `"seq":1.0`), "record.header"},
		{"a second spelling of a number", reheaded(`"seq":1`, `"seq":1e0`), "record.header"},
		{"a number out of range", reheaded(`"seq":1`, `"seq":9007199254740993`), "record.header"},
		{"a null that may not be", reheaded(`"seq":1`, `"seq":null`), "record.header"},
		{"a lone surrogate", reheaded(`"by":"mina"`, `"by":"mina\ud800"`), "record.header"},
		{"a header member twice", reheaded(`"seq":1`, `"seq":1,"seq":1`), "record.header"},
		{"another version", reheaded(`"v":1`, `"v":2`), "record.version"},
		{"a count that is null", reparted(`"total":122`, `"total":null`), "departure.count"},
		{"a count that is a float", reparted(`"total":122`, `"total":122.5`), "departure.count"},
		{"a count below nothing", reparted(`"total":122`, `"total":-1`), "count.negative"},
		{"an unknown kind", spoilt(func(h *record.Header) { h.Kind = "rumour" }), "kind.unknown"},
		{"a part that the kind has not", spoilt(func(h *record.Header) { h.Kind = "consent" }), "record.parts"},
		{"a record of another mission", spoilt(func(h *record.Header) { h.Mission = &other }), "record.mission"},
		{"no mission", spoilt(func(h *record.Header) { h.Mission = nil }), "record.mission"},
		{"somebody else's name", spoilt(func(h *record.Header) { h.By = "red" }), "record.by"},
		{"a real record in an exercise", string(mina.sign(false, h, list).Line()), "record.exercise"},
		{"larger than any record", strings.Repeat("x", record.MaxLine+1), "record.size"},
	} {
		if c.text == line {
			t.Errorf("%s: the record is not spoilt at all", c.what)
			continue
		}
		problem(t, c.what, p.post(c.text, "application/json"), http.StatusUnprocessableEntity, c.rule)
	}
	if p.node.Size() != size {
		t.Errorf("the log grew by %d", p.node.Size()-size)
	}
	if w := p.post(line, "application/json"); w.Code != http.StatusCreated {
		t.Errorf("the sound record after all of them: %d %s", w.Code, w.Body)
	}
}

func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return strings.TrimSuffix(rest, "}")
}

func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	rest, _, _ = strings.Cut(rest, to)
	return rest
}

func TestIntakeLimits(t *testing.T) {
	p := playText(t, "intake.txt", intakeMission, time.Hour)
	problem(t, "a batch of 1,001", p.post(strings.Repeat("{}\n", 1001), "application/x-ndjson"), http.StatusRequestEntityTooLarge, "request.batch")
	problem(t, "nothing but line feeds", p.post(strings.Repeat("\n", 31<<20), "application/x-ndjson"), http.StatusRequestEntityTooLarge, "request.batch")
	problem(t, "40 MiB", p.post(strings.Repeat("x", 40<<20), "application/x-ndjson"), http.StatusRequestEntityTooLarge, "request.size")
	if w := p.post(strings.Repeat("{}\n", 1000), "application/x-ndjson"); w.Code != http.StatusOK || bytes.Count(w.Body.Bytes(), []byte("\n")) != 1000 {
		t.Errorf("a batch of 1,000: %d, %d lines", w.Code, bytes.Count(w.Body.Bytes(), []byte("\n")))
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, httptest.NewRequest(method, "/api/v1/records", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
			t.Errorf("%s: %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
	problem(t, "a hash in capitals", p.api("/api/v1/records/"+strings.Repeat("A", 64)), http.StatusUnprocessableEntity, "request.hash")
	problem(t, "no such record", p.api("/api/v1/records/"+strings.Repeat("a", 64)), http.StatusNotFound, "")
	problem(t, "no such record's receipt", p.api("/api/v1/records/"+strings.Repeat("a", 64)+"/receipt"), http.StatusNotFound, "")
}

// TestNothingBeyondTheRelease asks every open door how far the log goes while most of it is
// not released yet. A receipt for what is new is its sender's; all else tells the public size.
func TestNothingBeyondTheRelease(t *testing.T) {
	text := strings.Replace(intakeMission, "\n08:00", "release delay 1h every 0m\n\n08:00", 1)
	p := playText(t, "intake.txt", text, 0)
	public, signed, err := p.node.Released(t.Context(), p.now)
	if err != nil || public == 0 || public >= p.node.Size() {
		t.Fatalf("%d of %d records are public (%v); the test needs some and not all", public, p.node.Size(), err)
	}
	mandate, err := p.node.Record(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	unseen, err := p.node.Record(t.Context(), public)
	if err != nil {
		t.Fatal(err)
	}
	// Sent again by anybody who can read it, the mandate's receipt tells the public size.
	for _, typ := range []string{"application/json", "application/x-ndjson"} {
		w := p.post(string(mandate.Line()), typ)
		var g struct {
			given
			Receipt given
		}
		if err := json.Unmarshal(w.Body.Bytes(), &g); err != nil || w.Code != http.StatusOK {
			t.Fatalf("the mandate again: %d %s", w.Code, w.Body)
		}
		if typ == "application/x-ndjson" {
			g.given = g.Receipt
		}
		if c := p.proves(g.given, mandate); c.Size != public {
			t.Errorf("the mandate again: its receipt leads to size %d, and %d are public", c.Size, public)
		}
	}
	proof := p.api("/api/v1/records/" + mandate.Hash.String() + "/receipt").Body.String()
	if c := p.proves(given{mandate.Hash.String(), 0, public, proof}, mandate); c.Size != public {
		t.Errorf("a public receipt leads to size %d", c.Size)
	}
	for _, path := range []string{"", "/receipt"} {
		problem(t, "what is not released", p.api("/api/v1/records/"+unseen.Hash.String()+path), http.StatusNotFound, "")
	}
	if got := p.api("/checkpoint").Body.String(); got != string(signed) {
		t.Errorf("the checkpoint is %q", got)
	}
	for _, c := range []struct {
		path string
		want int
	}{
		{fmt.Sprintf("/tile/0/000.p/%d", public), 200}, {fmt.Sprintf("/tile/0/000.p/%d", public+1), 404},
		{fmt.Sprintf("/tile/entries/000.p/%d", public), 200}, {fmt.Sprintf("/tile/entries/000.p/%d", public+1), 404},
		{"/tile/0/000", 404}, {"/tile/1/000.p/1", 404},
	} {
		if w := p.api(c.path); w.Code != c.want {
			t.Errorf("%s: %d, want %d", c.path, w.Code, c.want)
		}
	}
	var m struct {
		Size int64 `json:"released_size"`
	}
	if w := p.api("/api/v1/mission"); json.Unmarshal(w.Body.Bytes(), &m) != nil || m.Size != public {
		t.Errorf("the mission: %s", w.Body)
	}
	if w := p.api("/readyz"); w.Body.String() != "ready\n" {
		t.Errorf("/readyz: %s", w.Body)
	}
}

func TestBeforeTheNode(t *testing.T) {
	s := server.New(server.Config{Now: time.Now})
	s.Progress(250, 1000)
	get := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Accept", "application/json")
		s.ServeHTTP(w, r)
		return w
	}
	if w := get("GET", "/healthz"); w.Code != http.StatusOK {
		t.Errorf("/healthz: %d", w.Code)
	}
	w := get("GET", "/readyz")
	if p := problem(t, "/readyz", w, http.StatusServiceUnavailable, ""); !strings.Contains(p.Detail, "25 %") {
		t.Errorf("/readyz: %s", p.Detail)
	}
	w = get("POST", "/api/v1/records")
	problem(t, "a submission", w, http.StatusServiceUnavailable, "")
	if w.Header().Get("Retry-After") == "" {
		t.Error("a submission: no Retry-After")
	}
}

// TestIntakeWhileStopping hands in to a node that has been asked to stop.
func TestIntakeWhileStopping(t *testing.T) {
	p := playText(t, "intake.txt", intakeMission, time.Hour)
	r := p.pen("mina").move()
	p.node.Close()
	w := p.post(string(r.Line()), "application/json")
	problem(t, "a stopping server", w, http.StatusServiceUnavailable, "")
	if w.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}
