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

// view reads "view Holds [0] Stated [1] By is red": a method of corridor.View, what follows
// from it, and what it must be. So a view that is new in the root package can be asked here as
// it is. [n] is the nth of a list from 0, "length" how many there are, words the fields or
// methods without arguments; arguments of the first method stand in brackets: Phase(#x).
func (p *parser) view(c *cursor) (func(*play, *step) error, error) {
	line := c.line()
	method, err := c.word("a method of the view")
	if err != nil {
		return nil, err
	}
	if _, ok := reflect.TypeFor[corridor.View]().MethodByName(method); !ok {
		c.i--
		return nil, c.fail("a view has no method %s", method)
	}
	var args []any
	if t := c.peek(); t.sort == bracket && t.s == "(" && t.glue {
		c.i++
		for {
			t := c.peek()
			if c.done() {
				return nil, c.fail("( is not closed")
			}
			if t.sort == bracket && t.s == ")" {
				c.i++
				break
			}
			if t.sort == comma {
				c.i++
				continue
			}
			v, err := c.value()
			if err != nil {
				return nil, err
			}
			p.askAll(v)
			args = append(args, v)
		}
	}
	var path []string
	for !c.is("is") {
		t := c.peek()
		switch {
		case c.done():
			return nil, c.fail("is, and what it must be, are missing")
		case t.sort == bracket && t.s == "[":
			c.i++
			n, err := c.number("a place in the list")
			if err != nil {
				return nil, err
			}
			if _, err := c.take(bracket, "]"); err != nil {
				return nil, err
			}
			path = append(path, strconv.FormatInt(n, 10))
		default:
			w, err := c.word("a field")
			if err != nil {
				return nil, err
			}
			path = append(path, w)
		}
	}
	var want []any
	for !c.done() {
		switch t := c.peek(); t.sort {
		case label:
			want = append(want, *p.ask(t.s, t.line))
		default:
			want = append(want, t.s)
		}
		c.i++
	}
	return func(p *play, s *step) error {
		v := reflect.ValueOf(p.target.Mission().Now())
		out, err := p.call(v, method, args)
		if err != nil {
			return &located{s.file, line, err}
		}
		if out, err = walk(out, path); err != nil {
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
			return fmt.Errorf("%s is %s, want %s", strings.Join(append([]string{method}, path...), " "), p.relabel(got), p.relabel(need))
		}
		return nil
	}, nil
}

// relabel puts labels where record hashes stand, for messages.
func (p *play) relabel(s string) string {
	for l, r := range p.names {
		s = strings.ReplaceAll(s, r.Hash.String(), "#"+l)
	}
	return s
}

// call calls a method with the arguments turned into what it takes.
func (p *play) call(v reflect.Value, method string, args []any) (reflect.Value, error) {
	m := v.MethodByName(method)
	t := m.Type()
	if t.NumIn() != len(args) || t.NumOut() == 0 {
		return v, fmt.Errorf("%s takes %d arguments and is given %d", method, t.NumIn(), len(args))
	}
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		a, err := p.resolve(a)
		if err != nil {
			return v, err
		}
		if in[i], err = argument(t.In(i), fmt.Sprint(a)); err != nil {
			return v, fmt.Errorf("argument %d of %s: %w", i+1, method, err)
		}
	}
	return m.Call(in)[0], nil
}

func argument(t reflect.Type, s string) (reflect.Value, error) {
	v := reflect.New(t)
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
		x, err := argument(t.Elem(), s)
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
func walk(v reflect.Value, path []string) (reflect.Value, error) {
	for _, name := range path {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			if v.IsNil() {
				return v, fmt.Errorf("there is nothing before %s", name)
			}
			if v.MethodByName(name).IsValid() {
				break
			}
			v = v.Elem()
		}
		if n, err := strconv.Atoi(name); err == nil {
			if v.Kind() != reflect.Slice && v.Kind() != reflect.Array || n < 0 || n >= v.Len() {
				return v, fmt.Errorf("there is no [%d]: %s", n, show(v))
			}
			v = v.Index(n)
			continue
		}
		if name == "length" && (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) {
			v = reflect.ValueOf(v.Len())
			continue
		}
		if m := v.MethodByName(name); m.IsValid() && m.Type().NumIn() == 0 && m.Type().NumOut() > 0 {
			v = m.Call(nil)[0]
			continue
		}
		if v.Kind() != reflect.Struct || !v.FieldByName(name).IsValid() {
			return v, fmt.Errorf("a %s has no %s", v.Type(), name)
		}
		v = v.FieldByName(name)
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
