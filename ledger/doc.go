// Package ledger is a Merkle log of opaque entries: who holds a copy can show that nothing
// was removed, changed or put in between.
//
// It knows order, not content. An entry is a run of bytes; the log would order shopping
// lists as gladly. Everything here is a pure function over hashes, proofs and signed texts:
// no clock, no disk, no network, no randomness, no goroutine. Whoever appends keeps the
// [Tree] under a lock of their own and stores what [Tree.Append] returns.
//
// A reader of the package meets things in this order:
//
//   - [Tree] holds the hashes and gives roots and proofs; [CheckInclusion] and
//     [CheckConsistency] check proofs without a tree.
//   - [Checkpoint] is a size and a root under the log's name, signed by the log
//     (c2sp.org/tlog-checkpoint).
//   - [Cosigner] adds a second opinion with a time: "at this second this was the largest
//     tree I had seen, and it continues every earlier one" (c2sp.org/tlog-cosignature, v1).
//   - [Policy] says whose word suffices (c2sp.org/tlog-policy), and [Signed] what a
//     checkpoint is worth under it.
//   - [Proof] is a receipt: this entry is in that tree (c2sp.org/tlog-proof). Anybody can
//     check it years later with nothing but the entry and the policy.
//   - [TilePath], [Tile] and [Bundle] are the same tree cut for reading over HTTP
//     (c2sp.org/tlog-tiles).
//
// What it does not do: it does not decide whether a new tree continues the last one signed
// (a signer asks [CheckConsistency] first), it does not know the time, and a checkpoint
// without cosignatures is worth the log's own word and no more.
//
// Every parser takes bytes from strangers. Each accepts one spelling only: what parses
// prints to the same bytes, and where other implementations read a text differently, it is
// refused here.
package ledger
