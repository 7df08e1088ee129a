package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"corridor.example/corridor/internal/store"
)

func names(t *testing.T, s store.Side, space string) (list []string) {
	t.Helper()
	for p, err := range s.Each(t.Context(), space) {
		must(t, err)
		list = append(list, p.Name)
	}
	return list
}

func passing(t *testing.T, s store.Side) {
	ctx := t.Context()
	if _, _, err := s.Get(ctx, "session", "a"); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Get = %v, want ErrAbsent", err)
	}
	if err := s.Drop(ctx, "session", "a"); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Drop = %v, want ErrAbsent", err)
	}
	must(t, s.Put(ctx, "session", "a", []byte("one"), 5))
	must(t, s.Put(ctx, "session", "a", []byte("two"), 10)) // in place of the one before
	must(t, s.Put(ctx, "session", "", nil, 0))
	must(t, s.Put(ctx, "invitation", "a", []byte("other"), 20))
	value, until, err := s.Get(ctx, "session", "a")
	if err != nil || string(value) != "two" || until != 10 {
		t.Errorf("Get = %q, %d, %v, want the second", value, until, err)
	}
	clear(value)
	if value, _, err = s.Get(ctx, "session", "a"); err != nil || string(value) != "two" {
		t.Errorf("Get = %q, %v: it gave its own bytes away", value, err)
	}
	if value, until, err = s.Get(ctx, "session", ""); err != nil || value == nil || len(value) != 0 || until != 0 {
		t.Errorf("Get of nothing = %v, %d, %v, want empty and not nil", value, until, err)
	}
	if got := names(t, s, "session"); !slices.Equal(got, []string{"", "a"}) {
		t.Errorf("Each = %q", got)
	}
	must(t, s.Expire(ctx, 9))
	if got := names(t, s, "session"); len(got) != 2 {
		t.Errorf("a second before its end: Each = %q", got)
	}
	must(t, s.Expire(ctx, 10)) // 0 is no end
	if got := names(t, s, "session"); !slices.Equal(got, []string{""}) {
		t.Errorf("Each after Expire = %q", got)
	}
	if got := names(t, s, "invitation"); !slices.Equal(got, []string{"a"}) {
		t.Errorf("another space after Expire = %q", got)
	}
	for what, err := range map[string]error{
		"a long name":     s.Put(ctx, "a", strings.Repeat("x", store.MaxName+1), nil, 0),
		"a long space":    s.Put(ctx, strings.Repeat("x", store.MaxName+1), "a", nil, 0),
		"a name not text": s.Put(ctx, "a", "\xff", nil, 0),
		"a large value":   s.Put(ctx, "a", "a", make([]byte, store.MaxPassing+1), 0),
		"a time before":   s.Put(ctx, "a", "a", nil, -1),
	} {
		if err == nil {
			t.Errorf("Put of %s succeeded", what)
		}
	}
	for i := range 600 { // more than one reading takes at once
		must(t, s.Put(ctx, "many", fmt.Sprintf("%03d", i), []byte{byte(i)}, 0))
	}
	if got := names(t, s, "many"); len(got) != 600 || !slices.IsSorted(got) {
		t.Errorf("Each gave %d names, sorted %v", len(got), slices.IsSorted(got))
	}
	for p, err := range s.Each(ctx, "many") {
		must(t, err)
		must(t, s.Drop(ctx, "many", p.Name)) // a reader may write
	}
	if got := names(t, s, "many"); len(got) != 0 {
		t.Errorf("%d are left of those that were dropped one by one", len(got))
	}
}

// passingOnce drops one thing from many sides at once.
func passingOnce(t *testing.T, s store.Side) {
	must(t, s.Put(t.Context(), "invitation", "a", []byte("once"), 0))
	var done atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			switch err := s.Drop(t.Context(), "invitation", "a"); {
			case err == nil:
				done.Add(1)
			case !errors.Is(err, store.ErrAbsent):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() != 1 {
		t.Errorf("%d callers dropped it, want one", done.Load())
	}
}
