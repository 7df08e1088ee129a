package ledger

import "testing"

func BenchmarkAppend(b *testing.B) {
	leaf := leafOf(0)
	var t Tree
	b.ReportAllocs()
	for b.Loop() {
		t.Append(leaf)
	}
}

// One group commit's work beside the store: 40 leaves, their root, a signed checkpoint.
func BenchmarkBatchOf40(b *testing.B) {
	leaf := leafOf(0)
	signer := logSignerOf(b, origin)
	t := treeOf(100_000)
	b.ReportAllocs()
	for b.Loop() {
		for range 40 {
			t.Append(leaf)
		}
		root, err := t.Root(t.Size())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := SignCheckpoint(Checkpoint{origin, t.Size(), root}, signer); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	const size = 1 << 16
	rows := make([][]byte, size)
	var t Tree
	for i := range rows {
		t.Append(leafOf(int64(i)))
		rows[i] = t.AppendRow(nil, int64(i))
	}
	b.ReportAllocs()
	for b.Loop() {
		var t Tree
		for _, row := range rows {
			if err := t.Load(row); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/size, "ns/leaf")
}

func BenchmarkRoot(b *testing.B) {
	t := treeOf(100_003)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Root(100_003); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInclusion(b *testing.B) {
	t := treeOf(100_003)
	i := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Inclusion(i%100_003, 100_003); err != nil {
			b.Fatal(err)
		}
		i += 7919
	}
}

func BenchmarkConsistency(b *testing.B) {
	t := treeOf(100_003)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Consistency(77_777, 100_003); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTile(b *testing.B) {
	t := treeOf(100_003)
	for _, p := range []TilePath{{0, 100, 256}, {1, 0, 256}, {0, 390, 163}} {
		b.Run(p.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Tile(p, t); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A receipt with two cosignatures: three Ed25519 checks and seventeen hashes.
func BenchmarkReceiptCheck(b *testing.B) {
	policy := policyOf(b, "a b", "group g all a b\nquorum g\n")
	p := receiptOf(b, 77_777, 100_003, "a@1481670000", "b@1481670000")
	text, leaf := p.Text(), leafOf(77_777)
	b.ReportAllocs()
	for b.Loop() {
		p, err := ParseProof(text)
		if err != nil {
			b.Fatal(err)
		}
		if s, err := p.Check(leaf, policy); err != nil || !s.Quorum() {
			b.Fatal(err)
		}
	}
}
