package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxPolicy is the size in bytes of the largest policy that is read.
const maxPolicy = 64 << 10

// A Policy says whose signatures a checkpoint needs: which logs may sign it, which witnesses
// may cosign it, and which sets of witnesses suffice (c2sp.org/tlog-policy). Whoever agrees
// to the same policy text can be shown the same proof.
type Policy struct {
	logs      []publicKey
	witnesses []witness
	quorum    *rule // nil if none
}

// A witness is a cosigner under the name the policy gives it.
type witness struct {
	name string
	key  publicKey
	url  string // where to submit checkpoints to it; "" if the policy does not say
}

// A rule is met by a witness that cosigned, or by enough of its members.
type rule struct {
	name    string
	witness bool
	need    int
	of      []*rule
}

func (r *rule) met(cosigned func(witness string) bool) bool {
	if r.witness {
		return cosigned(r.name)
	}
	n := 0
	for _, m := range r.of {
		if m.met(cosigned) {
			n++
		}
	}
	return n >= r.need
}

// ParsePolicy reads a policy. Its lines are
//
//	log <vkey> [<url>]
//	witness <name> <vkey> [<url>]
//	group <name> <k, any or all> <member>...
//	quorum <name of a witness or group, or none>
//
// and empty lines and comments, whose first sign is #. A name is used after the line that
// defines it, and is a member once at most. There is one quorum.
//
// A witness with a key of a type not known here may stand in a policy and is never counted;
// a quorum that cannot be reached without such witnesses is refused. So is a # inside a
// line, in which implementations see different things, and a public key in two places.
func ParsePolicy(text string) (*Policy, error) {
	if len(text) > maxPolicy {
		return nil, fmt.Errorf("policy: %d bytes, more than %d", len(text), maxPolicy)
	}
	p := policyParser{rules: map[string]*rule{}, member: map[string]bool{}, keys: map[string]bool{}, ids: map[string]bool{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("policy, line %d: %w", n, err)
		}
	}
	if !p.quorum {
		return nil, errors.New(`policy: no quorum line; "quorum none" asks for no cosignature`)
	}
	if q := p.policy.quorum; q != nil && !q.met(p.policy.counts) {
		return nil, fmt.Errorf("policy: the quorum %q cannot be reached: it needs witnesses with key types not known here", q.name)
	}
	return &p.policy, nil
}

// policyParser holds what the lines read so far defined.
type policyParser struct {
	policy Policy
	quorum bool
	rules  map[string]*rule // by name
	member map[string]bool  // names that are already in a group
	keys   map[string]bool  // public keys seen
	ids    map[string]bool  // names and key IDs seen, by which signature lines are told apart
}

func (p *policyParser) line(line string) error {
	line, ok := strings.CutSuffix(line, "\n")
	if !ok {
		return errors.New("the last line does not end in a newline, so it may have been cut")
	}
	if i := strings.IndexFunc(line, oddSign); i >= 0 {
		return fmt.Errorf("the sign %+q stands where only printing signs, spaces and tabs may", []rune(line[i:])[0])
	}
	f := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
	if len(f) == 0 || f[0][0] == '#' {
		return nil
	}
	if strings.Contains(line, "#") {
		return errors.New("a comment stands on a line of its own")
	}
	switch f[0] {
	case "log":
		return p.log(f[1:])
	case "witness":
		return p.witness(f[1:])
	case "group":
		return p.group(f[1:])
	case "quorum":
		return p.setQuorum(f[1:])
	}
	return fmt.Errorf("%.40q is not log, witness, group or quorum", f[0])
}

// oddSign reports signs that are not allowed in policies, or are spaces to some readers only.
func oddSign(r rune) bool {
	return r != '\t' && r != ' ' && (r < 0x20 || r == 0x7f || unicode.IsSpace(r))
}

func (p *policyParser) log(f []string) error {
	if len(f) < 1 || len(f) > 2 {
		return errors.New("a log line is: log <vkey> [<url>]")
	}
	k, err := p.key(f[0])
	if err != nil {
		return err
	}
	if k.kind != typeLog {
		return fmt.Errorf("the key of the log %s has type 0x%02x, not 0x%02x (Ed25519)", k.name, k.kind, typeLog)
	}
	p.policy.logs = append(p.policy.logs, k)
	return nil
}

func (p *policyParser) witness(f []string) error {
	if len(f) < 2 || len(f) > 3 {
		return errors.New("a witness line is: witness <name> <vkey> [<url>]")
	}
	k, err := p.key(f[1])
	if err != nil {
		return err
	}
	if k.kind == typeLog {
		return fmt.Errorf("the key of the witness %s is a log's (type 0x%02x); a cosigner's has type 0x%02x", f[0], k.kind, typeCosigner)
	}
	w := witness{name: f[0], key: k}
	if len(f) == 3 {
		w.url = f[2]
	}
	p.policy.witnesses = append(p.policy.witnesses, w)
	return p.define(&rule{name: f[0], witness: true})
}

func (p *policyParser) group(f []string) error {
	if len(f) < 3 {
		return errors.New("a group line is: group <name> <k, any or all> <member>, and more members")
	}
	r := &rule{name: f[0]}
	for _, name := range f[2:] {
		m, err := p.defined(name)
		if err != nil {
			return err
		}
		if p.member[name] {
			return fmt.Errorf("%q is a member already; a name is a member once at most", name)
		}
		p.member[name] = true
		r.of = append(r.of, m)
	}
	switch f[1] {
	case "any":
		r.need = 1
	case "all":
		r.need = len(r.of)
	default:
		k, err := parseNumber(f[1])
		if err != nil || k < 1 || k > int64(len(r.of)) {
			return fmt.Errorf("%.40q is not any, all or a number from 1 to %d", f[1], len(r.of))
		}
		r.need = int(k)
	}
	return p.define(r)
}

func (p *policyParser) setQuorum(f []string) error {
	if len(f) != 1 {
		return errors.New("a quorum line is: quorum <name of a witness or group, or none>")
	}
	if p.quorum {
		return errors.New("there is a quorum line already")
	}
	p.quorum = true
	if f[0] == "none" {
		return nil
	}
	r, err := p.defined(f[0])
	p.policy.quorum = r
	return err
}

// key reads a verifier key that no line before used.
func (p *policyParser) key(vkey string) (publicKey, error) {
	k, err := parseKey(vkey)
	if err != nil {
		return publicKey{}, err
	}
	if p.keys[string(k.key)] {
		return publicKey{}, fmt.Errorf("the public key of %s is in the policy already", k.name)
	}
	id := fmt.Sprintf("%s+%08x", k.name, k.id)
	if p.ids[id] {
		return publicKey{}, fmt.Errorf("another key of the policy is called %s too, so their signatures cannot be told apart", id)
	}
	p.keys[string(k.key)], p.ids[id] = true, true
	return k, nil
}

func (p *policyParser) define(r *rule) error {
	if r.name == "none" {
		return errors.New(`"none" means no quorum and cannot name anything else`)
	}
	if p.rules[r.name] != nil {
		return fmt.Errorf("%q is defined already", r.name)
	}
	p.rules[r.name] = r
	return nil
}

func (p *policyParser) defined(name string) (*rule, error) {
	r := p.rules[name]
	if r == nil {
		return nil, fmt.Errorf("%q is no witness or group of an earlier line", name)
	}
	return r, nil
}

// counts reports whether the cosignatures of a witness can be checked here.
func (p *Policy) counts(name string) bool {
	return slices.ContainsFunc(p.witnesses, func(w witness) bool { return w.name == name && w.key.known() })
}

// LogKeys returns the verifier keys of the logs, in the order of the policy.
func (p *Policy) LogKeys() []string {
	list := make([]string, len(p.logs))
	for i, k := range p.logs {
		list[i] = k.String()
	}
	return list
}

// Witnesses returns the names of the witnesses, in the order of the policy.
func (p *Policy) Witnesses() []string {
	list := make([]string, len(p.witnesses))
	for i, w := range p.witnesses {
		list[i] = w.name
	}
	return list
}

// WitnessKeys returns the verifier keys of the witnesses, in the order of Witnesses.
func (p *Policy) WitnessKeys() []string {
	list := make([]string, len(p.witnesses))
	for i, w := range p.witnesses {
		list[i] = w.key.String()
	}
	return list
}

// WitnessURLs returns where checkpoints are submitted to the witnesses, in the order of
// Witnesses; "" where the policy does not say. Nobody has read them as URLs.
func (p *Policy) WitnessURLs() []string {
	list := make([]string, len(p.witnesses))
	for i, w := range p.witnesses {
		list[i] = w.url
	}
	return list
}

// WitnessOf returns the name of the witness whose Ed25519 key has a fingerprint, the SHA-256 of
// its 32 bytes, and that key; ok is false if the policy has none.
func (p *Policy) WitnessOf(fingerprint [32]byte) (name string, key ed25519.PublicKey, ok bool) {
	for _, w := range p.witnesses {
		if w.key.kind == typeCosigner && sha256.Sum256(w.key.key) == fingerprint {
			return w.name, w.key.key, true
		}
	}
	return "", nil, false
}

// Quorum returns the name of the witness or group whose word suffices, or "none".
func (p *Policy) Quorum() string {
	if p.quorum == nil {
		return "none"
	}
	return p.quorum.name
}

// Rule returns the quorum in words, such as "2 of (blue, red, any of (green, un))", or
// "none".
func (p *Policy) Rule() string {
	if p.quorum == nil {
		return "none"
	}
	return p.quorum.String()
}

func (r *rule) String() string {
	if r.witness {
		return r.name
	}
	of := make([]string, len(r.of))
	for i, m := range r.of {
		of[i] = m.String()
	}
	return strconv.Itoa(r.need) + " of (" + strings.Join(of, ", ") + ")"
}

// Met reports whether the quorum would be met if exactly the witnesses for which cosigned is
// true had signed. A quorum of none is always met.
func (p *Policy) Met(cosigned func(witness string) bool) bool {
	return p.quorum == nil || p.quorum.met(func(name string) bool { return p.counts(name) && cosigned(name) })
}
