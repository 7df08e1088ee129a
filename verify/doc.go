// Package verify says what holds of a mission's log, what does not, and what cannot be
// checked from the copy at hand.
//
// [Run] reads a copy once, in order: a mission file, what a server publishes, or a bundle, each
// behind a [Source]. It rebuilds the Merkle tree from the leaves, checks every signature,
// replays every record through the fold that made the board, and recomputes every report. It
// needs nothing that the copy's owner says about it. What it starts from is a [Card], handed
// over out of band: the mission, its log's key and whose cosignatures are asked for. Without
// one it takes the copy's own word for these, and says so.
//
// The answer is four claims ([Claims]), each of which holds, does not hold or cannot be checked
// here. The third is never shown as the first: a part that is sealed might break a rule.
//
// It proves who said what, in which order, and that nothing logged was removed. It does not
// prove that what was said is true, that everything was said, or that the log has not shown
// somebody else another history which nobody has brought here.
//
// The package imports nothing internal, so its verdict does not rest on the code it judges.
package verify
