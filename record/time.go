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
	u, ok := parseTime(b)
	if !ok {
		return fmt.Errorf("%.60q is not a time in UTC to the second, such as 2016-12-18T21:00:00Z", b)
	}
	*t = u
	return nil
}

// parseTime reads a time in its one spelling. Package time reads several.
func parseTime(b []byte) (t Time, ok bool) {
	const form = "0000-00-00T00:00:00Z"
	if len(b) != len(form) {
		return 0, false
	}
	for i := range len(form) {
		if form[i] != '0' && b[i] != form[i] || form[i] == '0' && (b[i] < '0' || b[i] > '9') {
			return 0, false
		}
	}
	two := func(i int) int { return int(b[i]-'0')*10 + int(b[i+1]-'0') }
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	y := year - 1 // whole years before it since the year 1, and their leap days
	days := y*365 + y/4 - y/100 + y/400 + daysBefore[month-1] + day - 1
	if month > 2 && leap(year) {
		days++
	}
	return minTime + Time(days*86400+hour*3600+minute*60+second), true
}

// daysBefore counts the days of a common year before each month.
var daysBefore = [...]int{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysIn(year, month int) int {
	n := daysBefore[month] - daysBefore[month-1]
	if month == 2 && leap(year) {
		n++
	}
	return n
}
