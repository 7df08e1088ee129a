package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/server"
)

const serveUsage = `
corridor serve --dir DIR [--listen ADDR] [--proxy CIDR]… [--witness NAME=URL]… [--json]
corridor serve --dir DIR --tls NAME… [--acme-directory URL] [--acme-ca FILE] [--acme-email MAIL]
corridor serve --dir DIR --cert FILE --cert-key FILE
corridor serve --dir DIR --mission-ca [--name NAME]… [--passphrase-file FILE]

Runs the mission that lives in DIR: public page, board, intake, the log's tiles.

  --dir DIR       the mission's directory (corridor init makes one)
  --listen ADDR   where to listen; default 127.0.0.1:8080, with TLS :443; port 0 takes any that
                  is free
  --tls NAME      speak TLS, with a certificate that is asked for over the network (ACME) and
                  renewed: NAME leads to this machine, whose ports 80 or 443 the authority asks.
                  By this its terms are agreed to. Kept in DIR/acme. --acme-directory names
                  another authority than Let's Encrypt, --acme-ca what its own certificate rests
                  on, --acme-email where it may write to
  --cert FILE     speak TLS, with a certificate that was made beforehand and carried here, and
                  its key (--cert-key FILE), both PEM. They are read again when they change
  --mission-ca    speak TLS, with an authority of the mission's own, in DIR/mission-ca. The first
                  time --name says what it can ever vouch for: a name, an address. Its key lies
                  open to the owner of DIR; with --passphrase-file it is encrypted. /trust tells
                  devices how to take it
  --plain ADDR    with TLS: where to answer in the clear, with the way to https and with /trust
                  and nothing else; default :80; none: nowhere
  --proxy CIDR    a server that speaks TLS stands before this one, and asks from these
                  addresses, such as 127.0.0.1/32: its X-Forwarded-For and X-Forwarded-Proto
                  are believed, and nobody else's
  --insecure      listen in the clear although others than this machine can ask: whoever is
                  on the way reads and changes what is asked and answered
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

In the clear it listens on this machine's own address alone, unless a proxy is stated.
It stops on an interrupt, after committing what
it has taken.
`

func runServe(ctx context.Context, w *world, args []string) (status int, err error) {
	f := flags("serve")
	dir := f.String("dir", "", "")
	var c nodeCall
	f.Var((*list)(&c.at), "witness", "")
	f.Var((*list)(&c.despite), "despite", "")
	own := f.String("own", "", "")
	var at listening
	at.flags(f)
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
	if err := at.check(*own != ""); err != nil {
		return 3, err
	}
	c.own = corridor.ActorID(*own)
	d, err := openDir(ctx, *dir)
	if err != nil {
		return 3, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	return serve(ctx, w, d, c, at, func(o *entrance) error {
		t := o.trust()
		if *asJSON {
			said := map[string]string{"dir": *dir, "address": o.url + "/"}
			if plain := o.plainURL(); plain != "" {
				said["plain"] = plain + "/"
			}
			if t != nil {
				said["trust"], said["words"] = t.Address, trustWords(t)
			}
			return w.printJSON(said)
		}
		fmt.Fprintf(w.out, "serving %s at %s/\n", *dir, o.url)
		if t != nil {
			fmt.Fprintf(w.out, "devices are told to trust it at %s\nthe mission's authority in ten words, to be handed over on paper or by voice:\n  %s\n", t.Address, trustWords(t))
		}
		return nil
	})
}

// defaultListen is this machine alone.
const defaultListen = "127.0.0.1:8080"

// serve runs a mission's server until ctx ends. ready is told where it is
// reached once the mission is read.
func serve(ctx context.Context, w *world, d *missionDir, c nodeCall, at listening, ready func(o *entrance) error) (int, error) {
	log := slog.New(slog.NewTextHandler(w.err, nil))
	o, err := at.open(ctx, w, d.path, log)
	if err != nil {
		return 3, err
	}
	defer o.close()
	if err := d.lock.say(serverSays + o.says()); err != nil {
		return 3, err
	}
	cfg, err := serverConfig(ctx, d, log)
	if err != nil {
		return 3, err
	}
	cfg.Own, cfg.Proxies = c.own, at.proxies
	if len(at.proxies) > 0 {
		cfg.Insist = insistLong
	}
	if t := o.secured; t != nil {
		cfg.Insist, cfg.Trust = t.insist, o.trust()
		cfg.Certificate = func() time.Time { return t.source.State().Until }
	}
	s := server.New(cfg)
	failed := make(chan error, 3)
	hs := o.serve(s, at.proxies, log, failed)
	defer hs.stop()
	if o.secured != nil {
		o.secured.begin(ctx, o.url)
	}
	n, err := openNode(ctx, d, c, log, s.Progress)
	if err != nil {
		return 3, err
	}
	defer n.Close()
	if err := mayOwn(n, c.own, o.main.Addr()); err != nil {
		return 3, err
	}
	s.Serve(n)
	run, end := context.WithCancel(ctx)
	defer end()
	go n.Run(run)
	go s.Run(run)
	if err := ready(o); err != nil {
		return 3, err
	}
	select {
	case <-ctx.Done():
		hs.stop() // those who are being answered first, then the writer
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

// stop lets requests that are being answered finish, for a while.
func stop(hs *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := hs.Shutdown(ctx); err != nil {
		_ = hs.Close() // they had their time
	}
}
