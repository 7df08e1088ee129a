package sqlite

import (
	"context"
	"fmt"
	"time"

	"corridor.example/corridor/internal/store"
	lib "modernc.org/sqlite/lib"
)

// Append implements store.Store.
func (s *Store) Append(ctx context.Context, from int64, rows []store.Row, erase []store.Erasure, checkpoint []byte) error {
	done, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := store.CheckAppend(from, rows, erase, checkpoint); err != nil {
		return err
	}
	if err := s.append(ctx, from, rows, erase, checkpoint); err != nil {
		return fault(s.path, err)
	}
	if len(erase) > 0 {
		// The entries are logged whatever becomes of this; if it fails now, it is tried again
		// by every later call, and Close says so if it never succeeds.
		s.lingering.Store(true)
		s.scrub(100 * time.Millisecond)
	}
	return nil
}

// append is the transaction. Its statements run without the caller's context, which is asked
// between them instead: the driver would start a goroutine for each, and interrupt the
// connection rather than the statement.
func (s *Store) append(ctx context.Context, from int64, rows []store.Row, erase []store.Erasure, checkpoint []byte) error {
	bg := context.Background()
	tx, err := s.write.BeginTx(bg, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()

	var size int64
	if err := tx.StmtContext(bg, s.do.size).QueryRowContext(bg).Scan(&size); err != nil {
		return err
	}
	if size != from {
		return fmt.Errorf("append at %d: %w to %d", from, store.ErrMoved, size)
	}
	record, envelope, part := tx.StmtContext(bg, s.do.record), tx.StmtContext(bg, s.do.envelope), tx.StmtContext(bg, s.do.part)
	for i, r := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		index := from + int64(i)
		_, err := record.ExecContext(bg, index, r.Hash[:], r.Leaf, r.Hashes)
		switch code(err) {
		case lib.SQLITE_CONSTRAINT_UNIQUE:
			return &store.DuplicateError{Hash: r.Hash}
		case lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
			return &store.DamageError{Index: index, What: beyond}
		}
		if err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		if _, err := envelope.ExecContext(bg, index, r.Envelope); err != nil {
			return fmt.Errorf("entry %d: envelope: %w", index, err)
		}
		for n, p := range r.Parts {
			var bytes any // NULL, unless carried
			if p != nil {
				bytes = p
			}
			if _, err := part.ExecContext(bg, index, n, bytes); err != nil {
				return fmt.Errorf("entry %d: part %d: %w", index, n, err)
			}
		}
	}
	for _, e := range erase {
		res, err := tx.StmtContext(bg, s.do.erase).ExecContext(bg, e.Index, e.Part)
		if err != nil {
			return fmt.Errorf("erase part %d of entry %d: %w", e.Part, e.Index, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return fmt.Errorf("erase part %d of entry %d: %w", e.Part, e.Index, store.ErrAbsent)
		}
	}
	if _, err := tx.StmtContext(bg, s.do.head).ExecContext(bg, from+int64(len(rows)), checkpoint); err != nil {
		return fmt.Errorf("head: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return tx.Commit()
}

// Cosign implements store.Store.
func (s *Store) Cosign(ctx context.Context, size int64, cosigned []byte) error {
	done, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	return fault(s.path, s.cosign(ctx, size, cosigned))
}

func (s *Store) cosign(ctx context.Context, size int64, cosigned []byte) error {
	bg := context.Background()
	tx, err := s.write.BeginTx(bg, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	h, err := readHead(bg, tx)
	if err != nil {
		return err
	}
	replace, err := store.CheckCosign(h, size, cosigned)
	if err != nil || !replace {
		return err
	}
	if _, err := tx.StmtContext(bg, s.do.cosign).ExecContext(bg, cosigned); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return tx.Commit()
}

// take waits for the turn to write. The function it returns gives the turn back.
func (s *Store) take(ctx context.Context) (done func(), err error) {
	if s.write == nil {
		return nil, fmt.Errorf("%s: %w", s.path, store.ErrReadOnly)
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn; s.leave() }, nil
	case <-ctx.Done():
		s.leave()
		return nil, ctx.Err()
	}
}

// scrub takes erased bytes out of the WAL, where the pages that held them may still be. If a
// reader still needs them it gives up after a moment, so that writers are not held up;
// lingering then stays set. The caller has the turn.
func (s *Store) scrub(moment time.Duration) error {
	bg := context.Background()
	if _, err := s.write.ExecContext(bg, fmt.Sprintf(`PRAGMA busy_timeout = %d`, moment.Milliseconds())); err != nil {
		return err
	}
	clean, err := emptyWAL(bg, s.write)
	if clean {
		s.lingering.Store(false)
	}
	if _, e := s.write.ExecContext(bg, "PRAGMA "+patience); err == nil {
		err = e
	}
	return err
}

// beyond is said of a row that lies where the next entry belongs, or further on.
const beyond = "it lies beyond the end of the log"

// checkRows refuses a file with rows outside the log its head describes. An append would
// meet them; a reader would pass them by.
func checkRows(ctx context.Context, q querier) error {
	all, err := strays(ctx, q)
	if err == nil && len(all) > 0 {
		err = all[0]
	}
	return err
}

// strays returns the first and the last row of each table that lie outside the log its head
// describes.
func strays(ctx context.Context, q querier) (all []*store.DamageError, err error) {
	h, err := readHead(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, table := range []string{"record", "envelope", "part"} {
		var least, most any
		err := q.QueryRowContext(ctx, `SELECT (SELECT min(idx) FROM `+table+`), (SELECT max(idx) FROM `+table+`)`).Scan(&least, &most)
		if err != nil {
			return nil, err
		}
		if least == nil && most == nil {
			continue // an empty table
		}
		first, ok1 := least.(int64)
		last, ok2 := most.(int64)
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("table %s: %w: it has a row without an index", table, store.ErrDamaged)
		}
		if first < 0 {
			all = append(all, &store.DamageError{Index: first, What: "there is no such index, and yet a row of the table " + table})
		}
		if last >= h.Size {
			all = append(all, &store.DamageError{Index: last, What: fmt.Sprintf("%s, which has %d entries (table %s)", beyond, h.Size, table)})
		}
	}
	return all, nil
}
