package nethttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mpp-protocol.io/go/mpp"
)

func TestUnchangedClientsSendThroughTheHost(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/here", http.StatusFound)
			return
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, body)
	}))
	defer server.Close()
	if _, ok := http.DefaultTransport.(*Transport); !ok {
		t.Fatal("the default transport is another one")
	}
	response, err := http.Post(server.URL+"/there", "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(response.Body); string(body) != "POST /there hello" || response.StatusCode != 200 {
		t.Errorf("%s %q", response.Status, body)
	}
	if response, err = http.Get(server.URL + "/moved"); err != nil || response.Request.URL.Path != "/here" {
		t.Errorf("the client follows redirects: %v", err)
	}
}

func TestFailuresAreThoseOfTheHost(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Second) }))
	url := server.URL
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	request, _ := http.NewRequestWithContext(ctx, "GET", url, nil)
	var failure *mpp.HostError
	if _, err := http.DefaultClient.Do(request); !errors.As(err, &failure) || !failure.Timeout() {
		t.Errorf("a deadline: %v", err)
	}
	server.Close()
	if _, err := http.Get(url); !errors.As(err, &failure) || failure.Code != "connection" {
		t.Errorf("no server: %v", err)
	}
}
