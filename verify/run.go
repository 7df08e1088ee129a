package verify

import (
	"context"
	"errors"

	"corridor.example/corridor/record"
)

// Options say what a check starts from. The zero value takes the copy's own word.
type Options struct {
	Card  *Card // what the reader was handed; nil: none
	Known Known // what was accepted before; nil: nothing is remembered

	// KnownGiven says that the reader named Known, and that it is not a default. Exercise
	// missions are remembered only then.
	KnownGiven bool

	// Now is the time at which latest releases are weighed; 0 takes the newest cosignature.
	Now record.Time

	Progress func(done, total int64) // called now and then from one goroutine; nil: not called
	Workers  int                     // signatures checked at once; 0: one for each processor
}

// Run checks a copy of a log. The error is a fault of reading, never a verdict.
func Run(ctx context.Context, src Source, o Options) (Result, error) {
	return Result{}, errors.New("not checked")
}
