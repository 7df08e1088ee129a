package corridor

import (
	"fmt"
	"strings"

	"corridor.example/corridor/record"
)

// KindDeployment is the kind of record that makes an observer active; its re is the
// nomination.
var KindDeployment = kind[Deployment]("deployment", ClassAuthority)

// A Deployment activates an observer's key for places and hours. Without the consents the
// mandate asks for it is logged with a finding and activates nothing.
type Deployment struct {
	Facts     DeploymentFacts `part:"facts"`
	Narrative *Narrative      `part:"narrative"`
}

// DeploymentFacts say who is deployed, where and for how long.
type DeploymentFacts struct {
	record.PartHead
	Observer ActorID      `json:"observer"`
	Places   []PlaceID    `json:"places"` // empty: every place of the mandate
	From     record.Time  `json:"from"`
	To       *record.Time `json:"to"`
}

func (k Deployment) refuse(a Authority, h Header) error {
	for _, p := range k.Facts.Places {
		if _, ok := a.Terms().Place(p); !ok {
			return Refuse("place.unknown", "%q is not a place of the mandate", p)
		}
	}
	if k.Facts.To != nil && *k.Facts.To < k.Facts.From {
		return Refuse("deployment.when", "the deployment ends before it begins")
	}
	return nil
}

func (k Deployment) finds(a Authority, h Header) (found []Finding) {
	n, x, ok := a.nomination(h.Re)
	if !ok || n.id != k.Facts.Observer {
		return []Finding{{FindingAbsent, "no nomination of " + string(k.Facts.Observer) + " stands before it"}}
	}
	met, barred := a.Consented(n.id, x.hash)
	if !met {
		q := a.Terms().Consent.Quorum
		found = append(found, Finding{FindingConsent, fmt.Sprintf("the mandate asks for %d of %d consents and %d count so far", q.K, len(q.Of), a.consents(n, x.hash))})
	}
	if len(barred) > 0 {
		var names []string
		for _, b := range barred {
			names = append(names, string(b))
		}
		found = append(found, Finding{FindingObjection, "an objection stands: " + strings.Join(names, ", ")})
	}
	return found
}

func (a Authority) consents(n *nominee, nomination record.Hash) int {
	c := 0
	for _, v := range a.Terms().Consent.Quorum.Voters() {
		if a.vote(n, nomination, v) > 0 {
			c++
		}
	}
	return c
}

func (k Deployment) apply(m *Mission, h Header) {
	n := m.state.nominees[k.Facts.Observer]
	n.deployments = append(n.deployments, deploymentAt{h.Index, h.Hash, *h.Re, k.Facts})
}
