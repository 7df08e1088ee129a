package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/verify"
)

// An opened is a copy of a log that can be checked, and what lies beside it.
type opened struct {
	src   verify.Source
	card  string   // path of a card that lies beside it, "" if none does
	notes []string // what could not be looked at
	close []func() error
}

func (o *opened) done() {
	for _, f := range o.close {
		_ = f() // it was only read
	}
}

// openSource opens what is to be checked: a directory, a mission file, a bundle or an address.
func openSource(ctx context.Context, what string) (*opened, error) {
	if strings.HasPrefix(what, "http://") || strings.HasPrefix(what, "https://") {
		return fetchBundle(ctx, strings.TrimRight(what, "/"))
	}
	s, err := os.Stat(what)
	if err != nil {
		return nil, err
	}
	if s.IsDir() {
		if err := holdsMission(what); err != nil {
			return nil, err
		}
		return openMission(filepath.Join(what, missionFile))
	}
	f, err := os.Open(what)
	if err != nil {
		return nil, err
	}
	if isMissionFile(f) || filepath.Base(what) == missionFile {
		f.Close()
		return openMission(what)
	}
	b, err := verify.OpenBundle(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", what, err), f.Close())
	}
	return &opened{src: b, close: []func() error{f.Close}}, nil
}

// openMission opens a mission file for reading. The older cosigned checkpoints in the node.db
// beside it are read too, if they can be; they are opened first, so that the log is never
// behind them.
func openMission(path string) (*opened, error) {
	o := &opened{}
	dir := filepath.Dir(path)
	if c := filepath.Join(dir, cardFile); exists(c) {
		o.card = c
	}
	var side store.Side
	if p := filepath.Join(dir, sideFile); exists(p) {
		if s, err := sqlite.OpenSideReadOnly(p); err == nil {
			side = s
			o.close = append(o.close, s.Close)
		} else {
			o.notes = append(o.notes, fmt.Sprintf("The older cosigned checkpoints were not looked at: %v.", err))
		}
	}
	st, stray, err := sqlite.OpenAsFound(path)
	switch {
	case errors.Is(err, store.ErrDamaged), errors.Is(err, store.ErrForeign) && !errors.Is(err, store.ErrLater) && filepath.Base(path) == missionFile && o.mission():
		o.src = verify.Broken{Damage: verify.Damage{Index: -1, What: err.Error()}}
	case err != nil:
		o.done()
		return nil, err
	default:
		o.close = append(o.close, st.Close)
		o.src = withStrays{server.Source(st, side), stray}
	}
	if o.card != "" {
		o.level()
	}
	return o, nil
}

// mission reports whether a card says that the mission file beside it is one, so that a file which
// is none was made so.
func (o *opened) mission() bool {
	if o.card == "" {
		return false
	}
	_, err := readCard(o.card)
	return err == nil
}

// level takes whose copy this is from the card that lies beside it. A card that cannot be read
// says nothing; whoever starts from it is told.
func (o *opened) level() {
	card, err := readCard(o.card)
	switch {
	case err != nil:
		o.notes = append(o.notes, fmt.Sprintf("The card beside it, %s, cannot be read, so the copy was taken for a whole one: %v.", o.card, err))
	case card.Level != "":
		o.src = server.OfLevel(o.src, card.Level)
	}
}

// A withStrays is a mission file with rows that lie outside its log.
type withStrays struct {
	verify.Source
	stray []*store.DamageError
}

// Entries yields the entries of the log, then what is wrong outside it.
func (w withStrays) Entries(ctx context.Context) iter.Seq2[verify.Entry, error] {
	return func(yield func(verify.Entry, error) bool) {
		for e, err := range w.Source.Entries(ctx) {
			if !yield(e, err) {
				return
			}
		}
		for _, s := range w.stray {
			if !yield(verify.Entry{Index: s.Index}, &verify.Damage{Index: s.Index, What: s.What}) {
				return
			}
		}
	}
}

// isMissionFile looks at a file's first bytes, and goes back to its beginning.
func isMissionFile(f *os.File) bool {
	b := make([]byte, 15)
	_, err := io.ReadFull(f, b)
	_, back := f.Seek(0, io.SeekStart)
	return err == nil && back == nil && string(b) == "SQLite format 3"
}

// fetcher waits for the beginning of an answer, and then as long as something comes.
var fetcher = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: time.Minute}}

// fetchBundle downloads the public bundle of a server into a file that goes when done.
func fetchBundle(ctx context.Context, url string) (*opened, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/v1/bundle", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := fetcher.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, asError(url, resp)
	}
	f, err := os.CreateTemp("", "corridor-bundle-")
	if err != nil {
		return nil, err
	}
	o := &opened{close: []func() error{f.Close, func() error { return os.Remove(f.Name()) }}}
	if _, err = io.Copy(f, resp.Body); err != nil {
		err = fmt.Errorf("cut short: %w", err)
	} else if _, err = f.Seek(0, io.SeekStart); err == nil {
		o.src, err = verify.OpenBundle(f)
	}
	if err != nil {
		o.done()
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return o, nil
}
