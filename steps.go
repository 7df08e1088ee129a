package corridor

// A Step is one batch of the order that a text gives, in one reading.
type Step struct {
	NextBatch
	Duty    Duty
	Amount  *int64 // people in this batch; null where the text gives no number
	Through *int64 // number that has left once this batch has, clauses before it on the same leg included; null where it cannot be told
	Moved   Range  // what has left: the accounts, widened by what an office adopted
	State   StepState
}

// A StepState says how far a batch has come, by number alone.
type StepState string

// The states of a batch.
const (
	StepCovered    StepState = "covered"         // every account says that so many have left
	StepBySome     StepState = "covered-by-some" // the most that any account says covers it, the least does not
	StepNotCovered StepState = "not-covered"     // no account says that so many have left
	StepNotCounted StepState = "not-counted"     // nobody counted, which is not zero
	StepNoNumber   StepState = "no-number"       // the text gives no number to hold the count against
)

// Next returns what the text says comes next in a reading: the first batch of its order that
// even the highest account does not cover. A batch for which no number was agreed cannot be
// told to be over, and is stepped over; Steps still lists it. ok is false if the text gives no
// order or everything in it is covered. It is the text's order and says nothing of who waits
// for whom.
func (r AgreedReading) Next() (s Step, ok bool) {
	for _, s := range r.Steps {
		if s.State == StepNotCovered || s.State == StepNotCounted {
			return s, true
		}
	}
	return Step{}, false
}

// steps works out the order of a text in one reading. A batch of a clause that the reading
// does not have is not among its steps.
func steps(order []NextBatch, duties []Duty) (list []Step) {
	for _, b := range order {
		for _, d := range duties {
			if d.Clause == b.Clause {
				list = append(list, step(b, d))
			}
		}
	}
	return list
}

func step(b NextBatch, d Duty) Step {
	s := Step{NextBatch: b, Duty: d, Moved: d.Left.Range}
	for _, a := range d.AdoptedLeft {
		s.Moved = s.Moved.Widen(a.Range())
	}
	s.Amount, s.Through = d.batch(b.Instalment)
	switch {
	case s.Through == nil:
		s.State = StepNoNumber
	case !s.Moved.Known:
		s.State = StepNotCounted
	case s.Moved.Low >= *s.Through:
		s.State = StepCovered
	case s.Moved.High >= *s.Through:
		s.State = StepBySome
	default:
		s.State = StepNotCovered
	}
	return s
}

// batch returns the number of an instalment, from 1, and the number that has left once it has.
// A clause without instalments is one batch. Both are nil for an instalment the clause does
// not have.
func (d Duty) batch(n int64) (amount, through *int64) {
	of := d.Instalments
	if len(of) == 0 && d.Number != nil {
		of = []int64{*d.Number}
	}
	if n < 1 || n > int64(len(of)) {
		return nil, nil
	}
	amount = &of[n-1]
	if d.Through == nil {
		return amount, nil
	}
	t := *d.Through
	for _, later := range of[n:] {
		t -= later
	}
	return amount, &t
}
