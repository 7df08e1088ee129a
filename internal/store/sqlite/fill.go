package sqlite

import (
	"context"
	"fmt"

	"corridor.example/corridor/internal/store"
)

var _ store.Filler = (*Store)(nil)

// Fill implements store.Filler.
func (s *Store) Fill(ctx context.Context, fills []store.Fill) error {
	done, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	have := make([]store.Row, len(fills))
	for i, f := range fills { // nobody else writes meanwhile
		if have[i], err = s.Row(ctx, f.Index); err != nil {
			return err
		}
		if err := store.CheckFill(f, have[i]); err != nil {
			return err
		}
	}
	return fault(s.path, s.fill(ctx, fills, have))
}

func (s *Store) fill(ctx context.Context, fills []store.Fill, have []store.Row) error {
	bg := context.Background() // as in append
	tx, err := s.write.BeginTx(bg, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for i, f := range fills {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !have[i].Carried() {
			if _, err := tx.ExecContext(bg, `UPDATE envelope SET bytes = ? WHERE idx = ?`, f.Envelope, f.Index); err != nil {
				return fmt.Errorf("entry %d: envelope: %w", f.Index, err)
			}
		}
		for n, p := range f.Parts {
			var bytes any // NULL, unless carried
			if p != nil {
				bytes = p
			}
			if _, err := tx.ExecContext(bg, `INSERT INTO part(idx, n, bytes) VALUES(?, ?, ?) ON CONFLICT(idx, n) DO UPDATE SET bytes = coalesce(bytes, excluded.bytes)`, f.Index, n, bytes); err != nil {
				return fmt.Errorf("entry %d: part %d: %w", f.Index, n, err)
			}
		}
	}
	return tx.Commit()
}
