package server_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/internal/store"
)

// playDoor plays a scenario's text and serves it behind a door whose clock is the server's.
func playDoor(t *testing.T, name, text string, later time.Duration, more ...func(*session.Config)) *played {
	t.Helper()
	var door *session.Door
	p := playText(t, name, text, later, func(cfg *server.Config) {
		c := session.Config{Store: &store.MemorySide{}, Now: cfg.Now, Log: slog.New(slog.DiscardHandler)}
		for _, f := range more {
			f(&c)
		}
		var err error
		if door, err = session.Open(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		cfg.Door = door
	})
	p.door, p.badges = door, map[string]string{}
	return p
}

// badge returns a program's token for "level actor".
func (p *played) badge(who string) string {
	p.t.Helper()
	if p.badges[who] == "" {
		level, actor, _ := strings.Cut(who, " ")
		code, _, err := p.door.Invite(p.t.Context(), session.Grant{Actor: corridor.ActorID(actor), Level: corridor.Level(level), Program: true}, "operator", 0)
		if err != nil {
			p.t.Fatal(err)
		}
		if p.badges[who], _, err = p.door.Join(p.t.Context(), code, session.Knock{}); err != nil {
			p.t.Fatal(err)
		}
	}
	return p.badges[who]
}
