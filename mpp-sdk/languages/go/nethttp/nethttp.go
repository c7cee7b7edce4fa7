// Package nethttp lets programs that use net/http run in the sandbox: importing it replaces http.DefaultTransport, so that http.Get and
// clients without a transport of their own send their requests through the host.
//
//	import _ "mpp-protocol.io/go/mpp/nethttp"
//
// net/http makes a module about twice as large. A tool that needs no client of somebody else is smaller with mpp.Send.
package nethttp

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"

	"mpp-protocol.io/go/mpp"
)

// Transport is an http.RoundTripper that sends requests through the host. Bodies are read and sent as a whole.
type Transport struct {
	// Timeout is the time for one request; 0 stands for the rest of the call's time.
	Timeout time.Duration
}

// RoundTrip sends one request. Redirects are left to the client, so that its policy applies.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	var body []byte
	if request.Body != nil {
		defer request.Body.Close()
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
	}
	timeout := t.Timeout
	if deadline, ok := request.Context().Deadline(); ok {
		left := time.Until(deadline)
		if left <= 0 {
			return nil, request.Context().Err()
		}
		if timeout == 0 || left < timeout {
			timeout = left
		}
	}
	outgoing := mpp.Request{Method: request.Method, URL: request.URL.String(), Body: body, Timeout: timeout, Redirects: -1}
	for name, values := range request.Header {
		for _, value := range values {
			outgoing.Headers = append(outgoing.Headers, [2]string{name, value})
		}
	}
	answer, err := mpp.Send(outgoing)
	if err != nil {
		return nil, err
	}
	response := &http.Response{
		Status:        fmt.Sprintf("%d %s", answer.Status, http.StatusText(answer.Status)),
		StatusCode:    answer.Status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{},
		Body:          io.NopCloser(bytes.NewReader(answer.Body)),
		ContentLength: int64(len(answer.Body)),
		Request:       request,
	}
	for _, header := range answer.Headers {
		response.Header.Add(header[0], header[1])
	}
	return response, nil
}

func init() {
	http.DefaultTransport = &Transport{}
}
