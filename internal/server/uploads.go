package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"sync"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
)

// A Spool keeps what has come of uploads that are not whole yet; node.db is one. Its methods are
// those of store.Side.
type Spool interface {
	Put(ctx context.Context, space, name string, value []byte, until int64) error
	Get(ctx context.Context, space, name string) (value []byte, until int64, err error)
	Drop(ctx context.Context, space, name string) error
	Each(ctx context.Context, space string) iter.Seq2[store.Passing, error]
}

// Limits of uploads in pieces.
const (
	uploadPiece = 32 << 10       // kept at a time, so that a cut loses no more
	uploadAll   = 256 << 20      // announced by all uploads together
	uploadKept  = 72 * time.Hour // since its last piece
)

// The spaces of a spool.
const (
	uploadSpace = "upload"       // by SHA-256: how far it has come
	pieceSpace  = "upload-piece" // by SHA-256 and offset
)

// An upload is a sequence of sealed items that comes in pieces, named by its SHA-256.
type upload struct {
	Offset int64 `json:"offset"` // how much has come
	Length int64 `json:"length"` // of the whole
}

// uploads is held while what has come of one is written down, never while somebody sends.
type uploads struct{ mu sync.Mutex }

var errNoSpool = &answer{status: http.StatusNotImplemented, code: "refused", rule: "upload.none", reason: "this server keeps no pieces; send the whole to /api/v1/sealed"}

// getUpload answers how much of an upload has come.
func (s *Server) getUpload(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	name, err := s.uploadName(r)
	if err != nil {
		return err
	}
	u, err := s.upload(r.Context(), name)
	if err != nil {
		return err
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	w.Header().Set("Upload-Length", strconv.FormatInt(u.Length, 10))
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return ignoreGone(stdjson.NewEncoder(w).Encode(u))
}

func (s *Server) uploadName(r *http.Request) (string, error) {
	if s.cfg.Spool == nil {
		return "", errNoSpool
	}
	name := r.PathValue("sha256")
	if b, err := hex.DecodeString(name); err != nil || len(b) != sha256.Size || hex.EncodeToString(b) != name {
		return "", corridor.Refuse("upload.name", "an upload is named by the SHA-256 of the whole, 64 lower-case hex digits")
	}
	return name, nil
}

// upload reads how far one has come.
func (s *Server) upload(ctx context.Context, name string) (u upload, err error) {
	b, until, err := s.cfg.Spool.Get(ctx, uploadSpace, name)
	if err == nil && until <= s.cfg.Now().Unix() {
		err = store.ErrAbsent
	}
	if err == nil {
		err = stdjson.Unmarshal(b, &u)
	}
	return u, err
}

// postUpload takes the next piece of an upload. Its last piece is answered as the whole would be
// at /api/v1/sealed, every other with how much has come. After an answer that was lost the same
// piece, or none at the end, gets it again.
func (s *Server) postUpload(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	name, err := s.uploadName(r)
	if err != nil {
		return err
	}
	offset, err1 := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	length, err2 := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err1 != nil || err2 != nil || offset < 0 || length < 1 || length > maxBatchBytes || offset > length {
		return corridor.Refuse("upload.offset", "a piece says where it begins and how long the whole is in the headers Upload-Offset and Upload-Length, at most %d bytes", maxBatchBytes)
	}
	ctx := context.WithoutCancel(r.Context()) // what has come is kept, though its sender has gone
	u, err := s.begun(ctx, name, length)
	if err != nil {
		return err
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	if u.Length != length || u.Offset != offset {
		return elsewhere(u)
	}
	cut := s.keepPieces(ctx, name, &u, r.Body)
	w.Header().Set("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	if cut != nil {
		return cut
	}
	w.Header().Set("Cache-Control", "no-store")
	if u.Offset < u.Length {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	whole, err := s.whole(ctx, name, u)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(whole); hex.EncodeToString(sum[:]) != name {
		s.uploads.mu.Lock()
		err := s.forget(ctx, name, u)
		s.uploads.mu.Unlock()
		if err != nil {
			return err
		}
		w.Header().Set("Upload-Offset", "0")
		return corridor.Refuse("upload.hash", "what has come is not what its SHA-256 says; it is forgotten, send it anew")
	}
	results, err := s.takeSealed(r, n, bytes.NewReader(whole))
	if err != nil {
		return err
	}
	answerSealed(w, results)
	return nil
}

// elsewhere refuses a piece that does not begin where what has come ends.
func elsewhere(u upload) *answer {
	return &answer{status: http.StatusConflict, code: "refused", rule: "upload.conflict", reason: fmt.Sprintf("%d of %d bytes have come; send what follows them", u.Offset, u.Length)}
}

// begun returns an upload as far as it has come, and begins it if there is none.
func (s *Server) begun(ctx context.Context, name string, length int64) (upload, error) {
	s.uploads.mu.Lock()
	defer s.uploads.mu.Unlock()
	u, err := s.upload(ctx, name)
	if !errors.Is(err, store.ErrAbsent) {
		return u, err
	}
	if err := s.roomFor(ctx, length); err != nil {
		return u, err
	}
	u = upload{Length: length}
	return u, s.note(ctx, name, u)
}

// note writes down how far an upload has come.
func (s *Server) note(ctx context.Context, name string, u upload) error {
	b, err := stdjson.Marshal(u)
	if err != nil {
		return err
	}
	return s.cfg.Spool.Put(ctx, uploadSpace, name, b, s.cfg.Now().Add(uploadKept).Unix())
}

// keepPiece keeps the next bytes of an upload, unless somebody else has sent them meanwhile.
func (s *Server) keepPiece(ctx context.Context, name string, u *upload, b []byte) error {
	s.uploads.mu.Lock()
	defer s.uploads.mu.Unlock()
	now, err := s.upload(ctx, name)
	if err != nil {
		return err
	}
	if now != *u {
		return elsewhere(now)
	}
	if err := s.cfg.Spool.Put(ctx, pieceSpace, pieceName(name, u.Offset), b, s.cfg.Now().Add(uploadKept).Unix()); err != nil {
		return err
	}
	now.Offset += int64(len(b))
	if err := s.note(ctx, name, now); err != nil {
		return err
	}
	*u = now
	return nil
}

// roomFor says "later" where the uploads under way have taken all the room.
func (s *Server) roomFor(ctx context.Context, length int64) error {
	now := s.cfg.Now().Unix()
	var over []store.Passing
	for p, err := range s.cfg.Spool.Each(ctx, uploadSpace) {
		if err != nil {
			return err
		}
		var u upload
		if err := stdjson.Unmarshal(p.Value, &u); err != nil {
			return err
		}
		if p.Until <= now {
			over = append(over, p)
		} else {
			length += u.Length
		}
	}
	for _, p := range over {
		var u upload
		if err := stdjson.Unmarshal(p.Value, &u); err != nil {
			return err
		}
		if err := s.forget(ctx, p.Name, u); err != nil {
			return err
		}
	}
	if length > uploadAll {
		return &answer{status: http.StatusServiceUnavailable, code: "busy", rule: "upload.full", reason: "too many uploads are under way; try again shortly, or send the whole to /api/v1/sealed", later: 60}
	}
	return nil
}

func pieceName(name string, offset int64) string { return fmt.Sprintf("%s/%010d", name, offset) }

// keepPieces keeps what comes, piece by piece, so that nothing before a cut is sent twice. It
// returns why it ended before the body did.
func (s *Server) keepPieces(ctx context.Context, name string, u *upload, body io.Reader) error {
	for {
		b, cut := io.ReadAll(io.LimitReader(body, uploadPiece))
		if u.Offset+int64(len(b)) > u.Length {
			return corridor.Refuse("upload.offset", "more has come than the %d bytes that were announced", u.Length)
		}
		if len(b) > 0 {
			if err := s.keepPiece(ctx, name, u, b); err != nil {
				return err
			}
		}
		if cut != nil {
			return cut
		}
		if len(b) < uploadPiece {
			return nil
		}
	}
}

// whole puts the pieces together.
func (s *Server) whole(ctx context.Context, name string, u upload) ([]byte, error) {
	b := make([]byte, 0, u.Length)
	for int64(len(b)) < u.Length {
		piece, _, err := s.cfg.Spool.Get(ctx, pieceSpace, pieceName(name, int64(len(b))))
		if err != nil || len(piece) == 0 {
			return nil, errors.Join(err, s.forget(ctx, name, u)) // a damaged node.db; it is sent anew
		}
		b = append(b, piece...)
	}
	return b, nil
}

// forget drops an upload with its pieces.
func (s *Server) forget(ctx context.Context, name string, u upload) error {
	for at := int64(0); at < u.Offset; {
		piece, _, err := s.cfg.Spool.Get(ctx, pieceSpace, pieceName(name, at))
		if err != nil || len(piece) == 0 {
			break // the rest is over by itself
		}
		if err := s.cfg.Spool.Drop(ctx, pieceSpace, pieceName(name, at)); err != nil {
			return err
		}
		at += int64(len(piece))
	}
	if err := s.cfg.Spool.Drop(ctx, uploadSpace, name); err != nil && !errors.Is(err, store.ErrAbsent) {
		return err
	}
	return nil
}
