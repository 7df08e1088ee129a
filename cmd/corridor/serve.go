package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/server"
)

const serveUsage = `
corridor serve --dir DIR [--listen ADDR]

Runs the mission that lives in DIR: public page, board, intake, the log's tiles.

  --dir DIR       the mission's directory (corridor init makes one)
  --listen ADDR   where to listen, for example 0.0.0.0:8080; default 127.0.0.1:8080

It binds one address in the clear. Put it behind a server that speaks TLS before anybody
uses it over a network that is not yours. It stops on an interrupt, after committing what
it has taken.
`

func runServe(ctx context.Context, w *world, args []string) (int, error) {
	f := flags("serve")
	dir := f.String("dir", "", "")
	listen := f.String("listen", "127.0.0.1:8080", "")
	rest, err := parse(f, args)
	if err != nil {
		return 3, err
	}
	if *dir == "" || len(rest) > 0 {
		return 3, fmt.Errorf("say which mission: corridor serve --dir DIR")
	}
	d, err := openDir(*dir)
	if err != nil {
		return 3, err
	}
	defer d.close()
	return serve(ctx, w, d, *listen, nil, func(addr string) {
		fmt.Fprintf(w.out, "serving %s at http://%s/\n", *dir, addr)
	})
}

// serve runs a mission's server until ctx ends. ready is told the address once the mission is
// read.
func serve(ctx context.Context, w *world, d *missionDir, listen string, witnesses []node.Witness, ready func(addr string)) (int, error) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return 3, fmt.Errorf("cannot listen on %s: %w", listen, err)
	}
	defer l.Close()
	if err := d.lock.say("server " + l.Addr().String()); err != nil {
		return 3, err
	}
	log := slog.New(slog.NewTextHandler(w.err, nil))
	cfg, err := serverConfig(ctx, d, log)
	if err != nil {
		return 3, err
	}
	s := server.New(cfg)
	hs := &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, WriteTimeout: 5 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(l) }()
	defer stop(hs)

	key, err := d.logKey(ctx)
	if err != nil {
		return 3, err
	}
	n, err := node.Open(ctx, node.Config{Store: d.store, Side: d.side, LogKey: key, Witnesses: witnesses, Log: log, Progress: s.Progress})
	if err != nil {
		return 3, fmt.Errorf("%s: %w", d.path, err)
	}
	defer n.Close()
	s.Serve(n)
	run, end := context.WithCancel(ctx)
	defer end()
	go n.Run(run)
	go s.Run(run)
	ready(shown(l.Addr().String()))
	select {
	case <-ctx.Done():
		return 0, nil
	case err := <-failed:
		if errors.Is(err, http.ErrServerClosed) {
			return 0, nil
		}
		return 3, err
	}
}

// stop lets requests that are being answered finish, for a while.
func stop(hs *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := hs.Shutdown(ctx); err != nil {
		_ = hs.Close() // they had their time
	}
}

// shown is an address as a person can open it.
func shown(addr string) string {
	for _, any := range []string{"[::]", "0.0.0.0"} {
		if rest, ok := strings.CutPrefix(addr, any); ok {
			return "127.0.0.1" + rest
		}
	}
	return addr
}

// freePort returns addr if it is free, else one on the same host that is.
func freePort(addr string) string {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		host, _, _ := strings.Cut(addr, ":")
		return host + ":0"
	}
	l.Close()
	return addr
}
