package record

import "fmt"

// A Refusal says which rule a record breaks and what its author can do about it. It is an
// answer, not a fault: the same bytes will be refused for ever.
type Refusal struct {
	Rule   string `json:"rule"`   // stable name, noun.rule, the same in every program and translation
	Reason string `json:"reason"` // one sentence for the author
}

// Error returns the rule and the reason.
func (r *Refusal) Error() string { return r.Rule + ": " + r.Reason }

// Refuse returns a Refusal with a formatted reason. What a stranger sent is quoted in it cut
// short (%.60q), so that a refusal is never as large as what it refuses.
func Refuse(rule, format string, args ...any) *Refusal {
	return &Refusal{Rule: rule, Reason: fmt.Sprintf(format, args...)}
}
