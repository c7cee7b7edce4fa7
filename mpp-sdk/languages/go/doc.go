// Package mpp is for writing tools of the Model Package Protocol in Go.
//
// A tool is a function that takes a struct and returns a value or an error. Its definition, which an agent reads before it calls the
// tool, is derived from the types and their tags:
//
//	type Greeting struct {
//		Name string `json:"name" doc:"Whom to greet." minLength:"1"`
//	}
//
//	func greet(ctx context.Context, in Greeting) (string, error) {
//		return "Hello, " + in.Name + "!", nil
//	}
//
//	func main() {
//		mpp.Tool("greet", "Greet somebody.", greet)
//		mpp.Serve()
//	}
//
// The directory has a manifest.json with at least a name, a version, and the capabilities that the tool needs. "mpp build" compiles it
// for the sandbox (GOOS=wasip1), and "mpp run . --arg name=Ada" calls it.
//
// # Arguments
//
// A field is an argument. Its name is that of its json tag. These tags describe it further:
//
//	doc:"…"              the description
//	default:"10"         the value if the argument is left out, as JSON; strings need no quotes
//	min:"1" max:"100"    the range of a number
//	minLength, maxLength the length of a string in characters, or of a list in items
//	pattern, format      of a string
//	enum:"a|b"           the allowed strings
//
// A field is required unless it is a pointer, has a default, or its json tag has omitempty. Unknown arguments are refused.
//
// # Results
//
// A string becomes text. [Content] values become text, images and other media. Everything else becomes structured data with a schema.
//
// # The sandbox
//
// A call runs in a fresh instance, with one thread, and without sockets: use [Send], or the package nethttp for programs that use
// net/http. What a tool prints goes to its log. [KV] stores values between calls. Files and variables exist if the manifest declares
// them.
//
// # Tests
//
// In a test, on any machine, a tool is a plain function. [Send] uses the network of the machine, so that net/http/httptest works, and
// [KV] starts empty and stays in memory. [Handle] answers a request as the sandbox would.
package mpp
