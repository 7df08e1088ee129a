package server

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	stdjson "encoding/json"
	"net/http"
	"strings"
	"sync"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// phones registers the phone's app and what it asks for until its observer is deployed. None of
// it is answered to a session: a phone writes with its key.
func (s *Server) phones() {
	s.mux.HandleFunc("GET /phone", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/phone/", http.StatusPermanentRedirect)
	})
	s.mux.HandleFunc("GET /phone/{$}", s.phonePage)
	s.mux.HandleFunc("GET /phone/selftest", s.phonePage)
	s.mux.HandleFunc("GET /phone/app.webmanifest", s.phoneFile("application/manifest+json", func(a web.PhoneApp) []byte { return a.Manifest }))
	s.mux.HandleFunc("GET /phone/files.json", s.phoneFile("application/json", func(a web.PhoneApp) []byte { return a.List }))
	s.mux.HandleFunc("GET /phone/sw.js", s.phoneFile("text/javascript; charset=utf-8", func(a web.PhoneApp) []byte { return a.Worker }))
	if s.cfg.Door == nil {
		return
	}
	s.handle("POST /api/v1/phone/mission", s.phoneMission)
	s.handle("POST /api/v1/phone/enrol", s.phoneEnrol)
	s.handle("POST /api/v1/phone/standing", s.phoneStanding)
}

// ofPhone reports whether a path is one that a phone asks for, with or without a session.
func ofPhone(path string) bool {
	return path == "/phone" || strings.HasPrefix(path, "/phone/") || strings.HasPrefix(path, "/api/v1/phone/")
}

var phoneMade = sync.OnceValue(func() made { return newMade(web.Phone().Page, "en") })

// phonePage answers the page of the app, which asks where the phone is and may be told.
func (s *Server) phonePage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
	phoneMade().write(w, r, 0)
}

// phoneFile answers a file of the app that a browser asks about each time.
func (s *Server) phoneFile(mime string, of func(web.PhoneApp) []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b := of(web.Phone())
		sum := sha256.Sum256(b)
		h := w.Header()
		h.Set("Content-Type", mime)
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
		if has(r.Header.Get("If-None-Match"), h.Get("ETag")) {
			w.WriteHeader(statusNotModified)
			return
		}
		h.Set("Content-Length", itoa(len(b)))
		_, _ = w.Write(b) // the reader has gone
	}
}

// A phoneAsk is what a phone sends until its observer is deployed.
type phoneAsk struct {
	Code  string `json:"code"`
	Key   string `json:"key,omitempty"`   // 64 hex digits
	Proof string `json:"proof,omitempty"` // 128 hex digits
}

func (s *Server) phoneKnock(w http.ResponseWriter, r *http.Request) (a phoneAsk, k session.Knock, err error) {
	if err := said(w, r, &a); err != nil {
		return a, k, err
	}
	return a, session.Knock{From: from(r), Host: r.Host, Agent: r.UserAgent()}, nil
}

// phoneMission is what an invited phone needs to begin: the card, the record that it names, and
// the terms in force. The phone holds the record against the card, which it was told out of
// band; terms that were amended since are this server's word until the phone can check a copy.
type phoneMission struct {
	Card    string             `json:"card"`
	Mandate stdjson.RawMessage `json:"mandate"` // as it travels, with its facts alone
	Terms   *corridor.Terms    `json:"terms"`
	Sealing string             `json:"sealing"` // the age recipient that records are sealed to, "" if none is named
}

func (s *Server) phoneMission(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	a, k, err := s.phoneKnock(w, r)
	if err != nil {
		return err
	}
	if _, err := s.cfg.Door.Phone(r.Context(), a.Code, k); err != nil {
		return err
	}
	m, founded := phoneMission{Card: s.cfg.Card}, int64(0)
	n.View(func(v corridor.View) {
		m.Terms = v.Terms()
		m.Sealing, _ = v.SealingKey()
		if e, ok := v.Find(v.Founder()); ok {
			founded = e.Index
		}
	})
	rec, err := n.Record(r.Context(), founded)
	if err != nil {
		return err
	}
	for p := range rec.Parts {
		if rec.Parts[p].Name != "facts" {
			rec.Parts[p].Bytes = nil
		}
	}
	m.Mandate = rec.Line()
	return answerJSON(w, http.StatusOK, m)
}

// phoneEnrol takes the key that an invited phone has made, with the proof that the phone holds
// it, and keeps it for the office to nominate.
func (s *Server) phoneEnrol(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	a, k, err := s.phoneKnock(w, r)
	if err != nil {
		return err
	}
	pub, err := hex.DecodeString(a.Key)
	if err != nil || hex.EncodeToString(pub) != a.Key {
		return corridor.Refuse("key.length", "a public key is 64 lower-case hex digits")
	}
	n.View(func(v corridor.View) {
		founder := v.Founder()
		err = record.CheckProof(ed25519.PublicKey(pub), a.Proof, v.Exercise(), v.Terms().Origin, &founder)
	})
	if err != nil {
		return err
	}
	p, err := s.cfg.Door.Enrol(r.Context(), a.Code, a.Key, a.Proof, k)
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusCreated, map[string]string{"phone": p.Name})
}

// A phoneVote is one answer to a nomination, in the names of the mandate.
type phoneVote struct {
	Of  corridor.ActorID `json:"of"`
	Yes bool             `json:"yes"`
}

// A phoneState tells a phone how far its observer's admission has come.
type phoneState struct {
	State    string             `json:"state"`    // "waiting", or one of corridor.AdmissionState
	Observer corridor.ActorID   `json:"observer"` // "" while nobody nominated the key
	Label    corridor.Label     `json:"label"`
	Asked    []corridor.ActorID `json:"asked"`
	Needed   int64              `json:"needed"`
	Votes    []phoneVote        `json:"votes"`
	Until    *record.Time       `json:"until"` // end of the nomination, or null
}

// phoneStanding tells the phone of an invitation how its admission stands. It says nothing that
// the observer is not told.
func (s *Server) phoneStanding(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	a, k, err := s.phoneKnock(w, r)
	if err != nil {
		return err
	}
	p, err := s.cfg.Door.Phone(r.Context(), a.Code, k)
	if err != nil {
		return err
	}
	x := phoneState{State: "waiting", Asked: []corridor.ActorID{}, Votes: []phoneVote{}}
	n.View(func(v corridor.View) {
		for _, ad := range v.Admissions() {
			if p.Key == "" || ad.Facts.Key.Key != p.Key || len(ad.Findings) > 0 {
				continue
			}
			x = phoneState{State: string(ad.State), Observer: ad.Facts.Observer, Label: ad.Facts.Label, Asked: ad.Asked, Needed: ad.Needed, Votes: []phoneVote{}, Until: ad.Facts.To}
			for _, vote := range ad.Votes {
				if vote.Counts {
					x.Votes = append(x.Votes, phoneVote{vote.Act.Of, vote.Yes})
				}
			}
		}
	})
	return answerJSON(w, http.StatusOK, x)
}
