package corridor

import (
	"errors"

	"corridor.example/corridor/record"
)

// A Refusal says which rule a record breaks and what its author can do about it. The same
// record is refused for ever.
type Refusal = record.Refusal

// Refuse returns a Refusal with a formatted reason.
func Refuse(rule, format string, args ...any) *Refusal { return record.Refuse(rule, format, args...) }

// A Later says that a record cannot be taken yet: nothing is wrong with it, its author keeps
// it and sends it again.
type Later struct {
	Rule   string // stable name, for example "key.unknown"
	Reason string // one sentence for the author
}

// Error returns the rule and the reason.
func (l *Later) Error() string { return l.Rule + ": " + l.Reason }

// ReasonOf returns the rule and the sentence of what an error says to a record's author, a Refusal
// or a Later. Of any other error, which is for nobody but the operator, ok is false.
func ReasonOf(err error) (rule, sentence string, ok bool) {
	if refusal, is := errors.AsType[*Refusal](err); is {
		return refusal.Rule, refusal.Reason, true
	}
	if later, is := errors.AsType[*Later](err); is {
		return later.Rule, later.Reason, true
	}
	return "", "", false
}

// A Finding says in what an authentic record departs from the mandate. The record is logged
// all the same; its account is listed, not summed, and an act has no effect.
type Finding struct {
	Rule   string `json:"rule"`   // stable name, for example "observer.not-deployed"
	Reason string `json:"reason"` // one sentence
}

// The findings there are. What each means is in doc/rules.md.
const (
	FindingRole        = "role.kind"             // nobody in this role may sign this kind
	FindingNotDeployed = "observer.not-deployed" // no deployment with the consents the mandate asks for stands
	FindingRevoked     = "observer.revoked"      // after revocation, signing time unproven
	FindingArea        = "observer.area"         // outside the places of the deployment
	FindingTime        = "observer.time"         // outside the hours of the deployment
	FindingMandateTime = "mandate.time"          // outside the days of the mandate
	FindingCategory    = "mandate.category"      // not a category this mandate observes
	FindingReplaced    = "key.replaced"          // signed with a key that had been replaced
	FindingClosed      = "chain.closed"          // beyond the last record named at stand-down
	FindingEquivocates = "chain.equivocation"    // the same key signed another record with this number or id
	FindingConsent     = "deployment.consent"    // deployed without the consents the mandate asks for
	FindingObjection   = "deployment.objection"  // deployed against an objection the mandate counts
	FindingRecorded    = "act.recorded"          // the mandate does not let this act be recorded for another
	FindingVoter       = "consent.voter"         // not one of those whose consent the mandate asks for
	FindingKeeps       = "revocation.keeps"      // keeps an observer on convoys where the mandate knows no lock
	FindingAbsent      = "re.absent"             // answers a record that is not in the log before it
	FindingKey         = "key.office"            // only an office's recovery key replaces its keys
	FindingReplaces    = "key.replaces"          // does not name the server's key that stands as the one it replaces
	FindingSuccession  = "amendment.superseded"  // restates terms that had changed since
	FindingAnswered    = "lapse.answered"        // an answer stood in the log before the lapse
	FindingWindow      = "lapse.window"          // the window is not shown to have passed
	FindingSuspended   = "observer.suspended"    // while the observer was suspended
	FindingKeyOut      = "key.suspended"         // signed with a key that its office had suspended
	FindingKeyUse      = "key.use"               // signed with a key that is kept for something else
	FindingStand       = "act.stand"             // answered for by somebody who cannot
	FindingDossier     = "consent.dossier"       // says that another dossier was read than the nomination's
	FindingClause      = "agreement.clause"      // names a clause the text does not have
)
