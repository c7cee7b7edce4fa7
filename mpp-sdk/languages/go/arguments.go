package mpp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// decode reads the arguments of a call into a struct. Unknown members are refused, and defaults are filled in.
//
// The host has already checked the arguments against the published schema; this is what a test or another host gets.
func decode(arguments json.RawMessage, into any) error {
	if len(bytes.TrimSpace(arguments)) == 0 {
		arguments = json.RawMessage("{}")
	}
	value := reflect.ValueOf(into).Elem()
	if err := fill(value); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(arguments))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return invalid(mistake(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return invalid("the arguments are not one JSON object")
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(arguments, &given); err != nil {
		return invalid(mistake(err))
	}
	return missing(value.Type(), given)
}

func mistake(err error) string {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		if wrongType.Field == "" {
			return fmt.Sprintf("the arguments: expected %s, found %s", wrongType.Type, wrongType.Value)
		}
		return fmt.Sprintf("the argument `%s`: expected %s, found %s", wrongType.Field, wrongType.Type, wrongType.Value)
	}
	return "the arguments: " + err.Error()
}

// fill sets the fields of a struct to their defaults.
func fill(value reflect.Value) error {
	t := value.Type()
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		if _, _, skipped := named(field); skipped {
			continue
		}
		if text, ok := field.Tag.Lookup("default"); ok {
			raw, err := defaultOf(field.Type, text)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(raw, value.Field(i).Addr().Interface()); err != nil {
				return err
			}
		} else if field.Type.Kind() == reflect.Struct && field.Type != timeType && field.IsExported() {
			if err := fill(value.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// missing refuses arguments that lack a required one.
func missing(t reflect.Type, given map[string]json.RawMessage) error {
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		name, optional, skipped := named(field)
		_, hasDefault := field.Tag.Lookup("default")
		if skipped || optional || hasDefault {
			continue
		}
		if field.Anonymous && field.Tag.Get("json") == "" && field.Type.Kind() == reflect.Struct {
			if err := missing(field.Type, given); err != nil {
				return err
			}
		} else if _, ok := given[name]; !ok {
			return invalid(fmt.Sprintf("the argument `%s` is missing", name))
		}
	}
	return nil
}
