//go:build !wasip1

package mpp

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What a tool asks of its host, for tests on another system: net/http sends requests, and the state is a map.

func send(r Request) (*Response, error) {
	request, err := http.NewRequest(r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, &HostError{Code: "invalid", Message: err.Error()}
	}
	for _, header := range r.Headers {
		request.Header.Add(header[0], header[1])
	}
	client := &http.Client{Transport: native, Timeout: r.Timeout}
	if r.Redirects != 0 {
		client.CheckRedirect = func(_ *http.Request, via []*http.Request) error {
			if len(via) > max(r.Redirects, 0) {
				return http.ErrUseLastResponse
			}
			return nil
		}
	}
	answer, err := client.Do(request)
	if err != nil {
		code := "connection"
		if e, ok := err.(net.Error); ok && e.Timeout() {
			code = "timeout"
		}
		return nil, &HostError{Code: code, Message: err.Error()}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, &HostError{Code: "connection", Message: err.Error()}
	}
	response := &Response{Status: answer.StatusCode, URL: answer.Request.URL.String(), Body: body}
	for name, values := range answer.Header {
		for _, value := range values {
			response.Headers = append(response.Headers, [2]string{strings.ToLower(name), value})
		}
	}
	sort.Slice(response.Headers, func(i, j int) bool { return response.Headers[i][0] < response.Headers[j][0] })
	return response, nil
}

// native is the machine's own transport, whatever the package nethttp puts in place of the default one.
var native = http.DefaultTransport

type entry struct {
	value   []byte
	expires time.Time
}

var (
	lock  sync.Mutex
	state = map[string]entry{}
)

// ResetKV removes all state. It exists for tests, on systems other than the sandbox.
func ResetKV() {
	lock.Lock()
	defer lock.Unlock()
	state = map[string]entry{}
}

// look returns the value of a key that has not expired.
func look(key []byte) ([]byte, bool) {
	found, ok := state[string(key)]
	if ok && !found.expires.IsZero() && !time.Now().Before(found.expires) {
		return nil, false
	}
	return found.value, ok
}

func put(key, value []byte, ttl uint64) {
	e := entry{value: append([]byte{}, value...)}
	if ttl > 0 {
		e.expires = time.Now().Add(time.Duration(ttl) * time.Millisecond)
	}
	state[string(key)] = e
}

func checked(key []byte) (int32, []byte) {
	if len(key) == 0 || len(key) > 1024 {
		return statusInvalid, []byte("a key has 1 to 1024 bytes")
	}
	return 0, nil
}

func kvGet(key []byte) (int32, []byte) {
	lock.Lock()
	defer lock.Unlock()
	value, ok := look(key)
	if !ok {
		return statusNotFound, nil
	}
	return 0, append([]byte{}, value...)
}

func kvSet(key, value []byte, ttl uint64) (int32, []byte) {
	lock.Lock()
	defer lock.Unlock()
	if status, reply := checked(key); status < 0 {
		return status, reply
	}
	put(key, value, ttl)
	return 0, nil
}

func kvDelete(key []byte) (int32, []byte) {
	lock.Lock()
	defer lock.Unlock()
	_, ok := look(key)
	delete(state, string(key))
	if ok {
		return 1, nil
	}
	return 0, nil
}

func kvIncrement(key []byte, by int64) (int32, []byte) {
	lock.Lock()
	defer lock.Unlock()
	if status, reply := checked(key); status < 0 {
		return status, reply
	}
	number := int64(0)
	if value, ok := look(key); ok {
		parsed, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil {
			return statusInvalid, []byte("the value is not a number")
		}
		number = parsed
	}
	sum := number + by
	if (by > 0) != (sum > number) && by != 0 {
		return statusInvalid, []byte("the sum is out of range")
	}
	put(key, strconv.AppendInt(nil, sum, 10), 0)
	return 0, binary.LittleEndian.AppendUint64(nil, uint64(sum))
}

func kvCompareAndSwap(key, expected, value []byte, ttl uint64) (int32, []byte) {
	lock.Lock()
	defer lock.Unlock()
	if status, reply := checked(key); status < 0 {
		return status, reply
	}
	current, ok := look(key)
	if ok != (expected != nil) || !bytes.Equal(current, expected) {
		return 0, nil
	}
	if value == nil {
		delete(state, string(key))
	} else {
		put(key, value, ttl)
	}
	return 1, nil
}

func kvList(prefix, after []byte, limit uint32) (int32, []byte) {
	lock.Lock()
	defer lock.Unlock()
	keys := []string{}
	for key := range state {
		if _, ok := look([]byte(key)); ok && strings.HasPrefix(key, string(prefix)) && key > string(after) {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	keys = keys[:min(len(keys), int(limit))]
	reply := []byte{}
	for _, key := range keys {
		reply = append(binary.LittleEndian.AppendUint32(reply, uint32(len(key))), key...)
	}
	return int32(len(keys)), reply
}
