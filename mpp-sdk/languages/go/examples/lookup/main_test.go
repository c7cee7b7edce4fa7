package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"mpp-protocol.io/go/mpp"
)

// crm starts a CRM that knows one customer.
func crm(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer k":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Query().Get("q") == "ada" && r.URL.Query().Get("limit") == "10":
			fmt.Fprint(w, `[{"id":"CUST-00012345","name":"Ada Lovelace","company":"Analytical Engines"}]`)
		default:
			fmt.Fprint(w, `[]`)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("CRM_URL", server.URL+"/")
	t.Setenv("CRM_API_KEY", "k")
}

func code(err error) string {
	var e *mpp.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}

func TestFindsACustomer(t *testing.T) {
	crm(t)
	found, err := lookup(context.Background(), lookupInput{Query: "ada", Limit: 10})
	if err != nil || len(found) != 1 || found[0].Name != "Ada Lovelace" {
		t.Errorf("%v %v", found, err)
	}
}

func TestErrorsHaveCodes(t *testing.T) {
	crm(t)
	if _, err := lookup(context.Background(), lookupInput{Query: "nobody", Limit: 10}); code(err) != "not_found" {
		t.Error(err)
	}
	t.Setenv("CRM_API_KEY", "wrong")
	if _, err := lookup(context.Background(), lookupInput{Query: "ada", Limit: 10}); code(err) != "key_refused" {
		t.Error(err)
	}
	t.Setenv("CRM_URL", "http://127.0.0.1:1")
	if _, err := lookup(context.Background(), lookupInput{Query: "ada", Limit: 10}); code(err) != "crm_down" {
		t.Error(err)
	}
}
