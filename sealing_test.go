package corridor

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"corridor.example/corridor/record"
)

const (
	sealedTo   = "age183tdadatsv0me3kcnch7mjsftepy9vvx7m4kmvd3u47u565vlssq2lnlvz"
	sealedNext = "age1ft64nggkeld8xkxfdjy27fq9t08cs8fnrplh9jq6qn490ax7lgcq6ev9z0"
)

func TestAgeRecipient(t *testing.T) {
	for _, good := range []string{sealedTo, sealedNext} {
		if !ageRecipient(good) {
			t.Errorf("%s is not taken as a recipient", good)
		}
		for i := range good {
			for _, c := range bech32 {
				bad := good[:i] + string(c) + good[i+1:]
				if bad != good && ageRecipient(bad) {
					t.Fatalf("%s is taken, with another character at %d", bad, i)
				}
			}
		}
	}
	for _, bad := range []string{"", "age1", strings.ToUpper(sealedTo), sealedTo + "q", sealedTo[:len(sealedTo)-1], "AGE-SECRET-KEY-1QQPQQ", strings.Repeat("é", 31)} {
		if ageRecipient(bad) {
			t.Errorf("%q is taken as a recipient", bad)
		}
	}
}

// A mandate names the first sealing key; an amendment that was drafted before a key record
// replaced it restates it without bringing it back.
func TestSealingKeyOfTheMandate(t *testing.T) {
	s := newStageWith(t, func(f map[string]any) {
		f["sealing_key"] = sealedTo
		recovery := testKey("office-recovery")
		for _, a := range f["actors"].([]any) {
			if a := a.(map[string]any); a["id"] == "office" {
				a["keys"] = append(a["keys"].([]any), map[string]any{"use": "recovery",
					"key": hex.EncodeToString(recovery.Public().(ed25519.PublicKey)), "proof": record.Prove(recovery, true, text(f["origin"]), nil)})
			}
		}
	})
	if got, ok := s.m.Now().SealingKey(); !ok || got != sealedTo {
		t.Fatalf("the mandate's sealing key: %q, %v", got, ok)
	}
	if got, ok := s.m.At(0).SealingKey(); ok {
		t.Errorf("before the mandate there is the sealing key %q", got)
	}
	stale := *s.m.Now().Terms() // drafted now, and logged after the key record
	s.keys["office"] = testKey("office-recovery")
	s.add("office", "key", nil, map[string]map[string]any{"facts": {"key": map[string]any{"use": "sealing", "key": sealedNext}, "replaces": sealingFingerprint(sealedTo).String(), "reason": "stolen"}})
	s.keys["office"] = testKey("office")
	b, err := json.Marshal(stale)
	if err != nil {
		t.Fatal(err)
	}
	var again map[string]any
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	s.add("office", "amendment", nil, map[string]map[string]any{"facts": {"replaces": s.m.Founder().String(), "terms": again}})
	list := s.m.Now().SealingKeys()
	if got, _ := s.m.Now().SealingKey(); len(list) != 2 || got != sealedNext || len(s.m.state.terms) != 2 {
		t.Errorf("after the replacement and an amendment phones seal to %q, of %d", got, len(list))
	}
	if list[0].Until != 1 || list[0].Reason != "stolen" || list[1].Until != -1 {
		t.Errorf("the keys are %+v", list)
	}
	if list := s.m.At(1).SealingKeys(); len(list) != 1 || list[0].Recipient != sealedTo || list[0].Until != -1 {
		t.Errorf("before the replacement the keys are %+v", list)
	}
	var refusal *Refusal
	terms := *s.m.Now().Terms()
	slip := sealedTo[:20] + "q" + sealedTo[21:]
	terms.SealingKey = &slip
	if err := terms.refuse(true, nil, nil); !errors.As(err, &refusal) || refusal.Rule != "mandate.sealing-key" {
		t.Errorf("a slip in the recipient: %v", err)
	}
}
