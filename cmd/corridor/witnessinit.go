package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/verify"
)

// init makes the key if there is none, and keeps what the witness is to start with: the card it
// believes, and a token to read with. An invitation is used last, when nothing else can fail.
func (c witnessCall) init(ctx context.Context, w *world, link string) (int, error) {
	if link != "" && c.token != "" {
		return 3, unusable("witness", "give the invitation or a token, not both")
	}
	if c.card != "" && c.words != "" {
		return 3, unusable("witness", "give the card or its words, not both")
	}
	var i invited
	var err error
	if link != "" {
		if i, err = readLink(w, link); err != nil {
			return 3, err
		}
	} else if c.words != "" {
		return 3, unusable("witness", "--words is for the card that an invitation's server has: give its link too")
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return 3, err
	}
	cosigner, err := c.ownKey(ctx, w)
	if err != nil {
		return 3, err
	}
	card, err := c.believed()
	if err != nil {
		return 3, err
	}
	switch {
	case link != "":
		got, joined, err := c.join(ctx, w, i, card)
		if err != nil {
			return 3, err
		}
		return 0, c.ready(w, cosigner, i, got, joined)
	case c.token != "":
		if err := c.keepToken(w); err != nil {
			return 3, err
		}
	}
	if c.json {
		return 0, w.printJSON(map[string]string{"dir": c.dir, "key": cosigner.Key()})
	}
	fmt.Fprintf(w.out, "%s\n", cosigner.Key())
	return 0, c.missing(w)
}

// ready says what the invitation opened, and the second command.
func (c witnessCall) ready(w *world, cosigner *ledger.Cosigner, i invited, got tradedToken, card verify.Card) error {
	named := names(card, cosigner)
	if c.json {
		return w.printJSON(map[string]any{
			"dir": c.dir, "key": cosigner.Key(), "server": i.base, "actor": got.Actor, "level": got.Level, "until": got.Until.Format(time.RFC3339), "words": card.Words(), "named": named,
		})
	}
	fmt.Fprintf(w.out, "%s\n", cosigner.Key())
	if !named {
		fmt.Fprintln(w.err, "the mandate that founded the mission does not name this key: until an amendment does, what it cosigns counts for nobody's quorum; everything else works")
	}
	_, err := fmt.Fprintf(w.out, "reads for %s at the level %s until %s\nnow: corridor witness --dir %s %s\n", got.Actor, got.Level, got.Until.Format("2 January 2006"), c.dir, i.base)
	return err
}

// missing says what is still to be given.
func (c witnessCall) missing(w *world) error {
	for _, x := range []struct{ file, say string }{
		{cardFile, "the mission card is missing: corridor witness init --dir %s --card FILE keeps it, and a LINK fetches it\n"},
		{tokenFile, "the invitation is missing, which the mission's office makes with corridor invite --for-program: corridor witness init --dir %s LINK\n"},
	} {
		if !exists(filepath.Join(c.dir, x.file)) {
			fmt.Fprintf(w.err, x.say, c.dir)
		}
	}
	return nil
}

// names reports whether a card's policy has a cosigner.
func names(card verify.Card, cosigner *ledger.Cosigner) bool {
	policy, err := ledger.ParsePolicy("log " + card.Log + "\n" + card.Policy)
	if err != nil {
		return false // read before
	}
	for _, key := range policy.WitnessKeys() {
		if key == cosigner.Key() {
			return true
		}
	}
	return false
}

// believed returns the card that was handed over: the one that is given now, else the one that
// was kept before; nil if there is none. A given one is kept.
func (c witnessCall) believed() (*verify.Card, error) {
	kept := filepath.Join(c.dir, cardFile)
	if c.card == "" {
		card, err := readCard(kept)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return &card, err
	}
	card, err := readCard(c.card)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.card, err)
	}
	if old, err := readCard(kept); err == nil && !sameCard(old, card) {
		return nil, fmt.Errorf("%s follows another mission, as its card says: take another directory", c.dir)
	} else if err == nil {
		card.Level = old.Level
		return &card, nil
	}
	card.Level = corridor.Parties
	return &card, replaceFile(kept, card.Text())
}

func sameCard(a, b verify.Card) bool {
	a.Level, b.Level = "", ""
	return subtle.ConstantTimeCompare(a.Text(), b.Text()) == 1
}

// keepToken keeps a token that was made elsewhere.
func (c witnessCall) keepToken(w *world) error {
	in := io.Reader(w.in)
	if c.token != "-" {
		file, err := os.Open(c.token)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	b, err := io.ReadAll(io.LimitReader(in, 4096))
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(c.dir, tokenFile), append(bytes.TrimSpace(b), '\n'))
}

// replaceFile writes a file that its owner alone may read, in place of the one that is there.
func replaceFile(path string, b []byte) error {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // what an earlier call left behind
	}
	if err := writeNew(next, b); err != nil {
		return err
	}
	return os.Rename(next, path)
}

// An invited is an invitation as its link says it.
type invited struct {
	base string // of the server, without a slash at the end
	code string // opens one session, once
}

// readLink takes an invitation's link apart. No error of it says the code.
func readLink(w *world, link string) (invited, error) {
	if link == "-" {
		line, err := bufio.NewReader(io.LimitReader(w.in, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return invited{}, err
		}
		link = strings.TrimSpace(line)
	}
	bare, code, _ := strings.Cut(link, "#")
	u, err := url.Parse(bare)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || strings.TrimRight(u.Path, "/") != "/join" {
		return invited{}, unusable("witness", "an invitation is a link such as https://mission.example/join#CODE, as corridor invite --for-program prints it")
	}
	if code == "" || len(code) > 64 {
		return invited{}, unusable("witness", "the link has no code behind its #: put it in quotation marks, and copy it whole")
	}
	return invited{u.Scheme + "://" + u.Host, code}, nil
}

// A tradedToken is what a server gives for an invitation.
type tradedToken struct {
	Token string           `json:"token"`
	Actor corridor.ActorID `json:"actor"`
	Level corridor.Level   `json:"level"`
	Until time.Time        `json:"until"`
}

// join holds the server's card against the one that was handed over, trades the invitation, and
// keeps the token where nobody else reads it.
func (c witnessCall) join(ctx context.Context, w *world, i invited, handed *verify.Card) (got tradedToken, card verify.Card, err error) {
	if u, err := url.Parse(i.base); err == nil && u.Scheme == "http" && !loopback(u.Hostname()) {
		fmt.Fprintf(w.err, "%s is reached in the clear: whoever is on the way can read what your party may read, and the token; ask for an address with https\n", i.base)
	}
	text, err := get(ctx, i.base+"/mission.card", maxCard)
	if err != nil {
		return got, card, fmt.Errorf("the card of the server cannot be had: %w", err)
	}
	if card, err = verify.ParseCard(text); err != nil {
		return got, card, fmt.Errorf("%s serves a card that is none: %w", i.base, err)
	}
	if err := c.agreed(w, i, card, handed); err != nil {
		return got, card, err
	}
	// Nothing that can fail comes after the invitation is used but the server's answer.
	path := filepath.Join(c.dir, tokenFile)
	if err := replaceFile(path+".try", nil); err != nil {
		return got, card, err
	}
	if err := os.Remove(path + ".try"); err != nil {
		return got, card, err
	}
	if got, err = trade(ctx, i); err != nil {
		return got, card, err
	}
	card.Level = got.Level
	if handed != nil && handed.Level != "" && handed.Level != card.Level && exists(filepath.Join(c.dir, missionFile)) {
		return got, card, fmt.Errorf("the copy in %s was made at the level %s, and this invitation is for %s: take another directory, and ask for another invitation", c.dir, handed.Level, card.Level)
	}
	err = errors.Join(replaceFile(filepath.Join(c.dir, cardFile), card.Text()), replaceFile(filepath.Join(c.dir, actorFile), []byte(string(got.Actor)+"\n")), replaceFile(path, []byte(got.Token+"\n")))
	if err != nil {
		err = fmt.Errorf("the invitation is used up and its token was not kept; ask for another: %w", err)
	}
	return got, card, err
}

// agreed holds the server's card against what its holder was handed out of band: the card, its
// words, or what a person at the terminal says.
func (c witnessCall) agreed(w *world, i invited, card verify.Card, handed *verify.Card) error {
	words := strings.Join(card.Words(), " ")
	switch {
	case c.words != "":
		if given := strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(c.words, ",", " "))), " "); subtle.ConstantTimeCompare([]byte(given), []byte(words)) != 1 {
			return fmt.Errorf("the words you gave are not those of the card that %s serves: nothing was used; ask whoever handed you the card, by another way than this server", i.base)
		}
		if handed != nil && !sameCard(*handed, card) {
			return fmt.Errorf("%s follows another mission, as its card says: take another directory", c.dir)
		}
		return nil
	case handed != nil:
		if !sameCard(*handed, card) {
			return fmt.Errorf("the card that %s serves is not the one you were handed: nothing was used; ask whoever handed you the card, by another way than this server", i.base)
		}
		return nil
	case !w.asked:
		return errors.New("say which mission you were told of, so that the server is not believed: --card FILE, or --words with the ten words of its card as they were read to you")
	}
	fmt.Fprintf(w.err, "the words of the card that %s serves:\n  %s\nare these the words that the mission's office read to you, by another way than this server? type yes: ", i.base, words)
	line, err := bufio.NewReader(io.LimitReader(w.in, 1<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(line) != "yes" {
		return errors.New("nothing was used: ask for the card's words first")
	}
	return nil
}

// trader follows no other address: the code is for the server of the link alone.
var trader = &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// trade uses an invitation.
func trade(ctx context.Context, i invited) (got tradedToken, err error) {
	body, err := json.Marshal(map[string]string{"code": i.code})
	if err != nil {
		return got, err
	}
	where := i.base + "/api/v1/session/open/invitation"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, where, bytes.NewReader(body))
	if err != nil {
		return got, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "corridor witness")
	resp, err := trader.Do(req)
	if err != nil {
		return got, fmt.Errorf("it is not known whether the invitation was used; try again, and if it was, ask for another: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		var e *statusError
		if errors.As(asError(where, resp), &e) && e.reason != "" {
			return got, fmt.Errorf("the invitation was not taken: %s; the mission's office makes one with corridor invite --for-program", e.reason)
		}
		return got, fmt.Errorf("the invitation was not taken: %s answered %s", i.base, resp.Status)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err == nil {
		err = json.Unmarshal(b, &got)
	}
	if err == nil && (got.Token == "" || len(got.Token) > 4000 || strings.ContainsAny(got.Token, " \r\n") || !got.Level.Reads(corridor.Parties)) {
		err = errors.New("the answer has no token")
	}
	if err != nil {
		return tradedToken{}, fmt.Errorf("the invitation is used up and brought nothing that can be read with; ask for another: %w", err)
	}
	return got, nil
}
