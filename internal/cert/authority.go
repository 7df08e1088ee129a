package cert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"sync"
	"time"
)

// The times of an authority of the mission's own. Clocks in the field are wrong: what it makes
// holds from a day before it was made.
const (
	authorityFor = 2 * 365 * 24 * time.Hour
	leafFor      = 14 * 24 * time.Hour
	leafLeft     = leafFor / 2 // with less than that left, another is made
	early        = 24 * time.Hour
)

// An Authority vouches for the names of one mission's server and, by a constraint in its own
// certificate, for nothing else: whoever trusts it trusts it for nothing more. It is a Source,
// whose certificates are short-lived and kept in memory alone.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	now  func() time.Time

	mu   sync.Mutex
	leaf *tls.Certificate
}

// MakeAuthority makes an authority for some names and addresses (Name).
func MakeAuthority(now func() time.Time, names []string) (*Authority, error) {
	if len(names) == 0 {
		return nil, errors.New("say which names and addresses the authority is to vouch for")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	at := now()
	t := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Corridor mission " + names[0]},
		NotBefore: at.Add(-early), NotAfter: at.Add(authorityFor),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		// What is not named is excluded: a kind of name without any constraint would be free.
		PermittedDNSDomainsCritical: true,
		PermittedEmailAddresses:     []string{"invalid"}, PermittedURIDomains: []string{"invalid"},
	}
	for _, n := range names {
		name, err := Name(n)
		if err != nil {
			return nil, err
		}
		if ip := net.ParseIP(name); ip != nil {
			if v4 := ip.To4(); v4 != nil {
				ip = v4
			}
			t.PermittedIPRanges = append(t.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(8*len(ip), 8*len(ip))})
		} else {
			t.PermittedDNSDomains = append(t.PermittedDNSDomains, name)
		}
	}
	if t.PermittedDNSDomains == nil {
		t.PermittedDNSDomains = []string{"invalid"}
	}
	if t.PermittedIPRanges == nil {
		t.ExcludedIPRanges = []*net.IPNet{
			{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, {IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)},
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	c, err := x509.ParseCertificate(der)
	return &Authority{cert: c, key: key, now: now}, err
}

// serial returns 127 random bits.
func serial() *big.Int {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b[:])
}

// The sorts of PEM block.
const (
	certBlock = "CERTIFICATE"
	keyBlock  = "PRIVATE KEY"
)

// Text returns the authority's certificate and its key as PEM.
func (a *Authority) Text() (cert, key []byte, err error) {
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	return pem.EncodeToMemory(&pem.Block{Type: certBlock, Bytes: a.cert.Raw}), pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), err
}

// ReadAuthority reads what Text wrote.
func ReadAuthority(now func() time.Time, cert, key []byte) (*Authority, error) {
	c, err := ReadCertificate(cert)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(key)
	if block == nil || block.Type != keyBlock {
		return nil, errors.New("the key is no PEM block of the sort " + keyBlock)
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the key cannot be read") // the cause may hold some of it
	}
	ec, ok := k.(*ecdsa.PrivateKey)
	if !ok || !c.IsCA || !ec.PublicKey.Equal(c.PublicKey) {
		return nil, errors.New("the key is not that of the authority's certificate")
	}
	return &Authority{cert: c, key: ec, now: now}, nil
}

// ReadCertificate reads the first certificate of a PEM file.
func ReadCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != certBlock {
		return nil, errors.New("it holds no certificate as PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

// DER is the authority's certificate as a device takes it.
func (a *Authority) DER() []byte { return a.cert.Raw }

// Fingerprint is the SHA-256 of the certificate, which devices show as such.
func (a *Authority) Fingerprint() [32]byte { return sha256.Sum256(a.cert.Raw) }

// Names are what the authority vouches for.
func (a *Authority) Names() (list []string) {
	for _, n := range a.cert.PermittedDNSDomains {
		if n != "invalid" {
			list = append(list, n)
		}
	}
	for _, n := range a.cert.PermittedIPRanges {
		list = append(list, n.IP.String())
	}
	return list
}

// Covers says which of some names the authority does not vouch for.
func (a *Authority) Covers(names []string) error {
	for _, n := range names {
		name, err := Name(n)
		if err != nil {
			return err
		}
		if !slices.Contains(a.Names(), name) {
			return fmt.Errorf("the mission's authority vouches for %v and by its own constraint not for %s", a.Names(), name)
		}
	}
	return nil
}

// Until is when the authority's own certificate ends.
func (a *Authority) Until() time.Time { return a.cert.NotAfter }

// Certificate returns the server's certificate, and makes another one in good time.
func (a *Authority) Certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.now()
	if a.leaf != nil && at.Add(leafLeft).Before(a.leaf.Leaf.NotAfter) && at.After(a.leaf.Leaf.NotBefore) {
		return a.leaf, nil
	}
	if !at.Before(a.cert.NotAfter) {
		return nil, errors.New("the mission's authority has ended")
	}
	leaf, err := a.issue(at)
	if err != nil {
		return nil, err
	}
	a.leaf = leaf
	return leaf, nil
}

func (a *Authority) issue(at time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	until := at.Add(leafFor)
	if until.After(a.cert.NotAfter) {
		until = a.cert.NotAfter
	}
	t := &x509.Certificate{
		SerialNumber: serial(), NotBefore: at.Add(-early), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	for _, n := range a.Names() {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, n)
		}
	}
	t.Subject.CommonName = a.Names()[0]
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	c, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: c}, err
}

// State says what there is now.
func (a *Authority) State() State {
	c, err := a.Certificate(nil)
	if err != nil {
		return State{Names: a.Names(), Until: a.cert.NotAfter}
	}
	return State{Names: a.Names(), Until: c.Leaf.NotAfter}
}
