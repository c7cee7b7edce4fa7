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
func decode(tool string, arguments json.RawMessage, into any) error {
	if len(bytes.TrimSpace(arguments)) == 0 {
		arguments = json.RawMessage("{}")
	}
	value := reflect.ValueOf(into).Elem()
	if err := fill(value); err != nil {
		return err
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(arguments, &given); err != nil {
		return refused(tool, []mistake{{"", "expected an object, found " + kindOf(arguments), ""}})
	}
	mistakes := unknown(value.Type(), given)
	mistakes = append(mistakes, missing(value.Type(), given, mistakes)...)
	decoder := json.NewDecoder(bytes.NewReader(arguments))
	if len(mistakes) == 0 {
		// Unknown members of inner objects are refused, too.
		decoder.DisallowUnknownFields()
	}
	if err := decoder.Decode(into); err != nil {
		mistakes = append(mistakes, wrong(value.Type(), given, err)...)
	}
	return refused(tool, mistakes)
}

// mistake is what is wrong with the arguments at a JSON pointer.
type mistake struct {
	pointer string
	message string
	// nearest is the name that was probably meant.
	nearest string
}

// mostMistakes is how many mistakes an error lists.
const mostMistakes = 20

// refused returns the error for these mistakes; nil if there are none.
func refused(tool string, mistakes []mistake) error {
	if len(mistakes) == 0 {
		return nil
	}
	mistakes = mistakes[:min(len(mistakes), mostMistakes)]
	sentences, listed := []string{}, []map[string]any{}
	for _, m := range mistakes {
		sentence := m.message
		if m.pointer != "" {
			sentence = fmt.Sprintf("`%s`: %s", m.pointer, m.message)
		}
		entry := map[string]any{"pointer": m.pointer, "message": m.message}
		if m.nearest != "" {
			sentence += fmt.Sprintf("; did you mean `%s`?", m.nearest)
			entry["nearest"] = m.nearest
		}
		sentences, listed = append(sentences, sentence), append(listed, entry)
	}
	message := fmt.Sprintf("the arguments do not fit `%s`: %s", tool, strings.Join(sentences, "; "))
	err := rpc(-32602, "invalid_arguments", message)
	err.Data["tool"] = tool
	err.Data["pointer"] = mistakes[0].pointer
	err.Data["mistakes"] = listed
	return err
}

// pointerTo returns the JSON pointer (RFC 6901) to a member of the arguments.
func pointerTo(name string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// wrong lists the arguments that have another type. whole is the error for all of them together, which names only the first.
func wrong(t reflect.Type, given map[string]json.RawMessage, whole error) []mistake {
	mistakes := wrongFields(t, given)
	if len(mistakes) == 0 {
		mistakes = append(mistakes, mistakeOf("", whole))
	}
	return mistakes
}

func wrongFields(t reflect.Type, given map[string]json.RawMessage) []mistake {
	mistakes := []mistake{}
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		name, _, skipped := named(field)
		if isEmbedded(field) {
			mistakes = append(mistakes, wrongFields(field.Type, given)...)
			continue
		}
		raw, isGiven := lookup(given, name)
		_, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		// With the option "string", a field cannot be read on its own.
		if skipped || !isGiven || strings.Contains(options, "string") {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(reflect.New(field.Type).Interface()); err != nil {
			mistakes = append(mistakes, mistakeOf(pointerTo(name), err))
		}
	}
	return mistakes
}

// mistakeOf converts an error of encoding/json about the value at a JSON pointer.
func mistakeOf(pointer string, err error) mistake {
	var wrongType *json.UnmarshalTypeError
	if !errors.As(err, &wrongType) {
		return mistake{pointer, strings.TrimPrefix(err.Error(), "json: "), ""}
	}
	if wrongType.Field != "" {
		pointer += "/" + strings.ReplaceAll(wrongType.Field, ".", "/")
	}
	found := wrongType.Value
	if words, ok := kinds[found]; ok {
		found = words
	} else {
		found = strings.TrimPrefix(found, "number ")
	}
	return mistake{pointer, fmt.Sprintf("expected %s, found %s", expected(wrongType.Type), found), ""}
}

// kinds has the kinds of JSON values as encoding/json calls them, in words.
var kinds = map[string]string{
	"array": "an array", "bool": "a boolean", "null": "null", "number": "a number", "object": "an object", "string": "a string",
}

// expected names the JSON values that a type stands for.
func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return expected(t.Elem())
	case reflect.Bool:
		return "a boolean"
	case reflect.Int, reflect.Int64:
		return "an integer"
	case reflect.Int8, reflect.Int16, reflect.Int32:
		limit := int64(1) << (t.Bits() - 1)
		return fmt.Sprintf("an integer from %d to %d", -limit, limit-1)
	case reflect.Uint, reflect.Uint64:
		return "an integer of at least 0"
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return fmt.Sprintf("an integer from 0 to %d", uint64(1)<<t.Bits()-1)
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return "data in Base64"
		}
		return "an array"
	case reflect.Map, reflect.Struct:
		return "an object"
	}
	return t.String()
}

// lookup returns a member of the arguments. As encoding/json does, it ignores case if there is no exact match.
func lookup(given map[string]json.RawMessage, name string) (json.RawMessage, bool) {
	if raw, ok := given[name]; ok {
		return raw, true
	}
	for other, raw := range given {
		if strings.EqualFold(other, name) {
			return raw, true
		}
	}
	return nil, false
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

// missing lists the required arguments that were left out, or are null although their type has none. An argument that a misspelled one
// was probably meant to be has been named already.
func missing(t reflect.Type, given map[string]json.RawMessage, unknown []mistake) []mistake {
	mistakes := []mistake{}
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		name, optional, skipped := named(field)
		_, hasDefault := field.Tag.Lookup("default")
		if skipped || optional || hasDefault {
			continue
		}
		if isEmbedded(field) {
			mistakes = append(mistakes, missing(field.Type, given, unknown)...)
			continue
		}
		raw, ok := lookup(given, name)
		isMeant := func(m mistake) bool { return m.nearest == name }
		if !ok && !slices.ContainsFunc(unknown, isMeant) {
			mistakes = append(mistakes, mistake{pointerTo(name), "is missing", ""})
		} else if string(raw) == "null" && field.Type.Kind() != reflect.Interface && field.Type != rawType {
			mistakes = append(mistakes, mistake{pointerTo(name), fmt.Sprintf("expected %s, found null", expected(field.Type)), ""})
		}
	}
	return mistakes
}
