package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A Card is what a check starts from, handed over out of band: on paper, by voice, as a QR
// code. Whoever holds it needs to believe nobody else.
//
// A mission.card file is a card too, and says whose copy lies beside it.
type Card struct {
	Mission  record.Hash // record hash of the founding mandate
	Exercise bool
	Log      string // the log's verifier key (c2sp.org/signed-note); its name is the log's origin
	Policy   string // witness policy without its log line (c2sp.org/tlog-policy), as the mandate writes it

	// Level is whose copy lies beside the card; "" is a whole one. It is the word of whoever
	// holds the copy and is not among the words that are read aloud.
	Level corridor.Level
}

const (
	cardFirst = "corridor-card/v1"
	cardWords = 10 // 80 bits: enough that nobody makes a second card with the same words
	maxCard   = 128 << 10
)

// CardOf returns the card of a mission whose mandate has these terms.
func CardOf(mission record.Hash, exercise bool, t *corridor.Terms) Card {
	return Card{Mission: mission, Exercise: exercise, Log: t.LogKey, Policy: t.Witnesses}
}

// Words returns the card's fingerprint as ten words to read aloud. Two cards that differ in
// mission, log key or policy have different words.
func (c Card) Words() []string {
	sum := sha256.Sum256([]byte(c.body()))
	return Words(sum[:cardWords])
}

// Print returns what the card's words say, as 20 hex digits, for an address or a code that a
// camera reads.
func (c Card) Print() string {
	sum := sha256.Sum256([]byte(c.body()))
	return hex.EncodeToString(sum[:cardWords])
}

// Text returns the card as it is handed over:
//
//	corridor-card/v1
//	mission 4f1c…
//	log corridor.invalid/9f86…+0b75e6f0+AQd3…
//	words falcon mint chalk …
//
//	witness w1 exercise-witness-1+1a2b3c4d+BFx…
//	quorum w1
//
// An exercise has the line "exercise" after the first, and a copy that is not whole the line
// "level" and its level before the words. After the empty line stands the witness policy.
func (c Card) Text() []byte {
	head := c.head()
	if c.Level != "" {
		head += "level " + string(c.Level) + "\n"
	}
	return []byte(head + "words " + strings.Join(c.Words(), " ") + "\n\n" + c.Policy)
}

// body is what the words are the fingerprint of.
func (c Card) body() string { return c.head() + "\n" + c.Policy }

func (c Card) head() string {
	head := cardFirst + "\n"
	if c.Exercise {
		head += "exercise\n"
	}
	return head + "mission " + c.Mission.String() + "\nlog " + c.Log + "\n"
}

// ParseCard reads a card in the one spelling Text writes. It refuses a card whose words are
// not its own, or whose key or policy cannot be read.
func ParseCard(text []byte) (Card, error) {
	c, err := parseCard(string(text))
	if err != nil {
		return Card{}, fmt.Errorf("mission card: %w", err)
	}
	return c, nil
}

func parseCard(text string) (c Card, err error) {
	if len(text) > maxCard {
		return c, fmt.Errorf("%d bytes, more than %d", len(text), maxCard)
	}
	if !utf8.ValidString(text) {
		return c, errors.New("not UTF-8")
	}
	head, policy, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || lines[0] != cardFirst {
		return c, fmt.Errorf("a card begins with the line %q, and has an empty line before the witness policy", cardFirst)
	}
	c.Policy = policy
	lines = lines[1:]
	if len(lines) > 0 && lines[0] == "exercise" {
		c.Exercise, lines = true, lines[1:]
	}
	for _, name := range []string{"mission", "log", "level", "words"} {
		value, found := "", false
		if len(lines) > 0 {
			value, found = strings.CutPrefix(lines[0], name+" ")
		}
		if !found {
			if name == "level" {
				continue
			}
			return c, fmt.Errorf("the line %q is missing or out of order", name)
		}
		lines = lines[1:]
		switch name {
		case "mission":
			c.Mission, err = record.ParseHash(value)
		case "log":
			c.Log = value
			_, err = ledger.NewVerifier(value)
		case "level":
			err = c.Level.UnmarshalText([]byte(value))
		case "words":
			if !slices.Equal(strings.Split(value, " "), c.Words()) {
				err = errors.New("they are not the words of this card; it was miscopied or changed")
			}
		}
		if err != nil {
			return c, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(lines) > 0 {
		return c, fmt.Errorf("the line %.40q is unknown or out of order", lines[0])
	}
	if _, err := c.policy(); err != nil {
		return c, err
	}
	return c, nil
}

// policy returns the policy with the log's own key in it.
func (c Card) policy() (*ledger.Policy, error) {
	return ledger.ParsePolicy("log " + c.Log + "\n" + c.Policy)
}

// Origin returns the log's name, which is that of its key.
func (c Card) Origin() string {
	name, _, _ := strings.Cut(c.Log, "+")
	return name
}
