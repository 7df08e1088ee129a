package scenario

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// A pace is one step along a path: a field, a method with its arguments, or a place in a list.
type pace struct {
	name string
	args []any
}

// view reads "view Holds [0] Stated [1] By is red": a method of corridor.View, what follows
// from it, and what it must be. So what the root package newly shows can be asked here as it
// is. [n] is the nth of a list from 0, "length" how many there are; arguments stand in
// brackets, as in Phase(#x).
func (p *parser) view(c *cursor) (func(*play, *step) error, error) {
	var path []pace
	for !c.is("is") {
		x, err := p.pace(c)
		if err != nil {
			return nil, err
		}
		path = append(path, x)
	}
	if len(path) == 0 {
		return nil, c.fail("view Holds length is 2")
	}
	if _, ok := reflect.TypeFor[corridor.View]().MethodByName(path[0].name); !ok {
		return nil, c.fail("a view has no method %s", path[0].name)
	}
	var want []any
	for !c.done() {
		if t := c.peek(); t.sort != label {
			want = append(want, t.s)
			c.i++
			continue
		}
		r, err := c.ref()
		if err != nil {
			return nil, err
		}
		want = append(want, r)
	}
	return func(p *play, s *step) error {
		out, err := p.walk(reflect.ValueOf(p.target.Mission().Now()), path)
		if err != nil {
			return err
		}
		var need []string
		for _, w := range want {
			if r, ok := w.(ref); ok {
				h, err := p.find(r)
				if err != nil {
					return err
				}
				w = h.String()
			}
			need = append(need, w.(string))
		}
		if got, need := show(out), strings.Join(need, " "); got != need {
			var at []string
			for _, x := range path {
				at = append(at, x.name)
			}
			return fmt.Errorf("%s is %s, want %s", strings.Join(at, " "), p.relabel(got), p.relabel(need))
		}
		return nil
	}, nil
}

func (p *parser) pace(c *cursor) (x pace, err error) {
	t := c.peek()
	switch {
	case c.done():
		return x, c.fail("is, and what it must be, are missing")
	case t.sort == bracket && t.s == "[":
		c.i++
		n, err := c.number("a place in the list")
		if err != nil {
			return x, err
		}
		_, err = c.take(bracket, "]")
		return pace{name: strconv.FormatInt(n, 10)}, err
	}
	if x.name, err = c.word("a field"); err != nil {
		return x, err
	}
	if t := c.peek(); t.sort != bracket || t.s != "(" || !t.glue {
		return x, nil
	}
	for c.i++; ; {
		switch t := c.peek(); {
		case c.done():
			return x, c.fail("( is not closed")
		case t.sort == bracket && t.s == ")":
			c.i++
			return x, nil
		case t.sort == comma:
			c.i++
		default:
			v, err := c.value()
			if err != nil {
				return x, err
			}
			x.args = append(x.args, v)
		}
	}
}

// relabel puts labels where record hashes stand, for messages.
func (p *play) relabel(s string) string {
	for l, r := range p.names {
		s = strings.ReplaceAll(s, r.Hash.String(), "#"+l)
	}
	return s
}

// call calls a method with the arguments turned into what it takes.
func (p *play) call(m reflect.Value, x pace) (reflect.Value, error) {
	t := m.Type()
	if t.NumIn() != len(x.args) || t.NumOut() == 0 {
		return m, fmt.Errorf("%s takes %d arguments and is given %d", x.name, t.NumIn(), len(x.args))
	}
	in := make([]reflect.Value, len(x.args))
	for i, a := range x.args {
		a, err := p.resolve(a)
		if err != nil {
			return m, err
		}
		if in[i], err = argument(t.In(i), a); err != nil {
			return m, fmt.Errorf("argument %d of %s: %w", i+1, x.name, err)
		}
	}
	return m.Call(in)[0], nil
}

func argument(t reflect.Type, a any) (reflect.Value, error) {
	v := reflect.New(t)
	if p, ok := v.Interface().(*corridor.Period); ok {
		ends, ok := a.([]any)
		if !ok || len(ends) != 2 {
			ends = []any{a, a}
		}
		for i, x := range ends {
			if err := p[i].UnmarshalText(fmt.Append(nil, x)); err != nil {
				return v, err
			}
		}
		return v.Elem(), nil
	}
	s := fmt.Sprint(a)
	if l, ok := v.Interface().(*corridor.Line); ok {
		var err error
		*l, err = corridor.ParseLine(s)
		return v.Elem(), err
	}
	if u, ok := v.Interface().(encoding.TextUnmarshaler); ok {
		return v.Elem(), u.UnmarshalText([]byte(s))
	}
	switch t.Kind() {
	case reflect.String:
		v.Elem().SetString(s)
	case reflect.Int64, reflect.Int:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return v, err
		}
		v.Elem().SetInt(n)
	case reflect.Pointer:
		x, err := argument(t.Elem(), a)
		if err != nil {
			return v, err
		}
		v.Elem().Set(reflect.New(t.Elem()))
		v.Elem().Elem().Set(x)
	default:
		return v, fmt.Errorf("a %s cannot be written in a scenario", t)
	}
	return v.Elem(), nil
}

// walk follows a path of fields, methods and list places.
func (p *play) walk(v reflect.Value, path []pace) (reflect.Value, error) {
	for _, x := range path {
		if m := v.MethodByName(x.name); m.IsValid() {
			var err error
			if v, err = p.call(m, x); err != nil {
				return v, err
			}
			continue
		}
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			if v.IsNil() {
				return v, fmt.Errorf("there is nothing before %s", x.name)
			}
			v = v.Elem()
		}
		list := v.Kind() == reflect.Slice || v.Kind() == reflect.Array
		switch n, err := strconv.Atoi(x.name); {
		case err == nil && list && n < v.Len():
			v = v.Index(n)
			if v.CanAddr() && v.Kind() == reflect.Struct {
				v = v.Addr() // so that methods of pointers are there too
			}
		case err == nil:
			return v, fmt.Errorf("there is no [%d] in: %s", n, p.relabel(show(v)))
		case x.name == "length" && list:
			v = reflect.ValueOf(v.Len())
		case v.Kind() != reflect.Struct || !v.FieldByName(x.name).IsValid():
			return v, fmt.Errorf("a %s has no %s", v.Type(), x.name)
		default:
			if v = v.FieldByName(x.name); v.CanAddr() && v.Kind() == reflect.Struct {
				v = v.Addr()
			}
		}
	}
	return v, nil
}

// show writes a value as scenarios write it: lists with spaces between, nothing as none.
func show(v reflect.Value) string {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return "none"
		}
		if s, ok := text1(v); ok {
			return s
		}
		v = v.Elem()
	}
	if s, ok := text1(v); ok {
		return s
	}
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Array {
		var all []string
		for i := range v.Len() {
			all = append(all, show(v.Index(i)))
		}
		if len(all) == 0 {
			return "none"
		}
		return strings.Join(all, " ")
	}
	return fmt.Sprint(v.Interface())
}

func text1(v reflect.Value) (string, bool) {
	if !v.CanInterface() {
		return "", false
	}
	switch x := v.Interface().(type) {
	case record.Time:
		return x.String(), true
	case fmt.Stringer:
		return x.String(), true
	case encoding.TextMarshaler:
		b, err := x.MarshalText()
		return string(b), err == nil
	}
	return "", false
}
