// A tool for AI agents. An agent reads the description and the tags of the fields; the types become the schema of the arguments.
package main

import (
	"context"
	"strings"

	"mpp-protocol.io/go/mpp"
)

// greetInput has the arguments of the tool.
type greetInput struct {
	Name  string `json:"name" doc:"The name." minLength:"1"`
	Times uint8  `json:"times" doc:"The number of greetings." default:"1" min:"1" max:"5"`
}

// greeting is the result.
type greeting struct {
	Text  string `json:"text" doc:"The text."`
	Times uint8  `json:"times" doc:"The number of times that the name occurs in it."`
}

func greet(_ context.Context, in greetInput) (greeting, error) {
	if strings.TrimSpace(in.Name) == "" {
		return greeting{}, mpp.Errorf("no_name", "the name is blank")
	}
	text := strings.TrimSuffix(strings.Repeat("Hello, "+in.Name+"! ", int(in.Times)), " ")
	return greeting{Text: text, Times: in.Times}, nil
}

func main() {
	mpp.Tool("greet", "Greet somebody by name.", greet, mpp.ReadOnly())
	mpp.Serve()
}
