package mpp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// decode reads the arguments of a call into a struct. Unknown members are refused, and defaults are filled in. All mistakes are found at
// once.
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
	var given map[string]json.RawMessage
	if err := json.Unmarshal(arguments, &given); err != nil {
		return refused([]mistake{{"", "expected an object, found " + kindOf(arguments), ""}})
	}
	mistakes := missing(value.Type(), given)
	mistakes = append(unknown(value.Type(), given), mistakes...)
	decoder := json.NewDecoder(bytes.NewReader(arguments))
	if len(mistakes) == 0 {
		// Unknown members of inner objects are refused, too.
		decoder.DisallowUnknownFields()
	}
	if err := decoder.Decode(into); err != nil {
		mistakes = append(mistakes, wrong(err))
	}
	return refused(mistakes)
}

// mistake is what is wrong with the arguments at a JSON pointer.
type mistake struct {
	pointer string
	message string
	// nearest is the name that was probably meant.
	nearest string
}

// refused returns the error for these mistakes; nil if there are none.
func refused(mistakes []mistake) error {
	if len(mistakes) == 0 {
		return nil
	}
	sentences, listed := []string{}, []map[string]any{}
	for _, m := range mistakes {
		sentence := fmt.Sprintf("`%s`: %s", m.pointer, m.message)
		entry := map[string]any{"pointer": m.pointer, "message": m.message}
		if m.nearest != "" {
			sentence += fmt.Sprintf("; did you mean `%s`?", m.nearest)
			entry["nearest"] = m.nearest
		}
		sentences, listed = append(sentences, sentence), append(listed, entry)
	}
	err := rpc(-32602, "invalid_arguments", "the arguments do not fit: "+strings.Join(sentences, "; "))
	err.Data["pointer"] = mistakes[0].pointer
	err.Data["mistakes"] = listed
	return err
}

// pointerTo returns the JSON pointer (RFC 6901) to a member of the arguments.
func pointerTo(name string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func wrong(err error) mistake {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		pointer := ""
		if wrongType.Field != "" {
			pointer = "/" + strings.ReplaceAll(wrongType.Field, ".", "/")
		}
		return mistake{pointer, fmt.Sprintf("expected %s, found %s", wrongType.Type, wrongType.Value), ""}
	}
	return mistake{"", err.Error(), ""}
}

// kindOf names the kind of a JSON value.
func kindOf(value json.RawMessage) string {
	text := bytes.TrimSpace(value)
	switch {
	case len(text) == 0:
		return "nothing"
	case text[0] == '[':
		return "an array"
	case text[0] == '"':
		return "a string"
	case text[0] == 't' || text[0] == 'f':
		return "a boolean"
	case text[0] == 'n':
		return "null"
	default:
		return "a number"
	}
}

// names returns the names of the arguments.
func names(t reflect.Type) []string {
	list := []string{}
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		name, _, skipped := named(field)
		if isEmbedded(field) {
			list = append(list, names(field.Type)...)
		} else if !skipped {
			list = append(list, name)
		}
	}
	return list
}

func isEmbedded(field reflect.StructField) bool {
	return field.Anonymous && field.Tag.Get("json") == "" && field.Type.Kind() == reflect.Struct
}

// unknown lists the members that are no arguments, in the order of their names. As encoding/json does, it ignores case.
func unknown(t reflect.Type, given map[string]json.RawMessage) []mistake {
	known, mistakes := names(t), []mistake{}
	for name := range given {
		is := func(other string) bool { return strings.EqualFold(name, other) }
		if !slices.ContainsFunc(known, is) {
			mistakes = append(mistakes, mistake{pointerTo(name), "there is no such argument", nearest(name, known)})
		}
	}
	slices.SortFunc(mistakes, func(a, b mistake) int { return strings.Compare(a.pointer, b.pointer) })
	return mistakes
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

// missing lists the required arguments that were left out.
func missing(t reflect.Type, given map[string]json.RawMessage) []mistake {
	mistakes := []mistake{}
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		name, optional, skipped := named(field)
		_, hasDefault := field.Tag.Lookup("default")
		if skipped || optional || hasDefault {
			continue
		}
		if isEmbedded(field) {
			mistakes = append(mistakes, missing(field.Type, given)...)
		} else if _, ok := given[name]; !ok {
			mistakes = append(mistakes, mistake{pointerTo(name), "is missing", ""})
		}
	}
	return mistakes
}
