package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"corridor.example/corridor/internal/store"
)

// A page is what Rows reads before it hands anything out: so many entries, and about so many
// bytes, whichever is less. No read transaction is open while the caller works.
const (
	pageRows  = 256
	pageBytes = 4 << 20
)

// reading is how a store reads: over a pool, or within the one transaction of a store opened
// for reading.
type reading struct {
	db                         *sql.DB
	conn                       *sql.Conn     // nil over a pool
	tx                         *sql.Tx       // nil over a pool
	one                        chan struct{} // one place, within a transaction
	still                      func() error  // says whether the file has changed under a reader; nil if it cannot
	cleanup                    func() error  // what is left to do once db is closed; may be nil
	q                          querier       // db or tx
	version                    int           // of the file's format, within a transaction
	index, page, leaves, parts *sql.Stmt
}

// Large blobs are turned into NULL by SQLite before they are read, and NULL is refused: a
// file somebody else made must not fill our memory.
var (
	indexText = `SELECT idx FROM record WHERE hash = ?`
	pageText  = `SELECT r.idx, ` + blob("r.hash", 32) + `, ` + blob("r.leaf", store.MaxLeaf) + `, ` + blob("r.hashes", 32*64) + `, ` + blob("e.bytes", store.MaxEnvelope) +
		` FROM record r LEFT JOIN envelope e ON e.idx = r.idx WHERE r.idx >= ? AND r.idx < ? ORDER BY r.idx LIMIT ?`
	leavesText = `SELECT idx, ` + blob("leaf", store.MaxLeaf) + ` FROM record WHERE idx >= ? AND idx < ? ORDER BY idx`
	partsText  = `SELECT idx, n, typeof(bytes), ` + blob("bytes", store.MaxPart) + ` FROM part WHERE idx >= ? AND idx < ? ORDER BY idx, n`
)

func blob(column string, limit int) string {
	return fmt.Sprintf("CASE WHEN length(%s) <= %d THEN %s END", column, limit, column)
}

func (r *reading) prepare(ctx context.Context, q interface {
	querier
	PrepareContext(context.Context, string) (*sql.Stmt, error)
}) error {
	r.q = q
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{{&r.index, indexText}, {&r.page, pageText}, {&r.leaves, leavesText}, {&r.parts, partsText}} {
		var err error
		if *p.stmt, err = q.PrepareContext(ctx, p.text); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) close() error {
	if r.tx != nil {
		r.tx.Rollback() // it has read only
	}
	if r.conn != nil {
		r.conn.Close()
	}
	var err error
	if r.db != nil {
		err = r.db.Close()
	}
	if r.cleanup != nil {
		err = errors.Join(err, r.cleanup())
	}
	return err
}

// reads runs one piece of reading, with what every piece needs around it.
func (s *Store) reads(ctx context.Context, f func() error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if s.read.one != nil {
		select {
		case s.read.one <- struct{}{}:
			defer func() { <-s.read.one }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err := f()
	if changed := s.changed(); changed != nil {
		return changed // whatever was read, it proves nothing
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return fault(s.path, err)
}

// Head implements store.Store.
func (s *Store) Head(ctx context.Context) (h store.Head, err error) {
	err = s.reads(ctx, func() error {
		h, err = readHead(ctx, s.read.q)
		return err
	})
	return h, err
}

func readHead(ctx context.Context, q querier) (store.Head, error) {
	rows, err := q.QueryContext(ctx, `SELECT size, `+
		`typeof(checkpoint), `+blob("checkpoint", store.MaxCheckpoint)+`, typeof(cosigned), `+blob("cosigned", store.MaxCheckpoint)+` FROM head`)
	if err != nil {
		return store.Head{}, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return store.Head{}, err
		}
		return store.Head{}, fmt.Errorf("head: %w: it is missing", store.ErrDamaged)
	}
	var size, checkpoint, cosigned any
	var checkpointType, cosignedType string
	if err := rows.Scan(&size, &checkpointType, &checkpoint, &cosignedType, &cosigned); err != nil {
		return store.Head{}, err
	}
	if rows.Next() {
		return store.Head{}, fmt.Errorf("head: %w: there is more than one", store.ErrDamaged)
	}
	if err := rows.Err(); err != nil {
		return store.Head{}, err
	}
	var h store.Head
	var ok bool
	if h.Size, ok = size.(int64); !ok || h.Size < 0 {
		return store.Head{}, fmt.Errorf("head: %w: its size %v is no size", store.ErrDamaged, size)
	}
	if h.Checkpoint, ok = bytesOrNull(checkpointType, checkpoint); !ok {
		return store.Head{}, fmt.Errorf("head: %w: its checkpoint is no text of at most %d bytes", store.ErrDamaged, store.MaxCheckpoint)
	}
	if h.Cosigned, ok = bytesOrNull(cosignedType, cosigned); !ok {
		return store.Head{}, fmt.Errorf("head: %w: its cosigned checkpoint is no text of at most %d bytes", store.ErrDamaged, store.MaxCheckpoint)
	}
	return h, nil
}

// bytesOrNull returns a blob that may be absent, as not nil if it is there.
func bytesOrNull(typ string, value any) (b []byte, ok bool) {
	switch typ {
	case "null":
		return nil, true
	case "blob":
		b, ok = value.([]byte) // not ok: too large
		if ok && b == nil {
			b = []byte{} // the driver's idea of an empty one
		}
		return b, ok
	}
	return nil, false
}

// Index implements store.Store.
func (s *Store) Index(ctx context.Context, hash [32]byte) (index int64, err error) {
	err = s.reads(ctx, func() error {
		err := s.read.index.QueryRowContext(ctx, hash[:]).Scan(&index)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%x: %w", hash, store.ErrAbsent)
		}
		return err
	})
	return index, err
}

// Row implements store.Store.
func (s *Store) Row(ctx context.Context, index int64) (row store.Row, err error) {
	if index < 0 || index+1 < 0 {
		return store.Row{}, store.Absent(index)
	}
	err = s.reads(ctx, func() error {
		rows, err := s.onePage(ctx, index, index+1)
		if err == nil {
			row = rows[0]
		}
		return err
	})
	return row, err
}

// Rows implements store.Store.
func (s *Store) Rows(ctx context.Context, from, to int64) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		if from < to && from < 0 {
			yield(store.Row{}, store.Absent(from))
			return
		}
		for from < to {
			var rows []store.Row
			err := s.reads(ctx, func() (err error) {
				rows, err = s.onePage(ctx, from, to)
				return err
			})
			if err != nil && !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrAbsent) {
				rows = nil // what was read before a fault may be its work as well
			}
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
			if err != nil {
				yield(store.Row{}, err)
				return
			}
			from += int64(len(rows))
		}
	}
}

// onePage returns at least one of the entries from <= index < to, or an error. With an error
// it returns the entries before the one that the error is about.
func (s *Store) onePage(ctx context.Context, from, to int64) ([]store.Row, error) {
	page, pageErr := s.records(ctx, from, to)
	if len(page) == 0 {
		return nil, pageErr
	}
	n, err := s.addParts(ctx, from, page)
	if err != nil || n < len(page) {
		return page[:n], err
	}
	return page, pageErr
}

// records reads a page of entries without their parts.
func (s *Store) records(ctx context.Context, from, to int64) (page []store.Row, err error) {
	rows, err := s.read.page.QueryContext(ctx, from, to, pageRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	size := 0
	for size < pageBytes && rows.Next() {
		var idx, hash, leaf, hashes, envelope any
		if err := rows.Scan(&idx, &hash, &leaf, &hashes, &envelope); err != nil {
			return page, err
		}
		want := from + int64(len(page))
		got, ok := idx.(int64)
		switch {
		case !ok || got > want:
			rows.Close() // give the connection back before asking for another
			return page, s.gap(ctx, want, got)
		case got < want:
			return page, &store.DamageError{Index: got, What: "it is there more than once"}
		}
		h, _ := hash.([]byte)
		if len(h) != 32 {
			return page, &store.DamageError{Index: want, What: "its name is not 32 bytes"}
		}
		r := store.Row{Hash: [32]byte(h)}
		r.Leaf, _ = leaf.([]byte)
		r.Hashes, _ = hashes.([]byte)
		r.Envelope, _ = envelope.([]byte)
		if what := r.Misshapen(want); what != "" {
			return page, &store.DamageError{Index: want, What: what}
		}
		page = append(page, r)
		size += len(r.Leaf) + len(r.Envelope)
	}
	if err := rows.Err(); err != nil {
		return page, err
	}
	if next := from + int64(len(page)); size < pageBytes && len(page) < pageRows && next < to {
		rows.Close()
		return page, s.gap(ctx, next, to)
	}
	return page, nil
}

// gap says why there is no entry at an index, nor at any after it up to next.
func (s *Store) gap(ctx context.Context, index, next int64) error {
	h, err := readHead(ctx, s.read.q)
	if err != nil {
		return err
	}
	if index < h.Size {
		return &store.DamageError{Index: index, What: "it is missing", Next: min(next, h.Size)}
	}
	return store.Absent(index)
}

// addParts reads the parts of a page's entries. It returns how many entries, from the first,
// are complete: fewer than all if the page would grow too large, or with an error.
func (s *Store) addParts(ctx context.Context, from int64, page []store.Row) (complete int, err error) {
	rows, err := s.read.parts.QueryContext(ctx, from, from+int64(len(page)))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	size := 0
	for rows.Next() {
		var idx, n, value any
		var typ string
		if err := rows.Scan(&idx, &n, &typ, &value); err != nil {
			return complete, err
		}
		index, ok := idx.(int64)
		if i := int(index - from); ok && i > complete {
			complete = i // rows come in order, so all before this one have their parts
			if size >= pageBytes {
				return complete, nil
			}
		}
		number, numbered := n.(int64)
		if !ok || !numbered {
			return complete, &store.DamageError{Index: from + int64(complete), What: "it has a part without a number"}
		}
		r := &page[index-from]
		if want := int64(len(r.Parts)); number > want {
			return complete, &store.DamageError{Index: index, What: fmt.Sprintf("its part %d is missing", want)}
		} else if number < want {
			return complete, &store.DamageError{Index: index, What: fmt.Sprintf("its part %d is there more than once", number)}
		}
		b, ok := bytesOrNull(typ, value)
		if !ok {
			return complete, &store.DamageError{Index: index, What: fmt.Sprintf("its part %d is no blob of at most %d bytes", number, store.MaxPart)}
		}
		r.Parts = append(r.Parts, b)
		if what := r.Misshapen(index); what != "" {
			return complete, &store.DamageError{Index: index, What: what}
		}
		size += len(b)
	}
	if err := rows.Err(); err != nil {
		return complete, err
	}
	return len(page), nil
}

// Leaves implements store.Store.
func (s *Store) Leaves(ctx context.Context, from, to int64) (leaves [][]byte, err error) {
	if from < to && from < 0 {
		return nil, store.Absent(from)
	}
	err = s.reads(ctx, func() error {
		rows, err := s.read.leaves.QueryContext(ctx, from, to)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var idx, leaf any
			if err := rows.Scan(&idx, &leaf); err != nil {
				return err
			}
			want := from + int64(len(leaves))
			if got, ok := idx.(int64); !ok || got > want {
				rows.Close()
				return s.gap(ctx, want, got)
			} else if got < want {
				return &store.DamageError{Index: got, What: "it is there more than once"}
			}
			b, _ := leaf.([]byte)
			if len(b) == 0 {
				return &store.DamageError{Index: want, What: fmt.Sprintf("its leaf is no blob of 1 to %d bytes", store.MaxLeaf)}
			}
			leaves = append(leaves, b)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if next := from + int64(len(leaves)); next < to {
			rows.Close()
			return s.gap(ctx, next, to)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return leaves, nil
}
