package corridor

import (
	"fmt"
	"strings"
	"time"

	"corridor.example/corridor/record"
)

// KindStatement is the kind of record that holds what somebody said in public or to the
// mission, claim by claim.
var KindStatement = kind[Statement]("statement", ClassWord)

// A Statement is what a person, body or outlet said, paraphrased claim by claim. It changes no
// figure. What the log has beside each claim is joined to it by links, which anyone may
// dispute; no claim is ever called true, false or answered. A statement is withdrawn and
// written anew, never restated, so that a link always means the claim it was signed over.
type Statement struct {
	Facts     StatementFacts      `part:"facts"`
	Narrative *StatementNarrative `part:"narrative"`
}

// StatementFacts say whose statement it is, when it was made, and of how many claims of what
// sort it consists. They hold none of its words.
type StatementFacts struct {
	record.PartHead
	Speaker   *ActorID     `json:"speaker"`   // who made it; null if several or not named
	Outlet    *ActorID     `json:"outlet"`    // who published it, a voice of the mandate; null if it reached the mission itself
	Published *Date        `json:"published"` // the day it was published, null if the text carries none and none can be inferred
	Inferred  bool         `json:"inferred"`  // the text carries no date; Published was worked out
	When      *Period      `json:"when"`      // when it was said, UTC; null if not known
	Basis     Basis        `json:"basis"`     // document if the text itself was read, else reported
	Via       *Via         `json:"via"`
	Lang      Lang         `json:"lang"`   // the language of the text that was read
	SHA256    *record.Hash `json:"sha256"` // of the bytes that were read, or null if they were not kept
	Claims    []Claim      `json:"claims"`
}

// A Claim is one thing a statement says. Its words are in the narrative, under its number.
type Claim struct {
	N       int64      `json:"n"`       // its number in the statement, from 1
	Speaker *ActorID   `json:"speaker"` // who says so; null for the outlet's own voice and what nobody is named for
	Voice   ClaimVoice `json:"voice"`
	Bears   ClaimBears `json:"bears"`
}

// A ClaimVoice says in whose voice a claim stands in the text that was read.
type ClaimVoice string

// The voices of a claim.
const (
	Quoted       ClaimVoice = "quoted"       // between quotation marks, under the speaker's name
	Paraphrased  ClaimVoice = "paraphrased"  // in the outlet's words, under the speaker's name
	OutletsOwn   ClaimVoice = "outlet"       // the outlet's own
	Unattributed ClaimVoice = "unattributed" // somebody's, and the text does not say whose
)

var claimVoices = vocabulary(Quoted, Paraphrased, OutletsOwn, Unattributed)

// UnmarshalText reads one of the voices.
func (x *ClaimVoice) UnmarshalText(t []byte) error { return term(x, t, claimVoices) }

// A ClaimBears says what sort of thing is claimed. Only of a fact could a record speak for or
// against it.
type ClaimBears string

// The sorts of claim.
const (
	BearsFact      ClaimBears = "fact"
	BearsMotive    ClaimBears = "motive"    // why somebody did or does something
	BearsJudgement ClaimBears = "judgement" // that something is right, wrong, good or bad
	BearsForecast  ClaimBears = "forecast"  // that something will happen
)

var claimBears = vocabulary(BearsFact, BearsMotive, BearsJudgement, BearsForecast)

// UnmarshalText reads one of the sorts of claim.
func (x *ClaimBears) UnmarshalText(t []byte) error { return term(x, t, claimBears) }

// A StatementNarrative holds where the statement can be read and its claims in words. No
// figure reads it and it can be erased; the claims keep their numbers then.
type StatementNarrative struct {
	record.PartHead
	Sources []Source    `json:"sources"`
	Texts   []ClaimText `json:"texts"`
}

// A ClaimText is a claim in the words of one language: a paraphrase by whoever signed the
// record, unless it was quoted.
type ClaimText struct {
	N    int64  `json:"n"`    // the claim's number
	Lang string `json:"lang"` // BCP 47 tag of Text
	Text string `json:"text"`
}

// In returns the words of a claim in a language, else in the first language it has, and the
// language they are in. Both are empty if the claim has no words.
func (s StatementNarrative) In(n int64, lang string) (text, in string) {
	for _, t := range s.Texts {
		if t.N != n {
			continue
		}
		if in == "" || t.Lang == lang {
			text, in = t.Text, t.Lang
		}
		if t.Lang == lang {
			break
		}
	}
	return text, in
}

// A Date is a day as printed on a text, for example "2016-12-20". It has no zone.
type Date string

// UnmarshalText reads a day of the calendar as four, two and two digits.
func (d *Date) UnmarshalText(b []byte) error {
	*d = Date(b)
	if t, err := time.Parse(time.DateOnly, string(b)); err != nil || t.Format(time.DateOnly) != string(b) || t.Year() < 1 {
		return fmt.Errorf("%.40q is not a day, such as 2016-12-20", b)
	}
	return nil
}

// period returns the day as [from, to] in UTC, for putting things in order. Where the text was
// published a day begins up to half a day earlier or later.
func (d Date) period() Period {
	t, _ := time.Parse(time.DateOnly, string(d)) // read by UnmarshalText
	return Period{record.At(t), record.At(t) + 24*3600 - 1}
}

// A Lang is a BCP 47 language tag, for example "en", "ar" or "zh-Hans".
type Lang string

// UnmarshalText reads a tag of letters and digits in groups of at most eight, joined by
// hyphens, the first of letters alone (RFC 5646, section 2.1).
func (l *Lang) UnmarshalText(b []byte) error {
	*l = Lang(b)
	ok := len(b) <= 35
	for i, group := range strings.Split(string(b), "-") {
		ok = ok && len(group) >= 1 && len(group) <= 8 && (i > 0 || len(group) >= 2)
		for _, c := range []byte(group) {
			ok = ok && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || i > 0 && '0' <= c && c <= '9')
		}
	}
	if !ok {
		return fmt.Errorf("%.40q is not a language tag, such as en, ar or zh-Hans", b)
	}
	return nil
}

func (k Statement) refuse(h Header) error {
	f := k.Facts
	if h.Re != nil {
		return Refuse("statement.re", "a statement answers nothing; a reply does, and a link joins a claim to records")
	}
	if f.When != nil {
		if err := f.When.refuse(KindStatement); err != nil {
			return err
		}
	}
	if f.Inferred && f.Published == nil {
		return Refuse("statement.published", "a date that was inferred is given; leave both out where there is none")
	}
	if len(f.Claims) == 0 {
		return Refuse("statement.claims", "a statement has at least one claim")
	}
	for i, c := range f.Claims {
		if err := c.refuse(int64(i) + 1); err != nil {
			return err
		}
	}
	return nil
}

func (c Claim) refuse(n int64) error {
	named := c.Voice == Quoted || c.Voice == Paraphrased
	switch {
	case c.N != n:
		return Refuse("statement.claims", "claims are numbered from 1 in their order; the %dth is numbered %d", n, c.N)
	case named && c.Speaker == nil:
		return Refuse("statement.speaker", "claim %d is %s and names no speaker; if the text names none it is unattributed", n, c.Voice)
	case !named && c.Speaker != nil:
		return Refuse("statement.speaker", "claim %d names a speaker and is not under a speaker's name; it is quoted or paraphrased, or has no speaker", n)
	}
	return nil
}

func (k Statement) apply(m *Mission, h Header) {
	m.field.statements.put(h.Hash, &statementAt{h.Hash, h.Index, ActorID(h.By), h.At, k.Facts})
}

type statementAt struct {
	record record.Hash
	index  int64
	by     ActorID
	at     record.Time
	facts  StatementFacts
}

// when returns the time a statement is put in order by: when it was said, else published, else
// signed here.
func (s *statementAt) when() Period {
	switch f := s.facts; {
	case f.When != nil:
		return *f.When
	case f.Published != nil:
		return f.Published.period()
	}
	return Period{s.at, s.at}
}
