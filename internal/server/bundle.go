package server

import (
	"bytes"
	"context"
	"iter"
	"net/http"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// getBundle streams what the reader may read of the mission as one file, which corridor
// verify checks with no network. That it was taken is in the log before its first byte leaves.
func (s *Server) getBundle(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	size, signed, err := s.reach(r, n)
	if err != nil {
		return err
	}
	if signed == nil {
		return errNotReleased
	}
	at := record.At(s.cfg.Now())
	copied, err := s.stretch(r, n, corridor.AsCopy, 0, size, size, at)
	if err != nil {
		return err
	}
	if _, err := s.disclose(w, r, n, opening{stretch: copied}); err != nil {
		return err
	}
	head := verify.BundleHead{Level: reader(r).Level, Size: size}
	n.View(func(v corridor.View) { head.Exercise, head.Origin = v.Exercise(), v.Terms().Origin })
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Content-Disposition", `attachment; filename="mission.bundle"`)
	w.Header().Set("Cache-Control", "no-cache")
	err = verify.WriteBundle(w, head, s.entries(r, n, size, at), signed, n.Marks(r.Context(), size))
	if err != nil && r.Context().Err() == nil {
		s.cfg.Log.Error("a bundle was cut short", "cause", err.Error())
		panic(http.ErrAbortHandler) // the reader must see that it is cut
	}
	return nil
}

// masksAtOnce is for how many entries of a bundle the policy is asked at a time.
const masksAtOnce = 256

// entries yields the entries of the reader's view with only what the audience may read.
func (s *Server) entries(r *http.Request, n *node.Node, size int64, at record.Time) iter.Seq2[verify.Entry, error] {
	who := reader(r)
	return func(yield func(verify.Entry, error) bool) {
		for from := int64(0); from < size; from += masksAtOnce {
			list, err := masked(r.Context(), n, who, from, min(from+masksAtOnce, size), size, at)
			if err != nil {
				yield(verify.Entry{}, err)
				return
			}
			for _, e := range list {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// Bundle writes a mission as one file for a level; "" is everything the mission file has.
// What somebody who reads at that level may not read at a time is left out by the mission's one
// disclosure policy; where whom it is for is "", it is for anybody of the level.
func Bundle(ctx context.Context, m *corridor.Mission, src verify.Source, level corridor.Level, whom corridor.ActorID, card []byte, at record.Time) (verify.BundleHead, iter.Seq2[verify.Entry, error]) {
	v := m.Now()
	head := verify.BundleHead{Exercise: m.Exercise(), Level: level, Origin: v.Terms().Origin, Size: m.Size(), Card: card}
	return head, func(yield func(verify.Entry, error) bool) {
		for e, err := range src.Entries(ctx) {
			if err != nil {
				yield(e, err)
				return
			}
			e.Hashes, e.Name = nil, nil
			if level != "" {
				if e, err = maskOf(v, Reader{Level: level, Actor: whom}, m.Hash(e.Index), at).over(e); err != nil {
					yield(e, err)
					return
				}
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// BundleLines returns a copy of a log as the lines of a bundle of its level.
func BundleLines(ctx context.Context, src verify.Source, card verify.Card) ([]string, error) {
	head, err := src.Head(ctx)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	h := verify.BundleHead{Exercise: card.Exercise, Level: head.Level, Origin: card.Origin(), Size: head.Size}
	entries := func(yield func(verify.Entry, error) bool) {
		for e, err := range src.Entries(ctx) {
			e.Hashes, e.Name = nil, nil
			if !yield(e, err) {
				return
			}
		}
	}
	if err := verify.WriteBundle(&b, h, entries, head.Checkpoint, src.Checkpoints(ctx)); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n"), nil
}
