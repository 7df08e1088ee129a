package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"corridor.example/corridor/internal/compact"
	"corridor.example/corridor/internal/seal"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/ledger"
)

const carryUsage = `
corridor record --carry FILE… (--dir DIR | --to URL) [--json]

Submits what a phone handed over, whoever carries it: sealed files, several in one file, packed
records, the lines of QR codes or of text messages, in any order, in one file or in many, with
other words around them, or plain records. Says of each what became of it. Sealed ones stay
sealed until the mission's server opens them.
`

// maxCarried bounds the files of one call.
const maxCarried = 1000

// A carried item is one sealed or packed record, and where it came from.
type carried struct {
	from string
	item []byte
}

// A carriedOutcome is what became of one.
type carriedOutcome struct {
	From string `json:"from"`
	Item string `json:"item"` // SHA-256 of its bytes
	outcome
}

// carry submits everything that is in some files.
func carry(ctx context.Context, w *world, c signingCall, files []string) (int, error) {
	items, lines, torn, err := gather(files)
	if err != nil {
		return 3, err
	}
	if len(items) == 0 && len(lines) == 0 && len(torn) == 0 {
		return 3, fmt.Errorf("there is nothing to submit in %s: no sealed file, no packed record, no line of a code or a text message", strings.Join(files, ", "))
	}
	p, err := c.place(ctx, nil)
	if err != nil {
		return 3, err
	}
	status := 0
	worse := func(s int) {
		if s == 1 || status == 0 {
			status = s
		}
	}
	for _, o := range torn {
		s, e := o.say(w, c)
		worse(s)
		err = errors.Join(err, e)
	}
	if len(lines) > 0 && err == nil {
		var s int
		if s, err = submit(ctx, w, c, p, lines); err == nil {
			worse(s)
		}
	}
	for len(items) > 0 && err == nil {
		some := items[:min(len(items), carriedAtOnce(items))]
		items = items[len(some):]
		var all []carriedOutcome
		all, err = c.submitItems(ctx, w, some)
		for _, o := range all {
			if bad := o.signedBy(p.log); bad != nil {
				return 3, fmt.Errorf("%s: the receipt does not hold, so take it as not logged: %w", o.From, bad)
			}
			s, e := o.say(w, c)
			worse(s)
			err = errors.Join(err, e)
		}
	}
	if err != nil {
		return 3, err
	}
	return status, nil
}

// carriedAtOnce says how many of the items go in one request.
func carriedAtOnce(items []carried) int {
	n, size := 0, 0
	for _, x := range items {
		if size += len(x.item) + 4; n > 0 && (n == 500 || size > 24<<20) {
			break
		}
		n++
	}
	return n
}

// gather finds what is in some files. Lines of codes and text messages are joined across all of
// them; what of those is not whole is torn.
func gather(files []string) (items []carried, lines []byte, torn []carriedOutcome, err error) {
	var text strings.Builder
	for _, path := range files {
		b, err := readLimited(path, 256<<20)
		if err != nil {
			return nil, nil, nil, err
		}
		switch {
		case bytes.HasPrefix(b, []byte(seal.Magic)), len(b) > 0 && b[0] == 1:
			items = append(items, carried{path, b})
		case len(b) > 0 && b[0] == 0: // lengths before the items
			r := bytes.NewReader(b)
			for n := 1; ; n++ {
				item, err := seal.Next(r)
				if err == io.EOF {
					break
				}
				if err != nil {
					return nil, nil, nil, fmt.Errorf("%s: item %d cannot be read, so nothing was submitted: %w", path, n, err)
				}
				items = append(items, carried{fmt.Sprintf("%s, item %d", path, n), item})
			}
		case len(b) > 0 && b[0] == '{':
			lines = append(append(lines, bytes.TrimRight(b, "\n")...), '\n')
		default:
			text.Write(b)
			text.WriteString("\n")
		}
	}
	joined, err := compact.Join(text.String())
	if err != nil {
		return nil, nil, nil, err
	}
	for _, j := range joined {
		from := "the lines with the check " + j.Check
		if j.Err != nil {
			torn = append(torn, carriedOutcome{From: from, outcome: outcome{}.not(j.Err)})
			continue
		}
		items = append(items, carried{from, j.Bytes})
	}
	return items, lines, torn, nil
}

// submitItems hands items to the server of an address, or to that of a directory that nobody
// runs, which this process then is for a moment.
func (c signingCall) submitItems(ctx context.Context, w *world, items []carried) (all []carriedOutcome, err error) {
	var body []byte
	for _, x := range items {
		body = seal.Frame(body, x.item)
	}
	url, by := c.to, client
	if url == "" {
		d, err := openDir(ctx, c.dir)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, d.close()) }()
		log := slog.New(slog.NewTextHandler(w.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
		n, err := openNode(ctx, d, nodeCall{}, log, nil)
		if err != nil {
			return nil, err
		}
		defer n.Close()
		s := server.New(server.Config{Now: time.Now, Log: log, Secrets: sealingSecrets(d.side)})
		s.Serve(n)
		url, by = "http://here", &http.Client{Transport: inProcess{s}}
	}
	dec, gone, err := postTo(ctx, by, url, "/api/v1/sealed", "", body)
	if err != nil {
		return nil, err
	}
	defer gone()
	for i, x := range items {
		var a struct {
			Item string
			answered
		}
		if err := dec.Decode(&a); err != nil {
			return all, fmt.Errorf("%s: %d of %d items were not answered: %w", url, len(items)-i, len(items), err)
		}
		o, err := a.outcome()
		if err != nil {
			return all, fmt.Errorf("%s: %w", x.from, err)
		}
		all = append(all, carriedOutcome{x.from, a.Item, o})
	}
	return all, nil
}

// signedBy checks what can be checked of the receipt of a record that cannot be read here: the
// log has signed the checkpoint it leads to. The phone, which has the record's hash, checks the
// rest.
func (o carriedOutcome) signedBy(log string) error {
	if o.Proof == "" {
		return nil
	}
	proof, err := ledger.ParseProof([]byte(o.Proof))
	if err != nil {
		return err
	}
	key, err := ledger.NewVerifier(log)
	if err == nil {
		_, err = ledger.OpenCheckpoint(proof.Checkpoint, key)
	}
	return err
}

// say prints an outcome and returns the exit status that it stands for.
func (o carriedOutcome) say(w *world, c signingCall) (int, error) {
	if c.json {
		return map[string]int{wasRefused: 1, wasLater: 2}[o.Status], w.printJSON(o)
	}
	fmt.Fprintf(w.out, "%s: ", o.From)
	return o.outcome.say(w, c)
}

// inProcess answers requests with a server of this process.
type inProcess struct{ h http.Handler }

// RoundTrip implements http.RoundTripper.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &reply{header: http.Header{}, status: http.StatusOK}
	t.h.ServeHTTP(w, r)
	return &http.Response{
		StatusCode: w.status, Status: fmt.Sprint(w.status, " ", http.StatusText(w.status)), Header: w.header,
		Body: io.NopCloser(&w.body), Request: r,
	}, nil
}

// reply is an answer that is kept and goes nowhere.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *reply) Header() http.Header         { return k.header }
func (k *reply) Write(b []byte) (int, error) { return k.body.Write(b) }
func (k *reply) WriteHeader(status int)      { k.status = status }
