package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/server"
)

const serveUsage = `
corridor serve --dir DIR [--listen ADDR] [--witness NAME=URL]… [--json]

Runs the mission that lives in DIR: public page, board, intake, the log's tiles.

  --dir DIR       the mission's directory (corridor init makes one)
  --listen ADDR   where to listen, for example 0.0.0.0:8080; default 127.0.0.1:8080; port 0
                  takes any that is free
  --witness NAME=URL   where the witness that the mandate calls NAME takes checkpoints
                  (c2sp.org/tlog-witness), in place of what the mandate says
  --despite NAME  start although the witness NAME says, on its word alone, that it knows a
                  longer log
  --own NAME      this machine is NAME's own: whoever reaches it reads for NAME, and its desk
                  signs with a key that the browser holds. For the mission's office, and in an
                  exercise for anybody; on this machine's own address alone
  --json          print the address as JSON

Before it signs anything it asks the witnesses how far they know the log. If one knows more
than is here, this is an old copy: it says so, signs nothing and ends with status 1. A witness
that does not answer keeps nobody from working.

It binds one address in the clear. Put it behind a server that speaks TLS before anybody
uses it over a network that is not yours. It stops on an interrupt, after committing what
it has taken.
`

func runServe(ctx context.Context, w *world, args []string) (status int, err error) {
	f := flags("serve")
	dir := f.String("dir", "", "")
	listen := f.String("listen", defaultListen, "")
	var c nodeCall
	f.Var((*list)(&c.at), "witness", "")
	f.Var((*list)(&c.despite), "despite", "")
	own := f.String("own", "", "")
	asJSON := f.Bool("json", false, "")
	if _, err := parse(f, args, 0); err != nil {
		return 3, err
	}
	if *dir == "" {
		return 3, unusable("serve", "say which mission: corridor serve --dir DIR")
	}
	if err := c.check("serve"); err != nil {
		return 3, err
	}
	c.own = corridor.ActorID(*own)
	d, err := openDir(ctx, *dir)
	if err != nil {
		return 3, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	return serve(ctx, w, d, c, []string{*listen}, func(addr string) error {
		if *asJSON {
			return w.printJSON(map[string]string{"dir": *dir, "address": "http://" + addr + "/"})
		}
		fmt.Fprintf(w.out, "serving %s at http://%s/\n", *dir, addr)
		return nil
	})
}

// defaultListen is this machine alone.
const defaultListen = "127.0.0.1:8080"

// serve runs a mission's server until ctx ends, on the first of the addresses that is free.
// ready is told the address once the mission is read.
func serve(ctx context.Context, w *world, d *missionDir, c nodeCall, listen []string, ready func(addr string) error) (int, error) {
	l, err := listenOn(listen)
	if err != nil {
		return 3, err
	}
	defer l.Close()
	if err := d.lock.say(serverSays + l.Addr().String()); err != nil {
		return 3, err
	}
	log := slog.New(slog.NewTextHandler(w.err, nil))
	cfg, err := serverConfig(ctx, d, log)
	if err != nil {
		return 3, err
	}
	cfg.Own = c.own
	s := server.New(cfg)
	hs := &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, WriteTimeout: 5 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	hs.RegisterOnShutdown(s.Leave)
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(server.Bounded(l)) }()
	defer stop(hs)
	n, err := openNode(ctx, d, c, log, s.Progress)
	if err != nil {
		return 3, err
	}
	defer n.Close()
	if err := mayOwn(n, c.own, l.Addr()); err != nil {
		return 3, err
	}
	s.Serve(n)
	run, end := context.WithCancel(ctx)
	defer end()
	go n.Run(run)
	go s.Run(run)
	if err := ready(shown(l.Addr().String())); err != nil {
		return 3, err
	}
	select {
	case <-ctx.Done():
		stop(hs) // those who are being answered first, then the writer
		n.Close()
		if err := remember(n); err != nil {
			log.Warn("the newest checkpoint is not remembered for the next start", "cause", err.Error())
		}
		return 0, nil
	case err := <-failed:
		return 3, err
	}
}

// mayOwn says whether this machine can be somebody's own: it is reached from itself alone, and
// nobody else runs it. A party's desk that signs is not served by the mission.
func mayOwn(n *node.Node, own corridor.ActorID, at net.Addr) (err error) {
	if own == "" {
		return nil
	}
	if a, ok := at.(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		return fmt.Errorf("--own lets whoever reaches this server read for %s: listen on this machine alone, such as 127.0.0.1:8080", own)
	}
	n.View(func(v corridor.View) {
		roles := v.Authority().Roles(own)
		switch {
		case len(roles) == 0:
			err = fmt.Errorf("%q is nobody that the mandate names", own)
		case !v.Exercise() && !slices.Contains(roles, corridor.Office):
			err = fmt.Errorf("this is the mission's server, and a key behind its pages could be used by whoever runs it: %s signs with corridor sign, or on a machine of its own", own)
		}
	})
	return err
}

// listenOn listens on the first address that is free.
func listenOn(addrs []string) (l net.Listener, err error) {
	for _, addr := range addrs {
		if l, err = net.Listen("tcp", addr); err == nil {
			return l, nil
		}
	}
	return nil, fmt.Errorf("cannot listen on %s: %w", addrs[0], err)
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
