package scenario

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"corridor.example/corridor/record"
)

// stage is the head of every text in this file: nine lines.
const stage = `mission test
zone Etc/UTC +00:00
day 2031-03-04
parties red, blue
office office
place gate crossing
place town destination
leg A from gate to town
consent 2 of red, blue
`

func TestErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct{ text, line, what string }{
		{"", "test.txt:1:", "mission gate-9"},
		{"mission test\n", "test.txt:1:", "names its zone"},
		{"mission test\nzone Etc/UTC +00:00\n", "test.txt:1:", "nobody founds"},
		{"mission Test\n", "test.txt:1:", "no name for a mission"},
		{"mission test\nzone Etc/UTC 2\n", "test.txt:2:", "+02:00"},
		{"mission test\nday 2031-03-04\n", "test.txt:2:", "the zone stands before"},
		{stage + "what is this\n", "test.txt:10:", `"what" begins no line`},
		{stage + "place gate crossing\n", "test.txt:10:", "named twice"},
		{stage + "place yard exchange \"Gate\"\n", "test.txt:10:", "names another place"},
		{stage + "may party departures\n", "test.txt:10:", "not a kind of record"},
		{stage + "include other.txt\n", "test.txt:10:", "includes none"},
		{stage + "\n09:00 office departure A-01 people 5\n08:00 office arrival A-01 people 5\n", "test.txt:12:", "does not run backwards"},
		{stage + "09:00 office takeoff A-01\n", "test.txt:10:", `"takeoff" is not a kind`},
		{stage + "09:00 office departure A-01 lorries 5\n", "test.txt:10:", `"lorries" is not understood`},
		{stage + "09:00 office departure A-01 people many\n", "test.txt:10:", "write a whole number"},
		{stage + "09:00 office departure A-01 at nowhere\n", "test.txt:10:", "not a place"},
		{stage + "09:00 office departure A-01 A-02\n", "test.txt:10:", "convoy is said twice"},
		{stage + "09:00 office dispute re #gone what: number\n", "test.txt:10:", "no record is called #gone"},
		{stage + "09:00 office departure #x A-01\n09:01 office departure #x A-02\n", "test.txt:11:", "a record is called #x already"},
		{stage + "09:00 office departure A-01\n  facts: {a: 1\n", "test.txt:10:", "a bracket is not closed"},
		{stage + "09:00 office departure A-01 \"unfinished\n", "test.txt:10:", "a quotation is not closed"},
		{stage + "09:00 office departure A-01\n\tpeople 5\n", "test.txt:11:", "a tab"},
		{stage + "figure left.people A is 5\n", "test.txt:10:", "before anything happened"},
		{stage + "09:00 office departure A-01 people 5\n  figure left.folk A is 5\n", "test.txt:11:", "does not name a figure"},
		{stage + "09:00 office departure A-01 people 5\n  view Everything is 5\n", "test.txt:11:", "no method Everything"},
		{stage + "09:00 office departure A-01 people 5\nparties green, grey\n", "test.txt:11:", "before the first step"},
		{stage + "09:00 office departure A-01 source nobody\n", "test.txt:10:", "no source nobody"},
		{stage + "09:00 office departure A-01 when 2031-13-04 09:00\n", "test.txt:10:", "a time is missing"},
		{stage + "09:00 office, red departure A-01\n", "test.txt:10:", "sign nothing"},
	} {
		_, err := Parse("test.txt", c.text)
		if err == nil || !strings.HasPrefix(err.Error(), c.line) || !strings.Contains(err.Error(), c.what) {
			t.Errorf("%q: %v, want %s … %s", strings.TrimPrefix(c.text, stage), err, c.line, c.what)
		}
	}
}

func TestPlayNamesTheLine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"09:00 office departure A-01 people 5\n", "test.txt:10: departure.facts"},
		{"09:00 office departure A-01 people 5 observed\n figure left.people A is 6\n", "test.txt:11: left.people A is 5, want 6"},
		{"09:00 office departure A-01 people 5 observed\n refused count.unit\n", "test.txt:10: it was logged, and the script expects the refusal count.unit"},
		{"09:00 office departure A-01 people -5 observed\n refused count.unit\n", "test.txt:10: it was refused by count.negative"},
		{"09:00 office departure A-01 people 5 observed\n later key.unknown\n", "test.txt:10: it was logged, and the script expects the answer later"},
		{"09:00 mina departure A-01 people 5 observed\n", "test.txt:10: key.unknown"},
		{"09:00 office departure #d A-01 people 5 observed\n finding #d role.kind\n", "test.txt:11: #d has not the finding role.kind"},
		{"09:00 red deployment #d re #mandate observer: mina from: 2031-03-04 09:00\n no finding #d\n", "test.txt:11: #d has the finding re.absent"},
		{"09:00 office departure #d A-01 people 5 observed unsent\n", "at the end: #d was signed and never sent"},
		{"09:00 office departure #d A-01 people 5 observed\n log has 3 records\n", "test.txt:11: the log has 2 records, want 3"},
		{"09:00 office departure #d A-01 people 5 observed\n view Holds [0] ID is #d\n", "test.txt:11: there is no [0]"},
		{"09:00 office departure #d A-01 people 5 observed\n view Accounts(A-01) [0] Record is #mandate\n", "test.txt:11: Accounts 0 Record is #d, want #mandate"},
		{"09:00 office dispute re #d what: number observed\n09:01 office departure #d A-01 observed\n", "test.txt:10: #d was not signed yet"},
		{"09:00 office departure A-01 observed sealed where, count\n09:01 office departure #e A-01 observed\n09:02 open #e media\n", "test.txt:12: #e has no part media"},
	} {
		s, err := Parse("test.txt", stage+c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if err := Play(s, "7", NewBare("7")); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

// faulty is a target whose disk is full.
type faulty struct{ *Bare }

var errDisk = errors.New("the disk is full")

func (f faulty) Submit(r record.Record) error {
	if f.Mission().Size() > 0 {
		return errDisk
	}
	return f.Bare.Submit(r)
}

func TestFaultEndsThePlay(t *testing.T) {
	s, err := Parse("test.txt", stage+"09:00 office departure A-01 people 5 observed\n refused count.unit\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := Play(s, "7", faulty{NewBare("7")}); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want the fault", err)
	}
}

func TestIncludedFilesAreNamed(t *testing.T) {
	files := fstest.MapFS{
		"one.txt": {Data: []byte("include two.txt\n")},
		"two.txt": {Data: []byte(stage + "09:00 office takeoff\n")},
	}
	if _, err := Load(files, "one.txt"); err == nil || !strings.HasPrefix(err.Error(), "two.txt:10:") {
		t.Errorf("got %v, want two.txt:10: …", err)
	}
	files["one.txt"].Data = []byte("include one.txt\n")
	if _, err := Load(files, "one.txt"); err == nil || !strings.Contains(err.Error(), "one.txt:1:") {
		t.Errorf("a text that includes itself: %v", err)
	}
}
