package mpp

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Request is an HTTP request to a host that the manifest declares in capabilities.network.
type Request struct {
	// Method is GET if it is empty.
	Method string
	// URL is absolute, for example "https://api.example.com/v1".
	URL string
	// Query are pairs of names and values that are encoded and added to the URL.
	Query [][2]string
	// Headers are pairs of names and values.
	Headers [][2]string
	// Body may be empty.
	Body []byte
	// Timeout is the time until a response must be complete; 0 stands for the rest of the call's time.
	Timeout time.Duration
	// Redirects is how many redirects are followed. 0 stands for the host's limit, and a negative number for none.
	Redirects int
}

// Response is the response to a [Request].
type Response struct {
	// Status is the status code, for example 200.
	Status int
	// URL is that of the last request, after redirects.
	URL string
	// Headers are pairs of names and values. Names are in lower case.
	Headers [][2]string
	// Body is the whole body.
	Body []byte
}

// Header returns the value of the first header with this name, whose case does not matter; "" if there is none.
func (r *Response) Header(name string) string {
	for _, header := range r.Headers {
		if strings.EqualFold(header[0], name) {
			return header[1]
		}
	}
	return ""
}

// JSON decodes the body.
func (r *Response) JSON(into any) error {
	if err := json.Unmarshal(r.Body, into); err != nil {
		return fmt.Errorf("the response of %s is not the expected JSON: %w", r.URL, err)
	}
	return nil
}

// Send sends a request and returns the response, whatever its status. The host sends it, after it has checked the host's name and
// address; in a test, on another system, net/http does.
func Send(r Request) (*Response, error) {
	if r.Method == "" {
		r.Method = "GET"
	}
	r.URL = withQuery(r.URL, r.Query)
	return send(r)
}

func withQuery(url string, query [][2]string) string {
	url, fragment, hasFragment := strings.Cut(url, "#")
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	for _, pair := range query {
		url += separator + escaped(pair[0]) + "=" + escaped(pair[1])
		separator = "&"
	}
	if hasFragment {
		url += "#" + fragment
	}
	return url
}

// escaped encodes everything but the unreserved characters of RFC 3986.
func escaped(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + string("0123456789ABCDEF"[c>>4]) + string("0123456789ABCDEF"[c&15]))
		}
	}
	return b.String()
}

type requestHead struct {
	Method    string      `json:"method"`
	URL       string      `json:"url"`
	Headers   [][2]string `json:"headers"`
	TimeoutMS int64       `json:"timeout_ms,omitempty"`
	Redirects *int        `json:"redirects,omitempty"`
}

// milliseconds returns a time in whole milliseconds. It is rounded up, because 0 stands for no limit.
func milliseconds(d time.Duration) int64 {
	return int64((max(d, 0) + time.Millisecond - 1) / time.Millisecond)
}

// message joins the head and the body of a request.
func message(r Request) ([]byte, error) {
	head := requestHead{Method: r.Method, URL: r.URL, Headers: r.Headers, TimeoutMS: milliseconds(r.Timeout)}
	if head.Headers == nil {
		head.Headers = [][2]string{}
	}
	if r.Redirects != 0 {
		redirects := max(r.Redirects, 0)
		head.Redirects = &redirects
	}
	text, err := encode(head)
	if err != nil {
		return nil, err
	}
	whole := binary.LittleEndian.AppendUint32(make([]byte, 0, 4+len(text)+len(r.Body)), uint32(len(text)))
	return append(append(whole, text...), r.Body...), nil
}

// answered splits the reply of the host.
func answered(reply []byte) (*Response, error) {
	malformed := errors.New("the host's reply is not a response")
	if len(reply) < 4 {
		return nil, malformed
	}
	length := uint64(binary.LittleEndian.Uint32(reply))
	if length > uint64(len(reply)-4) {
		return nil, malformed
	}
	var response Response
	head := struct {
		Status  *int         `json:"status"`
		URL     *string      `json:"url"`
		Headers *[][2]string `json:"headers"`
	}{&response.Status, &response.URL, &response.Headers}
	if err := json.Unmarshal(reply[4:4+length], &head); err != nil {
		return nil, malformed
	}
	response.Body = reply[4+length:]
	return &response, nil
}
