// Package seal is what a phone seals its records with and the mission's server opens: age files
// (age-encryption.org/v1) to one X25519 recipient, the sealing key that the mandate names.
//
// What is sealed is one packed record (package compact). Sealing hides it from whoever carries
// it, and from whoever takes the phone; that it is genuine rests on the record's own signature
// and on nothing here.
package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"corridor.example/corridor/internal/compact"
	"corridor.example/corridor/record"
)

// MaxItem bounds a sealed item in bytes: a packed record at its limit, with the 16 bytes that
// age adds to each 64 KiB and its header.
const MaxItem = compact.MaxBytes + compact.MaxBytes/4096 + 1<<10

// Magic is how every age file begins, and no packed record.
const Magic = "age-encryption.org/v1\n"

// A Keyring opens what was sealed to any of its keys: the one that phones seal to, and those
// it replaced. The zero value opens nothing.
type Keyring struct {
	identities []age.Identity
}

// NewKey makes a sealing key: its recipient, which the mandate names, and its secret text.
func NewKey() (recipient, secret string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	return id.Recipient().String(), id.String(), nil
}

// Add lets the keyring open what is sealed to the key with this secret text, and returns the
// key's recipient.
func (k *Keyring) Add(secret string) (recipient string, err error) {
	id, err := age.ParseX25519Identity(secret)
	if err != nil {
		return "", errors.New("the sealing key is damaged") // the error could quote it
	}
	k.identities = append(k.identities, id)
	return id.Recipient().String(), nil
}

// Empty reports whether the keyring opens nothing at all.
func (k Keyring) Empty() bool { return len(k.identities) == 0 }

// ErrOtherKey says that an item is sealed to none of the keyring's keys. Another server, or this
// one with a key that it does not have yet, may open it.
var ErrOtherKey = errors.New("sealed to a key that is not here")

// Open returns what was sealed. It is ErrOtherKey if it was sealed to somebody else; every
// other error is a *record.Refusal.
func (k Keyring) Open(item []byte) ([]byte, error) {
	if len(item) > MaxItem {
		return nil, record.Refuse("seal.size", "the sealed item has %d bytes; at most %d are read", len(item), MaxItem)
	}
	if !bytes.HasPrefix(item, []byte(Magic)) {
		return nil, record.Refuse("seal.form", "this is no age file")
	}
	if k.Empty() {
		return nil, ErrOtherKey
	}
	r, err := age.Decrypt(bytes.NewReader(item), k.identities...)
	if errors.As(err, new(*age.NoIdentityMatchError)) {
		return nil, ErrOtherKey
	}
	if err != nil {
		return nil, record.Refuse("seal.form", "this age file is damaged")
	}
	plain, err := io.ReadAll(io.LimitReader(r, compact.MaxBytes+1))
	if err != nil {
		return nil, record.Refuse("seal.form", "this age file is damaged or not whole")
	}
	return plain, nil
}

// Seal seals bytes to a recipient.
func Seal(plain []byte, recipient string) ([]byte, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, fmt.Errorf("the recipient: %w", err)
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}

// Frame puts an item into a sequence of sealed items: its length in four bytes, the largest
// first, and the item.
func Frame(b, item []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(item))), item...)
}

// Next reads one item from a sequence. The error is io.EOF where the sequence ends, and
// io.ErrUnexpectedEOF where it was cut within an item; a *record.Refusal names a length that
// no item has. After any of them nothing follows.
func Next(r io.Reader) ([]byte, error) {
	var n [4]byte
	if _, err := io.ReadFull(r, n[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(n[:])
	if size == 0 || size > MaxItem {
		return nil, record.Refuse("seal.size", "a sealed item has 1 to %d bytes, and this one says %d", MaxItem, size)
	}
	// What was announced is not there yet: memory grows with what comes.
	var b bytes.Buffer
	if _, err := io.CopyN(&b, r, int64(size)); err == io.EOF {
		return nil, io.ErrUnexpectedEOF
	} else if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
