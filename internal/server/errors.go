package server

import (
	stdjson "encoding/json"
	"errors"
	"net/http"
	"os"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/web"
)

// The statuses that a handler writes itself.
const (
	statusNotModified = http.StatusNotModified
	statusSeeOther    = http.StatusSeeOther
)

// An answer is an error with its meaning for a reader.
type answer struct {
	status int
	code   string // words for it are in the catalogue
	rule   string // the rule's stable name, for refusals
	reason string // one sentence
	later  int    // seconds after which to try again; 0: no use
}

func (a *answer) Error() string { return a.code + ": " + a.reason }

var (
	errNotFound    = &answer{status: http.StatusNotFound, code: "not_found", reason: "there is nothing under this address"}
	errMethod      = &answer{status: http.StatusMethodNotAllowed, code: "method", reason: "this address does not take that method"}
	errStarting    = &answer{status: http.StatusServiceUnavailable, code: "starting", reason: "the mission is being read from its log; try again in a moment", later: 2}
	errNotReleased = &answer{status: http.StatusNotFound, code: "not_released", reason: "the log has this and the mandate does not release it yet"}
	errFault       = &answer{status: http.StatusInternalServerError, code: "fault", reason: "something here failed; nothing that was acknowledged is lost"}
	errBusy        = &answer{status: http.StatusServiceUnavailable, code: "busy", reason: "others are trying at this moment; try again shortly", later: 3}
	errForeign     = &answer{status: http.StatusForbidden, code: "foreign", reason: "this form is answered only when it is sent from this server's own page"}
	errNoLie       = &answer{status: http.StatusConflict, code: "no_lie", reason: "this mission has nothing yet that could be falsified in that way"}
	errNoSession   = &answer{status: http.StatusUnauthorized, code: "session", rule: "session.none", reason: "this is answered to a session or a token of the mission alone; corridor invite makes one"}
	errHeld        = &answer{status: http.StatusServiceUnavailable, code: "held", reason: "a witness shows another history under this log's key, so nothing is signed here; keep the record and lodge it with a witness", later: 60}
	errSlow        = &answer{status: http.StatusRequestTimeout, code: "slow", rule: "request.slow", reason: "the request came too slowly to be waited for; send fewer records at a time"}
	errClear       = &answer{status: http.StatusForbidden, code: "clear", rule: "request.clear", reason: "this is taken over TLS alone, at the same address with https; if what was sent is secret, take it as known to others and end it"}
	errUntraced    = &answer{status: http.StatusServiceUnavailable, code: "untraced", rule: "disclosure.failed", reason: "this is restricted, and who reads it could not be written into the log first; so it is not shown", later: 10}
	errTooLarge    = &answer{status: http.StatusRequestEntityTooLarge, code: "refused", rule: "request.size", reason: "the request is larger than is read at once; send fewer records at a time"}
)

// badRequest says what of an address or form cannot be read.
func badRequest(reason string) *answer {
	return &answer{status: http.StatusBadRequest, code: "bad_request", reason: reason}
}

// explain gives every error its answer. What is not one of ours is a fault, and says nothing
// of itself to the outside.
func explain(err error) *answer {
	var a *answer
	var refusal *corridor.Refusal
	var later *corridor.Later
	var large *http.MaxBytesError
	var shut *session.Refused
	switch {
	case errors.As(err, &shut):
		return shutOut(shut)
	case errors.As(err, &a):
		return a
	case errors.As(err, &refusal):
		return &answer{status: http.StatusUnprocessableEntity, code: "refused", rule: refusal.Rule, reason: refusal.Reason}
	case errors.As(err, &later):
		wait := 60
		if later.Rule == "quota.full" {
			wait = 3600 // it lasts until midnight
		}
		return &answer{status: http.StatusAccepted, code: "later", rule: later.Rule, reason: later.Reason, later: wait}
	case errors.As(err, &large):
		return errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSlow
	case errors.As(err, new(*node.Ahead)):
		return errHeld
	case errors.Is(err, store.ErrAbsent):
		return errNotFound
	case errors.Is(err, node.ErrStopping):
		return &answer{status: http.StatusServiceUnavailable, code: "stopping", reason: err.Error(), later: 10}
	}
	return errFault
}

// shutOut is the answer to whom the door did not let in.
func shutOut(r *session.Refused) *answer {
	a := &answer{status: http.StatusForbidden, code: "shut", rule: r.Rule, reason: r.Reason}
	switch r.Rule {
	case "session.wait":
		a.status, a.code, a.later = http.StatusTooManyRequests, "wait", max(1, int(r.Wait.Seconds()))
	case "session.none", "session.ended":
		a.status, a.code = http.StatusUnauthorized, "session"
	case "session.device":
		a.status, a.code = http.StatusUnauthorized, "device"
	}
	return a
}

// problem is an RFC 9457 body.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Rule   string `json:"rule,omitempty"`
}

// fail answers a request with an error, as a problem body to programs and as a page to people.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	a := explain(err)
	if a == errFault && err != errFault && r.Context().Err() == nil {
		s.cfg.Log.Error("a request failed", "method", r.Method, "route", r.Pattern, "cause", err.Error())
	}
	w.Header().Set("Cache-Control", "no-store")
	if a.later > 0 {
		w.Header().Set("Retry-After", itoa(a.later))
	}
	if a.code == "device" && s.provePage(w, r, a) || a.code == "session" && r.Method == http.MethodGet && s.loginInstead(w, r, a) {
		return
	}
	if !json(r) && s.problemPage(w, r, s.node.Load(), a) {
		return
	}
	problemBody(w, a)
}

// problemBody answers with an RFC 9457 body.
func problemBody(w http.ResponseWriter, a *answer) {
	b, err := stdjson.Marshal(problem{Type: problemType(a), Title: web.Text("en", "problem."+a.code), Status: a.status, Detail: a.reason, Rule: a.rule})
	if err != nil {
		b = []byte(`{"status":500}`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(a.status)
	_, _ = w.Write(append(b, '\n')) // the reader has gone
}

// problemType is a stable name for a kind of problem, not an address to visit.
func problemType(a *answer) string {
	if a.rule != "" {
		return "urn:corridor:rule:" + a.rule
	}
	return "urn:corridor:problem:" + a.code
}
