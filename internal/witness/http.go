package witness

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"corridor.example/corridor/ledger"
)

// sizeType is the media type of the size in the answer to a conflict (c2sp.org/tlog-witness).
const sizeType = "text/x.tlog.size"

// Handler answers logs that ask for cosignatures, as c2sp.org/tlog-witness has it:
//
//	POST /add-checkpoint                  a signature line, or 409 with the size known here
//	GET  /<SHA-256 of an origin>/checkpoint   the newest checkpoint cosigned of that log
//	GET  /vkey                            the verifier key
//
// Its statuses are those of that specification; they are not the answers of a mission's server.
func (w *Witness) Handler(origins func() []string, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, ledger.MaxAddCheckpoint+1))
		if err != nil {
			text(rw, http.StatusRequestEntityTooLarge, "more than a request to cosign can be\n")
			return
		}
		line, err := w.Add(r.Context(), body)
		var conflict *Conflict
		switch {
		case err == nil:
			text(rw, http.StatusOK, string(line))
		case errors.As(err, &conflict):
			rw.Header().Set("Content-Type", sizeType)
			rw.Header().Set("Cache-Control", "no-store")
			rw.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(rw, strconv.FormatInt(conflict.Size, 10)+"\n") // the reader has gone
		case errors.Is(err, ErrMalformed):
			text(rw, http.StatusBadRequest, err.Error()+"\n")
		case errors.Is(err, ErrUnknownLog):
			text(rw, http.StatusNotFound, err.Error()+"\n")
		case errors.Is(err, ErrSignature):
			text(rw, http.StatusForbidden, err.Error()+"\n")
		case errors.Is(err, ErrInconsistent):
			text(rw, http.StatusUnprocessableEntity, err.Error()+"\n")
		case errors.Is(err, ErrNotAdmitted):
			rw.Header().Set("Retry-After", "10")
			text(rw, http.StatusServiceUnavailable, err.Error()+"\n")
		default:
			log.Error("a checkpoint was not cosigned", "cause", err.Error())
			text(rw, http.StatusInternalServerError, "something here failed; nothing was cosigned\n")
		}
	})
	mux.HandleFunc("GET /{origin}/checkpoint", func(rw http.ResponseWriter, r *http.Request) {
		for _, o := range origins() {
			sum := sha256.Sum256([]byte(o))
			if hex.EncodeToString(sum[:]) != r.PathValue("origin") {
				continue
			}
			signed, err := w.Newest(r.Context(), o)
			if err != nil {
				log.Error("the newest checkpoint", "cause", err.Error())
				text(rw, http.StatusInternalServerError, "something here failed\n")
				return
			}
			if signed != nil {
				text(rw, http.StatusOK, string(signed))
				return
			}
		}
		text(rw, http.StatusNotFound, "no checkpoint of such a log was cosigned here\n")
	})
	mux.HandleFunc("GET /vkey", func(rw http.ResponseWriter, _ *http.Request) { text(rw, http.StatusOK, w.Key()+"\n") })
	return mux
}

func text(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // the reader has gone
}
