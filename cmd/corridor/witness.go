package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/mirror"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

const witnessUsage = `
corridor witness init --dir W [LINK] [--name NAME] [--card FILE | --words WORDS]
corridor witness alarms --dir W [--acknowledge KEY] [--json]
corridor witness --dir W URL [--listen ADDR] [--public ADDR] [--webhook URL] [--once] [--json]

For a party: follows a mission's server into a copy of its own, cosigns what continues, takes
records for safe-keeping, shows the board and the party's desk from the copy, and raises an alarm when something does
not hold. The first form makes the key, prints what the mandate is to name, and trades the
invitation that the mission's office made for this program (corridor invite --for-program) for
what the second form reads with. It may be given again: the key stays, and a new invitation
takes the place of an old one.

  --dir W         where key, copy and proofs live
  LINK            the invitation; - reads it from standard input, where no list of processes
                  shows it. It is used once, after everything else is found to be in order
  --name NAME     name of the key, such as red.example/witness; it never changes
  --card FILE     the mission card you were handed; the server's has to be the same
  --words WORDS   in place of the card its ten words, as they were read to you; without either
                  you are asked at the terminal whether the words are those
  --token FILE    in place of LINK a file with a token; - reads it from standard input
  --passphrase-file FILE   the key is encrypted under the passphrase in FILE, and opened with it;
                  without it the key lies open to you alone, so that the witness starts by itself
  URL             the mission's server
  --listen ADDR   where this machine shows the board and the desk; default 127.0.0.1:8081. Only
                  this machine can be shown them: they hold what the party may read, and the
                  desk signs. What is signed there is lodged, and sent on to the mission's server
                  now, or when it answers again
  --public ADDR   where others hand in records (/lodge) and logs ask for cosignatures
                  (/witness/add-checkpoint); nothing can be read there. Default: nowhere
  --webhook URL   where alarms are posted as JSON, with the header Corridor-Alarm: the HMAC-SHA256,
                  in hex, of the body under the secret in W/webhook.secret
  --once          one round, and no board

An alarm is a line on standard error and in W/alarms, and a file in W/proofs that anybody can
judge with corridor verify. It is told once, and stands, also after a restart, until it has passed
or you acknowledge it: corridor witness alarms lists them, also beside a witness that runs, and
--acknowledge takes the key of one, or all. A log that was convicted is never cosigned again.
Exit status: 0 nothing stands against the mission; 1 an alarm does;
2 with --once: the server could not be followed.
`

// The files of a witness, beside those of a mission.
const (
	witnessKeyFile = "witness.key"
	witnessFile    = "witness.db"
	tokenFile      = "token"
	actorFile      = "reads-for"
	hookFile       = "webhook.secret"
	alarmsFile     = "alarms"
	proofsDir      = "proofs"
)

// A witnessCall is what corridor witness is told.
type witnessCall struct {
	dir, url, name, card, words, token, listen, public, hook string
	acknowledge                                              string
	once, json                                               bool
	lock                                                     lock
}

func runWitness(ctx context.Context, w *world, args []string) (int, error) {
	c := witnessCall{}
	f := flags("witness")
	f.StringVar(&c.dir, "dir", "", "")
	f.StringVar(&c.name, "name", "", "")
	f.StringVar(&c.card, "card", "", "")
	f.StringVar(&c.words, "words", "", "")
	f.StringVar(&c.token, "token", "", "")
	f.StringVar(&c.acknowledge, "acknowledge", "", "")
	c.lock.flags(f, false)
	f.StringVar(&c.listen, "listen", "127.0.0.1:8081", "")
	f.StringVar(&c.public, "public", "", "")
	f.StringVar(&c.hook, "webhook", "", "")
	f.BoolVar(&c.once, "once", false, "")
	f.BoolVar(&c.json, "json", false, "")
	rest, err := parse(f, args, 2)
	if err != nil {
		return 3, err
	}
	if c.dir != "" && len(rest) > 0 && rest[0] == "init" {
		return c.init(ctx, w, strings.Join(rest[1:], ""))
	}
	if c.dir != "" && len(rest) == 1 && rest[0] == "alarms" {
		return c.alarms(ctx, w)
	}
	if c.dir == "" || len(rest) != 1 {
		return 3, unusable("witness", "say where it lives and whom it follows: corridor witness --dir W URL, after corridor witness init --dir W LINK")
	}
	c.url = strings.TrimRight(rest[0], "/")
	if !strings.HasPrefix(c.url, "https://") && !strings.HasPrefix(c.url, "http://") {
		return 3, unusable("witness", "%q is not the address of a server", rest[0])
	}
	if host, _, err := net.SplitHostPort(c.listen); err != nil || !loopback(host) {
		return 3, unusable("witness", "--listen: the board holds what the party may read and is shown on this machine alone, such as 127.0.0.1:8081; --public is for others")
	}
	return c.run(ctx, w)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// run follows the server until ctx ends.
func (c witnessCall) run(ctx context.Context, w *world) (status int, err error) {
	cosigner, key, err := c.key(ctx, w)
	if errors.Is(err, fs.ErrNotExist) {
		return 3, fmt.Errorf("%w; corridor witness init --dir %s makes the key", err, c.dir)
	}
	if err != nil {
		return 3, err
	}
	card, err := readCard(filepath.Join(c.dir, cardFile))
	if err != nil {
		return 3, fmt.Errorf("%w; corridor witness init --dir %s LINK fetches the card and holds it against the one you were handed", err, c.dir)
	}
	token, err := readLimited(filepath.Join(c.dir, tokenFile), 4096)
	if err != nil {
		return 3, fmt.Errorf("%w; corridor witness init --dir %s LINK trades an invitation for a token, and the mission's office makes one with corridor invite --for-program", err, c.dir)
	}
	lock, err := lockDir(c.dir)
	if err != nil {
		return 3, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	d, err := c.open()
	if err != nil {
		return 3, err
	}
	defer func() { err = errors.Join(err, d.store.Close(), d.side.Close(), d.watch.Close()) }()
	log := slog.New(slog.NewTextHandler(w.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	source := func(ctx context.Context) (verify.Source, error) {
		src, err := server.Snapshot(ctx, d.store, d.side)
		return server.OfLevel(src, card.Level), err
	}
	checkNow := func(ctx context.Context) (verify.Result, error) {
		src, err := source(ctx)
		if err != nil {
			return verify.Result{}, err
		}
		return verify.Run(ctx, src, verify.Options{Card: &card, Now: record.At(time.Now())})
	}
	m, err := mirror.Open(ctx, mirror.Config{
		URL: c.url, Token: strings.TrimSpace(string(token)), Card: card, Level: card.Level, Name: cosigner.Name(),
		Key: key, Cosigner: cosigner, Store: d.store, Side: d.side, Watch: d.watch, Now: time.Now, Log: log, Check: checkNow,
		Bundle: func(ctx context.Context) ([]string, error) {
			src, err := source(ctx)
			if err != nil {
				return nil, err
			}
			return server.BundleLines(ctx, src, card)
		},
		Alarm: func(a mirror.Alarm) { c.raise(ctx, w, a, log) },
	})
	if err != nil {
		return 3, err
	}
	defer m.Close()
	if c.once {
		err := m.Tick(ctx)
		switch {
		case len(m.Alarms()) > 0 || m.Trouble() != "":
			return 1, nil
		case err != nil:
			fmt.Fprintf(w.err, "corridor witness: %v\n", err)
			return 2, nil
		}
		return 0, nil
	}
	return c.serve(ctx, w, m, card, log, func(ctx context.Context) (server.Checked, error) {
		r, err := checkNow(ctx)
		return server.Found(r, time.Now()), err
	})
}

// A witnessDir is the files of a witness, opened.
type witnessDir struct {
	store *sqlite.Store
	side  *sqlite.Side
	watch *sqlite.Watch
}

func (c witnessCall) open() (d witnessDir, err error) {
	path := filepath.Join(c.dir, missionFile)
	if exists(path) {
		d.store, err = sqlite.Open(path)
	} else {
		d.store, err = sqlite.Create(path)
	}
	if err != nil {
		return d, err
	}
	if d.side, err = sqlite.OpenSide(filepath.Join(c.dir, sideFile)); err != nil {
		return d, errors.Join(err, d.store.Close())
	}
	if d.watch, err = sqlite.OpenWatch(filepath.Join(c.dir, witnessFile)); err != nil {
		return d, errors.Join(err, d.store.Close(), d.side.Close())
	}
	return d, nil
}

// serve shows the board from the copy and takes in what is handed over, until ctx ends.
func (c witnessCall) serve(ctx context.Context, w *world, m *mirror.Mirror, card verify.Card, log *slog.Logger, check func(context.Context) (server.Checked, error)) (int, error) {
	if err := m.Tick(ctx); err != nil {
		log.Warn("the server was not followed", "cause", err.Error())
	}
	card.Level = ""
	s := server.New(server.Config{Card: string(card.Text()), Check: check, Own: c.reads(m, card), Now: time.Now, Wall: time.Now, Nonce: mustID, Log: log, Lodge: m})
	s.Serve(m.Node())
	cosigns := http.StripPrefix("/witness", m.Witness().Handler(m.Origins, log))
	board, open := http.NewServeMux(), http.NewServeMux()
	for _, mux := range []*http.ServeMux{board, open} {
		mux.Handle("/witness/", cosigns)
	}
	board.Handle("/", s)
	open.Handle("POST /lodge", s)
	open.Handle("POST /lodge/receipt", s)
	failed := make(chan error, 2)
	shownAt := ""
	for _, x := range []struct {
		addr string
		mux  http.Handler
	}{{c.listen, board}, {c.public, open}} {
		if x.addr == "" {
			continue
		}
		l, err := net.Listen("tcp", x.addr)
		if err != nil {
			return 3, fmt.Errorf("cannot listen on %s: %w", x.addr, err)
		}
		defer l.Close()
		if shownAt == "" {
			shownAt = l.Addr().String()
		}
		hs := &http.Server{Handler: x.mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
		go func() { failed <- hs.Serve(l) }()
		defer stop(hs)
	}
	run, end := context.WithCancel(ctx)
	defer end()
	go m.Run(run)
	go s.Run(run)
	if c.json {
		if err := w.printJSON(map[string]string{"dir": c.dir, "address": "http://" + shown(shownAt) + "/"}); err != nil {
			return 3, err
		}
	} else {
		fmt.Fprintf(w.out, "following %s; the board is at http://%s/\n", c.url, shown(shownAt))
	}
	select {
	case <-ctx.Done():
		if len(m.Alarms()) > 0 || m.Trouble() != "" {
			return 1, nil
		}
		return 0, nil
	case err := <-failed:
		return 3, err
	}
}

// reads returns for whom whoever reaches the board reads, and whose desk it is: the actor that the
// invitation was for, else the one for whom this witness stands; "" for nobody.
func (c witnessCall) reads(m *mirror.Mirror, card verify.Card) corridor.ActorID {
	if b, err := readLimited(filepath.Join(c.dir, actorFile), 4096); err == nil {
		return corridor.ActorID(strings.TrimSpace(string(b)))
	}
	return c.standsFor(m, card)
}

// standsFor returns the actor of the mandate for whom this witness stands, "" for nobody.
func (c witnessCall) standsFor(m *mirror.Mirror, card verify.Card) (of corridor.ActorID) {
	if m.Node().Size() == 0 {
		return ""
	}
	policy, err := ledger.ParsePolicy("log " + card.Log + "\n" + card.Policy)
	if err != nil {
		return "" // read before
	}
	keys := policy.WitnessKeys()
	for i, name := range policy.Witnesses() {
		if keys[i] == m.Witness().Key() {
			m.Node().View(func(v corridor.View) { of, _ = v.Terms().Stands(name) })
		}
	}
	return of
}

// raise tells of an alarm everywhere it is to be told.
func (c witnessCall) raise(ctx context.Context, w *world, a mirror.Alarm, log *slog.Logger) {
	path := ""
	if a.Proof != nil && !a.Over {
		sum := sha256.Sum256(a.Proof)
		path = filepath.Join(c.dir, proofsDir, hex.EncodeToString(sum[:8])+".proof")
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			err = writeNew(path, a.Proof)
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			log.Error("the proof was not written", "cause", err.Error())
		}
	}
	what := map[bool]string{false: "ALARM", true: "over"}[a.Over]
	if !a.Over && a.State != verify.Holds {
		what = "ALARM, a claim"
	}
	fmt.Fprintf(w.err, "%s %s: %s %s\n", a.At, what, a.Say, path)
	line, err := json.Marshal(struct {
		mirror.Alarm
		Proof string `json:"proof"` // path of the file; "" if there is none
	}{a, path})
	if err != nil {
		log.Error("the alarm cannot be written", "cause", err.Error())
		return
	}
	f, err := os.OpenFile(filepath.Join(c.dir, alarmsFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err == nil {
		_, err = f.Write(append(line, '\n'))
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		log.Error("the alarm was not kept", "cause", err.Error())
	}
	if c.hook != "" {
		if err := c.post(ctx, line); err != nil {
			log.Error("the alarm was not posted", "cause", err.Error())
		}
	}
}

// post posts an alarm with a proof that it comes from here.
func (c witnessCall) post(ctx context.Context, body []byte) error {
	secret, err := readLimited(filepath.Join(c.dir, hookFile), 4096)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, bytes.TrimSpace(secret))
	mac.Write(body)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.hook, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Corridor-Alarm", hex.EncodeToString(mac.Sum(nil)))
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("answered %d", resp.StatusCode)
	}
	return nil
}
