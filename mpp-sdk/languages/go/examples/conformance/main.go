// The tools by which the SDK is checked: "mpp conformance . --complete".
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"time"
	"unicode/utf8"

	"mpp-protocol.io/go/mpp"
)

type none struct{}

type line struct {
	Line string `json:"line" doc:"The line."`
}

type echoed struct {
	Text       string   `json:"text"`
	Characters int      `json:"characters"`
	Number     *float64 `json:"number,omitempty"`
}

func echo(_ context.Context, in struct {
	Text   string   `json:"text" doc:"A text."`
	Number *float64 `json:"number" doc:"A number."`
}) (echoed, error) {
	return echoed{in.Text, utf8.RuneCountInString(in.Text), in.Number}, nil
}

func fail(_ context.Context, in struct {
	Code      string `json:"code" doc:"The code."`
	Message   string `json:"message" doc:"The message."`
	Retryable bool   `json:"retryable" doc:"Whether the call may succeed later."`
}) (string, error) {
	return "", &mpp.Error{Code: in.Code, Message: in.Message, Retryable: in.Retryable}
}

func crash(context.Context, none) (string, error) {
	panic("on purpose")
}

func logLine(_ context.Context, in line) (string, error) {
	fmt.Fprintln(os.Stderr, in.Line)
	return "logged", nil
}

func printLine(_ context.Context, in line) (string, error) {
	fmt.Println(in.Line)
	return "printed", nil
}

func spin(context.Context, none) (string, error) {
	for turns := 0; ; turns++ {
		if turns < 0 {
			return "", nil
		}
	}
}

var kept []byte

func allocate(_ context.Context, in struct {
	Mebibytes uint16 `json:"mebibytes" doc:"How much."`
}) (string, error) {
	kept = make([]byte, int(in.Mebibytes)<<20)
	for at := 0; at < len(kept); at += 4096 {
		kept[at] = 1
	}
	return "allocated", nil
}

type instant struct {
	UnixMs int64 `json:"unix_ms"`
}

func clock(context.Context, none) (instant, error) {
	return instant{time.Now().UnixMilli()}, nil
}

type randomBytes struct {
	Hex string `json:"hex"`
}

func random(context.Context, none) (randomBytes, error) {
	bytes := make([]byte, 16)
	if _, err := rand.Read(bytes); err != nil {
		return randomBytes{}, err
	}
	return randomBytes{hex.EncodeToString(bytes)}, nil
}

var calls int

type counted struct {
	Count int `json:"count"`
}

func count(context.Context, none) (counted, error) {
	calls++
	return counted{calls}, nil
}

func main() {
	mpp.Tool("conformance_echo", "Returns the text, its length and the number.", echo)
	mpp.Tool("conformance_fail", "Fails.", fail)
	mpp.Tool("conformance_crash", "Crashes.", crash)
	mpp.Tool("conformance_log", "Writes to the log.", logLine)
	mpp.Tool("conformance_print", "Prints.", printLine)
	mpp.Tool("conformance_spin", "Never ends.", spin)
	mpp.Tool("conformance_allocate", "Allocates memory.", allocate)
	mpp.Tool("conformance_clock", "Returns the time.", clock)
	mpp.Tool("conformance_random", "Returns random bytes.", random)
	mpp.Tool("conformance_count", "Counts calls.", count)
	mpp.Serve()
}
