package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A place is what a signer must know of the mission it signs for.
type place struct {
	mission  record.Hash
	exercise bool
	origin   string
	log      string            // the log's verifier key, that receipts are checked under
	words    []string          // of the card, where one was given
	seen     *string           // newest checkpoint known here, or nil
	known    chain             // what the log has of the key, as far as it can be told
	folded   *corridor.Mission // nil where the mission is not on this machine
}

// judge says whether the mission as it stands here would refuse a record.
func (p place) judge(r record.Record) error {
	if p.folded == nil {
		return nil
	}
	return p.folded.Judge(r)
}

// place finds out which mission is signed for, and sends what is for a directory that a server
// runs to that server.
func (c *signingCall) place(ctx context.Context, k *keyFile) (p place, err error) {
	if err := c.route(); err != nil {
		return p, err
	}
	switch {
	case c.to != "":
		p, err = fetchPlace(ctx, c.to)
	case c.dir != "":
		p, err = readPlace(ctx, c.dir, k)
	}
	if err != nil || c.card == "" {
		return p, err
	}
	card, err := readCard(c.card)
	if err != nil {
		return p, fmt.Errorf("%s: %w", c.card, err)
	}
	if p.origin != "" && (p.mission != card.Mission || p.exercise != card.Exercise || p.log != card.Log) {
		return p, fmt.Errorf("the mission there is %s, and the card is of the mission %s", p.mission.Short(), card.Mission.Short())
	}
	p.mission, p.exercise, p.origin, p.log, p.words = card.Mission, card.Exercise, card.Origin(), card.Log, card.Words()
	return p, nil
}

// route sends what is for a directory that a server runs to that server.
func (c *signingCall) route() error {
	if c.dir == "" {
		return nil
	}
	if err := holdsMission(c.dir); err != nil {
		return err
	}
	addr, err := serverOf(c.dir)
	if addr != "" {
		c.to = "http://" + addr
	}
	return err
}

func readCard(path string) (verify.Card, error) {
	b, err := readLimited(path, maxCard)
	if err != nil {
		return verify.Card{}, err
	}
	return verify.ParseCard(b)
}

// maxCard bounds a card, in bytes.
const maxCard = 128 << 10

// readPlace folds the mission of a directory that no server runs.
func readPlace(ctx context.Context, dir string, k *keyFile) (p place, err error) {
	st, err := sqlite.OpenReadOnly(filepath.Join(dir, missionFile))
	if err != nil {
		return p, err
	}
	defer st.Close()
	m, head, err := node.Read(ctx, st)
	if err != nil {
		return p, fmt.Errorf("%s: %w", dir, err)
	}
	v := m.Now()
	p = place{mission: m.Founder(), exercise: m.Exercise(), origin: v.Terms().Origin, log: v.Terms().LogKey, folded: m}
	if newest := head.Cosigned; newest != nil {
		s := string(newest)
		p.seen = &s
	}
	if k == nil {
		return p, nil
	}
	if seq, last, ok := v.Chain(record.Fingerprint(k.public())); ok {
		p.known = chain{seq, &last}
	}
	return p, nil
}

// client speaks to mission servers. Answers are small; a bundle is fetched without the limit
// on the whole (fetchBundle).
var client = &http.Client{Timeout: time.Minute}

func fetchPlace(ctx context.Context, url string) (p place, err error) {
	var m struct {
		Mission  string `json:"mission"`
		Origin   string `json:"origin"`
		Exercise bool   `json:"exercise"`
		Log      string `json:"log_key"`
	}
	b, err := get(ctx, url+"/api/v1/mission", 1<<20)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return p, fmt.Errorf("%s answered what is no mission: %w", url, err)
	}
	if p.mission, err = record.ParseHash(m.Mission); err != nil {
		return p, fmt.Errorf("%s names no mission: %w", url, err)
	}
	p.exercise, p.origin, p.log = m.Exercise, m.Origin, m.Log
	b, err = get(ctx, url+"/checkpoint", 64<<10)
	var status *statusError
	switch {
	case err == nil:
		s := string(b)
		p.seen = &s
	case !errors.As(err, &status) || status.code != http.StatusNotFound: // 404: none is released yet
		return p, err
	}
	return p, nil
}

// A statusError is an answer that is not 200, with the server's own reason if it gave one.
type statusError struct {
	url    string
	code   int
	status string
	reason string
}

func (e *statusError) Error() string {
	if e.reason == "" {
		return fmt.Sprintf("%s answered %s", e.url, e.status)
	}
	return fmt.Sprintf("%s answered %s: %s", e.url, e.status, e.reason)
}

// asError makes an error of an answer that is not 200 (RFC 9457).
func asError(url string, resp *http.Response) error {
	e := &statusError{url: url, code: resp.StatusCode, status: resp.Status}
	var problem struct {
		Detail string `json:"detail"`
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err == nil && json.Unmarshal(b, &problem) == nil {
		e.reason = problem.Detail
	}
	return e
}

func get(ctx context.Context, url string, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, asError(url, resp)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s answered more than %d bytes", url, limit)
	}
	return b, nil
}
