package mpp

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"
)

// Store is the state that the host keeps for the package between calls. The manifest declares it as capabilities.kv.
//
// One call is one transaction: what it writes is committed if the call succeeds, and discarded if it fails.
type Store struct{}

// KV is the package's state.
var KV Store

// Get returns the value of a key, and whether the key exists.
func (Store) Get(key string) ([]byte, bool, error) {
	status, reply := kvGet([]byte(key))
	if status == statusNotFound {
		return nil, false, nil
	}
	if status < 0 {
		return nil, false, failure(status, reply)
	}
	return reply, true, nil
}

// Set sets a key to a value that does not expire.
func (s Store) Set(key string, value []byte) error { return s.SetFor(key, value, 0) }

// SetFor sets a key to a value that expires after a time; 0 stands for never. The time is rounded up to milliseconds.
func (Store) SetFor(key string, value []byte, ttl time.Duration) error {
	if ttl < 0 {
		return &HostError{Code: "invalid", Message: fmt.Sprintf("the time after which `%s` expires is negative: %s", key, ttl)}
	}
	status, reply := kvSet([]byte(key), value, uint64(milliseconds(ttl)))
	return failed(status, reply)
}

// Delete removes a key and reports whether it existed.
func (Store) Delete(key string) (bool, error) {
	status, reply := kvDelete([]byte(key))
	return status == 1, failed(status, reply)
}

// Increment adds to a counter, which starts at 0, and returns its new value.
func (Store) Increment(key string, by int64) (int64, error) {
	status, reply := kvIncrement([]byte(key), by)
	if err := failed(status, reply); err != nil {
		return 0, err
	}
	if len(reply) != 8 {
		return 0, fmt.Errorf("the host's reply is not a number")
	}
	return int64(binary.LittleEndian.Uint64(reply)), nil
}

// CompareAndSwap sets a key if its value is still the expected one, and reports whether it was. A nil expected value stands for a key
// that does not exist, and a nil new value removes the key.
func (Store) CompareAndSwap(key string, expected, value []byte) (bool, error) {
	status, reply := kvCompareAndSwap([]byte(key), expected, value, 0)
	return status == 1, failed(status, reply)
}

// List returns up to limit keys that start with a prefix and follow the key after, in the order of their bytes.
func (Store) List(prefix, after string, limit int) ([]string, error) {
	status, reply := kvList([]byte(prefix), []byte(after), uint32(min(max(limit, 0), 1000)))
	if err := failed(status, reply); err != nil {
		return nil, err
	}
	keys := []string{}
	for len(reply) >= 4 {
		length := uint64(binary.LittleEndian.Uint32(reply))
		if length > uint64(len(reply)-4) {
			return nil, fmt.Errorf("the host's reply is not a list of keys")
		}
		keys = append(keys, string(reply[4:4+length]))
		reply = reply[4+length:]
	}
	return keys, nil
}

// GetJSON decodes the value of a key, and reports whether the key exists.
func (s Store) GetJSON(key string, into any) (bool, error) {
	value, found, err := s.Get(key)
	if err != nil || !found {
		return false, err
	}
	return true, json.Unmarshal(value, into)
}

// SetJSON sets a key to a value in JSON.
func (s Store) SetJSON(key string, value any) error {
	text, err := encode(value)
	if err != nil {
		return err
	}
	return s.Set(key, text)
}

func failed(status int32, reply []byte) error {
	if status < 0 {
		return failure(status, reply)
	}
	return nil
}
