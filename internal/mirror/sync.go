package mirror

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"

	"golang.org/x/mod/sumdb/tlog"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// errGarbled says that the server serves what is not what its log signed.
var errGarbled = errors.New("what the server serves is not what its log signed")

// sync brings the copy up to the server's live checkpoint.
func (m *Mirror) sync(ctx context.Context) error {
	signed, err := m.get(ctx, "/live/checkpoint", ledger.MaxCheckpoint, true)
	if err != nil {
		return err
	}
	c, err := ledger.OpenCheckpoint(signed, m.log)
	if err != nil {
		m.claim("garbled checkpoint", "the server's live checkpoint is not signed by the log: "+err.Error())
		return fmt.Errorf("%w: %v", errGarbled, err)
	}
	if c.Size <= m.node.Size() {
		if err := m.hold(signed, "the live checkpoint"); err != nil {
			return err
		}
		if c.Size < m.node.Size() {
			m.claim("shrunk", fmt.Sprintf("the server shows %d entries and had shown %d", c.Size, m.node.Size()))
			return errors.New("the server shows an older log than before")
		}
		m.over("shrunk")
	}
	fills, next, err := m.opened(ctx, c.Size)
	if err != nil {
		return err
	}
	if c.Size > m.node.Size() {
		if err := m.grow(ctx, signed, c); err != nil {
			return err
		}
	}
	if len(fills) > 0 {
		problems, err := m.node.Fill(ctx, fills)
		if err != nil {
			return err
		}
		m.wrong(ctx, problems)
	}
	m.keepPromises()
	m.traced(ctx)
	m.keep(ctx, signed)
	m.note(c.Size)
	return m.putNote(ctx, openedNote, next)
}

// hold holds a checkpoint that the log signed, up to as long as the copy, against the copy.
func (m *Mirror) hold(signed []byte, what string) error {
	c, err := ledger.OpenCheckpoint(signed, m.log)
	if err != nil || c.Size > m.node.Size() || c.Size == 0 {
		return nil // nothing that the log has to answer for, or not yet
	}
	tree, size := m.node.Tree(), m.node.Size()
	root, err := tree.Root(c.Size)
	if err != nil {
		return err
	}
	if root == c.Root {
		return nil
	}
	e := m.evidence(verify.EvidenceFork)
	e.Checkpoints = []string{string(signed), string(m.node.Checkpoint())}
	if c.Size < size {
		hashes, err := tree.Prefix(c.Size, size)
		if err != nil {
			return err
		}
		for _, h := range hashes {
			e.Hashes = append(e.Hashes, h.String())
		}
	}
	m.accuse("fork", what+" is of another history than the copy here", e)
	return errors.New("another history under this log's key")
}

// grow fetches the entries between the copy and a checkpoint and takes them.
func (m *Mirror) grow(ctx context.Context, signed []byte, c ledger.Checkpoint) error {
	from := m.node.Size()
	entries, err := m.entries(ctx, from, c.Size)
	if err != nil {
		return err
	}
	if from == 0 && (entries[0].Record == nil || entries[0].Record.Hash != m.cfg.Card.Mission) {
		return errors.New("the server's log does not begin with the mandate that the card names")
	}
	problems, err := m.node.Follow(ctx, entries, signed)
	if errors.Is(err, node.ErrNotContinued) {
		return m.parted(ctx, signed, c)
	}
	if err != nil {
		return err
	}
	for i, e := range entries {
		if e.Record != nil && e.Record.Header.Seen != nil {
			m.gossip(from+int64(i), *e.Record.Header.Seen)
		}
	}
	m.wrong(ctx, problems)
	return nil
}

// gossip holds the checkpoint that a record's author had seen against the copy. Each record
// tells what its author was shown.
func (m *Mirror) gossip(i int64, seen string) {
	if m.seen[seen] {
		return
	}
	if len(m.seen) > 10_000 {
		m.seen = map[string]bool{}
	}
	m.seen[seen] = true
	if err := m.hold([]byte(seen), fmt.Sprintf("the checkpoint that the author of entry %d had seen", i)); err != nil {
		m.cfg.Log.Error("a checkpoint in a record", "entry", i, "cause", err.Error())
	}
}

// wrong looks into what the fold had against entries: the replay of the whole copy says whether
// it is so, because what is sealed here may explain it.
func (m *Mirror) wrong(ctx context.Context, problems []node.Problem) {
	for _, p := range problems {
		if p.Rule == "record.signature" || p.Rule == "record.key" || p.Rule == "entry.leaf" {
			m.claim(fmt.Sprintf("record %d", p.Index), fmt.Sprintf("entry %d as the server serves it: %s", p.Index, p.Sentence))
		}
	}
	if len(problems) > 0 {
		m.replay(ctx)
	}
}

// parted finds out why served entries do not lead to a checkpoint: the log's own tiles say
// whether its tree goes on from the copy. If it does, the entries are not the tree's.
func (m *Mirror) parted(ctx context.Context, signed []byte, c ledger.Checkpoint) error {
	size := m.node.Size()
	if size > 0 {
		hashes, err := ledger.PrefixOf(tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, tiles{ctx, m}), size, c.Size)
		if err != nil {
			return fmt.Errorf("the hashes of the live tree: %w", err)
		}
		first, _, err := ledger.RootsOf(hashes, size, c.Size)
		if err != nil {
			return err
		}
		root, err := m.node.Tree().Root(size)
		if err != nil {
			return err
		}
		if first != root {
			e := m.evidence(verify.EvidenceFork)
			e.Checkpoints = []string{string(m.node.Checkpoint()), string(signed)}
			for _, h := range hashes {
				e.Hashes = append(e.Hashes, h.String())
			}
			m.accuse("fork", "the live log does not go on from the copy here", e)
			return errors.New("another history under this log's key")
		}
	}
	m.claim("garbled entries", "the entries that the server serves are not those of the tree that its log signed")
	return errGarbled
}

// tiles reads hash tiles of the live view.
type tiles struct {
	ctx context.Context
	m   *Mirror
}

// Height is that of c2sp.org/tlog-tiles.
func (t tiles) Height() int { return 8 }

// ReadTiles fetches tiles; the caller holds them against the root.
func (t tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, x := range list {
		p := ledger.TilePath{Level: x.L, N: x.N, Width: x.W}
		b, err := t.m.get(t.ctx, "/live/"+p.String(), 256*32, true)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// SaveTiles keeps none.
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// entries fetches entries, with as much of their records as this reader may have.
func (m *Mirror) entries(ctx context.Context, from, to int64) (list []node.Served, err error) {
	for next := from; next < to; {
		b, err := m.get(ctx, fmt.Sprintf("/live/entries?from=%d&to=%d", next, to), maxEntries, true)
		if err != nil {
			return nil, err
		}
		before := next
		a := answer{from: next}
		if bytes.HasPrefix(b, []byte(`{"disclosures":`)) {
			line, rest, _ := bytes.Cut(b, []byte("\n"))
			var x struct{ Disclosures []trace }
			if err := json.Unmarshal(line, &x); err != nil {
				return nil, fmt.Errorf("the traces of what the server serves: %w", err)
			}
			a.traces, b = x.Disclosures, rest
		}
		for line := range bytes.Lines(b) {
			e, err := verify.ReadEntry(bytes.TrimSuffix(line, []byte("\n")), next)
			if err != nil {
				return nil, fmt.Errorf("entry %d as the server serves it: %w", next, err)
			}
			served, err := m.served(e)
			if err != nil {
				return nil, err
			}
			list = append(list, served)
			next++
		}
		a.entries = list[len(list)-int(next-before):]
		m.took(a)
		if next == before || next > to {
			return nil, fmt.Errorf("the server was asked for entries %d to %d and answered %d", before, to, next-before)
		}
	}
	return list, nil
}

// maxEntries bounds one answer with entries, in bytes.
const maxEntries = 64 << 20

// served takes apart an entry as served. A record that is not the leaf's own is an alarm, and is
// left out.
func (m *Mirror) served(e verify.Entry) (node.Served, error) {
	s := node.Served{Leaf: e.Leaf}
	if e.Line == nil {
		return s, nil
	}
	r, err := record.Parse(e.Line)
	if err != nil {
		m.claim(fmt.Sprintf("record %d", e.Index), fmt.Sprintf("entry %d as the server serves it cannot be read: %v", e.Index, err))
		return s, nil
	}
	if string(corridor.Leaf(r)) != string(e.Leaf) && corridor.Kind(r.Header.Kind).Class() != "" {
		m.misfiled(e.Index, e.Leaf, r)
		return s, nil
	}
	s.Record = &r
	return s, nil
}

// misfiled notes a record whose leaf is not its own: if the leaf names it, the log filed it
// wrongly, which is proved once the leaf is in the copy.
func (m *Mirror) misfiled(i int64, leaf []byte, r record.Record) {
	h, _, _, _, err := corridor.ParseLeaf(leaf)
	if err != nil || h != r.Hash {
		m.claim(fmt.Sprintf("record %d", i), fmt.Sprintf("entry %d as the server serves it is not the record that its leaf names", i))
		return
	}
	name := fmt.Sprintf("misfiled %d", i)
	m.mu.Lock()
	m.trouble = fmt.Sprintf("entry %d is filed under a leaf that is not its record's own", i)
	m.seen[name] = true
	m.mu.Unlock()
	if err := errors.Join(m.putNote(context.Background(), name, string(r.Line())), m.putNote(context.Background(), troubleNote, m.trouble)); err != nil {
		m.cfg.Log.Error("a record filed wrongly was not noted", "cause", err.Error())
	}
}

// misfiledProof accuses the log of leaves that are not their records' own, now that they are in
// the copy.
func (m *Mirror) misfiledProof(ctx context.Context) {
	for i := range m.node.Size() {
		name := fmt.Sprintf("misfiled %d", i)
		if !m.seen[name] || m.raised(name) {
			continue
		}
		var line string
		if ok, err := m.readNote(ctx, name, &line); !ok || err != nil {
			continue
		}
		row, err := m.node.Row(ctx, i)
		if err != nil {
			continue
		}
		receipt, err := m.receipt(i)
		if err != nil {
			continue
		}
		e := m.evidence(verify.EvidenceLeaf)
		e.Receipts, e.Leaves, e.Records = []string{receipt}, []string{string(row.Leaf)}, []string{line}
		m.accuse(name, fmt.Sprintf("entry %d is filed under a leaf that is not its record's own", i), e)
	}
}

// receipt proves an entry of the copy against its newest checkpoint.
func (m *Mirror) receipt(i int64) (string, error) {
	size := m.node.Size()
	hashes, err := m.node.Tree().Inclusion(i, size)
	if err != nil {
		return "", err
	}
	return string(ledger.Proof{Index: i, Hashes: hashes, Checkpoint: m.node.Checkpoint()}.Text()), nil
}

// openedNote is where the mirror keeps what to ask next for what has opened.
const openedNote = "opened"

// An openedAt is a state of the live view: what its reader had been told by then.
type openedAt struct {
	Size int64       `json:"size"`
	At   record.Time `json:"at"`
}

// opened fetches what has opened since the last round, and returns what to ask the next time,
// once the copy reaches size.
func (m *Mirror) opened(ctx context.Context, size int64) (fills map[int64]record.Record, next openedAt, err error) {
	var last openedAt
	if _, err := m.readNote(ctx, openedNote, &last); err != nil {
		return nil, next, err
	}
	fills = map[int64]record.Record{}
	for from := int64(0); ; {
		q := url.Values{"size": {fmt.Sprint(last.Size)}, "at": {last.At.String()}, "from": {fmt.Sprint(from)}}
		b, err := m.get(ctx, "/live/opened?"+q.Encode(), maxEntries, true)
		if err != nil {
			return nil, next, err
		}
		lines := bufio.NewReader(bytes.NewReader(b))
		first, err := lines.ReadBytes('\n')
		if err != nil {
			return nil, next, fmt.Errorf("what has opened: %w", err)
		}
		var head struct {
			Size        int64
			At          record.Time
			More        *int64
			Disclosures []trace
		}
		if err := json.Unmarshal(first, &head); err != nil {
			return nil, next, fmt.Errorf("what has opened: %w", err)
		}
		if next == (openedAt{}) {
			next = openedAt{min(size, head.Size), head.At}
		}
		a := answer{traces: head.Disclosures, fills: map[int64]record.Record{}}
		if err := m.openedLines(lines, last.Size, a.fills); err != nil {
			return nil, next, err
		}
		if len(a.fills) > 0 {
			m.took(a)
			maps.Copy(fills, a.fills)
		}
		if head.More == nil || *head.More <= from {
			return fills, next, nil
		}
		from = *head.More
	}
}

func (m *Mirror) openedLines(lines *bufio.Reader, below int64, fills map[int64]record.Record) error {
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("what has opened: %w", err)
		}
		var head struct {
			Index int64
			Entry json.RawMessage
		}
		if err := json.Unmarshal(line, &head); err != nil || head.Index < 0 || head.Index >= min(below, m.node.Size()) {
			return fmt.Errorf("what has opened: a line is not an entry that is here: %v", err)
		}
		e, err := verify.ReadEntry(head.Entry, head.Index)
		if err != nil {
			return fmt.Errorf("what has opened: %w", err)
		}
		if e.Line == nil {
			continue
		}
		r, err := record.Parse(e.Line)
		if err != nil {
			return fmt.Errorf("what has opened, entry %d: %w", head.Index, err)
		}
		fills[head.Index] = r
	}
}

// keep keeps the cosignatures of others under the live checkpoint.
func (m *Mirror) keep(ctx context.Context, signed []byte) {
	if s, err := m.policy.Check(signed); err != nil || len(s.Cosigned) == 0 {
		return
	}
	if err := m.node.Keep(ctx, signed); err != nil {
		m.cfg.Log.Warn("cosignatures were not kept", "cause", err.Error())
	}
}

// cosign cosigns the newest checkpoint of the copy and hands the line to the server, which may
// not be able to reach this machine.
func (m *Mirror) cosign(ctx context.Context) error {
	m.misfiledProof(ctx)
	if m.Trouble() != "" || m.node.Size() == 0 {
		return nil
	}
	if err := m.fair(ctx); errors.Is(err, errOwed) {
		return nil // in a round or two
	} else if err != nil {
		return err
	}
	size, head, tree := m.node.Size(), m.node.Checkpoint(), m.node.Tree()
	line, err := m.witness.Cosign(ctx, head, func(old int64) ([]ledger.Hash, error) { return tree.Consistency(old, size) })
	if err != nil {
		return fmt.Errorf("not cosigned: %w", err)
	}
	if _, _, ok := m.policy.WitnessOf(record.Fingerprint(m.cfg.Key.Public().(ed25519Key))); !ok {
		return nil // the mandate names no such witness: the server has no use for it
	}
	signed := append(append([]byte(nil), head...), line...)
	m.keep(ctx, signed)
	_, err = m.do(ctx, http.MethodPost, "/live/cosignature", signed, ledger.MaxCheckpoint, true, nil)
	return err
}

// get fetches an address of the server, with the token or as anybody.
func (m *Mirror) get(ctx context.Context, path string, limit int64, token bool) ([]byte, error) {
	return m.do(ctx, http.MethodGet, path, nil, limit, token, nil)
}

func (m *Mirror) do(ctx context.Context, method, path string, body []byte, limit int64, token bool, header http.Header) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, m.cfg.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Accept", "application/json")
	if token {
		req.Header.Set("Authorization", "Bearer "+m.cfg.Token)
	}
	resp, err := m.cfg.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s: more than %d bytes", path, limit)
	}
	if resp.StatusCode/100 != 2 {
		return b, &answered{path, resp.StatusCode, b}
	}
	return b, nil
}

// An answered is an answer that is not what was asked for.
type answered struct {
	path   string
	status int
	body   []byte
}

func (a *answered) Error() string {
	return fmt.Sprintf("%s is answered %d: %.200s", a.path, a.status, a.body)
}

func (m *Mirror) putNote(ctx context.Context, name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return m.cfg.Watch.PutNote(ctx, name, b)
}

func (m *Mirror) readNote(ctx context.Context, name string, v any) (bool, error) {
	b, err := m.cfg.Watch.Note(ctx, name)
	if errors.Is(err, store.ErrAbsent) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(b, v)
}
