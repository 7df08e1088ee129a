package record

import (
	"fmt"
	"time"
)

// A Time is a moment in whole seconds since 1970-01-01 00:00:00 UTC, written in RFC 3339
// with Z, for example "2016-12-18T21:00:00Z". Years 0001 to 9999.
type Time int64

// The first and the last moment that can be written.
const (
	minTime Time = -62135596800 // 0001-01-01T00:00:00Z
	maxTime Time = 253402300799 // 9999-12-31T23:59:59Z
)

// At returns t cut to the second.
func At(t time.Time) Time { return Time(t.Unix()) }

// Go returns t as a time.Time in UTC.
func (t Time) Go() time.Time { return time.Unix(int64(t), 0).UTC() }

// String returns the RFC 3339 form.
func (t Time) String() string { return t.Go().Format(time.RFC3339) }

// MarshalText returns the RFC 3339 form; a year outside 0001 to 9999 is an error.
func (t Time) MarshalText() ([]byte, error) {
	if t < minTime || t > maxTime {
		return nil, fmt.Errorf("%d seconds after 1970 is in no year from 0001 to 9999", int64(t))
	}
	return t.Go().AppendFormat(make([]byte, 0, 20), time.RFC3339), nil
}

// UnmarshalText reads the RFC 3339 form with Z and whole seconds, nothing else.
func (t *Time) UnmarshalText(b []byte) error {
	g, err := time.Parse(time.RFC3339, string(b))
	u := At(g)
	if err != nil || u < minTime || u.String() != string(b) {
		return fmt.Errorf("%.60q is not a time in UTC to the second, such as 2016-12-18T21:00:00Z", b)
	}
	*t = u
	return nil
}
