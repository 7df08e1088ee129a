package scenario

import (
	"bytes"
	"testing"
)

func TestCases(t *testing.T) {
	for _, name := range Cases() {
		t.Run(name, func(t *testing.T) {
			s, err := Case(name)
			if err != nil {
				t.Fatal(err)
			}
			var logs [2][]byte
			for i := range logs {
				b := NewBare("7")
				if err := Play(s, "7", b); err != nil {
					t.Fatal(err)
				}
				for _, r := range b.Records() {
					logs[i] = append(append(logs[i], r.Line()...), '\n')
				}
				logs[i] = append(logs[i], b.Newest()...)
			}
			if !bytes.Equal(logs[0], logs[1]) {
				t.Error("two plays with one seed differ")
			}
		})
	}
}
