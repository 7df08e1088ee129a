package node

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
)

// A line is one cosignature under a checkpoint.
type line struct {
	text    string // as it stands there, with its line feed
	witness string // as the policy calls who made it; "" if the policy does not know them
	at      int64  // Unix seconds
}

// cosignatures takes a signed checkpoint apart: the checkpoint with the log's own signature,
// and each cosignature of a witness of the policy. All of them must hold; lines of other keys
// are left out.
func cosignatures(policy *ledger.Policy, signed []byte) (own []byte, lines []line, err error) {
	own, all, err := apart(policy, signed)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range all {
		if l.witness != "" {
			lines = append(lines, l)
		}
	}
	return own, lines, nil
}

func apart(policy *ledger.Policy, signed []byte) (own []byte, lines []line, err error) {
	if _, err := policy.Check(signed); err != nil {
		return nil, nil, err
	}
	text, sigs, _ := bytes.Cut(signed, []byte("\n\n")) // as its form demands, or Check had refused it
	for sig := range strings.Lines(string(sigs)) {
		one := slices.Concat(text, []byte("\n\n"), []byte(sig))
		if _, err := policy.Check(one); err == nil {
			own = one
			break
		}
	}
	if own == nil {
		return nil, nil, errors.New("no line of it is the log's own signature")
	}
	for sig := range strings.Lines(string(sigs)) {
		if bytes.HasSuffix(own, []byte("\n\n"+sig)) {
			continue
		}
		l := line{text: sig}
		s, err := policy.Check(slices.Concat(own, []byte(sig)))
		if err != nil {
			return nil, nil, err
		}
		if len(s.Cosigned) > 0 {
			l.witness, l.at = s.Cosigned[0].Name, s.Cosigned[0].Time
		}
		lines = append(lines, l)
	}
	return own, lines, nil
}

// join puts cosignatures under a checkpoint, in one order.
func join(own []byte, lines []line) []byte {
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(strings.Compare(a.witness, b.witness), cmp.Compare(a.at, b.at), strings.Compare(a.text, b.text))
	})
	out := slices.Clone(own)
	for _, l := range lines {
		out = append(out, l.text...)
	}
	return out
}

// earliest and latest say whether a cosignature time stands before another of the same witness.
func earliest(a, b int64) bool { return a < b }
func latest(a, b int64) bool   { return a > b }

// merge returns a checkpoint with one cosignature of each witness out of new ones and those it
// had: the one whose time stands before the others'. What the policy knows no more stays.
func merge(policy *ledger.Policy, own []byte, lines []line, had []byte, before func(a, b int64) bool) ([]byte, error) {
	if had != nil {
		_, old, err := apart(policy, had)
		if err != nil {
			return nil, err
		}
		lines = slices.Concat(old, lines)
	}
	best := map[string]line{}
	for _, l := range lines {
		key := l.witness
		if key == "" {
			key = "\n" + l.text
		}
		if was, ok := best[key]; !ok || before(l.at, was.at) {
			best[key] = l
		}
	}
	var out []line
	for _, l := range best {
		out = append(out, l)
	}
	return join(own, out), nil
}

// absent adds an error to others unless it says that there is no such thing.
func absent(err, more error) error {
	if errors.Is(more, store.ErrAbsent) {
		return err
	}
	return errors.Join(err, more)
}
