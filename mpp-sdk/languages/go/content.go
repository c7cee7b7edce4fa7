package mpp

import (
	"encoding/base64"
	"reflect"
)

// Content is a part of a result that is not structured data: text, an image or audio.
type Content struct {
	// Type is "text", "image" or "audio".
	Type string `json:"type"`
	// Text is the text, for the type "text".
	Text string `json:"text,omitempty"`
	// Data is the data in Base64, for the other types.
	Data string `json:"data,omitempty"`
	// MimeType is the type of the data, for example "image/png".
	MimeType string `json:"mimeType,omitempty"`
}

// Text makes a text.
func Text(text string) Content { return Content{Type: "text", Text: text} }

// Image makes an image of a type such as "image/png".
func Image(data []byte, mimeType string) Content { return media("image", data, mimeType) }

// Audio makes audio of a type such as "audio/wav".
func Audio(data []byte, mimeType string) Content { return media("audio", data, mimeType) }

func media(kind string, data []byte, mimeType string) Content {
	return Content{Type: kind, Data: base64.StdEncoding.EncodeToString(data), MimeType: mimeType}
}

// isContent reports whether a result of this type is content and not structured data.
func isContent(t reflect.Type) bool {
	content := reflect.TypeOf(Content{})
	return t.Kind() == reflect.String || t == content || (t.Kind() == reflect.Slice && t.Elem() == content)
}

// result is what a call returns.
type result struct {
	Content    []Content `json:"content"`
	Structured any       `json:"structuredContent,omitempty"`
	IsError    bool      `json:"isError"`
}

func resultOf(value any) result {
	switch value := value.(type) {
	case Content:
		return result{Content: []Content{value}}
	case []Content:
		return result{Content: append([]Content{}, value...)}
	}
	of := reflect.ValueOf(value)
	if of.IsValid() && of.Kind() == reflect.String {
		return result{Content: []Content{Text(of.String())}}
	}
	// A nil slice is an empty list, as its schema says.
	if of.IsValid() && of.Kind() == reflect.Slice && of.IsNil() {
		value = reflect.MakeSlice(of.Type(), 0, 0).Interface()
	}
	if value == nil {
		value = struct{}{}
	}
	return result{Content: []Content{}, Structured: value}
}
