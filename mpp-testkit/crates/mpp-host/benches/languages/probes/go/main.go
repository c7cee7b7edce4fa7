// Uses the state and the files that the manifest declares.
package main

import (
	"context"
	"fmt"
	"os"

	"mpp-protocol.io/go/mpp"
)

type none struct{}

func count(context.Context, none) (string, error) {
	calls, err := mpp.KV.Increment("calls", 1)
	return fmt.Sprint("count ", calls), err
}

func copyFile(context.Context, none) (string, error) {
	text, err := os.ReadFile("/in/text.txt")
	if err != nil {
		return "", err
	}
	return fmt.Sprint("copied ", len(text)), os.WriteFile("/out/text.txt", text, 0o644)
}

func main() {
	mpp.Tool("count", "Count the calls.", count)
	mpp.Tool("copy", "Copy a file.", copyFile)
	mpp.Serve()
}
