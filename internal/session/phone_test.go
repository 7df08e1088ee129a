package session_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/record"
)

// TestPhone: an invitation is for one key, and the key that came by it waits to be nominated.
func TestPhone(t *testing.T) {
	s := newStage(t)
	k := session.Knock{From: "192.0.2.0/24"}
	code, p, err := s.door.InvitePhone(t.Context(), "office", 0)
	if err != nil || p.Key != "" {
		t.Fatalf("InvitePhone() = %+v, %v", p, err)
	}
	if list, err := s.door.Phones(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("before a phone came %d wait, %v", len(list), err)
	}
	mine, proof := strings.Repeat("ab", 32), strings.Repeat("cd", 64)
	for range 2 { // the answer may have been lost
		if p, err = s.door.Enrol(t.Context(), code, mine, proof, k); err != nil || p.Key != mine {
			t.Fatalf("Enrol() = %+v, %v", p, err)
		}
	}
	var refused *session.Refused
	if _, err := s.door.Enrol(t.Context(), code, strings.Repeat("ef", 32), proof, k); !errors.As(err, &refused) || refused.Rule != "phone.invitation" {
		t.Errorf("a second phone with the same invitation: %v", err)
	}
	if _, err := s.door.Phone(t.Context(), "guess", k); !errors.As(err, &refused) || refused.Rule != "phone.invitation" {
		t.Errorf("a guess: %v", err)
	}
	list, err := s.door.Phones(t.Context())
	if err != nil || len(list) != 1 || list[0].Key != mine || list[0].Proof != proof || list[0].By != "office" {
		t.Errorf("Phones() = %+v, %v", list, err)
	}
	if _, _, err := s.door.InvitePhone(t.Context(), "office", time.Second); !errors.As(err, &refused) || refused.Rule != "invitation.lasts" {
		t.Errorf("an invitation for a second: %v", err)
	}
}

// TestPressed: what is recorded behind the second PIN is told by the invitation's hash alone.
func TestPressed(t *testing.T) {
	s := newStage(t)
	k := session.Knock{From: "192.0.2.0/24"}
	code, _, err := s.door.InvitePhone(t.Context(), "office", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.door.Enrol(t.Context(), code, strings.Repeat("ab", 32), strings.Repeat("cd", 64), k); err != nil {
		t.Fatal(err)
	}
	list, err := s.door.Phones(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	key := record.Hash(sha256.Sum256([]byte("a key")))
	flag := sha256.Sum256([]byte(code))
	m := hmac.New(sha256.New, flag[:])
	m.Write([]byte("corridor-duress/v1\n" + key.String() + "\n7\n"))
	id := record.ID(m.Sum(nil)[:16])
	if !list[0].Pressed(key, 7, id) {
		t.Error("a record made behind the second PIN is not recognised")
	}
	if list[0].Pressed(key, 8, id) || list[0].Pressed(key, 7, record.ID{1}) || list[0].Pressed(record.Hash{1}, 7, id) {
		t.Error("a record is taken for one that was made behind the second PIN")
	}
}
