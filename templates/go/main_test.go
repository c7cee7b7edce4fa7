package main

import (
	"context"
	"testing"
)

func TestGreets(t *testing.T) {
	got, err := greet(context.Background(), greetInput{Name: "Ada", Times: 2})
	if err != nil || got.Text != "Hello, Ada! Hello, Ada!" {
		t.Errorf("%q %v", got.Text, err)
	}
}

func TestRefusesABlankName(t *testing.T) {
	if _, err := greet(context.Background(), greetInput{Name: " ", Times: 1}); err == nil {
		t.Error("a blank name is accepted")
	}
}
