package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCases runs the cases in tests/*.yaml with the finished package, in the sandbox.
func TestCases(t *testing.T) {
	program, err := exec.LookPath("mpp")
	if err != nil {
		t.Skip("mpp is not installed")
	}
	// go test runs a test again if a file that it has looked at has changed.
	for _, pattern := range []string{"manifest.json", "tests/*"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			_, _ = os.Stat(path)
		}
	}
	// The exit code is 1 if a case fails. If there is no document, stderr says why.
	document, err := exec.Command(program, "test", "--format", "json").Output()
	var results struct {
		Files []struct {
			Path  string
			Cases []struct {
				Name, Status, Log string
				Line              int
				Mismatches        []struct{ Message string }
			}
		}
	}
	if json.Unmarshal(document, &results) != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			t.Fatalf("mpp test: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("mpp test: %v", err)
	}
	for _, file := range results.Files {
		for _, found := range file.Cases {
			t.Run(found.Name, func(t *testing.T) {
				for _, mismatch := range found.Mismatches {
					t.Errorf("%s:%d: %s\n%s", file.Path, found.Line, mismatch.Message, found.Log)
				}
			})
		}
	}
}
