package corridor

import (
	"reflect"

	"corridor.example/corridor/record"
)

// ActOf returns whose act a record says it is. ok is false where its kind is no act, or where
// its facts are not carried or cannot be read.
func ActOf(r record.Record) (act Act, ok bool) {
	s := kinds[Kind(r.Header.Kind)]
	if s == nil || s.act == nil {
		return Act{}, false
	}
	body, carried, err := s.decode(r.Parts, false)
	if err != nil || !carried {
		return Act{}, false
	}
	facts := reflect.ValueOf(body).Elem().Field(s.parts[0].index)
	return facts.FieldByIndex(s.act).Interface().(Act), true
}

// A Standing is how somebody answers for a recorded act.
type Standing struct {
	Index int64 // of the countersignature
	By    ActorID
	As    Stand
}

// Standings returns who countersigned, ratified or repudiated a recorded act, in the order of
// the log.
func (v View) Standings(act record.Hash) []Standing {
	var list []Standing
	for _, c := range v.m.state.counter[act] {
		if c.index < v.n {
			list = append(list, Standing{c.index, c.by, c.as})
		}
	}
	return list
}
