package mpp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// schema is a JSON Schema whose members keep their order.
type schema struct{ members []member }

type member struct {
	name  string
	value any
}

func (s *schema) set(name string, value any) *schema {
	s.members = append(s.members, member{name, value})
	return s
}

// MarshalJSON writes the members in the order in which they were set.
func (s *schema) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	for i, m := range s.members {
		if i > 0 {
			text.WriteByte(',')
		}
		name, err := encode(m.name)
		if err != nil {
			return nil, err
		}
		value, err := encode(m.value)
		if err != nil {
			return nil, err
		}
		text.Write(name)
		text.WriteByte(':')
		text.Write(value)
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}

// encode is json.Marshal without the escapes for HTML.
func encode(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(text.Bytes(), "\n"), nil
}

var (
	timeType = reflect.TypeOf(time.Time{})
	rawType  = reflect.TypeOf(json.RawMessage{})
)

// deriver derives schemas, and gives recursive types a name.
type deriver struct {
	// closed refuses unknown members.
	closed bool
	open   []reflect.Type
	named  map[reflect.Type]bool
	defs   *schema
}

// schemaOf derives the schema of a type. Objects of arguments are closed.
func schemaOf(t reflect.Type, closed bool) (*schema, error) {
	d := &deriver{closed: closed, named: map[reflect.Type]bool{}, defs: &schema{}}
	s, err := d.of(t)
	if err != nil {
		return nil, err
	}
	if len(d.defs.members) > 0 {
		s.set("$defs", d.defs)
	}
	return s, nil
}

func typed(name string) *schema { return (&schema{}).set("type", name) }

func (d *deriver) of(t reflect.Type) (*schema, error) {
	switch {
	case t == timeType:
		return typed("string").set("format", "date-time"), nil
	case t == rawType:
		return &schema{}, nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return typed("boolean"), nil
	case reflect.Int, reflect.Int64:
		return typed("integer"), nil
	case reflect.Int8, reflect.Int16, reflect.Int32:
		limit := int64(1) << (t.Bits() - 1)
		return typed("integer").set("minimum", -limit).set("maximum", limit-1), nil
	case reflect.Uint, reflect.Uint64:
		return typed("integer").set("minimum", 0), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return typed("integer").set("minimum", 0).set("maximum", uint64(1)<<t.Bits()-1), nil
	case reflect.Float32, reflect.Float64:
		return typed("number"), nil
	case reflect.String:
		return typed("string"), nil
	case reflect.Interface:
		return &schema{}, nil
	case reflect.Pointer:
		return d.of(t.Elem())
	case reflect.Slice, reflect.Array:
		if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
			return typed("string").set("contentEncoding", "base64"), nil
		}
		items, err := d.of(t.Elem())
		if err != nil {
			return nil, err
		}
		s := typed("array").set("items", items)
		if t.Kind() == reflect.Array {
			s.set("minItems", t.Len()).set("maxItems", t.Len())
		}
		return s, nil
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return nil, fmt.Errorf("%s: the keys of an object are strings", t)
		}
		values, err := d.of(t.Elem())
		if err != nil {
			return nil, err
		}
		return typed("object").set("additionalProperties", values), nil
	case reflect.Struct:
		return d.object(t)
	}
	return nil, fmt.Errorf("%s has no JSON Schema", t)
}

func (d *deriver) object(t reflect.Type) (*schema, error) {
	for _, outer := range d.open {
		if outer == t {
			d.named[t] = true
			return (&schema{}).set("$ref", "#/$defs/"+t.Name()), nil
		}
	}
	d.open = append(d.open, t)
	properties, required := &schema{}, []string{}
	err := d.fields(t, properties, &required)
	d.open = d.open[:len(d.open)-1]
	if err != nil {
		return nil, err
	}
	s := typed("object").set("properties", properties)
	if len(required) > 0 {
		s.set("required", required)
	}
	if d.closed {
		s.set("additionalProperties", false)
	}
	if !d.named[t] {
		return s, nil
	}
	delete(d.named, t)
	d.defs.set(t.Name(), s)
	return (&schema{}).set("$ref", "#/$defs/"+t.Name()), nil
}

func (d *deriver) fields(t reflect.Type, properties *schema, required *[]string) error {
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		name, optional, skipped := named(field)
		if skipped {
			continue
		}
		if field.Anonymous && field.Tag.Get("json") == "" && field.Type.Kind() == reflect.Struct {
			if err := d.fields(field.Type, properties, required); err != nil {
				return err
			}
			continue
		}
		s, err := d.of(field.Type)
		if err == nil {
			err = describe(s, field)
		}
		if err != nil {
			return fmt.Errorf("the field %s: %w", field.Name, err)
		}
		properties.set(name, s)
		if _, hasDefault := field.Tag.Lookup("default"); !optional && !hasDefault {
			*required = append(*required, name)
		}
	}
	return nil
}

// named returns the name of a field in JSON, and whether it can be left out.
func named(field reflect.StructField) (name string, optional, skipped bool) {
	tag := field.Tag.Get("json")
	if tag == "-" || (!field.IsExported() && !field.Anonymous) {
		return "", false, true
	}
	name, options, _ := strings.Cut(tag, ",")
	if name == "" {
		name = field.Name
	}
	optional = field.Type.Kind() == reflect.Pointer
	for _, option := range strings.Split(options, ",") {
		optional = optional || option == "omitempty" || option == "omitzero"
	}
	return name, optional, false
}

// describe adds to a schema what the tags of a field say.
func describe(s *schema, field reflect.StructField) error {
	kind := field.Type.Kind()
	if kind == reflect.Pointer {
		kind = field.Type.Elem().Kind()
	}
	if doc := field.Tag.Get("doc"); doc != "" {
		s.set("description", doc)
	}
	isList := kind == reflect.Slice || kind == reflect.Array
	for _, tag := range []string{"minLength", "maxLength"} {
		keyword := tag
		if isList {
			keyword = tag[:3] + "Items"
		}
		if text, ok := field.Tag.Lookup(tag); ok {
			length, err := strconv.ParseUint(text, 10, 32)
			if err != nil || (kind != reflect.String && !isList) {
				return fmt.Errorf("%s:%q: expected a length, of a string or a list", tag, text)
			}
			s.set(keyword, length)
		}
	}
	for _, tag := range []string{"min", "max"} {
		if text, ok := field.Tag.Lookup(tag); ok {
			number, err := strconv.ParseFloat(text, 64)
			if err != nil || math.IsInf(number, 0) || math.IsNaN(number) || !isNumber(kind) {
				return fmt.Errorf("%s:%q: expected a number, of a number", tag, text)
			}
			s.replace(tag+"imum", json.Number(text))
		}
	}
	for _, tag := range []string{"pattern", "format"} {
		if text := field.Tag.Get(tag); text != "" {
			s.replace(tag, text)
		}
	}
	if text := field.Tag.Get("enum"); text != "" {
		s.set("enum", strings.Split(text, "|"))
	}
	if text, ok := field.Tag.Lookup("default"); ok {
		value, err := defaultOf(field.Type, text)
		if err != nil {
			return err
		}
		s.set("default", value)
	}
	return nil
}

func (s *schema) replace(name string, value any) {
	for i := range s.members {
		if s.members[i].name == name {
			s.members[i].value = value
			return
		}
	}
	s.set(name, value)
}

func isNumber(kind reflect.Kind) bool {
	return kind >= reflect.Int && kind <= reflect.Float64
}

// defaultOf returns the JSON of a default. Strings are written without quotes.
func defaultOf(t reflect.Type, text string) (json.RawMessage, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	raw := json.RawMessage(text)
	if t.Kind() == reflect.String {
		raw, _ = encode(text)
	}
	if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
		return nil, fmt.Errorf("default:%q is not a value of the type %s", text, t)
	}
	return raw, nil
}
