// Package corridor is the record of a monitored evacuation that nobody has to trust.
//
// Two sides agree that people may leave a besieged place, and somebody neutral is asked to
// watch. Buses leave at one end of a road and arrive, or do not, at the other. Each side
// suspects the watchers: that the other side chose them, that they count wrongly, that
// their report will leave out what hurts the other side. Weeks later a council asks how many
// left, how many arrived, why the buses stood for two days, and who burned six of them, or
// was it five. What anybody can still answer depends on what was written down, by whom, and
// on whether it could be changed since.
//
// This package holds the rules of that writing down. It is a pure function from a log of
// signed records to what may be said about the mission: it has no clock, no disk, no network,
// no chance and no goroutine, so the mission's server, a party's copy, a journalist's checker
// and a court years later run the same code over the same records and must see the same.
//
// # The log is the only memory
//
// Everything that happens is a record: a header, signed on the device of whoever wrote it,
// and the parts the header names by hash (package record). Records are leaves of an
// append-only Merkle tree (package ledger) whose heads the parties cosign. A [Mission] is the
// fold of the records in the order of the log:
//
//	m := &corridor.Mission{}
//	for each record r, its signature checked {
//		err := m.Add(r)
//	}
//	v := m.At(n) // the mission as the first n records tell it
//	v.Figure(line); v.Holds(); v.Incidents(); v.Reports()
//
// Nothing is kept that cannot be folded again, and nothing is asked of a Mission that is not
// asked of a [View] of some prefix. A report of December is the view of December's prefix; a
// slider over time is a view for every position; the checker of a report takes the same view
// as its author did and compares every number.
//
// # Accounts, not updates
//
// Mina counts 120 people off the buses and Omar counts 122. Both numbers are true in the only
// sense a log can vouch for: Mina said the one and Omar the other. So nothing here is ever
// overwritten, and no figure is an average. A figure is a [Range] from the least to the most
// that the standing accounts give, with the accounts it was made of. An author who was wrong
// restates the whole account in a [Correction], and both versions are shown; what somebody
// else calls wrong is a [Dispute] and changes no number. Two records may tell of one event,
// one convoy may go by two names: somebody who holds so says it in a [Link], under a name, and
// the link can be disputed like anything else. What left and has not arrived is open. It stays
// open, with its [Explanation] beside it, until accounts close it: a difference is never made
// to vanish by explaining it.
//
// # Three sorts of kind
//
// What a record may do is settled by its kind, and every kind is declared in one file of this
// package, as a struct with one field per part.
//
// A field kind tells what was seen or said: a departure, an incident, a hold, a statement. It
// was perhaps signed at night without a network and comes in twelve hours late, after what
// followed from it. So it is judged on itself alone, its effect is to be put into a set by its
// own hash, and views sort what they show by when it happened. Any order of the field records
// between the same authority records gives the same figures, byte for byte.
//
// An authority kind says who may do what: a mandate, a consent, a deployment, a revocation.
// Its order is the order of the log, which the cosignatures hold in place, for an observer who
// was admitted must have been admitted before. Authority reads authority only.
//
// The one ranged kind is the [Report]. It names the prefix it was drafted on and the range of
// the log it covers, lists every incident logged in that range, and states every figure. It is
// refused, here and in every replay, unless the mission at that prefix gives the same. A
// report that leaves an incident out is therefore not a bad report but none.
//
// # Refused, or logged with a finding
//
// A record is refused only where its form breaks a rule or it is not authentic, with a
// [Refusal] that its author can act upon. A record that is authentic and breaks the mandate
// is logged: an account by an observer whom one side had revoked is testimony, and dropping it
// would be the very thing that the sides fear. It carries a [Finding]; it is listed and not
// summed; if it is an act, it has no effect. A record that cannot be judged yet, its key not
// being known, is answered with [Later], and its sender keeps it.
//
// # What was not seen
//
// An absent number is not zero, and a place without a record is not a quiet place. Where the
// mission was, and where it was not, are records of their own ([Coverage]); a hole in the
// numbering of somebody's records is shown as a hole ([View.Holes]) and makes what lies in it
// unknown, never absent. Where a part is sealed, because the mandate opens it later or because
// a person's data was erased, what rests on it says so. A checker has three answers: it holds,
// it does not hold, it cannot be checked here. The third is never shown as the first.
//
// # What it does not do
//
// It proves who said what, in which order, and that nothing logged was removed. It does not
// prove that what was said is true. It judges nobody: no record shows a motive, so no figure
// does, and where a text is read in two ways both readings stand and neither is chosen. It
// names no evacuee, and what may hold a person's name feeds no figure and can be erased
// without breaking a hash. It cannot know what nobody recorded. It can only make it plain who
// was there to record it, and who was not.
package corridor

//go:generate go test . -run TestGenerated -update
//go:generate go test ./internal/check -run TestBundleVectors -update
//go:generate go test ./web -run TestGeneratedCheckPage -update
