// Package cert is where a server's certificate comes from: an authority on the network (ACME),
// a file that was prepared beforehand and carried in, or an authority of the mission's own.
//
// A certificate keeps what is read and sent from others on the way. It proves nothing of the
// record: whoever obtains a false one can listen and answer falsely, and cannot sign.
package cert

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"
)

// A Source gives a server its certificate.
type Source interface {
	// Certificate returns the certificate for a handshake; it is for tls.Config.GetCertificate.
	Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error)
	// State says what there is now.
	State() State
}

// A State is what can be said of a source's certificate.
type State struct {
	Names []string  // that it is for: names and addresses
	Until time.Time // when it ends; zero: there is none yet
}

// Config returns how a server speaks TLS with certificates of a source: version 1.2 or later.
func Config(s Source) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.Certificate, NextProtos: []string{"h2", "http/1.1"}}
}

// maxName bounds a name, in bytes.
const maxName = 253

var dnsName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Name reads the name or address of a server, in the one spelling of it.
func Name(text string) (string, error) {
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		if a.Zone() != "" || a.IsUnspecified() || a.IsMulticast() {
			return "", fmt.Errorf("%s is no address of one server", text)
		}
		return a.Unmap().String(), nil
	}
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	if len(name) > maxName || !dnsName.MatchString(name) {
		return "", fmt.Errorf("%.80q is no name of a server, such as mission.example, and no address", text)
	}
	return name, nil
}

// named are the names and addresses that a certificate is for.
func named(c *x509.Certificate) (list []string) {
	list = append(list, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		list = append(list, ip.String())
	}
	return list
}
