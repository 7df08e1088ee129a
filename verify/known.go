package verify

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A Known remembers the newest checkpoint that was accepted of each mission, so that a log
// which was seen once cannot be cut or rewritten later without that being noticed.
type Known interface {
	// Newest returns the checkpoint remembered of a mission, nil if there is none.
	Newest(mission record.Hash) ([]byte, error)

	// Remember keeps a checkpoint of a mission in place of an older one, or of one of a log that
	// has ended.
	Remember(mission record.Hash, checkpoint []byte) error
}

// FileKnown is a Known in one file, which need not exist yet. The file is replaced whole, so
// that a crash leaves the old or the new one.
type FileKnown string

// maxKnown is the largest file that is read, in bytes.
const maxKnown = 16 << 20

type knownLine struct {
	Mission    record.Hash `json:"mission"`
	Checkpoint string      `json:"checkpoint"`
}

// Newest returns the checkpoint remembered of a mission, nil if there is none.
func (f FileKnown) Newest(mission record.Hash) ([]byte, error) {
	all, err := f.read()
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		if l.Mission == mission {
			return []byte(l.Checkpoint), nil
		}
	}
	return nil, nil
}

// Remember keeps a checkpoint of a mission. One that is smaller than the remembered one of the
// same log changes nothing.
func (f FileKnown) Remember(mission record.Hash, checkpoint []byte) error {
	c, err := ledger.ParseCheckpoint(checkpoint)
	if err != nil {
		return fmt.Errorf("remembering a checkpoint: %w", err)
	}
	all, err := f.read()
	if err != nil {
		return err
	}
	found := false
	for i, l := range all {
		if l.Mission != mission {
			continue
		}
		if old, err := ledger.ParseCheckpoint([]byte(l.Checkpoint)); err == nil && old.Size > c.Size && old.Origin == c.Origin {
			return nil
		}
		all[i].Checkpoint, found = string(checkpoint), true
	}
	if !found {
		all = append(all, knownLine{mission, string(checkpoint)})
	}
	return f.write(all)
}

func (f FileKnown) read() ([]knownLine, error) {
	file, err := os.Open(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("known checkpoints: %w", err)
	}
	defer file.Close()
	if s, err := file.Stat(); err != nil || s.Size() > maxKnown {
		return nil, fmt.Errorf("known checkpoints: %s is not a file of at most %d bytes", f, maxKnown)
	}
	var all []knownLine
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 2*ledger.MaxCheckpoint)
	for lines.Scan() {
		var l knownLine
		if err := record.Decode(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("known checkpoints: %s, line %d: %w", f, len(all)+1, err)
		}
		if _, err := ledger.ParseCheckpoint([]byte(l.Checkpoint)); err != nil {
			return nil, fmt.Errorf("known checkpoints: %s, line %d: %w", f, len(all)+1, err)
		}
		all = append(all, l)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("known checkpoints: %s: %w", f, err)
	}
	return all, nil
}

func (f FileKnown) write(all []knownLine) error {
	var b bytes.Buffer
	for _, l := range all {
		text, err := record.Encode(l)
		if err != nil {
			return fmt.Errorf("known checkpoints: %w", err)
		}
		b.Write(append(text, '\n'))
	}
	if err := replace(string(f), b.Bytes()); err != nil {
		return fmt.Errorf("known checkpoints: %w", err)
	}
	return nil
}

// replace writes a file beside the old one and gives it the old one's name.
func replace(path string, b []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Sync()
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
