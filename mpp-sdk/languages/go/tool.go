package mpp

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
)

// definition is what an agent reads about a tool.
type definition struct {
	Name          string       `json:"name"`
	Title         string       `json:"title,omitempty"`
	Description   string       `json:"description"`
	Parameters    *schema      `json:"parameters"`
	Returns       *schema      `json:"returns,omitempty"`
	SecurityLevel Level        `json:"security_level"`
	Annotations   *annotations `json:"annotations,omitempty"`
}

type annotations struct {
	ReadOnly    *bool `json:"readOnlyHint,omitempty"`
	Destructive *bool `json:"destructiveHint,omitempty"`
	Idempotent  *bool `json:"idempotentHint,omitempty"`
	OpenWorld   *bool `json:"openWorldHint,omitempty"`
}

// Level says how much harm a call can do.
type Level string

// The levels, from the least harmful.
const (
	// Low: the tool reads nothing private and changes nothing.
	Low Level = "low"
	// Medium: the tool reads private data.
	Medium Level = "medium"
	// High: the tool changes data.
	High Level = "high"
	// Critical: the tool does something that cannot be undone, or moves money.
	Critical Level = "critical"
)

// Option describes a tool further.
type Option func(*definition)

// Title sets a name for people.
func Title(title string) Option { return func(d *definition) { d.Title = title } }

// Security sets how much harm a call can do; the default is [Low].
func Security(level Level) Option { return func(d *definition) { d.SecurityLevel = level } }

// ReadOnly says that the tool changes nothing.
func ReadOnly() Option { return hint(func(a *annotations, yes *bool) { a.ReadOnly = yes }, true) }

// Destructive says whether a change can destroy something.
func Destructive(is bool) Option {
	return hint(func(a *annotations, v *bool) { a.Destructive = v }, is)
}

// Idempotent says that a second call with the same arguments changes nothing more.
func Idempotent() Option { return hint(func(a *annotations, yes *bool) { a.Idempotent = yes }, true) }

// OpenWorld says whether the tool reaches beyond the package, for example to the web.
func OpenWorld(does bool) Option {
	return hint(func(a *annotations, v *bool) { a.OpenWorld = v }, does)
}

func hint(set func(*annotations, *bool), value bool) Option {
	return func(d *definition) {
		if d.Annotations == nil {
			d.Annotations = &annotations{}
		}
		set(d.Annotations, &value)
	}
}

// tool is a definition and the function behind it.
type tool struct {
	definition definition
	call       func(context.Context, json.RawMessage) (any, error)
}

var tools = map[string]*tool{}

func isToolName(name string) bool {
	for _, c := range name {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return len(name) >= 1 && len(name) <= 64
}

// Tool adds a tool. In is a struct whose fields are the arguments; see the package's documentation.
//
// It panics if the name or a type cannot be published, so that a build fails and not a call.
func Tool[In, Out any](name, description string, run func(context.Context, In) (Out, error), options ...Option) {
	if !isToolName(name) {
		panic(fmt.Sprintf("mpp: %q is not a tool name: expected 1 to 64 characters A-Z a-z 0-9 _ -", name))
	}
	if tools[name] != nil {
		panic(fmt.Sprintf("mpp: two tools are named %q", name))
	}
	in := reflect.TypeOf((*In)(nil)).Elem()
	if in.Kind() != reflect.Struct {
		panic(fmt.Sprintf("mpp: the tool %q takes %s: expected a struct whose fields are the arguments", name, in))
	}
	parameters, err := schemaOf(in, true)
	if err != nil {
		panic(fmt.Sprintf("mpp: an argument of the tool %q: %v", name, err))
	}
	d := definition{Name: name, Description: description, Parameters: parameters, SecurityLevel: Low}
	if out := reflect.TypeOf((*Out)(nil)).Elem(); !isContent(out) {
		if d.Returns, err = schemaOf(out, false); err != nil {
			panic(fmt.Sprintf("mpp: the result of the tool %q: %v", name, err))
		}
	}
	for _, option := range options {
		option(&d)
	}
	call := func(ctx context.Context, arguments json.RawMessage) (any, error) {
		var value In
		if err := decode(name, arguments, &value); err != nil {
			return nil, err
		}
		return run(ctx, value)
	}
	tools[name] = &tool{d, call}
}

// sorted returns the tools by name.
func sorted() []*tool {
	list := make([]*tool, 0, len(tools))
	for _, t := range tools {
		list = append(list, t)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].definition.Name < list[j].definition.Name })
	return list
}
